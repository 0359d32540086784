"""Where to go on reading a stream that can be read on, and where that is kept.

A cursor moves when the reader asks for the event after the last one of a batch: by then all of it was
applied. So whoever is killed in between reads the batch again, and loses nothing.
"""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

import msgspec
from attrs import field, frozen

from polyspec.core.typed import decoder
from polyspec.errors import ConfigError, StreamError
from polyspec.io.saving import Download
from polyspec.us.proto_words import moment_of, nanoseconds

__all__ = ["Cursor", "CursorFile", "Keeper", "Resume", "begin_of", "keeper_of"]

MOST_SEEN: Final = 200


@frozen
class Cursor:
    """A place on a stream: everything up to it was applied."""

    token: bytes = b""
    """The venue's word for the place; empty where it has none."""
    nanoseconds: int = 0
    """The venue's time of the last thing told, for when the token is forgotten; 0 if it is not known."""
    seen: tuple[str, ...] = field(default=(), repr=False)
    """What was told last, so that it is not told again."""
    since: int = 0
    """The venue's time before which nothing is asked for, as `nanoseconds`; 0 if nobody said when."""

    @property
    def time(self) -> datetime | None:
        """The venue's time of the last thing told, if it is known."""
        return moment_of(self.nanoseconds) if self.nanoseconds else None


@runtime_checkable
class Keeper(Protocol):
    """Keeps a cursor for the next process. Called by whoever reads the stream, between two events."""

    def load(self) -> Cursor | None:
        """Return the cursor that was saved last; None if there is none."""
        ...

    def save(self, cursor: Cursor) -> None:
        """Keep a cursor."""
        ...


Resume: TypeAlias = bytes | datetime | str | Path | Cursor | Keeper
"""Where to go on from: a token, a moment, a cursor, or what keeps one: the path of a file, or a Keeper."""


class _Line(msgspec.Struct):
    stream: str
    token: str
    time: int
    seen: list[str] = []
    since: int = 0


class CursorFile:
    """Keeps a cursor in a small file, which is there whole or not at all; only its owner can read it."""

    def __init__(self, path: str | Path, stream: str) -> None:
        self.path = Path(path)
        self._stream = stream

    def load(self) -> Cursor | None:
        """Read the file; None if there is none, ConfigError for one that cannot be read on from."""
        try:
            found = decoder(_Line).decode(self.path.read_bytes())
            token = base64.b64decode(found.token, validate=True)
        except FileNotFoundError:
            if not self.path.parent.is_dir():
                raise ConfigError(f"the folder of the cursor {self.path} does not exist") from None
            return None
        except (OSError, ValueError, msgspec.DecodeError) as error:
            raise ConfigError(
                f"the cursor in {self.path} cannot be read ({error}); without the file the stream begins now"
            ) from error
        if found.stream != self._stream:
            raise ConfigError(f"{self.path} keeps the cursor of {found.stream}, not of {self._stream}")
        return Cursor(token, found.time, tuple(found.seen), found.since)

    def save(self, cursor: Cursor) -> None:
        """Replace the file; raises StreamError if that fails."""
        token = base64.b64encode(cursor.token).decode()
        line = _Line(self._stream, token, cursor.nanoseconds, list(cursor.seen), cursor.since)
        try:
            with Download(self.path, None) as file:
                file.write(msgspec.json.encode(line))
        except OSError as error:
            raise StreamError(f"the cursor could not be kept in {self.path}: {error}") from error

    def __repr__(self) -> str:
        return f"<CursorFile {self.path} of {self._stream}>"


def keeper_of(resume: Resume | None, stream: str) -> Keeper | None:
    """Return what keeps the cursor from now on; None if nothing was named that could."""
    if isinstance(resume, (str, Path)):
        return CursorFile(resume, stream)
    return resume if not isinstance(resume, bytes) and isinstance(resume, Keeper) else None


def begin_of(resume: Resume | None, keeper: Keeper | None) -> Cursor:
    """Return where to begin: an empty cursor is now. Raises ConfigError for what is no place to begin at."""
    found: Any = resume if keeper is None else keeper.load()
    if isinstance(found, bytes):
        found = Cursor(token=found)
    elif isinstance(found, datetime):
        begin = nanoseconds(found)
        found = Cursor(nanoseconds=begin, since=begin)
    if found is None:
        return Cursor()
    if not isinstance(found, Cursor):
        raise ConfigError(
            "resume must be a token, a moment, a Cursor, the path of a file, or have load and save, "
            f"not {type(found).__name__}"
        )
    return found
