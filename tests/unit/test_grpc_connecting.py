"""A peer that takes connections and says nothing is given up in time, so that another attempt is made."""

from __future__ import annotations

import socket
import time
from typing import Any

import grpc
import pytest

from polyspec.io import grpc_base
from polyspec.io.grpc_base import GrpcOptions, channel_options


def test_a_connection_that_is_not_made_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after the 20 seconds of the library, for which calls, and streams, would wait."""
    assert dict(channel_options(GrpcOptions()))["grpc.min_reconnect_backoff_ms"] == 5000
    monkeypatch.setattr(grpc_base, "_CONNECTING_MS", 200)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        with grpc.insecure_channel(place, options=channel_options(GrpcOptions())) as channel:
            call: Any = channel.unary_stream("/a/b")
            began = time.monotonic()
            with pytest.raises(grpc.RpcError) as caught:
                next(call(b""))
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
            assert time.monotonic() - began < 5
