"""What one answer to an order proves: that it stands, that this request was refused, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final, TypeAlias

from attrs import evolve, frozen
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import (
    ApiError,
    ConfigError,
    DecodeError,
    OrderRejected,
    PolyspecError,
    RateLimited,
    TransportError,
)
from polyspec.polysimulator.codes import (
    DUPLICATE,
    KEY_REUSE,
    PASSING,
    PERSISTED,
    PERSISTENCE_UNKNOWN,
    refusal,
)
from polyspec.polysimulator.fate import Accepted, OrderId, Rejected, Source
from polyspec.polysimulator.ticket import Ticket

__all__ = [
    "TAKEN_IDS",
    "Said",
    "Then",
    "as_decimal_or_none",
    "is_refused_status",
    "read",
    "read_error",
    "rejected",
]

TAKEN_IDS: Final = (KEY_REUSE, DUPLICATE)
"""Codes that say that the client order id is in use."""

_Judged: TypeAlias = wire.OrderResponse | wire.BatchOrderResult

# What the venue calls an order it did not take; of one it took there is a number above 0.
_REFUSED: Final = ("REJECTED", "ERROR")
# Taken in, and not judged yet.
_ACKNOWLEDGED: Final = "ACCEPTED"
# About the order, and not about who sends it or how fast.
_ABOUT_ORDERS: Final = (400, 404, 405, 409, 413, 415, 422)


class Then(Enum):
    """What may follow an answer."""

    STOP = "nothing: it says all there is to say about this request"
    AGAIN = "the identical bytes with the same id, after a wait"
    LOOK = "looking the order up, and never sending it again"


@frozen
class Said:
    """What one attempt brought."""

    then: Then
    outcome: Accepted | None = None
    """The order, if it certainly stands."""
    error: PolyspecError | None = None
    """What came instead."""
    doubt: bool = False
    """Whether this attempt may have made an order."""
    claimed: bool = False
    """Whether the venue spoke of the order as of one it has."""
    order_id: OrderId | None = None

    @property
    def about_order(self) -> bool:
        """Whether it is the order that was refused, rather than whoever sent it, or too much at once."""
        error = self.error
        if not isinstance(error, ApiError):
            return False
        # what is busy with another order of the account is no fault of anybody's, and says when to come back
        return isinstance(error, OrderRejected) or error.status in _ABOUT_ORDERS


def is_refused_status(status: str) -> bool:
    """Tell whether a status says that the venue did not take the order."""
    return status.upper() in _REFUSED


def is_judged_status(status: str) -> bool:
    """Tell whether a status is a verdict; whatever the venue may call one later is."""
    return status.upper() not in ("", _ACKNOWLEDGED)


def read(ticket: Ticket, answer: Any) -> Said:
    """Read the venue's answer to an order; raises nothing, for an order may stand whatever it says."""
    try:
        return _read(ticket, answer)
    except Exception as error:
        return _strange(f"{type(error).__name__}: {error}")


def _read(ticket: Ticket, answer: Any) -> Said:
    if isinstance(answer, wire.FlatOrderResponse):
        return _flat(ticket, answer)
    if not isinstance(answer, wire.OrderResponse | wire.OrderAck | wire.BatchOrderResult):
        return _strange("the answer to one order is a list")
    if answer.client_order_id not in (None, "", ticket.client_order_id):
        return _strange(f"it is about the order {answer.client_order_id!r:.100}")
    if problem := _of_other_terms(ticket, answer):
        # an order there is, and ours if it names us; however the venue puts it, it is not nowhere
        return evolve(_strange(problem), claimed=True, order_id=OrderId(answer.order_id))
    if answer.order_id <= 0:
        return _strange("it has no id") if isinstance(answer, wire.OrderAck) else _refused(answer)
    if isinstance(answer, wire.OrderAck) or not is_judged_status(answer.status):
        cause = DecodeError("the venue took the order in, and has not judged it yet")
        return Said(Then.LOOK, error=cause, doubt=True, claimed=True, order_id=OrderId(answer.order_id))
    if is_refused_status(answer.status):
        told = DecodeError(f"the venue's answer contradicts itself: {answer.status}, with an id")
        return Said(Then.LOOK, error=told, doubt=True, claimed=True, order_id=OrderId(answer.order_id))
    return Said(Then.STOP, _accepted(ticket, answer), doubt=True)


def read_error(error: PolyspecError) -> Said:
    """Read what came instead of an answer."""
    if not isinstance(error, ApiError):
        if isinstance(error, DecodeError) and not error.malformed:
            # what the venue replays will have the same shape again
            return Said(Then.LOOK, error=error, doubt=True)
        goes_on = error.maybe_executed or isinstance(error, TransportError)
        return Said(Then.AGAIN if goes_on else Then.STOP, error=error, doubt=error.maybe_executed)
    code = error.code
    if code == PERSISTED:
        return Said(Then.LOOK, error=error, doubt=True, claimed=True, order_id=_named(error.details))
    if code == PERSISTENCE_UNKNOWN:
        return Said(Then.LOOK, error=error, doubt=True, order_id=_named(error.details))
    if code in TAKEN_IDS:
        return Said(Then.LOOK, error=error)
    if error.maybe_executed or code in PASSING or isinstance(error, RateLimited):
        return Said(Then.AGAIN, error=error, doubt=error.maybe_executed)
    return Said(Then.STOP, error=error)


def rejected(client_order_id: str, error: ApiError, **more: Any) -> Rejected:
    """Return the refusal of an order in the words of an error."""
    return Rejected(
        client_order_id=client_order_id,
        text=error.message,
        code=None if error.code is None else str(error.code),
        status=error.status,
        retry_after=error.retry_after,
        cause=error,
        **more,
    )


def as_decimal_or_none(value: object) -> Decimal | None:
    """Read a number out of an answer that may have it as a text; None if there is none."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _accepted(ticket: Ticket, answer: _Judged) -> Accepted:
    status = str(answer.status).upper()
    # what is filled at once is in the table of fills; all else rests or rested
    source: Source = "filled" if status == "FILLED" else "pending"
    return Accepted(
        order_id=OrderId(answer.order_id, source),
        client_order_id=ticket.client_order_id,
        status=status,
        quantity=answer.quantity if answer.quantity is not None else ticket.terms.quantity or Decimal(0),
        price=answer.price,
        fee=answer.fee,
        is_replay=bool(answer.is_replay),
        balance=answer.account_balance,
        warnings=tuple(answer.warnings or ()),
        answer=answer,
    )


def _of_other_terms(ticket: Ticket, answer: _Judged | wire.OrderAck) -> str:
    """Say in what an order that stands differs from the one that was sent; empty if in nothing."""
    terms = ticket.terms
    if answer.order_id <= 0:
        return ""
    if str(answer.side or terms.side).upper() != terms.side:
        return f"it is about a {answer.side!s:.20}"
    if (answer.outcome or terms.outcome).casefold() != terms.outcome.casefold():
        return f"it is about the outcome {answer.outcome!r:.100}"
    return ""


def _refused(answer: _Judged) -> Said:
    """Read the refusal of an order that is an answer, of its own or in a batch; its code may be any."""
    status = str(answer.status).upper()
    if not is_refused_status(status):
        return _strange(f"{status or 'no status'}, without an id")
    text = answer.error_message or answer.cancelled_reason
    code = answer.error or answer.cancelled_reason or status
    error = refusal(str(code), text, 200)
    return (_broken_off(error) if status == "ERROR" else None) or read_error(error)


def _broken_off(error: ApiError) -> Said | None:
    """Return what a failure of the venue's own leaves behind, which is what 500 says of a single order."""
    return Said(Then.LOOK, error=error, doubt=True) if error.code in _FAILURES else None


_FAILURES: Final = ("ERROR", "EXECUTION_ERROR", "ORDER_EXECUTION_FAILED", "INTERNAL_ERROR")


def _flat(ticket: Ticket, answer: wire.FlatOrderResponse) -> Said:
    text, status = answer.error_msg or "", str(answer.status or "")
    try:
        known = (
            OrderId(answer.order_id, "filled" if status.lower() == "matched" else "pending")
            if answer.order_id
            else None
        )
    except ConfigError:
        return _strange(f"an order id {answer.order_id!r:.50}")
    if known is None and not answer.success:
        error = refusal(text if text.isupper() else "ORDER_REJECTED", text, 200)
        return _broken_off(error) or read_error(error)
    if known is None or not answer.success:
        return _strange(f"order id {answer.order_id or 'missing'}, success {answer.success}")
    return Said(
        Then.STOP,
        Accepted(
            order_id=known,
            client_order_id=ticket.client_order_id,
            status=status,
            quantity=as_decimal_or_none(answer.size) or ticket.terms.quantity or Decimal(0),
            price=as_decimal_or_none(answer.price) or ticket.price,
            answer=answer,
        ),
        doubt=True,
    )


def _strange(problem: str) -> Said:
    cause = DecodeError(f"the venue's answer cannot be about this order: {problem}")
    return Said(Then.LOOK, error=cause, doubt=True)


def _named(details: Mapping[str, Any]) -> OrderId | None:
    """Return the id of the order an error speaks of."""
    number, source = details.get("order_id"), details.get("source")
    try:
        return OrderId(number, source if source in ("pending", "filled") else None) if number else None
    except ConfigError:
        return None
