"""The specs as judges: what they let be asked and answered, by JSON Schema made as strict as they mean it."""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from tests.contract.spec import CLOB, US, Operation, Part, Spec, Spelling, snake
from tests.contract.verdicts import FORMATS, loaded, query_verdict

__all__ = ["answer_findings", "body_findings", "request_findings", "value_findings"]

_SPECS: Final = {each.name: each for each in (US, CLOB)}
_DROPPED: Final = frozenset({"examples", "properties", "description", "required", "x-enum-prefix"})


class _Shaping:
    """Makes a schema strict: closed objects, and keys, numbers and nulls as a dialect writes them."""

    def __init__(self, spec: Spec, spelling: Spelling, *, sent: bool) -> None:
        self._protobuf = not spec.is_plain
        self._spelling = spelling
        self._sent = sent

    def shaped(self, schema: Any) -> Any:
        """Return a schema, or a part of one, made strict."""
        if isinstance(schema, list):
            return [self.shaped(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        made = {key: self.shaped(value) for key, value in schema.items() if key not in _DROPPED}
        if schema.get("format") == "int64" and self._protobuf:
            # requests may send numbers
            written = "integer" if self._spelling == "snake" else "string"
            made["type"] = ["string", "integer"] if self._sent else written
        if prefix := schema.get("x-enum-prefix"):
            made["enum"] = [*schema["enum"], *(f"{prefix}{each}" for each in schema["enum"])]
        if isinstance(schema.get("required"), list):
            made["required"] = schema["required"]
        if isinstance(schema.get("properties"), dict):
            self._close(schema, made)
        return made

    def _close(self, schema: dict[str, Any], made: dict[str, Any]) -> None:
        needed = schema.get("required", [])
        made["properties"] = {
            self._spelled(name): self._property(each, needed=name in needed)
            for name, each in schema["properties"].items()
        }
        made["additionalProperties"] = False
        made["required"] = [self._spelled(name) for name in needed]

    def _property(self, schema: dict[str, Any], *, needed: bool) -> dict[str, Any]:
        made: dict[str, Any] = self.shaped(schema)
        # a venue of plain JSON writes null for what is not there
        if self._protobuf or self._sent or needed:
            return made
        return {"anyOf": [made, {"type": "null"}]}

    def _spelled(self, name: str) -> str:
        return snake(name) if self._spelling == "snake" else name


@cache
def _components(spec: str, spelling: Spelling, *, sent: bool) -> dict[str, Any]:
    shaping = _Shaping(_SPECS[spec], spelling, sent=sent)
    return {name: shaping.shaped(schema) for name, schema in _SPECS[spec].schemas.items()}


@cache
def _validator(spec: str, operation: str, part: Part, spelling: Spelling) -> Validator:
    sent = part == "body"
    schema = _SPECS[spec].operations[operation].schema(part)
    made = _Shaping(_SPECS[spec], spelling, sent=sent).shaped(schema)
    components = {"schemas": _components(spec, spelling, sent=sent)}
    return Draft202012Validator({**made, "components": components}, format_checker=FORMATS)


def value_findings(operation: Operation, part: Part, value: Any, spelling: Spelling = "camel") -> list[str]:
    """Tell what the spec does not allow in a JSON value."""
    errors = _validator(operation.spec.name, operation.id, part, spelling).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


def answer_findings(operation: Operation, status: int, raw: bytes, spelling: Spelling = "camel") -> list[str]:
    """Tell what the spec does not allow in the body of an answer; `spelling` is the dialect's."""
    part: Part = "answer" if status == 200 else "failure"
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
            found += value_findings(operation, part, loaded(line), spelling)
        except ValueError as error:
            found.append(f"no JSON: {error}")
    return found


def body_findings(operation: Operation, raw: bytes) -> list[str]:
    """Tell what the spec does not allow in the body of a request."""
    if operation.body is None:
        return ["a body nobody asked for"] if raw else []
    try:
        return value_findings(operation, "body", loaded(raw))
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
