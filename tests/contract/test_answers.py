"""Whatever answer a spec allows, the client reads, and reads as what it says."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import polyspec_wire
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polyspec_wire import Operation as WireOperation

from polyspec.core.codec import decode
from polyspec.errors import DecodeError
from tests.contract.how_many import EXAMPLES
from tests.contract.spec import CLOB, POLYSIM, US, Operation, Spec, Spelling, snake

MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
ABSENT = object()
NEWER = "SOMETHING_NEWER"
_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(codec="utf-8"), max_size=8),
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "null": st.none(),
}


_ANYTHING: st.SearchStrategy[Any] = st.one_of(_PLAIN["string"], _PLAIN["integer"], st.just({"a": [None]}))
# Without prices the answer is one of candles; the method that reads it says what is missing.
EITHER = {("Books_GetPricesHistory", "p")}


def status_of(operation: Operation) -> int:
    """Return the first status with a body in JSON; 0 if there is none."""
    return next((status for status, kind in operation.good.items() if kind == "application/json"), 0)


def wire_of(operation: Operation) -> WireOperation:
    """Return the generated operation."""
    found: WireOperation = getattr(polyspec_wire, operation.spec.name).OPERATIONS[operation.id]
    return found


TYPED = [
    pytest.param(each, spelling, id=f"{each.id}-{spelling}")
    for spec, spellings in ((US, ("camel", "snake")), (CLOB, ("camel",)), (POLYSIM, ("camel",)))
    for each in spec.operations.values()
    # of protobuf's messages without fields nothing is left to read
    if status_of(each) and (spec.is_plain or not each.is_unpublished)
    for spelling in spellings
]


class Dialect:
    """What answers look like in a spelling of a spec, and what they mean."""

    def __init__(self, spec: Spec, spelling: Spelling) -> None:
        self._resolved = spec.resolved
        self._plain = spec.is_plain
        self._spelling = spelling

    def key(self, name: str) -> str:
        """Spell a key."""
        return snake(name) if self._spelling == "snake" else name

    # -- made --

    def answers(self, schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
        """Return answers of a schema: fields present, absent, null or zero, and unknown ones."""
        schema = self._resolved(schema)
        if "oneOf" in schema:
            return st.one_of(*(self.answers(each, depth) for each in schema["oneOf"]))
        if "enum" in schema:
            prefix = schema.get("x-enum-prefix", "")
            known = [*schema["enum"], NEWER]
            return st.sampled_from(known) | st.sampled_from(known).map(lambda value: f"{prefix}{value}")
        if "type" not in schema:
            return _ANYTHING
        if isinstance(schema["type"], list):
            kinds = ({**schema, "type": each} for each in schema["type"])
            return st.one_of(*(self.answers(each, depth) for each in kinds))
        if schema["type"] == "array":
            return st.lists(self.answers(schema["items"], depth + 1), max_size=2)
        return self._objects(schema, depth) if schema["type"] == "object" else self._scalars(schema)

    def _scalars(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        kind, form = schema["type"], schema.get("format")
        if form == "decimal":
            numbers = st.decimals(-(10**9), 10**9, places=4)
            texts = numbers.map("{:f}".format)
            if self._plain:
                # at times a string and at times a number, whatever is written
                return numbers.map(float) | texts
            return numbers.map(float) if kind == "number" else texts
        if form == "int64":
            whole = st.integers(-(2**63), 2**63 - 1)
            if self._plain:
                return whole | whole.map(str)
            return whole if self._spelling == "snake" else whole.map(str)
        if form == "date-time":
            return st.tuples(MOMENTS, st.integers(0, 9)).map(_moment)
        return _PLAIN[kind]

    def _objects(self, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            numbered = schema.get("x-key-format")
            keys = st.integers(-(2**31), 2**31).map(str) if numbered else st.text(max_size=4)
            return st.dictionaries(keys, self.answers(extra, depth + 1), max_size=2)
        names = list(schema.get("properties", {}).items())
        needed = set(schema.get("required", ()))
        # deep down little is filled in, or a page of instruments would take all day
        often = 0.6 if depth < 3 else 0.2

        @st.composite
        def filled(draw: st.DrawFn) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for name, field in names:
                choice = draw(st.floats(0, 1))
                key = self.key(name)
                if name in needed or choice < often:
                    found[key] = draw(self.answers(field, depth + 1))
                elif choice > 0.95:
                    found[key] = None
                if choice > 0.95 and self._plain and self._is_many(field):
                    # what is needed may be written so as well, if it can be empty
                    found[key] = None
            if draw(st.booleans()):
                found["addedLater"] = {"a": [1, None, "x"]}
            return found

        return filled()

    def _is_many(self, schema: dict[str, Any]) -> bool:
        schema = self._resolved(schema)
        return schema.get("type") == "array" or isinstance(schema.get("additionalProperties"), dict)

    # -- read --

    def matches(self, schema: dict[str, Any], told: Any, read: Any, *, needed: bool = True) -> bool:
        """Tell whether what was read is what an answer says; `ABSENT` and null are nothing."""
        marked, schema = bool(schema.get("x-presence")), self._resolved(schema)
        if "oneOf" in schema:
            fitting = (each for each in schema["oneOf"] if self._may_be(each, told))
            return any(self.matches(each, told, read) for each in fitting)
        if "type" not in schema and "enum" not in schema:
            return bool(read == (None if told is ABSENT else told))
        if told is None or told is ABSENT:
            return self._matches_nothing(schema, read, marked=marked, needed=needed)
        form = schema.get("format")
        if "enum" in schema:
            return bool(read == told.removeprefix(schema.get("x-enum-prefix", "")))
        if form in ("int64", "int32"):
            return bool(read == int(told))
        if form == "decimal":
            return isinstance(read, Decimal) and read == Decimal(str(told))
        if form == "date-time":
            return bool(read == _read_moment(told))
        if isinstance(told, list):
            pairs = zip(told, read, strict=True)
            return all(self.matches(schema["items"], each, other) for each, other in pairs)
        return self._matches_object(schema, told, read) if isinstance(told, dict) else bool(read == told)

    def _may_be(self, schema: dict[str, Any], told: Any) -> bool:
        kinds: dict[str, type] = {"object": dict, "array": list, "string": str, "null": type(None)}
        schema = self._resolved(schema)
        if schema.get("format") == "decimal":
            return isinstance(told, str | int | float)
        return isinstance(told, kinds[schema["type"]])

    def _matches_nothing(self, schema: dict[str, Any], read: Any, *, marked: bool, needed: bool) -> bool:
        if self._plain:
            # only what may be empty is written as null where something is needed
            return bool(not read if needed else read == schema.get("default"))
        is_map = isinstance(schema.get("additionalProperties"), dict)
        if marked or schema.get("format") == "date-time" or (schema["type"] == "object" and not is_map):
            return read is None
        # the oldest member of an enum is its zero
        return read == schema["enum"][0] if "enum" in schema else not read

    def _matches_object(self, schema: dict[str, Any], told: dict[str, Any], read: Any) -> bool:
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            same = {str(key): value for key, value in read.items()}
            return same.keys() == told.keys() and all(
                self.matches(extra, told[key], same[key]) for key in told
            )
        if not isinstance(read, msgspec.Struct):
            return bool(read == told)
        fields = {field.encode_name: field.name for field in msgspec.structs.fields(read)}
        return all(
            # a field of another of several types is none of this one
            name in fields
            and self.matches(
                field,
                told.get(self.key(name), ABSENT),
                getattr(read, fields[name]),
                needed=name in schema.get("required", ()),
            )
            for name, field in schema.get("properties", {}).items()
        )


def _moment(given: tuple[dt.datetime, int]) -> str:
    moment, digits = given
    fraction = f"{moment.microsecond:06d}000"[:digits]
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z"


def _read_moment(text: str) -> dt.datetime:
    head, _, fraction = text.removesuffix("Z").partition(".")
    whole = dt.datetime.fromisoformat(head).replace(tzinfo=dt.UTC)
    return whole + dt.timedelta(microseconds=int(fraction.ljust(6, "0")[:6]))


@pytest.mark.parametrize(("operation", "spelling"), TYPED)
def test_every_answer_is_read(operation: Operation, spelling: Spelling) -> None:
    """Answers made from the spec decode, in all dialects, to values that say the same, field by field."""
    schema, kind = operation.answer, wire_of(operation).success[status_of(operation)]
    dialect = Dialect(operation.spec, "camel" if operation.is_plain else spelling)

    @settings(
        max_examples=int(EXAMPLES or 8),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(dialect.answers(schema))
    def check(told: Any) -> None:
        read = decode(json.dumps(told).encode(), kind)
        assert dialect.matches(schema, told, read), (told, read)

    check()


# -- what must not be missing --


def whole(spec: Spec, schema: dict[str, Any]) -> Any:
    """Return an answer of plain JSON with everything in it, one of each."""
    schema = spec.resolved(schema)
    if "oneOf" in schema:
        return whole(spec, schema["oneOf"][0])
    if "type" not in schema:
        return "1"
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if kind == "array":
        return [whole(spec, schema["items"])]
    if kind == "object":
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            return {"key": whole(spec, extra)}
        return {name: whole(spec, field) for name, field in schema.get("properties", {}).items()}
    if "enum" in schema:
        return schema["enum"][0]
    return {"string": "1", "integer": 1, "number": 1, "boolean": True}[kind]


def needed(
    spec: Spec, schema: dict[str, Any], value: Any, path: str = "$"
) -> Iterator[tuple[str, list[Any]]]:
    """Yield where something needed is in a value, each with the keys that lead there."""
    schema = spec.resolved(schema)
    if "oneOf" in schema:
        yield from needed(spec, schema["oneOf"][0], value, path)
    elif isinstance(value, list):
        for name, keys in needed(spec, schema["items"], value[0], f"{path}[0]"):
            yield name, [0, *keys]
    elif isinstance(value, dict):
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            for name, keys in needed(spec, extra, value["key"], f"{path}[...]"):
                yield name, ["key", *keys]
        for name, field in schema.get("properties", {}).items():
            if name in schema.get("required", ()):
                yield path, [name]
            for inner, keys in needed(spec, field, value[name], f"{path}.{name}"):
                yield inner, [name, *keys]


NEEDY = [
    pytest.param(each, id=each.id)
    for spec in (CLOB, POLYSIM)
    for each in spec.operations.values()
    if status_of(each) and list(needed(spec, each.answer, whole(spec, each.answer)))
]


@pytest.mark.parametrize("operation", NEEDY)
def test_what_is_needed_is_missed_by_name(operation: Operation) -> None:
    """An answer of plain JSON without something the spec requires is an error that says what and where."""
    schema, kind = operation.answer, wire_of(operation).success[status_of(operation)]
    full = whole(operation.spec, schema)
    decode(json.dumps(full).encode(), kind)
    for path, keys in needed(operation.spec, schema, full):
        if operation.spec is POLYSIM and (operation.id, keys[-1]) in EITHER:
            continue
        told = copy.deepcopy(full)
        holder = told
        for key in keys[:-1]:
            holder = holder[key]
        del holder[keys[-1]]
        with pytest.raises(DecodeError) as caught:
            decode(json.dumps(told).encode(), kind)
        assert f"`{keys[-1]}`" in str(caught.value)
        assert f"`{path}`" in str(caught.value) or path == "$", str(caught.value)


@pytest.mark.parametrize("operation", NEEDY)
def test_what_is_of_another_kind_is_told_by_path(operation: Operation) -> None:
    """An object where a word or a number must be is an error that says where."""
    schema, kind = operation.answer, wire_of(operation).success[status_of(operation)]
    full = whole(operation.spec, schema)
    for path, keys in needed(operation.spec, schema, full):
        if operation.spec is POLYSIM and (operation.id, keys[-1]) in EITHER:
            continue
        told = copy.deepcopy(full)
        holder = told
        for key in keys[:-1]:
            holder = holder[key]
        if not isinstance(holder[keys[-1]], str | int):
            continue
        holder[keys[-1]] = {"a": 1}
        with pytest.raises(DecodeError) as caught:
            decode(json.dumps(told).encode(), kind)
        assert f"`{path}.{keys[-1]}`" in str(caught.value)
