"""The sandbox's own endpoints, the clock, and the market maker."""

from __future__ import annotations

from typing import Any

import pytest
from us_door import GAME, KC, Door

from polyspec.errors import ConfigError
from polyspec.sandbox import Sandbox
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.us.liquidity import Liquidity


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "state"),
        ("POST", "faults"),
        ("DELETE", "faults"),
        ("POST", "clock"),
        ("POST", f"instruments/{KC}/state"),
        ("POST", "settle"),
        ("POST", "deposit"),
        ("DELETE", "tokens"),
        ("POST", "kyc"),
    ],
)
def test_control_needs_the_secret(door: Door, method: str, path: str) -> None:
    """Without it, or with a wrong one, nothing happens; a bearer token is none."""
    for headers in ({}, {"x-sandbox-secret": "guess"}, {"authorization": door.headers["authorization"]}):
        answer = door.raw(method, f"/_sandbox/{path}", headers=headers, json={})
        assert (answer.status_code, answer.json()["code"]) == (403, 7)


def test_every_run_has_another_secret() -> None:
    """A secret of yesterday opens nothing today, whatever the seed."""
    secrets = set()
    for _ in range(2):
        with Sandbox(quiet=True, port=False, seed=5) as sandbox:
            secrets.add(sandbox.us.secret)
    assert len(secrets) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"advance": -1}),
        ("clock", {"advance": "soon"}),
        (f"instruments/{KC}/state", {"state": "ASLEEP"}),
        ("settle", {"symbol": KC, "price": "1"}),
        ("settle", {"symbol": KC, "price": 2000}),
        ("settle", {"symbol": KC}),
        ("deposit", {"account": "nobody", "amount": "1"}),
        ("deposit", {"account": "nobody", "amount": "one"}),
        ("faults", []),
    ],
)
def test_control_refuses_nonsense(door: Door, path: str, body: Any) -> None:
    """Impossible orders to the sandbox are 400 and change nothing."""

    def told() -> Any:
        return {
            name: value
            for name, value in door.control("GET", "state").items()
            if name in ("accounts", "instruments")
        }

    before = told()
    headers = {"x-sandbox-secret": door.sandbox.us.secret}
    assert door.raw("POST", f"/_sandbox/{path}", headers=headers, json=body).status_code == 400
    assert told() == before


def test_unknown_instruments_are_not_found(door: Door) -> None:
    """A symbol nobody lists is 404 here too."""
    headers = {"x-sandbox-secret": door.sandbox.us.secret}
    assert (
        door.raw("POST", "/_sandbox/instruments/x/state", headers=headers, json={"state": "OPEN"}).status_code
        == 404
    )


def test_state_tells_what_there_is(door: Door) -> None:
    """Instruments, money and participants in one answer."""
    door.place()
    state = door.control("GET", "state")
    assert state["instruments"][KC] == {"state": "OPEN", "open_orders": 1}
    assert state["accounts"][door.account] == "10000"
    assert door.participant in state["participants"]


def test_an_auction_opens_a_book(door: Door, other: Door) -> None:
    """Orders of a pre-open book wait, show an indicative price, and match on opening."""
    door.control("POST", f"instruments/{GAME}/state", {"state": "INSTRUMENT_STATE_PREOPEN"})
    mine = door.place("BUY", 60, 100, symbol=GAME)
    other.place("SELL", 40, 100, symbol=GAME)
    assert door.read_order(mine)["state"] == "ORDER_STATE_NEW"
    assert "indicativeOpenPx" in door.get(f"/v1/orderbook/{GAME}")["stats"]
    door.control("POST", f"instruments/{GAME}/state", {"state": "OPEN"})
    assert door.read_order(mine)["state"] == "ORDER_STATE_FILLED"


# -- clock --


def test_the_clock_never_stands_or_runs_back() -> None:
    """Readings grow strictly, whatever the machine's clock does; a frozen clock stays until moved."""
    moments = iter([5, 5, 3, 9, 9, 9, 9, 9, 9])
    clock = Clock(lambda: next(moments))
    assert [clock.now_ns() for _ in range(4)] == [5, 6, 7, 9]
    clock.freeze()
    assert clock.now_ns() == clock.now_ns()
    clock.advance(1)
    frozen = clock.now_ns()
    clock.thaw()
    assert clock.now_ns() > frozen
    with pytest.raises(ValueError):
        clock.advance(-1)


def test_the_clock_goes_on_after_a_journal() -> None:
    """What a journal recorded stays in the past, even if the machine's clock was set back."""
    clock = Clock(lambda: 100)
    clock.resume_after(5000)
    assert clock.now_ns() > 5000


# -- liquidity --


def moves(seed: int, steps: int) -> str:
    """Return everything the market maker did with a seed, as text."""
    with Sandbox(seed=seed, quiet=True, port=False) as sandbox:
        world = sandbox.us.world
        world.clock.freeze()
        maker = Liquidity(world, seed)
        maker.start()
        for _ in range(steps):
            maker.step()
        sandbox.exchange.audit()
        trades = [(made.symbol, made.price, made.quantity) for made in sandbox.exchange.trades()]
        books = [sandbox.exchange.book(symbol) for symbol in sandbox.us.symbols]
        return repr((trades, books))


def test_the_market_maker_follows_its_seed() -> None:
    """The same seed makes the same prices and trades, another makes others."""
    assert moves(1, 60) == moves(1, 60)
    assert moves(1, 60) != moves(2, 60)


def test_books_are_alive_unless_quiet() -> None:
    """Every open instrument is quoted on both sides and something trades; quiet books are empty."""
    with Sandbox(port=False) as sandbox:
        door = Door(sandbox)
        for symbol in sandbox.us.symbols:
            bids, offers = sandbox.exchange.book(symbol)
            assert bids
            assert offers
            assert bids[0].price < offers[0].price
        for _ in range(40):
            door.world.clock.advance(1)
            door.raw("GET", "/v1/health")
        assert sandbox.exchange.trades()
        sandbox.exchange.audit()
        door.close()
    with Sandbox(port=False, quiet=True) as sandbox:
        assert [sandbox.exchange.book(symbol) for symbol in sandbox.us.symbols] == [([], [])] * len(
            sandbox.us.symbols
        )


# -- the object --


def test_a_sandbox_says_when_it_is_misused() -> None:
    """Unknown dialects, foreign addresses and use before the start are told."""
    with pytest.raises(ConfigError):
        Sandbox(dialect="klingon")
    with pytest.raises(ConfigError):
        Sandbox(host="0.0.0.0")
    idle = Sandbox()
    for use in (lambda: idle.us, lambda: idle.asgi, idle.describe):
        with pytest.raises(ConfigError):
            use()
    with Sandbox(quiet=True, port=False) as sandbox, pytest.raises(ConfigError):
        sandbox.start()


async def _served_asynchronously() -> bool:
    async with Sandbox(quiet=True, port=False) as sandbox:
        return sandbox.us.symbols[0] == KC


def test_a_sandbox_works_in_async_with() -> None:
    """The asynchronous context manager is the same thing."""
    import asyncio

    assert asyncio.run(_served_asynchronously())
