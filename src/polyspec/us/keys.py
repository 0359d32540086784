"""Read an RSA private key, or say in one sentence why not.

Functions that hold key material or a passphrase return a problem as text instead of raising: an exception
keeps the frames it passed through, and with them every local.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError

__all__ = ["KeyProblem", "parse_key", "read_key_file"]

_MIN_BITS: Final = 2048
_POSIX: Final = os.name == "posix"
_MAX_BYTES: Final = 65_536
_LABEL: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_WANTED: Final = "the venue needs an RSA private key in PEM form (PKCS#1 or PKCS#8)"
_STRANGERS: Final = {
    "CERTIFICATE": "a certificate, which holds the public half only",
    "CERTIFICATE REQUEST": "a certificate request",
    "PUBLIC KEY": "a public key",
    "RSA PUBLIC KEY": "a public key",
    "OPENSSH PRIVATE KEY": "an OpenSSH key (convert it with `ssh-keygen -p -m PEM -f <file>`)",
}


class KeyProblem(ConfigError):  # noqa: N818 - named for what is wrong
    """A key, or its file, cannot be used."""

    def __init__(self, message: str, *, problem: str) -> None:
        super().__init__(message)
        self.problem = problem
        """In one word: missing, mode, encrypted, public, kind, and so on."""


class _Problem(str):
    """What is wrong with a key, and the word for it. A value, for tracebacks hold what raises."""

    __slots__ = ("word",)
    word: str

    def __new__(cls, word: str, text: str) -> _Problem:
        made = super().__new__(cls, text)
        made.word = word
        return made


def read_key_file(path: str | os.PathLike[str], *, allow_readable_key: bool) -> Secret:
    """Read a key file that nobody else on this machine can read; raises ConfigError."""
    name = os.fspath(path)
    if not name:
        raise KeyProblem("the path of the private key file is empty", problem="missing")
    try:
        place = Path(name).expanduser()
    except RuntimeError:
        message = f"private key file {name} is in the home of a user this machine does not know"
        raise KeyProblem(message, problem="missing") from None
    found = _read(place, allow_readable_key=allow_readable_key)
    if isinstance(found, _Problem):
        raise KeyProblem(f"private key file {place} {found}", problem=found.word)
    return found


def _read(place: Path, *, allow_readable_key: bool) -> Secret | _Problem:
    try:
        if place.is_dir():
            return _Problem("missing", "is a directory")
        # opened without blocking: a pipe in this place would hang the program
        with open(place, "rb", opener=_opener) as file:
            # asked of the open file, not of the path: it cannot be swapped in between
            problem = _open_to_others(os.fstat(file.fileno()), place) if not allow_readable_key else ""
            content = b"" if problem else file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return _Problem("missing", "does not exist")
    except PermissionError:
        return _Problem("unreadable", "may not be read by this user")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a valid path"
        return _Problem("unreadable", f"cannot be read ({why})")
    if problem:
        return _Problem("mode", problem)
    if len(content) > _MAX_BYTES:
        return _Problem("format", "is too large to be a private key")
    if content[:1] == b"\x30":
        fix = "convert it with `openssl pkey -inform DER -in <file>`"
        return _Problem("format", f"is in DER form; {_WANTED}: {fix}")
    return Secret(content.decode("utf-8-sig", "replace"))


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _open_to_others(status: os.stat_result, place: Path) -> str:
    mode = stat.S_IMODE(status.st_mode)
    if not _POSIX or not mode & 0o077:
        return ""
    return (
        f"is open to other users of this machine (mode {mode:04o}); run: chmod 600 {shlex.quote(str(place))}"
    )


def parse_key(pem: Secret, passphrase: Secret | None) -> rsa.RSAPrivateKey:
    """Parse a PEM text into an RSA key of 2048 bits or more; raises ConfigError saying what it is instead."""
    found = _parse(pem, passphrase)
    if isinstance(found, _Problem):
        raise KeyProblem(f"private key: {found}", problem=found.word)
    return found


def _parse(pem: Secret, passphrase: Secret | None) -> rsa.RSAPrivateKey | _Problem:
    text = pem.reveal().strip()
    if not text:
        return _Problem("empty", f"it is empty; {_WANTED}")
    if "\n" not in text:
        # environment variables and secret stores often hold a key with its line ends spelled out
        text = text.replace("\\n", "\n")
    # a bundle may carry certificates as well
    labels = list(_LABEL.finditer(text))
    label = next(
        (found for found in labels if found[1].endswith("PRIVATE KEY")), labels[0] if labels else None
    )
    if label is None:
        return _Problem("format", f"there is no -----BEGIN ... PRIVATE KEY----- line; {_WANTED}")
    if (stranger := _STRANGERS.get(label[1])) is not None:
        word = "format" if "OpenSSH" in stranger else "public"
        return _Problem(word, f"this is {stranger}; {_WANTED}")
    encrypted = label[1] == "ENCRYPTED PRIVATE KEY" or "Proc-Type: 4,ENCRYPTED" in text
    if encrypted and passphrase is None:
        return _Problem("encrypted", "it is encrypted, and no passphrase was given")
    if passphrase is not None and not encrypted:
        return _Problem("passphrase", "a passphrase was given, but it is not encrypted")
    try:
        key = load_pem_private_key(
            text[label.start() :].encode(), passphrase.reveal().encode() if passphrase else None
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # the reasons given by the parser differ from release to release and may quote what they read
        if encrypted:
            return _Problem("passphrase", "the passphrase is wrong, or it is damaged")
        return _Problem("damaged", f"it is damaged; {_WANTED}")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _MIN_BITS:
        return key
    return _Problem("kind", _what_is(key))


def _what_is(key: object) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return f"this is an RSA key of {key.key_size} bits; the venue needs {_MIN_BITS} or more"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return f"this is an EC key ({key.curve.name}); {_WANTED}"
    if isinstance(key, dsa.DSAPrivateKey):
        return f"this is a DSA key; {_WANTED}"
    return f"this is a key of another kind ({type(key).__name__}); {_WANTED}"
