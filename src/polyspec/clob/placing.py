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
from polyspec.clob.refusals import (
    is_duplicate,
    is_stale_market,
    is_undecided,
    is_version_mismatch,
    refusal,
)
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
# What is certain is not given away for a copy whose fate there is no time to learn: beyond the window that is
# two looks, apart.
_PROOF: Final = 2.5
_RESTS: Final = ("GTC", "GTD")
# A clash may be with itself, and an engine that restarts may or may not have taken an order along.
_UNDECIDED: Final = (409, 425)
# Of what was answered in place of the venue, what may be answered otherwise the next time.
_PASSING: Final = (200, 408, 425, 429)


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

    def of(self, order: SignedOrder) -> Posting:
        """Return another order on the same terms."""
        body = order.body(self.owner, self.order_type, post_only=self.post_only, defer_exec=self.defer_exec)
        return evolve(self, order=order, body=body)


@contextmanager
def noted(postings: Sequence[Posting]) -> Iterator[Callable[[Posting], None]]:
    """Write on whatever cuts a placement off - Ctrl-C, a cancelled task - which orders may stand.

    Gives what takes note of an order that is sent in place of another.
    """
    standing = list(postings)
    try:
        yield standing.append
    except Exception:
        raise
    except BaseException as error:
        names = ", ".join(each.order.order_id for each in standing)
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
    resign: Callable[[Sequence[Posting], float], Flow[list[Posting | None]]]
    """Sign orders anew for the version the venue wants, before a monotonic second; None for an order which is
    of that version already."""
    replaced: Callable[[Posting], None]
    """Told what is sent in place of an order that was refused for its version."""
    key: Callable[[], str | None]
    """The API key in use."""

    def place(self, posting: Posting, timeout: float) -> Flow[Outcome[R]]:
        """Post one order and find out what became of it within `timeout` seconds.

        Raises only what proves that no order stands and is not about the order: refused credentials, no
        connection, a rate limit.
        """
        start: Instant = yield Now()
        deadline = start.monotonic + timeout
        outcome, answered_at = yield from self._attempt(posting, deadline)
        [(outcome, again)] = yield from self._renewed([posting], [outcome], deadline)
        if again is not None:
            posting = again
            outcome, answered_at = yield from self._attempt(posting, deadline)
        for copy in range(_COPIES):
            if not self._may_go_again(posting, outcome):
                break
            now: Instant = yield Now()
            # the wait runs from the venue's answer, and the proof took its time
            pause = max(0.0, answered_at + _pause(outcome, copy) - now.monotonic)
            if deadline - now.monotonic - pause < self.settle_window + _PROOF:
                break
            yield Sleep(pause)
            try:
                outcome, answered_at = yield from self._attempt(posting, deadline, again=True)
            except PolyspecError:
                # it did not leave, or nobody looked at it: what was proven of the one before still is
                break
        return self._learned(outcome)

    def place_many(self, postings: Sequence[Posting], timeout: float) -> Flow[list[Outcome[R]]]:
        """Post several orders in one request; each has a fate of its own, in the order given."""
        start: Instant = yield Now()
        deadline = start.monotonic + timeout
        results = yield from self._attempt_many(postings, deadline)
        judged = yield from self._renewed(postings, results, deadline)
        results = [outcome for outcome, _ in judged]
        renewed = {place: again for place, (_, again) in enumerate(judged) if again is not None}
        if renewed:
            try:
                fates = yield from self._attempt_many(list(renewed.values()), deadline)
            except PolyspecError:
                # these are refused as they were; of the others there is something to tell
                fates = [results[place] for place in renewed]
            for place, fate in zip(renewed, fates, strict=True):
                results[place] = fate
        open_ones = [each for each in results if isinstance(each, Unknown)]
        found = iter((yield from self._resolving().resolve(open_ones, deadline)) if open_ones else [])
        return [self._learned(next(found) if isinstance(each, Unknown) else each) for each in results]

    def resolve(self, unknown: Unknown[R], timeout: float) -> Flow[Outcome[R]]:
        """Look an order up until its fate is known or `timeout` seconds have passed."""
        start: Instant = yield Now()
        return (yield from self._resolving().resolve([unknown], start.monotonic + timeout))[0]

    # -- one request --

    def _attempt(
        self, posting: Posting, deadline: float, *, again: bool = False
    ) -> Flow[tuple[Outcome[R], float]]:
        """Send an order once and find out what became of it; returns also when it was answered, or not."""
        start: Instant = yield Now()
        allowed = (deadline - start.monotonic) * _SENDING
        call = _call(orders.POST_ORDER, posting.body)
        answer, error = yield from self._sent(call, allowed)
        sent: Instant = yield Now()
        unknown = self._unknown(posting, start, sent, error)
        outcome = self._judged(unknown, answer, error)
        if isinstance(outcome, Unknown):
            outcome = (yield from self._resolving().resolve([outcome], deadline))[0]
        elif again and isinstance(outcome, Rejected):
            # the copy before it may be why, should it have arrived after all
            outcome = yield from self._resolving().doubted(unknown, outcome, deadline)
        return outcome, sent.monotonic

    def _attempt_many(self, postings: Sequence[Posting], deadline: float) -> Flow[list[Outcome[R]]]:
        start: Instant = yield Now()
        allowed = (deadline - start.monotonic) * _SENDING
        body = b"[" + b",".join(each.body for each in postings) + b"]"
        call = _call(orders.POST_ORDERS, body, items=len(postings))
        answer, error = yield from self._sent(call, allowed)
        sent: Instant = yield Now()
        claimed = False
        if answer is not None and (problem := _mismatch(answer, postings)) is not None:
            claimed = _names_strangers(answer, postings)
            answer, error = None, problem
        unknowns = [
            evolve(self._unknown(posting, start, sent, error), claimed=claimed) for posting in postings
        ]
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
        if not isinstance(error, ApiError) or error.maybe_executed:
            return unknown
        if error.status in _UNDECIDED or is_undecided(error.message):
            return evolve(unknown, claimed=is_duplicate(error.message))
        return refused(unknown, error)

    # -- what may follow --

    def _may_go_again(self, posting: Posting, outcome: Outcome[R]) -> bool:
        """Tell whether the same bytes may be sent again: they never arrived, and still mean the same."""
        return (
            self.resend
            and isinstance(outcome, Rejected)
            and outcome.never_arrived
            and (outcome.status in _PASSING or outcome.status >= 500)
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
            owner=posting.owner,
            resolver=self.resolver,
        )

    def _renewed(
        self, postings: Sequence[Posting], outcomes: Sequence[Outcome[R]], deadline: float
    ) -> Flow[list[tuple[Outcome[R], Posting | None]]]:
        """Return outcomes, and what to send in place of orders that were refused for their version."""
        judged: list[tuple[Outcome[R], Posting | None]] = [(outcome, None) for outcome in outcomes]
        places = [place for place, each in enumerate(outcomes) if _is_of_other_version(each)]
        if not places:
            return judged
        try:
            signed = yield from self.resign([postings[place] for place in places], deadline)
        except Exception as error:
            # a vault, or the network: the orders are refused as they were
            for place in places:
                found = outcomes[place]
                assert isinstance(found, Rejected)
                judged[place] = evolve(found, text=f"{found.text}; signing it anew failed: {error}"), None
            return judged
        for place, again in zip(places, signed, strict=True):
            if again is not None:
                self.replaced(again)
                judged[place] = outcomes[place], again
        return judged

    def _resolving(self) -> Resolving[R]:
        return Resolving(self.session, self.settle_window, self.key)

    def _learned(self, outcome: Outcome[R]) -> Outcome[R]:
        """Note what an outcome says about the market."""
        if isinstance(outcome, Rejected) and is_stale_market(outcome.text):
            self.forget(outcome.order.token_id)
        return outcome


def _call(operation: Any, body: bytes, items: int = 1) -> Call[Any]:
    return Call(operation=operation, path=operation.path, body=body, items=items)


def _is_about_orders(error: ApiError) -> bool:
    """Tell whether a refusal is about the order itself, not about who asks or how often."""
    return isinstance(error, BadRequest) or error.status in (403, 404, *_UNDECIDED)


def _is_of_other_version(outcome: Outcome[Any]) -> bool:
    """Tell whether the venue itself refused an order for its version; another may be sent in its place."""
    return isinstance(outcome, Rejected) and not outcome.never_arrived and is_version_mismatch(outcome.text)


def _read(unknown: Unknown[R], told: wire.SendOrderResponse) -> Outcome[R]:
    """Read one answer: ``success`` alone says nothing, an id that is not this order's still less."""
    given, text = (told.order_id or "").lower(), told.error_msg or ""
    if given == unknown.order_id and told.success and not text:
        return answered(unknown.order, told)
    said = f"order id {given or 'missing'}, success {told.success}, {text or 'no message'}"
    if given and given != unknown.order_id:
        problem = DecodeError(f"the venue's answer is about another order than this one: {said}")
        return evolve(unknown, cause=problem, claimed=True)
    if is_undecided(text):
        cause = refusal(text, status=200, about=f"order {unknown.order_id}")
        return evolve(unknown, cause=cause, claimed=is_duplicate(text))
    if not given and text:
        return Rejected(order_id=unknown.order_id, order=unknown.order, text=text)
    if not given and not told.success:
        return Rejected(order_id=unknown.order_id, order=unknown.order, text="")
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


def _names_strangers(told: Sequence[wire.SendOrderResponse], postings: Sequence[Posting]) -> bool:
    """Tell whether answers name orders that were not sent: ours may stand by other ids than we know."""
    sent = {each.order.order_id for each in postings}
    return any(each.order_id and each.order_id.lower() not in sent for each in told)


def _pause(outcome: Outcome[Any], copy: int) -> float:
    asked = outcome.retry_after if isinstance(outcome, Rejected) else None
    return _RESTART_PAUSES[min(copy, len(_RESTART_PAUSES) - 1)] if asked is None else asked
