"""Rate limits as the specification states them, per firm, on the venue's clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from us_door import KC, Door

from polyspec.sandbox import Sandbox


@pytest.fixture
def limited(private_key: Path) -> Iterator[Door]:
    """A caller of a sandbox whose limits are on and whose clock stands still."""
    with Sandbox(quiet=True, port=False, private_key=private_key) as sandbox:
        door = Door(sandbox)
        door.log_in()
        sandbox.us.world.clock.freeze()
        yield door
        door.close()


def statuses(door: Door, count: int) -> list[int]:
    """Place orders and return the statuses."""
    return [
        door.send("POST", "/v1/trading/orders", json=door.order(quantity=1)).status_code for _ in range(count)
    ]


def test_orders_of_the_first_tier(limited: Door) -> None:
    """Thirty at once, then 429 in the venue's words and without Retry-After, then thirty a second."""
    assert statuses(limited, 31) == [200] * 30 + [429]
    answer = limited.send("POST", "/v1/trading/orders", json=limited.order())
    assert answer.json() == {"code": 8, "message": "rate limit exceeded", "details": []}
    assert "retry-after" not in answer.headers
    limited.world.clock.advance(0.1)
    assert statuses(limited, 4) == [200] * 3 + [429]


def test_a_refused_request_executes_nothing(limited: Door) -> None:
    """The thirty-first order does not exist."""
    statuses(limited, 40)
    assert len(limited.get("/v1/trading/orders/open")["orders"]) == 30


def test_higher_tiers_get_more(limited: Door) -> None:
    """The tier of the client decides; the bucket is the firm's."""
    second = limited.acting_for(limited.participant, limited.world.add_client("fast", firm="", tier="tier2"))
    assert statuses(second, 101)[-2:] == [200, 429]
    assert statuses(limited, 1) == [429]
    second.close()


def test_a_batch_counts_once_and_cancels_have_their_own_bucket(limited: Door) -> None:
    """Twenty orders in a list take one token; a spent order bucket does not hold back cancels."""
    statuses(limited, 31)
    body = {"requests": [limited.order(quantity=1)] * 20}
    assert limited.send("POST", "/v1/trading/orders/list", json=body).status_code == 200
    assert limited.send("POST", "/v1/trading/orders/cancel", json={"clordId": "x"}).status_code == 200


def test_a_minute_limit_is_a_minute_limit(limited: Door) -> None:
    """Twelve searches in a minute may come together; then one every five seconds."""
    search = [limited.send("GET", f"/v1/orderbook/{KC}/bbo").status_code for _ in range(13)]
    assert search == [200] * 12 + [429]
    limited.world.clock.advance(5)
    assert [limited.send("GET", f"/v1/orderbook/{KC}/bbo").status_code for _ in range(2)] == [200, 429]


def test_ledgers_have_a_burst_of_five(limited: Door) -> None:
    """An explicit burst is taken as it is."""
    path = "/v1/positions/ledger"
    answers = [limited.send("GET", path, params={"account": limited.account}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_firms_do_not_share(limited: Door) -> None:
    """Another firm's requests are counted apart."""
    for _ in range(12):
        limited.send("GET", f"/v1/orderbook/{KC}/bbo")
    stranger = limited.acting_for(limited.participant, limited.world.add_client("stranger", firm="Other"))
    assert stranger.send("GET", f"/v1/orderbook/{KC}/bbo").status_code == 200
    stranger.close()
