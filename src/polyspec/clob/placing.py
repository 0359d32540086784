"""Post orders and learn their fate, without ever sending a second one for the first.

The id of an order is the hash of what was signed, known before anything is sent. Whatever keeps the answer
away, the order is looked up by that id. What is sent again, if it is proven that nothing arrived, are the
same signed bytes, which the venue would recognise as the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Generic, TypeVar

from attrs import evolve, frozen
from polyspec_wire import Call
from polyspec_wire.clob import models as wire
from polyspec_wire.clob import orders

from polyspec.clob.fate import Outcome, Rejected, Unknown, answered, refused
from polyspec.clob.order import SignedOrder
from polyspec.clob.refusals import is_duplicate, is_stale_market, is_version_mismatch
from polyspec.clob.resolving import Resolving
from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import ApiError, BadRequest, DecodeError, PolyspecError, TransportError

__all__ = ["Placing", "Posting", "noted"]

R = TypeVar("R")

# Of the time a placement may take, the part in which an answer may come; the rest is for looking it up.
_SENDING: Final = 2 / 3
# A restarting engine is back in a minute or two; the first pause is what the venue asks for.
_RESTART_PAUSES: Final = (1.0, 2.0, 4.0)
_COPIES: Final = 3
# To send again with less time than this would end in not knowing.
_SHORTEST: Final = 1.0
_RESTS: Final = ("GTC", "GTD")


@frozen
class Posting:
    """An order with the terms it is posted on."""

    order: SignedOrder
    owner: str
    """The API key it belongs to."""
    order_type: str
    post_only: bool
    defer_exec: bool
    body: bytes
    """The JSON of it, exactly as it is signed and sent."""


@contextmanager
def noted(postings: Sequence[Posting]) -> Iterator[None]:
    """Write on whatever cuts a placement off - Ctrl-C, a cancelled task - which orders may stand."""
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        names = ", ".join(each.order.order_id for each in postings)
        error.add_note(f"cut off while placing: these orders may stand, look for them: {names}")
        raise


@frozen
class Placing(Generic[R]):
    """The flows around posting orders."""

    session: Session
    settle_window: float
    resend: bool
    resolver: Callable[[Unknown[R], float | None], R]
    forget: Callable[[str], None]
    """Told the token whose market turns out to have changed."""
    resign: Callable[[Posting], Flow[Posting | None]]
    """Sign an order anew for the version the venue wants; None if it wants this one."""

    def place(self, posting: Posting, timeout: float) -> Flow[Outcome[R]]:
        """Post one order and find out what became of it within `timeout` seconds.

        Raises only what proves that no order stands and is not about the order: refused credentials, no
        connection, a rate limit.
        """
        start: Instant = yield Now()
        deadline = start.monotonic + timeout
        outcome = yield from self._attempt(posting, deadline)
        if isinstance(outcome, Rejected) and is_version_mismatch(outcome.text):
            again = yield from self.resign(posting)
            if again is not None:
                posting = again
                outcome = yield from self._attempt(posting, deadline)
        for copy in range(_COPIES):
            if not self._may_go_again(posting, outcome):
                break
            now: Instant = yield Now()
            pause = _pause(outcome, copy)
            if deadline - now.monotonic - pause < _SHORTEST:
                break
            yield Sleep(pause)
            outcome = yield from self._attempt(posting, deadline)
        return self._learned(outcome)

    def place_many(self, postings: Sequence[Posting], timeout: float) -> Flow[list[Outcome[R]]]:
        """Post several orders in one request; each has a fate of its own, in the order given."""
        start: Instant = yield Now()
        deadline = start.monotonic + timeout
        results = yield from self._attempt_many(postings, deadline)
        open_ones = [each for each in results if isinstance(each, Unknown)]
        found = iter((yield from self._resolving().resolve(open_ones, deadline)) if open_ones else [])
        return [self._learned(next(found) if isinstance(each, Unknown) else each) for each in results]

    def resolve(self, unknown: Unknown[R], timeout: float) -> Flow[Outcome[R]]:
        """Look an order up until its fate is known or `timeout` seconds have passed."""
        start: Instant = yield Now()
        return (yield from self._resolving().resolve([unknown], start.monotonic + timeout))[0]

    # -- one request --

    def _attempt(self, posting: Posting, deadline: float) -> Flow[Outcome[R]]:
        """Send an order once and find out what became of it."""
        start: Instant = yield Now()
        allowed = (deadline - start.monotonic) * _SENDING
        call = _call(orders.POST_ORDER, posting.body)
        answer, error = yield from self._sent(call, allowed)
        sent: Instant = yield Now()
        unknown = self._unknown(posting, start, sent, error)
        outcome = self._judged(unknown, answer, error)
        if not isinstance(outcome, Unknown):
            return outcome
        return (yield from self._resolving().resolve([outcome], deadline))[0]

    def _attempt_many(self, postings: Sequence[Posting], deadline: float) -> Flow[list[Outcome[R]]]:
        start: Instant = yield Now()
        allowed = (deadline - start.monotonic) * _SENDING
        body = b"[" + b",".join(each.body for each in postings) + b"]"
        call = _call(orders.POST_ORDERS, body, items=len(postings))
        answer, error = yield from self._sent(call, allowed)
        sent: Instant = yield Now()
        if answer is not None and (problem := _mismatch(answer, postings)) is not None:
            answer, error = None, problem
        unknowns = [self._unknown(posting, start, sent, error) for posting in postings]
        told = [None] * len(postings) if answer is None else answer
        return [self._judged(unknown, each, error) for unknown, each in zip(unknowns, told, strict=True)]

    def _sent(self, call: Call[Any], timeout: float) -> Flow[tuple[Any, PolyspecError | None]]:
        """Return the answer, or why there is none; raises what proves that no order stands."""
        try:
            return (yield from self.session.send(call, timeout)).value, None
        except ApiError as error:
            if error.maybe_executed or _is_about_orders(error):
                return None, error
            raise
        except PolyspecError as error:
            if error.maybe_executed:
                return None, error
            raise
        except Exception as error:
            cause = TransportError(f"sending failed unexpectedly ({type(error).__name__}: {error})")
            cause.__cause__ = error
            return None, cause

    def _judged(
        self, unknown: Unknown[R], told: wire.SendOrderResponse | None, error: PolyspecError | None
    ) -> Outcome[R]:
        """Say what is certain after one request about one order."""
        if told is not None:
            return _read(unknown, told)
        # what an earlier copy of the request did, if there was one, no refusal of a later one can tell
        if isinstance(error, ApiError) and not error.maybe_executed:
            if error.status == 425 or is_duplicate(error.message):
                return unknown
            return refused(unknown, error)
        return unknown

    # -- what may follow --

    def _may_go_again(self, posting: Posting, outcome: Outcome[R]) -> bool:
        """Tell whether the same bytes may be sent again: they never arrived, and still mean the same."""
        return (
            self.resend
            and isinstance(outcome, Rejected)
            and outcome.never_arrived
            # one that was killed at once leaves no trace either, and has had its chance
            and posting.order_type in _RESTS
        )

    def _unknown(
        self, posting: Posting, start: Instant, sent: Instant, cause: PolyspecError | None
    ) -> Unknown[R]:
        return Unknown(
            order_id=posting.order.order_id,
            order=posting.order,
            sent_at=self.session.clock.correct(start.wall),
            left=sent.monotonic,
            cause=cause,
            resolver=self.resolver,
        )

    def _resolving(self) -> Resolving[R]:
        return Resolving(self.session, self.settle_window)

    def _learned(self, outcome: Outcome[R]) -> Outcome[R]:
        """Note what an outcome says about the market."""
        if isinstance(outcome, Rejected) and is_stale_market(outcome.text):
            self.forget(outcome.order.token_id)
        return outcome


def _call(operation: Any, body: bytes, items: int = 1) -> Call[Any]:
    return Call(operation=operation, path=operation.path, body=body, items=items)


def _is_about_orders(error: ApiError) -> bool:
    """Tell whether a refusal is about the order itself, not about who asks or how often."""
    return isinstance(error, BadRequest) or error.status in (403, 409, 425)


def _read(unknown: Unknown[R], told: wire.SendOrderResponse) -> Outcome[R]:
    """Read one answer: ``success`` alone says nothing, an id that is not this order's still less."""
    given, text = (told.order_id or "").lower(), told.error_msg or ""
    if given == unknown.order_id and told.success and not text:
        return answered(unknown.order, told)
    if is_duplicate(text):
        return unknown
    if not given and text:
        return Rejected(order_id=unknown.order_id, order=unknown.order, text=text)
    if not given and not told.success:
        return Rejected(order_id=unknown.order_id, order=unknown.order, text="")
    said = f"order id {given or 'missing'}, success {told.success}, {text or 'no message'}"
    return evolve(unknown, cause=DecodeError(f"the venue's answer contradicts itself: {said}"))


def _mismatch(told: Sequence[wire.SendOrderResponse], postings: Sequence[Posting]) -> DecodeError | None:
    """Say why answers cannot be matched to orders; None if they can."""
    if len(told) != len(postings):
        return DecodeError(f"{len(postings)} orders were answered with {len(told)} results; at $")
    for index, (each, posting) in enumerate(zip(told, postings, strict=True)):
        given = (each.order_id or "").lower()
        if given and given != posting.order.order_id:
            return DecodeError(f"result {index} names another order than the one in its place; at $[{index}]")
    return None


def _pause(outcome: Outcome[Any], copy: int) -> float:
    asked = outcome.retry_after if isinstance(outcome, Rejected) else None
    return _RESTART_PAUSES[min(copy, len(_RESTART_PAUSES) - 1)] if asked is None else asked
