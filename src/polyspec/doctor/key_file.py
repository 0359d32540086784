"""Look at the file of a private key: whether it is one, whether it is safe, and what is in it."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from polyspec.core.checkup import Found
from polyspec.core.findings import error, info, ok, said
from polyspec.us.keys import KeyProblem, parse_key, read_key_file

__all__ = ["examine_key_file"]

_LONGEST_PATH: Final = 1000
_FIXES: Final[Mapping[str, str]] = {
    "missing": "write the path of the PEM file there",
    "unreadable": "let the user who runs this read it, and nobody else",
    "empty": "copy the key into it again",
    "format": "name the file of the private key, or turn that into PEM with `openssl pkey`",
    "public": "name the file of the private half, which the public one was made of",
    "encrypted": "take the passphrase off (`openssl pkey -in <file> -out <new>`), or call from_file yourself",
    "passphrase": "look at the passphrase",
    "damaged": "copy the key again, whole, with its first and last line",
    "kind": "make an RSA key of 2048 bits or more, and register its public half",
}


def examine_key_file(found: Found, path: str) -> None:
    """Add what is to be said about a key file; its content is not shown."""
    if "-----" in path or len(path) > _LONGEST_PATH:
        found.append(
            error(
                "key_file.inline",
                "POLYSPEC_US_PRIVATE_KEY_PATH holds the private key itself, not the path of its file",
                "put the key into a file with mode 0600, and name that; others may have seen this one",
            )
        )
        return
    place = Path(path)
    with suppress(RuntimeError):
        # of a user nobody knows: whoever reads it says so
        place = place.expanduser()
    # what stands there may be a key and no path: it is shown as what a venue says is
    shown = said(str(place))
    try:
        _mode(found, place, shown)
        pem = read_key_file(path, allow_readable_key=True)
        key = parse_key(pem, None)
    except KeyProblem as problem:
        word = problem.problem
        fix = _FIXES.get(word, "look at the file")
        if word == "missing" and not place.is_absolute():
            fix = f"{fix}, from the first slash on"
        found.append(error(f"key_file.{word}", said(problem), fix, path=shown))
        return
    found.append(
        ok("key_file.ok", f"{shown} holds an RSA key of {key.key_size} bits", path=shown, bits=key.key_size)
    )


def _mode(found: Found, place: Path, shown: str) -> None:
    try:
        status = place.stat()
    except OSError:
        # whoever reads it says why
        return
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode):
        return
    if mode & 0o077:
        found.append(
            error(
                "key_file.mode",
                f"{shown} is open to other users of this machine (mode {mode:04o}), so it is refused",
                f"chmod 600 {shlex.quote(shown)}",
                path=shown,
                mode=f"{mode:04o}",
            )
        )
    elif place.is_symlink():
        found.append(info("key_file.link", f"{shown} is a link to another file", path=shown))
