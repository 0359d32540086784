"""Post orders and learn their fate, without ever sending a second one for the first.

The id of an order is the hash of what was signed, known before anything is sent. Whatever keeps the answer
away, the order is looked up by that id. What is sent again, if it is proven that nothing arrived, are the
same signed bytes, which the venue would recognise as the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from attrs import define, evolve
from msgspec import Struct
from msgspec.structs import replace
from polyspec_wire import Call
from polyspec_wire.clob import orders

from polyspec.clob.answers import (
    is_about_orders,
    is_of_other_version,
    is_taken,
    judge,
    mismatch,
    names_strangers,
)
from polyspec.clob.fate import Accepted, Outcome, Rejected, Unknown, answered
from polyspec.clob.order import SignedOrder
from polyspec.clob.refusals import is_stale_market
from polyspec.clob.resolving import Resolving
from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.core.sent import SentOrders
from polyspec.core.watching import fates
from polyspec.errors import ApiError, PolyspecError, TransportError

__all__ = ["Noted", "Placing", "Posting"]

R = TypeVar("R")

# Of the time a placement may take, the part in which an answer may come.
_SENDING: Final = 2 / 3
# A restarting engine is back in a minute or two; the first pause is what the venue asks for.
_RESTART_PAUSES: Final = (1.0, 2.0, 4.0)
_COPIES: Final = 3
# What is certain is not given away for a copy whose fate there is no time to learn: beyond the window that is
# two looks, apart.
_PROOF: Final = 2.5
_RESTS: Final = ("GTC", "GTD")
# Of what was answered in place of the venue, what may be answered otherwise the next time.
_PASSING: Final = (200, 408, 425, 429)


_SENT: Final = SentOrders()
# An order that is older than this may have been posted before, by another process.
_FRESH: Final = 2.0


class _Doubt(Enum):
    """What a refusal of an order says about whether it stands."""

    NONE = "everything: it was sent for the first time"
    LOOK = "all, if one look shows that it did not arrive the time before"
    PROOF = "nothing: it was sent before and may stand"


# a struct for the same reason as the order it holds
class Posting(Struct, frozen=True, gc=False):
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
        return replace(self, order=order, body=body)


class Noted:
    """Writes on whatever cuts a placement off - Ctrl-C, a cancelled task - which orders may stand.

    Gives what takes note of an order that is sent in place of another.
    """

    __slots__ = ("_standing",)

    def __init__(self, postings: Sequence[Posting]) -> None:
        self._standing = list(postings)

    def __enter__(self) -> Callable[[Posting], None]:
        return self._standing.append

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and not isinstance(error, Exception):
            names = ", ".join(each.order.order_id for each in self._standing)
            error.add_note(f"cut off while placing: these orders may stand, look for them: {names}")


@define(eq=False)
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
    sent: SentOrders = _SENT

    @fates("clob")
    def place(self, posting: Posting, timeout: float) -> Flow[Outcome[R]]:
        """Post one order and find out what became of it within `timeout` seconds.

        Raises only what proves that no order stands, unless another process sent it before, and is not about
        the order: refused credentials, no connection, a rate limit.
        """
        start: Instant = yield Now()
        deadline, doubt = start.monotonic + timeout, self._begin(posting, start)
        try:
            outcome, answered_at = yield from self._attempt(posting, start, deadline, doubt)
            if isinstance(outcome, Accepted):
                # as nearly always
                return outcome
            outcome = yield from self._pursued(posting, outcome, answered_at, deadline)
        except PolyspecError:
            self.sent.end([posting.order.order_id])
            raise
        return self._learned(outcome, posting)

    def _pursued(
        self, posting: Posting, outcome: Outcome[R], answered_at: float, deadline: float
    ) -> Flow[Outcome[R]]:
        """Do what may still make an order stand that was not taken: sign it anew, send a copy."""
        [(outcome, again)] = yield from self._renewed([posting], [outcome], deadline)
        if again is not None:
            posting = again
            start: Instant = yield Now()
            outcome, answered_at = yield from self._attempt(posting, start, deadline, _Doubt.NONE)
        for copy in range(_COPIES):
            if not self._may_go_again(posting, outcome):
                break
            now: Instant = yield Now()
            # the wait runs from the venue's answer, and the proof took its time
            pause = max(0.0, answered_at + _pause(outcome, copy) - now.monotonic)
            if deadline - now.monotonic - pause < self.settle_window + _PROOF:
                break
            yield Sleep(pause)
            start = yield Now()
            try:
                outcome, answered_at = yield from self._attempt(posting, start, deadline, _Doubt.LOOK)
            except PolyspecError:
                # it did not leave, or nobody looked at it: what was proven of the one before still is
                break
        return outcome

    @fates("clob")
    def place_many(self, postings: Sequence[Posting], timeout: float) -> Flow[list[Outcome[R]]]:
        """Post several orders in one request; each has a fate of its own, in the order given."""
        start: Instant = yield Now()
        deadline = start.monotonic + timeout
        doubts = [self._begin(each, start) for each in postings]
        try:
            results = yield from self._attempt_many(postings, doubts, deadline)
        except PolyspecError:
            self.sent.end(each.order.order_id for each in postings)
            raise
        if all(isinstance(each, Accepted) for each in results):
            return results
        judged = yield from self._renewed(postings, results, deadline)
        results = [outcome for outcome, _ in judged]
        renewed = {place: again for place, (_, again) in enumerate(judged) if again is not None}
        if renewed:
            try:
                fates = yield from self._attempt_many(
                    list(renewed.values()), [_Doubt.NONE] * len(renewed), deadline
                )
            except PolyspecError:
                # these are refused as they were; of the others there is something to tell
                fates = [results[place] for place in renewed]
            for place, fate in zip(renewed, fates, strict=True):
                results[place] = fate
        open_ones = [each for each in results if isinstance(each, Unknown)]
        found = iter((yield from self._resolving().resolve(open_ones, deadline)) if open_ones else [])
        return [
            self._learned(next(found) if isinstance(each, Unknown) else each, posting)
            for each, posting in zip(results, postings, strict=True)
        ]

    @fates("clob")
    def resolve(self, unknown: Unknown[R], timeout: float) -> Flow[Outcome[R]]:
        """Look an order up until its fate is known or `timeout` seconds have passed."""
        start: Instant = yield Now()
        outcomes = yield from self._resolving().resolve([unknown], start.monotonic + timeout)
        return self._learned(outcomes[0])

    # -- one request --

    def _attempt(
        self, posting: Posting, start: Instant, deadline: float, doubt: _Doubt
    ) -> Flow[tuple[Outcome[R], float]]:
        """Send an order once and find out what became of it.

        Returns also when it was answered, or not; of one that was taken nobody asks.
        """
        call = _call(orders.POST_ORDER, posting.body)
        until = _answered_by(start, deadline)
        answer, error = yield from self._send(call, until, surely=doubt is not _Doubt.PROOF)
        if answer is not None and is_taken(posting.order.order_id, answer):
            return answered(posting.order, answer), start.monotonic
        sent: Instant = yield Now()
        unknown = self._unknown(posting, start, sent, error)
        outcome = yield from self._doubted(judge(unknown, answer, error), unknown, doubt, deadline)
        if isinstance(outcome, Unknown):
            outcome = (yield from self._resolving().resolve([outcome], deadline))[0]
        return outcome, sent.monotonic

    def _attempt_many(
        self, postings: Sequence[Posting], doubts: Sequence[_Doubt], deadline: float
    ) -> Flow[list[Outcome[R]]]:
        start: Instant = yield Now()
        body = b"[" + b",".join(each.body for each in postings) + b"]"
        call = _call(orders.POST_ORDERS, body, items=len(postings))
        until = _answered_by(start, deadline)
        answer, error = yield from self._send(call, until, surely=_Doubt.PROOF not in doubts)
        sent: Instant = yield Now()
        ids, claimed = [each.order.order_id for each in postings], False
        if answer is not None and (problem := mismatch(answer, ids)) is not None:
            claimed = names_strangers(answer, ids)
            answer, error = None, problem
        told = [None] * len(postings) if answer is None else answer
        results: list[Outcome[R]] = []
        for posting, doubt, each in zip(postings, doubts, told, strict=True):
            if each is not None and is_taken(posting.order.order_id, each):
                results.append(answered(posting.order, each))
                continue
            unknown = self._unknown(posting, start, sent, error, claimed=claimed)
            outcome = judge(unknown, each, error)
            results.append((yield from self._doubted(outcome, unknown, doubt, deadline)))
        return results

    def _send(self, call: Call[Any], until: float, *, surely: bool) -> Flow[tuple[Any, PolyspecError | None]]:
        """Return the answer, or why there is none; with `surely` raises what proves that no order stands."""
        try:
            return (yield from self.session.send(call, until=until)).value, None
        except PolyspecError as error:
            about = isinstance(error, ApiError) and is_about_orders(error)
            if surely and not error.maybe_executed and not about:
                raise
            return None, error
        except Exception as error:
            cause = TransportError(f"sending failed unexpectedly ({type(error).__name__}: {error})")
            cause.__cause__ = error
            return None, cause

    def _doubted(
        self, outcome: Outcome[R], unknown: Unknown[R], doubt: _Doubt, deadline: float
    ) -> Flow[Outcome[R]]:
        """Return what a refusal of an order that may have been sent before says about it."""
        if doubt is _Doubt.PROOF and isinstance(outcome, Unknown):
            return evolve(outcome, again=True)
        if not isinstance(outcome, Rejected) or doubt is _Doubt.NONE:
            return outcome
        if doubt is _Doubt.PROOF:
            return evolve(unknown, cause=unknown.cause or outcome.error, again=True)
        return (yield from self._resolving().doubted(unknown, outcome, deadline))

    def _begin(self, posting: Posting, now: Instant) -> _Doubt:
        """Note that an order is about to be sent; return what to think of it if it is refused."""
        if self.sent.begin(posting.order.order_id):
            return _Doubt.PROOF
        age = self.session.clock.correct(now.wall) - posting.order.timestamp_ms / 1000
        return _Doubt.NONE if abs(age) <= _FRESH else _Doubt.LOOK

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
        self,
        posting: Posting,
        start: Instant,
        sent: Instant,
        cause: PolyspecError | None,
        *,
        claimed: bool = False,
    ) -> Unknown[R]:
        return Unknown(
            order_id=posting.order.order_id,
            order=posting.order,
            sent_at=self.session.clock.correct(start.wall),
            left=sent.monotonic,
            cause=cause,
            claimed=claimed,
            owner=posting.owner,
            resolver=self.resolver,
        )

    def _renewed(
        self, postings: Sequence[Posting], outcomes: Sequence[Outcome[R]], deadline: float
    ) -> Flow[list[tuple[Outcome[R], Posting | None]]]:
        """Return outcomes, and what to send in place of orders that were refused for their version."""
        judged: list[tuple[Outcome[R], Posting | None]] = [(outcome, None) for outcome in outcomes]
        places = [place for place, each in enumerate(outcomes) if is_of_other_version(each)]
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
                self.sent.begin(again.order.order_id)
                judged[place] = outcomes[place], again
        return judged

    def _resolving(self) -> Resolving[R]:
        return Resolving(self.session, self.settle_window, self.key)

    def _learned(self, outcome: Outcome[R], *asked: Posting) -> Outcome[R]:
        """Note what an outcome says about the order, the one it was sent in place of, and the market."""
        if isinstance(outcome, Rejected):
            self.sent.end([outcome.order_id, *(each.order.order_id for each in asked)])
            if is_stale_market(outcome.text):
                self.forget(outcome.order.token_id)
        return outcome


def _call(operation: Any, body: bytes, items: int = 1) -> Call[Any]:
    return Call(operation=operation, path=operation.path, body=body, items=items)


def _answered_by(start: Instant, deadline: float) -> float:
    """Return until when an answer may come; the rest of the time is for looking the order up."""
    return start.monotonic + (deadline - start.monotonic) * _SENDING


def _pause(outcome: Outcome[Any], copy: int) -> float:
    asked = outcome.retry_after if isinstance(outcome, Rejected) else None
    return _RESTART_PAUSES[min(copy, len(_RESTART_PAUSES) - 1)] if asked is None else asked
