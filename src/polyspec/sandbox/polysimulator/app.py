"""The HTTP side of PolySimulator: an ASGI application made from the specification's operations.

Every request goes through the same steps, in this order: faults, limits by address, authentication, limits
by key, permission, the shape of query and body, the handler of its operation.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

import msgspec
from polyspec_wire import Operation
from polyspec_wire.polysimulator import OPERATIONS
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from polyspec.sandbox.http.app import make_app
from polyspec.sandbox.http.endpoint import JSON, Endpoint
from polyspec.sandbox.http.faults import Fault
from polyspec.sandbox.http.reading import read_path
from polyspec.sandbox.polysimulator import handlers
from polyspec.sandbox.polysimulator.access import Caller, authenticate, check_permission, is_for_partners
from polyspec.sandbox.polysimulator.control import PolySimControl
from polyspec.sandbox.polysimulator.engine import Refused as RuleRefused
from polyspec.sandbox.polysimulator.faults import GATES
from polyspec.sandbox.polysimulator.reading import check_parameters, read_body_of
from polyspec.sandbox.polysimulator.refusals import (
    CODE_HEADER,
    Form,
    Refusal,
    gateway_code,
    refusal_of,
    throttled,
    unauthorized,
)
from polyspec.sandbox.polysimulator.registry import HANDLERS, Answer, Asked
from polyspec.sandbox.polysimulator.stamp import Stamp, request_id_of
from polyspec.sandbox.polysimulator.websockets import Sockets
from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["build_app"]

handlers.load()

_FORM: Final = ContextVar[Form]("form")
"""How the body of a refusal is to look, for the request that is served."""
_FIRST_KEY: Final = "Keys_BootstrapKey"
_EDGE: Final = "error code: 1010"
_NAMELESS: Final = "python-urllib/"
_PAGE: Final = "<html><body><h1>Bad Gateway</h1></body></html>"


def build_app(world: PolySimWorld) -> ASGIApp:
    """Return the ASGI application of a world."""

    def manner(status: int, message: str) -> bytes:
        refusal = Refusal(status, gateway_code(status), message)
        return msgspec.json.encode(refusal.body(Form(kind=world.options.error_form)))

    routes = [*PolySimControl(world).routes(), *Sockets(world).routes()]
    app = make_app(world, OPERATIONS.values(), lambda each: _PolySimEndpoint(world, each), routes, manner)
    return Stamp(app)


class _PolySimEndpoint(Endpoint):
    """One operation of PolySimulator."""

    def __init__(self, world: PolySimWorld, operation: Operation) -> None:
        super().__init__(operation, world.faults)
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        form = Form(
            kind=self._world.options.error_form,
            verbose=Headers(scope=scope).get("x-polysim-verbose", "").lower() == "true",
            request_id=request_id_of(scope),
        )
        # a request is served by a task of its own, and whoever says no in it must know
        _FORM.set(form)
        await super().__call__(scope, receive, send)

    async def answer(self, request: Request, raw: bytes, fault: Fault | None) -> Response:
        """Carry a request out."""
        nameless = request.headers.get("user-agent", "").lower().startswith(_NAMELESS)
        if nameless and self._world.options.edge_blocks_urllib:
            return Response(_EDGE, 403, media_type="text/plain")
        form = _FORM.get()
        headers: dict[str, str] = {}
        try:
            with self._world.lock:
                self._world.jobs.run_due()
                answer = self._carry_out(request, raw, fault, form, headers)
            if inspect.isawaitable(answer):
                answer = await answer
        except RuleRefused as refused:
            return _shaped(refusal_of(refused), form, headers)
        except Refusal as refusal:
            return _shaped(refusal, form, headers)
        return _response(answer, headers)

    def _carry_out(
        self, request: Request, raw: bytes, fault: Fault | None, form: Form, headers: dict[str, str]
    ) -> Any:
        world, operation = self._world, self._operation
        address = request.client.host if request.client else "local"
        caller = self._admitted(request, address, headers)
        query: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            query.setdefault(name, []).append(value)
        path = read_path(operation, request.path_params)
        check_parameters(operation, path, query)
        asked = Asked(
            world=world,
            operation=operation,
            by=caller,
            path=path,
            query=query,
            body=read_body_of(operation, raw),
            raw=raw,
            headers=request.headers,
            fault=fault,
            form=form,
            address=address,
        )
        handler = HANDLERS.get(operation.id)
        if handler is None:
            raise Refusal(501, "HTTP_501", f"{operation.id} is not available in the sandbox")
        return handler(asked)

    def _admitted(self, request: Request, address: str, headers: dict[str, str]) -> Caller | None:
        """Return who calls, None where nobody is asked; raises Refusal (401, 403, 429)."""
        world, operation = self._world, self._operation
        if operation.id == _FIRST_KEY and not self._has_key(request):
            world.limits.first_key(address)
        caller = authenticate(world, operation, request.headers)
        if is_for_partners(operation):
            room = world.limits.of_partner()
        elif caller is None:
            room = world.limits.of_address(address)
        else:
            room = world.limits.of_caller(caller.owner, caller.tier, world.options.tiers[caller.tier])
        headers |= room.headers()
        if caller is not None and caller.cut_off:
            headers["x-api-beta-cutoff"] = "expired"
        world.limits.check(room)
        if caller is not None:
            check_permission(operation, caller)
        return caller

    def _has_key(self, request: Request) -> bool:
        """Tell whether somebody who has a key already asks for the first: that is told, however often."""
        try:
            caller = authenticate(self._world, self._operation, request.headers)
        except Refusal:
            return False
        return caller is not None and bool(self._world.keys.holding(caller.user.id))

    # -- faults and the gateway --

    def spoilt(self, fault: Fault) -> Response:
        """Return the answer a fault puts in the place of the true one."""
        headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
        if fault.effect == "html":
            return Response(fault.body or _PAGE, fault.status or 502, headers=headers, media_type="text/html")
        if fault.effect == "edge_blocked":
            return Response(fault.body or _EDGE, 403, headers=headers, media_type="text/plain")
        refusal = self._of_fault(fault)
        refusal.headers.update(headers)
        if fault.body is not None:
            told = {**refusal.headers, CODE_HEADER: refusal.code}
            return Response(fault.body, refusal.status, headers=told, media_type=JSON)
        return _shaped(refusal, _FORM.get())

    def _of_fault(self, fault: Fault) -> Refusal:
        gate = GATES.get(fault.effect)
        if gate is not None:
            headers = dict(gate.headers)
            if (pause := gate.pause(self._operation.id)) is not None:
                headers["retry-after"] = str(pause)
            more = {} if gate.error_code is None else {"error_code": gate.error_code}
            message = fault.message or gate.message
            return Refusal(gate.status, gate.code, message, headers=headers, more=more)
        if fault.effect == "unauthorized":
            return unauthorized("INVALID_KEY", fault.message or "the API key is not known")
        if fault.effect == "rate_limit":
            refusal = throttled(1, fault.message or "rate limit exceeded")
            refusal.headers.clear()
            return refusal
        status = fault.status or 503
        return Refusal(status, gateway_code(status), fault.message or "the server failed")

    def refused(self, status: int, message: str, headers: Mapping[str, str]) -> Response:
        """Return a refusal of the gateway."""
        refusal = Refusal(status, gateway_code(status), message, headers=headers)
        return _shaped(refusal, _FORM.get())


def _shaped(refusal: Refusal, form: Form, headers: Mapping[str, str] | None = None) -> Response:
    headers = {**(headers or {}), **refusal.headers, CODE_HEADER: refusal.code}
    return Response(msgspec.json.encode(refusal.body(form)), refusal.status, headers=headers, media_type=JSON)


def _response(answer: Any, headers: dict[str, str]) -> Response:
    if isinstance(answer, Response):
        answer.headers.update(headers)
        return answer
    if not isinstance(answer, Answer):
        answer = Answer(answer)
    told = {**headers, **answer.headers}
    if answer.content is None:
        return Response(status_code=answer.status, headers=told)
    return Response(msgspec.json.encode(answer.content), answer.status, headers=told, media_type=JSON)
