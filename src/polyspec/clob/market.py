"""What an order must know of its market, read once and kept until the venue says that it changed."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen
from polyspec_wire import Call
from polyspec_wire.clob import books, markets, trades
from polyspec_wire.clob import models as wire

from polyspec.clob.ticks import Tick, tick_of
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.scales import as_decimal
from polyspec.core.sending import Session
from polyspec.errors import DecodeError, InvalidOrder, PolyspecError

__all__ = [
    "FeeSchedule",
    "TokenMarket",
    "TokenMarkets",
    "find_market",
    "read_book",
    "read_builder_rate",
    "read_fees",
]

_MOST: Final = 10_000
_BASIS_POINTS: Final = 10_000


@frozen
class FeeSchedule:
    """What a taker pays: shares x rate x (price x (1 - price)) ** exponent."""

    rate: Decimal
    exponent: int
    taker_only: bool = True


@frozen
class TokenMarket:
    """The market of one token, as far as orders depend on it."""

    token_id: str
    tick: Tick
    neg_risk: bool
    min_size: Decimal | None
    """Smallest order in shares; None if the venue does not say."""
    condition_id: str | None
    fees: FeeSchedule | None
    """None until it was asked for."""
    read_at: float
    """Monotonic second."""
    fees_read_at: float = 0.0
    """Monotonic second; books are read more often."""


class TokenMarkets:
    """The markets of the tokens in use, and what builders take. Thread-safe."""

    def __init__(self, ttl: float) -> None:
        self._ttl = ttl
        self._lock = threading.Lock()
        self._known: dict[str, TokenMarket] = {}
        self._builders: dict[str, tuple[Decimal, float]] = {}
        self._epoch = 0

    @property
    def epoch(self) -> int:
        """Grows with everything that is forgotten: what was read before then may not be put in again."""
        return self._epoch

    def get(self, token_id: str, now: float) -> TokenMarket | None:
        """Return what is known of a token's market, if that is young enough."""
        found = self._known.get(token_id)
        return found if found is not None and self.young(found.read_at, now) else None

    def tokens(self) -> list[str]:
        """Return the tokens whose markets are known, the one read last first."""
        with self._lock:
            known = sorted(self._known.values(), key=lambda market: market.read_at, reverse=True)
        return [market.token_id for market in known]

    def young(self, read_at: float, now: float) -> bool:
        """Tell whether what was read then may still be used."""
        return now - read_at < self._ttl

    def put(self, market: TokenMarket, epoch: int) -> None:
        """Keep a market that was asked for in `epoch`; one that was forgotten meanwhile stays forgotten."""
        with self._lock:
            if epoch != self._epoch:
                return
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[market.token_id] = market

    def put_fees(self, token_id: str, fees: FeeSchedule, now: float, epoch: int) -> None:
        """Keep the fees of a market that were asked for in `epoch`, with whatever else is known of it now."""
        with self._lock:
            if epoch == self._epoch and (found := self._known.get(token_id)) is not None:
                self._known[token_id] = evolve(found, fees=fees, fees_read_at=now)

    def builder_rate(self, code: str, now: float) -> Decimal | None:
        """Return what a builder takes of a taker's notional, if that is known and young enough."""
        rate, read_at = self._builders.get(code, (None, 0.0))
        return rate if self.young(read_at, now) else None

    def put_builder_rate(self, code: str, rate: Decimal, now: float) -> None:
        """Keep what a builder takes."""
        with self._lock:
            if len(self._builders) >= _MOST:
                self._builders.clear()
            self._builders[code] = rate, now

    def fees(self, token_id: str, now: float) -> tuple[FeeSchedule | None, float]:
        """Return the fees of a token's market, if they are known and young enough, and since when."""
        found = self._known.get(token_id)
        if found is None or not self.young(found.fees_read_at, now):
            return None, 0.0
        return found.fees, found.fees_read_at

    def set_tick(self, token_id: str, tick: Tick) -> None:
        """Take over a tick the venue announced."""
        with self._lock:
            self._epoch += 1
            if (found := self._known.get(token_id)) is not None:
                self._known[token_id] = evolve(found, tick=tick)

    def forget(self, token_id: str | None = None) -> None:
        """Read a token's market anew before it is used again; all of them if None."""
        with self._lock:
            self._epoch += 1
            if token_id is None:
                self._known.clear()
                self._builders.clear()
            else:
                self._known.pop(token_id, None)


def find_market(
    session: Session, known: TokenMarkets, token_id: str, timeout: float | None
) -> Flow[TokenMarket]:
    """Return a token's market, reading its book if it is not known."""
    now: Instant = yield Now()
    found = known.get(token_id, now.monotonic)
    if found is not None:
        return found
    market, _ = yield from read_book(session, known, token_id, timeout)
    return market


def read_book(
    session: Session, known: TokenMarkets, token_id: str, timeout: float | None
) -> Flow[tuple[TokenMarket, wire.OrderBookSummary]]:
    """Read a token's book, which says everything about its market but the fees."""
    epoch = known.epoch
    book: wire.OrderBookSummary = yield from _read(session, books.get_order_book(token_id=token_id), timeout)
    now: Instant = yield Now()
    if book.asset_id and book.asset_id != token_id:
        raise DecodeError(f"the book of token {token_id} was answered with that of {book.asset_id}")
    fees, fees_read_at = known.fees(token_id, now.monotonic)
    market = TokenMarket(
        token_id=token_id,
        tick=_tick(book),
        neg_risk=bool(book.neg_risk),
        min_size=_size(book.min_order_size),
        condition_id=book.market or None,
        fees=fees,
        read_at=now.monotonic,
        fees_read_at=fees_read_at,
    )
    known.put(market, epoch)
    return market, book


def read_fees(
    session: Session, known: TokenMarkets, market: TokenMarket, timeout: float | None
) -> Flow[TokenMarket]:
    """Return a market with its fee schedule, asking for it if need be."""
    start: Instant = yield Now()
    if market.fees is not None and known.young(market.fees_read_at, start.monotonic):
        return market
    if market.condition_id is None:
        market, _ = yield from read_book(session, known, market.token_id, timeout)
        if market.condition_id is None:
            raise DecodeError(f"the book of token {market.token_id} does not say which market it is of")
    epoch = known.epoch
    told = yield from _read(session, markets.get_clob_market(market.condition_id), timeout)
    now: Instant = yield Now()
    fees = _fees(told.fd)
    # the rest of what was handed in may be out of date by now
    known.put_fees(market.token_id, fees, now.monotonic, epoch)
    return evolve(market, fees=fees, fees_read_at=now.monotonic)


def read_builder_rate(
    session: Session, known: TokenMarkets, code: str, timeout: float | None
) -> Flow[Decimal]:
    """Return which part of a taker's notional a builder takes, asking for it if need be."""
    now: Instant = yield Now()
    rate = known.builder_rate(code, now.monotonic)
    if rate is None:
        told = yield from _read(session, trades.get_builder_fees(code), timeout)
        points = told.builder_taker_fee_rate_bps
        if not 0 <= points <= _BASIS_POINTS:
            raise DecodeError(f"{points} basis points are no fee; at $.builder_taker_fee_rate_bps")
        rate = Decimal(points) / _BASIS_POINTS
        known.put_builder_rate(code, rate, now.monotonic)
    return rate


def _read(session: Session, call: Call[Any], timeout: float | None) -> Flow[Any]:
    """Read what an order depends on; whatever stops that, nothing of the order has left."""
    try:
        return (yield from session.send(call, timeout)).value
    except PolyspecError as error:
        error.maybe_executed = False
        raise


def _tick(book: wire.OrderBookSummary) -> Tick:
    try:
        return tick_of(book.tick_size)
    except PolyspecError as error:
        raise DecodeError(f"{error}; at $.tick_size of the book of {book.asset_id}") from error


def _size(text: Decimal | str | None) -> Decimal | None:
    if text is None or text == "":
        return None
    try:
        return as_decimal(text, "min_order_size")
    except InvalidOrder as error:
        raise DecodeError(f"{error}; at $.min_order_size") from error


def _fees(details: wire.FeeDetails | None) -> FeeSchedule:
    if details is None or details.r is None:
        return FeeSchedule(Decimal(0), 1)
    exponent = Decimal(1) if details.e is None else Decimal(details.e)
    if exponent != int(exponent) or not 0 <= exponent <= 10:
        raise DecodeError(f"the fee exponent {exponent} is not a small whole number; at $.fd.e")
    rate = Decimal(details.r)
    if not 0 <= rate <= 1:
        raise DecodeError(f"the fee rate {rate} does not lie between 0 and 1; at $.fd.r")
    return FeeSchedule(rate, int(exponent), True if details.to is None else details.to)
