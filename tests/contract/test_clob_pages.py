"""Cursors of every listing of the CLOB: how it begins, goes on and ends, and what is refused."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from polyspec.sandbox import Sandbox
from tests.contract.colours import COLOURS, Colour
from tests.contract.judging import answer_findings
from tests.contract.recorder import Recorder
from tests.contract.spec import CLOB, Operation
from tests.sandbox.clob.clob_door import Door

END = "LTE="
START = "MA=="
CODE = "0x" + "c0de" * 16
LISTINGS = [pytest.param(each, id=each.id) for each in CLOB.operations.values() if "x-page" in each.raw]
# What a listing cannot do without.
NEEDED: dict[str, dict[str, str]] = {
    "Trades_GetBuilderTrades": {"builder_code": CODE},
    "Rewards_GetUserEarnings": {"date": "2026-10-01"},
}
# Listings whose pages can be made so small that there are several.
SMALL = {
    "Rfq_GetRequests": "limit",
    "Rfq_GetRequesterQuotes": "limit",
    "Rfq_GetQuoterQuotes": "limit",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox in which somebody traded, and asked for quotes and quoted several times."""
    with Sandbox(venues=["clob"], port=False, quiet=True, rate_limits=False) as running:
        with closing(Door(running)) as door, closing(Door(running, 1)) as other:
            token = door.venue.token_ids[0]
            other.place("SELL", "0.50", "50", builder=CODE)
            for _ in range(3):
                door.place("BUY", "0.50", "5")
                door.place("BUY", "0.40", "5")
            asked = {"assetIn": token, "assetOut": "0", "amountIn": "20000000", "amountOut": "9000000"}
            given = {"assetIn": "0", "assetOut": token, "amountIn": "9000000", "amountOut": "20000000"}
            for one, two in ((door, other), (other, door)) * 3:
                request = one.post("/rfq/request", {**asked, "userType": 0})["requestId"]
                two.post("/rfq/quote", {**given, "userType": 0, "requestId": request})
            # trades are settled by now, and stay as they are
            for _ in ("mined", "confirmed"):
                with door.world.lock:
                    door.world.clock.advance(5)
                    door.world.jobs.run_due()
        yield running


@pytest.fixture(scope="module")
def door(sandbox: Sandbox) -> Iterator[Door]:
    """The first of the funded keys."""
    with closing(Door(sandbox)) as opened:
        assert opened.creds
        yield opened


def asked(operation: Operation) -> str:
    """Return the name under which a listing takes its cursor."""
    return str(operation.raw["x-page"]["request"])


def listed(door: Door, operation: Operation, **query: Any) -> httpx.Response:
    """Read a page."""
    market = door.world.listing_of(door.venue.token_ids[0]).condition_id
    path, params = operation.filled(market), {**NEEDED.get(operation.id, {}), **query}
    if operation.security:
        return door.send("GET", path, params=params)
    return door.raw("GET", path, params=params)


def page(door: Door, operation: Operation, **query: Any) -> dict[str, Any]:
    """Read a page that is there."""
    answer = listed(door, operation, **query)
    assert answer.status_code == 200, answer.text
    assert answer_findings(operation, 200, answer.content) == []
    found: dict[str, Any] = answer.json()
    return found


def cursor(text: str) -> str:
    """Write a cursor as the venue does."""
    return base64.b64encode(text.encode()).decode()


def test_cursors_are_what_they_are_said_to_be() -> None:
    """The first cursor is a zero and the last one minus one, in base64."""
    assert (cursor("0"), cursor("-1")) == (START, END)
    assert all(each.values[0].raw["x-page"]["end"] == END for each in LISTINGS)


@pytest.mark.parametrize("operation", LISTINGS)
def test_the_first_page_needs_no_cursor(door: Door, operation: Operation) -> None:
    """Without a cursor, with an empty one and with the first one it is the same page."""
    first = page(door, operation)
    assert first["count"] == len(first["data"]) <= first["limit"]
    for written in ("", START):
        assert page(door, operation, **{asked(operation): written}) == first


@pytest.mark.parametrize("operation", LISTINGS)
def test_listings_end_and_their_end_is_refused(door: Door, operation: Operation) -> None:
    """The last page says so with the one cursor that is 400 when it is sent back."""
    last = page(door, operation)
    assert last["next_cursor"] == END
    answer = listed(door, operation, **{asked(operation): END})
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid next_cursor"})
    assert answer_findings(operation, 400, answer.content) == []


@pytest.mark.parametrize("operation", LISTINGS)
@pytest.mark.parametrize(
    "written", ["x", "LTE", "====", cursor("one"), cursor("-2"), cursor("1.5"), "\u00e9"]
)
def test_cursors_that_are_none_are_refused(door: Door, operation: Operation, written: str) -> None:
    """No text that the venue did not give is taken for a place in a listing."""
    answer = listed(door, operation, **{asked(operation): written})
    assert answer.status_code == 400, answer.text
    assert answer_findings(operation, 400, answer.content) == []


@pytest.mark.parametrize("operation", LISTINGS)
def test_beyond_the_end_there_is_nothing(door: Door, operation: Operation) -> None:
    """A place past the last entry is an empty page that ends the listing, as when entries went away."""
    found = page(door, operation, **{asked(operation): cursor("100000")})
    assert (found["data"], found["count"], found["next_cursor"]) == ([], 0, END)


@pytest.mark.parametrize("name", SMALL)
def test_pages_together_are_the_listing(door: Door, name: str) -> None:
    """Small pages, each asked for by the cursor of the one before, hold every entry once and in order."""
    operation = CLOB.operations[name]
    whole = page(door, operation)["data"]
    assert len(whole) >= 3
    found: list[Any] = []
    following = ""
    while following != END:
        part = page(door, operation, **{SMALL[name]: 2, asked(operation): following})
        assert part["limit"] == 2
        assert part["total_count"] == len(whole)
        found += part["data"]
        following = part["next_cursor"]
    assert found == whole


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_clients_stop_at_the_end(sandbox: Sandbox, kind: type[Colour], size: int) -> None:
    """The client walks all pages with the cursors it was given, and never sends the last one."""
    colour, recorder = kind(), Recorder(sandbox.clob_venue.asgi, CLOB)
    client = colour.clob(sandbox, recorder)
    found = colour.do(client.rfq.get_requests(limit=size))
    assert len({each.request_id for each in found}) == len(found) == 6
    sent = [each.query for each in recorder.seen if each.path == "/rfq/data/requests"]
    assert len(sent) == -(-6 // size)
    assert "offset" not in sent[0]
    assert all("offset=" in each for each in sent[1:])
    assert not any("LTE" in each for each in sent)
    colour.close()
