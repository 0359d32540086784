"""All markets of the venue: those it mirrors, and its own rounds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.polysimulator.feed import Feed, FeedBook, FeedMarket
from polyspec.sandbox.polysimulator.updown import UpDown

__all__ = ["Catalogue", "PriceListener"]

PriceListener = Callable[[str], None]
"""Is told the condition id of a market whose book, price or status changed, under the world's lock."""


class Catalogue:
    """Two feeds as one; a market is found a while after it was made."""

    def __init__(self, mirrored: Feed, rounds: UpDown, clock: Clock, jobs: Jobs, *, warm_up: float) -> None:
        self.mirrored = mirrored
        self.rounds = rounds
        self.listeners: list[PriceListener] = []
        self._clock = clock
        self._jobs = jobs
        self._warm_up = int(warm_up * 10**9)
        self._changes = threading.Lock()
        self._changed: dict[str, None] = {}
        mirrored.subscribe(self._note)
        rounds.subscribe(self._note)

    def markets(self) -> list[FeedMarket]:
        """Return the markets that are mirrored, in the order they were listed."""
        return [each for each in self.mirrored.markets() if self._known(each)]

    def market(self, condition_id: str) -> FeedMarket | None:
        """Return a market of either kind."""
        found = self.mirrored.market(condition_id.lower())
        if found is not None:
            return found if self._known(found) else None
        return self.rounds.market(condition_id.lower())

    def market_of(self, token_id: str) -> FeedMarket | None:
        """Return the market of a token."""
        found = self.mirrored.market_of(token_id)
        if found is not None:
            return found if self._known(found) else None
        return self.rounds.market_of(token_id)

    def is_round(self, market: FeedMarket) -> bool:
        """Tell whether a market is one of the venue's own."""
        return self.rounds.market(market.condition_id) is not None

    def book(self, token_id: str) -> FeedBook | None:
        """Return the book orders meet."""
        return self._feed_of(token_id).book(token_id)

    def shown_book(self, token_id: str) -> FeedBook | None:
        """Return the book that is shown, which is another one for the venue's own rounds."""
        feed = self._feed_of(token_id)
        return self.rounds.shown_book(token_id) if feed is self.rounds else feed.book(token_id)

    def points(self, token_id: str, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Return moments and prices of a token, oldest first."""
        return self._feed_of(token_id).points(token_id, start_ns, end_ns)

    def volume(self, condition_id: str) -> int:
        """Return what was ever paid in a market, in millionths of a dollar."""
        mirrored = self.mirrored.market(condition_id) is not None
        return (self.mirrored if mirrored else self.rounds).volume(condition_id)

    def resolve(self, condition_id: str, payouts: tuple[int, ...]) -> None:
        """Decide a market that is mirrored, where it is; raises ValueError if that cannot be."""
        if self.mirrored.market(condition_id) is None:
            raise ValueError("a round is decided by its prices when it ends")
        self.mirrored.resolve(condition_id, payouts)

    def _feed_of(self, token_id: str) -> Feed | UpDown:
        return self.rounds if self.mirrored.market_of(token_id) is None else self.mirrored

    def _known(self, market: FeedMarket) -> bool:
        return self._clock.now_ns() >= market.created_ns + self._warm_up or not self._warm_up

    # -- changes --

    def notice(self) -> None:
        """Have both feeds see the time."""
        # what is mirrored may be served by nobody; it then moves when it is asked for anything
        self.mirrored.market("")
        self.rounds.notice()

    def subscribe(self, callback: PriceListener) -> None:
        """Call back with the condition id on every change, under the world's lock."""
        self.listeners.append(callback)

    def _note(self, condition_id: str) -> None:
        """Remember a change; called from any thread."""
        with self._changes:
            first = not self._changed
            self._changed[condition_id] = None
        if first:
            self._jobs.post(self._tell)

    def _tell(self) -> None:
        with self._changes:
            changed: Iterable[str] = list(self._changed)
            self._changed.clear()
        for condition_id in changed:
            for listener in self.listeners:
                listener(condition_id)
