"""Streams that can be read on without their connection: everything is told once, from where it was left.

The venue sends what happened at least once, and a token with every batch. A new connection goes on from the
last batch that came; a new process from the last one that was applied. When the venue has forgotten a token,
it is asked from the time kept beside it. When it does not know that either, it is asked for what happens now,
and what it would have told before is read over REST where anything there tells it. That is not all of it:
REST shows what one participant did, and the stream what a firm did. So this ends in `Lost`, not `Resynced`.

Nothing says where the past ends. It is taken to end with a batch without anything in it, which is sent when
there is nothing to tell, or with something that happened after the connection was made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.events import Mark, Message
from polyspec.core.streams.machine import Action, Emit, Resync, Rhythm
from polyspec.errors import AuthError, BadRequest, ConfigError, Forbidden, PolyspecError, StreamError
from polyspec.us.private_feed import ALL, PrivateFeed, nothing
from polyspec.us.proto_words import Recent, converted, moment_of, part_of
from polyspec.us.replay_channels import Channel
from polyspec.us.resume import MOST_SEEN, Cursor, Keeper

if TYPE_CHECKING:
    from google.protobuf.message import Message as ProtoMessage

    from polyspec.us.protos import Rpc

__all__ = ["REPLAY_RHYTHM", "ReplayFeed"]

REPLAY_RHYTHM: Final = Rhythm(ping=None, silent=180.0, subscribe=180.0, late=5.0)
"""Nothing says how soon the venue gives a sign of life, so it is waited for as long as for any other."""
_MOST: Final = 50_000
_SECOND: Final = 10**9
_CLOCKS_APART: Final = 5 * _SECOND
_CLOCKS_UNKNOWN: Final = 60 * _SECOND
_INVALID, _PRECONDITION, _ABORTED = 3, 9, 10
_FINAL: Final[Mapping[int | None, int]] = {_INVALID: 400, _PRECONDITION: 400, _ABORTED: 409}
"""Refusals of what was asked for, and what they are over REST."""


class _From(Enum):
    TOKEN = "its token"  # noqa: S105 - no secret: a place
    TIME = "its time"
    NOW = "now"


class ReplayFeed(PrivateFeed):
    """One stream that can be read on."""

    def __init__(
        self,
        session: Session,
        rpc: Rpc,
        channel: Channel,
        filters: Mapping[str, Any],
        chance: Callable[[], float],
        *,
        begin: Cursor | None = None,
        keeper: Keeper | None = None,
        rhythm: Rhythm = REPLAY_RHYTHM,
    ) -> None:
        begin = begin or Cursor()
        if begin.token and not channel.has_token:
            raise ConfigError(f"{channel.stream} has no tokens: resume from a moment, or from its own cursor")
        self.cursor = begin
        """Up to where everything was applied."""
        self._channel = channel
        self._kind = part_of(rpc.response, channel.items)
        self._keeper = keeper
        self._received = begin
        """Up to where everything came."""
        self._marked = begin
        self._told = Recent(_MOST, begin.seen)
        self._last: deque[str] = deque(begin.seen, MOST_SEEN)
        self._from = _From.NOW
        self._refused: set[_From] = set()
        """What the venue does not take to go on from."""
        self._owed: int | None = None
        """The nanosecond since when nothing is known; 0 if that is not known, None if nothing is owed."""
        self._heard = False
        self._caught_up = False
        self._asked = False
        self._began: float | None = None
        """When a stream of what happens now was asked for."""
        super().__init__(session, rpc, filters, chance, rhythm, stream=channel.stream)
        # a place that the venue does not take is followed by another
        self.mends = frozenset({_INVALID, _PRECONDITION})

    # -- connecting --

    def request(self) -> Any:
        """Return what to ask for, from where the last batch left off."""
        made: Any = super().request()
        # should a connection break before it told anything, the next one begins where it did
        self._received = at = evolve(self._received, nanoseconds=self._received.nanoseconds or self._start)
        self._from = _From.NOW
        if at.token and _From.TOKEN not in self._refused:
            self._from, made.resume_token = _From.TOKEN, at.token
        elif at.nanoseconds and _From.TIME not in self._refused:
            self._from = _From.TIME
            since = at.nanoseconds - int(self._channel.slack * _SECOND)
            made.resume_time.FromNanoseconds(max(0, since))
        elif self._refused:
            self._owed = at.nanoseconds if self._owed is None else self._owed
        else:
            self._began = self.opened
        return made

    @property
    def _start(self) -> int:
        """The venue's nanosecond before which nothing was asked for; 0 if it was, or is not known."""
        if self._began is None:
            return 0
        early = _CLOCKS_APART if self._session.clock.known else _CLOCKS_UNKNOWN
        return max(0, self.venue_time(self._began) - early)

    def lost(self, reason: str) -> None:
        """Note that a connection is given up."""
        super().lost(reason)
        self._heard = self._caught_up = self._asked = False

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone; what the venue has forgotten is not asked for again."""
        if not self._heard and code in _FINAL:
            about_resuming = code == _PRECONDITION or "resume" in reason.lower() or "token" in reason.lower()
            if self._from is _From.NOW or code == _ABORTED or not about_resuming:
                self.lost(reason)
                return self.machine.refused(now, BadRequest(reason, status=_FINAL[code]))
            self._refused.add(self._from)
            reason = f"the stream cannot be read on from {self._from.value}: {reason}"
        return super().ended(now, reason, code)

    # -- messages --

    def heard(self, message: Any, now: float) -> list[Action]:
        """Read a batch; one without anything in it is a sign of life."""
        items = getattr(message, self._channel.items)
        self.machine.received(now, data=bool(items))
        self._heard = True
        actions = [action for each in items for action in self._tell(each, now)]
        moments = [self._channel.moment(each) for each in items]
        actions += self._advance(message, max(moments, default=0), now)
        self._caught_up = self._caught_up or not items or 0 < self.venue_time(self.opened) <= max(moments)
        return actions + self._settle(now)

    def _tell(self, item: Any, now: float) -> list[Action]:
        # one without a name may be told again rather than not at all
        if name := self._channel.name(item):
            if not self._told.add(name):
                return []
            self._last.append(name)
        return [Emit(Message(now, self._channel.key(item), item))]

    def _advance(self, message: Any, newest: int, now: float) -> list[Action]:
        """Note how far everything came, and have it kept once that is applied."""
        before, channel = self._received, self._channel
        token = message.resume_token if channel.has_token else b""
        if channel.clock and message.HasField(channel.clock):
            newest = max(newest, getattr(message, channel.clock).ToNanoseconds())
        if token or newest > before.nanoseconds:
            self._refused.clear()
        moment = max(before.nanoseconds or self._start, newest)
        self._received = Cursor(token or before.token, moment, tuple(self._last))
        return self._mark(now)

    def _mark(self, now: float) -> list[Action]:
        """Have it kept how far everything came, unless something before it is still to be read."""
        at = self._received
        if at == self._marked or self._owed is not None:
            return []
        self._marked = at
        return [Emit(Mark(now, partial(self._applied, at)))]

    def _applied(self, cursor: Cursor) -> None:
        """Note that everything up to here was applied; whoever reads the stream calls this."""
        self.cursor = cursor
        if self._keeper is not None:
            self._keeper.save(cursor)

    def _settle(self, now: float) -> list[Action]:
        """Go live once the past was told, or what is left of it read."""
        if ALL not in self.machine.unsynced or not (self._caught_up or self._from is _From.NOW):
            return []
        if self._owed is None:
            return self.machine.synced(ALL, now)
        if not self._owed or self._channel.read is None:
            return self._gave_up(now)
        if self._asked:
            return []
        self._asked = True
        return [Resync((ALL,), "the venue does not know any more where to go on")]

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read what the venue would have told, if it still knew where to go on."""
        del keys, now
        read = self._channel.read
        if not self._owed or read is None or not self._asked:
            return nothing()
        since = self._owed - int(self._channel.slack * _SECOND)
        return _converted(read(self._session, self._filters, max(0, since)), self._kind)

    def looked(self, keys: tuple[str, ...], found: Any | PolyspecError, now: float) -> list[Action]:
        """Tell what only REST knew."""
        del keys
        if isinstance(found, AuthError):
            return self.machine.refused(now, found)
        if isinstance(found, list):
            actions = [action for each in found for action in self._tell(each, now)]
            return actions + self._gave_up(now, read=True) if self._asked else actions
        if isinstance(found, (Forbidden, BadRequest, ConfigError)):
            return self._gave_up(now, cause=found)
        # looked up again when it is late
        return []

    def _gave_up(self, now: float, *, read: bool = False, cause: PolyspecError | None = None) -> list[Action]:
        owed, self._owed = self._owed, None
        since = f"since {moment_of(owed).isoformat()}" if owed else "in the meantime"
        if read:
            left = (
                f"what this participant did {since} was read over REST; what others of the firm did, and "
                "what REST does not keep, is not known"
            )
        else:
            why = "" if cause is None else f" ({cause})"
            left = f"what happened {since} is not told{why}; compare with reports of the venue"
        error = StreamError(f"the venue does not know any more where {self.stream} was left: {left}")
        error.__cause__ = cause
        return [*self.given_up(error, now), *self._mark(now)]


def _converted(flow: Flow[list[Any]], kind: type[ProtoMessage]) -> Flow[list[Any]]:
    found = yield from flow
    return [converted(each, kind) for each in found]
