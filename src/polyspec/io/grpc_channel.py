"""The channels of one blocking client: opened at first use, shared by all of its threads."""

from __future__ import annotations

import threading
import time
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
_READY, _FAILED = 2, 3
_SLICE: Final = 0.2
"""Seconds after which a wait looks at the time."""


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
        self._torn = False
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
        try:
            return self._unary(self.get(name), path, message, metadata, timeouts)
        except Exception:
            raise
        except BaseException:
            # Ctrl-C: what the library still waits for there never comes
            self._torn = True
            raise

    def _unary(
        self, channel: Any, path: str, message: bytes, metadata: Metadata, timeouts: Timeouts
    ) -> Heard:
        until = time.monotonic() + min(timeouts.read, timeouts.total)
        if (inner := _inner(channel)) is not None:
            try:
                self._reach(inner, min(timeouts.connect, timeouts.total))
            except ValueError:
                # the library's word for a channel that was closed meanwhile
                raise ConfigError(CLOSED) from None
        answer, call = channel.unary_unary(path).with_call(
            message, timeout=until - time.monotonic(), metadata=metadata
        )
        return Heard(answer, (*call.initial_metadata(), *call.trailing_metadata()))

    def _reach(self, inner: Any, seconds: float) -> None:
        """Wait until there is a connection, so that a call that is made has one to leave by."""
        until, tried = time.monotonic() + seconds, False
        while (state := inner.check_connectivity_state(True)) != _READY:  # noqa: FBT003
            if tried and state == _FAILED:
                raise unreachable(self.place)
            # a failure that was there before is an older one's
            tried = tried or state != _FAILED
            left = until - time.monotonic()
            if left <= 0:
                raise unreachable(self.place)
            inner.watch_connectivity_state(state, time.time() + min(left, _SLICE))

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
            if self._torn:
                # it would wait for ever for the call that was interrupted
                threading.Thread(target=channel.close, name="polyspec-grpc-close", daemon=True).start()
            else:
                channel.close()


def _inner(channel: Any) -> Any:
    """Return what tells in which state a channel is.

    There is no public way but to subscribe, which takes a thread that looks five times a second and fails
    loudly if the channel is closed meanwhile. Without it a call that fails counts as one that may have left.
    """
    inner = getattr(channel, "_channel", None)
    return inner if hasattr(inner, "watch_connectivity_state") else None
