"""What the doctor says of clients whose credentials are in a vault: it looks, and heals nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.us_exchange import OPERATIONS

from polyspec.core.findings import Diagnosis
from polyspec.errors import CircuitOpen, VaultUnavailable
from polyspec.managed import AsyncManagedPolySimulatorClient, ManagedPolySimulatorClient
from polyspec.managed.states import State
from polyspec.vault import Credential, CredentialId, CredentialKind, Vault
from tests.client.clob.rig import Person, Venue
from tests.client.us import rig as us_rig
from tests.faults import at_polysimulator as paper
from tests.faults.hands import Hands
from tests.managed.rig import CREATE, QUICK, Safe, api_id, revoke, vault_in
from tests.managed.test_managed_venues import Place, exchange, sim_vault, us

__all__ = ["exchange", "sim_vault", "us"]


@pytest.fixture(scope="module")
def sim() -> Iterator[paper.SimVenue]:
    """Run a sandbox of PolySimulator."""
    with paper.open_venue() as venue:
        yield venue


def put(vault: Vault, kind: CredentialKind, secrets: dict[str, Any], **public: str) -> None:
    """Put something of alice's into a vault."""
    about = CredentialId("default", "alice", kind.venue, "", kind)
    vault.put(about, Credential(environment="sandbox", secrets=secrets, public=public))


def managers(sim: paper.SimVenue, vault: Vault, folder: Path) -> Place:
    """Tell where managers of PolySimulator connect."""
    options = {"vault": vault, "base_url": sim.sim.rest, "folder": folder}
    return Place((ManagedPolySimulatorClient, AsyncManagedPolySimulatorClient), paper.QUICK, options)


def test_a_key_that_was_never_used_is_looked_at(hands: Hands, sim: paper.SimVenue, tmp_path: Path) -> None:
    """The key in the vault is examined before its first use; where there is only a token, no key is made."""
    vault, player = vault_in(), sim.person()
    put(vault, CredentialKind.POLYSIM_API_KEY, {"api_key": player.key}, key_id=str(player.key_id))
    found: Diagnosis = hands.connect(managers(sim, vault, tmp_path)).for_user("alice").doctor()
    assert {"vault.ok", "key.ok", "balance.ok"} <= found.codes()
    other, poor = vault_in(), sim.person()
    put(other, CredentialKind.POLYSIM_SESSION, {"access_token": sim.token(poor)})
    found = hands.connect(managers(sim, other, tmp_path / "b")).for_user("alice").doctor()
    assert {"vault.empty", "key.none"} <= found.codes()
    assert len(sim.world.keys.of(poor.user_id)) == 1


def test_a_revoked_key_is_told_and_not_replaced(hands: Hands, sim: paper.SimVenue, tmp_path: Path) -> None:
    """Where the next order would have another key made, the doctor says what is wrong, and nothing moves."""
    vault, player = vault_in(), sim.person()
    put(vault, CredentialKind.POLYSIM_API_KEY, {"api_key": player.key}, key_id=str(player.key_id))
    put(vault, CredentialKind.POLYSIM_SESSION, {"access_token": sim.token(player)})
    user = hands.connect(managers(sim, vault, tmp_path)).for_user("alice")
    assert user.me().user_id == player.user_id
    with sim.world.lock:
        key = sim.world.keys.get(player.key_id)
        assert key is not None
        sim.world.keys.revoke(key)
    found: Diagnosis = user.doctor()
    assert [each.code for each in found.errors] == ["key.revoked"], str(found)
    assert (user.standing.state, user.standing.version) == (State.ACTIVE, 1)
    assert len(sim.world.keys.of(player.user_id)) == 1


def test_a_user_that_was_given_up(hands: Hands, sim: paper.SimVenue, tmp_path: Path) -> None:
    """That nothing is sent for a user is an error, with why; what is wrong is looked at all the same."""
    vault, player = vault_in(), sim.person()
    put(vault, CredentialKind.POLYSIM_API_KEY, {"api_key": player.key}, key_id=str(player.key_id))
    place = managers(sim, vault, tmp_path)
    place.managing = evolve(QUICK, settling=0.0)
    user = hands.connect(place).for_user("alice")
    with sim.world.lock:
        key = sim.world.keys.get(player.key_id)
        assert key is not None
        sim.world.keys.revoke(key)
    with pytest.raises(CircuitOpen):
        user.me()
    found: Diagnosis = user.doctor()
    assert [each.code for each in found.errors] == ["vault.given_up", "key.revoked"], str(found)
    assert "revive()" in found.errors[0].fix


def test_wallets_of_a_vault(hands: Hands, clob: Venue, safe: Safe, alice: Person) -> None:
    """Before its first use a wallet has no API key, and keeps none; a revoked one is told, and kept."""
    user = hands.connect(safe).for_user("alice")
    assert "credentials.absent" in user.doctor().codes()
    assert safe.vault.get(api_id(alice)) is None
    user.get_open_orders()
    revoke(clob, alice)
    clob.seen.clear()
    found: Diagnosis = user.doctor()
    assert [each.code for each in found.errors] == ["credentials.deleted"], str(found)
    assert CREATE not in clob.seen
    assert user.standing.state is State.ACTIVE


def test_a_vault_that_is_locked(
    hands: Hands, sim: paper.SimVenue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vault that gives nothing is a finding with its reason, and does not hide the others."""
    vault, player = vault_in(), sim.person()
    put(vault, CredentialKind.POLYSIM_API_KEY, {"api_key": player.key}, key_id=str(player.key_id))
    user = hands.connect(managers(sim, vault, tmp_path)).for_user("alice")

    def locked(id: CredentialId) -> None:  # noqa: A002 - as it is called
        raise VaultUnavailable("the key of the vault is not to be had")

    monkeypatch.setattr(vault, "get", locked)
    found: Diagnosis = user.doctor()
    assert [(each.code, each.check) for each in found.errors] == [
        ("check.vault", "vault"),
        ("check.vault", "key"),
    ]
    assert "not to be had" in found.errors[0].what
    assert {"clock.ok", "venue.ok"} <= found.codes()


def test_a_partner_of_the_us_exchange(hands: Hands, us: Place, exchange: us_rig.Venue) -> None:
    """A firm's key from a vault is examined whole, and nothing is sent that changes anything."""
    user = hands.connect(us).for_user("alice")
    found: Diagnosis = user.doctor()
    assert {"vault.ok", "token.ok", "participant.ok", "balance.ok"} <= found.codes()
    assert not found.errors, str(found)
    assert all(OPERATIONS[name].lane != "write" or "Token" in name for name in exchange.seen)
