"""Limits and tokens that several processes share: in a file on one machine, or in Redis between machines.

::

    settings = Settings(pacing=Shared("redis://limits.internal/0"))       # or POLYSPEC_LIMITER=...
    settings = Settings(pacing=Shared("sqlite:////var/lib/bots/limits"))  # the processes of one machine
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

from polyspec.core.secret import Secret
from polyspec.core.sharing import SharedPacer, scope_of
from polyspec.errors import ConfigError

if TYPE_CHECKING:
    from polyspec.limits.backend import Backend
    from polyspec.limits.share import Share

__all__ = ["VARIABLE", "Pacing", "Shared", "shared_from"]

VARIABLE: Final = "POLYSPEC_LIMITER"
_REDIS: Final = ("redis", "rediss", "unix")
_EGRESS: Final = re.compile(r"[\x21-\x7e]{1,200}")

_MOST_HOLDERS: Final = 10_000

_shares: dict[tuple[str, int], Share] = {}
_lock = threading.Lock()


class Shared:
    """Where processes keep count together: ``redis://...``, ``rediss://...`` or ``sqlite:///path``.

    `egress` names the address requests leave from: holders with the same one share what the venue counts by
    address. Unless told otherwise all holders are taken to have one, which is never too fast. `holders` is
    how many processes to reckon with until that is known. With `tokens` access tokens are shared there as
    well, encrypted with what only the same credentials can make. The address may end in
    ``?egress=NAME&holders=N`` instead; it is not shown, since it may hold a password.
    """

    __slots__ = ("_mark", "_url", "egress", "holders", "tokens")

    def __init__(self, url: str | Secret, *, egress: str = "", holders: int = 0, tokens: bool = True) -> None:
        # the name of the raw value is taken off it, or an error would carry it in its traceback
        hidden, url = url if isinstance(url, Secret) else Secret(url), ""
        # before anything is refused: what an error's traceback shows must have it
        self._url, self.egress, self.holders = hidden, egress, holders
        scheme, options = _parts(hidden)
        if scheme not in (*_REDIS, "sqlite"):
            raise ConfigError(
                "shared limits are kept at redis://..., rediss://..., unix://... or sqlite:///path"
            )
        self._mark = scope_of(hidden.reveal())
        self.egress = egress or options.get("egress", "all")
        self.holders = holders or _number(options.get("holders", "4"))
        self.tokens = tokens
        if not _EGRESS.fullmatch(self.egress):
            raise ConfigError("egress must be a printable name without spaces")
        if not 1 <= self.holders <= _MOST_HOLDERS:
            raise ConfigError(f"holders must be a number of processes, 1 to {_MOST_HOLDERS}")

    def __repr__(self) -> str:
        return f"Shared({_parts(self._url)[0]}://..., egress={self.egress!r}, holders={self.holders})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shared) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, str, int, bool]:
        return self._mark, self.egress, self.holders, self.tokens

    @property
    def share(self) -> Share:
        """What this process has there; opened when it is first used. Raises ConfigError if it cannot be."""
        with _lock:
            if (share := _shares.get((self._mark, self.holders))) is None:
                from polyspec.limits.share import Share

                share = _shares[self._mark, self.holders] = Share(_opened(self._url), assumed=self.holders)
            return share

    def pacer(self, **scope: Any) -> SharedPacer:
        """Return a pacer that counts together with other processes; takes what `SharedPacer` does."""
        return SharedPacer(self.share, egress=self.egress, **scope)


Pacing: TypeAlias = bool | Shared
"""Not at all, in memory, or together with other processes."""


def _parts(url: Secret) -> tuple[str, dict[str, str]]:
    """Return the scheme of an address and its options."""
    try:
        parts = urlsplit(url.reveal())
    except ValueError:
        return "", {}
    return parts.scheme, dict(parse_qsl(parts.query))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_HOLDERS)) else 0


def _opened(url: Secret) -> Backend:
    if _parts(url)[0] == "sqlite":
        from polyspec.limits.sqlite_backend import SqliteBackend

        parts = urlsplit(url.reveal())
        path = parts.path.removeprefix("/")
        if parts.netloc or not path:
            raise ConfigError("the file of limits is named as sqlite:///relative or sqlite:////absolute/path")
        return SqliteBackend(path)
    from polyspec.limits.redis_backend import RedisBackend

    return RedisBackend(_for_redis(url))


def _for_redis(url: Secret) -> Secret:
    """Return the address without what is ours in it."""
    parts = urlsplit(url.reveal())
    told = urlencode([each for each in parse_qsl(parts.query) if each[0] not in ("egress", "holders")])
    # put together by hand: two slashes before a path alone are needed, and would be lost
    return Secret(f"{parts.scheme}://{parts.netloc}{parts.path}{told and f'?{told}'}")


def shared_from(variables: Mapping[str, str]) -> Pacing:
    """Read ``POLYSPEC_LIMITER``; True, which is pacing in memory, if it is not set."""
    # an error's traceback would show what this function holds
    hidden, variables = Secret(variables.get(VARIABLE, "").strip()), {}
    if not hidden.reveal():
        return True
    try:
        return Shared(hidden)
    except ConfigError as error:
        raise ConfigError(f"{VARIABLE}: {error}") from None


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread of the parent may have held it
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
