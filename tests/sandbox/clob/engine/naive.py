"""What the naive CLOB remembers, and how it counts: fractions and lists, every question walks everything."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from polyspec.sandbox.clob.engine import types as t

UNIT = 1_000_000
Told = tuple[Any, ...]
Leg = tuple[str, str, int]


def up(shares: int, price: Fraction, bps: int = 0) -> int:
    """Return what shares cost, rounded up, with a fee on top, rounded up."""
    paid = math.ceil(shares * price)
    return paid + math.ceil(Fraction(paid * bps, 10_000))


def half_up(value: Fraction) -> int:
    """Round to the nearest integer, halves up."""
    return math.floor(value + Fraction(1, 2))


@dataclass(eq=False)
class Ticket:
    """An order, as the oracle remembers it."""

    c: t.PlaceOrder
    board: Board
    outcome: int
    price: Fraction
    size: int
    left: int
    rank: int
    mbps: int
    tbps: int
    status: str = "LIVE"
    place: int | None = None
    """Arrival in the book."""
    held: int | None = None
    """What is kept for it while it is held."""
    matched: int = 0
    spent: int = 0
    fee: int = 0
    bfee: int = 0
    text: str = ""
    counted: tuple[int, int] = (0, 0)
    """What is left, and what was needed for it when last asked."""

    def __post_init__(self) -> None:
        self.buys = self.c.side == "BUY"
        self.asset = "" if self.buys else self.c.token_id
        self.seen_from = (self.price, 1 - self.price) if self.outcome == 0 else (1 - self.price, self.price)
        """Its price, or the price of its counterpart, in either outcome."""
        self.bids = self.buys == (self.outcome == 0)
        """Whether it is a bid for the first outcome, at `level` millionths."""
        self.level = int(self.seen_from[0] * UNIT)

    def need(self) -> int:
        """Count what it needs of its asset."""
        if self.held is not None:
            return self.held
        if not self.buys:
            return self.left
        if self.counted[0] != self.left:
            self.counted = self.left, up(self.left, self.price, self.mbps)
        return self.counted[1]


@dataclass(eq=False)
class Board:
    """A market, as the oracle remembers it."""

    name: str
    tokens: tuple[str, str]
    tick: int
    minimum: int
    spend: int
    fees: t.FeeSchedule
    delay: int
    chunk: int
    spenders: tuple[str, ...]
    status: str = "OPEN"
    payouts: tuple[int, int] | None = None


@dataclass(eq=False)
class Deal:
    """A trade, as the oracle remembers it."""

    number: int
    told: Told
    board: Board
    legs: list[Leg]
    minted: int
    fee: int
    bfees: list[tuple[str, int]]
    status: str = "MATCHED"


class No(Exception):  # noqa: N818 - an answer, not a failure
    """The request is refused."""


@dataclass
class Memory:
    """Lists of everything, and recounts from them."""

    now: int = 0
    mode: str = "NORMAL"
    boards: dict[str, Board] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    open: list[Ticket] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    pending: list[Deal] = field(default_factory=list)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    allowed: dict[tuple[str, str], int] = field(default_factory=dict)
    approved: dict[tuple[str, str], bool] = field(default_factory=dict)
    builders: dict[str, t.SetBuilder] = field(default_factory=dict)
    fees: int = 0
    builder_fees: dict[str, int] = field(default_factory=dict)
    timers: list[tuple[int, int, str, Ticket]] = field(default_factory=list)
    said: list[Told] = field(default_factory=list)
    ranks: int = 0

    def next_rank(self) -> int:
        """Return the next number."""
        self.ranks += 1
        return self.ranks

    def say(self, what: str, o: Ticket) -> None:
        """Report a step of an order."""
        self.said.append((what, o.c.order_id, o.status, o.left, o.matched, o.spent, o.fee, o.bfee, o.text))

    def board_of(self, token: str) -> Board | None:
        """Find the market of a token."""
        return next((board for board in self.boards.values() if token in board.tokens), None)

    def balance(self, wallet: str, asset: str) -> int:
        """Return what a wallet has."""
        return self.balances.get((wallet, asset), 0)

    def active(self, wallet: str, asset: str, besides: Ticket | None = None) -> int:
        """Count what open orders need."""
        return sum(
            o.need() for o in self.open if o.c.wallet == wallet and o.asset == asset and o is not besides
        )

    def outgoing(self, wallet: str, asset: str) -> int:
        """Count what unsettled trades take away."""
        legs = [leg for deal in self.pending for leg in deal.legs]
        return -sum(change for w, a, change in legs if (w, a) == (wallet, asset) and change < 0)

    def incoming(self, wallet: str, asset: str) -> int:
        """Count what unsettled trades bring."""
        legs = [leg for deal in self.pending for leg in deal.legs]
        return sum(change for w, a, change in legs if (w, a) == (wallet, asset) and change > 0)

    def drawn(self, wallet: str, spender: str, besides: Ticket | None = None) -> tuple[int, int]:
        """Count what open orders and unsettled trades draw on an allowance."""
        active = sum(
            o.need()
            for o in self.open
            if o.buys and o.c.wallet == wallet and spender in o.board.spenders and o is not besides
        )
        deals = [deal for deal in self.pending if spender in deal.board.spenders]
        legs = [leg for deal in deals for leg in deal.legs]
        return active, -sum(change for w, a, change in legs if w == wallet and not a and change < 0)

    def fund(self, o: Ticket, amount: int) -> None:
        """Refuse what balance and allowance do not cover."""
        wallet, start = o.c.wallet, "not enough balance / allowance: the "
        have, active, out = (
            self.balance(wallet, o.asset),
            self.active(wallet, o.asset, o),
            self.outgoing(wallet, o.asset),
        )
        if active + out + amount > have:
            raise No(
                "NOT_ENOUGH_BALANCE",
                f"{start}balance is not enough -> balance: {have}, {counted(active, out, amount)}",
            )
        for spender in o.board.spenders:
            if not o.buys:
                if not self.approved.get((wallet, spender)):
                    text = f"{start}allowance is not enough -> spender: {spender}, allowance: 0"
                    raise No("NOT_ENOUGH_BALANCE", text)
                continue
            allowed = self.allowed.get((wallet, spender), 0)
            active, out = self.drawn(wallet, spender, o)
            if allowed != t.UNLIMITED and active + out + amount > allowed:
                raise No(
                    "NOT_ENOUGH_BALANCE",
                    f"{start}allowance is not enough -> spender: {spender}, allowance: {allowed}, "
                    f"{counted(active, out, amount)}",
                )

    def levels(self, board: Board, side: str) -> list[tuple[int, int]]:
        """List prices and sizes of one side of the first outcome's book, best first."""
        sums: dict[int, int] = {}
        for o in self.open:
            if o.board is board and o.place is not None and o.bids == (side == "BUY"):
                sums[o.level] = sums.get(o.level, 0) + o.left
        return sorted(sums.items(), reverse=side == "BUY")

    def queue(self, board: Board) -> list[str]:
        """List the resting orders of a market in priority, bids first."""
        resting = [o for o in self.open if o.board is board and o.place is not None]
        bids = sorted((o for o in resting if o.bids), key=lambda o: (-o.level, o.place))
        asks = sorted((o for o in resting if not o.bids), key=lambda o: (o.level, o.place))
        return [o.c.order_id for o in (*bids, *asks)]

    def walk(self, o: Ticket) -> list[tuple[Ticket, int, Fraction, int, int]]:
        """List what an order meets: maker, shares, price, what the taker and what the maker pays or gets."""
        met: list[tuple[Fraction, int, Ticket]] = []
        for maker in self.open:
            # one that takes the other side of this outcome, or the same side of the other one
            if maker.board is o.board and maker.place is not None and maker.bids != o.bids:
                price = maker.seen_from[o.outcome]
                if price <= o.price if o.buys else price >= o.price:
                    met.append((price if o.buys else -price, maker.place, maker))
        met.sort(key=lambda entry: entry[:2])
        by_amount = o.buys and not o.c.type.rests
        left, money = o.left, o.c.maker_amount
        fills: list[tuple[Ticket, int, Fraction, int, int]] = []
        for _, _, maker in met:
            same = maker.outcome == o.outcome
            price = maker.seen_from[o.outcome]
            shares = min(maker.left, math.floor(money / price) if by_amount else left)
            if shares <= 0 or (by_amount and not money):
                break
            if o.buys:
                paid = up(shares, price)
                if not by_amount:
                    # whatever is left must stay within the limit
                    paid = min(paid, up(left, o.price) - up(left - shares, o.price))
            else:
                paid = math.floor(shares * price)
            fills.append((maker, shares, price, paid, paid if same else shares - paid))
            left, money = left - shares, money - paid
        return fills

    def charge(self, o: Ticket, fills: list[tuple[Ticket, int, Fraction, int, int]]) -> tuple[int, int]:
        """Count platform and builder fee of a taker for the fills of one trade."""
        fees, amount = o.board.fees, sum(fill[3] for fill in fills)
        rate = Fraction(fees.rate, UNIT)
        exact = sum((s * rate * (p * (1 - p)) ** fees.exponent for _, s, p, _, _ in fills), Fraction(0))
        fee = max(10, 10 * half_up(exact / 10)) if exact else 0
        bfee = half_up(Fraction(amount * o.tbps, 10_000))
        if not o.buys:
            fee = min(fee, amount)
            bfee = min(bfee, amount - fee)
        return fee, bfee

    def chunks(self, board: Board, fills: list[Any]) -> list[list[Any]]:
        """Cut fills into transactions."""
        size = board.chunk or len(fills) or 1
        return [fills[i : i + size] for i in range(0, len(fills), size)]


def counted(active: int, out: int, amount: int) -> str:
    """Say what was counted."""
    if active == out == 0:
        return f"order amount: {amount}"
    first = f"sum of active orders: {active}, " if active else ""
    return f"{first}sum of matched orders: {out}, order amount (inc. fees): {amount}"


def plain(units: int | Fraction) -> str:
    """Write millionths as a decimal."""
    text = f"{Fraction(units) / UNIT:.6f}" if not isinstance(units, int) else f"{units / UNIT:.6f}"
    return text.rstrip("0").rstrip(".") or "0"
