"""Executions and the user channel without their sockets: when they are live, and what ends them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from attrs import evolve
from polyspec_wire.polysimulator import models as wire

from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, StreamState
from polyspec.core.streams.machine import Action, Emit, Resync, Write
from polyspec.errors import AuthError, ServerError, StreamError, Unauthorized
from polyspec.polysimulator.executions_feed import ExecutionsFeed
from polyspec.polysimulator.fill_reading import Fills
from polyspec.polysimulator.fills_feed import FILLS_RHYTHM, FillsFeed
from polyspec.polysimulator.user_feed import UserFeed

CONNECTED = {"type": "connected", "user_id": 1, "protocol_version": "1.0"}
PONG = {"type": "pong", "ts": 1}
NOTHING = Fills([], {})


def row(number: int, second: int = 0) -> wire.TradeHistoryItem:
    """Return a fill of the history."""
    return msgspec.convert(
        {
            "order_id": number, "market_id": "0xm", "side": "BUY", "outcome": "Yes", "price": "0.50",
            "quantity": "5", "filled_at": f"2026-09-21T14:13:{second:02}.000000Z",
        },
        wire.TradeHistoryItem,
    )  # fmt: skip


def fill(number: int, second: int = 0, **parts: Any) -> dict[str, Any]:
    """Return the same as the channel tells it."""
    return {
        "type": "fill", "order_id": number, "market_id": "0xm", "side": "BUY", "outcome": "Yes",
        "price": "0.5", "quantity": "5", "filled_at": f"2026-09-21T14:13:{second:02}.000000Z", **parts,
    }  # fmt: skip


def opened(kind: type[FillsFeed] = ExecutionsFeed, **options: Any) -> Any:
    """Return a feed whose connection stands, and that knows of nothing before."""
    made = kind(lambda: None, lambda: 0.5, **options)  # type: ignore[arg-type, call-arg]
    made._ledger.begin([])
    made.want(0.0) if kind is ExecutionsFeed else made.want(None, 0.0)  # type: ignore[attr-defined]
    made.machine.opened(0.0)
    return made


def live(kind: type[FillsFeed] = ExecutionsFeed, **options: Any) -> Any:
    """Return a feed that is live."""
    made = opened(kind, **options)
    hear(made, CONNECTED if kind is ExecutionsFeed else {"event_type": "pong"})
    looked(made, NOTHING)
    assert made.machine.state is StreamState.LIVE
    return made


def hear(feed: Any, *told: Any, now: float = 1.0) -> list[Action]:
    """Let a feed hear messages."""
    return [action for each in told for action in feed.heard(json.dumps(each).encode(), now)]


def looked(feed: Any, found: Any, now: float = 1.0) -> list[Action]:
    """Let a feed look, and find this."""
    feed.look(("*",), now)
    return list(feed.looked(("*",), found, now))


def events(actions: list[Action], kind: type[Any] = Message) -> list[Any]:
    """Return the events of a kind among actions."""
    return [each.event for each in actions if isinstance(each, Emit) and isinstance(each.event, kind)]


def numbers(actions: list[Action]) -> list[int]:
    """Return which fills are told."""
    return [int(getattr(each.native, "order_id", 0) or each.native.id) for each in events(actions)]


# -- when it is live --


@pytest.mark.parametrize("sign", [CONNECTED, PONG, {"type": "error", "message": "Unknown action"}])
def test_it_is_live_once_the_past_is_read(sign: dict[str, Any]) -> None:
    """Not before: it looks as soon as the venue shows that it tells from now on, once per connection."""
    feed = opened()
    assert Resync(("*",), "connected") in hear(feed, sign)
    assert not any(isinstance(each, Resync) for each in hear(feed, PONG))
    assert feed.machine.state is StreamState.SUBSCRIBING
    assert numbers(looked(feed, Fills([row(1)], {}))) == [1]
    assert feed.machine.state is StreamState.LIVE


def test_a_venue_that_says_nothing_is_looked_at_all_the_same() -> None:
    """After three seconds; and it is live then."""
    feed = opened()
    assert Resync(("*",), "nothing was told of it yet") in feed.machine.tick(3.0)
    looked(feed, NOTHING, 3.1)
    assert feed.machine.state is StreamState.LIVE


def test_a_look_of_an_earlier_connection_proves_nothing() -> None:
    """What it found is told, but the stream is not healthy by it."""
    feed = live()
    feed.look(("*",), 1.0)
    actions = feed.ended(2.0, "it broke", None)
    assert len(events(actions, Gap)) == 1
    feed.machine.tick(feed.machine.wakes)
    feed.machine.opened(4.0)
    found = feed.looked(("*",), Fills([row(1)], {}), 4.1)
    assert numbers(found) == [1]
    assert feed.machine.state is StreamState.SUBSCRIBING
    hear(feed, CONNECTED, now=4.2)
    actions = looked(feed, Fills([row(1), row(2)], {}), 4.3)
    assert numbers(actions) == [2]
    assert len(events(actions, Resynced)) == 1


def test_it_is_looked_at_from_time_to_time() -> None:
    """Every thirty seconds, or as often as the rhythm says; a look that fails changes nothing."""
    feed = live(rhythm=evolve(FILLS_RHYTHM, audit=7.0, ping=None))
    assert feed.machine.tick(6.9) == []
    assert any(isinstance(each, Resync) for each in feed.machine.tick(7.1))
    assert looked(feed, ServerError("no", status=503)) == []
    assert feed.machine.state is StreamState.LIVE


# -- what is told --


def test_each_fill_is_told_once() -> None:
    """By the channel or by REST; the messages are of one type."""
    feed = live()
    assert numbers(hear(feed, fill(1), fill(1), fill(2, 1))) == [1, 2]
    told = events(looked(feed, Fills([row(3, 2), row(2, 1), row(1)], {})))
    assert [type(each.native) for each in told] == [wire.FillEvent]
    assert told[0].native == msgspec.convert(fill(3, 2, price="0.50"), wire.FillEvent)
    assert hear(feed, fill(3, 2)) == []


def test_an_execution_of_older_documents_is_a_fill() -> None:
    """If it says that it happened."""
    feed = live()
    told = hear(feed, fill(1, type="execution", status="FILLED"))
    assert numbers(told) == [1]
    assert isinstance(events(told)[0].native, wire.FillEvent)
    assert events(hear(feed, fill(2, type="execution", status="REJECTED"))) == []


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe", b"[1]", b"x" * 2**20, b'{"type": "fill"}', b"[" * 9999]
)
def test_what_cannot_be_read_may_have_been_a_fill(text: bytes) -> None:
    """It is told as it came, and looked up."""
    feed = live()
    actions = feed.heard(text, 2.0)
    assert len(events(actions, Raw)) == 1
    assert any(isinstance(each, Resync) for each in actions)
    assert len(events(looked(feed, Fills([row(1)], {})), Resynced)) == 1


def test_what_nobody_knows_is_told_as_it_came() -> None:
    """Without a doubt about fills."""
    feed = live()
    assert [type(each) for each in hear(feed, {"type": "balance", "cash": "1.50"})] == [Emit]


def test_a_trade_of_the_user_channel_has_what_the_row_has() -> None:
    """From the listing in Polymarket's shape, as far as it has it."""
    feed = live(UserFeed)
    trade = msgspec.convert(
        {"id": "1", "market": "0xm", "side": "BUY", "outcome": "Yes", "price": "0.5", "size": "5",
         "asset_id": "77", "trader_side": "MAKER"},
        wire.PmTradeRow, strict=False,
    )  # fmt: skip
    told = [each.native for each in events(looked(feed, Fills([row(2), row(1)], {"1": trade})))]
    assert [(each.id, each.asset_id, each.trader_side, each.status) for each in told] == [
        ("2", None, None, "MATCHED"),
        ("1", "77", "MAKER", "MATCHED"),
    ]
    again = {
        "event_type": "trade", "id": "1", "market": "0xm", "side": "BUY", "outcome": "YES",
        "price": "0.50", "size": "5.0", "timestamp": "1790000000000",
    }  # fmt: skip
    assert hear(feed, again) == []


def test_no_secret_is_in_what_is_said() -> None:
    """The address says who asks."""
    feed = UserFeed(lambda: None, lambda: 0.5)  # type: ignore[arg-type, return-value]
    feed.want(["0xm"], 0.0)
    said = [each.data for each in feed.machine.opened(0.0) if isinstance(each, Write)]
    assert said == [wire.PmSubscription(type="user", markets=["0xm"]), "ping"]


# -- what ends it --


def refused(actions: list[Action]) -> Any:
    """Return the error that ends a stream."""
    lost = events(actions, Lost)
    return lost[0].error if lost else None


def reopened(feed: Any, now: float) -> Any:
    """Let a feed connect again."""
    feed.machine.tick(feed.machine.wakes)
    feed._welcome = False
    feed.machine.opened(now)
    return feed


def test_a_token_is_replaced_once() -> None:
    """4001 is followed by one more attempt, and that by an error; a good one in between counts anew."""
    feed = opened()
    assert refused(feed.ended(1.0, "code 4001", 4001)) is None
    hear(reopened(feed, 5.0), CONNECTED)
    assert refused(feed.ended(6.0, "code 4001", 4001)) is None
    assert isinstance(refused(reopened(feed, 9.0).ended(10.0, "code 4001", 4001)), AuthError)
    assert feed.machine.state is StreamState.CLOSED


def test_a_refused_login_of_the_user_channel_is_final() -> None:
    """1008 before anything was told ends it; after that, one more attempt shows whether the key holds."""
    assert isinstance(refused(opened(UserFeed).ended(1.0, "code 1008", 1008)), AuthError)
    feed = live(UserFeed)
    assert refused(feed.ended(1.0, "code 1008", 1008)) is None
    assert isinstance(refused(reopened(feed, 5.0).ended(6.0, "code 1008", 1008)), AuthError)


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, None])
def test_other_ends_are_followed_by_another_connection(code: int | None) -> None:
    """However often."""
    feed = live()
    for step in range(10):
        assert refused(feed.ended(10.0 * step, "gone", code)) is None
        reopened(feed, 10.0 * step + 9)


def test_one_connection_too_many_is_final() -> None:
    """At once for a new one; for one that was good, after two more attempts."""
    assert isinstance(refused(opened().ended(1.0, "code 4002", 4002)), StreamError)
    feed = live()
    for step in (1, 2):
        assert refused(feed.ended(step * 10.0, "code 4002", 4002)) is None
        reopened(feed, step * 10.0 + 9)
    assert isinstance(refused(feed.ended(40.0, "code 4002", 4002)), StreamError)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AUTH_INVALID", AuthError), ("AUTH_REQUIRED", AuthError), ("EMPTY_SUBSCRIBE", StreamError)],
)
def test_complaints_that_nothing_mends_are_final(code: str, kind: type[Exception]) -> None:
    """They are told, too."""
    actions = hear(opened(UserFeed), {"event_type": "error", "error": code, "message": "no"})
    assert isinstance(refused(actions), kind)
    assert isinstance(events(actions)[0].native, wire.PmErrorEvent)


def test_a_crowd_is_known_by_its_name_whatever_the_code() -> None:
    """The venue's pages differ over the code."""
    feed = opened(UserFeed)
    assert refused(hear(feed, {"event_type": "error", "error": "MAX_WS_EXCEEDED", "message": "3"})) is None
    assert isinstance(refused(feed.ended(1.0, "code 1008", 1008)), StreamError)


@pytest.mark.parametrize("error", [Unauthorized("no such key", status=401), AuthError("no such key")])
def test_a_key_that_does_not_hold_any_more_is_final(error: Exception) -> None:
    """A look shows it while the connection goes on."""
    assert isinstance(refused(looked(live(), error)), AuthError)


def test_who_does_not_answer_pings_is_pinged_no_more() -> None:
    """The executions channel need not know them: then REST alone watches, until an answer comes after all."""
    feed = opened()
    hear(feed, CONNECTED)
    looked(feed, NOTHING)
    feed.machine.tick(10.0)
    assert any(isinstance(each, Emit) for each in feed.machine.tick(15.1))
    feed.lost("nothing came for 14.0 s, not even an answer to a ping")
    assert feed.machine.rhythm.ping is None
    hear(reopened(feed, 20.0), PONG)
    assert feed.machine.rhythm.ping == FILLS_RHYTHM.ping
