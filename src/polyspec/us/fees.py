"""The exchange's fee formula: theta x contracts x p x (1 - p), in cents rounded half to even.

Source: the venue's fee page, effective 2026-09-25. The taker pays, the maker is paid.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

__all__ = ["MAKER_THETA", "TAKER_THETA", "fee"]

TAKER_THETA: Final = Decimal("0.0695")
MAKER_THETA: Final = Decimal("-0.0125")
_CENT: Final = Decimal("0.01")
# wide enough that nothing but the last step rounds, whatever context the calling thread has
_EXACT: Final = Context(prec=100)


def fee(price: Decimal, quantity: Decimal, theta: Decimal = TAKER_THETA) -> Decimal:
    """Return the fee in dollars of trading `quantity` contracts at `price`; negative is a rebate.

    One fill rounds by itself; the venue never lets the fills of one order add up to more than the rounded
    exact total, so this is what an order pays at the most when it fills at one price.
    """
    variance = _EXACT.multiply(price, _EXACT.subtract(Decimal(1), price))
    exact = _EXACT.multiply(_EXACT.multiply(theta, quantity), variance)
    return exact.quantize(_CENT, rounding=ROUND_HALF_EVEN, context=_EXACT)
