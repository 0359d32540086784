"""Time to spare: what a busy machine takes longer for is no fault, unless time is what a test is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from polyspec.core.sending import Patience

__all__ = ["LATE", "ample"]

LATE = 2.0
"""Seconds by which a busy machine may be late; deadlines that are not kept are missed by more."""

_AMPLE = Patience(connect=10.0, write=10.0, read=30.0, place=30.0, total=30.0)


def ample(settings: Any, fault: Mapping[str, Any] | None = None) -> Any:
    """Return settings with so much patience that it does not end before the faults do.

    Where the client's patience is all that ends a fault there is little of it for the answer that is lost.
    """
    if fault is not None and fault["kind"].startswith(("hang", "drip")):
        short = evolve(settings.patience, connect=10.0, write=10.0, read=0.8, total=20.0)
        return evolve(settings, patience=short)
    return evolve(settings, patience=_AMPLE)
