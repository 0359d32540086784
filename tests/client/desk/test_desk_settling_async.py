"""Holdings on the CLOB while trades are on their way to the chain."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from polyspec import Accepted, AsyncClobClient, ConfigError
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.http.faults import Fault
from tests.client.clob.connect_async import connect
from tests.client.clob.rig import Person, Token, Venue, open_venue

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a CLOB whose trades stay as they are until a test says otherwise."""
    with open_venue(mined_delay=None) as venue:
        yield venue


@pytest.fixture
def person(venue: Venue) -> Person:
    """Make somebody with money, for one test."""
    return venue.person()


@pytest.fixture
def token(venue: Venue) -> Token:
    """List a market, for one test."""
    return venue.market()


def move(venue: Venue, *steps: t.TradeStatus) -> None:
    """Take the last trade through its next states."""
    with venue.world.lock:
        trade = venue.world.exchange.trades()[-1]
        for status in steps:
            venue.world.apply(t.SetTradeStatus(trade_id=trade.id, status=status, text=""))


async def bought(client: AsyncClobClient, token: Token) -> None:
    """Buy ten shares."""
    placed = await client.desk.place(token.id, side="BUY", price="0.50", quantity=10)
    assert isinstance(placed, Accepted)


async def test_what_was_matched_is_held(venue: Venue, person: Person, token: Token) -> None:
    """Shares count from the match on, and once, wherever they are; a trade that fails gives none."""
    async with connect(venue, person) as client:
        venue.offer(token, "0.50", 10)
        await bought(client, token)
        held = await client.desk.position(token.id)
        assert (held.quantity, held.native.balance) == (10, 0)
        assert await client.desk.positions() == [held]
        move(venue, t.TradeStatus.MINED)
        held = await client.desk.position(token.id)
        assert (held.quantity, held.native.balance) == (10, 10)
        move(venue, t.TradeStatus.CONFIRMED)
        assert (await client.desk.position(token.id)).quantity == 10
        venue.offer(token, "0.50", 10)
        await bought(client, token)
        assert (await client.desk.position(token.id)).quantity == 20
        move(venue, t.TradeStatus.RETRYING)
        assert (await client.desk.position(token.id)).quantity == 20
        move(venue, t.TradeStatus.FAILED)
        assert (await client.desk.position(token.id)).quantity == 10


async def test_what_is_sold_is_gone(venue: Venue, person: Person, token: Token) -> None:
    """Shares that were sold count no more, although the wallet still has them."""
    venue.stock(person.address, token, 30)
    venue.offer(token, "0.50", 10, side="BUY")
    async with connect(venue, person) as client:
        placed = await client.desk.place(token.id, side="SELL", price="0.50", quantity=10)
        assert isinstance(placed, Accepted)
        held = await client.desk.position(token.id)
        assert (held.quantity, held.native.balance) == (20, 30)


async def test_makers_hold_what_they_gave(venue: Venue, person: Person, token: Token) -> None:
    """A resting order counts in its own outcome, also where the other outcome was bought against it."""
    other = venue.person()
    async with connect(venue, person) as client, connect(venue, other) as taker:
        await bought(client, token)
        # both pay half a dollar, and a complete set is made for them
        placed = await taker.desk.place(token.other, side="BUY", price="0.50", quantity=10)
        assert isinstance(placed, Accepted)
        for desk, mine, others in ((client.desk, token.id, token.other), (taker.desk, token.other, token.id)):
            assert [(each.market_id, each.quantity) for each in await desk.positions()] == [(mine, 10)]
            assert (await desk.position(others)).quantity == 0


@pytest.mark.parametrize(
    ("operation", "number"), [("Account_UpdateBalanceAllowance", 1), ("Trades_GetTrades", 2)]
)
async def test_a_trade_settled_meanwhile_counts_once(
    venue: Venue,
    person: Person,
    token: Token,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    number: int,
) -> None:
    """A trade that reaches the chain between two looks is counted by one of them, and not by both."""
    venue.offer(token, "0.50", 10)
    async with connect(venue, person) as client:
        await bought(client, token)
        take, seen = venue.clob.faults.take, []

        def settling(asked: str, *kinds: str) -> Fault | None:
            seen.append(asked)
            if asked == operation and seen.count(operation) == number:
                move(venue, t.TradeStatus.MINED)
            return take(asked, *kinds)

        monkeypatch.setattr(venue.clob.faults, "take", settling)
        assert (await client.desk.position(token.id)).quantity == 10
        assert seen.count(operation) >= number


async def test_nobody_holds_nothing(venue: Venue, token: Token) -> None:
    """Without a key there is no wallet to ask about, and the error says so."""
    async with AsyncClobClient(venue.clob.rest, venue.clob.chain_id) as client:
        assert (await client.desk.market(token.id)).tick == Decimal("0.01")
        with pytest.raises(ConfigError, match="key"):
            await client.desk.position(token.id)
        with pytest.raises(ConfigError, match="key"):
            await client.desk.positions()


async def test_a_market_is_read_anew(venue: Venue, person: Person, token: Token) -> None:
    """Who reads a market again has its new tick, and orders go by it at once."""
    async with connect(venue, person) as client:
        market = await client.desk.market(token.id)
        assert isinstance(await client.desk.place(market, side="BUY", price="0.40", quantity=10), Accepted)
        with venue.world.lock:
            venue.world.apply(t.SetTick(condition_id=token.condition_id, tick=1_000))
        market = await client.desk.market(market)
        assert market.tick == Decimal("0.001")
        placed = await client.desk.place(market, side="BUY", price="0.401", quantity=10)
        assert isinstance(placed, Accepted)
