"""What a fault does to a connection: resets, half answers, silence.

Over a real socket the effect is real: `Protocol` hands uvicorn's transport to the application. In process
there is no socket, so the application raises what a client would have seen, a ConnectionResetError.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Any, ClassVar, Final

from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from polyspec.sandbox.http.faults import Fault
from polyspec.sandbox.http.venue import Manner

__all__ = ["Protocol", "cut_short", "drop", "protocol_of", "spoil"]

TRANSPORT: Final = "polyspec.transport"
_AN_HOUR: Final = 3600.0


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol that tells the application which transport it talks over."""

    manner: ClassVar[Manner]
    """How the venue says no."""

    def on_message_begin(self) -> None:
        """Note the transport in the scope of the request that begins."""
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[typeddict-unknown-key]

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP in the venue's error shape, and hang up."""
        body = type(self).manner(400, msg)
        head = (
            f"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        )
        self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.transport.close()


def protocol_of(manner: Manner) -> type[Protocol]:
    """Return the protocol that refuses in a venue's manner."""
    return type("Protocol", (Protocol,), {"manner": staticmethod(manner)})


async def drop(scope: Scope, *, reset: bool) -> None:
    """End the connection now, by RST or by FIN; raises ConnectionResetError in process."""
    transport: asyncio.Transport | None = scope.get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError("the sandbox dropped this connection on request")
    if reset:
        raw = transport.get_extra_info("socket")
        if raw is not None:
            # an empty linger time makes the kernel answer with RST instead of FIN; who hung up needs neither
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    # let the loop close the socket before the application returns and uvicorn looks for an answer
    await asyncio.sleep(0)


async def spoil(fault: Fault, scope: Scope, receive: Receive) -> None:
    """Do what `fault` does instead of an answer: reset, close, or hang and then reset."""
    if fault.effect == "hang":
        await _until_gone(receive, fault.seconds if fault.seconds is not None else _AN_HOUR)
    await drop(scope, reset=fault.effect != "close")


async def cut_short(fault: Fault, scope: Scope, send: Send, start: Message, body: bytes) -> None:
    """Send an answer the way `fault` says: half of it, cut JSON, or drop by drop."""
    half = body[: len(body) // 2]
    if fault.effect == "truncate":
        length = (b"content-length", str(len(half)).encode())
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        await send({**start, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": half})
        return
    await send(start)
    if fault.effect == "drip":
        for place in range(len(body)):
            await send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
            await asyncio.sleep(fault.seconds if fault.seconds is not None else 0.1)
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await asyncio.sleep(0.01)
    await drop(scope, reset=False)


async def _until_gone(receive: Receive, seconds: float) -> None:
    """Wait for `seconds`, or until the client has given up."""

    async def gone() -> None:
        while True:
            message: dict[str, Any] = dict(await receive())
            if message["type"] == "http.disconnect":
                return

    try:
        await asyncio.wait_for(gone(), seconds)
    except TimeoutError:
        return
