"""The channels of one blocking client: opened at first use, shared by all of its threads."""

from __future__ import annotations

import threading
from typing import Any, Final

from polyspec.errors import ConfigError
from polyspec.io import forks
from polyspec.io.grpc_base import GrpcOptions, GrpcPlace, channel_options, credentials, needing_grpc

__all__ = ["Channel"]

_CLOSED: Final = "this client is closed"


class Channel:
    """Opens the channels to one place; cancels and streams may have one of their own, by name."""

    def __init__(self, place: GrpcPlace, options: GrpcOptions | None = None) -> None:
        """Prepare; nothing is opened before `get`, and grpc is not imported."""
        self.place = place
        self.options = options or GrpcOptions()
        self._opened: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._abandoned: list[object] = []
        self._closed = False
        forks.tell(self)

    def begin_anew(self) -> None:
        """Leave all channels to the process this one was forked from, and the lock, which may be held."""
        self._lock = threading.Lock()
        # kept, so that nothing is closed in the name of the other process
        self._abandoned.append(self._opened)
        self._opened = {}

    def get(self, name: str = "read") -> Any:
        """Return the ``grpc.Channel`` of a name."""
        if (found := self._opened.get(name)) is not None:
            return found
        with self._lock:
            if self._closed:
                raise ConfigError(_CLOSED)
            if name not in self._opened:
                self._opened[name] = self._open()
            return self._opened[name]

    def _open(self) -> Any:
        place, told = self.place, channel_options(self.options)
        grpc = needing_grpc()
        if place.tls:
            return grpc.secure_channel(place.target, credentials(place), options=told)
        return grpc.insecure_channel(place.target, options=told)

    def close(self) -> None:
        """Close the channels, with every call on them."""
        with self._lock:
            self._closed = True
            opened, self._opened = self._opened, {}
        for channel in opened.values():
            channel.close()
