"""A book that says that it can be trusted is the venue's, or was until a moment ago, whatever happens."""

from __future__ import annotations

import os
from random import Random  # noqa: TID251 - seeds are the point

import pytest
from attrs import evolve

from polyspec.clob.book_reading import Readings, Verdict
from polyspec.clob.market_feed import MARKET_RHYTHM
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.machine import Rhythm
from tests.unit.market_rig import START, Model, Rig, levels

SEEDS = int(os.environ.get("POLYSPEC_DIVERGENCE_SEEDS", "100"))
MESSAGES = 500
SPOILT = (0.05, 0.003)
"""Of each fault, in turns: where many are lost the next shows it, where few are only REST may."""
WINDOW = 30.0
"""Seconds for which a book may be wrong and not know it: a look at REST every 25 s, and the look itself."""


def divergences(seed: int, rhythm: Rhythm = MARKET_RHYTHM) -> list[float]:
    """Play one schedule; return for how long the book was wrong each time it was trusted for too long.

    A message is lost, doubled, comes after the next one, or is cut in the middle; the pauses between them are
    short, and sometimes long.
    """
    chance = Random(seed)
    model = Model("1", Random(seed + 1))
    rig = Rig(model, rhythm=rhythm, chance=chance.random())
    spoilt = SPOILT[seed % 2]
    late: bytes | None = None
    wrong_since: float | None = None
    found: list[float] = []
    for number in range(MESSAGES):
        pause = chance.expovariate(4.0) if chance.random() < 0.98 else chance.uniform(5.0, 40.0)
        for _ in range(2):
            rig.wait(pause / 2)
            wrong_since = _judged(rig, model, wrong_since, found)
        message = model.move(START + 1 + int(rig.now * 1000) + number)
        if rig.feed.machine.state.name not in ("SUBSCRIBING", "LIVE"):
            late = None
            wrong_since = _judged(rig, model, wrong_since, found)
            continue
        fate = chance.random() / spoilt
        parts = [message]
        if fate < 1:
            parts = []
        elif fate < 2:
            parts = [message, message]
        elif fate < 3 and late is None:
            late, parts = message, []
        elif fate < 4:
            parts = [message[: chance.randrange(len(message))]]
        if late is not None and parts:
            parts, late = [*parts, late], None
        for each in parts:
            rig.hear(each)
        wrong_since = _judged(rig, model, wrong_since, found)
    # what is left to be found out is found out in the time there is for it
    rig.wait(WINDOW)
    _judged(rig, model, wrong_since, found)
    if rig.feed.books["1"].trusted and levels(rig.feed.books["1"]) != model.levels:
        found.append(rig.now)
    return found


def _judged(rig: Rig, model: Model, since: float | None, found: list[float]) -> float | None:
    """Return since when the book is wrong and trusted; None if it is right, or says that it is not."""
    book = rig.feed.books["1"]
    if not book.trusted or levels(book) == model.levels:
        return None
    if since is None:
        return rig.now
    if rig.now - since > WINDOW:
        found.append(rig.now - since)
    return since


@pytest.mark.parametrize("part", range(10))
def test_no_divergence_goes_unnoticed(part: int) -> None:
    """Schedules of 500 messages with a fifth of them spoilt; the number of seeds is in the environment."""
    for seed in range(part, SEEDS, 10):
        assert divergences(seed) == [], f"seed {seed}"


@pytest.mark.parametrize("seed", range(3))
def test_without_the_detector_it_would(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without holding books against best prices, time and REST, they are wrong and say nothing."""
    monkeypatch.setattr(OrderBook, "check", lambda *_: True)
    monkeypatch.setattr(OrderBook, "distrust", lambda *_: None)
    monkeypatch.setattr(Readings, "doubt", lambda *_: None)
    monkeypatch.setattr(Readings, "judge", lambda *_: Verdict())
    assert divergences(seed)


def test_without_looks_at_rest_it_would() -> None:
    """Levels deep in a book are held against no best price: where few messages are lost they stay wrong."""
    blind = evolve(MARKET_RHYTHM, audit=None, quiet=None)
    assert any(divergences(seed, blind) for seed in range(1, 60, 2))


def test_the_window_is_what_is_documented() -> None:
    """Looks at REST are more frequent than the window is long."""
    assert MARKET_RHYTHM.audit is not None
    assert MARKET_RHYTHM.audit + 5.0 <= WINDOW
