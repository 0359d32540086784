"""What requests carry: the right signature of the venue's own time, at the pace of the wallet."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from email.utils import formatdate
from typing import Any

import msgspec
import pytest
from attrs import evolve
from eth_account import Account as EthAccount
from polyspec_wire import Call
from polyspec_wire.clob import auth, health, markets, orders

from polyspec.clob.client import ClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.credentials import BuilderCreds
from polyspec.clob.l1 import l1_digest
from polyspec.clob.session import ClobAuthority, _pacer, sign_hash
from polyspec.clob.signers import as_signer
from polyspec.core.effects import Reply, Request
from polyspec.errors import AuthError, ConfigError, RateLimited, Unauthorized
from tests.unit.clob.checks import ADDRESSES, KEYS, OWNER
from tests.unit.clob.clob_rig import (
    CREDS,
    HOST,
    PASSPHRASE,
    SECRET,
    SETTINGS,
    SIGNER,
    ClobWorld,
    Venue,
    async_client_of,
    client_of,
    no,
    ok,
    posting,
    signed,
)

BUILDER = BuilderCreds("builder-key", SECRET, PASSPHRASE)
LIST, DERIVE = "auth/api-keys", "auth/derive-api-key"


def signature(timestamp: str, method: str, path: str, body: bytes = b"") -> str:
    """Sign a request as the venue's documentation says."""
    message = f"{timestamp}{method}{path}".encode() + body
    return urlsafe_b64encode(hmac.new(urlsafe_b64decode(SECRET), message, hashlib.sha256).digest()).decode()


@pytest.fixture
def venue() -> Venue:
    """Return a venue."""
    venue = Venue()
    venue.broken |= {LIST: ok({"apiKeys": []}), "data/orders": ok({"data": [], "next_cursor": "LTE="})}
    return venue


# -- level 2 --


def test_orders_are_signed_as_they_are_sent(venue: Venue) -> None:
    """The signature of an order is over exactly the bytes of it."""
    client_of(venue).post_order(posting().order).unwrap()
    [called] = venue.calls
    headers = called.headers
    assert headers["poly_signature"] == signature(headers["poly_timestamp"], "POST", "/order", called.body)
    assert (headers["poly_address"], headers["poly_api_key"]) == (ADDRESSES[0], OWNER)
    assert headers["poly_passphrase"] == PASSPHRASE
    assert headers["content-type"] == "application/json"


def test_queries_are_not_signed(venue: Venue) -> None:
    """The signature is over the path alone."""
    client_of(venue).get_open_orders(asset_id="7")
    [called] = venue.calls
    assert called.query == {"asset_id": ["7"]}
    headers = called.headers
    assert headers["poly_signature"] == signature(headers["poly_timestamp"], "GET", "/data/orders")


def test_deletions_with_a_body(venue: Venue) -> None:
    """A cancel signs its body too."""
    venue.broken["order"] = ok({"canceled": [], "not_canceled": {}})
    client_of(venue).cancel(signed())
    [called] = venue.calls
    stamp = called.headers["poly_timestamp"]
    assert called.headers["poly_signature"] == signature(stamp, "DELETE", "/order", called.body)
    assert set(json.loads(called.body)) == {"orderID"}


def test_open_requests_carry_nothing(venue: Venue) -> None:
    """What is open to everybody is asked without credentials, and does not derive any."""
    client = client_of(venue, creds=None)
    assert client.send(health.get_version()).version == 2
    assert not any(name.startswith("poly") for name in venue.calls[0].headers)


# -- level 1 --


def test_wallets_sign_for_themselves(venue: Venue) -> None:
    """The wallet's signature recovers to its address, and carries the nonce once."""
    venue.broken[DERIVE] = ok({"apiKey": OWNER, "secret": SECRET, "passphrase": PASSPHRASE})
    client_of(venue).derive_api_key(9)
    [called] = venue.calls
    headers = called.headers
    assert headers["poly_nonce"] == "9"
    digest = l1_digest(ADDRESSES[0], 137, int(headers["poly_timestamp"]), 9)
    assert EthAccount._recover_hash(digest, signature=headers["poly_signature"]) == headers["poly_address"]
    assert headers["poly_address"] == ADDRESSES[0]


def test_first_alternative_that_can_be_met(venue: Venue) -> None:
    """Where two levels will do, the first one this client can meet is used."""
    client = client_of(venue, key=None, address=ADDRESSES[0])
    client.get_api_keys()
    assert "poly_passphrase" in venue.calls[-1].headers
    assert auth.GET_API_KEYS.security == ((("l2", ()),), (("l1", ()),))
    builder = client_of(venue, key=None, creds=None, builder=BUILDER)
    venue.broken["auth/builder-api-key"] = ok("OK")
    builder.revoke_builder_api_key()
    headers = venue.calls[-1].headers
    assert (headers["poly_builder_api_key"], "poly_address" in headers) == ("builder-key", False)
    stamp = headers["poly_builder_timestamp"]
    assert headers["poly_builder_signature"] == signature(stamp, "DELETE", "/auth/builder-api-key")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (auth.derive_api_key(), "a wallet key"),
        (orders.cancel_all(), "a wallet key, or API credentials with the address of their wallet"),
        (auth.revoke_builder_api_key(), "builder credentials"),
    ],
)
def test_what_cannot_be_met_is_said(venue: Venue, call: Call[Any], words: str) -> None:
    """Without what a request needs, it is not sent, and the error says what to give."""
    with pytest.raises(ConfigError, match=words) as caught:
        client_of(venue, key=None, creds=None).send(call)
    assert not caught.value.maybe_executed
    assert venue.calls == []


def test_authority_without_anybody_to_ask() -> None:
    """An authority that cannot obtain credentials says so."""
    client = ClobClient(HOST, key=KEYS[0])
    authority = client.session.authority
    assert isinstance(authority, ClobAuthority)
    authority.obtain = None
    with pytest.raises(ConfigError, match="wallet key to derive"):
        ClobWorld().run(authority.creds(9e9))


# -- time --


class Strict:
    """A venue that refuses what is not of its own time, within a minute."""

    def __init__(self, offset: float) -> None:
        self.venue = Venue()
        self.offset = offset
        self.venue.broken[LIST] = self.answer
        self.venue.broken[DERIVE] = self.answer

    @property
    def now(self) -> float:
        """The venue's time."""
        return self.venue.world.wall - self.offset

    def answer(self, request: Request) -> Reply:
        """Refuse what is signed for another time, and tell the right one."""
        headers = {name.lower(): value for name, value in request.headers}
        date = {"date": formatdate(self.now, usegmt=True)}
        if abs(int(headers["poly_timestamp"]) - self.now) > 60:
            return no(401, "Unauthorized/Invalid api key", date)
        body = json.dumps({"apiKeys": [], "apiKey": OWNER, "secret": SECRET, "passphrase": PASSPHRASE})
        return Reply(status=200, headers=date, body=body.encode(), elapsed=0.05)


def loose(venue: Venue) -> ClobClient:
    """Return a client that corrects any clock."""
    return client_of(venue, settings=evolve(SETTINGS, clock_bound=86_400.0))


@pytest.mark.parametrize("offset", [-3600.0, -90.0, 0.0, 90.0, 3600.0, 80_000.0])
@pytest.mark.parametrize("level", ["l1", "l2"])
def test_clock_of_this_machine(offset: float, level: str) -> None:
    """With a clock an hour off, the first refusal tells the time, and the second attempt is good."""
    strict = Strict(offset)
    world = strict.venue.world
    session = loose(strict.venue).session
    call: Call[Any] = auth.get_api_keys()
    if level == "l1":
        call = Call(
            operation=auth.DERIVE_API_KEY, path=auth.DERIVE_API_KEY.path, headers=(("POLY_NONCE", "0"),)
        )
    world.run(session.send(call, 10))
    assert len(strict.venue.calls) == (1 if abs(offset) <= 60 else 2)
    world.run(session.send(call, 10))
    stamp = int(strict.venue.calls[-1].headers["poly_timestamp"])
    assert abs(stamp - strict.now) <= 2 or abs(offset) < 2


@pytest.mark.parametrize("offset", [-3600.0, 3600.0])
def test_a_clock_beyond_its_bound_signs_nothing(offset: float) -> None:
    """An hour off one request is refused; then the venue is asked for its time, and nothing is signed.

    Once the clock is set, the venue's time says so, and trading goes on.
    """
    strict = Strict(offset)
    world, session = strict.venue.world, client_of(strict.venue).session
    strict.venue.broken["time"] = lambda _: ok(int(strict.now))
    for _ in range(5):
        with pytest.raises(AuthError, match=r"clock of this machine is 3(599|600|601) s .*300 s"):
            world.run(session.send(auth.get_api_keys(), 10))
    assert [call.path for call in strict.venue.calls] == [LIST, "time"]
    world.pass_time(10)
    world.wall -= offset
    strict.offset = 0.0
    world.run(session.send(auth.get_api_keys(), 10))
    assert [call.path for call in strict.venue.calls] == [LIST, "time", "time", LIST]


@pytest.mark.parametrize("jump", [-200.0, -30.0, 30.0, 200.0])
def test_a_clock_that_is_set_while_trading_fails_nothing(jump: float) -> None:
    """When the clock jumps the venue is asked for its time once, and no request is refused."""
    strict = Strict(0.0)
    world, session = strict.venue.world, client_of(strict.venue).session
    strict.venue.broken["time"] = lambda _: ok(int(strict.now))
    world.run(session.send(auth.get_api_keys(), 10))
    world.wall += jump
    strict.offset = jump
    for _ in range(5):
        world.pass_time(1)
        world.run(session.send(auth.get_api_keys(), 10))
    assert [call.path for call in strict.venue.calls] == [LIST, "time", *[LIST] * 5]


def test_a_venue_that_does_not_tell_its_time_is_no_hindrance() -> None:
    """When the time cannot be had after a jump, the request is signed as well as is known."""
    strict = Strict(0.0)
    world, session = strict.venue.world, client_of(strict.venue).session
    strict.venue.broken["time"] = no(503)
    world.run(session.send(auth.get_api_keys(), 10))
    world.wall -= 100
    strict.offset = -100.0
    world.run(session.send(auth.get_api_keys(), 10))
    assert [call.path for call in strict.venue.calls].count(LIST) == 2


def test_clock_that_is_days_off() -> None:
    """A clock that is further off than any clock is not taken over: the refusal is raised."""
    strict = Strict(200_000.0)
    with pytest.raises(Unauthorized):
        strict.venue.world.run(client_of(strict.venue).session.send(auth.get_api_keys(), 10))
    assert len(strict.venue.calls) == 2


def test_orders_after_the_clock_was_learned() -> None:
    """Orders carry the venue's time once it is known."""
    strict = Strict(3600.0)
    client = loose(strict.venue)
    strict.venue.world.run(client.session.send(auth.get_api_keys(), 10))
    offset = client.session.clock.seconds
    assert abs(offset + 3600) < 2
    order = client.create_order(
        token_id="7", price="0.5", size=5, side="BUY", tick_size="0.01", neg_risk=False
    )
    assert abs(order.timestamp_ms / 1000 - client._now()) < 5


def test_every_attempt_is_signed_anew(venue: Venue) -> None:
    """An attempt that has to wait does not leave with an old signature."""
    answers: list[Any] = [no(500), no(502), ok({"apiKeys": []})]
    venue.broken[LIST] = lambda _: answers.pop(0)
    venue.world.latency = 2.0
    venue.world.run(client_of(venue).session.send(auth.get_api_keys(), 30))
    stamps = [int(each.headers["poly_timestamp"]) for each in venue.calls]
    assert len(stamps) == 3
    assert stamps[2] > stamps[1] > stamps[0]
    assert len({each.headers["poly_signature"] for each in venue.calls}) == 3


# -- pace --


def test_pacers_are_shared_by_machine_and_wallet() -> None:
    """Clients of one venue share the limits that count machines; those per signer only if they are kept."""
    plain, kept = ClobSettings(), ClobSettings(keep_unenforced=True)
    assert _pacer(HOST, ADDRESSES[0], plain) is _pacer(HOST, ADDRESSES[1], plain)
    ours = _pacer(HOST, ADDRESSES[0], kept)
    assert ours is _pacer(HOST, ADDRESSES[0], kept)
    assert ours is not _pacer(HOST, ADDRESSES[1], kept)
    assert ours is not _pacer("https://other.example", ADDRESSES[0], kept)
    off = ClobSettings(pacing=False)
    assert _pacer(HOST, None, off) is not _pacer(HOST, None, off)
    assert not _pacer(HOST, None, off).enabled


def test_limits_per_signer_are_kept_when_asked(venue: Venue) -> None:
    """With `keep_unenforced` orders keep to their tier, and what cannot leave in time is said."""
    settings = ClobSettings(keep_unenforced=True, tier="standard")
    client = client_of(venue, settings=settings, host="https://pace.test")
    sent = [posting() for _ in range(60)]
    for each in sent:
        venue.world.run(client._placing(venue.replaced.append).place(each, 5))
    start = venue.world.monotonic
    venue.world.latency = 0.0
    with pytest.raises(RateLimited, match="held back"):
        place_many(venue, client, 200)
    assert venue.world.monotonic - start < 5


def place_many(venue: Venue, client: ClobClient, count: int) -> None:
    """Place orders that have no time to wait."""
    for _ in range(count):
        venue.world.run(client._placing(venue.replaced.append).place(posting(), 0.01))


# -- signers --


class Vault:
    """A key elsewhere."""

    address = ADDRESSES[0]

    def __init__(self, key: str = KEYS[0]) -> None:
        self._account = EthAccount.from_key(key)
        self.threads: list[str] = []

    def sign_hash(self, digest: bytes) -> Any:
        """Sign a digest."""
        self.threads.append(threading.current_thread().name)
        return self._account.unsafe_sign_hash(digest)


def test_wallets_elsewhere(venue: Venue) -> None:
    """Keys are obtained with a vault as with a key at hand; under asyncio it does not hold up the loop."""
    venue.broken[DERIVE] = ok({"apiKey": OWNER, "secret": SECRET, "passphrase": PASSPHRASE})
    vault = Vault()
    assert client_of(venue, key=vault, creds=None).get_api_keys() == []
    assert vault.threads == ["MainThread"]

    async def run() -> None:
        assert await async_client_of(venue, key=vault, creds=None).get_api_keys() == []

    asyncio.run(run())
    assert vault.threads[1] != "MainThread"


def test_vault_with_another_key(venue: Venue) -> None:
    """A signature by another key than that of the address is found out here, not at the venue."""
    with pytest.raises(ConfigError, match="signature of"):
        client_of(venue, key=Vault(KEYS[1]), creds=None).get_api_keys()
    assert venue.calls == []


def test_digests() -> None:
    """A key at hand signs at once; a vault through the driver; both the same."""
    world, digest = ClobWorld(), b"\x07" * 32
    vault = as_signer(Vault())
    assert world.run(sign_hash(SIGNER, digest)) == world.run(sign_hash(vault, digest))


def test_operations_without_a_scheme() -> None:
    """An operation whose spec says nothing about access is open."""
    odd = msgspec.structs.replace(health.GET_VERSION, id="Odd", path="/odd", security=())
    world = ClobWorld()
    authority = ClobClient(HOST).session.authority
    call: Call[Any] = Call(operation=odd, path="/odd")
    assert dict(world.run(authority.authorise(call, b"", 9e9))) == {}
    assert markets.get_clob_market("x").operation.security == ()
    assert CREDS.api_key == OWNER
