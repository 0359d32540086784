"""Streaming calls of gRPC as connections of streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from polyspec.errors import PolyspecError
from polyspec.io.grpc_channel_async import AsyncChannel
from polyspec.io.grpc_stream_base import GrpcDial, broken, permanent

__all__ = ["AsyncGrpcStreams"]


class _Requests:
    """What is written to a stream; a call takes one message at a time, and breaks if it is given two."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(self, message: bytes | None) -> None:
        """Write a message; None ends it."""
        self._waiting.put_nowait(message)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (message := await self._waiting.get()) is not None:
            yield message


class _Open:
    def __init__(self, call: Any, requests: _Requests | None) -> None:
        self._call = call
        self._requests = requests
        self._messages: AsyncIterator[Any] = call.__aiter__()
        self._over = False

    async def receive(self) -> Any:
        try:
            return await self._messages.__anext__()
        except asyncio.CancelledError:
            # whoever hangs up cancels the call, which is not to cancel whoever reads of it
            if self._over:
                raise StopAsyncIteration from None
            raise

    async def send(self, data: Any) -> None:
        if self._requests is not None:
            self._requests.put(data.SerializeToString())

    async def aclose(self) -> None:
        self._over = True
        if self._requests is not None:
            self._requests.put(None)
        self._call.cancel()


class AsyncGrpcStreams:
    """Opens streaming calls on one channel; messages are handed out as they are."""

    def __init__(self, channel: AsyncChannel) -> None:
        self._channel = channel

    async def dial(self, where: GrpcDial, patience: float) -> _Open:
        """Open a call; whether it is answered shows when something comes."""
        del patience
        channel = self._channel.get()
        if where.request is None:
            requests = _Requests()
            opened = channel.stream_stream(where.path, response_deserializer=where.answer)
            return _Open(opened(aiter(requests), metadata=where.metadata()), requests)
        opened = channel.unary_stream(where.path, response_deserializer=where.answer)
        return _Open(opened(where.request, metadata=where.metadata()), None)

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why a stream ended, and with which status."""
        return broken(error)

    def permanent(self, error: Exception) -> PolyspecError | None:
        """Return what no other attempt to connect can mend; None if one may."""
        return permanent(error)
