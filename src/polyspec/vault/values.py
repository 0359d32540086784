"""Credentials as they are handed to the vault and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from polyspec.vault.hosts import check_host
from polyspec.vault.ids import CredentialId, EnvironmentTag, as_environment

__all__ = ["Credential", "Entry", "Stored"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MOST: Final = 64
_LONGEST_PUBLIC: Final = 4_096
_LONGEST_SECRET: Final = 65_536


def _check_names(given: Mapping[str, Any], what: str) -> None:
    if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in given):
        # a name that is wrong may be a value that slipped
        raise ConfigError(f"the name of a {what} has small letters, digits and _ only, 64 at most")
    if len(given) > _MOST:
        raise ConfigError(f"a credential has at most {_MOST} {what}s")


def _hidden(given: object) -> dict[str, Any]:
    """Hide values that were given in the open; what is no text shows nothing either."""
    if not isinstance(given, Mapping):
        return {}
    return {name: Secret(value) if isinstance(value, str) else _kept(value) for name, value in given.items()}


def _kept(value: object) -> object:
    return value if isinstance(value, Secret) else None


@frozen(kw_only=True, init=False)
class Credential:
    """A credential to be stored.

    `secrets` are texts or Secrets by name, and stay hidden; `public` is what may be read without a key: an
    API key's id, its nonce. Raises ConfigError for values that are no texts or too long.
    """

    environment: EnvironmentTag
    secrets: Mapping[str, Secret]
    public: Mapping[str, str]

    def __init__(
        self,
        *,
        environment: EnvironmentTag | str,
        secrets: Mapping[str, str | Secret],
        public: Mapping[str, str] | None = None,
    ) -> None:
        # the name of raw values is taken off them, or an error would carry them in its traceback
        hidden, secrets = _hidden(secrets), {}
        found = dict(public or {})
        # before anything is refused: what a traceback shows must have all its fields
        for name, value in (("environment", environment), ("secrets", hidden), ("public", found)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "environment", as_environment(environment))
        if problem := _problem(hidden):
            raise ConfigError(problem)
        _check_names(hidden, "secret")
        _check_names(found, "public value")
        for name, text in found.items():
            if not _is_writable(text, _LONGEST_PUBLIC):
                raise ConfigError(f"the public value {name} must be a text of at most {_LONGEST_PUBLIC} B")


def _problem(secrets: Mapping[str, object]) -> str | None:
    # no local of a function that raises may hold a secret: a traceback would show it
    if not secrets:
        return "a credential has one secret or more, by name"
    for value in secrets.values():
        if not isinstance(value, Secret) or not _is_writable(value.reveal(), _LONGEST_SECRET):
            return f"every secret must be a text or a Secret of at most {_LONGEST_SECRET} bytes"
    return None


def _is_writable(text: object, longest: int) -> bool:
    try:
        return isinstance(text, str) and len(text.encode()) <= longest
    except UnicodeError:
        return False


@frozen(kw_only=True)
class Entry:
    """What is known of a stored credential without its keys; nothing proves it until it is decrypted."""

    id: CredentialId
    version: int
    """Counts up with every change, and on when it was deleted in between."""
    environment: EnvironmentTag
    created_at: float
    """When this version was stored, in Unix seconds."""
    public: Mapping[str, str]
    kek_id: str
    """Which key it is locked with."""


@frozen(kw_only=True)
class Stored:
    """A credential as it is in the vault, decrypted and proven to be what was stored."""

    id: CredentialId
    version: int
    environment: EnvironmentTag
    created_at: float
    """When this version was stored, in Unix seconds."""
    public: Mapping[str, str]
    secrets: Mapping[str, Secret]

    def check_host(self, base_url: str, *, trusted: Iterable[str] = ()) -> None:
        """Refuse a host of another environment, before anything is sent there; raises ConfigError."""
        check_host(self.environment, base_url, trusted=trusted)
