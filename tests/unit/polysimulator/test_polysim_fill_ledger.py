"""Which fills are news: each once, whoever tells it first, and whatever numbers it has."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from polyspec.polysimulator.fill_ledger import Fill, Ledger, amount_of, seconds_of

START = 1_790_000_000.0


def fill(
    number: int = 1, at: float = START, quantity: str = "5", stamp: str | None = None, **parts: Any
) -> Fill:
    """Return a fill."""
    usual: dict[str, Any] = {
        "number": str(number),
        "market": "0xm",
        "side": "BUY",
        "outcome": "Yes",
        "price": Decimal("0.5"),
        "quantity": Decimal(quantity),
        "stamp": stamp or str(at),
        "at": at,
    }
    return Fill(**(usual | parts))


def begun(*rows: Fill) -> Ledger:
    """Return a ledger that begins with these."""
    made = Ledger()
    made.begin(rows)
    return made


def numbers(fills: list[Fill]) -> list[str]:
    """Return what fills are known by."""
    return [each.number for each in fills]


def test_what_was_before_is_no_news() -> None:
    """Neither from REST nor, late, from the channel."""
    ledger = begun(fill(1))
    assert ledger.read([fill(1)]) == []
    assert not ledger.hear(fill(1, stamp="as the channel puts it"))


@pytest.mark.parametrize("steps", list(permutations(("hear", "hear", "read", "read"))))
def test_a_fill_is_told_once(steps: tuple[str, ...]) -> None:
    """Whichever side tells it first, and however often."""
    ledger = begun()
    told = 0
    for step in steps:
        told += ledger.hear(fill(3, stamp="Z")) if step == "hear" else len(ledger.read([fill(3)]))
    assert told == 1


def test_fills_that_look_alike_are_all_told() -> None:
    """The same terms at the same moment, but numbers of their own, and both sides know of the numbers."""
    ledger = begun()
    assert ledger.hear(fill(1, stamp="a"))
    assert ledger.read([fill(1)]) == []
    assert ledger.hear(fill(3, stamp="c"))
    # 2 was missed, and 3 is not visible yet
    assert numbers(ledger.read([fill(1), fill(2)])) == ["2"]
    assert ledger.read([fill(1), fill(2), fill(3)]) == []


def test_numbers_come_before_moments() -> None:
    """Also in the first look: of three alike, the one that was missed is told."""
    ledger = begun()
    assert ledger.hear(fill(2, stamp="b"))
    assert ledger.hear(fill(3, stamp="c"))
    assert numbers(ledger.read([fill(1), fill(2), fill(3)])) == ["1"]


def test_numbers_of_two_kinds_are_no_two_fills() -> None:
    """Should the channel count otherwise than the history, terms and moment tell that it is the same fill."""
    ledger = begun()
    assert ledger.hear(fill(900, START))
    assert ledger.read([fill(1, START + 1)]) == []
    assert numbers(ledger.read([fill(2, START + 60)])) == ["2"]
    assert not ledger.hear(fill(901, START + 61))
    assert ledger.hear(fill(902, START + 62, quantity="6"))


def test_the_oldest_is_told_first() -> None:
    """Listings have the newest first."""
    ledger = begun()
    assert numbers(ledger.read([fill(3, START + 3), fill(2, START + 2), fill(1, START + 1)])) == [
        "1",
        "2",
        "3",
    ]


def test_it_is_read_from_where_everything_is_known() -> None:
    """Two minutes before the newest, and never before the beginning."""
    ledger = begun(fill(1, START))
    assert ledger.since == START - 120
    ledger.read([fill(2, START + 30)])
    assert ledger.since == START - 90
    ledger.read([fill(3, START + 900)])
    assert ledger.since == START + 780
    assert begun().since is None


def test_an_account_without_fills_is_read_whole() -> None:
    """Until there is one, for the first may have been missed."""
    ledger = begun()
    assert ledger.hear(fill(2, START))
    assert ledger.since is None
    assert numbers(ledger.read([fill(1, START - 500), fill(2, START)])) == ["1"]
    assert ledger.since == START - 120


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-09-21T14:13:20.000000Z", 1_790_000_000.0),
        ("2026-09-21T14:13:20", 1_790_000_000.0),
        ("1790000000", 1_790_000_000.0),
        ("1790000000123", 1_790_000_000.123),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_moments_are_read_in_every_form(text: str | None, seconds: float | None) -> None:
    """A text without a zone is in UTC."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", None, "NaN", "Infinity", "five"])
def test_what_is_no_amount_is_none(text: str | None) -> None:
    """And compares with nothing."""
    assert amount_of(text) is None
