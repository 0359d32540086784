"""Faults on demand at the CLOB, in process and over real sockets, each on the right side of the execution."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
import requests  # noqa: TID251 - a stranger's client is the point
from clob_door import Door, FarDoor

from polyspec.sandbox import Sandbox

POST = "Orders_PostOrder"
BATCH = "Orders_PostOrders"


def there(door: Door) -> int:
    """Return how many orders are open."""
    return len(door.get("/data/orders")["data"])


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize(
    ("kind", "taken"),
    [("reset_before", 0), ("reset_after", 1), ("hang", 1), ("hang_before", 0), ("close_mid_body", 1)],
)
def test_accepted_and_then_lost(door: Door, kind: str, taken: int, batch: bool) -> None:
    """The caller gets no answer; the order, single or in a batch, is there exactly if the kind says so."""
    assert door.creds
    door.venue.faults.add(kind=kind, operation=BATCH if batch else POST, seconds=0.01)
    body = door.sent(door.order())
    with pytest.raises(ConnectionResetError):
        door.send("POST", "/orders" if batch else "/order", [body] if batch else body)
    assert there(door) == taken


def test_the_identical_order_after_a_loss_is_a_duplicate(door: Door) -> None:
    """Whoever sends the same bytes again is told that the first ones arrived, with their id."""
    order = door.order()
    assert door.creds
    door.venue.faults.add(kind="reset_after", operation=POST)
    with pytest.raises(ConnectionResetError):
        door.send("POST", "/order", door.sent(order))
    (known,) = door.get("/data/orders")["data"]
    answer = door.send("POST", "/order", door.sent(order))
    assert answer.json() == {"error": f"order {known['id']} is invalid. Duplicated."}


def test_cut_answers_are_well_framed(door: Door) -> None:
    """A truncated answer has a true length and no end, and what it answered was carried out."""
    for path, operation in (("/order", POST), ("/orders", BATCH)):
        body = door.sent(door.order())
        door.venue.faults.add(kind="truncate", operation=operation)
        answer = door.send("POST", path, body if path == "/order" else [body])
        assert (answer.status_code, int(answer.headers["content-length"])) == (200, len(answer.content))
        with pytest.raises(ValueError):
            answer.json()
    assert there(door) == 2


def test_answers_instead_of_the_true_one(door: Door) -> None:
    """Statuses, pages, throttling and refused keys come in the venue's shape, before the execution."""
    assert door.creds
    for options, status, told in (
        ({"kind": "status", "status": 500}, 500, '{"error":"could not insert order"}'),
        ({"kind": "status", "status": 425}, 425, "restarting"),
        ({"kind": "status", "status": 500, "message": "order timed out"}, 500, '{"error":"order timed out"}'),
        ({"kind": "status", "status": 502, "body": "null"}, 502, "null"),
        ({"kind": "html"}, 502, "<html>"),
        ({"kind": "rate_limit"}, 429, '{"error":"Too Many Requests"}'),
        ({"kind": "unauthorized"}, 401, '{"error":"Unauthorized/Invalid api key"}'),
    ):
        door.venue.faults.add(operation=POST, **options)
        answer = door.post_order()
        assert answer.status_code == status
        assert told in answer.text
    assert there(door) == 0


def test_executed_though_refused(door: Door) -> None:
    """With ``_after`` the order is in the book although the answer says failure; the plan tells its hits."""
    assert door.creds
    door.control("POST", "faults", {"kind": "status_after", "operation": POST, "status": 500})
    assert door.post_order().status_code == 500
    assert there(door) == 1
    assert door.control("GET", "faults") == {"faults": [], "hits": [[POST, "status_after"]]}


def test_faults_of_the_other_venue_are_none_here(door: Door) -> None:
    """Kinds that only the US exchange knows are refused, and nothing is planned."""
    headers = {"x-sandbox-secret": door.venue.secret}
    for body in ({"kind": "stopgap"}, {"kind": "revoke"}, {"faults": [{"kind": "reset"}, {"kind": "x"}]}):
        answer = door.raw("POST", "/_sandbox/faults", headers=headers, json=body)
        assert answer.status_code == 400
        assert "unknown fault kind" in answer.json()["error"]
    assert door.control("GET", "faults")["faults"] == []


# -- over sockets --


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox behind real ports."""
    with Sandbox(quiet=True, rate_limits=False) as running:
        yield running


@pytest.fixture
def far(served: Sandbox) -> Iterator[FarDoor]:
    """The first funded key, over a socket."""
    with closing(FarDoor(served.clob_venue.describe())) as opened:
        assert opened.creds
        yield opened
    served.clob_venue.faults.clear()


def test_venues_have_ports_of_their_own(served: Sandbox) -> None:
    """Each answers its own paths only, and faults of one leave the other alone."""
    told = served.describe()
    rest = {name: told[name]["rest"] for name in ("us_exchange", "clob")}
    assert len(set(rest.values())) == 2
    assert requests.get(f"{rest['clob']}/ok", timeout=5).json() == "OK"
    assert requests.get(f"{rest['us_exchange']}/ok", timeout=5).status_code == 404
    assert requests.get(f"{rest['clob']}/v1/health", timeout=5).status_code == 404
    served.clob_venue.faults.add(kind="status", times=None)
    assert requests.get(f"{rest['us_exchange']}/v1/health", timeout=5).status_code == 200
    assert requests.get(f"{rest['clob']}/ok", timeout=5).status_code == 503
    served.clob_venue.faults.clear()


@pytest.mark.parametrize("kind", ["reset_after", "close_after", "close_mid_body"])
def test_connections_really_end(served: Sandbox, far: FarDoor, kind: str) -> None:
    """The client loses the connection, the order is there, and the next request works."""
    before = there(far)
    served.clob_venue.faults.add(kind=kind, operation=POST)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        far.post_order()
    assert there(far) == before + 1


def test_accepted_and_then_silent(served: Sandbox, far: FarDoor) -> None:
    """A read timeout at the client, an order at the venue."""
    before = there(far)
    served.clob_venue.faults.add(kind="hang", operation=POST, seconds=5)
    far._http.timeout = httpx.Timeout(0.3)
    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        far.post_order()
    assert time.monotonic() - began < 2
    far._http.timeout = httpx.Timeout(5)
    assert there(far) == before + 1


def test_malformed_http_is_told_in_the_venues_shape(served: Sandbox) -> None:
    """What is no HTTP is 400 with an object with `error`."""
    import socket

    port = int(served.clob_venue.rest.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        answer = raw.recv(4096)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'{"error":' in answer


def test_time_passes_by_itself(served: Sandbox, far: FarDoor) -> None:
    """Behind a port trades settle while nobody asks anything."""
    with closing(FarDoor(served.clob_venue.describe(), 1)) as other:
        other.place("SELL", "0.60", "5")
        trade_id = far.place("BUY", "0.60", "5")["tradeIDs"][0]
        deadline = time.monotonic() + 8
        statuses: list[Any] = []
        while time.monotonic() < deadline and "CONFIRMED" not in statuses:
            with served.clob_venue.world.lock:
                trade = served.clob_venue.world.exchange.trade(trade_id)
            assert trade is not None
            statuses.append(str(trade.status))
            time.sleep(0.05)
    assert list(dict.fromkeys(statuses)) == ["MATCHED", "MINED", "CONFIRMED"]


def test_tls(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With an authority that is told, and not without it."""
    del tmp_path_factory
    with Sandbox(venues=("clob",), quiet=True, tls=True) as sandbox:
        told = sandbox.describe()["clob"]
        assert told["rest"].startswith("https://")
        with closing(FarDoor(told)) as door:
            assert door.place()["status"] == "live"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{told['rest']}/time", timeout=5)
