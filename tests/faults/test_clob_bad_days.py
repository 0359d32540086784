"""Every way a request to the CLOB can go wrong on the way.

After each the engine itself is asked what stands, and that is what the client must have said.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from polyspec.clob.fate import Accepted, Rejected, Unknown
from polyspec.errors import ConnectFailed, DecodeError, PolyspecError, RateLimited, ServerError
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import to_units
from tests.client.clob import connect_async
from tests.client.clob.rig import QUICK, Person, Token, Venue, open_venue
from tests.faults.at_clob import BOOK, LOOKUP, ONE_MORE, OPEN, ORDER, ORDERS, arm, batch, ready, settled
from tests.faults.hands import HANDS, Hands
from tests.faults.lost import LOST, PASSING, RESTARTS, each, in_turn, lost_in_turn, orders_lost_in_turn
from tests.faults.spare import LATE, ample

pytestmark = pytest.mark.usefixtures("hurried")

CANCEL, CANCELS = "Orders_CancelOrder", "Orders_CancelOrders"
ONCE = attrs.evolve(QUICK, resend=False)

orders_passing = each(PASSING)
passing = each(PASSING | {"425": RESTARTS["425-before"][0]})


@pytest.fixture
def client(hands: Hands, clob: Venue, trader: Person) -> Any:
    """Connect."""
    return ready(hands, clob, trader)


# -- one order --


@orders_lost_in_turn
def test_post_order(
    client: Any,
    hands: Hands,
    clob: Venue,
    trader: Person,
    token: Token,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """An order whose answer is lost stands once in the end: found, or sent again as it was."""
    before = arm(clob, ORDER, fault)
    order = client.create_order(**token.known, **ONE_MORE)
    placed = settled(hands, client.post_order(order), fault)
    if isinstance(placed, Rejected):
        # there was no time left to send it again
        assert (placed.never_arrived, fault["kind"]) == (True, "hang_before")
        placed = client.post_order(order)
    assert isinstance(placed, Accepted)
    assert (clob.seen - before)[ORDER] == (1 if executed else 2)
    assert [each.id for each in clob.orders(trader)] == [placed.order_id] == [order.order_id]


@orders_lost_in_turn
def test_post_order_once(
    hands: Hands, clob: Venue, trader: Person, token: Token, fault: dict[str, Any], executed: bool
) -> None:
    """Told not to send anything again, the client sends it once, and the verdict is what the engine says."""
    client = ready(hands, clob, trader, ample(ONCE, fault))
    before = arm(clob, ORDER, fault)
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    placed = settled(hands, placed, fault)
    assert (clob.seen - before)[ORDER] == 1
    assert [each.id for each in clob.orders(trader)] == ([placed.order_id] if executed else [])
    if executed:
        assert isinstance(placed, Accepted)
    else:
        assert isinstance(placed, Rejected)
        assert placed.never_arrived
        assert "never reached the book" in placed.text


@orders_lost_in_turn
def test_post_market_order(
    client: Any,
    hands: Hands,
    clob: Venue,
    trader: Person,
    token: Token,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """What is to be filled at once is never sent a second time: it is found among the matched, or not."""
    clob.offer(token, "0.5", 100)
    before = arm(clob, ORDER, fault)
    terms = {"side": "BUY", "amount": 10, "price": "0.5", "order_type": "FAK" if executed else "FOK"}
    placed = settled(hands, client.create_and_post_market_order(**token.known, **terms), fault)
    assert (clob.seen - before)[ORDER] == 1
    assert isinstance(placed, Accepted if executed else Rejected)
    assert [each.matched for each in clob.orders(trader)] == ([to_units("20")] if executed else [])
    if executed:
        assert (placed.status, placed.matched) == ("matched", 20)


@orders_passing
def test_post_order_again_after_a_refusal_that_passes(
    client: Any, clob: Venue, trader: Person, token: Token, fault: dict[str, Any]
) -> None:
    """What the venue refused without executing is sent again, the same order, and stands once."""
    before = arm(clob, ORDER, fault)
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    assert isinstance(placed, Accepted)
    assert (clob.seen - before)[ORDER] == 2
    assert [each.id for each in clob.orders(trader)] == [placed.order_id]


@in_turn({name: LOST[name] for name in ("reset-before", "reset-after", "hang-after", "503-after")})
def test_unknown_says_what_to_do(
    client: Any,
    hands: Hands,
    clob: Venue,
    trader: Person,
    token: Token,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """While every lookup fails the order is Unknown, says so, and resolves rightly when that is over."""
    before = arm(clob, ORDER, fault)
    clob.clob.faults.add(kind="html_before", operation=LOOKUP, times=None)
    placed = client.create_and_post_order(**token.known, **ONE_MORE, timeout=0.8)
    assert isinstance(placed, Unknown)
    with pytest.raises(PolyspecError, match=r"call resolve\(\), do not build another") as caught:
        placed.unwrap()
    assert caught.value.maybe_executed
    assert placed.cause is not None
    assert placed.cause.maybe_executed
    assert isinstance(hands.done(placed.resolve(0.3)), Unknown)
    clob.clob.faults.clear()
    resolved = hands.done(placed.resolve())
    assert isinstance(resolved, Accepted if executed else Rejected)
    assert (clob.seen - before)[ORDER] == 1
    assert len(clob.orders(trader)) == executed


def test_posting_again_what_stands_changes_nothing(
    client: Any, clob: Venue, trader: Person, token: Token
) -> None:
    """The same signed order posted three times, also by another client of the key, is one order."""
    order = client.create_order(**token.known, **ONE_MORE)
    fates = [client.post_order(order) for _ in range(3)]
    assert [type(each) for each in fates] == [Accepted] * 3
    assert {each.order_id for each in fates} == {order.order_id}
    assert len(clob.orders(trader)) == 1


# -- fifteen orders --


@orders_lost_in_turn
def test_post_orders(
    client: Any,
    hands: Hands,
    clob: Venue,
    trader: Person,
    token: Token,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """A batch whose answer is lost is sent once; each of its orders is looked up by itself."""
    orders = batch(client, token)
    # a long drip of a long answer would only test patience
    fault = fault | ({"seconds": 0.005} if fault["kind"] == "drip" else {})
    before = arm(clob, ORDERS, fault)
    placed = client.post_orders(orders)
    assert [each.order_id for each in placed] == [order.order_id for order in orders]
    fates = [settled(hands, each, fault) for each in placed]
    assert {type(fate) for fate in fates} == {Accepted if executed else Rejected}
    assert all(fate.never_arrived for fate in fates if isinstance(fate, Rejected))
    assert (clob.seen - before)[ORDERS] == 1
    assert {each.id for each in clob.orders(trader)} == (
        {each.order_id for each in fates} if executed else set()
    )


@orders_passing
def test_post_orders_again_after_a_refusal_that_passes(
    client: Any, clob: Venue, trader: Person, token: Token, fault: dict[str, Any]
) -> None:
    """A batch that was refused whole is sent again whole, and every order stands once."""
    before = arm(clob, ORDERS, fault)
    assert all(isinstance(each, Accepted) for each in client.post_orders(batch(client, token)))
    assert (clob.seen - before)[ORDERS] == 2
    assert len(clob.orders(trader)) == 15


def test_orders_of_a_batch_have_fates_of_their_own(
    client: Any, clob: Venue, trader: Person, token: Token
) -> None:
    """In a batch some stand, some match, and each refusal is that of its order, lost answer or not."""
    clob.offer(token, "0.5", 100)
    for kind in ("", "close_mid_body"):
        if kind:
            arm(clob, ORDERS, {"kind": kind})
        orders = [
            client.create_order(**token.known, **ONE_MORE),
            client.create_order(**token.known, side="BUY", price="0.4", size=1_000_000),
            client.create_order(**token.known, side="BUY", price="0.5", size=10),
            (client.create_order(**token.known, side="BUY", price="0.3", size=10), "FOK"),
        ]
        rests, poor, takes, killed = client.post_orders(orders)
        assert (rests.status, takes.status, takes.matched) == ("live", "matched", 10)
        assert [each.never_arrived for each in (poor, killed)] == [bool(kind)] * 2
        if not kind:
            assert "not enough balance" in poor.text
            assert "fully filled or killed" in killed.text


# -- cancels --


@lost_in_turn
def test_cancel(
    client: Any, clob: Venue, trader: Person, token: Token, fault: dict[str, Any], executed: bool
) -> None:
    """A cancel is repeated until it is answered, and the order is gone."""
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    fault = fault | ({"seconds": 0.001} if fault["kind"] == "drip" else {})
    before = arm(clob, CANCEL, fault)
    if fault.get("body") == "[]":
        # readable, but no answer of this kind: asking again would bring the same
        with pytest.raises(DecodeError) as caught:
            client.cancel(placed)
        assert caught.value.maybe_executed
    else:
        told = client.cancel(placed)
        assert (clob.seen - before)[CANCEL] == (1 if fault["kind"] == "drip" else 2)
        # whoever cancels twice is told that it is done already
        assert told.canceled == ((placed.order_id,) if not executed or fault["kind"] == "drip" else ())
        assert bool(told) == bool(told.canceled)
    assert [each.status for each in clob.orders(trader)] == [t.OrderStatus.CANCELED]


@passing
def test_cancel_again_after_a_refusal_that_passes(
    client: Any, clob: Venue, trader: Person, token: Token, fault: dict[str, Any]
) -> None:
    """A refused cancel is repeated too."""
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    before = arm(clob, CANCEL, fault)
    assert client.cancel(placed)
    assert (clob.seen - before)[CANCEL] == 2
    assert clob.orders(trader, open_only=True) == []


@pytest.mark.parametrize("how", ["cancel_orders", "cancel_all", "cancel_market_orders"])
@pytest.mark.parametrize("kind", ["reset_after", "truncate", "status_before"])
def test_cancel_many(client: Any, clob: Venue, trader: Person, token: Token, how: str, kind: str) -> None:
    """Whatever cancels many is repeated as well, and all orders are gone."""
    placed = client.post_orders(batch(client, token))
    operation = {"cancel_orders": CANCELS, "cancel_all": "Orders_CancelAll"}.get(
        how, "Orders_CancelMarketOrders"
    )
    before = arm(clob, operation, {"kind": kind})
    given = {"cancel_orders": (placed,), "cancel_market_orders": (token.condition_id,)}.get(how, ())
    getattr(client, how)(*given)
    assert (clob.seen - before)[operation] == 2
    assert clob.orders(trader, open_only=True) == []


def test_cancel_of_an_unknown_order(
    client: Any, hands: Hands, clob: Venue, trader: Person, token: Token
) -> None:
    """What nobody knows the fate of can be cancelled by its id, and is then known to be gone."""
    arm(clob, ORDER, {"kind": "reset_after"})
    clob.clob.faults.add(kind="html_before", operation=LOOKUP, times=None)
    placed = client.create_and_post_order(**token.known, **ONE_MORE, timeout=0.5)
    assert isinstance(placed, Unknown)
    assert client.cancel(placed).canceled == (placed.order_id,)
    clob.clob.faults.clear()
    resolved = hands.done(placed.resolve())
    assert isinstance(resolved, Accepted)
    assert resolved.status == "canceled"


# -- reads --


@lost_in_turn
def test_read(client: Any, clob: Venue, token: Token, fault: dict[str, Any], executed: bool) -> None:
    """A read is repeated, whatever happened to it, and gives the right answer."""
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    fault = fault | ({"seconds": 0.001} if fault["kind"] == "drip" else {})
    before = arm(clob, OPEN, fault)
    if fault.get("body") == "[]":
        with pytest.raises(DecodeError):
            client.get_open_orders()
        return
    assert [order.id for order in client.get_open_orders()] == [placed.order_id]
    assert (clob.seen - before)[OPEN] == (1 if fault["kind"] == "drip" else 2)


@pytest.mark.parametrize("status", [500, 503])
def test_outage_is_told_after_a_few_tries(client: Any, clob: Venue, status: int) -> None:
    """A read that always meets 5xx is tried five times at the most, and the error says how often."""
    before = arm(clob, OPEN, {"kind": "status", "status": status, "times": None})
    with pytest.raises(ServerError) as caught:
        client.get_open_orders()
    assert caught.value.status == status
    assert 2 <= caught.value.attempts <= 5
    assert (clob.seen - before)[OPEN] == caught.value.attempts
    clob.clob.faults.clear()


# -- 429 --


@pytest.mark.parametrize(
    ("hands", "asked", "least"),
    [(HANDS[0], None, 0.25), (HANDS[1], 0, 0.25), (HANDS[1], 1, 1.0)],
    indirect=["hands"],
)
def test_nothing_is_sent_before_the_venue_says(
    client: Any, clob: Venue, trader: Person, token: Token, asked: Any, least: float
) -> None:
    """After a 429 the same order waits as long as asked, a quarter of a second at least, and stands once."""
    arm(clob, ORDER, {"kind": "rate_limit", "retry_after": asked})
    start = time.monotonic()
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    assert time.monotonic() - start >= least
    assert isinstance(placed, Accepted)
    assert len(clob.orders(trader)) == 1


def test_wait_beyond_the_deadline_is_told_at_once(
    client: Any, clob: Venue, trader: Person, token: Token
) -> None:
    """When the venue asks for longer than the call may take, RateLimited says how long, and nothing waits."""
    before = arm(clob, ORDER, {"kind": "rate_limit", "retry_after": 40})
    start = time.monotonic()
    with pytest.raises(RateLimited, match="retry after 40 s") as caught:
        client.create_and_post_order(**token.known, **ONE_MORE)
    assert time.monotonic() - start < 10
    assert (caught.value.retry_after, caught.value.maybe_executed) == (40.0, False)
    assert (clob.seen - before)[ORDER] == 1
    assert clob.orders(trader) == []


def test_endless_429_ends_with_the_deadline(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """A venue that always says 429 is not asked for longer than the call may take; no order stands."""
    before = arm(clob, ORDER, {"kind": "rate_limit", "times": None})
    start = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        client.create_and_post_order(**token.known, **ONE_MORE, timeout=1.0)
    assert time.monotonic() - start < 1.0 + LATE
    assert not caught.value.maybe_executed
    assert (clob.seen - before)[ORDER] == caught.value.attempts <= 5
    assert clob.orders(trader) == []
    clob.clob.faults.clear()


@pytest.fixture(scope="module")
def strict() -> Iterator[Venue]:
    """Run a sandbox that enforces what the venue so far only announces: limits per signer."""
    with open_venue(signer_limits="enforce") as venue:
        yield venue


def test_announced_limits_are_kept_if_asked_for(hands: Hands, strict: Venue) -> None:
    """With all limits kept a batch counts for all its orders: one too many waits here, and is not sent."""
    person, token = strict.person(), strict.market()
    settings = attrs.evolve(ample(QUICK), pacing=True, keep_unenforced=True)
    client = ready(hands, strict, person, settings)
    batches = [batch(client, token) for _ in range(5)]
    before = strict.seen.copy()
    # sixty at once, then forty a second
    for orders in batches[:4]:
        assert all(isinstance(placed, Accepted) for placed in client.post_orders(orders))
    with pytest.raises(RateLimited, match="held back by the venue's limit") as caught:
        client.post_orders(batches[4], timeout=0.1)
    assert caught.value.retry_after
    assert 0.1 < caught.value.retry_after < 0.4
    assert (strict.seen - before)[ORDERS] == 4
    placed = client.post_orders(batches[4], timeout=3)
    assert all(isinstance(each, Accepted) for each in placed)


def test_limits_that_are_not_kept_are_told(hands: Hands, strict: Venue) -> None:
    """Beyond what the venue takes at once it is RateLimited with the wait, and nothing of it stands."""
    person, token = strict.person(), strict.market()
    client = ready(hands, strict, person)
    batches = [batch(client, token) for _ in range(5)]
    for orders in batches[:4]:
        assert all(isinstance(placed, Accepted) for placed in client.post_orders(orders))
    with pytest.raises(RateLimited) as caught:
        client.post_orders(batches[4], timeout=0.2)
    assert not caught.value.maybe_executed
    assert caught.value.retry_after
    assert len(strict.orders(person)) == 60


# -- time --


@pytest.mark.parametrize("kind", ["hang_before", "hang_after"])
def test_deadline_holds(client: Any, clob: Venue, token: Token, kind: str) -> None:
    """A call does not outlast its deadline by more than a moment, whatever hangs."""
    for operation in (ORDER, LOOKUP):
        arm(clob, operation, {"kind": kind, "times": None})
    start = time.monotonic()
    placed = client.create_and_post_order(**token.known, **ONE_MORE, timeout=0.8)
    assert time.monotonic() - start < 0.8 + LATE
    assert isinstance(placed, Unknown)
    clob.clob.faults.clear()


@pytest.mark.parametrize("operation", ["Auth_DeriveApiKey", "Auth_CreateApiKey", BOOK])
def test_deadline_holds_for_what_comes_before(
    hands: Hands, clob: Venue, trader: Person, token: Token, operation: str
) -> None:
    """Credentials and the market are fetched in the time of the order, and without them nothing is sent."""
    client = hands.connect(clob, trader)
    before = arm(clob, operation, {"kind": "hang_before", "times": None})
    start = time.monotonic()
    with pytest.raises(PolyspecError) as caught:
        client.create_and_post_order(token_id=token.id, **ONE_MORE, timeout=0.5)
    assert time.monotonic() - start < 0.5 + LATE
    assert not caught.value.maybe_executed
    assert (clob.seen - before)[ORDER] == 0
    clob.clob.faults.clear()


def test_cut_off_in_the_middle(clob: Venue, trader: Person, token: Token) -> None:
    """A task that is cancelled while its order is on the way takes the order's id along."""

    async def cut_off() -> tuple[asyncio.CancelledError, str]:
        async with connect_async.connect(clob, trader, ample(QUICK)) as client:
            await client.create_or_derive_api_key()
            order = await client.create_order(**token.known, **ONE_MORE)
            arm(clob, ORDER, {"kind": "hang_after"})
            task = asyncio.create_task(client.post_order(order))
            taken = await asyncio.to_thread(clob.wait_for, lambda: clob.orders(trader), 30.0)
            assert taken
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                return error, order.order_id
        raise AssertionError("the task went on")

    error, order_id = asyncio.run(cut_off())
    assert order_id in " ".join(error.__notes__)
    assert [each.id for each in clob.orders(trader)] == [order_id]


# -- nobody there --


def test_server_gone(hands: Hands) -> None:
    """With nobody listening any more it is ConnectFailed, nothing was sent, and cancels say the same."""
    with open_venue() as venue:
        person, token = venue.person(), venue.market()
        client = ready(hands, venue, person)
        placed = client.create_and_post_order(**token.known, **ONE_MORE)
        orders = batch(client, token, 2)
        venue.sandbox._servers[0].stop()
        hands.idle()
        for call in (
            lambda: client.post_order(orders[0], timeout=0.5),
            lambda: client.post_orders(orders, timeout=0.5),
            lambda: client.cancel(placed, timeout=0.5),
            lambda: client.get_open_orders(timeout=0.5),
        ):
            start = time.monotonic()
            with pytest.raises(ConnectFailed, match="nothing was sent") as caught:
                call()
            assert not caught.value.maybe_executed
            assert time.monotonic() - start < 0.5 + LATE
        assert len(venue.orders(person)) == 1
