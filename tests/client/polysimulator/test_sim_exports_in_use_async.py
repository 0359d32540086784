"""Files of trades and settlements: whole or not there, and honest about what they leave out."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from polyspec.errors import ConfigError, Forbidden, PolyspecError
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.sandbox.polysimulator.options import PolySimOptions
from tests.client.doing_async import listed
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import QUICK, Market, Person, Venue, open_venue

pytestmark = pytest.mark.anyio

TRADES = "Exports_ExportTrades"
BUY: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.50", "quantity": 10}


@pytest.fixture(scope="module", params=["inside", "sockets"])
def venue(request: pytest.FixtureRequest) -> Iterator[Venue]:
    """Run a venue that cuts files off after four rows, in this process and behind a port."""
    with open_venue(PolySimOptions(export_rows=4), port=request.param == "sockets") as venue:
        yield venue


@pytest.fixture
async def client(venue: Venue, person: Person) -> AsyncIterator[AsyncPolySimulatorClient]:
    """Connect for one test."""
    async with connect(venue, person, QUICK) as client:
        yield client


async def trade(client: AsyncPolySimulatorClient, venue: Venue, market: Market, times: int) -> None:
    """Buy ten shares so many times."""
    venue.offer(market, "0.50", 10 * times)
    for _ in range(times):
        (await client.orders.place(market.terms, **BUY)).unwrap()


def files(folder: Path) -> list[Path]:
    """Return what is in a folder."""
    return list(folder.iterdir())


def rows(path: Path) -> list[dict[str, str]]:
    """Read a file."""
    return list(csv.DictReader(io.StringIO(path.read_text())))


async def test_trades(client: AsyncPolySimulatorClient, venue: Venue, market: Market, tmp_path: Path) -> None:
    """The file has what the history has, and the progress ends with its size."""
    await trade(client, venue, market, 3)
    told: list[int] = []
    path = tmp_path / "trades.csv"
    made = await client.exports.trades(path, progress=told.append)
    assert (made.path, made.rows, made.truncated) == (path, 3, False)
    assert made.size == path.stat().st_size == told[-1]
    found = rows(path)
    history = await listed(client.account.history())
    assert [int(each["order_id"]) for each in found] == [each.order_id for each in history]
    assert [Decimal(each["fee"]) for each in found] == [each.fee for each in history]


async def test_file_that_is_cut_short(
    client: AsyncPolySimulatorClient, venue: Venue, market: Market, tmp_path: Path
) -> None:
    """Exactly as many rows as the cap are whole; one more is left out, and said to be."""
    await trade(client, venue, market, 4)
    whole = await client.exports.trades(tmp_path / "whole.csv")
    assert (whole.rows, whole.truncated) == (4, False)
    await trade(client, venue, venue.market(), 1)
    cut = await client.exports.trades(tmp_path / "cut.csv")
    assert (cut.rows, cut.truncated) == (4, True)
    part = await client.exports.trades(tmp_path / "part.csv", market=market)
    assert (part.rows, part.truncated) == (4, False)


async def test_settlements(client: AsyncPolySimulatorClient, venue: Venue, tmp_path: Path) -> None:
    """Losses are in the file as well; spans of time and markets choose."""
    markets = [venue.market(), venue.market()]
    for market in markets:
        await trade(client, venue, market, 1)
    for market, payouts in zip(markets, (("1", "0"), ("0", "1")), strict=True):
        venue.resolve(market, *payouts)
    path = tmp_path / "settlements.csv"
    made = await client.exports.settlements(path)
    assert (made.rows, made.truncated) == (2, False)
    assert [(each["result"], Decimal(each["payout"])) for each in rows(path)] == [("lost", 0), ("won", 10)]
    assert (await client.exports.settlements(path, market=markets[0].condition_id)).rows == 1
    assert rows(path)[0]["result"] == "won"
    now = datetime.fromtimestamp(venue.world.clock.seconds(), UTC)
    assert (await client.exports.settlements(path, end=now - timedelta(days=1))).rows == 0
    assert (await client.exports.settlements(path, start=now - timedelta(hours=1))).rows == 2


async def test_one_wallet(
    client: AsyncPolySimulatorClient, venue: Venue, market: Market, person: Person, tmp_path: Path
) -> None:
    """A wallet can be chosen."""
    wallet = await client.wallets.create()
    await trade(client, venue, market, 1)
    venue.offer(market, "0.50", 20)
    for _ in range(2):
        (await client.orders.place(market.terms, **BUY, wallet_id=wallet.id)).unwrap()
    path = tmp_path / "one.csv"
    assert (await client.exports.trades(path, wallet_id="api")).rows == 1
    assert (await client.exports.trades(path, wallet_id=wallet.id)).rows == 2
    assert (await client.exports.trades(path, wallet_id="all")).rows == 3
    async with connect(venue, person, wallet_id=wallet.id) as lab:
        assert (await lab.exports.trades(path)).rows == 2


async def test_free_plan(venue: Venue, tmp_path: Path) -> None:
    """402 says what is missing, and leaves no file behind."""
    path = tmp_path / "trades.csv"
    async with connect(venue, venue.person("free")) as client:
        with pytest.raises(Forbidden, match="csv_export") as caught:
            await client.exports.trades(path)
        assert (caught.value.status, caught.value.code) == (402, "UPGRADE_REQUIRED")
    assert files(tmp_path) == []


async def test_broken_off(
    client: AsyncPolySimulatorClient, venue: Venue, market: Market, tmp_path: Path
) -> None:
    """A file that breaks off is not there, and the one from before still is."""
    await trade(client, venue, market, 2)
    path = tmp_path / "trades.csv"
    await client.exports.trades(path)
    before = path.read_bytes()
    for kind in ("close_mid_body", "html"):
        venue.sim.faults.add(kind=kind, operation=TRADES)
        with pytest.raises(PolyspecError):
            await client.exports.trades(path)
        assert path.read_bytes() == before
        assert files(tmp_path) == [path]


async def test_no_such_folder(client: AsyncPolySimulatorClient, tmp_path: Path) -> None:
    """Where nothing can be written nothing is asked for."""
    with pytest.raises((ConfigError, OSError)):
        await client.exports.trades(tmp_path / "nowhere" / "trades.csv")
