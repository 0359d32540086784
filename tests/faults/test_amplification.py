"""However much fails, and for however long, hardly more is sent than was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import attrs
import pytest

from polyspec.errors import PolyspecError
from tests.faults import broken
from tests.faults.stands import VENUES, Seat, Stands, VirtualHands, all_stands

CALLS = 1_000
by_venue = pytest.mark.parametrize("name", VENUES)


@pytest.fixture(scope="module")
def stands() -> Iterator[Stands]:
    """Open venues as they are needed."""
    with all_stands() as stands:
        yield stands


@pytest.fixture
def hands(stands: Stands) -> Iterator[VirtualHands]:
    """Connect in virtual time."""
    with stands.clock.rules_here():
        hands = VirtualHands(stands.clock)
        yield hands
        hands.close()


def _failing(seat: Seat, hands: VirtualHands, *, width: int, calls: int = CALLS) -> int:
    """Make reads that fail, so many at a time; return how many requests came."""
    client, front = seat.client._target, seat.stand.front
    read = client.get_open_orders if seat.stand.is_clob else None
    if read is None:
        read = client.orders.open if seat.stand.is_us else client.account.balance
    gate = asyncio.Semaphore(width)

    async def call() -> None:
        async with gate:
            with pytest.raises(PolyspecError):
                await read()

    async def all_of_them() -> None:
        await asyncio.gather(*(call() for _ in range(calls)))

    hands.run(all_of_them())
    return len(front.times(seat.path("read")))


def _seat(stands: Stands, name: str, hands: VirtualHands) -> Seat:
    stand = stands.inside(name)
    settings = stand.kind.patient
    if name == "polysimulator":
        settings = attrs.evolve(settings, serialise=False)
    return stand.seat(hands, settings)


@by_venue
@pytest.mark.parametrize("width", [1, 50])
def test_a_thousand_failing_calls(stands: Stands, hands: VirtualHands, name: str, width: int) -> None:
    """A thousand reads of a venue that is down make a hundred requests more at most."""
    seat = _seat(stands, name, hands)
    operation = seat.stand.kind.operations["read"]
    seat.stand.faults.add(kind="status", status=503, operation=operation, times=None)
    sent = _failing(seat, hands, width=width)
    seat.stand.faults.clear()
    assert CALLS <= sent <= CALLS * 1.10


@by_venue
def test_without_a_quota_there_is_a_storm(
    stands: Stands, hands: VirtualHands, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count can tell: without the budget of retries several times as much is sent."""
    broken.BREAKS["no-quota"](monkeypatch)
    seat = _seat(stands, name, hands)
    operation = seat.stand.kind.operations["read"]
    seat.stand.faults.add(kind="status", status=503, operation=operation, times=None)
    sent = _failing(seat, hands, width=50, calls=200)
    seat.stand.faults.clear()
    assert sent > 200 * 2


@by_venue
@pytest.mark.parametrize("asked", [2, 0.4])
def test_never_before_the_venue_says(stands: Stands, hands: VirtualHands, name: str, asked: float) -> None:
    """A venue that refuses a thousand orders, each with a wait: none of them goes again before it."""
    seat = _seat(stands, name, hands)
    waits = _refused(seat, 100, asked)
    # the budget of retries is one for all of them, and was used
    assert 50 <= len(waits) <= 100
    assert min(waits) >= asked
    assert seat.ids() == []


@by_venue
def test_who_does_not_wait_is_seen(
    stands: Stands, hands: VirtualHands, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moments can tell: who does not listen to what the venue says comes before it."""
    broken.BREAKS["impatient"](monkeypatch)
    assert min(_refused(_seat(stands, name, hands), 5, 2)) < 2


def _refused(seat: Seat, orders: int, asked: float) -> list[float]:
    """Place orders at a venue that refuses all of them; return the seconds before each further attempt."""
    operation, front = seat.stand.kind.operations["place"], seat.stand.front
    seat.stand.faults.add(kind="rate_limit", operation=operation, times=None, retry_after=asked)
    waits: list[float] = []
    for _ in range(orders):
        front.log.clear()
        with pytest.raises(PolyspecError) as caught:
            seat.place(timeout=8)
        assert not caught.value.maybe_executed
        waits += [after - before for before, after in pairwise(front.times(seat.path("place")))]
    seat.stand.faults.clear()
    return waits
