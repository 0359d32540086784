"""Every state the CLOB can be in: restricted, moved on, with other ticks; keys and clocks that are off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import pytest

from polyspec.clob.fate import Accepted, Rejected, Unknown
from polyspec.errors import (
    AuthError,
    Forbidden,
    InvalidOrder,
    OrderRejected,
    ServerError,
    TradingRestricted,
    Unauthorized,
)
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import to_units
from tests.client.clob.rig import QUICK, Person, Token, Venue, open_venue
from tests.faults.at_clob import (
    BOOK,
    LOOKUP,
    ONE_MORE,
    ORDER,
    ORDERS,
    VERSION,
    arm,
    batch,
    ready,
    refused,
    settled,
)
from tests.faults.clocks import Clock
from tests.faults.hands import Hands
from tests.faults.lost import LOST, RESTARTS, in_turn
from tests.faults.spare import LATE, ample

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def client(hands: Hands, clob: Venue, trader: Person) -> Any:
    """Connect."""
    return ready(hands, clob, trader)


@contextmanager
def state(venue: Venue, **changes: Any) -> Iterator[None]:
    """Put the venue as a whole into another state."""
    modes = venue.world.modes
    with venue.world.lock:
        before = {name: getattr(modes, name) for name in changes}
        for name, value in changes.items():
            setattr(modes, name, value)
    try:
        yield
    finally:
        with venue.world.lock:
            for name, value in before.items():
                setattr(modes, name, value)


@contextmanager
def trading(venue: Venue, mode: t.TradingMode) -> Iterator[None]:
    """Restrict trading."""
    try:
        with venue.world.lock:
            venue.world.modes.set(mode)
        yield
    finally:
        with venue.world.lock:
            venue.world.modes.set(t.TradingMode.NORMAL)


# -- restrictions --


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (t.TradingMode.DISABLED, "wait until trading is enabled"),
        (t.TradingMode.CANCEL_ONLY, "only cancels work for now"),
        (t.TradingMode.POST_ONLY, "only post-only orders are taken"),
    ],
)
def test_restricted_trading(
    client: Any, clob: Venue, trader: Person, token: Token, mode: t.TradingMode, words: str
) -> None:
    """Disabled, cancel-only, post-only: refused once, alone and in a batch, as TradingRestricted in words."""
    with trading(clob, mode):
        before = clob.seen.copy()
        alone = client.create_and_post_order(**token.known, **ONE_MORE)
        refused(alone, TradingRestricted, words)
        for each in client.post_orders(batch(client, token, 3)):
            refused(each, TradingRestricted, words)
    assert (clob.seen - before)[ORDER] == (clob.seen - before)[ORDERS] == 1
    assert clob.orders(trader) == []
    assert isinstance(client.post_order(alone.order), Accepted)


def test_post_only_orders_while_nothing_else_is_taken(
    client: Any, clob: Venue, trader: Person, token: Token
) -> None:
    """In the minutes after a restart, post-only orders are placed as ever."""
    with trading(clob, t.TradingMode.POST_ONLY):
        placed = client.create_and_post_order(**token.known, **ONE_MORE, post_only=True)
        assert isinstance(placed, Accepted)
    assert len(clob.orders(trader)) == 1


def test_cancels_under_restrictions(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """Cancel-only means cancels; while even they are off, the error is the venue's, and they work again."""
    first, second = (client.create_and_post_order(**token.known, **ONE_MORE) for _ in range(2))
    with trading(clob, t.TradingMode.CANCEL_ONLY):
        assert client.cancel(first)
    with trading(clob, t.TradingMode.DISABLED), pytest.raises(ServerError, match="Trading is currently"):
        client.cancel(second, timeout=0.5)
    assert [each.id for each in clob.orders(trader, open_only=True)] == [second.order_id]
    assert client.cancel(second)


def test_restart(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """An engine that restarts says 425, then takes post-only orders alone: each is waited out or told."""
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    with trading(clob, t.TradingMode.NORMAL):
        with clob.world.lock:
            clob.world.modes.restart(0.5, window=60)
        resting = client.create_and_post_order(**token.known, **ONE_MORE, post_only=True)
        assert isinstance(resting, Accepted)
        taking = refused(
            client.create_and_post_order(**token.known, **ONE_MORE),
            TradingRestricted,
            "only post-only orders are taken",
        )
        assert taking.retry_after is not None
        assert 50 < taking.retry_after <= 60
    assert {each.id for each in clob.orders(trader)} == {placed.order_id, resting.order_id}


def test_region_that_may_not_trade(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """The venue's own refusal of a region is TradingRestricted, and reading still works."""
    with state(clob, geoblock="json"):
        placed = client.create_and_post_order(**token.known, **ONE_MORE)
        refused(placed, TradingRestricted, "takes no orders from this region")
        assert client.get_open_orders() == []
    assert clob.orders(trader) == []


def test_wall_in_front_of_the_venue(
    client: Any, hands: Hands, clob: Venue, trader: Person, token: Token
) -> None:
    """A page in place of every answer proves nothing: reads are Forbidden, an order Unknown until it ends."""
    with state(clob, geoblock="html"):
        with pytest.raises(Forbidden, match="403"):
            client.get_open_orders()
        placed = client.create_and_post_order(**token.known, **ONE_MORE, timeout=1.0)
        assert isinstance(placed, Unknown)
        assert isinstance(placed.cause, Forbidden)
    resolved = hands.done(placed.resolve())
    assert isinstance(resolved, Rejected)
    assert resolved.never_arrived
    assert clob.orders(trader) == []


def test_banned_address(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """A banned account is told so, as TradingRestricted."""
    with state(clob, banned={trader.address.lower()}):
        placed = client.create_and_post_order(**token.known, **ONE_MORE)
    refused(placed, TradingRestricted, "address banned")
    assert clob.orders(trader) == []


def test_account_that_may_only_close(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """It is told so when it buys and when it asks, and can sell."""
    clob.stock(trader.address, token, 10)
    with state(clob, closed_only={trader.address.lower()}):
        assert client.get_closed_only_mode() is True
        placed = client.create_and_post_order(**token.known, **ONE_MORE)
        refused(placed, TradingRestricted, "may only close positions")
        sold = client.create_and_post_order(**token.known, side="SELL", price="0.6", size=10)
        assert isinstance(sold, Accepted)
    assert client.get_closed_only_mode() is False


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (t.MarketStatus.PAUSED, "not yet ready to process new orders"),
        (t.MarketStatus.CLOSED, "does not exist"),
    ],
)
def test_market_that_takes_no_orders(
    client: Any, clob: Venue, trader: Person, token: Token, status: t.MarketStatus, words: str
) -> None:
    """A market that is paused or closed refuses in words."""
    with clob.world.lock:
        clob.world.apply(t.SetMarketStatus(condition_id=token.condition_id, status=status))
    refused(client.create_and_post_order(**token.known, **ONE_MORE), OrderRejected, words)
    assert clob.orders(trader) == []


# -- a cutover --


def test_cutover(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """When the venue wants another version, it is read once, the order is signed once more, and stands."""
    with state(clob, version=3):
        before, order = clob.seen.copy(), client.create_order(**token.known, **ONE_MORE)
        placed = client.post_order(order)
        assert isinstance(placed, Accepted)
        assert (placed.order.version, order.version) == (3, 2)
        assert placed.order_id != order.order_id
        assert ((clob.seen - before)[ORDER], (clob.seen - before)[VERSION]) == (2, 1)
        before = clob.seen.copy()
        again = client.create_and_post_order(**token.known, **ONE_MORE)
        assert isinstance(again, Accepted)
        assert ((clob.seen - before)[ORDER], (clob.seen - before)[VERSION]) == (1, 0)
    assert {each.id for each in clob.orders(trader)} == {placed.order_id, again.order_id}


def test_cutover_of_a_batch(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """A batch is signed once more as well, all of it, after one look at the version."""
    with state(clob, version=3):
        before = clob.seen.copy()
        placed = client.post_orders(batch(client, token))
        assert all(isinstance(each, Accepted) for each in placed)
        assert ((clob.seen - before)[ORDERS], (clob.seen - before)[VERSION]) == (2, 1)
    assert [each.id for each in clob.orders(trader)] == [each.order_id for each in placed]


@in_turn(
    {
        name: (LOST | RESTARTS)[name]
        for name in ("reset-before", "reset-after", "truncated", "hang-after", "503-before", "425-after")
    }
)
def test_cutover_in_bad_weather(
    client: Any,
    hands: Hands,
    clob: Venue,
    trader: Person,
    token: Token,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """The answer to the order that was signed anew is lost: that one is looked for, and stands once."""
    with state(clob, version=3):
        arm(clob, ORDER, fault | {"after": 1})
        placed = settled(hands, client.create_and_post_order(**token.known, **ONE_MORE), fault)
        if isinstance(placed, Rejected):
            assert (placed.never_arrived, executed) == (True, False)
            placed = client.post_order(placed.order)
        assert isinstance(placed, Accepted)
    assert [each.id for each in clob.orders(trader)] == [placed.order_id]


@pytest.mark.parametrize("version", [1, 4])
def test_version_this_library_cannot_sign(
    client: Any, clob: Venue, trader: Person, token: Token, version: int
) -> None:
    """A version from the past or the future is a refusal in words, after one look, and nothing stands."""
    with state(clob, version=version):
        before = clob.seen.copy()
        placed = client.create_and_post_order(**token.known, **ONE_MORE)
        refused(placed, OrderRejected, "order_version_mismatch")
        assert (clob.seen - before)[VERSION] == 1
        assert (clob.seen - before)[ORDER] <= 2
    assert clob.orders(trader) == []


def test_version_that_cannot_be_read(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """While nobody answers which version it is, the order stays refused, in time."""
    with state(clob, version=3):
        arm(clob, VERSION, {"kind": "status", "status": 500, "times": None})
        start = time.monotonic()
        placed = client.create_and_post_order(**token.known, **ONE_MORE, timeout=1.0)
        refused(placed, OrderRejected, "order_version_mismatch")
        assert time.monotonic() - start < 1.0 + LATE
    clob.clob.faults.clear()
    assert clob.orders(trader) == []


# -- ticks --


def test_tick_changes_between_reading_and_posting(
    client: Any, clob: Venue, trader: Person, token: Token
) -> None:
    """An order on the old grid is refused in words; the next one knows the new grid, before it is sent."""
    made = client.create_order(token_id=token.id, side="BUY", price="0.45", size=10)
    with clob.world.lock:
        clob.world.apply(t.SetTick(condition_id=token.condition_id, tick=to_units("0.1")))
    refused(client.post_order(made), OrderRejected, "the tick size has changed")
    before = clob.seen.copy()
    with pytest.raises(InvalidOrder) as caught:
        client.create_order(token_id=token.id, side="BUY", price="0.45", size=10)
    assert (caught.value.field, set(caught.value.nearest)) == ("price", {"0.4", "0.5"})
    assert (clob.seen - before)[BOOK] == 1
    placed = client.create_and_post_order(token_id=token.id, side="BUY", price="0.4", size=10)
    assert [each.id for each in clob.orders(trader)] == [placed.order_id]


# -- credentials --


def test_good_credentials_refused_now_and_then(hands: Hands) -> None:
    """Every third request is refused although all is well with it: nobody notices."""
    with open_venue(key_lapse_every=3) as moody:
        person, token = moody.person(), moody.market()
        client = ready(hands, moody, person)
        placed = [client.create_and_post_order(**token.known, **ONE_MORE) for _ in range(10)]
        assert all(isinstance(each, Accepted) for each in placed)
        assert len(client.get_open_orders()) == 10
        assert client.cancel_all()
        assert len(moody.orders(person)) == 10


def test_credentials_refused_for_good(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """Deleted meanwhile, they are refused twice and no more: AuthError, and nothing was placed."""
    with clob.world.lock:
        for key in clob.world.keys.of(trader.address.lower()):
            clob.world.keys.delete(key)
    before = clob.seen.copy()
    with pytest.raises(Unauthorized, match="api key") as caught:
        client.create_and_post_order(**token.known, **ONE_MORE)
    assert isinstance(caught.value, AuthError)
    assert not caught.value.maybe_executed
    assert (clob.seen - before)[ORDER] == 2
    assert clob.orders(trader) == []


def test_fresh_credentials_are_waited_for(hands: Hands) -> None:
    """A key that is not known everywhere at once is not handed out before it is, and orders go through."""
    with open_venue(key_delay=0.7) as slow:
        person, token = slow.person(), slow.market()
        client = hands.connect(slow, person, attrs.evolve(ample(QUICK), activation=30.0))
        start = time.monotonic()
        client.create_api_key()
        assert time.monotonic() - start > 0.6
        assert isinstance(client.create_and_post_order(**token.known, **ONE_MORE), Accepted)


def test_fresh_credentials_are_waited_for_behind_an_order(hands: Hands) -> None:
    """The first order of a new key waits for its credentials too, within its time."""
    with open_venue(key_delay=0.4) as slow:
        person, token = slow.person(), slow.market()
        client = hands.connect(slow, person, attrs.evolve(ample(QUICK), activation=30.0))
        assert isinstance(client.create_and_post_order(**token.known, **ONE_MORE), Accepted)
        assert len(slow.orders(person)) == 1


def test_lost_answer_to_a_new_key(hands: Hands) -> None:
    """When the answer that carried new credentials is lost they are derived, and waited for all the same."""
    with open_venue(key_delay=0.5) as slow:
        person, token = slow.person(), slow.market()
        client = hands.connect(slow, person, attrs.evolve(ample(QUICK), activation=30.0))
        arm(slow, "Auth_CreateApiKey", {"kind": "reset_after"})
        client.create_or_derive_api_key()
        assert isinstance(client.create_and_post_order(**token.known, **ONE_MORE), Accepted)
        assert len(slow.world.keys.of(person.address.lower())) == 1


def test_credentials_that_do_not_come_to_life(hands: Hands) -> None:
    """After the time for that it is AuthError that says they exist, and how to get them later."""
    with open_venue(key_delay=60) as slow:
        client = hands.connect(slow, slow.person(), attrs.evolve(ample(QUICK), activation=0.6))
        with pytest.raises(AuthError, match=r"derive_api_key\(0\) returns them"):
            client.create_api_key()
        slow.pass_time(60)
        client.derive_api_key()
        assert client.get_open_orders() == []


def test_credentials_that_lapse(hands: Hands) -> None:
    """Keys that die after a while are refused in words that say so, and live again once created again."""
    with open_venue(key_life=60) as mortal:
        person, token = mortal.person(), mortal.market()
        client = ready(hands, mortal, person)
        held = client.creds
        mortal.pass_time(61)
        with pytest.raises(Unauthorized, match="create_api_key"):
            client.create_and_post_order(**token.known, **ONE_MORE)
        assert client.create_api_key() == held
        assert isinstance(client.create_and_post_order(**token.known, **ONE_MORE), Accepted)


# -- the clock of this machine --


@pytest.fixture
def off(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """Let this machine's clock be off, for the client alone."""
    clock = Clock(request.param)
    for module in ("io.driver", "io.driver_async", "clob.orders", "clob.orders_async"):
        monkeypatch.setattr(f"polyspec.{module}.time", clock)
    return float(request.param)


LOOSE = attrs.evolve(ample(QUICK), clock_bound=86_400.0)
"""Corrects any clock."""


@pytest.mark.parametrize("off", [-3600.0, 3600.0], indirect=True)
def test_a_clock_an_hour_off_is_refused_in_a_sentence(
    hands: Hands, clob: Venue, trader: Person, token: Token, off: float
) -> None:
    """Unless told otherwise nothing is signed an hour off: at most one request is refused, no order made."""
    stored = ready(hands, clob, trader, LOOSE).creds
    client = hands.connect(clob, trader, creds=stored)
    before = clob.seen.copy()
    for _ in range(3):
        with pytest.raises(AuthError, match=r"clock of this machine is 3(599|600|601) s .*NTP"):
            client.create_and_post_order(**token.known, **ONE_MORE)
    assert (clob.seen - before)["Orders_PostOrder"] <= 1
    assert (clob.seen - before)["Health_GetServerTime"] <= 1
    assert not clob.orders(trader)


@pytest.mark.parametrize("off", [-30.0, 30.0, -3600.0, 3600.0], indirect=True)
def test_wrong_clock_of_this_machine_is_worked_around(
    hands: Hands, clob: Venue, trader: Person, token: Token, off: float
) -> None:
    """Thirty seconds or an hour off, early or late: no call fails, and orders carry the venue's time."""
    client = hands.connect(clob, trader, LOOSE)
    before = clob.seen.copy()
    client.create_or_derive_api_key()
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    assert isinstance(placed, Accepted)
    assert client.get_open_orders()
    assert abs(placed.order.timestamp_ms / 1000 - time.time()) < 3
    expiring = client.create_and_post_order(**token.known, **ONE_MORE, expiration=int(time.time()) + 400)
    assert isinstance(expiring, Accepted)
    # a first request signed with the wrong second may be refused once
    assert (clob.seen - before)["Auth_DeriveApiKey"] <= 2
    assert len(clob.orders(trader)) == 2


@pytest.mark.parametrize("off", [-3600.0, 3600.0], indirect=True)
def test_first_order_under_a_wrong_clock(
    hands: Hands, clob: Venue, trader: Person, token: Token, off: float
) -> None:
    """With stored credentials the very first request is an order: refused once for its second, it stands."""
    stored = ready(hands, clob, trader, LOOSE).creds
    placed = hands.connect(clob, trader, LOOSE, creds=stored).create_and_post_order(**token.known, **ONE_MORE)
    assert isinstance(placed, Accepted)
    assert len(clob.orders(trader)) == 1


@pytest.mark.parametrize("off", [3600.0, -3600.0], indirect=True)
@pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
def test_lost_answer_under_a_wrong_clock_is_judged_right(
    hands: Hands, clob: Venue, trader: Person, token: Token, kind: str, off: float
) -> None:
    """An hour off, a lost answer to a market order is still told rightly from a lost order."""
    clob.offer(token, "0.5", 100)
    client = ready(hands, clob, trader, LOOSE)
    # found among trades alone
    clob.clob.faults.add(kind="status", status=404, message="Order not found", operation=LOOKUP, times=None)
    arm(clob, ORDER, {"kind": kind})
    placed = client.create_and_post_market_order(**token.known, side="BUY", amount=10, price="0.5")
    clob.clob.faults.clear()
    assert len(clob.orders(trader)) == (kind == "reset_after")
    assert isinstance(placed, Accepted if kind == "reset_after" else Rejected)


def test_lying_date_header_is_ignored(hands: Hands, clob: Venue, trader: Person, token: Token) -> None:
    """A Date two days off changes nothing."""
    clob.world.clock.header_offset = 2 * 86_400.0
    try:
        placed = hands.connect(clob, trader).create_and_post_order(**token.known, **ONE_MORE)
    finally:
        clob.world.clock.header_offset = 0.0
    assert isinstance(placed, Accepted)
