# Mirrored from rfqs_async.py by `python -m generator.mirror`; do not edit.
"""Combos, and requests for quotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from polyspec_wire.us_exchange import combos, rfqs
from polyspec_wire.us_exchange import models as wire

from polyspec.core.scales import Amount, Grid, Scale
from polyspec.errors import ConfigError, DecodeError, InvalidOrder

if TYPE_CHECKING:
    from polyspec.us.client import UsExchangeClient

__all__ = ["Combos", "Rfqs"]

_LEGS = range(2, 11)
_QUOTED = Scale(10_000)


class Combos:
    """Instruments made of several legs."""

    def __init__(self, client: UsExchangeClient) -> None:
        self._client = client

    def create(self, legs: Sequence[tuple[str, str]]) -> wire.ComboInstrument:
        """Make a combo of 2 to 10 legs (symbol, BUY or SELL), or find it: same legs, same combo."""
        if len(legs) not in _LEGS or len(set(legs)) != len(legs):
            raise ConfigError(f"a combo has {_LEGS[0]} to {_LEGS[-1]} different legs, not {len(legs)}")
        body = wire.CreateComboRequest(
            legs=[wire.ComboLeg(symbol=symbol, side=_side(side)) for symbol, side in legs]
        )
        made = self._client.send(combos.create_combo(body)).combo
        if made is None:
            raise DecodeError("the venue answered without a combo; at $.combo")
        return made

    def get(self, symbol: str) -> wire.ComboInstrument | None:
        """Return a combo by its symbol; None if there is none."""
        found = self._client.send(combos.get_combos(symbol=symbol)).combos
        return found[0] if found else None


class Rfqs:
    """Ask for quotes, and quote. Prices are dollars in YES terms, at most four decimals."""

    def __init__(self, client: UsExchangeClient) -> None:
        self._client = client

    def user_id(self) -> str:
        """Return the caller's anonymous id in requests and quotes."""
        return self._client.send(rfqs.get_rfq_user_id()).rfq_user_id

    def iterate(self, *, symbol: str | None = None, mine: bool = False) -> Iterator[wire.RFQ]:
        """Iterate over requests for quotes."""
        return self._client.iterate(
            rfqs.get_rfqs(symbol=symbol, user_filter=wire.UserFilter.SELF if mine else None)
        )

    def quotes(self, rfq_id: str) -> Iterator[wire.Quote]:
        """Iterate over the quotes on a request."""
        return self._client.iterate(rfqs.get_quotes(rfq_id=rfq_id))

    def trades(self, symbol: str | None = None) -> Iterator[wire.RFQTrade]:
        """Iterate over trades that came of quotes, newest first."""
        return self._client.iterate(rfqs.get_rfq_trades(symbol=symbol))

    def create(
        self,
        symbol: str,
        *,
        quantity: Amount | None = None,
        cash: Amount | None = None,
        rest_remainder: bool = False,
        account: str | None = None,
    ) -> str:
        """Ask for quotes on `quantity` contracts or `cash` dollars; return the id of the request."""
        if (quantity is None) == (cash is None):
            raise InvalidOrder("give either quantity (contracts) or cash (dollars)", field="quantity")
        body = wire.CreateRFQRequest(
            symbol=symbol,
            qty_decimal=None if quantity is None else _decimal(quantity, "quantity"),
            cash_order_qty=None if cash is None else _decimal(cash, "cash"),
            rest_remainder=rest_remainder,
            account=self._account(account),
        )
        return self._client.send(rfqs.create_rfq(body)).rfq_id

    def delete(self, rfq_id: str) -> None:
        """Withdraw a request of one's own."""
        self._client.send(rfqs.delete_rfq(rfq_id))

    def quote(
        self,
        rfq_id: str,
        *,
        buy_price: Amount | None = None,
        sell_price: Amount | None = None,
        rest_remainder: bool = False,
        post_only: bool = False,
        account: str | None = None,
    ) -> str:
        """Quote on a request, replacing an earlier quote of one's own; return the id of the quote.

        `buy_price` is for a requester who buys (this side sells), `sell_price` for one who sells.
        """
        if buy_price is None and sell_price is None:
            raise InvalidOrder("a quote needs a buy_price, a sell_price or both", field="buy_price")
        body = wire.CreateQuoteRequest(
            rfq_id=rfq_id,
            buy_price=Decimal(0) if buy_price is None else _decimal(buy_price, "buy_price"),
            sell_price=Decimal(0) if sell_price is None else _decimal(sell_price, "sell_price"),
            rest_remainder=rest_remainder,
            post_only=post_only,
            account=self._account(account),
        )
        return self._client.send(rfqs.create_quote(body)).quote_id

    def delete_quote(self, rfq_id: str, quote_id: str) -> None:
        """Withdraw a quote, also while it waits for confirmation."""
        self._client.send(rfqs.delete_quote(rfq_id, quote_id))

    def accept(self, rfq_id: str, quote_id: str, side: str) -> None:
        """Take a quote; its maker then has a last look. Not repeated when the outcome is unknown."""
        body = wire.AcceptQuoteRequest(accepted_side=_side(side))
        self._client.send(rfqs.accept_quote(rfq_id, quote_id, body))

    def confirm(self, rfq_id: str, quote_id: str) -> None:
        """Stand by a quote that was taken. Not repeated when the outcome is unknown."""
        self._client.send(rfqs.confirm_quote(rfq_id, quote_id, wire.ConfirmQuoteRequest()))

    def _account(self, account: str | None) -> str:
        found = account or self._client.account
        if not found:
            raise ConfigError("name an account, here or when the client is made")
        return found


def _side(side: str) -> wire.Side:
    if side not in ("BUY", "SELL"):
        raise InvalidOrder(f"side {side!r} is neither BUY nor SELL", field="side")
    return wire.Side.BUY if side == "BUY" else wire.Side.SELL


def _decimal(value: Amount, field: str) -> Decimal:
    # exactly, or not at all: four decimals are what the venue takes
    units = Grid(_QUOTED).to_wire(value, field)
    return _QUOTED.from_wire(units)
