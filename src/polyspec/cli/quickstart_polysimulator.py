"""The story of a first order on PolySimulator."""

from __future__ import annotations

from decimal import Decimal

from polyspec_wire.polysimulator import models as wire

from polyspec.cli.steps import Steps
from polyspec.errors import BadRequest, ConfigError, NotFound, PolyspecError, RateLimited
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.fate import Accepted
from polyspec.polysimulator.issued import NewKey
from polyspec.polysimulator.preview import Preview
from polyspec.polysimulator.ticket import NewOrder

__all__ = ["live", "tell"]

_SHARES = Decimal(10)
_EXAMPLE = Decimal("0.65")
"""The price of the venue's own example."""
_LOOKED_AT = 50
_TAKEN = ("BOOTSTRAP_NOT_ALLOWED", "RATE_LIMIT_EXCEEDED")
"""What a second request for a first key is answered with."""


def live(*, confirmed: bool) -> PolySimulatorClient:
    """Return a client of the venue the environment names; its money is play money, so no one need confirm."""
    client = PolySimulatorClient.from_env()
    if not client.has_key and not client.has_access_token:
        client.close()
        raise ConfigError("set POLYSPEC_POLYSIMULATOR_API_KEY, or POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN")
    return client


def tell(steps: Steps, client: PolySimulatorClient, *, live: bool) -> None:
    """Walk through the story: keys, market, an order, what is held then and what is left."""
    made = _keys(steps, client) if client.has_access_token else None
    with steps.step("Read the balance") as step:
        before = client.account.balance()
        step.found(balance=f"${before.balance:,}", starting=f"${before.starting_balance:,}")
    market, price = _market(steps, client)
    outcome = (market.outcomes or ["Yes"])[0]
    order = NewOrder(
        market=market, side="BUY", outcome=outcome, price=price, quantity=_SHARES, order_type="market"
    )
    with steps.step(f"See what {_SHARES} shares of {outcome} cost at ${price}") as step:
        preview = client.orders.preview(order)
        step.found(fee=f"${preview.fee_charged}", rate=preview.rate, total=f"${preview.total}")
    placed = _buy(steps, client, order, preview)
    with steps.step("Find the position") as step:
        held = [
            each
            for each in client.account.positions(status="OPEN")
            if each.market_id == market.condition_id and each.outcome == outcome
        ]
        step.expect(len(held) == 1 and held[0].quantity >= placed.filled, "the shares are not held")
        step.found(quantity=held[0].quantity, average=f"${held[0].avg_entry_price}")
    with steps.step("Read the balance again") as step:
        after = client.account.balance()
        step.found(balance=f"${after.balance:,}", spent=f"${before.balance - after.balance}")
        step.expect(after.balance < before.balance, "the shares were not paid for")
    if made is not None:
        with steps.step("Revoke the bot's key") as step:
            client.keys.revoke(made.id)
            step.found(key=made.key_prefix)


def _keys(steps: Steps, client: PolySimulatorClient) -> NewKey | None:
    """Make the first key of the account, unless it has one, and one for the bot; return the latter."""
    with steps.step("Get the account's first API key with the dashboard's token") as step:
        try:
            first = client.keys.bootstrap("first")
        except (BadRequest, RateLimited) as error:
            if not client.has_key or error.code not in (*_TAKEN, None):
                raise
            step.found(key="none now, going on with the one given", why=error.code or "RATE_LIMIT_EXCEEDED")
        else:
            client.use_key(first)
            step.found(key=first.key_prefix, tier=first.tier)
    with steps.step("Create a key for the bot") as step:
        made = client.keys.create("quickstart")
        step.expect("trade" in made.permissions, "this plan gives out keys that cannot trade")
        step.found(key=made.key_prefix, permissions=",".join(made.permissions))
    return made


def _market(steps: Steps, client: PolySimulatorClient) -> tuple[wire.MarketSummary, Decimal]:
    """Return a market and what its first outcome is to be had for; the venue's example, if it is there."""
    with steps.step("Find a market") as step:
        found: tuple[wire.MarketSummary, Decimal] | None = None
        for count, market in enumerate(client.markets.list(active_only=True)):
            ask = _ask(client, market) if market.active and not market.closed else None
            if ask is not None and (found is None or (market.category, ask) == ("politics", _EXAMPLE)):
                found = market, ask
            if count >= _LOOKED_AT or (found is not None and found[1] == _EXAMPLE):
                break
        if found is None:
            raise PolyspecError("none of the venue's markets can be bought")
        step.found(question=found[0].question, ask=f"${found[1]}")
    return found


def _ask(client: PolySimulatorClient, market: wire.MarketSummary) -> Decimal | None:
    """Return the lowest price the first outcome is offered at, if there are shares enough."""
    for token in (market.clob_token_ids or [])[:1]:
        try:
            book = client.books.get_order_book(token)
        except NotFound:
            # listed, and nobody makes a market in it now
            break
        # the best level is the last one
        for level in book.asks[-1:]:
            return level.price if level.size >= _SHARES else None
    return None


def _buy(steps: Steps, client: PolySimulatorClient, order: NewOrder, preview: Preview) -> Accepted:
    with steps.step(f"Buy them, for ${order.price} at worst") as step:
        placed = client.orders.submit(order).unwrap()
        step.expect(placed.filled == _SHARES, f"{placed.filled} shares were filled")
        step.expect(placed.fee is not None and placed.fee <= preview.fee_charged, "the fee is not as shown")
        step.found(order_id=placed.order_id, price=f"${placed.price}", fee=f"${placed.fee}")
    return placed
