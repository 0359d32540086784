"""Price-time priority books whose cost does not grow with the number of resting orders.

Each side keeps its prices sorted in one list, at most one entry per tick, and the orders of a
price in arrival order in a linked dict: entry, cancel and fill are O(1) in resting orders.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator

from .enums import Side
from .records import BookLevel, Order

__all__ = ["BookSide", "Level", "Sweep"]


class Level:
    """The orders at one price, earliest first."""

    __slots__ = ("orders", "price", "quantity")

    def __init__(self, price: int) -> None:
        self.price = price
        self.quantity = 0
        self.orders: OrderedDict[str, Order] = OrderedDict()


class Sweep:
    """What an arriving order would take from a book side."""

    __slots__ = ("fills", "own", "quantity", "spent", "worst")

    def __init__(self) -> None:
        self.fills: list[tuple[Order, int]] = []
        self.own: list[Order] = []
        """Orders of the same participant passed over on the way."""
        self.quantity = 0
        self.spent = 0
        """Budget used, in notional units."""
        self.worst: int | None = None
        """The last price reached."""


class BookSide:
    """One side of a book."""

    __slots__ = ("keys", "levels", "side", "sign")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.sign = 1 if side is Side.BUY else -1
        # sign * price, ascending: the best price is last, where lists change cheaply.
        self.keys: list[int] = []
        self.levels: dict[int, Level] = {}

    def best(self) -> int | None:
        """Return the best price, None when empty."""
        return self.sign * self.keys[-1] if self.keys else None

    def crosses(self, limit: int) -> bool:
        """Tell whether an order of the other side with this limit would match here."""
        return bool(self.keys) and self.keys[-1] >= self.sign * limit

    def add(self, order: Order) -> None:
        """Queue an order behind all others of its price."""
        level = self.levels.get(order.price)
        if level is None:
            level = self.levels[order.price] = Level(order.price)
            insort(self.keys, self.sign * order.price)
        level.orders[order.id] = order
        level.quantity += order.leaves

    def remove(self, order: Order) -> None:
        """Take an order out."""
        level = self.levels[order.price]
        del level.orders[order.id]
        level.quantity -= order.leaves
        self._drop_if_empty(level)

    def reduce(self, order: Order, quantity: int) -> None:
        """Take quantity off a resting order, whose leaves the caller lowers likewise."""
        level = self.levels[order.price]
        level.quantity -= quantity
        if quantity == order.leaves:
            del level.orders[order.id]
            self._drop_if_empty(level)

    def _drop_if_empty(self, level: Level) -> None:
        if level.orders:
            return
        del self.levels[level.price]
        key = self.sign * level.price
        keys = self.keys
        if keys[-1] == key:
            keys.pop()
        else:
            del keys[bisect_left(keys, key)]

    def __iter__(self) -> Iterator[Level]:
        """Iterate over the levels, best first."""
        levels, sign = self.levels, self.sign
        return (levels[sign * key] for key in reversed(self.keys))

    def orders(self) -> Iterator[Order]:
        """Iterate over the resting orders in priority."""
        for level in self:
            yield from level.orders.values()

    def depth(self, limit: int | None) -> list[BookLevel]:
        """Return up to limit levels, best first."""
        shown = reversed(self.keys if limit is None else self.keys[-limit:] if limit > 0 else [])
        levels = [self.levels[self.sign * key] for key in shown]
        return [BookLevel(level.price, level.quantity, len(level.orders)) for level in levels]

    def sweep(self, arriving: Order, limit: int | None, quantity: int) -> Sweep:
        """Find what an arriving order would take, in priority, up to a quantity."""
        sweep = Sweep()
        floor = None if limit is None else self.sign * limit
        self_id, participant = arriving.self_match_id, arriving.participant
        for key in reversed(self.keys):
            if floor is not None and key < floor:
                break
            price = self.sign * key
            for order in self.levels[price].orders.values():
                if self_id and order.self_match_id == self_id and order.participant == participant:
                    sweep.own.append(order)
                    continue
                sweep.worst = price
                taken = min(order.leaves, quantity - sweep.quantity)
                sweep.fills.append((order, taken))
                sweep.quantity += taken
                if sweep.quantity >= quantity:
                    return sweep
        return sweep

    def sweep_budget(self, arriving: Order, limit: int | None, budget: int, payout: int) -> Sweep:
        """Find what an arriving order would take, in priority, up to a budget in notional units.

        A buyer spends the price, a seller the complement of the price to the payout.
        """
        sweep = Sweep()
        floor = None if limit is None else self.sign * limit
        self_id, participant = arriving.self_match_id, arriving.participant
        for key in reversed(self.keys):
            if floor is not None and key < floor:
                break
            price = self.sign * key
            unit = price if arriving.side is Side.BUY else payout - price
            for order in self.levels[price].orders.values():
                taken = min(order.leaves, (budget - sweep.spent) // unit)
                if taken <= 0:
                    return sweep
                if self_id and order.self_match_id == self_id and order.participant == participant:
                    sweep.own.append(order)
                    continue
                sweep.worst = price
                sweep.fills.append((order, taken))
                sweep.quantity += taken
                sweep.spent += taken * unit
        return sweep
