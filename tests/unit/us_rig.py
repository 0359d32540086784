"""A venue of the US exchange in a few lists: says what it is told to, and owns the clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
from polyspec_wire.us_exchange import models as wire

from polyspec.core.effects import Reply, Request
from polyspec.core.pacing import Pacer
from polyspec.core.sending import Session
from polyspec.errors import TimedOut, TransportError
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.client import UsExchangeClient
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Environment, Settings
from polyspec.us.fate import Unknown
from polyspec.us.identity import ClientIds
from polyspec.us.instrument import Instrument
from polyspec.us.placing import Placing
from polyspec.us.ticket import NewOrder, request_of
from tests.unit.flows import World

T = TypeVar("T")

_NUMBER = count()

Answer: TypeAlias = Reply | Exception | Callable[[Request], "Reply | Exception"]
Records: TypeAlias = "Sequence[dict[str, Any]] | Callable[[], Sequence[dict[str, Any]]]"

ME = "firms/f/users/me"
SYMBOL = "tec-test"


def market(symbol: str = SYMBOL, **changes: Any) -> wire.Instrument:
    """Return an instrument of cents and hundredths of contracts, with some fields changed."""
    known: dict[str, Any] = {
        "symbol": symbol,
        "tick_size": Decimal("0.01"),
        "price_scale": 100,
        "fractional_qty_scale": 100,
        "minimum_trade_qty": 1,
        "state": wire.InstrumentState.OPEN,
        "price_limit": wire.PriceLimit(low=1, high=99, low_set=True, high_set=True),
    }
    return wire.Instrument(**(known | changes))


def instrument(symbol: str = SYMBOL, **changes: Any) -> Instrument:
    """Return the same, read."""
    return Instrument.of(market(symbol, **changes))


def ok(body: Any) -> Reply:
    """Answer 200."""
    return Reply(status=200, headers={}, body=json.dumps(body).encode(), elapsed=0.05)


def no(status: int, message: str = "no", code: int = 3) -> Reply:
    """Refuse in the venue's own words."""
    return Reply(
        status=status, headers={}, body=json.dumps({"code": code, "message": message}).encode(), elapsed=0.05
    )


def page(status: int, text: bytes = b"<html>busy</html>") -> Reply:
    """Answer as some proxy on the way would."""
    return Reply(status=status, headers={}, body=text, elapsed=0.05)


def stamp(wall: float) -> str:
    """Write unix time as the venue does."""
    return datetime.fromtimestamp(wall, UTC).isoformat()


class Venue:
    """Answers order entry and reports from lists."""

    def __init__(self, *, pacing: bool = False) -> None:
        self.world = World(self.answer)
        self.insert: Answer = ok({"orderId": "X1"})
        self.open: Records = []
        self.past: Records = []
        self.executions: Records = []
        self.instruments: list[wire.Instrument] = [market()]
        self.by_id = True
        """Whether there is an endpoint for a single order."""
        self.broken: dict[str, Answer] = {}
        """What to answer instead, by the end of the path."""
        self.more: set[str] = set()
        """Which listings claim to have another page."""
        self.session = Session(
            base_url="https://api.test",
            authority=_Nobody(),
            chance=lambda: 0.5,
            pacer=Pacer(enabled=pacing),
        )
        self.ids = ClientIds()
        self.forgotten: list[str] = []
        self.calls: list[tuple[str, float, Any]] = []
        """End of the path, monotonic time and body or query of every request."""

    def placing(self, *, participant: str = ME, settle_window: float = 5.0) -> Placing[Any]:
        """Return the flows of a client of this venue."""
        return Placing(
            session=self.session,
            ids=self.ids,
            origin=participant,
            participant=participant,
            settle_window=settle_window,
            resolver=lambda unknown, timeout: self.resolve(unknown, timeout or 30.0),
            forget=self.forgotten.append,
        )

    def place(
        self,
        order: NewOrder | None = None,
        *,
        clord_id: str = "c1",
        confirm: bool = True,
        timeout: float = 15.0,
    ) -> Any:
        """Place an order for ten at 50 cents, or the order given."""
        order = order or NewOrder(market=SYMBOL, side="BUY", price="0.50", quantity=10, clord_id=clord_id)
        body = request_of(order, instrument(), account="a", now=self.world.wall)
        return self.world.run(self.placing().place(body, instrument(), confirm=confirm, timeout=timeout))

    def resolve(self, unknown: Unknown[Any], timeout: float = 30.0) -> Any:
        """Look an order up."""
        return self.world.run(self.placing().resolve(unknown, instrument(), timeout))

    def record(self, clord_id: str = "c1", **changes: Any) -> dict[str, Any]:
        """Return an order as the venue tells it, made now."""
        known = {
            "id": "X1",
            "clordId": clord_id,
            "symbol": SYMBOL,
            "side": "SIDE_BUY",
            "state": "ORDER_STATE_NEW",
            "orderQty": "1000",
            "leavesQty": "1000",
            "price": "50",
            "priceScale": "100",
            "fractionalQuantityScale": "100",
            "createTime": stamp(self.world.wall),
        }
        return known | changes

    @property
    def inserts(self) -> int:
        """How many times orders were sent."""
        return sum(path in ("orders", "orders/list", "orders/cross") for path, _, _ in self.calls)

    def times(self, path: str) -> list[float]:
        """When an endpoint was asked."""
        return [when for called, when, _ in self.calls if called == path]

    def lost(self, error: Exception | None = None, *, meanwhile: Callable[[], None] | None = None) -> Answer:
        """Take a request in, do `meanwhile`, and never answer."""

        def hang(request: Request) -> Exception:
            if meanwhile is not None:
                meanwhile()
            if error is not None:
                return error
            self.world.pass_time(request.timeout.total)
            return TimedOut("no answer in time")

        return hang

    def answer(self, request: Request) -> Reply | Exception:
        """Answer a request."""
        parts = urlsplit(request.url)
        path = parts.path.removeprefix("/v1/trading/").removeprefix("/v1/report/")
        body = json.loads(request.body) if request.body else parse_qs(parts.query)
        self.calls.append((path, self.world.monotonic, body))
        answer = self.broken.get(path) or self._listed(request, path, body)
        return answer if isinstance(answer, Reply | Exception) else answer(request)

    def _listed(self, request: Request, path: str, body: Any) -> Answer:
        if request.method == "POST" and path in ("orders", "orders/list", "orders/cross"):
            return self.insert
        if path == "orders/open":
            return ok({"orders": list(_records(self.open))})
        if path == "orders/search":
            found = [each for each in self._everything() if _asked(each, body)]
            return ok({"order": found, "nextPageToken": "t" if path in self.more else ""})
        if path == "executions/search":
            found = [
                each
                for each in _records(self.executions)
                if _asked(each["order"], body) and (not body.get("types") or each["type"] in body["types"])
            ]
            return ok({"executions": found, "nextPageToken": "t" if path in self.more else ""})
        if path == "/v1/refdata/instruments":
            wanted = body.get("symbols", [])
            found = [each for each in self.instruments if not wanted or each.symbol in wanted]
            return Reply(200, {}, _NUMBERS.encode({"instruments": found, "eof": True}), 0.05)
        if path.startswith("orders/cancel") or path == "orders/replace":
            return ok({})
        if path.startswith("orders/") and self.by_id:
            for each in self._everything():
                if each["id"] == path.removeprefix("orders/"):
                    return ok({"order": each})
        return no(404, "not found", 5)

    def _everything(self) -> list[dict[str, Any]]:
        return [*_records(self.open), *_records(self.past)]


ENVIRONMENT = Environment("test", "https://api.test", "https://auth.test/oauth/token", "https://api.test")


def credentials(environment: Environment = ENVIRONMENT, client_id: str = "client") -> PrivateKeyJwt:
    """Return credentials that sign nothing."""
    return PrivateKeyJwt(
        client_id=client_id,
        token_url=environment.token_url,
        audience=environment.audience,
        fingerprint=f"sha256:{next(_NUMBER)}",
        sign=lambda _: b"signature",
    )


class Wire:
    """Stands where connections are opened, and opens none."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.requests: list[Request] = []
        self.tokens = 0
        self.closed = 0
        self.file: Iterable[bytes | Exception] = ()
        """The body of a download; an exception breaks it off."""
        self.status = 200

    def send(self, request: Request) -> Reply:
        """Answer from the venue, or give a token."""
        if request.url == ENVIRONMENT.token_url:
            self.tokens += 1
            return ok({"access_token": f"token-{self.tokens}", "expires_in": 180, "token_type": "Bearer"})
        self.requests.append(request)
        reply = self.venue.answer(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @contextmanager
    def stream(self, request: Request) -> Iterator[Any]:
        """Open the download."""
        self.requests.append(request)
        yield httpx.Response(self.status, content=self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        for chunk in self.file:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    def close(self) -> None:
        """Count how often connections are closed."""
        self.closed += 1

    def bodies(self, path: str) -> list[Any]:
        """Return what was sent to an endpoint."""
        return [json.loads(each.body or b"{}") for each in self.requests if urlsplit(each.url).path == path]


class AsyncWire(Wire):
    """The same for the other colour."""

    async def send(self, request: Request) -> Reply:  # type: ignore[override]
        """Answer from the venue, or give a token."""
        return Wire.send(self, request)

    async def aclose(self) -> None:
        """Count how often connections are closed."""
        self.close()


def client_of(venue: Venue, **known: Any) -> tuple[UsExchangeClient, Wire]:
    """Return a client of this venue, and what stands for its connections."""
    chosen = {"participant_id": ME, "account": "a", "settings": Settings(pacing=False)} | known
    client, wire_ = UsExchangeClient(credentials(), ENVIRONMENT, **chosen), Wire(venue)
    client._http = wire_  # type: ignore[assignment]
    return client, wire_


def async_client_of(venue: Venue, **known: Any) -> tuple[AsyncUsExchangeClient, AsyncWire]:
    """Return an asynchronous client of this venue."""
    chosen = {"participant_id": ME, "account": "a", "settings": Settings(pacing=False)} | known
    client, wire_ = AsyncUsExchangeClient(credentials(), ENVIRONMENT, **chosen), AsyncWire(venue)
    client._http = wire_  # type: ignore[assignment]
    return client, wire_


def by_hand(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing but its turn."""
    for _ in range(1000):
        try:
            coroutine.send(None)
        except StopIteration as stop:
            result: T = stop.value
            return result
    raise AssertionError("the coroutine does not end")


class _Nobody:
    """Credentials that nobody asks for."""

    def authorise(self, call: Any, body: bytes, deadline: float) -> Any:
        """Add nothing."""
        return {}
        yield

    def advice(self, request: Request) -> str:
        """Have none."""
        return ""

    def refused(self, request: Request) -> bool:
        """Have nothing better."""
        return False


def _records(records: Records) -> Sequence[dict[str, Any]]:
    return records() if callable(records) else records


def _asked(order: dict[str, Any], body: dict[str, Any]) -> bool:
    return all(
        body.get(key) in (None, "", order[name]) for key, name in (("orderId", "id"), ("clordId", "clordId"))
    )


_NUMBERS = msgspec.json.Encoder(decimal_format="number")

BROKEN_PIPE = TransportError("the connection broke")
