"""Which markets there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from polyspec_wire.clob import markets
from polyspec_wire.clob import models as wire

from polyspec.clob.base_async import AsyncBase
from polyspec.clob.queries import BOOKS, batches, read_condition
from polyspec.clob.ticket import read_token

__all__ = ["AsyncListings"]


class AsyncListings(AsyncBase):
    """Listings of markets; open to everybody.

    A market is named by its condition id (0x and 64 hex digits), each of its two outcomes by a token id (a
    decimal number). One where the other belongs raises ConfigError before anything is sent.
    """

    def get_markets(self, *, timeout: float | None = None) -> AsyncIterator[wire.Market]:
        """Iterate over all markets, open or not, a page of about a thousand in memory at a time.

        `timeout` holds for each page.
        """
        return self.iterate(markets.get_markets(), timeout=timeout)

    def get_simplified_markets(self, *, timeout: float | None = None) -> AsyncIterator[wire.SimplifiedMarket]:
        """Iterate over all markets in short: tokens, switches and reward terms."""
        return self.iterate(markets.get_simplified_markets(), timeout=timeout)

    def get_sampling_markets(self, *, timeout: float | None = None) -> AsyncIterator[wire.Market]:
        """Iterate over the markets that pay liquidity rewards."""
        return self.iterate(markets.get_sampling_markets(), timeout=timeout)

    def get_sampling_simplified_markets(
        self, *, timeout: float | None = None
    ) -> AsyncIterator[wire.SimplifiedMarket]:
        """Iterate over the markets that pay liquidity rewards, in short."""
        return self.iterate(markets.get_sampling_simplified_markets(), timeout=timeout)

    async def get_market(self, condition_id: str, *, timeout: float | None = None) -> wire.Market:
        """Return a market; raises NotFound."""
        return await self.send(markets.get_market(read_condition(condition_id)), timeout=timeout)

    async def get_clob_market(
        self, condition_id: str, *, timeout: float | None = None
    ) -> wire.ClobMarketDetails:
        """Return what trading a market needs, in the venue's names of few letters: tick, fees, tokens."""
        return await self.send(markets.get_clob_market(read_condition(condition_id)), timeout=timeout)

    async def get_market_by_token(
        self, token_id: str, *, timeout: float | None = None
    ) -> wire.MarketByTokenResponse:
        """Return the condition id and both tokens of a token's market; the primary one need not be Yes."""
        return await self.send(markets.get_market_by_token(read_token(token_id)), timeout=timeout)

    async def get_live_activity(
        self, condition_id: str, *, timeout: float | None = None
    ) -> wire.LiveActivityMarket:
        """Return a market as activity feeds show it."""
        return await self.send(markets.get_live_activity(read_condition(condition_id)), timeout=timeout)

    async def get_live_activities(
        self, condition_ids: Sequence[str], *, timeout: float | None = None
    ) -> list[wire.LiveActivityMarket]:
        """Return several markets as activity feeds show them."""
        wanted = list(dict.fromkeys(read_condition(each) for each in condition_ids))
        found: list[wire.LiveActivityMarket] = []
        for batch in batches(wanted, BOOKS):
            found += await self.send(markets.get_live_activities(batch), timeout=timeout)
        return found

    async def get_market_trades_events(
        self, condition_id: str, *, timeout: float | None = None
    ) -> list[wire.MarketTradeEvent]:
        """Return recent public trades of a market.

        The venue's older clients read this; what the service answers today is not published.
        """
        return await self.send(markets.get_live_activity_event(read_condition(condition_id)), timeout=timeout)
