"""The venue's own clients understand a sandbox that restricts trading, limits them or takes its fees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from polyspec.sandbox.clob.engine import types as t
from tests.interop.casting import BY_HAND, UNIFIED, only
from tests.interop.driven import PeerRefused
from tests.interop.stage import Stage, decimal

WORDS = {
    "cancel_only": "Trading is currently cancel-only",
    "post_only": "post-only mode: only post-only orders and cancels are allowed",
    "restarting": "",
}


@pytest.fixture
def token(stage: Stage) -> str:
    """The first outcome of a market with a tick of a cent."""
    return stage.listing("rain").token_ids[0]


@contextmanager
def restricted(stage: Stage, how: str) -> Iterator[None]:
    """Restrict trading for a while."""
    modes = stage.world.modes
    with stage.world.lock:
        if how == "restarting":
            modes.restart(60)
        elif how == "post_only":
            modes.post_only(60)
        else:
            modes.set(t.TradingMode(how.upper()))
    try:
        yield
    finally:
        with stage.world.lock:
            modes.set(t.TradingMode.NORMAL)


@pytest.mark.parametrize("how", WORDS)
def test_restricted_trading_is_told_apart(stage: Stage, token: str, how: str) -> None:
    """Orders are refused with the status and words of the mode, and the client that knows modes names it."""
    trader = stage.trader()
    with restricted(stage, how):
        with pytest.raises(PeerRefused) as caught:
            trader("place", token=token, side="BUY", price="0.3", size="10")
    assert caught.value.http == (425 if how == "restarting" else 503)
    assert WORDS[how] in caught.value.message
    if stage.peer.peer.name == "polymarket-client":
        assert caught.value.restriction == how
    assert stage.working() == []


def test_cancels_go_through_while_orders_do_not(stage: Stage, token: str) -> None:
    """Cancel-only means what it says, and post-only orders rest in post-only mode."""
    trader = stage.trader()
    placed = trader("place", token=token, side="BUY", price="0.3", size="10")
    with restricted(stage, "cancel_only"):
        assert trader("cancel", id=placed["id"])["canceled"] == [placed["id"]]
    with restricted(stage, "post_only"):
        assert trader("place", token=token, side="BUY", price="0.3", size="10", post_only=True)["ok"]


@only(*UNIFIED)
def test_the_limits_of_a_signer_are_told(stage: Stage, token: str) -> None:
    """The client that listens hears what is left of its signer's limit, and of which tier that is."""
    trader = stage.trader()
    trader("place", token=token, side="BUY", price="0.3", size="10")
    told = stage.peer("limits")
    assert told["tier"].lower() == "standard"
    assert 0 < told["remaining"] <= 60
    assert told["warning"] is False


def test_fees_stay_within_what_may_be_spent(stage: Stage, token: str) -> None:
    """An order cut for fees by what the market says of them costs no more than it may, and hardly less."""
    maker, taker = stage.trader(0), stage.trader(1)
    maker("place", token=token, side="SELL", price="0.4", size="50")
    before = taker.balance()
    placed = taker("place_market", token=token, side="BUY", amount="10", spend="10")
    assert placed["status"] == "matched"
    stage.settle()
    trade = stage.trade(placed["trades"][0])
    assert trade.fee > 0
    spent = before - taker.balance()
    assert spent == decimal(trade.amount + trade.fee)
    assert Decimal("9.97") < spent <= 10


@only(*BY_HAND)
def test_history_of_prices(stage: Stage, token: str) -> None:
    """A trade is the last point of the prices of its token."""
    stage.trader(0)("place", token=token, side="BUY", price="0.46", size="10")
    stage.trader(1)("place", token=token, side="SELL", price="0.46", size="10")
    last = stage.peer("history", token=token)[-1]
    assert Decimal(str(last["p"])) == Decimal("0.46")
    assert abs(last["t"] - stage.world.clock.seconds()) < 5
