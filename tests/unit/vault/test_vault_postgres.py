"""What only a database server can do to a vault."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable
from polyspec.vault import Filter, PostgresRecords, Row
from tests.postgres import Cluster
from tests.unit.vault.vault_rig import key, text_of, vault, wallet_of


def test_connections_that_were_cut_are_replaced(postgres_url: str) -> None:
    """After the server ended all connections, a restart say, the next call works."""
    with vault(PostgresRecords(postgres_url)) as store:
        store.put(wallet_of(), key("1"))
        with psycopg.connect(postgres_url, autocommit=True) as other:
            ended = other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'polyspec-vault'"
            )
            assert ended.rowcount > 0
        assert text_of(store.get(wallet_of())) == "1"
        assert store.put(wallet_of(), key("2"), 1).version == 2


def test_a_row_that_is_locked_is_not_waited_for_for_ever(postgres_url: str) -> None:
    """Somebody's open transaction costs the caller its timeout, and leaves the outcome open."""
    with vault(PostgresRecords(postgres_url)) as before:
        before.put(wallet_of(), key("1"))
    with vault(PostgresRecords(postgres_url, timeout=0.3)) as store, psycopg.connect(postgres_url) as other:
        other.execute("SELECT * FROM polyspec_vault FOR UPDATE")
        begun = time.monotonic()
        with pytest.raises(VaultUnavailable, match="timeout") as raised:
            store.put(wallet_of(), key("2"), 1)
        assert time.monotonic() - begun < 5
        assert raised.value.maybe_executed
        other.rollback()
        assert store.put(wallet_of(), key("2"), 1).version == 2


class Forgetful(PostgresRecords):
    """Loses the answer to the next change, after it was made or instead of it."""

    lose: str | None = None

    def _swap(self, old: Row | None, new: Row) -> bool:
        if self.lose != "change":
            assert super()._swap(old, new)
        if self.lose is None:
            return True
        self.lose = None
        error = VaultUnavailable("the connection was lost")
        error.maybe_executed = True
        raise error


def test_a_lost_answer_is_looked_up(postgres_url: str) -> None:
    """A change whose answer was lost is found to be made; if it was not, the doubt is passed on."""
    records = Forgetful(postgres_url)
    with vault(records) as store:
        records.lose = "answer"
        assert store.put(wallet_of(), key("1")).version == 1
        records.lose = "change"
        with pytest.raises(VaultUnavailable) as raised:
            store.put(wallet_of(), key("2"), 1)
        assert raised.value.maybe_executed
        assert text_of(store.get(wallet_of())) == "1"


def test_a_user_without_the_right_to_make_tables(cluster: Cluster, postgres_url: str) -> None:
    """Once the table is there, the vault needs no more than to read and write it."""
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS plain")
        admin.execute("CREATE ROLE plain LOGIN PASSWORD 'plain-password'")
        admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        url = f"postgresql://plain:plain-password@127.0.0.1:{cluster.port}/postgres"
        with vault(PostgresRecords(url)) as store, pytest.raises(VaultUnavailable, match="UndefinedTable"):
            store.get(wallet_of())
        with vault(PostgresRecords(postgres_url)) as owner:
            owner.put(wallet_of(), key("k"))
        admin.execute("GRANT SELECT, INSERT, UPDATE ON polyspec_vault TO plain")
        with vault(PostgresRecords(url)) as store:
            assert text_of(store.get(wallet_of())) == "k"
            store.put(wallet_of("bob"), key("b"))
            store.delete(wallet_of("bob"), 1)
        admin.execute("DROP OWNED BY plain")
        admin.execute("DROP ROLE plain")


def test_the_table_is_made_once(postgres_url: str) -> None:
    """Many that begin at once make one table, and all can work."""

    def begin(number: int) -> None:
        with vault(PostgresRecords(postgres_url)) as store:
            store.put(wallet_of(f"user-{number}"), key())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(begin, range(8)))
    with vault(PostgresRecords(postgres_url)) as store:
        assert len(store.list()) == 8


def test_a_row_under_no_possible_name_is_damage(postgres_url: str) -> None:
    """What somebody else wrote into the table is called damage where it is met."""
    with vault(PostgresRecords(postgres_url)) as store:
        store.put(wallet_of(), key("k"))
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute("INSERT INTO polyspec_vault VALUES ('acme', 'zed', 'clob', '', 'nonsense', 1, 'x')")
        with pytest.raises(DamagedRecord, match="filed under"):
            store.list()
        assert text_of(store.get(wallet_of())) == "k"
        assert len(store.list(Filter(user="alice"))) == 1


def test_a_wrong_password_is_unavailable(cluster: Cluster) -> None:
    """The server's reason is told, without the password."""
    records = PostgresRecords(
        Secret(f"postgresql://polyspec:wrong-password@127.0.0.1:{cluster.port}/postgres")
    )
    with pytest.raises(VaultUnavailable, match="password authentication failed") as raised:
        records.load(wallet_of())
    assert "wrong-password" not in str(raised.value)
    assert not raised.value.maybe_executed
    records.close()


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("postgresql://u@db.example/x", False),
        ("postgresql://u:p@10.0.0.5/x", False),
        ("host=db.example dbname=x", False),
        ("postgresql://u@127.0.0.1,db.example/x", False),
        ("postgresql://u@localhost/x?hostaddr=10.0.0.5", False),
        ("postgresql://u@[/x", False),
        ("nonsense", False),
        ("postgresql://u@db.example/x?sslmode=verify-full", True),
        ("postgresql://u@127.0.0.1/x", True),
        ("postgresql://u@localhost:5432/x", True),
        ("postgresql:///x?host=/run/postgresql", True),
        ("postgresql:///x", True),
    ],
)
def test_another_machine_is_reached_over_tls(url: str, *, fine: bool) -> None:
    """An address that would fall back to no encryption by default must say what it wants."""
    if fine:
        PostgresRecords(url)
        return
    with pytest.raises(ConfigError) as raised:
        PostgresRecords(url)
    assert url not in str(raised.value)
