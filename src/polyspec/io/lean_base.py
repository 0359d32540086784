"""One connection of our own, as far as both colours are alike; its socket never blocks."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Final

from polyspec.io.lean_answer import Incoming
from polyspec.io.lean_request import Origin
from polyspec.io.sockets import watching

__all__ = ["CHUNK", "NOTHING", "NOT_NOW", "BaseLine"]

CHUNK: Final = 65_536
NOTHING: Final = memoryview(b"")
# What a socket that never blocks says instead of waiting.
NOT_NOW: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class BaseLine(Incoming):
    """Carries one request at a time."""

    __slots__ = ("_arrived", "_cut", "_socket", "asked", "origin", "since")

    def __init__(self, max_body: int, origin: Origin, opened: socket.socket) -> None:
        super().__init__(max_body)
        self.origin = origin
        self.since = self.asked = time.monotonic()
        """When it was given back, and when the last request was written."""
        self._socket = opened
        self._arrived = watching(opened.fileno())
        self._cut = False

    def keeps(self) -> bool:
        """Tell whether it can carry another request after the one that was answered."""
        return self.keep and not self._cut

    def abandon(self) -> None:
        """Close the copy of its socket a forked process has; the connection is not ended by that."""
        self._socket.close()

    def shut(self) -> None:
        """Close its socket, for good."""
        self._socket.close()
        # the parser holds on to its callbacks, which are ours
        del self._parser

    def usable(self) -> bool:
        """Tell whether it can carry a request, as far as this machine knows."""
        if self._socket.fileno() < 0:
            # it ended while nobody used it, and what has its number now is something else
            return False
        if not self._arrived(0):
            return True
        try:
            # nothing, if it was for the TLS library alone
            return self._read() is None
        except OSError:
            return False

    def _write(self, data: bytes | memoryview) -> memoryview:
        """Write what the socket takes, and return what is left."""
        try:
            done = self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantWriteError):
            done = 0
        except ConnectionError:
            # a server that hung up may have said why before
            self._cut = True
            return NOTHING
        return NOTHING if done == len(data) else memoryview(data)[done:]

    def _read(self) -> bytes | None:
        """Return what arrived, and nothing at all when the connection has ended; None if nothing did."""
        try:
            return self._socket.recv(CHUNK)
        except NOT_NOW:
            return None
