"""What an order would mean, before it is placed."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact
from typing import Final

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.us.fees import COMBO_EXTRA, combo_fee, fee, is_combo, largest_fee, theta_of
from polyspec.us.instrument import Instrument

__all__ = ["Preview"]

_EXACT: Final = Context(prec=120, traps=[Inexact])


@frozen
class Preview:
    """The money side of an order, in dollars. The venue checks again when the order is placed.

    An order that closes a position ties up less than is said here; what is not known is None.
    """

    side: wire.Side
    """In YES terms."""
    price: Decimal | None
    """Dollars per YES contract; None if the venue sets it."""
    quantity: Decimal | None
    """Contracts; None for an order in cash."""
    collateral: Decimal | None
    """What the order ties up: price for a buyer, payout less price for a seller, or the cash given."""
    taker_fee: Decimal | None
    """What it pays if all of it takes at the limit price (in cash: at the worst price); a maker pays none."""
    worst_case: Decimal | None
    """The most that can be lost: collateral and fee. No better price than the limit makes it more."""
    order: wire.Order | None = field(repr=False)
    """The venue's own preview."""

    @classmethod
    def of(
        cls, request: wire.InsertOrderRequest, instrument: Instrument, order: wire.Order | None
    ) -> Preview:
        """Work the amounts out from the request as it would be sent."""
        collateral, taker_fee = _collateral(request, instrument), _taker_fee(request, instrument)
        return cls(
            side=request.side,
            price=instrument.price.from_wire(request.price) if request.price else None,
            quantity=instrument.contracts(request.order_qty) if request.order_qty else None,
            collateral=collateral,
            taker_fee=taker_fee,
            worst_case=None if collateral is None or taker_fee is None else _sum(collateral, taker_fee),
            order=order,
        )


def _collateral(request: wire.InsertOrderRequest, instrument: Instrument) -> Decimal | None:
    if request.cash_order_qty:
        return instrument.price.from_wire(request.cash_order_qty)
    if not (request.price and request.order_qty):
        return None
    buys = request.side == wire.Side.BUY
    per_contract = request.price if buys else instrument.payout_units - request.price
    return instrument.cost(per_contract, request.order_qty)


def _taker_fee(request: wire.InsertOrderRequest, instrument: Instrument) -> Decimal | None:
    if instrument.payout != 1:
        # the venue states its formula for contracts that pay one dollar
        return None
    theta, combo = theta_of(instrument.raw), is_combo(instrument.raw)
    if request.cash_order_qty:
        spent = instrument.price.from_wire(request.cash_order_qty)
        return largest_fee(spent, _sum(theta, COMBO_EXTRA) if combo else theta)
    if not (request.price and request.order_qty):
        return None
    price, quantity = instrument.price.from_wire(request.price), instrument.contracts(request.order_qty)
    return combo_fee(price, quantity) if combo else fee(price, quantity, theta)


def _sum(first: Decimal, second: Decimal) -> Decimal:
    # wide enough to be exact, whatever decimal context the calling thread has
    return _EXACT.add(first, second)
