"""What a user asks for, read and checked before anything is looked up, signed or sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from polyspec.clob.market import TokenMarket
from polyspec.clob.ticks import Tick, tick_of
from polyspec.core.scales import Amount
from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["LimitTicket", "MarketTicket", "read_bytes32", "read_side", "read_ticket", "read_token"]

ZERO: Final = "0x" + 64 * "0"
MARKET_TYPES: Final = ("FOK", "FAK")

_DECIMAL: Final = re.compile(r"[0-9]{1,78}")
_BYTES32: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_WORD: Final = 2**256


def read_token(token_id: object) -> str:
    """Return a token id as decimal text; raises InvalidOrder for what is none."""
    if isinstance(token_id, int) and not isinstance(token_id, bool):
        token_id = str(token_id)
    if not isinstance(token_id, str):
        raise InvalidOrder(
            f"token_id must be the decimal text of the token, not {token_id!r}", field="token_id"
        )
    text = token_id.strip()
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


@frozen
class _Options:
    """What a user may already know of the market."""

    tick: Tick | None
    neg_risk: bool | None

    @property
    def complete(self) -> bool:
        return self.tick is not None and self.neg_risk is not None


@frozen
class LimitTicket:
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
        return cls(
            token_id=read_token(_needed(terms, "token_id")),
            side=read_side(_needed(terms, "side")),
            price=_needed(terms, "price"),
            size=_needed(terms, "size"),
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
        order_type = str(terms.get("order_type") or "FOK").upper()
        if order_type not in MARKET_TYPES:
            raise InvalidOrder(f"a market order is FOK or FAK, not {order_type}", field="order_type")
        price = terms.get("price")
        side = read_side(_needed(terms, "side"))
        max_spend = terms.get("max_spend", terms.get("user_usdc_balance"))
        if max_spend is not None and side == "SELL":
            raise InvalidOrder(
                "max_spend is for buying: fees of a sale come out of what it brings", field="max_spend"
            )
        return cls(
            token_id=read_token(_needed(terms, "token_id")),
            side=side,
            amount=_needed(terms, "amount"),
            # the venue's own argument objects say "none" with a zero
            price=None if price is None or (order is not None and price == 0) else price,
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
    "token_id", "side", "price", "size", "amount", "expiration", "order_type", "max_spend",
    "user_usdc_balance", "builder_code", "metadata", "tick_size", "neg_risk",
)  # fmt: skip


def _merged(order: object, given: Mapping[str, Any]) -> dict[str, Any]:
    terms = {name: value for name, value in given.items() if value is not None}
    if order is None:
        return terms
    found = {name: _as_typed(value) for name, value in _parts(order).items() if value is not None}
    clash = sorted(set(found) & set(terms))
    if clash:
        raise ConfigError(f"{', '.join(clash)} given twice: in the order and as keywords")
    return found | terms


def _parts(order: object) -> dict[str, Any]:
    if isinstance(order, Mapping):
        unknown = sorted(set(order) - set(_FIELDS))
        if unknown:
            raise ConfigError(f"an order has no {', '.join(map(str, unknown))}; it has {', '.join(_FIELDS)}")
        return dict(order)
    found = {name: getattr(order, name) for name in _FIELDS if hasattr(order, name)}
    if "token_id" not in found:
        raise ConfigError(f"an order is given by keywords or as a mapping, not as {type(order).__name__}")
    return found


def _as_typed(value: Any) -> Any:
    """Read a float of the venue's own argument style as what was typed; what was computed is off the grid.

    ``0.65`` is the shortest text of its float, and 0.1 + 0.2 is not: nothing is rounded here either.
    """
    return Decimal(repr(value)) if isinstance(value, float) else value


def _needed(terms: Mapping[str, Any], name: str) -> Any:
    if terms.get(name) is None:
        raise InvalidOrder(f"the order needs {name}", field=name)
    return terms[name]


def _options(options: object, terms: Mapping[str, Any]) -> _Options:
    found: dict[str, Any] = {}
    if isinstance(options, Mapping):
        found = dict(options)
    elif options is not None:
        found = {name: getattr(options, name, None) for name in ("tick_size", "neg_risk")}
    tick, neg_risk = (found.get(name, terms.get(name)) for name in ("tick_size", "neg_risk"))
    if neg_risk is not None and not isinstance(neg_risk, bool):
        raise ConfigError(f"neg_risk must be True or False, not {neg_risk!r}")
    return _Options(None if tick is None else tick_of(_as_typed(tick)), neg_risk)
