"""What an order gets at once: from which levels, at which price, by which source."""

from __future__ import annotations

from typing import Final

import msgspec

from polyspec.sandbox.polysimulator.feed import FeedBook

from .core import Core
from .depth import consume, depth
from .pricing import Walk, band_bps, crosses, displayed, facing, walk, within
from .refused import Refused
from .rules import Ticket
from .state import Tx
from .units import DOLLAR, SHARE

__all__ = ["Take", "limit_take", "market_take"]

_NANOS_PER_MS: Final = 1_000_000
_HIGHEST_SUM: Final = DOLLAR * 3 // 2


class Take(msgspec.Struct, frozen=True):
    """What is to be had at once."""

    price: int
    quantity: int
    source: str
    levels: int | None
    """How many levels were walked."""


def _touch_source(ticket: Ticket) -> str:
    return "best_ask" if ticket.side == "BUY" else "best_bid"


def _not_filled(ticket: Ticket) -> Refused:
    return Refused(
        "FOK_ORDER_NOT_FILLED_ERROR",
        f"The {ticket.side} order could not be filled in full at your price or better",
    )


def _unavailable() -> Refused:
    return Refused("INSUFFICIENT_LIQUIDITY", "Price unavailable for market")


def market_take(core: Core, ticket: Ticket, book: FeedBook, now: int) -> Take | None:
    """Return what a market order gets; None if an IOC gets nothing; Refused for a FOK."""
    _check_quote(core, ticket, book, now)
    take = _faithful(ticket, book) if core.settings.pm_v2 else _legacy(ticket, book)
    if take is None:
        return None
    take = _sane(core, ticket, book, take)
    if core.settings.require_depth and take.source != "book_walk":
        raise Refused("NO_EXECUTABLE_DEPTH", "No book deep enough to walk")
    if crosses(ticket.side, ticket.price, take.price):
        return take
    if ticket.time_in_force == "FOK":
        raise _not_filled(ticket)
    return None


def _check_quote(core: Core, ticket: Ticket, book: FeedBook, now: int) -> None:
    """Refuse an order in a market whose quotes cannot be trusted."""
    limit = core.settings.quote_limit
    if limit is not None and now - book.at_ns > limit:
        age = (now - book.at_ns) // _NANOS_PER_MS
        raise Refused("STALE_QUOTE", f"The quote is {age} ms old")
    shown = [core.displayed(token) for token in ticket.market.token_ids]
    if len(shown) == 2 and sum(price for price in shown if price is not None) > _HIGHEST_SUM:
        raise _unavailable()


def _faithful(ticket: Ticket, book: FeedBook) -> Take | None:
    """Walk the book up to the order's price."""
    walked = walk(facing(book, ticket.side), ticket.side, ticket.quantity, ticket.price)
    return _of_walk(ticket, walked)


def _of_walk(ticket: Ticket, walked: Walk) -> Take | None:
    """Read a walk by the order's time in force; a FOK short of a share at most is filled in full."""
    if ticket.time_in_force == "FOK":
        if not walked.filled or ticket.quantity - walked.filled > SHARE:
            raise _not_filled(ticket)
        return Take(walked.price, ticket.quantity, "book_walk", len(walked.takes))
    if not walked.filled:
        return None
    return Take(walked.price, walked.filled, "book_walk", len(walked.takes))


def _legacy(ticket: Ticket, book: FeedBook) -> Take:
    """Price the whole quantity, whatever depth there is."""
    levels = facing(book, ticket.side)
    if ticket.time_in_force == "FOK":
        walked = walk(levels, ticket.side, ticket.quantity, None)
        if walked.filled == ticket.quantity:
            return Take(walked.price, ticket.quantity, "book_walk", len(walked.takes))
    if levels:
        return Take(levels[0][0], ticket.quantity, _touch_source(ticket), None)
    shown = displayed(book)
    if shown is None:
        raise _unavailable()
    source = "midpoint" if book.last is None else "last_trade_only"
    return Take(shown, ticket.quantity, source, None)


def _sane(core: Core, ticket: Ticket, book: FeedBook, take: Take) -> Take:
    """Return a take near the displayed price, the best level's instead of the walk's if only that is."""
    shown = displayed(book)
    if shown is None or not core.settings.sanity_band:
        return take
    band = band_bps(ticket.market)
    if within(take.price, shown, band):
        return take
    levels = facing(book, ticket.side)
    if levels and within(levels[0][0], shown, band):
        return Take(levels[0][0], take.quantity, _touch_source(ticket), None)
    raise _unavailable()


def limit_take(core: Core, tx: Tx, ticket: Ticket, book: FeedBook) -> Take | None:
    """Return what a limit order gets at placement, and take it from the snapshot."""
    if not core.settings.pm_v2:
        levels = facing(book, ticket.side)
        if not levels or not crosses(ticket.side, ticket.price, levels[0][0]):
            return None
        return Take(levels[0][0], ticket.quantity, _touch_source(ticket), None)
    levels = depth(tx, ticket.market, ticket.outcome, ticket.side, book)
    walked = walk(levels, ticket.side, ticket.quantity, ticket.price)
    if not walked.filled:
        return None
    if ticket.time_in_force == "FOK" and ticket.quantity - walked.filled > SHARE:
        return None
    consume(tx, ticket.market, ticket.outcome, ticket.side, book, walked)
    return _of_walk(ticket, walked)
