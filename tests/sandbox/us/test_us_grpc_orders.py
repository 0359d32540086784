"""Streams over gRPC of what a participant or a firm does: orders, drop copy, trades, positions, money."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from polyspec_wire.proto.polymarket.v1 import dropcopy_pb2 as dropcopy
from polyspec_wire.proto.polymarket.v1 import enums_pb2 as enums
from polyspec_wire.proto.polymarket.v1 import funding_pb2 as funding
from polyspec_wire.proto.polymarket.v1 import positions_pb2 as positions
from polyspec_wire.proto.polymarket.v1 import refdata_pb2 as refdata
from polyspec_wire.proto.polymarket.v1 import trading_pb2 as trading
from polyspec_wire.proto.polymarket.v1.dropcopy_pb2_grpc import DropCopyAPIStub
from polyspec_wire.proto.polymarket.v1.funding_pb2_grpc import FundingAPIStub
from polyspec_wire.proto.polymarket.v1.positions_pb2_grpc import PositionAPIStub
from polyspec_wire.proto.polymarket.v1.trading_pb2_grpc import OrderEntryAPIStub
from us_door import GAME, KC
from us_wire import Wire, refused, until

from polyspec.sandbox import Sandbox
from polyspec.sandbox.engine import types as t

COPY = "DropCopyAPI_CreateDropCopySubscription"


@pytest.fixture(scope="module")
def shared(private_key: Path) -> Iterator[Wire]:
    """A caller of a quiet sandbox that gives signs of life quickly and clears trades at once."""
    with Sandbox(
        quiet=True,
        rate_limits=False,
        private_key=private_key,
        venues=["us"],
        heartbeat=0.05,
        clearing_delay=0.0,
    ) as sandbox:
        opened = Wire(sandbox)
        yield opened
        opened.close()


@pytest.fixture
def wire(shared: Wire) -> Iterator[Wire]:
    """The same, with empty books and no faults."""
    yield shared
    shared.world.faults.clear()
    with shared.world.lock:
        for each in (shared.world.trader, shared.world.counterparty):
            shared.world.apply(t.CancelAll(participant=each.name))


def opened(stream: Any) -> Any:
    """Return a stream once it is open: what happens from now on is on it."""
    stream.initial_metadata()
    return stream


def orders(wire: Wire, **options: Any) -> Any:
    """Subscribe to the first trader's orders."""
    request = trading.CreateOrderSubscriptionRequest(**options)
    return opened(wire.call(OrderEntryAPIStub, "CreateOrderSubscription", request))


def copy(wire: Wire, **options: Any) -> Any:
    """Subscribe to the firm's executions."""
    request = dropcopy.CreateDropCopySubscriptionRequest(**options)
    return opened(wire.call(DropCopyAPIStub, "CreateDropCopySubscription", request))


def batch(stream: Any) -> Any:
    """Return the next batch that is not empty."""
    return until(stream, lambda each: len(each.executions) > 0)


# -- orders --


def test_open_orders_first_then_what_becomes_of_them(wire: Wire) -> None:
    """The snapshot holds what is open, and each execution after it comes once and in order."""
    resting = wire.place(price=400)
    stream = orders(wire)
    first = next(stream)
    assert [each.id for each in first.snapshot.orders] == [resting]
    wire.trade(price=450)
    told: list[Any] = []
    while len(told) < 2:
        told += until(stream, lambda each: each.WhichOneof("event") == "update").update.executions
    assert [each.type for each in told] == [enums.EXECUTION_TYPE_NEW, enums.EXECUTION_TYPE_FILL]
    assert {each.order.participant for each in told} == {wire.world.trader.name}
    assert told[1].last_px == 450
    beat = until(stream, lambda each: each.WhichOneof("event") == "heartbeat")
    assert beat.session_id == first.session_id != ""
    assert beat.processed_sent_time.ToNanoseconds() > first.processed_sent_time.ToNanoseconds()
    stream.cancel()


def test_a_refused_cancel_is_an_event(wire: Wire) -> None:
    """The call answers yes, the stream says no."""
    stream = orders(wire)
    next(stream)
    wire.call(OrderEntryAPIStub, "CancelOrder", trading.CancelOrderRequest(order_id="none", symbol=KC))
    told = until(stream, lambda each: each.update.HasField("cancel_reject")).update.cancel_reject
    assert (told.order_id, told.text, told.is_replace) == ("none", "Unknown order", False)
    assert told.reject_reason == enums.CXL_REJ_REASON_UNKNOWN_ORDER
    stream.cancel()


def test_orders_of_some_symbols_and_accounts(wire: Wire) -> None:
    """Only what was asked for is told; somebody else's account is refused."""
    wire.place()
    assert len(next(orders(wire, symbols=[KC])).snapshot.orders) == 1
    (only,) = orders(wire, symbols=[GAME], snapshot_only=True)
    assert only.snapshot.orders == []
    with refused(grpc.StatusCode.PERMISSION_DENIED, "not accessible"):
        next(orders(wire, accounts=wire.world.counterparty.accounts))


# -- drop copy --


def test_a_firm_sees_the_executions_of_its_users(wire: Wire) -> None:
    """Both sides of a trade within the firm are told, live, and nothing of before."""
    wire.place(price=300)
    stream = copy(wire)
    wire.trade(price=450)
    told: list[Any] = []
    while len(told) < 4:
        told += batch(stream).executions
    names = {wire.world.trader.name, wire.world.counterparty.name}
    assert {each.order.participant for each in told} == names
    assert [each.order.price for each in told] == [450] * 4
    stream.cancel()


def test_a_token_reads_on_where_it_was_left(wire: Wire) -> None:
    """What happened while nobody listened comes first, and every batch has its own token."""
    stream = copy(wire)
    wire.place(price=310)
    left = batch(stream)
    stream.cancel()
    missed = wire.place(price=320)
    stream = copy(wire, resume_token=left.resume_token)
    assert [each.order.id for each in batch(stream).executions] == [missed]
    idle = next(stream)
    assert idle.executions == []
    assert idle.resume_token != left.resume_token
    stream.cancel()


def test_a_moment_reads_on_as_well(wire: Wire) -> None:
    """Everything from a moment on is told again, that of the moment itself included."""
    order_id = wire.place(price=330)
    done = wire.world.exchange.executions(order_id=order_id)[0]
    request = dropcopy.CreateDropCopySubscriptionRequest(symbols=[KC])
    request.resume_time.FromNanoseconds(done.transact_time)
    stream = wire.call(DropCopyAPIStub, "CreateDropCopySubscription", request)
    assert batch(stream).executions[0].id == done.id
    stream.cancel()
    request.resume_token = b"x"
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "mutually exclusive"):
        next(wire.call(DropCopyAPIStub, "CreateDropCopySubscription", request))


def test_tokens_that_are_none_or_too_old_and_other_firms(wire: Wire) -> None:
    """Each has its refusal."""
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "invalid resume token"):
        next(copy(wire, resume_token=b"execution.x.1"))
    with refused(grpc.StatusCode.PERMISSION_DENIED, "cross-firm"):
        next(copy(wire, firms=["firms/Others"]))
    wire.world.faults.add(kind="grpc_forgotten", operation=COPY)
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "resume token has expired"):
        next(copy(wire, resume_token=b"execution.x.1.1"))


def test_a_token_outlives_the_process(private_key: Path, tmp_path: Path) -> None:
    """With a journal, a token of an earlier run still misses nothing."""
    options: dict[str, Any] = {
        "quiet": True, "private_key": private_key, "venues": ["us"], "db": tmp_path / "us.db"
    }  # fmt: skip
    with Sandbox(**options) as sandbox:
        wire = Wire(sandbox)
        stream = copy(wire)
        wire.place(price=310)
        token = batch(stream).resume_token
        missed = wire.place(price=320)
        stream.cancel()
        wire.close()
    with Sandbox(**options) as sandbox:
        wire = Wire(sandbox)
        assert missed in [each.order.id for each in batch(copy(wire, resume_token=token)).executions]
        wire.close()


def test_a_trade_comes_again_when_its_state_changes(wire: Wire) -> None:
    """A trade is told when made and when cleared, under one id, with both sides if both are the firm's."""
    request = dropcopy.CreateTradeCaptureReportSubscriptionRequest(symbols=[KC])
    stream = opened(wire.call(DropCopyAPIStub, "CreateTradeCaptureReportSubscription", request))
    wire.trade(price=460)
    told: list[Any] = []
    while len(told) < 2:
        told += next(stream).trade_capture_reports
    assert told[0].id == told[1].id
    assert [each.state for each in told] == [enums.TRADE_STATE_NEW, enums.TRADE_STATE_CLEARED]
    assert told[0].aggressor.order.participant == wire.world.counterparty.name
    assert told[0].passive.order.participant == wire.world.trader.name
    stream.cancel()


# -- what accounts hold --


def test_positions_as_they_are_then_as_they_change(wire: Wire) -> None:
    """The snapshot and each update have the position that REST tells, and so has the firm's change feed."""
    account = wire.world.trader.accounts[0]
    request = positions.CreatePositionSubscriptionRequest(accounts=[account])
    stream = opened(wire.call(PositionAPIStub, "CreatePositionSubscription", request))
    changes = opened(
        wire.call(
            DropCopyAPIStub,
            "CreatePositionChangeSubscription",
            dropcopy.CreatePositionChangeSubscriptionRequest(),
        )
    )
    before = {each.symbol: each.net_position for each in next(stream).snapshot.positions}
    wire.trade(quantity=3)
    (after,) = until(stream, lambda each: each.WhichOneof("event") == "update").update.positions
    assert (after.account, after.symbol) == (account, KC)
    assert after.net_position == before.get(KC, 0) + 3
    told = until(changes, lambda each: len(each.position_changes) > 0).position_changes
    assert {each.position.account: each.position.net_position for each in told}[account] == after.net_position
    assert all(each.HasField("change_time") for each in told)
    stream.cancel()
    changes.cancel()


def test_the_balance_ledger_from_a_moment_on(wire: Wire) -> None:
    """From a moment on every entry comes, then new ones; types that are hidden are refused."""
    account = wire.world.trader.accounts[0]
    request = funding.CreateBalanceLedgerSubscriptionRequest(
        account=account, entry_types=["LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT"]
    )
    request.resume_time.FromJsonString("2026-05-01T00:00:00Z")
    stream = opened(wire.call(FundingAPIStub, "CreateBalanceLedgerSubscription", request))
    assert [each.after_balance for each in next(stream).entries] == ["10000.00"]
    with wire.world.lock:
        wire.world.roster.deposit(account, "5")
    (told,) = until(stream, lambda each: len(each.entries) > 0).entries
    assert told.entry_type == funding.LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT
    stream.cancel()
    request.entry_types.append(funding.LedgerEntryType.Value("LEDGER_ENTRY_TYPE_BALANCE_NETTING"))
    with refused(grpc.StatusCode.ABORTED, "not available"):
        next(wire.call(FundingAPIStub, "CreateBalanceLedgerSubscription", request))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "missing required parameter: account"):
        next(
            wire.call(
                FundingAPIStub,
                "CreateBalanceLedgerSubscription",
                funding.CreateBalanceLedgerSubscriptionRequest(),
            )
        )


def test_funding_transactions_as_they_happen(wire: Wire) -> None:
    """Without a moment only new transactions come, with the time to go on from."""
    account = wire.world.trader.accounts[0]
    request = funding.CreateFundingTransactionSubscriptionRequest(account_ids=[account])
    stream = opened(wire.call(FundingAPIStub, "CreateFundingTransactionSubscription", request))
    with wire.world.lock:
        wire.world.roster.deposit(account, "7")
    told = until(stream, lambda each: len(each.changes) > 0)
    assert [each.transaction.amount for each in told.changes] == ["7.00"]
    assert told.HasField("server_time")
    stream.cancel()


# -- instruments --


def test_instruments_as_they_are_then_as_their_state_changes(wire: Wire) -> None:
    """Without a token every instrument comes first; with one, what changed since."""
    request = dropcopy.CreateInstrumentStateChangeSubscriptionRequest(symbols=[KC, GAME])
    stream = opened(wire.call(DropCopyAPIStub, "CreateInstrumentStateChangeSubscription", request))
    first = next(stream)
    assert [each.symbol for each in first.instruments] == [KC, GAME]
    with wire.world.lock:
        wire.world.apply(t.SetMarketState(symbol=GAME, state=t.MarketState.SUSPENDED))
    (told,) = until(stream, lambda each: len(each.instruments) > 0).instruments
    assert (told.symbol, told.state) == (GAME, refdata.INSTRUMENT_STATE_SUSPENDED)
    stream.cancel()
    request.resume_token = first.resume_token
    stream = wire.call(DropCopyAPIStub, "CreateInstrumentStateChangeSubscription", request)
    assert [each.symbol for each in next(stream).instruments] == [GAME]
    stream.cancel()
    with wire.world.lock:
        wire.world.apply(t.SetMarketState(symbol=GAME, state=t.MarketState.OPEN))
