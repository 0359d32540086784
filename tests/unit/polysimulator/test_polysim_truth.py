"""Whatever goes wrong, each order is one order at most, and what is said about it is what happened."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from attrs import define, evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from polyspec.core import absence
from polyspec.core.absence import Empty
from polyspec.core.sent import SentOrders
from polyspec.errors import ConnectFailed, PolyspecError, TimedOut
from polyspec.polysimulator import answers, placing, resolving, seeking
from polyspec.polysimulator.answers import Said, Then
from polyspec.polysimulator.fate import Accepted, Unknown
from polyspec.polysimulator.flat import flat_call, flat_ticket
from polyspec.polysimulator.placing import order_call
from polyspec.polysimulator.ticket import Ticket
from tests.unit.polysimulator.order_rig import (
    BROKEN_PIPE,
    ELSEWHERE,
    MARKET,
    Answer,
    Called,
    Row,
    Venue,
    a_ticket,
    no,
    ok,
    page,
)

# What may come in place of the answer to a request that never reached the books.
MISSED: Final = (
    "reset", "timeout", "502", "html 429", "not sent", "lock", "busy", "contention", "401", "403", "edge",
    "402", "429", "outage", "lost",
)  # fmt: skip
# What may come in place of the answer to an order that was taken.
TAKEN: Final = ("yes", "reset", "timeout", "cut off", "502", "500", "overshot", "unnamed", "stored", "ack",
                "other id", "pending")  # fmt: skip
# After these the venue remembers no client order id: what is sent again is another order to it.
UNREMEMBERED: Final = ("overshot", "unnamed", "stored", "lost", "ack")
SETTLED: Final = 4.9
"""Seconds within which everything that was sent is there for all to see; the venue's limit is five."""


@frozen
class Meeting:
    """What happens to one request for an order."""

    answer: str
    arrives: bool = False
    late: float = 0.0
    """Seconds until it is executed, somewhere on the way, although the client heard no more of it."""
    delay: float = 0.0
    """Seconds from then until lookups show the order."""


@frozen
class Story:
    """What happens to one order, and to the requests about it."""

    meetings: tuple[Meeting, ...]
    """One for each try; the last for all that follow."""
    refusal: str = ""
    """The code by which the venue refuses it whenever it executes it; empty if it takes it."""
    fills: bool = False
    """Whether it is filled at once."""
    money_first: bool = False
    """Whether the venue looks at the money before at its memory, and a taken order has used it up."""
    lists_filled: bool = True
    names: bool = True
    """Whether lookups say whose an order is."""
    pages: int = 200
    newest_first: bool = True
    failures: tuple[bool, ...] = ()
    """Which of the lookups fail, over and over."""
    before: str = ""
    """Which order has the client order id from before: none, ``same`` or ``other``."""
    flat: bool = False
    """Whether it goes by the flat route, which remembers nothing."""
    vanishes: bool = False
    """Whether a resting order is cancelled soon after."""


MISSES = st.builds(Meeting, st.sampled_from(MISSED))
HITS = st.builds(
    Meeting,
    st.sampled_from(TAKEN),
    st.just(True),
    st.just(0.0),
    st.floats(0, SETTLED, allow_nan=False),
)
STRAYS = st.builds(
    Meeting,
    st.sampled_from(["reset", "502", "pending"]),
    st.just(True),
    st.floats(0.1, SETTLED, allow_nan=False),
)
STORIES = st.builds(
    Story,
    meetings=st.lists(MISSES | HITS | STRAYS, min_size=1, max_size=4).map(tuple),
    refusal=st.sampled_from(["", "", "", "INSUFFICIENT_BALANCE", "INVALID_ORDER_MIN_SIZE"]),
    fills=st.booleans(),
    money_first=st.booleans(),
    lists_filled=st.booleans(),
    names=st.sampled_from([True, True, True, False]),
    pages=st.sampled_from([200, 2]),
    newest_first=st.booleans(),
    failures=st.lists(st.booleans(), max_size=5).map(tuple),
    before=st.sampled_from([""] * 6 + ["same", "other"]),
    flat=st.sampled_from([False, False, False, True]),
    vanishes=st.booleans(),
)


@define
class Stray:
    """A request that is still on its way."""

    due: float
    body: bytes
    meeting: Meeting


class Stage:
    """Plays a story."""

    def __init__(self, story: Story) -> None:
        if story.flat:
            # a route that remembers nothing makes another order of an id that was used before
            story = evolve(story, before="")
        self.story = story
        self.venue = venue = Venue(
            lists_filled=story.lists_filled,
            names=story.names,
            rows_per_page=story.pages,
            newest_first=story.newest_first,
        )
        for number, status in enumerate(("PENDING", "FILLED") * 3 + ("PENDING",)):
            venue.put(json.loads(a_ticket(client_order_id=f"other-{number}").body), status)
        venue.world.pass_time(600)
        self.strays: list[Stray] = []
        self.bodies: set[bytes] = set()
        self.asked = 0
        self.healed = False
        self.refused_since: list[str] = []
        self.ticket = self._ticket()
        if story.before:
            self._take_before()
        for path in ("/v1/orders", "/v1/account/history"):
            venue.handlers[f"GET {path}"] = self.looked_up
        venue.handlers["POST /v1/orders"] = venue.handlers["POST /v1/clob/order"] = self.post

    def _ticket(self) -> Ticket:
        given = "chosen" if self.story.before else None
        if self.story.flat:
            now = 1_800_000_000.0
            return flat_ticket("123", "BUY", "0.65", "10", "GTC", now=now, client_order_id=given)
        return a_ticket(**({"client_order_id": given} if given else {}))

    def _take_before(self) -> None:
        elsewhere = {"market_id": ELSEWHERE, "outcome": "No", "quantity": "77"}
        terms = native(self.ticket.body) | (elsewhere if self.story.before == "other" else {})
        row = self.venue.put(terms)
        self.venue.memory["chosen"] = json.dumps(terms).encode(), self.venue.told(row)
        if self.story.before == "same" and not self.story.flat:
            self.venue.memory["chosen"] = self.ticket.body, self.venue.told(row)
        self.venue.world.pass_time(600)

    # -- the client's side --

    def place(self, timeout: float) -> Any:
        """Place the order; an error that proves that nothing stands counts as a refusal."""
        world, start = self.venue.world, self.venue.world.monotonic
        call = flat_call(self.ticket) if self.story.flat else order_call(self.ticket)
        flow = self.venue.placing.place(self.ticket, call, timeout, resend=not self.story.flat)
        outcome: Any
        try:
            outcome = world.run(flow)
        except PolyspecError as error:
            outcome = error
        assert not getattr(outcome, "maybe_executed", False)
        assert world.monotonic - start <= timeout + 2 * world.latency + 0.01
        return outcome

    def resolve(self, unknown: Any) -> Any:
        """Look it up with a venue that is well again."""
        self.healed = True
        return self.venue.resolve(unknown)

    # -- the venue's side --

    def post(self, called: Called) -> Answer:
        """Meet a request for the order."""
        self.arrive()
        self.bodies.add(called.body)
        meetings = self.story.meetings
        meeting = meetings[min(len(self.venue.posts()) - 1, len(meetings) - 1)]
        if meeting.answer == "timeout":
            self.venue.world.pass_time(called.total)
        if meeting.late:
            self.strays.append(Stray(self.venue.world.monotonic + meeting.late, called.body, meeting))
            return self._answered(meeting.answer, None)
        if not meeting.arrives:
            return self._answered(meeting.answer, None)
        found = self.execute(called.body, meeting)
        return self._answered(meeting.answer, found) if isinstance(found, Row) else found

    def arrive(self) -> None:
        """Execute what was still on its way and has arrived by now."""
        now = self.venue.world.monotonic
        due, self.strays = (
            [each for each in self.strays if each.due <= now],
            [each for each in self.strays if each.due > now],
        )
        for each in due:
            # two orders of one id are only made of a request that was sent after it must not be any more
            if not self.ours():
                self.execute(each.body, each.meeting)

    def execute(self, body: bytes, meeting: Meeting) -> Row | Answer:
        """Take an order, refuse it, or answer as the first time."""
        venue, terms = self.venue, native(body)
        name = terms["client_order_id"]
        ours = [row for row in venue.rows if row.client_order_id == name]
        if self.story.money_first and ours:
            return no(400, "INSUFFICIENT_BALANCE")
        if name in venue.memory and not self.story.flat:
            known, answer = venue.memory[name]
            return ok(answer | {"is_replay": True}) if known == body else no(409, "IDEMPOTENCY_KEY_REUSE")
        if self.story.before and ours and not self.story.flat:
            return no(409, "DUPLICATE_CLIENT_ORDER_ID")
        if self.story.refusal:
            self.refused_since.append(self.story.refusal)
            return no(400, self.story.refusal)
        if self.story.before == "other" and ours:
            return no(409, "DUPLICATE_CLIENT_ORDER_ID")
        row = venue.put(terms, "FILLED" if self.story.fills else "PENDING", meeting.delay)
        if meeting.answer not in UNREMEMBERED and not self.story.flat:
            venue.memory[name] = body, venue.told(row)
        return row

    def _answered(self, how: str, row: Row | None) -> Answer:
        told: dict[str, Any] = {} if row is None else self.venue.told(row)
        named = {} if row is None else {"order_id": row.number, "source": row.source}
        if row is not None and self.story.flat:
            status = "matched" if row.status == "FILLED" else "live"
            told = {
                "success": True,
                "orderID": str(row.number),
                "status": status,
                "price": "0.65",
                "size": "10",
            }
        spoilt = {"orderID": "0"} if self.story.flat else {"client_order_id": "of another", "order_id": 1}
        found: dict[str, Answer] = {
            "yes": ok(told),
            "timeout": TimedOut("no answer in time"),
            "not sent": ConnectFailed("no connection"),
            "cut off": page(200, ok(told).body[:-3]),
            "502": page(502),
            "500": no(500, "INTERNAL_ERROR"),
            "html 429": page(429, retry_after="1"),
            "lock": no(409, "TRADE_IN_PROGRESS", wait=1, error_code="LOCK_BUSY_RETRY"),
            "pending": no(409, "IDEMPOTENCY_CONFLICT_PENDING", wait=1),
            "busy": no(503, "SERVER_BUSY", wait=1),
            "contention": no(503, "DB_CONTENTION_RETRY", wait=1),
            "401": no(401, "INVALID_KEY"),
            "402": no(402, "UPGRADE_REQUIRED"),
            "403": no(403, "ACCESS_RESTRICTED"),
            "edge": page(403, b"error code: 1010"),
            "429": no(429, "RATE_LIMIT_EXCEEDED", wait=2),
            "outage": no(503, "VENUE_UNAVAILABLE", wait=60, retry_after=60),
            "overshot": no(503, "DEADLINE_OVERSHOT_BUT_PERSISTED", **named),
            "unnamed": no(503, "DEADLINE_OVERSHOT_BUT_PERSISTED"),
            "stored": no(503, "PERSISTENCE_UNKNOWN"),
            "lost": no(503, "PERSISTENCE_UNKNOWN"),
            "ack": ok(
                {"order_id": named.get("order_id", 1), "status": "accepted", "accepted_at": ""}
                if not self.story.flat
                else {"success": True}
            ),
            "other id": ok(told | spoilt),
        }
        return found.get(how, BROKEN_PIPE)

    def looked_up(self, called: Called) -> Answer:
        """Answer a lookup, or fail it."""
        self.arrive()
        self.asked += 1
        failures = self.story.failures
        if failures and not self.healed and failures[self.asked % len(failures)]:
            return (page(503), no(401, "INVALID_KEY"), BROKEN_PIPE)[self.asked % 3]
        if self.story.vanishes:
            for row in self.ours():
                if row.status == "PENDING" and self.venue.world.monotonic >= row.shown_at + 1:
                    row.status = "CANCELLED"
        return self.venue.answer(called)

    # -- the truth --

    def ours(self) -> list[Row]:
        """Return the orders that carry the client order id and are the one that was placed."""
        wanted = native(self.ticket.body)
        return [
            row
            for row in self.venue.rows
            if row.client_order_id == self.ticket.client_order_id
            and row.terms["market_id"] == wanted["market_id"]
        ]

    def check(self, outcome: Any) -> None:
        """Demand that what is said is true, now and when all that is on its way has arrived."""
        assert len(self.bodies) <= 1, "a repetition is not the same bytes"
        ours = self.ours()
        assert len(ours) <= 1, "one intent stands as two orders"
        if isinstance(outcome, Unknown):
            assert outcome.client_order_id == self.ticket.client_order_id
            return
        if isinstance(outcome, Accepted):
            assert ours, "accepted, and the venue does not have it"
            if outcome.order_id.source is not None:
                named = (outcome.order_id.number, outcome.order_id.source)
                assert named == (ours[0].number, ours[0].source), "the id is that of another order"
            else:
                assert outcome.order_id.number == ours[0].number
            return
        self.venue.world.pass_time(60)
        self.arrive()
        if isinstance(outcome, PolyspecError) and self.story.before == "same":
            # nothing happened this time; what another process did before, that one was told
            return
        assert not self.ours(), "refused, and it stands"


def native(body: bytes) -> dict[str, Any]:
    """Read an order of either route as the venue keeps it."""
    terms: dict[str, Any] = json.loads(body)
    if "token_id" in terms:
        terms |= {"market_id": MARKET, "outcome": "Yes", "order_type": "limit"}
        terms["time_in_force"] = "GTC"
    return terms


def play(story: Story, timeout: float) -> None:
    """Place an order, and look it up when the venue is well again."""
    stage = Stage(story)
    outcome = stage.place(timeout)
    stage.check(outcome)
    if isinstance(outcome, Unknown):
        final = stage.resolve(outcome)
        stage.check(final)
        certain = story.names and not story.before and not getattr(final, "claimed", False)
        assert not isinstance(final, Unknown) or not certain, "all is well, and nobody knows"


@settings(max_examples=600, deadline=None)
@given(story=STORIES, timeout=st.floats(0.3, 60))
def test_what_is_said_is_true(story: Story, timeout: float) -> None:
    """No wrong verdict and no second order; and when the venue is well again, a verdict."""
    play(story, timeout)


@settings(max_examples=300, deadline=None)
@given(story=STORIES, first=st.floats(0.2, 20), second=st.floats(1, 30), wait=st.floats(0, 10))
def test_what_is_said_the_second_time_is_true(story: Story, first: float, second: float, wait: float) -> None:
    """Placing an order of unknown fate again says nothing wrong of the first, and makes none beside it."""
    play_twice(story, first, second, wait)


def play_twice(story: Story, first: float, second: float, wait: float = 0.0) -> None:
    """Place an order, whatever comes of it, and place the same one again if the first stands or may."""
    if story.flat or any(each.answer in UNREMEMBERED for each in story.meetings):
        # what the venue does not remember, nobody can keep from being an order of its own
        return
    stage = Stage(story)
    outcome = stage.place(first)
    stage.check(outcome)
    stage.venue.world.pass_time(wait)
    again = stage.place(second)
    stage.check(again)


# -- the property can tell --

LATE: Final = Story((Meeting("reset", arrives=True, late=0.1, delay=3.0), Meeting("outage")))
_known_error = answers.read_error
_known_read = answers.read


def _again_after_anything(error: PolyspecError) -> Said:
    return evolve(_known_error(error), then=Then.AGAIN)


def _no_doubt(error: PolyspecError) -> Said:
    return evolve(_known_error(error), doubt=False, claimed=False)


def _unclaimed(error: PolyspecError) -> Said:
    return evolve(_known_error(error), claimed=False)


def _believing(ticket: Ticket, answer: Any) -> Said:
    if getattr(answer, "order_id", 0):
        named = answer.client_order_id or ticket.client_order_id
        return _known_read(evolve(ticket, client_order_id=named), answer)
    return _known_read(ticket, answer)


def _always_pending(self: Any, row: Any, unknown: Any) -> Any:
    del self, unknown
    return seeking.OrderId(row.order_id, "pending")
    yield


def _first_of_tables(self: Any, unknown: Any, order_id: Any) -> Any:
    record = yield from self._get(order_id.number, "pending", unknown.terms)
    return None if record is None else seeking.Sight(record, seeking.OrderId(order_id.number, "pending"))


def _no_fills(self: Any, unknown: Any, *_: Any) -> Any:
    del self, unknown
    return Empty.PROVEN
    yield


def _first_page(self: Any, market: str, unknown: Any, *, everywhere: bool) -> Any:
    del unknown, everywhere
    page = yield from self._ask(seeking.orders.list_orders(market_id=market or None, limit=200))
    return page.orders, True


def _told_at_once(self: Any, unknown: Any, refusal: Any, deadline: float) -> Any:
    del self, deadline
    return resolving.rejected(unknown.client_order_id, refusal)
    yield


BREAKS: dict[str, tuple[Any, str, Any, Story, float]] = {
    "one empty look is proof": (
        absence.Absence, "note", lambda _, empty, *__: empty is Empty.PROVEN, LATE, 20.0,
    ),
    "what is on its way is not waited for": (
        placing.Placing, "resolving",
        property(lambda self: resolving.Resolving(self.session, -60.0, self.mark)), LATE, 20.0,
    ),
    "sent again whatever came": (
        placing, "read_error", _again_after_anything,
        Story((Meeting("stored", arrives=True), Meeting("yes", arrives=True))), 20.0,
    ),
    "sent again although it is stored": (
        placing, "read_error", _again_after_anything,
        Story((Meeting("overshot", arrives=True), Meeting("yes", arrives=True))), 20.0,
    ),
    "a lost answer is a refusal": (
        placing, "read_error", _no_doubt, Story((Meeting("500", arrives=True), Meeting("outage"))), 20.0,
    ),
    "what is stored may be absent": (
        placing, "read_error", _unclaimed, Story((Meeting("unnamed", arrives=True, delay=30.0),)), 20.0,
    ),
    "a refused repetition says all": (
        placing._Attempts, "run", None, Story((Meeting("reset", arrives=True), Meeting("outage"))), 20.0,
    ),
    "any answer is about this order": (
        placing, "read", _believing, Story((Meeting("other id", arrives=True),)), 20.0,
    ),
    "every order rests": (
        seeking.Looker, "_placed", _always_pending,
        Story((Meeting("reset", arrives=True), Meeting("outage")), fills=True), 20.0,
    ),
    "a number names one order": (
        seeking.Looker, "_by_id", _first_of_tables,
        Story((Meeting("overshot", arrives=True),), fills=True), 20.0,
    ),
    "fills are not looked at": (
        seeking.Looker, "_filled", _no_fills,
        Story((Meeting("reset", arrives=True), Meeting("outage")), fills=True, lists_filled=False), 20.0,
    ),
    "rows of nobody are of others": (
        seeking, "_may_be", lambda *_: False,
        Story((Meeting("reset", arrives=True), Meeting("outage")), names=False), 20.0,
    ),
    "the first page is all": (
        seeking.Looker, "_orders", _first_page,
        Story((Meeting("reset", arrives=True), Meeting("outage")), pages=2, newest_first=False), 20.0,
    ),
    "a given id was never used": (
        resolving.Resolving, "doubted", _told_at_once,
        Story((Meeting("yes", arrives=True),), money_first=True, before="same"), 20.0,
    ),
    "the flat route remembers": (
        placing._Attempts, "_again", None,
        Story((Meeting("reset", arrives=True), Meeting("yes", arrives=True)), flat=True), 20.0,
    ),
}  # fmt: skip


def _run_without_doubt(self: Any, before: Any) -> Any:
    """Send an order like the real thing does, and forget what came before the last answer."""
    del before
    while True:
        answer, error = yield from self._try()
        said = placing.read(self._ticket, answer) if error is None else placing.read_error(error)
        if said.outcome is not None:
            return said.outcome
        if said.then is Then.AGAIN and (yield from self._again(said, doubt=said.doubt)):
            continue
        return placing.rejected(self._ticket.client_order_id, said.error)


_known_again = placing._Attempts._again


def _again_on_any_route(self: Any, said: Said, *, doubt: bool) -> Any:
    self._resend = True
    return (yield from _known_again(self, said, doubt=doubt))


_LATER = {
    "a refused repetition says all": _run_without_doubt,
    "the flat route remembers": _again_on_any_route,
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_property_holds_for_the_story(name: str) -> None:
    """Each of the stories above is told truly as things are."""
    play(BREAKS[name][3], BREAKS[name][4])


@pytest.mark.parametrize("name", BREAKS)
def test_the_property_notices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any of the guards off, a story ends in a wrong verdict or in a second order."""
    target, attribute, broken, story, timeout = BREAKS[name]
    monkeypatch.setattr(target, attribute, _LATER.get(name, broken))
    with pytest.raises(AssertionError):
        play(story, timeout)


STRAY: Final = Story(
    (Meeting("timeout"), Meeting("reset", arrives=True, late=4.8), Meeting("outage")), fills=True
)


def test_the_time_limit_counts_from_the_last_try() -> None:
    """What left last may arrive last: its time limit is the one that counts."""
    play(STRAY, 40.0)


def test_the_property_notices_a_time_limit_from_the_first_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from the first try, an order is proven absent before it arrives."""
    known = placing._learnt

    def learnt(unknown: Any, said: Said) -> Any:
        return known(evolve(unknown, left=1600.0), said)

    monkeypatch.setattr(placing, "_learnt", learnt)
    with pytest.raises(AssertionError):
        play(STRAY, 40.0)


def test_the_property_notices_a_lost_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without knowing what was sent before, an order of unknown fate is refused while it stands."""
    story = Story((Meeting("reset", arrives=True, delay=4.0), Meeting("401")), failures=(True,))
    play_twice(story, 0.3, 2.0)
    monkeypatch.setattr(SentOrders, "begin", lambda *_: False)
    with pytest.raises(AssertionError):
        play_twice(story, 0.3, 2.0)


def test_the_property_notices_other_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repetition that is not the same bytes is noticed."""
    story = Story((Meeting("reset"), Meeting("yes", arrives=True)))
    play(story, 20.0)
    count = iter(range(100))
    known = placing._Attempts._send

    def send(self: Any) -> Any:
        body = self._call.body + b" " * next(count)
        self._call = type(self._call)(operation=self._call.operation, path=self._call.path, body=body)
        return (yield from known(self))

    monkeypatch.setattr(placing._Attempts, "_send", send)
    with pytest.raises(AssertionError):
        play(story, 20.0)
