"""What trading costs: rate x shares x p x (1 - p), to five decimals, and debited in cents.

Source: the venue's fee page, which says neither which way halves go nor how a debit becomes cents. Halves go
up here, and notional and fee become cents each by itself; the venue's worked figure (ten shares at 0.65 of a
political market cost 6.50 and 0.09) fits that. Takers pay, resting orders pay nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, Inexact, Rounded
from typing import Final

from polyspec.core.scales import Amount, as_decimal
from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["RATES", "UNLISTED", "cents", "fee", "notional", "rate_of", "rate_of_bps", "shares_for"]

RATES: Final[Mapping[str, Decimal]] = {
    "crypto": Decimal("0.07"),
    "economics": Decimal("0.05"),
    "culture": Decimal("0.05"),
    "weather": Decimal("0.05"),
    "other": Decimal("0.05"),
    "finance": Decimal("0.04"),
    "politics": Decimal("0.04"),
    "mentions": Decimal("0.04"),
    "tech": Decimal("0.04"),
    "sports": Decimal("0.03"),
    "geopolitics": Decimal(0),
}
"""Fee rate by category of the market."""

UNLISTED: Final = Decimal("0.05")
"""Fee rate of a category that has none of its own."""

_POINTS: Final = 10_000
_CENT: Final = Decimal("0.01")
_FEE: Final = Decimal("0.00001")
_SHARE: Final = Decimal("0.0001")
_ONE: Final = Decimal(1)
# wide enough for any product of four numbers; what would not fit raises instead of being rounded
_EXACT: Final = Context(prec=250, traps=[Inexact, Rounded])
_ROUNDING: Final = Context(prec=250)


def rate_of(category: str | None) -> Decimal:
    """Return the fee rate of a category, whatever its capitals."""
    return RATES.get((category or "").strip().lower(), UNLISTED)


def rate_of_bps(fee_rate_bps: int) -> Decimal:
    """Return the fee rate for the basis points the venue tells of a token; raises ConfigError."""
    whole = isinstance(fee_rate_bps, int) and not isinstance(fee_rate_bps, bool)
    if not whole or not 0 <= fee_rate_bps <= _POINTS:
        raise ConfigError(f"fee_rate_bps must be 0 to {_POINTS}, not {fee_rate_bps!r}")
    return _EXACT.divide(Decimal(fee_rate_bps), Decimal(_POINTS))


def notional(price: Amount, quantity: Amount) -> Decimal:
    """Return price times quantity in dollars, exactly."""
    return _EXACT.multiply(_price(price), _shares(quantity))


def fee(price: Amount, quantity: Amount, rate: Amount) -> Decimal:
    """Return what taking `quantity` shares at `price` costs in dollars, to five decimals."""
    paid, share = _price(price), as_decimal(rate, "rate")
    if not 0 <= share <= 1:
        raise ConfigError(f"a fee rate lies between 0 and 1, not at {share}")
    spread = _EXACT.multiply(paid, _EXACT.subtract(_ONE, paid))
    exact = _EXACT.multiply(_EXACT.multiply(share, _shares(quantity)), spread)
    return exact.quantize(_FEE, rounding=ROUND_HALF_UP, context=_ROUNDING)


def cents(dollars: Amount) -> Decimal:
    """Return what a wallet is debited or credited for an amount: to the cent, halves away from zero."""
    amount = as_decimal(dollars, "dollars")
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP, context=_ROUNDING)


def shares_for(amount: Amount, price: Amount) -> Decimal:
    """Return the shares that `amount` dollars buy at `price`, cut to four decimals as the venue does."""
    spent, paid = as_decimal(amount, "amount"), _price(price)
    if spent <= 0 or paid == 0:
        raise InvalidOrder(f"{spent} dollars at {paid} buy nothing", field="amount")
    # as whole numbers: a quotient may have no end as a decimal
    above, below = spent.as_integer_ratio()
    over, under = paid.as_integer_ratio()
    units = above * under * 10_000 // (below * over)
    return _ROUNDING.multiply(Decimal(units), _SHARE).quantize(_SHARE, rounding=ROUND_DOWN, context=_ROUNDING)


def _price(price: Amount) -> Decimal:
    found = as_decimal(price, "price")
    if not 0 <= found <= 1:
        raise InvalidOrder(f"price {found} must lie between 0 and 1", field="price", nearest=("0", "1"))
    return found


def _shares(quantity: Amount) -> Decimal:
    found = as_decimal(quantity, "quantity")
    if found < 0:
        raise InvalidOrder(f"quantity {found} is below 0", field="quantity", nearest=("0",))
    return found
