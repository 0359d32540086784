"""Requests for quotes without their connection: every event once, in whatever order it comes.

The venue tells events as well as it can: in any order, twice, or not at all, and nothing of before. So on
every connection, and from time to time while nothing comes, requests, quotes and trades are read over REST,
and told in the stream's own messages as far as it did not tell them. Of steps between two looks only the last
can be told. The stream has no signs of life; pings of the connection show whether the venue is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.events import Message, Raw
from polyspec.core.streams.machine import Action, Emit, Rhythm
from polyspec.errors import AuthError, BadRequest, ConfigError, Forbidden, PolyspecError, StreamError
from polyspec.us.private_feed import ALL, PrivateFeed
from polyspec.us.proto_words import Recent, name_of, part_of
from polyspec.us.rfq_reading import RfqKinds, RfqNews, read_rfqs

if TYPE_CHECKING:
    from polyspec.us.protos import Rpc

__all__ = ["RFQ_RHYTHM", "RfqFeed"]

RFQ_RHYTHM: Final = Rhythm(ping=None, quiet=15.0, late=5.0, audit=60.0, subscribe=60.0, shortest=1.0)
"""`quiet` is how long nothing may come until REST is asked, `audit` how often that is done in any case. The
venue lets one stream begin in a second.
"""
_MOST: Final = 50_000
_SLACK: Final = 60 * 10**9
_STEPS: Final = {
    "QUOTE_STATUS_ACTIVE": "quote_created",
    "QUOTE_STATUS_ACCEPTED": "quote_accepted",
    "QUOTE_STATUS_CONFIRMED": "quote_confirmed",
    "QUOTE_STATUS_EXECUTED": "quote_executed",
    "QUOTE_STATUS_DELETED": "quote_deleted",
}
_RANKS: Final = {name: rank for rank, name in enumerate(_STEPS.values())}
_LAST: Final = ("quote_executed", "quote_deleted")


class RfqFeed(PrivateFeed):
    """Requests for quotes, quotes on either side of the participant, and trades that came of them."""

    def __init__(
        self,
        session: Session,
        rpc: Rpc,
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = RFQ_RHYTHM,
    ) -> None:
        super().__init__(session, rpc, {}, chance, rhythm, stream="rfqs", looks=True)
        self._kinds = RfqKinds(
            part_of(rpc.response, "rfq_created", "rfq"),
            part_of(rpc.response, "quote_created", "quote"),
            part_of(rpc.response, "rfq_trade", "trade"),
        )
        self.rfqs: dict[str, Any] = {}
        """Requests that are open, by id."""
        self.quotes: dict[str, Any] = {}
        """Quotes that are neither executed nor deleted, by id."""
        self._told = Recent(_MOST)
        self._since = 0
        """The venue's nanosecond up to which trades and executed quotes are known."""
        self._known = False
        """Whether things were read once: what was over before is no news."""
        self._looked_on = 0

    def heard(self, message: Any, now: float) -> list[Action]:
        """Read an event."""
        self.machine.received(now)
        if message.WhichOneof("event") is None:
            return [Emit(Raw(now, message, "an event that these protos do not know"))]
        return self._tell(message, now)

    def _tell(self, message: Any, now: float) -> list[Action]:
        kind = message.WhichOneof("event")
        part = getattr(message, kind)
        if kind in ("rfq_created", "rfq_closed"):
            name, symbol = part.rfq.id, part.rfq.symbol
        elif kind in _RANKS:
            name, symbol = part.quote.id, part.quote.symbol
        elif kind == "rfq_trade":
            name, symbol = part.trade.trade_id, part.trade.symbol
        else:
            return [Emit(Message(now, "", message))]
        if not self._told.add((kind, name)):
            return []
        self._note(kind, part)
        return [Emit(Message(now, symbol, message))]

    def _note(self, kind: str, part: Any) -> None:
        if kind == "rfq_closed":
            self.rfqs.pop(part.rfq.id, None)
        elif kind == "rfq_created":
            if ("rfq_closed", part.rfq.id) not in self._told:
                self.rfqs[part.rfq.id] = part.rfq
        elif kind in _LAST:
            self.quotes.pop(part.quote.id, None)
        elif kind in _RANKS and not any((each, part.quote.id) in self._told for each in _LAST):
            known = self.quotes.get(part.quote.id)
            if known is None or _rank(part.quote) >= _rank(known):
                self.quotes[part.quote.id] = part.quote

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read how things are."""
        del keys
        self._looked_on = self.connection
        self._since = self._since or self.venue_time(now)
        since = self._since - (_SLACK if self._known else 0)
        quotes = {each.id: each.rfq_id for each in self.quotes.values()}
        return read_rfqs(self._session, self._kinds, tuple(self.rfqs), quotes, since)

    def looked(self, keys: tuple[str, ...], found: Any | PolyspecError, now: float) -> list[Action]:
        """Tell what the stream did not."""
        del keys
        if isinstance(found, AuthError):
            return self.machine.refused(now, found)
        if isinstance(found, (Forbidden, BadRequest, ConfigError)):
            owed = ALL in self.machine.unsynced and self._looked_on == self.connection
            return self.given_up(_unreadable(found), now) if owed else []
        if isinstance(found, PolyspecError):
            # looked up again when it is late
            return []
        actions = self._news(found, now)
        self._known, self._since = True, max(self._since, found.at)
        return actions + (self.machine.synced(ALL, now) if self._looked_on == self.connection else [])

    def _news(self, found: RfqNews, now: float) -> list[Action]:
        events = []
        for rfq in found.rfqs:
            is_open = name_of(rfq, "status") == "RFQ_STATUS_OPEN"
            if is_open or rfq.id in self.rfqs:
                events.append(self._event("rfq_created" if is_open else "rfq_closed", "rfq", rfq))
        for quote in found.quotes:
            kind = _STEPS.get(name_of(quote, "status"))
            if kind is not None and self._is_news(kind, quote):
                events.append(self._step(kind, quote))
        events += [self._event("rfq_trade", "trade", each) for each in found.trades]
        return [action for each in events for action in self._tell(each, now)]

    def _is_news(self, kind: str, quote: Any) -> bool:
        """Tell whether a quote got there after what was told of it: REST may be a little behind."""
        known = self.quotes.get(quote.id)
        over = any((each, quote.id) in self._told for each in _LAST)
        return not over and (known is None or _rank(quote) >= _rank(known))

    def _event(self, kind: str, name: str, subject: Any) -> Any:
        event = self.rpc.response()
        getattr(getattr(event, kind), name).CopyFrom(subject)
        return event

    def _step(self, kind: str, quote: Any) -> Any:
        event = self._event(kind, "quote", quote)
        part = getattr(event, kind)
        if kind == "quote_accepted":
            part.confirmation_deadline.CopyFrom(quote.confirmation_deadline)
        elif kind == "quote_confirmed":
            part.execution_deadline.CopyFrom(quote.execution_deadline)
        elif kind == "quote_executed":
            # each side is told its own order alone
            part.order_id = quote.rfq_creator_order_id or quote.creator_order_id
            part.executed_time.CopyFrom(quote.executed_time)
        return event


def _rank(quote: Any) -> int:
    return _RANKS.get(_STEPS.get(name_of(quote, "status"), ""), 0)


def _unreadable(cause: PolyspecError) -> StreamError:
    told = StreamError(
        f"requests for quotes cannot be read over REST ({cause}): what happened while there was no "
        "connection is not known"
    )
    told.__cause__ = cause
    return told
