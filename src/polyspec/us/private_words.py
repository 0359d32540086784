"""What callers say about private streams, read once."""

from __future__ import annotations

from collections.abc import Iterable

from polyspec.core.streams.backlog import Overflow
from polyspec.errors import ConfigError

__all__ = ["kept", "names"]


def names(given: Iterable[str] | None, what: str) -> tuple[str, ...]:
    """Return names without those that are there twice; raises ConfigError for what is no list of names."""
    if given is None:
        return ()
    if isinstance(given, str):
        raise ConfigError(f"{what} is a list of names, not the one text {given!r:.50}")
    found = tuple(dict.fromkeys(given))
    if not found:
        raise ConfigError(f"{what} is empty: name one, or leave it out to ask for all")
    if not all(isinstance(each, str) and each for each in found):
        raise ConfigError(f"{what} must be names, not {found!r:.100}")
    return found


def kept(overflow: Overflow) -> Overflow:
    """Return what becomes of a slow reader of what must not be left out."""
    if overflow == "drop_oldest":
        raise ConfigError(
            "overflow must be 'block' or 'disconnect' here: what is told once must not be left out"
        )
    return overflow
