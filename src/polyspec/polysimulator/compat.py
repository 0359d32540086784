# Mirrored from compat_async.py by `python -m generator.mirror`; do not edit.
"""The routes in the shapes of Polymarket's CLOB, for programs that speak them; `orders` is safer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from polyspec_wire import Call
from polyspec_wire.polysimulator import compat
from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import orders as native

from polyspec.core.scales import Amount
from polyspec.errors import ConfigError, DecodeError, InvalidOrder
from polyspec.polysimulator.base import Base
from polyspec.polysimulator.cancelling import Cancelled, Target, order_id_of, rests_no_more, write
from polyspec.polysimulator.fate import Placement
from polyspec.polysimulator.flat import flat_call, flat_ticket, raw_order
from polyspec.polysimulator.naming import MarketLike, TokenLike, read_market, read_moment, read_token
from polyspec.polysimulator.orders import Orders
from polyspec.polysimulator.placing import Noted

__all__ = ["Compat"]

T = TypeVar("T")

RawOrder: TypeAlias = wire.PmSendOrderRequest | Mapping[str, Any]

_ARRAY: Final = 15
_PAGE: Final = 500
_UNNAMED: Final = (
    "orders of this shape carry no id of the sender's, so this one cannot be looked up: compare get_orders() "
    "and get_trades() with what was there before, and do not post another before that; orders.place and "
    "compat.place do not have this trouble"
)


class Compat:
    """Orders and reads in the shapes of Polymarket's CLOB; nothing is signed, and ids are numbers as text.

    All of them are those of the API wallet. No order here is sent again unless the venue provably refused the
    first. `place` carries a client order id, so that an order whose answer is lost is looked up. `post_order`
    and `post_orders` carry none: if their answer is lost, the error says ``maybe_executed`` and nobody can
    tell which orders stand.
    """

    def __init__(self, client: Base, orders: Orders | None = None) -> None:
        self._client = client
        self._orders = Orders(client) if orders is None else orders

    def place(
        self,
        token_id: TokenLike,
        side: str,
        price: Amount,
        quantity: Amount,
        order_type: str = "GTC",
        *,
        expiration: int | str | datetime | None = None,
        post_only: bool = False,
        client_order_id: str | None = None,
        timeout: float | None = None,
    ) -> Placement:
        """Place an order by token (GTC, GTD or FOK) and return Accepted, Rejected or Unknown.

        An order whose answer is lost is looked up and not sent again: that the venue answers a repetition as
        it answered the first is only documented for orders of its own shape.
        """
        self._check_wallet()
        ticket = flat_ticket(
            token_id,
            side,
            price,
            quantity,
            order_type,
            now=self._client.session.clock.correct(time.time()),
            expiration=expiration,
            post_only=post_only,
            client_order_id=client_order_id,
        )
        patience = self._client.settings.patience
        allowed = patience.place if timeout is None else timeout
        placing = self._orders.placing()
        with Noted([ticket]):
            return self._client.run(placing.place(ticket, flat_call(ticket), allowed, resend=False))

    def post_order(self, order: RawOrder, *, timeout: float | None = None) -> wire.PmSendOrderResponse:
        """Post an order in Polymarket's shape, a mapping will do; the answer is the venue's.

        Sent once and never looked up: see the class. Signature, maker and the like are ignored.
        """
        return self._sent(compat.post_order(raw_order(order)), timeout)

    def post_orders(
        self, orders: Sequence[RawOrder], *, timeout: float | None = None
    ) -> Sequence[wire.PmSendOrderResponse]:
        """Post up to 15 orders in Polymarket's shape in one request; one answer for each, in their order.

        Sent once and never looked up: see the class.
        """
        bodies = [raw_order(each) for each in orders]
        if not 0 < len(bodies) <= _ARRAY:
            raise InvalidOrder(f"an array holds 1 to {_ARRAY} orders, not {len(bodies)}", field="orders")
        answers = self._sent(native.place_order(bodies), timeout)
        if not isinstance(answers, list) or len(answers) != len(bodies):
            error = DecodeError(f"{len(bodies)} orders were not answered one by one")
            error.maybe_executed = True
            error.add_note(_UNNAMED)
            raise error
        return answers

    def cancel(self, target: Target, *, timeout: float | None = None) -> Cancelled:
        """Cancel an order; False in a condition if it did not rest any more."""
        order_id = order_id_of(target)
        if rests_no_more(target):
            return Cancelled.of(left_out=[order_id])
        call = compat.cancel_order_by_id(wire.PmCancelRequest(order_id=str(order_id.number)))
        return Cancelled.of(self._written(call, timeout, urgent=True))

    def get_order(self, target: Target, *, timeout: float | None = None) -> wire.PmOpenOrder:
        """Return an order by its number, of two of that number the one that rests or rested.

        `orders.get` tells them apart. Raises NotFound.
        """
        number = str(order_id_of(target).number)
        return self._client.send(compat.get_order(number), timeout=timeout)

    def get_orders(
        self,
        market: MarketLike | None = None,
        *,
        token_id: TokenLike | None = None,
        status: str | None = None,
        before: int | datetime | None = None,
        after: int | datetime | None = None,
        timeout: float | None = None,
    ) -> Iterator[wire.PmOpenOrder]:
        """Iterate over orders: the open ones, or those of a `status` such as ORDER_STATUS_MATCHED."""
        call = compat.get_orders(
            market=None if market is None else read_market(market),
            asset_id=None if token_id is None else read_token(token_id),
            status=None if status is None else wire.PmOrderStatus(status),
            before=_seconds(before, "before"),
            after=_seconds(after, "after"),
            limit=_PAGE,
        )
        # an order that is placed meanwhile moves others to the next page; numbers alone say too little
        return self._client.once_each(
            call, lambda row: (row.id, row.asset_id, row.created_at, row.market, row.side), timeout=timeout
        )

    def get_trades(
        self,
        market: MarketLike | None = None,
        *,
        token_id: TokenLike | None = None,
        before: int | datetime | None = None,
        after: int | datetime | None = None,
        timeout: float | None = None,
    ) -> Iterator[wire.PmTradeRow]:
        """Iterate over trades."""
        call = compat.get_trades(
            market=None if market is None else read_market(market),
            asset_id=None if token_id is None else read_token(token_id),
            before=_seconds(before, "before"),
            after=_seconds(after, "after"),
            limit=_PAGE,
        )
        return self._client.once_each(call, lambda trade: trade.id, timeout=timeout)

    def get_balance_allowance(
        self,
        asset_type: str | None = None,
        *,
        token_id: TokenLike | None = None,
        signature_type: int | None = None,
        timeout: float | None = None,
    ) -> wire.BalanceAllowance:
        """Return balance and allowance in base units; there is no chain, and the allowance is without end."""
        call = compat.get_balance_allowance(
            asset_type=None if asset_type is None else wire.AssetType(asset_type),
            token_id=None if token_id is None else read_token(token_id),
            signature_type=signature_type,
        )
        return self._client.send(call, timeout=timeout)

    def _check_wallet(self) -> None:
        if self._client.wallet_id is not None:
            raise ConfigError("these routes know no wallet but that of the API: use orders.place")

    def _sent(self, call: Call[T], timeout: float | None) -> T:
        """Send orders without an id, once; what cannot be known any more is said on the error."""
        self._check_wallet()
        try:
            return self._written(call, timeout, urgent=False)
        except BaseException as error:
            # Ctrl-C and a cancelled task cut it off wherever it is
            if not isinstance(error, Exception) or getattr(error, "maybe_executed", True):
                error.add_note(_UNNAMED)
            raise

    def _written(self, call: Call[T], timeout: float | None, *, urgent: bool) -> T:
        turns = self._orders.turns()
        return self._client.run(write(self._client.session, turns, call, timeout, urgent=urgent))


def _seconds(moment: int | datetime | None, name: str) -> int | None:
    found = read_moment(moment, name)
    return None if found is None else int(found.timestamp())
