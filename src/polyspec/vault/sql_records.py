"""Records in a database: SQLite for one machine, PostgreSQL for many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import asdict
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    CursorResult,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    create_engine,
    event,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable
from polyspec.vault.forking import PerProcess
from polyspec.vault.hosts import is_local
from polyspec.vault.ids import CredentialId, Filter
from polyspec.vault.private_files import claim
from polyspec.vault.records import Row

__all__ = ["PostgresRecords", "SqliteRecords"]

_PAGE: Final = 500
_NAMES: Final = ("tenant", "user", "venue", "wallet", "kind")

# compared byte by byte: what another language thinks equal is not
_TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
_SCHEMA: Final = MetaData()
_TABLE: Final = Table(
    "polyspec_vault",
    _SCHEMA,
    *(Column(f"{name}_name" if name == "user" else name, _TEXT, primary_key=True) for name in _NAMES),
    Column("version", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=True),
)
# an INSERT would return its key instead of saying how many rows it made
_COUNTED: Final[dict[str, Any]] = {"execution_options": {"preserve_rowcount": True}}
_KEY: Final = tuple(_TABLE.primary_key.columns)


class _SqlRecords:
    """What both databases share: each change is one statement, and compares before it sets."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._engines: PerProcess[Engine] = PerProcess()

    def _open(self) -> Engine:
        raise NotImplementedError

    def load(self, id: CredentialId) -> Row | None:  # noqa: A002
        """Return the row of a credential."""
        with self._connected() as connection:
            found = connection.execute(select(_TABLE).where(_is(id))).one_or_none()
        return None if found is None else self._row(found)

    def swap(self, old: Row | None, new: Row) -> bool:
        """Replace a row if it is the one expected."""
        try:
            return self._swap(old, new)
        except VaultUnavailable as error:
            # the answer may be what was lost, not the change
            if not error.maybe_executed or self.load(new.id) != new:
                raise
            return True

    def _swap(self, old: Row | None, new: Row) -> bool:
        values = {"version": new.version, "sealed": new.sealed}
        with self._connected(changes=True) as connection:
            if old is None:
                keys = dict(zip((column.name for column in _KEY), new.id.parts, strict=True))
                done = connection.execute(_insert(connection).values(**keys, **values), **_COUNTED)
            else:
                same = _TABLE.c.sealed.is_(None) if old.sealed is None else _TABLE.c.sealed == old.sealed
                where = and_(_is(new.id), _TABLE.c.version == old.version, same)
                done = connection.execute(update(_TABLE).where(where).values(**values), **_COUNTED)
            assert isinstance(done, CursorResult)
            return done.rowcount == 1

    def scan(self, filter: Filter) -> Iterator[Row]:  # noqa: A002
        """Return the rows that are meant, in pages."""
        wanted = [
            column == value
            for column, value in zip(_KEY, asdict(filter).values(), strict=True)
            if value is not None
        ]
        query = select(_TABLE).where(_TABLE.c.sealed.is_not(None), *wanted).order_by(*_KEY).limit(_PAGE)
        last: tuple[str, ...] | None = None
        while True:
            page = query if last is None else query.where(tuple_(*_KEY) > tuple_(*last))
            with self._connected() as connection:
                rows = [self._row(found) for found in connection.execute(page)]
            yield from rows
            if len(rows) < _PAGE:
                return
            last = rows[-1].id.parts

    def close(self) -> None:
        """Close the connections of this process."""
        if (engine := self._engines.take()) is not None:
            engine.dispose()

    def _engine(self) -> Engine:
        if (engine := self._engines.get()) is not None:
            return engine
        return self._engines.keep(self._prepared(self._open()))

    def _prepared(self, engine: Engine) -> Engine:
        for attempt in range(3):
            try:
                _SCHEMA.create_all(engine)
            except SQLAlchemyError:
                # another process made the table just now, or this user may not: using it will tell
                if attempt == 2:
                    break
            else:
                break
        return engine

    @contextmanager
    def _connected(self, *, changes: bool = False) -> Iterator[Connection]:
        failure: VaultUnavailable | DamagedRecord
        try:
            with self._engine().connect() as connection:
                yield connection
                return
        except DBAPIError as error:
            failure = self._failed(error)
            failure.maybe_executed = changes and isinstance(failure, VaultUnavailable)
        except SQLAlchemyError as error:
            # its text may quote the address
            failure = VaultUnavailable(f"{self._place} cannot be used ({type(error).__name__})")
        raise failure

    def _failed(self, error: DBAPIError) -> VaultUnavailable | DamagedRecord:
        reason = str(error.orig).strip().splitlines() or [""]
        return VaultUnavailable(f"{self._place} cannot be used ({type(error.orig).__name__}: {reason[0]})")

    def _row(self, found: Any) -> Row:
        *names, version, sealed = found
        try:
            id = CredentialId.of(names)  # noqa: A001
        except ValueError:
            raise DamagedRecord(
                f"{self._place} has a row that no credential can be filed under", reason="malformed"
            ) from None
        return Row(id, version, None if sealed is None else bytes(sealed))


def _is(id: CredentialId) -> Any:  # noqa: A002
    return and_(*(column == part for column, part in zip(_KEY, id.parts, strict=True)))


def _insert(connection: Connection) -> Any:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(_TABLE).on_conflict_do_nothing()
    if connection.dialect.name == "sqlite":
        return sqlite.insert(_TABLE).on_conflict_do_nothing()
    return insert(_TABLE)


class SqliteRecords(_SqlRecords):
    """Keeps rows in an SQLite file of mode 0600 in a directory of mode 0700: one machine, many processes."""

    def __init__(self, path: str | os.PathLike[str], *, patience: float = 10.0) -> None:
        if not os.fspath(path) or os.fspath(path).startswith((":", "file:")):
            raise ConfigError("the vault's database is a file: give its path")
        self._path = Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100
        self._patience = patience
        super().__init__(str(self._path))

    def _open(self) -> Engine:
        claim(self._path)
        engine = create_engine(
            f"sqlite+pysqlite:///{self._path}",
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args={"timeout": self._patience},
            # opening a file costs next to nothing, and nothing is left to be closed
            poolclass=NullPool,
        )
        event.listen(engine, "connect", _prepare)
        return engine

    @contextmanager
    def _connected(self, *, changes: bool = False) -> Iterator[Connection]:
        claim(self._path)
        with super()._connected(changes=changes) as connection:
            yield connection

    def _failed(self, error: DBAPIError) -> VaultUnavailable | DamagedRecord:
        # the library's own words: "malformed", "not a database"
        if type(error.orig).__name__ == "DatabaseError":
            return DamagedRecord(f"{self._place} is no database, or it is damaged", reason="malformed")
        return super()._failed(error)


def _prepare(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    # an acknowledged change outlives a power cut, and what was replaced does not stay in the file
    for setting in ("synchronous = EXTRA", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


class PostgresRecords(_SqlRecords):
    """Keeps rows in PostgreSQL, for many machines.

    `url` is libpq's, with or without a password: ``postgresql://user@host/database``. For another machine it
    must say how the connection is protected: ``?sslmode=verify-full&sslrootcert=/path``. The table
    ``polyspec_vault`` is made if it is not there. `timeout` bounds connecting and each statement, in seconds.
    Raises ConfigError.
    """

    def __init__(self, url: str | Secret, *, timeout: float = 10.0, connections: int = 10) -> None:
        hidden, url = url if isinstance(url, Secret) else Secret(url), ""
        self._timeout = timeout
        self._connections = connections
        self._connect = _connector(hidden, timeout)
        super().__init__("the PostgreSQL database of the vault")

    def _open(self) -> Engine:
        # the engine knows no address, and so cannot show a password
        return create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=self._connections,
            pool_timeout=self._timeout,
            max_overflow=0,
        )


def _connector(url: Secret, timeout: float) -> Callable[[], Any]:
    try:
        import psycopg
    except ModuleNotFoundError as error:
        raise ConfigError("PostgreSQL needs psycopg: pip install 'polyspec[postgres]'") from error
    if problem := _address_problem(url):
        raise ConfigError(problem)

    def connected() -> Any:
        try:
            return psycopg.connect(
                url.reveal(),
                connect_timeout=max(2, round(timeout)),
                options=f"-c statement_timeout={round(timeout * 1000)}",
                application_name="polyspec-vault",
            )
        except psycopg.Error as error:
            return type(error).__name__ + ": " + (str(error).strip().splitlines() or [""])[0]

    def connect() -> Any:
        # the frames of the driver hold the password: what it raised ends here
        found = connected()
        if isinstance(found, str):
            raise VaultUnavailable(f"the PostgreSQL database of the vault cannot be reached ({found})")
        return found

    return connect


def _address_problem(url: Secret) -> str | None:
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    try:
        found = conninfo_to_dict(url.reveal())
    except Error:
        # its text quotes what it could not read
        return "the address of the PostgreSQL database cannot be read: postgresql://user@host:port/database"
    hosts = [*str(found.get("host") or "").split(","), *str(found.get("hostaddr") or "").split(",")]
    elsewhere = [host for host in hosts if host and not host.startswith(("/", "@")) and not is_local(host)]
    if elsewhere and "sslmode" not in found:
        return (
            "a PostgreSQL database on another machine is reached over TLS: add "
            "?sslmode=verify-full&sslrootcert=<file of the CA> to its address"
        )
    return None
