"""What requests for quotes and quotes mean in orders."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final

from attrs import frozen
from polyspec_wire.clob import models as wire

from polyspec.clob.amounts import Amounts, limit_amounts
from polyspec.clob.making import Making
from polyspec.clob.market import TokenMarket
from polyspec.clob.order import SignedOrder, UnsignedOrder
from polyspec.clob.positions import is_position_id
from polyspec.clob.salt import new_salt
from polyspec.core.scales import as_decimal
from polyspec.errors import DecodeError, InvalidOrder

__all__ = ["QuoteTerms", "accepting", "approving", "assets", "flat_order", "lay_out"]

COLLATERAL: Final = "0"
"""What requests and quotes call the collateral."""
# Quotes are settled by orders of the first version, whoever settles them.
VERSION: Final = 1

_EXACT: Final = Context(prec=100, traps=[Inexact, InvalidOperation])


@frozen
class QuoteTerms:
    """The order one side of a quote has to sign."""

    token_id: str
    side: str
    price: Decimal
    """Dollars a share."""
    size: Decimal
    """Shares."""


def accepting(quote: wire.RfqQuote) -> QuoteTerms:
    """Return the order that accepts a quote, as the one who asked for it.

    Against the quoter's side of the same token; or, where the match makes or unmakes pairs of tokens, the
    quoter's side of the other token, for the rest of a dollar.
    """
    side = _side(quote)
    size = _size(quote, side)
    price = _price(quote)
    match = (quote.match_type or "COMPLEMENTARY").upper()
    if match == "COMPLEMENTARY":
        return QuoteTerms(_token(quote.token, "token"), "SELL" if side == "BUY" else "BUY", price, size)
    if match in ("MINT", "MERGE"):
        return QuoteTerms(_token(quote.complement, "complement"), side, _EXACT.subtract(1, price), size)
    raise DecodeError(f"the quote has a match type this version does not know: {match}; at $.matchType")


def approving(quote: wire.RfqQuote) -> QuoteTerms:
    """Return the order that stands behind a quote, as the one who gave it."""
    side = _side(quote)
    return QuoteTerms(_token(quote.token, "token"), side, _price(quote), _size(quote, side))


def _side(quote: wire.RfqQuote) -> str:
    if quote.side not in (wire.Side.BUY, wire.Side.SELL):
        raise DecodeError(f"the quote {quote.quote_id} is neither BUY nor SELL; at $.side")
    return str(quote.side)


def _size(quote: wire.RfqQuote, side: str) -> Decimal:
    """Return the shares of a quote: what its buyer takes in, or its seller gives out."""
    text, where = (quote.size_in, "sizeIn") if side == "BUY" else (quote.size_out, "sizeOut")
    try:
        size = as_decimal(text or "", where)
    except InvalidOrder as error:
        raise DecodeError(f"{error}; at $.{where}") from error
    if size <= 0:
        raise DecodeError(f"the quote {quote.quote_id} is for no shares; at $.{where}")
    return size


def _price(quote: wire.RfqQuote) -> Decimal:
    if quote.price is None:
        raise DecodeError(f"the quote {quote.quote_id} has no price; at $.price")
    return quote.price


def _token(token_id: str | None, where: str) -> str:
    if not token_id:
        raise DecodeError(f"the quote does not say which token it is for; at $.{where}")
    return token_id


def assets(token_id: str, side: str, amounts: Amounts) -> dict[str, str]:
    """Return what the maker of a request or quote gets (in) and gives (out), in base units."""
    bought = {"asset_in": token_id, "asset_out": COLLATERAL}
    sold = {"asset_in": COLLATERAL, "asset_out": token_id}
    return {
        **(bought if side == "BUY" else sold),
        "amount_in": str(amounts.taker_amount),
        "amount_out": str(amounts.maker_amount),
    }


def lay_out(
    making: Making, terms: QuoteTerms, market: TokenMarket, expiration: int, now: float
) -> UnsignedOrder:
    """Lay out the order of one side of a quote; `now` is unix time by the venue's clock."""
    if is_position_id(int(terms.token_id)):
        raise InvalidOrder(
            "quotes are settled by the first version of the exchange, which takes no position ids",
            field="token_id",
        )
    if expiration <= now:
        raise InvalidOrder(f"expiration {expiration} is past: it is {now:.0f} now", field="expiration")
    amounts = limit_amounts(market.tick, terms.side, terms.price, terms.size)
    signer = making.order_signer(terms.token_id, neg_risk=market.neg_risk, version=VERSION)
    return signer.order(
        terms.token_id,
        terms.side,
        amounts.maker_amount,
        amounts.taker_amount,
        timestamp_ms=int(now * 1000),
        salt=new_salt(),
        expiration=expiration,
    )


def flat_order(order: SignedOrder, request_id: str, quote_id: str, owner: str) -> wire.RfqOrder:
    """Return an order as requests for quotes take it: with the ids beside it, and its expiration a number."""
    return wire.RfqOrder(
        request_id=request_id,
        quote_id=quote_id,
        owner=owner,
        salt=order.salt,
        maker=order.maker,
        signer=order.signer,
        taker=order.taker,
        token_id=order.token_id,
        maker_amount=str(order.maker_amount),
        taker_amount=str(order.taker_amount),
        expiration=order.expiration,
        nonce=str(order.nonce),
        fee_rate_bps=str(order.fee_rate_bps),
        side=wire.Side(order.side),
        signature_type=order.signature_type,
        signature=order.signature,
    )
