"""Requests for quotes. The venue publishes nothing of them; shapes and flow are those of its clients."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

from polyspec.sandbox.clob.engine.units import to_units, units_text
from polyspec.sandbox.clob.handlers.account import wallet_by
from polyspec.sandbox.clob.paging import page
from polyspec.sandbox.clob.reading import Whole, Whole32
from polyspec.sandbox.clob.refusals import bad_request, missing
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.rfq import EXPIRY, Quote, Request, Terms
from polyspec.sandbox.clob.signed import SignedOrder, belongs, is_v1_by
from polyspec.sandbox.clob.views import SECOND, number

__all__: list[str] = []

_BAD: Final = "Invalid payload"
_LARGEST: Final = 2**62
_PAGE: Final = 100
_DIGITS: Final = re.compile(r"[1-9][0-9]{0,18}")


class _Offer(msgspec.Struct, rename="camel"):
    asset_in: str
    asset_out: str
    amount_in: str
    amount_out: str
    user_type: Whole32


class _QuoteOffer(_Offer, rename="camel"):
    request_id: str


class _RequestId(msgspec.Struct, rename="camel"):
    request_id: str


class _QuoteId(msgspec.Struct, rename="camel"):
    quote_id: str


class _FlatOrder(msgspec.Struct, rename="camel"):
    """A quote and the order that takes it, side by side."""

    request_id: str
    quote_id: str
    owner: str
    salt: Whole
    maker: str
    signer: str
    taker: str
    token_id: str
    maker_amount: str
    taker_amount: str
    expiration: Whole
    nonce: str
    fee_rate_bps: str
    side: Literal["BUY", "SELL"]
    signature_type: Whole32
    signature: str


def _offered(asked: Asked, offer: _Offer) -> tuple[str, Terms]:
    """Return the wallet an offer is made from, and its terms; raises Refusal (400)."""
    if not (_DIGITS.fullmatch(offer.amount_in) and _DIGITS.fullmatch(offer.amount_out)):
        raise bad_request("invalid amounts")
    amounts = int(offer.amount_in), int(offer.amount_out)
    if max(amounts) >= _LARGEST:
        raise bad_request("invalid amounts")
    terms = asked.world.rfqs.terms(offer.asset_in, offer.asset_out, *amounts)
    return wallet_by(asked, str(offer.user_type)), terms


@handles("Rfq_CreateRequest")
def create_request(asked: Asked) -> dict[str, str]:
    """Ask for quotes."""
    wallet, terms = _offered(asked, asked.body(_Offer, _BAD))
    return {"requestId": asked.world.rfqs.ask(asked.caller.address, wallet, terms).id}


@handles("Rfq_CreateQuote")
def create_quote(asked: Asked) -> dict[str, str]:
    """Answer a request."""
    offer = asked.body(_QuoteOffer, _BAD)
    wallet, terms = _offered(asked, offer)
    quote = asked.world.rfqs.quote(asked.caller.address, wallet, offer.request_id, terms)
    return {"quoteId": quote.id}


@handles("Rfq_CancelRequest")
def cancel_request(asked: Asked) -> str:
    """Withdraw a request."""
    asked.world.rfqs.cancel_request(asked.caller.address, asked.body(_RequestId, _BAD).request_id)
    return "OK"


@handles("Rfq_CancelQuote")
def cancel_quote(asked: Asked) -> str:
    """Withdraw a quote."""
    asked.world.rfqs.cancel_quote(asked.caller.address, asked.body(_QuoteId, _BAD).quote_id)
    return "OK"


# -- taking --


def _check_order(asked: Asked, flat: _FlatOrder, wallet: str, terms: Terms) -> None:
    """Check that an order is the caller's and says what was agreed; raises Refusal (400)."""
    if asked.caller.key is None or flat.owner != asked.caller.key.id:
        raise bad_request("the order owner has to be the owner of the API KEY")
    order = SignedOrder(
        salt=flat.salt,
        maker=flat.maker,
        signer=flat.signer,
        token_id=flat.token_id,
        maker_amount=flat.maker_amount,
        taker_amount=flat.taker_amount,
        side=flat.side,
        signature_type=flat.signature_type,
        signature=flat.signature,
        expiration=str(flat.expiration),
        taker=flat.taker,
        nonce=flat.nonce,
        fee_rate_bps=flat.fee_rate_bps,
    )
    if order.signature_type not in (0, 1, 2):
        raise bad_request("Invalid signature_type")
    belongs(order, asked.caller.address, deposit_wallets_only=False)
    given, got = (terms.collateral, terms.shares) if flat.side == "BUY" else (terms.shares, terms.collateral)
    agreed = (
        order.maker.lower() == wallet
        and (flat.token_id, flat.side) == (terms.token_id, str(terms.side))
        and (flat.maker_amount, flat.taker_amount) == (str(given), str(got))
    )
    if not agreed:
        raise bad_request("order does not match the quote")
    listing = asked.world.listing_of(terms.token_id)
    neg_risk = listing is not None and listing.neg_risk
    if not is_v1_by(order, asked.caller.address, asked.world.options.chain_id, neg_risk=neg_risk):
        raise bad_request("invalid signature")


@handles("Rfq_AcceptQuote")
def accept_quote(asked: Asked) -> str:
    """Accept a quote with a signed order."""
    flat, rfqs = asked.body(_FlatOrder, _BAD), asked.world.rfqs
    quote, request = rfqs.quote_of(flat.quote_id), rfqs.request(flat.request_id)
    if quote.request_id != request.id:
        raise missing("quote not found")
    _check_order(asked, flat, request.wallet, rfqs.side_of_requester(quote))
    rfqs.accept(asked.caller.address, flat.request_id, flat.quote_id)
    return "OK"


@handles("Rfq_ApproveOrder")
def approve_order(asked: Asked) -> str:
    """Approve an accepted quote with a signed order."""
    flat, rfqs = asked.body(_FlatOrder, _BAD), asked.world.rfqs
    quote = rfqs.quote_of(flat.quote_id)
    _check_order(asked, flat, quote.wallet, quote.terms)
    rfqs.approve(asked.caller.address, flat.request_id, flat.quote_id)
    return "OK"


# -- listing --


@handles("Rfq_GetRequests")
def requests(asked: Asked) -> dict[str, Any]:
    """List requests, newest first; anybody may quote, so anybody may look."""
    now = asked.world.clock.now_ns()
    found = [
        each
        for each in asked.world.rfqs.requests.values()
        if _wanted(asked, each.terms, each.condition_id, each.id, active=each.is_active(now))
    ]
    return _listed(asked, found, lambda each: _request(asked, each))


@handles("Rfq_GetRequesterQuotes")
def requester_quotes(asked: Asked) -> dict[str, Any]:
    """List the quotes for the caller's requests."""
    rfqs = asked.world.rfqs
    own = {each.id for each in rfqs.requests.values() if each.address == asked.caller.address}
    return _quotes(asked, [each for each in rfqs.quotes.values() if each.request_id in own])


@handles("Rfq_GetQuoterQuotes")
def quoter_quotes(asked: Asked) -> dict[str, Any]:
    """List the caller's quotes."""
    quotes = asked.world.rfqs.quotes.values()
    return _quotes(asked, [each for each in quotes if each.address == asked.caller.address])


@handles("Rfq_GetBestQuote")
def best_quote(asked: Asked) -> dict[str, Any]:
    """Show the open quote that is best for the requester."""
    rfqs = asked.world.rfqs
    request = rfqs.request(asked.text("requestId"))
    found = [each for each in rfqs.quotes.values() if each.request_id == request.id and rfqs.is_open(each)]
    if not found:
        raise missing("quote not found")
    sign = 1 if str(request.terms.side) == "BUY" else -1
    return _quote(asked, min(found, key=lambda each: sign * rfqs.side_of_requester(each).price))


@handles("Rfq_GetConfig")
def config(_: Asked) -> dict[str, Any]:
    """Tell how long requests live."""
    return {"requestExpirySeconds": EXPIRY}


def _wanted(asked: Asked, terms: Terms, condition_id: str, request_id: str, *, active: bool) -> bool:
    state = asked.text("state")
    ids, markets = asked.texts("requestIds"), [each.lower() for each in asked.texts("markets")]
    return (
        (not state or (state == "active") is active)
        and (not ids or request_id in ids)
        and (not markets or condition_id in markets)
        and _within(asked, "size", terms.shares)
        and _within(asked, "sizeUsdc", terms.collateral)
        and _within(asked, "price", terms.price)
    )


def _within(asked: Asked, name: str, value: int) -> bool:
    low, high = asked.text(f"{name}Min"), asked.text(f"{name}Max")
    try:
        return (not low or to_units(low) <= value) and (not high or value <= to_units(high))
    except ValueError as error:
        raise bad_request(f"invalid {name}") from error


def _quotes(asked: Asked, quotes: list[Quote]) -> dict[str, Any]:
    rfqs, ids = asked.world.rfqs, asked.texts("quoteIds")
    found = [
        each
        for each in quotes
        if (not ids or each.id in ids)
        and _wanted(asked, each.terms, each.condition_id, each.request_id, active=rfqs.is_open(each))
    ]
    return _listed(asked, found, lambda each: _quote(asked, each))


def _listed(asked: Asked, found: list[Any], show: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    keys: dict[str, Callable[[Any], int]] = {
        "price": lambda each: each.terms.price,
        "size": lambda each: each.terms.shares,
        "expiry": lambda each: each.created,
        "created": lambda each: each.created,
    }
    by, direction, limit = (
        asked.text("sortBy") or "created",
        asked.text("sortDir") or "desc",
        asked.text("limit"),
    )
    if by not in keys or direction not in ("asc", "desc"):
        raise bad_request("invalid sort")
    if limit and not (limit.isdecimal() and limit.isascii() and 0 < int(limit[:9]) <= _PAGE):
        raise bad_request("invalid limit")
    ordered = sorted(found, key=keys[by], reverse=direction == "desc")
    shown = page(ordered, asked.text("offset"), int(limit or _PAGE))
    return {**shown, "total_count": len(found), "data": [show(each) for each in shown["data"]]}


def _request(asked: Asked, request: Request) -> dict[str, Any]:
    active = request.is_active(asked.world.clock.now_ns())
    return {
        "requestId": request.id,
        **_shown(asked, request),
        "acceptedQuoteId": request.accepted,
        "state": "active" if active else "inactive",
        "expiry": request.created // SECOND + EXPIRY,
    }


def _quote(asked: Asked, quote: Quote) -> dict[str, Any]:
    rfqs = asked.world.rfqs
    return {
        "quoteId": quote.id,
        "requestId": quote.request_id,
        **_shown(asked, quote),
        "matchType": quote.match_type,
        "state": "active" if rfqs.is_open(quote) else "inactive",
        "expiry": rfqs.requests[quote.request_id].created // SECOND + EXPIRY,
    }


def _shown(asked: Asked, record: Request | Quote) -> dict[str, Any]:
    """Return what requests and quotes have in common; in is what its maker receives."""
    listing = asked.world.listings[record.condition_id]
    terms = record.terms
    amounts = (terms.shares, terms.collateral)
    size_in, size_out = amounts if str(terms.side) == "BUY" else amounts[::-1]
    return {
        "userAddress": record.address,
        "proxyAddress": record.wallet,
        "token": terms.token_id,
        "complement": next(each for each in listing.token_ids if each != terms.token_id),
        "condition": record.condition_id,
        "side": str(terms.side),
        "sizeIn": units_text(size_in),
        "sizeOut": units_text(size_out),
        "price": number(terms.price),
        "createdAt": record.created // SECOND,
        "updatedAt": record.updated // SECOND,
    }
