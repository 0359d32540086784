"""The state of an exchange and the one way to write it down.

Everything here is plain data plus the recording of what happened; the rules live in the
modules that use it. Ids and ranks come from counters, time from the command being applied.
"""

from __future__ import annotations

import heapq
from copy import copy
from typing import NamedTuple

from .enums import (
    AccountKind,
    CancelRejectReason,
    ExecutionType,
    LedgerEntryType,
    OrderState,
    RejectReason,
    UnsolicitedCancelReason,
)
from .ledger import CLEARING, EXTERNAL, FEES, Account, Exposure, shift
from .market import Market
from .money import notional_to_money
from .records import (
    BookChange,
    CancelReject,
    CommandRefused,
    Event,
    Execution,
    LedgerEntry,
    Order,
    Position,
    PositionEntry,
    Trade,
)

__all__ = ["Cause", "Core", "Refused", "Step"]


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """A request the rules do not allow; caught where the request came in."""

    def __init__(self, text: str, reason: RejectReason = RejectReason.EXCHANGE_OPTION) -> None:
        super().__init__(text)
        self.text = text
        self.reason = reason


class Cause(NamedTuple):
    """What a ledger or position entry is about."""

    description: str = ""
    symbol: str = ""
    trade_id: str = ""
    reference: str = ""


NO_CAUSE = Cause()


class Step(NamedTuple):
    """The fill that an execution reports."""

    price: int
    quantity: int
    commission: int
    trade_id: str
    aggressor: bool


NO_STEP = Step(0, 0, 0, "", aggressor=False)


class Core:
    """All state of an exchange."""

    def __init__(self) -> None:
        self.now = 0
        self.commands = 0
        self.events: list[Event] = []
        self.markets: dict[str, Market] = {}
        self.accounts: dict[str, Account] = {}
        self.participants: dict[str, tuple[str, ...]] = {}
        self.orders: dict[str, Order] = {}
        self.executions: dict[str, Execution] = {}
        self.trades: dict[str, Trade] = {}
        self.account_orders: dict[str, list[Order]] = {}
        self.account_executions: dict[str, list[Execution]] = {}
        self.order_executions: dict[str, list[Execution]] = {}
        self.account_trades: dict[str, list[str]] = {}
        self.client_ids: dict[tuple[str, str], Order] = {}
        """Open orders by participant and client id."""
        self.latest_client_ids: dict[tuple[str, str], Order] = {}
        self.expiries: list[tuple[int, int, str]] = []
        self.deposited = 0
        """Deposits less withdrawals; what all other accounts hold together."""
        self.held_cash = 0
        """Running total of all accounts but the external one."""
        self.touched: dict[str, None] = {}
        """Accounts whose cash changed during the command, first touched first."""
        self._changed_books: dict[str, None] = {}
        self._counters = {"order": 0, "execution": 0, "trade": 0, "entry": 0, "rank": 0}
        for name in (EXTERNAL, FEES, CLEARING):
            self.accounts[name] = Account(name, AccountKind.HOUSE)

    # -- counters ----------------------------------------------------------------------------

    def count(self, counter: str) -> int:
        """Return the next number of a counter, from 1."""
        self._counters[counter] += 1
        return self._counters[counter]

    def counters(self) -> dict[str, int]:
        """Return how far each counter got."""
        return dict(self._counters)

    def new_order_id(self) -> str:
        """Return a fresh order id, skipping those commands brought along."""
        while True:
            order_id = f"1HQ{self.count('order'):010d}"
            if order_id not in self.orders:
                return order_id

    # -- recording ---------------------------------------------------------------------------

    def begin(self, now_ns: int) -> None:
        """Start a command; time never runs backwards."""
        self.now = max(self.now, now_ns)
        self.commands += 1
        self.events = []

    def finish(self) -> list[Event]:
        """End a command and return what happened, book changes last."""
        events, self.events = self.events, []
        for symbol in self._changed_books:
            events.append(BookChange(symbol=symbol, time=self.now))
        self._changed_books.clear()
        self.touched.clear()
        return events

    def book_changed(self, market: Market) -> None:
        """Note that the displayed orders of a market changed."""
        self._changed_books[market.definition.symbol] = None

    def refuse(self, command: str, text: str) -> None:
        """Report a command without an order that did nothing."""
        self.events.append(CommandRefused(command=command, text=text, time=self.now))

    def execute(
        self,
        order: Order,
        kind: ExecutionType,
        step: Step = NO_STEP,
        *,
        text: str = "",
        reject_reason: RejectReason | None = None,
        unsolicited: UnsolicitedCancelReason | None = None,
    ) -> Execution:
        """Record a step of an order, as the order stands after it."""
        order.last_transact_time = self.now
        sequence = self.count("execution")
        execution = Execution(
            id=f"1HP{sequence:010d}",
            sequence=sequence,
            type=kind,
            order=copy(order),
            transact_time=self.now,
            last_price=step.price,
            last_quantity=step.quantity,
            commission=step.commission,
            trade_id=step.trade_id,
            aggressor=step.aggressor,
            text=text,
            reject_reason=reject_reason,
            unsolicited_cancel_reason=unsolicited,
        )
        self.executions[execution.id] = execution
        self.account_executions.setdefault(order.account, []).append(execution)
        self.order_executions.setdefault(order.id, []).append(execution)
        self.events.append(execution)
        return execution

    def file_order(self, order: Order) -> None:
        """Keep an order, whatever becomes of it."""
        self.orders[order.id] = order
        self.account_orders.setdefault(order.account, []).append(order)
        if order.client_order_id:
            self.latest_client_ids[order.participant, order.client_order_id] = order

    def cancel_reject(
        self,
        *,
        participant: str,
        order_id: str,
        client_order_id: str,
        symbol: str,
        reason: CancelRejectReason,
        text: str,
        is_replace: bool,
    ) -> None:
        """Report a cancel or replace that was refused."""
        self.events.append(
            CancelReject(
                participant=participant,
                order_id=order_id,
                client_order_id=client_order_id,
                symbol=symbol,
                reason=reason,
                text=text,
                is_replace=is_replace,
                transact_time=self.now,
            )
        )

    # -- open orders ---------------------------------------------------------------------------

    def exposure(self, account: str, market: Market, *, keep: bool = True) -> Exposure:
        """Return the open-order sums of an account in a market; `keep` enters new ones."""
        owner = self.accounts[account]
        symbol = market.definition.symbol
        exposure = owner.exposures.get(symbol)
        if exposure is not None:
            return exposure
        if not keep:
            position = owner.positions.get(symbol) or Position(account=account, symbol=symbol)
            return Exposure(market.definition, market.fees, position)
        exposure = owner.exposures[symbol] = Exposure(market.definition, market.fees, owner.position(symbol))
        return exposure

    def open(self, market: Market, order: Order) -> None:
        """Enter an order among the open ones, not yet in the book."""
        market.open_orders[order.id] = order
        if order.client_order_id:
            self.client_ids[order.participant, order.client_order_id] = order
        if order.good_till is not None:
            heapq.heappush(self.expiries, (order.good_till, order.sequence, order.id))

    def close(self, market: Market, order: Order, state: OrderState) -> None:
        """Take an order off the open ones and the book; its leaves lapse."""
        if order.id in market.held:
            del market.held[order.id]
        else:
            side = market.side(order.side)
            level = side.levels.get(order.price)
            if level is not None and order.id in level.orders:
                side.remove(order)
                self.book_changed(market)
        order.state = state
        order.leaves = 0
        self.forget(market, order)

    def forget(self, market: Market, order: Order) -> None:
        """Drop a finished order from the indexes of open orders."""
        market.open_orders.pop(order.id, None)
        key = (order.participant, order.client_order_id)
        if self.client_ids.get(key) is order:
            del self.client_ids[key]
        exposure = self.accounts[order.account].exposures.get(order.symbol)
        if exposure is not None:
            exposure.drop(order)

    # -- money and contracts -------------------------------------------------------------------

    def post(
        self,
        source: str,
        target: str,
        amount: int,
        kind: LedgerEntryType,
        cause: Cause = NO_CAUSE,
        orders: tuple[str, str] = ("", ""),
    ) -> None:
        """Move money from one account to another: two entries, one sum.

        `orders` are the orders of source and target behind it.
        """
        if amount:
            self._enter(source, target, -amount, kind, cause, orders[0])
            self._enter(target, source, amount, kind, cause, orders[1])

    def _enter(
        self, name: str, other: str, change: int, kind: LedgerEntryType, cause: Cause, order_id: str
    ) -> None:
        """Write one side of a posting."""
        account = self.accounts[name]
        sequence = self.count("entry")
        entry = LedgerEntry(
            id=f"1HL{sequence:010d}",
            sequence=sequence,
            account=name,
            type=kind,
            before=account.cash,
            after=account.cash + change,
            counterparty=other,
            time=self.now,
            description=cause.description,
            symbol=cause.symbol,
            order_id=order_id,
            trade_id=cause.trade_id,
            reference=cause.reference,
        )
        account.cash += change
        account.entries.append(entry)
        self.events.append(entry)
        self.touched[name] = None
        if name == EXTERNAL:
            self.deposited -= change
        else:
            self.held_cash += change

    def move(
        self, account: str, market: Market, change: int, price: int, cause: Cause, counted: tuple[int, int]
    ) -> None:
        """Add contracts to, or take them from, a position at a price; counted as (bought, sold)."""
        owner = self.accounts[account]
        definition = market.definition
        position = owner.position(definition.symbol)
        net, cost, realized = position.net, position.cost, position.realized
        shift(position, change, price)
        position.bought += counted[0]
        position.sold += counted[1]
        position.update_time = self.now
        freed = max(0, -net) - max(0, -position.net)
        owner.locked -= notional_to_money(definition, freed * definition.payout)
        market.statistics.open_interest += max(0, position.net) - max(0, net)
        sequence = self.count("entry")
        entry = PositionEntry(
            id=f"1HS{sequence:010d}",
            sequence=sequence,
            account=account,
            symbol=definition.symbol,
            quantity_change=change,
            cost_change=position.cost - cost,
            realized_change=position.realized - realized,
            net=position.net,
            cost=position.cost,
            realized=position.realized,
            bought=position.bought,
            sold=position.sold,
            time=self.now,
            description=cause.description,
            trade_id=cause.trade_id,
        )
        owner.position_entries.append(entry)
        self.events.append(entry)
