"""API credentials: derived once whoever asks, created only where there are none, and given time to work."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

import pytest

from polyspec.clob.config import ClobSettings
from polyspec.clob.credentials import ApiCreds
from polyspec.clob.keyring import Keyring, create, create_or_derive, derive
from polyspec.clob.session import open_session
from polyspec.core.effects import Flow, Reply, Request, Send, Sleep
from polyspec.core.sending import Session
from polyspec.errors import (
    AuthError,
    BadRequest,
    ConfigError,
    DecodeError,
    PolyspecError,
    ServerError,
    TimedOut,
    TransportError,
    Unauthorized,
)
from tests.unit.clob.checks import ADDRESSES, OWNER
from tests.unit.clob.clob_rig import (
    BROKEN_PIPE,
    CREDS,
    HOST,
    PASSPHRASE,
    SECRET,
    SETTINGS,
    SIGNER,
    Venue,
    async_client_of,
    client_of,
    no,
    ok,
    page,
    posting,
)
from tests.unit.flows import Running, in_task, in_thread, together

DERIVE, CREATE, LIST = "auth/derive-api-key", "auth/api-key", "auth/api-keys"
NONE = no(400, "Could not derive api key!")
TAKEN = no(400, "Could not create api key")
KEYS = ok({"apiKeys": [OWNER]})


Obtain: TypeAlias = Callable[[float], Flow[ApiCreds]]


def issued(key: str = OWNER) -> Reply:
    """Answer with credentials."""
    return ok({"apiKey": key, "secret": SECRET, "passphrase": PASSPHRASE})


class Door:
    """Where credentials come from: they exist or not, and work after a while."""

    def __init__(self, *, exists: bool = False, delay: float = 0.0) -> None:
        self.venue = Venue()
        self.exists = exists
        self.works_at = self.venue.world.monotonic if exists else None
        self.delay = delay
        self.nonces: list[str] = []
        self.venue.broken |= {DERIVE: self.derive, CREATE: self.create, LIST: self.list}
        self.keyring = Keyring(None)
        self.session = self.open(self.keyring)

    def open(self, keyring: Keyring, **settings: Any) -> Session:
        """Open a session of the wallet."""
        return open_session(
            HOST,
            ClobSettings(**({"pacing": False} | settings)),
            lambda: 0.5,
            signer=SIGNER,
            address=ADDRESSES[0],
            chain_id=137,
            keyring=keyring,
            builder=None,
        )

    def derive(self, request: Request) -> Reply:
        """Give what exists."""
        self.nonces.append(dict(request.headers)["POLY_NONCE"])
        return issued() if self.exists else NONE

    def create(self, request: Request) -> Reply:
        """Make what does not exist."""
        self.nonces.append(dict(request.headers)["POLY_NONCE"])
        if self.exists:
            return TAKEN
        self.exists = True
        self.works_at = self.venue.world.monotonic + self.delay
        return issued()

    def list(self, request: Request) -> Reply:
        """Take credentials once they work."""
        assert dict(request.headers)["POLY_API_KEY"] == OWNER
        assert self.works_at is not None
        if self.venue.world.monotonic < self.works_at:
            return no(401, "Unauthorized/Invalid api key")
        return KEYS

    def trial(self, creds: ApiCreds) -> Session:
        """Open a session with given credentials."""
        return self.open(Keyring(creds))

    @property
    def paths(self) -> list[str]:
        """What was asked."""
        return [each.path for each in self.venue.calls]

    def either(self, nonce: int = 0, timeout: float | None = None, activation: float = 30.0) -> ApiCreds:
        """Derive or create."""
        flow = create_or_derive(self.session, nonce, timeout, self.trial, activation)
        return self.venue.world.run(flow)


# -- create or derive --


def test_what_exists_is_derived() -> None:
    """Deriving comes first, and creates nothing."""
    door = Door(exists=True)
    found = door.either(7)
    assert found == ApiCreds(OWNER, SECRET, PASSPHRASE, nonce=7)
    assert (door.paths, door.nonces) == ([DERIVE], ["7"])


def test_what_does_not_exist_is_created() -> None:
    """If the venue says that there are none, they are created under the same nonce, and tried."""
    door = Door()
    assert door.either(7).api_key == OWNER
    assert (door.paths, door.nonces) == ([DERIVE, CREATE, LIST], ["7", "7"])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (no(401, "Invalid L1 Request headers"), Unauthorized),
        (no(500, "Could not derive api key!"), ServerError),
        (page(400), BadRequest),
        (page(503), ServerError),
        (BROKEN_PIPE, TransportError),
        (page(200), DecodeError),
        (ok({"apiKey": OWNER, "secret": "no base64!", "passphrase": "x"}), DecodeError),
        (no(403, "blocked"), PolyspecError),
        (no(429, "Too Many Requests"), PolyspecError),
    ],
)
def test_nothing_is_created_for_any_other_reason(answer: Any, kind: type[PolyspecError]) -> None:
    """Neither a page on the way nor a failing venue is taken for the word that there are none."""
    door = Door()
    door.venue.broken[DERIVE] = answer
    with pytest.raises(kind) as caught:
        door.either()
    assert set(door.paths) == {DERIVE}
    assert SECRET not in str(caught.value)


def test_somebody_else_was_quicker() -> None:
    """Where creating is refused because they exist by now, they are derived."""
    door = Door()

    def taken(_: Request) -> Reply:
        door.exists, door.works_at = True, 0.0
        return TAKEN

    door.venue.broken[CREATE] = taken
    assert door.either().api_key == OWNER
    assert door.paths == [DERIVE, CREATE, DERIVE, LIST]


@pytest.mark.parametrize("answer", [BROKEN_PIPE, no(500), page(502), page(200, b"{")])
def test_lost_answer_of_creating(answer: Any) -> None:
    """What was created although its answer was lost is derived, and given its time to work."""
    door = Door(delay=2.0)

    def made(request: Request) -> Any:
        door.create(request)
        return answer

    door.venue.broken[CREATE] = made
    assert door.either().api_key == OWNER
    assert door.paths[:3] == [DERIVE, CREATE, DERIVE]
    assert door.works_at is not None
    assert door.venue.world.monotonic >= door.works_at


def test_creating_failed_for_good() -> None:
    """If there is nothing to derive after all, the refusal of the creation is what is raised."""
    door = Door()
    door.venue.broken[CREATE] = no(400, "Could not create api key: limit")
    with pytest.raises(BadRequest, match="limit"):
        door.either()
    door.venue.broken[CREATE] = no(401, "Invalid L1 headers")
    with pytest.raises(Unauthorized):
        door.either()


# -- activation --


def test_fresh_credentials_are_waited_for() -> None:
    """Credentials the venue refuses at first are tried until it takes them."""
    door = Door(delay=9.0)
    start = door.venue.world.monotonic
    door.either()
    assert 9.0 <= door.venue.world.monotonic - start < 14


def test_the_wait_is_bounded() -> None:
    """Credentials that do not work in time raise an error that says they exist, and what to do."""
    door = Door(delay=1e9)
    start = door.venue.world.monotonic
    with pytest.raises(AuthError, match=r"derive_api_key\(3\)"):
        door.either(3, activation=10.0)
    assert door.venue.world.monotonic - start < 11


@pytest.mark.parametrize("timeout", [0.5, 3.0, 8.0, 20.0])
def test_a_timeout_bounds_all_of_it(timeout: float) -> None:
    """Derivation, creation and the wait for activation together take what they may, and a look."""
    for broken in ({}, {DERIVE: "lost"}, {CREATE: "lost"}, {LIST: "lost"}, {CREATE: BROKEN_PIPE}):
        door = Door(delay=1e9)
        for path, answer in broken.items():
            door.venue.broken[path] = door.venue.lost() if answer == "lost" else answer
        start = door.venue.world.monotonic
        with suppress(PolyspecError):
            door.either(timeout=timeout)
        assert door.venue.world.monotonic - start <= timeout + 1.3, broken


@pytest.mark.parametrize("answer", [no(500), BROKEN_PIPE, no(403, "x"), page(404)])
def test_other_trouble_does_not_lose_fresh_credentials(answer: Any) -> None:
    """What stands in the way of a try is no word against the credentials."""
    door = Door()
    door.venue.broken[LIST] = answer
    assert door.either(timeout=10).api_key == OWNER


def test_create_alone_and_derive_alone() -> None:
    """Both can be asked for by themselves; neither does the other's work."""
    door = Door()
    with pytest.raises(BadRequest, match="derive"):
        door.venue.world.run(derive(door.session, 0, None))
    made = door.venue.world.run(create(door.session, 0, None, door.trial, 5.0))
    assert made == door.venue.world.run(derive(door.session, 0, None))
    with pytest.raises(BadRequest, match="create"):
        door.venue.world.run(create(door.session, 0, None, door.trial, 5.0))


@pytest.mark.parametrize("nonce", [-1, 2**256, True, "1", 1.0, None])
def test_nonces_that_are_none(nonce: Any) -> None:
    """A nonce of 256 bits or nothing: refused before anything is sent."""
    door = Door()
    with pytest.raises(ConfigError, match="256 bits"):
        Keyring(None, nonce)
    for flow in (
        derive(door.session, nonce, None),
        create_or_derive(door.session, nonce, None, door.trial, 1.0),
    ):
        with pytest.raises(ConfigError, match="256 bits"):
            door.venue.world.run(flow)
    assert door.paths == []


def test_nonce_of_the_client() -> None:
    """The nonce a client is made with is that of the credentials it derives by itself."""
    door = Door(exists=True)
    client = client_of(door.venue, creds=None, nonce=5)
    assert client.get_api_keys() == [OWNER]
    assert door.nonces == ["5"]
    assert client.creds == ApiCreds(OWNER, SECRET, PASSPHRASE, nonce=5)
    with pytest.raises(ConfigError, match="256 bits"):
        client_of(door.venue, nonce=-1)


# -- one flight --


def _obtain(
    log: list[str], creds: ApiCreds = CREDS, seconds: float = 0.0
) -> Callable[[float], Flow[ApiCreds]]:
    def obtain(deadline: float) -> Flow[ApiCreds]:
        log.append("asked")
        yield Sleep(seconds)
        return creds

    return obtain


def _failing(log: list[str], error: Exception, seconds: float = 0.0) -> Obtain:
    def obtain(deadline: float) -> Flow[ApiCreds]:
        log.append("asked")
        yield Sleep(seconds)
        raise error

    return obtain


def far() -> float:
    """Return a deadline nobody meets."""
    return time.monotonic() + 20


def test_one_derivation_for_many_threads() -> None:
    """However many threads need credentials at once, they are obtained once."""
    ring = Keyring(None)
    log: list[str] = []
    obtain = _obtain(log, seconds=0.05)
    found = together([lambda: in_thread(ring.creds(obtain, far()))] * 16)
    assert found == [CREDS] * 16
    assert log == ["asked"]
    assert in_thread(ring.creds(obtain, far())) is CREDS
    assert log == ["asked"]


def test_one_failure_for_many_threads() -> None:
    """A failure is everybody's, each with an error of its own, and the next call tries again."""
    ring = Keyring(None)
    log: list[str] = []
    obtain = _failing(log, AuthError("no"), seconds=0.2)
    found: list[Any] = together([lambda: in_thread(ring.creds(obtain, far()))] * 8)
    assert {str(each) for each in found} == {"no"}
    assert len({id(each) for each in found}) == 8
    assert log == ["asked"]
    assert in_thread(ring.creds(_obtain(log), far())) is CREDS


def test_nobody_is_told_that_an_order_may_stand() -> None:
    """Whoever needs credentials has not sent anything: no error of obtaining them says otherwise."""
    ring = Keyring(None)
    obtain = _failing([], TimedOut("no answer"), seconds=0.1)
    found: list[Any] = together([lambda: in_thread(ring.creds(obtain, far()))])
    assert [each.maybe_executed for each in found] == [False]

    door = Door()
    flow = Running(door.venue.world, door.keyring.creds(_obtain([]), door.venue.world.monotonic + 9))
    flow.until(Sleep)
    with pytest.raises(TimedOut) as caught:
        door.venue.world.run(door.keyring.creds(_obtain([]), door.venue.world.monotonic + 2))
    assert not caught.value.maybe_executed
    assert flow.finish() is CREDS


def test_abandoned_leader() -> None:
    """When whoever does the work is cut off, one of those who wait takes over."""
    door = Door()
    log: list[str] = []
    world, ring = door.venue.world, door.keyring
    leader = Running(world, ring.creds(_obtain(log), world.monotonic + 9)).until(Sleep)
    waiter = Running(world, ring.creds(_obtain(log), world.monotonic + 9))
    waiter.step()
    leader.flow.close()
    assert waiter.finish() is CREDS
    assert log == ["asked", "asked"]


def test_leader_given_up_by_the_garbage_collector() -> None:
    """A leader nobody finishes is given up by the collector, at any moment, without a deadlock."""
    door = Door()
    log: list[str] = []
    world, ring = door.venue.world, door.keyring
    leader: Running | None = Running(world, ring.creds(_obtain(log), world.monotonic + 9)).until(Sleep)
    assert leader is not None
    with ring._lock:
        del leader
        gc.collect()
    assert world.run(ring.creds(_obtain(log), world.monotonic + 9)) is CREDS


def test_leader_that_is_never_heard_of_again() -> None:
    """A leader in an event loop that does not run any more is waited for as long as it had, and replaced."""
    door = Door()
    log: list[str] = []
    world, ring = door.venue.world, door.keyring
    lost = Running(world, ring.creds(_obtain(log), world.monotonic + 3)).until(Sleep)
    start = world.monotonic
    assert world.run(ring.creds(_obtain(log), world.monotonic + 60)) is CREDS
    assert 3 <= world.monotonic - start <= 9
    assert log == ["asked", "asked"]
    # should it come back, it changes nothing
    assert lost.finish() is CREDS


def test_leader_with_less_time() -> None:
    """That a leader was in a hurry says nothing about those who wait with more time."""
    door = Door()
    log: list[str] = []
    world, ring = door.venue.world, door.keyring
    leader = Running(world, ring.creds(_failing(log, TimedOut("in a hurry")), world.monotonic + 1))
    leader.until(Sleep)
    waiter = Running(world, ring.creds(_obtain(log), world.monotonic + 60))
    waiter.step()
    with pytest.raises(TimedOut):
        leader.finish()
    assert waiter.finish() is CREDS


def test_leader_that_breaks() -> None:
    """A vault that breaks is that caller's trouble; another takes over."""
    door = Door()
    log: list[str] = []
    world, ring = door.venue.world, door.keyring
    leader = Running(world, ring.creds(_failing(log, RuntimeError("vault")), world.monotonic + 9)).until(
        Sleep
    )
    waiter = Running(world, ring.creds(_obtain(log), world.monotonic + 9))
    waiter.step()
    with pytest.raises(RuntimeError):
        leader.finish()
    assert waiter.finish() is CREDS


def test_leader_and_waiters_in_different_event_loops() -> None:
    """Tasks of other loops and threads share one derivation."""
    ring = Keyring(None)
    log: list[str] = []
    obtain = _obtain(log, seconds=0.1)

    def loop() -> list[ApiCreds]:
        async def tasks() -> list[ApiCreds]:
            return list(await asyncio.gather(*(in_task(ring.creds(obtain, far())) for _ in range(5))))

        return asyncio.run(tasks())

    found = together([loop, loop, lambda: [in_thread(ring.creds(obtain, far()))]])
    assert [each for some in found for each in some] == [CREDS] * 11
    assert log == ["asked"]


def test_cancelled_leader_in_a_task() -> None:
    """A task that is cancelled while it derives leaves the work to another."""
    ring = Keyring(None)
    log: list[str] = []

    async def run() -> ApiCreds:
        leader = asyncio.create_task(in_task(ring.creds(_obtain(log, seconds=60.0), far())))
        await asyncio.sleep(0.02)
        waiter = asyncio.create_task(in_task(ring.creds(_obtain(log), far())))
        await asyncio.sleep(0.02)
        leader.cancel()
        return await waiter

    assert asyncio.run(run()) is CREDS
    assert log == ["asked", "asked"]


def test_credentials_set_meanwhile_stay() -> None:
    """Credentials the user sets while others are being derived are not taken away again."""
    door = Door()
    other = ApiCreds("other", SECRET, PASSPHRASE)
    flow = Running(door.venue.world, door.keyring.creds(_obtain([]), door.venue.world.monotonic + 9))
    flow.until(Sleep)
    door.keyring.held = other
    assert flow.finish() is other
    assert door.keyring.held is other


# -- a client --


def test_orders_wait_for_credentials_no_longer_than_they_may() -> None:
    """A first order whose credentials cannot be had ends in time, and nothing of it was sent."""
    door = Door()
    client = client_of(door.venue, creds=None)
    door.venue.broken[DERIVE] = door.venue.lost()
    with pytest.raises(TimedOut) as caught:
        client.post_order(posting().order, timeout=0.2)
    assert not caught.value.maybe_executed
    assert door.venue.posts == []


def test_orders_of_a_wallet_without_credentials() -> None:
    """The first order derives, the second does not, and both name the key they belong to."""
    door = Door(exists=True)
    client = client_of(door.venue, creds=None)
    for _ in range(2):
        client.post_order(posting().order).unwrap()
    assert door.paths == [DERIVE, "order", "order"]
    assert [json.loads(each)["owner"] for each in door.venue.posts] == [OWNER, OWNER]


def test_wrong_credentials() -> None:
    """Credentials the venue refuses are tried twice with fresh signatures, then that is raised."""
    venue = Venue()
    venue.broken[LIST] = no(401, "Unauthorized/Invalid api key")
    with pytest.raises(Unauthorized, match="Invalid api key"):
        client_of(venue).get_api_keys()
    assert len(venue.calls) == 2


def test_credentials_without_a_key() -> None:
    """Credentials with the address of their wallet are enough to read; without it, it is asked for."""
    venue = Venue()
    venue.broken["data/orders"] = ok({"data": [], "next_cursor": "LTE="})
    reader = client_of(venue, key=None, address=ADDRESSES[0])
    assert reader.get_open_orders() == []
    assert venue.calls[0].headers["poly_address"] == ADDRESSES[0]
    with pytest.raises(ConfigError, match="give key"):
        reader.create_order(token_id="1", price="0.5", size=5, side="BUY")
    with pytest.raises(ConfigError, match="wallet key"):
        reader.create_api_key()
    with pytest.raises(ConfigError, match="address of their wallet"):
        client_of(venue, key=None).get_open_orders()
    with pytest.raises(ConfigError, match="a wallet key"):
        client_of(venue, key=None, creds=None, address=ADDRESSES[0]).get_open_orders()
    assert len(venue.calls) == 1


def test_signed_elsewhere_and_posted_without_a_key() -> None:
    """An order that was signed elsewhere can be posted with credentials and an address alone."""
    venue = Venue()
    poster = client_of(venue, key=None, address=ADDRESSES[0])
    poster.post_order(posting().order).unwrap()
    venue.post = no(400, "order_version_mismatch")
    refused = poster.post_order(posting().order)
    assert "signing it anew failed" in refused.text  # type: ignore[union-attr]


def test_other_credentials_from_now_on() -> None:
    """`set_api_creds` changes what the next request is signed with."""
    venue = Venue()
    venue.broken[LIST] = KEYS
    client = client_of(venue)
    client.get_api_keys()
    client.set_api_creds(ApiCreds("another", SECRET, PASSPHRASE))
    client.get_api_keys()
    assert [each.headers["poly_api_key"] for each in venue.calls] == [OWNER, "another"]
    with pytest.raises(ConfigError):
        client.set_api_creds({"apiKey": "x"})  # type: ignore[arg-type]


def test_deleted_credentials_are_obtained_anew() -> None:
    """After a deletion the next request that needs credentials gets others, unless they were replaced."""
    door = Door(exists=True)
    client = client_of(door.venue, creds=None)
    client.get_api_keys()
    door.venue.broken[CREATE] = ok("OK")
    client.delete_api_key()
    assert client.creds is None
    client.get_api_keys()
    assert door.paths == [DERIVE, LIST, CREATE, DERIVE, LIST]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_client_methods(colour: str) -> None:
    """Creating and deriving by hand give the credentials, and the client keeps the first it gets."""
    door = Door()
    if colour == "sync":
        client = client_of(door.venue, creds=None)
        made = client.create_api_key(2)
        assert client.derive_api_key(2) == client.create_or_derive_api_key(2) == made
        assert client.creds == made
        return

    async def run() -> None:
        other = async_client_of(door.venue, creds=None)
        made = await other.create_api_key(2)
        assert await other.derive_api_key(2) == await other.create_or_derive_api_key(2) == made
        assert other.creds == made

    asyncio.run(run())


def test_first_requests_of_many_threads() -> None:
    """A client that is used by many threads at once derives once."""
    door = Door(exists=True)
    client = client_of(door.venue, creds=None)
    lock = threading.Lock()
    send = client._http.send

    def one_by_one(request: Request) -> Reply:
        with lock:
            return send(request)

    client._http.send = one_by_one  # type: ignore[method-assign]
    together([client.get_api_keys] * 12)
    assert door.paths.count(DERIVE) == 1


def test_flow_of_a_derivation_can_be_stopped_anywhere() -> None:
    """Closed at any of its requests, a derivation leaves the keyring free for the next."""
    for count in range(1, 4):
        door = Door()
        flow = Running(door.venue.world, door.session.authority.creds(door.venue.world.monotonic + 9))  # type: ignore[attr-defined]
        for _ in range(count - 1):
            flow.until(Send).step()
        flow.until(Send).flow.close()
        found = door.venue.world.run(door.session.authority.creds(door.venue.world.monotonic + 9))  # type: ignore[attr-defined]
        assert found.api_key == OWNER
    assert SETTINGS.activation == 30.0
