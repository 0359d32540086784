"""Rounds of the Up/Down catalogue: an asset, an interval and a start, and the ids that carry all three.

The ids are made of what they name and of a tag that only the same seed makes, so a round is found again from
its id alone, after any time and by any process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from polyspec.sandbox.polysimulator.spot import ASSETS

__all__ = ["INTERVALS", "OUTCOMES", "Round", "Rounds"]

SECOND: Final = 1_000_000_000
INTERVALS: Final[Mapping[str, int]] = {"5M": 300, "15M": 900, "1H": 3600, "4H": 14_400, "daily": 86_400}
"""Lengths in seconds; all divide a day, so rounds begin where a day does."""
OUTCOMES: Final = ("Up", "Down")
_NAMES: Final = {"5M": "5m", "15M": "15m", "1H": "1h", "4H": "4h", "daily": "daily"}
_ALL_ASSETS: Final = tuple(ASSETS)
_ALL_INTERVALS: Final = tuple(INTERVALS)
_TAG: Final = 20


@dataclass(frozen=True)
class Round:
    """One round: whether the asset costs at the end what it cost at the start, or more."""

    asset: str
    interval: str
    start: int
    """Unix seconds."""

    @property
    def end(self) -> int:
        """Unix seconds."""
        return self.start + INTERVALS[self.interval]

    @property
    def start_ns(self) -> int:
        """When the strike is taken."""
        return self.start * SECOND

    @property
    def end_ns(self) -> int:
        """When the round is decided."""
        return self.end * SECOND

    @property
    def slug(self) -> str:
        """What the round is called in addresses."""
        return f"{self.asset.lower()}-updown-{_NAMES[self.interval]}-{self.start}"

    @property
    def title(self) -> str:
        """What the round is called by people."""
        return f"{ASSETS[self.asset].name} Up or Down - {self.date_display}, {self.time_range}"

    @property
    def date_display(self) -> str:
        """The day it begins."""
        return f"{datetime.fromtimestamp(self.start, UTC):%B} {datetime.fromtimestamp(self.start, UTC).day}"

    @property
    def time_range(self) -> str:
        """From when to when, on that day."""
        first, last = (datetime.fromtimestamp(each, UTC) for each in (self.start, self.end))
        return f"{first:%H:%M}-{last:%H:%M} UTC"


class Rounds:
    """The rounds there are, and their ids."""

    def __init__(self, seed: int) -> None:
        self._key = blake2b(f"{seed}/updown".encode(), digest_size=32).digest()
        # asked for with every price; made of a digest each
        self.condition_id = lru_cache(maxsize=2048)(self._condition_id)
        self.token_ids = lru_cache(maxsize=2048)(self._token_ids)

    def at(self, asset: str, interval: str, second: int) -> Round:
        """Return the round that runs at a unix second."""
        length = INTERVALS[interval]
        return Round(asset, interval, second - second % length)

    def live(self, second: int, *, ahead: int = 1) -> Iterator[Round]:
        """Return the rounds that run at a unix second, each with those that follow it."""
        for asset in _ALL_ASSETS:
            for interval, length in INTERVALS.items():
                first = self.at(asset, interval, second)
                for place in range(ahead + 1):
                    yield Round(asset, interval, first.start + place * length)

    def of_condition(self, condition_id: str) -> Round | None:
        """Return the round of a condition id; None if this catalogue never made it."""
        if len(condition_id) != 66 or not condition_id.startswith("0x"):
            return None
        try:
            raw = bytes.fromhex(condition_id[2:])
        except ValueError:
            return None
        found = self._read(raw)
        return found if found is not None and raw == self._packed(found, 0) else None

    def of_token(self, token_id: str) -> tuple[Round, int] | None:
        """Return the round of a token and which outcome it is; None if this catalogue never made it."""
        # the longest number of 256 bits; anything else in digits is not worth converting
        if not (token_id.isascii() and token_id.isdigit()) or len(token_id) > 78:
            return None
        number = int(token_id)
        if number >= 2**256:
            return None
        raw = number.to_bytes(32, "big")
        found = self._read(raw)
        if found is None or raw[-1] not in (1, 2) or raw != self._packed(found, raw[-1]):
            return None
        return found, raw[-1] - 1

    def of_slug(self, slug: str) -> Round | None:
        """Return the round of a slug; None if it is none."""
        asset, _, rest = slug.partition("-updown-")
        name, _, start = rest.rpartition("-")
        interval = next((each for each, called in _NAMES.items() if called == name), "")
        if asset.upper() not in ASSETS or not interval or not (start.isascii() and start.isdigit()):
            return None
        found = Round(asset.upper(), interval, int(start[:12]))
        return found if found.slug == slug and found.start % INTERVALS[interval] == 0 else None

    def _condition_id(self, each: Round) -> str:
        return "0x" + self._packed(each, 0).hex()

    def _token_ids(self, each: Round) -> tuple[str, str]:
        up, down = (str(int.from_bytes(self._packed(each, place), "big")) for place in (1, 2))
        return up, down

    def _packed(self, each: Round, kind: int) -> bytes:
        """Return 32 bytes: a tag, then asset, interval, start, and what it is an id of."""
        body = bytes((_ALL_ASSETS.index(each.asset), _ALL_INTERVALS.index(each.interval)))
        body += each.start.to_bytes(9, "big") + bytes((kind,))
        return blake2b(body, key=self._key, digest_size=_TAG).digest() + body

    @staticmethod
    def _read(raw: bytes) -> Round | None:
        asset, interval = raw[_TAG], raw[_TAG + 1]
        start = int.from_bytes(raw[_TAG + 2 : -1], "big")
        if asset >= len(_ALL_ASSETS) or interval >= len(_ALL_INTERVALS) or start >= 2**40:
            return None
        return Round(_ALL_ASSETS[asset], _ALL_INTERVALS[interval], start)
