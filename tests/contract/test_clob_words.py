"""The sandbox's CLOB refuses in the venue's own words, for the causes the venue names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from polyspec.sandbox import Sandbox
from tests.contract.clob_words import NEVER_SAID, ROWS
from tests.contract.judging import answer_findings
from tests.contract.spec import CLOB
from tests.sandbox.clob.clob_door import Door

UNKNOWN = "0x" + "1" * 64
ADDRESS = "0x" + "1" * 40
DAY = "2026-10-01"


class Stage:
    """Two traders and a book with both sides."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.door, self.other = Door(sandbox), Door(sandbox, 1)
        self.token = self.door.venue.token_ids[0]
        self.market = self.door.world.listing_of(self.token).condition_id
        for side, price in (("BUY", "0.40"), ("SELL", "0.60")):
            self.other.place(side, price, "100")

    def close(self) -> None:
        """Close what the traders have open."""
        self.door.close()
        self.other.close()

    # -- what causes refusals --

    def open(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Ask without a signature."""
        return self.door.raw(method, path, params=query, json=body)

    def signed(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Ask with a level-2 signature."""
        return self.door.send(method, path, body, params=query)

    def order(self, *args: Any, **options: Any) -> httpx.Response:
        """Place an order that is refused."""
        return self.door.post_order(*args, **options)

    def orders(self, **options: Any) -> httpx.Response:
        """Place a batch of one that is refused."""
        beside = {name: options.pop(name) for name in ("owner",) if name in options}
        return self.door.send("POST", "/orders", [self.door.sent(self.door.order(**options), **beside)])

    @contextmanager
    def mode(self, **modes: Any) -> Iterator[None]:
        """Have the venue in a mode for a while."""
        self.door.control("POST", "modes", modes)
        try:
            yield
        finally:
            normal = {"trading": "normal", "banned": [], "closed_only": []}
            self.door.control("POST", "modes", normal)

    def while_(self, ask: Callable[[], httpx.Response], **modes: Any) -> httpx.Response:
        """Ask while the venue is in a mode."""
        with self.mode(**modes):
            return ask()

    def paused(self) -> httpx.Response:
        """Place an order in a market that is not open."""
        path = f"markets/{self.market}"
        self.door.control("POST", path, {"status": "paused"})
        try:
            return self.order()
        finally:
            self.door.control("POST", path, {"status": "open"})

    def failing(self, path: str, body: Any, **fault: Any) -> httpx.Response:
        """Ask with a fault in the way."""
        operation = CLOB.find("POST", path)
        assert operation is not None
        assert self.door.creds
        self.door.venue.faults.add(operation=operation.id, **fault)
        return self.signed("POST", path, body)

    def twice(self) -> httpx.Response:
        """Place the same order twice."""
        order = self.door.sent(self.door.order())
        self.door.post("/order", order)
        return self.signed("POST", "/order", order)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A quiet sandbox with two traders."""
    with Sandbox(venues=["clob"], port=False, quiet=True, rate_limits=False) as sandbox:
        made = Stage(sandbox)
        yield made
        made.close()


Cause = Callable[[Stage], httpx.Response]
CAUSES: dict[str, Cause] = {}

# -- books and terms: one token --

for path, words in {
    "/book": "No orderbook exists for the requested token id",
    "/midpoint": "No orderbook exists for the requested token id",
    "/spread": "No orderbook exists for the requested token id",
    "/price": "No orderbook exists for the requested token id",
    "/fee-rate": "fee rate not found for market",
    "/tick-size": "market not found",
    "/neg-risk": "market not found",
    "/last-trade-price": "",
}.items():
    CAUSES[f"GET {path} 400 Invalid token id"] = lambda s, path=path: s.open(
        "GET", path, token_id="x", side="BUY"
    )
    if words:
        CAUSES[f"GET {path} 404 {words}"] = lambda s, path=path: s.open(
            "GET", path, token_id="12", side="BUY"
        )
    if words and not words.startswith("No"):
        of = f"GET {path}/{{token_id}}"
        CAUSES[f"{of} 400 Invalid token id"] = lambda s, path=path: s.open("GET", f"{path}/x")
        CAUSES[f"{of} 404 {words}"] = lambda s, path=path: s.open("GET", f"{path}/12")

# -- books and terms: many tokens --

for path in ("/books", "/midpoints", "/prices", "/last-trades-prices"):
    CAUSES[f"GET {path} 400 Invalid payload"] = lambda s, path=path: s.open("GET", path, token_ids=s.token)
for path in ("/books", "/midpoints", "/prices", "/spreads", "/last-trades-prices"):
    CAUSES[f"POST {path} 400 Invalid payload"] = lambda s, path=path: s.open("POST", path, [{"side": "BUY"}])

# -- restricted trading --

DISABLED = "Trading is currently disabled. Check polymarket.com for updates"
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
CANCELS: dict[str, Cause] = {
    "DELETE /order": lambda s: s.signed("DELETE", "/order", {"orderID": UNKNOWN}),
    "DELETE /orders": lambda s: s.signed("DELETE", "/orders", [UNKNOWN]),
    "DELETE /cancel-all": lambda s: s.signed("DELETE", "/cancel-all"),
    "DELETE /cancel-market-orders": lambda s: s.signed(
        "DELETE", "/cancel-market-orders", {"market": UNKNOWN}
    ),
}
ENTRIES: dict[str, Cause] = {"POST /order": Stage.order, "POST /orders": Stage.orders}
for name, ask in {**CANCELS, **ENTRIES}.items():
    CAUSES[f"{name} 503 {DISABLED}"] = lambda s, ask=ask: s.while_(lambda: ask(s), trading="disabled")
for name, ask in ENTRIES.items():
    CAUSES[f"{name} 503 {CANCEL_ONLY}"] = lambda s, ask=ask: s.while_(lambda: ask(s), trading="cancel_only")
    CAUSES[f"{name} 400 '{{address}}' address banned"] = lambda s, ask=ask: s.while_(
        lambda: ask(s), banned=[s.door.address]
    )
    CAUSES[f"{name} 400 '{{address}}' address in closed only mode"] = lambda s, ask=ask: s.while_(
        lambda: ask(s), closed_only=[s.door.address]
    )
for name, ask in {"POST /order": Stage.order, "DELETE /order": CANCELS["DELETE /order"]}.items():
    CAUSES[f"{name} 425 {{restarting}}"] = lambda s, ask=ask: s.while_(lambda: ask(s), restart=60)

# -- account and rewards --

for method, path in (("GET", ""), ("PUT", ""), ("GET", "/update")):
    name = f"{method} /balance-allowance{path}"
    CAUSES[f"{name} 400 Invalid asset type"] = lambda s, name=name: s.signed(
        *name.split(), asset_type="MONEY"
    )
    CAUSES[f"{name} 400 Invalid signature_type"] = lambda s, name=name: s.signed(
        *name.split(), asset_type="COLLATERAL", signature_type="4"
    )
for path in ("/rewards/user", "/rewards/user/total", "/rewards/user/percentages", "/rewards/user/markets"):
    for words, query in {
        "Invalid date (format: YYYY-MM-DD)": {"date": "2026-13-01"},
        "Invalid signature_type": {"signature_type": "x"},
        "Invalid maker_address": {"maker_address": "0x1"},
    }.items():
        row = f"GET {path} 400 {words}"
        if row in ROWS:
            CAUSES[row] = lambda s, path=path, query=query: s.signed("GET", path, **{"date": DAY, **query})
for path in ("/rewards/markets/current", "/rewards/markets/multi", "/rewards/markets/{condition_id}"):
    CAUSES[f"GET {path} 400 Invalid next_cursor"] = lambda s, path=path: s.open(
        "GET", path.replace("{condition_id}", s.market), next_cursor="LTE="
    )

CAUSES |= {
    # -- placing --
    "POST /order 400 Invalid order payload": lambda s: s.signed("POST", "/order", {"order": {}}),
    "POST /order 400 the order owner has to be the owner of the API KEY": lambda s: s.order(owner="me"),
    "POST /order 400 the order signer address has to be the address of the API KEY": lambda s: s.order(
        signer=s.other.address
    ),
    "POST /order 400 order_version_mismatch": lambda s: s.order(version=3),
    "POST /order 400 order {id} is invalid. Price ({price}) breaks minimum tick size rule: {tick}": (
        lambda s: s.order(price="0.405")
    ),
    "POST /order 400 order {id} is invalid. Size ({size}) lower than the minimum: {least}": (
        lambda s: s.order(size="4")
    ),
    "POST /order 400 order {id} is invalid. Duplicated.": Stage.twice,
    "POST /order 400 invalid post-only order: order crosses book": (
        lambda s: s.order(price="0.60", postOnly=True)
    ),
    "POST /order 400 not enough balance / allowance": lambda s: s.order(size="90000"),
    "POST /order 400 invalid expiration": lambda s: s.order(
        order_type="GTD", expiration=str(s.door.now + 60)
    ),
    "POST /order 400 order couldn't be fully filled. FOK orders are fully filled or killed.": (
        lambda s: s.order(price="0.60", size="500", order_type="FOK")
    ),
    "POST /order 400 no orders found to match with FAK order. {explained}": (
        lambda s: s.order(price="0.50", size="100", order_type="FAK")
    ),
    "POST /order 400 the market is not yet ready to process new orders": Stage.paused,
    "POST /order 429 Too Many Requests": lambda s: s.failing("/order", {}, kind="rate_limit"),
    "POST /order 500 could not insert order": lambda s: s.failing("/order", {}, kind="status", status=500),
    "POST /order 500 order timed out": lambda s: s.failing(
        "/order", {}, kind="status", status=500, message="order timed out"
    ),
    "POST /order 503 post-only mode: only post-only orders and cancels are allowed": lambda s: s.while_(
        s.order, post_only=60
    ),
    "POST /orders 400 Invalid order payload": lambda s: s.signed("POST", "/orders", [{}]),
    "POST /orders 400 Too many orders in payload: {many}, max allowed: {most}": lambda s: s.signed(
        "POST", "/orders", [s.door.sent(s.door.order())] * 16
    ),
    "POST /orders 400 the order owner has to be the owner of the API KEY": lambda s: s.orders(owner="me"),
    "POST /orders 400 the order signer address has to be the address of the API KEY": lambda s: s.orders(
        signer=s.other.address
    ),
    "POST /orders 500 could not insert order": lambda s: s.failing("/orders", [], kind="status", status=500),
    # -- cancelling --
    "DELETE /order 400 Invalid orderID": lambda s: s.signed("DELETE", "/order", {"orderID": "0x1"}),
    "DELETE /order 400 Invalid order payload": lambda s: s.signed("DELETE", "/order", {}),
    "DELETE /orders 400 Invalid orderID": lambda s: s.signed("DELETE", "/orders", ["0x1"]),
    "DELETE /orders 400 Invalid order payload": lambda s: s.signed("DELETE", "/orders", {}),
    "DELETE /orders 400 Too many orders in payload, max allowed: 1000": lambda s: s.signed(
        "DELETE", "/orders", [f"0x{number:064x}" for number in range(1001)]
    ),
    "DELETE /cancel-market-orders 400 Invalid order payload": lambda s: s.signed(
        "DELETE", "/cancel-market-orders", {}
    ),
    # -- looking up --
    "GET /data/orders 400 invalid order params payload": lambda s: s.signed(
        "GET", "/data/orders", market="rain"
    ),
    "GET /data/orders 401 Unauthorized/Invalid api key": lambda s: s.open("GET", "/data/orders"),
    "GET /data/order/{orderID} 400 Invalid orderID": lambda s: s.signed("GET", "/data/order/0x1"),
    "GET /data/order/{orderID} 404 Order not found": lambda s: s.signed("GET", f"/data/order/{UNKNOWN}"),
    "GET /data/trades 400 Invalid trade params payload": lambda s: s.signed(
        "GET", "/data/trades", maker_address="0x1"
    ),
    "GET /builder/trades 400 invalid builder trade params": lambda s: s.open(
        "GET", "/builder/trades", builder_code="0x1"
    ),
    "GET /order-scoring 400 Invalid order_id": lambda s: s.signed("GET", "/order-scoring", order_id="0x1"),
    "GET /orders-scoring 400 Invalid payload": lambda s: s.signed("GET", "/orders-scoring"),
    "GET /orders-scoring 400 Invalid orderID": lambda s: s.signed("GET", "/orders-scoring", order_ids="0x1"),
    "POST /orders-scoring 400 Invalid payload": lambda s: s.signed("POST", "/orders-scoring", {}),
    "POST /orders-scoring 400 Invalid orderID": lambda s: s.signed("POST", "/orders-scoring", ["0x1"]),
    "POST /v1/heartbeats 400 Invalid Heartbeat ID": lambda s: s.signed(
        "POST", "/v1/heartbeats", {"heartbeat_id": "x"}
    ),
    # -- prices --
    "GET /price 400 Invalid side": lambda s: s.open("GET", "/price", token_id=s.token, side="LONG"),
    "POST /prices 400 Invalid side": lambda s: s.open(
        "POST", "/prices", [{"token_id": s.token, "side": "LONG"}]
    ),
    "POST /last-trades-prices 400 Payload exceeds the limit": lambda s: s.open(
        "POST", "/last-trades-prices", [{"token_id": s.token}] * 501
    ),
    "GET /prices-history 400 startTs is required": lambda s: s.open(
        "GET", "/prices-history", market=s.token, endTs=5
    ),
    "GET /prices-history 400 invalid fidelity: {fidelity}": lambda s: s.open(
        "GET", "/prices-history", market=s.token, interval="1m", fidelity=1
    ),
    "GET /prices-history 400 interval is too long": lambda s: s.open(
        "GET", "/prices-history", market=s.token, startTs=s.door.now * 1000
    ),
    "GET /ohlc 400 asset_id is required": lambda s: s.open("GET", "/ohlc", startTs=1),
    "GET /ohlc 400 startTs is required": lambda s: s.open("GET", "/ohlc", asset_id=s.token),
    "GET /ohlc 400 limit cannot exceed 1000": lambda s: s.open(
        "GET", "/ohlc", asset_id=s.token, startTs=1, limit=1001
    ),
    "GET /orderbook-history 400 startTs is required": lambda s: s.open(
        "GET", "/orderbook-history", market=s.market
    ),
    "GET /orderbook-history 400 either market or asset_id must be provided": lambda s: s.open(
        "GET", "/orderbook-history", startTs=1
    ),
    "GET /orderbook-history 400 limit cannot exceed 1000": lambda s: s.open(
        "GET", "/orderbook-history", asset_id=s.token, startTs=1, limit=1001
    ),
    # -- keys --
    "POST /auth/api-key 400 Could not create api key": lambda s: s.door.raw(
        "POST", "/auth/api-key", headers=s.other.level1()
    ),
    "POST /auth/api-key 401 Invalid L1 Request headers": lambda s: s.open("POST", "/auth/api-key"),
    "GET /auth/derive-api-key 400 Could not derive api key!": lambda s: s.door.raw(
        "GET", "/auth/derive-api-key", headers=s.door.level1(99)
    ),
    "GET /auth/derive-api-key 401 Invalid L1 Request headers": lambda s: s.open(
        "GET", "/auth/derive-api-key"
    ),
    "DELETE /auth/builder-api-key 400 Invalid revoke builder api key body": lambda s: s.signed(
        "DELETE", "/auth/builder-api-key"
    ),
    # -- account and rewards --
    "GET /notifications 400 Invalid signature_type": lambda s: s.signed("GET", "/notifications"),
    "DELETE /notifications 400 Invalid ids": lambda s: s.signed("DELETE", "/notifications", ids="all"),
    "GET /rewards/markets/{condition_id} 400 Invalid market": lambda s: s.open(
        "GET", f"/rewards/markets/{UNKNOWN}"
    ),
    "GET /rewards/markets/multi 400 Invalid order_by": lambda s: s.open(
        "GET", "/rewards/markets/multi", order_by="taste"
    ),
    "GET /rewards/markets/multi 400 Invalid position": lambda s: s.open(
        "GET", "/rewards/markets/multi", position="UP"
    ),
    "GET /rebates/current 400 Invalid date": lambda s: s.open(
        "GET", "/rebates/current", date="today", maker_address=ADDRESS
    ),
    "GET /rebates/current 400 Invalid maker_address": lambda s: s.open(
        "GET", "/rebates/current", date=DAY, maker_address="me"
    ),
}


def test_every_documented_refusal_is_caused_or_explained() -> None:
    """Nothing of the documentation is left out, and nothing is excused that can be caused."""
    assert len(ROWS) == len(set(ROWS))
    assert set(ROWS) == CAUSES.keys() | NEVER_SAID.keys()
    assert not CAUSES.keys() & NEVER_SAID.keys()


@pytest.mark.parametrize("row", CAUSES)
def test_refusals_are_in_the_venues_words(stage: Stage, row: str) -> None:
    """A cause the documentation names is answered with its status and text, in the shape of the spec."""
    method, path, status, words = row.split(" ", 3)
    answer = CAUSES[row](stage)
    operation = CLOB.find(method, answer.request.url.raw_path.decode().partition("?")[0])
    assert operation is not None
    assert operation.path == path
    assert answer.status_code == int(status), answer.text
    assert answer_findings(operation, answer.status_code, answer.content) == []
    told = answer.json().get("error", answer.json().get("error_msg"))
    pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(words))
    # reasons may be followed by the numbers they are about
    assert re.match(f"{pattern}($|[:.])", told), told
    if status == "503" and "post-only" in words:
        assert answer.json()["code"] == "post_only_mode"
        assert answer.headers["retry-after"] == str(answer.json()["retry_after_seconds"])


BATCHED = [
    row
    for row in CAUSES
    # the causes of the others are no single order
    if row.startswith("POST /order 400 ") and not row.endswith(("payload", "Duplicated.", "new orders"))
]


@pytest.mark.parametrize("row", BATCHED)
def test_entries_of_batches_are_refused_in_the_same_words(stage: Stage, row: str) -> None:
    """What refuses one order refuses it in a batch: as a whole with the same answer, or by its entry."""
    sent: list[Any] = []
    send = stage.door.send

    def batched(method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        if (method, path) == ("POST", "/order"):
            sent.append(body)
            return send(method, "/orders", [body], **options)
        return send(method, path, body, **options)

    stage.door.send = batched  # type: ignore[method-assign]
    try:
        answer = CAUSES[row](stage)
    finally:
        del stage.door.send  # type: ignore[method-assign]
    assert len(sent) == 1
    pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(row.split(" ", 3)[3]))
    told = answer.json()[0]["errorMsg"] if answer.status_code == 200 else answer.json()["error"]
    assert re.match(pattern, told), answer.text
    assert answer_findings(CLOB.operations["Orders_PostOrders"], answer.status_code, answer.content) == []
