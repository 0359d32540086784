"""The four websockets: who may open one, and frames in and out of their desks.

A connection that is not allowed is accepted first and closed then, so that its client sees the code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from polyspec.sandbox.http import sockets
from polyspec.sandbox.http.sockets import Connection
from polyspec.sandbox.polysimulator.access import Caller, caller_of_key
from polyspec.sandbox.polysimulator.desks import Desk, ExecutionsDesk, Frame, PricesDesk
from polyspec.sandbox.polysimulator.faults import FaultPlan
from polyspec.sandbox.polysimulator.pm_desks import TOO_MANY, MarketDesk, TooMany, UserDesk
from polyspec.sandbox.polysimulator.refusals import Refusal
from polyspec.sandbox.polysimulator.streams import Fill, News, sorted_out

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["BAD_TOKEN", "TOO_MANY", "Sockets"]

BAD_TOKEN: Final = 4001
_AUTH_FAILED: Final = 1008
_LONGEST: Final = 64 * 1024
"""Characters of a frame of a client."""
_NATIVE: Final = {"prices": PricesDesk, "executions": ExecutionsDesk}
_PM: Final = {"market": MarketDesk, "user": UserDesk}


class _Refused(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """The connection is closed with a code, after a frame if there is one."""

    def __init__(self, code: int, frame: Frame | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.frame = frame


class _Seat:
    """A place among the connections a user's plan allows; taken once it is known whose it is."""

    def __init__(self, taken: Counter[int], world: PolySimWorld) -> None:
        self._taken = taken
        self._world = world
        self.user_id: int | None = None

    def take(self, caller: Caller) -> None:
        """Take the seat; raises TooMany."""
        most = self._world.options.tiers[caller.tier].sockets
        if self._taken[caller.user.id] >= most:
            raise TooMany(f"at most {most} connections on the {caller.tier} plan")
        self.user_id = caller.user.id
        self._taken[self.user_id] += 1

    def log_in(self, key: str) -> int | None:
        """Take the seat of whoever has an API key; None if it does not hold; raises TooMany."""
        try:
            caller = caller_of_key(self._world, key)
        except Refusal:
            return None
        self.take(caller)
        return caller.user.id

    def leave(self) -> None:
        """Give the seat back."""
        if self.user_id is not None:
            self._taken[self.user_id] -= 1


class Sockets:
    """All connections of a world."""

    def __init__(self, world: PolySimWorld) -> None:
        self._world = world
        self._taken: Counter[int] = Counter()

    def routes(self) -> list[WebSocketRoute]:
        """Return the routes."""
        return [
            WebSocketRoute("/v1/ws/prices", self.prices),
            WebSocketRoute("/v1/ws/executions", self.executions),
            WebSocketRoute("/v1/ws/market", self.market),
            WebSocketRoute("/v1/ws/user", self.user),
        ]

    async def prices(self, socket: WebSocket) -> None:
        """Serve the prices of markets."""
        await self._serve(socket, "prices")

    async def executions(self, socket: WebSocket) -> None:
        """Serve the fills of a user."""
        await self._serve(socket, "executions")

    async def market(self, socket: WebSocket) -> None:
        """Serve books and prices in Polymarket's shapes."""
        await self._serve(socket, "market")

    async def user(self, socket: WebSocket) -> None:
        """Serve fills in Polymarket's shapes."""
        await self._serve(socket, "user")

    async def _serve(self, socket: WebSocket, channel: str) -> None:
        await socket.accept()
        world, seat = self._world, _Seat(self._taken, self._world)
        box = world.hub.open()
        try:
            with world.lock:
                world.jobs.run_due()
                desk = self._desk(channel, socket.query_params.get("token", ""), seat)
                greeting = desk.greet()
            told = _Told(desk, world.faults, _operation(channel))
            connection = Connection(world, socket, _operation(channel), told, box, longest=_LONGEST)
            await connection.run(greeting)
        except _Refused as refused:
            if refused.frame is not None:
                await socket.send_text(_text(refused.frame))
            await socket.close(refused.code)
        finally:
            world.hub.close(box)
            seat.leave()

    def _desk(self, channel: str, token: str, seat: _Seat) -> Desk:
        """Return the desk of a new connection; raises _Refused."""
        world = self._world
        native = channel in _NATIVE
        user_id: int | None = None
        if token or native:
            caller = self._caller(channel, token)
            if caller is None:
                invalid: Frame = {"event_type": "error", "error": "AUTH_INVALID", "message": "invalid token"}
                raise _Refused(BAD_TOKEN) if native else _Refused(_AUTH_FAILED, invalid)
            try:
                seat.take(caller)
            except TooMany as many:
                crowd: Frame = {"event_type": "error", "error": "MAX_WS_EXCEEDED", "message": str(many)}
                raise _Refused(TOO_MANY, None if native else crowd) from None
            user_id = caller.user.id
        if channel in _PM:
            return _PM[channel](world.clock, world.markets, user_id, seat.log_in)
        assert user_id is not None, "native channels are for users"
        if channel == "prices":
            return PricesDesk(world.clock, world.markets, user_id)
        return ExecutionsDesk(world.clock, user_id)

    def _caller(self, channel: str, token: str) -> Caller | None:
        """Return whose a token is; None if it does not hold."""
        world = self._world
        if world.faults.take(_operation(channel), "ws_token_expired") is not None:
            return None
        claim = world.tokens.claim(token)
        user = None if claim is None else world.users.get(claim.user_id)
        if claim is None or user is None or user.blocked:
            return None
        if claim.key_id is None:
            return Caller(user)
        key = world.keys.get(claim.key_id)
        if key is None or not key.active or world.keys.expired(key):
            return None
        return Caller(user, key, cut_off=world.keys.cut_off(key))


class _Told:
    """A desk as connections know it; a fault may keep a fill from whom it concerns."""

    def __init__(self, desk: Desk, faults: FaultPlan, operation: str) -> None:
        self._desk = desk
        self._faults = faults
        self._operation = operation

    @property
    def closing(self) -> int | None:
        """The code to close with; None to go on."""
        return self._desk.closing

    def hear(self, text: str) -> list[sockets.Frame]:
        """Return the answers to what the client said."""
        return [*self._desk.hear(text)]

    def tell(self, news: Sequence[News]) -> list[sockets.Frame]:
        """Return what the client is told of the news."""
        markets, fills = sorted_out(news)
        return [*self._desk.tell(markets, [each for each in fills if not self._missed(each)])]

    def _missed(self, fill: Fill) -> bool:
        if self._desk.user != fill.user_id:
            return False
        return self._faults.take(self._operation, "ws_missed_fill") is not None


def _operation(channel: str) -> str:
    """Return the name under which faults meet a channel."""
    return f"WebSocket_{channel.capitalize()}"


def _text(frame: Frame) -> str:
    return msgspec.json.encode(frame).decode()
