"""Progress of downloads."""

from __future__ import annotations

import sys

import pytest

from polyspec.errors import ConfigError
from polyspec.io.progress import shown


def test_a_function_is_told_as_it_is() -> None:
    """A function of the caller is used directly, and nothing is shown for False."""
    sizes: list[int] = []
    with shown(sizes.append, "orders.csv") as told:
        assert told is not None
        told(7)
    with shown(False, "orders.csv") as told:
        assert told is None
    assert sizes == [7]


def test_true_draws_a_bar_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """True names the file and its size on stderr and leaves stdout to the program."""
    with shown(True, "orders.csv") as told:
        assert told is not None
        told(2_000_000)
    out, err = capsys.readouterr()
    assert out == ""
    assert "orders.csv" in err
    assert "2.0 MB" in err


def test_a_bar_without_rich_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rich is missing, asking for a bar names the extra that brings it."""
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with pytest.raises(ConfigError, match=r"polyspec\[cli\]"), shown(True, "orders.csv"):
        pass
