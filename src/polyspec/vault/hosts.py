"""Which hosts a credential may be shown to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from polyspec.core.address import is_safe_address
from polyspec.errors import ConfigError
from polyspec.vault.ids import EnvironmentTag

__all__ = ["check_host", "is_local"]

_HOSTS: Final[Mapping[EnvironmentTag, tuple[str, ...]]] = {
    EnvironmentTag.PROD: (
        "api.prod.polymarketexchange.com",
        "grpc-api.prod.polymarketexchange.com",
        "pmx-prod.us.auth0.com",
        "clob.polymarket.com",
        "ws-subscriptions-clob.polymarket.com",
        "api.polysimulator.com",
    ),
    EnvironmentTag.PREPROD: (
        "api.preprod.polymarketexchange.com",
        "grpc-api.preprod.polymarketexchange.com",
        "pmx-preprod.us.auth0.com",
    ),
    # the second is a sandbox in this very process, with no port open
    EnvironmentTag.SANDBOX: ("localhost", "testserver"),
}


def check_host(tag: EnvironmentTag | str, base_url: str, *, trusted: Iterable[str] = ()) -> None:
    """Refuse an address that credentials of another environment belong to, or nobody knows.

    `trusted` names hosts of this environment that are not the venues' own: a gateway, say. A host of
    another environment is refused even so. Takes ``wss`` and ``host:port`` too.
    Raises ConfigError.
    """
    try:
        tag = EnvironmentTag(tag)
    except ValueError:
        raise ConfigError(f"{tag!r} is no environment; there are {', '.join(EnvironmentTag)}") from None
    host = _host(base_url)
    owner = next((owner for owner, hosts in _HOSTS.items() if host in hosts), None)
    if owner is None and is_local(host):
        owner = EnvironmentTag.SANDBOX
    if owner is tag or (owner is None and host in {_named(name) for name in trusted}):
        return
    if owner is not None:
        raise ConfigError(f"this credential is for {tag}, and {host} is {owner}: it is not sent there")
    raise ConfigError(
        f"this credential is for {tag}, and {host} is no known host of it: it is not sent there "
        "(name the host as trusted if it is yours)"
    )


def _named(name: str) -> str:
    return name.lower().rstrip(".")


def _host(url: str) -> str:
    """Return the host of an address that credentials may be sent to."""
    if not isinstance(url, str):
        raise ConfigError(f"an address is a text, not {type(url).__name__}")
    scheme, mark, rest = url.partition("://")
    # streams and gRPC go to the same hosts, and are held to the same rules
    same = f"{_SAME.get(scheme.lower(), scheme)}{mark}{rest}" if mark else f"https://{url}"
    if not is_safe_address(same):
        raise ConfigError(
            "credentials go to https addresses without a user or password in them, or to this machine"
        )
    return _named(urlsplit(same).hostname or "")


_SAME: Final = {"wss": "https", "ws": "http"}


def is_local(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
