"""The recount that the other tests rely on notices every kind of damage."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from polyspec.sandbox.engine.core import Core
from tests.sandbox.engine.desk import Desk


def busy() -> Desk:
    """Return a desk with a position, orders on both sides and money."""
    desk = Desk()
    desk.sell("ann", 300, 50)
    desk.buy("bob", 100, 50)
    desk.buy("bob", 100, 40)
    desk.buy("cat", 100, 40)
    return desk


def _vanish(core: Core) -> None:
    core.accounts["bob"].cash -= 1


def _unlock(core: Core) -> None:
    core.accounts["ann"].locked -= 1


def _print(core: Core) -> None:
    core.accounts["bob"].cash += 5
    core.held_cash += 5


def _grow(core: Core) -> None:
    core.accounts["bob"].positions["m"].net += 1


def _swap(core: Core) -> None:
    level = core.markets["m"].bids.levels[40]
    level.orders.move_to_end(next(iter(level.orders)))


def _miscount_level(core: Core) -> None:
    core.markets["m"].bids.levels[40].quantity += 1


def _miscount_orders(core: Core) -> None:
    core.accounts["bob"].exposures["m"].bids.quantity -= 1


def _forget(core: Core) -> None:
    core.markets["m"].open_orders.popitem()


def _lose_entry(core: Core) -> None:
    del core.accounts["bob"].entries[0]


def _overfill(core: Core) -> None:
    next(iter(core.orders.values())).filled += 1


def _interest(core: Core) -> None:
    core.markets["m"].statistics.open_interest -= 1


def _overdraw(core: Core) -> None:
    core.post("bob", "cat", 10**12, next(iter(core.accounts["bob"].entries)).type)


@pytest.mark.parametrize(
    "damage",
    [
        _vanish,
        _unlock,
        _print,
        _grow,
        _swap,
        _miscount_level,
        _miscount_orders,
        _forget,
        _lose_entry,
        _overfill,
        _interest,
        _overdraw,
    ],
)
def test_damage_is_noticed(damage: Callable[[Core], None]):
    """Each tampering makes the audit fail on books that passed it before."""
    desk = busy()
    desk.exchange.audit()
    damage(desk.exchange._core)
    with pytest.raises(AssertionError):
        desk.exchange.audit()
