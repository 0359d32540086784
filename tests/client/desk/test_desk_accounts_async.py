"""Which account of the US exchange a desk speaks of."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from polyspec import ConfigError
from polyspec.us.client_async import AsyncUsExchangeClient
from tests.client.us.rig import UNPACED, Venue, open_venue

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a US exchange."""
    with open_venue(venues=["us"]) as venue:
        yield venue


async def test_the_only_account_needs_no_name(venue: Venue) -> None:
    """A client without an account has the one its participant can see, and asks for it once."""
    options = venue.client_options(venue.person()) | {"account": None, "settings": UNPACED}
    async with AsyncUsExchangeClient(**options) as client:
        asked = venue.seen["AccountsAPI_ListAccounts"]
        assert await client.desk.positions() == []
        assert (await client.desk.balance()).available == 10_000
        assert venue.seen["AccountsAPI_ListAccounts"] == asked + 1
        assert client.account is None


@pytest.mark.parametrize("count", [0, 2])
async def test_other_accounts_must_be_named(venue: Venue, count: int) -> None:
    """Where there are several accounts, or none, the error says what to set; nothing is guessed."""
    person = venue.person()
    options = venue.client_options(person) | {"account": None, "settings": UNPACED}
    accounts = [f"firms/f/accounts/{number}" for number in range(count)]
    with venue.world.lock:
        venue.world.participants[person.name] = msgspec.structs.replace(person, accounts=tuple(accounts))
    async with AsyncUsExchangeClient(**options) as client:
        with pytest.raises(ConfigError, match=f"POLYSPEC_US_ACCOUNT.*{', '.join(accounts) or 'none'}"):
            await client.desk.balance()
