"""A file is there whole or not at all, and says what the venue left out of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.errors import DecodeError, Forbidden, ServerError, TransportError, Unauthorized
from polyspec.polysimulator.csvfile import Tally
from tests.unit.polysimulator.sim_server import Server, async_client, client, no

TRADES = "GET /v1/export/trades.csv"
CSV = b'order_id,question\r\n1,"Rain,\nsnow ""or"" both?"\r\n2,"# truncated"\r\n'


def file(body: bytes = CSV, **headers: str) -> httpx.Response:
    """Answer a file."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, content=body, headers={"content-type": "text/csv; charset=utf-8"} | named)


def test_a_file_in_both_colours(tmp_path: Path) -> None:
    """It is written byte for byte, its records are counted, and progress is told."""
    server = Server({TRADES: file(), "GET /v1/export/settlements.csv": file()})
    told: list[int] = []
    path = tmp_path / "trades.csv"
    with client(server, wallet_id=4) as sim:
        export = sim.exports.trades(
            path, start=datetime(2026, 9, 1, tzinfo=UTC), market="0x" + "a" * 64, progress=told.append
        )
    assert path.read_bytes() == CSV
    assert (export.path, export.size, export.rows, export.truncated) == (path, len(CSV), 2, False)
    assert told[-1] == len(CSV)
    assert server.asked[0] == {
        "wallet_id": "4", "from": "2026-09-01T00:00:00Z", "market_id": "0x" + "a" * 64,
    }  # fmt: skip

    async def settlements() -> Any:
        async with async_client(server) as sim:
            return await sim.exports.settlements(tmp_path / "settlements.csv", wallet_id="all")

    assert asyncio.run(settlements()).rows == 2
    assert (tmp_path / "settlements.csv").read_bytes() == CSV
    assert server.asked[1] == {"wallet_id": "all"}


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    """The venue's remark about its cap is found, kept in the file, and counts as no record."""
    body = CSV + b"# truncated: 10000 rows, ask for less\n"
    with client(Server({TRADES: file(body)})) as sim:
        export = sim.exports.trades(tmp_path / "x.csv")
    assert (export.truncated, export.rows) == (True, 2)
    assert (tmp_path / "x.csv").read_bytes() == body


class Broken(httpx.SyncByteStream):
    """Breaks off in the middle."""

    def __iter__(self) -> Iterator[bytes]:
        yield CSV[:20]
        raise httpx.ReadError("gone")


REFUSALS: list[tuple[Any, type[Exception], str]] = [
    (no(402, "UPGRADE_REQUIRED"), Forbidden, "plan of this account"),
    (no(401, "INVALID_KEY"), Unauthorized, "one deployment"),
    (httpx.Response(502, content=b"<html>"), ServerError, "502"),
    (lambda _: httpx.Response(200, stream=Broken()), TransportError, "ReadError"),
    (httpx.Response(200, json={"rows": []}), DecodeError, "application/json"),
    (httpx.Response(200, html="<p>"), DecodeError, "text/html"),
]


@pytest.mark.parametrize(("answer", "kind", "words"), REFUSALS)
def test_nothing_is_left_behind(tmp_path: Path, answer: Any, kind: type[Exception], words: str) -> None:
    """What was refused or broke off leaves neither a file nor a piece of one, and an old file as it was."""
    path = tmp_path / "trades.csv"
    path.write_text("old")
    with client(Server({TRADES: answer})) as sim, pytest.raises(kind, match=words):
        sim.exports.trades(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def tallied(body: bytes, size: int) -> Tally:
    """Count a body that comes in pieces."""
    tally = Tally()
    for start in range(0, len(body), size):
        tally.add(body[start : start + size])
    return tally


@pytest.mark.parametrize(
    ("body", "rows", "truncated"),
    [
        (b"", 0, False),
        (b"a,b", 0, False),
        (b"a,b\n", 0, False),
        (b"a,b\n1,2", 1, False),
        (b'a,b\n"1\n2",3\n', 1, False),
        (b"a,b\n1,2\n# truncated", 1, True),
        (b"a,b\n# truncated at 0 rows\r\n", 0, True),
        (b'a,b\n"x\n# truncated"\n', 1, False),
        (b"a,b\n\n1,2\r\n\r\n# truncated\n\n", 1, True),
        (b"a\n" + b"x" * 10_000 + b"\n", 1, False),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_records_are_counted_however_they_arrive(body: bytes, rows: int, truncated: bool, size: int) -> None:
    """Line ends in quotes are part of a record, and pieces may end anywhere."""
    tally = tallied(body, size)
    assert (tally.rows, tally.truncated) == (rows, truncated)


@given(st.lists(st.text(alphabet='a,"\n\r#', max_size=8), max_size=20), st.integers(1, 9))
def test_records_as_a_reader_of_csv_finds_them(values: list[str], size: int) -> None:
    """As many records are counted as the standard reader finds."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([["column"], *([value] for value in values)])
    body = text.getvalue().encode()
    assert tallied(body, size).rows == len(list(csv.reader(io.StringIO(body.decode(), newline="")))) - 1
