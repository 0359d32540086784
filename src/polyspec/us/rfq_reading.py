"""Read over REST how requests for quotes and quotes are, and what was traded of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from polyspec_wire import Call
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import rfqs

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.paging import items, next_page
from polyspec.core.sending import Session
from polyspec.us.order_reading import read_all
from polyspec.us.proto_words import converted, moment_of

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = ["RfqKinds", "RfqNews", "read_rfqs"]

_PAGE: Final = 100
_SELF: Final = wire.UserFilter.SELF
_GOING_ON: Final = (wire.QuoteStatus.ACTIVE, wire.QuoteStatus.ACCEPTED, wire.QuoteStatus.CONFIRMED)


@frozen
class RfqKinds:
    """The classes of messages the stream is made of."""

    rfq: type[Message]
    quote: type[Message]
    trade: type[Message]


@frozen
class RfqNews:
    """How things are, and what was traded."""

    rfqs: list[Any]
    quotes: list[Any]
    trades: list[Any]
    """Oldest first."""
    at: int
    """The venue's nanosecond at which the reading began."""


def read_rfqs(
    session: Session, kinds: RfqKinds, known: tuple[str, ...], quotes: Mapping[str, str], since: int
) -> Flow[RfqNews]:
    """Read what is open, what became of `known` requests and of `quotes` (their ids, with the request's).

    And which quotes were executed, and what was traded, since a nanosecond.
    """
    start: Instant = yield Now()
    at = int(session.clock.correct(start.wall) * 1e9)
    asked = yield from _read_requests(session, known)
    told = yield from _read_quotes(session, quotes, since)
    call = rfqs.get_rfq_trades(limit=_PAGE, start_time=moment_of(since))
    made: list[wire.RFQTrade] = yield from read_all(session, call)
    return RfqNews(
        [converted(each, kinds.rfq) for each in asked],
        [converted(each, kinds.quote) for each in told],
        [converted(each, kinds.trade) for each in reversed(made)],
        at,
    )


def _read_requests(session: Session, known: tuple[str, ...]) -> Flow[list[wire.RFQ]]:
    found: list[wire.RFQ] = yield from read_all(
        session, rfqs.get_rfqs(limit=_PAGE, status=wire.RFQStatus.OPEN)
    )
    open_now = {each.id for each in found}
    for rfq_id in known:
        if rfq_id not in open_now:
            found += (yield from session.send(rfqs.get_rfqs(rfq_id=rfq_id))).value.rfqs
    return found


def _read_quotes(session: Session, known: Mapping[str, str], since: int) -> Flow[list[wire.Quote]]:
    found: dict[str, wire.Quote] = {}
    for mine in ({"user_filter": _SELF}, {"rfq_user_filter": _SELF}):
        for status in _GOING_ON:
            listed = yield from read_all(session, rfqs.get_quotes(limit=_PAGE, status=status, **mine))
            found |= {each.id: each for each in listed}
        call = rfqs.get_quotes(limit=_PAGE, status=wire.QuoteStatus.EXECUTED, **mine)
        found |= {each.id: each for each in (yield from _newest(session, call, since))}
    for quote_id, rfq_id in known.items():
        if quote_id not in found:
            one = (yield from session.send(rfqs.get_quotes(rfq_id=rfq_id, quote_id=quote_id))).value.quotes
            found |= {each.id: each for each in one}
    return list(found.values())


def _newest(session: Session, call: Call[Any], since: int) -> Flow[list[wire.Quote]]:
    """Read pages, newest first, down to what was made before a nanosecond."""
    first, found = moment_of(since), []
    following: Call[Any] | None = call
    while following is not None:
        page = (yield from session.send(following)).value
        listed: list[wire.Quote] = items(following, page)
        found += [each for each in listed if each.created_time is None or each.created_time >= first]
        whole = bool(listed) and (listed[-1].created_time is None or listed[-1].created_time >= first)
        following = next_page(following, page) if whole else None
    return found
