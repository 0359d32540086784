"""Requests for quotes, quotes, and the trades they led to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final, TypeVar

from polyspec_wire.us_exchange import models as m

from polyspec.core.scales import scale_of
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import from_ns, to_ns
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.desk import Quote, Rfq
from polyspec.sandbox.us.paging import Page, page, scope_of
from polyspec.sandbox.us.refusals import invalid, precondition
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []

_MOST: Final = 100
T = TypeVar("T")


def _user_id(asked: Asked, participant: str) -> str:
    """Return a participant's pseudonym: the same every time, and telling nothing."""
    digest = blake2b(f"{asked.world.options.seed}/{participant}".encode(), digest_size=12).hexdigest()
    return f"rfquser_{digest}"


@handles("RFQAPI_GetRFQUserID")
def get_user_id(asked: Asked) -> m.GetRFQUserIDResponse:
    """Return the caller's pseudonym."""
    return m.GetRFQUserIDResponse(rfq_user_id=_user_id(asked, asked.participant.name))


# -- requests --


@handles("RFQAPI_CreateRFQ")
def create_rfq(asked: Asked) -> m.CreateRFQResponse:
    """Ask for quotes on an open combo."""
    request: m.CreateRFQRequest = asked.body
    if request.symbol not in asked.world.combos.combos:
        raise invalid(f"{request.symbol} is not a combo instrument")
    rfq = asked.world.desk.ask(
        _open_market(asked, request.symbol),
        asked.participant.name,
        account=asked.world.entry.account(request.account, asked.participant),
        rest=request.rest_remainder,
        quantity=_text(request.qty_decimal),
        cash=_text(request.cash_order_qty),
    )
    return m.CreateRFQResponse(rfq_id=rfq.id)


def _text(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"


def _open_market(asked: Asked, symbol: str) -> t.MarketDefinition:
    market = asked.world.exchange.market(symbol)
    if market is None or asked.world.exchange.market_state(symbol) is not t.MarketState.OPEN:
        raise precondition(f"instrument {symbol} is not open")
    return market


@handles("RFQAPI_DeleteRFQ")
def delete_rfq(asked: Asked) -> m.DeleteRFQResponse:
    """Close the caller's own request."""
    asked.world.desk.close(asked.path["rfq_id"], asked.participant.name)
    return m.DeleteRFQResponse()


@handles("RFQAPI_GetRFQs")
def get_rfqs(asked: Asked) -> m.GetRFQsResponse:
    """List requests, newest first; everybody sees all of them."""
    query, mine = asked.query, asked.participant.name
    if query.get("rfq_id") and query.get("cursor"):
        raise invalid("rfqId and cursor cannot be combined")
    status = query.get("status", m.RFQStatus.UNSPECIFIED)
    found = [
        each
        for each in asked.world.desk.rfqs.values()
        if query.get("rfq_id", "") in ("", each.id)
        and query.get("symbol", "") in ("", each.symbol)
        and status in (m.RFQStatus.UNSPECIFIED, _rfq_status(each))
        and (not _is_self(query, "user_filter") or each.participant == mine)
    ]
    cut = _cut(asked, found, lambda each: (each.created, each.id))
    return m.GetRFQsResponse(rfqs=[_rfq(asked, each) for each in cut.items], cursor=cut.token)


def _rfq_status(rfq: Rfq) -> m.RFQStatus:
    return m.RFQStatus.OPEN if rfq.open else m.RFQStatus.CLOSED


def _is_self(query: dict[str, Any], name: str) -> bool:
    return bool(query.get(name) == m.UserFilter.SELF)


def _rfq(asked: Asked, rfq: Rfq) -> m.RFQ:
    world = asked.world
    combo = world.combos.combos.get(rfq.symbol)
    legs = []
    for leg in combo.legs if combo is not None else ():
        known = world.combos.settlement(leg.symbol)
        price = None if known is None else scale_of(known[1]).from_wire(known[0]).normalize() + 0
        legs.append(m.RFQComboLeg(symbol=leg.symbol, side=m.Side[leg.side], settlement_price=price))
    return m.RFQ(
        id=rfq.id,
        qty_decimal=Decimal(rfq.quantity) if rfq.quantity else None,
        cash_order_qty=Decimal(rfq.cash) if rfq.cash else None,
        symbol=rfq.symbol,
        rfq_creator_user_id=_user_id(asked, rfq.participant),
        created_time=from_ns(rfq.created),
        rest_remainder=rfq.rest,
        status=_rfq_status(rfq),
        updated_time=from_ns(rfq.updated),
        combo_legs=legs,
        tick_size=Decimal(world.listings[rfq.symbol].tick),
    )


# -- quotes --


@handles("RFQAPI_CreateQuote")
def create_quote(asked: Asked) -> m.CreateQuoteResponse:
    """Quote an open request; an earlier quote of the caller's is replaced and a new id given."""
    request: m.CreateQuoteRequest = asked.body
    rfq = asked.world.desk.rfq(request.rfq_id)
    quote = asked.world.desk.quote(
        _open_market(asked, rfq.symbol),
        rfq,
        asked.participant.name,
        account=asked.world.entry.account(request.account, asked.participant),
        buy_price=_text(request.buy_price),
        sell_price=_text(request.sell_price),
        rest=request.rest_remainder,
        post_only=request.post_only,
    )
    return m.CreateQuoteResponse(quote_id=quote.id)


@handles("RFQAPI_DeleteQuote")
def delete_quote(asked: Asked) -> m.DeleteQuoteResponse:
    """Delete the caller's quote, or decline it during last look."""
    asked.world.desk.decline(asked.path["rfq_id"], asked.path["quote_id"], asked.participant.name)
    return m.DeleteQuoteResponse()


@handles("RFQAPI_AcceptQuote")
def accept_quote(asked: Asked) -> m.AcceptQuoteResponse:
    """Accept one side of a quote."""
    side = asked.body.accepted_side.name
    asked.world.desk.accept(asked.path["rfq_id"], asked.path["quote_id"], asked.participant.name, side)
    return m.AcceptQuoteResponse()


@handles("RFQAPI_ConfirmQuote")
def confirm_quote(asked: Asked) -> m.ConfirmQuoteResponse:
    """Confirm an accepted quote within last look."""
    asked.world.desk.confirm(asked.path["rfq_id"], asked.path["quote_id"], asked.participant.name)
    return m.ConfirmQuoteResponse()


@handles("RFQAPI_GetQuotes")
def get_quotes(asked: Asked) -> m.GetQuotesResponse:
    """List quotes, newest first: the requester sees all for its request, others their own."""
    query, mine, desk = asked.query, asked.participant.name, asked.world.desk
    _check_quote_query(query)
    status = query.get("status", m.QuoteStatus.UNDEFINED)
    found = []
    for each in desk.quotes.values():
        asker = desk.rfqs[each.rfq_id].participant
        if mine in (each.participant, asker) and (
            query.get("rfq_id", "") in ("", each.rfq_id)
            and query.get("quote_id", "") in ("", each.id)
            and status.name in ("UNDEFINED", each.status)
            and (not _is_self(query, "user_filter") or each.participant == mine)
            and (not _is_self(query, "rfq_user_filter") or asker == mine)
        ):
            found.append(each)
    cut = _cut(asked, found, lambda each: (each.created, each.id))
    return m.GetQuotesResponse(quotes=[_quote(asked, each) for each in cut.items], cursor=cut.token)


def _check_quote_query(query: dict[str, Any]) -> None:
    if query.get("quote_id") and (not query.get("rfq_id") or query.get("cursor")):
        raise invalid("quoteId needs rfqId and cannot be combined with cursor")
    filters = [_is_self(query, "user_filter"), _is_self(query, "rfq_user_filter")]
    if not query.get("rfq_id") and sum(filters) != 1:
        raise invalid("without rfqId exactly one of userFilter and rfqUserFilter is required")


def _quote(asked: Asked, quote: Quote) -> m.Quote:
    rfq = asked.world.desk.rfqs[quote.rfq_id]
    return m.Quote(
        id=quote.id,
        rfq_id=quote.rfq_id,
        creator_rfq_user_id=_user_id(asked, quote.participant),
        symbol=quote.symbol,
        status=m.QuoteStatus[quote.status],
        created_time=from_ns(quote.created),
        buy_price=Decimal(quote.buy_price),
        sell_price=Decimal(quote.sell_price),
        rest_remainder=quote.rest,
        post_only=quote.post_only,
        rfq_creator_user_id=_user_id(asked, rfq.participant),
        rfq_cash_order_qty=Decimal(rfq.cash) if rfq.cash else None,
        buy_qty_decimal=Decimal(quote.buy_quantity or 0),
        sell_qty_decimal=Decimal(quote.sell_quantity or 0),
        updated_time=from_ns(quote.updated),
        accepted_side=m.Side[quote.accepted_side or "UNDEFINED"],
        accepted_time=_moment(quote.accepted),
        confirmed_time=_moment(quote.confirmed),
        confirmation_deadline=_moment(quote.confirm_by),
        execution_deadline=_moment(quote.execute_at),
        executed_time=_moment(quote.executed),
        rfq_creator_order_id=quote.requester_order or None,
        creator_order_id=quote.maker_order or None,
    )


def _moment(moment_ns: int | None) -> dt.datetime | None:
    return None if moment_ns is None else from_ns(moment_ns)


# -- trades --


@handles("RFQAPI_GetRFQTrades")
def get_trades(asked: Asked) -> m.GetRFQTradesResponse:
    """List the fills of orders that came from requests, newest first, without names."""
    query = asked.query
    start, end = query.get("start_time"), query.get("end_time")
    if start is not None and end is not None and start >= end:
        raise invalid("start_time must be before end_time")
    if start is not None and start < dt.datetime(2026, 5, 1, tzinfo=dt.UTC):
        raise precondition("start_time is before available history")
    found = [
        each
        for each in asked.world.exchange.trades(symbol=query.get("symbol", ""))
        if mapping.is_from_rfq(each)
        and (start is None or each.time >= to_ns(start))
        and (end is None or each.time < to_ns(end))
    ]
    cut = _cut(asked, found, lambda each: (each.time, each.id))
    return m.GetRFQTradesResponse(trades=[_trade(asked, each) for each in cut.items], cursor=cut.token)


def _trade(asked: Asked, made: t.Trade) -> m.RFQTrade:
    market = asked.world.exchange.market(made.symbol)
    assert market is not None
    return m.RFQTrade(
        trade_id=made.id,
        symbol=made.symbol,
        price=scale_of(market.price_scale).from_wire(made.price),
        qty_decimal=scale_of(market.quantity_scale).from_wire(made.quantity),
        aggressor_side=m.Side[made.aggressor.order.side.name],
        executed_time=from_ns(made.time),
    )


def _cut(asked: Asked, items: Sequence[T], key: Callable[[T], Any]) -> Page[T]:
    limit = asked.query.get("limit", 0)
    if not 0 <= limit <= _MOST:
        raise invalid(f"limit must be between 1 and {_MOST}")
    filters = {name: str(value) for name, value in asked.query.items() if name not in ("limit", "cursor")}
    return page(
        items,
        key,
        size=limit or _MOST,
        token=asked.query.get("cursor", ""),
        scope=scope_of(asked.operation.id, asked.participant.name, filters),
        newest_first=True,
    )
