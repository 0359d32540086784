"""Which orders this process sent and may stand: a later refusal of one says nothing of the first time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

__all__ = ["SentOrders"]

_MOST: Final = 10_000


class SentOrders:
    """Remembers the ids of the last ten thousand. Thread-safe."""

    def __init__(self) -> None:
        # a plain dict takes the longer to find its first key the more were taken out before
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, order_id: str) -> bool:
        """Note that an order is about to be sent; return whether it was before, and may stand."""
        with self._lock:
            if order_id in self._ids:
                return True
            if len(self._ids) >= _MOST:
                self._ids.popitem(last=False)
            self._ids[order_id] = None
            return False

    def end(self, order_ids: Iterable[str]) -> None:
        """Note that orders provably do not stand."""
        with self._lock:
            for order_id in order_ids:
                self._ids.pop(order_id, None)
