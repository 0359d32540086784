"""Engine and oracle in lock-step, and proof that the comparison notices broken engines."""

from __future__ import annotations

import os
from typing import Any

import pytest

from polyspec.sandbox.engine import Exchange
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.engine.book import BookSide
from polyspec.sandbox.engine.core import Core
from polyspec.sandbox.engine.fees import FeeModel, Fill
from polyspec.sandbox.engine.ledger import Exposure
from polyspec.sandbox.engine.money import CENT
from tests.sandbox.engine.flow import lock_step

OPERATIONS = int(os.environ.get("POLYSPEC_US_OPERATIONS", "30000"))


@pytest.mark.slow
@pytest.mark.timeout(60 + OPERATIONS // 500)
def test_a_long_run_agrees_with_the_oracle():
    """Executions, books, balances, buying power and fees are equal after every operation.

    The ledger's running total is checked after each operation, everything is recounted
    every 500 and the whole history at the end. POLYSPEC_US_OPERATIONS asks for another
    number of operations.
    """
    seen = lock_step(Exchange(), seed=20_261_003, operations=OPERATIONS)
    busy = ("FILL", "PARTIAL_FILL", "REPLACE", "EXPIRED", "Self Match Prevention", "USD available, requested")
    assert all(seen[word] * 400 > OPERATIONS for word in busy)
    assert seen["Open order is no longer fully funded"] > 10


@pytest.mark.parametrize("seed", range(5))
def test_short_runs_agree_with_the_oracle(seed: int):
    """Other seeds agree too."""
    lock_step(Exchange(), seed, 3_000)


def _late_order_first(self: BookSide, order: t.Order) -> None:
    _ADD(self, order)
    self.levels[order.price].orders.move_to_end(order.id, last=False)


def _fee_up(self: FeeModel, order: t.Order, price: int, quantity: int, *, taker: bool) -> Fill:
    fill = _CHARGE(self, order, price, quantity, taker=taker)
    return fill._replace(commission=fill.commission + CENT) if taker and fill.cents else fill


def _fee_not_capped(self: FeeModel, order: t.Order, price: int, quantity: int, *, taker: bool) -> Fill:
    fresh = order.__copy__()
    fresh.fee_exact = fresh.fee_charged = 0
    return _CHARGE(self, fresh, price, quantity, taker=taker)


def _no_offset(self: Exposure, side: t.Side, extra: t.Order | None = None, without: str = "") -> int:
    position, self.position = self.position, t.Position(account="", symbol="")
    try:
        return _REQUIREMENT(self, side, extra, without)
    finally:
        self.position = position


def _money_from_nowhere(self: Core, source: str, target: str, amount: int, *rest: Any, **more: Any) -> None:
    _POST(self, source, target, amount, *rest, **more)
    self.accounts[target].cash += 1


_ADD, _CHARGE, _REQUIREMENT, _POST = BookSide.add, FeeModel.charge, Exposure.requirement, Core.post


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        (BookSide, "add", _late_order_first),
        (FeeModel, "charge", _fee_up),
        (FeeModel, "charge", _fee_not_capped),
        (Exposure, "requirement", _no_offset),
        (Core, "post", _money_from_nowhere),
    ],
    ids=["priority", "fee", "fee-cap", "collateral", "conservation"],
)
def test_a_broken_engine_is_noticed(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, broken: object):
    """Each deliberate fault makes the lock-step fail."""
    monkeypatch.setattr(owner, name, broken)
    with pytest.raises(AssertionError):
        lock_step(Exchange(), 1, 20_000)
