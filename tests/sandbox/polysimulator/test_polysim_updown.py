"""The Up/Down catalogue: what follows from a seed and a clock."""

from __future__ import annotations

import itertools

import pytest

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.polysimulator.rounds import INTERVALS, Round, Rounds
from polyspec.sandbox.polysimulator.spot import ASSETS, Spot
from polyspec.sandbox.polysimulator.updown import UpDown

MORNING = 1_790_000_100
SECOND = 10**9


def clock_at(second: float) -> Clock:
    """Return a clock that stands still."""
    clock = Clock(lambda: int(second * SECOND))
    clock.freeze()
    return clock


def made(second: float = MORNING, seed: int = 1) -> tuple[UpDown, Clock]:
    """Return a catalogue and the clock it follows."""
    clock = clock_at(second)
    return UpDown(clock, seed), clock


def test_one_seed_makes_one_history() -> None:
    """Prices of any moment follow from the seed alone, in any order of asking."""
    moments = [(MORNING + each) * SECOND for each in range(0, 5000, 37)]
    first, second, other = Spot(1), Spot(1), Spot(2)
    asked = [first.price("BTC", each) for each in moments]
    assert [second.price("BTC", each) for each in reversed(moments)] == asked[::-1]
    assert [other.price("BTC", each) for each in moments] != asked


@pytest.mark.parametrize("symbol", ASSETS)
def test_prices_move_but_stay_where_they_belong(symbol: str) -> None:
    """A simulated price moves from minute to minute and never leaves a tenth around its base."""
    spot = Spot(3)
    prices = [spot.price(symbol, (MORNING + 60 * each) * SECOND) for each in range(500)]
    assert len(set(prices)) > 400
    assert all(abs(each - ASSETS[symbol].base) * 10 < ASSETS[symbol].base for each in prices)
    steps = [abs(b - a) for a, b in itertools.pairwise(prices)]
    assert max(steps) * 100 < ASSETS[symbol].base


def test_the_oracle_ticks_every_second_and_the_exchange_ten_times() -> None:
    """A source tells the same price until its next tick."""
    spot = Spot(1)
    moments = [MORNING * SECOND + each * SECOND // 20 for each in range(20)]
    assert len({spot.tick("BTC", each) for each in moments}) == 1
    assert len({spot.tick("BTC", each, "binance").at_ns for each in moments}) == 10


def test_a_round_is_found_from_its_ids() -> None:
    """Condition id, token ids and slug of every kind of round lead back to it."""
    rounds = Rounds(1)
    everything = list(rounds.live(MORNING, ahead=2))
    assert len({rounds.condition_id(each) for each in everything}) == len(everything)
    for each in everything:
        assert rounds.of_condition(rounds.condition_id(each)) == each
        assert rounds.of_slug(each.slug) == each
        assert [rounds.of_token(token) for token in rounds.token_ids(each)] == [(each, 0), (each, 1)]


@pytest.mark.parametrize("bad", ["0x" + "0" * 64, "0x12", "zz", "0x" + "g" * 64, ""])
def test_foreign_condition_ids_name_no_round(bad: str) -> None:
    """What the catalogue did not make is nothing to it."""
    assert Rounds(1).of_condition(bad) is None


def test_ids_of_another_seed_name_no_round() -> None:
    """Catalogues of different seeds share no ids, and a condition id is no token id."""
    rounds, other = Rounds(1), Rounds(2)
    each = rounds.at("BTC", "5M", MORNING)
    assert other.of_condition(rounds.condition_id(each)) is None
    assert other.of_token(rounds.token_ids(each)[0]) is None
    assert rounds.of_token(str(int(rounds.condition_id(each), 16))) is None
    assert rounds.of_token("9" * 90) is None


@pytest.mark.parametrize(
    "slug", ["btc-updown-5m-7", "btc-updown-7m-300", "doge-updown-5m-300", "btc-updown-5m-x"]
)
def test_what_only_looks_like_a_slug_names_no_round(slug: str) -> None:
    """Rounds begin where their interval does, and there are no others."""
    assert Rounds(1).of_slug(slug) is None


def test_a_round_from_listing_to_settlement() -> None:
    """It is listed a round ahead, gets its strike at the start, and pays the winner at the end."""
    catalogue, clock = made(MORNING - MORNING % 300 - 600)
    each = Round("BTC", "5M", MORNING - MORNING % 300)
    condition_id = catalogue.rounds.condition_id(each)
    assert catalogue.market(condition_id) is None
    clock.advance(300)
    listed = catalogue.market(condition_id)
    assert listed is not None
    assert (listed.status, listed.outcomes, catalogue.strike(each)) == ("open", ("Up", "Down"), None)
    assert catalogue.chance(each, clock.now_ns()) == 500_000
    clock.advance(300)
    assert catalogue.strike(each) == catalogue.spot.price("BTC", each.start_ns)
    clock.advance(300)
    settled = catalogue.market(condition_id)
    assert settled is not None
    up = catalogue.spot.price("BTC", each.end_ns) >= catalogue.spot.price("BTC", each.start_ns)
    assert (settled.status, settled.payouts) == ("resolved", (1_000_000, 0) if up else (0, 1_000_000))
    book = catalogue.book(listed.token_ids[0])
    assert book is not None
    assert (book.bids, book.asks) == ([], [])


def test_the_price_knows_what_is_coming() -> None:
    """Ahead of the strike Up is the favourite, and the more so the less time is left."""
    catalogue, _ = made()
    seen = 0
    for number in range(40):
        each = Round("ETH", "5M", MORNING - MORNING % 300 - number * 300)
        strike = catalogue.spot.price("ETH", each.start_ns)
        for second in (100, 200, 290):
            at_ns = each.start_ns + second * SECOND
            price, chance = catalogue.spot.price("ETH", at_ns), catalogue.chance(each, at_ns)
            assert 20_000 <= chance <= 980_000
            if price != strike:
                assert (chance >= 500_000) == (price > strike) or chance == 500_000
                seen += 1
    assert seen > 100


def test_both_tokens_see_one_book() -> None:
    """What is bid for Up is asked for Down, at the complement and in the same size."""
    catalogue, clock = made()
    for market in catalogue.markets():
        books = [catalogue.book(each) for each in market.token_ids]
        up, down = books
        assert up is not None
        assert down is not None
        assert [(1_000_000 - price, size) for price, size in up.bids] == down.asks
        assert up.bids
        assert up.asks
        assert all(bid < ask for bid, _ in up.bids for ask, _ in up.asks)
    clock.advance(0.2)
    assert catalogue.book(market.token_ids[0]) == up


def test_what_is_shown_says_nothing_about_the_price() -> None:
    """The shown book is the same ladder near 0.99 for every token."""
    catalogue, _ = made()
    shown = [catalogue.shown_book(each) for market in catalogue.markets() for each in market.token_ids]
    assert {(each.bids[0][0], each.asks[0][0]) for each in shown if each is not None} == {(30_000, 970_000)}
    assert None not in shown
    assert catalogue.shown_book("17") is None


def test_points_tell_the_past_and_nothing_of_the_future() -> None:
    """The history of a token ends now, and its points are the prices of their moments."""
    catalogue, clock = made()
    each = catalogue.rounds.at("BTC", "1H", MORNING)
    up, down = catalogue.rounds.token_ids(each)
    points = catalogue.points(up, 0, 2**62)
    assert points[-1][0] <= clock.now_ns()
    assert all(catalogue.chance(each, at_ns) == price for at_ns, price in points)
    assert [(at_ns, 1_000_000 - price) for at_ns, price in points] == catalogue.points(down, 0, 2**62)
    assert catalogue.points(up, 0, 10) == []


def test_listeners_hear_of_each_live_round_once_a_second() -> None:
    """One notice a second tells of every live round; a round that ended is among those told."""
    catalogue, clock = made(MORNING - MORNING % 300 + 299)
    heard: list[str] = []
    catalogue.subscribe(heard.append)
    ending = catalogue.rounds.condition_id(catalogue.rounds.at("BTC", "5M", MORNING))
    catalogue.notice()
    catalogue.notice()
    assert len(heard) == len(ASSETS) * len(INTERVALS)
    heard.clear()
    clock.advance(1)
    catalogue.notice()
    assert ending in heard
    assert len(heard) == len(set(heard)) > len(ASSETS) * len(INTERVALS)


def test_no_change_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that ends where it began pays Up."""
    catalogue, _ = made()
    monkeypatch.setattr(catalogue.spot, "price", lambda *_: 100)
    assert catalogue.went_up(Round("BTC", "5M", 0))
    assert catalogue.chance(Round("BTC", "5M", 0), 100 * SECOND) == 500_000
