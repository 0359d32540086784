"""Bytes to typed answers, by the rules of protobuf JSON, which plain JSON of careless servers fits as well.

Null where a list or map must be means that it is empty. Decoders are built once per type. A venue dialect
that spells keys in ``snake_case`` is recognised by the first key of two words and renamed along the structure
of the expected type, so that free-form maps keep their keys; the ordinary camelCase answer never pays for it.
"""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar, Union, get_args, get_origin

import msgspec

from polyspec.core.bounds import structs, unbounded
from polyspec.core.nesting import check_depth
from polyspec.core.typed import decoder
from polyspec.errors import ConfigError, DecodeError

__all__ = ["decode", "encode", "written"]

T = TypeVar("T")
Rename = Callable[[Any], Any]

# Longer than anything that is sent where JSON was to be.
_BRIEF: Final = 128
# How far to look for a key of two words: the head of a listing, not the whole of it.
_HEAD: Final = 4096
# A word like OK that a venue answers without the quotes JSON would have; no page of a proxy looks like it.
_WORD: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9 .,:_-]{0,99}")
# How a key ends: its colon follows at once, or behind white space. Colons alone are in every time of day.
_BEHIND_KEYS: Final = (b'":', b'" ', b'"\t', b'"\n', b'"\r')
_TWO_WORDS: Final = re.compile(rb'"([a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z][a-z0-9]*[A-Z][A-Za-z0-9]*)"\s*:')


def encode(body: Any) -> bytes:
    """Encode a request body; absent and zero fields stay off the wire."""
    try:
        return msgspec.json.encode(body)
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ConfigError(f"{_name(type(body))} cannot be written as JSON: {error}") from error


def decode(data: bytes, kind: type[T] | Any, *, unique: bool = False) -> Any:
    """Decode `data` as `kind`; raises DecodeError naming the path that does not fit.

    Numbers are finite and of bounded length. With `unique`, an object that has a key twice is refused. Of a
    tuple of types the first that fits is taken.
    """
    if isinstance(kind, tuple):
        return _first_that_fits(data, kind, unique=unique)
    if len(data) <= _BRIEF:
        data = _spelled_out(data.strip(), kind)
    try:
        check_depth(data)
        value = _decoded(data, kind)
        if unique and not _has_no_key_twice(data):
            json.loads(data, object_pairs_hook=_only_once, parse_int=str, parse_float=str)
    except (msgspec.MsgspecError, ValueError, RecursionError, ArithmeticError) as error:
        raise _failure(error, kind) from error
    if (where := unbounded(value, kind)) is not None:
        raise DecodeError(f"a number that is not finite or too long; at ${where}; expected {_name(kind)}")
    return value


def _first_that_fits(data: bytes, kinds: tuple[Any, ...], *, unique: bool) -> Any:
    """Decode as one of several types that no tag tells apart; if none fits, say what the first one misses."""
    listed = data.lstrip()[:1] == b"["
    # an array is none of the objects and the reverse, and what those miss says nothing
    likely = [kind for kind in kinds if (get_origin(kind) is list) == listed] or kinds
    failure: DecodeError | None = None
    for kind in likely:
        try:
            return decode(data, kind, unique=unique)
        except DecodeError as error:
            failure = failure or error
    assert failure is not None
    raise failure


def _decoded(data: bytes, kind: Any) -> Any:
    if _spelled_in_snake_case(data, kind):
        return _renamed(data, kind)
    try:
        return _decoder(kind).decode(data)
    except msgspec.ValidationError:
        # protobuf JSON lets a server write null for what is absent, some write "": seldom, so paid for here
        if b"null" not in data and b'""' not in data:
            raise
        return _renamed(data, kind)


def _spelled_out(data: bytes, kind: Any) -> bytes:
    """Return as JSON what a venue may send instead of it: nothing, null for no items, or a word."""
    if not data:
        return b"null" if kind is None or type(None) in get_args(kind) else data
    if data == b"null" and (empty := _EMPTY.get(get_origin(kind))):
        return msgspec.json.encode(empty())
    if kind is str and _WORD.fullmatch(data) and not _is_json(data):
        return msgspec.json.encode(data.decode())
    return data


def _is_json(data: bytes) -> bool:
    try:
        _plain_decoder().decode(data)
    except msgspec.DecodeError:
        return False
    return True


def _failure(error: Exception, kind: Any) -> DecodeError:
    failure = DecodeError(f"{_text(error)}; expected {_name(kind)}")
    failure.malformed = isinstance(error, msgspec.DecodeError) and not isinstance(
        error, msgspec.ValidationError
    )
    return failure


def _has_no_key_twice(data: bytes) -> bool:
    """Tell at once what is certain: if no more ends of keys are there than keys, none was read over another.

    What looks like such an end may also be part of a text, so False says nothing.
    """
    try:
        return sum(map(data.count, _BEHIND_KEYS)) == _keys(_plain_decoder().decode(data))
    except msgspec.DecodeError:
        # a number longer than any, where nobody looks
        return False


def _keys(plain: Any) -> int:
    if not isinstance(plain, dict | list):
        return 0
    found, below = (len(plain), plain.values()) if isinstance(plain, dict) else (0, plain)
    for each in below:
        # nearly everything is text, and worth no call
        if type(each) is not str:
            found += _keys(each)
    return found


def _only_once(pairs: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) != len(pairs):
        twice = next(name for name in names if sum(name == other for other, _ in pairs) > 1)
        raise DecodeError(f"the key {twice[:100]!r} is there twice, so there is no telling which one holds")


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return decoder(kind, strict=False)


def _text(error: Exception) -> str:
    text = str(error)
    return text if len(text) <= 300 else text[:300] + "..."


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind))


@cache
def _plain_decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(float_hook=Decimal)


@cache
def _plain_encoder() -> msgspec.json.Encoder:
    return msgspec.json.Encoder(decimal_format="number")


def _renamed(data: bytes, kind: Any) -> Any:
    plain = _plain_decoder().decode(data)
    rename = _renamer(kind)
    # back to bytes, so that numbers are read by the same rules whatever the spelling
    return _decoder(kind).decode(_plain_encoder().encode(rename(plain)) if rename else data)


def _spelled_in_snake_case(data: bytes, kind: Any) -> bool:
    # without an underscore it cannot be; this alone spares books of numbers the search
    if b"_" not in data:
        return False
    camel, snake = _spellings(kind)
    if not snake:
        return False
    for end in (_HEAD, len(data)):
        for match in _TWO_WORDS.finditer(data, 0, end):
            if match[1] in camel:
                return False
            if match[1] in snake:
                return True
        if data.find(b"_", _HEAD) < 0:
            return False
    return False


@cache
def _spellings(kind: Any) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the keys below `kind` whose two spellings differ, in both."""
    names = {field.encode_name for struct in structs(kind) for field in msgspec.structs.fields(struct)}
    camel = {name for name in names if _snake(name) != name}
    return frozenset(map(str.encode, camel)), frozenset(_snake(name).encode() for name in camel)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _camel(name: str) -> str:
    """Spell a key as protobuf JSON does."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


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


_EMPTY: Final[dict[Any, Callable[[], Any]]] = {list: list, dict: dict}
"""What null means where items are expected: some servers write a list or map of none so."""


def _is_absent_when_blank(kind: Any) -> bool:
    if kind in (int, float, Decimal, datetime, date):
        return True
    kinds = get_args(kind)
    # where a text may stand, a blank one is one
    return str not in kinds and any(map(_is_absent_when_blank, kinds))


class _StructRenamer:
    """Rename the keys of one struct, drop what is absent if it has a default, and go down into fields."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self._kind = kind
        self._fields: dict[str, tuple[str, Rename | None, tuple[Any, ...]]] | None = None
        self._required: dict[str, Callable[[], Any]] = {}

    def _table(self) -> dict[str, tuple[str, Rename | None, tuple[Any, ...]]]:
        # built when first used, so that recursive structs can refer to themselves
        if self._fields is None:
            hints = typing.get_type_hints(self._kind)
            fields = {}
            for field in msgspec.structs.fields(self._kind):
                hint = hints[field.name]
                absent: tuple[Any, ...] = (None, "") if _is_absent_when_blank(hint) else (None,)
                entry = (field.encode_name, _renamer(hint), () if field.required else absent)
                if field.required and (empty := _EMPTY.get(get_origin(hint))):
                    self._required[field.encode_name] = empty
                fields[_snake(field.encode_name)] = fields[field.encode_name] = entry
            self._fields = fields
        return self._fields

    def __call__(self, plain: Any) -> Any:
        if not isinstance(plain, dict):
            return plain
        table = self._table()
        renamed = {}
        for key, value in plain.items():
            wire, rename, absent = table.get(key) or table.get(_camel(key)) or (key, None, ())
            if value is None and wire in self._required:
                renamed[wire] = self._required[wire]()
            elif value not in absent:
                renamed[wire] = rename(value) if rename else value
        return renamed


def written(body: Any) -> bytes:
    """Return a body as it is sent: nothing for None, and bytes as they are."""
    if body is None:
        return b""
    # what was signed as bytes must leave as those bytes
    return body if isinstance(body, bytes) else encode(body)
