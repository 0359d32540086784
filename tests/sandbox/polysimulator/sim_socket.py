"""A client of the sandbox's websockets that speaks ASGI, in process and without waiting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp

PATIENCE = 5.0


class Socket:
    """One connection to `app`; `code` is how it ended: 1006 without a close frame."""

    def __init__(self, app: ASGIApp, path: str, token: str | None, host: str = "localhost") -> None:
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"" if token is None else f"token={token}".encode(),
            "headers": [(b"host", host.encode())],
            "client": ("127.0.0.1", 1),
            "subprotocols": [],
        }
        self._sent.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.ensure_future(self._run(app, scope))
        self.code: int | None = None

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        await app(scope, self._sent.get, self._take)
        await self._got.put({"type": "websocket.close", "code": 1006})

    async def _take(self, message: Any) -> None:
        await self._got.put(dict(message))

    async def say(self, frame: Any) -> None:
        """Send a frame: a text as it is, anything else as JSON."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        await self._sent.put({"type": "websocket.receive", "text": text})

    async def hear(self) -> Any:
        """Return the next frame; None once the connection is over."""
        message = await asyncio.wait_for(self._got.get(), PATIENCE)
        if message["type"] == "websocket.accept":
            return await self.hear()
        if message["type"] == "websocket.close":
            self.code = message["code"]
            return None
        return json.loads(message["text"])

    async def ask(self, frame: Any) -> Any:
        """Send a frame and return the next that comes."""
        await self.say(frame)
        return await self.hear()

    async def leave(self) -> None:
        """Hang up."""
        self._sent.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._task, PATIENCE)


@asynccontextmanager
async def opened(app: ASGIApp, channel: str, token: str | None = None) -> AsyncIterator[Socket]:
    """Open a channel and hang up at the end."""
    socket = Socket(app, f"/v1/ws/{channel}", token)
    try:
        yield socket
    finally:
        await socket.leave()
