"""Server-sent events as connections of streams."""

from __future__ import annotations

import socket
import threading
from collections import deque
from contextlib import suppress
from typing import Final

import httpx

from polyspec.core.streams.server_sent import Parser, ServerSent
from polyspec.errors import PolyspecError
from polyspec.io.colour import deadline
from polyspec.io.options import HttpOptions
from polyspec.io.pool import new_client
from polyspec.io.sse_base import asked, broken, check, permanent

__all__ = ["EventSource"]

_ONE: Final = 1


class _Open:
    def __init__(self, client: httpx.Client, response: httpx.Response, longest: int) -> None:
        self._client = client
        self._response = response
        self._chunks = response.iter_raw()
        self._parser = Parser(longest)
        self._waiting: deque[ServerSent] = deque()
        self._reader = threading.get_ident()

    def receive(self, nap: float) -> ServerSent:
        del nap
        while not self._waiting:
            self._waiting.extend(self._parser.feed(next(self._chunks)))
        return self._waiting.popleft()

    def send(self, data: object) -> None:
        """Say nothing: the venue does not listen."""

    def close(self) -> None:
        """Wake whoever reads, who alone may close what is read."""
        if threading.get_ident() == self._reader:
            self._response.close()
            self._client.close()
            return
        stream = self._response.extensions.get("network_stream")
        found = stream.get_extra_info("socket") if stream is not None else None
        if found is not None:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)


class EventSource:
    """Opens a stream of events at an address, or at where the feed says."""

    blocks = True

    def __init__(self, url: str, http: HttpOptions) -> None:
        self._url = url
        self._http = http

    def dial(self, where: str | None, patience: float) -> _Open:
        """Open a stream."""
        client = new_client(self._http, _ONE)
        response: httpx.Response | None = None
        try:
            # what is said first is waited for, too: a peer may take connections and say nothing
            with deadline(patience):
                response = client.send(asked(where or self._url, patience), stream=True)
            check(response)
        except BaseException:
            if response is not None:
                response.close()
            client.close()
            raise
        return _Open(client, response, self._http.max_body)

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why a stream ended or could not be opened."""
        return broken(error)

    def permanent(self, error: Exception) -> PolyspecError | None:
        """Return what no other attempt to connect can mend; None if one may."""
        return permanent(error)
