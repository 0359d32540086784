"""How connections are made."""

from __future__ import annotations

import re
import ssl
from functools import lru_cache
from pathlib import Path

from attrs import field, frozen

from polyspec.errors import ConfigError

__all__ = ["HttpOptions", "ssl_context"]


def _without_password(proxy: str | None) -> str:
    return re.sub(r"//[^/]*@", "//...@", repr(proxy))


@frozen
class HttpOptions:
    """Settings of the HTTP connections of one client.

    Proxies are used only when named here, never from the environment: credentials travel this way.
    """

    verify: ssl.SSLContext | str | bool = True
    """A context, or the path of a CA bundle. False accepts any server: for tests only."""
    proxy: str | None = field(default=None, repr=_without_password)
    max_connections: int = 100
    """For orders, and as many again for what is read."""
    cancel_connections: int = 10
    """Connections kept apart for cancels, so that hung requests cannot stand in front of them."""
    max_body: int = 32 * 1024 * 1024
    """Largest answer that is read into memory, in bytes; downloads are streamed and have no limit."""
    lean: bool = True
    """Send orders, cancels and heartbeats over connections of our own, at a fraction of the cost.

    With a proxy, or a client of your own, httpx sends them, as everything else.
    """

    def connections(self, lane: str) -> int:
        """Return how many connections a lane may have."""
        return self.cancel_connections if lane == "cancel" else self.max_connections


@lru_cache(maxsize=16)
def ssl_context(verify: ssl.SSLContext | str | bool) -> ssl.SSLContext:  # noqa: FBT001
    """Make the TLS settings, once for all connections: reading the certificates takes long.

    Raises ConfigError if the CA bundle cannot be read.
    """
    # settings can be written without the libraries that use them
    import httpx

    if isinstance(verify, ssl.SSLContext):
        return verify
    if not isinstance(verify, str):
        return httpx.create_ssl_context(verify=verify, trust_env=False)
    try:
        if Path(verify).is_dir():
            return ssl.create_default_context(capath=verify)
        return ssl.create_default_context(cafile=verify)
    except OSError as error:
        raise ConfigError(f"the CA bundle {verify!r} cannot be read: {error}") from error
