"""A PolySimulator in a few lists: two tables of orders, one memory of client order ids, and its own clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from attrs import define, evolve, field

from polyspec.core.effects import Flow, Reply, Request
from polyspec.core.secret import Secret
from polyspec.core.sending import Session
from polyspec.core.sent import SentOrders
from polyspec.errors import TransportError
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.placing import Placing, order_call
from polyspec.polysimulator.session import open_session
from polyspec.polysimulator.ticket import NewOrder, Ticket
from polyspec.polysimulator.turns import Turns
from tests.unit.flows import World

Answer: TypeAlias = Reply | Exception
Handler: TypeAlias = Callable[["Called"], Answer]

HOST: Final = "https://polysim.test"
KEY: Final = "ps_live_" + "ab" * 32
MARKET: Final = "0x" + "aa" * 32
ELSEWHERE: Final = "0x" + "bb" * 32
BROKEN_PIPE: Final = TransportError("the connection broke")


@define
class Called:
    """A request, as the venue saw it."""

    method: str
    path: str
    when: float
    body: bytes
    query: dict[str, str]
    headers: dict[str, str]
    total: float
    """Seconds the client waits for the answer."""

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@define
class Row:
    """An order the venue has."""

    number: int
    source: str
    terms: dict[str, Any]
    """What was asked for."""
    status: str
    made_at: float
    """By the venue's monotonic clock."""
    shown_at: float = 0.0
    """From when lookups show it."""
    filled: str | None = None
    """Shares, if less than it asked for."""

    @property
    def client_order_id(self) -> str | None:
        """Whose it is."""
        found: str | None = self.terms.get("client_order_id")
        return found


def ok(body: Any, **headers: str) -> Reply:
    """Answer 200."""
    return Reply(status=200, headers=_dashed(headers), body=json.dumps(body).encode(), elapsed=0.05)


def no(status: int, code: str, message: str = "no", wait: float | None = None, **more: Any) -> Reply:
    """Refuse in the venue's own words."""
    body = json.dumps({"error": code, "message": message} | more).encode()
    headers = {"x-polysim-code": code} | ({} if wait is None else {"retry-after": f"{wait:g}"})
    return Reply(status=status, headers=headers, body=body, elapsed=0.05)


def page(status: int, text: bytes = b"<html>busy</html>", **headers: str) -> Reply:
    """Answer as some proxy on the way would."""
    return Reply(status=status, headers=_dashed(headers), body=text, elapsed=0.05)


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def an_order(**changes: Any) -> NewOrder:
    """Return an order to buy ten shares at 65 cents, with some fields changed."""
    terms: dict[str, Any] = {
        "market": MARKET, "side": "BUY", "outcome": "Yes", "price": "0.65", "quantity": "10",
    }  # fmt: skip
    return NewOrder(**(terms | changes))


def a_ticket(**changes: Any) -> Ticket:
    """Return the ticket of such an order."""
    return Ticket.of(an_order(**changes), now=1_800_000_000.0)


@define(eq=False)
class Venue:
    """The venue's side of every request; `handlers` replace what it answers to a path."""

    world: World = field(factory=World)
    settings: PolySimulatorSettings = field(factory=lambda: PolySimulatorSettings(pacing=False))
    rows: list[Row] = field(factory=list)
    memory: dict[str, tuple[bytes, dict[str, Any]]] = field(factory=dict)
    """Answers by client order id, with the body they were given to."""
    calls: list[Called] = field(factory=list)
    handlers: dict[str, Handler] = field(factory=dict)
    lists_filled: bool = True
    """Whether the listing shows orders that were filled at once."""
    names: bool = True
    """Whether lookups say whose an order is."""
    rows_per_page: int = 200
    newest_first: bool = True
    mark: str = "ours"
    turns: Turns | None = None
    sent: SentOrders = field(factory=SentOrders)
    session: Session = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.world.handler = self.handle
        self.session = open_session(HOST, Credentials(Secret(KEY)), self.settings, lambda: 0.5)

    # -- the client's side --

    @property
    def placing(self) -> Placing[Any]:
        """The flows of a client of this venue."""
        return Placing(
            session=self.session,
            settle_window=self.settings.settle_window,
            resend=self.settings.resend,
            turns=self.turns,
            mark=lambda: self.mark,
            resolver=self.resolve,
            sent=self.sent,
        )

    def place(self, ticket: Ticket, timeout: float = 15.0) -> Any:
        """Place an order."""
        return self.world.run(self.placing.place(ticket, order_call(ticket), timeout))

    def resolve(self, unknown: Any, timeout: float | None = 60.0) -> Any:
        """Look an order up."""
        return self.world.run(self.placing.resolve(unknown, timeout or 60.0))

    # -- the venue's side --

    def handle(self, request: Request) -> Answer:
        """Answer a request."""
        parts = urlsplit(request.url)
        called = Called(
            request.method,
            parts.path,
            self.world.monotonic,
            request.body or b"",
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            dict(request.headers),
            request.timeout.total,
        )
        self.calls.append(called)
        if (handler := self.handlers.get(f"{called.method} {called.path}")) is not None:
            return handler(called)
        return self.answer(called)

    def answer(self, called: Called) -> Answer:
        """Answer as the venue does when all is well."""
        if called.method == "POST" and called.path == "/v1/orders":
            return self.taken(called.body)
        if called.path == "/v1/orders":
            return self.listed(called)
        if called.path == "/v1/account/history":
            return self.fills(called)
        if called.path.startswith("/v1/orders/") and called.method == "GET":
            return self.one(called)
        return no(404, "NOT_FOUND")

    def posts(self) -> list[Called]:
        """Return the requests that placed orders."""
        return [each for each in self.calls if each.method == "POST"]

    def put(self, terms: dict[str, Any], status: str = "PENDING", delay: float = 0.0) -> Row:
        """Take an order into the table it belongs to."""
        source = "filled" if status == "FILLED" else "pending"
        number = 1 + sum(row.source == source for row in self.rows)
        now = self.world.monotonic
        row = Row(number, source, terms, status, now, now + delay)
        self.rows.append(row)
        return row

    def taken(self, body: bytes, status: str = "PENDING", delay: float = 0.0) -> Reply:
        """Take an order, or answer as the first time."""
        terms = json.loads(body)
        name = terms.get("client_order_id")
        if name in self.memory:
            known, answer = self.memory[name]
            if known != body:
                return no(409, "IDEMPOTENCY_KEY_REUSE")
            return ok(answer | {"is_replay": True})
        if any(row.client_order_id == name for row in self.rows):
            return no(409, "DUPLICATE_CLIENT_ORDER_ID")
        answer = self.told(self.put(terms, status, delay))
        self.memory[name] = body, answer
        return ok(answer)

    def told(self, row: Row) -> dict[str, Any]:
        """Return an order as placing it is answered."""
        terms = row.terms
        quantity = row.filled or terms.get("quantity", "10")
        return {
            "order_id": row.number, "status": row.status, "order_type": terms["order_type"],
            "side": terms["side"], "outcome": terms["outcome"], "price": terms["price"],
            "quantity": quantity, "notional": "6.50", "fee": "0.09" if row.status == "FILLED" else "0.00",
            "client_order_id": row.client_order_id, "account_balance": "9993.41", "is_replay": False,
            "warnings": [],
        }  # fmt: skip

    def shown(self, row: Row) -> dict[str, Any]:
        """Return an order as it is looked up."""
        terms = row.terms
        return {
            "order_id": row.number, "market_id": terms["market_id"], "side": terms["side"],
            "outcome": terms["outcome"], "order_type": terms["order_type"],
            "limit_price": terms["price"] if terms["order_type"] == "limit" else None,
            "quantity": row.filled or terms.get("quantity", "10"), "status": row.status,
            "time_in_force": terms["time_in_force"], "created_at": self.stamp(row.made_at),
        } | ({"client_order_id": row.client_order_id} if self.names else {})  # fmt: skip

    def stamp(self, monotonic: float) -> str:
        """Return a moment as the venue writes it."""
        wall = self.world.wall - (self.world.monotonic - monotonic)
        return datetime.fromtimestamp(wall, UTC).isoformat().replace("+00:00", "Z")

    def visible(self) -> list[Row]:
        """Return what lookups can see."""
        rows = reversed(self.rows) if self.newest_first else self.rows
        return [row for row in rows if row.shown_at <= self.world.monotonic]

    def listed(self, called: Called) -> Reply:
        """List orders by market and page."""
        market = called.query.get("market_id")
        found = [
            row
            for row in self.visible()
            if market in (None, row.terms["market_id"]) and (self.lists_filled or row.source == "pending")
        ]
        start = int(called.query.get("cursor", "0"))
        end = start + self.rows_per_page
        more = end < len(found)
        answer = {"orders": [self.shown(row) for row in found[start:end]], "has_more": more}
        return ok(answer | ({"next_cursor": str(end)} if more else {}))

    def fills(self, called: Called) -> Reply:
        """List fills, which do not say whose they are."""
        rows = [
            row
            for row in self.visible()
            if row.source == "filled"
            and called.query.get("market_id") in (None, row.terms["market_id"])
            and called.query.get("side") in (None, row.terms["side"])
        ]
        start = int(called.query.get("offset", "0"))
        found = [
            {
                "order_id": row.number, "market_id": row.terms["market_id"], "side": row.terms["side"],
                "outcome": row.terms["outcome"], "price": row.terms["price"],
                "quantity": row.filled or row.terms.get("quantity", "10"), "notional": "6.50", "fee": "0.09",
                "status": "FILLED", "filled_at": self.stamp(row.made_at),
            }
            for row in rows[start : start + 200]
        ]  # fmt: skip
        return ok(found)

    def one(self, called: Called) -> Reply:
        """Return one order by its number, of the table asked for or the one of resting orders first."""
        number = int(called.path.rpartition("/")[2])
        source = called.query.get("source")
        for table in ("pending", "filled") if source is None else (source,):
            for row in self.visible():
                if (row.number, row.source) == (number, table):
                    return ok(self.shown(row))
        return no(404, "ORDER_NOT_FOUND")


def client_of(venue: Venue, **options: Any) -> PolySimulatorClient:
    """Return a client whose flows run in the venue's world."""

    class Client(PolySimulatorClient):
        def run(self, flow: Flow[Any]) -> Any:
            return venue.world.run(flow)

    client = Client(KEY, HOST, **({"settings": venue.settings} | options))
    client.session = evolve(client.session, chance=lambda: 0.5)
    return client


def async_client_of(venue: Venue, **options: Any) -> AsyncPolySimulatorClient:
    """Return an asynchronous client whose flows run in the venue's world."""

    class Client(AsyncPolySimulatorClient):
        async def run(self, flow: Flow[Any]) -> Any:
            return venue.world.run(flow)

    client = Client(KEY, HOST, **({"settings": venue.settings} | options))
    client.session = evolve(client.session, chance=lambda: 0.5)
    return client
