"""Ready clients of a running sandbox. The only place where the sandbox knows the library it tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from polyspec.errors import ConfigError

if TYPE_CHECKING:
    from polyspec.sandbox.sandbox import Sandbox

    # exported for the annotations of `Sandbox`, which may not name the library itself
    from polyspec.us.client import UsExchangeClient  # noqa: TC004
    from polyspec.us.client_async import AsyncUsExchangeClient  # noqa: TC004

__all__ = ["AsyncUsExchangeClient", "UsExchangeClient", "async_us_exchange", "us_exchange"]


def us_exchange(sandbox: Sandbox) -> UsExchangeClient:
    """Return a blocking client that acts for the seeded participant and uses its account."""
    from polyspec.us.client import UsExchangeClient

    return UsExchangeClient.from_env(_surroundings(sandbox))


def async_us_exchange(sandbox: Sandbox) -> AsyncUsExchangeClient:
    """Return an asynchronous client that acts for the seeded participant and uses its account."""
    from polyspec.us.client_async import AsyncUsExchangeClient

    return AsyncUsExchangeClient.from_env(_surroundings(sandbox))


def _surroundings(sandbox: Sandbox) -> dict[str, str]:
    """Return the environment in which a client finds this sandbox."""
    if not sandbox.has_port:
        raise ConfigError("this sandbox has no port; call its application, or start it with one")
    line = sandbox.describe()
    line["us_exchange"]["account"] = sandbox.us.account
    return {"POLYSPEC_SANDBOX": json.dumps(line)}
