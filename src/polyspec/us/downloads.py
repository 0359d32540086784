"""Downloads that are there whole or not at all."""

from __future__ import annotations

import binascii
import os
import tempfile
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from polyspec.errors import DecodeError

__all__ = ["Download", "text_of"]


def text_of(line: Any) -> bytes:
    """Return the piece of the file that one line of the answer carries.

    Reports wrap text, ledgers wrap base64, and the venue's guides show the bare file: all are read.
    """
    if isinstance(line, str):
        return line.encode() + b"\n"
    result = line.result
    if result is None:
        return b""
    if hasattr(result, "filechunk"):
        return bytes(result.filechunk.encode())
    try:
        return b64decode(result.data, validate=True)
    except binascii.Error as error:
        raise DecodeError(f"a piece of the download is not base64: {error}; at $.result.data") from error


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
        self._file.close()
        if kind is None:
            self._temporary.replace(self._path)
        else:
            self._temporary.unlink(missing_ok=True)
