"""Credentials of many users, encrypted at rest.

Backends and keys are imported when they are first used, and so are their libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from polyspec.vault.hosts import check_host
from polyspec.vault.ids import CredentialId, CredentialKind, EnvironmentTag, Filter
from polyspec.vault.values import Credential, Entry, Stored

if TYPE_CHECKING:
    from polyspec.vault.file_records import FileRecords
    from polyspec.vault.key_file import KeyFileKeys
    from polyspec.vault.keys import DataKey, KeyProvider, KeyRing, Wrapped
    from polyspec.vault.kms import KmsKeys
    from polyspec.vault.os_keyring import KeyringKeys, KeyringRecords
    from polyspec.vault.passphrase import Argon2Cost, PassphraseKeys
    from polyspec.vault.records import MemoryRecords, RecordStore, Row
    from polyspec.vault.sql_records import PostgresRecords, SqliteRecords
    from polyspec.vault.transit import TransitKeys
    from polyspec.vault.vault import CredentialStore, Rewrapped, Vault

_LAZY = {
    "Argon2Cost": "passphrase",
    "CredentialStore": "vault",
    "DataKey": "keys",
    "FileRecords": "file_records",
    "KeyFileKeys": "key_file",
    "KeyProvider": "keys",
    "KeyRing": "keys",
    "KeyringKeys": "os_keyring",
    "KeyringRecords": "os_keyring",
    "KmsKeys": "kms",
    "MemoryRecords": "records",
    "PassphraseKeys": "passphrase",
    "PostgresRecords": "sql_records",
    "RecordStore": "records",
    "Rewrapped": "vault",
    "Row": "records",
    "SqliteRecords": "sql_records",
    "TransitKeys": "transit",
    "Vault": "vault",
    "Wrapped": "keys",
}

__all__ = [
    "Argon2Cost",
    "Credential",
    "CredentialId",
    "CredentialKind",
    "CredentialStore",
    "DataKey",
    "Entry",
    "EnvironmentTag",
    "FileRecords",
    "Filter",
    "KeyFileKeys",
    "KeyProvider",
    "KeyRing",
    "KeyringKeys",
    "KeyringRecords",
    "KmsKeys",
    "MemoryRecords",
    "PassphraseKeys",
    "PostgresRecords",
    "RecordStore",
    "Rewrapped",
    "Row",
    "SqliteRecords",
    "Stored",
    "TransitKeys",
    "Vault",
    "Wrapped",
    "check_host",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'polyspec.vault' has no attribute {name!r}")
    try:
        found = getattr(import_module(f"polyspec.vault.{_LAZY[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("polyspec"):
            raise
        raise ImportError(
            f"polyspec.vault.{name} needs {error.name}: pip install 'polyspec[vault]'"
        ) from error
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
