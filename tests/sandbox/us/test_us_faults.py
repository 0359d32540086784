"""Faults on demand, in process and over real sockets, each on the right side of the execution."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests  # noqa: TID251 - a stranger's client is the point
from us_door import Door

from polyspec.sandbox import Sandbox
from polyspec.sandbox.us.faults import Fault, FaultPlan

INSERT = "OrderEntryAPI_InsertOrder"


# -- the plan --


def test_a_plan_counts() -> None:
    """A fault waits for `after` requests, meets `times` of them and is gone."""
    plan = FaultPlan()
    plan.add(kind="status", operation="A", after=2, times=2)
    met = [plan.take("A") is not None for _ in range(6)]
    assert met == [False, False, True, True, False, False]
    assert plan.hits == [("A", "status"), ("A", "status")]


def test_a_plan_matches_by_operation() -> None:
    """A fault meets its operation or, with a star, any; the earlier one goes first."""
    plan = FaultPlan()
    plan.add(kind="html", operation="B", times=None)
    plan.add(kind="status", times=1)
    assert [getattr(plan.take(name), "kind", None) for name in ("A", "B", "A", "B")] == [
        "status",
        "html",
        None,
        "html",
    ]
    plan.clear()
    assert plan.pending() == []


@pytest.mark.parametrize(
    ("kind", "executed"),
    [
        ("reset", False),
        ("reset_after", True),
        ("reset_before", False),
        ("hang", True),
        ("hang_before", False),
        ("truncate", True),
        ("status_after", True),
        ("rate_limit", False),
    ],
)
def test_kinds_say_when(kind: str, executed: bool) -> None:
    """The suffix decides, without one the table does."""
    assert Fault(kind=kind).executed is executed


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"kind": "x"},
        {"kind": 1},
        {"kind": "reset", "when": 1},
        {"kind": "truncate_before"},
        {"kind": "reset", "times": 0},
    ],
)
def test_faults_that_are_none_are_refused(door: Door, plain: dict[str, Any]) -> None:
    """The control endpoint names what is wrong and plans nothing."""
    headers = {"x-sandbox-secret": door.sandbox.us.secret}
    answer = door.raw("POST", "/_sandbox/faults", headers=headers, json=plain)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert door.control("GET", "faults")["faults"] == []


# -- in process --


@pytest.mark.parametrize(
    ("kind", "there"), [("reset_before", 0), ("reset_after", 1), ("hang", 1), ("close_mid_body", 1)]
)
def test_in_process_a_lost_connection_is_an_exception(door: Door, kind: str, there: int) -> None:
    """The caller gets ConnectionResetError, and the order is there exactly if the kind says so."""
    door.log_in()
    door.sandbox.faults.add(kind=kind, operation=INSERT, seconds=0.01)
    with pytest.raises(ConnectionResetError):
        door.place()
    assert len(door.get("/v1/trading/orders/open")["orders"]) == there


def test_answers_instead_of_the_true_one(door: Door) -> None:
    """Statuses, pages, throttling and refused tokens come as planned, before the execution."""
    door.log_in()
    for options, status, mark in (
        ({"kind": "status", "status": 503}, 503, '"code":14'),
        ({"kind": "status", "status": 500, "message": "boom"}, 500, "boom"),
        ({"kind": "status", "status": 502, "body": "null"}, 502, "null"),
        ({"kind": "html"}, 502, "<html>"),
        ({"kind": "rate_limit"}, 429, "rate limit exceeded"),
        ({"kind": "unauthorized"}, 401, '"code":16'),
    ):
        door.sandbox.faults.add(operation=INSERT, **options)
        answer = door.send("POST", "/v1/trading/orders", json=door.order())
        assert answer.status_code == status
        assert mark in answer.text
        assert "retry-after" not in answer.headers
    assert door.get("/v1/trading/orders/open")["orders"] == []


def test_retry_after_is_told_if_planned(door: Door) -> None:
    """The header is sent as given."""
    door.control("POST", "faults", {"kind": "rate_limit", "retry_after": 2})
    assert door.raw("GET", "/v1/health").headers["retry-after"] == "2"


def test_executed_though_refused(door: Door) -> None:
    """With ``_after`` the order is in the book although the answer says failure."""
    door.log_in()
    door.control("POST", "faults", {"faults": [{"kind": "status_after", "operation": INSERT, "status": 504}]})
    assert door.send("POST", "/v1/trading/orders", json=door.order()).status_code == 504
    assert len(door.get("/v1/trading/orders/open")["orders"]) == 1
    assert door.control("GET", "state")["fault_hits"] == [[INSERT, "status_after"]]


def test_revoked_in_flight(door: Door) -> None:
    """All tokens stop working at the chosen request; a new one works."""
    headers = door.headers
    door.sandbox.faults.add(kind="revoke", operation="UsersAPI_ListUsers")
    assert door.raw("GET", "/v1/users", headers=headers).status_code == 401
    assert door.raw("GET", "/v1/users", headers=headers).status_code == 401
    fresh = {**headers, "authorization": f"Bearer {door.new_token()}"}
    assert door.raw("GET", "/v1/users", headers=fresh).status_code == 200


def test_cut_json_is_well_framed(door: Door) -> None:
    """A truncated answer has a true length and no end."""
    door.sandbox.faults.add(kind="truncate")
    answer = door.raw("GET", "/v1/health")
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(ValueError):
        answer.json()


def test_the_token_endpoint_has_faults_too(door: Door) -> None:
    """Token requests can fail like any other."""
    door.sandbox.faults.add(kind="status", operation="OAuth_RequestToken", status=500)
    with pytest.raises(AssertionError):
        door.new_token()
    assert door.new_token()


# -- over sockets --


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox behind a real port."""
    del tmp_path_factory
    with Sandbox(quiet=True, rate_limits=False) as running:
        yield running


def fetch(sandbox: Sandbox, timeout: float = 5) -> requests.Response:
    """Ask a served sandbox for its health."""
    return requests.get(f"{sandbox.us.rest}/v1/health", timeout=timeout)


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "close", "close_after"])
def test_connections_really_end(served: Sandbox, kind: str) -> None:
    """The client sees a reset or an early end, and the next request works."""
    served.faults.add(kind=kind)
    with pytest.raises(requests.ConnectionError) as caught:
        fetch(served)
    if kind.startswith("reset"):
        assert "reset" in str(caught.value).lower()
    assert fetch(served).json() == {"status": "ok"}


def test_a_reset_is_a_reset(served: Sandbox) -> None:
    """On the wire it is RST, not FIN."""
    served.faults.add(kind="reset_before")
    port = int(served.us.rest.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(b"GET /v1/health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            raw.recv(1)


def test_half_an_answer(served: Sandbox) -> None:
    """Headers and half a body arrive, then nothing."""
    served.faults.add(kind="close_mid_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        fetch(served)


def test_silence(served: Sandbox) -> None:
    """A hanging request runs into the client's timeout; the server lives on."""
    served.faults.add(kind="hang")
    started = time.monotonic()
    with pytest.raises(requests.Timeout):
        fetch(served, timeout=0.3)
    assert time.monotonic() - started < 3
    assert fetch(served).status_code == 200


def test_lateness_and_drops(served: Sandbox) -> None:
    """Delays and slow bodies take as long as planned and are whole in the end."""
    for options in (
        {"kind": "delay", "seconds": 0.3},
        {"kind": "delay_after", "seconds": 0.3},
        {"kind": "drip", "seconds": 0.02},
    ):
        served.faults.add(**options)
        started = time.monotonic()
        assert fetch(served).json() == {"status": "ok"}
        assert time.monotonic() - started >= 0.25
