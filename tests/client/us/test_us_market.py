# Mirrored from test_us_market_async.py by `python -m generator.mirror`; do not edit.
"""Instruments, books and who is who, asked of the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError, NotFound
from polyspec.sandbox.us.world import Participant
from polyspec.us.client import UsExchangeClient
from tests.client.doing import first, listed, together
from tests.client.us.connect import connect
from tests.client.us.rig import Venue

LISTING = "RefDataAPI_ListInstruments"


@pytest.fixture
def client(venue: Venue, person: Participant) -> Iterator[UsExchangeClient]:
    """Connect for one test."""
    with connect(venue, person) as client:
        yield client


def test_iterate_crosses_pages_and_misses_nothing(client: UsExchangeClient, venue: Venue) -> None:
    """Small pages and one large page list the same instruments, each once."""
    small = listed(client.instruments.iterate(page_size=3))
    large = listed(client.instruments.iterate())
    assert [each.symbol for each in small] == [each.symbol for each in large]
    assert sorted(each.symbol for each in small) == sorted(venue.world.listings)


def test_iterate_reads_no_page_it_does_not_need(client: UsExchangeClient, venue: Venue) -> None:
    """Whoever stops after four of pages of two has asked for two pages."""
    before = venue.seen[LISTING]
    assert len(first(client.instruments.iterate(page_size=2), 4)) == 4
    assert venue.seen[LISTING] - before == 2


def test_tradable_leaves_out_what_is_over(client: UsExchangeClient, venue: Venue) -> None:
    """The filter keeps open markets and drops the closed and the expired one."""
    found = {each.symbol: each.state for each in listed(client.instruments.iterate(tradable=True))}
    assert "tec-nfl-sbw-2026-02-08-kc" in found
    assert "aec-nhl-nyr-bos-2026-11-20" not in found
    assert "tec-mlb-ws-2026-10-31-lad" not in found


def test_get_reads_an_instrument_once(client: UsExchangeClient, venue: Venue, symbol: str) -> None:
    """A second look costs no request; refresh and forget make one again."""
    before = venue.seen[LISTING]
    market = client.instruments.get(symbol)
    assert client.instruments.get(symbol) == market
    assert client.instruments.get(market) is market
    assert venue.seen[LISTING] - before == 1
    client.instruments.refresh(symbol)
    client.instruments.forget(symbol)
    client.instruments.get(symbol)
    assert venue.seen[LISTING] - before == 3


def test_instrument_states_its_grid(client: UsExchangeClient, symbol: str) -> None:
    """Tick, scales and limits are those of the listing."""
    market = client.instruments.get(symbol)
    assert (market.tick, market.price_scale, market.quantity_scale) == (Decimal("0.005"), 1000, 100)
    assert market.price.to_wire("0.5") == 500
    assert market.quantity.to_wire("0.01") == 1
    assert market.state == wire.InstrumentState.OPEN


def test_unknown_symbol_is_not_found(client: UsExchangeClient) -> None:
    """A symbol the venue does not list raises NotFound and names it."""
    with pytest.raises(NotFound, match="lists no instrument 'tec-nothing'"):
        client.instruments.get("tec-nothing")
    with pytest.raises(ConfigError, match="symbol is empty"):
        client.instruments.get("")


def test_symbols_are_those_of_the_instruments(client: UsExchangeClient, venue: Venue) -> None:
    """The list of symbols holds every seeded market that is listed."""
    symbols = client.instruments.symbols()
    assert set(venue.sandbox.us.symbols) <= set(symbols) <= set(venue.world.listings)


def test_settlement_is_there_once_final(client: UsExchangeClient) -> None:
    """An expired market tells its price, an open one nothing."""
    over = client.instruments.settlement("tec-mlb-ws-2026-10-31-lad")
    assert over.stats is not None
    going = client.instruments.settlement("tec-nfl-sbw-2026-02-08-kc")
    assert going.stats is None


def test_book_and_bbo_agree(client: UsExchangeClient, symbol: str) -> None:
    """Levels add up orders at a price, best first, in dollars and contracts."""
    for side, price, quantity in (
        ("BUY", "0.40", "5"),
        ("BUY", "0.40", "2.5"),
        ("BUY", "0.395", "1"),
        ("SELL", "0.6", "0.01"),
    ):
        client.orders.place(symbol, side=side, price=price, quantity=quantity).unwrap()
    book = client.book.get(symbol)
    assert [(each.price, each.quantity) for each in book.bids] == [
        (Decimal("0.4"), Decimal("7.5")),
        (Decimal("0.395"), Decimal(1)),
    ]
    assert [(each.price, each.quantity) for each in book.offers] == [(Decimal("0.6"), Decimal("0.01"))]
    quote = client.book.bbo(symbol)
    assert (quote.bid, quote.offer) == (book.bids[0], book.offers[0])


def test_depth_limits_the_book(client: UsExchangeClient, symbol: str) -> None:
    """As many levels come back as were asked for, the best ones."""
    for cents in (10, 11, 12, 13):
        client.orders.place(symbol, side="BUY", price=f"0.{cents}", quantity=1).unwrap()
    assert [each.price for each in client.book.get(symbol, depth=2).bids] == [
        Decimal("0.13"),
        Decimal("0.12"),
    ]


def test_empty_book_has_no_quote(client: UsExchangeClient, symbol: str) -> None:
    """Nothing in the book is no price, not a price of zero."""
    quote = client.book.bbo(symbol)
    assert (quote.bid, quote.offer) == (None, None)
    book = client.book.get(symbol)
    assert (book.bids, book.offers) == ((), ())


def test_who_is_who(client: UsExchangeClient, venue: Venue, person: Participant) -> None:
    """The token's user, the users one may act for, and their accounts are told."""
    who = client.whoami()
    assert who.user == venue.world.client.user
    assert person.name in client.users().users
    assert person.accounts[0] in client.accounts().accounts


def test_health_needs_no_token(venue: Venue, client: UsExchangeClient) -> None:
    """A health check asks for no token and is answered."""
    before = venue.world.issuer.issued
    assert client.health() is not None
    assert venue.world.issuer.issued == before


def test_incentives_can_be_listed(client: UsExchangeClient) -> None:
    """Programs come as an iterator, with or without a symbol."""
    programs = listed(client.incentives())
    assert programs
    assert all(isinstance(each, wire.IncentiveProgram) for each in programs)
    assert len(listed(client.incentives(["tec-nothing"]))) == 0


def test_many_calls_at_once_keep_their_answers_apart(client: UsExchangeClient, venue: Venue) -> None:
    """Thirty-two calls in flight each get the answer to their own question."""
    symbols = [venue.market() for _ in range(32)]
    found = together([lambda symbol=symbol: client.instruments.get(symbol) for symbol in symbols])
    assert [each.symbol for each in found] == symbols
