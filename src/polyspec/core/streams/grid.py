"""The prices of a book: their ticks, and the texts they come in."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

from polyspec.core.scales import as_decimal
from polyspec.errors import InvalidOrder

__all__ = ["Raw", "exact", "is_zero", "spelt", "whole"]

Raw: TypeAlias = str | int | Decimal
"""A price or a size as the venue sent it; integers are in the units of the book."""
_CONTEXT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


@lru_cache(maxsize=64)
def spelt(tick: Decimal, top: int) -> tuple[list[Decimal], list[Decimal | None], dict[Raw, int]]:
    """Return the prices of a grid, once more with none below and above, and the usual spellings of each.

    All books on a grid share them.
    """
    prices = [_CONTEXT.multiply(tick, Decimal(count)) for count in range(top + 1)]
    texts: dict[Raw, int] = {}
    for count, price in enumerate(prices):
        texts[f"{price:f}"] = texts[_shortest(price)] = count
    # the place after the last price is -1 as well, which stand for an empty side of asks and bids
    return prices, [*prices, None], texts


def _shortest(price: Decimal) -> str:
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_zero(size: Raw) -> bool:
    """Tell whether a size is none, in any spelling; raises ValueError for what is no size."""
    if isinstance(size, str) and size[:1] in "123456789" and size:
        return False
    try:
        number = as_decimal(size, "size")
    except InvalidOrder as error:
        raise ValueError(str(error)) from None
    if number < 0:
        raise ValueError(f"size {size} is below 0")
    return number == 0


def exact(size: Raw, scale: int) -> Decimal | None:
    """Return a size as a number; None if it is none: what begins like one is looked at when it is read."""
    if isinstance(size, int):
        return Decimal(size) / scale
    try:
        return Decimal(size)
    except ArithmeticError:
        return None


def whole(levels: Iterable[tuple[Raw, Raw]] | dict[int, int], top: int) -> dict[int, Raw] | None:
    """Return levels told in integers, all of them on the grid and none empty; None if any may not be."""
    try:
        found: dict[Any, Any] = dict(levels)
        prices, sizes = sorted(found), found.values()
        # integers alone add up to one
        if type(sum(prices)) is not int or type(sum(sizes)) is not int:
            return None
        return found if not found or (prices[0] >= 0 and prices[-1] <= top and min(sizes) > 0) else None
    except (TypeError, ValueError):
        return None
