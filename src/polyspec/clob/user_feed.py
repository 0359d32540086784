"""The user channel without its socket: orders and fills, each told once, and none missed.

The channel says nothing of the past and answers a subscription with silence. So on every connection open
orders and trades are read over REST once the venue has provably taken the subscription (it answers a ping
that was written after it), and from time to time. What only REST knew is told in the words of the channel.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
from attrs import define, field
from polyspec_wire.clob import models as wire

from polyspec.clob.credentials import ApiCreds
from polyspec.clob.session import ClobAuthority
from polyspec.clob.user_reading import UserNews, read_news
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.nesting import check_depth
from polyspec.core.sending import Session
from polyspec.core.streams.events import Message, Raw
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Emit, Machine, Resync, Rhythm
from polyspec.core.typed import decoder
from polyspec.errors import AuthError, PolyspecError, Unauthorized

__all__ = ["EVERYTHING", "USER_RHYTHM", "UserFeed", "UserWords"]

EVERYTHING: Final = "*"
"""What stands for all markets."""
USER_RHYTHM: Final = Rhythm(late=3.0, audit=30.0)
_DECODER: Final = decoder(wire.UserEvent | list[wire.UserEvent])
_ONE: Final = decoder(wire.UserEvent)
_MANY: Final = decoder(list[msgspec.Raw])
_PLAIN: Final = decoder(dict[str, Any])
_UNREADABLE: Final = (msgspec.DecodeError, ValueError, RecursionError)
_SLACK: Final = 120
"""Seconds a trade may be older than what was read last: clocks differ, and things are not stored at once."""
_LONGEST: Final = 3600
"""Seconds after which a trade is not expected to settle any more."""
_MOMENT: Final = 3
_MOST: Final = 20_000
"""Orders and trades that are remembered after their end."""
_FINAL: Final = frozenset({"CONFIRMED", "FAILED"})


class UserWords:
    """What is said to the user channel."""

    def __init__(self) -> None:
        self.creds: ApiCreds | None = None

    def begin(self, keys: list[str]) -> list[object]:
        """Log in; the ping after it is answered once that was done."""
        assert self.creds is not None
        auth = wire.WebSocketAuth(
            api_key=self.creds.api_key,
            secret=self.creds.api_secret.reveal(),
            passphrase=self.creds.api_passphrase.reveal(),
        )
        markets = None if EVERYTHING in keys else keys
        return [wire.UserSubscription(auth=auth, markets=markets), self.ping()]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Ask for more markets, and for fewer."""
        operations = wire.SubscriptionOperation
        asked = ((operations.SUBSCRIBE, added), (operations.UNSUBSCRIBE, removed))
        return [
            *(wire.UserSubscriptionUpdate(operation=word, markets=keys) for word, keys in asked if keys),
            self.ping(),
        ]

    def ping(self) -> object:
        """Ask for a sign of life."""
        return "PING"


@define(eq=False)
class _Past:
    """What was told already; what is over is forgotten when there is too much of it."""

    told: dict[str, set[str]] = field(factory=dict)
    """The states of a trade."""
    closed: dict[str, Decimal] = field(factory=dict)
    """Shares matched of orders that are over."""
    unsettled: dict[str, int] = field(factory=dict)
    """The venue's second at which trades were matched that are not over."""

    def note(self, trade: str, status: str, matched: int) -> bool:
        """Note a state of a trade; tell whether it is news: each is told once, and none after the last."""
        states = self.told.setdefault(trade, set())
        if status in states or states & _FINAL or (states and status.startswith("MATCHED")):
            return False
        states.add(status)
        if status in _FINAL:
            self.unsettled.pop(trade, None)
        elif matched:
            self.unsettled.setdefault(trade, matched)
        return True

    def since(self, read: int) -> int:
        """Return from which second on trades may have got further than was told; `read` is how far all are.

        The venue lists trades by when they were matched, and some take long to settle, or fail late.
        """
        awaited = (each for each in self.unsettled.values() if each >= read - _LONGEST)
        return min([read, *awaited]) - _SLACK

    def trim(self) -> None:
        """Forget the oldest."""
        for kept in (self.told, self.closed, self.unsettled):
            while len(kept) > _MOST:
                kept.pop(next(iter(kept)))


class UserFeed:
    """Orders and trades of one API key."""

    def __init__(
        self, session: Session, chance: Callable[[], float], *, rhythm: Rhythm = USER_RHYTHM
    ) -> None:
        self._words = UserWords()
        self.machine = Machine(self._words, rhythm, chance)
        self.orders: dict[str, wire.OrderEvent] = {}
        """Open orders as they were told last, by id."""
        self._session = session
        self._past = _Past()
        self._read_at = 0
        """The venue's second up to which REST was read: what is heard says nothing of what was left out."""
        self._known = False
        """Whether the past was read once: what was before is no news."""
        self._connection = 0
        self._looked_on = 0
        """The connection on which the look began."""
        self._began: float | None = None
        """Monotonic second at which the first connection was prepared."""
        self._waited = 0.0
        """Seconds from then until the look began."""

    def want(self, markets: list[str] | None, now: float) -> list[Action]:
        """Ask for exactly these markets; None for all."""
        return self.machine.want([EVERYTHING] if markets is None else markets, now)

    def prepare(self) -> Flow[None]:
        """Obtain the credentials."""
        authority = self._session.authority
        assert isinstance(authority, ClobAuthority)
        now: Instant = yield Now()
        if self._began is None:
            self._began = now.monotonic
        self._words.creds = yield from authority.creds(now.monotonic + self._session.patience.total)

    def lost(self, reason: str) -> None:
        """Note that looks under way know nothing of the next connection."""
        del reason
        self._connection += 1

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Ask REST whether the credentials still hold: the venue hangs up on those that do not."""
        self.lost(reason)
        actions = self.machine.ended(now, reason)
        return (
            [*actions, Resync(tuple(self.machine.wanted), reason)]
            if actions and code is not None
            else actions
        )

    def overflowed(self, now: float) -> list[Action]:
        """Do nothing: fills are not left out."""
        del now
        return []

    # -- messages --

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        if len(message) == 4 and message in (b"PONG", "PONG"):
            self.machine.received(now, data=False)
            unsynced = tuple(sorted(self.machine.unsynced))
            return [Resync(unsynced, "subscribed")] if unsynced else []
        self.machine.received(now)
        try:
            told = _DECODER.decode(message)
        except _UNREADABLE:
            return self._spelt_out(message.encode() if isinstance(message, str) else bytes(message), now)
        return [
            action
            for each in (told if isinstance(told, list) else [told])
            for action in self._told(each, now)
        ]

    def _told(self, told: Any, now: float) -> list[Action]:
        fresh = self._order(told) if isinstance(told, wire.OrderEvent) else self._trade(told)
        self._past.trim()
        return [Emit(Message(now, told.market, told))] if fresh else []

    def _order(self, told: wire.OrderEvent) -> bool:
        """Take in a step of an order; tell whether it is news."""
        matched, before = _amount(told.size_matched), self.orders.get(told.id)
        over = str(told.type) == "CANCELLATION" or 0 < _amount(told.original_size) <= matched
        if told.id in self._past.closed:
            if matched <= self._past.closed[told.id]:
                return False
        elif before is not None and not over and matched <= _amount(before.size_matched):
            return False
        if over:
            self.orders.pop(told.id, None)
            self._past.closed[told.id] = matched
        elif told.id not in self._past.closed:
            self.orders[told.id] = told
        return True

    def _trade(self, told: wire.TradeEvent) -> bool:
        """Take in a state of a trade; tell whether it is news."""
        matched = _seconds(told.match_time or told.timestamp)
        return self._past.note(f"{told.id}/{told.bucket_index or 0}", str(told.status), matched)

    def _spelt_out(self, text: bytes, now: float) -> list[Action]:
        try:
            pieces = [bytes(each) for each in _MANY.decode(text)] if text[:1] == b"[" else [text]
        except _UNREADABLE:
            pieces = [text]
        return [action for each in pieces for action in self._piece(each, now)]

    def _piece(self, text: bytes, now: float) -> list[Action]:
        try:
            return self._told(_ONE.decode(text), now)
        except _UNREADABLE as error:
            why = str(error)
        plain: Any = text
        try:
            check_depth(text)
            plain = _PLAIN.decode(text)
        except _UNREADABLE:
            why = "not a JSON object"
        actions: list[Action] = [Emit(Raw(now, plain, why))]
        kind = plain.get("event_type") if isinstance(plain, dict) else None
        if isinstance(kind, str) and kind not in ("order", "trade"):
            return actions
        # it may have been a fill
        return actions + self.machine.missed(self.machine.wanted, "a message that cannot be read", now)

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read open orders and trades."""
        del keys
        self._looked_on = self._connection
        self._waited = 0.0 if self._began is None else max(0.0, now - self._began)
        slack = _SLACK + int(self._waited)
        return read_news(self._session, tuple(self.orders), self._past.since(self._read_at), slack)

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Tell what only REST knew, or that the credentials do not hold any more."""
        if isinstance(found, (AuthError, Unauthorized)):
            return self.machine.refused(now, _final(found))
        if isinstance(found, PolyspecError):
            # looked up again when it is late
            return []
        actions = self._news(found, now)
        if self._looked_on != self._connection:
            # it began before this connection did, and something may have happened in between
            return actions
        for key in keys:
            actions += self.machine.synced(key, now)
        return actions

    def _news(self, found: UserNews, now: float) -> list[Action]:
        told = [each for each in found.trades if self._follows(each.market)]
        steps = [each for each in found.orders if self._follows(each.market)]
        steps += [each for each in found.over if each.id in self.orders]
        self._read_at = max(self._read_at, found.at)
        if not self._known:
            self._known = True
            # trades of before are no news; looks may have failed since it began, and connections, too
            begin = found.at - self._waited - _MOMENT
            old = [each for each in told if _seconds(each.timestamp) < begin]
            told = [each for each in told if each not in old]
            for each in old:
                self._trade(each)
        return [action for step in [*told, *steps] for action in self._told(step, now)]

    def _follows(self, market: str) -> bool:
        return EVERYTHING in self.machine.wanted or market in self.machine.wanted


def _final(error: PolyspecError) -> AuthError:
    if isinstance(error, AuthError):
        return error
    told = AuthError(f"the credentials do not hold any more: {error}")
    told.__cause__ = error
    return told


def _seconds(text: str) -> int:
    try:
        moment = int(text)
    except ValueError:
        return 0
    return moment // 1000 if moment > 10**11 else moment


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal(0)
