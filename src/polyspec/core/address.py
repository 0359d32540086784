"""Which addresses credentials may be sent to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["is_safe_address"]


def is_safe_address(url: object) -> bool:
    """Tell whether credentials may be sent to `url`: nobody on the way must be able to read them."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        # reading the port finds out whether it is one
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or any(character.isspace() for character in url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_local(host))


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "testserver")
