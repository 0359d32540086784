"""Requests for quotes between wallets: ask, quote, accept, approve; then the assets change hands at once.

A quote on the requested token takes the other side of it. A quote on the other token of the market has the
same side: two buyers are served by splitting collateral, two sellers by merging shares. Accepting and
approving each carry a flat order of the retired first version, all the venue's clients know to sign here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

import msgspec

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.refusals import Refusal, bad_request, missing
from polyspec.sandbox.http.seeded import Seeded

if TYPE_CHECKING:
    from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["COMPLEMENTARY", "EXPIRY", "MERGE", "MINT", "Quote", "Request", "Rfqs", "Terms"]

R = TypeVar("R", "Request", "Quote")
ONE: Final = 1_000_000
EXPIRY: Final = 300
"""Seconds for which a request can be quoted, accepted and approved."""
COMPLEMENTARY: Final = "COMPLEMENTARY"
MINT: Final = "MINT"
MERGE: Final = "MERGE"
_COLLATERAL: Final = "0"
_SECOND: Final = 1_000_000_000


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody offers: shares of a token against collateral, both in base units."""

    token_id: str
    side: t.Side
    shares: int
    collateral: int

    @property
    def price(self) -> int:
        """Collateral for a share, in millionths."""
        return self.collateral * ONE // self.shares


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody asks for quotes."""

    id: str
    address: str
    wallet: str
    condition_id: str
    terms: Terms
    created: int
    """Nanoseconds, as the others."""
    updated: int
    over: bool = False
    accepted: str = ""
    """The quote that was accepted."""

    def is_active(self, now_ns: int) -> bool:
        """Tell whether it can still be quoted."""
        return not self.over and not self.accepted and now_ns < self.created + EXPIRY * _SECOND


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody answers a request."""

    id: str
    request_id: str
    address: str
    wallet: str
    condition_id: str
    terms: Terms
    match_type: str
    created: int
    updated: int
    over: bool = False


class Rfqs:
    """All requests and quotes, and what becomes of them."""

    def __init__(self, world: ClobWorld, ids: Seeded) -> None:
        self._world = world
        self._ids = ids
        self.requests = world.store.load("rfq_request", Request)
        self.quotes = world.store.load("rfq_quote", Quote)

    # -- what is offered --

    def terms(self, asset_in: str, asset_out: str, amount_in: int, amount_out: int) -> Terms:
        """Read an exchange of assets as seen by who receives `asset_in`; raises Refusal (400)."""
        token = asset_out if asset_in == _COLLATERAL else asset_in
        if (asset_in == _COLLATERAL) == (asset_out == _COLLATERAL) or self._world.listing_of(token) is None:
            raise bad_request("invalid assets")
        buys = asset_out == _COLLATERAL
        shares, collateral = (amount_in, amount_out) if buys else (amount_out, amount_in)
        if not 0 < collateral < shares:
            raise bad_request("invalid amounts")
        side = t.Side.BUY if buys else t.Side.SELL
        return Terms(token_id=token, side=side, shares=shares, collateral=collateral)

    def ask(self, address: str, wallet: str, terms: Terms) -> Request:
        """Ask for quotes."""
        listing = self._world.listing_of(terms.token_id)
        assert listing is not None
        now = self._world.clock.now_ns()
        made = Request(
            id=self._new_id(),
            address=address,
            wallet=wallet,
            condition_id=listing.condition_id,
            terms=terms,
            created=now,
            updated=now,
        )
        self._put(made)
        return made

    def quote(self, address: str, wallet: str, request_id: str, terms: Terms) -> Quote:
        """Answer a request; raises Refusal."""
        request = self.request(request_id)
        now = self._world.clock.now_ns()
        if not request.is_active(now):
            raise bad_request("request is not active")
        if request.address == address:
            raise bad_request("cannot quote own request")
        made = Quote(
            id=self._new_id(),
            request_id=request_id,
            address=address,
            wallet=wallet,
            condition_id=request.condition_id,
            terms=terms,
            match_type=self._match_type(request.terms, terms),
            created=now,
            updated=now,
        )
        self._put_quote(made)
        return made

    def _match_type(self, wanted: Terms, offered: Terms) -> str:
        same_token = wanted.token_id == offered.token_id
        same_side = wanted.side is offered.side
        related = self._world.listing_of(wanted.token_id) == self._world.listing_of(offered.token_id)
        if same_token is same_side or not related:
            raise bad_request("quote does not answer the request")
        if offered.shares > wanted.shares:
            raise bad_request("quote is larger than the request")
        if same_token:
            return COMPLEMENTARY
        return MINT if same_side and wanted.side is t.Side.BUY else MERGE

    # -- looking up and withdrawing --

    def request(self, request_id: str) -> Request:
        """Return a request; raises Refusal (404)."""
        if request_id not in self.requests:
            raise missing("request not found")
        return self.requests[request_id]

    def quote_of(self, quote_id: str) -> Quote:
        """Return a quote; raises Refusal (404)."""
        if quote_id not in self.quotes:
            raise missing("quote not found")
        return self.quotes[quote_id]

    def is_open(self, quote: Quote) -> bool:
        """Tell whether a quote can still be accepted or approved."""
        request = self.requests[quote.request_id]
        now = self._world.clock.now_ns()
        in_time = not request.over and now < request.created + EXPIRY * _SECOND
        return not quote.over and in_time and request.accepted in ("", quote.id)

    def cancel_request(self, address: str, request_id: str) -> None:
        """Withdraw a request; raises Refusal."""
        request = self.request(request_id)
        if request.address != address:
            raise missing("request not found")
        if not request.is_active(self._world.clock.now_ns()):
            raise bad_request("request is not active")
        self._put(self._updated(request, over=True))

    def cancel_quote(self, address: str, quote_id: str) -> None:
        """Withdraw a quote; raises Refusal."""
        quote = self.quote_of(quote_id)
        if quote.address != address:
            raise missing("quote not found")
        if not self.is_open(quote) or self.requests[quote.request_id].accepted:
            raise bad_request("quote is not active")
        self._put_quote(self._updated(quote, over=True))

    # -- accepting and approving --

    def side_of_requester(self, quote: Quote) -> Terms:
        """Return what the requester trades when it accepts a quote."""
        offered = quote.terms
        if quote.match_type == COMPLEMENTARY:
            side = t.Side.SELL if offered.side is t.Side.BUY else t.Side.BUY
            return msgspec.structs.replace(offered, side=side)
        token = self.requests[quote.request_id].terms.token_id
        return msgspec.structs.replace(
            offered, token_id=token, collateral=offered.shares - offered.collateral
        )

    def accept(self, address: str, request_id: str, quote_id: str) -> None:
        """Accept a quote of one's request; raises Refusal."""
        request, quote = self.request(request_id), self.quote_of(quote_id)
        if request.address != address or quote.request_id != request_id:
            raise missing("quote not found")
        if not self.is_open(quote) or request.accepted:
            raise bad_request("quote is not active")
        self._put(self._updated(request, accepted=quote_id))

    def approve(self, address: str, request_id: str, quote_id: str) -> None:
        """Approve one's accepted quote: the assets change hands; raises Refusal."""
        request, quote = self.request(request_id), self.quote_of(quote_id)
        if quote.address != address or quote.request_id != request_id:
            raise missing("quote not found")
        if not self.is_open(quote) or request.accepted != quote_id:
            raise bad_request("quote was not accepted")
        sides = [(request.wallet, self.side_of_requester(quote)), (quote.wallet, quote.terms)]
        for wallet, terms in sides:
            self._check_cover(wallet, terms)
        done = self._updated(request, over=True)
        self._world.apply_all(self._exchange(quote, sides), [("rfq_request", request.id, done)])
        self.requests[request.id] = done

    def _check_cover(self, wallet: str, terms: Terms) -> None:
        buys = terms.side is t.Side.BUY
        asset, amount = ("", terms.collateral) if buys else (terms.token_id, terms.shares)
        holding = self._world.exchange.holding(wallet, asset)
        if holding.available - holding.active < amount:
            raise Refusal(
                400,
                "not enough balance / allowance: the balance is not enough -> "
                f"balance: {holding.balance}, order amount: {amount}",
            )

    def _exchange(self, quote: Quote, sides: list[tuple[str, Terms]]) -> list[t.Command]:
        """Return what moves the assets: everything goes through the venue's own wallet."""
        house, commands = self._world.maker.wallet, list[t.Command]()
        for wallet, terms in sides:
            asset, amount = _given(terms)
            commands.append(t.Transfer(source=wallet, target=house, amount=amount, token_id=asset))
        shares = quote.terms.shares
        if quote.match_type == MINT:
            commands.append(t.Split(wallet=house, condition_id=quote.condition_id, amount=shares))
        elif quote.match_type == MERGE:
            commands.append(t.Merge(wallet=house, condition_id=quote.condition_id, amount=shares))
        for wallet, terms in sides:
            asset, amount = _got(terms)
            commands.append(t.Transfer(source=house, target=wallet, amount=amount, token_id=asset))
        return commands

    # -- keeping --

    def _new_id(self) -> str:
        return str(UUID(int=self._ids.bits(128), version=4))

    def _updated(self, record: R, **changes: object) -> R:
        return msgspec.structs.replace(record, updated=self._world.clock.now_ns(), **changes)

    def _put(self, request: Request) -> None:
        self._world.store.put("rfq_request", request.id, request)
        self.requests[request.id] = request

    def _put_quote(self, quote: Quote) -> None:
        self._world.store.put("rfq_quote", quote.id, quote)
        self.quotes[quote.id] = quote


def _given(terms: Terms) -> tuple[str, int]:
    return ("", terms.collateral) if terms.side is t.Side.BUY else (terms.token_id, terms.shares)


def _got(terms: Terms) -> tuple[str, int]:
    return (terms.token_id, terms.shares) if terms.side is t.Side.BUY else ("", terms.collateral)
