"""Properties of the spec of the CLOB as a document, with what matters typed a second time."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML

from generator.operations import function_name
from tests.contract.clob_typed import (
    BODIES,
    FRAMES,
    LESS_SURE,
    LIMITS,
    LIVE_FRAMES,
    MEMBERS,
    PLAIN_FRAMES,
    REQUIRED_QUERY,
    ROWS,
    SENT_FRAMES,
    TIERS,
    WINDOWS,
)
from tests.contract.spec import CLOB

SPEC = Path(__file__).resolve().parents[2] / "specs" / "clob.openapi.yaml"
TEXT = SPEC.read_text("utf-8")
DOCUMENT: dict[str, Any] = CLOB.document
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
PARAMETERS: dict[str, Any] = DOCUMENT["components"]["parameters"]
ENUMS = {name: schema["enum"] for name, schema in SCHEMAS.items() if "enum" in schema}
SCHEMA_REF = "#/components/schemas/"

FORMATS = FormatChecker(formats=())


@FORMATS.checks("decimal", ArithmeticError)
def _decimal(value: object) -> bool:
    return Decimal(str(value)).is_finite()


@FORMATS.checks("date", ValueError)
def _date(value: object) -> bool:
    return bool(date.fromisoformat(str(value)))


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


def limits(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the limits of an operation as a list."""
    stated = operation.get("x-rate-limit", [])
    return stated if isinstance(stated, list) else [stated]


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


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Refuse fields an object schema does not have; answers may grow, examples may not."""
    return {**schema, "additionalProperties": False} if "properties" in schema else schema


CLOSED = {"schemas": {name: closed(schema) for name, schema in SCHEMAS.items()}}


def errors(schema: dict[str, Any], value: Any) -> list[str]:
    """Validate a value against a schema of the document, fields that are not there included."""
    validator = Draft202012Validator({**schema, "components": CLOSED}, format_checker=FORMATS)
    return [error.message for error in validator.iter_errors(value)]


def body_of(operation: dict[str, Any]) -> Any:
    """Name the request body: a component, or in a list the component or type its items are."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    if "items" in schema:
        return [schema["items"].get("type") or schema["items"]["$ref"].removeprefix(SCHEMA_REF)]
    return schema["$ref"].removeprefix(SCHEMA_REF)


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
    """Paths and methods are exactly the known ones."""
    assert {(method, path) for method, path, _ in operations()} == set(ROWS)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_operation_says_what_was_typed(method: str, path: str, operation: dict[str, Any]) -> None:
    """Function, access, repetition, lane and limits, in their order, are those typed a second time."""
    name, access, retry, lane = ROWS[method, path]
    tag = operation["tags"][0]
    assert f"{tag}.{function_name(operation['operationId'])}" == name
    assert operation["operationId"].split("_")[0].lower() == tag
    security = operation["security"]
    assert all(len(alternative) == 1 and list(alternative.values()) == [[]] for alternative in security)
    assert ("|".join(next(iter(each)) for each in security) or "open") == access
    assert (operation["x-retry"], operation.get("x-lane", "read" if method == "GET" else None)) == (
        retry,
        lane,
    )
    told = [f"{limit['bucket']}{'*' if limit.get('cost') == 'items' else ''}" for limit in limits(operation)]
    assert (",".join(told) or "-") == LIMITS.get(f"{method} {path}", "General")


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_operation_is_fully_described(method: str, path: str, operation: dict[str, Any]) -> None:
    """An operation has a summary, a source and a mark of how sure we are, and one kind of failure."""
    del method
    assert len(operation["tags"]) == 1
    assert operation["tags"][0] in [tag["name"] for tag in DOCUMENT["tags"]]
    assert operation["summary"]
    assert operation["x-confidence"] in {"documented", "code", "inferred"}
    assert operation["x-source"]
    assert set(operation["responses"]) == {"200", "default"}
    where = {each["name"]: each["in"] for each in parameters(operation)}
    assert set(re.findall(r"{(\w+)}", path)) == {name for name, place in where.items() if place == "path"}


def test_marks_of_confidence() -> None:
    """What only clients or error messages tell of is marked as such, and nothing else is."""
    marked = defaultdict(set)
    for method, path, operation in operations():
        marked[operation["x-confidence"]].add(f"{method} {path}")
    assert {mark: marked[mark] for mark in LESS_SURE} == LESS_SURE


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_required_parameters(path: str) -> None:
    """A query holds what the venue refuses to do without, and leaves the rest to the caller."""
    found = {
        each["name"]
        for operation in DOCUMENT["paths"][path].values()
        for each in parameters(operation)
        if each["in"] == "query" and each.get("required")
    }
    assert found == REQUIRED_QUERY.get(path, set())


def test_lists_in_queries() -> None:
    """Lists are joined by commas, but those of RFQ, which repeat their key."""
    for _, path, operation in operations():
        for each in parameters(operation):
            if each["schema"].get("type") == "array":
                assert each.get("explode", True) == path.startswith("/rfq/"), (path, each["name"])
                assert ("joined by commas" in each["description"]) != path.startswith("/rfq/")


def test_bodies() -> None:
    """Requests carry the bodies typed a second time, those of DELETE included, and are required."""
    with_body = {
        f"{method} {path}": operation
        for method, path, operation in operations()
        if "requestBody" in operation
    }
    assert {name: body_of(operation) for name, operation in with_body.items()} == BODIES
    assert all(operation["requestBody"]["required"] is True for operation in with_body.values())


def test_windows() -> None:
    """Limits by address are the published windows, and every operation under one agrees on it."""
    found = {}
    for _, _, operation in operations():
        for limit in limits(operation):
            if limit["scope"] == "ip":
                assert set(limit) == {"bucket", "rate", "per", "window", "scope"}
                assert limit["window"] is True
                numbers = (limit["rate"], limit["per"])
                assert found.setdefault(limit["bucket"], numbers) == numbers
    assert found == WINDOWS


def test_tiers_of_signers() -> None:
    """Limits by signer are the published buckets, not enforced, with the lowest tier first."""
    head, *rows = (line.split() for line in TIERS.strip().splitlines())
    assert head == ["tier", "orders", "burst", "cancels", "burst"]
    expected = {
        "SignerOrders": ({row[0]: int(row[1]) for row in rows}, {row[0]: int(row[2]) for row in rows}),
        "SignerCancels": ({row[0]: int(row[3]) for row in rows}, {row[0]: int(row[4]) for row in rows}),
    }
    found = [limit for _, _, each in operations() for limit in limits(each) if limit["scope"] == "signer"]
    assert len(found) == 6
    for limit in found:
        assert (limit["rate"], limit["burst"]) == expected[limit["bucket"]]
        assert list(limit["rate"]) == list(limit["burst"]) == [row[0] for row in rows]
        assert (limit["per"], limit["enforced"]) == (1, False)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_paging(method: str, path: str, operation: dict[str, Any]) -> None:
    """A listing names its cursor, its items and its end, and whatever takes a cursor is a listing."""
    del method
    names = {each["name"] for each in parameters(operation)}
    asked = "offset" if path.startswith("/rfq/") else "next_cursor"
    if asked not in names:
        assert "x-page" not in operation
        return
    assert operation["x-page"] == {
        "request": asked,
        "response": "next_cursor",
        "items": "data",
        "end": "LTE=",
    }
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    schema = SCHEMAS[answer.removeprefix(SCHEMA_REF)]
    assert schema["properties"]["data"]["type"] == "array"
    # a cursor that went missing would cut a listing short without a word
    assert {"data", "next_cursor"} <= {*schema["required"], *(["next_cursor"] if asked == "offset" else [])}


def test_credentials_are_no_parameters() -> None:
    """Headers of the venue are security schemes, and nothing else is sent in headers."""
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert {name: scheme["name"] for name, scheme in schemes.items()} == {
        "l1": "POLY_SIGNATURE",
        "l2": "POLY_API_KEY",
        "builder": "POLY_BUILDER_API_KEY",
    }
    assert not [node for node in nodes(DOCUMENT["paths"]) if node.get("in") == "header"]


def test_secrets_are_marked() -> None:
    """What opens an account is never shown: secrets and passphrases, and keys that need no secret."""
    marked = {
        (name, field)
        for name, schema in SCHEMAS.items()
        for field, prop in schema.get("properties", {}).items()
        if prop.get("format") == "password"
    }
    both = {"ApiKeyResponse", "BuilderApiKeyResponse", "WebSocketAuth"}
    assert marked == {(name, field) for name in both for field in ("secret", "passphrase")} | {
        ("ReadonlyApiKeyResponse", "apiKey"),
        ("ReadonlyApiKeyDeletion", "key"),
    }


@pytest.mark.parametrize("name", [name for name, schema in SCHEMAS.items() if "examples" in schema])
def test_examples_obey_their_schema(name: str) -> None:
    """Every example validates, formats included, and uses only fields the schema has."""
    for example in SCHEMAS[name]["examples"]:
        assert errors({"$ref": SCHEMA_REF + name}, example) == []


def bare(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a body that are written inline and refer to no component."""
    if "$ref" in schema or schema.get("type") == "null":
        return []
    inner = [
        *schema.get("oneOf", []),
        *(schema[key] for key in ("items", "additionalProperties") if key in schema),
    ]
    return [part for each in inner for part in bare(each)] if inner else [schema]


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_bodies_have_examples(method: str, path: str, operation: dict[str, Any]) -> None:
    """What is no component has an example of its own, valid as all are, and the rest one on its component."""
    del method, path
    held = [operation["responses"]["200"], operation.get("requestBody", {"content": {}})]
    for schema in (media["schema"] for each in held for media in each["content"].values()):
        assert "examples" in schema or not bare(schema)
        for example in schema.get("examples", []):
            assert errors(schema, example) == []
        for node in nodes(schema):
            if "$ref" in node:
                assert SCHEMAS[node["$ref"].removeprefix(SCHEMA_REF)]["examples"]


def test_enums() -> None:
    """Enums have the members typed a second time, the empty text where the venue answers one."""
    assert {name: " ".join(value or "-" for value in values) for name, values in ENUMS.items()} == MEMBERS
    prefixes = {name: SCHEMAS[name].get("x-enum-prefix") for name in ENUMS}
    assert {name: prefix for name, prefix in prefixes.items() if prefix} == {
        "OrderStatus": "ORDER_STATUS_",
        "TradeStatus": "TRADE_STATUS_",
    }
    inline = [node for schema in SCHEMAS.values() for node in nodes(schema.get("properties", {}))]
    assert not [node for node in [*inline, *nodes(DOCUMENT["paths"])] if isinstance(node.get("enum"), list)]


@pytest.mark.parametrize(
    ("channel", "word", "frames"),
    [
        *(pytest.param(channel, "event_type", frames, id=channel) for channel, frames in FRAMES.items()),
        pytest.param("LiveEvent", "type", LIVE_FRAMES, id="LiveEvent"),
    ],
)
def test_frames(channel: str, word: str, frames: dict[str, str]) -> None:
    """A channel is a union whose tag names the frame, and each of its frames requires that tag."""
    union = SCHEMAS[channel]
    expected = {tag: SCHEMA_REF + name for tag, name in frames.items()}
    assert union["discriminator"] == {"propertyName": word, "mapping": expected}
    assert [member["$ref"] for member in union["oneOf"]] == list(expected.values())
    for tag, name in frames.items():
        assert SCHEMAS[name]["properties"][word] == {"const": tag}
        assert word in SCHEMAS[name]["required"]
        assert SCHEMAS[name]["examples"]


def test_frames_without_a_tag() -> None:
    """Every field of a game is optional and its score is text; prices of the live channel are decimals."""
    assert "required" not in SCHEMAS["SportsResult"]
    assert SCHEMAS["SportsResult"]["properties"]["score"]["type"] == "string"
    for name in ("LivePrice", "LivePricePoint"):
        value = SCHEMAS[name]["properties"]["value"]
        assert (value["type"], value["format"]) == ("number", "decimal")
        assert set(SCHEMAS[name]["required"]) >= {"timestamp", "value"}
    assert all(SCHEMAS[name]["examples"] for name in PLAIN_FRAMES | SENT_FRAMES)


def test_frames_keep_text() -> None:
    """No price, size or time of a frame is made a number: readers turn into numbers what they need."""
    names = {name for frames in FRAMES.values() for name in frames.values()}
    names |= {"BookLevel", "PriceChangeMessage", "TradeMakerOrder"}
    for name in names:
        props = SCHEMAS[name]["properties"]
        assert not [
            node for node in nodes(props) if node.get("format") == "decimal" or node.get("type") == "number"
        ]


def test_every_schema_is_described_and_used() -> None:
    """Schemas tell what they are, and none is left over but whole frames."""
    used = {
        node["$ref"].removeprefix(SCHEMA_REF) for node in nodes(DOCUMENT) if isinstance(node.get("$ref"), str)
    }
    obvious = {"Side", "SortDirection", "SubscriptionOperation"}
    assert {name for name, schema in SCHEMAS.items() if not schema.get("description")} == obvious
    assert set(SCHEMAS) - used == {*FRAMES, "LiveEvent", *PLAIN_FRAMES, *SENT_FRAMES}


def test_numbers_have_a_format() -> None:
    """Integers say their width and numbers are decimals: no money becomes a float."""
    for node in nodes(DOCUMENT):
        if node.get("type") == "integer":
            assert node["format"] in ("int32", "int64")
        if node.get("type") == "number":
            assert node["format"] == "decimal"


def test_what_may_be_empty_is_text() -> None:
    """Fields the venue fills with the empty string are plain text that says so, never a decimal."""
    for name, field in (
        ("OrderBookSummary", "last_trade_price"),
        ("SendOrderResponse", "makingAmount"),
        ("SendOrderResponse", "takingAmount"),
        ("MultiMarketInfo", "end_date"),
    ):
        prop = SCHEMAS[name]["properties"][field]
        assert prop["type"] == "string"
        assert "format" not in prop
        assert "empty" in prop["description"]


def test_orders_of_all_versions() -> None:
    """One order schema takes V1 as well as V2 and V3 orders, and requires what all of them have."""
    order = SCHEMAS["Order"]
    both = "salt maker signer tokenId makerAmount takerAmount side expiration signatureType signature"
    assert set(order["required"]) == set(both.split())
    assert set(order["properties"]) - set(order["required"]) == {
        *("taker", "nonce", "feeRateBps"),
        *("timestamp", "metadata", "builder"),
    }
    numbers = {name for name, prop in order["properties"].items() if prop.get("type") == "integer"}
    assert numbers == {"salt", "signatureType"}
