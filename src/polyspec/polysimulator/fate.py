"""How placing an order on PolySimulator ends: it is known to stand, known not to, or not known yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NoReturn, Self, TypeAlias, TypeVar, cast

from attrs import field, frozen

from polyspec.core import fate
from polyspec.errors import (
    ApiError,
    ConfigError,
    InsufficientFunds,
    OrderRejected,
    PolyspecError,
    TradingRestricted,
)

__all__ = [
    "Accepted",
    "AsyncPlacement",
    "AsyncResolved",
    "OrderId",
    "Outcome",
    "Placement",
    "Rejected",
    "Resolved",
    "Source",
    "Terms",
    "Unknown",
]

R = TypeVar("R")

Source: TypeAlias = Literal["pending", "filled"]
SOURCES: Final[tuple[Source, ...]] = ("pending", "filled")

# What the venue warns of if less was filled at once than was asked for.
_PARTLY: Final = re.compile(r"partial_fill:filled=([0-9]{1,18}(?:\.[0-9]{1,18})?)(?:,.*)?")
# As many digits as 64 bits have.
_ID: Final = re.compile(r"(?:(pending|filled):)?([0-9]{1,20})")


class OrderId(str):
    """The id of an order, as ``pending:7``: resting and filled orders are numbered each from one.

    So 7 alone may name two orders. Text without a source is one nobody told the source of.
    """

    __slots__ = ()

    def __new__(cls, number: int | str, source: str | None = None) -> Self:
        """Make one of a number, or of text such as ``7`` or ``filled:7``; raises ConfigError."""
        text = str(number) if isinstance(number, int | str) and not isinstance(number, bool) else ""
        found = _ID.fullmatch(text.strip())
        if found is None or int(found[2]) == 0:
            raise ConfigError(f"an order id is a number above 0, or like 'pending:7', not {number!r}")
        if source is not None and (source not in SOURCES or found[1] not in (None, source)):
            raise ConfigError(f"the source of order {number} is pending or filled, not {source!r}")
        told = source or found[1]
        return super().__new__(cls, f"{told}:{int(found[2])}" if told else str(int(found[2])))

    @property
    def number(self) -> int:
        """The number the venue knows it by, in one of its two tables."""
        return int(self.rpartition(":")[2])

    @property
    def source(self) -> Source | None:
        """The table: ``pending`` for orders that rest or rested, ``filled`` for those filled at once."""
        return cast("Source", self.partition(":")[0]) if ":" in self else None

    def __repr__(self) -> str:
        return f"OrderId({self.number}, {self.source!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return OrderId, (str(self),)


@frozen
class Terms:
    """What an order was for, to tell it from another of the same client order id."""

    market: str
    """Condition id; empty if only the token is known."""
    side: str
    outcome: str = ""
    quantity: Decimal | None = None
    """Shares; None if it spends an amount."""
    limit: Decimal | None = None
    """The limit price; None of a market order."""
    wallet_id: int | None = None
    """The wallet; None for that of the API."""


@frozen
class Accepted(fate.Accepted):
    """The venue took the order; what it says of it is what was last seen."""

    # frozen, so that nobody can put a plain text there through the base
    order_id: OrderId  # pyright: ignore[reportIncompatibleVariableOverride]
    client_order_id: str
    status: str
    """PENDING, FILLED, CANCELLED, EXPIRED, or what the venue may call it later; of the compatible routes
    ``live``, ``matched`` or ``unmatched``."""
    quantity: Decimal
    """Shares: of a filled order those that were filled, else those it is for."""
    price: Decimal | None = None
    """What it filled at, or its limit; None of an order that was looked up and has none."""
    fee: Decimal | None = None
    """Dollars; None if only a lookup told of the order."""
    is_replay: bool = False
    """Whether this is the venue's answer to an earlier request with the same client order id."""
    balance: Decimal | None = None
    """Dollars left in the wallet right after it."""
    warnings: tuple[str, ...] = ()
    answer: Any = field(default=None, repr=False)
    """What the venue said: an OrderResponse, a PendingOrderItem if the order was looked up, or the answer of
    a compatible route."""

    @property
    def source(self) -> Source | None:
        """The table the order is in, see `OrderId`."""
        return self.order_id.source

    @property
    def filled(self) -> Decimal:
        """Shares filled when last seen; of an order that rests the venue says so only when it is placed."""
        if self.status.upper() in ("FILLED", "MATCHED"):
            return self.quantity
        found = (_PARTLY.fullmatch(each) for each in self.warnings)
        return next((Decimal(each[1]) for each in found if each is not None), Decimal(0))

    @property
    def is_open(self) -> bool:
        """Whether it rested when last seen, so that it can be cancelled."""
        return self.status.upper() in ("PENDING", "LIVE")

    def unwrap(self) -> Accepted:
        """Return this."""
        return self


@frozen
class Rejected(fate.Rejected):
    """The order does not stand and never will: the venue refused it, or it provably never arrived."""

    client_order_id: str
    text: str
    """The venue's words."""
    code: str | None = None
    """The venue's code, such as INSUFFICIENT_BALANCE."""
    status: int = 200
    """HTTP status of the refusal."""
    retry_after: float | None = None
    """Seconds the venue asked to wait, if it did."""
    never_arrived: bool = False
    """No trace of the order after the venue's own time limit: it is safe to place it again, or another."""
    order_id: OrderId | None = None
    """Of an order the venue keeps as rejected; None if there is none."""
    cause: ApiError | None = field(default=None, repr=False, eq=False)
    """The refusal as it came, if it came as an error."""

    @property
    def error(self) -> OrderRejected:
        """The refusal as an error: OrderRejected, InsufficientFunds or TradingRestricted."""
        cause = self.cause
        kind = type(cause) if isinstance(cause, OrderRejected) else _KINDS.get(self.code or "", OrderRejected)
        message = f"order {self.client_order_id} was refused: {self.text or 'no reason given'}"
        # a new one: what was raised before carries where it went, and whether it alone proved anything
        error = kind(message, status=self.status, code=self.code, retry_after=self.retry_after)
        if cause is not None:
            error.details, error.operation, error.request_id = (
                cause.details,
                cause.operation,
                cause.request_id,
            )
        return error

    def unwrap(self) -> NoReturn:
        """Raise the refusal."""
        raise self.error


@frozen
class Unknown(fate.Unknown[R], Generic[R]):
    """Nobody can say yet whether the order stands: do not place another, resolve this one."""

    client_order_id: str
    order_id: OrderId | None = None
    """The id the venue gave before it lost track; None if it gave none."""
    terms: Terms | None = field(default=None, repr=False)
    """What it was for; without them an order of the same client order id is taken for it."""
    sent_at: float | None = field(default=None, repr=False)
    """Unix time, by the venue's clock, at which it was about to be sent; None if nobody noted it, and then
    not finding it proves nothing."""
    begun: float | None = field(default=None, repr=False)
    """The same by the monotonic clock of this process, which does not jump."""
    left: float | None = field(default=None, repr=False)
    """Monotonic second after which nothing of it could leave any more; None if it is not known, and then it
    counts from when it is looked up."""
    cause: PolyspecError | None = None
    """What kept the answer away."""
    obstacle: PolyspecError | None = field(default=None, eq=False)
    """What the last lookup failed of; None if it worked and found no verdict."""
    refusal: ApiError | None = field(default=None, repr=False, eq=False)
    """A refusal that counts if the order is proven not to stand: it answered a repetition."""
    claimed: bool = field(default=False, repr=False)
    """The venue spoke of it as of one it has: not finding it proves nothing."""
    fresh: bool = field(default=False, repr=False)
    """Whether the client order id was made for this order, so that none from before can have it."""
    owner: str = field(default="", repr=False)
    """Tells, within this process, whose key placed it: others do not see it."""
    _resolve: Callable[[Unknown[R], float | None], R] | None = field(
        default=None, repr=False, eq=False, alias="resolver"
    )

    @property
    def source(self) -> Source | None:
        """The table the order is in, if the venue said so."""
        return None if self.order_id is None else self.order_id.source

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
            f"the fate of order {self.client_order_id} is not known yet; call resolve(), do not place another"
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

_KINDS: Final[dict[str, type[OrderRejected]]] = {
    "INSUFFICIENT_BALANCE": InsufficientFunds,
    "INSUFFICIENT_POSITION": InsufficientFunds,
    "MARKET_CLOSED": TradingRestricted,
    "VENUE_UNAVAILABLE": TradingRestricted,
}
