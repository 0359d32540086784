"""Hold decoded numbers to what money can be: finite, and of bounded length.

JSON text can carry ``"NaN"`` and ``1e999999`` into a Decimal, where the one poisons every comparison and the
other fills the memory once it becomes an integer. Inspectors are built once per type and visit only the
fields that lead to a Decimal or float; types without any cost nothing.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin

import msgspec

__all__ = ["structs", "unbounded"]

Inspect: TypeAlias = Callable[[Any], str | None]
"""Returns where below a value the first bad number is, or None."""

# More digits than any amount has on either side of the point, 256-bit integers included.
_DIGITS: Final = 100


def unbounded(value: Any, kind: Any) -> str | None:
    """Return the JSON path below `value` of a number nobody can mean; None if there is none."""
    inspect = _inspector(kind)
    return inspect(value) if inspect is not None else None


def structs(kind: Any) -> set[type[msgspec.Struct]]:
    """Return every struct that a value of `kind` may hold."""
    found: set[Any] = set()
    _walk(kind, found)
    return {each for each in found if isinstance(each, type) and issubclass(each, msgspec.Struct)}


def _walk(kind: Any, seen: set[Any]) -> None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind not in seen:
            seen.add(kind)
            for hint in typing.get_type_hints(kind).values():
                _walk(hint, seen)
        return
    if kind in (Decimal, float):
        seen.add(kind)
    for part in get_args(kind):
        _walk(part, seen)


def _has_numbers(kind: Any) -> bool:
    seen: set[Any] = set()
    _walk(kind, seen)
    return Decimal in seen or float in seen


@cache
def _inspector(kind: Any) -> Inspect | None:
    if kind is Decimal:
        return _decimal
    if kind is float:
        return _float
    if not _has_numbers(kind):
        return None
    if isinstance(kind, type):
        return _StructInspector(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        # hints of structs come without their notes, a kind of its own does not
        return _inspector(args[0])
    if origin in (Union, types.UnionType):
        return _union(args)
    if origin is dict:
        value = _inspector(args[1])
        return None if value is None else _dict(value)
    item = _inspector(args[0])
    return None if item is None else _list(item)


def _decimal(value: Decimal) -> str | None:
    return None if value.is_finite() and -_DIGITS < value.adjusted() < _DIGITS else ""


def _float(value: float) -> str | None:
    return None if math.isfinite(value) else ""


def _union(kinds: tuple[Any, ...]) -> Inspect:
    known = [(get_origin(each) or each, inspect) for each in kinds if (inspect := _inspector(each))]

    def union(value: Any) -> str | None:
        for kind, inspect in known:
            if isinstance(value, kind):
                return inspect(value)
        return None

    return union


def _list(item: Inspect) -> Inspect:
    def listing(values: Any) -> str | None:
        for index, value in enumerate(values):
            if (where := item(value)) is not None:
                return f"[{index}]{where}"
        return None

    return listing


def _dict(item: Inspect) -> Inspect:
    def mapping(values: dict[Any, Any]) -> str | None:
        for key, value in values.items():
            if (where := item(value)) is not None:
                return f"[{str(key)[:100]!r}]{where}"
        return None

    return mapping


class _StructInspector:
    """Inspects one struct: its own Decimals in one go, as listings hold thousands, then what lies deeper."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self._kind = kind
        self._fields: tuple[list[tuple[str, str]], list[tuple[str, str, Inspect]]] | None = None

    def _prepare(self) -> tuple[list[tuple[str, str]], list[tuple[str, str, Inspect]]]:
        # when first used, so that recursive structs can refer to themselves
        hints = typing.get_type_hints(self._kind)
        own, deeper = [], []
        for field in msgspec.structs.fields(self._kind):
            if hints[field.name] in (Decimal, Decimal | None):
                own.append((field.name, field.encode_name))
            elif (inspect := _inspector(hints[field.name])) is not None:
                deeper.append((field.name, field.encode_name, inspect))
        return own, deeper

    def __call__(self, value: Any) -> str | None:
        if self._fields is None:
            self._fields = self._prepare()
        own, deeper = self._fields
        for name, wire in own:
            number = getattr(value, name)
            if number is not None and not (number.is_finite() and -_DIGITS < number.adjusted() < _DIGITS):
                return f".{wire}"
        for name, wire, inspect in deeper:
            below = getattr(value, name)
            if below is not None and (where := inspect(below)) is not None:
                return f".{wire}{where}"
        return None
