"""Heartbeats: as long as they come, orders stay; the ids they carry form a chain.

The venue answers each beat with the id the next one must carry. Ten seconds of silence, and it cancels every
open order of the API key, now or within five seconds more. There is no way to disarm it but silence.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire.clob import models as wire
from polyspec_wire.clob import orders

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.sending import Session
from polyspec.errors import BadRequest, ConfigError, PolyspecError, TransportError, Unauthorized

__all__ = ["SILENCE", "Pulse"]

SILENCE: Final = 10.0
"""Seconds without an accepted beat after which the venue cancels."""

_RETRY: Final = 1.0
# Between beats that are refused for their credentials, once the venue has cancelled.
_REFUSED: Final = 20.0
_SHORTEST: Final = 1.0
_LATEST: Final = SILENCE - 2.0


class Pulse:
    """The chain of one API key: which id comes next, and whether the venue still hears it."""

    def __init__(self, session: Session, interval: float) -> None:
        if not 0 < interval <= _LATEST:
            raise ConfigError(
                f"heartbeats must be at most {_LATEST:g} s apart, not {interval!r}: after {SILENCE:g} s of "
                "silence the venue cancels all orders"
            )
        self.interval = interval
        self.heartbeat_id = ""
        """What the next beat carries; empty to begin a chain."""
        self.beats = 0
        self.error: PolyspecError | None = None
        """What the last beat failed of; None if it was accepted."""
        self._session = session
        self._heard = float("-inf")
        # a beat that gets no answer must leave time for another before the venue takes action
        self._patience = max(_SHORTEST, min(interval, (SILENCE - interval) / 2))

    def alive(self, now: float) -> bool:
        """Tell whether the venue cannot have missed us yet; `now` is monotonic seconds."""
        return now - self._heard < SILENCE

    def beat(self) -> Flow[float]:
        """Beat once; return the seconds until the next is due. What goes wrong is noted, not raised."""
        start: Instant = yield Now()
        try:
            yield from self._beat(start)
        except PolyspecError as error:
            self.error = error
            if isinstance(error, Unauthorized) and self.beats and not self.alive(start.monotonic):
                # nothing is left to protect, and whoever refused for so long will go on to
                return _REFUSED
            return min(_RETRY, self.interval)
        except Exception as error:
            # whatever it is, silence would be worse: beats go on, and it can be read
            self.error = TransportError(f"a beat failed unexpectedly ({type(error).__name__}: {error})")
            self.error.__cause__ = error
            return min(_RETRY, self.interval)
        end: Instant = yield Now()
        return max(0.0, self.interval - (end.monotonic - start.monotonic))

    def _beat(self, start: Instant) -> Flow[None]:
        try:
            answer = yield from self._send()
        except BadRequest as error:
            # the answer to an earlier beat was lost, or another process beats for the same key
            expected = error.details.get("heartbeat_id")
            if not isinstance(expected, str):
                # it does not say where the chain is: begin another
                expected = ""
            if expected == self.heartbeat_id or error.maybe_executed:
                raise
            self.heartbeat_id = expected
            answer = yield from self._send()
        self.heartbeat_id = answer.heartbeat_id
        self.beats += 1
        self.error = None
        # heard at the latest when it was sent: what came after that was the way back
        self._heard = start.monotonic

    def _send(self) -> Flow[wire.HeartbeatV1Response]:
        body = wire.HeartbeatRequest(heartbeat_id=self.heartbeat_id)
        return (yield from self._session.send(orders.post_heartbeat(body), self._patience)).value
