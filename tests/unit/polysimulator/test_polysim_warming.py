"""A market that is too new to be known is waited for, if that is wanted, and no longer."""

from __future__ import annotations

import pytest
from polyspec_wire.polysimulator import markets

from polyspec.core.effects import Reply, Request
from polyspec.core.secret import Secret
from polyspec.errors import Forbidden, NotFound
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.session import open_session
from polyspec.polysimulator.warming import when_known
from tests.unit.flows import World

MARKET = f"0x{1:064x}"
CALL = markets.get_market(MARKET)
UNKNOWN = Reply(404, {"x-polysim-code": "MARKET_NOT_FOUND"}, b'{"error":"market not found"}', 0.0)
KNOWN = Reply(200, {}, b'{"condition_id":"%s"}' % MARKET.encode(), 0.0)


def waiting(world: World, wait: float) -> str:
    """Wait for the market."""
    settings = PolySimulatorSettings(pacing=False)
    session = open_session("https://sim.test", Credentials(Secret("ps_live_x")), settings, lambda: 0.0)
    return world.run(when_known(session, CALL, wait, None)).condition_id


def opening(at: float) -> World:
    """Make a world in which the market is known from a moment on."""
    world = World()
    began, world.latency = world.monotonic, 0.0

    def answer(_: Request) -> Reply:
        return KNOWN if world.monotonic - began >= at else UNKNOWN

    world.handler = answer
    return world


@pytest.mark.parametrize(
    ("at", "wait", "pauses"),
    [
        (0.0, 0.0, []),
        (0.0, 60.0, []),
        (1.0, 60.0, [2.0]),
        (28.0, 60.0, [2.0, 4.0, 8.0, 16.0]),
        (100.0, 300.0, [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]),
        # the last look is at the very end
        (20.0, 20.0, [2.0, 4.0, 8.0, 6.0]),
    ],
)
def test_it_is_looked_for_until_it_is_there(at: float, wait: float, pauses: list[float]) -> None:
    """Looks are 2, 4, 8, 16 and then 30 seconds apart, the last one at the end of the wait."""
    world = opening(at)
    assert waiting(world, wait) == MARKET
    assert world.sleeps == pauses


@pytest.mark.parametrize(("wait", "looks"), [(0.0, 1), (1.0, 2), (20.0, 5)])
def test_then_it_is_given_up(wait: float, looks: int) -> None:
    """Without a wait it is asked for once; with one, the error comes when the wait is over."""
    world = opening(10**6)
    before = world.monotonic
    with pytest.raises(NotFound, match="half a minute"):
        waiting(world, wait)
    assert (len(world.requests), world.monotonic - before) == (looks, wait)


def test_other_refusals_are_not_waited_out() -> None:
    """Only what is not there yet may come."""
    world = World(lambda _: Reply(403, {}, b'{"error":"ACCESS_RESTRICTED","message":"No"}', 0.0))
    with pytest.raises(Forbidden):
        waiting(world, 60.0)
    assert len(world.requests) == 1
