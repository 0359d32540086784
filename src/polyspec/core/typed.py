"""What msgspec reads into types of ours, one type made ready at a time.

msgspec works out the fields of a struct when it first meets it, and shows them to other threads half done:
two that make their first decoders of one struct at once can end the process. So types are made ready under
one lock, here; decoders that are ready are safe in every thread.
"""

from __future__ import annotations

import os
import threading
from decimal import Decimal
from typing import Any, Final, TypeVar, overload

import msgspec

__all__ = ["convert", "decoder"]

T = TypeVar("T")

_DECODERS: Final[dict[tuple[Any, bool, type[Decimal] | None], msgspec.json.Decoder[Any]]] = {}

# reentrant: what a struct calls when it is made may read something itself
_READYING: Final = threading.RLock()
if hasattr(os, "register_at_fork"):
    # a child neither inherits a struct that is half done, nor waits for a thread it does not have
    os.register_at_fork(
        before=_READYING.acquire, after_in_parent=_READYING.release, after_in_child=_READYING.release
    )


@overload
def decoder(
    kind: type[T], *, strict: bool = True, float_hook: type[Decimal] | None = None
) -> msgspec.json.Decoder[T]: ...
@overload
def decoder(
    kind: Any, *, strict: bool = True, float_hook: type[Decimal] | None = None
) -> msgspec.json.Decoder[Any]: ...
def decoder(
    kind: Any, *, strict: bool = True, float_hook: type[Decimal] | None = None
) -> msgspec.json.Decoder[Any]:
    """Return the decoder of JSON into `kind`, made once; unless `strict`, texts of numbers are numbers."""
    key = (kind, strict, float_hook)
    found = _DECODERS.get(key)
    if found is None:
        with _READYING:
            found = msgspec.json.Decoder(kind, strict=strict, float_hook=float_hook)
        _DECODERS[key] = found
    return found


@overload
def convert(value: Any, kind: type[T], *, strict: bool = True) -> T: ...
@overload
def convert(value: Any, kind: Any, *, strict: bool = True) -> Any: ...
def convert(value: Any, kind: Any, *, strict: bool = True) -> Any:
    """Return plain values as `kind`; raises msgspec.ValidationError for what does not fit."""
    with _READYING:
        return msgspec.convert(value, kind, strict=strict)
