"""Which client order ids were used, so that one order is never taken for another.

The venue keeps a client order id unique among open orders only. A lookup by it may therefore find an order
of before; what this process knows of its own orders tells them apart.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final, TypeAlias

from polyspec.errors import InvalidOrder

__all__ = ["ClientIds", "Key"]

Key: TypeAlias = tuple[str, str]
"""Who placed the order, and its client order id."""

# A bot at the lowest tier makes as many in ten minutes; ids made at random need no record at all.
_LIMIT: Final = 20_000


class _Use:
    __slots__ = ("order_ids", "unresolved")

    def __init__(self) -> None:
        self.order_ids: frozenset[str] = frozenset()
        self.unresolved = False


class ClientIds:
    """The client order ids this process used lately. Thread-safe."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._uses: dict[Key, _Use] = {}
        self._lock = threading.Lock()

    def begin(self, keys: Sequence[Key]) -> list[frozenset[str]]:
        """Note that orders are about to be sent; return the venue's ids of earlier orders of each name.

        Raises InvalidOrder, noting nothing, if one id is given twice or the fate of its last order is open.
        """
        with self._lock:
            for index, key in enumerate(keys):
                use = self._uses.get(key)
                if use is not None and use.unresolved:
                    raise InvalidOrder(
                        f"an order with clord_id {key[1]!r} was sent before and its fate is not known: "
                        "resolve that one, or use another id",
                        field="clord_id",
                    )
                if key in keys[:index]:
                    raise InvalidOrder(f"clord_id {key[1]!r} is given to two orders", field="clord_id")
            return [self._open(key) for key in keys]

    def known(self, origin: str) -> frozenset[str]:
        """Return the client order ids that were used lately in the name of an origin."""
        with self._lock:
            return frozenset(name for place, name in self._uses if place == origin)

    def _open(self, key: Key) -> frozenset[str]:
        use = self._uses.pop(key, None) or _Use()
        use.unresolved = True
        self._uses[key] = use
        while len(self._uses) > self._limit:
            del self._uses[next(iter(self._uses))]
        return use.order_ids

    def end(self, key: Key, order_id: str | None) -> None:
        """Note what an order turned out to be; None if there is no order."""
        with self._lock:
            use = self._uses.get(key)
            if use is not None:
                use.unresolved = False
                use.order_ids |= {order_id} if order_id else set()
