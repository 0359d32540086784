"""The specs as judges: what they let be asked and answered, by JSON Schema made as strict as they mean it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from tests.contract.spec import CLOB, POLYSIM, US, Operation, Part, Spec, Spelling, snake
from tests.contract.verdicts import FORMATS, loaded, query_verdict

__all__ = ["answer_findings", "body_findings", "named_findings", "request_findings"]

_SPECS: Final = {each.name: each for each in (US, CLOB, POLYSIM)}
_EITHER: Final = frozenset({POLYSIM.name})
"""Decimals are written as text and read from numbers as well."""
_DROPPED: Final = frozenset({"examples", "properties", "description", "required", "x-enum-prefix"})


@dataclass(frozen=True)
class _Shaping:
    """Makes a schema as strict as it is meant: objects, keys, numbers and nulls as a dialect writes them."""

    spec: str
    spelling: Spelling = "camel"
    sent: bool = False
    """Of a request, in which nothing is null and integers may be numbers."""
    closed: bool = True
    """Without fields the spec does not have; a reader passes over those, and over nulls."""

    @property
    def _protobuf(self) -> bool:
        return not _SPECS[self.spec].is_plain

    def shaped(self, schema: Any) -> Any:
        """Return a schema, or a part of one, made strict."""
        if isinstance(schema, list):
            return [self.shaped(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        made = {key: self.shaped(value) for key, value in schema.items() if key not in _DROPPED}
        if schema.get("format") == "int64" and self._protobuf:
            written = "integer" if self.spelling == "snake" else "string"
            made["type"] = ["string", "integer"] if self.sent else written
        if schema.get("format") == "decimal" and self.sent and not self.closed and self.spec in _EITHER:
            made["type"] = ["string", "number"]
        if prefix := schema.get("x-enum-prefix"):
            made["enum"] = [*schema["enum"], *(f"{prefix}{each}" for each in schema["enum"])]
        if isinstance(schema.get("required"), list):
            made["required"] = schema["required"]
        if isinstance(schema.get("properties"), dict):
            made |= self._object(schema)
        return made

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        needed = schema.get("required", [])
        made: dict[str, Any] = {
            "properties": {
                self._spelled(name): self._property(each, needed=name in needed)
                for name, each in schema["properties"].items()
            },
            "required": [self._spelled(name) for name in needed],
        }
        return {**made, "additionalProperties": False} if self.closed else made

    def _property(self, schema: dict[str, Any], *, needed: bool) -> dict[str, Any]:
        made: dict[str, Any] = self.shaped(schema)
        # a venue of plain JSON writes null for what is not there
        nulls = not self.closed or not (self._protobuf or self.sent)
        return {"anyOf": [made, {"type": "null"}]} if nulls and not needed else made

    def _spelled(self, name: str) -> str:
        return snake(name) if self.spelling == "snake" else name


@cache
def _components(shaping: _Shaping) -> dict[str, Any]:
    return {name: shaping.shaped(schema) for name, schema in _SPECS[shaping.spec].schemas.items()}


@cache
def _validator(shaping: _Shaping, operation: str, part: Part) -> Validator:
    made = shaping.shaped(_SPECS[shaping.spec].operations[operation].schema(part))
    components = {"schemas": _components(shaping)}
    return Draft202012Validator({**made, "components": components}, format_checker=FORMATS)


def _findings(shaping: _Shaping, operation: Operation, part: Part, value: Any) -> list[str]:
    errors = _validator(shaping, operation.id, part).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


def answer_findings(operation: Operation, status: int, raw: bytes, spelling: Spelling = "camel") -> list[str]:
    """Tell what the spec does not allow in the body of an answer; `spelling` is the dialect's."""
    is_good = status in operation.good
    if is_good and not operation.good[status]:
        return ["a body nobody asked for"] if raw else []
    if is_good and operation.good[status] == "text/csv":
        return _table_findings(raw)
    part: Part = "answer" if is_good else "failure"
    if operation.is_plain or not is_good:
        spelling = "camel"
    shaping = _Shaping(operation.spec.name, spelling)
    lines = [raw]
    if operation.is_stream and is_good:
        if raw and not raw.endswith(b"\n"):
            return ["the last line of the stream has no end"]
        lines = raw.splitlines()
    found: list[str] = []
    for line in lines:
        try:
            found += _findings(shaping, operation, part, loaded(line))
        except ValueError as error:
            found.append(f"no JSON: {error}")
    return found


def _table_findings(raw: bytes) -> list[str]:
    """Tell what is wrong with a table; its last line may be a remark."""
    if not raw.endswith(b"\n"):
        return ["the last line of the table has no end"]
    rows = list(csv.reader(raw.decode("utf-8").splitlines(), strict=True))
    if rows[-1][0].startswith("#"):
        rows.pop()
    return [f"{each} is not as long as {rows[0]}" for each in rows if len(each) != len(rows[0])]


def named_findings(spec: Spec, name: str, value: Any) -> list[str]:
    """Tell what a component of a spec does not allow in a value, such as a frame."""
    return [f"{error.json_path}: {error.message}" for error in _named(spec.name, name).iter_errors(value)]


@cache
def _named(spec: str, name: str) -> Validator:
    schemas = _components(_Shaping(spec))
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}, format_checker=FORMATS
    )


def body_findings(operation: Operation, raw: bytes, *, closed: bool = True) -> list[str]:
    """Tell what the spec does not allow in the body of a request.

    If it is not `closed`, what a reader passes over is left out: unknown fields, null for optional ones, and
    how decimals are written.
    """
    if operation.body is None:
        return ["a body nobody asked for"] if raw else []
    try:
        shaping = _Shaping(operation.spec.name, sent=True, closed=closed)
        return _findings(shaping, operation, "body", loaded(raw))
    except ValueError as error:
        return [f"no JSON: {error}"]


def request_findings(operation: Operation, raw_path: str, query: str, raw: bytes) -> list[str]:
    """Tell what the spec does not allow in a request: path, query and body, each as sent."""
    right = operation.spec.find(operation.method, raw_path) == operation
    found = [] if right else [f"{raw_path} is not {operation.path}"]
    known = operation.query
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    for name in sorted(known.keys() | {name for name, _ in pairs}):
        texts = [text for key, text in pairs if key == name]
        if name not in known:
            found.append(f"query {name} is not in the spec")
        elif query_verdict(operation, known[name], texts) != "good":
            found.append(f"query {name}={texts} is not what the spec says")
    return found + body_findings(operation, raw)
