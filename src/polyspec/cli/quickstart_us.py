"""The story of a first order on the US exchange."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal

from polyspec_wire.us_exchange import models as wire

from polyspec.cli.steps import Steps
from polyspec.errors import ConfigError
from polyspec.us.client import UsExchangeClient
from polyspec.us.fate import Accepted
from polyspec.us.instrument import Instrument
from polyspec.us.kyc import Customer

__all__ = ["live", "tell"]


def live(*, confirmed: bool) -> UsExchangeClient:
    """Return a client of the venue the environment names; production needs a confirmation."""
    client = UsExchangeClient.from_env()
    if client.environment.name == "prod" and not confirmed:
        raise ConfigError("this would place an order with real money on production; add --yes if you mean it")
    return client


def tell(steps: Steps, client: UsExchangeClient, *, live: bool) -> None:
    """Walk through the partner's story on the US exchange."""
    with steps.step("Get an access token with a private-key JWT") as step:
        who = client.whoami()
        step.found(client=client.credentials.client_id, key=client.credentials.fingerprint)
    with steps.step("Ask who we are") as step:
        step.expect(bool(who.user), "the venue did not say who we are")
        step.found(user=who.user, firm=who.firm)
    trader = _customer(steps, client, live=live)
    market = _market(steps, trader)
    with steps.step("Read the balance") as step:
        balance = trader.balances.get()
        step.found(buying_power=f"${balance.buying_power}")
    placed = _place(steps, trader, market)
    with steps.step("Find it among the open orders") as step:
        found = [order for order in trader.orders.open([market.symbol]) if order.id == placed.order_id]
        step.expect(len(found) == 1, f"order {placed.order_id} is listed {len(found)} times")
        step.found(state=found[0].state.name, remaining=market.quantity.from_wire(found[0].leaves_qty))
    with steps.step("Cancel it") as step:
        trader.orders.cancel(placed)
        order = trader.orders.settled(placed)
        step.expect(order.state == wire.OrderState.CANCELED, f"the order is {order.state.name}, not canceled")
        left = [each for each in trader.orders.open([market.symbol]) if each.id == placed.order_id]
        step.expect(not left, "the order is still open")
        step.found(state=order.state.name)


def _customer(steps: Steps, client: UsExchangeClient, *, live: bool) -> UsExchangeClient:
    """Create a customer and act for them; on production, act for the participant that is configured."""
    if live and client.environment.name == "prod":
        if client.participant_id is None:
            raise ConfigError("set POLYSPEC_US_PARTICIPANT_ID: no customers are invented on production")
        return client
    person = _person()
    with steps.step("Create a user account: start verification") as step:
        started = client.kyc.start(person)
        step.found(external_id=person.external_id, decision=started.status.decision if started.status else "")
    with steps.step("Wait until the user is approved and provisioned") as step:
        customer: Customer = client.kyc.wait(person.external_id)
        step.found(participant=customer.participant_id, account=customer.account)
    return client.for_participant(customer.participant_id, customer.account)


def _person() -> wire.StartKYCVerificationRequest:
    """Return the venue's own approved test persona, under an id nobody has used."""
    return wire.StartKYCVerificationRequest(
        external_id=f"quickstart-{os.urandom(6).hex()}",
        ssn="123456789",
        first_name="Jane",
        last_name="Smith",
        date_of_birth="1990-06-15",
        email="jane.smith@example.com",
        phone_number="+12125551234",
        address=wire.KYCAddressRequest(
            address_line_1="123 Main St", city="New York", state="NY", postal_code="10001", country="US"
        ),
        agreement=wire.KYCAgreement(version="PMX.ISV.SANDBOX.v1.0", signed_at=datetime.now(UTC)),
        ip_address="203.0.113.42",
    )


def _market(steps: Steps, client: UsExchangeClient) -> Instrument:
    with steps.step("List instruments") as step:
        market = next(iter(client.instruments.iterate(tradable=True, page_size=50)), None)
        step.expect(market is not None, "the venue lists nothing that can be traded")
        assert market is not None
        step.found(first=market.symbol, tick=f"${market.tick}", price_scale=market.price_scale)
    return market


def _place(steps: Steps, client: UsExchangeClient, market: Instrument) -> Accepted:
    # the lowest price there is, post-only: an order that nobody can hit by accident
    price = market.price.from_wire(market.price.lowest)
    quantity = max(Decimal(1), market.quantity.from_wire(market.quantity.lowest))
    if client.environment.name == "sandbox":
        price, quantity = market.price.from_wire(market.price.nearest("0.05")[0]), Decimal(10)
    with steps.step(f"Place a limit order: buy {quantity} {market.symbol} at ${price}") as step:
        placed = client.orders.place(
            market, side="BUY", price=price, quantity=quantity, post_only=True
        ).unwrap()
        step.found(order_id=placed.order_id, clord_id=placed.clord_id, state=placed.state.name)
    return placed
