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


def _hidden(given: object) -> object:
    """Hide values that were given in the open; what is no text shows nothing either."""
    if not isinstance(given, Mapping):
        return None
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
        # hidden before anything may raise: a traceback would show what was given
        hidden, secrets = _hidden(secrets), {}
        if problem := _problem(hidden):
            raise ConfigError(problem)
        assert isinstance(hidden, dict)
        found = dict(public or {})
        _check_names(hidden, "secret")
        _check_names(found, "public value")
        for name, value in found.items():
            if not _is_writable(value, _LONGEST_PUBLIC):
                raise ConfigError(
                    f"the public value {name} must be a text of at most {_LONGEST_PUBLIC} bytes"
                )
        self.__attrs_init__(environment=as_environment(environment), secrets=hidden, public=found)


def _problem(secrets: object) -> str | None:
    # no local of a function that raises may hold a secret: a traceback would show it
    if not isinstance(secrets, Mapping) or not secrets:
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
