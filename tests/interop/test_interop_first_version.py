"""The client of the venue's first version still logs in and reads; what it signs is refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.interop.casting import open_stage
from tests.interop.driven import PeerRefused
from tests.interop.provision import PEERS
from tests.interop.stage import Stage, decimal


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """py-clob-client on a sandbox of its own."""
    with open_stage(PEERS["py-clob-client"], tmp_path_factory) as stage:
        yield stage


def test_credentials(old: Stage) -> None:
    """Credentials are those every other client gets, and open the account."""
    trader = old.trader()
    assert trader("derive_key", nonce=0)["api_key"] == trader.owner
    assert trader.owner in trader("keys")
    assert trader("closed_only") is False
    told = trader("readonly_keys")
    assert told["made"] in told["listed"]


def test_reads(old: Stage) -> None:
    """Time, books, terms and balances are read."""
    told = old.peer("health")
    assert told["ok"] == "OK"
    assert abs(told["time"] - old.world.clock.seconds()) < 5
    listing = old.listing("rain")
    token, trader = listing.token_ids[0], old.trader()
    with old.sandbox.clob() as ours:
        for side, price in (("BUY", "0.4"), ("SELL", "0.6")):
            ours.create_and_post_order(token_id=token, side=side, price=price, size="10").unwrap()
    book = old.peer("book", token=token)
    assert (book["bids"], book["asks"]) == (
        [{"price": "0.4", "size": "10"}],
        [{"price": "0.6", "size": "10"}],
    )
    assert book["own_hash"] == book["hash"]
    assert [each["asset_id"] for each in old.peer("books", tokens=[token])] == [token]
    quotes = old.peer("quotes", token=token)
    assert [Decimal(quotes[name]) for name in ("bid", "ask", "midpoint", "spread")] == [
        Decimal(each) for each in ("0.4", "0.6", "0.5", "0.2")
    ]
    assert old.peer("terms", token=token) == {"tick": "0.01", "neg_risk": False}
    for kind, asset in (("COLLATERAL", ""), ("CONDITIONAL", token)):
        balance = trader("balance", kind=kind, token=asset or None)["balance"]
        assert decimal(int(balance)) == trader.balance(asset)
    assert len(trader("open_orders", token=token)) == 2
    assert len(trader("cancel_all")["canceled"]) == 2
    old.clear()


def test_its_orders_are_refused(old: Stage) -> None:
    """An order of the first version is refused as that, and leaves no trace."""
    with pytest.raises(PeerRefused, match="order_version_mismatch") as caught:
        old.trader()("place", token=old.listing("rain").token_ids[0], side="BUY", price="0.5", size="10")
    assert caught.value.http == 400
    assert old.working() == []
