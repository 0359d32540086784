"""Price-time priority over both outcomes: what an order meets, and the trades that come of it."""

from __future__ import annotations

from typing import NamedTuple

from .core import Core, Leg, trade_id_of
from .enums import OrderStatus, OrderStep, Side
from .market import Market, mirrored
from .pricing import buyer_pays, claim_of, cost, platform_fee, round_half_up, share
from .records import MakerFill, Order, PricePoint, Trade
from .units import ONE
from .wallet import COLLATERAL

__all__ = ["Fill", "Plan", "execute", "make_plan"]


class Fill(NamedTuple):
    """What an arriving order would take of one resting order."""

    maker: Order
    shares: int
    price: int
    """In the taker's outcome."""
    taker_amount: int
    """Collateral the taker pays or receives."""
    maker_amount: int
    """Collateral the maker pays or receives."""


class Plan(NamedTuple):
    """What an arriving order would do now."""

    fills: list[Fill]
    complete: bool
    """Whether nothing of the order is left."""
    fee: int
    builder_fee: int


def make_plan(market: Market, order: Order) -> Plan:
    """Find what an order matches now, in priority, with its fees."""
    by_amount = order.side is Side.BUY and not order.type.rests
    fills, left = (_by_amount if by_amount else _by_shares)(market, order)
    fee = builder_fee = 0
    for chunk in _chunks(market, fills):
        charged = _fees(market, order, chunk)
        fee += charged[0]
        builder_fee += charged[1]
    return Plan(fills, not left, fee, builder_fee)


def _by_shares(market: Market, order: Order) -> tuple[list[Fill], int]:
    """Fill up to the shares that remain; returns also how many are left."""
    fills: list[Fill] = []
    left, outcome, buys = order.remaining, order.outcome, order.side is Side.BUY
    facing = market.facing(order)
    floor = facing.sign * mirrored(outcome, order.price)
    for key in reversed(facing.keys):
        if key < floor:
            break
        level = facing.levels[facing.sign * key]
        price = mirrored(outcome, level.price)
        for maker in level.orders.values():
            shares = min(maker.remaining, left)
            if buys:
                paid = min(cost(shares, price), buyer_pays(order, left, shares))
            else:
                paid = shares * price // ONE
            fills.append(Fill(maker, shares, price, paid, _counter(maker, outcome, shares, paid)))
            left -= shares
            if not left:
                return fills, 0
    return fills, left


def _by_amount(market: Market, order: Order) -> tuple[list[Fill], int]:
    """Spend up to the collateral offered; returns also how much of it is left."""
    fills: list[Fill] = []
    left, outcome = order.maker_amount, order.outcome
    facing = market.facing(order)
    floor = facing.sign * mirrored(outcome, order.price)
    for key in reversed(facing.keys):
        if key < floor:
            break
        level = facing.levels[facing.sign * key]
        price = mirrored(outcome, level.price)
        for maker in level.orders.values():
            shares = min(maker.remaining, left * ONE // price)
            paid = cost(shares, price)
            fills.append(Fill(maker, shares, price, paid, _counter(maker, outcome, shares, paid)))
            left -= paid
            if not left:
                return fills, 0
    return fills, left


def _counter(maker: Order, outcome: int, shares: int, paid: int) -> int:
    """Return the maker's side of what a taker pays or receives.

    In the same outcome one pays the other. In opposite ones both pay for sets that are minted,
    or share what merged sets give back: a share of each outcome is one unit of collateral.
    """
    return paid if maker.outcome == outcome else shares - paid


def _chunks(market: Market, fills: list[Fill]) -> list[list[Fill]]:
    """Cut fills into what one transaction settles."""
    size = market.terms.makers_per_trade or len(fills)
    return [fills[start : start + size] for start in range(0, len(fills), size or 1)]


def _fees(market: Market, order: Order, fills: list[Fill]) -> tuple[int, int]:
    """Return platform and builder fee of a taker for the fills of one trade."""
    amount = sum(fill.taker_amount for fill in fills)
    fee = platform_fee(market.terms.fees, [(fill.shares, fill.price) for fill in fills])
    builder_fee = share(amount, order.taker_bps)
    if order.side is Side.SELL:
        # a fee is taken off the proceeds, and is never more than they are
        fee = min(fee, amount)
        builder_fee = min(builder_fee, amount - fee)
    return fee, builder_fee


# -- carrying it out -------------------------------------------------------------------------------


def execute(core: Core, market: Market, order: Order, plan: Plan) -> None:
    """Turn planned fills into trades; what remains of the order is the caller's."""
    chunks = _chunks(market, plan.fills)
    for bucket, fills in enumerate(chunks):
        if bucket == len(chunks) - 1 and (plan.complete or not order.type.rests):
            order.status = OrderStatus.MATCHED
        _trade(core, market, order, fills, bucket)


def _trade(core: Core, market: Market, order: Order, fills: list[Fill], bucket: int) -> None:
    """Record one trade: fees, what it will move, the orders, statistics, events."""
    sequence = core.count("trade")
    trade_id = trade_id_of(sequence)
    fee, builder_fee = _fees(market, order, fills)
    makers = tuple(_make(fill) for fill in fills)
    size, amount = sum(fill.shares for fill in fills), sum(fill.taker_amount for fill in fills)
    trade = Trade(
        id=trade_id,
        sequence=sequence,
        condition_id=order.condition_id,
        token_id=order.token_id,
        outcome=order.outcome,
        side=order.side,
        taker_order_id=order.id,
        owner=order.owner,
        wallet=order.wallet,
        size=size,
        amount=amount,
        price=round_half_up(amount * ONE, size),
        fee=fee,
        fee_rate=market.terms.fees.rate,
        builder=order.builder,
        builder_fee=builder_fee,
        makers=makers,
        match_time=core.now,
        last_update=core.now,
        bucket_index=bucket,
        tags=order.tags,
    )
    _file(core, market, trade)
    _pledge(core, market, trade)
    _fill(order, trade_id, size, amount, fee, builder_fee)
    core.events.append(trade)
    core.report(order, OrderStep.UPDATE, trade_id)
    for fill, made in zip(fills, makers, strict=True):
        _fill_maker(core, market, fill, made, trade)
    _count(market, trade, fills)


def _make(fill: Fill) -> MakerFill:
    """Describe one maker's part, its builder's fee included."""
    maker = fill.maker
    fee = share(fill.maker_amount, maker.maker_bps)
    if maker.side is Side.SELL:
        fee = min(fee, fill.maker_amount)
    else:
        kept = claim_of(maker, maker.remaining) - claim_of(maker, maker.remaining - fill.shares)
        fee = min(fee, kept - fill.maker_amount)
    return MakerFill(
        order_id=maker.id,
        owner=maker.owner,
        wallet=maker.wallet,
        token_id=maker.token_id,
        outcome=maker.outcome,
        side=maker.side,
        price=maker.price,
        matched=fill.shares,
        amount=fill.maker_amount,
        builder=maker.builder,
        builder_fee=fee,
        tags=maker.tags,
    )


def _file(core: Core, market: Market, trade: Trade) -> None:
    """Keep a trade where everybody concerned finds it."""
    core.trades[trade.id] = trade
    market.trades.append(trade.id)
    parties = trade.parties
    for wallet in dict.fromkeys(party.wallet for party in parties):
        core.wallet(wallet).trades.append(trade.id)
    for owner in dict.fromkeys(party.owner for party in parties):
        core.owner_trades.setdefault(owner, []).append(trade.id)
    for builder in dict.fromkeys(party.builder for party in parties if party.builder):
        core.builder_trades.setdefault(builder, []).append(trade.id)


def _pledge(core: Core, market: Market, trade: Trade) -> None:
    """Note what the trade will move once it is mined; nothing is spendable before."""
    fees = trade.fee + trade.builder_fee
    legs = list(_legs(trade.wallet, trade.side, trade.token_id, trade.size, trade.amount, fees))
    for made in trade.makers:
        legs += _legs(made.wallet, made.side, made.token_id, made.matched, made.amount, made.builder_fee)
    # who pays comes first: a wallet that trades with itself never goes below zero
    legs.sort(key=lambda leg: leg[2] > 0)
    core.legs[trade.id] = tuple(legs)
    for wallet_name, asset_name, change in legs:
        wallet = core.wallet(wallet_name)
        asset = wallet.asset(asset_name)
        if change > 0:
            asset.incoming += change
            continue
        asset.matched -= change
        if asset_name == COLLATERAL:
            for spender in market.terms.spenders:
                wallet.claims_on(spender).matched -= change


def _legs(wallet: str, side: Side, token_id: str, shares: int, amount: int, fees: int) -> tuple[Leg, Leg]:
    """Return what one party gives and gets."""
    if side is Side.BUY:
        return (wallet, COLLATERAL, -amount - fees), (wallet, token_id, shares)
    return (wallet, token_id, -shares), (wallet, COLLATERAL, amount - fees)


def _fill(order: Order, trade_id: str, shares: int, amount: int, fee: int, builder_fee: int) -> None:
    """Add a trade to an order."""
    order.remaining = max(0, order.remaining - shares)
    order.matched += shares
    order.spent += amount
    order.fee += fee
    order.builder_fee += builder_fee
    order.trades = (*order.trades, trade_id)


def _fill_maker(core: Core, market: Market, fill: Fill, made: MakerFill, trade: Trade) -> None:
    """Add a trade to a resting order, its level and what it keeps."""
    maker = fill.maker
    price = mirrored(maker.outcome, maker.price)
    ladder = market.ladder(maker)
    _fill(maker, trade.id, fill.shares, fill.maker_amount, 0, made.builder_fee)
    if maker.remaining:
        ladder.lower(price, fill.shares)
        core.claim(market, maker, claim_of(maker, maker.remaining))
    else:
        ladder.drop(price, maker.id, fill.shares)
        maker.status = OrderStatus.MATCHED
        core.forget(market, maker)
    core.level_changed(market, maker, trade.taker_order_id)
    core.report(maker, OrderStep.UPDATE, trade.id)


def _count(market: Market, trade: Trade, fills: list[Fill]) -> None:
    """Add a trade to what the market has traded."""
    statistics = market.statistics
    statistics.trades += 1
    statistics.volume += trade.size
    statistics.notional += trade.amount
    statistics.last_price = mirrored(trade.outcome, fills[-1].price)
    statistics.last_side, statistics.last_outcome = trade.side, trade.outcome
    statistics.last_size = trade.size
    statistics.last_time = trade.match_time
    statistics.last_trade_id = trade.id
    for fill in fills:
        price = mirrored(trade.outcome, fill.price)
        market.points.append(PricePoint(trade.match_time, price, fill.shares))
