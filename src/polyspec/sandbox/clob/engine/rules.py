"""What an order must be like before the book is looked at; texts are the venue's."""

from __future__ import annotations

from .commands import PlaceOrder
from .core import Core, Refused
from .enums import MarketStatus, OrderType, RejectReason, Side, TradingMode
from .market import Market
from .records import MarketTerms
from .units import ONE, units_text

__all__ = [
    "DISABLED",
    "EXPIRES_EARLY",
    "NOT_READY",
    "TICKS",
    "builder_fees",
    "check_amounts",
    "check_expiration",
    "check_mode",
    "check_size",
    "check_type",
    "find_market",
]

SECOND = 1_000_000_000
EXPIRES_EARLY = 60
"""Seconds a GTD order ends before what was signed."""
_SHORTEST = 180
"""Seconds ahead an expiration must be."""
TICKS = {100_000: 3, 10_000: 4, 5_000: 5, 2_500: 6, 1_000: 5, 100: 6}
"""The ticks there are, with the decimals an amount of collateral may have."""
_SIZE_DECIMALS = 2
_MARKET_DECIMALS = 4
"""Decimals a FOK or FAK order's taker amount may have at least."""
_RATIO_DIGITS = 12

DISABLED = "Trading is currently disabled. Check polymarket.com for updates"
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"
NOT_READY = "the market is not yet ready to process new orders"


def check_mode(core: Core, command: PlaceOrder) -> None:
    """Refuse orders the venue as a whole does not take at the moment."""
    mode = core.mode
    if mode is TradingMode.NORMAL:
        return
    if mode is TradingMode.DISABLED:
        raise Refused(DISABLED, RejectReason.TRADING_DISABLED)
    if mode is TradingMode.CANCEL_ONLY:
        raise Refused(CANCEL_ONLY, RejectReason.CANCEL_ONLY)
    if not command.post_only:
        raise Refused(POST_ONLY, RejectReason.POST_ONLY_MODE)


def find_market(core: Core, token_id: str) -> tuple[Market, int]:
    """Return the open market of a token and which outcome it is."""
    found = core.tokens.get(token_id)
    if found is None or found[0].status in (MarketStatus.CLOSED, MarketStatus.RESOLVED):
        raise Refused(f"the orderbook {token_id} does not exist", RejectReason.UNKNOWN_TOKEN)
    if found[0].status is not MarketStatus.OPEN:
        raise Refused(NOT_READY, RejectReason.MARKET_NOT_READY)
    return found


def check_type(core: Core, command: PlaceOrder) -> None:
    """Refuse ids seen before and combinations that make no sense."""
    if command.order_id in core.orders:
        raise Refused(f"order {command.order_id} is invalid. Duplicated.", RejectReason.DUPLICATED)
    if command.post_only and not command.type.rests:
        text = "invalid post-only order: only GTC and GTD order types are allowed"
        raise Refused(text, RejectReason.INVALID_TYPE)


def _check_decimals(terms: MarketTerms, command: PlaceOrder) -> None:
    """Refuse amounts written with more decimals than the venue takes."""
    collateral = TICKS[terms.tick]
    maker, taker = _SIZE_DECIMALS, collateral
    if command.side is Side.SELL:
        kind = "the sell orders"
    elif command.type.rests:
        kind = "the buy orders"
        maker, taker = collateral, _SIZE_DECIMALS
    else:
        kind = "the market buy orders"
    if not command.type.rests:
        taker = max(taker, _MARKET_DECIMALS)
    if command.maker_amount % 10 ** (6 - maker) or command.taker_amount % 10 ** (6 - taker):
        raise Refused(
            f"invalid amounts, {kind} maker amount supports a max accuracy of {maker} decimals, "
            f"taker amount a max of {taker} decimals"
        )


def _ratio_text(collateral: int, shares: int) -> str:
    """Write a ratio as a decimal, cut where nobody looks any more."""
    whole, rest = divmod(collateral * 10**_RATIO_DIGITS // shares, 10**_RATIO_DIGITS)
    return f"{whole}.{rest:0{_RATIO_DIGITS}d}".rstrip("0").rstrip(".")


def check_amounts(terms: MarketTerms, command: PlaceOrder) -> None:
    """Refuse amounts whose ratio is not a price of the market."""
    maker, taker, tick = command.maker_amount, command.taker_amount, terms.tick
    if maker <= 0 or taker <= 0:
        raise Refused("invalid amounts, maker amount and taker amount must be higher than 0")
    buys = command.side is Side.BUY
    collateral, shares = (maker, taker) if buys else (taker, maker)
    # the valid price nearest to collateral / shares, and by how much the collateral misses it
    nearest = (2 * collateral * ONE + shares * tick) // (2 * shares * tick) * tick
    price = min(max(nearest, tick), ONE - tick)
    off = abs(collateral * ONE - price * shares)
    slack = 0
    if not command.type.rests:
        # the taker amount was cut to so many decimals: shares of a buyer, collateral of a seller
        slack = 10 ** (6 - min(TICKS[tick], _MARKET_DECIMALS)) * (price if buys else ONE)
    if off and off >= slack:
        raise Refused(
            f"order {command.order_id} is invalid. Price ({_ratio_text(collateral, shares)}) breaks "
            f"minimum tick size rule: {units_text(tick)}",
            RejectReason.INVALID_TICK,
        )
    _check_decimals(terms, command)


def check_size(terms: MarketTerms, command: PlaceOrder) -> None:
    """Refuse orders of too few shares."""
    size = command.taker_amount if command.side is Side.BUY else command.maker_amount
    if size < terms.minimum_size:
        raise Refused(
            f"order {command.order_id} is invalid. Size ({units_text(size)}) lower than the minimum: "
            f"{units_text(terms.minimum_size)}",
            RejectReason.INVALID_SIZE,
        )


def check_expiration(core: Core, command: PlaceOrder) -> None:
    """Refuse an expiration that is too near, or that does not belong."""
    if command.type is OrderType.GTD:
        valid = command.expiration * SECOND >= core.now + _SHORTEST * SECOND
    else:
        valid = command.expiration == 0
    if not valid:
        raise Refused("invalid expiration", RejectReason.INVALID_EXPIRATION)


def builder_fees(core: Core, code: str) -> tuple[str, int, int]:
    """Return a builder code, empty if none, with its maker and taker fees in basis points."""
    if not code.removeprefix("0x").strip("0"):
        return "", 0, 0
    builder = core.builders.get(code)
    if builder is None:
        return code, 0, 0
    if not builder.enabled:
        raise Refused("builder code is disabled", RejectReason.INVALID_BUILDER)
    return code, builder.maker_bps, builder.taker_bps
