"""The channels of one asynchronous client: opened at first use, one set for each loop that uses them."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from weakref import WeakKeyDictionary

from polyspec.errors import ConfigError
from polyspec.io import forks
from polyspec.io.grpc_base import GrpcOptions, GrpcPlace, channel_options, credentials, needing_grpc

__all__ = ["AsyncChannel"]

_CLOSED: Final = "this client is closed"


class AsyncChannel:
    """Opens the channels to one place; cancels and streams may have one of their own, by name."""

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
        # kept, so that nothing is closed in the name of the other process
        self._abandoned.append(self._opened)
        self._opened = WeakKeyDictionary()

    def get(self, name: str = "read") -> Any:
        """Return the ``grpc.aio.Channel`` of a name, opened for the loop that runs."""
        if self._closed:
            raise ConfigError(_CLOSED)
        opened = self._opened.setdefault(asyncio.get_running_loop(), {})
        if name not in opened:
            opened[name] = self._open()
        return opened[name]

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
