"""How placing an order ends: it is known to stand, known not to, or not known yet."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import InsufficientFunds, OrderRejected, PolyspecError, TradingRestricted

if TYPE_CHECKING:
    from polyspec.us.instrument import Instrument

__all__ = ["Accepted", "Placement", "Rejected", "Unknown"]


@frozen
class Accepted:
    """The engine took the order; `order` is its state when last seen (perhaps filled or expired already)."""

    clord_id: str
    order_id: str
    order: wire.Order = field(repr=False)
    instrument: Instrument = field(repr=False)

    @property
    def state(self) -> wire.OrderState:
        """State of the order when last seen."""
        return self.order.state

    @property
    def filled(self) -> Decimal:
        """Contracts filled when last seen."""
        return self.instrument.quantity.from_wire(self.order.cum_qty)

    @property
    def remaining(self) -> Decimal:
        """Contracts still open when last seen."""
        return self.instrument.quantity.from_wire(self.order.leaves_qty)

    def unwrap(self) -> Accepted:
        """Return this."""
        return self


@frozen
class Rejected:
    """The order does not stand and never will: the engine refused it, or it provably never arrived."""

    clord_id: str
    order_id: str | None
    text: str
    """The venue's words."""
    reason: wire.OrdRejectReason | None = None
    never_arrived: bool = False
    """No trace of the order after the venue's own time limit: it is safe to place it again."""

    @property
    def error(self) -> OrderRejected:
        """The refusal as an error."""
        return _error(self)

    def unwrap(self) -> Accepted:
        """Raise the refusal: OrderRejected, or its InsufficientFunds or TradingRestricted."""
        raise self.error


@frozen
class Unknown:
    """Nobody can say yet whether the order stands: do not place another, resolve this one."""

    clord_id: str
    order_id: str | None
    symbol: str
    sent_at: float = field(repr=False)
    """Unix time before which the request left."""
    cause: PolyspecError | None = None
    """What kept the answer away; None if the venue took the order and has not judged it yet."""
    _resolve: Callable[[Unknown, float | None], Any] | None = field(
        default=None, repr=False, eq=False, alias="resolver"
    )

    def resolve(self, timeout: float | None = None) -> Any:
        """Look the order up until its fate is known or `timeout` seconds pass; never sends it again.

        Returns Accepted, Rejected or (still) Unknown; with an asynchronous client, await it.
        """
        if self._resolve is None:
            raise PolyspecError("this order was not placed by a client that could look it up")
        return self._resolve(self, timeout)

    def unwrap(self) -> Accepted:
        """Raise what is in the way of an answer."""
        raise PolyspecError(
            f"the fate of order {self.clord_id} on {self.symbol} is not known yet; "
            "call resolve(), do not place it again"
        ) from self.cause


Placement: TypeAlias = Accepted | Rejected | Unknown

# Pieces of the venue's texts; they are no stable contract, so they only choose between kinds of one error.
_FUNDS = ("available, requested",)
_RESTRICTED = ("Book is ", "cannot be placed in PRE_OPEN", "not tradable", "Instrument Unavailable")


def _error(rejected: Rejected) -> OrderRejected:
    kind: type[OrderRejected] = OrderRejected
    if any(piece in rejected.text for piece in _FUNDS):
        kind = InsufficientFunds
    elif rejected.reason == wire.OrdRejectReason.EXCHANGE_CLOSED or any(
        piece in rejected.text for piece in _RESTRICTED
    ):
        kind = TradingRestricted
    return kind(
        f"order {rejected.clord_id} was rejected: {rejected.text or 'no reason given'}",
        status=200,
        code=str(rejected.reason) if rejected.reason is not None else None,
    )
