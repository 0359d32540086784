"""Market data of the US exchange without a connection: a book is right, or says why it is not."""

from __future__ import annotations

from decimal import Decimal
from random import Random  # noqa: TID251 - seeds are the point
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.effects import Now
from polyspec.core.streams.book import BookState, OrderBook
from polyspec.core.streams.events import Gap, Lost, Mark, Message, Raw, Resynced, StreamState
from polyspec.errors import ConfigError, DecodeError, NotFound, ServerError
from polyspec.us.cache import InstrumentCache
from polyspec.us.market_scales import read_scales
from polyspec.us.market_words import MARKET_RHYTHM, BookTerms
from tests.unit.flows import World
from tests.unit.us_market_rig import ONE_WAY, TALK, Rig, ack, denied, heartbeat, sides, update
from tests.unit.us_rig import instrument, market

LIVE, SUBSCRIBING = StreamState.LIVE, StreamState.SUBSCRIBING
QUICK = evolve(MARKET_RHYTHM, late=1.0)


def live(*symbols: str, **options: Any) -> Rig:
    """Return a stream that has told an empty book of each symbol."""
    rig = Rig(list(symbols), **options)
    rig.hear(ack(*symbols), *(update(each, [], []) for each in symbols))
    assert rig.feed.machine.state is LIVE
    rig.said()
    rig.events.clear()
    return rig


# -- what is said --


def test_options_are_in_the_first_subscription_alone() -> None:
    """And nothing is said before it; one that names no symbol would ask for everything."""
    rig = Rig([], depth=3, unaggregated=True)
    assert (rig.writes, rig.open) == ([], False)
    rig.do(rig.feed.want(["A"], rig.now))
    [first] = rig.writes
    assert (first.depth, first.unaggregated, first.snapshot_only) == (3, True, False)
    assert first.slow_consumer_skip_to_head
    rig.do(rig.feed.want(["A", "B"], rig.now))
    assert rig.writes[1].depth == 0
    assert rig.said() == ["subscribe A", "subscribe B"]
    rig.do(rig.feed.want(["C"], rig.now))
    assert rig.said() == ["unsubscribe A B", "subscribe C"]
    rig.do(rig.feed.want([], rig.now))
    assert (rig.said(), rig.open, rig.feed.machine.state) == ([], False, StreamState.IDLE)


def test_the_balancer_hears_of_us() -> None:
    """Within ten minutes, though nothing answers it; who hears nothing for 180 s hangs up."""
    rig = live("A")
    for _ in range(100):
        rig.wait(10)
        rig.hear(heartbeat())
    assert rig.said() == ["keepalive"] * 2
    assert rig.connections == 1
    rig.wait(179)
    assert rig.open
    rig.wait(2)
    assert rig.told(Gap)[0].reason == "nothing came for 180.0 s"
    assert not rig.feed.books["A"].trusted


@pytest.mark.parametrize("terms", [{"depth": 0}, {"depth": True}, {"depth": "3"}, {"depth": 2**31}])
def test_a_depth_that_is_none(terms: Any) -> None:
    """It is found before anything is sent."""
    with pytest.raises(ConfigError, match="depth must be"):
        BookTerms(**terms)


# -- books --


def test_each_update_is_the_whole_book() -> None:
    """It takes the place of the one before; prices and sizes are what the scales say."""
    rig = Rig(["A"])
    rig.hear(ack("A", price=1000, quantity=100))
    assert not rig.feed.books["A"].trusted
    rig.hear(update("A", [(495, 150), (400, 1)], [(510, 20)], 1))
    book = rig.feed.books["A"]
    assert (book.trusted, rig.feed.machine.state) == (True, LIVE)
    assert (rig.feed.scales("A"), rig.feed.scales("B")) == ((1000, 100), None)
    assert sides(book) == ([("0.495", "1.5"), ("0.400", "0.01")], [("0.510", "0.2")])
    rig.hear(update("A", [(494, 150)], [], 2))
    assert sides(book) == ([("0.494", "1.5")], [])
    messages = rig.told(Message)
    assert [each.key for each in messages] == ["A", "A"]
    assert isinstance(messages[1].native, type(TALK.response().update))
    assert rig.told(Gap) == []


def test_single_orders_add_up() -> None:
    """What is told order by order makes the same levels."""
    rig = live("A", unaggregated=True)
    rig.hear(update("A", [(40, 100), (40, 250), (39, 100)], [(50, 100), (50, 100)], 1))
    assert sides(rig.feed.books["A"]) == ([("0.40", "3.5"), ("0.39", "1")], [("0.50", "2")])


def test_what_is_older_than_the_book_is_told_and_not_applied() -> None:
    """What is as old is: two things may happen in the same instant."""
    rig = live("A")
    rig.hear(update("A", [(40, 100)], [], 5), update("A", [(30, 100)], [], 4))
    book = rig.feed.books["A"]
    assert (book.bid, book.trusted, len(rig.told(Message))) == (Decimal("0.40"), True, 2)
    rig.hear(update("A", [(41, 100)], [], 5))
    assert book.bid == Decimal("0.41")


def test_one_without_a_time_counts_where_it_comes() -> None:
    """The stream is in order."""
    rig = live("A")
    message = update("A", [(40, 100)], [], 1)
    message.update.ClearField("transact_time")
    rig.hear(message)
    assert rig.feed.books["A"].bid == Decimal("0.40")


@pytest.mark.parametrize(
    ("bids", "offers", "more", "why"),
    [
        ([(50, 1)], [(50, 1)], {}, "reach its asks"),
        ([(51, 1)], [(50, 1)], {}, "reach its asks"),
        ([(-1, 1)], [], {}, "out of range"),
        ([], [(50, -1)], {}, "below 0"),
        ([], [(2**62, 1)], {}, "out of range"),
        ([], [], {"book_hidden": True}, "hides"),
    ],
    ids=["locked", "crossed", "negative price", "negative size", "absurd price", "hidden"],
)
def test_a_book_that_is_not_right_says_why(bids: Any, offers: Any, more: Any, why: str) -> None:
    """And is right again with the next update; it is no gap, and the stream is live all the same."""
    rig = live("A")
    rig.hear(update("A", bids, offers, 1, **more))
    book = rig.feed.books["A"]
    assert not book.trusted
    assert why in book.why
    assert (rig.feed.machine.state, rig.told(Gap)) == (LIVE, [])
    rig.hear(update("A", [(40, 100)], [(60, 100)], 2))
    assert book.trusted


def test_a_level_of_nothing_is_none() -> None:
    """Size 0 is no level."""
    rig = live("A")
    rig.hear(update("A", [(40, 0), (39, 100)], [(60, 0)], 1))
    assert sides(rig.feed.books["A"]) == ([("0.39", "1")], [])
    assert rig.feed.books["A"].trusted


def test_prices_beyond_a_dollar_make_room() -> None:
    """A contract that pays more has prices up there."""
    rig = live("A")
    book = rig.feed.books["A"]
    rig.hear(update("A", [(9_950, 100)], [(10_001, 100)], 1))
    assert book.trusted
    assert sides(book) == ([("99.50", "1")], [("100.01", "1")])
    rig.hear(update("A", [(1, 100)], [], 2))
    assert (book.trusted, book.bid) == (True, Decimal("0.01"))


@pytest.mark.parametrize("state", [0, 4, 99])
def test_any_state_of_an_instrument_is_told(state: int) -> None:
    """Those nobody knows yet as well; what rests on the book is what the venue says."""
    rig = live("A")
    rig.hear(update("A", [(40, 100)], [], 1, state=state))
    [message] = rig.told(Message)
    assert message.native.state == state
    assert rig.feed.books["A"].trusted


# -- scales --


def test_scales_come_after_the_book() -> None:
    """What was told meanwhile waits for them, the newest of it; REST is asked at once, and once."""
    rig = Rig(["A"])
    rig.hear(update("A", [(40, 100)], [], 1), update("A", [(41, 100)], [], 2), update("A", [(39, 1)], [], 1))
    book = rig.feed.books["A"]
    assert (book.state, book.why) == (BookState.SYNCING, "its scales are not known yet")
    assert rig.looks == [("A",)]
    rig.hear(ack("A"))
    assert (book.bid, book.trusted, rig.feed.machine.state) == (Decimal("0.41"), True, LIVE)
    rig.answer({"A": (1000, 1)})
    assert book.bid == Decimal("0.41")


def test_scales_come_from_rest() -> None:
    """Where no answer tells them: always on a stream that is told everything in its opening."""
    rig = Rig(["A", "B"], one_way=True)
    assert list(rig.opening.symbols) == ["A", "B"]
    assert rig.looks == [("A", "B")]
    rig.hear(update("A", [(400, 7)], [], 1, kind=ONE_WAY))
    rig.looks = rig.looks[:1]
    rig.answer({"A": (1000, 10), "B": DecodeError("no scale")})
    assert sides(rig.feed.books["A"]) == ([("0.400", "0.7")], [])
    [lost] = rig.told(Lost)
    assert (lost.key, type(lost.error)) == ("B", DecodeError)
    assert rig.feed.machine.state is LIVE
    assert rig.said() == []


def test_a_look_that_fails_is_repeated_with_the_next_connection() -> None:
    """The book is not trusted meanwhile, and says so."""
    rig = Rig(["A"], one_way=True)
    rig.hear(update("A", [(400, 7)], [], 1, kind=ONE_WAY))
    while rig.looks:
        rig.answer(ServerError("busy", status=503))
    assert "scales" in rig.feed.books["A"].why
    rig.wait(40)
    assert rig.connections == 2
    rig.hear(update("A", [(400, 7)], [], 1, kind=ONE_WAY))
    rig.answer({"A": (1000, 1)})
    assert rig.feed.books["A"].trusted


def test_scales_are_read_in_one_listing() -> None:
    """What is remembered is not asked for; what is wrong with others stands in their place."""
    cache, asked = InstrumentCache(60.0), []
    cache.keep(instrument("known", price_scale=500), World().monotonic)

    class Venue:
        def send(self, call: Any, timeout: float) -> Any:
            asked.append(call.body.symbols)
            yield Now()
            listed = [market("good"), market("bad", price_scale=-1)]
            return SimpleNamespace(value=SimpleNamespace(instruments=listed))

    symbols = ["known", "good", "bad", "none"]
    found = World().run(read_scales(Venue(), cache, symbols))  # type: ignore[arg-type]
    assert asked == [["good", "bad", "none"]]
    assert (found["known"][0], found["good"]) == (
        500,
        (instrument("good").price_scale, instrument("good").quantity_scale),
    )
    assert (type(found["bad"]), type(found["none"])) == (DecodeError, NotFound)


@pytest.mark.parametrize("scale", [0, -100, 3, 10**9])
def test_scales_that_make_no_sense(scale: int) -> None:
    """They cost one book its trust, and nobody else anything; better ones mend it."""
    rig = Rig(["A", "B"])
    rig.hear(ack("A", price=scale), ack("B"), update("A", [(4, 1)], []), update("B", [(4, 1)], []))
    book = rig.feed.books["A"]
    assert (rig.feed.machine.state, book.trusted, rig.feed.books["B"].trusted) == (LIVE, False, True)
    assert "scales" in book.why
    rig.hear(ack("A"), update("A", [(4, 1)], [], 1))
    assert book.trusted


def test_other_scales_begin_a_new_grid() -> None:
    """What was told by the old ones says nothing by the new: the next update does."""
    rig = live("A")
    rig.hear(update("A", [(40, 100)], [], 1))
    book = rig.feed.books["A"]
    epoch = book.epoch
    rig.hear(ack("A", price=1000, quantity=1))
    assert (book.trusted, book.bid, book.epoch > epoch) == (False, None, True)
    rig.hear(update("A", [(405, 3)], [], 2))
    assert (book.trusted, sides(book)) == (True, ([("0.405", "3")], []))


# -- symbols --


def test_a_wrong_symbol_costs_only_itself() -> None:
    """It is told as lost, and nothing takes back what never was."""
    rig = Rig(["A", "X"])
    rig.said()
    rig.hear(denied("INVALID_SYMBOL", "X"), ack("A"), update("A", [], []))
    [lost] = rig.told(Lost)
    assert (lost.key, type(lost.error), lost.gap) == ("X", NotFound, None)
    assert (rig.feed.machine.state, list(rig.feed.books), rig.said()) == (LIVE, ["A"], [])
    rig.do(rig.feed.want(["A", "X"], rig.now))
    assert rig.said() == ["subscribe X"]


@pytest.mark.parametrize("code", ["ALREADY_SUBSCRIBED", "NOT_SUBSCRIBED"])
def test_what_was_so_already_is_no_news(code: str) -> None:
    """Nothing is told of it."""
    rig = live("A")
    rig.hear(denied(code, "A"))
    assert (rig.events, rig.finished) == ([], [])


@pytest.mark.parametrize("message", [denied("TOO_PRETTY", "A"), denied("INVALID_SYMBOL"), TALK.response()])
def test_what_nobody_knows_is_told_as_it_came(message: Any) -> None:
    """It costs no book its trust, as it says nothing of any."""
    rig = live("A")
    rig.hear(message)
    assert len(rig.told(Raw)) == len(rig.events) == 1
    assert rig.feed.books["A"].trusted


def test_updates_of_what_is_asked_for_no_longer() -> None:
    """They are told, and begin no book."""
    rig = live("A", "B")
    gone = rig.feed.books["B"]
    rig.do(rig.feed.want(["A"], rig.now))
    rig.hear(update("B", [(40, 1)], [], 1))
    assert ([each.key for each in rig.told(Message)], list(rig.feed.books)) == (["B"], ["A"])
    assert not gone.trusted


def test_what_is_not_told_is_asked_for_again() -> None:
    """A snapshot that got lost comes again; others are left alone."""
    rig = Rig(["A", "B"], rhythm=QUICK)
    rig.hear(ack("A", "B"), update("A", [], []))
    rig.said()
    rig.wait(1.1)
    rig.answer({})
    assert rig.said() == ["unsubscribe B", "subscribe B"]
    assert rig.feed.machine.state is SUBSCRIBING
    rig.hear(ack("B"), update("B", [(4, 1)], []))
    assert rig.feed.machine.state is LIVE
    rig.wait(5)
    assert (rig.looks, rig.connections) == ([], 1)


# -- connections --


@pytest.mark.parametrize("code", [0, 1, 8, 13, 14, 16, None])
def test_whatever_ends_a_connection_is_a_gap(code: int | None) -> None:
    """No book is trusted until the next connection told it; the gap ends when all are told."""
    rig = live("A", "B")
    rig.end(code)
    assert {each.trusted for each in rig.feed.books.values()} == {False}
    [gap] = rig.told(Gap)
    rig.wait(10)
    assert rig.connections == 2
    assert rig.said() == ["subscribe A B"]
    rig.hear(ack("A", "B"), update("A", [(40, 1)], [], 1))
    assert [each.trusted for each in rig.feed.books.values()] == [True, False]
    assert rig.told(Resynced) == []
    rig.hear(update("B", [], [], 1))
    assert rig.told(Resynced)[0].gap == gap


def test_a_new_connection_that_is_behind() -> None:
    """Its snapshot is older than the book: it counts once asking again brought nothing newer."""
    rig = live("A", rhythm=QUICK)
    rig.hear(update("A", [(40, 1)], [], 9))
    rig.end()
    rig.wait(10)
    rig.hear(ack("A"), update("A", [(30, 1)], [], 8))
    book = rig.feed.books["A"]
    assert (book.trusted, "older" in book.why, rig.feed.machine.state) == (False, True, SUBSCRIBING)
    rig.wait(1.1)
    rig.answer({})
    assert rig.said()[-2:] == ["unsubscribe A", "subscribe A"]
    rig.hear(ack("A"), update("A", [(30, 1)], [], 8))
    assert (book.trusted, book.bid, rig.feed.machine.state) == (True, Decimal("0.30"), LIVE)
    rig.hear(update("A", [(20, 1)], [], 7))
    assert book.bid == Decimal("0.30")


def test_what_catches_up_counts_at_once() -> None:
    """An update as new as the book mends it."""
    rig = live("A")
    rig.hear(update("A", [(40, 1)], [], 9))
    rig.end()
    rig.wait(10)
    rig.hear(ack("A"), update("A", [(30, 1)], [], 8), update("A", [(41, 1)], [], 10))
    assert (rig.feed.books["A"].bid, rig.feed.machine.state) == (Decimal("0.41"), LIVE)


def test_slow_readers_are_told_the_newest_of_each() -> None:
    """From memory, between a gap and its end; the books were right all the time."""
    rig = live("A", "B")
    rig.hear(update("A", [(40, 1)], [], 1), update("A", [(41, 1)], [], 2))
    rig.events.clear()
    rig.do(rig.feed.overflowed(rig.now))
    rig.answer({})
    assert [type(each) for each in rig.events] == [Gap, Message, Message, Mark, Resynced]
    assert [(each.key, len(each.native.bids)) for each in rig.told(Message)] == [("A", 1), ("B", 0)]
    assert rig.told(Message)[0].native.bids[0].px == 41
    assert (rig.said(), rig.feed.books["A"].trusted) == ([], True)


def test_what_was_told_again_may_be_dropped_as_well() -> None:
    """It is told with signs of life until it was read, with pauses; then no more."""
    rig = live("A")
    rig.do(rig.feed.overflowed(rig.now))
    rig.answer({})
    for _ in range(3):
        rig.do(rig.feed.overflowed(rig.now))
        rig.hear(heartbeat())
    assert (len(rig.told(Message)), len(rig.told(Gap))) == (1, 1)
    for _ in range(2):
        rig.wait(2)
        rig.hear(heartbeat())
    assert (len(rig.told(Message)), len(rig.told(Gap))) == (3, 1)
    rig.told(Mark)[-1].done()
    rig.wait(2)
    rig.hear(heartbeat())
    assert len(rig.told(Message)) == 3


def test_more_books_than_a_slow_reader_can_take() -> None:
    """They are not told again: it would be slower still."""
    rig = live("A", "B", retold=1)
    rig.do(rig.feed.overflowed(rig.now))
    rig.wait(2)
    rig.hear(heartbeat())
    assert (rig.events, rig.looks) == ([], [])


# -- once --


def test_snapshots_alone_end_by_themselves() -> None:
    """Once everything was told, whoever hangs up."""
    rig = Rig(["A", "B"], snapshot_only=True)
    rig.hear(ack("A", "B"), update("A", [(40, 100)], []))
    assert rig.finished == []
    rig.hear(update("B", [], []))
    assert (rig.finished, rig.open) == ([None], False)
    assert sides(rig.feed.books["A"]) == ([("0.40", "1")], [])


def test_snapshots_wait_for_their_scales() -> None:
    """The venue has hung up long before REST answers."""
    rig = Rig(["A"], snapshot_only=True, one_way=True)
    rig.hear(update("A", [(40, 100)], [], kind=ONE_WAY))
    rig.end(0, "the venue ended it")
    assert rig.finished == []
    rig.answer({"A": (100, 1)})
    assert (rig.finished, sides(rig.feed.books["A"])) == ([None], ([("0.40", "100")], []))


def test_snapshots_that_were_cut_short_come_again() -> None:
    """A stream that broke before everything was told is no end."""
    rig = Rig(["A", "B"], snapshot_only=True)
    rig.hear(ack("A", "B"), update("A", [], []))
    rig.end(0)
    assert (rig.finished, rig.feed.machine.state) == ([], StreamState.BACKING_OFF)


# -- everything --


def everything(*symbols: str, **terms: Any) -> Rig:
    """Return a stream of all there is."""
    rig = Rig(None, one_way=True, **terms)
    assert list(rig.opening.symbols) == []
    for each in symbols:
        rig.hear(update(each, [(40, 1)], [], kind=ONE_WAY, price_scale=100, quantity_scale=1))
    return rig


def test_everything_begins_books_as_they_are_told() -> None:
    """Their scales come with them."""
    rig = everything("A", "B")
    assert rig.looks == []
    assert rig.feed.machine.state is LIVE
    assert {each: sides(book) for each, book in rig.feed.books.items()} == dict.fromkeys(
        "AB", ([("0.40", "1")], [])
    )
    assert all(each.trusted for each in rig.feed.books.values())


def test_everything_without_scales_asks_rest() -> None:
    """Once for each symbol; a book of no symbol is none."""
    rig = Rig(None, one_way=True)
    for _ in range(3):
        rig.hear(update("A", [(40, 1)], [], kind=ONE_WAY))
    assert rig.looks == [("A",)]
    rig.answer({"A": (100, 1)})
    assert rig.feed.books["A"].trusted
    rig.hear(update("", [], [], kind=ONE_WAY))
    assert list(rig.feed.books) == ["A"]
    assert len(rig.told(Raw)) == 1


def test_everything_again_after_a_gap() -> None:
    """The gap ends when every book of before was told; what is listed no longer is told as lost."""
    rig = everything("A", "B", "C")
    rig.end()
    rig.wait(10)
    rig.hear(update("A", [], [], 1, kind=ONE_WAY), update("B", [], [], 1, kind=ONE_WAY))
    assert rig.told(Resynced) == []
    rig.hear(heartbeat(ONE_WAY))
    assert rig.told(Resynced) == []
    rig.hear(heartbeat(ONE_WAY))
    [lost] = rig.told(Lost)
    assert (lost.key, list(rig.feed.books), len(rig.told(Resynced))) == ("C", ["A", "B"], 1)


def test_everything_of_a_venue_that_is_never_quiet() -> None:
    """What is not told within ten seconds is not listed."""
    rig = everything("A", "B")
    rig.end()
    rig.wait(10)
    for at in range(12):
        rig.hear(update("A", [], [], at, kind=ONE_WAY))
        rig.wait(1)
    rig.hear(update("C", [], [], 12, kind=ONE_WAY, price_scale=100))
    assert ([each.key for each in rig.told(Lost)], len(rig.told(Resynced))) == (["B"], 1)


def test_everything_once() -> None:
    """It is over when the venue says so."""
    rig = everything("A", snapshot_only=True)
    assert rig.finished == []
    rig.end(0, "the venue ended it")
    assert rig.finished == [None]


def test_everything_for_a_slow_reader() -> None:
    """The newest of each book once more."""
    rig = everything("A", "B")
    rig.events.clear()
    rig.do(rig.feed.overflowed(rig.now))
    rig.answer({})
    assert [type(each) for each in rig.events] == [Gap, Message, Message, Mark, Resynced]


# -- chance --


@pytest.mark.parametrize("seed", range(20))
def test_books_are_those_of_the_newest_update(seed: int) -> None:
    """Whatever is doubled, lost, late or cut off: a trusted book is the newest that came of its symbol."""
    chance, rig = Random(seed), Rig(["A", "B"], rhythm=QUICK)
    newest: dict[str, Any] = {}
    late: list[Any] = []
    rig.hear(ack("A", "B"))

    def hear(message: Any) -> None:
        rig.hear(message)
        told, symbol = message.update, message.update.symbol
        at = told.transact_time.ToNanoseconds()
        if symbol not in newest or at >= newest[symbol].transact_time.ToNanoseconds():
            newest[symbol] = told

    for at in range(300):
        symbol, best = chance.choice("AB"), chance.randint(2, 97)
        bids = [(best - each, chance.randint(1, 99)) for each in range(chance.randint(0, 3)) if best > each]
        offers = [(best + 1 + each, chance.randint(1, 99)) for each in range(chance.randint(0, 3))]
        message, fate = update(symbol, bids, offers, at), chance.random()
        if fate < 0.05:
            late.append(message)
        elif fate >= 0.1:
            hear(message)
            if fate < 0.15:
                hear(message)
        if late and chance.random() < 0.3:
            hear(late.pop())
        if fate > 0.97:
            rig.end()
            late.clear()
            rig.wait(10)
            rig.looks.clear()
            rig.hear(ack("A", "B"))
        _compare(rig, newest)
    assert any(each.trusted for each in rig.feed.books.values())


def _compare(rig: Rig, newest: dict[str, Any]) -> None:
    for symbol, book in rig.feed.books.items():
        if book.trusted:
            told = newest[symbol]
            for side, levels in ((told.bids, book.bids()), (told.offers, book.asks())):
                assert {(each.px, each.qty) for each in side} == {
                    (int(price * 100), int(size * 100)) for price, size in levels
                }


def test_feeds_of_one_stream_share_their_books() -> None:
    """Each keeps its own part."""
    books: dict[str, OrderBook] = {}
    first, second = Rig(["A"], books=books), Rig(["B"], books=books)
    first.hear(ack("A"), update("A", [(4, 1)], []))
    assert [(name, each.trusted) for name, each in books.items()] == [("A", True), ("B", False)]
    second.do(second.feed.want([], 0.0))
    assert list(books) == ["A"]
