"""The HTTP side of the exchange: an ASGI application made from the specification's operations.

Every request goes through the same steps, in this order: faults, authentication, rate limit, parsing, the
handler of its operation, encoding. An operation answers 501 until it has a handler.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec
from polyspec_wire import Operation
from polyspec_wire.us_exchange import OPERATIONS
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from polyspec.sandbox.http.app import make_app
from polyspec.sandbox.http.endpoint import JSON, Endpoint
from polyspec.sandbox.http.faults import Fault
from polyspec.sandbox.http.reading import read_path
from polyspec.sandbox.us import handlers
from polyspec.sandbox.us.access import authenticate
from polyspec.sandbox.us.control import UsControl
from polyspec.sandbox.us.dialect import encode, encode_plain
from polyspec.sandbox.us.faults import stand_in
from polyspec.sandbox.us.parsing import read_json, read_query
from polyspec.sandbox.us.refusals import (
    GATEWAY,
    Refusal,
    gateway,
    throttled,
    unavailable_here,
)
from polyspec.sandbox.us.registry import HANDLERS, Asked
from polyspec.sandbox.us.world import World

__all__ = ["build_app"]

handlers.load()


def build_app(world: World) -> ASGIApp:
    """Return the ASGI application of a world."""
    routes = UsControl(world).routes()
    return make_app(
        world, OPERATIONS.values(), lambda operation: _UsEndpoint(world, operation), routes, gateway
    )


class _UsEndpoint(Endpoint):
    """One operation of the exchange."""

    def __init__(self, world: World, operation: Operation) -> None:
        super().__init__(operation, world.faults)
        self._world = world

    async def answer(self, request: Request, raw: bytes, fault: Fault | None) -> Response:
        """Carry a request out; with a fault, the stopgap rejects what it enters."""
        try:
            return await self._carry_out(request, raw, late=fault is not None)
        except Refusal as refusal:
            return self._shaped(refusal)

    def refused(self, status: int, message: str, headers: Mapping[str, str]) -> Response:
        """Return a refusal of the gateway."""
        return self._shaped(Refusal(GATEWAY[status], message, status=status, headers=dict(headers)))

    def _shaped(self, refusal: Refusal) -> Response:
        """Return a refusal in the venue's error shape, or in the token endpoint's."""
        body = refusal.oauth_body if self._operation.json == "plain" else refusal.body
        return Response(msgspec.json.encode(body), refusal.status, headers=refusal.headers, media_type=JSON)

    def spoilt(self, fault: Fault) -> Response:
        """Return the answer a fault puts in the place of the true one."""
        if fault.effect == "revoke":
            self._world.issuer.revoke_tokens()
        return _fault_answer(fault)

    async def _carry_out(self, request: Request, raw: bytes, *, late: bool) -> Response:
        world, operation = self._world, self._operation
        with world.lock:
            world.jobs.run_due()
            caller, acting = authenticate(world, operation, request.headers)
            firm = caller.client.participant_firm if caller else _address(request)
            if not world.limits.allows(operation, firm, caller.client.tier if caller else "tier1"):
                raise throttled()
            asked = Asked(
                world,
                operation,
                caller,
                acting,
                read_path(operation, request.path_params),
                read_query(operation, request.query_params.multi_items()),
                read_json(operation, raw),
                late,
            )
            handler = HANDLERS.get(operation.id)
            if handler is None:
                raise unavailable_here(operation.id)
            answer = handler(asked)
            if operation.stream == "lines":
                answer = list(answer)
        if inspect.isawaitable(answer):
            answer = await answer
        return self._encoded(answer)

    def _encoded(self, answer: Any) -> Response:
        if self._operation.stream == "lines":
            lines = b"".join(encode(line, self._world.dialect) + b"\n" for line in answer)
            return Response(lines, media_type=JSON)
        if self._operation.json == "plain":
            return Response(encode_plain(answer), media_type=JSON)
        return Response(encode(answer, self._world.dialect), media_type=JSON)


def _address(request: Request) -> str:
    return request.client.host if request.client else "local"


def _fault_answer(fault: Fault) -> Response:
    """Return the answer a fault puts in the place of the true one."""
    refusal = stand_in(fault)
    if fault.effect == "html":
        page = fault.body or "<html><body><h1>Bad Gateway</h1></body></html>"
        return Response(page, fault.status or 502, headers=refusal.headers, media_type="text/html")
    body = msgspec.json.encode(refusal.body)
    if fault.body is not None and fault.effect == "status":
        body = fault.body.encode()
    return Response(body, refusal.status, headers=refusal.headers, media_type=JSON)
