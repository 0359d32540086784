"""Foreign exceptions become ours here and nowhere else; above all: could the request have arrived?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from polyspec.errors import ConnectFailed, PolyspecError, TimedOut, TransportError

__all__ = ["translated"]

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
    """Raise what an HTTP library raises as a TransportError that says whether the venue may have acted."""
    try:
        yield
    except httpx.HTTPError as error:
        raise _translate(error) from error
    except (httpx.InvalidURL, httpx.StreamError) as error:
        raise TransportError(f"the connection failed: {error}") from error
    except (TimeoutError, OSError) as error:
        raise _translate(error) from error


def _translate(error: Exception) -> PolyspecError:
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    if _never_left(error):
        return ConnectFailed(f"no connection to the venue ({what}); nothing was sent")
    if isinstance(error, httpx.TimeoutException | TimeoutError) and not _was_cut(error):
        return TimedOut("no answer in time; the venue may have received the request")
    return TransportError(f"the connection broke ({what}); the venue may have received the request")


def _never_left(error: Exception) -> bool:
    if (aiohttp := _aiohttp_cause(error)) is not None:
        return aiohttp
    return isinstance(error, _BEFORE_SENDING)


def _was_cut(error: Exception) -> bool:
    """A broken connection that the aiohttp transport reports as a timeout."""
    cause = error.__cause__
    return cause is not None and not isinstance(cause, TimeoutError)


def _aiohttp_cause(error: Exception) -> bool | None:
    """Whether aiohttp failed before sending; None if aiohttp was not at work.

    The transport between httpx and aiohttp reports every broken connection as httpx.ConnectTimeout, a peer
    that hung up after reading the request included. Only aiohttp's own exception tells the two apart.
    """
    cause = error.__cause__
    library = sys.modules.get("aiohttp")
    if library is None or cause is None or not type(cause).__module__.startswith("aiohttp"):
        return None
    return isinstance(cause, library.ClientConnectorError | library.ConnectionTimeoutError | library.InvalidURL)
