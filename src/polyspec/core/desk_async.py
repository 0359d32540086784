"""Trading as all venues have it in common: markets in, orders out, each order with its fate.

A desk is a thin face of a client, which stays within reach as `client` with everything else its venue can
do. A strategy that keeps to the desk runs on every venue.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

from polyspec.core.fate import Accepted, AsyncPlacement, Unknown
from polyspec.core.scales import Amount
from polyspec.core.values import Balance, Book, Market, OpenOrder, Position

__all__ = ["AsyncClosable", "AsyncDesk", "AsyncDeskBase", "Cancellable", "native_of"]

Cancellable: TypeAlias = str | OpenOrder | Accepted | Unknown[Any]
"""An order that may be open: by its id, as it was listed, or as placing it ended."""


def native_of(order: Cancellable) -> Any:
    """Return what the venue's own client knows an order by."""
    return order.native if isinstance(order, OpenOrder) else order


class AsyncDesk(Protocol):
    """One account at one venue."""

    @property
    def name(self) -> str:
        """Which venue it is: us, clob or polysimulator."""
        ...

    @property
    def client(self) -> Any:
        """The venue's own client, for all that is not common."""
        ...

    def markets(self, limit: int | None = None) -> AsyncIterator[Market]:
        """Iterate over markets that take orders now, at most `limit` of them."""
        ...

    async def market(self, market: Market | str) -> Market:
        """Return one market by its id, or read one that is at hand anew; raises NotFound."""
        ...

    async def book(self, market: Market | str, depth: int | None = None) -> Book:
        """Return the book of a market, with at most `depth` levels a side."""
        ...

    async def place(
        self,
        market: Market | str,
        *,
        side: str,
        price: Amount,
        quantity: Amount,
        time_in_force: str = "GTC",
        post_only: bool = False,
        timeout: float | None = None,
    ) -> AsyncPlacement:
        """Place a limit order and return what became of it: Accepted, Rejected or Unknown.

        `time_in_force` is GTC (rest what is not filled), IOC (drop it) or FOK (all or nothing); an IOC or FOK
        that found nothing is Accepted with nothing `filled`, or Rejected, as its venue has it. A post-only
        order that would trade at once is Rejected. Off-grid values raise InvalidOrder, see `Market.snap` and
        `Market.lots`. Raises only if it is certain that no order stands.
        """
        ...

    async def cancel(self, order: Cancellable, *, timeout: float | None = None) -> None:
        """Cancel an order, and return once it is off the book; one that is off it already is no error.

        What it filled before stays. A cancel of an Unknown may overtake the order itself: resolve it
        afterwards.
        """
        ...

    async def cancel_all(self, market: Market | str | None = None) -> None:
        """Cancel every open order (in one market), and return once none of them is on the book."""
        ...

    async def open_orders(self, market: Market | str | None = None) -> list[OpenOrder]:
        """Return the orders that work (in one market)."""
        ...

    async def position(self, market: Market | str) -> Position:
        """Return what is held of one outcome, perhaps nothing."""
        ...

    async def positions(self) -> list[Position]:
        """Return everything that is held."""
        ...

    async def balance(self) -> Balance:
        """Return the money there is for new orders."""
        ...

    async def aclose(self) -> None:
        """Close the client, and whatever was started for it."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class AsyncClosable(Protocol):
    """A client, as far as closing it goes."""

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class AsyncDeskBase:
    """What every desk does alike: hold its client, and close it."""

    client: Any
    """The venue's own client, for all that is not common."""

    def __init__(self, client: AsyncClosable) -> None:
        self.client = client
        self.started = AsyncExitStack()
        """What was started for this desk, closed after the client."""

    async def aclose(self) -> None:
        """Close the client, and whatever was started for it."""
        async with self.started:
            await self.client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over {self.client!r}>"
