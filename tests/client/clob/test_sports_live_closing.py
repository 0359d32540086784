"""Streams that watch their peer by the protocol's pings leave no task, no thread and no socket either."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.core.streams.events import Status, StreamState
from tests.client.clob.odd_server import odd_server
from tests.client.colours import nothing_left

WAYS = {
    "sports": lambda client: client.stream.sports(),
    "live": lambda client: client.stream.live("comments"),
}


@pytest.mark.parametrize("channel", WAYS)
def test_closing_leaves_nothing(channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both colours, in the middle of it, while pings go back and forth."""
    for module in ("streams", "streams_async"):
        monkeypatch.setattr(f"polyspec.clob.{module}._ALIVE", {channel: 0.05})

    def listen(socket: Any) -> None:
        for _ in socket:
            pass

    async def main(settings: ClobSettings) -> None:
        async with AsyncClobClient("http://127.0.0.1:9", settings=settings) as client:
            async with WAYS[channel](client) as stream:
                async for each in stream:
                    if isinstance(each, Status) and each.state is StreamState.LIVE:
                        break
                await asyncio.sleep(0.12)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    with nothing_left(), odd_server(listen, greeting="") as server:
        settings = ClobSettings(sports=server.url, live=server.url)
        with ClobClient("http://127.0.0.1:9", settings=settings) as client, WAYS[channel](client) as stream:
            next(each for each in stream if isinstance(each, Status) and each.state is StreamState.LIVE)
        assert stream.state is StreamState.CLOSED
        asyncio.run(main(settings))
