"""Vaults, managers of both colours, and what the venue saw: what tests of managed clients begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from polyspec.clob.config import ClobSettings
from polyspec.managed import AsyncManagedClobClient, ManagedClobClient, ManagedSettings
from polyspec.vault import (
    Argon2Cost,
    Credential,
    CredentialId,
    CredentialKind,
    MemoryRecords,
    PassphraseKeys,
    RecordStore,
    SqliteRecords,
    Vault,
)
from tests.client.clob.rig import UNPACED, Person, Venue

__all__ = [
    "CREATE", "DERIVE", "ORDER", "PASSPHRASE", "PROBE", "QUICK", "TERMS", "Safe", "api_id", "enrol", "revoke",
    "shared_vault", "vault_in",
]  # fmt: skip

CREATE, DERIVE, PROBE = "Auth_CreateApiKey", "Auth_DeriveApiKey", "Auth_GetApiKeys"
ORDER = "Orders_PostOrder"
QUICK = ManagedSettings(
    pauses=(0.01, 0.02, 0.03, 0.04), settling_pauses=(0.02, 0.04), circuit=0.2, settling=120.0
)
"""The ladder as ever, at a fiftieth of its pauses."""
CHEAP = Argon2Cost(memory_kib=8, passes=1, lanes=1)
PASSPHRASE = "canary-passphrase-of-the-vault"
TERMS: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}


def vault_in(records: RecordStore | None = None) -> Vault:
    """Open a vault with a cheap key."""
    return Vault(MemoryRecords() if records is None else records, PassphraseKeys(PASSPHRASE, CHEAP))


def shared_vault(path: Path) -> Vault:
    """Open the vault that several processes share."""
    return vault_in(SqliteRecords(path))


def api_id(person: Person, user: str = "alice") -> CredentialId:
    """Name where the API key of somebody is filed."""
    return CredentialId("default", user, "clob", person.address, CredentialKind.CLOB_API)


def enrol(vault: Vault, person: Person, user: str = "alice") -> None:
    """Put somebody's wallet into a vault."""
    wallet = evolve(api_id(person, user), kind=CredentialKind.CLOB_WALLET)
    vault.put(wallet, Credential(environment="sandbox", secrets={"private_key": person.key}))


def revoke(venue: Venue, person: Person) -> None:
    """End all API keys of somebody at the venue."""
    with venue.world.lock:
        assert venue.world.keys.revoke(person.address.lower())


@define
class Safe:
    """Where managed clients of a venue connect, and what they are made with."""

    venue: Venue
    vault: Vault
    folder: Path
    managing: ManagedSettings = QUICK
    quick: ClobSettings = UNPACED
    kinds: Any = field(default=(ManagedClobClient, AsyncManagedClobClient), init=False)

    @property
    def app(self) -> Any:
        """What to call without a port; None with one."""
        return self.venue.app

    def client_options(self, person: Any = None) -> dict[str, Any]:
        """Return what a manager is made with."""
        del person
        return {
            "vault": self.vault,
            "host": self.venue.clob.rest,
            "chain_id": self.venue.clob.chain_id,
            "folder": self.folder,
            "managing": self.managing,
        }
