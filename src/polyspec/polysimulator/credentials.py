"""What a client proves itself with: an API key, the dashboard's access token, or both."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final, TypeAlias

from polyspec.core.effects import Do, Flow
from polyspec.core.secret import Secret
from polyspec.errors import AuthError, ConfigError

__all__ = ["AccessToken", "Credentials", "as_api_key", "hidden"]

AccessToken: TypeAlias = str | Secret | Callable[[], object]
"""A token, or what returns the one to use now (a text, a Secret, or something to await for either)."""

# What a header can carry.
_SENDABLE: Final = re.compile(r"[\x21-\x7e]+")
_KEY_PREFIXES: Final = ("ps_live_", "ps_test_")
# Stands for what was given in place of credentials, and may hold secrets in the open.
_UNUSABLE: Final = object()
_JWT: Final = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*")


def hidden(given: Any) -> Any:
    """Return a text as a Secret; what can be no credential comes back as something that shows nothing."""
    if isinstance(given, str):
        return Secret(given)
    return given if given is None or isinstance(given, Secret) or callable(given) else _UNUSABLE


def as_api_key(given: object) -> Secret | None:
    """Read an API key that may be a Secret or None; raises ConfigError, which does not show it."""
    if given is None:
        return None
    # no local of this function may hold the text when it raises: a traceback would show it
    if problem := _key_problem(given):
        raise ConfigError(problem)
    assert isinstance(given, Secret)
    return given


def _key_problem(given: object) -> str | None:
    if not isinstance(given, Secret):
        return "api_key must be a text or a Secret"
    text = given.reveal()
    if _JWT.fullmatch(text):
        return "api_key is an access token of the dashboard: give it as access_token"
    if not _SENDABLE.fullmatch(text):
        return "api_key must be the text the venue gave out (ps_live_...), without spaces or line ends"
    return None


def _token_problem(given: object) -> str | None:
    if not isinstance(given, Secret):
        return "the access token must be a text or a Secret"
    text = given.reveal()
    if text.startswith(_KEY_PREFIXES):
        return "access_token is an API key: give it as api_key"
    if not _SENDABLE.fullmatch(text):
        return "access_token must be the token without the word Bearer, spaces or line ends"
    return None


def _hidden_at_once(source: Callable[[], object]) -> object:
    """Return what somebody gives as a token, before whoever asked holds it in the open."""
    found = source()
    return _Later(found) if inspect.isawaitable(found) else hidden(found)


class _Later:
    """A token that is still to come, and comes hidden."""

    def __init__(self, given: Awaitable[object]) -> None:
        self._given = given

    def __await__(self) -> Generator[Any, Any, Any]:
        return hidden((yield from self._given.__await__()))

    def close(self) -> None:
        """Give up waiting for it before that began."""
        if inspect.iscoroutine(self._given):
            self._given.close()


class Credentials:
    """The key and the token in use; the key may be changed while requests are made."""

    # for the repr of credentials that could not be made
    api_key: Secret | None = None
    _token: object = None

    def __init__(self, api_key: Secret | None = None, access_token: object = None) -> None:
        # one attribute each, replaced whole: whoever reads it sees the old one or the new one
        self.api_key = as_api_key(api_key)
        self._token = access_token
        if access_token is not None and not callable(access_token) and (why := _token_problem(access_token)):
            raise ConfigError(why)

    @property
    def has_token(self) -> bool:
        """Whether there is an access token, or somebody to ask for one."""
        return self._token is not None

    @property
    def renews_token(self) -> bool:
        """Whether another token may be had by asking again."""
        return callable(self._token)

    def token(self) -> Flow[Secret]:
        """Return the access token to use now."""
        source = self._token
        if not callable(source):
            assert isinstance(source, Secret)
            return source
        found = yield Do(lambda: _hidden_at_once(source))
        if why := _token_problem(found):
            raise AuthError(f"what was given as access_token returned no token: {why}")
        assert isinstance(found, Secret)
        return found

    @property
    def mark(self) -> str:
        """Something that is the same for the same credentials, and tells nothing about them."""
        if self.api_key is not None:
            return hashlib.sha256(self.api_key.reveal().encode()).hexdigest()[:16]
        return "a token" if self.has_token else "nobody"

    def __repr__(self) -> str:
        held = [
            name
            for name, there in (("an API key", self.api_key), ("an access token", self._token))
            if there is not None
        ]
        return f"<Credentials: {' and '.join(held) or 'none'}>"
