"""Combo instruments: canonical by their legs, limited per week, settled when their legs are."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import from_ns, to_ns
from polyspec.sandbox.us.listings import combo_listing
from polyspec.sandbox.us.refusals import Refusal, invalid, precondition

if TYPE_CHECKING:
    from polyspec.sandbox.us.world import World

__all__ = ["Combinations", "Combo", "Leg"]

WEEKLY_QUOTA: Final = 1000
_FEWEST, _MOST = 2, 10


class Leg(msgspec.Struct, frozen=True, order=True):
    """One component; side is BUY or SELL."""

    symbol: str
    side: str


class Combo(msgspec.Struct, kw_only=True):
    """A combo and who had it created."""

    symbol: str
    legs: tuple[Leg, ...]
    creator: str
    created: int


class Combinations:
    """All combos."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.combos = world.store.load("combo", Combo)

    def create(self, participant: str, legs: list[Leg]) -> Combo:
        """Return the combo of these legs, creating it if need be; raises Refusal."""
        self._check(legs)
        # the order of the legs says nothing, so it must not make another instrument
        canonical = tuple(sorted(legs))
        digest = blake2b(msgspec.json.encode(canonical), digest_size=16).hexdigest()
        symbol = f"caoc-{digest}"
        if symbol in self.combos:
            return self.combos[symbol]
        if self._created_this_week(participant) >= WEEKLY_QUOTA:
            raise Refusal(8, "combo creation quota exceeded: it resets Monday 00:00 UTC")
        combo = Combo(symbol=symbol, legs=canonical, creator=participant, created=self._world.clock.now_ns())
        self._world.list_instrument(combo_listing(symbol, len(legs)))
        self.combos[symbol] = combo
        self._world.store.put("combo", symbol, combo)
        return combo

    def _check(self, legs: list[Leg]) -> None:
        if not _FEWEST <= len(legs) <= _MOST:
            raise invalid(f"a combo has {_FEWEST} to {_MOST} legs")
        if len({leg.symbol for leg in legs}) != len(legs):
            raise invalid("duplicate leg symbol")
        for leg in legs:
            if leg.side not in ("BUY", "SELL"):
                raise invalid("each leg needs side SIDE_BUY or SIDE_SELL")
            if leg.symbol not in self._world.listings or leg.symbol in self.combos:
                raise invalid(f"unsupported leg {leg.symbol}")
            if self._world.exchange.market_state(leg.symbol) is not t.MarketState.OPEN:
                raise precondition(f"leg {leg.symbol} is not open")

    def _created_this_week(self, participant: str) -> int:
        now = self._world.clock.now()
        monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
        since = to_ns(monday)
        return sum(
            1 for each in self.combos.values() if each.creator == participant and each.created >= since
        )

    def settlement(self, symbol: str) -> tuple[int, int] | None:
        """Return the final settlement of an instrument as (price, price scale); None if there is none."""
        market = self._world.exchange.market(symbol)
        if market is None:
            return None
        statistics = self._world.statistics(symbol)
        if statistics.settlement_price is None or statistics.settlement_preliminary:
            return None
        return statistics.settlement_price, market.price_scale

    def settle_after(self, symbol: str) -> None:
        """Settle every combo that only waited for this leg."""
        for combo in list(self.combos.values()):
            if symbol in {leg.symbol for leg in combo.legs} and self.settlement(combo.symbol) is None:
                self._settle(combo)

    def _settle(self, combo: Combo) -> None:
        market = self._world.exchange.market(combo.symbol)
        assert market is not None
        value, over = market.payout, 1
        for leg in combo.legs:
            known = self.settlement(leg.symbol)
            if known is None:
                return
            price, scale = known
            value *= price if leg.side == "BUY" else scale - price
            over *= scale
        text = f"settled from its legs at {from_ns(self._world.clock.now_ns()).isoformat()}"
        method = "SETTLEMENT_PRICE_CALCULATION_METHOD_EVENT_TIER_1"
        self._world.apply(t.Settle(symbol=combo.symbol, price=value // over, method=method, text=text))
