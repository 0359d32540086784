"""An order is sent once, and what is said about it afterwards is true or unknown."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest
from polyspec_wire.us_exchange import trading

from polyspec.core import absence, sending
from polyspec.core.effects import Reply, Request, Send
from polyspec.errors import (
    BadRequest,
    Conflict,
    ConnectFailed,
    DecodeError,
    Forbidden,
    InvalidOrder,
    PolyspecError,
    RateLimited,
    TimedOut,
    TransportError,
    Unauthorized,
)
from polyspec.us import seeking
from polyspec.us.fate import Accepted, Rejected, Unknown
from polyspec.us.placing import noted
from polyspec.us.resolving import Absence
from polyspec.us.seeking import Empty
from polyspec.us.ticket import NewOrder, request_of
from tests.unit.flows import Running
from tests.unit.us_rig import BROKEN_PIPE, SYMBOL, Venue, instrument, no, ok, page, stamp


@pytest.fixture
def venue() -> Venue:
    """Return a venue that knows of nothing yet."""
    return Venue()


def rejected(venue: Venue, text: str, reason: str = "ORD_REJECT_REASON_EXCHANGE_OPTION") -> dict[str, Any]:
    """Return the execution that rejects the order."""
    order = venue.record(state="ORDER_STATE_REJECTED", leavesQty="0")
    return {
        "id": "E1",
        "order": order,
        "type": "EXECUTION_TYPE_REJECTED",
        "text": text,
        "orderRejectReason": reason,
    }


def test_found_open(venue: Venue) -> None:
    """An order that is found open after its id was given is accepted, with what is known of it."""
    venue.open = [venue.record(leavesQty="750", cumQty="250", state="ORDER_STATE_PARTIALLY_FILLED")]
    placed = venue.place()
    assert isinstance(placed, Accepted)
    assert (placed.order_id, placed.clord_id) == ("X1", "c1")
    assert (str(placed.filled), str(placed.remaining)) == ("2.50", "7.50")
    assert venue.inserts == 1


def test_found_filled(venue: Venue) -> None:
    """An order that is not open any more because it filled is accepted."""
    venue.past = [venue.record(state="ORDER_STATE_FILLED", cumQty="1000", leavesQty="0")]
    placed = venue.place()
    assert isinstance(placed, Accepted)
    assert placed.state.name == "FILLED"


def test_found_filled_without_the_endpoint_for_one_order(venue: Venue) -> None:
    """Where single orders cannot be read, the search finds them."""
    venue.by_id = False
    venue.past = [venue.record(state="ORDER_STATE_FILLED", cumQty="1000", leavesQty="0")]
    assert isinstance(venue.place(), Accepted)


@pytest.mark.parametrize("by_id", [True, False])
def test_rejected_tells_why(venue: Venue, by_id: bool) -> None:
    """A rejected order comes with the venue's words and code, wherever it was found."""
    venue.by_id = by_id
    venue.past = [venue.record(state="ORDER_STATE_REJECTED")]
    venue.executions = [rejected(venue, "1000 USD available, requested 1000.098")]
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert placed.text == "1000 USD available, requested 1000.098"
    assert placed.reason is not None
    assert placed.reason.name == "EXCHANGE_OPTION"
    assert not placed.never_arrived


def test_rejected_found_by_its_execution_alone(venue: Venue) -> None:
    """An execution that rejects the order is a verdict even while the order itself is not listed."""
    execution = rejected(venue, "Book is HALTED", "ORD_REJECT_REASON_EXCHANGE_CLOSED")
    # the snapshot in an execution may leave the state out, which reads as NEW
    del execution["order"]["state"]
    venue.executions = [execution]
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert placed.text == "Book is HALTED"


def test_rejected_although_the_words_cannot_be_read(venue: Venue) -> None:
    """That an order was rejected is certain also when its execution cannot be fetched."""
    venue.past = [venue.record(state="ORDER_STATE_REJECTED")]
    venue.broken["executions/search"] = no(403, "scope", 7)
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert "could not be read" in placed.text


def test_reason_is_taken_from_the_rejection_of_this_order(venue: Venue) -> None:
    """Neither other executions of the order nor rejections of other orders give the reason."""
    venue.past = [venue.record(state="ORDER_STATE_REJECTED")]
    other = rejected(venue, "not mine")
    other["order"] = other["order"] | {"id": "X9"}
    earlier = rejected(venue, "") | {"type": "EXECUTION_TYPE_NEW", "text": "not a reason"}
    venue.broken["executions/search"] = ok({"executions": [other, earlier, rejected(venue, "mine")]})
    assert venue.place().text == "mine"


def test_pending_is_no_verdict(venue: Venue) -> None:
    """An order the engine has not judged is looked at until it has been."""
    start = venue.world.monotonic

    def listed() -> list[dict[str, Any]]:
        late = venue.world.monotonic - start > 3
        return [venue.record(state="ORDER_STATE_NEW" if late else "ORDER_STATE_PENDING_NEW")]

    venue.open = listed
    placed = venue.place()
    assert isinstance(placed, Accepted)
    assert venue.world.monotonic - start > 3


@pytest.mark.parametrize(
    "state", ["PENDING_NEW", "PENDING_RISK", "PENDING_CANCEL", "PENDING_REPLACE", "INVENTED_LATER"]
)
def test_states_that_decide_nothing(venue: Venue, state: str) -> None:
    """States that are not processed yet, or not known to this library, leave the fate unknown."""
    venue.open = [venue.record(state=f"ORDER_STATE_{state}")]
    placed = venue.place()
    assert isinstance(placed, Unknown)
    assert (placed.order_id, placed.cause) == ("X1", None)


def test_fills_decide(venue: Venue) -> None:
    """An order with fills was taken, whatever its state is called."""
    venue.open = [venue.record(state="ORDER_STATE_PENDING_CANCEL", cumQty="1")]
    assert isinstance(venue.place(), Accepted)


def test_timeout_then_found(venue: Venue) -> None:
    """An order whose answer is lost is found by its client id within the time of the call."""
    start = venue.world.monotonic

    def taken() -> None:
        venue.open = [venue.record()]

    venue.insert = venue.lost(meanwhile=taken)
    placed = venue.place()
    assert isinstance(placed, Accepted)
    assert (placed.order_id, venue.inserts) == ("X1", 1)
    assert venue.world.monotonic - start <= 15


def test_timeout_then_found_filled(venue: Venue) -> None:
    """An order that filled while its answer was lost is found in the history."""

    def taken() -> None:
        venue.past = [venue.record(state="ORDER_STATE_FILLED", cumQty="1000")]

    venue.insert = venue.lost(meanwhile=taken)
    assert isinstance(venue.place(), Accepted)


def test_timeout_then_rejected(venue: Venue) -> None:
    """An order that was rejected while its answer was lost is rejected, with the reason."""

    def taken() -> None:
        venue.past = [venue.record(state="ORDER_STATE_REJECTED")]
        venue.executions = [rejected(venue, "Self Match Prevention")]

    venue.insert = venue.lost(BROKEN_PIPE, meanwhile=taken)
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert placed.text == "Self Match Prevention"
    assert placed.order_id == "X1"


def test_lost_then_proven_absent(venue: Venue) -> None:
    """No trace in two full looks, apart and after the venue's limit, proves that an order never arrived."""
    venue.insert = BROKEN_PIPE
    start = venue.world.monotonic
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert placed.never_arrived
    assert placed.order_id is None
    assert venue.inserts == 1
    settled = [when - start for when in venue.times("executions/search") if when - start >= 5]
    assert len(settled) == 2
    assert settled[1] - settled[0] >= 2


def test_unknown_until_resolved(venue: Venue) -> None:
    """A placement that runs out of time is unknown, and resolving it later finds the truth."""
    venue.insert = venue.lost()
    placed = venue.place()
    assert isinstance(placed, Unknown)
    assert isinstance(placed.cause, TimedOut)
    assert placed.order_id is None
    venue.open = [venue.record()]
    assert isinstance(placed.resolve(), Accepted)
    assert venue.inserts == 1


def test_resolving_twice_says_the_same(venue: Venue) -> None:
    """An unknown order resolved again is the same order again: it does not become one of before."""
    venue.insert = venue.lost()
    placed = venue.place()
    venue.open = [venue.record()]
    first, second = placed.resolve(), placed.resolve()
    assert isinstance(first, Accepted)
    assert first == second


@pytest.mark.parametrize(
    "answer", [page(503), no(403, "scope", 7), BROKEN_PIPE, page(200, b"{}}"), page(302)]
)
@pytest.mark.parametrize("path", ["orders/open", "orders/search", "executions/search"])
def test_failing_lookups_prove_nothing(venue: Venue, path: str, answer: Any) -> None:
    """However a lookup fails and however often, the order stays unknown and the obstacle is told."""
    venue.insert = BROKEN_PIPE
    venue.broken[path] = answer
    placed = venue.place(timeout=60)
    assert isinstance(placed, Unknown)
    assert placed.cause is not None
    assert placed.cause.args == BROKEN_PIPE.args
    assert isinstance(placed.obstacle, PolyspecError)
    assert venue.inserts == 1


def test_obstacle_is_that_of_the_last_look(venue: Venue) -> None:
    """An obstacle that has gone is not reported for an order that is merely not judged yet."""
    venue.broken["orders/open"] = lambda _: (
        no(403, "scope", 7)
        if len(venue.times("orders/open")) < 3
        else ok({"orders": [venue.record(state="ORDER_STATE_PENDING_NEW")]})
    )
    placed = venue.place()
    assert isinstance(placed, Unknown)
    assert (placed.cause, placed.obstacle) == (None, None)


def test_lookup_that_crashes_proves_nothing(venue: Venue) -> None:
    """Not even a failure nobody thought of is raised over an order that may stand."""
    venue.insert = RuntimeError("bug")
    venue.broken["orders/open"] = RuntimeError("bug")
    placed = venue.place()
    assert isinstance(placed, Unknown)
    assert isinstance(placed.cause, TransportError)


@pytest.mark.parametrize(
    "answer",
    [
        BROKEN_PIPE,
        page(200, b'{"orderId": "X'),
        page(200, b""),
        page(200, b"<html>"),
        page(500),
        page(502),
        page(503),
        no(500),
        no(504),
        page(429),
        page(403),
        page(302),
        page(408),
        no(418),
    ],
    ids=lambda answer: getattr(answer, "status", "reset"),
)
def test_ambiguous_answers_are_looked_up(venue: Venue, answer: Any) -> None:
    """Whatever does not prove that the order was refused is resolved by looking, never by sending again."""

    def take_and(answer: Any) -> Any:
        def handle(_: object) -> Any:
            venue.open = [venue.record()]
            return answer

        return handle

    venue.insert = take_and(answer)
    assert isinstance(venue.place(), Accepted)
    assert venue.inserts == 1


def check_sent_once(venue: Venue) -> None:
    """Place with a lost answer, and demand that one request left."""
    venue.insert = venue.lost(BROKEN_PIPE)
    venue.place()
    assert venue.inserts == 1


def test_never_sent_twice(venue: Venue) -> None:
    """An insert whose outcome is unknown is not repeated."""
    check_sent_once(venue)


def test_never_sent_twice_notices_a_broken_guard(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard off, the test above fails."""
    monkeypatch.setattr(sending, "may_repeat", lambda *_: True)
    with pytest.raises(AssertionError):
        check_sent_once(venue)
    assert venue.inserts > 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (401, Unauthorized), (403, Forbidden), (409, Conflict), (422, BadRequest)],
)
def test_refused_is_raised(venue: Venue, status: int, kind: type[Exception]) -> None:
    """A refusal in the venue's words is raised, for it proves that no order stands; the id is free again."""
    venue.insert = no(status)
    with pytest.raises(kind) as caught:
        venue.place()
    assert not caught.value.maybe_executed  # type: ignore[attr-defined]
    assert [path for path, _, _ in venue.calls] == ["orders"]
    venue.insert, venue.open = ok({"orderId": "X1"}), [venue.record()]
    assert isinstance(venue.place(), Accepted)


def test_rate_limited_is_sent_again_and_then_raised(venue: Venue) -> None:
    """A 429 in the venue's words proves that nothing was taken: it is repeated, then raised."""
    venue.insert = no(429, "rate limit exceeded", 8)
    with pytest.raises(RateLimited):
        venue.place()
    assert venue.inserts == 5


def test_not_sent_is_raised(venue: Venue) -> None:
    """If no connection opened, nothing was sent: that is raised and no lookup is made."""
    venue.insert = ConnectFailed("no connection")
    with pytest.raises(ConnectFailed) as caught:
        venue.place()
    assert not caught.value.maybe_executed
    assert {path for path, _, _ in venue.calls} == {"orders"}


def test_id_in_use_at_the_venue(venue: Venue) -> None:
    """A client id that the venue refuses as taken is raised with the venue's words, and sent once."""
    venue.insert = no(409, "ClOrdID already in use by an open order", 6)
    with pytest.raises(Conflict, match="already in use"):
        venue.place()
    assert venue.inserts == 1


def test_quickstart_answer_with_the_order(venue: Venue) -> None:
    """An answer that carries the judged order itself needs no lookup."""
    order = venue.record(state="ORDER_STATE_FILLED", cumQty="1000")
    venue.insert = ok({"order": order})
    placed = venue.place()
    assert isinstance(placed, Accepted)
    assert placed.order_id == "X1"
    assert len(venue.calls) == 1


def test_quickstart_answer_in_snake_case(venue: Venue) -> None:
    """The older spelling with plain numbers reads the same."""
    venue.insert = ok(
        {
            "order": {
                "id": "X1",
                "clord_id": "c1",
                "state": "ORDER_STATE_NEW",
                "order_qty": 1000,
                "leaves_qty": 1000,
            }
        }
    )
    placed = venue.place()
    assert isinstance(placed, Accepted)
    # the order states no scale, so the instrument's holds
    assert str(placed.remaining) == "10.00"


def test_quickstart_answer_that_rejects(venue: Venue) -> None:
    """A rejection told in the answer comes with its reason too."""
    venue.insert = ok({"order": venue.record(state="ORDER_STATE_REJECTED")})
    venue.executions = [rejected(venue, "Book is CLOSED")]
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert placed.text == "Book is CLOSED"


@pytest.mark.parametrize(
    "answer",
    [
        {"order": {"id": "X1"}},
        {"order": {"id": "X1", "clordId": "c1", "state": "ORDER_STATE_PENDING_NEW"}},
        {"orderId": "X1", "order": {"id": "X1", "clordId": "somebody else's"}},
    ],
)
def test_stub_of_an_order_is_no_verdict(venue: Venue, answer: Any) -> None:
    """An answer whose order has an id only, another name or no verdict is looked up like any other."""
    venue.insert = ok(answer)
    venue.past = [venue.record(state="ORDER_STATE_REJECTED")]
    assert isinstance(venue.place(), Rejected)


@pytest.mark.parametrize("answer", [{}, {"orderId": ""}, {"orderId": "X1", "order": {"id": "X2"}}])
def test_answer_without_an_id_of_its_own(venue: Venue, answer: Any) -> None:
    """A yes without an id, or with two, is resolved by the client id."""
    venue.insert = ok(answer)
    placed = venue.place(confirm=False)
    assert isinstance(placed, Unknown)
    assert placed.order_id is None
    assert isinstance(placed.cause, DecodeError)
    venue.open = [venue.record()]
    assert isinstance(placed.resolve(), Accepted)


def test_unconfirmed(venue: Venue) -> None:
    """Without confirmation the call returns with the id, asks nothing more and claims nothing."""
    placed = venue.place(confirm=False)
    assert isinstance(placed, Unknown)
    assert (placed.order_id, placed.cause) == ("X1", None)
    assert len(venue.calls) == 1
    venue.open = [venue.record()]
    assert isinstance(placed.resolve(), Accepted)


def test_order_with_an_id_is_never_absent(venue: Venue) -> None:
    """An order the venue gave an id is never declared absent, however long nothing is seen of it."""
    placed = venue.place(timeout=300)
    assert isinstance(placed, Unknown)


def check_late_arrival(venue: Venue, delay: float) -> None:
    """Lose the answer, let the order appear `delay` seconds later, and demand that it is found."""
    start = venue.world.wall

    def listed() -> list[dict[str, Any]]:
        born = start + delay
        return [venue.record(createTime=stamp(born))] if venue.world.wall >= born else []

    venue.insert = BROKEN_PIPE
    venue.open = listed
    assert isinstance(venue.place(), Accepted)


@pytest.mark.parametrize("delay", [0.2, 1.0, 3.0, 4.9])
def test_late_arrival_is_found(venue: Venue, delay: float) -> None:
    """An order the venue takes its whole time to process is not declared absent."""
    check_late_arrival(venue, delay)


def test_late_arrival_notices_a_missing_settle_window(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the proof of absence weakened to one empty look, the test above fails."""
    monkeypatch.setattr(Absence, "note", lambda _, empty, *__: empty is seeking.Empty.PROVEN)
    with pytest.raises(AssertionError):
        check_late_arrival(venue, 3.0)


def test_late_arrival_notices_looks_that_are_too_close(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the two looks allowed to follow each other at once, an order between them is missed."""
    monkeypatch.setattr(absence, "_APART", 0.0)
    placed = _with_settle_window(venue, 0.0, delay=1.0)
    assert isinstance(placed, Rejected)
    monkeypatch.undo()
    assert isinstance(_with_settle_window(Venue(), 0.0, delay=1.0), Accepted)


def _with_settle_window(venue: Venue, window: float, delay: float) -> Any:
    start = venue.world.monotonic
    venue.insert = BROKEN_PIPE
    venue.open = lambda: [venue.record()] if venue.world.monotonic - start >= delay else []
    order = NewOrder(market=SYMBOL, side="BUY", price="0.50", quantity=10, clord_id="c1")
    body = request_of(order, instrument(), account="", now=venue.world.wall)
    placing = venue.placing(settle_window=window)
    return venue.world.run(placing.place(body, instrument(), confirm=True, timeout=15))


def test_waiting_for_its_turn_does_not_count_as_settling() -> None:
    """The window runs from when the request was gone, not from when it queued for its place."""
    venue = Venue(pacing=True)
    venue.session.pacer.refused(trading.INSERT_ORDER, venue.world.monotonic, 6.0, by_edge=False)
    venue.insert = BROKEN_PIPE
    start = venue.world.monotonic
    placed = venue.place(timeout=60)
    assert isinstance(placed, Rejected)
    left = venue.times("orders")[0]
    assert left - start >= 6
    assert [when for when in venue.times("executions/search") if when >= left + 5][1:]
    assert venue.world.monotonic - left >= 7


def test_wall_clock_jumps_do_not_count_as_settling(venue: Venue) -> None:
    """An hour's jump of the wall clock proves nothing."""

    def jump() -> None:
        venue.world.wall += 3600

    venue.insert = venue.lost(BROKEN_PIPE, meanwhile=jump)
    start = venue.world.monotonic
    assert isinstance(venue.place(), Rejected)
    assert venue.world.monotonic - start >= 7


@pytest.mark.parametrize("path", ["orders/search", "executions/search"])
def test_unread_pages_prove_nothing(venue: Venue, path: str) -> None:
    """A listing with another page may hold the order there."""
    venue.insert = BROKEN_PIPE
    venue.more = {path}
    assert isinstance(venue.place(timeout=120), Unknown)


def test_failed_look_begins_the_proof_anew(venue: Venue) -> None:
    """A look that failed between two empty ones leaves only what comes after it to count."""
    venue.insert = BROKEN_PIPE
    failed: list[float] = []

    def once(request: Request) -> Any:
        if venue.times("executions/search")[1:] and not failed:
            failed.append(venue.world.monotonic)
            return no(403, "scope", 7)
        return ok({"orders": []})

    venue.broken["orders/open"] = once
    assert isinstance(venue.place(timeout=60), Rejected)
    assert len([when for when in venue.times("executions/search") if when > failed[0]]) == 2


def test_proof_of_absence_step_by_step() -> None:
    """Two full looks: each after the window, the second two seconds after the first had ended."""
    proof = Absence(settled_at=5.0)
    assert not proof.note(Empty.PROVEN, 0.0, 0.1)
    assert not proof.note(Empty.PROVEN, 4.9, 5.5)
    assert not proof.note(Empty.PARTIAL, 5.6, 5.7)
    assert not proof.note(Empty.PROVEN, 5.8, 9.0)
    assert not proof.note(Empty.PROVEN, 10.9, 11.0)
    assert not proof.note(Empty.PARTIAL, 20.0, 20.1)
    assert proof.note(Empty.PROVEN, 11.0, 11.1)
    proof = Absence(settled_at=5.0)
    proof.note(Empty.PROVEN, 5.0, 5.1)
    proof.note(Empty.DOUBTFUL, 8.0, 8.1)
    assert not proof.note(Empty.PROVEN, 9.0, 9.1)
    assert proof.note(Empty.PROVEN, 11.1, 11.2)


def test_proof_of_absence_takes_no_longer_than_it_must(venue: Venue) -> None:
    """Without requests to be held back, the proof is there little more than seven seconds later."""
    venue.insert = BROKEN_PIPE
    start = venue.world.monotonic
    assert isinstance(venue.place(), Rejected)
    assert 7 <= venue.world.monotonic - start < 8


def test_placed_for_another_user_cannot_be_proven_absent(venue: Venue) -> None:
    """What this client may not be able to see is not declared absent."""
    venue.insert = BROKEN_PIPE
    order = NewOrder(market=SYMBOL, side="BUY", price="0.50", quantity=10, user="firms/f/users/other")
    assert isinstance(venue.place(order, timeout=120), Unknown)


def test_reused_id_is_not_mistaken_within_a_process(venue: Venue) -> None:
    """An order of before with the same client id, known to this process, is never taken for the new one."""
    venue.open = [venue.record()]
    first = venue.place()
    assert isinstance(first, Accepted)
    # it fills, the id is free again at the venue, and the next order with it never arrives
    venue.open, venue.past = [], [venue.record(state="ORDER_STATE_FILLED", cumQty="1000")]
    venue.insert = BROKEN_PIPE
    second = venue.place()
    assert isinstance(second, Rejected)
    assert second.never_arrived


def check_older_order(venue: Venue, age: float, **changes: Any) -> Any:
    """Let an order of before carry the id of one whose answer is lost."""
    record = {"state": "ORDER_STATE_FILLED", "cumQty": "1000", "createTime": stamp(venue.world.wall - age)}
    venue.past = [venue.record(**(record | changes))]
    venue.insert = BROKEN_PIPE
    placed = venue.place(timeout=60)
    assert not isinstance(placed, Accepted)
    return placed


def test_reused_id_is_not_mistaken_across_processes(venue: Venue) -> None:
    """An older order with the same client id is not this one; nor is its presence proof of absence."""
    assert isinstance(check_older_order(venue, 3600), Unknown)


def test_reused_id_notices_a_missing_guard(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the comparison of ages off, the test above fails."""
    monkeypatch.setattr(seeking._Seeker, "_is_older", lambda *_: False)
    with pytest.raises(AssertionError):
        check_older_order(venue, 3600)


def test_reused_id_of_the_other_side(venue: Venue) -> None:
    """An order of the other side is not this one, however new it is."""
    placed = check_older_order(venue, 0, side="SIDE_SELL")
    assert placed.never_arrived


def test_older_order_does_not_hide_this_one(venue: Venue) -> None:
    """An older order among the open ones does not end the search for the newer one in the history."""
    venue.open = [venue.record(id="X0", createTime=stamp(venue.world.wall - 3600))]
    venue.past = [venue.record(state="ORDER_STATE_REJECTED")]
    venue.executions = [rejected(venue, "ClOrdID already in use by an open order")]
    venue.insert = BROKEN_PIPE
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert placed.text == "ClOrdID already in use by an open order"


def test_two_candidates_are_no_answer(venue: Venue) -> None:
    """Two orders that could both be this one leave it unknown."""
    venue.open = [venue.record(id="X1"), venue.record(id="X2")]
    venue.insert = BROKEN_PIPE
    assert isinstance(venue.place(timeout=60), Unknown)


def test_stop_that_entered_the_book_late_is_told_by_its_creation(venue: Venue) -> None:
    """An older order that entered the book just now is older all the same."""
    placed = check_older_order(venue, 3600, insertTime=stamp(venue.world.wall + 1))
    assert isinstance(placed, Unknown)


def test_wrong_clock_of_this_machine_does_not_make_orders_old(venue: Venue) -> None:
    """The venue's clock, once heard, decides what is older, also for an order sent before it was heard."""
    ahead = 3000.0
    true = venue.world.wall - ahead

    def taken() -> None:
        venue.open = [venue.record(createTime=stamp(true))]

    venue.insert = venue.lost(BROKEN_PIPE, meanwhile=taken)

    def dated(_: object) -> Any:
        date = formatdate(venue.world.wall - ahead, usegmt=True)
        body = ok({"orders": venue.open}).body
        return Reply(status=200, headers={"date": date}, body=body, elapsed=0.05)

    venue.broken["orders/open"] = dated
    assert isinstance(venue.place(), Accepted)


def test_id_of_unknown_fate_cannot_be_used_again(venue: Venue) -> None:
    """A second order under the id of one whose fate is open is refused before anything is sent."""
    venue.insert = venue.lost()
    first = venue.place()
    assert isinstance(first, Unknown)
    with pytest.raises(InvalidOrder, match="resolve that one"):
        venue.place()
    assert venue.inserts == 1
    venue.open = [venue.record()]
    assert isinstance(first.resolve(), Accepted)
    venue.open, venue.insert = [venue.record(id="X2")], ok({"orderId": "X2"})
    assert isinstance(venue.place(), Accepted)


def test_cut_off_leaves_the_id_in_doubt(venue: Venue) -> None:
    """A placement that is cancelled while under way may stand: its id cannot be used again."""
    order = NewOrder(market=SYMBOL, side="BUY", price="0.50", quantity=10, clord_id="c1")
    body = request_of(order, instrument(), account="", now=venue.world.wall)
    flow = Running(venue.world, venue.placing().place(body, instrument(), confirm=True, timeout=15))
    flow.until(Send).flow.close()
    with pytest.raises(InvalidOrder, match="its fate is not known"):
        venue.place()


def test_cut_off_tells_which_orders_may_stand() -> None:
    """What cuts a placement off carries the names of its orders; ordinary errors are left alone."""
    order = NewOrder(market=SYMBOL, side="BUY", price="0.50", quantity=10, clord_id="c1")
    body = request_of(order, instrument(), account="", now=0)
    with pytest.raises(KeyboardInterrupt) as caught, noted([body]):
        raise KeyboardInterrupt
    assert "c1 on tec-test" in caught.value.__notes__[0]
    with pytest.raises(TimedOut) as failed, noted([body]):
        raise TimedOut("no")
    assert not hasattr(failed.value, "__notes__")


@pytest.mark.parametrize(
    ("text", "reason", "forgotten"),
    [
        ("", "ORD_REJECT_REASON_INVALID_PRICE_INCREMENT", True),
        ("", "ORD_REJECT_REASON_PRICE_OUT_OF_BOUNDS", True),
        ("High price limit is 0.99, given 0.995", "ORD_REJECT_REASON_EXCHANGE_OPTION", True),
        ("Minimum trade quantity is 100, given 99", "ORD_REJECT_REASON_EXCHANGE_OPTION", True),
        ("1000 USD available, requested 1000.098", "ORD_REJECT_REASON_EXCHANGE_OPTION", False),
        ("Self Match Prevention", "ORD_REJECT_REASON_EXCHANGE_OPTION", False),
    ],
)
def test_rejection_over_the_grid_forgets_the_instrument(
    venue: Venue, text: str, reason: str, forgotten: bool
) -> None:
    """An instrument is read anew after a rejection which says that its ticks or limits have changed."""
    venue.past = [venue.record(state="ORDER_STATE_REJECTED")]
    venue.executions = [rejected(venue, text, reason)]
    assert isinstance(venue.place(), Rejected)
    assert venue.forgotten == ([SYMBOL] if forgotten else [])


def test_refusal_over_the_grid_forgets_the_instrument(venue: Venue) -> None:
    """A request refused for its tick has the instrument read anew as well."""
    venue.insert = no(400, "price is not a multiple of tick size")
    with pytest.raises(BadRequest):
        venue.place()
    assert venue.forgotten == [SYMBOL]


def test_lookups_are_few(venue: Venue) -> None:
    """A lost order costs few of the searches of which the venue allows twelve a minute."""
    venue.insert = BROKEN_PIPE
    venue.place(timeout=60)
    assert len(venue.times("orders/search")) <= 4
    assert len(venue.times("orders/open")) <= 12


def test_absence_is_proven_at_the_venues_pace() -> None:
    """With requests held back to the published limits, the proof fits into the time a resolve has."""
    venue = Venue(pacing=True)
    venue.insert = venue.lost()
    placed = venue.place()
    assert isinstance(placed, Unknown)
    found = placed.resolve()
    assert isinstance(found, Rejected)
    assert found.never_arrived


def test_hand_written_unknown_is_resolved(venue: Venue) -> None:
    """What was noted of an order before a restart is enough to find it, or to prove that it is not there."""
    unknown: Unknown[Any] = Unknown(
        clord_id="c1", order_id=None, symbol=SYMBOL, sent_at=venue.world.wall - 60
    )
    start = venue.world.monotonic
    gone = venue.resolve(unknown)
    assert isinstance(gone, Rejected)
    assert gone.never_arrived
    # not before: a journal says when it was written, not when the request was gone
    assert venue.world.monotonic - start >= 7
    venue.open = [venue.record(createTime=stamp(venue.world.wall - 30))]
    assert isinstance(venue.resolve(unknown), Accepted)
