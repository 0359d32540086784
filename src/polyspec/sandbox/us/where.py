"""The instrument filter language: ``column = 'x' AND column LIKE 'y%'``, and its structured twin.

Only what the venue's guide calls dependable is here. Columns it warns of fail as they do there, with 500.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.us.refusals import internal, invalid

__all__ = ["Test", "field_filter", "where"]

Columns = Mapping[str, str]
Test = Callable[[Columns], bool]

COLUMNS: Final = frozenset(
    {
        "state",
        "symbol",
        "event_series",
        "event_category",
        "clearing_sym",
        "clearing_house",
        "product_id",
        "event_id",
    }
)
# accepted, and never true
_EMPTY: Final = frozenset({"event_id"})
_CONDITION: Final = re.compile(r"\s*([A-Za-z_]+)\s*(=|LIKE\b)\s*'((?:[^']|'')*)'\s*", re.IGNORECASE)
_AND: Final = re.compile(r"AND\b", re.IGNORECASE)


def where(clause: str) -> Test:
    """Compile a where clause; raises Refusal (400 for its form, 500 for a column the venue fails on)."""
    tests: list[Test] = []
    place = 0
    while True:
        found = _CONDITION.match(clause, place)
        if found is None:
            raise invalid(
                f"invalid whereClause near position {place}: expected column = 'value' or column LIKE 'value'"
            )
        column, operator, value = found.group(1), found.group(2).upper(), found.group(3).replace("''", "'")
        tests.append(_test(column, "EQ" if operator == "=" else "LIKE", [value]))
        place = found.end()
        if place == len(clause):
            break
        joint = _AND.match(clause, place)
        if joint is None:
            raise invalid(f"invalid whereClause near position {place}: expected AND")
        place = joint.end()
    return lambda columns: all(test(columns) for test in tests)


def field_filter(given: m.FieldFilter) -> Test:
    """Compile one field filter; raises Refusal."""
    values = [
        given.string_value,
        None if given.int_value is None else str(given.int_value),
        None if given.double_value is None else str(given.double_value),
    ]
    texts = [value for value in values if value is not None]
    if given.string_list is not None:
        texts = list(given.string_list.values)
    if not texts:
        raise invalid(f"field filter on {given.field} has no value")
    return _test(given.field, given.operator.name, texts)


def _test(column: str, operator: str, values: list[str]) -> Test:
    if column not in COLUMNS:
        raise internal(f"failed to list instruments: unsupported filter column {column}")
    if column in _EMPTY:
        return lambda _: False
    first = values[0]
    tests: dict[str, Callable[[str], bool]] = {
        "EQ": lambda own: own == first,
        "NE": lambda own: own != first,
        "LT": lambda own: own < first,
        "LE": lambda own: own <= first,
        "GT": lambda own: own > first,
        "GE": lambda own: own >= first,
        "LIKE": _like(first),
        "IN": lambda own: own in values,
        "NOT_IN": lambda own: own not in values,
    }
    if operator not in tests:
        raise invalid(f"field filter on {column} has no operator")
    test = tests[operator]
    return lambda columns: test(columns.get(column, ""))


def _like(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(".*".join(re.escape(part) for part in pattern.split("%")), re.DOTALL)
    return lambda own: compiled.fullmatch(own) is not None
