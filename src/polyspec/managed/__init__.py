"""Clients for many users, whose credentials are in a vault and looked after.

What they need is imported when it is first used, and so are its libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polyspec.managed.audit import AuditLog, Head, verify_audit
    from polyspec.managed.clob import ManagedClobClient, ManagedClobUser
    from polyspec.managed.clob_async import AsyncManagedClobClient, AsyncManagedClobUser
    from polyspec.managed.journal import Fate, JournalEntry, OrderJournal, Owner
    from polyspec.managed.polysimulator import ManagedPolySimulatorClient, ManagedPolySimulatorUser
    from polyspec.managed.polysimulator_async import (
        AsyncManagedPolySimulatorClient,
        AsyncManagedPolySimulatorUser,
    )
    from polyspec.managed.settings import CreatePolicy, ManagedSettings
    from polyspec.managed.states import Rotated, Standing, State
    from polyspec.managed.us import ManagedUsClient, ManagedUsUser
    from polyspec.managed.us_async import AsyncManagedUsClient, AsyncManagedUsUser

_LAZY = {
    "AsyncManagedClobClient": "clob_async",
    "AsyncManagedClobUser": "clob_async",
    "AsyncManagedPolySimulatorClient": "polysimulator_async",
    "AsyncManagedPolySimulatorUser": "polysimulator_async",
    "AsyncManagedUsClient": "us_async",
    "AsyncManagedUsUser": "us_async",
    "AuditLog": "audit",
    "CreatePolicy": "settings",
    "Fate": "journal",
    "Head": "audit",
    "JournalEntry": "journal",
    "ManagedClobClient": "clob",
    "ManagedClobUser": "clob",
    "ManagedPolySimulatorClient": "polysimulator",
    "ManagedPolySimulatorUser": "polysimulator",
    "ManagedSettings": "settings",
    "ManagedUsClient": "us",
    "ManagedUsUser": "us",
    "OrderJournal": "journal",
    "Owner": "journal",
    "Rotated": "states",
    "Standing": "states",
    "State": "states",
    "verify_audit": "audit",
}

__all__ = [
    "AsyncManagedClobClient",
    "AsyncManagedClobUser",
    "AsyncManagedPolySimulatorClient",
    "AsyncManagedPolySimulatorUser",
    "AsyncManagedUsClient",
    "AsyncManagedUsUser",
    "AuditLog",
    "CreatePolicy",
    "Fate",
    "Head",
    "JournalEntry",
    "ManagedClobClient",
    "ManagedClobUser",
    "ManagedPolySimulatorClient",
    "ManagedPolySimulatorUser",
    "ManagedSettings",
    "ManagedUsClient",
    "ManagedUsUser",
    "OrderJournal",
    "Owner",
    "Rotated",
    "Standing",
    "State",
    "verify_audit",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'polyspec.managed' has no attribute {name!r}")
    try:
        found = getattr(import_module(f"polyspec.managed.{_LAZY[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("polyspec"):
            raise
        raise ImportError(
            f"polyspec.managed.{name} needs {error.name}: pip install 'polyspec[vault]' and the venue's extra"
        ) from error
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
