"""A server in a process of its own that always answers the same, so that only the client costs CPU here.

It knows the paths the benchmarks call, counts requests by path, and reads no more of HTTP than it must.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

from benchmarks.payloads import instruments, page

__all__ = ["Server", "running"]

_PAGE = 1000
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TOKEN = re.compile(rb'"pageToken": *"(\d+)"')


class Server:
    """The address of a running server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def counts(self) -> dict[str, int]:
        """Return how often each path was asked for so far."""
        with urllib.request.urlopen(self.url + "/counts") as answer:
            found: dict[str, int] = json.load(answer)
        return found


@contextlib.contextmanager
def running(*, listed: int = 0, token_delay: float = 0.05) -> Iterator[Server]:
    """Start a server that lists so many instruments, and stop it at the end of the block."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.server",
        f"--listed={listed}",
        f"--token-delay={token_delay}",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        try:
            yield Server(process.stdout.readline().strip())
        finally:
            process.terminate()


class _Answers:
    """What each path answers."""

    def __init__(self, listed: int, token_delay: float) -> None:
        self.counts: Counter[str] = Counter()
        self.token_delay = token_delay
        self._listed = listed
        some = instruments(min(listed, _PAGE) or 1)
        self._one = page(some[:1])
        self._head = page(some).removesuffix(b'"nextPageToken":"","eof":true}')

    def answer(self, path: str, body: bytes) -> bytes:
        """Return the body for a request."""
        if path == "/counts":
            return json.dumps(self.counts).encode()
        self.counts[path] += 1
        if path == "/oauth/token":
            return b'{"access_token":"' + b"t" * 800 + b'","token_type":"Bearer","expires_in":86400}'
        if path == "/v1/refdata/instruments":
            return self._page(body)
        return b'{"orderId":"0HV8W5ZK3Q2M"}'

    def _page(self, body: bytes) -> bytes:
        if b'"symbols"' in body:
            return self._one
        found = _TOKEN.search(body)
        start = (int(found[1]) if found else 0) + _PAGE
        if start >= self._listed:
            return self._head + b'"nextPageToken":"","eof":true}'
        return self._head + b'"nextPageToken":"%d","eof":false}' % start


class _Connection(asyncio.Protocol):
    def __init__(self, answers: _Answers) -> None:
        self._answers = answers
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (head := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._buffer, 0, head + 2)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < end:
                return
            path = self._buffer.split(b" ", 2)[1].decode()
            body, self._buffer = self._buffer[head + 4 : end], self._buffer[end:]
            reply = self._answers.answer(path, body)
            if path == "/oauth/token":
                asyncio.get_running_loop().call_later(self._answers.token_delay, self._write, reply)
            else:
                self._write(reply)

    def _write(self, body: bytes) -> None:
        assert self._transport is not None
        head = (
            "HTTP/1.1 200 OK\r\n"
            f"date: {formatdate(usegmt=True)}\r\n"
            "content-type: application/json\r\n"
            "x-request-id: 4bf92f3577b34da6a3ce929d0e0e4736\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)


async def _serve(listed: int, token_delay: float) -> None:
    answers = _Answers(listed, token_delay)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(answers), "127.0.0.1", 0, backlog=4096
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """Print the address and serve until told to end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listed", type=int, default=0)
    parser.add_argument("--token-delay", type=float, default=0.0)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.listed, options.token_delay))


if __name__ == "__main__":
    main()
