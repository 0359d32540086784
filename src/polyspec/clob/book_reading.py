"""Hold books against REST: read in doubt, or from time to time, while the stream goes on.

What REST says has a time, and so has every change. A book in doubt holds its changes back and is completed
with those that are newer. A book that is trusted goes on, and its changes are noted: REST's book with the
noted ones applied must be the book. If REST is ahead of the stream, its book is taken over, and the stream
owes the changes in between: one that never tells them is no good, whatever it answers to pings.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from attrs import define, field
from polyspec_wire.clob import books
from polyspec_wire.clob import models as wire

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.book import BookUpdate, Change, OrderBook
from polyspec.errors import NotFound, PolyspecError

__all__ = ["Readings", "Verdict", "read_books"]

_MOST: Final = 500
"""Books in one request."""
_TIMEOUT: Final = 5.0
_NOTED: Final = 10_000
"""Changes that are noted for one look at most."""
_TOO_OLD: Final = 3
"""Answers in a row that are older than what the stream told before."""


class Verdict(NamedTuple):
    """What came of reading a book."""

    adopted: bool = False
    """The book is now that of REST."""
    differs: bool = False
    """It was trusted, and wrong."""
    behind: bool = False
    """The stream had not told yet what REST says."""
    again: bool = False
    """REST is a little behind the stream: it is worth another look."""
    useless: bool = False
    """REST does not keep up with the stream, time and again."""


_NOTHING: Final = Verdict()


@define(eq=False)
class _Reading:
    """What is known of one token besides its book."""

    since: int = 0
    """The venue's time a book must have reached to be of any use."""
    journal: list[BookUpdate] | None = None
    """What changed since a look began at a trusted book."""
    began: int = 0
    """The venue's time of the book when the look began."""
    spoilt: bool = False
    """Whether something was lost after the look began."""
    old: int = 0
    owed: int = 0
    """The venue's time of what the stream has still to tell; 0 for nothing."""
    deadline: float = float("inf")
    verified: float = float("-inf")
    """Monotonic second at which the book was last known to be right."""


@define(eq=False)
class Readings:
    """What is being read, of which books."""

    _books: dict[str, OrderBook]
    _of: dict[str, _Reading] = field(factory=dict, init=False)
    open: bool = field(default=False, init=False)
    """Whether changes must be noted."""

    def _reading(self, token: str) -> _Reading:
        return self._of.setdefault(token, _Reading())

    def _reckon(self) -> None:
        self.open = any(each.journal is not None or each.owed for each in self._of.values())

    def clear(self) -> None:
        """Forget everything: another connection tells all books anew."""
        for each in self._of.values():
            each.spoilt = True
            each.journal, each.since, each.old, each.owed = None, 0, 0, 0
        self.open = False

    def forget(self, token: str) -> None:
        """Forget a token that is not asked for any longer."""
        self._of.pop(token, None)

    def since(self, token: str) -> int:
        """Return the time a snapshot must have reached; 0 for a book that is not in doubt."""
        return self._reading(token).since

    def verified(self, token: str) -> float:
        """Return the monotonic second at which a book was last known to be right."""
        return self._reading(token).verified

    def overdue(self, now: float) -> str | None:
        """Return a token of which the stream did not tell in time what REST told before."""
        return next((token for token, each in self._of.items() if each.owed and now >= each.deadline), None)

    def doubt(self, token: str, why: str) -> None:
        """Hold changes back until a book came that is as new as all that was told."""
        reading, book = self._reading(token), self._books[token]
        reading.since = max(reading.since, book.at)
        reading.spoilt, reading.journal = True, None
        book.begin_sync(why)
        self._reckon()

    def begin(self, token: str) -> None:
        """Note that a look begins."""
        reading, book = self._reading(token), self._books[token]
        reading.spoilt = False
        if not book.trusted:
            reading.journal = None
        elif reading.journal is None:
            reading.journal, reading.began = [], book.at
        self._reckon()

    def note(self, token: str, part: list[Change], at: int) -> None:
        """Note a change that the stream tells."""
        reading = self._reading(token)
        if reading.journal is not None:
            reading.journal.append(BookUpdate(at, part))
        if reading.owed and at <= reading.owed:
            reading.owed = 0

    def told(self, token: str, now: float) -> None:
        """Note that the stream itself told the whole book."""
        reading = self._reading(token)
        reading.since, reading.old, reading.owed, reading.journal = 0, 0, 0, None
        reading.verified = now
        self._reckon()

    def failed(self, token: str) -> None:
        """Note that a look found nothing."""
        self._reading(token).journal = None
        self._reckon()

    def judge(
        self, token: str, found: wire.OrderBookSummary, at: int, now: float, patience: float
    ) -> Verdict:
        """Take in REST's book; what it says of the stream is the answer."""
        reading, book = self._reading(token), self._books[token]
        journal, reading.journal = reading.journal, None
        if reading.spoilt or (book.trusted and journal is None):
            # something happened meanwhile that makes it useless, or needless
            self._reckon()
            return _NOTHING
        floor = reading.began if journal is not None else reading.since
        if at < floor:
            return self._too_old(reading, journal)
        reading.old = 0
        verdict = (
            self._mended(book, found, at, now)
            if journal is None
            else _compared(book, found, journal, at, now)
        )
        if book.trusted:
            reading.since, reading.verified = 0, now
        if verdict.behind and not reading.owed:
            reading.owed, reading.deadline = at, now + patience
        self._reckon()
        return verdict

    def _too_old(self, reading: _Reading, journal: list[BookUpdate] | None) -> Verdict:
        reading.old += 1
        tired = reading.old >= _TOO_OLD
        if journal is None:
            self._reckon()
            return Verdict(useless=tired)
        # what is noted goes on from where it began, and REST will have got there at the next look
        reading.old = 0 if tired else reading.old
        reading.journal = journal if len(journal) < _NOTED else None
        self._reckon()
        return Verdict(again=not tired)

    def _mended(self, book: OrderBook, found: wire.OrderBookSummary, at: int, now: float) -> Verdict:
        if not _replace(book, found, at, now):
            self.doubt(book.market, book.why)
            return _NOTHING
        return Verdict(adopted=True)


def _compared(
    book: OrderBook, found: wire.OrderBookSummary, journal: list[BookUpdate], at: int, now: float
) -> Verdict:
    fresh = OrderBook(book.market, book.tick)
    _replace(fresh, found, at, now)
    for update in journal:
        if update.at >= at:
            fresh.update(update.changes, update.at, now)
    if fresh.trusted and fresh.same(book):
        return _NOTHING
    behind = at > book.at
    _replace(book, found, at, now)
    for update in journal:
        if update.at >= at:
            book.update(update.changes, update.at, now)
    return Verdict(adopted=True, differs=not behind, behind=behind)


def _replace(book: OrderBook, found: wire.OrderBookSummary, at: int, now: float) -> bool:
    bids = [(each.price, each.size) for each in found.bids]
    asks = [(each.price, each.size) for each in found.asks]
    return book.replace(bids, asks, at, now, tick=found.tick_size)


def read_books(session: Session, tokens: list[str]) -> Flow[dict[str, Any]]:
    """Return the books of tokens, by token; in its place the error of one that is not to be had."""
    found: dict[str, Any] = {}
    if len(tokens) == 1:
        # alone it says whether there is such a token
        answer = yield from session.send(books.get_order_book(token_id=tokens[0]), _TIMEOUT)
        return {tokens[0]: answer.value}
    for start in range(0, len(tokens), _MOST):
        batch = tokens[start : start + _MOST]
        try:
            body = [wire.BookRequest(token_id=each) for each in batch]
            told = (yield from session.send(books.get_order_books(body), _TIMEOUT)).value
        except PolyspecError as error:
            found |= dict.fromkeys(batch, error)
        else:
            found |= {each: NotFound(f"the venue has no book of token {each}", status=404) for each in batch}
            found |= {each.asset_id: each for each in told}
    return found
