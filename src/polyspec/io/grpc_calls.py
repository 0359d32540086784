# Mirrored from grpc_calls_async.py by `python -m generator.mirror`; do not edit.
"""Send over gRPC what it has a call for, and everything else over REST."""

from __future__ import annotations

import time
from copy import copy
from typing import Any

import httpx
from polyspec_wire import Call

from polyspec.core.effects import Reply, Request
from polyspec.errors import PolyspecError
from polyspec.io.grpc_calls_base import Find, Rpc, answered, ended, metadata_of, request_of
from polyspec.io.grpc_channel import Channel
from polyspec.io.http import Http
from polyspec.io.options import HttpOptions

__all__ = ["GrpcHttp"]


class GrpcHttp(Http):
    """Answers every request as HTTP would, whichever way it went; its user closes the channel."""

    def __init__(
        self, options: HttpOptions, client: httpx.Client | None, channel: Channel, find: Find
    ) -> None:
        super().__init__(options, client)
        self._channel = channel
        self._find = find
        self._last: tuple[Call[Any], Rpc, bytes] | None = None

    def check(self, call: Call[Any]) -> None:
        """Find out before anything is sent whether a call can be sent; raises ConfigError."""
        rpc = self._find(call.operation)
        if rpc is not None:
            self._last = (call, rpc, request_of(call, rpc))

    def send(self, request: Request) -> Reply:
        """Make a call and wait for its answer; raises TransportError or DecodeError."""
        rpc = None if request.call is None else self._find(request.call.operation)
        if rpc is None or request.call is None:
            return super().send(request)
        start = time.monotonic()
        outcome: Reply | PolyspecError
        try:
            heard = self._channel.unary(
                request.lane,
                rpc.path,
                self._message(request.call, rpc),
                metadata_of(request),
                request.timeout,
            )
        except PolyspecError as error:
            outcome = copy(error)
        except Exception as error:
            elapsed = time.monotonic() - start
            outcome = ended(error, elapsed, min(request.timeout.read, request.timeout.total))
        else:
            return answered(rpc, heard, time.monotonic() - start)
        # from here, since the frames it came through hold the token
        if isinstance(outcome, PolyspecError):
            raise outcome
        return outcome

    def _message(self, call: Call[Any], rpc: Rpc) -> bytes:
        """Return the message of a call, which its check has written already unless others came between."""
        last = self._last
        return last[2] if last is not None and last[0] is call and last[1] is rpc else request_of(call, rpc)
