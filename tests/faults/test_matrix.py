"""Every case of the fault matrix, and whether the matrix is what it says: see `tests.faults.matrix`."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.faults.broken import BREAKS
from tests.faults.hands import HANDS, Hands
from tests.faults.matrix import MATRIX
from tests.faults.matrix_case import Case, Row
from tests.faults.stands import GRPC, VENUES, Stand, Stands, VirtualHands, all_stands

ROOT = Path(__file__).parents[2]
CASES = {f"{row.number}-{case.venue}-{case.name}": case for row in MATRIX for case in row.cases}


def _colours() -> dict[str, type[Hands]]:
    """Let the colours take turns at each venue, the other one first at the next: each fault meets both."""
    chosen: dict[str, type[Hands]] = {}
    for row in MATRIX:
        for shift, venue in enumerate((*VENUES, GRPC)):
            for place, case in enumerate(each for each in row.cases if each.venue == venue):
                colour = (place + shift) % 2 if case.colour is None else case.colour
                chosen[f"{row.number}-{venue}-{case.name}"] = HANDS[colour]
    return chosen


COLOURS = _colours()
_ONE_VENUE = ("operation", GRPC)


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
        with stands.clock.rules_here():
            _held(case, stands.inside(case.venue), VirtualHands(stands.clock))
    else:
        request.getfixturevalue("hurried")
        _held(case, stands.of(case.venue), COLOURS[name]())


def _held(case: Case, stand: Stand, hands: Any) -> None:
    met = stand.met
    try:
        case.check(stand, hands, **case.terms)
    finally:
        hands.close()
    assert stand.met > met or not case.planned, "the fault met nothing"


# -- the matrix itself --


def test_a_fault_that_never_happened_is_noticed(stands: Stands) -> None:
    """The control: a case in which everything goes well is red, whatever it found."""
    with pytest.raises(AssertionError, match="the fault met nothing"):
        _held(Case("fair", "us", lambda *_: None), stands.of("us"), Hands())


def test_both_colours_meet_every_fault() -> None:
    """What is not in virtual time meets blocking and asynchronous clients, at one venue or another."""
    met: dict[str, set[type[Hands]]] = defaultdict(set)
    for name, case in CASES.items():
        if not case.inside:
            # what is of one venue alone meets them by one operation or another
            terms = {term: each for term, each in case.terms.items() if (term, case.venue) != _ONE_VENUE}
            met[f"{case.check.__name__} {terms}"].add(COLOURS[name])
    assert {fault for fault, colours in met.items() if len(colours) < 2} == set()


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
