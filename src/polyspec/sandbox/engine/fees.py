"""Fees of event contracts in exact integers."""

from __future__ import annotations

from typing import NamedTuple

from .money import CENT, round_half_even
from .records import FeeSchedule, MarketDefinition, Order

__all__ = ["FeeModel", "Fill"]

_THETA_SCALE = 10**4


class Fill(NamedTuple):
    """What one fill of an order costs."""

    commission: int
    """Money; negative is a rebate."""
    exact: int
    """Exact positive fee over the model's denominator, zero for a rebate."""
    cents: int
    """Cents charged of it."""


class FeeModel:
    """The fee schedule of one market, over the denominator that makes every fee an integer."""

    __slots__ = ("_cents", "_cube", "_payout", "_schedule")

    def __init__(self, market: MarketDefinition, schedule: FeeSchedule) -> None:
        scale = market.price_scale
        self._schedule = schedule
        self._payout = market.payout
        # (1-p)^4 needs three more powers of the price scale than (1-p); every market carries
        # them, so that a change of schedule never changes the unit of what orders accrued.
        self._cube = scale**3
        self._cents = _THETA_SCALE * market.quantity_scale * scale**5 // 100

    def exact(self, price: int, quantity: int, *, taker: bool) -> int:
        """Return the unrounded fee of a fill over the model's denominator."""
        rest = self._payout - price
        schedule = self._schedule
        if not taker:
            return schedule.maker_theta * quantity * price * rest * self._cube
        fee = schedule.taker_theta * quantity * price * rest * self._cube
        if schedule.taker_quartic:
            fee += schedule.taker_quartic * quantity * price * rest**4
        return fee

    def charge(self, order: Order, price: int, quantity: int, *, taker: bool) -> Fill:
        """Price one more fill of an order.

        A fee is rounded to the cent, half to even, and cut so that the order's total never
        exceeds the rounding of its cumulative exact fee. Rebates are rounded fill by fill.
        """
        exact = self.exact(price, quantity, taker=taker)
        cents = round_half_even(exact, self._cents)
        if exact <= 0:
            return Fill(cents * CENT, 0, 0)
        ceiling = round_half_even(order.fee_exact + exact, self._cents) - order.fee_charged
        cents = min(cents, ceiling)
        return Fill(cents * CENT, exact, cents)

    def reserve(self, order: Order, price: int, quantity: int) -> int:
        """Bound what filling the rest of an order at its limit or better can still cost in fees.

        The bound is on fee less price improvement: a better price may raise the fee, but by
        less than it saves.
        """
        exact = self.exact(price, quantity, taker=True)
        maker = self.exact(price, quantity, taker=False)
        if maker > exact:
            exact = maker
        owed = order.fee_exact - order.fee_charged * self._cents
        if owed > 0:
            exact += owed
        if exact <= 0:
            return 0
        return -(-exact // self._cents) * CENT
