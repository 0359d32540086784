"""A server of bare sockets that misbehaves exactly as told, and counts what reached it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

__all__ = ["Peer", "RawServer", "Received", "after_request", "answer", "drips", "sends", "soon"]


class Received(NamedTuple):
    """One complete request."""

    line: str
    headers: dict[str, str]
    body: bytes


def answer(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    """Lay out an ordinary answer."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "content-type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Peer:
    """One accepted connection, as the script of the server sees it."""

    def __init__(self, server: RawServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self._buffer = b""

    def request(self) -> Received | None:
        """Read one request to its end; None if the client closed instead."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return None
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
        size = int(headers.get("content-length", "0"))
        while len(self._buffer) < size:
            if not self._more():
                return None
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        received = Received(line, headers, body)
        self.server.requests.append(received)
        return received

    def _more(self) -> bool:
        chunk = self.connection.recv(65_536)
        self._buffer += chunk
        return bool(chunk)

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.connection.sendall(data)

    def drip(self, data: bytes, gap: float = 0.05) -> None:
        """Send byte after byte until the client hangs up."""
        for place in range(len(data)):
            self.send(data[place : place + 1])
            if self.server.stopping.wait(gap):
                return

    def reset(self) -> None:
        """Break the connection off with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def close(self) -> None:
        """End the connection in order."""
        self.connection.close()

    def hang(self) -> None:
        """Say nothing until the client hangs up."""
        while self._more():
            pass


Script = Callable[[Peer, int], None]


class RawServer:
    """Runs a script for every connection, numbered from 0, each in a thread.

    When the script is done the connection stays until the client closes it, which `settled` waits for.
    """

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._script = script
        self._tls = tls
        self.requests: list[Received] = []
        self.connections = 0
        self.open = 0
        self.stopping = threading.Event()
        self._peers: list[Peer] = []
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            peer = Peer(self, connection)
            self._peers.append(peer)
            with self._changed:
                self.open += 1
            thread = threading.Thread(target=self._serve, args=(peer, self.connections), daemon=True)
            self.connections += 1
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: Peer, number: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._tls is not None:
                peer.connection = self._tls.wrap_socket(peer.connection, server_side=True)
            self._script(peer, number)
            peer.hang()
        peer.connection.close()
        with self._changed:
            self.open -= 1
            self._changed.notify_all()

    def settled(self, seconds: float = 3.0) -> bool:
        """Wait until no connection is open any more."""
        with self._changed:
            return self._changed.wait_for(lambda: self.open == 0, seconds)

    def stop(self) -> None:
        """Close everything and wait for the threads."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self._peers:
            with contextlib.suppress(OSError):
                peer.connection.shutdown(socket.SHUT_RDWR)
        end = time.monotonic() + 5
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
            assert not thread.is_alive(), "a thread of the server hangs"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def after_request(*actions: Callable[[Peer], None]) -> Script:
    """Read one request, then act."""

    def script(peer: Peer, _number: int) -> None:
        peer.request()
        for action in actions:
            action(peer)

    return script


def soon(action: Callable[[Peer], None]) -> Script:
    """Act without reading anything."""

    def script(peer: Peer, _number: int) -> None:
        # at once, and the client may notice before it has anything to lose
        peer.server.stopping.wait(0.05)
        action(peer)

    return script


def sends(data: bytes) -> Callable[[Peer], None]:
    """Act by sending bytes."""
    return lambda peer: peer.send(data)


def drips(data: bytes) -> Callable[[Peer], None]:
    """Act by sending byte after byte."""
    return lambda peer: peer.drip(data)
