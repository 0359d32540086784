"""PolySimulator's own SDK reads accounts and markets of the sandbox, and keeps keys and wallets there."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.interop.driven import PeerRefused
from tests.interop.paper import Client, Paper

BEGINNING = Decimal(10_000)


@pytest.fixture
def trader(paper: Paper) -> Client:
    """The native client, with a key that trades."""
    return paper.client("native")


@pytest.fixture
def cid(paper: Paper) -> str:
    """The market whose book stands still."""
    return paper.market().condition_id


# -- account --


def test_who_a_key_belongs_to(paper: Paper, trader: Client) -> None:
    """A key knows its user, tier and permissions; plan features need a session instead."""
    told = trader.me()
    assert (told["tier"], sorted(told["permissions"])) == ("pro", ["read", "trade"])
    assert Decimal(told["balance"]) == BEGINNING == Decimal(trader.balance()["balance"])
    whole = trader.portfolio()
    assert Decimal(whole["balance"]["total_value"]) == BEGINNING
    assert whole["positions"] == []
    with pytest.raises(PeerRefused) as refused:
        trader.entitlements()
    assert refused.value.http is None
    tiers = {each["tier"]: each for each in paper.client("native", None).tiers()}
    assert (tiers["free"]["requests_per_second"], tiers["pro_plus"]["max_batch_size"]) == (2, 10)


def test_equity_is_a_list(trader: Client) -> None:
    """The curve of equity can be read, with the parameter only the peer knows of."""
    assert all(Decimal(each["total_value"]) > 0 for each in trader.equity(limit=5))


def test_wallets(trader: Client) -> None:
    """Wallets are made, renamed, reset and archived."""
    made = trader.create_wallet(name="trial", kind="SANDBOX")
    number = str(made["id"])
    assert (made["kind"], made["label"]) == ("SANDBOX", "trial")
    assert {"API", "MAIN", "SANDBOX"} <= {each["kind"] for each in trader.list_wallets()}
    trader.update_wallet(number, name="second trial")
    assert trader.get_wallet(number)["label"] == "second trial"
    assert Decimal(trader.reset_wallet(number)["balance"]) == Decimal(made["baseline"])
    assert trader.portfolio(wallet_id=number)["positions"] == []
    trader.archive_wallet(number)
    assert number not in {str(each["id"]) for each in trader.list_wallets() if not each.get("archived_at")}


def test_keys_come_and_go(paper: Paper, trader: Client) -> None:
    """A new key works, keeps working for a while after its rotation, and no more after it was revoked."""
    made = trader.create_key(name="bot", permissions=["read", "trade"])
    assert made["raw_key"].startswith(made["key_prefix"])
    bot = paper.open("native", made["raw_key"])
    assert bot.me()["user_id"] == trader.me()["user_id"]
    trader.rename_key(str(made["id"]), name="bot 2")
    names = {each["id"]: each["name"] for each in trader.list_keys()}
    assert names[made["id"]] == "bot 2"
    rotated = trader.rotate_key(str(made["id"]))
    heir = paper.open("native", rotated["raw_key"])
    assert heir.me()["permissions"] == bot.me()["permissions"]
    trader.delete_key(str(rotated["id"]))
    with pytest.raises(PeerRefused) as gone:
        heir.me()
    assert gone.value.http == 401


def test_the_first_key_of_an_account(paper: Paper) -> None:
    """A session token makes the first key of an account, and none after it."""
    told = paper.peer("bootstrap", jwt=paper.told["supabase_jwt"], label="first")
    fresh = paper.open("native", told["raw_key"])
    assert fresh.me()["key_count"] == 1
    # with both credentials it is the session that counts
    with pytest.raises(PeerRefused) as again:
        fresh.bootstrap_key(jwt=paper.told["supabase_jwt"], name="second")
    assert (again.value.http, again.value.code) == (400, "BOOTSTRAP_NOT_ALLOWED")


def test_exports(paper: Paper, trader: Client, cid: str) -> None:
    """What was traded comes as CSV, on plans that are paid for."""
    trader.place_order(market_id=cid, side="BUY", outcome="Yes", quantity="7", price="0.99")
    head, *rows = trader.export_trades_csv(market_id=cid).splitlines()
    assert "order_id" in head
    assert any(cid in each for each in rows)
    assert trader.export_settlements_csv().strip()
    with pytest.raises(PeerRefused) as free:
        paper.client("native", "free_api_key").export_trades_csv()
    assert (free.value.http, free.value.code) == (402, "UPGRADE_REQUIRED")


def test_settlements(paper: Paper, trader: Client) -> None:
    """What a decided market paid is credited, listed to the last page, and exported."""
    market = paper.market("film")
    order = {"market_id": market.condition_id, "side": "BUY", "quantity": "5", "price": "0.99"}
    for outcome in market.outcomes:
        assert trader.place_order(**order, outcome=outcome)["status"] == "FILLED"
    before = paper.cash()
    paper.resolve(market, 1_000_000, 0)
    assert paper.cash() - before == 5
    rows = trader.step("pages", what="settlements", page_size=1, market_id=market.condition_id)
    assert sorted(each["result"] for each in rows) == ["lost", "won"]
    assert sum(Decimal(each["payout"]) for each in rows) == 5
    assert [each["position_id"] for each in rows] == sorted(
        (each["position_id"] for each in rows), reverse=True
    )
    assert len(trader.export_settlements_csv(market_id=market.condition_id).splitlines()) == 3
    assert trader.positions(status="OPEN") == []
    with pytest.raises(PeerRefused) as closed:
        trader.place_order(**order, outcome="Yes")
    assert (closed.value.http, closed.value.code) == (400, "MARKET_CLOSED")


# -- markets --


def test_a_market_is_found_in_every_way(paper: Paper, trader: Client) -> None:
    """Listing, search, id, slug and token lead to one market; each token to its own outcome."""
    market = paper.market()
    nobody = paper.client("native", None)
    # the first step of the vendor's own quick start
    assert nobody.list_markets(limit=1, hot_only=True)[0]["is_hot"] is True
    (found,) = nobody.list_markets(q="mayor", active_only=True, sort="nothing the venue knows")
    for each in (found, trader.get_market(market.condition_id), trader.get_market_by_slug(market.slug)):
        assert each["condition_id"] == market.condition_id
        assert each["outcomes"] == list(market.outcomes)
        assert each["clob_token_ids"] == list(market.token_ids)
    for token, outcome in zip(market.token_ids, market.outcomes, strict=True):
        told = nobody.get_market_by_token(token)
        assert (told["condition_id"], told["outcome"]) == (market.condition_id, outcome)
    assert any(each for each in trader.list_events(limit=200))


def test_books_end_with_the_best(paper: Paper, trader: Client) -> None:
    """By condition or by token a book is the same, its best levels last."""
    market = paper.market()
    for token, outcome in zip(market.token_ids, ("YES", "no"), strict=True):
        here = trader.get_book(market.condition_id, outcome=outcome)
        there = paper.client("native", None).get_book_by_token(token)
        for side, best in (("bids", max), ("asks", min)):
            prices = [Decimal(each["price"]) for each in here[side]]
            assert prices[-1] == best(prices)
            assert here[side] == there[side]
    assert [each["price"] for each in trader.get_book(market.condition_id, depth=1)["asks"]] == ["0.65"]
    candles = trader.get_candles(market.condition_id, interval="1h", start_time=0, end_time=2**31)
    assert all(isinstance(each["t"], int) for each in candles)


def test_rounds_of_up_and_down(paper: Paper, trader: Client) -> None:
    """A round that runs has tokens with books, a price of its asset, and can be traded by its labels."""
    nobody = paper.client("native", None)
    live = nobody.list_updown(asset="BTC", interval="5M", live=True)
    assert live
    nested = live[0]["markets"][0]
    assert json.loads(nested["outcomes"]) == ["Up", "Down"]
    up, down = json.loads(nested["token_ids"])
    assert len(json.loads(nested["outcome_prices"])) == 2
    assert nobody.get_market_by_token(down)["outcome"] == "Down"
    assert set(nobody.get_book_by_token(up)) >= {"bids", "asks"}
    whole = nobody.get_updown(asset="BTC")
    assert whole["crypto_prices"]["BTC"]["price"] > 0
    assert "5M" in whole["available_intervals"]
    told = trader.place_order(
        market_id=live[0]["condition_id"], side="BUY", outcome="UP", quantity="5", price="0.99"
    )
    assert (told["status"], told["outcome"]) == ("FILLED", "Up")


def test_prices_of_the_underlying(paper: Paper) -> None:
    """Spot prices come for one asset or all, and a strike for a round or its token."""
    nobody = paper.client("native", None)
    assert nobody.get_spot("btc")["symbol"] == "BTC"
    assert nobody.get_spots()["prices"].keys() >= {"BTC", "ETH"}
    live = nobody.list_updown(asset="BTC", interval="1H", live=True)[0]
    strike = nobody.get_price_to_beat(live["condition_id"])
    assert strike["asset"] == "BTC"
    assert nobody.get_price_to_beat(json.loads(live["markets"][0]["token_ids"])[0]) == strike
    with pytest.raises(PeerRefused) as unknown:
        nobody.get_price_to_beat("0x" + "ab" * 32)
    assert unknown.value.http == 404


def test_simulations(paper: Paper, trader: Client, cid: str) -> None:
    """Fills of the past can be asked for, and a backtest runs to its end."""
    at, start, end = "2026-11-01T10:30:00Z", "2026-11-01T10:00:00Z", "2026-11-01T14:00:00Z"
    filled = trader("simulation.fill", condition_id=cid, shares="5", at=at, limit_price="0.9")
    assert Decimal(filled["filled_shares"]) + Decimal(filled["remaining_shares"]) == 5
    assert trader("simulation.book", condition_id=cid, at=at, depth=2)["condition_id"] == cid
    assert trader("simulation.coverage", cid, start=start, end=end)
    assert "depth_walk" in json.dumps(trader("simulation.fill_models"))
    job = trader(
        "simulation.create_backtest",
        condition_ids=[cid],
        start=start,
        end=end,
        strategy={"type": "buy_and_hold", "shares": "10"},
        idempotency_key="job-1",
    )["job_id"]
    assert trader("simulation.wait", job)["status"] == "completed"
    assert [each["job_id"] for each in trader("simulation.list_backtests")["data"]] == [job]
    for what in ("list_trades", "list_equity"):
        assert trader(f"simulation.{what}", job, limit=10).keys() >= {"data", "next_cursor"}
