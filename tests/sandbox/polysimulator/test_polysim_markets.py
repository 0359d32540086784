"""Markets by condition id and books by token: public lists, prices, candles, batches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fakefeed import BILL, CUP_A, CUP_B, MARKETS, OLD, RAIN, FakeFeed
from polyspec_wire.polysimulator import OPERATIONS
from sim_door import Door

YES, NO = MARKETS[0].token_ids


# -- lists --


def ids(found: Any) -> list[str]:
    """Return the condition ids of a list."""
    return [each["condition_id"] for each in found]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, [RAIN, BILL, CUP_A, CUP_B, OLD]),
        ({"q": "WILL"}, [RAIN, BILL, CUP_A, CUP_B]),
        ({"q": "albion-wins"}, [CUP_A]),
        ({"category": "port"}, [CUP_A, CUP_B]),
        ({"hot_only": "true"}, [RAIN, BILL, CUP_A, CUP_B]),
        ({"active_only": "true"}, [RAIN, BILL, CUP_A, CUP_B]),
        ({"q": "updown"}, []),
        ({"limit": 2, "offset": 1}, [BILL, CUP_A]),
        ({"offset": 99}, []),
    ],
)
def test_markets_are_found_without_a_key(reader: Door, query: Any, wanted: list[str]) -> None:
    """The list is a bare array that filters by text, category, volume and status."""
    assert ids(reader.raw("GET", "/v1/markets", params=query).json()) == wanted


def test_a_market_is_hot_that_is_traded_or_could_be(door: Door) -> None:
    """Much volume makes a market hot, and so do close quotes; one with neither is not."""
    for each in (RAIN, BILL, CUP_A):
        door.feed.set_book(each, bids=[("0.40", "5")], asks=[("0.50", "5")])
    door.feed.set_book(CUP_B, bids=[("0.40", "5")], asks=[("0.49", "5")])
    assert ids(door.get("/v1/markets", hot_only=True)) == [RAIN, CUP_B]
    door.feed.set_book(CUP_B, bids=[], asks=[("0.49", "5")])
    assert ids(door.get("/v1/markets", hot_only=True)) == [RAIN]


def test_an_envelope_carries_a_cursor(reader: Door) -> None:
    """Cursors are base64 of the next offset, either parameter takes them, and the last page says so."""
    first = reader.get("/v1/markets", envelope=True, limit=2)
    assert (ids(first["data"]), first["next_cursor"]) == ([RAIN, BILL], "Mg==")
    second = reader.get("/v1/markets", envelope=True, limit=2, cursor=first["next_cursor"])
    assert (ids(second["data"]), second["next_cursor"]) == ([CUP_A, CUP_B], "NA==")
    third = reader.get("/v1/markets", envelope=True, limit=2, next_cursor=second["next_cursor"])
    assert (ids(third["data"]), third["next_cursor"]) == ([OLD], "LTE=")
    whole = reader.get("/v1/markets", envelope=True, limit=5)
    assert (len(whole["data"]), whole["next_cursor"]) == (5, "LTE=")
    assert reader.get("/v1/markets", envelope=True, cursor="LTE=") == {"data": [], "next_cursor": "LTE="}
    for bad in ("?", "LTI=", "b25l"):
        answer = reader.send("GET", "/v1/markets", params={"cursor": bad})
        assert reader.code(answer) == (400, "INVALID_CURSOR")


def test_a_summary_says_prices_and_tokens(reader: Door) -> None:
    """Tokens stand in the order of the outcomes; prices are texts and sum to one."""
    market = reader.get("/v1/markets", limit=1)[0]
    assert (market["outcomes"], market["clob_token_ids"]) == (["Yes", "No"], [YES, NO])
    assert (market["active"], market["closed"], market["is_hot"]) == (True, False, True)
    live = market["live_price"]
    assert (live["buy"], live["sell"]) == ("0.645", "0.355")
    assert [each["token_id"] for each in live["outcomes"]] == [YES, NO]
    assert sum(Decimal(each["price"]) for each in live["outcomes"]) == 1


# -- one market --


def test_a_market_is_found_by_id_slug_and_token(reader: Door) -> None:
    """All three ways lead to the same market; by slug nobody may keep the answer."""
    detail = reader.get(f"/v1/markets/{RAIN}")
    by_slug = reader.send("GET", "/v1/markets/by-slug/rain-tomorrow")
    assert by_slug.json() == detail
    assert by_slug.headers["cache-control"] == "no-store"
    assert reader.raw("GET", f"/v1/markets-by-token/{NO}").json() == {
        "condition_id": RAIN, "primary_token_id": YES, "secondary_token_id": None, "outcome": "No",
    }  # fmt: skip
    assert [each["price"] for each in detail["tokens"]] == [0.645, 0.355]
    assert "order_book" not in detail
    assert reader.get(f"/v1/markets/{RAIN}", include_book=True)["order_book"]["token_id"] == YES
    for path, code in (
        ("/v1/markets/0x01", "MARKET_NOT_FOUND"),
        ("/v1/markets/by-slug/nothing", "MARKET_NOT_FOUND"),
        ("/v1/markets-by-token/1", "TOKEN_NOT_FOUND"),
    ):
        assert reader.code(reader.send("GET", path)) == (404, code)


def test_a_resolved_market_says_who_won(reader: Door) -> None:
    """Prices of a decided market are what its shares pay."""
    detail = reader.get(f"/v1/markets/{OLD}")
    assert (detail["closed"], detail["active"], detail["resolved_outcome"]) == (True, False, "Yes")
    assert [(each["price"], each["winner"]) for each in detail["tokens"]] == [(1, True), (0, False)]
    assert reader.code(reader.send("GET", f"/v1/markets/{OLD}/book")) == (404, "BOOK_UNAVAILABLE")


def test_a_split_market_has_no_winner(door: Door) -> None:
    """Where both outcomes pay, none has won."""
    door.feed.resolve(BILL, (400_000, 600_000))
    detail = door.get(f"/v1/markets/{BILL}")
    assert detail["resolved_outcome"] is None
    assert [(each["price"], each["winner"]) for each in detail["tokens"]] == [(0.4, False), (0.6, False)]


def test_a_round_is_a_market_too(reader: Door) -> None:
    """The venue's own rounds are found by id, slug and token, and are not in the list."""
    made = reader.world.updown.markets()[0]
    detail = reader.get(f"/v1/markets/{made.condition_id}")
    assert detail["outcomes"] == ["Up", "Down"]
    assert reader.get(f"/v1/markets/by-slug/{made.slug}")["condition_id"] == made.condition_id
    token = reader.raw("GET", f"/v1/markets-by-token/{made.token_ids[1]}").json()
    assert (token["condition_id"], token["outcome"]) == (made.condition_id, "Down")
    assert made.condition_id not in ids(reader.get("/v1/markets", limit=200))


def test_a_new_market_is_not_found_at_first(open_door: Any) -> None:
    """Until it has warmed up a market is nowhere, then everywhere."""
    feed = FakeFeed()
    door = open_door(feed=feed, warm_up=30.0)
    feed.change(RAIN, created_ns=door.world.clock.now_ns())
    assert door.code(door.send("GET", f"/v1/markets/{RAIN}")) == (404, "MARKET_NOT_FOUND")
    assert RAIN not in ids(door.get("/v1/markets"))
    assert door.raw("GET", f"/v1/markets-by-token/{YES}").status_code == 404
    door.pass_time(31)
    assert door.get(f"/v1/markets/{RAIN}")["condition_id"] == RAIN


# -- books --


def test_a_book_has_its_best_level_last(reader: Door) -> None:
    """Bids rise, asks fall; by condition id, by token and in both spellings of the path it is one book."""
    book = reader.get(f"/v1/markets/{RAIN}/book")
    assert [each["price"] for each in book["bids"]] == ["0.63", "0.64"]
    assert [each["price"] for each in book["asks"]] == ["0.66", "0.65"]
    assert book["bids"][-1]["size"] == "100"
    assert (book["spread"], book["mid"], book["min_order_size"], book["tick_size"]) == (
        "0.01", "0.645", "5", "0.01",
    )  # fmt: skip
    assert reader.raw("GET", f"/v1/book?token_id={YES}").json() == book
    assert reader.raw("GET", f"/v1/clob/book/{YES}").json() == book
    assert reader.raw("GET", f"/v1/book?token_id={YES}").headers["cache-control"] == "no-store"


def test_a_book_is_cut_from_its_worst_end(reader: Door) -> None:
    """Depth keeps the best levels; an outcome is found in any case, and has the mirror image."""
    book = reader.get(f"/v1/markets/{RAIN}/book", depth=1, outcome="no")
    assert [each["price"] for each in (*book["bids"], *book["asks"])] == ["0.35", "0.36"]
    assert book["asset_id"] == NO
    answer = reader.send("GET", f"/v1/markets/{RAIN}/book", params={"outcome": "Maybe"})
    assert reader.code(answer) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("token_id", [RAIN, "1", "abc", MARKETS[4].token_ids[0]])
def test_what_has_no_book_has_none(reader: Door, token_id: str) -> None:
    """Condition ids, unknown tokens and tokens of ended markets have no book."""
    answer = reader.raw("GET", "/v1/book", params={"token_id": token_id})
    assert reader.code(answer) == (404, "BOOK_UNAVAILABLE")


def test_prices_of_a_token(reader: Door) -> None:
    """BUY is the best bid, SELL the best ask; the middle has two names; a time is a bare integer."""
    assert reader.raw("GET", f"/v1/price?token_id={YES}&side=buy").json()["price"] == "0.64"
    assert reader.raw("GET", f"/v1/price?token_id={YES}&side=SELL").json()["price"] == "0.65"
    assert reader.raw("GET", f"/v1/midpoint?token_id={YES}").json() == {"mid": "0.645", "mid_price": "0.645"}
    assert reader.raw("GET", f"/v1/spread?token_id={YES}").json() == {
        "spread": "0.01", "bid": "0.64", "ask": "0.65",
    }  # fmt: skip
    assert reader.raw("GET", f"/v1/last-trade-price?token_id={YES}").json() == {"price": "0.50", "side": ""}
    assert isinstance(reader.raw("GET", "/v1/time").json(), int)


def test_a_spread_is_ten_cents_at_most(open_door: Any) -> None:
    """However far the prices are apart, the spread is capped."""
    door = open_door()
    door.feed.set_book(RAIN, bids=[("0.10", "5")], asks=[("0.90", "5")], last=("0.42", "3", 5))
    assert door.raw("GET", f"/v1/spread?token_id={YES}").json()["spread"] == "0.10"
    assert door.raw("GET", f"/v1/last-trade-price?token_id={YES}").json() == {"price": "0.42", "side": "BUY"}
    door.feed.set_book(RAIN, bids=[], asks=[("0.90", "5")])
    assert door.code(door.raw("GET", f"/v1/midpoint?token_id={YES}")) == (404, "BOOK_UNAVAILABLE")
    assert door.raw("GET", f"/v1/price?token_id={YES}&side=SELL").json()["price"] == "0.90"
    assert door.raw("GET", f"/v1/price?token_id={YES}&side=BUY").status_code == 404


def test_terms_of_a_token(reader: Door) -> None:
    """Tick, neg-risk flag and rate by category, in both spellings where there are two."""
    bill, cup = MARKETS[1].token_ids[0], MARKETS[2].token_ids[0]
    assert reader.raw("GET", f"/v1/tick-size/{bill}").json() == {"minimum_tick_size": 0.001}
    for token, value in ((cup, True), (bill, False)):
        for path in (f"/v1/neg-risk/{token}", f"/v1/neg-risk?token_id={token}"):
            assert reader.raw("GET", path).json() == {"neg_risk": value}
    for token, bps in ((YES, 500), (bill, 400), (cup, 300), (MARKETS[4].token_ids[0], 700)):
        told = reader.raw("GET", f"/v1/fee-rate?token_id={token}").json()
        assert told == {"base_fee": 1000, "fee_rate_bps": bps}


# -- batches --


@pytest.mark.parametrize("wrapped", [False, True])
def test_several_tokens_at_once(reader: Door, wrapped: bool) -> None:
    """Bare lists and objects are taken; tokens without a book are left out."""
    items = [{"token_id": each} for each in (YES, "1", NO)]
    body: Any = {"items": items} if wrapped else items
    assert [each["token_id"] for each in reader.raw("POST", "/v1/books", json=body).json()] == [YES, NO]
    assert reader.raw("POST", "/v1/midpoints", json=body).json() == {YES: "0.645", NO: "0.355"}
    assert reader.raw("POST", "/v1/spreads", json=body).json() == {YES: "0.01", NO: "0.01"}


def test_prices_come_by_token_or_by_token_and_side(reader: Door) -> None:
    """Ids alone give middles, pairs give the best price of each side."""
    by_token = reader.raw("POST", "/v1/prices", json={"token_ids": [YES, "1"]}).json()
    assert by_token == {YES: "0.645"}
    pairs = [
        {"token_id": YES, "side": "BUY"},
        {"token_id": YES, "side": "SELL"},
        {"token_id": NO, "side": "BUY"},
    ]
    assert reader.raw("POST", "/v1/prices", json=pairs).json() == {
        YES: {"BUY": "0.64", "SELL": "0.65"}, NO: {"BUY": "0.35"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/books", [{"token_id": "1"}] * 51),
        ("/v1/midpoints", {"items": [{"token_id": "1"}] * 51}),
        ("/v1/prices", {"token_ids": ["1"] * 501}),
    ],
)
def test_too_many_tokens_are_refused(reader: Door, path: str, body: Any) -> None:
    """Batches of tokens end at 50, of prices at 500."""
    assert reader.code(reader.raw("POST", path, json=body)) == (400, "BATCH_LIMIT_EXCEEDED")


def test_prices_of_several_markets(reader: Door) -> None:
    """Markets are answered in order; of what is unknown there is nothing but the id."""
    found = reader.post("/v1/prices/batch", {"market_ids": [BILL, "0x01", RAIN]})
    assert ids(found) == [BILL, "0x01", RAIN]
    assert found[1] == {"condition_id": "0x01"}
    assert (found[0]["buy"], found[0]["sell"]) == ("0.645", "0.355")


def test_a_batch_names_a_market(reader: Door) -> None:
    """Nothing is not a batch; past prices of nothing are none."""
    answer = reader.send("POST", "/v1/prices/batch", json={"market_ids": []})
    assert reader.code(answer) == (422, "VALIDATION_FAILED")
    assert reader.raw("GET", "/v1/prices-history?market=1").json() == {"history": []}


def test_a_batch_of_markets_is_bounded_by_fifty_and_by_the_tier(open_door: Any) -> None:
    """The tier's batch size bounds prices too, unless the option says 50 alone."""
    door = open_door()
    path = "/v1/prices/batch"
    for key, most in (("api_key", 5), ("free_api_key", 1), ("pro_plus_api_key", 10)):
        door.post(path, {"market_ids": [RAIN] * most}, key=key)
        answer = door.send("POST", path, key=key, json={"market_ids": [RAIN] * (most + 1)})
        assert door.code(answer) == (400, "BATCH_LIMIT_EXCEEDED")
    wide = open_door(price_batches_by_tier=False)
    wide.post(path, {"market_ids": [RAIN] * 50})
    answer = wide.send("POST", path, json={"market_ids": [RAIN] * 51})
    assert wide.code(answer) == (400, "BATCH_LIMIT_EXCEEDED")


# -- the past --


def test_candles_are_of_trades_there_and_volumes_here(open_door: Any) -> None:
    """Prices come from the mirrored venue; the volume is of the paper fills alone."""
    door = open_door()
    door.world.clock.freeze()
    now = door.world.clock.now_ns() // 10**9
    start = (now - 600) // 60 * 60
    points = [(start, 500_000), (start + 10, 560_000), (start + 20, 480_000), (start + 30, 520_000)]
    door.feed.set_points(YES, [(at * 10**9, price) for at, price in points])
    door.trade(RAIN, "12")
    candles = door.get(f"/v1/markets/{RAIN}/candles")
    assert candles[0] == {"t": start, "o": "0.50", "h": "0.56", "l": "0.48", "c": "0.52", "v": "0"}
    assert (candles[-1]["t"], candles[-1]["v"]) == (now // 60 * 60, "12")
    answer = door.send("GET", f"/v1/markets/{RAIN}/candles", params={"interval": "5m"})
    assert door.code(answer) == (400, "INVALID_INTERVAL")
    assert answer.json()["supported_intervals"] == ["1h", "6h", "1d", "1w", "max"]


def test_a_candle_ends_with_what_came_last(open_door: Any) -> None:
    """A fill here is between the prices there, where it was in time; the last of them all closes."""
    door = open_door()
    door.world.clock.freeze()
    clock = door.world.clock
    clock.advance(60 - clock.now_ns() // 10**9 % 60)
    door.trade(RAIN, "12")
    at = clock.now_ns() // 10**9
    door.feed.set_points(YES, [((at + 5) * 10**9, 700_000)])
    clock.advance(59)
    (candle,) = door.get(f"/v1/markets/{RAIN}/candles")
    assert candle == {"t": at, "o": "0.65", "h": "0.70", "l": "0.645", "c": "0.645", "v": "12"}


def test_the_history_of_a_token(open_door: Any) -> None:
    """The last price of each step of minutes, within what was asked for."""
    door = open_door()
    door.world.clock.freeze()
    now = door.world.clock.now_ns() // 10**9
    start = (now - 3000) // 600 * 600
    door.feed.set_points(YES, [((start + each) * 10**9, 500_000 + each) for each in (0, 30, 60, 700)])
    path = "/v1/prices-history"

    def points(**query: Any) -> list[tuple[int, float]]:
        found = door.raw("GET", path, params={"market": YES, **query}).json()["history"]
        return [(each["t"], each["p"]) for each in found]

    assert points()[:2] == [(start, 0.50003), (start + 60, 0.50006)]
    assert points(fidelity=10)[:2] == [(start, 0.50006), (start + 600, 0.5007)]
    assert points(startTs=start + 60, endTs=start + 100) == [(start + 60, 0.50006)]
    assert points(startTs=start + 700, endTs=start + 700) == [(start + 660, 0.5007)]
    assert points(interval="max")[-1][1] == 0.645
    candles = door.raw("GET", path, params={"market": YES, "format": "ohlcv"}).json()["history"]
    assert set(candles[0]) == {"t", "o", "h", "l", "c", "v"}
    for query, code in (
        ({}, "INVALID_REQUEST"),
        ({"market": YES, "interval": "2h"}, "INVALID_INTERVAL"),
        ({"market": YES, "format": "xml"}, "INVALID_REQUEST"),
        ({"market": YES, "startTs": 9, "endTs": 8}, "INVALID_WINDOW"),
    ):
        assert door.code(door.raw("GET", path, params=query)) == (400, code)


# -- events and health --


def test_events_gather_their_markets(reader: Door) -> None:
    """Markets of one event stand together; filters and pages count events."""
    found = reader.get("/v1/events")
    assert [each["title"] for each in found["events"]][2] == "The cup"
    assert (found["total"], found["has_sports"]) == (4, True)
    assert ids(found["events"][2]["markets"]) == [CUP_A, CUP_B]
    assert ids(reader.get("/v1/events", search="cup", markets_per_event=1)["events"][0]["markets"]) == [CUP_A]
    assert reader.get("/v1/events", include_sports=False)["total"] == 3
    assert len(reader.get("/v1/events", limit=1, offset=3)["events"]) == 1
    assert reader.get("/v1/events", hot_only=True)["total"] == 3


def test_health_is_open_to_everybody(door: Door) -> None:
    """Probes answer without a key; an outage of the mirrored venue is told."""
    assert door.raw("GET", "/v1/health").json()["status"] == "ok"
    assert door.raw("GET", "/v1/health/live").json()["status"] == "alive"
    assert door.raw("GET", "/v1/health/ready").json()["status"] == "ok"
    door.world.engine.outage = True
    ready = door.raw("GET", "/v1/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "tolerating")
    assert door.raw("GET", "/v1/status").json()["matching_engine"] == {"status": "degraded"}


def test_a_change_of_a_book_is_told_once(door: Door) -> None:
    """Whoever listens hears of a changed market with the next request, and of several changes once."""
    heard: list[str] = []
    door.world.markets.subscribe(heard.append)
    for price in ("0.50", "0.51"):
        door.feed.set_book(RAIN, bids=[(price, "5")], asks=[("0.60", "5")])
    door.raw("GET", "/v1/time")
    assert heard.count(RAIN) == 1
    door.raw("GET", "/v1/time")
    assert heard.count(RAIN) == 1
    door.feed.set_book(RAIN, bids=[("0.52", "5")], asks=[("0.60", "5")])
    door.raw("GET", "/v1/time")
    assert heard.count(RAIN) == 2


def test_every_operation_of_the_specification_is_served() -> None:
    """There is a handler for each operation, and none for anything else."""
    from polyspec.sandbox.polysimulator.registry import HANDLERS

    assert set(OPERATIONS) - set(HANDLERS) == set()
    assert set(HANDLERS) - set(OPERATIONS) == set()
