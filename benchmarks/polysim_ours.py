"""Our clients of the PolySimulator that fills every order, and the order they make."""

from __future__ import annotations

import time
from typing import Any, Final

from benchmarks.polysim_terms import API_KEY, MARKET, OUTCOME, PRICE, QUANTITY, SIDE
from benchmarks.serving import Address
from polyspec.core.effects import Request
from polyspec.io.options import HttpOptions
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.placing import order_call
from polyspec.polysimulator.ticket import NewOrder, Ticket

__all__ = ["ORDER", "async_client", "client", "request"]

ORDER: Final[dict[str, Any]] = {
    "market": MARKET, "side": SIDE, "outcome": OUTCOME, "price": PRICE, "quantity": QUANTITY,
}  # fmt: skip


def client(server: Address, *, defaults: bool) -> PolySimulatorClient:
    """Return a blocking client, as it comes or with all that holds requests back off."""
    return PolySimulatorClient(API_KEY, server.url, settings=_settings(server, defaults=defaults))


def async_client(server: Address, *, defaults: bool) -> AsyncPolySimulatorClient:
    """Return an asynchronous client of the same kind."""
    return AsyncPolySimulatorClient(API_KEY, server.url, settings=_settings(server, defaults=defaults))


def request(ours: PolySimulatorClient) -> Request:
    """Return what that client would send to place the order."""
    ticket = Ticket.of(NewOrder(**ORDER), now=time.time())
    return ours.run(ours.session.prepare(order_call(ticket)))


def _settings(server: Address, *, defaults: bool) -> PolySimulatorSettings:
    http = HttpOptions(verify=True if server.ca is None else str(server.ca))
    return PolySimulatorSettings(pacing=defaults, serialise=defaults, http=http)
