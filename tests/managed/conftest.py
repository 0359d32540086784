"""A CLOB with one key for each wallet, a vault, and managers of both colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.clob.rig import Person, Token, Venue, open_venue
from tests.faults.hands import HANDS, Hands
from tests.managed.rig import Safe, enrol, vault_in


@pytest.fixture(scope="module")
def clob() -> Iterator[Venue]:
    """Run a sandbox of the CLOB whose wallets have one key at a time."""
    with open_venue(one_key=True) as venue:
        yield venue


@pytest.fixture
def alice(clob: Venue) -> Person:
    """Make somebody with money; nothing of an earlier test is left."""
    clob.clob.faults.clear()
    clob.seen.clear()
    return clob.person()


@pytest.fixture
def token(clob: Venue) -> Token:
    """List a market for one test."""
    return clob.market()


@pytest.fixture
def safe(clob: Venue, alice: Person, tmp_path: Path) -> Safe:
    """Put alice into a vault of her own."""
    vault = vault_in()
    enrol(vault, alice)
    return Safe(clob, vault, tmp_path / "managed")


@pytest.fixture(params=HANDS, ids=["sync", "async"])
def hands(request: pytest.FixtureRequest) -> Iterator[Hands]:
    """Connect with each colour in turn."""
    hands = request.param()
    yield hands
    hands.close()
