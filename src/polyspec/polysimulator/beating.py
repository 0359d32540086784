"""Heartbeats: as long as they come, the orders of the account stay.

A beat promises the next within an interval. A silence longer than the interval and a quarter of it, or a
second if that is more, cancels every resting order of the account. There is no way to disarm it but silence.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import orders

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.sending import Session
from polyspec.errors import ConfigError, PolyspecError, TransportError, Unauthorized

__all__ = ["Pulse", "silence_after"]

_LEAST: Final = 1.0
_MOST: Final = 60.0
_LONGEST_LABEL: Final = 64
# Beats come before they are due, so that one that is lost leaves time for another.
_EARLY: Final = 0.75
_RETRY: Final = 0.25
# Between beats that are refused for their credentials, once the venue has cancelled.
_REFUSED: Final = 20.0
_SHORTEST: Final = 0.25


def silence_after(interval: float) -> float:
    """Return the seconds without a beat after which the venue cancels."""
    return interval + max(1.0, interval / 4)


class Pulse:
    """The promise of one account: when the next beat is due, and whether the venue still hears it."""

    def __init__(self, session: Session, interval: float, label: str | None = None) -> None:
        number = isinstance(interval, int | float) and not isinstance(interval, bool)
        if not number or not _LEAST <= interval <= _MOST:
            raise ConfigError(
                f"heartbeats are promised {_LEAST:g} to {_MOST:g} s apart, not {interval!r} s apart"
            )
        if label is not None and not (isinstance(label, str) and 0 < len(label) <= _LONGEST_LABEL):
            raise ConfigError(
                f"a label of heartbeats has 1 to {_LONGEST_LABEL} characters, not {label!r:.80}"
            )
        self.interval = interval
        self.silence = silence_after(interval)
        """Seconds without a beat after which the venue cancels."""
        self.beats = 0
        self.error: PolyspecError | None = None
        """What the last beat failed of; None if it was accepted."""
        self._body = wire.HeartbeatRequest(interval_ms=round(interval * 1000), client_label=label)
        self._session = session
        self._heard = float("-inf")
        self._pause = interval * _EARLY
        # a beat that gets no answer must leave time for another before the venue takes action
        self._patience = max(_SHORTEST, (self.silence - self._pause) / 2 - _RETRY)

    def alive(self, now: float) -> bool:
        """Tell whether the venue cannot have missed us yet; `now` is monotonic seconds."""
        return now - self._heard < self.silence

    def beat(self) -> Flow[float]:
        """Beat once; return the seconds until the next is due. What goes wrong is noted, not raised."""
        start: Instant = yield Now()
        try:
            answer = (yield from self._session.send(orders.post_heartbeat(self._body), self._patience)).value
        except PolyspecError as error:
            self.error = error
            if isinstance(error, Unauthorized) and self.beats and not self.alive(start.monotonic):
                # nothing is left to protect, and whoever refused for so long will go on to
                return _REFUSED
            return _RETRY
        except Exception as error:
            # whatever it is, silence would be worse: beats go on, and it can be read
            self.error = TransportError(f"a beat failed unexpectedly ({type(error).__name__}: {error})")
            self.error.__cause__ = error
            return _RETRY
        if not answer.ok:
            self.error = PolyspecError("the venue answered a heartbeat with no")
            return _RETRY
        self.beats += 1
        self.error = None
        # heard at the latest when it was sent: what came after that was the way back
        self._heard = start.monotonic
        end: Instant = yield Now()
        return max(0.0, self._pause - (end.monotonic - start.monotonic))
