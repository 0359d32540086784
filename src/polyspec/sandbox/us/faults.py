"""Faults only this venue knows, beside those any venue has.

================= ============= ==========================================================================
kind              by itself     effect
================= ============= ==========================================================================
revoke            before        every access token issued so far stops working, then 401
stopgap           during        the orders or replaces of the request are acknowledged and then rejected with
                                ``Global Rate Limit Exceeded``, as if they had waited for too long
================= ============= ==========================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from polyspec.sandbox.http import faults

__all__ = ["Fault", "FaultPlan"]

# what the stopgap can reject; cancels are exempt
_ENTRY: Final = frozenset(
    {
        "OrderEntryAPI_InsertOrder",
        "OrderEntryAPI_InsertOrderList",
        "OrderEntryAPI_InsertOrderCross",
        "OrderEntryAPI_CancelReplaceOrder",
        "OrderEntryAPI_CancelReplaceOrderList",
    }
)


@dataclass(frozen=True, kw_only=True)
class Fault(faults.Fault):
    """One fault: which requests it meets and what it does to them."""

    kinds: ClassVar[Mapping[str, str]] = {**faults.KINDS, "revoke": faults.BEFORE, "stopgap": faults.DURING}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.effect == "stopgap" and (self.kind != self.effect or self.operation not in _ENTRY | {"*"}):
            raise ValueError("stopgap has no suffix and meets orders and replaces only")

    def meets(self, operation: str) -> bool:
        """Tell whether requests of this operation can be spoilt by it."""
        return super().meets(operation) and (self.effect != "stopgap" or operation in _ENTRY)


class FaultPlan(faults.FaultPlan):
    """The faults still to come."""

    made_of: ClassVar[type[faults.Fault]] = Fault
