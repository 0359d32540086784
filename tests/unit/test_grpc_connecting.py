"""A peer that takes connections and says nothing is given up in time, so that another attempt is made."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import grpc
import pytest

from polyspec.core.effects import Timeouts
from polyspec.io import grpc_base
from polyspec.io.grpc_base import GrpcOptions, GrpcPlace, channel_options
from polyspec.io.grpc_channel import Channel


class Torn:
    """A channel on which a call is interrupted, and whose closing then waits for what never comes."""

    def __init__(self) -> None:
        self.closing, self.never = threading.Event(), threading.Event()

    def unary_unary(self, path: str) -> Any:
        """Begin a call during which somebody presses Ctrl-C."""
        raise KeyboardInterrupt(path)

    def close(self) -> None:
        """Wait for that call."""
        self.closing.set()
        self.never.wait()


def test_a_call_that_was_interrupted_holds_up_no_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C in a call the program ends, though the library goes on to wait for that call."""
    torn = Torn()
    lines = Channel(GrpcPlace("127.0.0.1:1", tls=False))
    monkeypatch.setattr(lines, "_open", lambda: torn)
    with pytest.raises(KeyboardInterrupt):
        lines.unary("call", "/a/b", b"", (), Timeouts(1.0, 1.0, 1.0, 1.0))
    lines.close()
    assert torn.closing.wait(30)
    torn.never.set()


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
