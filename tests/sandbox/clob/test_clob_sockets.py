"""The market and user channels over real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from clob_door import Door
from polyspec_wire.clob import models as wire
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from polyspec.core.streams.book import OrderBook
from polyspec.core.typed import decoder
from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.engine import types as t

MARKET, USER = decoder(wire.MarketEvent), decoder(wire.UserEvent)
SOON = 5.0


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Return a quiet CLOB that is served."""
    with Sandbox(venues=("clob",), quiet=True, rate_limits=False) as sandbox:
        yield sandbox


@pytest.fixture
def door(sandbox: Sandbox) -> Iterator[Door]:
    """Return a caller of the first funded key, on books that are empty."""
    sandbox.clob_venue.faults.clear()
    world = sandbox.clob_venue.world
    with world.lock:
        owners = {each.owner for each in world.exchange.orders(open_only=True)}
        world.apply_all([t.CancelAll(owner=owner) for owner in owners])
    with closing(Door(sandbox)) as door:
        yield door


@pytest.fixture
def market(sandbox: Sandbox) -> Iterator[ClientConnection]:
    """Return a connection to the market channel."""
    with connect(f"{sandbox.clob_venue.ws}/market") as socket:
        yield socket


@pytest.fixture
def user(sandbox: Sandbox) -> Iterator[ClientConnection]:
    """Return a connection to the user channel."""
    with connect(f"{sandbox.clob_venue.ws}/user") as socket:
        yield socket


def ask(socket: ClientConnection, frame: Any) -> None:
    """Send a frame."""
    socket.send(frame if isinstance(frame, str) else json.dumps(frame))


def hear(socket: ClientConnection) -> Any:
    """Return the next frame."""
    text = socket.recv(timeout=SOON)
    assert isinstance(text, str)
    return text if text in ("PONG", "INVALID OPERATION") else json.loads(text)


def silent(socket: ClientConnection) -> bool:
    """Tell whether nothing more was said up to now: the answer to a ping comes after what went before."""
    socket.send("PING")
    return bool(hear(socket) == "PONG")


def place(
    door: Door, side: str, price: int, size: int, *, token: str | None = None, house: str = "maker"
) -> None:
    """Have a house place an order, price in millionths, size in shares."""
    who = getattr(door.world, house)
    amount = size * price
    given, wanted = (amount, size * 10**6) if side == "BUY" else (size * 10**6, amount)
    with door.world.lock:
        door.world.apply(
            t.PlaceOrder(
                order_id=f"0x{door.now_ns:064x}",
                owner=who.owner,
                wallet=who.wallet,
                token_id=token or door.venue.token_ids[0],
                side=t.Side(side),
                maker_amount=given,
                taker_amount=wanted,
            )
        )


def test_the_first_frame_is_an_array_of_books(door: Door, market: ClientConnection) -> None:
    """One for each token that is known, best level last; of none it is empty."""
    place(door, "BUY", 400_000, 10)
    place(door, "BUY", 410_000, 20)
    yes, no = door.venue.token_ids[:2]
    ask(market, {"type": "market", "assets_ids": [yes, "5", no]})
    first, second = hear(market)
    assert (first["asset_id"], second["asset_id"]) == (yes, no)
    assert [each["price"] for each in first["bids"]] == ["0.4", "0.41"]
    assert [each["price"] for each in second["asks"]] == ["0.6", "0.59"]
    assert first["hash"] == door.public("/book", token_id=yes)["hash"]
    ask(market, {"operation": "subscribe", "assets_ids": [yes]})
    assert silent(market)
    with connect(f"{door.venue.ws}/market") as other:
        ask(other, {"type": "market", "assets_ids": ["5"]})
        assert hear(other) == []


def test_changes_have_both_outcomes_and_the_best_prices(door: Door, market: ClientConnection) -> None:
    """The new total of a level, 0 when it is gone; the other outcome sees the other side."""
    yes, no = door.venue.token_ids[:2]
    ask(market, {"type": "market", "assets_ids": [yes, no], "initial_dump": False})
    assert silent(market)
    place(door, "SELL", 700_000, 15)
    frame = hear(market)
    event = MARKET.decode(json.dumps(frame))
    assert isinstance(event, wire.PriceChangeEvent)
    assert [(each.asset_id, str(each.side), each.price, each.size) for each in event.price_changes] == [
        (yes, "SELL", "0.7", "15"),
        (no, "BUY", "0.3", "15"),
    ]
    assert [(each.best_bid, each.best_ask) for each in event.price_changes] == [("0", "0.7"), ("0.3", "1")]
    with door.world.lock:
        door.world.apply(t.CancelAll(owner=door.world.maker.owner))
    gone = hear(market)["price_changes"][0]
    assert (gone["size"], gone["best_ask"]) == ("0", "1")


def test_the_best_prices_are_those_of_the_moment(door: Door, market: ClientConnection) -> None:
    """Of commands that are carried out together each is told with the best prices right after it."""
    token, world = door.venue.token_ids[0], door.world
    ask(market, {"type": "market", "assets_ids": [token]})
    hear(market)
    book = OrderBook(token, "0.01")
    book.replace([], [], 0, 0.0)
    with world.lock:
        world.apply_all(
            [
                t.PlaceOrder(
                    order_id=f"0x{number:064x}",
                    owner=world.maker.owner,
                    wallet=world.maker.wallet,
                    token_id=token,
                    side=t.Side.BUY,
                    maker_amount=(100_000 + number * 10_000) * 10,
                    taker_amount=10_000_000,
                )
                for number in range(1, 6)
            ]
        )
    for _ in range(5):
        [change] = hear(market)["price_changes"]
        assert book.update([(change["side"], change["price"], change["size"])], 1, 0.0)
        assert book.check(change["best_bid"], change["best_ask"]), book.why
    assert book.bid == Decimal("0.15")


def test_trades_are_told(door: Door, market: ClientConnection) -> None:
    """Once, with the taker's side, and the level that is gone."""
    token = door.venue.token_ids[0]
    ask(market, {"type": "market", "assets_ids": [token]})
    hear(market)
    place(door, "SELL", 600_000, 10)
    hear(market)
    place(door, "BUY", 600_000, 10, house="taker")
    trade = MARKET.decode(json.dumps(hear(market)))
    assert isinstance(trade, wire.LastTradePriceEvent)
    assert (trade.price, trade.size, str(trade.side)) == ("0.6", "10", "BUY")
    assert hear(market)["price_changes"][0]["size"] == "0"
    with door.world.lock:
        door.world.clock.advance(5)
        door.world.jobs.run_due()
    assert silent(market)


def test_more_is_told_to_who_asks_for_it(door: Door, market: ClientConnection) -> None:
    """Best prices, and markets that end, with the flag alone, which can be turned on later."""
    token = door.venue.token_ids[2]
    condition = door.world.listing_of(token).condition_id  # type: ignore[union-attr]
    ask(market, {"type": "market", "assets_ids": [token]})
    hear(market)
    ask(market, {"operation": "subscribe", "assets_ids": [token], "custom_feature_enabled": True})
    assert silent(market)
    place(door, "BUY", 200_000, 10, token=token)
    assert hear(market)["event_type"] == "price_change"
    best = MARKET.decode(json.dumps(hear(market)))
    assert isinstance(best, wire.BestBidAskEvent)
    assert (best.best_bid, best.best_ask, best.spread) == ("0.2", "1", "0.8")
    with door.world.lock:
        door.world.apply(t.SetTick(condition_id=condition, tick=10_000))
    tick = hear(market)
    assert (tick["event_type"], tick["old_tick_size"], tick["new_tick_size"]) == (
        "tick_size_change", "0.001", "0.01",
    )  # fmt: skip
    with door.world.lock:
        door.world.apply(t.Resolve(condition_id=condition, payouts=(1_000_000, 0)))
    frames = [hear(market)]
    while frames[-1]["event_type"] != "market_resolved":
        frames.append(hear(market))
    assert frames[-1]["winning_asset_id"] == token


def test_what_is_not_wanted_any_more_is_not_told(door: Door, market: ClientConnection) -> None:
    """Unsubscribing leaves the connection open."""
    token = door.venue.token_ids[0]
    ask(market, {"type": "market", "assets_ids": [token]})
    hear(market)
    ask(market, {"operation": "unsubscribe", "assets_ids": [token]})
    assert silent(market)
    place(door, "BUY", 300_000, 10)
    assert silent(market)


@pytest.mark.parametrize(
    "frame",
    ["", "nonsense", "[]", "[" * 5000, {}, {"type": "market"}, {"type": "market", "assets_ids": "1"},
     {"type": "market", "assets_ids": [1]}, {"operation": "subscribe", "assets_ids": ["1"]},
     {"type": "market", "assets_ids": ["1"], "level": 9},
     {"type": "market", "assets_ids": ["1"], "operation": "dance"}],
)  # fmt: skip
def test_nonsense_is_told_and_the_connection_stays(market: ClientConnection, frame: Any) -> None:
    """Nothing a client says ends the connection but what is too long."""
    ask(market, frame)
    assert hear(market) == "INVALID OPERATION"
    assert silent(market)


def test_frames_that_are_too_long_end_the_connection(market: ClientConnection) -> None:
    """With the code of the protocol for it."""
    market.send("x" * 300_000)
    with pytest.raises(ConnectionClosed) as caught:
        market.recv(timeout=SOON)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1009


def credentials(door: Door) -> dict[str, str]:
    """Return what the user channel is opened with."""
    found = door.creds
    return {"apiKey": found["apiKey"], "secret": found["secret"], "passphrase": found["passphrase"]}


def test_a_user_hears_of_orders_and_trades(door: Door, user: ClientConnection) -> None:
    """Placement, fill and cancellation of the key's own orders; trades through all of their states."""
    ask(user, {"type": "user", "auth": credentials(door)})
    assert silent(user)
    placed = door.place("BUY", "0.5", "10")["orderID"]
    order = USER.decode(json.dumps(hear(user)))
    assert isinstance(order, wire.OrderEvent)
    assert (order.id, str(order.type)) == (placed, "PLACEMENT")
    place(door, "SELL", 500_000, 10)
    seen = [USER.decode(json.dumps(hear(user))) for _ in range(2)]
    trade = next(each for each in seen if isinstance(each, wire.TradeEvent))
    update = next(each for each in seen if isinstance(each, wire.OrderEvent))
    assert (str(update.type), update.size_matched) == ("UPDATE", "10")
    assert (str(trade.status), str(trade.trader_side)) == ("MATCHED", "MAKER")
    with door.world.lock:
        door.world.clock.advance(5)
        door.world.jobs.run_due()
    later = [USER.decode(json.dumps(hear(user))) for _ in range(2)]
    assert [str(each.status) for each in later if isinstance(each, wire.TradeEvent)] == ["MINED", "CONFIRMED"]


def test_a_user_hears_nothing_of_others(door: Door, user: ClientConnection) -> None:
    """Nor of markets that were not asked for."""
    elsewhere = door.world.listing_of(door.venue.token_ids[2]).condition_id  # type: ignore[union-attr]
    ask(user, {"type": "user", "auth": credentials(door), "markets": [elsewhere]})
    place(door, "BUY", 300_000, 10)
    door.place("BUY", "0.2", "10")
    assert silent(user)


@pytest.mark.parametrize("part", ["apiKey", "secret", "passphrase", ""])
def test_who_cannot_log_in_is_cut_off(door: Door, user: ClientConnection, part: str) -> None:
    """Whatever part of the credentials is wrong, or all of them missing."""
    auth = {**credentials(door), part: "00000000-0000-0000-0000-000000000000"} if part else None
    ask(user, {"type": "user", "auth": auth})
    with pytest.raises(ConnectionClosed) as caught:
        user.recv(timeout=SOON)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1008


@pytest.mark.parametrize(
    ("kind", "prices"),
    [
        ("ws_lose", ["0.2", "0.3"]),
        ("ws_duplicate", ["0.1", "0.1", "0.2", "0.3"]),
        ("ws_reorder", ["0.2", "0.1", "0.3"]),
        ("ws_silent", []),
    ],
)
def test_faults_spoil_frames(door: Door, market: ClientConnection, kind: str, prices: list[str]) -> None:
    """Lost, doubled, late, or told no more while pings are answered."""
    ask(market, {"type": "market", "assets_ids": [door.venue.token_ids[0]]})
    hear(market)
    door.venue.faults.add(kind=kind, operation="WebSocket_Market")
    for price in (100_000, 200_000, 300_000):
        place(door, "BUY", price, 10)
    assert [hear(market)["price_changes"][0]["price"] for _ in prices] == prices
    assert silent(market)


@pytest.mark.parametrize(("kind", "code"), [("ws_drop", None), ("ws_close", 1001)])
def test_faults_end_connections(door: Door, market: ClientConnection, kind: str, code: int | None) -> None:
    """Without a word, or with a code."""
    ask(market, {"type": "market", "assets_ids": [door.venue.token_ids[0]]})
    hear(market)
    door.venue.faults.add(kind=kind, operation="WebSocket_Market")
    place(door, "BUY", 100_000, 10)
    with pytest.raises(ConnectionClosed) as caught:
        market.recv(timeout=SOON)
    assert (caught.value.rcvd and caught.value.rcvd.code) == code


def test_faults_cut_frames(door: Door, market: ClientConnection) -> None:
    """Half of one is no JSON."""
    ask(market, {"type": "market", "assets_ids": [door.venue.token_ids[0]]})
    hear(market)
    door.venue.faults.add(kind="ws_truncate", operation="WebSocket_Market")
    place(door, "BUY", 100_000, 10)
    with pytest.raises(json.JSONDecodeError):
        hear(market)


def test_faults_of_frames_and_of_requests_keep_apart(door: Door) -> None:
    """A fault of any operation meets requests or frames, by what it does; none takes a suffix."""
    door.venue.faults.add(kind="ws_drop")
    assert door.raw("GET", "/time").status_code == 200
    door.venue.faults.clear()
    with pytest.raises(ValueError, match="suffix"):
        door.venue.faults.add(kind="ws_drop_after")


def test_pages_of_strangers_open_nothing(sandbox: Sandbox) -> None:
    """A browser's page of another origin is turned away."""
    with pytest.raises(InvalidStatus):
        connect(f"{sandbox.clob_venue.ws}/market", origin="https://example.com")  # type: ignore[arg-type]
