"""Let whoever holds connections know that its process is a copy: they belong to the other one."""

from __future__ import annotations

import os
from typing import Final, Protocol
from weakref import WeakSet

__all__ = ["Holder", "tell"]


class Holder(Protocol):
    """Has connections."""

    def begin_anew(self) -> None:
        """Forget all connections, and locks, which may be held by threads that are not here."""
        ...


_holders: Final[WeakSet[Holder]] = WeakSet()


def tell(holder: Holder) -> None:
    """Tell a holder to begin anew in every forked process, before anything else happens there."""
    _holders.add(holder)


def _forked() -> None:
    for holder in list(_holders):
        holder.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
