"""Properties of the spec of PolySimulator as a document, with what matters typed a second time."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML

from generator.operations import function_name
from tests.contract.polysim_typed import (
    ALTERNATIVES,
    BINARY,
    BODIES,
    CODES,
    EVENT_DATA,
    FIELDS,
    FRAMES,
    KEY_LIMITS,
    LESS_SURE,
    MAY_BE_EMPTY,
    MEMBERS,
    NUMBERS,
    PAGES,
    REQUIRED,
    ROWS,
    SECRETS,
    SENT_FRAMES,
    STATUSES,
    STREAMS,
    WINDOWS,
)
from tests.contract.spec import POLYSIM

SPEC = Path(__file__).resolve().parents[2] / "specs" / "polysimulator.openapi.yaml"
TEXT = SPEC.read_text("utf-8")
DOCUMENT: dict[str, Any] = POLYSIM.document
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
PARAMETERS: dict[str, Any] = DOCUMENT["components"]["parameters"]
ENUMS = {name: schema["enum"] for name, schema in SCHEMAS.items() if "enum" in schema}
SCHEMA_REF = "#/components/schemas/"

FORMATS = FormatChecker(formats=())


@FORMATS.checks("decimal", ArithmeticError)
def _decimal(value: object) -> bool:
    return Decimal(str(value)).is_finite()


@FORMATS.checks("date-time", ValueError)
def _moment(value: object) -> bool:
    return datetime.fromisoformat(str(value)).tzinfo is not None


@FORMATS.checks("int32")
def _int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@FORMATS.checks("int64")
def _int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


OPERATIONS = [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in operations()]
BY_NAME = {f"{method} {path}": operation for method, path, operation in operations()}


def parameters(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of an operation, references followed."""
    return [
        PARAMETERS[each["$ref"].rsplit("/", 1)[-1]] if "$ref" in each else each
        for each in operation.get("parameters", [])
    ]


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping at or below a node, leaving examples out."""
    if isinstance(node, list):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, dict):
        yield node
        for key, item in node.items():
            if key != "examples":
                yield from nodes(item)


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property of every schema, named after both."""
    for name, schema in SCHEMAS.items():
        for field, prop in schema.get("properties", {}).items():
            yield f"{name}.{field}", prop


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Refuse fields an object schema does not have; answers may grow, examples may not."""
    return {**schema, "additionalProperties": False} if "properties" in schema else schema


CLOSED = {"schemas": {name: closed(schema) for name, schema in SCHEMAS.items()}}


def errors(schema: dict[str, Any], value: Any) -> list[str]:
    """Validate a value against a schema of the document, fields that are not there included."""
    validator = Draft202012Validator({**schema, "components": CLOSED}, format_checker=FORMATS)
    return [error.message for error in validator.iter_errors(value)]


def told(schema: dict[str, Any], between: str = "|") -> str:
    """Name a schema: a component, a type, a list in brackets, alternatives."""
    if "oneOf" in schema:
        return between.join(told(each) for each in schema["oneOf"])
    if "items" in schema:
        return f"[{told(schema['items'])}]"
    return str(schema["$ref"].removeprefix(SCHEMA_REF) if "$ref" in schema else schema["type"])


def answers(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of success by status; None where there is no content."""
    return {
        status: next((media["schema"] for media in response.get("content", {}).values()), None)
        for status, response in operation["responses"].items()
        if status.startswith("2")
    }


def test_is_valid_openapi_3_1() -> None:
    """The document obeys the OpenAPI 3.1 schema and every reference resolves."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_reads_the_same_in_both_yaml_dialects() -> None:
    """No plain word, date or number depends on whether the reader speaks YAML 1.1 or 1.2."""
    assert yaml.safe_load(TEXT) == YAML(typ="safe", pure=True).load(TEXT) == DOCUMENT


def test_has_no_anchors_or_aliases() -> None:
    """Nothing in the text refers to another part of it but by `$ref`."""
    events = list(yaml.parse(TEXT, Loader=yaml.SafeLoader))
    assert not [event.start_mark.line + 1 for event in events if getattr(event, "anchor", None)]


def test_has_every_endpoint_of_the_venue() -> None:
    """Paths and methods are exactly the known ones, under hosts without a version."""
    assert {(method, path) for method, path, _ in operations()} == set(ROWS)
    assert [server["url"] for server in DOCUMENT["servers"]] == [
        "https://api.polysimulator.com",
        "https://staging-api.polysimulator.com",
    ]


def access(operation: dict[str, Any]) -> str:
    """Spell who may call an operation as it was typed."""
    words = {
        ("apiKey", ()): "key",
        ("apiKey", ("read",)): "read",
        ("apiKey", ("trade",)): "trade",
        ("bearer", ()): "token",
        ("tenantKey", ("users:write",)): "users:write",
    }
    each = [[words[name, tuple(roles)] for name, roles in either.items()] for either in operation["security"]]
    assert all(len(names) <= 1 for names in each)
    return "|".join(names[0] if names else "-" for names in each) or "open"


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_operation_says_what_was_typed(method: str, path: str, operation: dict[str, Any]) -> None:
    """Function, access, repetition and lane are those typed a second time."""
    name, allowed, retry, lane = ROWS[method, path]
    tag = operation["tags"][0]
    assert f"{tag}.{function_name(operation['operationId'])}" == name
    assert operation["operationId"].split("_")[0].lower() == tag
    assert access(operation) == allowed
    assert operation["x-retry"] == retry
    assert operation.get("x-lane", "read" if method == "GET" else None) == lane


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_operation_is_fully_described(method: str, path: str, operation: dict[str, Any]) -> None:
    """An operation has a summary, a source, a mark of how sure we are, and one kind of failure."""
    assert len(operation["tags"]) == 1
    assert operation["tags"][0] in [tag["name"] for tag in DOCUMENT["tags"]]
    assert operation["summary"]
    assert operation["x-source"]
    assert set(operation["responses"]) == {*STATUSES.get(f"{method} {path}", {"200"}), "default"}
    assert operation["responses"]["default"] == {"$ref": "#/components/responses/Error"}
    where = {each["name"]: each["in"] for each in parameters(operation)}
    assert set(re.findall(r"{(\w+)}", path)) == {name for name, place in where.items() if place == "path"}
    assert all(each["description"] for each in parameters(operation))


def test_marks_of_confidence() -> None:
    """What only the vendor's client tells of, or nothing, is marked as such, and nothing else is."""
    marked = defaultdict(set)
    for name, operation in BY_NAME.items():
        marked[operation["x-confidence"]].add(name)
    assert set(marked) == {"documented", *LESS_SURE}
    assert {mark: marked[mark] for mark in LESS_SURE} == LESS_SURE


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_limits(method: str, path: str, operation: dict[str, Any]) -> None:
    """Who has a key is counted by it, others by address, and who has a token of the dashboard not at all."""
    allowed, lane = ROWS[method, path][1], ROWS[method, path][3]
    if path == "/v1/keys/bootstrap":
        expected = ["BootstrapMinute", "BootstrapHour"]
    elif allowed == "token":
        expected = []
    elif allowed == "open" or "-" in allowed:
        expected = ["AnonSecond", "AnonMinute"]
    elif allowed == "users:write":
        expected = ["PartnerSecond", "PartnerMinute"]
    else:
        expected = ["KeySecond", "KeyMinute"]
    found = operation.get("x-rate-limit", [])
    assert [limit["bucket"] for limit in found] == expected
    # cancels and heartbeats never wait behind what a key reads
    assert all(limit.get("ahead", False) == (lane == "cancel") for limit in found)


def test_numbers_of_limits() -> None:
    """Limits are the published windows, those of keys by tier, the lowest first, and all agree on them."""
    head, *rows = (line.split() for line in KEY_LIMITS.strip().splitlines())
    by_tier = {int(row[0]): dict(zip(head[1:], map(int, row[1:]), strict=True)) for row in rows}
    expected = {
        **WINDOWS,
        "KeySecond": (by_tier[1], 1, "key"),
        "KeyMinute": (by_tier[60], 60, "key"),
    }
    for operation in BY_NAME.values():
        for limit in operation.get("x-rate-limit", []):
            assert set(limit) - {"ahead"} == {"bucket", "rate", "per", "window", "scope"}
            assert limit["window"] is True
            assert (limit["rate"], limit["per"], limit["scope"]) == expected[limit["bucket"]]
            if isinstance(limit["rate"], dict):
                assert list(limit["rate"]) == head[1:] == ENUMS["Tier"]


def test_required_parameters() -> None:
    """A request holds what the venue refuses to do without, and leaves the rest to the caller."""
    found = {}
    for name, operation in BY_NAME.items():
        needed = {
            each["name"] + (":" if each["in"] == "header" else "")
            for each in parameters(operation)
            if each["in"] != "path" and each.get("required")
        }
        if needed:
            found[name] = needed
    assert found == REQUIRED


def test_wallets_and_cursors() -> None:
    """A wallet is named by a number or a word, and a cursor is text under either name."""
    for operation in BY_NAME.values():
        for each in parameters(operation):
            if each["name"] == "wallet_id" and each["in"] == "query":
                assert told(each["schema"]) == "integer|string"
            if each["name"] in ("cursor", "next_cursor"):
                assert told(each["schema"]) == "string"


def test_lists_in_queries() -> None:
    """The stream alone takes lists in its query, and they are joined by commas."""
    found = {
        (name, each["name"], each.get("explode", True))
        for name, operation in BY_NAME.items()
        for each in parameters(operation)
        if each["schema"].get("type") == "array"
    }
    assert found == {("GET /prices/stream", name, False) for name in ("crypto", "condition_ids")}


def test_bodies() -> None:
    """Requests carry the bodies typed a second time, which only those of keys may leave out."""
    with_body = {name: operation for name, operation in BY_NAME.items() if "requestBody" in operation}
    found = {
        name: told(operation["requestBody"]["content"]["application/json"]["schema"])
        for name, operation in with_body.items()
    }
    assert found == BODIES
    optional = {name for name, each in with_body.items() if each["requestBody"].get("required") is not True}
    assert optional == MAY_BE_EMPTY


def test_pages() -> None:
    """A listing names its cursor, its rows and its end, and whatever takes a cursor is a listing."""
    found = {}
    for name, operation in BY_NAME.items():
        if page := operation.get("x-page"):
            rest = [f"{key}:{page[key]}" for key in ("more", "end") if key in page]
            found[name] = " ".join([page["request"], page["response"], page["items"], *rest])
            assert set(page) == {"request", "response", "items", *(each.split(":")[0] for each in rest)}
        assert ("x-page" in operation) == ("cursor" in {each["name"] for each in parameters(operation)})
    assert found == PAGES


def test_streams() -> None:
    """Files and events come piece by piece, everything else is one JSON value."""
    for name, operation in BY_NAME.items():
        how, media = STREAMS.get(name, (None, "application/json"))
        assert operation.get("x-stream") == how
        for status in STATUSES.get(name, {"200"}):
            assert set(operation["responses"][status].get("content", {media})) == {media}


def test_answers_of_several_shapes() -> None:
    """Where an answer is one of several, the likeliest comes first; elsewhere it is one."""
    found = {
        name: told(schema, " ")
        for name, operation in BY_NAME.items()
        for schema in answers(operation).values()
        if schema and "oneOf" in schema
    }
    assert found == ALTERNATIVES


def test_answers_without_content() -> None:
    """204 has no content and whatever else is success has some."""
    for operation in BY_NAME.values():
        assert all((schema is None) == (status == "204") for status, schema in answers(operation).items())


def test_credentials() -> None:
    """A key goes into a header, with what it may do; a token of the dashboard is a bearer."""
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert {name: (scheme["type"], scheme.get("name")) for name, scheme in schemes.items()} == {
        "apiKey": ("apiKey", "X-API-Key"),
        "tenantKey": ("apiKey", "X-API-Key"),
        "bearer": ("http", None),
    }
    assert {name: set(scheme.get("x-roles", {})) for name, scheme in schemes.items()} == {
        "apiKey": {"read", "trade"},
        "tenantKey": {"users:write"},
        "bearer": set(),
    }
    headers = {
        (name, each["name"])
        for name, operation in BY_NAME.items()
        for each in parameters(operation)
        if each["in"] == "header"
    }
    assert headers == {
        ("POST /v1/orders", "Idempotency-Key"),
        ("POST /v1/simulation/backtests", "Idempotency-Key"),
        ("POST /v1/cancel-all", "X-Confirm-Cancel-All"),
        ("DELETE /v1/cancel-all", "X-Confirm-Cancel-All"),
    }


def test_secrets_are_marked() -> None:
    """What opens an account or a websocket is never shown."""
    marked = {tuple(name.split(".")) for name, prop in fields() if prop.get("format") == "password"}
    assert marked == SECRETS


@pytest.mark.parametrize("name", [name for name, schema in SCHEMAS.items() if "examples" in schema])
def test_examples_obey_their_schema(name: str) -> None:
    """Every example validates, formats included, and uses only fields the schema has."""
    for example in SCHEMAS[name]["examples"]:
        assert errors({"$ref": SCHEMA_REF + name}, example) == []


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_bodies_have_examples(method: str, path: str, operation: dict[str, Any]) -> None:
    """What is no component has an example of its own, valid as all are, and the rest one on its component."""
    del method, path
    held = [schema for schema in answers(operation).values() if schema]
    if "requestBody" in operation:
        held.append(operation["requestBody"]["content"]["application/json"]["schema"])
    for schema in held:
        refs = [node["$ref"] for node in nodes(schema) if "$ref" in node]
        assert refs or schema["examples"]
        for example in schema.get("examples", []):
            assert errors(schema, example) == []
        for ref in refs:
            assert SCHEMAS[ref.removeprefix(SCHEMA_REF)]["examples"]


def test_enums() -> None:
    """Enums have the members typed a second time, and none is written inline."""
    codes = ENUMS["ErrorCode"]
    assert {name: " ".join(values) for name, values in ENUMS.items() if name != "ErrorCode"} == MEMBERS
    assert sorted(codes) == sorted(code for row in CODES.values() for code in row.split())
    inline = [node for _, prop in fields() for node in nodes(prop)]
    assert not [node for node in [*inline, *nodes(DOCUMENT["paths"])] if isinstance(node.get("enum"), list)]


def test_failures() -> None:
    """Every failure is one open object in which nothing must be, and its code comes in a header."""
    failure = DOCUMENT["components"]["responses"]["Error"]
    assert set(failure["headers"]) == {"X-Polysim-Code"}
    assert told(failure["headers"]["X-Polysim-Code"]["schema"]) == "ErrorCode"
    assert told(failure["content"]["application/json"]["schema"]) == "ApiError"
    schema = SCHEMAS["ApiError"]
    assert "required" not in schema
    assert schema.get("additionalProperties", True) is True
    assert {
        "error",
        "message",
        "details",
        "request_id",
        "code",
        "error_code",
        "retry_after",
        "detail",
    } <= set(schema["properties"])


@pytest.mark.parametrize("name", FIELDS)
def test_what_must_be_there(name: str) -> None:
    """Orders, keys and their answers require what was typed a second time."""
    assert " ".join(SCHEMAS[name]["required"]) == FIELDS[name]


def test_an_entry_of_a_batch_may_lack_what_an_order_has() -> None:
    """A failed entry is read although it has no price, with all the fields an order has."""
    entry, order = SCHEMAS["BatchOrderResult"], SCHEMAS["OrderResponse"]
    assert set(entry["properties"]) == set(order["properties"])
    assert set(entry["required"]) < set(order["required"])


@pytest.mark.parametrize("channel", FRAMES)
def test_frames(channel: str) -> None:
    """A channel is a union whose tag names the frame, and each of its frames requires that tag."""
    union, tag = SCHEMAS[channel], "event_type" if channel.startswith("Pm") else "type"
    expected = {value: SCHEMA_REF + name for value, name in FRAMES[channel].items()}
    assert union["discriminator"] == {"propertyName": tag, "mapping": expected}
    assert [member["$ref"] for member in union["oneOf"]] == list(expected.values())
    for value, name in FRAMES[channel].items():
        assert SCHEMAS[name]["properties"][tag] == {"const": value}
        assert tag in SCHEMAS[name]["required"]
        assert SCHEMAS[name]["examples"]


def test_every_schema_is_described_and_used() -> None:
    """Schemas tell what they are, and none is left over but whole frames and data of events."""
    used = {
        node["$ref"].removeprefix(SCHEMA_REF) for node in nodes(DOCUMENT) if isinstance(node.get("$ref"), str)
    }
    assert {name for name, schema in SCHEMAS.items() if not schema.get("description")} == {"Side"}
    assert set(SCHEMAS) - used == {*FRAMES, *SENT_FRAMES, *EVENT_DATA}


def test_numbers() -> None:
    """Money comes as text but where the venue writes a number; no money becomes a float."""
    for node in nodes(DOCUMENT):
        if node.get("type") == "integer":
            assert node["format"] in ("int32", "int64")
    found = {name: prop["format"] for name, prop in fields() if prop.get("type") == "number"}
    assert {name for name, form in found.items() if form == "decimal"} == NUMBERS
    assert {name for name, form in found.items() if form == "double"} == BINARY
    inner = [node for _, prop in fields() for node in nodes(prop) if node is not prop]
    assert not [node for node in inner if node.get("type") == "number"]


def test_what_may_be_empty_is_text() -> None:
    """Fields the venue fills with the empty string, or with a percentage, are plain text, never a decimal."""
    for name in (
        "FlatOrderResponse.makingAmount",
        "PmSendOrderResponse.takingAmount",
        "BacktestSummary.win_rate",
    ):
        schema, field = name.split(".")
        assert SCHEMAS[schema]["properties"][field]["type"] == "string"
        assert "format" not in SCHEMAS[schema]["properties"][field]
        assert "empty" in SCHEMAS[schema]["properties"][field]["description"]
    for name in ("PortfolioResponse", "TradingStats"):
        assert "format" not in SCHEMAS[name]["properties"]["win_rate"]


def test_values_of_any_kind() -> None:
    """What Up/Down rounds list comes as lists, as JSON in a text or with commas, so it is read as it is."""
    for field in ("outcomes", "outcome_prices", "token_ids"):
        assert SCHEMAS["UpdownMarket"]["properties"][field]["x-unpublished"] is True
    untyped = [name for name, prop in fields() if not {"type", "$ref", "const", "oneOf"} & prop.keys()]
    assert all(
        SCHEMAS[name.split(".")[0]]["properties"][name.split(".")[1]]["x-unpublished"] for name in untyped
    )
