"""The audit notices every kind of books that do not add up, and the speed does not depend on the book."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from polyspec.sandbox.clob.engine import ClobExchange
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.core import Core
from tests.sandbox.clob.engine.desk import BUY, MARKET, NO, SELL, YES, Desk, u

Damage = Callable[[Core], object]


def busy() -> Desk:
    """Return a desk with resting orders, a mined trade and pending ones, fees and builders."""
    desk = Desk(fees=t.FeeSchedule(rate=70_000))
    desk.do(t.SetBuilder(code="0xb1", maker_bps=50, taker_bps=100))
    desk.place("ann", SELL, "0.5", "10")
    desk.place("bob", BUY, "0.5", "10", builder="0xb1")
    desk.mine_all()
    desk.place("ann", BUY, "0.5", "10", NO)
    desk.place("bob", BUY, "0.5", "5")
    desk.place("cat", BUY, "0.3", "10", builder="0xb1")
    desk.place("cat", SELL, "0.7", "10")
    return desk


def _set(path: str, change: int = 1) -> Damage:
    """Return a damage that changes a number somewhere in the state."""

    def damage(core: Core) -> None:
        *way, last = path.split(".")
        target: object = core
        for step in way:
            target = target[step] if isinstance(target, dict) else getattr(target, step)
        if isinstance(target, list):
            target[int(last)] += change
        elif isinstance(target, dict):
            target[last] += change
        else:
            setattr(target, last, getattr(target, last) + change)

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        _set("held"),
        _set("deposited"),
        _set("fees"),
        _set("builder_fees.0xb1"),
        _set(f"markets.{MARKET}.backing"),
        _set(f"markets.{MARKET}.supply.0"),
        _set("claims.o5"),
        _set("orders.o5.matched"),
        _set("orders.o5.remaining"),
        _set("orders.o1.spent"),
        _set("orders.o2.remaining"),
        lambda core: core.wallet("cat").asset("").__setattr__("balance", 0),
        lambda core: core.wallet("cat").asset("").__setattr__("active", 0),
        lambda core: core.wallet("ann").asset("").__setattr__("matched", 0),
        lambda core: core.wallet("ann").asset(NO).__setattr__("incoming", 0),
        lambda core: core.wallet("ann").entries.pop(),
        lambda core: core.wallet("cat").claims_on("exchange").__setattr__("active", 0),
        lambda core: core.wallet("ann").claims_on("exchange").__setattr__("matched", 0),
        lambda core: core.wallet("cat").allowances.__setitem__("exchange", 0),
        lambda core: core.owner_open["key-cat"].popitem(),
        lambda core: core.markets[MARKET].open_orders.popitem(),
        lambda core: core.markets[MARKET].bids.lower(u("0.3"), 1),
        lambda core: core.markets[MARKET].bids.put(u("0.31"), "o5", core.orders["o5"], u(10)),
        lambda core: core.markets[MARKET].bids.put(u("0.71"), "x", core.orders["o5"], u(10)),
        lambda core: core.markets[MARKET].held.__setitem__("o5", core.orders["o5"]),
        lambda core: core.orders["o5"].__setattr__("status", t.OrderStatus.MATCHED),
    ],
)
def test_the_audit_notices_damage(damage: Damage):
    """Any number off by one, any index that lost an entry."""
    desk = busy()
    desk.x.audit()
    damage(desk.x._core)
    with pytest.raises(AssertionError):
        desk.x.audit()


@pytest.mark.parametrize(
    "damage",
    [
        _set("held"),
        _set("deposited"),
        _set(f"markets.{MARKET}.backing"),
        _set(f"markets.{MARKET}.supply.1"),
    ],
)
def test_running_totals_notice_damage(damage: Damage):
    """The check that runs after each command of the lock-step sees what breaks conservation."""
    desk = busy()
    damage(desk.x._core)
    with pytest.raises(AssertionError):
        desk.x.check_totals()


def test_payouts_must_be_backed():
    """After the resolution too."""
    desk = busy()
    desk.do(t.Resolve(condition_id=MARKET, payouts=(t.ONE, 0)))
    desk.x._core.markets[MARKET].supply[0] += 1
    with pytest.raises(AssertionError, match="payouts are not backed"):
        desk.x.check_totals()


def _filled(resting: int) -> ClobExchange:
    """Return a CLOB with so many resting orders on 98 levels."""
    x = ClobExchange()
    x.apply(t.AddMarket(market=t.MarketTerms(condition_id=MARKET, token_ids=(YES, NO))), 1)
    x.apply(t.Deposit(wallet="w", amount=10**15), 1)
    x.apply(t.SetAllowance(wallet="w", spender="exchange", amount=t.UNLIMITED), 1)
    for number in range(resting):
        _buy(x, f"r{number}", 1 + number % 49, YES if number % 2 else NO)
    return x


def _buy(x: ClobExchange, order_id: str, cents: int, token: str) -> None:
    x.apply(
        t.PlaceOrder(
            order_id=order_id,
            owner="k",
            wallet="w",
            token_id=token,
            side=BUY,
            maker_amount=cents * 100_000,
            taker_amount=10 * t.ONE,
        ),
        2,
    )


def _seconds(x: ClobExchange, run: str, rounds: int = 600) -> float:
    """Time placing, matching by minting, and canceling."""
    started = time.process_time()
    for number in range(rounds):
        _buy(x, f"{run}a{number}", 50, YES)
        _buy(x, f"{run}b{number}", 50, NO)
        _buy(x, f"{run}c{number}", 48, NO)
        x.apply(t.CancelOrders(owner="k", order_ids=(f"{run}c{number}",)), 3)
    return time.process_time() - started


@pytest.mark.slow
def test_speed_does_not_depend_on_resting_orders():
    """With 60,000 orders in the book a round costs less than three times what it costs with 10."""
    small, large = _filled(10), _filled(60_000)
    best = {
        name: min(_seconds(x, f"{name}{n}") for n in range(3)) for name, x in (("s", small), ("l", large))
    }
    assert best["l"] < 3 * best["s"], best
