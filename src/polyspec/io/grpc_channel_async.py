"""The channels of one asynchronous client: opened at first use, one set for each loop that uses them."""

from __future__ import annotations

import asyncio
import time
from typing import Any, ClassVar, Final
from weakref import WeakKeyDictionary

from polyspec.core.effects import Timeouts
from polyspec.errors import ConfigError
from polyspec.io import forks
from polyspec.io.colour_async import deadline
from polyspec.io.grpc_base import (
    CLOSED,
    GrpcOptions,
    GrpcPlace,
    Heard,
    Metadata,
    channel_options,
    credentials,
    needing_grpc,
    unreachable,
)

__all__ = ["AsyncChannel"]

_ORPHANED: Final = (
    "this process was forked from one with open asynchronous channels of gRPC, and the library hangs here: "
    "start processes by spawn, fork before the first call, or use the blocking client"
)


class AsyncChannel:
    """Opens the channels to one place; cancels and streams may have one of their own, by name."""

    _orphaned: ClassVar[bool] = False
    """Whether this process is a copy of one whose thread for asynchronous gRPC it has not."""

    def __init__(self, place: GrpcPlace, options: GrpcOptions | None = None) -> None:
        """Prepare; nothing is opened before `get`, and grpc is not imported."""
        self.place = place
        self.options = options or GrpcOptions()
        self._opened: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Any]] = WeakKeyDictionary()
        self._abandoned: list[object] = []
        self._closed = False
        forks.tell(self)

    def begin_anew(self) -> None:
        """Leave all channels to the process this one was forked from."""
        if self._opened:
            AsyncChannel._orphaned = True
        # kept, so that nothing is closed in the name of the other process
        self._abandoned.append(self._opened)
        self._opened = WeakKeyDictionary()

    def get(self, name: str = "stream") -> Any:
        """Return the ``grpc.aio.Channel`` of a name, opened for the loop that runs."""
        if self._closed:
            raise ConfigError(CLOSED)
        if AsyncChannel._orphaned:
            raise ConfigError(_ORPHANED)
        opened = self._opened.setdefault(asyncio.get_running_loop(), {})
        if name not in opened:
            opened[name] = self._open()
        return opened[name]

    async def unary(
        self, name: str, path: str, message: bytes, metadata: Metadata, timeouts: Timeouts
    ) -> Heard:
        """Make one call; raises ConnectFailed if it surely did not leave, or whatever grpc raises."""
        until = time.monotonic() + min(timeouts.read, timeouts.total)
        channel = self.get(name)
        await self._reach(channel, min(timeouts.connect, timeouts.total))
        call = channel.unary_unary(path)(message, timeout=until - time.monotonic(), metadata=metadata)
        answer = await call
        return Heard(answer, (*await call.initial_metadata(), *await call.trailing_metadata()))

    async def _reach(self, channel: Any, seconds: float) -> None:
        """Wait until there is a connection, so that a call that is made has one to leave by."""
        states = needing_grpc().ChannelConnectivity
        state, tried = channel.get_state(try_to_connect=True), False
        try:
            async with deadline(seconds):
                while state is not states.READY:
                    if state is states.SHUTDOWN:
                        raise ConfigError(CLOSED)
                    if tried and state is states.TRANSIENT_FAILURE:
                        raise unreachable(self.place)
                    # a failure that was there before is an older one's
                    tried = tried or state is not states.TRANSIENT_FAILURE
                    await channel.wait_for_state_change(state)
                    state = channel.get_state(try_to_connect=True)
        except TimeoutError:
            raise unreachable(self.place) from None

    def _open(self) -> Any:
        place, told = self.place, channel_options(self.options)
        grpc = needing_grpc()
        if place.tls:
            return grpc.aio.secure_channel(place.target, credentials(place), options=told)
        return grpc.aio.insecure_channel(place.target, options=told)

    async def aclose(self) -> None:
        """Close the channels of this loop, with every call on them; those of loops that ended are gone."""
        self._closed = True
        for channel in self._opened.pop(asyncio.get_running_loop(), {}).values():
            await channel.close()
