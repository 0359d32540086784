"""What was given up, taken away or replaced elsewhere costs no key, no order, and no other user anything."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from polyspec.clob.fate import Accepted
from polyspec.errors import CircuitOpen, VaultUnavailable
from polyspec.managed import CreatePolicy, Fate, State
from polyspec.managed.directory import Directory
from polyspec.vault import Credential, CredentialKind, Vault
from tests.client.clob.rig import Person, Token
from tests.faults.hands import Hands
from tests.managed.many import at_once
from tests.managed.rig import CREATE, DERIVE, ORDER, PROBE, TERMS, Safe, api_id, revoke


def _ready(hands: Hands, safe: Safe) -> tuple[Any, Any]:
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    user.get_open_orders()
    safe.venue.seen.clear()
    return manager, user


def _post(order: Any, user: Any) -> Any:
    return user.post_order(order)


def test_a_refusal_that_comes_late_climbs_nothing(
    hands: Hands, safe: Safe, alice: Person, token: Token
) -> None:
    """What was on its way when its user was given up is told so, and asks the venue for nothing more."""
    safe.managing = evolve(safe.managing, create=CreatePolicy.NEVER)
    hands.connect(safe.venue, alice).create_or_derive_api_key()
    manager, user = _ready(hands, safe)
    order = user.create_order(**token.known, **TERMS)
    safe.venue.clob.faults.add(kind="delay", operation=ORDER, seconds=0.6)
    revoke(safe.venue, alice)
    outcomes = at_once(hands, user, [partial(_post, order), lambda user: user.get_open_orders()])
    assert [type(each) for each in outcomes] == [CircuitOpen] * 2, outcomes
    assert not outcomes[0].maybe_executed
    assert safe.venue.seen[PROBE] == 5
    assert manager.journal.count() == {Fate.REJECTED: 1}
    # nor does rotating make anything of it, for this user or for those after
    with pytest.raises(CircuitOpen, match="none may be created"):
        user.rotate("a test")
    plain = getattr(manager, "_target", manager)
    plain.managing = evolve(safe.managing, rotate_every=0.0)
    assert list(manager.rotate_due().failed) == [api_id(alice)]
    assert safe.venue.seen[CREATE] == 0
    # who puts an end to it is in the log as well
    user.revive()
    events = [json.loads(line)["entry"]["event"] for line in manager.audit.export()]
    assert events[-2:] == ["revoked", "revived"]


def test_what_waited_for_a_ladder_that_failed_is_not_sent(
    hands: Hands, safe: Safe, alice: Person, token: Token
) -> None:
    """Orders held up while credentials were to be replaced stay here if there are none in the end."""
    safe.managing = evolve(safe.managing, create=CreatePolicy.NEVER)
    hands.connect(safe.venue, alice).create_or_derive_api_key()
    _, user = _ready(hands, safe)
    orders = [user.create_order(**token.known, **TERMS | {"size": 10 + n}) for n in range(5)]
    revoke(safe.venue, alice)
    # the ladder is at its end for so long
    safe.venue.clob.faults.add(kind="delay", operation=DERIVE, seconds=0.6)
    works = [_later(0.35, partial(_post, each)) for each in orders]
    outcomes = at_once(hands, user, [lambda user: user.get_open_orders(), *works])
    assert all(isinstance(each, CircuitOpen) for each in outcomes), outcomes
    assert not any(each.maybe_executed for each in outcomes)
    assert safe.venue.seen[ORDER] == 0


def _later(seconds: float, work: Any) -> Any:
    """Return the same work, begun a moment later in the colour of its client."""

    def wrapped(user: Any) -> Any:
        if not inspect.iscoroutinefunction(user.get_open_orders):
            time.sleep(seconds)
            return work(user)

        async def awaited() -> Any:
            await asyncio.sleep(seconds)
            return await work(user)

        return awaited()

    return wrapped


def test_rotation_is_of_what_was_found_old(
    hands: Hands, safe: Safe, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who read a list before another process rotated does not replace what came of that."""
    first, _ = _ready(hands, safe)
    old = safe.vault.list()
    entries = Directory.entries

    def stale(directory: Directory, kind: CredentialKind, user: str | None = None, **_: Any) -> list[Any]:
        found = entries(directory, kind, user)
        return found if user is not None else [each for each in old if each.id == api_id(alice)]

    first.for_user("alice").rotate("it is time")
    safe.venue.seen.clear()
    monkeypatch.setattr(Directory, "entries", stale)
    second = hands.connect(safe, managing=evolve(safe.managing, rotate_every=0.0))
    [standing] = second.rotate_due().done.values()
    assert standing.version == 2
    assert safe.venue.seen[CREATE] == 0


def test_what_was_taken_out_of_the_vault_is_not_made_again(hands: Hands, safe: Safe, alice: Person) -> None:
    """A credential that somebody deleted stops its user when it is to be replaced; no key is made for it."""
    _, user = _ready(hands, safe)
    stored = safe.vault.get(api_id(alice))
    assert stored is not None
    safe.vault.delete(api_id(alice), 1)
    with pytest.raises(CircuitOpen, match="taken out of the vault"):
        user.rotate("a test", timeout=3)
    assert user.standing.state is State.REVOKED
    assert safe.venue.seen[CREATE] == 0
    # whoever stores some puts an end to that
    again = Credential(environment="sandbox", secrets=stored.secrets, public=stored.public)
    safe.vault.put(api_id(alice), again)
    time.sleep(1.0)
    assert user.get_open_orders() == []


def test_cancels_go_on_while_orders_are_waited_for(hands: Hands, safe: Safe, token: Token) -> None:
    """Rotation waits for an order that takes its time, and meanwhile cancels and reads go as ever."""
    _, user = _ready(hands, safe)
    resting = user.create_and_post_order(**token.known, **TERMS | {"size": 5})
    slow = user.create_order(**token.known, **TERMS)
    safe.venue.clob.faults.add(kind="delay", operation=ORDER, seconds=0.8)
    done: dict[str, float] = {}
    timed = partial(_timed, done)
    outcomes = at_once(
        hands,
        user,
        [
            timed("order", partial(_post, slow)),
            _later(0.1, timed("rotation", lambda user: user.rotate("it is time"))),
            _later(0.3, timed("cancel", lambda user: user.cancel(resting))),
        ],
    )
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[1].version == 2
    assert done["cancel"] < done["order"], done


def _timed(done: dict[str, float], name: str, work: Any) -> Any:
    def wrapped(user: Any) -> Any:
        found = work(user)
        if not inspect.isawaitable(found):
            done[name] = time.monotonic()
            return found

        async def awaited() -> Any:
            made = await found
            done[name] = time.monotonic()
            return made

        return awaited()

    return wrapped


def test_a_key_of_unknown_nonce_is_rotated(hands: Hands, safe: Safe, alice: Person) -> None:
    """What rotation makes is another key, also where the next nonce is that of the key in use."""
    made = hands.connect(safe.venue, alice).create_api_key(1)
    told = made.reveal()
    secrets = {name: str(told[name]) for name in ("api_secret", "api_passphrase")}
    record = Credential(environment="sandbox", secrets=secrets, public={"api_key": made.api_key})
    safe.vault.put(api_id(alice), record)
    _, user = _ready(hands, safe)
    assert user.rotate("a test").label != made.api_key[:8]
    assert user.get_open_orders() == []
    assert safe.venue.seen["Auth_DeleteApiKey"] <= 1


def test_a_key_of_unknown_nonce_is_not_taken_for_gone(
    hands: Hands, safe: Safe, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That another nonce has no key says nothing of a key that is refused: none is created for it."""
    made = hands.connect(safe.venue, alice).create_api_key(3)
    told = made.reveal()
    secrets = {name: str(told[name]) for name in ("api_secret", "api_passphrase")}
    record = Credential(environment="sandbox", secrets=secrets, public={"api_key": made.api_key})
    safe.vault.put(api_id(alice), record)
    safe.managing = evolve(safe.managing, settling=0.0)
    _, user = _ready(hands, safe)
    monkeypatch.setattr(safe.venue.world, "lapses", lambda: True)
    with pytest.raises(CircuitOpen, match="the venue refuses what it has"):
        user.get_open_orders()
    monkeypatch.undo()
    assert safe.venue.seen[CREATE] == 0
    time.sleep(0.25)
    assert user.get_open_orders() == []
    assert user.standing.version == 1


@pytest.mark.parametrize("noted", ["soon", "nan", "inf"])
def test_nonsense_in_one_record_holds_nobody_up(hands: Hands, safe: Safe, alice: Person, noted: str) -> None:
    """A time that is none counts as not noted: the credentials are used, and everybody's are rotated."""
    stored, manager = _noted(hands, safe, alice, noted)
    user = manager.for_user("alice")
    assert user.get_open_orders() == []
    assert user.standing.issued_at == pytest.approx(stored.created_at, abs=5)
    plain = getattr(manager, "_target", manager)
    plain.managing = evolve(safe.managing, rotate_every=0.0)
    assert [each.version for each in manager.rotate_due().done.values()] == [3]


def _noted(hands: Hands, safe: Safe, alice: Person, noted: str) -> tuple[Any, Any]:
    hands.connect(safe).for_user("alice").get_open_orders()
    stored = safe.vault.get(api_id(alice))
    assert stored is not None
    public = dict(stored.public) | {"issued_at": noted}
    record = Credential(environment="sandbox", secrets=stored.secrets, public=public)
    return safe.vault.put(api_id(alice), record, 1), hands.connect(safe)


def test_a_lost_answer_of_the_vault_is_no_other_process(
    hands: Hands, safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that were stored although the vault did not say so are in use, and the log has them."""
    manager, user = _ready(hands, safe)
    put, lost = Vault.put, [True]

    def losing(vault: Vault, about: Any, new: Any, expected_version: int = 0) -> Any:
        stored = put(vault, about, new, expected_version)
        if about.wallet.startswith("0x") and lost:
            lost.clear()
            failure = VaultUnavailable("the answer was lost")
            failure.maybe_executed = True
            raise failure
        return stored

    monkeypatch.setattr(Vault, "put", losing)
    assert user.rotate("a test").version == 2
    assert not lost
    assert user.get_open_orders() == []
    assert '"event":"rotated"' in list(manager.audit.export())[-1]
