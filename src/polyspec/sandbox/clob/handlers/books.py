"""Books, prices and terms of one token."""

from __future__ import annotations

import re
from typing import Any, Final

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import units_text
from polyspec.sandbox.clob.refusals import bad_request, missing
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.seeds import Listing
from polyspec.sandbox.clob.views import book_view, number
from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["best_price", "last_trade", "midpoint_of", "side_of", "spread_of", "token_of"]

NO_BOOK: Final = "No orderbook exists for the requested token id"
_TOKEN: Final = re.compile(r"[0-9]{1,78}")


def token_of(text: str) -> str:
    """Return a token id; raises Refusal (400) for what is none."""
    if not _TOKEN.fullmatch(text):
        raise bad_request("Invalid token id")
    return text


def side_of(text: str) -> t.Side:
    """Return a side; raises Refusal (400) for what is none."""
    try:
        return t.Side(text.upper())
    except ValueError as error:
        raise bad_request("Invalid side") from error


def _token(asked: Asked) -> str:
    return token_of(asked.path.get("token_id") or asked.text("token_id"))


def _listing(asked: Asked, words: str) -> Listing:
    listing = asked.world.listing_of(_token(asked))
    if listing is None:
        raise missing(words)
    return listing


# -- prices --


def best_price(world: ClobWorld, token_id: str, side: t.Side) -> int | None:
    """Return the best bid for BUY and the best ask for SELL, None without one."""
    exchange = world.exchange
    level = exchange.best_bid(token_id) if side is t.Side.BUY else exchange.best_ask(token_id)
    return None if level is None else level.price


def spread_of(world: ClobWorld, token_id: str) -> str | None:
    """Return ask less bid, None if one of them is missing."""
    bid, ask = (best_price(world, token_id, side) for side in t.Side)
    return None if bid is None or ask is None else units_text(ask - bid)


def midpoint_of(world: ClobWorld, token_id: str) -> str | None:
    """Return the middle of the best prices, None if one of them is missing."""
    bid, ask = (best_price(world, token_id, side) for side in t.Side)
    return None if bid is None or ask is None else units_text((bid + ask) // 2)


def last_trade(world: ClobWorld, token_id: str) -> tuple[str, str] | None:
    """Return price and taker's side of the last trade."""
    last = world.exchange.last_trade(token_id)
    return None if last is None else (units_text(last[0]), str(last[1]))


def _known(asked: Asked) -> str:
    token_id = _token(asked)
    if asked.world.listing_of(token_id) is None:
        raise missing(NO_BOOK)
    return token_id


@handles("Books_GetOrderBook")
def order_book(asked: Asked) -> dict[str, Any]:
    """Show a book."""
    book = book_view(asked.world, _token(asked))
    if book is None:
        raise missing(NO_BOOK)
    return book


@handles("Books_GetMidpoint")
def midpoint(asked: Asked) -> dict[str, str]:
    """Show the middle of a book; live it is called `mid`."""
    middle = midpoint_of(asked.world, _known(asked))
    if middle is None:
        raise missing(NO_BOOK)
    return {"mid": middle}


@handles("Books_GetPrice")
def price(asked: Asked) -> dict[str, str]:
    """Show the best bid for BUY, the best ask for SELL."""
    token_id = _known(asked)
    best = best_price(asked.world, token_id, side_of(asked.text("side")))
    if best is None:
        raise missing(NO_BOOK)
    return {"price": units_text(best)}


@handles("Books_GetSpread")
def spread(asked: Asked) -> dict[str, str]:
    """Show how far the best prices are apart."""
    wide = spread_of(asked.world, _known(asked))
    if wide is None:
        raise missing(NO_BOOK)
    return {"spread": wide}


@handles("Books_GetLastTradePrice")
def last_trade_price(asked: Asked) -> dict[str, str]:
    """Show the last trade; a half and no side if there was none."""
    last = last_trade(asked.world, _token(asked))
    return {"price": "0.5", "side": ""} if last is None else {"price": last[0], "side": last[1]}


# -- terms --


@handles("Books_GetTickSize")
@handles("Books_GetTickSizeOf")
def tick_size(asked: Asked) -> dict[str, Any]:
    """Show the tick, a number."""
    market = asked.world.exchange.market(_listing(asked, "market not found").condition_id)
    assert market is not None
    return {"minimum_tick_size": number(market.tick)}


@handles("Books_GetNegRisk")
@handles("Books_GetNegRiskOf")
def neg_risk(asked: Asked) -> dict[str, bool]:
    """Tell whether the market of a token is a neg-risk one."""
    return {"neg_risk": _listing(asked, "market not found").neg_risk}


@handles("Books_GetFeeRate")
@handles("Books_GetFeeRateOf")
def fee_rate(asked: Asked) -> dict[str, int]:
    """Show the fee of orders of the first version: none any more."""
    _listing(asked, "fee rate not found for market")
    return {"base_fee": 0}
