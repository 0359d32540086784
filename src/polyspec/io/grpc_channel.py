"""The channels of one blocking client: opened at first use, shared by all of its threads."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue
from typing import Any, Final

from polyspec.core.effects import Timeouts
from polyspec.errors import ConfigError
from polyspec.io import forks
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

__all__ = ["Channel"]

# of grpc.ChannelConnectivity
_READY: Final = 2


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

    def get(self, name: str = "stream") -> Any:
        """Return the ``grpc.Channel`` of a name."""
        if (found := self._opened.get(name)) is not None:
            return found
        with self._lock:
            if self._closed:
                raise ConfigError(CLOSED)
            if name not in self._opened:
                self._opened[name] = self._open()
            return self._opened[name]

    def unary(self, name: str, path: str, message: bytes, metadata: Metadata, timeouts: Timeouts) -> Heard:
        """Make one call; raises ConnectFailed if it surely did not leave, or whatever grpc raises."""
        until = time.monotonic() + min(timeouts.read, timeouts.total)
        channel = self.get(name)
        if not _is_ready(channel):
            self._reach(channel, min(timeouts.connect, timeouts.total))
        answer, call = channel.unary_unary(path).with_call(
            message, timeout=until - time.monotonic(), metadata=metadata
        )
        return Heard(answer, (*call.initial_metadata(), *call.trailing_metadata()))

    def _reach(self, channel: Any, seconds: float) -> None:
        """Wait until there is a connection, so that a call that is made has one to leave by."""
        states = needing_grpc().ChannelConnectivity
        heard: SimpleQueue[Any] = SimpleQueue()
        until, tried = time.monotonic() + seconds, False

        def hear(state: Any) -> None:
            heard.put(state)

        channel.subscribe(hear, try_to_connect=True)
        try:
            while (state := heard.get(timeout=max(0.0, until - time.monotonic()))) is not states.READY:
                if state is states.SHUTDOWN:
                    raise ConfigError(CLOSED)
                if tried and state is states.TRANSIENT_FAILURE:
                    raise unreachable(self.place)
                # a failure that was there before is an older one's
                tried = tried or state is not states.TRANSIENT_FAILURE
        except Empty:
            raise unreachable(self.place) from None
        finally:
            channel.unsubscribe(hear)

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


def _is_ready(channel: Any) -> bool:
    """Tell without waiting whether a channel is connected.

    There is no public way but to subscribe, which takes a thread that looks five times a second.
    """
    inner = getattr(channel, "_channel", None)
    look = getattr(inner, "check_connectivity_state", None)
    return look is not None and look(False) == _READY  # noqa: FBT003
