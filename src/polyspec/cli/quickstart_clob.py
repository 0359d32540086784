"""The story of a first order on the CLOB."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address
from urllib.parse import urlsplit

from polyspec_wire.clob import models as wire

from polyspec.cli.steps import Steps
from polyspec.clob.client import ClobClient
from polyspec.clob.fate import Accepted
from polyspec.clob.order import SignedOrder
from polyspec.errors import ConfigError, PolyspecError

__all__ = ["live", "tell"]

_SHARES = Decimal(10)
_LOOKED_AT = 200


def live(*, confirmed: bool) -> ClobClient:
    """Return a client of the venue the environment names; real money needs a confirmation."""
    client = ClobClient.from_env()
    if not _is_local(client.host) and not confirmed:
        client.close()
        raise ConfigError("this would place an order with real money on the venue; add --yes if you mean it")
    return client


def _is_local(host: str) -> bool:
    name = urlsplit(host).hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def tell(steps: Steps, client: ClobClient, *, live: bool) -> None:
    """Walk through the story: credentials, market, book, balance, an order and its end."""
    with steps.step("Derive API credentials with the wallet key") as step:
        creds = client.create_or_derive_api_key()
        account = client.account
        assert account is not None
        step.found(wallet=account.maker, signature_type=account.signature_type, api_key=creds.api_key)
    token_id = _market(steps, client)
    with steps.step("Read its book") as step:
        book = client.get_order_book(token_id)
        step.expect(book.asset_id == token_id, "the venue answered with another book")
        # the best level is the last one
        bid = book.bids[-1].price if book.bids else None
        ask = book.asks[-1].price if book.asks else None
        step.found(bid=bid, ask=ask, tick=book.tick_size, neg_risk=book.neg_risk)
    with steps.step("Read the balance") as step:
        balance = client.get_balance_allowance()
        step.found(collateral=f"${balance.balance}")
    order = _sign(steps, client, token_id, book)
    placed = _post(steps, client, order)
    with steps.step("Find it among the open orders") as step:
        found = [each for each in client.get_open_orders(asset_id=token_id) if each.id == placed.order_id]
        step.expect(len(found) == 1, f"order {placed.order_id} is listed {len(found)} times")
        step.found(status=found[0].status.name, size=found[0].original_size, matched=found[0].size_matched)
    with steps.step("Cancel it") as step:
        cancelled = client.cancel(placed)
        step.expect(placed.order_id in cancelled.canceled, f"not cancelled: {cancelled.not_canceled}")
        left = [each for each in client.get_open_orders(asset_id=token_id) if each.id == placed.order_id]
        step.expect(not left, "the order is still open")
        step.found(canceled=len(cancelled.canceled))


def _market(steps: Steps, client: ClobClient) -> str:
    with steps.step("Find a market that takes orders") as step:
        for count, market in enumerate(client.get_sampling_markets()):
            tokens = [each.token_id for each in market.tokens or () if each.token_id]
            if market.accepting_orders and market.enable_order_book and tokens:
                step.found(question=market.question, token=f"{tokens[0][:8]}...")
                return tokens[0]
            if count >= _LOOKED_AT:
                break
        raise PolyspecError("none of the venue's markets takes orders")


def _sign(steps: Steps, client: ClobClient, token_id: str, book: wire.OrderBookSummary) -> SignedOrder:
    # the lowest price there is: an order that nobody hits by accident
    price, size = book.tick_size, max(_SHARES, book.min_order_size or _SHARES)
    with steps.step(f"Sign an order to buy {size} shares at ${price}") as step:
        preview = client.preview(token_id=token_id, price=price, size=size, side="BUY")
        order = client.create_order(token_id=token_id, price=price, size=size, side="BUY")
        step.expect(order.maker_amount == preview.maker_amount, "the order is not what was previewed")
        step.found(cost=f"${preview.total}", order_id=order.order_id)
    return order


def _post(steps: Steps, client: ClobClient, order: SignedOrder) -> Accepted:
    with steps.step("Post it, post-only") as step:
        placed = client.post_order(order, post_only=True).unwrap()
        step.expect(placed.order_id == order.order_id, "the venue knows the order by another id")
        step.found(status=placed.status)
    return placed
