"""Books and prices of several tokens: by POST, since the venue refuses their plural GETs."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import units_text
from polyspec.sandbox.clob.handlers.books import (
    best_price,
    last_trade,
    midpoint_of,
    side_of,
    spread_of,
    token_of,
)
from polyspec.sandbox.clob.refusals import bad_request
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.views import book_view

__all__: list[str] = []

_MOST: Final = 500
_BAD: Final = "Invalid payload"


class _Wanted(msgspec.Struct, frozen=True):
    token_id: str
    side: str | None = None


def _wanted(asked: Asked, bad_side: str = _BAD) -> list[_Wanted]:
    """Return which tokens are asked for; raises Refusal (400), also for sides that do not matter."""
    wanted = asked.body(list[_Wanted], _BAD)
    if len(wanted) > _MOST:
        raise bad_request("Payload exceeds the limit")
    for each in wanted:
        token_of(each.token_id)
        if each.side and each.side.upper() not in set(t.Side):
            raise bad_request(bad_side)
    return wanted


@handles("Books_GetOrderBooksByQuery")
@handles("Books_GetMidpointsByQuery")
@handles("Books_GetPricesByQuery")
@handles("Books_GetLastTradesPricesByQuery")
def by_query(_: Asked) -> Any:
    """Refuse, as the venue does: plural reads go by POST."""
    raise bad_request(_BAD)


@handles("Books_GetOrderBooks")
def order_books(asked: Asked) -> list[dict[str, Any]]:
    """Show the books that exist, in the order they were asked for."""
    shown = (book_view(asked.world, each.token_id) for each in _wanted(asked))
    return [each for each in shown if each is not None]


@handles("Books_GetMidpoints")
def midpoints(asked: Asked) -> dict[str, str]:
    """Show middles by token; books without one are left out."""
    found = {each.token_id: midpoint_of(asked.world, each.token_id) for each in _wanted(asked)}
    return {token: middle for token, middle in found.items() if middle is not None}


@handles("Books_GetSpreads")
def spreads(asked: Asked) -> dict[str, str]:
    """Show spreads by token; books without one are left out."""
    found = {each.token_id: spread_of(asked.world, each.token_id) for each in _wanted(asked)}
    return {token: wide for token, wide in found.items() if wide is not None}


@handles("Books_GetPrices")
def prices(asked: Asked) -> dict[str, dict[str, str]]:
    """Show best prices by token and side; without a side it is SELL alone."""
    shown: dict[str, dict[str, str]] = {}
    for each in _wanted(asked, "Invalid side"):
        side = t.Side.SELL if not each.side else side_of(each.side)
        best = best_price(asked.world, each.token_id, side)
        if best is not None:
            shown.setdefault(each.token_id, {})[str(side)] = units_text(best)
    return shown


@handles("Books_GetLastTradesPrices")
def last_trades_prices(asked: Asked) -> list[dict[str, str]]:
    """Show last trades; tokens that never traded are left out."""
    found = [(each.token_id, last_trade(asked.world, each.token_id)) for each in _wanted(asked)]
    return [
        {"token_id": token, "price": last[0], "side": last[1]} for token, last in found if last is not None
    ]
