"""Live data without its socket: every message under what was asked for, and nothing missed in silence."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from attrs import evolve
from polyspec_wire.clob import models as wire

from polyspec.clob.live_feed import LIVE_RHYTHM, LiveFeed, exact_price
from polyspec.clob.live_topics import LiveTopic, live_topics
from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, StreamState
from polyspec.errors import StreamError
from tests.unit.live_rig import FeedRig

LIVE, SUBSCRIBING, BACKING_OFF, IDLE = (
    StreamState.LIVE,
    StreamState.SUBSCRIBING,
    StreamState.BACKING_OFF,
    StreamState.IDLE,
)
BTC, ETH = LiveTopic.crypto("btcusdt"), LiveTopic.chainlink("eth/usd")
APPLE, COMMENTS = LiveTopic.equity("AAPL"), LiveTopic.comments(7)


def rig(*topics: LiveTopic | str, **rhythm: Any) -> FeedRig:
    """Return a feed that was asked for topics, and is connected."""
    made = FeedRig(LiveFeed(lambda: 0.5, rhythm=evolve(LIVE_RHYTHM, **rhythm)))
    made.want(list(live_topics(topics)))
    return made


def price(topic: str = "crypto_prices", symbol: str = "btcusdt", value: str = "67234.5", **more: Any) -> str:
    """Return a price as it comes."""
    extra = "".join(f', "{key}": {json.dumps(each)}' for key, each in more.items())
    return (
        f'{{"topic": "{topic}", "type": "update", "timestamp": 1787000000237, "connection_id": "a",'
        f' "payload": {{"symbol": "{symbol}", "timestamp": 1787000000213, "value": {value}{extra}}}}}'
    )


def past(topic: str = "crypto_prices", symbol: str = "btcusdt") -> dict[str, Any]:
    """Return what a subscription to one symbol begins with."""
    data = [{"timestamp": 1787000000000, "value": 67000}, {"timestamp": 1787000001000, "value": 67000.25}]
    return {"topic": topic, "type": "subscribe", "timestamp": 1, "payload": {"symbol": symbol, "data": data}}


def comment(parent: int = 7, kind: str = "comment_created") -> dict[str, Any]:
    """Return a comment."""
    payload = {"id": "1", "body": "So it goes", "parentEntityType": "Event", "parentEntityID": parent}
    return {"topic": "comments", "type": kind, "timestamp": 1, "payload": payload}


def requests(made: FeedRig) -> list[tuple[str, list[str]]]:
    """Return what was asked of the venue."""
    return [
        (str(each.action), [f"{one.topic}{one.filters or ''}" for one in each.subscriptions])
        for each in made.writes
        if isinstance(each, wire.LiveRequest)
    ]


# -- asking --


def test_everything_is_asked_for_on_its_own() -> None:
    """One the venue does not know costs the others nothing; the same again on every connection.

    What is not answered comes first: when the rest is told, the venue has read it.
    """
    made = rig(BTC, "comments")
    asked = [("subscribe", ["comments"]), ("subscribe", ['crypto_prices{"symbol":"btcusdt"}'])]
    assert requests(made) == asked
    made.breaks()
    made.wait(30.0)
    assert requests(made) == asked * (made.opens)
    assert made.opens > 1


def test_more_and_less_on_the_same_connection() -> None:
    """Only the difference is said."""
    made = rig(BTC)
    made.hear(past())
    made.writes.clear()
    made.want([ETH.key])
    assert requests(made) == [
        ("unsubscribe", ['crypto_prices{"symbol":"btcusdt"}']),
        ("subscribe", ['crypto_prices_chainlink{"symbol":"eth/usd"}']),
    ]
    assert list(made.feed.topics) == [ETH.key]
    [late] = made.hear(price())
    assert isinstance(late, Message)
    assert late.key == ""
    made.want([])
    assert made.state is IDLE
    made.want([BTC.key])
    assert made.opens == 2


def test_pings_are_sent_and_not_waited_for() -> None:
    """Every five seconds; no answer is no fault, and one is no data."""
    made = rig(BTC)
    for _ in range(40):
        made.hear(price())
        made.wait(1.0)
    assert made.writes.count("PING") in (7, 8)
    assert made.told(Gap) == []
    assert made.hear("PONG") == made.hear(b"") == made.hear("") == []


# -- prices --


@pytest.mark.parametrize(
    "text", ["67234.5", "0.1", "67234.123456789012345678901234567890", "12345678901234567890"]
)
def test_no_digit_of_a_price_is_lost(text: str) -> None:
    """Numbers become decimals without a float in between."""
    made = rig(BTC)
    event = made.hear(price(value=text))[0]
    assert isinstance(event, Message)
    assert isinstance(event.native.payload.value, Decimal)
    assert str(event.native.payload.value) == text
    assert made.feed.prices["crypto_prices", "btcusdt"] == event.native


@pytest.mark.parametrize(
    ("topic", "full", "exact"),
    [
        ("crypto_prices", None, "3420.5"),
        ("crypto_prices", "3420.512345678901", "3420.512345678901"),
        ("crypto_prices_chainlink", "3420512345678901234567", "3420.512345678901234567"),
        ("crypto_prices_twap_sixty", "3420512345678901234567", "3420.512345678901234567"),
        ("equity_prices", "3420.51", "3420.51"),
        ("equity_prices", 3420, "3420"),
    ],
)
def test_the_exact_price_is_in_dollars(topic: str, full: Any, exact: str) -> None:
    """Whatever its scale, and wherever the venue tells it."""
    made = rig(BTC)
    more = {} if full is None else {"full_accuracy_value": full}
    event = made.hear(price(topic, "eth/usd", "3420.5", **more))[0]
    assert isinstance(event, Message)
    assert exact_price(event.native) == Decimal(exact)


def test_a_symbol_is_known_with_its_past_or_its_first_price() -> None:
    """Nothing is live before."""
    for first in (past(), price()):
        made = rig(BTC)
        made.wait(3.0)
        assert made.state is SUBSCRIBING
        [event, *_] = made.hear(first)
        assert isinstance(event, Message)
        assert event.key == BTC.key
        assert made.state is LIVE


def test_what_shows_nothing_is_live_at_once() -> None:
    """Comments, and stocks of which only changes are asked for."""
    assert rig("comments", LiveTopic("equity_prices", "update", "aapl"), "equity_prices").state is LIVE


def test_messages_come_under_what_was_asked_for() -> None:
    """The narrower first; upper case is no other symbol; what nobody asked for has an empty key."""
    everything = LiveTopic("equity_prices", "update")
    made = rig(BTC, ETH, APPLE, everything)
    for text, key in (
        (price(), BTC.key),
        (price("crypto_prices_chainlink", "eth/usd"), ETH.key),
        (price("equity_prices", "AAPL"), APPLE.key),
        (price("equity_prices", "tsla"), everything.key),
        (price("crypto_prices", "solusdt"), ""),
        (past("equity_prices", "tsla"), ""),
        # labelled with the name of another topic, as it was observed
        (past("crypto_prices", "eth/usd"), ETH.key),
        (price("silver_prices", "xag"), ""),
    ):
        event = made.hear(text)[0]
        assert isinstance(event, Message)
        assert event.key == key, text


def test_all_prices_of_a_topic_make_it_live() -> None:
    """One price shows that they are told."""
    made = rig("crypto_prices")
    assert made.state is SUBSCRIBING
    assert isinstance(made.hear(price(symbol="solusdt"))[0], Message)
    assert made.state is LIVE


# -- silence --


def test_prices_that_stop_are_noticed() -> None:
    """Though the connection stands, and comments come: another one is made, and the gap is told."""
    made = rig(BTC, COMMENTS)
    made.hear(past())
    made.hear(price())
    for _ in range(35):
        made.wait(1.0)
        made.hear(comment())
    assert made.opens == 2
    [gap] = made.told(Gap)
    assert "no price came for" in gap.reason
    made.wait(3.0)
    assert made.told(Resynced) == []
    made.hear(price())
    assert [each.gap for each in made.told(Resynced)] == [gap]


def test_stocks_may_be_silent() -> None:
    """Their markets close; comments may be silent as well."""
    made = rig(APPLE, COMMENTS)
    made.hear(past("equity_prices", "aapl"))
    made.wait(3600.0, step=5.0)
    assert (made.opens, made.state) == (1, LIVE)


def test_a_connection_on_which_nothing_is_told_is_given_up() -> None:
    """After the time of a subscription; what is known to exist is asked for for ever."""
    made = rig(BTC)
    made.hear(price())
    made.breaks()
    made.wait(120.0)
    assert made.opens > 3
    assert any("nothing was told of crypto_prices:btcusdt" in each for each in made.reasons)
    assert made.told(Lost) == []
    made.feed.heard(price().encode(), made.now)


def test_a_known_stock_may_tell_nothing_after_a_gap() -> None:
    """Its market may be closed: after a while that counts as all there is to know."""
    made = rig(APPLE)
    made.hear(past("equity_prices", "aapl"))
    made.breaks()
    made.wait(20.0)
    assert made.state is LIVE
    assert len(made.told(Resynced)) == 1


# -- what cannot be had --


def test_a_symbol_nobody_knows_costs_the_others_nothing() -> None:
    """It is told by name after a while, with what the venue said, and asked for no longer."""
    wrong = LiveTopic.crypto("btcusdd")
    made = rig(BTC, wrong)
    [refused] = made.hear({"message": "Invalid request body", "connectionId": "a", "requestId": "b"})
    assert isinstance(refused, Message)
    assert isinstance(refused.native, wire.LiveRefusal)
    for _ in range(12):
        made.hear(price())
        made.wait(1.0)
    [lost] = made.told(Lost)
    assert (lost.key, lost.gap, type(lost.error)) == (wrong.key, None, StreamError)
    assert "Invalid request body" in str(lost.error)
    assert list(made.feed.topics) == [BTC.key]
    assert made.state is LIVE
    assert made.opens == 1


def test_a_symbol_nobody_knows_is_given_up_even_alone() -> None:
    """After a second connection, since the first may have been at fault."""
    made = rig(LiveTopic.crypto("btcusdd"))
    made.wait(60.0)
    [lost] = made.told(Lost)
    assert lost.key == "crypto_prices:btcusdd"
    assert (made.state, made.opens) == (IDLE, 2)


def test_comments_that_were_missed_are_lost() -> None:
    """Which is told with their gap before it is said to be over; they are asked for all the same."""
    made = rig(BTC, COMMENTS)
    made.hear(past())
    made.breaks(1006)
    made.wait(10.0)
    made.hear(past())
    [gap] = made.told(Gap)
    [lost] = made.told(Lost)
    assert (lost.key, lost.gap) == (COMMENTS.key, gap)
    assert [each.gap for each in made.told(Resynced)] == [gap]
    assert made.events.index(lost) < made.events.index(made.told(Resynced)[0])
    assert COMMENTS.key in made.feed.topics


def test_a_slow_reader_is_told_of_a_gap() -> None:
    """Comments are lost to it; prices are known again with the next one."""
    made = rig(BTC, COMMENTS)
    made.hear(past())
    events = made.act(made.feed.overflowed(made.now))
    assert [type(each) for each in events] == [Gap]
    events = made.hear(price())
    assert [type(each) for each in events] == [Message, Lost, Resynced]


# -- comments --


def test_comments_come_under_what_they_are_on() -> None:
    """Reactions do not say on what they are."""
    other = LiveTopic.comments(8, "Series", type="comment_created")
    made = rig(COMMENTS, other)
    series = comment(8)
    series["payload"]["parentEntityType"] = "Series"
    reaction = {"topic": "comments", "type": "reaction_created", "payload": {"id": "9", "commentID": 1}}
    for told, key, kind in (
        (comment(), COMMENTS.key, wire.CommentCreatedEvent),
        (comment(kind="comment_removed"), COMMENTS.key, wire.CommentRemovedEvent),
        (series, other.key, wire.CommentCreatedEvent),
        (comment(9), "", wire.CommentCreatedEvent),
        (reaction, COMMENTS.key, wire.ReactionCreatedEvent),
        ({**reaction, "type": "reaction_removed"}, COMMENTS.key, wire.ReactionRemovedEvent),
    ):
        [event] = made.hear(told)
        assert isinstance(event, Message)
        assert (event.key, type(event.native)) == (key, kind)


# -- what is not as specified --


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ({"topic": "activity", "type": "trades", "payload": {"price": 0.41}}, ""),
        ({"topic": "comments", "type": "comment_pinned", "payload": {"id": "1"}}, COMMENTS.key),
        ({"topic": "crypto_prices", "type": "update", "payload": {"price": 1.1}}, BTC.key),
        ({"topic": "crypto_prices", "type": "update", "payload": None}, BTC.key),
        ({"topic": "crypto_prices", "type": "update", "timestamp": "now", "payload": []}, BTC.key),
        ({"topic": "comments", "type": "comment_created", "payload": {"id": 5}}, COMMENTS.key),
    ],
)
def test_other_words_are_told_in_their_envelope(told: dict[str, Any], key: str) -> None:
    """With the payload as it came, in which no number is a float; that is no gap."""
    made = rig(BTC, COMMENTS)
    [event] = made.hear(told)
    assert isinstance(event, Message)
    assert isinstance(event.native, wire.LiveMessage)
    assert (event.key, event.native.topic, event.native.type) == (key, told["topic"], told["type"])
    assert "float" not in repr(event.native.payload)
    assert json.loads(msgspec.json.encode(event.native.payload, enc_hook=str)) in (
        told["payload"],
        {"price": "0.41"},
        {"price": "1.1"},
    )


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "null",
        "5",
        '"PONG!"',
        "{}",
        price()[:-20],
        '{"topic": 5, "type": "update"}',
        '{"topic": "crypto_prices"}',
        '{"message": 5}',
        price(value="1e400"),
        price(value="1e-400"),
        "[[1]]",
        "[" * 100_000,
        '{"payload": ' * 50_000,
        '{"topic": "a", "type": "b", "payload": ' + "[" * 50_000,
        b"\xff\xfe\xfd\xfc\xfb\xfa",
        "x" * 1_000_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_cannot_be_read_is_told(text: Any) -> None:
    """As it came, with a gap, since it may have been anything; the next price ends it. Nothing raises."""
    made = rig(BTC)
    made.hear(past())
    events = made.hear(text)
    assert [type(each) for each in events] == [Raw, Gap]
    assert [type(each) for each in made.hear(price())] == [Message, Resynced]


def test_deep_nesting_is_no_danger() -> None:
    """Also where some library raised the limit that keeps readers off the end of the stack."""
    made = rig(BTC)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        events = made.hear('{"topic": "a", "type": "b", "payload": ' + "[" * 200_000)
    finally:
        sys.setrecursionlimit(limit)
    assert isinstance(events[0], Raw)
    assert "nested" in events[0].why


def test_arrays_are_read_piece_by_piece() -> None:
    """What cannot be read of them costs the rest nothing."""
    made = rig(BTC)
    events = made.hear(f"[{price()}, 5, {json.dumps(comment())}, {price(value='1')}]")
    kinds = [type(each) for each in events if isinstance(each, (Message, Raw))]
    assert kinds == [Message, Raw, Message, Message]
    assert made.hear("[]") == []


@pytest.mark.parametrize("said", [{"statusCode": 401, "body": {"why": 1.5}}, {"message": "no\x1b[31m" * 50}])
def test_refusals_are_told(said: dict[str, Any]) -> None:
    """Whatever they look like; they belong to nothing that was asked for."""
    made = rig(BTC)
    [event] = made.hear(said)
    assert isinstance(event, Message)
    assert (event.key, type(event.native)) == ("", wire.LiveRefusal)
    assert made.told(Gap) == []


def test_prices_of_long_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A venue that makes up symbols does not fill the memory."""
    monkeypatch.setattr("polyspec.clob.live_feed._MOST", 3)
    made = rig("crypto_prices")
    for number in range(10):
        made.hear(price(symbol=f"s{number}"))
    assert [symbol for _, symbol in made.feed.prices] == ["s7", "s8", "s9"]


def test_what_is_over_tells_nothing() -> None:
    """A look that ends after the stream did is no harm."""
    made = rig(BTC)
    made.act(made.feed.machine.close(made.now))
    assert made.feed.looked((BTC.key,), None, made.now) == []
    assert made.want([ETH.key]) == []
    assert made.state is StreamState.CLOSED
