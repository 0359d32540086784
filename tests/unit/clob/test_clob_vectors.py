"""Signatures are those of the venue's own packages, byte for byte."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.clob.checks import CHECKS, load

ALL = [(kind, vector) for kind in CHECKS for vector in load(kind)]


@pytest.mark.parametrize(("kind", "vector"), ALL, ids=[vector["id"] for _, vector in ALL])
def test_vector(kind: str, vector: dict[str, Any]) -> None:
    """What is computed here is what the venue's packages agreed on."""
    CHECKS[kind](vector)


def leaves(value: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Return the path of every single value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else None
    if inner is None:
        yield path
        return
    for key, each in inner:
        yield from leaves(each, *path, key)


def spoilt(value: Any, turn: int) -> Any:
    """Change a value by as little as can be: one character, one unit, or the other truth value."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    at = turn % len(value)
    return value[:at] + ("1" if value[at] == "0" else "0") + value[at + 1 :]


def test_checks_notice_one_character() -> None:
    """No check passes once one character of what it expects has changed."""
    turns = 0
    for kind, vector in ALL:
        for path in leaves(vector["expected"]):
            wrong = copy.deepcopy(vector)
            place = wrong["expected"]
            for key in path[:-1]:
                place = place[key]
            turns += 1
            place[path[-1]] = spoilt(place[path[-1]], 37 * turns)
            with pytest.raises((AssertionError, ValueError)):
                CHECKS[kind](wrong)
    assert turns > 2000
