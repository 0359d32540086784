"""A 401 is no proof that credentials are gone; when they are, others come once, and no order is lost."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from random import Random  # noqa: TID251 - seeded, and guards nothing
from typing import Any

import pytest
from attrs import evolve

from polyspec.clob.fate import Accepted
from polyspec.core.effects import Flow
from polyspec.errors import AuthError, CircuitOpen, PolyspecError
from polyspec.managed import CreatePolicy, Fate, State, ladder
from polyspec.managed.keeper import Keeper
from tests.client.clob.rig import Person, Token, Venue
from tests.faults.hands import Hands
from tests.managed.many import at_once
from tests.managed.rig import CREATE, DERIVE, ORDER, PROBE, TERMS, Safe, api_id, revoke
from tests.stopwatch import Stopwatch

IN_FLIGHT = 20
CANCEL = "Orders_CancelOrder"


def _ready(hands: Hands, safe: Safe) -> tuple[Any, Any]:
    """Return a manager and alice's client with credentials that were taken."""
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    user.get_open_orders()
    safe.venue.seen.clear()
    return manager, user


def _orders(user: Any, token: Token, count: int) -> list[Any]:
    return [user.create_order(**token.known, **TERMS | {"size": 10 + n}) for n in range(count)]


def _post(order: Any, user: Any, timeout: float | None = None) -> Any:
    return user.post_order(order, timeout=timeout)


def _accepted_once(venue: Venue, alice: Person, orders: list[Any], placed: list[Any]) -> None:
    assert all(isinstance(each, Accepted) for each in placed), placed
    held = [each.id for each in venue.orders(alice)]
    assert sorted(held) == sorted(each.order_id for each in orders)
    venue.audit()


@pytest.fixture
def sequence(safe: Safe, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write down the operations that arrive, in order."""
    arrived: list[str] = []
    take = safe.venue.clob.faults.take

    def noted(operation: str, *kinds: str) -> Any:
        arrived.append(operation)
        return take(operation, *kinds)

    monkeypatch.setattr(safe.venue.clob.faults, "take", noted)
    return arrived


def test_revoked_with_orders_in_flight(
    hands: Hands, safe: Safe, alice: Person, token: Token, sequence: list[str]
) -> None:
    """Twenty orders and a cancel in flight meet a revocation: one new key, each once, the cancel first."""
    manager, user = _ready(hands, safe)
    resting = user.create_and_post_order(**token.known, **TERMS | {"size": 5})
    orders = _orders(user, token, IN_FLIGHT)
    # they are on their way while the key ends
    safe.venue.clob.faults.add(kind="delay", operation=ORDER, seconds=0.1, times=IN_FLIGHT)
    safe.venue.clob.faults.add(kind="delay", operation=CANCEL, seconds=0.1)
    sequence.clear()
    stop = _revoke_soon(safe.venue, alice)
    start = time.monotonic()
    placed = at_once(
        hands, user, [*(partial(_post, each) for each in orders), lambda user: user.cancel(resting)]
    )
    took = time.monotonic() - start
    stop()
    assert placed.pop().canceled == (resting.order_id,)
    _accepted_once(safe.venue, alice, [resting.order, *orders], placed)
    assert safe.venue.seen[CREATE] == 1
    assert user.standing.version == 2
    assert user.standing.state is State.ACTIVE
    assert manager.journal.count() == {Fate.ACCEPTED: IN_FLIGHT + 1}
    after = sequence[sequence.index(CREATE) + 1 :]
    assert after.index(CANCEL) < after.index(ORDER), after
    # four pauses of the ladder at a fiftieth of their length, and the requests
    assert took < 5, took


def _revoke_soon(venue: Venue, person: Person) -> Any:
    """End the keys of somebody in a moment; return what waits until that is done."""
    from threading import Timer

    timer = Timer(0.05, partial(revoke, venue, person))
    timer.start()
    return timer.join


def test_every_request_its_own_ladder_is_seen(
    hands: Hands, safe: Safe, alice: Person, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ladders that nobody shares show in what the venue is asked (a control that must fail)."""

    def everybody(keeper: Keeper[Any], work: Any, deadline: float) -> Flow[None]:
        yield from work(deadline)

    def probes(patched: bool) -> int:
        _, user = _ready(hands, safe)
        orders = _orders(user, token, 5)
        revoke(safe.venue, alice)
        # all are on their way before the first is refused
        safe.venue.clob.faults.add(kind="delay", operation=ORDER, seconds=0.5, times=len(orders))
        with pytest.MonkeyPatch.context() as patch:
            if patched:
                patch.setattr(Keeper, "alone", everybody)
            at_once(hands, user, [partial(_post, each, timeout=3.0) for each in orders])
        return safe.venue.seen[PROBE]

    assert probes(patched=False) == 5
    assert probes(patched=True) > 5


@pytest.mark.parametrize("spread", [0.05, 0.3])
def test_some_requests_are_refused_at_random(
    hands: Hands, safe: Safe, alice: Person, token: Token, spread: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of good credentials some requests are refused: nothing is created, and no order is lost."""
    _, user = _ready(hands, safe)
    random = Random(5)
    monkeypatch.setattr(safe.venue.world, "lapses", lambda: random.random() < spread)
    orders = _orders(user, token, 60)
    placed = []
    for first in range(0, len(orders), 20):
        placed += at_once(hands, user, [partial(_post, each) for each in orders[first : first + 20]])
    _accepted_once(safe.venue, alice, orders, placed)
    assert safe.venue.seen[ORDER] > len(orders), "nothing was refused"
    assert safe.venue.seen[CREATE] == 0
    assert user.standing.version == 1


def test_an_answer_meanwhile_ends_the_doubt(hands: Hands, safe: Safe, token: Token) -> None:
    """While one request has the credentials in doubt another is answered: they are good, and are kept."""
    _, user = _ready(hands, safe)
    safe.venue.clob.faults.add(kind="unauthorized", operation=ORDER)
    safe.venue.clob.faults.add(kind="delay", operation=ORDER, seconds=0.05, times=9)
    # the list of keys is refused all along, orders are not
    safe.venue.clob.faults.add(kind="unauthorized", operation=PROBE, times=None)
    orders = _orders(user, token, 10)
    keeper = getattr(user, "_target", user)._keeper
    outcomes = at_once(hands, user, [partial(_post, each) for each in orders])
    assert all(isinstance(each, Accepted) for each in outcomes), outcomes
    assert keeper.standing.state is State.ACTIVE
    assert safe.venue.seen[CREATE] == safe.venue.seen[DERIVE] == 0


def test_a_reflex_that_creates_is_seen(
    hands: Hands, safe: Safe, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that creates on a 401 makes keys nobody needs (a control that must fail)."""
    safe.managing = evolve(safe.managing, create=CreatePolicy.WHEN_REFUSED, settling=0.0)
    _, user = _ready(hands, safe)

    def never(keeper: Keeper[Any], until: float) -> Flow[bool]:
        yield from ()
        return False

    monkeypatch.setattr(ladder, "_taken", never)
    safe.venue.clob.faults.add(kind="unauthorized", operation=ORDER)
    assert isinstance(user.create_and_post_order(**token.known, **TERMS), Accepted)
    assert safe.venue.seen[CREATE] == 1


def test_fresh_credentials_may_be_refused(hands: Hands, safe: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the venue just gave out and refuses for a while is waited for, and nothing is created again."""
    until = time.monotonic() + 0.5
    monkeypatch.setattr(safe.venue.world.keys, "fresh", lambda key: time.monotonic() < until)
    user = hands.connect(safe).for_user("alice")
    with pytest.raises(AuthError, match="they are fresh, and the venue may take a while"):
        user.get_open_orders(timeout=0.2)
    assert user.standing.state is State.SUSPECT
    assert user.get_open_orders() == []
    assert time.monotonic() >= until
    assert (safe.venue.seen[DERIVE], safe.venue.seen[CREATE]) == (1, 1)


def test_a_newer_version_in_the_vault_comes_first(hands: Hands, safe: Safe, alice: Person) -> None:
    """Whose key was replaced by another process reads the vault, and asks the venue for nothing."""
    _, user = _ready(hands, safe)
    other = hands.connect(safe).for_user("alice")
    other.rotate("elsewhere")
    safe.venue.seen.clear()
    assert user.get_open_orders() == []
    assert safe.venue.seen == {"Orders_GetOpenOrders": 2}
    assert user.standing.version == other.standing.version == 2


def test_two_rotations_at_once_make_one(hands: Hands, safe: Safe) -> None:
    """Of two managers that rotate at the same moment one does, and both use what came of it."""
    first, second = (hands.connect(safe).for_user("alice") for _ in range(2))
    first.get_open_orders()
    second.get_open_orders()
    safe.venue.seen.clear()
    targets = [getattr(each, "_target", each) for each in (first, second)]
    at_once(hands, first, [lambda _, user=user: user.rotate("a test") for user in targets])
    assert first.standing.version == second.standing.version == 2
    assert first.standing.label == second.standing.label
    assert safe.venue.seen[CREATE] == 1


def test_rotation_drains_and_loses_nothing(hands: Hands, safe: Safe, alice: Person, token: Token) -> None:
    """Orders on their way end before the key does, and those that come meanwhile go with the new one."""
    _, user = _ready(hands, safe)
    orders = _orders(user, token, 10)
    safe.venue.clob.faults.add(kind="delay", operation=ORDER, seconds=0.1, times=5)
    works = [partial(_post, each) for each in orders]
    placed = at_once(hands, user, [*works[:5], lambda user: user.rotate("it is time"), *works[5:]])
    assert placed.pop(5).version == 2
    _accepted_once(safe.venue, alice, orders, placed)
    assert safe.venue.seen[ORDER] == len(orders), "an order met a key that had ended"


def test_what_may_not_be_created_stops_this_user_only(
    hands: Hands, safe: Safe, alice: Person, tmp_path: Any
) -> None:
    """Without leave to create, a revoked user stops until somebody acts, and nobody else notices."""
    from tests.managed.rig import enrol

    safe.managing = evolve(safe.managing, create=CreatePolicy.NEVER)
    safe.vault.delete(evolve(api_id(alice), kind="clob_wallet"), 1)
    enrol(safe.vault, alice)
    bob = safe.venue.person()
    enrol(safe.vault, bob, "bob")
    plain = hands.connect(safe.venue, alice)
    plain.create_or_derive_api_key()
    hands.connect(safe.venue, bob).create_or_derive_api_key()
    manager = hands.connect(safe)
    user, other = manager.for_user("alice"), manager.for_user("bob")
    user.get_open_orders()
    other.get_open_orders()
    revoke(safe.venue, alice)
    with pytest.raises(CircuitOpen, match="none may be created") as caught:
        user.get_open_orders()
    assert caught.value.retry_after is None
    assert user.standing.state is State.REVOKED
    before = safe.venue.seen.copy()
    with pytest.raises(CircuitOpen):
        user.get_open_orders()
    assert safe.venue.seen == before
    with Stopwatch() as watch:
        assert other.get_open_orders() == []
    assert watch.seconds < 1
    # an operator makes a key, and stores it
    made = plain.create_api_key(7)
    stored = safe.vault.get(api_id(alice))
    assert stored is not None
    from polyspec.vault import Credential

    told = made.reveal()
    safe.vault.put(
        api_id(alice),
        Credential(
            environment="sandbox",
            secrets={name: str(told[name]) for name in ("api_secret", "api_passphrase")},
            public={"api_key": made.api_key, "nonce": "7"},
        ),
        stored.version,
    )
    time.sleep(1.0)
    assert user.get_open_orders() == []
    assert user.standing.state is not State.REVOKED


def test_credentials_that_are_refused_though_they_exist(
    hands: Hands, safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the venue has and refuses is never created anew; the circuit opens, and closes when taken."""
    safe.managing = evolve(safe.managing, settling=0.0)
    _, user = _ready(hands, safe)
    monkeypatch.setattr(safe.venue.world, "lapses", lambda: True)
    with pytest.raises(CircuitOpen, match="the venue refuses what it has") as caught:
        user.get_open_orders()
    assert caught.value.retry_after is not None
    assert safe.venue.seen[CREATE] == 0
    monkeypatch.setattr(safe.venue.world, "lapses", lambda: False)
    with pytest.raises(CircuitOpen):
        user.get_open_orders()
    time.sleep(0.25)
    assert user.get_open_orders() == []
    assert user.standing.closed_until is None


@pytest.mark.parametrize("operation", [DERIVE, CREATE])
@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "html_after"])
def test_a_lost_answer_issues_once(
    hands: Hands, safe: Safe, alice: Person, operation: str, kind: str
) -> None:
    """Whichever answer of the first use is lost, there is one key in the end, and the vault has it."""
    safe.venue.clob.faults.add(kind=kind, operation=operation)
    user = hands.connect(safe).for_user("alice")
    for _ in range(3):
        with suppress(PolyspecError):
            user.get_open_orders()
            break
    with safe.venue.world.lock:
        [key] = safe.venue.world.keys.of(alice.address.lower())
    assert user.standing.label == key.id[:8]
    assert safe.vault.get(api_id(alice)) is not None


def test_an_order_lost_after_it_was_taken_is_found(
    hands: Hands, safe: Safe, alice: Person, token: Token
) -> None:
    """The answer is lost and the key ends at the same time: the lookup heals, and there is one order."""
    manager, user = _ready(hands, safe)
    safe.venue.clob.faults.add(kind="reset_after", operation=ORDER)
    safe.venue.clob.faults.add(kind="unauthorized", operation="Orders_GetOrder")
    order = user.create_order(**token.known, **TERMS)
    placed = user.post_order(order)
    _accepted_once(safe.venue, alice, [order], [placed])
    assert safe.venue.seen[ORDER] == 1
    assert manager.journal.count() == {Fate.ACCEPTED: 1}
