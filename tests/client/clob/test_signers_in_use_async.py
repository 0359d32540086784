"""Whoever signs - a key here, an account of another library, a vault - the venue takes the signature."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from eth_account import Account

from polyspec.clob.signers import LocalSigner
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, PolyspecError
from tests.client.clob.connect_async import connect
from tests.client.clob.rig import Person, Token, Venue
from tests.client.doing_async import sleep, together
from tests.stopwatch import Stopwatch

pytestmark = pytest.mark.anyio

TEN: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}


class Vault:
    """A key elsewhere: it signs digests, slowly, in the form that was asked for."""

    def __init__(self, key: str, form: Any = bytes, pause: float = 0.0) -> None:
        self._account = Account.from_key(key)
        self.address = self._account.address
        self.asked: list[threading.Thread] = []
        self._form = form
        self._pause = pause

    def sign_hash(self, digest: bytes) -> Any:
        """Sign a digest."""
        self.asked.append(threading.current_thread())
        time.sleep(self._pause)
        return self._form(self._account.unsafe_sign_hash(digest).signature)


class Remote(Vault):
    """A key behind a network."""

    async def sign_hash(self, digest: bytes) -> Any:
        """Sign a digest when the network has brought it there."""
        await sleep(0.001)
        return Vault.sign_hash(self, digest)


def _from_zero(signature: bytes) -> bytes:
    """Count v from zero."""
    return bytes(signature[:64]) + bytes([signature[64] - 27])


SIGNERS: dict[str, Any] = {
    "text": lambda key: key,
    "bytes": lambda key: bytes.fromhex(key[2:]),
    "secret": Secret,
    "local signer": LocalSigner.from_key,
    "local account": Account.from_key,
    "vault": Vault,
    "remote vault": Remote,
    "vault, hexadecimal": lambda key: Vault(key, lambda signature: "0x" + bytes(signature).hex()),
    "vault, v from zero": lambda key: Vault(key, _from_zero),
}


@pytest.mark.parametrize("make", SIGNERS.values(), ids=SIGNERS)
@pytest.mark.parametrize("signature_type", [0, 3])
async def test_every_signer_does_everything(
    venue: Venue, person: Person, token: Token, make: Any, signature_type: int
) -> None:
    """Keys are obtained, orders placed and cancelled, one by one and in a batch, by whoever signs."""
    wallet = person.wallets.of_type(signature_type)[0]
    venue.fund(wallet)
    async with connect(venue, person, key=make(person.key), signature_type=signature_type) as client:
        assert client.address == person.address
        placed = (await client.create_and_post_order(token_id=token.id, **TEN)).unwrap()
        orders = [await client.create_order(**token.known, **TEN) for _ in range(2)]
        batch = [each.unwrap() for each in await client.post_orders(orders)]
        told = await client.cancel_orders([placed, *batch])
        assert set(told.canceled) == {placed.order_id, *(each.order_id for each in batch)}
    assert len(venue.orders(wallet)) == 3


async def test_signers_sign_alike(venue: Venue, person: Person, token: Token) -> None:
    """The same order has the same id whoever signs it; the venue knows one by it."""
    clients = [connect(venue, person, key=make(person.key)) for make in SIGNERS.values()]
    order = await clients[0].create_order(**token.known, **TEN)
    for client in clients:
        assert (await client.post_order(order)).unwrap().order_id == order.order_id
        await client.aclose()
    assert len(venue.orders(person)) == 1


async def test_slow_vault_holds_nobody_up(venue: Venue, person: Person, token: Token) -> None:
    """A vault is asked from threads of their own, and several orders are signed at once."""
    vault = Vault(person.key, pause=0.2)
    async with connect(venue, person, key=vault) as client:
        await client.create_or_derive_api_key()
        with Stopwatch() as watch:
            placed = await together([lambda: client.create_and_post_order(**token.known, **TEN)] * 4)
        assert watch.seconds < 0.7
    assert len({each.unwrap().order_id for each in placed}) == 4


async def test_vault_with_another_key(venue: Venue, person: Person, token: Token) -> None:
    """A vault that signs with another key than that of its address is caught before anything is sent."""
    vault = Vault(venue.person().key)
    vault.address = person.address
    async with connect(venue, person, key=vault) as client:
        before = venue.seen.copy()
        with pytest.raises(ConfigError, match="it must sign the 32-byte digest as it is"):
            await client.create_order(**token.known, **TEN)
        with pytest.raises(ConfigError, match="gave a signature of"):
            await client.create_or_derive_api_key()
        assert venue.seen - before == {}


@pytest.mark.parametrize("answer", [b"", b"x" * 64, "0x12", None, 5, b"\xff" * 65])
async def test_vault_that_returns_no_signature(
    venue: Venue, person: Person, token: Token, answer: Any
) -> None:
    """What is no signature is refused in words, and nothing is sent."""
    async with connect(venue, person, key=Vault(person.key, lambda _: answer)) as client:
        before = venue.seen.copy()
        with pytest.raises(ConfigError, match="signature"):
            await client.create_order(**token.known, **TEN)
        assert venue.seen - before == {}


async def test_vault_that_fails(venue: Venue, person: Person, token: Token) -> None:
    """An error of the vault comes through as it is, or as one of ours; no order stands for it."""

    def sealed(_: bytes) -> bytes:
        raise RuntimeError("the vault is sealed")

    async with connect(venue, person, key=Vault(person.key, sealed)) as client:
        with pytest.raises((RuntimeError, PolyspecError), match="the vault is sealed"):
            await client.create_and_post_order(**token.known, **TEN)
    assert venue.orders(person) == []
