"""How placing an order on the CLOB ends: it is known to stand, known not to, or not known yet."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeAlias, TypeVar

from attrs import field, frozen
from polyspec_wire.clob import models as wire

from polyspec.clob.order import SignedOrder
from polyspec.clob.refusals import refusal
from polyspec.core import fate
from polyspec.core.scales import as_decimal
from polyspec.errors import ApiError, InvalidOrder, OrderRejected, PolyspecError

__all__ = [
    "Accepted",
    "AsyncPlacement",
    "AsyncResolved",
    "Outcome",
    "Placement",
    "Rejected",
    "Resolved",
    "Unknown",
    "answered",
    "refused",
]

R = TypeVar("R")

_SHARE: Final = Decimal(1_000_000)
_NOTHING: Final = Decimal(0)


@frozen
class Accepted(fate.Accepted):
    """The venue took the order; what it says of it is what was last seen."""

    order_id: str
    """The EIP-712 hash of the order."""
    order: SignedOrder = field(repr=False)
    status: str
    """``live``, ``matched``, ``delayed`` (held, not judged yet), ``unmatched``, or what a lookup found."""
    matched: Decimal
    """Shares matched when last seen; that is not settled yet, see `get_trades`."""
    trade_ids: tuple[str, ...] = ()
    transaction_hashes: tuple[str, ...] = ()
    answer: wire.SendOrderResponse | None = field(default=None, repr=False)
    """The venue's answer; None if it was lost and the order was found by looking it up."""

    @property
    def size(self) -> Decimal:
        """Shares the order is for."""
        units = self.order.taker_amount if self.order.side == "BUY" else self.order.maker_amount
        return Decimal(units) / _SHARE

    @property
    def filled(self) -> Decimal:
        """Shares matched when last seen, by the name other venues have for it."""
        return self.matched

    @property
    def remaining(self) -> Decimal:
        """Shares not matched when last seen."""
        return max(Decimal(0), self.size - self.matched)

    def unwrap(self) -> Accepted:
        """Return this."""
        return self


@frozen
class Rejected(fate.Rejected):
    """The order does not stand and never will: the venue refused it, or it provably never arrived."""

    order_id: str
    order: SignedOrder = field(repr=False)
    text: str
    """The venue's words."""
    status: int = 200
    """HTTP status of the refusal."""
    code: str | int | None = None
    retry_after: float | None = None
    """Seconds the venue asked to wait, if it did."""
    never_arrived: bool = False
    """Neither orders nor trades know it: it is safe to post the same order again, or another."""

    @property
    def error(self) -> OrderRejected:
        """The refusal as an error: OrderRejected, InsufficientFunds or TradingRestricted, with advice."""
        error = refusal(self.text, status=self.status, code=self.code, about=f"order {self.order_id}")
        error.retry_after = self.retry_after
        return error

    def unwrap(self) -> NoReturn:
        """Raise the refusal."""
        raise self.error


@frozen
class Unknown(fate.Unknown[R], Generic[R]):
    """Nobody can say yet whether the order stands: do not build another, resolve this one."""

    order_id: str
    order: SignedOrder = field(repr=False)
    sent_at: float = field(repr=False)
    """Unix time, by the venue's clock, at which the order was about to be sent."""
    left: float | None = field(default=None, repr=False)
    """Monotonic second after which nothing of it could leave any more; None if it is not known, and then it
    counts from when it is looked up."""
    cause: PolyspecError | None = None
    """What kept the answer away."""
    obstacle: PolyspecError | None = field(default=None, eq=False)
    """What the last lookup failed of; None if it worked and found no verdict."""
    owner: str = field(default="", repr=False)
    """The API key it was posted with: others do not see it."""
    claimed: bool = field(default=False, repr=False)
    """The venue spoke of it as of one it has, perhaps by another id: not finding it proves nothing."""
    again: bool = field(default=False, repr=False)
    """It was sent before, and may stand from then whatever was said this time."""
    _resolve: Callable[[Unknown[R], float | None], R] | None = field(
        default=None, repr=False, eq=False, alias="resolver"
    )

    def resolve(self, timeout: float | None = None) -> R:
        """Look the order up until its fate is known or `timeout` seconds pass; never sends it again.

        Returns Accepted, Rejected or (still) Unknown; with an asynchronous client, await it.
        """
        if self._resolve is None:
            raise PolyspecError("this order was not posted by a client: give it to the resolve of one")
        return self._resolve(self, timeout)

    def unwrap(self) -> NoReturn:
        """Raise what is in the way of an answer."""
        error = PolyspecError(
            f"the fate of order {self.order_id} is not known yet; call resolve(), do not build another"
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


def answered(order: SignedOrder, told: wire.SendOrderResponse) -> Accepted:
    """Read the venue's answer to an order it took."""
    amount = told.taking_amount if order.side == "BUY" else told.making_amount
    return Accepted(
        order_id=order.order_id,
        order=order,
        status=(told.status or "live").lower(),
        matched=_shares(amount),
        trade_ids=tuple(told.trade_ids or ()),
        transaction_hashes=tuple(told.transactions_hashes or ()),
        answer=told,
    )


def refused(unknown: Unknown[Any], error: ApiError) -> Rejected:
    """Return the refusal of an order in the words of an error."""
    return Rejected(
        order_id=unknown.order_id,
        order=unknown.order,
        text=error.message,
        status=error.status,
        code=error.code,
        retry_after=error.retry_after,
    )


def _shares(text: str | None) -> Decimal:
    if not text:
        # most orders rest at first
        return _NOTHING
    try:
        return as_decimal(text, "matched amount")
    except InvalidOrder:
        # what cannot be read was matched nonetheless, and get_order tells how much
        return _NOTHING
