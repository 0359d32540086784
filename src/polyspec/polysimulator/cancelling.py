"""What a cancel is aimed at, how it is sent, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from attrs import field, frozen
from polyspec_wire import Call
from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import orders

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.sending import Session
from polyspec.errors import ApiError, ConfigError, DecodeError, PolyspecError
from polyspec.polysimulator.fate import Accepted, OrderId, Rejected, Source, Unknown
from polyspec.polysimulator.turns import Turns

__all__ = [
    "CANCELS",
    "Cancelled",
    "Target",
    "cancel",
    "checked_targets",
    "order_id_of",
    "rests_no_more",
    "write",
]

T = TypeVar("T")

Target: TypeAlias = (
    OrderId
    | str
    | int
    | Accepted
    | Unknown[Any]
    | wire.PendingOrderItem
    | wire.OrderDetail
    | wire.PmOpenOrder
)
"""An order, however it was come by; a bare number is one that rests."""

CANCELS: Final = 100
"""The most ids the venue takes in one request."""

_DONE: Final = ("FILLED", "MATCHED")
_PREFIX: Final = "ORDER_STATUS_"
_NOT_OPEN: Final = ("ORDER_NOT_CANCELLABLE", "ORDER_NOT_FOUND")
_CANCELLED: Final = ("CANCELLED", "CANCELED")
_ENDED: Final = ("FILLED", "EXPIRED")
_FILLED: Final = "it was filled at once and never rested; its number among those that rest is another order's"
_GONE: Final = "it is filled, and rests no more"


def order_id_of(target: Target) -> OrderId:
    """Return the id of an order; raises ConfigError if it has none."""
    if isinstance(target, Rejected):
        raise ConfigError(f"order {target.client_order_id} was refused: there is nothing to read or cancel")
    if isinstance(target, Accepted | Unknown):
        if target.order_id is None:
            raise ConfigError("this order has no id of the venue yet: resolve() it first")
        return target.order_id
    if isinstance(target, wire.OrderDetail):
        return OrderId(target.order_id, target.source)
    if isinstance(target, wire.PendingOrderItem | wire.PmOpenOrder):
        # a listing does not say which table a filled order is in
        rested: Source | None = None if _is_done(target.status) else "pending"
        return OrderId(target.id if isinstance(target, wire.PmOpenOrder) else target.order_id, rested)
    if not isinstance(target, str | int):
        raise ConfigError(
            f"an order is named by its id, or by what placing or reading it returned, "
            f"not by {type(target).__name__}"
        )
    return OrderId(target)


def rests_no_more(target: Target) -> bool:
    """Tell whether an order is known to be filled: its number may be that of another, which rests."""
    order_id = order_id_of(target)
    if order_id.source is not None:
        return order_id.source == "filled"
    return _is_done(getattr(target, "status", ""))


def _is_done(status: object) -> bool:
    return str(status).upper().removeprefix(_PREFIX) in _DONE


def checked_targets(targets: Sequence[Target]) -> tuple[list[OrderId], list[OrderId]]:
    """Return the ids of orders that may rest and of those that do not, each once, in the order given."""
    if isinstance(targets, str):
        # a text is a sequence too, of letters
        raise ConfigError("give a list of orders; cancel takes one alone")
    ids: tuple[dict[OrderId, None], dict[OrderId, None]] = {}, {}
    for each in targets:
        ids[rests_no_more(each)][order_id_of(each)] = None
    return list(ids[False]), list(ids[True])


@frozen
class Cancelled:
    """What came of a cancel; the venue answers yes even if nothing was cancelled."""

    canceled: tuple[OrderId, ...]
    """Orders that rested and do not any more."""
    not_canceled: Mapping[OrderId, str] = field(factory=dict)
    """The others, with the venue's reasons; if an answer was lost also what the first request cancelled."""

    @classmethod
    def of(cls, *answers: wire.CancelResponse, left_out: Sequence[OrderId] = ()) -> Cancelled:
        """Put answers together; `left_out` are orders that are filled, and were not asked for."""
        refused = {
            _named(number): str(why) for each in answers for number, why in (each.not_canceled or {}).items()
        }
        return cls(
            tuple(_named(number) for each in answers for number in each.canceled),
            {**refused, **{each: _FILLED if each.source else _GONE for each in left_out}},
        )

    def __bool__(self) -> bool:
        return not self.not_canceled


def _named(number: str) -> OrderId:
    """Return the id of an order that rested, out of the venue's answer."""
    try:
        return OrderId(number, "pending")
    except ConfigError:
        raise _strange(f"it names an order {number!r:.50}, which is none that rests") from None


def _strange(problem: str) -> DecodeError:
    error = DecodeError(f"the venue's answer cannot be about this cancel: {problem}; look what still rests")
    error.maybe_executed = True
    return error


def write(
    session: Session, turns: Turns | None, call: Call[T], timeout: float | None, *, urgent: bool = True
) -> Flow[T]:
    """Send a call in the account's turn, before all placements if it is `urgent`."""
    start: Instant = yield Now()
    patience = session.patience
    usual = patience.total if call.operation.retry == "safe" else patience.place
    until = start.monotonic + (usual if timeout is None else timeout)
    sending = session.send(call, until=until)
    answer = yield from (sending if turns is None else turns.within(sending, until, urgent=urgent))
    return answer.value


def cancel(
    session: Session,
    turns: Turns | None,
    target: Target,
    timeout: float | None,
    wallet_id: str | None = None,
) -> Flow[Cancelled]:
    """Cancel one order; one that does not rest any more is no error, but not cancelled either."""
    if rests_no_more(target):
        return Cancelled.of(left_out=[order_id_of(target)])
    order_id = OrderId(order_id_of(target).number, "pending")
    try:
        answer = yield from write(session, turns, orders.cancel_order(order_id.number), timeout)
    except ApiError as error:
        if error.code not in _NOT_OPEN:
            raise
        # an earlier request for it may have done it, and its answer was lost
        if (yield from _is_cancelled(session, order_id, timeout, wallet_id)):
            return Cancelled((order_id,))
        return Cancelled((), {order_id: error.message})
    return _told(order_id, answer)


def _told(order_id: OrderId, answer: wire.OrderResponse) -> Cancelled:
    """Read what became of an order that was to be cancelled: a yes may be about something else."""
    status, ours = str(answer.status).upper(), answer.order_id in (0, order_id.number)
    if ours and status in _CANCELLED:
        return Cancelled((order_id,))
    if ours and status in _ENDED:
        return Cancelled((), {order_id: f"it was {status.lower()} before"})
    raise _strange(f"order {answer.order_id} is {status or 'nothing'}")


def _is_cancelled(
    session: Session, order_id: OrderId, timeout: float | None, wallet_id: str | None
) -> Flow[bool]:
    call = orders.get_order(order_id.number, source=wire.OrderSource.PENDING, wallet_id=wallet_id)
    try:
        found = yield from session.send(call, timeout)
    except PolyspecError:
        # that it does not rest is certain without this
        return False
    return bool(found.value.status == wire.OrderStatus.CANCELLED)
