"""Make orders, and post them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from polyspec_wire.clob import health
from polyspec_wire.clob import models as wire

from polyspec.clob.credentials import ApiCreds
from polyspec.clob.fate import AsyncPlacement, AsyncResolved, Unknown
from polyspec.clob.making import Making
from polyspec.clob.market import TokenMarket, read_book, read_builder_rate, read_fees
from polyspec.clob.open_orders_async import AsyncOpenOrders
from polyspec.clob.order import SignedOrder, UnsignedOrder
from polyspec.clob.placing import Noted, Placing, Posting
from polyspec.clob.posting import checked_batch, posting_of
from polyspec.clob.preview import Preview
from polyspec.clob.session import sign_order
from polyspec.clob.ticket import ZERO, LimitTicket, MarketTicket, read_ticket, read_token
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.scales import Amount

__all__ = ["AsyncOrders"]

_NOBODY: Final = "nobody"


class AsyncOrders(AsyncOpenOrders):
    """Orders of the wallet this client acts for."""

    # -- make --

    async def create_order(
        self,
        order: object = None,
        options: object = None,
        *,
        token_id: str | None = None,
        price: Amount | None = None,
        size: Amount | None = None,
        side: str | None = None,
        expiration: int | datetime | None = None,
        builder_code: str | None = None,
        metadata: str | None = None,
        tick_size: Amount | None = None,
        neg_risk: bool | None = None,
        timeout: float | None = None,
    ) -> SignedOrder:
        """Make and sign a limit order for `size` shares at `price` dollars or better; nothing is posted.

        Off-grid values raise InvalidOrder with the nearest valid ones. With an `expiration` (unix seconds, at
        least three minutes ahead) the order is good till then. The market's tick size and neg-risk flag are
        read when first needed and kept; with `tick_size` and `neg_risk` given nothing is read at all. The
        venue's own argument objects, or mappings with their names, are taken as `order` and `options`.
        """
        terms = {
            "token_id": token_id, "price": price, "size": size, "side": side, "expiration": expiration,
            "builder_code": builder_code, "metadata": metadata, "tick_size": tick_size, "neg_risk": neg_risk,
        }  # fmt: skip
        making, ticket = self._maker(), LimitTicket.read(order, options, terms)
        market = None if ticket.complete else await self.market_of(ticket.token_id, timeout=timeout)
        return await self._signed(making, making.limit(ticket, market, self._now()))

    async def create_market_order(
        self,
        order: object = None,
        options: object = None,
        *,
        token_id: str | None = None,
        amount: Amount | None = None,
        side: str | None = None,
        price: Amount | None = None,
        order_type: str | None = None,
        max_spend: Amount | None = None,
        builder_code: str | None = None,
        metadata: str | None = None,
        tick_size: Amount | None = None,
        neg_risk: bool | None = None,
        timeout: float | None = None,
    ) -> SignedOrder:
        """Make and sign an order that spends `amount` dollars (BUY) or sells `amount` shares (SELL) now.

        `price` is the worst one to accept; without it the book is walked for the one that fills the amount.
        `order_type` is FOK (all or nothing, the default) or FAK (what is there). Fees come on top of a BUY
        unless `max_spend` says what all of it may cost.
        """
        terms = {
            "token_id": token_id, "amount": amount, "side": side, "price": price, "order_type": order_type,
            "max_spend": max_spend, "builder_code": builder_code, "metadata": metadata,
            "tick_size": tick_size, "neg_risk": neg_risk,
        }  # fmt: skip
        making, ticket = self._maker(), MarketTicket.read(order, options, terms)
        until = None if timeout is None else time.monotonic() + timeout
        market, book = await self._for_market_order(ticket, until)
        rate = Decimal(0) if ticket.max_spend is None else await self._builder_rate(ticket, until)
        unsigned = making.market(ticket, market, book, self._now(), rate)
        return (await self._signed(making, unsigned)).meant_as(ticket.order_type)

    async def preview(
        self,
        order: object = None,
        options: object = None,
        *,
        timeout: float | None = None,
        **terms: Any,
    ) -> Preview:
        """Show what an order would mean - amounts, implied price, worst case, fees - without signing it.

        Takes what `create_order` takes, or with an `amount` what `create_market_order` takes.
        """
        making, asked = self._maker(), read_ticket(order, options, terms)
        until = None if timeout is None else time.monotonic() + timeout
        rate = await self._builder_rate(asked, until)
        if isinstance(asked, MarketTicket):
            market, book = await self._for_market_order(asked, until)
            amounts = making.market_amounts(asked, market, book, rate)
        else:
            market = await self.market_of(asked.token_id, timeout=_left(until))
            amounts, book = making.limit_amounts(asked, market), None
        market = await self.run(read_fees(self.session, self._markets, market, _left(until)))
        return making.preview(asked, amounts, market, book, rate)

    async def market_of(self, token_id: str, *, timeout: float | None = None) -> TokenMarket:
        """Return what orders must know of a token's market, reading it if it is not known.

        Call it ahead of time, and making the first order reads nothing any more.
        """
        token = read_token(token_id)
        found = self._markets.get(token, time.monotonic())
        if found is not None:
            return found
        market, _ = await self.run(read_book(self.session, self._markets, token, timeout))
        return market

    def forget_market(self, token_id: str | None = None) -> None:
        """Read a token's market anew before its next order; all of them if None."""
        self._markets.forget(token_id)

    # -- post --

    async def post_order(
        self,
        order: SignedOrder,
        order_type: str | None = None,
        post_only: bool = False,  # noqa: FBT001, FBT002 - as the venue's own clients have it
        defer_exec: bool = False,  # noqa: FBT001, FBT002
        *,
        timeout: float | None = None,
    ) -> AsyncPlacement:
        """Post an order and return what became of it: Accepted, Rejected or Unknown.

        `order_type` is GTC, GTD, FOK or FAK; left out, it is what the order was made as. Raises only if it is
        certain that no order stands. Posting the same order twice never makes two. If the venue wants another
        version of orders, this one is signed anew: the id to go on with is that of what is returned.
        """
        until, pairs = self._until(timeout), [(order, order_type)]
        creds = self._keyring.held or await self._posting_creds(until, pairs, post_only, defer_exec)
        posting = self._posting(order, creds.api_key, order_type, post_only, defer_exec)
        with Noted([posting]) as replaced:
            return await self.run(self._placing(replaced).place(posting, until - time.monotonic()))

    async def post_orders(
        self,
        orders: Sequence[SignedOrder | tuple[SignedOrder, str]],
        order_type: str | None = None,
        post_only: bool = False,  # noqa: FBT001, FBT002
        defer_exec: bool = False,  # noqa: FBT001, FBT002
        *,
        timeout: float | None = None,
    ) -> list[AsyncPlacement]:
        """Post up to 15 orders in one request; each has its own fate, in the order given.

        An entry may be a pair of an order and its own order type. If the answer is lost, all are looked up.
        """
        until, pairs = self._until(timeout), checked_batch(orders, order_type)
        creds = self._keyring.held or await self._posting_creds(until, pairs, post_only, defer_exec)
        postings = [self._posting(each, creds.api_key, kind, post_only, defer_exec) for each, kind in pairs]
        with Noted(postings) as replaced:
            return await self.run(self._placing(replaced).place_many(postings, until - time.monotonic()))

    async def create_and_post_order(
        self,
        order: object = None,
        options: object = None,
        order_type: str | None = None,
        post_only: bool = False,  # noqa: FBT001, FBT002
        defer_exec: bool = False,  # noqa: FBT001, FBT002
        *,
        timeout: float | None = None,
        **terms: Any,
    ) -> AsyncPlacement:
        """Make a limit order and post it; takes what `create_order` and `post_order` take."""
        until = None if timeout is None else time.monotonic() + timeout
        made = await self.create_order(order, options, timeout=timeout, **terms)
        return await self.post_order(made, order_type, post_only, defer_exec, timeout=_left(until))

    async def create_and_post_market_order(
        self,
        order: object = None,
        options: object = None,
        order_type: str | None = None,
        defer_exec: bool = False,  # noqa: FBT001, FBT002
        *,
        timeout: float | None = None,
        **terms: Any,
    ) -> AsyncPlacement:
        """Make a market order and post it; takes what `create_market_order` and `post_order` take."""
        until = None if timeout is None else time.monotonic() + timeout
        made = await self.create_market_order(order, options, order_type=order_type, timeout=timeout, **terms)
        return await self.post_order(made, None, False, defer_exec, timeout=_left(until))  # noqa: FBT003

    async def resolve(self, unknown: Unknown[AsyncResolved], timeout: float | None = None) -> AsyncPlacement:
        """Look up an order whose fate is not known; never sends it again.

        That an order never arrived takes some seven seconds to prove.
        """
        allowed = self.settings.patience.total if timeout is None else timeout
        return await self.run(self._placing(_ignored).resolve(unknown, allowed))

    # -- inside --

    def _now(self) -> float:
        return self.session.clock.correct(time.time())

    def _until(self, timeout: float | None) -> float:
        return time.monotonic() + (self.settings.patience.place if timeout is None else timeout)

    async def _for_market_order(
        self, ticket: MarketTicket, until: float | None
    ) -> tuple[TokenMarket, wire.OrderBookSummary | None]:
        """Read what a market order needs: the book if it is to be walked, or a budget to be kept.

        Fees are the larger the better the price, so what a BUY costs depends on the best of the book.
        """
        if ticket.price is None or ticket.max_spend is not None:
            flow = read_book(self.session, self._markets, ticket.token_id, _left(until))
            market, book = await self.run(flow)
            if ticket.max_spend is not None:
                market = await self.run(read_fees(self.session, self._markets, market, _left(until)))
            return market, book
        known = ticket.market
        if known is None:
            known = await self.market_of(ticket.token_id, timeout=_left(until))
        return known, None

    async def _builder_rate(self, ticket: LimitTicket | MarketTicket, until: float | None) -> Decimal:
        """Return which part of a taker's notional the builder of an order takes."""
        code = self._maker().builder_of(ticket)
        if code == ZERO:
            return Decimal(0)
        return await self.run(read_builder_rate(self.session, self._markets, code, _left(until)))

    async def _signed(self, making: Making, unsigned: UnsignedOrder) -> SignedOrder:
        signer = making.order_signer_of(unsigned)
        if making.is_local:
            return signer.sign(unsigned)
        return await self.run(sign_order(signer, unsigned, making.signer))

    async def _posting_creds(
        self,
        until: float,
        pairs: Sequence[tuple[SignedOrder, str | None]],
        post_only: bool,  # noqa: FBT001
        defer_exec: bool,  # noqa: FBT001
    ) -> ApiCreds:
        """Obtain the credentials to post with: an order names the API key it belongs to."""
        for order, kind in pairs:
            # what cannot be posted costs no request
            self._posting(order, _NOBODY, kind, post_only, defer_exec)
        return await self.run(self._credentials(until))

    def _posting(
        self,
        order: SignedOrder,
        owner: str,
        order_type: str | None,
        post_only: bool,  # noqa: FBT001
        defer_exec: bool,  # noqa: FBT001
    ) -> Posting:
        return posting_of(
            order,
            owner,
            order_type,
            post_only=post_only,
            defer_exec=defer_exec,
            strict=self.settings.strict_market_amounts,
        )

    def _resign(self, postings: Sequence[Posting], deadline: float) -> Flow[list[Posting | None]]:
        """Sign orders anew if the venue wants another version than the one they were signed for."""
        making = self._maker()
        start: Instant = yield Now()
        answer = yield from self.session.send(health.get_version(), deadline - start.monotonic)
        version = answer.value.version
        now = self.session.clock.correct(start.wall)
        signed: list[Posting | None] = []
        for posting in postings:
            order, unsigned = posting.order, None
            if version != order.version and order.maker == making.account.maker:
                unsigned = making.again(order, version, now)
            if unsigned is None:
                signed.append(None)
                continue
            made = yield from sign_order(making.order_signer_of(unsigned), unsigned, making.signer)
            making.version = version
            signed.append(posting.of(made))
        return signed

    def _key(self) -> str | None:
        held = self._keyring.held
        return None if held is None else held.api_key

    def _placing(self, replaced: Callable[[Posting], None]) -> Placing[AsyncResolved]:
        return Placing(
            session=self.session,
            settle_window=self.settings.settle_window,
            resend=self.settings.resend,
            resolver=self.resolve,
            forget=self._markets.forget,
            resign=self._resign,
            replaced=replaced,
            key=self._key,
        )


def _left(until: float | None) -> float | None:
    return None if until is None else until - time.monotonic()


def _ignored(_: Posting) -> None:
    """Nothing is replaced by looking."""
