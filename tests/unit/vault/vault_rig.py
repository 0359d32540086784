"""Credentials, keys and places for the tests of the vault."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from polyspec.vault import (
    Argon2Cost,
    Credential,
    CredentialId,
    CredentialKind,
    FileRecords,
    MemoryRecords,
    PassphraseKeys,
    PostgresRecords,
    RecordStore,
    SqliteRecords,
    Stored,
    Vault,
)

ROOT = Path(__file__).parents[3]
WALLET = "0x" + "ab" * 20
PASSPHRASE = "canary-passphrase-correct-horse"
CHEAP = Argon2Cost(memory_kib=8, passes=1, lanes=1)
CANARY = "canary-7f3a?/+%-private-key"


def wallet_of(user: str = "alice", tenant: str = "acme") -> CredentialId:
    """Name a wallet's key."""
    return CredentialId(tenant, user, "clob", WALLET, CredentialKind.CLOB_WALLET)


def key(text: str = CANARY, environment: str = "prod", **public: str) -> Credential:
    """Make a credential."""
    return Credential(environment=environment, secrets={"private_key": text}, public=public)


def cheap(passphrase: str = PASSPHRASE) -> PassphraseKeys:
    """Make keys that cost next to nothing."""
    return PassphraseKeys(passphrase, CHEAP)


def vault(records: RecordStore | None = None) -> Vault:
    """Open a vault with cheap keys, in memory if nothing is said."""
    return Vault(MemoryRecords() if records is None else records, cheap())


def text_of(stored: Stored | None) -> str:
    """Reveal the secret of `key`."""
    assert stored is not None
    return stored.secrets["private_key"].reveal()


class Purse:
    """A keyring that keeps what it is given, for as long as it lives."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return a text."""
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a text."""
        self.held[service, username] = password


def records_at(place: str) -> RecordStore:
    """Open records by a text, as another process can: a path, or the address of a database."""
    if place.startswith("postgresql:"):
        return PostgresRecords(place)
    return SqliteRecords(place) if place.endswith(".db") else FileRecords(place)


def environment() -> Mapping[str, str]:
    """Return the environment in which another interpreter imports what this one does."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
