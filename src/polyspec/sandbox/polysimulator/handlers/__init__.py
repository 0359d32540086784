"""What each operation does, one module per tag of the specification."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

__all__ = ["load"]


def load() -> None:
    """Import every handler module, so that each registers what it serves."""
    for each in iter_modules(__path__):
        import_module(f"{__name__}.{each.name}")
