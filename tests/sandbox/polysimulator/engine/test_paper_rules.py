"""What an order must be like to be looked at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from polyspec.sandbox.polysimulator.engine import Refused
from tests.sandbox.polysimulator.engine.paper import SECOND, START, Desk, market


@pytest.fixture(scope="module")
def shared() -> Desk:
    """A desk on which every order is refused, so that it can be shared."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    return desk


@pytest.mark.parametrize(
    ("code", "side", "price", "quantity", "fields"),
    [
        ("VALIDATION_FAILED", "buy", "0.50", "10", {}),
        ("VALIDATION_FAILED", "BUY", "0.50", "10", {"order_type": "GTC"}),
        ("VALIDATION_FAILED", "BUY", "0.50", "10", {"time_in_force": "DAY"}),
        ("VALIDATION_FAILED", "BUY", "1.00", "10", {}),
        ("VALIDATION_FAILED", "BUY", "0", "10", {}),
        ("VALIDATION_FAILED", "BUY", "1.01", "10", {"order_type": "market"}),
        ("MARKET_NOT_FOUND", "BUY", "0.50", "10", {"market_id": "other"}),
        ("INVALID_ORDER_PAYLOAD", "BUY", "0.50", "10", {"outcome": "Maybe"}),
        ("WALLET_NOT_FOUND", "BUY", "0.50", "10", {"wallet_id": 99}),
        ("PRICE_REQUIRED", "BUY", None, "10", {}),
        ("PRICE_REQUIRED", "BUY", None, "10", {"order_type": "market"}),
        ("INVALID_QUANTITY", "BUY", "0.50", None, {}),
        ("INVALID_QUANTITY", "BUY", "0.50", "0", {}),
        ("INVALID_QUANTITY", "BUY", "0.50", "-5", {}),
        ("INVALID_QUANTITY", "BUY", "0.50", "5.00001", {}),
        ("INVALID_QUANTITY", "BUY", "0.50", None, {"amount": Decimal(0), "order_type": "market"}),
        ("INVALID_QUANTITY", "BUY", "0.50", None, {"amount": Decimal("-5"), "order_type": "market"}),
        ("INVALID_QUANTITY", "BUY", "0.50", None, {"amount": Decimal("1e-7"), "order_type": "market"}),
        ("INVALID_QUANTITY", "BUY", "0.50", None, {"amount": Decimal("1e-6"), "order_type": "market"}),
        ("INVALID_ORDER_PAYLOAD", "BUY", "0.50", "10", {"amount": Decimal(5), "order_type": "market"}),
        ("INVALID_ORDER_PAYLOAD", "SELL", "0.50", None, {"amount": Decimal(5), "order_type": "market"}),
        ("INVALID_ORDER_PAYLOAD", "BUY", "0.50", None, {"amount": Decimal(5)}),
        ("INVALID_ORDER_MIN_TICK_SIZE", "BUY", "0.505", "10", {}),
        ("INVALID_ORDER_MIN_TICK_SIZE", "BUY", "0.995", "10", {}),
        ("INVALID_ORDER_MIN_SIZE", "BUY", "0.50", "4.9999", {}),
        ("INVALID_ORDER_MIN_SIZE", "BUY", "0.50", "4.9999", {"order_type": "market"}),
        ("INVALID_ORDER_EXPIRATION", "BUY", "0.40", "10", {"time_in_force": "GTD"}),
        ("INVALID_ORDER_EXPIRATION", "BUY", "0.40", "10", {"time_in_force": "GTD", "expiration": "soon"}),
        ("INVALID_ORDER_EXPIRATION", "BUY", "0.40", "10", {"time_in_force": "GTD", "expiration": 10**30}),
        (
            "INVALID_ORDER_EXPIRATION",
            "BUY",
            "0.40",
            "10",
            {"time_in_force": "GTD", "expiration": 1_700_000_000},
        ),
        ("UNSUPPORTED_ORDER_TYPE", "BUY", "0.50", "10", {"order_type": "market", "time_in_force": "GTD"}),
        ("INVALID_POST_ONLY_ORDER", "BUY", "0.50", "10", {"post_only": True}),
        ("INVALID_POST_ONLY_ORDER_TYPE", "BUY", "0.40", "10", {"post_only": True, "time_in_force": "FOK"}),
        ("INVALID_POST_ONLY_ORDER_TYPE", "BUY", "0.40", "10", {"post_only": True, "time_in_force": "IOC"}),
        ("INVALID_POST_ONLY_ORDER_TYPE", "BUY", "0.40", "10", {"post_only": True, "order_type": "market"}),
    ],
)
def test_an_order_against_the_rules_is_refused(
    shared: Desk, code: str, side: str, price: str | None, quantity: str | None, fields: dict[str, Any]
):
    """Each rule has its code, and a refusal changes nothing."""
    assert shared.refusal(side, price, quantity, **fields) == code


def test_refusals_know_their_status():
    """A code has the status the venue answers it with."""
    statuses = {
        code: Refused(code, "").status for code in ("MARKET_NOT_FOUND", "VALIDATION_FAILED", "MARKET_CLOSED")
    }
    assert statuses == {"MARKET_NOT_FOUND": 404, "VALIDATION_FAILED": 422, "MARKET_CLOSED": 400}


def test_the_cap_of_a_market_order_is_on_no_tick():
    """Only limit prices are held to the tick."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    assert desk.market("BUY", "0.5035", "10").price == 500_000
    assert desk.market("BUY", "1", "10").price == 500_000


def test_finer_markets_take_smaller_orders():
    """With a tick of a tenth of a cent the smallest order is one share."""
    desk = Desk()
    desk.feed.list(market(tick=1_000))
    desk.show("0.48x100", "0.50x100")
    assert desk.place("BUY", "0.499", "1").status == "PENDING"
    assert desk.refusal("BUY", "0.499", "0.9999") == "INVALID_ORDER_MIN_SIZE"


def test_post_only_orders_that_do_not_cross_rest():
    """They are accepted as makers."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    assert desk.place("BUY", "0.49", "10", post_only=True).status == "PENDING"


def test_new_markets_are_not_found_at_first():
    """A market warms up before it, or its tokens, can be named."""
    desk = Desk(warm_up=30 * SECOND)
    desk.feed.list(market(created_ns=START))
    desk.show("0.48x100", "0.50x100")
    assert desk.refusal("BUY", "0.50", "10") == "MARKET_NOT_FOUND"
    with pytest.raises(Refused, match="TOKEN_NOT_FOUND"):
        desk.exchange.token("1y", desk.now)
    desk.now += 30 * SECOND
    assert desk.place("BUY", "0.50", "10").status == "FILLED"
    assert desk.exchange.token("1n", desk.now)[1] == 1


@pytest.mark.parametrize("changes", [{"status": "closed"}, {"end_ns": START + SECOND}])
def test_a_closed_market_lets_sellers_out_at_their_entry_price(changes: dict[str, Any]):
    """Nothing is bought; shares at hand go at what they cost, without a fee, if that is good enough."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "20")
    desk.now += SECOND
    desk.feed.list(market(**changes))
    assert desk.refusal("BUY", "0.50", "10") == "MARKET_CLOSED"
    assert desk.refusal("SELL", "0.51", "20", order_type="market") == "MARKET_CLOSED"
    assert desk.refusal("SELL", "0.40", "21", order_type="market") == "MARKET_CLOSED"
    out = desk.market("SELL", "0.40", "20")
    ended = "_postexpiry" if "end_ns" in changes else ""
    assert (out.price, out.fee_charged, out.price_source) == (
        500_000,
        0,
        f"emergency_exit_entry_price{ended}",
    )
    assert desk.cash == "9999.80"
    desk.exchange.audit()


def test_a_free_account_has_so_many_orders_a_day():
    """The cap counts all orders of a UTC day, tells how long to wait, and leaves replays alone."""
    desk = Desk(tier="free", daily_caps={"free": 3})
    desk.show("0.48x100", "0.50x100")
    desk.now = (START // (86_400 * SECOND) + 1) * 86_400 * SECOND - 90 * SECOND
    for _ in range(3):
        desk.place("BUY", "0.10", "5")
    with pytest.raises(Refused) as refused:
        desk.place("BUY", "0.10", "5")
    assert (refused.value.code, refused.value.status, refused.value.retry_after) == (
        "RATE_LIMIT_EXCEEDED",
        429,
        90,
    )
    desk.now += 90 * SECOND
    assert desk.place("BUY", "0.10", "5").status == "PENDING"
    user = desk.exchange.user(1)
    assert user is not None
    assert user.orders_today == 1
    desk.exchange.set_tier(1, "pro", desk.now)
    assert [desk.place("BUY", "0.10", "5").status for _ in range(4)] == ["PENDING"] * 4


def test_an_outage_lets_orders_rest_only():
    """Immediate orders are refused with a wait; what rests is held, and goes on by itself afterwards."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.exchange.outage = True
    for fields in ({"order_type": "market"}, {"time_in_force": "FOK"}, {"time_in_force": "FAK"}):
        with pytest.raises(Refused) as refused:
            desk.place("BUY", "0.50", "10", **fields)
        assert (refused.value.code, refused.value.retry_after) == ("VENUE_UNAVAILABLE", 60)
    assert desk.place("BUY", "0.50", "10").status == "PENDING"
    assert desk.wait(10) == []
    assert desk.exchange.order(1, 1).hold_reason == "venue_outage"
    desk.exchange.cancel(1, desk.place("BUY", "0.50", "10").order_id, desk.now)
    assert desk.exchange.order(1, 2).hold_reason is None
    desk.exchange.outage = False
    assert [trade.taker for trade in desk.wait(1)] == [False]
    assert desk.exchange.order(1, 1).hold_reason is None
