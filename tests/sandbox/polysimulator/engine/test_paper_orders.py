"""What an order gets at placement: types, times in force, prices, fees, and the older behaviour."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from polyspec.core.typed import decoder
from polyspec.sandbox.polysimulator.engine import Refused, fee_bps, money_text, price_text, quantity_text
from polyspec.sandbox.polysimulator.engine.units import charge, fee_of, scaled
from tests.sandbox.polysimulator.engine.paper import SECOND, START, Desk, market


def test_the_worked_example_costs_nine_cents_of_fee():
    """Ten shares at 0.65 in politics leave 9,993.41 of 10,000."""
    desk = Desk()
    desk.show("0.63x100", "0.65x100")
    placed = desk.market("BUY", "0.65", "10")
    assert (placed.status, placed.source, placed.price, placed.quantity) == (
        "FILLED",
        "filled",
        650_000,
        100_000,
    )
    assert (placed.notional, placed.fee, placed.fee_charged) == (6_500_000, 91_000, 90_000)
    assert placed.account_balance == 9_993_410_000
    assert (placed.created_ns, placed.filled_ns) == (desk.now, desk.now)
    assert desk.place("BUY", "0.60", "10").filled_ns is None
    desk.exchange.cancel_all(1, desk.now)
    assert desk.cash == "9993.41"
    desk.exchange.audit()


@pytest.mark.parametrize(
    ("category", "fee", "charged"),
    [
        ("crypto", "0.15925", "0.16"),
        ("Politics", "0.091", "0.09"),
        ("sports", "0.06825", "0.07"),
        ("geopolitics", "0.00", "0.00"),
        ("weather", "0.11375", "0.11"),
        ("never heard of", "0.11375", "0.11"),
    ],
)
def test_fees_go_by_category(category: str, fee: str, charged: str):
    """Each category has its rate; one nobody knows pays that of the rest."""
    desk = Desk()
    desk.feed.list(market(category=category))
    desk.show("0.63x100", "0.65x100")
    placed = desk.market("BUY", "0.65", "10")
    assert (money_text(placed.fee), money_text(placed.fee_charged)) == (fee, charged)
    assert desk.exchange.trades([desk.exchange.wallet(1)])[0].fee_bps == fee_bps(category)


def test_a_seller_gets_the_proceeds_less_the_fee():
    """A SELL's fee comes out of what it brings."""
    desk = Desk()
    desk.show("0.63x100", "0.65x100")
    desk.market("BUY", "0.65", "10")
    sold = desk.market("SELL", "0.60", "10")
    assert (sold.price, sold.notional, sold.fee_charged) == (630_000, 6_300_000, 90_000)
    assert desk.cash == "9999.62"
    assert desk.position() is None


def test_a_market_order_walks_the_book_to_an_average():
    """Several levels are paid at their average price, and the answer says how that came about."""
    desk = Desk()
    desk.show("0.48x100", "0.50x10 0.51x30 0.52x100")
    placed = desk.market("BUY", "0.52", "80")
    assert placed.price == (500_000 * 10 + 510_000 * 30 + 520_000 * 40) // 80 == 513_750
    assert (placed.price_source, placed.book_walk_levels, placed.notional) == ("book_walk", 3, 41_100_000)
    assert (placed.spread_bps, placed.impact_bps, placed.slippage_bps) == (408, 275, 120)


def test_slippage_is_told_and_a_lot_of_it_is_warned_of():
    """It is how far the fill is from the price given, in either direction, and a warning from 5% on."""
    desk = Desk()
    desk.show("0.475x100", "0.50x100")
    near, far = desk.market("BUY", "0.5263", "10"), desk.market("BUY", "0.5264", "10")
    assert (near.slippage_bps, near.warnings) == (500, ("high_slippage_bps_500",))
    assert (far.slippage_bps, far.warnings) == (502, ("high_slippage_bps_502",))
    sold = desk.market("SELL", "0.4525", "10")
    assert (sold.price, sold.slippage_bps, sold.warnings) == (475_000, 497, ())


def test_levels_used_up_are_not_walked():
    """A level of which nothing is left is not among those an order walked."""
    desk = Desk()
    desk.show("0.40x100", "0.48x10 0.49x10 0.50x10")
    assert desk.place("BUY", "0.50", "10").book_walk_levels == 1
    assert desk.place("BUY", "0.50", "15").book_walk_levels == 2


def test_the_price_of_a_market_order_is_a_cap():
    """Nothing is bought beyond the cap or sold below it."""
    desk = Desk()
    desk.show("0.48x100", "0.50x10 0.55x100")
    assert desk.refusal("BUY", "0.54", "30", order_type="market") == "FOK_ORDER_NOT_FILLED_ERROR"
    assert desk.refusal("BUY", "0.49", "10", order_type="market") == "FOK_ORDER_NOT_FILLED_ERROR"
    desk.market("BUY", "0.50", "10")
    assert desk.refusal("SELL", "0.49", "10", order_type="market") == "FOK_ORDER_NOT_FILLED_ERROR"


@pytest.mark.parametrize("given", ["FAK", "IOC"])
def test_fill_and_kill_takes_what_there_is(given: str):
    """FAK and IOC are one: a partial fill, a warning, and nothing that rests."""
    desk = Desk()
    desk.show("0.48x100", "0.50x10 0.55x100")
    placed = desk.market("BUY", "0.50", "30", time_in_force=given)
    assert (placed.status, placed.quantity, placed.time_in_force) == ("FILLED", 100_000, "IOC")
    assert placed.warnings == ("partial_fill:filled=10,requested=30",)
    nothing = desk.market("BUY", "0.40", "30", time_in_force=given)
    assert (nothing.status, nothing.source, nothing.cancelled_reason) == (
        "CANCELLED",
        "pending",
        "ioc_not_filled",
    )
    rows = desk.exchange.orders([desk.exchange.wallet(1)])
    assert [(row.status, row.time_in_force) for row in rows] == [("CANCELLED", "IOC"), ("FILLED", "IOC")]
    assert [row.limit_price for row in rows] == [None, None]
    assert desk.cash == "9994.90"


def test_a_fok_short_of_a_share_is_filled_in_full():
    """A shortfall of one share is absorbed at the walked price; a little more is not."""
    desk = Desk()
    desk.show("0.48x100", "0.50x10")
    assert desk.refusal("BUY", "0.50", "11.0001", order_type="market") == "FOK_ORDER_NOT_FILLED_ERROR"
    assert desk.market("BUY", "0.50", "11").quantity == 110_000
    killed = desk.place("BUY", "0.50", "11.0001", time_in_force="FOK")
    assert (killed.status, killed.cancelled_reason) == ("CANCELLED", "fok_not_filled")
    assert desk.place("BUY", "0.50", "11", time_in_force="FOK").quantity == 110_000


def test_an_order_for_nothing_on_offer_is_not_filled_by_the_tolerance():
    """An empty book fills no share, however few are asked for."""
    desk = Desk()
    desk.feed.list(market(tick=1_000))
    desk.show("0.48x100", "")
    assert desk.refusal("BUY", "0.50", "1", order_type="market") == "FOK_ORDER_NOT_FILLED_ERROR"


def test_a_good_till_cancel_order_takes_what_crosses_and_rests_with_the_rest():
    """The marketable part pays the taker's price and fee, the rest keeps cash at the limit."""
    desk = Desk()
    desk.show("0.40x100", "0.48x40 0.55x100")
    placed = desk.place("BUY", "0.50", "100", client_order_id="c-1")
    assert (placed.status, placed.source, placed.order_id) == ("PENDING", "pending", 1)
    assert (placed.filled, placed.filled_notional, placed.quantity) == (400_000, 19_200_000, 1_000_000)
    assert placed.warnings == ("partial_fill:filled=40,requested=100",)
    # 40 at 0.48, its fee of 0.40, and 60 kept at 0.50
    assert desk.cash == "9950.40"
    row = desk.exchange.order(1, 1, "pending")
    assert (row.limit_price, row.notional, row.fee_charged) == (500_000, 19_200_000, 400_000)
    assert (row.status, row.filled, row.fill_price, row.trades) == ("PENDING", 400_000, 480_000, (1,))
    assert desk.exchange.trades([desk.exchange.wallet(1)])[0].taker
    desk.exchange.cancel(1, 1, desk.now)
    assert desk.cash == "9980.40"
    desk.exchange.audit()


def test_a_limit_order_that_crosses_wholly_never_rests():
    """It is filled at once, at the book's price, and has no row among the pending."""
    desk = Desk()
    desk.show("0.40x100", "0.48x40")
    placed = desk.place("BUY", "0.50", "40")
    assert (placed.status, placed.source, placed.price) == ("FILLED", "filled", 480_000)
    with pytest.raises(Refused, match="ORDER_NOT_FOUND"):
        desk.exchange.order(1, placed.order_id, "pending")


def test_orders_of_either_outcome_meet_the_merged_book():
    """Buying No takes the depth that bids for Yes offer."""
    desk = Desk()
    desk.show("0.40x10", "0.48x40")
    assert desk.place("BUY", "0.60", "10", outcome="no").price == 600_000
    # the bids for Yes at 0.40 are gone for limit orders now, whichever outcome asks
    assert desk.place("BUY", "0.60", "10", outcome="NO").status == "PENDING"


def test_limit_orders_use_up_a_snapshot_and_a_new_one_restores_it():
    """A level is offered to limit orders once, whoever took it; market orders do not see that."""
    desk = Desk()
    desk.exchange.open_user(2, "pro", desk.now)
    desk.show("0.40x100", "0.48x40")
    assert desk.place("BUY", "0.48", "30").status == "FILLED"
    second = desk.place("BUY", "0.48", "30", user=2)
    assert (second.status, second.filled) == ("PENDING", 100_000)
    assert desk.market("BUY", "0.48", "40").status == "FILLED"
    assert desk.place("BUY", "0.48", "5").filled == 0
    desk.show("0.40x100", "0.48x40")
    assert desk.place("BUY", "0.48", "5").filled == 50_000


def test_market_orders_use_up_nothing():
    """The same depth can be bought again and again by market orders, and by a limit order after."""
    desk = Desk()
    desk.show("0.40x100", "0.48x40")
    assert [desk.market("BUY", "0.48", "40").quantity for _ in range(3)] == [400_000] * 3
    assert desk.place("BUY", "0.48", "40").status == "FILLED"


def test_a_market_order_far_from_the_displayed_price_is_refused():
    """Beyond 15% the best level is tried, then the order is refused; limit orders know their price."""
    desk = Desk()
    desk.show("0.48x100", "0.52x1 0.90x100")
    assert desk.refusal("BUY", "0.95", "1000", order_type="market") == "FOK_ORDER_NOT_FILLED_ERROR"
    best = desk.market("BUY", "0.95", "100")
    assert (best.price, best.price_source, best.book_walk_levels) == (520_000, "best_ask", None)
    desk.show("0.48x100", "0.70x100", last="0.50")
    assert desk.refusal("BUY", "0.95", "10", order_type="market") == "INSUFFICIENT_LIQUIDITY"
    assert desk.place("BUY", "0.95", "10").price == 700_000


def test_the_band_ends_at_fifteen_percent():
    """A price 15% off is near enough; one a ten-thousandth further is not."""
    desk = Desk()
    desk.feed.list(market(tick=100))
    desk.show("0.40x100", "0.575x100", last="0.50")
    assert desk.market("BUY", "0.95", "10").price == 575_000
    desk.show("0.40x100", "0.5751x100", last="0.50")
    assert desk.refusal("BUY", "0.95", "10", order_type="market") == "INSUFFICIENT_LIQUIDITY"


def test_outcomes_dearer_than_a_dollar_and_a_half_are_refused():
    """Prices that cannot be those of one market fill no market order."""
    desk = Desk()
    desk.show("0.74x100", "0.76x100")
    desk.feed.books["1n"] = desk.feed.books["1y"]
    assert desk.market("BUY", "0.80", "10").price == 760_000
    desk.show("0.75x100", "0.77x100")
    desk.feed.books["1n"] = desk.feed.books["1y"]
    assert desk.refusal("BUY", "0.80", "10", order_type="market") == "INSUFFICIENT_LIQUIDITY"


@pytest.mark.parametrize(("minutes", "refused"), [(5, False), (15, True), (60, True), (None, True)])
def test_short_rounds_may_stray_further(minutes: int | None, refused: bool):
    """A fill 40% off is near enough in a round of five minutes only."""
    desk = Desk()
    end = None if minutes is None else START + minutes * 60 * SECOND
    desk.feed.list(market(outcomes=("Up", "Down"), start_ns=START, end_ns=end))
    desk.show("0.48x100", "0.70x100", last="0.50")
    if refused:
        assert (
            desk.refusal("BUY", "0.95", "10", outcome="up", order_type="market") == "INSUFFICIENT_LIQUIDITY"
        )
    else:
        assert desk.market("BUY", "0.95", "10", outcome="up").price == 700_000


def test_an_amount_buys_what_it_pays_for_at_the_cap():
    """Dollars are divided by the order's price and cut to four decimals."""
    desk = Desk()
    desk.show("0.40x100", "0.45x1000")
    placed = desk.market("BUY", "0.47", amount=Decimal(100))
    assert (quantity_text(placed.quantity), placed.amount_interpreted_as) == ("212.7659", "usd_at_price_cap")
    other = Desk(amount_at="displayed")
    other.show("0.43x100", "0.45x1000")
    placed = other.market("BUY", "0.47", amount=Decimal(100))
    assert (quantity_text(placed.quantity), placed.amount_interpreted_as) == (
        "227.2727",
        "usd_at_displayed_price",
    )


def test_an_order_beyond_the_cash_is_refused():
    """What is missing may be the fee alone."""
    desk = Desk(api_baselines={"pro": 6_500_000})
    desk.show("0.63x100", "0.65x100")
    assert desk.refusal("BUY", "0.65", "10", order_type="market") == "INSUFFICIENT_BALANCE"
    assert desk.refusal("BUY", "0.65", "10") == "INSUFFICIENT_BALANCE"
    assert desk.place("BUY", "0.64", "10").status == "PENDING"
    assert desk.refusal("BUY", "0.40", "5") == "INSUFFICIENT_BALANCE"


def test_shares_are_sold_once():
    """What a resting SELL keeps cannot be sold again, and nothing is sold short."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    assert desk.refusal("SELL", "0.40", "5", order_type="market") == "INSUFFICIENT_POSITION"
    desk.market("BUY", "0.50", "20")
    desk.place("SELL", "0.60", "12")
    assert desk.refusal("SELL", "0.40", "9", order_type="market") == "INSUFFICIENT_POSITION"
    assert desk.market("SELL", "0.40", "8").status == "FILLED"
    desk.exchange.audit()


def test_several_buys_average_and_sales_leave_the_average():
    """The entry price is the average of what was paid, without fees; a sale does not move it."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "10")
    desk.show("0.58x100", "0.60x100")
    brief = desk.market("BUY", "0.60", "30").position
    assert brief is not None
    assert (brief.quantity, brief.avg_entry_price) == (400_000, 575_000)
    brief = desk.market("SELL", "0.50", "15").position
    assert brief is not None
    assert (brief.quantity, brief.avg_entry_price) == (250_000, 575_000)


# -- the older behaviour --


def test_without_the_flag_depth_does_not_matter():
    """FAK and crossing limits fill wholly at the touch, whatever it offers; FOK looks at the price only."""
    desk = Desk(pm_v2=False)
    desk.show("0.48x1", "0.50x1 0.52x1")
    fak = desk.market("BUY", "0.55", "100", time_in_force="FAK")
    assert (fak.price, fak.quantity, fak.price_source) == (500_000, 1_000_000, "best_ask")
    assert desk.market("BUY", "0.49", "100", time_in_force="FAK").status == "CANCELLED"
    assert (fok := desk.market("BUY", "0.55", "100")).price == 500_000
    assert fok.price_source == "best_ask"
    assert desk.market("BUY", "0.55", "2").price == 510_000
    assert [desk.place("BUY", "0.50", "100").status for _ in range(2)] == ["FILLED", "FILLED"]


def test_without_the_flag_small_orders_post_only_and_dates_pass():
    """Any size from 0.0001 share is taken, post_only is ignored, GTD is GTC."""
    desk = Desk(pm_v2=False)
    desk.show("0.48x10", "0.50x10")
    assert desk.place("BUY", "0.50", "0.0001").status == "FILLED"
    assert desk.place("BUY", "0.50", "5", post_only=True).status == "FILLED"
    assert desk.place("BUY", "0.40", "5", time_in_force="GTD", expiration="1").time_in_force == "GTC"
    desk.exchange.audit()


def test_without_the_flag_an_empty_book_is_filled_at_the_displayed_price():
    """The last trade prices a market order when nobody offers; nothing at all does not."""
    desk = Desk(pm_v2=False)
    desk.show("", "", last="0.30")
    placed = desk.market("BUY", "0.30", "10")
    assert (placed.price, placed.price_source) == (300_000, "last_trade_only")
    desk.show("", "")
    assert desk.refusal("BUY", "0.30", "10", order_type="market") == "INSUFFICIENT_LIQUIDITY"
    guarded = Desk(pm_v2=False, require_depth=True)
    guarded.show("0.28x1", "0.30x1")
    assert guarded.refusal("BUY", "0.30", "10", order_type="market") == "NO_EXECUTABLE_DEPTH"


def test_old_quotes_can_be_refused():
    """With the guard on, a book older than it allows fills no market order."""
    desk = Desk(quote_limit=5 * SECOND)
    desk.show("0.48x10", "0.50x10")
    desk.now = desk.feed.at + 5 * SECOND
    assert desk.market("BUY", "0.50", "5").quote_age_ms == 5000
    desk.now += 1
    assert desk.refusal("BUY", "0.50", "5", order_type="market") == "STALE_QUOTE"


# -- units --


def test_money_is_rounded_half_up():
    """Half a cent is a cent; half of the fifth decimal is one of it."""
    assert charge(5_000, 10_000) == 10_000
    assert charge(4_999, 10_000) == 0
    assert fee_of(500_000, 1, 400) == 0
    assert fee_of(500_000, 5, 400) == 10
    assert fee_of(500_000, 4, 400) == 0


def test_numbers_are_written_as_the_venue_does():
    """Money and prices have two decimals or more, shares as many as they need."""
    assert [price_text(500_000), price_text(513_750), money_text(-5_000)] == ["0.50", "0.51375", "-0.005"]
    assert [quantity_text(100_000), quantity_text(1)] == ["10", "0.0001"]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "0.0000001", "1e-99999", "1e99999"])
def test_what_is_no_number_of_units_is_none(text: str):
    """Numbers too fine, too large or not finite have no units, and cost no time."""
    assert scaled(Decimal(text), 1_000_000) is None


def test_answers_survive_being_written_down():
    """An answer read back from JSON is the same."""
    desk = Desk()
    desk.show("0.48x10", "0.50x10")
    placed = desk.place("BUY", "0.50", "20", client_order_id="c")
    assert decoder(type(placed)).decode(msgspec.json.encode(placed)) == placed
