"""Eight processes under one limit: never too many in any second, whatever happens to the place they share."""

from __future__ import annotations

import os
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.limits.conftest import RedisServer
from tests.unit.limits.swarm import Swarm, most_in

RATE, BURST = 100, 10
PROCESSES = 8
SECONDS = float(os.environ.get("POLYSPEC_TEST_LIMIT_SECONDS", "3"))
"""How long they compete; set POLYSPEC_TEST_LIMIT_SECONDS=30 for the long run."""


def test_no_second_holds_too_many(place: str) -> None:
    """Any second holds at most rate and burst, hardly a place is lost, and nobody is left out."""
    swarm = Swarm.run(place, PROCESSES, SECONDS)
    assert most_in(swarm.left, 1.0) <= RATE + BURST
    # whoever waits when time is up still leaves
    assert RATE * SECONDS * 0.7 <= len(swarm.left) <= RATE * SECONDS + BURST + PROCESSES
    assert swarm.fairness >= 0.3
    assert not swarm.alone


def test_processes_that_do_not_share_are_noticed(tmp_path: Path) -> None:
    """The count is able to tell: four processes with a place each are far above the limit."""
    swarm = Swarm.run(f"sqlite:///{tmp_path}/limits-PID", 4, 1.0)
    assert most_in(swarm.left, 1.0) > 2 * (RATE + BURST)


def test_a_killed_server_opens_nothing(server: RedisServer) -> None:
    """While the server is dead each keeps to its share; back, and empty, it is asked within a second."""
    died = back = 0.0

    def kill() -> None:
        nonlocal died, back
        time.sleep(1.0)
        server.kill()
        died = time.monotonic()
        time.sleep(1.5)
        server.start()
        back = time.monotonic()

    swarm = Swarm.run(server.url, PROCESSES, 4.5, meanwhile=kill)
    before = [moment for moment in swarm.left if moment < died]
    dead = [moment for moment in swarm.left if died + 0.3 < moment < back]
    after = [moment for moment in swarm.left if moment > back + 1]
    assert len(before) >= 0.5 * RATE
    # never open, and never shut
    assert 0.3 * RATE * (back - died - 0.3) <= len(dead) <= RATE * (back - died - 0.3) + PROCESSES
    assert most_in(dead, 1.0) <= RATE + BURST
    assert len(after) >= 0.3 * RATE
    assert max(swarm.alone) <= back + 1
    # what the server forgot is one burst
    assert most_in(swarm.left, 1.0) <= RATE + 2 * BURST + PROCESSES


def test_an_emptied_server_costs_a_burst(server: RedisServer) -> None:
    """After FLUSHALL no second holds more than one burst more."""
    redis = pytest.importorskip("redis")
    with redis.Redis.from_url(server.url) as client:
        client.flushall()

        def flush() -> None:
            time.sleep(1.0)
            client.flushall()

        swarm = Swarm.run(server.url, 4, 2.0, meanwhile=flush)
    assert most_in(swarm.left, 1.0) <= RATE + 2 * BURST + 4
    assert not swarm.alone
    assert max(later - earlier for earlier, later in pairwise(swarm.left)) < 0.5
