"""Orders of the CLOB that are written down before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from attrs import define, field, fields

from polyspec.clob.fate import Accepted, Outcome, Rejected, Unknown
from polyspec.clob.order import SignedOrder
from polyspec.clob.placing import Placing, Posting
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.typed import decoder
from polyspec.core.watching import fates
from polyspec.managed.journal import Fate, JournalEntry
from polyspec.managed.journalling import Pen, Told, moment

__all__ = ["JournalledPlacing", "journalled", "unknown_of"]

R = TypeVar("R")


class _Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What an order and its terms are rebuilt from."""

    order: SignedOrder
    owner: str
    order_type: str
    post_only: bool
    defer_exec: bool


@define(eq=False, kw_only=True)
class JournalledPlacing(Placing[R]):
    """Places orders as ever, and keeps the journal."""

    pen: Pen
    renewed: list[str] = field(factory=list, init=False)
    """What was signed anew, and begun, in the place of what was to be placed."""

    def place(self, posting: Posting, timeout: float) -> Flow[Outcome[R]]:
        """Write one order down, post it, and write down what became of it."""
        start: Instant = yield Now()
        return (
            yield from self.pen.around(
                [self._entry(posting, start)],
                lambda left: Placing.place(self, posting, left),
                lambda outcome: _fates([posting], [outcome]),
                timeout,
                self.renewed,
            )
        )

    def place_many(self, postings: Sequence[Posting], timeout: float) -> Flow[list[Outcome[R]]]:
        """Do the same with several orders."""
        start: Instant = yield Now()
        return (
            yield from self.pen.around(
                [self._entry(each, start) for each in postings],
                lambda left: Placing.place_many(self, postings, left),
                lambda outcomes: _fates(postings, outcomes),
                timeout,
                self.renewed,
            )
        )

    def resolve(self, unknown: Unknown[R], timeout: float) -> Flow[Outcome[R]]:
        """Look an order up, and write down what became of it."""
        outcome = yield from Placing.resolve(self, unknown, timeout)
        yield from self.pen.found([_told(outcome)])
        return outcome

    @fates("clob")
    def resolve_many(self, unknowns: Sequence[Unknown[R]], timeout: float) -> Flow[list[Outcome[R]]]:
        """Look several up together, and write down what became of them."""
        start: Instant = yield Now()
        outcomes = yield from self._resolving().resolve(unknowns, start.monotonic + timeout)
        yield from self.pen.found([_told(each) for each in outcomes])
        return outcomes

    def _renewed(
        self, postings: Sequence[Posting], outcomes: Sequence[Outcome[R]], deadline: float
    ) -> Flow[list[tuple[Outcome[R], Posting | None]]]:
        judged = yield from Placing._renewed(self, postings, outcomes, deadline)  # noqa: SLF001 - of the base
        # what was signed anew is another order, and has not left yet
        now: Instant = yield Now()
        entries = [self._entry(again, now) for _, again in judged if again is not None]
        self.renewed += [each.order_id for each in entries]
        yield from self.pen.begin(entries)
        return judged

    def _entry(self, posting: Posting, now: Instant) -> JournalEntry:
        return JournalEntry(
            order_id=posting.order.order_id,
            sent_at=moment(self.session.clock, now),
            payload=msgspec.json.encode(
                _Payload(
                    order=posting.order,
                    owner=posting.owner,
                    order_type=posting.order_type,
                    post_only=posting.post_only,
                    defer_exec=posting.defer_exec,
                )
            ),
        )


def journalled(placing: Placing[R], pen: Pen) -> JournalledPlacing[R]:
    """Return the same with a journal."""
    return JournalledPlacing(
        **{str(each.alias): getattr(placing, each.name) for each in fields(Placing)}, pen=pen
    )


def unknown_of(entry: JournalEntry, resolver: Callable[[Unknown[R], float | None], R]) -> Unknown[R]:
    """Return an order of a journal as one whose fate is not known."""
    kept = decoder(_Payload).decode(entry.payload)
    return Unknown(
        order_id=entry.order_id,
        order=kept.order,
        sent_at=entry.sent_at,
        owner=kept.owner,
        resolver=resolver,
    )


def _fates(postings: Sequence[Posting], outcomes: Sequence[Outcome[Any]]) -> list[Told]:
    fates = [_told(outcome) for outcome in outcomes]
    for posting, outcome in zip(postings, outcomes, strict=True):
        if posting.order.order_id != outcome.order_id:
            # it ends under its new id, and the one before does not stand
            fates.append((posting.order.order_id, Fate.REJECTED, "signed anew as another order"))
    return fates


def _told(outcome: Outcome[Any]) -> Told:
    if isinstance(outcome, Accepted):
        return outcome.order_id, Fate.ACCEPTED, outcome.status
    if isinstance(outcome, Rejected):
        return outcome.order_id, Fate.REJECTED, outcome.text
    return outcome.order_id, Fate.UNKNOWN, "" if outcome.cause is None else str(outcome.cause)
