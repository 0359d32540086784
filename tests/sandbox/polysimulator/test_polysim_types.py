"""Answers of the sandbox are of the types the specification says, and need none of its leniency."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest
from fakefeed import BILL, MARKETS, MILLION, RAIN
from polyspec_wire.polysimulator import OPERATIONS, models
from sim_door import Door

from polyspec.core.typed import decoder

YES = MARKETS[0].token_ids[0]
READS = {
    "Account_GetBalance": "/v1/account/balance",
    "Account_GetEquity": "/v1/account/equity",
    "Account_GetHistory": "/v1/account/history",
    "Account_GetPortfolio": "/v1/account/portfolio",
    "Account_GetPositions": "/v1/account/positions",
    "Account_GetProfileAnalysis": "/v1/account/profile-analysis",
    "Account_GetSettlements": "/v1/account/settlements",
    "Books_GetFeeRate": f"/v1/fee-rate?token_id={YES}",
    "Books_GetLastTradePrice": f"/v1/last-trade-price?token_id={YES}",
    "Books_GetMidpoint": f"/v1/midpoint?token_id={YES}",
    "Books_GetOrderBook": f"/v1/book?token_id={YES}",
    "Books_GetPrice": f"/v1/price?token_id={YES}&side=BUY",
    "Books_GetPricesHistory": f"/v1/prices-history?market={YES}",
    "Books_GetServerTime": "/v1/time",
    "Books_GetSpread": f"/v1/spread?token_id={YES}",
    "Books_GetTickSize": f"/v1/tick-size/{YES}",
    "Health_GetStatus": "/v1/status",
    "Health_HealthCheck": "/v1/health",
    "Health_HealthLive": "/v1/health/live",
    "Health_HealthReady": "/v1/health/ready",
    "Identity_GetCohortStatus": "/api/beta/cohort-status",
    "Identity_GetMe": "/v1/me",
    "Keys_GetTiers": "/v1/keys/tiers",
    "Keys_ListKeys": "/v1/keys",
    "Markets_GetCandles": f"/v1/markets/{RAIN}/candles",
    "Markets_GetMarket": f"/v1/markets/{RAIN}?include_book=true",
    "Markets_GetMarketBook": f"/v1/markets/{RAIN}/book",
    "Markets_GetMarketBySlug": "/v1/markets/by-slug/rain-tomorrow",
    "Markets_GetMarketByToken": f"/v1/markets-by-token/{YES}",
    "Markets_ListEvents": "/v1/events",
    "Wallets_ListWallets": "/v1/me/wallets",
}


@pytest.fixture(scope="module")
def traded() -> Iterator[Door]:
    """An account with something of everything."""
    with closing(Door()) as door:
        door.trade(RAIN, "10")
        door.trade(BILL, "10")
        door.trade(RAIN, "10", "0.30", order_type="limit")
        door.feed.resolve(BILL, (MILLION, 0))
        door.pass_time(2)
        yield door


def unknown(value: Any, plain: Any, where: str = "") -> list[str]:
    """Return the fields of a JSON value that its type does not know."""
    if isinstance(value, list):
        return [
            each for number, item in enumerate(value) for each in unknown(item, plain[number], f"{where}[]")
        ]
    if not isinstance(value, msgspec.Struct):
        return []
    names = {each.encode_name: each.name for each in msgspec.structs.fields(value)}
    strange = [f"{where}.{name}" for name in plain if name not in names]
    for name in plain.keys() & names.keys():
        strange += unknown(getattr(value, names[name]), plain[name], f"{where}.{name}")
    return strange


@pytest.mark.parametrize("operation_id", sorted(READS))
def test_an_answer_is_of_its_type(traded: Door, operation_id: str) -> None:
    """What is answered decodes into the first type of its status, field for field."""
    answer = traded.send("GET", READS[operation_id])
    kind = OPERATIONS[operation_id].success[answer.status_code]
    first = kind[0] if isinstance(kind, tuple) else kind
    value = decoder(first).decode(answer.content)
    assert unknown(value, answer.json()) == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/account/positions?envelope=true", models.PositionPage),
        ("/v1/account/history?envelope=true", models.TradeHistoryPage),
        ("/v1/markets?envelope=true", models.MarketPage),
        ("/v1/markets", list[models.MarketSummary]),
    ],
)
def test_an_envelope_is_of_its_type(traded: Door, path: str, kind: Any) -> None:
    """Both forms of a list decode into their types."""
    answer = traded.send("GET", path)
    assert unknown(decoder(kind).decode(answer.content), answer.json()) == []


def test_writes_answer_in_their_types(door: Door) -> None:
    """Keys, wallets and resets too, with the statuses of the specification."""
    number = door.post("/v1/keys", {})["id"]
    made = door.send("POST", "/v1/me/wallets", json={"kind": "SANDBOX"}).json()["id"]
    for operation_id, method, path, body in (
        ("Keys_CreateKey", "POST", "/v1/keys", {"name": "a"}),
        ("Keys_RenameKey", "PATCH", f"/v1/keys/{number}", {"name": "b"}),
        ("Keys_RotateKey", "POST", f"/v1/keys/{number}/rotate", None),
        ("Keys_RevokeKey", "DELETE", f"/v1/keys/{number}", None),
        ("Keys_CreateWsToken", "POST", "/v1/keys/ws-token", None),
        ("Account_ResetApiBalance", "POST", "/v1/account/reset-api-balance", None),
        ("Wallets_CreateWallet", "POST", "/v1/me/wallets", {"kind": "SANDBOX"}),
        ("Wallets_RenameWallet", "PATCH", f"/v1/me/wallets/{made}", {"label": "b"}),
        ("Wallets_GetWallet", "GET", f"/v1/me/wallets/{made}", None),
        ("Wallets_ResetWallet", "POST", f"/v1/me/wallets/{made}/reset", None),
        ("Wallets_ArchiveWallet", "DELETE", f"/v1/me/wallets/{made}", None),
        ("Markets_GetBatchPrices", "POST", "/v1/prices/batch", {"market_ids": [RAIN]}),
        ("Books_GetOrderBooks", "POST", "/v1/books", [{"token_id": YES}]),
    ):
        answer = door.send(method, path, json=body)
        kind = OPERATIONS[operation_id].success[answer.status_code]
        assert unknown(decoder(kind).decode(answer.content), answer.json()) == [], operation_id


@pytest.mark.parametrize("path", ["/v1/markets/0x00", "/v1/markets?limit=x", "/v1/keys/999/rotate"])
def test_a_refusal_is_of_its_type(traded: Door, path: str) -> None:
    """Errors are ApiError of every form, and their codes are known ones."""
    method = "POST" if path.endswith("rotate") else "GET"
    for verbose in ("false", "true"):
        answer = traded.send(method, path, headers={"X-Polysim-Verbose": verbose})
        value = decoder(models.ApiError).decode(answer.content)
        assert unknown(value, answer.json()) == []
        assert answer.headers["x-polysim-code"] in set(models.ErrorCode)
