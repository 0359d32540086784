"""Random operations on the exchange and the oracle at once, compared after each of them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from random import Random  # noqa: TID251 - a seeded generator makes the run reproducible
from typing import Any

from polyspec.sandbox.polysimulator.engine import Idem, Placed, Refused
from tests.sandbox.polysimulator.engine.paper import START, Desk, market
from tests.sandbox.polysimulator.engine.paper_oracle import RATES, Market, No, Oracle

USERS = 3
CASH = 120
SIZES = ("5", "6", "10", "7.5", "12.3456", "33.3333", "80", "20", "5.0001", "10", "4", "0.0001", "1")
DEPTHS = ("1", "3.3333", "8", "20", "60")
TICKS = ("0.01", "0.001", "0.01", "0.1")
SECOND = 10**9


class Lockstep:
    """An exchange, an oracle, and the operations both are asked for."""

    def __init__(self, seed: int, flag: bool) -> None:
        self.random = Random(seed)
        tier = {"pro": CASH * 1_000_000}
        self.desk = Desk(pm_v2=flag, api_baselines=tier)
        self.oracle = Oracle(flag, CASH, USERS)
        self.oracle.now = START
        for user in range(2, USERS + 1):
            self.desk.exchange.open_user(user, "pro", START)
        self.seen: Counter[str] = Counter()
        self.live: list[str] = []
        self.middles: dict[str, int] = {}
        """Where books were, in ticks."""
        self.listed = 0
        self.told: list[tuple[int, dict[str, Any], str]] = []
        for _ in range(3):
            self.list_market()

    # -- markets --

    def list_market(self) -> None:
        """List another market on both sides."""
        self.listed += 1
        number = self.listed
        tick, category = TICKS[number % 4], tuple(RATES)[number % len(RATES)]
        name = f"m{number}"
        self.desk.feed.list(market(number, tick=int(Decimal(tick) * 1_000_000), category=category))
        self.oracle.markets[name] = Market(name, category, Fraction(tick))
        self.live.append(name)
        self.show(name)

    def show(self, name: str) -> None:
        """Show another book, sometimes one-sided, wide or empty."""
        random, known = self.random, self.oracle.markets[name]
        tick = known.tick
        steps = int(1 / tick)
        middle = self.middles.get(name) or random.randrange(2, steps - 1)
        middle = min(
            max(middle + random.choice((-2, -1, -1, 0, 1, 1, 2)) * max(1, steps // 100), 2), steps - 2
        )
        resting = [row for row in self.oracle.pending() if row["market"] == name]
        if resting and random.random() < 0.3:
            # somebody is crossed
            row = random.choice(resting)
            first = row["limit"] if row["outcome"] == 0 else 1 - row["limit"]
            middle = min(max(int(first / tick), 2), steps - 2)
        self.middles[name] = middle
        spread = random.choice((1, 1, 1, 2, max(1, steps // 6)))
        bids = [(middle - n) * tick for n in range(1, 5) if middle - n > 0][: random.randrange(5)]
        asks = [(middle + spread - 1 + n) * tick for n in range(4)]
        asks = [price for price in asks if price < 1][: random.randrange(5)]
        known.bids = [(price, Fraction(random.choice(DEPTHS))) for price in bids]
        known.asks = [(price, Fraction(random.choice(DEPTHS))) for price in asks]
        known.last = random.choice((None, Fraction(middle) * tick, Fraction(middle) * tick))
        known.eaten = []
        texts = [
            " ".join(f"{float(p):.4f}x{float(s):.4f}" for p, s in side) for side in (known.bids, known.asks)
        ]
        last = None if known.last is None else f"{float(known.last):.4f}"
        self.desk.feed.show(name, texts[0], texts[1], last)

    def end(self, name: str) -> None:
        """Close a market, or resolve it and list another."""
        number, known = int(name[1:]), self.oracle.markets[name]
        terms = self.desk.feed.listed[name]
        common = {"tick": terms.tick, "category": terms.category}
        if known.open and self.random.random() < 0.4:
            known.open = False
            self.desk.feed.list(market(number, status="closed", **common))
            return
        known.open = False
        first = self.random.choice((Fraction(1), Fraction(0), Fraction(1, 2), Fraction(333_333, 1_000_000)))
        known.pays = first, 1 - first
        payouts = tuple(int(each * 1_000_000) for each in known.pays)
        self.desk.feed.list(market(number, status="resolved", payouts=payouts, **common))
        self.live.remove(name)
        self.list_market()

    # -- operations --

    def step(self) -> None:
        """Do one thing on both sides and compare."""
        random = self.random
        self.desk.now += random.choice((1, 10**8, SECOND, 2 * SECOND, 5 * SECOND))
        self.oracle.now = self.desk.now
        if random.random() < 0.5:
            self.advance()
        choice = random.random()
        if choice < 0.55:
            self.place()
        elif choice < 0.75:
            self.show(random.choice(self.live))
        elif choice < 0.85:
            self.cancel()
        elif choice < 0.90:
            self.beat()
        else:
            self.rare()
        self.compare()

    def advance(self) -> None:
        """Let time act."""
        before = len(self.oracle.fills)
        trades = self.desk.exchange.advance(self.desk.now)
        self.oracle.advance()
        self.seen["resting fill"] += len(trades)
        self.seen["maker"] += sum(not trade.taker for trade in trades)
        expected = [(fill["price"], fill["size"], fill["fee"]) for fill in self.oracle.fills[before:]]
        assert [_figures(t.price, t.quantity, t.fee_charged) for t in trades] == expected

    def beat(self) -> None:
        """Start a heartbeat; what lapsed ends before."""
        self.advance()
        user = self.random.randrange(USERS)
        interval = self.random.choice((1000, 5000, 60_000))
        self.desk.exchange.beat(user + 1, interval, self.desk.now)
        self.oracle.beat(user, interval)

    def rare(self) -> None:
        """Do what happens now and then."""
        choice, user = self.random.randrange(12), self.random.randrange(USERS)
        if choice == 0:
            shut = [name for name in self.live if not self.oracle.markets[name].open]
            self.end(self.random.choice([*shut] * 3 + self.live))
        elif choice == 1:
            self.oracle.down = self.desk.exchange.outage = self.random.random() < 0.15
        elif choice == 2:
            self.desk.exchange.reset_wallet(user + 1, self.desk.now)
            self.oracle.reset(user)
        elif choice == 3:
            done = self.desk.exchange.cancel_all(user + 1, self.desk.now)
            assert list(done.canceled) == self.oracle.cancel_all(user)
        elif choice == 4:
            before, down = self.desk.image(), self.desk.exchange.outage
            self.desk.revive()
            self.desk.exchange.outage = down
            assert self.desk.image() == before
            self.seen["reopened"] += 1
        elif self.told:
            self.again()

    def again(self) -> None:
        """Repeat an order under its key, or another order under that key."""
        user, order, key = self.random.choice(self.told)
        if self.random.random() < 0.3:
            order = {**order, "size": order["size"] + 5}
        self.compare_placement(user, order, key)

    def cancel(self) -> None:
        """Cancel an order, most often one that rests."""
        user = self.random.randrange(USERS)
        resting = self.oracle.pending(user)
        number = self.random.choice(resting)["id"] if resting and self.random.random() < 0.8 else None
        number = number or self.random.randrange(1, len(self.oracle.rows) + 5)
        mine = theirs = "done"
        try:
            self.desk.exchange.cancel(user + 1, number, self.desk.now)
        except Refused as refused:
            mine = refused.code
        try:
            self.oracle.cancel(user, number)
        except No as no:
            theirs = str(no)
        assert mine == theirs
        self.seen[f"cancel {mine}"] += 1

    def place(self) -> None:
        """Place a random order."""
        random = self.random
        name = random.choice([*self.live] * 4 + [f"m{random.randrange(1, self.listed + 1)}"])
        known = self.oracle.markets[name]
        outcome, is_market = random.randrange(2), random.random() < 0.35
        user = random.randrange(USERS)
        held = [each for each in self.oracle.accounts[user].shares if each["status"] == "OPEN"]
        buy = random.random() < 0.6 or not held
        size = Fraction(random.choice(SIZES))
        if not buy and random.random() < 0.85:
            position = random.choice(held)
            name, outcome = position["market"], position["outcome"]
            known = self.oracle.markets[name]
            size = random.choice((size, position["size"]))
        limit = self.limit(known, outcome, is_market)
        if buy and random.random() < 0.08:
            # everything there is: a fee on top will be too much
            all_of_it = self.oracle.free_cash(user) / limit
            size = max(Fraction(int(all_of_it * 10_000), 10_000), Fraction(1))
        tif = random.choice(("FOK", "IOC") if is_market else ("GTC", "GTC", "GTD", "FOK", "IOC"))
        order = {
            "market": name,
            "outcome": outcome,
            "buy": buy,
            "is_market": is_market,
            "tif": tif,
            "size": size,
            "limit": limit,
            "post": random.random() < 0.04,
            "expires": self.desk.now // SECOND + random.choice((0, 3, 10, 20, 1000, 1000)),
        }
        key = f"k{len(self.told)}" if random.random() < 0.3 else None
        if key is not None:
            self.told.append((user, order, key))
        self.compare_placement(user, order, key)

    def limit(self, known: Market, outcome: int, is_market: bool) -> Fraction:
        """Return a price near the book, rarely off the tick."""
        random, tick = self.random, known.tick
        shown = known.shown(outcome) or Fraction(1, 2)
        steps = int(shown / tick) + random.choice((-20, -3, -2, -1, 0, 1, 2, 3, 5, 20))
        price = min(max(steps, 1), int(1 / tick) - 1) * tick
        return price + (tick / 2 if random.random() < (0.3 if is_market else 0.02) else 0)

    # -- comparing --

    def compare_placement(self, user: int, order: dict[str, Any], key: str | None) -> None:
        """Place on both sides; the answers or the refusals are the same."""
        try:
            expected: dict[str, Any] | str = self.oracle.place(user, order, key)
        except No as no:
            expected = str(no)
        found: dict[str, Any] | str
        try:
            found = _answer(self._ask(user, order, key))
        except Refused as refused:
            found = refused.code
        assert found == expected, order
        self.seen[found if isinstance(found, str) else found["status"]] += 1
        if isinstance(found, dict):
            self.seen["replay"] += found["replay"]
            self.seen["exit"] += found["filled"] > 0 and not self.oracle.markets[order["market"]].open
            self.seen[f"partial {found['status']}"] += found["partial"]

    def _ask(self, user: int, order: dict[str, Any], key: str | None) -> Placed:
        return self.desk.place(
            "BUY" if order["buy"] else "SELL",
            f"{float(order['limit']):.6f}",
            f"{float(order['size']):.4f}",
            user=user + 1,
            market_id=order["market"],
            outcome=("Yes", "No")[order["outcome"]],
            order_type="market" if order["is_market"] else "limit",
            time_in_force=order["tif"],
            post_only=order["post"],
            expiration=str(order["expires"]),
            idem=None if key is None else Idem(key=key, body_hash=repr(sorted(order.items()))),
        )

    def compare(self) -> None:
        """Compare cash, positions and what rests."""
        exchange, oracle = self.desk.exchange, self.oracle
        for user in range(USERS):
            assert Fraction(exchange.wallet(user + 1).cash, 1_000_000) == oracle.free_cash(user)
            mine = exchange.positions([exchange.wallet(user + 1)])
            theirs = oracle.accounts[user].shares
            assert [_position(each) for each in mine] == [
                (each["id"], each["size"], each["cost"], each["status"]) for each in theirs
            ]
        pending = [(o.id, Fraction(o.filled, 10_000)) for o in exchange._core.state.resting()]
        assert pending == [(row["id"], row["filled"]) for row in oracle.pending()]

    def compare_all(self) -> None:
        """Compare every row there ever was, and let the exchange recount itself."""
        state = self.desk.exchange._core.state
        orders = [
            (int(o.name), o.status.value, Fraction(o.filled, 10_000)) for o in _rows(state, "paper-order")
        ]
        assert orders == [(row["id"], row["status"], row["filled"]) for row in self.oracle.rows]
        trades = [_figures(t.price, t.quantity, t.fee_charged) for t in _rows(state, "paper-trade")]
        assert trades == [(fill["price"], fill["size"], fill["fee"]) for fill in self.oracle.fills]
        links = [trade.pending_id for trade in _rows(state, "paper-trade")]
        assert links == [fill["row"] for fill in self.oracle.fills]
        self.desk.exchange.audit()


def _rows(state: Any, kind: str) -> list[Any]:
    return list(state._tables[kind].values())


def _figures(price: int, quantity: int, fee: int) -> tuple[Fraction, Fraction, Fraction]:
    return Fraction(price, 1_000_000), Fraction(quantity, 10_000), Fraction(fee, 1_000_000)


def _position(position: Any) -> tuple[int, Fraction, Fraction, str]:
    status = position.status.value
    return position.id, Fraction(position.quantity, 10_000), Fraction(position.cost, 1_000_000), status


def _answer(placed: Placed) -> dict[str, Any]:
    """Return an answer in the oracle's words."""
    price, size, fee = _figures(placed.price, placed.quantity, placed.fee_charged)
    return {
        "status": placed.status,
        "source": placed.source,
        "id": placed.order_id,
        "price": price,
        "size": size,
        "filled": Fraction(placed.filled, 10_000),
        "fee": fee,
        "cash": Fraction(placed.account_balance, 1_000_000),
        "partial": any(warning.startswith("partial_fill:") for warning in placed.warnings),
        "replay": placed.is_replay,
    }


def run(seed: int, operations: int, flag: bool = True) -> Counter[str]:
    """Run both in step; returns how often what happened."""
    both = Lockstep(seed, flag)
    for number in range(operations):
        both.step()
        if number % 100 == 99:
            both.compare_all()
    both.compare_all()
    return both.seen
