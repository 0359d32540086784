"""Secrets for a command: typed unseen, from the environment, a file or standard input; never an argument."""

from __future__ import annotations

import getpass
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from polyspec.core.secret import Secret
from polyspec.core.typed import decoder
from polyspec.errors import ConfigError

__all__ = ["ask", "checked", "from_file", "from_stdin", "passphrase_from", "token_from"]

_LONGEST: Final = 1 << 20
# what terminals pass on of one line without saying so
_LINE: Final = 4_095


def ask(what: str, *, twice: bool = False) -> Secret:
    """Have a secret typed at the terminal, which does not show it; raises ConfigError."""
    typed = _typed(f"{what}: ")
    if typed is None or not typed.reveal().strip():
        raise ConfigError(f"nothing was typed for {what}")
    if len(typed.reveal().encode()) >= _LINE:
        raise ConfigError(
            f"{what} is longer than a terminal's lines, which cut it off: hand it over in a file"
        )
    if twice and _typed(f"{what}, again: ") != typed:
        raise ConfigError(f"{what} was typed in two ways; nothing was done")
    return typed


def _typed(prompt: str) -> Secret | None:
    """Return a line, None for the end of input; raises ConfigError where it would be seen."""
    try:
        with warnings.catch_warnings():
            # it would show what is typed rather than fail
            warnings.simplefilter("error", getpass.GetPassWarning)
            return Secret(getpass.getpass(prompt))
    except EOFError:
        # Ctrl-D
        return None
    except UnicodeError:
        # what was typed is no text; the error may show a byte of it
        return Secret("")
    except (getpass.GetPassWarning, OSError):
        pass
    raise ConfigError(
        "there is no terminal that hides what is typed: hand secrets over in the environment, in a file or "
        "on standard input (see --help)"
    )


def passphrase_from(variable: str, what: str, *, twice: Callable[[], bool]) -> Callable[[], Secret]:
    """Return what takes a passphrase from a variable of the environment, or has it typed."""

    def asked() -> Secret:
        text = os.environ.get(variable)
        return Secret(text) if text else ask(what, twice=twice())

    return asked


def token_from(environment: Mapping[str, str]) -> Callable[[], Secret]:
    """Return what takes the token of HashiCorp Vault from where its own command has it, each time anew."""

    def asked() -> Secret:
        if text := environment.get("VAULT_TOKEN", "").strip():
            return Secret(text)
        try:
            text = Path("~/.vault-token").expanduser().read_text("utf-8").strip()
        except (OSError, UnicodeError):
            text = ""
        if not text:
            raise ConfigError("set VAULT_TOKEN, or log in with `vault login`: transit keys need a token")
        return Secret(text)

    return asked


def checked(name: str, found: Secret, *, lines: bool) -> Secret:
    """Take off what pasting put around a secret; raises ConfigError for what no venue would take.

    With `lines` it may have several, as keys in PEM do; else it is one word, for it goes into a header.
    """
    text, found = Secret(found.reveal().strip()), Secret("")
    if not text.reveal():
        raise ConfigError(f"{name} is empty")
    if not lines and not _is_word(text.reveal()):
        raise ConfigError(f"{name} has spaces, or characters other than those of ASCII that show, in it")
    return text


def _is_word(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def from_stdin(names: Iterable[str]) -> dict[str, Secret]:
    """Read a JSON object of secrets by name from standard input; raises ConfigError."""
    wanted = set(names)
    if sys.stdin is not None and sys.stdin.isatty():
        raise ConfigError("--stdin is a terminal, which shows what is typed: leave it out to be asked unseen")
    found = None if sys.stdin is None else _decoded()
    if found is None or found.keys() != wanted:
        raise ConfigError(f"standard input must be a JSON object of texts named {', '.join(sorted(wanted))}")
    return found


def _decoded() -> dict[str, Secret] | None:
    # errors of the decoders may quote what they could not read
    try:
        found = decoder(dict[str, str]).decode(sys.stdin.read(_LONGEST))
    except (msgspec.DecodeError, UnicodeError):
        return None
    return {name: Secret(value) for name, value in found.items()}


def from_file(path: str) -> Secret:
    """Read a secret from a file, without the line break at its end; raises ConfigError."""
    try:
        # some editors begin a file with a mark that is no part of it
        with Path(path).expanduser().open(encoding="utf-8-sig") as file:
            return Secret(file.read(_LONGEST).rstrip("\r\n"))
    except UnicodeError:
        pass
    raise ConfigError(f"{path} is not text")
