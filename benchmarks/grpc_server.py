"""A market data server that only replays: what it sends was made before, byte for byte.

    python -m benchmarks.grpc_server COUNT

Prints its port, and serves until its input ends.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc

from polyspec.us.protos import ours

__all__ = ["LEVELS", "SYMBOL", "TALK"]

SYMBOL: Final = "aec-nba-00001-2026-01-15"
TALK: Final = ("MarketDataSubscriptionAPI", "BiDirectionalStreamMarketData")
LEVELS: Final = 10
"""Of a side."""
_SCALES: Final = {"price_scale": 100, "quantity_scale": 1}
_START: Final = 1_763_700_000


def _update(message: Any, number: int) -> bytes:
    update = message.update
    update.symbol, update.state = SYMBOL, 1
    for level in range(LEVELS):
        update.bids.add(px=50 - level, qty=1_000 + 17 * level + number % 900)
        update.offers.add(px=51 + level, qty=900 + 31 * level + number % 700)
    for name in ("open_px", "high_px", "low_px", "last_trade_px", "shares_traded"):
        setattr(update.stats, name, 40 + number % 20)
    update.transact_time.FromNanoseconds(_START * 10**9 + number * 1_000_000)
    found: bytes = message.SerializeToString()
    return found


def _acknowledged(message: Any) -> bytes:
    ack = message.subscription_ack
    ack.symbols_added.append(SYMBOL)
    ack.active_symbols.append(SYMBOL)
    ack.symbol_scales.add(symbol=SYMBOL, **_SCALES)
    found: bytes = message.SerializeToString()
    return found


class _Replay(grpc.GenericRpcHandler):
    """Answers every subscription with the same updates, and keeps the stream open after them."""

    def __init__(self, count: int) -> None:
        talk = ours().rpc(*TALK)
        self._path = talk.path
        self._acknowledged = _acknowledged(talk.response())
        self._updates = [_update(talk.response(), number) for number in range(count)]

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Return what handles a call."""
        if handler_call_details.method != self._path:
            return None
        return grpc.stream_stream_rpc_method_handler(self._talk)

    def _talk(self, requests: Iterable[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        del context
        asked = iter(requests)
        next(asked)
        yield self._acknowledged
        yield from self._updates
        # until who asked has had enough
        for _ in asked:
            pass


def main() -> None:
    """Serve until the input ends."""
    server = grpc.server(ThreadPoolExecutor(4), [_Replay(int(sys.argv[1]))])
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()
    server.stop(None).wait()


if __name__ == "__main__":
    main()
