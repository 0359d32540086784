"""Mirrors of Polymarket's clients, and one of the originals, trade on PolySimulator."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from polyspec.sandbox.polysimulator.feed import FeedMarket
from tests.interop.casting import PAPER_V1, drive
from tests.interop.driven import Driven, PeerRefused
from tests.interop.paper import Client, Paper

MIRRORS = ("polymarket", "polymarket-async")


@pytest.fixture
def clob(paper: Paper) -> Client:
    """The mirror of py-clob-client."""
    return paper.client("clob")


@pytest.fixture
def market(paper: Paper) -> FeedMarket:
    """The market whose book stands still."""
    return paper.market()


# -- the mirror of py-clob-client --


def test_quotes_of_the_clob_mirror(paper: Paper, market: FeedMarket) -> None:
    """Everything that mirror computes of a book is what the book says, by token and by condition."""
    yes, no = market.token_ids
    told = paper.client("clob").step("quotes", token=yes)
    assert (told["bid"], told["ask"], told["midpoint"]) == ("0.6300", "0.6500", "0.6400")
    assert (told["spread"], told["tick"], told["neg_risk"], told["fee"]) == ("0.0200", 0.01, False, 400)
    assert told["book"]["market"] == market.condition_id
    assert told["several"] == {yes: "0.6400"}
    assert paper.client("clob", None).get_price(no, "SELL")["price"] == "0.3700"
    colon = paper.client("clob").step("quotes", token=f"{market.condition_id}:NO")
    assert (colon["ask"], colon["fee"]) == ("0.3700", 400)


def test_the_clob_mirror_places_lists_and_cancels(paper: Paper, clob: Client, market: FeedMarket) -> None:
    """Orders by token, all of whose figures are floats, rest, are listed in the shape of the CLOB, and go."""
    yes, no = market.token_ids
    first = clob.step("order", token_id=yes, price=0.41, size=12.5, side="BUY")
    second = clob.step("order", token_id=no, price=0.2, size=10, side="BUY", options={"post_only": True})
    soon = int(time.time()) + 600
    third = clob.step("order", token_id=yes, price=0.3, size=5, side="BUY", expiration=soon)
    assert {each["status"] for each in (first, second, third)} == {"PENDING"}
    listed = {each["id"]: each for each in clob.get_orders()}
    assert listed.keys() == {str(each["order_id"]) for each in (first, second, third)}
    mine = listed[str(second["order_id"])]
    assert (mine["outcome"], mine["side"], Decimal(mine["price"])) == ("No", "BUY", Decimal("0.2"))
    assert mine["status"] == "ORDER_STATUS_LIVE"
    assert clob.get_order(str(first["order_id"]))["order_id"] == first["order_id"]
    assert clob.cancel(str(first["order_id"]))["status"] == "CANCELLED"
    gone = clob.cancel_orders([str(first["order_id"]), str(second["order_id"])])
    assert gone["canceled"] == [str(second["order_id"])]
    assert list(gone["not_canceled"]) == [str(first["order_id"])]
    assert clob.cancel_market_orders(asset_id=yes)["canceled"] == [str(third["order_id"])]


def test_the_clob_mirror_trades(paper: Paper, clob: Client, market: FeedMarket) -> None:
    """Dollars buy and shares sell; fills are listed as trades of the token."""
    _, no = market.token_ids
    bought = clob.step("order", market=True, token_id=no, amount=20, side="BUY")
    assert (bought["status"], bought["outcome"]) == ("FILLED", "No")
    quantity = float(bought["quantity"])
    sold = clob.step("order", market=True, token_id=no, amount=quantity, side="SELL", order_type="FAK")
    assert (sold["status"], Decimal(sold["price"])) == ("FILLED", Decimal("0.35"))
    told = clob.get_trades()
    assert [each["side"] for each in told[:2]] == ["SELL", "BUY"]
    assert {each["outcome"] for each in told[:2]} == {"No"}
    assert Decimal(clob.get_balance_allowance()["balance"]) == paper.cash()
    assert clob.get_address()
    assert clob.get_ok()["status"] == "alive"


def test_the_clob_mirror_places_several(clob: Client, market: FeedMarket) -> None:
    """Several orders go out at once and come back in their order."""
    yes, no = market.token_ids
    many = [
        {"token_id": yes, "price": 0.3, "size": 5, "side": "BUY"},
        {"token_id": no, "price": 0.9, "size": 1_000_000, "side": "BUY"},
    ]
    good, bad = clob.step("orders", many=many)
    assert good["status"] == "PENDING"
    assert bad["error"] == "INSUFFICIENT_BALANCE"
    assert clob.cancel_all()["canceled"] == [str(good["order_id"])]


def test_the_clob_mirror_pages_markets(clob: Client, market: FeedMarket) -> None:
    """The classic loop over cursors ends, and has found the market."""
    page = clob.get_markets()
    found = {each["condition_id"] for each in page["data"]}
    while page["next_cursor"] != "LTE=":
        page = clob.get_markets(page["next_cursor"])
        found |= {each["condition_id"] for each in page["data"]}
    assert market.condition_id in found


# -- the mirror of polymarket-client --


@pytest.mark.parametrize("kind", MIRRORS)
def test_quotes_of_the_unified_mirror(paper: Paper, market: FeedMarket, kind: str) -> None:
    """Its typed book has the best last, and its quotes come of that book."""
    yes, _ = market.token_ids
    mirror = paper.client(kind)
    book = mirror.get_order_book(token_id=yes)
    assert (book["bids"][-1]["price"], book["asks"][-1]["price"]) == ("0.63", "0.65")
    assert (book["condition_id"], book["asset_id"], book["tick_size"]) == (market.condition_id, yes, "0.01")
    assert Decimal(mirror.get_midpoint(asset_id=yes)) == Decimal("0.64")
    assert Decimal(mirror.get_price(token_id=yes, side="BUY")) == Decimal("0.65")
    assert Decimal(mirror.estimate_market_price(token_id=yes, side="BUY", amount=5)) == Decimal("0.65")
    for point in mirror.get_price_history(token_id=yes, interval="1d", fidelity=1):
        assert 0 < point["p"] < 1


@pytest.mark.parametrize("kind", MIRRORS)
def test_the_unified_mirror_trades(paper: Paper, market: FeedMarket, kind: str) -> None:
    """It takes what rests for delayed and what fills for matched, and finds the shares in its balance."""
    yes, _ = market.token_ids
    mirror = paper.client(kind)
    rests = mirror.place_limit_order(token_id=yes, price="0.4", size="10", side="BUY", post_only=True)
    assert (rests["ok"], rests["status"]) == (True, "delayed")
    assert mirror.cancel_order(order_id=rests["order_id"])["canceled"] == [rests["order_id"]]
    assert list(mirror.cancel_order(order_id=rests["order_id"])["not_canceled"]) == [rests["order_id"]]
    # the mirror counts shares of closed positions, too
    before = mirror.get_balance_allowance(asset_type="CONDITIONAL", token_id=yes)["balance"]
    filled = mirror.place_market_order(token_id=yes, side="BUY", amount="13", max_price="0.65")
    assert (filled["ok"], filled["status"]) == (True, "matched")
    held = mirror.get_balance_allowance(asset_type="CONDITIONAL", token_id=yes)
    assert held["balance"] - before == 20_000_000
    cash = mirror.get_balance_allowance(asset_type="COLLATERAL")
    assert cash["balance"] == paper.cash() * 1_000_000
    sold = mirror.place_market_order(token_id=yes, side="SELL", shares="20", order_type="FOK")
    assert sold["status"] == "matched"
    assert mirror.get_balance_allowance(asset_type="CONDITIONAL", token_id=yes)["balance"] == before


def test_the_unified_mirror_tells_good_from_bad(paper: Paper, market: FeedMarket) -> None:
    """Of a batch it knows what was taken and what was not; single orders that are refused raise."""
    yes, _ = market.token_ids
    mirror = paper.client("polymarket")
    many = [{"token_id": yes, "price": "0.2", "size": each, "side": "BUY"} for each in ("5", "90000")]
    good, bad = mirror.step("placed_together", many=many)
    assert (good["ok"], bad["ok"]) == (True, False)
    assert bad["message"] == "INSUFFICIENT_BALANCE"
    assert mirror.cancel_market_orders(asset_id=yes)["canceled"] == [good["order_id"]]
    with pytest.raises(PeerRefused) as refused:
        mirror.place_limit_order(token_id=yes, price="0.2", size="90000", side="BUY")
    assert refused.value.code == "INSUFFICIENT_BALANCE"
    again = mirror.place_limit_order(token_id=yes, price="0.2", size="6", side="BUY")
    assert mirror.cancel_all() == {"canceled": [again["order_id"]], "not_canceled": {}}
    assert len(mirror.fetch_api_keys()) >= 1


# -- an original --


@pytest.fixture(scope="module")
def original(paper_stage: Paper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """py-clob-client itself, with a key of the venue where its derived credentials would be."""
    with drive(PAPER_V1, paper_stage.sandbox, tmp_path_factory) as driven:
        driven("connect", key=paper_stage.told["api_key"])
        yield driven


def test_py_clob_client_reads_markets(original: Driven, market: FeedMarket) -> None:
    """The older client of Polymarket reads books and prices here, at the host's ``/v1``."""
    yes, _ = market.token_ids
    told = original("market", token=yes)
    assert abs(told["time"] - time.time()) < 5
    assert (told["book"]["bids"][-1][0], told["book"]["asks"][-1][0]) == ("0.63", "0.65")
    assert (told["book"]["market"], told["books"]) == (market.condition_id, [yes])
    assert (Decimal(told["bid"]), Decimal(told["ask"])) == (Decimal("0.63"), Decimal("0.65"))
    assert (Decimal(told["midpoint"]), Decimal(told["spread"])) == (Decimal("0.64"), Decimal("0.02"))
    assert Decimal(told["midpoints"][yes]) == Decimal("0.64")
    assert Decimal(told["prices"][yes]["BUY"]) == Decimal("0.63")
    assert Decimal(told["spreads"][yes]) == Decimal("0.02")
    assert (told["tick"], told["neg_risk"], told["fee"]) == ("0.01", False, 1000)


def test_py_clob_client_trades(paper: Paper, original: Driven, market: FeedMarket) -> None:
    """Orders it signed, with any key, rest and fill; what it lists and cancels is what the venue has."""
    yes, no = market.token_ids
    rests = original("place", token=yes, side="BUY", price="0.4", size="10")
    assert (rests["success"], rests["status"]) == (True, "live")
    assert original("order", order_id=rests["orderID"])["status"] == "ORDER_STATUS_LIVE"
    (listed,) = original("open_orders", token=yes)
    assert (listed["id"], listed["outcome"]) == (rests["orderID"], "Yes")
    assert paper.told["api_key"] not in str(listed)
    assert original("open_orders", token=no) == []
    assert original("cancel", order_id=rests["orderID"]) == {
        "canceled": [rests["orderID"]],
        "not_canceled": {},
    }
    filled = original("place", token=no, side="BUY", price="0.37", size="10", kind="FOK")
    assert filled["status"] == "matched"
    assert (filled["takingAmount"], filled["makingAmount"]) == ("10000000", "3700000")
    assert Decimal(original("trades", token=no)[0]["size"]) == 10
    assert int(original("balance", token=no)["balance"]) == 10_000_000


def test_py_clob_client_places_several(original: Driven, market: FeedMarket) -> None:
    """The array form takes each order for itself; several ids are cancelled at once."""
    yes, _ = market.token_ids
    order = {"token": yes, "side": "BUY", "price": "0.3"}
    good, bad, late = original(
        "place_many", orders=[{**order, "size": size} for size in ("5", "900000", "6")]
    )
    assert (good["success"], bad["success"], late["success"]) == (True, False, True)
    assert bad["errorMsg"]
    with pytest.raises(PeerRefused) as unconfirmed:
        original("cancel_all")
    assert (unconfirmed.value.http, unconfirmed.value.code) == (400, "CONFIRMATION_REQUIRED")
    ids = [good["orderID"], late["orderID"]]
    told = original("cancel_many", order_ids=[*ids, "999999"])
    assert sorted(told["canceled"]) == sorted(ids)
    assert list(told["not_canceled"]) == ["999999"]
