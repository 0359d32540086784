# Mirrored from orders_async.py by `python -m generator.mirror`; do not edit.
"""Place, find, change and cancel orders."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import trading

from polyspec.core.scales import Amount
from polyspec.errors import ConfigError
from polyspec.us.amending import replacement_of
from polyspec.us.bundles import BATCH, checked_count, cross_of
from polyspec.us.cancelling import Target, cancel_of, order_id_of
from polyspec.us.fate import Placement, Resolved, Unknown
from polyspec.us.instrument import Instrument
from polyspec.us.placing import Placing, noted
from polyspec.us.preview import Preview
from polyspec.us.settling import settled
from polyspec.us.ticket import NewOrder, checked_order, is_no, new_clord_id, request_of

if TYPE_CHECKING:
    from polyspec.us.client import UsExchangeClient

__all__ = ["Orders", "Target"]


class Orders:
    """Orders of the participant this client acts for."""

    def __init__(self, client: UsExchangeClient) -> None:
        self._client = client

    def place(
        self,
        market: Instrument | str,
        *,
        side: str,
        price: Amount | None = None,
        quantity: Amount | None = None,
        time_in_force: str = "GOOD_TILL_CANCEL",
        outcome: str = "YES",
        post_only: bool = False,
        type: str | None = None,  # noqa: A002 - the venue's word
        good_till: datetime | None = None,
        clord_id: str | None = None,
        confirm: bool = True,
        timeout: float | None = None,
    ) -> Placement:
        """Place an order and return what became of it: Accepted, Rejected or Unknown.

        `price` is dollars per contract of `outcome`, `quantity` contracts; see `NewOrder`, which `submit`
        takes, for everything else an order may say. Off-grid values raise InvalidOrder before anything is
        sent. With ``confirm=False`` the call returns as soon as the venue has given the order an id, which is
        not yet the engine's verdict: the result is then Unknown until it is resolved.
        """
        order = NewOrder(
            market=market,
            side=side,
            price=price,
            quantity=quantity,
            time_in_force=time_in_force,
            outcome=outcome,
            post_only=post_only,
            type=type,
            good_till=good_till,
            clord_id=new_clord_id() if clord_id is None else clord_id,
        )
        return self.submit(order, confirm=confirm, timeout=timeout)

    def submit(self, order: NewOrder, *, confirm: bool = True, timeout: float | None = None) -> Placement:
        """Place an order written out as a `NewOrder`; it is sent once, whatever happens.

        Raises only if it is certain that no order stands.
        """
        allowed, begun = self._allowed(timeout), time.monotonic()
        instrument = self._client.instruments.get(checked_order(order).market, timeout=allowed)
        request = self._request(order, instrument)
        left = allowed - (time.monotonic() - begun)
        with noted([request]):
            return self._client.run(self._placing().place(request, instrument, confirm=confirm, timeout=left))

    def resolve(self, unknown: Unknown[Resolved], timeout: float | None = None) -> Placement:
        """Look up an order whose fate is not known; never sends it again.

        That an order never arrived takes some ten seconds to prove: it may still appear for five, and the
        venue allows one search every five.
        An `Unknown` can be written out by hand, from what was noted of an order before a restart: then
        `sent_at` is the unix time before it was sent.
        """
        placing, trace = self._placing(), unknown.trace
        if trace is not None and trace.origin != placing.origin:
            raise ConfigError(
                f"order {unknown.clord_id} was placed as {trace.origin}; "
                f"{placing.origin} cannot see it, and that proves nothing"
            )
        patience = self._client.settings.patience
        allowed, begun = patience.total if timeout is None else timeout, time.monotonic()
        market = unknown.symbol if trace is None else trace.instrument
        instrument = self._client.instruments.get(market, timeout=allowed)
        left = allowed - (time.monotonic() - begun)
        return self._client.run(placing.resolve(unknown, instrument, left))

    def place_list(self, orders: Sequence[NewOrder], *, timeout: float | None = None) -> list[Placement]:
        """Place up to 20 orders in one request; each has its own fate, in the order given.

        Every result is Unknown until resolved, since the venue answers with ids only. If the answer is lost,
        all are Unknown without an id: resolve them, do not place them again.
        """
        checked_count(len(orders))
        allowed, begun = self._allowed(timeout), time.monotonic()
        requests, instruments = self._requests(orders, allowed)
        call = trading.insert_order_list(wire.InsertOrderListRequest(requests=requests))
        left = allowed - (time.monotonic() - begun)
        with noted(requests):
            return self._client.run(self._placing().place_many(call, requests, instruments, left))

    def cross(
        self, first: NewOrder, second: NewOrder, *, cross_id: str = "", timeout: float | None = None
    ) -> list[Placement]:
        """Place two opposite orders that trade with each other, all or none; see `place_list`."""
        allowed, begun = self._allowed(timeout), time.monotonic()
        requests, instruments = self._requests([first, second], allowed)
        call = trading.insert_order_cross(cross_of(requests, cross_id))
        left = allowed - (time.monotonic() - begun)
        with noted(requests):
            return self._client.run(self._placing().place_many(call, requests, instruments, left))

    def preview(self, order: NewOrder, *, timeout: float | None = None) -> Preview:
        """Show what an order would mean - cost, worst case, fee - without placing it."""
        instrument = self._client.instruments.get(checked_order(order).market, timeout=timeout)
        request = self._request(order, instrument)
        answer = self._client.send(
            trading.preview_order(wire.PreviewOrderRequest(request=request)), timeout=timeout
        )
        return Preview.of(request, instrument, answer.preview_order)

    def cancel(self, target: Target, *, timeout: float | None = None) -> None:
        """Ask for an order to be cancelled; may be repeated freely.

        The venue takes the request and cancels afterwards; look at `open`, or at the order, for the outcome.
        A cancel of an Unknown may overtake the order itself: resolve it afterwards.
        """
        self._client.send(trading.cancel_order(cancel_of(target)), timeout=timeout)

    def cancel_list(self, targets: Sequence[Target], *, timeout: float | None = None) -> None:
        """Ask for many orders to be cancelled, 20 to a request."""
        # all are read before the first is sent
        requests = [cancel_of(target) for target in targets]
        for start in range(0, len(requests), BATCH):
            body = wire.CancelOrderListRequest(requests=requests[start : start + BATCH])
            self._client.send(trading.cancel_order_list(body), timeout=timeout)

    def cancel_all(
        self, symbols: str | Sequence[str] | None = None, *, timeout: float | None = None
    ) -> list[wire.Order]:
        """Ask for every open order (of `symbols`) to be cancelled; return what was open.

        Orders that are still on their way in are not open yet, and are not cancelled.
        """
        found = self.open(symbols, timeout=timeout)
        self.cancel_list(found, timeout=timeout)
        return found

    def replace(
        self,
        target: Target,
        *,
        price: Amount | None = None,
        quantity: Amount | None = None,
        outcome: str = "YES",
        timeout: float | None = None,
    ) -> None:
        """Ask for a new price or total quantity; what is not given stays as it is.

        `price` is dollars per contract of `outcome`. A smaller quantity keeps the place in the queue. Not
        repeated when its outcome is unknown: read the order first. A refused replace leaves the order as it
        was.
        """
        no = is_no(outcome)
        order = self.get(target, timeout=timeout)
        instrument = self._client.instruments.get(order.symbol, timeout=timeout)
        body = replacement_of(order, instrument, price=price, quantity=quantity, no=no)
        self._client.send(trading.cancel_replace_order(body), timeout=timeout)

    def open(
        self,
        symbols: str | Sequence[str] | None = None,
        accounts: str | Sequence[str] | None = None,
        *,
        timeout: float | None = None,
    ) -> list[wire.Order]:
        """Return the working orders: all, or those of some symbols or accounts (of ``[]`` there are none)."""
        of, by = _names(symbols), _names(accounts)
        if [] in (of, by):
            return []
        return (self._client.send(trading.get_open_orders(symbols=of, accounts=by), timeout=timeout)).orders

    def get(self, target: Target | str, *, timeout: float | None = None) -> wire.Order:
        """Return an order by id, open or not; raises NotFound."""
        return self._client.reports.order(order_id_of(target), timeout=timeout)

    def settled(self, target: Target | str, *, timeout: float = 5.0) -> wire.Order:
        """Wait until an order is filled, cancelled, expired or rejected, and return it; raises TimedOut."""
        return self._client.run(settled(self._client.session, order_id_of(target), timeout))

    def _allowed(self, timeout: float | None) -> float:
        return self._client.settings.patience.place if timeout is None else timeout

    def _request(self, order: NewOrder, instrument: Instrument) -> wire.InsertOrderRequest:
        now = self._client.session.clock.correct(time.time())
        return request_of(order, instrument, account=self._client.account or "", now=now)

    def _requests(
        self, orders: Sequence[NewOrder], timeout: float
    ) -> tuple[list[wire.InsertOrderRequest], list[Instrument]]:
        found = self._client.instruments.get_many(
            [checked_order(order).market for order in orders], timeout=timeout
        )
        pairs = zip(orders, found, strict=True)
        return [self._request(order, instrument) for order, instrument in pairs], found

    def _placing(self) -> Placing[Resolved]:
        client = self._client
        return Placing(
            session=client.session,
            ids=client.ids,
            origin=client.origin,
            participant=client.participant_id,
            settle_window=client.settings.settle_window,
            resolver=self.resolve,
            forget=client.instruments.forget,
        )


def _names(given: str | Sequence[str] | None) -> list[str] | None:
    # a text is a sequence of texts too, but nobody means its letters
    return given if given is None else [given] if isinstance(given, str) else list(given)
