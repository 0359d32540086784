"""Faults on demand: what a network or a venue can do to a request, before or after executing it.

A fault's kind names the effect; the suffix ``_before`` or ``_after`` says on which side of the execution it
falls, because that is the difference a trading client has to live with. Without a suffix the table decides.
A venue may know further kinds.

================= ============= ==========================================================================
kind              by itself     effect
================= ============= ==========================================================================
reset             before        the connection is reset (RST)
close             before        the connection is closed without an answer
close_mid_body    after         full headers, half the body, then the connection is closed
truncate          after         a well-framed answer whose JSON stops in the middle
hang              after         no answer for `seconds` (default: an hour), then a reset
delay             before        everything goes well, `seconds` late
drip              after         the answer arrives one byte every `seconds`
status            before        the venue's error shape with `status` (default 503) and `message`
html              before        a proxy's page with `status` (default 502)
rate_limit        before        429 with `retry_after`, or without
unauthorized      before        401
================= ============= ==========================================================================
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar, Final, Self

__all__ = ["AFTER", "BEFORE", "DURING", "KINDS", "Fault", "FaultPlan"]

BEFORE: Final = "before"
AFTER: Final = "after"
DURING: Final = "during"
KINDS: Final[Mapping[str, str]] = {
    "reset": BEFORE,
    "close": BEFORE,
    "close_mid_body": AFTER,
    "truncate": AFTER,
    "hang": AFTER,
    "delay": BEFORE,
    "drip": AFTER,
    "status": BEFORE,
    "html": BEFORE,
    "rate_limit": BEFORE,
    "unauthorized": BEFORE,
}
# an answer can only be cut or slowed down once there is one
_NEEDS_ANSWER: Final = frozenset({"close_mid_body", "truncate", "drip"})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: which requests it meets and what it does to them."""

    kinds: ClassVar[Mapping[str, str]] = KINDS
    """When the effect of each kind falls if its name does not say so."""

    kind: str
    operation: str = "*"
    """The operationId it meets, or ``*`` for any."""
    times: int | None = 1
    """How many requests it spoils; None: all from now on."""
    after: int = 0
    """How many matching requests pass unharmed first."""
    status: int | None = None
    message: str = ""
    body: str | None = None
    retry_after: float | str | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.effect not in self.kinds:
            raise ValueError(f"unknown fault kind {self.kind!r}; one of {', '.join(sorted(self.kinds))}")
        if self.effect in _NEEDS_ANSWER and self.executed is False:
            raise ValueError(f"{self.effect} can only happen after the execution")
        if (self.times is not None and self.times < 1) or self.after < 0:
            raise ValueError("times must be at least 1 and after at least 0")

    @property
    def effect(self) -> str:
        """The kind without its suffix."""
        return self.kind.removesuffix("_before").removesuffix("_after")

    @property
    def executed(self) -> bool:
        """Whether the request is carried out although the answer is spoilt."""
        if self.kind.endswith("_before"):
            return False
        return self.kind.endswith("_after") or self.kinds.get(self.effect) != BEFORE

    @property
    def during(self) -> bool:
        """Whether it changes what the request does, not how it is answered."""
        return self.kinds[self.effect] == DURING

    def meets(self, operation: str) -> bool:
        """Tell whether requests of this operation can be spoilt by it."""
        return self.operation in (operation, "*")

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """Build a fault from a JSON object; raises ValueError for unknown keys or kinds."""
        known = {each.name for each in fields(cls)}
        if unknown := sorted(plain.keys() - known):
            raise ValueError(f"unknown key {unknown[0]!r} in a fault")
        if not isinstance(plain.get("kind"), str):
            raise ValueError("a fault needs a kind")  # noqa: TRY004 - one error for all bad plans
        return cls(**plain)


class FaultPlan:
    """The faults still to come, in the order they were added; the first match is taken. Thread-safe."""

    made_of: ClassVar[type[Fault]] = Fault
    """The faults of the venue."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plan: list[Fault] = []
        self.hits: list[tuple[str, str]] = []
        """(operationId, kind) of every request a fault met."""

    def add(self, fault: Fault | None = None, /, **options: Any) -> Fault:
        """Add a fault, given whole or by its fields."""
        made = fault if fault is not None else self.made_of(**options)
        with self._lock:
            self._plan.append(made)
        return made

    def clear(self) -> None:
        """Forget all faults still to come."""
        with self._lock:
            self._plan.clear()

    def take(self, operation: str, *kinds: str) -> Fault | None:
        """Return the fault that meets this request, and count it; None if it goes unharmed.

        Who can bear some `kinds` only at a moment names them; the others wait for theirs.
        """
        with self._lock:
            for place, fault in enumerate(self._plan):
                if not fault.meets(operation) or (kinds and fault.effect not in kinds):
                    continue
                if fault.after > 0:
                    self._plan[place] = replace(fault, after=fault.after - 1)
                    continue
                self._spend(place, fault)
                self.hits.append((operation, fault.kind))
                return fault
        return None

    def _spend(self, place: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times == 1:
            del self._plan[place]
        else:
            self._plan[place] = replace(fault, times=fault.times - 1)

    def pending(self) -> list[dict[str, Any]]:
        """Return the faults still to come, as JSON objects."""
        with self._lock:
            return [asdict(fault) for fault in self._plan]
