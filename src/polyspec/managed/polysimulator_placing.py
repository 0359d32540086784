"""Orders of PolySimulator that are written down before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from attrs import define, fields
from polyspec_wire import Call

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.typed import decoder
from polyspec.core.watching import fates
from polyspec.managed.journal import Fate, JournalEntry
from polyspec.managed.journalling import Pen, Told, moment
from polyspec.polysimulator.fate import Accepted, Outcome, Rejected, Terms, Unknown
from polyspec.polysimulator.placing import Placing
from polyspec.polysimulator.ticket import Ticket, is_ours

__all__ = ["JournalledPlacing", "journalled", "unknown_of"]

R = TypeVar("R")


class _Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What an order is recognised by, and the bytes that were sent."""

    market: str
    side: str
    outcome: str
    quantity: Decimal | None
    limit: Decimal | None
    wallet_id: int | None
    body: bytes


@define(eq=False, kw_only=True)
class JournalledPlacing(Placing[R]):
    """Places orders as ever, and keeps the journal by client order id."""

    pen: Pen

    def place(
        self, ticket: Ticket, call: Call[Any], timeout: float, *, resend: bool = True
    ) -> Flow[Outcome[R]]:
        """Write one order down, send it, and write down what became of it."""
        start: Instant = yield Now()
        return (
            yield from self.pen.around(
                [self._entry(ticket, start)],
                lambda left: Placing.place(self, ticket, call, left, resend=resend),
                lambda outcome: [_told(outcome)],
                timeout,
            )
        )

    def place_many(
        self, tickets: Sequence[Ticket], call: Call[Any], timeout: float
    ) -> Flow[list[Outcome[R]]]:
        """Do the same with several orders."""
        start: Instant = yield Now()
        return (
            yield from self.pen.around(
                [self._entry(each, start) for each in tickets],
                lambda left: Placing.place_many(self, tickets, call, left),
                lambda outcomes: [_told(each) for each in outcomes],
                timeout,
            )
        )

    def resolve(self, unknown: Unknown[R], timeout: float) -> Flow[Outcome[R]]:
        """Look an order up, and write down what became of it."""
        outcome = yield from Placing.resolve(self, unknown, timeout)
        yield from self.pen.found([_told(outcome)])
        return outcome

    @fates("polysimulator")
    def resolve_many(self, unknowns: Sequence[Unknown[R]], timeout: float) -> Flow[list[Outcome[R]]]:
        """Look several up together, and write down what became of them."""
        start: Instant = yield Now()
        outcomes = yield from self.resolving.resolve(unknowns, start.monotonic + timeout)
        learned = [self._learned(each) for each in outcomes]
        yield from self.pen.found([_told(each) for each in learned])
        return learned

    def _entry(self, ticket: Ticket, now: Instant) -> JournalEntry:
        terms = ticket.terms
        return JournalEntry(
            order_id=ticket.client_order_id,
            sent_at=moment(self.session.clock, now),
            payload=msgspec.json.encode(
                _Payload(
                    market=terms.market,
                    side=terms.side,
                    outcome=terms.outcome,
                    quantity=terms.quantity,
                    limit=terms.limit,
                    wallet_id=terms.wallet_id,
                    body=ticket.body,
                )
            ),
        )


def journalled(placing: Placing[R], pen: Pen) -> JournalledPlacing[R]:
    """Return the same with a journal."""
    parts = {str(each.alias): getattr(placing, each.name) for each in fields(Placing)}
    return JournalledPlacing(**parts, pen=pen)


def unknown_of(entry: JournalEntry, resolver: Callable[[Unknown[R], float | None], R]) -> Unknown[R]:
    """Return an order of a journal as one whose fate is not known."""
    kept = decoder(_Payload).decode(entry.payload)
    return Unknown(
        client_order_id=entry.order_id,
        terms=Terms(
            market=kept.market,
            side=kept.side,
            outcome=kept.outcome,
            quantity=kept.quantity,
            limit=kept.limit,
            wallet_id=kept.wallet_id,
        ),
        sent_at=entry.sent_at,
        fresh=is_ours(entry.order_id),
        resolver=resolver,
    )


def _told(outcome: Outcome[Any]) -> Told:
    if isinstance(outcome, Accepted):
        return outcome.client_order_id, Fate.ACCEPTED, f"{outcome.order_id} {outcome.status}"
    if isinstance(outcome, Rejected):
        return outcome.client_order_id, Fate.REJECTED, outcome.text
    return outcome.client_order_id, Fate.UNKNOWN, "" if outcome.cause is None else str(outcome.cause)
