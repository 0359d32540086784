"""Every case of the fault matrix, and whether the matrix is what it says: see `tests.faults.matrix`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.faults.broken import BREAKS
from tests.faults.hands import HANDS
from tests.faults.matrix import MATRIX
from tests.faults.matrix_case import Case, Row
from tests.faults.stands import Stands, VirtualHands, all_stands

ROOT = Path(__file__).parents[2]
CASES = {f"{row.number}-{case.venue}-{case.name}": case for row in MATRIX for case in row.cases}


@pytest.fixture(scope="module")
def stands() -> Iterator[Stands]:
    """Open venues as they are needed."""
    with all_stands() as stands:
        yield stands


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, stands: Stands, request: pytest.FixtureRequest) -> None:
    """One fault at one venue: the client does what its row says, and the venue's records bear it out."""
    case = CASES[name]
    if case.inside:
        _in_virtual_time(case, stands)
    else:
        request.getfixturevalue("hurried")
        # one colour and the other in turn
        hands = HANDS[list(CASES).index(name) % 2]()
        try:
            case.check(stands.of(case.venue), hands, **case.terms)
        finally:
            hands.close()


def _in_virtual_time(case: Case, stands: Stands) -> None:
    with stands.clock.rules_here():
        hands = VirtualHands(stands.clock)
        try:
            case.check(stands.inside(case.venue), hands, **case.terms)
        finally:
            hands.close()


# -- the matrix itself --


def test_forty_rows_and_many_cases() -> None:
    """No row is missing, and with those of the other suites there are more cases than were asked for."""
    assert [row.number for row in MATRIX] == list(range(1, 41))
    assert len(CASES) == sum(len(row.cases) for row in MATRIX) >= 180


by_row = pytest.mark.parametrize("row", MATRIX, ids=[str(row.number) for row in MATRIX])


@by_row
def test_what_is_referred_to_exists(row: Row) -> None:
    """Every test the matrix names is there, and every row has something that holds it."""
    assert row.cases or row.covered
    for test in (*row.covered, *row.broken):
        file, _, name = test.partition("::")
        assert name in _tests(file), test


@by_row
def test_every_row_can_fail(row: Row) -> None:
    """Each row has a guard whose absence turns it red, here or in the suite that holds it."""
    assert row.controls or row.broken
    for control in row.controls:
        assert control.guard in BREAKS
        if "::" in control.test:
            file, _, name = control.test.partition("::")
            assert name.partition("[")[0] in _tests(file)
        else:
            assert f"{row.number}-{control.test}" in CASES


@cache
def _tests(file: str) -> frozenset[str]:
    """Return the names of the tests of a file, those it takes over from others included."""
    tree = ast.parse((ROOT / file).read_text())
    made = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    taken = {name.name for each in ast.walk(tree) if isinstance(each, ast.ImportFrom) for name in each.names}
    return frozenset(made | taken)
