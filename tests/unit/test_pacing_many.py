"""Limits that hold at once, windows that slide, batches that count by their items, limits not enforced."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polyspec_wire import Operation, clob, polysimulator, us_exchange
from polyspec_wire import RateLimit as Limit

from polyspec.core.pacing import Pacer
from polyspec.errors import ConfigError
from tests.unit.calls import a_call, a_reply, a_session, an_operation, failing, script

FOREVER = 1e9


def under(*limits: Limit, name: str = "things.do", lane: Any = None) -> Operation:
    """Describe an operation under several limits."""
    return msgspec.structs.replace(an_operation(name=name, lane=lane), rate_limits=limits)


def window(rate: int, per: float = 10.0, bucket: str = "W") -> Limit:
    """Describe a sliding window."""
    return Limit(bucket=bucket, rate=rate, per=per, window=True, scope="ip")


def most_in(departures: list[float], period: float) -> int:
    """Return the most departures any half-open stretch of a period holds."""
    ordered = sorted(departures)
    return max(
        sum(start <= moment < start + period - 1e-6 for moment in ordered[place:])
        for place, start in enumerate(ordered)
    )


@settings(max_examples=150, deadline=None)
@given(
    rate=st.integers(1, 8),
    gaps=st.lists(st.floats(0, 5), min_size=1, max_size=50),
    refusals=st.dictionaries(st.integers(0, 49), st.none() | st.floats(0, 20), max_size=3),
)
def test_no_period_holds_too_many(rate: int, gaps: list[float], refusals: dict[int, float | None]) -> None:
    """Wherever a period begins, it holds at most the rate, refusals in between or not."""
    operation, pacer, now, departures = under(window(rate)), Pacer(), 1000.0, []
    for place, gap in enumerate(gaps):
        now += gap
        if place in refusals:
            pacer.refused(operation, now, refusals[place], by_edge=False)
        departures.append(now + pacer.reserve(operation, now, FOREVER))
    assert most_in(departures, 10.0) <= rate


def test_a_window_may_be_used_at_once() -> None:
    """All of a window leaves at once, and the next one when the first is a period old."""
    operation, pacer = under(window(3)), Pacer()
    departures = [now + pacer.reserve(operation, now, FOREVER) for now in (0.0, 0.0, 4.0, 4.0, 4.0, 4.0)]
    assert departures == [0.0, 0.0, 4.0, 10.0, 10.0, 14.0]


@settings(max_examples=150, deadline=None)
@given(
    calls=st.lists(
        st.tuples(st.floats(0, 2), st.sampled_from("abc"), st.sampled_from([0.0, 1.0, 30.0])), max_size=60
    )
)
def test_all_limits_hold_at_once(calls: list[tuple[float, str, float]]) -> None:
    """Operations under a burst window, a long one and a shared one keep each of them, waiting or not."""
    shared = window(6, 10.0, "Shared")
    operations = {
        "a": under(window(4, 1.0, "A"), window(8, 20.0, "A long"), shared, name="a"),
        "b": under(window(3, 5.0, "B"), shared, name="b"),
        "c": under(shared, name="c"),
    }
    pacer, now, left = Pacer(), 0.0, [("", 0.0)][:0]
    for gap, name, patience in calls:
        now += gap
        wait = pacer.reserve(operations[name], now, patience)
        if wait <= patience:
            left.append((name, now + wait))
    for names, rate, per in (("a", 4, 1.0), ("a", 8, 20.0), ("b", 3, 5.0), ("abc", 6, 10.0)):
        moments = [moment for name, moment in left if name in names]
        assert not moments or most_in(moments, per) <= rate


def test_what_waits_for_its_own_limit_does_not_block_a_shared_one() -> None:
    """A queue behind one limit leaves room in the limit it shares with others."""
    shared = window(10, 10.0, "Shared")
    trades, orders = under(window(2, 10.0, "Own"), shared, name="a"), under(shared, name="b")
    pacer = Pacer()
    assert [pacer.reserve(trades, 0.0, FOREVER) for _ in range(4)] == [0.0, 0.0, 10.0, 10.0]
    assert [pacer.reserve(orders, 0.0, 0.0) for _ in range(6)] == [0.0] * 6
    assert pacer.reserve(orders, 0.0, FOREVER) == 10.0


def test_impatience_books_in_no_limit() -> None:
    """A call that one limit holds back for too long takes no place in the others."""
    shared = window(3, 10.0, "Shared")
    busy, other = under(shared, window(1, 10.0, "Own"), name="a"), under(shared, name="b")
    pacer = Pacer()
    assert pacer.reserve(busy, 0.0, 0.0) == 0.0
    assert [pacer.reserve(busy, 0.0, 1.0) for _ in range(9)] == [10.0] * 9
    assert [pacer.reserve(other, 0.0, 0.0) for _ in range(2)] == [0.0, 0.0]


def test_a_refusal_slows_the_limit_of_its_own() -> None:
    """After a 429 requests come one by one; what shares another limit with them goes on."""
    shared = window(100, 10.0, "Shared")
    refused, other = under(window(10, 10.0, "Own"), shared, name="a"), under(shared, name="b")
    pacer = Pacer()
    pacer.refused(refused, 0.0, 3.0, by_edge=False)
    assert [pacer.reserve(refused, 0.0, FOREVER) for _ in range(3)] == pytest.approx([3.0, 4.0, 5.0])
    assert pacer.reserve(other, 0.0, 0.0) == 0.0


def test_a_refusal_forgets_no_booking() -> None:
    """Places that were booked beyond the end of a refusal still count after it."""
    operation, pacer = under(window(2)), Pacer()
    assert [pacer.reserve(operation, 0.0, FOREVER) for _ in range(4)] == [0.0, 0.0, 10.0, 10.0]
    pacer.refused(operation, 0.0, 1.0, by_edge=False)
    assert pacer.reserve(operation, 1.0, FOREVER) == pytest.approx(19.0)


@given(clock=st.lists(st.floats(900, 1100), min_size=1, max_size=60))
def test_windows_when_the_clock_goes_backwards(clock: list[float]) -> None:
    """Readings that go back make no room: no period of what the clock said holds too many."""
    operation, pacer = under(window(3)), Pacer()
    left = [now + pacer.reserve(operation, now, FOREVER) for now in clock]
    assert most_in(left, 10.0) <= 3


def batch(rate: float, burst: float, *, enforced: bool = True) -> Operation:
    """Describe an operation that counts by its items."""
    return under(Limit(bucket="Items", rate=rate, burst=burst, cost="items", enforced=enforced))


@settings(max_examples=150, deadline=None)
@given(batches=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 15)), min_size=1, max_size=40))
def test_batches_count_by_their_items(batches: list[tuple[float, int]]) -> None:
    """In any stretch t at most rate * t + burst items leave, however they are batched."""
    operation, pacer, now, left = batch(4.0, 15.0), Pacer(), 0.0, []
    for gap, items in batches:
        now += gap
        left.append((now + pacer.reserve(operation, now, FOREVER, items), items))
    for first, (start, _) in enumerate(left):
        total = 0
        for end, items in left[first:]:
            total += items
            assert total <= 4.0 * (end - start) + 15.0 + 1e-3


def test_a_window_counts_items() -> None:
    """A batch leaves when a window has room for all of it."""
    limit = msgspec.structs.replace(window(5), cost="items")
    operation, pacer = under(limit), Pacer()
    assert [pacer.reserve(operation, 0.0, FOREVER, items) for items in (3, 2, 4, 1)] == [0, 0, 10, 10]
    assert pacer.reserve(operation, 10.0, FOREVER, 5) == 10.0


def test_a_batch_that_can_never_leave() -> None:
    """A batch beyond the size of a limit is an error that says so, and takes no place."""
    operation, pacer = batch(4.0, 15.0), Pacer()
    with pytest.raises(ConfigError, match=r"16 .* Items, which takes 15; split"):
        pacer.reserve(operation, 0.0, FOREVER, 16)
    assert pacer.reserve(operation, 0.0, 0.0, 15) == 0.0


def test_a_limit_by_requests_takes_a_batch_for_one() -> None:
    """Where requests are counted a batch is one, however long."""
    operation, pacer = under(window(2)), Pacer()
    assert [pacer.reserve(operation, 0.0, 0.0, 1000) for _ in range(2)] == [0.0, 0.0]


@pytest.mark.parametrize("keep", [False, True])
def test_limits_not_enforced(keep: bool) -> None:
    """A limit the venue does not enforce holds nothing back unless the caller wants it kept."""
    operation, pacer = batch(1.0, 2.0, enforced=False), Pacer(keep_unenforced=keep)
    waits = [pacer.reserve(operation, 0.0, FOREVER, 2) for _ in range(3)]
    assert waits == ([0.0, 2.0, 4.0] if keep else [0.0] * 3)


TIERED = Limit(bucket="K", rate={"low": 2, "high": 5}, per=10.0, window=True, scope="key")


@pytest.mark.parametrize(("tier", "expected"), [(None, 2), ("low", 2), ("high", 5)])
def test_windows_by_tier(tier: str | None, expected: int) -> None:
    """A window holds what the tier may send, the lowest without one, and opens when a period is over."""
    operation, pacer = under(TIERED), Pacer(tier)
    departures = [pacer.reserve(operation, 0.0, FOREVER) for _ in range(expected + 1)]
    assert departures == [0.0] * expected + [10.0]
    with pytest.raises(ConfigError, match=r"no tier 'gold'.*low, high"):
        Pacer("gold").reserve(operation, 0.0, 0.0)


@pytest.mark.parametrize(("told", "at_once"), [(1, 0), (2, 0), (4, 2), (9, 7)])
def test_what_the_venue_tells_of_a_window_holds(told: int, at_once: int) -> None:
    """What has left counts in the window the venue tells, wider or narrower, and the tier no longer does."""
    operation, pacer = under(TIERED), Pacer("low")
    assert [pacer.reserve(operation, 0.0, 0.0) for _ in range(2)] == [0.0, 0.0]
    pacer.learn({"K": told, "of others": 3})
    assert sum(pacer.reserve(operation, 1.0, 0.0) == 0.0 for _ in range(20)) == at_once
    assert pacer.reserve(operation, 1.0, FOREVER) == 9.0


def test_what_is_told_before_the_first_request_holds() -> None:
    """A limit may be told before anything left, of windows and of buckets, whatever the tier."""
    even = Limit(bucket="E", rate={"low": 1, "high": 2})
    pacer = Pacer("gold")
    pacer.learn({"K": 3, "E": 4})
    assert sum(pacer.reserve(under(TIERED), 0.0, 0.0) == 0.0 for _ in range(20)) == 3
    assert sum(pacer.reserve(under(even), 0.0, 0.0) == 0.0 for _ in range(20)) == 4


def test_what_goes_ahead_is_counted_and_never_waits() -> None:
    """A cancel leaves at once from a window that is used up; what comes later waits for it as well."""
    pacer, read = Pacer("low"), under(TIERED, name="read")
    cancel = under(msgspec.structs.replace(TIERED, ahead=True), name="cancel", lane="cancel")
    assert [pacer.reserve(read, 0.0, 0.0) for _ in range(2)] == [0.0, 0.0]
    assert [pacer.reserve(cancel, moment, 0.0) for moment in (1.0, 2.0, 3.0)] == [0.0, 0.0, 0.0]
    assert pacer.reserve(read, 4.0, FOREVER) == 8.0
    pacer.refused(cancel, 5.0, 3.0, by_edge=False)
    assert pacer.reserve(cancel, 5.0, FOREVER) == 3.0


def test_cancels_of_polysimulator_go_ahead() -> None:
    """Keys are limited whatever they ask for, so cancels and heartbeats go ahead, and nothing else does."""
    for operation in polysimulator.OPERATIONS.values():
        assert all(limit.ahead == (operation.lane == "cancel") for limit in operation.rate_limits)
    ahead = [each for each in polysimulator.OPERATIONS.values() if each.lane == "cancel"]
    assert len(ahead) == 8
    assert all(each.rate_limits for each in ahead)


def test_tiers_of_venues_do_not_clash() -> None:
    """One pacer without a tier keeps the lowest of any venue, and no tier means something to two of them."""
    tiers = {
        name: {
            tier
            for operation in package.OPERATIONS.values()
            for limit in operation.rate_limits
            if isinstance(limit.rate, dict)
            for tier in limit.rate
        }
        for name, package in (("us", us_exchange), ("clob", clob), ("polysimulator", polysimulator))
    }
    assert all(tiers.values())
    assert len(set().union(*tiers.values())) == sum(map(len, tiers.values()))
    pacer = Pacer(keep_unenforced=True)
    place = clob.OPERATIONS["Orders_PostOrder"]
    assert sum(pacer.reserve(place, 0.0, 0.0) == 0.0 for _ in range(1000)) == 60
    insert = us_exchange.OPERATIONS["OrderEntryAPI_InsertOrder"]
    assert sum(pacer.reserve(insert, 0.0, 0.0) == 0.0 for _ in range(1000)) == 30
    # what is counted by address knows no tiers, so that a tier of another venue does not matter there
    assert Pacer("tier1").reserve(place, 0.0, 0.0) == 0.0
    with pytest.raises(ConfigError, match="no tier 'tier1'"):
        Pacer("tier1", keep_unenforced=True).reserve(place, 0.0, 0.0)


def test_a_tier_has_a_burst_of_its_own() -> None:
    """A batch of the size of a tier's burst leaves at once, and one more item waits."""
    place = clob.OPERATIONS["Orders_PostOrders"]
    pacer = Pacer("gold", keep_unenforced=True)
    assert sum(pacer.reserve(place, 0.0, 0.0, 15) == 0.0 for _ in range(1000)) == 600 / 15
    assert pacer.reserve(place, 0.0, FOREVER, 15) == pytest.approx(15 / 400)


def test_no_limit_of_the_clob_is_shared_across_the_cancel_lane() -> None:
    """A cancel or heartbeat never waits in a limit that orders or reads can use up."""
    lanes: dict[str, set[bool]] = {}
    for operation in clob.OPERATIONS.values():
        for limit in operation.rate_limits:
            lanes.setdefault(limit.bucket, set()).add(operation.lane == "cancel")
    assert len(lanes) > 20
    assert all(len(kinds) == 1 for kinds in lanes.values())


def test_sessions_count_the_items_of_a_call() -> None:
    """A call is paced by the things its body lists, and an impossible batch is refused before it is sent."""
    operation = batch(1.0, 3.0)
    call = msgspec.structs.replace(a_call(), operation=operation, items=3)
    session, world = a_session(pacer=Pacer()), script(a_reply(200))
    world.run(session.send(call))
    assert len(world.requests) == 1
    error = failing(world, msgspec.structs.replace(call, items=4), session)
    assert isinstance(error, ConfigError)
    assert not error.maybe_executed
    assert len(world.requests) == 1
