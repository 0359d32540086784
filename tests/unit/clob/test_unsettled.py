"""What trades on their way to the chain mean for a wallet."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from polyspec_wire.clob import models as wire

from polyspec.clob.unsettled import fills, on_the_way

WALLET = "0x" + "aB" * 20
YES, NO = "1", "2"


def trade(**changes: Any) -> wire.Trade:
    """Return a trade in which the wallet took ten shares of YES."""
    known: dict[str, Any] = {
        "id": "t",
        "taker_order_id": "0x1",
        "market": "0x2",
        "asset_id": YES,
        "side": wire.Side.BUY,
        "size": Decimal(10),
        "price": Decimal("0.5"),
        "status": wire.TradeStatus.MATCHED,
        "match_time": "1",
        "last_update": "1",
        "outcome": "Yes",
        "bucket_index": 0,
        "owner": "key",
        "maker_address": WALLET.lower(),
        "trader_side": wire.TraderSide.TAKER,
    }
    return wire.Trade(**(known | changes))


def made(*orders: wire.MakerOrder, **changes: Any) -> wire.Trade:
    """Return a trade somebody else took, from resting orders."""
    taken = {"maker_address": "0x" + "cd" * 20, "trader_side": wire.TraderSide.MAKER}
    return trade(**(taken | changes), maker_orders=list(orders))


def resting(token: str = YES, side: wire.Side | None = wire.Side.SELL, **changes: Any) -> wire.MakerOrder:
    """Return a resting order of the wallet of which seven shares were taken."""
    known = {"asset_id": token, "side": side, "maker_address": WALLET, "matched_amount": Decimal(7)}
    return wire.MakerOrder(**(known | changes))


def test_takers_gain_what_they_buy() -> None:
    """A taker gains what it bought and loses what it sold, of the token it named."""
    assert list(fills(trade(), WALLET)) == [(YES, 10)]
    assert list(fills(trade(side=wire.Side.SELL), WALLET)) == [(YES, -10)]


def test_makers_trade_their_own_order() -> None:
    """A maker trades what was taken of its orders, in their outcome and on their side."""
    both = made(resting(), resting(NO, wire.Side.BUY, matched_amount=Decimal(3)))
    assert list(fills(both, WALLET)) == [(YES, -7), (NO, 3)]


@pytest.mark.parametrize(
    ("taker", "token", "shares"),
    [("BUY", YES, -7), ("BUY", NO, 7), ("SELL", YES, 7), ("SELL", NO, -7)],
)
def test_sides_follow_where_they_are_left_out(taker: str, token: str, shares: int) -> None:
    """Within one outcome a buyer meets a seller; over both, two buyers or two sellers meet."""
    told = made(resting(token, None), side=wire.Side(taker))
    assert list(fills(told, WALLET)) == [(token, shares)]


def test_other_wallets_are_none_of_ours() -> None:
    """Neither the rest of the makers, nor another wallet of the same key, counts."""
    stranger = "0x" + "ef" * 20
    assert list(fills(made(resting(maker_address=stranger)), WALLET)) == []
    assert list(fills(made(resting(matched_amount=None)), WALLET)) == []
    assert list(fills(trade(maker_address=stranger), WALLET)) == []


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("MATCHED", True),
        ("MATCHED_NOT_BROADCASTED", True),
        ("RETRYING", True),
        ("MINED", False),
        ("CONFIRMED", False),
        ("FAILED", False),
    ],
)
def test_what_the_chain_has_is_not_on_the_way(status: str, counts: bool) -> None:
    """Only what is matched and neither mined nor failed is on its way."""
    found = on_the_way([trade(status=wire.TradeStatus(status))], WALLET, YES)
    assert found == (10 if counts else 0)


def test_sums_are_exact_and_of_one_token() -> None:
    """Trades of the token add up, others are left out, in any context."""
    trades = [trade(size=Decimal("1000.01")), made(resting(), resting(NO)), trade(asset_id=NO)]
    with localcontext(Context(prec=2)):
        assert on_the_way(trades, WALLET, YES) == Decimal("993.01")
        assert on_the_way(trades, WALLET, NO) == 3
        assert on_the_way([], WALLET, YES) == 0
