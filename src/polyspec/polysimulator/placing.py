"""Place orders and learn their fate, with at most one order for each.

The client order id is fixed before anything is sent. An order whose answer is lost may be sent again as the
identical bytes: the venue answers a repetition as it answered the first time. What a repetition is refused
for proves nothing about the first, so then, and after everything else that leaves a doubt, the order is
looked up until it is found, or proven absent.

========================================= ================================================================
what came                                 what follows
========================================= ================================================================
an order with an id                       Accepted
a refusal of the order, on the first try  Rejected; of the credentials or the pace: raised
the same, after a try that left a doubt   looked up; the refusal counts if the order is proven absent
no answer, an unreadable one, any 5xx     the same bytes again; looked up when there is no time for that
409 or 503 that asks for it, 429          the same bytes again, after the wait it asks for
DEADLINE_OVERSHOT_BUT_PERSISTED, an ack   looked up by the id it names; never absent, never sent again
PERSISTENCE_UNKNOWN                       looked up; never sent again
the client order id is in use             looked up: an order of these terms stands, or another has the id
========================================= ================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from attrs import define, evolve
from polyspec_wire import Call
from polyspec_wire.polysimulator import orders

from polyspec.core.attempt import backoff
from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.core.sent import SentOrders
from polyspec.core.watching import fates
from polyspec.errors import ApiError, PolyspecError, RateLimited, TimedOut, TransportError
from polyspec.polysimulator.answers import TAKEN_IDS, Said, Then, read, read_error, rejected
from polyspec.polysimulator.batching import matched
from polyspec.polysimulator.fate import Outcome, Rejected, Unknown
from polyspec.polysimulator.resolving import Resolving
from polyspec.polysimulator.ticket import Ticket, is_fresh
from polyspec.polysimulator.turns import Turns

__all__ = ["Noted", "Placing", "order_call"]

R = TypeVar("R")

# Of the time a placement may take, the part in which an answer may come; the rest is for looking it up.
_SENDING: Final = 2 / 3
# The venue gives up on an order after five seconds, and says so; after six no answer will come.
_ANSWERED: Final = 6.0
# What waits for the pace longer than leaves this much for an answer is tried again later instead.
_ROOM: Final = 2.0
# With less time than this left there is no use in sending anything.
_SHORTEST: Final = 0.5

_SENT: Final = SentOrders()


class _Before(Enum):
    """What is known of the client order id before an order is sent."""

    FRESH = "made here and never sent: a refusal says all"
    GIVEN = "may have been sent by another process: one look tells"
    SENT = "sent by this one, and may stand: a refusal says nothing"


class Noted:
    """Writes on whatever cuts a placement off - Ctrl-C, a cancelled task - which orders may stand."""

    __slots__ = ("_tickets",)

    def __init__(self, tickets: Sequence[Ticket]) -> None:
        self._tickets = tickets

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and not isinstance(error, Exception):
            names = ", ".join(each.client_order_id for each in self._tickets)
            error.add_note(
                "cut off while placing: the orders with these client order ids may stand, look for them: "
                + names
            )


@define(eq=False)
class Placing(Generic[R]):
    """The flows around placing orders."""

    session: Session
    settle_window: float
    resend: bool
    turns: Turns | None
    """The line of the account; None to let writes overlap."""
    mark: Callable[[], str]
    """Tells whose credentials are in use."""
    resolver: Callable[[Unknown[R], float | None], R]
    sent: SentOrders = _SENT

    @fates("polysimulator")
    def place(
        self, ticket: Ticket, call: Call[Any], timeout: float, *, resend: bool = True
    ) -> Flow[Outcome[R]]:
        """Place one order and find out what became of it within `timeout` seconds.

        Raises only what proves that no order of this id stands, unless another process sent it before, and is
        not about the order: refused credentials, no connection, a rate limit.
        """
        start: Instant = yield Now()
        before = self._begin(ticket)
        attempt = _Attempts(self, ticket, call, start, timeout, resend=self.resend and resend)
        try:
            outcome = yield from attempt.run(before)
        except PolyspecError:
            self.sent.end([ticket.client_order_id])
            raise
        return self._learned(outcome)

    @fates("polysimulator")
    def place_many(
        self, tickets: Sequence[Ticket], call: Call[Any], timeout: float
    ) -> Flow[list[Outcome[R]]]:
        """Place several orders in one request; each has a fate of its own, in the order given.

        What may have arrived is only looked up: that each entry is answered as the first time if all are sent
        again is not certain enough.
        """
        start: Instant = yield Now()
        befores = [self._begin(each) for each in tickets]
        sending = _Attempts(self, tickets[0], call, start, timeout, resend=False)
        try:
            said = yield from sending.send_all(tickets, surely=_Before.SENT not in befores)
        except PolyspecError:
            self.sent.end(each.client_order_id for each in tickets)
            raise
        left: Instant = yield Now()
        results: list[Outcome[R]] = []
        for ticket, before, each in zip(tickets, befores, said, strict=True):
            unknown = self.unknown(ticket, start, before)
            unknown = _learnt(evolve(unknown, left=left.monotonic), each)
            results.append((yield from self._settled(unknown, each, before, sending.deadline)))
        open_ones = [each for each in results if isinstance(each, Unknown)]
        found = iter((yield from self.resolving.resolve(open_ones, sending.deadline)) if open_ones else [])
        return [self._learned(next(found) if isinstance(each, Unknown) else each) for each in results]

    @fates("polysimulator")
    def resolve(self, unknown: Unknown[R], timeout: float) -> Flow[Outcome[R]]:
        """Look an order up until its fate is known or `timeout` seconds have passed."""
        start: Instant = yield Now()
        outcomes = yield from self.resolving.resolve([unknown], start.monotonic + timeout)
        return self._learned(outcomes[0])

    @property
    def resolving(self) -> Resolving[R]:
        """What looks orders up."""
        return Resolving(self.session, self.settle_window, self.mark)

    def unknown(self, ticket: Ticket, start: Instant, before: _Before) -> Unknown[R]:
        """Return the fate of an order that is about to be sent."""
        return Unknown(
            client_order_id=ticket.client_order_id,
            terms=ticket.terms,
            sent_at=self.session.clock.correct(start.wall),
            begun=start.monotonic,
            fresh=before is _Before.FRESH,
            owner=self.mark(),
            resolver=self.resolver,
        )

    def _settled(self, unknown: Unknown[R], said: Said, before: _Before, deadline: float) -> Flow[Outcome[R]]:
        """Return what one answer says of an order that was sent once, or that it has to be looked up."""
        if said.outcome is not None:
            return said.outcome
        error = said.error
        if said.doubt or said.claimed or not isinstance(error, ApiError):
            return unknown
        if error.code in TAKEN_IDS:
            # in use by what was sent before, if anything was: it has to be found
            return evolve(unknown, refusal=error, claimed=before is _Before.SENT)
        if before is _Before.SENT:
            return unknown
        if before is _Before.GIVEN:
            return (yield from self.resolving.doubted(unknown, error, deadline))
        return rejected(unknown.client_order_id, error)

    def _begin(self, ticket: Ticket) -> _Before:
        """Note that an order is about to be sent; return what a refusal of it is worth."""
        if self.sent.begin(ticket.client_order_id):
            return _Before.SENT
        return _Before.FRESH if is_fresh(ticket.client_order_id) else _Before.GIVEN

    def _learned(self, outcome: Outcome[R]) -> Outcome[R]:
        if isinstance(outcome, Rejected):
            self.sent.end([outcome.client_order_id])
        return outcome


class _Attempts(Generic[R]):
    """The tries to send one order, or one batch."""

    def __init__(
        self,
        placing: Placing[R],
        ticket: Ticket,
        call: Call[Any],
        start: Instant,
        timeout: float,
        *,
        resend: bool,
    ) -> None:
        self._placing = placing
        self._ticket = ticket
        self._call = call
        self._resend = resend
        self._start = start
        self.deadline = start.monotonic + timeout
        self._sending = start.monotonic + timeout * _SENDING
        self._least = min(_SHORTEST, timeout / 2)
        self._number = 0
        self._left = 0
        self._failed: PolyspecError | None = None
        # one try at a time: what each of them proves has to be known here
        self._session = evolve(placing.session, max_attempts=1, least=_ROOM)

    def run(self, before: _Before) -> Flow[Outcome[R]]:
        """Send the order until something is certain, and look it up if nothing is."""
        placing, ticket = self._placing, self._ticket
        unknown, doubt = placing.unknown(ticket, self._start, before), before is _Before.SENT
        while True:
            answer, error = yield from self._try()
            said = read(ticket, answer) if error is None else read_error(error)
            if said.outcome is not None:
                return said.outcome
            left: Instant = yield Now()
            unknown = _learnt(evolve(unknown, left=left.monotonic), said)
            doubt = doubt or said.doubt
            if said.then is Then.AGAIN and (yield from self._again(said, doubt=doubt)):
                continue
            break
        refusal = said.error if isinstance(said.error, ApiError) and not said.doubt else None
        if not doubt and not unknown.claimed:
            if not said.about_order:
                assert said.error is not None
                # what stopped a try that went out says more than that there was no time for another
                raise self._failed or said.error
            return (yield from self._refused(unknown, refusal, before))
        if refusal is not None and refusal.code in TAKEN_IDS:
            # in use by what was sent before, most likely: it has to be found
            unknown = evolve(unknown, claimed=True, refusal=refusal)
        elif refusal is not None and said.about_order:
            unknown = evolve(unknown, refusal=refusal)
        return (yield from placing.resolving.resolve([unknown], self.deadline))[0]

    def _refused(self, unknown: Unknown[R], refusal: ApiError | None, before: _Before) -> Flow[Outcome[R]]:
        """Return what the refusal of the only try means."""
        assert refusal is not None
        resolving = self._placing.resolving
        if refusal.code in TAKEN_IDS:
            asked = evolve(unknown, refusal=refusal)
            return (yield from resolving.resolve([asked], self.deadline))[0]
        if before is _Before.GIVEN:
            return (yield from resolving.doubted(unknown, refusal, self.deadline))
        return rejected(unknown.client_order_id, refusal)

    def send_all(self, tickets: Sequence[Ticket], *, surely: bool) -> Flow[list[Said]]:
        """Send a batch, again only if all of it was refused for now; return what was said of each order.

        With `surely` raises what proves that none of them stands, and is not about orders.
        """
        while True:
            answer, error = yield from self._try()
            if error is None:
                return matched(tickets, answer)
            said = read_error(error)
            if said.then is Then.AGAIN and not said.doubt and (yield from self._again(said, doubt=False)):
                continue
            if surely and not said.doubt and not said.about_order:
                raise error
            return [said] * len(tickets)

    def _try(self) -> Flow[tuple[Any, PolyspecError | None]]:
        """Send it once; return the answer, or what came instead."""
        self._number += 1
        turns = self._placing.turns
        try:
            if turns is None:
                return (yield from self._send()), None
            return (yield from turns.within(self._send(), self.deadline)), None
        except PolyspecError as error:
            # what never left does not count
            self._left += error.attempts
            if error.attempts:
                self._failed = error
            error.attempts = self._left
            return None, error
        except Exception as error:
            cause = TransportError(f"sending failed unexpectedly ({type(error).__name__}: {error})")
            cause.__cause__ = error
            return None, cause

    def _send(self) -> Flow[Any]:
        now: Instant = yield Now()
        if self.deadline - now.monotonic < self._least:
            # its turn came late: an order that is not sent is better than one nobody hears of
            late = TimedOut("too little time was left to hear what becomes of the order; it was not sent")
            late.maybe_executed = False
            raise late
        end = self._sending
        if now.monotonic >= end:
            end = now.monotonic + (self.deadline - now.monotonic) * _SENDING
        return (yield from self._session.send(self._call, until=min(end, now.monotonic + _ANSWERED))).value

    def _again(self, said: Said, *, doubt: bool) -> Flow[bool]:
        """Wait until the order may be sent again; False if it must not be, or there is no time for it."""
        error, session = said.error, self._placing.session
        if (doubt and not self._resend) or self._number >= session.max_attempts:
            return False
        now: Instant = yield Now()
        delay = backoff(self._number, _asked(error), session.chance())
        # with an order in doubt the last third of the time is for looking it up
        end = self._sending if doubt else self.deadline
        if now.monotonic + delay + _SHORTEST > end:
            return False
        if not session.quota.take(after_timeout=isinstance(error, TimedOut)):
            return False
        yield Sleep(delay)
        return True


def order_call(ticket: Ticket) -> Call[Any]:
    """Return the request that places an order, with the bytes that were made of it once."""
    return Call(operation=orders.PLACE_ORDER, path=orders.PLACE_ORDER.path, body=ticket.body)


def _learnt(unknown: Unknown[R], said: Said) -> Unknown[R]:
    """Write what one answer told into what is not known yet."""
    return evolve(
        unknown,
        cause=said.error,
        claimed=said.claimed,
        order_id=said.order_id,
    )


def _asked(error: PolyspecError | None) -> float | None:
    """Return the seconds an error asks to wait; a 429 asks for the shortest wait if it says nothing."""
    asked = error.retry_after if isinstance(error, ApiError) else None
    return 0.0 if asked is None and isinstance(error, RateLimited) else asked
