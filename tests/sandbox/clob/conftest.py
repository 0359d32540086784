"""Sandboxes and callers for the tests of the CLOB."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.options import ClobOptions

sys.path.insert(0, str(Path(__file__).parent))

from clob_door import Door

Open = Callable[..., Door]


@pytest.fixture
def open_door() -> Iterator[Open]:
    """Open a quiet sandbox in process with options of the CLOB, and a door to it."""
    with ExitStack() as stack:

        def opened(**options: Any) -> Door:
            quiet = options.pop("quiet", True)
            chosen = ClobOptions(**{"rate_limits": False, **options})
            sandbox = Sandbox(venues=("clob",), quiet=quiet, port=False, clob=chosen)
            return stack.enter_context(closing(Door(stack.enter_context(sandbox))))

        yield opened


@pytest.fixture
def door(open_door: Open) -> Door:
    """The first funded key, at a quiet sandbox."""
    return open_door()


@pytest.fixture
def other(door: Door) -> Iterator[Door]:
    """The second funded key."""
    with closing(door.of(1)) as opened:
        yield opened
