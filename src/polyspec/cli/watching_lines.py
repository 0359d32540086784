"""What streams tell, as lines: of JSON for programs, of words for whoever reads a pipe."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from polyspec.cli.watching import Trade, Watched
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.events import Dropped, Event, Gap, Lost, Message, Raw, Resynced, Status
from polyspec.core.streams.recording import Header
from polyspec.core.streams.spelling import kind_of_error

__all__ = ["JsonLines", "PlainLines", "amount", "clean", "iso"]

_LONGEST: Final = 2000
"""Longest text of anybody else's in a line of words."""


class JsonLines:
    """Events as JSON, one a line.

    Every line has ``kind``, ``received`` and ``books``: what became of books by then, by what they are of.
    """

    def __init__(self, venue: Watched, header: Header, books: Mapping[str, OrderBook]) -> None:
        self._venue = venue
        self._header = header
        self._books = books
        self._trusted: dict[str, bool] = {}

    def line(self, event: Event) -> str | None:
        """Return an event as JSON."""
        kind = _snake(type(event).__name__)
        told: dict[str, Any] = {"kind": kind, "received": self._moment(event.received)}
        if isinstance(event, Message):
            about = self._venue.told(event.key, event.native)
            told |= {
                "at": iso(about.at),
                "key": event.key,
                "type": type(event.native).__name__,
                "native": self._venue.plain(event.native),
                "books": self._of(about.keys),
            }
        else:
            told |= {**self._facts(event), "books": self._of(self._books)}
        return msgspec.json.encode(told).decode()

    def _facts(self, event: Event) -> dict[str, Any]:
        if isinstance(event, Status):
            return {"state": event.state.name.lower(), "reason": event.reason, "attempt": event.attempt}
        if isinstance(event, Gap):
            return self._gap(event)
        if isinstance(event, Resynced):
            return {"gap": self._gap(event.gap)}
        if isinstance(event, Lost):
            error = {"kind": kind_of_error(event.error), "text": str(event.error)}
            gap = None if event.gap is None else self._gap(event.gap)
            return {"key": event.key, "error": error, "gap": gap}
        if isinstance(event, Dropped):
            return {"count": event.count}
        if isinstance(event, Raw):
            return {"why": event.why, "data": self._raw(event.data)}
        return {}

    def _gap(self, gap: Gap) -> dict[str, Any]:
        return {"since": self._moment(gap.since), "reason": gap.reason}

    def _raw(self, data: Any) -> Any:
        if isinstance(data, bytes | bytearray | memoryview):
            return bytes(data).decode(errors="replace")
        if hasattr(data, "SerializeToString"):
            return self._venue.plain(data)
        return data

    def _moment(self, now: float) -> str:
        return _spelt(self._header.moment(now))

    def _of(self, keys: Any) -> dict[str, Any]:
        """Return the books of a message, or of all the rest those whose trust is another than it was told."""
        changed: dict[str, Any] = {}
        for key in keys:
            book = self._books.get(key)
            if book is None:
                continue
            if keys is self._books and self._trusted.get(key) == book.trusted:
                continue
            self._trusted[key] = book.trusted
            changed[key] = _best(book)
        return changed


def _best(book: OrderBook) -> dict[str, Any]:
    bid, ask = book.best_bid, book.best_ask
    return {
        "bid": None if bid is None else amount(bid.price),
        "bid_size": None if bid is None else amount(bid.size),
        "ask": None if ask is None else amount(ask.price),
        "ask_size": None if ask is None else amount(ask.size),
        "trusted": book.trusted,
        "why": book.why,
    }


class PlainLines:
    """Events in words, one a line; of books what is best, whenever it is another."""

    def __init__(self, venue: Watched, header: Header, books: Mapping[str, OrderBook]) -> None:
        self._venue = venue
        self._header = header
        self._books = books
        self._shown: dict[str, str] = {}

    def line(self, event: Event) -> str | None:
        """Return an event in words; None if there is nothing new in it."""
        words = self._message(event) if isinstance(event, Message) else self._words(event)
        if not words:
            return None
        moment = self._header.moment(event.received)
        return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d} {clean(words)}"

    def _words(self, event: Event) -> str:
        if isinstance(event, Status):
            tried = f" (attempt {event.attempt})" if event.attempt else ""
            return f"{event.state.name.lower()}: {event.reason}{tried}"
        if isinstance(event, Gap):
            return f"gap: {event.reason}"
        if isinstance(event, Resynced):
            return "resynced: all that was missed is known"
        if isinstance(event, Lost):
            return f"lost{f' {event.key}' if event.key else ''}: {event.error}"
        if isinstance(event, Dropped):
            return f"dropped: {event.count} events were not read fast enough"
        return f"raw: {event.why}" if isinstance(event, Raw) else _snake(type(event).__name__)

    def _message(self, event: Message) -> str:
        about = self._venue.told(event.key, event.native)
        parts = [" ".join(("trade", *_dealt(each), "of", each.key)) for each in about.trades]
        for key in about.keys:
            book = self._books.get(key)
            if book is not None and self._shown.get(key) != (line := _line(key, book)):
                self._shown[key] = line
                parts.append(line)
        return "; ".join(parts)


def _line(key: str, book: OrderBook) -> str:
    bid, ask, spread = book.best_bid, book.best_ask, book.spread
    sides = " / ".join(
        "none" if each is None else f"{amount(each.price)} x {amount(each.size)}" for each in (bid, ask)
    )
    apart = "" if spread is None else f", spread {amount(spread)}"
    return f"book {key}: {sides}{apart}{'' if book.trusted else f', not trusted: {book.why}'}"


def _dealt(trade: Trade) -> list[str]:
    parts = [trade.side, "" if trade.size is None else amount(trade.size), f"at {amount(trade.price)}"]
    return [each for each in parts if each]


def amount(number: Decimal) -> str:
    """Spell a number out, without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def clean(text: str) -> str:
    """Return what a terminal may be shown of a text of others, on one line."""
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def iso(nanos: int | None) -> str | None:
    """Spell a Unix time out, in UTC; None for what is none."""
    if nanos is None:
        return None
    seconds, rest = divmod(nanos, 1_000_000_000)
    try:
        day = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    digits = f"{rest:09d}"
    while len(digits) > 3 and digits.endswith("000"):
        digits = digits[:-3]
    return f"{day:%Y-%m-%dT%H:%M:%S}.{digits}Z"


def _spelt(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
