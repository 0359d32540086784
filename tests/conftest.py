"""What holds for all tests."""

from __future__ import annotations

import gc
import signal


def pytest_configure() -> None:
    """Hear Ctrl-C, which some tests press, though a shell may have those it runs behind it ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later collection of garbage: it is much, and it stays."""
    gc.collect()
    gc.freeze()
