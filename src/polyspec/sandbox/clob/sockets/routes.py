"""The two channels on their paths."""

from __future__ import annotations

from typing import Final

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.sockets.desks import MarketDesk, UserDesk
from polyspec.sandbox.clob.sockets.news import News, Newsroom
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.sockets import Connection, Hub

__all__ = ["Sockets"]

_DESKS: Final[dict[str, type[MarketDesk] | type[UserDesk]]] = {"market": MarketDesk, "user": UserDesk}


class Sockets:
    """All connections of a world."""

    def __init__(self, world: ClobWorld) -> None:
        self._world = world
        self._hub: Hub[News] = Hub()
        self._newsroom = Newsroom(world.exchange)
        world.listeners.append(self._heard)

    def _heard(self, events: list[t.Event]) -> None:
        self._hub.post([self._newsroom.read(events)])

    def routes(self) -> list[WebSocketRoute]:
        """Return the routes."""
        return [WebSocketRoute("/ws/market", self.market), WebSocketRoute("/ws/user", self.user)]

    async def market(self, socket: WebSocket) -> None:
        """Serve books and prices."""
        await self._serve(socket, "market")

    async def user(self, socket: WebSocket) -> None:
        """Serve orders and trades of a key."""
        await self._serve(socket, "user")

    async def _serve(self, socket: WebSocket, channel: str) -> None:
        await socket.accept()
        box = self._hub.open()
        try:
            desk = _DESKS[channel](self._world)
            operation = f"WebSocket_{channel.capitalize()}"
            await Connection(self._world, socket, operation, desk, box).run()
        finally:
            self._hub.close(box)
