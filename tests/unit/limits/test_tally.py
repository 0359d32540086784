"""The arithmetic of shared limits: never more than the venue allows, whatever the order of questions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polyspec_wire import RateLimit as Limit

from polyspec.core.pacing import Pacer
from polyspec.core.tally import FLOOR, GRAINS, Claim, Place, Refusal, State, Tally, Ticket
from tests.unit.calls import an_operation
from tests.unit.limits.swarm import most_in, worst_excess

SECOND = 1e6
FOREVER = 1e9
START = 5_000 * SECOND


def even(rate: float = 10.0, burst: float = 5.0, **terms: Any) -> Claim:
    """Claim a place of an even pace."""
    made = {"key": "E", "count": 1, "size": burst, "held": 0.0, "span": SECOND / rate} | terms
    return Claim(window=False, ahead=False, own=True, **made)


def window(rate: int = 10, per: float = 1.0, **terms: Any) -> Claim:
    """Claim a place of a sliding window."""
    made: dict[str, Any] = {"ahead": False, "own": True, "key": "W", "count": 1, "held": 0.0} | terms
    return Claim(size=float(rate), span=per * SECOND, window=True, **made)


class Book:
    """A tally with a clock that only moves when told."""

    def __init__(self) -> None:
        self.states: dict[str, State] = {}
        self.tally = Tally(self.states)
        self.now = START

    def leave(self, *claims: Claim, patience: float = FOREVER, gates: tuple[str, ...] = ("g", "*")) -> float:
        """Return the second at which a request may leave."""
        return (self.now - START) / SECOND + self.place(*claims, patience=patience, gates=gates).wait

    def place(self, *claims: Claim, patience: float = FOREVER, gates: tuple[str, ...] = ("g", "*")) -> Place:
        """Take a place."""
        return self.tally.reserve(Ticket(gates, claims), self.now, patience)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from([0.5, 3.0, 10.0, 400.0]),
    burst=st.sampled_from([1.0, 1.5, 5.0, 30.0]),
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=60),
)
def test_an_even_pace_is_what_it_is_in_one_process(rate: float, burst: float, gaps: list[float]) -> None:
    """Asked the same, the tally lets requests leave when the pacer of one process does."""
    operation = an_operation(limit=Limit(bucket="B", rate=rate, burst=burst))
    pacer, book = Pacer(), Book()
    for gap in gaps:
        book.now += gap * SECOND
        alone = pacer.reserve(operation, (book.now - START) / SECOND, FOREVER)
        assert book.place(even(rate, burst)).wait == pytest.approx(alone, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(rate=st.integers(1, GRAINS), gaps=st.lists(st.floats(0, 3), min_size=1, max_size=80))
def test_a_small_window_is_what_it_is_in_one_process(rate: int, gaps: list[float]) -> None:
    """Asked the same, the tally lets requests leave when the pacer of one process does."""
    operation = an_operation(limit=Limit(bucket="B", rate=rate, per=5.0, window=True))
    pacer, book = Pacer(), Book()
    for gap in gaps:
        book.now += gap * SECOND
        alone = pacer.reserve(operation, (book.now - START) / SECOND, FOREVER)
        assert book.place(window(rate, 5.0)).wait == pytest.approx(alone, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from([70, 200]),
    steps=st.lists(st.tuples(st.floats(0, 4), st.integers(1, 50), st.integers(1, 15)), max_size=15),
)
def test_a_large_window_is_never_exceeded(rate: int, steps: list[tuple[float, int, int]]) -> None:
    """What counts as one moment lets through at most the rate in any period, and at least 98 % of it."""
    book, departures = Book(), []
    for gap, times, items in steps:
        book.now += gap * SECOND
        for _ in range(times):
            left = book.leave(window(rate, 10.0, count=items))
            departures += [left] * items
    if departures:
        assert most_in(departures, 10.0) <= rate
    book = Book()
    last = [book.leave(window(rate, 10.0)) for _ in range(rate * 5)][-1]
    assert last <= 4 * 10.0 * (1 + 1 / GRAINS) + 0.001


@settings(max_examples=60, deadline=None)
@given(
    calls=st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from("abc"), st.sampled_from([0.0, 2.0])), max_size=60
    )
)
def test_all_limits_hold_at_once(calls: list[tuple[float, str, float]]) -> None:
    """A request leaves when all of its limits let it, and what is beyond its patience books nothing."""
    limits = {
        "a": (window(4, 1.0, key="A"), window(8, 20.0, key="L"), window(6, 10.0, key="S")),
        "b": (even(3.0, 2.0, key="B"), window(6, 10.0, key="S")),
        "c": (window(6, 10.0, key="S"),),
    }
    book, left = Book(), {name: [] for name in ("A", "L", "S", "B")}
    for gap, name, patience in calls:
        book.now += gap * SECOND
        moment = book.leave(*limits[name], patience=patience)
        if moment <= (book.now - START) / SECOND + patience:
            for claim in limits[name]:
                left[claim.key].append(moment)
    for key, rate, per in (("A", 4, 1.0), ("L", 8, 20.0), ("S", 6, 10.0)):
        assert not left[key] or most_in(left[key], per) <= rate
    assert not left["B"] or worst_excess(left["B"], 3.0, 2.0) <= 1e-3


def test_a_refusal_closes_halves_and_comes_back() -> None:
    """After a 429 nothing leaves for as long as was said, then at half the rate, and in 25 s at the full."""
    book = Book()
    for _ in range(30):
        book.leave(even())
    book.tally.refuse(Refusal("g", 2.0, even()), book.now)
    departures = [book.leave(even()) for _ in range(3)]
    assert departures[0] == pytest.approx(2.0, abs=0.11)
    assert departures[1] - departures[0] == pytest.approx(0.2, abs=0.02)
    book.now += 30 * SECOND
    assert [book.leave(even()) for _ in range(7)] == pytest.approx([30] * 5 + [30.1, 30.2], abs=1e-6)


@pytest.mark.parametrize(
    "claim", [even(), window(30), window(40, 10.0), window(3500, 10.0), window(1800, 60.0)]
)
def test_a_refusal_closes_a_limit_for_no_longer_than_was_said(claim: Claim) -> None:
    """After a 429 on a limit that was hardly used, requests leave from when the venue said, half as fast."""
    book = Book()
    book.leave(claim)
    book.tally.refuse(Refusal("g", 1.5, claim), book.now)
    pace = claim.span / SECOND if not claim.window else claim.span / SECOND / claim.size
    grain = claim.span / SECOND / GRAINS if claim.size > GRAINS else 0.0
    departures = [book.leave(claim) for _ in range(11)]
    assert 1.5 <= departures[0] <= 1.5 + 2.1 * pace + 2 * grain
    assert 1.5 * pace * 10 - 2 * grain <= departures[-1] - departures[0] <= 2.2 * pace * 10 + 2 * grain


def test_refusals_of_one_burst_are_one_refusal() -> None:
    """Requests under way when the gate closed do not halve the rate again; later ones do, to a floor."""
    book = Book()
    for _ in range(20):
        book.tally.refuse(Refusal("g", 1.0, even()), book.now)
        book.now += 0.01 * SECOND
        book.tally.refuse(Refusal("g", 1.0, even()), book.now)
    assert book.states["g"][2] == 0.5
    for _ in range(20):
        book.now += 2 * SECOND
        book.tally.refuse(Refusal("g", 0.5, even()), book.now)
    assert FLOOR <= book.states["g"][2] <= 0.14


@pytest.mark.parametrize("claim", [even(), window(), window(200, 10.0)])
def test_places_that_lie_ahead_are_void_after_a_refusal(claim: Claim) -> None:
    """Whoever sleeps until its place learns that it is gone, and lengthens the queue of nobody."""
    book = Book()
    places = [book.place(claim) for _ in range(400)]
    assert places[-1].wait > 5
    assert book.tally.stands(places[-1], book.now)
    book.tally.refuse(Refusal("g", 1.0, claim), book.now)
    assert not any(book.tally.stands(place, book.now) for place in places)
    again = book.place(claim)
    # all of the large window really left just now, and counts
    assert 1.0 <= again.wait <= 1.2 + claim.span / SECOND
    assert book.tally.stands(again, book.now)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from([1, 3, 10, 100]),
    gaps=st.lists(st.floats(0, 2), min_size=1, max_size=40),
    refusals=st.dictionaries(st.integers(0, 39), st.floats(0.25, 3), max_size=3),
)
def test_no_period_holds_too_many_around_refusals(
    rate: int, gaps: list[float], refusals: dict[int, float]
) -> None:
    """Counting what really left, no period holds more than the rate, however often the gate was closed."""
    book, claim, left = Book(), window(rate, 5.0), []
    sleeping: list[tuple[float, Place]] = []
    for number, gap in enumerate(gaps):
        book.now += gap * SECOND
        for moment, place in list(sleeping):
            if moment <= book.now:
                sleeping.remove((moment, place))
                if book.tally.stands(place, moment):
                    left.append(moment / SECOND)
        if number in refusals:
            book.tally.refuse(Refusal("g", refusals[number], claim), book.now)
        for _ in range(5):
            place = book.place(claim)
            sleeping.append((book.now + place.wait * SECOND, place))
    assert not left or most_in(left, 5.0) <= rate


def test_a_tenth_is_kept_for_cancels() -> None:
    """Requests that may not use all of a limit leave room for those that may."""
    book = Book()
    others, cancel = window(30, held=3.0), window(30, ahead=True)
    assert sum(book.leave(others, patience=0.0) == 0.0 for _ in range(100)) == 27
    assert [book.leave(window(30)) for _ in range(4)] == pytest.approx([0.0, 0.0, 0.0, 1.0])
    assert book.leave(cancel) == 0.0
    assert sum(book.leave(even(10, 20, held=2.0), patience=0.0) == 0.0 for _ in range(100)) == 18
    assert [book.leave(even(10, 20)) for _ in range(3)] == pytest.approx([0.0, 0.0, 0.1])


@pytest.mark.parametrize("holders", [1, 2, 4, 8, 30])
@pytest.mark.parametrize(
    "claim",
    [
        even(),
        even(100.0, 10.0),
        window(2),
        window(30, held=3.0),
        window(100, 10.0, count=15),
        window(500, 10.0),
    ],
)
def test_shares_are_no_more_than_the_whole(holders: int, claim: Claim) -> None:
    """So many holders, each with its own share and none asking another, keep the limit's rate together.

    Where each can have a whole request, no stretch of time holds more than the limit either.
    """
    departures: list[float] = []
    end = 2.2 * claim.span / SECOND + 20
    for _ in range(holders):
        book = Book()
        while (left := book.leave(claim.shared(holders))) <= end:
            departures += [left] * claim.count
    per = claim.span / SECOND
    whole = (claim.size - claim.held) / holders >= claim.count
    if not claim.window:
        assert worst_excess(departures, 1 / per, max(claim.size, holders)) <= 0.01
    elif whole:
        assert most_in(departures, per) <= claim.size
    else:
        assert len(departures) <= (claim.size - claim.held) * end / per + holders * claim.count


def test_a_batch_passes_a_shrunken_limit() -> None:
    """What fits the limit as a whole is let through although its share by now is smaller than the batch."""
    book = Book()
    claim = window(20, 10.0, count=15)
    for _ in range(6):
        book.now += 30 * SECOND
        book.tally.refuse(Refusal("g", 1.0, claim), book.now)
    assert book.place(claim).wait <= 12
