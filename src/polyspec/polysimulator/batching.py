"""Several orders in one request: the answer says of each what became of it, or cannot be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from polyspec_wire import Call
from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import orders

from polyspec.errors import DecodeError, InvalidOrder
from polyspec.polysimulator.answers import Said, Then, read
from polyspec.polysimulator.ticket import Ticket

__all__ = ["BATCH", "batch_call", "checked_batch", "matched"]

BATCH: Final = 100
"""The most orders the venue's format takes; its plans allow fewer."""


def checked_batch(tickets: Sequence[Ticket]) -> None:
    """Raise InvalidOrder for a batch that is refused whatever the plan of the account is."""
    if not tickets:
        raise InvalidOrder("a batch holds one order or more", field="orders")
    if len(tickets) > BATCH:
        raise InvalidOrder(f"{len(tickets)} orders are more than the {BATCH} of a batch", field="orders")
    ids = [each.client_order_id for each in tickets]
    if len(set(ids)) != len(ids):
        raise InvalidOrder("two orders of a batch have one client order id", field="client_order_id")


def batch_call(tickets: Sequence[Ticket]) -> Call[wire.BatchOrderResponse]:
    """Return the request that places them, made of the bytes each of them would be sent as alone."""
    body = b'{"orders":[' + b",".join(each.body for each in tickets) + b"]}"
    return Call(operation=orders.PLACE_ORDER_BATCH, path=orders.PLACE_ORDER_BATCH.path, body=body)


def matched(tickets: Sequence[Ticket], answer: Any) -> list[Said]:
    """Return what an answer says of each order: by client order ids, or by place if it has none at all."""
    results = answer.results
    by_id = {each.client_order_id: each for each in results if each.client_order_id}
    if len(by_id) < sum(bool(each.client_order_id) for each in results):
        return [_unmatched("one client order id was answered twice")] * len(tickets)
    if by_id:
        return [
            read(ticket, by_id[ticket.client_order_id])
            if ticket.client_order_id in by_id
            else _unmatched("nothing was said about it")
            for ticket in tickets
        ]
    if len(results) != len(tickets):
        count = f"{len(tickets)} orders were answered with {len(results)} results"
        return [_unmatched(count)] * len(tickets)
    return [read(ticket, each) for ticket, each in zip(tickets, results, strict=True)]


def _unmatched(problem: str) -> Said:
    cause = DecodeError(f"the answer to the batch cannot be matched to its orders: {problem}; at $.results")
    return Said(Then.LOOK, error=cause, doubt=True)
