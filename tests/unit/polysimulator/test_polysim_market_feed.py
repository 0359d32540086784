"""The market channel without its socket: a book is right, or says what speaks against it."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.core.secret import Secret
from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, StreamState
from polyspec.core.streams.machine import Action, Close, Emit, Resync
from polyspec.errors import AuthError, ConfigError, NotFound, ServerError
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.market_feed import MarketFeed
from polyspec.polysimulator.session import PolySimulatorAuthority

YES, NO = "1" * 30, "2" * 30


def sides(bid: str | None, ask: str | None) -> dict[str, Any]:
    """Return the two sides of a book."""
    return {
        "bids": [] if bid is None else [{"price": bid, "size": "10"}],
        "asks": [] if ask is None else [{"price": ask, "size": "10"}],
    }


def whole(
    bid: str | None = "0.40", ask: str | None = "0.42", at: int = 1000, token: str = YES, **parts: Any
) -> Any:
    """Return a whole book as the channel tells it."""
    return {
        "event_type": "book", "asset_id": token, "market": "0xm", "timestamp": str(at), "tick_size": "0.01",
        **sides(bid, ask), **parts,
    }  # fmt: skip


def change(bid: str | None, ask: str | None, at: int = 2000, token: str = YES) -> Any:
    """Return best prices that moved, with the placeholders that are in such a message."""
    best = {name: text for name, text in (("best_bid", bid), ("best_ask", ask)) if text is not None}
    each = {"asset_id": token, "price": "0.41", "size": "0", "side": "", "hash": "", **best}
    return {"event_type": "price_change", "market": "0xm", "price_changes": [each], "timestamp": str(at)}


def trade(at: int = 2000, token: str = YES) -> Any:
    """Return a trade."""
    return {
        "event_type": "last_trade_price", "asset_id": token, "market": "0xm", "price": "0.42", "size": "0",
        "side": "BUY", "timestamp": str(at),
    }  # fmt: skip


def read(bid: str | None, ask: str | None, at: int = 1500, **parts: Any) -> wire.OrderBookSnapshot:
    """Return a book as REST tells it."""
    return msgspec.convert({"timestamp": str(at), **sides(bid, ask), **parts}, wire.OrderBookSnapshot)


def opened(*tokens: str) -> MarketFeed:
    """Return a feed whose connection stands."""
    made = MarketFeed(lambda: None, lambda: 0.5)  # type: ignore[arg-type, return-value]
    made.want(list(tokens or (YES,)), 0.0)
    made.machine.opened(0.0)
    return made


def live() -> MarketFeed:
    """Return a feed with a book that is trusted."""
    made = opened()
    hear(made, whole())
    assert made.machine.state is StreamState.LIVE
    assert made.books[YES].trusted
    return made


def hear(feed: MarketFeed, *told: Any, now: float = 1.0) -> list[Action]:
    """Let a feed hear messages."""
    return [action for each in told for action in feed.heard(json.dumps(each).encode(), now)]


def looked(feed: MarketFeed, now: float, found: Any, *keys: str) -> list[Action]:
    """Let a feed look, and find this."""
    feed.look(keys or (YES,), now)
    return feed.looked(keys or (YES,), found, now)


def events(actions: list[Action], kind: type[Any] = Message) -> list[Any]:
    """Return the events of a kind among actions."""
    return [each.event for each in actions if isinstance(each, Emit) and isinstance(each.event, kind)]


def looks(actions: list[Action]) -> int:
    """Return how many looks are asked for."""
    return sum(isinstance(each, Resync) for each in actions)


def best(feed: MarketFeed) -> tuple[Decimal | None, Decimal | None]:
    """Return the best prices of the book."""
    return feed.books[YES].bid, feed.books[YES].ask


def test_placeholders_are_never_applied() -> None:
    """Size 0 deletes nothing; best prices that moved make the book one to read again, and nothing else."""
    feed = live()
    actions = hear(feed, change("0.41", "0.42"))
    assert best(feed) == (Decimal("0.40"), Decimal("0.42"))
    assert not feed.books[YES].trusted
    assert "0.41" in feed.books[YES].why
    assert (looks(actions), len(events(actions)), events(actions, Gap)) == (1, 1, [])
    told = looked(feed, 1.1, {YES: read("0.41", "0.42")})
    assert feed.books[YES].trusted
    assert isinstance(events(told)[0].native, wire.PmBookEvent)
    assert events(told)[0].native.bids[0] == wire.PmBookLevel(price="0.41", size="10")


def test_best_prices_that_agree_change_nothing() -> None:
    """Nor does a side that is not named, or an empty one that is told as 0 or 1."""
    feed = live()
    for told in (change("0.40", "0.42"), change("0.4", None, 2001), change(None, "0.420", 2002)):
        assert looks(hear(feed, told)) == 0
        assert feed.books[YES].trusted
    empty = opened()
    hear(empty, whole(None, None), change("0", "1"))
    assert empty.books[YES].trusted


def test_best_prices_that_are_not_told_are_unknown() -> None:
    """A message without any is no reason to trust."""
    feed = live()
    assert looks(hear(feed, change(None, None))) == 1
    assert not feed.books[YES].trusted


def test_a_book_that_is_behind_is_read_again() -> None:
    """Until REST has the best prices that were told, or is newer than they are."""
    feed = live()
    hear(feed, change("0.41", "0.42"))
    looked(feed, 1.1, {YES: read("0.40", "0.42")})
    assert not feed.books[YES].trusted
    assert "REST" in feed.books[YES].why
    assert looks(feed.machine.tick(2.1)) == 1
    looked(feed, 2.2, {YES: read("0.38", "0.39", at=2500)})
    assert feed.books[YES].trusted


def test_looks_are_paced() -> None:
    """One for all in a pause, whatever moves."""
    feed = opened(YES, NO)
    hear(feed, whole(), whole(token=NO))
    first = hear(feed, change("0.41", "0.42"), change("0.39", "0.42", token=NO), now=5.0)
    assert looks(first) == 1
    assert (
        looks(hear(feed, *(change(f"0.{each}", "0.42", 3000 + each) for each in range(30, 40)), now=5.5)) == 0
    )
    assert feed.machine.wakes == 6.0
    due = [each for each in feed.machine.tick(6.0) if isinstance(each, Resync)]
    assert [set(each.keys) for each in due] == [{YES, NO}]


def test_a_trade_makes_a_book_unsure() -> None:
    """Also one while it is read: less is left than was read, perhaps."""
    feed = live()
    assert looks(hear(feed, trade())) == 1
    assert "traded" in feed.books[YES].why
    feed.look((YES,), 1.1)
    hear(feed, trade(2100), now=1.2)
    feed.looked((YES,), {YES: read("0.40", "0.42", at=2050)}, 1.3)
    assert not feed.books[YES].trusted
    assert looks(feed.machine.tick(2.3)) == 1
    looked(feed, 2.4, {YES: read("0.40", "0.42", at=2200)})
    assert feed.books[YES].trusted


def test_what_comes_late_is_no_news() -> None:
    """But it shows that something is wrong."""
    feed = live()
    hear(feed, change("0.40", "0.42", 3000))
    assert looks(hear(feed, change("0.41", "0.43", 2000))) == 1
    assert not feed.books[YES].trusted
    looked(feed, 1.5, {YES: read("0.40", "0.42")})
    assert feed.books[YES].trusted


def test_another_tick_is_taken_over() -> None:
    """As it is told, or as the prices have it."""
    feed = live()
    hear(feed, whole("0.401", "0.402", 3000, tick_size="0.001"))
    assert (feed.books[YES].tick, feed.books[YES].trusted) == (Decimal("0.001"), True)
    looked(feed, 2.0, {YES: read("0.4011", "0.4012", at=4000)})
    assert (feed.books[YES].tick, feed.books[YES].trusted) == (Decimal("0.0001"), True)


@pytest.mark.parametrize(
    "book", [sides("0.50", "0.40"), sides("NaN", "0.5"), sides("-1", "0.5"), sides("0.5", "7")]
)
def test_a_book_that_cannot_be_is_not_trusted(book: dict[str, Any]) -> None:
    """Crossed, no numbers, out of range: it is read, and stays in doubt as long as REST says the same."""
    feed = live()
    assert looks(hear(feed, {**whole(at=3000), **book})) == 1
    assert not feed.books[YES].trusted
    assert feed.books[YES].why


def test_a_break_leaves_no_book_trusted() -> None:
    """Until the next connection tells it."""
    feed = live()
    assert len(events(feed.ended(2.0, "it broke", None), Gap)) == 1
    assert not feed.books[YES].trusted
    feed.machine.tick(feed.machine.wakes)
    feed.machine.opened(6.0)
    assert len(events(hear(feed, whole(at=900), now=6.1), Resynced)) == 1
    assert feed.books[YES].trusted


def test_a_look_of_an_earlier_connection_is_thrown_away() -> None:
    """What it read is older than the gap."""
    feed = live()
    feed.look((YES,), 1.0)
    feed.ended(2.0, "it broke", None)
    assert feed.looked((YES,), {YES: read("0.1", "0.2", at=9000)}, 3.0) == []
    assert not feed.books[YES].trusted


def test_an_unknown_token_is_lost_and_the_others_go_on() -> None:
    """The venue complains of the subscription, and REST says of which."""
    feed = opened(YES, NO)
    hear(feed, whole())
    wrong = {"event_type": "error", "error": "UNKNOWN_ASSET", "message": "unknown asset"}
    assert looks(hear(feed, wrong)) == 1
    lost = events(looked(feed, 1.1, {NO: NotFound("no book", status=404)}, NO), Lost)
    assert [each.key for each in lost] == [NO]
    assert list(feed.books) == [YES]
    assert feed.machine.state is StreamState.LIVE


def test_rest_that_fails_leaves_the_book_in_doubt() -> None:
    """And is asked again after the pause, also if it says that there is none any more."""
    feed = live()
    for now, error in ((4.0, ServerError("no", status=503)), (7.0, NotFound("no", status=404))):
        assert looks(looked(feed, now, error)) == 1
        assert not feed.books[YES].trusted
        assert "verified" in feed.books[YES].why
        assert looks(looked(feed, now + 0.1, error)) == 0
        assert looks(feed.machine.tick(now + 1.1)) == 1


def test_a_deaf_stream_is_replaced() -> None:
    """When REST is newer, has other best prices, and nothing came for long."""
    feed = live()
    hear(feed, change("0.40", "0.42", 2000))
    assert not any(
        isinstance(each, Close) for each in looked(feed, 5.0, {YES: read("0.41", "0.42", at=2500)})
    )
    actions = looked(feed, 20.0, {YES: read("0.44", "0.45", at=9000)})
    assert any(isinstance(each, Close) for each in actions)
    assert feed.machine.state is StreamState.BACKING_OFF


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff", b"7", b"x" * 2**20, b'{"event_type": "book"}', b"[" * 9999]
)
def test_what_cannot_be_read_makes_every_book_unsure(text: bytes) -> None:
    """It is told as it came, and everything is read."""
    feed = live()
    actions = feed.heard(text, 2.0)
    assert len(events(actions, Raw)) == 1
    assert looks(actions) == 1
    assert not feed.books[YES].trusted
    assert events(looked(feed, 2.1, {YES: read("0.40", "0.42")}), Resynced)


def test_what_nobody_knows_is_told_as_it_came() -> None:
    """Several at once are several."""
    feed = live()
    assert len(events(hear(feed, {"event_type": "weather"}), Raw)) == 1
    assert feed.books[YES].trusted
    assert len(events(hear(feed, [change("0.40", "0.42", 5000), trade(5001)]))) == 2


def test_who_asks_is_told_only_when_the_venue_wants_to_know() -> None:
    """Nothing is minted for a channel that is for anybody."""
    keyed = SimpleNamespace(authority=PolySimulatorAuthority(Credentials(Secret("ps_live_x"))))
    feed = MarketFeed(lambda: keyed, lambda: 0.5)  # type: ignore[arg-type, return-value]
    feed.want([YES], 0.0)
    feed.machine.opened(0.0)
    needed = {"event_type": "error", "error": "AUTH_REQUIRED", "message": "log in"}
    actions = hear(feed, needed)
    assert any(isinstance(each, Close) for each in actions)
    assert feed._named
    feed.machine.tick(feed.machine.wakes)
    feed.machine.opened(9.0)
    lost = events(hear(feed, needed), Lost)
    assert isinstance(lost[0].error, AuthError)


def test_too_many_are_refused_before_anything_is_asked_for() -> None:
    """One connection has room for fifty."""
    feed = opened()
    with pytest.raises(ConfigError, match="50"):
        feed.want([str(each) for each in range(51)], 1.0)
    assert list(feed.books) == [YES]
