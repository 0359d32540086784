"""One order per key, whatever is repeated."""

from __future__ import annotations

import msgspec
import pytest

from polyspec.sandbox.polysimulator.engine import Idem, Refused
from tests.sandbox.polysimulator.engine.paper import SECOND, Desk


def key(name: str = "k", body: str = "h", route: str = "native") -> Idem:
    """Return a key with a body."""
    return Idem(key=name, body_hash=body, route=route)


@pytest.fixture
def desk() -> Desk:
    """A desk with a book."""
    opened = Desk()
    opened.show("0.48x100", "0.50x100")
    return opened


def test_a_repetition_gets_the_first_answer(desk: Desk):
    """It is the same but for the telemetry that is not kept, and nothing happens a second time."""
    first = desk.market("BUY", "0.50", "20", idem=key())
    before = desk.image()
    desk.show("0.60x100", "0.62x100")
    again = desk.market("BUY", "0.50", "20", idem=key())
    assert again == msgspec.structs.replace(
        first, is_replay=True, spread_bps=None, impact_bps=None, book_walk_levels=None
    )
    assert (first.is_replay, first.client_order_id) == (False, "k")
    assert desk.image() == before


def test_the_answer_stays_that_of_the_placement(desk: Desk):
    """A replay of an order that rested says PENDING though it was filled since."""
    desk.place("BUY", "0.45", "20", idem=key())
    desk.show("0.40x100", "0.42x100")
    assert len(desk.wait(4)) == 1
    assert desk.place("BUY", "0.45", "20", idem=key()).status == "PENDING"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (key(body="other"), "IDEMPOTENCY_KEY_REUSE"),
        (key(route="flat"), "DUPLICATE_CLIENT_ORDER_ID"),
        (None, "DUPLICATE_CLIENT_ORDER_ID"),
    ],
)
def test_a_key_is_for_one_request(desk: Desk, other: Idem | None, code: str):
    """Another body, another route, or no key at all but the same id: each is told apart and refused."""
    desk.place("BUY", "0.45", "20", idem=key())
    assert desk.refusal("BUY", "0.45", "20", idem=other, client_order_id="k") == code


def test_keys_belong_to_accounts(desk: Desk):
    """Another account may use the same key."""
    desk.exchange.open_user(2, "pro", desk.now)
    desk.place("BUY", "0.45", "20", idem=key())
    assert not desk.place("BUY", "0.45", "20", idem=key(), user=2).is_replay


def test_a_refusal_is_not_remembered(desk: Desk):
    """What was refused may be tried again under its key, and with another body too."""
    assert desk.refusal("SELL", "0.60", "20", idem=key()) == "INSUFFICIENT_POSITION"
    desk.market("BUY", "0.50", "20")
    assert not desk.place("SELL", "0.60", "20", idem=key(body="other")).is_replay


def test_a_forgotten_key_does_not_place_again(desk: Desk):
    """When the answer's time is over the id is still taken."""
    desk.place("BUY", "0.45", "20", idem=key())
    desk.now += 24 * 3600 * SECOND
    assert desk.place("BUY", "0.45", "20", idem=key()).is_replay
    desk.now += 1
    assert desk.refusal("BUY", "0.45", "20", idem=key()) == "DUPLICATE_CLIENT_ORDER_ID"


def test_a_claimed_key_makes_others_wait(desk: Desk):
    """While one request holds a key others conflict; its holder goes on; then the answer is replayed."""
    mine = key()
    assert desk.exchange.claim(1, mine, desk.now) is None
    with pytest.raises(Refused) as refused:
        desk.exchange.claim(1, key(), desk.now)
    assert (refused.value.code, refused.value.retry_after) == ("IDEMPOTENCY_CONFLICT_PENDING", 1)
    assert desk.refusal("BUY", "0.45", "20", idem=key()) == "IDEMPOTENCY_CONFLICT_PENDING"
    assert desk.refusal("BUY", "0.45", "20", idem=key(body="other")) == "IDEMPOTENCY_KEY_REUSE"
    placed = desk.place("BUY", "0.45", "20", idem=mine)
    replay = desk.exchange.claim(1, key(), desk.now)
    assert replay is not None
    assert (replay.order_id, replay.is_replay) == (placed.order_id, True)


def test_a_released_key_is_free(desk: Desk):
    """A claim whose request came to nothing leaves no trace."""
    mine = key()
    desk.exchange.claim(1, mine, desk.now)
    desk.exchange.release(1, mine)
    assert not desk.place("BUY", "0.45", "20", idem=key(body="other")).is_replay


def test_keys_outlive_a_crash(desk_at_path: Desk):
    """After a restart a repetition is still answered, and places nothing."""
    desk = desk_at_path
    first = desk.market("BUY", "0.50", "20", idem=key())
    desk.reopen()
    again = desk.market("BUY", "0.50", "20", idem=key())
    assert (again.is_replay, again.order_id, desk.cash) == (True, first.order_id, "9989.80")


@pytest.fixture
def desk_at_path(tmp_path) -> Desk:
    """A desk whose journal is a file."""
    opened = Desk(tmp_path / "paper.db")
    opened.show("0.48x100", "0.50x100")
    return opened
