"""The three ways placing an order can end, whatever the venue.

Every venue returns classes of its own, made from these, with what it knows about the order. So one
``isinstance`` or ``match`` serves code that trades on several venues.
"""

from __future__ import annotations

__all__ = ["Accepted", "Rejected", "Unknown"]


class Accepted:
    """The venue took the order."""

    __slots__ = ()

    order_id: str


class Rejected:
    """The order does not stand and never will."""

    __slots__ = ()

    text: str


class Unknown:
    """Nobody can say yet whether the order stands: do not place another, resolve this one."""

    __slots__ = ()
