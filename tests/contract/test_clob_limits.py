"""Limits of the CLOB: those of the spec are those the sandbox keeps and those the client stays under."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polyspec_wire.clob import OPERATIONS as WIRE

from polyspec.core.pacing import Pacer
from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.limits import IpLimits, SignerLimits
from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.http.clock import Clock
from tests.contract.spec import CLOB, Operation
from tests.sandbox.clob.clob_door import Door

EARLY = 1000.0
CLIENT = "127.0.0.1"


def limits_of(operation: Operation, scope: str) -> list[dict[str, Any]]:
    """Return the limits the spec has for an operation."""
    raw = operation.raw.get("x-rate-limit", [])
    return [each for each in (raw if isinstance(raw, list) else [raw]) if each["scope"] == scope]


WINDOWS = {limit["bucket"]: limit for each in CLOB.operations.values() for limit in limits_of(each, "ip")}
LIMITED = [
    pytest.param(each, limit, id=f"{each.id}-{limit['bucket']}")
    for each in CLOB.operations.values()
    for limit in limits_of(each, "ip")
]
UNLIMITED = [pytest.param(each, id=each.id) for each in CLOB.operations.values() if not limits_of(each, "ip")]
SIGNED = [
    pytest.param(each, tier, id=f"{each.id}-{tier}")
    for each in CLOB.operations.values()
    for limit in limits_of(each, "signer")
    for tier in limit["rate"]
]


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    """A venue with limits and no patience, whose clock stands still."""
    options = ClobOptions(rate_limits=True, limit_patience=0)
    with Sandbox(venues=["clob"], port=False, quiet=True, clob=options) as sandbox:
        with closing(Door(sandbox)) as opened:
            assert opened.creds
            opened.world.clock.freeze()
            yield opened


def ask(door: Door, operation: Operation) -> int:
    """Send a request to an operation, good or bad, and return the status."""
    path = operation.filled("0x" + "1" * 64)
    if operation.schemes == {"l1"}:
        return door.raw(operation.method, path, headers=door.level1()).status_code
    if operation.schemes:
        # whatever is deleted here is not what others ask with
        headers = {**door.level2(operation.method, path), "POLY_PASSPHRASE": "wrong"}
        return door.raw(operation.method, path, headers=headers).status_code
    return door.raw(operation.method, path).status_code


def fill(door: Door, operation: Operation, bucket: str, count: int) -> None:
    """Let requests pass as if others of the same address had made them."""
    limit = next(each for each in WIRE[operation.id].rate_limits if each.bucket == bucket)
    assert door.world.ip_limits.admit((limit,) * count, CLIENT).admitted


@pytest.mark.parametrize(("operation", "limit"), LIMITED)
def test_windows_are_kept_to_the_last_request(
    door: Door, operation: Operation, limit: dict[str, Any]
) -> None:
    """As many pass as the spec says, one more is 429, and after a whole window they pass again."""
    # another limit of the operation would be full as well, so each begins with an empty venue
    door.world.clock.advance(1300)
    fill(door, operation, limit["bucket"], limit["rate"] - 1)
    assert ask(door, operation) != 429
    assert ask(door, operation) == 429
    door.world.clock.advance(limit["per"] * 1.1)
    assert ask(door, operation) != 429


@pytest.mark.parametrize("operation", UNLIMITED)
def test_what_has_no_limit_of_its_own_passes_a_full_venue(door: Door, operation: Operation) -> None:
    """Beats and withdrawals go through when everything else is full."""
    door.world.clock.advance(1300)
    general = CLOB.operations["Health_GetServerTime"]
    fill(door, general, "General", WINDOWS["General"]["rate"])
    assert ask(door, general) == 429
    assert ask(door, operation) != 429


@pytest.mark.parametrize(("operation", "limit"), LIMITED)
def test_the_pacer_keeps_the_same_windows(operation: Operation, limit: dict[str, Any]) -> None:
    """The client lets no more requests leave in a window than the spec says, and no fewer of the tightest."""
    pacer, wire = Pacer("standard"), WIRE[operation.id]
    most = min(each["rate"] for each in limits_of(operation, "ip"))
    left = sum(pacer.reserve(wire, EARLY, 0.0) == 0.0 for _ in range(most + 1))
    assert left == most <= limit["rate"]
    tightest = min(limits_of(operation, "ip"), key=lambda each: float(each["rate"]))
    assert pacer.reserve(wire, EARLY, 1e6) == pytest.approx(tightest["per"])


@pytest.mark.parametrize(("operation", "tier"), SIGNED)
def test_buckets_of_signers_are_the_same_on_both_sides(operation: Operation, tier: str) -> None:
    """Burst and pace of a tier, when they are kept, are the spec's in the sandbox and in the client."""
    (limit,) = limits_of(operation, "signer")
    wire = next(each for each in WIRE[operation.id].rate_limits if each.scope == "signer")
    clock = Clock()
    clock.freeze()
    sandbox, burst = SignerLimits(clock), limit["burst"][tier]
    taken = [sandbox.take(wire, "me", tier, 1, enforce=True).allowed for _ in range(burst + 1)]
    assert taken == [True] * burst + [False]
    assert Pacer(tier).reserve(WIRE[operation.id], EARLY, 0.0) == 0.0
    pacer = Pacer(tier, keep_unenforced=True)
    room = min(burst, *(each["rate"] for each in limits_of(operation, "ip")))
    waits = [pacer.reserve(WIRE[operation.id], EARLY, 1e6) for _ in range(room + 1)]
    assert waits[:room] == [0.0] * room
    # where the address has the tighter limit its window ends first
    expected = 1 / limit["rate"][tier] if room == burst else 10.0
    assert waits[room] == pytest.approx(expected, rel=1e-3)


NARROW = [
    "Account_UpdateBalanceAllowance",
    "Auth_GetApiKeys",
    "Account_GetNotifications",
    "Books_GetTickSize",
]


@settings(max_examples=20, derandomize=True, database=None, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(NARROW), st.floats(0, 0.2, allow_nan=False)), min_size=150, max_size=400
    )
)
def test_what_the_client_lets_out_the_sandbox_lets_in(story: list[tuple[str, float]]) -> None:
    """However calls are mixed and spaced, a request that left at its time is never refused."""
    clock = Clock()
    clock.freeze()
    begin = clock.seconds()
    pacer, windows = Pacer("standard"), IpLimits(clock, enabled=True, patience=0.0)
    now, leaving = 0.0, []
    for name, pause in story:
        now += pause
        leaving.append((now + pacer.reserve(WIRE[name], EARLY + now, 1e6), name))
    for moment, name in sorted(leaving):
        clock.advance(max(0.0, begin + moment - clock.seconds()))
        assert windows.admit(WIRE[name].rate_limits, CLIENT).admitted, (moment, name)
