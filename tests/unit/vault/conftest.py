"""Places to keep records in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from polyspec.vault import (
    FileRecords,
    KeyringRecords,
    MemoryRecords,
    PostgresRecords,
    RecordStore,
    SqliteRecords,
)
from tests.postgres import HOW, Cluster, binaries
from tests.unit.vault.vault_rig import Purse


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL of our own."""
    folder = binaries()
    if folder is None:
        pytest.skip(HOW)
    with Cluster(folder) as cluster:
        yield cluster


@pytest.fixture
def postgres_url(cluster: Cluster) -> str:
    """Empty a database for one test."""
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS polyspec_vault")
    return cluster.url


@pytest.fixture(params=["memory", "file", "sqlite", "postgres", "keyring"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordStore]:
    """Open each kind of records, empty."""
    made: RecordStore
    match request.param:
        case "memory":
            made = MemoryRecords()
        case "file":
            made = FileRecords(tmp_path / "own" / "vault")
        case "sqlite":
            made = SqliteRecords(tmp_path / "own" / "vault.db")
        case "keyring":
            made = KeyringRecords(directory=tmp_path / "own", backend=Purse())
        case _:
            made = PostgresRecords(request.getfixturevalue("postgres_url"))
    yield made
    made.close()


@pytest.fixture(params=["file", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name each place that several processes can use."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return str(tmp_path / "own" / ("vault" if request.param == "file" else "vault.db"))
