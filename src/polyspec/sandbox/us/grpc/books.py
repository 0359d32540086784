"""Market data: every update is the whole book to the depth that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from google.protobuf.message import Message
from polyspec_wire.proto.polymarket.v1 import marketdatasubscription_pb2 as md
from polyspec_wire.proto.polymarket.v1 import refdata_pb2
from polyspec_wire.proto.polymarket.v1.types_pb2 import Heartbeat

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.grpc.streaming import Floor, News
from polyspec.sandbox.us.handlers.orderbook import instrument_stats, wire_state
from polyspec.sandbox.us.refusals import Refusal, invalid, missing
from polyspec.sandbox.us.registry import Asked
from polyspec.sandbox.us.world import World

__all__ = ["BookDesk", "TalkingBookDesk"]

_MOST: Final = 1000
_DEFAULT_DEPTH: Final = 10
_MOVES: Final = (t.BookChange, t.MarketChange, t.MarketSettled, t.Trade)
_M = TypeVar("_M", bound=Message)


def _too_many() -> Refusal:
    return invalid(f"at most {_MOST} symbols per subscription")


class _Books:
    """Books as they are told on one stream."""

    def __init__(self, world: World, options: Any) -> None:
        if options.depth < 0:
            raise invalid("depth must not be negative")
        self._world = world
        self._depth = options.depth or _DEFAULT_DEPTH
        self._apart = options.unaggregated
        self.scaled = False
        """Whether updates carry scales, as those of subscriptions to everything do."""

    def update(self, symbol: str) -> md.MarketDataUpdate:
        """Return the book of a symbol as it is now."""
        exchange = self._world.exchange
        bids, offers = self._sides(symbol)
        told = md.MarketDataUpdate(
            symbol=symbol,
            bids=bids,
            offers=offers,
            state=refdata_pb2.InstrumentState.Value(wire_state(exchange.market_state(symbol)).value),
        )
        told.transact_time.FromDatetime(self._world.book_time(symbol))
        stats = instrument_stats(self._world, symbol)
        for name, value in msgspec.structs.asdict(stats).items():
            if name == "settlement_set_time" and value is not None:
                told.stats.settlement_set_time.FromDatetime(value)
            elif value is not None:
                setattr(told.stats, name, value)
        if self.scaled:
            scales = self.scales(symbol)
            told.price_scale, told.quantity_scale = scales.price_scale, scales.quantity_scale
        return told

    def _sides(self, symbol: str) -> tuple[list[md.BookEntry], list[md.BookEntry]]:
        exchange = self._world.exchange
        if not self._apart:
            bids, offers = exchange.book(symbol, self._depth)
            return [
                [md.BookEntry(px=each.price, qty=each.quantity) for each in side] for side in (bids, offers)
            ]  # type: ignore[return-value]
        resting = [exchange.resting(symbol, side)[: self._depth] for side in (t.Side.BUY, t.Side.SELL)]
        return [[md.BookEntry(px=each.price, qty=each.leaves) for each in side] for side in resting]  # type: ignore[return-value]

    def scales(self, symbol: str) -> md.SymbolScales:
        """Return what the integers of a symbol are divided by."""
        market = self._world.exchange.market(symbol)
        assert market is not None
        return md.SymbolScales(
            symbol=symbol, price_scale=market.price_scale, quantity_scale=market.quantity_scale
        )


def _moved(news: Iterable[News]) -> list[str]:
    """Return the symbols there is news of, each once."""
    return list(dict.fromkeys(each.symbol for each in news if isinstance(each, _MOVES)))


class BookDesk:
    """A subscription to symbols that stay as they are; none is all of them."""

    def __init__(self, floor: Floor, asked: Asked, request: md.CreateMarketDataSubscriptionRequest) -> None:
        world = self._world = asked.world
        self._symbols = dict.fromkeys(request.symbols)
        if len(request.symbols) > _MOST:
            raise _too_many()
        if unknown := [each for each in self._symbols if world.exchange.market(each) is None]:
            raise missing(f"instrument {unknown[0]} not found")
        self._books = _Books(world, request)
        self._books.scaled = not self._symbols
        self._once = request.snapshot_only
        self.skips = request.slow_consumer_skip_to_head
        self.finished = False

    def open(self) -> list[Message]:
        """Return every book."""
        self.finished = self._once
        return self._updates(self._symbols or self._world.listings)

    def hear(self, request: Any) -> list[Message]:
        """Hear nothing: the caller has said everything."""
        raise invalid("unexpected message")

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return the books that changed."""
        known = self._symbols or self._world.listings
        return self._updates(each for each in _moved(news) if each in known)

    def beat(self) -> list[Message]:
        """Return a heartbeat."""
        return [md.CreateMarketDataSubscriptionResponse(heartbeat=Heartbeat())]

    def _updates(self, symbols: Iterable[str]) -> list[Message]:
        return [
            md.CreateMarketDataSubscriptionResponse(update=self._books.update(each))
            for each in symbols
            if self._world.exchange.market(each) is not None
        ]


class TalkingBookDesk:
    """A subscription whose symbols the caller adds and removes; options count on the first message alone."""

    def __init__(self, floor: Floor, asked: Asked, request: md.BiDirectionalStreamMarketDataRequest) -> None:
        if request.WhichOneof("command") != "subscribe":
            raise invalid("the first message must be a subscribe command")
        self._world = asked.world
        self._books = _Books(asked.world, request)
        self._once = request.snapshot_only
        self._first: md.BiDirectionalStreamMarketDataRequest | None = request
        self._symbols: dict[str, None] = {}
        self._everything = not request.subscribe.symbols
        self._books.scaled = self._everything
        self.skips = request.slow_consumer_skip_to_head
        self.finished = False

    def open(self) -> list[Message]:
        """Answer the first message; later, return every book."""
        first, self._first = self._first, None
        if first is None:
            return self._updates(self._known)
        return self.hear(first)

    @property
    def _known(self) -> Iterable[str]:
        return list(self._world.listings) if self._everything else self._symbols

    def hear(self, request: md.BiDirectionalStreamMarketDataRequest) -> list[Message]:
        """Carry a command out."""
        command = request.WhichOneof("command")
        if command == "subscribe":
            return self._add(request.subscribe.symbols)
        if command == "unsubscribe":
            return self._remove(request.unsubscribe.symbols)
        if command is None:
            raise invalid("a command is required")
        return []

    def _add(self, symbols: Sequence[str]) -> list[Message]:
        asked, exchange = dict.fromkeys(symbols), self._world.exchange
        unknown = [each for each in asked if exchange.market(each) is None]
        twice = [
            each for each in asked if each not in unknown and (self._everything or each in self._symbols)
        ]
        added = [each for each in asked if each not in unknown and each not in twice]
        if len(symbols) > _MOST or len(self._symbols) + len(added) > _MOST:
            raise _too_many()
        self._symbols |= dict.fromkeys(added)
        answers = [
            *_error("INVALID_SYMBOL", "unknown symbols", unknown),
            *_error("ALREADY_SUBSCRIBED", "symbols are subscribed already", twice),
        ]
        if self._everything and not symbols:
            added = list(self._world.listings)
        if added:
            answers += [self._ack(added=added), *self._updates(added)]
        return answers

    def _remove(self, symbols: Sequence[str]) -> list[Message]:
        removed = [each for each in dict.fromkeys(symbols) if each in self._symbols]
        absent = [each for each in dict.fromkeys(symbols) if each not in self._symbols]
        for each in removed:
            del self._symbols[each]
        answers = _error("NOT_SUBSCRIBED", "symbols are not subscribed", absent)
        return [*answers, self._ack(removed=removed)] if removed else answers

    def _ack(self, *, added: Sequence[str] = (), removed: Sequence[str] = ()) -> Message:
        """Say what a command changed; a list of more than 1,000 is left out."""
        active = list(self._known)
        told = md.SubscriptionAck(
            active_symbol_count=len(active),
            active_symbols_truncated=len(active) > _MOST,
            symbols_added_count=len(added),
            symbols_added_truncated=len(added) > _MOST,
            symbols_removed_count=len(removed),
            symbols_removed_truncated=len(removed) > _MOST,
        )
        for field, names in (
            (told.symbols_added, added), (told.symbols_removed, removed), (told.active_symbols, active)
        ):  # fmt: skip
            if len(names) <= _MOST:
                field.extend(names)
        if len(added) <= _MOST:
            told.symbol_scales.extend(self._books.scales(each) for each in added)
        return md.BiDirectionalStreamMarketDataResponse(subscription_ack=told)

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return the books that changed."""
        if self._once:
            return []
        return self._updates(each for each in _moved(news) if self._everything or each in self._symbols)

    def beat(self) -> list[Message]:
        """Return a heartbeat."""
        return [md.BiDirectionalStreamMarketDataResponse(heartbeat=Heartbeat())]

    def _updates(self, symbols: Iterable[str]) -> list[Message]:
        return [md.BiDirectionalStreamMarketDataResponse(update=self._books.update(each)) for each in symbols]


def _error(code: str, message: str, symbols: Sequence[str]) -> list[Message]:
    if not symbols:
        return []
    told = md.SubscriptionError(error_code=code, message=f"{message}: {symbols[0]}", symbols=symbols)
    return [md.BiDirectionalStreamMarketDataResponse(subscription_error=told)]
