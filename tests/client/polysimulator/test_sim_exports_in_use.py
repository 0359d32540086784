# Mirrored from test_sim_exports_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Files of trades and settlements: whole or not there, and honest about what they leave out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from polyspec.errors import ConfigError, Forbidden, PolyspecError
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.sandbox.polysimulator.options import PolySimOptions
from tests.client.doing import listed
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import QUICK, Market, Person, Venue, open_venue

TRADES = "Exports_ExportTrades"
BUY: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.50", "quantity": 10}


@pytest.fixture(scope="module", params=["inside", "sockets"])
def venue(request: pytest.FixtureRequest) -> Iterator[Venue]:
    """Run a venue that cuts files off after four rows, in this process and behind a port."""
    with open_venue(PolySimOptions(export_rows=4), port=request.param == "sockets") as venue:
        yield venue


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[PolySimulatorClient]:
    """Connect for one test."""
    with connect(venue, person, QUICK) as client:
        yield client


def trade(client: PolySimulatorClient, venue: Venue, market: Market, times: int) -> None:
    """Buy ten shares so many times."""
    venue.offer(market, "0.50", 10 * times)
    for _ in range(times):
        client.orders.place(market.terms, **BUY).unwrap()


def files(folder: Path) -> list[Path]:
    """Return what is in a folder."""
    return list(folder.iterdir())


def rows(path: Path) -> list[dict[str, str]]:
    """Read a file."""
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_trades(client: PolySimulatorClient, venue: Venue, market: Market, tmp_path: Path) -> None:
    """The file has what the history has, and the progress ends with its size."""
    trade(client, venue, market, 3)
    told: list[int] = []
    path = tmp_path / "trades.csv"
    made = client.exports.trades(path, progress=told.append)
    assert (made.path, made.rows, made.truncated) == (path, 3, False)
    assert made.size == path.stat().st_size == told[-1]
    found = rows(path)
    history = listed(client.account.history())
    assert [int(each["order_id"]) for each in found] == [each.order_id for each in history]
    assert [Decimal(each["fee"]) for each in found] == [each.fee for each in history]


def test_file_that_is_cut_short(
    client: PolySimulatorClient, venue: Venue, market: Market, tmp_path: Path
) -> None:
    """Exactly as many rows as the cap are whole; one more is left out, and said to be."""
    trade(client, venue, market, 4)
    whole = client.exports.trades(tmp_path / "whole.csv")
    assert (whole.rows, whole.truncated) == (4, False)
    trade(client, venue, venue.market(), 1)
    cut = client.exports.trades(tmp_path / "cut.csv")
    assert (cut.rows, cut.truncated) == (4, True)
    part = client.exports.trades(tmp_path / "part.csv", market=market)
    assert (part.rows, part.truncated) == (4, False)


def test_settlements(client: PolySimulatorClient, venue: Venue, tmp_path: Path) -> None:
    """Losses are in the file as well; spans of time and markets choose."""
    markets = [venue.market(), venue.market()]
    for market in markets:
        trade(client, venue, market, 1)
    for market, payouts in zip(markets, (("1", "0"), ("0", "1")), strict=True):
        venue.resolve(market, *payouts)
    path = tmp_path / "settlements.csv"
    made = client.exports.settlements(path)
    assert (made.rows, made.truncated) == (2, False)
    assert [(each["result"], Decimal(each["payout"])) for each in rows(path)] == [("lost", 0), ("won", 10)]
    assert client.exports.settlements(path, market=markets[0].condition_id).rows == 1
    assert rows(path)[0]["result"] == "won"
    now = datetime.fromtimestamp(venue.world.clock.seconds(), UTC)
    assert client.exports.settlements(path, end=now - timedelta(days=1)).rows == 0
    assert client.exports.settlements(path, start=now - timedelta(hours=1)).rows == 2


def test_one_wallet(
    client: PolySimulatorClient, venue: Venue, market: Market, person: Person, tmp_path: Path
) -> None:
    """A wallet can be chosen."""
    wallet = client.wallets.create()
    trade(client, venue, market, 1)
    venue.offer(market, "0.50", 20)
    for _ in range(2):
        client.orders.place(market.terms, **BUY, wallet_id=wallet.id).unwrap()
    path = tmp_path / "one.csv"
    assert client.exports.trades(path, wallet_id="api").rows == 1
    assert client.exports.trades(path, wallet_id=wallet.id).rows == 2
    assert client.exports.trades(path, wallet_id="all").rows == 3
    with connect(venue, person, wallet_id=wallet.id) as lab:
        assert lab.exports.trades(path).rows == 2


def test_free_plan(venue: Venue, tmp_path: Path) -> None:
    """402 says what is missing, and leaves no file behind."""
    path = tmp_path / "trades.csv"
    with connect(venue, venue.person("free")) as client:
        with pytest.raises(Forbidden, match="csv_export") as caught:
            client.exports.trades(path)
        assert (caught.value.status, caught.value.code) == (402, "UPGRADE_REQUIRED")
    assert files(tmp_path) == []


def test_broken_off(client: PolySimulatorClient, venue: Venue, market: Market, tmp_path: Path) -> None:
    """A file that breaks off is not there, and the one from before still is."""
    trade(client, venue, market, 2)
    path = tmp_path / "trades.csv"
    client.exports.trades(path)
    before = path.read_bytes()
    for kind in ("close_mid_body", "html"):
        venue.sim.faults.add(kind=kind, operation=TRADES)
        with pytest.raises(PolyspecError):
            client.exports.trades(path)
        assert path.read_bytes() == before
        assert files(tmp_path) == [path]


def test_no_such_folder(client: PolySimulatorClient, tmp_path: Path) -> None:
    """Where nothing can be written nothing is asked for."""
    with pytest.raises((ConfigError, OSError)):
        client.exports.trades(tmp_path / "nowhere" / "trades.csv")
