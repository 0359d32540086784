# Mirrored from test_desk_accounts_async.py by `python -m generator.mirror`; do not edit.
"""What is special about desks at the US exchange: accounts, and orders that take time to go."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from polyspec import ConfigError, TimedOut
from polyspec.us.client import UsExchangeClient
from tests.client.us.rig import UNPACED, Venue, open_venue


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a US exchange."""
    with open_venue(venues=["us"]) as venue:
        yield venue


def test_the_only_account_needs_no_name(venue: Venue) -> None:
    """A client without an account has the one its participant can see, and asks for it once."""
    options = venue.client_options(venue.person()) | {"account": None, "settings": UNPACED}
    with UsExchangeClient(**options) as client:
        asked = venue.seen["AccountsAPI_ListAccounts"]
        assert client.desk.positions() == []
        assert client.desk.balance().available == 10_000
        assert venue.seen["AccountsAPI_ListAccounts"] == asked + 1
        assert client.account is None


@pytest.mark.parametrize("count", [0, 2])
def test_other_accounts_must_be_named(venue: Venue, count: int) -> None:
    """Where there are several accounts, or none, the error says what to set; nothing is guessed."""
    person = venue.person()
    options = venue.client_options(person) | {"account": None, "settings": UNPACED}
    accounts = [f"firms/f/accounts/{number}" for number in range(count)]
    with venue.world.lock:
        venue.world.participants[person.name] = msgspec.structs.replace(person, accounts=tuple(accounts))
    with UsExchangeClient(**options) as client:
        with pytest.raises(ConfigError, match=f"POLYSPEC_US_ACCOUNT.*{', '.join(accounts) or 'none'}"):
            client.desk.balance()


def test_cancelled_means_off_the_book(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the venue takes its time to cancel, cancelling takes as long; an impatient caller hears of it."""
    person, symbol, world = venue.person(), venue.market(), venue.world
    with UsExchangeClient(**venue.client_options(person), settings=UNPACED) as client:
        placed = [
            client.desk.place(symbol, side="BUY", price=price, quantity=10)
            for price in ("0.40", "0.41", "0.42")
        ]
        cancel = world.entry.cancel
        monkeypatch.setattr(
            world.entry, "cancel", lambda command: world.jobs.later(0.2, lambda: cancel(command))
        )
        with pytest.raises(TimedOut):
            client.desk.cancel(placed[0].unwrap(), timeout=0.05)
        client.desk.cancel(placed[0].unwrap())
        assert len(venue.orders(person, open_only=True)) == 2
        client.desk.cancel_all()
        assert venue.orders(person, open_only=True) == []
