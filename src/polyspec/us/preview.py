"""What an order would mean, before it is placed."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.us.fees import fee
from polyspec.us.instrument import Instrument

__all__ = ["Preview"]


@frozen
class Preview:
    """The money side of an order, in dollars. The venue checks again when the order is placed."""

    side: wire.Side
    """In YES terms."""
    price: Decimal | None
    """Dollars per YES contract; None if the venue sets it."""
    quantity: Decimal | None
    """Contracts; None for an order in cash."""
    collateral: Decimal | None
    """What the order ties up: price for a buyer, payout less price for a seller."""
    max_fee: Decimal | None
    """The taker fee if everything fills at the limit; a maker pays none."""
    worst_case: Decimal | None
    """The most that can be lost: collateral and fee."""
    order: wire.Order | None = field(repr=False)
    """The venue's own preview."""

    @classmethod
    def of(
        cls, request: wire.InsertOrderRequest, instrument: Instrument, order: wire.Order | None
    ) -> Preview:
        """Work the amounts out from the request as it would be sent."""
        price = instrument.price.from_wire(request.price) if request.price else None
        quantity = instrument.quantity.from_wire(request.order_qty) if request.order_qty else None
        collateral = max_fee = None
        if price is not None and quantity is not None:
            per_contract = price if request.side == wire.Side.BUY else instrument.payout - price
            collateral, max_fee = per_contract * quantity, fee(price, quantity)
        return cls(
            side=request.side,
            price=price,
            quantity=quantity,
            collateral=collateral,
            max_fee=max_fee,
            worst_case=None if collateral is None or max_fee is None else collateral + max_fee,
            order=order,
        )
