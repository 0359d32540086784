"""What both colours need of sockets and no library gives them."""

from __future__ import annotations

import select
import socket
import sys
from typing import Any, Final

from polyspec.errors import ConnectFailed

__all__ = ["READ", "WRITE", "Watch", "http1_only", "numeric"]

READ: Final = 1
WRITE: Final = 2


def numeric(host: str, port: int) -> list[Any]:
    """Return the address of a host that is written as one; empty if a resolver has to be asked."""
    try:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    except socket.gaierror:
        return []


def http1_only(protocol: str | None) -> None:
    """Refuse a connection whose ends agreed to speak something else: settings of a caller may offer it."""
    if protocol not in (None, "http/1.1"):
        raise ConnectFailed(f"the server speaks {protocol}, not HTTP/1.1; nothing was sent")


if sys.platform == "win32":

    class Watch:
        """Waits until a socket can be read or written."""

        def __init__(self, watched: int) -> None:
            self._watched = watched

        def wait(self, events: int, seconds: float) -> bool:
            """Wait for an event, or a failure; False if the time passed without."""
            reading = [self._watched] if events & READ else []
            writing = [self._watched] if events & WRITE else []
            return any(select.select(reading, writing, [self._watched], max(0.0, seconds)))

else:

    class Watch:
        """Waits until a socket can be read or written."""

        def __init__(self, watched: int) -> None:
            self._watched = watched
            self._polls: dict[int, select.poll] = {}

        def wait(self, events: int, seconds: float) -> bool:
            """Wait for an event, or a failure; False if the time passed without."""
            poll = self._polls.get(events)
            if poll is None:
                poll = self._polls[events] = select.poll()
                read, write = bool(events & READ), bool(events & WRITE)
                poll.register(self._watched, read * select.POLLIN | write * select.POLLOUT)
            return bool(poll.poll(max(0.0, seconds * 1000)))
