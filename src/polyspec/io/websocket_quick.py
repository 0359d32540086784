"""Receives whole messages without the library's detours, which cost several times what reading one does.

Nearly every frame is a message of its own, unmasked and complete in what was read. Those are cut out here.
Whatever else comes - the answer to the opening, control frames, messages in pieces or split between reads,
anything against the rules - goes to the library untouched and in its order, and what it makes of it counts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.protocol import State

__all__ = ["QuickConnection"]

_TEXT, _BINARY, _FINAL = 1, 2, 0x80
_WHOLE: Final = (_FINAL | _TEXT, _FINAL | _BINARY)
_OPCODE: Final = 0x0F
_END: Final = b"\r\n\r\n"
"""Of the answer to the opening."""
_SHORT: Final = 125
"""Bytes of the longest message whose length is said in one byte; the two after it say where it is said."""
_MASKED: Final = 128
"""Added to the length of what is masked, which nothing of a server's may be."""
_HIGH, _LOW = 64, 16
"""Messages waiting from which on nothing is read any more, and down to which it is again."""


class QuickConnection(ClientConnection):
    """A connection whose messages come from `receive`; `recv` is not to be called beside it."""

    def __init__(self, *arguments: Any, largest: int | None, **named: Any) -> None:
        """Prepare it; messages beyond `largest` bytes are the library's to refuse."""
        super().__init__(*arguments, **named)
        self._largest = float("inf") if largest is None else largest
        # None stands for a message that the library is putting together
        self._whole: deque[bytes | None] = deque()
        self._awaited: asyncio.Future[None] | None = None
        self._opening: bytes | None = b""
        """The last bytes of the answer to the opening so far; None after it."""
        self._begun = b""
        """The first bytes of a frame whose length is not known yet."""
        self._owed = 0
        """Bytes of a frame that the library got the beginning of."""
        self._in_pieces = False
        """Whether a message was begun and not finished: then all frames are the library's."""
        self._halted = False

    async def receive(self) -> bytes:
        """Return the next message; raises ConnectionClosed at the end."""
        whole = self._whole
        while not whole and self.state is not State.CLOSED:
            self._awaited = self.loop.create_future()
            await self._awaited
        message = whole[0] if whole else None
        if message is None:
            message = await self.recv(decode=False)
        whole.popleft()
        if self._halted and len(whole) <= _LOW:
            self._halted = False
            self.transport.resume_reading()
        return message

    def data_received(self, data: bytes) -> None:
        """Take in what was read."""
        if self._opening is not None:
            data = self._opened(data, self._opening)
        if self.state is not State.OPEN:
            self._hand_over(data)
            return
        if data:
            self._cut(self._begun + data if self._begun else data)
        if self._whole:
            self._wake()
            if len(self._whole) > _HIGH and not self._halted:
                self._halted = True
                self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing comes any more."""
        super().connection_lost(exc)
        self._wake()

    def _wake(self) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None and not awaited.done():
            awaited.set_result(None)

    def _hand_over(self, data: bytes) -> None:
        data, self._begun = self._begun + data, b""
        if data:
            super().data_received(data)

    def _opened(self, data: bytes, before: bytes) -> bytes:
        """Give the library the answer to the opening; return what came after its end."""
        end = (before + data).find(_END)
        length = len(data) if end < 0 else end + len(_END) - len(before)
        self._opening = (before + data)[1 - len(_END) :] if end < 0 else None
        super().data_received(data[:length])
        return data[length:]

    def _cut(self, data: bytes) -> None:
        """Take whole messages; leave everything else to the library."""
        start, size, self._begun = min(self._owed, len(data)), len(data), b""
        if start:
            self._owed -= start
            super().data_received(data[:start])
        whole, largest, foreign = self._whole, self._largest, self.state is not State.OPEN
        while size - start > 1 and not foreign:
            first, length, body = data[start], data[start + 1], start + 2
            if length > _SHORT:
                body += 2 if length == _SHORT + 1 else 8
                if size < body:
                    break
                length = int.from_bytes(data[start + 2 : body], "big") if length < _MASKED else size
            end = body + length
            if first in _WHOLE and end <= size and length <= largest and not self._in_pieces:
                whole.append(data[body:end])
                start = end
            else:
                start = self._pass_on(data, start, end)
                foreign = self.state is not State.OPEN
        self._begun = data[start:]
        if foreign:
            self._hand_over(b"")

    def _pass_on(self, data: bytes, start: int, end: int) -> int:
        """Give the library a frame, or as much of it as came; return where the next one starts."""
        first = data[start]
        if first & _OPCODE in (_TEXT, _BINARY) and not self._in_pieces:
            self._whole.append(None)
        if first & _OPCODE <= _BINARY:
            self._in_pieces = not first & _FINAL
        self._owed = max(0, end - len(data))
        super().data_received(data[start:end])
        return min(end, len(data))
