"""What every answer of the venue carries, whoever gives it: the request's id, and a code if it is no."""

from __future__ import annotations

import re
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polyspec.sandbox.polysimulator.refusals import CODE_HEADER, gateway_code

__all__ = ["Stamp", "request_id_of"]

_SCOPE: Final = "polyspec.request_id"
_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_EDGE: Final = ("text/plain", "text/html")
"""What the edge says of itself knows nothing of the venue."""


class Stamp:
    """Give every request an id, or keep the one it came with, and answer with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else str(uuid4())

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if not headers.get("content-type", "").startswith(_EDGE):
                    headers["x-request-id"] = request_id
                    if message["status"] >= 400 and CODE_HEADER not in headers:
                        headers[CODE_HEADER] = gateway_code(message["status"])
                message = {**message, "headers": headers.raw}
            await send(message)

        await self._app({**scope, _SCOPE: request_id}, receive, stamped)


def request_id_of(scope: Scope) -> str:
    """Return the id a request was given."""
    return str(scope.get(_SCOPE, ""))
