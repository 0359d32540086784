"""Calls that REST has as well: the same faults, access, limits and handlers in the same order."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Iterable
from typing import Any, Final

from google.protobuf.message import Message
from polyspec_wire import Operation
from starlette.datastructures import Headers

from polyspec.sandbox.http.faults import Fault
from polyspec.sandbox.http.refused import Refused
from polyspec.sandbox.us.access import authenticate
from polyspec.sandbox.us.faults import stand_in
from polyspec.sandbox.us.grpc.status import Context, refuse
from polyspec.sandbox.us.grpc.translate import answered, asked_for
from polyspec.sandbox.us.refusals import Refusal, internal, throttled, unavailable_here
from polyspec.sandbox.us.registry import HANDLERS, Asked
from polyspec.sandbox.us.world import World

__all__ = ["Call", "headers_of"]

_LOG: Final = logging.getLogger(__name__)
_HOUR: Final = 3600.0
_INSTEAD: Final = frozenset({"reset", "close", "close_mid_body", "truncate"})


def headers_of(context: Context) -> Headers:
    """Return the metadata of a call as the headers they are."""
    sent = context.invocation_metadata() or ()
    raw = [
        (name.lower().encode(), value.encode() if isinstance(value, str) else value) for name, value in sent
    ]
    return Headers(raw=raw)


class Call:
    """One operation of REST, called over gRPC."""

    def __init__(self, world: World, operation: Operation, response: type[Message]) -> None:
        self._world = world
        self._operation = operation
        self._response = response

    async def __call__(self, request: Message, context: Context) -> Any:
        """Answer a call; the messages of a stream are written to it."""
        fault = self._world.faults.take(self._operation.id)
        try:
            if fault is not None and not fault.executed:
                await self._spoil(fault)
            during = fault is not None and fault.during
            answers = await self._answers(request, context, late=during)
            if fault is not None and fault.executed and not during:
                await self._spoil(fault)
        except Refused as refusal:
            await refuse(context, refusal)
        except Exception:
            _LOG.exception("%s failed", self._operation.id)
            await refuse(context, internal("internal error"))
        if self._operation.stream != "lines":
            return answers[0]
        for answer in answers:
            await context.write(answer)
        return None

    async def _spoil(self, fault: Fault) -> None:
        """Do what a fault does; raises Refusal unless it only takes time."""
        if fault.effect in ("delay", "drip"):
            await asyncio.sleep(1.0 if fault.seconds is None else fault.seconds)
            return
        if fault.effect == "hang":
            await asyncio.sleep(_HOUR if fault.seconds is None else fault.seconds)
        if fault.effect == "revoke":
            self._world.issuer.revoke_tokens()
        if fault.effect in _INSTEAD or fault.effect == "hang":
            raise Refusal(14, "connection reset by peer")
        if fault.effect == "html":
            raise Refusal(14, f"Received http2 header with status: {fault.status or 502}")
        raise stand_in(fault)

    async def _answers(self, request: Message, context: Context, *, late: bool) -> list[Message]:
        world, operation = self._world, self._operation
        with world.lock:
            world.jobs.run_due()
            caller, acting = authenticate(world, operation, headers_of(context))
            firm = caller.client.participant_firm if caller else context.peer()
            if not world.limits.allows(operation, firm, caller.client.tier if caller else "tier1"):
                raise throttled()
            handler = HANDLERS.get(operation.id)
            if handler is None:
                raise unavailable_here(operation.id)
            path, query, body = asked_for(operation, request)
            answer = handler(Asked(world, operation, caller, acting, path, query, body, late))
            if operation.stream == "lines":
                return self._lines(answer)
        if inspect.isawaitable(answer):
            answer = await answer
        return [answered(self._response, answer)]

    def _lines(self, answer: Iterable[Any]) -> list[Message]:
        return [answered(self._response, line.result) for line in answer]
