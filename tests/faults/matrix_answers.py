"""What venues and edges answer instead of the truth, and when: rows 7 to 14 and 19 to 22.

All of it in virtual time, so that waits are the client's own and are seen to the millisecond.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from itertools import product
from typing import Any

import attrs

from polyspec.errors import AuthError, DecodeError, PolyspecError, RateLimited, Unauthorized
from tests.faults.matrix_case import Case
from tests.faults.matrix_network import true
from tests.faults.spare import LATE
from tests.faults.stands import OPERATIONS, VENUES, Seat, Stand, VirtualHands

__all__ = [
    "BURSTS", "CLOCKS", "EDGES", "JUMPS", "MONEY", "ODD_FIELDS", "ODD_WORDS", "OUTAGES", "RETRY_AFTER",
    "STATUSES", "TOO_MUCH",
]  # fmt: skip

PAGE = b"<html><body>Too Many Requests</body></html>"


def _begun(stand: Stand, hands: VirtualHands, operation: str, **settings: Any) -> tuple[Seat, Any]:
    chosen = attrs.evolve(stand.kind.patient, **settings)
    seat = stand.seat(hands, chosen)
    placed = None if operation == "place" else seat.place()
    stand.front.log.clear()
    return seat, placed


def _came(seat: Seat, operation: str) -> list[float]:
    """Return when requests of an operation came since it all began."""
    times: list[float] = seat.stand.front.times(seat.path(operation))
    return times


def _ended(seat: Seat, operation: str, told: Any) -> None:
    """Hold what became of an operation that was to succeed against the venue."""
    if operation == "place":
        assert type(true(seat, told)).__name__ == "Accepted"
    elif operation == "cancel":
        assert seat.open_ids() == []
    else:
        assert seat.is_right(told)


# -- 7: a wait that is asked for --


def waits(stand: Stand, hands: VirtualHands, operation: str, form: str) -> None:
    """Nothing of the lane leaves before the moment the venue named, whichever way it wrote it."""
    seat, placed = _begun(stand, hands, operation, pacing=True)
    asked: Any = 6
    if form == "date":
        # rounded up to the second, by the venue's clock
        asked = formatdate(stand.clocks()[0].seconds() + 7, usegmt=True)
    elif form == "ms":
        asked = 6000
        stand.front.add(path=seat.path(operation), rename=("retry-after", "retry-after-ms"))
    stand.faults.add(kind="rate_limit", operation=stand.kind.operations[operation], retry_after=asked)
    start = hands.clock.monotonic()
    order = seat.order() if operation == "place" else None

    async def both() -> list[Any]:
        async def later() -> Any:
            await asyncio.sleep(0.5)
            return await _undone(seat, operation, placed, order)

        return list(await asyncio.gather(_undone(seat, operation, placed, order), later()))

    told = hands.run(both())
    came = _came(seat, operation)
    # the first, and then both of them, none too early
    assert len(came) == 3, ([each - start for each in came], told)
    assert all(each - start >= 6 for each in came[1:]), [each - start for each in came]
    assert all(each - start < 9 for each in came[1:])
    if operation == "place":
        stands = seat.ids()
        assert sorted({each.order_id for each in told}) == sorted(stands)
    else:
        _ended(seat, operation, told[0])


def _undone(seat: Seat, operation: str, placed: Any, order: Any) -> Any:
    """Return the awaitable of an operation of the asynchronous client itself."""
    client = seat.client._target
    target = client if seat.stand.is_clob else client.orders
    if operation == "cancel":
        return target.cancel(placed)
    if operation == "place":
        return target.post_order(order) if seat.stand.is_clob else target.submit(seat.order())
    if seat.stand.is_us:
        return target.open()
    return target.get_open_orders() if seat.stand.is_clob else client.account.balance()


# -- 8: a 429 that says nothing useful --


def backs_off(stand: Stand, hands: VirtualHands, operation: str, form: str) -> None:
    """After a 429 without a word, with 0 or as a page nothing is sent for a quarter of a second."""
    seat, placed = _begun(stand, hands, operation)
    path, name = seat.path(operation), stand.kind.operations[operation]
    if form == "page":
        stand.front.add(path=path, status=429, body=PAGE, headers=(("retry-after", "0"),))
    else:
        stand.faults.add(kind="rate_limit", operation=name, retry_after=0 if form == "zero" else None)
    told = seat.do(operation, placed)
    came = _came(seat, operation)
    if form == "page" and operation == "place" and stand.is_us:
        # nobody proved anything: it is looked for, and is not there
        assert len(came) == 1
        assert told.never_arrived
        assert seat.ids() == []
        return
    assert len(came) == 2, came
    # a page proves nothing: where a copy is a risk it is proven first that nothing arrived
    proven = form == "page" and operation == "place" and stand.is_clob
    assert came[1] - came[0] >= (seat.client.settings.settle_window if proven else 0.25)
    _ended(seat, operation, told)


def page_for_ever(stand: Stand, hands: VirtualHands) -> None:
    """Whoever meets nothing but an edge's 429 is told RateLimited, after a few tries and not more."""
    seat, _ = _begun(stand, hands, "read")
    stand.front.add(path=seat.path("read"), status=429, body=PAGE, times=99)
    error = seat.failed(lambda: seat.read(timeout=60))
    assert isinstance(error, RateLimited)
    assert error.attempts == len(_came(seat, "read")) == 5


# -- 9: it failed, says somebody --


def fails(stand: Stand, hands: VirtualHands, status: int, side: str) -> None:
    """A 5xx proves nothing: the order is looked for and found, or proven absent, and never doubled."""
    seat, _ = _begun(stand, hands, "place")
    before = seat.seen("place")
    kind = "html" if status in (502, 504) else "status"
    stand.faults.add(kind=f"{kind}_{side}", status=status, operation=stand.kind.operations["place"])
    told = true(seat, seat.place())
    if side == "after":
        assert type(told).__name__ == "Accepted"
    if stand.is_us:
        assert seat.seen("place") - before == 1
        assert (type(told).__name__ == "Accepted") == (side == "after")


def reads_again(stand: Stand, hands: VirtualHands, status: int) -> None:
    """A read that meets 5xx three times is made a fourth time, and is right."""
    seat, _ = _begun(stand, hands, "read")
    name = stand.kind.operations["read"]
    stand.faults.add(kind="html", status=status, operation=name, times=3)
    assert seat.is_right(seat.read())
    assert len(_came(seat, "read")) == 4


# -- 10: the venue is closed for a while --


def outage(stand: Stand, hands: VirtualHands) -> None:
    """Twenty orders during an outage of a minute: no storm, cancels go on, and then orders as ever."""
    seat, _ = _begun(stand, hands, "place")
    standing = seat.place()
    stand.front.log.clear()
    name = stand.kind.operations["place"]
    fault = {"kind": "status_before", "status": 425 if stand.is_clob else 503}
    stand.faults.add(**fault, operation=name, times=None, message="we are away for a minute")
    start = hands.clock.monotonic()
    orders = [seat.order() for _ in range(20)]

    async def all_of_them() -> list[Any]:
        client = seat.client._target
        place = client.post_order if stand.is_clob else client.orders.submit
        return list(await asyncio.gather(*(place(each) for each in orders), return_exceptions=True))

    told = hands.run(all_of_them())
    # each has a handful of attempts and no more, all of them within its deadline
    came = _came(seat, "place")
    assert len(came) <= 20 * 5
    assert max(came) - start <= 16
    assert not any(type(each).__name__ == "Accepted" for each in told)
    assert all(not each.maybe_executed for each in told if isinstance(each, PolyspecError))
    seat.cancel(standing)
    assert seat.open_ids() == []
    stand.faults.clear()
    left = [each for each in told if type(each).__name__ == "Unknown"]
    for each in left:
        assert seat.settled(each).never_arrived
    hands.run(asyncio.sleep(60))
    assert type(seat.place()).__name__ == "Accepted"
    assert len(seat.ids()) == 2


# -- 11: refused in the middle of a burst --


def burst(stand: Stand, hands: VirtualHands) -> None:
    """Forty orders, some of them refused for their credentials: each goes again once, and stands once."""
    seat, _ = _begun(stand, hands, "place", **({"serialise": False} if stand.name == "polysimulator" else {}))
    if stand.is_us:
        seat = stand.seat(hands, credentials=stand.venue.newcomer())
    name = stand.kind.operations["place"]
    before, tokens = seat.seen("place"), stand.venue.seen["OAuth_RequestToken"]
    orders = [seat.order() for _ in range(40)]
    if stand.is_us:
        stand.faults.add(kind="revoke", operation=name, after=10)
    else:
        for number in (5, 10, 15, 20, 25):
            stand.faults.add(kind="unauthorized", operation=name, after=number)

    async def all_of_them() -> list[Any]:
        client = seat.client._target
        place = client.post_order if stand.is_clob else client.orders.submit
        return list(await asyncio.gather(*(place(each) for each in orders), return_exceptions=True))

    told = hands.run(all_of_them())
    again = seat.seen("place") - before - 40
    if stand.name == "polysimulator":
        # its keys do not expire: what is refused is refused, and may be placed again as it is
        assert again == 0
        refused = [place for place, each in enumerate(told) if isinstance(each, Unauthorized)]
        assert len(refused) == 5
        for place in refused:
            assert not told[place].maybe_executed
            told[place] = seat.submit(orders[place])
    elif stand.is_us:
        # whoever was under way with the old token
        assert 1 <= again <= 40
        assert stand.venue.seen["OAuth_RequestToken"] - tokens == 1
    else:
        assert again == 5
    assert {type(each).__name__ for each in told} == {"Accepted"}
    assert sorted(seat.ids()) == sorted(each.order_id for each in told)


# -- 13, 14: clocks --


def _newcomer(stand: Stand, hands: VirtualHands) -> Seat:
    """Connect somebody who has no token yet, which would be good whatever the clock says."""
    seat = stand.seat(hands, **({"credentials": stand.venue.newcomer()} if stand.is_us else {}))
    stand.front.log.clear()
    return seat


def _failures(seat: Seat, count: int, pause: float = 0.0) -> tuple[int, int]:
    """Place, read and cancel as often as that; return how many failed, and how many blamed the clock.

    With a pause in between tokens have to be renewed.
    """
    failed = refused = 0
    while count:
        before = seat.ids()
        seat.hands.run(asyncio.sleep(pause))
        try:
            placed = seat.place()
            seat.read()
            seat.cancel(placed)
        except PolyspecError as caught:
            error: PolyspecError | None = caught
        else:
            error = None
        if error is None:
            assert placed.order_id in seat.ids()
            count -= 1
            continue
        assert not error.maybe_executed
        assert seat.ids() == before
        if isinstance(error, AuthError) and "corrected: nothing is signed" in str(error):
            refused += 1
            count -= 1
        else:
            failed += 1
        assert failed < 5
    return failed, refused


def wrong_clock(stand: Stand, hands: VirtualHands, seconds: float) -> None:
    """Half a minute off: no call fails. An hour off: it is corrected, or refused in words until it is set."""
    hands.clock.off, words = seconds, ""
    try:
        seat = _newcomer(stand, hands)
        failed, refused = _failures(seat, 10)
    except AuthError as error:
        # where the first thing that is sent is signed
        failed, refused, seat, words = 0, 10, None, str(error)
    finally:
        hands.clock.off = 0.0
    assert failed <= (1 if abs(seconds) > 300 else 0)
    assert not refused or abs(seconds) > 300
    if seat is None:
        assert "more than the 300 s that are corrected: nothing is signed" in words
        seat = _newcomer(stand, hands)
    assert len(seat.ids()) == 10 - refused
    # the venue is not asked for its time more often than every few seconds
    hands.run(asyncio.sleep(30))
    assert _failures(seat, 3) == (0, 0)


def jumping_clock(stand: Stand, hands: VirtualHands, seconds: float) -> None:
    """The clock jumps while the client runs: one call fails at most, or all say why; no wait grows by it."""
    seat = _newcomer(stand, hands)
    assert _failures(seat, 3) == (0, 0)
    hands.clock.off = seconds
    try:
        start = hands.clock.monotonic()
        failed, refused = _failures(seat, 6, pause=100)
        # nobody waits for an hour that did not pass
        assert hands.clock.monotonic() - start < 660
    finally:
        hands.clock.off = 0.0
    assert failed <= 1
    assert refused <= 6
    hands.run(asyncio.sleep(30))
    # and back again
    failed, again = _failures(seat, 3)
    assert (failed <= 1, again) == (True, 0)
    assert len(seat.ids()) == 12 - refused


def lying_date(stand: Stand, hands: VirtualHands, seconds: float) -> None:
    """Answers dated years away change nothing: no call fails."""
    clocks = stand.clocks()
    for each in clocks:
        each.header_offset = seconds
    try:
        seat = _newcomer(stand, hands)
        assert _failures(seat, 6, pause=40) == (0, 0)
    finally:
        for each in clocks:
            each.header_offset = 0.0


# -- 19, 20: words and fields of tomorrow --


def _rewritten(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    def rewritten(body: bytes) -> bytes:
        before = json.loads(body)
        after = change(before)
        return body if after == before else json.dumps(after).encode()

    return rewritten


def _marinated(body: bytes) -> bytes:
    """Put a state nobody knows in the place of every one there is."""
    return re.sub(
        rb'"(state|status)":\s*"[A-Za-z_]+"', lambda found: b'"' + found[1] + b'":"MARINATING"', body
    )


def odd_words(stand: Stand, hands: VirtualHands, operation: str) -> None:
    """A state nobody knows is no end of an order: it is kept as it came, and the order is found later."""
    seat, _ = _begun(stand, hands, operation)
    paths = [seat.path("place"), b"GET "]
    for path in paths:
        stand.front.add(path=path, change=_marinated, times=99)
    if operation == "read":
        # a balance is in no state
        told = seat.client.orders.open() if stand.name == "polysimulator" else seat.read()
        assert "MARINATING" in str(told[0].state if stand.is_us else told[0].status)
        assert len(seat.open_ids()) == 1
        return
    told = seat.place(timeout=8)
    assert type(told).__name__ != "Rejected"
    assert len(seat.ids()) == 1
    stand.front.clear()
    assert type(true(seat, told)).__name__ == "Accepted"


# maps whose keys are not fields
_MAPS = ("priceToQuantityFilled", "not_canceled", "price_to_quantity_filled")


def _grown(found: Any) -> Any:
    if isinstance(found, dict):
        kept = {name: each if name in _MAPS else _grown(each) for name, each in found.items()}
        return {"zzNewField": {"deep": [1, None]}, **kept}
    return [_grown(each) for each in found] if isinstance(found, list) else found


# what an answer must have to be one
_NEEDED = re.compile(
    r"^(id|order_?id|source|success|data|order|orders|clord_?id|client_order_id)$", re.IGNORECASE
)
_PRESENT = re.compile(
    r"^(state|status|side|symbol|price.*|.*qty|quantity|.*size.*|balance|currency)$", re.IGNORECASE
)


def _shrunk(found: Any, *, null: bool) -> Any:
    if isinstance(found, list):
        return [_shrunk(each, null=null) for each in found]
    if not isinstance(found, dict):
        return found
    kept = {}
    for name, each in found.items():
        if _NEEDED.match(name) or _PRESENT.match(name):
            kept[name] = _shrunk(each, null=null)
        elif null:
            kept[name] = None
    return kept


ODD = {
    "more": _rewritten(_grown),
    "fewer": _rewritten(lambda found: _shrunk(found, null=False)),
    "null": _rewritten(lambda found: _shrunk(found, null=True)),
}


def odd_fields(stand: Stand, hands: VirtualHands, operation: str, how: str) -> None:
    """Fields nobody knows are passed over; those that may be absent may be null as well."""
    seat, placed = _begun(stand, hands, operation)
    stand.front.add(path=seat.path(operation), change=ODD[how])
    try:
        told = seat.do(operation, placed)
    except DecodeError:
        # what the spec promises of each order and the answer lacks: a read says so
        assert (stand.name, operation) == ("clob", "read")
        assert how in ("fewer", "null")
        return
    _ended(seat, operation, told)
    if how == "more":
        assert len(_came(seat, operation)) == 1


# -- 21, 22: numbers and sizes nobody can mean --


def _numbers(value: bytes, *names: str) -> Callable[[bytes], bytes]:
    """Put something else in the place of all amounts of money."""
    wanted = "|".join(names)
    return lambda body: re.sub(
        rf'"({wanted})":\s*("[^"]*"|[-0-9.eE]+)'.encode(), lambda found: b'"' + found[1] + b'":' + value, body
    )


VALUES = {
    "nan": b"NaN",
    "text-nan": b'"NaN"',
    "infinity": b"-Infinity",
    "text-infinity": b'"Infinity"',
    "huge-exponent": b'"1e400"',
    "many-digits": b"9" * 5000,
}


def odd_money(stand: Stand, hands: VirtualHands, operation: str, value: str) -> None:
    """An amount that is none is refused in a read; an order whose answer has one is looked up."""
    seat, _ = _begun(stand, hands, operation)
    odd, names = VALUES[value], MONEY_FIELDS[stand.name][operation]
    # a text is as good an id as any
    change = _numbers(odd.strip(b'"') if "orderId" in names else odd, *names)
    stand.front.add(path=seat.path(operation), change=change, times=9)
    before = seat.seen("place")
    if operation == "read":
        start = time.perf_counter()
        error = seat.failed(seat.read)
        assert isinstance(error, DecodeError)
        assert len(str(error)) < 500
        assert time.perf_counter() - start < LATE
        return
    assert type(true(seat, seat.place())).__name__ == "Accepted"
    # PolySimulator is asked for its answer again under the same id, a handful of times
    assert seat.seen("place") - before <= (5 if stand.name == "polysimulator" else 1)


def twice(stand: Stand, hands: VirtualHands) -> None:
    """An answer that says two things about an order says nothing: the order is looked up, and stands once."""
    seat, _ = _begun(stand, hands, "place")
    name = {"us": b"orderId", "clob": b"orderID", "polysimulator": b"order_id"}[stand.name]

    def doubled(body: bytes) -> bytes:
        assert name in body
        return body.replace(
            b"{", b'{"' + name + b'":' + (b"77" if stand.name == "polysimulator" else b'"77"') + b",", 1
        )

    before = seat.seen("place")
    stand.front.add(path=seat.path("place"), change=doubled)
    assert type(true(seat, seat.place())).__name__ == "Accepted"
    assert seat.seen("place") - before <= (2 if stand.name == "polysimulator" else 1)


MONEY_FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    # who places there is told an id and no amount
    "us": {"place": ("orderId",), "read": ("price", "orderQty")},
    "clob": {"place": ("makingAmount", "takingAmount"), "read": ("price", "original_size")},
    "polysimulator": {"place": ("price", "quantity"), "read": ("balance",)},
}


# -- the cases --

_OF_CLOCKS = (wrong_clock, jumping_clock, lying_date)


def _case(name: str, venue: str, check: Callable[..., None], **terms: Any) -> Case:
    return Case(name, venue, check, terms, inside=True, planned=check not in _OF_CLOCKS)


RETRY_AFTER = [
    _case(f"{form}-{operation}", venue, waits, operation=operation, form=form)
    for venue, operation, form in product(VENUES, OPERATIONS, ("seconds", "date", "ms"))
]
EDGES = [
    _case(f"{form}-{operation}", venue, backs_off, operation=operation, form=form)
    for venue, operation, form in product(VENUES, OPERATIONS, ("silent", "zero", "page"))
] + [_case("page-for-ever", venue, page_for_ever) for venue in VENUES]
STATUSES = [
    _case(f"{status}-{side}", venue, fails, status=status, side=side)
    for venue, status, side in product(VENUES, (500, 502, 504), ("before", "after"))
] + [
    _case(f"read-{status}", venue, reads_again, status=status)
    for venue, status in product(VENUES, (500, 504))
]
OUTAGES = [_case("a-minute", venue, outage) for venue in VENUES]
BURSTS = [_case("burst", venue, burst) for venue in VENUES]
CLOCKS = [
    _case(f"off-by-{seconds}", venue, wrong_clock, seconds=float(seconds))
    for venue, seconds in product(VENUES, (-30, 30))
]
JUMPS = [
    *(
        _case(f"off-by-{seconds}", venue, wrong_clock, seconds=float(seconds))
        for venue, seconds in product(VENUES, (-3600, 3600))
    ),
    *(
        _case(f"jumps-by-{seconds}", venue, jumping_clock, seconds=float(seconds))
        for venue, seconds in product(VENUES, (-3600, 3600))
    ),
    *(_case("lying-date", venue, lying_date, seconds=4e8) for venue in VENUES),
]
ODD_WORDS = [
    _case(operation, venue, odd_words, operation=operation)
    for venue, operation in product(VENUES, ("place", "read"))
]
ODD_FIELDS = [
    _case(f"{how}-{operation}", venue, odd_fields, operation=operation, how=how)
    for venue, operation, how in product(VENUES, OPERATIONS, ODD)
    # where there is nothing but an id, nothing can be missing
    if how == "more" or (operation != "cancel" and (venue, operation) != ("us", "place"))
]
TOO_MUCH = [
    _case(f"{value}-{operation}", venue, odd_money, operation=operation, value=value)
    for venue, operation, value in product(VENUES, ("place", "read"), ("huge-exponent", "many-digits"))
]
MONEY = [
    *(
        _case(f"{value}-{operation}", venue, odd_money, operation=operation, value=value)
        for venue, operation, value in product(
            VENUES, ("place", "read"), ("nan", "text-nan", "infinity", "text-infinity")
        )
        if (venue, operation) != ("us", "place") or not value.startswith("text")
    ),
    *(_case("key-twice", venue, twice) for venue in VENUES),
]
