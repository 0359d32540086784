"""Books, prices and terms of tokens, public and in the shapes of the real CLOB."""

from __future__ import annotations

import re
from typing import Any, Final

from polyspec_wire.polysimulator import models as m

from polyspec.sandbox.polysimulator.engine import fee_bps
from polyspec.sandbox.polysimulator.engine.units import price_text
from polyspec.sandbox.polysimulator.feed import FeedMarket
from polyspec.sandbox.polysimulator.history import RANGES, candles_between, series_of
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request, invalid, missing
from polyspec.sandbox.polysimulator.registry import Answer, Asked, handles
from polyspec.sandbox.polysimulator.views import (
    HALF,
    MILLISECOND,
    SECOND,
    best_of,
    book_view,
    iso,
    number,
    spread_of,
)

__all__: list[str] = []

_TOKEN: Final = re.compile(r"[0-9]{1,78}")
_NO_BOOK: Final = "no order book for this token"
_DEEPEST: Final = 500
_MOST: Final = 50
_MOST_PRICES: Final = 500
_SIDES: Final = ("BUY", "SELL")
_STEPS: Final = {"1m": 10, "1w": 5}
"""Minutes between points where nobody says."""
_LONGEST_STEP: Final = 10**6
_LAST_SECOND: Final = 2**63 - 1


def _token(asked: Asked) -> str:
    """Return the token that is asked about; raises Refusal (400) for what is none."""
    token_id = asked.path.get("token_id") or asked.text("token_id")
    if not _TOKEN.fullmatch(token_id):
        raise Refusal(400, "INVALID_TOKEN_ID", "Invalid token id", prose=True)
    return token_id


def _market(asked: Asked, token_id: str, code: str, words: str) -> FeedMarket:
    found = asked.world.markets.market_of(token_id)
    if found is None:
        raise Refusal(404, code, words, prose=True)
    return found


def _side(text: str) -> str:
    if text.upper() not in _SIDES:
        raise Refusal(400, "INVALID_REQUEST", "Invalid side", prose=True)
    return text.upper()


def _best(asked: Asked, token_id: str) -> tuple[int | None, int | None]:
    return best_of(asked.world.markets.shown_book(token_id))


def _both(asked: Asked, token_id: str) -> tuple[int, int]:
    """Return the best prices; raises Refusal (404) if one is missing."""
    bid, ask = _best(asked, token_id)
    if bid is None or ask is None:
        raise missing("BOOK_UNAVAILABLE", _NO_BOOK)
    return bid, ask


# -- one token --


@handles("Books_GetOrderBook")
@handles("Books_GetClobBook")
def get_order_book(asked: Asked) -> Answer:
    """Show a book; anything but a token with a book has none, condition ids included."""
    token_id = asked.path.get("token_id") or asked.text("token_id")
    depth = asked.whole("depth", _DEEPEST, 1, _DEEPEST)
    market = asked.world.markets.market_of(token_id)
    book = None if market is None else book_view(asked.world, market, token_id, depth)
    if book is None:
        raise missing("BOOK_UNAVAILABLE", _NO_BOOK)
    return Answer(book, headers={"cache-control": "no-store"})


@handles("Books_GetMidpoint")
def get_midpoint(asked: Asked) -> dict[str, str]:
    """Show the middle of a book."""
    bid, ask = _both(asked, _token(asked))
    middle = price_text((bid + ask) // 2)
    return {"mid": middle, "mid_price": middle}


@handles("Books_GetSpread")
def get_spread(asked: Asked) -> dict[str, str]:
    """Show how far the best prices are apart, ten cents at most."""
    bid, ask = _both(asked, _token(asked))
    return {"spread": price_text(spread_of(bid, ask)), "bid": price_text(bid), "ask": price_text(ask)}


@handles("Books_GetPrice")
def get_price(asked: Asked) -> dict[str, Any]:
    """Show the best bid for BUY, the best ask for SELL."""
    side, token_id = _side(asked.text("side")), _token(asked)
    price = _best(asked, token_id)[_SIDES.index(side)]
    book = asked.world.markets.shown_book(token_id)
    if price is None or book is None:
        raise missing("BOOK_UNAVAILABLE", _NO_BOOK)
    age = max(0, asked.now_ns - book.at_ns) // MILLISECOND
    return {"price": price_text(price), "quote_at": iso(book.at_ns), "age_ms": age}


@handles("Books_GetLastTradePrice")
def get_last_trade_price(asked: Asked) -> dict[str, str]:
    """Show the last trade of a token; a half and no side if there was none."""
    token_id = _token(asked)
    _market(asked, token_id, "TOKEN_NOT_FOUND", "token not found")
    book = asked.world.markets.book(token_id)
    if book is None or book.last is None:
        return {"price": price_text(HALF), "side": ""}
    return {"price": price_text(book.last[0]), "side": book.last[2]}


@handles("Books_GetTickSize")
def get_tick_size(asked: Asked) -> dict[str, Any]:
    """Show the tick, a number."""
    market = _market(asked, _token(asked), "MARKET_NOT_FOUND", "market not found")
    return {"minimum_tick_size": number(market.tick)}


@handles("Books_GetNegRisk")
@handles("Books_GetNegRiskOf")
def get_neg_risk(asked: Asked) -> dict[str, bool]:
    """Tell whether the market of a token is a neg-risk one."""
    return {"neg_risk": _market(asked, _token(asked), "MARKET_NOT_FOUND", "market not found").neg_risk}


@handles("Books_GetFeeRate")
def get_fee_rate(asked: Asked) -> dict[str, int]:
    """Show the rate that is charged, and a flag that is not."""
    market = _market(asked, _token(asked), "TOKEN_NOT_FOUND", "fee rate not found for market")
    bps = fee_bps(market.category)
    return {"base_fee": 1000 if bps else 0, "fee_rate_bps": bps}


@handles("Books_GetServerTime")
def get_server_time(asked: Asked) -> int:
    """Tell the clock, in seconds."""
    return asked.now_ns // SECOND


# -- several tokens --


def _wanted(asked: Asked) -> list[str]:
    """Return which tokens are asked for; raises Refusal (400, 422)."""
    wanted = [
        each.token_id for each in (asked.body.items if isinstance(asked.body, m.TokenRefs) else asked.body)
    ]
    _check_number(len(wanted), _MOST)
    return wanted


def _check_number(count: int, most: int) -> None:
    if count > most:
        raise bad_request("BATCH_LIMIT_EXCEEDED", f"at most {most} tokens at once, not {count}")
    if not count:
        raise invalid("name at least one token")


@handles("Books_GetOrderBooks")
def get_order_books(asked: Asked) -> list[dict[str, Any]]:
    """Show the books that exist, in the order they were asked for."""
    shown: list[dict[str, Any]] = []
    for token_id in _wanted(asked):
        market = asked.world.markets.market_of(token_id)
        book = None if market is None else book_view(asked.world, market, token_id)
        if book is not None:
            shown.append(book)
    return shown


@handles("Books_GetMidpoints")
def get_midpoints(asked: Asked) -> dict[str, str]:
    """Show middles by token; books without one are left out."""
    return {token_id: price_text((bid + ask) // 2) for token_id, bid, ask in _quoted(asked)}


@handles("Books_GetSpreads")
def get_spreads(asked: Asked) -> dict[str, str]:
    """Show spreads by token; books without one are left out."""
    return {token_id: price_text(spread_of(bid, ask)) for token_id, bid, ask in _quoted(asked)}


def _quoted(asked: Asked) -> list[tuple[str, int, int]]:
    found = ((token_id, *_best(asked, token_id)) for token_id in _wanted(asked))
    return [(token_id, bid, ask) for token_id, bid, ask in found if bid is not None and ask is not None]


@handles("Books_GetPrices")
def get_prices(asked: Asked) -> dict[str, Any]:
    """Show middles by token, or best prices by token and side, as the body asks."""
    body = asked.body
    if isinstance(body, m.TokenIds):
        _check_number(len(body.token_ids), _MOST_PRICES)
        quotes = ((token_id, *_best(asked, token_id)) for token_id in body.token_ids)
        return {token: price_text((bid + ask) // 2) for token, bid, ask in quotes if bid and ask}
    _check_number(len(body), _MOST_PRICES)
    shown: dict[str, Any] = {}
    for each in body:
        side = _side(str(each.side))
        price = _best(asked, each.token_id)[_SIDES.index(side)]
        if price is not None:
            shown.setdefault(each.token_id, {})[side] = price_text(price)
    return shown


# -- past prices --


@handles("Books_GetPricesHistory")
def get_prices_history(asked: Asked) -> dict[str, Any]:
    """Show past prices of a token, which is called market here."""
    token_id = asked.text("market") or asked.text("token_id")
    if not token_id:
        raise Refusal(400, "INVALID_REQUEST", "market is required", prose=True)
    market = asked.world.markets.market_of(token_id)
    form = asked.text("format") or "pm"
    if form not in ("pm", "ohlcv"):
        raise bad_request("INVALID_REQUEST", "format must be pm or ohlcv")
    start, end, step = _window(asked)
    if market is None:
        return {"history": []}
    index = market.token_ids.index(token_id)
    made = series_of if form == "pm" else candles_between
    return {"history": made(asked.world, market, index, start, end, step)}


def _window(asked: Asked) -> tuple[int, int, int]:
    """Return first and last second and the step; raises Refusal (400, 422)."""
    interval = asked.text("interval") or "1h"
    if interval not in RANGES:
        raise bad_request("INVALID_INTERVAL", f"no interval {interval!r}", supported_intervals=list(RANGES))
    fidelity = asked.whole("fidelity", _STEPS.get(interval, 1), 1, _LONGEST_STEP)
    now, back = asked.now_ns // SECOND, RANGES[interval]
    start = asked.whole("startTs", 0 if back is None else now - back, 0, _LAST_SECOND)
    end = asked.whole("endTs", now, 0, _LAST_SECOND)
    if start > end:
        raise bad_request("INVALID_WINDOW", "startTs lies after endTs")
    return start, min(end, now), fidelity * 60
