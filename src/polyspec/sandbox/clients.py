"""Ready clients of a running sandbox. The only place where the sandbox knows the library it tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # exported for the annotations of `Sandbox`, which may not name the library itself
    from polyspec.clob.client import ClobClient  # noqa: TC004
    from polyspec.clob.client_async import AsyncClobClient  # noqa: TC004
    from polyspec.polysimulator.client import PolySimulatorClient  # noqa: TC004
    from polyspec.polysimulator.client_async import AsyncPolySimulatorClient  # noqa: TC004
    from polyspec.sandbox.sandbox import Sandbox
    from polyspec.us.client import UsExchangeClient  # noqa: TC004
    from polyspec.us.client_async import AsyncUsExchangeClient  # noqa: TC004

__all__ = [
    "AsyncClobClient",
    "AsyncPolySimulatorClient",
    "AsyncUsExchangeClient",
    "ClobClient",
    "PolySimulatorClient",
    "UsExchangeClient",
    "async_clob",
    "async_polysimulator",
    "async_us_exchange",
    "clob",
    "polysimulator",
    "us_exchange",
]


def us_exchange(sandbox: Sandbox, transport: str = "rest") -> UsExchangeClient:
    """Return a blocking client that acts for the seeded participant and uses its account."""
    import httpx

    from polyspec.sandbox.inside import Inside
    from polyspec.us.client import UsExchangeClient

    variables = _surroundings(sandbox, transport)
    if sandbox.has_port:
        return UsExchangeClient.from_env(variables)
    return UsExchangeClient.from_env(variables, http=httpx.Client(transport=Inside(sandbox.asgi)))


def async_us_exchange(sandbox: Sandbox, transport: str = "rest") -> AsyncUsExchangeClient:
    """Return an asynchronous client that acts for the seeded participant and uses its account."""
    import httpx

    from polyspec.us.client_async import AsyncUsExchangeClient

    variables = _surroundings(sandbox, transport)
    if sandbox.has_port:
        return AsyncUsExchangeClient.from_env(variables)
    inside = httpx.AsyncClient(transport=httpx.ASGITransport(app=sandbox.asgi))
    return AsyncUsExchangeClient.from_env(variables, http=inside)


def clob(sandbox: Sandbox, account: int) -> ClobClient:
    """Return a blocking client that trades with one of the funded keys."""
    import httpx

    from polyspec.clob.client import ClobClient
    from polyspec.sandbox.inside import Inside

    variables = _key_first(sandbox, account)
    if sandbox.has_port:
        return ClobClient.from_env(variables)
    inside = httpx.Client(transport=Inside(sandbox.clob_venue.asgi))
    return ClobClient.from_env(variables, http=inside)


def async_clob(sandbox: Sandbox, account: int) -> AsyncClobClient:
    """Return an asynchronous client that trades with one of the funded keys."""
    import httpx

    from polyspec.clob.client_async import AsyncClobClient

    variables = _key_first(sandbox, account)
    if sandbox.has_port:
        return AsyncClobClient.from_env(variables)
    inside = httpx.AsyncClient(transport=httpx.ASGITransport(app=sandbox.clob_venue.asgi))
    return AsyncClobClient.from_env(variables, http=inside)


def polysimulator(sandbox: Sandbox) -> PolySimulatorClient:
    """Return a blocking client that trades with the seeded key."""
    import httpx

    from polyspec.polysimulator.client import PolySimulatorClient
    from polyspec.sandbox.inside import Inside

    venue = sandbox.polysimulator_venue
    variables = {"POLYSPEC_SANDBOX": json.dumps({"polysimulator": venue.describe()})}
    if sandbox.has_port:
        return PolySimulatorClient.from_env(variables)
    return PolySimulatorClient.from_env(variables, http=httpx.Client(transport=Inside(venue.asgi)))


def async_polysimulator(sandbox: Sandbox) -> AsyncPolySimulatorClient:
    """Return an asynchronous client that trades with the seeded key."""
    import httpx

    from polyspec.polysimulator.client_async import AsyncPolySimulatorClient

    venue = sandbox.polysimulator_venue
    variables = {"POLYSPEC_SANDBOX": json.dumps({"polysimulator": venue.describe()})}
    if sandbox.has_port:
        return AsyncPolySimulatorClient.from_env(variables)
    inside = httpx.AsyncClient(transport=httpx.ASGITransport(app=venue.asgi))
    return AsyncPolySimulatorClient.from_env(variables, http=inside)


def _key_first(sandbox: Sandbox, account: int) -> dict[str, str]:
    """Return the environment in which a client finds this sandbox, with the key it is to use."""
    venue = sandbox.clob_venue
    told = {**venue.describe(), "private_keys": [venue.private_keys[account]]}
    return {"POLYSPEC_SANDBOX": json.dumps({"clob": told})}


def _surroundings(sandbox: Sandbox, transport: str) -> dict[str, str]:
    """Return the environment in which a client finds this sandbox."""
    told = {**sandbox.us.describe(), "account": sandbox.us.account}
    line = json.dumps({"us_exchange": told})
    return {"POLYSPEC_SANDBOX": line, "POLYSPEC_US_TRANSPORT": transport}
