"""What happens to orders that rest: fills, fees, expiry, cancels, heartbeats, and their two kinds of ids."""

from __future__ import annotations

import pytest

from polyspec.sandbox.polysimulator.engine import Refused
from tests.sandbox.polysimulator.engine.paper import SECOND, Desk, market


def test_a_maker_gets_its_own_price_and_pays_nothing():
    """What the market crosses later fills at the order's limit, all that was kept being spent."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    assert desk.cash == "9991.00"
    desk.show("0.40x100", "0.42x100")
    (trade,) = desk.wait(4)
    assert (trade.price, trade.taker, trade.fee, trade.pending_id) == (450_000, False, 0, 1)
    assert desk.cash == "9991.00"
    desk.exchange.audit()


def test_without_the_flag_a_maker_gets_the_touch():
    """The older venue passes the better price on, and looks at no depth."""
    desk = Desk(pm_v2=False)
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    desk.show("0.40x100", "0.42x1")
    (trade,) = desk.wait(4)
    assert (trade.price, trade.quantity) == (420_000, 200_000)
    assert desk.cash == "9991.60"


@pytest.mark.parametrize(("seconds", "charged"), [(3, "9990.80"), (3.1, "9991.00")])
def test_an_early_fill_is_a_takers(seconds: float, charged: str):
    """Within three seconds of placement the fee is due, after them it is not."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    desk.show("0.40x100", "0.42x100")
    (trade,) = desk.wait(seconds)
    assert (trade.taker, desk.cash) == (seconds == 3, charged)


def test_who_cannot_pay_an_early_fee_becomes_a_maker():
    """The wallet never goes below zero for a fee: the fill waits until there is none."""
    desk = Desk(api_baselines={"pro": 9_000_000})
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    desk.show("0.40x100", "0.42x100")
    assert desk.wait(1) == []
    (trade,) = desk.wait(3)
    assert (trade.fee, desk.cash) == (0, "0.00")


def test_resting_orders_fill_as_far_as_the_book_goes():
    """A partial fill leaves the rest, and the depth is used up until the book changes."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    desk.place("BUY", "0.45", "20")
    desk.show("0.40x100", "0.42x8 0.45x4 0.46x100")
    assert [(trade.pending_id, trade.quantity) for trade in desk.wait(4)] == [(1, 120_000)]
    assert desk.wait(1) == []
    desk.show("0.40x100", "0.45x10")
    assert [(t.pending_id, t.quantity) for t in desk.wait(1)] == [(1, 80_000), (2, 20_000)]
    first, second = desk.exchange.order(1, 1), desk.exchange.order(1, 2)
    assert (first.status, first.filled, second.status, second.filled) == (
        "FILLED",
        200_000,
        "PENDING",
        20_000,
    )
    assert len(first.trades) == 2
    desk.exchange.audit()


def test_a_resting_sell_fills_from_the_shares_it_kept():
    """Shares go when a bid reaches the limit; the position closes with the last."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "20")
    desk.place("SELL", "0.60", "20")
    desk.show("0.62x15", "0.64x100")
    (trade,) = desk.wait(4)
    assert (trade.price, trade.quantity, trade.cash) == (600_000, 150_000, 9_000_000)
    position = desk.position()
    assert position is not None
    assert (position.quantity, position.reserved) == (50_000, 50_000)
    desk.show("0.60x15", "0.64x100")
    desk.wait(1)
    assert desk.position() is None
    desk.exchange.audit()


def test_a_dated_order_ends_at_its_second():
    """It expires before it is matched, with its reason, and what it kept comes back."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20", time_in_force="GTD", expiration=str(desk.now // SECOND + 60))
    assert desk.exchange.next_due() == desk.now + 60 * SECOND
    assert desk.wait(59.999) == []
    assert desk.exchange.order(1, 1).status == "PENDING"
    desk.show("0.40x100", "0.42x100")
    assert desk.wait(0.001) == []
    row = desk.exchange.order(1, 1)
    assert (row.status, row.cancelled_reason, desk.cash) == ("EXPIRED", "gtd_expired", "10000.00")


def test_cancelling_returns_what_was_kept():
    """Cash and shares come back; what is over cannot be cancelled again, what is another's is not found."""
    desk = Desk()
    desk.exchange.open_user(2, "pro", desk.now)
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "20")
    desk.place("SELL", "0.60", "20")
    desk.place("BUY", "0.45", "20")
    assert desk.exchange.cancel(1, 1, desk.now).cancelled_reason == "cancelled_by_user"
    desk.exchange.cancel(1, 2, desk.now)
    assert desk.cash == "9989.80"
    position = desk.position()
    assert position is not None
    assert position.reserved == 0
    for user, number, code in (
        (1, 1, "ORDER_NOT_CANCELLABLE"),
        (1, 9, "ORDER_NOT_FOUND"),
        (2, 1, "ORDER_NOT_FOUND"),
    ):
        with pytest.raises(Refused, match=code):
            desk.exchange.cancel(user, number, desk.now)


def test_an_immediate_fill_cannot_be_cancelled():
    """A number that only the filled table knows names an order that is done."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    placed = desk.market("BUY", "0.50", "20")
    with pytest.raises(Refused, match="ORDER_NOT_CANCELLABLE"):
        desk.exchange.cancel(1, placed.order_id, desk.now)


def test_cancelling_many_tells_which_were_not():
    """Each id gets its own answer, and one named twice is cancelled once."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    for _ in range(3):
        desk.place("BUY", "0.45", "20")
    done = desk.exchange.cancel_many(1, ["1", "01", 2, "2", "x", "77", "9" * 40, "-1", "٣"], desk.now)
    assert done.canceled == ("1", "2")
    assert set(done.not_canceled) == {"x", "77", "9" * 40, "-1", "٣"}
    assert desk.cash == "9991.00"
    assert desk.exchange.cancel_all(1, desk.now).canceled == ("3",)
    desk.exchange.audit()


def test_cancelling_by_market_or_token():
    """Only orders there end; another account's never do."""
    desk = Desk()
    desk.exchange.open_user(2, "pro", desk.now)
    desk.feed.list(market(2))
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    desk.place("BUY", "0.45", "20", outcome="No")
    desk.place("BUY", "0.45", "20", market_id="m2")
    desk.place("BUY", "0.45", "20", user=2)
    assert desk.exchange.cancel_market(1, desk.now, token_id="1n").canceled == ("2",)
    assert desk.exchange.cancel_market(1, desk.now, market_id="m1").canceled == ("1",)
    assert desk.exchange.cancel_all(1, desk.now).canceled == ("3",)
    assert desk.exchange.order(2, 4).status == "PENDING"


def test_one_number_names_two_orders():
    """The two tables count for themselves: an id means nothing without its source."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    filled = desk.market("BUY", "0.50", "20", client_order_id="a")
    pending = desk.place("BUY", "0.45", "30", client_order_id="b")
    assert (filled.order_id, filled.source, pending.order_id, pending.source) == (1, "filled", 1, "pending")
    by_source = {s: desk.exchange.order(1, 1, s).client_order_id for s in ("filled", "pending")}
    assert by_source == {"filled": "a", "pending": "b"}
    assert desk.exchange.order(1, 1).client_order_id == "b"


def test_an_order_that_rested_and_filled_has_a_row_in_each_table():
    """The pending row keeps its number and says FILLED; the execution has another; a listing shows one."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "20")
    desk.place("BUY", "0.45", "30", client_order_id="b")
    desk.show("0.40x100", "0.42x100")
    (trade,) = desk.wait(4)
    assert trade.id == 2
    row = desk.exchange.order(1, 1, "pending")
    assert (row.status, row.fill_price, row.filled_ns) == ("FILLED", 450_000, desk.now)
    execution = desk.exchange.order(1, 2, "filled")
    assert (execution.client_order_id, execution.quantity) == ("b", 300_000)
    listed = desk.exchange.orders([desk.exchange.wallet(1)], status="FILLED")
    assert sorted((each.source, each.order_id) for each in listed) == [("filled", 1), ("pending", 1)]
    assert [each.source for each in desk.exchange.orders_by_client_id(1, "b")] == ["pending"]
    with pytest.raises(Refused, match="ORDER_NOT_FOUND"):
        desk.exchange.order(1, 2, "pending")


def test_listings_are_newest_first_and_filtered():
    """Market, token, side and status narrow a listing."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    desk.wait(1)
    desk.place("BUY", "0.45", "20", outcome="No")
    desk.wait(1)
    desk.market("BUY", "0.50", "20")
    wallets = [desk.exchange.wallet(1)]
    assert [row.source for row in desk.exchange.orders(wallets)] == ["filled", "pending", "pending"]
    assert [row.outcome for row in desk.exchange.orders(wallets, status="PENDING")] == ["No", "Yes"]
    assert len(desk.exchange.orders(wallets, token_id="1y")) == 2
    assert desk.exchange.orders(wallets, side="SELL") == desk.exchange.orders(wallets, market_id="m2") == []
    assert [trade.token_id for trade in desk.exchange.trades(wallets, token_id="1y")] == ["1y"]
    assert desk.exchange.trades(wallets, side="SELL") == []
    assert len(desk.exchange.market_trades("m1")) == len(desk.exchange.market_trades("m1", "1y")) == 1


@pytest.mark.parametrize(
    ("interval", "grace"), [(1_000, 1_000), (4_000, 1_000), (20_000, 5_000), (60_000, 15_000)]
)
def test_silence_cancels_everything(interval: int, grace: int):
    """After the interval and its grace every order of the account ends, in all wallets, nobody else's."""
    desk = Desk()
    desk.exchange.open_user(2, "pro", desk.now)
    desk.show("0.48x100", "0.50x100")
    other = desk.exchange.create_wallet(1, desk.now)
    desk.place("BUY", "0.45", "20")
    desk.place("BUY", "0.45", "20", wallet_id=other.id)
    desk.place("BUY", "0.45", "20", user=2)
    due = desk.exchange.beat(1, interval, desk.now)
    assert due == desk.now // 1_000_000 + interval + grace
    desk.wait((interval + grace - 1) / 1000)
    assert desk.exchange.order(1, 1).status == "PENDING"
    desk.wait(0.001)
    assert [desk.exchange.order(1, n).cancelled_reason for n in (1, 2)] == ["heartbeat_expired"] * 2
    assert desk.exchange.order(2, 3).status == "PENDING"
    # the switch is gone with that: what is placed now stays
    desk.place("BUY", "0.45", "20")
    desk.wait(600)
    assert desk.exchange.order(1, 4).status == "PENDING"


def test_labels_have_room_for_sixty_four_characters():
    """The bounds of a beat belong to what is taken."""
    desk = Desk()
    assert desk.exchange.beat(1, 60_000, desk.now, label="x" * 64) > desk.exchange.beat(1, 1_000, desk.now)


def test_beats_keep_orders_and_each_label_must_beat():
    """A refresh moves the moment; one silent label ends the orders of all."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    desk.exchange.beat(1, 4_000, desk.now, label="a")
    desk.exchange.beat(1, 4_000, desk.now, label="b")
    for _ in range(4):
        desk.wait(4)
        desk.exchange.beat(1, 4_000, desk.now, label="a")
        if desk.exchange.order(1, 1).status != "PENDING":
            break
        desk.exchange.beat(1, 4_000, desk.now, label="b")
    assert desk.exchange.order(1, 1).status == "PENDING"
    desk.wait(4)
    desk.exchange.beat(1, 4_000, desk.now, label="a")
    desk.wait(1)
    assert desk.exchange.order(1, 1).status == "CANCELLED"


def test_a_beat_after_the_moment_comes_too_late():
    """Silence counts even if nobody looked before the next beat."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.place("BUY", "0.45", "20")
    desk.exchange.beat(1, 1_000, desk.now)
    desk.now += 2 * SECOND
    desk.exchange.beat(1, 1_000, desk.now)
    assert desk.exchange.order(1, 1).status == "CANCELLED"


@pytest.mark.parametrize(("interval", "label"), [(999, ""), (60_001, ""), (5_000, "x" * 65)])
def test_beats_out_of_bounds_are_refused(interval: int, label: str):
    """The interval and the label have limits."""
    desk = Desk()
    with pytest.raises(Refused, match="VALIDATION_FAILED"):
        desk.exchange.beat(1, interval, desk.now, label=label)
