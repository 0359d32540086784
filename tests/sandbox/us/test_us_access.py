"""The gateway in front of every operation: who may call what, and what a request must look like."""

from __future__ import annotations

from typing import Any

import pytest
from polyspec_wire.us_exchange import OPERATIONS
from us_door import KC, Door

from polyspec.sandbox import Sandbox
from polyspec.sandbox.us.registry import HANDLERS


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    """Nothing of the specification is left out and nothing is served beside it."""
    assert set(HANDLERS) == set(OPERATIONS)


def test_every_secured_operation_refuses_a_call_without_token(door: Door) -> None:
    """What the specification secures is 401 without a bearer."""
    for operation in OPERATIONS.values():
        path = operation.path.replace("{", "").replace("}", "")
        answer = door.raw(operation.method, path, json={} if operation.body else None)
        assert (answer.status_code == 401) == bool(operation.security), (operation.id, answer.text)


def test_every_scope_is_demanded(door: Door) -> None:
    """A token without scopes is refused everywhere, in the venue's words."""
    bare = door.acting_for(door.participant, door.world.add_client("bare", scopes=frozenset()))
    for operation in OPERATIONS.values():
        if not operation.security:
            continue
        scope = dict(operation.security[0])["accessToken"][0]
        answer = bare.send(operation.method, operation.path.replace("{", "").replace("}", ""))
        assert answer.status_code == 403, operation.id
        assert answer.json() == {
            "code": 7,
            "message": f"permission denied: missing required scope {scope}",
            "details": [],
        }
    bare.close()


def test_participant_header_is_demanded_where_the_scheme_says_so(door: Door) -> None:
    """Account-scoped calls without it are 403, others do not need it."""
    token = {"authorization": door.headers["authorization"]}
    answer = door.raw("GET", "/v1/trading/orders/open", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (403, 7)
    assert door.raw("POST", "/v1/refdata/symbols", headers=token, json={}).status_code == 200
    assert door.raw("GET", "/v1/whoami", headers=token).status_code == 200


@pytest.mark.parametrize(
    "participant",
    [
        "firms/ISV-Participant-Sandbox/users/nobody",
        "firms/LP-Sandbox/users/market-maker",
        "firms/ISV-Sandbox/users/api-trading",
        "trader-1",
        "",
    ],
)
def test_foreign_or_unknown_participants_are_refused(door: Door, participant: str) -> None:
    """Only users of the client's own participant firm may be acted for."""
    answer = door.send("GET", "/v1/trading/orders/open", headers={"x-participant-id": participant})
    assert (answer.status_code, answer.json()["code"]) == (403, 7)


def test_another_firm_sees_nothing_of_ours(door: Door) -> None:
    """A client of another firm cannot act for our users nor read our ledger."""
    stranger = door.acting_for(door.participant, door.world.add_client("stranger", firm="Other"))
    assert stranger.send("GET", "/v1/users").status_code == 403
    assert stranger.send("GET", "/v1/funding/accounts").status_code == 403
    stranger.close()


def test_unknown_paths_and_methods(door: Door) -> None:
    """404 and 405 come in the venue's shape, and a trailing slash is another path."""
    for method, path, status, code in (
        ("GET", "/v2/nothing", 404, 5),
        ("GET", "/v1/health/", 404, 5),
        ("DELETE", "/v1/health", 405, 12),
        ("GET", "/v1/trading/orders", 405, 12),
    ):
        answer = door.raw(method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert answer.json()["details"] == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.0.1:8080", "", "[::2]"])
def test_foreign_hosts_are_refused(door: Door, host: str) -> None:
    """A rebound name gets nothing, not even health."""
    assert door.raw("GET", "/v1/health", headers={"host": host}).status_code == 464


@pytest.mark.parametrize("host", ["127.0.0.1:5", "localhost", "LOCALHOST:80", "[::1]:9"])
def test_own_hosts_are_served(door: Door, host: str) -> None:
    """Any loopback name will do."""
    assert door.raw("GET", "/v1/health", headers={"host": host}).status_code == 200


def test_web_pages_are_refused(door: Door) -> None:
    """A request with a foreign Origin is refused, and no CORS header is ever sent."""
    answer = door.raw("GET", "/v1/health", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert door.raw("GET", "/v1/health", headers={"origin": "null"}).status_code == 403


def test_large_bodies_are_refused(door: Door) -> None:
    """Beyond 1 MiB the answer is 413."""
    answer = door.send("POST", "/v1/refdata/symbols", content=b" " * (1024 * 1024 + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"{\xff}", b"nul", b"[" * 5000])
def test_what_is_no_json_object_is_400(door: Door, body: bytes) -> None:
    """Malformed bodies are invalid arguments, never a crash."""
    answer = door.send("POST", "/v1/trading/orders", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"orderQty": "ten"}, "orderQty"),
        ({"orderQty": 2**63}, "orderQty"),
        ({"orderQty": "9" * 5000}, "orderQty"),
        ({"orderQty": 1.5}, "orderQty"),
        ({"orderQty": True}, "orderQty"),
        ({"side": "BUY"}, "side"),
        ({"side": 1}, "side"),
        ({"side": None}, "side"),
        ({"allOrNone": "yes"}, "allOrNone"),
        ({"symbol": 5}, "symbol"),
        ({"symbol": None}, "symbol"),
        ({"goodTillTime": "tomorrow"}, "goodTillTime"),
        ({"clord_id": ["x"]}, "clordId"),
        ({"time_in_force": "X", "timeInForce": None}, "timeInForce"),
    ],
)
def test_wrong_types_name_the_field(door: Door, changes: dict[str, Any], named: str) -> None:
    """A value of the wrong type is 400 code 3 and says which field."""
    body = {name: value for name, value in door.order().items() if value is not None} | changes
    answer = door.send("POST", "/v1/trading/orders", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert named in answer.json()["message"]
    assert door.get("/v1/trading/orders/open")["orders"] == []


def test_requests_may_be_spelled_either_way(door: Door) -> None:
    """Snake or camel, numbers or strings, unknown keys and nulls: all the same order."""
    for body in (
        {"order_qty": "10", "time_in_force": "TIME_IN_FORCE_DAY", "price": "500", "clord_id": "s"},
        {"orderQty": 10, "timeInForce": "TIME_IN_FORCE_DAY", "price": 500.0, "clordId": "c"},
        {
            "orderQty": 10,
            "timeInForce": "TIME_IN_FORCE_DAY",
            "price": 500,
            "bogus": {"x": 1},
            "account": None,
        },
    ):
        door.post(
            "/v1/trading/orders", {"symbol": KC, "side": "SIDE_BUY", "type": "ORDER_TYPE_LIMIT", **body}
        )
    opened = door.get("/v1/trading/orders/open")["orders"]
    assert [(each["orderQty"], each["price"], each["clordId"]) for each in opened] == [
        ("10", "500", "s"),
        ("10", "500", "c"),
        ("10", "500", ""),
    ]


@pytest.mark.parametrize("name", ["pageSize", "page_size"])
def test_query_names_may_be_spelled_either_way(door: Door, name: str) -> None:
    """Query parameters follow the same rule, and wrong values name them."""
    path = "/v1/positions/ledger"
    assert door.send("GET", path, params={"account": door.account, name: "5"}).status_code == 200
    answer = door.send("GET", path, params={"account": door.account, name: "five"})
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert "pageSize" in answer.json()["message"]


def test_responses_carry_the_venue_date(door: Door) -> None:
    """The Date header is the venue's clock, wrong by as much as a test asked for."""
    door.control("POST", "clock", {"header_offset": 3600})
    ahead = door.raw("GET", "/v1/health").headers["date"]
    door.control("POST", "clock", {"header_offset": 0})
    assert ahead != door.raw("GET", "/v1/health").headers["date"]


@pytest.mark.parametrize("host", ["[::", "[", "a b", "127.0.0.1:port:1"])
def test_malformed_hosts_are_refused_not_crashed_on(door: Door, host: str) -> None:
    """A header that is no authority is answered, not stumbled over."""
    assert door.raw("GET", "/v1/health", headers={"host": host}).status_code in (200, 464)
    assert door.raw("GET", "/v1/health", headers={"origin": f"http://{host}"}).status_code in (200, 403)


def test_unknown_enum_names_in_a_query_are_refused(door: Door) -> None:
    """The venue knows its names; what it does not know is an invalid argument that names the parameter."""
    answer = door.send("GET", "/v1/rfqs", params={"status": "RFQ_STATUS_AJAR"})
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert "status" in answer.json()["message"]


def test_a_fault_of_our_own_answers_in_the_venue_shape(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong inside, the caller gets code 13 and no trace."""
    monkeypatch.setitem(HANDLERS, "HealthAPI_HealthCheck", lambda _: 1 // 0)
    answer = door.raw("GET", "/v1/health")
    assert answer.status_code == 500
    assert answer.json() == {"code": 13, "message": "internal error", "details": []}


def test_an_ipv6_sandbox_knows_its_own_names() -> None:
    """The token endpoint accepts the address it is served under, in brackets too."""
    with Sandbox(quiet=True, port=False, host="::1") as sandbox:
        assert sandbox.us.rest == "http://[::1]"
        assert "http://[::1]/oauth/token" in sandbox.us.world.issuer.token_urls
        assert "https://localhost/oauth/token" in sandbox.us.world.issuer.token_urls
