"""Servers in processes of their own that cost next to nothing, so that what is measured is the client.

One loop over sockets that never block: through the transports of asyncio, TLS would cost the server more than
it costs the clients that are measured.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import selectors
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Protocol

__all__ = ["Address", "Venue", "serve", "started"]

_CHUNK = 65_536
_HEAD = (
    "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n"
    "Server: bench\r\nX-Request-Id: 4bf92f3577b34da6a3ce929d0e0e4736\r\n%sContent-Length: "
)


@dataclass(frozen=True)
class Address:
    """Where a running server is, and whom to trust there."""

    url: str
    ca: Path | None


@contextlib.contextmanager
def started(module: str, folder: Path | None = None, *, http2: bool = False) -> Iterator[Address]:
    """Run a module that serves until the end of the block; over TLS if there is a folder for certificates."""
    command, ca = [sys.executable, "-m", module], None
    if folder is not None:
        # the server itself does without the libraries this needs
        from polyspec.sandbox.http.certificates import make_certificates

        made = make_certificates(folder, "localhost")
        command += ["--certificate", str(made.certificate), "--key", str(made.key)]
        ca = made.ca
    if http2:
        command.append("--http2")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Address(process.stdout.readline().strip(), ca)
        finally:
            # it ends with its input, and so it does when this process dies
            process.stdin.close()


class Venue(Protocol):
    """What is served."""

    headers: str
    """Lines that every answer has, each with its end."""

    def answer(self, target: str, body: bytes) -> bytes:
        """Return the body for a request."""
        ...


class _Conversation(Protocol):
    ended: bool

    def feed(self, data: bytes) -> bytes:
        """Return what is to be sent once this has arrived."""
        ...


class _Http1:
    """Requests one after the other, as far as the clients measured here make use of HTTP."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._buffer = b""
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        """Answer the requests that are complete."""
        buffer, replies = self._buffer + data, b""
        while (head := buffer.find(b"\r\n\r\n")) >= 0:
            end = head + 4 + _length(buffer[:head].lower())
            if len(buffer) < end:
                break
            target = buffer[: buffer.index(b"\r\n")].split(b" ")[1].decode()
            body = self._venue.answer(target, buffer[head + 4 : end])
            replies += b"%s%d\r\n\r\n%s" % (_head(int(time.time()), self._venue.headers), len(body), body)
            buffer = buffer[end:]
        self._buffer = buffer
        return replies


@lru_cache(maxsize=1)
def _head(now: int, more: str) -> bytes:
    return (_HEAD % (formatdate(now, usegmt=True), more)).encode()


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


class _Peer:
    """One connection."""

    def __init__(self, opened: socket.socket, venue: Venue) -> None:
        self.opened = opened
        self._venue = venue
        self._conversation: _Conversation | None = None

    def serve(self) -> bool:
        """Read what there is and answer it; False when the connection has ended."""
        try:
            if self._conversation is None:
                self._conversation = self._begun()
            while data := self.opened.recv(_CHUNK):
                reply = self._conversation.feed(data)
                if reply:
                    self.opened.sendall(reply)
                if not isinstance(self.opened, ssl.SSLSocket) or not self.opened.pending():
                    return not self._conversation.ended
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            pass
        return False

    def _begun(self) -> _Conversation:
        if isinstance(self.opened, ssl.SSLSocket):
            self.opened.do_handshake()
            if self.opened.selected_alpn_protocol() == "h2":
                # a library that only the benchmarks need, and of these one
                from benchmarks.clob_http2 import Http2

                return Http2(self._venue.answer)
        return _Http1(self._venue)


def _serve(context: ssl.SSLContext | None, venue: Venue) -> None:
    selector = selectors.DefaultSelector()
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listening:
        host = "http://127.0.0.1" if context is None else "https://127.0.0.1"
        print(f"{host}:{listening.getsockname()[1]}", flush=True)
        selector.register(listening, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                peer: _Peer | None = key.data
                if peer is None:
                    selector.register(*_accepted(listening, context, venue))
                elif not peer.serve():
                    selector.unregister(peer.opened)
                    peer.opened.close()


def _accepted(
    listening: socket.socket, context: ssl.SSLContext | None, venue: Venue
) -> tuple[socket.socket, int, _Peer]:
    opened, _ = listening.accept()
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setblocking(False)  # noqa: FBT003
    if context is not None:
        opened = context.wrap_socket(opened, server_side=True, do_handshake_on_connect=False)
    return opened, selectors.EVENT_READ, _Peer(opened, venue)


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def serve(venue: Venue) -> None:
    """Print the address and serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--http2", action="store_true", help="offer it to clients that ask for it")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        context.set_alpn_protocols(["h2", "http/1.1"] if options.http2 else ["http/1.1"])
    threading.Thread(target=_end_with_input, daemon=True).start()
    _serve(context, venue)
