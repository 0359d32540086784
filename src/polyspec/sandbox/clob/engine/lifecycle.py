"""Markets and the venue: listing, status, ticks, terms, resolution, builders, modes."""

from __future__ import annotations

from msgspec.structs import replace

from .commands import (
    AddMarket,
    ChangeMarket,
    ClearBook,
    Resolve,
    SetBuilder,
    SetMarketStatus,
    SetTick,
    SetTradingMode,
)
from .core import Core, Refused
from .enums import MarketStatus, OrderStatus
from .market import Market
from .records import MarketChange, MarketListed, MarketResolved, MarketTerms, ModeChange, TickChange
from .rules import TICKS
from .units import ONE

__all__ = [
    "add_market",
    "change_market",
    "clear_book",
    "resolve",
    "set_builder",
    "set_market_status",
    "set_tick",
    "set_trading_mode",
]

_MAKER_BPS = 50
_TAKER_BPS = 100
_EXPONENT = 10


def add_market(core: Core, command: AddMarket) -> None:
    """List a market."""
    terms = command.market
    if terms.condition_id in core.markets:
        raise Refused(f"market {terms.condition_id} exists")
    first, second = terms.token_ids
    if not first or not second or first == second or first in core.tokens or second in core.tokens:
        raise Refused(f"token ids of market {terms.condition_id} are not two new ones")
    if command.status is MarketStatus.RESOLVED:
        raise Refused("a market is resolved by Resolve")
    if len(set(terms.spenders)) != len(terms.spenders):
        raise Refused("spenders must differ")
    _check_tick(terms.tick)
    _check_terms(terms)
    market = core.markets[terms.condition_id] = Market(terms, command.status)
    market.book_time = core.now
    for outcome, token_id in enumerate(terms.token_ids):
        core.tokens[token_id] = market, outcome
    core.events.append(MarketListed(condition_id=terms.condition_id, status=command.status, time=core.now))


def set_market_status(core: Core, command: SetMarketStatus) -> None:
    """Move a market to another status."""
    if command.status is MarketStatus.RESOLVED:
        raise Refused("a market is resolved by Resolve")
    _move(core, _unresolved(core, command.condition_id), command.status)


def set_tick(core: Core, command: SetTick) -> None:
    """Change a market's tick; what rests stays as it is."""
    market = _unresolved(core, command.condition_id)
    _check_tick(command.tick)
    old = market.terms.tick
    if command.tick == old:
        return
    market.terms = replace(market.terms, tick=command.tick)
    core.events.append(
        TickChange(condition_id=command.condition_id, old=old, new=command.tick, time=core.now)
    )


def change_market(core: Core, command: ChangeMarket) -> None:
    """Change terms that apply from the next order on."""
    market = _unresolved(core, command.condition_id)
    changes = {
        name: value
        for name in ("fees", "taker_delay", "minimum_size", "minimum_spend", "makers_per_trade")
        if (value := getattr(command, name)) is not None
    }
    terms = replace(market.terms, **changes)
    _check_terms(terms)
    market.terms = terms


def clear_book(core: Core, command: ClearBook) -> None:
    """Cancel all open orders of a market."""
    market = _unresolved(core, command.condition_id)
    if not command.status.startswith("CANCELED"):
        raise Refused(f"{command.status} is not a status of canceled orders")
    _cancel_everything(core, market, command.status)


def resolve(core: Core, command: Resolve) -> None:
    """Fix the payouts of a market and cancel its orders."""
    market = _unresolved(core, command.condition_id)
    if min(command.payouts) < 0 or sum(command.payouts) != ONE:
        raise Refused(f"payouts must add up to {ONE}: {command.payouts}")
    market.payouts = command.payouts
    _cancel_everything(core, market, OrderStatus.CANCELED_MARKET_RESOLVED)
    _move(core, market, MarketStatus.RESOLVED)
    core.events.append(
        MarketResolved(condition_id=command.condition_id, payouts=command.payouts, time=core.now)
    )


def set_builder(core: Core, command: SetBuilder) -> None:
    """Register a builder code; orders entered before keep their fees."""
    if not (0 <= command.maker_bps <= _MAKER_BPS and 0 <= command.taker_bps <= _TAKER_BPS):
        raise Refused(f"builder fees are at most {_MAKER_BPS} (maker) and {_TAKER_BPS} (taker) basis points")
    core.builders[command.code] = command


def set_trading_mode(core: Core, command: SetTradingMode) -> None:
    """Change what the venue takes."""
    previous, core.mode = core.mode, command.mode
    if previous is not command.mode:
        core.events.append(ModeChange(mode=command.mode, previous=previous, time=core.now))


def _unresolved(core: Core, condition_id: str) -> Market:
    market = core.markets.get(condition_id)
    if market is None:
        raise Refused(f"no market {condition_id}")
    if market.status is MarketStatus.RESOLVED:
        raise Refused(f"market {condition_id} is resolved")
    return market


def _move(core: Core, market: Market, status: MarketStatus) -> None:
    previous, market.status = market.status, status
    if previous is not status:
        condition_id = market.terms.condition_id
        core.events.append(
            MarketChange(condition_id=condition_id, status=status, previous=previous, time=core.now)
        )


def _cancel_everything(core: Core, market: Market, status: OrderStatus) -> None:
    for order in list(market.open_orders.values()):
        core.end(market, order, status)


def _check_tick(tick: int) -> None:
    if tick not in TICKS:
        raise Refused(f"not a tick: {tick}")


def _check_terms(terms: MarketTerms) -> None:
    fees = terms.fees
    if not 0 <= fees.rate < ONE or not 0 <= fees.exponent <= _EXPONENT:
        raise Refused(f"not a fee: {fees.rate} millionths, exponent {fees.exponent}")
    if min(terms.taker_delay, terms.minimum_size, terms.minimum_spend, terms.makers_per_trade) < 0:
        raise Refused("sizes, delays and numbers of makers cannot be negative")
