# Mirrored from test_us_partner_async.py by `python -m generator.mirror`; do not edit.
"""What partners do: customers, other participants, combos and requests for quotes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ApiError, BadRequest, ConfigError, Conflict, InvalidOrder, PolyspecError, TimedOut
from polyspec.sandbox.us.world import Participant
from polyspec.us.client import UsExchangeClient
from polyspec.us.fate import Accepted
from tests.client.doing import listed, sleep
from tests.client.us.connect import connect
from tests.client.us.hook import Hook
from tests.client.us.rig import Venue
from tests.client.us.rig import person as applicant


@pytest.fixture
def client(venue: Venue, person: Participant) -> Iterator[UsExchangeClient]:
    """Connect for one test."""
    with connect(venue, person) as client:
        yield client


# -- customers --


def test_customer_is_approved_and_trades(client: UsExchangeClient, symbol: str) -> None:
    """From an application to an order of the customer's own, in five calls."""
    started = client.kyc.start(applicant("customer-1"))
    assert started.status is not None
    customer = client.kyc.wait("customer-1", timeout=5)
    mine = client.for_participant(customer.participant_id, customer.account)
    assert mine.balances.get().balance == 1000
    placed = mine.orders.place(symbol, side="BUY", price="0.10", quantity=1)
    assert isinstance(placed, Accepted)
    assert placed.order.account == customer.account


def test_rejected_customer_is_told(client: UsExchangeClient) -> None:
    """Waiting for somebody who was rejected raises at once."""
    client.kyc.start(applicant("customer-2", email="reject@example.com"))
    with pytest.raises(PolyspecError, match="customer-2 was rejected"):
        client.kyc.wait("customer-2", timeout=5)


def test_review_takes_longer_than_one_waits(client: UsExchangeClient) -> None:
    """A case that people look at is TimedOut, and nothing is said to be executed."""
    client.kyc.start(applicant("customer-3", first_name="Paulina", last_name="Gizela"))
    with pytest.raises(TimedOut, match="not provisioned yet") as caught:
        client.kyc.wait("customer-3", timeout=0.3)
    assert not caught.value.maybe_executed


def test_approved_customer_is_not_checked_again(client: UsExchangeClient) -> None:
    """A second application of somebody approved is a Conflict in the venue's words."""
    client.kyc.start(applicant("customer-4"))
    with pytest.raises(Conflict, match="approved"):
        client.kyc.start(applicant("customer-4"))


def test_malformed_application_is_refused(client: UsExchangeClient) -> None:
    """The venue's complaint arrives, without the number it is about."""
    with pytest.raises(BadRequest, match="ssn must be 9 digits") as caught:
        client.kyc.start(applicant("customer-5", ssn="987-65-4320"))
    assert "987-65" not in str(caught.value)


def test_webhook_hears_of_the_decision(client: UsExchangeClient, hook: Hook) -> None:
    """A registered webhook gets a test event and then the decision, both signed."""
    answer = client.kyc.webhook(hook.url, signing_secret=hook.secret)
    assert answer.validated
    client.kyc.start(applicant("customer-6"))
    client.kyc.wait("customer-6", timeout=5)
    told: list[str] = []
    for _ in range(100):
        # others' customers may be decided while this one waits
        told = [each["event_type"] for each in hook.events if "customer-6" in str(each["data"])]
        if told:
            break
        sleep(0.05)
    assert told == ["kyc.approved"]
    assert hook.events[0]["event_type"] == "webhook.test"
    assert hook.signed == [True] * len(hook.events)


def test_webhook_nobody_answers_is_not_taken(client: UsExchangeClient, hook: Hook) -> None:
    """An address that answers the test with an error is not registered, and the answer says so."""
    hook.status = 500
    answer = client.kyc.webhook(hook.url, signing_secret=hook.secret)
    assert not answer.validated
    assert "500" in answer.message


def test_prefill_trades_a_code_for_data(client: UsExchangeClient) -> None:
    """The right code tells what is known; a wrong one is refused, and not tried again by itself."""
    started = client.kyc.prefill(
        wire.StartKYCPrefillRequest(
            user_id="customer-7", phone_number="+12125551234", date_of_birth="1990-06-15"
        )
    )
    assert started.external_id == "customer-7"
    with pytest.raises(BadRequest, match="OTP invalid"):
        client.kyc.submit_code("customer-7", "999999")
    found = client.kyc.submit_code("customer-7", "123456")
    assert found.date_of_birth == "1990-06-15"


# -- other participants --


def test_for_participant_shares_token_and_connections(
    client: UsExchangeClient, venue: Venue, symbol: str
) -> None:
    """A second participant acts over the same token, with books and orders of its own."""
    client.whoami()
    before = venue.world.issuer.issued
    stranger = venue.person()
    other = client.for_participant(stranger.name, stranger.accounts[0])
    other.orders.place(symbol, side="BUY", price="0.10", quantity=1).unwrap()
    assert venue.world.issuer.issued == before
    assert len(other.orders.open()) == 1
    assert client.orders.open() == []


def test_seeded_counterparty_trades_with_the_seeded_trader(venue: Venue, symbol: str) -> None:
    """The two participants every sandbox has can trade with each other."""
    with connect(venue) as client:
        seeded = venue.world.counterparty
        other = client.for_participant(seeded.name, seeded.accounts[0])
        client.orders.place(symbol, side="BUY", price="0.50", quantity=1).unwrap()
        taken = other.orders.place(symbol, side="SELL", price="0.50", quantity=1).unwrap()
        assert taken.filled == 1


# -- combos and quotes --


def test_combo_is_the_same_for_the_same_legs(client: UsExchangeClient) -> None:
    """Creating a combo twice finds the first one; its instrument can be read."""
    legs = [("tec-nfl-sbw-2026-02-08-kc", "BUY"), ("aec-nba-bos-lal-2026-11-28", "SELL")]
    combo = client.combos.create(legs)
    assert client.combos.create(legs[::-1]).id == combo.id
    found = client.combos.get(combo.id)
    assert found is not None
    assert sorted((leg.symbol, leg.side.name) for leg in found.legs) == sorted(legs)
    market = client.instruments.get(combo.id)
    assert market.tick == Decimal("0.001")
    assert client.combos.get("caoc-nothing") is None


def test_combo_needs_two_to_ten_legs(client: UsExchangeClient, venue: Venue) -> None:
    """Too few, too many or the same leg twice: nothing is sent."""
    leg = ("tec-nfl-sbw-2026-02-08-kc", "BUY")
    before = venue.seen["ComboAPI_CreateCombo"]
    for legs in ([leg], [leg, leg], [(f"s{n}", "BUY") for n in range(11)]):
        with pytest.raises(ConfigError, match="2 to 10"):
            client.combos.create(legs)
    assert venue.seen["ComboAPI_CreateCombo"] == before


def test_quote_becomes_a_trade(client: UsExchangeClient, venue: Venue, symbol: str) -> None:
    """Request, quote, accept, confirm: both sides end with the contracts, at the quoted price."""
    maker_person = venue.person()
    maker = client.for_participant(maker_person.name, maker_person.accounts[0])
    legs = [(symbol, "BUY"), (venue.market(), "BUY")]
    symbol = client.combos.create(legs).id
    rfq = client.rfqs.create(symbol, quantity=5)
    assert rfq in [each.id for each in listed(maker.rfqs.iterate(symbol=symbol))]
    quote = maker.rfqs.quote(rfq, buy_price="0.45")
    assert [each.id for each in listed(client.rfqs.quotes(rfq))] == [quote]
    client.rfqs.accept(rfq, quote, "BUY")
    maker.rfqs.confirm(rfq, quote)
    holding = None
    for _ in range(100):
        holding = client.positions.get(symbol)
        if holding is not None:
            break
        sleep(0.05)
    assert holding is not None
    assert (holding.quantity, holding.cost) == (Decimal(5), Decimal("2.25"))
    sold = maker.positions.get(symbol)
    assert sold is not None
    assert sold.quantity == -5
    assert len(listed(client.rfqs.trades(symbol))) == 1
    venue.audit()


def test_quote_and_request_can_be_withdrawn(client: UsExchangeClient, venue: Venue, symbol: str) -> None:
    """A withdrawn quote cannot be accepted, and a withdrawn request takes no quotes."""
    maker_person = venue.person()
    maker = client.for_participant(maker_person.name, maker_person.accounts[0])
    legs = [(symbol, "BUY"), (venue.market(), "BUY")]
    rfq = client.rfqs.create(client.combos.create(legs).id, cash=10)
    quote = maker.rfqs.quote(rfq, buy_price="0.45", sell_price="0.40")
    maker.rfqs.delete_quote(rfq, quote)
    with pytest.raises(ApiError):
        client.rfqs.accept(rfq, quote, "BUY")
    client.rfqs.delete(rfq)
    with pytest.raises(ApiError):
        maker.rfqs.quote(rfq, buy_price="0.45")


def test_ids_in_quotes_are_anonymous(client: UsExchangeClient, person: Participant) -> None:
    """The id others see is stable and is not the participant's name."""
    first = client.rfqs.user_id()
    assert first
    assert first == client.rfqs.user_id()
    assert person.name not in first


def test_nonsense_quotes_are_refused_here(client: UsExchangeClient, venue: Venue, symbol: str) -> None:
    """A size given twice or not at all, a quote without price, five decimals: nothing is sent."""
    seen = venue.seen.copy()
    with pytest.raises(InvalidOrder, match="either quantity"):
        client.rfqs.create(symbol)
    with pytest.raises(InvalidOrder, match="either quantity"):
        client.rfqs.create(symbol, quantity=1, cash=1)
    with pytest.raises(InvalidOrder, match="buy_price"):
        client.rfqs.quote("rfq", buy_price=None)
    with pytest.raises(InvalidOrder, match=r"0\.1234 and 0\.1235"):
        client.rfqs.quote("rfq", buy_price="0.12345")
    with pytest.raises(InvalidOrder, match="BUY nor SELL"):
        client.rfqs.accept("rfq", "quote", "HOLD")
    changed = venue.seen - seen
    assert not [name for name in changed if name.startswith("RFQAPI_")]
