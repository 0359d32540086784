"""Reports, positions, balances and ledgers, checked against each other and against the engine."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError, NotFound
from polyspec.sandbox.us.world import Participant
from polyspec.us.client_async import AsyncUsExchangeClient
from tests.client.doing_async import first, listed
from tests.client.us.connect_async import connect
from tests.client.us.rig import Venue

pytestmark = pytest.mark.anyio

TRADES = 7


@pytest.fixture
async def client(venue: Venue, person: Participant) -> AsyncIterator[AsyncUsExchangeClient]:
    """Connect for one test."""
    async with connect(venue, person) as client:
        yield client


@pytest.fixture
async def traded(client: AsyncUsExchangeClient, venue: Venue, symbol: str) -> str:
    """Trade seven times, one contract at 41 to 47 cents each; return the market."""
    async with connect(venue, venue.person()) as other:
        for cents in range(41, 41 + TRADES):
            (await client.orders.place(symbol, side="BUY", price=f"0.{cents}", quantity=1)).unwrap()
            (await other.orders.place(symbol, side="SELL", price=f"0.{cents}", quantity=1)).unwrap()
    return symbol


# -- searches --


async def test_orders_come_page_by_page(client: AsyncUsExchangeClient, venue: Venue, traded: str) -> None:
    """Pages of three list the same orders as one page, in the same order."""
    before = venue.seen["ReportAPI_SearchOrders"]
    small = await listed(client.reports.orders(wire.SearchOrdersRequest(symbol=traded, page_size=3)))
    assert venue.seen["ReportAPI_SearchOrders"] - before >= 3
    large = await listed(client.reports.orders(wire.SearchOrdersRequest(symbol=traded)))
    assert [order.id for order in small] == [order.id for order in large]
    assert [order.price for order in large] == [410 + 10 * n for n in range(TRADES)]


async def test_executions_come_page_by_page(client: AsyncUsExchangeClient, traded: str) -> None:
    """Every order has its NEW and its FILL, in sequence, over several pages."""
    query = wire.SearchExecutionsRequest(symbol=traded, page_size=4)
    found = await listed(client.reports.executions(query))
    assert [each.type for each in found] == [wire.ExecutionType.NEW, wire.ExecutionType.FILL] * TRADES
    assert len({each.id for each in found}) == 2 * TRADES


async def test_trades_come_page_by_page(client: AsyncUsExchangeClient, venue: Venue, traded: str) -> None:
    """Trades of several pages are those of the engine."""
    found = await listed(client.reports.trades(wire.SearchTradesRequest(symbol=traded, page_size=2)))
    assert sorted(each.id for each in found) == sorted(
        trade.id for trade in venue.sandbox.exchange.trades(symbol=traded)
    )


async def test_whoever_stops_early_reads_no_more_pages(
    client: AsyncUsExchangeClient, venue: Venue, traded: str
) -> None:
    """Three of seven orders in pages of two cost two requests."""
    before = venue.seen["ReportAPI_SearchOrders"]
    query = wire.SearchOrdersRequest(symbol=traded, page_size=2)
    assert len(await first(client.reports.orders(query), 3)) == 3
    assert venue.seen["ReportAPI_SearchOrders"] - before == 2


async def test_order_and_execution_by_id(client: AsyncUsExchangeClient, traded: str) -> None:
    """Both are found by id; ids nobody gave out are NotFound, empty ones refused."""
    (order,) = await first(client.reports.orders(wire.SearchOrdersRequest(symbol=traded)), 1)
    assert (await client.reports.order(order.id)).clord_id == order.clord_id
    (execution,) = await first(client.reports.executions(wire.SearchExecutionsRequest(order_id=order.id)), 1)
    found = await client.reports.execution(execution.id)
    assert found.order is not None
    assert found.order.id == order.id
    with pytest.raises(NotFound):
        await client.reports.order("1HQ9999999999")
    with pytest.raises(NotFound):
        await client.reports.execution("nothing")
    with pytest.raises(ConfigError, match="empty"):
        await client.reports.order("")


async def test_others_see_nothing_of_it(client: AsyncUsExchangeClient, venue: Venue, traded: str) -> None:
    """Orders of one participant are not there for another of the same firm."""
    (order,) = await first(client.reports.orders(wire.SearchOrdersRequest(symbol=traded)), 1)
    stranger = venue.person()
    second = client.for_participant(stranger.name, stranger.accounts[0])
    assert await listed(second.reports.orders(wire.SearchOrdersRequest(symbol=traded))) == []
    with pytest.raises(NotFound):
        await second.reports.order(order.id)


async def test_trade_stats_count_the_volume(client: AsyncUsExchangeClient, traded: str) -> None:
    """Seven contracts were traded."""
    now = datetime.now(UTC)
    query = wire.GetTradeStatsRequest(
        symbol=traded, start_time=now - timedelta(hours=1), end_time=now + timedelta(hours=1)
    )
    stats = (await client.reports.trade_stats(query)).stats
    assert stats is not None
    assert (stats.first, stats.last, stats.high, stats.low) == (410, 470, 470, 410)
    assert (stats.total_trade_count, stats.volume) == (TRADES, 100 * TRADES)


# -- downloads --


def rows(path: Path) -> list[dict[str, str]]:
    """Return a CSV file as records."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def names(folder: Path) -> set[str]:
    """Return what is in a folder."""
    return {path.name for path in folder.iterdir()}


async def test_three_downloads_arrive_whole(
    client: AsyncUsExchangeClient, traded: str, tmp_path: Path
) -> None:
    """Orders, executions and trades come as CSV, with as many rows as there are records."""
    progress: list[int] = []
    orders, executions, trades = (tmp_path / f"{name}.csv" for name in ("orders", "executions", "trades"))
    size = await client.reports.download_orders(orders, progress=progress.append)
    assert size == orders.stat().st_size == progress[-1]
    await client.reports.download_executions(executions)
    await client.reports.download_trades(trades)
    assert len(rows(orders)) == TRADES
    assert len(rows(executions)) == 2 * TRADES
    assert len(rows(trades)) == TRADES
    assert names(tmp_path) == {"executions.csv", "orders.csv", "trades.csv"}


async def test_ledgers_download(client: AsyncUsExchangeClient, traded: str, tmp_path: Path) -> None:
    """Both ledgers come as CSV, and the one of positions has a row for every fill."""
    cash, held = tmp_path / "cash.csv", tmp_path / "held.csv"
    assert await client.ledgers.download_balance(cash) > 0
    assert await client.ledgers.download_positions(held) > 0
    assert len(rows(held)) == TRADES
    assert len(rows(cash)) > TRADES


# -- what one has --


async def test_position_adds_up(client: AsyncUsExchangeClient, traded: str) -> None:
    """Seven contracts bought at 41 to 47 cents cost 3.08 dollars."""
    holding = await client.positions.get(traded)
    assert holding is not None
    assert (holding.quantity, holding.available, holding.cost) == (Decimal(7), Decimal(7), Decimal("3.08"))
    assert [each.symbol for each in await listed(client.positions.iterate())] == [traded]


async def test_no_position_is_none(client: AsyncUsExchangeClient, symbol: str) -> None:
    """What was never traded is not held."""
    assert await client.positions.get(symbol) is None
    assert await listed(client.positions.iterate()) == []


async def test_balance_is_the_engines(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, traded: str
) -> None:
    """Cash is told to the cent, by one account and by all currencies."""
    balance = await client.balances.get()
    known = venue.sandbox.exchange.balance(person.accounts[0])
    assert known is not None
    assert balance.balance == Decimal(known.cash) / 10**8
    assert (await client.balances.all())["USD"].balance == balance.balance


async def test_ledger_leads_to_the_balance(client: AsyncUsExchangeClient, traded: str) -> None:
    """Each entry of the cash ledger begins where the one before it ended, and the last is the balance."""
    entries = await listed(client.ledgers.balance())
    balance = await client.balances.get()
    assert len(entries) > TRADES
    assert entries[-1].after_balance == balance.balance
    assert all(one.after_balance == two.before_balance for one, two in pairwise(entries))
    newest = await first(client.ledgers.balance(newest_first=True), 1)
    assert newest[0] == entries[-1]


async def test_position_ledger_has_every_fill(client: AsyncUsExchangeClient, traded: str) -> None:
    """Each fill is an entry of the market it was in."""
    assert len(await listed(client.ledgers.positions(symbol=traded))) == TRADES
    assert await listed(client.ledgers.positions(symbol="tec-nfl-sbw-2026-02-08-kc")) == []


async def test_account_must_be_known(venue: Venue) -> None:
    """Where the venue has no default account, one has to be named."""
    async with connect(venue) as client:
        nameless = client.for_participant(venue.world.trader.name)
        with pytest.raises(ConfigError, match="name an account"):
            await nameless.positions.get("tec-nfl-sbw-2026-02-08-kc")
