"""What a venue without a dialect of its own sends where JSON was to be, and null where items were to be."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from polyspec_wire.clob import models as m

from polyspec.core.codec import decode
from polyspec.errors import DecodeError


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page whose items must be there."""

    data: list[m.OrderSummary]
    names: dict[str, str]
    more: list[str] = msgspec.field(default_factory=list)
    note: str = ""


@pytest.mark.parametrize("body", [b"", b" ", b"\n", b"null"])
def test_an_empty_body_is_none_where_none_may_be(body: bytes) -> None:
    """An answer that may be nothing is read from no bytes at all as from null."""
    assert decode(body, m.BalanceAllowanceResponse | None) is None
    with pytest.raises(DecodeError):
        decode(body, m.BalanceAllowanceResponse)


@pytest.mark.parametrize("body", [b"OK", b'"OK"', b"OK\n", b' "OK" '])
@pytest.mark.parametrize("unique", [False, True])
def test_a_word_needs_no_quotes(body: bytes, unique: bool) -> None:
    """A text is read with and without the quotes JSON asks for, also where keys are counted."""
    assert decode(body, str, unique=unique) == "OK"


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b"[]", b"17", b"true", b"null", b"OK<br>", b"O" * 129, b"", b"\xff", b'"OK']
)
def test_what_is_no_word_is_refused(body: bytes) -> None:
    """Pages of a proxy, other JSON and bytes that are no text are not taken for a text."""
    with pytest.raises(DecodeError):
        decode(body, str)


def test_words_are_for_texts_alone() -> None:
    """A bare word is no answer where an object, a number or a list was to be."""
    for kind in (m.NegRisk, int, list[str], dict[str, str], str | None):
        with pytest.raises(DecodeError):
            decode(b"OK", kind)


@pytest.mark.parametrize("kind", [list[m.RebatedFees], list[str]])
def test_null_for_a_list(kind: type) -> None:
    """Null where a list is expected is a list without items."""
    assert decode(b"null", kind) == []
    assert decode(b" null\n", kind, unique=True) == []


def test_null_for_a_map() -> None:
    """Null where a map is expected is a map without items."""
    assert decode(b"null", dict[str, Decimal]) == {}


def test_null_for_items_that_must_be_there() -> None:
    """A required list or map may be null, and then is empty."""
    assert decode(b'{"data":null,"names":null,"more":null}', Page) == Page(data=[], names={})


@pytest.mark.parametrize("missing", ["data", "names"])
def test_items_that_must_be_there(missing: str) -> None:
    """A required list or map that is not there at all is an error that names it, null elsewhere or not."""
    rest = {"data": "[]", "names": "{}", "note": "null"}
    del rest[missing]
    body = ",".join(f'"{name}":{value}' for name, value in rest.items())
    with pytest.raises(DecodeError, match=missing):
        decode(b"{" + body.encode() + b"}", Page)


def test_null_deep_inside() -> None:
    """A list inside items of a page may be null, and errors still name the path."""
    one = b'{"condition_id":"0x1","tokens":null,"tags":null,"rewards":{"rates":null}}'
    market = b'{"data":[' + one + b'],"next_cursor":"LTE="}'
    page = decode(market, m.PaginatedMarkets)
    assert page.data[0].tokens == []
    assert page.data[0].tags == []
    assert page.data[0].rewards == m.Rewards()
    with pytest.raises(DecodeError, match=r"\$\.data\[0\]"):
        decode(market.replace(b'"condition_id":"0x1",', b""), m.PaginatedMarkets)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was taken."""

    order_id: int
    accepted_at: str
    price: Decimal | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order."""

    order_id: int
    fee: Decimal
    price: Decimal | None = None


ALTERNATIVES = (Placed, Taken, list[Placed])


@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"order_id": 7, "fee": "0.09", "accepted_at": "now"}', Placed(order_id=7, fee=Decimal("0.09"))),
        (b'{"order_id": 7, "accepted_at": "now"}', Taken(order_id=7, accepted_at="now")),
        (b'{"order_id": 7, "accepted_at": "now", "price": ""}', Taken(order_id=7, accepted_at="now")),
        (b' [{"order_id": 7, "fee": "0"}]', [Placed(order_id=7, fee=Decimal(0))]),
        (b"[]", []),
    ],
)
def test_the_first_alternative_that_fits_is_taken(body: bytes, expected: object, unique: bool) -> None:
    """An answer of one of several shapes is read as the first it fits, blanks and all."""
    assert decode(body, ALTERNATIVES, unique=unique) == expected


@pytest.mark.parametrize(
    ("body", "missing", "malformed"),
    [
        (b'{"order_id": 7}', "missing required field `fee`.*expected Placed", False),
        (b'[{"order_id": 7}]', r"missing required field `fee`.*\[0\].*expected list", False),
        (b'"OK"', "expected Placed", False),
        (b"null", "expected Placed", False),
        (b'{"order_id": 7, ', "truncated.*expected Placed", True),
        (b"", "expected Placed", True),
    ],
)
def test_what_fits_no_alternative_is_told_by_the_likeliest(
    body: bytes, missing: str, malformed: bool
) -> None:
    """The error is about the first alternative of the JSON that came, array or object."""
    with pytest.raises(DecodeError, match=missing) as caught:
        decode(body, ALTERNATIVES)
    assert caught.value.malformed is malformed


def test_alternatives_keep_every_rule() -> None:
    """Keys that are there twice and numbers beyond all bounds are refused whichever alternative they fit."""
    twice = b'{"order_id": 7, "accepted_at": "now", "order_id": 8}'
    assert decode(twice, ALTERNATIVES) == Taken(order_id=8, accepted_at="now")
    with pytest.raises(DecodeError):
        decode(twice, ALTERNATIVES, unique=True)
    with pytest.raises(DecodeError):
        decode(b'{"order_id": 7, "accepted_at": "now", "price": "1e999999"}', ALTERNATIVES)


@pytest.mark.parametrize("body", [b"", b" ", b"null"])
def test_nothing_where_nothing_is_expected(body: bytes) -> None:
    """A status without content is read from no bytes at all."""
    assert decode(body, None) is None


class Version(msgspec.Struct):
    """What may be a text, a number or nothing, beside a number."""

    v: str | int | None = None
    n: int | None = None


@pytest.mark.parametrize(
    ("body", "v", "n"),
    [
        (b'{"v": "", "n": null}', "", None),
        (b'{"v": "", "n": ""}', "", None),
        (b'{"v": "7", "n": 1}', "7", 1),
        (b'{"v": null, "n": ""}', None, None),
    ],
)
def test_a_blank_text_is_a_text_where_one_may_stand(body: bytes, v: str | None, n: int | None) -> None:
    """Whatever else is written as nothing in the same answer; for a number it is nothing."""
    read = decode(body, Version)
    assert (read.v, read.n) == (v, n)
