# Mirrored from lines_async.py by `python -m generator.mirror`; do not edit.
"""The ways out of one client of the US exchange: HTTP, and gRPC where it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from polyspec.errors import ConfigError
from polyspec.io.grpc_base import GrpcOptions, check_trust, needing_grpc
from polyspec.io.grpc_calls import GrpcHttp
from polyspec.io.grpc_channel import Channel
from polyspec.io.http import Http
from polyspec.us.config import TRANSPORTS, Transport
from polyspec.us.rpcs import Rpcs
from polyspec.us.session import Check, Shared

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from polyspec.us.protos import Protos

__all__ = ["Lines"]


class Lines:
    """Shared by all clients of one firm that were made from one."""

    def __init__(
        self,
        shared: Shared,
        http: httpx.Client | None,
        transport: Transport,
        protos: Protos | str | Path | None,
    ) -> None:
        if transport not in TRANSPORTS:
            raise ConfigError(f"transport {transport!r} is none of {', '.join(TRANSPORTS)}")
        self._shared = shared
        options = shared.settings.http
        self.rpcs = Rpcs(shared.environment, protos)
        self.check: Check | None = None
        """What finds out whether a call can be sent; None if every call can."""
        self.http: Http
        """What calls go through, whichever way they take."""
        if transport == "rest":
            self.http = Http(options, http)
            return
        # what is missing is told now, not when the first order is sent
        needing_grpc()
        check_trust(self.channel.place)
        _ = self.rpcs.protos
        calls = GrpcHttp(options, http, self.channel, self.rpcs.find)
        self.http, self.check = calls, calls.check

    @cached_property
    def channel(self) -> Channel:
        """The channels of gRPC; raises ConfigError if the environment has none."""
        settings, http = self._shared.settings, self._shared.settings.http
        options = settings.grpc or GrpcOptions(max_message=http.max_body, proxy=http.proxy)
        return Channel(self._shared.environment.grpc_place(http), options)

    def close(self) -> None:
        """Close the channels, if there are any; who uses `http` closes it."""
        if "channel" in self.__dict__:
            self.channel.close()
