"""What holds for all tests."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later collection of garbage: it is much, and it stays."""
    gc.collect()
    gc.freeze()
