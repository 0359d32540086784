"""Channels on which nothing is said."""

from __future__ import annotations

__all__ = ["Wordless"]


class Wordless:
    """The words of a channel that is asked in its address, in its opening, or not at all.

    Its rhythm must have no pings.
    """

    def begin(self, keys: list[str]) -> list[object]:
        """Say nothing."""
        del keys
        return []

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Say nothing."""
        del added, removed
        return []

    def ping(self) -> object:
        """Never asked for."""
        raise NotImplementedError
