"""Processes that all want as much as a limit lets through: what left when, and how long asking took."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from polyspec.core.tally import Claim, Ticket
from polyspec.limits import Shared

__all__ = ["EVEN", "Swarm", "most_in", "worst_excess"]

EVEN = Claim("swarm:B", 1, 10.0, 0.0, 1e4, False, False, True)
"""A hundred a second, ten at once."""
PATIENCE = 5.0


def most_in(departures: Iterable[float], period: float) -> int:
    """Return the most departures any half-open stretch of a period holds."""
    ordered, first, most = sorted(departures), 0, 0
    for place, moment in enumerate(ordered):
        while ordered[first] <= moment - period + 1e-6:
            first += 1
        most = max(most, place - first + 1)
    return most


def worst_excess(departures: Iterable[float], rate: float, burst: float) -> float:
    """Return by how much any stretch of time holds more than an even pace allows."""
    # a bucket that is filled by departures and drained by time overflows exactly by that
    level, worst, before = 0.0, -burst, float("-inf")
    for moment in sorted(departures):
        level = max(0.0, level - rate * (moment - before)) + 1
        worst, before = max(worst, level - burst), moment
    return worst


class Swarm(NamedTuple):
    """What some processes did."""

    left: list[float]
    """Monotonic seconds, in order."""
    counts: list[int]
    """By process."""
    took: list[float]
    """Seconds each question took, in order."""
    alone: list[float]
    """When what left was of a share taken alone."""

    @classmethod
    def run(cls, url: str, processes: int, seconds: float, *, meanwhile: Any = None) -> Swarm:
        """Let processes compete; `meanwhile` is called once they began."""
        command = [sys.executable, "-m", "tests.unit.limits.swarm", url, str(seconds), str(processes)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as swarm:
            try:
                assert swarm.stdout is not None
                assert swarm.stdin is not None
                assert swarm.stdout.readline() == "ready\n"
                swarm.stdin.write("go\n")
                swarm.stdin.flush()
                if meanwhile is not None:
                    meanwhile()
                told = json.loads(swarm.communicate(timeout=seconds + 30)[0])
            finally:
                swarm.kill()
        return cls(
            sorted(moment for one in told for moment in one["left"]),
            [len(one["left"]) for one in told],
            sorted(seconds for one in told for seconds in one["took"]),
            sorted(moment for one in told for moment in one["alone"]),
        )

    @property
    def fairness(self) -> float:
        """What the least lucky process got, to the luckiest."""
        return min(self.counts) / max(self.counts)

    def quantile(self, share: float) -> float:
        """Return within how many seconds that share of the questions was answered."""
        return self.took[int(len(self.took) * share)]


def holder(url: str, seconds: float, gate: Any, told: Any) -> None:
    """Take places for so long, and say what came of it."""
    # a place of its own for each process: what the count must not miss
    share, ticket = (
        Shared(url.replace("PID", str(os.getpid()))).share,
        Ticket(("swarm:B:gate", "swarm:*:gate"), (EVEN,)),
    )
    # connected, counted as a holder, and nothing taken
    share.reserve(Ticket(ticket.gates, ()), 0.0)
    gate.wait()
    gate.wait()
    left: list[float] = []
    took: list[float] = []
    alone: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = time.perf_counter()
        place = share.reserve(ticket, PATIENCE)
        took.append(time.perf_counter() - before)
        if place.wait > 0:
            time.sleep(place.wait)
        if place.wait > 0 and not share.stands(place):
            continue
        left.append(time.monotonic())
        if place.local:
            alone.append(left[-1])
    told.put({"left": left, "took": took, "alone": alone})


def main(url: str, seconds: float, processes: int) -> None:
    """Let processes compete once told to, and print what each did."""
    fork = multiprocessing.get_context("fork")
    gate, told = fork.Barrier(processes + 1), fork.Queue()
    swarm = [
        fork.Process(target=holder, args=(url, seconds, gate, told), daemon=True) for _ in range(processes)
    ]
    for each in swarm:
        each.start()
    gate.wait()
    print("ready", flush=True)  # noqa: T201 - to the parent
    sys.stdin.readline()
    gate.wait()
    print(json.dumps([told.get() for _ in swarm]))  # noqa: T201 - to the parent


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
