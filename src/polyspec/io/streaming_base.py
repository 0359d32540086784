"""What both colours of stream shells share."""

from __future__ import annotations

from typing import Any, Final, Protocol

from polyspec.errors import StreamClosed, StreamError

__all__ = ["CLOSING", "Member", "Tap", "too_slow"]

CLOSING: Final = 1.0
"""Seconds a peer has to take its leave."""


class Member(Protocol):
    """A shell, for the inbox it shares with others."""

    def missed(self) -> None:
        """Hear that the reader will not be told everything."""
        ...

    def abandon(self) -> None:
        """Hear that the stream is over."""
        ...


class Tap(Protocol):
    """Overhears what a feed is told: its inputs, when, and with what, are all that decides what it does."""

    def __call__(self, what: str, now: float, arguments: tuple[Any, ...], /) -> None:
        """Note that a method of the feed or of its machine is about to be called."""
        ...


def too_slow() -> StreamError:
    """Return the error of a stream whose reader was too slow for it."""
    return StreamClosed("events were not read as fast as they came, and overflow is 'disconnect'")
