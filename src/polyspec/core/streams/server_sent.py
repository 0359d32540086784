"""Cut a stream of server-sent events into events, as HTML's standard has it."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from polyspec.errors import DecodeError

__all__ = ["Parser", "ServerSent"]

_LINE: Final = re.compile(rb"\r\n|\n|\r")
_LONGEST: Final = 16 * 1024 * 1024


class ServerSent(Struct, frozen=True, gc=False):
    """One event; one without data, such as a comment, is a sign of life."""

    event: str
    data: bytes
    id: str | None = None


class Parser:
    """Takes bytes as they come; what an event is called and says is known at the empty line after it."""

    def __init__(self, longest: int = _LONGEST) -> None:
        self._longest = longest
        self._rest = b""
        self._size = 0
        self._event = ""
        self._data: list[bytes] = []
        self._id: str | None = None
        self._any = False

    def feed(self, chunk: bytes) -> list[ServerSent]:
        """Return the events that end in it; raises DecodeError for one that does not end."""
        text = self._rest + chunk
        # a line feed that belongs to this carriage return may be on its way
        held = b"\r" if text.endswith(b"\r") else b""
        *lines, last = _LINE.split(text[: len(text) - len(held)])
        self._rest = last + held
        found = [event for line in lines if (event := self._line(line)) is not None]
        if self._size + len(self._rest) > self._longest:
            raise DecodeError(f"an event of more than {self._longest} bytes")
        return found

    def _line(self, line: bytes) -> ServerSent | None:
        if not line:
            return self._end()
        self._any = True
        self._size += len(line)
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value.decode(errors="replace")
        elif name == b"id":
            self._id = value.decode(errors="replace")
        return None

    def _end(self) -> ServerSent | None:
        event = ServerSent(self._event or "message", b"\n".join(self._data), self._id) if self._any else None
        self._event, self._data, self._any, self._size = "", [], False, 0
        return event
