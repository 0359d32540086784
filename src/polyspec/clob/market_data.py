# Mirrored from market_data_async.py by `python -m generator.mirror`; do not edit.
"""Books, prices and terms of tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from polyspec_wire import Call
from polyspec_wire.clob import books, health
from polyspec_wire.clob import models as wire

from polyspec.clob.listings import Listings
from polyspec.clob.market import FeeSchedule, find_market, read_book, read_fees
from polyspec.clob.queries import (
    BOOKS,
    HISTORIES,
    PriceLike,
    TokenLike,
    batches,
    history_terms,
    price_requests,
    token_ids,
)
from polyspec.clob.ticket import read_side, read_token
from polyspec.clob.walking import market_price
from polyspec.core.scales import Amount
from polyspec.errors import DecodeError

__all__ = ["MarketData"]

T = TypeVar("T")


class MarketData(Listings):
    """What the market says; open to everybody. Prices are dollars a share, sizes are shares."""

    # -- the venue --

    def get_ok(self, *, timeout: float | None = None) -> bool:
        """Tell whether the venue says that it is up; raises if it says nothing."""
        return self.send(health.get_ok(), timeout=timeout).strip().upper() == "OK"

    def get_server_time(self, *, timeout: float | None = None) -> int:
        """Return the venue's time, in unix seconds."""
        return self.send(health.get_server_time(), timeout=timeout)

    def get_version(self, *, timeout: float | None = None) -> int:
        """Return which generation of orders the venue takes for ordinary tokens."""
        return self.send(health.get_version(), timeout=timeout).version

    # -- books --

    def get_order_book(self, token_id: str, *, timeout: float | None = None) -> wire.OrderBookSummary:
        """Return the book of a token as the venue orders it; raises NotFound.

        Bids ascend and asks descend: the best level of either side is the last one.
        """
        return self.send(books.get_order_book(token_id=read_token(token_id)), timeout=timeout)

    def get_order_books(
        self, tokens: Iterable[TokenLike], *, timeout: float | None = None
    ) -> list[wire.OrderBookSummary]:
        """Return the books of tokens in the order asked for, leaving out tokens that have none.

        Takes any number, 500 to a request; `timeout` holds for each.
        """
        wanted = token_ids(tokens)
        answers = self._batched(books.get_order_books, _requests(wanted), timeout)
        found = {book.asset_id: book for answer in answers for book in answer}
        return [found[token] for token in wanted if token in found]

    def calculate_market_price(
        self,
        token_id: str,
        side: str,
        amount: Amount,
        order_type: str = "FOK",
        *,
        timeout: float | None = None,
    ) -> Decimal:
        """Return the worst price a market order would have to accept now, by walking the book.

        `amount` is in dollars for a BUY and in shares for a SELL. Raises InvalidOrder that begins with
        "no match" if there is nothing to match, or too little for a FOK.
        """
        token, side = read_token(token_id), read_side(side)
        _, book = self.run(read_book(self.session, self._markets, token, timeout))
        levels = book.asks if side == "BUY" else book.bids
        kind = str(getattr(order_type, "value", order_type)).upper()
        return market_price(side, [(each.price, each.size) for each in levels], amount, kind)

    # -- prices --

    def get_midpoint(self, token_id: str, *, timeout: float | None = None) -> Decimal:
        """Return the middle between the best bid and the best ask; raises NotFound."""
        answer = self.send(books.get_midpoint(token_id=read_token(token_id)), timeout=timeout)
        found = answer.mid if answer.mid is not None else answer.mid_price
        if found is None:
            raise DecodeError("the midpoint is neither in mid nor in mid_price; at $.mid")
        return found

    def get_midpoints(
        self, tokens: Iterable[TokenLike], *, timeout: float | None = None
    ) -> dict[str, Decimal]:
        """Return midpoints by token id, 500 to a request; tokens without one are left out."""
        return _merged(self._batched(books.get_midpoints, _requests(token_ids(tokens)), timeout))

    def get_price(self, token_id: str, side: str, *, timeout: float | None = None) -> Decimal:
        """Return the best price of one side of the book: BUY is the best bid, SELL the best ask.

        That is what resting orders of that side offer, not what buying or selling now would cost. Raises
        NotFound.
        """
        call = books.get_price(token_id=read_token(token_id), side=wire.Side(read_side(side)))
        return self.send(call, timeout=timeout).price

    def get_prices(
        self, tokens: Iterable[PriceLike], *, timeout: float | None = None
    ) -> dict[str, dict[str, Decimal]]:
        """Return best prices by token id and side, BUY being the best bid and SELL the best ask.

        An entry may be a pair of a token id and a side; without a side both are read. What has no price is
        left out. 500 to a request, a token with both sides being two.
        """
        found: dict[str, dict[str, Decimal]] = {}
        for answer in self._batched(books.get_prices, price_requests(tokens), timeout):
            for token, sides in answer.items():
                # the two sides of a token may have gone in two requests
                found.setdefault(token, {}).update(sides)
        return found

    def get_spread(self, token_id: str, *, timeout: float | None = None) -> Decimal:
        """Return the best ask less the best bid; raises NotFound."""
        return self.send(books.get_spread(token_id=read_token(token_id)), timeout=timeout).spread

    def get_spreads(self, tokens: Iterable[TokenLike], *, timeout: float | None = None) -> dict[str, Decimal]:
        """Return spreads by token id, 500 to a request; tokens without one are left out."""
        return _merged(self._batched(books.get_spreads, _requests(token_ids(tokens)), timeout))

    def get_last_trade_price(
        self, token_id: str, *, timeout: float | None = None
    ) -> wire.LastTradePrice | None:
        """Return price and taker's side of the last trade; None if the token never traded.

        The venue says "0.5 and no side" of such a token, which is no price.
        """
        call = books.get_last_trade_price(token_id=read_token(token_id))
        answer = self.send(call, timeout=timeout)
        return None if answer.side == wire.TradedSide.NONE else answer

    def get_last_trades_prices(
        self, tokens: Iterable[TokenLike], *, timeout: float | None = None
    ) -> dict[str, wire.TokenLastTradePrice]:
        """Return last trades by token id, 500 to a request; tokens that never traded are left out."""
        answers = self._batched(books.get_last_trades_prices, _requests(token_ids(tokens)), timeout)
        found = (each for answer in answers for each in answer)
        return {each.token_id: each for each in found if each.side != wire.TradedSide.NONE}

    # -- terms --

    def get_tick_size(self, token_id: str, *, timeout: float | None = None) -> Decimal:
        """Return the smallest step of a token's price now; it changes when the price comes near 0 or 1.

        If orders were about to be made with another one, the market is read anew before the next.
        """
        token = read_token(token_id)
        tick = self.send(books.get_tick_size(token_id=token), timeout=timeout).minimum_tick_size
        known = self._markets.get(token, time.monotonic())
        if known is not None and Decimal(known.tick.text) != tick:
            self._markets.forget(token)
        return tick

    def get_neg_risk(self, token_id: str, *, timeout: float | None = None) -> bool:
        """Tell whether a token belongs to a neg-risk market, whose orders another contract settles."""
        return self.send(books.get_neg_risk(token_id=read_token(token_id)), timeout=timeout).neg_risk

    def get_fee_rate(self, token_id: str, *, timeout: float | None = None) -> int:
        """Return the base fee of a token in basis points.

        Orders of version 1 carried it; what a fill costs today is in `get_fee_schedule`.
        """
        return self.send(books.get_fee_rate(token_id=read_token(token_id)), timeout=timeout).base_fee

    def get_fee_schedule(self, token_id: str, *, timeout: float | None = None) -> FeeSchedule:
        """Return what takers pay in a token's market; kept, as previews and budgets need it too."""
        token = read_token(token_id)
        market = self.run(find_market(self.session, self._markets, token, timeout))
        market = self.run(read_fees(self.session, self._markets, market, timeout))
        assert market.fees is not None
        return market.fees

    # -- the past --

    def get_prices_history(
        self,
        token_id: str,
        *,
        interval: str | None = None,
        start_ts: int | datetime | None = None,
        end_ts: int | datetime | None = None,
        fidelity: int | None = None,
        timeout: float | None = None,
    ) -> list[wire.MarketPrice]:
        """Return past prices of a token, oldest first, each with a unix second; the last one is of now.

        Either `interval` - 1h, 6h, 1d, 1w, 1m (a month), max - or `start_ts`, in unix seconds or as an aware
        datetime, with or without `end_ts`. `fidelity` is minutes between points; left out, it is the finest
        the venue gives for the interval. Raises ConfigError where the venue would refuse.
        """
        token, terms = read_token(token_id), history_terms(interval, start_ts, end_ts, fidelity)
        call = books.get_prices_history(
            market=token,
            start_ts=terms.start,
            end_ts=terms.end,
            interval=terms.interval,
            fidelity=terms.fidelity,
        )
        return self.send(call, timeout=timeout).history

    def get_batch_prices_history(
        self,
        tokens: Iterable[TokenLike],
        *,
        interval: str | None = None,
        start_ts: int | datetime | None = None,
        end_ts: int | datetime | None = None,
        fidelity: int | None = None,
        timeout: float | None = None,
    ) -> dict[str, list[wire.MarketPrice]]:
        """Return past prices by token id, 20 tokens to a request; as `get_prices_history` otherwise."""
        wanted, terms = token_ids(tokens), history_terms(interval, start_ts, end_ts, fidelity)
        found: dict[str, list[wire.MarketPrice]] = {}
        for batch in batches(wanted, HISTORIES):
            body = wire.BatchPricesHistoryRequest(
                markets=batch,
                start_ts=terms.start,
                end_ts=terms.end,
                interval=terms.interval,
                fidelity=terms.fidelity,
            )
            answer = self.send(books.get_batch_prices_history(body), timeout=timeout)
            found.update(answer.history)
        return found

    # -- inside --

    def _batched(
        self,
        operation: Callable[[list[wire.BookRequest]], Call[T]],
        wanted: Sequence[wire.BookRequest],
        timeout: float | None,
    ) -> list[T]:
        return [self.send(operation(batch), timeout=timeout) for batch in batches(wanted, BOOKS)]


def _requests(tokens: list[str]) -> list[wire.BookRequest]:
    return [wire.BookRequest(token_id=token) for token in tokens]


def _merged(answers: list[dict[str, Decimal]]) -> dict[str, Decimal]:
    return {token: value for answer in answers for token, value in answer.items()}
