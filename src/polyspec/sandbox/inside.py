"""Call an ASGI application from blocking code, with no port in between."""

from __future__ import annotations

import asyncio
import threading
from weakref import finalize

import httpx
from starlette.types import ASGIApp

__all__ = ["Inside"]


class Inside(httpx.BaseTransport):
    """Carries blocking requests to an application, on an event loop in a thread of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app=app)
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self._loop.run_forever, name="polyspec-inside", daemon=True)
        thread.start()
        # a client that is dropped without being closed must not leave its thread behind
        self._stop = finalize(self, _stop, self._loop, thread)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and read its answer to the end, within the time for reading."""
        answer = asyncio.run_coroutine_threadsafe(self._call(request), self._loop)
        try:
            return answer.result(request.extensions.get("timeout", {}).get("read"))
        except TimeoutError as error:
            answer.cancel()
            raise httpx.ReadTimeout("the application did not answer in time", request=request) from error

    async def _call(self, request: httpx.Request) -> httpx.Response:
        inner = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            content=request.read(),
            extensions=request.extensions,
        )
        answer = await self._transport.handle_async_request(inner)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=body, request=request)

    def close(self) -> None:
        """Stop the thread."""
        self._stop()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=5)
    loop.close()
