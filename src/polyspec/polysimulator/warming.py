"""Wait for a market that is too new for the venue to know it."""

from __future__ import annotations

import math
from itertools import chain, repeat
from typing import Final, TypeVar

from polyspec_wire import Call

from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import ConfigError, NotFound

__all__ = ["when_known"]

T = TypeVar("T")

# A market is known about half a minute after it opens; the venue's own words on how often to look.
_PAUSES: Final = (2.0, 4.0, 8.0, 16.0, 30.0)


def when_known(session: Session, call: Call[T], wait: float, timeout: float | None) -> Flow[T]:
    """Send a call again while the venue says that there is no such thing, for `wait` seconds at most.

    With 0 it is sent once. Raises NotFound.
    """
    if not (math.isfinite(wait) and wait >= 0):
        raise ConfigError(f"wait must be a number of seconds, 0 or more, not {wait!r}")
    start: Instant = yield Now()
    pauses = chain(_PAUSES, repeat(_PAUSES[-1]))
    while True:
        try:
            return (yield from session.send(call, timeout)).value
        except NotFound:
            now: Instant = yield Now()
            left = start.monotonic + wait - now.monotonic
            if left <= 0:
                raise
        # the last look is at the end of the wait, not short of it
        yield Sleep(min(next(pauses), left))
