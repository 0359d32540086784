"""What differs between the streams that can be read on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import report

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.us.order_reading import Asked, read_all, read_executions
from polyspec.us.proto_words import moment_of, name_of, stamp

__all__ = [
    "BALANCE_LEDGER",
    "DROP_COPY",
    "FUNDING",
    "POSITION_CHANGES",
    "TRADE_CAPTURES",
    "Channel",
]

_PAGE: Final = 1000
Read = Callable[[Session, Mapping[str, Any], int], Flow[list[Any]]]


@frozen(eq=False)
class Channel:
    """One stream that can be read on."""

    stream: str
    """What it is called here."""
    service: str
    method: str
    items: str
    """The field of its messages that lists what happened."""
    name: Callable[[Any], str]
    """What tells one thing from every other; empty if nothing does."""
    key: Callable[[Any], str]
    """What it belongs to."""
    moment: Callable[[Any], int]
    """When it happened, by the venue's clock in nanoseconds; 0 if that is not told."""
    has_token: bool = True
    """Whether messages have a token to go on from; otherwise a moment does."""
    clock: str = ""
    """The field of its messages that says up to when everything was told."""
    slack: float = 30.0
    """Seconds by which reading goes on earlier than the moment of the last thing told: things are not always
    told in the order they happened in."""
    read: Read | None = None
    """Reads over REST what happened since a nanosecond."""


def _read_executions(session: Session, filters: Mapping[str, Any], since: int) -> Flow[list[Any]]:
    return read_executions(session, Asked(symbols=tuple(filters.get("symbols", ()))), since)


def _read_trades(session: Session, filters: Mapping[str, Any], since: int) -> Flow[list[Any]]:
    asked = Asked(symbols=tuple(filters.get("symbols", ())))
    body = wire.SearchTradesRequest(
        start_time=moment_of(since),
        symbol=asked.symbols[0] if len(asked.symbols) == 1 else "",
        page_size=_PAGE,
    )
    found: list[wire.Trade] = yield from read_all(session, report.search_trades(body))
    return [each for each in found if asked.follows(_symbol_of_trade(each))]


def _symbol_of_trade(trade: Any) -> str:
    sides = (each.order for each in (trade.aggressor, trade.passive) if each is not None)
    return next((order.symbol for order in sides if order is not None and order.symbol), "")


def _when_traded(trade: Any) -> int:
    return max(stamp(each, "transact_time") for each in (trade.aggressor, trade.passive))


def _name_of_change(change: Any) -> str:
    at, now = change.position, stamp(change, "change_time")
    return f"{at.account}/{at.symbol}/{now}/{at.net_position}/{at.qty_bought}/{at.qty_sold}/{at.realized}"


def _name_of_step(change: Any) -> str:
    moved = change.transaction
    name = moved.transaction_id or moved.funding_transaction_id
    return f"{name}/{name_of(moved, 'transaction_state')}" if name else ""


DROP_COPY: Final = Channel(
    "drop_copy",
    "DropCopyAPI",
    "CreateDropCopySubscription",
    "executions",
    name=lambda each: str(each.id),
    key=lambda each: str(each.order.symbol),
    moment=lambda each: stamp(each, "transact_time"),
    read=_read_executions,
)
TRADE_CAPTURES: Final = Channel(
    "trade_captures",
    "DropCopyAPI",
    "CreateTradeCaptureReportSubscription",
    "trade_capture_reports",
    name=lambda each: f"{each.id}/{name_of(each, 'state')}" if each.id else "",
    key=_symbol_of_trade,
    moment=_when_traded,
    read=_read_trades,
)
POSITION_CHANGES: Final = Channel(
    "position_changes",
    "DropCopyAPI",
    "CreatePositionChangeSubscription",
    "position_changes",
    name=_name_of_change,
    key=lambda each: str(each.position.symbol),
    moment=lambda each: stamp(each, "change_time"),
)
BALANCE_LEDGER: Final = Channel(
    "balance_ledger",
    "FundingAPI",
    "CreateBalanceLedgerSubscription",
    "entries",
    name=lambda each: str(each.id),
    key=lambda each: str(each.account),
    moment=lambda each: stamp(each, "update_time"),
    has_token=False,
    slack=5.0,
)
FUNDING: Final = Channel(
    "funding",
    "FundingAPI",
    "CreateFundingTransactionSubscription",
    "changes",
    name=_name_of_step,
    key=lambda each: str(each.transaction.account_id),
    moment=lambda each: stamp(each, "change_time"),
    has_token=False,
    clock="server_time",
    # the venue looks every 15 seconds
    slack=30.0,
)
