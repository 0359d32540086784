"""HTTP/2 for the CLOB that takes every order: two of the peers ask for it wherever there is TLS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError

__all__ = ["Http2"]


class Http2:
    """One connection, which carries many requests at once."""

    def __init__(self, answer: Callable[[str, bytes], bytes]) -> None:
        self._answer = answer
        self._connection = H2Connection(H2Configuration(client_side=False))
        self._connection.initiate_connection()
        self._open: dict[int, tuple[str, list[bytes]]] = {}
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        """Answer the requests that are complete; a client that breaks the protocol is sent away."""
        try:
            self._take(self._connection.receive_data(data))
        except ProtocolError:
            self.ended = True
        return self._connection.data_to_send()

    def _take(self, events: list[Event]) -> None:
        connection = self._connection
        for event in events:
            if isinstance(event, RequestReceived):
                headers: dict[Any, Any] = dict(event.headers)
                self._open[event.stream_id] = headers[b":path"].decode(), []
            elif isinstance(event, DataReceived):
                self._open[event.stream_id][1].append(event.data)
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                target, parts = self._open.pop(event.stream_id)
                body = self._answer(target, b"".join(parts))
                length = ("content-length", str(len(body)))
                connection.send_headers(
                    event.stream_id, [(":status", "200"), ("content-type", "application/json"), length]
                )
                connection.send_data(event.stream_id, body, end_stream=True)
