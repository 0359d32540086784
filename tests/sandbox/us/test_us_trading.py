"""Order entry over HTTP: what is acknowledged, and what becomes of it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from us_door import GAME, KC, Door

from polyspec.sandbox import Sandbox


def test_an_order_is_acknowledged_with_its_id_only(door: Door) -> None:
    """The answer of an insert is an id; the order is in the book."""
    answer = door.post("/v1/trading/orders", door.order(clordId="mine"))
    assert list(answer) == ["orderId"]
    (opened,) = door.get("/v1/trading/orders/open")["orders"]
    assert opened["id"] == answer["orderId"]
    assert opened["state"] == "ORDER_STATE_NEW"
    assert (opened["orderQty"], opened["leavesQty"], opened["cumQty"], opened["price"]) == (
        "10",
        "10",
        "0",
        "500",
    )
    assert (opened["clordId"], opened["account"], opened["participant"]) == (
        "mine",
        door.account,
        door.participant,
    )
    assert (opened["priceScale"], opened["fractionalQuantityScale"]) == ("1000", "1")


def test_a_trade_fills_both_sides(door: Door, other: Door) -> None:
    """A crossing order trades at the resting price; both parties see their own side."""
    resting = other.place("SELL", 550, 10)
    taking = door.place("BUY", 560, 4)
    order = door.read_order(taking)
    assert (order["state"], order["avgPx"], order["cumQty"]) == ("ORDER_STATE_FILLED", "550", "4")
    assert order["priceToQuantityFilled"] == {"550": "4"}
    assert other.read_order(resting)["state"] == "ORDER_STATE_PARTIALLY_FILLED"
    assert [each["type"] for each in door.executions(taking)] == ["EXECUTION_TYPE_NEW", "EXECUTION_TYPE_FILL"]
    (trade,) = door.post("/v1/report/trades/search")["trade"]
    assert trade["aggressor"]["aggressor"] is True
    assert "passive" not in trade
    (seen,) = other.post("/v1/report/trades/search")["trade"]
    assert seen["id"] == trade["id"]
    assert "aggressor" not in seen


def test_rejects_come_later_as_executions(door: Door) -> None:
    """A bad order gets 200 and an id, then a rejected execution with the venue's text."""
    for changes, text, reason in (
        ({"symbol": "nothing-here"}, "", "UNKNOWN_SYMBOL"),
        ({"symbol": "aec-nhl-nyr-bos-2026-11-20", "price": 50}, "Book is CLOSED", "EXCHANGE_CLOSED"),
        ({"symbol": "aec-epl-ars-che-2026-11-28", "price": 50}, "Book is SUSPENDED", "EXCHANGE_CLOSED"),
        ({"price": 1000}, "High price limit is", "EXCHANGE_OPTION"),
        ({"symbol": "asc-nfl-kc-buf-2026-11-29-pos-3pt5", "price": 502}, "", "INVALID_PRICE_INCREMENT"),
        ({"orderQty": 100_000}, "10000 USD available, requested", "EXCHANGE_OPTION"),
    ):
        order_id = door.place(**changes)
        told, why = door.refusal(order_id)
        assert told.startswith(text), told
        assert why == f"ORD_REJECT_REASON_{reason}"
        assert door.read_order(order_id)["state"] == "ORDER_STATE_REJECTED"
    assert door.get("/v1/trading/orders/open")["orders"] == []


def test_notional_limit_of_an_instrument(door: Door) -> None:
    """An instrument with a least notional says what it is and what was given."""
    order_id = door.place(symbol="tsc-nba-bos-lal-2026-11-28-224pt5", price=50, quantity=100)
    text, _ = door.refusal(order_id)
    assert text == "Low total notional size limit is 1, given 0.5"


def test_client_ids_are_unique_among_open_orders_only(door: Door) -> None:
    """A second open order of the same client id is rejected; a canceled one frees it."""
    first = door.place(clordId="twice")
    assert door.refusal(door.place(clordId="twice"))[0] == "ClOrdID already in use by an open order"
    door.post("/v1/trading/orders/cancel", {"orderId": first})
    assert door.read_order(door.place(clordId="twice"))["state"] == "ORDER_STATE_NEW"


def test_post_only_never_takes(door: Door, other: Door) -> None:
    """A post-only order that would match is rejected."""
    other.place("SELL", 550)
    text, _ = door.refusal(door.place("BUY", 550, participateDontInitiate=True))
    assert text == "Order may participate but not initiate in the market"


def test_fill_or_kill_and_immediate_or_cancel(door: Door, other: Door) -> None:
    """FOK fills whole or expires; IOC takes what is there."""
    other.place("SELL", 550, 5)
    killed = door.place("BUY", 550, 10, timeInForce="TIME_IN_FORCE_FILL_OR_KILL")
    assert [each["type"] for each in door.executions(killed)] == [
        "EXECUTION_TYPE_NEW",
        "EXECUTION_TYPE_EXPIRED",
    ]
    taken = door.place("BUY", 550, 10, timeInForce="TIME_IN_FORCE_IMMEDIATE_OR_CANCEL")
    assert door.read_order(taken)["cumQty"] == "5"
    assert door.get("/v1/trading/orders/open")["orders"] == []


def test_good_till_time_ends_by_itself(door: Door) -> None:
    """An order's time runs out even in a book where nothing else happens."""
    until = "2099-01-01T00:00:00Z"
    order_id = door.place(timeInForce="TIME_IN_FORCE_GOOD_TILL_TIME", goodTillTime=until)
    assert door.read_order(order_id)["goodTillTime"] == until
    soon = door.world.clock.now().timestamp() + 60
    import datetime as dt

    ends = dt.datetime.fromtimestamp(soon, dt.UTC).isoformat()
    brief = door.place(timeInForce="TIME_IN_FORCE_GOOD_TILL_TIME", goodTillTime=ends)
    door.world.clock.advance(61)
    assert door.read_order(brief)["state"] == "ORDER_STATE_EXPIRED"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "ORDER_TYPE_UNDEFINED"},
        {"orderQty": 0},
        {"orderQty": 10, "cashOrderQty": 10},
        {"orderQty": -1},
        {"price": -1},
        {"symbol": ""},
        {"timeInForce": "TIME_IN_FORCE_GOOD_TILL_TIME"},
    ],
)
def test_what_no_gateway_passes_on_is_refused_at_once(door: Door, changes: dict[str, Any]) -> None:
    """A request that is no order is 400 and leaves no trace."""
    answer = door.send("POST", "/v1/trading/orders", json=door.order(**changes))
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert door.post("/v1/report/executions/search")["executions"] == []


def test_accounts_and_users_of_others_are_refused(door: Door, other: Door) -> None:
    """An order for somebody else's account is denied; a colleague may be acted for."""
    answer = door.send("POST", "/v1/trading/orders", json=door.order(account=other.account))
    assert answer.status_code == 403
    maker = door.world.maker.name
    assert door.send("POST", "/v1/trading/orders", json=door.order(user=maker)).status_code == 403
    order_id = door.place(user=other.participant)
    order = other.read_order(order_id)
    assert (order["participant"], order["submittingParticipant"]) == (other.participant, door.participant)


def test_wire_only_fields_come_back(door: Door) -> None:
    """What the engine does not care about is still carried on the order."""
    order = door.read_order(
        door.place(
            clientAccountId="desk-1",
            clientParticipantId="alice",
            orderCapacity="ORDER_CAPACITY_AGENCY",
            manualOrderIndicator="MANUAL_ORDER_INDICATOR_AUTOMATED",
        )
    )
    assert (order["clientAccountId"], order["clientParticipantId"]) == ("desk-1", "alice")
    assert order["orderCapacity"] == "ORDER_CAPACITY_AGENCY"
    assert order["manualOrderIndicator"] == "MANUAL_ORDER_INDICATOR_AUTOMATED"


# -- lists and crosses --


def test_a_list_is_entered_one_by_one(door: Door) -> None:
    """Each entry of a batch stands or falls alone, in the order sent."""
    body = {"requests": [door.order(clordId="a"), door.order(price=2000), door.order(clordId="c")]}
    ids = [each["orderId"] for each in door.post("/v1/trading/orders/list", body)["responses"]]
    states = [door.read_order(each)["state"] for each in ids]
    assert states == ["ORDER_STATE_NEW", "ORDER_STATE_REJECTED", "ORDER_STATE_NEW"]


@pytest.mark.parametrize("path", ["", "/cancel", "/replace"])
def test_batches_have_at_most_twenty_entries(door: Door, path: str) -> None:
    """Twenty-one operations are refused whole, none are too."""
    url = f"/v1/trading/orders{path}/list"
    entry = door.order() if not path else {"orderId": "x"}
    for count in (0, 21):
        answer = door.send("POST", url, json={"requests": [entry] * count})
        assert answer.status_code == 400, count
    assert door.send("POST", url, json={"requests": [entry] * 20}).status_code == 200


def test_a_cross_trades_with_itself(door: Door, other: Door) -> None:
    """The two orders of a cross fill each other at their price."""
    buy = door.order("BUY", 500, 7, clordId="xb")
    sell = door.order("SELL", 500, 7, clordId="xs", user=other.participant)
    answer = door.post(
        "/v1/trading/orders/cross",
        {"requests": [buy, sell], "crossType": "CROSS_TYPE_ALL_OR_NONE", "crossId": "x1"},
    )
    ids = [each["orderId"] for each in answer["responses"]]
    assert door.read_order(ids[0])["state"] == "ORDER_STATE_FILLED"
    assert other.read_order(ids[1])["state"] == "ORDER_STATE_FILLED"
    (trade,) = door.post("/v1/report/trades/search")["trade"]
    assert trade["tradeType"] == "TRADE_TYPE_CROSS"


def test_a_cross_needs_two_sides_that_fit(door: Door) -> None:
    """One order, two buys or unequal prices make no cross."""
    for requests in (
        [door.order()],
        [door.order(), door.order()],
        [door.order("BUY", 500), door.order("SELL", 501)],
    ):
        assert door.send("POST", "/v1/trading/orders/cross", json={"requests": requests}).status_code == 400


# -- preview --


def test_a_preview_shows_and_changes_nothing(door: Door, other: Door) -> None:
    """The commission of what would fill is shown; no order, no execution, no id follows."""
    other.place("SELL", 50, 312, symbol=GAME)
    before = door.sandbox.exchange.state_hash()
    body = {"request": door.order("BUY", 50, 312, symbol=GAME)}
    shown = door.post("/v1/trading/orders/preview", body)["previewOrder"]
    # 0.0695 x 3.12 x 0.50 x 0.50 = 0.0542, that is 5 cents, times both scales
    assert shown["commissionNotionalTotalCollected"] == "500"
    assert door.sandbox.exchange.state_hash() == before


# -- cancel --


def test_cancel_by_either_id(door: Door) -> None:
    """An order is found by its id or by the client's, and the answer is empty."""
    by_id, by_client = door.place(), door.place(clordId="mine")
    assert door.post("/v1/trading/orders/cancel", {"orderId": by_id, "symbol": KC}) == {}
    assert door.post("/v1/trading/orders/cancel", {"clord_id": "mine"}) == {}
    assert {door.read_order(each)["state"] for each in (by_id, by_client)} == {"ORDER_STATE_CANCELED"}


def test_a_cancel_that_finds_nothing_is_still_answered(door: Door, other: Door) -> None:
    """Order entry is asynchronous: an unknown or foreign order is no HTTP error, and is not touched."""
    foreign = other.place()
    for order_id in ("nothing", foreign):
        assert door.post("/v1/trading/orders/cancel", {"orderId": order_id}) == {}
    assert other.read_order(foreign)["state"] == "ORDER_STATE_NEW"
    assert door.send("POST", "/v1/trading/orders/cancel", json={"symbol": KC}).status_code == 400


def test_cancels_may_be_repeated_and_listed(door: Door) -> None:
    """A list answers once per entry; repeating it changes nothing."""
    ids = [door.place(price=500 + place) for place in range(3)]
    body = {"requests": [{"orderId": each} for each in ids]}
    for _ in range(2):
        assert door.post("/v1/trading/orders/cancel/list", body) == {"responses": [{}, {}, {}]}
    assert door.get("/v1/trading/orders/open")["orders"] == []


# -- replace --


def test_a_replace_keeps_the_id(door: Door) -> None:
    """Price and quantity change under the same order id, and an execution says so."""
    order_id = door.place("BUY", 500, 10)
    body = {"orderId": order_id, "symbol": KC, "price": 510, "orderQty": 6}
    assert door.post("/v1/trading/orders/replace", body) == {}
    order = door.read_order(order_id)
    assert (order["price"], order["orderQty"], order["state"]) == ("510", "6", "ORDER_STATE_NEW")
    assert [each["type"] for each in door.executions(order_id)] == [
        "EXECUTION_TYPE_NEW",
        "EXECUTION_TYPE_REPLACE",
    ]


def test_a_refused_replace_leaves_the_order(door: Door) -> None:
    """An impossible price changes nothing, and the answer is still empty."""
    order_id = door.place()
    body = {"requests": [{"orderId": order_id, "price": 5000}, {"orderId": "nothing", "price": 1}]}
    assert door.post("/v1/trading/orders/replace/list", body) == {"responses": [{}, {}]}
    assert door.read_order(order_id)["price"] == "500"


# -- open orders --


def test_open_orders_by_symbol_and_account(door: Door, other: Door) -> None:
    """Both filters may repeat; orders of others never show."""
    mine = door.place()
    game = door.place(symbol=GAME, price=40)
    other.place()

    def ids(**params: Any) -> list[str]:
        return [each["id"] for each in door.get("/v1/trading/orders/open", **params)["orders"]]

    assert ids() == [mine, game]
    assert ids(symbols=[GAME]) == [game]
    assert ids(symbols=[GAME, KC]) == [mine, game]
    assert ids(accounts=[other.account]) == []


# -- the moment in between --


def test_with_a_delay_orders_are_pending_first() -> None:
    """An acknowledged order shows as PENDING_NEW until the engine has it; a cancel reaches it even then."""
    with Sandbox(quiet=True, port=False, rate_limits=False, entry_delay=2.0) as sandbox:
        door = Door(sandbox)
        kept, dropped = door.place(clordId="kept"), door.place(clordId="dropped")
        assert {each["state"] for each in door.get("/v1/trading/orders/open")["orders"]} == {
            "ORDER_STATE_PENDING_NEW"
        }
        door.post("/v1/trading/orders/cancel", {"clordId": "dropped"})
        assert door.read_order(dropped)["state"] == "ORDER_STATE_PENDING_CANCEL"
        found = door.post("/v1/report/orders/search", {"clordId": "kept"})["order"]
        assert [each["id"] for each in found] == [kept]
        door.world.clock.advance(3)
        assert door.read_order(kept)["state"] == "ORDER_STATE_NEW"
        assert door.read_order(dropped)["state"] == "ORDER_STATE_CANCELED"
        door.close()


def test_states_of_an_instrument_govern_entry(door: Door) -> None:
    """Suspended books take cancels only, halted ones nothing, pre-open ones match on opening."""

    def move(state: str) -> None:
        door.control("POST", f"instruments/{KC}/state", {"state": state})

    resting = door.place()
    move("HALTED")
    door.post("/v1/trading/orders/cancel", {"orderId": resting})
    assert door.read_order(resting)["state"] == "ORDER_STATE_NEW"
    move("SUSPENDED")
    assert door.refusal(door.place())[0] == "Book is SUSPENDED"
    door.post("/v1/trading/orders/cancel", {"orderId": resting})
    assert door.read_order(resting)["state"] == "ORDER_STATE_CANCELED"


def test_errors_of_http_are_not_results_of_orders(door: Door) -> None:
    """A throttled insert was not executed."""
    door.sandbox.faults.add(kind="rate_limit", operation="OrderEntryAPI_InsertOrder")
    answer: httpx.Response = door.send("POST", "/v1/trading/orders", json=door.order())
    assert answer.json() == {"code": 8, "message": "rate limit exceeded", "details": []}
    assert door.get("/v1/trading/orders/open")["orders"] == []
