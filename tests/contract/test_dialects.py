"""Both dialects tell the client the same, and the script of the quickstart page runs as it is published."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import positions, refdata, report, trading

from polyspec import Sandbox
from tests.contract.colours import COLOURS, Colour
from tests.contract.judging import answer_findings
from tests.contract.recorder import Recorder
from tests.contract.spec import US
from tests.contract.tour import Tour

DIALECTS = ("current", "quickstart")


# -- the client reads both --


def story(colour: Colour, sandbox: Sandbox) -> dict[str, Any]:
    """Return what the client makes of the answers of a short day of trading."""
    do, symbol = colour.do, sandbox.us.symbols[0]
    client = colour.connect(sandbox, sandbox.asgi)
    placed = do(client.orders.place(symbol, side="BUY", price="0.5", quantity="10", clord_id="a")).unwrap()
    inserted = do(client.send(trading.insert_order(_order(symbol))))
    told: dict[str, Any] = {
        "whoami": do(client.whoami()),
        "accounts": do(client.accounts()),
        "instruments": do(client.iterate(refdata.list_instruments(wire.ListInstrumentsRequest(page_size=5)))),
        "placed": placed.order,
        "inserted": inserted.order_id or inserted.order.id,
        "found": do(client.reports.orders(wire.SearchOrdersRequest(symbol=symbol, page_size=1))),
        "open": do(client.orders.open()),
        "book": do(client.book.get(symbol)),
    }
    do(client.orders.cancel(placed))
    told["cancelled"] = do(client.orders.get(placed))
    told["executions"] = do(client.reports.executions())
    told["balance"] = do(client.balances.get())
    told["position ledger"] = do(client.send(positions.get_position_ledger(account=sandbox.us.account)))
    told["trades"] = do(client.send(report.search_trades(wire.SearchTradesRequest())))
    return told


def _order(symbol: str) -> wire.InsertOrderRequest:
    return wire.InsertOrderRequest(
        symbol=symbol,
        clord_id="b",
        side=wire.Side.SELL,
        type=wire.OrderType.LIMIT,
        time_in_force=wire.TimeInForce.GOOD_TILL_CANCEL,
        order_qty=400,
        price=500,
    )


def timeless(value: Any) -> Any:
    """Return a value as plain data, with moments told apart from no moment but not from each other."""
    if isinstance(value, dt.datetime):
        return "then"
    if isinstance(value, msgspec.Struct):
        return {name: timeless(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [timeless(each) for each in value]
    if hasattr(value, "__attrs_attrs__"):
        return {each.name: timeless(getattr(value, each.name)) for each in value.__attrs_attrs__}
    return value


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
def test_dialects_mean_the_same(kind: type[Colour]) -> None:
    """What the client returns does not depend on the dialect of the answers, down to the last field."""
    told = {}
    for dialect in DIALECTS:
        colour = kind()
        with Sandbox(port=False, quiet=True, rate_limits=False, dialect=dialect) as sandbox:
            told[dialect] = timeless(story(colour, sandbox))
        colour.close()
    assert told["current"]["found"]
    assert told["current"]["trades"]["trade"]
    assert told["quickstart"] == told["current"]


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
def test_everything_works_in_the_quickstart_dialect(kind: type[Colour], tmp_path: Path) -> None:
    """The whole tour passes, and each answer is the spec's with snake_case keys and numbers."""
    colour = kind()
    with Sandbox(port=False, quiet=True, rate_limits=False, dialect="quickstart") as sandbox:
        recorder = Recorder(sandbox.asgi, US)
        Tour(colour, sandbox, recorder, tmp_path).walk()
    colour.close()
    assert {each.operation.id for each in recorder.seen if each.operation} == US.operations.keys()
    for each in recorder.seen:
        assert each.operation is not None
        assert answer_findings(each.operation, each.status, each.answer, "snake") == [], str(each)


# -- the published script --

# As somebody writes it down from the page: its hosts are those of pre-production until they are replaced.
SCRIPT = """
import json, os, sys, time, uuid
from datetime import datetime, timezone
import jwt, requests

API = "https://api.preprod.polymarketexchange.com"
AUTH = "https://pmx-preprod.us.auth0.com"
AUDIENCE = "https://api.preprod.polymarketexchange.com"
CLIENT_ID = "your_client_id"
PRIVATE_KEY_PATH = "private_key.pem"
PARTICIPANT_ID = ""
CUSTOMER = "customer-1"

with open(PRIVATE_KEY_PATH) as file:
    private_key = file.read()
now = int(time.time())
claims = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": f"{AUTH}/oauth/token", "iat": now, "exp": now + 300,
          "jti": str(uuid.uuid4())}
response = requests.post(f"{AUTH}/oauth/token", headers={"Content-Type": "application/json"}, json={
    "client_id": CLIENT_ID,
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": jwt.encode(claims, private_key, algorithm="RS256"),
    "audience": AUDIENCE,
    "grant_type": "client_credentials",
})
response.raise_for_status()
token = response.json()
assert token["token_type"] == "Bearer"
headers = {"Authorization": f"Bearer {token['access_token']}", "Content-Type": "application/json"}

response = requests.get(f"{API}/v1/whoami", headers={"Authorization": headers["Authorization"]})
response.raise_for_status()
who = response.json()

if PARTICIPANT_ID:
    headers["x-participant-id"] = PARTICIPANT_ID


def post(path, body, headers=headers):
    response = requests.post(f"{API}{path}", headers=headers, json=body)
    if response.status_code != 200:
        sys.exit(f"{path}: {response.status_code} {response.text}")
    return response.json()


def order_for(symbol, price_scale):
    return {
        "clord_id": f"quickstart-{uuid.uuid4()}",
        "symbol": symbol,
        "side": "SIDE_BUY",
        "type": "ORDER_TYPE_LIMIT",
        "time_in_force": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
        "order_qty": 10,
        "price": int(0.50 * price_scale),
    }


found = post("/v1/refdata/instruments", {"tradable_filter": "TRADABLE_FILTER_TRADABLE", "page_size": 5})
instruments = found["instruments"]
symbol = instruments[0]["symbol"]
price_scale = instruments[0].get("price_scale", 100)
balance = post("/v1/positions/balance", {})

result = post("/v1/trading/orders", order_for(symbol, price_scale))
order_id, state = result["order"]["id"], result["order"]["state"]

response = post("/v1/report/orders/search", {"symbols": [symbol], "state_filter": "ORDER_STATE_FILTER_OPEN"})
listed = [(order["id"], order["price"] / price_scale, order["order_qty"]) for order in response["orders"]]
cancelled = post("/v1/trading/orders/cancel", {"order_id": order_id})
response = post("/v1/report/orders/search", {"symbols": [symbol], "state_filter": "ORDER_STATE_FILTER_OPEN"})
left = [order["id"] for order in response["orders"]]

case = post("/v1/kyc/start", {
    "external_id": CUSTOMER,
    "ssn": "123456789",
    "first_name": "Jane",
    "last_name": "Doe",
    "date_of_birth": "1990-01-15",
    "email": "jane@example.com",
    "phone_number": "+12025551234",
    "address": {"address_line_1": "1 Main Street", "city": "New York", "state": "NY",
                "postal_code": "10001", "country": "US"},
    "agreement": {"version": "PMX.ISV.SANDBOX.v1.0", "signed_at": datetime.now(timezone.utc).isoformat()},
    "ip_address": "203.0.113.7",
}, {name: value for name, value in headers.items() if name != "x-participant-id"})
decision = case["status"]["decision"]
participant = case.get("participant_id")
deadline = time.time() + 10
while not participant and time.time() < deadline:
    time.sleep(0.1)
    response = requests.get(f"{API}/v1/kyc/status", headers=headers, params={"external_id": CUSTOMER})
    response.raise_for_status()
    participant = response.json().get("participant_id")
theirs = {**headers, "x-participant-id": participant}
bought = post("/v1/trading/orders", order_for(symbol, price_scale), theirs)
seen = post("/v1/report/orders/search", {"symbols": [symbol]}, theirs)
post("/v1/trading/orders/cancel", {"order_id": bought["order"]["id"]}, theirs)
print(json.dumps({
    "user": who["user"], "symbol": symbol, "price_scale": price_scale, "balance": balance["balance"],
    "order_id": order_id, "state": state, "listed": listed, "cancelled": cancelled, "left": left,
    "decision": decision, "participant": participant, "seen": [order["id"] for order in seen["orders"]],
    "bought": bought["order"]["id"],
}))
"""


def run_page(us: dict[str, Any], base: str, audience: str, participant: str = "") -> dict[str, Any]:
    """Run the script with its hosts and credentials replaced, and return what it printed."""
    text = SCRIPT
    for written, meant in (
        ('AUDIENCE = "https://api.preprod.polymarketexchange.com"', f"AUDIENCE = {audience!r}"),
        ("https://api.preprod.polymarketexchange.com", base),
        ("https://pmx-preprod.us.auth0.com", base),
        ("your_client_id", us["client_id"]),
        ("private_key.pem", us["private_key_path"]),
        ('PARTICIPANT_ID = ""', f"PARTICIPANT_ID = {participant!r}"),
    ):
        assert written in text
        text = text.replace(written, meant)
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    if "ca" in us:
        environment["REQUESTS_CA_BUNDLE"] = us["ca"]
    ran = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


@pytest.fixture(params=["http", "https"])
def quickstart(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox as the page's reader starts it: rate limits, market maker and all."""
    with Sandbox(dialect="quickstart", tls=request.param == "https") as sandbox:
        yield sandbox


def assert_story(us: dict[str, Any], told: dict[str, Any]) -> None:
    """Fail unless a run of the script saw what the page tells."""
    assert told["symbol"] in us["symbols"]
    assert told["state"] == "ORDER_STATE_NEW"
    assert told["listed"] == [[told["order_id"], 0.5, 10]]
    assert told["left"] == []
    assert told["decision"] == "ACCEPT"
    assert told["participant"] not in ("", us["participant_id"])
    assert told["seen"] == [told["bought"]]


@pytest.mark.parametrize("header", [False, True], ids=["without-participant", "with-participant"])
@pytest.mark.parametrize("audience", ["told", "rest"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_page_runs(quickstart: Sandbox, host: str, audience: str, header: bool) -> None:
    """The page's script works under both names of the host, with either audience, with the header or not."""
    us = quickstart.describe()["us_exchange"]
    parts = urlsplit(us["rest"])
    base = f"{parts.scheme}://{host}:{parts.port}"
    told = run_page(us, base, us["audience"] if audience == "told" else base, header * us["participant_id"])
    assert_story(us, told)


@pytest.mark.parametrize("options", [(), ("--tls", "--quiet")], ids=["plain", "tls"])
def test_page_runs_against_the_command(options: tuple[str, ...], tmp_path: Path) -> None:
    """The line `polyspec sandbox` prints is all the page's reader needs, from a file-backed sandbox too."""
    command = [sys.executable, "-m", "polyspec.cli", "sandbox", "--dialect", "quickstart", *options]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            [*command, "--db", str(tmp_path / "sandbox.db")], stdout=subprocess.PIPE, stderr=log, text=True
        ) as sandbox,
    ):
        assert sandbox.stdout is not None
        try:
            us = json.loads(sandbox.stdout.readline())["us_exchange"]
            assert_story(us, run_page(us, us["rest"], us["audience"]))
        finally:
            sandbox.terminate()
        assert sandbox.wait(10) == 0
        assert sandbox.stdout.read() == ""
