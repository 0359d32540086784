"""Drives the market stream of the venue's own client, as `clob_worker` does its orders.

python -m benchmarks.ws_worker polymarket-client ws://HOST:PORT
"""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from functools import partial

from polymarket import PRODUCTION, AsyncPublicClient
from polymarket._internal.environment import get_environment_config, with_environment_config
from polymarket.streams import MarketSpec

from benchmarks.clob_worker import answer, checked
from benchmarks.ws_terms import TOKENS


class _Stream:
    """polymarket-client, its asynchronous half: there is no other that streams."""

    def __init__(self, url: str) -> None:
        config = dataclasses.replace(get_environment_config(PRODUCTION), clob_market_ws_url=f"{url}/market")
        self._client = AsyncPublicClient(with_environment_config(PRODUCTION, config=config))
        self._runner = asyncio.Runner()

    def receive(self, count: int) -> object:
        """Receive so many messages after the snapshots, as objects."""
        return self._runner.run(self._receive(count))

    async def _receive(self, count: int) -> object:
        handle = await self._client.subscribe(MarketSpec(token_ids=TOKENS))
        left = count + len(TOKENS)
        async for _ in handle:
            left -= 1
            if left <= handle.dropped:
                break
        lost = handle.dropped
        await handle.close()
        # what it throws away it has decoded before, and yet it is to be a few at most
        return checked(lost <= count // 50)


if __name__ == "__main__":
    name, url = sys.argv[1:3]
    answer(partial(_Stream, url), name)
