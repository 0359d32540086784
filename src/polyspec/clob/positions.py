"""Which tokens are position ids, settled by the third generation of the exchange."""

from __future__ import annotations

from typing import Final

__all__ = ["is_position_id"]

# binary, neg risk and combinatorial
_MODULES: Final = (1, 2, 3)
_GAP: Final = (1 << 64) - 1


def is_position_id(token_id: int) -> bool:
    """Say whether a token id is a position id: a module in its top byte, and bits 40 to 103 zero."""
    return token_id >> 248 in _MODULES and not token_id >> 40 & _GAP
