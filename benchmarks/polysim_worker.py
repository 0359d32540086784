"""Drives PolySimulator's own SDK in an environment of its own, as `clob_worker` does the clients of the CLOB.

    python -m benchmarks.polysim_worker polysim-sdk URL

The SDK leaves 50 ms between any two requests, which is set to none, and measured as it comes too.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial

import httpx
from polysim_sdk import AsyncPolySimClient, PolySimClient
from polysim_sdk._http import safe_json, unwrap_list

from benchmarks import polysim_terms as terms
from benchmarks.clob_worker import answer, checked

_ORDER = {
    "market_id": terms.MARKET,
    "side": terms.SIDE,
    "outcome": terms.OUTCOME,
    "quantity": terms.QUANTITY,
    "order_type": "limit",
    "price": terms.PRICE,
    "time_in_force": "GTC",
}


class _Sdk:
    """polysim_sdk, its native clients."""

    def __init__(self, url: str) -> None:
        self._paced = PolySimClient(terms.API_KEY, url)
        self._client = PolySimClient(terms.API_KEY, url, floor_interval=0.0)
        self._async = AsyncPolySimClient(terms.API_KEY, url, floor_interval=0.0)
        self._runner = asyncio.Runner()
        self._listing = terms.page(terms.LISTED)

    def place(self) -> object:
        """Place one order, blocking, as fast as it can."""
        return checked(self._client.place_order(**_ORDER)["status"] == "FILLED")

    def place_as_installed(self) -> object:
        """Place one order, blocking, at its own pace."""
        return checked(self._paced.place_order(**_ORDER)["status"] == "FILLED")

    def place_in_turn(self, count: int) -> object:
        """Place orders one after the other, asynchronous."""
        return self._runner.run(self._placed(count, 1))

    def place_at_once(self, count: int) -> object:
        """Place orders, some of them at once."""
        return self._runner.run(self._placed(count, terms.WIDTH))

    def read(self) -> object:
        """Read a listing out of its answer."""
        found = unwrap_list(safe_json(httpx.Response(200, content=self._listing)), keys=("markets", "items"))
        return checked(len(found) == terms.LISTED)

    async def _placed(self, count: int, width: int) -> None:
        async def some() -> None:
            for _ in range(count // width):
                checked((await self._async.place_order(**_ORDER))["status"] == "FILLED")

        await asyncio.gather(*(some() for _ in range(width)))


if __name__ == "__main__":
    name, url = sys.argv[1:3]
    answer(partial(_Sdk, url), name)
