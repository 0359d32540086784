# Mirrored from test_sim_price_streams_async.py by `python -m generator.mirror`; do not edit.
"""Streams of prices and books over real sockets: right, or they say what is wrong, and leave nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.polysimulator import models as wire

from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.events import Dropped, Gap, Lost, Message, Raw, Resynced, Status, StreamState
from polyspec.errors import AuthError, ConfigError, NotFound
from polyspec.polysimulator.market_feed import MARKET_RHYTHM
from polyspec.polysimulator.prices_feed import PRICES_RHYTHM
from polyspec.polysimulator.spot_feed import SPOT_RHYTHM
from tests.client.doing import sleep
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import Market, Person, Venue, open_venue
from tests.client.polysimulator.watching import live, messages, until

HURRY: dict[str, Any] = {"shortest": 0.02, "first": 0.05, "longest": 0.1}
PRICES = evolve(PRICES_RHYTHM, late=0.3, quiet=0.4, **HURRY)
MARKET = evolve(MARKET_RHYTHM, late=0.3, quiet=0.4, audit=0.5, **HURRY)
SPOT = evolve(SPOT_RHYTHM, late=0.3, silent=1.0, **HURRY)
"""As of themselves, in a hurry."""
UNKNOWN = f"0x{7:064x}"


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox behind a port."""
    with open_venue(port=True) as venue:
        yield venue
        venue.audit()


def quote(venue: Venue, market: Market, bid: str, ask: str) -> list[str]:
    """Let somebody wait on both sides; return who."""
    found = [venue.offer(market, bid, 10, side="BUY"), venue.offer(market, ask, 10)]
    venue.pass_time(1)
    return found


def move(venue: Venue, market: Market, wallets: list[str], bid: str, ask: str) -> list[str]:
    """Put another quote in the place of one."""
    for each in wallets:
        venue.withdraw(each)
    return quote(venue, market, bid, ask)


def right(venue: Venue, book: OrderBook, bid: str, ask: str) -> bool:
    """Wait until a book is trusted and has these best prices."""
    for _ in range(150):
        if book.trusted and (book.bid, book.ask) == (Decimal(bid), Decimal(ask)):
            return True
        sleep(0.02)
    return False


# -- prices --


def test_prices_are_told_as_they_change(venue: Venue, person: Person, market: Market) -> None:
    """Of the markets asked for, in text; markets may be added and removed on the way."""
    other = venue.market()
    quotes = quote(venue, market, "0.40", "0.42")
    with connect(venue, person) as client:
        with client.stream.prices([market.condition_id], rhythm=PRICES) as stream:
            live(stream)
            assert stream.prices[market.condition_id].best_bid == "0.40"
            move(venue, market, quotes, "0.50", "0.52")
            while stream.prices[market.condition_id].best_bid != "0.50":
                told = until(stream, Message)
                assert told.key == market.condition_id
                assert isinstance(told.native, wire.PriceEvent)
            stream.add(other.condition_id)
            while until(stream, Message).key != other.condition_id:
                pass
            stream.remove(market.condition_id)
            assert stream.markets == [other.condition_id]
            with pytest.raises(ConfigError, match="50 markets at most"):
                stream.add(*(f"0x{each:064x}" for each in range(50)))


def test_a_market_nobody_knows_is_told_and_the_others_go_on(
    venue: Venue, person: Person, market: Market
) -> None:
    """The venue follows it without a word; REST says that there is none."""
    with connect(venue, person) as client:
        with client.stream.prices([market.condition_id, UNKNOWN], rhythm=PRICES) as stream:
            lost = until(stream, Lost)
            assert (lost.key, type(lost.error)) == (UNKNOWN, NotFound)
            live(stream)
            assert stream.markets == [market.condition_id]


@pytest.mark.parametrize(
    "kind", ["ws_drop", "ws_close", "ws_lose", "ws_duplicate", "ws_truncate", "ws_silent"]
)
@pytest.mark.parametrize("after", [1, 2, 3])
def test_prices_come_through_whatever_happens_to_frames(
    venue: Venue, person: Person, market: Market, kind: str, after: int
) -> None:
    """The acknowledgement, the first price and a later one: what is lost is read, what is deaf replaced."""
    venue.sim.faults.add(kind=kind, operation="WebSocket_Prices", after=after)
    quotes = quote(venue, market, "0.40", "0.42")
    with connect(venue, person) as client:
        rhythm = evolve(PRICES, subscribe=0.6)
        with client.stream.prices([market.condition_id], rhythm=rhythm) as stream:
            live(stream)
            quotes = move(venue, market, quotes, "0.50", "0.52")
            if kind == "ws_lose":
                move(venue, market, quotes, "0.55", "0.57")
            for _ in range(100):
                if stream.prices[market.condition_id].outcomes[0].price in ("0.51", "0.56"):
                    break
                sleep(0.05)
            else:
                raise AssertionError(stream.prices)


def test_after_a_break_it_says_what_it_knows(venue: Venue, person: Person, market: Market) -> None:
    """Gap, then Resynced when the price is known again."""
    with connect(venue, person) as client:
        with client.stream.prices([market.condition_id], rhythm=PRICES) as stream:
            live(stream)
            venue.sim.faults.add(kind="ws_drop", operation="WebSocket_Prices")
            quote(venue, market, "0.40", "0.42")
            gap = until(stream, Gap)
            assert until(stream, Resynced).gap == gap


def test_the_lowest_plan_reads_one_price_at_a_time(venue: Venue) -> None:
    """What the venue refuses to tell of many at once is asked for singly."""
    poor, markets = venue.person("free"), [venue.market().condition_id for _ in range(3)]
    venue.sim.faults.add(kind="ws_lose", operation="WebSocket_Prices", after=2, times=3)
    with connect(venue, poor) as client, client.stream.prices(markets, rhythm=PRICES) as stream:
        live(stream)
        assert sorted(stream.prices) == sorted(markets)


# -- books --


def test_a_book_is_right_or_not_trusted(venue: Venue, market: Market) -> None:
    """It follows the venue through REST when best prices move; until then it says that they did."""
    quotes = quote(venue, market, "0.40", "0.42")
    with connect(venue) as client:
        with client.stream.market(market.token_ids, pause=0.1, rhythm=MARKET) as stream:
            live(stream)
            yes, no = (stream.books[each] for each in market.token_ids)
            assert right(venue, yes, "0.40", "0.42")
            assert right(venue, no, "0.58", "0.60")
            assert yes.best_bid is not None
            assert yes.best_bid.size == 10
            move(venue, market, quotes, "0.50", "0.52")
            assert right(venue, yes, "0.50", "0.52")
            assert right(venue, no, "0.48", "0.50")
            kinds = set()
            while len(kinds) < 3:
                kinds.add(type(until(stream, Message).native))
    assert kinds == {wire.PmBookEvent, wire.PmPriceChangeEvent, wire.PmBestBidAskEvent}


def test_placeholders_delete_nothing(venue: Venue, market: Market) -> None:
    """A change has size 0 and no side: the levels stay, and the book is not trusted until it is read."""
    quotes = quote(venue, market, "0.40", "0.42")
    with (
        connect(venue) as client,
        client.stream.market([market.token_ids[0]], pause=60, rhythm=evolve(MARKET, audit=None)) as stream,
    ):
        live(stream)
        book = stream.books[market.token_ids[0]]
        # the first reading may be had at once, the second only after the pause
        quotes = move(venue, market, quotes, "0.44", "0.46")
        assert right(venue, book, "0.44", "0.46")
        move(venue, market, quotes, "0.50", "0.52")
        for _ in range(100):
            if not book.trusted:
                break
            sleep(0.02)
        assert "0.50" in book.why
        assert (book.bid, book.ask) == (Decimal("0.44"), Decimal("0.46"))


def test_readings_are_few(venue: Venue, market: Market) -> None:
    """Prices that move all the time are read about once in a pause, all tokens together."""
    with (
        connect(venue) as client,
        client.stream.market(market.token_ids, pause=0.3, rhythm=evolve(MARKET, audit=None)) as stream,
    ):
        live(stream)
        venue.seen.clear()
        quotes = quote(venue, market, "0.10", "0.90")
        for cents in range(11, 31):
            quotes = move(venue, market, quotes, f"0.{cents}", "0.90")
            sleep(0.02)
        assert right(venue, stream.books[market.token_ids[0]], "0.30", "0.90")
        readings = venue.seen["Books_GetOrderBook"] + venue.seen["Books_GetOrderBooks"]
        assert 2 <= readings <= 8


@pytest.mark.parametrize(
    "kind", ["ws_lose", "ws_duplicate", "ws_reorder", "ws_truncate", "ws_drop", "ws_close", "ws_silent"]
)
def test_books_come_right_whatever_happens(venue: Venue, market: Market, kind: str) -> None:
    """Within a look, or a connection, of it."""
    quotes = quote(venue, market, "0.40", "0.42")
    with connect(venue) as client:
        with client.stream.market([market.token_ids[0]], pause=0.1, rhythm=MARKET) as stream:
            live(stream)
            venue.sim.faults.add(kind=kind, operation="WebSocket_Market", times=2)
            for bid in ("0.50", "0.60"):
                quotes = move(venue, market, quotes, bid, "0.70")
                sleep(0.05)
            assert right(venue, stream.books[market.token_ids[0]], "0.60", "0.70")


def test_a_token_nobody_knows_is_told_and_the_others_go_on(venue: Venue, market: Market) -> None:
    """The venue complains of it, and follows the rest."""
    with connect(venue) as client:
        with client.stream.market(["123", market.token_ids[0]], rhythm=MARKET) as stream:
            lost = until(stream, Lost)
            assert (lost.key, type(lost.error)) == ("123", NotFound)
            live(stream)
            assert stream.tokens == [market.token_ids[0]]
            with pytest.raises(ConfigError, match="50 tokens at most"):
                stream.add(*range(10**30, 10**30 + 50))


def test_a_slow_reader_of_books_is_told_what_was_left_out(venue: Venue, market: Market) -> None:
    """And the books are right all the same."""
    quotes = quote(venue, market, "0.40", "0.42")
    with connect(venue) as client:
        with client.stream.market(market.token_ids, room=3, pause=0.1, rhythm=MARKET) as stream:
            live(stream)
            for cents in range(43, 50):
                quotes = move(venue, market, quotes, f"0.{cents}", "0.60")
                sleep(0.02)
            assert until(stream, Dropped).count > 0
            assert right(venue, stream.books[market.token_ids[0]], "0.49", "0.60")


# -- events over HTTP --


def test_spot_prices_are_exact(venue: Venue, market: Market) -> None:
    """Assets, markets and books, of a source; numbers are decimals."""
    quotes = quote(venue, market, "0.40", "0.42")
    with connect(venue) as client:
        stream = client.stream.spot(["btc"], [market.condition_id], source="chainlink", rhythm=SPOT)
        live(stream)
        price = stream.prices["BTC"]
        assert isinstance(price.price, Decimal)
        assert price.source == "chainlink_rtds"
        assert stream.markets[market.condition_id].best_bid == "0.40"
        move(venue, market, quotes, "0.50", "0.52")
        assert right(venue, stream.books[market.token_ids[0]], "0.50", "0.52")
        kinds = set()
        while len(kinds) < 3:
            kinds.add(type(until(stream, Message).native))
        assert kinds == {wire.CryptoPriceData, wire.PriceEvent, wire.OrderBookSnapshot}
        stream.close()


@pytest.mark.parametrize("kind", ["stream_cut", "stream_drop", "stream_silent", "stream_garbage", "html"])
def test_spot_prices_come_through(venue: Venue, kind: str) -> None:
    """What ends, falls silent or says what nobody can read is replaced or told."""
    venue.sim.faults.add(kind=kind, operation="Spot_StreamPrices")
    with connect(venue) as client, client.stream.spot(["BTC"], rhythm=SPOT) as stream:
        live(stream)
        if kind == "stream_garbage":
            venue.pass_time(1)
            assert until(stream, Raw).data
        elif kind != "html":
            venue.pass_time(0 if kind == "stream_silent" else 1)
            until(stream, Gap)
            until(stream, Resynced)
        venue.pass_time(2)
        assert messages(stream, wire.CryptoPriceData, 1)[0].symbol == "BTC"


def test_what_nobody_prices_is_told(venue: Venue, person: Person, market: Market) -> None:
    """A symbol and a market; the rest goes on, and what cannot be meant is refused at once."""
    with connect(venue, person) as client:
        with client.stream.spot(["BTC", "TEA"], [market.condition_id, UNKNOWN], rhythm=SPOT) as stream:
            lost = {until(stream, Lost).key for _ in range(2)}
            assert lost == {"TEA", UNKNOWN}
            live(stream)
        for wrong in ({"crypto": "BTC"}, {"crypto": []}, {"source": "tea"}, {"conditions": ["9" * 30]}):
            with pytest.raises(ConfigError):
                client.stream.spot(**wrong)


# -- secrets --


def test_no_token_is_shown(
    venue: Venue, person: Person, market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in logs, nor in what a stream says of itself or raises."""
    caplog.set_level(logging.DEBUG)
    shown = ""
    with connect(venue, person) as client:
        with client.stream.prices([market.condition_id], rhythm=PRICES) as stream:
            live(stream)
            venue.sim.faults.add(kind="ws_drop", operation="WebSocket_Prices")
            quote(venue, market, "0.40", "0.42")
            shown += repr(until(stream, Status, state=StreamState.BACKING_OFF)) + repr(stream)
        venue.sim.faults.add(kind="ws_token_expired", operation="WebSocket_Prices", times=None)
        with pytest.raises(AuthError) as raised:
            until(client.stream.prices([market.condition_id], rhythm=PRICES), Message)
        shown += f"{raised.value!r} {raised.value} {raised.value.__cause__!r} {raised.value.__context__!r}"
    shown += " ".join(each.getMessage() for each in caplog.records if each.name != "uvicorn.error")
    # every token begins alike
    assert "eyJ" not in shown
    assert person.key not in shown
