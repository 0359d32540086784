"""Limits and tokens in Redis or Valkey: each step is one script there, by the clock of the server."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha1
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import msgspec

from polyspec.core.secret import Secret
from polyspec.core.tally import Claim, Place, Refusal, Ticket
from polyspec.core.token_sharing import Parcel
from polyspec.errors import ConfigError
from polyspec.limits.backend import BackendDown
from polyspec.limits.lua import LEASE, PUT, REFUSE, RELEASE, RESERVE

try:
    import redis
    from redis import exceptions
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ModuleNotFoundError:  # pragma: no cover - an extra
    message = "limits in Redis need the package redis: pip install 'polyspec[redis]'"
    raise ConfigError(message) from None

__all__ = ["RedisBackend"]

T = TypeVar("T")

_MICRO: Final = 1e6
_PATIENCE: Final = 0.4
_MOST: Final = 64


class _Script:
    def __init__(self, text: str) -> None:
        self.text = text
        self.mark = sha1(text.encode(), usedforsecurity=False).hexdigest()


_RESERVE, _REFUSE, _LEASE, _PUT, _RELEASE = map(_Script, (RESERVE, REFUSE, LEASE, PUT, RELEASE))

# what a fork copied is kept: taken apart it would wait for locks that nobody gives back
_foreign: Final[list[redis.Redis]] = []


class _Login(redis.CredentialProvider):
    """Shows no password, where some versions of the library show those they hold themselves."""

    def __init__(self, url: Secret) -> None:
        self._url = url

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """Return the password, and the user if the address has one."""
        name, password = _name_and_password(self._url)
        return (name, password) if name else (password,)

    def __repr__(self) -> str:
        return "<login>"


def _name_and_password(url: Secret) -> tuple[str, str]:
    parts = urlsplit(url.reveal())
    told = dict(parse_qsl(parts.query))
    name, password = parts.username or told.get("username"), parts.password or told.get("password")
    return unquote(name or ""), unquote(password or "")


def _login(url: Secret) -> _Login | None:
    return _Login(url) if any(_name_and_password(url)) else None


def _without_login(url: Secret) -> str:
    parts = urlsplit(url.reveal())
    told = urlencode([each for each in parse_qsl(parts.query) if each[0] not in ("username", "password")])
    # put together by hand: two slashes before a path alone are needed, and would be lost
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{told and f'?{told}'}"


class RedisBackend:
    """Keeps what is shared under `prefix`; `memory` is for how many seconds a silent holder counts.

    `timeout` bounds each exchange, in seconds: a server that is slower counts as down.
    """

    def __init__(
        self,
        url: str | Secret,
        *,
        prefix: str = "polyspec:1:",
        memory: float = 60.0,
        timeout: float = _PATIENCE,
    ) -> None:
        hidden, url = url if isinstance(url, Secret) else Secret(url), ""
        self._prefix = prefix
        self._memory = memory
        self._timeout = timeout
        self._turns = threading.BoundedSemaphore(_MOST)
        self._open: Callable[[], redis.Redis] = lambda: redis.Redis.from_url(
            _without_login(hidden),
            credential_provider=_login(hidden),
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            # whether to ask again is decided here: what was asked may have been done
            retry=Retry(NoBackoff(), 0),
            max_connections=_MOST,
        )
        client: redis.Redis | None = None
        with suppress(ValueError):
            client = self._open()
        if client is None:
            # what redis says about it may quote the address, and that may hold a password
            raise ConfigError("the address of the limits is none that Redis knows")
        self._client = client

    def __repr__(self) -> str:
        return f"<limits in Redis under {self._prefix}>"

    def reserve(self, ticket: Ticket, patience: float, holder: str | None) -> tuple[Place, int]:
        """Book places in one step; the wait is told in time that passes, so no clock of a holder counts."""
        keys = [
            self._prefix + "holders",
            self._prefix + "clock",
            *(self._prefix + gate for gate in ticket.gates),
            *(self._prefix + claim.key for claim in ticket.claims),
        ]
        values: list[Any] = [
            math.floor(min(patience, 1e6) * _MICRO),
            holder or "",
            int(self._memory * _MICRO),
            len(ticket.gates),
        ]
        for claim in ticket.claims:
            values += _numbers(claim)
        wait, epoch, holders = self._run(_RESERVE, keys, values, lambda told: tuple(map(int, told)))
        return Place(wait / _MICRO, epoch, ticket.gates), holders

    def stands(self, place: Place) -> bool:
        """Read the gates again."""

        def read() -> int:
            found: Any = self._client.mget([self._prefix + gate for gate in place.gates])
            return sum(int(msgspec.msgpack.decode(raw)[1]) for raw in found if raw is not None)

        return self._ask(read) == place.epoch

    def refuse(self, refusal: Refusal) -> None:
        """Close a gate for all."""
        keys, values = [self._prefix + "clock", self._prefix + refusal.gate], [refusal.wait * _MICRO]
        if (claim := refusal.claim) is not None:
            keys.append(self._prefix + claim.key)
            values += [claim.size, claim.span, int(claim.window)]
        self._run(_REFUSE, keys, values)

    def look(self, name: str) -> Parcel | None:
        """Return what was put under a name; its age is counted by the server's clock."""

        def read() -> Parcel | None:
            with self._client.pipeline(transaction=False) as pipe:
                pipe.hmget(f"{self._prefix}{name}:parcel", ["fence", "born", "content"])
                pipe.time()
                (fence, born, content), (seconds, micros) = pipe.execute()
            if fence is None or born is None or content is None:
                return None
            return Parcel(bytes(content), max(0.0, seconds + (micros - int(born)) / _MICRO), int(fence))

        return self._ask(read)

    def lease(self, name: str, holder: str, seconds: float) -> int | None:
        """Take the lease, also from one's own earlier self; it ends by itself."""
        keys = [f"{self._prefix}{name}:lease", f"{self._prefix}{name}:fence"]
        return self._run(_LEASE, keys, [holder, max(1, int(seconds * 1000))], int) or None

    def put(self, name: str, fence: int, content: bytes, age: float, life: float) -> bool:
        """Put something there for `life` seconds."""
        values = [fence, int(age * _MICRO), content, max(1, int(life * 1000))]
        taken: bool = self._run(_PUT, [f"{self._prefix}{name}:parcel"], values)
        return taken

    def release(self, name: str, holder: str) -> None:
        """Give a lease back, if it is still ours."""
        self._run(_RELEASE, [f"{self._prefix}{name}:lease"], [holder])

    def begin_anew(self) -> None:
        """Leave the connections to the process they belong to."""
        _foreign.append(self._client)
        self._client = self._open()
        self._turns = threading.BoundedSemaphore(_MOST)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _run(
        self, script: _Script, keys: list[str], values: list[Any], read: Callable[[Any], Any] = bool
    ) -> Any:
        def run() -> Any:
            try:
                told = self._client.evalsha(script.mark, len(keys), *keys, *values)
            except exceptions.NoScriptError:
                # the server is new, or forgot
                told = self._client.eval(script.text, len(keys), *keys, *values)
            return read(told)

        return self._ask(run)

    def _ask(self, work: Callable[[], T]) -> T:
        turns = self._turns
        if not turns.acquire(timeout=self._timeout):
            raise BackendDown("too many threads wait for it")
        try:
            return self._asked(work)
        finally:
            turns.release()

    def _asked(self, work: Callable[[], T]) -> T:
        for last in (False, True):
            try:
                return work()
            except exceptions.RedisError as error:
                why = _why(error)
                # connections that waited in the pool may have died with the server's last life
                again = not last and isinstance(error, exceptions.ConnectionError)
            except (msgspec.MsgspecError, ValueError, TypeError, LookupError):
                why, again = "what it answers makes no sense", False
            # who refuses may be the primary no more: its name is looked up anew
            self._client.connection_pool.disconnect(inuse_connections=False)
            if not again:
                # not in the handler: the frames of what was caught there hold the password
                raise BackendDown(why)
        raise AssertionError


def _numbers(claim: Claim) -> tuple[float, ...]:
    return (
        claim.count,
        claim.size,
        claim.held,
        claim.span,
        int(claim.window),
        int(claim.ahead),
        int(claim.own),
    )


def _why(error: Exception) -> str:
    """Say what is wrong in a few words that hold no address, for that may hold a password."""
    words = {
        exceptions.TimeoutError: "it does not answer in time",
        exceptions.ReadOnlyError: "it is a replica that takes no changes",
        exceptions.OutOfMemoryError: "it has no memory left",
        exceptions.NoPermissionError: "its access rules forbid what limits need",
        exceptions.AuthenticationError: "it refuses the password",
        exceptions.ConnectionError: "no connection",
    }
    for kind, said in words.items():
        if isinstance(error, kind):
            return said
    return f"it refuses: {str(error).partition(' ')[0]}"
