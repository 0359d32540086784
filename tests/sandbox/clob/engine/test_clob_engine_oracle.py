"""Engine and oracle in lock-step, and proof that the comparison notices broken engines."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import Any

import pytest

from polyspec.sandbox.clob.engine import ClobExchange, core, entry, funding, matching, pricing, settlement
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.core import Core
from polyspec.sandbox.clob.engine.market import Market
from polyspec.sandbox.engine.book import Ladder
from tests.sandbox.clob.engine.lockstep import run

OPERATIONS = int(os.environ.get("POLYSPEC_CLOB_OPERATIONS", "30000"))


@pytest.mark.slow
@pytest.mark.timeout(60 + OPERATIONS // 500)
def test_a_long_run_agrees_with_the_oracle():
    """Orders, trades, fees, texts, books, balances and claims are equal; conservation holds after each one.

    POLYSPEC_CLOB_OPERATIONS asks for another number of operations.
    """
    seen = run(ClobExchange(), seed=20_261_121, operations=OPERATIONS)
    rules = [
        *(str(reason) for reason in t.RejectReason),
        *(str(status) for status in t.OrderStatus if not status.is_open),
        *(f"TRADE {status}" for status in t.TradeStatus),
        "UNMATCHED",
    ]
    # 30,000 operations meet every rule there is
    assert OPERATIONS < 30_000 or not [rule for rule in rules if not seen[rule]]
    assert seen["mixed"] * 20 > OPERATIONS


@pytest.mark.parametrize("seed", range(6))
def test_short_runs_agree_with_the_oracle(seed: int):
    """Other seeds agree too."""
    run(ClobExchange(), seed, 2_500)


# -- broken engines ----------------------------------------------------------------------------------


def _late_order_first(self: Ladder[Any], price: int, key: str, order: Any, quantity: int) -> None:
    _PUT(self, price, key, order, quantity)
    orders: OrderedDict[str, Any] = self.levels[price].orders
    orders.move_to_end(key, last=False)


def _own_outcome_only(self: Market, order: t.Order) -> Ladder[t.Order]:
    facing, only = _FACING(self, order), Ladder[t.Order](_FACING(self, order).sign)
    for level in facing:
        for resting in level.orders.values():
            if resting.outcome == order.outcome:
                only.put(level.price, resting.id, resting, resting.remaining)
    return only


def _fee_up(fees: t.FeeSchedule, fills: list[tuple[int, int]]) -> int:
    fee = _FEE(fees, fills)
    return fee + 10 if fee > 100_000 else fee


def _half_down(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator - 1) // (2 * denominator)


def _floor_cost(shares: int, price: int) -> int:
    return shares * price // t.ONE


def _taker_gets_the_fraction(maker: t.Order, outcome: int, shares: int, paid: int) -> int:
    return paid if maker.outcome == outcome else min(shares, shares - paid + 1)


def _no_claim(self: Core, market: Market, order: t.Order, amount: int) -> None:
    _CLAIM(self, market, order, amount - 1 if amount > 20_000_000 else amount)


def _spendable_at_once(core_: Core, market: Market, trade: t.Trade) -> None:
    _PLEDGE(core_, market, trade)
    if trade.side is t.Side.BUY:
        core_.wallet(trade.wallet).asset(trade.token_id).balance += trade.size


def _failed_keeps_something(core_: Core, market: Market, legs: tuple[core.Leg, ...]) -> None:
    _RELEASE(core_, market, legs)
    wallet, asset, _ = legs[0]
    core_.wallet(wallet).asset(asset).matched += 1


def _fee_not_collected(core_: Core, market: Market, trade: t.Trade, legs: tuple[core.Leg, ...]) -> None:
    fees = core_.fees
    _MOVE(core_, market, trade, legs)
    core_.fees = fees


def _cover_not_enforced(core_: Core) -> None:
    """Leave orders without cover."""


def _always_filled(order: t.Order, plan: matching.Plan) -> int:
    return _NEEDED(order, plan._replace(fee=0))


_PUT, _FACING, _FEE, _CLAIM = Ladder.put, Market.facing, matching.platform_fee, Core.claim
_PLEDGE, _RELEASE, _MOVE = matching._pledge, settlement._release, settlement._move
_NEEDED = funding.needed


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        (Ladder, "put", _late_order_first),
        (Market, "facing", _own_outcome_only),
        (matching, "platform_fee", _fee_up),
        (pricing, "round_half_up", _half_down),
        (matching, "cost", _floor_cost),
        (matching, "_counter", _taker_gets_the_fraction),
        (Core, "claim", _no_claim),
        (matching, "_pledge", _spendable_at_once),
        (settlement, "_release", _failed_keeps_something),
        (settlement, "_move", _fee_not_collected),
        ("polyspec.sandbox.clob.engine.exchange", "enforce_cover", _cover_not_enforced),
        (entry, "needed", _always_filled),
        (entry, "EXPIRES_EARLY", 59),
    ],
    ids=[
        "time-priority",
        "complementary",
        "fee",
        "half-up",
        "rounding",
        "mint-and-merge",
        "claims",
        "pending",
        "failed",
        "fees",
        "cover",
        "fees-covered",
        "expiry",
    ],
)
def test_a_broken_engine_is_noticed(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, broken: object):
    """Each deliberate fault makes the lock-step fail."""
    if isinstance(owner, str):
        monkeypatch.setattr(f"{owner}.{name}", broken)
    else:
        monkeypatch.setattr(owner, name, broken)
    with pytest.raises(AssertionError):
        run(ClobExchange(), 1, 20_000)
