"""Orders that travel together have each a fate of their own."""

from __future__ import annotations

from typing import Any

import pytest

from polyspec.clob.fate import Accepted, Rejected, Unknown
from polyspec.errors import (
    ConnectFailed,
    InsufficientFunds,
    PolyspecError,
    TradingRestricted,
)
from tests.unit.clob.clob_rig import (
    BROKEN_PIPE,
    ELSE,
    Venue,
    no,
    ok,
    page,
    posting,
    record,
    told,
)


@pytest.fixture
def venue() -> Venue:
    """Return a venue that takes what it gets."""
    return Venue()


def orders_of(count: int) -> list[Any]:
    """Return so many different orders."""
    return [posting() for _ in range(count)]


def test_batch_taken(venue: Venue) -> None:
    """Each order of a batch is accepted by the answer in its place; they travel in one request."""
    sent = orders_of(3)
    placed = venue.place_many(sent)
    assert [each.order_id for each in placed] == [each.order.order_id for each in sent]
    assert all(isinstance(each, Accepted) for each in placed)
    assert venue.posts == [b"[" + b",".join(each.body for each in sent) + b"]"]


def test_batch_with_single_failures(venue: Venue) -> None:
    """Orders of a batch that fail are refused each in its own words, the others stand."""
    sent = orders_of(4)
    ids = [each.order.order_id for each in sent]
    venue.listed = [record(sent[3].order)]
    venue.batch = ok(
        [
            told(ids[0]),
            told(text="not enough balance / allowance", success=False),
            told(text="post-only mode: only post-only orders and cancels are allowed"),
            told(text="order is invalid. Duplicated."),
        ]
    )
    placed = venue.place_many(sent)
    assert [type(each) for each in placed] == [Accepted, Rejected, Rejected, Accepted]
    assert [each.order_id for each in placed] == ids
    assert isinstance(placed[1].error, InsufficientFunds)
    assert isinstance(placed[2].error, TradingRestricted)


@pytest.mark.parametrize("case", ["short", "long", "empty", "shuffled", "twice", "truncated", "lost", "odd"])
def test_batch_answers_that_cannot_be_matched(venue: Venue, case: str) -> None:
    """Answers that do not fit the orders are no answers: all orders are looked up, each has its own fate."""
    sent = orders_of(3)
    ids = [each.order.order_id for each in sent]
    # the last one was not taken
    venue.listed = [record(sent[0].order), record(sent[1].order)]
    good, bad = [told(each) for each in ids[:2]], told(text="not enough balance / allowance")
    answers: dict[str, Any] = {
        "short": ok(good),
        "long": ok([*good, bad, bad]),
        "empty": ok([]),
        "shuffled": ok([bad, *good]),
        "twice": ok([good[0], good[0], bad]),
        "truncated": page(200, ok([*good, bad]).body[:-9]),
        "lost": BROKEN_PIPE,
        "odd": ok([*good, {"error": "x"}]),
    }
    venue.batch = answers[case]
    placed = venue.place_many(sent)
    assert [type(each) for each in placed] == [Accepted, Accepted, Rejected]
    assert placed[2].never_arrived
    assert len(venue.posts) == 1


def test_batch_that_may_stand_by_other_ids(venue: Venue) -> None:
    """Where the answer names orders nobody sent, none of the batch is declared absent."""
    sent = orders_of(2)
    venue.batch = ok([told(ELSE), told(text="no")])
    placed = venue.place_many(sent, timeout=120)
    assert [type(each) for each in placed] == [Unknown, Unknown]


def test_batch_refused_as_a_whole(venue: Venue) -> None:
    """A refusal of the request is one of every order in it."""
    venue.batch = no(400, "Too many orders in payload: 20, max allowed: 15")
    placed = venue.place_many(orders_of(2))
    assert [type(each) for each in placed] == [Rejected, Rejected]
    assert len(venue.calls) == 1


@pytest.mark.parametrize("answer", [no(401), ConnectFailed("no"), no(429)])
def test_batch_raises_what_is_not_about_orders(venue: Venue, answer: Any) -> None:
    """As with one order."""
    venue.batch = answer
    with pytest.raises(PolyspecError) as caught:
        venue.place_many(orders_of(2))
    assert not caught.value.maybe_executed


def test_batch_is_never_sent_again(venue: Venue) -> None:
    """Orders of a batch that provably never arrived are left to the caller."""
    venue.batch = BROKEN_PIPE
    placed = venue.place_many(orders_of(2), timeout=120)
    assert all(each.never_arrived for each in placed)
    assert len(venue.posts) == 1


def test_batch_counts_by_its_orders(venue: Venue) -> None:
    """Limits per order see a batch for what it holds."""
    asked: list[int] = []
    pacer: Any = venue.session.pacer
    pacer.reserve = lambda operation, now, patience, items=1: asked.append(items) or 0.0
    venue.place_many(orders_of(3))
    assert asked == [3]


def test_batch_that_was_refused_may_be_posted_again_at_once(venue: Venue) -> None:
    """What a raised error proved not to stand needs no proof when it is refused the next time."""
    sent = orders_of(2)
    venue.batch = no(401)
    with pytest.raises(PolyspecError):
        venue.place_many(sent)
    venue.batch = no(400, "not enough balance / allowance")
    venue.calls.clear()
    assert all(isinstance(each, Rejected) for each in venue.place_many(sent))
    assert len(venue.calls) == 1
