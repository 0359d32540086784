"""How often a peer must be heard of."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from polyspec.errors import ConfigError

__all__ = ["FOREVER", "Rhythm"]

FOREVER: Final = float("inf")


@frozen
class Rhythm:
    """How often a peer must be heard of, in seconds."""

    connect: float = 10.0
    """Until a connection stands."""
    subscribe: float = 15.0
    """From then until everything asked for was told for the first time."""
    ping: float | None = 10.0
    """Between two pings of our own; None where the transport has its own."""
    pong: float | None = 5.0
    """From a ping until anything must have come; None where pings go unanswered."""
    quiet: float | None = None
    """Without any data before we look for ourselves whether something was missed; None never looks."""
    silent: float | None = None
    """Without anything at all, signs of life included, until the peer counts as dead; None never does."""
    late: float | None = None
    """Until what was not told is looked up over REST, and again after so long; None never looks."""
    audit: float | None = None
    """Between two looks at everything, whatever is told; None never looks."""
    healthy: float = 10.0
    """Alive for so long, a connection counts as good, and the next failure as the first."""
    shortest: float = 0.25
    first: float = 4.0
    longest: float = 30.0
    """The pause before the first attempt to connect again lies between `shortest` and `first`, where chance
    has it: a hundred clients that lose a venue together must not come back together. Pauses double up to
    `longest`.
    """

    def __attrs_post_init__(self) -> None:
        for name in ("connect", "subscribe", "healthy", "shortest", "first", "longest"):
            if not 0 < getattr(self, name) < FOREVER:
                raise ConfigError(f"{name} must be a number of seconds above 0, not {getattr(self, name)!r}")
        for name in ("ping", "pong", "quiet", "silent", "late", "audit"):
            if getattr(self, name) is not None and not 0 < getattr(self, name) < FOREVER:
                raise ConfigError(f"{name} must be None or seconds above 0, not {getattr(self, name)!r}")
