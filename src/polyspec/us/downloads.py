"""What the exchange's downloads are made of."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from polyspec_wire import Operation
from polyspec_wire.us_exchange import models as wire

from polyspec.core.attempt import api_error
from polyspec.core.codec import decode, encode
from polyspec.core.effects import Reply
from polyspec.errors import ApiError, DecodeError

__all__ = ["Pieces", "text_of"]

# How the venue's gateway turns the codes of its services into statuses.
_STATUS: Final = {3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 14: 503, 16: 401}


class _Line(msgspec.Struct):
    """What every line of a download has."""

    result: dict[str, Any] | None = None
    error: wire.Status | None = None


class Pieces:
    """Cuts the body of a download into its typed lines; a bare file passes through byte for byte."""

    def __init__(self, operation: Operation, max_line: int) -> None:
        self._operation = operation
        self._kind = operation.success[200]
        self._max_line = max_line
        self._rest = b""
        self._bare: bool | None = None

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """Take in what arrived and return what is complete; raises DecodeError, or what the venue reports."""
        if self._bare:
            yield chunk
            return
        self._rest += chunk
        if self._bare is None:
            if not self._rest.strip():
                return
            self._bare = not self._rest.lstrip().startswith(b"{")
            if self._bare:
                yield from self.end()
                return
        # only the line feed ends a line: what else counts as one in Unicode may stand in the file
        *lines, self._rest = self._rest.split(b"\n")
        if len(self._rest) > self._max_line:
            raise DecodeError(f"a line of the download is longer than {self._max_line} bytes (max_body)")
        for line in lines:
            if line.strip():
                yield self._read(line)

    def end(self) -> Iterator[Any]:
        """Return what is left when the body has ended; half a line is an error."""
        rest, self._rest = self._rest, b""
        if self._bare is False:
            if rest.strip():
                yield self._read(rest)
        elif rest:
            yield rest

    def _read(self, line: bytes) -> Any:
        found = decode(line, self._kind)
        # an answer the venue does not publish is a plain object; a failure midway looks the same everywhere
        checked = decode(line, _Line) if isinstance(found, dict) else found
        if checked.error is not None:
            raise self._reported(checked.error)
        if checked.result is None:
            raise DecodeError(f"a line of the download has neither result nor error: {line[:80]!r}")
        return found

    def _reported(self, status: wire.Status) -> ApiError:
        reply = Reply(status=_STATUS.get(status.code, 500), headers={}, body=encode(status), elapsed=0.0)
        error = api_error(reply, 0.0)
        error.operation = f"{self._operation.method} {self._operation.path}"
        return error


def text_of(line: Any) -> bytes:
    """Return the piece of the file that one line of the answer carries.

    Reports wrap text, ledgers wrap base64, and the venue's guides show the bare file: all are read.
    """
    if isinstance(line, bytes):
        return line
    result = line["result"] if isinstance(line, dict) else msgspec.structs.asdict(line.result)
    if isinstance(text := result.get("filechunk"), str):
        return text.encode()
    try:
        return b64decode(result["data"], validate=True)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise DecodeError(f"a piece of the download is not base64: {error}; at $.result.data") from error
