"""What a network does to requests, and how the matrix holds clients to it: rows 1 to 6."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from itertools import product
from typing import Any

import attrs
import pytest

from polyspec.core import sending
from polyspec.core.sending import Patience
from polyspec.errors import ConnectFailed, PolyspecError, TimedOut
from polyspec.polysimulator import placing as paper_placing
from tests.faults.at_polysimulator import SimVenue
from tests.faults.hands import Hands
from tests.faults.matrix_case import Case
from tests.faults.proxy import Plan
from tests.faults.spare import LATE
from tests.faults.stands import OPERATIONS, VENUES, Seat, Stand

__all__ = ["AFTER_ACCEPT", "COMING_BACK", "CUT_ANSWERS", "CUT_REQUESTS", "DRIPS", "IDLE", "NOBODY", "true"]


def true(seat: Seat, outcome: Any) -> Any:
    """Hold a fate, or an error, against the orders the venue has; return what it is once it is known."""
    if isinstance(outcome, PolyspecError):
        assert not outcome.maybe_executed, "an error of a placement must be proof"
        assert seat.ids() == []
        return outcome
    word = type(outcome).__name__
    if word == "Unknown":
        outcome = seat.settled(outcome)
        word = type(outcome).__name__
    assert word in ("Accepted", "Rejected"), outcome
    if word == "Accepted":
        assert seat.ids() == [outcome.order_id]
    else:
        assert outcome.never_arrived
        assert seat.ids() == []
    return outcome


def _told(seat: Seat, operation: str, placed: Any, timeout: float | None = None) -> Any:
    try:
        return seat.do(operation, placed, timeout)
    except PolyspecError as error:
        if operation != "place":
            raise
        return error


def _done(seat: Seat, operation: str, told: Any, before: list[str]) -> None:
    """Hold what a cancel or a read came to against the venue."""
    if operation == "cancel":
        assert seat.open_ids() == []
        assert seat.ids() == before
    else:
        assert seat.is_right(told)


# -- 1: nobody there --


def not_there(stand: Stand, hands: Hands, operation: str, how: str) -> None:
    """Not sent: ConnectFailed with the number of attempts, in time, and nothing at the venue."""
    seat = stand.seat(hands)
    placed = None if operation == "place" else seat.place()
    before = seat.ids()
    if how == "dns":
        real = socket.getaddrinfo

        def lost(host: Any, *more: Any, **most: Any) -> Any:
            del host, more, most
            raise socket.gaierror(socket.EAI_NONAME, "nobody knows this name")

        # names that were found before are remembered for a while
        seat = seat.afresh()
        socket.getaddrinfo = lost
    else:
        stand.proxy.refuse()
        hands.idle()
    start, sent = time.monotonic(), len(stand.proxy.requests)
    try:
        error = seat.failed(lambda: seat.do(operation, placed, 0.5))
        took = time.monotonic() - start
    finally:
        if how == "dns":
            socket.getaddrinfo = real
        else:
            stand.proxy.listen()
    assert isinstance(error, ConnectFailed)
    assert not error.maybe_executed
    assert error.attempts is not None
    assert error.attempts >= 1
    assert len(stand.proxy.requests) == sent
    # the deadline of the call, and not the patience of the client
    assert took < 0.5 + LATE
    assert seat.ids() == before


def comes_back(stand: Stand, hands: Hands, operation: str) -> None:
    """While nobody is there it is tried again, whatever it is; once somebody is, it is done, once."""
    seat = stand.seat(hands, attrs.evolve(stand.kind.quick, max_attempts=9))
    placed = None if operation == "place" else seat.place()
    before = seat.ids()
    refused = threading.Event()
    stand.proxy.refuse()
    hands.idle()

    def come_back() -> None:
        refused.wait(60)
        stand.proxy.listen()

    back = threading.Thread(target=come_back)
    back.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for module in (sending, paper_placing):
                patch.setattr(module, "backoff", _telling(refused, module.backoff))
            told = _told(seat, operation, placed)
        assert refused.is_set(), "nothing was refused"
    finally:
        refused.set()
        back.join()
    if operation == "place":
        assert type(true(seat, told)).__name__ == "Accepted"
    else:
        _done(seat, operation, told, before)


def _telling(refused: threading.Event, backoff: Callable[..., float]) -> Callable[..., float]:
    """Tell that something failed and is about to be tried again."""

    def told(*given: Any, **named: Any) -> float:
        refused.set()
        return backoff(*given, **named)

    return told


# -- 2, 3, 6: connections that break --


def broken_request(stand: Stand, hands: Hands, operation: str, plan: Plan, *, kept: bool = False) -> None:
    """Broken before all of it was there: it was not carried out, or not sent; reads and cancels are repeated.

    A placement whose first byte may have left is not sent again by itself; where copies are safe they are
    the same bytes, and never before the first is proven absent.
    """
    seat = stand.seat(hands)
    placed = None if operation == "place" else seat.place()
    if kept:
        # so that the next request goes over a connection that was used before
        seat.cancel(seat.place())
    else:
        stand.proxy.drop()
        hands.idle()
    before, sent = seat.ids(), len(stand.proxy.requests)
    stand.proxy.add(attrs.evolve(plan, path=b"" if plan.where == "accept" else seat.path(operation)))
    met = len(stand.proxy.met)
    told = _told(seat, operation, placed)
    assert len(stand.proxy.met) == met + 1, "the fault met nothing"
    if operation != "place":
        _done(seat, operation, told, before)
        return
    told = seat.settled(told)
    word = type(told).__name__
    stands = [each for each in seat.ids() if each not in before]
    assert stands == ([told.order_id] if word == "Accepted" else [])
    attempts = sum(line.startswith(seat.path("place")) for line in stand.proxy.requests[sent:])
    if stand.is_us and plan.where == "request":
        # without an id the venue knows, nothing that may have left is sent again
        assert attempts == 1
        assert word == "Rejected"
    else:
        # the copies are proven first
        assert attempts <= 4


def cut_answer(stand: Stand, hands: Hands, operation: str, plan: Plan) -> None:
    """The venue acted and its answer broke: a placement is looked up and found, all else is repeated."""
    seat = stand.seat(hands)
    placed = None if operation == "place" else seat.place()
    before, seen = seat.ids(), seat.seen("place")
    stand.proxy.add(attrs.evolve(plan, path=seat.path(operation)))
    met = len(stand.proxy.met)
    told = _told(seat, operation, placed)
    assert len(stand.proxy.met) == met + 1, "the fault met nothing"
    if operation != "place":
        _done(seat, operation, told, before)
        return
    assert type(true(seat, told)).__name__ == "Accepted"
    # PolySimulator is asked for its answer again under the same id
    assert seat.seen("place") - seen <= (2 if stand.name == "polysimulator" else 1)


# -- 4, 5: nothing, or nearly nothing, comes --


def endless(stand: Stand, hands: Hands, operation: str, plan: Plan) -> None:
    """The deadline of the whole call ends it, not a pause between bytes; the connection is given up."""
    total = 0.6
    patience = Patience(connect=10.0, write=10.0, read=30.0, place=total, total=total)
    settings = attrs.evolve(stand.kind.quick, patience=patience, settle_window=0.1)
    seat = stand.seat(hands, settings)
    placed = None if operation == "place" else seat.place()
    seen, hung_up = seat.seen("place"), stand.proxy.hung_up
    stand.proxy.add(attrs.evolve(plan, path=seat.path(operation), times=9))
    start = time.monotonic()
    told, error = None, None
    try:
        told = seat.do(operation, placed, total)
    except PolyspecError as caught:
        error = caught
    took = time.monotonic() - start
    stand.proxy.clear()
    assert took < total + LATE, took
    if operation == "place":
        assert error is None
        assert type(true(seat, told)).__name__ == "Accepted"
        assert seat.seen("place") - seen <= (2 if stand.name == "polysimulator" else 1)
    else:
        assert isinstance(error, TimedOut)
        assert error.maybe_executed
        if operation == "cancel":
            assert seat.open_ids() == []
    hands.idle()
    assert SimVenue.wait_for(lambda: stand.proxy.hung_up > hung_up, 30.0)


# -- the cases --

BOTH = ("reset", "close")

NOBODY = [
    Case(f"{how}-{operation}", venue, not_there, {"operation": operation, "how": how}, planned=False)
    for venue, operation, how in product(VENUES, OPERATIONS, ("refused", "dns"))
]
COMING_BACK = [
    Case(f"comes-back-{operation}", venue, comes_back, {"operation": operation}, planned=False)
    for venue, operation in product(VENUES, OPERATIONS)
]
CUT_REQUESTS = [
    Case(
        f"{place}-{operation}",
        venue,
        broken_request,
        {"operation": operation, "plan": plan},
    )
    for venue, operation, (place, plan) in product(
        VENUES,
        OPERATIONS,
        (
            ("accept-reset", Plan(where="accept", how="reset")),
            ("accept-close", Plan(where="accept", how="close")),
            ("first-byte", Plan(where="request", how="reset", cut=1)),
            ("head", Plan(where="request", how="close", cut="head")),
            ("last-byte", Plan(where="request", how="reset", cut="last")),
        ),
    )
]
CUT_ANSWERS = [
    Case(f"{how}-{cut}-{operation}", venue, cut_answer, {"operation": operation, "plan": plan})
    for venue, operation, cut, how in product(VENUES, OPERATIONS, ("head", "half", "last"), BOTH)
    for plan in [Plan(where="answer", how=how, cut=0.6 if cut == "half" else cut)]
]
DRIPS = [
    Case(f"drips-{operation}", venue, endless, {"operation": operation, "plan": plan})
    for venue, operation in product(VENUES, OPERATIONS)
    for plan in [Plan(where="answer", how="drip", gap=0.1)]
]
AFTER_ACCEPT = [
    Case(f"hangs-{operation}", venue, endless, {"operation": operation, "plan": plan})
    for venue, operation in product(VENUES, OPERATIONS)
    for plan in [Plan(where="answer", how="freeze")]
]
IDLE = [
    Case(
        f"{how}-{operation}",
        venue,
        broken_request,
        {"operation": operation, "plan": Plan(where="request", how=how, cut=0), "kept": True},
    )
    for venue, operation, how in product(VENUES, ("place", "cancel"), BOTH)
]
