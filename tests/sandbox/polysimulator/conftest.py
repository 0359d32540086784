"""Sandboxes and callers for the tests of PolySimulator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sim_door import Door

Open = Callable[..., Door]


@pytest.fixture
def open_door() -> Iterator[Open]:
    """Open a sandbox in process with options of PolySimulator, and a door to it."""
    with ExitStack() as stack:

        def opened(**options: Any) -> Door:
            return stack.enter_context(closing(Door(**options)))

        yield opened


@pytest.fixture
def door(open_door: Open) -> Door:
    """A sandbox with default options but without limits."""
    return open_door()


@pytest.fixture(scope="module")
def reader() -> Iterator[Door]:
    """One sandbox for the tests of a module that change nothing."""
    with closing(Door()) as opened:
        yield opened
