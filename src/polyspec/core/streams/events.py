"""What a stream tells, in the order it happened; what the venue said of it is in `native`.

What comes from the venue is mixed with what the stream itself has to say: that something was missed (`Gap`),
that all of it is known now (`Resynced`), that it cannot be known any more (`Lost`), that a slow reader was
spared something (`Dropped`). Nothing is left out in silence: a message nobody here understands is `Raw`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from msgspec import Struct

from polyspec.errors import PolyspecError

__all__ = ["Dropped", "Event", "Gap", "Lost", "Mark", "Message", "Raw", "Resynced", "Status", "StreamState"]


class StreamState(Enum):
    """Where a stream is."""

    IDLE = "nothing is asked for"
    CONNECTING = "a connection is being made"
    SUBSCRIBING = "connected, and not told everything asked for yet"
    LIVE = "messages come as they happen"
    BACKING_OFF = "waiting before the next attempt to connect"
    CLOSED = "over"


class Event(Struct, frozen=True, gc=False):
    """Something a stream tells."""

    received: float
    """Monotonic second at which it came."""


class Message(Event, frozen=True, gc=False):
    """Something the venue tells."""

    key: str
    """What was asked for that it belongs to: a symbol, a token, a condition id; empty for all."""
    native: Any
    """The venue's own message, typed by the specification."""


class Raw(Event, frozen=True, gc=False):
    """A message that could not be read; `why` says of what it failed."""

    data: Any
    why: str


class Status(Event, frozen=True):
    """The stream is in another state than before."""

    state: StreamState
    reason: str
    attempt: int = 0
    """Connections that failed in a row."""


class Gap(Event, frozen=True):
    """From `since` on something may have been missed; books are not to be trusted until `Resynced`."""

    since: float
    """Monotonic second of the last message before it."""
    reason: str


class Resynced(Event, frozen=True):
    """All that was missed in a gap is known now."""

    gap: Gap


class Lost(Event, frozen=True):
    """What was missed in a gap cannot be known any more, or the stream cannot go on."""

    gap: Gap | None
    error: PolyspecError
    key: str = ""
    """The one thing it is about, asked for no longer unless there is a gap; empty if the stream is over."""


class Dropped(Event, frozen=True):
    """So many events were left out because they were not read fast enough; a gap."""

    count: int


class Mark(Event, frozen=True):
    """Not for readers: `done` is called once everything told before it was read and more is asked for."""

    done: Callable[[], None]
