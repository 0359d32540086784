# Mirrored from test_reading_prices_async.py by `python -m generator.mirror`; do not edit.
"""Books, prices and terms, read from a venue that answers by a script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from polyspec.clob.client import ClobClient
from polyspec.errors import ConfigError, DecodeError, InvalidOrder, NotFound
from tests.client.clob.scripted import CONDITION, HOST, OTHER, TOKEN, UNPACED, Asked, Scripted, book, details

EAST = timezone(timedelta(hours=1))


@pytest.fixture
def venue() -> Scripted:
    """Open a venue with a book."""
    venue = Scripted()
    venue.on("/book", lambda asked: book(asked.one("token_id")))
    return venue


@pytest.fixture
def client(venue: Scripted) -> Iterator[ClobClient]:
    """Connect without a key."""
    http = httpx.Client(transport=venue.transport)
    with ClobClient(HOST, settings=UNPACED, http=http) as client:
        yield client


def test_the_venue_says_that_it_is_up(client: ClobClient, venue: Scripted) -> None:
    """OK is OK with quotes and without, and anything else is not."""
    venue.on("/ok", "OK", httpx.Response(200, content=b"OK"), "no")
    assert [client.get_ok(), client.get_ok(), client.get_ok()] == [True, True, False]


def test_time_and_version_are_numbers(client: ClobClient, venue: Scripted) -> None:
    """The time is unix seconds, the version the generation of orders."""
    venue.on("/time", 1785000000)
    venue.on("/version", {"version": 2})
    assert client.get_server_time() == 1785000000
    assert client.get_version() == 2


def test_a_book_keeps_the_order_of_the_venue(client: ClobClient) -> None:
    """The best level of either side is the last, as it was sent."""
    found = client.get_order_book(f" {TOKEN} ")
    assert [str(each.price) for each in found.bids] == ["0.4", "0.5"]
    assert [str(each.price) for each in found.asks] == ["0.7", "0.6"]
    assert found.asset_id == TOKEN


def test_many_books_come_in_the_order_asked_for(client: ClobClient, venue: Scripted) -> None:
    """1,001 tokens are three requests; the answer follows the question, unknown ones left out."""
    venue.on(
        "/books",
        lambda asked: [book(each["token_id"]) for each in reversed(asked.body) if each["token_id"] != "7"],
        method="POST",
    )
    wanted = [str(number) for number in range(1, 1002)]
    found = client.get_order_books([*wanted, "1", "0001", 1])
    assert [len(each.body) for each in venue.to("/books")] == [500, 500, 1]
    assert [each.asset_id for each in found] == [each for each in wanted if each != "7"]


def test_nothing_asked_is_nothing_sent(client: ClobClient, venue: Scripted) -> None:
    """Empty lists cost no request."""
    assert client.get_order_books([]) == []
    assert client.get_midpoints([]) == {}
    assert client.get_prices([]) == {}
    assert client.get_batch_prices_history([], interval="1d") == {}
    assert venue.asked == []


@pytest.mark.parametrize("name", ["mid", "mid_price"])
def test_a_midpoint_has_two_names(client: ClobClient, venue: Scripted, name: str) -> None:
    """What the service and its document call it are read alike."""
    venue.on("/midpoint", {name: "0.55"})
    assert client.get_midpoint(TOKEN) == Decimal("0.55")


def test_a_midpoint_that_is_not_there(client: ClobClient, venue: Scripted) -> None:
    """An answer without a midpoint is no midpoint of nothing."""
    venue.on("/midpoint", {"middle": "0.55"})
    with pytest.raises(DecodeError, match="mid"):
        client.get_midpoint(TOKEN)


@pytest.mark.parametrize("written", ["0.5", 0.5])
def test_a_price_names_its_side(client: ClobClient, venue: Scripted, written: object) -> None:
    """Text and number are the same price, and the side is sent in capitals."""
    venue.on("/price", {"price": written})
    assert client.get_price(TOKEN, "buy") == Decimal("0.5")
    assert venue.asked[0].query == {"token_id": [TOKEN], "side": ["BUY"]}


def test_prices_ask_for_both_sides(client: ClobClient, venue: Scripted) -> None:
    """Without a side both are read; with one, from a pair or an argument object, only that."""
    venue.on("/prices", {TOKEN: {"BUY": "0.5", "SELL": 0.6}, OTHER: {"SELL": "0.4"}}, method="POST")
    asked = [TOKEN, (OTHER, "sell"), SimpleNamespace(token_id="5", side="BUY"), {"token_id": "6", "side": ""}]
    found = client.get_prices(asked)
    assert found[TOKEN] == {"BUY": Decimal("0.5"), "SELL": Decimal("0.6")}
    sent = [(each["token_id"], each["side"]) for each in venue.asked[0].body]
    assert sent == [
        (TOKEN, "BUY"),
        (TOKEN, "SELL"),
        (OTHER, "SELL"),
        ("5", "BUY"),
        ("6", "BUY"),
        ("6", "SELL"),
    ]


def test_both_sides_of_a_token_survive_the_cut(client: ClobClient, venue: Scripted) -> None:
    """A token whose sides go in two requests keeps both prices."""

    def prices(asked: Asked) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for each in asked.body:
            found.setdefault(each["token_id"], {})[each["side"]] = "0.5"
        return found

    venue.on("/prices", prices, method="POST")
    found = client.get_prices([("1", "BUY"), *(str(number) for number in range(2, 300))])
    assert [len(each.body) for each in venue.asked] == [500, 97]
    assert found["251"] == {"BUY": Decimal("0.5"), "SELL": Decimal("0.5")}


def test_midpoints_and_spreads_by_token(client: ClobClient, venue: Scripted) -> None:
    """Parts of a long question are put together."""
    for path in ("/midpoints", "/spreads"):
        venue.on(path, lambda asked: {each["token_id"]: "0.25" for each in asked.body}, method="POST")
    wanted = [str(number) for number in range(1, 502)]
    assert client.get_midpoints(wanted) == dict.fromkeys(wanted, Decimal("0.25"))
    assert client.get_spreads(wanted) == dict.fromkeys(wanted, Decimal("0.25"))
    venue.on("/spread", {"spread": "0.01"})
    assert client.get_spread(TOKEN) == Decimal("0.01")


def test_a_token_that_never_traded(client: ClobClient, venue: Scripted) -> None:
    """The venue's 0.5 without a side is no price."""
    venue.on("/last-trade-price", {"price": "0.5", "side": ""}, {"price": "0.5", "side": "SELL"})
    assert client.get_last_trade_price(TOKEN) is None
    last = client.get_last_trade_price(TOKEN)
    assert last is not None
    assert (last.price, last.side) == (Decimal("0.5"), "SELL")
    answer = [
        {"token_id": TOKEN, "price": "0.3", "side": "BUY"},
        {"token_id": "1", "price": "0.5", "side": ""},
    ]
    venue.on("/last-trades-prices", answer, method="POST")
    assert list(client.get_last_trades_prices([TOKEN, "1"])) == [TOKEN]


def test_terms_of_a_token(client: ClobClient, venue: Scripted) -> None:
    """Tick, neg risk and base fee come as exact values, ticks written as numbers too."""
    venue.on("/tick-size", {"minimum_tick_size": 0.0025})
    venue.on("/neg-risk", {"neg_risk": True})
    venue.on("/fee-rate", {"base_fee": 0})
    assert client.get_tick_size(TOKEN) == Decimal("0.0025")
    assert client.get_neg_risk(TOKEN) is True
    assert client.get_fee_rate(TOKEN) == 0


def test_a_new_tick_is_news_for_orders(client: ClobClient, venue: Scripted) -> None:
    """Reading another tick than the one known has the market read anew; the same tick has not."""
    venue.on("/tick-size", {"minimum_tick_size": 0.01}, {"minimum_tick_size": 0.001})
    client.market_of(TOKEN)
    client.get_tick_size(TOKEN)
    client.market_of(TOKEN)
    assert len(venue.to("/book")) == 1
    client.get_tick_size(TOKEN)
    client.market_of(TOKEN)
    assert len(venue.to("/book")) == 2


def test_the_fee_schedule_is_read_once(client: ClobClient, venue: Scripted) -> None:
    """Rate and exponent are those of the market, and a second look costs nothing."""
    venue.on(f"/clob-markets/{CONDITION}", details())
    fees = client.get_fee_schedule(TOKEN)
    assert (fees.rate, fees.exponent, fees.taker_only) == (Decimal("0.25"), 2, True)
    assert client.get_fee_schedule(TOKEN) == fees
    assert [each.path for each in venue.asked] == ["/book", f"/clob-markets/{CONDITION}"]


@pytest.mark.parametrize(
    ("side", "amount", "price"),
    [("BUY", "6", "0.6"), ("BUY", "7", "0.7"), ("SELL", 10, "0.5"), ("SELL", 11, "0.4")],
)
def test_the_price_of_a_market_order(client: ClobClient, side: str, amount: Any, price: str) -> None:
    """The book is walked from the best level, in dollars for a BUY and in shares for a SELL."""
    assert client.calculate_market_price(TOKEN, side, amount) == Decimal(price)


def test_no_match(client: ClobClient) -> None:
    """A book too shallow has no price for all or nothing, but one for what is there."""
    with pytest.raises(InvalidOrder, match=r"^no match"):
        client.calculate_market_price(TOKEN, "SELL", 111)
    assert client.calculate_market_price(TOKEN, "SELL", 111, "FAK") == Decimal("0.4")


def test_an_unknown_token(client: ClobClient, venue: Scripted) -> None:
    """What the venue does not know is NotFound, in its own words."""
    venue.on(
        "/midpoint", httpx.Response(404, json={"error": "No orderbook exists for the requested token id"})
    )
    with pytest.raises(NotFound, match="No orderbook"):
        client.get_midpoint(TOKEN)


# -- ids in the wrong place --

TOKEN_READS = [
    "get_order_book", "get_midpoint", "get_spread", "get_last_trade_price", "get_tick_size", "get_neg_risk",
    "get_fee_rate", "get_fee_schedule", "get_market_by_token",
]  # fmt: skip
LISTED_TOKEN_READS = [
    "get_order_books", "get_midpoints", "get_prices", "get_spreads", "get_last_trades_prices",
]  # fmt: skip


@pytest.mark.parametrize("name", TOKEN_READS)
def test_a_condition_id_is_no_token(client: ClobClient, venue: Scripted, name: str) -> None:
    """It is refused with a word on where the tokens are, before anything is sent."""
    with pytest.raises(ConfigError, match="get_clob_market"):
        getattr(client, name)(CONDITION)
    with pytest.raises(ConfigError, match="256 bits"):
        getattr(client, name)("yes")
    assert venue.asked == []


@pytest.mark.parametrize("name", LISTED_TOKEN_READS)
def test_lists_of_tokens_are_checked_whole(client: ClobClient, venue: Scripted, name: str) -> None:
    """One wrong id refuses all of them, and a single id is no list of its digits."""
    with pytest.raises(ConfigError, match="get_clob_market"):
        getattr(client, name)([TOKEN, CONDITION])
    with pytest.raises(ConfigError, match="list of tokens"):
        getattr(client, name)(TOKEN)
    assert venue.asked == []


# -- the past --


@pytest.mark.parametrize(
    ("terms", "query"),
    [
        ({"interval": "1d"}, {"interval": ["1d"]}),
        ({"interval": "1m"}, {"interval": ["1m"], "fidelity": ["10"]}),
        ({"interval": "1w"}, {"interval": ["1w"], "fidelity": ["5"]}),
        ({"interval": "1m", "fidelity": 60}, {"interval": ["1m"], "fidelity": ["60"]}),
        ({"start_ts": 1785000000}, {"startTs": ["1785000000"]}),
        (
            {"start_ts": datetime(2026, 8, 1, tzinfo=UTC), "end_ts": datetime(2026, 8, 2, 1, tzinfo=EAST)},
            {"startTs": ["1785542400"], "endTs": ["1785628800"]},
        ),
    ],
)  # fmt: skip
def test_past_prices(
    client: ClobClient, venue: Scripted, terms: dict[str, Any], query: dict[str, list[str]]
) -> None:
    """The token goes where the venue says market; long stretches get the finest points allowed."""
    venue.on("/prices-history", {"history": [{"t": 1785000000, "p": 0.505}]})
    found = client.get_prices_history(TOKEN, **terms)
    assert [(each.t, each.p) for each in found] == [(1785000000, Decimal("0.505"))]
    assert venue.asked[0].query == {"market": [TOKEN]} | query


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, "since when"),
        ({"end_ts": 1785000000}, "since when"),
        ({"interval": "1d", "start_ts": 1785000000}, "either"),
        ({"interval": "1d", "end_ts": 1785000000}, "either"),
        ({"interval": "1min"}, "1m is a month"),
        ({"interval": "1m", "fidelity": 9}, "10 minutes"),
        ({"interval": "1w", "fidelity": 4}, "5 minutes"),
        ({"interval": "1d", "fidelity": 0}, "whole minutes"),
        ({"start_ts": 1785000000000}, "milliseconds"),
        ({"start_ts": 1785000000, "end_ts": 1784999999}, "before"),
        ({"start_ts": datetime(2026, 8, 1)}, "time zone"),  # noqa: DTZ001
        ({"start_ts": "yesterday"}, "unix seconds"),
    ],
)
def test_past_prices_the_venue_would_refuse(
    client: ClobClient, venue: Scripted, terms: dict[str, Any], words: str
) -> None:
    """What the venue refuses, or answers with something else than meant, is refused before it is sent."""
    with pytest.raises(ConfigError, match=words):
        client.get_prices_history(TOKEN, **terms)
    with pytest.raises(ConfigError, match=words):
        client.get_batch_prices_history([TOKEN], **terms)
    assert venue.asked == []


def test_past_prices_of_many(client: ClobClient, venue: Scripted) -> None:
    """Twenty tokens go in one request, and the parts are put together."""
    venue.on(
        "/batch-prices-history",
        lambda asked: {"history": {each: [{"t": 1, "p": 0.5}] for each in asked.body["markets"]}},
        method="POST",
    )
    wanted = [str(number) for number in range(1, 42)]
    found = client.get_batch_prices_history(wanted, interval="1m")
    assert list(found) == wanted
    assert [len(each.body["markets"]) for each in venue.asked] == [20, 20, 1]
    assert (venue.asked[0].body["interval"], venue.asked[0].body["fidelity"]) == ("1m", 10)
