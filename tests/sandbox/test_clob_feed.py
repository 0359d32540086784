"""What a venue that mirrors the CLOB sees of it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.liquidity import Liquidity
from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.clob.world import ClobWorld, open_clob
from polyspec.sandbox.clob_feed import ClobFeed


@pytest.fixture
def world() -> Iterator[ClobWorld]:
    """Return a world that trades, and that nobody serves."""
    world = ClobWorld(ClobOptions().filled(seed=5, rate_limits=False), open_clob(None))
    Liquidity(world, 5).start()
    yield world
    world.close()


@pytest.fixture
def feed(world: ClobWorld) -> ClobFeed:
    """Return what others see of it."""
    return ClobFeed(world)


def test_markets_are_those_of_the_clob(world: ClobWorld, feed: ClobFeed) -> None:
    """In the same order, found by condition and by each of their tokens."""
    markets = feed.markets()
    assert [each.condition_id for each in markets] == list(world.listings)
    for each in markets:
        assert feed.market(each.condition_id) == each
        assert [feed.market_of(token) for token in each.token_ids] == [each, each]
        assert (each.status, each.payouts) == ("open", None)
    assert feed.market("0x00") is None
    assert feed.market_of("1") is None
    assert feed.book("1") is None


def test_markets_are_as_old_as_they_are(world: ClobWorld, feed: ClobFeed) -> None:
    """One that is listed later is younger than those that were there from the beginning."""
    old = world.listings[feed.markets()[0].condition_id]
    before = world.clock.now_ns()
    new = msgspec.structs.replace(old, condition_id="0xnew", token_ids=("77", "78"), slug="new")
    world.list_market(new)
    first, last = feed.market(old.condition_id), feed.market("0xnew")
    assert first is not None
    assert last is not None
    assert first.created_ns < before <= last.created_ns == last.start_ns


def test_books_are_best_first_and_complement_each_other(feed: ClobFeed) -> None:
    """What one outcome bids the other asks, at one minus the price; both sides come best first."""
    for market in feed.markets():
        first, second = (feed.book(token) for token in market.token_ids)
        assert first is not None
        assert second is not None
        assert first.bids == sorted(first.bids, reverse=True)
        assert first.asks == sorted(first.asks)
        assert first.bids
        assert second.asks == [(1_000_000 - price, size) for price, size in first.bids]
        assert second.bids == [(1_000_000 - price, size) for price, size in first.asks]


def test_time_passes_for_whoever_asks(world: ClobWorld, feed: ClobFeed) -> None:
    """Books move although nobody serves the CLOB, and trades leave points, a volume and a last price."""
    before = [feed.book(token) for each in feed.markets() for token in each.token_ids]
    world.clock.freeze()
    for _ in range(60):
        world.clock.advance(0.5)
        feed.markets()
    assert before != [feed.book(token) for each in feed.markets() for token in each.token_ids]
    traded = [each for each in feed.markets() if feed.volume(each.condition_id)]
    assert traded
    token = traded[0].token_ids[0]
    points, book = feed.points(token, 0, world.clock.now_ns() + 1), feed.book(token)
    assert book is not None
    assert book.last is not None
    price, size, side, at = book.last
    assert (at, price) == points[-1]
    assert size is not None
    assert size > 0
    assert side in ("BUY", "SELL")


def test_changes_are_heard_of(world: ClobWorld, feed: ClobFeed) -> None:
    """Of orders, ticks and the end of a market, each by its condition id; the end shows."""
    heard: list[str] = []
    feed.subscribe(heard.append)
    market = feed.markets()[0]
    world.apply(t.CancelMarketOrders(owner=world.maker.owner, condition_id=market.condition_id))
    assert set(heard) == {market.condition_id}
    heard.clear()
    world.apply(t.Resolve(condition_id=market.condition_id, payouts=(1_000_000, 0)))
    assert set(heard) == {market.condition_id}
    ended = feed.market(market.condition_id)
    assert ended is not None
    assert (ended.status, ended.payouts) == ("resolved", (1_000_000, 0))


def test_a_market_is_decided_from_outside(world: ClobWorld, feed: ClobFeed) -> None:
    """It is then resolved on the CLOB itself, and cannot be decided again."""
    market = feed.markets()[0]
    feed.resolve(market.condition_id, (250_000, 750_000))
    assert world.exchange.payouts(market.condition_id) == (250_000, 750_000)
    with pytest.raises(ValueError, match="resolved"):
        feed.resolve(market.condition_id, (1_000_000, 0))
    with pytest.raises(ValueError, match="market"):
        feed.resolve("0x00", (1_000_000, 0))
