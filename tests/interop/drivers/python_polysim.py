"""Drives the three packages of polysim-sdk: its native client, and its mirrors of two of Polymarket's.

What a client answers is told as it is. Asynchronous clients run in a thread of their own, so that their
streams go on between two commands.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from decimal import Decimal
from typing import Any

import polysim_clob_client.clob_types as clob_types
from loop import Refused, sandbox, serve
from polysim_clob_client.client import ClobClient
from polysim_polymarket import AsyncSecureClient, SecureClient, UnexpectedResponseError
from polysim_polymarket.streams import CryptoPricesSpec, MarketSpec, UserSpec
from polysim_sdk import ApiError, AsyncPolySimClient, PolySimClient, PolySimError
from polysim_sdk.pagination import iter_history, iter_markets, iter_orders, iter_settlements
from polysim_sdk.sse import aspot_stream
from polysim_sdk.ws import aexecutions_stream, aprices_stream

_PATIENCE = 20.0
_ITERATORS = {
    "markets": iter_markets,
    "orders": iter_orders,
    "history": iter_history,
    "settlements": iter_settlements,
}
_SPECS = {"market": MarketSpec, "user": UserSpec, "crypto": CryptoPricesSpec}


def _plain(told: Any) -> Any:
    """Return an answer as JSON has it."""
    if hasattr(told, "model_dump"):
        return told.model_dump(mode="json")
    if dataclasses.is_dataclass(told) and not isinstance(told, type):
        return _plain(dataclasses.asdict(told))
    if isinstance(told, Decimal):
        return str(told)
    if isinstance(told, dict):
        return {str(key): _plain(value) for key, value in told.items()}
    if isinstance(told, (list, tuple)):
        return [_plain(each) for each in told]
    return told


def _refusal(error: PolySimError) -> Refused:
    """Say how the peer understood a refusal."""
    told = {
        "code": getattr(error, "code", None),
        "retry_after": getattr(error, "retry_after", None),
        "restriction": type(error).__name__,
    }
    return Refused(error, error.status_code, **told)


def _asked(action: Callable[[], Any]) -> Any:
    try:
        return _plain(action())
    except UnexpectedResponseError:
        # the sandbox answered what the peer cannot read: no refusal but a failure
        raise
    except ApiError as error:
        if error.status_code == 0:
            raise
        raise _refusal(error) from error
    except PolySimError as error:
        raise _refusal(error) from error


class _Stream:
    """What a stream has told so far."""

    def __init__(self, run: Callable[[Coroutine[Any, Any, Any]], Any], source: AsyncIterator[Any]) -> None:
        self._run, self._source = run, source
        self._told: list[Any] = []
        self._news = threading.Condition()
        self._error: BaseException | None = None
        self._task = run(self._start(source))

    async def _start(self, source: AsyncIterator[Any]) -> asyncio.Task[None]:
        return asyncio.create_task(self._listen(source))

    async def _listen(self, source: AsyncIterator[Any]) -> None:
        try:
            async for each in source:
                self._note(_plain(each))
        except Exception as error:
            self._note(None, error)

    def _note(self, told: Any, error: BaseException | None = None) -> None:
        with self._news:
            self._error = error
            self._told.extend([] if error else [told])
            self._news.notify_all()

    def take(self, kind: str, count: int) -> list[Any]:
        """Wait for some events of a kind, and return all there are; raises what ended the stream."""

        def found() -> list[Any]:
            return [each for each in self._told if kind in (each.get("type"), each.get("event"))]

        with self._news:
            self._news.wait_for(lambda: self._error or len(found()) >= count, _PATIENCE)
            if self._error is not None:
                raise self._error
            if len(found()) < count:
                raise AssertionError(f"{len(found())} of {count} {kind} events came, of {self._told}")
            return found()

    def close(self) -> None:
        """Stop listening."""

        async def stop() -> None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            # a generator ends with its task, a subscription of the mirror has a task of its own
            if hasattr(self._source, "close"):
                await self._source.close()

        self._run(stop())


class Driver:
    """One client for each name."""

    def __init__(self) -> None:
        for name in ("POLYSIM_API_KEY", "POLYSIM_BASE_URL"):
            os.environ.pop(name, None)
        told = sandbox("polysimulator")
        self._rest: str = told["rest"]
        self._clients: dict[str, Any] = {}
        self._streams: dict[str, _Stream] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_PATIENCE * 2)

    def connect(self, name: str, kind: str, key: str | None = None) -> None:
        """Open a client of a kind, with a key or without."""

        async def opened() -> Any:
            if kind == "native-async":
                return AsyncPolySimClient(key, self._rest, floor_interval=0)
            return await AsyncSecureClient.create(private_key="0x00", api_key=key, host=self._rest)

        makers: dict[str, Callable[[], Any]] = {
            # its own pauses between requests would hide what happens to several at once
            "native": lambda: PolySimClient(key, self._rest, floor_interval=0),
            "native-async": lambda: self._run(opened()),
            "clob": lambda: ClobClient(self._rest, chain_id=137, key=key),
            "polymarket": lambda: SecureClient(host=self._rest, api_key=key),
            "polymarket-async": lambda: self._run(opened()),
        }
        self._clients[name] = makers[kind]()

    def _called(self, name: str, method: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        found = self._clients[name]
        for part in method.split("."):
            found = getattr(found, part)
        answer = found(*arguments, **named)
        return self._run(answer) if asyncio.iscoroutine(answer) else answer

    def call(self, name: str, method: str, *, arguments: list[Any], named: dict[str, Any]) -> Any:
        """Call a method of a client; its dots lead to namespaces."""
        return _asked(lambda: self._called(name, method, arguments, named))

    def together(self, name: str, method: str, many: list[dict[str, Any]]) -> Any:
        """Call a method of an asynchronous client several times at once."""

        async def all_at_once() -> list[Any]:
            method_ = getattr(self._clients[name], method)
            return list(await asyncio.gather(*(method_(**each) for each in many)))

        return _asked(lambda: self._run(all_at_once()))

    def pages(self, name: str, what: str, page_size: int, **filters: Any) -> Any:
        """Iterate over everything there is of something, a few at a time."""
        return _asked(lambda: list(_ITERATORS[what](self._clients[name], page_size=page_size, **filters)))

    def items(self, name: str, method: str, **named: Any) -> Any:
        """Take all items of a paginator of the mirror."""
        return _asked(lambda: list(getattr(self._clients[name], method)(**named).iter_items()))

    def bootstrap(self, jwt: str, label: str) -> Any:
        """Make the first key of an account."""
        return _asked(lambda: PolySimClient.bootstrap(jwt=jwt, name=label, base_url=self._rest))

    def order(self, name: str, *, market: bool = False, options: Any = None, **fields: Any) -> Any:
        """Make and post an order with the mirror of py-clob-client."""
        client = self._clients[name]

        def posted() -> Any:
            if market:
                kind = clob_types.OrderType(fields.pop("order_type", "FOK"))
                made = client.create_market_order(clob_types.MarketOrderArgs(**fields, order_type=kind))
            else:
                made = client.create_order(clob_types.OrderArgs(**fields))
            return client.post_order(made, **(options or {}))

        return _asked(posted)

    def orders(self, name: str, many: list[dict[str, Any]]) -> Any:
        """Make and post several orders with the mirror of py-clob-client."""
        client = self._clients[name]
        made = [clob_types.PostOrdersArgs(client.create_order(clob_types.OrderArgs(**each))) for each in many]
        return _asked(lambda: client.post_orders(made))

    def quotes(self, name: str, token: str) -> dict[str, Any]:
        """Read everything the mirror of py-clob-client says of the prices of a token."""
        client = self._clients[name]
        both = [clob_types.BookParams(token, "BUY")]

        def read() -> dict[str, Any]:
            return {
                "book": client.get_order_book(token),
                "midpoint": client.get_midpoint(token)["mid"],
                "bid": client.get_price(token, "BUY")["price"],
                "ask": client.get_price(token, "SELL")["price"],
                "spread": client.get_spread(token)["spread"],
                "last": client.get_last_trade_price(token)["price"],
                "tick": client.get_tick_size(token),
                "neg_risk": client.get_neg_risk(token),
                "fee": client.get_fee_rate_bps(token),
                "several": client.get_midpoints(both),
            }

        return dict(_asked(read))

    def placed_together(self, name: str, many: list[dict[str, Any]]) -> Any:
        """Build several limit orders with the mirror of polymarket-client and post them as one batch."""
        client = self._clients[name]
        return _asked(lambda: client.post_orders([client.create_limit_order(**each) for each in many]))

    # -- streams --

    def listen(self, stream: str, name: str, what: str, **named: Any) -> None:
        """Open a stream under a name: one of the native client, or one of the mirror of polymarket-client."""
        client = self._clients[name]
        if what in _SPECS:
            source = self._run(client.subscribe(_SPECS[what](**named)))
        elif what == "prices":
            source = aprices_stream(client, **named)
        elif what == "executions":
            source = aexecutions_stream(client, **named)
        else:
            source = aspot_stream(client, **named)
        self._streams[stream] = _Stream(self._run, source)

    def heard(self, stream: str, kind: str, count: int = 1) -> list[Any]:
        """Wait for events of a stream, and return all there are of that kind."""
        return self._streams[stream].take(kind, count)

    def hang_up(self, stream: str) -> None:
        """Close a stream."""
        self._streams.pop(stream).close()


if __name__ == "__main__":
    serve(Driver())
