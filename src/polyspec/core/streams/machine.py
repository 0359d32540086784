"""How a stream is kept alive: connect, subscribe, watch for silence, back off, subscribe again, say so.

A machine opens nothing and reads no clock. It is told what happened and when, and answers with what to do;
`wakes` is when it wants to be told the time next. One machine is one connection and everything asked for on
it. The shells that carry its actions out, one per colour, are as short as those of flows.

============================ ================================================================================
it is told                   it answers
============================ ================================================================================
`want` another set of keys   to write the difference, to connect for the first, to hang up for none
`opened`                     to subscribe to what is wanted now, not to what was wanted when it broke
`received`, `synced`         `Resynced` once everything that a gap left open is known
`ended`, `refused`           `Gap` if it was live, and a pause with jitter; what nothing can mend ends it
`tick`                       to ping, to hang up on a silent peer, to connect again, to look for itself
============================ ================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from attrs import define, field, frozen
from msgspec import Struct

from polyspec.core.streams.events import Event, Gap, Lost, Resynced, Status, StreamState
from polyspec.core.streams.rhythm import FOREVER, Rhythm
from polyspec.errors import PolyspecError

__all__ = [
    "Action",
    "Close",
    "Emit",
    "Finish",
    "Machine",
    "Open",
    "Resync",
    "Rhythm",
    "Subscriber",
    "Write",
]


class Subscriber(Protocol):
    """The venue's words for what a machine wants to say."""

    def begin(self, keys: list[str]) -> list[object]:
        """Return what to write on a new connection to ask for `keys`."""
        ...

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Return what to write to ask for more and for less."""
        ...

    def ping(self) -> object:
        """Return what to write to be answered."""
        ...


@frozen
class Open:
    """Make a connection; answer with `opened`, `ended` or `refused`."""


@frozen
class Write:
    """Write a message."""

    data: object


@frozen
class Close:
    """Hang up, without waiting for the peer; answer nothing."""

    reason: str


class Emit(Struct, frozen=True):
    """Hand an event to the reader."""

    event: Event


@frozen
class Resync:
    """Find out over REST what the stream may have missed of `keys`; answer with `synced` of each."""

    keys: tuple[str, ...]
    reason: str


@frozen
class Finish:
    """The stream is over; the error is why, None if it was asked to end."""

    error: PolyspecError | None


Action: TypeAlias = Open | Write | Close | Emit | Resync | Finish


@define(eq=False)
class Machine:
    """One connection, and what is asked for on it."""

    subscriber: Subscriber
    rhythm: Rhythm
    chance: Callable[[], float]
    """Uniform in [0, 1): spreads attempts to connect."""
    looks: bool = False
    """Whether a new connection tells nothing of what was missed, so that it must be looked up (`Resync`)."""
    state: StreamState = field(default=StreamState.IDLE, init=False)
    reason: str = field(default="", init=False)
    attempt: int = field(default=0, init=False)
    """Connections that failed in a row."""
    _wanted: dict[str, None] = field(factory=dict, init=False)
    _unsynced: set[str] = field(factory=set, init=False)
    _gap: Gap | None = field(default=None, init=False)
    _began: float = field(default=0.0, init=False)
    """When the state began."""
    _heard: float = field(default=0.0, init=False)
    """When anything came."""
    _earlier: float = field(default=0.0, init=False)
    """When anything had come before that."""
    _data: float = field(default=0.0, init=False)
    """When data came, or was looked for."""
    _pinged: float | None = field(default=None, init=False)
    """When the ping was sent that nothing came after."""
    _next_ping: float = field(default=FOREVER, init=False)
    _retry: float = field(default=FOREVER, init=False)
    _audited: float = field(default=0.0, init=False)
    """When everything was looked at."""
    _overdue: float = field(default=FOREVER, init=False)
    """When what is not told yet is looked up."""
    _told: bool = field(default=False, init=False)
    """Whether any data came on this connection."""
    answered: bool = field(default=False, init=False)
    """Whether anything came on this connection, signs of life included."""

    # -- what is asked for --

    @property
    def wanted(self) -> list[str]:
        """What is asked for now."""
        return list(self._wanted)

    @property
    def unsynced(self) -> frozenset[str]:
        """What is not known of what is asked for."""
        return frozenset(self._unsynced)

    def want(self, keys: Iterable[str], now: float) -> list[Action]:
        """Ask for exactly these from now on."""
        if self.state is StreamState.CLOSED:
            return []
        before, self._wanted = self._wanted, dict.fromkeys(keys)
        if not self._wanted:
            return self._rest(now)
        if self.state is StreamState.IDLE:
            return self._connect(now, "asked for the first time")
        added = [key for key in self._wanted if key not in before]
        removed = [key for key in before if key not in self._wanted]
        self._unsynced.difference_update(removed)
        if self.state not in (StreamState.SUBSCRIBING, StreamState.LIVE) or not (added or removed):
            return []
        self._unsynced.update(added)
        self._expect(now)
        return [
            *(Write(each) for each in self.subscriber.change(added, removed)),
            *([Resync(tuple(added), "asked for")] if added and self.looks else []),
            *self._settle(now),
        ]

    def close(self, now: float) -> list[Action]:
        """End the stream."""
        if self.state is StreamState.CLOSED:
            return []
        open_now = self.state not in (StreamState.IDLE, StreamState.BACKING_OFF)
        told = self._enter(StreamState.CLOSED, "closed", now)
        return [*([Close("closed")] if open_now else []), *told, Finish(None)]

    # -- what happened --

    def opened(self, now: float) -> list[Action]:
        """Note that the connection stands."""
        if self.state is not StreamState.CONNECTING:
            return []
        self._heard = self._earlier = self._data = self._audited = now
        self._pinged = None
        self._told = self.answered = False
        self._unsynced = set(self._wanted)
        self._expect(now)
        actions = self._enter(StreamState.SUBSCRIBING, "connected", now)
        actions += [Write(each) for each in self.subscriber.begin(self.wanted)]
        # never before the first subscription: a venue may take it for one
        self._next_ping = now + self.rhythm.ping if self.rhythm.ping is not None else FOREVER
        if self.looks:
            actions.append(Resync(tuple(self._wanted), "connected"))
        return actions

    def received(self, now: float, *, data: bool = True) -> None:
        """Note that something came; an answer to a ping is no data."""
        self._earlier, self._heard = self._heard, now
        self._pinged = None
        self.answered = True
        if data:
            self._data = now
            self._told = True

    def synced(self, key: str, now: float) -> list[Action]:
        """Note that all there is to know of a key is known: a snapshot came, or it was looked up."""
        self._unsynced.discard(key)
        return self._settle(now)

    def missed(self, keys: Iterable[str], reason: str, now: float) -> list[Action]:
        """Note that the stream itself shows that something was missed; it is looked up."""
        if self.state not in (StreamState.SUBSCRIBING, StreamState.LIVE):
            return []
        found = [key for key in keys if key in self._wanted]
        self._unsynced.update(found)
        self._expect(now)
        # what showed it has come already: it was lost before
        return [
            *self._open_gap(reason, now, self._earlier),
            *([Resync(tuple(found), reason)] if found else []),
        ]

    def distrusted(self, now: float, reason: str) -> list[Action]:
        """Hang up on a connection that proved to be no good, and make another."""
        if self.state not in (StreamState.SUBSCRIBING, StreamState.LIVE):
            return []
        return self._hang_up(reason, now)

    def ended(self, now: float, reason: str) -> list[Action]:
        """Note that the connection is gone, or was not to be had."""
        if self.state in (StreamState.CLOSED, StreamState.IDLE, StreamState.BACKING_OFF):
            return []
        actions = self._open_gap(reason, now, self._heard) if self.state is not StreamState.CONNECTING else []
        return [*actions, *self._back_off(reason, now)]

    def refused(self, now: float, error: PolyspecError) -> list[Action]:
        """Note what no other attempt can mend: credentials, a wrong symbol, too many connections."""
        if self.state is StreamState.CLOSED:
            return []
        told = self._enter(StreamState.CLOSED, str(error), now)
        return [Close("refused"), *told, Emit(Lost(now, self._gap, error)), Finish(error)]

    # -- time --

    @property
    def wakes(self) -> float:
        """When to call `tick` at the latest, in monotonic seconds."""
        rhythm = self.rhythm
        if self.state is StreamState.BACKING_OFF:
            return self._retry
        if self.state is StreamState.CONNECTING:
            return self._began + rhythm.connect
        if self.state not in (StreamState.SUBSCRIBING, StreamState.LIVE):
            return FOREVER
        moments = [self._next_ping if self._pinged is None else self._unanswered]
        if rhythm.silent is not None:
            moments.append(self._heard + rhythm.silent)
        if self._unsynced:
            moments.append(self._overdue)
        if self.state is StreamState.SUBSCRIBING:
            moments.append(self._given_up)
            return min(moments)
        if rhythm.quiet is not None:
            moments.append(self._data + rhythm.quiet)
        if rhythm.audit is not None:
            moments.append(self._audited + rhythm.audit)
        return min(moments)

    @property
    def _unanswered(self) -> float:
        """When the last ping counts as one that nothing came after."""
        if self._pinged is None or self.rhythm.pong is None:
            return FOREVER
        return self._pinged + self.rhythm.pong

    @property
    def _given_up(self) -> float:
        """When a subscription that was not answered ends; what can be looked up need not be told."""
        if self._told and self.rhythm.late is not None:
            return FOREVER
        return self._began + self.rhythm.subscribe

    def tick(self, now: float) -> list[Action]:
        """Do what the time makes due."""
        if now < self.wakes:
            return []
        if self.state is StreamState.BACKING_OFF:
            return self._connect(now, self.reason)
        if self.state is StreamState.CONNECTING:
            return self._hang_up(f"no connection within {self.rhythm.connect:g} s", now)
        if now >= self._unanswered:
            return self._hang_up(
                f"nothing came for {now - self._heard:.1f} s, not even an answer to a ping", now
            )
        if self.rhythm.silent is not None and now >= self._heard + self.rhythm.silent:
            return self._hang_up(f"nothing came for {now - self._heard:.1f} s", now)
        if self.state is StreamState.SUBSCRIBING and now >= self._given_up:
            left = ", ".join(sorted(self._unsynced)[:3])
            return self._hang_up(f"nothing was told of {left} within {self.rhythm.subscribe:g} s", now)
        return [*self._ping(now), *self._look(now)]

    # -- details --

    def _ping(self, now: float) -> list[Action]:
        if now < self._next_ping or self.rhythm.ping is None:
            return []
        self._pinged = now if self.rhythm.pong is not None else None
        self._next_ping = now + self.rhythm.ping
        return [Write(self.subscriber.ping())]

    def _look(self, now: float) -> list[Action]:
        actions: list[Action] = []
        if self._unsynced and now >= self._overdue:
            self._expect(now)
            actions.append(Resync(tuple(sorted(self._unsynced)), "nothing was told of it yet"))
        if self.state is not StreamState.LIVE:
            return actions
        quiet, audit = self.rhythm.quiet, self.rhythm.audit
        if quiet is not None and now >= self._data + quiet:
            # a socket may be open, answer pings, and tell nothing: only a look from elsewhere shows it
            self._data = self._audited = now
            actions.append(Resync(tuple(self._wanted), f"no data for {quiet:g} s"))
        elif audit is not None and now >= self._audited + audit:
            self._audited = now
            actions.append(Resync(tuple(self._wanted), "as it is done from time to time"))
        return actions

    def _expect(self, now: float) -> None:
        self._overdue = now + self.rhythm.late if self.rhythm.late is not None else FOREVER

    def _connect(self, now: float, reason: str) -> list[Action]:
        return [*self._enter(StreamState.CONNECTING, reason, now), Open()]

    def _rest(self, now: float) -> list[Action]:
        """Hang up while nothing is asked for: a venue may close a socket that asks for nothing."""
        open_now = self.state not in (StreamState.IDLE, StreamState.BACKING_OFF)
        self._unsynced.clear()
        self._gap = None
        told = self._enter(StreamState.IDLE, "nothing is asked for", now)
        return [*([Close("nothing is asked for")] if open_now else []), *told]

    def _hang_up(self, reason: str, now: float) -> list[Action]:
        return [Close(reason), *self.ended(now, reason)]

    def _back_off(self, reason: str, now: float) -> list[Action]:
        was_good = self.state is StreamState.LIVE and now - self._began >= self.rhythm.healthy
        self.attempt = 1 if was_good else self.attempt + 1
        rhythm, chance = self.rhythm, self.chance()
        ceiling = min(rhythm.longest, rhythm.first * 2.0 ** min(self.attempt - 1, 16))
        # a venue that is away for long is asked less often, and chance has had its way by then
        share = chance if ceiling < rhythm.longest else 0.7 + 0.3 * chance
        self._retry = now + max(rhythm.shortest, ceiling * share)
        return self._enter(StreamState.BACKING_OFF, reason, now)

    def _open_gap(self, reason: str, now: float, since: float) -> list[Action]:
        if self._gap is not None:
            return []
        self._gap = Gap(now, since, reason)
        return [Emit(self._gap)]

    def _settle(self, now: float) -> list[Action]:
        """Go live, and end the gap, once nothing is left to be told."""
        if self._unsynced or self.state not in (StreamState.SUBSCRIBING, StreamState.LIVE):
            return []
        actions: list[Action] = []
        if self.state is StreamState.SUBSCRIBING:
            actions += self._enter(StreamState.LIVE, "everything asked for was told", now)
        if self._gap is not None:
            actions.append(Emit(Resynced(now, self._gap)))
            self._gap = None
        return actions

    def _enter(self, state: StreamState, reason: str, now: float) -> list[Action]:
        self.state, self.reason, self._began = state, reason, now
        return [Emit(Status(now, state, reason, self.attempt))]
