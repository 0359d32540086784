"""The market channel without its socket: books are right, or say that they are not, and nothing is lost."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random  # noqa: TID251 - seeds are the point
from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.clob import models as wire

from polyspec.clob.market import TokenMarket
from polyspec.clob.market_feed import MARKET_RHYTHM, MarketFeed
from polyspec.clob.ticks import tick_of
from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, Status, StreamState
from polyspec.errors import NotFound, ServerError
from tests.unit.market_rig import START, Model, Rig, levels

LIVE, SUBSCRIBING, BACKING_OFF = StreamState.LIVE, StreamState.SUBSCRIBING, StreamState.BACKING_OFF


def rig(*names: str, **options: Any) -> Rig:
    """Return a feed of tokens that has told all of them."""
    made = Rig(*(Model(each, Random(1)) for each in names or ("1",)), **options)
    made.wait(0.1)
    assert made.feed.machine.state is LIVE
    return made


def change(
    rig: Rig, *changes: tuple[str, str, str], at: int = START + 1, best: Any = None, token: str = "1"
) -> bytes:
    """Return a message of changes, with the best prices if there are any."""
    told = {} if best is None else {"best_bid": best[0], "best_ask": best[1]}
    parts = [
        {"asset_id": token, "side": side, "price": price, "size": size, "hash": "", **told}
        for side, price, size in changes
    ]
    event = {"event_type": "price_change", "market": "0xm", "timestamp": str(at), "price_changes": parts}
    return json.dumps(event).encode()


def test_books_follow_what_is_told() -> None:
    """From the first array on, which is asked for in one message."""
    made = rig("1", "2")
    assert made.writes == [wire.MarketSubscription(assets_ids=["1", "2"])]
    book = made.feed.books["1"]
    assert (book.trusted, book.bid, book.ask) == (True, Decimal("0.45"), Decimal("0.55"))
    made.hear(change(made, ("BUY", "0.5", "7"), best=("0.5", "0.55")))
    assert book.bid == Decimal("0.5")
    [last] = made.told(Message)[2:]
    assert isinstance(last.native, wire.PriceChangeEvent)
    assert made.told(Gap) == []


def test_both_outcomes_of_one_message_and_several_levels_of_one_token() -> None:
    """Best prices are those after all of a message."""
    made = rig("1", "2")
    both = json.loads(change(made, ("BUY", "0.5", "7"), best=("0.5", "0.55")))
    both["price_changes"] += json.loads(change(made, ("SELL", "0.5", "7"), best=("0.45", "0.5"), token="2"))[
        "price_changes"
    ]
    made.hear(json.dumps(both).encode())
    assert (made.feed.books["1"].bid, made.feed.books["2"].ask) == (Decimal("0.5"), Decimal("0.5"))
    made.hear(
        change(
            made,
            ("BUY", "0.5", "0"),
            ("BUY", "0.45", "0"),
            ("BUY", "0.3", "1"),
            best=("0.3", "0.55"),
            at=START + 2,
        )
    )
    assert made.feed.books["1"].bid == Decimal("0.3")
    assert made.told(Gap) == []


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda r: change(r, ("BUY", "0.3", "7"), best=("0.5", "0.55")), "best prices"),
        (lambda r: change(r, ("BUY", "0.6", "7")), "reach"),
        (lambda r: change(r, ("BUY", "0.333", "7")), "tick"),
        (lambda r: change(r, ("BUY", "0.3", "-7")), "below 0"),
        (lambda r: change(r, ("BUY", "0.3", "7"), at="soon"), "time"),  # type: ignore[arg-type]
        (lambda r: change(r, ("HOLD", "0.3", "7")), "side"),
        (lambda _: b'{"event_type": "price_change", "asset_id": "1"}', "specified"),
        (lambda _: b'{"event_type": "book", "asset_id": "1"}', "specified"),
        (lambda _: b'{"event_type": "price_ch', "read"),
        (lambda _: b"", "read"),
        (lambda _: b"INVALID OPERATION", "read"),
        (lambda _: b"[[[[", "read"),
        (lambda _: b"[" * 100_000, "read"),
        (lambda _: b"null", "read"),
        (lambda _: b"\xff\xfe", "read"),
        (lambda _: b"x" * 1_000_000, "read"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_resynced(spoil: Any, why: str) -> None:
    """The book says so at once, a gap is told, and REST mends it."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    message = spoil(made)
    made.hear(message)
    assert not book.trusted
    assert why in book.why
    [gap] = made.told(Gap)
    assert why in gap.reason
    # what changes until the answer comes is not forgotten
    model.sides["BUY"][50] = 9
    model.at = START + 50
    made.wait(made.delay)
    assert book.trusted
    assert levels(book) == model.levels
    assert [each.gap for each in made.told(Resynced)] == [gap]
    assert made.feed.machine.state is LIVE


def test_changes_during_a_look_follow_it() -> None:
    """They are held back while the book is in doubt, and applied by their time."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    made.hear(b"nonsense")
    for second in (1, 2, 3):
        made.hear(model.move(START + second))
    assert not book.trusted
    made.wait(made.delay)
    assert book.trusted
    assert levels(book) == model.levels


def test_rest_that_is_older_than_the_stream_mends_nothing() -> None:
    """A book is not replaced by one that lacks what was told before; after a while the connection goes."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    old = model.rest()
    made.hear(model.move(START + 100))
    made.hear(b"nonsense")
    made.rest = lambda _: old
    for _ in range(2):
        made.wait(2.9)
        assert not book.trusted
        assert made.feed.machine.state is LIVE
    made.wait(2.9)
    assert any("older" in each.reason for each in made.told(Status))
    made.wait(10.0)
    assert book.trusted
    assert levels(book) == model.levels


def test_what_is_spoilt_during_a_look_is_looked_up_again() -> None:
    """The answer that is on its way may not have it."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    made.hear(b"nonsense")
    made.wait(0.15)
    model.move(START + 5)
    made.hear(b"and another one, which was that change")
    made.wait(0.1)
    assert not book.trusted
    made.wait(0.2)
    assert book.trusted
    assert levels(book) == model.levels


def test_a_lost_change_deep_in_the_book_is_found_by_looking() -> None:
    """However busy the stream is; the reader is told that the book was wrong."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    model.sides["BUY"][3] = 77
    model.at = START + 1
    wrong = 0
    for second in range(2, 60):
        made.wait(0.5)
        model.at = START + second
        model.sides["SELL"][90] = second
        made.hear(change(made, ("SELL", "0.9", str(second)), best=("0.45", "0.55"), at=START + second))
        wrong += levels(book) != model.levels
    assert 40 < wrong < 55
    assert levels(book) == model.levels
    [gap] = made.told(Gap)
    assert "REST" in gap.reason
    assert len(made.told(Resynced)) == 1
    assert made.feed.machine.state is LIVE


@pytest.mark.parametrize("lost", [False, True])
def test_rest_may_be_behind_the_stream(lost: bool) -> None:
    """By a second, all the time: right books stay trusted, and what was lost is found all the same."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    past = [(0.0, model.rest())]
    made.rest = lambda _: [told for when, told in past if when <= made.now - 1.0][-1]
    made.wait(2.0)
    if lost:
        model.sides["BUY"][3] = 77
    for second in range(2, 600):
        made.wait(0.1)
        model.at = START + second
        model.sides["SELL"][90] = second
        made.hear(change(made, ("SELL", "0.9", str(second)), best=("0.45", "0.55"), at=START + second))
        past.append((made.now, model.rest()))
    assert levels(book) == model.levels
    assert len(made.told(Gap)) == len(made.told(Resynced)) == lost
    assert made.feed.machine.state is LIVE


def test_looking_finds_nothing_in_a_right_book() -> None:
    """It stays trusted all the while, and nothing is told; changes on their way to us are no difference."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    for second in range(1, 400):
        message = model.move(START + second)
        made.wait(0.3)
        assert book.trusted
        made.hear(message)
        assert levels(book) == model.levels
    assert made.told(Gap) == []
    assert made.told(Lost) == []


def test_a_socket_that_answers_pings_and_tells_nothing_is_found_out() -> None:
    """REST shows what it did not tell: the book is mended at once, the connection given up soon after."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    model.move(START + 1)
    made.wait(16.0)
    assert levels(book) == model.levels
    made.wait(25.0)
    [gap] = made.told(Gap)
    assert "did not tell" in gap.reason
    assert sum(each.state is StreamState.CONNECTING for each in made.told(Status)) == 2
    assert made.told(Resynced)


def test_a_quiet_market_is_not_given_up() -> None:
    """Nothing is told because nothing happens: an hour of it leaves connection and book alone."""
    made = rig()
    made.wait(3600.0)
    assert made.told(Gap) == []
    assert made.feed.books["1"].trusted


def test_the_other_way_round_late_changes_are_no_new_ones() -> None:
    """What REST told before is passed over when the stream tells it, and the connection is good."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    made.wait(14.0)
    late = model.move(START + 1)
    made.wait(2.0)
    assert levels(book) == model.levels
    made.hear(late)
    made.wait(30.0)
    assert levels(book) == model.levels
    assert made.told(Gap) == []


def test_no_book_is_trusted_that_cannot_be_verified() -> None:
    """When REST fails for minutes, a stream that goes on well is not enough."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    made.rest = lambda _: ServerError("away", status=503)
    for second in range(1, 260):
        made.wait(0.5)
        made.hear(model.move(START + second))
    assert not book.trusted
    assert "not to be verified" in book.why
    made.rest = made._rest
    made.wait(3.5)
    assert book.trusted


def test_unknown_events_and_values_are_told_as_they_came() -> None:
    """They say nothing against a book; what is known of an array they came in is read."""
    made = rig()
    message = change(made, ("BUY", "0.5", "7"), best=("0.5", "0.55"))
    made.hear(b'[{"event_type": "weather", "sky": "blue"}, ' + message + b"]")
    [raw] = made.told(Raw)
    assert raw.data == {"event_type": "weather", "sky": "blue"}
    assert made.feed.books["1"].bid == Decimal("0.5")
    made.hear(b'{"event_type": "last_trade_price", "asset_id": "1"}')
    assert len(made.told(Raw)) == 2
    made.hear(
        b'{"event_type": "last_trade_price", "asset_id": "1", "market": "0xm", "price": "0.5", "size": "1",'
        b'"side": "HOLD", "timestamp": "1700000000001", "extra": {"a": 1}}'
    )
    trade = made.told(Message)[-1].native
    assert isinstance(trade, wire.LastTradePriceEvent)
    assert str(trade.side) == "HOLD"
    assert made.feed.books["1"].trusted
    assert made.told(Gap) == []


def test_a_new_tick_is_a_new_epoch_and_told_to_orders() -> None:
    """The book is read anew on the new grid; what orders know of the market has the new tick at once."""
    made = rig()
    known = TokenMarket("1", tick_of("0.01"), False, None, "0xm", None, 0.0)
    made.markets.put(known, made.markets.epoch)
    book = made.feed.books["1"]
    made.hear(
        b'{"event_type": "tick_size_change", "asset_id": "1", "market": "0xm", "old_tick_size": "0.01",'
        b'"new_tick_size": "0.001", "timestamp": "1700000000001"}'
    )
    assert (book.epoch, book.trusted) == (1, False)
    assert made.markets.get("1", 0.0) == evolve(known, tick=tick_of("0.001"))
    bid = wire.OrderSummary(price=Decimal("0.455"), size=Decimal(1))
    finer = wire.OrderBookSummary(
        market="0xm", asset_id="1", timestamp=str(START + 1), hash="", neg_risk=False, asks=[],
        tick_size=Decimal("0.001"), min_order_size=Decimal(5), bids=[bid],
    )  # fmt: skip
    made.rest = lambda _: finer
    made.wait(1.0)
    assert (book.trusted, book.bid, book.tick) == (True, Decimal("0.455"), Decimal("0.001"))


def test_tokens_come_and_go_on_one_connection() -> None:
    """What is asked for is what is written; a token that is not asked for has no book."""
    made = rig("1", "2")
    made.do(made.feed.want(["1"], made.now))
    assert made.writes[-1] == wire.MarketSubscriptionUpdate(
        operation=wire.SubscriptionOperation.UNSUBSCRIBE, assets_ids=["2"]
    )
    assert list(made.feed.books) == ["1"]
    made.hear(change(made, ("BUY", "0.5", "7"), token="2"))
    made.do(made.feed.want(["1", "2"], made.now))
    assert not made.feed.books["2"].trusted
    # nobody told its book: it is looked up
    made.wait(4.0)
    assert made.feed.books["2"].trusted


def test_a_token_nobody_knows_costs_only_itself() -> None:
    """It is told by name, asked for no longer, and the others go on."""
    made = rig("1")
    made.do(made.feed.want(["1", "99"], made.now))
    made.rest = lambda token: NotFound("no such book", status=404) if token == "99" else None
    made.wait(4.0)
    [lost] = made.told(Lost)
    assert (lost.key, type(lost.error)) == ("99", NotFound)
    assert list(made.feed.books) == ["1"]
    assert made.feed.machine.wanted == ["1"]
    assert made.feed.books["1"].trusted


def test_a_lost_snapshot_is_looked_up() -> None:
    """The first array never comes: REST tells the books, and the stream is live."""
    model = Model("1", Random(1))
    made = Rig(model)
    silent = MarketFeed(None, made.markets, lambda: 0.5)  # type: ignore[arg-type]
    made.feed = silent
    made.do(silent.want([], 0.0))
    made._answer = lambda data: None  # type: ignore[method-assign]
    made.do(silent.want(["1"], 0.0))
    assert silent.machine.state is SUBSCRIBING
    made.hear(model.move(START + 1))
    assert not silent.books["1"].trusted
    made.wait(4.0)
    assert silent.machine.state is LIVE
    assert levels(silent.books["1"]) == model.levels


def test_a_lost_connection_costs_all_trust() -> None:
    """Until the next tells every book again; what was held back before does not count any more."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    made.do(made.feed.ended(made.now, "reset", None))
    assert (book.trusted, book.why) == (False, "reset")
    model.move(START + 1)
    made.wait(5.0)
    assert book.trusted
    assert levels(book) == model.levels
    assert len(made.told(Gap)) == len(made.told(Resynced)) == 1


def test_a_connection_that_is_given_up_costs_all_trust() -> None:
    """Whoever hangs up: here it is us, for want of a pong."""
    made = rig()
    made._answer = lambda data: None  # type: ignore[method-assign]
    made.wait(14.8)
    assert made.feed.books["1"].trusted
    made.wait(0.3)
    assert made.feed.machine.state is BACKING_OFF
    assert not made.feed.books["1"].trusted
    assert "ping" in made.feed.books["1"].why


def test_best_prices_are_held_against_books() -> None:
    """Those of their own event, unless it is older than the book."""
    made = rig()
    event = {
        "event_type": "best_bid_ask",
        "market": "0xm",
        "asset_id": "1",
        "best_bid": "0.45",
        "best_ask": "0.55",
    }
    made.hear(json.dumps({**event, "timestamp": str(START)}).encode())
    made.hear(json.dumps({**event, "best_bid": "0.1", "timestamp": str(START - 1)}).encode())
    assert made.feed.books["1"].trusted
    made.hear(json.dumps({**event, "best_bid": "0.1", "timestamp": str(START + 1)}).encode())
    assert not made.feed.books["1"].trusted


def test_a_reader_who_missed_events_gets_all_books_again() -> None:
    """The books themselves missed nothing and stay trusted."""
    made = rig()
    made.do(made.feed.overflowed(made.now))
    assert made.feed.books["1"].trusted
    assert len(made.told(Gap)) == 1
    made.wait(1.0)
    assert len(made.told(Resynced)) == 1


def test_an_old_snapshot_that_comes_late_replaces_nothing() -> None:
    """It is a sign that something is wrong on the way."""
    made = rig()
    model, book = made.models["1"], made.feed.books["1"]
    old = model.book()
    made.hear(model.move(START + 9))
    made.hear(old)
    assert not book.trusted
    made.wait(1.0)
    assert levels(book) == model.levels


def test_a_look_that_fails_is_made_again() -> None:
    """As often as it takes; nothing is trusted meanwhile."""
    made = rig(rhythm=evolve(MARKET_RHYTHM, late=2.0))
    made.hear(b"nonsense")
    made.rest = lambda _: ServerError("away", status=503)
    made.wait(7.0)
    assert not made.feed.books["1"].trusted
    made.rest = made._rest
    made.wait(2.5)
    assert made.feed.books["1"].trusted
