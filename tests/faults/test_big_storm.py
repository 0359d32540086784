"""Ten thousand placements in bad weather at three venues, in time that passes by itself.

The client has its own windows, pauses and deadlines here, none of them shortened. By default the storm is a
small one; POLYSPEC_STORM is how many orders are placed in all, 10000 for the number that is promised.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from polyspec.clob.fate import Rejected
from polyspec.errors import PolyspecError
from tests.faults import broken, seas
from tests.faults.seas import SEAS, Sea
from tests.faults.storm import Storm, Verdicts
from tests.faults.storm_clob import ClobStorm
from tests.faults.virtual import VirtualTime, virtual_time

COUNT = int(os.environ.get("POLYSPEC_STORM", "600"))
WIDTH, AT_ONCE = 16, 300
by_sea = pytest.mark.parametrize("sea", SEAS, ids=[sea.name for sea in SEAS])


@attrs.define
class Log:
    """What became of a storm."""

    verdicts: Verdicts = attrs.Factory(Verdicts)
    unknown: int = 0
    """Orders whose fate was open when the weather became good."""
    resolved: list[float] = attrs.Factory(list)
    """Seconds each of them took from then on."""
    seconds: float = 0.0
    """How much time passed in all, at the venue."""

    def add(self, other: Log) -> None:
        """Take the numbers of another storm along."""
        self.verdicts.duplicates += other.verdicts.duplicates
        self.verdicts.false += other.verdicts.false
        self.verdicts.unknown += other.verdicts.unknown
        self.verdicts.counts += other.verdicts.counts
        self.unknown += other.unknown
        self.resolved += other.resolved
        self.seconds += other.seconds

    def __str__(self) -> str:
        """Return the numbers."""
        slowest = max(self.resolved, default=0.0)
        return (
            f"{self.verdicts.counts.total()} orders {dict(self.verdicts.counts)}, "
            f"{len(self.verdicts.duplicates)} duplicates, {len(self.verdicts.false)} false verdicts, "
            f"{self.unknown} unknown of which {len(self.verdicts.unknown)} stayed so, the slowest known "
            f"after {slowest:.1f} s, in {self.seconds:.0f} s"
        )


async def sailed(
    storm: Storm, client: Any, count: int, log: Log, now: Callable[[], float], patience: float = 10.0
) -> None:
    """Place orders, sixteen requests at a time, then resolve what is unknown in good weather."""
    gate = asyncio.Semaphore(WIDTH)

    async def place(orders: list[Any]) -> None:
        async with gate:
            storm.blow()
            try:
                outcome = await storm.place(client, orders)
            except PolyspecError as error:
                outcome = error
            storm.note(orders, outcome)

    async def resolve(name: str, unknown: Any) -> None:
        begun = now()
        storm.said[name] = await unknown.resolve(patience)
        log.resolved.append(now() - begun)

    await asyncio.gather(*(place(orders) for orders in storm.intents(count)))
    storm.faults.clear()
    left = storm.unknown()
    log.unknown = len(left)
    await asyncio.gather(*(resolve(*each) for each in left))


def big_storm(sea: Sea, seed: int, count: int, clock: VirtualTime) -> Log:
    """Sail a storm in virtual time."""
    log, begun = Log(), clock.passed
    with sea.opened(port=False) as venue:
        clock.rules(*sea.clocks(venue))
        storm = sea.storm(venue, seed)
        storm.faults = seas.Stretched(storm.faults)  # type: ignore[assignment]

        async def sail() -> None:
            async with sea.connected(storm) as client:
                await sailed(storm, client, count, log, clock.monotonic)

        clock.run(sail())
        log.verdicts, log.seconds = storm.judge(), clock.passed - begun
    return log


@by_sea
def test_ten_thousand(sea: Sea, capsys: pytest.CaptureFixture[str]) -> None:
    """No duplicate, no false verdict; what is unknown is known ten seconds after the weather became good."""
    start, log = time.perf_counter(), Log()
    with virtual_time() as clock:
        # one storm after the other: among thousands the sandbox is slow to look orders up
        for seed in range(-(-COUNT // len(SEAS) // AT_ONCE)):
            log.add(big_storm(sea, seed, AT_ONCE, clock))
    with capsys.disabled():
        if "POLYSPEC_STORM" in os.environ:
            print(f"\n{sea.name}: {log}, computed in {time.perf_counter() - start:.0f} s")  # noqa: T201
    assert log.verdicts.spotless, log
    assert log.verdicts.counts.total() >= COUNT // len(SEAS)
    assert max(log.resolved, default=0.0) <= 10
    # it was a storm: some were taken, some refused, some lost, some not known for long
    assert min(log.verdicts.counts[each] for each in ("Accepted", "Rejected", "never arrived")) > 0
    assert log.unknown


@by_sea
@pytest.mark.usefixtures("hurried")
def test_through_a_proxy(sea: Sea) -> None:
    """Cut anywhere between the first byte and the last, both ways, over real sockets: the same holds."""
    log = Log()
    quick = attrs.evolve(
        sea.settings,
        settle_window=0.2,
        patience=attrs.evolve(seas.SHORT, connect=1.0, write=1.0, read=0.4, place=1.5, total=3.0),
    )
    with sea.opened() as venue, seas.proxied(sea, venue) as (proxy, options):
        storm = sea.storm(venue, 5)
        storm.faults = seas.Cuts(proxy, sea.paths, 5)  # type: ignore[assignment]

        async def sail() -> None:
            async with sea.connected(storm, quick, **options) as client:
                # what a network breaks is known in the machine's own time
                await sailed(storm, client, 120, log, time.monotonic, patience=60.0)

        asyncio.run(sail())
        log.verdicts = storm.judge()
    assert log.verdicts.spotless, log
    assert log.verdicts.counts.total() == 120
    assert {plan.where for plan in proxy.met} == {"accept", "request", "answer"}
    assert len(proxy.met) >= 40


class Anew(ClobStorm):
    """Somebody who signs another order for each that seems not to stand."""

    async def place(self, client: Any, orders: list[Any]) -> Any:
        """Place, and once more with another id what was not taken."""
        outcome = await super().place(client, orders)
        if isinstance(outcome, Rejected) and outcome.never_arrived:
            (order, kind) = orders[0]
            outcome = await client.post_order(self.another(order), kind)
        return outcome


@pytest.mark.parametrize(
    ("sea", "guard"),
    [
        (SEAS[0], "repeats"),
        (attrs.evolve(SEAS[1], storm=Anew), "trusts-timeouts"),
        (SEAS[2], "renames"),
    ],
    ids=[sea.name for sea in SEAS],
)
def test_without_its_guard_there_are_duplicates(
    sea: Sea, guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge can tell: what makes sure that an order is placed once is there for a reason."""
    broken.BREAKS[guard](monkeypatch)
    with virtual_time() as clock:
        assert big_storm(sea, 20, 150, clock).verdicts.duplicates


@by_sea
def test_who_trusts_timeouts_is_wrong(sea: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a lost answer is no lost order."""
    broken.BREAKS["trusts-timeouts"](monkeypatch)
    with virtual_time() as clock:
        assert big_storm(sea, 20, 150, clock).verdicts.false
