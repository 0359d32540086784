"""Which markets there are, and what they trade at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeAlias

from polyspec_wire.polysimulator import keys, markets
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import BadRequest
from polyspec.polysimulator.base_async import AsyncBase
from polyspec.polysimulator.naming import (
    MarketLike,
    TokenLike,
    read_asset,
    read_depth,
    read_interval,
    read_market,
    read_markets,
    read_slug,
    read_token,
)
from polyspec.polysimulator.rounds import Round
from polyspec.polysimulator.warming import when_known

__all__ = ["AsyncMarkets"]

_PAGE = 200
_EVENTS_PAGE = 50
_MOST_PRICES = 50

# Named here: the class below has a `list` of its own.
Candles: TypeAlias = list[wire.CandlePoint]
Rounds: TypeAlias = list[Round]


class AsyncMarkets:
    """Markets by condition id. Where a market is asked for, one that was listed will do as well."""

    def __init__(self, client: AsyncBase) -> None:
        self._client = client
        self._at_once = _MOST_PRICES

    def list(
        self,
        q: str | None = None,
        *,
        category: str | None = None,
        hot_only: bool | None = None,
        active_only: bool | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[wire.MarketSummary]:
        """Iterate over markets, a page of 200 in memory at a time; needs no key.

        `q` is words of the question (Up/Down rounds are found by `updown` alone), `category` a part of it.
        """
        call = markets.list_markets(
            q=q, category=category, hot_only=hot_only, active_only=active_only, limit=_PAGE, envelope=True
        )
        # what becomes more popular meanwhile moves others to the next page
        return self._client.once_each(call, lambda market: market.condition_id, timeout=timeout)

    async def get(
        self,
        market: MarketLike,
        *,
        wait: float = 0.0,
        include_book: bool | None = None,
        timeout: float | None = None,
    ) -> wire.MarketDetail:
        """Return a market; raises NotFound.

        A new market is known about half a minute after it opens: within `wait` seconds it is looked for
        again, after 2, 4, 8, 16 and 30 seconds.
        """
        call = markets.get_market(read_market(market), include_book=include_book)
        return await self._client.run(when_known(self._client.session, call, wait, timeout))

    async def by_slug(
        self,
        slug: str,
        *,
        wait: float = 0.0,
        include_book: bool | None = None,
        timeout: float | None = None,
    ) -> wire.MarketDetail:
        """Return the market with this name in addresses; `wait` is as for `get`. Raises NotFound."""
        call = markets.get_market_by_slug(read_slug(slug), include_book=include_book)
        return await self._client.run(when_known(self._client.session, call, wait, timeout))

    async def by_token(self, token_id: TokenLike, *, timeout: float | None = None) -> wire.MarketByToken:
        """Return the condition id and the outcome of a token; needs no key. Raises NotFound."""
        return await self._client.send(markets.get_market_by_token(read_token(token_id)), timeout=timeout)

    async def book(
        self,
        market: MarketLike,
        outcome: str | None = None,
        *,
        depth: int | None = None,
        timeout: float | None = None,
    ) -> wire.OrderBookSnapshot:
        """Return the book of an outcome, of the first one if None; the best level is the last of each side.

        `levels.best_bid` and `levels.best_ask` find it whatever the order.
        """
        call = markets.get_market_book(read_market(market), outcome=outcome, depth=read_depth(depth))
        return await self._client.send(call, timeout=timeout)

    async def candles(
        self,
        market: MarketLike,
        outcome: str | None = None,
        *,
        interval: str = "1h",
        timeout: float | None = None,
    ) -> Candles:
        """Return open, high, low and close of stretches of time: 1h, 6h, 1d, 1w or max.

        The volume counts only what was traded on this venue.
        """
        call = markets.get_candles(
            read_market(market), outcome=outcome, interval=wire.CandleInterval(interval)
        )
        return await self._client.send(call, timeout=timeout)

    async def updown(
        self,
        asset: str | None = None,
        interval: str | None = None,
        *,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> Rounds:
        """Return Up/Down rounds of an asset (BTC, ...) and a length (5M, 15M, 1H, 4H, daily); open to all."""
        call = markets.list_updown(asset=read_asset(asset), interval=read_interval(interval), limit=limit)
        return [Round.of(row) for row in (await self._client.send(call, timeout=timeout)).markets]

    async def updown_intervals(
        self, asset: str | None = None, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Return the lengths of the rounds there are, as the venue tells them."""
        call = markets.get_updown_intervals(asset=read_asset(asset))
        return await self._client.send(call, timeout=timeout)

    async def prices(
        self, condition_ids: Iterable[MarketLike], *, timeout: float | None = None
    ) -> dict[str, wire.BatchPriceItem]:
        """Return what markets trade at, by condition id; what the venue leaves out is left out.

        They are asked for in as few requests as the plan allows, 50 markets to one at most; `timeout` holds
        for each.
        """
        left, found = read_markets(condition_ids), dict[str, wire.BatchPriceItem]()
        while left:
            batch = left[: self._at_once]
            try:
                call = markets.get_batch_prices(wire.BatchPriceRequest(market_ids=batch))
                answer = await self._client.send(call, timeout=timeout)
            except BadRequest as error:
                if error.code != "BATCH_LIMIT_EXCEEDED" or len(batch) == 1:
                    raise
                self._at_once = await self._fewer(len(batch))
                continue
            found.update((each.condition_id, each) for each in answer)
            left = left[len(batch) :]
        return found

    async def _fewer(self, refused: int) -> int:
        """Return how many may be asked for at once: what the plan says, or half of what was refused."""
        if self._client.tier is not None:
            for each in await self._client.send(keys.get_tiers()):
                if str(each.tier) == self._client.tier and each.max_batch_size is not None:
                    return max(1, min(each.max_batch_size, refused // 2))
        return max(1, refused // 2)

    def events(
        self,
        search: str | None = None,
        *,
        category: str | None = None,
        hot_only: bool | None = None,
        markets_per_event: int | None = None,
        include_sports: bool | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[dict[str, Any]]:
        """Iterate over events, each with its markets, as the venue tells them."""
        return self._client.by_offset(
            lambda offset: markets.list_events(
                search=search,
                category=category,
                hot_only=hot_only,
                markets_per_event=markets_per_event,
                include_sports=include_sports,
                limit=_EVENTS_PAGE,
                offset=offset,
            ),
            lambda page: page.events,
            _EVENTS_PAGE,
            timeout,
        )
