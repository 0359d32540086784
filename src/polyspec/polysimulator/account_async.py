"""What an account has, and what happened to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any

from polyspec_wire.polysimulator import account
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ConfigError
from polyspec.polysimulator.base_async import AsyncBase
from polyspec.polysimulator.naming import MarketLike, WalletLike, read_market, read_moment, read_wallet
from polyspec.polysimulator.ticket import read_side

__all__ = ["AsyncAccount"]

_HISTORY_PAGE = 200
_SETTLEMENTS_PAGE = 500


class AsyncAccount:
    """Reads are about the wallet of the client unless they name another: a number, ``api`` or ``all``."""

    def __init__(self, client: AsyncBase) -> None:
        self._client = client

    async def balance(self, *, timeout: float | None = None) -> wire.BalanceResponse:
        """Return cash and worth of the API wallet, whichever wallet the client uses.

        `wallets.get` tells the balance of any other.
        """
        return await self._client.send(account.get_balance(), timeout=timeout)

    async def reset(self, *, timeout: float | None = None) -> wire.ResetBalanceResponse:
        """Close the positions of the API wallet, cancel its orders and restore its first balance."""
        return await self._client.send(account.reset_api_balance(), timeout=timeout)

    async def positions(
        self,
        status: str | None = None,
        *,
        wallet_id: WalletLike | None = None,
        timeout: float | None = None,
    ) -> list[wire.PositionResponse]:
        """Return positions; `status` is OPEN or CLOSED, None for both."""
        if status is not None and status.upper() not in ("OPEN", "CLOSED"):
            raise ConfigError(f"status must be OPEN or CLOSED, not {status!r:.50}")
        call = account.get_positions(
            status=None if status is None else wire.PositionStatus(status.upper()),
            wallet_id=self._wallet(wallet_id),
        )
        found = await self._client.send(call, timeout=timeout)
        return found.data if isinstance(found, wire.PositionPage) else found

    async def portfolio(
        self, *, wallet_id: WalletLike | None = None, timeout: float | None = None
    ) -> wire.PortfolioResponse:
        """Return balance and positions together."""
        call = account.get_portfolio(wallet_id=self._wallet(wallet_id))
        return await self._client.send(call, timeout=timeout)

    def history(
        self,
        market: MarketLike | None = None,
        *,
        side: str | None = None,
        wallet_id: WalletLike | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[wire.TradeHistoryItem]:
        """Iterate over trades, newest first, a page of 200 in memory at a time.

        A losing position that was settled leaves no trade: see `settlements`.
        """
        call = account.get_history(
            market_id=None if market is None else read_market(market),
            side=None if side is None else wire.Side(read_side(side)),
            limit=_HISTORY_PAGE,
            wallet_id=self._wallet(wallet_id),
            envelope=True,
        )
        # a trade meanwhile moves the later ones to the next page, where they would come again
        return self._client.once_each(call, lambda trade: (trade.order_id, trade.filled_at), timeout=timeout)

    async def equity(
        self, days: int = 7, *, wallet_id: WalletLike | None = None, timeout: float | None = None
    ) -> list[wire.EquityPoint]:
        """Return the worth of every hour, the oldest first."""
        if isinstance(days, bool) or not (isinstance(days, int) and 1 <= days <= 90):
            raise ConfigError(f"days must be 1 to 90, not {days!r:.50}")
        call = account.get_equity(days=days, wallet_id=self._wallet(wallet_id))
        return await self._client.send(call, timeout=timeout)

    def settlements(
        self,
        market: MarketLike | None = None,
        *,
        start: datetime | date | float | None = None,
        end: datetime | date | float | None = None,
        wallet_id: WalletLike | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[wire.SettlementItem]:
        """Iterate over what resolved markets paid, the newest positions first; losses are here alone.

        `start` and `end` are about the moment of the settlement.
        """
        call = account.get_settlements(
            limit=_SETTLEMENTS_PAGE,
            wallet_id=self._wallet(wallet_id),
            market_id=None if market is None else read_market(market),
            from_=read_moment(start, "start"),
            to=read_moment(end, "end"),
        )
        return self._client.once_each(call, lambda settled: settled.position_id, timeout=timeout)

    async def profile_analysis(
        self,
        *,
        recent_trades: int | None = None,
        equity_days: int | None = None,
        wallet_id: WalletLike | None = None,
        timeout: float | None = None,
    ) -> wire.ProfileAnalysis:
        """Return statistics, risk and exposure of the account, and a summary in words."""
        call = account.get_profile_analysis(
            recent_trades=recent_trades, equity_days=equity_days, wallet_id=self._wallet(wallet_id)
        )
        return await self._client.send(call, timeout=timeout)

    async def entitlements(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Return what the plan includes, as the venue tells it; takes the dashboard's access token."""
        return await self._client.send(account.get_entitlements(), timeout=timeout)

    def _wallet(self, wallet_id: WalletLike | None) -> str | None:
        return read_wallet(wallet_id, self._client.wallet_id)
