# Mirrored from desk_async.py by `python -m generator.mirror`; do not edit.
"""The CLOB as every venue has it in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from polyspec_wire.clob import models as wire

from polyspec.clob.cancelling import Cancelled
from polyspec.clob.fate import Placement
from polyspec.clob.ticks import SIZE_DECIMALS, SIZES, shifted, tick_of
from polyspec.clob.unsettled import fills, on_the_way
from polyspec.clob.walking import cost_now
from polyspec.core.desk import Cancellable, DeskBase, native_of
from polyspec.core.scales import Amount
from polyspec.core.values import (
    Balance,
    Book,
    Level,
    Market,
    OpenOrder,
    Position,
    added,
    checked_force,
    is_buy,
    left_of,
    market_id,
)
from polyspec.errors import ConfigError, DecodeError, NotFound, OrderRejected

if TYPE_CHECKING:
    from polyspec.clob.client import ClobClient

__all__ = ["ClobDesk"]

logger = logging.getLogger("polyspec")

_STEP: Final = shifted(1, SIZE_DECIMALS)
_FORCES: Final = {"GTC": "GTC", "IOC": "FAK", "FOK": "FOK"}
_CURRENCY: Final = "pUSD"
_SETTLING: Final = 3600
"""Seconds after which a trade is settled, or never will be."""
_LOOKS: Final = 3


class ClobDesk(DeskBase):
    """Trade outcome tokens on the CLOB; what is sold must be held.

    A market is named by its token id, so each question has two.
    """

    name: str = "clob"
    client: ClobClient

    def markets(self, limit: int | None = None) -> Iterator[Market]:
        """Iterate over markets that take orders now, at most `limit` outcomes.

        Those that pay liquidity rewards come first: the venue's list of all begins with years of closed ones.
        What has a tick that makes no sense is left out with a warning.
        """
        left = limit
        for data in self._open_markets():
            try:
                found = [_market(data, token) for token in data.tokens if token.token_id]
            except DecodeError as error:
                logger.warning("left out of a listing: %s", error)
                continue
            for market in found:
                if left is not None:
                    if not left:
                        return
                    left -= 1
                yield market

    def market(self, market: Market | str) -> Market:
        """Return one market by its token id, or read one that is at hand anew; raises NotFound."""
        token_id = market_id(market)
        if isinstance(market, Market):
            self.client.forget_market(token_id)
        # what the first order must know is read here, and kept
        condition = self.client.market_of(token_id).condition_id
        if condition is None:
            condition = self.client.get_market_by_token(token_id).condition_id
        data = self.client.get_market(condition)
        for token in data.tokens:
            if token.token_id == token_id:
                return _market(data, token)
        raise DecodeError(f"market {condition} is that of token {token_id}, which it does not list")

    def book(self, market: Market | str, depth: int | None = None) -> Book:
        """Return the book of a token; the venue gives all of it, whatever `depth` keeps."""
        found = self.client.get_order_book(market_id(market))
        return Book(found.asset_id, _levels(found.bids, depth), _levels(found.asks, depth), found)

    def place(
        self,
        market: Market | str,
        *,
        side: str,
        price: Amount,
        quantity: Amount,
        time_in_force: str = "GTC",
        post_only: bool = False,
        timeout: float | None = None,
    ) -> Placement:
        """Place a limit order; see `Desk.place`.

        An IOC or FOK to buy is an order over dollars here: it spends what the quantity costs in the book as
        it is, in whole cents. So it may buy a fraction of a share less, or more if the book gets better.
        """
        force, token_id = _FORCES[checked_force(time_in_force, post_only=post_only)], market_id(market)
        if force == "GTC" or not is_buy(side):
            return self.client.create_and_post_order(
                token_id=token_id,
                side=side,
                price=price,
                size=quantity,
                order_type=force,
                post_only=post_only,
                timeout=timeout,
            )
        until = None if timeout is None else time.monotonic() + timeout
        SIZES.to_wire(quantity, "quantity")
        book = self.client.get_order_book(token_id, timeout=timeout)
        return self.client.create_and_post_market_order(
            token_id=token_id,
            side=side,
            price=price,
            amount=cost_now([(each.price, each.size) for each in book.asks], price, quantity),
            order_type=force,
            timeout=None if until is None else until - time.monotonic(),
        )

    def cancel(self, order: Cancellable, *, timeout: float | None = None) -> None:
        """Cancel an order, and return once it is off the book; one that is off it already is no error."""
        self._check(self.client.cancel(native_of(order), timeout=timeout))

    def cancel_all(self, market: Market | str | None = None) -> None:
        """Cancel every open order (of one token), and return once none of them is on the book."""
        if market is None:
            self._check(self.client.cancel_all())
        else:
            self._check(self.client.cancel_market_orders(asset_id=market_id(market)))

    def open_orders(self, market: Market | str | None = None) -> list[OpenOrder]:
        """Return the orders that work (of one token)."""
        token_id = None if market is None else market_id(market)
        return [_open(order) for order in self.client.get_open_orders(asset_id=token_id)]

    def position(self, market: Market | str) -> Position:
        """Return the shares held of a token: those in the wallet, and those matched but not settled yet.

        Shares that are not settled cannot be sold yet; `native.balance` is what the wallet has.
        """
        token_id = market_id(market)
        condition = self.client.market_of(token_id).condition_id
        coming, held = self._coming(token_id, condition), None
        for _ in range(_LOOKS):
            # without a look at the chain the venue may speak of what was there before
            held = self.client.update_balance_allowance(token_id=token_id)
            before, coming = coming, self._coming(token_id, condition)
            # a trade that is settled between two looks would count twice, or not at all
            if coming == before:
                break
        assert held is not None
        return Position(market_id=token_id, quantity=added(held.balance, coming), native=held)

    def positions(self) -> list[Position]:
        """Return what is held of the tokens this API key traded; reads all its trades.

        Shares that came another way are not known here: ask for the `position` in their market.
        """
        tokens: dict[str, None] = {}
        for trade in self.client.iter_trades():
            tokens |= dict.fromkeys(token for token, _ in fills(trade, self._wallet()))
        found = [self.position(token) for token in tokens]
        return [each for each in found if each.quantity]

    def balance(self) -> Balance:
        """Return the collateral, less what the open orders to buy would cost."""
        held = self.client.get_balance_allowance()
        orders = self.open_orders()
        bound = [each.cost for each in orders if each.side == "BUY"]
        return Balance(available=left_of(held.balance, *bound), currency=_CURRENCY, native=held)

    def _open_markets(self) -> Iterator[wire.Market]:
        given = set()
        for data in self.client.get_sampling_markets():
            given.add(data.condition_id)
            if _takes_orders(data):
                yield data
        for data in self.client.get_markets():
            if _takes_orders(data) and data.condition_id not in given:
                yield data

    def _wallet(self) -> str:
        if self.client.account is None:
            raise ConfigError("what is held is asked for with a wallet key: give key when the client is made")
        return self.client.account.maker

    def _coming(self, token_id: str, condition: str | None) -> Decimal:
        """Return the shares of a token in trades of late that are not settled."""
        after = int(self.client.session.clock.correct(time.time())) - _SETTLING
        found = list(self.client.iter_trades(condition, after=after))
        return on_the_way(found, self._wallet(), token_id)

    def _check(self, cancelled: Cancelled) -> None:
        """Raise if an order that was not cancelled is open still: most such are filled or gone."""
        if cancelled:
            return
        stuck = self._open_among(cancelled.not_canceled)
        if stuck is not None:
            why = cancelled.not_canceled[stuck]
            raise OrderRejected(f"order {stuck} was not cancelled: {why}", status=200)

    def _open_among(self, order_ids: Collection[str]) -> str | None:
        for order_id in order_ids:
            try:
                found = self.client.get_order(order_id)
            except NotFound:
                continue
            if found.status == wire.OrderStatus.LIVE:
                return order_id
        return None


def _takes_orders(data: wire.Market) -> bool:
    return bool(data.accepting_orders and data.enable_order_book and not data.closed)


def _market(data: wire.Market, token: wire.Token) -> Market:
    try:
        tick = tick_of(data.minimum_tick_size or "")
    except ConfigError as error:
        raise DecodeError(f"market {data.condition_id}: {error}; at $.minimum_tick_size") from error
    return Market(
        id=token.token_id,
        name=data.question or data.market_slug or data.condition_id,
        outcome=token.outcome,
        tick=tick.value,
        lowest=tick.price(tick.grid.lowest),
        highest=tick.price(tick.grid.highest),
        minimum=Decimal(data.minimum_order_size or _STEP),
        quantity_step=_STEP,
        can_short=False,
        native=data,
    )


def _levels(levels: list[wire.OrderSummary], depth: int | None) -> tuple[Level, ...]:
    # the venue's best level is the last one
    return tuple(Level(each.price, each.size) for each in levels[::-1][:depth])


def _open(order: wire.OpenOrder) -> OpenOrder:
    return OpenOrder(
        order_id=order.id,
        market_id=order.asset_id,
        side=order.side.name,
        price=order.price,
        quantity=order.original_size,
        filled=order.size_matched,
        native=order,
    )
