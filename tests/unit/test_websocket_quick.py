"""What is cut out by ourselves is what the library would have made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from polyspec.io.websocket_quick import QuickConnection

LARGEST = 70_000
SIZES = st.sampled_from([0, 1, 125, 126, 127, 300, 65_535, 65_536, LARGEST])
CUTS = st.lists(st.integers(0, 200_000), max_size=12)
PIECES = st.lists(st.integers(0, 200), min_size=2, max_size=4)


def message(opcode: Opcode, size: int) -> bytes:
    """Return a message of one frame."""
    return Frame(opcode, bytes([65 + size % 26]) * size).serialize(mask=False)


def pieces(sizes: list[int]) -> bytes:
    """Return a message of several frames, with a ping between the first two."""
    frames = [
        Frame(Opcode.TEXT if not number else Opcode.CONT, b"p" * size, fin=number == len(sizes) - 1)
        for number, size in enumerate(sizes)
    ]
    frames.insert(1, Frame(Opcode.PING, b"now?"))
    return b"".join(each.serialize(mask=False) for each in frames)


RIGHT = (
    st.tuples(st.just(message), st.sampled_from([Opcode.TEXT, Opcode.BINARY]), SIZES)
    | st.tuples(st.just(message), st.sampled_from([Opcode.PING, Opcode.PONG]), st.integers(0, 125))
    | st.tuples(st.just(pieces), PIECES)
)
WRONG = {
    "nothing": b"",
    "too large": message(Opcode.TEXT, LARGEST + 1),
    "closed": message(Opcode.CLOSE, 0),
    "closed with a word": Frame(Opcode.CLOSE, b"\x03\xe8bye").serialize(mask=False),
    "masked": Frame(Opcode.TEXT, b"masked" * 30).serialize(mask=True),
    "masked with nothing": b"\x81\x85" + bytes(7) + b"\x01no",
    "more of nothing": Frame(Opcode.CONT, b"").serialize(mask=False),
    "another in the middle": Frame(Opcode.TEXT, b"half", fin=False).serialize(mask=False)
    + message(Opcode.TEXT, 3),
    "a reserved bit": b"\xc1\x00",
    "an unknown opcode": b"\x83\x00",
}


class Wire(asyncio.Transport):
    """Leads to a peer."""

    def __init__(self) -> None:
        super().__init__()
        self.peer = ServerProtocol()
        self.reading = True

    def write(self, data: Any) -> None:
        """Let the peer read it."""
        self.peer.receive_data(data)

    def pause_reading(self) -> None:
        """Note it."""
        self.reading = False

    def resume_reading(self) -> None:
        """Note it."""
        self.reading = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Need none."""

    def is_closing(self) -> bool:
        """Be open."""
        return False

    def can_write_eof(self) -> bool:
        """Have one way to close."""
        return False

    def close(self) -> None:
        """Do nothing: the test says when it is over."""

    def abort(self) -> None:
        """Do nothing."""


Made = tuple[ClientConnection, Wire, bytes, Callable[[], Awaitable[bytes | str]]]


def _made(kind: type[ClientConnection], **named: Any) -> tuple[ClientConnection, Wire, bytes]:
    """Return a connection that asked for the opening, and the answer to it."""
    protocol = ClientProtocol(parse_uri("ws://here/"), max_size=LARGEST)
    connection, wire = kind(protocol, ping_interval=None, **named), Wire()
    connection.connection_made(wire)
    connection.protocol.send_request(connection.protocol.connect())
    connection.send_data()
    (asked,) = wire.peer.events_received()
    wire.peer.send_response(wire.peer.accept(asked))  # type: ignore[arg-type]
    return connection, wire, b"".join(wire.peer.data_to_send())


def stock() -> Made:
    """Return the library's own."""
    connection, wire, answer = _made(ClientConnection, max_queue=None)
    return connection, wire, answer, lambda: connection.recv(decode=False)


def quick() -> Made:
    """Return ours."""
    connection, wire, answer = _made(QuickConnection, max_queue=None, largest=LARGEST)
    assert isinstance(connection, QuickConnection)
    return connection, wire, answer, connection.receive


async def heard(make: Callable[[], Made], told: bytes, cuts: list[int]) -> tuple[list[Any], list[Any]]:
    """Return what a connection makes of what it reads in pieces, and what it says to it."""
    connection, wire, answer, receive = make()
    data, found = answer + told, list[Any]()
    ends = sorted({*(each % len(data) for each in cuts), len(data)} - {0})
    reader = asyncio.ensure_future(_all(receive, found))
    for start, end in zip([0, *ends], ends, strict=False):
        connection.data_received(data[start:end])
        if end % 2:
            await asyncio.sleep(0)
    connection.eof_received()
    connection.connection_lost(None)
    await reader
    return found, wire.peer.events_received()


async def _all(receive: Callable[[], Awaitable[bytes | str]], found: list[Any]) -> None:
    try:
        while True:
            found.append(await receive())
    except ConnectionClosed as error:
        found.append((str(error), error.rcvd, error.sent))


@settings(max_examples=300, deadline=None)
@given(st.lists(RIGHT, max_size=8), st.sampled_from(sorted(WRONG)), st.lists(RIGHT, max_size=2), CUTS)
def test_the_same_as_the_library(frames: list[Any], wrong: str, after: list[Any], cuts: list[int]) -> None:
    """Messages, their order, the answers to pings and the end are the same, however the bytes arrive."""
    told = b"".join(
        [*(make(*given) for make, *given in frames), WRONG[wrong], *(make(*given) for make, *given in after)]
    )

    async def both() -> tuple[Any, Any]:
        return await heard(quick, told, cuts), await heard(stock, told, cuts)

    ours, theirs = asyncio.run(both())
    assert ours == theirs


def test_byte_by_byte() -> None:
    """Nothing is lost between two reads, wherever they part."""
    told = b"".join([message(Opcode.TEXT, 1), pieces([3, 0, 5]), message(Opcode.BINARY, 300)])

    async def main() -> Any:
        return await heard(quick, told, list(range(1_000)))

    found, _ = asyncio.run(main())
    assert found[:-1] == [b"B", b"p" * 8, bytes([65 + 300 % 26]) * 300]


def test_a_slow_reader_halts_the_peer() -> None:
    """Nothing is read while many messages wait, and everything after they were taken."""

    async def main() -> list[bool]:
        connection, wire, answer, receive = quick()
        connection.data_received(answer + message(Opcode.TEXT, 3) * 100)
        states = [wire.reading]
        for _ in range(100):
            await receive()
        return [*states, wire.reading]

    assert asyncio.run(main()) == [False, True]


def test_who_stops_waiting_loses_nothing() -> None:
    """A wait that is given up leaves the next message where it is, whole or in pieces."""

    async def main() -> list[Any]:
        connection, _, answer, receive = quick()
        connection.data_received(answer)
        begun = pieces([2, 2])
        for part in (b"", begun[:4]):
            connection.data_received(part)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(receive(), 0.01)
        connection.data_received(begun[4:] + message(Opcode.TEXT, 1))
        return [await receive(), await receive()]

    assert asyncio.run(main()) == [b"pppp", b"B"]


def test_a_refused_opening_is_the_librarys() -> None:
    """What is no answer to the opening, or a bad one, is never cut."""

    async def main() -> Any:
        connection, _, _, _ = quick()
        connection.data_received(b"HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\n\x81\x02ab")
        connection.connection_lost(None)
        return connection.response

    response = asyncio.run(main())
    assert response.status_code == 403
    assert response.body == b"\x81\x02ab"
