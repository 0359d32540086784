"""Single-price auctions: one price for everything that can trade, as much of it as possible."""

from __future__ import annotations

from collections.abc import Iterator

from .book import BookSide
from .core import Core
from .market import Market
from .matching import fill
from .records import Order

__all__ = ["equilibrium", "uncross"]


def equilibrium(market: Market) -> tuple[int, int] | None:
    """Return the price and volume an auction would trade now, None if the book is not crossed.

    Most volume first, then least left over, then nearest the last or reference price, then
    the lower price.
    """
    bids, offers = market.bids, market.offers
    best_bid, best_offer = bids.best(), offers.best()
    if best_bid is None or best_offer is None or best_bid < best_offer:
        return None
    prices = sorted(price for price in {*bids.levels, *offers.levels} if best_offer <= price <= best_bid)
    anchor = market.fallback_price()
    demand = _demand(bids, prices)
    supply = _supply(offers, prices)
    best: tuple[tuple[int, int, int], int, int] | None = None
    for price in prices:
        volume = min(demand[price], supply[price])
        rank = (-volume, abs(demand[price] - supply[price]), 0 if anchor is None else abs(price - anchor))
        if best is None or rank < best[0]:
            best = rank, price, volume
    return (best[1], best[2]) if best is not None else None


def _demand(bids: BookSide, prices: list[int]) -> dict[int, int]:
    """Return the quantity bid at each price or above."""
    total, demand, levels = 0, {}, list(bids)
    index = 0
    for price in reversed(prices):
        while index < len(levels) and levels[index].price >= price:
            total += levels[index].quantity
            index += 1
        demand[price] = total
    return demand


def _supply(offers: BookSide, prices: list[int]) -> dict[int, int]:
    """Return the quantity offered at each price or below."""
    total, supply, levels = 0, {}, list(offers)
    index = 0
    for price in prices:
        while index < len(levels) and levels[index].price <= price:
            total += levels[index].quantity
            index += 1
        supply[price] = total
    return supply


def uncross(core: Core, market: Market) -> None:
    """Trade a crossed book at its auction price, both sides in price-time priority.

    Of two orders that meet, the later one counts as aggressor. Self-match prevention does not
    apply: the volume is fixed before it is known who meets whom.
    """
    result = equilibrium(market)
    if result is None:
        return
    price, volume = result
    buys, sells = _first(market.bids, volume), _first(market.offers, volume)
    buy, wanted = next(buys)
    sell, offered = next(sells)
    while volume:
        quantity = min(wanted, offered)
        aggressor, passive = (buy, sell) if buy.sequence > sell.sequence else (sell, buy)
        fill(core, market, aggressor, passive, quantity, price)
        volume, wanted, offered = volume - quantity, wanted - quantity, offered - quantity
        if volume and not wanted:
            buy, wanted = next(buys)
        if volume and not offered:
            sell, offered = next(sells)


def _first(side: BookSide, volume: int) -> Iterator[tuple[Order, int]]:
    """Return orders in priority with what each gets of a volume, fixed before anything trades."""
    shares: list[tuple[Order, int]] = []
    for order in side.orders():
        share = min(order.leaves, volume)
        shares.append((order, share))
        volume -= share
        if not volume:
            break
    return iter(shares)
