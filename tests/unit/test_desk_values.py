"""The values all venues share: grids that never make an order worse, exact money."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec import Balance, Book, InvalidOrder, Market, OpenOrder, Position
from polyspec.core.desk import native_of
from polyspec.core.values import Level, added, checked_force, is_buy, left_of, market_id
from polyspec.errors import ConfigError

TICKS = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")


def market(tick: str = "0.01", **terms: Any) -> Market:
    """Return a market of hundredths of shares, five at least."""
    known: dict[str, Any] = {
        "id": "m",
        "name": "Will it hold?",
        "outcome": "Yes",
        "tick": Decimal(tick),
        "lowest": Decimal(tick),
        "highest": 1 - Decimal(tick),
        "minimum": Decimal(5),
        "quantity_step": Decimal("0.01"),
        "can_short": False,
        "native": None,
    }
    return Market(**(known | terms))


def order(side: str = "BUY", price: str = "0.5", quantity: str = "10", filled: str = "0") -> OpenOrder:
    """Return a working order."""
    return OpenOrder(
        order_id="1",
        market_id="m",
        side=side,
        price=Decimal(price),
        quantity=Decimal(quantity),
        filled=Decimal(filled),
        native="own",
    )


# -- prices --


@given(
    price=st.decimals("0.0001", "0.9999", places=6),
    tick=st.sampled_from(TICKS),
    side=st.sampled_from(("BUY", "SELL")),
)
def test_a_snapped_price_is_valid_and_no_worse(price: Decimal, tick: str, side: str) -> None:
    """Whatever the price, the one snapped to is on the grid and no worse, by less than a tick within it."""
    grid = market(tick)
    if price < grid.lowest if side == "BUY" else price > grid.highest:
        with pytest.raises(InvalidOrder) as caught:
            grid.snap(price, side)
        assert caught.value.nearest == (f"{grid.lowest if side == 'BUY' else grid.highest:f}",)
        return
    snapped = grid.snap(price, side)
    assert snapped % grid.tick == 0
    assert grid.lowest <= snapped <= grid.highest
    better = price - snapped if side == "BUY" else snapped - price
    assert better >= 0
    if grid.lowest <= price <= grid.highest:
        assert better < grid.tick


def test_a_valid_price_stays() -> None:
    """A price on the grid is returned as it is, for both sides, from text and integers too."""
    assert market().snap("0.57", "BUY") == market().snap("0.57", "SELL") == Decimal("0.57")
    wide = market(tick="1", lowest=Decimal(0), highest=Decimal(1))
    assert wide.snap(1, "sell") == 1


def test_prices_beyond_the_grid_are_held_where_that_is_no_worse() -> None:
    """A bid above the highest price becomes that, an offer below the lowest becomes that."""
    assert market().snap("1.20", "BUY") == Decimal("0.99")
    assert market().snap("-0.3", "SELL") == Decimal("0.01")


@pytest.mark.parametrize(("price", "side"), [("0.004", "BUY"), ("0.996", "SELL")])
def test_no_price_is_made_worse(price: str, side: str) -> None:
    """Where every valid price is worse than the one meant, there is an error that says what is nearest."""
    with pytest.raises(InvalidOrder, match="would be worse") as caught:
        market().snap(price, side)
    assert caught.value.field == "price"


def test_a_price_is_a_number_and_a_side_a_side() -> None:
    """Floats and other words are refused before anything is worked out."""
    with pytest.raises(InvalidOrder, match="is a float"):
        market().snap(0.5, "BUY")  # type: ignore[arg-type]
    with pytest.raises(InvalidOrder, match="side must be BUY or SELL"):
        market().snap("0.5", "HOLD")


# -- quantities --


@given(quantity=st.decimals("0", "100000", places=5), step=st.sampled_from(("1", "0.01", "0.0001")))
def test_lots_never_ask_for_more(quantity: Decimal, step: str) -> None:
    """The quantity is the largest valid one that is no more, or nothing below the smallest order."""
    found = market(quantity_step=Decimal(step)).lots(quantity)
    assert found % Decimal(step) == 0
    assert found <= quantity
    if quantity - quantity % Decimal(step) < 5:
        assert found == 0
    else:
        assert quantity - found < Decimal(step)


def test_a_short_has_no_lots() -> None:
    """Less than nothing is nothing."""
    assert market(minimum=Decimal("0.01")).lots("-20") == 0


# -- books and orders --


def test_a_book_knows_its_middle_exactly() -> None:
    """The middle is exact in any context, and is there only if both sides are."""
    bids, asks = (Level(Decimal("0.4001"), Decimal(5)),), (Level(Decimal("0.4"), Decimal(1)),)
    book = Book("m", bids, asks, None)
    with localcontext(Context(prec=2)):
        assert book.mid == Decimal("0.40005")
    assert (book.bid, book.ask) == (Decimal("0.4001"), Decimal("0.4"))
    for half in (Book("m", bids, (), None), Book("m", (), asks, None)):
        assert half.mid is None
    assert Book("m", (), bids, None).bid is None
    assert Book("m", bids, (), None).ask is None


def test_what_is_left_of_an_order() -> None:
    """The rest and its cost are exact in any context."""
    with localcontext(Context(prec=2)):
        part = order(price="0.125", quantity="100.01", filled="0.01")
        assert (part.remaining, part.cost) == (Decimal(100), Decimal("12.5"))


def test_money_adds_up_exactly() -> None:
    """Sums never round, and what is left is never less than nothing."""
    with localcontext(Context(prec=2)):
        assert added(Decimal("1000.01"), Decimal("-0.001")) == Decimal("1000.009")
        assert left_of(Decimal("1000.01"), Decimal("0.001"), Decimal(1)) == Decimal("999.009")
        assert left_of(Decimal(1), Decimal(2)) == 0


def test_native_records_are_kept_out_of_sight() -> None:
    """What the venue said is at hand, but neither shown nor compared."""
    one, other = market(native="venue says"), market(native="something else")
    assert one == other
    for each in (
        one,
        Position(market_id="m", quantity=Decimal(1), native="venue says"),
        Balance(available=Decimal(1), currency="USD", native="venue says"),
        Book("m", (), (), "venue says"),
    ):
        assert each.native == "venue says"
        assert "venue says" not in repr(each)


# -- words --


def test_forces_mean_the_same_everywhere() -> None:
    """GTC, IOC and FOK are all there is; FAK is another word for IOC."""
    said = {each: checked_force(each, post_only=False) for each in ("gtc", "IOC", "fak", "FOK")}
    assert said == {"gtc": "GTC", "IOC": "IOC", "fak": "IOC", "FOK": "FOK"}
    with pytest.raises(InvalidOrder, match="GTC, IOC or FOK at every venue"):
        checked_force("DAY", post_only=False)
    with pytest.raises(InvalidOrder, match="GTC, IOC or FOK"):
        checked_force(None, post_only=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("force", ["IOC", "FAK", "FOK"])
def test_post_only_does_not_trade_at_once(force: str) -> None:
    """An order that may only rest cannot be one that never rests."""
    with pytest.raises(InvalidOrder, match="post_only never trades at once"):
        checked_force(force, post_only=True)
    assert checked_force("GTC", post_only=True) == "GTC"


def test_sides_are_words() -> None:
    """Either case will do, nothing else."""
    assert is_buy("buy")
    assert not is_buy("SELL")
    with pytest.raises(InvalidOrder, match="BUY or SELL"):
        is_buy(1)  # type: ignore[arg-type]


def test_markets_go_by_their_id() -> None:
    """A market or its id name the same; nothing names nothing."""
    assert market_id(market()) == market_id("m") == "m"
    for nothing in ("", None, 7):
        with pytest.raises(ConfigError, match="name a market"):
            market_id(nothing)  # type: ignore[arg-type]


def test_orders_go_by_what_their_venue_knows() -> None:
    """A listed order stands for the venue's own record, an id for itself."""
    assert native_of(order()) == "own"
    assert native_of("7") == "7"
