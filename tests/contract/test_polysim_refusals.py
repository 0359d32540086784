"""Every way PolySimulator refuses ends in its one error object and a code of its list, in every form."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from polyspec_wire.polysimulator import OPERATIONS as WIRE
from polyspec_wire.polysimulator.models import ApiError

from polyspec.core.codec import decode
from polyspec.sandbox import Sandbox
from polyspec.sandbox.polysimulator.faults import GATES, PLACEMENTS, Fault
from polyspec.sandbox.polysimulator.options import PolySimOptions
from tests.contract.judging import answer_findings, body_findings
from tests.contract.polysim_asking import Asking
from tests.contract.spec import POLYSIM, Operation

CODES = set(POLYSIM.schemas["ErrorCode"]["enum"])
# the same under two names, the second of which is in the header alone
NAMED_TWICE = {
    "INVALID_ORDER_MIN_SIZE": "ORDER_BELOW_MIN_SIZE",
    "INVALID_POST_ONLY_ORDER": "POST_ONLY_WOULD_CROSS",
}
# reads that tell prose alone in every form, some of it at least
PROSE = {
    *("Books_GetPrice", "Books_GetFeeRate", "Books_GetNegRisk", "Books_GetNegRiskOf", "Books_GetTickSize"),
    *("Books_GetPricesHistory", "Books_GetLastTradePrice"),
}
# the names of what there may be none of: an empty list is as good an answer as a refusal
OPEN_NAMES = {"UpdownAsset", "UpdownInterval"}
OPERATIONS = [pytest.param(each, id=each.id) for each in POLYSIM.operations.values()]
BODIES = [pytest.param(each, id=each.id) for each in POLYSIM.operations.values() if each.body is not None]
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
WRONG = {"null": b"null", "list": b"[1.5]", "text": b'"{}"', "number": b"1", "true": b"true"}


@pytest.fixture(scope="module", params=["two-field", "one-field"])
def asking(request: pytest.FixtureRequest) -> Iterator[Asking]:
    """A quiet sandbox in process without limits, once for each form of errors."""
    options = PolySimOptions(error_form=request.param)
    venues = ["polysimulator"]
    with (
        Sandbox(venues=venues, polysimulator=options, port=False, quiet=True, rate_limits=False) as sandbox,
        closing(Asking(sandbox)) as opened,
    ):
        yield opened


def credentials(asking: Asking, operation: Operation) -> dict[str, str]:
    """Return what an operation takes."""
    if "tenantKey" in operation.schemes:
        return asking.tenant()
    return asking.key() if "apiKey" in operation.schemes else asking.session()


def judge(asking: Asking, operation: Operation, answer: httpx.Response, *statuses: int) -> str:
    """Fail unless an answer is a refusal in the form the sandbox was told to use; return its code."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    code = answer.headers["x-polysim-code"]
    assert code in CODES or code == f"HTTP_{answer.status_code}", code
    assert answer_findings(operation, answer.status_code, answer.content) == [], answer.text
    body = answer.json()
    assert isinstance(decode(answer.content, ApiError), ApiError)
    assert "Traceback" not in answer.text
    assert len(answer.content) < 500
    assert not {"details", "request_id", "detail"} & body.keys()
    if asking.world.options.error_form == "one-field" or (operation.id in PROSE and "message" not in body):
        assert "message" not in body
        assert not re.fullmatch(r"[A-Z][A-Z0-9_]+", body["error"]), body
    else:
        assert NAMED_TWICE.get(body["error"], body["error"]) == code
        assert body["message"]
    return code


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_does_not_exist(asking: Asking, operation: Operation) -> None:
    """Names of nothing are refused, or answered well where nothing is a good answer, as the spec has it."""
    answer = asking.ask(operation, credentials(asking, operation))
    if answer.status_code in operation.good:
        assert answer_findings(operation, answer.status_code, answer.content) == []
        assert "x-polysim-code" not in answer.headers
        if operation.good[answer.status_code] == "application/json":
            decode(answer.content, WIRE[operation.id].success[answer.status_code])
    else:
        judge(asking, operation, answer, 400, 404, 422, 503)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nobody_is_refused_in_the_same_form(asking: Asking, operation: Operation) -> None:
    """Who is not known is told so in the form of everything else."""
    if operation.security and {} not in operation.security:
        judge(asking, operation, asking.ask(operation, {}), 401)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_verbose_refusals_tell_everything(asking: Asking, operation: Operation) -> None:
    """Asked for, code, sentence, details and the id of the request are there in every form."""
    asked = {"X-Polysim-Verbose": "true", "X-Request-Id": "mine"}
    answer = asking.ask(operation, asked, content=b"{")
    if answer.status_code in operation.good:
        return
    assert answer_findings(operation, answer.status_code, answer.content) == [], answer.text
    body = answer.json()
    assert body.keys() >= {"error", "message", "details", "request_id"}
    assert (body["error"], body["request_id"]) == (answer.headers["x-polysim-code"], "mine")
    assert answer.headers["x-request-id"] == "mine"


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v1/orders/", "/V1/orders", "/v1//orders", "/v2/orders"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_unknown_paths(asking: Asking, method: str, path: str) -> None:
    """A path the spec does not have is 404, nearly right ones included, whatever the method."""
    answer = asking.raw(method, path, headers=asking.key())
    assert (answer.status_code, answer.headers["x-polysim-code"]) == (404, "NOT_FOUND")
    assert answer_findings(POLYSIM.operations["Orders_ListOrders"], 404, answer.content) == []


@pytest.mark.parametrize("path", POLYSIM.document["paths"])
def test_unknown_methods(asking: Asking, path: str) -> None:
    """A method the spec does not have for a path is 405, and the answer says which there are."""
    sent = re.sub(r"{\w+}", "x", path)
    known = {
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if (POLYSIM.find(method, sent) or POLYSIM.find(method, path)) is not None
    }
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - known:
        answer = asking.raw(method, sent)
        assert (answer.status_code, answer.headers["x-polysim-code"]) == (405, "HTTP_405"), method
        assert set(answer.headers["allow"].split(", ")) - {"HEAD"} == known
        assert answer_findings(POLYSIM.operations["Orders_ListOrders"], 405, answer.content) == []


@pytest.fixture
def high_limit() -> Iterator[None]:
    """Raise the recursion limit as some libraries do, so that nothing stops a reader of brackets in time."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    yield
    sys.setrecursionlimit(usual)


@pytest.mark.usefixtures("high_limit")
@pytest.mark.parametrize("operation", BODIES)
def test_malformed_json(asking: Asking, operation: Operation) -> None:
    """What is no JSON is 422, and no more is told than what is wrong."""
    for raw in MALFORMED.values():
        answer = asking.ask(operation, credentials(asking, operation), content=raw)
        assert judge(asking, operation, answer, 422) == "VALIDATION_FAILED"


@pytest.mark.parametrize("operation", BODIES)
def test_json_that_is_no_message(asking: Asking, operation: Operation) -> None:
    """A body that is JSON but of another kind is 422."""
    for raw in WRONG.values():
        if body_findings(operation, raw):
            answer = asking.ask(operation, credentials(asking, operation), content=raw)
            assert judge(asking, operation, answer, 422) == "VALIDATION_FAILED", raw


@pytest.mark.parametrize("operation", BODIES)
def test_fields_of_the_wrong_type(asking: Asking, operation: Operation) -> None:
    """Each field, given an object where it is none and a word where it is one, is refused for that."""
    schema = POLYSIM.resolved(operation.body or {})
    for each in map(POLYSIM.resolved, schema.get("oneOf", [schema])):
        many = each.get("type") == "array"
        inner = POLYSIM.resolved(each["items"]) if many else each
        if "examples" not in inner:
            continue
        for name, field in inner.get("properties", {}).items():
            is_object = POLYSIM.resolved(field).get("type") == "object"
            entry = {**inner["examples"][0], name: "word" if is_object else {"not": ["it"]}}
            sent = json.dumps([entry] if many else entry)
            if not POLYSIM.resolved(field).get("x-unpublished"):
                assert body_findings(operation, sent.encode()), f"{name} may be anything"
                answer = asking.ask(operation, credentials(asking, operation), content=sent)
                judge(asking, operation, answer, 422)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_parameters_of_the_wrong_type(asking: Asking, operation: Operation) -> None:
    """Each parameter that is no text, given a word, is refused for that."""
    needed = {name: "1" for name, each in operation.query.items() if each.get("required")}
    market = asking.venue.condition_ids[0]
    for name, each in operation.query.items():
        if each["schema"].get("$ref", "").rpartition("/")[2] in OPEN_NAMES:
            continue
        schema = POLYSIM.resolved(each["schema"])
        kind = schema.get("format") or schema.get("type")
        if kind in ("int32", "int64", "boolean", "date-time") or "enum" in schema:
            params, headers = {**needed, name: "no-such"}, credentials(asking, operation)
            where = {"name": market} if "{condition_id}" in operation.path else {}
            judge(asking, operation, asking.ask(operation, headers, params=params, **where), 422, 400)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_fails_at_the_venue(asking: Asking, operation: Operation) -> None:
    """Every fault that has the venue's shape has it for every operation it meets, with its own code."""
    kinds = [(name, gate.status, gate.code) for name, gate in GATES.items()]
    kinds += [("rate_limit", 429, "RATE_LIMIT_EXCEEDED"), ("unauthorized", 401, "INVALID_KEY")]
    kinds += [("status", status, f"HTTP_{status}") for status in (502, 503)]
    kinds += [("status", 500, "INTERNAL_ERROR")]
    for kind, status, code in kinds:
        fault = Fault(kind=kind, status=status if kind == "status" else None)
        if fault.meets(operation.id):
            asking.venue.faults.add(fault)
            answer = asking.ask(operation, credentials(asking, operation))
            assert judge(asking, operation, answer, status) == code


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.id in PLACEMENTS])
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("persistence_unknown_lost", "PERSISTENCE_UNKNOWN"),
        ("persistence_unknown_stored", "PERSISTENCE_UNKNOWN"),
        ("deadline_overshot", "DEADLINE_OVERSHOT_BUT_PERSISTED"),
    ],
)
def test_what_became_of_an_order_is_not_told(
    asking: Asking, operation: Operation, kind: str, code: str
) -> None:
    """An order that may have been stored is 503 in the venue's shape, whichever way it was placed."""
    condition = asking.venue.condition_ids[0]
    market = asking.world.markets.market(condition)
    assert market is not None
    known = {
        "market_id": condition,
        "token_id": market.token_ids[0],
        "tokenId": market.token_ids[0],
        "client_order_id": f"{kind}-{operation.id}",
    }

    def named(each: dict[str, Any]) -> dict[str, Any]:
        return {**each, **{name: known[name] for name in known.keys() & each.keys()}}

    sent = json.loads(json.dumps(operation.example), object_hook=named)
    asking.venue.faults.add(Fault(kind=kind))
    answer = asking.ask(operation, asking.key(), content=json.dumps(sent))
    assert judge(asking, operation, answer, 503) == code
    is_stored = code == "DEADLINE_OVERSHOT_BUT_PERSISTED"
    assert ("order_id" in answer.json()) is ("x-polysim-order-id" in answer.headers) is is_stored
    asking.world.clock.advance(1)


def test_the_edge_speaks_plain_text(asking: Asking) -> None:
    """What never reached the venue has no JSON, no code and no id: the spec has no body for it."""
    operation = POLYSIM.operations["Books_GetServerTime"]
    for headers, fault in (({"user-agent": "Python-urllib/3.11"}, None), ({}, "edge_blocked")):
        if fault is not None:
            asking.venue.faults.add(Fault(kind=fault))
        answer = asking.ask(operation, headers)
        assert (answer.status_code, answer.text) == (403, "error code: 1010")
        assert answer.headers["content-type"].startswith("text/plain")
        assert "x-polysim-code" not in answer.headers
        assert answer_findings(operation, 403, answer.content)


MUTATIONS: dict[str, Any] = {
    "no code": lambda answer: answer.headers.pop("x-polysim-code"),
    "a code nobody knows": lambda answer: answer.headers.update({"x-polysim-code": "OUT_OF_LUCK"}),
    "another code": lambda answer: answer.headers.update({"x-polysim-code": "NOT_FOUND"}),
    "no id": lambda answer: answer.headers.pop("x-request-id"),
    "another type": lambda answer: answer.headers.update({"content-type": "text/html"}),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_judge_of_headers_can_fail(asking: Asking, name: str) -> None:
    """A refusal with one header wrong is found out, where the form lets it be."""
    operation = POLYSIM.operations["Markets_GetMarket"]
    answer = asking.ask(operation, asking.key())
    assert judge(asking, operation, answer, 404) == "MARKET_NOT_FOUND"
    MUTATIONS[name](answer)
    if name == "another code" and asking.world.options.error_form == "one-field":
        # a body without a code cannot contradict its header
        return
    with pytest.raises((AssertionError, KeyError)):
        judge(asking, operation, answer, 404)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"market not found",
        b"[]",
        b'{"error": 404, "message": "x"}',
        b'{"error": "MARKET_NOT_FOUND", "message": null}',
        b'{"error": "MARKET_NOT_FOUND", "message": "x", "hint": "y"}',
        b'{"error": "MARKET_NOT_FOUND", "message": "x", "details": {}}',
        b'{"error": "MARKET_NOT_FOUND", "message": "Traceback"}',
        b'{"detail": "market not found"}',
    ],
)
def test_the_judge_of_bodies_can_fail(asking: Asking, body: bytes) -> None:
    """A refusal with a body of another shape is found out."""
    operation = POLYSIM.operations["Markets_GetMarket"]
    true = asking.ask(operation, asking.key())
    headers = {name: text for name, text in true.headers.items() if name != "content-length"}
    with pytest.raises((AssertionError, KeyError, ValueError)):
        judge(asking, operation, httpx.Response(404, headers=headers, content=body), 404)
