"""Markets, books, prices and Up/Down rounds, read as the mirrored venue has them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import BadRequest, ConfigError, NotFound
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.levels import best_ask, best_bid
from polyspec.sandbox.polysimulator.options import PolySimOptions
from tests.client.doing_async import first, listed
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import Market, Person, Venue, open_venue

pytestmark = pytest.mark.anyio

NOWHERE = "0x" + "ab" * 32


@pytest.fixture
async def client(venue: Venue, person: Person) -> AsyncIterator[AsyncPolySimulatorClient]:
    """Connect for one test."""
    async with connect(venue, person) as client:
        yield client


@pytest.fixture
async def nobody(venue: Venue) -> AsyncIterator[AsyncPolySimulatorClient]:
    """Connect without a key, for one test."""
    async with connect(venue) as client:
        yield client


@pytest.fixture
def quoted(venue: Venue, market: Market) -> Market:
    """Put bids at 0.40 and 0.38, and offers at 0.44 and 0.47 into the book."""
    for price, shares in (("0.38", 30), ("0.40", 20)):
        venue.offer(market, price, shares, side="BUY")
    for price, shares in (("0.47", 70), ("0.44", 10)):
        venue.offer(market, price, shares)
    return market


def levels(rows: list[wire.BookLevel]) -> list[tuple[Decimal, Decimal]]:
    """Return prices and sizes."""
    return [(each.price, each.size) for each in rows]


# -- lists --


async def test_listing_goes_over_pages() -> None:
    """Every market comes once, however many pages there are, to anybody, and a page at a time."""
    with open_venue() as venue:
        made = {venue.market(category=f"kind-{place % 2}").condition_id for place in range(405)}
        async with connect(venue) as nobody:
            found = [each.condition_id for each in await listed(nobody.markets.list())]
            assert len(found) == len(set(found))
            assert made < set(found)
            assert venue.seen["Markets_ListMarkets"] == 3
            await first(nobody.markets.list(), 5)
            assert venue.seen["Markets_ListMarkets"] == 4
            some = [each.category for each in await listed(nobody.markets.list(category="kind-1"))]
            assert some == ["kind-1"] * 202


async def test_listing_is_filtered(nobody: AsyncPolySimulatorClient, venue: Venue) -> None:
    """Words of the question, the category and whether it is open choose the markets."""
    market, gone = venue.market(category="odd", event="pair"), venue.market(category="odd", event="pair")
    venue.resolve(gone)
    (found,) = await listed(nobody.markets.list(q=market.question))
    assert (found.condition_id, found.slug, found.outcomes) == (
        market.condition_id,
        market.slug,
        ["Yes", "No"],
    )
    assert found.clob_token_ids == list(market.token_ids)
    assert len(await listed(nobody.markets.list(category="ODD"))) == 2
    (open_one,) = await listed(nobody.markets.list(category="odd", active_only=True))
    assert open_one.condition_id == market.condition_id
    assert await listed(nobody.markets.list(category="odd", hot_only=True)) == []


async def test_events(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """Events come with their markets, over pages, and can be searched for."""
    for place in range(55):
        venue.market(event=f"event-{place}", category="racing")
    for _ in range(3):
        venue.market(event="event-0", category="racing")
    found = await listed(client.markets.events(category="racing"))
    assert len({each["id"] for each in found}) == len(found) == 55
    assert venue.seen["Markets_ListEvents"] == 2
    (one,) = await listed(client.markets.events("event-54"))
    assert one["market_count"] == 1
    (first_one,) = [each for each in found if each["id"] == "event-0"]
    assert len(first_one["markets"]) == 4
    (cut,) = await listed(client.markets.events("event-0", markets_per_event=2))
    assert len(cut["markets"]) == 2


# -- one market --


async def test_get(client: AsyncPolySimulatorClient, venue: Venue, quoted: Market) -> None:
    """A market is found by its condition id, by what was listed and by its slug; its tokens by theirs."""
    found = await client.markets.get(quoted.condition_id, include_book=True)
    assert (found.condition_id, found.category, found.closed) == (quoted.condition_id, "politics", False)
    assert [each.token_id for each in found.tokens] == list(quoted.token_ids)
    assert found.order_book is not None
    assert (await client.markets.get(quoted)).order_book is None
    assert (await client.markets.by_slug(quoted.slug)).condition_id == quoted.condition_id
    for place, outcome in enumerate(("Yes", "No")):
        told = await client.markets.by_token(quoted.token_ids[place])
        assert (told.condition_id, told.outcome) == (quoted.condition_id, outcome)
    for read, name in ((client.markets.get, NOWHERE), (client.markets.by_slug, "no-such-market")):
        with pytest.raises(NotFound, match=r"markets\.get\(id, wait=60\)") as caught:
            await read(name)
        assert caught.value.code == "MARKET_NOT_FOUND"
    with pytest.raises(NotFound):
        await client.markets.by_token("123456789")
    with pytest.raises(ConfigError, match="token id"):
        await client.markets.get(quoted.token_ids[0])


async def test_wait_for_a_new_market(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """A market the venue does not know yet is looked for again within the wait, and not beyond."""
    for operation in ("Markets_GetMarket", "Markets_GetMarketBySlug"):
        venue.sim.faults.add(kind="warm_up", operation=operation)
    began = time.monotonic()
    assert (await client.markets.get(market, wait=0.3)).slug == market.slug
    assert (await client.markets.by_slug(market.slug, wait=0.3)).slug == market.slug
    assert venue.seen == {"Markets_GetMarket": 2, "Markets_GetMarketBySlug": 2}
    with pytest.raises(NotFound):
        await client.markets.get(NOWHERE, wait=0.3)
    assert 0.8 < time.monotonic() - began < 5


async def test_market_that_warms_up() -> None:
    """A market is unknown to reads and orders until the venue has seen it long enough."""
    with open_venue(PolySimOptions(warm_up=30.0)) as venue:
        async with connect(venue, venue.person()) as client:
            # what was there from the beginning is known, what is listed now is not
            assert (await client.markets.get(venue.sim.condition_ids[0])).active
            market = venue.market()
            with pytest.raises(NotFound):
                await client.markets.get(market)
            refused = await client.orders.place(market, side="BUY", outcome="Yes", price="0.4", quantity=10)
            assert refused.code == "MARKET_NOT_FOUND"
            venue.pass_time(31.0)
            assert (await client.markets.get(market)).condition_id == market.condition_id


# -- books --


async def test_book_of_an_outcome(client: AsyncPolySimulatorClient, quoted: Market) -> None:
    """The best level is the last on both sides; the other outcome shows the same book from its side."""
    yes = await client.markets.book(quoted)
    assert levels(yes.bids) == [(Decimal("0.38"), 30), (Decimal("0.4"), 20)]
    assert levels(yes.asks) == [(Decimal("0.47"), 70), (Decimal("0.44"), 10)]
    no = await client.markets.book(quoted, "no")
    assert levels(no.asks) == [(1 - price, size) for price, size in levels(yes.bids)]
    assert levels(no.bids) == [(1 - price, size) for price, size in levels(yes.asks)]
    assert (yes.tick_size, yes.min_order_size) == (Decimal("0.01"), 5)
    top = await client.markets.book(quoted, depth=1)
    assert (levels(top.bids), levels(top.asks)) == ([(Decimal("0.4"), 20)], [(Decimal("0.44"), 10)])
    for bid, ask in ((best_bid(yes), best_ask(yes)), (best_bid(top), best_ask(top))):
        assert bid is not None
        assert ask is not None
        assert (bid.price, ask.price) == (Decimal("0.4"), Decimal("0.44"))
    with pytest.raises(BadRequest, match="Maybe"):
        await client.markets.book(quoted, "Maybe")
    with pytest.raises(ConfigError, match="1 to 500"):
        await client.markets.book(quoted, depth=501)


async def test_public_reads(nobody: AsyncPolySimulatorClient, client: Any, quoted: Market) -> None:
    """What is open to everybody agrees with the book, token by token."""
    yes, no = quoted.token_ids
    book = await nobody.books.get_order_book(yes)
    assert book == await client.markets.book(quoted)
    assert levels((await nobody.books.get_order_book(yes, depth=1)).asks) == [(Decimal("0.44"), 10)]
    assert await nobody.books.get_midpoint(yes) == Decimal("0.42")
    assert await nobody.books.get_midpoint(no) == Decimal("0.58")
    spread = await nobody.books.get_spread(yes)
    assert (spread.spread, spread.bid, spread.ask) == (Decimal("0.04"), Decimal("0.4"), Decimal("0.44"))
    assert await nobody.books.get_price(yes, "BUY") == Decimal("0.4")
    assert await nobody.books.get_price(yes, "sell") == Decimal("0.44")
    assert await nobody.books.get_last_trade_price(yes) is None
    assert await nobody.books.get_tick_size(yes) == Decimal("0.01")
    assert await nobody.books.get_neg_risk(yes) is False
    assert (await nobody.books.get_fee_rate(yes)).fee_rate_bps == 400
    assert abs(await nobody.books.get_server_time() - time.time()) < 4 * 86_400


async def test_public_reads_of_several(
    nobody: AsyncPolySimulatorClient, venue: Venue, quoted: Market
) -> None:
    """Several tokens are answered by token; what is unknown is left out."""
    yes, no = quoted.token_ids
    unknown = "123456789"
    books = await nobody.books.get_order_books([yes, no, unknown])
    assert {each.asset_id or each.token_id for each in books} == {yes, no}
    assert await nobody.books.get_midpoints([yes, no, unknown]) == {yes: Decimal("0.42"), no: Decimal("0.58")}
    assert await nobody.books.get_spreads([yes, no]) == {yes: Decimal("0.04"), no: Decimal("0.04")}
    both = {"BUY": Decimal("0.4"), "SELL": Decimal("0.44")}
    assert await nobody.books.get_prices([yes, (no, "BUY")]) == {yes: both, no: {"BUY": Decimal("0.56")}}
    assert await nobody.books.get_midpoints([]) == await nobody.books.get_prices([]) == {}
    venue.seen.clear()
    await nobody.books.get_midpoints([yes, *(str(10**20 + place) for place in range(60))])
    assert venue.seen["Books_GetMidpoints"] == 2


async def test_unknown_tokens(nobody: AsyncPolySimulatorClient) -> None:
    """Reads of one token nobody knows raise NotFound, whatever the venue calls it."""
    reads: list[Any] = [
        nobody.books.get_order_book,
        nobody.books.get_midpoint,
        nobody.books.get_spread,
        nobody.books.get_tick_size,
        nobody.books.get_neg_risk,
        nobody.books.get_fee_rate,
    ]
    for read in reads:
        with pytest.raises(NotFound):
            await read("123456789")
    with pytest.raises(NotFound):
        await nobody.books.get_price("123456789", "BUY")
    with pytest.raises(ConfigError, match="condition id"):
        await nobody.books.get_midpoint(NOWHERE)


async def test_last_trade_and_history(client: AsyncPolySimulatorClient, venue: Venue, quoted: Market) -> None:
    """A trade at the mirrored venue is the last trade, and a point of the past prices."""
    yes = quoted.token_ids[0]
    venue.offer(quoted, "0.44", 5, side="BUY")
    last = await client.books.get_last_trade_price(yes)
    assert last is not None
    assert (last.price, last.side) == (Decimal("0.44"), "BUY")
    venue.pass_time(60.0)
    points = await client.books.get_prices_history(yes, interval="1h", fidelity=1)
    # the trade, and what it costs now
    assert [each.p for each in points] == [Decimal("0.44"), Decimal("0.42")]
    now = datetime.fromtimestamp(venue.world.clock.seconds(), UTC)
    spans: list[tuple[Any, Any, bool]] = [
        (now - timedelta(hours=1), now + timedelta(minutes=2), True),
        (now - timedelta(days=3), now - timedelta(days=2), False),
    ]
    for start, end, some in spans:
        assert bool(await client.books.get_prices_history(yes, start=start, end=end)) is some
    with pytest.raises(ConfigError, match="not both"):
        await client.books.get_prices_history(yes, interval="1h", start=now)


# -- prices by market --


async def test_prices_in_as_few_requests_as_the_plan_takes(
    client: AsyncPolySimulatorClient, venue: Venue, quoted: Market
) -> None:
    """The plan takes five at once: the rest follows, and the size is remembered."""
    asked = [quoted.condition_id, *(venue.market().condition_id for _ in range(11)), NOWHERE]
    found = await client.markets.prices(asked)
    assert set(asked) - {NOWHERE} <= set(found)
    assert None not in (found[quoted.condition_id].buy, found[quoted.condition_id].sell)
    assert found[NOWHERE].buy is None
    refused = 1
    assert venue.seen["Markets_GetBatchPrices"] == refused + 3
    venue.seen.clear()
    await client.markets.prices(asked[:6])
    assert venue.seen == {"Markets_GetBatchPrices": 2}


async def test_candles(client: AsyncPolySimulatorClient, venue: Venue, quoted: Market) -> None:
    """Candles show what was traded; their volume is of this venue alone."""
    venue.offer(quoted, "0.44", 5, side="BUY")
    await client.orders.place(
        quoted.terms, side="BUY", outcome="Yes", price="0.47", quantity=10, time_in_force="IOC"
    )
    for interval in ("1h", "6h", "1d", "1w", "max"):
        candles = await client.markets.candles(quoted, interval=interval)
        assert candles[-1].t > 0
        assert sum(each.v or 0 for each in candles) == 10
    with pytest.raises(BadRequest, match="it takes 1h, 6h, 1d, 1w, max"):
        await client.markets.candles(quoted, interval="5m")


# -- rounds and spot prices --


async def test_rounds(nobody: AsyncPolySimulatorClient, client: AsyncPolySimulatorClient) -> None:
    """Rounds have outcomes with tokens and prices, however the venue writes its lists."""
    found = await nobody.markets.updown("btc", "5m")
    assert found
    live = next(each for each in found if each.tradeable)
    assert (live.asset, live.interval) == ("BTC", "5M")
    assert [each.label for each in live.outcomes] == ["Up", "Down"]
    assert sum(each.price or 0 for each in live.outcomes) == 1
    up = live.outcome("up")
    assert up is not None
    assert up.token_id is not None
    told = await nobody.markets.by_token(up.token_id)
    assert (told.condition_id, told.outcome) == (live.condition_id, "Up")
    assert (await client.markets.get(live)).outcomes == ["Up", "Down"]
    assert len(await nobody.markets.updown(limit=3)) == 3
    assert {each.asset for each in await nobody.markets.updown(interval="DAILY")} >= {"BTC", "ETH"}
    assert "5M" in str(await client.markets.updown_intervals("BTC"))
    assert await client.markets.updown_intervals()


@pytest.mark.parametrize("form", ["array", "comma"])
async def test_rounds_in_other_forms(form: Any) -> None:
    """Lists, and texts with commas, are read as JSON in a text is."""
    with open_venue(PolySimOptions(updown_lists=form)) as venue:
        async with connect(venue) as nobody:
            rounds = await nobody.markets.updown("ETH", "1H")
            for each in rounds:
                assert [outcome.label for outcome in each.outcomes] == ["Up", "Down"]
                assert all((outcome.token_id or "").isdigit() for outcome in each.outcomes)
            assert rounds


async def test_strike_becomes_known() -> None:
    """A round has no strike at first, which is no error, and has one later."""
    with open_venue(PolySimOptions(strike_delay=120.0)) as venue:
        async with connect(venue) as nobody:
            # rounds that begin on the hour
            now = venue.world.clock.seconds()
            venue.pass_time(3600 - now % 3600 + 1)
            (live, *_) = [each for each in await nobody.markets.updown("BTC", "1H") if each.tradeable]
            assert live.strike is None
            assert await nobody.spot.strike(live) is None
            venue.pass_time(120.0)
            found = await nobody.spot.strike(live.condition_id)
            assert found is not None
            assert found.asset == "BTC"
            by_token = await nobody.spot.strike(live.outcomes[0].token_id or "")
            assert by_token == found
            (again,) = [
                each
                for each in await nobody.markets.updown("BTC", "1H")
                if each.condition_id == live.condition_id
            ]
            assert again.strike == found.price


async def test_trade_a_round(client: AsyncPolySimulatorClient, venue: Venue, person: Person) -> None:
    """A round is bought like a market, ends, and pays what it was decided."""
    # just begun, both outcomes cost about the same
    venue.pass_time(905.0 - venue.world.clock.seconds() % 900)
    now = datetime.fromtimestamp(venue.world.clock.seconds(), UTC)
    (live,) = [
        each
        for each in await client.markets.updown("BTC", "15M")
        if each.start is not None and each.end is not None and each.start <= now < each.end
    ]
    placed = await client.orders.place(
        live, side="BUY", outcome="Up", price="0.99", quantity=5, order_type="market"
    )
    assert placed.unwrap().filled == 5
    venue.pass_time(1800.0)
    (row,) = await listed(client.account.settlements())
    assert row.market_id == live.condition_id
    won = row.result == "won"
    assert row.payout == (5 if won else 0)
    assert venue.cash(person) == placed.unwrap().balance + (row.payout or 0)


async def test_spot_prices(nobody: AsyncPolySimulatorClient) -> None:
    """Spot prices are open to everybody, by symbol in any capitals."""
    prices = await nobody.spot.prices()
    assert set(prices.prices) == set(prices.supported_symbols) >= {"BTC", "ETH", "SPX"}
    one = await nobody.spot.price("btc")
    assert (one.symbol, one.stale) == ("BTC", False)
    assert one.price > 1000
    with pytest.raises(NotFound):
        await nobody.spot.price("DOGE")
    with pytest.raises(ConfigError):
        await nobody.spot.price("../keys")
