"""What is asked for, read and checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from attrs import frozen
from polyspec_wire.clob import models as wire

from polyspec.clob.ticket import read_side, read_token
from polyspec.errors import ConfigError

__all__ = [
    "BOOKS",
    "HISTORIES",
    "HistoryTerms",
    "PriceLike",
    "TokenLike",
    "batches",
    "history_terms",
    "only_market",
    "only_token",
    "price_requests",
    "read_condition",
    "read_day",
    "read_moment",
    "token_ids",
]

BOOKS: Final = 500
"""The most tokens the venue takes in one request for books or prices."""
HISTORIES: Final = 20
"""The most tokens it takes in one request for past prices."""

# Moments beyond this are in milliseconds: as seconds they would lie 3,000 years ahead.
_LAST_SECOND: Final = 10**11
_CONDITION: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_DIGITS: Final = re.compile(r"[0-9]+")
# Minutes between points that long stretches need at least; without any the venue would take 1, and refuse.
_COARSEST: Final = {"1m": 10, "1w": 5}

T = TypeVar("T")


class _HasToken(Protocol):
    @property
    def token_id(self) -> str: ...


TokenLike: TypeAlias = str | int | _HasToken | Mapping[str, Any]
"""A token id, or something that has one: an argument object of the venue's own clients will do."""
PriceLike: TypeAlias = TokenLike | tuple[str, str]
"""A token, or a pair of a token id and a side."""


def read_condition(value: object, name: str = "condition_id") -> str:
    """Return a condition id in lower case; raises ConfigError for what is none."""
    text = value.strip() if isinstance(value, str) else ""
    if _CONDITION.fullmatch(text):
        return text.lower()
    if _DIGITS.fullmatch(text) or (isinstance(value, int) and not isinstance(value, bool)):
        raise ConfigError(
            f"{name} {value} looks like a token id: a market is named by its condition id, 0x and 64 hex "
            "digits (get_market_by_token(token_id) tells it)"
        )
    raise ConfigError(f"{name} must be 0x and 64 hex digits, not {value!r}")


def only_market(market: str | None) -> str | None:
    """Return the condition id a listing is cut down to; None for every market."""
    return None if market is None else read_condition(market, "market")


def only_token(asset_id: str | None) -> str | None:
    """Return the token id a listing is cut down to; None for every token."""
    return None if asset_id is None else read_token(asset_id)


def token_ids(tokens: Iterable[TokenLike]) -> list[str]:
    """Return the ids of tokens, each once, in the order given; raises ConfigError."""
    return list(dict.fromkeys(read_token(_part(each, "token_id")) for each in _listed(tokens)))


def price_requests(tokens: Iterable[PriceLike]) -> list[wire.BookRequest]:
    """Return what to ask so that every side of every token is answered: both sides where none is named."""
    found: dict[tuple[str, str], None] = {}
    for each in _listed(tokens):
        token, side = (
            each if isinstance(each, tuple) else (_part(each, "token_id"), _part(each, "side", None))
        )
        # the venue's own argument objects say "none" with an empty text
        for known in (read_side(side),) if side else ("BUY", "SELL"):
            found[read_token(token), known] = None
    return [wire.BookRequest(token_id=token, side=wire.Side(side)) for token, side in found]


def _listed(tokens: Iterable[T]) -> Iterable[T]:
    if isinstance(tokens, str | Mapping):
        # both are iterable too, over letters and keys
        raise ConfigError("give a list of tokens, even for a single one")
    return tokens


_SAME: Final = object()


def _part(token: object, name: str, bare: object = _SAME) -> object:
    """Return a part of what stands for a token; of a bare id that is `bare`, the id itself by default."""
    if isinstance(token, str | int):
        return token if bare is _SAME else bare
    if isinstance(token, Mapping):
        return token.get(name)
    return getattr(token, name, None)


def batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """Cut a list into parts of at most `size`."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def read_moment(value: int | datetime | None, name: str) -> int | None:
    """Return a moment in unix seconds; raises ConfigError for milliseconds and naive datetimes."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ConfigError(f"{name} needs a time zone: datetime(..., tzinfo=UTC)")
        return int(value.timestamp())
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{name} must be unix seconds or a datetime, not {value!r}")
    if value > _LAST_SECOND:
        raise ConfigError(f"{name} {value} is in milliseconds; it must be in seconds")
    return value


def read_day(value: date | str, name: str = "date") -> date:
    """Return a day in UTC from a date, an aware datetime, or text such as ``2026-08-01``."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ConfigError(f"{name} needs a time zone, or be a plain date")
        return value.astimezone(UTC).date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ConfigError(f"{name} must be a date or text such as 2026-08-01, not {value!r}") from None


@frozen
class HistoryTerms:
    """Which past prices to read."""

    start: int | None
    """Unix seconds."""
    end: int | None
    interval: wire.HistoryInterval | None
    fidelity: int | None
    """Minutes between points."""


def history_terms(
    interval: str | None,
    start_ts: int | datetime | None,
    end_ts: int | datetime | None,
    fidelity: int | None,
) -> HistoryTerms:
    """Return which past prices are meant; raises ConfigError where the venue would refuse."""
    start, end = read_moment(start_ts, "start_ts"), read_moment(end_ts, "end_ts")
    if interval is not None and (start is not None or end is not None):
        raise ConfigError("give either an interval, which ends now, or start_ts with or without end_ts")
    if interval is None and start is None:
        raise ConfigError("say since when: give an interval such as 1d, or start_ts")
    if start is not None and end is not None and end < start:
        raise ConfigError(f"end_ts {end} is before start_ts {start}")
    if fidelity is not None and (isinstance(fidelity, bool) or not isinstance(fidelity, int) or fidelity < 1):
        raise ConfigError(f"fidelity must be whole minutes, 1 or more, not {fidelity!r}")
    known = None if interval is None else _interval(interval)
    least = 1 if known is None else _COARSEST.get(str(known), 1)
    if fidelity is not None and fidelity < least:
        raise ConfigError(
            f"for {interval} the venue gives points {least} minutes apart or more: raise fidelity"
        )
    return HistoryTerms(start, end, known, least if fidelity is None and least > 1 else fidelity)


def _interval(interval: str) -> wire.HistoryInterval:
    text = str(getattr(interval, "value", interval))
    if text not in {str(each) for each in wire.HistoryInterval}:
        known = ", ".join(str(each) for each in wire.HistoryInterval)
        raise ConfigError(f"interval {text!r} is none of {known}; 1m is a month")
    return wire.HistoryInterval(text)
