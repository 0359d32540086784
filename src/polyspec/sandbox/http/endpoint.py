"""One operation of a venue as an ASGI application: its faults, its body, its answer."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final

from polyspec_wire import Operation
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from polyspec.sandbox.http.faults import Fault, FaultPlan
from polyspec.sandbox.http.reading import BodyTooLarge, read_body
from polyspec.sandbox.http.transport import cut_short, spoil

__all__ = ["JSON", "Endpoint"]

JSON: Final = "application/json"
_LOG: Final = logging.getLogger(__name__)
_INSTEAD: Final = frozenset({"reset", "close", "hang"})
_CUT: Final = frozenset({"truncate", "close_mid_body", "drip"})


class Endpoint(ABC):
    """Lets a fault have its way with a request, or has the venue answer it."""

    def __init__(self, operation: Operation, faults: FaultPlan) -> None:
        self._operation = operation
        self._faults = faults

    @abstractmethod
    async def answer(self, request: Request, raw: bytes, fault: Fault | None) -> Response:
        """Carry a request out; `fault` is one that changes what it does."""

    @abstractmethod
    def spoilt(self, fault: Fault) -> Response:
        """Return the answer a fault puts in the place of the true one."""

    @abstractmethod
    def refused(self, status: int, message: str, headers: Mapping[str, str]) -> Response:
        """Return a refusal that is not the venue's business but the gateway's."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        fault = self._faults.take(self._operation.id)
        if fault is not None and not fault.executed:
            response = await self._instead(fault, scope, receive)
            if response is not None:
                await response(scope, receive, send)
                return
            if fault.effect in _INSTEAD:
                return
            fault = None
        during = fault if fault is not None and fault.during else None
        response = await self._answered(Request(scope, receive), during)
        if fault is None or during is not None:
            await response(scope, receive, send)
        else:
            await self._spoil(fault, response, scope, receive, send)

    async def _instead(self, fault: Fault, scope: Scope, receive: Receive) -> Response | None:
        """Do what a fault does before the execution; None if there is no answer, or not yet."""
        if fault.effect == "delay":
            await asyncio.sleep(fault.seconds if fault.seconds is not None else 1.0)
            return None
        if fault.effect in _INSTEAD:
            await spoil(fault, scope, receive)
            return None
        return self.spoilt(fault)

    async def _spoil(
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
            await self.spoilt(fault)(scope, receive, send)

    async def _answered(self, request: Request, fault: Fault | None) -> Response:
        try:
            # the body is taken off the connection first, whatever becomes of the request
            return await self.answer(request, await read_body(request), fault)
        except BodyTooLarge:
            return self.refused(413, "request body too large", {"connection": "close"})
        except ClientDisconnect:
            # who hung up before the request was read gets no answer, and nothing was executed
            return Response(status_code=499)
        except Exception:
            _LOG.exception("%s failed", self._operation.id)
            return self.refused(500, "internal error", {})
