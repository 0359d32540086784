"""Rate limits are kept in every window, and a burst of orders never stands in front of a cancel."""

from __future__ import annotations

import os
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polyspec_wire import Operation
from polyspec_wire._call import RateLimit
from polyspec_wire.us_exchange import OPERATIONS

from polyspec.core.clock import ClockOffset
from polyspec.core.pacing import Pacer, RetryQuota
from polyspec.errors import ConfigError
from tests.unit.calls import an_operation

FOREVER = 1e9
ORDER = an_operation("resolve", limit=RateLimit(bucket="Order", rate=10.0, burst=5.0), name="orders.place")
CANCEL = an_operation(
    "safe", lane="cancel", limit=RateLimit(bucket="Cancel", rate=10.0, burst=5.0), name="orders.cancel"
)
READ = an_operation("safe", limit=RateLimit(bucket="Read", rate=10.0, burst=5.0), name="orders.get")
FREE = an_operation("safe", name="health.check")


def _departures(pacer: Pacer, operation: Operation, times: list[float]) -> list[float]:
    return [now + pacer.reserve(operation, now, FOREVER) for now in times]


def _worst_excess(departures: list[float], rate: float, burst: float) -> float:
    """Return by how much any window holds more than it may."""
    ordered = sorted(departures)
    return max(
        (last - first + 1) - (rate * (ordered[last] - ordered[first]) + burst)
        for first in range(len(ordered))
        for last in range(first, len(ordered))
    )


@settings(max_examples=150, deadline=None)
@given(
    rate=st.sampled_from([0.5, 1.0, 3.0, 10.0, 400.0]),
    burst=st.sampled_from([1.0, 1.5, 5.0, 30.0]),
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=60),
    refusals=st.dictionaries(st.integers(0, 59), st.none() | st.floats(0, 5), max_size=4),
)
def test_no_window_holds_too_many(
    rate: float, burst: float, gaps: list[float], refusals: dict[int, float | None]
) -> None:
    """In any window t at most rate * t + burst requests leave, refusals in between or not."""
    operation = an_operation(limit=RateLimit(bucket="B", rate=rate, burst=burst))
    pacer, now, departures = Pacer(), 1000.0, []
    for place, gap in enumerate(gaps):
        now += gap
        if place in refusals:
            pacer.refused(operation, now, refusals[place], by_edge=False)
        departures.append(now + pacer.reserve(operation, now, FOREVER))
    assert _worst_excess(departures, rate, burst) <= 1e-3
    assert departures == sorted(departures)


@given(
    clock=st.lists(st.floats(900, 1100), min_size=1, max_size=60),
)
def test_clock_that_goes_backwards(clock: list[float]) -> None:
    """Readings that go back credit nothing twice: never more than the time really seen is worth."""
    operation = an_operation(limit=RateLimit(bucket="B", rate=2.0, burst=3.0))
    pacer, sent, latest = Pacer(), 0, clock[0]
    for now in clock:
        latest = max(latest, now)
        sent += pacer.reserve(operation, now, 0.0) == 0.0
    assert sent <= 3 + 2.0 * (latest - clock[0]) + 1e-6


def test_after_going_backwards_it_goes_on() -> None:
    """Once the clock has caught up, requests leave at the full rate again."""
    pacer = Pacer()
    assert _departures(pacer, ORDER, [1000.0] * 5) == [1000.0] * 5
    pacer.reserve(ORDER, 500.0, FOREVER)
    assert pacer.reserve(ORDER, 1010.0, 0.0) == 0.0


def test_burst_then_even_pace() -> None:
    """The burst leaves at once, the rest one by one at the even pace."""
    departures = _departures(Pacer(), ORDER, [0.0] * 8)
    assert departures == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2, 0.3])


def test_rest_restores_the_burst_and_no_more() -> None:
    """However long nothing was sent, no more than the burst leaves at once."""
    pacer = Pacer()
    _departures(pacer, ORDER, [0.0] * 7)
    departures = _departures(pacer, ORDER, [3600.0] * 7)
    assert departures == pytest.approx([3600, 3600, 3600, 3600, 3600, 3600.1, 3600.2])


def test_what_is_beyond_patience_books_nothing() -> None:
    """A call that will not wait leaves its place to others."""
    pacer = Pacer()
    _departures(pacer, ORDER, [0.0] * 5)
    for _ in range(100):
        assert pacer.reserve(ORDER, 0.0, 0.05) == pytest.approx(0.1)
    assert pacer.reserve(ORDER, 0.0, 0.2) == pytest.approx(0.1)


def test_patience_is_met_exactly() -> None:
    """A wait as long as the patience is still waited."""
    pacer = Pacer()
    _departures(pacer, ORDER, [0.0] * 5)
    assert pacer.reserve(ORDER, 0.0, 0.1) == pytest.approx(0.1)
    assert pacer.reserve(ORDER, 0.0, 1.0) == pytest.approx(0.2)


def test_operations_share_a_bucket_by_name() -> None:
    """Two operations of one limit count together; another limit is not touched."""
    other = an_operation(
        "never", limit=RateLimit(bucket="Order", rate=10.0, burst=5.0), name="orders.replace"
    )
    pacer = Pacer()
    _departures(pacer, ORDER, [0.0] * 4)
    assert _departures(pacer, other, [0.0] * 2) == pytest.approx([0.0, 0.1])
    assert pacer.reserve(READ, 0.0, 0.0) == 0.0


@pytest.mark.parametrize(
    ("tier", "expected"), [("tier1", 30), ("tier2", 100), ("tier3", 200), ("tier4", 400)]
)
def test_tiers(tier: str, expected: int) -> None:
    """A tier has the rate the spec states for it, and a second of it as its burst."""
    limit = RateLimit(bucket="T", rate={"tier1": 30, "tier2": 100, "tier3": 200, "tier4": 400})
    operation = an_operation(limit=limit)
    pacer = Pacer(tier)
    assert sum(pacer.reserve(operation, 0.0, 0.0) == 0.0 for _ in range(1000)) == expected
    assert pacer.reserve(operation, 0.0, FOREVER) == pytest.approx(1 / expected)


def test_unknown_tier() -> None:
    """A tier the spec does not know is named."""
    with pytest.raises(ConfigError, match="tier9"):
        Pacer("tier9").reserve(an_operation(limit=RateLimit(bucket="T", rate={"tier1": 1})), 0.0, 1.0)


def test_switched_off() -> None:
    """Without pacing nothing waits, a refusal notwithstanding."""
    pacer = Pacer(enabled=False)
    pacer.refused(ORDER, 0.0, 60.0, by_edge=True)
    assert all(pacer.reserve(ORDER, 0.0, 0.0) == 0.0 for _ in range(100))


def test_refusal_closes_its_limit() -> None:
    """After a 429 nothing of that limit leaves before the venue's word, and then one by one."""
    pacer = Pacer()
    pacer.refused(ORDER, 100.0, 3.0, by_edge=False)
    departures = _departures(pacer, ORDER, [100.0, 101.0, 102.0, 102.5, 103.0, 103.0])
    assert departures == pytest.approx([103.0, 103.1, 103.2, 103.3, 103.4, 103.5])
    assert pacer.reserve(READ, 100.0, 0.0) == 0.0
    assert pacer.reserve(CANCEL, 100.0, 0.0) == 0.0


@pytest.mark.parametrize(("asked", "wait"), [(None, 1.0), (0.0, 0.25), (0.1, 0.25), (2.0, 2.0)])
def test_refusal_without_a_useful_word(asked: float | None, wait: float) -> None:
    """A 429 that says nothing, or now, still closes the limit for a moment."""
    pacer = Pacer()
    pacer.refused(ORDER, 100.0, asked, by_edge=False)
    assert pacer.reserve(ORDER, 100.0, FOREVER) == pytest.approx(wait)


def test_shorter_word_does_not_open_early() -> None:
    """A second refusal with a shorter wait does not shorten the first."""
    pacer = Pacer()
    pacer.refused(ORDER, 100.0, 10.0, by_edge=False)
    pacer.refused(ORDER, 100.0, 1.0, by_edge=False)
    assert pacer.reserve(ORDER, 100.0, FOREVER) == pytest.approx(10.0)


def test_edge_closes_everything_but_cancels() -> None:
    """A 429 of a proxy holds every limit back, operations without one too, and lets cancels pass."""
    pacer = Pacer()
    pacer.refused(READ, 100.0, 5.0, by_edge=True)
    for operation in (ORDER, READ, FREE):
        assert pacer.reserve(operation, 101.0, FOREVER) == pytest.approx(4.0)
    assert pacer.reserve(CANCEL, 101.0, 0.0) == 0.0
    assert pacer.reserve(FREE, 105.0, 0.0) == 0.0


def test_edge_that_refuses_a_cancel() -> None:
    """When even a cancel is refused by a proxy, the rest waits as long as the cancels do."""
    pacer = Pacer()
    pacer.refused(CANCEL, 100.0, 2.0, by_edge=True)
    for operation in (CANCEL, ORDER, READ, FREE):
        assert pacer.reserve(operation, 100.0, FOREVER) == pytest.approx(2.0)
    unlimited = an_operation("safe", lane="cancel", name="orders.cancel_all")
    assert pacer.reserve(unlimited, 100.0, 0.0) == 0.0
    pacer.refused(unlimited, 100.0, 3.0, by_edge=True)
    assert pacer.reserve(unlimited, 100.0, FOREVER) == pytest.approx(3.0)


def test_refused_cancels_close_cancels_only() -> None:
    """A venue's own 429 on a cancel holds back cancels, not orders."""
    pacer = Pacer()
    pacer.refused(CANCEL, 100.0, 2.0, by_edge=False)
    assert pacer.reserve(CANCEL, 100.0, FOREVER) == pytest.approx(2.0)
    assert pacer.reserve(ORDER, 100.0, 0.0) == 0.0


def test_cancels_pass_a_queue_of_orders() -> None:
    """With a thousand orders waiting a cancel leaves at once."""
    pacer = Pacer()
    _departures(pacer, ORDER, [0.0] * 1000)
    assert pacer.reserve(CANCEL, 0.0, 0.0) == 0.0


def test_a_fork_leaves_nothing_locked() -> None:
    """What threads had locked when their process forked is free in the copy; shared locks stay shared."""
    commons = Pacer()
    pacer, quota, clock = Pacer(commons=commons), RetryQuota(), ClockOffset()
    with pacer._lock, quota._lock, clock._lock:
        child = os.fork()
        if child == 0:
            free = all(each._lock.acquire(timeout=1) for each in (pacer, quota, clock))
            os._exit(0 if free and pacer._lock is commons._lock else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("window", [True, False])
def test_a_tenth_of_what_cancels_share_is_kept_for_them(window: bool) -> None:
    """Of a limit that cancels share orders leave a tenth, also of batches; of a small one nothing is kept."""
    for rate, orders, kept in ((30, 27, 3), (10, 9, 1), (9, 9, 0)):
        limit = RateLimit(
            bucket="All", rate=rate, burst=None if window else rate, window=window, cost="items"
        )
        order = an_operation("resolve", limit=limit, name="orders.place")
        cancel = an_operation("safe", lane="cancel", limit=limit, name="orders.cancel")
        pacer = Pacer(for_cancels=frozenset({"All"}))
        if kept:
            with pytest.raises(ConfigError, match=f"takes {orders}"):
                pacer.reserve(order, 0.0, FOREVER, orders + 1)
        assert pacer.reserve(order, 0.0, 0.0, orders - 1) == 0
        assert pacer.reserve(order, 0.0, 0.0) == 0
        assert pacer.reserve(order, 0.0, 0.0) > 0
        assert [pacer.reserve(cancel, 0.0, 0.0) for _ in range(kept)] == [0.0] * kept
        assert pacer.reserve(cancel, 0.0, 0.0) > 0


def test_the_spec_gives_cancels_limits_of_their_own() -> None:
    """No operation of the US exchange shares a limit across the cancel lane, or cancels would queue."""
    lanes: dict[str, set[bool]] = {}
    for operation in OPERATIONS.values():
        if operation.rate_limit is not None:
            lanes.setdefault(operation.rate_limit.bucket, set()).add(operation.lane == "cancel")
    assert lanes
    assert all(len(kinds) == 1 for kinds in lanes.values())


def test_threads_share_the_limit() -> None:
    """Eight threads together get no more than one would."""
    operation = an_operation(limit=RateLimit(bucket="B", rate=1000.0, burst=10.0))
    pacer = Pacer()
    departures: list[float] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(100):
            now = time.monotonic()
            departures.append(now + pacer.reserve(operation, now, FOREVER))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # the clock is read before the lock is held: a switch in between shifts a departure by so much
    slack = 1000.0 * 0.05
    assert len(departures) == 800
    assert _worst_excess(departures, 1000.0, 10.0) <= slack
    assert max(departures) - min(departures) >= (800 - 10) / 1000.0 - 0.05


def _requests(quota: RetryQuota, calls: int, *, after_timeout: bool = False) -> int:
    sent = 0
    for _ in range(calls):
        sent += 1
        for _ in range(4):
            if not quota.take(after_timeout=after_timeout):
                break
            sent += 1
    return sent


@pytest.mark.parametrize("after_timeout", [False, True])
def test_retry_storms_are_impossible(after_timeout: bool) -> None:
    """A thousand failing calls make at most 1.10 requests each, ten thousand at most 1.02."""
    assert _requests(RetryQuota(), 1000, after_timeout=after_timeout) <= 1100
    assert _requests(RetryQuota(), 10_000, after_timeout=after_timeout) <= 10_200


def test_successes_refill_the_quota() -> None:
    """Five successes pay for one retry, and the quota never grows beyond its size."""
    quota = RetryQuota(capacity=10)
    assert quota.take()
    assert quota.take()
    assert not quota.take()
    for _ in range(5):
        quota.give()
    assert quota.take()
    assert not quota.take()
    for _ in range(1000):
        quota.give()
    assert [quota.take() for _ in range(3)] == [True, True, False]


def test_quota_with_threads() -> None:
    """Threads that take and give together end where they must."""
    quota = RetryQuota(capacity=400)

    def work() -> None:
        for _ in range(500):
            if quota.take():
                for _ in range(5):
                    quota.give()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(quota.take() for _ in range(1000)) == 80
