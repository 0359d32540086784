"""The client of the Polymarket CLOB."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from polyspec.clob.account_async import AsyncAccounts
from polyspec.clob.desk_async import AsyncClobDesk
from polyspec.clob.heartbeats_async import AsyncHeartbeats
from polyspec.clob.keys_async import AsyncKeys
from polyspec.clob.market_data_async import AsyncMarketData
from polyspec.clob.orders_async import AsyncOrders

if TYPE_CHECKING:
    from polyspec.clob.streams_async import AsyncClobStreams

__all__ = ["AsyncClobClient"]


class AsyncClobClient(AsyncMarketData, AsyncOrders, AsyncHeartbeats, AsyncAccounts, AsyncKeys):
    """Trade on the Polymarket CLOB.

    Close it, or use it in an ``async with`` block. One client may be used by many tasks at once. Methods
    have the names of the venue's own clients; whatever they do not wrap is in `polyspec.wire.clob` and goes
    through `send`.
    """

    @cached_property
    def desk(self) -> AsyncClobDesk:
        """The face of this client that all venues have in common."""
        return AsyncClobDesk(self)

    @cached_property
    def stream(self) -> AsyncClobStreams:
        """Live streams: books and trades of tokens, orders and fills of one's own."""
        # who only calls needs no library of websockets
        from polyspec.io.websocket_need import need_websockets

        need_websockets("clob")
        from polyspec.clob.streams_async import AsyncClobStreams

        return AsyncClobStreams(self)

    async def aclose(self) -> None:
        """Close every stream and every connection this client opened."""
        if "stream" in self.__dict__:
            await self.stream.aclose()
        await super().aclose()
