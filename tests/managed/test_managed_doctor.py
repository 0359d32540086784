"""What the doctor says of clients whose credentials are in a vault: it looks, and heals nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polyspec.core.findings import Diagnosis
from polyspec.errors import VaultUnavailable
from polyspec.managed import AsyncManagedPolySimulatorClient, ManagedPolySimulatorClient
from polyspec.managed.states import State
from polyspec.vault import Credential, CredentialId, CredentialKind, Vault
from tests.client.clob.rig import Person, Venue
from tests.faults import at_polysimulator as paper
from tests.faults.hands import Hands
from tests.managed.rig import CREATE, Safe, api_id, revoke, vault_in
from tests.managed.test_managed_venues import Place


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
    assert {"key.ok", "balance.ok"} <= found.codes()
    other, poor = vault_in(), sim.person()
    put(other, CredentialKind.POLYSIM_SESSION, {"access_token": sim.token(poor)})
    found = hands.connect(managers(sim, other, tmp_path / "b")).for_user("alice").doctor()
    assert "key.none" in found.codes()
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
    [vaulted] = found.errors
    assert (vaulted.code, vaulted.check) == ("check.vault", "key")
    assert "not to be had" in vaulted.what
    assert {"clock.ok", "venue.ok"} <= found.codes()
