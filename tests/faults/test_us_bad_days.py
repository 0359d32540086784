"""Every way a request can go wrong on the way, for every kind of request that moves money.

After each the engine itself is asked what stands, and that is what the client must have said.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from typing import Any

import attrs
import pytest

from polyspec.errors import (
    AuthError,
    ConnectFailed,
    DecodeError,
    PolyspecError,
    RateLimited,
    ServerError,
    TimedOut,
    TransportError,
)
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.world import Participant
from polyspec.us.fate import Accepted, Rejected, Unknown
from polyspec.us.ticket import NewOrder, request_of
from tests.client.us.rig import QUICK, Venue, open_venue
from tests.faults.hands import HANDS, Hands
from tests.faults.lost import (
    LOST,
    PASSING,
    RESTARTS,
    each,
    lost_in_turn,
    orders_lost,
    orders_lost_in_turn,
)
from tests.faults.spare import LATE, ample
from tests.faults.stands import VirtualHands
from tests.faults.virtual import virtual_time

pytestmark = pytest.mark.usefixtures("hurried")

INSERT = "OrderEntryAPI_InsertOrder"
INSERT_LIST = "OrderEntryAPI_InsertOrderList"
CANCEL = "OrderEntryAPI_CancelOrder"
CANCEL_LIST = "OrderEntryAPI_CancelOrderList"
REPLACE = "OrderEntryAPI_CancelReplaceOrder"
OPEN = "OrderEntryAPI_GetOpenOrders"
TOKEN = "OAuth_RequestToken"

REVOKED = {"revoked": {"kind": "revoke"}}
passing = each(PASSING | REVOKED | {"425": RESTARTS["425-before"][0]})
orders_passing = each(PASSING | REVOKED)
ONE_MORE = {"side": "BUY", "price": "0.5", "quantity": 1}


@pytest.fixture
def client(hands: Hands, venue: Venue, person: Participant, symbol: str) -> Any:
    """Connect, with a token and the market's grid already known."""
    client = hands.connect(venue, person, credentials=venue.newcomer())
    client.whoami()
    client.instruments.get(symbol)
    return client


def arm(venue: Venue, operation: str, fault: dict[str, Any]) -> Counter[str]:
    """Prepare a fault for the next request of an operation; return what the venue has seen so far."""
    venue.sandbox.faults.add(operation=operation, **fault)
    return venue.seen.copy()


# -- one order --


@orders_lost
def test_place(
    client: Any,
    hands: Hands,
    venue: Venue,
    person: Participant,
    symbol: str,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """A placement whose answer is lost is sent once, and the verdict is what the engine says."""
    before = arm(venue, INSERT, fault)
    placed = client.orders.place(symbol, **ONE_MORE)
    if isinstance(placed, Unknown):
        # only what took most of the time to be noticed may leave too little of it for looking
        assert fault["kind"] in ("hang_before", "hang_after", "drip")
        placed = hands.done(placed.resolve())
    assert (venue.seen - before)[INSERT] == 1
    stands = venue.orders(person, open_only=True)
    if executed:
        assert isinstance(placed, Accepted)
        assert [order.id for order in stands] == [placed.order_id]
    else:
        assert isinstance(placed, Rejected)
        assert placed.never_arrived
        assert "never reached the venue" in placed.text
        assert stands == []
    assert len(venue.orders(person)) == executed


@orders_passing
def test_place_again_after_a_refusal_that_passes(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any]
) -> None:
    """What the venue refused without executing is sent again, the same order, and stands once."""
    before = arm(venue, INSERT, fault)
    placed = client.orders.place(symbol, clord_id="one-identity", **ONE_MORE)
    assert isinstance(placed, Accepted)
    assert (venue.seen - before)[INSERT] == 2
    assert [order.client_order_id for order in venue.orders(person)] == ["one-identity"]


@pytest.mark.parametrize(
    ("fault", "executed"),
    [LOST[name] for name in ("reset-before", "reset-after", "hang-after", "503-before")],
)
def test_unknown_says_what_to_do(
    client: Any,
    hands: Hands,
    venue: Venue,
    person: Participant,
    symbol: str,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """While every lookup fails the order is Unknown, says so, and resolves rightly when that is over."""
    before = arm(venue, INSERT, fault)
    venue.sandbox.faults.add(kind="status_before", status=503, operation=OPEN, times=None)
    placed = client.orders.place(symbol, timeout=0.8, **ONE_MORE)
    assert isinstance(placed, Unknown)
    with pytest.raises(PolyspecError, match=r"call resolve\(\), do not place it again") as caught:
        placed.unwrap()
    assert caught.value.maybe_executed
    assert placed.cause is not None
    assert placed.cause.maybe_executed
    assert isinstance(hands.done(placed.resolve(0.3)), Unknown)
    venue.sandbox.faults.clear()
    resolved = hands.done(placed.resolve())
    assert isinstance(resolved, Accepted) == executed
    assert not isinstance(resolved, Unknown)
    assert (venue.seen - before)[INSERT] == 1
    assert len(venue.orders(person)) == executed


# -- twenty orders --


@orders_lost_in_turn
def test_place_list(
    client: Any,
    hands: Hands,
    venue: Venue,
    person: Participant,
    symbol: str,
    fault: dict[str, Any],
    executed: bool,
) -> None:
    """A list whose answer is lost is sent once; each of its orders is resolved by itself."""
    orders = [NewOrder(market=symbol, side="BUY", price=f"0.{10 + n}", quantity=1) for n in range(20)]
    # every lookup of a list of twenty is a request: a long drip would only test patience
    fault = fault | ({"seconds": 0.005} if fault["kind"] == "drip" else {})
    before = arm(venue, INSERT_LIST, fault)
    placed = client.orders.place_list(orders)
    assert [each.clord_id for each in placed] == [order.clord_id for order in orders]
    assert all(isinstance(each, Unknown) for each in placed)
    fates = [hands.done(each.resolve()) for each in (placed if executed else placed[:1])]
    assert {type(fate) for fate in fates} == {Accepted if executed else Rejected}
    assert (venue.seen - before)[INSERT_LIST] == 1
    assert len(venue.orders(person, open_only=True)) == (20 if executed else 0)
    assert len({order.client_order_id for order in venue.orders(person)}) == len(venue.orders(person))


@orders_passing
def test_place_list_again_after_a_refusal_that_passes(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any]
) -> None:
    """A list that was refused whole is sent again whole, and every order stands once."""
    orders = [NewOrder(market=symbol, side="BUY", price=f"0.{10 + n}", quantity=1) for n in range(20)]
    before = arm(venue, INSERT_LIST, fault)
    placed = client.orders.place_list(orders)
    assert all(each.order_id for each in placed)
    assert (venue.seen - before)[INSERT_LIST] == 2
    assert len(venue.orders(person)) == 20


# -- cancels --


@lost_in_turn
def test_cancel(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any], executed: bool
) -> None:
    """A cancel is repeated until it is answered, and the order is gone."""
    placed = client.orders.place(symbol, **ONE_MORE)
    before = arm(venue, CANCEL, fault)
    if fault.get("body") == "[]":
        # readable, but no answer of this kind: asking again would bring the same
        with pytest.raises(DecodeError) as caught:
            client.orders.cancel(placed)
        assert caught.value.maybe_executed
        assert venue.orders(person, open_only=True) == []
        return
    client.orders.cancel(placed)
    # an answer of two bytes drips quickly enough
    assert (venue.seen - before)[CANCEL] in ((1, 2) if fault["kind"] == "drip" else (2,))
    (order,) = venue.orders(person)
    assert order.state is t.OrderState.CANCELED


@passing
def test_cancel_again_after_a_refusal_that_passes(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any]
) -> None:
    """A refused cancel is repeated too."""
    placed = client.orders.place(symbol, **ONE_MORE)
    before = arm(venue, CANCEL, fault)
    client.orders.cancel(placed)
    assert (venue.seen - before)[CANCEL] == 2
    assert venue.orders(person, open_only=True) == []


@lost_in_turn
def test_cancel_list(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any], executed: bool
) -> None:
    """Twenty cancels in a request are repeated together, and all orders are gone."""
    orders = [NewOrder(market=symbol, side="BUY", price=f"0.{10 + n}", quantity=1) for n in range(20)]
    placed = client.orders.place_list(orders)
    fault = fault | ({"seconds": 0.005} if fault["kind"] == "drip" else {})
    arm(venue, CANCEL_LIST, fault)
    if fault.get("body") == "[]":
        with pytest.raises(DecodeError):
            client.orders.cancel_list(placed)
    else:
        client.orders.cancel_list(placed)
    assert venue.orders(person, open_only=True) == []


# -- replaces --


@lost_in_turn
def test_replace(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any], executed: bool
) -> None:
    """A replace whose answer is lost is sent once and raised as maybe executed; the order is old or new."""
    placed = client.orders.place(symbol, **ONE_MORE)
    before = arm(venue, REPLACE, fault)
    if fault["kind"] == "drip":
        # two bytes of an answer are there in time, however slowly
        client.orders.replace(placed, price="0.6", quantity=3, timeout=20)
    else:
        with pytest.raises(PolyspecError) as caught:
            client.orders.replace(placed, price="0.6", quantity=3)
        assert isinstance(caught.value, TransportError | ServerError | RateLimited | DecodeError)
        assert caught.value.maybe_executed
        assert caught.value.attempts == 1
        assert "POST /v1/trading/orders/replace" in str(caught.value)
    assert (venue.seen - before)[REPLACE] == 1
    (order,) = venue.orders(person)
    assert (order.price, order.quantity) == ((600, 300) if executed else (500, 100))
    seen = client.orders.get(placed)
    assert (seen.price, seen.order_qty) == (order.price, order.quantity)


@passing
def test_replace_again_after_a_refusal_that_passes(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any]
) -> None:
    """A refused replace is sent again and done once."""
    placed = client.orders.place(symbol, **ONE_MORE)
    before = arm(venue, REPLACE, fault)
    client.orders.replace(placed, price="0.6")
    assert (venue.seen - before)[REPLACE] == 2
    (order,) = venue.orders(person)
    assert order.price == 600


# -- reads --


@lost_in_turn
def test_read(
    client: Any, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any], executed: bool
) -> None:
    """A read is repeated, whatever happened to it, and gives the right answer."""
    placed = client.orders.place(symbol, **ONE_MORE)
    fault = fault | ({"seconds": 0.001} if fault["kind"] == "drip" else {})
    before = arm(venue, OPEN, fault)
    if fault.get("body") == "[]":
        # readable, but no answer of this kind: asking again would bring the same
        with pytest.raises(DecodeError):
            client.orders.open()
        return
    assert [order.id for order in client.orders.open()] == [placed.order_id]
    assert (venue.seen - before)[OPEN] == (1 if fault["kind"] == "drip" else 2)


@pytest.mark.parametrize("status", [500, 503])
def test_outage_is_told_after_a_few_tries(client: Any, venue: Venue, symbol: str, status: int) -> None:
    """A read that always meets 5xx is tried five times at the most, and the error says how often."""
    before = arm(venue, OPEN, {"kind": "status", "status": status, "times": None})
    with pytest.raises(ServerError) as caught:
        client.orders.open()
    assert caught.value.status == status
    assert 2 <= caught.value.attempts <= 5
    assert (venue.seen - before)[OPEN] == caught.value.attempts


# -- 429 --


@pytest.mark.parametrize(
    ("hands", "asked", "least"),
    [(HANDS[0], None, 0.25), (HANDS[1], 0, 0.25), (HANDS[1], 1, 1.0), (HANDS[0], "0.7", 0.7)],
    indirect=["hands"],
)
def test_nothing_is_sent_before_the_venue_says(
    client: Any, venue: Venue, person: Participant, symbol: str, asked: Any, least: float
) -> None:
    """After a 429 the same order waits as long as asked, a quarter of a second at least, and stands once."""
    arm(venue, INSERT, {"kind": "rate_limit", "retry_after": asked})
    start = time.monotonic()
    placed = client.orders.place(symbol, **ONE_MORE)
    assert time.monotonic() - start >= least
    assert isinstance(placed, Accepted)
    assert len(venue.orders(person)) == 1


def test_wait_beyond_the_deadline_is_told_at_once(
    client: Any, venue: Venue, person: Participant, symbol: str
) -> None:
    """When the venue asks for longer than the call may take, RateLimited says how long, and nothing waits."""
    before = arm(venue, INSERT, {"kind": "rate_limit", "retry_after": 40})
    start = time.monotonic()
    with pytest.raises(RateLimited, match="retry after 40 s") as caught:
        client.orders.place(symbol, **ONE_MORE)
    assert time.monotonic() - start < 10
    assert (caught.value.retry_after, caught.value.maybe_executed) == (40.0, False)
    assert (venue.seen - before)[INSERT] == 1
    assert venue.orders(person) == []


def test_endless_429_ends_with_the_deadline(
    client: Any, venue: Venue, person: Participant, symbol: str
) -> None:
    """A venue that always says 429 is not asked for longer than the call may take; no order stands."""
    before = arm(venue, INSERT, {"kind": "rate_limit", "times": None})
    start = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        client.orders.place(symbol, timeout=1.5, **ONE_MORE)
    assert time.monotonic() - start < 1.5 + LATE
    assert not caught.value.maybe_executed
    assert (venue.seen - before)[INSERT] == caught.value.attempts <= 5
    assert venue.orders(person) == []


def test_pacing_holds_back_what_the_venue_would_refuse(
    hands: Hands, venue: Venue, person: Participant, symbol: str
) -> None:
    """With pacing on, a thirteenth read of a book within a minute is refused here, in words, and not sent."""
    settings = attrs.evolve(QUICK, pacing=True)
    client = hands.connect(venue, person, settings=settings, credentials=venue.newcomer())
    refused = 0
    before = venue.seen.copy()
    for _ in range(30):
        try:
            client.book.get(symbol)
        except RateLimited:
            refused += 1
    assert refused
    with pytest.raises(
        RateLimited, match=r"held back by the venue's limit on GetOrderBook.*raise its timeout"
    ):
        client.book.get(symbol)
    assert (venue.seen - before)["OrderBookAPI_GetOrderBook"] == 30 - refused


# -- time --


@pytest.mark.parametrize("kind", ["hang_before", "hang_after"])
def test_deadline_holds(client: Any, venue: Venue, person: Participant, symbol: str, kind: str) -> None:
    """A call does not outlast its deadline by more than a moment, whatever hangs."""
    for operation in (INSERT, OPEN):
        arm(venue, operation, {"kind": kind, "times": None})
    start = time.monotonic()
    placed = client.orders.place(symbol, timeout=1.0, **ONE_MORE)
    assert time.monotonic() - start < 1.0 + LATE
    assert isinstance(placed, Unknown)
    venue.sandbox.faults.clear()


def test_late_execution_is_no_lost_order(
    hands: Hands, venue: Venue, person: Participant, symbol: str
) -> None:
    """While an order may still be executed, nobody says that it never arrived."""
    settings = attrs.evolve(ample(QUICK), settle_window=1.0)
    client = hands.connect(venue, person, settings=settings)
    market = client.instruments.get(symbol)
    order = NewOrder(market=market, **ONE_MORE)
    request = request_of(order, market, account=person.accounts[0], now=time.time())

    def execute() -> None:
        with venue.world.lock:
            venue.world.entry.place([venue.world.entry.command(request, person)])

    # the gateway keeps the order to itself, and hands it on when nobody found it for a second
    venue.sandbox.faults.add(kind="hang_before", operation=INSERT)
    placed = client.orders.submit(order, timeout=1.4)
    assert isinstance(placed, Unknown)
    execute()
    resolved = hands.done(placed.resolve())
    assert isinstance(resolved, Accepted)
    assert [each.id for each in venue.orders(person)] == [resolved.order_id]


# -- the token endpoint --


TOKEN_FAULTS: dict[str, dict[str, Any]] = {
    "reset": {"kind": "reset_before"},
    "reset-after": {"kind": "reset_after"},
    "close": {"kind": "close_before"},
    "truncated": {"kind": "truncate"},
    "slow": {"kind": "delay", "seconds": 0.4},
    "429": {"kind": "rate_limit"},
    "429-wait": {"kind": "rate_limit", "retry_after": 1},
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503},
    "html": {"kind": "html"},
    "html-429": {"kind": "html", "status": 429},
}


@pytest.mark.parametrize(
    ("hands", "fault"),
    [(HANDS[number % 2], fault) for number, fault in enumerate(TOKEN_FAULTS.values())],
    ids=TOKEN_FAULTS.keys(),
    indirect=["hands"],
)
def test_token_endpoint_stumbles(
    hands: Hands, venue: Venue, person: Participant, symbol: str, fault: dict[str, Any]
) -> None:
    """A token request that fails once is repeated with a new assertion, and the order stands once."""
    client = hands.connect(venue, person, credentials=venue.newcomer())
    before = arm(venue, TOKEN, fault)
    if fault["kind"] == "truncate":
        # half an answer from this endpoint is told, not guessed at
        with pytest.raises(DecodeError, match="token endpoint") as caught:
            client.orders.place(symbol, **ONE_MORE)
        assert not caught.value.maybe_executed
    placed = client.orders.place(symbol, **ONE_MORE)
    assert isinstance(placed, Accepted)
    assert (venue.seen - before)[TOKEN] <= 2
    assert len(venue.orders(person)) == 1


@pytest.mark.parametrize(
    ("fault", "kinds", "words"),
    [
        ({"kind": "reset_before"}, (TransportError,), "token"),
        ({"kind": "hang_before"}, (TransportError,), "token"),
        ({"kind": "status", "status": 503}, (TransportError,), "token endpoint answered 503"),
        ({"kind": "rate_limit", "retry_after": 60}, (TransportError,), "asks to wait 60 s"),
        ({"kind": "html"}, (TransportError,), "token endpoint answered 502"),
        ({"kind": "html", "status": 200}, (DecodeError,), "not JSON"),
        ({"kind": "html", "status": 403}, (AuthError,), "token endpoint refused with 403"),
        ({"kind": "status", "status": 200, "body": '{"access_token": 5}'}, (DecodeError,), "access_token"),
        ({"kind": "status", "status": 200, "body": "[]"}, (DecodeError,), "JSON object"),
        (
            {"kind": "status", "status": 200, "body": '{"access_token": "a\\r\\nb", "token_type": "Bearer"}'},
            (DecodeError,),
            "access_token",
        ),
        (
            {"kind": "status", "status": 200, "body": '{"access_token": "abc", "expires_in": "NaN"}'},
            (DecodeError,),
            "expires_in",
        ),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, dict) else "",
)
def test_token_endpoint_is_down(
    hands: Hands,
    venue: Venue,
    person: Participant,
    symbol: str,
    fault: dict[str, Any],
    kinds: tuple[type[Exception], ...],
    words: str,
) -> None:
    """Without a token no order is sent: the error is typed, says token, and that nothing was executed."""
    market = hands.connect(venue, person).instruments.get(symbol)
    client = hands.connect(venue, person, credentials=venue.newcomer())
    before = arm(venue, TOKEN, fault | {"times": None})
    start = time.monotonic()
    with pytest.raises(PolyspecError) as caught:
        client.orders.place(market, timeout=1.5, **ONE_MORE)
    assert isinstance(caught.value, kinds)
    assert words in str(caught.value)
    assert not caught.value.maybe_executed
    assert time.monotonic() - start < 1.5 + LATE
    assert INSERT not in (venue.seen - before)
    assert venue.orders(person) == []
    venue.sandbox.faults.clear()


def test_token_endpoint_fails_while_a_token_is_good() -> None:
    """An early renewal that fails costs nobody anything: the old token is used to its end."""
    with virtual_time() as clock, open_venue(port=False, token_life=4) as hasty:
        clock.rules(hasty.world.clock)
        hands = VirtualHands(clock)
        client = hands.connect(hasty, hasty.person())
        client.whoami()
        hasty.sandbox.faults.add(kind="status", status=503, operation=TOKEN, times=None)
        start = clock.monotonic()
        while clock.monotonic() - start < 2.9:
            client.whoami()
            hands.run(asyncio.sleep(0.1))
        assert hasty.refusals == 0
        assert hasty.seen[TOKEN] >= 2
        hands.close()


# -- nobody there --


def test_server_gone(hands: Hands) -> None:
    """With nobody listening any more it is ConnectFailed, nothing was sent, and cancels say the same."""
    with open_venue() as venue:
        person, symbol = venue.person(), venue.market()
        client = hands.connect(venue, person)
        client.whoami()
        placed = client.orders.place(symbol, **ONE_MORE)
        venue.sandbox._servers[0].stop()
        hands.idle()
        for call in (
            lambda: client.orders.place(symbol, timeout=0.5, **ONE_MORE),
            lambda: client.orders.place_list([NewOrder(market=symbol, **ONE_MORE)], timeout=0.5),
            lambda: client.orders.cancel(placed, timeout=0.5),
            lambda: client.orders.open(timeout=0.5),
        ):
            start = time.monotonic()
            with pytest.raises(ConnectFailed, match="nothing was sent") as caught:
                call()
            assert not caught.value.maybe_executed
            assert time.monotonic() - start < 0.5 + LATE
        assert len(venue.orders(person)) == 1


def test_nobody_was_ever_there(hands: Hands, venue: Venue) -> None:
    """A wrong port is ConnectFailed that names the token endpoint's path, and no credential left."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rest = f"http://127.0.0.1:{port}"
    hosts = {"token_url": f"{rest}/oauth/token", "audience": rest}
    client = hands.connect(
        venue,
        credentials=venue.credentials(**hosts),
        environment=venue.environment(base_url=rest, **hosts),
    )
    with pytest.raises(ConnectFailed, match="nothing was sent") as caught:
        client.whoami()
    assert "/oauth/token" in str(caught.value)


def test_silent_port_times_out(hands: Hands, venue: Venue) -> None:
    """A port that accepts and never answers is TimedOut or ConnectFailed within the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        rest = f"http://127.0.0.1:{silent.getsockname()[1]}"
        hosts = {"token_url": f"{rest}/oauth/token", "audience": rest}
        client = hands.connect(
            venue,
            settings=QUICK,
            credentials=venue.credentials(**hosts),
            environment=venue.environment(base_url=rest, **hosts),
        )
        start = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            client.whoami()
        assert time.monotonic() - start < QUICK.patience.total + LATE
        assert not caught.value.maybe_executed
