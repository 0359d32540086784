"""From what was asked for to an order ready to be signed."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from attrs import Factory, define, field
from polyspec_wire.clob import models as wire

from polyspec.clob.amounts import Amounts, limit_amounts, market_amounts
from polyspec.clob.contracts import exchange_of
from polyspec.clob.fees import spend_within
from polyspec.clob.market import FeeSchedule, TokenMarket
from polyspec.clob.order import SignedOrder, UnsignedOrder
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.positions import is_position_id
from polyspec.clob.preview import Preview, preview_of
from polyspec.clob.salt import new_salt
from polyspec.clob.signers import LocalSigner, Signer
from polyspec.clob.ticket import ZERO, LimitTicket, MarketTicket
from polyspec.clob.walking import market_price
from polyspec.clob.wallets import Account
from polyspec.errors import InvalidOrder

__all__ = ["Making"]

# The venue refuses what expires sooner, and takes an order off the book this much before it expires.
_NEAREST_EXPIRATION: Final = 180
_OFF_EARLY: Final = 60
_POSITION_VERSION: Final = 3
_NOTHING: Final = Decimal(0)
_NO_FEES: Final = FeeSchedule(_NOTHING, 1)


@define
class Making:
    """Makes the orders of one wallet."""

    signer: Signer
    account: Account
    chain_id: int
    strict_market_amounts: bool
    builder_code: str
    version: int = 2
    """What the venue takes for ordinary tokens; position ids have a version of their own."""
    _signers: dict[str, OrderSigner] = field(factory=dict, repr=False)
    """By the address of the exchange they sign for."""
    is_local: bool = field(
        init=False, default=Factory(lambda self: isinstance(self.signer, LocalSigner), takes_self=True)
    )
    """Whether the key is at hand, so that signing takes no time worth speaking of."""

    def order_signer_of(self, order: UnsignedOrder) -> OrderSigner:
        """Return what signs an order that was laid out here."""
        return self._signers.get(order.exchange) or self.order_signer(
            order.token_id, neg_risk=self._is_neg_risk(order), version=order.version
        )

    def _is_neg_risk(self, order: UnsignedOrder) -> bool:
        if order.version == _POSITION_VERSION:
            return False
        return order.exchange == exchange_of(order.version, order.chain_id, neg_risk=True)

    def order_signer(self, token_id: str, *, neg_risk: bool, version: int | None = None) -> OrderSigner:
        """Return what signs orders for the exchange of a token."""
        if _is_position(token_id):
            wanted, neg_risk = _POSITION_VERSION, False
        else:
            wanted = self.version if version is None else version
        exchange = _exchange(wanted, self.chain_id, neg_risk)
        found = self._signers.get(exchange)
        if found is None:
            found = self._signers[exchange] = OrderSigner(
                self.signer, self.account, self.chain_id, wanted, neg_risk
            )
        return found

    def limit(self, ticket: LimitTicket, market: TokenMarket | None, now: float) -> UnsignedOrder:
        """Lay a limit order out; `now` is unix time by the venue's clock."""
        amounts = self.limit_amounts(ticket, market)
        if ticket.expiration:
            _check_expiration(ticket.expiration, now)
        return self._order(ticket, market, amounts, now, ticket.expiration)

    def limit_amounts(self, ticket: LimitTicket, market: TokenMarket | None) -> Amounts:
        """Return what a limit order offers and asks for."""
        tick = ticket.options.tick or (market.tick if market is not None else None)
        assert tick is not None
        min_size = None if market is None else market.min_size
        return limit_amounts(tick, ticket.side, ticket.price, ticket.size, min_size=min_size)

    def builder_of(self, ticket: LimitTicket | MarketTicket) -> str:
        """Return the code an order will carry; zeros for none."""
        return ticket.builder if ticket.builder != ZERO else self.builder_code

    def market(
        self,
        ticket: MarketTicket,
        market: TokenMarket,
        book: wire.OrderBookSummary | None,
        now: float,
        builder_rate: Decimal = _NOTHING,
    ) -> UnsignedOrder:
        """Lay a market order out, at the worst price the book asks for if the ticket names none."""
        amounts = self.market_amounts(ticket, market, book, builder_rate)
        return self._order(ticket, market, amounts, now, 0)

    def market_amounts(
        self,
        ticket: MarketTicket,
        market: TokenMarket,
        book: wire.OrderBookSummary | None,
        builder_rate: Decimal = _NOTHING,
    ) -> Amounts:
        """Return what a market order offers and asks for; `builder_rate` is a part of the notional."""
        price = ticket.price
        if price is None:
            assert book is not None
            levels = book.asks if ticket.side == "BUY" else book.bids
            price = market_price(
                ticket.side, [(each.price, each.size) for each in levels], ticket.amount, ticket.order_type
            )
        amount = ticket.amount
        if ticket.max_spend is not None:
            fees = market.fees or _NO_FEES
            best = book.asks[-1].price if book is not None and book.asks else None
            amount = spend_within(
                amount, price, ticket.max_spend, fees.rate, fees.exponent, builder_rate, best_price=best
            )
        return market_amounts(
            ticket.options.tick or market.tick,
            ticket.side,
            price,
            amount,
            taker_decimals=4 if self.strict_market_amounts else None,
        )

    def preview(
        self,
        ticket: LimitTicket | MarketTicket,
        amounts: Amounts,
        market: TokenMarket,
        book: wire.OrderBookSummary | None,
        builder_rate: Decimal = _NOTHING,
    ) -> Preview:
        """Work out what an order would mean in money."""
        fees = market.fees or _NO_FEES
        levels = [] if book is None else book.asks if ticket.side == "BUY" else book.bids
        return preview_of(
            ticket.side,
            amounts,
            fees.rate,
            fees.exponent,
            builder_rate,
            market=isinstance(ticket, MarketTicket),
            best_price=levels[-1].price if levels else None,
        )

    def again(self, order: SignedOrder, version: int, now: float) -> UnsignedOrder | None:
        """Lay the same order out for another version, as a new one with a new id; None if it has no other."""
        if is_position_id(int(order.token_id)):
            return None
        signer = self.order_signer(order.token_id, neg_risk=self._is_neg_risk(order), version=version)
        return signer.order(
            order.token_id,
            order.side,
            order.maker_amount,
            order.taker_amount,
            timestamp_ms=int(now * 1000),
            salt=new_salt(),
            expiration=order.expiration,
            metadata=order.metadata,
            builder=order.builder,
        )

    def _order(
        self,
        ticket: LimitTicket | MarketTicket,
        market: TokenMarket | None,
        amounts: Amounts,
        now: float,
        expiration: int,
    ) -> UnsignedOrder:
        neg_risk = ticket.options.neg_risk
        if neg_risk is None:
            neg_risk = market is not None and market.neg_risk
        signer = self.order_signer(ticket.token_id, neg_risk=neg_risk)
        return signer.order(
            ticket.token_id,
            ticket.side,
            amounts.maker_amount,
            amounts.taker_amount,
            timestamp_ms=int(now * 1000),
            salt=new_salt(),
            expiration=expiration,
            metadata=ticket.metadata,
            builder=self.builder_of(ticket),
        )


_exchange = lru_cache(maxsize=16, typed=True)(exchange_of)


# whoever trades a token names it again and again
@lru_cache(maxsize=4096)
def _is_position(token_id: str) -> bool:
    return is_position_id(int(token_id))


def _check_expiration(expiration: int, now: float) -> None:
    if expiration < now + _NEAREST_EXPIRATION:
        raise InvalidOrder(
            f"an order must expire at least {_NEAREST_EXPIRATION} s from now, not in "
            f"{expiration - now:.0f} s; the venue takes it off the book {_OFF_EARLY} s before that, so "
            f"for a life of n seconds give now + {_OFF_EARLY} + n",
            field="expiration",
            nearest=(str(int(now) + _NEAREST_EXPIRATION + 1),),
        )
