"""Reach a place step by step - name, port, TLS - to say which step it is that fails."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from attrs import frozen

from polyspec.io.options import HttpOptions, ssl_context

__all__ = ["PROXY_VARIABLES", "Place", "Probed", "Stage", "probe", "proxies_around"]

Stage: TypeAlias = Literal["dns", "tcp", "tls", "done"]

PROXY_VARIABLES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_Address: TypeAlias = tuple[int, Any]
_STEP: Final = 3.0
_DAY: Final = 86_400.0


@frozen
class Place:
    """Where something is to be reached."""

    name: str
    """What it is for."""
    host: str
    port: int
    tls: bool

    @classmethod
    def of_url(cls, name: str, url: str) -> Place:
        """Read an address."""
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        return cls(name, parts.hostname or "", parts.port or (443 if tls else 80), tls)

    @classmethod
    def of_target(cls, name: str, target: str, *, tls: bool) -> Place:
        """Read ``host:port``, as gRPC has it."""
        host, _, port = target.rpartition(":")
        return cls(name, host.strip("[]"), int(port), tls)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@frozen
class Probed:
    """How far one gets."""

    stage: Stage
    """The step that failed, or ``done``."""
    reason: str = ""
    """Why it failed."""
    seconds: float = 0.0
    """How long all of it took."""
    address: str = ""
    tls: str = ""
    """The version spoken."""
    expires: float | None = None
    """Days for which the certificate holds."""


def proxies_around(variables: Mapping[str, str] | None = None) -> list[str]:
    """Return the variables of the process that name a proxy, which clients do not use."""
    around = os.environ if variables is None else variables
    names = [spelled for name in PROXY_VARIABLES for spelled in (name, name.lower())]
    return [name for name in names if around.get(name)]


def probe(place: Place, options: HttpOptions) -> Probed:
    """Go there as a client would, and hang up without a word; raises nothing for what goes wrong there."""
    start = time.monotonic()
    found = _resolved(place)
    if isinstance(found, str):
        return Probed("dns", found, time.monotonic() - start)
    line = _connected(found)
    if isinstance(line, str):
        return Probed("tcp", line, time.monotonic() - start, str(found[0][1][0]))
    with line:
        address = str(line.getpeername()[0])
        if not place.tls:
            return Probed("done", "", time.monotonic() - start, address)
        return _shaken(line, place, options, start, address)


def _shaken(line: socket.socket, place: Place, options: HttpOptions, start: float, address: str) -> Probed:
    try:
        with ssl_context(options.verify).wrap_socket(line, server_hostname=place.host) as safe:
            certificate = safe.getpeercert() or {}
            told = certificate.get("notAfter")
            ends = ssl.cert_time_to_seconds(told) if isinstance(told, str) else None
            return Probed(
                "done",
                "",
                time.monotonic() - start,
                address,
                safe.version() or "",
                None if ends is None else (ends - time.time()) / _DAY,
            )
    except ssl.SSLCertVerificationError as error:
        return Probed("tls", f"certificate: {error.verify_message}", time.monotonic() - start, address)
    except OSError as error:
        return Probed("tls", _why(error), time.monotonic() - start, address)


def _connected(found: list[_Address]) -> socket.socket | str:
    """Connect to the first address that answers, or say why none does; all of them take two steps at most."""
    last, each = "there is no address", max(_STEP / 6, min(_STEP, 2 * _STEP / max(1, len(found))))
    end = time.monotonic() + 2 * _STEP
    for family, address in found:
        if (left := min(each, end - time.monotonic())) <= 0:
            break
        try:
            # a machine without IPv6 says so here
            line = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            last = _why(error)
            continue
        line.settimeout(left)
        try:
            line.connect(address)
        except OSError as error:
            line.close()
            last = _why(error, left)
        else:
            line.settimeout(_STEP)
            return line
    return last


def _resolved(place: Place) -> list[_Address] | str:
    """Look a name up, or say why that cannot be done; the library has no deadline of its own."""
    answers: list[list[_Address] | str] = []

    def look() -> None:
        try:
            found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
            answers.append([(each[0], each[4]) for each in found])
        except (OSError, UnicodeError) as error:
            answers.append(_why(error))

    thread = threading.Thread(target=look, daemon=True, name="polyspec-doctor-dns")
    thread.start()
    thread.join(_STEP)
    return answers[0] if answers else f"no answer within {_STEP:g} s"


def _why(error: Exception, waited: float = _STEP) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {waited:.2g} s"
    if isinstance(error, ssl.SSLError):
        return error.reason or "the handshake failed"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
