"""Managed clients of the US exchange and of PolySimulator: what is theirs alone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from traceback import TracebackException
from typing import Any

import pytest
from attrs import define, evolve, field

from polyspec.core.fate import Accepted
from polyspec.errors import AuthError, CircuitOpen, ConfigError, DamagedRecord, PolyspecError
from polyspec.managed import (
    AsyncManagedPolySimulatorClient,
    AsyncManagedUsClient,
    Fate,
    ManagedClobClient,
    ManagedPolySimulatorClient,
    ManagedUsClient,
    State,
)
from polyspec.managed.settings import ManagedSettings
from polyspec.managed.states import Rotated
from polyspec.us.config import ENVIRONMENTS
from polyspec.vault import Credential, CredentialId, CredentialKind, Vault
from polyspec.vault.records import Row
from tests.client.us.rig import UNPACED, Venue, open_venue
from tests.faults import at_polysimulator as paper
from tests.faults.hands import Hands
from tests.managed.rig import QUICK, vault_in


def _put(vault: Vault, user: str, kind: CredentialKind, version: int = 0, **parts: Any) -> None:
    about = CredentialId("default", user, kind.venue, "", kind)
    vault.put(about, Credential(environment="sandbox", **parts), version)


@define
class Place:
    """Where a manager connects."""

    kinds: Any
    quick: Any
    options: dict[str, Any]
    managing: ManagedSettings = QUICK
    app: Any = field(default=None, init=False)

    def client_options(self, person: Any = None) -> dict[str, Any]:
        """Return what a manager is made with."""
        del person
        return self.options | {"managing": self.managing}


# -- PolySimulator --


@pytest.fixture(scope="module")
def sim() -> Iterator[paper.SimVenue]:
    """Run a sandbox of PolySimulator."""
    with paper.open_venue() as venue:
        yield venue


@pytest.fixture
def sim_vault() -> Vault:
    """Open a vault."""
    return vault_in()


@pytest.fixture
def sims(sim: paper.SimVenue, sim_vault: Vault, tmp_path: Path) -> Place:
    """Tell where managers of PolySimulator connect."""
    options = {"vault": sim_vault, "base_url": sim.sim.rest, "folder": tmp_path / "managed"}
    return Place((ManagedPolySimulatorClient, AsyncManagedPolySimulatorClient), paper.QUICK, options)


def _player(sim: paper.SimVenue, vault: Vault) -> paper.Player:
    player = sim.person()
    secrets, public = {"api_key": player.key}, {"key_id": str(player.key_id)}
    _put(vault, "alice", CredentialKind.POLYSIM_API_KEY, secrets=secrets, public=public)
    return player


def test_the_first_key_is_made_with_the_token(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault
) -> None:
    """Of a user who has the dashboard's token only, a key is made once, when it is first needed."""
    player = sim.person()
    token = {"access_token": sim.token(player)}
    _put(sim_vault, "alice", CredentialKind.POLYSIM_SESSION, secrets=token)
    user = hands.connect(sims).for_user("alice")
    assert user.standing.state is State.ABSENT
    assert user.me().user_id == player.user_id
    assert user.standing.version == 1
    assert hands.connect(sims).for_user("alice").me().user_id == player.user_id
    assert len(sim.world.keys.of(player.user_id)) == 2


def test_a_download_may_be_the_first_use(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault, tmp_path: Path
) -> None:
    """An export is asked for with the key as well, if nothing was asked for before."""
    _player(sim, sim_vault)
    user = hands.connect(sims).for_user("alice")
    assert user.exports.trades(tmp_path / "trades.csv").rows == 0
    assert user.standing.version == 1


def test_rotation_leaves_the_old_key_a_day(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault
) -> None:
    """A rotated key is in use at once, and whoever still has the old one goes on."""
    _player(sim, sim_vault)
    user, other = hands.connect(sims).for_user("alice"), hands.connect(sims).for_user("alice")
    other.me()
    assert user.rotate("it is time").version == 2
    assert other.standing.version == 1
    assert other.me().user_id == user.me().user_id
    assert other.rotate("it is time").version == 2


def test_keys_that_are_due_are_rotated_once(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault
) -> None:
    """Of two managers one rotates a key that is old, and the vault and the log know of it."""
    player = sim.person()
    public = {"key_id": str(player.key_id), "issued_at": "1000"}
    _put(sim_vault, "alice", CredentialKind.POLYSIM_API_KEY, secrets={"api_key": player.key}, public=public)
    sims.managing = evolve(QUICK, rotate_every=3_600.0)
    first, second = hands.connect(sims), hands.connect(sims)
    user = first.for_user("alice")
    user.me()
    assert [each.version for each in first.rotate_due().done.values()] == [2]
    assert second.rotate_due() == first.rotate_due() == Rotated(done={}, failed={})
    made = [each for each in sim.world.keys.of(player.user_id) if each.id != player.key_id]
    about = CredentialId("default", "alice", "polysimulator", "", CredentialKind.POLYSIM_API_KEY)
    stored = sim_vault.get(about)
    assert stored is not None
    assert stored.public["key_id"] == str(made[0].id)
    assert len(made) == 1
    assert user.me().user_id == player.user_id
    events = [json.loads(line)["entry"]["event"] for line in first.audit.export()]
    assert events == ["rotating", "rotated"]


def test_one_record_that_cannot_be_used_stops_no_rotation(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault
) -> None:
    """What cannot be read, or lacks what it is for, is told; the key after it is found by how it begins."""
    public = {"issued_at": "1000"}
    for user in ("alice", "bob", "carol"):
        player = sim.person()
        secrets = {"another" if user == "bob" else "api_key": player.key}
        _put(sim_vault, user, CredentialKind.POLYSIM_API_KEY, secrets=secrets, public=public)
    alice = _spoilt(sim_vault, "alice")
    with pytest.raises(DamagedRecord):
        sim_vault.list()
    sims.managing = evolve(QUICK, rotate_every=3_600.0)
    rotated = hands.connect(sims).rotate_due()
    assert {about.user: each.version for about, each in rotated.done.items()} == {"carol": 2}
    assert {about.user: type(each) for about, each in rotated.failed.items()} == {
        "alice": DamagedRecord, "bob": ConfigError,
    }  # fmt: skip
    assert alice in rotated.failed


def _spoilt(vault: Vault, user: str) -> CredentialId:
    about = CredentialId("default", user, "polysimulator", "", CredentialKind.POLYSIM_API_KEY)
    records = vault._records
    row = records.load(about)
    assert row is not None
    assert row.sealed is not None
    assert records.swap(row, Row(about, row.version, row.sealed[:40]))
    return about


def test_managers_that_could_not_be_made_can_be_shown(sim_vault: Vault) -> None:
    """What is mistyped is an error whose frames can be shown: half a manager has a text as well."""
    kinds = (ManagedPolySimulatorClient, AsyncManagedPolySimulatorClient)
    for made in (
        *(partial(kind, sim_vault, "ftp://nowhere") for kind in kinds),
        *(partial(kind, sim_vault, folder="") for kind in kinds),
        partial(ManagedClobClient, sim_vault, "ftp://nowhere"),
        partial(ManagedUsClient, sim_vault, "nowhere"),
    ):
        with pytest.raises(ConfigError) as caught:
            made()
        shown = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
        assert "repr() failed" not in shown
        assert f"<{made.func.__name__} of 0 users at nowhere>" in shown


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_rotation_whose_answer_is_lost_stops_nobody(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault, kind: str
) -> None:
    """The key before goes on for its day, whether the venue made another or not, and an order stands once."""
    player = _player(sim, sim_vault)
    market = sim.market()
    user = hands.connect(sims).for_user("alice")
    user.me()
    sim.sim.faults.add(kind=kind, operation="Keys_RotateKey")
    # nor does the list tell, which is looked at before and after
    sim.sim.faults.add(kind="reset", operation="Keys_ListKeys", after=1)
    with pytest.raises(PolyspecError):
        user.rotate("a test")
    sim.sim.faults.clear()
    assert user.standing.state is State.ACTIVE
    assert user.standing.version == 1
    assert isinstance(user.orders.place(market.condition_id, **paper.ONE_MORE), Accepted)
    assert len(sim.orders(player)) == 1
    # the next one may be told that this key was rotated already, and then nothing changes either
    with suppress(PolyspecError):
        user.rotate("again")
    assert user.me().user_id == player.user_id


def test_a_revoked_key_is_replaced_if_there_is_a_token(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault
) -> None:
    """Without the token a revoked key stops its user; with it another is made, and the order stands once."""
    player = _player(sim, sim_vault)
    market = sim.market()
    sims.managing = evolve(QUICK, settling=0.0)
    manager = hands.connect(sims)
    user = manager.for_user("alice")
    assert isinstance(user.orders.place(market.condition_id, **paper.ONE_MORE), Accepted)
    with sim.world.lock:
        key = sim.world.keys.get(player.key_id)
        assert key is not None
        sim.world.keys.revoke(key)
    with pytest.raises(CircuitOpen, match="access token is not in the vault"):
        user.orders.place(market.condition_id, **paper.ONE_MORE)
    assert user.standing.state is State.REVOKED
    token = {"access_token": sim.token(player)}
    _put(sim_vault, "alice", CredentialKind.POLYSIM_SESSION, secrets=token)
    user.revive()
    assert isinstance(user.orders.place(market.condition_id, **paper.ONE_MORE), Accepted)
    assert user.standing.version == 2
    assert len(sim.orders(player)) == 2
    assert manager.journal.count() == {Fate.ACCEPTED: 2, Fate.REJECTED: 1}


def test_a_key_that_the_account_has_is_not_made_again(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault
) -> None:
    """A venue that refuses a key it lists makes nobody create another; once it is taken, all is well."""
    player = _player(sim, sim_vault)
    _put(sim_vault, "alice", CredentialKind.POLYSIM_SESSION, secrets={"access_token": sim.token(player)})
    user = hands.connect(sims).for_user("alice")
    assert user.me().user_id == player.user_id
    sim.sim.faults.add(kind="unauthorized", operation="Identity_GetMe", times=None)
    with pytest.raises(CircuitOpen, match="credentials that it still has"):
        user.me()
    sim.sim.faults.clear()
    assert len(sim.world.keys.of(player.user_id)) == 1
    time.sleep(0.25)
    assert user.me().user_id == player.user_id
    assert user.standing.closed_until is None


def test_a_venue_that_refuses_everybody_stops_nobody_for_ever(
    hands: Hands, sim: paper.SimVenue, sims: Place, sim_vault: Vault
) -> None:
    """Who has nothing to make a key with goes on by itself when the venue takes the old one again."""
    player = _player(sim, sim_vault)
    user = hands.connect(sims).for_user("alice")
    assert user.me().user_id == player.user_id
    sim.sim.faults.add(kind="unauthorized", operation="Identity_GetMe", times=None)
    with pytest.raises(CircuitOpen, match="the credentials are refused, and"):
        user.me()
    sim.sim.faults.clear()
    assert user.standing.state is State.SUSPECT
    time.sleep(0.25)
    assert user.me().user_id == player.user_id
    assert user.standing.state is State.ACTIVE


# -- the US exchange --


@pytest.fixture(scope="module")
def exchange() -> Iterator[Venue]:
    """Run a sandbox of the US exchange."""
    with open_venue() as venue:
        yield venue


@pytest.fixture
def us(exchange: Venue, sim_vault: Vault, tmp_path: Path) -> Place:
    """Put a partner's key into a vault, and tell where managers of the US exchange connect."""
    told, person = exchange.sandbox.us.describe(), exchange.person()
    public = {
        "client_id": told["client_id"],
        "participant_id": person.name,
        "account": person.accounts[0],
    }
    secrets = {"private_key": Path(told["private_key_path"]).read_text()}
    _put(sim_vault, "alice", CredentialKind.US_PRIVATE_KEY, secrets=secrets, public=public)
    options = {"vault": sim_vault, "environment": exchange.environment(), "folder": tmp_path / "managed"}
    return Place((ManagedUsClient, AsyncManagedUsClient), UNPACED, options)


def test_orders_of_the_us_exchange_are_journalled(hands: Hands, exchange: Venue, us: Place) -> None:
    """An order is written down by its client order id, and its fate with it; a token is renewed as ever."""
    manager = hands.connect(us)
    user = manager.for_user("alice")
    before = exchange.seen["OrderEntryAPI_InsertOrder"]
    symbol = exchange.market()
    assert isinstance(user.orders.place(symbol, side="BUY", price="0.4", quantity="1"), Accepted)
    exchange.sandbox.faults.add(kind="unauthorized", operation="OrderEntryAPI_InsertOrder")
    assert isinstance(user.orders.place(symbol, side="BUY", price="0.4", quantity="1"), Accepted)
    assert exchange.seen["OrderEntryAPI_InsertOrder"] - before == 3, "nothing was refused"
    assert manager.journal.count() == {Fate.ACCEPTED: 2}
    assert user.standing.state is State.ACTIVE


def test_a_key_of_the_us_exchange_comes_by_hand(hands: Hands, us: Place, sim_vault: Vault) -> None:
    """The venue issues no keys: rotation says so, and a key that is not the venue's stops its user."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    us.managing = evolve(QUICK, settling=0.0)
    user = hands.connect(us).for_user("alice")
    with pytest.raises(ConfigError, match="at onboarding only"):
        user.rotate("a test")
    stranger = rsa.generate_private_key(65537, 2048)
    pem = stranger.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    about = CredentialId("default", "alice", "us", "", CredentialKind.US_PRIVATE_KEY)
    good = sim_vault.get(about)
    assert good is not None
    _put(sim_vault, "bob", CredentialKind.US_PRIVATE_KEY, secrets={"private_key": pem}, public=good.public)
    other = hands.connect(us).for_user("bob")
    with pytest.raises(AuthError):
        other.whoami()
    assert other.standing.state is State.REVOKED
    assert user.whoami() is not None
    about = CredentialId("default", "bob", "us", "", CredentialKind.US_PRIVATE_KEY)
    sim_vault.put(
        about,
        Credential(environment="sandbox", secrets=good.secrets, public=good.public),
        other.standing.version,
    )
    # the vault is looked at once a second while the circuit is open
    time.sleep(1.0)
    assert other.whoami() is not None
    assert other.standing.version == 2
    assert other.standing.state is State.ACTIVE


def test_a_managed_user_acts_for_one_participant(hands: Hands, us: Place) -> None:
    """A client for somebody else, whose orders would be in no journal, is not to be had."""
    with pytest.raises(ConfigError, match="put another record into the vault"):
        hands.connect(us).for_user("alice").for_participant("firms/x/users/y")


def test_tokens_go_nowhere_else(us: Place, sim_vault: Vault) -> None:
    """Tokens of one installation are not shown to the gRPC of another, wherever the requests go."""
    about = CredentialId("default", "alice", "us", "", CredentialKind.US_PRIVATE_KEY)
    known = sim_vault.get(about)
    assert known is not None
    record = Credential(environment="preprod", secrets=known.secrets, public=known.public)
    sim_vault.put(evolve(about, user="carol"), record)
    mixed = evolve(ENVIRONMENTS["preprod"], grpc=ENVIRONMENTS["prod"].grpc)
    for where, refused in ((ENVIRONMENTS["preprod"], False), (mixed, True)):
        with ManagedUsClient(**us.options | {"environment": where}) as manager:
            if not refused:
                assert manager.for_user("carol").environment is where
                continue
            with pytest.raises(ConfigError, match="is prod: it is not sent there"):
                manager.for_user("carol")


def test_a_wrong_clock_revokes_no_key(hands: Hands, us: Place, exchange: Venue) -> None:
    """A clock beyond its bound signs nothing and says so; it is no verdict on the key."""
    us.quick = evolve(UNPACED, clock_bound=300.0)
    user = hands.connect(us).for_user("alice")
    exchange.world.clock.advance(3_600)
    for _ in range(2):
        with pytest.raises(AuthError, match="the clock of this machine") as caught:
            user.whoami()
        assert not isinstance(caught.value, CircuitOpen)
    assert user.standing.state is not State.REVOKED
