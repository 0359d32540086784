"""Keep orders alive only as long as this program is."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from polyspec_wire.clob import models as wire
from polyspec_wire.clob import orders

from polyspec.clob.base_async import AsyncBase
from polyspec.clob.beating import SILENCE, Pulse
from polyspec.errors import PolyspecError
from polyspec.io.repeating_async import AsyncRepeating

__all__ = ["AsyncBeating", "AsyncHeartbeats"]


class AsyncBeating:
    """Heartbeats in the background of an ``async with`` block.

    Leaving the block ends them and cancels all open orders of the API key, which the venue would do anyway a
    few seconds later. If the program dies, the venue does it.
    """

    def __init__(self, client: AsyncBase, interval: float, *, cancel: bool) -> None:
        self._client = client
        self._cancel = cancel
        self._pulse = Pulse(client.session, interval)
        self._repeating = AsyncRepeating(self._beat, "polyspec-heartbeat")

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

    async def __aenter__(self) -> Self:
        pause = await self._beat()
        if self._pulse.error is not None:
            raise self._pulse.error
        self._repeating.start(pause)
        self._client.beating.add(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.beating.discard(self)
        await self._repeating.stop()
        if self._cancel:
            try:
                await self._client.send(orders.cancel_all(), timeout=SILENCE)
            except PolyspecError:
                # the venue does it by itself for want of beats; an error of the block must not be hidden
                if error is None:
                    raise

    async def _beat(self) -> float:
        return await self._client.run(self._pulse.beat())


class AsyncHeartbeats(AsyncBase):
    """Heartbeats of the API key this client uses."""

    def heartbeats(self, interval: float = 5.0, *, cancel: bool = True) -> AsyncBeating:
        """Return a context manager that beats every `interval` seconds; see `AsyncBeating`.

        With ``cancel=False`` leaving it does not cancel the orders at once; for want of beats the venue will.
        """
        return AsyncBeating(self, interval, cancel=cancel)

    async def post_heartbeat(self, heartbeat_id: str = "", *, timeout: float | None = None) -> str:
        """Beat once and return the id the next beat must carry; `heartbeats` does all of this by itself.

        From the first beat on, ten seconds of silence cancel every open order. A wrong id raises BadRequest
        with the expected one in ``error.details["heartbeat_id"]``.
        """
        body = wire.HeartbeatRequest(heartbeat_id=heartbeat_id)
        return (await self.send(orders.post_heartbeat(body), timeout=timeout)).heartbeat_id
