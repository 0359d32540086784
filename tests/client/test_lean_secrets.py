"""Errors of our own connections give nothing away of what went over them."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from polyspec.core.effects import Request
from polyspec.errors import PolyspecError
from polyspec.io.http_async import AsyncHttp
from polyspec.io.options import HttpOptions
from tests.client.colours import Open
from tests.client.rawserver import Peer, RawServer, after_request, answer, sends
from tests.unit.calls import a_request

_HUSH = "hush-5e1f0c"
_BODY = b'{"key":"hush-5e1f0c"}' * 20
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 600\r\nx-key: hush-5e1f0c\r\n\r\n"

FAULTS: dict[str, Callable[[Peer, int], None]] = {
    "reset": after_request(Peer.reset),
    "close": after_request(Peer.close),
    "cut": after_request(sends(_HEAD + _BODY[:300]), Peer.close),
    "hang": after_request(sends(_HEAD), Peer.hang),
    "garbage": after_request(sends(_BODY)),
    "bad header": after_request(sends(_HEAD[:-2] + b"x y: hush-5e1f0c\r\n\r\n")),
    "too large": after_request(sends(answer(_BODY * 40))),
    "badly packed": after_request(sends(answer(_BODY, "200 OK", "content-encoding: gzip"))),
    "packed and cut": after_request(
        sends(answer(gzip.compress(_BODY)[:20], "200 OK", "content-encoding: gzip"))
    ),
}


@pytest.fixture
def lean() -> bool:
    """Send over connections of our own only."""
    return True


def _secret(url: str, **options: Any) -> Request:
    plain = a_request(url, total=0.5)
    headers = options.get("headers", (("authorization", _HUSH),))
    return Request(plain.method, url, headers, _BODY, plain.timeout, "write")


def _shown(error: BaseException) -> str:
    """Return all that a crash reporter could find: messages, and locals of frames, of the whole chain."""
    chain, text = [error], []
    for each in chain:
        text.append(f"{each!r} {each.args!r} {vars(each)!r}")
        frame = each.__traceback__
        while frame is not None:
            if "/tests/" not in frame.tb_frame.f_code.co_filename:
                text.append(repr(frame.tb_frame.f_locals))
            frame = frame.tb_next
        chain += [one for one in (each.__cause__, each.__context__) if one is not None and one not in chain]
    return "\n".join(text)


@pytest.mark.parametrize("fault", FAULTS)
def test_errors_tell_nothing(fault: str, opened: Open) -> None:
    """Neither headers nor bodies, of either direction, are in an error or in the frames it came through."""
    server = opened(FAULTS[fault])
    with pytest.raises(PolyspecError) as caught:
        opened(max_body=1000).send(_secret(server.url))
    assert _HUSH not in _shown(caught.value)
    assert _HUSH.encode() in server.requests[0].body


@pytest.mark.parametrize(
    "header", [("x-key", f"{_HUSH}\n"), ("x-key", f"{_HUSH}\u00fc"), (" x", _HUSH), ("host", _HUSH)]
)
def test_refusals_tell_nothing(header: tuple[str, str], opened: Open) -> None:
    """A header that is refused is not shown, nor are those beside it."""
    with pytest.raises(PolyspecError) as caught:
        opened().send(_secret("http://127.0.0.1:9/", headers=(("authorization", _HUSH), header)))
    assert _HUSH not in _shown(caught.value)


def test_cancelled_tasks_tell_nothing() -> None:
    """The frames of a request that was cancelled do not show it."""

    async def main(url: str) -> BaseException:
        http = AsyncHttp(HttpOptions())
        task = asyncio.create_task(http.send(_secret(url)))
        await asyncio.sleep(0.1)
        task.cancel()
        [outcome] = await asyncio.gather(task, return_exceptions=True)
        await http.aclose()
        assert isinstance(outcome, asyncio.CancelledError)
        return outcome

    with RawServer(after_request(sends(_HEAD), Peer.hang)) as server:
        assert _HUSH not in _shown(asyncio.run(main(server.url)))
