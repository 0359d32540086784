"""Streams of PolySimulator's own SDK: websockets and server-sent events of the sandbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from tests.interop.paper import Client, Paper

ROUNDS = "BTC"


@contextmanager
def listening(client: Client, what: str, **named: Any) -> Iterator[Any]:
    """Open a stream for a while; yields what waits for its events."""
    client.step("listen", stream=what, what=what, **named)

    def heard(kind: str, count: int = 1) -> list[Any]:
        return list(client.peer("heard", stream=what, kind=kind, count=count))

    try:
        yield heard
    finally:
        client.peer("hang_up", stream=what)


def test_prices_come_for_what_was_subscribed(paper: Paper) -> None:
    """The peer's frame is acknowledged with its markets, and prices of those alone follow."""
    cid, other = paper.market("rain").condition_id, paper.market().condition_id
    with listening(paper.client("native-async"), "prices", condition_ids=[cid]) as heard:
        assert heard("subscribed")[0]["markets"] == [cid]
        heard("price")
        for each in (other, cid):
            paper.world.hub.changed(each)
        told = heard("price", 2)
    assert {each["condition_id"] for each in told} == {cid}
    assert {each["label"] for each in told[0]["outcomes"]} == {"Yes", "No"}
    assert all(0 < Decimal(each["price"]) < 1 for each in told[0]["outcomes"])


def test_a_lost_connection_is_opened_again(paper: Paper) -> None:
    """With a new token the peer connects again, subscribes again, and hears of the same markets."""
    cid = paper.market().condition_id
    with listening(paper.client("native-async"), "prices", condition_ids=[cid]) as heard:
        heard("price")
        with paper.fault("ws_drop", "WebSocket_Prices"):
            paper.world.hub.changed(cid)
            assert [each["markets"] for each in heard("subscribed", 2)] == [[cid], [cid]]
        assert len(heard("connected", 2)) == len(heard("price", 2)) == 2


def test_a_token_that_does_not_hold_is_made_anew(paper: Paper) -> None:
    """A connection closed for its token is followed by one with another, and nothing else is asked."""
    cid = paper.market().condition_id
    with (
        paper.fault("ws_token_expired", "WebSocket_Prices"),
        listening(paper.client("native-async"), "prices", condition_ids=[cid]) as heard,
    ):
        assert len(heard("price")) == len(heard("connected")) == 1


def test_fills_are_told(paper: Paper) -> None:
    """A fill comes with the number of its order and what was filled."""
    cid, trader = paper.market().condition_id, paper.client("native")
    with listening(paper.client("native-async"), "executions") as heard:
        heard("connected")
        placed = trader.place_order(
            market_id=cid, side="BUY", outcome="Yes", quantity=8, order_type="limit", price="0.65"
        )
        (fill,) = heard("fill")
    assert (fill["order_id"], fill["market_id"], fill["outcome"]) == (placed["order_id"], cid, "Yes")
    assert (Decimal(fill["price"]), Decimal(fill["quantity"])) == (Decimal("0.65"), 8)


def test_the_mirror_makes_a_trade_and_an_order_of_a_fill(paper: Paper) -> None:
    """Fills of the markets it asked for reach the mirror under its own token ids."""
    cid, trader = paper.market().condition_id, paper.client("native")
    order = {"market_id": cid, "side": "BUY", "outcome": "Yes", "quantity": "5", "price": "0.99"}
    placed: list[str] = []
    with listening(paper.client("polymarket-async"), "user", markets=[cid]) as heard:
        # the mirror does not tell when it is connected, and what is filled before is not told again
        while not heard("trade", 0):
            placed.append(str(trader.place_order(**order)["order_id"]))
            assert len(placed) < 200
            time.sleep(0.02)
        trade = heard("trade")[-1]["payload"]
        assert heard("order")[-1]["payload"]["status"] == "MATCHED"
    assert trade["id"] in placed
    assert (trade["asset_id"], Decimal(trade["size"])) == (f"{cid}:YES", 5)


def test_the_mirror_hears_prices_of_its_outcomes(paper: Paper) -> None:
    """Of the frames of a market the mirror takes what concerns the outcome it asked for."""
    token = f"{paper.market().condition_id}:YES"
    with listening(paper.client("polymarket-async"), "market", asset_ids=[token]) as heard:
        changes = [each for told in heard("price_change") for each in told["payload"]["price_changes"]]
    assert {each["asset_id"] for each in changes} == {token}
    assert all(Decimal(each["best_bid"]) < Decimal(each["best_ask"]) for each in changes)


def test_spot_prices_are_told_by_their_source(paper: Paper) -> None:
    """The stream of events tells prices of the asset asked for, and the mirror knows whose they are."""
    with listening(paper.client("native-async", None), "spot", crypto=[ROUNDS]) as heard:
        ticks = heard("crypto_price", 2)
    assert {each["data"]["symbol"] for each in ticks} == {ROUNDS}
    mirror = paper.client("polymarket-async")
    topic = "prices.crypto.chainlink"
    with listening(mirror, "crypto", topic=topic, symbols=[ROUNDS]) as seen:
        (first, *_) = seen("update")
    assert (first["topic"], first["payload"]["symbol"]) == (topic, ROUNDS)
    assert Decimal(first["payload"]["value"]) > 0
