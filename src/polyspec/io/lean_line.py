"""One connection of our own that the thread of a request waits for."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time

from polyspec.core.effects import Timeouts
from polyspec.io.lean_base import BaseLine
from polyspec.io.lean_request import Origin, Outgoing
from polyspec.io.sockets import http1_only, numeric, watching

__all__ = ["Line", "opened"]


def opened(origin: Origin, context: ssl.SSLContext, until: float) -> socket.socket:
    """Open a connection; raises what went wrong, without having sent anything of a request."""
    made = _connected(origin, until)
    if not origin.tls:
        return made
    return _secured(made, context, origin, until)


def _connected(origin: Origin, until: float) -> socket.socket:
    """Connect to the first address of a host that answers."""
    addresses = numeric(origin.host, origin.port) or socket.getaddrinfo(
        origin.host, origin.port, type=socket.SOCK_STREAM
    )
    for left in range(len(addresses), 0, -1):
        family, kind, protocol, _, address = addresses[-left]
        made = socket.socket(family, kind, protocol)
        try:
            # an address that swallows everything must not take the time of the others
            _limit(made, time.monotonic() + (until - time.monotonic()) / left)
            made.connect(address)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException as error:
            made.close()
            if left == 1 or not isinstance(error, OSError):
                raise
        else:
            return made
    raise OSError("the name of the host leads nowhere")


def _limit(made: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline passed")
    made.settimeout(left)


def _secured(opened: socket.socket, context: ssl.SSLContext, origin: Origin, until: float) -> ssl.SSLSocket:
    try:
        made = context.wrap_socket(
            opened, server_hostname=origin.host.rstrip("."), do_handshake_on_connect=False
        )
    except BaseException:
        opened.close()
        raise
    try:
        _limit(made, until)
        made.do_handshake()
        http1_only(made.selected_alpn_protocol())
    except BaseException:
        made.close()
        raise
    return made


class Line(BaseLine):
    """A connection that waits in the thread of its request."""

    __slots__ = ("_lines",)

    def __init__(self, max_body: int, origin: Origin, opened: socket.socket, lines: set[Line]) -> None:
        super().__init__(max_body, origin, opened)
        opened.setblocking(False)  # noqa: FBT003
        self._lines = lines
        lines.add(self)

    def ask(self, outgoing: Outgoing, limits: Timeouts, until: float) -> None:
        """Write a request and read its answer."""
        self.expect()
        self.asked = moved = time.monotonic()
        rest = self._write(outgoing.data)
        while True:
            late = min(until, moved + (limits.write if rest else limits.read))
            wait = watching(self._socket.fileno(), writing=True) if rest else self._arrived
            if not wait(max(0.0, (late - time.monotonic()) * 1000)):
                raise TimeoutError
            chunk = self._read()
            if chunk is not None:
                if not chunk:
                    self.end()
                    return
                if self.feed(chunk):
                    self._cut = self._cut or bool(rest)
                    return
                moved = time.monotonic()
            if rest:
                left = len(rest)
                rest = self._write(rest)
                moved = time.monotonic() if len(rest) < left else moved

    def discard(self) -> None:
        """Close it."""
        if self in self._lines:
            self._lines.remove(self)
            self.shut()

    def interrupt(self) -> None:
        """Wake the thread that uses it, which finds it closed."""
        with contextlib.suppress(OSError):
            # the method of a TLS socket would let what is written next go out in clear
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
