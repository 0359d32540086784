"""A CLOB with one market and funded wallets, and short words for what tests do with it."""

from __future__ import annotations

from typing import Any, TypeVar

from polyspec.sandbox.clob.engine import ClobExchange, units
from polyspec.sandbox.clob.engine import types as t

START = 1_700_000_000_000_000_000
SECOND = 10**9
MARKET = "0xc0"
YES, NO = "101", "102"
BUY, SELL = t.Side.BUY, t.Side.SELL
E = TypeVar("E")


def u(text: str | int) -> int:
    """Read a decimal as millionths."""
    return units.to_units(str(text))


def amounts(side: t.Side, price: str, shares: str) -> tuple[int, int]:
    """Return maker and taker amount of a limit order."""
    money = u(price) * u(shares) // t.ONE
    return (money, u(shares)) if side is BUY else (u(shares), money)


class Desk:
    """One market, wallets with 1,000 in collateral and 100 sets each; conservation is checked as it goes."""

    def __init__(self, *wallets: str, **terms: Any) -> None:
        self.x = ClobExchange()
        self.now = START
        self.count = 0
        given = {"condition_id": MARKET, "token_ids": (YES, NO)} | terms
        self.do(t.AddMarket(market=t.MarketTerms(**given)))
        for wallet in wallets or ("ann", "bob", "cat"):
            self.fund(wallet, "1100")
            self.do(t.Split(wallet=wallet, condition_id=MARKET, amount=u(100)))

    def fund(self, wallet: str, money: str, spender: str = "exchange") -> None:
        """Give a wallet collateral and let a contract use everything it has."""
        self.do(t.Deposit(wallet=wallet, amount=u(money)))
        self.do(t.SetAllowance(wallet=wallet, spender=spender, amount=t.UNLIMITED))
        self.do(t.SetApproval(wallet=wallet, spender=spender))

    def do(self, command: t.Command, *, later: int = 1) -> list[t.Event]:
        """Apply a command some nanoseconds later and check everything."""
        self.now += later
        events = self.x.apply(command, self.now)
        self.x.audit()
        return events

    def command(
        self,
        wallet: str,
        side: t.Side,
        price: str,
        shares: str,
        token: str = YES,
        **fields: Any,
    ) -> t.PlaceOrder:
        """Draft an order; wallet and API key share a name."""
        self.count += 1
        maker, taker = amounts(side, price, shares)
        given: dict[str, Any] = {"order_id": f"o{self.count}", "owner": f"key-{wallet}", "wallet": wallet}
        given |= {"token_id": token, "side": side, "maker_amount": maker, "taker_amount": taker}
        return t.PlaceOrder(**(given | fields))

    def place(
        self, wallet: str, side: t.Side, price: str, shares: str, token: str = YES, **fields: Any
    ) -> t.Order:
        """Place an order that must be accepted; returns it as it stands."""
        command = self.command(wallet, side, price, shares, token, **fields)
        placed = self.x.placed(self.do(command), command.order_id)
        assert isinstance(placed, t.Order), placed
        return placed

    def reject(
        self, wallet: str, side: t.Side, price: str, shares: str, token: str = YES, **fields: Any
    ) -> t.OrderRejected:
        """Place an order that must be refused without a trace; returns the refusal."""
        command = self.command(wallet, side, price, shares, token, **fields)
        before = self.x.orders(), self.x.trades(), self.x.book(YES), self.x.wallets()
        events = self.do(command)
        rejected = self.x.placed(events, command.order_id)
        assert isinstance(rejected, t.OrderRejected), rejected
        assert events == [rejected]
        assert (self.x.orders(), self.x.trades(), self.x.book(YES), self.x.wallets()) == before
        return rejected

    def spend(self, wallet: str, money: str, at_most: str, token: str = YES, **fields: Any) -> t.Order:
        """Place a FAK that spends money at a price or better."""
        price, given = u(at_most), u(money)
        amounts_ = {"maker_amount": given, "taker_amount": given * t.ONE // price // 100 * 100}
        return self.place(wallet, BUY, "0.5", "10", token, **({"type": t.OrderType.FAK} | amounts_ | fields))

    def cancel(self, wallet: str, *order_ids: str) -> t.CancelResult:
        """Cancel by id."""
        events = self.do(t.CancelOrders(owner=f"key-{wallet}", order_ids=order_ids))
        return only(events, t.CancelResult)

    def settle(self, trade: str, *statuses: t.TradeStatus) -> list[t.Event]:
        """Move a trade through statuses; returns the last events."""
        events: list[t.Event] = []
        for status in statuses:
            events = self.do(t.SetTradeStatus(trade_id=trade, status=status))
        return events

    def mine_all(self) -> None:
        """Settle every pending trade."""
        for trade in self.x.trades():
            if trade.status.is_pending:
                self.settle(trade.id, t.TradeStatus.MINED)

    def money(self, wallet: str) -> str:
        """Return a wallet's settled collateral as text."""
        return units.units_text(self.x.holding(wallet).balance)

    def shares(self, wallet: str, token: str = YES) -> str:
        """Return a wallet's settled shares as text."""
        return units.units_text(self.x.holding(wallet, token).balance)

    def bids(self, token: str = YES) -> list[tuple[str, str]]:
        """Return bids of a token, best first, as texts."""
        book = self.x.book(token)
        assert book is not None
        return [(units.units_text(each.price), units.units_text(each.size)) for each in book.bids]

    def asks(self, token: str = YES) -> list[tuple[str, str]]:
        """Return asks of a token, best first, as texts."""
        book = self.x.book(token)
        assert book is not None
        return [(units.units_text(each.price), units.units_text(each.size)) for each in book.asks]


def of(events: list[t.Event], kind: type[E]) -> list[E]:
    """Return the events of a kind."""
    return [event for event in events if isinstance(event, kind)]


def only(events: list[t.Event], kind: type[E]) -> E:
    """Return the one event of a kind."""
    (event,) = of(events, kind)
    return event
