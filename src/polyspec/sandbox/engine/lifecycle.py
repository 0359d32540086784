"""Markets through their states, settlement, trades after the fact, and the passing of time."""

from __future__ import annotations

import heapq

from .auction import uncross
from .commands import AddMarket, SetFees, SetMarketState, SetReferencePrice, Settle, SetTradeState
from .core import Cause, Core, Refused
from .enums import AccountKind, LedgerEntryType, MarketState, Side, TimeInForce, TradeState
from .fees import FeeModel
from .ledger import CLEARING, FEES, Account
from .market import Market
from .matching import expire
from .money import DOLLAR, notional_to_money
from .records import MarketChange, MarketDefinition, MarketSettled, Trade
from .rules import check_price
from .waiting import settle_in

__all__ = [
    "add_market",
    "expire_due",
    "set_fees",
    "set_market_state",
    "set_reference_price",
    "set_trade_state",
    "settle",
]


def add_market(core: Core, command: AddMarket) -> None:
    """List a market whose terms make sense."""
    definition = command.market
    if definition.symbol in core.markets:
        raise Refused(f"Instrument {definition.symbol} exists")
    _check_terms(definition)
    core.markets[definition.symbol] = Market(definition, command.state)
    change = MarketChange(symbol=definition.symbol, state=command.state, previous=None, time=core.now)
    core.events.append(change)


def _check_terms(definition: MarketDefinition) -> None:
    """Refuse terms the arithmetic or the order rules cannot work with."""
    scales = definition.price_scale * definition.quantity_scale
    if definition.price_scale < 1 or definition.quantity_scale < 1 or DOLLAR % scales:
        raise Refused("The scales must divide 10^8")
    if not 0 < definition.price_low <= definition.price_high < definition.payout:
        raise Refused("Price limits must lie between zero and the payout")
    if (
        definition.tick < 1
        or definition.price_low % definition.tick
        or definition.price_high % definition.tick
    ):
        raise Refused("Price limits must be multiples of the tick size")
    if definition.min_quantity < 1:
        raise Refused("The minimum quantity must be positive")
    if definition.reference_price is not None:
        check_price(definition, definition.reference_price)


def set_reference_price(core: Core, command: SetReferencePrice) -> None:
    """Set the price market orders fall back on."""
    market = _market(core, command.symbol)
    check_price(market.definition, command.price)
    market.reference_price = command.price


def set_fees(core: Core, command: SetFees) -> None:
    """Charge later fills by another schedule and re-reserve the open orders' fees."""
    market = _market(core, command.symbol)
    market.schedule = command.fees
    market.fees = FeeModel(market.definition, command.fees)
    for name, account in core.accounts.items():
        exposure = account.exposures.get(command.symbol)
        if exposure is not None:
            exposure.revalue(market.fees)
            core.touched[name] = None


def _market(core: Core, symbol: str) -> Market:
    market = core.markets.get(symbol)
    if market is None:
        raise Refused(f"Instrument Unavailable: {symbol}")
    return market


# -- states --------------------------------------------------------------------------------------


def set_market_state(core: Core, command: SetMarketState) -> None:
    """Move a market, with what leaving one state and entering the other brings."""
    market = _market(core, command.symbol)
    previous, state = market.state, command.state
    if previous is MarketState.TERMINATED or (previous is MarketState.EXPIRED and not state.is_final):
        raise Refused(f"Instrument {command.symbol} is {previous}")
    if state is MarketState.TERMINATED and market.statistics.open_interest:
        raise Refused(f"Instrument {command.symbol} has open positions; settle it first")
    if previous is MarketState.MATCH_AND_CLOSE_AUCTION and state is not previous:
        uncross(core, market)
    market.state = state
    if state is not previous:
        change = MarketChange(symbol=command.symbol, state=state, previous=previous, time=core.now)
        core.events.append(change)
    if state is MarketState.OPEN:
        # The book is crossed after a call phase, however the market got here from it.
        uncross(core, market)
        settle_in(core, market)
    elif state is MarketState.CLOSED:
        market.statistics.close_price = market.statistics.last_price
        _expire_orders(core, market, day_only=True)
    elif state.is_final:
        _expire_orders(core, market, day_only=False)


def _expire_orders(core: Core, market: Market, *, day_only: bool) -> None:
    """End the market's open orders, or those for the day."""
    for order in list(market.open_orders.values()):
        if not day_only or order.time_in_force is TimeInForce.DAY:
            expire(core, market, order)


def expire_due(core: Core) -> None:
    """End the orders whose time has come."""
    heap = core.expiries
    while heap and heap[0][0] <= core.now:
        time, _, order_id = heapq.heappop(heap)
        order = core.orders[order_id]
        # A replaced order left its former time behind.
        if order.state.is_open and order.good_till == time:
            expire(core, core.markets[order.symbol], order)


# -- settlement ----------------------------------------------------------------------------------


def settle(core: Core, command: Settle) -> None:
    """Fix the payout; if final, expire the orders, pay every position and close it."""
    market = _market(core, command.symbol)
    statistics, definition = market.statistics, market.definition
    if not 0 <= command.price <= definition.payout:
        raise Refused("Settlement price must lie between zero and the payout")
    if statistics.settlement_price is not None and not statistics.settlement_preliminary:
        raise Refused(f"Instrument {command.symbol} is settled")
    statistics.settlement_price = command.price
    statistics.settlement_preliminary = command.preliminary
    statistics.settlement_method = command.method
    statistics.settlement_text = command.text
    statistics.settlement_time = core.now
    core.events.append(
        MarketSettled(
            symbol=command.symbol, price=command.price, preliminary=command.preliminary, time=core.now
        )
    )
    if command.preliminary:
        return
    if not market.state.is_final:
        set_market_state(core, SetMarketState(symbol=command.symbol, state=MarketState.EXPIRED))
    _pay_out(core, market, command.price)


def _pay_out(core: Core, market: Market, price: int) -> None:
    """Collect from the short accounts, then pay the long ones."""
    symbol = market.definition.symbol
    holders = [
        (account, account.positions[symbol])
        for account in core.accounts.values()
        if symbol in account.positions and account.positions[symbol].net
    ]
    cause = Cause("Resolution", symbol)
    for account, position in sorted(holders, key=lambda held: held[1].net > 0):
        net = position.net
        core.move(account.name, market, -net, price, cause, (0, 0))
        amount = notional_to_money(market.definition, abs(net) * price)
        source, target = (CLEARING, account.name) if net > 0 else (account.name, CLEARING)
        core.post(source, target, amount, LedgerEntryType.RESOLUTION, cause)
    for account in core.accounts.values():
        if symbol in account.positions:
            account.positions[symbol].settled = True


# -- trades after the fact -----------------------------------------------------------------------


def set_trade_state(core: Core, command: SetTradeState) -> None:
    """Clear a trade or bust it; a busted trade stays busted."""
    trade = core.trades.get(command.trade_id)
    if trade is None:
        raise Refused(f"Unknown trade: {command.trade_id}")
    if trade.state is TradeState.BUSTED or command.state is TradeState.NEW:
        raise Refused(f"Trade is {trade.state}")
    if command.state is TradeState.BUSTED:
        _bust(core, trade)
    changed = Trade(
        id=trade.id,
        symbol=trade.symbol,
        price=trade.price,
        quantity=trade.quantity,
        time=trade.time,
        aggressor=trade.aggressor,
        passive=trade.passive,
        type=trade.type,
        state=command.state,
        text=command.text,
    )
    core.trades[trade.id] = changed
    core.events.append(changed)


def _bust(core: Core, trade: Trade) -> None:
    """Undo a trade's money, fees and positions; refused if an account could not give them back."""
    market = core.markets[trade.symbol]
    if market.state.is_final:
        raise Refused(f"Instrument {trade.symbol} is {market.state}")
    for execution in (trade.aggressor, trade.passive):
        account = core.accounts[execution.order.account]
        if account.kind is AccountKind.CUSTOMER and _after_bust(account, market, trade) < 0:
            raise Refused(f"Busting would leave {account.name} without funds")
    sides = (trade.aggressor, trade.passive)
    buy = sides[0] if sides[0].order.side is Side.BUY else sides[1]
    sell = sides[1] if buy is sides[0] else sides[0]
    notional = notional_to_money(market.definition, trade.price * trade.quantity)
    cause = Cause("Trade bust", trade.symbol, trade.id)
    for source, target, amount in (
        (sell.order.account, buy.order.account, notional),
        (FEES, buy.order.account, buy.commission),
        (FEES, sell.order.account, sell.commission),
    ):
        payer, payee = (source, target) if amount > 0 else (target, source)
        core.post(payer, payee, abs(amount), LedgerEntryType.CORRECTION, cause)
    quantity, price = trade.quantity, trade.price
    core.move(buy.order.account, market, -quantity, price, cause, (-quantity, 0))
    core.move(sell.order.account, market, quantity, price, cause, (0, -quantity))
    market.statistics.volume -= trade.quantity
    market.statistics.notional -= trade.price * trade.quantity
    market.statistics.trade_count -= 1


def _after_bust(account: Account, market: Market, trade: Trade) -> int:
    """Return the buying power an account would have after a bust."""
    net = account.position(trade.symbol).net
    cash = account.cash
    change = 0
    for execution in (trade.aggressor, trade.passive):
        if execution.order.account == account.name:
            sign = 1 if execution.order.side is Side.BUY else -1
            cash += sign * notional_to_money(market.definition, trade.price * trade.quantity)
            cash += execution.commission
            change -= sign * trade.quantity
    locked = max(0, -(net + change)) - max(0, -net)
    return cash - account.locked - notional_to_money(market.definition, locked * market.definition.payout)
