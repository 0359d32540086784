"""The US exchange as every venue has it in common."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

from polyspec_wire.us_exchange import models as wire

from polyspec.core.desk_async import AsyncDeskBase, Cancellable, native_of
from polyspec.core.scales import Amount
from polyspec.core.values import (
    Balance,
    Book,
    Level,
    Market,
    OpenOrder,
    Position,
    checked_force,
    left_of,
    market_id,
)
from polyspec.errors import ConfigError
from polyspec.us.fate import AsyncPlacement, Unknown
from polyspec.us.holding import Holding
from polyspec.us.instrument import Instrument
from polyspec.us.levels import Level as OwnLevel
from polyspec.us.settling import closed

if TYPE_CHECKING:
    from polyspec.us.client_async import AsyncUsExchangeClient

__all__ = ["AsyncUsDesk"]

_AVERAGE: Final = Context(prec=18)
_CURRENCY: Final = "USD"


class AsyncUsDesk(AsyncDeskBase):
    """Trade the YES contracts of the US exchange; to sell what is not held is to buy NO.

    A market is named by its symbol. The venue allows twelve looks at books a minute.
    """

    name: str = "us"
    client: AsyncUsExchangeClient
    _only: str | None = None

    async def markets(self, limit: int | None = None) -> AsyncIterator[Market]:
        """Iterate over markets that take orders now, at most `limit` of them."""
        left = limit
        async for instrument in self.client.instruments.iterate(tradable=True):
            if left is not None:
                if not left:
                    return
                left -= 1
            yield _market(instrument)

    async def market(self, market: Market | str) -> Market:
        """Return one market by its symbol, or read one that is at hand anew; raises NotFound."""
        if isinstance(market, Market):
            return _market(await self.client.instruments.refresh(market.id))
        return _market(await self.client.instruments.get(market_id(market)))

    async def book(self, market: Market | str, depth: int | None = None) -> Book:
        """Return the book of a market, 3 levels a side unless `depth` says otherwise (10 at most)."""
        # a market that is at hand need not be read again, of which the venue allows six a minute
        known = market.native if isinstance(market, Market) else None
        wanted = known if isinstance(known, Instrument) else market_id(market)
        found = await self.client.book.get(wanted, depth=depth)
        return Book(found.symbol, _levels(found.bids), _levels(found.offers), found)

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
        """Place a limit order; see `AsyncDesk.place`."""
        return await self.client.orders.place(
            market_id(market),
            side=side,
            price=price,
            quantity=quantity,
            time_in_force=checked_force(time_in_force, post_only=post_only),
            post_only=post_only,
            timeout=timeout,
        )

    async def cancel(self, order: Cancellable, *, timeout: float | None = None) -> None:
        """Cancel an order, and return once it is off the book; raises TimedOut if that takes too long."""
        orders, target = self.client.orders, native_of(order)
        if isinstance(target, str):
            target = await orders.get(target, timeout=timeout)
        await orders.cancel(target, timeout=timeout)
        # nobody knows what there is to wait for while the fate of an order is open
        if not isinstance(target, Unknown):
            await orders.settled(target, timeout=self._allowed(timeout))

    async def cancel_all(self, market: Market | str | None = None) -> None:
        """Cancel every open order (in one market), and return once none of them is on the book."""
        found = await self.client.orders.cancel_all(None if market is None else market_id(market))
        await self.client.run(closed(self.client.session, found, self._allowed(None)))

    async def open_orders(self, market: Market | str | None = None) -> list[OpenOrder]:
        """Return the orders that work (in one market)."""
        found = await self.client.orders.open(None if market is None else market_id(market))
        instruments = await self.client.instruments.get_many([order.symbol for order in found])
        return [_open(order, instrument) for order, instrument in zip(found, instruments, strict=True)]

    async def position(self, market: Market | str) -> Position:
        """Return what is held of one market: YES contracts, negative for a short."""
        symbol = market_id(market)
        found = await self.client.positions.get(symbol, account=await self._account())
        return Position(market_id=symbol, quantity=Decimal(0)) if found is None else _position(found)

    async def positions(self) -> list[Position]:
        """Return everything that is held."""
        held = self.client.positions.iterate(account=await self._account())
        return [_position(each) async for each in held]

    async def balance(self) -> Balance:
        """Return the account's buying power, less what is held for open orders."""
        found = await self.client.balances.get(account=await self._account(), currency=_CURRENCY)
        # whether the buying power leaves open orders out is not documented
        left = left_of(found.balance, found.capital_requirement, found.open_orders)
        return Balance(available=min(found.buying_power, left), currency=_CURRENCY, native=found)

    async def _account(self) -> str:
        """Return the account of the client, or the only one there is; raises ConfigError if it is neither."""
        known = self.client.account or self._only
        if not known:
            found = (await self.client.accounts()).accounts
            if len(found) != 1:
                raise ConfigError(
                    "give account when the client is made (POLYSPEC_US_ACCOUNT): this participant can see "
                    f"{', '.join(found) or 'none'}"
                )
            known = self._only = found[0]
        return known

    def _allowed(self, timeout: float | None) -> float:
        return self.client.settings.patience.place if timeout is None else timeout


def _market(instrument: Instrument) -> Market:
    price, quantity, raw = instrument.price, instrument.quantity, instrument.raw
    question = raw.event_attributes.question if raw.event_attributes is not None else ""
    return Market(
        id=instrument.symbol,
        name=question or raw.description or instrument.symbol,
        outcome="YES",
        tick=instrument.tick,
        lowest=price.from_wire(price.lowest),
        highest=price.from_wire(price.highest),
        minimum=quantity.from_wire(quantity.lowest),
        quantity_step=quantity.from_wire(quantity.tick),
        can_short=True,
        native=instrument,
    )


def _levels(levels: tuple[OwnLevel, ...]) -> tuple[Level, ...]:
    return tuple(Level(each.price, each.quantity) for each in levels)


def _open(order: wire.Order, instrument: Instrument) -> OpenOrder:
    scale = order.fractional_quantity_scale
    return OpenOrder(
        order_id=order.id,
        market_id=order.symbol,
        side=order.side.name,
        price=instrument.price.from_wire(order.price),
        # an order over dollars names no contracts of its own
        quantity=instrument.contracts(order.order_qty or order.cum_qty + order.leaves_qty, scale),
        filled=instrument.contracts(order.cum_qty, scale),
        native=order,
    )


def _position(held: Holding) -> Position:
    # what a short counts as its cost is not documented
    long = held.quantity > 0
    return Position(
        market_id=held.symbol,
        quantity=held.quantity,
        average_price=_AVERAGE.divide(held.cost, held.quantity) if long else None,
        native=held,
    )
