# Mirrored from orders_async.py by `python -m generator.mirror`; do not edit.
"""Place, find and cancel orders."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from attrs import evolve
from polyspec_wire.polysimulator import books, markets, orders
from polyspec_wire.polysimulator import models as wire

from polyspec.core.scales import Amount
from polyspec.errors import ConfigError, NotFound
from polyspec.polysimulator.base import Base
from polyspec.polysimulator.batching import batch_call, checked_batch
from polyspec.polysimulator.cancelling import (
    CANCELS,
    Cancelled,
    Target,
    cancel,
    checked_targets,
    write,
)
from polyspec.polysimulator.fate import Accepted, Placement, Rejected, Resolved, Unknown
from polyspec.polysimulator.finding import find_order
from polyspec.polysimulator.heartbeats import Beating
from polyspec.polysimulator.money import rate_of, rate_of_bps
from polyspec.polysimulator.naming import (
    MarketLike,
    WalletLike,
    batches,
    read_market,
    read_token,
    read_wallet,
)
from polyspec.polysimulator.placing import Noted, Placing, order_call
from polyspec.polysimulator.preview import Preview
from polyspec.polysimulator.ticket import (
    MarketTerms,
    NewOrder,
    Ticket,
    checked_order,
    new_client_order_id,
    read_side,
)
from polyspec.polysimulator.turns import Turns, turns_of

__all__ = ["Orders", "Target"]

# within the class the name is that of a method
Placements: TypeAlias = list[Placement]
OpenOrders: TypeAlias = list[wire.PendingOrderItem]

_PAGE: Final = 200


class Orders:
    """Orders of the account this client acts for. One is sent at a time, and cancels go first."""

    def __init__(self, client: Base) -> None:
        self._client = client

    def place(
        self,
        market: str | MarketTerms | MarketLike,
        *,
        side: str,
        outcome: str,
        price: Amount | None = None,
        quantity: Amount | None = None,
        amount: Amount | None = None,
        order_type: str = "limit",
        time_in_force: str | None = None,
        post_only: bool = False,
        expiration: int | str | datetime | None = None,
        client_order_id: str | None = None,
        wallet_id: int | None = None,
        timeout: float | None = None,
    ) -> Placement:
        """Place an order and return what became of it: Accepted, Rejected or Unknown.

        `price` is dollars per share of `outcome`, for a market order the worst to accept; `quantity` is
        shares, `amount` dollars to spend (market orders that buy). What the venue would refuse as written
        raises InvalidOrder before anything is sent; of tick and minimum size that takes a market from
        `terms`. Otherwise raises only if it is certain that no order stands.
        """
        order = NewOrder(
            market=market,
            side=side,
            outcome=outcome,
            price=price,
            quantity=quantity,
            amount=amount,
            order_type=order_type,
            time_in_force=time_in_force,
            post_only=post_only,
            expiration=expiration,
            client_order_id=new_client_order_id() if client_order_id is None else client_order_id,
            wallet_id=wallet_id,
        )
        return self.submit(order, timeout=timeout)

    def submit(self, order: NewOrder, *, timeout: float | None = None) -> Placement:
        """Place an order written out as a `NewOrder`.

        If its answer is lost, the identical bytes are sent again, to which the venue answers what became of
        the first (`resend` in the settings); there is never more than one order. Submitting the same
        `NewOrder` twice makes no second order either.
        """
        ticket = self._ticket(order)
        with Noted([ticket]):
            return self._client.run(self.placing().place(ticket, order_call(ticket), self._allowed(timeout)))

    def place_batch(self, orders: Sequence[NewOrder], *, timeout: float | None = None) -> Placements:
        """Place several orders in one request; each has its own fate, in the order given.

        Plans allow 1, 5, 10 or 25 (see `keys.tiers`). If the answer is lost, all are looked up, and none is
        sent again.
        """
        tickets = [self._ticket(each) for each in orders]
        checked_batch(tickets)
        with Noted(tickets):
            return self._client.run(
                self.placing().place_many(tickets, batch_call(tickets), self._allowed(timeout))
            )

    def resolve(self, unknown: Unknown[Resolved], timeout: float | None = None) -> Placement:
        """Look up an order whose fate is not known; never sends it again.

        That an order never arrived takes some seven seconds to prove, and an order this client's account can
        see. An `Unknown` can be written out by hand, from what was noted before a restart: it needs the
        client order id, and for that proof `terms` and `sent_at`.
        """
        allowed = self._client.settings.patience.total if timeout is None else timeout
        return self._client.run(self.placing().resolve(unknown, allowed))

    def preview(self, order: NewOrder, *, timeout: float | None = None) -> Preview:
        """Show what an order would mean - cost, worst case, fee - without placing it.

        With `MarketTerms` that say the category or the fee as its market, nothing is read.
        """
        known = checked_order(order).market
        if not isinstance(known, MarketTerms) or (known.fee_rate_bps is None and known.category is None):
            order = evolve(order, market=self.terms(known, timeout=timeout))
        market = order.market
        assert isinstance(market, MarketTerms)
        rate = rate_of(market.category) if market.fee_rate_bps is None else rate_of_bps(market.fee_rate_bps)
        return Preview.of(self._ticket(order), rate)

    def terms(self, market: str | MarketTerms | MarketLike, *, timeout: float | None = None) -> MarketTerms:
        """Read what orders of a market must keep to; give it in place of the market to have them checked.

        Tick and minimum size are those of the book, None if there is no book now.
        """
        condition = read_market(market)
        detail = self._client.send(markets.get_market(condition), timeout=timeout)
        token_ids = tuple(detail.clob_token_ids or (each.token_id for each in detail.tokens))
        tick = least = bps = None
        try:
            book = self._client.send(markets.get_market_book(condition, depth=1), timeout=timeout)
            tick, least = book.tick_size, book.min_order_size
        except NotFound:
            pass
        if token_ids:
            try:
                found = self._client.send(books.get_fee_rate(token_id=token_ids[0]), timeout=timeout)
                bps = found.fee_rate_bps
            except NotFound:
                pass
        return MarketTerms(
            condition_id=condition,
            outcomes=tuple(detail.outcomes),
            tick=tick,
            min_size=least,
            category=detail.category,
            fee_rate_bps=bps,
            token_ids=token_ids,
        )

    def cancel(self, target: Target, *, timeout: float | None = None) -> Cancelled:
        """Cancel an order; may be repeated freely. False in a condition if it did not rest any more.

        An `Unknown` without an id is looked up first; raises what is in the way if it is not found.
        """
        if isinstance(target, Unknown) and target.order_id is None:
            found = self.resolve(target, timeout)
            if isinstance(found, Rejected):
                return Cancelled(())
            target = found if isinstance(found, Accepted) else found.unwrap()
        wallet = read_wallet(None, self._client.wallet_id)
        return self._client.run(cancel(self._client.session, self.turns(), target, timeout, wallet))

    def cancel_many(self, targets: Sequence[Target], *, timeout: float | None = None) -> Cancelled:
        """Cancel many orders, 100 to a request; `timeout` holds for each request."""
        ids, filled = checked_targets(targets)
        numbers: list[int | str] = [each.number for each in ids]
        answers = [
            self._client.run(write(self._client.session, self.turns(), orders.cancel_orders(part), timeout))
            for part in batches(numbers, CANCELS)
        ]
        return Cancelled.of(*answers, left_out=filled)

    def cancel_all(self, *, timeout: float | None = None) -> Cancelled:
        """Cancel EVERY resting order of the account: all wallets, and those of other programs on it."""
        call = orders.cancel_all(confirm=True)
        return Cancelled.of(self._client.run(write(self._client.session, self.turns(), call, timeout)))

    def cancel_market(
        self,
        market: MarketLike | None = None,
        *,
        token_id: str | int | None = None,
        timeout: float | None = None,
    ) -> Cancelled:
        """Cancel the resting orders of one market, or of one of its tokens."""
        if (market is None) == (token_id is None):
            raise ConfigError("give either the market or a token_id")
        call = orders.cancel_market_orders(
            market=None if market is None else read_market(market),
            asset_id=None if token_id is None else read_token(token_id),
        )
        return Cancelled.of(self._client.run(write(self._client.session, self.turns(), call, timeout)))

    def get(
        self, target: Target, *, wallet_id: WalletLike | None = None, timeout: float | None = None
    ) -> wire.OrderDetail:
        """Return an order by its id, open or not; raises NotFound.

        A bare number may name two orders; without a source the venue looks among those that rest first.
        `wallet_id` is as for `list`.
        """
        wallet = read_wallet(wallet_id, self._client.wallet_id)
        return self._client.run(find_order(self._client.session, target, timeout, wallet))

    def list(
        self,
        status: str | None = None,
        market: MarketLike | None = None,
        side: str | None = None,
        *,
        wallet_id: WalletLike | None = None,
        timeout: float | None = None,
    ) -> Iterator[wire.PendingOrderItem]:
        """Iterate over orders; `status` is PENDING, FILLED, CANCELLED or EXPIRED, None for all.

        `wallet_id` is a number, ``api`` or ``all``; the wallet of the client if None.
        """
        call = orders.list_orders(
            status=None if status is None else wire.OrderStatus(status.upper()),
            market_id=None if market is None else read_market(market),
            side=None if side is None else wire.Side(read_side(side)),
            limit=_PAGE,
            wallet_id=read_wallet(wallet_id, self._client.wallet_id),
        )
        # an order that is placed meanwhile moves others to the next page; numbers alone say too little
        return self._client.once_each(
            call,
            lambda row: (row.order_id, row.client_order_id, row.created_at, row.market_id, row.side),
            timeout=timeout,
        )

    def open(
        self,
        market: MarketLike | None = None,
        *,
        wallet_id: WalletLike | None = None,
        timeout: float | None = None,
    ) -> OpenOrders:
        """Return the resting orders: all, or those of a market."""
        return list(self.list("PENDING", market, wallet_id=wallet_id, timeout=timeout))

    def heartbeats(self, interval: float = 5.0, label: str | None = None, *, cancel: bool = True) -> Beating:
        """Return a context manager that promises beats `interval` seconds apart; see `Beating`.

        THE WHOLE ACCOUNT lives by them: a silence of `interval` and a quarter of it (a second at least)
        cancels every resting order of every program on it. With ``cancel=False`` leaving the block does not
        cancel them at once; for want of beats the venue will.
        """
        return Beating(self._client, interval, label, self.turns(), cancel=cancel)

    def _allowed(self, timeout: float | None) -> float:
        return self._client.settings.patience.place if timeout is None else timeout

    def _ticket(self, order: NewOrder) -> Ticket:
        now = self._client.session.clock.correct(time.time())
        return Ticket.of(checked_order(order), now=now, wallet_id=self._client.wallet_id)

    def turns(self) -> Turns | None:
        """Return the line in which the writes of this account wait; None if they do not."""
        client = self._client
        return turns_of(client.base_url, client.mark) if client.settings.serialise else None

    def placing(self) -> Placing[Resolved]:
        """Return the flows around one order, for whoever places one in another shape."""
        client = self._client
        return Placing(
            session=client.session,
            settle_window=client.settings.settle_window,
            resend=client.settings.resend,
            turns=self.turns(),
            mark=lambda: client.mark,
            resolver=self.resolve,
        )
