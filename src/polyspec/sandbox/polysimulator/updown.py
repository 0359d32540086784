"""The venue's own Up/Down markets, as a feed beside the one it mirrors.

Everything follows from the seed and the clock: strikes and winners from the simulated spot prices, what an
outcome costs from how far the price is from the strike and how much time is left.

The venue shows a ladder near 0.99 as the book of such a market and fills orders near its live price. So does
this: `book` is what orders meet, `shown_book` what is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import Final

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket, Level
from polyspec.sandbox.polysimulator.rounds import INTERVALS, OUTCOMES, SECOND, Round, Rounds
from polyspec.sandbox.polysimulator.spot import ASSETS, Spot

__all__ = ["UpDown"]

_MILLION: Final = 1_000_000
_CENT: Final = 10_000
_WILD: Final = 55
"""How far a price goes in the square root of a second, in millionths of itself, for an asset of 100."""
_LADDER: Final = ((990_000, 1_000 * _MILLION), (980_000, 500 * _MILLION), (970_000, 250 * _MILLION))
"""What is shown: prices of asks, and the sizes there."""


class UpDown:
    """The catalogue at this moment; nothing of it is remembered."""

    def __init__(self, clock: Clock, seed: int, *, strike_delay: float = 0.0) -> None:
        """Follow a clock; strikes are known so many seconds after a round began."""
        self._clock = clock
        self._seed = seed
        self._strike_delay = int(strike_delay * SECOND)
        self.spot = Spot(seed)
        self.rounds = Rounds(seed)
        self._listeners: list[Callable[[str], None]] = []
        self._told: int | None = None

    # -- markets --

    def markets(self) -> list[FeedMarket]:
        """Return the rounds that run now, and those that come next."""
        return [self.market_at(each) for each in self.rounds.live(self._second())]

    def market(self, condition_id: str) -> FeedMarket | None:
        """Return a round's market, of any day; None before it is listed and for foreign ids."""
        found = self.rounds.of_condition(condition_id)
        return self._listed(found)

    def market_of(self, token_id: str) -> FeedMarket | None:
        """Return the market of a token, of any day."""
        found = self.rounds.of_token(token_id)
        return self._listed(None if found is None else found[0])

    def market_at(self, each: Round) -> FeedMarket:
        """Return the market of a round."""
        over = self._clock.now_ns() >= each.end_ns
        return FeedMarket(
            condition_id=self.rounds.condition_id(each),
            question=each.title,
            slug=each.slug,
            category="crypto" if each.asset not in ("SPX", "NDX") else "finance",
            outcomes=OUTCOMES,
            token_ids=self.rounds.token_ids(each),
            tick=_CENT,
            event_id=each.slug,
            event_title=each.title,
            status="resolved" if over else "open",
            payouts=((_MILLION, 0) if self.went_up(each) else (0, _MILLION)) if over else None,
            start_ns=each.start_ns,
            end_ns=each.end_ns,
            created_ns=self._listed_ns(each),
        )

    def _listed(self, each: Round | None) -> FeedMarket | None:
        if each is None or self._listed_ns(each) > self._clock.now_ns():
            return None
        return self.market_at(each)

    @staticmethod
    def _listed_ns(each: Round) -> int:
        """Return since when a round is listed: since the one before it began."""
        return (each.start - INTERVALS[each.interval]) * SECOND

    # -- prices --

    def strike(self, each: Round) -> int | None:
        """Return the price to beat in millionths of a dollar; None before it is known."""
        if self._clock.now_ns() < each.start_ns + self._strike_delay:
            return None
        return self.spot.price(each.asset, each.start_ns)

    def went_up(self, each: Round) -> bool:
        """Tell who won: no change counts as up."""
        return self.spot.price(each.asset, each.end_ns) >= self.spot.price(each.asset, each.start_ns)

    def chance(self, each: Round, at_ns: int) -> int:
        """Return what Up costs at a moment, in whole cents between 0.02 and 0.98, in millionths."""
        if at_ns >= each.end_ns:
            return _MILLION if self.went_up(each) else 0
        if at_ns <= each.start_ns:
            return _MILLION // 2
        strike = self.spot.price(each.asset, each.start_ns)
        away = (self.spot.price(each.asset, at_ns) - strike) * _MILLION * 1000 // strike
        left = (each.end_ns - at_ns) // 1_000_000
        # in thousandths of a typical move in the time that is left
        reach = max(1, _WILD * ASSETS[each.asset].wild * isqrt(left * 1000) // 100)
        moves = away * 1000 // reach
        chance = _MILLION // 2 + moves * 500_000 // (1000 + abs(moves))
        # there is a level left on either side
        return min(max(-(-chance // _CENT), 2), 98) * _CENT

    def price(self, token_id: str) -> int | None:
        """Return what a token costs now, in millionths; None for a foreign token."""
        found = self.rounds.of_token(token_id)
        if found is None:
            return None
        up = self.chance(found[0], self._clock.now_ns())
        return up if found[1] == 0 else _MILLION - up

    def book(self, token_id: str) -> FeedBook | None:
        """Return what orders meet: some depth around the live price, the same for a second."""
        price = self.price(token_id)
        found = self.rounds.of_token(token_id)
        if price is None or found is None or self._listed(found[0]) is None:
            return None
        at_ns = self._second() * SECOND
        bids: list[Level] = []
        asks: list[Level] = []
        up_or_down = found[1]
        for level in range(1, 4):
            low, high = price - level * _CENT, price + level * _CENT
            # both tokens see one book: what is bid for one is asked for the other
            below, above = (self._size(found[0], at_ns, level, side ^ up_or_down) for side in (0, 1))
            if low >= _CENT:
                bids.append((low, below))
            if high <= _MILLION - _CENT:
                asks.append((high, above))
        open_now = self._clock.now_ns() < found[0].end_ns
        return FeedBook(bids=bids if open_now else [], asks=asks if open_now else [], at_ns=at_ns)

    def shown_book(self, token_id: str) -> FeedBook | None:
        """Return what is shown: a ladder near 0.99 that says nothing about the price."""
        if self.market_of(token_id) is None:
            return None
        bids = [(_MILLION - price, size) for price, size in _LADDER]
        asks = [(price, size) for price, size in reversed(_LADDER)]
        return FeedBook(bids=bids[::-1], asks=asks, at_ns=self._second() * SECOND)

    def _size(self, each: Round, at_ns: int, level: int, side: int) -> int:
        drawn = Seeded(self._seed, f"updown/{each.slug}/{at_ns}/{level}/{side}")
        return drawn.between(50, 400) * level * _MILLION

    def points(self, token_id: str, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Return the price of a token every so often, oldest first; at most some 300 points."""
        found = self.rounds.of_token(token_id)
        if found is None:
            return []
        each, outcome = found
        first = max(start_ns, self._listed_ns(each))
        last = min(end_ns, each.end_ns, self._clock.now_ns() + 1)
        step = max(1, INTERVALS[each.interval] * 2 // 300) * SECOND
        moments = range(-(-first // step) * step, last, step)
        ups = ((at_ns, self.chance(each, at_ns)) for at_ns in moments)
        return [(at_ns, up if outcome == 0 else _MILLION - up) for at_ns, up in ups]

    def volume(self, condition_id: str) -> int:
        """Return what was ever paid in a round: more the longer it runs."""
        found = self.rounds.of_condition(condition_id)
        if found is None:
            return 0
        total = Seeded(self._seed, f"updown/volume/{found.slug}").between(5_000, 250_000) * _MILLION
        ran = min(max(self._clock.now_ns() - found.start_ns, 0), found.end_ns - found.start_ns)
        return total * ran // (found.end_ns - found.start_ns)

    # -- changes --

    def subscribe(self, callback: Callable[[str], None]) -> None:
        """Call back with the condition id on every change."""
        self._listeners.append(callback)

    def notice(self) -> None:
        """Tell the listeners what the clock changed since the last time: every live price, every second."""
        now = self._second()
        if now == self._told:
            return
        before, self._told = self._told, now
        changed = {self.rounds.condition_id(each) for each in self.rounds.live(now, ahead=0)}
        if before is not None:
            # those that ended meanwhile; whoever holds an older one looks it up by its id
            changed |= {self.rounds.condition_id(each) for each in self.rounds.live(before, ahead=0)}
        for condition_id in sorted(changed):
            for listener in self._listeners:
                listener(condition_id)

    def _second(self) -> int:
        return self._clock.now_ns() // SECOND
