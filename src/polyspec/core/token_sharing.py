"""One token for several processes: fetched by whoever holds the lease, taken over by all the others.

In each process a `TokenCache` lets one caller at a time ask for a token. Where tokens are shared, that caller
first looks whether another process left one that is not due to be renewed; else it takes the lease and asks
the issuer, or waits for whoever holds it. A lease ends by itself, and whoever was too slow cannot put its
token over a later one. What is stored is sealed by whoever hands the means to do so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
from attrs import field, frozen

from polyspec.core.effects import Do, Flow, Instant, Now, Sleep
from polyspec.core.secret import Secret
from polyspec.core.tokens import Fetch, Token, due_early
from polyspec.errors import TimedOut

__all__ = ["Parcel", "Sealer", "TokenPlace", "TokenSharing"]

_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.25
# One request ends within six seconds. Who waits for a process that died must have time left to ask by itself.
_LONGEST_LEASE: Final = 8.0
_REFUSED: Final = 8


class Parcel(msgspec.Struct, frozen=True):
    """What another process left, without showing it."""

    content: bytes
    age: float
    """Seconds since what is in it was asked for."""
    fence: int

    def __repr__(self) -> str:
        return f"<Parcel {len(self.content)} bytes, {self.age:.1f} s old, {self.fence}>"


class TokenPlace(Protocol):
    """Where processes leave each other tokens. Blocks; None and False also stand for "cannot be asked"."""

    def look(self, name: str) -> Parcel | None:
        """Return what is there."""
        ...

    def lease(self, name: str, seconds: float, by: str) -> int | None:
        """Take the lease for one part of this process; 0 if nobody can be asked, None if another has it."""
        ...

    def put(self, name: str, fence: int, content: bytes, age: float, life: float) -> bool:
        """Leave something there."""
        ...

    def release(self, name: str, by: str) -> None:
        """Give the lease back."""
        ...


class Sealer(Protocol):
    """Makes what only processes with the same credentials can read."""

    def seal(self, text: bytes) -> bytes:
        """Encrypt."""
        ...

    def open(self, sealed: bytes) -> bytes | None:
        """Decrypt; None if it was sealed with other credentials, or damaged."""
        ...


@frozen
class TokenSharing:
    """The tokens of one set of credentials, shared through a place."""

    place: TokenPlace
    name: str
    """Tells these credentials from others, and tells nothing about them."""
    sealer: Sealer
    chance: Callable[[], float]
    _refused: deque[Secret] = field(init=False, factory=lambda: deque(maxlen=_REFUSED), repr=False)

    def refuse(self, secret: Secret) -> None:
        """Never take this token over: the venue refused it."""
        if secret not in tuple(self._refused):
            self._refused.append(secret)

    def fetch(self, inner: Fetch, deadline: float, by: str = "") -> Flow[Token]:
        """Take over another process's token, or fetch one with `inner` for all of them.

        `by` names who lets one caller at a time do this: a lease that an earlier caller of it has yet was
        given up, and holds up others only.
        """
        pause = _PAUSE
        while True:
            now: Instant = yield Now()
            if now.monotonic >= deadline:
                raise _too_late()
            held = yield from self._held(now.monotonic)
            if held is not None and now.monotonic < due_early(held, 0.0):
                return held
            seconds = min(deadline - now.monotonic + 1, _LONGEST_LEASE)
            fence: int | None = yield Do(lambda seconds=seconds: self.place.lease(self.name, seconds, by))  # type: ignore[misc]
            if fence is not None:
                return (yield from self._lead(self._fetched(inner, fence, held, deadline), by))
            if held is not None and held.fresh(now.monotonic):
                # another renews it; until then it does
                return held
            yield Sleep(min(pause * (1 + self.chance()), max(0.0, deadline - now.monotonic)))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _held(self, now: float) -> Flow[Token | None]:
        """Return the token that is there, if it can be used; its age counts from before it was read."""
        parcel: Parcel | None = yield Do(lambda: self.place.look(self.name))
        if parcel is None or (raw := self.sealer.open(parcel.content)) is None:
            return None
        try:
            secret, life = msgspec.msgpack.decode(raw, type=tuple[str, float])
        except msgspec.DecodeError:
            return None
        token = Token(Secret(secret), now - parcel.age, life)
        # a copy: another thread may add to it while this one compares
        return token if token.fresh(now) and token.secret not in tuple(self._refused) else None

    def _lead(self, fetching: Flow[Token], by: str) -> Flow[Token]:
        """Fetch while holding the lease; another may have done so just before it was taken."""
        try:
            token = yield from fetching
        except Exception:
            # a flow that is closed cannot ask for anything any more: that lease ends by itself
            yield Do(lambda: self.place.release(self.name, by))
            raise
        yield Do(lambda: self.place.release(self.name, by))
        return token

    def _fetched(self, inner: Fetch, fence: int, before: Token | None, deadline: float) -> Flow[Token]:
        now: Instant = yield Now()
        held = yield from self._held(now.monotonic)
        if held is not None and (before is None or held.secret != before.secret):
            return held
        token = yield from inner(deadline)
        now = yield Now()
        sealed = self.sealer.seal(msgspec.msgpack.encode((token.secret.reveal(), token.life)))
        age, left = now.monotonic - token.born, max(0.001, token.stale - now.monotonic)
        yield Do(lambda: self.place.put(self.name, fence, sealed, age, left))
        return token


def _too_late() -> TimedOut:
    error = TimedOut("the deadline passed while another process fetched the access token")
    error.maybe_executed = False
    return error
