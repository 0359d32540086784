"""Engine records in the venue's words: orders, executions, trades, positions, ledger entries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from polyspec_wire.us_exchange import models as m

from polyspec.core.scales import scale_of
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.engine.money import DOLLAR, money_to_notional
from polyspec.sandbox.http.clock import from_ns
from polyspec.sandbox.us.eastern import trade_date
from polyspec.sandbox.us.entry import RFQ_TAG, Pending

if TYPE_CHECKING:
    from polyspec.sandbox.us.world import World

__all__ = [
    "any_order",
    "balance_entry",
    "dollars",
    "execution",
    "is_from_rfq",
    "order",
    "pending_order",
    "position_entry",
    "trade",
    "wire_date",
]


def dollars(money: int) -> Decimal:
    """Return engine money as dollars with at least cents."""
    value = scale_of(DOLLAR).from_wire(money)
    return value.quantize(Decimal("0.01")) if money % (DOLLAR // 100) == 0 else value.normalize()


def wire_date(day: dt.date) -> m.Date:
    """Return a day as the venue's Date message."""
    return m.Date(year=day.year, month=day.month, day=day.day)


def _moment(moment_ns: int | None) -> dt.datetime | None:
    return None if moment_ns is None else from_ns(moment_ns)


def _scales(world: World, symbol: str) -> tuple[int, int]:
    market = world.exchange.market(symbol)
    return (market.price_scale, market.quantity_scale) if market is not None else (0, 0)


def order(world: World, placed: t.Order) -> m.Order:
    """Return an order of the engine."""
    price_scale, quantity_scale = _scales(world, placed.symbol)
    market = world.exchange.market(placed.symbol)
    tags = placed.tags
    instruction = placed.self_match_instruction
    return m.Order(
        id=placed.id,
        type=m.OrderType[placed.type.name],
        side=m.Side[placed.side.name],
        order_qty=placed.quantity,
        symbol=placed.symbol,
        clord_id=placed.client_order_id,
        time_in_force=m.TimeInForce[placed.time_in_force.name],
        account=placed.account,
        cum_qty=placed.filled,
        avg_px=placed.average_price,
        leaves_qty=placed.leaves,
        state=m.OrderState[placed.state.name],
        participant=placed.participant,
        price=placed.price,
        insert_time=_moment(placed.insert_time),
        stop_price=placed.stop_price,
        min_qty=placed.min_quantity,
        create_time=_moment(placed.create_time),
        all_or_none=placed.all_or_none,
        cross_id=placed.cross_id,
        submitting_participant=tags.get("submitting_participant", placed.participant),
        client_account_id=tags.get("client_account_id", ""),
        client_participant_id=tags.get("client_participant_id", ""),
        participate_dont_initiate=placed.post_only,
        cash_order_qty=placed.cash_quantity,
        strict_limit=placed.strict_limit,
        good_till_time=_moment(placed.good_till),
        best_limit=placed.best_limit,
        immediately_executable_limit=placed.immediately_executable_limit,
        last_trade_id=placed.last_trade_id,
        commission_notional_total_collected=0
        if market is None
        else money_to_notional(market, placed.commission),
        self_match_prevention_instruction=m.SelfMatchPreventionInstruction["UNDEFINED"]
        if instruction is None
        else m.SelfMatchPreventionInstruction[instruction.name],
        order_capacity=m.OrderCapacity(tags.get("order_capacity", m.OrderCapacity.UNDEFINED)),
        ignore_price_validity_checks="ignore_price_validity_checks" in tags,
        last_transact_time=_moment(placed.last_transact_time),
        price_scale=price_scale,
        fractional_quantity_scale=quantity_scale,
        price_to_quantity_filled=dict(placed.price_to_quantity_filled),
        manual_order_indicator=m.ManualOrderIndicator(
            tags.get("manual_order_indicator", m.ManualOrderIndicator.UNDEFINED)
        ),
    )


def pending_order(world: World, pending: Pending) -> m.Order:
    """Return an order that was acknowledged and not entered yet."""
    return msgspec.structs.replace(
        order(world, pending.order()),
        state=m.OrderState[pending.state],
        insert_time=None,
        last_transact_time=None,
    )


def any_order(world: World, placed: t.Order) -> m.Order:
    """Return an order of the engine or one that waits to be entered."""
    pending = world.entry.pending.get(placed.id)
    return order(world, placed) if pending is None else pending_order(world, pending)


def execution(world: World, done: t.Execution) -> m.Execution:
    """Return one step in an order's life."""
    market = world.exchange.market(done.order.symbol)
    reason, unsolicited = done.reject_reason, done.unsolicited_cancel_reason
    return m.Execution(
        id=done.id,
        order=order(world, done.order),
        last_shares=done.last_quantity,
        last_px=done.last_price,
        type=m.ExecutionType[done.type.name],
        text=done.text,
        order_reject_reason=m.OrdRejectReason[reason.name] if reason else m.OrdRejectReason.EXCHANGE_OPTION,
        transact_time=_moment(done.transact_time),
        trade_id=done.trade_id,
        aggressor=done.aggressor,
        commission_notional_collected=0 if market is None else money_to_notional(market, done.commission),
        unsolicited_cancel_reason=m.UnsolicitedCxlReason[unsolicited.name]
        if unsolicited
        else m.UnsolicitedCxlReason.UNDEFINED,
        transact_trade_date=wire_date(trade_date(done.transact_time)),
        block_trade_indicator=False,
    )


def is_from_rfq(made: t.Trade) -> bool:
    """Tell whether either side of a trade came from a request for quotes."""
    return RFQ_TAG in made.aggressor.order.tags or RFQ_TAG in made.passive.order.tags


def trade(world: World, made: t.Trade, viewer: str) -> m.Trade:
    """Return a trade as one of its participants sees it: the other side is left out."""
    kind = m.TradeType.REQUEST_FOR_QUOTE if is_from_rfq(made) else m.TradeType[made.type.name]
    return m.Trade(
        id=made.id,
        aggressor=execution(world, made.aggressor) if made.aggressor.order.participant == viewer else None,
        passive=execution(world, made.passive) if made.passive.order.participant == viewer else None,
        trade_type=kind,
        state=m.TradeState[made.state.name],
        text=made.text,
    )


def position_entry(entry: t.PositionEntry) -> m.PositionLedgerEntry:
    """Return one line of the position ledger."""
    return m.PositionLedgerEntry(
        id=entry.id,
        account=entry.account,
        symbol=entry.symbol,
        quantity_change=entry.quantity_change,
        cost_change=entry.cost_change,
        realized_change=entry.realized_change,
        net_position=entry.net,
        cost=entry.cost,
        realized=entry.realized,
        update_time=_moment(entry.time),
        update_business_date=trade_date(entry.time).isoformat(),
        description=entry.description,
    )


def balance_entry(entry: t.LedgerEntry) -> m.BalanceLedgerEntry:
    """Return one line of the balance ledger."""
    return m.BalanceLedgerEntry(
        id=entry.id,
        account=entry.account,
        currency="USD",
        before_balance=dollars(entry.before),
        after_balance=dollars(entry.after),
        description=entry.description,
        update_time=_moment(entry.time),
        entry_type=m.LedgerEntryType[entry.type.name],
        symbol=entry.symbol,
        update_business_date=trade_date(entry.time).isoformat(),
    )
