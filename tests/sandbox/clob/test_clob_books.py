"""Books, prices, terms and history, as the venue shows them."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from clob_door import Door

BAD_TOKEN = (400, {"error": "Invalid token id"})
NO_BOOK = (404, {"error": "No orderbook exists for the requested token id"})


@pytest.fixture
def quoted(door: Door, other: Door) -> Door:
    """A door to a book with two levels on each side and one trade."""
    for side, price, size in (
        ("BUY", "0.47", "120"),
        ("BUY", "0.48", "30"),
        ("SELL", "0.55", "80.5"),
        ("SELL", "0.52", "25"),
    ):
        door.place(side, price, size)
    other.place("BUY", "0.52", "5")
    return door


def yes(door: Door) -> str:
    """Return the first token."""
    return door.venue.token_ids[0]


def test_the_best_level_is_last(quoted: Door) -> None:
    """Bids ascend, asks descend, sizes add up, everything is text."""
    book = quoted.public("/book", token_id=yes(quoted))
    assert book["bids"] == [{"price": "0.47", "size": "120"}, {"price": "0.48", "size": "30"}]
    assert book["asks"] == [{"price": "0.55", "size": "80.5"}, {"price": "0.52", "size": "20"}]
    assert (book["min_order_size"], book["tick_size"], book["neg_risk"]) == ("5", "0.01", False)
    assert book["last_trade_price"] == "0.52"
    assert abs(int(book["timestamp"]) // 1000 - quoted.now) <= 2


def test_the_hash_is_over_the_rest(quoted: Door) -> None:
    """SHA-1 over the compact JSON in the venue's order of keys, with the hash left empty."""
    for token in quoted.venue.token_ids[:2]:
        book = quoted.public("/book", token_id=token)
        keys = "market asset_id timestamp hash bids asks min_order_size tick_size neg_risk last_trade_price"
        assert list(book) == keys.split()
        plain = json.dumps({**book, "hash": ""}, separators=(",", ":"), ensure_ascii=False)
        assert book["hash"] == hashlib.sha1(plain.encode()).hexdigest()


def test_the_other_outcome_is_the_mirror(quoted: Door) -> None:
    """What is bid for one outcome is offered for the other at one less the price."""
    first, second = (quoted.public("/book", token_id=token) for token in quoted.venue.token_ids[:2])
    mirrored = [{"price": str(1 - Decimal(level["price"])), "size": level["size"]} for level in first["bids"]]
    assert second["asks"] == mirrored
    assert second["last_trade_price"] == "0.48"


def test_prices(quoted: Door) -> None:
    """BUY is the best bid and SELL the best ask; the middle is called `mid`."""
    token = yes(quoted)
    assert quoted.public("/price", token_id=token, side="BUY") == {"price": "0.48"}
    assert quoted.public("/price", token_id=token, side="sell") == {"price": "0.52"}
    assert quoted.public("/midpoint", token_id=token) == {"mid": "0.5"}
    assert quoted.public("/spread", token_id=token) == {"spread": "0.04"}
    assert quoted.public("/last-trade-price", token_id=token) == {"price": "0.52", "side": "BUY"}


def test_plural_reads_go_by_post(quoted: Door) -> None:
    """They leave out what has no price, and without a side tell the ask alone; by GET they are refused."""
    first, second = quoted.venue.token_ids[:2]
    quiet = quoted.venue.token_ids[2]

    def asked(path: str, *wanted: dict[str, str]) -> Any:
        return quoted.good(quoted.raw("POST", path, json=list(wanted)))

    all_three = [{"token_id": each} for each in (first, second, quiet)]
    assert asked("/midpoints", *all_three) == {first: "0.5", second: "0.5"}
    assert asked("/spreads", *all_three) == {first: "0.04", second: "0.04"}
    assert asked("/prices", {"token_id": first, "side": "BUY"}, {"token_id": first}, {"token_id": quiet}) == {
        first: {"BUY": "0.48", "SELL": "0.52"}
    }
    assert asked("/last-trades-prices", *all_three) == [
        {"token_id": first, "price": "0.52", "side": "BUY"},
        {"token_id": second, "price": "0.48", "side": "SELL"},
    ]
    books = asked("/books", {"token_id": quiet}, {"token_id": "77"}, {"token_id": first})
    assert [each["asset_id"] for each in books] == [quiet, first]
    for path in ("/books", "/midpoints", "/prices", "/last-trades-prices"):
        answer = quoted.raw("GET", path, params={"token_ids": first, "sides": "BUY"})
        assert (answer.status_code, answer.json()) == (400, {"error": "Invalid payload"})


@pytest.mark.parametrize("path", ["/books", "/midpoints", "/spreads", "/prices", "/last-trades-prices"])
def test_plural_reads_have_a_limit(door: Door, path: str) -> None:
    """Five hundred entries; a body that is no list of tokens is an invalid payload."""
    wanted = [{"token_id": yes(door)}] * 501
    assert door.raw("POST", path, json=wanted[:500]).status_code == 200
    answer = door.raw("POST", path, json=wanted)
    assert (answer.status_code, answer.json()) == (400, {"error": "Payload exceeds the limit"})
    for body in ({}, [1], [{}], None):
        answer = door.raw("POST", path, json=body)
        assert (answer.status_code, answer.json()) == (400, {"error": "Invalid payload"})


@pytest.mark.parametrize("path", ["/book", "/midpoint", "/spread", "/price"])
def test_tokens_without_a_book(door: Door, path: str) -> None:
    """What is no token id is 400, what nobody lists 404, and a book without prices has none."""
    params = {"side": "BUY"} if path == "/price" else {}
    for token, expected in (("0x1", BAD_TOKEN), ("", BAD_TOKEN), ("12345", NO_BOOK)):
        answer = door.raw("GET", path, params={"token_id": token, **params})
        assert (answer.status_code, answer.json()) == expected
    answer = door.raw("GET", path, params={"token_id": yes(door), **params})
    assert answer.status_code == (200 if path == "/book" else 404)


def test_bad_sides(door: Door) -> None:
    """A side is BUY or SELL."""
    for answer in (
        door.raw("GET", "/price", params={"token_id": yes(door), "side": "HOLD"}),
        door.raw("GET", "/price", params={"token_id": yes(door)}),
        door.raw("POST", "/prices", json=[{"token_id": yes(door), "side": "HOLD"}]),
    ):
        assert (answer.status_code, answer.json()) == (400, {"error": "Invalid side"})


def test_never_traded_is_a_half(door: Door) -> None:
    """Without a side, and left out of the plural form; in the book it is empty."""
    assert door.public("/last-trade-price", token_id=yes(door)) == {"price": "0.5", "side": ""}
    assert door.good(door.raw("POST", "/last-trades-prices", json=[{"token_id": yes(door)}])) == []
    assert door.public("/book", token_id=yes(door))["last_trade_price"] == ""


# -- terms --


def test_terms_of_tokens(door: Door) -> None:
    """Ticks are numbers, at least one of each kind; neg-risk and fee rate by either path."""
    ticks = []
    for token in door.venue.token_ids[::2]:
        answer = door.raw("GET", f"/tick-size/{token}")
        assert door.public("/tick-size", token_id=token) == answer.json()
        ticks.append(json.loads(answer.content, parse_float=str)["minimum_tick_size"])
    assert ticks == ["0.01", "0.001", "0.1", "0.005", "0.0025", "0.0001", "0.01"]
    for token in door.venue.neg_risk_token_ids:
        assert (
            door.public(f"/neg-risk/{token}")
            == door.public("/neg-risk", token_id=token)
            == {"neg_risk": True}
        )
    assert door.public(f"/neg-risk/{door.venue.position_ids[0]}") == {"neg_risk": False}
    assert (
        door.public(f"/fee-rate/{yes(door)}")
        == door.public("/fee-rate", token_id=yes(door))
        == {"base_fee": 0}
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/tick-size", "market not found"),
        ("/neg-risk", "market not found"),
        ("/fee-rate", "fee rate not found for market"),
    ],
)
def test_terms_of_unknown_tokens(door: Door, path: str, words: str) -> None:
    """Unknown ones are 404 in the words of each, nonsense is 400."""
    for answer in (door.raw("GET", path, params={"token_id": "5"}), door.raw("GET", f"{path}/5")):
        assert (answer.status_code, answer.json()) == (404, {"error": words})
    answer = door.raw("GET", path)
    assert (answer.status_code, answer.json()) == BAD_TOKEN


def test_a_tick_can_change(door: Door) -> None:
    """From then on the old grid is refused, and book and terms show the new one."""
    token = yes(door)
    assert door.refused(price="0.405")[0] == 400
    door.control("POST", "tick", {"token_id": token, "tick": "0.001"})
    assert door.place(price="0.405", size="10")["status"] == "live"
    assert door.public("/book", token_id=token)["tick_size"] == "0.001"
    assert door.public("/tick-size", token_id=token) == {"minimum_tick_size": 0.001}
    door.control("POST", "tick", {"token_id": token, "tick": "0.01"})
    assert door.refused(price="0.405")[0] == 400


# -- markets --


def test_markets_are_listed(door: Door) -> None:
    """All of them, in full and in short; those that pay rewards also by themselves."""
    whole, short = door.public("/markets"), door.public("/simplified-markets")
    assert whole["count"] == short["count"] == len(door.world.listings) == 11
    assert (whole["limit"], whole["next_cursor"]) == (1000, "LTE=")
    for full, brief in zip(whole["data"], short["data"], strict=True):
        assert {name: full[name] for name in brief} == brief
        assert door.public(f"/markets/{full['condition_id']}") == full
    assert door.public("/sampling-markets")["data"] == whole["data"][:1]
    assert door.public("/sampling-simplified-markets")["data"] == short["data"][:1]
    assert [each["neg_risk"] for each in whole["data"]].count(True) == 3
    assert whole["data"][1]["rewards"]["rates"] is None


def test_what_trading_a_market_needs(door: Door) -> None:
    """Under the venue's short names: tick, size and fee as numbers, neg-risk only where it is one."""
    listings = list(door.world.listings.values())
    plain, neg_risk = listings[0], next(each for each in listings if each.neg_risk)
    told = door.public(f"/clob-markets/{plain.condition_id}")
    assert (told["c"], told["mts"], told["mos"], told["ao"]) == (plain.condition_id, 0.01, 5, True)
    assert told["fd"] == {"r": 0.05, "e": 1, "to": True}
    assert told["t"] == [{"t": plain.token_ids[0], "o": "Yes"}, {"t": plain.token_ids[1], "o": "No"}]
    assert "nr" not in told
    assert told["r"] == {"mi": 20, "ma": 3.5}
    assert door.public(f"/clob-markets/{neg_risk.condition_id}")["nr"] is True


def test_the_market_of_a_token(door: Door) -> None:
    """Both tokens lead to it."""
    listing = next(iter(door.world.listings.values()))
    for token in listing.token_ids:
        assert door.public(f"/markets-by-token/{token}") == {
            "condition_id": listing.condition_id,
            "primary_token_id": listing.token_ids[0],
            "secondary_token_id": listing.token_ids[1],
        }


def test_activity(quoted: Door) -> None:
    """Markets as feeds show them, and the trades that happened there."""
    listing = next(iter(quoted.world.listings.values()))
    one = quoted.public(f"/markets/live-activity/{listing.condition_id}")
    assert (one["condition_id"], one["id"]) == (listing.condition_id, listing.number)
    assert quoted.good(quoted.raw("POST", "/markets/live-activity", json=[listing.condition_id])) == [one]
    (trade,) = quoted.public(f"/live-activity/events/{listing.condition_id}")
    assert (trade["side"], trade["size"], trade["price"], trade["outcome"]) == ("BUY", "5", "0.52", "Yes")


@pytest.mark.parametrize(
    "path",
    [
        "/markets/0x1",
        "/clob-markets/0x1",
        "/markets-by-token/5",
        "/markets/live-activity/0x1",
        "/live-activity/events/0x1",
    ],
)
def test_unknown_markets(door: Door, path: str) -> None:
    """They are 404."""
    answer = door.raw("GET", path)
    assert (answer.status_code, answer.json()) == (404, {"error": "market not found"})


def test_a_resolved_market(door: Door) -> None:
    """It is closed, takes no orders, and shows who won."""
    listing = next(iter(door.world.listings.values()))
    order_id = door.place()["orderID"]
    door.control("POST", f"markets/{listing.condition_id}", {"payouts": ["0", "1"]})
    shown = door.public(f"/markets/{listing.condition_id}")
    assert (shown["closed"], shown["accepting_orders"]) == (True, False)
    assert [(each["price"], each["winner"]) for each in shown["tokens"]] == [(0, False), (1, True)]
    assert door.get(f"/data/order/{order_id}")["status"] == "CANCELED_MARKET_RESOLVED"


# -- history --


def history(door: Door, **params: Any) -> Any:
    """Ask for past prices of the first token."""
    answer = door.raw("GET", "/prices-history", params={"market": yes(door), **params})
    return answer.json().get("history", answer.json())


def test_history_is_by_steps(door: Door, other: Door) -> None:
    """The last price of each step, oldest first, and the price now at the end."""
    # all of it within one hour, or it would be one step more
    door.pass_time(3660 - door.now % 3600)
    start = door.now
    for price in ("0.50", "0.52", "0.54"):
        other.place("SELL", price)
        door.place("BUY", price)
        door.pass_time(90)
    points = history(door, startTs=start)
    assert [each["p"] for each in points][-2:] == [0.54, 0.54]
    assert points[-1]["t"] == door.now
    assert [each["t"] for each in points] == sorted(each["t"] for each in points)
    assert {each["t"] % 60 for each in points[:-1]} == {0}
    assert len(history(door, interval="1h", fidelity=60)) == 2
    batch = door.good(
        door.raw("POST", "/batch-prices-history", json={"markets": [yes(door)], "interval": "max"})
    )
    assert batch["history"][yes(door)] == history(door, interval="max")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "startTs is required"),
        ({"endTs": 5}, "startTs is required"),
        ({"startTs": 1787000000000}, "interval is too long"),
        ({"interval": "1m"}, None),
        ({"interval": "1m", "fidelity": 9}, "invalid fidelity: 9"),
        ({"interval": "1w", "fidelity": 4}, "invalid fidelity: 4"),
        ({"interval": "1d", "startTs": 1}, "interval excludes startTs and endTs"),
        ({"interval": "2d"}, "invalid interval"),
        ({"startTs": "yesterday"}, "invalid startTs: yesterday"),
        ({"startTs": 1, "fidelity": 0}, "invalid fidelity: 0"),
    ],
    ids=str,
)
def test_history_has_rules(door: Door, params: dict[str, Any], words: str | None) -> None:
    """Either an interval or a start, seconds only, coarse enough for its length."""
    told = history(door, **params)
    assert told == {"error": words} if words else isinstance(told, list)


def test_what_is_not_published_is_not_served(door: Door) -> None:
    """Candles and past books check what the venue names, and then say that they are not to be had."""
    start = {"startTs": "1"}
    for path, params, status, words in (
        ("/ohlc", start, 400, "asset_id is required"),
        ("/ohlc", {"asset_id": "1"}, 400, "startTs is required"),
        ("/ohlc", {"asset_id": "1", "fidelity": "2m", **start}, 400, "invalid fidelity: 2m"),
        ("/ohlc", {"asset_id": "1", "limit": "1001", **start}, 400, "limit cannot exceed 1000"),
        ("/ohlc", {"asset_id": "1", **start}, 501, "candles are not available in the sandbox"),
        ("/orderbook-history", start, 400, "either market or asset_id must be provided"),
        ("/orderbook-history", {"market": "1", **start}, 501, "past books are not available in the sandbox"),
    ):
        answer = door.raw("GET", path, params=params)
        assert (answer.status_code, answer.json()) == (status, {"error": words})


# -- the market maker --


def test_books_are_alive(open_door: Any) -> None:
    """Unless quiet, every market is quoted on its grid and trades now and then."""
    door = open_door(quiet=False)
    for token in door.world.open_tokens:
        book = door.public("/book", token_id=token)
        assert book["bids"]
        assert book["asks"]
        tick = Decimal(book["tick_size"])
        levels = [Decimal(each["price"]) for each in book["bids"] + book["asks"]]
        assert all(price % tick == 0 and 0 < price < 1 for price in levels)
        assert levels[len(book["bids"]) - 1] < levels[-1]
    for _ in range(60):
        door.pass_time(0.6)
    traded = [door.world.exchange.last_trade(token) for token in door.world.open_tokens]
    assert sum(each is not None for each in traded) >= 4


def test_what_the_maker_does_follows_from_the_seed(open_door: Any) -> None:
    """Two sandboxes of one seed quote alike."""
    books = []
    for _ in range(2):
        door = open_door(quiet=False)
        books.append([door.world.exchange.book(token).bids for token in door.world.open_tokens])
    assert books[0] == books[1]
