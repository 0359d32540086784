"""A session whose 401s are healed, and whose requests wait while credentials are replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from attrs import Attribute, field, fields, frozen
from polyspec_wire import Call, Operation

from polyspec.core.effects import Flow, Instant, Now, Request, Sleep
from polyspec.core.manner import Manner
from polyspec.core.sending import Answer, Session
from polyspec.errors import AuthError, CircuitOpen, ConfigError, PolyspecError, Unauthorized
from polyspec.managed.gate import Passage
from polyspec.managed.keeper import Keeper
from polyspec.managed.ladder import heal

__all__ = ["ManagedSession", "Unrenewing", "managed"]

T = TypeVar("T")


class Unrenewing(Manner):
    """The ordinary manner of a venue whose credentials are the ladder's business alone."""

    renews: ClassVar[bool] = False


def _same(call: Call[Any]) -> Call[Any]:
    return call


@frozen(kw_only=True)
class ManagedSession(Session):
    """Sends what carries credentials in their name, whichever those are by then."""

    keeper: Keeper[Any]
    signs: Callable[[Operation], bool]
    """Tells whether an operation carries the credentials."""
    doubts: type[AuthError] = Unauthorized
    """What the ladder follows on: refusals by the venue, or also by whoever issues its tokens."""
    reword: Callable[[Call[Any]], Call[Any]] = field(default=_same)
    """Lays a call out for the credentials in use: what names the key must name theirs."""

    def send(
        self, call: Call[T], timeout: float | None = None, *, until: float | None = None
    ) -> Flow[Answer[T]]:
        """Carry a call through; a 401 in the venue's own words proves that nothing was executed."""
        if not self.signs(call.operation):
            return (yield from Session.send(self, call, timeout, until=until))
        if until is None:
            start: Instant = yield Now()
            allowed = self.patience.total if call.operation.retry == "safe" else self.patience.place
            until = start.monotonic + (allowed if timeout is None else timeout)
        passage = Passage(call.operation.lane)
        try:
            return (yield from self._carried(call, passage, until))
        finally:
            self.keeper.gate.done(passage)

    def prepare(self, call: Call[Any], timeout: float | None = None) -> Flow[Request]:
        """Lay out the request of a download, for which there are credentials by then."""
        if self.signs(call.operation):
            start: Instant = yield Now()
            passage = Passage("read")
            try:
                allowed = self.patience.total if timeout is None else timeout
                yield from self._ready(passage, start.monotonic + allowed)
            finally:
                self.keeper.gate.done(passage)
        return (yield from Session.prepare(self, call, timeout))

    def plain(self) -> Session:
        """Return the same session without the ladder, which heals by making what is missing."""
        every: tuple[Attribute[Any], ...] = fields(Session)
        return Session(**{str(each.alias): getattr(self, each.name) for each in every if each.init})

    def _carried(self, call: Call[T], passage: Passage, until: float) -> Flow[Answer[T]]:
        keeper, failed = self.keeper, AuthError("the credentials were refused")
        for turn in range(1 + keeper.settings.heals):
            if turn > 1:
                # refused again although the credentials are good: that passes, but not at once
                pauses = keeper.settings.pauses
                yield Sleep(pauses[min(turn - 2, len(pauses) - 1)])
            opened = keeper.circuit.opened
            yield from self._ready(passage, until)
            used, applied = keeper.version, self.clock.seconds
            try:
                answer = yield from Session.send(self, self.reword(call), until=until)
            except AuthError as error:
                # what may have been executed is looked up by whoever sent it, and the lookups heal
                theirs = isinstance(error, self.doubts) and not isinstance(error, CircuitOpen)
                # a wrong clock is nobody's credentials' fault
                theirs = theirs and error.cause != "clock"
                if error.maybe_executed or not theirs:
                    raise
                failed = error
            else:
                keeper.good(used)
                return answer
            finally:
                keeper.gate.leave(passage)
            keeper.gate.blocked(passage)
            yield from self._healed(failed, used, applied, opened, until)
        raise failed

    def _ready(self, passage: Passage, until: float) -> Flow[None]:
        """Wait until there are credentials that may be used; what fails here sent nothing."""
        keeper = self.keeper
        try:
            yield from keeper.admit()
            opened = keeper.circuit.opened
            if keeper.held is None:
                yield from keeper.obtain(until)
            yield from keeper.gate.enter(passage, until)
            # what was waited for may have come to nothing
            yield from keeper.unbroken(opened)
        except PolyspecError as error:
            error.maybe_executed = False
            raise

    def _healed(self, failed: AuthError, used: int, applied: float, opened: int, until: float) -> Flow[None]:
        try:
            yield from heal(self.keeper, used, applied, opened, until)
        except ConfigError:
            raise
        except PolyspecError as error:
            # of what the ladder did; the request itself was refused, and is not on its way any more
            error.maybe_executed = False
            raise error from failed


def managed(
    session: Session,
    keeper: Keeper[Any],
    signs: Callable[[Operation], bool],
    reword: Callable[[Call[Any]], Call[Any]] = _same,
    **changes: Any,
) -> ManagedSession:
    """Return the same session with the ladder; `changes` replace other parts of it."""
    every: tuple[Attribute[Any], ...] = fields(Session)
    parts = {str(each.alias): getattr(session, each.name) for each in every if each.init}
    return ManagedSession(**parts | changes, keeper=keeper, signs=signs, reword=reword)
