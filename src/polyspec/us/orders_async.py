"""Place, find, change and cancel orders."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import trading

from polyspec.core.scales import Amount
from polyspec.errors import ConfigError, TimedOut
from polyspec.io.colour_async import sleep
from polyspec.us.amending import replacement_of
from polyspec.us.fate import Accepted, Placement, Rejected, Unknown
from polyspec.us.instrument import Instrument
from polyspec.us.placing import Placing
from polyspec.us.preview import Preview
from polyspec.us.ticket import NewOrder, new_clord_id, request_of

if TYPE_CHECKING:
    from polyspec.us.client_async import AsyncUsExchangeClient

__all__ = ["AsyncOrders", "Target"]

Target: TypeAlias = Accepted | Unknown | wire.Order
"""An order that may be open, however it was come by."""

_DONE = (
    wire.OrderState.FILLED,
    wire.OrderState.CANCELED,
    wire.OrderState.EXPIRED,
    wire.OrderState.REJECTED,
)
# The venue takes this many operations in one request.
_BATCH = 20


class AsyncOrders:
    """Orders of the participant this client acts for."""

    def __init__(self, client: AsyncUsExchangeClient) -> None:
        self._client = client

    async def place(
        self,
        market: Instrument | str,
        *,
        side: str,
        price: Amount | None = None,
        quantity: Amount | None = None,
        time_in_force: str = "GOOD_TILL_CANCEL",
        outcome: str = "YES",
        post_only: bool = False,
        type: str | None = None,  # noqa: A002 - the venue's word
        good_till: datetime | None = None,
        clord_id: str | None = None,
        confirm: bool = True,
        timeout: float | None = None,
    ) -> Placement:
        """Place an order and return what became of it: Accepted, Rejected or Unknown.

        `price` is dollars per contract of `outcome`, `quantity` contracts; see `NewOrder`, which `submit`
        takes, for everything else an order may say. Off-grid values raise InvalidOrder before anything is
        sent. With ``confirm=False`` the call returns as soon as the venue has given the order an id, which is
        not yet the engine's verdict: the result is then Unknown until it is resolved.
        """
        order = NewOrder(
            market=market,
            side=side,
            price=price,
            quantity=quantity,
            time_in_force=time_in_force,
            outcome=outcome,
            post_only=post_only,
            type=type,
            good_till=good_till,
            clord_id=new_clord_id() if clord_id is None else clord_id,
        )
        return await self.submit(order, confirm=confirm, timeout=timeout)

    async def submit(
        self, order: NewOrder, *, confirm: bool = True, timeout: float | None = None
    ) -> Placement:
        """Place an order written out as a `NewOrder`; it is sent once, whatever happens."""
        instrument = await self._client.instruments.get(order.market)
        request = self._request(order, instrument)
        allowed = self._client.settings.patience.place if timeout is None else timeout
        flow = self._placing().place(request, instrument, confirm=confirm, timeout=allowed)
        return await self._client.run(flow)

    async def resolve(self, unknown: Unknown, timeout: float | None = None) -> Placement:
        """Look up an order whose fate is not known; never sends it again."""
        instrument = await self._client.instruments.get(unknown.symbol)
        allowed = self._client.settings.patience.place if timeout is None else timeout
        return await self._client.run(self._placing().resolve(unknown, instrument, allowed))

    async def place_list(
        self, orders: Sequence[NewOrder], *, timeout: float | None = None
    ) -> list[Placement]:
        """Place up to 20 orders in one request; each has its own fate, in the order given.

        Every result is Unknown until resolved, since the venue answers with ids only. If the answer is lost,
        all are Unknown without an id: resolve them, do not place them again.
        """
        if not 1 <= len(orders) <= _BATCH:
            raise ConfigError(f"a list holds 1 to {_BATCH} orders, not {len(orders)}")
        requests = [
            self._request(order, await self._client.instruments.get(order.market)) for order in orders
        ]
        allowed = self._client.settings.patience.place if timeout is None else timeout
        return await self._client.run(self._placing().place_list(requests, allowed))

    async def cross(self, first: NewOrder, second: NewOrder, *, cross_id: str = "") -> list[Placement]:
        """Place two opposite orders that trade with each other, all or none."""
        requests = [
            self._request(each, await self._client.instruments.get(each.market)) for each in (first, second)
        ]
        body = wire.InsertOrderCrossRequest(
            requests=requests,
            cross_type=wire.CrossType.ALL_OR_NONE,
            cross_id=cross_id,
            cross_prioritized_side=requests[0].side,
        )
        return await self._client.run(self._placing().place_cross(body, self._client.settings.patience.place))

    async def preview(self, order: NewOrder, *, timeout: float | None = None) -> Preview:
        """Show what an order would mean - cost, worst case, fee - without placing it."""
        instrument = await self._client.instruments.get(order.market)
        request = self._request(order, instrument)
        answer = await self._client.send(
            trading.preview_order(wire.PreviewOrderRequest(request=request)), timeout=timeout
        )
        return Preview.of(request, instrument, answer.preview_order)

    async def cancel(self, target: Target, *, timeout: float | None = None) -> None:
        """Ask for an order to be cancelled; may be repeated freely.

        The venue takes the request and cancels afterwards; look at `open`, or at the order, for the outcome.
        """
        await self._client.send(trading.cancel_order(_cancel(target)), timeout=timeout)

    async def cancel_list(self, targets: Sequence[Target], *, timeout: float | None = None) -> None:
        """Ask for many orders to be cancelled, 20 to a request."""
        for start in range(0, len(targets), _BATCH):
            batch = [_cancel(target) for target in targets[start : start + _BATCH]]
            await self._client.send(
                trading.cancel_order_list(wire.CancelOrderListRequest(requests=batch)), timeout=timeout
            )

    async def cancel_all(
        self, symbols: Sequence[str] = (), *, timeout: float | None = None
    ) -> list[wire.Order]:
        """Ask for every open order (of `symbols`) to be cancelled; return what was open."""
        found = await self.open(symbols, timeout=timeout)
        await self.cancel_list(found, timeout=timeout)
        return found

    async def replace(
        self,
        target: Target,
        *,
        price: Amount | None = None,
        quantity: Amount | None = None,
        timeout: float | None = None,
    ) -> None:
        """Ask for a new price or total quantity (YES terms); what is not given stays as it is.

        A smaller quantity keeps the place in the queue. Not repeated when its outcome is unknown: read the
        order first. A refused replace leaves the order as it was.
        """
        order = await self.get(target, timeout=timeout)
        instrument = await self._client.instruments.get(order.symbol)
        body = replacement_of(order, instrument, price=price, quantity=quantity)
        await self._client.send(trading.cancel_replace_order(body), timeout=timeout)

    async def open(
        self, symbols: Sequence[str] = (), accounts: Sequence[str] = (), *, timeout: float | None = None
    ) -> list[wire.Order]:
        """Return the working orders, all of them or those of some symbols or accounts."""
        call = trading.get_open_orders(symbols=list(symbols) or None, accounts=list(accounts) or None)
        return (await self._client.send(call, timeout=timeout)).orders

    async def get(self, target: Target | str, *, timeout: float | None = None) -> wire.Order:
        """Return an order by id, open or not; raises NotFound."""
        return await self._client.reports.order(_order_id(target), timeout=timeout)

    async def settled(self, target: Target | str, *, timeout: float = 5.0) -> wire.Order:
        """Wait until an order is filled, cancelled, expired or rejected, and return it; raises TimedOut."""
        end, pause = time.monotonic() + timeout, 0.05
        while True:
            order = await self.get(target, timeout=timeout)
            if order.state in _DONE:
                return order
            if time.monotonic() + pause > end:
                raise TimedOut(f"order {order.id} is still {order.state.name} after {timeout:g} s")
            await sleep(pause)
            pause = min(pause * 2, 1.0)

    def _request(self, order: NewOrder, instrument: Instrument) -> wire.InsertOrderRequest:
        return request_of(order, instrument, account=self._client.account or "", now=time.time())

    def _placing(self) -> Placing:
        return Placing(
            session=self._client.session,
            settle_window=self._client.settings.settle_window,
            resolver=self.resolve,
        )


def _cancel(target: Target) -> wire.CancelOrderRequest:
    if isinstance(target, Rejected):
        raise ConfigError(f"order {target.clord_id} was rejected: there is nothing to cancel")
    if isinstance(target, wire.Order):
        return wire.CancelOrderRequest(order_id=target.id, clord_id=target.clord_id, symbol=target.symbol)
    symbol = target.symbol if isinstance(target, Unknown) else target.order.symbol
    return wire.CancelOrderRequest(order_id=target.order_id or "", clord_id=target.clord_id, symbol=symbol)


def _order_id(target: Target | str) -> str:
    if isinstance(target, str):
        return target
    found = target.id if isinstance(target, wire.Order) else target.order_id
    if not found:
        raise ConfigError("this order has no id of the venue yet: resolve() it first")
    return found
