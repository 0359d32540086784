"""What the venue's answer to an order proves: it names the order, refuses it, or leaves its fate open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from attrs import evolve
from polyspec_wire.clob import models as wire

from polyspec.clob.fate import Outcome, Rejected, Unknown, answered, refused
from polyspec.clob.refusals import is_duplicate, is_undecided, is_version_mismatch, refusal
from polyspec.errors import ApiError, BadRequest, DecodeError, PolyspecError

__all__ = ["is_about_orders", "is_of_other_version", "is_taken", "judge", "mismatch", "names_strangers"]

R = TypeVar("R")

# A clash may be with itself, and an engine that restarts may or may not have taken an order along.
_UNDECIDED: Final = (409, 425)


def judge(
    unknown: Unknown[R], told: wire.SendOrderResponse | None, error: PolyspecError | None
) -> Outcome[R]:
    """Say what is certain after one request about one order, by its answer or by what came in its place."""
    if told is not None:
        return _read(unknown, told)
    if not isinstance(error, ApiError) or error.maybe_executed:
        return unknown
    if error.status in _UNDECIDED or is_undecided(error.message):
        return evolve(unknown, claimed=is_duplicate(error.message))
    return refused(unknown, error)


def is_taken(order_id: str, told: wire.SendOrderResponse) -> bool:
    """Tell whether an answer says, without contradicting itself, that the venue has this order."""
    return told.success and not told.error_msg and (told.order_id or "").lower() == order_id


def _read(unknown: Unknown[R], told: wire.SendOrderResponse) -> Outcome[R]:
    """Read one answer: ``success`` alone says nothing, an id that is not this order's still less."""
    if is_taken(unknown.order_id, told):
        return answered(unknown.order, told)
    given, text = (told.order_id or "").lower(), told.error_msg or ""
    said = f"order id {given or 'missing'}, success {told.success}, {text or 'no message'}"
    if given and given != unknown.order_id:
        problem = DecodeError(f"the venue's answer is about another order than this one: {said}")
        return evolve(unknown, cause=problem, claimed=True)
    if is_undecided(text):
        cause = refusal(text, status=200, about=f"order {unknown.order_id}")
        return evolve(unknown, cause=cause, claimed=is_duplicate(text))
    if not given and (text or not told.success):
        return Rejected(order_id=unknown.order_id, order=unknown.order, text=text)
    return evolve(unknown, cause=DecodeError(f"the venue's answer contradicts itself: {said}"))


def mismatch(told: Sequence[wire.SendOrderResponse], ids: Sequence[str]) -> DecodeError | None:
    """Say why the answers to a batch cannot be matched to its orders; None if they can."""
    if len(told) != len(ids):
        return DecodeError(f"{len(ids)} orders were answered with {len(told)} results; at $")
    for index, (each, wanted) in enumerate(zip(told, ids, strict=True)):
        given = (each.order_id or "").lower()
        if given and given != wanted:
            return DecodeError(f"result {index} names another order than the one in its place; at $[{index}]")
    return None


def names_strangers(told: Sequence[wire.SendOrderResponse], ids: Sequence[str]) -> bool:
    """Tell whether answers name orders that were not sent: ours may stand by other ids than we know."""
    return any(each.order_id and each.order_id.lower() not in ids for each in told)


def is_about_orders(error: ApiError) -> bool:
    """Tell whether a refusal is about the order itself, not about who asks or how often."""
    return isinstance(error, BadRequest) or error.status in (403, 404, *_UNDECIDED)


def is_of_other_version(outcome: Outcome[Any]) -> bool:
    """Tell whether the venue itself refused an order for its version; another may be sent in its place."""
    return isinstance(outcome, Rejected) and not outcome.never_arrived and is_version_mismatch(outcome.text)
