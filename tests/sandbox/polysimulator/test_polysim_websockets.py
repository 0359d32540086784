"""Websockets: who gets in, what is said, what is not, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fakefeed import BILL, RAIN
from sim_hall import UP, Hall
from sim_socket import opened

SUBSCRIBE = {"action": "subscribe", "markets": [RAIN]}


@pytest.fixture
def hall() -> Iterator[Hall]:
    """A world with sockets."""
    made = Hall()
    yield made
    made.world.close()


# -- prices --


def test_prices_from_connection_to_change(hall: Hall) -> None:
    """A subscriber is greeted, acknowledged, told the price as it is and then each change."""

    async def talk() -> None:
        async with opened(hall.app, "prices", hall.token()) as socket:
            greeting = await socket.hear()
            assert greeting == {"type": "connected", "user_id": hall.user_id, "protocol_version": "1.0"}
            assert await socket.ask(SUBSCRIBE) == {"type": "subscribed", "markets": [RAIN]}
            first = await socket.hear()
            assert (first["type"], first["market_id"], first["condition_id"]) == ("price", RAIN, RAIN)
            assert (first["best_bid"], first["best_ask"]) == ("0.64", "0.65")
            assert [each["label"] for each in first["outcomes"]] == ["Yes", "No"]
            hall.feed.set_book(RAIN, [("0.40", "10")], [("0.42", "10")], last=("0.42", "3", 5))
            hall.feed.set_book(BILL, [("0.10", "10")], [("0.12", "10")])
            hall.tick()
            changed = await socket.hear()
            assert (changed["market_id"], changed["best_bid"], changed["last_trade"]) == (
                RAIN,
                "0.40",
                "0.42",
            )
            # the other market was not subscribed to: the next frame is the answer to this
            assert (await socket.ask({"action": "ping"}))["type"] == "pong"

    hall.run(talk)


def test_prices_on_streams_are_those_of_everywhere(hall: Hall) -> None:
    """Of a wide book the last trade counts, and of a decided market what it pays."""

    async def talk() -> None:
        async with opened(hall.app, "prices", hall.token()) as prices, opened(hall.app, "market") as tops:
            await prices.hear()
            await prices.ask({"action": "subscribe", "markets": [RAIN]})
            await prices.hear()
            await tops.ask({"type": "market", "assets_ids": [UP]})
            hall.feed.set_book(RAIN, [("0.20", "9")], [("0.80", "9")], last=("0.30", "9", 5))
            hall.tick()
            assert hall.world.engine.displayed(UP) == 300_000
            assert (await prices.hear())["outcomes"][0]["price"] == "0.30"
            told = [await tops.hear() for _ in range(3)]
            assert told[0]["price_changes"][0]["price"] == "0.30"
            assert [each["event_type"] for each in told[1:]] == ["best_bid_ask", "last_trade_price"]
            hall.feed.resolve(RAIN, (1_000_000, 0))
            hall.tick()
            assert [each["price"] for each in (await prices.hear())["outcomes"]] == ["1.00", "0.00"]
            assert (await tops.hear())["price_changes"][0]["price"] == "1.00"
            assert (await tops.ask("ping"))["event_type"] == "pong"

    hall.run(talk)


def test_a_wrong_key_is_acknowledged_and_then_nothing_comes(hall: Hall) -> None:
    """As live: a list under another name is not looked at, the answer is an empty set, silence follows."""

    async def talk() -> None:
        async with opened(hall.app, "prices", hall.token()) as socket:
            await socket.hear()
            answer = await socket.ask({"action": "subscribe", "condition_ids": [RAIN]})
            assert answer == {"type": "subscribed", "markets": []}
            hall.feed.set_book(RAIN, [("0.40", "10")], [("0.42", "10")])
            hall.tick()
            assert (await socket.ask({"type": "ping"}))["type"] == "pong"

    hall.run(talk)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("{", "Invalid JSON"),
        ("[]", "Invalid JSON"),
        ({"action": "dance"}, "Unknown action"),
        ({"action": "subscribe", "assets_ids": ["1"]}, "name markets by condition id"),
        ({"action": "subscribe", "markets": RAIN}, "list"),
        ({"action": "subscribe", "markets": [UP * 2]}, "token ids"),
        ({"action": "subscribe", "markets": [f"0x{each:064x}" for each in range(51)]}, "at most 50"),
    ],
)
def test_what_cannot_be_meant_is_told(hall: Hall, frame: Any, words: str) -> None:
    """A bad frame gets an error and the connection goes on."""

    async def talk() -> None:
        async with opened(hall.app, "prices", hall.token()) as socket:
            await socket.hear()
            answer = await socket.ask(frame)
            assert answer["type"] == "error"
            assert words in answer["message"]
            assert (await socket.ask(SUBSCRIBE))["markets"] == [RAIN]

    hall.run(talk)


def test_unsubscribing_leaves_the_rest(hall: Hall) -> None:
    """The acknowledgement has what is still subscribed to."""

    async def talk() -> None:
        async with opened(hall.app, "prices", hall.token()) as socket:
            await socket.hear()
            assert (await socket.ask({"type": "subscribe", "conditions": [RAIN, BILL]}))["markets"] == [
                RAIN,
                BILL,
            ]
            await socket.hear()
            await socket.hear()
            assert (await socket.ask({"action": "unsubscribe", "markets": [RAIN]}))["markets"] == [BILL]

    hall.run(talk)


# -- who gets in --


@pytest.mark.parametrize("channel", ["prices", "executions"])
def test_a_token_that_does_not_hold_is_closed_with_4001(hall: Hall, channel: str) -> None:
    """No token, a foreign one, an old one and one of a revoked key end with the code for that."""

    async def code_of(token: str | None) -> int | None:
        async with opened(hall.app, channel, token) as socket:
            assert await socket.hear() is None
            return socket.code

    async def talk() -> None:
        assert await code_of(None) == 4001
        assert await code_of("nonsense") == 4001
        old, revoked = hall.token(), hall.token("revoked_api_key")
        assert await code_of(revoked) == 4001
        hall.world.clock.advance(61)
        assert await code_of(old) == 4001

    hall.run(talk)


def test_one_connection_too_many_is_closed_with_4002(hall: Hall) -> None:
    """The plan counts over all channels; who leaves makes room."""

    async def talk() -> None:
        token = hall.token("free_api_key")
        async with opened(hall.app, "prices", token) as first:
            assert (await first.hear())["type"] == "connected"
            async with opened(hall.app, "executions", token) as second:
                assert await second.hear() is None
                assert second.code == 4002
            async with opened(hall.app, "user", token) as third:
                assert (await third.hear())["error"] == "MAX_WS_EXCEEDED"
                assert await third.hear() is None
                assert third.code == 4002
        async with opened(hall.app, "executions", token) as fourth:
            assert (await fourth.hear())["type"] == "connected"

    hall.run(talk)


def test_a_venue_that_goes_away_says_so(hall: Hall) -> None:
    """With the code of a server that goes away, on every channel."""

    async def talk() -> None:
        token = hall.token()
        async with opened(hall.app, "prices", token) as prices, opened(hall.app, "market") as tops:
            await prices.hear()
            await tops.ask("ping")
            hall.world.hub.shut()
            assert await prices.hear() is None
            assert await tops.hear() is None
            assert (prices.code, tops.code) == (1001, 1001)

    hall.run(talk)


def test_a_socket_is_judged_by_what_its_key_is_now(hall: Hall) -> None:
    """A key of the beta that fell back has the connections of free; one that expired since has none."""

    async def talk() -> None:
        token, keys = hall.token(), hall.world.keys
        mine = keys.get(hall.key_id)
        assert mine is not None
        async with opened(hall.app, "prices", token) as first:
            assert (await first.hear())["type"] == "connected"
            fallen = keys.lapse(mine, hall.world.clock.now_ns())
            async with opened(hall.app, "prices", token) as second:
                assert await second.hear() is None
                assert second.code == 4002
        keys.rotate(fallen, 0.0)
        async with opened(hall.app, "prices", token) as third:
            assert await third.hear() is None
            assert third.code == 4001

    hall.run(talk)


def test_a_token_of_one_use_opens_one_connection() -> None:
    """With single use, as older documents have it, the second connection is refused."""
    hall = Hall(ws_token_reusable=False)

    async def talk() -> None:
        token = hall.token()
        async with opened(hall.app, "prices", token) as first:
            assert (await first.hear())["type"] == "connected"
            async with opened(hall.app, "prices", token) as second:
                assert await second.hear() is None
                assert second.code == 4001

    hall.run(talk)
    hall.world.close()


# -- executions --


def test_a_user_hears_of_own_fills_only(hall: Hall) -> None:
    """A fill has order, market, price and quantity; another user's fill is not told."""

    async def talk() -> None:
        async with opened(hall.app, "executions", hall.token()) as socket:
            await socket.hear()
            hall.fill(user_id=1)
            hall.fill(order_id=8)
            assert await socket.hear() == {
                "type": "fill",
                "order_id": 8,
                "market_id": RAIN,
                "side": "BUY",
                "outcome": "Yes",
                "price": "0.41",
                "quantity": "12",
                "filled_at": "2026-09-21T14:13:20.000000Z",
            }
            assert (await socket.ask({"action": "subscribe"}))["message"] == "Unknown action"

    hall.run(talk)


# -- faults --


def test_a_dropped_connection_has_no_close_frame(hall: Hall) -> None:
    """The frame after those that pass is lost with the connection, and the next connection is well."""

    async def talk() -> None:
        hall.world.faults.add(kind="ws_drop", operation="WebSocket_Prices", after=2)
        async with opened(hall.app, "prices", hall.token()) as socket:
            await socket.hear()
            assert (await socket.ask(SUBSCRIBE))["type"] == "subscribed"
            assert await socket.hear() is None
            assert socket.code == 1006
        async with opened(hall.app, "prices", hall.token()) as socket:
            assert (await socket.hear())["type"] == "connected"

    hall.run(talk)


def test_a_missed_fill_is_missed_by_whom_it_concerns(hall: Hall) -> None:
    """Other users' fills do not use the fault up; the fill after the missed one is told."""

    async def talk() -> None:
        hall.world.faults.add(kind="ws_missed_fill", operation="WebSocket_Executions")
        async with opened(hall.app, "executions", hall.token()) as socket:
            await socket.hear()
            hall.fill(user_id=1, order_id=1)
            hall.fill(order_id=2)
            hall.fill(order_id=3)
            assert (await socket.hear())["order_id"] == 3

    hall.run(talk)


def test_an_expired_token_on_demand(hall: Hall) -> None:
    """The fault closes one connection with 4001 although its token holds."""

    async def talk() -> None:
        hall.world.faults.add(kind="ws_token_expired")
        token = hall.token()
        async with opened(hall.app, "prices", token) as socket:
            assert await socket.hear() is None
            assert socket.code == 4001
        async with opened(hall.app, "prices", token) as socket:
            assert (await socket.hear())["type"] == "connected"

    hall.run(talk)


def test_frames_that_are_too_long_end_the_connection(hall: Hall) -> None:
    """Nobody can make the sandbox read without end."""

    async def talk() -> None:
        async with opened(hall.app, "market") as socket:
            assert await socket.ask("x" * 70_000) is None
            assert socket.code == 1009

    hall.run(talk)


def test_who_left_is_told_no_more(hall: Hall) -> None:
    """A connection that ended, or was refused, holds no mailbox."""

    async def talk() -> None:
        async with opened(hall.app, "prices", hall.token()) as socket:
            await socket.hear()
            assert len(hall.world.hub._boxes) == 1
        async with opened(hall.app, "prices", "nonsense") as socket:
            assert await socket.hear() is None
        assert hall.world.hub._boxes == []

    hall.run(talk)


def test_a_blocked_user_gets_no_connection(hall: Hall) -> None:
    """A token minted before the account was blocked opens nothing after."""

    async def talk() -> None:
        token, user = hall.token(), hall.world.users.get(hall.user_id)
        assert user is not None
        hall.world.users.change(user, blocked=True)
        async with opened(hall.app, "prices", token) as socket:
            assert await socket.hear() is None
            assert socket.code == 4001

    hall.run(talk)
