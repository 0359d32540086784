"""Whatever goes wrong, what is said about an order is what happened to it, or that nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from polyspec.core.effects import Reply, Request
from polyspec.us.fate import Accepted, Rejected, Unknown
from polyspec.us.resolving import Absence
from polyspec.us.seeking import Empty
from tests.unit.us_rig import BROKEN_PIPE, Venue, no, ok, page, stamp

ENDINGS = ("NEW", "FILLED", "CANCELED", "EXPIRED", "REJECTED")


@frozen
class Story:
    """What happens to one order, and to the requests about it."""

    answer: str
    """How the insert is answered."""
    arrives: bool
    delay: float
    """Seconds until the venue shows an order whose answer was lost; below its limit of five."""
    pending: float
    """Seconds until the engine has judged it."""
    ending: str
    lag: float
    """Seconds until the reports show the end."""
    failures: tuple[bool, ...]
    """Which of the lookups fail, over and over."""
    older: bool
    """Whether an order of an hour ago carries the same client id."""


STORIES = st.builds(
    Story,
    answer=st.sampled_from(["id", "reset", "timeout", "truncated", "503", "html 429"]),
    arrives=st.booleans(),
    delay=st.floats(0, 4.9),
    pending=st.floats(0, 7),
    ending=st.sampled_from(ENDINGS),
    lag=st.floats(0, 1),
    failures=st.lists(st.booleans(), max_size=6).map(tuple),
    older=st.booleans(),
)


class Stage:
    """Plays a story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.venue = venue = Venue()
        self.born: float | None = None
        self.asked = 0
        self.healed = False
        self.old = venue.record(
            id="X0", state="ORDER_STATE_FILLED", cumQty="1000", createTime=stamp(venue.world.wall - 3600)
        )
        venue.insert = self.insert
        venue.open, venue.past, venue.executions = self.open, self.past, self.executions
        for path in ("orders/open", "orders/X1", "orders/search", "executions/search"):
            venue.broken[path] = self.failing(path)

    @property
    def arrived(self) -> bool:
        """Whether the venue took the order."""
        return self.story.arrives or self.story.answer == "id"

    def insert(self, request: Request) -> Reply | Exception:
        """Answer the order."""
        world, answer = self.venue.world, self.story.answer
        if answer == "timeout":
            world.pass_time(request.timeout.total)
        if self.arrived:
            self.born = world.wall + (0.0 if answer == "id" else self.story.delay)
        return {
            "id": ok({"orderId": "X1"}),
            "truncated": page(200, b'{"orderId": "X'),
            "503": page(503),
            "html 429": page(429),
        }.get(answer, BROKEN_PIPE)

    def failing(self, path: str) -> Any:
        """Answer a lookup, or fail it."""

        def handle(request: Request) -> Reply | Exception:
            self.asked += 1
            failures = self.story.failures
            if failures and not self.healed and failures[self.asked % len(failures)]:
                return no(403, "scope", 7)
            body = self.venue.calls[-1][2]
            found = self.venue._listed(request, path, body)
            assert isinstance(found, Reply)
            return found

        return handle

    def _record(self, state: str) -> dict[str, Any]:
        assert self.born is not None
        filled = {"cumQty": "1000", "leavesQty": "0"} if state == "FILLED" else {}
        return self.venue.record(state=f"ORDER_STATE_{state}", createTime=stamp(self.born), **filled)

    def open(self) -> list[dict[str, Any]]:
        """List the open orders."""
        now, story = self.venue.world.wall, self.story
        if self.born is None or now < self.born:
            return []
        if now < self.born + story.pending:
            return [self._record("PENDING_NEW")]
        return [self._record("NEW")] if story.ending == "NEW" else []

    def past(self) -> list[dict[str, Any]]:
        """List the orders that ended."""
        now, story = self.venue.world.wall, self.story
        found = [self.old] if story.older else []
        if self.born is not None and story.ending != "NEW" and now >= self.born + story.pending + story.lag:
            found.append(self._record(story.ending))
        return found

    def executions(self) -> list[dict[str, Any]]:
        """List the executions."""
        kinds = {"FILLED": "FILL", "NEW": "NEW"}
        return [
            {"order": order, "type": "EXECUTION_TYPE_" + kinds.get(state, state), "text": "why"}
            for order in self.past()
            for state in [order["state"].removeprefix("ORDER_STATE_")]
        ]

    def check(self, outcome: Any) -> None:
        """Demand that what is said is true."""
        assert self.venue.inserts <= 1
        if isinstance(outcome, Unknown):
            return
        stands = self.arrived and self.story.ending != "REJECTED"
        assert isinstance(outcome, Accepted if stands else Rejected)
        assert outcome.order_id == ("X1" if self.arrived else None)
        if isinstance(outcome, Rejected):
            assert outcome.never_arrived == (not self.arrived)
            assert not self.arrived or outcome.text in ("why", "the venue's words for it could not be read")


@settings(max_examples=250, deadline=None)
@given(story=STORIES, timeout=st.floats(1, 40))
def test_what_is_said_is_true(story: Story, timeout: float) -> None:
    """One request at most, no wrong verdict; and when the venue is well again, a verdict."""
    stage = Stage(story)
    outcome = stage.venue.place(timeout=timeout)
    stage.check(outcome)
    if isinstance(outcome, Unknown):
        stage.healed = True
        final = outcome.resolve(60)
        stage.check(final)
        assert not isinstance(final, Unknown) or (story.older and not stage.arrived)


def test_the_property_notices_a_hasty_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one empty look taken for proof, a story ends in a wrong verdict."""
    monkeypatch.setattr(Absence, "note", lambda _, empty, *__: empty is Empty.PROVEN)
    stage = Stage(Story("reset", True, 2.0, 0.0, "NEW", 0.0, (), older=False))
    outcome = stage.venue.place()
    with pytest.raises(AssertionError):
        stage.check(outcome)
