"""The bots in examples/ trade on every venue, and leave nothing behind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import polyspec
from examples import market_maker, momentum
from polyspec.core import fate
from tests.client.desk.connect import connect
from tests.client.desk.rig import ARENAS, Arena

FOLDER = Path(__file__).parent.parent / "examples"
BOTS = (market_maker, momentum)
_SETTINGS = {"us": "Settings", "clob": "ClobSettings", "polysimulator": "PolySimulatorSettings"}


def _unpaced(kind: Callable[..., Any], **given: Any) -> Any:
    return kind(**{**given, "pacing": False})


@pytest.fixture(scope="module", params=ARENAS)
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """Run a sandbox of one venue."""
    with ARENAS[request.param]() as arena:
        yield arena


@pytest.fixture
def market(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> str:
    """List a market, for one test, in the sandbox that bots will find."""
    monkeypatch.setenv("POLYSPEC_SANDBOX", json.dumps(arena.venue.sandbox.describe()))
    # bots would be held to limits these sandboxes do not have
    for venue, name in _SETTINGS.items():
        kind = getattr(polyspec, name)
        monkeypatch.setattr(f"polyspec.{venue}.config.{name}", partial(_unpaced, kind))
    return arena.market()


class Crowd:
    """Everybody else in a market: they act once a round, while the bot sleeps."""

    def __init__(self, arena: Arena, market: str, *acts: Callable[[Crowd], Any]) -> None:
        self.arena, self.market, self.acts = arena, market, list(acts)
        # of a venue that mirrors another one, the others are there
        self.there = arena.on_street(market)
        person = arena.street.person()
        arena.street.endow(person, self.there, 2_000)
        self.desk = connect(arena.street, person)

    def sleep(self, _: float) -> None:
        """Do what is next."""
        passing = self.acts.pop(0)(self) if self.acts else None
        self.arena.settle()
        if isinstance(passing, polyspec.Accepted):
            # where the bot does not stand in the book itself, what it took is there still
            self.desk.cancel(passing)

    def quote(self, mid: str) -> None:
        """Wait on both sides of a price, and nowhere else."""
        self.desk.cancel_all(self.there)
        for side, away in (("BUY", "-0.05"), ("SELL", "0.05")):
            self.trade(side, str(Decimal(mid) + Decimal(away)), 300)

    def trade(self, side: str, price: str, quantity: int) -> polyspec.Accepted:
        """Take what waits at a price, or wait there."""
        placed = self.desk.place(self.there, side=side, price=price, quantity=quantity)
        assert isinstance(placed, polyspec.Accepted), placed
        return placed


@pytest.fixture
def run(arena: Arena, market: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Crowd]]:
    """Run a bot for as many rounds as the crowd has acts, and one more."""
    crowds = []

    def run(
        bot: ModuleType, start: str, *acts: Callable[[Crowd], Any], options: tuple[str, ...] = ()
    ) -> Crowd:
        crowd = Crowd(arena, market, *acts)
        crowds.append(crowd)
        crowd.quote(start)
        monkeypatch.setattr(bot, "sleep", crowd.sleep)
        rounds = ["--rounds", str(len(acts) + 1), "--pause", "0"]
        bot.main([f"sandbox:{arena.name}", "--market", market, *rounds, *options])
        return crowd

    yield run
    for crowd in crowds:
        crowd.desk.close()


def ended(arena: Arena, before: dict[str, Decimal]) -> tuple[Decimal, Decimal]:
    """Hold a bot to leaving no order, and return what it bought and sold."""
    bot = arena.seeded()
    assert arena.standing(bot) == []
    after = arena.traded(bot)
    return after["BUY"] - before["BUY"], after["SELL"] - before["SELL"]


# -- the market maker --


def test_the_maker_earns_the_spread(
    arena: Arena, run: Callable[..., Crowd], capsys: pytest.CaptureFixture[str]
) -> None:
    """It buys at its bid from one and sells at its ask to another, and its orders are gone at the end."""
    before = arena.traded(arena.seeded())
    run(
        market_maker,
        "0.50",
        lambda crowd: crowd.trade("SELL", "0.49", 20),
        lambda crowd: None,
        lambda crowd: crowd.trade("BUY", "0.51", 20),
    )
    assert ended(arena, before) == (20, 20)
    told = capsys.readouterr().out
    assert "BUY 20" in told
    assert "SELL 20" in told
    assert re.search(r"\ntraded \+0(\.0+)?, 0 orders left\n$", told)


def test_the_maker_follows_the_market(arena: Arena, run: Callable[..., Crowd]) -> None:
    """Where others go it goes too: no quote is left at the old price, nor does it follow its own quotes."""
    seen: list[list[Decimal]] = []

    def looked(crowd: Crowd) -> None:
        working = crowd.arena.seeded()
        with connect(crowd.arena, working) as desk:
            seen.append(
                sorted(order.price for order in desk.open_orders(crowd.market) if order.side == "BUY")
            )

    run(
        market_maker,
        "0.50",
        looked,
        lambda crowd: crowd.quote("0.60"),
        looked,
        looked,
    )
    assert seen == [[Decimal("0.49")], [Decimal("0.59")], [Decimal("0.59")]]


def test_the_maker_leans_against_what_it_holds(arena: Arena, run: Callable[..., Crowd]) -> None:
    """The more it bought, the lower it bids, and at its limit it bids no more."""
    bids: list[Decimal | None] = []

    def hit(crowd: Crowd) -> polyspec.Accepted | None:
        with connect(crowd.arena, crowd.arena.seeded()) as desk:
            mine = [order for order in desk.open_orders(crowd.market) if order.side == "BUY"]
        bids.append(mine[0].price if mine else None)
        return crowd.trade("SELL", str(mine[0].price), int(mine[0].remaining)) if mine else None

    run(market_maker, "0.50", hit, hit, hit, options=("--limit", "40", "--spread", "0.04"))
    assert bids[0] == Decimal("0.48")
    assert bids[1] is not None
    assert bids[1] < bids[0]
    assert bids[2] is None


def test_lost_answers_make_no_second_order(arena: Arena, run: Callable[..., Crowd]) -> None:
    """Although the answers to its orders are lost, there is never a second one of the same side."""
    before, counts = arena.traded(arena.seeded()), []
    hits = len(arena.faults.hits)

    def move(mid: str) -> Callable[[Crowd], None]:
        def moved(crowd: Crowd) -> None:
            counts.append(len(crowd.arena.standing(crowd.arena.seeded())))
            crowd.quote(mid)
            crowd.arena.faults.add(kind="reset_after", operation=crowd.arena.placing, times=2)

        return moved

    run(market_maker, "0.50", move("0.55"), move("0.60"), move("0.65"))
    arena.faults.clear()
    assert len(arena.faults.hits) >= hits + 3
    # where nothing can be sold short there is only a bid
    assert counts == [2 if arena.name == "us" else 1] * 3
    assert ended(arena, before) == (0, 0)


@pytest.mark.parametrize("bot", BOTS)
@pytest.mark.parametrize("end", [KeyboardInterrupt, RuntimeError])
def test_bots_clean_up_however_they_end(
    arena: Arena, run: Callable[..., Crowd], bot: ModuleType, end: type[BaseException]
) -> None:
    """Ctrl-C and errors alike leave no order and nothing bought; of the two only an error is one."""
    before = arena.traded(arena.seeded())

    def stop(_: Crowd) -> None:
        raise end

    rises = [lambda crowd: crowd.quote("0.53"), stop]
    if end is KeyboardInterrupt:
        run(bot, "0.50", *rises)
    else:
        with pytest.raises(end):
            run(bot, "0.50", *rises)
    bought, sold = ended(arena, before)
    # less than a lot cannot be sold
    assert 0 <= bought - sold < Decimal("0.01")
    assert bool(bought) is (bot is momentum)


# -- momentum --


def test_momentum_rides_a_rise(
    arena: Arena, run: Callable[..., Crowd], capsys: pytest.CaptureFixture[str]
) -> None:
    """It buys once the market has risen, within its budget, holds on while it rises, sells after the top."""
    before = arena.traded(arena.seeded())
    held: list[Decimal] = []

    def step(mid: str) -> Callable[[Crowd], None]:
        def quoted(crowd: Crowd) -> None:
            sums = crowd.arena.traded(crowd.arena.seeded())
            held.append(sums["BUY"] - before["BUY"] - sums["SELL"] + before["SELL"])
            crowd.quote(mid)

        return quoted

    path = ("0.50", "0.52", "0.54", "0.56", "0.54", "0.54", "0.54")
    # that it was higher before does not matter
    run(momentum, "0.60", *map(step, path), options=("--budget", "20", "--rise", "0.02", "--fall", "0.02"))
    bought, sold = ended(arena, before)
    # 20 dollars at a limit of 0.58, and less than a lot cannot be sold
    assert 34 < bought <= Decimal("34.49")
    assert 0 <= bought - sold < Decimal("0.01")
    assert [each > 1 for each in held] == [False, False, True, True, True, False, False]
    assert re.match(r"holding 0(\.00\d*)?, ", capsys.readouterr().out.splitlines()[-1])


def test_momentum_stays_out_of_a_fall(arena: Arena, run: Callable[..., Crowd]) -> None:
    """A market that falls, or stands, is left alone."""
    before = arena.traded(arena.seeded())
    run(momentum, "0.50", *(lambda crowd, mid=mid: crowd.quote(mid) for mid in ("0.50", "0.48", "0.46")))
    assert ended(arena, before) == (0, 0)


# -- both --


class Lost(fate.Unknown[Any]):
    """An order that is looked up twice before it is found."""

    def __init__(self, log: list[str], looks: int = 2) -> None:
        self._log, self._looks = log, looks

    def resolve(self, timeout: float | None = None) -> Any:
        """Find it at the second look."""
        self._log.append("look")
        return Lost(self._log, self._looks - 1) if self._looks > 1 else fate.Accepted()


class Stub:
    """A desk whose first order is lost on the way."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def place(self, market: object, *, side: str, **terms: object) -> Lost:
        """Lose it."""
        self.log.append(side)
        return Lost(self.log)

    def position(self, market: object) -> polyspec.Position:
        """Hold nothing."""
        return polyspec.Position(market_id="m", quantity=Decimal(0))


def test_nothing_is_placed_before_the_last_order_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order that may stand is looked up until it is known, and no other is sent in the meantime."""
    monkeypatch.setattr(fate.Accepted, "filled", Decimal(5))
    desk: Any = Stub()
    maker = market_maker.MarketMaker(desk, Namespace(), Namespace())  # type: ignore[arg-type]
    maker.place("BUY", Decimal("0.5"), Decimal(5))
    assert desk.log == ["BUY", "look", "look"]
    bot = momentum.Momentum(desk, Namespace(), Namespace(window=3))  # type: ignore[arg-type]
    bot.take("SELL", Decimal("0.5"), Decimal(5))
    assert desk.log[3:] == ["SELL", "look", "look"]


@pytest.mark.parametrize(
    ("bot", "venue"),
    [("market_maker", "sandbox:clob"), ("momentum", "sandbox:us"), ("momentum", "sandbox:polysimulator")],
)
def test_bots_run_as_commands(bot: str, venue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a command each of them runs in a sandbox of its own, to the end, and needs nothing around."""
    monkeypatch.delenv("POLYSPEC_SANDBOX", raising=False)
    command = [
        sys.executable,
        "-W",
        "error",
        str(FOLDER / f"{bot}.py"),
        venue,
        "--rounds",
        "2",
        "--pause",
        "0",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("0 orders left\n")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_short_enough_to_be_read(path: Path) -> None:
    """No example is longer than a page or two."""
    assert len(path.read_text().splitlines()) < 120
