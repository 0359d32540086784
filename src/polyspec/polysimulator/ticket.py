"""An order as a person writes it, and the exact bytes of it that go to the venue.

The bytes are made once: what is sent again must be the same to the last of them, or the venue would take it
for another order under the same id.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

import msgspec
from attrs import evolve, field, frozen

from polyspec.core.scales import Amount, Grid
from polyspec.errors import ConfigError, InvalidOrder
from polyspec.polysimulator.fate import Terms
from polyspec.polysimulator.naming import read_market

__all__ = [
    "MarketTerms",
    "NewOrder",
    "Ticket",
    "as_plain",
    "checked_client_order_id",
    "checked_order",
    "is_fresh",
    "new_client_order_id",
    "read_expiration",
    "read_side",
]

_PRICES: Final = 10_000
_CAPS: Final = Grid(_PRICES, 1, low=1, high=_PRICES)
_LIMITS: Final = Grid(_PRICES, 1, low=1, high=_PRICES - 1)
_SHARES: Final = Grid(10_000)
_DOLLARS: Final = Grid(1_000_000)
_IMMEDIATE: Final = ("FOK", "FAK", "IOC")
_RESTING: Final = ("GTC", "GTD")
_MOST_ID: Final = 256
_MOST_OUTCOME: Final = 200
# Half of a character, which cannot be sent.
_LONE: Final = re.compile("[\ud800-\udfff]")
# Moments beyond this are in milliseconds: as seconds they would lie 3,000 years ahead.
_LAST_SECOND: Final = 10**11
# Visible ASCII: what comes back in listings must be what was sent, byte for byte.
_CLIENT_ID: Final = re.compile(r"[\x21-\x7e]{1,256}")


_made: Final[OrderedDict[str, None]] = OrderedDict()
_MOST_MADE: Final = 10_000
_OURS: Final = re.compile(r"ps-[0-9a-f]{32}")


def new_client_order_id() -> str:
    """Return a client order id that nobody else makes: 128 random bits."""
    made = f"ps-{secrets.token_hex(16)}"
    if len(_made) >= _MOST_MADE:
        with suppress(KeyError):
            _made.popitem(last=False)
    _made[made] = None
    return made


def is_fresh(client_order_id: str) -> bool:
    """Tell an id that was made here a short while ago from one that another process may have used."""
    return client_order_id in _made


def is_ours(client_order_id: str | None) -> bool:
    """Tell whether an id has the form of those made here, in this process or another."""
    return client_order_id is not None and _OURS.fullmatch(client_order_id) is not None


def read_side(side: object) -> Literal["BUY", "SELL"]:
    """Return BUY or SELL; an enum member of either name will do."""
    text = str(getattr(side, "value", side)).upper()
    if text == "BUY":
        return "BUY"
    if text == "SELL":
        return "SELL"
    raise InvalidOrder(f"side must be BUY or SELL, not {side!r}", field="side")


def read_expiration(expiration: object, now: float) -> int:
    """Return when an order ends, in unix seconds; raises InvalidOrder unless that is after `now`."""
    if isinstance(expiration, datetime):
        if expiration.tzinfo is None:
            raise InvalidOrder("expiration needs a time zone: datetime.now(UTC) + ...", field="expiration")
        expiration = int(expiration.timestamp())
    if isinstance(expiration, str) and expiration.isascii() and expiration.isdigit() and len(expiration) < 20:
        expiration = int(expiration)
    if isinstance(expiration, bool) or not isinstance(expiration, int):
        raise InvalidOrder(
            f"expiration must be unix seconds or a datetime, not {expiration!r}", field="expiration"
        )
    if expiration > _LAST_SECOND:
        raise InvalidOrder(
            f"expiration {expiration} is in milliseconds; it must be in seconds", field="expiration"
        )
    if expiration <= now:
        raise InvalidOrder(f"expiration {expiration} is past", field="expiration")
    return expiration


def as_plain(value: Decimal) -> str:
    """Return a number as plain digits, without zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@frozen(kw_only=True)
class MarketTerms:
    """What the rules of a market are, as far as they are known; None or empty is not checked."""

    condition_id: str
    outcomes: tuple[str, ...] = ()
    tick: Decimal | None = None
    """Dollars between two limit prices."""
    min_size: Decimal | None = None
    """Least shares of an order."""
    category: str | None = None
    """Decides about fees if `fee_rate_bps` is not known."""
    fee_rate_bps: int | None = None
    token_ids: tuple[str, ...] = ()
    """One for each outcome."""


def checked_client_order_id(value: object) -> str:
    """Return a client order id; raises InvalidOrder for what is none."""
    if not (isinstance(value, str) and _CLIENT_ID.fullmatch(value)):
        raise InvalidOrder(
            f"client_order_id must be 1 to {_MOST_ID} visible ASCII characters, not {value!r:.300}",
            field="client_order_id",
        )
    return value


def _client_order_id(_: object, __: object, value: object) -> None:
    checked_client_order_id(value)


@frozen(kw_only=True)
class NewOrder:
    """An order to be placed. Prices are dollars per share, quantities shares, as text, Decimal or int."""

    market: str | MarketTerms | Any
    """The condition id, or what has one (`condition_id`): a market as it was listed, or `MarketTerms`."""
    side: str
    """BUY or SELL; only shares that are held can be sold."""
    outcome: str
    """Its label, such as Yes or Up; capitals do not matter."""
    price: Amount | None = None
    """The limit, or the worst price a market order accepts: there are none without."""
    quantity: Amount | None = None
    """Shares, to four decimals; this or `amount`."""
    amount: Amount | None = None
    """Dollars to spend; only for a market order that buys."""
    order_type: str = "limit"
    """limit or market."""
    time_in_force: str | None = None
    """GTC, GTD, FOK, or FAK (also called IOC); if None GTC for limit orders, FOK for market orders."""
    post_only: bool = False
    """Never take: be refused rather than match on entry."""
    expiration: int | str | datetime | None = None
    """When a GTD order ends, in unix seconds or as a datetime with its time zone."""
    client_order_id: str = field(factory=new_client_order_id, validator=_client_order_id)
    """Identity of the order, known before it is sent; random unless given, and never to be used twice."""
    wallet_id: int | None = None
    """Which wallet pays; if None that of the client, or the API's."""


def checked_order(order: object) -> NewOrder:
    """Return an order; raises InvalidOrder for what is none, such as the `NewOrder` of another venue."""
    if isinstance(order, NewOrder):
        return order
    kind = type(order)
    raise InvalidOrder(
        "orders of this venue are written as polyspec.polysimulator.NewOrder, "
        f"not as {kind.__module__}.{kind.__qualname__}",
        field="order",
    )


@frozen
class Ticket:
    """An order that passed every check: the bytes to send, and what they mean."""

    client_order_id: str
    body: bytes
    """The JSON of it, exactly as it is sent."""
    terms: Terms
    order_type: str
    time_in_force: str
    price: Decimal
    """The limit, or the worst price."""
    amount: Decimal | None = None
    """Dollars to spend, if it says no quantity."""

    @classmethod
    def of(cls, order: NewOrder, *, now: float, wallet_id: int | None = None) -> Ticket:
        """Translate an order exactly; raises InvalidOrder for whatever the venue would refuse as written.

        `now` is unix time, to refuse an order that ends before it begins. `wallet_id` is that of orders that
        name none.
        """
        market, side = _market(order.market), read_side(order.side)
        outcome = _outcome(order.outcome, market)
        kind, tif = _kind(order), _time_in_force(order)
        _check_rules(order, kind, tif)
        price, (quantity, amount) = _price(order, kind, market), _size(order, kind, side, market)
        wallet = _wallet(order.wallet_id if order.wallet_id is not None else wallet_id)
        body: dict[str, Any] = {"market_id": market.condition_id, "side": side, "outcome": outcome}
        if quantity is not None:
            body["quantity"] = as_plain(quantity)
        if amount is not None:
            body["amount"] = as_plain(amount)
        body |= {"order_type": kind, "price": as_plain(price), "time_in_force": tif}
        body["client_order_id"] = order.client_order_id
        if order.expiration is not None:
            body["expiration"] = str(read_expiration(order.expiration, now))
        if order.post_only:
            body["post_only"] = True
        if wallet is not None:
            body["wallet_id"] = wallet
        limit = price if kind == "limit" else None
        return cls(
            client_order_id=order.client_order_id,
            body=msgspec.json.encode(body),
            terms=Terms(market.condition_id, side, outcome, quantity, limit, wallet),
            order_type=kind,
            time_in_force=tif,
            price=price,
            amount=amount,
        )

    @property
    def takes(self) -> bool:
        """Whether it can only take, so that nothing of it ever rests."""
        return self.time_in_force in _IMMEDIATE


def _market(market: object) -> MarketTerms:
    if isinstance(market, MarketTerms):
        return evolve(market, condition_id=_condition(market.condition_id))
    if not isinstance(market, str):
        found, outcomes = getattr(market, "condition_id", None), getattr(market, "outcomes", None)
        if not isinstance(found, str):
            raise InvalidOrder(
                f"market must be a condition id or what has one, not {type(market).__name__}", field="market"
            )
        return MarketTerms(condition_id=_condition(found), outcomes=_labels(outcomes))
    return MarketTerms(condition_id=_condition(market))


def _condition(found: object) -> str:
    try:
        return read_market(found)
    except ConfigError as error:
        by_token = isinstance(found, str) and found.isdigit()
        raise InvalidOrder(
            f"{error}; to trade by token ids there is compat.place" if by_token else str(error),
            field="market",
        ) from None


def _labels(outcomes: object) -> tuple[str, ...]:
    if isinstance(outcomes, str) or not isinstance(outcomes, Iterable):
        return ()
    return tuple(each for each in outcomes if isinstance(each, str))


def _outcome(outcome: object, market: MarketTerms) -> str:
    if (
        not isinstance(outcome, str)
        or not 0 < len(outcome.strip()) <= _MOST_OUTCOME
        or _LONE.search(outcome) is not None
    ):
        raise InvalidOrder(
            f"outcome must be the label of one, such as Yes, not {outcome!r:.80}", field="outcome"
        )
    label = outcome.strip()
    if not market.outcomes:
        return label
    for known in market.outcomes:
        if known.casefold() == label.casefold():
            return known
    raise InvalidOrder(
        f"outcome {label!r} is none of {', '.join(market.outcomes)}", field="outcome", nearest=market.outcomes
    )


def _word(value: object, choices: Sequence[str], name: str) -> str:
    text = str(getattr(value, "value", value)).strip()
    for choice in choices:
        if text.upper() == choice.upper():
            return choice
    raise InvalidOrder(
        f"{name} {value!r} is none of {', '.join(choices)}", field=name, nearest=tuple(choices)
    )


def _kind(order: NewOrder) -> str:
    text = str(getattr(order.order_type, "value", order.order_type)).upper()
    if text in (*_RESTING, *_IMMEDIATE):
        raise InvalidOrder(
            f'order_type is limit or market; say time_in_force="{text}"',
            field="order_type",
            nearest=("limit", "market"),
        )
    return _word(order.order_type, ("limit", "market"), "order_type")


def _time_in_force(order: NewOrder) -> str:
    if order.time_in_force is None:
        return "GTC" if _kind(order) == "limit" else "FOK"
    return _word(order.time_in_force, (*_RESTING, *_IMMEDIATE), "time_in_force")


def _check_rules(order: NewOrder, kind: str, tif: str) -> None:
    if kind == "market" and tif in _RESTING:
        # the venue would make it a FOK in silence
        raise InvalidOrder(
            f"a market order is filled at once, {tif} rests: say FOK or FAK, or make it a limit order",
            field="time_in_force",
            nearest=("FOK", "FAK"),
        )
    if not isinstance(order.post_only, bool):
        raise InvalidOrder(f"post_only must be True or False, not {order.post_only!r}", field="post_only")
    if order.post_only and (kind == "market" or tif in _IMMEDIATE):
        raise InvalidOrder(
            f"post_only never trades at once, a {kind} order that is {tif} does nothing else: "
            "make it a GTC or GTD limit order",
            field="post_only",
        )
    if (tif == "GTD") != (order.expiration is not None):
        raise InvalidOrder("GTD and expiration go together", field="expiration")


def _price(order: NewOrder, kind: str, market: MarketTerms) -> Decimal:
    if order.price is None:
        raise InvalidOrder(
            "price is missing: a market order needs the worst price to accept"
            if kind == "market"
            else "price is missing: a limit order needs its limit",
            field="price",
        )
    if kind == "market":
        # no tick: the venue takes any cap
        grid = _CAPS
    elif market.tick is None:
        grid = _LIMITS
    else:
        tick = Grid(_PRICES, 1).to_wire(market.tick, "tick")
        grid = Grid(_PRICES, tick, low=tick, high=_PRICES - tick)
    return grid.from_wire(grid.to_wire(order.price, "price"))


def _size(
    order: NewOrder, kind: str, side: str, market: MarketTerms
) -> tuple[Decimal | None, Decimal | None]:
    if (order.quantity is None) == (order.amount is None):
        raise InvalidOrder("give either quantity (shares) or amount (dollars)", field="quantity")
    if order.amount is not None:
        if kind != "market" or side != "BUY":
            raise InvalidOrder(
                "amount is for market orders that buy: give the quantity of this one in shares",
                field="amount",
            )
        return None, _DOLLARS.from_wire(_DOLLARS.to_wire(order.amount, "amount"))
    assert order.quantity is not None
    shares = _SHARES
    if market.min_size is not None:
        shares = Grid(_SHARES.scale, minimum=_SHARES.to_wire(market.min_size, "min_size"))
    return shares.from_wire(shares.to_wire(order.quantity, "quantity")), None


def _wallet(wallet_id: object) -> int | None:
    if wallet_id is None:
        return None
    if isinstance(wallet_id, bool) or not isinstance(wallet_id, int) or wallet_id < 1:
        raise InvalidOrder(f"wallet_id must be the number of a wallet, not {wallet_id!r}", field="wallet_id")
    return wallet_id
