"""Websockets as connections of streams."""

from __future__ import annotations

from typing import Any

from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from polyspec.errors import PolyspecError
from polyspec.io.options import HttpOptions
from polyspec.io.websocket_base import NotOpened, broken, encoded, options_of, permanent

__all__ = ["WebSocket"]


class _Opening(ClientConnection):
    def handshake(self, *arguments: Any, **named: Any) -> None:
        try:
            super().handshake(*arguments, **named)
        except InvalidStatus as error:
            raise NotOpened(error.response.status_code) from None


class _Open:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def receive(self, nap: float) -> Any:
        return self._socket.recv(timeout=nap, decode=False)

    def send(self, data: object) -> None:
        self._socket.send(encoded(data))

    def close(self) -> None:
        self._socket.close()


class WebSocket:
    """Connects to an address, or to where the feed says."""

    blocks = False

    def __init__(
        self, url: str, http: HttpOptions, *, alive: float | None = None, renews: bool = False
    ) -> None:
        """Remember where to connect; `alive` is how often the protocol itself asks for a sign of life.

        If every connection `renews` its credentials, a refusal of the last ones is the feed's to judge.
        """
        self._url = url
        self._http = http
        self._alive = alive
        self._renews = renews

    def dial(self, where: str | None, patience: float) -> _Open:
        """Open a websocket."""
        url = where or self._url
        options = options_of(url, self._http, patience, self._alive)
        # newer versions of the library connect when the block is entered
        return _Open(connect(url, create_connection=_Opening, **options).__enter__())

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why a connection ended or could not be made, and with which code of the peer's."""
        return broken(error)

    def permanent(self, error: Exception) -> PolyspecError | None:
        """Return what no other attempt to connect can mend; None if one may."""
        return permanent(error, renews=self._renews)
