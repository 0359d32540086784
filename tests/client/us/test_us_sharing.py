# Mirrored from test_us_sharing_async.py by `python -m generator.mirror`; do not edit.
"""Clients of several processes that share limits and access tokens through a file, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polyspec.core import tokens
from polyspec.limits import Shared
from polyspec.us.client import UsExchangeClient
from polyspec.us.config import Settings
from polyspec.us.fate import Accepted
from tests.client.doing import together
from tests.client.us.connect import connect
from tests.client.us.rig import Venue, open_venue


@pytest.fixture
def venue() -> Iterator[Venue]:
    """Run a sandbox for one test."""
    with open_venue() as venue:
        yield venue


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Count together with other processes, in a file."""
    return Settings(pacing=Shared(f"sqlite:///{tmp_path}/limits"))


def contents(folder: Path) -> bytes:
    """Return all that is in the files of a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_another_process_takes_the_token_over(
    venue: Venue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process without a token finds the one another left, and asks for none; a refused one is replaced."""
    clients: list[UsExchangeClient] = []
    with connect(venue, settings=settings) as one:
        one.whoami()
        # what a process remembers is all there is between two clients of one
        monkeypatch.setattr(tokens, "_shared", {})
        with connect(venue, settings=settings) as two:
            clients += [one, two]
            together([each.whoami for each in clients] * 16)
            assert venue.seen["OAuth_RequestToken"] == 1
            venue.world.issuer.revoke_tokens()
            together([each.whoami for each in clients] * 16)
    assert venue.seen["OAuth_RequestToken"] == 2


def test_orders_of_two_clients_count_together(venue: Venue, settings: Settings, tmp_path: Path) -> None:
    """Orders are placed as ever; what is kept in the file names neither firm nor key nor token."""
    symbol = venue.market()
    with (
        connect(venue, venue.person(), settings=settings) as one,
        connect(venue, venue.person(), settings=settings) as two,
    ):
        for client in (one, two) * 3:
            placed = client.orders.place(symbol, side="BUY", price="0.4", quantity=1)
            assert isinstance(placed, Accepted)
        share = settings.pacing.share  # type: ignore[union-attr]
        assert share.up
        assert share.holders == 1
    kept = contents(tmp_path)
    assert venue.credentials().client_id.encode() not in kept
    assert b"InsertOrder" in kept
