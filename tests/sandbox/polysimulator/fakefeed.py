"""A few markets whose books stand still until a test moves them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from polyspec.core.typed import convert
from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket, Level

MILLION = 1_000_000
RAIN, BILL, CUP_A, CUP_B, OLD = (f"0x{number:064x}" for number in (0xA1, 0xB2, 0xC3, 0xD4, 0xE5))


def _market(condition_id: str, slug: str, question: str, category: str, **more: object) -> FeedMarket:
    number = int(condition_id, 16)
    plain = {
        "condition_id": condition_id,
        "slug": slug,
        "question": question,
        "category": category,
        "outcomes": ("Yes", "No"),
        "token_ids": (str(number * 10**30 + 1), str(number * 10**30 + 2)),
        "tick": 10_000,
        "event_id": slug,
        "event_title": question,
        **more,
    }
    return convert(plain, FeedMarket)


MARKETS = (
    _market(RAIN, "rain-tomorrow", "Will it rain tomorrow?", "weather"),
    _market(BILL, "bill-passes", "Will the bill pass?", "politics", tick=1_000),
    _market(CUP_A, "albion-wins", "Will Albion win?", "sports", event_id="cup", event_title="The cup",
            group_item="Albion", neg_risk=True),
    _market(CUP_B, "rovers-win", "Will Rovers win?", "sports", event_id="cup", event_title="The cup",
            group_item="Rovers", neg_risk=True),
    _market(OLD, "it-is-over", "Is it over?", "crypto", status="resolved", payouts=(MILLION, 0)),
)  # fmt: skip


class FakeFeed:
    """Books of two levels a side; `set_book`, `change` and `resolve` tell whoever subscribed."""

    def __init__(self) -> None:
        self._markets = {each.condition_id: each for each in MARKETS}
        self._books: dict[str, FeedBook] = {}
        self._points: dict[str, list[tuple[int, int]]] = {}
        self._callbacks: list[Callable[[str], None]] = []
        for each in MARKETS:
            if each.status == "open":
                self.set_book(
                    each.condition_id,
                    bids=[("0.64", "100"), ("0.63", "200")],
                    asks=[("0.65", "100"), ("0.66", "300")],
                )

    # -- what a venue sees --

    def markets(self) -> list[FeedMarket]:
        """Return all markets."""
        return list(self._markets.values())

    def market(self, condition_id: str) -> FeedMarket | None:
        """Return a market."""
        return self._markets.get(condition_id)

    def market_of(self, token_id: str) -> FeedMarket | None:
        """Return the market of a token."""
        return next((each for each in self._markets.values() if token_id in each.token_ids), None)

    def book(self, token_id: str) -> FeedBook | None:
        """Return the book of a token."""
        return self._books.get(token_id)

    def points(self, token_id: str, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Return past prices of a token."""
        return [each for each in self._points.get(token_id, []) if start_ns <= each[0] < end_ns]

    def volume(self, condition_id: str) -> int:
        """Return what was ever paid in a market."""
        return 1_000 * MILLION if condition_id == RAIN else 10 * MILLION

    def resolve(self, condition_id: str, payouts: tuple[int, ...]) -> None:
        """Decide a market, once; payouts in millionths by outcome."""
        if self._markets[condition_id].status == "resolved":
            raise ValueError("the market is resolved")
        self.change(condition_id, status="resolved", payouts=payouts)

    def subscribe(self, callback: Callable[[str], None]) -> None:
        """Call back on every change."""
        self._callbacks.append(callback)

    # -- what a test does --

    def set_book(
        self,
        condition_id: str,
        bids: list[tuple[str, str]],
        asks: list[tuple[str, str]],
        *,
        at_ns: int = 1,
        last: tuple[str, str, int] | None = None,
    ) -> None:
        """Set the book of the first outcome, and that of the other as its mirror image; best first."""
        first, second = self._markets[condition_id].token_ids
        own_bids, own_asks = [_level(each) for each in bids], [_level(each) for each in asks]
        traded = None if last is None else (units(last[0]), units(last[1]), "BUY", last[2])
        book = convert({"bids": own_bids, "asks": own_asks, "at_ns": at_ns, "last": traded}, FeedBook)
        self._books[first] = book
        self._books[second] = FeedBook(
            bids=[(MILLION - price, size) for price, size in own_asks],
            asks=[(MILLION - price, size) for price, size in own_bids],
            at_ns=at_ns,
        )
        self._tell(condition_id)

    def set_points(self, token_id: str, points: list[tuple[int, int]]) -> None:
        """Set the past prices of a token."""
        self._points[token_id] = points

    def change(self, condition_id: str, **changes: object) -> None:
        """Change a market."""
        self._markets[condition_id] = msgspec.structs.replace(self._markets[condition_id], **changes)
        self._tell(condition_id)

    def _tell(self, condition_id: str) -> None:
        for callback in self._callbacks:
            callback(condition_id)


def units(text: str) -> int:
    """Return a decimal in millionths."""
    whole, _, rest = text.partition(".")
    return int(whole) * MILLION + int(rest.ljust(6, "0") or "0")


def _level(level: tuple[str, str]) -> Level:
    return units(level[0]), units(level[1])
