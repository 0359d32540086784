"""The two colours behind one face, and what they may not leave behind."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from polyspec.core.effects import Flow, Reply, Request
from polyspec.io import driver, driver_async
from polyspec.io.http import Http
from polyspec.io.http_async import AsyncHttp
from polyspec.io.options import HttpOptions

__all__ = ["COLOURS", "AsyncColour", "Colour", "Open", "SyncColour", "nothing_left"]


class SyncColour:
    """Blocks this thread."""

    def __init__(self, options: HttpOptions | None = None) -> None:
        self.http = Http(options or HttpOptions())

    def send(self, request: Request) -> Reply:
        """Send a request."""
        return self.http.send(request)

    def drive(self, flow: Flow[Any]) -> Any:
        """Run a flow."""
        return driver.drive(flow, self.http)

    def send_all(self, requests: list[Request]) -> list[Reply | BaseException]:
        """Send all requests at once, the first a little ahead."""
        results: list[Any] = [None] * len(requests)

        def send(place: int) -> None:
            try:
                results[place] = self.http.send(requests[place])
            except BaseException as error:
                results[place] = error

        threads = [threading.Thread(target=send, args=(place,)) for place in range(len(requests))]
        for thread in threads:
            thread.start()
            thread.join(0.05)
        for thread in threads:
            thread.join()
        return results

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


class AsyncColour:
    """Runs in an event loop of its own, and finds tasks that outlive their call."""

    def __init__(self, options: HttpOptions | None = None) -> None:
        self.http = AsyncHttp(options or HttpOptions())
        self._runner = asyncio.Runner()

    def send(self, request: Request) -> Reply:
        """Send a request."""
        return self._run(self.http.send(request))

    def drive(self, flow: Flow[Any]) -> Any:
        """Run a flow."""
        return self._run(driver_async.drive(flow, self.http))

    def send_all(self, requests: list[Request]) -> list[Reply | BaseException]:
        """Send all requests at once, the first a little ahead."""

        async def together() -> list[Reply | BaseException]:
            tasks = []
            for request in requests:
                tasks.append(asyncio.create_task(self.http.send(request)))
                await asyncio.sleep(0.05)
            return await asyncio.gather(*tasks, return_exceptions=True)

        return self._run(together())

    def _run(self, work: Any) -> Any:
        async def alone() -> Any:
            try:
                return await work
            finally:
                # generators that were not read to the end are closed by the loop itself, one after the other
                for _ in range(10):
                    await asyncio.sleep(0)
                assert asyncio.all_tasks() == {asyncio.current_task()}, "a task was left behind"

        return self._runner.run(alone())

    def close(self) -> None:
        """Close the connections and the loop."""
        self._runner.run(self.http.aclose())
        self._runner.close()


COLOURS = (SyncColour, AsyncColour)
Colour = SyncColour | AsyncColour

Open = Callable[..., Any]
"""Opens a server that runs a script, or without one a client with options."""


def _sockets() -> int:
    links = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(entry.readlink()))
        except OSError:
            continue
    return sum(link.startswith("socket:") for link in links)


@contextmanager
def nothing_left() -> Iterator[None]:
    """Fail if the block leaves sockets or threads behind."""
    if not os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        yield
        return
    sockets, threads = _sockets(), set(threading.enumerate())
    yield
    # the resolver of an event loop keeps its threads until the loop is closed, which it is by now
    assert set(threading.enumerate()) <= threads, "a thread was left behind"
    assert _sockets() <= sockets, "a socket was left behind"
