"""Venues to be treated badly, clients of both colours, and less patience than in earnest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from polyspec.clob import placing
from polyspec.core import absence, sending
from polyspec.core.attempt import backoff
from polyspec.polysimulator import placing as paper_placing
from polyspec.sandbox.us.world import Participant
from polyspec.us import resolving, token_flow
from tests.client.clob import rig as clob_rig
from tests.client.us.rig import Venue, open_venue
from tests.faults import at_polysimulator as paper
from tests.faults.hands import HANDS, Hands
from tests.faults.spare import ample


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox behind a port, without limits."""
    with open_venue() as venue:
        yield venue


@pytest.fixture
def person(venue: Venue) -> Participant:
    """Open a participant with money, for one test; no fault of an earlier test is left."""
    venue.sandbox.faults.clear()
    return venue.person()


@pytest.fixture
def symbol(venue: Venue) -> str:
    """List a market for one test."""
    return venue.market()


@pytest.fixture(scope="module")
def clob() -> Iterator[clob_rig.Venue]:
    """Run a sandbox of the CLOB behind a port, without limits."""
    with clob_rig.open_venue() as venue:
        yield venue


@pytest.fixture
def trader(clob: clob_rig.Venue) -> clob_rig.Person:
    """Make somebody with money on the CLOB, for one test; no fault of an earlier test is left."""
    clob.clob.faults.clear()
    return clob.person()


@pytest.fixture
def token(clob: clob_rig.Venue) -> clob_rig.Token:
    """List a market on the CLOB, for one test."""
    return clob.market()


@pytest.fixture(scope="module")
def sim() -> Iterator[paper.SimVenue]:
    """Run a sandbox of PolySimulator behind a port, without limits."""
    with paper.open_venue() as venue:
        yield venue


@pytest.fixture
def player(sim: paper.SimVenue) -> paper.Player:
    """Make somebody with money on PolySimulator, for one test; no fault of an earlier test is left."""
    sim.sim.faults.clear()
    return sim.person()


@pytest.fixture
def race(sim: paper.SimVenue) -> clob_rig.Token:
    """List a market that PolySimulator mirrors, for one test."""
    return sim.market()


@pytest.fixture(params=HANDS, ids=["sync", "async"])
def hands(request: pytest.FixtureRequest) -> Iterator[Hands]:
    """Connect with each colour in turn; patient, unless a fault ends with their patience."""
    hands = request.param()
    called = getattr(request.node, "callspec", None)
    chosen = called.params if called else {}
    fault = chosen.get("fault") or {"kind": str(chosen.get("kind"))}
    hands.usual = partial(ample, fault=fault)
    yield hands
    hands.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for lost orders, and try again, ten to twenty times as soon as in earnest."""
    monkeypatch.setattr(absence, "_LOOKS", (0.0, 0.01, 0.02, 0.05, 0.1, 0.2))
    monkeypatch.setattr(absence, "_SHORTEST", 0.05)
    monkeypatch.setattr(absence, "_APART", 0.1)
    monkeypatch.setattr(resolving, "_SEARCHES_APART", 0.1)
    monkeypatch.setattr(placing, "_PROOF", 0.15)
    monkeypatch.setattr(placing, "_RESTART_PAUSES", (0.02, 0.05, 0.1))
    monkeypatch.setattr(paper_placing, "_SHORTEST", 0.05)
    for module in (sending, token_flow, paper_placing):
        monkeypatch.setattr(module, "backoff", partial(backoff, base=0.02))
