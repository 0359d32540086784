"""Whatever answer the spec allows, the client reads, and reads as what it says."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polyspec_wire import Operation as WireOperation
from polyspec_wire.us_exchange import OPERATIONS as WIRE

from polyspec.core.codec import decode
from tests.contract.spec import OPERATIONS, Operation, Spelling, resolved, snake

MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
TYPED = [
    pytest.param(each, WIRE[each.id], id=each.id)
    for each in OPERATIONS.values()
    if not resolved(each.answer).get("x-unpublished")
]
ABSENT = object()


def answers(schema: dict[str, Any], spelling: Spelling, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return answers of a schema in a dialect: fields present, absent, null or zero, and unknown ones."""
    schema = resolved(schema)
    if "enum" in schema:
        return st.sampled_from([*schema["enum"], "SOMETHING_NEWER"])
    kind, form = schema["type"], schema.get("format")
    if kind == "array":
        return st.lists(answers(schema["items"], spelling, depth + 1), max_size=2)
    if kind == "object":
        return _objects(schema, spelling, depth)
    if form == "int64":
        numbers = st.integers(-(2**63), 2**63 - 1)
        return numbers if spelling == "snake" else numbers.map(str)
    if form == "decimal":
        numbers = st.decimals(-(10**9), 10**9, places=4)
        return numbers.map(float) if kind == "number" else numbers.map("{:f}".format)
    if form == "date-time":
        return st.tuples(MOMENTS, st.integers(0, 9)).map(_moment)
    plain: dict[str, st.SearchStrategy[Any]] = {
        "string": st.text(st.characters(codec="utf-8"), max_size=8),
        "boolean": st.booleans(),
        "integer": st.integers(-(2**31), 2**31 - 1),
        "number": st.floats(allow_nan=False, allow_infinity=False),
    }
    return plain[kind]


def _objects(schema: dict[str, Any], spelling: Spelling, depth: int) -> st.SearchStrategy[Any]:
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        keys = st.integers(-(2**31), 2**31).map(str) if schema.get("x-key-format") else st.text(max_size=4)
        return st.dictionaries(keys, answers(extra, spelling, depth + 1), max_size=2)
    names = list(schema.get("properties", {}).items())
    needed = set(schema.get("required", ()))
    # deep down little is filled in, or a page of instruments would take all day
    often = 0.6 if depth < 3 else 0.2

    @st.composite
    def filled(draw: st.DrawFn) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in names:
            choice = draw(st.floats(0, 1))
            key = snake(name) if spelling == "snake" else name
            if name in needed or choice < often:
                found[key] = draw(answers(field, spelling, depth + 1))
            elif choice > 0.95:
                found[key] = None
        if draw(st.booleans()):
            found["addedLater"] = {"a": [1, None, "x"]}
        return found

    return filled()


def _moment(given: tuple[dt.datetime, int]) -> str:
    moment, digits = given
    fraction = f"{moment.microsecond:06d}000"[:digits]
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z"


def matches(schema: dict[str, Any], told: Any, read: Any, spelling: Spelling) -> bool:
    """Tell whether what was read is what an answer says; `ABSENT` and null stand for the zero value."""
    marked, schema = bool(schema.get("x-presence")), resolved(schema)
    if told is None or told is ABSENT:
        is_map = isinstance(schema.get("additionalProperties"), dict)
        if marked or schema.get("format") == "date-time" or (schema["type"] == "object" and not is_map):
            return read is None
        # the oldest member of an enum is its zero
        return read == schema["enum"][0] if "enum" in schema else not read
    form = schema.get("format")
    if form in ("int64", "int32"):
        return bool(read == int(told))
    if form == "decimal":
        return isinstance(read, Decimal) and read == Decimal(str(told))
    if form == "date-time":
        return bool(read == _read_moment(told))
    if isinstance(told, list):
        pairs = zip(told, read, strict=True)
        return all(matches(schema["items"], each, other, spelling) for each, other in pairs)
    if isinstance(told, dict):
        return _matches_object(schema, told, read, spelling)
    return bool(read == told)


def _read_moment(text: str) -> dt.datetime:
    head, _, fraction = text.removesuffix("Z").partition(".")
    whole = dt.datetime.fromisoformat(head).replace(tzinfo=dt.UTC)
    return whole + dt.timedelta(microseconds=int(fraction.ljust(6, "0")[:6]))


def _matches_object(schema: dict[str, Any], told: dict[str, Any], read: Any, spelling: Spelling) -> bool:
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        same = {str(key): value for key, value in read.items()}
        return same.keys() == told.keys() and all(
            matches(extra, told[key], same[key], spelling) for key in told
        )
    if not isinstance(read, msgspec.Struct):
        return bool(read == told)
    fields = {field.encode_name: field.name for field in msgspec.structs.fields(read)}
    return all(
        matches(
            field,
            told.get(snake(name) if spelling == "snake" else name, ABSENT),
            getattr(read, fields[name]),
            spelling,
        )
        for name, field in schema.get("properties", {}).items()
    )


@pytest.mark.parametrize("spelling", ["camel", "snake"])
@pytest.mark.parametrize(("operation", "wire"), TYPED)
def test_every_answer_is_read(operation: Operation, wire: WireOperation, spelling: Spelling) -> None:
    """Answers made from the spec decode, in both dialects, to values that say the same, field by field."""
    schema = operation.answer
    spelling = "camel" if operation.is_plain else spelling

    @settings(
        max_examples=25,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(answers(schema, spelling))
    def check(told: Any) -> None:
        read = decode(json.dumps(told).encode(), wire.success[200])
        assert matches(schema, told, read, spelling), (told, read)

    check()
