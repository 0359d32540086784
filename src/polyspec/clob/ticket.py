"""What a user asks for, read and checked before anything is looked up, signed or sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from attrs import frozen
from msgspec import Struct

from polyspec.clob.market import TokenMarket
from polyspec.clob.ticks import Tick, tick_of
from polyspec.core.scales import Amount, as_decimal
from polyspec.errors import ConfigError, InvalidOrder

__all__ = [
    "ZERO",
    "LimitTicket",
    "MarketTicket",
    "as_text",
    "read_bytes32",
    "read_side",
    "read_ticket",
    "read_token",
]

ZERO: Final = "0x" + 64 * "0"
MARKET_TYPES: Final = ("FOK", "FAK")

_DECIMAL: Final = re.compile(r"[0-9]{1,78}")
_BYTES32: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_WORD: Final = 2**256


def read_token(token_id: object) -> str:
    """Return a token id as decimal text; raises InvalidOrder for what is none."""
    if type(token_id) is str:
        return _token(token_id)
    if isinstance(token_id, int) and not isinstance(token_id, bool):
        token_id = str(token_id)
    if not isinstance(token_id, str):
        raise InvalidOrder(
            f"token_id must be the decimal text of the token, not {token_id!r}", field="token_id"
        )
    return _token(str(token_id))


# whoever trades a token names it again and again
@lru_cache(maxsize=4096)
def _token(text: str) -> str:
    text = text.strip()
    if _BYTES32.fullmatch(text):
        raise InvalidOrder(
            f"{text} looks like a condition id: a token id is the decimal number of one outcome "
            "(get_clob_market(condition_id) lists both)",
            field="token_id",
        )
    number = int(text) if _DECIMAL.fullmatch(text) else 0
    if not 0 < number < _WORD:
        raise InvalidOrder(
            f"token_id must be a decimal number of up to 256 bits, not {text!r}", field="token_id"
        )
    # leading zeros would make another name of the same token
    return str(number)


def read_side(side: object) -> str:
    """Return BUY or SELL; an enum member of either name will do."""
    text = side if isinstance(side, str) else getattr(side, "name", side)
    # an enum of texts is a text too, and shows its value
    text = str(getattr(text, "value", text)).upper()
    if text not in ("BUY", "SELL"):
        raise InvalidOrder(f"side must be BUY or SELL, not {side!r}", field="side")
    return text


def read_expiration(expiration: int | str | datetime | None) -> int:
    """Return an expiration in unix seconds; 0 for none."""
    if isinstance(expiration, datetime):
        if expiration.tzinfo is None:
            raise InvalidOrder("expiration needs a time zone: datetime.now(UTC) + ...", field="expiration")
        expiration = int(expiration.timestamp())
    if isinstance(expiration, str) and expiration.isascii() and expiration.isdigit():
        expiration = int(expiration)
    if expiration is None:
        return 0
    if isinstance(expiration, bool) or not isinstance(expiration, int) or not 0 <= expiration < 2**53:
        raise InvalidOrder(f"expiration must be unix seconds, not {expiration!r}", field="expiration")
    if expiration > 10**11:
        raise InvalidOrder(
            f"expiration {expiration} is in milliseconds; it must be in seconds", field="expiration"
        )
    return expiration


def read_bytes32(value: str | None, name: str) -> str:
    """Return 32 bytes as lower-case hex; zeros for None."""
    if value is None or value == "":
        return ZERO
    if not isinstance(value, str) or not _BYTES32.fullmatch(value):
        raise InvalidOrder(f"{name} must be 0x and 64 hex digits, not {value!r}", field=name)
    return value.lower()


# structs rather than attrs: one is made for every order, in a fifth of the time
class _Options(Struct, frozen=True, gc=False):
    """What a user may already know of the market."""

    tick: Tick | None
    neg_risk: bool | None

    @property
    def complete(self) -> bool:
        return self.tick is not None and self.neg_risk is not None


class LimitTicket(Struct, frozen=True, gc=False):
    """A limit order as asked for."""

    token_id: str
    side: str
    price: Amount
    size: Amount
    """Shares."""
    expiration: int
    builder: str
    metadata: str
    options: _Options

    @property
    def complete(self) -> bool:
        """Whether nothing needs to be read of the market."""
        return self.options.complete

    @classmethod
    def read(cls, order: object, options: object, given: Mapping[str, Any]) -> LimitTicket:
        """Read an order from keywords, or from the venue's own argument object or mapping."""
        terms = _merged(order, given)
        _refuse(terms, _NOT_OF_LIMIT_ORDERS)
        token_id, side, price, size = map(terms.get, _NEEDED)
        if token_id is None or side is None or price is None or size is None:
            raise _missing(terms, _NEEDED)
        return cls(
            token_id=read_token(token_id),
            side=read_side(side),
            price=price,
            size=size,
            expiration=read_expiration(terms.get("expiration")),
            builder=read_bytes32(terms.get("builder_code"), "builder_code"),
            metadata=read_bytes32(terms.get("metadata"), "metadata"),
            options=_options(options, terms),
        )


@frozen
class MarketTicket:
    """A market order as asked for."""

    token_id: str
    side: str
    amount: Amount
    """Collateral for a BUY, shares for a SELL."""
    price: Amount | None
    """Worst price; None walks the book."""
    order_type: str
    max_spend: Amount | None
    """What a BUY may cost with its fees; None leaves the fees on top."""
    builder: str
    metadata: str
    options: _Options

    @property
    def market(self) -> TokenMarket | None:
        """The market as far as the caller knows it; None if something of it has to be read."""
        tick, neg_risk = self.options.tick, self.options.neg_risk
        if tick is None or neg_risk is None:
            return None
        return TokenMarket(
            token_id=self.token_id,
            tick=tick,
            neg_risk=neg_risk,
            min_size=None,
            condition_id=None,
            fees=None,
            read_at=0.0,
        )

    @classmethod
    def read(cls, order: object, options: object, given: Mapping[str, Any]) -> MarketTicket:
        """Read an order from keywords, or from the venue's own argument object or mapping."""
        terms = _merged(order, given)
        _refuse(terms, _NOT_OF_MARKET_ORDERS)
        order_type = as_text(terms.get("order_type")) or "FOK"
        if order_type not in MARKET_TYPES:
            raise InvalidOrder(f"a market order is FOK or FAK, not {order_type}", field="order_type")
        price = terms.get("price")
        side = read_side(_needed(terms, "side"))
        max_spend = terms.get("max_spend")
        if max_spend is None and side == "BUY":
            # a zero is how the venue's own argument objects say "none"
            max_spend = terms.get("user_usdc_balance") or None
        if max_spend is not None and side == "SELL":
            raise InvalidOrder(
                "max_spend is for buying: fees of a sale come out of what it brings", field="max_spend"
            )
        # the venue's own argument objects say "none" with a zero
        price = None if price is None or (order is not None and price == 0) else price
        amount = _needed(terms, "amount")
        for name, value in (("amount", amount), ("price", price), ("max_spend", max_spend)):
            if value is not None:
                # what is no number is not worth reading a book or fees for
                as_decimal(value, name)
        return cls(
            token_id=read_token(_needed(terms, "token_id")),
            side=side,
            amount=amount,
            price=price,
            order_type=order_type,
            max_spend=max_spend,
            builder=read_bytes32(terms.get("builder_code"), "builder_code"),
            metadata=read_bytes32(terms.get("metadata"), "metadata"),
            options=_options(options, terms),
        )


def read_ticket(order: object, options: object, given: Mapping[str, Any]) -> LimitTicket | MarketTicket:
    """Read a limit order, or a market order if there is an amount."""
    of_order = order.get("amount") if isinstance(order, Mapping) else getattr(order, "amount", None)
    if given.get("amount") is not None or of_order is not None:
        return MarketTicket.read(order, options, given)
    return LimitTicket.read(order, options, given)


_FIELDS: Final = (
    "token_id", "position_id", "side", "price", "size", "amount", "expiration", "order_type", "max_spend",
    "user_usdc_balance", "builder_code", "metadata", "tick_size", "neg_risk",
)  # fmt: skip
# Of orders of version 1, and without them an order would mean something else.
_RETIRED: Final = {"taker": (None, "", "0x" + 40 * "0"), "nonce": (None, 0), "fee_rate_bps": (None, 0)}
_NOT_OF_LIMIT_ORDERS: Final = {
    "amount": "give size, in shares, or make a market order",
    "order_type": "say it when the order is posted",
    "max_spend": "that is for market orders: give a size that fits",
    "user_usdc_balance": "sizes are not reduced to fit a balance: give one that does",
}
_NOT_OF_MARKET_ORDERS: Final = {
    "size": "give amount: dollars for a BUY, shares for a SELL",
    "expiration": "a market order is filled or killed at once",
}
_NEEDED: Final = ("token_id", "side", "price", "size")
_OPTIONS: Final = ("tick_size", "neg_risk")
# A client finds out by itself which version the venue takes.
_VERSION: Final = "version"


def as_text(value: object) -> str:
    """Return a word in capitals, empty for None; a member of an enum will do."""
    return "" if value is None else str(getattr(value, "value", value)).upper()


def _merged(order: object, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the terms of an order by name; None stands for what is not given."""
    if order is None:
        return given
    terms = {name: value for name, value in given.items() if value is not None}
    found = {name: _as_typed(value) for name, value in _parts(order).items() if value is not None}
    if (position := found.pop("position_id", None)) is not None:
        if "token_id" in found:
            raise ConfigError("an order is for a token_id or for a position_id, not for both")
        found["token_id"] = position
    clash = sorted(name for name in set(found) & set(terms) if not _same(found[name], terms[name]))
    if clash:
        raise ConfigError(f"{', '.join(clash)} given twice: in the order and as keywords")
    return terms | found


def _same(one: object, other: object) -> bool:
    return one == other or as_text(one) == as_text(other)


def _parts(order: object) -> dict[str, Any]:
    if isinstance(order, Mapping):
        unknown = sorted(str(name) for name in order if name not in _FIELDS and name not in _RETIRED)
        if unknown:
            raise ConfigError(f"an order has no {', '.join(unknown)}; it has {', '.join(_FIELDS)}")
        found = dict(order)
    else:
        found = {name: getattr(order, name) for name in (*_FIELDS, *_RETIRED) if hasattr(order, name)}
        if "token_id" not in found:
            raise ConfigError(f"an order is given by keywords or as a mapping, not as {type(order).__name__}")
    for name, none in _RETIRED.items():
        if found.pop(name, None) not in none:
            raise ConfigError(f"orders have no {name} any more: leave it out")
    return found


def _refuse(terms: Mapping[str, Any], others: Mapping[str, str]) -> None:
    """Refuse what would be left out of the order: it must not be passed over in silence."""
    if others.keys().isdisjoint(terms):
        return
    for name, advice in others.items():
        if terms.get(name):
            raise ConfigError(f"this kind of order has no {name}: {advice}")


def _as_typed(value: Any) -> Any:
    """Read a float of the venue's own argument style as what was typed; what was computed is off the grid.

    ``0.65`` is the shortest text of its float, and 0.1 + 0.2 is not: nothing is rounded here either.
    """
    # not that of a subclass: numpy writes its type into it
    return Decimal(float.__repr__(value)) if isinstance(value, float) else value


def _needed(terms: Mapping[str, Any], name: str) -> Any:
    if terms.get(name) is None:
        raise _missing(terms, (name,))
    return terms[name]


def _missing(terms: Mapping[str, Any], names: Sequence[str]) -> InvalidOrder:
    name = next(each for each in names if terms.get(each) is None)
    return InvalidOrder(f"the order needs {name}", field=name)


def _options(options: object, terms: Mapping[str, Any]) -> _Options:
    if options is None:
        tick, neg_risk = terms.get("tick_size"), terms.get("neg_risk")
        return _Options(
            None if tick is None else tick_of(tick), None if neg_risk is None else _flag(neg_risk)
        )
    given = {name: terms[name] for name in _OPTIONS if terms.get(name) is not None}
    found = {name: _as_typed(value) for name, value in _option_parts(options).items() if value is not None}
    ticks = {tick_of(each["tick_size"]) for each in (given, found) if "tick_size" in each}
    flags = {_flag(each["neg_risk"]) for each in (given, found) if "neg_risk" in each}
    if len(ticks) > 1 or len(flags) > 1:
        raise ConfigError("tick_size or neg_risk given twice, and not alike")
    return _Options(ticks.pop() if ticks else None, flags.pop() if flags else None)


def _flag(neg_risk: object) -> bool:
    if not isinstance(neg_risk, bool):
        raise ConfigError(f"neg_risk must be True or False, not {neg_risk!r}")
    return neg_risk


def _option_parts(options: object) -> dict[str, Any]:
    if options is None:
        return {}
    if isinstance(options, Mapping):
        unknown = sorted(str(name) for name in options if name not in (*_OPTIONS, _VERSION))
        if unknown:
            raise ConfigError(f"there are no options {', '.join(unknown)}; there are {', '.join(_OPTIONS)}")
        return {name: options[name] for name in _OPTIONS if name in options}
    found = {name: getattr(options, name) for name in _OPTIONS if hasattr(options, name)}
    if not found:
        raise ConfigError(
            f"options are a mapping with {' and '.join(_OPTIONS)}, or an object that has them, "
            f"not {options!r:.40}"
        )
    return found
