"""Spot prices, strikes, Up/Down rounds over HTTP, and the stream of prices."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from conftest import Open
from fakefeed import BILL, RAIN
from sim_door import Door
from sim_events import listening

from polyspec.sandbox.polysimulator.pricestream import PriceStream, Wanted
from polyspec.sandbox.polysimulator.rounds import Round

SECOND = 10**9


def rows(door: Door, **filters: str) -> list[dict[str, Any]]:
    """Return listed rounds."""
    return list(door.good(door.raw("GET", "/v1/markets/updown", params=filters))["markets"])


def live(door: Door, asset: str = "BTC", interval: str = "1H") -> Round:
    """Return the round that runs now."""
    return door.world.updown.rounds.at(asset, interval, door.world.clock.now_ns() // SECOND)


# -- spot --


def test_prices_are_numbers_and_of_this_second(reader: Door) -> None:
    """Every supported symbol has a fresh price, the same alone and among all, for anybody."""
    reader.world.clock.freeze()
    listed = reader.good(reader.raw("GET", "/prices/live"))
    assert set(listed["supported_symbols"]) == set(listed["prices"]) >= {"BTC", "ETH", "SOL", "XRP"}
    alone = reader.good(reader.raw("GET", "/prices/live/btc"))
    reader.world.clock.thaw()
    assert alone == listed["prices"]["BTC"]
    assert isinstance(alone["price"], float)
    assert (alone["stale"], alone["source"], alone["age_seconds"] < 1) == (False, "chainlink_rtds", True)
    assert reader.code(reader.raw("GET", "/prices/live/DOGE")) == (404, "NOT_FOUND")


def test_a_strike_is_told_by_any_id_of_the_round(reader: Door) -> None:
    """Condition id and both tokens lead to it; a round to come has none yet, a stranger never."""
    rounds, now = reader.world.updown.rounds, live(reader)
    told = [
        reader.good(reader.raw("GET", f"/prices/ptb/{name}"))
        for name in (rounds.condition_id(now), *rounds.token_ids(now))
    ]
    assert told[0] == told[1] == told[2]
    assert (told[0]["asset"], told[0]["source"]) == ("BTC", "chainlink_timeline")
    assert round(told[0]["price"] * 10**6) == reader.world.updown.strike(now)
    coming = rounds.condition_id(Round("BTC", "1H", now.end))
    assert reader.code(reader.raw("GET", f"/prices/ptb/{coming}")) == (404, "NOT_FOUND")
    assert reader.code(reader.raw("GET", f"/prices/ptb/{RAIN}")) == (404, "NOT_FOUND")


def test_a_strike_may_come_late(open_door: Open) -> None:
    """For a while after its start a round has no price to beat, and its row says 0."""
    door = open_door(strike_delay=20_000.0)
    name = door.world.updown.rounds.condition_id(live(door))
    assert door.code(door.raw("GET", f"/prices/ptb/{name}")) == (404, "NOT_FOUND")
    (row,) = [each for each in rows(door, asset="BTC", interval="1H") if each["condition_id"] == name]
    assert (row["group_item_threshold"], row["event_metadata_ptb"]) == ("0", None)


# -- rounds --


def test_rounds_are_listed_before_while_and_after_they_run(reader: Door) -> None:
    """Of each kind there is one that ended, one that runs, one that comes; only what ended is closed."""
    found = rows(reader, asset="ETH", interval="5M")
    assert [(each["active"], each["closed"], each["resolved"]) for each in found] == [
        (False, True, True), (True, False, False), (True, False, False),
    ]  # fmt: skip
    now = found[1]
    (inner,) = now["markets"]
    assert json.loads(inner["outcomes"]) == ["Up", "Down"]
    prices = [float(each) for each in json.loads(inner["outcome_prices"])]
    assert sum(prices) == pytest.approx(1)
    assert isinstance(now["live_price"]["buy"], float)
    assert now["live_price"]["buy"] + now["live_price"]["sell"] == pytest.approx(1)
    over = [float(each) for each in json.loads(found[0]["markets"][0]["outcome_prices"])]
    assert sorted(over) == [0, 1]


def test_lists_of_rounds_are_counted_and_cut(reader: Door) -> None:
    """Totals count what was found, not what is shown; both paths answer; the case of intervals matters."""
    whole = reader.good(reader.raw("GET", "/markets/updown"))
    assert whole["total"] == len(whole["markets"]) == sum(whole["interval_counts"].values()) == 90
    cut = reader.good(reader.raw("GET", "/v1/markets/updown?limit=4&asset=btc"))
    assert (len(cut["markets"]), cut["total"], cut["asset_counts"]) == (4, 15, {"BTC": 15})
    bad = reader.raw("GET", "/v1/markets/updown?interval=5m")
    assert reader.code(bad) == (400, "INVALID_INTERVAL")
    assert bad.json()["supported_intervals"] == ["5M", "15M", "1H", "4H", "daily"]
    assert (
        reader.get("/v1/markets/updown/intervals", asset="BTC")["intervals"] == whole["available_intervals"]
    )


@pytest.mark.parametrize(("how", "shown"), [("array", ["Up", "Down"]), ("comma", "Up,Down")])
def test_lists_come_in_several_writings(open_door: Open, how: str, shown: Any) -> None:
    """Outcomes and tokens are lists or texts by the option; prices are a text of a list always."""
    door = open_door(updown_lists=how)
    inner = rows(door, asset="BTC", interval="5M")[0]["markets"][0]
    assert inner["outcomes"] == shown
    assert isinstance(inner["token_ids"], type(shown))
    assert isinstance(inner["outcome_prices"], str)


def test_a_round_is_bought_near_its_price_and_pays_its_winner(door: Door) -> None:
    """An order fills near the live price, not at the ladder that is shown; settlement follows the spot."""
    door.world.clock.freeze()
    door.pass_time((live(door, interval="4H").end_ns - door.world.clock.now_ns()) / SECOND + 60)
    updown, now = door.world.updown, live(door, interval="4H")
    condition_id = updown.rounds.condition_id(now)
    shown = door.get(f"/v1/markets/{condition_id}/book", outcome="Up")
    assert shown["asks"][-1]["price"] == "0.97"
    price = updown.chance(now, door.world.clock.now_ns())
    body = {
        "market_id": condition_id, "side": "BUY", "outcome": "up", "quantity": "10", "price": "0.99"
    }  # fmt: skip
    placed = door.post("/v1/orders", body)
    assert placed["status"] == "FILLED"
    assert 0 <= round(float(placed["price"]) * 10**6) - price <= 20_000
    before = float(placed["account_balance"])
    door.pass_time((now.end_ns - door.world.clock.now_ns()) / SECOND + 1)
    after = float(door.get("/v1/account/balance")["balance"])
    assert after == pytest.approx(before + (10 if updown.went_up(now) else 0))
    assert door.get("/v1/account/settlements")["data"][0]["result"] == (
        "won" if updown.went_up(now) else "lost"
    )


# -- the stream --


def test_the_stream_begins_with_everything(door: Door) -> None:
    """The first event has prices of all symbols from both sources and the markets that were asked for."""

    async def listen() -> None:
        async with listening(door.venue.asgi, f"condition_ids={RAIN}") as stream:
            name, data = await stream.hear()
            assert name == "snapshot"
            assert [each["market_id"] for each in data["markets"]] == [RAIN]
            assert len(data["orderbooks"]) == 2
            assert {each["source"] for each in data["prices"]} == {"chainlink_rtds", "polymarket_rtds"}
            headers = dict(stream.head["headers"])
            assert headers[b"content-type"].startswith(b"text/event-stream")

    door._loop.run_until_complete(listen())


def test_the_stream_tells_what_changes_and_nothing_else(door: Door) -> None:
    """Spot prices of symbol and source asked for, and markets asked for with their books and tick sizes."""

    async def listen() -> None:
        query = f"crypto=btc&crypto_source=chainlink&condition_ids={RAIN}"
        async with listening(door.venue.asgi, query) as stream:
            await stream.hear("snapshot")
            door.world.clock.advance(1)
            _, spot = await stream.hear("crypto_price")
            assert (spot["symbol"], spot["source"]) == ("BTC", "chainlink_rtds")
            door.feed.set_book(BILL, [("0.10", "10")], [("0.12", "10")])
            door.feed.set_book(RAIN, [("0.40", "10")], [("0.42", "10")])
            _, price = await stream.hear("market_price", "market_price_batch")
            assert (price["market_id"], price["best_bid"]) == (RAIN, "0.40")
            _, books = await stream.hear("orderbook_batch")
            assert {each["market"] for each in books["updates"]} == {RAIN}
            door.feed.change(RAIN, tick=1_000)
            _, tick = await stream.hear("tick_size_change")
            assert (tick["tick_size"], tick["old_tick_size"], tick["market"]) == (0.001, 0.01, RAIN)

    door._loop.run_until_complete(listen())


def test_a_quiet_stream_shows_that_it_lives(door: Door) -> None:
    """When nothing was told for five seconds a keepalive is."""
    door.world.clock.freeze()

    async def listen() -> None:
        async with listening(door.venue.asgi, "crypto=NONE") as stream:
            await stream.hear("snapshot")
            door.world.clock.advance(6)
            name, _ = await stream.hear()
            assert name == "keepalive"

    door._loop.run_until_complete(listen())


def test_who_left_is_told_no_more(door: Door) -> None:
    """A stream that was closed holds no mailbox."""

    async def listen() -> int:
        async with listening(door.venue.asgi) as stream:
            await stream.hear("snapshot")
            opened = len(door.world.hub._boxes)
        await asyncio.sleep(0)
        return opened

    assert door._loop.run_until_complete(listen()) == 1
    assert door.world.hub._boxes == []


def test_an_unknown_source_is_refused(reader: Door) -> None:
    """There are two sources."""
    assert reader.raw("GET", "/prices/stream?crypto_source=tea").status_code == 400


def test_a_stream_can_end_in_the_middle(door: Door) -> None:
    """What is cut is no event, and the answer is over; the next stream is well."""

    async def listen() -> None:
        door.world.faults.add(kind="stream_cut")
        async with listening(door.venue.asgi) as stream:
            await stream.hear("snapshot")
            door.world.clock.advance(1)
            assert not (await stream.rest()).endswith(b"\n\n")
        async with listening(door.venue.asgi) as stream:
            await stream.hear("snapshot")
            door.world.clock.advance(1)
            await stream.hear("crypto_price")

    door._loop.run_until_complete(listen())


def test_a_stream_can_fall_silent_or_say_what_nobody_reads(door: Door) -> None:
    """One tells nothing after its snapshot, not even that it lives; the other goes on after the rubbish."""

    async def listen() -> None:
        door.world.faults.add(kind="stream_silent")
        async with listening(door.venue.asgi) as stream:
            await stream.hear("snapshot")
            door.world.clock.advance(6)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stream.hear(), 0.6)
        door.world.faults.add(kind="stream_garbage")
        async with listening(door.venue.asgi) as stream:
            await stream.hear("snapshot")
            door.world.clock.advance(1)
            with pytest.raises(UnicodeDecodeError):
                await stream.hear()
            await stream.hear("crypto_price")

    door._loop.run_until_complete(listen())


def test_news_without_a_stream(door: Door) -> None:
    """Silence becomes a keepalive after five seconds, and a tick size is told when it changes, once."""
    door.world.clock.freeze()
    stream = PriceStream(door.world, Wanted([], [], [RAIN]))
    stream.snapshot()
    door.world.clock.advance(4.9)
    assert stream.news([]) == []
    door.world.clock.advance(0.2)
    assert [name for name, _ in stream.news([])] == ["keepalive"]
    assert stream.news([BILL]) == []
    door.feed.change(RAIN, tick=1_000)
    told = [[name for name, _ in stream.news([RAIN])] for _ in range(2)]
    assert [names.count("tick_size_change") for names in told] == [2, 0]
    assert all("market_price" in names for names in told)
