"""Place an order and learn its fate, without ever sending it twice.

The venue answers an insert with an id before its engine has judged the order, plain order entry has no
idempotency key, and an order may be accepted although its answer is lost. So the client order id is fixed
before anything is sent, and from then on the order is only ever looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Generic, TypeVar

from attrs import evolve, frozen
from polyspec_wire import Call
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import trading

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.sending import Session
from polyspec.core.watching import fates
from polyspec.errors import BadRequest, DecodeError, PolyspecError, TransportError
from polyspec.us.fate import Outcome, Rejected, Trace, Unknown
from polyspec.us.identity import ClientIds, Key
from polyspec.us.instrument import Instrument
from polyspec.us.resolving import Resolving, is_judged

__all__ = ["Placing", "noted"]

R = TypeVar("R")

# Of the time a placement may take, the part in which an answer may come; the rest is for looking it up.
_SENDING: Final = 2 / 3

# Words in refusals which say that the instrument is not what it was when it was read.
_GRID: Final = ("tick", "increment", "price limit", "order size limit", "Minimum trade quantity")
_GRID_REASONS: Final = (
    wire.OrdRejectReason.INVALID_PRICE_INCREMENT,
    wire.OrdRejectReason.PRICE_OUT_OF_BOUNDS,
    wire.OrdRejectReason.INCORRECT_QUANTITY,
)


@contextmanager
def noted(requests: Sequence[wire.InsertOrderRequest]) -> Iterator[None]:
    """Write on whatever cuts a placement off - Ctrl-C, a cancelled task - which orders may stand."""
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        names = ", ".join(f"{each.clord_id} on {each.symbol}" for each in requests)
        error.add_note(f"cut off while placing: these orders may stand, look for them: {names}")
        raise


@frozen
class Placing(Generic[R]):
    """The flows around one order."""

    session: Session
    ids: ClientIds
    origin: str
    """Where and for whom orders are placed."""
    participant: str | None
    settle_window: float
    resolver: Callable[[Unknown[R], float | None], R]
    forget: Callable[[str], None]
    """Told the symbol of an instrument that turns out to have changed."""

    @fates("us")
    def place(
        self, request: wire.InsertOrderRequest, instrument: Instrument, *, confirm: bool, timeout: float
    ) -> Flow[Outcome[R]]:
        """Send the order once and find out what became of it within `timeout` seconds.

        Raises what proves that the order does not stand (a refusal of the request, no connection).
        """
        start: Instant = yield Now()
        earlier = self.ids.begin([self._key(request)])
        send = self._send(trading.insert_order(request), timeout * _SENDING if confirm else timeout)
        answer, cause = yield from self._sent([request], send)
        sent: Instant = yield Now()
        unknown = self._unknown(request, instrument, start, sent, earlier[0], cause)
        deadline = start.monotonic + timeout
        if answer is not None:
            told: wire.InsertOrderResponse = answer
            unknown = self._answered(unknown, told)
            if told.order is not None and is_judged(told.order) and _is_it(told.order, unknown):
                outcome = yield from self._resolving(instrument).verdict(unknown, told.order, None, deadline)
                return self._learned(outcome, request.symbol)
        if not confirm:
            return unknown
        outcome = yield from self._resolving(instrument).resolve(unknown, deadline - sent.monotonic)
        return self._learned(outcome, request.symbol)

    @fates("us")
    def resolve(self, unknown: Unknown[R], instrument: Instrument, timeout: float) -> Flow[Outcome[R]]:
        """Look an order up until its fate is known or `timeout` seconds have passed."""
        outcome = yield from self._resolving(instrument).resolve(unknown, timeout)
        return self._learned(outcome, unknown.symbol)

    @fates("us")
    def place_many(
        self,
        call: Call[Any],
        requests: Sequence[wire.InsertOrderRequest],
        instruments: Sequence[Instrument],
        timeout: float,
    ) -> Flow[list[Outcome[R]]]:
        """Send several orders in one request; each result is Unknown until it is resolved."""
        start: Instant = yield Now()
        earlier = self.ids.begin([self._key(request) for request in requests])
        answer, cause = yield from self._sent(requests, self._send(call, timeout))
        sent: Instant = yield Now()
        told: list[wire.InsertOrderResponse] = [] if answer is None else answer.responses
        if cause is None:
            cause = _mismatch(told, len(requests))
        results: list[Outcome[R]] = []
        for index, (request, instrument) in enumerate(zip(requests, instruments, strict=True)):
            unknown = self._unknown(request, instrument, start, sent, earlier[index], cause)
            # ids that cannot be matched to orders are worth nothing
            results.append(unknown if cause is not None else self._answered(unknown, told[index]))
        return results

    def _send(self, call: Call[Any], timeout: float) -> Flow[Any]:
        return (yield from self.session.send(call, timeout)).value

    def _sent(
        self, requests: Sequence[wire.InsertOrderRequest], send: Flow[Any]
    ) -> Flow[tuple[Any, PolyspecError | None]]:
        """Return the answer, or why there is none; raises what proves that no order stands."""
        try:
            return (yield from send), None
        except PolyspecError as error:
            if error.maybe_executed:
                return None, error
            for request in requests:
                self.ids.end(self._key(request), None)
                if isinstance(error, BadRequest) and any(word in str(error) for word in _GRID):
                    self.forget(request.symbol)
            raise
        except Exception as error:
            cause = TransportError(f"sending failed unexpectedly ({type(error).__name__}: {error})")
            cause.__cause__ = error
            return None, cause

    def _unknown(
        self,
        request: wire.InsertOrderRequest,
        instrument: Instrument,
        start: Instant,
        sent: Instant,
        earlier: frozenset[str],
        cause: PolyspecError | None,
    ) -> Unknown[R]:
        return Unknown(
            clord_id=request.clord_id,
            order_id=None,
            symbol=request.symbol,
            sent_at=self.session.clock.correct(start.wall),
            cause=cause,
            trace=Trace(
                origin=self.origin,
                instrument=instrument,
                side=request.side,
                started=start.monotonic,
                left=sent.monotonic,
                earlier=earlier,
                visible=request.user in ("", self.participant),
            ),
            resolver=self.resolver,
        )

    def _answered(self, unknown: Unknown[R], told: wire.InsertOrderResponse) -> Unknown[R]:
        """Write the id the venue gave into what is not known yet."""
        inner = told.order.id if told.order is not None else ""
        order_id = told.order_id or inner
        if not order_id or (inner and inner != order_id):
            return evolve(unknown, cause=DecodeError("the venue answered the order without an id of its own"))
        # from here on the venue's own id tells this order from all others
        self.ids.end((self.origin, unknown.clord_id), order_id)
        return evolve(unknown, order_id=order_id)

    def _resolving(self, instrument: Instrument) -> Resolving[R]:
        return Resolving(self.session, instrument, self.settle_window)

    def _learned(self, outcome: Outcome[R], symbol: str) -> Outcome[R]:
        """Note what an outcome says about the id and the instrument."""
        if not isinstance(outcome, Unknown):
            self.ids.end((self.origin, outcome.clord_id), outcome.order_id)
        if isinstance(outcome, Rejected) and (
            outcome.reason in _GRID_REASONS or any(word in outcome.text for word in _GRID)
        ):
            self.forget(symbol)
        return outcome

    def _key(self, request: wire.InsertOrderRequest) -> Key:
        return self.origin, request.clord_id


def _is_it(order: wire.Order, unknown: Unknown[Any]) -> bool:
    """Tell whether an answer shows the whole order rather than a stub of it that merely has an id."""
    return order.clord_id == unknown.clord_id and order.id == unknown.order_id


def _mismatch(told: Sequence[wire.InsertOrderResponse], count: int) -> DecodeError | None:
    if len(told) != count:
        return DecodeError(f"{count} orders were answered with {len(told)} ids; at $.responses")
    ids = [each.order_id or (each.order.id if each.order is not None else "") for each in told]
    given = [each for each in ids if each]
    if len(set(given)) != len(given):
        return DecodeError("two orders were answered with one id; at $.responses")
    return None
