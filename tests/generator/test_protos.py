"""Protos are what they claim: the venue's numbers where they are known, marked ones where they are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from proto_words import CALLS, ENUMS, MESSAGES, PARTLY, UNPUBLISHED_CALLS

from polyspec.us.protos import ours
from tests.contract.spec import US

ROOT = Path(__file__).resolve().parents[2]
PROTOS = sorted((ROOT / "specs/proto").rglob("*.proto"))
MARK = "assigned here, not the venue's"
NUMBERED = re.compile(r"^ +(?P<what>[^/\n]*?)(?P<name>\w+) = (?P<number>\d+);(?P<rest>.*)$", re.M)
BLOCK = re.compile(r"^(?P<kind>message|enum) (?P<name>\w+) \{(?:\}$|\n(?P<body>.*?)^\})", re.M | re.S)

# shown by quickstarts of the past alone, and read over REST
PAST = {
    ("InsertOrderResponse", "order"),
    ("SearchOrdersRequest", "symbols"),
    ("SearchOrdersRequest", "stateFilter"),
    ("SearchOrdersResponse", "orders"),
}
# not on gRPC: tokens, errors, lines of REST streams, and what no service is documented for
REST = re.compile(
    r"^(Token|Status|ListIncentives|Incentive|GetIncentives|UserReward|DownloadAccount|ListSports)|Line$"
)
RENAMED = {"KYCAddressRequest": "KYCAddress"}
# int32 and string are spelled alike in JSON and protobuf, the others are not
TYPES = {
    ("boolean", None): "bool",
    ("integer", "int32"): "int32",
    ("number", "decimal"): "double",
    ("string", "int64"): "int64",
    ("string", "date-time"): "google.protobuf.Timestamp",
}
BYTES = {("DownloadPositionLedgerResponse", "data"), ("DownloadBalanceLedgerResponse", "data")}


@cache
def blocks() -> dict[str, tuple[str, str]]:
    """Return the kind and the text of every message and enum."""
    found: dict[str, tuple[str, str]] = {}
    for path in PROTOS:
        for match in BLOCK.finditer(path.read_text()):
            assert match["name"] not in found, f"{match['name']} is there twice"
            found[match["name"]] = match["kind"], match["body"] or ""
    return found


def numbers(name: str) -> dict[str, tuple[int, str]]:
    """Return the number of every field or member, and the comment behind it."""
    return {m["name"]: (int(m["number"]), m["rest"]) for m in NUMBERED.finditer(blocks()[name][1])}


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_confirmed_messages_have_the_numbers_of_the_venue(name: str) -> None:
    """Every field of a confirmed message has its number and its presence, and there is no other."""
    full = MESSAGES[name].get("", f"polymarket.v1.{name}")
    found = {
        field.name: f"{'optional ' if field.has_presence and not field.message_type else ''}{field.number}"
        for field in ours().message(full).DESCRIPTOR.fields
    }
    assert found == {field: number for field, number in MESSAGES[name].items() if field}


@pytest.mark.parametrize(("message", "field"), sorted(PARTLY))
def test_single_confirmed_numbers(message: str, field: str) -> None:
    """A field that is known in an otherwise unknown message has its number, without a mark."""
    assert numbers(message)[field] == (PARTLY[message, field], "")


@pytest.mark.parametrize(("message", "number"), [("Order", 35), ("GetKYCStatusResponse", 3)])
def test_reserved_numbers_stay_free(message: str, number: int) -> None:
    """A number the venue reserved is reserved here, so that no field can take it."""
    assert f"  reserved {number};\n" in blocks()[message][1]


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_confirmed_enums_have_the_numbers_of_the_venue(name: str) -> None:
    """Members whose numbers are published have them, all of them and no others."""
    found = {member: number for member, (number, comment) in numbers(name).items() if MARK not in comment}
    assert found == ENUMS[name]


def test_unknown_numbers_are_marked_and_far_away() -> None:
    """A number is typed a second time as confirmed, or marked and at least 1000; zero has no choice."""
    known = {(name, field) for name, fields in MESSAGES.items() for field in fields}
    known |= PARTLY.keys() | {(name, member) for name, members in ENUMS.items() for member in members}
    for name, (kind, _) in blocks().items():
        for field, (number, comment) in numbers(name).items():
            if (name, field) in known:
                assert number < 1000, f"{name}.{field}"
            else:
                assert MARK in comment, f"{name}.{field} is not marked"
                assert number >= 1000 or (kind == "enum" and number == 0), f"{name}.{field}"
                assert not 19000 <= number <= 19999, f"{name}.{field} is reserved for protobuf itself"


@pytest.mark.parametrize("path", PROTOS, ids=lambda path: path.name)
def test_every_file_says_what_its_numbers_are(path: Path) -> None:
    """The head of a file tells whether to trust its numbers, in words that are true of it."""
    head, _, text = path.read_text().partition("\nsyntax")
    found = {int(m["number"]) >= 1000 for m in NUMBERED.finditer(text) if m["number"] != "0"}
    said = {
        frozenset({True, False}): "Numbers below 1000 are the venue's; those from 1000 on stand in",
        frozenset({True}): "No number of a field is the venue's: those from 1000 on stand in",
        frozenset({False}): "Every number is as the venue has it.",
        frozenset(): "There are no fields in here whose numbers could be wrong.",
    }
    assert said[frozenset(found)] in head


def test_the_text_is_what_is_compiled() -> None:
    """The numbers read from the text above are those of the compiled descriptors."""
    for name in ours().files:
        file = ours().pool.FindFileByName(name)
        for found in file.message_types_by_name.values():
            assert {f.name: f.number for f in found.fields} == {
                f: n for f, (n, _) in numbers(found.name).items()
            }
        for enum in file.enum_types_by_name.values():
            assert {v.name: v.number for v in enum.values} == {
                v: n for v, (n, _) in numbers(enum.name).items()
            }


def test_calls_are_those_of_the_venue() -> None:
    """Every documented service has its calls, streaming as documented, and no others but those we named."""
    found = {}
    for name in ours().files:
        for service in ours().pool.FindFileByName(name).services_by_name.values():
            for method in service.methods:
                streams = (method.client_streaming, method.server_streaming)
                found[f"{service.full_name}/{method.name}"] = streams
                assert method.input_type.name == f"{method.name}Request"
                assert method.output_type.name == f"{method.name}Response"
    assert found == CALLS | dict.fromkeys(UNPUBLISHED_CALLS, (False, False))


def test_calls_whose_names_are_ours_are_marked() -> None:
    """A call whose name is not published says so."""
    marked = set()
    for path in PROTOS:
        marked |= set(re.findall(rf"  // name {MARK}\n  rpc (\w+)\(", path.read_text()))
    assert marked == {name.rpartition("/")[2] for name in UNPUBLISHED_CALLS}


def camel(name: str) -> str:
    """Spell a name of a proto as its JSON has it; a name of JSON stays as it is."""
    return re.sub(r"_(.)", lambda match: match[1].upper(), name)


def test_enums_have_the_members_of_the_openapi_spec() -> None:
    """Both specs of one venue list the same members, in the same order."""
    expected = {name: schema["enum"] for name, schema in US.schemas.items() if "enum" in schema}
    assert {name: list(numbers(name)) for name, (kind, _) in blocks().items() if kind == "enum"} == expected


def described() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schemas of bodies whose fields are known."""
    for name, schema in US.schemas.items():
        if "enum" not in schema and not schema.get("x-unpublished") and not REST.search(name):
            yield name, schema.get("properties") or {}


@pytest.mark.parametrize(("name", "properties"), [pytest.param(*each, id=each[0]) for each in described()])
def test_messages_have_the_fields_of_the_openapi_spec(name: str, properties: dict[str, Any]) -> None:
    """A message has the fields of its schema, of the same types; more only where JSON has a path."""
    found = dict(fields(RENAMED.get(name, name)))
    expected = {
        camel(field): typed(name, field, schema)
        for field, schema in properties.items()
        if (name, field) not in PAST
    }
    assert {field: found.get(field) for field in expected} == expected
    assert found.keys() - expected.keys() <= IN_PATHS.get(name, set())


# what JSON has in the path or nowhere, and protobuf in the message
IN_PATHS = {
    "BookEntry": {"symbolSubType"},
    "UpdateFundingAccountRequest": {"id"},
    "AcceptQuoteRequest": {"rfqId", "quoteId"},
    "ConfirmQuoteRequest": {"rfqId", "quoteId"},
}


def fields(name: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of a message by their names in JSON, with their types but without presence."""
    for match in NUMBERED.finditer(blocks()[name][1]):
        yield (
            camel(match["name"]),
            match["what"].strip().removeprefix("optional ").replace("polymarket.v1.", ""),
        )


def typed(message: str, field: str, schema: dict[str, Any]) -> str:
    """Say what the type of a property is in protobuf."""
    if "oneOf" in schema:
        schema = next(part for part in schema["oneOf"] if part.get("type") != "null")
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return RENAMED.get(name, name)
    if schema["type"] == "array":
        return f"repeated {typed(message, field, schema['items'])}"
    if schema["type"] == "object":
        key = schema.get("x-key-format", "string")
        return f"map<{key}, {typed(message, field, schema['additionalProperties'])}>"
    if (message, field) in BYTES:
        return "bytes"
    return TYPES.get((schema["type"], schema.get("format")), "string")
