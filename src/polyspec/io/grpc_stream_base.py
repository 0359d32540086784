"""What both colours of gRPC streams share: what is dialled, and what is said when one ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import field, frozen

from polyspec.errors import AuthError, ConfigError, PolyspecError
from polyspec.io.grpc_base import Metadata, cleaned

__all__ = ["ENDED", "GrpcDial", "broken", "permanent"]

ENDED: Final = ("the venue ended the stream", 0)
_UNKNOWN: Final = 2


@frozen
class GrpcDial:
    """One streaming call: where it goes, and with what."""

    path: str
    answer: Callable[[bytes], Any]
    """Reads a message."""
    request: bytes | None
    """All that is asked; None if requests are written to the stream."""
    metadata: Callable[[], Metadata] = field(default=tuple, repr=False)
    """Returns what goes with it: credentials, which no dump or pickle of this is to have."""


def broken(error: Exception) -> tuple[str, int | None]:
    """Say why a stream ended, and with which status; without metadata, which carry credentials."""
    if isinstance(error, StopIteration | StopAsyncIteration):
        return ENDED
    code, details = getattr(error, "code", None), getattr(error, "details", None)
    if not callable(code):
        return f"no stream ({type(error).__name__})", None
    status: Any = code()
    number = status.value[0] if status is not None else _UNKNOWN
    said = cleaned(details()) if callable(details) else ""
    name = status.name if status is not None else "UNKNOWN"
    return f"the stream ended with {name}{f': {said}' if said else ''}", number


def permanent(error: BaseException) -> PolyspecError | None:
    """Return what no other attempt to connect can mend; None if one may."""
    return error if isinstance(error, AuthError | ConfigError) else None
