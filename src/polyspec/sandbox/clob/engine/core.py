"""The state of the CLOB and the one way to write it down.

Plain data plus the recording of what happened; the rules live in the modules that use it.
Ids come from counters, time from the command being applied.
"""

from __future__ import annotations

import hashlib
import heapq
from copy import copy
from enum import IntEnum

from .commands import SetBuilder
from .enums import EntryKind, OrderStatus, OrderStep, RejectReason, Side, TradingMode
from .market import Market, mirrored
from .records import (
    CommandRefused,
    Event,
    LedgerEntry,
    LevelChange,
    Order,
    OrderEvent,
    Trade,
)
from .wallet import COLLATERAL, Wallet

__all__ = ["Core", "Leg", "Refused", "Timer", "trade_id_of"]


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """A request the rules do not allow; caught where the request came in."""

    def __init__(self, text: str, reason: RejectReason = RejectReason.INVALID_AMOUNTS) -> None:
        super().__init__(text)
        self.text = text
        self.reason = reason


def trade_id_of(sequence: int) -> str:
    """Return the id of the trade with a number: it looks like the venue's and depends on nothing else."""
    text = hashlib.sha256(b"trade %d" % sequence).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


class Timer(IntEnum):
    """What is due for an order at a time."""

    RELEASE = 0
    EXPIRY = 1


Leg = tuple[str, str, int]
"""What a trade's settlement does to a wallet's balance of an asset."""


class Core:
    """All state of the CLOB."""

    def __init__(self) -> None:
        self.now = 0
        self.commands = 0
        self.mode = TradingMode.NORMAL
        self.events: list[Event] = []
        self.markets: dict[str, Market] = {}
        self.tokens: dict[str, tuple[Market, int]] = {}
        self.wallets: dict[str, Wallet] = {}
        self.builders: dict[str, SetBuilder] = {}
        self.orders: dict[str, Order] = {}
        self.trades: dict[str, Trade] = {}
        self.legs: dict[str, tuple[Leg, ...]] = {}
        """What unsettled trades will do to balances."""
        self.claims: dict[str, int] = {}
        """What each open order needs."""
        self.owner_orders: dict[str, list[Order]] = {}
        self.owner_open: dict[str, dict[str, Order]] = {}
        self.owner_trades: dict[str, list[str]] = {}
        self.builder_trades: dict[str, list[str]] = {}
        self.timers: list[tuple[int, int, int, str]] = []
        self.deposited = 0
        """Deposits less withdrawals."""
        self.held = 0
        """Running total of the collateral in wallets, behind sets and in fees."""
        self.fees = 0
        self.builder_fees: dict[str, int] = {}
        self.touched: dict[tuple[str, str], None] = {}
        """Balances and allowances that went down during the command."""
        self._changed: dict[tuple[str, bool, int], str] = {}
        self._counters = {"order": 0, "trade": 0, "transaction": 0, "entry": 0, "timer": 0}

    # -- counters ----------------------------------------------------------------------------

    def count(self, counter: str) -> int:
        """Return the next number of a counter, from 1."""
        self._counters[counter] += 1
        return self._counters[counter]

    def counters(self) -> dict[str, int]:
        """Return how far each counter got."""
        return dict(self._counters)

    def new_transaction(self, trade_id: str) -> str:
        """Return the hash of one more transaction."""
        number = self.count("transaction")
        return "0x" + hashlib.sha256(f"transaction {number} {trade_id}".encode()).hexdigest()

    # -- recording ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a command."""
        self.commands += 1
        self.events = []

    def finish(self) -> list[Event]:
        """End a command and return what happened, level changes last."""
        events, self.events = self.events, []
        for (condition_id, is_bid, price), order_id in self._changed.items():
            market = self.markets[condition_id]
            level = (market.bids if is_bid else market.asks).levels.get(price)
            events.append(
                LevelChange(
                    condition_id=condition_id,
                    side=Side.BUY if is_bid else Side.SELL,
                    price=price,
                    size=0 if level is None else level.quantity,
                    order_id=order_id,
                    time=self.now,
                )
            )
        self._changed.clear()
        self.touched.clear()
        return events

    def refuse(self, command: str, text: str) -> None:
        """Report a command without an order that did nothing."""
        self.events.append(CommandRefused(command=command, text=text, time=self.now))

    def report(self, order: Order, step: OrderStep, trade_id: str = "") -> None:
        """Report a step of an order, as the order stands after it."""
        order.updated = self.now
        self.events.append(OrderEvent(step=step, order=copy(order), trade_id=trade_id, time=self.now))

    def level_changed(self, market: Market, order: Order, by: str) -> None:
        """Note that an order's level of the book is different now, and whose doing it is."""
        is_bid = market.bids_with(order.outcome, order.side)
        self._changed[market.terms.condition_id, is_bid, mirrored(order.outcome, order.price)] = by
        market.book_time = self.now

    def due(self, when: int, what: Timer, order: Order) -> None:
        """Remember that something is due for an order at a time."""
        heapq.heappush(self.timers, (when, self.count("timer"), what, order.id))

    # -- wallets -----------------------------------------------------------------------------

    def wallet(self, name: str) -> Wallet:
        """Return a wallet, an empty one if it is new."""
        wallet = self.wallets.get(name)
        if wallet is None:
            wallet = self.wallets[name] = Wallet(name)
        return wallet

    def post(self, name: str, asset: str, change: int, kind: EntryKind, reference: str) -> None:
        """Change a balance and write it down; the counter side is the caller's."""
        if not change:
            return
        wallet = self.wallet(name)
        holding = wallet.asset(asset)
        holding.balance += change
        if asset == COLLATERAL:
            self.held += change
        else:
            market, outcome = self.tokens[asset]
            market.supply[outcome] += change
        if change < 0:
            self.touched[name, asset] = None
        entry = LedgerEntry(
            sequence=self.count("entry"),
            wallet=name,
            asset=asset,
            change=change,
            balance=holding.balance,
            kind=kind,
            reference=reference,
            time=self.now,
        )
        wallet.entries.append(entry)
        self.events.append(entry)

    def back(self, market: Market, change: int) -> None:
        """Put collateral behind a market's sets, or take it back."""
        market.backing += change
        self.held += change

    def claim(self, market: Market, order: Order, amount: int) -> None:
        """Keep so much for an open order from now on; 0 when it is no longer open."""
        wallet = self.wallet(order.wallet)
        buys = order.side is Side.BUY
        asset = wallet.asset(COLLATERAL if buys else order.token_id)
        change = amount - self.claims.pop(order.id, 0)
        asset.active += change
        if buys:
            for spender in market.terms.spenders:
                wallet.claims_on(spender).active += change
        if amount:
            self.claims[order.id] = amount
            asset.orders[order.id] = order
        else:
            asset.orders.pop(order.id, None)

    # -- orders ------------------------------------------------------------------------------

    def file(self, market: Market, order: Order) -> None:
        """Keep an accepted order, open for now."""
        self.orders[order.id] = order
        self.wallet(order.wallet).orders.append(order)
        self.owner_orders.setdefault(order.owner, []).append(order)
        self.owner_open.setdefault(order.owner, {})[order.id] = order
        market.open_orders[order.id] = order

    def forget(self, market: Market, order: Order) -> None:
        """Drop a finished order from the indexes of open ones."""
        order.remaining = 0
        del self.owner_open[order.owner][order.id]
        del market.open_orders[order.id]
        self.claim(market, order, 0)

    def end(self, market: Market, order: Order, status: OrderStatus, text: str = "") -> None:
        """End an open order, resting or held, before it matched completely."""
        if market.held.pop(order.id, None) is None:
            price = mirrored(order.outcome, order.price)
            market.ladder(order).drop(price, order.id, order.remaining)
            self.level_changed(market, order, order.id)
        order.status = status
        order.text = text
        self.forget(market, order)
        self.report(order, OrderStep.CANCELLATION)
