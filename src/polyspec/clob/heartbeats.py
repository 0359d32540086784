# Mirrored from heartbeats_async.py by `python -m generator.mirror`; do not edit.
"""Keep orders alive only as long as this program is."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from polyspec_wire.clob import models as wire
from polyspec_wire.clob import orders

from polyspec.clob.base import Base
from polyspec.clob.beating import SILENCE, Pulse
from polyspec.errors import PolyspecError
from polyspec.io.repeating import Repeating

__all__ = ["Beating", "Heartbeats"]


class Beating:
    """Heartbeats in the background of an ``with`` block.

    Leaving the block ends them and cancels all open orders of the API key, which the venue would do anyway a
    few seconds later. If the program dies, the venue does it.
    """

    def __init__(self, client: Base, interval: float, *, cancel: bool) -> None:
        self._client = client
        self._cancel = cancel
        self._pulse = Pulse(client.session, interval)
        self._repeating = Repeating(self._beat, "polyspec-heartbeat")

    @property
    def alive(self) -> bool:
        """Whether the venue has heard a beat within its ten seconds, so that orders stand."""
        return self._pulse.alive(time.monotonic())

    @property
    def beats(self) -> int:
        """Beats the venue accepted."""
        return self._pulse.beats

    @property
    def error(self) -> PolyspecError | None:
        """What the last beat failed of; None if it was accepted."""
        return self._pulse.error

    def check(self) -> None:
        """Raise PolyspecError if the venue may have cancelled the orders for want of beats."""
        if not self.alive:
            raise PolyspecError(
                f"no heartbeat was accepted for {SILENCE:g} s: the venue cancels all open orders of this key"
            ) from self._pulse.error

    def __enter__(self) -> Self:
        pause = self._beat()
        if self._pulse.error is not None:
            raise self._pulse.error
        self._repeating.start(pause)
        self._client.beating.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.beating.discard(self)
        self._repeating.stop()
        if self._cancel:
            try:
                self._client.send(orders.cancel_all(), timeout=SILENCE)
            except PolyspecError:
                # the venue does it by itself for want of beats; an error of the block must not be hidden
                if error is None:
                    raise

    def _beat(self) -> float:
        return self._client.run(self._pulse.beat())


class Heartbeats(Base):
    """Heartbeats of the API key this client uses."""

    def heartbeats(self, interval: float = 5.0, *, cancel: bool = True) -> Beating:
        """Return a context manager that beats every `interval` seconds; see `Beating`.

        With ``cancel=False`` leaving it does not cancel the orders at once; for want of beats the venue will.
        """
        return Beating(self, interval, cancel=cancel)

    def post_heartbeat(self, heartbeat_id: str = "", *, timeout: float | None = None) -> str:
        """Beat once and return the id the next beat must carry; `heartbeats` does all of this by itself.

        From the first beat on, ten seconds of silence cancel every open order. A wrong id raises BadRequest
        with the expected one in ``error.details["heartbeat_id"]``.
        """
        body = wire.HeartbeatRequest(heartbeat_id=heartbeat_id)
        return self.send(orders.post_heartbeat(body), timeout=timeout).heartbeat_id
