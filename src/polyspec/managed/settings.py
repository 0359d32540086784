"""How managed clients behave."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum

from attrs import field, frozen

from polyspec.errors import ConfigError

__all__ = ["CreatePolicy", "ManagedSettings"]


class CreatePolicy(StrEnum):
    """When refused credentials may be replaced by new ones, which ends those of all other holders."""

    NEVER = "never"
    WHEN_GONE = "when_gone"
    """If the venue itself says that there are none any more."""
    WHEN_REFUSED = "when_refused"
    """Also if it still has them, and refused them for longer than fresh ones may be refused."""


@frozen(kw_only=True)
class ManagedSettings:
    """Times are in seconds."""

    create: CreatePolicy = field(default=CreatePolicy.WHEN_GONE, converter=CreatePolicy)
    settling: float = 120.0
    """How long the venue may refuse fresh credentials."""
    pauses: tuple[float, ...] = field(default=(0.2, 0.5, 1.0, 2.0), converter=tuple)
    """Between looks at credentials that were refused."""
    settling_pauses: tuple[float, ...] = field(default=(0.5, 1.0, 2.0, 4.0, 8.0), converter=tuple)
    """The same of fresh ones; the last counts again and again."""
    clock_step: float = 1.0
    """How far a clock must be off to be corrected."""
    heals: int = 5
    """How often one request goes again after its credentials were found good, or replaced."""
    lease: float = 15.0
    """How long who replaces credentials has for it before another process takes over."""
    circuit: float = 5.0
    """How long a user's circuit is open the first time; it doubles."""
    longest_circuit: float = 300.0
    rotate_every: float | None = None
    """Age at which `rotate_due` replaces credentials; None: never."""
    drain: float = 15.0
    """How long rotation waits for orders that are on their way, where old credentials end at once."""

    def __attrs_post_init__(self) -> None:
        for name in ("settling", "clock_step", "lease", "circuit", "longest_circuit", "drain"):
            _check(name, (getattr(self, name),))
        _check("pauses", self.pauses)
        _check("settling_pauses", self.settling_pauses)
        _check("rotate_every", () if self.rotate_every is None else (self.rotate_every,))
        if self.heals < 1 or not self.pauses or not self.settling_pauses or self.lease <= 0:
            raise ConfigError("heals must be 1 or more, the lease above 0, and there must be pauses")


def _check(name: str, values: Iterable[float]) -> None:
    for value in values:
        if not (math.isfinite(value) and value >= 0):
            raise ConfigError(f"{name} must be seconds, 0 or more, not {value!r}")
