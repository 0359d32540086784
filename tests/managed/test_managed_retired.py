"""What becomes of the old API key where the venue does not end it itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client.clob.rig import Person, Token, Venue, open_venue
from tests.faults.hands import Hands
from tests.managed.rig import TERMS, Safe


@pytest.fixture(scope="module")
def clob() -> Iterator[Venue]:
    """Run a sandbox of the CLOB whose wallets have several keys, and whose orders belong to the key."""
    with open_venue() as venue:
        yield venue


def _last(manager: Any) -> tuple[str, str]:
    entry = json.loads(list(manager.audit.export())[-1])["entry"]
    return entry["event"], entry["why"]


def test_a_key_without_orders_is_deleted(hands: Hands, safe: Safe, alice: Person, token: Token) -> None:
    """What was cancelled before needs no key."""
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    order = user.create_and_post_order(**token.known, **TERMS).unwrap()
    assert user.cancel(order.order_id).canceled == (order.order_id,)
    fresh = user.rotate("a test")
    assert [each.id[:8] for each in safe.venue.world.keys.of(alice.address.lower())] == [fresh.label]
    assert _last(manager)[0] == "rotated"


def test_a_key_that_alone_reaches_orders_is_kept(
    hands: Hands, safe: Safe, alice: Person, token: Token, caplog: pytest.LogCaptureFixture
) -> None:
    """Both logs say so, and with its nonce the orders can be cancelled yet."""
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    order = user.create_and_post_order(**token.known, **TERMS).unwrap()
    old = user.standing.label
    with caplog.at_level(logging.WARNING, "polyspec"):
        assert user.rotate("a test").label != old
    assert user.get_open_orders() == []
    event, why = _last(manager)
    assert (event, f"{old} (nonce 0), was not deleted" in why) == ("not retired", True)
    assert why in caplog.text
    plain = hands.connect(safe.venue, alice)
    plain.derive_api_key(0)
    assert [each.id for each in plain.get_open_orders()] == [order.order_id]
    assert plain.cancel_all().canceled == (order.order_id,)


def test_a_key_is_kept_while_its_successor_is_not_known_everywhere(
    hands: Hands, safe: Safe, alice: Person, token: Token
) -> None:
    """Nobody can say then whose the orders are."""
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    user.create_and_post_order(**token.known, **TERMS).unwrap()
    safe.venue.clob.faults.add(kind="unauthorized", operation="Orders_GetOrder")
    user.rotate("a test")
    assert len(safe.venue.world.keys.of(alice.address.lower())) == 2
    assert _last(manager)[0] == "not retired"
