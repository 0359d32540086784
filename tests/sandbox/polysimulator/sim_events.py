"""A listener to the stream of prices that speaks ASGI, in process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp

PATIENCE = 5.0


class Listener:
    """One open stream; `head` is the first message of its answer."""

    def __init__(self, app: ASGIApp, query: str) -> None:
        self._got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._asked = False
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": "/prices/stream",
            "raw_path": b"/prices/stream",
            "query_string": query.encode(),
            "headers": [(b"host", b"localhost")],
            "client": ("127.0.0.1", 1),
            # answers are sent as they come, and who hangs up is noticed by receiving
            "asgi": {"version": "3.0", "spec_version": "2.3"},
        }
        self._task = asyncio.ensure_future(app(scope, self._receive, self._send))  # type: ignore[arg-type]
        self.head: dict[str, Any] = {}
        self._events: list[tuple[str, Any]] = []

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self._got.put(dict(message))

    async def hear(self, *names: str) -> tuple[str, Any]:
        """Return the next event, of one of `names` if any are given."""
        while True:
            while not self._events:
                message = await asyncio.wait_for(self._got.get(), PATIENCE)
                if message["type"] == "http.response.start":
                    self.head = message
                    continue
                for block in message["body"].decode().split("\n\n"):
                    if block:
                        name, data = block.split("\n")
                        parsed = json.loads(data.removeprefix("data: "))
                        self._events.append((name.removeprefix("event: "), parsed))
            event = self._events.pop(0)
            if not names or event[0] in names:
                return event

    async def rest(self) -> bytes:
        """Return what comes until the answer is over."""
        body = b""
        while True:
            message = await asyncio.wait_for(self._got.get(), PATIENCE)
            body += message["body"]
            if not message.get("more_body", False):
                return body

    async def leave(self) -> None:
        """Hang up."""
        self._gone.set()
        await asyncio.wait_for(self._task, PATIENCE)


@asynccontextmanager
async def listening(app: ASGIApp, query: str = "") -> AsyncIterator[Listener]:
    """Open a stream and hang up at the end."""
    listener = Listener(app, query)
    try:
        yield listener
    finally:
        await listener.leave()
