"""What the websocket benchmarks agree on; nothing of the project is needed to read it."""

from __future__ import annotations

from typing import Final

__all__ = ["MARKET", "START", "TOKENS"]

TOKENS: Final = ("1" * 77, "2" * 77)
MARKET: Final = "0x" + "ab" * 32
START: Final = 1_700_000_000_000
"""Milliseconds of the first message."""
