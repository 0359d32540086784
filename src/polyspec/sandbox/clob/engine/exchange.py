"""The CLOB: apply commands, ask questions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Any

from . import commands as c
from . import entry, funds, lifecycle
from .audit import audit, check_totals, state_hash
from .core import Core, Refused
from .enums import MarketStatus, Side, TradeStatus, TradingMode
from .funding import enforce_cover
from .market import Market, mirrored
from .records import (
    Book,
    BookLevel,
    Event,
    Holding,
    LedgerEntry,
    MarketStatistics,
    MarketTerms,
    Order,
    OrderEvent,
    OrderRejected,
    PricePoint,
    Trade,
)
from .settlement import set_trade_status
from .views import concerns, holding_of, levels_of
from .wallet import COLLATERAL, Asset

__all__ = ["ClobExchange"]

_HANDLERS: dict[type, Callable[[Core, Any], object]] = {
    c.AddMarket: lifecycle.add_market,
    c.SetMarketStatus: lifecycle.set_market_status,
    c.SetTick: lifecycle.set_tick,
    c.ChangeMarket: lifecycle.change_market,
    c.ClearBook: lifecycle.clear_book,
    c.Resolve: lifecycle.resolve,
    c.SetBuilder: lifecycle.set_builder,
    c.SetTradingMode: lifecycle.set_trading_mode,
    c.Deposit: funds.deposit,
    c.Withdraw: funds.withdraw,
    c.Transfer: funds.transfer,
    c.Split: funds.split,
    c.Merge: funds.merge,
    c.Redeem: funds.redeem,
    c.SetAllowance: funds.set_allowance,
    c.SetApproval: funds.set_approval,
    c.PlaceOrder: entry.place,
    c.CancelOrders: entry.cancel_orders,
    c.CancelAll: entry.cancel_all,
    c.CancelMarketOrders: entry.cancel_market_orders,
    c.SetTradeStatus: set_trade_status,
    c.Advance: lambda _core, _command: None,
}


class ClobExchange:
    """A deterministic CLOB: its state is a function of the commands applied, in order.

    Structs handed out by queries belong to the exchange and are not to be changed.
    """

    def __init__(self) -> None:
        self._core = Core()

    def apply(self, command: c.Command, now_ns: int) -> list[Event]:
        """Carry out a command at a time and return what happened.

        What is due by then happens first. A command the rules refuse is answered by events;
        nothing is raised for it.
        """
        core = self._core
        core.begin()
        entry.run_due(core, now_ns)
        try:
            _HANDLERS[type(command)](core, command)
        except Refused as refusal:
            core.refuse(type(command).__name__, refusal.text)
        if core.touched:
            enforce_cover(core)
        return core.finish()

    def placed(self, events: Iterable[Event], order_id: str) -> Order | OrderRejected | None:
        """Return what became of an order a PlaceOrder asked for, as it stands now."""
        for event in events:
            if isinstance(event, OrderRejected) and event.order_id == order_id:
                return event
            if isinstance(event, OrderEvent) and event.order.id == order_id:
                return self._core.orders[order_id]
        return None

    # -- markets -----------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The latest time of a command, in nanoseconds."""
        return self._core.now

    @property
    def trading_mode(self) -> TradingMode:
        """What the venue takes at the moment."""
        return self._core.mode

    def next_due(self) -> int | None:
        """Return when something may happen by itself next, in nanoseconds."""
        return self._core.timers[0][0] if self._core.timers else None

    def markets(self) -> list[MarketTerms]:
        """Return the terms of all markets, in the order they were listed."""
        return [market.terms for market in self._core.markets.values()]

    def _market(self, condition_id: str) -> Market | None:
        return self._core.markets.get(condition_id)

    def market(self, condition_id: str) -> MarketTerms | None:
        """Return the terms of a market."""
        market = self._market(condition_id)
        return None if market is None else market.terms

    def market_of(self, token_id: str) -> MarketTerms | None:
        """Return the terms of the market of a token."""
        found = self._core.tokens.get(token_id)
        return None if found is None else found[0].terms

    def market_status(self, condition_id: str) -> MarketStatus | None:
        """Return the status of a market."""
        market = self._market(condition_id)
        return None if market is None else market.status

    def payouts(self, condition_id: str) -> tuple[int, int] | None:
        """Return what a share of each outcome pays, None before the market is resolved."""
        market = self._market(condition_id)
        return None if market is None else market.payouts

    def backing(self, condition_id: str) -> int:
        """Return the collateral behind a market's outstanding sets."""
        market = self._market(condition_id)
        return 0 if market is None else market.backing

    def statistics(self, condition_id: str) -> MarketStatistics | None:
        """Return what a market has traded."""
        market = self._market(condition_id)
        return None if market is None else market.statistics

    def builders(self) -> list[c.SetBuilder]:
        """Return all builder codes with their fees."""
        return list(self._core.builders.values())

    def builder(self, code: str) -> c.SetBuilder | None:
        """Return the fees of a builder code."""
        return self._core.builders.get(code)

    # -- books and prices ----------------------------------------------------------------------

    def book(self, token_id: str, depth: int | None = None) -> Book | None:
        """Return a book as holders of a token see it, best first, at most depth levels each."""
        found = self._core.tokens.get(token_id)
        if found is None:
            return None
        market, outcome = found
        last = market.statistics.last_price
        return Book(
            condition_id=market.terms.condition_id,
            token_id=token_id,
            bids=levels_of(market, outcome, Side.BUY, depth),
            asks=levels_of(market, outcome, Side.SELL, depth),
            time=market.book_time,
            tick=market.terms.tick,
            minimum_size=market.terms.minimum_size,
            neg_risk=market.terms.neg_risk,
            last_price=None if last is None else mirrored(outcome, last),
        )

    def best_bid(self, token_id: str) -> BookLevel | None:
        """Return the highest price somebody pays for a token."""
        return self._best(token_id, Side.BUY)

    def best_ask(self, token_id: str) -> BookLevel | None:
        """Return the lowest price a token is to be had for."""
        return self._best(token_id, Side.SELL)

    def _best(self, token_id: str, side: Side) -> BookLevel | None:
        found = self._core.tokens.get(token_id)
        return None if found is None else next(iter(levels_of(*found, side, 1)), None)

    def resting(self, token_id: str, side: Side) -> list[Order]:
        """Return the orders, of either outcome, on a side of a token's book, in priority."""
        found = self._core.tokens.get(token_id)
        if found is None:
            return []
        market, outcome = found
        return list((market.bids if market.bids_with(outcome, side) else market.asks).orders())

    def last_trade(self, token_id: str) -> tuple[int, Side] | None:
        """Return price and taker side of the last trade, in terms of a token."""
        found = self._core.tokens.get(token_id)
        if found is None:
            return None
        market, outcome = found
        statistics = market.statistics
        if statistics.last_price is None or statistics.last_side is None:
            return None
        bought = (statistics.last_side is Side.BUY) is (statistics.last_outcome == outcome)
        return mirrored(outcome, statistics.last_price), Side.BUY if bought else Side.SELL

    def price_points(self, token_id: str, start_ns: int = 0, end_ns: int | None = None) -> list[PricePoint]:
        """Return the fills of a market as prices of a token, from a time until before another."""
        found = self._core.tokens.get(token_id)
        if found is None:
            return []
        market, outcome = found
        points = market.points
        first = bisect_left(points, start_ns, key=lambda point: point.time)
        last = len(points) if end_ns is None else bisect_left(points, end_ns, key=lambda point: point.time)
        if not outcome:
            return points[first:last]
        return [PricePoint(p.time, mirrored(1, p.price), p.size) for p in points[first:last]]

    # -- orders and trades ---------------------------------------------------------------------

    def order(self, order_id: str) -> Order | None:
        """Return an accepted order by id."""
        return self._core.orders.get(order_id)

    def orders(
        self,
        *,
        owner: str = "",
        wallet: str = "",
        condition_id: str = "",
        token_id: str = "",
        open_only: bool = False,
    ) -> list[Order]:
        """Return orders, oldest first."""
        core = self._core
        pool: Iterable[Order]
        if owner:
            open_orders = core.owner_open.get(owner, {})
            pool = open_orders.values() if open_only else core.owner_orders.get(owner, [])
        elif wallet:
            pool = core.wallets[wallet].orders if wallet in core.wallets else []
        elif condition_id and open_only:
            market = core.markets.get(condition_id)
            pool = market.open_orders.values() if market is not None else []
        else:
            pool = core.orders.values()
        return [
            order
            for order in pool
            if wallet in ("", order.wallet)
            and condition_id in ("", order.condition_id)
            and token_id in ("", order.token_id)
            and (not open_only or order.status.is_open)
        ]

    def trade(self, trade_id: str) -> Trade | None:
        """Return a trade by id, in its current status."""
        return self._core.trades.get(trade_id)

    def _trade_pool(
        self, order_id: str, wallet: str, owner: str, builder: str, condition_id: str
    ) -> Iterable[str]:
        """Return the ids of the shortest list that holds all trades asked for."""
        core = self._core
        if order_id:
            return core.orders[order_id].trades if order_id in core.orders else ()
        if wallet:
            return core.wallets[wallet].trades if wallet in core.wallets else ()
        if owner:
            return core.owner_trades.get(owner, ())
        if builder:
            return core.builder_trades.get(builder, ())
        if condition_id:
            return core.markets[condition_id].trades if condition_id in core.markets else ()
        return core.trades

    def trades(
        self,
        *,
        owner: str = "",
        wallet: str = "",
        condition_id: str = "",
        token_id: str = "",
        order_id: str = "",
        builder: str = "",
        status: TradeStatus | None = None,
        after_ns: int | None = None,
        before_ns: int | None = None,
        after_sequence: int = 0,
    ) -> list[Trade]:
        """Return trades in their current status, oldest first.

        Owner, wallet, token and builder are those of the taker or of any maker; the match time
        lies beyond `after_ns` and before `before_ns`.
        """
        found = [
            self._core.trades[trade_id]
            for trade_id in self._trade_pool(order_id, wallet, owner, builder, condition_id)
        ]
        return [
            trade
            for trade in found
            if trade.sequence > after_sequence
            and condition_id in ("", trade.condition_id)
            and status in (None, trade.status)
            and (after_ns is None or trade.match_time > after_ns)
            and (before_ns is None or trade.match_time < before_ns)
            and concerns(trade, owner, wallet, token_id, builder)
        ]

    # -- wallets -------------------------------------------------------------------------------

    def wallets(self) -> list[str]:
        """Return the addresses of all wallets."""
        return list(self._core.wallets)

    def holding(self, wallet: str, asset: str = COLLATERAL) -> Holding:
        """Return a wallet's balance of collateral or of a token; zeros if it has none."""
        owner = self._core.wallets.get(wallet)
        found = owner.assets.get(asset) if owner is not None else None
        return holding_of(wallet, asset, found or Asset())

    def holdings(self, wallet: str) -> list[Holding]:
        """Return all balances a wallet ever had, collateral first."""
        owner = self._core.wallets.get(wallet)
        return [] if owner is None else [holding_of(wallet, name, a) for name, a in owner.assets.items()]

    def allowance(self, wallet: str, spender: str) -> int:
        """Return how much of a wallet's collateral a contract may spend."""
        owner = self._core.wallets.get(wallet)
        return 0 if owner is None else owner.allowances.get(spender, 0)

    def approved(self, wallet: str, spender: str) -> bool:
        """Return whether a contract may move a wallet's outcome tokens."""
        owner = self._core.wallets.get(wallet)
        return owner is not None and owner.approvals.get(spender, False)

    def ledger_entries(self, wallet: str, *, after: int = 0) -> list[LedgerEntry]:
        """Return a wallet's ledger entries in sequence, those beyond a sequence number."""
        owner = self._core.wallets.get(wallet)
        return [] if owner is None else [entry_ for entry_ in owner.entries if entry_.sequence > after]

    # -- totals and checks ---------------------------------------------------------------------

    @property
    def deposited(self) -> int:
        """Deposits less withdrawals."""
        return self._core.deposited

    @property
    def fees_collected(self) -> int:
        """Platform fees of all mined trades."""
        return self._core.fees

    def builder_fees(self) -> dict[str, int]:
        """Return the builder fees of all mined trades by code."""
        return dict(self._core.builder_fees)

    def state_hash(self) -> str:
        """Return a digest of the complete state."""
        return state_hash(self._core)

    def audit(self, *, history: bool = True) -> None:
        """Recount everything; raises AssertionError if something does not add up."""
        audit(self._core, history=history)

    def check_totals(self) -> None:
        """Compare the running totals; raises AssertionError if they differ."""
        check_totals(self._core)
