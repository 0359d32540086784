"""Websockets: who gets in, what is said, what is not, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from fakefeed import BILL, RAIN, FakeFeed
from sim_socket import Socket, opened
from starlette.applications import Starlette

from polyspec.sandbox.polysimulator.options import PolySimOptions
from polyspec.sandbox.polysimulator.seeds import raw_key
from polyspec.sandbox.polysimulator.streams import Fill
from polyspec.sandbox.polysimulator.websockets import Sockets
from polyspec.sandbox.polysimulator.world import PolySimWorld

SUBSCRIBE = {"action": "subscribe", "markets": [RAIN]}
UP, DOWN = FakeFeed().market(RAIN).token_ids  # type: ignore[union-attr]


class Hall:
    """A world, its sockets, and a user with a key."""

    def __init__(self, **options: Any) -> None:
        self.feed = FakeFeed()
        self.world = PolySimWorld(PolySimOptions(**options), self.feed)
        self.app = Starlette(routes=Sockets(self.world).routes())
        self.key = raw_key(self.world.seed, "api_key")
        known = self.world.keys.find(self.key)
        assert known is not None
        self.user_id = known.user_id
        self.key_id = known.id

    def token(self, name: str = "api_key") -> str:
        """Mint a token with a seeded key."""
        known = self.world.keys.find(raw_key(self.world.seed, name))
        assert known is not None
        return self.world.tokens.websocket(known.user_id, known.id)

    def run(self, conversation: Callable[[], Awaitable[None]]) -> None:
        """Hold a conversation."""
        asyncio.run(conversation())  # type: ignore[arg-type]

    def tick(self) -> None:
        """Let the changes of the feed reach the hub."""
        with self.world.lock:
            self.world.jobs.run_due()

    def fill(self, user_id: int | None = None, order_id: int = 7) -> None:
        """Tell the hub of a fill."""
        self.world.hub.filled(
            Fill(
                user_id=self.user_id if user_id is None else user_id,
                order_id=order_id,
                condition_id=RAIN,
                token_id=UP,
                side="BUY",
                outcome="Yes",
                price=410_000,
                quantity=120_000,
                at_ns=1_790_000_000_000_000_000,
                resting=True,
            )
        )


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


# -- Polymarket's shapes --


async def _books(socket: Socket) -> None:
    await socket.say({"type": "market", "assets_ids": [UP, DOWN]})
    for token in (UP, DOWN):
        book = await socket.hear()
        assert (book["event_type"], book["asset_id"], book["market"]) == ("book", token, RAIN)


def test_the_market_channel_needs_nobody_and_tells_each_change(hall: Hall) -> None:
    """A book once per token, best level last, then price changes with placeholders; no acknowledgement."""

    async def talk() -> None:
        async with opened(hall.app, "market") as socket:
            await socket.say({"assets_ids": [UP], "type": "market"})
            book = await socket.hear()
            assert [each["price"] for each in book["bids"]] == ["0.63", "0.64"]
            assert [each["price"] for each in book["asks"]] == ["0.66", "0.65"]
            hall.feed.set_book(RAIN, [("0.40", "10")], [("0.42", "10")], last=("0.42", "3", 5))
            hall.tick()
            change = await socket.hear()
            assert (change["asset_id"], change["hash"], book["tick_size"]) == (UP, "", "0.01")
            assert change["price_changes"] == [
                {
                    "asset_id": UP,
                    "price": "0.41",
                    "size": "0",
                    "side": "",
                    "hash": "",
                    "best_bid": "0.40",
                    "best_ask": "0.42",
                }
            ]
            best, trade = await socket.hear(), await socket.hear()
            assert (best["event_type"], best["best_bid"]) == ("best_bid_ask", "0.40")
            assert (trade["event_type"], trade["price"], trade["size"]) == ("last_trade_price", "0.42", "0")
            assert (await socket.ask("ping"))["event_type"] == "pong"
            await socket.say({"assets_ids": [UP], "type": "market", "operation": "unsubscribe"})
            hall.feed.set_book(RAIN, [("0.20", "10")], [("0.22", "10")])
            assert (await socket.ask({"type": "ping"}))["event_type"] == "pong"

    hall.run(talk)


def test_subscribing_twice_tells_no_book_twice(hall: Hall) -> None:
    """A token is snapshotted once per connection; a market stands for its tokens."""

    async def talk() -> None:
        async with opened(hall.app, "market") as socket:
            await _books(socket)
            await socket.say({"type": "subscribe", "markets": [RAIN]})
            assert (await socket.ask("PING"))["event_type"] == "pong"

    hall.run(talk)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "INVALID_JSON"),
        ("[]", "INVALID_SUBSCRIBE"),
        ({"type": "market", "assets_ids": "x"}, "INVALID_SUBSCRIBE"),
        ({"type": "market", "assets_ids": [UP], "operation": "peek"}, "INVALID_SUBSCRIBE"),
        ({"type": "market", "assets_ids": []}, "EMPTY_SUBSCRIBE"),
        ({"type": "market", "assets_ids": ["1"]}, "UNKNOWN_ASSET"),
        ({"type": "market", "markets": ["0x1"]}, "UNKNOWN_ASSET"),
        ({"type": "market", "assets_ids": [str(each) for each in range(51)]}, "MAX_ASSETS_EXCEEDED"),
        ({"type": "market", "markets": [str(each) for each in range(26)]}, "MAX_ASSETS_EXCEEDED"),
        ({"type": "dance"}, "UNKNOWN_FRAME"),
    ],
)
def test_errors_of_the_market_channel_have_codes(hall: Hall, frame: Any, code: str) -> None:
    """Each mistake has its code, and the connection goes on."""

    async def talk() -> None:
        async with opened(hall.app, "market") as socket:
            answer = await socket.ask(frame)
            assert (answer["event_type"], answer["error"]) == ("error", code)
            assert (await socket.ask("ping"))["event_type"] == "pong"

    hall.run(talk)


def test_the_user_channel_takes_a_key_or_a_token(hall: Hall) -> None:
    """Fills come after a subscription, of all markets or of those named."""

    async def talk() -> None:
        frame = {"type": "user", "markets": [RAIN], "auth": {"apiKey": hall.key}}
        async with opened(hall.app, "user") as keyed, opened(hall.app, "user", hall.token()) as tokened:
            await keyed.say(frame)
            assert (await keyed.ask("ping"))["event_type"] == "pong"
            await tokened.say({"type": "user", "markets": [BILL]})
            assert (await tokened.ask("ping"))["event_type"] == "pong"
            hall.fill()
            trade = await keyed.hear()
            assert (trade["event_type"], trade["type"], trade["status"]) == ("trade", "TRADE", "MATCHED")
            assert (trade["id"], trade["price"], trade["size"], trade["asset_id"]) == ("7", "0.41", "12", UP)
            assert (trade["owner"], trade["maker_orders"]) == ("", [])
            # the other one named another market, until it asked for all
            await tokened.say({"type": "user"})
            assert (await tokened.ask("ping"))["event_type"] == "pong"
            hall.fill(order_id=9)
            assert (await tokened.hear())["id"] == "9"

    hall.run(talk)


def test_what_is_known_is_subscribed_beside_what_is_not(hall: Hall) -> None:
    """An unknown token is told, and the others of the same frame are followed all the same."""

    async def talk() -> None:
        async with opened(hall.app, "market") as socket:
            answer = await socket.ask({"type": "market", "assets_ids": ["1", UP]})
            assert (answer["error"], "1" in answer["message"]) == ("UNKNOWN_ASSET", True)
            assert (await socket.hear())["asset_id"] == UP

    hall.run(talk)


@pytest.mark.parametrize(
    ("auth", "code"), [(None, "AUTH_REQUIRED"), ({"apiKey": "ps_live_no"}, "AUTH_INVALID")]
)
def test_the_user_channel_refuses_strangers(hall: Hall, auth: Any, code: str) -> None:
    """Without a key, or with one that does not hold, the connection ends with 1008."""

    async def talk() -> None:
        async with opened(hall.app, "user") as socket:
            assert (await socket.ask({"type": "user", "auth": auth}))["error"] == code
            assert await socket.hear() is None
            assert socket.code == 1008

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
