"""The limit a market order needs to be filled, read off one side of the book.

Source: the venue's rule for marketable prices. A FOK is all or nothing, so a side too shallow for it has no
price; a FAK takes what is there, so it is priced at the worst level.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation, Rounded
from typing import Final

from polyspec.clob.amounts import is_buy
from polyspec.clob.ticks import SIZES
from polyspec.core.scales import Amount, as_decimal
from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["NO_MATCH", "cost_now", "market_price"]

NO_MATCH: Final = "no match"
"""What the message of the refusal begins with: the words of the venue's own packages."""

# wide enough that sums over a whole book stay exact, whatever context the calling thread has
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation, Rounded])


def market_price(
    side: str, levels: Sequence[tuple[Decimal, Decimal]], amount: Amount, order_type: str
) -> Decimal:
    """Return the price of the level that completes `amount`, walking from the best.

    `levels` are (price, size) of the side to lift, worst first as the venue sends them: asks for a BUY, bids
    for a SELL. `amount` is in dollars for a BUY, in shares for a SELL. Raises InvalidOrder that begins with
    "no match" if there are no levels, or too few for a FOK.
    """
    buys = is_buy(side)
    if order_type not in ("FOK", "FAK"):
        raise ConfigError(f"a market order is FOK or FAK, not {order_type!r}")
    wanted = as_decimal(amount, "amount")
    if wanted <= 0:
        raise InvalidOrder(f"amount {wanted} must be more than 0", field="amount", nearest=("0.01",))
    taken, last = Decimal(0), None
    for price, size in reversed(levels):
        price, size = as_decimal(price, "price of a level"), as_decimal(size, "size of a level")
        if last is not None and (price < last if buys else price > last):
            raise ConfigError(
                f"the level at {price} is better than {last} before it: hand levels in worst first"
            )
        last = price
        taken = _EXACT.add(taken, _EXACT.multiply(price, size) if buys else size)
        if taken >= wanted:
            return price
    if last is None or order_type == "FOK":
        raise _no_match(wanted, taken, buys=buys)
    return last


def cost_now(levels: Sequence[tuple[Decimal, Decimal]], limit: Amount, shares: Amount) -> Decimal:
    """Return the dollars that buying `shares` at `limit` or better costs now, in whole cents rounded down.

    `levels` are the asks, worst first as the venue sends them. What they do not offer counts at the limit.
    """
    left, worst, cost = as_decimal(shares, "shares"), as_decimal(limit, "limit"), Decimal(0)
    for price, size in reversed(levels):
        if price > worst or left <= 0:
            break
        taken = min(size, left)
        cost, left = _EXACT.add(cost, _EXACT.multiply(price, taken)), _EXACT.subtract(left, taken)
    cost = _EXACT.add(cost, _EXACT.multiply(worst, left))
    numerator, denominator = cost.as_integer_ratio()
    return _EXACT.scaleb(Decimal(numerator * 100 // denominator), -2)


def _no_match(wanted: Decimal, taken: Decimal, *, buys: bool) -> InvalidOrder:
    book, unit = ("asks", "dollars") if buys else ("bids", "shares")
    if not taken:
        return InvalidOrder(f"{NO_MATCH}: there are no {book}", field="amount")
    numerator, denominator = SIZES.scale.ratio(taken)
    most = SIZES.scale.text(numerator // denominator)
    return InvalidOrder(
        f"{NO_MATCH}: the {book} hold {taken} {unit}, but {wanted} is wanted; ask for {most} at most, "
        f"or send a FAK to take what is there",
        field="amount",
        nearest=(most,),
    )
