"""What the venue tells only once reaches the vault, whoever is cancelled, interrupted or away meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.effects import Do, Instant, Send
from polyspec.errors import CircuitOpen, PolyspecError, VaultUnavailable
from polyspec.io.colour import whole
from polyspec.managed import (
    AsyncManagedPolySimulatorClient,
    CreatePolicy,
    ManagedClobClient,
    ManagedPolySimulatorClient,
    State,
    filing,
)
from polyspec.managed.lease import Lease
from polyspec.vault import Credential, CredentialId, CredentialKind, EnvironmentTag, Stored, Vault
from tests.client import doing_async
from tests.client.clob.rig import Person, Token, Venue
from tests.faults import at_polysimulator as paper
from tests.faults.hands import AsyncHands, Hands
from tests.managed.rig import ORDER, QUICK, TERMS, Safe, api_id, revoke, vault_in

KEY = CredentialId("default", "alice", "polysimulator", "", CredentialKind.POLYSIM_API_KEY)
SESSION = evolve(KEY, kind=CredentialKind.POLYSIM_SESSION)
MAKES = ("/v1/keys", "/v1/keys/bootstrap", "/rotate", "/auth/api-key")


class Stage:
    """PolySimulator with one account in a vault, and managers of both colours."""

    kinds = (ManagedPolySimulatorClient, AsyncManagedPolySimulatorClient)
    quick = paper.QUICK
    app = None

    def __init__(self, venue: paper.SimVenue, folder: Path) -> None:
        self.venue, self.folder, self.vault = venue, folder, vault_in()
        self.player = venue.person()

    def client_options(self, person: Any = None) -> dict[str, Any]:
        """Return what a manager is made with."""
        del person
        return {
            "vault": self.vault, "base_url": self.venue.sim.rest, "folder": self.folder, "managing": QUICK,
        }  # fmt: skip

    def give_key(self) -> None:
        """Put the account's key into the vault."""
        public = {"key_id": str(self.player.key_id)}
        self.vault.put(KEY, _sandbox({"api_key": self.player.key}, public))

    def give_token(self, environment: EnvironmentTag = EnvironmentTag.SANDBOX) -> None:
        """Put the dashboard's token into the vault."""
        token = {"access_token": self.venue.token(self.player)}
        self.vault.put(SESSION, Credential(environment=environment, secrets=token))

    @property
    def made(self) -> list[str]:
        """The numbers of the keys the venue made besides the first, and that hold."""
        with self.venue.world.lock:
            keys = self.venue.world.keys.holding(self.player.user_id)
            return [str(each.id) for each in keys if each.id != self.player.key_id]

    @property
    def stored(self) -> str | None:
        """The number of the key in the vault."""
        found = self.vault.get(KEY)
        return None if found is None else found.public["key_id"]


def _sandbox(secrets: dict[str, str], public: dict[str, str] | None = None) -> Credential:
    return Credential(environment="sandbox", secrets=secrets, public=public)


@pytest.fixture(scope="module")
def venue() -> Iterator[paper.SimVenue]:
    """Run a sandbox of PolySimulator."""
    with paper.open_venue() as opened:
        yield opened


@pytest.fixture
def stage(venue: paper.SimVenue, tmp_path: Path) -> Stage:
    """Open an account for one test."""
    venue.sim.faults.clear()
    return Stage(venue, tmp_path / "managed")


def _cut_off(hands: Hands, manager: Any, act: Callable[[Any], Any]) -> None:
    """Do something, and cancel it, or interrupt it, when the venue has answered and nobody was told."""
    if isinstance(hands, AsyncHands):
        hands._runner.run(_cancelled(manager._target, act))
        return
    send = manager.connections.send

    def sending(request: Any) -> Any:
        reply = send(request)
        if request.method == "POST" and request.url.endswith(MAKES):
            signal.raise_signal(signal.SIGUSR1)
        return reply

    before = signal.signal(signal.SIGUSR1, _interrupt)
    try:
        manager.connections.send = sending
        with pytest.raises(KeyboardInterrupt):
            act(manager.for_user("alice"))
    finally:
        signal.signal(signal.SIGUSR1, before)
        manager.connections.send = send


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


async def _cancelled(manager: Any, act: Callable[[Any], Any]) -> None:
    send, answered = manager.connections.send, asyncio.Event()

    async def sending(request: Any) -> Any:
        reply = await send(request)
        if request.method == "POST" and request.url.endswith(MAKES):
            answered.set()
            await asyncio.sleep(0.01)
        return reply

    manager.connections.send = sending
    task = asyncio.ensure_future(act(await manager.for_user("alice")))
    await answered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    manager.connections.send = send


@pytest.mark.parametrize("what", ["first", "rotated"])
def test_a_key_told_once_outlives_its_caller(hands: Hands, stage: Stage, what: str) -> None:
    """Cancelled between the venue's answer and the vault, a key is stored, and the log says so."""
    stage.give_token()
    if what == "rotated":
        stage.give_key()
    manager = hands.connect(stage)
    _cut_off(hands, manager, lambda user: user.rotate("a test") if what == "rotated" else user.me())
    assert stage.stored is not None
    assert [stage.stored] == stage.made
    assert manager.for_user("alice").me().user_id == stage.player.user_id
    events = [json.loads(line)["entry"]["event"] for line in manager.audit.export()]
    assert events == (["creating", "created"] if what == "first" else ["rotating", "rotated"])


def test_a_rotation_of_the_clob_outlives_its_caller(hands: Hands, safe: Safe, alice: Person) -> None:
    """A CLOB key that took the place of another is stored, though who asked for it was cancelled."""
    manager = hands.connect(safe)
    manager.for_user("alice").get_open_orders()
    _cut_off(hands, manager, lambda user: user.rotate("a test"))
    stored = safe.vault.get(api_id(alice))
    assert stored is not None
    assert (stored.version, stored.public["nonce"]) == (2, "1")
    assert manager.for_user("alice").get_open_orders() == []


def test_a_vault_that_is_away_refuses_no_order(
    hands: Hands, safe: Safe, alice: Person, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the vault is away a 401 at random is healed as ever; only what is to be replaced waits for it."""
    user = hands.connect(safe).for_user("alice")
    user.get_open_orders()

    def away(*arguments: Any) -> Any:
        raise VaultUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "get", away)
        safe.venue.clob.faults.add(kind="unauthorized", operation=ORDER)
        placed = user.create_and_post_order(**token.known, **TERMS)
        revoke(safe.venue, alice)
        with pytest.raises(VaultUnavailable, match="away"):
            user.get_open_orders()
    assert [each.id for each in user.get_open_orders()] == [placed.order_id]
    assert user.standing.version == 2


@pytest.mark.parametrize("where", ["taking", "asking"])
def test_who_is_cut_off_leaves_no_lease(hands: Hands, safe: Safe, alice: Person, where: str) -> None:
    """A caller who is cancelled while credentials are fetched makes nobody wait for the end of its lease."""
    manager = hands.connect(safe)
    keeper = manager.for_user("alice")._keeper
    lease_id = evolve(api_id(alice), wallet=f"lease:{alice.address.lower()}")
    flow, outcome = keeper.obtain(1e12), None
    while True:
        effect = flow.send(outcome)
        if isinstance(effect, Send):
            break
        outcome = effect.work() if isinstance(effect, Do) else Instant(1.0, 1.0)
        if where == "taking" and isinstance(outcome, Lease):
            break
    assert safe.vault.get(lease_id) is not None
    flow.close()
    assert paper.SimVenue.wait_for(lambda: safe.vault.get(lease_id) is None)
    assert manager.for_user("alice").get_open_orders() == []


@pytest.mark.parametrize("policy", CreatePolicy)
def test_a_key_nobody_came_to_store_is_derived(
    hands: Hands, safe: Safe, alice: Person, clob: Venue, policy: CreatePolicy
) -> None:
    """Killed between the CLOB's answer and the vault, the next process derives the key with its nonce.

    That changes nothing, so it is done under every policy.
    """
    hands.connect(safe).for_user("alice").get_open_orders()
    with clob.world.lock:
        clob.world.keys.create(alice.address.lower(), 1)
    safe.managing = evolve(QUICK, create=policy, settling=0.0)
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    assert user.get_open_orders() == []
    assert user.standing.version == 2
    assert json.loads(list(manager.audit.export())[-1])["entry"]["event"] == "derived"


def _away(
    monkeypatch: pytest.MonkeyPatch, times: int, pause: float = 0.0, told: Callable[[], Any] = bool
) -> None:
    """Have the vault be away for what is put of keys, the next so many times."""
    monkeypatch.setattr(filing, "_PAUSES", (pause,))
    put, left = Vault.put, [times]

    def putting(vault: Vault, about: CredentialId, new: Credential, expected_version: int = 0) -> Stored:
        if not about.wallet.startswith("lease:") and left[0] > 0:
            left[0] -= 1
            told()
            raise VaultUnavailable("away")
        return put(vault, about, new, expected_version)

    monkeypatch.setattr(Vault, "put", putting)


@pytest.mark.parametrize("then", ["again", "close"])
def test_a_key_waits_for_the_vault(
    hands: Hands, stage: Stage, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """While the vault is away a key is kept; it is stored by the next piece of work, or by closing."""
    stage.give_key()
    manager = hands.connect(stage)
    user = manager.for_user("alice")
    user.me()
    _away(monkeypatch, 2)
    with pytest.raises(VaultUnavailable, match="away"):
        user.rotate("a test")
    assert stage.stored == str(stage.player.key_id)
    if then == "again":
        assert user.rotate("again").version == 2
    else:
        hands.close() if not isinstance(hands, AsyncHands) else manager.aclose()
    assert [stage.stored] == stage.made


def test_without_threads_work_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no thread, what is not to be interrupted is done by the caller's own."""
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (_ for _ in ()).throw(RuntimeError))
    assert whole(threading.current_thread) is threading.current_thread()


def test_closing_waits_for_a_key(hands: Hands, stage: Stage) -> None:
    """Who closes the manager while a key is on its way does not cut it off."""
    stage.give_key()
    manager = hands.connect(stage)
    user = manager.for_user("alice")
    user.me()
    stage.venue.sim.faults.add(kind="delay_after", operation="Keys_RotateKey", seconds=0.1)
    if isinstance(hands, AsyncHands):

        async def closed() -> None:
            rotating = asyncio.ensure_future(user._target.rotate("a test"))
            while not stage.made:  # noqa: ASYNC110 - the venue is another thread
                await asyncio.sleep(0.002)
            await manager._target.aclose()
            await asyncio.wait([rotating])

        hands._runner.run(closed())
    else:
        rotating = threading.Thread(target=user.rotate)
        rotating.start()
        assert stage.venue.wait_for(lambda: stage.made)
        manager.close()
        rotating.join()
    assert [stage.stored] == stage.made


def test_the_end_of_a_loop_does_not_lose_a_key(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut off for good, with the key in hand and the vault away for a moment, stores it at last."""
    stage.give_key()

    async def main() -> None:
        away, loop = asyncio.Event(), asyncio.get_running_loop()
        _away(monkeypatch, 1, pause=60.0, told=lambda: loop.call_soon_threadsafe(away.set))
        inside = doing_async.inside(stage.venue.sim.asgi)
        manager = AsyncManagedPolySimulatorClient(**stage.client_options(), settings=stage.quick, http=inside)
        user = await manager.for_user("alice")
        rotating = asyncio.ensure_future(user.rotate("a test"))
        await asyncio.wait_for(away.wait(), 10)
        assert not rotating.done()

    asyncio.run(main())
    assert [stage.stored] == stage.made


def test_a_key_whose_answer_is_lost_is_told_again(hands: Hands, stage: Stage) -> None:
    """The connection broke after the key was made: it is on the list, and rotated, so none is left."""
    stage.give_token()
    user = hands.connect(stage).for_user("alice")
    stage.venue.sim.faults.add(kind="reset_after", operation="Keys_CreateKey")
    assert user.me().user_id == stage.player.user_id
    assert [stage.stored] == stage.made
    stage.venue.sim.faults.add(kind="reset_after", operation="Keys_RotateKey")
    assert user.rotate("a test").version == 2
    assert [stage.stored] == stage.made


def test_a_key_that_came_too_late_is_revoked(
    hands: Hands, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who made a key while another process stored its own takes that one, and leaves none behind."""
    stage.give_token()
    put = Vault.put

    def overtaken(vault: Vault, about: CredentialId, new: Credential, expected_version: int = 0) -> Stored:
        if about == KEY and expected_version == 0 and vault.get(KEY) is None:
            public = {"key_id": str(stage.player.key_id)}
            put(vault, KEY, _sandbox({"api_key": stage.player.key}, public))
        return put(vault, about, new, expected_version)

    monkeypatch.setattr(Vault, "put", overtaken)
    assert hands.connect(stage).for_user("alice").me().user_id == stage.player.user_id
    assert stage.stored == str(stage.player.key_id)
    assert stage.made == []


def test_a_full_account_stops_nobody_for_ever(hands: Hands, stage: Stage) -> None:
    """Where no further key may be made the user is told so, and goes on when there is room."""
    stage.give_token()
    with stage.venue.world.lock:
        world = stage.venue.world
        others = [world.keys.create(stage.player.user_id, tier="pro")[0] for _ in range(4)]
    user = hands.connect(stage).for_user("alice")
    with pytest.raises(CircuitOpen, match=r"issues no credentials: .*revoke one first"):
        user.me()
    with stage.venue.world.lock:
        world.keys.revoke(others[0])
    user.revive()
    assert user.me().user_id == stage.player.user_id


@pytest.mark.parametrize("when", ["asked", "over"])
def test_a_key_that_was_rotated_and_lost_is_made_anew(hands: Hands, stage: Stage, when: str) -> None:
    """Killed before a rotated key was stored, its user gets another: when asked for, or after the day."""
    stage.give_key()
    user = hands.connect(stage).for_user("alice")
    user.me()
    with stage.venue.world.lock:
        keys = stage.venue.world.keys
        key = keys.get(stage.player.key_id)
        assert key is not None
        lost, _ = keys.rotate(key, 86_400.0 if when == "asked" else 0.0)
    with pytest.raises(PolyspecError, match=r"only once|not in the vault"):
        user.rotate("a test") if when == "asked" else user.me()
    stage.give_token()
    user.revive()
    assert (user.rotate("again").version == 2) if when == "asked" else user.me()
    assert user.me().user_id == stage.player.user_id
    assert stage.made == [str(lost.id), stage.stored]


def test_a_token_of_another_environment_is_not_shown(hands: Hands, stage: Stage) -> None:
    """The dashboard's token is held to its environment, also if it is first needed to replace a key."""
    stage.give_key()
    stage.give_token(EnvironmentTag.PROD)
    user = hands.connect(stage).for_user("alice")
    user.me()
    with stage.venue.world.lock:
        key = stage.venue.world.keys.get(stage.player.key_id)
        assert key is not None
        stage.venue.world.keys.revoke(key)
    stage.venue.seen.clear()
    with pytest.raises(CircuitOpen, match=r"is for prod, and .* is sandbox"):
        user.me()
    assert stage.venue.seen["Keys_ListKeys"] == 0


def test_a_forked_process_waits_for_nothing_of_the_other(safe: Safe) -> None:
    """A copy of a process that was replacing a key is not held up by what goes on there."""
    with ManagedClobClient(**safe.client_options(), settings=safe.quick) as manager:
        user = manager.for_user("alice")
        user.get_open_orders()
        keeper = user._keeper
        keeper.move(State.ROTATING)
        keeper.gate.close()
        work = keeper.alone(lambda _: iter(()), 1e12)  # type: ignore[arg-type, return-value]
        next(work)
        with keeper._lock:
            child = os.fork()
            if not child:
                try:
                    user.get_open_orders(timeout=5)
                    os._exit(0 if user.standing.state is State.ACTIVE else 2)
                except PolyspecError:
                    os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        keeper.gate.open()
        keeper.move(State.ACTIVE)
