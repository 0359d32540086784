"""Recounting an exchange from its parts, and naming its state by a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain

import msgspec

from .core import Core
from .enums import AccountKind, MarketState, Side
from .ledger import CLEARING, EXTERNAL, Account, Exposure
from .market import Market
from .money import notional_to_money
from .records import Order

__all__ = ["audit", "check_totals", "state_hash"]


class InvariantError(AssertionError):
    """Books that do not add up."""


def _require(condition: bool, text: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not condition:
        raise InvariantError(text)


def check_totals(core: Core) -> None:
    """Compare the running totals of money in O(1); raises InvariantError."""
    _require(core.held_cash == core.deposited, "money appeared or vanished")
    _require(core.held_cash == -core.accounts[EXTERNAL].cash, "the ledger is not balanced")


def audit(core: Core, *, history: bool = True) -> None:
    """Recount money, contracts, reservations and books; raises InvariantError.

    With history also every ledger entry and every order there ever was.
    """
    check_totals(core)
    held = sum(account.cash for name, account in core.accounts.items() if name != EXTERNAL)
    _require(held == core.held_cash, "balances do not add up to the running total")
    _require(core.accounts[CLEARING].cash == 0, "the clearing account is not empty")
    for account in core.accounts.values():
        _audit_account(core, account)
    for market in core.markets.values():
        _audit_market(core, market)
    for order in core.orders.values() if history else ():
        _audit_order(order)
    for account in core.accounts.values() if history else ():
        _audit_entries(account)


def _audit_account(core: Core, account: Account) -> None:
    """Check one account against its positions and open orders."""
    name = account.name
    locked = 0
    for symbol, position in account.positions.items():
        definition = core.markets[symbol].definition
        locked += notional_to_money(definition, max(0, -position.net) * definition.payout)
        _require(position.net != 0 or position.cost == 0, f"{name}: a flat position has cost")
    _require(locked == account.locked, f"{name}: collateral does not match the short positions")
    if account.kind is AccountKind.HOUSE:
        return
    _require(account.buying_power >= 0, f"{name}: buying power is negative")
    for symbol, exposure in account.exposures.items():
        _audit_exposure(core.markets[symbol], account, exposure)


def _audit_entries(account: Account) -> None:
    """Check that an account's ledger and position entries lead to what it has."""
    name = account.name
    balance = 0
    for entry in account.entries:
        _require(entry.before == balance, f"{name}: entry {entry.id} does not follow its predecessor")
        balance = entry.after
    _require(balance == account.cash, f"{name}: entries do not add up to the balance")
    net = dict.fromkeys(account.positions, 0)
    for change in account.position_entries:
        net[change.symbol] += change.quantity_change
        _require(change.net == net[change.symbol], f"{name}: entry {change.id} does not follow")
    for symbol, position in account.positions.items():
        _require(position.net == net[symbol], f"{name}: entries do not add up to the position in {symbol}")


def _audit_exposure(market: Market, account: Account, exposure: Exposure) -> None:
    """Check the sums over an account's open orders in a market against the orders."""
    ours = {order.id for order in market.open_orders.values() if order.account == account.name}
    _require(ours == set(exposure.orders), f"{account.name}: open orders are not those counted")
    for side, total in ((Side.BUY, exposure.bids), (Side.SELL, exposure.offers)):
        parts = [exposure.part(order) for order in exposure.orders.values() if order.side is side]
        counted = (total.quantity, total.notional, total.fees)
        _require(tuple(map(sum, zip(*parts, strict=True))) in (counted, ()), f"{account.name}: stale sums")
        _require(bool(parts) or counted == (0, 0, 0), f"{account.name}: sums without orders")
        funded = exposure.requirement(side) <= account.buying_power
        _require(funded, f"{account.name}: unfunded open orders in {market.definition.symbol}")


def _audit_market(core: Core, market: Market) -> None:
    """Check one market's positions, book and open orders."""
    symbol = market.definition.symbol
    positions = [a.positions[symbol] for a in core.accounts.values() if symbol in a.positions]
    _require(sum(position.net for position in positions) == 0, f"{symbol}: long and short differ")
    longs = sum(max(0, position.net) for position in positions)
    _require(longs == market.statistics.open_interest, f"{symbol}: open interest is off")
    bid, offer = market.bids.best(), market.offers.best()
    if market.state is MarketState.OPEN and bid is not None and offer is not None:
        _require(bid < offer, f"{symbol}: the book is crossed")
    for side in (market.bids, market.offers):
        _require(side.keys == sorted(side.sign * price for price in side.levels), f"{symbol}: stray prices")
        for level in side:
            total = sum(order.leaves for order in level.orders.values())
            _require(total == level.quantity, f"{symbol}: level {level.price} is off")
            ranks = [order.sequence for order in level.orders.values()]
            _require(ranks == sorted(ranks), f"{symbol}: level {level.price} is out of order")
    resting = {order.id for order in chain(market.bids.orders(), market.offers.orders())}
    _require(resting <= set(market.open_orders), f"{symbol}: a finished order rests")


def _audit_order(order: Order) -> None:
    """Check an order's quantities."""
    _require(order.filled == sum(order.price_to_quantity_filled.values()), f"{order.id}: fills are off")
    if order.state.is_open:
        _require(order.leaves > 0, f"{order.id}: open without leaves")
        _require(order.filled + order.leaves == order.quantity, f"{order.id}: quantities do not add up")
    else:
        _require(order.leaves == 0, f"{order.id}: finished with leaves")


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
    yield core.now, core.commands, core.counters(), core.participants
    for market in core.markets.values():
        yield market.definition, market.state, market.schedule, market.reference_price, market.statistics
        for side in (market.bids, market.offers):
            yield [(level.price, level.quantity, list(level.orders)) for level in side]
        yield list(market.open_orders), list(market.held)
        yield [sorted(heap) for heap in market.stops.values()]
    for account in core.accounts.values():
        yield account.name, account.kind, account.cash, account.locked, account.positions
        yield from account.entries
        yield from account.position_entries
        yield [(symbol, list(exposure.orders)) for symbol, exposure in account.exposures.items()]
    yield from core.orders.values()
    yield from core.executions.values()
    yield from core.trades.values()
