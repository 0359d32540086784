"""A rhythm of the caller's own on channels that have no answers to pings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from polyspec.clob.live_feed import LiveFeed
from polyspec.clob.sports_feed import SportsFeed
from polyspec.core.streams.events import StreamState
from polyspec.core.streams.rhythm import Rhythm
from polyspec.polysimulator.spot_feed import SpotFeed
from polyspec.us.state_feeds import PositionFeed
from tests.unit.us_market_rig import Rig as MarketRig
from tests.unit.us_private_rig import rpc, session

_OWN = Rhythm(subscribe=3000.0)


def _half() -> float:
    return 0.5


def _positions() -> PositionFeed:
    asked = rpc("PositionAPI", "CreatePositionSubscription")
    return PositionFeed(session(), asked, (), _half, rhythm=_OWN)


def _spot() -> SpotFeed:
    return SpotFeed(lambda: None, _half, rhythm=_OWN)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        pytest.param(lambda: LiveFeed(_half, rhythm=_OWN), [["comments"]], id="live"),
        pytest.param(lambda: SportsFeed(_half, rhythm=_OWN), [None], id="sports"),
        pytest.param(_spot, [None, []], id="spot"),
        pytest.param(_positions, [{}], id="positions"),
        pytest.param(lambda: MarketRig(None, rhythm=_OWN).feed, [["symbol"]], id="books"),
    ],
)
def test_nobody_insists_on_answers_that_are_never_given(make: Callable[[], Any], wanted: list[Any]) -> None:
    """Whatever a rhythm says of pings, a quiet connection stays where the venue does not answer them."""
    feed = make()
    feed.want(*wanted, 0.0)
    feed.machine.opened(0.0)
    for second in range(1, 100):
        feed.machine.tick(float(second))
    assert feed.machine.state is StreamState.SUBSCRIBING
