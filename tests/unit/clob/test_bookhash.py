"""The hash of a book as the venue computes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from polyspec.clob.bookhash import book_hash
from polyspec.errors import ConfigError, DecodeError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "clob_book_hash.json").read_bytes())["vectors"]
BOOK = VECTORS[0]["inputs"]["book"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector: Any) -> None:
    """The hash is that of the venue's own packages, whatever form, order of keys or old hash the book has."""
    book, want = vector["inputs"]["book"], vector["expected"]["hash"]
    assert book_hash(book) == want
    assert book_hash(json.dumps(book)) == want
    assert book_hash(json.dumps(book, indent=1).encode()) == want
    assert book_hash(dict(sorted(book.items())) | {"hash": want, "event_type": "book"}) == want
    assert book_hash({key: value for key, value in book.items() if key != "hash"}) == want
    backwards = [dict(reversed(level.items())) for level in book["bids"]]
    assert book_hash(book | {"bids": backwards}) == want


@pytest.mark.parametrize("key", [key for key in BOOK if key != "hash"])
def test_every_field_counts(key: str) -> None:
    """Any other value, be it the same number in other digits, is another hash."""
    changed: Any = {
        "bids": BOOK["bids"][:1], "asks": BOOK["asks"][::-1], "neg_risk": True, "last_trade_price": "0.50",
    }.get(key, f"{BOOK[key]}0")  # fmt: skip
    assert book_hash(BOOK | {key: changed}) != book_hash(BOOK)


def test_text_goes_in_raw() -> None:
    """Letters beyond ASCII are hashed as they are, not escaped."""
    odd = BOOK | {"market": "né"}
    assert book_hash(odd) == book_hash(json.dumps(odd)) == book_hash(json.dumps(odd, ensure_ascii=False))


@pytest.mark.parametrize("key", [key for key in BOOK if key != "hash"])
def test_a_frame_that_lacks_a_field_cannot_be_hashed(key: str) -> None:
    """A book without a hashed field is refused by the field's name: guessing would only seem to work."""
    with pytest.raises(ConfigError, match=key):
        book_hash({name: value for name, value in BOOK.items() if name != key})


@pytest.mark.parametrize(
    "wrong",
    [
        {"timestamp": 1777374000000}, {"neg_risk": "false"}, {"tick_size": None}, {"bids": [["0.01", "100"]]},
        {"bids": [{"price": "0.01"}]}, {"asks": [{"price": 0.99, "size": "1"}]}, {"asks": "none"},
    ],
    ids=str,
)  # fmt: skip
def test_values_already_read_cannot_be_hashed(wrong: dict[str, Any]) -> None:
    """Numbers, and levels of another shape, have lost the venue's own text."""
    with pytest.raises(ConfigError):
        book_hash(BOOK | wrong)


@pytest.mark.parametrize("raw", [b"", b"{", "[]", b"null", b'"book"', b"\xff"])
def test_what_is_no_book_is_no_book(raw: bytes | str) -> None:
    """Broken JSON, and JSON of something else, is a decoding error."""
    with pytest.raises(DecodeError):
        book_hash(raw)
