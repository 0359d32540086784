"""The rest of the matrix: keys that are revoked, messages that come twice, gRPC, sizes, redirects, tasks.

Rows 12, 15, 21, 23 to 26, 36, 37, 39 and 40.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from contextlib import ExitStack
from itertools import product
from typing import Any

import attrs
import pytest

from polyspec.core.sending import Patience
from polyspec.errors import DecodeError, PolyspecError
from polyspec.io.grpc_base import GrpcOptions
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.us.grpc import server as grpc_server
from tests.client.rawserver import RawServer
from tests.faults.at_polysimulator import SimVenue
from tests.faults.hands import Hands
from tests.faults.matrix_case import Case
from tests.faults.matrix_network import comes_back, not_there, true
from tests.faults.proxy import Plan, Proxy
from tests.faults.spare import LATE
from tests.faults.stands import GRPC, KINDS, OPERATIONS, VENUES, Seat, Stand, VirtualHands, port_of

__all__ = [
    "AGES", "BEATS", "CALLS", "FROZEN", "HELD", "PINGS", "REDIRECTS", "REVOKED", "SIZES", "TASKS", "TWICE",
]  # fmt: skip

BEATING = {"clob": "Orders_PostHeartbeat", "polysimulator": "Orders_PostHeartbeat"}


def _beating(seat: Seat) -> Any:
    client = seat.client._target
    return client.heartbeats(interval=4.0) if seat.stand.is_clob else client.orders.heartbeats(4.0)


# -- 12: revoked for good --


def revoked(stand: Stand, hands: VirtualHands) -> None:
    """With a key that is revoked beats are not sent without end: at most three a minute once all is lost."""
    seat = stand.seat(hands)
    name = BEATING[stand.name]

    async def beat() -> tuple[int, Any]:
        beating = _beating(seat)
        async with beating:
            await asyncio.sleep(5)
            stand.faults.add(kind="unauthorized", operation="*", times=None)
            # the venue cancels after ten seconds of silence, or five
            await asyncio.sleep(25)
            before = stand.venue.seen[name]
            await asyncio.sleep(600)
            sent, error = stand.venue.seen[name] - before, beating.error
            stand.faults.clear()
            await asyncio.sleep(25)
            assert beating.alive
        return sent, error

    sent, error = hands.run(beat())
    # each of them may be tried once more with another second
    assert sent <= 10 * 3 * 2 + 2
    assert type(error).__name__ == "Unauthorized"


# -- 15: everything comes twice --


def asked_twice(stand: Stand, hands: Hands, operation: str) -> None:
    """A request that arrives twice is carried out once, as the venue knows it by its id."""
    seat = stand.seat(hands)
    placed = None if operation == "place" else seat.place()
    seen = seat.seen(operation)
    stand.proxy.add(Plan(where="answer", how="double", path=seat.path(operation)))
    told = seat.do(operation, placed)
    assert seat.seen(operation) - seen >= 2
    if operation == "place":
        assert type(true(seat, told)).__name__ == "Accepted"
    assert len(seat.ids()) == 1
    assert len(seat.open_ids()) == (operation == "place")


def answered_twice(stand: Stand, hands: Hands, operation: str) -> None:
    """An answer that comes twice is not taken for that of the next request on its connection."""
    seat = stand.seat(hands)
    first = seat.place()
    told: list[Any] = []
    body = b'{"error":"this is the answer to something else","message":"no","code":3}'
    head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    stand.proxy.add(
        Plan(where="answer", how="trailed", path=seat.path(operation), answer=head % len(body) + body)
    )
    target = first if operation == "cancel" else None
    told.append(seat.do(operation, target))
    time.sleep(0.02)
    told.append(seat.do(operation, seat.place() if operation == "cancel" else None))
    if operation == "place":
        assert sorted(seat.ids()) == sorted([first.order_id, *(each.order_id for each in told)])
    elif operation == "cancel":
        assert seat.open_ids() == []
    else:
        assert all(seat.is_right(each) for each in told)


# -- 21: too much of everything --

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n"
TOO_LARGE = {
    "deep": b"[" * 200_000,
    "large": b'{"x":"' + b"y" * (50 << 20) + b'"}',
    "bomb": gzip.compress(b"\0" * (100 << 20), 1),
}


def too_large(stand: Stand, hands: Hands, operation: str, what: str) -> None:
    """A bomb, depth or size without end: a typed error at once; an order is looked up, and stands once."""
    body = TOO_LARGE[what]
    packed = b"content-encoding: gzip\r\n" if what == "bomb" else b""
    seat = stand.seat(hands)
    answer = HEAD % (packed, len(body)) + body
    stand.proxy.add(
        Plan(
            where="answer",
            how="replace",
            answer=answer,
            path=seat.path(operation),
            times=5,
            carried=operation == "place",
        )
    )
    start = time.perf_counter()
    try:
        told, error = seat.do(operation, timeout=30.0), None
    except PolyspecError as caught:
        told, error = None, caught
    # nobody waits for the end of anything
    assert time.perf_counter() - start < 10.0
    stand.proxy.clear()
    if operation == "read":
        assert isinstance(error, DecodeError)
        assert len(str(error)) < 500
        return
    assert error is None
    # the answer that was read is no proof; the order is there all the same, once
    assert type(true(seat, told)).__name__ == "Accepted"


# -- 23 to 26: gRPC --


def broken_call(stand: Stand, hands: Hands, operation: str, plan: Plan) -> None:
    """A connection that breaks under a call: a placement is looked up, all else is made again."""
    seat = stand.seat(hands)
    placed = None if operation == "place" else seat.place()
    before, seen = seat.ids(), seat.seen("place")
    if plan.where == "accept":
        stand.proxy.drop()
        hands.idle()
    stand.proxy.add(plan)
    try:
        told = seat.do(operation, placed)
    except PolyspecError as error:
        assert operation == "place"
        told = error
    stand.proxy.clear()
    if operation == "place":
        true(seat, told)
        assert seat.seen("place") - seen <= 1
    elif operation == "cancel":
        assert (seat.ids(), seat.open_ids()) == (before, [])
    else:
        assert seat.is_right(told)


def goes_away(stand: Stand, hands: Hands) -> None:
    """The server says GOAWAY again and again, as at the age of its connections: every order stands once."""
    patience = Patience(connect=5.0, write=5.0, read=5.0, place=5.0, total=5.0)
    seat = stand.seat(hands, attrs.evolve(stand.kind.quick, patience=patience))
    server, connected = stand.venue.sandbox._grpc, stand.proxy.accepted
    fates: list[Any] = []
    errors: list[PolyspecError] = []
    for number in range(9):
        if number % 3 == 1:
            server._loop.call_soon_threadsafe(server._say_goaway)
        try:
            fates.append(seat.settled(seat.place()))
        except PolyspecError as error:
            errors.append(error)
    assert not any(each.maybe_executed for each in errors)
    assert len(fates) >= 6
    taken = [each.order_id for each in fates if type(each).__name__ == "Accepted"]
    assert sorted(seat.ids()) == sorted(taken)
    assert all(each.never_arrived for each in fates if type(each).__name__ == "Rejected")
    assert seat.is_right(seat.read())
    assert stand.proxy.accepted >= connected + 2, "nobody had to connect anew"


def freezes(stand: Stand, hands: Hands) -> None:
    """A peer that says nothing more without hanging up is noticed by its pings; the order is resolved."""
    patience = Patience(connect=10.0, write=10.0, read=20.0, place=20.0, total=20.0)
    quick = attrs.evolve(stand.kind.quick, patience=patience, grpc=GrpcOptions(keepalive=0.4, pong=0.4))
    seat = stand.seat(hands, quick)
    stand.proxy.add(Plan(where="request", how="freeze", cut=0))
    start = time.monotonic()
    told = true(seat, seat.place())
    # a ping, a pong that does not come, another connection, and looking; not the answer's own time
    assert time.monotonic() - start < 0.8 + 1.0 + 2 * LATE
    assert told.never_arrived
    assert type(true(seat, seat.place())).__name__ == "Accepted"


def strict_about_pings(stand: Stand, hands: Hands) -> None:
    """A server that takes our pings for too many hangs up: calls go on over other connections."""
    strict = (
        ("grpc.so_reuseport", 0),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 300_000),
        ("grpc.http2.max_ping_strikes", 1),
    )
    usual, grpc_server._OPTIONS = grpc_server._OPTIONS, strict  # type: ignore[assignment, misc]
    try:
        with KINDS["us"].opened() as venue, ExitStack() as calls:
            venue.transport = "grpc"
            proxy = calls.enter_context(Proxy(port_of(str(venue.environment().grpc))))
            place = Stand(GRPC, venue, proxy=proxy, clock=None)
            eager = attrs.evolve(stand.kind.quick, grpc=GrpcOptions(keepalive=0.05, pong=30.0))
            seat = place.seat(hands, eager)
            fates = [true(seat, seat.place())]
            connected = proxy.accepted
            # the library sends one a second at most, and the third is one too many
            assert SimVenue.wait_for(lambda: not proxy.open), "nobody minded the pings"
            fates += [seat.settled(seat.place()) for _ in range(4)]
            taken = [each.order_id for each in fates if type(each).__name__ == "Accepted"]
            assert sorted(seat.ids()) == sorted(taken)
            # on a slow day one may be on its way when pings are too many once more
            assert len(taken) >= 4
            assert proxy.accepted > connected
    finally:
        grpc_server._OPTIONS = usual  # type: ignore[misc]


# -- 36: beats --


def blocked(stand: Stand, hands: VirtualHands) -> None:
    """Nobody beats while the loop is blocked: orders are gone, and the client says so as soon as it wakes."""
    seat = stand.seat(hands)

    async def sleepless() -> None:
        async with _beating(seat) as beating:
            client = seat.client._target
            if stand.is_clob:
                order = await client.create_order(**seat.market.known, side="BUY", price="0.4", size=10)
                await client.post_order(order)
            else:
                await client.orders.submit(seat.order())
            await asyncio.sleep(3)
            assert beating.alive
            beating.check()
            # something that does not wait: a call that blocks, a machine that sleeps
            hands.clock.passed += 16
            with pytest.raises(PolyspecError, match=r"cancels|cancelled"):
                beating.check()
            await asyncio.sleep(1)
            assert beating.alive
            beating.check()

    hands.run(sleepless())
    assert len(seat.ids()) == 1
    assert seat.open_ids() == []


# -- 37: a cancel of what is held --


def held(stand: Stand, hands: VirtualHands, seconds: float) -> None:
    """A cancel that is refused while the market holds its order is tried again, and says how that ended."""
    seat = stand.seat(hands)
    token = stand.venue.market(hold=seconds, answers_late=False)
    stand.venue.offer(token, "0.5", 20)
    placed = seat.client.create_and_post_order(**token.known, side="BUY", price="0.5", size=10)
    assert placed.status == "delayed"
    seen = seat.seen("cancel")
    told = seat.client.cancel(placed)
    tries = seat.seen("cancel") - seen
    (order,) = stand.venue.orders(seat.person)
    if seconds > 5:
        # for as long as that nobody waits: it is said that it is held
        assert 5 <= tries <= 12
        assert "delayed" in told.not_canceled[placed.order_id]
        assert order.status is t.OrderStatus.DELAYED
    else:
        assert 2 <= tries <= 12
        assert order.status is t.OrderStatus.MATCHED
        assert "matched" in told.not_canceled[placed.order_id]


# -- 39: redirects --


def redirected(stand: Stand, hands: Hands, operation: str) -> None:
    """Whoever points elsewhere is not followed: nobody connects to that host."""
    seat = stand.seat(hands)
    placed = None if operation == "place" else seat.place()
    with RawServer(lambda peer, _: peer.close()) as elsewhere:
        answer = f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere.url}/\r\ncontent-length: 0\r\n\r\n"
        stand.proxy.add(
            Plan(where="answer", how="replace", answer=answer.encode(), path=seat.path(operation), times=9)
        )
        try:
            told, error = seat.do(operation, placed), None
        except PolyspecError as caught:
            told, error = None, caught
        if operation != "place":
            assert "redirects are not followed" in str(error)
        else:
            assert error is None
            assert seat.settled(told).never_arrived
        stand.proxy.clear()
        assert elsewhere.connections == 0
    assert len(seat.open_ids()) == (operation != "place")


# -- 40: tasks that are cancelled --


def cancelled_task(stand: Stand, hands: VirtualHands) -> None:
    """Cut off at any point of its way, a placement takes the id along of whatever may stand."""
    seat = stand.seat(hands)
    stand.front.turns = 4
    cut, stood = 0, 0
    for steps in range(400):
        order = seat.order()
        before = set(seat.ids())
        error = hands.run(_cut_off(seat, order, steps))
        new = set(seat.ids()) - before
        if error is None:
            break
        cut += 1
        stood += len(new)
        assert len(new) <= 1
        if new:
            name = (
                order.order_id
                if stand.is_clob
                else (order.clord_id if stand.is_us else order.client_order_id)
            )
            assert name in " ".join(getattr(error, "__notes__", [])), steps
    else:
        raise AssertionError("it never came to its end")
    # it was cut off before and after the venue had it
    assert cut > stood > 0


async def _cut_off(seat: Seat, order: Any, steps: int) -> BaseException | None:
    client = seat.client._target
    place = client.post_order if seat.stand.is_clob else client.orders.submit
    task = asyncio.ensure_future(place(order))
    for _ in range(steps):
        if task.done():
            break
        await asyncio.sleep(0)
    if task.done():
        task.result()
        return None
    task.cancel()
    try:
        await task
    except asyncio.CancelledError as error:
        return error
    return None


# -- the cases --

REVOKED = [Case("heartbeats", venue, revoked, inside=True) for venue in BEATING]
TWICE = [
    *(
        Case(f"asked-{operation}", venue, asked_twice, {"operation": operation})
        for venue, operation in product(VENUES, ("place", "cancel"))
    ),
    *(
        Case(f"answered-{operation}", venue, answered_twice, {"operation": operation})
        for venue, operation in product(VENUES, OPERATIONS)
    ),
]
SIZES = [
    Case(f"{what}-{operation}", venue, too_large, {"operation": operation, "what": what})
    for venue, operation, what in product(VENUES, ("place", "read"), TOO_LARGE)
]
CALLS = [
    *(
        Case(
            f"refused-{operation}",
            GRPC,
            not_there,
            {"operation": operation, "how": "refused"},
            planned=False,
        )
        for operation in OPERATIONS
    ),
    *(
        Case(f"comes-back-{operation}", GRPC, comes_back, {"operation": operation}, planned=False)
        for operation in OPERATIONS
    ),
    *(
        Case(f"{name}-{operation}", GRPC, broken_call, {"operation": operation, "plan": plan})
        for operation, (name, plan) in product(
            OPERATIONS,
            (
                ("accept", Plan(where="accept", how="reset")),
                ("first-byte", Plan(where="request", how="reset", cut=1)),
                ("mid-call", Plan(where="request", how="close", cut=60)),
                ("answer", Plan(where="answer", how="reset", cut=0)),
                ("mid-answer", Plan(where="answer", how="close", cut=5)),
            ),
        )
    ),
]
AGES, FROZEN, PINGS = (
    [
        Case(name, GRPC, check, planned=planned, colour=0),
        Case(f"{name}-async", GRPC, check, planned=planned, colour=1),
    ]
    for name, check, planned in (
        ("goes-away", goes_away, False),
        ("freezes", freezes, True),
        ("strict", strict_about_pings, False),
    )
)
BEATS = [Case("blocked", venue, blocked, inside=True, planned=False) for venue in BEATING]
HELD = [
    Case(f"for-{seconds:g}-s", "clob", held, {"seconds": seconds}, inside=True, planned=False)
    for seconds in (0.25, 3.0, 20.0)
]
REDIRECTS = [
    Case(operation, venue, redirected, {"operation": operation})
    for venue, operation in product(VENUES, OPERATIONS)
]
TASKS = [Case("cut-off", venue, cancelled_task, inside=True, planned=False) for venue in VENUES]
