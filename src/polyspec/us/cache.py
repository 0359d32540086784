"""Instruments read lately, for as long as they may be relied on."""

from __future__ import annotations

import threading
from typing import Final

from polyspec.us.instrument import Instrument

__all__ = ["InstrumentCache"]

_LIMIT: Final = 10_000


class InstrumentCache:
    """Keeps instruments for `ttl` seconds, at most `limit` of them. Thread-safe; reads no clock itself."""

    def __init__(self, ttl: float, limit: int = _LIMIT) -> None:
        self._ttl = ttl
        self._limit = limit
        self._known: dict[str, tuple[float, Instrument]] = {}
        self._lock = threading.Lock()

    def get(self, symbol: str, now: float) -> Instrument | None:
        """Return an instrument unless it is unknown or too old at the monotonic second `now`."""
        with self._lock:
            kept = self._known.get(symbol)
        return kept[1] if kept is not None and now - kept[0] < self._ttl else None

    def keep(self, instrument: Instrument, now: float) -> Instrument:
        """Remember an instrument as read at `now`, at the expense of the one read longest ago."""
        with self._lock:
            self._known.pop(instrument.symbol, None)
            self._known[instrument.symbol] = (now, instrument)
            while len(self._known) > self._limit:
                del self._known[next(iter(self._known))]
        return instrument

    def symbols(self) -> list[str]:
        """Return the symbols of what is remembered, the one read last first."""
        with self._lock:
            return list(reversed(self._known))

    def forget(self, symbol: str) -> None:
        """Drop what is known of an instrument."""
        with self._lock:
            self._known.pop(symbol, None)
