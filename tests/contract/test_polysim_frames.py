"""Frames of PolySimulator's websockets and events of its stream, held to their schemas and types."""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.polysimulator.faults import Fault
from tests.contract.colours import Colour
from tests.contract.judging import named_findings
from tests.contract.polysim_asking import NOBODYS, Asking
from tests.contract.polysim_tour import furnish
from tests.contract.spec import POLYSIM
from tests.sandbox.clob.clob_door import Door
from tests.sandbox.polysimulator.sim_events import listening
from tests.sandbox.polysimulator.sim_socket import Socket, opened

UNIONS: dict[str, tuple[str, Any]] = {
    "prices": ("PricesEvent", wire.PricesEvent),
    "executions": ("ExecutionsEvent", wire.ExecutionsEvent),
    "market": ("PmMarketEvent", wire.PmMarketEvent),
    "user": ("PmUserEvent", wire.PmUserEvent),
}
"""What a channel says, by name and as a type."""
DATA: dict[str, tuple[str, Any]] = {
    "crypto_price": ("CryptoPriceData", wire.CryptoPriceData),
    "crypto_price_batch": ("CryptoPriceBatchData", wire.CryptoPriceBatchData),
    "tick_size_change": ("TickSizeChangeData", wire.TickSizeChangeData),
}
SEEN: dict[str, set[str]] = defaultdict(set)
ERRORS: set[str] = set()
HELD: set[str] = set()
"""Conversations with errors in them that were held to their end."""


class Floor:
    """A venue, somebody who trades there, and somebody who moves the books it mirrors."""

    def __init__(self, sandbox: Sandbox, stack: ExitStack) -> None:
        self.venue = sandbox.polysimulator_venue
        self.world = self.venue.world
        self.clob = sandbox.clob_venue.world
        (self.market, self.token), (self.other, self.second) = furnish(sandbox)
        self.door = stack.enter_context(closing(Door(sandbox, 1)))
        self.asking = stack.enter_context(closing(Asking(sandbox)))
        self.sim = stack.enter_context(closing(Colour().polysim(sandbox, self.venue.asgi)))

    def token_of(self, name: str = "api_key") -> str:
        """Return a token to open a websocket with."""
        key = self.asking.key(name)
        told = self.asking.raw("POST", "/v1/keys/ws-token", headers=key).json()
        return str(told["token"])

    async def moved(self, price: str, side: str = "BUY") -> None:
        """Put an order into the book of the first market, and let the venue notice."""
        await asyncio.to_thread(self.door.place, side, price, "5", token=self.token)
        self.notice()

    async def bought(self, price: str = "0.60") -> None:
        """Buy in the first market, as the user with the key."""
        order = {"side": "BUY", "outcome": "Yes", "price": price, "quantity": 5}
        placed = await asyncio.to_thread(self.sim.orders.place, self.market, **order)
        assert placed.unwrap().source == "filled"
        self.notice()

    def notice(self, seconds: float = 0.0) -> None:
        """Let time pass."""
        self.world.clock.advance(seconds)
        with self.world.lock:
            self.world.jobs.run_due()


@pytest.fixture(scope="module")
def floor() -> Iterator[Floor]:
    """One for all conversations."""
    venues = ["clob", "polysimulator"]
    with (
        Sandbox(venues=venues, port=False, quiet=True, rate_limits=False) as sandbox,
        ExitStack() as stack,
    ):
        yield Floor(sandbox, stack)


def judge(channel: str, frame: Any) -> Any:
    """Fail unless a frame is one of its channel's, and the generated type reads what it says; return it."""
    name, union = UNIONS[channel]
    assert named_findings(POLYSIM, name, frame) == [], frame
    read = msgspec.json.decode(json.dumps(frame), type=union)
    for key, value in frame.items():
        field = next((each for each in msgspec.structs.fields(read) if each.encode_name == key), None)
        if field is not None and isinstance(value, str | int | bool):
            assert getattr(read, field.name) == value, (key, frame)
    SEEN[channel].add(frame.get("type") if channel in ("prices", "executions") else frame["event_type"])
    if channel in ("market", "user") and frame["event_type"] == "error":
        ERRORS.add(frame["error"])
    return frame


class Talk:
    """A connection whose every frame is judged, in and out."""

    def __init__(self, socket: Socket, channel: str) -> None:
        self._socket = socket
        self._channel = channel

    async def hear(self, *tags: str) -> Any:
        """Return the next frame, of some kind if one is named; None at the end."""
        while True:
            frame = await self._socket.hear()
            if frame is None:
                return None
            judge(self._channel, frame)
            if not tags or frame.get("event_type", frame.get("type")) in tags:
                return frame

    async def say(self, frame: Any, *, right: bool = True) -> None:
        """Send a frame, which is as the spec has it unless it is not meant to be."""
        schema = "PricesSubscription" if self._channel in ("prices", "executions") else "PmSubscription"
        assert (named_findings(POLYSIM, schema, frame) == []) is right, frame
        await self._socket.say(frame)

    async def ask(self, frame: Any, *, right: bool = True) -> Any:
        """Send a frame and return the next that comes."""
        await self.say(frame, right=right)
        return await self.hear()

    @property
    def code(self) -> int | None:
        """How it was closed."""
        return self._socket.code


def talk(floor: Floor, channel: str, story: Callable[[Talk], Awaitable[None]], token: str | None) -> None:
    """Hold a conversation."""

    async def held() -> None:
        async with opened(floor.venue.asgi, channel, token) as socket:
            await story(Talk(socket, channel))

    asyncio.run(held())


def test_prices(floor: Floor) -> None:
    """A greeting, the whole set that is followed, prices at once and with each change, pongs and errors."""

    async def story(said: Talk) -> None:
        assert (await said.hear())["type"] == "connected"
        told = await said.ask({"action": "subscribe", "markets": [floor.market, floor.other]})
        assert told["markets"] == [floor.market, floor.other]
        assert {(await said.hear("price"))["market_id"] for _ in range(2)} == {floor.market, floor.other}
        told = await said.ask({"action": "unsubscribe", "markets": [floor.other]})
        assert told["markets"] == [floor.market]
        await floor.moved("0.48")
        assert (await said.hear("price"))["best_bid"] == "0.48"
        assert (await said.ask({"action": "ping"}))["type"] == "pong"
        for wrong in ("{", {"action": "dance"}, {"action": "subscribe", "markets": "0xaa"}, [1]):
            assert (await said.ask(wrong, right=False))["type"] == "error"
        assert (await said.ask({"action": "subscribe", "markets": [floor.token]}))["type"] == "error"
        assert (await said.ask({"action": "subscribe", "markets": [f"0x{n:064x}" for n in range(51)]}))[
            "type"
        ]
        await said.say({"action": "subscribe", "condition_ids": [floor.market]}, right=False)
        assert (await said.hear("subscribed"))["markets"] == [floor.market]

    talk(floor, "prices", story, floor.token_of())
    assert SEEN["prices"] == tags_of("PricesEvent")


def test_executions(floor: Floor) -> None:
    """Fills of the user, whichever way they were bought, with the numbers of the history."""

    async def story(said: Talk) -> None:
        assert (await said.hear())["type"] == "connected"
        await floor.bought()
        fill = await said.hear("fill")
        assert (fill["market_id"], fill["quantity"]) == (floor.market, "5")
        row = (await asyncio.to_thread(floor.sim.account.history, floor.market)).__next__()
        assert (row.order_id, row.price) == (fill["order_id"], Decimal(fill["price"]))
        assert (await said.ask({"action": "ping"}))["type"] == "pong"
        assert (await said.ask("{", right=False))["type"] == "error"

    talk(floor, "executions", story, floor.token_of())
    assert SEEN["executions"] == tags_of("ExecutionsEvent")


def test_markets_in_polymarkets_shapes(floor: Floor) -> None:
    """Books once, then what changed of them, trades, pongs and every error there is."""

    async def story(said: Talk) -> None:
        first = await said.ask({"type": "market", "assets_ids": [floor.token]})
        assert (first["event_type"], first["asset_id"]) == ("book", floor.token)
        prices = [Decimal(each["price"]) for each in first["bids"]]
        assert prices == sorted(prices)
        await floor.moved("0.49")
        change = await said.hear("price_change")
        assert change["price_changes"][0]["best_bid"] == "0.49"
        assert (await said.hear("best_bid_ask"))["best_bid"] == "0.49"
        taker = Door(floor.asking.sandbox, 2)
        await asyncio.to_thread(taker.place, "SELL", "0.49", "5", token=floor.token)
        await asyncio.to_thread(taker.close)
        floor.notice()
        trade = await said.hear("last_trade_price")
        assert (trade["price"], trade["size"], trade["fee_rate_bps"]) == ("0.49", "0", "0")
        assert (await said.ask({"type": "market", "markets": [floor.other]}))["event_type"] == "book"
        assert (await said.hear("book"))["market"] == floor.other
        await said.say({"type": "ping"})
        assert (await said.hear("pong"))["ts"]
        await said.say("ping", right=False)
        assert (await said.hear("pong"))["ts"]
        many = [str(number) for number in range(51)]
        for wrong, code, right in (
            ("{", "INVALID_JSON", False),
            ([1], "INVALID_SUBSCRIBE", False),
            ({"type": "market", "assets_ids": "1"}, "INVALID_SUBSCRIBE", False),
            ({"type": "market"}, "EMPTY_SUBSCRIBE", True),
            ({"type": "market", "assets_ids": ["12"]}, "UNKNOWN_ASSET", True),
            ({"type": "market", "assets_ids": many}, "MAX_ASSETS_EXCEEDED", True),
            ({"type": "dance"}, "UNKNOWN_FRAME", True),
        ):
            await said.say(wrong, right=right)
            assert (await said.hear("error"))["error"] == code
        await said.say({"type": "market", "assets_ids": [floor.token], "auth": {"apiKey": NOBODYS}})
        assert (await said.hear("error"))["error"] == "AUTH_INVALID"

    talk(floor, "market", story, None)
    assert SEEN["market"] == tags_of("PmMarketEvent")
    HELD.add("market")


def test_fills_in_polymarkets_shapes(floor: Floor) -> None:
    """Trades of whoever logs in with a key in a frame; without one the connection ends with its code."""

    async def story(said: Talk) -> None:
        key = floor.venue.api_key()
        await said.say({"type": "user", "auth": {"apiKey": key}, "markets": [floor.market]})
        assert (await said.ask({"type": "ping"}))["event_type"] == "pong"
        await floor.bought()
        trade = await said.hear("trade")
        assert (trade["type"], trade["status"], trade["size"]) == ("TRADE", "MATCHED", "5")

    async def nobody(said: Talk) -> None:
        assert (await said.ask({"type": "user", "markets": [floor.market]}))["error"] == "AUTH_REQUIRED"
        assert await said.hear() is None
        assert said.code == 1008

    talk(floor, "user", story, None)
    talk(floor, "user", nobody, None)
    assert SEEN["user"] == tags_of("PmUserEvent")
    HELD.add("user")


@pytest.mark.parametrize(("channel", "code"), [("prices", 4001), ("executions", 4001), ("user", 1008)])
def test_tokens_that_do_not_hold(floor: Floor, channel: str, code: int) -> None:
    """What is no token, and one that is over, end with the code of their channel."""

    async def story(said: Talk) -> None:
        frame = await said.hear()
        assert channel != "user" or frame["error"] == "AUTH_INVALID"
        assert frame is None or await said.hear() is None
        assert said.code == code

    talk(floor, channel, story, "x")
    token = floor.token_of()
    floor.notice(61)
    talk(floor, channel, story, token)
    floor.venue.faults.add(Fault(kind="ws_token_expired"))
    talk(floor, channel, story, floor.token_of())


def test_more_connections_than_the_plan_has(floor: Floor) -> None:
    """One too many is 4002, after a frame on the channels that have one for it."""

    async def crowded(said: Talk) -> None:
        frame = await said.hear()
        assert frame is None or (frame["error"] == "MAX_WS_EXCEEDED" and await said.hear() is None)
        assert said.code == 4002

    token = floor.token_of("free_api_key")

    async def story() -> None:
        async with opened(floor.venue.asgi, "prices", token) as first:
            judge("prices", await first.hear())
            for channel in ("prices", "user"):
                async with opened(floor.venue.asgi, channel, token) as second:
                    await crowded(Talk(second, channel))

    asyncio.run(story())
    HELD.add("crowd")


def test_every_error_of_the_spec_occurs() -> None:
    """The codes of the sockets' errors are those that were seen, none more and none fewer."""
    if {"market", "user", "crowd"} > HELD:
        pytest.skip("only some conversations were held")
    assert set(POLYSIM.schemas["SocketErrorCode"]["enum"]) == ERRORS


# -- server-sent events --


def judge_event(name: str, data: Any) -> None:
    """Fail unless an event is one of the spec's, with the data its name says."""
    assert named_findings(POLYSIM, "StreamEvent", {"event": name, "data": data}) == []
    if name in DATA:
        schema, kind = DATA[name]
        assert named_findings(POLYSIM, schema, data) == [], data
        msgspec.json.decode(json.dumps(data), type=kind)
    elif name == "market_price":
        # the frame of the websocket
        assert named_findings(POLYSIM, "PriceEvent", data) == [], data
    elif name in ("snapshot", "market_price_batch"):
        for each in data.get("markets", data.get("updates")):
            judge_event("market_price", each)
        for each in data.get("prices", ()):
            judge_event("crypto_price", each)
    SEEN["events"].add(name)


def test_events_of_the_stream(floor: Floor) -> None:
    """Everything at first, then prices one by one or together, books, ticks, and signs of life."""

    async def listen() -> None:
        both = f"{floor.market},{floor.other}"
        async with listening(floor.venue.asgi, f"crypto=BTC,ETH&condition_ids={both}&_=1") as listener:

            async def hear(*names: str) -> Any:
                while True:
                    name, data = await listener.hear()
                    judge_event(name, data)
                    if name in names:
                        return data

            assert len((await hear("snapshot"))["markets"]) == 2
            head = {name.decode(): text.decode() for name, text in listener.head["headers"]}
            kind = POLYSIM.operations["Spot_StreamPrices"].good[listener.head["status"]]
            assert head["content-type"].partition(";")[0] == kind
            floor.notice(1)
            await hear("crypto_price")
            await hear("crypto_price_batch")
            await floor.moved("0.44")
            await hear("market_price", "market_price_batch")
            await hear("orderbook", "orderbook_batch")
            floor.clob.apply(t.SetTick(condition_id=floor.market, tick=1_000))
            floor.notice()
            changed = await hear("tick_size_change")
            assert (changed["tick_size"], changed["old_tick_size"]) == (0.001, 0.01)

    asyncio.run(listen())


def test_a_stream_of_nothing_gives_signs_of_life(floor: Floor) -> None:
    """Without news an event comes every five seconds, and bytes are lines of events throughout."""
    asked = "crypto=NDX&crypto_source=chainlink"

    async def listen() -> None:
        async with listening(floor.venue.asgi, asked) as listener:
            name, data = await listener.hear("snapshot")
            judge_event(name, data)
            seen = set()
            for _ in range(6):
                floor.notice(1)
                name, data = await listener.hear()
                judge_event(name, data)
                seen.add(name)
            assert seen == {"crypto_price"}

    asyncio.run(listen())


def tags_of(union: str) -> set[str]:
    """Return the tags of a union."""
    return set(POLYSIM.schemas[union]["discriminator"]["mapping"])


# -- the judges --


@pytest.mark.parametrize(
    ("channel", "frame"),
    [
        ("prices", {"type": "price"}),
        ("prices", {"type": "price", "market_id": "0xaa", "best_bid": 0.4}),
        ("prices", {"type": "price", "market_id": "0xaa", "data": {}}),
        ("prices", {"type": "subscribed", "markets": None}),
        ("prices", {"type": "fill", "order_id": 1, "market_id": "0xaa"}),
        ("prices", {"event_type": "pong", "ts": 1}),
        ("executions", {"type": "fill", "order_id": "1", "market_id": "0xaa"}),
        ("executions", {"type": "fill", "order_id": 1, "market_id": "0xaa", "side": "buy"}),
        ("executions", {"type": "execution", "order_id": 1, "market_id": "0xaa"}),
        ("market", {"event_type": "book", "asset_id": "1", "bids": [{"price": "0.4"}], "asks": []}),
        ("market", {"event_type": "price_change", "price_changes": [{"price": "0.4"}]}),
        ("market", {"event_type": "error", "error": "OUT_OF_LUCK"}),
        ("market", {"type": "pong", "ts": 1}),
        ("user", {"event_type": "trade", "size": 5}),
        ("user", {"event_type": "book", "asset_id": "1", "bids": [], "asks": []}),
        ("user", "ping"),
    ],
)
def test_the_judge_of_frames_can_fail(channel: str, frame: Any) -> None:
    """A frame with one thing wrong never passes: tag, type, member, a missing or an unknown field."""
    with pytest.raises((AssertionError, KeyError)):
        judge(channel, frame)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("crypto_price", {"symbol": "BTC"}),
        ("crypto_price", {"symbol": "BTC", "price": "1"}),
        ("crypto_price", {"updates": []}),
        ("crypto_price_batch", [{"symbol": "BTC", "price": 1}]),
        ("tick_size_change", {"asset_id": "1", "tick_size": "0.01"}),
        ("market_price", {"type": "price", "market_id": "0xaa", "volume": 1}),
        ("snapshot", {"markets": [{}]}),
        ("message", {}),
    ],
)
def test_the_judge_of_events_can_fail(name: str, data: Any) -> None:
    """An event of another name, or with data of another shape, never passes."""
    with pytest.raises(AssertionError):
        judge_event(name, data)


def test_keys_in_frames_are_no_text_of_their_types() -> None:
    """A subscription that carries a key does not show it."""
    frame = {"type": "user", "auth": {"apiKey": NOBODYS}}
    read = msgspec.json.decode(json.dumps(frame), type=wire.PmSubscription)
    assert not re.search("0{20}", repr(read))
