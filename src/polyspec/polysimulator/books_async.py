"""Books and prices by token id, under the names of the venue's CLOB-like interface; open to everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from polyspec_wire import Call
from polyspec_wire.polysimulator import books
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ConfigError, DecodeError
from polyspec.polysimulator.base_async import AsyncBase
from polyspec.polysimulator.naming import TokenLike, batches, read_depth, read_moment, read_token, read_tokens
from polyspec.polysimulator.quotes import PriceLike, price_requests, prices_by_side
from polyspec.polysimulator.ticket import read_side

__all__ = ["AsyncBooks"]

_AT_ONCE = 50
_PRICES_AT_ONCE = 500


class AsyncBooks:
    """Reads need no key, and are limited per network address: 10 a second, 600 a minute."""

    def __init__(self, client: AsyncBase) -> None:
        self._client = client

    async def get_order_book(
        self, token_id: TokenLike, *, depth: int | None = None, timeout: float | None = None
    ) -> wire.OrderBookSnapshot:
        """Return a book; the best level is the last of each side (`levels.best_bid` finds it anyway).

        Raises NotFound.
        """
        call = books.get_order_book(token_id=read_token(token_id), depth=read_depth(depth))
        return await self._client.send(call, timeout=timeout)

    async def get_order_books(
        self, token_ids: Iterable[TokenLike], *, timeout: float | None = None
    ) -> list[wire.OrderBookSnapshot]:
        """Return books, 50 to a request."""
        answers = await self._batched(books.get_order_books, token_ids, timeout)
        return [each for answer in answers for each in answer]

    async def get_midpoint(self, token_id: TokenLike, *, timeout: float | None = None) -> Decimal:
        """Return the middle between the best bid and the best ask; raises NotFound."""
        answer = await self._client.send(books.get_midpoint(token_id=read_token(token_id)), timeout=timeout)
        found = answer.mid if answer.mid is not None else answer.mid_price
        if found is None:
            raise DecodeError("the midpoint is neither in mid nor in mid_price; at $.mid")
        return found

    async def get_midpoints(
        self, token_ids: Iterable[TokenLike], *, timeout: float | None = None
    ) -> dict[str, Decimal]:
        """Return midpoints by token id, 50 to a request; tokens without one are left out."""
        return _merged(await self._batched(books.get_midpoints, token_ids, timeout))

    async def get_spread(self, token_id: TokenLike, *, timeout: float | None = None) -> wire.SpreadResponse:
        """Return the best ask less the best bid, which this venue says is 0.10 at most; raises NotFound."""
        return await self._client.send(books.get_spread(token_id=read_token(token_id)), timeout=timeout)

    async def get_spreads(
        self, token_ids: Iterable[TokenLike], *, timeout: float | None = None
    ) -> dict[str, Decimal]:
        """Return spreads by token id, 50 to a request; tokens without one are left out."""
        return _merged(await self._batched(books.get_spreads, token_ids, timeout))

    async def get_price(self, token_id: TokenLike, side: str, *, timeout: float | None = None) -> Decimal:
        """Return the best price of one side of the book: BUY is the best bid, SELL the best ask.

        That is what resting orders of that side offer, not what buying or selling now would cost. Raises
        NotFound.
        """
        call = books.get_price(token_id=read_token(token_id), side=wire.Side(read_side(side)))
        return (await self._client.send(call, timeout=timeout)).price

    async def get_prices(
        self, tokens: Iterable[PriceLike], *, timeout: float | None = None
    ) -> dict[str, dict[str, Decimal]]:
        """Return best prices by token id and side, BUY being the best bid and SELL the best ask.

        An entry may be a pair of a token id and a side; without a side both are read. What has no price is
        left out.
        """
        found: dict[str, dict[str, Decimal]] = {}
        for batch in batches(price_requests(tokens), _PRICES_AT_ONCE):
            answer = await self._client.send(books.get_prices(batch), timeout=timeout)
            for token, sides in prices_by_side(answer).items():
                # the two sides of a token may have gone in two requests
                found.setdefault(token, {}).update(sides)
        return found

    async def get_last_trade_price(
        self, token_id: TokenLike, *, timeout: float | None = None
    ) -> wire.LastTradePrice | None:
        """Return price and side of the last trade; None if the token never traded.

        Of such a token Polymarket says "0.5 and no side", which is no price.
        """
        call = books.get_last_trade_price(token_id=read_token(token_id))
        answer = await self._client.send(call, timeout=timeout)
        return answer if answer.side else None

    async def get_tick_size(self, token_id: TokenLike, *, timeout: float | None = None) -> Decimal:
        """Return the dollars between two limit prices; raises NotFound."""
        answer = await self._client.send(books.get_tick_size(read_token(token_id)), timeout=timeout)
        return answer.minimum_tick_size

    async def get_neg_risk(self, token_id: TokenLike, *, timeout: float | None = None) -> bool:
        """Tell whether the market is one of several of which one wins; raises NotFound."""
        call = books.get_neg_risk(token_id=read_token(token_id))
        return (await self._client.send(call, timeout=timeout)).neg_risk

    async def get_fee_rate(self, token_id: TokenLike, *, timeout: float | None = None) -> wire.FeeRate:
        """Return the fee rate; only `fee_rate_bps` is charged, and only from takers. Raises NotFound."""
        return await self._client.send(books.get_fee_rate(token_id=read_token(token_id)), timeout=timeout)

    async def get_server_time(self, *, timeout: float | None = None) -> int:
        """Return the venue's time in unix seconds."""
        return await self._client.send(books.get_server_time(), timeout=timeout)

    async def get_prices_history(
        self,
        token_id: TokenLike,
        *,
        interval: str | None = None,
        start: Any = None,
        end: Any = None,
        fidelity: int | None = None,
        timeout: float | None = None,
    ) -> list[wire.HistoryPoint]:
        """Return past prices, the oldest first.

        Either of an `interval` up to now (1h if nothing is said, 6h, 1d, 1w, 1m for a month, max), or between
        `start` and `end` (datetimes, dates or unix seconds). `fidelity` is the minutes between points.
        """
        if interval is not None and (start is not None or end is not None):
            raise ConfigError("give an interval, or start and end, but not both")
        began, ended = read_moment(start, "start"), read_moment(end, "end")
        call = books.get_prices_history(
            market=read_token(token_id),
            interval=None if interval is None else wire.HistoryInterval(interval),
            start_ts=None if began is None else int(began.timestamp()),
            end_ts=None if ended is None else int(ended.timestamp()),
            fidelity=fidelity,
        )
        found = await self._client.send(call, timeout=timeout)
        if not isinstance(found, wire.PricesHistory):
            raise DecodeError("past prices have no price; at $.history[0].p")
        return found.history

    async def _batched(
        self,
        make: Callable[[list[wire.TokenRef]], Call[Any]],
        token_ids: Iterable[TokenLike],
        timeout: float | None,
    ) -> list[Any]:
        """Ask for all tokens; `timeout` holds for each request."""
        wanted = [wire.TokenRef(token_id=each) for each in read_tokens(token_ids)]
        return [await self._client.send(make(batch), timeout=timeout) for batch in batches(wanted, _AT_ONCE)]


def _merged(answers: Iterable[dict[str, Decimal]]) -> dict[str, Decimal]:
    return {token: value for answer in answers for token, value in answer.items()}
