"""The sandbox held to its specs by requests that schemathesis makes, each venue in a process of its own.

All tests schemathesis makes for a venue have one name, of which processes that share tests out would run one
only, and the last of a module judges all before it. Each module can be run by hand as well: ``pytest
tests/contract/schemathesis_clob.py``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


@pytest.mark.parametrize("venue", ["us", "clob", "polysimulator"])
def test_no_answer_violates_the_spec(venue: str) -> None:
    """Every operation of a venue was asked, and no answer is other than its spec says."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            str(HERE / f"schemathesis_{venue}.py"),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
