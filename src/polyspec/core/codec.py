"""Bytes to typed answers, by the rules of protobuf JSON.

Decoders are built once per type. A venue dialect that spells keys in ``snake_case`` is recognised by the
first keys of the body and renamed along the structure of the expected type, so that free-form maps keep
their keys; the ordinary camelCase answer never pays for it.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Union, get_args, get_origin

import msgspec

from polyspec.errors import DecodeError

__all__ = ["decode", "encode"]

Rename = Callable[[Any], Any]

# How far to look for a key that tells the spelling: the head of a listing, not the whole of it.
_HEAD = 4096


def encode(body: Any) -> bytes:
    """Encode a request body; absent and zero fields stay off the wire."""
    return msgspec.json.encode(body)


def decode(data: bytes, kind: Any) -> Any:
    """Decode `data` as `kind`; raises DecodeError naming the path that does not fit."""
    try:
        if _spelled_in_snake_case(data, kind):
            return _renamed(data, kind)
        try:
            return _decoder(kind).decode(data)
        except msgspec.ValidationError:
            # protobuf JSON lets a server write null for a scalar that is absent; seldom, so paid for here only
            if b"null" not in data:
                raise
            return _renamed(data, kind)
    except msgspec.DecodeError as error:
        raise DecodeError(f"{_text(error)}; expected {_name(kind)}") from error


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)


def _text(error: Exception) -> str:
    text = str(error)
    return text if len(text) <= 300 else text[:300] + "..."


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind))


def _renamed(data: bytes, kind: Any) -> Any:
    plain = msgspec.json.decode(data)
    rename = _renamer(kind)
    return msgspec.convert(rename(plain) if rename else plain, kind, strict=False)


def _spelled_in_snake_case(data: bytes, kind: Any) -> bool:
    patterns = _spellings(kind)
    if patterns is None:
        return False
    camel, snake = patterns
    return camel.search(data, 0, _HEAD) is None and snake.search(data, 0, _HEAD) is not None


@cache
def _spellings(kind: Any) -> tuple[re.Pattern[bytes], re.Pattern[bytes]] | None:
    """Patterns of the keys below `kind` whose two spellings differ; None if there are none."""
    pairs = {
        (field.encode_name, _snake(field.encode_name))
        for struct in _structs(kind, set())
        for field in msgspec.structs.fields(struct)
        if _snake(field.encode_name) != field.encode_name
    }
    if not pairs:
        return None
    return _keys(camel for camel, _ in pairs), _keys(snake for _, snake in pairs)


def _keys(names: Iterator[str]) -> re.Pattern[bytes]:
    # longest first, sorted: the same pattern in every process
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(b'"(?:' + b"|".join(re.escape(name.encode()) for name in ordered) + rb')"\s*:')


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _structs(kind: Any, seen: set[type]) -> set[type]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind not in seen:
            seen.add(kind)
            for hint in typing.get_type_hints(kind).values():
                _structs(hint, seen)
    else:
        for part in get_args(kind):
            _structs(part, seen)
    return seen


@cache
def _renamer(kind: Any) -> Rename | None:
    """Build what turns plain JSON in either spelling into wire names; None if `kind` holds no struct."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _StructRenamer(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = [found for arg in args if (found := _renamer(arg))]
        return inner[0] if inner else None
    if origin in (list, tuple, set, frozenset) and args and (item := _renamer(args[0])):
        return lambda plain: [item(each) for each in plain] if isinstance(plain, list) else plain
    if origin is dict and (value := _renamer(args[1])):
        return lambda plain: {k: value(v) for k, v in plain.items()} if isinstance(plain, dict) else plain
    return None


class _StructRenamer:
    """Rename the keys of one struct, drop nulls where a default stands in, and go down into its fields."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self._kind = kind
        self._fields: dict[str, tuple[str, Rename | None, bool]] | None = None

    def _table(self) -> dict[str, tuple[str, Rename | None, bool]]:
        # built when first used, so that recursive structs can refer to themselves
        if self._fields is None:
            hints = typing.get_type_hints(self._kind)
            self._fields = {}
            for field in msgspec.structs.fields(self._kind):
                entry = (field.encode_name, _renamer(hints[field.name]), field.required)
                self._fields[_snake(field.encode_name)] = entry
                self._fields[field.encode_name] = entry
        return self._fields

    def __call__(self, plain: Any) -> Any:
        if not isinstance(plain, dict):
            return plain
        table = self._table()
        renamed = {}
        for key, value in plain.items():
            wire, rename, required = table.get(key, (key, None, False))
            if value is not None or required:
                renamed[wire] = rename(value) if rename else value
        return renamed
