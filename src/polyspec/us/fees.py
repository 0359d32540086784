"""The exchange's fee formula: theta x contracts x p x (1 - p), in cents rounded half to even.

Source: the venue's fee page, effective 2026-09-25. The taker pays, the maker is paid.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from polyspec_wire.us_exchange import models as wire

__all__ = [
    "COMBO_EXTRA",
    "MAKER_THETA",
    "TAKER_THETA",
    "combo_fee",
    "fee",
    "is_combo",
    "largest_fee",
    "theta_of",
]

TAKER_THETA: Final = Decimal("0.0695")
MAKER_THETA: Final = Decimal("-0.0125")
COMBO_EXTRA: Final = Decimal("0.04")
"""A combo's taker pays ``C x p x (theta x (1-p) + 0.04 x (1-p)^4)``."""
_TABLE_TENNIS: Final = Decimal("0.10")
_CENT: Final = Decimal("0.01")
# wide enough that nothing but the last step rounds, whatever context the calling thread has
_EXACT: Final = Context(prec=250)
_ONE: Final = Decimal(1)


def fee(price: Decimal, quantity: Decimal, theta: Decimal = TAKER_THETA) -> Decimal:
    """Return the fee in dollars of trading `quantity` contracts at `price`; negative is a rebate.

    One fill rounds by itself; the venue never lets the fills of one order add up to more than the rounded
    exact total, so this is what an order pays at the most when it fills at one price.
    """
    rest = _EXACT.subtract(_ONE, price)
    return _cents(theta, quantity, price, rest)


def combo_fee(price: Decimal, quantity: Decimal) -> Decimal:
    """Return the taker fee in dollars of trading `quantity` of a combo at `price`."""
    rest = _EXACT.subtract(_ONE, price)
    rate = _EXACT.add(_EXACT.multiply(TAKER_THETA, rest), _EXACT.multiply(COMBO_EXTRA, _EXACT.power(rest, 4)))
    return _cents(rate, quantity, price)


def largest_fee(spent: Decimal, rate: Decimal) -> Decimal:
    """Return the most a taker of `spent` dollars can pay, whatever the price of the fills.

    Per dollar of collateral the formula leaves ``rate x (1 - p)``, which is below `rate`.
    """
    return _cents(rate, spent)


def theta_of(data: wire.Instrument) -> Decimal:
    """Return the taker's theta of an instrument; table tennis has its own."""
    words = (data.product_id, data.description, *data.metadata.values())
    squashed = "\n".join(words).lower().replace(" ", "").replace("-", "").replace("_", "")
    return _TABLE_TENNIS if "tabletennis" in squashed else TAKER_THETA


def is_combo(data: wire.Instrument) -> bool:
    """Tell whether an instrument is made of several legs."""
    return data.symbol.startswith("caoc-")


def _cents(*factors: Decimal) -> Decimal:
    product = _ONE
    for factor in factors:
        product = _EXACT.multiply(product, factor)
    return product.quantize(_CENT, rounding=ROUND_HALF_EVEN, context=_EXACT)
