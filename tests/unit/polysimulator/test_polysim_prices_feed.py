"""The prices channel without its socket: nothing that was asked for is passed over in silence."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, StreamState
from polyspec.core.streams.machine import Action, Close, Emit, Resync, Write
from polyspec.errors import AuthError, ConfigError, NotFound, StreamError, Unauthorized
from polyspec.polysimulator.prices_feed import PricesFeed

ONE, TWO = "0xa", "0xb"


def opened(*keys: str) -> PricesFeed:
    """Return a feed whose connection stands."""
    made = PricesFeed(lambda: None, lambda: 0.5)  # type: ignore[arg-type, return-value]
    made.want(list(keys), 0.0)
    made._noted(made.machine.opened(0.0), ())
    return made


def price(key: str = ONE, text: str = "0.5", **parts: Any) -> dict[str, Any]:
    """Return a price as the channel tells it."""
    outcomes = [{"label": "Yes", "price": text}]
    return {"type": "price", "market_id": key, "condition_id": key, "outcomes": outcomes, **parts}


def ack(*keys: str) -> dict[str, Any]:
    """Return an acknowledgement."""
    return {"type": "subscribed", "markets": list(keys)}


def hear(feed: PricesFeed, *told: Any, now: float = 1.0) -> list[Action]:
    """Let a feed hear messages."""
    return [action for each in told for action in feed.heard(json.dumps(each).encode(), now)]


def events(actions: list[Action], kind: type[Any] = Message) -> list[Any]:
    """Return the events of a kind among actions."""
    return [each.event for each in actions if isinstance(each, Emit) and isinstance(each.event, kind)]


def written(actions: list[Action]) -> list[Any]:
    """Return what is said, as JSON."""
    return [msgspec.to_builtins(each.data) for each in actions if isinstance(each, Write)]


def item(key: str = ONE, text: str | None = "0.5") -> wire.BatchPriceItem:
    """Return a price as REST tells it."""
    outcome = wire.OutcomePrice(label="Yes", price=None if text is None else Decimal(text))
    return wire.BatchPriceItem(condition_id=key, outcomes=[] if text is None else [outcome])


def test_it_is_live_when_all_are_acknowledged_and_told() -> None:
    """In either order."""
    feed = opened(ONE, TWO)
    hear(feed, price(ONE), ack(ONE, TWO))
    assert feed.machine.state is StreamState.SUBSCRIBING
    hear(feed, price(TWO))
    assert feed.machine.state is StreamState.LIVE


def test_what_an_acknowledgement_lacks_is_asked_for_once_more_and_lost_then() -> None:
    """The others go on; an empty set says that nothing was understood."""
    feed = opened(ONE, TWO)
    again = hear(feed, ack(ONE))
    assert written(again) == [{"action": "subscribe", "markets": [TWO]}]
    lost = events(hear(feed, ack(ONE)), Lost)
    assert [(each.key, type(each.error)) for each in lost] == [(TWO, StreamError)]
    assert feed.machine.wanted == [ONE]
    empty = opened(ONE)
    hear(empty, ack())
    assert [each.key for each in events(hear(empty, ack()), Lost)] == [ONE]


def test_an_acknowledgement_is_held_against_what_it_answers() -> None:
    """What is asked for meanwhile is not missed in it, nor is an old one that comes twice the end of it."""
    feed = opened(ONE)
    feed.want([ONE, TWO], 0.5)
    assert written(hear(feed, ack(ONE))) == []
    assert written(hear(feed, ack(ONE))) == [{"action": "subscribe", "markets": [TWO]}]
    hear(feed, ack(ONE, TWO), price(ONE), price(TWO))
    assert feed.machine.state is StreamState.LIVE
    assert feed.machine.wanted == [ONE, TWO]


def test_a_refused_subscription_is_asked_for_one_by_one() -> None:
    """So that one market does not take the others with it; the error is told, too."""
    feed = opened(ONE, TWO)
    complaint = {"type": "error", "message": "token ids cannot be subscribed to"}
    actions = hear(feed, complaint)
    assert isinstance(events(actions)[0].native, wire.ErrorEvent)
    assert [each["markets"] for each in written(actions)] == [[ONE], [TWO]]
    lost = events(hear(feed, complaint, ack(TWO)), Lost)
    assert [each.key for each in lost] == [ONE]
    assert "token ids" in str(lost[0].error)


def test_a_price_of_older_documents_is_a_price() -> None:
    """Under `data`, with or without the market outside of it."""
    feed = opened(ONE)
    inner = price(ONE, "0.7")
    for frame in ({"type": "price", "data": inner}, {"type": "price", "market_id": ONE, "data": inner}):
        told = events(hear(feed, frame))
        assert [(each.key, each.native.outcomes[0].price) for each in told] == [(ONE, "0.7")]
        assert isinstance(told[0].native, wire.PriceEvent)


def test_a_price_without_any_price_is_told_once() -> None:
    """It is no older form, and no riddle."""
    feed = opened(ONE)
    actions = hear(feed, {"type": "price", "market_id": ONE, "closed": True})
    assert len(actions) == 1
    assert events(actions)[0].native.closed


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff", b"[]", b"7", b"x" * 2**20, b'{"type": "price"}', b"[" * 9999]
)
def test_what_cannot_be_read_is_told_as_it_came(text: bytes) -> None:
    """And the connection goes on."""
    assert [type(each) for each in events(opened(ONE).heard(text, 1.0), Raw)] == [Raw]


def test_an_unknown_frame_is_told_with_exact_numbers() -> None:
    """No float comes out of it."""
    raw = events(opened(ONE).heard(b'{"type": "funding", "rate": 0.1}', 1.0), Raw)[0]
    assert raw.data == {"type": "funding", "rate": Decimal("0.1")}
    assert isinstance(raw.data["rate"], Decimal)


def test_what_the_channel_does_not_tell_is_read() -> None:
    """A market without a price is known as well; one that does not exist is lost."""
    feed = opened(ONE, TWO, "0xc")
    hear(feed, ack(ONE, TWO, "0xc"))
    assert any(isinstance(each, Resync) for each in feed.machine.tick(3.1))
    found = {ONE: item(), TWO: item(TWO, None), "0xc": NotFound("no market", status=404)}
    actions = feed.looked((ONE, TWO, "0xc"), found, 3.2)
    assert [each.native.market_id for each in events(actions)] == [ONE, TWO]
    assert [each.key for each in events(actions, Lost)] == ["0xc"]
    assert feed.machine.state is StreamState.LIVE


def test_a_subscription_that_is_never_acknowledged_is_no_good() -> None:
    """What REST knows does not help: the stream would be silent."""
    feed = opened(ONE)
    actions = feed.looked((ONE,), {ONE: item()}, 3.2)
    assert any(isinstance(each, Close) for each in actions)
    assert feed.machine.state is StreamState.BACKING_OFF


def test_a_deaf_stream_is_replaced() -> None:
    """When REST has another price and nothing came for long; a moment's difference is none."""
    feed = opened(ONE)
    hear(feed, ack(ONE), price())
    told = feed.looked((ONE,), {ONE: item(text="0.6")}, 2.0)
    assert [each.native.outcomes[0].price for each in events(told)] == ["0.6"]
    assert feed.machine.state is StreamState.LIVE
    actions = feed.looked((ONE,), {ONE: item(text="0.7")}, 17.0)
    assert events(actions, Gap)
    assert feed.machine.state is StreamState.BACKING_OFF


def test_a_gap_ends_when_prices_are_known_again() -> None:
    """An acknowledgement alone says nothing of them."""
    feed = opened(ONE)
    hear(feed, ack(ONE), price())
    feed.ended(2.0, "it broke", None)
    feed.machine.tick(feed.machine.wakes)
    feed._noted(feed.machine.opened(6.0), ())
    assert events(hear(feed, ack(ONE), now=6.1), Resynced) == []
    assert len(events(hear(feed, price(), now=6.2), Resynced)) == 1


def test_a_look_reads_few_of_those_that_are_known() -> None:
    """One after the other: who is told well needs no second source."""
    keys = [f"0x{each}" for each in range(12)]
    feed = opened(*keys)
    hear(feed, ack(*keys), *(price(each) for each in keys[:11]))
    asked: list[str] = []
    for _ in range(3):
        flow = feed.look(tuple(keys), 1.0)
        asked += flow.gi_frame.f_locals["keys"]
    assert asked[:6] == ["0x11", *keys[:5]]
    assert set(asked) == set(keys)


def test_too_many_are_refused_before_anything_is_asked_for() -> None:
    """One connection has room for fifty."""
    feed = opened(ONE)
    with pytest.raises(ConfigError, match="50"):
        feed.want([str(each) for each in range(51)], 1.0)
    assert feed.machine.wanted == [ONE]


def test_a_key_that_does_not_hold_any_more_is_final() -> None:
    """A look shows it."""
    feed = opened(ONE)
    lost = events(feed.looked((ONE,), Unauthorized("no", status=401), 1.0), Lost)
    assert isinstance(lost[0].error, AuthError)
