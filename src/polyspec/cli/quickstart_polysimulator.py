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
    market, ask = _market(steps, client)
    outcome, price = (market.outcomes or ["Yes"])[0], ask or _EXAMPLE
    order = NewOrder(
        market=market,
        side="BUY",
        outcome=outcome,
        price=price,
        quantity=_SHARES,
        order_type="limit" if ask is None else "market",
    )
    with steps.step(f"See what {_SHARES} shares of {outcome} cost at ${price}") as step:
        preview = client.orders.preview(order)
        step.found(fee=f"${preview.fee_charged}", rate=preview.rate, total=f"${preview.total}")
    if ask is None:
        _rest(steps, client, order)
    else:
        _hold(steps, client, market.condition_id, _buy(steps, client, order, preview), outcome)
    with steps.step("Read the balance again") as step:
        after = client.account.balance()
        step.found(balance=f"${after.balance:,}", spent=f"${before.balance - after.balance}")
        step.expect(ask is None or after.balance < before.balance, "the shares were not paid for")
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


def _market(steps: Steps, client: PolySimulatorClient) -> tuple[wire.MarketSummary, Decimal | None]:
    """Return a market and what its first outcome is to be had for, if anybody sells any, of any market.

    The venue's own example, if it is there.
    """
    with steps.step("Find a market") as step:
        listed = islice(client.markets.list(active_only=True), _LOOKED_AT)
        tokens = {
            each.clob_token_ids[0]: each
            for each in listed
            if each.clob_token_ids and each.active is not False and not each.closed
        }
        asks = _asks(client, tokens)
        if not tokens:
            raise PolyspecError("the venue lists no market that is open")
        best = min(
            tokens,
            key=lambda token: (
                token not in asks,
                (tokens[token].category, asks.get(token)) != ("politics", _EXAMPLE),
            ),
        )
        ask = asks.get(best)
        step.found(question=tokens[best].question, ask="none" if ask is None else f"${ask}")
    return tokens[best], ask


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


def _hold(
    steps: Steps, client: PolySimulatorClient, condition_id: str, placed: Accepted, outcome: str
) -> None:
    with steps.step("Find the position") as step:
        held = [
            each
            for each in client.account.positions(status="OPEN")
            if each.market_id == condition_id and each.outcome == outcome
        ]
        step.expect(len(held) == 1 and held[0].quantity >= placed.filled, "the shares are not held")
        step.found(quantity=held[0].quantity, average=f"${held[0].avg_entry_price}")


def _rest(steps: Steps, client: PolySimulatorClient, order: NewOrder) -> None:
    """Place an order that waits for somebody who sells, and take it back."""
    with steps.step("Nobody sells: place an order that waits") as step:
        placed = client.orders.submit(order).unwrap()
        step.found(order_id=placed.order_id, status=placed.status)
    with steps.step("Find it among the open orders") as step:
        resting = {each.order_id for each in client.orders.open()}
        step.expect(placed.order_id.number in resting, "the order is not open")
    with steps.step("Cancel it") as step:
        step.expect(bool(client.orders.cancel(placed)), "the order did not rest any more")
