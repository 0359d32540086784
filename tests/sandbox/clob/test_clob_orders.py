"""Orders: what becomes of them, what is refused and in which words, batches, cancels."""

from __future__ import annotations

from typing import Any

import pytest
from clob_door import Door, units

from polyspec.sandbox.clob.chain import spenders
from polyspec.sandbox.clob.engine import types as t

CROSSES = "invalid post-only order: order crosses book"
FOK = "order couldn't be fully filled. FOK orders are fully filled or killed."
FAK = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
)


# -- outcomes --


def test_an_order_rests_and_is_found(door: Door) -> None:
    """A taken order is live, shows up under its id and among the open ones, and in the book."""
    answer = door.place(price="0.40", size="12.5")
    assert answer == {
        "success": True,
        "errorMsg": "",
        "orderID": answer["orderID"],
        "status": "live",
        "makingAmount": "",
        "takingAmount": "",
        "transactionsHashes": [],
        "tradeIDs": [],
    }
    shown = door.get(f"/data/order/{answer['orderID']}")
    token = door.venue.token_ids[0]
    listing = door.world.listing_of(token)
    assert listing is not None
    assert shown == {
        "id": answer["orderID"],
        "status": "LIVE",
        "owner": door.creds["apiKey"],
        "maker_address": door.address,
        "market": listing.condition_id,
        "asset_id": token,
        "side": "BUY",
        "original_size": "12.5",
        "size_matched": "0",
        "price": "0.4",
        "outcome": "Yes",
        "expiration": "0",
        "order_type": "GTC",
        "associate_trades": [],
        "created_at": shown["created_at"],
    }
    assert abs(shown["created_at"] - door.now) <= 1
    assert door.get("/data/orders")["data"] == [shown]
    assert door.public("/book", token_id=token)["bids"] == [{"price": "0.4", "size": "12.5"}]


def test_statuses_can_be_spelt_with_prefix(open_door: Any) -> None:
    """One of the venue's documents has prefixed statuses; so has the sandbox when told to."""
    door = open_door(prefixed_statuses=True)
    order_id = door.place()["orderID"]
    assert door.get(f"/data/order/{order_id}")["status"] == "ORDER_STATUS_LIVE"


def test_a_match_is_told_to_both(door: Door, other: Door) -> None:
    """The taker gets the better price; both find the same trade, each from its own side."""
    resting = other.place("SELL", "0.45", "8")["orderID"]
    taken = door.place("BUY", "0.50", "10")
    assert (taken["status"], taken["makingAmount"], taken["takingAmount"]) == ("live", "3.6", "8")
    (trade_id,) = taken["tradeIDs"]
    (mine,) = door.get("/data/trades", id=trade_id)["data"]
    (theirs,) = other.get("/data/trades", maker_address=other.address)["data"]
    assert (mine["trader_side"], theirs["trader_side"]) == ("TAKER", "MAKER")
    assert {**theirs, "trader_side": "TAKER"} == mine
    assert (mine["side"], mine["size"], mine["price"], mine["status"]) == ("BUY", "8", "0.45", "MATCHED")
    assert mine["taker_order_id"] == taken["orderID"]
    (maker,) = mine["maker_orders"]
    assert (maker["order_id"], maker["matched_amount"], maker["side"]) == (resting, "8", "SELL")
    assert (maker["owner"], maker["maker_address"]) == (other.creds["apiKey"], other.address)
    assert other.get(f"/data/order/{resting}")["status"] == "MATCHED"


def test_buyers_of_both_outcomes_meet(door: Door, other: Door) -> None:
    """A bid for one outcome is an offer of the other: the pair is made from collateral."""
    yes, no = door.venue.token_ids[:2]
    other.place("BUY", "0.40", "10", token=no)
    assert door.place("BUY", "0.60", "10", token=yes)["status"] == "matched"
    (trade,) = door.get("/data/trades")["data"]
    assert (trade["asset_id"], trade["maker_orders"][0]["asset_id"]) == (yes, no)
    assert (trade["price"], trade["maker_orders"][0]["price"]) == ("0.6", "0.4")


def test_kill_orders(door: Door, other: Door) -> None:
    """FAK takes what is there, FOK all or nothing; both leave nothing behind."""
    assert door.refused("BUY", "0.50", order_type="FAK") == (400, FAK)
    other.place("SELL", "0.50", "10")
    assert door.refused("BUY", "0.50", "20", order_type="FOK") == (400, FOK)
    taken = door.place("BUY", "0.50", "16", order_type="FAK")
    assert (taken["status"], taken["takingAmount"]) == ("matched", "10")
    assert door.get("/data/orders")["data"] == []
    other.place("SELL", "0.50", "10")
    assert door.place("BUY", "0.50", "10", order_type="FOK")["status"] == "matched"


def test_market_buys_spend_their_amount(door: Door, other: Door) -> None:
    """A market buy is in collateral: at a better price it gets more shares."""
    other.place("SELL", "0.40", "100")
    taken = door.place("BUY", "0.50", "20", order_type="FAK")
    assert (taken["makingAmount"], taken["takingAmount"]) == ("10", "25")


# -- refusals --


def test_post_only_orders_do_not_cross(door: Door, other: Door) -> None:
    """They rest, or are refused."""
    other.place("SELL", "0.50")
    assert door.refused("BUY", "0.50", postOnly=True) == (400, CROSSES)
    assert door.place("BUY", "0.49", postOnly=True)["status"] == "live"


def test_post_only_is_for_orders_that_rest(door: Door) -> None:
    """It makes no sense for FOK and FAK."""
    for order_type in ("FOK", "FAK"):
        status, text = door.refused(order_type=order_type, postOnly=True)
        assert (status, text) == (400, "invalid post-only order: only GTC and GTD order types are allowed")


def test_prices_keep_to_the_tick(door: Door) -> None:
    """Off the grid, zero and one are refused with the order's own id and price."""
    for price in ("0.405", "1"):
        order = door.order(price=price)
        answer = door.send("POST", "/order", door.sent(order))
        assert answer.status_code == 400
        assert answer.json()["error"].endswith(
            f"is invalid. Price ({price}) breaks minimum tick size rule: 0.01"
        )
        assert answer.json()["error"].startswith("order 0x")


def test_orders_have_a_least_size(door: Door) -> None:
    """Fewer than five shares are refused."""
    status, text = door.refused(size="4.99")
    assert status == 400
    assert text.endswith("is invalid. Size (4.99) lower than the minimum: 5")


def test_marketable_buys_have_a_least_amount(door: Door, other: Door) -> None:
    """A buy that matches at once must offer a unit of collateral."""
    other.place("SELL", "0.15", "10")
    status, text = door.refused("BUY", "0.15", "6")
    assert (status, text) == (400, "invalid amount for a marketable BUY order ($0.9), min size: $1")


def test_orders_are_taken_once(door: Door) -> None:
    """The identical order again is a duplicate."""
    order = door.order()
    order_id = door.post("/order", door.sent(order))["orderID"]
    answer = door.send("POST", "/order", door.sent(order))
    assert (answer.status_code, answer.json()["error"]) == (400, f"order {order_id} is invalid. Duplicated.")


@pytest.mark.parametrize(
    ("order_type", "ahead", "good"),
    [("GTD", 181, True), ("GTD", 179, False), ("GTD", None, False), ("GTC", 600, False), ("FOK", 600, False)],
)
def test_expirations(door: Door, order_type: str, ahead: int | None, good: bool) -> None:
    """Good-till-date needs three minutes, others take none."""
    expiration = "0" if ahead is None else str(door.now + ahead)
    answer = door.post_order(order_type=order_type, expiration=expiration)
    if good:
        assert answer.json()["status"] == "live"
    else:
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid expiration")


def test_dated_orders_end_a_minute_early(door: Door) -> None:
    """They are live until then and expired after."""
    order_id = door.place(order_type="GTD", expiration=str(door.now + 200))["orderID"]
    door.pass_time(138)
    assert door.get(f"/data/order/{order_id}")["status"] == "LIVE"
    door.pass_time(3)
    assert door.get(f"/data/order/{order_id}")["status"] == "CANCELED_EXPIRED_ORDER"
    assert door.get("/data/orders")["data"] == []


def test_balances_must_cover_open_orders(door: Door) -> None:
    """The sum of what is open and the new order counts; the numbers are told."""
    door.place("BUY", "0.50", "15000")
    status, text = door.refused("BUY", "0.50", "10000")
    assert status == 400
    assert text == (
        "not enough balance / allowance: the balance is not enough -> balance: 10000000000, "
        "sum of active orders: 7500000000, sum of matched orders: 0, order amount (inc. fees): 5000000000"
    )


def test_each_wallet_has_its_own_balance(door: Door) -> None:
    """What one wallet of a key has open takes nothing from the others."""
    for kind in (0, 1, 2, 3):
        assert door.place("BUY", "0.50", "19000", kind=kind)["status"] == "live"
        assert door.refused("BUY", "0.50", "19000", kind=kind)[1].startswith("not enough balance / allowance")


def test_allowances_count(door: Door) -> None:
    """Without the allowance of the market's exchange a balance is worth nothing there."""
    spender = spenders(137)[0].lower()
    with door.world.lock:
        door.world.apply(t.SetAllowance(wallet=door.address.lower(), spender=spender, amount=0))
        door.world.apply(t.SetApproval(wallet=door.address.lower(), spender=spender, approved=False))
    for side in ("BUY", "SELL"):
        status, text = door.refused(side)
        assert status == 400
        assert text.startswith("not enough balance / allowance: the allowance is not enough")
    assert door.place(price="0.10", token=door.venue.neg_risk_token_ids[0])["status"] == "live"


@pytest.mark.parametrize(
    ("maker", "taker", "strict", "lenient"),
    [
        ("1000000", "2500000", True, True),
        ("1000000", "4219400", True, True),
        ("1000000", "4219409", False, False),
        ("1000000", "4219401", False, False),
        ("1000000", "4219410", False, True),
        ("1001000", "4223600", False, False),
    ],
)
def test_market_buys_have_an_accuracy(
    open_door: Any, maker: str, taker: str, strict: bool, lenient: bool
) -> None:
    """Two decimals of collateral, four of shares; a lenient venue allows more of the latter on fine ticks."""
    for precise, good in ((True, strict), (False, lenient)):
        door = open_door(market_precision=precise)
        token = door.venue.token_ids[2]
        status, text = door.refused(
            "BUY", "0.4", token=token, makerAmount=maker, takerAmount=taker, order_type="FAK"
        )
        assert status == 400
        if good:
            assert not text.startswith("invalid amounts")
        else:
            assert text.startswith(
                "invalid amounts, the market buy orders maker amount supports a max accuracy of 2"
            )


def test_unknown_tokens_have_no_book(door: Door) -> None:
    """An order for a token nobody lists is refused after its signature was checked."""
    status, text = door.refused(token="12345")
    assert (status, text) == (400, "the orderbook 12345 does not exist")


def test_markets_that_do_not_take_orders(door: Door) -> None:
    """Paused ones are not ready, closed ones have no book."""
    listing = door.world.listing_of(door.venue.token_ids[0])
    assert listing is not None
    door.control("POST", f"markets/{listing.condition_id}", {"status": "PAUSED"})
    assert door.refused() == (400, "the market is not yet ready to process new orders")
    door.control("POST", f"markets/{listing.condition_id}", {"status": "CLOSED"})
    assert door.refused()[1] == f"the orderbook {listing.token_ids[0]} does not exist"


# -- batches --


def test_batches_answer_each_order(door: Door, other: Door) -> None:
    """In the order sent, with 200, whatever becomes of each."""
    other.place("SELL", "0.50", "10")
    answers = door.post(
        "/orders",
        [
            door.sent(door.order(price="0.40")),
            door.sent(door.order(size="1")),
            door.sent({**door.order(), "signature": "0x"}),
            door.sent(door.order(price="0.50", size="10"), "FOK"),
        ],
    )
    assert [each["success"] for each in answers] == [True, False, False, True]
    assert [each["status"] for each in answers] == ["live", "", "", "matched"]
    assert [bool(each["orderID"]) for each in answers] == [True, False, False, True]
    assert answers[1]["errorMsg"].endswith("lower than the minimum: 5")
    assert answers[2]["errorMsg"] == "invalid signature"


def test_batches_have_a_limit(door: Door) -> None:
    """Fifteen are taken, sixteen and none are refused as a whole."""
    assert all(each["success"] for each in door.post("/orders", [door.sent(door.order()) for _ in range(15)]))
    answer = door.send("POST", "/orders", [door.sent(door.order()) for _ in range(16)])
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "Too many orders in payload: 16, max allowed: 15",
    )
    assert door.send("POST", "/orders", []).json()["error"] == "Invalid order payload"
    assert len(door.get("/data/orders")["data"]) == 15


def test_batches_are_of_one_owner(door: Door, other: Door) -> None:
    """One order of somebody else spoils the whole request, and nothing is placed."""
    mixed = [door.sent(door.order()), {**door.sent(door.order()), "owner": other.creds["apiKey"]}]
    answer = door.send("POST", "/orders", mixed)
    assert answer.json()["error"] == "the order owner has to be the owner of the API KEY"
    assert door.get("/data/orders")["data"] == []


# -- cancels --


def test_cancels_tell_what_they_did(door: Door, other: Door) -> None:
    """Own open orders are cancelled, everything else is named with its reason, with 200."""
    mine, theirs = door.place()["orderID"], other.place()["orderID"]
    gone = "order can't be found - already canceled or matched"
    assert door.delete("/order", {"orderID": mine}) == {"canceled": [mine], "not_canceled": {}}
    assert door.delete("/order", {"orderID": mine}) == {"canceled": [], "not_canceled": {mine: gone}}
    unknown = "0x" + "5" * 64
    assert door.delete("/orders", [theirs, unknown, unknown]) == {
        "canceled": [],
        "not_canceled": {theirs: gone, unknown: gone},
    }
    assert other.get(f"/data/order/{theirs}")["status"] == "LIVE"


def test_matched_orders_stay_matched(door: Door, other: Door) -> None:
    """What matched completely cannot be cancelled, and the reason says so."""
    order_id = door.place("SELL", "0.50")["orderID"]
    other.place("BUY", "0.50")
    told = door.delete("/order", {"orderID": order_id})
    assert told == {"canceled": [], "not_canceled": {order_id: "matched orders can't be canceled"}}


def test_many_cancels_count_once(door: Door) -> None:
    """Ids that are there twice are cancelled once; their case does not matter."""
    ids = [door.place()["orderID"] for _ in range(3)]
    told = door.delete("/orders", [ids[0], ids[0].upper().replace("0X", "0x"), ids[1]])
    assert told == {"canceled": ids[:2], "not_canceled": {}}


def test_cancels_have_a_limit(door: Door) -> None:
    """A thousand ids, not one more."""
    ids = [f"0x{number:064x}" for number in range(1001)]
    assert len(door.delete("/orders", ids[:1000])["not_canceled"]) == 1000
    answer = door.send("DELETE", "/orders", ids)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "Too many orders in payload, max allowed: 1000",
    )


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/order", {"orderID": "0x12"}, "Invalid orderID"),
        ("/order", {"orderID": 5}, "Invalid order payload"),
        ("/order", {}, "Invalid order payload"),
        ("/orders", {"orderIDs": []}, "Invalid order payload"),
        ("/orders", ["x"], "Invalid orderID"),
        ("/cancel-market-orders", {}, "Invalid order payload"),
        ("/cancel-market-orders", {"market": 5}, "Invalid order payload"),
    ],
)
def test_bad_cancels(door: Door, path: str, body: Any, words: str) -> None:
    """What names no order is 400."""
    answer = door.send("DELETE", path, body)
    assert (answer.status_code, answer.json()) == (400, {"error": words})


def test_cancels_by_market_and_token(door: Door) -> None:
    """A market has two tokens; each alone, or both."""
    yes, no = door.venue.token_ids[:2]
    listing = door.world.listing_of(yes)
    assert listing is not None
    a, b = door.place(token=yes)["orderID"], door.place(token=no)["orderID"]
    c = door.place(price="0.10", token=door.venue.neg_risk_token_ids[0])["orderID"]
    assert door.delete("/cancel-market-orders", {"asset_id": yes})["canceled"] == [a]
    assert door.delete("/cancel-market-orders", {"market": listing.condition_id})["canceled"] == [b]
    assert door.delete("/cancel-all")["canceled"] == [c]
    assert door.delete("/cancel-all") == {"canceled": [], "not_canceled": {}}


def test_keys_of_one_wallet_are_apart(door: Door) -> None:
    """Orders belong to a key: another key of the same wallet neither sees nor cancels them."""
    order_id = door.place()["orderID"]
    second = door.good(door.raw("POST", "/auth/api-key", headers=door.level1(nonce=1)))
    headers = door.level2("GET", "/data/orders", **second)
    assert door.raw("GET", "/data/orders", headers=headers).json()["data"] == []
    headers = door.level2("DELETE", "/cancel-all", **second)
    assert door.raw("DELETE", "/cancel-all", headers=headers).json()["canceled"] == []
    assert door.get(f"/data/order/{order_id}")["status"] == "LIVE"


# -- lists --


def test_lists_select(door: Door) -> None:
    """By id, by market, by token; newest first; page by page."""
    yes, no = door.venue.token_ids[:2]
    a, b = door.place(token=yes)["orderID"], door.place(token=no)["orderID"]
    listing = door.world.listing_of(yes)
    assert listing is not None

    def ids(**query: str) -> list[str]:
        return [each["id"] for each in door.get("/data/orders", **query)["data"]]

    assert ids() == ids(market=listing.condition_id) == [b, a]
    assert ids(asset_id=yes) == ids(id=a) == [a]
    assert ids(market="0x" + "1" * 64) == ids(id=b, asset_id=yes) == []


def test_pages_end(door: Door) -> None:
    """The last cursor ends the list and is refused when sent back; nonsense is refused too."""
    for _ in range(3):
        door.place()
    whole = door.get("/data/orders", next_cursor="MA==")
    assert (whole["limit"], whole["count"], whole["next_cursor"]) == (500, 3, "LTE=")
    for cursor in ("LTE=", "nonsense", "eA==", "LTI="):
        answer = door.send("GET", "/data/orders", params={"next_cursor": cursor})
        assert (answer.status_code, answer.json()) == (400, {"error": "Invalid next_cursor"})
    assert door.get("/data/pre-migration-orders") == {
        "limit": 500,
        "count": 0,
        "next_cursor": "LTE=",
        "data": [],
    }


def test_long_lists_come_in_pages(door: Door) -> None:
    """More than a page is told by a cursor, and the pages together are the list."""
    with door.world.lock:
        owner = door.creds["apiKey"]
        commands = [
            t.PlaceOrder(
                order_id=f"0x{number:064x}",
                owner=owner,
                wallet=door.address.lower(),
                token_id=door.venue.token_ids[0],
                side=t.Side.BUY,
                maker_amount=units("0.05"),
                taker_amount=units("5"),
            )
            for number in range(620)
        ]
        door.world.apply_all(commands)
    first = door.get("/data/orders")
    assert first["count"] == len(first["data"]) == 500
    rest = door.get("/data/orders", next_cursor=first["next_cursor"])
    assert (rest["count"], rest["next_cursor"]) == (120, "LTE=")
    assert len({each["id"] for each in first["data"] + rest["data"]}) == 620


def test_orders_of_others_are_not_found(door: Door, other: Door) -> None:
    """Unknown ids and those of other keys are alike."""
    theirs = other.place()["orderID"]
    for order_id in (theirs, "0x" + "4" * 64):
        answer = door.send("GET", f"/data/order/{order_id}")
        assert (answer.status_code, answer.json()) == (404, {"error": "Order not found"})
    assert door.send("GET", "/data/order/5").json() == {"error": "Invalid orderID"}
