"""What is named in calls, read and checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal, Protocol, TypeAlias, TypeVar

from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ConfigError

__all__ = [
    "MarketLike",
    "TokenLike",
    "WalletLike",
    "batches",
    "checked_wallet",
    "read_asset",
    "read_depth",
    "read_id",
    "read_interval",
    "read_job",
    "read_market",
    "read_market_or_token",
    "read_markets",
    "read_moment",
    "read_slug",
    "read_symbol",
    "read_symbols",
    "read_token",
    "read_tokens",
    "read_wallet",
    "read_when",
]

_LONGEST: Final = 256
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_SYMBOL: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")
_DIGITS: Final = re.compile(r"[0-9]+")
_CONDITION: Final = re.compile(r"0[xX][0-9a-fA-F]{64}")
# A condition id is 0x and hex; so many digits in a row are a token's.
_TOKEN_DIGITS: Final = 20
# Moments beyond this are in milliseconds: as seconds they would lie 3,000 years ahead.
_LAST_SECOND: Final = 10**11

T = TypeVar("T")


class _HasCondition(Protocol):
    @property
    def condition_id(self) -> str: ...


class _HasToken(Protocol):
    @property
    def token_id(self) -> str: ...


MarketLike: TypeAlias = str | _HasCondition
"""A condition id, or what has one: a market as it was listed."""
TokenLike: TypeAlias = str | int | _HasToken
"""A token id, or what has one."""
WalletLike: TypeAlias = int | Literal["api", "all"]
"""A wallet's id, the API wallet, or all wallets together."""


def read_market(market: object, name: str = "market") -> str:
    """Return the condition id of a market; raises ConfigError for what is none."""
    value = market if isinstance(market, str) else getattr(market, "condition_id", market)
    text = value.strip() if isinstance(value, str) else ""
    if _DIGITS.fullmatch(text) and len(text) >= _TOKEN_DIGITS:
        raise ConfigError(
            f"{name} {text} looks like a token id: a market is named by its condition id "
            "(markets.by_token(token_id) tells it)"
        )
    if not (_VISIBLE.fullmatch(text) and len(text) <= _LONGEST):
        raise ConfigError(f"{name} must be a condition id, or a market that was listed, not {value!r:.100}")
    # as the venue writes it: a listing that is asked for in capitals may be empty
    return text.lower() if _CONDITION.fullmatch(text) else text


def read_token(token: object, name: str = "token_id") -> str:
    """Return a token id as decimal text; raises ConfigError for what is none."""
    value = token if isinstance(token, str | int) else getattr(token, "token_id", token)
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if text.lower().startswith("0x"):
        raise ConfigError(
            f"{name} {text:.100} looks like a condition id: an outcome is named by its token id, a decimal "
            "number (markets.get(condition_id) lists them)"
        )
    if not (_DIGITS.fullmatch(text) and len(text) <= _LONGEST):
        raise ConfigError(f"{name} must be a decimal number, or what has a token_id, not {value!r:.100}")
    return text


def read_tokens(tokens: Iterable[object]) -> list[str]:
    """Return several token ids, each once."""
    if isinstance(tokens, str | bytes):
        # a text is iterable too, of digits
        raise ConfigError("give a list of token ids, even for a single one")
    return list(dict.fromkeys(read_token(each) for each in tokens))


def read_id(value: object, name: str) -> int:
    """Return the number something is known by, which may be text or what has an ``id``."""
    value = value if isinstance(value, str | int) else getattr(value, "id", value)
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    # an id of more digits is none, and Python reads no thousands of them
    if not _DIGITS.fullmatch(text) or len(text) > _TOKEN_DIGITS:
        raise ConfigError(f"{name} must be a whole number, not {value!r:.100}")
    return int(text)


def checked_wallet(wallet_id: object, name: str = "wallet_id") -> int:
    """Return the id of one wallet."""
    if isinstance(wallet_id, str) and wallet_id.lower() in ("api", "all"):
        raise ConfigError(f"{name} must be one wallet here: leave it out for the API wallet")
    return read_id(wallet_id, name)


def read_wallet(wallet_id: object, usual: int | None) -> str | None:
    """Return which wallets a listing is about, `usual` if none is named."""
    if wallet_id is None:
        return None if usual is None else str(usual)
    if isinstance(wallet_id, str) and wallet_id.lower() in ("api", "all"):
        return wallet_id.lower()
    return str(read_id(wallet_id, "wallet_id"))


def read_moment(moment: object, name: str) -> datetime | None:
    """Return a point in time, which may be a datetime, a date in UTC, or unix seconds; None stays None."""
    if moment is None:
        return None
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ConfigError(f"{name} needs a time zone: datetime.now(UTC) has one")
        return moment
    if isinstance(moment, date):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if isinstance(moment, bool) or not isinstance(moment, int | float) or not 0 <= moment <= _LAST_SECOND:
        raise ConfigError(f"{name} must be a datetime, a date or unix seconds, not {moment!r:.100}")
    return datetime.fromtimestamp(moment, UTC)


def batches(things: Sequence[T], size: int) -> Iterator[list[T]]:
    """Cut a sequence into lists of at most `size`."""
    for start in range(0, len(things), size):
        yield list(things[start : start + size])


def read_markets(markets: Iterable[object]) -> list[str]:
    """Return several condition ids, each once."""
    if isinstance(markets, str | bytes):
        # a text is iterable too, over its letters
        raise ConfigError("give a list of markets, even for a single one")
    return list(dict.fromkeys(read_market(each) for each in markets))


def read_symbol(symbol: object) -> str:
    """Return the symbol of an asset, in capitals."""
    if not (isinstance(symbol, str) and _SYMBOL.fullmatch(symbol)):
        raise ConfigError(f"symbol must be an asset such as BTC, not {symbol!r:.50}")
    return symbol.upper()


def read_symbols(symbols: Iterable[object]) -> list[str]:
    """Return the symbols of several assets, each once."""
    if isinstance(symbols, str | bytes):
        # a text is iterable too, over its letters
        raise ConfigError("give a list of symbols, even for a single one")
    return list(dict.fromkeys(read_symbol(each) for each in symbols))


def read_slug(slug: object) -> str:
    """Return the name a market has in addresses."""
    if not (isinstance(slug, str) and _VISIBLE.fullmatch(slug) and "/" not in slug):
        raise ConfigError(f"slug must be the last part of a market's address, not {slug!r:.100}")
    return slug


def read_depth(depth: object) -> int | None:
    """Return how many levels to show; None for all."""
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or not 1 <= depth <= 500):
        raise ConfigError(f"depth must be 1 to 500, or None for all levels, not {depth!r:.50}")
    return depth


def read_asset(asset: str | None) -> wire.UpdownAsset | None:
    """Return an asset of Up/Down rounds; its capitals do not matter here, but do to the venue."""
    return None if asset is None else wire.UpdownAsset(asset.upper())


def read_interval(interval: str | None) -> wire.UpdownInterval | None:
    """Return a length of Up/Down rounds; its capitals do not matter here, but do to the venue."""
    if interval is None:
        return None
    known = {str(each).lower(): each for each in wire.UpdownInterval}
    return known.get(interval.lower()) or wire.UpdownInterval(interval)


def read_market_or_token(value: object) -> str:
    """Return a condition id or a token id, whichever it is."""
    text = value if isinstance(value, str | int) else getattr(value, "condition_id", value)
    if isinstance(text, int) or (isinstance(text, str) and _DIGITS.fullmatch(text.strip())):
        return read_token(text)
    return read_market(text)


def read_when(moment: object, name: str) -> datetime:
    """Return a point in time that has to be given; see `read_moment`."""
    found = read_moment(moment, name)
    if found is None:
        raise ConfigError(f"{name} is needed: a datetime with its time zone, a date or unix seconds")
    return found


def read_job(value: object, name: str = "job_id") -> str:
    """Return what a job is known by: visible characters, 256 at most."""
    text = getattr(value, "job_id", value)
    if not (isinstance(text, str) and _VISIBLE.fullmatch(text) and len(text) <= _LONGEST):
        raise ConfigError(f"{name} must be 1 to {_LONGEST} visible characters, not {text!r:.100}")
    return text
