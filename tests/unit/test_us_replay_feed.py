"""Streams that can be read on: nothing applied twice within a process, nothing lost between two."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from polyspec_wire.proto.polymarket.v1 import dropcopy_pb2 as dropcopy
from polyspec_wire.proto.polymarket.v1 import funding_pb2 as funding
from polyspec_wire.proto.polymarket.v1 import orders_pb2, positions_pb2

from polyspec.core.streams.events import Gap, Lost, Message, Resynced, StreamState
from polyspec.errors import AuthError, ConfigError, Forbidden, ServerError, StreamError
from polyspec.us.proto_words import name_of
from polyspec.us.replay_channels import (
    BALANCE_LEDGER,
    DROP_COPY,
    FUNDING,
    POSITION_CHANGES,
    TRADE_CAPTURES,
    Channel,
)
from polyspec.us.replay_feed import ReplayFeed
from polyspec.us.resume import Cursor, CursorFile, begin_of, keeper_of
from tests.unit.us_private_rig import NS, START, Rig, rpc, session

HOUR = 3600
OLD = Cursor(b"old", START * NS)


def feed(channel: Channel = DROP_COPY, resume: Any = None, **filters: Any) -> ReplayFeed:
    """Return a feed that goes on from somewhere."""
    keeper = keeper_of(resume, channel.stream)
    begin = begin_of(resume, keeper)
    return ReplayFeed(
        session(),
        rpc(channel.service, channel.method),
        channel,
        filters,
        lambda: 0.5,
        begin=begin,
        keeper=keeper,
    )


def rig(channel: Channel = DROP_COPY, resume: Any = None) -> Rig:
    """Return a stream on its first connection."""
    made = Rig(feed(channel, resume))
    made.connect()
    return made


def done(number: int, at: float = 0.0) -> Any:
    """Return an execution."""
    made = orders_pb2.Execution(id=f"e{number}", order=orders_pb2.Order(id="o", symbol="tec"))
    made.transact_time.FromNanoseconds(int((START + at) * NS))
    return made


def batch(token: str, *found: Any) -> Any:
    """Return a batch of executions."""
    return dropcopy.CreateDropCopySubscriptionResponse(resume_token=token.encode(), executions=found)


def ids(events: list[Any]) -> list[str]:
    """Return the ids of executions that are told."""
    return [each.native.id for each in events if isinstance(each, Message)]


def since(request: Any) -> float | None:
    """Return the second after the start from which a request asks for what happened."""
    return request.resume_time.ToNanoseconds() / NS - START if request.HasField("resume_time") else None


# -- what is told --


def test_live_with_the_first_sign_of_life() -> None:
    """Who asks for nothing of before is told what happens now, each thing once."""
    made = rig()
    assert (made.asked.resume_token, since(made.asked)) == (b"", None)
    assert made.hear(batch("a"))
    assert made.state() is StreamState.LIVE
    told = made.hear(batch("b", done(1), done(2)), batch("c", done(2), done(3)), batch("c"))
    assert ids(told) == ["e1", "e2", "e3"]
    assert {each.key for each in told} == {"tec"}


def test_an_execution_without_an_id_is_told_whenever_it_comes() -> None:
    """Twice is better than not at all."""
    made = rig()
    bare = orders_pb2.Execution(text="no id")
    assert len(made.natives(made.hear(batch("a", bare), batch("b", bare)))) == 2


def test_a_trade_is_told_once_in_each_state() -> None:
    """Made, cleared, busted: the last reverses it."""
    made = rig(TRADE_CAPTURES)

    def trade(state: str) -> Any:
        parts: Any = {"state": f"TRADE_STATE_{state}"}
        found = orders_pb2.Trade(id="t", passive=done(1), **parts)
        return dropcopy.CreateTradeCaptureReportSubscriptionResponse(
            resume_token=b"a", trade_capture_reports=[found]
        )

    told = made.hear(*(trade(each) for each in ("NEW", "NEW", "CLEARED", "NEW", "BUSTED", "BUSTED")))
    states = [name_of(each, "state").removeprefix("TRADE_STATE_") for each in made.natives(told)]
    assert states == ["NEW", "CLEARED", "BUSTED"]
    assert told[-1].key == "tec"


def test_a_change_of_a_position_is_told_once() -> None:
    """Changes of one moment differ in what they led to."""
    made = rig(POSITION_CHANGES)

    def change(net: int) -> Any:
        found = dropcopy.PositionChange(
            position=positions_pb2.Position(account="a", symbol="tec", net_position=net)
        )
        found.change_time.FromNanoseconds(START * NS)
        return dropcopy.CreatePositionChangeSubscriptionResponse(resume_token=b"a", position_changes=[found])

    told = made.hear(change(1), change(2), change(1))
    assert [each.position.net_position for each in made.natives(told)] == [1, 2]


# -- connections --


def test_a_connection_goes_on_from_what_came() -> None:
    """Not from what was applied: what waits for its reader is told all the same, and only once."""
    made = rig()
    made.hear(batch("a"), batch("b", done(1, 1)))
    (gap, *_) = made.breaks()
    assert isinstance(gap, Gap)
    assert made.connect().resume_token == b"b"
    told = made.hear(batch("c", done(1, 1), done(2, 2)))
    assert ids(told) == ["e2"]
    assert not [each for each in told if isinstance(each, Resynced)]
    # the past ends with an empty batch, or with what happened after the connection was made
    assert isinstance(made.hear(batch("c"))[-1], Resynced)
    assert ids(made.read()) == ["e1", "e2"]


def test_the_past_ends_with_what_happens_now() -> None:
    """A busy stream has no empty batches."""
    made = rig(resume=datetime.fromtimestamp(START - HOUR, UTC))
    assert since(made.asked) == -HOUR - 30
    made.hear(batch("a", done(1, -50)))
    assert made.state() is StreamState.SUBSCRIBING
    made.hear(batch("b", done(2, 1)))
    assert made.state() is StreamState.LIVE


def test_a_connection_that_told_nothing_leaves_no_hole() -> None:
    """The next one begins where the stream began."""
    made = rig()
    made.now += 100
    made.breaks()
    begun = since(made.connect())
    assert begun is not None
    assert -120 < begun <= 0
    assert ids(made.hear(batch("a", done(1, 50)))) == ["e1"]


def test_a_forgotten_token_falls_back_on_its_time() -> None:
    """What is told again within the slack is passed over."""
    made = rig()
    made.hear(batch("a"), batch("b", done(1, 1), done(2, 40)))
    made.breaks()
    assert made.connect().resume_token == b"b"
    made.breaks("FAILED_PRECONDITION: resume token has expired", 9)
    request = made.connect()
    assert (request.resume_token, since(request)) == (b"", 10)
    told = made.hear(batch("c", done(2, 40), done(3, 60)), batch("c"))
    assert ids(told) == ["e3"]
    assert isinstance(told[-1], Resynced)
    made.breaks()
    assert made.connect().resume_token == b"c"


@pytest.mark.parametrize(("code", "reason"), [(7, "missing scope"), (3, "unknown symbol x"), (14, "token?")])
def test_other_refusals_are_no_word_on_tokens(code: int, reason: str) -> None:
    """The token stays what to go on from."""
    made = rig()
    made.hear(batch("a"))
    made.breaks()
    made.connect()
    made.breaks(reason, code)
    if made.state() is not StreamState.CLOSED:
        assert made.connect().resume_token == b"a"


def forgotten(channel: Channel = DROP_COPY, resume: Any = OLD) -> Rig:
    """Return a stream whose token and time the venue refused."""
    made = rig(channel, resume)
    made.breaks("resume token has expired", 9)
    if resume.nanoseconds:
        made.connect()
        made.breaks("resume_time is before history begins", 9)
    request = made.connect()
    assert (getattr(request, "resume_token", b""), since(request)) == (b"", None)
    return made


def test_what_the_venue_forgot_is_read_over_rest() -> None:
    """Told, then called lost: REST shows one participant, the stream a firm. The cursor waits for it."""
    made = forgotten()
    assert ids(made.hear(batch("n"))) == []
    assert made.state() is StreamState.SUBSCRIBING
    assert made.look(ServerError("busy", status=503)) == []
    made.wait(5.1)
    made.hear(batch("o", done(3, 70)))
    made.read()
    # what was not read over REST yet must not be passed over by the next process
    assert made.feed.cursor == Cursor(b"old", START * NS)
    told = made.look([done(1, 1), done(3, 70)])
    assert ids(told) == ["e1"]
    (lost,) = (each for each in told if isinstance(each, Lost))
    assert lost.key == "drop_copy"
    assert "was read over REST" in str(lost.error)
    assert made.state() is StreamState.LIVE
    assert not [each for each in told if isinstance(each, Resynced)]
    made.read()
    assert made.feed.cursor.token == b"o"


def test_what_nothing_tells_is_lost_and_the_stream_goes_on() -> None:
    """Without a time, or without anything over REST that tells it; or if that is not allowed."""
    for made in (forgotten(resume=Cursor(b"old")), forgotten(POSITION_CHANGES)):
        first = made.feed.rpc.response(resume_token=b"n")
        (lost,) = (each for each in made.hear(first) if isinstance(each, Lost))
        assert "not told" in str(lost.error)
        assert made.state() is StreamState.LIVE
    made = forgotten()
    made.hear(batch("n"))
    (lost,) = (each for each in made.look(Forbidden("read:reports", status=403)) if isinstance(each, Lost))
    assert "read:reports" in str(lost.error)
    assert made.state() is StreamState.LIVE
    made = forgotten()
    made.hear(batch("n"))
    made.look(AuthError("revoked"))
    assert made.state() is StreamState.CLOSED


def test_what_is_owed_stays_owed_when_the_connection_breaks() -> None:
    """A new token of the meantime does not make up for what was before it."""
    made = forgotten()
    made.hear(batch("n"))
    made.breaks()
    assert made.connect().resume_token == b"n"
    made.hear(batch("n"))
    assert made.state() is StreamState.SUBSCRIBING
    assert ids(made.look([done(1, 1)])) == ["e1"]


# -- moments instead of tokens --


def entry(number: int, at: float) -> Any:
    """Return an entry of the balance ledger."""
    made = funding.BalanceLedgerEntry(id=f"b{number}", account="acc")
    made.update_time.FromNanoseconds(int((START + at) * NS))
    return made


def entries(*found: Any) -> Any:
    """Return a message of the balance ledger."""
    return funding.CreateBalanceLedgerSubscriptionResponse(entries=found)


def test_the_ledger_goes_on_from_its_last_entry() -> None:
    """The venue tells the last moment again; nobody is told it twice, nor in the next process."""
    made = rig(BALANCE_LEDGER)
    told = made.hear(entries(), entries(entry(1, 10), entry(2, 10)))
    assert [(each.key, each.native.id) for each in told if isinstance(each, Message)] == [
        ("acc", "b1"),
        ("acc", "b2"),
    ]
    made.read()
    made.breaks()
    assert since(made.connect()) == 5
    assert ids(made.hear(entries(entry(2, 10), entry(3, 10)))) == ["b3"]
    made.read()
    again = rig(BALANCE_LEDGER, made.feed.cursor)
    assert since(again.asked) == 5
    assert ids(again.hear(entries(entry(1, 10), entry(2, 10), entry(3, 10), entry(4, 11)))) == ["b4"]


def test_funding_goes_on_from_the_time_of_the_venue() -> None:
    """Each state of a transaction once."""
    made = rig(FUNDING)

    def changes(at: float, *states: str) -> Any:
        found = funding.CreateFundingTransactionSubscriptionResponse()
        found.server_time.FromNanoseconds(int((START + at) * NS))
        for each in states:
            change: Any = found.changes.add()
            change.transaction.transaction_id, change.transaction.account_id = "t", "acc"
            change.transaction.transaction_state = f"TRANSACTION_STATE_{each}"
        return found

    told = made.hear(changes(10), changes(25, "PENDING"), changes(40, "PENDING", "COMPLETED"))
    assert [each.key for each in told if isinstance(each, Message)] == ["acc", "acc"]
    made.breaks()
    assert since(made.connect()) == 10


def test_a_ledger_has_no_tokens() -> None:
    """Bytes say nothing there."""
    with pytest.raises(ConfigError, match="has no tokens"):
        feed(BALANCE_LEDGER, b"token")


# -- cursors --


def test_the_cursor_moves_when_the_next_event_is_asked_for(tmp_path: Path) -> None:
    """Killed between the last event of a batch and the next, a process begins with the batch again."""
    path = tmp_path / "cursor.json"
    made = rig(resume=path)
    made.hear(batch("a", done(1, 1), done(2, 2)), batch("b", done(3, 3)))
    assert ids(made.read(2)) == ["e1", "e2"]
    # both were read, and nobody knows whether the second was applied
    assert not path.exists()
    assert rig(resume=path).asked.resume_token == b""
    assert ids(made.read(1)) == ["e3"]
    again = rig(resume=path)
    assert again.asked.resume_token == b"a"
    assert ids(again.hear(batch("b", done(3, 3)), batch("c"))) == ["e3"]
    again.read()
    assert rig(resume=path).asked.resume_token == b"c"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_killed_anywhere_nothing_is_lost(tmp_path: Path) -> None:
    """A reader that is killed after any number of events, again and again, applies everything in the end."""
    kills = cycle([0, 5, 1, 11, 3, 7, 2])
    venue = [
        batch(str(number), *(done(10 * number + k, number) for k in range(number * 7 % 4)))
        for number in range(60)
    ]
    wanted = [each.id for message in venue for each in message.executions]
    applied: list[str] = []
    for _ in range(200):
        made = rig(resume=tmp_path / "cursor")
        token = made.asked.resume_token
        made.hear(*venue[int(token or b"-1") + 1 :])
        read = ids(made.read(next(kills)))
        # what is told again after a kill is the end of what was read before, in order
        applied += read
        if not made.backlog:
            break
    else:
        pytest.fail("it never came to the end")
    assert list(dict.fromkeys(applied)) == wanted
    assert sorted(set(applied)) == sorted(wanted)


def test_places_to_resume_from(tmp_path: Path) -> None:
    """Tokens, moments, cursors, files, and whatever has load and save; anything else is refused."""

    class Mine:
        saved: Cursor | None = None

        def load(self) -> Cursor | None:
            return self.saved

        def save(self, cursor: Cursor) -> None:
            self.saved = cursor

    mine = Mine()
    made = rig(resume=mine)
    made.hear(batch("a", done(1, 1)))
    made.read()
    assert mine.saved is not None
    assert (mine.saved.token, mine.saved.time) == (b"a", datetime.fromtimestamp(START + 1, UTC))
    for place in (b"a", mine, mine.saved):
        assert rig(resume=place).asked.resume_token == b"a"
    with pytest.raises(ConfigError, match="time zone"):
        rig(resume=datetime(2026, 1, 1))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(ConfigError, match="resume must be"):
        rig(resume=7)
    with pytest.raises(ConfigError, match="does not exist"):
        rig(resume=tmp_path / "none" / "cursor")


def test_files_that_are_no_cursors(tmp_path: Path) -> None:
    """Said at once, and what they hold is not overwritten; nor is another stream's cursor taken."""
    path = tmp_path / "cursor"
    for text in ("", "{", '{"stream": "drop_copy", "token": "?", "time": 1}', "[]"):
        path.write_text(text)
        with pytest.raises(ConfigError, match="cannot be read"):
            rig(resume=path)
    CursorFile(path, "trade_captures").save(Cursor(b"a", 1))
    with pytest.raises(ConfigError, match="of trade_captures, not of drop_copy"):
        rig(resume=str(path))


def test_a_cursor_that_cannot_be_kept_is_no_secret(tmp_path: Path) -> None:
    """The reader hears of it, and the next batch is kept again if it can be."""
    folder = tmp_path / "here"
    folder.mkdir()
    made = rig(resume=folder / "cursor")
    made.hear(batch("a"))
    folder.rmdir()
    with pytest.raises(StreamError, match="could not be kept"):
        made.read()
    folder.mkdir()
    made.hear(batch("b"))
    made.read()
    assert rig(resume=folder / "cursor").asked.resume_token == b"b"


def test_filters_these_protos_do_not_know() -> None:
    """Refused before anything is sent."""
    with pytest.raises(ConfigError, match="cannot be asked for that"):
        feed(planets=["mars"])
