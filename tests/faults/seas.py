"""The three venues as places to sail storms at: in virtual time, or through a proxy that cuts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from random import Random  # noqa: TID251 - seeded, and guards nothing
from typing import Any

from attrs import frozen

from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.core.sending import Patience
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Settings
from tests.client import doing_async
from tests.client.clob import rig as clob_rig
from tests.client.us import rig as us_rig
from tests.faults import at_polysimulator as sim_rig
from tests.faults.proxy import Cut, How, Plan, Proxy, Where
from tests.faults.storm import Storm
from tests.faults.storm_clob import ClobStorm
from tests.faults.storm_polysimulator import SimStorm
from tests.faults.storm_us import UsStorm

__all__ = ["SEAS", "Cuts", "Sea", "Stretched", "proxied", "through"]

# less than fifteen seconds for a placement, so that some are left unknown
SHORT = Patience(place=9.0)


@frozen
class Sea:
    """One venue to sail at."""

    name: str
    opened: Callable[..., AbstractContextManager[Any]]
    storm: Callable[..., Storm]
    kind: type[Any]
    settings: Any
    paths: Mapping[str, bytes]
    """How requests begin, by operation."""

    def clocks(self, venue: Any) -> list[Any]:
        """Return the clocks of a venue."""
        found = [venue.world.clock]
        return [*found, venue.street.world.clock] if self.name == "polysimulator" else found

    def connected(self, storm: Any, settings: Any = None, **changes: Any) -> AbstractAsyncContextManager[Any]:
        """Connect for who sails, ready to place orders."""
        return _connected(self, storm, settings or self.settings, changes)


@asynccontextmanager
async def _connected(sea: Sea, storm: Any, settings: Any, changes: Mapping[str, Any]) -> AsyncIterator[Any]:
    venue = storm.venue
    options = {**venue.client_options(storm.person), "settings": settings, **changes}
    if venue.app is not None:
        options["http"] = doing_async.inside(venue.app)
    async with sea.kind(**options) as client:
        if sea.name == "us":
            await client.instruments.get(storm.symbol)
        elif sea.name == "clob":
            await client.create_or_derive_api_key()
        yield client


SEAS = (
    Sea(
        "us",
        us_rig.open_venue,
        UsStorm,
        AsyncUsExchangeClient,
        Settings(pacing=False, patience=SHORT),
        {
            "OrderEntryAPI_InsertOrder": b"POST /v1/trading/orders ",
            "OrderEntryAPI_InsertOrderList": b"POST /v1/trading/orders/list",
            "OrderEntryAPI_GetOpenOrders": b"GET /v1/trading/orders/open",
        },
    ),
    Sea(
        "clob",
        clob_rig.open_venue,
        ClobStorm,
        AsyncClobClient,
        ClobSettings(pacing=False, patience=SHORT),
        {"Orders_PostOrder": b"POST /order ", "Orders_PostOrders": b"POST /orders "},
    ),
    Sea(
        "polysimulator",
        sim_rig.open_venue,
        SimStorm,
        AsyncPolySimulatorClient,
        PolySimulatorSettings(pacing=False, serialise=False, patience=SHORT),
        {
            "Orders_PlaceOrder": b"POST /v1/orders ",
            "Orders_PlaceOrderBatch": b"POST /v1/orders/batch ",
            "Orders_ListOrders": b"GET /v1/orders",
        },
    ),
)


class Stretched:
    """Faults that last sixty times as long: half a minute of silence, not half a second."""

    def __init__(self, faults: Any) -> None:
        self._faults = faults

    def add(self, **fault: Any) -> None:
        """Add a fault."""
        seconds = fault.get("seconds")
        self._faults.add(**fault if seconds is None else {**fault, "seconds": seconds * 60})

    def clear(self) -> None:
        """Forget all faults still to come."""
        self._faults.clear()


_CUTS: tuple[tuple[Where, How, Cut], ...] = (
    ("accept", "reset", 0),
    *(("request", how, cut) for how in ("reset", "close") for cut in (0, 1, "head", 0.7, "last")),
    *(
        ("answer", how, cut)
        for how in ("reset", "close", "half-close")
        for cut in (0, 1, "head", 0.7, "last")
    ),
    ("answer", "freeze", 0),
)


class Cuts:
    """Faults of a network instead of those of a venue: every one meets the same request somewhere else."""

    def __init__(self, proxy: Proxy, paths: Mapping[str, bytes], seed: int) -> None:
        self._proxy = proxy
        self._paths = paths
        self._random = Random(seed)

    def add(self, *, operation: str, **_: Any) -> None:
        """Have the next request of an operation cut."""
        where, how, cut = self._random.choice(_CUTS)
        path = b"" if where == "accept" else self._paths.get(operation, b"GET ")
        self._proxy.add(Plan(where=where, how=how, cut=cut, path=path))

    def clear(self) -> None:
        """Forget all plans still to come."""
        self._proxy.clear()


@contextmanager
def proxied(sea: Sea, venue: Any) -> Iterator[tuple[Proxy, dict[str, Any]]]:
    """Run a proxy in front of a venue; gives it and what clients that use it are made with."""
    address = venue.environment().base_url if sea.name == "us" else _address(sea, venue)
    with Proxy(int(address.rstrip("/").rpartition(":")[2])) as proxy:
        yield proxy, through(sea.name, venue, proxy)


def _address(sea: Sea, venue: Any) -> str:
    return str(venue.clob.rest if sea.name == "clob" else venue.sim.rest)


def through(name: str, venue: Any, proxy: Proxy) -> dict[str, Any]:
    """Return what a client is made with that talks to a venue through a proxy."""
    if name == "us":
        return {"environment": venue.environment(base_url=proxy.url)}
    return {"host" if name == "clob" else "base_url": proxy.url}
