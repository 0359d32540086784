"""PolySimulator as every venue has it in common."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from polyspec_wire.polysimulator import models as wire

from polyspec.core.desk_async import AsyncDeskBase, Cancellable
from polyspec.core.scales import Amount
from polyspec.core.values import Balance, Book, Level, Market, OpenOrder, Position, checked_force, market_id
from polyspec.errors import ConfigError, DecodeError, NotFound, OrderRejected
from polyspec.polysimulator.cancelling import order_id_of
from polyspec.polysimulator.fate import Accepted, AsyncPlacement, OrderId, Unknown
from polyspec.polysimulator.ticket import MarketTerms

if TYPE_CHECKING:
    from polyspec.polysimulator.client_async import AsyncPolySimulatorClient

__all__ = ["AsyncPolySimulatorDesk"]

_STEP: Final = Decimal("0.0001")
_CURRENCY: Final = "USD"
# what the venue says of markets whose book it does not have
_TICK: Final = Decimal("0.01")
_MINIMUM: Final = Decimal(5)
_NO_BOOK: Final = "BOOK_UNAVAILABLE"


class AsyncPolySimulatorDesk(AsyncDeskBase):
    """Trade outcomes on PolySimulator, with play money; what is sold must be held.

    A market is named by its condition id and an outcome, as in ``0x12...:Yes``.
    """

    name: str = "polysimulator"
    client: AsyncPolySimulatorClient

    def __init__(self, client: AsyncPolySimulatorClient) -> None:
        super().__init__(client)
        self._known: dict[str, Market] = {}

    async def markets(self, limit: int | None = None) -> AsyncIterator[Market]:
        """Iterate over markets that take orders now, at most `limit` outcomes; reads a book of each."""
        left = limit
        async for data in self.client.markets.list(active_only=True):
            if left == 0:
                return
            if data.closed or data.active is False:
                continue
            terms = await self._terms(data)
            for outcome in data.outcomes:
                if left is not None:
                    if not left:
                        return
                    left -= 1
                yield _market(data, outcome, terms)

    async def market(self, market: Market | str) -> Market:
        """Return one market by its id, or read one that is at hand anew; raises NotFound."""
        return await self._read(market_id(market))

    async def _read(self, name: str, timeout: float | None = None) -> Market:
        """Read a market within `timeout` seconds, and remember it."""
        condition, label = _parts(name)
        until = None if timeout is None else time.monotonic() + timeout
        data = await self.client.markets.get(condition, timeout=timeout)
        for outcome in data.outcomes:
            if outcome.casefold() == label.casefold():
                found = self._known[name] = _market(data, outcome, await self._terms(data, _left(until)))
                return found
        known = ", ".join(data.outcomes)
        raise NotFound(f"market {condition} has no outcome {label!r}, but {known}", status=404)

    async def book(self, market: Market | str, depth: int | None = None) -> Book:
        """Return the book of an outcome as the mirrored venue has it; it holds no orders of this one.

        It may be a few seconds old, see `native.stale`. Where that venue has none, it is empty.
        """
        condition, outcome = _parts(market_id(market))
        try:
            found = await self.client.markets.book(condition, outcome, depth=depth)
        except NotFound as error:
            if error.code != _NO_BOOK:
                raise
            return Book(market_id(market), (), (), None)
        # not every route of the venue has the same end first
        bids = sorted(found.bids, key=lambda level: level.price, reverse=True)
        asks = sorted(found.asks, key=lambda level: level.price)
        return Book(market_id(market), _levels(bids, depth), _levels(asks, depth), found)

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
        """Place a limit order; see `AsyncDesk.place`. A market that is named by its id is read once."""
        until = None if timeout is None else time.monotonic() + timeout
        found = market if isinstance(market, Market) else self._known.get(market_id(market))
        if found is None:
            found = await self._read(market_id(market), timeout)
        condition, outcome = _parts(found.id)
        return await self.client.orders.place(
            MarketTerms(condition_id=condition, tick=found.tick, min_size=found.minimum),
            side=side,
            outcome=outcome,
            price=price,
            quantity=quantity,
            time_in_force=checked_force(time_in_force, post_only=post_only),
            post_only=post_only,
            timeout=_left(until),
        )

    async def cancel(self, order: Cancellable, *, timeout: float | None = None) -> None:
        """Cancel an order, and return once it is off the book; one that is off it already is no error."""
        target = order.order_id if isinstance(order, OpenOrder) else order
        if not isinstance(target, str | Accepted | Unknown):
            raise ConfigError(f"that is no order of this venue: {type(target).__name__}")
        await self.client.orders.cancel(target, timeout=timeout)

    async def cancel_all(self, market: Market | str | None = None) -> None:
        """Cancel every open order (of one outcome), and return once none of them is on the book.

        Those of the wallet of this client, not of the whole account: `client.orders.cancel_all` does that.
        """
        found = await self.open_orders(market)
        if not found:
            return
        cancelled = await self.client.orders.cancel_many([each.order_id for each in found])
        if cancelled:
            return
        still = {each.order_id for each in await self.open_orders(market)}
        for order_id, why in cancelled.not_canceled.items():
            if order_id in still:
                raise OrderRejected(f"order {order_id} was not cancelled: {why}", status=200)

    async def open_orders(self, market: Market | str | None = None) -> list[OpenOrder]:
        """Return the orders that work (of one outcome).

        What is filled of them is known of the API wallet; of others the venue does not tell.
        """
        condition, outcome = (None, "") if market is None else _parts(market_id(market))
        found: list[OpenOrder]
        if self.client.wallet_id is None:
            found = [_open_of(each) async for each in self.client.compat.get_orders(condition)]
        else:
            found = [_open(each) for each in await self.client.orders.open(condition)]
        wanted = f"{condition}:{outcome}".casefold()
        return [each for each in found if condition is None or each.market_id.casefold() == wanted]

    async def position(self, market: Market | str) -> Position:
        """Return what is held of one outcome, perhaps nothing."""
        wanted = market_id(market).casefold()
        for each in await self.positions():
            if each.market_id.casefold() == wanted:
                return each
        return Position(market_id=market_id(market), quantity=Decimal(0))

    async def positions(self) -> list[Position]:
        """Return everything that is held."""
        return [_position(each) for each in await self.client.account.positions("OPEN")]

    async def balance(self) -> Balance:
        """Return the cash of the wallet; what open orders to buy would cost is taken out of it already."""
        if self.client.wallet_id is None:
            found = await self.client.account.balance()
            return Balance(available=found.balance, currency=_CURRENCY, native=found)
        wallet = await self.client.wallets.get(self.client.wallet_id)
        if wallet.balance is None:
            raise DecodeError(f"wallet {wallet.id} has no balance; at $.balance")
        return Balance(available=wallet.balance, currency=_CURRENCY, native=wallet)

    async def _terms(
        self, data: wire.MarketSummary | wire.MarketDetail, timeout: float | None = None
    ) -> tuple[Decimal, Decimal]:
        """Return tick and smallest order of a market, which only books tell; the same for all outcomes."""
        try:
            book = await self.client.markets.book(data.condition_id, depth=1, timeout=timeout)
        except NotFound:
            return _TICK, _MINIMUM
        return book.tick_size or _TICK, book.min_order_size or _MINIMUM


def _left(until: float | None) -> float | None:
    """Return the seconds until a monotonic second; None if there is none."""
    return None if until is None else until - time.monotonic()


def _parts(name: str) -> tuple[str, str]:
    condition, _, outcome = name.partition(":")
    if not condition or not outcome:
        raise ConfigError(f"a market is named by condition id and outcome, as in 0x12...:Yes, not {name!r}")
    return condition, outcome


def _market(
    data: wire.MarketSummary | wire.MarketDetail, outcome: str, terms: tuple[Decimal, Decimal]
) -> Market:
    tick, minimum = terms
    return Market(
        id=f"{data.condition_id}:{outcome}",
        name=data.question or data.slug or data.condition_id,
        outcome=outcome,
        tick=tick,
        lowest=tick,
        highest=1 - tick,
        minimum=minimum,
        quantity_step=_STEP,
        can_short=False,
        in_book=False,
        native=data,
    )


def _levels(levels: list[wire.BookLevel], depth: int | None) -> tuple[Level, ...]:
    return tuple(Level(each.price, each.size) for each in levels[:depth])


def _open_of(order: wire.PmOpenOrder) -> OpenOrder:
    return OpenOrder(
        order_id=OrderId(order.id, "pending"),
        market_id=f"{order.market}:{order.outcome}",
        side=order.side.name,
        price=order.price,
        quantity=order.original_size,
        filled=order.size_matched,
        native=order,
    )


def _open(order: wire.PendingOrderItem) -> OpenOrder:
    return OpenOrder(
        order_id=order_id_of(order),
        market_id=f"{order.market_id}:{order.outcome}",
        side=order.side.name,
        price=order.limit_price or Decimal(0),
        quantity=order.quantity or Decimal(0),
        filled=Decimal(0),
        native=order,
    )


def _position(held: wire.PositionResponse) -> Position:
    return Position(
        market_id=f"{held.market_id}:{held.outcome}",
        quantity=held.quantity,
        average_price=held.avg_entry_price,
        native=held,
    )
