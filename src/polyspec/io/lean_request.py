"""Lay requests out as bytes, for connections of our own; the same for both colours."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import httpx
from attrs import frozen

from polyspec.core.effects import Request
from polyspec.errors import ConfigError
from polyspec.io.build import refuse_unprintable

__all__ = ["Origin", "Outgoing", "lay_out"]

# Written like this a target leaves as it is: some venues sign these bytes. Others are quoted as httpx does.
_PLAIN: Final = re.compile(r"(https?://[^/?#\\\s]+)((?:[/?][\w!$&'()*+,\-./:;=?@~%]*)?)", re.ASCII)
_TOKEN: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
# What decides where a request ends is said once, and by us.
_OURS: Final = frozenset({"connection", "content-length", "host", "te", "transfer-encoding", "upgrade"})
_WITH_LENGTH: Final = frozenset({"POST", "PUT", "PATCH"})
_PORTS: Final = {"http": 80, "https": 443}


@frozen
class Origin:
    """Where a connection leads."""

    tls: bool
    host: str
    """As it is resolved and as its certificate names it: ASCII, and an IPv6 address without brackets."""
    port: int
    name: str
    """As the Host header has it."""


class Outgoing:
    """The bytes of one request, credentials among them, and where they go; shown without either."""

    __slots__ = ("data", "origin")

    def __init__(self, origin: Origin, data: bytes) -> None:
        self.origin = origin
        self.data = data


def lay_out(request: Request) -> Outgoing:
    """Lay a request out; raises ConfigError for what no request can carry."""
    origin, target = _aim(request.url)
    headers, body, method = request.headers, request.body or b"", request.method
    names, values = zip(*headers, strict=True) if headers else ((), ())
    text = "".join(values)
    if not (text.isascii() and text.isprintable()):
        refuse_unprintable(headers)
    if body or method in _WITH_LENGTH:
        head = _head(method, origin.name, names, sized=True) % (target, *values, len(body))
    else:
        head = _head(method, origin.name, names, sized=False) % (target, *values)
    return Outgoing(origin, head.encode("ascii") + body)


@lru_cache(maxsize=256)
def _head(method: str, host: str, names: tuple[str, ...], *, sized: bool) -> str:
    """Return the head of all requests with these headers, to be filled in with what differs."""
    for name in (method, *names):
        if not _TOKEN.fullmatch(name):
            raise ConfigError(f"{name[:100]!r} cannot be the name of a method or of a header")
    if taken := [name for name in names if name.lower() in _OURS]:
        raise ConfigError(
            f"the header {taken[0]} says how requests are sent, which is not for callers to say"
        )
    method, host, *fixed = (text.replace("%", "%%") for text in (method, host, *names))
    length = ["Content-Length: %d"] if sized else []
    return "\r\n".join(
        [f"{method} %s HTTP/1.1", f"Host: {host}", *(f"{name}: %s" for name in fixed), *length, "", ""]
    )


def _aim(url: str) -> tuple[Origin, str]:
    """Return where a request goes, and its target there."""
    if (plain := _PLAIN.fullmatch(url)) is None:
        parsed = _parsed(url)
        netloc, path = parsed.netloc.decode("ascii"), parsed.raw_path.decode("ascii")
        return _origin(f"{parsed.scheme}://{netloc}"), path
    address, target = plain.groups()
    return _origin(address), target if target.startswith("/") else f"/{target}"


@lru_cache(maxsize=64)
def _origin(address: str) -> Origin:
    parsed = _parsed(address)
    if parsed.scheme not in _PORTS or not parsed.host:
        raise ConfigError(f"{address[:200]!r} is no address of a venue; one begins with https:// and a host")
    return Origin(
        tls=parsed.scheme == "https",
        host=parsed.raw_host.decode("ascii"),
        port=parsed.port or _PORTS[parsed.scheme],
        name=parsed.netloc.decode("ascii"),
    )


def _parsed(address: str) -> httpx.URL:
    try:
        parsed = httpx.URL(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigError(f"the address of the request is not valid: {error}") from error
    if parsed.userinfo:
        raise ConfigError("an address must not carry a name and a password; take them out of it")
    return parsed
