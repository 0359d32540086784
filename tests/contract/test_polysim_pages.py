"""Pages of every listing of PolySimulator: how they begin, go on and end, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from polyspec_wire.polysimulator import account, compat, markets, orders, simulation

from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.engine import types as t
from tests.contract.colours import COLOURS, Colour
from tests.contract.judging import answer_findings
from tests.contract.polysim_asking import Asking
from tests.contract.polysim_tour import HOUR, STRATEGY, furnish
from tests.contract.recorder import Recorder
from tests.contract.spec import POLYSIM, Operation

LISTINGS = [pytest.param(each, id=each.id) for each in POLYSIM.operations.values() if "x-page" in each.raw]
# Without this these answer with a bare list, of which nothing tells where it goes on.
ENVELOPED = {"Account_GetHistory", "Markets_ListMarkets"}
# Filters that leave more than one page of each.
FILTERS = {"Orders_ListOrders": {"wallet_id": "all"}}
BARE = {
    "Keys_ListKeys": "",
    "Wallets_ListWallets": "wallets",
    "Markets_ListMarkets": "",
    "Account_GetHistory": "",
    "Orders_ListOrders": "orders",
    "Markets_ListEvents": "events",
}
"""Lists by limit and offset, and under which name they are."""
JOBS: list[str] = []


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with several of everything: orders, trades, settlements, wallets, backtests."""
    with Sandbox(venues=["clob", "polysimulator"], port=False, quiet=True, rate_limits=False) as running:
        (market, _), (other, _) = furnish(running)
        colour, venue = Colour(), running.polysimulator_venue
        with closing(colour.polysim(running, venue.asgi)) as sim:
            for price in ("0.41", "0.42", "0.43", "0.44", "0.45"):
                sim.orders.place(market, side="BUY", outcome="Yes", price=price, quantity=5).unwrap()
            for where, outcome in ((market, "Yes"), (other, "Yes"), (other, "No"), (other, "Yes")):
                sim.orders.place(where, side="BUY", outcome=outcome, price="0.60", quantity=10).unwrap()
            for name in ("a", "b"):
                sim.wallets.create(name)
            backtests, span = sim.simulation.backtests, (time.time() - 7 * HOUR, time.time() - HOUR)
            JOBS[:] = [backtests.create([market, other], *span, STRATEGY).job_id for _ in range(3)]
        running.clob_venue.world.apply(t.Resolve(condition_id=other, payouts=(10**6, 0)))
        for _ in range(10):
            venue.world.clock.advance(1)
            with venue.world.lock:
                venue.world.jobs.run_due()
        yield running


@pytest.fixture(scope="module")
def asking(sandbox: Sandbox) -> Iterator[Asking]:
    """Whoever owns all of it."""
    with closing(Asking(sandbox)) as opened:
        yield opened


def listed(asking: Asking, operation: Operation, **asked: Any) -> httpx.Response:
    """Ask for a page."""
    envelope = {"envelope": "true"} if operation.id in ENVELOPED else {}
    params = {**envelope, **FILTERS.get(operation.id, {}), **asked}
    return asking.ask(operation, asking.key(), name=JOBS[0], params=params)


def page(asking: Asking, operation: Operation, **asked: Any) -> dict[str, Any]:
    """Return a page, which is as the spec has it."""
    answer = listed(asking, operation, **asked)
    assert answer.status_code == 200, answer.text
    assert answer_findings(operation, 200, answer.content) == []
    found: dict[str, Any] = answer.json()
    return found


def following(operation: Operation, found: dict[str, Any]) -> str:
    """Return the cursor of the next page as the spec says to read it; empty after the last."""
    told = operation.raw["x-page"]
    if "more" in told and not found[told["more"]]:
        return ""
    cursor = found.get(told["response"]) or ""
    assert isinstance(cursor, str)
    return "" if cursor == told.get("end") else cursor


def walked(asking: Asking, operation: Operation, size: int, name: str) -> list[list[Any]]:
    """Return all pages of a size, each asked for with the cursor of the one before."""
    pages: list[list[Any]] = []
    cursor: str | None = None
    while cursor != "":
        more = {} if cursor is None else {name: cursor}
        found = page(asking, operation, limit=size, **more)
        pages.append(found[operation.raw["x-page"]["items"]])
        cursor = following(operation, found)
        assert len(pages) < 500, "it never ends"
    return pages


@pytest.mark.parametrize("operation", LISTINGS)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_together_are_the_listing(asking: Asking, operation: Operation, size: int) -> None:
    """Small pages hold every entry once and in order, none is longer than asked for, and the last says so."""
    items = operation.raw["x-page"]["items"]
    whole = page(asking, operation, limit=100)[items][: 3 * size]
    names = {"cursor", "next_cursor"} & operation.query.keys()
    assert operation.raw["x-page"]["request"] in names
    for name in sorted(names):
        pages = walked(asking, operation, size, name)
        joined = [entry for each in pages for entry in each]
        assert joined[: len(whole)] == whole
        assert len(joined) > 1
        assert all(len(each) == size for each in pages[:-1])
        assert 0 < len(pages[-1]) <= size


@pytest.mark.parametrize("operation", LISTINGS)
def test_listings_begin_without_a_cursor_or_with_nothing_as_one(asking: Asking, operation: Operation) -> None:
    """An empty cursor is the first page."""
    name = operation.raw["x-page"]["request"]
    assert page(asking, operation, **{name: ""}) == page(asking, operation)


@pytest.mark.parametrize("operation", LISTINGS)
@pytest.mark.parametrize("written", ["x", "LTE", "====", "LTI=", "MS41", "1.5", "-2", "\u00e9"])
def test_cursors_that_are_none_are_refused(asking: Asking, operation: Operation, written: str) -> None:
    """No text that the venue did not give is taken for a place in a listing."""
    answer = listed(asking, operation, **{operation.raw["x-page"]["request"]: written})
    assert (answer.status_code, answer.headers["x-polysim-code"]) == (400, "INVALID_CURSOR"), answer.text
    assert answer_findings(operation, 400, answer.content) == []


@pytest.mark.parametrize("operation", [each for each in LISTINGS if "end" in each.values[0].raw["x-page"]])
def test_beyond_the_end_there_is_nothing(asking: Asking, operation: Operation) -> None:
    """The cursor of the end, sent back all the same, is an empty page that ends the listing again."""
    told = operation.raw["x-page"]
    found = page(asking, operation, **{told["request"]: told["end"]})
    assert found[told["items"]] == []
    assert following(operation, found) == ""


@pytest.mark.parametrize("name", BARE)
def test_offsets_reach_everything(asking: Asking, name: str) -> None:
    """Lists by limit and offset go on where the page before ended, and past their end are empty."""
    operation, under = POLYSIM.operations[name], BARE[name]

    def part(**asked: int) -> list[Any]:
        answer = asking.ask(operation, asking.key(), params=asked)
        assert answer_findings(operation, 200, answer.content) == []
        return list(answer.json()[under] if under else answer.json())

    whole = part(limit=100)
    assert len(whole) > 2
    pages = [part(limit=2, offset=offset) for offset in range(0, len(whole) + 2, 2)]
    assert [entry for each in pages for entry in each] == whole
    assert part(limit=2, offset=len(whole)) == part(limit=2, offset=10**6) == []


CALLS: dict[str, Any] = {
    "Account_GetHistory": lambda size: account.get_history(limit=size, envelope=True),
    "Account_GetSettlements": lambda size: account.get_settlements(limit=size),
    "Orders_ListOrders": lambda size: orders.list_orders(limit=size),
    "Compat_GetOrders": lambda size: compat.get_orders(limit=size),
    "Compat_GetTrades": lambda size: compat.get_trades(limit=size),
    "Markets_ListMarkets": lambda size: markets.list_markets(limit=size, envelope=True),
    "Simulation_ListBacktests": lambda size: simulation.list_backtests(limit=size),
    "Simulation_GetBacktestTrades": lambda size: simulation.get_backtest_trades(JOBS[0], limit=size),
    "Simulation_GetBacktestEquity": lambda size: simulation.get_backtest_equity(JOBS[0], limit=size),
}


def test_every_listing_is_walked() -> None:
    """The walks below leave no listing of the spec out."""
    assert CALLS.keys() == {each.values[0].id for each in LISTINGS}


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("size", [2, 100])
def test_clients_stop_at_the_end(sandbox: Sandbox, kind: type[Colour], name: str, size: int) -> None:
    """The client walks all pages with the cursors it was given, no page twice, and never sends the end."""
    recorder = Recorder(sandbox.polysimulator_venue.asgi, POLYSIM)
    with closing(kind()) as colour:
        client = colour.polysim(sandbox, recorder)
        found = colour.do(client.iterate(CALLS[name](size)))
    assert len(found) > 1
    assert len(recorder.seen) == -(-len(found) // size)
    assert not any("LTE" in each.query or "cursor=&" in each.query for each in recorder.seen)
