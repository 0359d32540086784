"""What may be sent, judged value by value: by the rules of protobuf JSON, or strictly where JSON is plain."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final, Literal

from jsonschema import FormatChecker

from tests.contract.spec import Operation, Spec, snake

__all__ = ["FORMATS", "Verdict", "body_verdict", "loaded", "query_verdict", "verdict", "worst"]

Verdict = Literal["good", "bad", "open"]
"""What is made of a value: read, refused, or left to the implementation."""

# reference data takes an unknown enum name for the zero member
LENIENT_ENUMS: Final = frozenset({"RefDataAPI_ListInstruments"})

_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?")
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d*)")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_RANGE: Final = {"int32": 2**31, "int64": 2**63}

FORMATS: Final = FormatChecker(formats=())


def _checks(name: str) -> Callable[[Callable[[object], bool]], Callable[[object], bool]]:
    return FORMATS.checks(name, (ValueError, ArithmeticError))


@_checks("int64")
def _is_int64(value: object) -> bool:
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        return False
    return not isinstance(value, str | int) or -(2**63) <= int(value) < 2**63


@_checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@_checks("decimal")
def _is_decimal(value: object) -> bool:
    return not isinstance(value, str) or _DECIMAL.fullmatch(value) is not None


@_checks("date")
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or (
        _DAY.fullmatch(value) is not None and bool(date.fromisoformat(value))
    )


@_checks("date-time")
def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return (
        _MOMENT.fullmatch(value) is not None
        and datetime.fromisoformat(_to_microseconds(value)).tzinfo is not None
    )


def _to_microseconds(text: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def loaded(text: bytes) -> Any:
    """Read JSON; raises ValueError, also for what it does not have, and for a key that is there twice."""
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


# -- queries --


def query_verdict(operation: Operation, parameter: dict[str, Any], texts: list[str]) -> Verdict:
    """Judge the values of one query parameter."""
    resolved = operation.spec.resolved
    schema = resolved(parameter["schema"])
    if not texts:
        return "bad" if parameter.get("required") else "good"
    if "oneOf" in schema:
        either = [query_verdict(operation, {"schema": each}, texts) for each in schema["oneOf"]]
        return next((each for each in ("good", "open") if each in either), "bad")
    if schema["type"] == "array":
        if not parameter.get("explode", True):
            texts = [part for text in texts for part in text.split(",")]
        return worst(_text_verdict(resolved(schema["items"]), text) for text in texts)
    return _text_verdict(schema, texts[0]) if len(texts) == 1 else "open"


def _text_verdict(schema: dict[str, Any], text: str) -> Verdict:
    if schema["type"] == "boolean":
        if text in ("true", "false"):
            return "good"
        return "open" if text.lower() in ("1", "0", "t", "f", "true", "false") else "bad"
    if schema["type"] == "integer":
        return _integer_verdict(schema["format"], text)
    if "enum" in schema and text not in schema["enum"]:
        # nothing is as good as absent to some readers
        return "open" if not text or _INTEGER.fullmatch(text) else "bad"
    return _string_verdict(schema, text)


# -- bodies --


def body_verdict(operation: Operation, raw: bytes) -> Verdict:
    """Judge a request body of protobuf JSON."""
    if operation.body is None:
        return "good"
    if not raw.strip():
        return "open"
    try:
        value = loaded(raw)
    except RecursionError:
        return "open"
    except ValueError as error:
        return "open" if "twice" in str(error) else "bad"
    if value is None:
        return "bad"
    return verdict(operation.spec, operation.body, value, lenient_enums=operation.id in LENIENT_ENUMS)


def verdict(spec: Spec, schema: dict[str, Any], value: Any, *, lenient_enums: bool = False) -> Verdict:
    """Judge a JSON value by the schema of a protobuf message or field."""
    schema = spec.resolved(schema)
    if "enum" in schema:
        if isinstance(value, str):
            return "good" if lenient_enums or value in schema["enum"] else "bad"
        # protobuf reads numbers too, but the spec does not know them
        return "open" if isinstance(value, int | float) and not isinstance(value, bool) else "bad"
    kind = schema.get("type")
    if kind == "object":
        return _object_verdict(spec, schema, value, lenient_enums=lenient_enums)
    if kind == "array":
        if not isinstance(value, list):
            return "bad"
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return "bad"
        return worst(verdict(spec, schema["items"], each, lenient_enums=lenient_enums) for each in value)
    if kind == "boolean":
        return "good" if isinstance(value, bool) else "bad"
    if schema.get("format") in _RANGE:
        return _integer_verdict(schema["format"], value)
    if kind == "number":
        return _number_verdict(value)
    return _string_verdict(schema, value)


def _object_verdict(spec: Spec, schema: dict[str, Any], value: Any, *, lenient_enums: bool) -> Verdict:
    if not isinstance(value, dict):
        return "bad"
    found: list[Verdict] = []
    seen: set[str] = set()
    names = {spelled: name for name in schema.get("properties", {}) for spelled in _spellings(name)}
    extra = schema.get("additionalProperties")
    for key, each in value.items():
        if key in names:
            if names[key] in seen:
                found.append("open")
            seen.add(names[key])
            if each is not None:
                inner = schema["properties"][names[key]]
                found.append(verdict(spec, inner, each, lenient_enums=lenient_enums))
            elif names[key] in schema.get("required", ()):
                found.append("bad")
        elif isinstance(extra, dict):
            found.append("bad" if each is None else verdict(spec, extra, each))
    if set(schema.get("required", ())) - seen:
        found.append("bad")
    return worst(found)


@cache
def _spellings(name: str) -> frozenset[str]:
    first, *rest = name.split("_")
    return frozenset({name, snake(name), first + "".join(part[:1].upper() + part[1:] for part in rest)})


def _integer_verdict(kind: str, value: Any) -> Verdict:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return "bad"
    if isinstance(value, int) or (isinstance(value, str) and _INTEGER.fullmatch(value)):
        return "good" if -_RANGE[kind] <= int(value) < _RANGE[kind] else "bad"
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "open" if value == "" else "bad"
    # 5.0 and "5e0" are integers to some readers
    return "open" if number.is_finite() and abs(number) < _RANGE[kind] and number == int(number) else "bad"


def _number_verdict(value: Any) -> Verdict:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return "bad"
    if not isinstance(value, str):
        return "good" if abs(value) < 10**15 else "open"
    try:
        Decimal(value)
    except InvalidOperation:
        return "open" if value == "" else "bad"
    return "open"


def _string_verdict(schema: dict[str, Any], value: Any) -> Verdict:
    if not isinstance(value, str):
        return "bad"
    form = schema.get("format")
    if form == "int64":
        return _integer_verdict("int64", value)
    if form == "decimal" and not _DECIMAL.fullmatch(value):
        try:
            return "open" if value == "" or Decimal(value) is not None else "bad"
        except InvalidOperation:
            return "bad"
    if form == "date":
        return _day_verdict(value)
    if form == "date-time":
        return _moment_verdict(value)
    return "good"


def _day_verdict(text: str) -> Verdict:
    if not text:
        return "open"
    try:
        return "good" if _is_day(text) else "bad"
    except ValueError:
        return "bad"


def _moment_verdict(text: str) -> Verdict:
    try:
        moment = datetime.fromisoformat(_to_microseconds(text))
    except ValueError:
        return "open" if re.search(r"\d{4}", text) else "bad"
    try:
        return "good" if moment.astimezone(UTC) and _is_moment(text) else "open"
    except OverflowError:
        return "bad"


def worst(found: Iterator[Verdict] | list[Verdict]) -> Verdict:
    """Return the verdict on a whole from those on its parts."""
    verdicts = set(found)
    return "bad" if "bad" in verdicts else "open" if "open" in verdicts else "good"
