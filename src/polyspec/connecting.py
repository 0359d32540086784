"""One strategy, any venue: a desk by name.

::

    with polyspec.connect("sandbox:clob") as desk:
        market = next(desk.markets())
        placed = desk.place(market, side="BUY", price=market.lowest, quantity=market.minimum)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import polyspec
from polyspec.core.desk import Desk
from polyspec.core.desk_async import AsyncDesk
from polyspec.core.secret import SecretHeaders
from polyspec.errors import ConfigError

__all__ = ["connect", "connect_async", "venue_names"]

_SANDBOX: Final = "sandbox:"
_LINE: Final = "POLYSPEC_SANDBOX"
_TRANSPORT: Final = "POLYSPEC_US_TRANSPORT"

# name -> what its client is called here, and by which method a sandbox gives one that is logged in
_CLIENTS: Final[Mapping[str, tuple[str, str]]] = {
    "us": ("UsExchangeClient", "us_exchange"),
    "clob": ("ClobClient", "clob"),
    "polysimulator": ("PolySimulatorClient", "polysimulator"),
}


def venue_names() -> tuple[str, ...]:
    """Return the names of what there is to connect to."""
    return (*_CLIENTS, *(f"{_SANDBOX}{name}" for name in _CLIENTS))


def connect(name: str | None = None, variables: Mapping[str, str] = os.environ) -> Desk:
    """Return a desk at the venue of that name; close it, or use it in a ``with`` block.

    A plain name - us, clob, polysimulator - connects as ``from_env()`` of that venue's client does.
    ``sandbox:`` in front of it means the sandbox of ``POLYSPEC_SANDBOX`` or, without that, one of its own
    that stops with the desk; never the real venue. Without a name ``POLYSPEC_VENUE`` says it.
    """
    variables = _hidden(variables)
    client, sandbox = _opened(name, variables, later=False)
    desk: Desk = client.desk
    if sandbox is not None:
        client.desk.started.callback(sandbox.close)
    return desk


def connect_async(name: str | None = None, variables: Mapping[str, str] = os.environ) -> AsyncDesk:
    """Return an asynchronous desk; see `connect`.

    Nothing is awaited here, so a sandbox of its own holds up the event loop while it starts, for about a
    second.
    """
    from asyncio import to_thread

    variables = _hidden(variables)
    client, sandbox = _opened(name, variables, later=True)
    desk: AsyncDesk = client.desk
    if sandbox is not None:
        client.desk.started.push_async_callback(to_thread, sandbox.close)
    return desk


def _hidden(variables: Mapping[str, str]) -> SecretHeaders:
    """Keep the environment from being shown by a traceback of what goes wrong from here on."""
    return SecretHeaders(dict(variables))


def _opened(name: str | None, variables: SecretHeaders, *, later: bool) -> tuple[Any, Any]:
    """Return a client, and the sandbox that was started for it."""
    venue, sandboxed = _read(name, variables)
    client, inside = _CLIENTS[venue]
    # every client goes to the sandbox if there is such a line, whatever else is set
    if sandboxed and not variables.get(_LINE, "").strip():
        return _started(venue, f"async_{inside}" if later else inside, variables.get(_TRANSPORT, ""))
    return getattr(polyspec, f"Async{client}" if later else client).from_env(variables), None


def _started(venue: str, method: str, transport: str) -> tuple[Any, Any]:
    sandbox = polyspec.Sandbox(venues=[venue]).start()
    try:
        # the one venue that can be called in two ways
        way = (transport,) if transport and venue == "us" else ()
        return getattr(sandbox, method)(*way), sandbox
    except BaseException:
        sandbox.close()
        raise


def _read(name: str | None, variables: SecretHeaders) -> tuple[str, bool]:
    """Return which venue is meant, and whether in a sandbox; raises ConfigError."""
    said = variables.get("POLYSPEC_VENUE", "").strip() if name is None else name
    if not said:
        raise ConfigError(f"name a venue, or set POLYSPEC_VENUE: {', '.join(venue_names())}")
    if said not in venue_names():
        raise ConfigError(f"venue {said!r} is none of {', '.join(venue_names())}")
    return said.removeprefix(_SANDBOX), said.startswith(_SANDBOX)
