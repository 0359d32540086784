"""What a user asks for is read as it was meant, or refused before anything happens."""

from __future__ import annotations

import struct
from collections import UserDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import SimpleNamespace
from typing import Any

import pytest

from polyspec.clob.client import ClobClient
from polyspec.clob.ticket import ZERO, LimitTicket, MarketTicket, read_side, read_ticket, read_token
from polyspec.errors import ConfigError, InvalidOrder
from tests.unit.clob.checks import TOKEN
from tests.unit.clob.clob_rig import MARKET, Venue, book, client_of, details

LIMIT: dict[str, Any] = {"token_id": TOKEN, "side": "BUY", "price": "0.52", "size": "10"}
SPEND: dict[str, Any] = {"token_id": TOKEN, "side": "BUY", "amount": "10"}
OPTIONS: dict[str, Any] = {"tick_size": "0.01", "neg_risk": False}
BYTES32 = "0x" + "aB" * 32


class Side(IntEnum):
    """Sides as py-clob-client-v2 has them."""

    BUY = 0
    SELL = 1


class TextSide(str, Enum):  # noqa: UP042 - as others have it
    """Sides that are texts, and show their names."""

    BUY = "BUY"
    SELL = "SELL"


class Kind(str, Enum):  # noqa: UP042 - as others have it
    """Order types that are texts, and show their names."""

    GTC = "GTC"
    FOK = "FOK"
    FAK = "FAK"


class KindOfTexts(StrEnum):
    """Order types that are texts and show them."""

    FOK = "FOK"
    FAK = "FAK"


class PlainKind:
    """Order types as both venue packages have them."""

    GTC = "GTC"
    FOK = "FOK"
    FAK = "FAK"


@dataclass
class OrderArgs:
    """Arguments of a limit order as py-clob-client-v2 has them."""

    token_id: str | None
    price: float
    size: float
    side: Any
    expiration: int = 0
    builder_code: str = ZERO
    metadata: str = ZERO
    user_usdc_balance: float | None = None
    position_id: str | None = None


@dataclass
class OrderArgsV1:
    """Arguments of a limit order as py-clob-client has them."""

    token_id: str
    price: float
    size: float
    side: str
    fee_rate_bps: int = 0
    nonce: int = 0
    expiration: int = 0
    taker: str = "0x0000000000000000000000000000000000000000"


@dataclass
class MarketOrderArgs:
    """Arguments of a market order as py-clob-client-v2 has them."""

    token_id: str | None
    amount: float
    side: Any
    price: float = 0
    order_type: Any = PlainKind.FOK
    user_usdc_balance: float = 0
    builder_code: str = ZERO
    metadata: str = ZERO
    position_id: str | None = None


@dataclass
class PartialCreateOrderOptions:
    """Options as py-clob-client-v2 has them."""

    tick_size: str | None = None
    neg_risk: bool | None = None
    version: int | None = None


def limit(order: object = None, options: object = OPTIONS, **given: Any) -> LimitTicket:
    """Read a limit order."""
    return LimitTicket.read(order, options, given)


def market(order: object = None, options: object = OPTIONS, **given: Any) -> MarketTicket:
    """Read a market order."""
    return MarketTicket.read(order, options, given)


# -- one order, many ways to write it --


@pytest.mark.parametrize(
    "order",
    [
        LIMIT,
        UserDict(LIMIT),
        LIMIT | {"price": 0.52, "size": 10.0},
        LIMIT | {"price": Decimal("0.520"), "size": 10, "expiration": 0, "builder_code": ""},
        OrderArgs(TOKEN, 0.52, 10, "BUY"),
        OrderArgs(TOKEN, 0.52, 10.0, Side.BUY),
        OrderArgs(None, 0.52, 10.0, "buy", position_id=TOKEN),
        OrderArgsV1(TOKEN, 0.52, 10.0, "BUY"),
        SimpleNamespace(**LIMIT),
    ],
    ids=lambda order: type(order).__name__,
)
def test_limit_orders_of_all_styles(order: object) -> None:
    """Keywords, mappings and the venue's own argument objects say the same."""
    found, wanted = limit(order), limit(**LIMIT)
    assert (found.token_id, found.side, found.expiration) == (TOKEN, "BUY", 0)
    assert Decimal(found.price) == Decimal(wanted.price)
    assert Decimal(found.size) == Decimal(wanted.size)
    assert (found.builder, found.metadata, found.complete) == (ZERO, ZERO, True)


@pytest.mark.parametrize(
    "order",
    [
        SPEND,
        SPEND | {"amount": 10.0, "price": 0},
        MarketOrderArgs(TOKEN, 10.0, "BUY"),
        MarketOrderArgs(TOKEN, 10, Side.BUY, order_type=KindOfTexts.FOK),
        MarketOrderArgs(None, 10, "BUY", position_id=TOKEN),
    ],
    ids=lambda order: type(order).__name__,
)
def test_market_orders_of_all_styles(order: object) -> None:
    """The same for orders that spend; a price or balance of zero is how the venue's objects say none."""
    found = market(order)
    assert (found.side, Decimal(found.amount), found.price) == ("BUY", 10, None)
    assert (found.order_type, found.max_spend) == ("FOK", None)


@pytest.mark.parametrize("side", ["SELL", "sell", Side.SELL, TextSide.SELL, KindOfTexts])
def test_sides(side: Any) -> None:
    """Texts in either case and members of enums are sides; anything else is none."""
    if side is KindOfTexts:
        for wrong in (0, 1, None, "", "LONG", KindOfTexts.FOK, True, b"BUY"):
            with pytest.raises(InvalidOrder, match="BUY or SELL"):
                read_side(wrong)
        return
    assert read_side(side) == "SELL"


@pytest.mark.parametrize("kind", ["FAK", "fak", Kind.FAK, KindOfTexts.FAK, PlainKind.FAK])
def test_order_types(kind: Any) -> None:
    """Order types may be texts or members of an enum, in the order or as a keyword, or in both alike."""
    assert market(SPEND, order_type=kind).order_type == "FAK"
    assert market(SPEND | {"order_type": kind}).order_type == "FAK"
    assert market(MarketOrderArgs(TOKEN, 1, "BUY", order_type="FAK"), order_type=kind).order_type == "FAK"


def test_sale_with_a_balance() -> None:
    """The venue's objects carry a balance on sales too, where it means nothing; a budget is for buying."""
    assert market(MarketOrderArgs(TOKEN, 10, "SELL", user_usdc_balance=100.0)).max_spend is None
    assert market(MarketOrderArgs(TOKEN, 10, "BUY", user_usdc_balance=100.5)).max_spend == Decimal("100.5")
    with pytest.raises(InvalidOrder, match="for buying"):
        market(SPEND | {"side": "SELL"}, max_spend="10")


def test_snippet_of_the_venues_documentation() -> None:
    """An order and options as plain mappings, with literals, make an order without a single request."""
    venue = Venue()
    placed = client_of(venue).create_and_post_order(
        {"token_id": TOKEN, "price": 0.65, "size": 100, "side": "BUY"},
        {"tick_size": "0.01", "neg_risk": False},
    )
    order = placed.unwrap().order
    assert (order.maker_amount, order.taker_amount, order.side) == (65_000_000, 100_000_000, "BUY")
    assert [each.path for each in venue.calls] == ["order"]


def test_snippet_for_a_market_order() -> None:
    """The same for an order that spends, with its type given twice as the venue's examples do."""
    venue = Venue()
    client = client_of(venue)
    args = MarketOrderArgs(TOKEN, 25.0, Side.BUY, price=0.5, order_type=Kind.FAK)
    options = PartialCreateOrderOptions(tick_size="0.01", neg_risk=False, version=2)
    order = client.create_and_post_market_order(args, options, order_type=Kind.FAK).unwrap().order
    assert (order.maker_amount, order.taker_amount) == (25_000_000, 50_000_000)
    assert b'"orderType":"FAK"' in venue.posts[0]
    with pytest.raises(ConfigError, match="given twice"):
        client.create_and_post_market_order(args, options, order_type="FOK")


# -- numbers --


def test_floats_in_the_venues_style_are_what_was_typed() -> None:
    """A literal is read as it was written; nothing that was computed is rounded onto the grid."""
    assert limit(LIMIT | {"price": 0.1 + 0.2}).price == Decimal("0.30000000000000004")
    assert limit(LIMIT | {"size": 16.9}).size == Decimal("16.9")
    assert limit(LIMIT | {"size": 1e-7}).size == Decimal("1E-7")


class Float64(float):
    """A float that shows its type, as those of numpy do."""

    def __repr__(self) -> str:
        return f"np.float64({float.__repr__(self)})"


def test_floats_of_numpy() -> None:
    """Floats of other libraries are floats."""
    assert limit(LIMIT | {"price": Float64(0.52)}).price == Decimal("0.52")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), struct.unpack("<d", b"\xff" * 8)[0]])
def test_floats_that_are_no_numbers(value: float) -> None:
    """What is not finite is refused as an order that cannot be."""
    venue = Venue()
    for changes in ({"price": value}, {"size": value}):
        with pytest.raises(InvalidOrder):
            client_of(venue).create_order(LIMIT | changes, OPTIONS)
    with pytest.raises(InvalidOrder):
        client_of(venue).create_market_order(SPEND | {"amount": value, "price": "0.5"}, OPTIONS)
    assert venue.calls == []


@pytest.mark.parametrize("name", ["price", "size", "tick_size"])
def test_keywords_take_no_floats(name: str) -> None:
    """In keywords, where decimals and texts cost nothing, a float is refused with what to write instead."""
    with pytest.raises(ConfigError, match="float"):
        client_of(Venue()).create_order(**(LIMIT | OPTIONS | {name: 0.01}))
    if name == "tick_size":
        assert limit(LIMIT, {"tick_size": 0.01, "neg_risk": False}).complete


@pytest.mark.parametrize("name", ["amount", "price", "max_spend"])
def test_keywords_of_market_orders_take_no_floats(name: str) -> None:
    """The same for orders that spend."""
    venue = Venue()
    venue.broken |= {"book": book(), "clob-markets": details()}
    terms = SPEND | OPTIONS | {"price": "0.5", "max_spend": "20"} | {name: 0.5}
    with pytest.raises(ConfigError, match="float"):
        client_of(venue).create_market_order(**terms)


# -- what is refused --


@pytest.mark.parametrize(
    ("order", "given", "words"),
    [
        (LIMIT | {"amount": 5}, {}, "no amount"),
        (LIMIT | {"order_type": "FOK"}, {}, "no order_type"),
        (LIMIT | {"max_spend": "5"}, {}, "no max_spend"),
        (OrderArgs(TOKEN, 0.5, 10, "BUY", user_usdc_balance=3.0), {}, "no user_usdc_balance"),
        (LIMIT | {"tokenID": "1"}, {}, "no tokenID"),
        (LIMIT | {"tickSize": "0.01"}, {}, "no tickSize"),
        (LIMIT, {"price": "0.51"}, "price given twice"),
        (LIMIT, {"size": "9", "side": "SELL"}, "side, size given twice"),
        (OrderArgs(TOKEN, 0.5, 10, "BUY", position_id="7"), {}, "not for both"),
        (OrderArgsV1(TOKEN, 0.5, 10, "BUY", taker="0x" + "1" * 40), {}, "no taker"),
        (OrderArgsV1(TOKEN, 0.5, 10, "BUY", nonce=3), {}, "no nonce"),
        (OrderArgsV1(TOKEN, 0.5, 10, "BUY", fee_rate_bps=30), {}, "no fee_rate_bps"),
        (LIMIT | {"taker": "0x" + "1" * 40}, {}, "no taker"),
        ("GTC", {}, "not as str"),
        (7, {}, "not as int"),
        ({}, {}, "needs token_id"),
        ({"token_id": TOKEN}, {}, "needs side"),
        ({"token_id": TOKEN, "side": "BUY"}, {}, "needs price"),
        ({"token_id": TOKEN, "side": "BUY", "price": "0.5"}, {}, "needs size"),
    ],
)
def test_limit_orders_that_say_too_much_or_too_little(order: Any, given: Any, words: str) -> None:
    """What would be left out of an order, or is not there, is refused by name."""
    with pytest.raises(ConfigError, match=words):
        limit(order, **given)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (SPEND | {"size": "5"}, "no size"),
        (SPEND | {"expiration": 1_900_000_000}, "no expiration"),
        (SPEND | {"order_type": "GTC"}, "FOK or FAK"),
        (SPEND | {"order_type": Kind.GTC}, "FOK or FAK"),
        ({"token_id": TOKEN, "side": "BUY"}, "needs amount"),
    ],
)
def test_market_orders_that_say_too_much_or_too_little(order: Any, words: str) -> None:
    """The same for orders that spend."""
    with pytest.raises(ConfigError, match=words):
        market(order)


@pytest.mark.parametrize(
    ("options", "given", "words"),
    [
        ("GTC", {}, "options are a mapping"),
        (PlainKind(), {}, "options are a mapping"),
        (True, {}, "options are a mapping"),
        ({"tickSize": "0.01"}, {}, "no options tickSize"),
        ({"tick_size": "0.01"}, {"tick_size": "0.001"}, "not alike"),
        ({"neg_risk": True}, {"neg_risk": False}, "not alike"),
        ({"neg_risk": 1}, {}, "True or False"),
        ({"neg_risk": []}, {}, "True or False"),
        ({"neg_risk": "false"}, {}, "True or False"),
        ({"tick_size": "0.02"}, {}, "no tick"),
    ],
)
def test_options_that_are_none(options: Any, given: Any, words: str) -> None:
    """An order type in the place of options, a misspelt name or a contradiction is refused."""
    with pytest.raises(ConfigError, match=words):
        limit(LIMIT, options, **given)


def test_order_type_in_the_place_of_options_posts_nothing() -> None:
    """`create_and_post_order(order, "FOK")` would rest in the book if the second argument were ignored."""
    venue = Venue()
    with pytest.raises(ConfigError, match="options"):
        client_of(venue).create_and_post_order(LIMIT, "FOK")
    assert venue.calls == []


@pytest.mark.parametrize(
    ("options", "given", "complete"),
    [
        (None, {}, False),
        (None, {"tick_size": "0.01"}, False),
        ({"tick_size": "0.01"}, {"neg_risk": False}, True),
        (PartialCreateOrderOptions(tick_size="0.01"), {"neg_risk": True}, True),
        (PartialCreateOrderOptions(), {}, False),
        ({"tick_size": "0.01", "neg_risk": None}, {}, False),
        ({"tick_size": Decimal("0.010"), "neg_risk": True, "version": 2}, {"tick_size": "0.01"}, True),
    ],
)
def test_options_and_keywords_complete_each_other(options: Any, given: Any, complete: bool) -> None:
    """What one leaves open the other may say; what both leave open is read of the market."""
    assert limit(LIMIT, options, **given).complete is complete
    assert limit({**LIMIT, **given}, options).complete is complete
    assert (market(SPEND, options, **given).market is not None) is complete


# -- single values --


@pytest.mark.parametrize(
    ("token", "found"), [("7", "7"), (7, "7"), (" 0007 ", "7"), (str(2**256 - 1), str(2**256 - 1))]
)
def test_tokens(token: Any, found: str) -> None:
    """A token has one name, however it is written."""
    assert read_token(token) == found


@pytest.mark.parametrize(
    "token", ["", "0", 0, -1, "-1", "0x12", "1.0", "१", True, None, 1.0, str(2**256), "9" * 400, b"7", MARKET]
)
def test_tokens_that_are_none(token: Any) -> None:
    """What names no token is refused, a condition id with a hint."""
    with pytest.raises(InvalidOrder, match="condition id" if token == MARKET else "token_id"):
        read_token(token)


NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "expiration",
    [int(NOON.timestamp()), str(int(NOON.timestamp())), NOON, NOON.astimezone(timezone(timedelta(hours=5)))],
)
def test_expirations(expiration: Any) -> None:
    """Unix seconds, as a number or text, or an aware moment."""
    assert limit(LIMIT, expiration=expiration).expiration == int(NOON.timestamp())


@pytest.mark.parametrize(
    "expiration",
    [NOON.replace(tzinfo=None), int(NOON.timestamp()) * 1000, 1.5, -1, "soon", True, 2**60, float("nan")],
)
def test_expirations_that_are_none(expiration: Any) -> None:
    """Milliseconds, naive moments and nonsense are refused; from a mapping too."""
    for read in (
        lambda: limit(LIMIT, expiration=expiration),
        lambda: limit(LIMIT | {"expiration": expiration}),
    ):
        with pytest.raises(InvalidOrder, match="expiration"):
            read()


def test_tags() -> None:
    """Builder code and metadata are 32 bytes, in small letters from then on."""
    found = limit(LIMIT, builder_code=BYTES32, metadata=BYTES32)
    assert found.builder == found.metadata == BYTES32.lower()
    for wrong in ("0x12", "ab" * 32, BYTES32 + "0", b"\0" * 32, 5):
        for name in ("builder_code", "metadata"):
            with pytest.raises(InvalidOrder, match=name):
                limit(LIMIT, **{name: wrong})
    with pytest.raises(InvalidOrder, match="builder_code"):
        ClobClient(builder_code="0x12", key="0x" + "11" * 32)


@pytest.mark.parametrize("order", [SPEND, MarketOrderArgs(TOKEN, 10, "BUY")])
def test_an_amount_makes_a_market_order(order: object) -> None:
    """Where both kinds are taken, an amount tells them apart."""
    assert isinstance(read_ticket(order, OPTIONS, {}), MarketTicket)
    assert isinstance(read_ticket(LIMIT, OPTIONS, {}), LimitTicket)
    assert isinstance(read_ticket(None, OPTIONS, SPEND), MarketTicket)
    assert isinstance(read_ticket(OrderArgs(TOKEN, 0.5, 5, "BUY"), None, {}), LimitTicket)
