"""Answers of the US exchange, made up by their types, and written as servers write them."""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
from decimal import Decimal
from enum import Enum
from random import Random  # noqa: TID251
from typing import Any, get_args, get_origin

import msgspec
from polyspec_wire.us_exchange import OPERATIONS

__all__ = ["ANSWERS", "STRUCTS", "as_wire", "made"]

ANSWERS = sorted(
    {kind for operation in OPERATIONS.values() for kind in operation.success.values()},
    key=lambda kind: kind.__name__,
)
STRUCTS = [kind for kind in ANSWERS if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def made(kind: Any, random: Random, depth: int = 0) -> Any:
    """Make a value of a type, with awkward but legal parts."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (typing.Union, types.UnionType):
        chosen = next(arg for arg in args if arg is not type(None))
        return None if depth > 3 or random.random() < 0.2 else made(chosen, random, depth)
    if origin is list:
        return [] if depth > 3 else [made(args[0], random, depth + 1) for _ in range(random.randrange(3))]
    if origin is dict:
        keys: list[Any] = [1, -7, 2**60] if args[0] is int else ["homeTeam", "away_team", "x"]
        return {key: made(args[1], random, depth + 1) for key in keys[: random.randrange(4)]}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return kind(**{each: made(hints[each], random, depth + 1) for each in kind.__struct_fields__})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return random.choice([*kind, kind("SOMETHING_NEW")])
    values: dict[Any, Any] = {
        int: random.choice([0, 1, -5, 2**53 + 1, 2**63 - 1]) if depth else 3,
        str: random.choice(["", "a_b", 'quote " camelCase', "ü\u2028€"]),
        bool: random.random() < 0.5,
        float: 0.25,
        Decimal: Decimal(random.choice(["0", "0.10", "-12345678901234567890.123456789", "1E-9"])),
        dt.datetime: dt.datetime(2026, 2, 8, 23, 30, 0, random.randrange(10**6), tzinfo=dt.UTC),
        Any: random.choice([1, "x", True, {"tick_size": [1.5], "orderId": None}]),
    }
    return values[kind]


def as_wire(value: Any, *, snake: bool, texts: bool) -> Any:
    """Write a value as a server would: keys in one spelling, 64-bit integers as text or number."""
    if isinstance(value, msgspec.Struct):
        pairs = ((each, getattr(value, each.name)) for each in msgspec.structs.fields(type(value)))
        return {
            snake_case(each.encode_name) if snake else each.encode_name: as_wire(
                found, snake=snake, texts=texts
            )
            for each, found in pairs
            if found is not None
        }
    if isinstance(value, list):
        return [as_wire(each, snake=snake, texts=texts) for each in value]
    if isinstance(value, dict):
        return {str(key): as_wire(each, snake=snake, texts=texts) for key, each in value.items()}
    if isinstance(value, int) and not isinstance(value, bool | Enum) and texts:
        return str(value)
    return value
