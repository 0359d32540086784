"""The judges of PolySimulator's contract tests let nothing wrong pass, in answers, requests and tables."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from polyspec import Sandbox
from tests.contract.colours import Colour
from tests.contract.judging import answer_findings, body_findings, named_findings, request_findings
from tests.contract.polysim_tour import PolySimTour
from tests.contract.recorder import Exchange, Recorder
from tests.contract.spec import POLYSIM, Operation

OPERATIONS = POLYSIM.operations
ORDER = OPERATIONS["Orders_PlaceOrder"]
HISTORY = OPERATIONS["Account_GetHistory"]
SETTLEMENTS = OPERATIONS["Account_GetSettlements"]
EXPORT = OPERATIONS["Exports_ExportTrades"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """One good answer in JSON of every operation a tour calls, with everything in it."""
    with Sandbox(venues=["clob", "polysimulator"], port=False, quiet=True, rate_limits=False) as running:
        recorder = Recorder(running.polysimulator_venue.asgi, POLYSIM)
        PolySimTour(Colour(), running, recorder, tmp_path_factory.mktemp("tour")).walk()
    found: dict[str, Exchange] = {}
    for each in recorder.seen:
        assert each.operation is not None
        if each.operation.good.get(each.status) == "application/json":
            known = found.setdefault(each.operation.id, each)
            found[each.operation.id] = max(known, each, key=lambda one: len(one.answer))
    return list(found.values())


def raw(value: Any) -> bytes:
    """Write JSON."""
    return json.dumps(value).encode()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.id)
def test_examples_are_good(operation: Operation) -> None:
    """Every example of a body or an answer is without findings, wherever the spec has one."""
    if operation.body is not None:
        query = "&".join(f"{name}=1" for name, each in operation.query.items() if each.get("required"))
        assert request_findings(operation, operation.filled("1"), query, raw(operation.example)) == []
    for status, kind in operation.good.items():
        schema = POLYSIM.resolved(operation.answer)
        alternatives = [POLYSIM.resolved(each) for each in schema.get("oneOf", [schema])]
        for each in alternatives if kind == "application/json" else ():
            many = each.get("type") == "array" and "examples" not in each
            shown = POLYSIM.resolved(each["items"]) if many else each
            for example in shown.get("examples", []):
                assert answer_findings(operation, status, raw([example] if many else example)) == []


@pytest.mark.parametrize("name", [name for name, each in POLYSIM.schemas.items() if "examples" in each])
def test_examples_of_every_schema_are_good(name: str) -> None:
    """What the spec shows of a frame or of anything else is without findings."""
    for example in POLYSIM.schemas[name]["examples"]:
        assert named_findings(POLYSIM, name, example) == []


# -- mutated answers --

Place = tuple[dict[str, Any], Any]


def objects(schema: dict[str, Any], value: Any) -> Iterator[Place]:
    """Yield every object of an answer that the spec has fields for, with its schema."""
    schema = POLYSIM.resolved(schema)
    if "oneOf" in schema:
        kinds = {"array": list, "object": dict}
        for each in schema["oneOf"]:
            kind = POLYSIM.resolved(each)
            if isinstance(value, kinds.get(kind["type"], str)):
                yield from objects(kind, value)
                return
    elif isinstance(value, list):
        for each in value[:1]:
            yield from objects(schema["items"], each)
    elif isinstance(value, dict):
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            for each in list(value.values())[:1]:
                yield from objects(extra, each)
        if "properties" in schema:
            yield schema, value
            for name, field in schema["properties"].items():
                if name in value and "x-unpublished" not in POLYSIM.resolved(field):
                    yield from objects(field, value[name])


def wrong(schema: dict[str, Any]) -> Any:
    """Return what is no value of a field."""
    schema = POLYSIM.resolved(schema)
    if "enum" in schema:
        return "NO_SUCH_MEMBER"
    if schema.get("format") == "decimal" and schema["type"] == "string":
        return "1,5"
    kinds = {"string": 5, "integer": "5", "number": "5", "boolean": "true", "array": {}, "object": []}
    return kinds.get(schema.get("type", ""))


def test_mutated_answers_are_found(answers: list[Exchange]) -> None:
    """No answer passes with a needed field missing, one of another type or member, or one nobody knows."""
    count = 0
    for each in answers:
        operation = each.operation
        assert operation is not None
        whole = json.loads(each.answer)
        places = len(list(objects(operation.answer, whole)))
        for place in range(places):
            schema, _ = list(objects(operation.answer, whole))[place]
            changes: list[tuple[str, Any]] = [(name, None) for name in schema.get("required", ())]
            changes += [
                (name, wrong(field))
                for name, field in schema["properties"].items()
                if wrong(field) is not None
            ]
            for name, value in [*changes, ("added_later", 1)]:
                told = copy.deepcopy(whole)
                _, holder = list(objects(operation.answer, told))[place]
                if value is not None:
                    holder[name] = value
                elif holder.pop(name, None) is None:
                    # one of two shapes of objects, of which the other was answered
                    continue
                assert answer_findings(operation, each.status, raw(told)), (operation.id, name, value)
                count += 1
    assert len(answers) > 85
    assert count > 800


def test_answers_of_another_kind_are_found(answers: list[Exchange]) -> None:
    """Neither nothing, a page, a word nor the answer to something else passes for an answer."""
    for each in answers:
        assert each.operation is not None
        for told in (b"", b"<html/>", b"OK", b"null", b'{"a": 1, "a": 2}', b"[NaN]"):
            assert answer_findings(each.operation, each.status, told), each.operation.id
        if not each.operation.is_unpublished:
            assert answer_findings(each.operation, each.status, b'{"answer": 1}')


def test_answers_without_a_body_have_none() -> None:
    """Where a status has no body, any body is one too many."""
    revoke = OPERATIONS["Keys_RevokeKey"]
    assert answer_findings(revoke, 204, b"") == []
    assert answer_findings(revoke, 204, b"{}")
    assert answer_findings(revoke, 200, b"")


@pytest.mark.parametrize(
    ("table", "good"),
    [
        (b"a,b\n1,2\n", True),
        (b"a,b\n", True),
        (b'a,b\n"1,5",2\n', True),
        (b"a,b\n1,2\n# truncated at 1 row\n", True),
        (b"a,b\n1,2", False),
        (b"a,b\n1\n", False),
        (b"a,b\n1,2,3\n", False),
        (b'{"error": "x"}', False),
    ],
)
def test_tables_are_judged(table: bytes, good: bool) -> None:
    """A table has an end and as many cells in a row as columns; a remark may follow it."""
    assert (answer_findings(EXPORT, 200, table) == []) is good


@pytest.mark.parametrize(
    ("changes", "good", "read"),
    [
        ({}, True, True),
        ({"price": 0.41}, False, True),
        ({"price": "0,41"}, False, False),
        ({"side": "buy"}, False, False),
        ({"quantity": None}, False, True),
        ({"market_id": None}, False, False),
        ({"post_only": "true"}, False, False),
        ({"wallet_id": "1"}, False, False),
        ({"wallet_id": 2**63}, False, False),
        ({"time_in_force": "DAY"}, False, False),
        ({"expiration": 5}, True, True),
        ({"expiration": "5"}, True, True),
        ({"expiration": 5.5}, False, False),
        ({"priority": 1}, False, True),
    ],
)
def test_orders_are_judged(changes: dict[str, Any], good: bool, read: bool) -> None:
    """Amounts are written as text and read from numbers; nulls and unknown fields are passed over."""
    sent = raw({**ORDER.example, **changes})
    assert (body_findings(ORDER, sent) == []) is good
    assert (body_findings(ORDER, sent, closed=False) == []) is read


@pytest.mark.parametrize(
    ("query", "good"),
    [
        ("", True),
        ("wallet_id=7", True),
        ("wallet_id=all", True),
        ("limit=50&offset=0&envelope=true", True),
        ("limit=2147483648", False),
        ("limit=ten", False),
        ("side=HOLD", False),
        ("envelope=2", False),
        ("sort=new", False),
        ("limit=1&limit=2", False),
    ],
)
def test_queries_are_judged(query: str, good: bool) -> None:
    """A parameter that is unknown, twice, out of range or no member is a finding."""
    assert (request_findings(HISTORY, HISTORY.path, query, b"") == []) is good


def test_moments_in_queries_are_judged() -> None:
    """A moment without a time zone, and a path of something else, are findings."""
    path = SETTLEMENTS.path
    assert request_findings(SETTLEMENTS, path, "from=2026-09-05T12:00:00Z", b"") == []
    for query in ("from=2026-09-05T12:00:00", "from=yesterday", "to=2026-09-05"):
        assert request_findings(SETTLEMENTS, path, query, b""), query
    assert request_findings(SETTLEMENTS, HISTORY.path, "", b"")
    assert request_findings(SETTLEMENTS, path, "", b"{}")


def test_paths_are_told_apart() -> None:
    """Fixed words go before placeholders, by method."""
    assert POLYSIM.find("GET", "/v1/keys/tiers") is OPERATIONS["Keys_GetTiers"]
    assert POLYSIM.find("PATCH", "/v1/keys/tiers") is OPERATIONS["Keys_RenameKey"]
    assert POLYSIM.find("GET", "/v1/markets/updown") is OPERATIONS["Markets_ListUpdown"]
    assert POLYSIM.find("GET", "/v1/markets/0xaa") is OPERATIONS["Markets_GetMarket"]
    assert POLYSIM.find("GET", "/v1/cancel-all") is None
