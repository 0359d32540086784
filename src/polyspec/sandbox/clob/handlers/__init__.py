"""What each operation does, one module per tag of the specification."""

from __future__ import annotations

from importlib import import_module
from typing import Final

__all__ = ["load"]

_MODULES: Final = (
    "account",
    "auth",
    "books",
    "health",
    "history",
    "markets",
    "orders",
    "plural",
    "rewards",
    "rfq",
    "trades",
)


def load() -> None:
    """Import every handler module, so that each registers what it serves."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")
