"""What is asked about prices of several tokens at once, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ConfigError
from polyspec.polysimulator.naming import TokenLike, read_token
from polyspec.polysimulator.ticket import read_side

__all__ = ["PriceLike", "price_requests", "prices_by_side"]

PriceLike: TypeAlias = TokenLike | tuple[TokenLike, str]
"""A token, or a pair of a token and a side."""


def price_requests(tokens: Iterable[PriceLike]) -> list[wire.TokenSide]:
    """Return what to ask so that every side of every token is answered: both sides where none is named."""
    if isinstance(tokens, str | bytes):
        # a text is iterable too, of digits
        raise ConfigError("give a list of tokens, even for a single one")
    found: dict[tuple[str, str], None] = {}
    for each in tokens:
        token, side = each if isinstance(each, tuple) else (each, None)
        for known in ("BUY", "SELL") if side is None else (read_side(side),):
            found[read_token(token), known] = None
    return [wire.TokenSide(token_id=token, side=wire.Side(side)) for token, side in found]


def prices_by_side(
    answer: Mapping[str, Decimal | dict[str, Decimal]],
) -> dict[str, dict[str, Decimal]]:
    """Return the sides of each token; what came without a side belongs to none, and is left out."""
    return {token: sides for token, sides in answer.items() if isinstance(sides, dict)}
