"""Prices, costs and fees in exact integer arithmetic."""

from __future__ import annotations

from .enums import Side
from .records import FeeSchedule, Order
from .units import ONE

__all__ = ["BPS", "buyer_pays", "claim_of", "cost", "limit_price", "platform_fee", "round_half_up", "share"]

BPS = 10_000
_FEE_STEP = 10
"""Platform fees are rounded to 5 decimals: ten millionths."""


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide non-negative integers and round to the nearest one, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def limit_price(side: Side, maker_amount: int, taker_amount: int) -> int:
    """Return the worst integer price an order's ratio allows: comparing with it is exact."""
    if side is Side.BUY:
        return maker_amount * ONE // taker_amount
    return -(-taker_amount * ONE // maker_amount)


def cost(shares: int, price: int) -> int:
    """Return what shares cost at a price, rounded up."""
    return -(-shares * price // ONE)


def share(notional: int, bps: int) -> int:
    """Return basis points of a notional, rounded half up."""
    return round_half_up(notional * bps, BPS) if bps else 0


def claim_of(order: Order, remaining: int) -> int:
    """Return what must be kept for a resting order with so many shares left, its builder's fee included.

    Collateral for a buy order, shares for a sell order.
    """
    if order.side is Side.SELL:
        return remaining
    needed = cost(remaining, order.price)
    return needed - (-needed * order.maker_bps // BPS)


def buyer_pays(order: Order, remaining: int, shares: int) -> int:
    """Return the most a buy order by shares may pay for some of what remains.

    What is left then always covers the rest of the order at its limit.
    """
    return cost(remaining, order.price) - cost(remaining - shares, order.price)


def platform_fee(fees: FeeSchedule, fills: list[tuple[int, int]]) -> int:
    """Return the taker's fee for fills of (shares, price), rounded half up to 5 decimals, never to 0."""
    if not fees.rate:
        return 0
    exponent = fees.exponent
    exact = fees.rate * sum(shares * (price * (ONE - price)) ** exponent for shares, price in fills)
    if not exact:
        return 0
    return max(1, round_half_up(exact, ONE ** (1 + 2 * exponent) * _FEE_STEP)) * _FEE_STEP
