"""Which orders are open, by everything that was told of them, whatever order it came in."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, TypeAlias

from polyspec.us.proto_words import name_of, stamp

__all__ = ["OpenOrders", "is_open"]

_OVER: Final = frozenset(f"ORDER_STATE_{name}" for name in ("FILLED", "CANCELED", "REJECTED", "EXPIRED"))
_OPEN: Final = frozenset(
    f"ORDER_STATE_{name}"
    for name in (
        "NEW",
        "PARTIALLY_FILLED",
        "PENDING_NEW",
        "PENDING_REPLACE",
        "PENDING_CANCEL",
        "PENDING_RISK",
    )
)
_WAITING: Final = frozenset({"ORDER_STATE_PENDING_NEW", "ORDER_STATE_PENDING_RISK"})
_MOST: Final = 20_000
"""Orders that are over and remembered: what is told late of them must not open them again."""

_Reach: TypeAlias = tuple[int, int]
"""How far an order got: what was filled, and when something happened, in microseconds as REST tells it."""


def is_open(order: Any) -> bool:
    """Tell whether an order is surely open."""
    return name_of(order, "state") in _OPEN


class OpenOrders:
    """Orders by id. An order only gets further, and one that is over stays over."""

    def __init__(self) -> None:
        self.open: dict[str, Any] = {}
        """Open orders as they were told last."""
        self._reached: dict[str, _Reach] = {}
        self._over: OrderedDict[str, None] = OrderedDict()

    def take(self, order: Any, at: int = 0) -> bool:
        """Take in an order as it was at a nanosecond; tell whether that is as far as anything known."""
        reach = (order.cum_qty, max(stamp(order, "last_transact_time"), at) // 1000)
        if order.id in self._over:
            return False
        over = name_of(order, "state") in _OVER
        if not over and reach < self._reached.get(order.id, (0, 0)):
            return False
        if over:
            self.close(order.id)
        else:
            self.open[order.id], self._reached[order.id] = order, reach
        return True

    def close(self, order_id: str) -> None:
        """Note that an order is over, or is not there."""
        self.open.pop(order_id, None)
        self._reached.pop(order_id, None)
        self._over[order_id] = None
        if len(self._over) > _MOST:
            self._over.popitem(last=False)

    def lacks(self, listed: Any) -> bool:
        """Tell whether an order listed as open got further than anything that was told of it."""
        if listed.id in self._over:
            # listings may be a little behind
            return False
        known = self.open.get(listed.id)
        if known is None:
            return name_of(listed, "state") not in _WAITING
        if listed.cum_qty != known.cum_qty:
            return bool(listed.cum_qty > known.cum_qty)
        if (listed.price, listed.order_qty) == (known.price, known.order_qty):
            return False
        return stamp(listed, "last_transact_time") // 1000 >= self._reached[listed.id][1]
