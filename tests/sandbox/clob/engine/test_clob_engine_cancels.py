"""Cancels: by id, all of an owner, by market and token, and the reasons when not."""

from __future__ import annotations

from polyspec.sandbox.clob.engine import types as t
from tests.sandbox.clob.engine.desk import BUY, MARKET, NO, SELL, YES, Desk, of, only

NOT_FOUND = "order can't be found - already canceled or matched"


def test_only_the_owner_cancels():
    """The API key counts, not the wallet; the answer does not tell that the order exists."""
    desk = Desk()
    mine = desk.place("ann", BUY, "0.5", "10")
    other_key = desk.place("ann", BUY, "0.5", "10", owner="another")
    result = desk.cancel("ann", mine.id, other_key.id, "0xunknown")
    assert result.canceled == (mine.id,)
    assert result.not_canceled == {other_key.id: NOT_FOUND, "0xunknown": NOT_FOUND}
    assert (mine.status, other_key.status) == (t.OrderStatus.CANCELED, t.OrderStatus.LIVE)


def test_finished_orders_are_not_canceled():
    """Matched ones have a reason of their own; canceled ones cannot be found."""
    desk = Desk()
    matched = desk.place("ann", SELL, "0.5", "10")
    desk.place("bob", BUY, "0.5", "10")
    gone = desk.place("ann", SELL, "0.5", "10")
    assert desk.cancel("ann", gone.id, gone.id).canceled == (gone.id,)
    result = desk.cancel("ann", matched.id, gone.id)
    assert result.canceled == ()
    assert result.not_canceled == {matched.id: "matched orders can't be canceled", gone.id: NOT_FOUND}


def test_the_result_comes_after_the_cancellations():
    """Each cancellation is told, the answer follows, level changes end the list."""
    desk = Desk()
    first, second = desk.place("ann", BUY, "0.5", "10"), desk.place("ann", BUY, "0.4", "10")
    events = desk.do(t.CancelAll(owner="key-ann"))
    assert [type(event).__name__ for event in events] == [
        "OrderEvent",
        "OrderEvent",
        "CancelResult",
        "LevelChange",
        "LevelChange",
    ]
    assert only(events, t.CancelResult).canceled == (first.id, second.id)
    assert [(event.step, event.order.remaining) for event in of(events, t.OrderEvent)] == [
        (t.OrderStep.CANCELLATION, 0)
    ] * 2


def test_canceling_everything_spares_others():
    """An owner without orders gets an empty answer."""
    desk = Desk()
    order = desk.place("ann", BUY, "0.5", "10")
    result = only(desk.do(t.CancelAll(owner="key-bob")), t.CancelResult)
    assert (result.canceled, result.not_canceled) == ((), {})
    assert order.status is t.OrderStatus.LIVE


def test_canceling_by_market_and_token():
    """Market, token, or both narrow the choice."""
    desk = Desk("ann")
    desk.do(t.AddMarket(market=t.MarketTerms(condition_id="0xc1", token_ids=("201", "202"))))
    yes, no = desk.place("ann", BUY, "0.4", "10", YES), desk.place("ann", BUY, "0.4", "10", NO)
    other = desk.place("ann", BUY, "0.4", "10", "201")

    def canceled(**fields: str) -> tuple[str, ...]:
        return only(desk.do(t.CancelMarketOrders(owner="key-ann", **fields)), t.CancelResult).canceled

    assert canceled(condition_id=MARKET, token_id="201") == ()
    assert canceled(token_id=NO) == (no.id,)
    assert canceled(condition_id=MARKET) == (yes.id,)
    assert canceled(condition_id="0xc1", token_id="201") == (other.id,)


def test_a_partly_matched_order_keeps_what_it_matched():
    """The rest is canceled, the match stands."""
    desk = Desk()
    order = desk.place("ann", SELL, "0.5", "30")
    desk.place("bob", BUY, "0.5", "10")
    assert desk.cancel("ann", order.id).canceled == (order.id,)
    assert (order.status, order.matched, order.remaining) == (t.OrderStatus.CANCELED, 10 * t.ONE, 0)
    assert desk.asks() == []
