"""The conversation around one call: pace, authorise, send, judge, and perhaps send again.

All of it is a generator of effects (see `polyspec.core.effects`); two short drivers run it, one per colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from attrs import Factory, field, frozen
from polyspec_wire import Call, Operation

from polyspec.core import watching
from polyspec.core.attempt import Verdict, asked, backoff, classify, may_repeat
from polyspec.core.clock import ClockOffset, dated
from polyspec.core.codec import decode, written
from polyspec.core.effects import Flow, Instant, Now, Reply, Request, Send, Sleep, Timeouts
from polyspec.core.manner import Manner
from polyspec.core.pacing import Pacer, RetryQuota, gate_of
from polyspec.core.secret import SecretHeaders
from polyspec.core.sharing import SharedPacer
from polyspec.errors import (
    ApiError,
    DecodeError,
    PolyspecError,
    RateLimited,
    TimedOut,
    TransportError,
    Unauthorized,
)

__all__ = ["Answer", "Authority", "Patience", "Session"]

T = TypeVar("T")

_ACCEPTED: Final = (("accept", "application/json"), ("accept-encoding", "gzip"))

_JSON: Final = (("content-type", "application/json"),)
_RESTARTING: Final = 425
_UNAUTHORIZED: Final = 401


class Authority(Protocol):
    """What knows how to make a request acceptable to its venue."""

    def authorise(self, call: Call[Any], body: bytes, deadline: float) -> Flow[Mapping[str, str]]:
        """Return the headers that carry the credentials the operation asks for.

        Asked again when the request could not leave at once, so that nothing stale is sent.
        """
        ...

    def refused(self, request: Request) -> bool:
        """Note a 401 against this request's credentials; return whether new ones are worth a try."""
        ...

    def advice(self, request: Request) -> str:
        """Say what to do about a request that was refused again when all was done; empty for nothing."""
        ...


@frozen
class Patience:
    """How long each stage of a call may take, in seconds."""

    connect: float = 3.0
    write: float = 5.0
    read: float = 10.0
    place: float = 15.0
    """Total for a call that changes something, waits and retries included."""
    total: float = 30.0
    """Total for any other call, waits and retries included."""


@frozen
class Answer(Generic[T]):
    """A typed answer with what came over the wire."""

    value: T
    reply: Reply
    attempts: int

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        """Response headers, names in lower case."""
        return self.reply.headers


@frozen
class Session:
    """Everything calls to one venue share. Holds no socket and reads no clock."""

    base_url: str
    authority: Authority
    chance: Callable[[], float]
    """Uniform in [0, 1): spreads retries."""
    pacer: Pacer | SharedPacer = Factory(Pacer)
    quota: RetryQuota = Factory(RetryQuota)
    patience: Patience = Factory(Patience)
    clock: ClockOffset = Factory(ClockOffset)
    max_attempts: int = 5
    user_agent: str = "polyspec"
    manner: Manner = Factory(Manner)
    """How this venue answers."""
    least: float = 0.0
    """Seconds to be left for an answer when a request leaves: a place that comes later is not waited for."""
    _base: str = field(
        init=False, repr=False, default=Factory(lambda self: self.base_url.rstrip("/"), takes_self=True)
    )
    _lines: tuple[tuple[str, str], ...] = field(
        init=False,
        repr=False,
        default=Factory(lambda self: (*_ACCEPTED, ("user-agent", self.user_agent)), takes_self=True),
    )
    """The headers every request has."""

    def send(
        self, call: Call[T], timeout: float | None = None, *, until: float | None = None
    ) -> Flow[Answer[T]]:
        """Carry a call through to its typed answer, or raise what stopped it.

        Who knows the time says until when by the monotonic clock, instead of how long.
        """
        if until is None:
            start: Instant = yield Now()
            operation = call.operation
            allowed = self.patience.total if operation.retry == "safe" else self.patience.place
            until = start.monotonic + (allowed if timeout is None else timeout)
        attempt = _Attempt(self, call, until)
        try:
            run = attempt.run()
            return (yield from (watching.watched_call(run, attempt) if watching.observing else run))
        except PolyspecError as error:
            attempt.describe(error)
            raise

    def prepare(self, call: Call[Any], timeout: float | None = None) -> Flow[Request]:
        """Lay out the request of a download, which the caller opens and reads by itself."""
        start: Instant = yield Now()
        deadline = start.monotonic + (self.patience.total if timeout is None else timeout)
        attempt = _Attempt(self, call, deadline)
        try:
            return (yield from attempt.prepare())
        except PolyspecError as error:
            attempt.describe(error)
            raise

    def failure(self, call: Call[Any], reply: Reply, now_wall: float) -> ApiError:
        """Turn a refused download into the error to raise."""
        error = self.manner.error(reply, self.clock.correct(now_wall))
        error.operation, error.attempts = f"{call.operation.method} {call.operation.path}", 1
        return error

    def request(
        self, call: Call[Any], body: bytes, headers: Mapping[str, str], timeouts: Timeouts
    ) -> Request:
        """Lay a call out as an HTTP request."""
        operation, written = call.operation, call.body is not None
        return Request(
            method=operation.method,
            url=self._base + call.path + ("?" + urlencode(call.query) if call.query else ""),
            headers=(
                *self._lines,
                *(_JSON if written else ()),
                *call.headers,
                # a mapping that hides its values is slow to read one by one
                *(headers.reveal() if isinstance(headers, SecretHeaders) else headers).items(),
            ),
            body=body if written else None,
            timeout=timeouts,
            lane=operation.lane,
            call=call,
        )


class _Attempt:
    """The attempts of one call."""

    __slots__ = (
        "_body", "_renewed", "call", "deadline", "number", "operation", "session", "uncertain", "watched",
    )  # fmt: skip

    def __init__(self, session: Session, call: Call[Any], deadline: float) -> None:
        self.session = session
        self.call = call
        self.operation: Operation = call.operation
        self.deadline = deadline
        self.number = 0
        self.uncertain = False
        self.watched = 0
        self._renewed = False
        self._body: bytes | None = None

    def describe(self, error: PolyspecError) -> None:
        """Write on an error what it is about."""
        error.operation = error.operation or f"{self.operation.method} {self.operation.path}"
        error.attempts = error.attempts or self.number
        # a later attempt that was surely not executed does not undo an earlier one that may have been;
        # of a GET there is nothing to undo, and a clear no after a lost answer is a clear no
        if self.uncertain and self.operation.method != "GET":
            error.maybe_executed = True

    def run(self) -> Flow[Answer[Any]]:
        failed: PolyspecError | None = None
        while True:
            try:
                request = yield from self.prepare()
            except (RateLimited, TimedOut):
                if failed is None:
                    raise
                break
            self.number += 1
            try:
                reply: Reply = yield Send(request)
                now: Instant = yield Now()
                outcome = self._judge(reply, now)
            except (TransportError, DecodeError) as failure:
                outcome = failure, classify(failure)
            if watching.observing:
                yield from watching.told_request(self, request, outcome)
            if isinstance(pacer := self.session.pacer, SharedPacer) and pacer.unsaid:
                yield from pacer.tell()
            if isinstance(outcome, Answer):
                self.session.quota.give()
                return outcome
            error, verdict = outcome
            failed, self.uncertain = error, self.uncertain or verdict is Verdict.UNKNOWN
            if self._renew(error, verdict, request):
                if watching.observing:
                    watching.told_retry(self, error, 0.0)
                continue
            yield from self._wait(error, verdict)
        # what stopped the attempt before says more than that there was no time for another
        raise failed

    def prepare(self) -> Flow[Request]:
        """Fetch the credentials, wait for a place and lay the request out; a failure here sent nothing."""
        try:
            if self._body is None:
                self._body = written(self.call.body)
            headers = yield from self._authorise()
            # the place comes last: a place taken before a token was fetched would be used late, with others
            now: Instant = yield Now()
            pacer = self.session.pacer
            if isinstance(pacer, SharedPacer):
                waited = yield from self._place_among_others(pacer, now)
                now = yield Now()
            elif waited := (wait := self._wait_for_place(pacer, now)) > 0:
                yield Sleep(wait)
            if waited:
                headers = yield from self._authorise()
                now = yield Now()
            left = self.deadline - now.monotonic
            if left <= 0:
                raise TimedOut("the deadline of the call passed before it could be sent")
        except PolyspecError as error:
            # whatever became of the credentials, this request did not leave
            error.maybe_executed = False
            raise
        return self.session.request(self.call, self._body, headers, self._timeouts(left))

    def _authorise(self) -> Flow[Mapping[str, str]]:
        return self.session.authority.authorise(self.call, self._body or b"", self.deadline)

    def _wait_for_place(self, pacer: Pacer, now: Instant) -> float:
        """Take a place among the requests, and return the seconds until it is there."""
        patience = self._patience(now)
        wait = pacer.reserve(self.operation, now.monotonic, patience, self.call.items)
        if wait > patience:
            raise self._held_back(wait)
        if wait > 0 and watching.observing:
            watching.told_wait(self, gate_of(self.operation), wait)
        return wait

    def _place_among_others(self, pacer: SharedPacer, now: Instant) -> Flow[bool]:
        """Wait for a place among the requests of all processes; return whether there was a wait."""
        waited = False
        while True:
            patience = self._patience(now)
            place = yield from pacer.reserve(self.operation, patience, self.call.items)
            if place.wait > patience:
                raise self._held_back(place.wait)
            if place.wait <= 0:
                return waited
            if watching.observing:
                watching.told_wait(self, gate_of(self.operation), place.wait)
            yield Sleep(place.wait)
            waited = True
            # a refusal that anybody met meanwhile holds for those who were asleep as well
            if (yield from pacer.stands(place)):
                return waited
            now = yield Now()

    def _patience(self, now: Instant) -> float:
        return max(0.0, self.deadline - now.monotonic - self.session.least)

    def _held_back(self, wait: float) -> RateLimited:
        if watching.observing:
            watching.told_wait(self, gate_of(self.operation), wait, given_up=True)
        return RateLimited(
            f"held back by the venue's limit on {gate_of(self.operation)}: the next request may leave in "
            f"{wait:.2f} s, which is beyond the deadline of this call; wait, or raise its timeout",
            status=429,
            retry_after=wait,
        )

    def _judge(self, reply: Reply, now: Instant) -> Any:
        """Make an Answer of a reply, or the error with its verdict."""
        session, manner = self.session, self.session.manner
        session.clock.notice(now)
        # who refuses what was signed may have refused its time, and says which it is
        refused = reply.status == _UNAUTHORIZED and manner.is_own(reply)
        session.clock.learn(dated(reply.headers), now.wall, reply.elapsed, proven=refused)
        manner.heard(reply, session.pacer)
        verdict = manner.classify(reply)
        if verdict is Verdict.DONE:
            return Answer(self._read(reply), reply, self.number)
        error = manner.error(reply, session.clock.correct(now.wall))
        if reply.status == 429 and manner.about_pace(error):
            edge = not manner.is_own(reply)
            session.pacer.refused(self.operation, now.monotonic, error.retry_after, by_edge=edge)
        if reply.status == _RESTARTING and self.operation.retry == "resolve":
            # the engine may or may not have taken it along
            error.maybe_executed = True
        return error, verdict

    def _read(self, reply: Reply) -> Any:
        failure: DecodeError
        success = self.operation.success
        kind = success[reply.status] if reply.status in success else next(iter(success.values()))
        try:
            # what is said about an order must be said once; a listing is too long to be checked for it
            return decode(reply.body, kind, unique=self.operation.retry != "safe")
        except DecodeError as error:
            failure = error
        # the frames it came through hold the answer, which may be a key
        failure.__traceback__ = failure.__cause__ = failure.__context__ = None
        raise failure

    def _timeouts(self, left: float) -> Timeouts:
        patience = self.session.patience
        read = patience.read if self.operation.retry == "safe" else patience.place
        return Timeouts(
            connect=min(patience.connect, left),
            write=min(patience.write, left),
            read=min(read, left),
            total=left,
        )

    def _renew(self, error: PolyspecError, verdict: Verdict, request: Request) -> bool:
        """After a 401: say whether to go again at once with fresh credentials (once per call)."""
        if not isinstance(error, Unauthorized):
            return False
        fresh = self.session.authority.refused(request)
        proven = verdict is Verdict.REFUSED or self.operation.retry == "safe"
        if not fresh and self.session.manner.renews:
            error.message += (
                "; fresh credentials were refused as well and are not asked for again for a while"
            )
        if self._renewed and fresh and (advice := self.session.authority.advice(request)):
            error.message += f"; {advice}"
        if self._renewed or not fresh or not proven:
            return False
        self._renewed = True
        return True

    def _wait(self, error: PolyspecError, verdict: Verdict) -> Flow[None]:
        """Sleep until the next attempt, or raise if there must be none."""
        session = self.session
        if self.number >= session.max_attempts or not self._may_repeat(error, verdict):
            raise error
        now: Instant = yield Now()
        delay = backoff(self.number, asked(error), session.chance())
        if now.monotonic + delay >= self.deadline:
            raise error
        if not session.quota.take(after_timeout=isinstance(error, TimedOut)):
            raise error
        if watching.observing:
            watching.told_retry(self, error, delay)
        yield Sleep(delay)

    def _may_repeat(self, error: PolyspecError, verdict: Verdict) -> bool:
        if isinstance(error, DecodeError) and not error.malformed:
            # a readable answer of the wrong shape will have it again
            return False
        if not isinstance(error, ApiError):
            return may_repeat(verdict, self.operation.retry, None)
        announced = self.session.manner.passing(error)
        if announced is None:
            return may_repeat(verdict, self.operation.retry, error.status)
        return announced and (verdict is Verdict.REFUSED or self.operation.retry == "safe")
