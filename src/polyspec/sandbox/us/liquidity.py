"""A market maker and an occasional taker, so that books and streams are alive.

Both trade through the same commands as everybody else. Where the middle goes and who trades when follows
from the seed alone; how often they act, from the clock. A quiet sandbox has neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.us.listings import Listing

if TYPE_CHECKING:
    from polyspec.sandbox.us.world import World

__all__ = ["Liquidity"]

_PAUSE: Final = 0.4
"""Seconds between two actions."""
_LEVELS: Final = 4
_BAND: Final = 25
"""How far the middle strays from where it began: thousandths of a dollar."""
_HALF_SPREAD: Final = 10
"""Thousandths of a dollar from the middle to the first level; at least one tick."""


class Liquidity:
    """Quotes every listed market that has a middle, and moves one of them at a time."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._seeded = Seeded(seed, "liquidity")
        self._mids = {each.symbol: each.mid for each in world.listings.values() if each.mid}
        self._taker = world.roster.add(
            "taker",
            firm=world.maker.firm,
            clearing_firm=world.maker.clearing_firm,
            dollars="1000000",
            display="Taker",
        )

    def start(self) -> None:
        """Quote everything once and keep acting from now on."""
        for symbol in self._mids:
            self._quote(self._world.listings[symbol])
        self._world.jobs.later(_PAUSE, self._act)

    def withdraw(self) -> None:
        """Take away what an earlier run on the same journal left in the books."""
        maker = self._world.maker.name
        if self._world.exchange.orders(participant=maker, open_only=True):
            self._world.apply(t.CancelAll(participant=maker))

    def step(self) -> None:
        """Act once: move one market's middle and quote around it, or let the taker trade."""
        symbols = list(self._mids)
        listing = self._world.listings[symbols[self._seeded.below(len(symbols))]]
        if self._world.exchange.market_state(listing.symbol) is not t.MarketState.OPEN:
            return
        if self._seeded.below(3) == 0:
            self._take(listing)
        else:
            self._move(listing)
            self._quote(listing)

    def _act(self) -> None:
        self.step()
        self._world.jobs.later(_PAUSE, self._act)

    def _move(self, listing: Listing) -> None:
        tick, band = listing.market.tick, _BAND * listing.price_scale // 1000
        stepped = self._mids[listing.symbol] + tick * self._seeded.between(-2, 2)
        self._mids[listing.symbol] = min(max(stepped, listing.mid - band), listing.mid + band)

    def _quote(self, listing: Listing) -> None:
        """Replace the maker's orders in a market by fresh ones, under one commit."""
        maker, market = self._world.maker, listing.market
        half = max(market.tick, _HALF_SPREAD * listing.price_scale // 1000)
        step = max(market.tick, half // 2)
        mid = self._mids[listing.symbol]
        commands: list[t.Command] = [t.CancelAll(participant=maker.name, symbol=listing.symbol)]
        for level in range(_LEVELS):
            away = half + level * step
            size = market.quantity_scale * self._seeded.between(50, 400) * (level + 1)
            for side, price in ((t.Side.BUY, mid - away), (t.Side.SELL, mid + away)):
                price -= price % market.tick
                if market.price_low <= price <= market.price_high:
                    commands.append(self._order(maker.name, maker.accounts[0], listing, side, price, size))
        self._world.apply_all(commands)

    def _take(self, listing: Listing) -> None:
        side = t.Side.BUY if self._seeded.below(2) else t.Side.SELL
        exchange = self._world.exchange
        best = (
            exchange.best_offer(listing.symbol) if side is t.Side.BUY else exchange.best_bid(listing.symbol)
        )
        if best is None:
            return
        size = min(best.quantity, listing.market.quantity_scale * self._seeded.between(1, 20))
        taker = self._taker
        order = self._order(taker.name, taker.accounts[0], listing, side, best.price, size, now=True)
        self._world.apply(order)

    @staticmethod
    def _order(
        participant: str,
        account: str,
        listing: Listing,
        side: t.Side,
        price: int,
        size: int,
        *,
        now: bool = False,
    ) -> t.PlaceOrder:
        force = t.TimeInForce.IMMEDIATE_OR_CANCEL if now else t.TimeInForce.GOOD_TILL_CANCEL
        return t.PlaceOrder(
            participant=participant,
            account=account,
            symbol=listing.symbol,
            side=side,
            quantity=size,
            price=price,
            time_in_force=force,
        )
