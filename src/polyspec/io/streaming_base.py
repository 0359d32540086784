"""What both colours of stream shells share."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from polyspec.core.effects import Do, Flow, Sleep
from polyspec.errors import PolyspecError, StreamClosed, StreamError

__all__ = ["CLOSING", "Member", "Tap", "mistake", "pausing", "too_slow"]

T = TypeVar("T")

CLOSING: Final = 1.0
"""Seconds a peer has to take its leave."""
# no AttributeError: libraries raise it of what a peer took away under their hands
_MISTAKES: Final = (TypeError, NameError, ImportError, NotImplementedError)


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


def pausing(flow: Flow[T], pause: Callable[[float], None]) -> Flow[T]:
    """Perform a flow whose pauses are made by `pause`, which ends it by raising."""
    try:
        effect = next(flow)
        while True:
            if isinstance(effect, Sleep):
                effect = Do(partial(pause, effect.seconds))
            try:
                outcome = yield effect
            except Exception as error:  # every failure belongs to the flow
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        flow.close()


def mistake(error: Exception) -> PolyspecError | None:
    """Return the error of what no venue prevents and no other attempt to connect can mend; None of others."""
    if not isinstance(error, _MISTAKES):
        return None
    # told without its frames, whose variables hold credentials; of them only where it was
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f", in {each.name} ({Path(each.filename).name}:{each.lineno})" for each in last)
    return StreamError(
        f"no connection can be made, for a mistake in this program or a library of it and not for the venue: "
        f"{type(error).__name__}: {error}{where}"
    )
