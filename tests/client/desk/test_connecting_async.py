"""A desk by name: where it leads, what it starts, and that it never leads to the real venue by accident."""

from __future__ import annotations

import json
import os
import threading
import traceback
from collections.abc import Iterator

import pytest

from polyspec import Accepted, AsyncDesk, ConfigError, Sandbox, connect_async
from polyspec.connecting import venue_names
from tests.client.doing_async import listed

pytestmark = pytest.mark.anyio

VENUES = ("us", "clob", "polysimulator")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Run all venues."""
    with Sandbox(venues=VENUES, quiet=True, rate_limits=False) as sandbox:
        yield sandbox


@pytest.fixture
def around(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Have only a sandbox in the environment."""
    for name in [each for each in os.environ if each.startswith("POLYSPEC_")]:
        monkeypatch.delenv(name, raising=False)
    line = json.dumps(sandbox.describe())
    monkeypatch.setenv("POLYSPEC_SANDBOX", line)
    return {"POLYSPEC_SANDBOX": line}


async def trades(desk: AsyncDesk, name: str) -> None:
    """Hold a desk to being one that trades."""
    assert desk.name == name
    (market,) = await listed(desk.markets(1))
    placed = await desk.place(market, side="BUY", price=market.lowest, quantity=max(market.minimum, 5))
    assert isinstance(placed, Accepted)
    assert [each.order_id for each in await desk.open_orders(market)] == [placed.order_id]
    await desk.cancel_all()


@pytest.mark.parametrize("name", VENUES)
async def test_the_sandbox_of_the_environment(name: str, around: dict[str, str]) -> None:
    """Both names lead to the sandbox the environment describes, at which the desk trades."""
    for said in (name, f"sandbox:{name}"):
        async with connect_async(said) as desk:
            await trades(desk, name)
        async with connect_async(said, around) as desk:
            assert desk.name == name
        async with connect_async(variables=around | {"POLYSPEC_VENUE": f" {said} "}) as desk:
            assert desk.name == name


@pytest.mark.parametrize("name", VENUES)
async def test_a_sandbox_of_its_own(name: str) -> None:
    """Without a sandbox around, one is started for the desk alone, and stops with it."""
    before = set(threading.enumerate())
    # what belongs to the real venue must not be looked at
    around = {"POLYSPEC_CLOB_PRIVATE_KEY": "0x" + "11" * 32, "POLYSPEC_SANDBOX": "  "}
    desk = connect_async(f"sandbox:{name}", around)
    assert set(threading.enumerate()) - before
    await trades(desk, name)
    await desk.aclose()
    assert not [each for each in set(threading.enumerate()) - before if "asyncio" not in each.name]


@pytest.mark.parametrize("name", ["", "clob ", "CLOB", "sandbox:", "sandbox:nyse", "nyse"])
async def test_names_nobody_has(name: str) -> None:
    """Any other name is refused with a list of those there are."""
    with pytest.raises(ConfigError) as caught:
        connect_async(name, {})
    assert all(each in str(caught.value) for each in venue_names())


async def test_no_name_at_all() -> None:
    """Who names no venue hears of the variable that would."""
    with pytest.raises(ConfigError, match="POLYSPEC_VENUE"):
        connect_async(variables={})


async def test_a_plain_name_is_the_real_venue() -> None:
    """Without credentials in the environment, the real venue cannot be connected to."""
    with pytest.raises(ConfigError, match="POLYSPEC_US_ENVIRONMENT"):
        connect_async("us", {})
    async with connect_async("clob", {}) as desk:
        assert desk.client.host == "https://clob.polymarket.com"


async def test_a_sandbox_without_the_venue(sandbox: Sandbox) -> None:
    """A sandbox that does not serve the venue is no reason to go elsewhere."""
    line = json.dumps({"us_exchange": sandbox.us.describe()})
    for name in ("clob", "polysimulator"):
        with pytest.raises(ConfigError, match="sandbox"):
            connect_async(f"sandbox:{name}", {"POLYSPEC_SANDBOX": line})


@pytest.mark.parametrize("name", ["us", "clob", "sandbox:clob", "nyse"])
async def test_errors_show_no_secret(name: str) -> None:
    """A traceback with the locals of what goes wrong shows nothing of the environment."""
    around = {"POLYSPEC_SANDBOX": "no line", "POLYSPEC_CLOB_PRIVATE_KEY": "0x5ec7e7", "OTHER": "0x5ec7e7"}
    with pytest.raises(ConfigError) as caught:
        connect_async(name, around)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # the first frame is this one, which has it in the open
    frames = [frame.locals for frame in told.stack if not frame.filename.startswith(__file__)]
    assert len(frames) > 1
    assert "5ec7e7" not in str(frames)


async def test_a_sandbox_does_not_outlive_its_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no client can be made, the sandbox that was started for it is stopped."""
    before = set(threading.enumerate())

    def fail(_: Sandbox) -> None:
        raise ConfigError("no client today")

    for name in ("us_exchange", "async_us_exchange"):
        monkeypatch.setattr(Sandbox, name, fail)
    with pytest.raises(ConfigError, match="no client today"):
        connect_async("sandbox:us", {})
    assert set(threading.enumerate()) == before
