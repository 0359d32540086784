"""Server-sent events as connections of streams."""

from __future__ import annotations

from collections import deque
from typing import Final

import httpx

from polyspec.core.streams.server_sent import Parser, ServerSent
from polyspec.errors import PolyspecError
from polyspec.io.colour_async import deadline
from polyspec.io.options import HttpOptions
from polyspec.io.pool_async import new_client
from polyspec.io.sse_base import asked, broken, check, permanent

__all__ = ["AsyncEventSource"]

_ONE: Final = 1


class _Open:
    def __init__(self, client: httpx.AsyncClient, response: httpx.Response, longest: int) -> None:
        self._client = client
        self._response = response
        self._chunks = response.aiter_raw()
        self._parser = Parser(longest)
        self._waiting: deque[ServerSent] = deque()

    async def receive(self) -> ServerSent:
        while not self._waiting:
            self._waiting.extend(self._parser.feed(await self._chunks.__anext__()))
        return self._waiting.popleft()

    async def send(self, data: object) -> None:
        """Say nothing: the venue does not listen."""

    async def aclose(self) -> None:
        await self._response.aclose()
        await self._client.aclose()


class AsyncEventSource:
    """Opens a stream of events at an address, or at where the feed says."""

    def __init__(self, url: str, http: HttpOptions) -> None:
        self._url = url
        self._http = http

    async def dial(self, where: str | None, patience: float) -> _Open:
        """Open a stream."""
        client = new_client(self._http, _ONE)
        response: httpx.Response | None = None
        try:
            # what is said first is waited for, too: a peer may take connections and say nothing
            async with deadline(patience):
                response = await client.send(asked(where or self._url, patience), stream=True)
            check(response)
        except BaseException:
            if response is not None:
                await response.aclose()
            await client.aclose()
            raise
        return _Open(client, response, self._http.max_body)

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why a stream ended or could not be opened."""
        return broken(error)

    def permanent(self, error: Exception) -> PolyspecError | None:
        """Return what no other attempt to connect can mend; None if one may."""
        return permanent(error)
