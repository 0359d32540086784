"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Download"]


class Download:
    """Writes to a temporary file beside `path` and renames it at the end of the block."""

    def __init__(self, path: Path, progress: Callable[[int], None] | None) -> None:
        self.size = 0
        self._path = path
        self._progress = progress

    def __enter__(self) -> Self:
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        self._file = os.fdopen(handle, "wb")
        self._temporary = Path(name)
        return self

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        self._file.write(piece)
        self.size += len(piece)
        if self._progress is not None:
            self._progress(self.size)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._file:
                if kind is None:
                    self._file.flush()
                    # a rename may reach the disk before what it renames
                    os.fsync(self._file.fileno())
            if kind is None:
                self._temporary.replace(self._path)
        finally:
            # gone already if it was renamed; a full disk or a bad name leaves nothing either
            self._temporary.unlink(missing_ok=True)
