"""The faults of the CLOB: those of every venue, and those of frames on its websockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from polyspec.sandbox.http import faults
from polyspec.sandbox.http.sockets import SOCKET_KINDS

__all__ = ["CHANNELS", "Fault", "FaultPlan"]

CHANNELS: Final = ("WebSocket_Market", "WebSocket_User", "WebSocket_Sports", "WebSocket_Live")


@dataclass(frozen=True, kw_only=True)
class Fault(faults.Fault):
    """One fault: which requests or frames it meets and what it does to them."""

    kinds: ClassVar[Mapping[str, str]] = {**faults.KINDS, **SOCKET_KINDS}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.effect in SOCKET_KINDS and self.kind != self.effect:
            raise ValueError(f"{self.effect} takes no suffix")

    def meets(self, operation: str) -> bool:
        """Tell whether requests or frames of this operation can be spoilt by it."""
        return (operation in CHANNELS) is (self.effect in SOCKET_KINDS) and super().meets(operation)


class FaultPlan(faults.FaultPlan):
    """The faults still to come."""

    made_of: ClassVar[type[faults.Fault]] = Fault
