"""Money and contracts: a double-entry ledger, positions, and what open orders may cost."""

from __future__ import annotations

from .enums import AccountKind, Side
from .fees import FeeModel
from .money import DOLLAR
from .records import LedgerEntry, MarketDefinition, Order, Position, PositionEntry

__all__ = ["CLEARING", "EXTERNAL", "FEES", "Account", "Exposure", "Reservation", "shift"]

EXTERNAL = "exchange/external"
"""Counter account of deposits and withdrawals: minus everything customers brought in."""
FEES = "exchange/fees"
"""Fees collected less rebates paid."""
CLEARING = "exchange/clearing"
"""Passes payouts from short to long; empty but during a settlement."""


class Reservation:
    """Sums over the open orders of one side of one account and market."""

    __slots__ = ("fees", "notional", "quantity")

    def __init__(self) -> None:
        self.quantity = 0
        self.notional = 0
        self.fees = 0

    def add(self, quantity: int, notional: int, fees: int) -> None:
        """Add one order's part; negative arguments take it back."""
        self.quantity += quantity
        self.notional += notional
        self.fees += fees


class Exposure:
    """The open orders of one account in one market."""

    __slots__ = ("_fees", "_parts", "bids", "offers", "orders", "payout", "position", "unit")

    def __init__(self, market: MarketDefinition, fees: FeeModel, position: Position) -> None:
        self.unit = DOLLAR // (market.price_scale * market.quantity_scale)
        self.payout = market.payout
        self.position = position
        self.bids = Reservation()
        self.offers = Reservation()
        self.orders: dict[str, Order] = {}
        """Oldest first."""
        self._parts: dict[str, tuple[int, int, int]] = {}
        self._fees = fees

    def part(self, order: Order) -> tuple[int, int, int]:
        """Return quantity, notional and fee bound of what is left of an order."""
        price = order.price or order.stop_price
        leaves = order.leaves
        return leaves, price * leaves, self._fees.reserve(order, price, leaves)

    def put(self, order: Order) -> None:
        """Count an order, or count it anew after a change."""
        side = self.bids if order.side is Side.BUY else self.offers
        old = self._parts.get(order.id)
        new = self.part(order)
        if old is not None:
            side.add(-old[0], -old[1], -old[2])
        side.add(*new)
        self._parts[order.id] = new
        self.orders[order.id] = order

    def drop(self, order: Order) -> None:
        """Stop counting an order, if it is counted."""
        old = self._parts.pop(order.id, None)
        if old is None:
            return
        side = self.bids if order.side is Side.BUY else self.offers
        side.add(-old[0], -old[1], -old[2])
        del self.orders[order.id]

    def revalue(self, fees: FeeModel) -> None:
        """Bound all fees anew under another schedule."""
        self._fees = fees
        for order in self.orders.values():
            self.put(order)

    def requirement(self, side: Side, extra: Order | None = None, without: str = "") -> int:
        """Return the buying power lost if every order of a side filled, at worst.

        The position offsets: buying back a short frees its payout, selling out a long needs
        none. `extra` counts one more order, `without` leaves one out by id.
        """
        total = self.bids if side is Side.BUY else self.offers
        quantity, notional, fees = total.quantity, total.notional, total.fees
        if without and without in self._parts:
            old = self._parts[without]
            quantity, notional, fees = quantity - old[0], notional - old[1], fees - old[2]
        if extra is not None:
            new = self.part(extra)
            quantity, notional, fees = quantity + new[0], notional + new[1], fees + new[2]
        if not quantity:
            return 0
        net = self.position.net
        if side is Side.BUY:
            lost = notional - self.payout * min(quantity, max(0, -net))
        else:
            lost = self.payout * max(0, quantity - max(0, net)) - notional
        return max(0, lost * self.unit + fees)

    def worst(self) -> int:
        """Return the dearer side's requirement."""
        return max(self.requirement(Side.BUY), self.requirement(Side.SELL))


class Account:
    """An account's money, positions and history."""

    __slots__ = ("cash", "entries", "exposures", "kind", "locked", "name", "position_entries", "positions")

    def __init__(self, name: str, kind: AccountKind) -> None:
        self.name = name
        self.kind = kind
        self.cash = 0
        self.locked = 0
        self.entries: list[LedgerEntry] = []
        self.positions: dict[str, Position] = {}
        self.position_entries: list[PositionEntry] = []
        self.exposures: dict[str, Exposure] = {}

    @property
    def buying_power(self) -> int:
        """Money not needed for the payout of short contracts."""
        return self.cash - self.locked

    def open_orders(self) -> int:
        """Return the requirement of the open orders of the dearest market."""
        return max((exposure.worst() for exposure in self.exposures.values()), default=0)

    def position(self, symbol: str) -> Position:
        """Return the position in a market, flat if there was none."""
        position = self.positions.get(symbol)
        if position is None:
            position = self.positions[symbol] = Position(account=self.name, symbol=symbol)
        return position


def shift(position: Position, change: int, price: int) -> None:
    """Add bought (positive) or sold (negative) contracts to a position at a price.

    What closes an existing position takes its share of the cost along and realizes the
    difference, so that cost less realized always is everything paid less everything received.
    """
    net, cost = position.net, position.cost
    closing = 0 if net * change >= 0 else min(abs(net), abs(change))
    sign = 1 if change > 0 else -1
    if closing:
        share = cost if closing == abs(net) else cost * closing // abs(net)
        position.realized += -sign * price * closing - share
        cost -= share
    position.cost = cost + sign * price * (abs(change) - closing)
    position.net = net + change
