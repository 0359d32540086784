"""A market channel without sockets: an exact model of a book, the messages that tell of it, and faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from random import Random  # noqa: TID251 - seeds are the point
from typing import Any

import msgspec
from attrs import define, field
from polyspec_wire.clob import models as wire

from polyspec.clob.market import TokenMarkets
from polyspec.clob.market_feed import MARKET_RHYTHM, MarketFeed
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.events import Event
from polyspec.core.streams.machine import Action, Close, Emit, Open, Resync, Rhythm, Write

__all__ = ["START", "Model", "Rig", "levels"]

START = 1_700_000_000_000
_PRICES = [Decimal(count) / 100 for count in range(101)]
_REST = msgspec.json.Decoder(wire.OrderBookSummary)


def levels(book: OrderBook) -> dict[str, dict[Decimal, Decimal]]:
    """Return what a book holds."""
    return {"BUY": dict(book.bids()), "SELL": dict(book.asks())}


@define(eq=False)
class Look:
    """One look at REST: the book is read half-way."""

    keys: tuple[str, ...]
    reads: float
    ends: float
    found: dict[str, Any] | None = None


@define(eq=False)
class Model:
    """The venue's book of one token; every change of it is a message."""

    token: str
    chance: Random
    at: int = START
    """The venue's time of the last change."""
    sides: dict[str, dict[int, int]] = field(factory=lambda: {"BUY": {45: 10}, "SELL": {55: 10}})

    def move(self, at: int) -> bytes:
        """Change one level, or a few together, and return the message."""
        self.at = at
        changed = [self._change() for _ in range(1 if self.chance.random() < 0.8 else 3)]
        bid, ask = max(self.sides["BUY"], default=0), min(self.sides["SELL"], default=100)
        return _text(
            event_type="price_change",
            market="0xm",
            timestamp=str(at),
            price_changes=[
                {"asset_id": self.token, "price": _price(price), "size": str(size), "side": side, "hash": "",
                 "best_bid": _price(bid), "best_ask": _price(ask)}
                for side, price, size in changed
            ],
        )  # fmt: skip

    def _change(self) -> tuple[str, int, int]:
        side = self.chance.choice(["BUY", "SELL"])
        own, other = self.sides[side], self.sides["SELL" if side == "BUY" else "BUY"]
        if own and self.chance.random() < 0.35:
            price, size = self.chance.choice(sorted(own)), 0
            del own[price]
            return side, price, size
        bound = min(other, default=100) if side == "BUY" else max(other, default=0)
        low, high = (1, bound - 1) if side == "BUY" else (bound + 1, 99)
        if low > high:
            # the other side leaves no room: its best goes
            del other[bound]
            return ("SELL" if side == "BUY" else "BUY"), bound, 0
        price = self.chance.randint(low, high)
        own[price] = size = self.chance.randint(1, 500)
        return side, price, size

    def book(self, kind: str | None = "book") -> bytes:
        """Return the whole book, as a message or (None) as REST tells it."""
        parts: dict[str, Any] = {} if kind is None else {"event_type": kind}
        bids, asks = (
            [{"price": _price(each), "size": str(self.sides[side][each])} for each in order]
            for side, order in (
                ("BUY", sorted(self.sides["BUY"])),
                ("SELL", sorted(self.sides["SELL"], reverse=True)),
            )
        )
        return _text(
            **parts, asset_id=self.token, market="0xm", timestamp=str(self.at), hash="", bids=bids, asks=asks,
            min_order_size="5", tick_size="0.01", neg_risk=False, last_trade_price="",
        )  # fmt: skip

    def rest(self) -> wire.OrderBookSummary:
        """Return the whole book as REST has it."""
        return _REST.decode(self.book(None))

    @property
    def levels(self) -> dict[str, dict[Decimal, Decimal]]:
        """What the book holds."""
        return {
            side: {_PRICES[price]: Decimal(size) for price, size in held.items()}
            for side, held in self.sides.items()
        }


class Rig:
    """A feed, its connection and the REST behind it, on a clock of their own."""

    def __init__(self, *models: Model, rhythm: Rhythm = MARKET_RHYTHM, chance: float = 0.5) -> None:
        self.models = {each.token: each for each in models}
        self.markets = TokenMarkets(300.0)
        self.feed = MarketFeed(None, self.markets, lambda: chance, rhythm=rhythm)  # type: ignore[arg-type]
        self.now = 0.0
        self.events: list[Event] = []
        self.look: Look | None = None
        """The one that is under way: as the shells, it does one after the other."""
        self.asked: dict[str, None] = {}
        """What to look up next."""
        self.rest: Callable[[str], Any] = self._rest
        """What REST says of a token; None where it leaves it out."""
        self.writes: list[object] = []
        self.open = False
        self.delay = 0.2
        """Seconds a look takes."""
        self.do(self.feed.want(list(self.models), self.now))

    def do(self, actions: list[Action]) -> None:
        """Carry out what the feed decides."""
        for action in actions:
            if isinstance(action, Emit):
                self.events.append(action.event)
            elif isinstance(action, Write):
                self.writes.append(action.data)
                self._answer(action.data)
            elif isinstance(action, Open):
                self.open = True
                self.do(self.feed.machine.opened(self.now))
            elif isinstance(action, Close):
                self.open = False
                self.feed.lost(action.reason)
            elif isinstance(action, Resync):
                self.asked |= dict.fromkeys(action.keys)
                self._look()

    def _rest(self, token: str) -> Any:
        return self.models[token].rest() if token in self.models else None

    def _look(self) -> None:
        if self.look is None and self.asked:
            keys, self.asked = tuple(self.asked), {}
            self.feed.look(keys, self.now)
            self.look = Look(keys, self.now + self.delay / 2, self.now + self.delay)

    def _go_on(self) -> None:
        look = self.look
        if look is None:
            return
        if look.found is None and self.now >= look.reads:
            found = {each: self.rest(each) for each in look.keys}
            look.found = {each: told for each, told in found.items() if told is not None}
        if look.found is not None and self.now >= look.ends:
            self.look = None
            self.do(self.feed.looked(look.keys, look.found, self.now))
            self._look()

    def _answer(self, data: object) -> None:
        """Tell the books that are asked for, as the venue does."""
        if data == "PING":
            self.hear(b"PONG")
        elif isinstance(data, wire.MarketSubscription):
            told = b",".join(self.models[each].book() for each in data.assets_ids if each in self.models)
            self.hear(b"[" + told + b"]")

    def hear(self, message: bytes) -> None:
        """Let the feed hear a message."""
        self.do(self.feed.heard(message, self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass, and what is due happen."""
        end = self.now + seconds
        while True:
            look, due = self.look, self.feed.machine.wakes
            if look is not None:
                due = min(due, look.reads if look.found is None else look.ends)
            if due > end:
                break
            self.now = max(self.now, due)
            self._go_on()
            self.do(self.feed.machine.tick(self.now))
        self.now = end

    def told(self, kind: type[Any]) -> list[Any]:
        """Return the events of a kind so far."""
        return [each for each in self.events if isinstance(each, kind)]


def _price(count: int) -> str:
    return str(Decimal(count) / 100)


def _text(**parts: Any) -> bytes:
    return json.dumps(parts).encode()
