"""Credentials at rest: every version of each encrypted with a key of its own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Protocol, Self, TypeAlias

from attrs import frozen

from polyspec.errors import (
    ConfigError,
    DamagedRecord,
    VaultError,
    VaultUnavailable,
    VersionConflict,
    WrongKey,
)
from polyspec.vault.ids import CredentialId, Filter
from polyspec.vault.keys import KeyProvider
from polyspec.vault.layout import Header, Sealed
from polyspec.vault.records import RecordStore, Row
from polyspec.vault.sealing import open_sealed, rewrapped, seal
from polyspec.vault.values import Credential, Entry, Stored

__all__ = ["CredentialStore", "Damaged", "Rewrapped", "Vault"]

# How often a change begins again because a record was rewrapped meanwhile; each time somebody got further.
_TRIES: Final = 32
# How many different keys are tried before a vault is called somebody else's: each may cost a derivation.
_MOST_KEYS: Final = 8
_ALL: Final = Filter()

Damaged: TypeAlias = Callable[[CredentialId, DamagedRecord], None]
"""Told of a record that cannot be read, and why."""


class CredentialStore(Protocol):
    """Keeps credentials by whose they are, and counts their versions.

    Blocks for as long as its backend takes: asynchronous callers use a thread (``asyncio.to_thread``, or the
    effect `Do`). Safe to use from any thread.
    """

    def get(self, id: CredentialId) -> Stored | None:  # noqa: A002 - what it is called everywhere
        """Return a credential, decrypted; None if there is none."""
        ...

    def put(self, id: CredentialId, new: Credential, expected_version: int) -> Stored:  # noqa: A002
        """Store a credential in the place of a version, 0 for none; raises VersionConflict."""
        ...

    def delete(self, id: CredentialId, expected_version: int) -> None:  # noqa: A002
        """Delete a version of a credential; raises VersionConflict."""
        ...

    def list(
        self,
        filter: Filter = ...,  # noqa: A002
        *,
        damaged: Damaged | None = None,
    ) -> tuple[Entry, ...]:
        """Return what is known without keys of the credentials that are meant, ordered by id.

        Those that cannot be read are left out if somebody is told of them, `damaged`.
        """
        ...


@frozen(kw_only=True)
class Rewrapped:
    """How far rewrapping came."""

    moved: int
    """Records that are locked with the current key now, and were not before."""
    kept: int
    """Records that were locked with it already."""
    failed: tuple[tuple[CredentialId, VaultError], ...]
    """Records that no key opens, or that are damaged: they are as they were."""


class Vault:
    """The CredentialStore of this library: keeps what it is given in `records`, locked by `keys`.

    ::

        vault = Vault(SqliteRecords("~/.polyspec/vault.db"), KeyFileKeys("~/.polyspec/vault.key"))
        alice = CredentialId("acme", "alice", "clob", "0x...", CredentialKind.CLOB_WALLET)
        vault.put(alice, Credential(environment="prod", secrets={"private_key": key}), expected_version=0)
        vault.get(alice).secrets["private_key"].reveal()

    Every method raises VaultUnavailable if the records or the keys cannot be reached.
    """

    def __init__(
        self, records: RecordStore, keys: KeyProvider, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._records = records
        self._keys = keys
        self._wall = wall
        self._met = False

    def get(self, id: CredentialId) -> Stored | None:  # noqa: A002
        """Return a credential, decrypted and proven; None if there is none.

        Raises WrongKey if no key opens it, and DamagedRecord if it is not what was stored.
        """
        row = self._records.load(id)
        if row is None or row.sealed is None:
            return None
        sealed = _sealed(row)
        header = sealed.header
        return Stored(
            id=header.id,
            version=header.version,
            environment=header.environment,
            created_at=header.created_ms / 1000,
            public=header.public,
            secrets=open_sealed(sealed, self._keys),
        )

    def put(self, id: CredentialId, new: Credential, expected_version: int = 0) -> Stored:  # noqa: A002
        """Store a credential in the place of `expected_version`; 0 if there shall be none.

        Returns it with its version. Raises VersionConflict if another version is there, ConfigError if the
        one there is of another environment, and WrongKey if no key at hand opens this vault, so that it does
        not end up half under a mistyped passphrase.
        """
        self._meet()
        for _ in range(_TRIES):
            old = self._expected(id, expected_version)
            _check_environment(old, new)
            header = Header(
                id=id,
                environment=new.environment,
                version=1 if old is None else old.version + 1,
                created_ms=round(self._wall() * 1000),
                public=new.public,
            )
            sealed = seal(header, new.secrets, self._keys)
            if self._records.swap(old, Row(id, header.version, sealed.encode())):
                return Stored(
                    id=id,
                    version=header.version,
                    environment=new.environment,
                    created_at=header.created_ms / 1000,
                    public=new.public,
                    secrets=new.secrets,
                )
        raise _restless(id)

    def delete(self, id: CredentialId, expected_version: int) -> None:  # noqa: A002
        """Delete a version of a credential; raises VersionConflict if another is there, or none.

        The number of its version stays, so that nobody mistakes a later one for it.
        """
        for _ in range(_TRIES):
            old = self._expected(id, expected_version)
            if old is None or old.sealed is None:
                raise VersionConflict(f"there is no {id}", found=0)
            if self._records.swap(old, Row(id, old.version + 1, None)):
                return
        raise _restless(id)

    def list(
        self,
        filter: Filter = _ALL,  # noqa: A002
        *,
        damaged: Damaged | None = None,
    ) -> tuple[Entry, ...]:
        """Return what is known without keys of the credentials that are meant, ordered by id.

        Nothing is decrypted, and so nothing is proven: `get` is for whoever relies on it. Raises
        DamagedRecord if one cannot even be read, or tells `damaged` of it and goes on with the others.
        """
        found = []
        for row in self._records.scan(filter):
            try:
                found.append(_entry(_sealed(row)))
            except DamagedRecord as error:
                if damaged is None:
                    raise
                damaged(row.id, error.with_traceback(None))
        return tuple(found)

    def kek_ids(self) -> dict[str, int]:
        """Return how many records each key locks: one that locks none can be taken away."""
        return dict(Counter(_sealed(row).kek_id for row in self._records.scan(_ALL)))

    def rewrap(self, filter: Filter = _ALL) -> Rewrapped:  # noqa: A002
        """Lock the data keys of all records that are meant with the current key, while others use the vault.

        Credentials and their versions stay as they are. When processes that still lock with another key
        have ended, once more brings in what they stored.
        """
        current = self._keys.current()
        moved, kept, failed = 0, 0, []
        for row in self._records.scan(filter):
            try:
                done = self._rewrapped(row, current)
            except VaultUnavailable:
                raise
            except VaultError as error:
                failed.append((row.id, error.with_traceback(None)))
            else:
                moved, kept = moved + done, kept + (not done)
        return Rewrapped(moved=moved, kept=kept, failed=tuple(failed))

    def close(self) -> None:
        """Let go of connections, to the records and to the keys."""
        self._records.close()
        self._keys.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _meet(self) -> None:
        """Make sure, before the first change, that the keys are the ones this vault is locked with."""
        if self._met:
            return
        seen = list(self._some_kek_ids())
        if seen and not any(self._keys.opens(kek_id) for kek_id in seen):
            raise WrongKey(
                "the key at hand opens nothing in this vault: a mistyped passphrase, or another vault's key? "
                "Nothing was stored (to change the key, give the old one as well, and rewrap)"
            )
        self._met = True

    def _some_kek_ids(self) -> Iterator[str]:
        """Return the first few different keys."""
        seen: set[str] = set()
        for row in self._records.scan(_ALL):
            try:
                kek_id = _sealed(row).kek_id
            except DamagedRecord:
                # reading it will say so; the others still tell whose vault this is
                continue
            if kek_id not in seen:
                seen.add(kek_id)
                yield kek_id
            if len(seen) == _MOST_KEYS:
                return

    def _expected(self, id: CredentialId, version: int) -> Row | None:  # noqa: A002
        row = self._records.load(id)
        found = 0 if row is None or row.sealed is None else row.version
        if found != version:
            raise VersionConflict(
                f"{id}: version {version or 'none'} was expected, and {found or 'none'} is there", found=found
            )
        return row

    def _rewrapped(self, row: Row, current: str) -> bool:
        """Rewrap one record; False if that was done already, or it was deleted."""
        for _ in range(_TRIES):
            sealed = _sealed(row)
            if sealed.kek_id == current:
                return False
            if self._records.swap(row, Row(row.id, row.version, rewrapped(sealed, self._keys).encode())):
                return True
            found = self._records.load(row.id)
            if found is None or found.sealed is None:
                return False
            row = found
        raise _restless(row.id)


def _sealed(row: Row) -> Sealed:
    """Read a row, and make sure that it is in its place; raises DamagedRecord."""
    assert row.sealed is not None
    sealed = Sealed.decode(row.sealed)
    if sealed.header.id != row.id or sealed.header.version != row.version:
        raise DamagedRecord(
            f"what is filed as version {row.version} of {row.id} is the record of another", reason="moved"
        )
    return sealed


def _entry(sealed: Sealed) -> Entry:
    header = sealed.header
    return Entry(
        id=header.id,
        version=header.version,
        environment=header.environment,
        created_at=header.created_ms / 1000,
        public=header.public,
        kek_id=sealed.kek_id,
    )


def _check_environment(old: Row | None, new: Credential) -> None:
    if old is None or old.sealed is None:
        return
    held = _sealed(old).header.environment
    if held is not new.environment:
        raise ConfigError(
            f"{old.id} is stored for {held}, and this one is for {new.environment}: delete it first, or use "
            "another tenant"
        )


def _restless(id: CredentialId) -> VersionConflict:  # noqa: A002
    return VersionConflict(f"{id} is changed by others all the time: try again")
