"""Ready clients of a running sandbox. The only place where the sandbox knows the library it tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polyspec.sandbox.sandbox import Sandbox

    # exported for the annotations of `Sandbox`, which may not name the library itself
    from polyspec.us.client import UsExchangeClient  # noqa: TC004
    from polyspec.us.client_async import AsyncUsExchangeClient  # noqa: TC004

__all__ = ["AsyncUsExchangeClient", "UsExchangeClient", "async_us_exchange", "us_exchange"]


def us_exchange(sandbox: Sandbox) -> UsExchangeClient:
    """Return a blocking client that acts for the seeded participant and uses its account."""
    import httpx

    from polyspec.sandbox.inside import Inside
    from polyspec.us.client import UsExchangeClient

    variables = _surroundings(sandbox)
    if sandbox.has_port:
        return UsExchangeClient.from_env(variables)
    return UsExchangeClient.from_env(variables, http=httpx.Client(transport=Inside(sandbox.asgi)))


def async_us_exchange(sandbox: Sandbox) -> AsyncUsExchangeClient:
    """Return an asynchronous client that acts for the seeded participant and uses its account."""
    import httpx

    from polyspec.us.client_async import AsyncUsExchangeClient

    variables = _surroundings(sandbox)
    if sandbox.has_port:
        return AsyncUsExchangeClient.from_env(variables)
    inside = httpx.AsyncClient(transport=httpx.ASGITransport(app=sandbox.asgi))
    return AsyncUsExchangeClient.from_env(variables, http=inside)


def _surroundings(sandbox: Sandbox) -> dict[str, str]:
    """Return the environment in which a client finds this sandbox."""
    line = sandbox.describe()
    line["us_exchange"]["account"] = sandbox.us.account
    return {"POLYSPEC_SANDBOX": json.dumps(line)}
