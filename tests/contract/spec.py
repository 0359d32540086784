"""The spec of the US exchange as a judge: what it lets be asked and answered, by the rules of protobuf JSON.

Nothing here uses the generated package, the client or the sandbox, so that none of them can be wrong
together with the judge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, unquote

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

__all__ = ["DOCUMENT", "OPERATIONS", "SCHEMAS", "Operation", "Spelling", "Verdict", "find", "snake"]

Verdict = Literal["good", "bad", "open"]
"""What protobuf JSON makes of a value: read, refused, or left to the implementation."""
Spelling = Literal["camel", "snake"]

SPEC: Final = Path(__file__).resolve().parents[2] / "specs" / "us_exchange.openapi.yaml"
DOCUMENT: Final[dict[str, Any]] = yaml.load(
    SPEC.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
SCHEMAS: Final[dict[str, Any]] = DOCUMENT["components"]["schemas"]
METHODS: Final = ("get", "put", "post", "delete", "patch")
# reference data takes an unknown enum name for the zero member
LENIENT_ENUMS: Final = frozenset({"RefDataAPI_ListInstruments"})

_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?")
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d*)")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_RANGE: Final = {"int32": 2**31, "int64": 2**63}


def snake(name: str) -> str:
    """Return a name in snake_case."""
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference to a component; what stands beside it is kept."""
    if "$ref" not in schema:
        return schema
    found: Any = DOCUMENT
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}


@dataclass(frozen=True)
class Operation:
    """One operation of the spec."""

    id: str
    method: str
    path: str
    tag: str
    raw: dict[str, Any] = field(repr=False)

    @property
    def security(self) -> list[dict[str, list[str]]]:
        """Alternatives of schemes with their scopes."""
        return list(self.raw["security"])

    @property
    def schemes(self) -> set[str]:
        """Every scheme some alternative names."""
        return {name for alternative in self.security for name in alternative}

    @property
    def needs_participant(self) -> bool:
        """Whether no alternative does without the participant."""
        return bool(self.security) and all("participantId" in each for each in self.security)

    @property
    def scope(self) -> str | None:
        """The scope demanded, if the operation is not open."""
        return next((each["accessToken"][0] for each in self.security), None)

    @property
    def is_stream(self) -> bool:
        """Whether the answer is one JSON value per line."""
        return self.raw.get("x-stream") == "lines"

    @property
    def is_plain(self) -> bool:
        """Whether bodies are ordinary JSON, not protobuf's."""
        return self.raw.get("x-json") == "plain"

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Path and query parameters."""
        return [resolved(each) for each in self.raw.get("parameters", [])]

    @property
    def body(self) -> dict[str, Any] | None:
        """Schema of the request body."""
        if "requestBody" not in self.raw:
            return None
        return dict(self.raw["requestBody"]["content"]["application/json"]["schema"])

    @property
    def example(self) -> Any:
        """A body the spec shows, for calls that are refused before anybody reads them."""
        return None if self.body is None else resolved(self.body)["examples"][0]

    @property
    def answer(self) -> dict[str, Any]:
        """Schema of a good answer, or of one line of it."""
        return dict(self.raw["responses"]["200"]["content"]["application/json"]["schema"])

    @property
    def failure(self) -> dict[str, Any]:
        """Schema of every other answer."""
        return dict(resolved(self.raw["responses"]["default"])["content"]["application/json"]["schema"])

    def filled(self, value: str = "unknown") -> str:
        """Return the path with every placeholder filled."""
        return re.sub(r"{\w+}", value, self.path)


OPERATIONS: Final = {
    item[method]["operationId"]: Operation(
        item[method]["operationId"], method.upper(), path, item[method]["tags"][0], item[method]
    )
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
}
# a fixed path goes before a template that would match it too
_ROUTES: Final = [
    (each.method, re.compile(re.sub(r"{\w+}", "[^/]+", each.path)), each)
    for each in sorted(OPERATIONS.values(), key=lambda each: each.path.count("{"))
]


def find(method: str, path: str) -> Operation | None:
    """Return the operation behind a method and a path as sent."""
    return next((op for verb, pattern, op in _ROUTES if verb == method and pattern.fullmatch(path)), None)


# -- answers, and what a client sends: judged by JSON Schema --

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


@cache
def _components(spelling: Spelling, *, sent: bool) -> dict[str, Any]:
    return {name: _shaped(schema, spelling, sent=sent) for name, schema in SCHEMAS.items()}


def _shaped(schema: Any, spelling: Spelling, *, sent: bool) -> Any:
    """Close objects, and spell keys and numbers as a dialect does; requests may send numbers for int64."""
    if isinstance(schema, list):
        return [_shaped(each, spelling, sent=sent) for each in schema]
    if not isinstance(schema, dict):
        return schema
    shaped = {
        key: _shaped(value, spelling, sent=sent)
        for key, value in schema.items()
        if key not in ("examples", "properties", "description", "required")
    }
    if schema.get("format") == "int64":
        shaped["type"] = ["string", "integer"] if sent else "integer" if spelling == "snake" else "string"
    if isinstance(schema.get("required"), list):
        shaped["required"] = schema["required"]
    if isinstance(schema.get("properties"), dict):
        shaped["properties"] = {
            _spelled(name, spelling): _shaped(each, spelling, sent=sent)
            for name, each in schema["properties"].items()
        }
        shaped["additionalProperties"] = False
        shaped["required"] = [_spelled(name, spelling) for name in schema.get("required", [])]
    return shaped


def _spelled(name: str, spelling: Spelling) -> str:
    return snake(name) if spelling == "snake" else name


@cache
def _validator(reference: str, spelling: Spelling, *, sent: bool) -> Validator:
    components = {"schemas": _components(spelling, sent=sent)}
    return Draft202012Validator({"$ref": reference, "components": components}, format_checker=FORMATS)


def _findings(schema: dict[str, Any], value: Any, spelling: Spelling, *, sent: bool = False) -> list[str]:
    errors = _validator(schema["$ref"], spelling, sent=sent).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


def _loaded(text: bytes) -> Any:
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def answer_findings(operation: Operation, status: int, raw: bytes, spelling: Spelling = "camel") -> list[str]:
    """Tell what the spec does not allow in the body of an answer; `spelling` is the dialect's."""
    schema = operation.answer if status == 200 else operation.failure
    if operation.is_plain or status != 200:
        spelling = "camel"
    lines = [raw]
    if operation.is_stream and status == 200:
        if raw and not raw.endswith(b"\n"):
            return ["the last line of the stream has no end"]
        lines = raw.splitlines()
    found: list[str] = []
    for line in lines:
        try:
            found += _findings(schema, _loaded(line), spelling)
        except ValueError as error:
            found.append(f"no JSON: {error}")
    return found


def request_findings(operation: Operation, raw_path: str, query: str, raw: bytes) -> list[str]:
    """Tell what the spec does not allow in a request: path, query and body, each as sent."""
    found = [] if find(operation.method, raw_path) == operation else [f"{raw_path} is not {operation.path}"]
    known = {each["name"]: each for each in operation.parameters if each["in"] == "query"}
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    for name in sorted(known.keys() | {name for name, _ in pairs}):
        texts = [text for key, text in pairs if key == name]
        if name not in known:
            found.append(f"query {name} is not in the spec")
        elif query_verdict(operation, known[name], texts) != "good":
            found.append(f"query {name}={texts} is not what the spec says")
    if operation.body is None:
        return [*found, "a body nobody asked for"] if raw else found
    return found + _findings(operation.body, _loaded(raw), "camel", sent=True)


# -- what protobuf JSON reads: judged value by value --


def query_verdict(operation: Operation, parameter: dict[str, Any], texts: list[str]) -> Verdict:
    """Judge the values of one query parameter."""
    schema = resolved(parameter["schema"])
    if not texts:
        return "bad" if parameter.get("required") else "good"
    if schema["type"] == "array":
        return _worst(_text_verdict(resolved(schema["items"]), text) for text in texts)
    return _text_verdict(schema, texts[0]) if len(texts) == 1 else "open"


def _text_verdict(schema: dict[str, Any], text: str) -> Verdict:
    if schema["type"] == "boolean":
        if text in ("true", "false"):
            return "good"
        return "open" if text.lower() in ("1", "0", "t", "f", "true", "false") else "bad"
    if schema["type"] == "integer":
        return _integer_verdict(schema["format"], text)
    if "enum" in schema and text not in schema["enum"]:
        return "open" if _INTEGER.fullmatch(text) else "bad"
    return _string_verdict(schema, text)


def body_verdict(operation: Operation, raw: bytes) -> Verdict:
    """Judge a request body."""
    if operation.body is None:
        return "good"
    if not raw.strip():
        return "open"
    try:
        value = json.loads(raw, parse_constant=_no_constant, object_pairs_hook=_once)
    except RecursionError:
        return "open"
    except ValueError as error:
        return "open" if "twice" in str(error) else "bad"
    if value is None:
        return "bad"
    return verdict(operation.body, value, lenient_enums=operation.id in LENIENT_ENUMS)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def verdict(schema: dict[str, Any], value: Any, *, lenient_enums: bool = False) -> Verdict:
    """Judge a JSON value by the schema of a protobuf message or field."""
    schema = resolved(schema)
    if "enum" in schema:
        if isinstance(value, str):
            return "good" if lenient_enums or value in schema["enum"] else "bad"
        # protobuf reads numbers too, but the spec does not know them
        return "open" if isinstance(value, int | float) and not isinstance(value, bool) else "bad"
    kind = schema.get("type")
    if kind == "object":
        return _object_verdict(schema, value, lenient_enums=lenient_enums)
    if kind == "array":
        if not isinstance(value, list):
            return "bad"
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return "bad"
        return _worst(verdict(schema["items"], each, lenient_enums=lenient_enums) for each in value)
    if kind == "boolean":
        return "good" if isinstance(value, bool) else "bad"
    if schema.get("format") in _RANGE:
        return _integer_verdict(schema["format"], value)
    if kind == "number":
        return _number_verdict(value)
    return _string_verdict(schema, value)


def _object_verdict(schema: dict[str, Any], value: Any, *, lenient_enums: bool) -> Verdict:
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
                found.append(verdict(inner, each, lenient_enums=lenient_enums))
            elif names[key] in schema.get("required", ()):
                found.append("bad")
        elif isinstance(extra, dict):
            found.append("bad" if each is None else verdict(extra, each))
    if set(schema.get("required", ())) - seen:
        found.append("bad")
    return _worst(found)


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
    if form == "date-time":
        return _moment_verdict(value)
    return "good"


def _moment_verdict(text: str) -> Verdict:
    try:
        moment = datetime.fromisoformat(_to_microseconds(text))
    except ValueError:
        return "open" if re.search(r"\d{4}", text) else "bad"
    try:
        return "good" if moment.astimezone(UTC) and _is_moment(text) else "open"
    except OverflowError:
        return "bad"


def _worst(found: Iterator[Verdict] | list[Verdict]) -> Verdict:
    verdicts = set(found)
    return "bad" if "bad" in verdicts else "open" if "open" in verdicts else "good"


def path_values(operation: Operation, raw_path: str) -> dict[str, str]:
    """Return the values of a path's placeholders."""
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", operation.path)
    match = re.fullmatch(pattern, raw_path)
    return {name: unquote(text) for name, text in match.groupdict().items()} if match else {}
