"""The HTTP side of the exchange: an ASGI application made from the specification's operations.

Every request goes through the same steps, in this order: faults, authentication, rate limit, parsing, the
handler of its operation, encoding. There is no table of paths; a new operation in the specification has a
route as soon as it is generated, and answers 501 until it has a handler.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from polyspec_wire import Operation
from polyspec_wire.us_exchange import OPERATIONS
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from polyspec.sandbox.us import handlers
from polyspec.sandbox.us.access import authenticate
from polyspec.sandbox.us.control import control_routes
from polyspec.sandbox.us.dialect import encode, encode_plain
from polyspec.sandbox.us.faults import Fault
from polyspec.sandbox.us.guard import Guard
from polyspec.sandbox.us.parsing import read_body, read_json, read_path, read_query
from polyspec.sandbox.us.refusals import Refusal, internal, throttled, unauthenticated, unavailable_here
from polyspec.sandbox.us.registry import HANDLERS, Asked
from polyspec.sandbox.us.transport import cut_short, spoil
from polyspec.sandbox.us.world import World

__all__ = ["build_app"]

handlers.load()

_LOG: Final = logging.getLogger(__name__)
_JSON: Final = "application/json"
_INSTEAD: Final = frozenset({"reset", "close", "hang"})
_CUT: Final = frozenset({"truncate", "close_mid_body", "drip"})


def build_app(world: World) -> ASGIApp:
    """Return the ASGI application of a world."""
    routes: list[BaseRoute] = [
        Route(operation.path, _Endpoint(world, operation), methods=[operation.method])
        # a fixed path goes before a template that would match it too
        for operation in sorted(OPERATIONS.values(), key=lambda each: each.path.count("{"))
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_run_jobs(world))
        yield
        task.cancel()

    app = Starlette(
        routes=[*routes, *control_routes(world)],
        exception_handlers={HTTPException: _shaped},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Guard(app, world)


async def _run_jobs(world: World) -> None:
    """Let time pass while nobody asks anything."""
    while True:
        with world.lock:
            try:
                world.jobs.run_due()
            except Exception:
                # one job that fails must not stop time for all others
                _LOG.exception("a job of the sandbox failed")
            pause = world.jobs.wait()
        await asyncio.sleep(pause)


async def _shaped(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _refused(Refusal(5, "Not Found", status=404))
    # a path may have a route for each of its methods
    routes = [each for each in request.app.routes if each.matches(request.scope)[0] is not Match.NONE]
    allowed = sorted({method for each in routes for method in each.methods})
    return _refused(Refusal(12, "Method Not Allowed", status=405, headers={"allow": ", ".join(allowed)}))


class _Endpoint:
    """One operation, as an ASGI application."""

    def __init__(self, world: World, operation: Operation) -> None:
        self._world = world
        self._operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._world.faults.take(self._operation.id)
        if fault is not None and not fault.executed:
            response = await self._instead(fault, scope, receive)
            if response is not None:
                await response(scope, receive, send)
                return
            if fault.effect in _INSTEAD:
                return
            fault = None
        late = fault is not None and fault.effect == "stopgap"
        response = await self._answer(Request(scope, receive), late=late)
        if fault is None or late:
            await response(scope, receive, send)
        else:
            await self._spoilt(fault, response, scope, receive, send)

    async def _instead(self, fault: Fault, scope: Scope, receive: Receive) -> Response | None:
        """Do what a fault does before the execution; None if there is no answer, or not yet."""
        if fault.effect == "delay":
            await asyncio.sleep(fault.seconds if fault.seconds is not None else 1.0)
            return None
        if fault.effect in _INSTEAD:
            await spoil(fault, scope, receive)
            return None
        if fault.effect == "revoke":
            self._world.issuer.revoke_tokens()
        return _fault_answer(fault)

    async def _spoilt(
        self, fault: Fault, response: Response, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer an executed request the way a fault has it."""
        if fault.effect in _INSTEAD:
            await spoil(fault, scope, receive)
        elif fault.effect in _CUT:
            start = {
                "type": "http.response.start",
                "status": response.status_code,
                "headers": response.raw_headers,
            }
            await cut_short(fault, scope, send, start, bytes(response.body))
        elif fault.effect == "delay":
            await asyncio.sleep(fault.seconds if fault.seconds is not None else 1.0)
            await response(scope, receive, send)
        else:
            await _fault_answer(fault)(scope, receive, send)

    async def _answer(self, request: Request, *, late: bool) -> Response:
        try:
            # the body is taken off the connection first, whatever becomes of the request
            raw = await read_body(request)
            return await self._carry_out(request, raw, late=late)
        except Refusal as refusal:
            return _refused(refusal, plain=self._operation.json == "plain")
        except ClientDisconnect:
            # who hung up before the request was read gets no answer, and nothing was executed
            return Response(status_code=499)
        except Exception:
            _LOG.exception("%s failed", self._operation.id)
            return _refused(internal("internal error"), plain=self._operation.json == "plain")

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
            return Response(lines, media_type=_JSON)
        if self._operation.json == "plain":
            return Response(encode_plain(answer), media_type=_JSON)
        return Response(encode(answer, self._world.dialect), media_type=_JSON)


def _address(request: Request) -> str:
    return request.client.host if request.client else "local"


def _refused(refusal: Refusal, *, plain: bool = False) -> Response:
    """Return a refusal in the venue's error shape, or in the token endpoint's."""
    body = msgspec.json.encode(refusal.oauth_body if plain else refusal.body)
    return Response(body, refusal.status, headers=refusal.headers, media_type=_JSON)


def _fault_answer(fault: Fault) -> Response:
    """Return the answer a fault puts in the place of the true one."""
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    if fault.effect == "html":
        page = fault.body or "<html><body><h1>Bad Gateway</h1></body></html>"
        return Response(page, fault.status or 502, headers=headers, media_type="text/html")
    if fault.effect in ("unauthorized", "revoke"):
        return _refused(unauthenticated(fault.message or "token is expired"))
    if fault.effect == "rate_limit":
        refusal = throttled()
        refusal.headers = headers
        return _refused(refusal)
    status = fault.status or 503
    if fault.body is not None:
        return Response(fault.body, status, headers=headers, media_type=_JSON)
    code = {400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 429: 8, 500: 13, 503: 14, 504: 4}.get(status, 2)
    return _refused(Refusal(code, fault.message or "service unavailable", status=status, headers=headers))
