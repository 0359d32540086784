"""A short way to say what happens on an exchange in a test."""

from __future__ import annotations

from typing import Any

from polyspec.sandbox.engine import Exchange
from polyspec.sandbox.engine import types as t

CENT = 10**6
DOLLAR = 10**8
NOON = 1_700_000_000_000_000_000
BUY, SELL = t.Side.BUY, t.Side.SELL


class Desk:
    """An exchange with the open market "m" and the participants ann, bob and cat, $1000 each.

    Prices are cents, quantities hundredths of a contract, as on the US exchange. Every
    request is followed by a full recount.
    """

    def __init__(self, *, funds: int = 1000 * DOLLAR, state: str = "OPEN", **terms: Any) -> None:
        self.exchange = Exchange()
        self.now = NOON
        self.events: list[t.Event] = []
        self.list("m", state=state, **terms)
        for name in ("ann", "bob", "cat"):
            self.do(t.OpenAccount(account=name))
            self.do(t.AddParticipant(participant=name, accounts=(name,)))
            if funds:
                self.do(t.Deposit(account=name, amount=funds))

    def list(self, symbol: str, *, state: str = "OPEN", **terms: Any) -> None:
        """List a market without fees unless told otherwise."""
        draft = {"fees": t.FeeSchedule(taker_theta=0, maker_theta=0), **terms}
        self.do(t.AddMarket(market=t.MarketDefinition(symbol=symbol, **draft), state=t.MarketState(state)))

    def do(self, command: t.Command) -> list[t.Event]:
        """Apply a command a microsecond after the last one and recount."""
        self.now += 1000
        self.events = self.exchange.apply(command, self.now)
        self.exchange.audit()
        return self.events

    def place(
        self, who: str, side: t.Side, quantity: int = 0, price: int | None = None, **more: Any
    ) -> t.Order:
        """Place an order; returns it as it stands now."""
        draft: dict[str, Any] = {"participant": who, "account": who, "symbol": "m", **more}
        self.do(t.PlaceOrder(side=side, quantity=quantity, price=price, **draft))
        order = self.exchange.placed(self.events)
        assert order is not None
        return order

    def buy(self, who: str, quantity: int = 0, price: int | None = None, **more: Any) -> t.Order:
        """Place a buy order."""
        return self.place(who, BUY, quantity, price, **more)

    def sell(self, who: str, quantity: int = 0, price: int | None = None, **more: Any) -> t.Order:
        """Place a sell order."""
        return self.place(who, SELL, quantity, price, **more)

    def state(self, state: str, symbol: str = "m") -> None:
        """Move a market to a state."""
        self.do(t.SetMarketState(symbol=symbol, state=t.MarketState(state)))

    def cancel(self, who: str, order: t.Order) -> None:
        """Cancel an order by id."""
        self.do(t.CancelOrder(participant=who, order_id=order.id))

    def replace(self, who: str, order: t.Order, **changes: Any) -> None:
        """Replace an order by id."""
        self.do(t.ReplaceOrder(participant=who, order_id=order.id, **changes))

    def steps(self, order: t.Order | None = None) -> list[str]:
        """Return the types of the last executions, of one order if given."""
        return [str(e.type) for e in self.executions() if order is None or e.order.id == order.id]

    def executions(self) -> list[t.Execution]:
        """Return the executions among the last events."""
        return [event for event in self.events if isinstance(event, t.Execution)]

    def fills(self) -> list[tuple[int, int]]:
        """Return price and quantity of the last trades."""
        return [(event.price, event.quantity) for event in self.events if isinstance(event, t.Trade)]

    def refusal(self) -> tuple[str, str]:
        """Return reason and text of the last refusal of any kind."""
        for event in self.events:
            if isinstance(event, t.Execution) and event.type is t.ExecutionType.REJECTED:
                return str(event.reject_reason), event.text
            if isinstance(event, t.CancelReject):
                return str(event.reason), event.text
            if isinstance(event, t.CommandRefused):
                return event.command, event.text
        raise AssertionError("nothing was refused")

    def book(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Return bids and offers as (price, quantity)."""
        bids, offers = self.exchange.book("m")
        return [(b.price, b.quantity) for b in bids], [(o.price, o.quantity) for o in offers]

    def power(self, who: str) -> int:
        """Return an account's buying power in cents."""
        balance = self.exchange.balance(who)
        assert balance is not None
        assert balance.buying_power % CENT == 0
        return balance.buying_power // CENT

    def now_of(self, order: t.Order) -> t.Order:
        """Return an order as it stands now."""
        found = self.exchange.order(order.id)
        assert found is not None
        return found
