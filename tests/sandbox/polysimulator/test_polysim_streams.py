"""Websockets in front of the whole venue: fills of orders that were placed, gateways, real connections."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import httpx
import pytest
from conftest import Open
from fakefeed import RAIN
from sim_door import Door
from sim_socket import Socket, opened
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from polyspec.sandbox.http.server import Server
from polyspec.sandbox.polysimulator.refusals import gateway
from polyspec.sandbox.sandbox import Sandbox
from tests.stopwatch import Stopwatch


def token(door: Door, key: str = "api_key") -> str:
    """Mint a websocket token."""
    return str(door.post("/v1/keys/ws-token", key=key)["token"])


def order(price: str = "0.65", **more: Any) -> dict[str, Any]:
    """Return a limit order to buy."""
    return {
        "market_id": RAIN, "side": "BUY", "outcome": "Yes", "order_type": "limit", "price": price,
        "quantity": "10", **more,
    }  # fmt: skip


def test_fills_are_told_as_they_happen(door: Door) -> None:
    """A fill at placement and one of a resting order reach their owner on both channels, and nobody else."""
    mine, other = token(door), token(door, "pro_plus_api_key")

    async def place(**changes: Any) -> Any:
        return await door._http.post("/v1/orders", json=order(**changes), headers=door.key())

    async def talk() -> None:
        app = door.venue.asgi
        async with (
            opened(app, "executions", mine) as fills,
            opened(app, "user", mine) as user,
            opened(app, "executions", other) as stranger,
        ):
            assert (await fills.hear())["user_id"] == door.user_id()
            await user.say({"type": "user"})
            assert (await user.ask("ping"))["event_type"] == "pong"
            await stranger.hear()
            assert (await place()).json()["status"] == "FILLED"
            told = await fills.hear()
            assert (told["price"], told["quantity"], told["side"]) == ("0.65", "10", "BUY")
            assert (await user.hear())["trader_side"] == "TAKER"
            assert (await place(price="0.41")).json()["status"] == "PENDING"
            door.world.clock.advance(10)
            door.feed.set_book(RAIN, [("0.39", "10")], [("0.40", "500")])
            with door.world.lock:
                door.world.jobs.run_due()
            rested = await fills.hear()
            assert (rested["price"], rested["market_id"]) == ("0.41", RAIN)
            assert (await user.hear())["trader_side"] == "MAKER"
            assert (await stranger.ask({"action": "ping"}))["type"] == "pong"

    door._loop.run_until_complete(talk())


def test_a_cancel_is_not_told(door: Door) -> None:
    """The channel has fills only; who cancels reads that over REST."""
    mine = token(door)

    async def talk() -> None:
        async with opened(door.venue.asgi, "executions", mine) as fills:
            await fills.hear()
            headers = door.key()
            placed = await door._http.post("/v1/orders", json=order("0.41"), headers=headers)
            await door._http.delete(f"/v1/orders/{placed.json()['order_id']}", headers=headers)
            assert (await fills.ask({"action": "ping"}))["type"] == "pong"

    door._loop.run_until_complete(talk())


def test_a_token_lives_for_a_minute(open_door: Open) -> None:
    """It opens connections until then and none after; what is open stays open."""
    door = open_door()
    mine = token(door)

    async def talk() -> None:
        async with opened(door.venue.asgi, "prices", mine) as first:
            assert (await first.hear())["type"] == "connected"
            door.world.clock.advance(61)
            async with opened(door.venue.asgi, "prices", mine) as late:
                assert await late.hear() is None
                assert late.code == 4001
            assert (await first.ask({"action": "ping"}))["type"] == "pong"

    door._loop.run_until_complete(talk())


def test_foreign_pages_open_no_socket(door: Door) -> None:
    """A connection under another host's name is refused before it is accepted."""

    async def refused() -> int | None:
        socket = Socket(door.venue.asgi, "/v1/ws/market", None, host="evil.test")
        try:
            assert await socket.hear() is None
            return socket.code
        finally:
            await socket.leave()

    assert door._loop.run_until_complete(refused()) == 1008


def test_over_a_real_connection(open_door: Open) -> None:
    """Codes, frames and a drop without a close frame are what a client sees over TCP."""
    door = open_door()
    mine = token(door)
    server = Server("127.0.0.1", 0, gateway, websockets=True)
    server.start(door.venue.asgi)
    base = f"ws://127.0.0.1:{server.port}/v1/ws/prices?token="
    try:
        with connect(base + mine) as socket:
            assert json.loads(socket.recv(5))["type"] == "connected"
            socket.send(json.dumps({"action": "subscribe", "markets": [RAIN]}))
            assert json.loads(socket.recv(5))["markets"] == [RAIN]
            assert json.loads(socket.recv(5))["type"] == "price"
            # news come from another thread, as those of a feed do
            news = threading.Thread(target=door.feed.set_book, args=(RAIN, [("0.40", "1")], [("0.42", "1")]))
            news.start()
            assert json.loads(socket.recv(5))["best_bid"] == "0.40"
            news.join()
            door.world.faults.add(kind="ws_drop")
            socket.send(json.dumps({"action": "ping"}))
            with pytest.raises(ConnectionClosedError) as dropped:
                socket.recv(5)
            assert dropped.value.rcvd is None
        with connect(base + "nonsense") as socket, pytest.raises(ConnectionClosedError) as closed:
            socket.recv(5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4001
    finally:
        server.stop()


def test_books_move_although_nobody_serves_them() -> None:
    """Streams hear of what is mirrored without any request, also where the CLOB itself is not served."""

    async def heard() -> set[str]:
        with Sandbox(venues=("polysimulator",), port=False) as sandbox:
            world = sandbox.polysimulator_venue.world
            box = world.hub.open()
            world.clock.freeze()
            for _ in range(10):
                world.clock.advance(1)
                with world.lock:
                    world.jobs.run_due()
            return {*box.take()} & {*sandbox.polysimulator_venue.condition_ids}

    assert asyncio.run(heard())


def test_open_streams_do_not_hold_up_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    """A listener to prices is told that it is over, at once and without a word of complaint."""
    with Sandbox(venues=("polysimulator",)) as sandbox:
        rest = sandbox.polysimulator_venue.rest
        with httpx.stream("GET", f"{rest}/prices/stream", params={"crypto": "BTC"}) as answer:
            chunks = answer.iter_bytes()
            assert next(chunks).startswith(b"event: snapshot")
            with Stopwatch() as watch:
                sandbox.close()
            assert watch.seconds < 0.9
            left = b"".join(chunks)
            assert not left or left.endswith(b"\n\n")
    assert capfd.readouterr().err == ""


def test_many_changes_are_one_frame(door: Door) -> None:
    """A slow listener is told the latest price once, not every price in between."""
    mine = token(door)

    async def talk() -> None:
        async with opened(door.venue.asgi, "prices", mine) as socket:
            await socket.hear()
            await socket.say({"action": "subscribe", "markets": [RAIN]})
            await socket.hear()
            await socket.hear()
            for cents in range(10, 30):
                door.feed.set_book(RAIN, [(f"0.{cents}", "10")], [("0.42", "10")])
                with door.world.lock:
                    door.world.jobs.run_due()
            assert (await socket.hear())["best_bid"] == "0.29"
            await asyncio.sleep(0)
            assert (await socket.ask({"action": "ping"}))["type"] == "pong"

    door._loop.run_until_complete(talk())
