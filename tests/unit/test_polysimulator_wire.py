"""Answers and frames of PolySimulator are read whichever way the venue, its eras or its client write them."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from polyspec_wire import polysimulator
from polyspec_wire.polysimulator import account, books, compat, keys, markets, orders, spot
from polyspec_wire.polysimulator import models as m

from polyspec.core.codec import decode, encode
from polyspec.errors import DecodeError

ORDER = {
    "order_id": 7,
    "status": "PENDING",
    "order_type": "limit",
    "side": "BUY",
    "outcome": "Yes",
    "price": "0.41",
    "quantity": "12",
    "notional": "4.92",
    "fee": "0.00",
    "account_balance": "9995.08",
}
ACK = {"order_id": 7, "client_order_id": "c-1", "status": "accepted", "accepted_at": "2026-09-05T12:00:00Z"}
PLACE = orders.place_order(m.PlaceOrderRequest(market_id="0xaa", side=m.Side.BUY, outcome="Yes"))


def read(call: Any, body: Any, status: int = 200, *, unique: bool = False) -> Any:
    """Read an answer as the client does."""
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return decode(data, call.operation.success[status], unique=unique)


def test_a_placement_is_answered_in_three_shapes() -> None:
    """An order is read as one although it has what an acknowledgement has, and an array as Polymarket's."""
    order = read(PLACE, ORDER | {"accepted_at": "now"}, unique=True)
    assert isinstance(order, m.OrderResponse)
    assert (order.price, order.fee, order.is_replay, order.warnings) == (Decimal("0.41"), 0, False, [])
    ack = read(PLACE, ACK, unique=True)
    assert isinstance(ack, m.OrderAck)
    assert (ack.order_id, ack.client_order_id, ack.status) == (7, "c-1", m.OrderStatus.ACCEPTED)
    assert read(PLACE, [{"success": True, "orderID": "7"}]) == [
        m.PmSendOrderResponse(success=True, order_id="7")
    ]


def test_a_placement_that_says_too_little() -> None:
    """An order without its price is told as such, not as an acknowledgement that lacks its time."""
    with pytest.raises(DecodeError, match=r"`price`.*OrderResponse"):
        read(PLACE, {name: value for name, value in ORDER.items() if name != "price"})


def test_a_replay_has_nulls() -> None:
    """The answer to a repetition lacks what was measured, written as null."""
    replay = ORDER | {"is_replay": True, "spread_bps": None, "book_walk_levels": None, "warnings": None}
    order = read(PLACE, replay)
    assert (order.is_replay, order.spread_bps, order.warnings) == (True, None, [])


def test_a_failed_entry_of_a_batch() -> None:
    """An entry without price or quantity costs the others nothing."""
    call = orders.place_order_batch(m.BatchOrderRequest(orders=[]))
    failed = {"order_id": 0, "status": "REJECTED", "price": None, "error": "INSUFFICIENT_BALANCE"}
    first, second = read(call, {"results": [ORDER, failed], "succeeded": 1, "failed": 1}).results
    assert (first.order_id, first.price) == (7, Decimal("0.41"))
    assert (second.order_id, second.status, second.price) == (0, m.OrderStatus.REJECTED, None)


@pytest.mark.parametrize(
    ("call", "row", "page"),
    [
        (markets.list_markets(), {"condition_id": "0xaa"}, m.MarketPage),
        (
            account.get_positions(),
            {"id": 1, "market_id": "0xaa", "outcome": "Yes", "quantity": "1"},
            m.PositionPage,
        ),
        (
            account.get_history(),
            {
                "order_id": 7,
                "market_id": "0xaa",
                "side": "BUY",
                "outcome": "Yes",
                "price": "0.4",
                "quantity": "1",
            },
            m.TradeHistoryPage,
        ),
    ],
    ids=["markets", "positions", "history"],
)
def test_listings_with_and_without_an_envelope(call: Any, row: Any, page: type) -> None:
    """A bare array and an envelope hold the same rows."""
    bare, enveloped = read(call, [row]), read(call, {"data": [row], "next_cursor": ""})
    assert isinstance(enveloped, page)
    assert bare == enveloped.data  # type: ignore[attr-defined]
    assert len(bare) == 1


def test_money_is_read_from_text_and_from_numbers() -> None:
    """A price is the same decimal however it is written, and nothing where there is none."""
    rows = [{"condition_id": "0xaa", "last_price": price} for price in ("0.41", 0.41, "", None)]
    assert [row.last_price for row in read(markets.list_markets(), rows)] == [Decimal("0.41")] * 2 + [
        None
    ] * 2


def test_requests_are_written_as_text_without_what_is_absent() -> None:
    """Money leaves as text, and what is not said stays off the wire."""
    asked = m.PlaceOrderRequest(
        market_id="0xaa", side=m.Side.SELL, outcome="No", quantity=Decimal("12.5"), price=Decimal("0.41")
    )
    assert encode(asked) == (
        b'{"market_id":"0xaa","side":"SELL","outcome":"No","quantity":"12.5","price":"0.41"}'
    )
    assert encode([7, "8"]) == b'[7,"8"]'
    # null takes a name away, so it is said
    assert encode(m.RenameKeyRequest(name=None)) == b'{"name":null}'


@pytest.mark.parametrize("expiration", ["1789000000", 1789000000])
def test_orders_of_the_vendors_client_are_read(expiration: str | int) -> None:
    """Numbers for prices, quantities and times are taken where text is documented."""
    body = {**dict.fromkeys(("price", "quantity"), 0.5), "expiration": expiration}
    asked = {"market_id": "0xaa", "side": "BUY", "outcome": "Yes", **body}
    order = decode(msgspec.json.encode(asked), m.PlaceOrderRequest)
    assert (order.price, order.quantity, order.expiration) == (Decimal("0.5"), Decimal("0.5"), expiration)


@pytest.mark.parametrize("expiration", [0, "0"])
def test_orders_in_polymarkets_shape(expiration: object) -> None:
    """States keep their prefix on the wire and have short names; an expiration is a number or text."""
    order = {
        "id": "7",
        "status": "ORDER_STATUS_LIVE",
        "market": "0xaa",
        "side": "BUY",
        "outcome": "Yes",
        "original_size": "12",
        "size_matched": "0",
        "price": "0.41",
        "expiration": expiration,
    }
    found = read(compat.get_order("7"), order)
    assert (found.status, found.expiration) == (m.PmOrderStatus.LIVE, 0)
    assert dict(compat.get_orders(status=m.PmOrderStatus.MATCHED).query) == {"status": "ORDER_STATUS_MATCHED"}


@pytest.mark.parametrize("told", [["Up", "Down"], '["Up", "Down"]', "Up,Down", None])
def test_rounds_are_taken_as_they_come(told: object) -> None:
    """Lists of a round stay whatever the venue wrote, and never cost the listing."""
    row = {"condition_id": "0xaa", "markets": [{"outcomes": told}], "live_price": {"buy": 0.52}}
    (found,) = read(markets.list_updown(), {"markets": [row]}).markets
    assert found.markets[0].outcomes == told
    assert found.live_price.buy == Decimal("0.52")


def test_batch_prices_by_token_and_by_side() -> None:
    """Prices of tokens are decimals, or maps of decimals by side."""
    call = books.get_prices(m.TokenIds(token_ids=["1"]))
    assert read(call, {"1": "0.5"}) == {"1": Decimal("0.5")}
    assert read(call, {"1": {"BUY": "0.49"}}) == {"1": {"BUY": Decimal("0.49")}}


@pytest.mark.parametrize(
    ("call", "status", "body", "expected"),
    [
        (keys.revoke_key(3), 200, b'{"message": "done"}', m.MessageResponse(message="done")),
        (keys.revoke_key(3), 204, b"", None),
        (books.get_server_time(), 200, b"1789000000", 1789000000),
        (spot.get_strike("0xaa"), 200, b'{"price": 60000.12}', m.Strike(price=Decimal("60000.12"))),
    ],
    ids=["revoked", "revoked without a word", "clock", "strike"],
)
def test_answers_that_are_short(call: Any, status: int, body: bytes, expected: object) -> None:
    """A message, nothing at all, a bare number and an answer of one field are read."""
    assert read(call, body, status) == expected


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"error": "Invalid side"},
        {"error": "VALIDATION_FAILED", "message": "no", "details": [1], "request_id": "r"},
        {"detail": [{"loc": ["body"], "msg": "no"}]},
        {"detail": "Not Found"},
        {"error": "VENUE_UNAVAILABLE", "retry_after": 60},
        {"error": "DEADLINE_OVERSHOT_BUT_PERSISTED", "order_id": "7", "source": "pending", "new": 1},
    ],
)
def test_failures_of_every_form(body: dict[str, Any]) -> None:
    """Whatever an error body has is read, and nothing in it is required."""
    failure = decode(msgspec.json.encode(body), PLACE.operation.failure)
    assert failure.error == body.get("error")
    assert failure.details == body.get("details")
    assert failure.detail == body.get("detail")


def test_codes_stay_open() -> None:
    """A code that is not listed is kept as it is."""
    assert m.ErrorCode("INSUFFICIENT_BALANCE") is m.ErrorCode.INSUFFICIENT_BALANCE
    assert m.ErrorCode("SOMETHING_NEW") == "SOMETHING_NEW"


@pytest.mark.parametrize("tag", ["connected", "subscribed", "pong", "price", "error"])
def test_frames_are_told_apart_by_their_tag(tag: str) -> None:
    """A frame becomes the class of its tag, unknown fields aside."""
    frame = decode(
        msgspec.json.encode({"type": tag, "markets": [], "market_id": "0xaa", "new": 1}), m.PricesEvent
    )
    assert frame.type == tag


def test_secrets_are_not_shown() -> None:
    """Keys and tokens appear in no repr, and what holds them cannot be pickled."""
    for secret in (
        m.CreateKeyResponse(id=1, raw_key="ps_live_s3cret"),
        m.WsTokenResponse(token="s3cret"),
        m.PmSocketAuth(api_key="s3cret"),
        m.PmSubscription(type="user", auth=m.PmSocketAuth(api_key="s3cret")),
    ):
        assert "s3cret" not in repr(secret)
        assert "s3cret" in encode(secret).decode()
        assert copy.copy(secret) == secret
        with pytest.raises(TypeError, match="carries a secret"):
            pickle.dumps(secret)


def test_moments_in_requests_have_a_zone() -> None:
    """A time in a query is written in UTC, and one without a zone is refused."""
    noon = dt.datetime(2026, 9, 5, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert dict(account.get_settlements(from_=noon).query) == {"from": "2026-09-05T12:00:00Z"}
    with pytest.raises(ValueError, match="no time zone"):
        account.get_settlements(from_=noon.replace(tzinfo=None))


def test_who_may_call() -> None:
    """Roles of keys, the dashboard's token, either of them and nothing are told apart by every operation."""
    said = {name: operation.security for name, operation in polysimulator.OPERATIONS.items()}
    assert said["Orders_PlaceOrder"] == ((("apiKey", ("trade",)),),)
    assert said["Account_GetEntitlements"] == ((("bearer", ()),),)
    assert said["Keys_CreateKey"] == ((("apiKey", ()),), (("bearer", ()),))
    assert said["Markets_ListMarkets"] == ((("apiKey", ("read",)),), ())
    assert said["Books_GetOrderBook"] == ()
