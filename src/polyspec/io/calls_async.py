"""What the client of any venue does with a typed call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from polyspec_wire import Call

from polyspec.core.effects import Flow
from polyspec.core.paging import items, next_page
from polyspec.core.sending import Answer, Session
from polyspec.io.driver_async import drive
from polyspec.io.http_async import AsyncHttp

__all__ = ["AsyncCalls"]

T = TypeVar("T")


class AsyncCalls:
    """Sends calls over the connections of one client."""

    session: Session
    """What all calls of the client share."""
    _http: AsyncHttp

    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:
        """Send any call of the venue's package in `polyspec_wire` and return its typed answer."""
        return (await self.exchange(call, timeout=timeout)).value

    async def exchange(self, call: Call[T], *, timeout: float | None = None) -> Answer[T]:
        """Send any call; the answer comes with status, headers, raw body and the number of attempts."""
        return await self.run(self.session.send(call, timeout))

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow on this client's connections."""
        return await drive(flow, self._http)

    async def pages(self, call: Call[T], *, timeout: float | None = None) -> AsyncIterator[T]:
        """Iterate over the pages of a call, one in memory at a time; `timeout` holds for each page."""
        following: Call[T] | None = call
        while following is not None:
            page = await self.send(following, timeout=timeout)
            yield page
            following = next_page(following, page)

    async def iterate(self, call: Call[Any], *, timeout: float | None = None) -> AsyncIterator[Any]:
        """Iterate over what all pages of a call list, in constant memory."""
        async for page in self.pages(call, timeout=timeout):
            for item in items(call, page):
                yield item
