"""Arrival of an order at a book: its price, what it takes, what it may not, and what remains."""

from __future__ import annotations

from .book import Sweep
from .core import Cause, Core, Refused, Step
from .enums import (
    AccountKind,
    ExecutionType,
    LedgerEntryType,
    MarketState,
    OrderState,
    OrderType,
    SelfMatchInstruction,
    Side,
    TimeInForce,
    TradeType,
    UnsolicitedCancelReason,
)
from .ledger import FEES
from .market import Market
from .money import money_text, notional_to_money
from .records import Execution, Order, Trade
from .rules import check_price, check_size

__all__ = ["SELF_MATCH", "arrive", "cancel", "check_funds", "expire", "fill", "plan"]

SELF_MATCH = "Self Match Prevention"
_NO_REFERENCE = (
    "failed risk check: rpc error: code = FailedPrecondition desc = No last trade when open, "
    "trading reference price, settlement price, or previous close is available to evaluate reference price"
)
_NO_CASH_FILL = (
    "There is no liquidity to immediately fill any portion of this CashOrderQty order, "
    "and the order cannot rest as a limit order because the order qty would be 0 "
    "at the current fallback price"
)


# -- before anything happens ---------------------------------------------------------------------


def plan(core: Core, market: Market, order: Order, *, without: str = "", priced: bool = False) -> Sweep:
    """Price an arriving order and find what it would take; raise Refused if it may not.

    Changes nothing but the order given. `without` names the open order it replaces or already
    is; `priced` says that its limit and quantity are settled and not to be derived again.
    """
    sweep = _look_at_limit(market, order) if priced else _look(market, order)
    check_price(market.definition, order.price)
    check_size(market.definition, order.quantity, order.price)
    if order.post_only and sweep.fills:
        raise Refused("Order may participate but not initiate in the market")
    _check_strict(market, order)
    if sweep.own and order.self_match_instruction in (None, SelfMatchInstruction.REJECT_AGGRESSOR):
        raise Refused(SELF_MATCH)
    check_funds(core, market, order, without=without)
    return sweep


def _look(market: Market, order: Order) -> Sweep:
    """Derive the limit of an order and its quantity, and sweep the other side."""
    if order.type is OrderType.MARKET_TO_LIMIT:
        return _look_at_market(market, order)
    if order.best_limit or order.immediately_executable_limit:
        best = (market.side(order.side) if order.best_limit else market.facing(order.side)).best()
        if best is None:
            raise Refused("No liquidity to derive limit price")
        order.price = best
    if not order.cash_quantity:
        return _look_at_limit(market, order)
    check_price(market.definition, order.price)
    return _look_with_cash(market, order, order.price, order.price)


def _look_at_limit(market: Market, order: Order) -> Sweep:
    """Sweep up to the order's own limit, unless nothing matches for now."""
    if market.state is not MarketState.OPEN:
        return Sweep()
    return market.facing(order.side).sweep(order, order.price, order.leaves)


def _look_at_market(market: Market, order: Order) -> Sweep:
    """Sweep without a limit; the worst fill price becomes the limit, failing one the fallback."""
    fallback = market.fallback_price()
    if fallback is None:
        raise Refused(_NO_REFERENCE)
    if order.cash_quantity:
        return _look_with_cash(market, order, None, fallback)
    sweep = market.facing(order.side).sweep(order, None, order.leaves)
    order.price = fallback if sweep.worst is None else sweep.worst
    return sweep


def _look_with_cash(market: Market, order: Order, limit: int | None, fallback: int) -> Sweep:
    """Turn the dollars of an order into its quantity: what they buy now and then at the limit."""
    payout = market.definition.payout
    budget = order.cash_quantity * market.definition.quantity_scale
    sweep = market.facing(order.side).sweep_budget(order, limit, budget, payout)
    if limit is not None:
        order.price = limit
    else:
        order.price = fallback if sweep.worst is None else sweep.worst
    unit = order.price if order.side is Side.BUY else payout - order.price
    order.quantity = order.leaves = sweep.quantity + max(0, budget - sweep.spent) // unit
    if not order.quantity:
        raise Refused(_NO_CASH_FILL)
    return sweep


def _check_strict(market: Market, order: Order) -> None:
    """Refuse a strict limit that could only fill at better than its price."""
    if not order.strict_limit or market.state is not MarketState.OPEN:
        return
    best = market.facing(order.side).best()
    if best is not None and (best < order.price if order.side is Side.BUY else best > order.price):
        raise Refused("Strict limit order would execute at a better price")


def check_funds(core: Core, market: Market, order: Order, *, without: str = "") -> None:
    """Refuse an order its account could not pay for if all its orders in the market filled."""
    account = core.accounts[order.account]
    if account.kind is AccountKind.HOUSE:
        return
    exposure = core.exposure(order.account, market, keep=False)
    requested = exposure.requirement(order.side, order, without)
    if requested > account.buying_power:
        raise Refused(
            f"{money_text(account.buying_power)} {market.definition.currency} available, "
            f"requested {money_text(requested)}"
        )


# -- the arrival ---------------------------------------------------------------------------------


def arrive(core: Core, market: Market, order: Order, sweep: Sweep) -> None:
    """Let an accepted order trade what was planned and rest, lapse or wait with what remains."""
    if sweep.own:
        _prevent_self_match(core, market, order, sweep)
        if not order.state.is_open:
            return
    if market.state is not MarketState.OPEN:
        _rest(core, market, order)
        return
    if order.time_in_force is TimeInForce.FILL_OR_KILL and sweep.quantity < order.leaves:
        expire(core, market, order)
        return
    if sweep.quantity < order.min_quantity:
        cancel(core, market, order, text="Minimum quantity is not available")
        return
    if order.all_or_none and sweep.quantity < order.leaves:
        _hold(core, market, order)
        return
    for resting, quantity in sweep.fills:
        fill(core, market, order, resting, quantity, resting.price)
    if order.leaves:
        _rest(core, market, order)


def _prevent_self_match(core: Core, market: Market, order: Order, sweep: Sweep) -> None:
    """Carry out the arriving order's instruction on its own resting orders."""
    both = order.self_match_instruction is SelfMatchInstruction.REMOVE_BOTH
    for resting in sweep.own[:1] if both else sweep.own:
        cancel(core, market, resting, text=SELF_MATCH, unsolicited=UnsolicitedCancelReason.OTHER)
    if both:
        cancel(core, market, order, text=SELF_MATCH, unsolicited=UnsolicitedCancelReason.OTHER)


def _rest(core: Core, market: Market, order: Order) -> None:
    """Queue what is left, unless it was to trade at once."""
    if order.time_in_force in (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL):
        expire(core, market, order)
        return
    market.side(order.side).add(order)
    core.exposure(order.account, market).put(order)
    core.book_changed(market)


def _hold(core: Core, market: Market, order: Order) -> None:
    """Keep an all-or-none order aside until it can fill at once."""
    if order.time_in_force is TimeInForce.IMMEDIATE_OR_CANCEL:
        expire(core, market, order)
        return
    market.held[order.id] = order
    core.exposure(order.account, market).put(order)


def cancel(
    core: Core,
    market: Market,
    order: Order,
    *,
    text: str = "",
    unsolicited: UnsolicitedCancelReason | None = None,
) -> None:
    """End an open order and say so."""
    core.close(market, order, OrderState.CANCELED)
    core.execute(order, ExecutionType.CANCELED, text=text, unsolicited=unsolicited)


def expire(core: Core, market: Market, order: Order, *, text: str = "") -> None:
    """End an open order whose time is over."""
    core.close(market, order, OrderState.EXPIRED)
    core.execute(order, ExecutionType.EXPIRED, text=text)


# -- fills ---------------------------------------------------------------------------------------


def fill(
    core: Core,
    market: Market,
    aggressor: Order,
    passive: Order,
    quantity: int,
    price: int,
    kind: TradeType = TradeType.REGULAR,
) -> None:
    """Trade two orders with each other: money, contracts, fees, executions, statistics."""
    trade_id = f"1HT{core.count('trade'):010d}"
    symbol = market.definition.symbol
    buyer, seller = (aggressor, passive) if aggressor.side is Side.BUY else (passive, aggressor)
    cause = Cause("Trade fill", symbol, trade_id)
    notional = notional_to_money(market.definition, price * quantity)
    kind_of_entry, orders = LedgerEntryType.ORDER_EXECUTION, (buyer.id, seller.id)
    core.post(buyer.account, seller.account, notional, kind_of_entry, cause, orders)
    core.move(buyer.account, market, quantity, price, cause, (quantity, 0))
    core.move(seller.account, market, -quantity, price, cause, (0, quantity))
    took = _fill_order(core, market, aggressor, quantity, price, trade_id, taker=True)
    made = _fill_order(core, market, passive, quantity, price, trade_id, taker=False)
    trade = Trade(
        id=trade_id,
        symbol=symbol,
        price=price,
        quantity=quantity,
        time=core.now,
        aggressor=took,
        passive=made,
        type=kind,
    )
    core.trades[trade_id] = trade
    core.account_trades.setdefault(aggressor.account, []).append(trade_id)
    if passive.account != aggressor.account:
        core.account_trades.setdefault(passive.account, []).append(trade_id)
    core.events.append(trade)
    _count_trade(market, price, quantity)


def _fill_order(
    core: Core, market: Market, order: Order, quantity: int, price: int, trade_id: str, *, taker: bool
) -> Execution:
    """Fill one side: fee, book, order and execution."""
    fee = market.fees.charge(order, price, quantity, taker=taker)
    _collect(core, market, order, fee.commission, trade_id)
    resting = _take_off_book(core, market, order, quantity)
    filled = order.price_to_quantity_filled
    # Executions share the dict of the order they copied, so it is never changed in place.
    order.price_to_quantity_filled = {**filled, price: filled.get(price, 0) + quantity}
    order.fee_exact += fee.exact
    order.fee_charged += fee.cents
    order.commission += fee.commission
    order.leaves -= quantity
    order.filled += quantity
    order.filled_notional += quantity * price
    order.last_trade_id = trade_id
    if order.leaves:
        order.state = OrderState.PARTIALLY_FILLED
        if resting:
            core.exposure(order.account, market).put(order)
    else:
        order.state = OrderState.FILLED
        market.held.pop(order.id, None)
        core.forget(market, order)
    kind = ExecutionType.PARTIAL_FILL if order.leaves else ExecutionType.FILL
    return core.execute(order, kind, Step(price, quantity, fee.commission, trade_id, aggressor=taker))


def _take_off_book(core: Core, market: Market, order: Order, quantity: int) -> bool:
    """Lower a resting order's part of the book; tells whether it rests."""
    side = market.side(order.side)
    level = side.levels.get(order.price)
    if level is None or order.id not in level.orders:
        return False
    side.reduce(order, quantity)
    core.book_changed(market)
    return True


def _collect(core: Core, market: Market, order: Order, commission: int, trade_id: str) -> None:
    """Post a fee to the exchange, or a rebate from it."""
    payer, payee, text = order.account, FEES, "Commission"
    if commission < 0:
        payer, payee, text = FEES, order.account, "Commission rebate"
    cause = Cause(text, market.definition.symbol, trade_id)
    core.post(payer, payee, abs(commission), LedgerEntryType.COMMISSION, cause, (order.id, order.id))


def _count_trade(market: Market, price: int, quantity: int) -> None:
    """Add a trade to the market's statistics."""
    statistics = market.statistics
    if statistics.open_price is None:
        statistics.open_price = price
    high, low = statistics.high_price, statistics.low_price
    statistics.high_price = price if high is None else max(high, price)
    statistics.low_price = price if low is None else min(low, price)
    statistics.last_price = price
    statistics.last_quantity = quantity
    statistics.volume += quantity
    statistics.notional += quantity * price
    statistics.trade_count += 1
