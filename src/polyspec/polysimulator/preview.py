"""What an order would mean in money, before it is placed."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, Rounded
from typing import Final

from attrs import frozen

from polyspec.polysimulator.money import cents, fee, notional, shares_for
from polyspec.polysimulator.ticket import Ticket

__all__ = ["Preview"]

_EXACT: Final = Context(prec=250, traps=[Inexact, Rounded])


@frozen
class Preview:
    """The money side of an order, in dollars, as if all of it took at its price: what rests pays no fee.

    A share pays a dollar if its outcome happens and nothing if it does not. What the venue makes of a fee in
    cents is inferred, see `polyspec.polysimulator.money`; it checks again when the order is placed.
    """

    side: str
    price: Decimal
    """The limit, or the worst price of a market order."""
    quantity: Decimal
    """Shares; of an order that spends an amount, those it buys at its worst price."""
    notional: Decimal
    """Price times quantity, exactly."""
    rate: Decimal
    """The fee rate of the market's category."""
    fee: Decimal
    """What taking all of it costs, to five decimals."""
    fee_charged: Decimal
    """The fee as the wallet is debited for it, in cents."""
    total: Decimal
    """What the wallet pays for a BUY, or is paid for a SELL, in cents and with the fee."""
    worst_case: Decimal
    """The most that can be lost: all that a BUY may cost, or the dollar each share sold may come to, less
    what it brings. No better price than the limit makes it more."""
    best_case: Decimal
    """What is won at the price given if it goes the right way."""

    @classmethod
    def of(cls, ticket: Ticket, rate: Decimal) -> Preview:
        """Work the amounts out."""
        price, buys, spent = ticket.price, ticket.terms.side == "BUY", ticket.amount
        quantity = ticket.terms.quantity
        if quantity is None:
            assert spent is not None
            quantity = shares_for(spent, price)
        worth = notional(price, quantity)
        exact = fee(price, quantity, rate)
        paid, charged = cents(worth), cents(exact)
        total = _EXACT.add(paid, charged) if buys else _EXACT.subtract(paid, charged)
        if not buys:
            worst, best = _EXACT.subtract(quantity, total), total
        elif spent is None:
            worst, best = total, _EXACT.subtract(quantity, total)
        else:
            # a better price buys more shares, with a larger fee: per dollar it is rate x (1 - p)
            worst = _EXACT.add(cents(spent), cents(_up(_EXACT.multiply(spent, rate))))
            best = _EXACT.subtract(quantity, total)
        return cls(
            side=ticket.terms.side,
            price=price,
            quantity=quantity,
            notional=worth,
            rate=rate,
            fee=exact,
            fee_charged=charged,
            total=total,
            worst_case=worst,
            best_case=best,
        )


def _up(dollars: Decimal) -> Decimal:
    """Return what a fee that is rounded to five decimals first cannot be above."""
    return _EXACT.add(dollars, Decimal("0.00001"))
