# Mirrored from account_async.py by `python -m generator.mirror`; do not edit.
"""Positions, balances and the two ledgers of an account."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from polyspec_wire.us_exchange import funding, positions
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError
from polyspec.io.progress import Progress
from polyspec.us.holding import Holding

if TYPE_CHECKING:
    from polyspec.us.client import UsExchangeClient

__all__ = ["Balances", "Ledgers", "Positions"]


def _account(client: UsExchangeClient, account: str | None) -> str:
    found = account or client.account
    if not found:
        raise ConfigError(
            "name an account, here or when the client is made; the venue has no default for this"
        )
    return found


class Positions:
    """What an account holds."""

    def __init__(self, client: UsExchangeClient) -> None:
        self._client = client

    def iterate(
        self, *, account: str | None = None, symbol: str | None = None, non_zero: bool = True
    ) -> Generator[Holding]:
        """Iterate over positions in contracts and dollars; a short YES position is negative."""
        call = positions.list_account_positions(
            name=_account(self._client, account), symbol=symbol, non_zero_only=non_zero or None
        )
        for page in self._client.pages(call):
            symbols = [position.symbol for position in page.positions]
            instruments = self._client.instruments.get_many(symbols)
            for (position, available), instrument in zip(Holding.pairs(page), instruments, strict=True):
                yield Holding.of(position, available, instrument)

    def get(self, symbol: str, *, account: str | None = None) -> Holding | None:
        """Return the position in one instrument; None if there never was one."""
        found = self.iterate(account=account, symbol=symbol, non_zero=False)
        with closing(found) as holdings:
            for holding in holdings:
                if holding.symbol == symbol:
                    return holding
        return None


class Balances:
    """Cash and buying power, in dollars."""

    def __init__(self, client: UsExchangeClient) -> None:
        self._client = client

    def get(self, *, account: str | None = None, currency: str = "USD") -> wire.GetAccountBalanceResponse:
        """Return the balance of an account in one currency; the venue's default account if none is known."""
        body = wire.GetAccountBalanceRequest(name=account or self._client.account or "", currency=currency)
        return self._client.send(positions.get_account_balance(body))

    def all(self, *, account: str | None = None) -> dict[str, wire.GetAccountBalanceResponse]:
        """Return the balances of an account by currency."""
        body = wire.ListAccountBalancesRequest(name=account or self._client.account or "")
        return self._client.send(positions.list_account_balances(body)).balances


class Ledgers:
    """Every change of cash and of positions, in order."""

    def __init__(self, client: UsExchangeClient) -> None:
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
    ) -> Iterator[wire.BalanceLedgerEntry]:
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
    ) -> Iterator[wire.PositionLedgerEntry]:
        """Iterate over changes of positions, in the venue's scaled integers."""
        call = positions.get_position_ledger(
            account=_account(self._client, account),
            symbol=symbol,
            start_time=start,
            end_time=end,
            newest_first=newest_first or None,
        )
        return self._client.iterate(call)

    def download_balance(
        self, path: str | Path, *, account: str | None = None, progress: Progress = False
    ) -> int:
        """Stream the cash ledger as CSV into a file and return the bytes written."""
        call = funding.download_balance_ledger(account=_account(self._client, account))
        return self._client.reports.download(call, path, progress=progress)

    def download_positions(
        self, path: str | Path, *, account: str | None = None, progress: Progress = False
    ) -> int:
        """Stream the position ledger as CSV into a file and return the bytes written."""
        call = positions.download_position_ledger(account=_account(self._client, account))
        return self._client.reports.download(call, path, progress=progress)
