"""Positions, balances and the two ledgers of an account."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from polyspec_wire.us_exchange import funding, positions
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError
from polyspec.io.progress import Progress
from polyspec.us.holding import Holding

if TYPE_CHECKING:
    from polyspec.us.client_async import AsyncUsExchangeClient

__all__ = ["AsyncBalances", "AsyncLedgers", "AsyncPositions"]


def _account(client: AsyncUsExchangeClient, account: str | None) -> str:
    found = account or client.account
    if not found:
        raise ConfigError(
            "name an account, here or when the client is made; the venue has no default for this"
        )
    return found


class AsyncPositions:
    """What an account holds."""

    def __init__(self, client: AsyncUsExchangeClient) -> None:
        self._client = client

    async def iterate(
        self, *, account: str | None = None, symbol: str | None = None, non_zero: bool = True
    ) -> AsyncGenerator[Holding]:
        """Iterate over positions in contracts and dollars; a short YES position is negative."""
        call = positions.list_account_positions(
            name=_account(self._client, account), symbol=symbol, non_zero_only=non_zero or None
        )
        async for page in self._client.pages(call):
            symbols = [position.symbol for position in page.positions]
            instruments = await self._client.instruments.get_many(symbols)
            for (position, available), instrument in zip(Holding.pairs(page), instruments, strict=True):
                yield Holding.of(position, available, instrument)

    async def get(self, symbol: str, *, account: str | None = None) -> Holding | None:
        """Return the position in one instrument; None if there never was one."""
        found = self.iterate(account=account, symbol=symbol, non_zero=False)
        async with aclosing(found) as holdings:
            async for holding in holdings:
                if holding.symbol == symbol:
                    return holding
        return None


class AsyncBalances:
    """Cash and buying power, in dollars."""

    def __init__(self, client: AsyncUsExchangeClient) -> None:
        self._client = client

    async def get(
        self, *, account: str | None = None, currency: str = "USD"
    ) -> wire.GetAccountBalanceResponse:
        """Return the balance of an account in one currency; the venue's default account if none is known."""
        body = wire.GetAccountBalanceRequest(name=account or self._client.account or "", currency=currency)
        return await self._client.send(positions.get_account_balance(body))

    async def all(self, *, account: str | None = None) -> dict[str, wire.GetAccountBalanceResponse]:
        """Return the balances of an account by currency."""
        body = wire.ListAccountBalancesRequest(name=account or self._client.account or "")
        return (await self._client.send(positions.list_account_balances(body))).balances


class AsyncLedgers:
    """Every change of cash and of positions, in order."""

    def __init__(self, client: AsyncUsExchangeClient) -> None:
        self._client = client

    def balance(
        self,
        *,
        account: str | None = None,
        currency: str | None = None,
        symbol: str | None = None,
        entry_types: list[wire.LedgerEntryType] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        newest_first: bool = False,
    ) -> AsyncIterator[wire.BalanceLedgerEntry]:
        """Iterate over changes of cash; amounts are dollars."""
        call = funding.get_account_balance_ledger(
            account=_account(self._client, account),
            currency=currency,
            symbol=symbol,
            entry_types=entry_types,
            start_time=start,
            end_time=end,
            newest_first=newest_first or None,
        )
        return self._client.iterate(call)

    def positions(
        self,
        *,
        account: str | None = None,
        symbol: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        newest_first: bool = False,
    ) -> AsyncIterator[wire.PositionLedgerEntry]:
        """Iterate over changes of positions, in the venue's scaled integers."""
        call = positions.get_position_ledger(
            account=_account(self._client, account),
            symbol=symbol,
            start_time=start,
            end_time=end,
            newest_first=newest_first or None,
        )
        return self._client.iterate(call)

    async def download_balance(
        self, path: str | Path, *, account: str | None = None, progress: Progress = False
    ) -> int:
        """Stream the cash ledger as CSV into a file and return the bytes written."""
        call = funding.download_balance_ledger(account=_account(self._client, account))
        return await self._client.reports.download(call, path, progress=progress)

    async def download_positions(
        self, path: str | Path, *, account: str | None = None, progress: Progress = False
    ) -> int:
        """Stream the position ledger as CSV into a file and return the bytes written."""
        call = positions.download_position_ledger(account=_account(self._client, account))
        return await self._client.reports.download(call, path, progress=progress)
