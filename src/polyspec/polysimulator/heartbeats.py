# Mirrored from heartbeats_async.py by `python -m generator.mirror`; do not edit.
"""Keep orders alive only as long as this program is."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from polyspec_wire.polysimulator import orders

from polyspec.errors import PolyspecError
from polyspec.io.repeating import Repeating
from polyspec.polysimulator.base import Base
from polyspec.polysimulator.beating import Pulse
from polyspec.polysimulator.cancelling import write
from polyspec.polysimulator.turns import Turns

__all__ = ["Beating"]


class Beating:
    """Heartbeats in the background of an ``with`` block.

    They are those of the WHOLE ACCOUNT: when they end without a word, the venue cancels every resting order
    of every wallet and every program that trades on it, and leaving the block does so at once. Use them only
    where one program trades on the account. There is no way to take the first beat back.
    """

    def __init__(
        self,
        client: Base,
        interval: float,
        label: str | None,
        turns: Turns | None,
        *,
        cancel: bool,
    ) -> None:
        self._client = client
        self._turns = turns
        self._cancel = cancel
        self._pulse = Pulse(client.session, interval, label)
        self._repeating = Repeating(self._beat, "polyspec-heartbeat")

    @property
    def alive(self) -> bool:
        """Whether the venue has heard a beat within the time it waits, so that orders stand."""
        return self._pulse.alive(time.monotonic())

    @property
    def silence(self) -> float:
        """Seconds without a beat after which the venue cancels."""
        return self._pulse.silence

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
                f"no heartbeat was accepted for {self.silence:g} s: the venue cancels all resting orders of "
                "this account"
            ) from self._pulse.error

    def __enter__(self) -> Self:
        pause = self._beat()
        if (error := self._pulse.error) is not None:
            if error.maybe_executed:
                error.add_note(
                    "the venue may have heard this beat all the same: then it cancels every resting order of "
                    f"this account {self.silence:g} s after it, unless others follow"
                )
            raise error
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
                call = orders.cancel_all(confirm=True)
                self._client.run(write(self._client.session, self._turns, call, self.silence))
            except PolyspecError:
                # the venue does it by itself for want of beats; an error of the block must not be hidden
                if error is None:
                    raise

    def _beat(self) -> float:
        return self._client.run(self._pulse.beat())
