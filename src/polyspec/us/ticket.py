"""An order as a person writes it, and its exact translation into the venue's request."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.core.scales import Amount, Grid
from polyspec.errors import InvalidOrder
from polyspec.us.instrument import Instrument

__all__ = ["NewOrder", "checked_order", "is_no", "new_clord_id", "request_of"]

E = TypeVar("E", bound=StrEnum)

_FLIPPED: Final = {wire.Side.BUY: wire.Side.SELL, wire.Side.SELL: wire.Side.BUY}
_ALIASES: Final = {
    "GTC": "GOOD_TILL_CANCEL",
    "IOC": "IMMEDIATE_OR_CANCEL",
    "FOK": "FILL_OR_KILL",
    "GTT": "GOOD_TILL_TIME",
    "MARKET": "MARKET_TO_LIMIT",
}
_DECIDED_BY: Final = {
    False: wire.ManualOrderIndicator.AUTOMATED,
    True: wire.ManualOrderIndicator.MANUAL,
}
_IMMEDIATE: Final = (wire.TimeInForce.IMMEDIATE_OR_CANCEL, wire.TimeInForce.FILL_OR_KILL)


# What the venue documents for partners: visible ASCII, nothing else.
_CLORD_ID: Final = re.compile(r"[\x21-\x7e]{1,64}")


def new_clord_id() -> str:
    """Return a client order id that nobody else makes: 128 random bits."""
    return secrets.token_hex(16)


def _clord_id(_: object, __: object, value: object) -> None:
    if not (isinstance(value, str) and _CLORD_ID.fullmatch(value)):
        raise InvalidOrder(
            f"clord_id must be 1 to 64 visible ASCII characters, not {value!r}", field="clord_id"
        )


@frozen(kw_only=True)
class NewOrder:
    """An order to be placed. Prices are dollars, quantities contracts, both as text, Decimal or int.

    `type` follows from the prices given: `price` makes a limit order, `stop_price` a stop, both a stop-limit.
    An order without any price must say ``type="MARKET_TO_LIMIT"`` itself.
    """

    market: Instrument | str
    """The instrument, or its symbol."""
    side: str
    """BUY or SELL."""
    quantity: Amount | None = None
    """Contracts; this or `cash`."""
    price: Amount | None = None
    """Dollars per contract of `outcome`."""
    cash: Amount | None = None
    """Dollars to spend (BUY: principal; SELL: collateral of the complementary NO)."""
    type: str | None = None
    time_in_force: str = "GOOD_TILL_CANCEL"
    """DAY, GOOD_TILL_CANCEL (GTC), IMMEDIATE_OR_CANCEL (IOC), FILL_OR_KILL (FOK), GOOD_TILL_TIME (GTT)."""
    outcome: str = "YES"
    """With NO, side and prices mean the NO contract; the venue's one book is in YES terms."""
    stop_price: Amount | None = None
    min_quantity: Amount | None = None
    """Fill at least this much at once or not at all; IOC only."""
    good_till: datetime | None = None
    """When a GOOD_TILL_TIME order ends; with its time zone."""
    post_only: bool = False
    """Never take: be rejected rather than match on entry."""
    all_or_none: bool = False
    strict_limit: bool = False
    """Fill at exactly the limit price only."""
    best_limit: bool = False
    """Let the venue set the price to the top of the own side."""
    immediately_executable_limit: bool = False
    """Let the venue set the price to the top of the other side."""
    self_match_prevention_id: str = ""
    self_match_prevention: str | None = None
    """REJECT_AGGRESSOR, CANCEL_RESTING or REMOVE_BOTH."""
    clord_id: str = field(factory=new_clord_id, validator=_clord_id)
    """Identity of the order, known before it is sent; random unless given."""
    account: str = ""
    user: str = ""
    """Act for this user."""
    client_account_id: str = ""
    client_participant_id: str = ""
    order_capacity: str | None = None
    manual: bool = False
    """Whether a person, not a program, decided on this order."""


def checked_order(order: object) -> NewOrder:
    """Return an order; raises InvalidOrder for what is none, such as the `NewOrder` of another venue."""
    if isinstance(order, NewOrder):
        return order
    kind = type(order)
    raise InvalidOrder(
        "orders of this venue are written as polyspec.NewOrder, "
        f"not as {kind.__module__}.{kind.__qualname__}",
        field="order",
    )


def _member(enum: type[E], value: str, field: str) -> E:
    name = _ALIASES.get(value.upper(), value.upper()) if isinstance(value, str) else ""
    for member in enum:
        if name in (member.name, member.value) and not name.endswith("UNDEFINED"):
            return member
    choices = ", ".join(member.name for member in enum if not member.name.endswith("UNDEFINED"))
    raise InvalidOrder(f"{field} {value!r} is none of {choices}", field=field)


def request_of(
    order: NewOrder, instrument: Instrument, *, account: str, now: float
) -> wire.InsertOrderRequest:
    """Translate an order exactly; raises InvalidOrder for whatever the venue could not take as written.

    `now` is unix time, to refuse an order that ends before it begins.
    """
    tif = _member(wire.TimeInForce, order.time_in_force, "time_in_force")
    kind = _kind(order)
    _check_price_rules(order, kind, tif)
    quantity, min_quantity, cash = _sizes(order, tif, instrument)
    side, no, stop = _member(wire.Side, order.side, "side"), is_no(order.outcome), order.stop_price
    return wire.InsertOrderRequest(
        type=kind,
        side=_FLIPPED[side] if no else side,
        order_qty=quantity,
        cash_order_qty=cash,
        symbol=instrument.symbol,
        price=0 if order.price is None else instrument.price_units(order.price, no=no),
        stop_price=0 if stop is None else instrument.price_units(stop, "stop_price", no=no),
        time_in_force=tif,
        clord_id=order.clord_id,
        account=order.account or account,
        user=order.user,
        min_qty=min_quantity,
        self_match_prevention_id=order.self_match_prevention_id,
        self_match_prevention_instruction=_optional(
            wire.SelfMatchPreventionInstruction, order.self_match_prevention, "self_match_prevention"
        ),
        all_or_none=order.all_or_none,
        client_account_id=order.client_account_id,
        client_participant_id=order.client_participant_id,
        participate_dont_initiate=order.post_only,
        strict_limit=order.strict_limit,
        good_till_time=_end(order, tif, now),
        best_limit=order.best_limit,
        immediately_executable_limit=order.immediately_executable_limit,
        order_capacity=_optional(wire.OrderCapacity, order.order_capacity, "order_capacity"),
        manual_order_indicator=_DECIDED_BY[bool(order.manual)],
    )


def is_no(outcome: str) -> bool:
    """Tell whether prices are those of NO; raises InvalidOrder for anything but YES and NO."""
    name = outcome.upper() if isinstance(outcome, str) else ""
    if name not in ("YES", "NO"):
        raise InvalidOrder(f"outcome {outcome!r} is neither YES nor NO", field="outcome")
    return name == "NO"


def _optional(enum: type[E], value: str | None, field: str) -> E:
    return next(iter(enum)) if value is None else _member(enum, value, field)


def _kind(order: NewOrder) -> wire.OrderType:
    derived = order.best_limit or order.immediately_executable_limit
    if order.best_limit and order.immediately_executable_limit:
        raise InvalidOrder(
            "best_limit takes the price of the own side, immediately_executable_limit of the other: "
            "choose one",
            field="best_limit",
        )
    if derived and order.price is not None:
        raise InvalidOrder(
            "best_limit and immediately_executable_limit set the price themselves", field="price"
        )
    priced, stopped = order.price is not None or derived, order.stop_price is not None
    natural = {
        (True, False): wire.OrderType.LIMIT,
        (False, True): wire.OrderType.STOP,
        (True, True): wire.OrderType.STOP_LIMIT,
        (False, False): wire.OrderType.MARKET_TO_LIMIT,
    }[priced, stopped]
    if order.type is None:
        if natural is wire.OrderType.MARKET_TO_LIMIT:
            raise InvalidOrder(
                'price is missing; for a market order say type="MARKET_TO_LIMIT"', field="price"
            )
        return natural
    kind = _member(wire.OrderType, order.type, "type")
    if kind != natural:
        raise InvalidOrder(
            f"type {kind.name} does not fit the prices given, which make a {natural.name} order", field="type"
        )
    return kind


def _sizes(order: NewOrder, tif: wire.TimeInForce, instrument: Instrument) -> tuple[int, int, int]:
    """Return quantity, least quantity and cash in units, 0 for what is not given."""
    if (order.quantity is None) == (order.cash is None):
        raise InvalidOrder("give either quantity (contracts) or cash (dollars)", field="quantity")
    if order.min_quantity is not None and tif != wire.TimeInForce.IMMEDIATE_OR_CANCEL:
        raise InvalidOrder("min_quantity works with IMMEDIATE_OR_CANCEL only", field="min_quantity")
    size, least = instrument.quantity, order.min_quantity
    min_quantity = 0 if least is None else size.to_wire(least, "min_quantity")
    if order.cash is not None:
        return 0, min_quantity, Grid(instrument.price_scale).to_wire(order.cash, "cash")
    assert order.quantity is not None
    quantity = size.to_wire(order.quantity, "quantity")
    if min_quantity > quantity:
        raise InvalidOrder(
            f"min_quantity {least} is more than the quantity {order.quantity}",
            field="min_quantity",
            nearest=(size.scale.text(quantity),),
        )
    return quantity, min_quantity, 0


def _check_price_rules(order: NewOrder, kind: wire.OrderType, tif: wire.TimeInForce) -> None:
    limited = kind in (wire.OrderType.LIMIT, wire.OrderType.STOP_LIMIT)
    if order.post_only:
        if tif in _IMMEDIATE:
            raise InvalidOrder(
                f"post_only never trades at once, {tif.name} does nothing else", field="post_only"
            )
        if order.immediately_executable_limit or not limited:
            taker = kind.name if not limited else "immediately_executable_limit"
            raise InvalidOrder(f"post_only never takes, {taker} is made to take", field="post_only")
    if order.strict_limit and not limited:
        raise InvalidOrder(f"strict_limit needs a limit price, {kind.name} has none", field="strict_limit")


def _end(order: NewOrder, tif: wire.TimeInForce, now: float) -> datetime | None:
    if (tif == wire.TimeInForce.GOOD_TILL_TIME) != (order.good_till is not None):
        raise InvalidOrder("GOOD_TILL_TIME and good_till go together", field="good_till")
    if order.good_till is None:
        return None
    if not isinstance(order.good_till, datetime):
        raise InvalidOrder(f"good_till must be a datetime, not {order.good_till!r}", field="good_till")
    if order.good_till.utcoffset() is None:
        raise InvalidOrder("good_till has no time zone", field="good_till")
    if order.good_till.timestamp() <= now:
        raise InvalidOrder(f"good_till {order.good_till.isoformat()} is past", field="good_till")
    try:
        return order.good_till.astimezone(UTC)
    except OverflowError:
        raise InvalidOrder(
            f"good_till {order.good_till.isoformat()} is beyond the calendar", field="good_till"
        ) from None
