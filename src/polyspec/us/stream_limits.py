"""How many streams a firm may have open: counted here, so that a refusal comes before anything is sent.

The venue counts all streams of a firm together, whatever they tell. Those of other processes are not known
here; when they use the rest up, the venue refuses.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from weakref import WeakSet, WeakValueDictionary

from polyspec.core.streams.events import StreamState
from polyspec.core.streams.machine import Machine
from polyspec.errors import StreamError

__all__ = ["MOST_STREAMS", "StreamPlaces", "places_of"]

MOST_STREAMS: Final = 20
"""How many streams the venue lets a firm have open at a time."""
_NOWHERE: Final = (StreamState.IDLE, StreamState.CLOSED)


class StreamPlaces:
    """The streams of one firm. Who asks for nothing, is closed or is gone takes no place."""

    def __init__(self, firm: str, most: int = MOST_STREAMS) -> None:
        self._firm = firm
        self._most = most
        self._lock = threading.RLock()
        self._known: WeakSet[Machine] = WeakSet()

    @property
    def taken(self) -> int:
        """How many are open, or about to be again."""
        with self._lock:
            return sum(each.state not in _NOWHERE for each in self._known)

    @contextmanager
    def place(self, *machines: Machine) -> Iterator[None]:
        """Let machines begin to ask for something in the block; raises StreamError if not all of them can."""
        with self._lock:
            more = sum(each.state in _NOWHERE for each in machines)
            if self.taken + more > self._most:
                raise StreamError(
                    f"{self._firm} has {self.taken} streams open in this process, and the venue allows "
                    f"{self._most} at a time: close some, or ask for more of one stream"
                )
            yield
            self._known.update(machines)


_places: WeakValueDictionary[tuple[str, str], StreamPlaces] = WeakValueDictionary()
_places_lock = threading.Lock()


def places_of(base_url: str, client_id: str) -> StreamPlaces:
    """Return the places of the firm behind a client id in one environment."""
    with _places_lock:
        found = _places.get((base_url, client_id))
        if found is None:
            found = _places[base_url, client_id] = StreamPlaces(client_id)
        return found
