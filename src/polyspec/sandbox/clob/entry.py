"""Placing orders: who may, whose they are, whether they are signed; then the engine decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from polyspec.sandbox.clob.access import Caller
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import units_text
from polyspec.sandbox.clob.modes import CANCEL_ONLY, DISABLED
from polyspec.sandbox.clob.refusals import Refusal, bad_request, unavailable
from polyspec.sandbox.clob.signed import SendOrder, belongs, verify

if TYPE_CHECKING:
    from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["Entry", "admit", "not_placed", "placed"]

_CENT: Final = 10_000
_FOUR_PLACES: Final = 100
_NO_BUILDER: Final = "0x" + "0" * 64
_PAUSE: Final = 0.005


def admit(world: ClobWorld, caller: Caller, sent: SendOrder) -> None:
    """Check whose an order is; raises Refusal (400) for the request as a whole."""
    order = sent.order
    if caller.key is None or sent.owner != caller.key.id:
        raise bad_request("the order owner has to be the owner of the API KEY")
    addresses = {order.maker.lower(), caller.address}
    if barred := addresses & world.modes.banned:
        raise bad_request(f"'{barred.pop()}' address banned")
    # whoever may only close positions can still sell
    if order.side == "BUY" and (closing := addresses & world.modes.closed_only):
        raise bad_request(f"'{closing.pop()}' address in closed only mode")
    belongs(
        order,
        caller.address,
        deposit_wallets_only=world.options.deposit_wallets_only,
        granted=world.modes.sessions.get(caller.address, ()),
    )


@dataclass(frozen=True)
class Entry:
    """One order on its way into the engine."""

    world: ClobWorld
    caller: Caller
    sent: SendOrder

    def place(self) -> t.Order:
        """Enter the order; raises Refusal in the engine's words, or in those of what comes before it."""
        command = self._command(self._verified())
        self._check_accuracy(command)
        outcome = self.world.exchange.placed(self.world.apply(command), command.order_id)
        if isinstance(outcome, t.OrderRejected):
            raise self._rejected(outcome)
        return self._now(command.order_id)

    def _verified(self) -> str:
        order, world = self.sent.order, self.world
        listing = world.listing_of(order.token_id)
        return verify(
            order,
            self.caller.address,
            world.options.chain_id,
            version=world.modes.version,
            neg_risk=listing is not None and listing.neg_risk,
        )

    def _command(self, order_id: str) -> t.PlaceOrder:
        order = self.sent.order
        return t.PlaceOrder(
            order_id=order_id,
            owner=self.caller.owner,
            wallet=order.maker.lower(),
            token_id=order.token_id,
            side=t.Side(order.side),
            maker_amount=int(order.maker_amount),
            taker_amount=int(order.taker_amount),
            type=t.OrderType(self.sent.order_type),
            post_only=bool(self.sent.post_only),
            expiration=int(order.expiration),
            builder="" if order.builder == _NO_BUILDER else order.builder.lower(),
            tags={"maker": order.maker},
        )

    def _check_accuracy(self, command: t.PlaceOrder) -> None:
        """Refuse market buys with more decimals than the venue was seen to take."""
        is_market_buy = command.side is t.Side.BUY and not command.type.rests
        if not (self.world.options.market_precision and is_market_buy):
            return
        if command.maker_amount % _CENT or command.taker_amount % _FOUR_PLACES:
            raise bad_request(
                "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, "
                "taker amount a max of 4 decimals"
            )

    def _rejected(self, outcome: t.OrderRejected) -> Refusal:
        if outcome.reason is t.RejectReason.POST_ONLY_MODE:
            return self.world.modes.only_post_only()
        if outcome.reason is t.RejectReason.CANCEL_ONLY:
            return unavailable(CANCEL_ONLY)
        if outcome.reason is t.RejectReason.TRADING_DISABLED:
            return unavailable(DISABLED)
        return bad_request(outcome.text)

    def _now(self, order_id: str) -> t.Order:
        order = self.world.exchange.order(order_id)
        assert order is not None, order_id
        return order

    # -- the answer --

    def answer(self, order: t.Order) -> dict[str, Any] | Awaitable[dict[str, Any]]:
        """Return what became of an order; of a held one after its hold, if its market has it so."""
        listing = self.world.listings[order.condition_id]
        if order.status is t.OrderStatus.DELAYED and listing.answers_late:
            return self._after_hold(order.id)
        return placed(order)

    async def _after_hold(self, order_id: str) -> dict[str, Any]:
        while True:
            await asyncio.sleep(_PAUSE)
            with self.world.lock:
                self.world.jobs.run_due()
                order = self._now(order_id)
                if order.status is t.OrderStatus.INVALID:
                    raise bad_request(order.text)
                if order.status is not t.OrderStatus.DELAYED:
                    return placed(order)


def placed(order: t.Order) -> dict[str, Any]:
    """Return the answer for an order that was taken."""
    given, got = (order.spent, order.matched) if order.side is t.Side.BUY else (order.matched, order.spent)
    return {
        "errorMsg": "",
        "orderID": order.id,
        "takingAmount": units_text(got) if order.matched else "",
        "makingAmount": units_text(given) if order.matched else "",
        "status": str(order.status).lower(),
        "success": True,
        "transactionsHashes": [],
        "tradeIDs": list(order.trades),
    }


def not_placed(refusal: Refusal) -> dict[str, Any]:
    """Return the entry of a batch for an order that was not taken."""
    return {
        "errorMsg": refusal.message,
        "orderID": "",
        "takingAmount": "",
        "makingAmount": "",
        "status": "",
        # only of this refusal the venue says that it went well
        "success": refusal.body.get("code") == "post_only_mode",
    }
