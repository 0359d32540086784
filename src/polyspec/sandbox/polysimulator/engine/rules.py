"""The rules an order must keep before any price is looked at."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

import msgspec

from polyspec.sandbox.polysimulator.feed import FeedMarket

from .core import Core
from .records import Wallet
from .refused import Refused
from .requests import OrderSpec, Side
from .units import DOLLAR, SHARE, quantity_text, scaled
from .wallets import wallet_of

__all__ = ["Ticket", "check_minimum", "find_market", "find_token", "read", "tradable"]

_SECOND: Final = 1_000_000_000
_FINE_TICK: Final = 1_000
_IMMEDIATE: Final = {"FOK": "FOK", "FAK": "IOC", "IOC": "IOC"}
_LONGEST: Final = 18
"""Digits of a moment; more cannot be one."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """An order that keeps the rules, in the exchange's units."""

    user_id: int
    wallet: Wallet
    market: FeedMarket
    outcome: int
    side: Side
    order_type: Literal["market", "limit"]
    time_in_force: str
    price: int
    quantity: int
    post_only: bool
    expires_ns: int | None
    client_order_id: str | None
    amount_interpreted_as: str | None

    @property
    def token_id(self) -> str:
        """The token it is about."""
        return self.market.token_ids[self.outcome]

    @property
    def label(self) -> str:
        """The outcome as the market writes it."""
        return self.market.outcomes[self.outcome]

    @property
    def rests(self) -> bool:
        """Whether what is not filled at once waits."""
        return self.time_in_force in ("GTC", "GTD")


def find_market(core: Core, condition_id: str, now: int) -> FeedMarket:
    """Return a market; Refused MARKET_NOT_FOUND."""
    market = core.feed.market(condition_id)
    if market is None or _is_new(core, market, now):
        raise Refused("MARKET_NOT_FOUND", f"Market {condition_id} was not found")
    return market


def find_token(core: Core, token_id: str, now: int) -> tuple[FeedMarket, int]:
    """Return the market of a token and which outcome it is; Refused TOKEN_NOT_FOUND."""
    market = core.feed.market_of(token_id)
    if market is None or _is_new(core, market, now):
        raise Refused("TOKEN_NOT_FOUND", f"Token {token_id} was not found")
    return market, market.token_ids.index(token_id)


def _is_new(core: Core, market: FeedMarket, now: int) -> bool:
    return now < market.created_ns + core.settings.warm_up


def tradable(market: FeedMarket, now: int) -> bool:
    """Tell whether a market takes orders."""
    return market.status == "open" and (market.end_ns is None or now < market.end_ns)


def read(core: Core, user_id: int, spec: OrderSpec, client_order_id: str | None, now: int) -> Ticket:
    """Check what a client sent and put it into the exchange's units."""
    side, order_type = _side(spec.side), _order_type(spec.order_type)
    market = find_market(core, spec.market_id, now)
    outcome = _outcome(market, spec.outcome)
    wallet = wallet_of(core.state, user_id, spec.wallet_id)
    time_in_force = _time_in_force(core, spec, order_type)
    price = _price(spec, order_type, market)
    quantity, interpreted = _quantity(core, spec, side, order_type, price, market.token_ids[outcome])
    _check_post_only(core, spec, order_type, time_in_force)
    return Ticket(
        user_id=user_id,
        wallet=wallet,
        market=market,
        outcome=outcome,
        side=side,
        order_type=order_type,
        time_in_force=time_in_force,
        price=price,
        quantity=quantity,
        post_only=spec.post_only and core.settings.pm_v2,
        expires_ns=_expiration(spec.expiration, now) if time_in_force == "GTD" else None,
        client_order_id=client_order_id,
        amount_interpreted_as=interpreted,
    )


def _side(side: str) -> Side:
    if side == "BUY":
        return "BUY"
    if side == "SELL":
        return "SELL"
    raise Refused("VALIDATION_FAILED", "side must be BUY or SELL")


def _order_type(order_type: str) -> Literal["market", "limit"]:
    if order_type == "market":
        return "market"
    if order_type == "limit":
        return "limit"
    raise Refused("VALIDATION_FAILED", "order_type must be market or limit")


def _outcome(market: FeedMarket, label: str) -> int:
    labels = [each.lower() for each in market.outcomes]
    if label.lower() not in labels:
        offered = ", ".join(market.outcomes)
        raise Refused("INVALID_ORDER_PAYLOAD", f"Outcome {label!r} is not one of {offered}")
    return labels.index(label.lower())


def _time_in_force(core: Core, spec: OrderSpec, order_type: str) -> str:
    given = spec.time_in_force
    if given not in (None, "GTC", "GTD", *_IMMEDIATE):
        raise Refused("VALIDATION_FAILED", "time_in_force must be GTC, FOK, FAK, IOC or GTD")
    if given in _IMMEDIATE:
        return _IMMEDIATE[given]
    if order_type == "market":
        if given == "GTD":
            raise Refused("UNSUPPORTED_ORDER_TYPE", "GTD is for limit orders")
        return "FOK"
    return "GTD" if given == "GTD" and core.settings.pm_v2 else "GTC"


def _price(spec: OrderSpec, order_type: str, market: FeedMarket) -> int:
    if spec.price is None:
        raise Refused("PRICE_REQUIRED", "price is required: the limit, or the worst price of a market order")
    price = scaled(spec.price, DOLLAR)
    if order_type == "market":
        if price is None or not 0 < price <= DOLLAR:
            raise Refused("VALIDATION_FAILED", "price must be above 0, at most 1, to six decimals")
        return price
    if price is not None and not 0 < price < DOLLAR:
        raise Refused("VALIDATION_FAILED", "price must lie between 0 and 1")
    if price is None or price % market.tick or not market.tick <= price <= DOLLAR - market.tick:
        tick = Decimal(market.tick) / DOLLAR
        raise Refused("INVALID_ORDER_MIN_TICK_SIZE", f"price must be a multiple of the tick size {tick}")
    return price


def _quantity(
    core: Core, spec: OrderSpec, side: Side, order_type: str, price: int, token_id: str
) -> tuple[int, str | None]:
    """Return the shares asked for, and how an amount was read."""
    if spec.quantity is not None and spec.amount is not None:
        raise Refused("INVALID_ORDER_PAYLOAD", "Specify either quantity or amount, not both")
    if spec.amount is not None:
        if side != "BUY" or order_type != "market":
            raise Refused("INVALID_ORDER_PAYLOAD", "amount is for market BUY orders only")
        return _from_amount(core, spec.amount, price, token_id)
    quantity = None if spec.quantity is None else scaled(spec.quantity, SHARE)
    if quantity is None or quantity <= 0:
        raise Refused("INVALID_QUANTITY", "quantity must be above 0, to four decimals")
    return quantity, None


def _from_amount(core: Core, amount: Decimal, price: int, token_id: str) -> tuple[int, str]:
    """Return the shares an amount buys, cut to four decimals."""
    money = scaled(amount, DOLLAR)
    if money is None or money <= 0:
        raise Refused("INVALID_QUANTITY", "amount must be above 0, to six decimals")
    shown = core.displayed(token_id) if core.settings.amount_at == "displayed" else None
    reference, told = (price, "usd_at_price_cap") if shown is None else (shown, "usd_at_displayed_price")
    quantity = money * SHARE // reference
    if quantity <= 0:
        raise Refused("INVALID_QUANTITY", "amount is less than the smallest part of a share costs")
    return quantity, told


def check_minimum(core: Core, ticket: Ticket) -> None:
    """Refuse less than the market's smallest order."""
    if not core.settings.pm_v2:
        return
    least = SHARE if ticket.market.tick <= _FINE_TICK else 5 * SHARE
    if ticket.quantity < least:
        raise Refused("INVALID_ORDER_MIN_SIZE", f"The smallest order here is {quantity_text(least)} shares")


def _check_post_only(core: Core, spec: OrderSpec, order_type: str, time_in_force: str) -> None:
    if (
        spec.post_only
        and core.settings.pm_v2
        and (order_type, time_in_force)
        not in (
            ("limit", "GTC"),
            ("limit", "GTD"),
        )
    ):
        raise Refused("INVALID_POST_ONLY_ORDER_TYPE", "post_only is for GTC and GTD limit orders")


def _expiration(given: str | int | None, now: int) -> int:
    text = str(given).strip() if given is not None else ""
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST:
        raise Refused("INVALID_ORDER_EXPIRATION", "GTD needs an expiration in unix seconds")
    moment = int(text) * _SECOND
    if moment <= now:
        raise Refused("INVALID_ORDER_EXPIRATION", "expiration must be in the future")
    return moment
