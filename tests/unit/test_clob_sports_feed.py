"""The sports channel without its socket: games as they stand, and doubt where something was missed."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.clob import models as wire

from polyspec.clob.sports_feed import SPORTS_RHYTHM, SportsFeed, game_key
from polyspec.core.streams.events import Gap, Message, Raw, Resynced, StreamState
from tests.unit.live_rig import FeedRig

LIVE, BACKING_OFF = StreamState.LIVE, StreamState.BACKING_OFF
NFL = {
    "gameId": 19439,
    "leagueAbbreviation": "nfl",
    "homeTeam": "LAC",
    "awayTeam": "BUF",
    "status": "InProgress",
    "score": "3-16",
    "period": "Q4",
    "elapsed": "5:18",
    "live": True,
    "ended": False,
    "turn": "lac",
}


def rig(**rhythm: Any) -> FeedRig:
    """Return a feed that is connected."""
    made = FeedRig(SportsFeed(lambda: 0.5, rhythm=evolve(SPORTS_RHYTHM, **rhythm)))
    made.want(None)
    assert made.state is LIVE
    return made


def test_a_connection_is_all_it_takes() -> None:
    """Nothing is asked for, and nobody has to speak first."""
    made = rig()
    made.wait(3600.0)
    assert (made.writes, made.state, made.opens) == ([], LIVE, 1)


@pytest.mark.parametrize(
    ("told", "key"),
    [
        (NFL, "19439"),
        ({**NFL, "gameId": "19439"}, "19439"),
        ({"metadataGameId": "1317359", "score": "000-000|2-0|Bo3", "ended": True}, "1317359"),
        ({"metadataGameId": "7", "gameId": 8}, "8"),
        ({"slug": "mci-liv-2025-02-03", "last_update": "2025-02-03T19:50:16.939Z"}, "mci-liv-2025-02-03"),
        ({**NFL, "gameId": None, "slug": "a-b", "weather": {"wind": [1, 2]}}, "a-b"),
    ],
)
def test_every_shape_is_read(told: dict[str, Any], key: str) -> None:
    """Documented or observed; the game is named by whatever names it, and unknown fields are no harm."""
    made = rig()
    [event] = made.hear(told)
    assert isinstance(event, Message)
    assert (event.key, game_key(event.native)) == (key, key)
    assert event.native.score == told.get("score")
    assert made.feed.games == {key: event.native}


@pytest.mark.parametrize(
    "names",
    [("finished_timestamp",), ("finishedTimestamp",), ("finishedTimestamp", "finished_timestamp")],
)
def test_both_names_of_the_end_are_read(names: tuple[str, ...]) -> None:
    """As one field; null is none."""
    made = rig()
    moment = "2025-07-20T18:30:00.000Z"
    [event] = made.hear({**NFL, **dict.fromkeys(names, moment)})
    assert isinstance(event, Message)
    assert event.native.finished_timestamp == moment
    [event] = made.hear({**NFL, **dict.fromkeys(names)})
    assert isinstance(event, Message)
    assert event.native.finished_timestamp is None


def test_several_games_may_come_at_once() -> None:
    """In an array; each is a message."""
    made = rig()
    events = made.hear([NFL, {**NFL, "gameId": 2}])
    assert [each.key for each in events if isinstance(each, Message)] == ["19439", "2"]
    assert made.hear("[]") == []


def test_pings_are_answered() -> None:
    """In the words in which they came; they are no data."""
    made = rig()
    assert made.hear("ping") == made.hear(b"PING") == made.hear("") == made.hear("pong") == []
    assert made.writes == ["pong", "PONG"]


def test_who_pings_has_to_go_on() -> None:
    """A venue that says `ping` and stops is gone; one that never says it may be silent for hours."""
    made = rig()
    for _ in range(10):
        made.wait(5.0)
        made.hear("ping")
    assert made.told(Gap) == []
    told = made.wait(16.5)
    assert isinstance(told[0], Gap)
    assert "nothing came for 16" in told[0].reason
    made.wait(30.0)
    assert made.state is LIVE
    # the habits of the connection before say nothing of this one
    assert made.feed.machine.rhythm.silent is None
    made.wait(3600.0)
    assert (made.opens, made.state) == (2, LIVE)


def test_silence_may_be_bounded_by_choice() -> None:
    """Then a ping does not change the bound."""
    made = rig(silent=60.0)
    made.hear("ping")
    made.wait(59.0)
    assert made.told(Gap) == []
    made.wait(2.0)
    assert len(made.told(Gap)) == 1


def test_games_are_doubtful_after_a_gap() -> None:
    """Until they are told again; those that are over can change no more. The gap ends with the connection."""
    made = rig()
    made.hear(NFL)
    made.hear({**NFL, "gameId": 2, "live": False, "ended": True})
    made.hear({**NFL, "gameId": 3})
    assert made.feed.doubtful == set()
    made.breaks(1006)
    assert made.state is BACKING_OFF
    assert made.feed.doubtful == {"19439", "3"}
    made.wait(30.0)
    [gap] = made.told(Gap)
    assert [each.gap for each in made.told(Resynced)] == [gap]
    assert made.state is LIVE
    assert made.feed.doubtful == {"19439", "3"}
    made.hear({**NFL, "score": "10-16"})
    assert made.feed.doubtful == {"3"}
    assert made.feed.games["19439"].score == "10-16"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "null",
        "5",
        '"game"',
        json.dumps(NFL)[:-20],
        '{"gameId": 1, "score": 5}',
        '{"gameId": 1, "ended": "yes"}',
        '{"gameId": [1]}',
        "[[1]]",
        "[" * 100_000,
        '{"gameId": ' * 50_000,
        b"\xff\xfe\xfd\xfc\xfb\xfa",
        "x" * 1_000_000,
        '{"gameId": 1, "finishedTimestamp": 5}',
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_cannot_be_read_is_told(text: Any) -> None:
    """As it came, with a gap, since it may have been any game; nothing raises."""
    made = rig()
    made.hear(NFL)
    events = made.hear(text)
    assert isinstance(events[0], Raw)
    assert [type(each) for each in events[1:]] == [Gap, Resynced]
    assert made.feed.doubtful == {"19439"}
    assert isinstance(made.hear(NFL)[0], Message)


def test_deep_nesting_is_no_danger() -> None:
    """Also where some library raised the limit that keeps readers off the end of the stack."""
    made = rig()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        events = made.hear('{"gameId": 1, "more": ' + "[" * 200_000)
    finally:
        sys.setrecursionlimit(limit)
    assert isinstance(events[0], Raw)
    assert "nested" in events[0].why


def test_what_names_no_game_is_told_as_it_came() -> None:
    """It is another kind of message, and casts no doubt on any game."""
    made = rig()
    made.hear(NFL)
    [event] = made.hear({"type": "welcome", "live": True})
    assert isinstance(event, Raw)
    assert event.data == {"type": "welcome", "live": True}
    assert made.feed.doubtful == set()


def test_a_slow_reader_is_told_of_a_gap() -> None:
    """How games stand is known all the same."""
    made = rig()
    made.hear(NFL)
    events = made.act(made.feed.overflowed(made.now))
    assert [type(each) for each in events] == [Gap, Resynced]
    assert made.feed.doubtful == set()


def test_games_of_long_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those told longest ago first, so that a stream may run for a year."""
    monkeypatch.setattr("polyspec.clob.sports_feed._MOST", 3)
    made = rig()
    for number in (1, 2, 3, 1, 4):
        made.hear({**NFL, "gameId": number})
    assert list(made.feed.games) == ["3", "1", "4"]
    assert isinstance(made.feed.games["4"], wire.SportsResult)


def test_a_venue_that_closes_at_once_is_asked_with_pauses() -> None:
    """And told of each time; closing ends it."""
    made = FeedRig(SportsFeed(lambda: 0.5))
    made.want(None)
    for attempt in range(1, 6):
        made.breaks(1008)
        assert made.feed.machine.attempt == attempt
        assert made.state is BACKING_OFF
        while made.state is not LIVE:
            made.wait(0.25)
    made.act(made.feed.machine.close(made.now))
    assert made.state is StreamState.CLOSED
