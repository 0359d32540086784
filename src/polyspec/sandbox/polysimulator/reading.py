"""Queries and bodies, as strictly as the specification means them; amounts may come as numbers.

Whatever is not of the documented shape is a 422, as frameworks do it that check before anybody thinks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from polyspec_wire import Operation

from polyspec.core.nesting import check_depth
from polyspec.core.typed import decoder
from polyspec.sandbox.http.clock import to_ns
from polyspec.sandbox.polysimulator.refusals import Refusal, invalid

__all__ = ["check_parameters", "flag", "moment", "read_body_of", "read_json", "whole"]

T = TypeVar("T")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,19}")
_LEAST, _MOST = -(2**63), 2**63 - 1
_MOST_INT32: Final = 2**31 - 1
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_TRUE: Final = frozenset({"true", "1", "yes", "on", "t", "y"})
_FALSE: Final = frozenset({"false", "0", "no", "off", "f", "n"})
_LAST_SECOND: Final = 10**10
_REFUSED_LATER: Final = frozenset({"before", "after"})
"""Parameters for which the venue has a code of its own."""


def whole(name: str, text: str, default: int, low: int, high: int | None = None) -> int:
    """Return a whole number within bounds, of 32 bits if no other is told; raises Refusal (422)."""
    if not text:
        return default
    value = _integer(name, text)
    if value < low or value > (_MOST_INT32 if high is None else high):
        bounds = f"at least {low}" if high is None and value < low else f"from {low} to {high or _MOST_INT32}"
        raise invalid(f"{name} must be {bounds}", field=name)
    return value


def _integer(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text) or not _LEAST <= int(text) <= _MOST:
        raise invalid(f"{name} must be an integer", field=name)
    return int(text)


def flag(name: str, text: str, *, default: bool = False) -> bool:
    """Return a yes or no; raises Refusal (422)."""
    if not text:
        return default
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise invalid(f"{name} must be a boolean", field=name)


def moment(name: str, text: str) -> int | None:
    """Return a moment in nanoseconds, from ISO 8601 or unix seconds; raises Refusal (422)."""
    if not text:
        return None
    if _SECONDS.fullmatch(text) and int(text) <= _LAST_SECOND:
        return int(text) * 10**9
    try:
        return to_ns(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise invalid(f"{name} must be a moment in ISO 8601", field=name) from error


def check_parameters(operation: Operation, path: Mapping[str, str], query: Mapping[str, list[str]]) -> None:
    """Raise Refusal (422) if a parameter is missing that must be there, or is not of its type."""
    for each in operation.parameters:
        if each.kind == "path" and each.type is int:
            _integer(each.name, path[each.python])
        if each.kind != "query" or each.name in _REFUSED_LATER:
            continue
        sent = query.get(each.name, [])
        if each.required and not any(sent):
            raise invalid(f"{each.name} is required", field=each.name)
        for text in sent:
            _check(each.name, text, each.type)


def _check(name: str, text: str, kind: Any) -> None:
    if not text:
        return
    if kind is bool:
        flag(name, text)
    elif kind is int:
        _integer(name, text)
    elif kind is datetime:
        moment(name, text)


def read_body_of(operation: Operation, raw: bytes) -> Any:
    """Return the body of a request in its operation's type, None if it has none; raises Refusal (422)."""
    if operation.body is None:
        return None
    # where every field may be absent, so may the body
    return read_json(raw if raw.strip() else b"{}", operation.body)


def read_json(raw: bytes, kind: type[T]) -> T:
    """Read a body as a type, numbers for texts of numbers included; raises Refusal (422)."""
    try:
        # some libraries raise the limit that would stop a reader in time
        check_depth(raw)
        # what is passed over would be passed over in any encoding
        return decoder(kind).decode(raw.decode())
    except msgspec.ValidationError as error:
        raise _told(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise invalid("the body is not valid JSON") from error


def _told(error: msgspec.ValidationError) -> Refusal:
    text, _, place = str(error).partition(" - at `")
    where = place.rstrip("`").removeprefix("$").lstrip(".")
    return invalid(f"{where}: {text}" if where else text, field=where)
