"""Foreign exceptions become ours here, and nowhere else, and say whether the request may have arrived."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Final, TypeVar

import httpx

from polyspec.errors import ConnectFailed, PolyspecError, TimedOut, TransportError

__all__ = ["bare", "failure", "translated", "translated_reads"]

E = TypeVar("E", bound=BaseException)

_UNSENT: Final = "no connection to the venue ({}); nothing was sent"

# Raised before the first byte of a request is written.
_BEFORE_SENDING: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise whatever goes wrong with a request as a TransportError that says if the venue may have acted.

    Whatever: an exception nobody foresaw, half way through an order, must not pass for one that was not sent.
    """
    try:
        yield
    except PolyspecError as error:
        raise copy(error) from bare(error).__cause__
    except Exception as error:
        raise _translate(error) from bare(error)


@contextmanager
def translated_reads() -> Iterator[None]:
    """Raise what an HTTP library raises as a TransportError; leave alone what the block raises by itself."""
    try:
        yield
    except Exception as error:
        if isinstance(error, httpx.HTTPError | httpx.StreamError) or _aiohttp(error) is not None:
            raise _translate(error) from bare(error)
        raise


def failure(error: Exception, *, sent: bool) -> PolyspecError:
    """Return what to raise for a failure on a connection of our own; `sent`: some bytes may have left.

    It has no frames: see `bare`.
    """
    if isinstance(error, PolyspecError):
        made, cause = copy(error), bare(error).__cause__
    elif not sent:
        made, cause = ConnectFailed(_UNSENT.format(_what(error))), bare(error)
    else:
        made, cause = _translate(error), bare(error)
    made.__cause__ = cause
    return made


def bare(error: E) -> E:
    """Take the frames off an exception and off all it came from.

    Their locals are headers and bodies as they went over the wire, tokens among them, and what reports
    crashes likes to show locals.
    """
    chain: list[BaseException] = [error]
    for each in chain:
        each.__traceback__ = None
        chain += [one for one in (each.__cause__, each.__context__) if one is not None and one not in chain]
    return error


def _translate(error: Exception) -> PolyspecError:
    if _never_left(error):
        return ConnectFailed(_UNSENT.format(_what(error)))
    if _was_too_slow(error):
        return TimedOut("no answer in time; the venue may have received the request")
    return TransportError(f"the connection broke ({_what(error)}); the venue may have received the request")


def _what(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _aiohttp(error: Exception) -> BaseException | None:
    """Return aiohttp's own exception; None if aiohttp was not at work.

    The transport between httpx and aiohttp reports every broken connection as httpx.ConnectTimeout, a peer
    that hung up after reading the request included, and lets some exceptions through as they are. Only
    aiohttp's own exception tells them apart.
    """
    for candidate in (error, error.__cause__):
        if candidate is not None and type(candidate).__module__.partition(".")[0] == "aiohttp":
            return candidate
    return None


def _never_left(error: Exception) -> bool:
    if (cause := _aiohttp(error)) is None:
        return isinstance(error, _BEFORE_SENDING)
    library = sys.modules["aiohttp"]
    return isinstance(
        cause,
        library.ClientConnectorError
        | library.ConnectionTimeoutError
        | library.InvalidURL
        | library.NonHttpUrlClientError,
    )


def _was_too_slow(error: Exception) -> bool:
    if (cause := _aiohttp(error)) is not None:
        return isinstance(cause, TimeoutError)
    return isinstance(error, httpx.TimeoutException | TimeoutError)
