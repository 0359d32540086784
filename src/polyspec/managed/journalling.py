"""Write orders down around their placement, in a flow."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from attrs import frozen

from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Do, Flow, Instant, Now
from polyspec.errors import PolyspecError
from polyspec.managed.journal import Fate, JournalEntry, OrderJournal, Owner

__all__ = ["Pen", "Told", "legible", "moment"]

T = TypeVar("T")

logger = logging.getLogger("polyspec")

Told = tuple[str, Fate, str]
"""The id of an order, what became of it, and a word about it."""


# Further off no answer is believed to tell the venue's time.
_UNSURE: Final = 86_400.0


def moment(clock: ClockOffset, now: Instant) -> float:
    """Return a unix time before which nothing of an order leaves, by the venue's clock.

    As long as that is not known it is a day ago: an order that seems older than itself would be overlooked.
    """
    known = clock.known and not clock.stale
    return clock.correct(now.wall) - (0.0 if known else _UNSURE)


def legible(entries: Sequence[JournalEntry], read: Callable[[JournalEntry], T]) -> list[T]:
    """Read entries; what is damaged stays open and is told, and holds up none of the others."""
    found: list[T] = []
    for entry in entries:
        try:
            found.append(read(entry))
        except (ValueError, TypeError, PolyspecError) as error:
            logger.warning(
                "order %s of the journal cannot be read (%s): look it up at the venue by hand",
                entry.order_id,
                type(error).__name__,
            )
    return found


@frozen
class Pen:
    """Writes into the journal what one owner's orders do."""

    journal: OrderJournal
    whose: Owner

    def around(
        self,
        entries: Sequence[JournalEntry],
        place: Callable[[float], Flow[T]],
        told: Callable[[T], list[Told]],
        timeout: float,
        also: Sequence[str] = (),
    ) -> Flow[T]:
        """Write orders down, place them in what is left of `timeout` seconds, and write down their fates.

        `also` grows by what is begun in their place meanwhile. Raises JournalUnavailable with nothing sent.
        Orders whose placement is cut off stay open.
        """
        start: Instant = yield Now()
        names = [each.order_id for each in entries]
        try:
            yield from self.begin(entries)
            begun: Instant = yield Now()
            try:
                outcome = yield from place(timeout - (begun.monotonic - start.monotonic))
            except PolyspecError as error:
                fate = Fate.UNKNOWN if error.maybe_executed else Fate.REJECTED
                yield from self.end([(name, fate, str(error)) for name in (*names, *also)])
                raise
            known = told(outcome)
            ended = {name for name, _, _ in known}
            known += [(name, Fate.REJECTED, "it did not leave") for name in also if name not in ended]
            yield from self.end(known)
            return outcome
        finally:
            self.journal.landed(self.whose, (*names, *also))

    def begin(self, entries: Sequence[JournalEntry]) -> Flow[None]:
        """Write orders down that are about to be sent."""
        if entries:
            yield Do(partial(self.journal.begin, self.whose, entries))

    def end(self, told: list[Told]) -> Flow[None]:
        """Write down what became of orders that were sent."""
        yield from self._written(partial(self.journal.end, self.whose, told))

    def found(self, told: list[Told]) -> Flow[None]:
        """Write down what was found out about orders by looking."""
        yield from self._written(partial(self.journal.found, self.whose, told))

    def _written(self, write: Callable[[], None]) -> Flow[None]:
        try:
            yield Do(write)
        except PolyspecError as error:
            # what became of them is told in any case; the next start looks them up once more
            logger.warning("what became of orders could not be written down: %s", error)
