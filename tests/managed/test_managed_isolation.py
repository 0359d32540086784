"""What befalls one user is no other user's business; and keys of the vault may be changed under traffic."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from polyspec.clob.config import ClobSettings
from polyspec.clob.fate import Accepted
from polyspec.core.sending import Patience
from polyspec.errors import ConfigError, RateLimited
from polyspec.managed import Fate, ManagedPolySimulatorClient
from polyspec.vault import (
    Credential,
    CredentialId,
    CredentialKind,
    KeyRing,
    MemoryRecords,
    PassphraseKeys,
    Vault,
)
from tests.client.clob.rig import Person, Token, Venue, open_venue
from tests.faults.hands import AsyncHands, Hands
from tests.managed.many import at_once
from tests.managed.rig import CHEAP, PASSPHRASE, TERMS, Safe, enrol, vault_in

HASTY = ClobSettings(pacing=False, max_attempts=1, settle_window=0.1, patience=Patience(place=2.0, total=2.0))


def _post(order: Any, user: Any) -> Any:
    return user.post_order(order)


def test_limits_of_one_user_do_not_slow_another(hands: Hands, tmp_path: Path) -> None:
    """While Alice is refused for her pace again and again, Bob's orders take as long as without her."""
    with open_venue(one_key=True, signer_limits="enforce") as venue:
        alice, bob, token = venue.person(), venue.person(), venue.market()
        vault = vault_in()
        enrol(vault, alice)
        enrol(vault, bob, "bob")
        manager = hands.connect(Safe(venue, vault, tmp_path / "managed", quick=HASTY))
        noisy, calm = manager.for_user("alice"), manager.for_user("bob")
        alone = _took(calm, token, 5)
        storm = [noisy.create_order(**token.known, **TERMS | {"size": 10 + n}) for n in range(60)]
        own = [calm.create_order(**token.known, **TERMS | {"size": 200 + n}) for n in range(5)]
        # she has used up what the venue allows her, for a long while
        spent = (0.0, venue.world.clock.seconds() + 600)
        venue.world.signer_limits._levels["SignerOrders", alice.address.lower()] = spent
        outcomes = at_once(hands, noisy, [partial(_post, each) for each in storm])
        refused = [each for each in outcomes if isinstance(each, RateLimited)]
        placed = at_once(hands, calm, [partial(_post, each) for each in own])
        assert refused, "nobody was refused"
        assert all(isinstance(each, Accepted) for each in placed)
        assert len(venue.orders(alice)) == sum(isinstance(each, Accepted) for each in outcomes)
        # with Alice still over her limit
        after = _took(calm, token, 5)
        assert after < 10 * alone + 0.25, (alone, after)
        assert manager.journal.count()[Fate.REJECTED] == len(refused)


def _took(user: Any, token: Token, count: int) -> float:
    start = time.monotonic()
    for number in range(count):
        order = user.create_order(**token.known, **TERMS | {"size": 300 + number})
        assert isinstance(user.post_order(order), Accepted)
    return (time.monotonic() - start) / count


def test_what_one_user_left_open_holds_nobody_up(hands: Hands, safe: Safe) -> None:
    """While Alice's open orders are looked up, Bob's client is there at once."""
    bob = safe.venue.person()
    enrol(safe.vault, bob, "bob")
    manager = hands.connect(safe)
    plain = getattr(manager, "_target", manager)
    opened, replay = plain.for_user, plain._replay
    order: list[str] = []

    if isinstance(hands, AsyncHands):

        async def slow(user: Any) -> None:
            await asyncio.sleep(0.3)
            order.append("alice looked up")
            await replay(user)
    else:

        def slow(user: Any) -> None:  # type: ignore[misc]
            time.sleep(0.3)
            order.append("alice looked up")
            replay(user)

    def first(_: Any) -> Any:
        return opened("alice")

    def second(_: Any) -> Any:
        return opened("bob", replay=False)

    plain._replay = slow
    users = at_once(hands, manager, [first, second, _noted(second, order)])
    assert users[1] is users[2]
    assert order[0] == "bob", order


def _noted(work: Any, order: list[str]) -> Any:
    def wrapped(client: Any) -> Any:
        found = work(client)
        if not inspect.isawaitable(found):
            order.append("bob")
            return found

        async def awaited() -> Any:
            made = await found
            order.append("bob")
            return made

        return awaited()

    return wrapped


def test_all_users_share_connections(hands: Hands, safe: Safe) -> None:
    """One pool of connections serves all users, and closing one user leaves it open."""
    bob = safe.venue.person()
    enrol(safe.vault, bob, "bob")
    manager = hands.connect(safe)
    first, second = manager.for_user("alice"), manager.for_user("bob")
    plain = [getattr(each, "_target", each) for each in (manager, first, second)]
    assert plain[0].connections is plain[1]._http is plain[2]._http
    assert first.get_open_orders() == second.get_open_orders() == []
    close = first.aclose if hasattr(plain[1], "aclose") else first.close
    close()
    assert second.get_open_orders() == []
    again = manager.for_user("alice")
    assert getattr(again, "_target", again) is plain[1]


def test_the_key_of_the_vault_changes_under_traffic(hands: Hands, safe: Safe, alice: Person) -> None:
    """While users come, order and rotate, all records move to another key; the old one can go then."""
    records = MemoryRecords()
    old, new = PassphraseKeys(PASSPHRASE, CHEAP), PassphraseKeys("another passphrase of the vault", CHEAP)
    safe.vault = Vault(records, old)
    people = [alice, *(safe.venue.person() for _ in range(5))]
    for number, person in enumerate(people):
        enrol(safe.vault, person, f"user-{number}")
    safe.vault = Vault(records, KeyRing(new, old))
    manager = hands.connect(safe)
    done = threading.Event()
    moved: list[int] = []

    def rewrap() -> None:
        while not done.is_set():
            result = safe.vault.rewrap()
            assert result.failed == ()
            moved.append(result.moved)

    thread = threading.Thread(target=rewrap)
    thread.start()
    try:
        users = [manager.for_user(f"user-{number}") for number in range(len(people))]
        for user in users:
            assert user.get_open_orders() == []
            assert user.rotate("a test").version == 2
    finally:
        done.set()
        thread.join()
    safe.vault.rewrap()
    assert list(safe.vault.kek_ids()) == [new.current()]
    assert sum(moved) >= len(people)
    safe.vault = Vault(records, new)
    later = hands.connect(safe)
    assert later.for_user("user-0").get_open_orders() == []


def test_a_key_may_be_taken_out_for_each_signature(
    hands: Hands, safe: Safe, alice: Person, token: Token
) -> None:
    """Without keys in memory orders are signed as well, and by the same wallet."""
    user = hands.connect(safe, hold_keys=False).for_user("alice")
    placed = user.create_and_post_order(**token.known, **TERMS)
    assert isinstance(placed, Accepted)
    assert [each.id for each in safe.venue.orders(alice)] == [placed.order_id]


def test_only_the_api_key_is_enough_to_read(hands: Hands, safe: Safe, alice: Person, clob: Venue) -> None:
    """A process that has no wallet key reads and cancels; when its key ends it says what is missing."""
    from polyspec.errors import CircuitOpen
    from tests.managed.rig import api_id, revoke

    hands.connect(safe).for_user("alice").get_open_orders()
    stored = safe.vault.get(api_id(alice))
    assert stored is not None
    from polyspec.vault import Credential

    safe.vault = vault_in()
    safe.vault.put(
        api_id(alice),
        Credential(environment="sandbox", secrets=stored.secrets, public=stored.public),
    )
    user = hands.connect(safe).for_user("alice")
    assert user.get_open_orders() == []
    revoke(clob, alice)
    with pytest.raises(CircuitOpen, match="the key of the wallet is not in the vault"):
        user.get_open_orders()


def test_wallets_that_differ_in_case_alone_are_two(tmp_path: Path) -> None:
    """A name that is no address means itself: nobody trades from a wallet that is merely spelt alike."""
    vault = vault_in()
    for wallet in ("Desk", "desk", ""):
        about = CredentialId("default", "alice", "polysimulator", wallet, CredentialKind.POLYSIM_API_KEY)
        vault.put(about, Credential(environment="sandbox", secrets={"api_key": "ps_test_1"}))
    with ManagedPolySimulatorClient(vault, "http://localhost:9", folder=tmp_path / "managed") as manager:
        users = {wallet: manager.for_user("alice", wallet=wallet) for wallet in ("desk", "Desk", "")}
        assert len(set(users.values())) == 3
        with pytest.raises(ConfigError, match="has several records"):
            manager.for_user("alice")
        assert set(manager.standings) == {"alice", "alice/desk", "alice/Desk"}
