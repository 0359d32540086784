"""Trades and settlements as CSV files."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from polyspec_wire import Call
from polyspec_wire.polysimulator import exports

from polyspec.io.progress import Progress, shown
from polyspec.io.saving import Download
from polyspec.polysimulator.base_async import AsyncBase
from polyspec.polysimulator.csvfile import Export, Tally, check_csv
from polyspec.polysimulator.naming import MarketLike, WalletLike, read_market, read_moment, read_wallet

__all__ = ["AsyncExports"]


class AsyncExports:
    """Needs a paid plan: with a free key, Forbidden (402) says so."""

    def __init__(self, client: AsyncBase) -> None:
        self._client = client

    async def trades(
        self,
        path: str | Path,
        *,
        start: datetime | date | float | None = None,
        end: datetime | date | float | None = None,
        market: MarketLike | None = None,
        wallet_id: WalletLike | None = None,
        progress: Progress = False,
        timeout: float | None = None,
    ) -> Export:
        """Write trades into a file; see `download`. Of all wallets, unless one is named."""
        call = exports.export_trades(
            wallet_id=read_wallet(wallet_id, self._client.wallet_id),
            from_=read_moment(start, "start"),
            to=read_moment(end, "end"),
            market_id=None if market is None else read_market(market),
        )
        return await self.download(call, path, progress=progress, timeout=timeout)

    async def settlements(
        self,
        path: str | Path,
        *,
        start: datetime | date | float | None = None,
        end: datetime | date | float | None = None,
        market: MarketLike | None = None,
        wallet_id: WalletLike | None = None,
        progress: Progress = False,
        timeout: float | None = None,
    ) -> Export:
        """Write settlements into a file; see `download`. Of all wallets, unless one is named."""
        call = exports.export_settlements(
            wallet_id=read_wallet(wallet_id, self._client.wallet_id),
            from_=read_moment(start, "start"),
            to=read_moment(end, "end"),
            market_id=None if market is None else read_market(market),
        )
        return await self.download(call, path, progress=progress, timeout=timeout)

    async def download(
        self,
        call: Call[Any],
        path: str | Path,
        *,
        progress: Progress = False,
        timeout: float | None = None,
    ) -> Export:
        """Write any file of the venue; it appears under its name only when it is complete.

        What breaks off leaves nothing behind. `progress` is told the bytes written so far; True draws a bar
        on stderr. Look at `Export.truncated`: the venue leaves out what is beyond its cap.
        """
        target, tally = Path(path), Tally()
        with shown(progress, target.name) as told, Download(target, told) as download:
            async with self._client.open_answer(call, timeout=timeout) as response:
                check_csv(response.headers)
                async for piece in response.aiter_bytes():
                    tally.add(piece)
                    download.write(piece)
        return Export(path=target, size=download.size, rows=tally.rows, truncated=tally.truncated)
