"""Orders through a client, in both colours: what is sent, in which turn, and what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Send
from polyspec.errors import ConfigError, DecodeError, InvalidOrder, PolyspecError, TransportError
from polyspec.polysimulator.cancelling import order_id_of
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.fate import Accepted, OrderId, Rejected, Unknown
from polyspec.polysimulator.placing import order_call
from polyspec.polysimulator.ticket import MarketTerms
from polyspec.polysimulator.turns import turns_of
from tests.unit.flows import Running
from tests.unit.polysimulator.order_rig import (
    BROKEN_PIPE,
    HOST,
    MARKET,
    Answer,
    Called,
    Venue,
    a_ticket,
    an_order,
    async_client_of,
    client_of,
    no,
    ok,
    page,
)

POST = "POST /v1/orders"
BATCH = "POST /v1/orders/batch"
TERMS: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.65", "quantity": "10"}


@pytest.fixture
def venue() -> Venue:
    """Return a venue with an order of somebody else in each table."""
    venue = Venue()
    for status in ("PENDING", "FILLED"):
        venue.put(json.loads(a_ticket(quantity="3").body), status)
    return venue


def last(venue: Venue) -> Called:
    """Return the last request."""
    return venue.calls[-1]


def test_place(venue: Venue) -> None:
    """Placing, submitting and resolving go the same way in both colours."""
    found = client_of(venue).orders.place(MARKET, **TERMS)
    assert isinstance(found, Accepted)
    assert found.order_id == "pending:2"

    async def main() -> None:
        client = async_client_of(venue)
        again = await client.orders.submit(an_order(client_order_id=found.client_order_id))
        assert isinstance(again, Accepted)
        assert again.is_replay
        venue.handlers[POST] = lambda _: BROKEN_PIPE
        lost = await client.orders.place(MARKET, timeout=0.3, **TERMS)
        assert isinstance(lost, Unknown)
        gone = await lost.resolve()
        assert isinstance(gone, Rejected)
        assert gone.never_arrived

    asyncio.run(main())


def test_refused_before_anything_is_sent(venue: Venue) -> None:
    """What cannot be sent as written sends nothing."""
    with pytest.raises(InvalidOrder):
        client_of(venue).orders.place(MARKET, **(TERMS | {"price": 0.65}))
    assert venue.calls == []


def test_wallet(venue: Venue) -> None:
    """Orders are those of the client's wallet, and so are listings and lookups."""
    client = client_of(venue, wallet_id=4)
    venue.handlers[POST] = lambda _: no(503, "PERSISTENCE_UNKNOWN")
    client.orders.place(MARKET, **TERMS)
    assert venue.posts()[0].json["wallet_id"] == 4
    assert {each.query.get("wallet_id") for each in venue.calls[1:]} == {"4"}
    assert [*client.orders.list()] != []
    assert last(venue).query["wallet_id"] == "4"
    assert [*client.orders.list(wallet_id="all")] != []
    assert last(venue).query["wallet_id"] == "all"


def test_terms_and_preview(venue: Venue) -> None:
    """What a market asks of orders is read once, checks them, and says what they would cost."""
    detail = {
        "condition_id": MARKET, "outcomes": ["Yes", "No"], "category": "Politics",
        "clob_token_ids": ["11", "22"],
    }  # fmt: skip
    book = {"bids": [], "asks": [], "tick_size": 0.01, "min_order_size": "5"}
    venue.handlers[f"GET /v1/markets/{MARKET}"] = lambda _: ok(detail)
    venue.handlers[f"GET /v1/markets/{MARKET}/book"] = lambda _: ok(book)
    venue.handlers["GET /v1/fee-rate"] = lambda _: ok({"base_fee": 0, "fee_rate_bps": 400})
    client = client_of(venue)
    terms = client.orders.terms(MARKET)
    assert terms == MarketTerms(
        condition_id=MARKET,
        outcomes=("Yes", "No"),
        tick=Decimal("0.01"),
        min_size=Decimal(5),
        category="Politics",
        fee_rate_bps=400,
        token_ids=("11", "22"),
    )
    with pytest.raises(InvalidOrder):
        client.orders.place(terms, **(TERMS | {"price": "0.655"}))
    count = len(venue.calls)
    seen = client.orders.preview(an_order(market=terms))
    assert len(venue.calls) == count
    assert seen.total == Decimal("6.59")
    assert client.orders.preview(an_order()) == seen
    for path in (f"GET /v1/markets/{MARKET}/book", "GET /v1/fee-rate"):
        venue.handlers[path] = lambda _: no(404, "BOOK_UNAVAILABLE")
    bare = client.orders.terms(MARKET)
    assert (bare.tick, bare.min_size, bare.fee_rate_bps) == (None, None, None)
    assert client.orders.preview(an_order(market=bare)) == seen


def test_turns(venue: Venue) -> None:
    """While an order is on its way a cancel waits for its turn; without serialising it does not."""
    client, other = client_of(venue), client_of(venue)
    ticket = a_ticket()
    placing = client.orders.placing()
    running = Running(venue.world, placing.place(ticket, order_call(ticket), 10.0)).until(Send)
    start = venue.world.monotonic
    venue.handlers["POST /v1/cancel-all"] = lambda _: ok({"canceled": []})
    other.orders.cancel_all(timeout=5.0)
    assert venue.world.monotonic - start >= 2
    loose = client_of(venue, settings=PolySimulatorSettings(pacing=False, serialise=False))
    start = venue.world.monotonic
    loose.orders.cancel_all(timeout=5.0)
    assert venue.world.monotonic - start < 1
    assert isinstance(running.finish(), Accepted)
    assert client.orders.turns() is other.orders.turns() is turns_of(HOST, client.mark)


# -- cancels --


def cancellable(venue: Venue) -> None:
    """Let the venue cancel what rests."""

    def handle(called: Called) -> Answer:
        number = int(called.path.rpartition("/")[2])
        for row in venue.rows:
            if (row.number, row.source) == (number, "pending"):
                if row.status != "PENDING":
                    return no(400, "ORDER_NOT_CANCELLABLE", "not pending")
                row.status = "CANCELLED"
                return ok(venue.told(row))
        return no(404, "ORDER_NOT_FOUND")

    for number in range(1, 5):
        venue.handlers[f"DELETE /v1/orders/{number}"] = handle


def test_cancel(venue: Venue) -> None:
    """A resting order is cancelled by whatever names it; one that does not rest any more is said so."""
    cancellable(venue)
    client = client_of(venue)
    placed = client.orders.place(MARKET, **TERMS)
    assert isinstance(placed, Accepted)
    done = client.orders.cancel(placed)
    assert done
    assert done.canceled == (OrderId(2, "pending"),)
    venue.rows[-1].status = "FILLED"
    late = client.orders.cancel("pending:2")
    assert not late
    assert list(late.not_canceled) == ["pending:2"]
    venue.handlers["DELETE /v1/orders/99"] = lambda _: no(404, "ORDER_NOT_FOUND")
    assert not client.orders.cancel(99)


def test_cancel_whose_answer_was_lost(venue: Venue) -> None:
    """A cancel is repeated; that the order does not rest any more is then what it did itself."""
    cancellable(venue)
    known, lost = venue.handlers["DELETE /v1/orders/1"], [True]

    def handle(called: Called) -> Answer:
        answer = known(called)
        return BROKEN_PIPE if lost and lost.pop() else answer

    venue.handlers["DELETE /v1/orders/1"] = handle
    assert client_of(venue).orders.cancel(1).canceled == (OrderId(1, "pending"),)


def test_cancel_of_a_filled_order(venue: Venue) -> None:
    """An order that was filled at once is not cancelled by its number, which is that of another order."""
    cancellable(venue)
    client = client_of(venue)
    for cancel in (client.orders.cancel, lambda target: client.orders.cancel_many([target])):
        done = cancel("filled:1")
        assert not done
        assert list(done.not_canceled) == ["filled:1"]
    assert not client.compat.cancel("filled:1")
    assert venue.calls == []
    assert venue.rows[0].status == "PENDING"


def test_cancel_of_an_unknown(venue: Venue) -> None:
    """An order of unknown fate is found first; one that never arrived needs no cancel."""
    cancellable(venue)
    client = client_of(venue)

    def lose(called: Called) -> Answer:
        venue.taken(called.body)
        return BROKEN_PIPE

    venue.handlers[POST] = lose
    venue.handlers["GET /v1/orders"] = lambda _: page(502)
    lost = client.orders.place(MARKET, timeout=0.3, **TERMS)
    assert isinstance(lost, Unknown)
    del venue.handlers["GET /v1/orders"]
    assert client.orders.cancel(lost).canceled == ("pending:2",)
    venue.handlers[POST] = lambda _: BROKEN_PIPE
    never = client.orders.place(MARKET, timeout=0.3, **TERMS)
    done = client.orders.cancel(never)
    assert done
    assert done.canceled == ()
    venue.handlers["GET /v1/orders"] = lambda _: page(502)
    nobody = client.orders.place(MARKET, timeout=0.3, **TERMS)
    with pytest.raises(PolyspecError) as caught:
        client.orders.cancel(nobody, timeout=1.0)
    assert caught.value.maybe_executed


def test_cancels_of_many(venue: Venue) -> None:
    """Ids go a hundred to a request, each once; all and those of a market are asked for as they are."""

    def handle(called: Called) -> Answer:
        return ok(
            {"canceled": [str(each) for each in called.json if each != 7], "not_canceled": {"7": "NOT"}}
        )

    venue.handlers["DELETE /v1/orders"] = handle
    client = client_of(venue)
    done = client.orders.cancel_many([*range(1, 151), 1])
    assert [len(each.json) for each in venue.calls] == [100, 50]
    assert len(done.canceled) == 149
    assert "pending:7" in done.not_canceled
    assert not done
    venue.handlers["POST /v1/cancel-all"] = lambda _: ok({"canceled": ["3"]})
    assert client.orders.cancel_all().canceled == ("pending:3",)
    assert last(venue).query == {"confirm": "true"}
    venue.handlers["DELETE /v1/cancel-market-orders"] = lambda _: ok({"canceled": []})
    client.orders.cancel_market(MARKET)
    assert last(venue).query == {"market": MARKET}
    client.orders.cancel_market(token_id=12)
    assert last(venue).query == {"asset_id": "12"}
    for wrong in ({}, {"market": MARKET, "token_id": "12"}):
        with pytest.raises(ConfigError):
            client.orders.cancel_market(**wrong)
    with pytest.raises(ConfigError):
        client.orders.cancel_many("7")


def test_targets(venue: Venue) -> None:
    """Whatever stands for an order says its id and its table as far as they are known."""
    row = {"market_id": MARKET, "side": "BUY", "outcome": "Yes"}
    listed = wire.PendingOrderItem(order_id=7, status=wire.OrderStatus.PENDING, **row)  # type: ignore[arg-type]
    filled = wire.PendingOrderItem(order_id=7, status=wire.OrderStatus.FILLED, **row)  # type: ignore[arg-type]
    detail = wire.OrderDetail(order_id=7, status=wire.OrderStatus.FILLED, source=wire.OrderSource.FILLED)
    assert [order_id_of(each) for each in (7, "7", listed, filled, detail, "filled:7")] == [
        "7", "7", "pending:7", "7", "filled:7", "filled:7",
    ]  # fmt: skip
    for wrong in (None, 7.0, Unknown(client_order_id="x"), Rejected(client_order_id="x", text="no")):
        with pytest.raises(ConfigError):
            order_id_of(wrong)  # type: ignore[arg-type]


def test_reads(venue: Venue) -> None:
    """An order is read from its own table, and listings are filtered and paged."""
    client = client_of(venue)
    venue.rows[1].terms["quantity"] = "4"
    assert client.orders.get("filled:1").quantity == 4
    assert client.orders.get("pending:1").quantity == 3
    assert last(venue).query == {"source": "pending"}
    client.orders.get(1)
    assert last(venue).query == {}
    venue.rows_per_page = 1
    assert [each.order_id for each in client.orders.list("filled", MARKET, "buy")] == [1, 1]
    assert last(venue).query == {
        "status": "FILLED", "market_id": MARKET, "side": "BUY", "limit": "200", "cursor": "1",
    }  # fmt: skip
    assert len(client.orders.open()) == 2
    assert last(venue).query["status"] == "PENDING"


# -- batches --


def batch_of(venue: Venue, change: Callable[[list[dict[str, Any]]], Any] = list, refuse: int = -1) -> Any:
    """Take a batch, all but one, and answer what `change` makes of it."""

    def handle(called: Called) -> Answer:
        results = []
        for place, terms in enumerate(called.json["orders"]):
            name = {"client_order_id": terms["client_order_id"]}
            if place == refuse:
                results.append({"order_id": 0, "status": "REJECTED", "error": "INSUFFICIENT_BALANCE"} | name)
            else:
                results.append(venue.told(venue.put(terms)))
        found = change(results)
        return found if not isinstance(found, list) else ok({"results": found, "succeeded": 1, "failed": 1})

    return handle


BROKEN = {"order_id": 0, "status": "ERROR", "error": "EXECUTION_ERROR"}


def nameless(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take the client order ids out."""
    return [{key: value for key, value in each.items() if key != "client_order_id"} for each in results]


@pytest.mark.parametrize("change", [list, nameless, lambda results: results[::-1]])
def test_batch(venue: Venue, change: Any) -> None:
    """Each order of a batch has its own fate, by its client order id, or by its place if there are none."""
    venue.handlers[BATCH] = batch_of(venue, change, refuse=1)
    orders = [an_order() for _ in range(3)]
    found = client_of(venue).orders.place_batch(orders)
    assert [each.client_order_id for each in found] == [each.client_order_id for each in orders]
    assert [type(each) for each in found] == [Accepted, Rejected, Accepted]
    assert [getattr(each, "order_id", None) for each in found] == ["pending:2", None, "pending:3"]
    assert isinstance(found[1], Rejected)
    assert found[1].code == "INSUFFICIENT_BALANCE"
    assert len(venue.calls) == 1
    assert [each["client_order_id"] for each in venue.calls[0].json["orders"]] == [
        each.client_order_id for each in orders
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: BROKEN_PIPE,
        lambda _: no(500, "INTERNAL_ERROR"),
        lambda _: no(503, "PERSISTENCE_UNKNOWN"),
        lambda results: nameless(results)[:-1],
        lambda results: [results[0]] * 3,
        lambda results: results[:1],
        lambda results: [*results, results[0] | {"order_id": 1}],
        lambda results: [each | BROKEN for each in results],
        lambda results: [each | BROKEN | {"error": "PERSISTENCE_UNKNOWN"} for each in results],
    ],
)  # fmt: skip
def test_batch_that_cannot_be_believed(venue: Venue, change: Any) -> None:
    """A batch whose answer is lost or mangled is looked up order by order, and not sent again."""
    venue.handlers[BATCH] = batch_of(venue, change)
    found = client_of(venue).orders.place_batch([an_order() for _ in range(3)])
    assert [each.order_id for each in found if isinstance(each, Accepted)] == [
        "pending:2", "pending:3", "pending:4",
    ]  # fmt: skip
    assert len(venue.posts()) == 1


def test_batch_that_never_arrived(venue: Venue) -> None:
    """That orders of a batch never arrived is proven for all of them with the same few reads."""
    counts = []
    for size in (1, 6):
        venue.calls.clear()
        venue.handlers[BATCH] = lambda _: BROKEN_PIPE
        found = client_of(venue).orders.place_batch([an_order() for _ in range(size)], timeout=20.0)
        assert all(isinstance(each, Rejected) and each.never_arrived for each in found)
        counts.append(len(venue.calls))
    assert counts[0] == counts[1]


def test_batch_refused(venue: Venue) -> None:
    """A batch that is refused as a whole is refused order by order; of the pace and the key it is raised."""
    venue.handlers[BATCH] = lambda _: no(400, "BATCH_LIMIT_EXCEEDED")
    client = client_of(venue)
    found = client.orders.place_batch([an_order(), an_order()])
    assert [getattr(each, "code", None) for each in found] == ["BATCH_LIMIT_EXCEEDED"] * 2
    venue.handlers[BATCH] = lambda _: no(401, "INVALID_KEY")
    with pytest.raises(PolyspecError) as caught:
        client.orders.place_batch([an_order()])
    assert not caught.value.maybe_executed
    answers = [no(409, "TRADE_IN_PROGRESS", wait=1, error_code="LOCK_BUSY_RETRY")]
    venue.handlers[BATCH] = lambda called: answers.pop() if answers else batch_of(venue)(called)
    assert isinstance(client.orders.place_batch([an_order()])[0], Accepted)


def test_batch_placed_again(venue: Venue) -> None:
    """Orders that may stand from before make nothing of what the key or the pace is refused for now."""
    client, orders = client_of(venue), [an_order(), an_order()]
    venue.handlers[BATCH] = batch_of(venue, lambda _: BROKEN_PIPE)
    venue.handlers["GET /v1/orders"] = lambda _: page(502)
    assert all(isinstance(each, Unknown) for each in client.orders.place_batch(orders, timeout=0.3))
    venue.handlers[BATCH] = lambda _: no(401, "INVALID_KEY")
    assert all(isinstance(each, Unknown) for each in client.orders.place_batch(orders, timeout=0.3))
    del venue.handlers["GET /v1/orders"]
    venue.handlers[BATCH] = lambda _: no(400, "BATCH_LIMIT_EXCEEDED")
    assert all(isinstance(each, Accepted) for each in client.orders.place_batch(orders))


def test_batch_sizes(venue: Venue) -> None:
    """An empty batch, one that no plan takes, and one that has an id twice are refused here."""
    client, twice = client_of(venue), an_order()
    for orders in ([], [an_order() for _ in range(101)], [twice, twice]):
        with pytest.raises(InvalidOrder):
            client.orders.place_batch(orders)
    assert venue.calls == []


# -- the routes in Polymarket's shapes --

FLAT = "POST /v1/clob/order"
RAW = {"order": {"tokenId": "1", "makerAmount": "1", "takerAmount": "2", "side": "BUY"}, "orderType": "GTC"}


def flat_of(venue: Venue, answer: Answer | None = None, **changes: Any) -> Any:
    """Take a flat order, and answer."""

    def handle(called: Called) -> Answer:
        terms = called.json | {"market_id": MARKET, "outcome": "Yes", "order_type": "limit"}
        row = venue.put(terms | {"time_in_force": called.json["order_type"]})
        told = {"success": True, "orderID": str(row.number), "status": "live", "price": "0.65", "size": "10"}
        return ok(told | changes) if answer is None else answer

    return handle


def test_flat(venue: Venue) -> None:
    """An order by token is one of the three fates, with the table its number is in."""
    client = client_of(venue)
    venue.handlers[FLAT] = flat_of(venue)
    found = client.compat.place("123", "BUY", "0.65", "10")
    assert isinstance(found, Accepted)
    assert (found.order_id, found.is_open, found.quantity) == ("pending:2", True, 10)
    assert venue.posts()[0].json["quantity"] == "10"
    venue.handlers[FLAT] = flat_of(venue, status="matched")
    matched = client.compat.place("123", "BUY", "0.65", "10", "FOK")
    assert isinstance(matched, Accepted)
    assert (matched.source, matched.filled) == ("filled", 10)
    venue.handlers[FLAT] = lambda _: ok({"success": False, "errorMsg": "not enough balance"})
    refused = client.compat.place("123", "BUY", "0.65", "10")
    assert isinstance(refused, Rejected)
    assert refused.text.startswith("not enough balance")


@pytest.mark.parametrize("changes", [{"orderID": ""}, {"success": False}, {"orderID": "x"}, {"orderID": "0"}])
def test_flat_that_contradicts_itself(venue: Venue, changes: dict[str, Any]) -> None:
    """An answer by token that says yes and no at once is not believed; the order is looked up, once sent."""
    venue.handlers[FLAT] = flat_of(venue, **changes)
    found = client_of(venue).compat.place("123", "BUY", "0.65", "10")
    assert isinstance(found, Accepted)
    assert found.order_id == "pending:2"
    assert len(venue.posts()) == 1


@pytest.mark.parametrize("lost", [BROKEN_PIPE, page(502), no(503, "SERVER_BUSY", wait=1)])
def test_flat_lost(venue: Venue, lost: Answer) -> None:
    """An order by token whose answer is lost is looked up by its client order id, never sent again."""
    venue.handlers[FLAT] = flat_of(venue, lost)
    assert isinstance(client_of(venue).compat.place("123", "BUY", "0.65", "10"), Accepted)
    assert len(venue.posts()) == 1
    assert "market_id" not in venue.calls[1].query


def test_raw(venue: Venue) -> None:
    """An order in Polymarket's shape is sent once; if its answer is lost the error says what to do."""
    client = client_of(venue)
    told = {"success": True, "orderID": "7", "status": "live"}
    venue.handlers["POST /v1/order"] = lambda _: ok(told)
    assert client.compat.post_order(RAW).order_id == "7"
    venue.handlers[POST] = lambda called: ok([told] * len(called.json))
    assert [each.order_id for each in client.compat.post_orders([RAW, RAW])] == ["7", "7"]
    for path, post in (
        ("POST /v1/order", lambda: client.compat.post_order(RAW)),
        (POST, lambda: client.compat.post_orders([RAW, RAW])),
    ):
        venue.handlers[path] = lambda _: BROKEN_PIPE
        count = len(venue.posts())
        with pytest.raises(TransportError) as caught:
            post()
        assert caught.value.maybe_executed
        assert "get_orders" in "".join(caught.value.__notes__)
        assert len(venue.posts()) == count + 1


@pytest.mark.parametrize("answer", [[], [{"success": True, "orderID": "1"}], {"order_id": 1}])
def test_array_that_is_not_answered_one_by_one(venue: Venue, answer: Any) -> None:
    """Answers that cannot be matched to the orders of an array are an error that says they may stand."""
    venue.handlers[POST] = lambda _: ok(answer)
    with pytest.raises(DecodeError) as caught:
        client_of(venue).compat.post_orders([RAW, RAW])
    assert caught.value.maybe_executed


def test_compat_is_refused_here(venue: Venue) -> None:
    """These routes know one wallet and fifteen orders at a time."""
    client = client_of(venue, wallet_id=4)
    for call in (
        lambda: client.compat.place("123", "BUY", "0.65", "10"),
        lambda: client.compat.post_order(RAW),
        lambda: client.compat.post_orders([RAW]),
    ):
        with pytest.raises(ConfigError):
            call()
    for orders in ([], [RAW] * 16):
        with pytest.raises(InvalidOrder):
            client_of(venue).compat.post_orders(orders)
    assert venue.calls == []


def test_compat_reads(venue: Venue) -> None:
    """Reads in Polymarket's shapes name orders by number, and are paged to their end."""
    order = {
        "id": "7", "status": "ORDER_STATUS_LIVE", "market": MARKET, "side": "BUY", "original_size": "10",
        "size_matched": "0", "price": "0.65", "outcome": "Yes",
    }  # fmt: skip
    venue.handlers["GET /v1/order/7"] = lambda _: ok(order)
    later = order | {"id": "8"}
    # the first comes again, pushed over by an order that was placed meanwhile
    pages = iter([{"data": [order], "next_cursor": "MQ=="}, {"data": [order, later], "next_cursor": "LTE="}])
    venue.handlers["GET /v1/data/orders"] = lambda _: ok(next(pages))
    venue.handlers["GET /v1/data/trades"] = lambda _: ok({"data": [], "next_cursor": "LTE="})
    venue.handlers["DELETE /v1/order"] = lambda _: ok({"canceled": ["7"]})
    client = client_of(venue)
    assert client.compat.get_order("pending:7").id == "7"
    assert [each.id for each in client.compat.get_orders(MARKET, token_id=12, after=5)] == ["7", "8"]
    assert last(venue).query == {
        "market": MARKET, "asset_id": "12", "after": "5", "limit": "500", "next_cursor": "MQ==",
    }  # fmt: skip
    assert [*client.compat.get_trades()] == []
    assert client.compat.cancel(7).canceled == ("pending:7",)
    assert last(venue).json == {"orderID": "7"}
