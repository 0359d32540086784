"""The stream of spot prices without its connection: exact, typed, and nothing left out in silence."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, StreamState
from polyspec.core.streams.machine import Action, Close, Emit, Resync
from polyspec.core.streams.server_sent import ServerSent
from polyspec.errors import NotFound, StreamError
from polyspec.polysimulator.spot_feed import EVERYTHING, SpotFeed

MARKET, TOKEN = "0xa", "7" * 30
SPOT = {"symbol": "BTC", "price": 64000.1, "source": "chainlink_rtds", "timestamp": 1790000000000}
PRICE = {
    "type": "price",
    "market_id": MARKET,
    "condition_id": MARKET,
    "outcomes": [{"label": "Yes", "price": "0.5"}],
}
BOOK = {
    "market": MARKET, "asset_id": TOKEN, "timestamp": "1000", "tick_size": "0.01",
    "bids": [{"price": "0.40", "size": "10"}], "asks": [{"price": "0.42", "size": "10"}],
}  # fmt: skip
TICK = {
    "type": "tick_size_change",
    "market": MARKET,
    "asset_id": TOKEN,
    "tick_size": 0.001,
    "old_tick_size": 0.01,
}


def opened(symbols: list[str] | None = None, conditions: tuple[str, ...] = (MARKET,)) -> SpotFeed:
    """Return a feed whose connection stands."""
    made = SpotFeed(lambda: None, lambda: 0.5)  # type: ignore[arg-type, return-value]
    made.want(symbols, list(conditions), 0.0)
    made.machine.opened(0.0)
    return made


def hear(feed: SpotFeed, name: str, data: Any, now: float = 1.0) -> list[Action]:
    """Let a feed hear an event."""
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return feed.heard(ServerSent(name, text), now)


def events(actions: list[Action], kind: type[Any] = Message) -> list[Any]:
    """Return the events of a kind among actions."""
    return [each.event for each in actions if isinstance(each, Emit) and isinstance(each.event, kind)]


def test_a_snapshot_is_told_piece_by_piece() -> None:
    """Typed, each under what it is about; and the stream is live after it."""
    feed = opened(["BTC"])
    whole = {"markets": [PRICE], "orderbooks": [BOOK], "prices": [SPOT], "timestamp": "now"}
    told = events(hear(feed, "snapshot", whole))
    assert {each.key: type(each.native) for each in told} == {
        "BTC": wire.CryptoPriceData,
        MARKET: wire.PriceEvent,
        TOKEN: wire.OrderBookSnapshot,
    }
    assert feed.machine.state is StreamState.LIVE
    assert feed.books[TOKEN].trusted
    assert feed.books[TOKEN].bid == Decimal("0.40")


def test_numbers_are_exact() -> None:
    """As they stand in the text."""
    feed = opened()
    told = events(hear(feed, "crypto_price", b'{"symbol": "BTC", "price": 64000.10000000000001}'))[0]
    assert told.native.price == Decimal("64000.10000000000001")
    told = events(hear(feed, "market_price", {**PRICE, "volume": 12.3, "best_bid": 0.4}))[0]
    assert (told.native.volume, told.native.best_bid) == ("12.3", "0.4")


@pytest.mark.parametrize("shape", [lambda each: {"updates": each}, lambda each: each])
def test_batches_are_told_one_by_one(shape: Any) -> None:
    """In either of their shapes."""
    feed = opened()
    told = hear(feed, "crypto_price_batch", shape([SPOT, {**SPOT, "symbol": "ETH"}]))
    assert [each.key for each in events(told)] == ["BTC", "ETH"]
    assert sorted(feed.prices) == ["BTC", "ETH"]
    told = hear(feed, "market_price_batch", shape([PRICE]))
    assert [each.key for each in events(told)] == [MARKET]


def test_a_price_may_lack_its_type_or_be_nested() -> None:
    """Or name the condition only."""
    feed = opened()
    plain = {name: value for name, value in PRICE.items() if name not in ("type", "market_id")}
    for data in (plain, {"data": plain}):
        assert [each.key for each in events(hear(feed, "market_price", data))] == [MARKET]


def test_books_follow_events() -> None:
    """An older one shows that something is wrong, and so does another tick, until the next book."""
    feed = opened()
    hear(feed, "orderbook", BOOK)
    hear(feed, "orderbook", {**BOOK, "timestamp": "999"})
    assert not feed.books[TOKEN].trusted
    hear(feed, "orderbook", {**BOOK, "timestamp": "1001"})
    assert feed.books[TOKEN].trusted
    assert isinstance(events(hear(feed, "tick_size_change", TICK))[0].native, wire.TickSizeChangeData)
    assert (feed.books[TOKEN].trusted, feed.books[TOKEN].tick) == (False, Decimal("0.001"))
    hear(feed, "orderbook", {**BOOK, "timestamp": "1002", "tick_size": "0.001"})
    assert feed.books[TOKEN].trusted


def test_others_of_a_source_are_not_told() -> None:
    """Where assets are named, and the venue tells of more."""
    feed = opened(["ETH"])
    assert hear(feed, "crypto_price", SPOT) == []


def test_silence_is_death() -> None:
    """After thirty seconds without a byte; signs of life are some."""
    feed = opened()
    hear(feed, "snapshot", {"markets": [PRICE], "prices": [SPOT]})
    hear(feed, "keepalive", {"timestamp": "now"}, now=20.0)
    assert feed.machine.tick(49.9) == []
    # a comment, which the venue may send as well
    assert feed.heard(ServerSent("", b""), 49.9) == []
    assert feed.machine.tick(79.8) == []
    actions = feed.machine.tick(80.0)
    assert any(isinstance(each, Close) for each in actions)
    assert len(events(actions, Gap)) == 1


def test_a_gap_ends_with_the_next_snapshot() -> None:
    """Books are not trusted in between."""
    feed = opened(None, ())
    hear(feed, "snapshot", {"markets": [], "orderbooks": [BOOK], "prices": []})
    feed.ended(2.0, "it broke", None)
    assert not feed.books[TOKEN].trusted
    feed.machine.tick(feed.machine.wakes)
    feed.machine.opened(9.0)
    assert (
        len(events(hear(feed, "snapshot", {"markets": [], "orderbooks": [BOOK], "prices": []}), Resynced))
        == 1
    )
    assert feed.books[TOKEN].trusted


@pytest.mark.parametrize("name", ["snapshot", "crypto_price", "market_price", "orderbook", "orderbook_batch"])
@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b"7", b"{}", b"[" * 9999, b"x" * 2**20])
def test_what_cannot_be_read_is_told_as_it_came(name: str, data: bytes) -> None:
    """And of books nothing is certain after it, if it was about books."""
    feed = opened()
    hear(feed, "orderbook", BOOK)
    raw = events(hear(feed, name, data), Raw)
    if (name, data) == ("snapshot", b"{}"):
        assert raw == []
        return
    assert [each.data for each in raw] == [data]
    assert feed.books[TOKEN].trusted is (name not in ("snapshot", "orderbook", "orderbook_batch"))


@pytest.mark.parametrize("name", ["weather", "", "updown_resolved", "weather_batch"])
def test_an_unknown_event_is_told_as_it_came(name: str) -> None:
    """With its name."""
    raw = events(hear(opened(), name, {"updates": [{"a": 1}]}), Raw)
    assert len(raw) == 1
    assert name.removesuffix("_batch") in raw[0].why


def test_what_is_not_told_is_looked_up() -> None:
    """Prices are told; what nobody knows is lost, and what has no price yet is none the less known."""
    feed = opened(["BTC", "TEA", "NEW"])
    due = [each for each in feed.machine.tick(5.1) if isinstance(each, Resync)]
    assert [set(each.keys) for each in due] == [{"BTC", "TEA", "NEW", MARKET}]
    found = {
        "BTC": [wire.CryptoPriceData(symbol="BTC", price=Decimal(1))],
        "NEW": [],
        "TEA": NotFound("no prices", status=404),
        MARKET: wire.PriceEvent(market_id=MARKET),
    }
    actions = feed.looked(tuple(found), found, 5.2)
    assert [each.key for each in events(actions)] == ["BTC", MARKET]
    assert [each.key for each in events(actions, Lost)] == ["TEA"]
    assert feed.machine.state is StreamState.LIVE


def test_a_refusal_that_lasts_ends_it() -> None:
    """Others are followed by another attempt."""
    for status, ends in ((400, True), (422, True), (429, False), (503, False), (None, False)):
        feed = opened()
        lost = events(feed.ended(1.0, f"the venue answered {status}", status), Lost)
        assert [type(each.error) for each in lost] == ([StreamError] if ends else [])


def test_all_assets_are_known_with_the_snapshot() -> None:
    """Although there may be no price of any."""
    feed = opened(None, ())
    assert feed.machine.wanted == [EVERYTHING]
    hear(feed, "snapshot", {"markets": [], "orderbooks": [], "prices": []})
    assert feed.machine.state is StreamState.LIVE
