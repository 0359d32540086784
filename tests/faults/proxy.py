"""A TCP proxy between a client and a sandbox that breaks one request exactly where it is told to.

It carries bytes and knows next to nothing of HTTP: where a request begins (the first bytes a client sends
after an answer), where a head ends, and how long a body says it is. So what a client is put through is what a
network does: resets and ends of connections after a given byte, in both directions, answers that drip, peers
that fall silent without hanging up.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Literal, Self

from attrs import evolve, frozen

__all__ = ["Cut", "Plan", "Proxy", "between", "cut_off"]

Where = Literal["accept", "request", "answer"]
How = Literal["reset", "close", "half-close", "freeze", "drip", "replace", "double", "trailed"]
Cut = float | Literal["head", "last"]
"""After how many bytes: a number, a fraction of the whole, the end of the head, all but the last byte."""

_PIECE = 65_536


@frozen(kw_only=True)
class Plan:
    """What happens to one request, or to one connection that is accepted."""

    where: Where
    how: How = "reset"
    cut: Cut = 0
    path: bytes = b""
    """How the request begins that it meets, method included; empty for any."""
    times: int = 1
    gap: float = 0.1
    """Seconds between the bytes of an answer that drips."""
    answer: bytes = b""
    """What is said instead of the answer, or behind it."""
    carried: bool = False
    """Whether the venue gets a request that is answered in its place."""
    after: int = 0
    """How many such requests pass unharmed first."""


def cut_off(data: bytes, cut: Cut) -> int:
    """Return after how many bytes a message is cut."""
    if cut == "last":
        return len(data) - 1
    if cut == "head":
        return data.find(b"\r\n\r\n") + 4
    return int(cut) if isinstance(cut, int) or cut >= 1 else int(len(data) * cut)


def _complete(data: bytes) -> bool:
    """Tell whether a message of HTTP/1 is there to its end; of what is none, nobody can say."""
    if b"HTTP/1." not in data[:4096]:
        return bool(data)
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
        if line.startswith(b"transfer-encoding:"):
            return body.endswith(b"0\r\n\r\n")
    return True


class Proxy:
    """Listens on a port of its own and carries everything to `target`, but for what the plans say."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.requests: list[bytes] = []
        """The first line of every request of HTTP that began, whatever became of it."""
        self.accepted = 0
        self.hung_up = 0
        """How many clients ended a connection that was still theirs to use."""
        self.met: list[Plan] = []
        """The plans that met something, as often as they did."""
        self._plans: list[Plan] = []
        self._lock = threading.Lock()
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.listen()

    @property
    def url(self) -> str:
        """Where it listens, by a name that has to be looked up."""
        return f"http://localhost:{self.port}"

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self._links)

    # -- plans --

    def add(self, plan: Plan) -> None:
        """Have the next request that a plan is about meet it."""
        with self._lock:
            self._plans.append(plan)

    def clear(self) -> None:
        """Forget all plans still to come."""
        with self._lock:
            self._plans.clear()

    def take(self, where: tuple[Where, ...], data: bytes = b"") -> Plan | None:
        """Return the plan that meets a request or connection; each serves as often as it says."""
        with self._lock:
            for place, plan in enumerate(self._plans):
                if plan.where not in where or not data.startswith(plan.path):
                    continue
                if plan.after:
                    self._plans[place] = _fewer(plan, after=True)
                    continue
                self.met.append(plan)
                if plan.times == 1:
                    del self._plans[place]
                else:
                    self._plans[place] = _fewer(plan)
                return plan
        return None

    def count(self, path: bytes) -> int:
        """Return how many requests began like this."""
        return sum(line.startswith(path) for line in self.requests)

    # -- the listener --

    def listen(self) -> None:
        """Take connections, on the same port as before."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=_PIECE)
        self.port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Take no more connections and end those there are, as when nobody is there."""
        asyncio.run_coroutine_threadsafe(self._refuse(), self._loop).result(5)

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._drop()

    def drop(self) -> None:
        """End all connections in good order, so that whoever comes next opens another."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result(5)

    async def _drop(self) -> None:
        for link in list(self._links):
            link.end(reset=False)
        await asyncio.sleep(0.01)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        plan = self.take(("accept",))
        link = _Link(self, reader, writer)
        if plan is not None:
            link.end(reset=plan.how == "reset")
            return
        self._links.add(link)
        try:
            await link.carry()
        finally:
            self._links.discard(link)

    def close(self) -> None:
        """End everything."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        assert not self._thread.is_alive(), "the proxy hangs"
        self._loop.close()

    async def _end(self) -> None:
        await self._refuse()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _fewer(plan: Plan, *, after: bool = False) -> Plan:
    return evolve(plan, after=plan.after - 1) if after else evolve(plan, times=plan.times - 1)


class _Link:
    """One connection of a client and the one to the venue behind it."""

    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writer = writer
        self._venue: asyncio.StreamWriter | None = None
        self._plan: Plan | None = None
        self._begins = True
        self._request = b""
        self._answer = b""
        self._sent = 0
        self._ended = False

    def end(self, *, reset: bool) -> None:
        """End both connections now, the client's by RST or by FIN."""
        self._ended = True
        if self._venue is not None:
            self._venue.transport.abort()
        if reset:
            raw = self._writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()
        else:
            self._writer.transport.close()

    async def carry(self) -> None:
        """Carry bytes until either side ends it."""
        try:
            reader, self._venue = await asyncio.open_connection("127.0.0.1", self._proxy.target, limit=_PIECE)
        except OSError:
            self.end(reset=True)
            return
        back = asyncio.create_task(self._back(reader))
        try:
            with contextlib.suppress(OSError):
                await self._forth()
        finally:
            back.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await back
            if not self._ended:
                self.end(reset=False)

    # -- from the client --

    async def _forth(self) -> None:
        while data := await self._reader.read(_PIECE):
            if self._begins:
                self._begins, self._request, self._answer, self._sent = False, b"", b"", 0
                self._proxy.requests.append(data.split(b"\r\n", 1)[0])
                self._plan = self._proxy.take(("request", "answer"), data)
            if self._plan is not None and not await self._met(self._plan, data):
                continue
            await self._to_venue(data)
        if not self._ended:
            self._proxy.hung_up += 1

    async def _met(self, plan: Plan, data: bytes) -> bool:
        """Do what a plan says to a request; return whether these bytes go on."""
        self._request += data
        if plan.where == "request":
            if not isinstance(plan.cut, int) and not _complete(self._request):
                # where to cut is known when all is there
                return False
            end = cut_off(self._request, plan.cut)
            piece = self._request[self._sent : end]
            self._sent += len(piece)
            await self._to_venue(piece)
            if self._sent == end:
                await self._break(plan)
            return False
        if plan.how == "double" and _complete(self._request):
            await self._delivered_once_more(self._request)
        if plan.how == "replace" and _complete(self._request):
            if plan.carried:
                await self._delivered_once_more(self._request)
            self._plan, self._begins = None, True
            self._writer.write(plan.answer)
            await self._writer.drain()
            return False
        return plan.how != "replace"

    async def _delivered_once_more(self, request: bytes) -> None:
        """Bring a request before the venue on a connection of its own, and let it be carried out."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._proxy.target)
        writer.write(request)
        answer = b""
        while not _complete(answer) and (piece := await reader.read(_PIECE)):
            answer += piece
        writer.transport.abort()

    async def _to_venue(self, data: bytes) -> None:
        assert self._venue is not None
        self._venue.write(data)
        await self._venue.drain()

    async def _break(self, plan: Plan) -> None:
        if plan.how == "freeze":
            await asyncio.sleep(3600)
        # the venue gets what was sent before it learns that there is no more
        await asyncio.sleep(0.005)
        if plan.how == "half-close":
            self._writer.write_eof()
            await asyncio.sleep(3600)
        self.end(reset=plan.how == "reset")

    # -- from the venue --

    async def _back(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_PIECE):
            plan = self._plan
            self._begins = True
            if plan is None or plan.where != "answer" or plan.how == "double":
                self._writer.write(data)
                await self._writer.drain()
                continue
            self._answer += data
            if plan.how == "freeze":
                continue
            if _complete(self._answer):
                await self._spoilt(plan, self._answer)
                self._plan = None
        if not self._ended:
            self.end(reset=False)

    async def _spoilt(self, plan: Plan, answer: bytes) -> None:
        if plan.how == "trailed":
            self._writer.write(answer + plan.answer)
            await self._writer.drain()
            return
        if plan.how == "drip":
            for place in range(len(answer)):
                self._writer.write(answer[place : place + 1])
                await self._writer.drain()
                await asyncio.sleep(plan.gap)
            return
        self._writer.write(answer[: cut_off(answer, plan.cut)])
        await self._writer.drain()
        if plan.how == "half-close":
            self._writer.write_eof()
            return
        await asyncio.sleep(0.005)
        self.end(reset=plan.how == "reset")


@contextmanager
def between(target: int) -> Iterator[Proxy]:
    """Run a proxy in front of a port."""
    with Proxy(target) as proxy:
        yield proxy
