"""A count of the requests a sandbox sees."""

from __future__ import annotations

from collections import Counter

from polyspec.sandbox.http.faults import Fault, FaultPlan

__all__ = ["Counted"]


class Counted:
    """Something that knows what its venue was asked."""

    def __init__(self, faults: FaultPlan) -> None:
        self.seen: Counter[str] = Counter()
        """How many requests of each operation arrived."""
        take = faults.take

        def counted(operation: str, *kinds: str) -> Fault | None:
            self.seen[operation] += 1
            return take(operation, *kinds)

        faults.take = counted  # type: ignore[method-assign]
