"""The paper venue once more: plain lists, fractions of dollars and shares, sums counted when asked for.

Written from the venue's rules, not from the exchange. Slow, and as simple as it can be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

RATES = {
    "crypto": Fraction(7, 100),
    "politics": Fraction(4, 100),
    "geopolitics": Fraction(0),
    "weather": Fraction(5, 100),
}


class No(Exception):  # noqa: N818 - an answer
    """A refusal, by its code."""


def rounded(value: Fraction, places: int) -> Fraction:
    """Round half up to so many decimals."""
    scale = 10**places
    return Fraction((value * scale + Fraction(1, 2)).__floor__(), scale)


def cents(value: Fraction) -> Fraction:
    """Round half up to cents."""
    return rounded(value, 2)


@dataclass
class Market:
    """A market and the book of its first outcome."""

    name: str
    category: str
    tick: Fraction
    bids: list[tuple[Fraction, Fraction]] = field(default_factory=list)
    asks: list[tuple[Fraction, Fraction]] = field(default_factory=list)
    last: Fraction | None = None
    open: bool = True
    pays: tuple[Fraction, Fraction] | None = None
    eaten: list[tuple[bool, Fraction, Fraction]] = field(default_factory=list)
    """Side, price and size taken by limit orders since the book changed."""

    def offers(self, outcome: int, buying: bool) -> list[tuple[Fraction, Fraction]]:
        """Return what an order meets, best first."""
        if outcome == 0:
            return self.asks if buying else self.bids
        other = self.bids if buying else self.asks
        return [(1 - price, size) for price, size in other]

    def left(self, outcome: int, buying: bool) -> list[tuple[Fraction, Fraction]]:
        """Return what limit orders have left of it."""
        found = []
        for price, size in self.offers(outcome, buying):
            first = price if outcome == 0 else 1 - price
            asks = buying if outcome == 0 else not buying
            gone = sum((s for a, p, s in self.eaten if (a, p) == (asks, first)), Fraction(0))
            if size > gone:
                found.append((price, size - gone))
        return found

    def eat(self, outcome: int, buying: bool, takes: list[tuple[Fraction, Fraction]]) -> None:
        """Remember what a limit order took."""
        asks = buying if outcome == 0 else not buying
        self.eaten += [(asks, price if outcome == 0 else 1 - price, size) for price, size in takes]

    def shown(self, outcome: int) -> Fraction | None:
        """Return the displayed price."""
        bid = self.bids[0][0] if self.bids else None
        ask = self.asks[0][0] if self.asks else None
        if bid is not None and ask is not None and (ask - bid <= Fraction(1, 10) or self.last is None):
            first = (bid + ask) / 2
        elif self.last is not None:
            first = self.last
        elif bid is None and ask is None:
            return None
        else:
            first = bid if ask is None else ask
        # the middle of the other outcome's book is rounded for itself
        return rounded(first if outcome == 0 else 1 - first, 6)


@dataclass
class Account:
    """One wallet of one user."""

    cash: Fraction
    baseline: Fraction
    shares: list[dict[str, Any]] = field(default_factory=list)
    """Open and closed positions."""


class Oracle:
    """The venue."""

    def __init__(self, flag: bool, cash: int, users: int) -> None:
        self.flag = flag
        self.now = 0
        self.down = False
        self.markets: dict[str, Market] = {}
        self.accounts = [Account(Fraction(cash), Fraction(cash)) for _ in range(users)]
        self.rows: list[dict[str, Any]] = []
        """The pending table; an id is a place in it, from one."""
        self.fills: list[dict[str, Any]] = []
        """The filled table."""
        self.silence: dict[int, int] = {}
        self.answers: dict[tuple[int, str], dict[str, Any]] = {}
        self.positions = 0

    # -- small questions --

    def held(self, user: int, market: str, outcome: int) -> dict[str, Any] | None:
        """Return the open position."""
        for each in self.accounts[user].shares:
            if each["status"] == "OPEN" and (each["market"], each["outcome"]) == (market, outcome):
                return each
        return None

    def kept(self, user: int, market: str, outcome: int) -> Fraction:
        """Return the shares that pending SELL orders keep."""
        return sum(
            (
                row["size"] - row["filled"]
                for row in self.pending(user)
                if not row["buy"] and (row["market"], row["outcome"]) == (market, outcome)
            ),
            Fraction(0),
        )

    def pending(self, user: int | None = None) -> list[dict[str, Any]]:
        """Return what rests, oldest first."""
        return [row for row in self.rows if row["status"] == "PENDING" and user in (None, row["user"])]

    def free_cash(self, user: int) -> Fraction:
        """Return what can be spent: the cash less what every BUY keeps."""
        kept = [cents(r["limit"] * (r["size"] - r["filled"])) for r in self.pending(user) if r["buy"]]
        return self.accounts[user].cash - sum(kept, Fraction(0))

    # -- placing --

    def place(self, user: int, order: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """Place an order as described, and describe what became of it."""
        if key is not None and (user, key) in self.answers:
            known = self.answers[user, key]
            if known["order"] != order:
                raise No("IDEMPOTENCY_KEY_REUSE")
            return {**known["answer"], "replay": True}
        market = self.markets[order["market"]]
        if market.pays is not None:
            self.settle()
        answer = self._or_nothing(user, order, market)
        if key is not None:
            self.answers[user, key] = {"order": order, "answer": answer}
        return answer

    def _or_nothing(self, user: int, order: dict[str, Any], market: Market) -> dict[str, Any]:
        """Place an order, or leave everything as it was."""
        account = self.accounts[user]
        before = len(self.rows), len(self.fills), len(market.eaten), account.cash, self.positions
        shares = [dict(each) for each in account.shares]
        try:
            return self._place(user, order, market)
        except No:
            rows, fills, eaten, account.cash, self.positions = before
            del self.rows[rows:], self.fills[fills:], market.eaten[eaten:]
            account.shares = shares
            raise

    def _place(self, user: int, order: dict[str, Any], market: Market) -> dict[str, Any]:
        buy, size, limit, tif = order["buy"], order["size"], order["limit"], order["tif"]
        place = order["market"], order["outcome"]
        position = self.held(user, *place)
        free = (position["size"] if position else Fraction(0)) - self.kept(user, *place)
        rests = tif in ("GTC", "GTD")
        if not order["is_market"] and limit % market.tick:
            raise No("INVALID_ORDER_MIN_TICK_SIZE")
        if self.flag and order["post"] and not rests:
            raise No("INVALID_POST_ONLY_ORDER_TYPE")
        if self.flag and tif == "GTD" and order["expires"] * 10**9 <= self.now:
            raise No("INVALID_ORDER_EXPIRATION")
        if not market.open:
            entry = rounded(position["cost"] / position["size"], 6) if position and position["size"] else None
            if buy or market.pays is not None or entry is None or size > free or limit > entry:
                raise No("MARKET_CLOSED")
            return self._done(user, order, market, entry, size, Fraction(0), size)
        if self.flag and size < (1 if market.tick <= Fraction(1, 1000) else 5):
            raise No("INVALID_ORDER_MIN_SIZE")
        if not buy and size > free:
            raise No("INSUFFICIENT_POSITION")
        if self.down:
            if not rests:
                raise No("VENUE_UNAVAILABLE")
            return self._rest(user, order, market, None)
        offers = market.offers(order["outcome"], buy)
        if self.flag and order["post"] and offers and good(buy, limit, offers[0][0]):
            raise No("INVALID_POST_ONLY_ORDER")
        found = self._price(order, market, offers)
        if rests and (found is None or found[1] < size):
            return self._rest(user, order, market, found)
        if found is None:
            row = self._row(user, order, "CANCELLED")
            return self._told(user, row, None, Fraction(0))
        return self._done(user, order, market, found[0], found[1], RATES[market.category], size)

    def _price(
        self, order: dict[str, Any], market: Market, offers: list[tuple[Fraction, Fraction]]
    ) -> tuple[Fraction, Fraction] | None:
        """Return price and size of what an order gets at once."""
        buy, size, limit, tif = order["buy"], order["size"], order["limit"], order["tif"]
        if order["is_market"]:
            return self._market_price(order, market, offers)
        if not self.flag:
            return (offers[0][0], size) if offers and good(buy, limit, offers[0][0]) else None
        takes = taken(market.left(order["outcome"], buy), buy, size, limit)
        got = sum((each for _, each in takes), Fraction(0))
        if not got or (tif == "FOK" and size - got > 1):
            return None
        market.eat(order["outcome"], buy, takes)
        average = rounded(sum((p * s for p, s in takes), Fraction(0)) / got, 6)
        return average, size if tif == "FOK" else got

    def _market_price(
        self, order: dict[str, Any], market: Market, offers: list[tuple[Fraction, Fraction]]
    ) -> tuple[Fraction, Fraction] | None:
        buy, size, limit, tif = order["buy"], order["size"], order["limit"], order["tif"]
        shown = market.shown(order["outcome"])
        takes = taken(offers, buy, size, limit if self.flag else None)
        got = sum((each for _, each in takes), Fraction(0))
        if self.flag:
            if tif == "FOK" and (not got or size - got > 1):
                raise No("FOK_ORDER_NOT_FILLED_ERROR")
            if not got:
                return None
            price = rounded(sum((p * s for p, s in takes), Fraction(0)) / got, 6)
            result = size if tif == "FOK" else got
        else:
            result = size
            if tif == "FOK" and got == size:
                price = rounded(sum((p * s for p, s in takes), Fraction(0)) / got, 6)
            elif offers:
                price = offers[0][0]
            elif shown is not None:
                price = shown
            else:
                raise No("INSUFFICIENT_LIQUIDITY")
        if shown is not None and not near(price, shown):
            if not offers or not near(offers[0][0], shown):
                raise No("INSUFFICIENT_LIQUIDITY")
            price = offers[0][0]
        if good(buy, limit, price):
            return price, result
        if tif == "FOK":
            raise No("FOK_ORDER_NOT_FILLED_ERROR")
        return None

    def _row(self, user: int, order: dict[str, Any], status: str) -> dict[str, Any]:
        row = {
            "id": len(self.rows) + 1,
            "user": user,
            "status": status,
            "filled": Fraction(0),
            "at": self.now,
            **order,
        }
        if not self.flag and order["tif"] == "GTD":
            row["tif"] = "GTC"
        self.rows.append(row)
        return row

    def _rest(
        self, user: int, order: dict[str, Any], market: Market, found: tuple[Fraction, Fraction] | None
    ) -> dict[str, Any]:
        row = self._row(user, order, "PENDING")
        fee = Fraction(0)
        if found is not None:
            fee = self._trade(user, order, found[0], found[1], RATES[market.category], row)
        if self.free_cash(user) < 0:
            raise No("INSUFFICIENT_BALANCE")
        return self._told(user, row, found, fee)

    def _done(
        self,
        user: int,
        order: dict[str, Any],
        market: Market,
        price: Fraction,
        size: Fraction,
        rate: Fraction,
        asked: Fraction,
    ) -> dict[str, Any]:
        fee = self._trade(user, order, price, size, rate, None)
        if self.free_cash(user) < 0:
            raise No("INSUFFICIENT_BALANCE")
        return {
            "status": "FILLED",
            "source": "filled",
            "id": len(self.fills),
            "price": price,
            "size": size,
            "filled": size,
            "fee": fee,
            "cash": self.free_cash(user),
            "partial": size < asked,
            "replay": False,
        }

    def _told(
        self, user: int, row: dict[str, Any], found: tuple[Fraction, Fraction] | None, fee: Fraction
    ) -> dict[str, Any]:
        return {
            "status": row["status"],
            "source": "pending",
            "id": row["id"],
            "price": row["limit"],
            "size": row["size"],
            "filled": Fraction(0) if found is None else found[1],
            "fee": fee,
            "cash": self.free_cash(user),
            "partial": found is not None,
            "replay": False,
        }

    # -- executions --

    def _trade(
        self,
        user: int,
        order: dict[str, Any],
        price: Fraction,
        size: Fraction,
        rate: Fraction,
        row: dict[str, Any] | None,
    ) -> Fraction:
        """Move money and shares; return the fee as charged."""
        account = self.accounts[user]
        fee = cents(rounded(size * rate * price * (1 - price), 5))
        value = rounded(price * size, 6)
        position = self.held(user, order["market"], order["outcome"])
        if order["buy"]:
            account.cash -= cents(price * size) + fee
            if position is None:
                self.positions += 1
                position = {
                    "id": self.positions,
                    "market": order["market"],
                    "outcome": order["outcome"],
                    "size": Fraction(0),
                    "cost": Fraction(0),
                    "status": "OPEN",
                }
                account.shares.append(position)
            position["size"] += size
            position["cost"] += value
        else:
            assert position is not None
            account.cash += cents(price * size) - fee
            position["cost"] -= rounded(position["cost"] * size / position["size"], 6)
            position["size"] -= size
            if not position["size"]:
                position["status"] = "CLOSED"
        if row is not None:
            row["filled"] += size
            if row["filled"] == row["size"]:
                row["status"] = "FILLED"
        self.fills.append({"user": user, "price": price, "size": size, "fee": fee, "row": row and row["id"]})
        return fee

    # -- time --

    def advance(self) -> None:
        """Let everything happen that is due."""
        self.settle()
        silent = {user for user, due in self.silence.items() if due <= self.now}
        for user in silent:
            del self.silence[user]
        for row in self.pending():
            if self.flag and row["tif"] == "GTD" and row["expires"] * 10**9 <= self.now:
                row["status"] = "EXPIRED"
            elif row["user"] in silent:
                row["status"] = "CANCELLED"
        if not self.down:
            for row in self.pending():
                if self.markets[row["market"]].open:
                    self._match(row)

    def _match(self, row: dict[str, Any]) -> None:
        market = self.markets[row["market"]]
        left = row["size"] - row["filled"]
        takes: list[tuple[Fraction, Fraction]] = []
        if self.flag:
            takes = taken(market.left(row["outcome"], row["buy"]), row["buy"], left, row["limit"])
            price, size = row["limit"], sum((each for _, each in takes), Fraction(0))
        else:
            offers = market.offers(row["outcome"], row["buy"])
            if not offers or not good(row["buy"], row["limit"], offers[0][0]):
                return
            price, size = offers[0][0], left
        if not size:
            return
        early = self.now - row["at"] <= 3 * 10**9
        rate = RATES[market.category] if early else Fraction(0)
        if row["buy"]:
            # what the order still keeps afterwards is not there to pay with
            released = cents(row["limit"] * left) - cents(row["limit"] * (left - size))
            fee = cents(rounded(size * rate * price * (1 - price), 5))
            if self.free_cash(row["user"]) + released < cents(price * size) + fee:
                return
        market.eat(row["outcome"], row["buy"], takes)
        self._trade(row["user"], row, price, size, rate, row)

    def settle(self) -> None:
        """Pay out what is held in resolved markets."""
        for row in self.pending():
            if self.markets[row["market"]].pays is not None:
                row["status"] = "CANCELLED"
        for account in self.accounts:
            for position in account.shares:
                pays = self.markets[position["market"]].pays
                if position["status"] == "OPEN" and pays is not None:
                    account.cash += cents(pays[position["outcome"]] * position["size"])
                    position["status"] = "CLOSED"

    # -- other requests --

    def cancel(self, user: int, number: int) -> None:
        """Cancel one order."""
        if not 0 < number <= len(self.rows) or self.rows[number - 1]["user"] != user:
            known = 0 < number <= len(self.fills) and self.fills[number - 1]["user"] == user
            raise No("ORDER_NOT_CANCELLABLE" if known else "ORDER_NOT_FOUND")
        if self.rows[number - 1]["status"] != "PENDING":
            raise No("ORDER_NOT_CANCELLABLE")
        self.rows[number - 1]["status"] = "CANCELLED"

    def cancel_all(self, user: int) -> list[str]:
        """Cancel all orders of a user."""
        orders = self.pending(user)
        for row in orders:
            row["status"] = "CANCELLED"
        return [str(row["id"]) for row in orders]

    def reset(self, user: int) -> None:
        """Start over."""
        self.cancel_all(user)
        for position in self.accounts[user].shares:
            if position["status"] == "OPEN":
                position["status"] = "CLOSED_BY_RESET"
        self.accounts[user].cash = self.accounts[user].baseline

    def beat(self, user: int, interval_ms: int) -> None:
        """Start the dead man's switch."""
        span = interval_ms + max(1000, interval_ms * 25 // 100)
        self.silence[user] = (self.now // 10**6 + span) * 10**6


def good(buy: bool, limit: Fraction, price: Fraction) -> bool:
    """Tell whether a price is as good as the limit."""
    return price <= limit if buy else price >= limit


def near(price: Fraction, shown: Fraction) -> bool:
    """Tell whether a price is within 15% of the displayed one."""
    return shown * Fraction(85, 100) <= price <= shown * Fraction(115, 100)


def taken(
    offers: list[tuple[Fraction, Fraction]], buy: bool, size: Fraction, limit: Fraction | None
) -> list[tuple[Fraction, Fraction]]:
    """Return what is taken of offers, best first."""
    takes = []
    for price, offered in offers:
        if size > 0 and (limit is None or good(buy, limit, price)):
            takes.append((price, min(size, offered)))
            size -= min(size, offered)
    return takes
