"""What follows from the engine's events as time passes: settlement and notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from polyspec.sandbox.clob.engine import types as t

if TYPE_CHECKING:
    from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["Settling"]

_SECOND: Final = 1_000_000_000


class Settling:
    """Sees to it that trades are mined and confirmed, or fail, and that wallets are told."""

    def __init__(self, world: ClobWorld) -> None:
        self._world = world
        self._trades = 0

    def follow(self, event: t.Event) -> None:
        """Note what an event means for later."""
        if isinstance(event, t.Trade):
            self.settle(event)
            self._tell(event)
        elif isinstance(event, t.OrderEvent):
            if event.step is t.OrderStep.CANCELLATION:
                self._tell_end(event)
        elif isinstance(event, t.MarketResolved):
            self._tell_result(event)

    # -- settlement --

    def settle(self, trade: t.Trade) -> None:
        """Plan the next step of a trade's settlement."""
        options, jobs = self._world.options, self._world.jobs
        if trade.status is t.TradeStatus.MATCHED:
            self._trades += 1
            if options.mined_delay is not None:
                fails = options.fail_every > 0 and self._trades % options.fail_every == 0
                status = t.TradeStatus.RETRYING if fails else t.TradeStatus.MINED
                jobs.later(options.mined_delay, lambda: self._move(trade, status))
        elif trade.status is t.TradeStatus.RETRYING and options.mined_delay is not None:
            jobs.later(options.mined_delay, lambda: self._move(trade, t.TradeStatus.FAILED))
        elif trade.status is t.TradeStatus.MINED:
            jobs.later(options.confirmed_delay, lambda: self._move(trade, t.TradeStatus.CONFIRMED))

    def _move(self, trade: t.Trade, status: t.TradeStatus) -> None:
        known = self._world.exchange.trade(trade.id)
        # somebody may have decided otherwise in the meantime
        if known is not None and known.status is trade.status:
            text = "execution reverted" if status is t.TradeStatus.FAILED else ""
            self._world.apply(t.SetTradeStatus(trade_id=trade.id, status=status, text=text))

    # -- notices --

    def _tell(self, trade: t.Trade) -> None:
        if trade.status not in (t.TradeStatus.MATCHED, t.TradeStatus.FAILED):
            return
        listing = self._world.listings[trade.condition_id]
        for order_id in (trade.taker_order_id, *(fill.order_id for fill in trade.makers)):
            order = self._world.exchange.order(order_id)
            if order is not None and self._world.keys.get(order.owner) is not None:
                self._world.notices.filled(order, trade, listing)

    def _tell_end(self, event: t.OrderEvent) -> None:
        if self._world.keys.get(event.order.owner) is not None:
            self._world.notices.ended(event, self._world.listings[event.order.condition_id])

    def _tell_result(self, event: t.MarketResolved) -> None:
        world, listing = self._world, self._world.listings[event.condition_id]
        for wallet in world.exchange.wallets():
            owners = [each.id for each in world.keys.of(wallet)]
            holds = any(world.exchange.holding(wallet, token).balance for token in listing.token_ids)
            if holds and owners:
                world.notices.resolved(wallet, owners[0], listing, event.payouts, event.time // _SECOND)
