"""Clients with one guard off must fail what the matrix names beside it, or the matrix proves nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.broken import VARIABLE
from tests.faults.matrix import MATRIX

ROOT = Path(__file__).parents[2]
CASE = "tests/faults/test_matrix.py::test_case"
CONTROLS = {
    (control.test if "::" in control.test else f"{CASE}[{row.number}-{control.test}]"): control.guard
    for row in MATRIX
    for control in row.controls
}
assert len(CONTROLS) == sum(len(row.controls) for row in MATRIX), "one would hide another"
PARTS = 4
REASONS = ("assert", "AssertionError", "polyspec.", "Failed: DID NOT RAISE")


@pytest.mark.parametrize("part", range(PARTS))
def test_without_its_guard_each_row_is_violated(part: int) -> None:
    """Every test named by a control passes with the guard, as the suite shows, and fails without it."""
    tests = list(CONTROLS)[part::PARTS]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.faults.broken", "-p", "no:cacheprovider", "-q"),
            *("--tb=line", "-rA", "--timeout=60", *tests),
        ],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "400", VARIABLE: json.dumps({each: CONTROLS[each] for each in tests})},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    said = [
        line.removeprefix("FAILED ").partition(" - ") for line in done.stdout.splitlines() if "FAILED" in line
    ]
    # what fails of anything else may be a mistake in the breaking
    failed = {name for name, _, why in said if why.startswith(REASONS)}
    # one that has no parameters here has some there
    missed = [
        each for each in tests if not any(name == each or name.startswith(f"{each}[") for name in failed)
    ]
    assert missed == [], done.stdout[-3000:] + done.stderr[-2000:]
