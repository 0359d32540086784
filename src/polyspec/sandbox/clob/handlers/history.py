"""Past prices. They begin with the sandbox; candles and past books are not published, so not served."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from polyspec.sandbox.clob.handlers.books import token_of
from polyspec.sandbox.clob.handlers.markets import price_now
from polyspec.sandbox.clob.reading import Whole, Whole32
from polyspec.sandbox.clob.refusals import Refusal, bad_request
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.views import SECOND, number
from polyspec.sandbox.clob.world import ClobWorld

__all__: list[str] = []

_MINUTE: Final = 60
_DAY: Final = 86_400
_INTERVALS: Final = {
    "1h": 3600,
    "6h": 6 * 3600,
    "1d": _DAY,
    "1w": 7 * _DAY,
    "1m": 30 * _DAY,
    "max": None,
    "all": None,
}
_FINEST: Final = {"1m": 10, "1w": 5}
"""Minutes between points, at least."""
_COARSEST: Final = 2**31 - 1
_LONGEST: Final = 10**10
"""Beyond this a number of seconds is one of milliseconds."""
_MOST: Final = 1000
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")


def _whole(text: str, words: str) -> int | None:
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        raise bad_request(words)
    return int(text)


def _window(
    world: ClobWorld, start: int | None, end: int | None, interval: str | None, fidelity: int | None
) -> tuple[int, int, int]:
    """Return first and last second and the step; raises Refusal (400) for what contradicts itself."""
    now = world.clock.now_ns() // SECOND
    least = _FINEST.get(interval or "", 1)
    if fidelity is not None and not least <= fidelity <= _COARSEST:
        raise bad_request(f"invalid fidelity: {fidelity}")
    step = (fidelity or least) * _MINUTE
    if interval:
        if interval not in _INTERVALS:
            raise bad_request("invalid interval")
        if start is not None or end is not None:
            raise bad_request("interval excludes startTs and endTs")
        length = _INTERVALS[interval]
        return (0 if length is None else now - length), now, step
    if start is None:
        raise bad_request("startTs is required")
    if max(start, end or 0) > _LONGEST:
        raise bad_request("interval is too long")
    return start, now if end is None else end, step


def _series(world: ClobWorld, token_id: str, window: tuple[int, int, int]) -> list[dict[str, Any]]:
    """Return the last price of each step that has one, and the price now if now is within."""
    start, end, step = window
    steps: dict[int, int] = {}
    for point in world.exchange.price_points(token_id, max(0, start) * SECOND, (end + 1) * SECOND):
        steps[point.time // SECOND // step * step] = point.price
    now = world.clock.now_ns() // SECOND
    if world.listing_of(token_id) is not None and start <= now <= end:
        steps[now] = price_now(world, token_id)
    return [{"t": moment, "p": number(price)} for moment, price in sorted(steps.items())]


@handles("Books_GetPricesHistory")
def prices_history(asked: Asked) -> dict[str, Any]:
    """Show past prices of a token, which the venue calls market here."""
    token_id = token_of(asked.text("market"))
    start, end, fidelity = (
        _whole(asked.text(name), f"invalid {name}: {asked.text(name)}")
        for name in ("startTs", "endTs", "fidelity")
    )
    window = _window(asked.world, start, end, asked.text("interval") or None, fidelity)
    return {"history": _series(asked.world, token_id, window)}


class _Batch(msgspec.Struct):
    markets: list[str]
    start_ts: Whole | None = None
    end_ts: Whole | None = None
    interval: str | None = None
    fidelity: Whole32 | None = None


@handles("Books_GetBatchPricesHistory")
def batch_prices_history(asked: Asked) -> dict[str, Any]:
    """Show past prices of several tokens."""
    batch = asked.body(_Batch, "Invalid payload")
    window = _window(asked.world, batch.start_ts, batch.end_ts, batch.interval, batch.fidelity)
    return {"history": {each: _series(asked.world, token_of(each), window) for each in batch.markets}}


def _check_limit(asked: Asked) -> None:
    if _whole(asked.text("startTs"), "invalid startTs") is None:
        raise bad_request("startTs is required")
    limit = _whole(asked.text("limit"), "invalid limit")
    if limit is not None and limit > _MOST:
        raise bad_request(f"limit cannot exceed {_MOST}")
    if limit is not None and limit < 1:
        raise bad_request("invalid limit")


@handles("Books_GetOHLC")
def ohlc(asked: Asked) -> Any:
    """Refuse candles: the venue publishes no body for them."""
    if not asked.text("asset_id"):
        raise bad_request("asset_id is required")
    if asked.text("fidelity") not in {"", "1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"}:
        raise bad_request(f"invalid fidelity: {asked.text('fidelity')}")
    _check_limit(asked)
    raise Refusal(501, "candles are not available in the sandbox")


@handles("Books_GetOrderbookHistory")
def orderbook_history(asked: Asked) -> Any:
    """Refuse past books: the venue publishes no body for them."""
    if not asked.text("asset_id") and not asked.text("market"):
        raise bad_request("either market or asset_id must be provided")
    _check_limit(asked)
    raise Refusal(501, "past books are not available in the sandbox")
