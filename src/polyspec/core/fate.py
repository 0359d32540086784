"""The three ways placing an order can end, whatever the venue.

Every venue returns classes of its own, made from these, with what it knows about the order. So one
``isinstance`` or ``match`` serves code that trades on several venues.
"""

from __future__ import annotations

from collections.abc import Coroutine
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeAlias, TypeVar

if TYPE_CHECKING:
    # defaults of type variables came with Python 3.13; type checkers know them already
    from typing_extensions import TypeVar as DefaultedTypeVar

    R_co = DefaultedTypeVar("R_co", covariant=True, default=Any)
else:
    R_co = TypeVar("R_co", covariant=True)

__all__ = ["Accepted", "AsyncPlacement", "AsyncResolved", "Placement", "Rejected", "Resolved", "Unknown"]


class Accepted:
    """The venue took the order."""

    __slots__ = ()

    order_id: str

    @property
    def filled(self) -> Decimal:
        """Shares or contracts filled when last seen."""
        raise NotImplementedError

    def unwrap(self) -> Accepted:
        """Return this."""
        return self


class Rejected:
    """The order does not stand and never will."""

    __slots__ = ()

    text: str
    """The venue's words."""

    def unwrap(self) -> NoReturn:
        """Raise the refusal: OrderRejected, or its InsufficientFunds or TradingRestricted."""
        raise NotImplementedError


class Unknown(Generic[R_co]):
    """Nobody can say yet whether the order stands: do not place another, resolve this one."""

    __slots__ = ()

    def resolve(self, timeout: float | None = None) -> R_co:
        """Look the order up until its fate is known or `timeout` seconds pass; never sends it again.

        Returns Accepted, Rejected or (still) Unknown; with an asynchronous client, await it.
        """
        raise NotImplementedError

    def unwrap(self) -> NoReturn:
        """Raise what is in the way of an answer."""
        raise NotImplementedError


if TYPE_CHECKING:
    Placement: TypeAlias = Accepted | Rejected | Unknown["Placement"]
    Resolved: TypeAlias = Placement
    AsyncPlacement: TypeAlias = Accepted | Rejected | Unknown["AsyncResolved"]
    AsyncResolved: TypeAlias = Coroutine[Any, Any, AsyncPlacement]
else:
    # at run time the two are the same, and can be asked about with isinstance
    Placement = AsyncPlacement = Accepted | Rejected | Unknown
    Resolved = AsyncResolved = Any
