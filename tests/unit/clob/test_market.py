"""What orders must know of a market: read once, never older than it may be, never what was forgotten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from polyspec.clob.market import (
    FeeSchedule,
    TokenMarket,
    TokenMarkets,
    find_market,
    read_book,
    read_builder_rate,
    read_fees,
)
from polyspec.clob.ticks import tick_of
from polyspec.core.effects import Send
from polyspec.errors import DecodeError, NotFound, PolyspecError
from tests.unit.clob.checks import TOKEN
from tests.unit.clob.clob_rig import MARKET, Venue, book, builder, client_of, details, no, ok
from tests.unit.flows import Running

CODE = "0x" + "cd" * 32
FINE = tick_of("0.001")


class Rig:
    """A venue with one market, and what is known of it."""

    def __init__(self, ttl: float = 300.0) -> None:
        self.venue = Venue()
        self.venue.broken |= {"book": book(), "clob-markets": details(), "fees/builder-fees": builder(50)}
        self.known = TokenMarkets(ttl)
        self.world, self.session = self.venue.world, self.venue.session

    def find(self) -> TokenMarket:
        """Find the market."""
        return self.world.run(find_market(self.session, self.known, TOKEN, None))

    def read(self) -> TokenMarket:
        """Read its book."""
        return self.world.run(read_book(self.session, self.known, TOKEN, None))[0]

    def fees(self, market: TokenMarket | None = None) -> TokenMarket:
        """Read its fees."""
        return self.world.run(read_fees(self.session, self.known, market or self.find(), None))

    def rate(self) -> Decimal:
        """Read what the builder takes."""
        return self.world.run(read_builder_rate(self.session, self.known, CODE, None))

    @property
    def paths(self) -> list[str]:
        """What was asked."""
        return [each.path for each in self.venue.calls]


@pytest.fixture
def rig() -> Rig:
    """Return a venue with one market."""
    return Rig()


def test_read_once(rig: Rig) -> None:
    """A market is read when it is first needed, and kept."""
    found = rig.find()
    assert (found.token_id, found.tick.text, found.neg_risk) == (TOKEN, "0.01", False)
    assert (found.min_size, found.condition_id, found.fees) == (Decimal(5), MARKET, None)
    assert rig.find() is found
    assert rig.paths == ["book"]


def test_read_anew_when_it_is_old(rig: Rig) -> None:
    """What is older than it may be is read again."""
    rig.find()
    rig.world.pass_time(299)
    rig.find()
    rig.world.pass_time(2)
    rig.venue.broken["book"] = book(tick_size="0.001")
    assert rig.find().tick is FINE
    assert rig.paths == ["book", "book"]


@pytest.mark.parametrize("token", [TOKEN, None])
def test_forgotten(rig: Rig, token: str | None) -> None:
    """What was forgotten is read before it is used again."""
    rig.find()
    rig.known.forget("7")
    rig.find()
    assert rig.paths == ["book"]
    rig.known.forget(token)
    rig.find()
    assert rig.paths == ["book", "book"]


def test_forgotten_while_it_is_read(rig: Rig) -> None:
    """A book that was asked for before something was forgotten is not kept: it may show what was."""
    flow = Running(rig.world, find_market(rig.session, rig.known, TOKEN, None)).until(Send)
    rig.known.forget(TOKEN)
    assert flow.finish().tick.text == "0.01"
    assert rig.known.get(TOKEN, rig.world.monotonic) is None


def test_tick_announced_while_it_is_read(rig: Rig) -> None:
    """A tick the venue announces counts from then on, whatever answer was under way."""
    rig.find()
    flow = Running(rig.world, read_book(rig.session, rig.known, TOKEN, None)).until(Send)
    rig.known.set_tick(TOKEN, FINE)
    flow.finish()
    assert rig.find().tick is FINE
    rig.known.set_tick("7", FINE)
    assert rig.known.get("7", rig.world.monotonic) is None


# -- fees --


def test_fees_are_read_once(rig: Rig) -> None:
    """Fees are asked for when they are needed, and kept with the market, also when its book is read again."""
    assert rig.fees().fees == FeeSchedule(Decimal("0.05"), 1)
    assert rig.find().fees is not None
    assert rig.read().fees is not None
    rig.fees()
    assert rig.paths == ["book", "clob-markets", "book"]


def test_fees_grow_old_however_often_the_book_is_read(rig: Rig) -> None:
    """Reading books does not keep fees young."""
    rig.fees()
    rig.venue.broken["clob-markets"] = details(0.07)
    rates = []
    for wait in (200, 90, 20):
        rig.world.pass_time(wait)
        found = rig.fees(rig.read() if wait == 200 else rig.find()).fees
        assert found is not None
        rates.append(str(found.rate))
    assert rates == ["0.05", "0.05", "0.07"]


@pytest.mark.parametrize("change", ["forget", "tick", "another book"])
def test_fees_bring_nothing_back(rig: Rig, change: str) -> None:
    """A market in hand that is out of date by the time its fees arrive does not replace what is known now."""
    old = rig.find()
    flow = Running(rig.world, read_fees(rig.session, rig.known, old, None)).until(Send)
    if change == "forget":
        rig.known.forget(TOKEN)
    elif change == "tick":
        rig.known.set_tick(TOKEN, FINE)
    else:
        rig.known.forget(TOKEN)
        rig.venue.broken["book"] = book(tick_size="0.001")
        rig.read()
    assert flow.finish().fees is not None
    known = rig.known.get(TOKEN, rig.world.monotonic)
    assert known is None or (known.tick is FINE and known.fees is None)


def test_stale_market_is_not_put_back_by_its_fees(rig: Rig) -> None:
    """A market that was forgotten before its fees are asked for stays forgotten."""
    old = rig.find()
    rig.known.forget(TOKEN)
    rig.fees(old)
    assert rig.known.get(TOKEN, rig.world.monotonic) is None


def test_fees_without_a_condition(rig: Rig) -> None:
    """A market whose condition is not known has its book read for it; a book without one is an error."""
    market = TokenMarket(TOKEN, FINE, False, None, None, None, 0.0)
    found = rig.fees(market)
    assert (found.condition_id, found.tick.text) == (MARKET, "0.01")
    assert rig.fees(found) is found
    rig.venue.broken["book"] = book(market="")
    rig.known.forget()
    with pytest.raises(DecodeError, match="which market"):
        rig.fees(market)


@pytest.mark.parametrize(
    ("told", "rate", "exponent"),
    [({"fd": None}, 0, 1), ({"fd": {}}, 0, 1), ({"fd": {"r": 0.25, "e": None}}, "0.25", 1), ({}, "0.05", 1)],
)
def test_fees_that_are_left_out(rig: Rig, told: Any, rate: Any, exponent: int) -> None:
    """A market without fees has none."""
    rig.venue.broken["clob-markets"] = details(**told)
    assert rig.fees().fees == FeeSchedule(Decimal(rate), exponent)


@pytest.mark.parametrize("fd", [{"r": -1}, {"r": 1.5}, {"r": 0.1, "e": 1.5}, {"r": 0.1, "e": 11}, {"r": "x"}])
def test_fees_that_cannot_be(rig: Rig, fd: Any) -> None:
    """Fees no market has are an error, not a price."""
    rig.venue.broken["clob-markets"] = details(fd=fd)
    with pytest.raises(DecodeError):
        rig.fees()


# -- builders --


def test_builder_rate_is_read_once(rig: Rig) -> None:
    """What a builder takes of takers is a part of the notional, kept as long as a market."""
    assert rig.rate() == rig.rate() == Decimal("0.005")
    assert rig.paths == ["fees/builder-fees"]
    rig.world.pass_time(301)
    rig.venue.broken["fees/builder-fees"] = builder(0, maker=50)
    assert rig.rate() == 0
    rig.known.forget(TOKEN)
    rig.rate()
    assert len(rig.paths) == 2
    rig.known.forget()
    rig.rate()
    assert len(rig.paths) == 3


@pytest.mark.parametrize("points", [-1, 10_001, 10**30])
def test_builder_rates_that_cannot_be(rig: Rig, points: int) -> None:
    """A fee of more than everything, or of less than nothing, is an error."""
    rig.venue.broken["fees/builder-fees"] = builder(points)
    with pytest.raises(DecodeError):
        rig.rate()


def test_builder_nobody_knows(rig: Rig) -> None:
    """What the venue says of a code it does not know is raised: no budget is kept on a guess."""
    rig.venue.broken["fees/builder-fees"] = no(404, "builder not found")
    with pytest.raises(NotFound):
        rig.rate()


# -- books that say something else --


@pytest.mark.parametrize(
    "answer",
    [
        book(token="7"),
        book(tick_size="0.02"),
        book(tick_size=""),
        book(tick_size=None),
        book(min_order_size="many"),
        book(neg_risk=None),
        book(neg_risk="perhaps"),
        ok({"market": MARKET}),
    ],
)
def test_books_that_cannot_be_used(rig: Rig, answer: Any) -> None:
    """The book of another token, one without a flag, or with a tick nobody has, makes no order."""
    rig.venue.broken["book"] = answer
    with pytest.raises(DecodeError):
        rig.find()
    assert rig.known.get(TOKEN, rig.world.monotonic) is None


def test_errors_are_raised_and_nothing_is_kept(rig: Rig) -> None:
    """A market that cannot be read is read again the next time."""
    rig.venue.broken["book"] = no(404, "No orderbook exists for the requested token id")
    with pytest.raises(PolyspecError, match="No orderbook"):
        rig.find()
    rig.venue.broken["book"] = book()
    assert rig.find().tick.text == "0.01"


def test_many_tokens_do_not_fill_the_memory(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tokens pass by, what is kept is bounded."""
    monkeypatch.setattr("polyspec.clob.market._MOST", 10)
    market = rig.find()
    for number in range(35):
        rig.known.put(TokenMarket(str(number), FINE, False, None, None, None, market.read_at), 0)
        rig.known.put_builder_rate(str(number), Decimal(0), market.read_at)
    assert len(rig.known._known) <= 10
    assert len(rig.known._builders) <= 10
    assert rig.known.get("34", market.read_at) is not None


# -- a client --


def test_orders_read_their_market_once() -> None:
    """The first order of a token reads its book, the next reads nothing; a refusal of the tick ends that."""
    venue = Venue()
    venue.broken["book"] = book()
    client = client_of(venue)
    terms: dict[str, Any] = {"token_id": TOKEN, "price": "0.52", "size": 10, "side": "BUY"}
    client.create_order(**terms)
    client.create_order(**terms)
    venue.post = no(400, "order x is invalid. Price (0.52) breaks minimum tick size rule: 0.1")
    client.create_and_post_order(**terms)
    client.create_order(**terms)
    assert [each.path for each in venue.calls] == ["book", "order", "book"]
    client.forget_market(TOKEN)
    client.market_of(TOKEN)
    client.market_of(TOKEN)
    assert len(venue.times("book")) == 3
