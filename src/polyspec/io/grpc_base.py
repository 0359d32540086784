"""What both colours of gRPC share: where it leads, how channels behave, and what a status means.

Nothing here loads grpc before a channel is opened: who uses REST alone never pays for it.
"""

from __future__ import annotations

import math
import re
import ssl
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from attrs import field, frozen

from polyspec.core.address import is_safe_address
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, ConnectFailed
from polyspec.io.options import hidden_proxy

__all__ = [
    "CLOSED",
    "GrpcOptions",
    "GrpcPlace",
    "Heard",
    "Metadata",
    "channel_options",
    "check_trust",
    "cleaned",
    "credentials",
    "http_status",
    "is_own",
    "needing_grpc",
    "unreachable",
]

CLOSED: Final = "this client is closed"

Metadata: TypeAlias = tuple[tuple[str, str], ...]

_LONGEST_TEXT: Final = 500
_CONNECTING_MS: Final = 5000
_TARGET: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/@:\[\]?#]+):[0-9]{1,5}")

# As the venue's gateway answers over REST; one that is not named here is a 500.
_HTTP: Final = {
    1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400,
    10: 409, 11: 400, 12: 501, 13: 500, 14: 503, 15: 500, 16: 401,
}  # fmt: skip
# Words of the library itself, or of what it made of an answer that was not gRPC: whatever the number next
# to them says, no venue said it.
_MADE_UP: Final = re.compile(
    r"stream removed|larger than max|rst_stream|goaway|http2|http/2|\bhttp status\b|socket closed"
    r"|failed to connect|transport (?:closed|is closing)|memory quota",
    re.IGNORECASE,
)


class Heard(NamedTuple):
    """What came back from a call that succeeded."""

    message: bytes
    metadata: tuple[tuple[str, Any], ...]


@frozen
class GrpcOptions:
    """How the channels of one client behave."""

    keepalive: float = 60.0
    """Seconds between pings on a connection where nothing arrives."""
    pong: float = 5.0
    """Seconds a peer has to answer one; then the connection counts as dead, with every call on it."""
    max_message: int = 32 * 1024 * 1024
    """Largest message that is read, in bytes."""
    proxy: Secret | None = field(default=None, converter=hidden_proxy, repr=False, hash=False)
    """Never taken from the environment: credentials travel this way."""
    user_agent: str = "polyspec"

    def __attrs_post_init__(self) -> None:
        for name in ("keepalive", "pong"):
            seconds: float = getattr(self, name)
            if not (math.isfinite(seconds) and seconds > 0):
                raise ConfigError(f"{name} must be a number of seconds above 0, not {seconds!r}")
        if self.max_message < 1:
            raise ConfigError(f"max_message must be a number of bytes above 0, not {self.max_message!r}")


@frozen
class GrpcPlace:
    """Where channels lead."""

    target: str
    """Host and port."""
    tls: bool = True
    verify: ssl.SSLContext | str | bool = field(default=True, repr=False)
    """As for HTTP: the path of a CA bundle, a context whose authorities are trusted, or True."""

    def __attrs_post_init__(self) -> None:
        target: object = self.target
        if not isinstance(target, str) or not _TARGET.fullmatch(target):
            raise ConfigError(f"the address of gRPC must be host:port, not {target!r}")
        if not self.tls and not is_safe_address(f"http://{target}"):
            raise ConfigError(f"gRPC without TLS is for this machine only, not for {target}")


def unreachable(place: GrpcPlace) -> ConnectFailed:
    """Return the error of a call that had no connection to leave by."""
    trust = ", or its certificate is not trusted" if place.tls else ""
    return ConnectFailed(f"no connection to the venue over gRPC at {place.target}{trust}; nothing was sent")


def needing_grpc() -> Any:
    """Return the grpc library; raises ConfigError if it is not installed."""
    try:
        return import_module("grpc")
    except ImportError as error:
        raise ConfigError("gRPC needs grpcio; install it with: pip install 'polyspec[grpc]'") from error


def channel_options(options: GrpcOptions) -> tuple[tuple[str, Any], ...]:
    """Return what the library is told about every channel."""
    if options.proxy is None:
        proxy: tuple[tuple[str, Any], ...] = (("grpc.enable_http_proxy", 0),)
    else:
        proxy = (("grpc.http_proxy", options.proxy.reveal()),)
    return (
        # the library never sends a call a second time: only we know which calls may be
        ("grpc.enable_retries", 0),
        ("grpc.service_config_disable_resolution", 1),
        # two clients in one process share no connection: closing one must not touch the other
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.keepalive_time_ms", _milliseconds(options.keepalive)),
        ("grpc.keepalive_timeout_ms", _milliseconds(options.pong)),
        ("grpc.http2.ping_timeout_ms", _milliseconds(options.pong)),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        # also how long a connection may take to be made, for which calls wait: 20 s unless it is said
        ("grpc.min_reconnect_backoff_ms", _CONNECTING_MS),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.max_receive_message_length", options.max_message),
        ("grpc.max_send_message_length", -1),
        ("grpc.primary_user_agent", options.user_agent),
        *proxy,
    )


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def check_trust(place: GrpcPlace) -> None:
    """Raise ConfigError if the certificates of a place cannot be checked as asked for."""
    if place.tls:
        _authorities(place.verify)


def credentials(place: GrpcPlace) -> Any:
    """Return the TLS credentials of a place; raises ConfigError for a CA that cannot be used."""
    return needing_grpc().ssl_channel_credentials(_authorities(place.verify))


def _authorities(verify: ssl.SSLContext | str | bool) -> bytes | None:  # noqa: FBT001
    """Return certificates of authorities in PEM; None for those the library has."""
    if verify is True:
        return None
    if isinstance(verify, ssl.SSLContext):
        found = [ssl.DER_cert_to_PEM_cert(each) for each in verify.get_ca_certs(binary_form=True)]
        if not found or verify.verify_mode != ssl.CERT_REQUIRED:
            raise ConfigError(
                "gRPC needs a context that has loaded its authorities and asks for certificates"
            )
        return "".join(found).encode()
    if not isinstance(verify, str):
        raise ConfigError("gRPC cannot take any server for the right one; let verify name a CA bundle")
    path = Path(verify)
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        return b"\n".join(each.read_bytes() for each in files if each.is_file())
    except OSError as error:
        raise ConfigError(f"the CA bundle {verify!r} cannot be read: {error}") from error


def http_status(code: int) -> int:
    """Return the HTTP status the venue's gateway makes of a status of gRPC."""
    return _HTTP.get(code, 500)


def cleaned(text: object) -> str:
    """Return what a status says, cut and without anything that does not print."""
    said = text if isinstance(text, str) else ""
    return "".join(each if each.isprintable() else "?" for each in said[:_LONGEST_TEXT])


def is_own(text: str) -> bool:
    """Tell whether a status may be the venue's own, and not one this side or a proxy made up.

    A library that cannot read an answer, because it is too large for instance, reports that with the numbers
    a venue refuses with, although the call was carried out. What looks like it proves nothing.
    """
    return _MADE_UP.search(text) is None
