"""Recordings of streams: what was told once is told again, to the letter, whatever happened."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random  # noqa: TID251 - seeds are the point
from typing import Any

import msgspec
import pytest
from attrs import asdict, frozen
from polyspec_wire.clob import models as wire

from polyspec import errors
from polyspec.clob.market import TokenMarkets
from polyspec.clob.market_feed import MARKET_RHYTHM, MarketFeed
from polyspec.core.streams.events import Event, Gap, Message, Raw, Resynced
from polyspec.core.streams.recording import Header, Input, Player, Recorder, header_of, inputs, replayed
from polyspec.core.streams.spelling import Spelling, kind_of_error
from polyspec.errors import ConfigError, ConnectFailed, DecodeError, NotFound, PolyspecError, RateLimited
from polyspec.us.protos import ours
from tests.unit.market_rig import Model, Rig

SPELLING = Spelling(wire)
HEADER = Header.begin("clob", "market", ["1"], MARKET_RHYTHM, wall=1_700_000_000.5, monotonic=100.25)


@frozen
class Found:
    """A record as venues have them."""

    rows: list[wire.OrderBookSummary]
    at: int


class Overheard:
    """A feed whose inputs are told to a tap, as shells tell them."""

    def __init__(self, rig: Rig, tap: Any) -> None:
        self._feed = rig.feed
        self._rig = rig
        self._tap = tap
        self.machine = self
        self._machine = rig.feed.machine

    def __getattr__(self, name: str) -> Any:
        if name in ("opened", "tick"):
            return lambda now: self._due(name, now)
        if name in ("heard", "look", "looked", "want"):
            return lambda *arguments: self._told(name, *arguments)
        return getattr(self._feed if hasattr(self._feed, name) else self._machine, name)

    def _due(self, name: str, now: float) -> Any:
        if name == "tick" and now < self._machine.wakes:
            return []
        self._tap(name, now, ())
        return getattr(self._machine, name)(now)

    def _told(self, name: str, *arguments: Any) -> Any:
        self._tap(name, arguments[-1], arguments[:-1])
        return getattr(self._feed, name)(*arguments)

    def ended(self, now: float, reason: str, code: int | None) -> Any:
        """Note the end of a connection."""
        self._tap("ended", now, (reason, code))
        return self._feed.ended(now, reason, code)


def recorder(header: Header = HEADER) -> tuple[Recorder, list[bytes]]:
    """Return a recorder and the lines it writes."""
    lines: list[bytes] = []
    return Recorder(header, SPELLING, lines.append), lines


def feed() -> MarketFeed:
    """Return a feed without a venue."""
    return MarketFeed(None, TokenMarkets(300.0), lambda: 0.9)  # type: ignore[arg-type]


def stormy(seed: int) -> tuple[Rig, list[bytes]]:
    """Let a book change while messages are lost and cut and connections break; return the recording."""
    chance = Random(seed)
    model = Model("1" * 20, chance)
    record, lines = recorder()
    rig = Rig(chance=0.7)
    rig.models[model.token] = model
    rig.feed.machine.chance = chance.random
    rig.events.clear()
    rig.feed = Overheard(rig, record)  # type: ignore[assignment]
    rig.do(rig.feed.want([model.token], rig.now))
    for _ in range(120):
        rig.wait(chance.random())
        text, luck = model.move(model.at + chance.randint(1, 900)), chance.random()
        if luck < 0.05:
            continue
        if luck < 0.1:
            text = text[: chance.randrange(len(text))]
        if luck > 0.95:
            rig.do(rig.feed.ended(rig.now, "the connection broke", None))
            rig.wait(5.0)
        rig.hear(text)
    rig.wait(40.0)
    return rig, lines


@pytest.mark.parametrize("seed", range(6))
def test_a_recording_tells_the_same(seed: int) -> None:
    """The same events, to the letter and the second, and the same book in the end."""
    rig, lines = stormy(seed)
    assert header_of(lines[0]) == HEADER
    again = feed()
    told = list(replayed(lines[1:], again, SPELLING))
    assert told == rig.events
    kinds = {type(each) for each in told}
    assert {Message, Gap, Resynced, Raw} <= kinds
    (before,), (after,) = rig.feed.books.values(), again.books.values()
    assert list(before) == list(after)
    assert (before.trusted, before.why, before.at) == (after.trusted, after.why, after.at)


def test_a_pause_ends_when_it_ended() -> None:
    """Chance is not recorded; a connection is made again when it was, not when chance would have it now."""
    record, lines = recorder()
    player = Player(feed())
    for given in (
        Input("want", 0.0, (["1"],)),
        Input("opened", 0.1, ()),
        Input("ended", 0.2, ("the connection broke", 1006)),
        Input("tick", 9.0, ()),
    ):
        record(*given)
        player.play(given)
    assert player.feed.machine.state.name == "CONNECTING"
    assert [type(each).__name__ for each in replayed(lines[1:], feed(), SPELLING)] == [
        "Status", "Status", "Gap", "Status", "Status",
    ]  # fmt: skip


BOOK = msgspec.convert(
    {"market": "0xm", "asset_id": "1", "timestamp": "5", "hash": "", "bids": [{"price": "0.40", "size": "7"}],
     "asks": [], "min_order_size": "5", "tick_size": "0.01", "neg_risk": False},
    wire.OrderBookSummary,
)  # fmt: skip


def refused(kind: type[PolyspecError], *arguments: Any, **named: Any) -> PolyspecError:
    """Return an error of a request."""
    error = kind(*arguments, **named)
    error.operation = "GET /book"
    return error


VALUES = [
    None, True, 0, -3, 1.25, "text", "ünï\n", b"bytes", b"\xff\x00", [1, ["2"]], (1, (2,)), {},
    {"1": BOOK, 2: (3,)}, Decimal("0.450"), BOOK,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back(value: Any) -> None:
    """Of the same kind and equal, decimals with all their digits."""
    spelt = json.loads(msgspec.json.encode(SPELLING.spell(value)))
    again = SPELLING.read(spelt)
    assert (type(again), again, repr(again)) == (type(value), value, repr(value))


@pytest.mark.parametrize(
    "error",
    [
        ConnectFailed("no connection"),
        refused(DecodeError, "no book"),
        refused(NotFound, "no such token", status=404, code="NO", request_id="r1"),
        refused(RateLimited, "slower", status=429, retry_after=1.5),
        ConfigError(),
    ],
    ids=repr,
)
def test_errors_come_back(error: PolyspecError) -> None:
    """With their class, their words and what a feed asks of them; not with the body of the answer."""
    again = SPELLING.read(json.loads(msgspec.json.encode(SPELLING.spell(error))))
    assert (type(again), str(again), again.maybe_executed) == (type(error), str(error), error.maybe_executed)
    assert "body" not in SPELLING.spell(error)


def test_an_error_nobody_knows_counts_as_the_next_one_above() -> None:
    """An error of a venue's own is recorded as what everybody knows of it."""

    class Odd(NotFound):
        """An error nobody else has."""

    spelt = SPELLING.spell(Odd("odd", status=404))
    assert (kind_of_error(Odd("odd", status=404)), type(SPELLING.read(spelt))) == ("NotFound", NotFound)
    assert set(errors.__all__) >= {"NotFound"}


def test_records_and_protobuf_come_back() -> None:
    """Where a venue names its records, and where its messages are found."""
    spelling = Spelling(wire, records=[Found], message=ours().message)
    found = Found([BOOK], 3)
    message = ours().message("MarketDataUpdate")(symbol="abc")
    message.bids.add(px=45, qty=7)
    message.transact_time.FromNanoseconds(1_700_000_000_123_456_789)
    again = spelling.read(json.loads(msgspec.json.encode(spelling.spell([found, message]))))
    assert again == [found, message]
    assert type(again[1]) is type(message)


@pytest.mark.parametrize(
    "value", [object(), float("nan"), {1, 2}, Found([], 1)], ids=lambda it: type(it).__name__
)
def test_what_cannot_be_recorded_is_refused(value: Any) -> None:
    """Before anything is written that cannot be played."""
    record, lines = recorder()
    with pytest.raises(ConfigError, match="recorded"):
        record("looked", 1.0, (("1",), value))
    assert len(lines) == 1


def test_a_recording_that_was_cut_off_is_played_to_its_last_whole_line() -> None:
    """Wherever in a line the writer was stopped; a cut inside the file is no such thing."""
    _, lines = stormy(1)
    whole = [given for _, given in inputs(lines[1:], SPELLING)]
    for cut in range(1, len(lines[-1]), 7):
        read = [given for _, given in inputs([*lines[1:-1], lines[-1][:cut]], SPELLING)]
        assert read in (whole[:-1], whole)
    with pytest.raises(DecodeError, match="line 3: "):
        list(inputs([lines[1], lines[2][:-9] + b"\n", lines[3]], SPELLING))


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense", b"{}", b"[]", b'{"now": 1, "what": "explode"}', b'{"now": 1, "what": "heard"}',
        b'{"now": "1", "what": "tick"}', b'{"now": 1e300, "what": "tick"}',
        b'{"now": 1, "what": "tick", "args": [1]}',
        b'{"now": 1, "what": "heard", "args": [{"odd": 1}]}', b'{"now": 1, "what": "heard", "args": [{}]}',
        b'{"now": 1, "what": "heard", "args": [{"base64": "*"}]}',
        b'{"now": 1, "what": "heard", "args": [{"message": "a.B", "base64": ""}]}',
        b'{"now": 1, "what": "refused", "args": [{"error": "SystemExit", "text": ""}]}',
        b'{"now": 1, "what": "heard", "args": [{"struct": "msgspec", "value": {}}]}',
        b'{"now": 1, "what": "heard", "args": [{"record": "Rhythm", "fields": {}}]}',
        b'{"now": 1, "what": "heard", "args": [{"struct": "BookEvent", "value": {}}]}',
        b'{"now": 1, "what": "heard", "args": [7]}', b'{"now": 1, "what": "want", "args": [7]}',
        b'{"now": 1, "what": "looked", "args": [["1"], 7]}', b'{"now": 1, "what": "look", "args": [null]}',
        b'{"now": 1, "what": "refused", "args": [null]}',
        b'{"now": 1, "what": "__init__", "args": []}', b"\xff", b"[" * 100_000,
    ],
    ids=lambda it: it[:60],
)  # fmt: skip
def test_a_line_that_is_none_is_named(line: bytes) -> None:
    """By its number, in one sentence."""
    record, lines = recorder()
    record("want", 1.0, (["1"],))
    with pytest.raises(DecodeError, match=r"^line 3: .+") as caught:
        list(replayed([*lines[1:], line + b"\n", lines[1]], feed(), SPELLING))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "version 2; version 1 can be played"),
        ({"version": "1"}, "version '1'"),
        ({"polyspec": "music"}, "no recording"),
        ({"wall": "yesterday"}, "line 1"),
        ({"rhythm": {"connect": 0}}, "connect"),
        ({"rhythm": {"swing": 1}}, "swing"),
        ({"keys": 7}, "keys"),
        ({"monotonic": 1e300}, "line 1"),
    ],
)
def test_a_header_that_is_none_is_refused(change: dict[str, Any], words: str) -> None:
    """A file of another version, and whatever else is no recording, before any of it is played."""
    plain = json.loads(msgspec.json.encode(HEADER))
    with pytest.raises(DecodeError, match=r"^line 1: ") as caught:
        header_of(json.dumps(plain | change).encode())
    assert words in str(caught.value)


@pytest.mark.parametrize("line", [b"", b"nonsense", b"[1]", b"\xff\xfe"])
def test_what_is_no_recording_is_refused(line: bytes) -> None:
    """Also an empty file."""
    with pytest.raises(DecodeError, match="no recording"):
        header_of(line)


def test_the_header_knows_the_time_of_day() -> None:
    """Monotonic seconds count on from the moment of both clocks; the rhythm is as it was."""
    assert HEADER.moment(101.5).isoformat() == "2023-11-14T22:13:21.750000+00:00"
    assert HEADER.rhythm == asdict(MARKET_RHYTHM)


def test_events_are_the_kinds_of_the_feed() -> None:
    """Nothing but events comes of a recording."""
    _, lines = stormy(3)
    assert all(isinstance(each, Event) for each in replayed(lines[1:], feed(), SPELLING))
