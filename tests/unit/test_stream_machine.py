"""A stream stays alive, or says what it missed."""

from __future__ import annotations

from random import Random  # noqa: TID251 - seeds are the point
from typing import Any

import pytest

from polyspec.core.streams.events import Gap, Lost, Resynced, Status, StreamState
from polyspec.core.streams.machine import (
    Action,
    Close,
    Emit,
    Finish,
    Machine,
    Open,
    Resync,
    Rhythm,
    Write,
)
from polyspec.errors import AuthError, ConfigError

LIVE, BACKING_OFF, CLOSED = StreamState.LIVE, StreamState.BACKING_OFF, StreamState.CLOSED


class Words:
    """A venue that is asked in tuples."""

    def begin(self, keys: list[str]) -> list[object]:
        """Ask for all."""
        return [("begin", *keys)]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Ask for the difference."""
        return [*([("add", *added)] if added else []), *([("remove", *removed)] if removed else [])]

    def ping(self) -> object:
        """Ask for an answer."""
        return "PING"


def machine(*, looks: bool = False, chance: float = 0.5, **rhythm: Any) -> Machine:
    """Return a machine that nobody asked anything."""
    return Machine(Words(), Rhythm(**rhythm), lambda: chance, looks=looks)


def live(**options: Any) -> Machine:
    """Return a machine that has told all of two keys, at second 0."""
    made = machine(**options)
    made.want(["a", "b"], 0.0)
    made.opened(0.0)
    made.synced("a", 0.0)
    made.synced("b", 0.0)
    assert made.state is LIVE
    return made


def events(actions: list[Action], kind: type[Any]) -> list[Any]:
    """Return the events of a kind among what is to be done."""
    return [each.event for each in actions if isinstance(each, Emit) and isinstance(each.event, kind)]


def written(actions: list[Action]) -> list[object]:
    """Return what is to be written."""
    return [each.data for each in actions if isinstance(each, Write)]


def states(actions: list[Action]) -> list[StreamState]:
    """Return the states told of."""
    return [each.state for each in events(actions, Status)]


def test_it_connects_for_the_first_thing_asked_for() -> None:
    """Not before; then it subscribes, and is live when all was told."""
    made = machine()
    assert (made.state, made.wakes) == (StreamState.IDLE, float("inf"))
    actions = made.want(["a", "b"], 1.0)
    assert [type(each) for each in actions] == [Emit, Open]
    assert written(made.opened(2.0)) == [("begin", "a", "b")]
    assert made.synced("a", 3.0) == []
    assert states(made.synced("b", 3.0)) == [LIVE]


def test_what_is_wanted_changes_on_one_connection() -> None:
    """Only the difference is written; it stays live, and asks nothing twice."""
    made = live()
    assert written(made.want(["b", "c"], 1.0)) == [("add", "c"), ("remove", "a")]
    assert made.want(["b", "c"], 1.0) == []
    assert made.wanted == ["b", "c"]
    assert made.state is LIVE


def test_nothing_wanted_hangs_up() -> None:
    """A socket that asks for nothing is closed by us, and opened again for the next thing."""
    made = live()
    assert [type(each) for each in made.want([], 1.0)] == [Close, Emit]
    assert made.state is StreamState.IDLE
    assert [type(each) for each in made.want(["c"], 2.0)] == [Emit, Open]
    assert written(made.opened(2.0)) == [("begin", "c")]


def test_a_lost_connection_is_a_gap_until_all_is_told_again() -> None:
    """What is wanted when it is back is subscribed to, and the gap ends with the last of it."""
    made = live()
    made.received(5.0)
    actions = made.ended(7.0, "reset")
    assert events(actions, Gap) == [Gap(7.0, 5.0, "reset")]
    assert states(actions) == [BACKING_OFF]
    made.want(["b", "c"], 7.0)
    assert [type(each) for each in made.tick(made.wakes)] == [Emit, Open]
    assert written(made.opened(8.0)) == [("begin", "b", "c")]
    assert events(made.synced("b", 9.0), Resynced) == []
    assert events(made.synced("c", 10.0), Resynced) == [Resynced(10.0, Gap(7.0, 5.0, "reset"))]
    assert made.state is LIVE


def test_one_gap_however_often_it_fails() -> None:
    """A connection that breaks again before it told all continues the same gap."""
    made = live()
    told = events(made.ended(1.0, "reset"), Gap)
    for second in range(2, 40, 4):
        made.tick(made.wakes)
        told += events(made.opened(float(second)), Gap)
        told += events(made.ended(second + 1.0, "again"), Gap)
    assert len(told) == 1


def test_a_silent_peer_is_pinged_and_given_up() -> None:
    """A ping when it is time, and if nothing comes after it, an end within the time for a pong."""
    made = live()
    assert made.wakes == 10.0
    assert made.tick(9.9) == []
    assert written(made.tick(10.0)) == ["PING"]
    assert made.wakes == 15.0
    actions = made.tick(15.0)
    assert [type(each) for each in actions] == [Close, Emit, Emit]
    assert made.state is BACKING_OFF


def test_anything_that_comes_answers_a_ping() -> None:
    """Data is as good as a pong, and a pong is no data."""
    made = live(quiet=25.0)
    made.tick(10.0)
    made.received(11.0)
    assert made.wakes == 20.0
    made.tick(20.0)
    made.received(21.0, data=False)
    assert written(made.tick(30.0)) == ["PING"]
    made.received(30.5, data=False)
    # the last data came at 11: a look is due at 36
    assert made.wakes == 36.0
    [look] = made.tick(36.0)
    assert look == Resync(("a", "b"), "no data for 25 s")
    assert made.wakes == 40.0


def test_pings_may_go_unanswered() -> None:
    """They are sent all the same, one after the other, and cost the peer nothing."""
    made = live(pong=None)
    sent = 0
    for now in range(1, 101):
        sent += sum(isinstance(each, Write) for each in made.tick(float(now)))
    assert (sent, made.state) == (10, LIVE)


def test_no_ping_before_the_first_subscription() -> None:
    """While a connection is made nothing is written."""
    made = machine()
    made.want(["a"], 0.0)
    assert made.wakes == 10.0
    actions = made.tick(10.0)
    assert written(actions) == []
    assert [type(each) for each in actions] == [Close, Emit]


def test_a_subscription_that_is_never_answered_ends() -> None:
    """A socket that takes a subscription and says nothing is no good, whatever it answers to pings."""
    made = machine()
    made.want(["a"], 0.0)
    made.opened(0.0)
    made.tick(10.0)
    made.received(10.1, data=False)
    actions = made.tick(15.0)
    assert any(isinstance(each, Close) and "told of a" in each.reason for each in actions)


def test_what_is_late_is_looked_up() -> None:
    """Again and again while other things are told; a connection that tells nothing at all still ends."""
    made = machine(late=3.0)
    made.want(["a", "b"], 0.0)
    made.opened(0.0)
    made.received(1.0)
    made.synced("a", 1.0)
    for second in (3.0, 6.0, 9.0):
        assert made.wakes == second
        assert made.tick(second) == [Resync(("b",), "nothing was told of it yet")]
    made.tick(10.0)
    made.received(10.1, data=False)
    for second in (12.0, 15.0, 18.0):
        made.tick(second)
    assert made.state is StreamState.SUBSCRIBING
    made.synced("b", 18.0)
    assert made.state is LIVE
    made.want(["a", "b", "c"], 18.5)
    assert made.tick(21.5)[-1] == Resync(("c",), "nothing was told of it yet")
    mute = machine(late=3.0)
    mute.want(["a"], 0.0)
    mute.opened(0.0)
    mute.tick(10.0)
    mute.received(10.1, data=False)
    assert any(isinstance(each, Close) for each in mute.tick(15.0))


def test_everything_is_looked_at_from_time_to_time() -> None:
    """However much is told in between."""
    made = live(audit=20.0, ping=None)
    made.received(19.0)
    assert made.wakes == 20.0
    assert [type(each) for each in made.tick(20.0)] == [Resync]
    assert made.tick(39.0) == []
    assert [type(each) for each in made.tick(40.0)] == [Resync]


def test_a_connection_that_proved_to_be_no_good_is_given_up() -> None:
    """It is hung up and made again, with a gap."""
    made = live()
    actions = made.distrusted(3.0, "it tells nothing")
    assert [type(each) for each in actions] == [Close, Emit, Emit]
    assert made.state is BACKING_OFF
    assert made.distrusted(4.0, "again") == []


def test_streams_that_tell_nothing_of_the_past_are_looked_up() -> None:
    """On every connection, and for what is asked for later."""
    made = machine(looks=True)
    made.want(["a"], 0.0)
    assert Resync(("a",), "connected") in made.opened(0.0)
    made.synced("a", 0.5)
    assert Resync(("b",), "asked for") in made.want(["a", "b"], 1.0)


def test_what_a_stream_shows_to_be_missing_is_looked_up() -> None:
    """A gap without a new connection; what is not wanted is not looked for."""
    made = live()
    actions = made.missed(["a", "z"], "a number was skipped", 5.0)
    assert Resync(("a",), "a number was skipped") in actions
    assert len(events(actions, Gap)) == 1
    assert len(events(made.synced("a", 6.0), Resynced)) == 1


def test_what_nothing_can_mend_ends_the_stream() -> None:
    """Told once, with the error and the gap; after that it does nothing."""
    made = live()
    made.ended(1.0, "closed")
    made.tick(made.wakes)
    error = AuthError("revoked")
    actions = made.refused(2.0, error)
    assert events(actions, Lost)[0].error is error
    assert events(actions, Lost)[0].gap is not None
    assert actions[-1] == Finish(error)
    assert made.state is CLOSED
    assert [made.want(["c"], 3.0), made.opened(3.0), made.ended(3.0, ""), made.close(3.0)] == [[], [], [], []]
    assert made.wakes == float("inf")


@pytest.mark.parametrize("where", ["idle", "connecting", "live", "backing off"])
def test_closing_ends_it_wherever_it_is(where: str) -> None:
    """It hangs up if there is something to hang up, and finishes without an error."""
    made = machine() if where in ("idle", "connecting") else live()
    if where == "connecting":
        made.want(["a"], 0.0)
    if where == "backing off":
        made.ended(1.0, "reset")
    actions = made.close(2.0)
    assert any(isinstance(each, Close) for each in actions) == (where in ("connecting", "live"))
    assert actions[-1] == Finish(None)


def test_a_venue_that_is_away_for_an_hour_is_not_stormed() -> None:
    """At most 150 attempts, each pause within its bounds, and told of every one."""
    spread = Random(7)
    made = Machine(Words(), Rhythm(), spread.random)
    now, attempts = 0.0, 0
    actions = made.want(["a"], now)
    while now < 3600:
        if any(isinstance(each, Open) for each in actions):
            attempts += 1
            actions = made.ended(now, "refused")
            assert events(actions, Status)[-1].attempt == attempts
            assert 0.25 <= made.wakes - now <= 30.0
            continue
        now = made.wakes
        actions = made.tick(now)
    assert 100 < attempts <= 150


def test_clients_that_lose_a_venue_together_do_not_come_back_together() -> None:
    """Of a hundred, at most 40 in any second; spread by nothing but chance."""
    spread, moments = Random(3), []
    for _ in range(100):
        made = Machine(Words(), Rhythm(), spread.random)
        made.want(["a"], 0.0)
        made.ended(0.0, "gone")
        moments.append(made.wakes)
    assert max(sum(start <= each < start + 1 for each in moments) for start in moments) <= 40


def test_pauses_grow_and_begin_anew_after_a_good_while() -> None:
    """Only a connection that was live for ten seconds makes the next failure the first."""
    made = live(chance=0.999)
    made.ended(9.0, "soon")
    first = made.wakes - 9.0
    made.tick(made.wakes)
    made.opened(10.0)
    made.synced("a", 10.0)
    made.synced("b", 10.0)
    made.ended(15.0, "soon again")
    second = made.wakes - 15.0
    assert second > first * 1.5
    made.tick(made.wakes)
    made.opened(20.0)
    made.synced("a", 20.0)
    made.synced("b", 20.0)
    made.ended(31.0, "after a good while")
    assert made.attempt == 1
    assert made.wakes - 31.0 == pytest.approx(first)


def test_rhythms_are_checked() -> None:
    """Spans are finite and above 0."""
    for bad in ({"connect": 0.0}, {"pong": float("nan")}, {"ping": -1.0}, {"quiet": float("inf")}):
        with pytest.raises(ConfigError):
            Rhythm(**bad)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_gaps_are_closed_and_nothing_is_written_to_nobody(seed: int) -> None:
    """Random days: writes only on a connection, one connection at a time, every gap ends before the next."""
    chance = Random(seed)
    made = Machine(Words(), Rhythm(quiet=20.0), chance.random, looks=bool(seed % 2))
    now, connected, connecting, gaps = 0.0, False, False, 0
    pending: list[Action] = []
    for _ in range(400):
        for action in pending:
            if isinstance(action, Open):
                assert not connected
                assert not connecting
                connecting = True
            elif isinstance(action, Write):
                assert connected
            elif isinstance(action, Close):
                connected = connecting = False
            elif isinstance(action, Emit) and isinstance(action.event, Gap):
                assert gaps == 0
                gaps = 1
            elif isinstance(action, Emit) and isinstance(action.event, Resynced):
                assert gaps == 1
                gaps = 0
        assert made.state is not LIVE or not gaps
        now += chance.choice([0.0, 0.1, 1.0, 6.0])
        what = chance.randrange(7)
        if what == 0 and connecting:
            connected, connecting = True, False
            pending = made.opened(now)
        elif what == 1 and (connected or connecting):
            connected = connecting = False
            pending = made.ended(now, "gone")
        elif what == 2:
            keys = chance.sample("abcd", chance.randint(0, 4))
            if not keys:
                gaps = 0
            pending = made.want(keys, now)
        elif what == 3 and connected:
            made.received(now, data=chance.random() < 0.5)
            pending = []
        elif what in (4, 5) and connected and made.wanted:
            pending = made.synced(chance.choice(made.wanted), now)
        else:
            pending = made.tick(now)


def test_where_nothing_was_told_nothing_is_missed() -> None:
    """A call of gRPC counts as opened before anybody answers: a venue that is not there leaves no gap."""
    made = machine()
    made.want(["a"], 0.0)
    for second in range(1, 40, 10):
        made.opened(float(second))
        assert events(made.ended(second + 1.0, "nobody there"), Gap) == []
        made.tick(made.wakes)
    made.opened(50.0)
    made.received(51.0)
    assert len(events(made.ended(52.0, "reset"), Gap)) == 1
