"""The gRPC server of the exchange: a loop in a thread of its own, a port, and the way down."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

import grpc

from polyspec.errors import PolyspecError
from polyspec.sandbox.http.certificates import Certificates
from polyspec.sandbox.us.grpc.calls import Calls
from polyspec.sandbox.us.grpc.streaming import Floor
from polyspec.sandbox.us.grpc.tape import Tapes
from polyspec.sandbox.us.world import World

__all__ = ["GrpcServer"]

_PATIENCE: Final = 10.0
_GRACE: Final = 0.3
"""Seconds in which calls may end."""
_NOTICE: Final = 0.02
"""Seconds from GOAWAY to the end of streams."""
_OPTIONS: Final = (
    # two sandboxes on one port would answer in turns
    ("grpc.so_reuseport", 0),
    # callers may ping as often as they like
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
)


class GrpcServer:
    """Serves a world that REST serves as well."""

    def __init__(self, world: World, host: str, port: int, certificates: Certificates | None) -> None:
        self._world = world
        self._host = host
        self._certificates = certificates
        self._stopping: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: grpc.aio.Server | None = None
        self._renewals: set[asyncio.Task[None]] = set()
        self._renewing = asyncio.Lock()
        with world.lock:
            self._floor = Floor(world, Tapes(world), self._say_goaway)
        self.port = port

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self._host}:{self.port}"

    def start(self) -> None:
        """Serve from a thread; returns once calls are answered."""
        started: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(started)), name="sandbox:grpc", daemon=True
        )
        self._thread.start()
        self.port = started.result(_PATIENCE)
        with self._world.lock:
            self._world.listeners.append(self._floor.hear)
            self._world.desk.listeners.append(self._floor.hear_desk)

    def stop(self) -> None:
        """End every call, and wait for the thread."""
        with self._world.lock:
            if self._floor.hear in self._world.listeners:
                self._world.listeners.remove(self._floor.hear)
                self._world.desk.listeners.remove(self._floor.hear_desk)
        if self._loop is not None and self._stopping is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(_PATIENCE)

    async def _run(self, started: Future[int]) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(_overhear)
        try:
            port = await self._open()
        except BaseException as error:
            # whoever waits for the start gets it
            started.set_exception(error)
            return
        started.set_result(port)
        await self._stopping.wait()
        for each in self._renewals:
            each.cancel()
        await asyncio.gather(*self._renewals, return_exceptions=True)
        await self._shut()

    async def _open(self) -> int:
        server = grpc.aio.server(options=_OPTIONS)
        server.add_generic_rpc_handlers((Calls(self._floor),))
        try:
            if self._certificates is None:
                port = server.add_insecure_port(self.address)
            else:
                port = server.add_secure_port(self.address, _credentials(self._certificates))
        except RuntimeError as error:
            raise PolyspecError(f"cannot listen for gRPC on {self.address}: {error}") from error
        await server.start()
        self._server, self.port = server, port
        return port

    def _say_goaway(self) -> None:
        """Go away and come back, from the loop."""
        task = asyncio.get_running_loop().create_task(self._renew())
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)

    async def _renew(self) -> None:
        # who asks meanwhile has it happen again: two servers cannot have one port
        async with self._renewing:
            await self._shut()
            self._floor.closing.clear()
            while self._server is None:
                # somebody else may have the port for a moment
                with suppress(PolyspecError):
                    await self._open()
                await asyncio.sleep(_NOTICE)

    async def _shut(self) -> None:
        """Say GOAWAY, end every stream, and cut off who is left."""
        server, self._server = self._server, None
        if server is not None:
            stopped = asyncio.ensure_future(server.stop(_GRACE))
            # whoever comes back after the end of a stream must not come back to this server
            await asyncio.sleep(_NOTICE)
            self._floor.closing.set()
            await stopped


def _overhear(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what went wrong on the loop, but for one thing.

    All loops of a process share the poller of grpc.aio. One that passes an event on to a loop that a client
    closed meanwhile, or that finds another was faster, has lost nothing.
    """
    if "PollerCompletionQueue" not in repr(context.get("handle")):
        loop.default_exception_handler(context)


def _credentials(certificates: Certificates) -> grpc.ServerCredentials:
    pair = (certificates.key.read_bytes(), certificates.certificate.read_bytes())
    return grpc.ssl_server_credentials([pair])
