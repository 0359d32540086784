"""How connections are made."""

from __future__ import annotations

import re
import ssl
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from attrs import field, frozen

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError

__all__ = ["HttpOptions", "hidden_proxy", "proxy_shown", "ssl_context"]


def hidden_proxy(proxy: str | Secret | None) -> Secret | None:
    """Return the address of a proxy where its password shows nowhere; raises ConfigError if it is none."""
    hidden, proxy = Secret(proxy) if isinstance(proxy, str) else proxy, None
    if hidden is not None and not _is_address(hidden):
        # what other libraries say about it may quote the password
        raise ConfigError(
            "a proxy is scheme://host:port or scheme://user:password@host:port, where all but letters and"
            " digits of the password are percent-encoded"
        )
    return hidden


def _is_address(proxy: Secret) -> bool:
    try:
        parts = urlsplit(proxy.reveal())
        return (
            bool(parts.scheme and parts.hostname) and parts.port != 0 and "@" not in parts.path + parts.query
        )
    except ValueError:
        return False


def proxy_shown(proxy: Secret | None) -> str | None:
    """Return the address of a proxy without its password."""
    return None if proxy is None else re.sub(r"//.*@", "//...@", proxy.reveal())


def _without_password(proxy: Secret | None) -> str:
    return repr(proxy_shown(proxy))


@frozen
class HttpOptions:
    """Settings of the HTTP connections of one client.

    Proxies are used only when named here, never from the environment: credentials travel this way.
    """

    verify: ssl.SSLContext | str | bool = True
    """A context, or the path of a CA bundle. False accepts any server: for tests only."""
    proxy: Secret | None = field(default=None, converter=hidden_proxy, repr=_without_password, hash=False)
    """Given as a text; held as a Secret, for it may have a password in it."""
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
