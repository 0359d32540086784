"""The websockets in Polymarket's shapes: books and prices for anybody, fills for their owner."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fakefeed import BILL, RAIN
from polyspec_wire.polysimulator import models
from sim_hall import DOWN, UP, Hall
from sim_socket import Socket, opened

from polyspec.core.typed import convert


@pytest.fixture
def hall() -> Iterator[Hall]:
    """A world with sockets."""
    made = Hall()
    yield made
    made.world.close()


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
            assert (change["market"], book["tick_size"]) == (RAIN, "0.01")
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
            assert (await socket.ask("ping"))["event_type"] == "pong"
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


def test_frames_are_of_the_types_the_specification_says(hall: Hall) -> None:
    """Whatever the channels say is one of the events that are documented for them."""

    async def talk() -> None:
        async with opened(hall.app, "market") as market, opened(hall.app, "prices", hall.token()) as prices:
            await market.say({"type": "market", "assets_ids": [UP]})
            await prices.say({"action": "subscribe", "markets": [RAIN]})
            heard = [await prices.hear() for _ in range(3)]
            books = [await market.hear()]
            hall.feed.set_book(RAIN, [("0.40", "10")], [("0.42", "10")], last=("0.42", "3", 5))
            hall.tick()
            heard.append(await prices.hear())
            books += [await market.hear() for _ in range(3)]
            heard += [await prices.ask({"action": "ping"}), await prices.ask("{")]
            books += [await market.ask("ping"), await market.ask("{")]
        told = [convert(each, models.PricesEvent) for each in heard]
        assert {type(each) for each in told} == {
            models.ConnectedEvent,
            models.SubscribedEvent,
            models.PriceEvent,
            models.PongEvent,
            models.ErrorEvent,
        }
        kinds = {type(convert(each, models.PmMarketEvent)) for each in books}
        assert len(kinds) == 6

    hall.run(talk)


def test_fills_are_of_the_types_the_specification_says(hall: Hall) -> None:
    """The same fill is an event of either channel."""

    async def talk() -> None:
        async with (
            opened(hall.app, "user", hall.token()) as user,
            opened(hall.app, "executions", hall.token()) as fills,
        ):
            await fills.hear()
            await user.say({"type": "user"})
            await user.ask("ping")
            hall.fill()
            told = convert(await fills.hear(), models.ExecutionsEvent)
            assert isinstance(told, models.FillEvent)
            trade = convert(await user.hear(), models.PmUserEvent)
            assert isinstance(trade, models.PmTradeEvent)

    hall.run(talk)


def test_unsubscribing_from_fills(hall: Hall) -> None:
    """Of one market the others go on; of nothing by name, none does."""

    async def talk() -> None:
        async with opened(hall.app, "user", hall.token()) as socket:

            async def hears(frame: dict[str, Any]) -> bool:
                await socket.say(frame)
                assert (await socket.ask("ping"))["event_type"] == "pong"
                hall.fill()
                # the news is out before the ping is read
                for _ in range(10):
                    await asyncio.sleep(0)
                answer = await socket.ask("ping")
                if answer["event_type"] == "pong":
                    return False
                assert (await socket.hear())["event_type"] == "pong"
                return True

            assert await hears({"type": "user", "markets": [RAIN, BILL]})
            assert await hears({"type": "user", "markets": [BILL], "operation": "unsubscribe"})
            assert not await hears({"type": "user", "markets": [RAIN], "operation": "unsubscribe"})
            assert await hears({"type": "user"})
            assert not await hears({"type": "user", "operation": "unsubscribe"})

    hall.run(talk)


def test_a_connection_does_not_remember_without_end(hall: Hall) -> None:
    """Markets that are named by the thousand are refused, those of before stay."""

    async def talk() -> None:
        async with opened(hall.app, "user", hall.token()) as user:
            for start in range(0, 75, 25):
                await user.say(
                    {"type": "user", "markets": [f"0x{each}" for each in range(start, start + 25)]}
                )
            assert (await user.ask("ping"))["event_type"] == "pong"
            told = await user.ask({"type": "user", "markets": ["0xff"]})
            assert told["error"] == "MAX_ASSETS_EXCEEDED"
            await user.say({"type": "user", "operation": "unsubscribe", "markets": ["0x1"]})
            await user.say({"type": "user", "markets": ["0xff"]})
            assert (await user.ask("ping"))["event_type"] == "pong"

    hall.run(talk)
