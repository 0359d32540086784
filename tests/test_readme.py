"""The README does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
SHELL = [code.strip() for language, code in BLOCKS if language == "bash"]


@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_python_block_runs(code: str) -> None:
    """Every Python block runs as it stands and prints something."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_first_line_tells_the_story() -> None:
    """The command of the first line ends with an order placed, found and cancelled."""
    command = SHELL[0].rpartition("&& ")[2].removeprefix(".venv/bin/polyspec ").split()
    done = subprocess.run(
        [sys.executable, "-m", "polyspec.cli", *command],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    for words in ("Place a limit order", "Find it", "Cancel it", "state CANCELED"):
        assert words in done.stdout
    assert "FAILED" not in done.stdout


def test_ci_runs_the_lines_of_the_readme() -> None:
    """What the README tells newcomers to type is what CI runs."""
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert len(SHELL) == 2
    for line in SHELL:
        assert line in script


def test_short_enough_to_be_read() -> None:
    """The README stays under a hundred lines."""
    assert len(README.splitlines()) < 100


def test_links_lead_somewhere() -> None:
    """Every relative link names a file."""
    for target in re.findall(r"\]\((?!http)([^)#]+)", README):
        assert (ROOT / target).exists(), target
