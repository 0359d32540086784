"""Locks that a fork does not leave locked: the thread that held one runs in the other process only."""

from __future__ import annotations

import os
import threading
from typing import Final, Protocol
from weakref import WeakSet

__all__ = ["Locked", "renew_lock_of"]


class Locked(Protocol):
    """Has a lock that is held for moments only, around what may be left half done."""

    _lock: threading.Lock


_owners: Final[WeakSet[Locked]] = WeakSet()


def renew_lock_of(owner: Locked) -> None:
    """Give an owner another lock in every forked process; owners that have one lock have one again."""
    _owners.add(owner)


def _after_fork() -> None:
    made: dict[int, threading.Lock] = {}
    for owner in list(_owners):
        old = owner._lock  # noqa: SLF001
        owner._lock = made.setdefault(id(old), threading.Lock())  # noqa: SLF001


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
