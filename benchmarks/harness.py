"""Measure things side by side, and say whether the goal is met.

Cases run in rounds in one process, each round in another order, so that whatever else the machine does
hits all of them alike. A ratio is taken within each round; its median is the result, its quartiles the
spread. Compare ratios only: the times belong to this machine at this moment.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import repeat
from typing import Any, Literal, NamedTuple

__all__ = ["Clock", "Measured", "Report", "Spent", "alternate", "repeated", "rotate"]

Clock = Literal["cpu", "wall"]


class Spent(NamedTuple):
    """Seconds, by both clocks; CPU time is that of one process."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Measured:
    """Seconds of each case in each round."""

    rounds: dict[str, list[float]]

    def median(self, case: str) -> float:
        """Seconds of a case."""
        return statistics.median(self.rounds[case])

    def ratios(self, above: str, below: str) -> list[float]:
        """How many times longer `above` took than `below`, by round."""
        return [high / low for high, low in zip(self.rounds[above], self.rounds[below], strict=True)]


@contextmanager
def _collector(*, on: bool) -> Iterator[None]:
    """Keep what is alive already out of the collector's sight, and turn it off if asked to."""
    gc.collect()
    gc.freeze()
    if not on:
        gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def rotate(
    cases: Mapping[str, Callable[[], Spent]], *, rounds: int, warm_up: int = 1
) -> dict[Clock, Measured]:
    """Ask every case once a round how long it took, each round in another order; warm-ups do not count."""
    names = list(cases)
    taken: dict[str, list[Spent]] = {name: [] for name in names}
    for number in range(-warm_up, rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            spent = cases[name]()
            if number >= 0:
                taken[name].append(spent)
    return {
        "cpu": Measured({name: [each.cpu for each in spent] for name, spent in taken.items()}),
        "wall": Measured({name: [each.wall for each in spent] for name, spent in taken.items()}),
    }


def alternate(
    cases: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    clock: Clock = "cpu",
    collector: bool = True,
    warm_up: int = 1,
) -> Measured:
    """Run every case once a round and return the seconds they took; warm-up rounds are not counted."""

    def timed(case: Callable[[], object]) -> Callable[[], Spent]:
        return lambda: _spent(case, collector=collector)

    found = rotate({name: timed(case) for name, case in cases.items()}, rounds=rounds, warm_up=warm_up)
    return found[clock]


def repeated(case: Callable[[], object], times: int, *, each: int = 1) -> Callable[[], Spent]:
    """Return what runs a case so many times and says what each of the `each` things it does took."""

    def many() -> None:
        for _ in repeat(None, times):
            case()

    def spent() -> Spent:
        cpu, wall = _spent(many, collector=True)
        return Spent(cpu / (times * each), wall / (times * each))

    return spent


def _spent(case: Callable[[], object], *, collector: bool) -> Spent:
    with _collector(on=collector):
        wall, cpu = time.perf_counter(), time.process_time()
        kept = case()
        spent = Spent(time.process_time() - cpu, time.perf_counter() - wall)
    # freed outside the clock, for all cases alike
    del kept
    return spent


@dataclass
class Row:
    """One line of the results."""

    name: str
    ours: str
    against: str
    ratio: float | None
    spread: tuple[float, float] | None
    goal: str
    met: bool | None

    def text(self) -> str:
        """Return the row as a line."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}x"
        if self.spread is not None:
            ratio += f" ({self.spread[0]:.2f}-{self.spread[1]:.2f})"
        met = {None: "", True: "met", False: "NOT MET"}[self.met]
        return (
            f"{self.name:<44} {self.ours:<20} {self.against:<34} {ratio:<20} {self.goal:<12} {met}".rstrip()
        )


@dataclass
class Report:
    """Collects results and prints each as it comes."""

    quick: bool = False
    peers: bool = True
    """Whether clients of others are measured too."""
    rows: list[Row] = field(default_factory=list)

    def rounds(self, full: int) -> int:
        """Return how many rounds to run."""
        return max(3, full // 4) if self.quick else full

    def ratio(
        self,
        name: str,
        ratios: list[float],
        *,
        ours: str,
        against: str,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> None:
        """Add a comparison; `ours` and `against` say what was measured, with units."""
        middle = statistics.median(ratios)
        low, _, high = (
            statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        )
        goal, met = "", None
        if at_least is not None:
            goal, met = f">= {at_least:g}x", middle >= at_least
        elif at_most is not None:
            goal, met = f"<= {at_most:g}x", middle <= at_most
        self._add(Row(name, ours, against, middle, (low, high), goal, met))

    def fact(
        self, name: str, ours: str, *, against: str = "", goal: str = "", met: bool | None = None
    ) -> None:
        """Add a result that is no ratio."""
        self._add(Row(name, ours, against, None, None, goal, met))

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        print(row.text(), flush=True)

    @property
    def missed(self) -> list[str]:
        """Names of the results that miss their goals."""
        return [row.name for row in self.rows if row.met is False]

    def plain(self) -> list[dict[str, Any]]:
        """Return the rows as plain data."""
        return [asdict(row) for row in self.rows]
