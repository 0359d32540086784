"""Orders of the US exchange that are written down before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from attrs import fields, frozen
from polyspec_wire import Call
from polyspec_wire.us_exchange import models as wire

from polyspec.core.codec import encode
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.typed import decoder
from polyspec.managed.journal import Fate, JournalEntry
from polyspec.managed.journalling import Pen, Told, moment
from polyspec.us.fate import Accepted, Outcome, Rejected, Unknown
from polyspec.us.instrument import Instrument
from polyspec.us.placing import Placing

__all__ = ["JournalledPlacing", "journalled", "unknown_of"]

R = TypeVar("R")


class _Request(msgspec.Struct):
    symbol: str
    user: str = ""


@frozen(kw_only=True)
class JournalledPlacing(Placing[R]):
    """Places orders as ever, and keeps the journal by client order id."""

    pen: Pen

    def place(
        self, request: wire.InsertOrderRequest, instrument: Instrument, *, confirm: bool, timeout: float
    ) -> Flow[Outcome[R]]:
        """Write one order down, send it, and write down what became of it."""
        start: Instant = yield Now()
        return (
            yield from self.pen.around(
                [self._entry(request, start)],
                lambda left: Placing.place(self, request, instrument, confirm=confirm, timeout=left),
                lambda outcome: [_told(outcome)],
                timeout,
            )
        )

    def place_many(
        self,
        call: Call[Any],
        requests: Sequence[wire.InsertOrderRequest],
        instruments: Sequence[Instrument],
        timeout: float,
    ) -> Flow[list[Outcome[R]]]:
        """Do the same with several orders."""
        start: Instant = yield Now()
        return (
            yield from self.pen.around(
                [self._entry(each, start) for each in requests],
                lambda left: Placing.place_many(self, call, requests, instruments, left),
                lambda outcomes: [_told(each) for each in outcomes],
                timeout,
            )
        )

    def resolve(self, unknown: Unknown[R], instrument: Instrument, timeout: float) -> Flow[Outcome[R]]:
        """Look an order up, and write down what became of it."""
        outcome = yield from Placing.resolve(self, unknown, instrument, timeout)
        yield from self.pen.found([_told(outcome)])
        return outcome

    def _entry(self, request: wire.InsertOrderRequest, now: Instant) -> JournalEntry:
        sent_at = moment(self.session.clock, now)
        return JournalEntry(order_id=request.clord_id, sent_at=sent_at, payload=encode(request))


def journalled(placing: Placing[R], pen: Pen) -> JournalledPlacing[R]:
    """Return the same with a journal."""
    parts = {str(each.alias): getattr(placing, each.name) for each in fields(Placing)}
    return JournalledPlacing(**parts, pen=pen)


def unknown_of(
    entry: JournalEntry, participant: str | None, resolver: Callable[[Unknown[R], float | None], R]
) -> Unknown[R]:
    """Return an order of a journal as one whose fate is not known to a `participant`."""
    kept = decoder(_Request).decode(entry.payload)
    return Unknown(
        clord_id=entry.order_id,
        order_id=None,
        symbol=kept.symbol,
        sent_at=entry.sent_at,
        hidden=kept.user not in ("", participant),
        resolver=resolver,
    )


def _told(outcome: Outcome[Any]) -> Told:
    if isinstance(outcome, Accepted):
        return outcome.clord_id, Fate.ACCEPTED, outcome.order_id
    if isinstance(outcome, Rejected):
        return outcome.clord_id, Fate.REJECTED, outcome.text
    return outcome.clord_id, Fate.UNKNOWN, "" if outcome.cause is None else str(outcome.cause)
