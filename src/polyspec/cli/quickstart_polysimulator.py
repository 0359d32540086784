"""The story of a first order on PolySimulator."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice

from polyspec_wire.polysimulator import models as wire

from polyspec.cli.steps import Steps
from polyspec.errors import BadRequest, ConfigError, PolyspecError, RateLimited
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
        listed = islice(client.markets.list(active_only=True), _LOOKED_AT)
        tokens = {
            each.clob_token_ids[0]: each
            for each in listed
            if each.clob_token_ids and each.active is not False and not each.closed
        }
        asks = _asks(client, tokens)
        buyable = [(tokens[token], asks[token]) for token in tokens if token in asks]
        if not buyable:
            raise PolyspecError("none of the venue's markets can be bought")
        market, ask = next(
            (each for each in buyable if (each[0].category, each[1]) == ("politics", _EXAMPLE)), buyable[0]
        )
        step.found(question=market.question, ask=f"${ask}")
    return market, ask


def _asks(client: PolySimulatorClient, tokens: Iterable[str]) -> dict[str, Decimal]:
    """Return the lowest price each token is offered at, of those with shares enough."""
    found = {}
    for book in client.books.get_order_books(tokens):
        # the best level is the last one
        for level in book.asks[-1:]:
            if level.size >= _SHARES:
                found[book.asset_id or book.token_id or ""] = level.price
    return found


def _buy(steps: Steps, client: PolySimulatorClient, order: NewOrder, preview: Preview) -> Accepted:
    with steps.step(f"Buy them, for ${order.price} at worst") as step:
        placed = client.orders.submit(order).unwrap()
        step.expect(placed.filled == _SHARES, f"{placed.filled} shares were filled")
        step.expect(placed.fee is not None and placed.fee <= preview.fee_charged, "the fee is not as shown")
        step.found(order_id=placed.order_id, price=f"${placed.price}", fee=f"${placed.fee}")
    return placed
