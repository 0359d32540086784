"""Every way a request to PolySimulator can go wrong on the way.

After each the engine itself is asked what stands, and that is what the client must have said.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from typing import Any

import attrs
import pytest

from polyspec.core import absence
from polyspec.errors import (
    ConnectFailed,
    DecodeError,
    Forbidden,
    PolyspecError,
    RateLimited,
    ServerError,
    TimedOut,
    TradingRestricted,
)
from polyspec.io import driver, driver_async
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.fate import Accepted, Rejected, Unknown
from polyspec.sandbox.polysimulator.registry import HANDLERS, Asked
from tests.client.clob.rig import Token
from tests.client.rawserver import RawServer
from tests.faults.at_polysimulator import (
    BATCH,
    GET,
    LISTING,
    PLACE,
    QUICK,
    Player,
    SimVenue,
    an_order,
    arm,
    batch,
    open_venue,
    refused,
    settled,
)
from tests.faults.clocks import Clock
from tests.faults.hands import HANDS, Hands
from tests.faults.lost import LOST, PASSING, Case, in_turn, lost_in_turn, orders_lost_in_turn
from tests.faults.spare import LATE, ample

pytestmark = pytest.mark.usefixtures("hurried")

CANCEL, BALANCE = "Orders_CancelOrder", "Account_GetBalance"
ONCE = attrs.evolve(QUICK, resend=False)
TAKES: dict[str, Any] = {"price": "0.5", "order_type": "market", "time_in_force": "FOK"}

# what the venue itself says for want of better words, and whether it has the order nonetheless
ITS_OWN: dict[str, Case] = {
    "overshot": ({"kind": "deadline_overshot"}, True),
    "stored": ({"kind": "persistence_unknown_stored"}, True),
    "lost": ({"kind": "persistence_unknown_lost"}, False),
}
# what proves that nothing was executed, or that the same is worth sending again, and passes
BUSY: dict[str, Case] = {
    "429": (PASSING["429"], False),
    "429-at-once": (PASSING["429-at-once"], False),
    **{
        kind: ({"kind": kind, "retry_after": 0}, False)
        for kind in ("lock_busy", "conflict_pending", "server_busy", "db_contention", "concurrency")
    },
}


@pytest.fixture
def client(hands: Hands, sim: SimVenue, player: Player) -> Any:
    """Connect."""
    return hands.connect(sim, player)


# -- one order --


@orders_lost_in_turn
def test_place(
    client: Any,
    hands: Hands,
    sim: SimVenue,
    player: Player,
    race: Token,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """An order whose answer is lost stands once in the end: replayed, found, or sent again as it was."""
    del executed
    before = arm(sim, PLACE, fault)
    order = an_order(race)
    placed = settled(hands, client.orders.submit(order), fault)
    if isinstance(placed, Rejected):
        # there was no time left to send it again
        assert (placed.never_arrived, fault["kind"]) == (True, "hang_before")
        placed = client.orders.submit(order)
    assert isinstance(placed, Accepted)
    assert 1 <= (sim.seen - before)[PLACE] <= 2
    assert sim.ids(player) == [placed.order_id]
    assert sim.orders(player)[0].client_order_id == placed.client_order_id == order.client_order_id


@orders_lost_in_turn
def test_place_once(
    hands: Hands, sim: SimVenue, player: Player, race: Token, fault: dict[str, Any], executed: bool
) -> None:
    """Told not to send anything again, the client sends it once, and the verdict is what the engine says."""
    client = hands.connect(sim, player, ample(ONCE, fault))
    sim.offer(race, "0.5", 100)
    before = arm(sim, PLACE, fault)
    placed = settled(hands, client.orders.submit(an_order(race, **TAKES)), fault)
    assert (sim.seen - before)[PLACE] == 1
    assert sim.ids(player) == ([placed.order_id] if executed else [])
    if executed:
        assert isinstance(placed, Accepted)
        assert (placed.source, placed.filled) == ("filled", 10)
    else:
        assert isinstance(placed, Rejected)
        assert placed.never_arrived
        assert "it never arrived" in placed.text


@pytest.mark.parametrize("takes", [{}, TAKES], ids=["rests", "fills"])
@in_turn(ITS_OWN)
def test_what_the_venue_may_have_stored(
    client: Any, sim: SimVenue, player: Player, race: Token, fault: dict[str, Any], executed: bool, takes: Any
) -> None:
    """What is stored, or may be, is looked up by id or name and not sent again; it may be if it is absent."""
    sim.offer(race, "0.5", 100)
    # other orders have the same numbers in both tables
    for number in range(2):
        client.orders.submit(an_order(race, quantity=20 + number)).unwrap()
        client.orders.submit(an_order(race, quantity=20 + number, **TAKES)).unwrap()
    others = sim.ids(player)
    before, order = arm(sim, PLACE, fault), an_order(race, **takes)
    placed = client.orders.submit(order)
    assert (sim.seen - before)[PLACE] == 1
    if not executed:
        assert isinstance(placed, Rejected)
        assert (placed.never_arrived, placed.code) == (True, "PERSISTENCE_UNKNOWN")
        assert sim.ids(player) == others
        placed = client.orders.submit(order)
    assert isinstance(placed, Accepted)
    assert sim.ids(player) == [placed.order_id, *others]
    assert placed.source == ("filled" if takes else "pending")


def test_lost_order_of_a_busy_trader(client: Any, sim: SimVenue, player: Player, race: Token) -> None:
    """Fills of orders that the listing names are nobody else's: none is asked for to prove one absent."""
    sim.offer(race, "0.5", 1_000)
    for _ in range(12):
        client.orders.submit(an_order(race, **TAKES)).unwrap()
    before = arm(sim, PLACE, {"kind": "persistence_unknown_lost"})
    placed = client.orders.submit(an_order(race, **TAKES))
    assert isinstance(placed, Rejected)
    assert placed.never_arrived
    assert (sim.seen - before)[GET] == 0
    assert len(sim.orders(player)) == 12


@in_turn(BUSY)
def test_place_again_after_what_passes(
    client: Any, sim: SimVenue, player: Player, race: Token, fault: dict[str, Any], executed: bool
) -> None:
    """What the venue asks to be sent again is, the same bytes after the wait, and stands once."""
    del executed
    before = arm(sim, PLACE, fault)
    placed = client.orders.submit(an_order(race))
    assert isinstance(placed, Accepted)
    assert (sim.seen - before)[PLACE] == 2
    assert sim.ids(player) == [placed.order_id]


@pytest.mark.parametrize("hands", [HANDS[0]], indirect=True)
@pytest.mark.parametrize("kind", ["lock_busy", "conflict_pending"])
def test_wait_the_venue_asks_for(client: Any, sim: SimVenue, player: Player, race: Token, kind: str) -> None:
    """The second that the venue asks to wait is waited before the same order is sent again."""
    arm(sim, PLACE, {"kind": kind})
    start = time.monotonic()
    placed = client.orders.submit(an_order(race))
    assert time.monotonic() - start >= 1.0
    assert sim.ids(player) == [placed.unwrap().order_id]


@in_turn({name: LOST[name] for name in ("reset-before", "503-after")})
def test_unknown_says_what_to_do(
    hands: Hands, sim: SimVenue, player: Player, race: Token, fault: dict[str, Any], executed: bool
) -> None:
    """While every lookup fails the order is Unknown, says so, and resolves rightly when that is over."""
    client = hands.connect(sim, player, ample(ONCE))
    before = arm(sim, PLACE, fault)
    sim.sim.faults.add(kind="html_before", operation=LISTING, times=None)
    placed = client.orders.submit(an_order(race), timeout=0.8)
    assert isinstance(placed, Unknown)
    with pytest.raises(PolyspecError, match=r"call resolve\(\), do not place another") as caught:
        placed.unwrap()
    assert caught.value.maybe_executed
    assert placed.cause is not None
    assert placed.cause.maybe_executed
    assert isinstance(hands.done(placed.resolve(0.3)), Unknown)
    sim.sim.faults.clear()
    resolved = hands.done(placed.resolve())
    assert isinstance(resolved, Accepted if executed else Rejected)
    assert (sim.seen - before)[PLACE] == 1
    assert len(sim.orders(player)) == executed


def test_unknown_noted_before_a_restart(
    client: Any, hands: Hands, sim: SimVenue, player: Player, race: Token
) -> None:
    """What was noted of an order that is unknown finds it from another client of the same key."""
    order = an_order(race)
    arm(sim, PLACE, {"kind": "persistence_unknown_stored"})
    sim.sim.faults.add(kind="html_before", operation=LISTING, times=None)
    lost = client.orders.submit(order, timeout=0.8)
    assert isinstance(lost, Unknown)
    sim.sim.faults.clear()
    noted: Unknown[Any] = Unknown(client_order_id=order.client_order_id)
    found = hands.connect(sim, player).orders.resolve(noted)
    assert isinstance(found, Accepted)
    assert sim.ids(player) == [found.order_id]


def test_unknown_under_a_key_that_was_replaced(
    client: Any,
    hands: Hands,
    sim: SimVenue,
    player: Player,
    race: Token,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What another key does not see may be another account's: that is said, and what stands is found."""
    # so that the last look has time to be answered
    monkeypatch.setattr(absence, "_SHORTEST", 0.4)
    fates = []
    for kind in ("persistence_unknown_stored", "persistence_unknown_lost"):
        arm(sim, PLACE, {"kind": kind})
        sim.sim.faults.add(kind="html_before", operation=LISTING, times=None)
        fates.append(client.orders.submit(an_order(race), timeout=0.6))
        sim.sim.faults.clear()
    client.keys.rotate(player.key_id, use=True)
    stored, lost = (hands.done(fate.resolve(2.0)) for fate in fates)
    assert sim.ids(player) == [stored.order_id]
    assert isinstance(lost, Unknown)
    assert "if both are of one account it never arrived" in str(lost.obstacle)


# -- several orders --


@orders_lost_in_turn
def test_place_batch(
    client: Any,
    hands: Hands,
    sim: SimVenue,
    player: Player,
    race: Token,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """A batch whose answer is lost is sent once; each of its orders is looked up by itself."""
    # a long drip of a long answer would only test patience
    fault = fault | ({"seconds": 0.005} if fault["kind"] == "drip" else {})
    before = arm(sim, BATCH, fault)
    orders = batch(race)
    fates = [settled(hands, placed, fault) for placed in client.orders.place_batch(orders)]
    assert [fate.client_order_id for fate in fates] == [order.client_order_id for order in orders]
    assert {type(fate) for fate in fates} == {Accepted if executed else Rejected}
    assert all(fate.never_arrived for fate in fates if isinstance(fate, Rejected))
    assert (sim.seen - before)[BATCH] == 1
    assert sorted(sim.ids(player)) == (sorted(fate.order_id for fate in fates) if executed else [])


@in_turn(ITS_OWN)
def test_batch_the_venue_may_have_stored(
    client: Any, sim: SimVenue, player: Player, race: Token, fault: dict[str, Any], executed: bool
) -> None:
    """The venue names one order at most of a batch it stored: all are looked up, each for itself."""
    before = arm(sim, BATCH, fault)
    fates = client.orders.place_batch(batch(race))
    assert (sim.seen - before)[BATCH] == 1
    if executed:
        assert all(isinstance(fate, Accepted) for fate in fates)
        assert sorted(sim.ids(player)) == sorted(fate.order_id for fate in fates)
    else:
        assert all(isinstance(fate, Rejected) and fate.never_arrived for fate in fates)
        assert sim.ids(player) == []


@in_turn({name: BUSY[name] for name in ("429", "lock_busy", "concurrency")})
def test_batch_again_after_what_passes(
    client: Any, sim: SimVenue, player: Player, race: Token, fault: dict[str, Any], executed: bool
) -> None:
    """A batch that was refused whole is sent again whole, and every order stands once."""
    del executed
    before = arm(sim, BATCH, fault)
    assert all(isinstance(fate, Accepted) for fate in client.orders.place_batch(batch(race)))
    assert (sim.seen - before)[BATCH] == 2
    assert len(sim.orders(player)) == 5


@pytest.mark.parametrize("kind", ["", "close_mid_body"])
def test_orders_of_a_batch_have_fates_of_their_own(
    client: Any, sim: SimVenue, player: Player, race: Token, kind: str
) -> None:
    """In a batch some rest, some fill, and each refusal is that of its order, lost answer or not."""
    sim.offer(race, "0.5", 100)
    if kind:
        arm(sim, BATCH, {"kind": kind})
    orders = [
        an_order(race),
        an_order(race, quantity=100_000_000),
        an_order(race, **TAKES),
        an_order(race, outcome="No", **TAKES),
    ]
    rests, poor, takes, killed = client.orders.place_batch(orders)
    assert (rests.status, takes.status, takes.filled) == ("PENDING", "FILLED", 10)
    assert [fate.never_arrived for fate in (poor, killed)] == [bool(kind)] * 2
    if not kind:
        assert (poor.code, killed.code) == ("INSUFFICIENT_BALANCE", "FOK_ORDER_NOT_FILLED_ERROR")
    assert sorted(sim.ids(player)) == sorted([rests.order_id, takes.order_id])


# -- cancels --


@lost_in_turn
def test_cancel(
    client: Any, sim: SimVenue, player: Player, race: Token, fault: dict[str, Any], executed: bool
) -> None:
    """A cancel is repeated until it is answered, and the order is gone, whoever did it."""
    del executed
    placed = client.orders.submit(an_order(race))
    fault = fault | ({"seconds": 0.001} if fault["kind"] == "drip" else {})
    before = arm(sim, CANCEL, fault)
    if fault.get("body") == "[]":
        # readable, but no answer of this kind: asking again would bring the same
        with pytest.raises(DecodeError) as caught:
            client.orders.cancel(placed)
        assert caught.value.maybe_executed
    else:
        told = client.orders.cancel(placed)
        assert (told.canceled, bool(told)) == ((placed.order_id,), True)
        assert (sim.seen - before)[CANCEL] == (1 if fault["kind"] == "drip" else 2)
    assert [row.status for row in sim.orders(player)] == ["CANCELLED"]


@in_turn({name: case for name, case in BUSY.items() if name != "conflict_pending"})
def test_cancel_again_after_what_passes(
    client: Any, sim: SimVenue, player: Player, race: Token, fault: dict[str, Any], executed: bool
) -> None:
    """A refused cancel is repeated too."""
    del executed
    placed = client.orders.submit(an_order(race))
    before = arm(sim, CANCEL, fault)
    assert client.orders.cancel(placed)
    assert (sim.seen - before)[CANCEL] == 2
    assert sim.ids(player, status="PENDING") == []


def test_cancel_that_is_to_wait_for_too_long(client: Any, sim: SimVenue, player: Player, race: Token) -> None:
    """The five seconds that a busy venue asks a cancel to wait are told if there are none."""
    placed = client.orders.submit(an_order(race))
    arm(sim, CANCEL, {"kind": "server_busy"})
    with pytest.raises(ServerError, match="retry after 5 s") as caught:
        client.orders.cancel(placed, timeout=4)
    assert caught.value.retryable
    assert sim.ids(player, status="PENDING") == [placed.order_id]


@pytest.mark.parametrize("how", ["cancel_many", "cancel_all", "cancel_market"])
@pytest.mark.parametrize("kind", ["reset_after", "truncate", "status_before"])
def test_cancel_several(client: Any, sim: SimVenue, player: Player, race: Token, how: str, kind: str) -> None:
    """Whatever cancels several is repeated as well, and all orders are gone."""
    placed = client.orders.place_batch(batch(race))
    operation = {"cancel_many": "Orders_CancelOrders", "cancel_all": "Orders_CancelAll"}.get(
        how, "Orders_CancelMarketOrders"
    )
    before = arm(sim, operation, {"kind": kind})
    given = {"cancel_many": (placed,), "cancel_market": (race.condition_id,)}.get(how, ())
    getattr(client.orders, how)(*given)
    assert (sim.seen - before)[operation] == 2
    assert sim.ids(player, status="PENDING") == []


def test_cancel_of_an_unknown_order(hands: Hands, sim: SimVenue, player: Player, race: Token) -> None:
    """What nobody knows the fate of is looked up to be cancelled, and is then known to be gone."""
    client = hands.connect(sim, player, ample(ONCE))
    arm(sim, PLACE, {"kind": "reset_after"})
    sim.sim.faults.add(kind="html_before", operation=LISTING, times=None)
    placed = client.orders.submit(an_order(race), timeout=0.5)
    assert isinstance(placed, Unknown)
    with pytest.raises(PolyspecError, match=r"call resolve\(\)"):
        client.orders.cancel(placed, timeout=0.3)
    sim.sim.faults.clear()
    assert client.orders.cancel(placed)
    resolved = hands.done(placed.resolve())
    assert isinstance(resolved, Accepted)
    assert resolved.status == "CANCELLED"


# -- reads --


@lost_in_turn
def test_read(client: Any, sim: SimVenue, race: Token, fault: dict[str, Any], executed: bool) -> None:
    """A read is repeated, whatever happened to it, and gives the right answer."""
    del executed
    placed = client.orders.submit(an_order(race))
    fault = fault | ({"seconds": 0.0005} if fault["kind"] == "drip" else {})
    before = arm(sim, GET, fault)
    if fault.get("body") == "[]":
        with pytest.raises(DecodeError):
            client.orders.get(placed)
        return
    assert client.orders.get(placed).client_order_id == placed.client_order_id
    assert (sim.seen - before)[GET] == (1 if fault["kind"] == "drip" else 2)


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 503}, {"kind": "upstream"}], ids=["503", "502"]
)
def test_outage_is_told_after_a_few_tries(client: Any, sim: SimVenue, fault: dict[str, Any]) -> None:
    """A read that always meets 5xx is tried five times at the most, and the error says how often."""
    before = arm(sim, BALANCE, fault | {"times": None})
    with pytest.raises(ServerError) as caught:
        client.account.balance()
    assert 2 <= caught.value.attempts <= 5
    assert (sim.seen - before)[BALANCE] == caught.value.attempts
    sim.sim.faults.clear()


@pytest.mark.parametrize(
    "body",
    [
        "", "<html>ok</html>", "null", "[]", "5", '"text"', "{}", '{"balance": ', '{"balance": "many"}',
        '{"balance": 5, "currency": []}', "\x00\xff", "[" * 5_000, '{"x": "' + "y" * 1_000_000 + '"}',
    ],
    ids=lambda body: body[:12] or "empty",
)  # fmt: skip
def test_nonsense_is_no_answer(hands: Hands, sim: SimVenue, player: Player, race: Token, body: str) -> None:
    """Cut off, of the wrong shape, a page, a megabyte: a short DecodeError; an order is found nonetheless."""
    client = hands.connect(sim, player, ample(ONCE))
    nonsense = {"kind": "html_after", "status": 200, "body": body}
    arm(sim, BALANCE, nonsense | {"times": None})
    with pytest.raises(DecodeError) as caught:
        client.account.balance()
    assert len(str(caught.value)) < 400
    sim.sim.faults.clear()
    before = arm(sim, PLACE, nonsense)
    placed = client.orders.submit(an_order(race))
    assert isinstance(placed, Accepted)
    assert (sim.seen - before)[PLACE] == 1
    assert sim.ids(player) == [placed.order_id]


# -- the edge --


@pytest.mark.parametrize("kind", ["read", "order", "batch"])
def test_blocked_by_the_edge(client: Any, sim: SimVenue, player: Player, race: Token, kind: str) -> None:
    """403 in plain text: nothing reached the venue, it is asked once, and the text says what may help."""
    calls = {
        "read": (BALANCE, client.account.balance),
        "order": (PLACE, lambda: client.orders.submit(an_order(race))),
        "batch": (BATCH, lambda: client.orders.place_batch(batch(race))),
    }
    operation, call = calls[kind]
    before = arm(sim, operation, {"kind": "edge_blocked"})
    with pytest.raises(Forbidden, match=r"nothing reached the venue.*another user_agent") as caught:
        call()
    assert (caught.value.code, caught.value.maybe_executed) == ("EDGE_1010", False)
    assert (sim.seen - before)[operation] == 1
    assert sim.orders(player) == []


def test_blocked_by_the_edge_while_an_order_is_looked_for(
    hands: Hands, sim: SimVenue, player: Player, race: Token
) -> None:
    """An order that may stand is no refused order because nobody lets its lookups through."""
    client = hands.connect(sim, player, ample(ONCE))
    arm(sim, PLACE, {"kind": "reset_after"})
    sim.sim.faults.add(kind="edge_blocked", operation="*", times=None)
    placed = client.orders.submit(an_order(race), timeout=1)
    assert isinstance(placed, Unknown)
    assert isinstance(placed.obstacle, Forbidden | TimedOut)
    sim.sim.faults.clear()
    assert sim.ids(player) == [hands.done(placed.resolve()).order_id]


# -- outages of what is mirrored --


def test_outage_of_polymarket(client: Any, sim: SimVenue, player: Player, race: Token) -> None:
    """What must fill at once is refused in words, what may rest is held, and both go on when it is over."""
    sim.offer(race, "0.5", 100)
    sim.world.engine.outage = True
    try:
        before = sim.seen.copy()
        for changes in (TAKES, {"time_in_force": "FAK", "price": "0.5"}):
            gone = client.orders.submit(an_order(race, **changes))
            refused(gone, TradingRestricted, "GTC or GTD are taken meanwhile")
            assert gone.retry_after == 60
        assert (sim.seen - before)[PLACE] == 2
        held = client.orders.submit(an_order(race, price="0.5")).unwrap()
        assert held.is_open
        (row,) = client.orders.open()
        assert row.hold_reason == "venue_outage"
    finally:
        sim.world.engine.outage = False
    with sim.world.lock:
        sim.world.advance()
    assert client.orders.get(held).status == "FILLED"
    client.orders.submit(an_order(race, **TAKES)).unwrap()
    assert len(sim.orders(player)) == 2


# -- 429 --


@pytest.mark.parametrize(
    ("hands", "asked", "least"),
    [(HANDS[0], None, 0.25), (HANDS[1], 0, 0.25), (HANDS[1], 1, 1.0)],
    indirect=["hands"],
)
def test_nothing_is_sent_before_the_venue_says(
    client: Any, sim: SimVenue, player: Player, race: Token, asked: Any, least: float
) -> None:
    """After a 429 the same order waits as long as asked, a quarter of a second at least, and stands once."""
    arm(sim, PLACE, {"kind": "rate_limit", "retry_after": asked})
    start = time.monotonic()
    placed = client.orders.submit(an_order(race))
    assert time.monotonic() - start >= least
    assert sim.ids(player) == [placed.unwrap().order_id]


@pytest.mark.parametrize("several", [False, True])
def test_wait_beyond_the_deadline_is_told_at_once(
    client: Any, sim: SimVenue, player: Player, race: Token, several: bool
) -> None:
    """When the venue asks for longer than the call may take, RateLimited says how long, and nothing waits."""
    operation = BATCH if several else PLACE
    before = arm(sim, operation, {"kind": "rate_limit", "retry_after": 40})
    start = time.monotonic()
    with pytest.raises(RateLimited, match="retry after 40 s") as caught:
        client.orders.place_batch(batch(race)) if several else client.orders.submit(an_order(race))
    assert time.monotonic() - start < 10
    assert (caught.value.retry_after, caught.value.maybe_executed) == (40.0, False)
    assert (sim.seen - before)[operation] == 1
    assert sim.orders(player) == []


def test_endless_429_ends_with_the_deadline(client: Any, sim: SimVenue, player: Player, race: Token) -> None:
    """A venue that always says 429 is not asked for longer than the call may take; no order stands."""
    before = arm(sim, PLACE, {"kind": "rate_limit", "times": None})
    start = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        client.orders.submit(an_order(race), timeout=1.0)
    assert time.monotonic() - start < 1.0 + LATE
    assert not caught.value.maybe_executed
    assert (sim.seen - before)[PLACE] == caught.value.attempts <= 5
    assert sim.orders(player) == []
    sim.sim.faults.clear()


def test_orders_of_a_day_are_used_up(hands: Hands) -> None:
    """A free account has so many a day: RateLimited says until when, at once, and then it goes on."""
    with open_venue(daily_cap=3) as venue:
        person, market = venue.person("free"), venue.market()
        client = hands.connect(venue, person)
        for _ in range(3):
            client.orders.submit(an_order(market)).unwrap()
        midnight = int(venue.world.clock.seconds() // 86_400 + 1) * 86_400
        day = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(midnight))
        before, start = venue.seen.copy(), time.monotonic()
        with pytest.raises(RateLimited, match=f"orders .* in a day are used up until {day}") as caught:
            client.orders.submit(an_order(market))
        assert time.monotonic() - start < 10
        assert not caught.value.maybe_executed
        assert caught.value.retry_after is not None
        assert abs(venue.world.clock.seconds() + caught.value.retry_after - midnight) < 3
        assert (venue.seen - before)[PLACE] == 1
        # the cap is of orders: all else goes on, and the pace is not held back
        assert client.orders.cancel_all()
        assert client.account.balance().balance == 100
        assert len(venue.orders(person)) == 3
        venue.pass_time(caught.value.retry_after + 1)
        client.orders.submit(an_order(market)).unwrap()


# -- time --


@pytest.mark.parametrize("kind", ["hang_before", "hang_after"])
def test_deadline_holds(client: Any, sim: SimVenue, race: Token, kind: str) -> None:
    """A call does not outlast its deadline by more than a moment, whatever hangs."""
    for operation in (PLACE, LISTING):
        arm(sim, operation, {"kind": kind, "times": None})
    start = time.monotonic()
    placed = client.orders.submit(an_order(race), timeout=0.5)
    assert time.monotonic() - start < 0.5 + LATE
    assert isinstance(placed, Unknown)
    sim.sim.faults.clear()


@pytest.mark.parametrize("offset", [-3600, 3600])
def test_clock_that_is_off(
    hands: Hands, sim: SimVenue, player: Player, race: Token, offset: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very first request is an order, our clock is off, only fills show it: it is found."""
    listed = HANDLERS[LISTING]

    def resting(asked: Asked) -> Any:
        answer = listed(asked)
        return answer | {"orders": [row for row in answer["orders"] if row["status"] != "FILLED"]}

    monkeypatch.setitem(HANDLERS, LISTING, resting)
    for module in (driver, driver_async):
        monkeypatch.setattr(module, "time", Clock(offset))
    sim.offer(race, "0.5", 100)
    arm(sim, PLACE, {"kind": "reset_after"})
    placed = hands.connect(sim, player, ample(ONCE)).orders.submit(an_order(race, **TAKES))
    assert isinstance(placed, Accepted)
    assert sim.ids(player) == [placed.order_id]


def test_writes_behind_one_that_hangs(hands: Hands, sim: SimVenue, player: Player, race: Token) -> None:
    """Who stands in line behind a write that hangs is told that nothing was sent when time is up."""
    client, other = hands.connect(sim, player), Hands()
    second = other.connect(sim, player, ample(QUICK))
    arm(sim, PLACE, {"kind": "hang_before", "seconds": 1.5})
    first: list[Any] = []
    order = an_order(race)
    thread = threading.Thread(target=lambda: first.append(second.orders.submit(order)))
    before = sim.seen[PLACE]
    thread.start()
    assert sim.wait_for(lambda: sim.seen[PLACE] > before)
    with pytest.raises(TimedOut, match=r"another write of this account.*this one was not sent") as caught:
        client.orders.submit(an_order(race), timeout=0.2)
    assert not caught.value.maybe_executed
    thread.join()
    other.close()
    assert sim.ids(player) == [each.order_id for each in first if isinstance(each, Accepted)]


def test_cut_off_in_the_middle(sim: SimVenue, player: Player, race: Token) -> None:
    """A task that is cancelled while its order is sent takes the order's id along, and leaves its line."""
    order = an_order(race)

    async def cut_off() -> tuple[asyncio.CancelledError, Any]:
        async with AsyncPolySimulatorClient(**sim.client_options(player), settings=ample(QUICK)) as client:
            arm(sim, PLACE, {"kind": "hang_after"})
            task = asyncio.create_task(client.orders.submit(order))
            assert await asyncio.to_thread(sim.wait_for, lambda: sim.orders(player))
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                # the turn is free again, and the order is what it was
                return error, await client.orders.submit(order)
        raise AssertionError("the task went on")

    error, placed = asyncio.run(cut_off())
    assert order.client_order_id in " ".join(error.__notes__)
    assert isinstance(placed, Accepted)
    assert placed.is_replay
    assert sim.ids(player) == [placed.order_id]


def test_ctrl_c_in_the_middle(
    sim: SimVenue, player: Player, race: Token, request: pytest.FixtureRequest
) -> None:
    """Ctrl-C while an order is on the way says which order may stand; looking for that id finds it."""
    # whatever another test in this process made of it
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    hands, order = Hands(), an_order(race)
    # long enough that nothing but the key ends it, however busy the machine is
    client = hands.connect(
        sim, player, attrs.evolve(QUICK, patience=attrs.evolve(QUICK.patience, read=60, place=60))
    )
    arm(sim, PLACE, {"kind": "hang_after"})

    def press() -> None:
        assert sim.wait_for(lambda: sim.orders(player), 30)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        client.orders.submit(order)
    thread.join()
    (note,) = caught.value.__notes__
    assert order.client_order_id in note
    assert "may stand" in note
    found = client.orders.resolve(Unknown(client_order_id=note.rpartition(" ")[2]))
    assert isinstance(found, Accepted)
    assert sim.ids(player) == [found.order_id]
    # the line is free, and what was placed can be placed again without a second order
    assert client.orders.submit(order).unwrap().is_replay
    assert client.orders.cancel(found)
    hands.close()


# -- nobody there --


def test_server_gone(hands: Hands) -> None:
    """With nobody listening any more it is ConnectFailed, nothing was sent, and cancels say the same."""
    with open_venue() as venue:
        person, market = venue.person(), venue.market()
        client = hands.connect(venue, person)
        placed = client.orders.submit(an_order(market))
        venue.sandbox._servers[-1].stop()
        hands.idle()
        for call in (
            lambda: client.orders.submit(an_order(market), timeout=0.5),
            lambda: client.orders.place_batch(batch(market), timeout=0.5),
            lambda: client.orders.cancel(placed, timeout=0.5),
            lambda: client.account.balance(timeout=0.5),
        ):
            start = time.monotonic()
            with pytest.raises(ConnectFailed, match="nothing was sent") as caught:
                call()
            assert not caught.value.maybe_executed
            assert time.monotonic() - start < 0.5 + LATE
        assert len(venue.orders(person)) == 1


def test_silent_port(hands: Hands, sim: SimVenue, player: Player, race: Token) -> None:
    """Where somebody listens and never answers, reads time out in their time and an order stays unknown."""
    with RawServer(lambda peer, _: peer.hang()) as server:
        client = hands.connect(sim, player, base_url=server.url)
        start = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            client.account.balance(timeout=0.5)
        assert caught.value.maybe_executed
        placed = client.orders.submit(an_order(race), timeout=0.5)
        assert isinstance(placed, Unknown)
        assert time.monotonic() - start < 1.0 + LATE
    assert sim.orders(player) == []
