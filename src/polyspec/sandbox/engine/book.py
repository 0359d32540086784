"""Price-time priority books whose cost does not grow with the number of resting orders.

Each side keeps its prices sorted in one list, at most one entry per tick, and the orders of a
price in arrival order in a linked dict: entry, cancel and fill are O(1) in resting orders.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

from .enums import Side
from .records import BookLevel, Order

__all__ = ["BookSide", "Ladder", "Level", "Sweep"]

T = TypeVar("T")


class Level(Generic[T]):
    """The orders at one price, earliest first."""

    __slots__ = ("orders", "price", "quantity")

    def __init__(self, price: int) -> None:
        self.price = price
        self.quantity = 0
        self.orders: OrderedDict[str, T] = OrderedDict()


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


class Ladder(Generic[T]):
    """Orders of any kind by price and time; sign 1 for bids, the highest first, -1 for offers."""

    __slots__ = ("keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        # sign * price, ascending: the best price is last, where lists change cheaply.
        self.keys: list[int] = []
        self.levels: dict[int, Level[T]] = {}

    def best(self) -> int | None:
        """Return the best price, None when empty."""
        return self.sign * self.keys[-1] if self.keys else None

    def crosses(self, limit: int) -> bool:
        """Tell whether an order of the other side with this limit would match here."""
        return bool(self.keys) and self.keys[-1] >= self.sign * limit

    def put(self, price: int, key: str, order: T, quantity: int) -> None:
        """Queue an order behind all others of its price."""
        level = self.levels.get(price)
        if level is None:
            level = self.levels[price] = Level(price)
            insort(self.keys, self.sign * price)
        level.orders[key] = order
        level.quantity += quantity

    def drop(self, price: int, key: str, quantity: int) -> None:
        """Take an order out with the quantity it still had."""
        level = self.levels[price]
        del level.orders[key]
        level.quantity -= quantity
        self._drop_if_empty(level)

    def lower(self, price: int, quantity: int) -> None:
        """Take quantity off a level whose orders all stay."""
        self.levels[price].quantity -= quantity

    def _drop_if_empty(self, level: Level[T]) -> None:
        if level.orders:
            return
        del self.levels[level.price]
        key = self.sign * level.price
        keys = self.keys
        if keys[-1] == key:
            keys.pop()
        else:
            del keys[bisect_left(keys, key)]

    def __iter__(self) -> Iterator[Level[T]]:
        """Iterate over the levels, best first."""
        levels, sign = self.levels, self.sign
        return (levels[sign * key] for key in reversed(self.keys))

    def orders(self) -> Iterator[T]:
        """Iterate over the resting orders in priority."""
        for level in self:
            yield from level.orders.values()


class BookSide(Ladder[Order]):
    """One side of a book."""

    __slots__ = ("side",)

    def __init__(self, side: Side) -> None:
        super().__init__(1 if side is Side.BUY else -1)
        self.side = side

    def add(self, order: Order) -> None:
        """Queue an order behind all others of its price."""
        self.put(order.price, order.id, order, order.leaves)

    def remove(self, order: Order) -> None:
        """Take an order out."""
        self.drop(order.price, order.id, order.leaves)

    def reduce(self, order: Order, quantity: int) -> None:
        """Take quantity off a resting order, whose leaves the caller lowers likewise."""
        if quantity == order.leaves:
            self.drop(order.price, order.id, quantity)
        else:
            self.lower(order.price, quantity)

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
