# Mirrored from reports_async.py by `python -m generator.mirror`; do not edit.
"""Search and download orders, executions and trades."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyspec_wire import Call
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import report

from polyspec.errors import ConfigError, NotFound
from polyspec.io.progress import Progress, shown
from polyspec.io.saving import Download
from polyspec.us.downloads import text_of

if TYPE_CHECKING:
    from polyspec.us.client import UsExchangeClient

__all__ = ["Reports"]


class Reports:
    """What happened. The venue allows twelve searches of each kind a minute; executions last seven days."""

    def __init__(self, client: UsExchangeClient) -> None:
        self._client = client

    def order(self, order_id: str, *, timeout: float | None = None) -> wire.Order:
        """Return one order, open or not; raises NotFound."""
        if not order_id:
            raise ConfigError("the order id is empty")
        found = self._client.send(report.get_order(order_id), timeout=timeout).order
        if found is None:
            raise NotFound(f"the venue knows no order {order_id}", status=200)
        return found

    def execution(self, exec_id: str, *, timeout: float | None = None) -> wire.Execution:
        """Return one execution; raises NotFound."""
        found = self._client.send(report.get_execution(exec_id), timeout=timeout).execution
        if found is None:
            raise NotFound(f"the venue knows no execution {exec_id}", status=200)
        return found

    def orders(self, query: wire.SearchOrdersRequest | None = None) -> Iterator[wire.Order]:
        """Iterate over orders in constant memory."""
        return self._client.iterate(report.search_orders(query or wire.SearchOrdersRequest()))

    def executions(self, query: wire.SearchExecutionsRequest | None = None) -> Iterator[wire.Execution]:
        """Iterate over executions in constant memory."""
        return self._client.iterate(report.search_executions(query or wire.SearchExecutionsRequest()))

    def trades(self, query: wire.SearchTradesRequest | None = None) -> Iterator[wire.Trade]:
        """Iterate over trades in constant memory."""
        return self._client.iterate(report.search_trades(query or wire.SearchTradesRequest()))

    def trade_stats(self, query: wire.GetTradeStatsRequest) -> wire.GetTradeStatsResponse:
        """Return statistics of trades, in bars if asked."""
        return self._client.send(report.get_trade_stats(query))

    def download_orders(
        self,
        path: str | Path,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        accounts: list[str] | None = None,
        progress: Progress = False,
    ) -> int:
        """Stream the orders as CSV into a file; see `download`."""
        body = wire.DownloadOrdersRequest(start_time=start, end_time=end, accounts=accounts or [])
        return self.download(report.download_orders(body), path, progress=progress)

    def download_executions(
        self,
        path: str | Path,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        accounts: list[str] | None = None,
        progress: Progress = False,
    ) -> int:
        """Stream the executions as CSV into a file; see `download`."""
        body = wire.DownloadExecutionsRequest(start_time=start, end_time=end, accounts=accounts or [])
        return self.download(report.download_executions(body), path, progress=progress)

    def download_trades(
        self,
        path: str | Path,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        accounts: list[str] | None = None,
        progress: Progress = False,
    ) -> int:
        """Stream the trades as CSV into a file; see `download`."""
        body = wire.DownloadTradesRequest(start_time=start, end_time=end, accounts=accounts or [])
        return self.download(report.download_trades(body), path, progress=progress)

    def download(self, call: Call[Any], path: str | Path, *, progress: Progress = False) -> int:
        """Stream any download of the venue into a file and return the bytes written.

        The file appears under its name only when it is complete: what breaks off leaves nothing behind.
        `progress` is told the bytes written so far; True draws a bar on stderr.
        """
        with shown(progress, Path(path).name) as told, Download(Path(path), told) as download:
            with closing(self._client.lines(call)) as lines:
                for line in lines:
                    download.write(text_of(line))
        return download.size
