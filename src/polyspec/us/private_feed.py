"""What streams of what is one's own have in common: one request, no words after it, one thing to be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.sending import Session
from polyspec.core.streams.events import Lost, Resynced
from polyspec.core.streams.machine import Action, Emit, Machine, Rhythm
from polyspec.errors import ConfigError, StreamError

if TYPE_CHECKING:
    from polyspec.us.protos import Rpc

__all__ = ["ALL", "PrivateFeed", "nothing"]

ALL: Final = "*"
"""What stands for everything a stream was asked for: the venue takes no other request on the same call."""


class _Words:
    """What is said after the request: nothing."""

    def begin(self, keys: list[str]) -> list[object]:
        """Say nothing: the request was the question."""
        del keys
        return []

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Say nothing: nothing can be changed."""
        del added, removed
        return []

    def ping(self) -> object:
        """Return nothing: the transport has pings of its own."""
        return None


class PrivateFeed:
    """One stream of the venue that takes one request."""

    def __init__(
        self,
        session: Session,
        rpc: Rpc,
        filters: Mapping[str, Any],
        chance: Callable[[], float],
        rhythm: Rhythm,
        *,
        stream: str,
        looks: bool = False,
    ) -> None:
        """Prepare it; raises ConfigError for filters that the protos do not take."""
        self.rpc = rpc
        self.stream = stream
        """The name of what is told."""
        self.machine = Machine(_Words(), rhythm, chance, looks)
        self.connection = 0
        """Counts connections that were given up."""
        self._session = session
        self._filters = {name: value for name, value in filters.items() if value}
        self.mends: frozenset[int] = frozenset()
        """Statuses of gRPC that end other streams for good."""
        self.opened: float | None = None
        """When the last connection was prepared."""
        self._ahead = 0.0
        """The clock of this machine minus the monotonic one."""
        PrivateFeed.request(self)

    def want(self, filters: Any, now: float) -> list[Action]:
        """Ask for all there is; `filters` is for recordings, the request has said it all."""
        del filters
        return self.machine.want([ALL], now)

    def request(self) -> Any:
        """Return what the next connection is asked for."""
        try:
            return self.rpc.request(**self._filters)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{self.rpc.path} cannot be asked for that: {error}") from error

    def prepare(self) -> Flow[Any]:
        """Return what to ask for on the next connection."""
        now: Instant = yield Now()
        return self.asked(now)

    def asked(self, now: Instant) -> Any:
        """Return what a connection that is made now is asked for."""
        self._ahead, self.opened = now.wall - now.monotonic, now.monotonic
        return self.request()

    def venue_time(self, now: float | None) -> int:
        """Return a monotonic second as a nanosecond of the venue's clock, as well as that is known by now."""
        if now is None or self.opened is None:
            return 0
        return int(self._session.clock.correct(self._ahead + now) * 1e9)

    # -- what happens --

    def heard(self, message: Any, now: float) -> list[Action]:
        """Read a message."""
        raise NotImplementedError

    def lost(self, reason: str) -> None:
        """Note that a connection is given up."""
        del reason
        self.connection += 1

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone."""
        del code
        self.lost(reason)
        return self.machine.ended(now, reason)

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Look up nothing."""
        del keys, now
        return nothing()

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Learn nothing."""
        del keys, found, now
        return []

    def overflowed(self, now: float) -> list[Action]:
        """Tell nothing again: what is open to this shows how things are."""
        del now
        return []

    def given_up(self, error: StreamError, now: float) -> list[Action]:
        """Go on, and say plainly that what was missed cannot be known any more."""
        actions: list[Action] = []
        gap = None
        for each in self.machine.synced(ALL, now):
            if isinstance(each, Emit) and isinstance(each.event, Resynced):
                gap = each.event.gap
            else:
                actions.append(each)
        return [Emit(Lost(now, gap, error, self.stream)), *actions]


def nothing() -> Flow[None]:
    """Do nothing."""
    yield from ()
