"""More symbols than one stream takes: which of several streams each is on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from polyspec.core.streams.events import StreamState
from polyspec.core.streams.machine import Machine

__all__ = ["spread", "worst"]

# what is most wrong first; one that nothing is asked of says nothing of the others
_ORDER = (
    StreamState.CLOSED,
    StreamState.BACKING_OFF,
    StreamState.CONNECTING,
    StreamState.SUBSCRIBING,
    StreamState.LIVE,
    StreamState.IDLE,
)


def spread(parts: Sequence[Sequence[str]], symbols: Iterable[str], most: int) -> list[list[str]]:
    """Return which symbols each stream has from now on, given which it had.

    What is placed stays where it is: to move it would be to miss something. Room on streams that are open is
    filled before another is opened, and those that lost everything are used again before there are more.
    """
    wanted = dict.fromkeys(symbols)
    found = [[each for each in part if each in wanted] for part in parts]
    placed = {each for part in found for each in part}
    more = [each for each in wanted if each not in placed]
    for part in sorted(found, key=lambda part: not part):
        room = most - len(part)
        part += more[:room]
        more = more[room:]
    return found + [more[start : start + most] for start in range(0, len(more), most)]


def worst(machines: Iterable[Machine]) -> Machine:
    """Return the machine that tells the state of all."""
    return min(machines, key=lambda each: _ORDER.index(each.state))
