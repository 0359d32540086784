"""Exchange and oracle in lock-step, and proof that the comparison notices broken exchanges."""

from __future__ import annotations

import os
from typing import Any

import msgspec
import pytest

from polyspec.sandbox.polysimulator.engine import (
    PaperExchange,
    audit,
    cancels,
    deals,
    entry,
    pricing,
    resting,
    rules,
    settlement,
    state,
    taking,
    units,
    wallets,
)
from polyspec.sandbox.polysimulator.engine import depth as depths
from polyspec.sandbox.polysimulator.engine.records import Order, OrderStatus, Position, Wallet
from tests.sandbox.polysimulator.engine.paper import Desk
from tests.sandbox.polysimulator.engine.paper_lockstep import run

OPERATIONS = int(os.environ.get("POLYSPEC_PAPER_OPERATIONS", "0"))
RULES = {
    *("FILLED", "PENDING", "CANCELLED", "exit", "maker", "replay", "reopened"),
    *("FOK_ORDER_NOT_FILLED_ERROR", "IDEMPOTENCY_KEY_REUSE", "MARKET_CLOSED", "VENUE_UNAVAILABLE"),
    *("INSUFFICIENT_BALANCE", "INSUFFICIENT_LIQUIDITY", "INSUFFICIENT_POSITION"),
    *("INVALID_ORDER_EXPIRATION", "INVALID_ORDER_MIN_SIZE", "INVALID_ORDER_MIN_TICK_SIZE"),
    *("INVALID_POST_ONLY_ORDER", "INVALID_POST_ONLY_ORDER_TYPE"),
}


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_short_runs_agree_with_the_oracle(seed: int, flag: bool):
    """Answers, refusals, money, shares and rows are equal after each of 1,000 operations."""
    assert run(seed, 1_000, flag)["FILLED"] > 50


@pytest.mark.slow
@pytest.mark.skipif(not OPERATIONS, reason="POLYSPEC_PAPER_OPERATIONS says how many operations to run")
@pytest.mark.timeout(60 + OPERATIONS // 20)
def test_long_runs_agree_with_the_oracle():
    """Runs of 3,000 operations meet every rule there is, and agree."""
    seen = run(1_000, 3_000, True)
    for number in range(1, OPERATIONS // 3_000):
        seen += run(1_000 + number, 3_000, number % 3 > 0)
    assert not RULES - {rule for rule, times in seen.items() if times}


# -- broken exchanges --------------------------------------------------------------------------------


def _floor(price: int, quantity: int) -> int:
    return price * quantity // (units.SHARE * units.CENT) * units.CENT


def _no_depletion(*_args: Any) -> None:
    return None


def _kept_cash(tx: state.Tx, order: Order, reason: str, status: OrderStatus = OrderStatus.CANCELLED) -> Order:
    if order.side == "BUY":
        return tx.change(order, reserved=0, status=status, cancelled_ns=tx.now, cancelled_reason=reason)
    return _REFUND(tx, order, reason, status)


def _losers_too(tx: state.Tx, position: Position, market: Any, per_share: int) -> None:
    _PAY(tx, position, market, per_share or units.CENT)


def _one_sequence(self: state.Tx, sequence: state.Sequence) -> int:
    return _NEXT(self, "filled" if sequence == "pending" else sequence)


def _better_price(*args: Any) -> deals.Deal:
    deal = _RESTING_DEAL(*args)
    book = args[4]
    best = (book.asks if deal.side == "BUY" else book.bids)[0][0]
    return msgspec.structs.replace(deal, price=best)


def _every_fill_a_maker(*args: Any) -> deals.Deal:
    return msgspec.structs.replace(_RESTING_DEAL(*args), taker=False, bps=0)


def _all_of_the_walk(ticket: rules.Ticket, walked: pricing.Walk) -> taking.Take | None:
    return _OF_WALK(msgspec.structs.replace(ticket, time_in_force="IOC"), walked)


def _older_generation(tx: state.Tx, wallet: Wallet, reason: str) -> int:
    del tx, wallet, reason
    return 0


_REFUND, _PAY, _NEXT = deals.refund, settlement._pay, state.Tx.next
_RESTING_DEAL, _OF_WALK = resting._deal, taking._of_walk
BROKEN: dict[str, list[tuple[Any, str, Any]]] = {
    "cents are cut": [(deals, "charge", _floor), (entry, "charge", _floor)],
    "fees are not rounded": [(deals, "to_cents", lambda money: money)],
    "fees are forgotten": [(entry, "fee_bps", lambda _category: 0)],
    "depth is endless": [(taking, "consume", _no_depletion), (resting, "consume", _no_depletion)],
    "each outcome has its own depth": [
        (depths, "_level", lambda _m, outcome, side, price: f"{outcome} {side} {price}")
    ],
    "cancelled orders keep their cash": [(cancels, "refund", _kept_cash)],
    "expired orders keep their cash": [(resting, "refund", _kept_cash)],
    "losers are paid": [(settlement, "_pay", _losers_too)],
    "nothing is settled": [(PaperExchange, "settle", lambda _self, _now: [])],
    "repetitions place again": [(entry, "_known", lambda *_args: None)],
    "tables share a sequence": [(state.Tx, "next", _one_sequence)],
    "makers get the touch": [(resting, "_deal", _better_price)],
    "early fills are makers'": [(resting, "_deal", _every_fill_a_maker)],
    "early fees are not paid for": [(resting, "affordable", lambda _tx, _deal: True)],
    "a FOK is partly filled": [(taking, "_of_walk", _all_of_the_walk)],
    "any price is sane": [(taking, "within", lambda *_args: True)],
    "small orders pass": [(entry, "check_minimum", lambda *_args: None)],
    "cash is not checked": [(entry, "_check_cash", lambda *_args: None)],
    "closed markets trade": [(entry, "tradable", lambda *_args: True)],
    "resets leave orders": [(wallets, "_cancel_orders", _older_generation)],
    "heartbeats never lapse": [(resting, "beat", lambda *_args: 0)],
}


def run_several() -> None:
    """Run until something differs, a dozen times at most."""
    for seed in range(12):
        run(seed, 1_200)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_exchange_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch):
    """Each of these mistakes is found within a few short runs."""
    for module, attribute, value in BROKEN[name]:
        assert hasattr(module, attribute)
        monkeypatch.setattr(module, attribute, value)
    with pytest.raises(AssertionError):
        run_several()


def test_the_recount_alone_notices_money_and_shares():
    """Without the oracle, the exchange's own recount finds a cent too many, and whatever else is off."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "20")
    desk.place("SELL", "0.60", "5")
    desk.place("BUY", "0.40", "5")
    wallet, position = desk.exchange.wallet(1), desk.position()
    (trade,) = desk.exchange.trades([wallet])
    buying = desk.exchange._core.state.get(Order, 2)
    spoiled: list[tuple[Any, dict[str, Any], str]] = [
        (wallet, {"cash": wallet.cash + 10_000}, "money appeared"),
        (position, {"quantity": 210_000}, "shares are off"),
        (position, {"cost": 1}, "shares are off"),
        (position, {"reserved": 0}, "what orders keep"),
        (buying, {"reserved": 0}, "does not keep"),
        (buying, {"filled": 1}, "do not add up"),
        (trade, {"notional": 1}, "notional"),
        (trade, {"fee": 1}, "fee"),
        (trade, {"price": 510_000, "notional": 10_200_000}, "fee"),
        (wallet, {"id": 99, "cash": wallet.baseline}, "numbers"),
    ]
    for record, changes, text in spoiled:
        desk.exchange.audit()
        state = desk.exchange._core.state
        changed = msgspec.structs.replace(record, **changes)
        state.table(type(record))[changed.name] = changed
        with pytest.raises(audit.InvariantError, match=text):
            desk.exchange.audit()
        desk.revive()
