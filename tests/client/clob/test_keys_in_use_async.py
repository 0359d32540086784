"""API keys of every kind, at a venue that checks them."""

from __future__ import annotations

import pytest

from polyspec.clob.credentials import ApiCreds
from polyspec.errors import BadRequest, ConfigError, NotFound, Unauthorized
from tests.client.clob.connect_async import connect
from tests.client.clob.rig import Person, Token, Venue
from tests.client.doing_async import together

pytestmark = pytest.mark.anyio

CREATE, DERIVE = "Auth_CreateApiKey", "Auth_DeriveApiKey"


async def test_keys_are_made_once_and_told_again(venue: Venue, person: Person) -> None:
    """Created keys work at once; a second creation is refused, deriving tells the same."""
    async with connect(venue, person) as client:
        assert client.creds is None
        with pytest.raises(BadRequest, match="Could not derive"):
            await client.derive_api_key()
        made = await client.create_api_key()
        assert client.creds == made
        assert await client.get_api_keys() == [made.api_key]
        with pytest.raises(BadRequest, match="Could not create"):
            await client.create_api_key()
        assert await client.derive_api_key() == made
        assert await client.create_or_derive_api_key() == made


async def test_nonces_tell_sets_of_keys_apart(venue: Venue, person: Person) -> None:
    """Every nonce has keys of its own; a client goes on with the first, or with those of its own nonce."""
    async with connect(venue, person) as client, connect(venue, person, nonce=7) as other:
        first = await client.create_or_derive_api_key()
        seventh = await client.create_or_derive_api_key(7)
        assert first.api_key != seventh.api_key
        assert client.creds == first
        assert sorted(await client.get_api_keys()) == sorted([first.api_key, seventh.api_key])
        assert await other.get_open_orders() == []
        assert other.creds == seventh


async def test_keys_come_by_themselves(venue: Venue, person: Person, token: Token) -> None:
    """The first call that needs keys gets them: derived if they exist, created only if they do not."""
    async with connect(venue, person) as client:
        before = venue.seen.copy()
        assert await client.get_open_orders() == []
        assert ((venue.seen - before)[DERIVE], (venue.seen - before)[CREATE]) == (1, 1)
    async with connect(venue, person) as client:
        before = venue.seen.copy()
        placed = await client.create_and_post_order(**token.known, side="BUY", price="0.4", size=10)
        assert placed.unwrap().status == "live"
        assert ((venue.seen - before)[DERIVE], (venue.seen - before)[CREATE]) == (1, 0)


async def test_many_first_calls_get_keys_once(venue: Venue, person: Person) -> None:
    """Sixteen calls at once derive one set of keys."""
    async with connect(venue, person) as client:
        before = venue.seen.copy()
        assert await together([client.get_open_orders] * 16) == [[]] * 16
        assert ((venue.seen - before)[DERIVE], (venue.seen - before)[CREATE]) == (1, 1)
        assert len(venue.world.keys.of(person.address.lower())) == 1


async def test_stored_keys_are_used_as_they_are(venue: Venue, person: Person) -> None:
    """What reveal gave opens a client that asks for no keys; others can be set later."""
    async with connect(venue, person) as client:
        first = await client.create_api_key()
        second = await client.create_api_key(1)
    before = venue.seen.copy()
    async with connect(venue, person, creds=ApiCreds(**first.reveal())) as client:
        assert await client.get_open_orders() == []
        client.set_api_creds(second)
        assert await client.get_open_orders() == []
        assert client.creds == second
    assert (venue.seen - before)[DERIVE] == (venue.seen - before)[CREATE] == 0


async def test_deleted_keys_are_gone(venue: Venue, person: Person) -> None:
    """After a deletion the venue refuses them, and the client that did it has none until it needs some."""
    async with connect(venue, person) as client, connect(venue, person) as other:
        made = await client.create_or_derive_api_key()
        other.set_api_creds(made)
        await client.delete_api_key()
        assert client.creds is None
        with pytest.raises(Unauthorized, match="deleted"):
            await other.get_open_orders()
        assert await client.get_open_orders() == []
        assert client.creds is not None


async def test_read_only_keys(venue: Venue, person: Person) -> None:
    """They are made, listed and deleted; deleting one that is not there is NotFound."""
    async with connect(venue, person) as client:
        first = (await client.create_readonly_api_key()).api_key
        second = (await client.create_readonly_api_key()).api_key
        assert sorted(await client.get_readonly_api_keys()) == sorted([first, second])
        await client.delete_readonly_api_key(first)
        assert await client.get_readonly_api_keys() == [second]
        with pytest.raises(NotFound):
            await client.delete_readonly_api_key(first)


async def test_builder_keys(venue: Venue, person: Person) -> None:
    """They are made and listed with a wallet's keys, and revoked with nothing but themselves."""
    async with connect(venue, person) as client:
        builder = await client.create_builder_api_key()
        assert await client.get_builder_api_keys() == [builder.key]
    async with connect(venue, None, key=None, builder=builder) as alone:
        with pytest.raises(ConfigError, match="wallet key"):
            await alone.get_builder_api_keys()
        await alone.revoke_builder_api_key()
        with pytest.raises(Unauthorized):
            await alone.revoke_builder_api_key()
    known = venue.world.keys.builders_of(person.address.lower())
    assert [bool(each.revoked) for each in known] == [True]


async def test_closed_only_mode(venue: Venue, person: Person) -> None:
    """An account is told whether it may open positions."""
    async with connect(venue, person) as client:
        assert await client.get_closed_only_mode() is False
        venue.world.modes.closed_only.add(person.address.lower())
        assert await client.get_closed_only_mode() is True
        venue.world.modes.closed_only.clear()
