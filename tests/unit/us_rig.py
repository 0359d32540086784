"""A venue of the US exchange in a few lists: says what it is told to, and owns the clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from polyspec_wire.us_exchange import models as wire

from polyspec.core.effects import Reply, Request
from polyspec.core.pacing import Pacer
from polyspec.core.sending import Session
from polyspec.errors import TimedOut, TransportError
from polyspec.us.fate import Unknown
from polyspec.us.identity import ClientIds
from polyspec.us.instrument import Instrument
from polyspec.us.placing import Placing
from polyspec.us.ticket import NewOrder, request_of
from tests.unit.flows import World

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
        self.world = World(self._answer)
        self.insert: Answer = ok({"orderId": "X1"})
        self.open: Records = []
        self.past: Records = []
        self.executions: Records = []
        self.by_id = True
        """Whether there is an endpoint for a single order."""
        self.broken: dict[str, Answer] = {}
        """What to answer instead, by the end of the path."""
        self.token = ""
        """A next page that the listings claim to have."""
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

    def _answer(self, request: Request) -> Reply | Exception:
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
            return ok({"order": found, "nextPageToken": self.token})
        if path == "executions/search":
            found = [
                each
                for each in _records(self.executions)
                if _asked(each["order"], body) and (not body.get("types") or each["type"] in body["types"])
            ]
            return ok({"executions": found, "nextPageToken": self.token})
        if path.startswith("orders/") and self.by_id:
            for each in self._everything():
                if each["id"] == path.removeprefix("orders/"):
                    return ok({"order": each})
        return no(404, "not found", 5)

    def _everything(self) -> list[dict[str, Any]]:
        return [*_records(self.open), *_records(self.past)]


class _Nobody:
    """Credentials that nobody asks for."""

    def authorise(self, call: Any, body: bytes, deadline: float) -> Any:
        """Add nothing."""
        return {}
        yield

    def refused(self, request: Request) -> bool:
        """Have nothing better."""
        return False


def _records(records: Records) -> Sequence[dict[str, Any]]:
    return records() if callable(records) else records


def _asked(order: dict[str, Any], body: dict[str, Any]) -> bool:
    return all(
        body.get(key) in (None, "", order[name]) for key, name in (("orderId", "id"), ("clordId", "clordId"))
    )


BROKEN_PIPE = TransportError("the connection broke")
