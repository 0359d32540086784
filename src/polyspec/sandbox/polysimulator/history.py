"""Past prices: points of trades on the mirrored venue, made into series and candles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from polyspec.sandbox.polysimulator.engine.units import price_text, quantity_text
from polyspec.sandbox.polysimulator.feed import FeedMarket
from polyspec.sandbox.polysimulator.views import SECOND, number, price_now

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["RANGES", "candles_of", "series_of"]

_DAY: Final = 86_400
RANGES: Final[dict[str, int | None]] = {
    "1h": 3600,
    "6h": 6 * 3600,
    "1d": _DAY,
    "1w": 7 * _DAY,
    "1m": 30 * _DAY,
    "max": None,
    "all": None,
}
"""How far an interval looks back, in seconds; None: to the beginning."""
_CANDLES: Final = {"1h": 60, "6h": 300, "1d": 900, "1w": 3600, "max": _DAY}
"""How long a candle is, in seconds, by how far the interval looks back."""


def _points(
    world: PolySimWorld, market: FeedMarket, index: int, start: int, end: int
) -> list[tuple[int, int]]:
    """Return seconds and prices of a stretch of seconds, both ends included, with what it costs now."""
    token_id = market.token_ids[index]
    found = world.markets.points(token_id, max(0, start) * SECOND, (end + 1) * SECOND)
    points = [(at_ns // SECOND, price) for at_ns, price in found]
    now = world.clock.now_ns() // SECOND
    if market.status == "open" and start <= now <= end:
        points.append((now, price_now(world, market, index)))
    return points


def series_of(
    world: PolySimWorld, market: FeedMarket, index: int, start: int, end: int, step: int
) -> list[dict[str, Any]]:
    """Return the last price of each step of seconds that has one."""
    steps = {at // step * step: price for at, price in _points(world, market, index, start, end)}
    return [{"t": at, "p": number(price)} for at, price in sorted(steps.items())]


def candles_of(world: PolySimWorld, market: FeedMarket, index: int, interval: str) -> list[dict[str, Any]]:
    """Return candles of an outcome as far back as the interval looks."""
    now, back = world.clock.now_ns() // SECOND, RANGES[interval]
    start = 0 if back is None else now - back
    return candles_between(world, market, index, start, now, _CANDLES[interval])


def candles_between(
    world: PolySimWorld, market: FeedMarket, index: int, start: int, end: int, length: int
) -> list[dict[str, Any]]:
    """Return candles of some seconds each; their volume is of the venue's own fills alone."""
    own = [
        (trade.filled_ns // SECOND, trade)
        for trade in world.engine.market_trades(market.condition_id, market.token_ids[index])
        if start <= trade.filled_ns // SECOND <= end
    ]
    volumes: dict[int, int] = {}
    for at, trade in own:
        volumes[at // length * length] = volumes.get(at // length * length, 0) + trade.quantity
    points = [*((at, trade.price) for at, trade in own), *_points(world, market, index, start, end)]
    prices: dict[int, list[int]] = {}
    # in the order of time: the last of a candle is its close
    for at, price in sorted(points, key=lambda point: point[0]):
        prices.setdefault(at // length * length, []).append(price)
    return [
        {
            "t": place,
            "o": price_text(told[0]),
            "h": price_text(max(told)),
            "l": price_text(min(told)),
            "c": price_text(told[-1]),
            "v": quantity_text(volumes.get(place, 0)),
        }
        for place, told in sorted(prices.items())
    ]
