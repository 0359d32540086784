"""Wallets deal through requests for quotes, signed by the packages that know them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.casting import open_stage
from tests.interop.provision import PEERS
from tests.interop.stage import Stage


@pytest.fixture(scope="module", params=["py-clob-client-v2", "py-clob-client"])
def dealing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A sandbox for each package that has a client for quotes."""
    with open_stage(PEERS[request.param], tmp_path_factory) as stage:
        yield stage


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_quote_is_asked_for_accepted_and_approved(dealing: Stage, side: str) -> None:
    """Ask, quote, accept, approve: then shares and money have changed hands at the quoted price."""
    token = dealing.listing("rain").token_ids[0]
    asker, quoter = dealing.trader(0), dealing.trader(1)
    other = "SELL" if side == "BUY" else "BUY"
    before = asker.balance(), asker.balance(token), quoter.balance(token)
    request = asker("rfq_ask", token=token, side=side, price="0.5", size="40")
    assert request in [each["requestId"] for each in quoter("rfq_requests")]
    quote = quoter("rfq_quote", request=request, token=token, side=other, price="0.45", size="40")
    assert asker("rfq_best", request=request)["quoteId"] == quote
    asker("rfq_accept", request=request, quote=quote)
    quoter("rfq_approve", request=request, quote=quote)
    dealing.settle()
    way = 1 if side == "BUY" else -1
    assert asker.balance(token) == before[1] + way * 40
    assert quoter.balance(token) == before[2] - way * 40
    assert asker.balance() == before[0] - way * 18
    dealing.audit()
