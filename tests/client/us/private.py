"""What happens in the sandbox while private streams are open, and the sandbox's own record of it."""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from polyspec.core.streams.events import Message
from polyspec.io.options import HttpOptions
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.world import Participant
from polyspec.us.order_feed import ORDER_RHYTHM
from polyspec.us.replay_feed import REPLAY_RHYTHM
from polyspec.us.rfq_feed import RFQ_RHYTHM
from polyspec.us.state_feeds import INSTRUMENT_RHYTHM, POSITION_RHYTHM
from tests.client.us.rig import UNPACED, Venue

__all__ = [
    "COPY",
    "HURRY",
    "INSTRUMENTS",
    "ORDERS",
    "ORDER_STREAM",
    "POSITIONS",
    "REPLAY",
    "RFQS",
    "done",
    "executions",
    "options",
    "order",
    "steps",
    "trade",
]

ORDER_STREAM: Final = "OrderEntryAPI_CreateOrderSubscription"
COPY: Final = "DropCopyAPI_CreateDropCopySubscription"
HURRY: Final = {"shortest": 0.02, "first": 0.05, "longest": 0.1}
ORDERS: Final = evolve(ORDER_RHYTHM, **HURRY, late=0.1, quiet=0.1, audit=0.3, silent=0.3)
"""As of itself, in a hurry; so are the others."""
REPLAY: Final = evolve(REPLAY_RHYTHM, **HURRY, late=0.2)
POSITIONS: Final = evolve(POSITION_RHYTHM, **HURRY)
INSTRUMENTS: Final = evolve(INSTRUMENT_RHYTHM, **HURRY, late=0.2)
RFQS: Final = evolve(RFQ_RHYTHM, **HURRY, late=0.2, quiet=0.3)


def options(venue: Venue, person: Participant | None = None, **changes: Any) -> dict[str, Any]:
    """Return what a client is made with that trusts the sandbox."""
    settings = evolve(UNPACED, http=HttpOptions(verify=venue.sandbox.us.ca or True))
    return venue.client_options(person) | {"settings": settings} | changes


def order(
    venue: Venue, person: Participant, symbol: str, side: str, price: int = 500, size: int = 100
) -> str:
    """Place an order and return its id."""
    with venue.world.lock:
        events = venue.world.apply(
            t.PlaceOrder(
                participant=person.name,
                account=person.accounts[0],
                symbol=symbol,
                side=t.Side[side],
                quantity=size,
                price=price,
            )
        )
    return next(each.order.id for each in events if isinstance(each, t.Execution))


def trade(venue: Venue, person: Participant, symbol: str, price: int = 500) -> None:
    """Let a person buy a contract of the sandbox's counterparty."""
    order(venue, person, symbol, "BUY", price)
    order(venue, venue.world.counterparty, symbol, "SELL", price)


def done(venue: Venue, symbol: str, person: Participant | None = None) -> list[str]:
    """Return the ids of the executions of a market, of one person or of everybody, in order."""
    with venue.world.lock:
        found = venue.world.exchange.executions(symbol=symbol)
    return [each.id for each in found if person is None or each.order.participant == person.name]


def executions(events: list[Any]) -> list[str]:
    """Return the ids of the executions among events."""
    natives = [each.native for each in events if isinstance(each, Message)]
    return [each.id for each in natives if each.DESCRIPTOR.name == "Execution"]


def steps(events: list[Any]) -> list[str]:
    """Return which events of requests for quotes there are."""
    return [each.native.WhichOneof("event") for each in events if isinstance(each, Message)]
