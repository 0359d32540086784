"""The channels on their paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.games import BEAT
from polyspec.sandbox.clob.sockets.desks import MarketDesk, UserDesk
from polyspec.sandbox.clob.sockets.live_desk import LiveDesk
from polyspec.sandbox.clob.sockets.news import News, Newsroom
from polyspec.sandbox.clob.sockets.sports_desk import SportsDesk
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.sockets import Connection, Desk, Frame, Hub

__all__ = ["Sockets"]

_EMPTY: Final = ("",)
"""The venue's first frame on the live data channel."""


class Sockets:
    """All connections of a world."""

    def __init__(self, world: ClobWorld) -> None:
        self._world = world
        self._hub: Hub[News] = Hub()
        self._newsroom = Newsroom(world.exchange)
        world.listeners.append(self._heard)
        options = world.options
        self._beats = _Pulse(world, options.sports_ping, lambda: world.games.hub.post([BEAT]))
        self._ticks = _Pulse(world, options.live_every, world.live.tick)

    def _heard(self, events: list[t.Event]) -> None:
        self._hub.post([self._newsroom.read(events)])

    def routes(self) -> list[WebSocketRoute]:
        """Return the routes."""
        channels = (self.market, self.user, self.sports, self.live)
        return [WebSocketRoute(f"/ws/{each.__name__}", each) for each in channels]

    async def market(self, socket: WebSocket) -> None:
        """Serve books and prices."""
        await self._serve(socket, "Market", self._hub, MarketDesk(self._world))

    async def user(self, socket: WebSocket) -> None:
        """Serve orders and trades of a key."""
        await self._serve(socket, "User", self._hub, UserDesk(self._world))

    async def sports(self, socket: WebSocket) -> None:
        """Serve games."""
        pulse = self._beats if self._world.options.sports_heartbeat == "text" else None
        await self._serve(socket, "Sports", self._world.games.hub, SportsDesk(self._world), pulse)

    async def live(self, socket: WebSocket) -> None:
        """Serve prices and comments."""
        greeting = _EMPTY if self._world.options.live_greeting else ()
        await self._serve(
            socket, "Live", self._world.live.hub, LiveDesk(self._world), self._ticks, greeting=greeting
        )

    async def _serve(
        self,
        socket: WebSocket,
        channel: str,
        hub: Hub[Any],
        desk: Desk[Any],
        pulse: _Pulse | None = None,
        *,
        greeting: Sequence[Frame] = (),
    ) -> None:
        # before the client knows that it is connected: from then on it expects news
        box = hub.open()
        if pulse is not None:
            pulse.listen()
        try:
            await socket.accept()
            await Connection(self._world, socket, f"WebSocket_{channel}", desk, box).run(greeting)
        finally:
            hub.close(box)
            if pulse is not None:
                pulse.leave()


class _Pulse:
    """Something that is done every so many seconds of the sandbox's clock, while anybody listens."""

    def __init__(self, world: ClobWorld, every: float, beat: Callable[[], None]) -> None:
        self._world = world
        self._every = every
        self._beat = beat
        self._listeners = 0
        self._running = False

    def listen(self) -> None:
        """Go on while there is one more."""
        with self._world.lock:
            self._listeners += 1
            if not self._running:
                self._running = True
                self._world.jobs.later(self._every, self._act)

    def leave(self) -> None:
        """Go on for one fewer."""
        with self._world.lock:
            self._listeners -= 1

    def _act(self) -> None:
        self._running = self._listeners > 0
        if self._running:
            self._beat()
            self._world.jobs.later(self._every, self._act)
