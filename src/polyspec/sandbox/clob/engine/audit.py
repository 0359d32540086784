"""Recounting the CLOB from its parts, and naming its state by a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from polyspec.sandbox.engine.book import Ladder

from .core import Core
from .enums import OrderStatus, Side, TradeStatus
from .market import Market, mirrored
from .pricing import claim_of
from .records import Order
from .units import ONE, UNLIMITED
from .wallet import COLLATERAL, Wallet

__all__ = ["audit", "check_totals", "state_hash"]


class InvariantError(AssertionError):
    """Books that do not add up."""


def _require(condition: bool, text: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not condition:
        raise InvariantError(text)


def check_totals(core: Core) -> None:
    """Compare running totals without walking wallets or orders; raises InvariantError."""
    _require(core.held == core.deposited, "collateral appeared or vanished")
    for condition_id, market in core.markets.items():
        first, second = market.supply
        if market.payouts is None:
            _require(first == second == market.backing, f"{condition_id}: shares are not backed")
            continue
        owed = first * market.payouts[0] + second * market.payouts[1]
        _require(market.backing * ONE == owed + market.dust, f"{condition_id}: payouts are not backed")


def audit(core: Core, *, history: bool = True) -> None:
    """Recount balances, claims and books; raises InvariantError.

    With history also every ledger entry, trade and order there ever was.
    """
    check_totals(core)
    collateral = sum(wallet.asset(COLLATERAL).balance for wallet in core.wallets.values())
    backing = sum(market.backing for market in core.markets.values())
    fees = core.fees + sum(core.builder_fees.values())
    _require(collateral + backing + fees == core.deposited, "collateral does not add up")
    for wallet in core.wallets.values():
        _audit_wallet(core, wallet)
    for market in core.markets.values():
        _audit_market(core, market)
    _audit_claims(core)
    _audit_pending(core)
    if history:
        _audit_fees(core)
        for order in core.orders.values():
            _audit_order(core, order)
        for wallet in core.wallets.values():
            _audit_entries(wallet)


def _audit_wallet(core: Core, wallet: Wallet) -> None:
    """Check that a wallet's means cover what is claimed of them."""
    name = wallet.name
    for asset_name, asset in wallet.assets.items():
        claimed = sum(core.claims[order_id] for order_id in asset.orders)
        _require(claimed == asset.active, f"{name}: claims on {asset_name!r} are off")
        _require(min(asset.balance, asset.matched, asset.incoming) >= 0, f"{name}: below zero")
        _require(asset.active + asset.matched <= asset.balance, f"{name}: orders without cover")
    for spender, claims in wallet.claims.items():
        allowed = wallet.allowances.get(spender, 0)
        covered = allowed == UNLIMITED or claims.active + claims.matched <= allowed
        _require(covered or not claims.active, f"{name}: orders beyond the allowance of {spender}")
        _require(min(claims.active, claims.matched) >= 0, f"{name}: negative claims on {spender}")


def _audit_market(core: Core, market: Market) -> None:
    """Check one market's book, open orders and outstanding shares."""
    name = market.terms.condition_id
    for outcome, token_id in enumerate(market.terms.token_ids):
        shares = sum(w.assets[token_id].balance for w in core.wallets.values() if token_id in w.assets)
        _require(shares == market.supply[outcome], f"{name}: shares of outcome {outcome} are off")
    bid, ask = market.bids.best(), market.asks.best()
    _require(bid is None or ask is None or bid < ask, f"{name}: the book is crossed")
    resting: set[str] = set()
    for ladder in (market.bids, market.asks):
        resting |= _audit_ladder(market, ladder)
    _require(not resting & set(market.held), f"{name}: a held order rests")
    _require(resting | set(market.held) == set(market.open_orders), f"{name}: open orders are off")
    _require(not resting or market.payouts is None, f"{name}: orders in a resolved market")


def _audit_ladder(market: Market, ladder: Ladder[Order]) -> set[str]:
    """Check one side of a book; returns the ids on it."""
    name = market.terms.condition_id
    _require(ladder.keys == sorted(ladder.sign * price for price in ladder.levels), f"{name}: stray prices")
    for level in ladder:
        orders = list(level.orders.values())
        _require(sum(o.remaining for o in orders) == level.quantity > 0, f"{name}: {level.price} is off")
        for order in orders:
            placed = mirrored(order.outcome, order.price), market.ladder(order)
            _require(placed == (level.price, ladder), f"{name}: {order.id} rests at the wrong price")
    return {order.id for order in ladder.orders()}


def _audit_claims(core: Core) -> None:
    """Check what each open order keeps, and that each owner's open orders are listed."""
    opened = {order.id for market in core.markets.values() for order in market.open_orders.values()}
    _require(opened == set(core.claims), "claims are not those of the open orders")
    listed = {order_id for orders in core.owner_open.values() for order_id in orders}
    _require(opened == listed, "owners' open orders are off")
    drawn: dict[tuple[str, str], int] = {}
    for order_id in opened:
        order = core.orders[order_id]
        market = core.markets[order.condition_id]
        if order_id not in market.held:
            kept = claim_of(order, order.remaining)
            _require(core.claims[order_id] == kept, f"{order_id}: does not keep what it needs")
        if order.side is Side.BUY:
            for spender in market.terms.spenders:
                key = order.wallet, spender
                drawn[key] = drawn.get(key, 0) + core.claims[order_id]
    for wallet in core.wallets.values():
        for spender, claims in wallet.claims.items():
            _require(
                claims.active == drawn.get((wallet.name, spender), 0), f"{wallet.name}: {spender} is off"
            )


def _audit_pending(core: Core) -> None:
    """Recount what unsettled trades take and bring."""
    pending: dict[tuple[str, str], list[int]] = {}
    spent: dict[tuple[str, str], int] = {}
    for trade_id, legs in core.legs.items():
        trade = core.trades[trade_id]
        _require(trade.status.is_pending, f"{trade_id}: settled, but pending")
        for owner, traded, change in legs:
            pending.setdefault((owner, traded), [0, 0])[change > 0] += abs(change)
            for spender in core.markets[trade.condition_id].terms.spenders:
                if change < 0 and traded == COLLATERAL:
                    spent[owner, spender] = spent.get((owner, spender), 0) - change
    for name, wallet in core.wallets.items():
        for asset_name, asset in wallet.assets.items():
            counted = pending.get((name, asset_name), [0, 0])
            _require([asset.matched, asset.incoming] == counted, f"{name}: pending {asset_name!r} is off")
        for spender, claims in wallet.claims.items():
            _require(claims.matched == spent.get((name, spender), 0), f"{name}: pending for {spender} is off")


def _audit_fees(core: Core) -> None:
    """Recount the fees of all trades that went through."""
    settled = [t for t in core.trades.values() if t.status in (TradeStatus.MINED, TradeStatus.CONFIRMED)]
    _require(core.fees == sum(trade.fee for trade in settled), "fees are off")
    builders = sum(party.builder_fee for trade in settled for party in trade.parties)
    _require(builders == sum(core.builder_fees.values()), "builder fees are off")


def _audit_order(core: Core, order: Order) -> None:
    """Check an order against its trades."""
    shares = amount = 0
    for trade_id in order.trades:
        trade = core.trades[trade_id]
        if trade.taker_order_id == order.id:
            shares, amount = shares + trade.size, amount + trade.amount
        for made in trade.makers:
            if made.order_id == order.id:
                shares, amount = shares + made.matched, amount + made.amount
    _require((order.matched, order.spent) == (shares, amount), f"{order.id}: trades do not add up")
    if order.side is Side.BUY:
        _require(order.spent <= order.maker_amount, f"{order.id}: paid more than was offered")
    if order.status.is_open:
        _require(order.matched + order.remaining == order.size, f"{order.id}: sizes do not add up")
        _require(order.remaining > 0, f"{order.id}: open with nothing left")
    else:
        _require(order.remaining == 0, f"{order.id}: finished with something left")
    full = order.matched >= order.size or not order.type.rests
    _require(order.status is not OrderStatus.MATCHED or full, f"{order.id}: matched, but not in full")


def _audit_entries(wallet: Wallet) -> None:
    """Check that a wallet's ledger leads to what it has."""
    balances: dict[str, int] = dict.fromkeys(wallet.assets, 0)
    for entry in wallet.entries:
        balances[entry.asset] += entry.change
        _require(entry.balance == balances[entry.asset] >= 0, f"{wallet.name}: entry {entry.sequence} is off")
    for name, asset in wallet.assets.items():
        _require(asset.balance == balances[name], f"{wallet.name}: entries do not add up to {name!r}")


def state_hash(core: Core) -> str:
    """Return a digest of the complete state; equal states have equal digests."""
    digest = hashlib.sha256()
    encode = msgspec.json.Encoder().encode
    for part in _parts(core):
        digest.update(encode(part))
        digest.update(b"\n")
    return digest.hexdigest()


def _parts(core: Core) -> Iterator[object]:
    """Iterate over everything that makes up a state, in a fixed order."""
    yield core.now, core.commands, core.mode, core.counters(), list(core.builders.values())
    yield core.deposited, core.held, core.fees, core.builder_fees, sorted(core.timers)
    for market in core.markets.values():
        yield market.terms, market.status, market.statistics, market.points, market.trades
        yield market.backing, market.supply, market.payouts, market.dust, market.book_time
        for ladder in (market.bids, market.asks):
            yield [(level.price, level.quantity, list(level.orders)) for level in ladder]
        yield list(market.open_orders), list(market.held)
    for wallet in core.wallets.values():
        yield wallet.name, wallet.allowances, wallet.approvals, wallet.entries
        for name, asset in wallet.assets.items():
            yield name, asset.balance, asset.active, asset.matched, asset.incoming, list(asset.orders)
        yield [(spender, claims.active, claims.matched) for spender, claims in wallet.claims.items()]
    yield from core.orders.values()
    yield from core.trades.values()
    yield core.claims, core.legs
    yield {owner: list(orders) for owner, orders in core.owner_open.items()}
