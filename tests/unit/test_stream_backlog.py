"""What was not read yet is bounded, and never cut in silence."""

from __future__ import annotations

import pytest

from polyspec.core.streams.backlog import POLICIES, Backlog
from polyspec.core.streams.events import Dropped, Event
from polyspec.errors import ConfigError


def event(number: int) -> Event:
    """Return an event that is told apart by its time."""
    return Event(float(number))


def test_events_come_out_as_they_went_in() -> None:
    """Whatever the policy, while there is room."""
    for policy in POLICIES:
        made = Backlog(3, policy)  # type: ignore[arg-type]
        for number in range(3):
            made.put(event(number))
        assert made.full
        assert [made.take() for _ in range(4)] == [event(0), event(1), event(2), None]
        assert not made.full


def test_the_oldest_make_room_and_are_counted() -> None:
    """Who comes is told the number before the rest, and again of what was dropped since he came."""
    made = Backlog(2, "drop_oldest")
    for number in range(5):
        made.put(event(number))
    assert made.take() == Dropped(2.0, 3)
    made.put(event(5))
    assert [made.take() for _ in range(4)] == [Dropped(3.0, 1), event(4), event(5), None]


@pytest.mark.parametrize("policy", ["block", "disconnect"])
def test_the_others_lose_nothing(policy: str) -> None:
    """Who fills it asks whether it is full, and acts on it."""
    made = Backlog(2, policy)  # type: ignore[arg-type]
    for number in range(5):
        made.put(event(number))
    assert made.full
    assert [made.take() for _ in range(5)] == [event(number) for number in range(5)]


def test_wrong_use_is_refused() -> None:
    """A policy nobody knows, and no room at all."""
    with pytest.raises(ConfigError, match="overflow"):
        Backlog(1, "explode")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="room"):
        Backlog(0, "block")
