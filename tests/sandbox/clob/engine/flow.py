"""Random but reproducible order flow over two live markets, with everything that can go wrong."""

from __future__ import annotations

from random import Random  # noqa: TID251 - a seeded generator makes the flow reproducible
from typing import Any

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.core import trade_id_of
from tests.sandbox.clob.engine.naive import Ticket
from tests.sandbox.clob.engine.oracle_world import World

WALLETS = ("ann", "bob", "cat", "dan")
OWNERS = ("key-1", "key-2", "key-3")
BUILDERS = ("0xb1", "0xb2")
SPENDERS = ("exchange", "adapter")
TICKS = (10_000, 2_500, 1_000, 100)
UNIT = t.ONE
START = 1_700_000_000_000_000_000
START_SECONDS = START // 10**9


def terms(number: int, tick: int) -> t.MarketTerms:
    """Describe the market with a number."""
    return t.MarketTerms(
        condition_id=f"m{number}",
        token_ids=(f"{number}y", f"{number}n"),
        tick=tick,
        minimum_size=5 * UNIT,
        fees=t.FeeSchedule(rate=(0, 70_000, 40_000)[number % 3], exponent=1 + number % 2),
        makers_per_trade=(0, 2)[number % 2],
        spenders=SPENDERS[: 1 + number % 2],
    )


def opening() -> list[t.Command]:
    """Return the commands that list two markets and fund four wallets."""
    commands: list[t.Command] = [t.AddMarket(market=terms(1, 10_000)), t.AddMarket(market=terms(2, 100))]
    commands += [
        t.SetBuilder(code="0xb1", maker_bps=50, taker_bps=100),
        t.SetBuilder(code="0xb2", taker_bps=7),
    ]
    for wallet in WALLETS:
        commands.append(t.Deposit(wallet=wallet, amount=300 * UNIT))
        for spender in SPENDERS:
            commands.append(t.SetAllowance(wallet=wallet, spender=spender, amount=t.UNLIMITED))
            commands.append(t.SetApproval(wallet=wallet, spender=spender))
        commands += [t.Split(wallet=wallet, condition_id=f"m{n}", amount=60 * UNIT) for n in (1, 2)]
    return commands


class Flow:
    """A stream of commands that keeps the books small and every rule busy."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0
        self.now = START
        self.live = [1, 2]
        self.waiting: list[t.Command] = []

    def next(self, world: World) -> t.Command:
        """Return the next command, looking at what is open."""
        random = self.random
        self.now += random.randrange(1, 60_000_000)
        if self.waiting:
            return self.waiting.pop()
        choice = random.random()
        if choice < 0.14 + (0.4 if len(world.pending) > 6 else 0.0) and world.deals:
            return self.settle(world)
        if choice < 0.26 + (0.4 if len(world.open) > 30 else 0.0) and world.open:
            return self.cancel(random.choice(world.open))
        if choice < 0.36:
            return self.funds()
        if choice < 0.385:
            return self.trouble()
        if choice < 0.388:
            return self.wait(world)
        return self.place(world)

    # -- around the book -----------------------------------------------------------------------

    def settle(self, world: World) -> t.Command:
        """Move the settlement of a trade on, mostly forward."""
        random = self.random
        pool = world.pending if world.pending and random.random() < 0.8 else world.deals[-20:]
        number = random.choice(pool).number
        status = random.choices(list(t.TradeStatus), (1, 3, 20, 4, 4))[0]
        return t.SetTradeStatus(trade_id=trade_id_of(number + 1), status=status, text=str(number))

    def cancel(self, o: Ticket) -> t.Command:
        """Cancel something, now and then of somebody else."""
        random = self.random
        owner = o.c.owner if random.random() < 0.9 else random.choice(OWNERS)
        choice = random.random()
        if choice < 0.80:
            ids = (o.c.order_id, f"o{random.randrange(self.count + 1)}", o.c.order_id)
            return t.CancelOrders(owner=owner, order_ids=ids[: random.randrange(1, 4)])
        if choice < 0.95:
            market, token = random.choice(
                ((o.board.name, ""), ("", o.c.token_id), (o.board.name, o.c.token_id))
            )
            return t.CancelMarketOrders(owner=owner, condition_id=market, token_id=token)
        return t.CancelAll(owner=owner)

    def funds(self) -> t.Command:
        """Move money and tokens about."""
        random = self.random
        wallet, other, market = random.choice(WALLETS), random.choice(WALLETS), self.market()
        amount = random.randrange(1, 40 * UNIT)
        draw = random.random()
        if draw < 0.2:
            return t.Deposit(wallet=wallet, amount=amount)
        if draw < 0.3:
            return t.Withdraw(wallet=wallet, amount=2 * amount)
        if draw < 0.5:
            token = random.choice(("", f"{market}y", f"{market}n"))
            return t.Transfer(source=wallet, target=other, token_id=token, amount=amount)
        if draw < 0.8:
            return t.Split(wallet=wallet, condition_id=f"m{market}", amount=amount)
        old = random.randrange(max(1, self.live[0] - 3), self.live[1] + 1)
        if draw < 0.88:
            return t.Redeem(wallet=wallet, condition_id=f"m{old}")
        return t.Merge(wallet=wallet, condition_id=f"m{old}", amount=amount)

    def trouble(self) -> t.Command:
        """Change something about a market, an allowance or the venue; what stops trading is undone soon."""
        random = self.random
        market, wallet, spender = f"m{self.market()}", random.choice(WALLETS), random.choice(SPENDERS)
        draw = random.randrange(11)
        if draw < 2:
            amount = random.choice((0, 10 * UNIT, random.randrange(100 * UNIT)))
            later = random.choice((t.UNLIMITED, 500 * UNIT))
            self.waiting.append(t.SetAllowance(wallet=wallet, spender=spender, amount=later))
            self.waiting += [self.place_valid() for _ in range(6)]
            return t.SetAllowance(wallet=wallet, spender=spender, amount=amount)
        if draw == 2:
            self.waiting += [t.SetApproval(wallet=wallet, spender=spender), self.place_valid()]
            return t.SetApproval(wallet=wallet, spender=spender, approved=False)
        if draw == 3:
            status = random.choice(("PENDING", "PAUSED", "CLOSED"))
            self.waiting.append(t.SetMarketStatus(condition_id=market, status=t.MarketStatus.OPEN))
            self.waiting += [self.place_valid() for _ in range(4)]
            return t.SetMarketStatus(condition_id=market, status=t.MarketStatus(status))
        if draw == 4:
            self.waiting.append(t.SetTradingMode(mode=t.TradingMode.NORMAL))
            self.waiting += [t.CancelAll(owner=random.choice(OWNERS)), self.place_valid(), self.place_valid()]
            return t.SetTradingMode(mode=random.choice(list(t.TradingMode)))
        if draw == 5:
            return t.SetTick(condition_id=market, tick=random.choice(TICKS))
        if draw == 6:
            return self.change(market)
        if draw == 7:
            return t.ClearBook(condition_id=market, status=t.OrderStatus.CANCELED_MARKET_NOT_FOUND)
        if draw == 8:
            code, enabled = random.choice(BUILDERS), random.random() < 0.7
            return t.SetBuilder(
                code=code, maker_bps=random.randrange(51), taker_bps=random.randrange(101), enabled=enabled
            )
        return self.resolve() if draw == 9 and random.random() < 0.12 else t.Advance()

    def wait(self, world: World) -> t.Command:
        """Let time pass, often right up to the end of an order, or just short of it."""
        expiries = [o.c.expiration - 60 for o in world.open if o.c.expiration]
        if expiries and self.random.random() < 0.8:
            self.now = max(self.now, self.random.choice(expiries) * 10**9 - self.random.randrange(2))
        else:
            self.now += self.random.randrange(60, 200) * 10**9
        return t.Advance()

    def change(self, market: str) -> t.Command:
        """Change terms of a market."""
        random = self.random
        changes: tuple[dict[str, Any], ...] = (
            {"fees": t.FeeSchedule(rate=random.choice((0, 30_000, 70_000)), exponent=random.randrange(3))},
            {"taker_delay": random.choice((0, 250_000_000))},
            {"taker_delay": 0},
            {"minimum_size": random.choice((1, 5)) * UNIT},
            {"minimum_spend": random.choice((0, 3 * UNIT))},
            {"makers_per_trade": random.randrange(3)},
        )
        return t.ChangeMarket(condition_id=market, **random.choice(changes))

    def resolve(self) -> t.Command:
        """Resolve the older market and list a new one."""
        random = self.random
        old = self.live.pop(0)
        self.live.append(self.live[-1] + 1)
        self.waiting += [
            t.Split(wallet=wallet, condition_id=f"m{self.live[-1]}", amount=40 * UNIT) for wallet in WALLETS
        ]
        self.waiting.append(t.AddMarket(market=terms(self.live[-1], random.choice(TICKS))))
        pays = random.choice((UNIT, 0, UNIT // 2, 333_333))
        return t.Resolve(condition_id=f"m{old}", payouts=(pays, UNIT - pays))

    # -- orders --------------------------------------------------------------------------------

    def market(self) -> int:
        """Return the number of a live market."""
        return self.random.choice(self.live)

    def place(self, world: World) -> t.PlaceOrder:
        """Return an order of any kind on a market's own grid, now and then one the rules refuse."""
        number = self.market()
        tick = world.boards[f"m{number}"].tick if f"m{number}" in world.boards else 10_000
        order = self.order(number, tick)
        return self.spoil(order) if self.random.random() < 0.07 else order

    def place_valid(self) -> t.PlaceOrder:
        """Return an order whose grid suits most markets."""
        return self.order(self.market(), 10_000)

    def order(self, number: int, tick: int) -> t.PlaceOrder:
        """Draft an order around the middle."""
        random = self.random
        self.count += 1
        side = random.choice((t.Side.BUY, t.Side.SELL))
        kind = random.choices(list(t.OrderType), (60, 10, 12, 18))[0]
        price = tick * random.randint(440_000 // tick, 560_000 // tick)
        shares = random.randrange(500, 3_000) * 10_000
        maker, taker = self.amounts(side, kind, price, shares)
        expiration = self.now // 10**9 + 181 + random.randrange(60) if kind is t.OrderType.GTD else 0
        post_only = kind.rests and random.random() < 0.12
        return t.PlaceOrder(
            order_id=f"o{self.count}",
            owner=random.choice(OWNERS),
            wallet=random.choice(WALLETS),
            token_id=f"{number}{random.choice('yn')}",
            side=side,
            maker_amount=maker,
            taker_amount=taker,
            type=kind,
            post_only=post_only,
            expiration=expiration,
            builder=random.choice(("", "", "", *BUILDERS)),
        )

    def amounts(self, side: t.Side, kind: t.OrderType, price: int, shares: int) -> tuple[int, int]:
        """Return the amounts a client would sign."""
        if side is t.Side.SELL:
            return shares, shares * price // UNIT
        if kind.rests:
            return shares * price // UNIT, shares
        money = shares * price // UNIT // 10_000 * 10_000
        return money, money * UNIT // price // 100 * 100

    def spoil(self, order: t.PlaceOrder) -> t.PlaceOrder:
        """Break one rule."""
        random = self.random
        fields = {name: getattr(order, name) for name in order.__struct_fields__}
        faults: tuple[dict[str, Any], ...] = (
            {"order_id": f"o{random.randrange(1, self.count + 1)}"},
            {"token_id": "nowhere"},
            {"maker_amount": order.maker_amount + random.choice((1, 100, 1_000, 20_000))},
            {"taker_amount": order.taker_amount + random.choice((1, 100, 1_000, 20_000))},
            {"maker_amount": order.maker_amount // 10, "taker_amount": order.taker_amount // 10},
            {"maker_amount": 0},
            {"maker_amount": order.taker_amount, "taker_amount": order.maker_amount},
            {"expiration": self.now // 10**9 + random.randrange(170, 190)},
            {"post_only": True, "type": t.OrderType.FAK, "expiration": 0},
            {"type": random.choice(list(t.OrderType))},
        )
        return t.PlaceOrder(**(fields | random.choice(faults)))
