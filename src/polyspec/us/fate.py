"""How placing an order ends: it is known to stand, known not to, or not known yet."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeAlias, TypeVar

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.core import fate
from polyspec.errors import InsufficientFunds, OrderRejected, PolyspecError, TradingRestricted
from polyspec.us.instrument import Instrument

__all__ = [
    "Accepted",
    "AsyncPlacement",
    "AsyncResolved",
    "Outcome",
    "Placement",
    "Rejected",
    "Resolved",
    "Trace",
    "Unknown",
]

R = TypeVar("R")


@frozen
class Accepted(fate.Accepted):
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
        return self.instrument.contracts(self.order.cum_qty, self.order.fractional_quantity_scale)

    @property
    def remaining(self) -> Decimal:
        """Contracts still open when last seen."""
        return self.instrument.contracts(self.order.leaves_qty, self.order.fractional_quantity_scale)

    def unwrap(self) -> Accepted:
        """Return this."""
        return self


@frozen
class Rejected(fate.Rejected):
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

    def unwrap(self) -> NoReturn:
        """Raise the refusal: OrderRejected, or its InsufficientFunds or TradingRestricted."""
        raise self.error


@frozen
class Trace:
    """What this process knows of an order it sent, to recognise it later."""

    origin: str
    """Where and for whom it was placed: nobody else sees it."""
    instrument: Instrument
    side: wire.Side
    started: float
    """Monotonic second before which nothing of it had left."""
    left: float
    """Monotonic second after which nothing of it could leave any more."""
    earlier: frozenset[str] = frozenset()
    """Orders of before that carry the same client order id."""
    visible: bool = True
    """Whether the lookups of this client would show it; False if it was placed for another user."""


@frozen
class Unknown(fate.Unknown[R], Generic[R]):
    """Nobody can say yet whether the order stands: do not place another, resolve this one."""

    clord_id: str
    order_id: str | None
    symbol: str
    sent_at: float = field(repr=False)
    """Unix time at which the order was about to be sent: whatever is older is another order."""
    cause: PolyspecError | None = None
    """What kept the answer away; None if the venue took the order and has not judged it yet."""
    obstacle: PolyspecError | None = field(default=None, eq=False)
    """What the last lookup failed of; None if it worked and found no verdict."""
    trace: Trace | None = field(default=None, repr=False, eq=False)
    """Kept from the placement; None if this was written out by hand."""
    hidden: bool = field(default=False, repr=False, eq=False)
    """Whether it acts for somebody else: that it is not to be seen proves nothing then."""
    _resolve: Callable[[Unknown[R], float | None], R] | None = field(
        default=None, repr=False, eq=False, alias="resolver"
    )

    def resolve(self, timeout: float | None = None) -> R:
        """Look the order up until its fate is known or `timeout` seconds pass; never sends it again.

        Returns Accepted, Rejected or (still) Unknown; with an asynchronous client, await it.
        """
        if self._resolve is None:
            raise PolyspecError("this order was not placed by a client: give it to the orders.resolve of one")
        return self._resolve(self, timeout)

    def unwrap(self) -> NoReturn:
        """Raise what is in the way of an answer."""
        error = PolyspecError(
            f"the fate of order {self.clord_id} on {self.symbol} is not known yet; "
            "call resolve(), do not place it again"
        )
        error.maybe_executed = True
        raise error from self.cause


Outcome: TypeAlias = Accepted | Rejected | Unknown[R]

if TYPE_CHECKING:
    Placement: TypeAlias = Accepted | Rejected | Unknown["Placement"]
    Resolved: TypeAlias = Placement
    AsyncPlacement: TypeAlias = Accepted | Rejected | Unknown["AsyncResolved"]
    AsyncResolved: TypeAlias = Coroutine[Any, Any, AsyncPlacement]
else:
    # at run time the two are the same, and can be asked about with isinstance
    Placement = AsyncPlacement = Accepted | Rejected | Unknown
    Resolved = AsyncResolved = Any

# Pieces of the venue's texts; they are no stable contract, so they only choose between kinds of one error.
_FUNDS: Final = ("available, requested",)
_RESTRICTED: Final = ("Book is ", "cannot be placed in PRE_OPEN", "not tradable", "Instrument Unavailable")


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
