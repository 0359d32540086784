"""One file that holds all records."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from polyspec.errors import ConfigError, DamagedRecord
from polyspec.vault.ids import CredentialId, Filter
from polyspec.vault.layout import Malformed, Reader, field
from polyspec.vault.private_files import PrivateDirectory
from polyspec.vault.records import Row

__all__ = ["FileRecords"]

_MAGIC: Final = b"PSVF"
_FORMAT: Final = 1
_LARGEST: Final = 64 * 1024 * 1024
_DIGEST: Final = 32


class FileRecords:
    """Keeps rows in one file of mode 0600 in a directory of mode 0700, replaced whole with every change.

    For one machine and up to some hundred credentials; several processes may use it at once. `patience` is
    how long to wait for the others, in seconds. Each change counts the file's generation up: a file that is
    older than one seen before, or than `at_least`, was put back and is refused.
    """

    def __init__(self, path: str | os.PathLike[str], *, patience: float = 10.0, at_least: int = 0) -> None:
        # not resolved: a symbolic link shall be seen
        self._path = Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100
        if not os.fspath(path) or not self._path.name:
            raise ConfigError("the path of the vault's file is empty")
        self._patience = patience
        self._newest = at_least

    @property
    def generation(self) -> int:
        """How often the file was changed; kept elsewhere, it tells if an old file is put back."""
        self._read()
        return self._newest

    def load(self, id: CredentialId) -> Row | None:  # noqa: A002
        """Return the row of a credential."""
        return self._read()[1].get(id)

    def swap(self, old: Row | None, new: Row) -> bool:
        """Replace a row if it is the one expected, and the file with it."""
        name = self._path.name
        with (
            PrivateDirectory(self._path.parent, create=True) as directory,
            directory.locked(name, self._patience),
        ):
            generation, rows = self._decoded(directory.read(name, _LARGEST))
            if rows.get(new.id) != old:
                return False
            rows[new.id] = new
            directory.sweep(name)
            directory.write(name, _encode(generation + 1, rows))
            self._newest = max(self._newest, generation + 1)
        return True

    def scan(self, filter: Filter) -> Iterator[Row]:  # noqa: A002
        """Return the rows that are meant."""
        rows = sorted(self._read()[1].values(), key=lambda row: row.id)
        return (row for row in rows if row.sealed is not None and filter.matches(row.id))

    def close(self) -> None:
        """Do nothing: the file is not kept open."""

    def _read(self) -> tuple[int, dict[CredentialId, Row]]:
        # what was seen before the file was opened: others may change it after
        newest = self._newest
        try:
            with PrivateDirectory(self._path.parent) as directory:
                content = directory.read(self._path.name, _LARGEST)
        except FileNotFoundError:
            content = None
        return self._decoded(content, newest)

    def _decoded(
        self, content: bytes | None, newest: int | None = None
    ) -> tuple[int, dict[CredentialId, Row]]:
        generation, rows = (0, {}) if content is None else self._rows(content)
        wanted = self._newest if newest is None else newest
        if generation < wanted:
            raise DamagedRecord(
                f"{self._path} is generation {generation}, and generation {wanted} was there already: "
                "an old file was put back, or this one was taken away",
                reason="rolled_back",
            )
        self._newest = max(self._newest, generation)
        return generation, rows

    def _rows(self, content: bytes) -> tuple[int, dict[CredentialId, Row]]:
        if content[:4] == _MAGIC and len(content) > 4 and content[4] > _FORMAT:
            raise DamagedRecord(
                f"{self._path} is in format {content[4]}, and this release reads {_FORMAT}: update polyspec",
                reason="newer_format",
            )
        try:
            return _decode(content)
        except Malformed:
            raise DamagedRecord(
                f"{self._path} is no vault, or it is cut off or altered: take it from a backup",
                reason="malformed",
            ) from None


def _encode(generation: int, rows: dict[CredentialId, Row]) -> bytes:
    ordered = sorted(rows.values(), key=lambda row: row.id)
    head = _MAGIC + bytes([_FORMAT]) + generation.to_bytes(8, "big") + len(ordered).to_bytes(4, "big")
    content = head + b"".join(_row(row) for row in ordered)
    return content + hashlib.sha256(content).digest()


def _row(row: Row) -> bytes:
    names = b"".join(field(part.encode()) for part in row.id.parts)
    live = bytes([row.sealed is not None])
    return names + row.version.to_bytes(8, "big") + live + field(row.sealed or b"")


def _decode(content: bytes) -> tuple[int, dict[CredentialId, Row]]:
    body, digest = content[:-_DIGEST], content[-_DIGEST:]
    # finds a disk that lies and a file cut off; who alters it on purpose is found by the records' own proofs
    if body[:5] != _MAGIC + bytes([_FORMAT]) or hashlib.sha256(body).digest() != digest:
        raise Malformed
    reader = Reader(body)
    reader.take(5)
    generation = reader.number(8)
    rows = [_read_row(reader) for _ in range(reader.number(4))]
    reader.end()
    return generation, {row.id: row for row in rows}


def _read_row(reader: Reader) -> Row:
    parts = [reader.text() for _ in range(5)]
    version, live, sealed = reader.number(8), reader.number(1), reader.field()
    try:
        id = CredentialId.of(parts)  # noqa: A001
    except ValueError:
        raise Malformed from None
    return Row(id, version, sealed if live else None)
