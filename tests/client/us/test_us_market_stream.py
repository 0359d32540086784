# Mirrored from test_us_market_stream_async.py by `python -m generator.mirror`; do not edit.
"""Live books of the US exchange in use: right, or not trusted, whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.streams.events import (
    Dropped,
    Event,
    Gap,
    Lost,
    Message,
    Resynced,
    Status,
    StreamState,
)
from polyspec.errors import AuthError, ConfigError, NotFound, StreamClosed, StreamError
from polyspec.us.client import UsExchangeClient
from polyspec.us.market_words import MARKET_RHYTHM
from tests.client.doing import sleep, together
from tests.client.us.books import ONE_WAY, RHYTHM, TALK, offer, options, same
from tests.client.us.rig import Venue, open_venue


@pytest.fixture(scope="module")
def shared() -> Iterator[Venue]:
    """Run a sandbox that gives signs of life quickly."""
    with open_venue(venues=["us"], heartbeat=0.05) as venue:
        yield venue


@pytest.fixture
def venue(shared: Venue) -> Iterator[Venue]:
    """The same, with no fault of an earlier test."""
    yield shared
    shared.sandbox.faults.clear()


def connect(venue: Venue, **changes: Any) -> UsExchangeClient:
    """Return a client of the sandbox."""
    return UsExchangeClient(**options(venue, **changes))


def until(stream: Any, kind: type[Event], **wanted: Any) -> Any:
    """Return the next event of a kind with these attributes."""
    for event in stream:
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in wanted.items()):
            return event
    raise AssertionError(f"the stream ended without a {kind.__name__}")


def live(stream: Any) -> None:
    """Wait until everything asked for was told."""
    until(stream, Status, state=StreamState.LIVE)


def right(venue: Venue, stream: Any, *symbols: str) -> bool:
    """Wait until books are trusted and the sandbox's."""
    for _ in range(200):
        with stream.still:
            found = [symbol in stream.books and same(venue, stream.books[symbol]) for symbol in symbols]
        if all(found):
            return True
        sleep(0.02)
    return False


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_books_are_those_of_the_venue(tls: bool) -> None:
    """A snapshot, then whole books; they are kept up to date whether events are read or not."""
    with open_venue(venues=["us"], tls=tls) as venue:
        symbol = venue.market()
        offer(venue, symbol, 495, 150, "BUY")
        with connect(venue) as client, client.stream.market([symbol], rhythm=RHYTHM) as stream:
            first = until(stream, Message, key=symbol)
            assert [(each.px, each.qty) for each in first.native.bids] == [(495, 150)]
            live(stream)
            offer(venue, symbol, 505, 20)
            assert [each.px for each in until(stream, Message).native.offers] == [505]
            offer(venue, symbol, 495, 100)
            offer(venue, symbol, 490, 1, "BUY")
            assert right(venue, stream, symbol)
            assert stream.books[symbol].best_bid == (Decimal("0.495"), Decimal("0.5"))


@pytest.mark.parametrize("terms", [{"depth": 2}, {"depth": 2, "one_way": True}], ids=["talk", "one way"])
def test_a_book_ends_where_it_was_asked_to(venue: Venue, terms: Any) -> None:
    """Levels beyond the depth are not told; scales are there whatever the way."""
    symbol = venue.market()
    for price in (510, 520, 530):
        offer(venue, symbol, price)
    with connect(venue) as client, client.stream.market([symbol], rhythm=RHYTHM, **terms) as stream:
        live(stream)
        prices = [price for price, _ in stream.books[symbol].asks()]
        assert prices == [Decimal("0.51"), Decimal("0.52")]
        offer(venue, symbol, 505)
        until(stream, Message)
        assert stream.books[symbol].ask == Decimal("0.505")


def test_single_orders_make_the_same_book(venue: Venue) -> None:
    """Order by order in events, levels in books."""
    symbol = venue.market()
    offer(venue, symbol, 510, 30)
    offer(venue, symbol, 510, 40)
    with connect(venue) as client, client.stream.market([symbol], unaggregated=True) as stream:
        told = until(stream, Message)
        assert [each.qty for each in told.native.offers] == [30, 40]
        assert right(venue, stream, symbol)


def test_symbols_come_and_go(venue: Venue) -> None:
    """On the running stream; one that nobody knows is told by name and costs the others nothing."""
    first, second = venue.market(), venue.market()
    with connect(venue) as client, client.stream.market([first], rhythm=RHYTHM) as stream:
        instrument = client.instruments.get(second)
        live(stream)
        stream.add(instrument, "nothing")
        lost = until(stream, Lost)
        assert (lost.key, type(lost.error), stream.symbols) == ("nothing", NotFound, [first, second])
        offer(venue, second, 510)
        assert right(venue, stream, first, second)
        stream.remove(first)
        assert stream.symbols == [second]
        stream.remove(instrument)
        until(stream, Status, state=StreamState.IDLE)
        stream.add(first)
        live(stream)
        assert right(venue, stream, first)


def test_many_changes_at_once(venue: Venue) -> None:
    """What is asked for last is what is told, in whatever haste it was asked."""
    symbols = [venue.market() for _ in range(8)]
    with connect(venue) as client, client.stream.market(symbols[:1], rhythm=RHYTHM) as stream:
        live(stream)
        for _ in range(5):
            stream.add(*symbols[1:])
            for each in symbols[2:]:
                stream.remove(each)
        assert right(venue, stream, *symbols[:2])
        assert stream.symbols == symbols[:2]


def test_a_wrong_symbol_of_one_way(venue: Venue) -> None:
    """It costs all of the stream: the venue refuses it as a whole."""
    with connect(venue) as client:
        stream = client.stream.market([venue.market(), "nothing"], one_way=True)
        with pytest.raises(NotFound, match="nothing"):
            until(stream, Dropped)
        assert stream.state is StreamState.CLOSED


def test_everything(venue: Venue) -> None:
    """All there is, and what is listed later as well."""
    symbol = venue.market()
    with connect(venue) as client, client.stream.market(None, rhythm=RHYTHM) as stream:
        until(stream, Message, key=symbol)
        later = venue.market()
        offer(venue, later, 510)
        assert right(venue, stream, symbol, later)
        with pytest.raises(ConfigError, match="opening"):
            stream.add(symbol)
        venue.sandbox.faults.add(kind="grpc_unavailable", operation=ONE_WAY)
        gap = until(stream, Gap)
        assert until(stream, Resynced).gap == gap
        assert right(venue, stream, symbol, later)


@pytest.mark.parametrize("one_way", [False, True])
def test_snapshots_alone(venue: Venue, one_way: bool) -> None:
    """Each book once, and the stream is over."""
    symbols = [venue.market() for _ in range(3)]
    offer(venue, symbols[2], 510)
    with connect(venue) as client:
        stream = client.stream.market(
            symbols, snapshot_only=True, one_way=one_way, per_stream=2, rhythm=RHYTHM
        )
        told = [each.key for each in stream if isinstance(each, Message)]
        assert (sorted(told), stream.state) == (sorted(symbols), StreamState.CLOSED)
        assert stream.books[symbols[2]].ask == Decimal("0.51")


# -- many --


def test_more_symbols_than_one_stream_takes(venue: Venue) -> None:
    """They are told as one; gaps are filled, and what is left empty hangs up."""
    symbols = [venue.market() for _ in range(13)]
    with connect(venue) as client:
        with client.stream.market(symbols, per_stream=5, rhythm=RHYTHM) as stream:
            assert right(venue, stream, *symbols)
            assert stream.state is StreamState.LIVE
            calls = venue.seen[TALK]
            offer(venue, symbols[12], 510)
            offer(venue, symbols[0], 510)
            assert right(venue, stream, *symbols)
            stream.remove(*symbols[:5])
            stream.add(*symbols[:2])
            assert right(venue, stream, *symbols[5:], *symbols[:2])
            assert [len(each.feed.symbols) for each in stream._shards] == [0, 5, 5]
            assert (client.stream._places.taken, stream.state) == (2, StreamState.LIVE)
            stream.add(*symbols)
            assert right(venue, stream, *symbols)
            assert client.stream._places.taken == 3
            assert calls > 3
        assert client.stream._places.taken == 0


def test_the_worst_of_many_streams_speaks_for_all(venue: Venue) -> None:
    """While one of them is away, its books are not trusted, and others are."""
    symbols = [venue.market() for _ in range(2)]
    with connect(venue) as client:
        slow = evolve(RHYTHM, shortest=0.5, first=0.6, longest=0.7)
        with client.stream.market(symbols, per_stream=1, rhythm=slow) as stream:
            assert right(venue, stream, *symbols)
            venue.sandbox.faults.add(kind="grpc_unavailable", operation=TALK)
            until(stream, Gap)
            assert stream.state is StreamState.BACKING_OFF
            assert "stream dropped" in stream.why
            assert sorted(each.trusted for each in stream.books.values()) == [False, True]
            until(stream, Resynced)
            assert right(venue, stream, *symbols)


def test_no_more_streams_than_a_firm_may_have(venue: Venue) -> None:
    """It is said before anything is sent, whoever has the others; what is closed makes room."""
    symbol = venue.market()
    with connect(venue) as client, connect(venue) as other:
        streams = [client.stream.market([symbol]) for _ in range(19)]
        last = other.for_participant("somebody").stream.market([symbol])
        with pytest.raises(StreamError, match="20 at a time"):
            client.stream.market([symbol])
        calls = venue.seen[TALK]
        streams[0].close()
        with client.stream.market([symbol], per_stream=1) as stream:
            live(stream)
            with pytest.raises(StreamError, match="close some"):
                stream.add(venue.market())
            assert (stream.symbols, stream.state) == ([symbol], StreamState.LIVE)
        assert venue.seen[TALK] > calls
        last.close()


# -- bad days --


@pytest.mark.parametrize(
    "kind",
    ["grpc_unavailable", "grpc_goaway", "grpc_expired", "grpc_silent"],
)
def test_whatever_ends_a_stream_is_a_gap(venue: Venue, kind: str) -> None:
    """No book is trusted until another connection told it."""
    symbols = [venue.market() for _ in range(2)]
    with connect(venue) as client, client.stream.market(symbols, rhythm=RHYTHM) as stream:
        live(stream)
        venue.sandbox.faults.add(kind=kind, operation=TALK)
        offer(venue, symbols[0], 510)
        gap = until(stream, Gap)
        offer(venue, symbols[1], 520)
        assert until(stream, Resynced).gap == gap
        assert right(venue, stream, *symbols)


@pytest.mark.parametrize("kind", ["grpc_duplicate", "grpc_reorder", "grpc_lose"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_faults_at_the_beginning(venue: Venue, kind: str, after: int) -> None:
    """Scales and snapshots that are lost, late or doubled: all books are right soon."""
    symbols = [venue.market() for _ in range(2)]
    offer(venue, symbols[0], 510)
    venue.sandbox.faults.add(kind=kind, operation=TALK, after=after)
    with connect(venue) as client, client.stream.market(symbols, rhythm=RHYTHM) as stream:
        assert right(venue, stream, *symbols)
        live(stream)


def test_updates_out_of_order(venue: Venue) -> None:
    """What is older than the book is told, and changes nothing."""
    symbol = venue.market()
    with connect(venue) as client, client.stream.market([symbol], rhythm=RHYTHM) as stream:
        live(stream)
        venue.sandbox.faults.add(kind="grpc_reorder", operation=TALK)
        for price in (540, 530, 520):
            offer(venue, symbol, price)
            # what happens at once is told at once
            sleep(0.02)
        assert right(venue, stream, symbol)
        offer(venue, symbol, 510)
        told = []
        while not told or told[-1] < 4:
            told.append(len(until(stream, Message).native.offers))
        assert right(venue, stream, symbol)


def test_a_slow_consumer(venue: Venue) -> None:
    """The venue skips it to the head, or hangs up: as was asked."""
    symbol = venue.market()
    for skips in (True, False):
        with (
            connect(venue) as client,
            client.stream.market([symbol], skip_to_head=skips, rhythm=RHYTHM) as stream,
        ):
            live(stream)
            venue.sandbox.faults.add(kind="grpc_slow", operation=TALK)
            offer(venue, symbol, 540 + 10 * skips)
            if not skips:
                assert "slow consumer" in until(stream, Gap).reason
                until(stream, Resynced)
            assert right(venue, stream, symbol)


def test_a_slow_reader_is_told_what_it_missed(venue: Venue) -> None:
    """The oldest events go, with their number; then the newest of each book, which was right all along."""
    symbol = venue.market()
    with connect(venue) as client, client.stream.market([symbol], room=6, rhythm=RHYTHM) as stream:
        live(stream)
        for price in range(510, 545, 5):
            offer(venue, symbol, price)
            assert right(venue, stream, symbol)
        sleep(0.05)
        assert until(stream, Dropped).count > 2
        assert stream.books[symbol].trusted
        until(stream, Resynced)


def test_a_slow_reader_stops_the_stream(venue: Venue) -> None:
    """With block nothing is lost, and nothing is received until there is room."""
    symbols = [venue.market() for _ in range(12)]
    with (
        connect(venue) as client,
        client.stream.market(symbols, overflow="block", room=2) as stream,
    ):
        live(stream)
        for each in symbols:
            offer(venue, each, 510)
        sleep(0.1)
        assert sum(len(each) for each in stream.books.values()) < 5
        told = {until(stream, Message).key for _ in symbols}
        assert told == set(symbols)
        assert right(venue, stream, *symbols)


def test_a_slow_reader_is_cut_off(venue: Venue) -> None:
    """With disconnect the stream ends; what came before is still told, then the error is raised."""
    symbol = venue.market()
    with connect(venue) as client:
        with client.stream.market([symbol], overflow="disconnect", room=5) as stream:
            live(stream)
            for price in range(505, 1000, 5):
                offer(venue, symbol, price)
                sleep(0.01)
                if stream.state is StreamState.CLOSED:
                    break
            assert isinstance(until(stream, Lost).error, StreamClosed)
            with pytest.raises(StreamClosed, match="read as fast"):
                until(stream, Dropped)


def test_credentials_that_are_revoked(venue: Venue) -> None:
    """A stream that was let in comes back with a new token; where there is none, it is over."""
    symbol, credentials = venue.market(), venue.newcomer()
    with connect(venue, credentials=credentials) as client:
        stream = client.stream.market([symbol], rhythm=RHYTHM)
        live(stream)
        with venue.world.lock:
            venue.world.issuer.revoke_tokens()
            known = venue.world.issuer._clients.pop(credentials.client_id)
        venue.sandbox.faults.add(kind="grpc_expired", operation=TALK)
        lost = until(stream, Lost)
        assert isinstance(lost.error, AuthError)
        with pytest.raises(AuthError):
            until(stream, Dropped)
        assert not stream.books[symbol].trusted
        venue.world.issuer.register(known)


def test_nobody_is_there(venue: Venue) -> None:
    """A venue out of reach is asked again; closing ends it at any time."""
    place = venue.environment(grpc="127.0.0.1:9")
    with connect(venue, environment=place) as client:
        with client.stream.market(["any"], rhythm=RHYTHM) as stream:
            for attempt in range(1, 4):
                until(stream, Status, state=StreamState.BACKING_OFF, attempt=attempt)
        assert stream.state is StreamState.CLOSED


# -- use --


def test_the_end_is_told(venue: Venue) -> None:
    """A closed stream tells what is left, and ends; closing it twice or before it began is no harm."""
    symbol, client = venue.market(), connect(venue)
    stream = client.stream.market([symbol], rhythm=RHYTHM)
    live(stream)
    unused = client.stream.market([symbol])
    unused.close()
    assert [type(event) for event in unused] == [Status] * 2
    client.close()
    assert isinstance(list(stream)[-1], Status)
    assert list(stream) == []
    stream.close()
    with pytest.raises(StreamClosed):
        stream.add(venue.market())
    assert not stream.books[symbol].trusted


def test_closing_wakes_who_waits(venue: Venue) -> None:
    """A reader in the middle of waiting sees the end at once, on however many streams."""
    symbols = [venue.market() for _ in range(3)]
    with connect(venue) as client:
        stream = client.stream.market(symbols, per_stream=1)
        assert right_soon(venue, stream, symbols)

        def read() -> list[Event]:
            return list(stream)

        def close() -> list[Event]:
            sleep(0.1)
            stream.close()
            return []

        told, _ = together([read, close])
        assert isinstance(told[-1], Status)


def right_soon(venue: Venue, stream: Any, symbols: list[str]) -> bool:
    """Begin to read, and wait until all books are right."""
    live(stream)
    return right(venue, stream, *symbols)


def test_participants_share_the_connection(venue: Venue) -> None:
    """Closing one that acts for somebody else closes its streams, and nothing else."""
    symbol = venue.market()
    with connect(venue) as client:
        other = client.for_participant("somebody")
        mine, theirs = client.stream.market([symbol]), other.stream.market([symbol])
        live(mine)
        live(theirs)
        other.close()
        assert theirs.state is StreamState.CLOSED
        offer(venue, symbol, 510)
        assert right(venue, mine, symbol)


def test_wrong_use_is_refused(venue: Venue) -> None:
    """Before anything is opened."""
    with connect(venue) as client:
        wrong: list[tuple[Any, dict[str, Any], str]] = [
            ("A", {}, "several"),
            ([""], {}, "a symbol must be"),
            ([3], {}, "a symbol must be"),
            (["A"], {"depth": 0}, "depth"),
            (["A"], {"per_stream": 1001}, "per_stream"),
            (["A"], {"overflow": "explode"}, "overflow"),
            (["A"], {"room": 0}, "room"),
        ]
        for symbols, named, words in wrong:
            with pytest.raises(ConfigError, match=words):
                client.stream.market(symbols, **named)
        one_way = client.stream.market(["A"], one_way=True)
        with pytest.raises(ConfigError, match="opening"):
            one_way.remove("A")
        assert client.stream._places.taken == 1


def test_nothing_is_logged(venue: Venue, caplog: pytest.LogCaptureFixture) -> None:
    """Not at the lowest level; no token is shown by what is in hand either."""
    symbol = venue.market()
    with caplog.at_level(logging.DEBUG):
        with connect(venue) as client, client.stream.market([symbol], rhythm=MARKET_RHYTHM) as stream:
            live(stream)
            shown = repr((stream, client, stream._shards))
    assert symbol not in caplog.text
    assert "Bearer" not in caplog.text + shown
    assert "eyJ" not in caplog.text + shown
