"""How connections are made."""

from __future__ import annotations

import ssl

from attrs import frozen

__all__ = ["HttpOptions"]


@frozen
class HttpOptions:
    """Settings of the HTTP connections of one client.

    Proxies are used only when named here, never from the environment: credentials travel this way.
    """

    verify: ssl.SSLContext | str | bool = True
    """A context, or the path of a CA bundle. False accepts any server: for tests only."""
    proxy: str | None = None
    max_connections: int = 100
    cancel_connections: int = 10
    """Connections kept apart for cancels, so that hung requests cannot stand in front of them."""
    max_body: int = 32 * 1024 * 1024
    """Largest answer that is read into memory, in bytes; downloads are streamed and have no limit."""
