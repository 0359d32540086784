"""What is sent again are the same bytes, after it is proven that the first never arrived."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from polyspec.clob.fate import Accepted, Rejected
from polyspec.core import sending
from polyspec.core.effects import Reply
from polyspec.errors import (
    ConnectFailed,
    PolyspecError,
    TradingRestricted,
)
from tests.unit.clob.clob_rig import (
    BROKEN_PIPE,
    ELSE,
    Venue,
    in_turn,
    no,
    ok,
    page,
    posting,
    record,
    signed,
    told,
)


@pytest.fixture
def venue() -> Venue:
    """Return a venue that takes what it gets."""
    return Venue()


# -- once more --


def test_what_never_arrived_is_sent_again_as_the_same_bytes(venue: Venue) -> None:
    """An order that provably never arrived is sent again, byte for byte, while there is time."""
    venue.post = in_turn(BROKEN_PIPE, venue.take)
    sent = posting()
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert venue.posts == [sent.body, sent.body]
    assert venue.times("order")[1] - venue.times("order")[0] >= 7


def test_nothing_is_sent_again_before_it_is_proven_absent(venue: Venue) -> None:
    """Between a lost order and its copy lie the window and two looks; an unproven one is not sent again."""
    check_copies(venue)


def check_copies(venue: Venue) -> None:
    """Lose every answer while lookups fail, and demand that one request left."""
    venue.post = BROKEN_PIPE
    venue.broken["data/trades"] = page(503)
    venue.place(timeout=120)
    assert len(venue.posts) == 1


def test_nothing_is_sent_again_notices_a_broken_guard(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard of the session off, the test above fails."""
    monkeypatch.setattr(sending, "may_repeat", lambda *_: True)
    with pytest.raises(AssertionError):
        check_copies(venue)


@pytest.mark.parametrize("kind", ["FOK", "FAK"])
def test_orders_for_now_are_not_sent_again(venue: Venue, kind: str) -> None:
    """One that was killed at once leaves no trace either: it has had its chance."""
    venue.post = BROKEN_PIPE
    placed = venue.place(posting(order_type=kind), timeout=60)
    assert isinstance(placed, Rejected)
    assert placed.never_arrived
    assert len(venue.posts) == 1


def test_good_till_date_is_sent_again(venue: Venue) -> None:
    """An order that rests until a date is sent again as one that rests for good."""
    venue.post = BROKEN_PIPE
    order = signed(expiration=1_800_000_900)
    venue.place(posting(order), timeout=60)
    assert set(venue.posts) == {posting(order).body}
    assert len(venue.posts) > 1


def test_no_copies_if_told_so(venue: Venue) -> None:
    """With `resend` off, nothing is sent twice."""
    venue.post = BROKEN_PIPE
    venue.place(timeout=120, resend=False)
    assert len(venue.posts) == 1


def test_at_most_three_copies(venue: Venue) -> None:
    """However much time there is."""
    venue.post = BROKEN_PIPE
    placed = venue.place(timeout=600)
    assert isinstance(placed, Rejected)
    assert placed.never_arrived
    assert len(venue.posts) == 4


def test_certainty_is_not_given_away(venue: Venue) -> None:
    """No copy is sent whose fate there is no time to learn: what is proven is told instead."""
    for timeout in (8.0, 10.0, 14.0, 15.0, 20.0, 25.0):
        venue.post = BROKEN_PIPE
        start = venue.world.monotonic
        placed = venue.place(timeout=timeout)
        assert isinstance(placed, Rejected), timeout
        assert venue.world.monotonic - start <= timeout


@pytest.mark.parametrize("status", [302, 403, 404, 405])
def test_pages_of_the_edge_are_not_asked_twice(venue: Venue, status: int) -> None:
    """A page that says no will say it again."""
    venue.post = page(status)
    placed = venue.place(timeout=60)
    assert isinstance(placed, Rejected)
    assert (placed.never_arrived, placed.status) == (True, status)
    assert len(venue.posts) == 1


def test_copy_that_cannot_leave(venue: Venue) -> None:
    """A copy that finds no connection does not take back what was proven."""
    venue.post = in_turn(BROKEN_PIPE, ConnectFailed("no connection"))
    placed = venue.place(timeout=60)
    assert isinstance(placed, Rejected)
    assert placed.never_arrived


@pytest.mark.parametrize("text", ["not enough balance / allowance", "order is invalid. Duplicated."])
def test_copy_that_meets_the_first(venue: Venue, text: str) -> None:
    """An order that arrives later than the venue ever needs is found when its copy is refused for it."""
    sent = posting()
    venue.post = in_turn(BROKEN_PIPE, no(400, text))
    venue.listed = lambda: [record(sent.order)] if len(venue.posts) > 1 else []
    assert isinstance(venue.place(sent), Accepted)


def test_copy_that_is_refused(venue: Venue) -> None:
    """A copy that is refused, and stands nowhere, is refused in the venue's words."""
    venue.post = in_turn(BROKEN_PIPE, no(400, "not enough balance / allowance"))
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert (placed.text, placed.never_arrived) == ("not enough balance / allowance", False)


# -- what the venue announces --


def test_engine_restarts_and_comes_back(venue: Venue) -> None:
    """A 425 is looked up, and then the same bytes are sent again: never while the order may stand."""
    venue.post = in_turn(no(425, "restarting"), venue.take)
    sent = posting()
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert venue.posts == [sent.body] * 2
    assert venue.times("order")[1] - venue.times("order")[0] >= 7


def test_engine_stays_away(venue: Venue) -> None:
    """Within the usual time a restart ends in a firm no that says why, not in not knowing."""
    venue.post = no(425, "restarting", {"retry-after": "2"})
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert (placed.never_arrived, placed.status, placed.retry_after) == (True, 425, 2.0)
    assert "restarting" in placed.text
    assert isinstance(placed.error, TradingRestricted)
    assert len(venue.posts) == 2


def test_copies_wait_as_long_as_asked(venue: Venue) -> None:
    """No copy leaves before the venue's own word, which counts from its answer."""
    venue.post = no(425, "restarting", {"retry-after": "20"})
    venue.place(timeout=60)
    first, second = venue.times("order")[:2]
    assert 20 <= second - first < 21
    venue = Venue()
    venue.post = no(425, "restarting", {"retry-after": "20"})
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert len(venue.posts) == 1


def test_pauses_between_copies_grow() -> None:
    """Where absence is proven fast, copies keep the distance a restart asks for."""
    venue = Venue()
    venue.post = no(425, "restarting")
    venue.place(timeout=60, settle_window=0.0)
    times = venue.times("order")
    assert [round(later - sooner) for sooner, later in pairwise(times)] == [2, 2, 4]


@pytest.mark.parametrize(
    "answer",
    [
        no(503, "Trading is currently disabled. Check polymarket.com for updates"),
        no(503, "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."),
        no(
            503,
            "post-only mode: only post-only orders and cancels are allowed",
            {"retry-after": "90"},
            code="post_only_mode",
        ),
    ],
)
def test_restricted_trading(venue: Venue, answer: Reply) -> None:
    """What the venue announces is borne out by one look, told at once, and not sent again."""
    venue.post, start = answer, venue.world.monotonic
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert isinstance(placed.error, TradingRestricted)
    assert not placed.never_arrived
    assert len(venue.posts) == 1
    assert venue.world.monotonic - start < 1
    assert placed.retry_after == (90.0 if placed.code else None)


def test_credentials_refused_once(venue: Venue) -> None:
    """A 401 is tried once more, signed at another second; the order is the same bytes."""
    venue.post = in_turn(no(401, "Unauthorized/Invalid api key"), venue.take)
    authority: Any = venue.session.authority
    authority.refused = lambda request: True
    sent = posting()
    assert isinstance(venue.place(sent), Accepted)
    assert venue.posts == [sent.body] * 2


def test_too_many_requests_then_taken(venue: Venue) -> None:
    """A 429 in the venue's words proves that nothing happened, and is waited out."""
    venue.post = in_turn(no(429, "Too Many Requests", {"retry-after": "3"}), venue.take)
    sent = posting()
    assert isinstance(venue.place(sent), Accepted)
    assert venue.times("order")[1] - venue.times("order")[0] >= 3


# -- time --


ANSWERS: tuple[Any, ...] = (
    BROKEN_PIPE, no(425), no(503, "x"), page(429, headers={"retry-after": "3600"}), no(400, "Duplicated"),
    no(429, "Too Many", {"retry-after": "4"}), no(401), ok(told(ELSE)), "lost",
)  # fmt: skip


@pytest.mark.parametrize("timeout", [0.0, 0.5, 1.0, 3.0, 7.5, 15.0, 40.0])
@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_everything_ends_in_time(answer: Any, timeout: float) -> None:
    """No path takes longer than it may, by more than one answer."""
    for hangs in (False, True):
        venue = Venue(pacing=True)
        venue.post = venue.batch = venue.lost() if answer == "lost" else answer
        if hangs:
            venue.broken["data/order"] = venue.lost()
        for flow in (
            venue.placing().place(posting(), timeout),
            venue.placing().place_many([posting(), posting()], timeout),
        ):
            start = venue.world.monotonic
            with suppress(PolyspecError):
                venue.world.run(flow)
            assert venue.world.monotonic - start <= timeout + 2 * venue.world.latency + 0.01


def test_good_till_date_that_has_run_out(venue: Venue) -> None:
    """A copy that comes too late for its date is refused by the venue, and that is what is told."""
    venue.post = in_turn(BROKEN_PIPE, no(400, "invalid expiration"))
    placed = venue.place(posting(signed(expiration=1_800_000_185)))
    assert isinstance(placed, Rejected)
    assert (placed.text, placed.never_arrived) == ("invalid expiration", False)


def test_copies_after_a_word_of_the_venue(venue: Venue) -> None:
    """What the venue itself says failed half way never reached the book, once proven, and is sent again."""
    venue.post = in_turn(no(500, "order timed out"), venue.take)
    sent = posting()
    assert isinstance(venue.place(sent), Accepted)
    assert venue.posts == [sent.body] * 2
