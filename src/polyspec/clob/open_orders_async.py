"""Find orders, and cancel them."""

from __future__ import annotations

from collections.abc import Sequence

from polyspec_wire.clob import models as wire
from polyspec_wire.clob import orders

from polyspec.clob.base_async import AsyncBase
from polyspec.clob.cancelling import CANCELS, Cancelled, Target, cancelling, checked_ids, order_id_of
from polyspec.clob.queries import only_market, only_token
from polyspec.errors import ConfigError, PolyspecError

__all__ = ["AsyncOpenOrders"]


class AsyncOpenOrders(AsyncBase):
    """Orders of the wallet this client acts for, once they are posted."""

    # -- find --

    async def get_order(self, order: Target, *, timeout: float | None = None) -> wire.OpenOrder:
        """Return an order by id; raises NotFound."""
        return await self.send(orders.get_order(order_id_of(order)), timeout=timeout)

    async def get_open_orders(
        self,
        market: str | None = None,
        asset_id: str | None = None,
        id: str | None = None,  # noqa: A002 - the venue's word
        *,
        timeout: float | None = None,
    ) -> list[wire.OpenOrder]:
        """Return all working orders: of one market (condition id), of one token, or one by id."""
        call = orders.get_open_orders(
            market=only_market(market),
            asset_id=only_token(asset_id),
            id=None if id is None else order_id_of(id),
        )
        return [order async for order in self.iterate(call, timeout=timeout)]

    async def get_pre_migration_orders(self, *, timeout: float | None = None) -> list[wire.OpenOrder]:
        """Return the orders from before the venue's change to version 2."""
        return [order async for order in self.iterate(orders.get_pre_migration_orders(), timeout=timeout)]

    async def is_order_scoring(self, order: Target, *, timeout: float | None = None) -> bool:
        """Tell whether an order earns liquidity rewards now."""
        call = orders.get_order_scoring(order_id=order_id_of(order))
        return bool((await self.send(call, timeout=timeout)).scoring)

    async def are_orders_scoring(
        self, targets: Sequence[Target], *, timeout: float | None = None
    ) -> dict[str, bool]:
        """Tell which of some orders earn liquidity rewards now, by id."""
        return await self.send(orders.get_orders_scoring(checked_ids(targets)), timeout=timeout)

    # -- cancel --

    async def cancel(self, order: Target, *, timeout: float | None = None) -> Cancelled:
        """Cancel one order; may be repeated freely.

        The answer says which ids were cancelled and, for those that were not, why. What the market holds for
        its delay is tried again for a few seconds. A cancel of an Unknown may overtake the order itself:
        resolve it afterwards.
        """
        return await self.run(cancelling(self.session, order_id_of(order), timeout))

    async def cancel_orders(self, targets: Sequence[Target], *, timeout: float | None = None) -> Cancelled:
        """Cancel orders by id, a thousand to a request.

        If a request fails the others are made nonetheless; then its error is raised.
        """
        ids, answers, failed = checked_ids(targets), [], None
        for start in range(0, len(ids), CANCELS):
            call = orders.cancel_orders(ids[start : start + CANCELS])
            try:
                answers.append(await self.send(call, timeout=timeout))
            except PolyspecError as error:
                # the others are to be cancelled all the same
                failed = failed or error
        if failed is not None:
            failed.add_note(f"{len(answers)} of {-(-len(ids) // CANCELS)} requests were answered")
            raise failed
        return Cancelled.of(*answers)

    async def cancel_all(self, *, timeout: float | None = None) -> Cancelled:
        """Cancel every open order of this API key."""
        return Cancelled.of(await self.send(orders.cancel_all(), timeout=timeout))

    async def cancel_market_orders(
        self, market: str | None = None, asset_id: str | None = None, *, timeout: float | None = None
    ) -> Cancelled:
        """Cancel all open orders in a market (condition id), or of one token; at least one must be named."""
        if not market and not asset_id:
            raise ConfigError("name the market or the asset_id; cancel_all cancels everything")
        body = wire.OrderMarketCancelParams(
            market=only_market(market or None) or "", asset_id=only_token(asset_id or None) or ""
        )
        return Cancelled.of(await self.send(orders.cancel_market_orders(body), timeout=timeout))
