"""Noise that one seed makes, known for every moment: nothing is remembered, so the past stays what it was."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

__all__ = ["Noise"]

_SECOND: Final = 1_000_000_000
_MOST_KNOWN: Final = 4096
"""Draws kept at hand."""


class Noise:
    """Draws that one seed makes, one every so many seconds, with straight lines between them."""

    def __init__(self, seed: int, kind: str) -> None:
        self._seed = seed
        self._kind = kind
        self._known: dict[tuple[str, int, int], int] = {}

    def value(self, name: str, at_ns: int, every: int, reach: int) -> int:
        """Return a value between plus and minus `reach`; `every` is in seconds."""
        span = every * _SECOND
        place, part = divmod(at_ns, span)
        first, second = (self._draw(name, every, each) for each in (place, place + 1))
        # draws are in billionths of the reach, so that steps of a tenth of a second are still seen
        return (first * (span - part) + second * part) * reach // (span * 10**9)

    def _draw(self, name: str, every: int, place: int) -> int:
        key = (name, every, place)
        known = self._known.get(key)
        if known is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            text = f"{self._seed}/{self._kind}/{name}/{every}/{place}"
            digest = blake2b(text.encode(), digest_size=8).digest()
            known = self._known[key] = int.from_bytes(digest, "big") % (2 * 10**9 + 1) - 10**9
        return known
