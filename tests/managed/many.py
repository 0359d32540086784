"""Do the same thing many times at once, in either colour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.faults.hands import AsyncHands, Hands

__all__ = ["at_once"]


def at_once(hands: Hands, client: Any, works: Sequence[Callable[[Any], Any]]) -> list[Any]:
    """Run every work with the client, all at once; return what they returned or raised, in order."""
    if not isinstance(hands, AsyncHands):
        with ThreadPoolExecutor(len(works)) as pool:
            return [_outcome(each) for each in [pool.submit(work, client) for work in works]]
    plain = client._target

    async def together() -> list[Any]:
        return await asyncio.gather(*(work(plain) for work in works), return_exceptions=True)

    return hands._runner.run(together())


def _outcome(future: Any) -> Any:
    error = future.exception()
    return future.result() if error is None else error
