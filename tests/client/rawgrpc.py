"""A server of bare HTTP/2 frames: says what no library of gRPC would let a server say."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["DATA", "HEADERS", "RST_STREAM", "frame", "headers", "message", "raw_server", "refusal", "success"]

DATA, HEADERS, RST_STREAM, SETTINGS, PING = 0, 1, 3, 4, 6
_END_STREAM, _END_HEADERS, _ACK = 1, 4, 1
_PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

Answer = Callable[[int], bytes]
"""Returns what is sent in answer to the call on a stream; nothing hangs up."""


def frame(kind: int, stream: int, payload: bytes = b"", flags: int = 0) -> bytes:
    """Return one frame."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def headers(stream: int, *pairs: tuple[str, str], end: bool = False) -> bytes:
    """Return a frame of headers, none of them compressed."""
    block = b"".join(b"\0" + _text(name) + _text(value) for name, value in pairs)
    return frame(HEADERS, stream, block, _END_HEADERS | (_END_STREAM if end else 0))


def _text(text: str) -> bytes:
    data = text.encode("latin-1")
    if len(data) < 127:
        return bytes([len(data)]) + data
    length, rest = b"\x7f", len(data) - 127
    while rest >= 128:
        length, rest = length + bytes([rest % 128 + 128]), rest // 128
    return length + bytes([rest]) + data


def message(stream: int, data: bytes) -> bytes:
    """Return a message in frames of data."""
    data = b"\0" + struct.pack(">I", len(data)) + data
    pieces = [data[start : start + 16_384] for start in range(0, len(data), 16_384)]
    return b"".join(frame(DATA, stream, piece) for piece in pieces)


def refusal(stream: int, code: int, text: str = "", *more: tuple[str, str]) -> bytes:
    """Return a status without any message."""
    said = (("grpc-message", text),) if text else ()
    return headers(
        stream,
        (":status", "200"),
        ("content-type", "application/grpc"),
        ("grpc-status", str(code)),
        *said,
        *more,
        end=True,
    )


def success(stream: int, data: bytes) -> bytes:
    """Return one message and that all is well."""
    begin = headers(stream, (":status", "200"), ("content-type", "application/grpc"))
    return begin + message(stream, data) + headers(stream, ("grpc-status", "0"), end=True)


class Calls(list[int]):
    """The streams on which calls came."""

    def __init__(self) -> None:
        super().__init__()
        self.hung_up = threading.Semaphore(0)
        """Counts the connections that are over."""


@contextmanager
def raw_server(answer: Answer) -> Iterator[tuple[int, Calls]]:
    """Answer calls on a port of its own, and tell which came."""
    calls = Calls()
    lines: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                lines.append(line)
                threading.Thread(target=_serve, args=(line, answer, calls), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1], calls
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for line in lines:
        line.close()


def _serve(line: socket.socket, answer: Answer, calls: Calls) -> None:
    try:
        with line, line.makefile("rb") as reader:
            reader.read(_PREFACE)
            line.sendall(frame(SETTINGS, 0))
            while head := reader.read(9):
                kind, flags, stream = head[3], head[4], struct.unpack(">I", head[5:])[0]
                payload = reader.read(int.from_bytes(head[:3], "big"))
                if kind == SETTINGS and not flags & _ACK:
                    line.sendall(frame(SETTINGS, 0, b"", _ACK))
                elif kind == PING and not flags & _ACK:
                    line.sendall(frame(PING, 0, payload, _ACK))
                elif kind == DATA and flags & _END_STREAM:
                    calls.append(stream)
                    if not (said := answer(stream)):
                        return
                    line.sendall(said)
    except OSError:
        return
    finally:
        calls.hung_up.release()
