"""What follows each answer to an order, word by word."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from polyspec.core.effects import Send
from polyspec.errors import (
    ConnectFailed,
    Forbidden,
    InsufficientFunds,
    OrderRejected,
    PolyspecError,
    RateLimited,
    TimedOut,
    TradingRestricted,
    TransportError,
    Unauthorized,
)
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.fate import Accepted, OrderId, Rejected, Unknown
from polyspec.polysimulator.placing import Noted, order_call
from polyspec.polysimulator.ticket import Ticket
from tests.unit.flows import Running
from tests.unit.polysimulator.order_rig import (
    BROKEN_PIPE,
    ELSEWHERE,
    Answer,
    Called,
    Venue,
    a_ticket,
    no,
    ok,
    page,
)

POST = "POST /v1/orders"
LIST = "GET /v1/orders"


def in_turn(venue: Venue, *answers: Answer | Callable[[Called], Answer]) -> None:
    """Answer orders with one thing after the other, then as the venue does."""
    left = list(answers)

    def handle(called: Called) -> Answer:
        if not left:
            return venue.taken(called.body)
        answer = left.pop(0)
        return answer(called) if callable(answer) else answer

    venue.handlers[POST] = handle


def then(venue: Venue, answer: Answer, status: str = "PENDING", delay: float = 0.0) -> Any:
    """Take the order, and answer something else."""

    def handle(called: Called) -> Answer:
        venue.taken(called.body, status, delay)
        return answer

    return handle


def stored_unremembered(venue: Venue, code: str, status: str = "PENDING", **more: Any) -> Any:
    """Take the order without remembering its client order id for repetitions, and answer 503."""

    def handle(called: Called) -> Answer:
        row = venue.put(json.loads(called.body), status)
        named = {"order_id": row.number, "source": row.source} if more.get("named") else {}
        return no(503, code, **named)

    return handle


@pytest.fixture
def venue() -> Venue:
    """Return a venue where other orders have the first numbers of both tables."""
    venue = Venue()
    for status in ("PENDING", "FILLED"):
        venue.put(json.loads(a_ticket(quantity="3").body), status)
    return venue


@pytest.fixture
def ticket() -> Ticket:
    """Return an order."""
    return a_ticket()


def test_accepted(venue: Venue, ticket: Ticket) -> None:
    """An order with an id is accepted at its word, with the table it is in, and nothing is looked up."""
    outcome = venue.place(ticket)
    assert isinstance(outcome, Accepted)
    assert (outcome.order_id, outcome.source, outcome.status) == ("pending:2", "pending", "PENDING")
    assert (outcome.quantity, outcome.price, outcome.filled) == (Decimal(10), Decimal("0.65"), Decimal(0))
    assert outcome.is_open
    assert not outcome.is_replay
    assert outcome.unwrap() is outcome
    assert len(venue.calls) == 1
    assert "idempotency-key" not in venue.calls[0].headers
    assert venue.calls[0].json["client_order_id"] == ticket.client_order_id == outcome.client_order_id


def test_filled(venue: Venue, ticket: Ticket) -> None:
    """An order that is filled at once has its number among the filled ones, and says what it cost."""
    in_turn(venue, lambda called: venue.taken(called.body, "FILLED"))
    outcome = venue.place(ticket)
    assert outcome.order_id == OrderId(2, "filled")
    assert (outcome.filled, outcome.fee, outcome.balance) == (
        Decimal(10), Decimal("0.09"), Decimal("9993.41")
    )  # fmt: skip
    assert not outcome.is_open


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "INSUFFICIENT_BALANCE", InsufficientFunds),
        (400, "FOK_ORDER_NOT_FILLED_ERROR", OrderRejected),
        (400, "MARKET_CLOSED", TradingRestricted),
        (404, "MARKET_NOT_FOUND", OrderRejected),
        (422, "VALIDATION_FAILED", OrderRejected),
        (503, "VENUE_UNAVAILABLE", TradingRestricted),
    ],
)
def test_refused(venue: Venue, ticket: Ticket, status: int, code: str, error: type[OrderRejected]) -> None:
    """A refusal of the order on its first try is final, is not repeated, and can be raised."""
    in_turn(venue, no(status, code, "said so"))
    outcome = venue.place(ticket)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.status, outcome.never_arrived) == (code, status, False)
    assert "said so" in outcome.text
    assert len(venue.calls) == 1
    with pytest.raises(error) as caught:
        outcome.unwrap()
    assert not caught.value.maybe_executed
    assert caught.value.code == code


@pytest.mark.parametrize("status", ["REJECTED", "ERROR"])
def test_refused_in_an_answer(venue: Venue, ticket: Ticket, status: str) -> None:
    """An answer without an id that says why is a refusal as well."""
    row = venue.put(json.loads(ticket.body))
    answer = venue.told(row) | {"order_id": 0, "status": status, "error": "STALE_QUOTE"}
    venue.rows.remove(row)
    in_turn(venue, ok(answer))
    outcome = venue.place(ticket)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "STALE_QUOTE"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (no(401, "INVALID_KEY"), Unauthorized),
        (no(402, "UPGRADE_REQUIRED"), Forbidden),
        (no(403, "INSUFFICIENT_PERMISSION"), Forbidden),
        (page(403, b"error code: 1010"), Forbidden),
        (no(429, "RATE_LIMIT_EXCEEDED", wait=3600), RateLimited),
    ],
)
def test_raised(venue: Venue, ticket: Ticket, answer: Answer, error: type[PolyspecError]) -> None:
    """What is about credentials, the plan or the pace is raised at once: no order stands."""
    in_turn(venue, answer)
    with pytest.raises(error) as caught:
        venue.place(ticket)
    assert not caught.value.maybe_executed
    assert (len(venue.calls), caught.value.attempts) == (1, 1)


def test_unreachable(venue: Venue, ticket: Ticket) -> None:
    """An order that never left is tried again, and raised about when it never does."""
    in_turn(venue, *[ConnectFailed("no route")] * 9)
    with pytest.raises(ConnectFailed):
        venue.place(ticket)
    assert len(venue.posts()) == 5
    in_turn(venue, ConnectFailed("no route"))
    assert isinstance(venue.place(ticket), Accepted)


@pytest.mark.parametrize(
    "lost",
    [
        BROKEN_PIPE,
        TimedOut("no answer"),
        page(502),
        page(429),
        page(200, b'{"order_id'),
        no(500, "INTERNAL_ERROR"),
    ],
)
@pytest.mark.parametrize("arrived", [True, False])
def test_lost_answer(venue: Venue, ticket: Ticket, lost: Answer, arrived: bool) -> None:
    """An order whose answer is lost is sent again as the same bytes, and is one order however it went."""
    in_turn(venue, then(venue, lost) if arrived else lost)
    outcome = venue.place(ticket)
    assert isinstance(outcome, Accepted)
    assert outcome.is_replay is arrived
    assert len({each.body for each in venue.posts()}) == 1
    assert len(venue.posts()) == 2
    assert sum(row.client_order_id == ticket.client_order_id for row in venue.rows) == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [("LOCK_BUSY_RETRY", 409), ("IDEMPOTENCY_CONFLICT_PENDING", 409), ("SERVER_BUSY", 503),
     ("DB_CONTENTION_RETRY", 503)],
)  # fmt: skip
def test_asked_to_come_again(venue: Venue, ticket: Ticket, code: str, status: int) -> None:
    """What asks for the same request again gets it, after the wait it asks for."""
    in_turn(venue, no(status, code, wait=1), no(status, code, wait=2))
    outcome = venue.place(ticket)
    assert isinstance(outcome, Accepted)
    first, second, third = (each.when for each in venue.posts())
    assert second - first >= 1
    assert third - second >= 2


def test_two_names_of_a_busy_account(venue: Venue, ticket: Ticket) -> None:
    """A busy account is known by both of its names; when it stays busy the order is refused, and safe."""
    busy = no(409, "TRADE_IN_PROGRESS", wait=1, error_code="LOCK_BUSY_RETRY")
    in_turn(venue, *[busy] * 9)
    outcome = venue.place(ticket, 3.0)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retry_after) == ("LOCK_BUSY_RETRY", 1.0)


def test_pace(venue: Venue, ticket: Ticket) -> None:
    """A limit that passes within the time is waited out."""
    in_turn(venue, no(429, "RATE_LIMIT_EXCEEDED", wait=8))
    assert isinstance(venue.place(ticket), Accepted)
    assert venue.posts()[1].when - venue.posts()[0].when >= 8


@pytest.mark.parametrize("source", ["pending", "filled"])
@pytest.mark.parametrize("named", [True, False])
def test_stored_after_the_deadline(venue: Venue, ticket: Ticket, source: str, named: bool) -> None:
    """An order the venue stored too late is read by the id and table it names, and never sent again."""
    status = "FILLED" if source == "filled" else "PENDING"
    in_turn(venue, stored_unremembered(venue, "DEADLINE_OVERSHOT_BUT_PERSISTED", status, named=named))
    outcome = venue.place(ticket)
    assert isinstance(outcome, Accepted)
    assert outcome.order_id == OrderId(2, source)
    assert len(venue.posts()) == 1
    if named:
        assert [each.path for each in venue.calls[1:]] == ["/v1/orders/2"]


def test_stored_after_the_deadline_and_not_to_be_found(venue: Venue, ticket: Ticket) -> None:
    """An order the venue says it has is never taken for absent."""
    in_turn(venue, no(503, "DEADLINE_OVERSHOT_BUT_PERSISTED", order_id=99, source="pending"))
    outcome = venue.place(ticket, 30.0)
    assert isinstance(outcome, Unknown)
    assert (outcome.order_id, outcome.source, outcome.claimed) == ("pending:99", "pending", True)
    assert isinstance(outcome.resolve(60.0), Unknown)
    with pytest.raises(PolyspecError) as caught:
        outcome.unwrap()
    assert caught.value.maybe_executed
    assert len(venue.posts()) == 1


@pytest.mark.parametrize("stored", [True, False])
def test_persistence_unknown(venue: Venue, ticket: Ticket, stored: bool) -> None:
    """Of an order the venue lost track of the listing tells; two looks after its time limit prove absence."""
    unknown = no(503, "PERSISTENCE_UNKNOWN")
    in_turn(venue, stored_unremembered(venue, "PERSISTENCE_UNKNOWN") if stored else unknown)
    start = venue.world.monotonic
    outcome = venue.place(ticket)
    assert len(venue.posts()) == 1
    if stored:
        assert isinstance(outcome, Accepted)
        assert outcome.order_id == "pending:2"
    else:
        assert isinstance(outcome, Rejected)
        assert outcome.never_arrived
        assert venue.world.monotonic - start >= 7


@pytest.mark.parametrize("source", ["pending", "filled"])
def test_acknowledged(venue: Venue, ticket: Ticket, source: str) -> None:
    """An order that was only taken in is looked up, in both tables, until it is judged."""

    def handle(called: Called) -> Answer:
        row = venue.put(called.json, "FILLED" if source == "filled" else "PENDING", 1.0)
        return ok({"order_id": row.number, "status": "accepted", "accepted_at": "2027-01-15T08:00:00Z"})

    in_turn(venue, handle)
    outcome = venue.place(ticket)
    assert isinstance(outcome, Accepted)
    assert outcome.order_id == OrderId(2, source)
    assert len(venue.posts()) == 1


@pytest.mark.parametrize(
    "change", [{"client_order_id": "of another"}, {"side": "SELL"}, {"outcome": "No"}, {"order_id": 0}]
)
def test_answer_about_another_order(venue: Venue, ticket: Ticket, change: dict[str, Any]) -> None:
    """An answer that is not about the order is not believed; the order is looked up."""

    def handle(called: Called) -> Answer:
        row = venue.put(called.json)
        return ok(venue.told(row) | {"order_id": 1} | change)

    in_turn(venue, handle)
    outcome = venue.place(ticket)
    assert isinstance(outcome, Accepted)
    assert outcome.order_id == "pending:2"
    assert len(venue.posts()) == 1


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize(
    "refusal",
    [no(400, "INSUFFICIENT_BALANCE"), no(503, "VENUE_UNAVAILABLE", wait=60), no(422, "VALIDATION_FAILED")],
)
def test_refused_repetition(venue: Venue, ticket: Ticket, refusal: Answer, arrived: bool) -> None:
    """A refusal of a repetition says nothing about the first: what stands is found, what does not proven."""
    in_turn(venue, then(venue, BROKEN_PIPE, delay=4.0) if arrived else BROKEN_PIPE, refusal)
    start = venue.world.monotonic
    outcome = venue.place(ticket, 30.0)
    if arrived:
        assert isinstance(outcome, Accepted)
    else:
        assert isinstance(outcome, Rejected)
        assert outcome.code in ("INSUFFICIENT_BALANCE", "VENUE_UNAVAILABLE", "VALIDATION_FAILED")
        assert venue.world.monotonic - start >= 7
    assert len(venue.posts()) == 2


@pytest.mark.parametrize("answer", [no(401, "KEY_EXPIRED"), no(403, "ACCESS_RESTRICTED")])
def test_refused_key_in_the_middle(venue: Venue, ticket: Ticket, answer: Answer) -> None:
    """A key that is refused while an order is in doubt raises nothing: the order may stand."""
    in_turn(venue, then(venue, BROKEN_PIPE), answer)
    venue.handlers[LIST] = lambda _: answer
    outcome = venue.place(ticket)
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.obstacle, PolyspecError)
    del venue.handlers[LIST]
    assert isinstance(outcome.resolve(), Accepted)
    assert len(venue.posts()) == 2


@pytest.mark.parametrize("wait", [0.5, 3600])
def test_pace_in_the_middle(venue: Venue, ticket: Ticket, wait: float) -> None:
    """A limit met while an order is in doubt is waited out, or the order is looked up; it is not raised."""
    in_turn(venue, then(venue, BROKEN_PIPE), no(429, "RATE_LIMIT_EXCEEDED", wait=wait))
    outcome = venue.place(ticket)
    assert isinstance(outcome, Accepted)
    assert outcome.is_replay is (wait < 1)


def test_without_sending_again(ticket: Ticket) -> None:
    """Who wants nothing sent twice gets the order looked up instead."""
    venue = Venue(settings=PolySimulatorSettings(pacing=False, resend=False))
    in_turn(venue, then(venue, BROKEN_PIPE))
    assert isinstance(venue.place(ticket), Accepted)
    assert len(venue.posts()) == 1


def test_out_of_time(venue: Venue, ticket: Ticket) -> None:
    """When the time is over the fate is unknown, named by the client order id; later it is found."""
    in_turn(venue, then(venue, BROKEN_PIPE))
    venue.handlers[LIST] = lambda _: page(502)
    outcome = venue.place(ticket, 0.4)
    assert isinstance(outcome, Unknown)
    assert outcome.client_order_id == ticket.client_order_id
    assert isinstance(outcome.cause, TransportError)
    assert isinstance(outcome.resolve(1.0), Unknown)
    venue.handlers.clear()
    assert isinstance(outcome.resolve(), Accepted)


def test_hanging_venue(venue: Venue, ticket: Ticket) -> None:
    """An answer that never comes is given up soon after the venue's own time limit, to leave time to look."""

    def hang(called: Called) -> Answer:
        venue.taken(called.body)
        venue.world.pass_time(called.total)
        return TimedOut("no answer in time")

    in_turn(venue, hang)
    start = venue.world.monotonic
    assert isinstance(venue.place(ticket), Accepted)
    assert 6 <= venue.world.monotonic - start < 8


@pytest.mark.parametrize("code", ["IDEMPOTENCY_KEY_REUSE", "DUPLICATE_CLIENT_ORDER_ID"])
def test_id_of_another_order(venue: Venue, code: str) -> None:
    """A client order id that belongs to another order, in whichever market, refuses this one and says so."""
    other = venue.put(json.loads(a_ticket(client_order_id="mine", market=ELSEWHERE).body))
    in_turn(venue, no(409, code))
    outcome = venue.place(a_ticket(client_order_id="mine"))
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert f"pending:{other.number}" in outcome.text


def test_id_of_a_smaller_order(venue: Venue) -> None:
    """An order of fewer shares under the same id is another one, though a part of this might look like it."""
    other = venue.put(json.loads(a_ticket(client_order_id="mine", quantity="4").body))
    in_turn(venue, no(409, "IDEMPOTENCY_KEY_REUSE"))
    outcome = venue.place(a_ticket(client_order_id="mine", quantity="10"))
    assert isinstance(outcome, Rejected)
    assert f"pending:{other.number}" in outcome.text


@pytest.mark.parametrize("code", ["IDEMPOTENCY_KEY_REUSE", "DUPLICATE_CLIENT_ORDER_ID"])
def test_id_of_the_same_order(venue: Venue, code: str) -> None:
    """A client order id that is in use by an order of the same terms is that of the order."""
    venue.put(json.loads(a_ticket(client_order_id="mine").body))
    in_turn(venue, no(409, code))
    outcome = venue.place(a_ticket(client_order_id="mine"))
    assert isinstance(outcome, Accepted)
    assert outcome.order_id == "pending:2"


def test_given_id_of_an_order_of_before(venue: Venue) -> None:
    """Of an id somebody chose, a refusal counts only when one look finds no order of before."""
    ticket = a_ticket(client_order_id="mine")
    row = venue.put(json.loads(ticket.body))
    in_turn(venue, no(400, "INSUFFICIENT_BALANCE"), no(400, "INSUFFICIENT_BALANCE"))
    assert isinstance(venue.place(ticket), Accepted)
    venue.rows.remove(row)
    venue.sent.end(["mine"])
    assert isinstance(venue.place(ticket), Rejected)


def test_placed_twice(venue: Venue, ticket: Ticket) -> None:
    """The same order placed again is answered as the first time; a refusal then does not count for it."""
    first = venue.place(ticket)
    second = venue.place(ticket)
    assert first.order_id == second.order_id
    assert second.is_replay
    in_turn(venue, no(400, "INSUFFICIENT_BALANCE"))
    assert isinstance(venue.place(ticket), Accepted)
    in_turn(venue, no(401, "INVALID_KEY"))
    assert isinstance(venue.place(ticket), Accepted)


def test_cut_off(venue: Venue, ticket: Ticket) -> None:
    """Ctrl-C while an order is on its way says which order may stand."""
    running = Running(venue.world, venue.placing.place(ticket, order_call(ticket), 10.0)).until(Send)
    with pytest.raises(KeyboardInterrupt) as caught, Noted([ticket]):
        running.flow.throw(KeyboardInterrupt())
    assert ticket.client_order_id in "".join(caught.value.__notes__)


def test_bug_on_the_way(venue: Venue, ticket: Ticket) -> None:
    """What fails unexpectedly while an order is on its way leaves it in doubt, not refused."""
    in_turn(venue, then(venue, ValueError("a bug")))
    assert isinstance(venue.place(ticket), Accepted)


def test_id_in_use_while_in_doubt(venue: Venue, ticket: Ticket) -> None:
    """An id that turns out to be in use while its order is in doubt is its own: never absent."""
    in_turn(venue, then(venue, BROKEN_PIPE, delay=60.0), no(409, "DUPLICATE_CLIENT_ORDER_ID"))
    outcome = venue.place(ticket, 40.0)
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.resolve(60.0), Accepted)


def test_time_to_look_is_left(venue: Venue, ticket: Ticket) -> None:
    """With an order in doubt the last third of the time is not spent on waiting to send it again."""
    in_turn(venue, then(venue, BROKEN_PIPE), no(503, "SERVER_BUSY", wait=11))
    start = venue.world.monotonic
    assert isinstance(venue.place(ticket), Accepted)
    assert venue.world.monotonic - start < 5
    assert len(venue.posts()) == 2


def test_answer_of_another_shape(venue: Venue, ticket: Ticket) -> None:
    """A readable answer of the wrong shape will be replayed as it is: the order is looked up."""
    in_turn(venue, then(venue, ok({"order_id": "two"})))
    assert isinstance(venue.place(ticket), Accepted)
    assert len(venue.posts()) == 1


def test_answer_without_a_verdict(venue: Venue, ticket: Ticket) -> None:
    """A whole answer that says no more than that the order was taken in is not believed to be a verdict."""

    def handle(called: Called) -> Answer:
        row = venue.put(called.json, delay=1.0)
        return ok(venue.told(row) | {"status": "accepted"})

    in_turn(venue, handle)
    start = venue.world.monotonic
    outcome = venue.place(ticket)
    assert isinstance(outcome, Accepted)
    assert (outcome.status, venue.world.monotonic - start >= 1) == ("PENDING", True)


def test_refused_and_placed_again(venue: Venue, ticket: Ticket) -> None:
    """An order that was refused leaves nothing behind: the next refusal counts at once as well."""
    for _ in range(2):
        in_turn(venue, no(400, "INSUFFICIENT_BALANCE"))
        assert isinstance(venue.place(ticket), Rejected)
    assert len(venue.calls) == 2


def test_given_id_and_no_look(venue: Venue) -> None:
    """Without a look that works a refusal does not count for an id somebody chose."""
    in_turn(venue, no(400, "INSUFFICIENT_BALANCE"))
    venue.handlers[LIST] = lambda _: page(502)
    outcome = venue.place(a_ticket(client_order_id="mine"), 5.0)
    assert isinstance(outcome, Unknown)
    del venue.handlers[LIST]
    assert isinstance(outcome.resolve(), Rejected)
