"""What the naive exchange remembers, and how it counts: every question walks all open orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from polyspec.sandbox.engine import types as t

UNIT = 10**8
Told = tuple[str, str, int, int, int, int, int, int]
"""type, order id, limit, last price, last quantity, commission, leaves, filled"""


@dataclass
class Ticket:
    """An order, as the oracle remembers it."""

    id: str
    command: t.PlaceOrder
    quantity: int
    leaves: int
    price: int
    stop: int
    kind: str
    tif: str
    rank: int
    good_till: int | None
    filled: int = 0
    where: str = "none"
    """book, stop, held or none"""
    seen: int = 0
    exact: Fraction = Fraction(0)
    charged: Fraction = Fraction(0)

    @property
    def buys(self) -> bool:
        """Whether it is a bid."""
        return self.command.side == "BUY"


@dataclass
class Board:
    """A market, as the oracle remembers it."""

    terms: t.MarketDefinition
    state: str = "OPEN"
    last: int | None = None
    held: list[Ticket] = field(default_factory=list)


class No(Exception):  # noqa: N818 - an answer, not a failure
    """The order is refused."""


class Memory:
    """Lists of everything, and recounts from them."""

    def __init__(self) -> None:
        self.boards: dict[str, Board] = {}
        self.cash: dict[str, int] = {}
        self.net: dict[tuple[str, str], int] = {}
        self.fees = 0
        self.open: list[Ticket] = []
        self.exposed: dict[str, list[str]] = {}
        self.touched: list[str] = []
        self.said: list[Told] = []
        self.rank = 0
        self.seen = 0
        self.now = 0

    def say(self, what: str, order: Ticket, price: int = 0, quantity: int = 0, commission: int = 0) -> None:
        """Report an execution."""
        told = (what, order.id, order.price, price, quantity, commission, order.leaves, order.filled)
        self.said.append(told)

    def do_Refuse(self, command: t.Refuse) -> None:  # noqa: N802
        """Reject an order unseen; a replace leaves everything as it is."""
        refused = command.request
        if isinstance(refused, t.PlaceOrder):
            kind, tif, price = str(refused.type), str(refused.time_in_force), refused.price or 0
            self.say("REJECTED", Ticket(refused.order_id, refused, 0, 0, price, 0, kind, tif, 0, None))

    def power(self, account: str) -> int:
        """Recount an account's buying power."""
        locked = 0
        for (owner, symbol), net in self.net.items():
            if owner == account and net < 0:
                locked += self.money(symbol, -net * self.boards[symbol].terms.payout)
        return self.cash[account] - locked

    def money(self, symbol: str, notional: int) -> int:
        """Turn notional into money."""
        terms = self.boards[symbol].terms
        return notional * UNIT // (terms.price_scale * terms.quantity_scale)

    def requirement(self, account: str, symbol: str, buys: bool, extra: Ticket | None = None) -> int:
        """Recount what all of an account's orders of one side would cost if they filled."""
        payout = self.boards[symbol].terms.payout
        orders = [
            o
            for o in self.open
            if o.command.account == account and o.command.symbol == symbol and o.buys == buys
            if o.where != "none" and o is not extra
        ]
        orders += [extra] if extra is not None else []
        if not orders:
            return 0
        net = self.net.get((account, symbol), 0)
        total = sum(o.leaves for o in orders)
        paid = sum(o.leaves * (o.price or o.stop) for o in orders)
        if buys:
            lost = paid - payout * min(total, max(0, -net))
        else:
            lost = payout * max(0, total - max(0, net)) - paid
        return max(0, self.money(symbol, lost) + sum(self.fee_bound(o) for o in orders))

    def fee(self, symbol: str, price: int, quantity: int, theta: int) -> Fraction:
        """Return the exact fee in dollars."""
        terms = self.boards[symbol].terms
        p = Fraction(price, terms.price_scale)
        return Fraction(theta, 10**4) * Fraction(quantity, terms.quantity_scale) * p * (1 - p)

    def fee_bound(self, order: Ticket) -> int:
        """Bound the fee of what is left, in money."""
        terms = self.boards[order.command.symbol].terms
        exact = self.fee(
            order.command.symbol, order.price or order.stop, order.leaves, terms.fees.taker_theta
        )
        exact += max(Fraction(0), order.exact - order.charged)
        return max(0, -(-exact * 100 // 1)) * UNIT // 100

    def book(self, board: Board, buys: bool) -> list[Ticket]:
        """List the resting orders of a side in priority."""
        resting = [
            o
            for o in self.open
            if o.where == "book" and o.buys == buys and o.command.symbol == board.terms.symbol
        ]
        return sorted(resting, key=lambda o: (-o.price if buys else o.price, o.rank))

    def reference(self, board: Board) -> int | None:
        """Return the price market orders fall back on."""
        return board.last if board.last is not None else board.terms.reference_price

    def walk(
        self, board: Board, order: Ticket, limit: int | None, *, replacing: bool
    ) -> list[tuple[Ticket, int]]:
        """List what an order meets, own orders with quantity 0."""
        c = order.command
        left = order.leaves
        budget = c.cash_quantity * board.terms.quantity_scale if not replacing else 0
        plan: list[tuple[Ticket, int]] = []
        for resting in self.book(board, not order.buys):
            if limit is not None and (resting.price > limit if order.buys else resting.price < limit):
                break
            each = resting.price if order.buys else board.terms.payout - resting.price
            take = min(resting.leaves, budget // each if budget else left)
            if take <= 0:
                break
            own = c.self_match_id and c.self_match_id == resting.command.self_match_id
            if own and c.participant == resting.command.participant:
                plan.append((resting, 0))
                continue
            plan.append((resting, take))
            left -= take
            budget = budget - take * each if budget else 0
            if (left <= 0 and not c.cash_quantity) or (replacing and left <= 0):
                break
            if c.cash_quantity and not replacing and budget <= 0:
                break
        return plan
