"""Answers and frames of the CLOB are read whichever way the venue, its document or its past writes them."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from polyspec_wire import clob
from polyspec_wire.clob import auth, books, orders, rewards, rfq
from polyspec_wire.clob import models as m

from polyspec.core.codec import decode, encode
from polyspec.errors import DecodeError

TOKEN = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
ORDER = {
    "id": "0xff",
    "status": "LIVE",
    "owner": "key",
    "maker_address": "0x1",
    "market": "0x2",
    "asset_id": TOKEN,
    "side": "BUY",
    "original_size": "10",
    "size_matched": "0",
    "price": "0.48",
    "outcome": "Yes",
    "expiration": "0",
    "order_type": "GTC",
    "created_at": 1787000000,
}


def read(call: Any, body: Any) -> Any:
    """Read an answer as the client does."""
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return decode(data, call.operation.success[200])


@pytest.mark.parametrize("price", ['"0.515"', "0.515"])
def test_prices_are_strings_or_numbers(price: str) -> None:
    """A price is the same decimal whether the venue writes a string or a number, in one answer or in maps."""
    exact = Decimal("0.515")
    text = price.encode()
    assert read(books.get_price(token_id=TOKEN, side=m.Side.BUY), b'{"price":' + text + b"}").price == exact
    assert read(books.get_midpoints([]), b'{"1":' + text + b"}") == {"1": exact}
    assert read(books.get_prices([]), b'{"1":{"BUY":' + text + b"}}") == {"1": {"BUY": exact}}
    assert read(books.get_tick_size(token_id=TOKEN), b'{"minimum_tick_size":' + text + b"}") == m.TickSize(
        minimum_tick_size=exact
    )


@pytest.mark.parametrize(("body", "mid"), [({"mid": "0.5"}, "mid"), ({"mid_price": "0.5"}, "mid_price")])
def test_midpoints_under_either_name(body: dict[str, str], mid: str) -> None:
    """A midpoint is read under the name the service uses and under the one its document has."""
    assert getattr(read(books.get_midpoint(token_id=TOKEN), body), mid) == Decimal("0.5")


def test_a_token_that_never_traded() -> None:
    """A last trade without a side is no side, not an error."""
    answer = read(books.get_last_trade_price(token_id=TOKEN), {"price": "0.5", "side": ""})
    assert answer.side is m.TradedSide.NONE


def test_books() -> None:
    """A book keeps its digits, takes null for an empty side, and may lack the last trade."""
    body = {
        "market": "0x1",
        "asset_id": TOKEN,
        "timestamp": "1787000000123",
        "hash": "9d",
        "bids": [{"price": "0.480", "size": "30.10"}],
        "asks": None,
        "min_order_size": "5",
        "tick_size": "0.01",
        "neg_risk": False,
        "something_new": {"a": [1]},
    }
    book = read(books.get_order_book(token_id=TOKEN), body)
    assert [str(number) for number in msgspec.structs.astuple(book.bids[0])] == ["0.480", "30.10"]
    assert (book.asks, book.last_trade_price) == ([], "")
    assert read(books.get_order_book(token_id=TOKEN), body | {"last_trade_price": ""}) == book
    for name in ("market", "asset_id", "timestamp", "hash", "bids", "tick_size", "neg_risk"):
        with pytest.raises(DecodeError, match=name):
            read(books.get_order_book(token_id=TOKEN), {key: body[key] for key in body if key != name})


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("LIVE", m.OrderStatus.LIVE),
        ("ORDER_STATUS_LIVE", m.OrderStatus.LIVE),
        ("ORDER_STATUS_CANCELED_MARKET_RESOLVED", m.OrderStatus.CANCELED_MARKET_RESOLVED),
        ("ORDER_STATUS_FROZEN", "FROZEN"),
    ],
)
def test_states_with_and_without_prefix(status: str, expected: str) -> None:
    """A state is the same member either way, and one of tomorrow is kept."""
    found = read(orders.get_order("0xff"), ORDER | {"status": status}).status
    assert found == expected
    assert isinstance(found, m.OrderStatus)


def test_orders() -> None:
    """Sizes are shares as decimals, times may be text, and null stands for no trades."""
    call = orders.get_order("0xff")
    assert read(call, ORDER | {"associate_trades": None}).associate_trades == []
    assert read(call, ORDER | {"created_at": "1787000000"}) == read(call, ORDER)
    assert read(call, ORDER).original_size == 10
    page = {
        "data": [ORDER, {key: value for key, value in ORDER.items() if key != "price"}],
        "next_cursor": "",
    }
    with pytest.raises(DecodeError, match=r"`price` - at `\$\.data\[1\]`"):
        read(orders.get_open_orders(), page)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("live", m.PlacementStatus.LIVE),
        ("unmatched", m.PlacementStatus.UNMATCHED),
        ("", m.PlacementStatus.NONE),
        ("held", "held"),
    ],
)
def test_placements(told: str, status: str) -> None:
    """What became of an order is told in a word, an empty one included; amounts may be empty or not there."""
    call = orders.post_orders([])
    body = [
        {"success": True, "orderID": "", "status": told, "errorMsg": "post-only mode", "makingAmount": ""}
    ]
    (answer,) = read(call, body)
    assert (answer.status, answer.making_amount, answer.taking_amount) == (status, "", "")
    assert (answer.success, answer.order_id, answer.error_msg) == (True, "", "post-only mode")
    for name in ("success", "orderID", "status"):
        with pytest.raises(DecodeError, match=name):
            read(call, [{key: value for key, value in body[0].items() if key != name}])


def test_cancels() -> None:
    """Reasons are told by id; an answer that leaves either half out proves nothing and is an error."""
    call = orders.cancel_orders(["0x1"])
    answer = read(call, {"canceled": ["0x1"], "not_canceled": {"0x2": "gone"}})
    assert (answer.canceled, answer.not_canceled) == (["0x1"], {"0x2": "gone"})
    for body in ({}, {"canceled": []}, {"not_canceled": {}}):
        with pytest.raises(DecodeError, match="canceled"):
            read(call, body)


def test_market_details() -> None:
    """Neg risk is false unless it is said, reward terms may be null, and ticks are exact."""
    call = clob.markets.get_clob_market("0x1")
    body = (
        b'{"t":[{"t":"1","o":"Yes"},{"t":"2","o":"No"}],"mos":5,"mts":0.0025,"r":null,"gst":null,"fd":null}'
    )
    answer = read(call, body)
    assert (answer.nr, answer.r, answer.fd, answer.mts) == (False, None, None, Decimal("0.0025"))
    assert read(call, body[:-1] + b',"nr":true,"v":"2"}').nr
    assert read(call, body[:-1] + b',"v":2,"r":{"mi":20}}').r == {"mi": 20}
    with pytest.raises(DecodeError, match="mts"):
        read(call, body.replace(b'"mts"', b'"stm"'))


def test_answers_that_are_no_object() -> None:
    """Texts, numbers, lists and nothing at all are read as what they are."""
    assert read(clob.health.get_server_time(), b"1787000000") == 1787000000
    assert read(auth.delete_api_key(), b'"OK"') == read(auth.delete_api_key(), b"OK") == "OK"
    assert read(auth.get_builder_api_keys(), b'["a",{"key":"b"}]') == ["a", m.BuilderApiKey(key="b")]
    update = clob.account.update_balance_allowance(asset_type=m.AssetType.COLLATERAL)
    assert read(update, b"") is None
    assert read(update, b'{"balance":"5","allowances":null}') == m.BalanceAllowanceResponse(
        balance=Decimal(5)
    )
    assert read(rewards.get_rebates(date=dt.date(2026, 1, 2), maker_address="0x1"), b"null") is None


def test_allowances_without_bounds() -> None:
    """An allowance of 256 bits is exact."""
    call = clob.account.get_balance_allowance(asset_type=m.AssetType.CONDITIONAL_V2, token_id="1")
    assert call.query == (("asset_type", "CONDITIONAL-V2"), ("token_id", "1"))
    most = 2**256 - 1
    answer = read(call, {"balance": "0", "allowances": {"0xE1": str(most)}})
    assert int(answer.allowances["0xE1"]) == most


def test_refused_heartbeats() -> None:
    """The id expected is read whichever name the text beside it has."""
    kind = orders.POST_HEARTBEAT.failure
    for name in ("error", "error_msg"):
        body = {name: "Invalid Heartbeat ID", "heartbeat_id": "7"}
        assert decode(msgspec.json.encode(body), kind).heartbeat_id == "7"


def test_orders_of_all_versions_are_sent_and_read() -> None:
    """An order carries the fields of its version and no others, the salt as a number."""
    common = {
        "salt": 2**53 - 1,
        "maker": "0x1",
        "signer": "0x1",
        "token_id": TOKEN,
        "maker_amount": "1",
        "taker_amount": "2",
        "side": m.Side.SELL,
        "expiration": "0",
        "signature_type": 3,
        "signature": "0x",
    }
    first = m.Order(**common, taker="0x0", nonce="0", fee_rate_bps="0")
    second = m.Order(**common, timestamp="1", metadata="0x0", builder="0x0")
    for order, own in (
        (first, {"taker", "nonce", "feeRateBps"}),
        (second, {"timestamp", "metadata", "builder"}),
    ):
        sent = msgspec.json.decode(encode(m.SendOrder(order=order, owner="key", order_type=m.OrderType.GTC)))
        assert own == set(sent["order"]) & {
            "taker",
            "nonce",
            "feeRateBps",
            "timestamp",
            "metadata",
            "builder",
        }
        assert sent["order"]["salt"] == 2**53 - 1
        assert set(sent) == {"order", "owner", "orderType"}
        assert msgspec.convert(sent, m.SendOrder).order == order


def test_batches_know_their_length() -> None:
    """A list of orders, ids or tokens counts by its items, anything else for one."""
    assert orders.cancel_orders(["0x1", "0x2"]).items == 2
    assert orders.cancel_order(m.CancelOrderPayload(order_id="0x1")).items == 1
    assert orders.cancel_all().items == 1
    assert rfq.get_requests(request_ids=["a", "b"]).query == (("requestIds", "a"), ("requestIds", "b"))
    assert books.get_order_books_by_query(token_ids=["1", "2"]).query == (("token_ids", "1,2"),)


@pytest.mark.parametrize(
    "tag", ["book", "price_change", "last_trade_price", "tick_size_change", "new_market"]
)
def test_market_frames(tag: str) -> None:
    """A frame is told by its tag, alone or in a list, wherever the tag stands among fields known or not."""
    frame = {
        "asset_id": "1",
        "market": "0x1",
        "timestamp": "1",
        "hash": "",
        "bids": [],
        "asks": [],
        "price_changes": [{"asset_id": "1", "price": ".5", "size": "0", "side": "BUY", "hash": ""}],
        "price": ".5",
        "size": "10",
        "side": "SELL",
        "old_tick_size": "0.01",
        "new_tick_size": "0.001",
        "id": "7",
        "assets_ids": ["1"],
        "taker_base_fee": 0,
        "event_type": tag,
    }
    event = msgspec.json.decode(msgspec.json.encode(frame), type=m.MarketEvent)
    assert (event.event_type, event.timestamp) == (tag, "1")
    assert msgspec.json.decode(msgspec.json.encode([frame]), type=list[m.MarketEvent]) == [event]


def test_user_frames() -> None:
    """States are plain in frames, and a fill names its maker orders."""
    order = {"event_type": "order", "type": "UPDATE", "timestamp": "1"}
    event = msgspec.json.decode(msgspec.json.encode(ORDER | order | {"created_at": "1"}), type=m.UserEvent)
    assert isinstance(event, m.OrderEvent)
    assert (event.type, event.status, event.price) == ("UPDATE", m.OrderStatus.LIVE, "0.48")


def test_subscriptions() -> None:
    """The first frame says its type by itself; markets are named if there are any to name, none included."""
    login = m.WebSocketAuth(api_key="key", secret="canary", passphrase="canary")
    everything = m.UserSubscription(auth=login)
    assert msgspec.json.decode(msgspec.json.encode(everything)) == {
        "type": "user",
        "auth": {"apiKey": "key", "secret": "canary", "passphrase": "canary"},
    }
    assert b'"markets":[]' in msgspec.json.encode(m.UserSubscription(auth=login, markets=[]))
    assert (
        msgspec.json.encode(m.MarketSubscription(assets_ids=["1"])) == b'{"type":"market","assets_ids":["1"]}'
    )


@pytest.mark.parametrize(
    "secret",
    [
        m.WebSocketAuth(api_key="key", secret="canary", passphrase="canary"),
        m.ApiKeyResponse(api_key="key", secret="canary", passphrase="canary"),
        m.BuilderApiKeyResponse(key="key", secret="canary", passphrase="canary"),
        m.ReadonlyApiKeyResponse(api_key="canary"),
        m.ReadonlyApiKeyDeletion(key="canary"),
        m.UserSubscription(auth=m.WebSocketAuth(api_key="key", secret="canary", passphrase="canary")),
    ],
    ids=lambda each: type(each).__name__,
)
def test_credentials_are_not_shown(secret: Any) -> None:
    """No repr of credentials shows them, wrapped or not, and no pickle carries them."""
    assert "canary" not in f"{secret} {secret!r} {[secret]!r}"
    assert copy.copy(secret) == secret
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(secret)
