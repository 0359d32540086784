"""The venue's hash of a book, to tell whether a copy is the book it sent.

SHA-1 over the compact JSON of the book with an empty ``hash``, keys in the venue's order, values as received.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import Any, Final

import msgspec

from polyspec.core.nesting import read_plain
from polyspec.errors import ConfigError, DecodeError

__all__ = ["book_hash"]

_KEYS: Final = (
    "market",
    "asset_id",
    "timestamp",
    "hash",
    "bids",
    "asks",
    "min_order_size",
    "tick_size",
    "neg_risk",
    "last_trade_price",
)


def book_hash(book: Mapping[str, Any] | bytes | str) -> str:
    """Return the hash of a book as the venue sent it, whatever order its keys are in now.

    Prices and sizes must be the venue's own text: "0.50" and "0.5" hash differently. Raises ConfigError for a
    book without all the fields that are hashed (frames of the stream lack some), DecodeError for broken JSON.
    """
    if isinstance(book, bytes | str):
        try:
            book = read_plain(book.encode() if isinstance(book, str) else book)
        except msgspec.DecodeError as error:
            raise DecodeError(f"a book that is no JSON: {error}") from error
        if not isinstance(book, dict):
            raise DecodeError(f"a book is a JSON object, not {type(book).__name__}")
    missing = [key for key in _KEYS if key != "hash" and key not in book]
    if missing:
        raise ConfigError(f"this book cannot be hashed without {', '.join(missing)}; fetch it by REST")
    hashed = {key: _part(key, book) for key in _KEYS}
    # what the venue uses; it guards against mistakes, not against anybody
    return sha1(msgspec.json.encode(hashed), usedforsecurity=False).hexdigest()


def _part(key: str, book: Mapping[str, Any]) -> Any:
    if key == "hash":
        return ""
    value = book[key]
    if key in ("bids", "asks"):
        if not isinstance(value, Sequence) or not all(isinstance(level, Mapping) for level in value):
            raise ConfigError(f"{key} must be a list of levels with price and size, as the venue sent them")
        return [
            {name: _text(f"{key}.{name}", level.get(name)) for name in ("price", "size")} for level in value
        ]
    if key == "neg_risk":
        if not isinstance(value, bool):
            raise ConfigError(f"neg_risk must be a boolean, as the venue sent it, not {value!r}")
        return value
    return _text(key, value)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigError(
            f"{key} must be the text the venue sent, not {type(value).__name__}: hash the answer as it came"
        )
    return value
