"""Instruments: the seeded ones, and every way to look for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from us_door import GAME, KC, Door


def symbols(door: Door, **body: Any) -> list[str]:
    """Return the symbols a search finds."""
    return [each["symbol"] for each in door.post("/v1/refdata/instruments", body)["instruments"]]


def where(door: Door, clause: str) -> list[str]:
    """Return the symbols a where clause finds."""
    return symbols(door, filter={"whereClause": clause})


def test_the_famous_one_comes_first(door: Door) -> None:
    """Listings begin with the instrument every quickstart uses, in all their forms."""
    assert symbols(door)[0] == KC
    assert symbols(door, pageSize=1) == [KC]
    assert door.post("/v1/refdata/symbols")["symbols"][0] == KC
    assert door.sandbox.us.symbols[0] == KC


def test_instruments_are_told_as_documented(door: Door) -> None:
    """Integers are strings, ticks are numbers in dollars, dates are objects, ticks fit the scale."""
    for each in door.post("/v1/refdata/instruments")["instruments"]:
        scale = int(each["priceScale"])
        assert Decimal(str(each["tickSize"])) * scale % 1 == 0
        assert isinstance(each["tickSize"], float)
        assert each["eventAttributes"]["payoutValue"] == each["priceScale"]
        assert each["eventAttributes"]["eventId"] == each["productId"]
        assert each["priceLimit"]["lowSet"] is True
        assert set(each["startDate"]) == {"year", "month", "day"}
        assert each["clearingHouse"] == "QCC"
        assert "terminationDate" not in each
        assert each["metadata"]["cftc_instrument_id"] == each["symbol"]


def test_scales_and_ticks_vary(door: Door) -> None:
    """The seeded instruments cover the scales and ticks a client must cope with."""
    found = door.post("/v1/refdata/instruments")["instruments"]
    assert {each["priceScale"] for each in found} == {"100", "1000", "10000"}
    assert {each["fractionalQtyScale"] for each in found} == {"1", "100"}
    assert {0.01, 0.005, 0.001, 0.0025} <= {each["tickSize"] for each in found}
    states = {each["state"].removeprefix("INSTRUMENT_STATE_") for each in found}
    assert states == {"OPEN", "CLOSED", "SUSPENDED", "EXPIRED"}


def test_simple_filters(door: Door) -> None:
    """Every documented filter narrows the list."""
    everything = symbols(door)
    assert symbols(door, symbols=[GAME, "nothing"]) == [GAME]
    assert symbols(door, productId="aec-nfl-kc-buf-2026-11-29") == [GAME]
    assert symbols(door, eventSeries="nhl") == ["aec-nhl-nyr-bos-2026-11-20"]
    assert symbols(door, eventCategory="POL") == ["tec-pol-ushouse-2028-11-07-dem"]
    assert symbols(door, clearingSym="CPC-") == [each for each in everything if each.startswith("cpc-")]
    assert symbols(door, states=["INSTRUMENT_STATE_SUSPENDED", "INSTRUMENT_STATE_CLOSED"]) == [
        "aec-nhl-nyr-bos-2026-11-20",
        "aec-epl-ars-che-2026-11-28",
    ]
    assert symbols(door, tradableFilter="TRADABLE_FILTER_TRADABLE") == everything
    assert symbols(door, tradableFilter="TRADABLE_FILTER_NON_TRADABLE") == []
    assert symbols(door, type="INSTRUMENT_TYPE_EVENT") == everything
    assert symbols(door, type="INSTRUMENT_TYPE_FUTURE") == []
    assert symbols(door, endTimeGte="2028-01-01") == ["tec-pol-ushouse-2028-11-07-dem"]
    assert KC not in symbols(door, startTimeGte="2026-01-01T00:00:00Z")


def test_unknown_enum_names_become_the_zero_member(door: Door) -> None:
    """A misspelt state filters for CLOSED and a misspelt tradable filter for nothing, as at the venue."""
    assert symbols(door, states=["INSTRUMENT_STATE_OPNE"]) == ["aec-nhl-nyr-bos-2026-11-20"]
    assert symbols(door, tradableFilter="YES") == symbols(door)


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (f"symbol = '{GAME}'", [GAME]),
        ("symbol LIKE 'aec-nfl-%' AND state = 'INSTRUMENT_STATE_OPEN'", [GAME]),
        ("event_series like 'nfl%' and clearing_sym='AEC-NFL'", [GAME]),
        ("product_id = 'none' AND clearing_house = 'QCC'", []),
        ("event_id = 'nfl-kc-buf-2026-11-29'", []),
        ("symbol = 'it''s'", []),
    ],
)
def test_where_clauses(door: Door, clause: str, expected: list[str]) -> None:
    """The guide's dialect: =, LIKE, AND; event_id is accepted and finds nothing."""
    assert where(door, clause) == expected


@pytest.mark.parametrize("column", ["instrument_product", "outcome_type", "event_subcategory", "password"])
def test_columns_the_guide_warns_of_fail(door: Door, column: str) -> None:
    """Unsupported columns are the venue's own failure: 500 code 13."""
    answer = door.send("POST", "/v1/refdata/instruments", json={"filter": {"whereClause": f"{column} = 'x'"}})
    assert (answer.status_code, answer.json()["code"]) == (500, 13)


@pytest.mark.parametrize(
    "clause", ["symbol", "symbol = x", "symbol = 'a' OR symbol = 'b'", "symbol = 'a' AND", "'; --"]
)
def test_clauses_that_are_none_are_refused(door: Door, clause: str) -> None:
    """Bad syntax is an invalid argument."""
    answer = door.send("POST", "/v1/refdata/instruments", json={"filter": {"whereClause": clause}})
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


def test_field_filters(door: Door) -> None:
    """Structured filters are joined by AND, with each other and with the clause."""
    game = {"field": "symbol", "operator": "FILTER_OPERATOR_LIKE", "stringValue": "%nfl%"}
    opened = {
        "field": "state",
        "operator": "FILTER_OPERATOR_IN",
        "stringList": {"values": ["INSTRUMENT_STATE_OPEN", "INSTRUMENT_STATE_PREOPEN"]},
    }
    product = {"field": "clearing_sym", "operator": "FILTER_OPERATOR_EQ", "stringValue": "AEC-NFL"}
    assert symbols(door, filter={"fieldFilters": [game, opened, product]}) == [GAME]
    assert symbols(door, filter={"fieldFilters": [game], "whereClause": "clearing_sym = 'TEC-NFL'"}) == [KC]
    answer = door.send(
        "POST", "/v1/refdata/instruments", json={"filter": {"fieldFilters": [{"field": "symbol"}]}}
    )
    assert answer.status_code == 400


def test_pages_of_instruments(door: Door) -> None:
    """Pages cover everything once; the last says so and has no token."""
    seen: list[str] = []
    token = ""
    while True:
        answer = door.post("/v1/refdata/instruments", {"pageSize": 5, "pageToken": token})
        seen += [each["symbol"] for each in answer["instruments"]]
        token = answer["nextPageToken"]
        assert answer["eof"] is (token == "")
        if not token:
            break
    assert seen == symbols(door)
    assert door.send("POST", "/v1/refdata/instruments", json={"pageSize": 1001}).status_code == 400


def test_metadata_keys(door: Door) -> None:
    """The metadata of all instruments in one map."""
    assert "event_series" in door.post("/v1/refdata/metadata")["metadata"]


# -- books and settlement --


def test_books_are_aggregated_and_cut(door: Door, other: Door) -> None:
    """Bids fall, offers rise, three levels unless asked, never more than ten."""
    for place in range(12):
        door.place("BUY", 500 - place, 1)
        other.place("SELL", 600 + place, 2)
    other.place("SELL", 600, 3)
    book = door.get(f"/v1/orderbook/{KC}")
    assert book["bids"] == [{"px": str(500 - place), "qty": "1"} for place in range(3)]
    assert book["offers"][0] == {"px": "600", "qty": "5"}
    assert book["state"] == "INSTRUMENT_STATE_OPEN"
    assert len(door.get(f"/v1/orderbook/{KC}", depth=99)["offers"]) == 10
    assert door.send("GET", f"/v1/orderbook/{KC}?depth=-1").status_code == 400


def test_best_prices(door: Door, other: Door) -> None:
    """Spread and middle are given when both sides are there."""
    bare = door.get(f"/v1/orderbook/{KC}/bbo")
    assert (bare["spread"], bare["midPrice"]) == ("0", "0")
    assert "bestBid" not in bare
    door.place("BUY", 500)
    other.place("SELL", 510)
    best = door.get(f"/v1/orderbook/{KC}/bbo")
    assert (best["bestBid"]["px"], best["bestOffer"]["px"]) == ("500", "510")
    assert (best["spread"], best["midPrice"]) == ("10", "505")


def test_statistics_of_a_book(door: Door, other: Door) -> None:
    """What was never traded is absent, what was is there; settlement is not told while open."""
    assert "lastTradePx" not in door.get(f"/v1/orderbook/{KC}")["stats"]
    other.place("SELL", 550, 3)
    door.place("BUY", 550, 3)
    stats = door.get(f"/v1/orderbook/{KC}")["stats"]
    assert (stats["lastTradePx"], stats["lastTradeQty"], stats["openInterest"]) == ("550", "3", "3")
    assert "settlementPx" not in stats


def test_a_book_nobody_knows(door: Door) -> None:
    """Unknown symbols are not found."""
    for path in ("/v1/orderbook/nothing", "/v1/orderbook/nothing/bbo", "/v1/instruments/nothing/settlement"):
        answer = door.send("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, 5)


def test_settlement_is_told_when_final(door: Door) -> None:
    """A preliminary price is not a settlement; a final zero is one."""

    def settlement() -> Any:
        return door.get(f"/v1/instruments/{KC}/settlement")

    assert settlement() == {"symbol": KC, "priceScale": "1000"}
    door.control("POST", "settle", {"symbol": KC, "price": 1000, "preliminary": True})
    assert "stats" not in settlement()
    door.control("POST", "settle", {"symbol": KC, "price": 0})
    stats = settlement()["stats"]
    assert (stats["settlementPx"], stats["settlementPreliminary"]) == ("0", False)
    assert "openPx" not in stats
    past = door.get("/v1/instruments/tec-mlb-ws-2026-10-31-lad/settlement")
    assert past["stats"]["settlementPx"] == "1000"


@pytest.mark.parametrize("symbol", ["!all", "%2Fall"])
def test_symbols_with_a_meaning_elsewhere_are_invalid(door: Door, symbol: str) -> None:
    """A leading slash or exclamation mark is an invalid argument."""
    answer = door.send("GET", f"/v1/instruments/{symbol}/settlement")
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
