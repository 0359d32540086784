"""Hours in a moment: fresh keys that take their time, clocks that are wrong, waits that servers ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from polyspec.clob.fate import Accepted
from polyspec.errors import AuthError, CircuitOpen, RateLimited
from polyspec.managed import AsyncManagedClobClient, CreatePolicy, ManagedSettings, State
from polyspec.vault import Vault
from tests.client.clob.rig import UNPACED, Person, Token, Venue, open_venue
from tests.client.doing_async import inside
from tests.faults.virtual import VirtualTime, virtual_time
from tests.managed.rig import CREATE, ORDER, PROBE, TERMS, enrol, revoke, vault_in

Story = Callable[[Any], Coroutine[Any, Any, None]]


@frozen
class Scene:
    """A venue in virtual time, and somebody with money."""

    time: VirtualTime
    venue: Venue
    alice: Person
    token: Token
    vault: Vault
    folder: Path

    def play(self, story: Story, **managing: Any) -> None:
        """Run a story with alice's client."""

        async def told() -> None:
            clob = self.venue.clob
            async with AsyncManagedClobClient(
                self.vault,
                clob.rest,
                clob.chain_id,
                folder=self.folder,
                settings=UNPACED,
                managing=ManagedSettings(**managing),
                http=inside(clob.asgi),
            ) as manager:
                await story(await manager.for_user("alice"))
                manager.audit.verify()

        self.time.run(told())


@contextmanager
def _scene(folder: Path, off: float = 0.0, **options: Any) -> Iterator[Scene]:
    with virtual_time() as clock, open_venue(port=False, one_key=True, **options) as venue:
        clock.rules(venue.world.clock)
        clock.off = off
        alice, vault = venue.person(), vault_in()
        enrol(vault, alice)
        yield Scene(clock, venue, alice, venue.market(), vault, folder / "managed")


def test_a_key_that_takes_ninety_seconds(tmp_path: Path) -> None:
    """A fresh key is refused for 90 seconds: who can wait is answered then, and nothing is created again."""

    async def story(user: Any) -> None:
        with pytest.raises(AuthError, match="they are fresh"):
            await user.get_open_orders(timeout=20)
        begun = scene.time.passed
        assert begun <= 20
        assert await user.get_open_orders(timeout=100) == []
        assert 90 <= scene.time.passed <= 100
        assert user.standing.state is State.ACTIVE

    with _scene(tmp_path, key_delay=90.0) as scene:
        scene.play(story)
        assert scene.venue.seen[CREATE] == 1
        assert scene.venue.seen[PROBE] <= 25


@pytest.mark.parametrize("managers", [1, 2])
def test_twenty_orders_meet_a_revocation(tmp_path: Path, managers: int) -> None:
    """With the ladder's own pauses: a new key, and each order once, after some five seconds.

    So it is with two managers that share nothing but the vault.
    """

    async def story(user: Any) -> None:
        clob = scene.venue.clob
        options: dict[str, Any] = {
            "folder": tmp_path / "other",
            "settings": UNPACED,
            "http": inside(clob.asgi),
        }
        async with AsyncManagedClobClient(scene.vault, clob.rest, clob.chain_id, **options) as other:
            users = [user, await other.for_user("alice")][:managers]
            for each in users:
                await each.get_open_orders()
            terms = scene.token.known | TERMS
            orders = [await user.create_order(**terms | {"size": 10 + n}) for n in range(20)]
            revoke(scene.venue, scene.alice)
            begun = scene.time.passed
            placed = await asyncio.gather(
                *(users[n % managers].post_order(order) for n, order in enumerate(orders))
            )
            took.append(scene.time.passed - begun)
            assert all(isinstance(each, Accepted) for each in placed)
            held = [each.id for each in scene.venue.orders(scene.alice)]
            assert sorted(held) == sorted(each.order_id for each in orders)
            assert {each.standing.version for each in users} == {2}

    took: list[float] = []
    with _scene(tmp_path) as scene:
        scene.play(story)
        assert scene.venue.seen[CREATE] == 2
        assert 3.7 <= took[0] < 6, took


def test_impatience_is_seen(tmp_path: Path) -> None:
    """Without patience for fresh keys others are made, where that is allowed (a control that must fail)."""

    async def story(user: Any) -> None:
        with pytest.raises(AuthError):
            await user.get_open_orders(timeout=30)
        with pytest.raises(AuthError):
            await user.get_open_orders(timeout=30)

    with _scene(tmp_path, key_delay=90.0) as scene:
        scene.play(story, settling=0.0, create=CreatePolicy.WHEN_REFUSED)
        assert scene.venue.seen[CREATE] > 1


@pytest.mark.parametrize("off", [10.0, -10.0, 120.0, -120.0])
def test_clocks_that_are_off_are_corrected(tmp_path: Path, off: float) -> None:
    """A clock that is wrong by seconds or minutes costs one refused request at most, and no credentials."""

    async def story(user: Any) -> None:
        order = await user.create_order(**scene.token.known, **TERMS)
        assert isinstance(await user.post_order(order), Accepted)
        assert user.standing.state is State.ACTIVE

    with _scene(tmp_path, off=off) as scene:
        scene.play(story)
        assert scene.venue.seen[CREATE] <= 2
        assert scene.venue.seen[ORDER] == 1
        assert len(scene.venue.orders(scene.alice)) == 1


@pytest.mark.parametrize("step", [100.0, -100.0])
def test_a_clock_that_steps_is_followed(tmp_path: Path, step: float) -> None:
    """The clock is set while a client runs: its next order stands, once, and the key stays what it was."""

    async def story(user: Any) -> None:
        await user.get_open_orders()
        scene.time.off += step
        assert isinstance(await user.create_and_post_order(**scene.token.known, **TERMS), Accepted)
        assert user.standing.version == 1

    with _scene(tmp_path) as scene:
        scene.play(story)
        assert scene.venue.seen[CREATE] == 1
        assert scene.venue.seen[PROBE] == 0
        assert len(scene.venue.orders(scene.alice)) == 1


@pytest.mark.parametrize("known", [True, False], ids=["while it runs", "from the start"])
def test_an_hour_is_refused(tmp_path: Path, known: bool) -> None:
    """A clock that is an hour off signs nothing, which costs no credentials; set right, it goes on."""

    async def story(user: Any) -> None:
        if known:
            await user.get_open_orders()
            scene.time.off = 3_600.0
        for _ in range(3):
            with pytest.raises(AuthError, match="the clock of this machine is") as caught:
                await user.get_open_orders()
            assert not isinstance(caught.value, CircuitOpen)
            assert not caught.value.maybe_executed
        assert user.standing.state is not State.REVOKED
        made = scene.venue.seen[CREATE]
        scene.time.off = 0.0
        # the venue is asked for its time every five seconds at most
        scene.time.passed += 6.0
        assert await user.get_open_orders() == []
        assert scene.venue.seen[CREATE] <= made + 1

    with _scene(tmp_path, off=0.0 if known else 3_600.0) as scene:
        scene.play(story)
        assert scene.venue.seen[CREATE] <= 2


@pytest.mark.parametrize(
    ("said", "waits"),
    [(2, 2.0), ("date", 2.0), ("soon", 0.0), ("nan", 0.0), ("inf", 0.0), ("-5", 0.0), (86_400, None)],
)
def test_waits_that_are_asked_for(tmp_path: Path, said: Any, waits: float | None) -> None:
    """Retry-After as seconds, a date or nonsense is waited for or ignored; a day is more than a call has."""

    async def story(user: Any) -> None:
        await user.get_open_orders()
        begun = scene.time.passed
        asked = formatdate(scene.time.time() + 3, usegmt=True) if said == "date" else said
        scene.venue.clob.faults.add(kind="rate_limit", operation=ORDER, retry_after=asked)
        order = await user.create_order(**scene.token.known, **TERMS)
        if waits is None:
            with pytest.raises(RateLimited):
                await user.post_order(order)
            assert scene.time.passed - begun < 1
            return
        assert isinstance(await user.post_order(order), Accepted)
        assert waits <= scene.time.passed - begun < waits + 2

    with _scene(tmp_path) as scene:
        scene.play(story)
        assert len(scene.venue.orders(scene.alice)) == (waits is not None)


def test_keys_are_rotated_when_it_is_time(tmp_path: Path) -> None:
    """Rotation by age replaces each key once, however often it is asked for."""

    async def story(user: Any) -> None:
        await user.get_open_orders()
        manager.append(user)
        assert user.standing.version == 1

    async def due() -> None:
        clob = scene.venue.clob
        options: dict[str, Any] = {"folder": scene.folder, "settings": UNPACED, "http": inside(clob.asgi)}
        managing = ManagedSettings(rotate_every=3_600.0)
        async with AsyncManagedClobClient(
            scene.vault, clob.rest, clob.chain_id, managing=managing, **options
        ) as clients:
            assert not (await clients.rotate_due()).done
            scene.time.passed += 3_700
            [standing] = (await clients.rotate_due()).done.values()
            assert standing.version == 2
            assert not (await clients.rotate_due()).done
            assert list(clients.standings) == [f"alice/{scene.alice.address.lower()}"]

    manager: list[Any] = []
    with _scene(tmp_path) as scene:
        scene.play(story)
        scene.time.run(due())
        assert scene.venue.seen[CREATE] == 2


def test_a_dead_holder_is_waited_out(tmp_path: Path) -> None:
    """A lease whose holder died stops others for its term, and no longer."""
    from polyspec.managed.lease import LEASE
    from polyspec.vault import Credential
    from tests.managed.rig import api_id

    async def story(user: Any) -> None:
        begun = scene.time.passed
        assert await user.get_open_orders() == []
        assert 15 <= scene.time.passed - begun < 17
        assert scene.venue.seen[CREATE] == 1

    with _scene(tmp_path) as scene:
        wallet = LEASE + scene.alice.address.lower()
        held = Credential(environment="sandbox", secrets={"holder": "gone"}, public={"term": "15"})
        scene.vault.put(evolve(api_id(scene.alice), wallet=wallet), held)
        scene.play(story)
