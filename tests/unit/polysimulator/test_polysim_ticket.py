"""What a person writes becomes these bytes, or is refused before anything is sent."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ConfigError, InvalidOrder
from polyspec.polysimulator.fate import OrderId
from polyspec.polysimulator.flat import flat_ticket, raw_order
from polyspec.polysimulator.ticket import MarketTerms, NewOrder, Ticket, is_fresh, new_client_order_id
from tests.unit.polysimulator.order_rig import MARKET, a_ticket, an_order

NOW = 1_800_000_000.0
TERMS = MarketTerms(condition_id=MARKET, outcomes=("Yes", "No"), tick=Decimal("0.01"), min_size=Decimal(5))


def body_of(**changes: Any) -> dict[str, Any]:
    """Return the JSON of an order."""
    found: dict[str, Any] = json.loads(a_ticket(client_order_id="c-1", **changes).body)
    return found


def test_limit_order() -> None:
    """Numbers are text in plain digits, and everything the order means is said."""
    assert a_ticket(client_order_id="c-1", quantity="12.50", price="0.410").body == (
        b'{"market_id":"' + MARKET.encode() + b'","side":"BUY","outcome":"Yes","quantity":"12.5",'
        b'"order_type":"limit","price":"0.41","time_in_force":"GTC","client_order_id":"c-1"}'
    )


def test_all_terms() -> None:
    """Expiration, post-only and wallet travel when they are given."""
    found = body_of(time_in_force="gtd", expiration=1_900_000_000, post_only=True, wallet_id=7, side="sell")
    assert found["time_in_force"] == "GTD"
    assert (found["expiration"], found["post_only"], found["wallet_id"], found["side"]) == (
        "1900000000", True, 7, "SELL"
    )  # fmt: skip
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    assert body_of(time_in_force="GTD", expiration=moment)["expiration"] == str(int(moment.timestamp()))


def test_market_orders() -> None:
    """A market order has a worst price, is FOK unless it says otherwise, and may spend an amount."""
    found = body_of(order_type="market", quantity=None, amount="25", price=1)
    assert (found["order_type"], found["time_in_force"], found["amount"], found["price"]) == (
        "market", "FOK", "25", "1"
    )  # fmt: skip
    assert "quantity" not in found
    assert body_of(order_type="market", time_in_force="FAK", price="0.655")["time_in_force"] == "FAK"


def test_bytes_are_of_the_spec() -> None:
    """What is sent reads as the spec's own type, and says no more."""
    for changes in ({}, {"order_type": "market", "quantity": None, "amount": "5"}, {"wallet_id": 3}):
        ticket = a_ticket(**changes)
        found = msgspec.json.decode(ticket.body, type=wire.PlaceOrderRequest)
        assert set(json.loads(ticket.body)) <= set(wire.PlaceOrderRequest.__struct_fields__)
        assert found.client_order_id == ticket.client_order_id
    flat = flat_ticket("123", "BUY", "0.41", "12", "GTC", now=NOW)
    assert msgspec.json.decode(flat.body, type=wire.FlatOrderRequest).quantity == 12
    assert set(json.loads(flat.body)) <= set(wire.FlatOrderRequest.__struct_fields__)


def test_wallet_of_the_client() -> None:
    """An order that names no wallet has that of the client, one that does its own."""
    assert json.loads(Ticket.of(an_order(), now=NOW, wallet_id=4).body)["wallet_id"] == 4
    assert json.loads(Ticket.of(an_order(wallet_id=5), now=NOW, wallet_id=4).body)["wallet_id"] == 5


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": 0.65}, "price"),
        ({"quantity": 10.0}, "quantity"),
        ({"price": None}, "price"),
        ({"price": None, "order_type": "market"}, "price"),
        ({"price": "1"}, "price"),
        ({"price": "0"}, "price"),
        ({"price": "0.65001"}, "price"),
        ({"price": "1.01", "order_type": "market"}, "price"),
        ({"quantity": None}, "quantity"),
        ({"amount": "5"}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "1.00001"}, "quantity"),
        ({"quantity": None, "amount": "5"}, "amount"),
        ({"quantity": None, "amount": "5", "order_type": "market", "side": "SELL"}, "amount"),
        ({"quantity": None, "amount": 5.5, "order_type": "market"}, "amount"),
        ({"time_in_force": "GTD"}, "expiration"),
        ({"expiration": 1_900_000_000}, "expiration"),
        ({"time_in_force": "GTD", "expiration": 1_700_000_000}, "expiration"),
        ({"time_in_force": "GTD", "expiration": 1_900_000_000_000}, "expiration"),
        ({"time_in_force": "GTD", "expiration": datetime(2030, 1, 1)}, "expiration"),  # noqa: DTZ001
        ({"time_in_force": "GTD", "expiration": 1.9e9}, "expiration"),
        ({"order_type": "market", "time_in_force": "GTC"}, "time_in_force"),
        ({"order_type": "GTC"}, "order_type"),
        ({"time_in_force": "DAY"}, "time_in_force"),
        ({"post_only": True, "time_in_force": "FAK"}, "post_only"),
        ({"post_only": True, "order_type": "market"}, "post_only"),
        ({"post_only": "yes"}, "post_only"),
        ({"side": "HOLD"}, "side"),
        ({"outcome": " "}, "outcome"),
        ({"market": ""}, "market"),
        ({"market": "7" * 70}, "market"),
        ({"market": 7}, "market"),
        ({"wallet_id": 0}, "wallet_id"),
        ({"wallet_id": True}, "wallet_id"),
        ({"client_order_id": ""}, "client_order_id"),
        ({"client_order_id": "x" * 257}, "client_order_id"),
        ({"client_order_id": "a b"}, "client_order_id"),
    ],
)
def test_refused(changes: dict[str, Any], field: str) -> None:
    """What the venue would refuse as written is refused here, with the field it is about."""
    with pytest.raises(InvalidOrder) as caught:
        a_ticket(**changes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "field", "nearest"),
    [
        ({"price": "0.655"}, "price", ("0.6500", "0.6600")),
        ({"price": "0.999"}, "price", ("0.0100", "0.9900")),
        ({"quantity": "4.9"}, "quantity", ("5.0000",)),
        ({"outcome": "Maybe"}, "outcome", ("Yes", "No")),
    ],
)
def test_terms_of_the_market(changes: dict[str, Any], field: str, nearest: tuple[str, ...]) -> None:
    """With the market's terms known, tick, least size and outcomes are checked, and the nearest are named."""
    with pytest.raises(InvalidOrder) as caught:
        a_ticket(market=TERMS, **changes)
    assert (caught.value.field, caught.value.nearest) == (field, nearest)


def test_terms_that_fit() -> None:
    """A market as it was listed names itself and its outcomes; no tick holds for a market order's cap."""
    assert body_of(market=TERMS, outcome="yES")["outcome"] == "Yes"
    assert body_of(market=TERMS, order_type="market", price="0.655")["price"] == "0.655"
    listed = wire.MarketSummary(condition_id=MARKET, outcomes=["Up", "Down"])
    assert body_of(market=listed, outcome="up")["outcome"] == "Up"
    assert body_of(market=listed, outcome="up")["market_id"] == MARKET


def test_client_order_ids() -> None:
    """Ids are random and fresh, in the order from the start; one that was given is not fresh."""
    first, second = an_order(), an_order()
    assert first.client_order_id != second.client_order_id
    assert first.client_order_id.startswith("ps-")
    assert len(first.client_order_id) == 3 + 32
    assert is_fresh(first.client_order_id)
    assert is_fresh(new_client_order_id())
    assert not is_fresh("mine")
    assert (
        NewOrder(market=MARKET, side="BUY", outcome="Yes", client_order_id="mine").client_order_id == "mine"
    )


def test_order_ids() -> None:
    """An id says its table; the same number of the other table is another id."""
    pending, filled, bare = OrderId(7, "pending"), OrderId("filled:7"), OrderId("7")
    assert (pending, filled, bare) == ("pending:7", "filled:7", "7")
    assert len({pending, filled, bare}) == 3
    assert (pending.number, pending.source, bare.source) == (7, "pending", None)
    assert pickle.loads(pickle.dumps(filled)) == filled
    assert pickle.loads(pickle.dumps(filled)).source == "filled"
    assert OrderId(filled) == filled
    assert repr(filled) == "OrderId(7, 'filled')"
    for wrong in (0, -1, True, "x", "resting:7", "7.0", 7.0, ""):
        with pytest.raises(ConfigError):
            OrderId(wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        OrderId("filled:7", "pending")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token_id": "0xab"}, "token_id"),
        ({"side": "HOLD"}, "side"),
        ({"price": 0.4}, "price"),
        ({"quantity": 1.5}, "quantity"),
        ({"order_type": "IOC"}, "order_type"),
        ({"order_type": "GTD"}, "expiration"),
        ({"order_type": "FOK", "post_only": True}, "post_only"),
        ({"client_order_id": ""}, "client_order_id"),
    ],
)
def test_flat_refused(changes: dict[str, Any], field: str) -> None:
    """The flat route's orders are checked as well."""
    terms: dict[str, Any] = {
        "token_id": "123", "side": "BUY", "price": "0.41", "quantity": "12", "order_type": "GTC",
    }  # fmt: skip
    with pytest.raises(InvalidOrder) as caught:
        flat_ticket(**(terms | changes), now=NOW)
    assert caught.value.field == field


def test_raw_orders() -> None:
    """An order in Polymarket's shape may be a mapping; what is none is refused."""
    order = {"tokenId": "1", "makerAmount": "4920000", "takerAmount": "12000000", "side": "BUY"}
    found = raw_order({"order": order, "orderType": "GTC"})
    assert found.order.maker_amount == "4920000"
    assert raw_order(found) is found
    for wrong in ({"order": {"tokenId": 1}}, {}, "x"):
        with pytest.raises(InvalidOrder):
            raw_order(wrong)
