"""What a gateway does before anything else: own hosts only, no foreign pages, the Date header.

The sandbox listens on loopback, where any web page in a browser of the same machine can reach it. A page
cannot choose the Host header of its requests nor hide its Origin, so both are checked.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polyspec.sandbox.http.venue import Manner, Venue

__all__ = ["Guard"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class Guard:
    """Refuse what does not address this server by its own name."""

    def __init__(self, app: ASGIApp, venue: Venue, manner: Manner) -> None:
        self._app = app
        self._venue = venue
        self._manner = manner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(headers.get("host", ""), headers.get("origin"))
        if scope["type"] == "websocket":
            if refusal is None:
                await self._app(scope, receive, send)
            else:
                # before it is accepted, closing it answers 403
                await send({"type": "websocket.close", "code": 1008})
            return

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                headers["date"] = self._venue.clock.http_date()
                message = {**message, "headers": headers.raw}
            await send(message)

        # routes match the path as it was sent: an encoded slash is part of a name, not a separator
        scope = {**scope, "path": scope.get("raw_path", b"").decode("ascii") or scope["path"]}
        if refusal is None:
            await self._app(scope, receive, dated)
        else:
            await self._refuse(dated, *refusal)

    def _refusal(self, host: str, origin: str | None) -> tuple[int, str] | None:
        """Return status and reason with which to refuse whoever asks like this; None to let it in."""
        if not self._is_own(host):
            return 464, "unknown host"
        if origin is not None and not self._is_own(origin.partition("://")[2]):
            return 403, "permission denied: cross-origin request"
        return None

    def _is_own(self, authority: str) -> bool:
        try:
            name = urlsplit(f"//{authority}").hostname
        except ValueError:
            return False
        return name is not None and (name in _LOOPBACK or name in self._venue.hosts)

    async def _refuse(self, send: Send, status: int, message: str) -> None:
        body = self._manner(status, message)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
