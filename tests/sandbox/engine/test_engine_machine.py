"""Any sequence of any commands keeps every invariant and replays to the same state."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from polyspec.sandbox.engine import Exchange
from polyspec.sandbox.engine import types as t

NAMES = st.sampled_from(("ann", "bob", "cat"))
SYMBOLS = st.sampled_from(("m", "n"))
SIDES = st.sampled_from(t.Side)
PRICES = st.integers(45, 55) | st.sampled_from((0, 1, 99, 100))
QUANTITIES = st.integers(1, 600) | st.sampled_from((0, 100_000))
PAUSES = [t.MarketState(s) for s in ("CLOSED", "PREOPEN", "SUSPENDED", "MATCH_AND_CLOSE_AUCTION")]
AMOUNTS = st.integers(1, 20 * 10**8)


class Machine(RuleBasedStateMachine):
    """Three poor accounts and two markets, recounted after every step."""

    orders: Bundle[str] = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.exchange = Exchange()
        self.log: list[tuple[t.Command, int]] = []

    def do(self, command: t.Command) -> list[t.Event]:
        """Apply a command and remember it."""
        now = 10**18 + 1000 * len(self.log)
        self.log.append((command, now))
        return self.exchange.apply(command, now)

    @initialize()
    def open(self) -> None:
        """List the markets and fund the accounts."""
        for symbol in ("m", "n"):
            terms = t.MarketDefinition(symbol=symbol, reference_price=50)
            self.do(t.AddMarket(market=terms, state=t.MarketState.OPEN))
        for name in ("ann", "bob", "cat"):
            self.do(t.OpenAccount(account=name))
            self.do(t.AddParticipant(participant=name, accounts=(name,)))
            self.do(t.Deposit(account=name, amount=20 * 10**8))

    @rule(
        target=orders,
        who=NAMES,
        symbol=SYMBOLS,
        side=SIDES,
        quantity=QUANTITIES,
        price=PRICES | st.none(),
        more=st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(t.OrderType),
                "time_in_force": st.sampled_from(t.TimeInForce),
                "stop_price": PRICES,
                "cash_quantity": st.integers(-5, 500),
                "min_quantity": st.integers(0, 100),
                "all_or_none": st.booleans(),
                "post_only": st.booleans(),
                "strict_limit": st.booleans(),
                "best_limit": st.booleans(),
                "immediately_executable_limit": st.booleans(),
                "good_till": st.integers(10**18, 10**18 + 10**5),
                "client_order_id": st.sampled_from(("a", "b")),
                "self_match_id": st.sampled_from(("s", "")),
                "self_match_instruction": st.sampled_from(t.SelfMatchInstruction),
            },
        ),
    )
    def place(self, who: str, more: dict[str, Any], **draft: Any) -> str:
        """Place an order of any kind, sensible or not."""
        order = self.exchange.placed(self.do(t.PlaceOrder(participant=who, account=who, **draft, **more)))
        assert order is not None
        return order.id

    @rule(
        who=NAMES, side=SIDES, symbol=SYMBOLS, quantity=QUANTITIES, price=st.integers(45, 55), target=orders
    )
    def place_plain(self, who: str, **draft: Any) -> str:
        """Place a plain limit order that can trade."""
        order = self.exchange.placed(self.do(t.PlaceOrder(participant=who, account=who, **draft)))
        assert order is not None
        return order.id

    @rule(who=NAMES, order_id=orders)
    def cancel(self, who: str, order_id: str) -> None:
        """Cancel an order, perhaps another's."""
        self.do(t.CancelOrder(participant=who, order_id=order_id))

    @rule(
        order_id=orders,
        quantity=QUANTITIES | st.none(),
        price=PRICES | st.none(),
        stop_price=PRICES | st.none(),
        time_in_force=st.sampled_from(t.TimeInForce) | st.none(),
        post_only=st.booleans() | st.none(),
    )
    def replace(self, order_id: str, **changes: Any) -> None:
        """Change an order."""
        order = self.exchange.order(order_id)
        assert order is not None
        self.do(t.ReplaceOrder(participant=order.participant, order_id=order_id, **changes))

    @rule(who=NAMES, symbol=SYMBOLS, side=SIDES, client_id=st.sampled_from(("a", "")), target=orders)
    def refuse(self, who: str, symbol: str, side: t.Side, client_id: str) -> str:
        """Reject an order from outside."""
        request = t.PlaceOrder(
            participant=who, account=who, symbol=symbol, side=side, quantity=1, client_order_id=client_id
        )
        order = self.exchange.placed(self.do(t.Refuse(request=request, text="late")))
        assert order is not None
        return order.id

    @rule(order_id=orders, quantity=QUANTITIES)
    def refuse_replace(self, order_id: str, quantity: int) -> None:
        """Reject a replace from outside."""
        order = self.exchange.order(order_id)
        assert order is not None
        request = t.ReplaceOrder(participant=order.participant, order_id=order_id, quantity=quantity)
        self.do(t.Refuse(request=request, text="late"))

    @rule(who=NAMES, symbol=SYMBOLS)
    def cancel_all(self, who: str, symbol: str) -> None:
        """Cancel much."""
        self.do(t.CancelAll(participant=who, symbol=symbol))

    @rule(buyer=NAMES, seller=NAMES, symbol=SYMBOLS, price=PRICES, quantity=QUANTITIES, side=SIDES)
    def cross(self, buyer: str, seller: str, side: t.Side, **draft: Any) -> None:
        """Cross two orders."""
        legs = [t.CrossLeg(participant=who, account=who) for who in (buyer, seller)]
        self.do(t.PlaceCross(buy=legs[0], sell=legs[1], passive_side=side, **draft))

    @rule(symbol=SYMBOLS, state=st.sampled_from(PAUSES))
    def pause(self, symbol: str, state: t.MarketState) -> None:
        """Stop continuous trading."""
        self.do(t.SetMarketState(symbol=symbol, state=state))

    @rule(symbol=SYMBOLS)
    def resume(self, symbol: str) -> None:
        """Open a market."""
        self.do(t.SetMarketState(symbol=symbol, state=t.MarketState.OPEN))

    @rule(who=NAMES, amount=AMOUNTS)
    def deposit(self, who: str, amount: int) -> None:
        """Bring money in."""
        self.do(t.Deposit(account=who, amount=amount))

    @rule(who=NAMES, amount=AMOUNTS)
    def withdraw(self, who: str, amount: int) -> None:
        """Take money out."""
        self.do(t.Withdraw(account=who, amount=amount))

    @rule(theta=st.integers(-100, 2000), maker=st.integers(-125, 300), symbol=SYMBOLS)
    def set_fees(self, theta: int, maker: int, symbol: str) -> None:
        """Change the fees."""
        self.do(t.SetFees(symbol=symbol, fees=t.FeeSchedule(taker_theta=theta, maker_theta=maker)))

    @rule(pick=st.integers(0, 50), busted=st.booleans())
    def change_trade(self, pick: int, *, busted: bool) -> None:
        """Clear or bust a trade."""
        trades = self.exchange.trades()
        if trades:
            state = t.TradeState.BUSTED if busted else t.TradeState.CLEARED
            self.do(t.SetTradeState(trade_id=trades[pick % len(trades)].id, state=state))

    @rule(price=st.integers(0, 100), preliminary=st.booleans())
    def settle(self, price: int, *, preliminary: bool) -> None:
        """Settle a market."""
        self.do(t.Settle(symbol="n", price=price, preliminary=preliminary))

    @invariant()
    def adds_up(self) -> None:
        """Recount everything."""
        self.exchange.audit()

    def teardown(self) -> None:
        """Replay everything and compare."""
        again = Exchange()
        for command, now in self.log:
            again.apply(command, now)
        assert again.state_hash() == self.exchange.state_hash()


Machine.TestCase.settings = settings(max_examples=300, stateful_step_count=80, deadline=None)
TestMachine = Machine.TestCase
