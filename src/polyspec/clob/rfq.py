# Mirrored from rfq_async.py by `python -m generator.mirror`; do not edit.
"""Requests for quotes, from either side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from polyspec_wire import Call
from polyspec_wire.clob import models as wire
from polyspec_wire.clob import rfq

from polyspec.clob.amounts import Amounts, limit_amounts
from polyspec.clob.making import Making
from polyspec.clob.market import TokenMarket, TokenMarkets, find_market
from polyspec.clob.order import SignedOrder
from polyspec.clob.queries import read_condition
from polyspec.clob.quoting import QuoteTerms, accepting, approving, assets, flat_order, lay_out
from polyspec.clob.session import sign_order
from polyspec.clob.ticket import read_expiration, read_side, read_token
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.scales import Amount, as_decimal
from polyspec.errors import ConfigError, DecodeError, NotFound, OrderRejected

if TYPE_CHECKING:
    from polyspec.clob.base import Base
    from polyspec.clob.credentials import ApiCreds

__all__ = ["QuoteFilters", "RequestFilters", "Rfq"]


class RequestFilters(TypedDict, total=False):
    """Which requests to list; sizes are shares, the others dollars."""

    state: str
    """active or inactive."""
    request_ids: list[str]
    markets: list[str]
    """Condition ids."""
    size_min: Amount
    size_max: Amount
    size_usdc_min: Amount
    size_usdc_max: Amount
    price_min: Amount
    price_max: Amount
    sort_by: str
    """price, expiry, size or created."""
    sort_dir: str
    """asc or desc."""
    limit: int
    """Entries per page."""


class QuoteFilters(RequestFilters, total=False):
    """Which quotes to list."""

    quote_ids: list[str]


class Rfq:
    """Ask for quotes on a token, and quote. Prices are dollars a share, sizes are shares.

    What is known of this comes from the venue's clients alone. A quote is settled by an order of the first
    version of the exchange, which deposit wallets (signature type 3) cannot sign; whether the service still
    takes such orders is not known.
    """

    def __init__(
        self,
        client: Base,
        making: Callable[[], Making],
        known: TokenMarkets,
        creds: Callable[[float], Flow[ApiCreds]],
    ) -> None:
        self._client = client
        self._making = making
        self._known = known
        self._creds = creds

    # -- asking --

    def create_request(
        self, token_id: str, side: str, price: Amount, size: Amount, *, timeout: float | None = None
    ) -> str:
        """Ask for quotes on `size` shares at about `price`, and return the id of the request.

        Raises OrderRejected with the venue's reason, InvalidOrder for what is off the market's grid.
        """
        parts = self._parts(token_id, side, price, size, timeout)
        answer = self._client.send(rfq.create_request(wire.RfqRequestParams(**parts)), timeout=timeout)
        return _made(answer.request_id, answer.error, "requestId")

    def cancel_request(self, request_id: str, *, timeout: float | None = None) -> None:
        """Withdraw a request of one's own; may be repeated freely."""
        body = wire.RfqRequestCancellation(request_id=_id(request_id, "request_id"))
        self._client.send(rfq.cancel_request(body), timeout=timeout)

    def get_requests(
        self, *, timeout: float | None = None, **filters: Unpack[RequestFilters]
    ) -> Iterator[wire.RfqRequest]:
        """Iterate over requests for quotes; see `RequestFilters`."""
        return self._client.iterate(rfq.get_requests(**_checked(filters)), timeout=timeout)

    def get_requester_quotes(
        self, *, timeout: float | None = None, **filters: Unpack[QuoteFilters]
    ) -> Iterator[wire.RfqQuote]:
        """Iterate over the quotes others gave on one's own requests; see `QuoteFilters`."""
        return self._client.iterate(rfq.get_requester_quotes(**_checked(filters)), timeout=timeout)

    def get_best_quote(self, request_id: str, *, timeout: float | None = None) -> wire.RfqQuote:
        """Return the best quote on a request; raises NotFound."""
        call = rfq.get_best_quote(request_id=_id(request_id, "request_id"))
        return self._client.send(call, timeout=timeout)

    def accept_quote(
        self,
        quote: wire.RfqQuote | str,
        expiration: int | datetime,
        *,
        request_id: str | None = None,
        timeout: float | None = None,
    ) -> str:
        """Accept a quote: sign the order that takes it, good until `expiration` (unix seconds), and send it.

        Hand the quote itself in to sign exactly what was looked at; an id is looked up first. Returns the
        venue's word. Never repeated by itself: if the outcome is unknown, look at the request before trying
        again.
        """
        found = self._quote(quote, rfq.get_requester_quotes, timeout)
        flow = self._order_for(found, request_id, accepting(found), expiration, timeout)
        return self._client.send(rfq.accept_quote(self._client.run(flow)), timeout=timeout)

    # -- quoting --

    def create_quote(
        self,
        request_id: str,
        token_id: str,
        side: str,
        price: Amount,
        size: Amount,
        *,
        timeout: float | None = None,
    ) -> str:
        """Quote on a request - `side` is what the quoter does - and return the id of the quote."""
        asked = _id(request_id, "request_id")
        parts = self._parts(token_id, side, price, size, timeout)
        body = wire.RfqQuoteParams(request_id=asked, **parts)
        answer = self._client.send(rfq.create_quote(body), timeout=timeout)
        return _made(answer.quote_id, answer.error, "quoteId")

    def cancel_quote(self, quote_id: str, *, timeout: float | None = None) -> None:
        """Withdraw a quote of one's own; may be repeated freely."""
        body = wire.RfqQuoteCancellation(quote_id=_id(quote_id, "quote_id"))
        self._client.send(rfq.cancel_quote(body), timeout=timeout)

    def get_quoter_quotes(
        self, *, timeout: float | None = None, **filters: Unpack[QuoteFilters]
    ) -> Iterator[wire.RfqQuote]:
        """Iterate over one's own quotes; see `QuoteFilters`."""
        return self._client.iterate(rfq.get_quoter_quotes(**_checked(filters)), timeout=timeout)

    def approve_order(
        self,
        quote: wire.RfqQuote | str,
        expiration: int | datetime,
        *,
        request_id: str | None = None,
        timeout: float | None = None,
    ) -> str:
        """Stand by a quote of one's own that was accepted: sign its order and send it.

        Takes what `accept_quote` takes, and is as little repeated.
        """
        found = self._quote(quote, rfq.get_quoter_quotes, timeout)
        flow = self._order_for(found, request_id, approving(found), expiration, timeout)
        return self._client.send(rfq.approve_order(self._client.run(flow)), timeout=timeout)

    def get_config(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Return the settings of requests for quotes, whose fields are not published."""
        return self._client.send(rfq.get_config(), timeout=timeout)

    # -- inside --

    def _parts(
        self, token_id: str, side: str, price: Amount, size: Amount, timeout: float | None
    ) -> dict[str, Any]:
        """Return what a request and a quote have in common."""
        making, token, side = self._making(), read_token(token_id), read_side(side)
        market = self._client.run(self._market(token, timeout))
        amounts: Amounts = limit_amounts(market.tick, side, price, size)
        return {**assets(token, side, amounts), "user_type": making.account.signature_type}

    def _market(self, token_id: str, timeout: float | None) -> Flow[TokenMarket]:
        return find_market(self._client.session, self._known, token_id, timeout)

    def _quote(
        self,
        quote: wire.RfqQuote | str,
        listing: Callable[..., Call[wire.RfqQuotesResponse]],
        timeout: float | None,
    ) -> wire.RfqQuote:
        if isinstance(quote, wire.RfqQuote):
            return quote
        wanted = _id(quote, "quote")
        page = self._client.send(listing(quote_ids=[wanted]), timeout=timeout)
        for each in page.data:
            # a venue that does not know the filter answers with others too
            if each.quote_id == wanted:
                return each
        raise NotFound(f"the venue knows no quote {wanted} of this key", status=200)

    def _order_for(
        self,
        quote: wire.RfqQuote,
        request_id: str | None,
        terms: QuoteTerms,
        expiration: int | datetime,
        timeout: float | None,
    ) -> Flow[wire.RfqOrder]:
        asked = request_id or quote.request_id
        if not asked:
            raise ConfigError(f"the quote {quote.quote_id} names no request: give request_id")
        until = read_expiration(expiration)
        making, session = self._making(), self._client.session
        market = yield from self._market(read_token(terms.token_id), timeout)
        now: Instant = yield Now()
        unsigned = lay_out(making, terms, market, until, session.clock.correct(now.wall))
        signer = making.order_signer_of(unsigned)
        signed: SignedOrder = yield from sign_order(signer, unsigned, making.signer)
        allowed = self._client.settings.patience.place if timeout is None else timeout
        creds = yield from self._creds(now.monotonic + allowed)
        return flat_order(signed, asked, quote.quote_id, creds.api_key)


def _id(text: object, name: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ConfigError(f"{name} must be the id the venue gave, not {text!r}")
    return text.strip()


def _made(found: str, error: str, where: str) -> str:
    if error or not found:
        if not error:
            raise DecodeError(f"the venue answered neither with an id nor with an error; at $.{where}")
        raise OrderRejected(error, status=200)
    return found


_NUMBERS = ("size_min", "size_max", "size_usdc_min", "size_usdc_max", "price_min", "price_max")


def _checked(filters: RequestFilters) -> dict[str, Any]:
    """Return filters as the wire takes them: exact numbers, and condition ids that are some."""
    terms: dict[str, Any] = dict(filters)
    for name in _NUMBERS:
        if terms.get(name) is not None:
            terms[name] = as_decimal(terms[name], name)
    if terms.get("markets") is not None:
        terms["markets"] = [read_condition(each) for each in terms["markets"]]
    return terms
