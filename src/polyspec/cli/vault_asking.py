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
from polyspec.errors import ConfigError

__all__ = ["ask", "from_file", "from_stdin", "passphrase_from", "token_from"]

_LONGEST: Final = 1 << 20


def ask(what: str, *, twice: bool = False) -> Secret:
    """Have a secret typed at the terminal, which does not show it; raises ConfigError."""
    typed = _typed(f"{what}: ")
    if not typed.reveal():
        raise ConfigError(f"nothing was typed for {what}")
    if twice and _typed(f"{what}, again: ") != typed:
        raise ConfigError(f"{what} was typed in two ways; nothing was done")
    return typed


def _typed(prompt: str) -> Secret:
    try:
        with warnings.catch_warnings():
            # it would show what is typed rather than fail
            warnings.simplefilter("error", getpass.GetPassWarning)
            return Secret(getpass.getpass(prompt))
    except (getpass.GetPassWarning, EOFError, OSError):
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
        except OSError:
            text = ""
        if not text:
            raise ConfigError("set VAULT_TOKEN, or log in with `vault login`: transit keys need a token")
        return Secret(text)

    return asked


def from_stdin(names: Iterable[str]) -> dict[str, Secret]:
    """Read a JSON object of secrets by name from standard input; raises ConfigError."""
    wanted = set(names)
    found = _decoded(Secret(sys.stdin.read(_LONGEST)))
    if found is None or found.keys() != wanted:
        raise ConfigError(f"standard input must be a JSON object of texts named {', '.join(sorted(wanted))}")
    return found


def _decoded(text: Secret) -> dict[str, Secret] | None:
    # errors of the decoder may quote what they could not read
    try:
        found = msgspec.json.decode(text.reveal(), type=dict[str, str])
    except msgspec.DecodeError:
        return None
    return {name: Secret(value) for name, value in found.items()}


def from_file(path: str) -> Secret:
    """Read a secret from a file, without the line break at its end; raises ConfigError."""
    try:
        with Path(path).expanduser().open(encoding="utf-8") as file:
            return Secret(file.read(_LONGEST).rstrip("\r\n"))
    except UnicodeError:
        pass
    raise ConfigError(f"{path} is not text")
