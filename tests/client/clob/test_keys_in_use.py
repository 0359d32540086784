# Mirrored from test_keys_in_use_async.py by `python -m generator.mirror`; do not edit.
"""API keys of every kind, at a venue that checks them."""

from __future__ import annotations

import pytest

from polyspec.clob.credentials import ApiCreds
from polyspec.errors import BadRequest, ConfigError, NotFound, Unauthorized
from tests.client.clob.connect import connect
from tests.client.clob.rig import Person, Token, Venue
from tests.client.doing import together

CREATE, DERIVE = "Auth_CreateApiKey", "Auth_DeriveApiKey"


def test_keys_are_made_once_and_told_again(venue: Venue, person: Person) -> None:
    """Created keys work at once; a second creation is refused, deriving tells the same."""
    with connect(venue, person) as client:
        assert client.creds is None
        with pytest.raises(BadRequest, match="Could not derive"):
            client.derive_api_key()
        made = client.create_api_key()
        assert client.creds == made
        assert client.get_api_keys() == [made.api_key]
        with pytest.raises(BadRequest, match="Could not create"):
            client.create_api_key()
        assert client.derive_api_key() == made
        assert client.create_or_derive_api_key() == made


def test_nonces_tell_sets_of_keys_apart(venue: Venue, person: Person) -> None:
    """Every nonce has keys of its own; a client goes on with the first, or with those of its own nonce."""
    with connect(venue, person) as client, connect(venue, person, nonce=7) as other:
        first = client.create_or_derive_api_key()
        seventh = client.create_or_derive_api_key(7)
        assert first.api_key != seventh.api_key
        assert client.creds == first
        assert sorted(client.get_api_keys()) == sorted([first.api_key, seventh.api_key])
        assert other.get_open_orders() == []
        assert other.creds == seventh


def test_keys_come_by_themselves(venue: Venue, person: Person, token: Token) -> None:
    """The first call that needs keys gets them: derived if they exist, created only if they do not."""
    with connect(venue, person) as client:
        before = venue.seen.copy()
        assert client.get_open_orders() == []
        assert ((venue.seen - before)[DERIVE], (venue.seen - before)[CREATE]) == (1, 1)
    with connect(venue, person) as client:
        before = venue.seen.copy()
        placed = client.create_and_post_order(**token.known, side="BUY", price="0.4", size=10)
        assert placed.unwrap().status == "live"
        assert ((venue.seen - before)[DERIVE], (venue.seen - before)[CREATE]) == (1, 0)


def test_many_first_calls_get_keys_once(venue: Venue, person: Person) -> None:
    """Sixteen calls at once derive one set of keys."""
    with connect(venue, person) as client:
        before = venue.seen.copy()
        assert together([client.get_open_orders] * 16) == [[]] * 16
        assert ((venue.seen - before)[DERIVE], (venue.seen - before)[CREATE]) == (1, 1)
        assert len(venue.world.keys.of(person.address.lower())) == 1


def test_stored_keys_are_used_as_they_are(venue: Venue, person: Person) -> None:
    """What reveal gave opens a client that asks for no keys; others can be set later."""
    with connect(venue, person) as client:
        first = client.create_api_key()
        second = client.create_api_key(1)
    before = venue.seen.copy()
    with connect(venue, person, creds=ApiCreds(**first.reveal())) as client:
        assert client.get_open_orders() == []
        client.set_api_creds(second)
        assert client.get_open_orders() == []
        assert client.creds == second
    assert (venue.seen - before)[DERIVE] == (venue.seen - before)[CREATE] == 0


def test_deleted_keys_are_gone(venue: Venue, person: Person) -> None:
    """After a deletion the venue refuses them, and the client that did it has none until it needs some."""
    with connect(venue, person) as client, connect(venue, person) as other:
        made = client.create_or_derive_api_key()
        other.set_api_creds(made)
        client.delete_api_key()
        assert client.creds is None
        with pytest.raises(Unauthorized, match="deleted"):
            other.get_open_orders()
        assert client.get_open_orders() == []
        assert client.creds is not None


def test_read_only_keys(venue: Venue, person: Person) -> None:
    """They are made, listed and deleted; deleting one that is not there is NotFound."""
    with connect(venue, person) as client:
        first = client.create_readonly_api_key().api_key
        second = client.create_readonly_api_key().api_key
        assert sorted(client.get_readonly_api_keys()) == sorted([first, second])
        client.delete_readonly_api_key(first)
        assert client.get_readonly_api_keys() == [second]
        with pytest.raises(NotFound):
            client.delete_readonly_api_key(first)


def test_builder_keys(venue: Venue, person: Person) -> None:
    """They are made and listed with a wallet's keys, and revoked with nothing but themselves."""
    with connect(venue, person) as client:
        builder = client.create_builder_api_key()
        assert client.get_builder_api_keys() == [builder.key]
    with connect(venue, None, key=None, builder=builder) as alone:
        with pytest.raises(ConfigError, match="wallet key"):
            alone.get_builder_api_keys()
        alone.revoke_builder_api_key()
        with pytest.raises(Unauthorized):
            alone.revoke_builder_api_key()
    known = venue.world.keys.builders_of(person.address.lower())
    assert [bool(each.revoked) for each in known] == [True]


def test_closed_only_mode(venue: Venue, person: Person) -> None:
    """An account is told whether it may open positions."""
    with connect(venue, person) as client:
        assert client.get_closed_only_mode() is False
        venue.world.modes.closed_only.add(person.address.lower())
        assert client.get_closed_only_mode() is True
        venue.world.modes.closed_only.clear()
