"""A websocket server that does what it is told, odd things above all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response
from websockets.sync.server import ServerConnection, serve

__all__ = ["BOOK", "TOKEN", "OddServer", "odd_server"]

TOKEN = "7" * 20
BOOK = (
    '{"event_type": "book", "market": "0xm", "asset_id": "' + TOKEN + '", "timestamp": "1700000000000",'
    ' "hash": "", "tick_size": "0.01", "bids": [{"price": "0.4", "size": "1"}], "asks": []}'
)


class OddServer:
    """Where it is, and who came."""

    def __init__(self) -> None:
        self.url = ""
        self.connections = 0


@contextmanager
def odd_server(
    tell: Callable[[ServerConnection], Any],
    *,
    refuse: int | None = None,
    location: str = "",
    greeting: str | None = None,
) -> Iterator[OddServer]:
    """Run a server whose connections do `tell` after the first message; `refuse` answers with a status.

    A `greeting` is said before that.
    """
    found = OddServer()
    threads = set(threading.enumerate())

    def handle(socket: ServerConnection) -> None:
        found.connections += 1
        # whoever leaves early leaves
        with suppress(ConnectionClosed):
            if greeting is not None:
                socket.send(greeting)
            socket.recv()
            tell(socket)

    def answer(_: ServerConnection, __: Any) -> Response | None:
        if refuse is None:
            return None
        headers = Headers({"Content-Length": "0"} | ({"Location": location} if location else {}))
        return Response(refuse, HTTPStatus(refuse).phrase, headers)

    with serve(handle, "127.0.0.1", 0, process_request=answer, compression=None) as server:
        found.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            # those of connections are not waited for by the server
            end = time.monotonic() + 3.0
            while set(threading.enumerate()) - threads and time.monotonic() < end:
                time.sleep(0.005)
