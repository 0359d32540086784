"""The exchange: apply commands, ask questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from . import commands as c
from . import entry, funds, lifecycle
from .auction import equilibrium
from .audit import audit, check_totals, state_hash
from .core import Core, Refused
from .enums import ExecutionType, MarketState, Side
from .ledger import Account
from .records import (
    Balance,
    BookLevel,
    Event,
    Execution,
    LedgerEntry,
    MarketDefinition,
    MarketStatistics,
    Order,
    Position,
    PositionEntry,
    Preview,
    Trade,
)
from .replace import refuse, replace
from .waiting import enforce_funding

__all__ = ["Exchange"]

_HANDLERS: dict[type, Callable[[Core, Any], object]] = {
    c.AddMarket: lifecycle.add_market,
    c.SetMarketState: lifecycle.set_market_state,
    c.SetReferencePrice: lifecycle.set_reference_price,
    c.SetFees: lifecycle.set_fees,
    c.Settle: lifecycle.settle,
    c.SetTradeState: lifecycle.set_trade_state,
    c.OpenAccount: funds.open_account,
    c.AddParticipant: funds.add_participant,
    c.Deposit: funds.deposit,
    c.Withdraw: funds.withdraw,
    c.Transfer: funds.transfer,
    c.PlaceOrder: entry.place,
    c.PlaceCross: entry.place_cross,
    c.CancelOrder: entry.cancel_order,
    c.CancelAll: entry.cancel_all,
    c.ReplaceOrder: replace,
    c.Refuse: refuse,
    c.Advance: lambda _core, _command: None,
}

_Entry = TypeVar("_Entry", LedgerEntry, PositionEntry, Execution)


class Exchange:
    """A deterministic exchange: its state is a function of the commands applied, in order.

    Structs handed out by queries belong to the exchange and are not to be changed.
    """

    def __init__(self) -> None:
        self._core = Core()

    def apply(self, command: c.Command, now_ns: int) -> list[Event]:
        """Carry out a command at a time and return what happened.

        A command the rules refuse is answered by events; nothing is raised for it.
        """
        core = self._core
        core.begin(now_ns)
        lifecycle.expire_due(core)
        try:
            _HANDLERS[type(command)](core, command)
        except Refused as refusal:
            core.refuse(type(command).__name__, refusal.text)
        if core.touched:
            enforce_funding(core)
        return core.finish()

    def preview(self, command: c.PlaceOrder, now_ns: int) -> Preview:
        """Tell what placing an order would do; the state stays as it is."""
        core = self._core
        now, core.now = core.now, max(core.now, now_ns)
        try:
            return entry.preview(core, command)
        finally:
            core.now = now

    @staticmethod
    def placed(events: Iterable[Event]) -> Order | None:
        """Return the order that a PlaceOrder's events are about, as it stands after them."""
        order: Order | None = None
        for event in events:
            if not isinstance(event, Execution):
                continue
            # Orders that expired with the clock come first and are not meant.
            if order is None and event.type not in (ExecutionType.NEW, ExecutionType.REJECTED):
                continue
            if order is None or event.order.id == order.id:
                order = event.order
        return order

    # -- markets -----------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The latest time of a command, in nanoseconds."""
        return self._core.now

    def markets(self) -> list[MarketDefinition]:
        """Return the terms of all markets, in the order they were listed."""
        return [market.definition for market in self._core.markets.values()]

    def market(self, symbol: str) -> MarketDefinition | None:
        """Return the terms of a market."""
        market = self._core.markets.get(symbol)
        return None if market is None else market.definition

    def market_state(self, symbol: str) -> MarketState | None:
        """Return the state of a market."""
        market = self._core.markets.get(symbol)
        return None if market is None else market.state

    def statistics(self, symbol: str) -> MarketStatistics | None:
        """Return what a market has traded."""
        market = self._core.markets.get(symbol)
        return None if market is None else market.statistics

    def book(self, symbol: str, depth: int | None = None) -> tuple[list[BookLevel], list[BookLevel]]:
        """Return bids and offers, best first, at most depth levels each."""
        market = self._core.markets.get(symbol)
        if market is None:
            return [], []
        return market.bids.depth(depth), market.offers.depth(depth)

    def best_bid(self, symbol: str) -> BookLevel | None:
        """Return the highest bid."""
        return next(iter(self.book(symbol, 1)[0]), None)

    def best_offer(self, symbol: str) -> BookLevel | None:
        """Return the lowest offer."""
        return next(iter(self.book(symbol, 1)[1]), None)

    def resting(self, symbol: str, side: Side) -> list[Order]:
        """Return the resting orders of a side in priority."""
        market = self._core.markets.get(symbol)
        return [] if market is None else list(market.side(side).orders())

    def indicative(self, symbol: str) -> tuple[int, int] | None:
        """Return price and volume of the auction if it took place now."""
        market = self._core.markets.get(symbol)
        return None if market is None else equilibrium(market)

    # -- orders ------------------------------------------------------------------------------

    def order(self, order_id: str) -> Order | None:
        """Return an order by id."""
        return self._core.orders.get(order_id)

    def order_by_client_id(self, participant: str, client_order_id: str) -> Order | None:
        """Return a participant's open order with a client id, failing that the latest one."""
        key = (participant, client_order_id)
        return self._core.client_ids.get(key) or self._core.latest_client_ids.get(key)

    def orders(
        self, *, account: str = "", participant: str = "", symbol: str = "", open_only: bool = False
    ) -> list[Order]:
        """Return orders, oldest first."""
        core = self._core
        pool: Iterable[Order]
        if open_only and symbol:
            market = core.markets.get(symbol)
            pool = market.open_orders.values() if market is not None else ()
        elif open_only:
            pool = (order for market in core.markets.values() for order in market.open_orders.values())
        else:
            pool = core.account_orders.get(account, []) if account else core.orders.values()
        found = [
            order
            for order in pool
            if account in ("", order.account)
            and participant in ("", order.participant)
            and symbol in ("", order.symbol)
        ]
        return sorted(found, key=lambda order: order.create_time) if open_only and not symbol else found

    def execution(self, execution_id: str) -> Execution | None:
        """Return an execution by id."""
        return self._core.executions.get(execution_id)

    def executions(
        self, *, account: str = "", order_id: str = "", symbol: str = "", after: int = 0
    ) -> list[Execution]:
        """Return executions in sequence, those beyond a sequence number."""
        core = self._core
        if order_id:
            pool = core.order_executions.get(order_id, [])
        elif account:
            pool = core.account_executions.get(account, [])
        else:
            pool = list(core.executions.values())
        return [
            execution
            for execution in _beyond(pool, after)
            if account in ("", execution.order.account) and symbol in ("", execution.order.symbol)
        ]

    def trade(self, trade_id: str) -> Trade | None:
        """Return a trade by id, in its current state."""
        return self._core.trades.get(trade_id)

    def trades(self, *, account: str = "", symbol: str = "") -> list[Trade]:
        """Return trades, oldest first, in their current state."""
        core = self._core
        ids = core.account_trades.get(account, []) if account else core.trades
        return [core.trades[trade_id] for trade_id in ids if symbol in ("", core.trades[trade_id].symbol)]

    # -- accounts ----------------------------------------------------------------------------

    def accounts(self) -> list[str]:
        """Return the names of all accounts, the exchange's own first."""
        return list(self._core.accounts)

    def participants(self) -> list[str]:
        """Return all participants."""
        return list(self._core.participants)

    def participant_accounts(self, participant: str) -> tuple[str, ...]:
        """Return the accounts a participant's orders may use."""
        return self._core.participants.get(participant, ())

    def _account(self, account: str) -> Account | None:
        return self._core.accounts.get(account)

    def balance(self, account: str) -> Balance | None:
        """Return an account's money."""
        owner = self._account(account)
        if owner is None:
            return None
        return Balance(
            account=account,
            cash=owner.cash,
            locked=owner.locked,
            buying_power=owner.buying_power,
            open_orders=owner.open_orders(),
            withdrawable=funds.withdrawable(owner),
        )

    def position(self, account: str, symbol: str) -> Position | None:
        """Return an account's position in a market, None if it never had one."""
        owner = self._account(account)
        found = owner.positions.get(symbol) if owner is not None else None
        return found if found is not None and found.update_time else None

    def positions(self, *, account: str = "", symbol: str = "") -> list[Position]:
        """Return positions that ever were, flat ones included."""
        core = self._core
        owner = core.accounts.get(account)
        owners = list(core.accounts.values()) if not account else [] if owner is None else [owner]
        return [
            position
            for each in owners
            for position in each.positions.values()
            if position.update_time and symbol in ("", position.symbol)
        ]

    def available_position(self, account: str, symbol: str) -> int:
        """Return the contracts of a position that no open order would close already."""
        owner = self._account(account)
        if owner is None or symbol not in owner.positions:
            return 0
        net, exposure = owner.positions[symbol].net, owner.exposures.get(symbol)
        if exposure is None:
            return net
        if net >= 0:
            return max(0, net - exposure.offers.quantity)
        return min(0, net + exposure.bids.quantity)

    def ledger_entries(self, account: str, *, after: int = 0) -> list[LedgerEntry]:
        """Return an account's ledger entries in sequence, those beyond a sequence number."""
        owner = self._account(account)
        return [] if owner is None else _beyond(owner.entries, after)

    def position_entries(self, account: str, symbol: str = "", *, after: int = 0) -> list[PositionEntry]:
        """Return an account's position entries in sequence, those beyond a sequence number."""
        owner = self._account(account)
        entries = [] if owner is None else _beyond(owner.position_entries, after)
        return [entry for entry in entries if symbol in ("", entry.symbol)]

    # -- checks ------------------------------------------------------------------------------

    def state_hash(self) -> str:
        """Return a digest of the complete state."""
        return state_hash(self._core)

    def audit(self, *, history: bool = True) -> None:
        """Recount everything; raises AssertionError if something does not add up."""
        audit(self._core, history=history)

    def check_totals(self) -> None:
        """Compare the running totals of money; raises AssertionError if they differ."""
        check_totals(self._core)


def _beyond(entries: list[_Entry], after: int) -> list[_Entry]:
    """Return the entries whose sequence number is beyond a given one."""
    if not after:
        return list(entries)
    low, high = 0, len(entries)
    while low < high:
        middle = (low + high) // 2
        if entries[middle].sequence <= after:
            low = middle + 1
        else:
            high = middle
    return entries[low:]
