"""Combos, and requests for quotes from the question to the trade."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from us_door import GAME, KC, Door

from polyspec.sandbox import Sandbox
from polyspec.sandbox.engine.journal import JournalError
from polyspec.sandbox.us.combinations import WEEKLY_QUOTA
from polyspec.sandbox.us.desk import Desk

LEGS = [{"symbol": KC, "side": "SIDE_BUY"}, {"symbol": GAME, "side": "SIDE_SELL"}]


def combo(door: Door, legs: Any = None) -> str:
    """Create a combo and return its symbol."""
    return str(door.post("/v1/combos", {"legs": legs or LEGS})["combo"]["id"])


def ask(door: Door, symbol: str, **changes: Any) -> Any:
    """Ask for quotes."""
    body = {"symbol": symbol, "restRemainder": False, "account": door.account, "qtyDecimal": "10", **changes}
    return door.send(
        "POST", "/v1/rfqs", json={name: value for name, value in body.items() if value is not None}
    )


def quote(door: Door, rfq: str, buy: str = "0.6", sell: str = "0.5", **changes: Any) -> Any:
    """Quote."""
    body = {
        "rfqId": rfq,
        "buyPrice": buy,
        "sellPrice": sell,
        "restRemainder": False,
        "account": door.account,
        **changes,
    }
    return door.send("POST", "/v1/rfqs/quotes", json=body)


def quotes(door: Door, **params: Any) -> list[Any]:
    """Return the quotes the caller sees."""
    return list(door.get("/v1/rfqs/quotes", **params)["quotes"])


# -- combos --


def test_the_same_legs_are_the_same_combo(door: Door, other: Door) -> None:
    """Order of legs and creator do not matter; another side makes another instrument."""
    first = combo(door)
    assert first.startswith("caoc-")
    assert combo(other, LEGS[::-1]) == first
    assert combo(door, [LEGS[0], {"symbol": GAME, "side": "SIDE_BUY"}]) != first
    (found,) = door.get("/v1/combos", symbol=first)["combos"]
    assert found["state"] == "INSTRUMENT_STATE_OPEN"
    assert found["tickSize"] == 0.001
    assert door.get("/v1/combos", symbol="caoc-none")["combos"] == []
    assert first in door.post("/v1/refdata/symbols")["symbols"]


@pytest.mark.parametrize(
    "legs",
    [
        LEGS[:1],
        [LEGS[0], LEGS[0]],
        [{"symbol": f"x{place}", "side": "SIDE_BUY"} for place in range(11)],
        [LEGS[0], {"symbol": "nothing", "side": "SIDE_BUY"}],
        [LEGS[0], {"symbol": "aec-nhl-nyr-bos-2026-11-20", "side": "SIDE_BUY"}],
        [LEGS[0], {"symbol": GAME, "side": "SIDE_UNDEFINED"}],
    ],
)
def test_impossible_combos_are_refused(door: Door, legs: Any) -> None:
    """Too few, too many, doubled, unknown or closed legs make no instrument."""
    assert door.send("POST", "/v1/combos", json={"legs": legs}).status_code == 400


def test_the_weekly_quota(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """New combos are counted per participant and week; existing ones cost nothing."""
    assert WEEKLY_QUOTA == 1000
    monkeypatch.setattr("polyspec.sandbox.us.combinations.WEEKLY_QUOTA", 1)
    combo(door)
    combo(door)
    fresh = [LEGS[0], {"symbol": GAME, "side": "SIDE_BUY"}]
    answer = door.send("POST", "/v1/combos", json={"legs": fresh})
    assert (answer.status_code, answer.json()["code"]) == (429, 8)
    door.pass_time(8 * 86_400)
    combo(door, fresh)


def test_a_combo_settles_with_its_last_leg(door: Door) -> None:
    """The value of a combo is the product of its legs, sides considered."""
    symbol = combo(door)
    door.control("POST", "settle", {"symbol": KC, "price": 1000})
    assert "stats" not in door.get(f"/v1/instruments/{symbol}/settlement")
    door.control("POST", "settle", {"symbol": GAME, "price": 50})
    assert door.get(f"/v1/instruments/{symbol}/settlement")["stats"]["settlementPx"] == "500"


# -- requests --


def test_a_request_is_public_and_pseudonymous(door: Door, other: Door) -> None:
    """Everybody sees it, under a name that is the same every time and not the participant's."""
    symbol = combo(door)
    rfq = ask(door, symbol).json()["rfqId"]
    (seen,) = other.get("/v1/rfqs")["rfqs"]
    assert (seen["id"], seen["qtyDecimal"], seen["status"]) == (rfq, "10", "RFQ_STATUS_OPEN")
    assert seen["rfqCreatorUserId"] == door.get("/v1/rfqs/user-id")["rfqUserId"]
    assert "trader" not in seen["rfqCreatorUserId"]
    assert "cashOrderQty" not in seen
    assert {leg["symbol"] for leg in seen["comboLegs"]} == {KC, GAME}
    assert "settlementPrice" not in seen["comboLegs"][0]
    door.control("POST", "settle", {"symbol": GAME, "price": 0})
    legs = {leg["symbol"]: leg for leg in other.get("/v1/rfqs", rfqId=rfq)["rfqs"][0]["comboLegs"]}
    assert legs[GAME]["settlementPrice"] == "0"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"qtyDecimal": None}, 400),
        ({"cashOrderQty": "5"}, 400),
        ({"qtyDecimal": "0.001"}, 400),
        ({"qtyDecimal": "-1"}, 400),
        ({"qtyDecimal": None, "cashOrderQty": "1.00001"}, 400),
        ({"symbol": KC}, 400),
        ({"account": "firms/ISV-Sandbox/accounts/none"}, 403),
        ({"restRemainder": None}, 400),
    ],
)
def test_requests_need_one_good_size(door: Door, changes: dict[str, Any], status: int) -> None:
    """Exactly one of quantity and cash, on its grid, for a combo, from an own account."""
    symbol = combo(door)
    assert ask(door, **{"symbol": symbol, **changes}).status_code == status


def test_only_the_requester_closes(door: Door, other: Door) -> None:
    """Closing also deletes the quotes; a closed request takes no more."""
    rfq = ask(door, combo(door)).json()["rfqId"]
    quote(other, rfq)
    assert other.send("DELETE", f"/v1/rfqs/{rfq}").status_code == 403
    assert door.send("DELETE", f"/v1/rfqs/{rfq}").json() == {}
    assert quotes(door, rfqId=rfq)[0]["status"] == "QUOTE_STATUS_DELETED"
    assert door.send("DELETE", f"/v1/rfqs/{rfq}").json()["code"] == 9
    assert quote(other, rfq).json()["code"] == 9
    assert door.get("/v1/rfqs", status="RFQ_STATUS_OPEN")["rfqs"] == []


# -- quotes --


def test_sizes_of_quotes_follow_from_the_request(door: Door, other: Door) -> None:
    """A quantity is taken over; cash is divided by each price and cut to the grid."""
    symbol = combo(door)
    by_quantity = ask(door, symbol).json()["rfqId"]
    quote(other, by_quantity, "0.6", "0")
    (first,) = quotes(other, rfqId=by_quantity)
    assert (first["buyQtyDecimal"], first["sellQtyDecimal"]) == ("10", "0")
    by_cash = ask(door, symbol, qtyDecimal=None, cashOrderQty="10").json()["rfqId"]
    quote(other, by_cash, "0.3", "0.29")
    (second,) = quotes(other, rfqId=by_cash)
    assert (second["buyQtyDecimal"], second["sellQtyDecimal"]) == ("33.33", "34.48")


@pytest.mark.parametrize(("buy", "sell"), [("0", "0"), ("0.6005", "0.5"), ("1", "0"), ("-0.5", "0")])
def test_prices_of_quotes_lie_on_the_tick(door: Door, other: Door, buy: str, sell: str) -> None:
    """At least one side, inside the limits and on the grid."""
    rfq = ask(door, combo(door)).json()["rfqId"]
    assert quote(other, rfq, buy, sell).status_code == 400


def test_a_new_quote_replaces_the_old_one(door: Door, other: Door) -> None:
    """Every quote has an id of its own; the maker's earlier one is deleted."""
    rfq = ask(door, combo(door)).json()["rfqId"]
    first, second = (quote(other, rfq).json()["quoteId"] for _ in range(2))
    assert first != second
    states = {each["id"]: each["status"] for each in quotes(door, rfqId=rfq)}
    assert states == {first: "QUOTE_STATUS_DELETED", second: "QUOTE_STATUS_ACTIVE"}


def test_quotes_are_private(door: Door, other: Door) -> None:
    """Requester and maker see a quote; a third participant does not. Queries must say whose."""
    rfq = ask(door, combo(door)).json()["rfqId"]
    quote(other, rfq)
    third = door.acting_for(door.world.roster.add("trader-3", dollars="100").name)
    assert quotes(third, rfqId=rfq) == []
    third.close()
    assert len(quotes(other, userFilter="USER_FILTER_SELF")) == 1
    assert len(quotes(door, rfqUserFilter="USER_FILTER_SELF")) == 1
    assert quotes(door, userFilter="USER_FILTER_SELF") == []
    for params in (
        {},
        {"userFilter": "USER_FILTER_SELF", "rfqUserFilter": "USER_FILTER_SELF"},
        {"quoteId": "x"},
    ):
        assert door.send("GET", "/v1/rfqs/quotes", params=params).status_code == 400


# -- the trade --


def accepted(door: Door, other: Door, side: str = "SIDE_BUY", **changes: Any) -> tuple[str, str]:
    """Bring a quote as far as accepted; return request and quote id."""
    rfq = ask(door, combo(door), **changes).json()["rfqId"]
    made = quote(other, rfq).json()["quoteId"]
    answer = door.send("PUT", f"/v1/rfqs/{rfq}/quotes/{made}/accept", json={"acceptedSide": side})
    assert answer.json() == {}, answer.text
    return rfq, made


@pytest.mark.parametrize(
    ("side", "price", "net"), [("SIDE_BUY", "0.6", "1000"), ("SIDE_SELL", "0.5", "-1000")]
)
def test_from_question_to_trade(door: Door, other: Door, side: str, price: str, net: str) -> None:
    """Accepted, confirmed in time, executed a second later: a real trade with real positions."""
    rfq, made = accepted(door, other, side)
    (held,) = quotes(door, rfqId=rfq)
    assert held["status"] == "QUOTE_STATUS_ACCEPTED"
    assert held["confirmationDeadline"] > held["acceptedTime"]
    assert other.send("PUT", f"/v1/rfqs/{rfq}/quotes/{made}/confirm", json={}).json() == {}
    assert quotes(door, rfqId=rfq)[0]["status"] == "QUOTE_STATUS_CONFIRMED"
    door.world.clock.advance(1.1)
    (done,) = quotes(other, rfqId=rfq)
    assert done["status"] == "QUOTE_STATUS_EXECUTED"
    assert door.read_order(done["rfqCreatorOrderId"])["state"] == "ORDER_STATE_FILLED"
    assert other.read_order(done["creatorOrderId"])["state"] == "ORDER_STATE_FILLED"
    (position,) = door.get("/v1/positions", name=door.account)["positions"]
    assert position["netPosition"] == net
    (printed,) = door.get("/v1/rfqs/trades")["trades"]
    assert (float(printed["price"]), float(printed["qtyDecimal"])) == (float(price), 10.0)
    assert printed["aggressorSide"] == side
    (trade,) = door.post("/v1/report/trades/search")["trade"]
    assert trade["tradeType"] == "TRADE_TYPE_REQUEST_FOR_QUOTE"
    door.sandbox.exchange.audit()


def test_last_look_ends(door: Door, other: Door) -> None:
    """Without a confirmation in three seconds the quote is gone and nothing trades."""
    rfq, made = accepted(door, other)
    door.world.clock.advance(3.1)
    answer = other.send("PUT", f"/v1/rfqs/{rfq}/quotes/{made}/confirm", json={})
    assert (answer.status_code, answer.json()["code"]) == (400, 9)
    assert quotes(door, rfqId=rfq)[0]["status"] == "QUOTE_STATUS_DELETED"
    assert door.post("/v1/report/trades/search")["trade"] == []


def test_a_maker_may_decline(door: Door, other: Door) -> None:
    """Deleting an accepted quote within last look declines it."""
    rfq, made = accepted(door, other)
    assert door.send("DELETE", f"/v1/rfqs/{rfq}/quotes/{made}").status_code == 403
    assert other.send("DELETE", f"/v1/rfqs/{rfq}/quotes/{made}").json() == {}
    assert quotes(door, rfqId=rfq)[0]["status"] == "QUOTE_STATUS_DELETED"


def test_who_may_accept_and_confirm(door: Door, other: Door) -> None:
    """Only the requester accepts, only the maker confirms, only once, only a side that is offered."""
    rfq = ask(door, combo(door)).json()["rfqId"]
    made = quote(other, rfq, "0.6", "0").json()["quoteId"]
    path = f"/v1/rfqs/{rfq}/quotes/{made}"
    assert other.send("PUT", f"{path}/accept", json={"acceptedSide": "SIDE_BUY"}).status_code == 403
    assert door.send("PUT", f"{path}/accept", json={"acceptedSide": "SIDE_SELL"}).status_code == 400
    assert other.send("PUT", f"{path}/confirm", json={}).json()["code"] == 9
    assert door.send("PUT", f"{path}/accept", json={"acceptedSide": "SIDE_BUY"}).status_code == 200
    assert door.send("PUT", f"{path}/accept", json={"acceptedSide": "SIDE_BUY"}).json()["code"] == 9
    assert door.send("PUT", f"{path}/confirm", json={}).status_code == 403
    assert quote(door, rfq).json()["code"] == 9


def test_accepting_one_quote_ends_the_others(door: Door, other: Door) -> None:
    """A closed request has no quote that is still active, whoever made it."""
    third = door.acting_for(door.world.roster.add("trader-3", dollars="100").name)
    rfq = ask(door, combo(door)).json()["rfqId"]
    lost = quote(third, rfq).json()["quoteId"]
    won = quote(other, rfq).json()["quoteId"]
    door.send("PUT", f"/v1/rfqs/{rfq}/quotes/{won}/accept", json={"acceptedSide": "SIDE_BUY"})
    states = {each["id"]: each["status"] for each in quotes(door, rfqId=rfq)}
    assert states == {won: "QUOTE_STATUS_ACCEPTED", lost: "QUOTE_STATUS_DELETED"}
    third.close()


# -- crashes --


def _crash_at(door: Door, monkeypatch: pytest.MonkeyPatch, commit: int) -> None:
    """Let nothing reach the disk from the n-th commit on, as if the process had died there."""
    journal, done = door.world.journal.journal, 0
    write = journal._write

    def dying(rows: Any) -> None:
        nonlocal done
        done += 1
        if done >= commit:
            raise JournalError("dead")
        write(rows)

    monkeypatch.setattr(journal, "_write", dying)


@pytest.mark.parametrize("step", ["accept", "close", "quote", "execute"])
@pytest.mark.parametrize("commit", range(1, 5))
def test_a_crash_leaves_requests_and_quotes_in_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, commit: int
) -> None:
    """Wherever it falls, no closed request has an active quote, and a maker has one active quote at most."""
    options: dict[str, Any] = {"db": tmp_path / "v.db", "quiet": True, "port": False, "rate_limits": False}
    with Sandbox(**options) as sandbox:
        door = Door(sandbox)
        other = door.acting_for(door.world.counterparty.name)
        symbol = combo(door)
        rfq = ask(door, symbol).json()["rfqId"]
        made = quote(other, rfq).json()["quoteId"]
        path = f"/v1/rfqs/{rfq}/quotes/{made}"
        if step == "execute":
            door.send("PUT", f"{path}/accept", json={"acceptedSide": "SIDE_BUY"})
            other.send("PUT", f"{path}/confirm", json={})
            door.world.clock.advance(1.1)
        other.log_in()
        _crash_at(door, monkeypatch, commit)
        if step == "accept":
            door.send("PUT", f"{path}/accept", json={"acceptedSide": "SIDE_BUY"})
        elif step == "close":
            door.send("DELETE", f"/v1/rfqs/{rfq}")
        elif step == "quote":
            quote(other, rfq)
        else:
            door.send("GET", "/v1/rfqs")
        seen = _standing(door.world.desk)
        door.close()
        other.close()
    with Sandbox(**options) as sandbox:
        world = sandbox.us.world
        request, found = _standing(world.desk)
        assert (request, found) == seen
        assert found.count("ACTIVE") == (1 if request else 0)
        if step == "execute":
            world.clock.advance(1.1)
            world.jobs.run_due()
            assert _standing(world.desk) == (False, ["EXECUTED"])
            assert [trade.quantity for trade in sandbox.exchange.trades(symbol=symbol)] == [1000]
            assert sandbox.exchange.orders(symbol=symbol, open_only=True) == []
        sandbox.exchange.audit()


def _standing(desk: Desk) -> tuple[bool, list[str]]:
    """Return whether the one request is open, and the states of its quotes."""
    (rfq,) = desk.rfqs.values()
    return rfq.open, [each.status for each in desk.quotes.values()]


def test_pages_by_cursor(door: Door, other: Door) -> None:
    """Cursors walk newest first, are bound to their query, and limits end at 100."""
    symbol = combo(door)
    made = [ask(door, symbol).json()["rfqId"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        answer = other.get("/v1/rfqs", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [each["id"] for each in answer["rfqs"]]
        cursor = answer["cursor"]
        if not cursor:
            break
    assert seen == made[::-1]
    first = other.get("/v1/rfqs", limit=2)["cursor"]
    assert other.send("GET", "/v1/rfqs", params={"cursor": first, "symbol": symbol}).status_code == 400
    assert other.send("GET", "/v1/rfqs", params={"limit": 101}).status_code == 400


def test_history_of_trades_has_bounds(door: Door) -> None:
    """An empty period is invalid, one before the history a failed precondition."""
    late, early = "2030-01-01T00:00:00Z", "2026-06-01T00:00:00Z"
    answer = door.send("GET", "/v1/rfqs/trades", params={"startTime": late, "endTime": early})
    assert answer.json()["code"] == 3
    answer = door.send("GET", "/v1/rfqs/trades", params={"startTime": "2020-01-01T00:00:00Z"})
    assert answer.json()["code"] == 9
