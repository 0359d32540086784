"""Changing the wallet a client trades from."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from polyspec import Sandbox
from polyspec.clob.client_async import AsyncClobClient
from polyspec.errors import ConfigError

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[AsyncClobClient]:
    """Return a client of a sandbox of its own."""
    with Sandbox(quiet=True, venues=["clob"]) as sandbox:
        told = sandbox.clob_venue.describe()
        async with AsyncClobClient(told["rest"], key=told["private_keys"][0]) as client:
            client.token = told["token_ids"][0]
            yield client


async def test_orders_are_made_for_the_wallet_that_was_chosen(client: AsyncClobClient) -> None:
    """From the next order on the maker is the other wallet of the same key, and the venue takes it."""
    terms = {"token_id": client.token, "price": "0.1", "size": "10", "side": "BUY"}
    first = await client.create_order(terms)
    for kind in (1, 2, 3, 0):
        account = client.trade_from(kind)
        order = await client.create_order(terms)
        assert (order.maker, order.signature_type) == (account.maker, kind)
        assert (await client.post_order(order)).unwrap().status == "live"
    # what was made before stays what it was
    assert (await client.post_order(first)).unwrap().order.maker == client.address


async def test_a_wallet_that_is_not_the_keys_is_refused(client: AsyncClobClient) -> None:
    """A funder that cannot belong to the key changes nothing."""
    before = client.account
    with pytest.raises(ConfigError, match="is no wallet of the key"):
        client.trade_from(1, "0x000000000000000000000000000000000000dEaD")
    assert client.account is before
