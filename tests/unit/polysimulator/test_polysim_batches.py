"""What is said of each order of a batch is true, however its answer was mangled."""

from __future__ import annotations

from typing import Any, Final

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from polyspec.core.absence import Absence, Empty
from polyspec.errors import PolyspecError
from polyspec.polysimulator import batching, placing
from polyspec.polysimulator.answers import Said, Then
from polyspec.polysimulator.batching import batch_call
from polyspec.polysimulator.fate import Accepted, Rejected, Unknown
from tests.unit.polysimulator.order_rig import BROKEN_PIPE, Answer, Called, Row, Venue, a_ticket, no, ok, page

ANSWERS: Final = (
    "good", "nameless", "shuffled", "short", "long", "doubled", "swapped", "cut off", "lost", "never", "500",
    "unknown", "busy", "401",
)  # fmt: skip
NEVER: Final = ("never", "401")


@frozen
class Batch:
    """What happens to several orders in one request."""

    fates: tuple[str, ...]
    """For each: ``taken``, ``filled``, ``refused``, or ``broken``: taken, and answered with an error."""
    answer: str
    delay: float = 0.0
    """Seconds until lookups show what was taken."""
    failures: tuple[bool, ...] = ()


BATCHES = st.builds(
    Batch,
    fates=st.lists(st.sampled_from(["taken", "filled", "refused", "broken"]), min_size=1, max_size=4).map(
        tuple
    ),
    answer=st.sampled_from(ANSWERS),
    delay=st.floats(0, 4.9),
    failures=st.lists(st.booleans(), max_size=4).map(tuple),
)


class Stage:
    """Plays a batch."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.venue = Venue()
        for status in ("PENDING", "FILLED", "PENDING"):
            self.venue.put(a_row(), status)
        self.venue.world.pass_time(600)
        self.tickets = [a_ticket() for _ in batch.fates]
        self.stands: dict[int, Row] = {}
        self.asked = self.posts = 0
        self.healed = False
        self.venue.handlers["POST /v1/orders/batch"] = self.post
        self.venue.handlers["GET /v1/orders"] = self.looked_up
        self.venue.handlers["GET /v1/account/history"] = self.looked_up

    def place(self, timeout: float) -> list[Any]:
        """Place the batch; what is raised stands for each of its orders."""
        flow = self.venue.placing.place_many(self.tickets, batch_call(self.tickets), timeout)
        try:
            return self.venue.world.run(flow)
        except PolyspecError as error:
            return [error] * len(self.tickets)

    def post(self, called: Called) -> Answer:
        """Meet the batch."""
        self.posts += 1
        answer = self.batch.answer
        if answer in NEVER:
            return BROKEN_PIPE if answer == "never" else no(401, "INVALID_KEY")
        if answer == "busy" and self.posts == 1:
            return no(409, "TRADE_IN_PROGRESS", wait=1, error_code="LOCK_BUSY_RETRY")
        results = [
            self.result(place, fate, terms)
            for place, (fate, terms) in enumerate(zip(self.batch.fates, called.json["orders"], strict=True))
        ]
        nameless = [{key: each[key] for key in each if key != "client_order_id"} for each in results]
        shown = {
            "nameless": nameless,
            "shuffled": results[::-1],
            "short": nameless[:-1],
            "long": [*nameless, nameless[-1]],
            "doubled": [*results, results[0] | {"order_id": 1, "status": "PENDING"}],
            "swapped": [each | {"client_order_id": "x"} for each in results],
        }.get(answer, results)
        told = ok({"results": shown})
        return {
            "cut off": page(200, told.body[:-2]),
            "lost": BROKEN_PIPE,
            "500": no(500, "INTERNAL_ERROR"),
            "unknown": no(503, "PERSISTENCE_UNKNOWN"),
        }.get(answer, told)

    def result(self, place: int, fate: str, terms: dict[str, Any]) -> dict[str, Any]:
        """Take an order or not, and return what is said of it."""
        name = {"client_order_id": terms["client_order_id"]}
        if fate == "refused":
            return {"order_id": 0, "status": "REJECTED", "error": "INSUFFICIENT_BALANCE"} | name
        status = "FILLED" if fate == "filled" else "PENDING"
        assert place not in self.stands, "a batch that was taken was sent again"
        self.stands[place] = row = self.venue.put(terms, status, self.batch.delay)
        broken = {"order_id": 0, "status": "ERROR", "error": "EXECUTION_ERROR"}
        return broken | name if fate == "broken" else self.venue.told(row)

    def looked_up(self, called: Called) -> Answer:
        """Answer a lookup, or fail it."""
        self.asked += 1
        failures = self.batch.failures
        if failures and not self.healed and failures[self.asked % len(failures)]:
            return page(503)
        return self.venue.answer(called)

    def check(self, outcomes: list[Any]) -> None:
        """Demand that what is said of each is true."""
        assert len(outcomes) == len(self.tickets)
        for place, (ticket, outcome) in enumerate(zip(self.tickets, outcomes, strict=True)):
            row = self.stands.get(place)
            if isinstance(outcome, PolyspecError):
                assert row is None, "raised, and it stands"
                assert not outcome.maybe_executed
                continue
            assert outcome.client_order_id == ticket.client_order_id
            if isinstance(outcome, Accepted):
                assert row is not None, "accepted, and the venue does not have it"
                assert (outcome.order_id.number, outcome.source) == (row.number, row.source), (
                    "another order's id"
                )
            if isinstance(outcome, Rejected):
                assert row is None, "refused, and it stands"


def a_row() -> dict[str, Any]:
    """Return what the venue keeps of somebody's order like ours."""
    ticket = a_ticket(client_order_id="of-somebody")
    terms = ticket.terms
    return {
        "market_id": terms.market, "side": terms.side, "outcome": terms.outcome, "quantity": "10",
        "order_type": "limit", "price": "0.65", "time_in_force": "GTC", "client_order_id": "of-somebody",
    }  # fmt: skip


def play(batch: Batch, timeout: float) -> None:
    """Place a batch, and look up what is not known when the venue is well again."""
    stage = Stage(batch)
    start = stage.venue.world.monotonic
    outcomes = stage.place(timeout)
    assert stage.venue.world.monotonic - start <= timeout + 2 * stage.venue.world.latency + 0.01
    stage.check(outcomes)
    stage.healed = True
    final = [stage.venue.resolve(each) if isinstance(each, Unknown) else each for each in outcomes]
    stage.check(final)
    assert not any(isinstance(each, Unknown) for each in final)


@settings(max_examples=150, deadline=None)
@given(batch=BATCHES, timeout=st.floats(0.5, 30))
def test_what_is_said_of_a_batch_is_true(batch: Batch, timeout: float) -> None:
    """No wrong verdict, no order sent twice; and when the venue is well again, a verdict for each."""
    play(batch, timeout)


def _by_place(tickets: Any, answer: Any) -> list[Said]:
    return [batching.read(ticket, each) for ticket, each in zip(tickets, answer.results, strict=False)]


def _trusting(said: Any) -> Said:
    return Said(Then.STOP, error=said)


BREAKS: dict[str, tuple[Any, str, Any, Batch]] = {
    "answers are taken by their place": (placing, "matched", _by_place, Batch(("taken",) * 3, "short")),
    "what is lost is refused": (placing, "read_error", _trusting, Batch(("taken",), "500")),
    "one empty look is proof": (
        Absence, "note", lambda _, empty, *__: empty is Empty.PROVEN, Batch(("taken",), "lost", 4.0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_the_property_notices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a guard off, a batch ends in a wrong verdict."""
    target, attribute, broken, batch = BREAKS[name]
    play(batch, 12.0)
    monkeypatch.setattr(target, attribute, broken)
    with pytest.raises((AssertionError, ValueError)):
        play(batch, 12.0)
