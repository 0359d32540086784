"""On which terms orders are posted, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from polyspec.clob.order import SignedOrder
from polyspec.clob.placing import Posting
from polyspec.clob.ticket import MARKET_TYPES, as_text
from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["BATCH", "checked_batch", "posting_of"]

_CENT: Final = 10_000
BATCH: Final = 15
"""The most orders the venue takes in one request."""


def posting_of(
    order: SignedOrder,
    owner: str,
    order_type: str | None,
    *,
    post_only: bool,
    defer_exec: bool,
    strict: bool = True,
) -> Posting:
    """Put an order and its terms together; raises InvalidOrder if they do not go together.

    `strict` also refuses a FOK or FAK that spends a fraction of a cent, as the venue has done.
    """
    if not isinstance(order, SignedOrder):
        raise ConfigError(f"post what create_order returns, not a {type(order).__name__}")
    kind = as_text(order_type) or order.order_type or ("GTD" if order.expiration else "GTC")
    if order.order_type and kind != order.order_type:
        raise ConfigError(
            f"this order was made as {order.order_type}; as {kind} it would mean something else: "
            "make another, or leave order_type out"
        )
    if strict and kind in MARKET_TYPES and order.side == "BUY" and order.maker_amount % _CENT:
        raise InvalidOrder(
            f"a {kind} order may spend whole cents only, not ${order.maker_amount / Decimal(1_000_000)}: "
            "choose another size, or make a market order of a whole amount",
            field="size",
        )
    body = order.body(owner, kind, post_only=post_only, defer_exec=defer_exec)
    return Posting(
        order=order, owner=owner, order_type=kind, post_only=post_only, defer_exec=defer_exec, body=body
    )


def checked_batch(
    orders: Sequence[SignedOrder | tuple[SignedOrder, str]], order_type: str | None
) -> list[tuple[SignedOrder, str | None]]:
    """Return orders with their types; raises ConfigError if the venue would not take them together."""
    pairs = [each if isinstance(each, tuple) else (each, order_type) for each in orders]
    if not 0 < len(pairs) <= BATCH:
        raise ConfigError(
            f"one request takes 1 to {BATCH} orders, not {len(pairs)}; nothing was sent, post them in parts"
        )
    ids = [order.order_id for order, _ in pairs if isinstance(order, SignedOrder)]
    if len(set(ids)) != len(ids):
        raise ConfigError("the same order is in the batch twice: make a second one if two are wanted")
    return pairs
