"""Salts of orders: 53 random bits, the most that a JSON number carries everywhere."""

from __future__ import annotations

import os
import struct
from typing import Final

__all__ = ["MAX_SALT", "new_salt"]

MAX_SALT: Final = 2**53 - 1
_BATCH: Final = struct.Struct("<256Q")
_pool: list[int] = []


def new_salt() -> int:
    """Return a salt no other order has; threads and forked processes never get the same one."""
    try:
        # taking one is a single step, so two threads cannot take the same
        return _pool.pop()
    except IndexError:
        fresh: list[int] = [number >> 11 for number in _BATCH.unpack(os.urandom(_BATCH.size))]
        salt = fresh.pop()
        _pool.extend(fresh)
        return salt


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.clear)
