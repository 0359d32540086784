"""The past of every market, as simulations see it.

Of the venue's own rounds everything is known. Of a mirrored market its trades are known; for hours without
one the archive goes on from what the market cost when it was first asked, by a path that one seed makes, and
says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from polyspec.sandbox.http.noise import Noise
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.polysimulator.feed import FeedMarket, Level
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request
from polyspec.sandbox.polysimulator.views import SECOND, iso

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["HOUR", "Archive", "ReplayBook"]

HOUR: Final = 3600 * SECOND
_ONE: Final = 1_000_000
_KIND: Final = "sim_anchor"
_SCALES: Final = ((1800, 15_000), (21_600, 40_000))
_LEVELS: Final = 10
_ROUNDS: Final = ("valid", "high", "simulated_spot")
_TRADED: Final = ("valid", "high", "mirrored_trades")
_CARRIED: Final = ("degraded", "medium", "simulated_archive")


@dataclass(frozen=True, kw_only=True)
class ReplayBook:
    """A book of the past, best levels first; prices and sizes in millionths."""

    market: FeedMarket
    index: int
    """Which outcome."""
    at_ns: int
    seen_ns: int
    """When it last changed before that."""
    mid: int
    bids: list[Level]
    asks: list[Level]
    hour_status: str
    confidence: str
    data_source: str

    def provenance(self) -> dict[str, Any]:
        """Return how good the recording of the hour is."""
        return {
            "hour_status": self.hour_status,
            "bbo_confidence": self.confidence,
            "ghost_guard_triggered": False,
            "deduped_events": 0,
            "hour": iso(self.at_ns - self.at_ns % HOUR),
        }

    def leakage(self, fill_model: str) -> dict[str, Any]:
        """Return what was known and what was not."""
        return {
            "book_depth_available": True,
            "data_source": self.data_source,
            "fee_model": "polymarket_v2_taker",
            "fill_model": fill_model,
            "missing_periods": [],
        }


class Archive:
    """Looks into the past of a world."""

    def __init__(self, world: PolySimWorld) -> None:
        self._world = world
        self._noise = Noise(world.seed, "archive")
        self._anchors = world.store.load(_KIND, int)

    def span(self, market: FeedMarket) -> tuple[int, int]:
        """Return the first nanosecond that is recorded, and the one past the last."""
        now = self._world.clock.now_ns()
        return market.created_ns, now if market.end_ns is None else min(now, market.end_ns)

    def hours(self, market: FeedMarket, start_ns: int, end_ns: int) -> list[dict[str, Any]]:
        """Return how good the recording of each hour is."""
        first, last = self.span(market)
        first, last = max(first, start_ns), min(last, end_ns)
        hours = range(first - first % HOUR, last, HOUR) if first < last else range(0)
        return [{"hour": iso(each), "status": self._hour_status(market, each)} for each in hours]

    def _hour_status(self, market: FeedMarket, hour_ns: int) -> str:
        if self._world.markets.is_round(market):
            return _ROUNDS[0]
        token = market.token_ids[0]
        return (_TRADED if self._world.markets.points(token, hour_ns, hour_ns + HOUR) else _CARRIED)[0]

    def book(self, market: FeedMarket, index: int, at_ns: int) -> ReplayBook:
        """Return the book of an outcome at a moment; raises Refusal (400, 404)."""
        if at_ns > self._world.clock.now_ns():
            raise bad_request("INVALID_WINDOW", "this lies in the future")
        first, last = self.span(market)
        if not first <= at_ns < max(last, first + 1):
            raise Refusal(404, "CONDITION_HOUR_NOT_COVERED", "this hour of the market is not recorded")
        price, seen, grade = self._price(market, at_ns)
        tick = market.tick
        low, high = (price - 1) // tick * tick, (price // tick + 1) * tick
        below = self._ladder(market, seen, low, -tick)
        above = self._ladder(market, seen, high, tick)
        if index:
            below, above = _mirrored(above), _mirrored(below)
            price = _ONE - price
        return ReplayBook(
            market=market,
            index=index,
            at_ns=at_ns,
            seen_ns=seen,
            mid=price,
            bids=below,
            asks=above,
            hour_status=grade[0],
            confidence=grade[1],
            data_source=grade[2],
        )

    def _price(self, market: FeedMarket, at_ns: int) -> tuple[int, int, tuple[str, str, str]]:
        """Return what the first outcome cost, when that was seen, and how good that is."""
        world, token = self._world, market.token_ids[0]
        found = world.updown.rounds.of_condition(market.condition_id)
        if found is not None:
            seen = at_ns - at_ns % SECOND
            return world.updown.chance(found, seen), seen, _ROUNDS
        points = world.markets.points(token, at_ns - HOUR, at_ns + 1)
        if points:
            return points[-1][1], points[-1][0], _TRADED
        seen = at_ns - at_ns % (60 * SECOND)
        strayed = sum(self._noise.value(market.condition_id, seen, *scale) for scale in _SCALES)
        price = min(max(self._anchor(market) + strayed, market.tick), _ONE - market.tick)
        return price, seen, _CARRIED

    def _anchor(self, market: FeedMarket) -> int:
        """Return what the market cost when its past was first asked for; that is kept."""
        known = self._anchors.get(market.condition_id)
        if known is None:
            shown = self._world.engine.displayed(market.token_ids[0])
            known = _ONE // 2 if shown is None else shown
            self._world.store.put(_KIND, market.condition_id, known)
            self._anchors[market.condition_id] = known
        return known

    def _ladder(self, market: FeedMarket, seen_ns: int, price: int, step: int) -> list[Level]:
        side = "bids" if step < 0 else "asks"
        drawn = Seeded(self._world.seed, f"archive/{market.condition_id}/{seen_ns}/{side}")
        prices = [price + place * step for place in range(_LEVELS)]
        return [(each, drawn.between(20, 300) * _ONE) for each in prices if 0 < each < _ONE]


def _mirrored(levels: list[Level]) -> list[Level]:
    return [(_ONE - price, size) for price, size in levels]
