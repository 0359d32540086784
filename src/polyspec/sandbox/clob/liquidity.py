"""A market maker and an occasional taker, so that books and streams are alive.

Both trade through the same commands as everybody else. Where the middle goes and who trades when follows
from the seed alone; how often they act, from the clock. A quiet sandbox has neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.seeds import Listing
from polyspec.sandbox.http.seeded import Seeded

if TYPE_CHECKING:
    from polyspec.sandbox.clob.world import ClobWorld, House

__all__ = ["Liquidity"]

_ONE: Final = 1_000_000
_CENT: Final = 10_000
_PAUSE: Final = 0.5
"""Seconds between two actions."""
_LEVELS: Final = 4
_BAND: Final = 30_000
"""How far the middle strays from where it began, in millionths."""
_HALF_SPREAD: Final = 10_000
"""From the middle to the first level; at least one tick."""


class Liquidity:
    """Quotes every market of the first morning, and moves one at a time of those that move."""

    def __init__(self, world: ClobWorld, seed: int) -> None:
        self._world = world
        # ids of orders are used up for good, so every run on one journal draws others; the first is run 0
        run = len(world.store.load("run", int)) - 1
        self._seeded = Seeded(seed, f"clob/liquidity/{run}" if run else "clob/liquidity")
        self._mids = {each.condition_id: each.mid for each in world.listings.values()}
        self._moving = [each.condition_id for each in world.listings.values() if not each.still]

    def start(self) -> None:
        """Quote everything once and keep acting from now on."""
        self.withdraw()
        for listing in self._world.listings.values():
            self._quote(listing)
        self._world.jobs.later(_PAUSE, self._act)

    def withdraw(self) -> None:
        """Take away what an earlier run on the same journal left in the books."""
        houses = (self._world.maker, self._world.taker)
        self._world.apply_all([t.CancelAll(owner=each.owner) for each in houses])

    def step(self) -> None:
        """Act once: move one market's middle and quote around it, or let the taker trade."""
        listing = self._world.listings[self._moving[self._seeded.below(len(self._moving))]]
        if self._seeded.below(3) == 0:
            self._take(listing)
        else:
            self._move(listing)
            self._quote(listing)

    def _act(self) -> None:
        self.step()
        self._world.jobs.later(_PAUSE, self._act)

    def _tick(self, listing: Listing) -> int:
        terms = self._world.exchange.market(listing.condition_id)
        assert terms is not None, listing.condition_id
        return terms.tick

    def _move(self, listing: Listing) -> None:
        step = max(self._tick(listing), _CENT // 4)
        stepped = self._mids[listing.condition_id] + step * self._seeded.between(-2, 2)
        self._mids[listing.condition_id] = min(max(stepped, listing.mid - _BAND), listing.mid + _BAND)

    def _quote(self, listing: Listing) -> None:
        """Replace the maker's orders in a market by fresh ones, under one commit."""
        tick, mid = self._tick(listing), self._mids[listing.condition_id]
        maker, half = self._world.maker, max(tick, _HALF_SPREAD)
        step = max(tick, half // 2)
        commands: list[t.Command] = [
            t.CancelMarketOrders(owner=maker.owner, condition_id=listing.condition_id)
        ]
        for level in range(_LEVELS):
            away = half + level * step
            size = _ONE * self._seeded.between(50, 400) * (level + 1)
            bid, ask = (mid - away) // tick * tick, -(-(mid + away) // tick) * tick
            if bid >= tick:
                commands.append(self._order(maker, listing, t.Side.BUY, bid, size))
            if ask <= _ONE - tick:
                commands.append(self._order(maker, listing, t.Side.SELL, ask, size))
        self._world.apply_all(commands)

    def _take(self, listing: Listing) -> None:
        side = t.Side.BUY if self._seeded.below(2) else t.Side.SELL
        exchange, token = self._world.exchange, listing.token_ids[0]
        best = exchange.best_ask(token) if side is t.Side.BUY else exchange.best_bid(token)
        wanted = _ONE * self._seeded.between(5, 25)
        if best is None or best.size < wanted:
            return
        self._world.apply(self._order(self._world.taker, listing, side, best.price, wanted))

    def _order(self, who: House, listing: Listing, side: t.Side, price: int, size: int) -> t.PlaceOrder:
        shares, collateral = size, size * price // _ONE
        given, wanted = (collateral, shares) if side is t.Side.BUY else (shares, collateral)
        return t.PlaceOrder(
            order_id=f"0x{self._seeded.hex(64)}",
            owner=who.owner,
            wallet=who.wallet,
            token_id=listing.token_ids[0],
            side=side,
            maker_amount=given,
            taker_amount=wanted,
        )
