"""Lay requests out as bytes, for connections of our own; the same for both colours."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
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
_PRINTABLE: Final = b"\t" + bytes(range(0x20, 0x7F))
_WITH_LENGTH: Final = frozenset({"POST", "PUT", "PATCH"})
_PORTS: Final = {"http": 80, "https": 443}


@frozen(eq=False)
class Origin:
    """Where a connection leads; there is one object for each place."""

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
    flat, body = list(chain.from_iterable(request.headers)), request.body or b""
    names, values = tuple(flat[::2]), flat[1::2]
    if body or request.method in _WITH_LENGTH:
        form = _form(request.method, request.url, names, "Content-Length")
        values.append(str(len(body)))
    else:
        form = _form(request.method, request.url, names, "")
    parts = form.parts.copy()
    parts[1::2] = values
    try:
        head = "".join(parts).encode("ascii")
    except UnicodeEncodeError:
        head = b""
    # quicker than to look at every value
    if head.translate(None, _PRINTABLE) != form.breaks:
        refuse_unprintable(request.headers)
    return Outgoing(form.origin, head + body)


@frozen
class _Form:
    """What all requests share that have the same target and the same headers."""

    origin: Origin
    parts: list[str]
    """What stands before, between and behind the values of the headers, with places for them."""
    breaks: bytes
    """All that is not printable in such a head."""


@lru_cache(maxsize=512)
def _form(method: str, url: str, names: tuple[str, ...], length: str) -> _Form:
    origin, target = _aim(url)
    for name in (method, *names):
        if not _TOKEN.fullmatch(name):
            raise ConfigError(f"{name[:100]!r} cannot be the name of a method or of a header")
    if taken := [name for name in names if name.lower() in _OURS]:
        raise ConfigError(f"the header {taken[0]} says how a request is sent, which is not for the caller")
    parts = [f"{method} {target} HTTP/1.1\r\nHost: {origin.name}\r\n"]
    for name in (*names, length) if length else names:
        parts[-1] += f"{name}: "
        parts += ["", "\r\n"]
    parts[-1] += "\r\n"
    return _Form(origin, parts, b"\r\n" * (len(parts) // 2 + 3))


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
