"""Every way to be refused ends in the error body of its spec: no page, no traceback, no empty answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests  # noqa: TID251 - another library than the client's
from jsonschema import Draft202012Validator

from polyspec.sandbox import Sandbox
from tests.contract.judging import answer_findings, body_findings
from tests.contract.partner import Caller, ClobPartner, Partner
from tests.contract.spec import CLOB, US, Operation, Spec

OPERATIONS = US.operations
VENUES = [pytest.param(each, id=each.name) for each in (US, CLOB)]
BODIES = [
    pytest.param(each, id=each.id)
    for spec in (US, CLOB)
    for each in spec.operations.values()
    if each.body is not None
]
PATHS = [
    pytest.param(spec, path, id=f"{spec.name} {path}")
    for spec in (US, CLOB)
    for path in spec.document["paths"]
]
MALFORMED = {
    "no JSON": b"{",
    "text": b"order, please",
    "form": b"symbol=a&side=b",
    "NaN": b'{"symbol": NaN}',
    "half a number": b'{"price": 1.}',
    "trailing": b"{} {}",
    "not UTF-8": b'{"symbol": "\xff"}',
    "half a surrogate": b'{"symbol": "\\ud800"}',
    "control character": b'{"symbol": "\n"}',
    "deep": b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
}
WRONG = {
    "null": b"null",
    "list": b"[]",
    "text": b'"{}"',
    "number": b"1",
    "true": b"true",
}
# 464 is the load balancer's own, for a request that addresses somebody else
STATUS = Draft202012Validator(
    {
        "type": "object",
        "required": ["code", "message", "details"],
        "properties": {
            "code": {"type": "integer", "minimum": 1, "maximum": 16},
            "message": {"type": "string", "minLength": 1},
            "details": {"type": "array"},
        },
        "additionalProperties": False,
    }
)


# what the CLOB says of a body it cannot read
UNREAD = {"Invalid order payload", "Invalid payload"}


@pytest.fixture(scope="module")
def callers() -> Iterator[dict[str, Caller]]:
    """Somebody known to each venue of a quiet sandbox in process, by the name of its spec."""
    with Sandbox(port=False, quiet=True, rate_limits=False) as sandbox:
        made: dict[str, Caller] = {US.name: Partner(sandbox), CLOB.name: ClobPartner(sandbox)}
        yield made
        for each in made.values():
            each.close()


@pytest.fixture(scope="module")
def partner(callers: dict[str, Caller]) -> Partner:
    """The seeded partner of the US exchange."""
    found = callers[US.name]
    assert isinstance(found, Partner)
    return found


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A quiet sandbox on a port."""
    with Sandbox(quiet=True, rate_limits=False) as sandbox:
        yield sandbox


def assert_status(answer: requests.Response, status: int, code: int) -> str:
    """Fail unless an answer is an error in the shape of the spec; return its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(STATUS.iter_errors(body)) == [], body
    assert body["code"] == code, body
    return str(body["message"])


def assert_refused(spec: Spec, answer: requests.Response, status: int, code: int) -> None:
    """Fail unless an answer is a refusal in the shape of a spec, whatever was asked; only one has codes."""
    if spec is US:
        assert_status(answer, status, code)
        return
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer_findings(CLOB.operations["Health_GetOk"], status, answer.content) == []
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"]


def post(caller: Caller, operation: Operation, raw: bytes) -> requests.Response:
    """Send bytes as the body of an operation, everything else being right."""
    return caller.ask(operation, data=raw, headers={"content-type": "application/json"})


def test_judge_of_errors_is_the_spec() -> None:
    """The shape demanded here is the spec's, only stricter."""
    assert US.schemas["Status"]["properties"].keys() == {"code", "message", "details"}
    assert US.schemas["TokenError"]["required"] == ["error"]
    assert CLOB.schemas["ErrorResponse"]["required"] == ["error"]


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        *(
            (US, each)
            for each in ("/", "/v1", "/v1/", "/v2/whoami", "/v1/whoami/", "/V1/whoami", "/v1//whoami")
        ),
        *(
            (CLOB, each)
            for each in ("/orders/", "/Order", "/data//orders", "/v1", "/v2/heartbeats", "/book/1")
        ),
    ],
    ids=lambda each: getattr(each, "name", each),
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD", "OPTIONS"])
def test_unknown_paths(callers: dict[str, Caller], method: str, spec: Spec, path: str) -> None:
    """A path the spec does not have is 404, nearly right ones included, whatever the method."""
    some = US.operations["UsersAPI_ListUsers"] if spec is US else CLOB.operations["Orders_GetOpenOrders"]
    answer = callers[spec.name].send(method, path, auth=callers[spec.name].auth(some))
    if method == "HEAD":
        assert (answer.status_code, answer.content) == (404, b"")
    else:
        assert_refused(spec, answer, 404, 5)


@pytest.mark.parametrize(("spec", "path"), PATHS)
def test_unknown_methods(callers: dict[str, Caller], spec: Spec, path: str) -> None:
    """A method the spec does not have for a path is 405, and the answer says which there are."""
    # an id may spell a fixed word, so that methods of a template are known as well
    known = {
        each.method
        for each in spec.operations.values()
        if len(each.path.split("/")) == len(path.split("/"))
        and all(a == b or "{" in a for a, b in zip(each.path.split("/"), path.split("/"), strict=True))
    }
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - known:
        answer = callers[spec.name].send(method, path.replace("{", "").replace("}", ""))
        assert_refused(spec, answer, 405, 12)
        assert set(answer.headers["allow"].split(", ")) - {"HEAD"} == known


@pytest.mark.parametrize("operation", BODIES)
def test_malformed_json(callers: dict[str, Caller], operation: Operation) -> None:
    """What is no JSON is 400, in the error shape of the operation, and no more is told than what is wrong."""
    for name, raw in MALFORMED.items():
        answer = post(callers[operation.spec.name], operation, raw)
        assert answer.status_code == 400, (name, answer.text)
        assert answer_findings(operation, 400, answer.content) == [], name
        assert len(answer.content) < 500, name
        assert b"Traceback" not in answer.content


@pytest.mark.parametrize("operation", BODIES)
def test_json_that_is_no_message(callers: dict[str, Caller], operation: Operation) -> None:
    """A body that is JSON but of another kind is 400."""
    for name, raw in WRONG.items():
        if body_findings(operation, raw) == []:
            continue
        answer = post(callers[operation.spec.name], operation, raw)
        assert answer.status_code == 400, (name, answer.text)
        assert answer_findings(operation, 400, answer.content) == [], name


@pytest.mark.parametrize("operation", BODIES)
def test_fields_of_the_wrong_type(callers: dict[str, Caller], operation: Operation) -> None:
    """Each field, given an object where it is none and a word where it is one, is refused for that.

    Protobuf JSON says which field it was; the CLOB has one text for them all.
    """
    assert operation.body is not None
    many = "items" in operation.body
    schema = operation.spec.resolved(operation.body["items"] if many else operation.body)
    example = operation.example[0] if many else operation.example
    for name, field in schema.get("properties", {}).items():
        for wrong in ({"a": [1]}, [[{}]], "\u00e9", 10**400, -1.5, True):
            if _fits(operation.spec, field, wrong):
                continue
            changed = {**example, name: wrong}
            raw = json.dumps([changed] if many else changed).encode()
            answer = post(callers[operation.spec.name], operation, raw)
            assert answer.status_code == 400, (name, wrong, answer.text)
            assert answer_findings(operation, 400, answer.content) == []
            if operation.spec is CLOB:
                assert answer.json()["error"] in UNREAD, (name, wrong, answer.text)
            else:
                assert name in answer.text, (name, wrong, answer.text)


def _fits(spec: Spec, field: dict[str, Any], value: Any) -> bool:
    """Tell whether a value is of a field's kind, so that nothing follows from its being taken."""
    kind = spec.resolved(field)
    # reference data reads words it does not know as the zero member
    if kind.get("type") == "string":
        return isinstance(value, str) and kind.get("format", "password") == "password"
    types = {"object": dict, "array": list, "boolean": bool, "integer": (), "number": (int, float)}
    return isinstance(value, types[kind["type"]])


@pytest.mark.parametrize("operation", BODIES)
def test_body_without_end(callers: dict[str, Caller], operation: Operation) -> None:
    """More than a megabyte is 413, with credentials and without."""
    raw = b'{"symbol": "' + b"a" * 2**20 + b'"}'
    caller = callers[operation.spec.name]
    for auth in (None, caller.auth(operation)):
        answer = caller.send(operation.method, operation.filled(), data=raw, auth=auth)
        assert answer.status_code == 413, answer.text
        assert answer_findings(operation, 413, answer.content) == []


@pytest.mark.parametrize("spec", VENUES)
def test_other_hosts_and_pages(callers: dict[str, Caller], spec: Spec) -> None:
    """A foreign Host is 464 and a foreign Origin 403, before anybody asks for credentials."""
    caller = callers[spec.name]
    closed, opened = ("/v1/whoami", "/v1/health") if spec is US else ("/data/orders", "/ok")
    for host in ("api.prod.polymarketexchange.com", "evil.example", "127.0.0.1.evil.example", "", "[::1"):
        assert_refused(spec, caller.send("GET", closed, headers={"Host": host}), 464, 3)
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example", "http://[::1"):
        assert_refused(spec, caller.send("GET", opened, headers={"Origin": origin}), 403, 7)
    assert caller.send("GET", opened, headers={"Origin": "http://localhost:3000"}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_assertion": "a.b.c"}, 400, "invalid_client_assertion"),
        ({"client_assertion": "\u00e9"}, 400, "invalid_client_assertion"),
        ({"client_assertion_type": "jwt"}, 400, "invalid_request"),
        ({"audience": "https://api.prod.polymarketexchange.com"}, 403, "access_denied"),
        ({"client_id": 5}, 400, "invalid_request"),
    ],
)
def test_token_errors(partner: Partner, changes: dict[str, Any], status: int, error: str) -> None:
    """The token endpoint refuses in the words of OAuth."""
    answer = partner.send("POST", "/oauth/token", json=partner.form(**changes))
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer_findings(OPERATIONS["OAuth_RequestToken"], status, answer.content) == []


def test_limits_and_failures_of_the_venue() -> None:
    """Rate limits and injected failures have the spec's shape; a page in HTML comes by that fault alone."""
    with Sandbox(port=False, quiet=True) as sandbox:
        partner = Partner(sandbox)
        answers = [partner.send("GET", "/v1/health") for _ in range(25)]
        assert_status(answers[-1], 429, 8)
        assert "retry-after" not in answers[-1].headers
        health = OPERATIONS["AccountsAPI_GetWhoAmI"]
        headers = partner.headers(health.schemes)
        for kind, options, status, code in (
            ("status", {}, 503, 14),
            ("status", {"status": 500}, 500, 13),
            ("status", {"status": 504}, 504, 4),
            ("rate_limit", {"retry_after": 3}, 429, 8),
            ("unauthorized", {}, 401, 16),
            ("status_after", {"status": 409}, 409, 10),
        ):
            sandbox.faults.add(kind=kind, operation=health.id, **options)
            answer = partner.send(health.method, health.path, headers=headers)
            assert_status(answer, status, code)
            assert answer_findings(health, status, answer.content) == []
        sandbox.faults.add(kind="html", operation=health.id)
        answer = partner.send(health.method, health.path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (502, "text/html")


@pytest.mark.parametrize("name", ["Orders_PostOrder", "Orders_PostHeartbeat", "Books_GetOrderBook"])
def test_failures_of_the_clob(callers: dict[str, Caller], name: str) -> None:
    """Injected failures have the shape of the operation they fall on, whichever status they are given."""
    caller, operation = callers[CLOB.name], CLOB.operations[name]
    assert isinstance(caller, ClobPartner)
    for kind, options, status in (
        ("status", {}, 503),
        ("status", {"status": 425}, 425),
        ("status", {"status": 500}, 500),
        ("status_after", {"status": 504}, 504),
        ("rate_limit", {"retry_after": 3}, 429),
        ("unauthorized", {}, 401),
    ):
        caller.door.venue.faults.add(kind=kind, operation=name, **options)
        answer = post(caller, operation, json.dumps(operation.example).encode())
        assert answer.status_code == status
        assert answer_findings(operation, status, answer.content) == []


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (b"nonsense\r\n", 400, 3),
        (b"GET /v1/orderbook/\xff/bbo HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400, 3),
        (b"GET /v1/orderbook/%ff%zz/bbo HTTP/1.1\r\nHost: 127.0.0.1\r\n", 401, 16),
        (b"GET /v1/whoami?%ff=%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n", 401, 16),
        (b"GET /v1/whoami?\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400, 3),
        (b"GET /v1/whoami HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \xff\r\n", 401, 16),
        (b"GET /v1/whoami HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer\r\n", 401, 16),
        (b"GET /v1/whoami HTTP/1.1\r\nHost: \xff\r\n", 464, 3),
        (b"GET /v1/whoami HTTP/1.0\r\n", 464, 3),
        (b"GET http://127.0.0.1/v1/whoami HTTP/1.1\r\nHost: 127.0.0.1\r\n", 401, 16),
        (b"GET //v1/whoami HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404, 5),
        (b"GET /v1/%77hoami HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404, 5),
        (b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404, 5),
    ],
)
def test_odd_requests_over_a_socket(served: Sandbox, head: bytes, status: int, code: int) -> None:
    """Bytes that no library sends are answered in the spec's shape too."""
    found, body = sent_raw(served.us.rest, head)
    assert (found, json.loads(body)["code"]) == (status, code), body
    assert list(STATUS.iter_errors(json.loads(body))) == []


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"nonsense\r\n", 400),
        (b"GET /book?token_id=\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400),
        (b"GET /book?token_id=%ff%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400),
        (b"GET /book?token_id HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400),
        (b"GET /tick-size/%ff%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400),
        (b"GET /tick-size/%2e%2e%2fmarkets HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400),
        (b"GET /data/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nPOLY_ADDRESS: \xff\r\n", 401),
        (b"GET /data/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nPOLY_API_KEY:\r\n", 401),
        (b"GET /auth/derive-api-key HTTP/1.1\r\nHost: 127.0.0.1\r\nPOLY_NONCE: \xb2\r\n", 401),
        (b"DELETE /order HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n", 401),
        (b"GET /time HTTP/1.1\r\nHost: \xff\r\n", 464),
        (b"GET /time HTTP/1.0\r\n", 464),
        (b"GET //time HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404),
        (b"GET /%74ime HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404),
        (b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404),
    ],
)
def test_odd_requests_to_the_clob(served: Sandbox, head: bytes, status: int) -> None:
    """So they are there, in the shape of the other spec."""
    found, body = sent_raw(served.clob_venue.rest, head)
    assert found == status, body
    assert answer_findings(CLOB.operations["Health_GetOk"], status, body) == []


def sent_raw(rest: str, head: bytes) -> tuple[int, bytes]:
    """Send the beginning of a request as it is; return status and body of the answer."""
    with socket.create_connection(("127.0.0.1", int(rest.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(head + b"Connection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    first, _, body = answer.partition(b"\r\n\r\n")
    return int(first.split()[1]), body


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+00:02", "9999-12-31T23:59:59-00:01", "2026-10-01T12:00:00", "0", 0]
)
def test_moments_no_protobuf_holds(partner: Partner, moment: object) -> None:
    """A moment beyond the years 1 to 9999, without a zone or of another type is 400 and leaves no trace."""
    insert, search = OPERATIONS["OrderEntryAPI_InsertOrder"], OPERATIONS["ReportAPI_SearchOrders"]
    order = {**insert.example, "symbol": partner.venue.symbols[0], "account": "", "goodTillTime": moment}
    order["timeInForce"] = "TIME_IN_FORCE_GOOD_TILL_TIME"
    answer = post(partner, insert, json.dumps(order).encode())
    assert "goodTillTime" in assert_status(answer, 400, 3)
    assert post(partner, search, b"{}").status_code == 200


def test_odd_participants(partner: Partner) -> None:
    """Whatever stands in x-participant-id, the answer is 403 in the spec's shape."""
    token = partner.headers({"accessToken"})
    for name in ("", "///", "firms//users/", "\u00e9", "firms/a/users/b/c", "a" * 5000):
        answer = partner.send("GET", "/v1/users", headers={**token, "x-participant-id": name})
        assert_status(answer, 403, 7)
