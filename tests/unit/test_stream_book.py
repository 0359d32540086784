"""A book that is right, or says that it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyspec.core.streams.book import BookState, Level, OrderBook
from polyspec.errors import ConfigError

Sides = dict[str, dict[Decimal, Decimal]]

PRICES = st.integers(1, 99).map(lambda cents: f"{Decimal(cents) / 100:f}")
SIZES = st.sampled_from(["0", "0.00", "1", "12.5", "300", "0.25"])
CHANGES = st.lists(st.tuples(st.sampled_from(["BUY", "SELL"]), PRICES, SIZES), max_size=6)


def book(bids: Any = (("0.50", "10"),), asks: Any = (("0.52", "20"),), tick: Any = "0.01") -> OrderBook:
    """Return a book that is live."""
    made = OrderBook("m", tick)
    made.replace(bids, asks, 1, 0.0)
    return made


def told(found: OrderBook) -> Sides:
    """Return all levels of a book."""
    return {
        "BUY": {level.price: level.size for level in found.bids()},
        "SELL": {level.price: level.size for level in found.asks()},
    }


@settings(max_examples=150, deadline=None)
@given(st.lists(CHANGES, max_size=30))
def test_a_book_is_what_plain_tables_are(frames: list[list[tuple[str, str, str]]]) -> None:
    """Levels, best prices, middle and spread equal those of two dicts, until the market is crossed."""
    made, model = book((), ()), {"BUY": {}, "SELL": {}}  # type: tuple[OrderBook, Sides]
    for at, changes in enumerate(frames, 2):
        for side, price, size in changes:
            if Decimal(size):
                model[side][Decimal(price)] = Decimal(size)
            else:
                model[side].pop(Decimal(price), None)
        trusted = made.update(changes, at, float(at))
        bid, ask = max(model["BUY"], default=None), min(model["SELL"], default=None)
        crossed = bid is not None and ask is not None and bid >= ask
        assert (made.bid, made.ask) == (bid, ask)
        assert told(made) == model
        assert [level.price for level in made.bids()] == sorted(model["BUY"], reverse=True)
        assert [level.price for level in made.asks()] == sorted(model["SELL"])
        if crossed:
            assert not trusted
        if not trusted:
            assert made.why
            return
        if bid is not None and ask is not None:
            assert (made.mid, made.spread) == ((bid + ask) / 2, ask - bid)


def test_a_book_begins_untrusted() -> None:
    """It is empty and waits; changes before the first snapshot do not show."""
    made = OrderBook("m", "0.01")
    assert (made.trusted, made.state, len(made)) == (False, BookState.SYNCING, 0)
    assert not made.update([("BUY", "0.5", "1")], 5, 0.0)
    assert (made.bid, made.best_bid, made.mid, made.spread) == (None, None, None, None)


def test_a_snapshot_replaces() -> None:
    """Nothing of before is left, whatever was wrong with it."""
    made = book()
    made.distrust("for a test")
    assert made.replace([("0.3", "5")], [("0.31", "6")], 9, 2.0)
    assert told(made) == {"BUY": {Decimal("0.3"): Decimal(5)}, "SELL": {Decimal("0.31"): Decimal(6)}}
    assert (made.at, made.age(5.0), made.why) == (9, 3.0, "")


def test_changes_meanwhile_follow_the_snapshot() -> None:
    """Those that are newer than it, or of its very moment; what it holds already is passed over."""
    made = book()
    made.begin_sync("for a test")
    made.update([("BUY", "0.40", "1")], 4, 1.0)
    made.update([("BUY", "0.50", "10")], 5, 1.0)
    made.update([("BUY", "0.41", "1")], 7, 1.0)
    made.update([("SELL", "0.52", "0")], 8, 1.0)
    assert made.replace([("0.50", "10")], [("0.52", "20"), ("0.60", "1")], 5, 2.0)
    assert told(made)["BUY"] == {Decimal("0.50"): Decimal(10), Decimal("0.41"): Decimal(1)}
    assert made.best_ask == Level(Decimal("0.60"), Decimal(1))
    assert made.at == 8


@pytest.mark.parametrize(
    ("changes", "at", "why"),
    [
        ([("BUY", "0.52", "1")], 2, "reach"),
        ([("BUY", "0.505", "1")], 2, "tick"),
        ([("BUY", "1.01", "1")], 2, "range"),
        ([("BUY", "-0.01", "1")], 2, "range"),
        ([("BUY", "NaN", "1")], 2, "read"),
        ([("BUY", "", "1")], 2, "read"),
        ([("BUY", None, "1")], 2, "read"),
        ([("BUY", "0.5", "-1")], 2, "below 0"),
        ([("BUY", "0.5", "")], 2, "read"),
        ([("BUY", "0.5", "x")], 2, "read"),
        ([("BUY", "0.5", None)], 2, "read"),
        ([("HOLD", "0.5", "1")], 2, "side"),
        ([("BUY", "0.4", "1")], 1, "later"),
    ],
)
def test_what_cannot_be_right_is_noticed(changes: Any, at: int, why: str) -> None:
    """The book is untrusted from then on, says why, and never raises; only a snapshot mends it."""
    made = book()
    assert made.update([("BUY", "0.1", "1")], 2, 0.5)
    assert not made.update(changes, at, 1.0)
    assert (made.trusted, made.state) == (False, BookState.STALE)
    assert why in made.why
    assert not made.update([("BUY", "0.1", "1")], 99, 2.0)
    assert made.replace([], [], 100, 3.0)


@pytest.mark.parametrize("size", ["1x", "12.5.1", "1 000", "9e"])
def test_a_size_that_only_begins_like_one_is_noticed_when_it_is_read(size: str) -> None:
    """Reading never raises, and what follows is that the book is not trusted."""
    made = book()
    made.update([("BUY", "0.51", size)], 2, 1.0)
    assert made.best_bid == Level(Decimal("0.51"), Decimal(0))
    assert (made.state, made.why) == (BookState.STALE, "a size that cannot be read")
    assert made.replace([("0.5", "10")], [], 3, 2.0)


def test_a_market_may_be_crossed_within_a_message() -> None:
    """Only what is left at its end counts."""
    made = book()
    assert made.update([("BUY", "0.52", "5"), ("SELL", "0.52", "0"), ("SELL", "0.53", "1")], 2, 1.0)
    assert (made.bid, made.ask) == (Decimal("0.52"), Decimal("0.53"))


@pytest.mark.parametrize(
    ("bid", "ask", "agree"),
    [
        ("0.5", "0.52", True),
        ("0.50", "0.520", True),
        ("0.49", "0.52", False),
        ("0.5", "0.53", False),
        ("0", "0.52", False),
        ("x", "0.52", False),
        (None, "0.52", False),
    ],
)
def test_best_prices_are_held_against_the_venue(bid: Any, ask: Any, agree: bool) -> None:
    """What the venue says of the top must be so, or something was lost."""
    made = book()
    assert made.check(bid, ask) is agree
    assert made.trusted is agree


def test_empty_sides_agree_with_nought_and_one() -> None:
    """A venue tells of an empty side by 0 and 1, or by nothing."""
    for bid, ask in (("0", "1"), (None, None)):
        assert book((), ()).check(bid, ask)


def test_a_new_tick_is_a_new_epoch() -> None:
    """It needs a snapshot; prices of the finer grid are taken then."""
    made = book()
    made.set_tick("0.01")
    assert (made.epoch, made.trusted) == (0, True)
    made.set_tick("0.001")
    assert (made.epoch, made.trusted, len(made)) == (1, False, 0)
    assert made.replace([("0.501", "1")], [("0.503", "1")], 5, 1.0)
    assert made.bid == Decimal("0.501")
    assert made.replace([("0.50", "1")], [("0.51", "1")], 6, 1.0, tick="0.01")
    assert made.epoch == 2


def test_integers_are_ticks_and_units() -> None:
    """What a venue tells in integers is read by its scales."""
    made = OrderBook("m", "0.005", size_scale=100)
    assert made.replace([(100, 250)], [(101, 1)], 1, 0.0)
    assert made.best_bid == Level(Decimal("0.5"), Decimal("2.5"))
    assert made.best_ask == Level(Decimal("0.505"), Decimal("0.01"))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.integers(-1, 101), st.integers(-1, 5), max_size=8))
def test_integers_are_read_alike_in_any_shape(levels: dict[int, int]) -> None:
    """A snapshot of a dict, of pairs of any kind and of texts comes to what is in it, or is not trusted."""
    right = all(0 <= count <= 100 and size >= 0 for count, size in levels.items())
    model = {Decimal(count) / 100: Decimal(size) for count, size in levels.items() if size} if right else {}
    pairs = list(levels.items())
    for shape in (levels, pairs, iter(pairs), [(count, str(size)) for count, size in pairs]):
        made = OrderBook("m", "0.01")
        assert made.replace([], shape, 1, 0.0) is right
        assert told(made)["SELL"] == model
        assert (made.bid, made.ask) == (None, min(model, default=None))


def test_a_snapshot_is_the_books_own() -> None:
    """What becomes of the caller's dict afterwards is nothing to the book."""
    levels = {50: 1}
    made = OrderBook("m", "0.01")
    made.replace(levels, {}, 1, 0.0)
    levels[60] = 1
    assert made.bids() == [Level(Decimal("0.5"), Decimal(1))]


def test_snapshots_that_are_wrong_are_not_trusted() -> None:
    """Crossed, off the grid, not to be read: told, not raised."""
    wrong: list[tuple[Any, Any]] = [
        ([("0.5", "1")], [("0.5", "1")]),
        ([("0.505", "1")], []),
        ([("0.5", "one")], []),
        ([(101, "1")], []),
        ([(50, 1), (51, None)], []),
        ([(50, 1, 1)], []),
        (None, []),
        ({50: 1}, {50: 1}),
        ({50: 1, "x": 1}, {}),
    ]
    for bids, asks in wrong:
        made = OrderBook("m", "0.01")
        assert not made.replace(bids, asks, 1, 0.0)
        assert made.why


def test_what_is_older_than_the_snapshot_is_in_it() -> None:
    """It is passed over and says nothing against the book; what is older than a later change does."""
    made = book()
    assert made.replace([("0.3", "5")], [("0.31", "6")], 9, 2.0)
    assert made.update([("BUY", "0.3", "1")], 8, 3.0)
    assert made.best_bid == Level(Decimal("0.3"), Decimal(5))
    assert made.update([("BUY", "0.29", "1")], 12, 3.0)
    assert not made.update([("BUY", "0.28", "1")], 11, 3.0)


def test_books_are_compared_by_what_they_hold() -> None:
    """The same levels in any spelling; another size, level or grid is another book."""
    made, twin = book([("0.3", "5")], []), book([("0.30", "5.0")], [])
    assert made.same(twin)
    twin.update([("BUY", "0.30", "6")], 9, 0.0)
    assert not made.same(twin)
    finer = OrderBook("m", "0.001")
    finer.replace([("0.3", "5")], [], 1, 0.0)
    assert not made.same(finer)


def test_another_connection_begins_anew() -> None:
    """What was held back for a snapshot of the one before does not follow that of the next."""
    made = book()
    made.begin_sync("for a test")
    made.update([("BUY", "0.41", "1")], 50, 1.0)
    made.forget("connection lost")
    assert (made.trusted, made.why) == (False, "connection lost")
    assert made.replace([("0.3", "5")], [], 9, 2.0)
    assert told(made)["BUY"] == {Decimal("0.3"): Decimal(5)}


def test_what_is_held_back_has_an_end() -> None:
    """A snapshot that comes too late is followed by nothing: it would not be complete."""
    made = OrderBook("m", "0.01")
    for at in range(10_005):
        made.update([("BUY", "0.1", "1")], at + 2, 0.0)
    assert not made.replace([], [], 1, 0.0)
    assert "too much" in made.why
    # one that is newer than all that was forgotten needs none of it
    assert made.replace([], [], 20_000, 1.0)


def test_bad_grids_are_refused() -> None:
    """A tick that does not divide the range is the caller's mistake."""
    for tick in ("0", "-0.01", "0.03", "0.00000001"):
        with pytest.raises(ConfigError):
            OrderBook("m", tick)
    with pytest.raises(ConfigError):
        OrderBook("m", "0.01", size_scale=0)
