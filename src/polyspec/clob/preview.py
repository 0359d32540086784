"""What an order would mean in money, before it is signed."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, Rounded
from typing import Final

from attrs import frozen

from polyspec.clob.amounts import BASE_DECIMALS, Amounts, is_buy
from polyspec.clob.fees import builder_fee, largest_platform_fee, platform_fee
from polyspec.clob.ticks import TICKS, shifted
from polyspec.core.scales import Amount

__all__ = ["Preview", "preview_of"]

_IMPLIED_DECIMALS: Final = 12
_EXACT: Final = Context(prec=120, traps=[Inexact, Rounded])
_LOWEST: Final = min(tick.value for tick in TICKS)


@frozen
class Preview:
    """The money side of an order, in dollars, as if all of it took at once: what rests pays no platform fee.

    A share pays a dollar if its outcome happens and nothing if it does not.
    """

    side: str
    maker_amount: int
    """What the order gives, in base units, as signed."""
    taker_amount: int
    """What it asks for, in base units, as signed."""
    price: Decimal
    """The limit."""
    implied_price: Decimal
    """What the signed amounts say, to 12 decimals: the limit, or for a market BUY a hair above it."""
    shares: Decimal
    """Bought at least, or sold."""
    collateral: Decimal
    """Spent, or received at least, before fees."""
    platform_fee: Decimal
    """At the limit."""
    builder_fee: Decimal
    """At the limit."""
    total: Decimal
    """Fees included, at the limit: what a BUY costs, or the least a SELL brings."""
    max_loss: Decimal
    """The most that can be lost, at whatever price it fills: a BUY pays for shares that come to nothing, a
    SELL gives away shares that come to a dollar each. A market BUY can cost more than `total`, because a
    better price buys more shares, and a larger fee with them."""
    max_gain: Decimal
    """What is won at the limit if it goes the right way."""


def preview_of(
    side: str,
    amounts: Amounts,
    rate: Amount = 0,
    exponent: Amount = 0,
    builder_rate: Amount = 0,
    *,
    market: bool = False,
    best_price: Amount | None = None,
) -> Preview:
    """Work out what amounts mean at the fees of the market.

    `market` tells amounts that spend from those that name shares. `best_price` is the best of the book;
    without it a market BUY is reckoned to fill at any price below its limit.
    """
    buys = is_buy(side)
    give, take = amounts.maker_amount, amounts.taker_amount
    collateral, shares = (shifted(each, BASE_DECIMALS) for each in ((give, take) if buys else (take, give)))
    spent = collateral if buys and market else None
    platform = _platform(shares, spent, amounts.price, amounts.price, rate, exponent)
    dearest = _platform(shares, spent, best_price, amounts.price, rate, exponent)
    builder = builder_fee(collateral, builder_rate)
    fees = _EXACT.add(platform, builder)
    total = _EXACT.add(collateral, fees) if buys else _EXACT.subtract(collateral, fees)
    left = _EXACT.subtract(shares, total)
    return Preview(
        side="BUY" if buys else "SELL",
        maker_amount=give,
        taker_amount=take,
        price=amounts.price,
        implied_price=_implied(give, take, buys=buys),
        shares=shares,
        collateral=collateral,
        platform_fee=platform,
        builder_fee=builder,
        total=total,
        max_loss=_EXACT.add(total, _EXACT.subtract(dearest, platform)) if buys else left,
        max_gain=left if buys else total,
    )


def _platform(
    shares: Decimal,
    spent: Decimal | None,
    best: Amount | None,
    limit: Decimal,
    rate: Amount,
    exponent: Amount,
) -> Decimal:
    """Return the fee of those shares at the limit, or the largest of what is spent from `best` to there."""
    if spent is None:
        return platform_fee(shares, limit, rate, exponent)
    return largest_platform_fee(spent, _LOWEST if best is None else best, limit, rate, exponent)


def _implied(give: int, take: int, *, buys: bool) -> Decimal:
    """Return the price of the signed amounts, rounded against whoever places the order."""
    units = -(-give * 10**_IMPLIED_DECIMALS // take) if buys else take * 10**_IMPLIED_DECIMALS // give
    return shifted(units, _IMPLIED_DECIMALS)
