"""Answers in the other spellings a venue of plain JSON has: other types, fields, names and nulls."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.contract.spec import Operation, Spec

__all__ = ["SPELLINGS", "Change", "Rewriting", "rewritten"]

Change = Callable[[dict[str, Any], Any], Any]
"""Takes the schema of a value, without references, and the value; returns what is written instead."""

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def _numbers(schema: dict[str, Any], value: Any) -> Any:
    """Write decimals as numbers."""
    return Decimal(value) if schema.get("format") == "decimal" and isinstance(value, str) else value


def _texts(schema: dict[str, Any], value: Any) -> Any:
    """Write decimals and integers as strings."""
    is_number = schema.get("format") == "decimal" or schema.get("type") == "integer"
    return str(value) if is_number and isinstance(value, int | Decimal) else value


def _newer(schema: dict[str, Any], value: Any) -> Any:
    """Write fields nobody knows yet, before and after those that are known."""
    if "properties" not in schema or not isinstance(value, dict):
        return value
    return {"added_later": [{"a": None}], **value, "addedLater": "x", "price_2": "0.5"}


def _nulls(schema: dict[str, Any], value: Any) -> Any:
    """Write null for lists and maps without entries, and for fields that are not there."""
    if schema.get("type") == "array" or isinstance(schema.get("additionalProperties"), dict):
        return value or None
    if "properties" not in schema or not isinstance(value, dict):
        return value
    optional = schema["properties"].keys() - set(schema.get("required", ()))
    return {**dict.fromkeys(sorted(optional)), **value}


def _bare(schema: dict[str, Any], value: Any) -> Any:
    """Leave out what is null."""
    if "properties" not in schema or not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if each is not None}


def _prefixed(schema: dict[str, Any], value: Any) -> Any:
    """Write states with their prefix."""
    prefix = schema.get("x-enum-prefix")
    return prefix + value.removeprefix(prefix) if prefix and isinstance(value, str) else value


def _documented(schema: dict[str, Any], value: Any) -> Any:
    """Write midpoints and refusals of beats under the names in the venue's own document."""
    if not isinstance(value, dict):
        return value
    names = {"mid": "mid_price", "error_msg": "error"}
    known = schema.get("properties", {})
    return {names[key] if names.get(key) in known else key: each for key, each in value.items()}


SPELLINGS: Final[dict[str, Change]] = {
    "numbers": _numbers,
    "texts": _texts,
    "newer": _newer,
    "nulls": _nulls,
    "bare": _bare,
    "prefixed": _prefixed,
    "documented": _documented,
}


def rewritten(operation: Operation, status: int, raw: bytes, *changes: Change) -> bytes:
    """Return an answer with changes made to everything in it, from the inside out, if it is JSON."""
    if operation.good.get(status, "application/json") != "application/json":
        return raw
    value = json.loads(raw, parse_float=Decimal)
    schema = operation.answer if status in operation.good else operation.failure
    for change in changes:
        value = _changed(operation.spec, schema, value, change)
    return _ENCODER.encode(value)


def _changed(spec: Spec, schema: dict[str, Any], value: Any, change: Change) -> Any:
    schema = spec.resolved(schema)
    if "oneOf" in schema:
        kind = next(each for each in schema["oneOf"] if _is(spec.resolved(each), value))
        return _changed(spec, kind, value, change)
    if isinstance(value, list) and "items" in schema:
        value = [_changed(spec, schema["items"], each, change) for each in value]
    elif isinstance(value, dict):
        extra, known = schema.get("additionalProperties"), schema.get("properties", {})
        inner = {**dict.fromkeys(value, extra), **known} if isinstance(extra, dict) else known
        value = {
            key: _changed(spec, inner[key], each, change) if key in inner else each
            for key, each in value.items()
        }
    return change(schema, value)


def _is(schema: dict[str, Any], value: Any) -> bool:
    if schema.get("format") == "decimal":
        return isinstance(value, str | int | Decimal)
    kinds: dict[str, type] = {"object": dict, "array": list, "string": str, "null": type(None)}
    return isinstance(value, kinds[schema["type"]])


class Rewriting:
    """Passes requests on to an application, and its answers back as `write` has them."""

    def __init__(self, app: ASGIApp, spec: Spec, write: Callable[[Operation, int, bytes], bytes]) -> None:
        self._app = app
        self._spec = spec
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        operation = self._spec.find(scope["method"], scope["raw_path"].decode("ascii"))
        start: Message = {}
        body = b""

        async def told(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            raw = body if operation is None else self._write(operation, start["status"], body)
            headers = [(name, text) for name, text in start["headers"] if name != b"content-length"]
            headers.append((b"content-length", str(len(raw)).encode()))
            await send({**start, "headers": headers})
            await send({**message, "body": raw})

        await self._app(scope, receive, told)
