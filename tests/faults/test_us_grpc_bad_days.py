"""Bad days of calls over gRPC: what holds over REST holds there, with the same verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from polyspec.sandbox.us.world import Participant
from tests.client.us.rig import Venue, open_venue
from tests.faults import test_us_bad_days as bad_days
from tests.faults.hands import Hands
from tests.faults.lost import LOST, in_turn, orders_lost_in_turn
from tests.faults.test_us_bad_days import (
    client,
    test_deadline_holds,
    test_nothing_is_sent_before_the_venue_says,
    test_place_again_after_a_refusal_that_passes,
    test_replace,
    test_unknown_says_what_to_do,
)

__all__ = [
    "client",
    "test_deadline_holds",
    "test_nothing_is_sent_before_the_venue_says",
    "test_place_again_after_a_refusal_that_passes",
    "test_replace",
    "test_unknown_says_what_to_do",
]

pytestmark = pytest.mark.usefixtures("hurried")

# a well-formed answer of another kind is a matter of JSON
lost_in_turn = in_turn({name: case for name, case in LOST.items() if "nonsense" not in name})


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox whose clients call it over gRPC."""
    with open_venue() as venue:
        venue.transport = "grpc"
        yield venue


@orders_lost_in_turn
def test_place(
    client: Any,
    hands: Hands,
    venue: Venue,
    person: Participant,
    symbol: str,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """A placement whose answer is lost is sent once, and the verdict is what the engine says."""
    bad_days.test_place(client, hands, venue, person, symbol, fault, executed)


@lost_in_turn
def test_cancel(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any], executed: bool
) -> None:
    """A cancel is repeated until it is answered, and the order is gone."""
    bad_days.test_cancel(client, venue, person, symbol, fault, executed)


@lost_in_turn
def test_read(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any], executed: bool
) -> None:
    """A read is repeated, whatever happened to it, and gives the right answer."""
    bad_days.test_read(client, venue, person, symbol, fault, executed)
