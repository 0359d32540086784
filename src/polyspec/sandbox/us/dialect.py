"""Protobuf JSON in and out, in the venue's two spellings.

``current`` is the documented API: camelCase keys, 64-bit integers as strings, zero values written out except
for messages and fields with presence. ``quickstart`` is the shape the quickstart pages show: snake_case keys,
plain numbers. Requests are read alike in both: either spelling of a key, numbers or strings, unknown keys
ignored, ``null`` for absent. How a field is written follows from the type of the generated model alone.
"""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec
from polyspec_wire import Int64, Number

from polyspec.core.typed import convert
from polyspec.sandbox.us.refusals import Refusal, invalid

__all__ = ["CURRENT", "QUICKSTART", "camel", "encode", "encode_plain", "read", "read_text", "snake"]

CURRENT: Final = "current"
QUICKSTART: Final = "quickstart"

Write = Callable[[Any, bool], Any]
_INT64: Final = get_args(Int64)[1]
_NUMBER: Final = get_args(Number)[1]
_INT32: Final = 31
_INT64_BITS: Final = 63
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
# fields that exist in one dialect only
_NOT_IN: Final = {
    CURRENT: {("SearchOrdersResponse", "orders")},
    QUICKSTART: {("SearchOrdersResponse", "order"), ("InsertOrderResponse", "order_id")},
}


def snake(name: str) -> str:
    """Return a name in snake_case."""
    out = "".join(f"_{char.lower()}" if char.isupper() else char for char in name)
    return out.lstrip("_")


def camel(name: str) -> str:
    """Return a name in lowerCamelCase."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


# -- writing --


def encode(answer: Any, dialect: str) -> bytes:
    """Encode an answer of the venue."""
    kind: Any = type(answer)
    return msgspec.json.encode(_writer(kind)(answer, dialect == QUICKSTART))


def encode_plain(answer: Any) -> bytes:
    """Encode what is not protobuf JSON: token answers and errors."""
    return msgspec.json.encode(answer)


@cache
def _writer(kind: Any) -> Write:
    if get_origin(kind) is Annotated:
        base, *meta = get_args(kind)
        if _INT64 in meta:
            return lambda value, quick: value if quick else str(value)
        if _NUMBER in meta:
            return lambda value, _: msgspec.Raw(f"{value:f}".encode())
        return _writer(base)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _StructWriter(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value, _: value.value
    if kind is dt.datetime:
        return lambda value, _: value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if kind is Decimal:
        return lambda value, _: f"{value:f}"
    return _container(kind)


def _container(kind: Any) -> Write:
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = _writer(next(arg for arg in args if arg is not type(None)))
        return lambda value, quick: None if value is None else inner(value, quick)
    if origin is list:
        item = _writer(args[0])
        return lambda value, quick: [item(each, quick) for each in value]
    if origin is dict:
        each_value = _writer(args[1])
        return lambda value, quick: {str(key): each_value(each, quick) for key, each in value.items()}
    return lambda value, _: value


class _StructWriter:
    """Writes a message; None stands for an absent message or a field with presence."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self._kind = kind
        self._plans: dict[bool, list[tuple[str, str, Write]]] = {}

    def _plan(self, *, quick: bool) -> list[tuple[str, str, Write]]:
        if quick not in self._plans:
            hints = get_type_hints(self._kind, include_extras=True)
            hidden = _NOT_IN[QUICKSTART if quick else CURRENT]
            self._plans[quick] = [
                (
                    field.name,
                    snake(field.encode_name) if quick else field.encode_name,
                    _writer(hints[field.name]),
                )
                for field in msgspec.structs.fields(self._kind)
                if (self._kind.__name__, field.name) not in hidden
            ]
        return self._plans[quick]

    def __call__(self, value: Any, quick: bool) -> Any:  # noqa: FBT001 - one writer signature for all kinds
        written = {}
        for name, key, write in self._plan(quick=quick):
            content = getattr(value, name)
            if content is not None:
                written[key] = write(content, quick)
        return written


# -- reading --


def read(plain: Any, kind: Any, *, lenient_enums: bool = False) -> Any:
    """Turn decoded JSON into a request model; raises Refusal (400) naming the field that does not fit.

    With `lenient_enums` an unknown name becomes the zero member, as the venue's reference data does it.
    """
    try:
        return convert(_Reader(lenient_enums)(plain, kind, ""), kind, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from error


def _refusal(text: str) -> Refusal:
    what, _, where = text.partition(" - at ")
    field = where.strip("`").removeprefix("$").removeprefix(".")
    if what.startswith("Object missing required field"):
        name = what.rpartition("field ")[2].strip("`")
        return invalid(f"missing required field: {f'{field}.{name}' if field else name}")
    return invalid(f"invalid value for field {field or 'body'}: {what.replace('`', '')}")


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, tuple[str, Any]]:
    """Return (wire name, type) by either spelling of the key."""
    hints = get_type_hints(kind, include_extras=True)
    table = {}
    for field in msgspec.structs.fields(kind):
        entry = (field.encode_name, hints[field.name])
        for key in (snake(field.encode_name), camel(field.encode_name), field.encode_name):
            table[key] = entry
    return table


class _Reader:
    """Rename keys to wire names, drop unknown ones and nulls, and check what msgspec would let pass."""

    def __init__(self, lenient_enums: bool) -> None:  # noqa: FBT001 - private, one caller
        self._lenient_enums = lenient_enums

    def __call__(self, plain: Any, kind: Any, path: str) -> Any:
        if get_origin(kind) is Annotated:
            return self._scalar(plain, kind, path)
        if get_origin(kind) in (Union, types.UnionType):
            return self(plain, next(arg for arg in get_args(kind) if arg is not type(None)), path)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._message(plain, kind, path)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self._enum(plain, kind, path)
        if get_origin(kind) is list and isinstance(plain, list):
            item = get_args(kind)[0]
            return [self(each, item, f"{path}[{place}]") for place, each in enumerate(plain)]
        if kind is bool and not isinstance(plain, bool):
            raise invalid(f"invalid value for field {path}: expected bool, got {_kind_of(plain)}")
        if kind is int:
            return _whole(plain, path, _INT32)
        if kind is dt.datetime and not _is_moment(plain):
            raise invalid(f"invalid value for timestamp field {path}: {_shown(plain)}")
        if kind is Decimal and not isinstance(plain, str):
            raise invalid(f"invalid value for field {path}: expected string, got {_kind_of(plain)}")
        return plain

    def _message(self, plain: Any, kind: type[msgspec.Struct], path: str) -> Any:
        if not isinstance(plain, dict):
            raise invalid(f"invalid value for field {path or 'body'}: expected object, got {_kind_of(plain)}")
        table = _fields(kind)
        read_ = {}
        for key, value in plain.items():
            if key in table and value is not None:
                wire, inner = table[key]
                read_[wire] = self(value, inner, f"{path}.{wire}" if path else wire)
        return read_

    def _enum(self, plain: Any, kind: type[Enum], path: str) -> Any:
        known = kind._value2member_map_
        if isinstance(plain, str) and plain in known:
            return plain
        if self._lenient_enums and isinstance(plain, str):
            return next(iter(kind)).value
        raise invalid(f"invalid value for enum field {path}: {_shown(plain)}")

    def _scalar(self, plain: Any, kind: Any, path: str) -> Any:
        return _whole(plain, path, _INT64_BITS) if _INT64 in get_args(kind) else plain


def _whole(plain: Any, path: str, bits: int) -> int:
    """Read an integer: protobuf reads "5", 5 and 5.0 alike, and nothing beyond the field's width."""
    number = plain
    if (isinstance(plain, float) and plain.is_integer()) or (
        isinstance(plain, str) and _INTEGER.fullmatch(plain)
    ):
        number = int(plain)
    if isinstance(number, bool) or not isinstance(number, int) or not -(2**bits) <= number < 2**bits:
        raise invalid(f"invalid value for int{bits + 1} field {path}: {_shown(plain)}")
    return number


def _is_moment(plain: Any) -> bool:
    # msgspec alone would take seconds since 1970, and moments without a zone
    if not isinstance(plain, str) or not _MOMENT.fullmatch(plain):
        return False
    try:
        # protobuf knows the years 1 to 9999, in UTC
        return bool(convert(plain, dt.datetime).astimezone(dt.UTC))
    except (msgspec.ValidationError, OverflowError):
        return False


def read_text(text: str, kind: Any, name: str) -> Any:
    """Read one value of a query parameter; raises Refusal (400) naming the parameter."""
    if kind is int:
        return _whole(text, name, _INT32)
    known = kind._value2member_map_ if isinstance(kind, type) and issubclass(kind, Enum) else {text}
    if text not in known or (kind is dt.datetime and not _is_moment(text)):
        raise invalid(f"invalid value for parameter {name}: {_shown(text)}")
    try:
        return convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(f"invalid value for parameter {name}: {_shown(text)}") from error


def _shown(plain: Any) -> str:
    return msgspec.json.encode(plain).decode()


def _kind_of(plain: Any) -> str:
    return {dict: "object", list: "array", str: "string", bool: "bool", type(None): "null"}.get(
        type(plain), "number"
    )
