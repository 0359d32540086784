"""Positions, balances and the position ledger."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import from_ns, span
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.csvfile import chunks
from polyspec.sandbox.us.eastern import end_of, trade_date
from polyspec.sandbox.us.ownership import firm_account, own_account
from polyspec.sandbox.us.paging import page, scope_of
from polyspec.sandbox.us.refusals import invalid
from polyspec.sandbox.us.registry import Asked, handles

__all__ = ["LARGEST_PAGE", "page_size", "period"]

LARGEST_PAGE: Final = 1000
_DEFAULT_PAGE: Final = 100
# the venue keeps no ledger from before this moment
_FLOOR: Final = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
_LEDGER = (
    "id", "account", "symbol", "quantity_change", "cost_change", "realized_change", "net_position", "cost",
    "realized", "update_time", "description",
)  # fmt: skip


def page_size(query: dict[str, Any]) -> int:
    """Return the page size asked for; raises Refusal (400) beyond 1000."""
    size = int(query.get("page_size", 0))
    if not 0 <= size <= LARGEST_PAGE:
        raise invalid(f"page_size must be at most {LARGEST_PAGE}")
    return size or _DEFAULT_PAGE


def period(query: dict[str, Any]) -> tuple[int, int]:
    """Return first and last nanosecond of the period asked for, which begins no earlier than the ledger."""
    return span(max(query.get("start_time") or _FLOOR, _FLOOR), query.get("end_time"))


@handles("PositionAPI_ListAccountPositions")
def list_positions(asked: Asked) -> m.ListAccountPositionsResponse:
    """List the positions of an account, now or as they were at a moment or at the end of a trade date."""
    query = asked.query
    account = own_account(asked, query["name"])
    then = _as_of(asked)
    found = _positions(asked, account) if then is None else _past_positions(asked, account, then)
    if symbol := query.get("symbol"):
        found = [each for each in found if each.symbol == symbol]
    if query.get("non_zero_only"):
        found = [each for each in found if each.net_position]
    if query.get("active_only"):
        found = [each for each in found if not each.expired]
    cut = page(
        found,
        lambda each: each.symbol,
        size=page_size(query),
        token=query.get("page_token", ""),
        scope=scope_of(
            "positions", account, {k: str(v) for k, v in query.items() if not k.startswith("page_")}
        ),
    )
    return m.ListAccountPositionsResponse(
        positions=cut.items,
        available_position=[
            asked.world.exchange.available_position(account, each.symbol) for each in cut.items
        ],
        next_page_token=cut.token,
        eof=cut.eof,
    )


def _as_of(asked: Asked) -> int | None:
    query = asked.query
    date = [query.get(f"as_of_date_{part}", 0) for part in ("year", "month", "day")]
    moment = query.get("as_of_time")
    if moment is not None and any(date):
        raise invalid("as_of_time and as_of_date are mutually exclusive")
    if moment is not None:
        return span(None, moment)[1]
    if not any(date):
        return None
    try:
        return end_of(dt.date(*date))
    except (ValueError, OverflowError) as error:
        raise invalid(f"invalid as_of_date: {error}") from error


def _positions(asked: Asked, account: str) -> list[m.Position]:
    world = asked.world
    yesterday = trade_date(world.clock.now_ns()) - dt.timedelta(days=1)
    opening = {each.symbol: each.net_position for each in _past_positions(asked, account, end_of(yesterday))}
    return [
        m.Position(
            account=account,
            symbol=each.symbol,
            net_position=each.net,
            qty_bought=each.bought,
            qty_sold=each.sold,
            cost=each.cost,
            realized=each.realized,
            bod_position=opening.get(each.symbol, 0),
            expired=each.settled,
            update_time=from_ns(each.update_time),
        )
        for each in world.exchange.positions(account=account)
    ]


def _past_positions(asked: Asked, account: str, then: int) -> list[m.Position]:
    latest: dict[str, t.PositionEntry] = {}
    for entry in asked.world.exchange.position_entries(account):
        if entry.time <= then:
            latest[entry.symbol] = entry
    return [
        m.Position(
            account=account,
            symbol=each.symbol,
            net_position=each.net,
            qty_bought=each.bought,
            qty_sold=each.sold,
            cost=each.cost,
            realized=each.realized,
            update_time=from_ns(each.time),
        )
        for each in latest.values()
    ]


@handles("PositionAPI_GetAccountBalance")
def get_balance(asked: Asked) -> m.GetAccountBalanceResponse:
    """Return the balance of an account, the participant's first one by default."""
    if asked.body.currency not in ("", "USD"):
        raise invalid(f"unsupported currency {asked.body.currency}")
    return _balance(asked, own_account(asked, asked.body.name))


@handles("PositionAPI_ListAccountBalances")
def list_balances(asked: Asked) -> m.ListAccountBalancesResponse:
    """Return the balances of an account by currency; there is only USD."""
    return m.ListAccountBalancesResponse(
        balances={"USD": _balance(asked, own_account(asked, asked.body.name))}
    )


def _balance(asked: Asked, account: str) -> m.GetAccountBalanceResponse:
    known = asked.world.balance(account)
    entries = asked.world.exchange.ledger_entries(account)
    return m.GetAccountBalanceResponse(
        balance=mapping.dollars(known.cash),
        capital_requirement=mapping.dollars(known.locked),
        excess_capital=mapping.dollars(known.buying_power),
        buying_power=mapping.dollars(known.buying_power),
        open_orders=mapping.dollars(known.open_orders),
        margin_requirement=mapping.dollars(known.locked),
        unsettled_funds=Decimal(0),
        update_time=from_ns(entries[-1].time) if entries else None,
    )


def _entries(asked: Asked) -> list[t.PositionEntry]:
    query = asked.query
    found = asked.world.exchange.position_entries(
        firm_account(asked, query["account"]), query.get("symbol", "")
    )
    first, last = period(query)
    return [each for each in found if first <= each.time <= last]


@handles("PositionAPI_GetPositionLedger")
def get_ledger(asked: Asked) -> m.GetPositionLedgerResponse:
    """List the changes of positions, oldest first unless asked otherwise."""
    query = asked.query
    cut = page(
        _entries(asked),
        lambda each: each.sequence,
        size=page_size(query),
        token=query.get("page_token", ""),
        scope=scope_of("position-ledger", {k: str(v) for k, v in query.items() if not k.startswith("page_")}),
        newest_first=query.get("newest_first", False),
    )
    return m.GetPositionLedgerResponse(
        entries=[mapping.position_entry(each) for each in cut.items], next_page_token=cut.token, eof=cut.eof
    )


@handles("PositionAPI_DownloadPositionLedger")
def download_ledger(asked: Asked) -> Iterator[m.DownloadPositionLedgerLine]:
    """Stream the position ledger as CSV."""
    page_size(asked.query)
    entries: Sequence[t.PositionEntry] = _entries(asked)
    rows = [
        [
            each.id,
            each.account,
            each.symbol,
            each.quantity_change,
            each.cost_change,
            each.realized_change,
            each.net,
            each.cost,
            each.realized,
            from_ns(each.time).isoformat(),
            each.description,
        ]
        for each in (reversed(entries) if asked.query.get("newest_first") else entries)
    ]
    for text in chunks(_LEDGER, rows):
        data = base64.b64encode(text.encode()).decode()
        yield m.DownloadPositionLedgerLine(result=m.DownloadPositionLedgerResponse(data=data))
