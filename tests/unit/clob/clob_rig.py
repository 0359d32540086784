"""A CLOB in a few lists: says what it is told to, and owns the clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import parse_qs, urlsplit

from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.credentials import ApiCreds
from polyspec.clob.fate import Unknown
from polyspec.clob.order import SignedOrder
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.placing import Placing, Posting
from polyspec.clob.posting import posting_of
from polyspec.clob.signers import LocalSigner
from polyspec.clob.wallets import choose_wallet
from polyspec.core.effects import Do, Effect, Flow, Reply, Request
from polyspec.core.pacing import Pacer
from polyspec.core.sending import Session
from polyspec.errors import TimedOut, TransportError
from tests.unit.clob.checks import ADDRESSES, KEYS, OWNER, TOKEN
from tests.unit.flows import World

Answer: TypeAlias = Reply | Exception | Callable[[Request], "Reply | Exception"]
Records: TypeAlias = "Sequence[dict[str, Any]] | Callable[[], Sequence[dict[str, Any]]]"

HOST: Final = "https://clob.test"
SIGNER: Final = LocalSigner.from_key(KEYS[0])
ACCOUNT: Final = choose_wallet(SIGNER.address, 137, None, None)
SIGNERS: Final = OrderSigner(SIGNER, ACCOUNT, 137, 2, False)
SECRET: Final = "c2VjcmV0LXRoYXQtbm9ib2R5LXNob3VsZC1zZWU="
PASSPHRASE: Final = "a-passphrase-nobody-should-see"
CREDS: Final = ApiCreds(OWNER, SECRET, PASSPHRASE)
MARKET: Final = "0x" + "ab" * 32
ELSE: Final = "0x" + "ee" * 32
"""The id of nobody's order."""
_salts = count(1)


class Called(NamedTuple):
    """A request, as the venue saw it."""

    method: str
    path: str
    when: float
    body: bytes
    query: dict[str, list[str]]
    headers: dict[str, str]


class ClobWorld(World):
    """Does foreign work at once, too."""

    def answer(self, effect: Effect) -> Any:
        """Perform one effect."""
        return effect.work() if isinstance(effect, Do) else super().answer(effect)


def ok(body: Any) -> Reply:
    """Answer 200."""
    return Reply(status=200, headers={}, body=json.dumps(body).encode(), elapsed=0.05)


def no(status: int, message: str = "no", headers: dict[str, str] | None = None, **more: Any) -> Reply:
    """Refuse in the venue's own words."""
    body = json.dumps({"error": message} | more).encode()
    return Reply(status=status, headers=headers or {}, body=body, elapsed=0.05)


def page(status: int, text: bytes = b"<html>busy</html>", headers: dict[str, str] | None = None) -> Reply:
    """Answer as some proxy on the way would."""
    return Reply(status=status, headers=headers or {}, body=text, elapsed=0.05)


def told(order_id: str = "", text: str = "", *, success: bool = True, **more: Any) -> dict[str, Any]:
    """Return what the venue says of one order."""
    status = "live" if order_id and not text else ""
    known = {"errorMsg": text, "orderID": order_id, "takingAmount": "", "makingAmount": "", "status": status}
    return known | {"success": success, "transactionsHashes": [], "tradeIDs": []} | more


def signed(now: float = 1_800_000_000.0, signer: OrderSigner = SIGNERS, **changes: Any) -> SignedOrder:
    """Return an order to buy ten shares at 52 cents, with some fields changed."""
    fields: dict[str, Any] = {
        "token_id": TOKEN, "side": "BUY", "maker_amount": 5_200_000, "taker_amount": 10_000_000,
        "timestamp_ms": int(now * 1000), "salt": next(_salts),
    }  # fmt: skip
    return signer.sign(signer.order(**(fields | changes)))


def posting(order: SignedOrder | None = None, order_type: str | None = None, **terms: Any) -> Posting:
    """Return an order with the terms it is posted on."""
    known = {"owner": OWNER, "post_only": False, "defer_exec": False} | terms
    return posting_of(order or signed(), order_type=order_type, **known)


def record(order: SignedOrder, **changes: Any) -> dict[str, Any]:
    """Return an order as the venue lists it."""
    known = {
        "id": order.order_id, "status": "ORDER_STATUS_LIVE", "owner": OWNER, "maker_address": order.maker,
        "market": MARKET, "asset_id": order.token_id, "side": order.side, "original_size": "10",
        "size_matched": "0", "price": "0.52", "outcome": "Yes", "expiration": "0", "order_type": "GTC",
        "associate_trades": [], "created_at": 1_800_000_000,
    }  # fmt: skip
    return known | changes


def trade(taker: str, makers: Sequence[tuple[str, str]] = (), **changes: Any) -> dict[str, Any]:
    """Return a trade as the venue lists it; makers are ids with what was matched of them."""
    known = {
        "id": "t1", "taker_order_id": taker, "market": MARKET, "asset_id": TOKEN, "side": "BUY",
        "size": "10", "fee_rate_bps": "0", "price": "0.52", "status": "TRADE_STATUS_MATCHED",
        "match_time": "1800000000", "last_update": "1800000000", "outcome": "Yes", "bucket_index": 0,
        "owner": OWNER, "maker_address": ADDRESSES[0], "trader_side": "TAKER",
        "maker_orders": [
            {
                "order_id": order_id, "owner": OWNER, "maker_address": ADDRESSES[0], "side": "BUY",
                "matched_amount": amount, "price": "0.52", "fee_rate_bps": "0", "asset_id": TOKEN,
                "outcome": "Yes",
            }
            for order_id, amount in makers
        ],
    }  # fmt: skip
    return known | changes


def in_turn(*answers: Answer) -> Answer:
    """Give one answer after the other, and the last for ever."""
    left = list(answers)

    def handle(request: Request) -> Reply | Exception:
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer if isinstance(answer, Reply | Exception) else answer(request)

    return handle


def book(token: str = TOKEN, **changes: Any) -> Reply:
    """Answer with the book of a token: asks of 100 shares at 52 and 60 cents, bids at 48 and 40."""
    known = {
        "market": MARKET, "asset_id": token, "timestamp": "1800000000000", "hash": "h",
        "bids": [{"price": price, "size": "100"} for price in ("0.40", "0.48")],
        "asks": [{"price": price, "size": "100"} for price in ("0.60", "0.52")],
        "min_order_size": "5", "tick_size": "0.01", "neg_risk": False,
    }  # fmt: skip
    return ok(known | changes)


def details(rate: float = 0.05, exponent: float = 1, **changes: Any) -> Reply:
    """Answer with what trading the market needs, its fees among it."""
    known = {"t": [], "mos": 5, "mts": 0.01, "fd": {"r": rate, "e": exponent, "to": True}}
    return ok(known | changes)


def builder(taker: int, maker: int = 0) -> Reply:
    """Answer with what a builder takes, in basis points."""
    return ok({"builder_maker_fee_rate_bps": maker, "builder_taker_fee_rate_bps": taker})


class Venue:
    """Answers orders and lookups from lists."""

    def __init__(self, *, pacing: bool = False) -> None:
        self.world = ClobWorld(self.answer)
        self.post: Answer = self.take
        self.batch: Answer = self.take_all
        self.listed: Records = []
        """The orders that can be read."""
        self.trades: Records = []
        self.more = False
        """Whether the trades claim to have another page."""
        self.version = 2
        self.broken: dict[str, Answer] = {}
        """What to answer instead, by path without ids."""
        self.session = Session(
            base_url=HOST, authority=_Nobody(), chance=lambda: 0.5, pacer=Pacer(enabled=pacing)
        )
        self.calls: list[Called] = []
        self.requests: list[Request] = []
        self.forgotten: list[str] = []
        self.replaced: list[Posting] = []
        self.key: str | None = OWNER

    # -- what is tested --

    def placing(self, **changes: Any) -> Placing[Any]:
        """Return the flows of a client of this venue."""
        known: dict[str, Any] = {
            "session": self.session,
            "settle_window": 5.0,
            "resend": True,
            "resolver": lambda unknown, timeout: self.resolve(unknown, timeout or 30.0),
            "forget": self.forgotten.append,
            "resign": _unchanged,
            "replaced": self.replaced.append,
            "key": lambda: self.key,
        }
        return Placing(**(known | changes))

    def place(self, sent: Posting | None = None, *, timeout: float = 15.0, **changes: Any) -> Any:
        """Place one order."""
        return self.world.run(self.placing(**changes).place(sent or posting(), timeout))

    def place_many(self, sent: Sequence[Posting], *, timeout: float = 15.0, **changes: Any) -> Any:
        """Place several orders in one request."""
        return self.world.run(self.placing(**changes).place_many(sent, timeout))

    def resolve(self, unknown: Unknown[Any], timeout: float = 30.0) -> Any:
        """Look an order up."""
        return self.world.run(self.placing().resolve(unknown, timeout))

    # -- what was asked --

    @property
    def posts(self) -> list[bytes]:
        """What was sent as orders."""
        return [
            each.body for each in self.calls if each.method == "POST" and each.path in ("order", "orders")
        ]

    def times(self, path: str) -> list[float]:
        """When a path was asked."""
        return [each.when for each in self.calls if each.path == path]

    # -- how it answers --

    def take(self, request: Request) -> Reply:
        """Take an order, and list it."""
        self.listed = [*_records(self.listed), record_of(request)]
        return ok(told(_records(self.listed)[-1]["id"]))

    def take_all(self, request: Request) -> Reply:
        """Take the orders of a batch, and list them."""
        found = records_of(request)
        self.listed = [*_records(self.listed), *found]
        return ok([told(each["id"]) for each in found])

    def lost(self, error: Exception | None = None, *, meanwhile: Callable[[], Any] | None = None) -> Answer:
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
        path, _, order_id = parts.path.lstrip("/").partition("/0x")
        headers = {name.lower(): value for name, value in request.headers}
        called = Called(
            request.method, path, self.world.monotonic, request.body or b"", parse_qs(parts.query), headers
        )
        self.calls.append(called)
        self.requests.append(request)
        found = self.broken.get(path) or self._found(called, "0x" + order_id)
        return found if isinstance(found, Reply | Exception) else found(request)

    def _found(self, called: Called, order_id: str) -> Answer:
        if called.method == "POST" and called.path in ("order", "orders"):
            return self.post if called.path == "order" else self.batch
        if called.path == "data/order":
            known = {each["id"]: each for each in _records(self.listed)}
            return ok(known[order_id]) if order_id in known else no(404, "Order not found")
        if called.path == "data/trades":
            wanted = [each for each in _records(self.trades) if _selected(each, called.query)]
            return ok({"data": wanted, "next_cursor": f"c{len(self.calls)}" if self.more else "LTE="})
        if called.path == "version":
            return ok({"version": self.version})
        return no(404, "no such page")


def _selected(each: dict[str, Any], query: dict[str, list[str]]) -> bool:
    """Filter as the venue does: by the taker's token."""
    return int(each["match_time"]) >= int(query.get("after", ["0"])[0]) and (
        query.get("asset_id", [each["asset_id"]])[0] == each["asset_id"]
    )


def record_of(request: Request) -> dict[str, Any]:
    """Return the record of an order that was sent."""
    return _record(json.loads(request.body or b"{}"))


def records_of(request: Request) -> list[dict[str, Any]]:
    """Return the records of a batch that was sent."""
    return [_record(each) for each in json.loads(request.body or b"[]")]


def _record(sent: dict[str, Any]) -> dict[str, Any]:
    return record(order_in(sent), order_type=sent["orderType"])


def order_in(sent: dict[str, Any], signer: OrderSigner = SIGNERS) -> SignedOrder:
    """Read an order back from the JSON it was sent as, its id from what was signed."""
    body = sent["order"]
    unsigned = signer.order(
        body["tokenId"],
        body["side"],
        int(body["makerAmount"]),
        int(body["takerAmount"]),
        timestamp_ms=int(body["timestamp"]),
        salt=body["salt"],
        expiration=int(body["expiration"]),
        metadata=body["metadata"],
        builder=body["builder"],
    )
    return signer.finish(unsigned, body["signature"])


class Wire:
    """Stands where connections are opened, and opens none."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    def send(self, request: Request) -> Reply:
        """Answer from the venue."""
        reply = self.venue.answer(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def close(self) -> None:
        """Close nothing."""


class AsyncWire(Wire):
    """The same for the other colour."""

    async def send(self, request: Request) -> Reply:  # type: ignore[override]
        """Answer from the venue."""
        return Wire.send(self, request)

    async def aclose(self) -> None:
        """Close nothing."""


SETTINGS: Final = ClobSettings(pacing=False)


def client_of(venue: Venue, **known: Any) -> ClobClient:
    """Return a client of this venue."""
    client = ClobClient(**({"host": HOST, "key": KEYS[0], "creds": CREDS, "settings": SETTINGS} | known))
    client._http = Wire(venue)  # type: ignore[assignment]
    return client


def async_client_of(venue: Venue, **known: Any) -> AsyncClobClient:
    """Return an asynchronous client of this venue."""
    client = AsyncClobClient(**({"host": HOST, "key": KEYS[0], "creds": CREDS, "settings": SETTINGS} | known))
    client._http = AsyncWire(venue)  # type: ignore[assignment]
    return client


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


def _unchanged(postings: Sequence[Posting], deadline: float) -> Flow[list[Posting | None]]:
    return [None for _ in postings]
    yield


def _records(records: Records) -> Sequence[dict[str, Any]]:
    return records() if callable(records) else records


BROKEN_PIPE: Final = TransportError("the connection broke")
