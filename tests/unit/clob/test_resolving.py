"""What became of an order is found out by looking, and only two full looks prove that it never arrived."""

from __future__ import annotations

from typing import Any

import pytest
from polyspec_wire.clob import orders as operations

from polyspec.clob.fate import Accepted, Rejected, Unknown
from polyspec.core import absence
from polyspec.core.effects import Reply, Request
from polyspec.errors import (
    PolyspecError,
    TimedOut,
    TransportError,
)
from tests.unit.clob.checks import ADDRESSES, OWNER
from tests.unit.clob.clob_rig import (
    BROKEN_PIPE,
    ELSE,
    Venue,
    no,
    ok,
    page,
    posting,
    record,
    signed,
    trade,
)


@pytest.fixture
def venue() -> Venue:
    """Return a venue that takes what it gets."""
    return Venue()


# -- lost answers --


@pytest.mark.parametrize(
    "answer",
    [
        BROKEN_PIPE,
        page(200, b'{"orderID": "0x'),
        page(200, b""),
        page(200, b"<html>"),
        ok({"orderID": ""}),
        ok({"success": True}),
        ok([]),
        ok({"success": True, "errorMsg": "", "orderID": "a", "status": "live", "orderID ": 1}),
        page(200, b'{"success":true,"errorMsg":"","orderID":"","status":"","orderID":"0x1"}'),
        no(500, "could not insert order"),
        no(500, "order timed out"),
        no(502),
        no(503, "overloaded"),
        no(503, "post-only mode: only post-only orders and cancels are allowed"),
        no(503, "x", code="post_only_mode"),
        no(504),
        no(418),
        page(500),
        page(502),
        page(503),
        page(520),
        page(401),
        page(403),
        page(404),
        page(408),
        page(425),
        page(429),
        page(302),
    ],
    ids=lambda answer: f"{getattr(answer, 'status', 'reset')}",
)
def test_ambiguous_answers_are_looked_up(venue: Venue, answer: Any) -> None:
    """Whatever does not prove that the order was refused is resolved by looking, not by sending again."""

    def take(request: Request) -> Any:
        venue.take(request)
        return answer

    venue.post = take
    placed = venue.place()
    assert isinstance(placed, Accepted)
    assert len(venue.posts) == 1


def test_timeout_then_found(venue: Venue) -> None:
    """An order whose answer is lost is found by its id within the time of the call."""
    sent, start = posting(), venue.world.monotonic
    venue.post = venue.lost(meanwhile=lambda: setattr(venue, "listed", [record(sent.order)]))
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert venue.world.monotonic - start <= 15
    assert len(venue.posts) == 1


@pytest.mark.parametrize("role", ["taker", "maker"])
def test_timeout_then_found_in_trades(venue: Venue, role: str) -> None:
    """An order that was matched and is listed no more is found among the trades, whichever side it was."""
    sent = posting()
    if role == "taker":
        found = [trade(sent.order.order_id.upper().replace("X", "x"), size="7")]
    else:
        found = [trade(ELSE, [(ELSE, "3"), (sent.order.order_id, "4"), (sent.order.order_id, "3")])]
    venue.post = venue.lost(BROKEN_PIPE, meanwhile=lambda: setattr(venue, "trades", found))
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert (placed.status, str(placed.matched), placed.trade_ids) == ("matched", "7", ("t1",))


def test_matched_against_the_other_outcome(venue: Venue) -> None:
    """A maker whose taker traded the other token is found: trades are listed by the taker's."""
    sent = posting()
    found = [trade(ELSE, [(sent.order.order_id, "10")], asset_id="77", trader_side="MAKER")]
    venue.post = venue.lost(BROKEN_PIPE, meanwhile=lambda: setattr(venue, "trades", found))
    assert isinstance(venue.place(sent), Accepted)


def test_trades_of_others_are_not_this_order(venue: Venue) -> None:
    """Other trades of the wallet, just now and for the same token, prove nothing about this order."""
    venue.trades = [trade(ELSE, [(ELSE, "10")])]
    venue.post = BROKEN_PIPE
    placed = venue.place(resend=False)
    assert isinstance(placed, Rejected)
    assert placed.never_arrived
    assert {tuple(each.query) for each in venue.calls if each.path == "data/trades"} == {
        ("maker_address", "after")
    }
    assert {each.query["maker_address"][0] for each in venue.calls if each.query} == {ADDRESSES[0]}


def test_trades_that_move_between_pages_count_once(venue: Venue) -> None:
    """A trade that is on two pages, for others came before it, is one trade."""
    sent = posting()
    pages = iter(
        [
            {"data": [trade(ELSE, id="t0"), trade(sent.order.order_id)], "next_cursor": "x"},
            {"data": [trade(sent.order.order_id)], "next_cursor": "y"},
            {"data": [trade(sent.order.order_id, id="t2", size="2")], "next_cursor": "LTE="},
        ]
    )
    venue.broken["data/trades"] = lambda _: ok(next(pages))
    venue.post = BROKEN_PIPE
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert (str(placed.matched), placed.trade_ids) == ("12", ("t1", "t2"))


def test_found_as_something_final(venue: Venue) -> None:
    """An order found cancelled was taken, and its state is told."""
    for status in ("CANCELED", "ORDER_STATUS_CANCELED_EXPIRED_ORDER", "live"):
        sent = posting()
        venue.listed = [record(sent.order, status=status, size_matched="1", associate_trades=["t9"])]
        venue.post = BROKEN_PIPE
        placed = venue.place(sent)
        assert isinstance(placed, Accepted)
        assert placed.status == status.lower().removeprefix("order_status_")
        assert (str(placed.matched), placed.trade_ids) == ("1", ("t9",))


@pytest.mark.parametrize("matched", ["0", "0.01"])
def test_found_invalid(venue: Venue, matched: str) -> None:
    """An order listed as invalid was refused, unless some of it was matched."""
    sent = posting()
    venue.listed = [record(sent.order, status="ORDER_STATUS_INVALID", size_matched=matched)]
    venue.post = BROKEN_PIPE
    placed = venue.place(sent)
    assert isinstance(placed, Rejected if matched == "0" else Accepted)
    assert len(venue.posts) == 1
    if isinstance(placed, Rejected):
        assert not placed.never_arrived


def test_states_of_tomorrow_decide_nothing(venue: Venue) -> None:
    """An order in a state this library does not know is neither accepted nor absent, unless it matched."""
    sent = posting()
    venue.listed = [record(sent.order, status="ORDER_STATUS_REFUSED_BY_ORACLE")]
    venue.post = BROKEN_PIPE
    placed = venue.place(sent, timeout=60)
    assert isinstance(placed, Unknown)
    assert placed.obstacle is None
    venue.listed = [record(sent.order, status="HALF_DONE", size_matched="1")]
    assert isinstance(placed.resolve(), Accepted)


def test_lookup_that_answers_about_another(venue: Venue) -> None:
    """A lookup that shows another order neither finds this one nor proves that it is not there."""
    venue.broken["data/order"] = ok(record(signed()))
    venue.post = BROKEN_PIPE
    assert isinstance(venue.place(timeout=60), Unknown)


# -- absence --


def test_lost_then_proven_absent(venue: Venue) -> None:
    """No trace in two full looks, apart and after the window, proves that an order never arrived."""
    venue.post, start = BROKEN_PIPE, venue.world.monotonic
    placed = venue.place(resend=False)
    assert isinstance(placed, Rejected)
    assert placed.never_arrived
    assert placed.status == 200
    assert 7 <= venue.world.monotonic - start < 8
    settled = [when - start for when in venue.times("data/trades") if when - start >= 5]
    assert len(settled) == 2
    assert settled[1] - settled[0] >= 2
    assert len(venue.posts) == 1


def test_unknown_until_resolved(venue: Venue) -> None:
    """A placement that runs out of time is unknown, and resolving it later finds the truth."""
    venue.post, sent = venue.lost(), posting()
    placed = venue.place(sent)
    assert isinstance(placed, Unknown)
    assert isinstance(placed.cause, TimedOut)
    with pytest.raises(PolyspecError, match="do not build another") as caught:
        placed.unwrap()
    assert caught.value.maybe_executed
    venue.listed = [record(sent.order)]
    assert isinstance(placed.resolve(), Accepted)
    assert placed.resolve() == placed.resolve()
    assert len(venue.posts) == 1


def test_resolving_proves_absence_and_sends_nothing(venue: Venue) -> None:
    """Resolving looks, and never sends."""
    venue.post = venue.lost()
    placed = venue.place()
    assert isinstance(placed, Unknown)
    gone = placed.resolve()
    assert isinstance(gone, Rejected)
    assert gone.never_arrived
    assert len(venue.posts) == 1


def test_hand_written_unknown_is_resolved(venue: Venue) -> None:
    """What was noted of an order before a restart is enough to find it, or to prove that it is not there."""
    order = signed()
    unknown: Unknown[Any] = Unknown(order_id=order.order_id, order=order, sent_at=venue.world.wall - 60)
    start = venue.world.monotonic
    gone = venue.resolve(unknown)
    assert isinstance(gone, Rejected)
    assert gone.never_arrived
    # not before: a journal says when it was written, not when the request was gone
    assert venue.world.monotonic - start >= 7
    venue.listed = [record(order)]
    assert isinstance(venue.resolve(unknown), Accepted)
    with pytest.raises(PolyspecError, match="give it to the resolve"):
        unknown.resolve()


@pytest.mark.parametrize("answer", [page(503), no(401), no(400), BROKEN_PIPE, page(200, b"{}}"), page(404)])
@pytest.mark.parametrize("path", ["data/order", "data/trades"])
def test_failing_lookups_prove_nothing(venue: Venue, path: str, answer: Any) -> None:
    """However a lookup fails and however often, the order stays unknown and the obstacle is told."""
    venue.post = BROKEN_PIPE
    venue.broken[path] = answer
    placed = venue.place(timeout=60)
    assert isinstance(placed, Unknown)
    assert placed.cause is not None
    assert placed.cause.args == BROKEN_PIPE.args
    assert isinstance(placed.obstacle, PolyspecError)
    assert len(venue.posts) == 1


def test_crashes_prove_nothing(venue: Venue) -> None:
    """Not even a failure nobody thought of is raised over an order that may stand."""
    venue.post = RuntimeError("bug")
    venue.broken["data/order"] = RuntimeError("bug")
    placed = venue.place()
    assert isinstance(placed, Unknown)
    assert isinstance(placed.cause, TransportError)
    assert isinstance(placed.obstacle, TransportError)


def test_failed_look_begins_the_proof_anew(venue: Venue) -> None:
    """A look that failed between two empty ones leaves only what comes after it to count."""
    venue.post = BROKEN_PIPE
    start, failed = venue.world.monotonic, []

    def once(_: Request) -> Reply:
        if len([when for when in venue.times("data/trades") if when >= start + 5]) == 1 and not failed:
            failed.append(venue.world.monotonic)
            return no(401)
        return no(404, "Order not found")

    venue.broken["data/order"] = once
    assert isinstance(venue.place(timeout=60, resend=False), Rejected)
    assert failed
    assert len([when for when in venue.times("data/trades") if when > failed[0]]) == 2


def test_unread_pages_prove_nothing(venue: Venue) -> None:
    """A listing with more pages than are read may hold the order there."""
    venue.post, venue.more = BROKEN_PIPE, True
    assert isinstance(venue.place(timeout=120), Unknown)


def test_orders_of_another_key_are_not_seen(venue: Venue) -> None:
    """With credentials other than those it was posted with, not finding an order proves nothing."""
    venue.post, sent = venue.lost(), posting()
    placed = venue.place(sent)
    assert isinstance(placed, Unknown)
    for venue.key in ("another", None):
        assert isinstance(placed.resolve(60), Unknown)
    venue.key = OWNER
    gone = placed.resolve()
    assert isinstance(gone, Rejected)
    assert gone.never_arrived


@pytest.mark.parametrize("delay", [0.2, 1.0, 3.0, 4.9])
def test_late_arrival_is_found(venue: Venue, delay: float) -> None:
    """An order the venue takes its time with is not declared absent."""
    check_late_arrival(venue, delay)


def check_late_arrival(venue: Venue, delay: float) -> None:
    """Lose the answer, let the order appear `delay` seconds later, and demand that it is found."""
    sent, born = posting(), venue.world.monotonic + delay
    venue.post = BROKEN_PIPE
    venue.listed = lambda: [record(sent.order)] if venue.world.monotonic >= born else []
    assert isinstance(venue.place(sent), Accepted)
    assert len(venue.posts) == 1


@pytest.mark.parametrize("guard", ["note", "apart"])
def test_late_arrival_notices_a_hasty_proof(
    venue: Venue, guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one empty look taken for proof, or two that are not apart, a late order is missed."""
    if guard == "note":
        monkeypatch.setattr(absence.Absence, "note", lambda _, empty, *__: empty is absence.Empty.PROVEN)
        with pytest.raises(AssertionError):
            check_late_arrival(venue, 3.0)
        return
    monkeypatch.setattr(absence, "_APART", 0.0)
    sent, born = posting(), venue.world.monotonic + 1.0
    venue.post = BROKEN_PIPE
    venue.listed = lambda: [record(sent.order)] if venue.world.monotonic >= born else []
    assert isinstance(venue.place(sent, settle_window=0.0, resend=False), Rejected)


def test_wall_clock_jumps_do_not_count_as_settling(venue: Venue) -> None:
    """An hour's jump of the wall clock proves nothing."""

    def jump() -> None:
        venue.world.wall += 3600

    venue.post = venue.lost(BROKEN_PIPE, meanwhile=jump)
    start = venue.world.monotonic
    assert isinstance(venue.place(resend=False), Rejected)
    assert venue.world.monotonic - start >= 7


def test_waiting_for_its_turn_does_not_count_as_settling() -> None:
    """The window runs from when the request was gone, not from when it queued for its place."""
    venue = Venue(pacing=True)
    venue.session.pacer.refused(operations.POST_ORDER, venue.world.monotonic, 6.0, by_edge=False)
    venue.post, start = BROKEN_PIPE, venue.world.monotonic
    assert isinstance(venue.place(timeout=60, resend=False), Rejected)
    left = venue.times("order")[0]
    assert left - start >= 6
    assert venue.world.monotonic - left >= 7


def test_clock_an_hour_ahead_does_not_hide_trades(venue: Venue) -> None:
    """Trades are looked for since the venue's own time, whatever this machine's clock says."""
    sent = posting(signed(now=venue.world.wall + 3600))
    venue.trades = [trade(sent.order.order_id, match_time=str(int(venue.world.wall)))]
    true, venue.world.wall = venue.world.wall, venue.world.wall + 3600
    date = {"date": "Fri, 15 Jan 2027 08:00:00 GMT"}
    assert true == 1_800_000_000
    venue.post = page(502, headers=date)
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
