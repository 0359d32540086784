"""Calls of several clients under limits they share: what is asked for, and what comes of refusals."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest
from polyspec_wire import RateLimit as Limit
from polyspec_wire import clob, polysimulator, us_exchange

from polyspec.core.effects import Sleep
from polyspec.core.pacing import Pacer
from polyspec.core.secret import Secret
from polyspec.core.sending import Session
from polyspec.core.sharing import SharedPacer
from polyspec.core.tally import Place, Refusal, Tally, Ticket
from polyspec.errors import ConfigError, RateLimited
from polyspec.limits import Shared
from tests.unit.calls import a_call, a_reply, a_session, an_operation, failing, script
from tests.unit.flows import Running, World

FIVE = Limit(bucket="Five", rate=5, per=10.0, window=True, scope="key")
REFUSED = a_reply(429, b'{"message":"slow down"}', retry_after="2")


class Common:
    """Limits in memory, by the clock of a world, that several pacers share."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.states: dict[str, list[float]] = {}
        self.tally = Tally(self.states)
        self.asked = 0

    def reserve(self, ticket: Ticket, patience: float) -> Place:
        """Book places."""
        self.asked += 1
        return self.tally.reserve(ticket, self.world.monotonic * 1e6, patience)

    def stands(self, place: Place) -> bool:
        """Tell whether a place is good."""
        self.asked += 1
        return self.tally.stands(place, self.world.monotonic * 1e6)

    def refuse(self, refusal: Refusal) -> None:
        """Close a gate."""
        self.tally.refuse(refusal, self.world.monotonic * 1e6)

    def pacer(self, **terms: Any) -> SharedPacer:
        """Return what a client has of it."""
        return SharedPacer(self, **{"venue": "v", "user": "alice", "egress": "all"} | terms)

    def session(self, **terms: Any) -> Session:
        """Return a client's session."""
        return a_session(pacer=self.pacer(**terms))


def test_clients_count_together() -> None:
    """Two clients of one user get what one would, and the wait for a place is slept."""
    world = script(a_reply())
    common = Common(world)
    sessions = [common.session(), common.session()]
    for number in range(6):
        world.run(sessions[number % 2].send(a_call(limit=FIVE)))
    assert len(world.requests) == 6
    assert sum(world.sleeps) == pytest.approx(10.025, abs=0.3)


def test_users_and_addresses_are_counted_apart() -> None:
    """A limit per key is each user's own; one per address is shared by the users behind it alone."""
    by_address = msgspec.structs.replace(FIVE, scope="ip")
    for limit, terms, free in (
        (FIVE, {"user": "bob"}, True),
        (FIVE, {"egress": "nat-2"}, False),
        (by_address, {"user": "bob"}, False),
        (by_address, {"egress": "nat-2"}, True),
        (FIVE, {"venue": "w"}, True),
        (FIVE, {"venue": "V/"}, False),
    ):
        world = script(a_reply())
        common = Common(world)
        for _ in range(5):
            world.run(common.session().send(a_call(limit=limit)))
        world.run(common.session(**terms).send(a_call(limit=limit)))
        assert (world.sleeps == []) is free


def test_names_of_users_are_not_shown() -> None:
    """What the place is told tells nobody who trades, nor with which key."""
    world = script(a_reply())
    common = Common(world)
    session = common.session(user="a-key-nobody-should-see", egress="10.9.8.7", venue="https://venue.example")
    world.run(session.send(a_call(limit=FIVE)))
    assert common.states
    shown = " ".join(common.states)
    assert all(word not in shown for word in ("nobody", "10.9", "venue.example"))


def test_a_429_of_one_holds_all_back() -> None:
    """After one client met a 429, the other waits as long as was said, also if it sleeps until its place."""
    world = script(a_reply())
    common = Common(world)
    first, second = common.session(), common.session()
    for _ in range(5):
        world.run(first.send(a_call(limit=FIVE)))
    asleep = Running(world, second.send(a_call(limit=FIVE))).until(Sleep)
    world.handler = lambda _: REFUSED
    error = failing(world, a_call("never", limit=Limit(bucket="Other", rate=50)), first, timeout=1.0)
    assert isinstance(error, RateLimited)
    world.handler = lambda _: a_reply()
    # the other limit is closed for everybody, at once
    before = world.monotonic
    world.run(second.send(a_call(limit=Limit(bucket="Other", rate=50))))
    assert world.monotonic - before >= 1.9
    # and a place in a limit that was refused is gone for whoever sleeps until it comes
    common.refuse(Refusal(common.pacer()._gate(a_call(limit=FIVE).operation), 40.0, None))
    sent = len(world.requests)
    with pytest.raises(RateLimited):
        asleep.finish()
    assert len(world.requests) == sent


def test_an_edge_closes_everything_but_cancels() -> None:
    """A 429 of a proxy holds back every client behind the address, and lets cancels pass."""
    world = script(a_reply(429, b"<html>", retry_after="3"))
    common = Common(world)
    failing(world, a_call("never", limit=FIVE), common.session(), timeout=1.0)
    world.handler = lambda _: a_reply()
    bob = common.session(user="bob")
    before = world.monotonic
    world.run(bob.send(a_call(name="things.undo", lane="cancel", limit=Limit(bucket="Cancels", rate=5))))
    assert world.monotonic - before < 0.1
    world.run(bob.send(a_call(limit=FIVE)))
    assert world.monotonic - before >= 2.8


def test_a_place_beyond_the_deadline_is_not_waited_for() -> None:
    """When no place comes in time that is raised at once, before anything was sent."""
    world = script(a_reply())
    common = Common(world)
    for _ in range(5):
        world.run(common.session().send(a_call(limit=FIVE)))
    error = failing(world, a_call(limit=FIVE), common.session(), timeout=3.0)
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(10, abs=0.5)
    assert not error.maybe_executed
    assert (len(world.requests), world.sleeps) == (5, [])


def test_what_the_venue_says_about_its_limits_counts() -> None:
    """Rates from headers replace those of the lowest tier, from the next request on."""
    world = script(a_reply())
    common = Common(world)
    pacer = common.pacer()
    session = a_session(pacer=pacer)
    world.run(session.send(a_call(limit=FIVE)))
    pacer.learn({"Five": 50})
    for _ in range(40):
        world.run(session.send(a_call(limit=FIVE)))
    assert world.sleeps == []


def test_batches_tiers_and_limits_that_are_not_enforced() -> None:
    """Items count as such, tiers as they are, and what the venue does not enforce only if it is asked for."""
    items = Limit(
        bucket="Items", rate={"low": 10.0, "high": 30.0}, cost="items", enforced=False, scope="signer"
    )
    call = msgspec.structs.replace(a_call(limit=items), items=15)
    world = script(a_reply())
    common = Common(world)
    world.run(common.session().send(call))
    with pytest.raises(ConfigError, match="split the batch"):
        world.run(common.session(keep_unenforced=True).send(call))
    with pytest.raises(ConfigError, match="no tier 'odd'"):
        world.run(common.session(keep_unenforced=True, tier="odd").send(call))
    for _ in range(3):
        world.run(common.session(keep_unenforced=True, tier="high").send(call))
    assert sum(world.sleeps) == pytest.approx(0.5, abs=0.2)


def test_cancels_find_room_where_others_used_theirs_up() -> None:
    """A tenth of a limit that cancels share is left for them, and they never wait for it."""
    keys = Limit(bucket="Keys", rate=20, window=True, scope="key")
    world = script(a_reply())
    common = Common(world)
    pacer = common.pacer(for_cancels=frozenset({"Keys"}))
    order = an_operation("never", limit=keys)
    cancel = an_operation(name="things.undo", lane="cancel", limit=msgspec.structs.replace(keys, ahead=True))
    left = [world.run(pacer.reserve(order, 0.0)).wait <= 0 for _ in range(30)]
    assert sum(left) == 18
    assert [world.run(pacer.reserve(cancel, 0.0)).wait for _ in range(3)] == [0.0] * 3


def test_only_polysimulators_limits_are_shared_with_cancels() -> None:
    """The limits that cancels share with other requests are those that a part of is kept of."""
    from polyspec.polysimulator.session import _WITH_CANCELS

    for venue, kept in ((polysimulator, _WITH_CANCELS), (clob, frozenset()), (us_exchange, frozenset())):
        lanes: dict[str, set[bool]] = {}
        for operation in venue.OPERATIONS.values():
            for limit in operation.rate_limits:
                lanes.setdefault(limit.bucket, set()).add(operation.lane == "cancel")
        assert {bucket for bucket, kinds in lanes.items() if len(kinds) == 2} == kept


def test_memory_asks_nobody() -> None:
    """Pacing in memory is a plain call: no work is put off to threads for it."""
    world = script(a_reply())
    running = Running(world, a_session(pacer=Pacer()).send(a_call(limit=FIVE)))
    kinds = set()
    while running.effect is not None:
        kinds.add(type(running.effect).__name__)
        running.step()
    assert kinds == {"Now", "Send"}


def test_every_venue_counts_in_the_place_it_is_given(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Settings and POLYSPEC_LIMITER make the clients of each venue share their limits through a file."""
    from polyspec.clob.config import ClobSettings, ClobSurroundings
    from polyspec.clob.session import _pacer as clob_pacer
    from polyspec.polysimulator.config import PolySimulatorSettings, PolySimulatorSurroundings
    from polyspec.polysimulator.credentials import Credentials
    from polyspec.polysimulator.session import pacer_for
    from polyspec.us.config import ENVIRONMENTS, Settings, Surroundings
    from polyspec.us.session import _pacer as us_pacer

    caplog.set_level(logging.DEBUG)
    url = f"sqlite:///{tmp_path}/limits"
    told = {
        "POLYSPEC_LIMITER": url, "POLYSPEC_US_ENVIRONMENT": "prod", "POLYSPEC_US_CLIENT_ID": "c",
        "POLYSPEC_US_PRIVATE_KEY_PATH": "/nowhere",
    }  # fmt: skip
    shared = Shared(url)
    assert Surroundings.read(told).settings == Settings(pacing=shared)
    assert ClobSurroundings.read(told).settings == ClobSettings(pacing=shared)
    assert PolySimulatorSurroundings.read(told).settings == PolySimulatorSettings(pacing=shared)
    key = Credentials(Secret("ps_live_0123456789abcdef0123456789abcdef"), None)
    pairs = [
        [us_pacer(ENVIRONMENTS["prod"], "c", Settings(pacing=pacing)) for pacing in (shared, True, False)],
        [
            clob_pacer("https://c.test", "0xA", ClobSettings(pacing=pacing))
            for pacing in (shared, True, False)
        ],
        [
            pacer_for("https://p.test", key, PolySimulatorSettings(pacing=each))
            for each in (shared, True, False)
        ],
    ]
    operations = ("InstrumentsAPI_ListInstruments", "Orders_PostOrder", "Orders_PlaceOrder")
    for (together, alone, off), venue, name in zip(
        pairs, (us_exchange, clob, polysimulator), operations, strict=True
    ):
        assert isinstance(together, SharedPacer)
        assert isinstance(alone, Pacer)
        assert isinstance(off, Pacer)
        assert not off.enabled
        operation = next(
            each for each in venue.OPERATIONS.values() if each.id.endswith(name.partition("_")[2])
        )
        world = World()
        assert world.run(together.reserve(operation, 0.0)).wait == 0
        assert not world.run(together.reserve(operation, 0.0)).local
    assert not caplog.records
