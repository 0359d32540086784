"""Gather the body of an answer, never more of it than asked for, compressed or not."""

from __future__ import annotations

import zlib
from typing import Final

from polyspec.errors import DecodeError

__all__ = ["Body"]

_EITHER_HEADER: Final = zlib.MAX_WBITS | 32


class Body:
    """Collects the bytes of one answer; raises DecodeError, after which the connection is of no use."""

    __slots__ = ("_chunks", "_limit", "_size", "_unpacker")

    def __init__(self, encoding: str, limit: int) -> None:
        """Collect at most `limit` bytes after unpacking; `encoding` is the Content-Encoding header."""
        self._limit = limit
        self._size = 0
        self._chunks: list[bytes] = []
        self._unpacker = None
        if not encoding:
            return
        names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
        if names not in ([], ["identity"], ["gzip"], ["x-gzip"], ["deflate"]):
            raise _unread(f"is encoded as {encoding[:100]!r}, which was not asked for", malformed=False)
        if names not in ([], ["identity"]):
            self._unpacker = zlib.decompressobj(_EITHER_HEADER)

    def add(self, chunk: bytes) -> None:
        """Take in what arrived."""
        if self._unpacker is None:
            self._size += len(chunk)
            if self._size > self._limit:
                raise self._too_large()
            self._chunks.append(chunk)
            return
        while chunk:
            # a bomb is never unpacked further than one byte beyond the limit
            try:
                self._keep(self._unpacker.decompress(chunk, self._limit - self._size + 1))
            except zlib.error as error:
                raise _unread(f"cannot be unpacked ({error})", malformed=True) from error
            chunk = self._unpacker.unused_data
            if chunk:
                self._unpacker = zlib.decompressobj(_EITHER_HEADER)

    def end(self) -> bytes:
        """Return the whole."""
        if self._unpacker is not None and self._size and not self._unpacker.eof:
            raise _unread("was cut off", malformed=True)
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def _keep(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._limit:
            raise self._too_large()
        if chunk:
            self._chunks.append(chunk)

    def _too_large(self) -> DecodeError:
        return _unread(f"is larger than {self._limit} bytes (max_body)", malformed=False)


def _unread(what: str, *, malformed: bool) -> DecodeError:
    error = DecodeError(f"the answer {what}; the venue may have acted on the request")
    error.malformed, error.maybe_executed = malformed, True
    return error
