"""What both colours need of sockets and no library gives them."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from typing import Any

from polyspec.errors import ConnectFailed

__all__ = ["http1_only", "numeric", "watching"]


def numeric(host: str, port: int) -> list[Any]:
    """Return the address of a host that is written as one; empty if a resolver has to be asked."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return []


def http1_only(protocol: str | None) -> None:
    """Refuse a connection whose ends agreed to speak something else: settings of a caller may offer it."""
    if protocol not in (None, "http/1.1"):
        raise ConnectFailed(f"the server speaks {protocol}, not HTTP/1.1; nothing was sent")


def watching(watched: int, *, writing: bool = False) -> Callable[[float], Any]:
    """Return what waits so many milliseconds until a socket can be read; it returns whether it can.

    With `writing` it waits until the socket can be read or written.
    """
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(watched, select.POLLIN | select.POLLOUT * writing)
        return poll.poll

    # Windows has none, and some libraries of green threads take it away
    def wait(milliseconds: float) -> bool:
        return any(select.select([watched], [watched] * writing, [watched], milliseconds / 1000))

    return wait
