"""Pages with opaque tokens.

A token remembers the key of the last item handed out, not how many there were, so a page stays right while
the list changes; and it is bound to the query and the participant it was made for.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import msgspec

from polyspec.core.nesting import read_plain
from polyspec.sandbox.us.refusals import invalid

__all__ = ["Page", "page", "scope_of"]

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items and the token of the next page; an empty token ends the list."""

    items: list[T]
    token: str

    @property
    def eof(self) -> bool:
        """Whether this is the last page."""
        return not self.token


def scope_of(*parts: Any) -> str:
    """Return a short fingerprint of what a token is bound to."""
    return blake2b(msgspec.json.encode(parts), digest_size=9).hexdigest()


def page(
    items: Sequence[T],
    key: Callable[[T], Any],
    *,
    size: int,
    token: str,
    scope: str,
    newest_first: bool = False,
) -> Page[T]:
    """Cut a page out of `items` in the order of `key`; raises Refusal for a token of another query."""
    ordered = sorted(items, key=key)
    low, high = 0, len(ordered)
    if token:
        last = _decode(token, scope)
        try:
            if newest_first:
                high = bisect_left(ordered, last, key=lambda item: _plain(key(item)))
            else:
                low = bisect_right(ordered, last, key=lambda item: _plain(key(item)))
        except TypeError as error:
            raise invalid("invalid page token") from error
    chosen = ordered[max(low, high - size) : high][::-1] if newest_first else ordered[low : low + size]
    more = high - low > size
    return Page(chosen, _encode(scope, _plain(key(chosen[-1]))) if more and chosen else "")


def _plain(key: Any) -> Any:
    return list(key) if isinstance(key, tuple) else key


def _encode(scope: str, last: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((scope, last))).decode().rstrip("=")


def _decode(token: str, scope: str) -> Any:
    try:
        made_for, last = read_plain(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError, TypeError) as error:
        raise invalid("invalid page token") from error
    if made_for != scope:
        raise invalid("invalid page token: it belongs to another query")
    return last
