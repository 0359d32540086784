"""Requests by their operation's types: query and body."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, get_args, get_origin

import msgspec
from polyspec_wire import Operation, Parameter

from polyspec.core.nesting import read_plain
from polyspec.sandbox.us.dialect import read, read_text
from polyspec.sandbox.us.refusals import invalid

__all__ = ["read_json", "read_query"]

# the venue's reference data takes an unknown enum name for the zero member
_LENIENT: Final = frozenset({"RefDataAPI_ListInstruments"})


def read_json(operation: Operation, raw: bytes) -> Any:
    """Parse the body as the operation's request model; raises Refusal (400)."""
    if operation.body is None:
        return None
    try:
        plain = read_plain(raw) if raw.strip() else {}
    except msgspec.DecodeError as error:
        raise invalid(f"malformed JSON: {error}") from error
    if isinstance(operation.body, type) and issubclass(operation.body, msgspec.Struct):
        return read(plain, operation.body, lenient_enums=operation.id in _LENIENT)
    if not isinstance(plain, dict):
        raise invalid("invalid value for field body: expected object")
    return plain


def read_query(operation: Operation, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the query's arguments by python name; either spelling is read, unknown names are ignored."""
    sent: dict[str, list[str]] = {}
    for name, value in pairs:
        sent.setdefault(_folded(name), []).append(value)
    found = {}
    for parameter in operation.parameters:
        if parameter.kind != "query":
            continue
        values = sent.get(_folded(parameter.name))
        if values is not None:
            found[parameter.python] = _value(parameter, values)
        elif parameter.required:
            raise invalid(f"missing required parameter: {parameter.name}")
    return found


def _folded(name: str) -> str:
    """Fold ``as_of_date.year``, ``asOfDate.year`` and ``asOfDateYear`` together."""
    return name.removesuffix("[]").replace("_", "").replace(".", "").lower()


def _value(parameter: Parameter, values: list[str]) -> Any:
    kind = parameter.type
    if get_origin(kind) is list:
        texts = values if parameter.explode else [part for value in values for part in value.split(",")]
        return [read_text(text, get_args(kind)[0], parameter.name) for text in texts]
    return read_text(values[-1], kind, parameter.name)
