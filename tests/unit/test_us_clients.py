"""The shells in both colours: what they send, what they keep, and whom they act for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError, DecodeError, InvalidOrder, NotFound, RateLimited, TimedOut
from polyspec.us.client import UsExchangeClient
from polyspec.us.config import ENVIRONMENTS, Settings
from polyspec.us.fate import Accepted, Rejected, Unknown
from polyspec.us.ticket import NewOrder
from tests.unit.us_rig import (
    BROKEN_PIPE,
    ENVIRONMENT,
    ME,
    SYMBOL,
    Venue,
    async_client_of,
    by_hand,
    client_of,
    credentials,
    instrument,
    market,
    no,
    ok,
)

OTHER = "firms/f/users/other"
LISTING = "/v1/refdata/instruments"


@pytest.fixture
def venue() -> Venue:
    """Return a venue that lists one instrument."""
    return Venue()


def participants(requests: list[Any]) -> list[str | None]:
    """Return whom requests act for."""
    return [dict(each.headers).get("x-participant-id") for each in requests]


def test_place_in_both_colours(venue: Venue) -> None:
    """Placing reads the instrument, sends one order with the client's account, and tells its fate."""
    venue.open = lambda: [venue.record(clord_id="c1")]
    client, wire_ = client_of(venue)
    placed = client.orders.place(SYMBOL, side="BUY", price="0.50", quantity=10, clord_id="c1")
    assert isinstance(placed, Accepted)
    # in another client, to which the id is new
    other, other_wire = async_client_of(venue)
    also = by_hand(other.orders.place(SYMBOL, side="BUY", price="0.50", quantity=10, clord_id="c1"))
    assert also == placed
    for sent in (wire_, other_wire):
        (body,) = sent.bodies("/v1/trading/orders")
        assert body == {
            "type": "ORDER_TYPE_LIMIT",
            "side": "SIDE_BUY",
            "orderQty": 1000,
            "symbol": SYMBOL,
            "price": 50,
            "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
            "clordId": "c1",
            "account": "a",
            "manualOrderIndicator": "MANUAL_ORDER_INDICATOR_AUTOMATED",
        }


def test_resolve_in_both_colours(venue: Venue) -> None:
    """An unknown order resolves itself: in one colour at once, in the other when awaited."""
    order: dict[str, Any] = {"side": "BUY", "price": "0.50", "quantity": 10, "confirm": False}
    placed = client_of(venue)[0].orders.place(SYMBOL, **order, clord_id="c1")
    waiting = by_hand(async_client_of(venue)[0].orders.place(SYMBOL, **order, clord_id="c1"))
    assert isinstance(placed, Unknown)
    assert isinstance(waiting, Unknown)
    venue.open = [venue.record()]
    assert isinstance(placed.resolve(), Accepted)
    assert isinstance(by_hand(waiting.resolve()), Accepted)


def test_resolving_needs_no_listing(venue: Venue) -> None:
    """What is known of an order's instrument is kept with it: a listing that fails hides no fate."""
    client, _ = client_of(venue, settings=Settings(pacing=False, instrument_ttl=0))
    placed = client.orders.place(SYMBOL, side="BUY", price="0.50", quantity=10, clord_id="c1", confirm=False)
    assert isinstance(placed, Unknown)
    venue.broken[LISTING] = no(403, "scope", 7)
    venue.open = [venue.record()]
    assert isinstance(placed.resolve(), Accepted)


def test_only_who_placed_an_order_can_resolve_it(venue: Venue) -> None:
    """Another participant sees nothing of an order, so its lookups are not made at all."""
    client, wire_ = client_of(venue)
    placed = client.orders.place(SYMBOL, side="BUY", price="0.50", quantity=10, confirm=False)
    assert isinstance(placed, Unknown)
    sent = len(wire_.requests)
    with pytest.raises(ConfigError, match="proves nothing"):
        client.for_participant(OTHER).orders.resolve(placed)
    assert len(wire_.requests) == sent


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client: client.orders.place(SYMBOL, side="BUY", price="0.505", quantity=10),
        lambda client: client.orders.place(SYMBOL, side="BUY", price="0.50"),
        lambda client: client.orders.preview(NewOrder(market=SYMBOL, side="X", price="0.5", quantity=1)),
        lambda client: client.orders.place_list([]),
        lambda client: client.orders.place_list([ORDER] * 21),
        lambda client: client.orders.place_list([ORDER, ORDER]),
        lambda client: client.orders.place_list([ORDER, NewOrder(market=SYMBOL, side="BUY")]),
        lambda client: client.orders.cross(
            ORDER, NewOrder(market=SYMBOL, side="BUY", price="0.5", quantity=1)
        ),
        lambda client: client.orders.cross(ORDER, NewOrder(market="b", side="SELL", price="0.5", quantity=1)),
        lambda client: client.orders.cross(
            ORDER, NewOrder(market=SYMBOL, side="SELL", price="0.5", quantity=2)
        ),
        lambda client: client.orders.cancel(Rejected("c1", "X1", "")),
        lambda client: client.orders.cancel_list([wire.Order(id="X1"), "X2"]),
        lambda client: client.orders.replace(wire.Order(id="X1"), outcome="MAYBE", price="0.5"),
        lambda client: client.orders.get(""),
        lambda client: client.book.get(SYMBOL, depth=11),
        lambda client: client.instruments.get(""),
        lambda client: client.rfqs.create(SYMBOL, quantity=1, cash=1),
        lambda client: client.rfqs.quote("r", buy_price="0.12345"),
        lambda client: client.rfqs.quote("r", buy_price="12345678901234567890123456789.00001"),
        lambda client: client.for_participant(""),
        lambda client: client.for_participant("a\r\nx: y"),
    ],
)
def test_bad_input_sends_nothing(venue: Venue, attempt: Callable[[UsExchangeClient], Any]) -> None:
    """What is wrong is refused before a single request but the listing has left."""
    venue.instruments = [market(), market("b")]
    client, wire_ = client_of(venue)
    with pytest.raises(ConfigError):
        attempt(client)
    assert all(each.url.endswith(LISTING) for each in wire_.requests)


ORDER = NewOrder(market=SYMBOL, side="BUY", price="0.50", quantity=1, clord_id="c1")


def test_list_has_one_fate_each(venue: Venue) -> None:
    """Each order of a list is unknown with its own id, in the order given, and read in one listing."""
    venue.instruments = [market(), market("b")]
    client, wire_ = client_of(venue)
    orders = [ORDER, NewOrder(market="b", side="BUY", price="0.50", quantity=1, clord_id="c2")]
    venue.insert = ok({"responses": [{"orderId": "X1"}, {"orderId": "X2"}]})
    placed = client.orders.place_list(orders)
    assert [(each.clord_id, each.order_id) for each in placed] == [("c1", "X1"), ("c2", "X2")]
    assert len(wire_.bodies(LISTING)) == 1
    assert wire_.bodies(LISTING)[0]["symbols"] == [SYMBOL, "b"]


@pytest.mark.parametrize(
    "answer",
    [
        BROKEN_PIPE,
        no(500),
        ok({}),
        ok({"responses": [{"orderId": "X1"}]}),
        ok({"responses": [{"orderId": "X1"}] * 3}),
        ok({"responses": [{"orderId": "X1"}] * 2}),
    ],
)
def test_list_whose_answer_is_no_use(venue: Venue, answer: Any) -> None:
    """A lost answer, or ids that cannot be matched, leave each order unknown and resolvable by its own id."""
    client, _ = client_of(venue)
    venue.insert = answer
    orders = [ORDER, NewOrder(market=SYMBOL, side="BUY", price="0.50", quantity=1, clord_id="c2")]
    placed = client.orders.place_list(orders)
    assert venue.inserts == 1
    for each in placed:
        assert isinstance(each, Unknown)
        assert each.order_id is None
        assert each.cause is not None
    with pytest.raises(InvalidOrder, match="fate is not known"):
        client.orders.submit(ORDER)
    venue.open = [venue.record("c2", id="X2"), venue.record("c1", id="X1")]
    assert [each.resolve().order_id for each in placed if isinstance(each, Unknown)] == ["X1", "X2"]


def test_list_with_one_id_missing(venue: Venue) -> None:
    """Where the venue gives one order no id, only that one has none."""
    client, _ = client_of(venue)
    venue.insert = ok({"responses": [{"orderId": "X1"}, {}]})
    orders = [ORDER, NewOrder(market=SYMBOL, side="BUY", price="0.50", quantity=1, clord_id="c2")]
    first, second = client.orders.place_list(orders)
    assert (first.order_id, second.order_id) == ("X1", None)
    assert isinstance(second, Unknown)
    assert isinstance(second.cause, DecodeError)


def test_refused_list_is_raised(venue: Venue) -> None:
    """A list refused in the venue's words stands for no order, and its ids are free again."""
    client, _ = client_of(venue)
    venue.insert = no(400)
    for _ in range(2):
        with pytest.raises(Exception, match="no") as caught:
            client.orders.place_list([ORDER])
        assert not caught.value.maybe_executed  # type: ignore[attr-defined]


def test_cross_sends_both_sides(venue: Venue) -> None:
    """A cross of opposite orders is sent as one, YES against NO included."""
    client, wire_ = client_of(venue)
    venue.insert = ok({"responses": [{"orderId": "X1"}, {"orderId": "X2"}]})
    opposite = NewOrder(market=SYMBOL, side="BUY", outcome="NO", price="0.50", quantity=1)
    assert len(client.orders.cross(ORDER, opposite, cross_id="k")) == 2
    (body,) = wire_.bodies("/v1/trading/orders/cross")
    assert [each["side"] for each in body["requests"]] == ["SIDE_BUY", "SIDE_SELL"]
    assert body["crossId"] == "k"


def test_cancel_list_goes_in_batches(venue: Venue) -> None:
    """Many cancels go twenty to a request, every one of them once."""
    client, wire_ = client_of(venue)
    orders = [wire.Order(id=f"X{number}", symbol=SYMBOL) for number in range(45)]
    client.orders.cancel_list(orders)
    bodies = wire_.bodies("/v1/trading/orders/cancel/list")
    assert [len(each["requests"]) for each in bodies] == [20, 20, 5]
    sent = [each["orderId"] for body in bodies for each in body["requests"]]
    assert sent == [each.id for each in orders]


@pytest.mark.parametrize(
    ("symbols", "asked"),
    [(None, ""), (SYMBOL, f"symbols={SYMBOL}"), ([SYMBOL, "b"], f"symbols={SYMBOL}&symbols=b")],
)
def test_cancel_all(venue: Venue, symbols: Any, asked: str) -> None:
    """All open orders, or those of the symbols named, are cancelled and returned; a text is one symbol."""
    client, wire_ = client_of(venue)
    venue.open = [venue.record()]
    (order,) = client.orders.cancel_all(symbols)
    assert order.id == "X1"
    assert wire_.requests[0].url.partition("?")[2] == asked
    assert wire_.bodies("/v1/trading/orders/cancel/list") == [
        {"requests": [{"orderId": "X1", "symbol": SYMBOL}]}
    ]


def test_cancel_all_of_no_symbols_cancels_nothing(venue: Venue) -> None:
    """An empty selection is a selection: nothing is asked and nothing cancelled."""
    client, wire_ = client_of(venue)
    assert client.orders.cancel_all([]) == []
    assert client.orders.open(accounts=[]) == []
    assert wire_.requests == []


def test_replace_reads_and_restates(venue: Venue) -> None:
    """A change of the price, told in NO, restates the order with the rest as it was."""
    client, wire_ = client_of(venue)
    venue.open = [venue.record()]
    client.orders.replace(wire.Order(id="X1"), price="0.40", outcome="NO")
    (body,) = wire_.bodies("/v1/trading/orders/replace")
    assert (body["orderId"], body["price"], body["orderQty"]) == ("X1", 60, 1000)


def test_replace_is_sent_once(venue: Venue) -> None:
    """A change whose outcome is unknown is not repeated, and the error says that it may have happened."""
    client, wire_ = client_of(venue)
    venue.open = [venue.record()]
    venue.broken["orders/replace"] = TimedOut("no answer")
    with pytest.raises(TimedOut) as caught:
        client.orders.replace(wire.Order(id="X1"), quantity=20)
    assert caught.value.maybe_executed
    assert len(wire_.bodies("/v1/trading/orders/replace")) == 1


def test_instruments_are_read_once(venue: Venue) -> None:
    """What was read is kept for its time, and shared by clients for other participants."""
    client, wire_ = client_of(venue)
    first = client.instruments.get(SYMBOL)
    assert client.instruments.get(SYMBOL) is first
    assert client.for_participant(OTHER).instruments.get(SYMBOL) is first
    assert client.instruments.get(first) is first
    assert len(wire_.requests) == 1
    client.instruments.forget(SYMBOL)
    client.instruments.get(SYMBOL)
    client.instruments.refresh(SYMBOL)
    assert len(wire_.requests) == 3
    impatient, wire_ = client_of(venue, settings=Settings(pacing=False, instrument_ttl=0))
    impatient.instruments.get(SYMBOL)
    impatient.instruments.get(SYMBOL)
    assert len(wire_.requests) == 2


def test_many_instruments_are_read_at_once(venue: Venue) -> None:
    """Only those not known are asked for, in one listing, each once, and all come in the order asked."""
    venue.instruments = [market(name) for name in "abc"]
    client, wire_ = client_of(venue)
    client.instruments.get("b")
    given = client.instruments.get("c")
    found = client.instruments.get_many(["c", "a", "b", "a", given])
    assert [each.symbol for each in found] == ["c", "a", "b", "a", "c"]
    assert [each["symbols"] for each in wire_.bodies(LISTING)] == [["b"], ["c"], ["a"]]
    assert client.instruments.get_many([]) == []
    assert len(wire_.requests) == 3


def test_unlisted_instrument(venue: Venue) -> None:
    """An instrument that is not listed is not found, even if the venue answers with others."""
    client, _ = client_of(venue)
    venue.broken[LISTING] = ok({"instruments": [{"symbol": "b"}]})
    with pytest.raises(NotFound, match="no instrument 'tec-test'"):
        client.instruments.get(SYMBOL)


def test_changed_tick_is_read_anew(venue: Venue) -> None:
    """After a rejection over the tick the next order is checked against the tick of now."""
    client, _ = client_of(venue)
    venue.past = lambda: [venue.record("c1", state="ORDER_STATE_REJECTED")]
    venue.executions = lambda: [
        {
            "order": venue.record("c1"),
            "type": "EXECUTION_TYPE_REJECTED",
            "orderRejectReason": "ORD_REJECT_REASON_INVALID_PRICE_INCREMENT",
        }
    ]
    placed = client.orders.place(SYMBOL, side="BUY", price="0.51", quantity=1, clord_id="c1")
    assert isinstance(placed, Rejected)
    venue.instruments = [market(tick_size=Decimal("0.05"))]
    with pytest.raises(InvalidOrder, match=r"0\.50 and 0\.55"):
        client.orders.place(SYMBOL, side="BUY", price="0.51", quantity=1)


def test_listing_survives_a_senseless_record(venue: Venue, caplog: pytest.LogCaptureFixture) -> None:
    """One record whose scales make no sense is left out with a warning; asked for by name it is an error."""
    venue.instruments = [market("a"), market("b", price_scale=0), market("c")]
    client, _ = client_of(venue)
    with caplog.at_level(logging.WARNING, "polyspec"):
        assert [each.symbol for each in client.instruments.iterate()] == ["a", "c"]
    assert "instrument b" in caplog.text
    with pytest.raises(DecodeError, match="instrument b"):
        client.instruments.get("b")


def test_acting_for_another_shares_all_but_the_participant(venue: Venue) -> None:
    """A client for another participant uses the same token, pacing and connections under its own name."""
    client, wire_ = client_of(venue, account="mine")
    other = client.for_participant(OTHER)
    assert (other.participant_id, other.account) == (OTHER, None)
    client.orders.open()
    other.orders.open()
    other.instruments.get(SYMBOL)
    client.orders.open()
    # reference data carries nobody's name
    assert participants(wire_.requests) == [ME, OTHER, None, ME]
    assert wire_.tokens == 1
    assert other.session.pacer is client.session.pacer
    assert other.session.quota is client.session.quota
    assert other.session.clock is client.session.clock
    with pytest.raises(ConfigError, match="name an account"):
        list(other.positions.iterate())


def test_closing_the_other_leaves_this_one_open(venue: Venue) -> None:
    """Connections are closed by the client that opened them."""
    client, wire_ = client_of(venue)
    with client.for_participant(OTHER):
        pass
    assert wire_.closed == 0
    client.close()
    assert wire_.closed == 1
    later, waiting = async_client_of(venue)
    by_hand(later.for_participant(OTHER).aclose())
    assert waiting.closed == 0
    by_hand(later.aclose())
    assert waiting.closed == 1


def test_ids_of_two_participants_are_their_own(venue: Venue) -> None:
    """The same client id may be open for two participants at once."""
    client, _ = client_of(venue)
    venue.insert = BROKEN_PIPE
    for each in (client, client.for_participant(OTHER)):
        assert isinstance(each.orders.submit(ORDER, confirm=False), Unknown)
    with pytest.raises(InvalidOrder, match="fate is not known"):
        client.for_participant(OTHER).orders.submit(ORDER)


def test_participant_is_asked_for(venue: Venue) -> None:
    """A call on an account without a participant is refused before it is sent; others work."""
    client, wire_ = client_of(venue, participant_id=None)
    with pytest.raises(ConfigError, match="give participant_id"):
        client.orders.open()
    assert wire_.requests == []
    client.instruments.get(SYMBOL)
    assert participants(wire_.requests) == [None]


def test_keys_of_one_environment_are_refused_in_another() -> None:
    """Credentials go nowhere but where they belong."""
    with pytest.raises(ConfigError, match="never work in another"):
        UsExchangeClient(credentials(), "preprod")
    with pytest.raises(ConfigError, match="never work in another"):
        UsExchangeClient(credentials(ENVIRONMENTS["preprod"]), "prod")
    for field in ("token_url", "audience"):
        other = attrs.evolve(ENVIRONMENT, **{field: "https://other.test"})
        with pytest.raises(ConfigError, match=f"for the {field} "):
            UsExchangeClient(credentials(), other)
    with pytest.raises(ConfigError, match="none of preprod, prod"):
        UsExchangeClient(credentials(), "production")
    assert UsExchangeClient(credentials(ENVIRONMENTS["preprod"]), "preprod").environment.name == "preprod"


def test_clients_of_one_firm_share_their_limits() -> None:
    """The venue counts a firm's clients together, and so does this process; without pacing none is shared."""
    first, second = (UsExchangeClient(credentials(client_id="f"), ENVIRONMENT) for _ in range(2))
    stranger = UsExchangeClient(credentials(client_id="g"), ENVIRONMENT)
    assert first.session.pacer is second.session.pacer
    assert first.session.pacer is not stranger.session.pacer
    unpaced, _ = client_of(Venue())
    assert not unpaced.session.pacer.enabled


def test_shows_no_secrets() -> None:
    """What a client shows of itself is where it is and whom it acts for."""
    client, _ = client_of(Venue())
    assert repr(client) == f"<UsExchangeClient test {ME}>"


def test_positions_read_their_instruments_at_once(venue: Venue) -> None:
    """A page of positions costs one listing; a position of another instrument is not taken for the asked."""
    venue.instruments = [market(name) for name in "ab"]
    venue.broken["/v1/positions"] = ok(
        {
            "positions": [{"symbol": "a", "netPosition": "-150"}, {"symbol": "b", "netPosition": "100"}],
            "availablePosition": ["-150", "50"],
            "eof": True,
        }
    )
    client, wire_ = client_of(venue)
    held = list(client.positions.iterate())
    assert [(str(each.quantity), str(each.available)) for each in held] == [
        ("-1.50", "-1.50"),
        ("1.00", "0.50"),
    ]
    assert len(wire_.bodies(LISTING)) == 1
    assert client.positions.get("b") == held[1]
    assert client.positions.get("c") is None


def test_time_for_the_listing_counts(venue: Venue) -> None:
    """The deadline of a placement holds for reading the instrument too, and nothing is sent after it."""
    client, wire_ = client_of(venue)
    with pytest.raises(TimedOut) as caught:
        client.orders.place(SYMBOL, side="BUY", price="0.5", quantity=1, timeout=0.0)
    assert not caught.value.maybe_executed
    assert wire_.requests == []


def test_held_back_listing_sends_no_order(venue: Venue) -> None:
    """A listing that has to wait too long for its turn is an error that says so, not an order unsent."""
    venue.broken[LISTING] = no(429, "rate limit exceeded", 8)
    client, _ = client_of(venue)
    with pytest.raises(RateLimited):
        client.orders.place(SYMBOL, side="BUY", price="0.5", quantity=1, timeout=0.1)
    assert venue.inserts == 0


def test_instrument_given_is_taken_as_it_is(venue: Venue) -> None:
    """An instrument in hand is used without reading anything."""
    venue.open = [venue.record()]
    client, wire_ = client_of(venue)
    client.orders.place(instrument(), side="BUY", price="0.5", quantity=1, clord_id="c1")
    assert wire_.bodies(LISTING) == []
