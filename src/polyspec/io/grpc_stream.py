"""Streaming calls of gRPC as connections of streams."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

from polyspec.errors import PolyspecError
from polyspec.io.grpc_channel import Channel
from polyspec.io.grpc_stream_base import GrpcDial, broken, permanent

__all__ = ["GrpcStreams"]


class _Requests:
    """What is written to a stream; the library takes it from another thread."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()

    def put(self, message: bytes | None) -> None:
        """Write a message; None ends it."""
        self._waiting.put(message)

    def __iter__(self) -> Iterator[bytes]:
        while (message := self._waiting.get()) is not None:
            yield message


class _Open:
    def __init__(self, call: Any, requests: _Requests | None) -> None:
        self._call = call
        self._requests = requests

    def receive(self, nap: float) -> Any:
        del nap
        return next(self._call)

    def send(self, data: Any) -> None:
        if self._requests is not None:
            self._requests.put(data.SerializeToString())

    def close(self) -> None:
        if self._requests is not None:
            self._requests.put(None)
        self._call.cancel()


class GrpcStreams:
    """Opens streaming calls on one channel; messages are handed out as they are."""

    blocks = True

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def dial(self, where: GrpcDial, patience: float) -> _Open:
        """Open a call; whether it is answered shows when something comes."""
        del patience
        channel = self._channel.get()
        if where.request is None:
            requests = _Requests()
            opened = channel.stream_stream(where.path, response_deserializer=where.answer)
            return _Open(opened(iter(requests), metadata=where.metadata()), requests)
        opened = channel.unary_stream(where.path, response_deserializer=where.answer)
        return _Open(opened(where.request, metadata=where.metadata()), None)

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why a stream ended, and with which status."""
        return broken(error)

    def permanent(self, error: Exception) -> PolyspecError | None:
        """Return what no other attempt to connect can mend; None if one may."""
        return permanent(error)
