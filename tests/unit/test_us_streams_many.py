"""Many symbols and many streams: where each goes, what it says of all, and how many there may be."""

from __future__ import annotations

import gc
from itertools import pairwise
from random import Random  # noqa: TID251 - seeds are the point
from typing import Any

import pytest

from polyspec.core.streams.events import StreamState
from polyspec.core.streams.machine import Machine, Rhythm
from polyspec.errors import StreamError
from polyspec.us.shards import spread, worst
from polyspec.us.stream_limits import MOST_STREAMS, StreamPlaces, places_of


class Words:
    """A venue that is told nothing."""

    def begin(self, keys: list[str]) -> list[object]:
        """Say nothing."""
        return []

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Say nothing."""
        return []

    def ping(self) -> object:
        """Say nothing."""
        return None


def machine(state: StreamState = StreamState.IDLE) -> Machine:
    """Return a machine in some state."""
    made = Machine(Words(), Rhythm(), lambda: 0.5)
    made.state = state
    return made


def names(*numbers: int) -> list[str]:
    """Return names of symbols."""
    return [f"S{each}" for each in numbers]


def test_symbols_fill_one_stream_after_the_other() -> None:
    """In the order they are asked for."""
    assert spread([], names(*range(5)), 2) == [names(0, 1), names(2, 3), names(4)]
    assert spread([], [], 2) == []


def test_gaps_are_filled_before_another_is_opened() -> None:
    """What is there stays; one that became empty comes last."""
    before = [names(0, 1, 2), names(3, 4, 5), names(6, 7)]
    after = spread(before, names(1, 2, 6, 7, 8, 9, 10, 11, 12, 13, 14), 3)
    assert after == [names(1, 2, 8), names(10, 11, 12), names(6, 7, 9), names(13, 14)]


@pytest.mark.parametrize("seed", range(20))
def test_nothing_moves_and_nothing_is_lost(seed: int) -> None:
    """Whatever is asked for, one change after the other."""
    chance, parts, history = Random(seed), [], []
    for _ in range(30):
        wanted = names(*chance.sample(range(40), chance.randint(0, 40)))
        parts = spread(parts, wanted, 7)
        history.append(parts)
        assert sorted(each for part in parts for each in part) == sorted(wanted)
        assert max(map(len, parts), default=0) <= 7
    for before, after in pairwise(history):
        for old, new in zip(before, after, strict=False):
            wanted = {each for part in after for each in part}
            assert {each for each in old if each in wanted} <= set(new)


def test_the_worst_speaks_for_all() -> None:
    """Those that nothing is asked of say nothing."""
    idle, live, away = machine(), machine(StreamState.LIVE), machine(StreamState.BACKING_OFF)
    assert worst([idle, live]) is live
    assert worst([live, away, idle]) is away
    assert worst([idle]) is idle


def test_places_are_counted_and_given_back() -> None:
    """By what asks for something, does not any more, is closed, or is gone."""
    places = StreamPlaces("firm", 2)
    first, second, third = machine(), machine(), machine()
    with places.place(first, second):
        first.want(["A"], 0.0)
        second.want(["A"], 0.0)
    assert places.taken == 2
    with pytest.raises(StreamError, match="firm has 2 streams open"), places.place(third):
        raise AssertionError
    with places.place(first):
        # it has its place
        first.want(["A", "B"], 0.0)
    first.want([], 0.0)
    assert places.taken == 1
    with places.place(third):
        third.want(["A"], 0.0)
    second.close(0.0)
    assert places.taken == 1
    del third
    gc.collect()
    assert places.taken == 0


def test_places_are_those_of_the_firm() -> None:
    """All clients of one id in one environment share them, and nobody else does."""
    places = places_of("https://a", "id")
    made: list[Any] = [machine() for _ in range(MOST_STREAMS)]
    with places_of("https://a", "id").place(*made):
        for each in made:
            each.want(["A"], 0.0)
    assert (places.taken, places_of("https://b", "id").taken, places_of("https://a", "no").taken) == (
        20,
        0,
        0,
    )
    with pytest.raises(StreamError), places.place(machine()):
        raise AssertionError
