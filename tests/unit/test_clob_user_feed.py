"""The user channel without its socket: every state of a fill once, in order, and nothing missed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from polyspec_wire.clob import models as wire

from polyspec.clob import user_feed
from polyspec.clob.credentials import ApiCreds
from polyspec.clob.user_feed import UserFeed
from polyspec.clob.user_reading import UserNews
from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, StreamState
from polyspec.core.streams.machine import Action, Emit, Resync, Write
from polyspec.errors import AuthError, ServerError, Unauthorized

CREDS = ApiCreds("key", "c2VjcmV0", "phrase")
NOTHING = UserNews([], [], [], 1_700_000_000)


def trade(status: str, number: int = 1, **parts: Any) -> dict[str, Any]:
    """Return a state of a trade."""
    return {
        "event_type": "trade", "id": f"t{number}", "taker_order_id": "0x1", "market": "0xm", "asset_id": "1",
        "side": "BUY", "size": "10", "price": "0.5", "status": status, "owner": "key",
        "timestamp": "1700000000000", **parts,
    }  # fmt: skip


def order(kind: str, matched: str = "0", number: int = 1, **parts: Any) -> dict[str, Any]:
    """Return a step of an order of 10 shares."""
    return {
        "event_type": "order", "id": f"0x{number}", "owner": "key", "market": "0xm", "asset_id": "1",
        "side": "BUY", "original_size": "10", "size_matched": matched, "price": "0.5", "type": kind,
        "timestamp": "1700000000000", **parts,
    }  # fmt: skip


def _typed(plain: dict[str, Any]) -> Any:
    return msgspec.convert(plain, wire.UserEvent)


def opened() -> tuple[UserFeed, list[Action]]:
    """Return a feed whose connection stands, and what it did."""
    made = UserFeed(None, lambda: 0.5)  # type: ignore[arg-type]
    made._words.creds = CREDS
    made.want(None, 0.0)
    return made, made.machine.opened(0.0)


def live() -> UserFeed:
    """Return a feed that knows of nothing before it."""
    made, _ = opened()
    made.heard(b"PONG", 0.1)
    made.look(("*",), 0.1)
    made.looked(("*",), NOTHING, 0.2)
    assert made.machine.state is StreamState.LIVE
    return made


def told(actions: list[Action], kind: type[Any] = Message) -> list[Any]:
    """Return the events of a kind among actions."""
    return [each.event for each in actions if isinstance(each, Emit) and isinstance(each.event, kind)]


def hear(feed: UserFeed, *messages: dict[str, Any]) -> list[str]:
    """Return what is told of messages: the status of a trade, or the type of an order's step."""
    events = [each for message in messages for each in told(feed.heard(json.dumps(message).encode(), 1.0))]
    return [str(getattr(each.native, "status", None) or each.native.type) for each in events]


def test_it_is_live_when_the_past_is_known() -> None:
    """It logs in, and looks once a ping after that was answered; not before."""
    made, actions = opened()
    login, ping = (each.data for each in actions if isinstance(each, Write))
    assert isinstance(login, wire.UserSubscription)
    assert (login.markets, ping) == (None, "PING")
    assert CREDS.api_secret.reveal() not in repr(actions)
    assert not any(isinstance(each, Resync) for each in actions)
    assert made.heard(b"PONG", 0.1) == [Resync(("*",), "subscribed")]
    assert made.machine.state is StreamState.SUBSCRIBING
    made.look(("*",), 0.1)
    made.looked(("*",), NOTHING, 0.2)
    assert made.machine.state is StreamState.LIVE
    assert made.heard(b"PONG", 0.3) == []


def test_states_of_trades_go_forward_only() -> None:
    """Each once, none after the last, a retried one may be mined; other trades are others."""
    made = live()
    assert hear(made, trade("MATCHED"), trade("MATCHED"), trade("RETRYING"), trade("MINED")) == [
        "MATCHED", "RETRYING", "MINED",
    ]  # fmt: skip
    assert hear(made, trade("MATCHED"), trade("MINED"), trade("CONFIRMED"), trade("FAILED")) == ["CONFIRMED"]
    assert hear(made, trade("CONFIRMED", 2), trade("MINED", 2), trade("MATCHED", 2)) == ["CONFIRMED"]
    assert hear(made, trade("ADJOURNED", 3), trade("ADJOURNED", 3), trade("MATCHED", 3)) == ["ADJOURNED"]
    assert hear(made, trade("MATCHED", 4), trade("MATCHED", 4, bucket_index=1)) == ["MATCHED", "MATCHED"]


def test_steps_of_orders_go_forward_only() -> None:
    """What was matched only grows, and what is over stays over."""
    made = live()
    steps = [
        order("PLACEMENT"),
        order("PLACEMENT"),
        order("UPDATE", "4"),
        order("UPDATE", "3"),
        order("UPDATE", "4"),
    ]
    assert hear(made, *steps) == ["PLACEMENT", "UPDATE"]
    assert made.orders["0x1"].size_matched == "4"
    assert hear(made, order("CANCELLATION", "4"), order("PLACEMENT"), order("CANCELLATION", "4")) == [
        "CANCELLATION"
    ]
    assert made.orders == {}
    assert hear(made, order("UPDATE", "10", 2), order("PLACEMENT", "0", 2)) == ["UPDATE"]
    assert made.orders == {}


def test_what_only_rest_knew_is_told() -> None:
    """Once, in the words of the channel; what the stream told is not told again, nor the other way round."""
    made = live()
    hear(made, order("PLACEMENT"), trade("MATCHED"))
    gap = told(made.ended(2.0, "reset", None), Gap)
    made.machine.tick(made.machine.wakes)
    made.machine.opened(9.0)
    made.heard(b"PONG", 9.1)
    made.look(("*",), 9.1)
    trades, over = [_typed(trade("MATCHED")), _typed(trade("MINED"))], [_typed(order("CANCELLATION"))]
    actions = made.looked(("*",), UserNews([], trades, over, 1_700_000_010), 9.2)
    assert [each.native for each in told(actions)] == [trades[1], *over]
    assert [each.gap for each in told(actions, Resynced)] == gap
    assert hear(made, trade("MINED"), order("CANCELLATION")) == []


def test_old_trades_are_no_news() -> None:
    """What was traded before the stream began is not told, what was a moment ago is."""
    made, _ = opened()
    made.look(("*",), 0.1)
    old, fresh = _typed(trade("CONFIRMED")), _typed(trade("MATCHED", 2, timestamp="1700000099"))
    actions = made.looked(
        ("*",), UserNews([_typed(order("PLACEMENT"))], [old, fresh], [], 1_700_000_100), 0.2
    )
    assert [each.native.id for each in told(actions)] == ["t2", "0x1"]
    assert hear(made, trade("CONFIRMED")) == []


def test_trades_are_followed_until_they_are_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The venue lists them by when they were matched, however late they fail: a look goes back that far."""
    asked: list[int] = []
    made = live()
    monkeypatch.setattr(user_feed, "read_news", lambda *given: asked.append(given[2] - 1_700_000_000))
    hear(made, trade("MATCHED", match_time="1700000000"), trade("MINED", 2, match_time="1700000400"))
    made.looked(("*",), UserNews([], [], [], 1_700_001_000), 2.0)
    made.look(("*",), 2.0)
    hear(made, trade("FAILED"))
    made.look(("*",), 2.0)
    hear(made, trade("CONFIRMED", 2))
    made.look(("*",), 2.0)
    # nobody waits for ever
    hear(made, trade("MATCHED", 3, match_time="1600000000"))
    made.look(("*",), 2.0)
    assert asked == [-120, 280, 880, 880]


def test_what_is_heard_after_a_gap_does_not_shorten_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes back to where the last one ended, however long ago, and whatever was told since."""
    asked: list[int] = []
    made = live()
    monkeypatch.setattr(user_feed, "read_news", lambda *given: asked.append(given[2] - 1_700_000_000))
    made.ended(2.0, "broke", None)
    made.machine.tick(made.machine.wakes)
    made.machine.opened(900.0)
    made.heard(b"PONG", 900.1)
    hear(made, trade("CONFIRMED", timestamp="1700000900000"))
    made.look(("*",), 900.2)
    assert asked == [-120]


def test_what_happens_before_the_first_look_succeeds_is_news() -> None:
    """A connection may break before anything could be read: it began with the first all the same."""
    made, _ = opened()
    made._began = 0.0
    made.heard(b"PONG", 0.1)
    made.ended(5.0, "broke", None)
    made.machine.tick(made.machine.wakes)
    made.machine.opened(20.0)
    made.heard(b"PONG", 20.1)
    made.look(("*",), 20.1)
    at = 1_700_000_000
    found = [_typed(trade("MATCHED", n, timestamp=str((at - ago) * 1000))) for n, ago in ((1, 40), (2, 15))]
    actions = made.looked(("*",), UserNews([], found, [], at), 20.2)
    assert [each.native.id for each in told(actions)] == ["t2"]
    assert told(actions, Resynced)


def test_a_look_of_another_connection_does_not_make_it_live() -> None:
    """It tells what it found; what happened in between is looked up again."""
    made, _ = opened()
    made.look(("*",), 0.1)
    made.ended(0.2, "reset", None)
    made.machine.tick(made.machine.wakes)
    made.machine.opened(9.0)
    made.looked(("*",), NOTHING, 9.1)
    assert made.machine.state is StreamState.SUBSCRIBING
    assert made.heard(b"PONG", 9.2)


@pytest.mark.parametrize("error", [Unauthorized("no", status=401), AuthError("no")])
def test_credentials_that_do_not_hold_end_it(error: Exception) -> None:
    """A venue that hangs up is asked over REST why."""
    made = live()
    assert Resync(("*",), "code 1008") in made.ended(1.0, "code 1008", 1008)
    actions = made.looked(("*",), error, 1.1)
    [lost] = told(actions, Lost)
    assert isinstance(lost.error, AuthError)
    assert made.machine.state is StreamState.CLOSED


def test_a_look_that_fails_is_made_again() -> None:
    """Until then it is not live."""
    made, _ = opened()
    assert made.looked(("*",), ServerError("away", status=503), 0.2) == []
    assert made.machine.wakes == 3.0
    assert Resync(("*",), "nothing was told of it yet") in made.machine.tick(3.0)


def test_what_cannot_be_read_may_have_been_a_fill() -> None:
    """It is told as it came, and looked up; an event of a new type is only told."""
    made = live()
    for text in (b"", b"{", b"nonsense", b"x" * 1_000_000, b'{"event_type": "trade", "id": "t1"}'):
        actions = made.heard(text, 1.0)
        assert len(told(actions, Raw)) == 1
        assert any(isinstance(each, Resync) for each in actions)
        made.look(("*",), 1.0)
        assert len(told(made.looked(("*",), NOTHING, 1.1), Resynced)) == 1
    actions = made.heard(b'[{"event_type": "weather"}, ' + json.dumps(trade("MATCHED")).encode() + b"]", 1.0)
    assert len(told(actions, Raw)) == len(told(actions)) == 1
    assert not any(isinstance(each, Resync) for each in actions)
