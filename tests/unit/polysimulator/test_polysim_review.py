"""What reviewing the client for other people's money brought up."""

from __future__ import annotations

import asyncio
import json
from copy import copy
from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.polysimulator import orders

from polyspec import NewOrder as UsOrder
from polyspec.core.effects import Flow, Sleep, Wait
from polyspec.core.secret import Secret
from polyspec.errors import (
    ConfigError,
    ConnectFailed,
    DecodeError,
    Forbidden,
    InvalidOrder,
    TimedOut,
    TransportError,
)
from polyspec.polysimulator.config import PolySimulatorSettings, checked_url
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.fate import Accepted, OrderId, Unknown
from polyspec.polysimulator.placing import order_call
from polyspec.polysimulator.session import open_session
from polyspec.polysimulator.ticket import MarketTerms
from polyspec.polysimulator.turns import Turns
from tests.unit.flows import Running
from tests.unit.polysimulator.order_rig import (
    BROKEN_PIPE,
    KEY,
    MARKET,
    Answer,
    Called,
    Venue,
    a_ticket,
    an_order,
    async_client_of,
    client_of,
    no,
    ok,
)
from tests.unit.us_rig import Venue as UsVenue
from tests.unit.us_rig import client_of as us_client_of

PLACE = "POST /v1/orders"


def renaming(status: str = "PENDING", *, lost: bool = False, silent: bool = False, **terms: Any) -> Venue:
    """Return a venue that takes orders in terms of its own, once for each client order id."""
    venue = Venue(settings=PolySimulatorSettings(pacing=False, resend=False))

    def take(called: Called) -> Answer:
        asked = json.loads(called.body)
        if any(row.client_order_id == asked["client_order_id"] for row in venue.rows):
            return no(409, "IDEMPOTENCY_KEY_REUSE")
        told = venue.told(venue.put(asked | terms, status))
        return BROKEN_PIPE if lost else ok(told | ({"client_order_id": None} if silent else {}))

    venue.handlers[PLACE] = take
    return venue


@pytest.mark.parametrize("lists_filled", [True, False])
@pytest.mark.parametrize("status", ["PENDING", "FILLED"])
@pytest.mark.parametrize("terms", [{"outcome": "Up"}, {"side": "SELL"}])
def test_answered_in_other_words(terms: dict[str, Any], status: str, lists_filled: bool) -> None:
    """An order that is answered under our id stands, in whichever words the venue puts its terms."""
    venue = renaming(status, **terms)
    venue.lists_filled = lists_filled
    assert isinstance(venue.place(a_ticket()), Accepted)


@pytest.mark.parametrize("resend", [True, False])
@pytest.mark.parametrize("terms", [{"outcome": "Up"}, {"price": "0.66"}, {"quantity": "10.5"}])
def test_found_in_other_words(terms: dict[str, Any], resend: bool) -> None:
    """A lost order that is listed under our id stands, in whichever words the venue puts its terms.

    Also if the venue answers its repetition only with that the id is in use: by nobody else.
    """
    venue = renaming(lost=True, **terms)
    venue.settings = PolySimulatorSettings(pacing=False, resend=resend)
    found = venue.place(a_ticket())
    assert isinstance(found, Accepted)
    assert found.order_id == "pending:1"


def test_answered_in_other_words_for_nobody() -> None:
    """An order of other terms that names nobody is not believed, nor is it taken for none."""
    venue = renaming(silent=True, outcome="Up")
    venue.names = False
    assert isinstance(venue.place(a_ticket()), Unknown)


def test_given_id_in_other_words() -> None:
    """An id that was given leaves a doubt if a new order has it, though not with the same terms."""
    venue = renaming(lost=True, outcome="Up")
    assert isinstance(venue.place(a_ticket(client_order_id="mine")), Unknown)


def test_another_order_under_a_sent_id() -> None:
    """An order that was changed under the same id is not taken for the one that was sent before."""
    venue = Venue(settings=PolySimulatorSettings(pacing=False, resend=False))
    order = an_order()
    first, other = (
        a_ticket(client_order_id=order.client_order_id),
        a_ticket(client_order_id=order.client_order_id, price="0.66"),
    )
    assert isinstance(venue.place(first), Accepted)
    venue.handlers[PLACE] = lambda called: BROKEN_PIPE
    found = venue.place(other)
    assert isinstance(found, Unknown)
    assert not found.fresh
    assert evolve(found, fresh=True).resolve().order_id == "pending:1"


@pytest.mark.parametrize("order", [UsOrder(market="X", side="BUY", price="0.5", quantity=1), None, {}])
def test_orders_of_another_venue(order: Any) -> None:
    """The `NewOrder` of another venue is refused with a word on which one it takes; nothing is sent."""
    venue = Venue()
    client = client_of(venue)
    for use in (client.orders.submit, client.orders.preview, lambda each: client.orders.place_batch([each])):
        with pytest.raises(InvalidOrder, match=r"polyspec\.polysimulator\.NewOrder, not as "):
            use(order)
    assert venue.calls == []


def test_orders_of_another_venue_async() -> None:
    """The same of the other colour."""

    async def main() -> None:
        venue = Venue()
        orders, other = (
            async_client_of(venue).orders,
            UsOrder(market="X", side="BUY", price="0.5", quantity=1),
        )
        mixed: Any = other
        for use in (orders.submit, orders.preview, lambda each: orders.place_batch([each])):
            with pytest.raises(
                InvalidOrder, match=r"polyspec\.polysimulator\.NewOrder, not as polyspec\.us\."
            ):
                await use(mixed)
        assert venue.calls == []

    asyncio.run(main())


def test_our_orders_at_another_venue() -> None:
    """The other way around: the US exchange names the `NewOrder` it takes, and nothing is sent."""
    client, sent = us_client_of(UsVenue())
    mixed: Any = an_order()
    for use in (
        client.orders.submit,
        client.orders.preview,
        lambda each: client.orders.place_list([each]),
        lambda each: client.orders.cross(each, each),
    ):
        with pytest.raises(InvalidOrder, match=r"polyspec\.NewOrder, not as polyspec\.polysimulator\."):
            use(mixed)
    assert sent.requests == []


@pytest.mark.parametrize("number", [2**63 - 1, 10**30])
def test_numbers_of_orders(number: int) -> None:
    """An id of any length is that of an order that stands: it is read, or the order is looked up."""
    venue = Venue()

    def take(called: Called) -> Answer:
        return ok(venue.told(venue.put(json.loads(called.body))) | {"order_id": number})

    venue.handlers[PLACE] = take
    found = venue.place(a_ticket())
    assert isinstance(found, Accepted)
    assert found.order_id.number == (1 if number > 2**64 else number)


def cancelled(**changes: Any) -> Venue:
    """Return a venue that answers the cancel of its order 7 with yes and these changes."""
    venue = Venue()
    told = venue.told(venue.put(json.loads(a_ticket().body))) | {"order_id": 7, "status": "CANCELLED"}
    venue.handlers["DELETE /v1/orders/7"] = lambda called: ok(told | changes)
    return venue


def test_cancels_are_what_they_say() -> None:
    """A yes to a cancel counts as far as it says that this order does not rest any more."""
    assert client_of(cancelled()).orders.cancel(7)
    for status in ("FILLED", "EXPIRED"):
        found = client_of(cancelled(status=status)).orders.cancel(7)
        assert not found
        assert found.not_canceled == {OrderId("pending:7"): f"it was {status.lower()} before"}
    for changes in ({"status": "PENDING"}, {"status": "CANCELLING"}, {"order_id": 8}):
        with pytest.raises(DecodeError, match="look what still rests") as caught:
            client_of(cancelled(**changes)).orders.cancel(7)
        assert caught.value.maybe_executed


@pytest.mark.parametrize("name", ["abc", "0", "filled:7", ""])
def test_cancels_of_what_is_no_order(name: str) -> None:
    """A name that is none in the answer to a cancel is the venue's mistake, not the caller's."""
    for answer in ({"canceled": [name]}, {"canceled": [], "not_canceled": {name: "why"}}):
        venue = Venue()
        venue.handlers["POST /v1/cancel-all"] = lambda called, answer=answer: ok(answer)
        with pytest.raises(DecodeError, match="none that rests") as caught:
            client_of(venue).orders.cancel_all()
        assert caught.value.maybe_executed


@pytest.mark.parametrize("end", ["?", "/?k=geheim", "/v1?k=geheim", "#geheim", "/v1/#", "/\x00", "/\u200b"])
def test_addresses_that_paths_cannot_follow(end: str) -> None:
    """What could not have a path behind it is no address of a venue, and is not shown."""
    with pytest.raises(ConfigError, match=r"without \? or #") as caught:
        checked_url("https://venue.test" + end)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(("held", "sent"), [(14.0, 1), (14.8, 0)])
def test_turns_that_come_too_late(held: float, sent: int) -> None:
    """An order whose turn comes when no answer can be waited for is not sent, and that is said."""
    venue = Venue(turns=Turns())
    assert venue.turns is not None
    first = Running(venue.world, venue.turns.within(hanging(held), 2000.0))
    ticket = a_ticket()
    second = Running(venue.world, venue.placing.place(ticket, order_call(ticket), 15.0))
    while not isinstance(second.effect, Wait):
        second.step()
    first.finish()
    if sent:
        assert isinstance(second.finish(), Accepted)
    else:
        with pytest.raises(TimedOut, match="not sent") as caught:
            second.finish()
        assert (caught.value.maybe_executed, caught.value.attempts) == (False, 0)
    assert len(venue.posts()) == sent


def hanging(seconds: float) -> Flow[None]:
    """Hold the line for some seconds."""
    yield Sleep(seconds)


@pytest.mark.parametrize("what", ["keys", "wallets", "events"])
def test_pages_that_do_not_go_on(what: str) -> None:
    """Pages that are asked for by place, and are the same wherever they begin, end with an error."""
    venue = Venue()
    client = client_of(venue)
    rows = {
        "keys": [{"id": number, "key_prefix": "ps_live_"} for number in range(50)],
        "wallets": [{"id": number, "kind": "SANDBOX"} for number in range(50)],
        "events": [{"id": number} for number in range(50)],
    }[what]
    paths = {"keys": "GET /v1/keys", "wallets": "GET /v1/me/wallets", "events": "GET /v1/events"}
    listings = {"keys": client.keys.list, "wallets": client.wallets.list, "events": client.markets.events}
    venue.handlers[paths[what]] = lambda called: ok(rows if what == "keys" else {what: rows})
    found = listings[what]()
    assert len([next(found) for _ in range(50)]) == 50
    with pytest.raises(DecodeError, match="same page twice"):
        next(found)
    assert [called.query["offset"] for called in venue.calls] == ["0", "50"]


@pytest.mark.parametrize("name", ["", "x y", "7" * 77, 5, None])
def test_terms_of_no_market(name: Any) -> None:
    """Terms that were written by hand name a market as well, or the order is not sent."""
    with pytest.raises(InvalidOrder) as caught:
        a_ticket(market=MarketTerms(condition_id=name))
    assert caught.value.field == "market"


def test_condition_ids_in_capitals() -> None:
    """A condition id is sent and looked for as the venue writes it, so that a lost order is found."""
    venue = Venue(settings=PolySimulatorSettings(pacing=False, resend=False))

    def take(called: Called) -> Answer:
        asked = json.loads(called.body)
        venue.put(asked | {"market_id": asked["market_id"].lower()})
        return BROKEN_PIPE

    venue.handlers[PLACE] = take
    for market in (MARKET.upper(), MarketTerms(condition_id=MARKET.upper()), f" {MARKET} "):
        assert isinstance(venue.place(a_ticket(market=market)), Accepted)


@pytest.mark.parametrize("gap", [48.0, 50.0, 54.2, 55.9, 56.5, 59.0])
def test_time_to_be_answered(gap: float) -> None:
    """However long the pace holds an order back, there is time left for its answer when it leaves."""
    venue, paced = Venue(), PolySimulatorSettings(rates=(100, 2))
    # an address, and with it a pace, that belongs to this case alone
    venue.session = open_session(f"https://sim{gap}.test", Credentials(Secret(KEY)), paced, lambda: 0.5)
    for _ in range(2):
        venue.world.run(venue.session.send(orders.list_orders()))
    venue.world.pass_time(gap)
    assert isinstance(venue.place(a_ticket()), Accepted)
    (post,) = venue.posts()
    assert post.total > 1.5


def flat(venue: Venue, **answer: Any) -> Any:
    """Place an order by token, with this answer."""
    venue.handlers["POST /v1/clob/order"] = lambda called: ok(answer)
    return client_of(venue).compat.place("7" * 77, "BUY", "0.65", "10")


def test_flat_failures_prove_nothing() -> None:
    """What breaks in the middle of an order by token may have made it: it is looked up."""
    for text in ("EXECUTION_ERROR", "INTERNAL_ERROR"):
        assert flat(Venue(), success=False, errorMsg=text).never_arrived
    refused = flat(Venue(), success=False, errorMsg="INSUFFICIENT_BALANCE")
    assert (refused.code, refused.never_arrived) == ("INSUFFICIENT_BALANCE", False)


@pytest.mark.parametrize(
    ("status", "table"), [("matched", "filled"), ("MATCHED", "filled"), ("live", "pending")]
)
def test_flat_orders_are_in_their_table(status: str, table: str) -> None:
    """An order by token that was filled is in the table of fills, however the venue writes it."""
    assert flat(Venue(), success=True, orderID="7", status=status).order_id == f"{table}:7"


@pytest.mark.parametrize("place", [True, False])
def test_why_it_failed(place: bool) -> None:
    """That there was no time for another attempt does not hide what the one before failed of."""
    venue, paced = Venue(), PolySimulatorSettings(rates=(100, 1))
    venue.session = open_session(f"https://why{place}.test", Credentials(Secret(KEY)), paced, lambda: 0.5)
    venue.handlers[PLACE] = venue.handlers["GET /v1/orders"] = lambda called: ConnectFailed("nobody there")
    ticket = a_ticket()
    placing = venue.placing.place(ticket, order_call(ticket), 5.0)
    flow: Flow[Any] = placing if place else venue.session.send(orders.list_orders(), 5.0)
    with pytest.raises(ConnectFailed, match="nobody there") as caught:
        venue.world.run(flow)
    assert (len(venue.calls), caught.value.attempts, caught.value.maybe_executed) == (1, 1, False)


RAW = {"order": {"tokenId": "7", "makerAmount": "1", "takerAmount": "1", "side": "BUY"}}


@pytest.mark.parametrize("broken", [KeyboardInterrupt(), ValueError("unforeseen"), BROKEN_PIPE])
def test_cut_off_without_an_id(broken: BaseException) -> None:
    """Whatever cuts an order without an id off says that it may stand, and where to look for it."""
    venue = Venue()

    def cut(called: Called) -> Answer:
        raise copy(broken)

    venue.handlers["POST /v1/order"] = cut
    alone = PolySimulatorSettings(pacing=False, serialise=False)
    slow = async_client_of(venue, settings=alone).compat.post_order
    for post in (client_of(venue, settings=alone).compat.post_order, lambda raw: asyncio.run(slow(raw))):
        with pytest.raises(type(broken)) as caught:
            post(RAW)
        assert ["cannot be looked up" in note for note in caught.value.__notes__] == [True]


def test_first_beat_that_may_have_been_heard() -> None:
    """A first beat whose answer was lost says that the venue may cancel all orders for want of a second."""
    venue = Venue()
    venue.handlers["POST /v1/heartbeats"] = lambda called: BROKEN_PIPE
    beating = client_of(venue).orders.heartbeats(5.0)
    with pytest.raises(TransportError) as caught:
        beating.__enter__()
    assert "6.25 s after it" in caught.value.__notes__[0]
    venue.handlers["POST /v1/heartbeats"] = lambda called: no(403, "INSUFFICIENT_PERMISSION")
    with pytest.raises(Forbidden) as refused:
        beating.__enter__()
    assert not hasattr(refused.value, "__notes__")


def test_orders_are_read_of_their_wallet() -> None:
    """What is read of an order is asked for in the wallet of the client, or the one that is named."""
    venue = Venue()
    venue.put(json.loads(a_ticket().body), "CANCELLED")
    venue.handlers["DELETE /v1/orders/1"] = lambda called: no(400, "ORDER_NOT_CANCELLABLE")
    for client, wallet in ((client_of(venue), None), (client_of(venue, wallet_id=7), "7")):
        venue.calls.clear()
        client.orders.get("pending:1")
        assert client.orders.cancel("pending:1")
        client.orders.get("pending:1", wallet_id="all")
        reads = [called.query.get("wallet_id") for called in venue.calls if called.method == "GET"]
        assert reads == [wallet, wallet, "all"]


def test_outcomes_that_cannot_be_sent() -> None:
    """Half of a character is no label, and any whole one may be."""
    with pytest.raises(InvalidOrder, match="label") as caught:
        a_ticket(outcome="Yes\ud800")
    assert caught.value.field == "outcome"
    assert a_ticket(outcome=" Ja\u2764\U0001f600 ").terms.outcome == "Ja\u2764\U0001f600"
