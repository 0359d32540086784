"""Websockets as connections of streams."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from polyspec.errors import PolyspecError
from polyspec.io.options import HttpOptions
from polyspec.io.websocket_base import NotOpened, broken, encoded, options_of, permanent
from polyspec.io.websocket_quick import QuickConnection

__all__ = ["AsyncWebSocket"]


class _Opening(QuickConnection):
    async def handshake(self, *arguments: Any, **named: Any) -> None:
        try:
            await super().handshake(*arguments, **named)
        except InvalidStatus as error:
            raise NotOpened(error.response.status_code) from None


class _Open:
    def __init__(self, socket: QuickConnection) -> None:
        self._socket = socket
        self.receive = socket.receive

    async def send(self, data: object) -> None:
        await self._socket.send(encoded(data))

    async def aclose(self) -> None:
        await self._socket.close()


class AsyncWebSocket:
    """Connects to an address, or to where the feed says."""

    def __init__(self, url: str, http: HttpOptions, *, alive: float | None = None) -> None:
        """Remember where to connect; `alive` is how often the protocol itself asks for a sign of life."""
        self._url = url
        self._http = http
        self._alive = alive

    async def dial(self, where: str | None, patience: float) -> _Open:
        """Open a websocket."""
        url = where or self._url
        options = options_of(url, self._http, patience, self._alive)
        # a function that makes one does as well as a class
        opening = cast("type[_Opening]", partial(_Opening, largest=options["max_size"]))
        socket = await connect(url, create_connection=opening, **options)
        assert isinstance(socket, QuickConnection)
        return _Open(socket)

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why a connection ended or could not be made, and with which code of the peer's."""
        return broken(error)

    def permanent(self, error: Exception) -> PolyspecError | None:
        """Return what no other attempt to connect can mend; None if one may."""
        return permanent(error)
