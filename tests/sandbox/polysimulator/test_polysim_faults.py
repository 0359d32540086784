"""What the faults of PolySimulator meet, and what they are made of."""

from __future__ import annotations

import pytest

from polyspec.sandbox.polysimulator.faults import CHANNELS, GATES, Fault, FaultPlan


def test_a_fault_of_placements_leaves_reads_alone() -> None:
    """A fault for any operation still meets only what it can spoil."""
    plan = FaultPlan()
    plan.add(kind="deadline_overshot")
    assert plan.take("Account_GetBalance") is None
    assert plan.take("Orders_CancelOrder") is None
    met = plan.take("Orders_PlaceOrder")
    assert met is not None
    assert met.during
    assert plan.take("Orders_PlaceOrder") is None


def test_ordinary_faults_leave_websockets_alone() -> None:
    """What spoils an answer waits for a request, and what spoils a socket for a socket."""
    plan = FaultPlan()
    plan.add(kind="reset")
    plan.add(kind="ws_drop")
    met = plan.take(CHANNELS[0])
    assert met is not None
    assert met.kind == "ws_drop"
    met = plan.take("Health_HealthCheck")
    assert met is not None
    assert met.kind == "reset"


def test_a_moment_takes_what_it_can_bear() -> None:
    """A frame is not spoilt by what refuses connections, which keeps its place in the plan."""
    plan = FaultPlan()
    plan.add(kind="ws_token_expired")
    plan.add(kind="ws_drop", after=1)
    assert plan.take("WebSocket_Prices", "ws_drop") is None
    assert plan.take("WebSocket_Prices", "ws_drop") is not None
    assert [each["kind"] for each in plan.pending()] == ["ws_token_expired"]


@pytest.mark.parametrize(
    "plain",
    [
        {"kind": "lock_busy_after"},
        {"kind": "deadline_overshot", "operation": "Orders_CancelOrder"},
        {"kind": "ws_missed_fill", "operation": "WebSocket_Prices"},
        {"kind": "no_such_thing"},
    ],
)
def test_a_fault_that_could_never_happen_is_refused(plain: dict[str, str]) -> None:
    """A test that plans the impossible is told so instead of passing."""
    with pytest.raises(ValueError, match=r"suffix|meet|unknown"):
        Fault.from_json(plain)


def test_cancels_are_told_to_wait_longer() -> None:
    """A busy server holds cancels off for five seconds and placements for one."""
    gate = GATES["server_busy"]
    assert (gate.pause("Orders_PlaceOrder"), gate.pause("Orders_CancelAll")) == (1, 5)


def test_a_stream_is_spared_what_needs_a_whole_answer() -> None:
    """An answer without an end cannot be cut to half of itself; a fault of streams meets it."""
    plan = FaultPlan()
    plan.add(kind="truncate")
    assert plan.take("Spot_StreamPrices") is None
    plan.add(kind="stream_cut")
    assert plan.take("Health_HealthCheck") is not None
    assert plan.take("Spot_StreamPrices") is not None
