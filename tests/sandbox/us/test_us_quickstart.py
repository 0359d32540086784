"""The published quickstart, step by step, by plain requests against a real port."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests  # noqa: TID251 - a stranger's client is the point
from cryptography.hazmat.primitives import serialization

from polyspec.sandbox import Sandbox


def access_token(us: dict[str, Any]) -> str:
    """Get a token as the published script does."""
    private_key = serialization.load_pem_private_key(Path(us["private_key_path"]).read_bytes(), password=None)
    now = int(time.time())
    claims = {
        "iss": us["client_id"],
        "sub": us["client_id"],
        "aud": us["token_url"],
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
    }
    answer = requests.post(
        us["token_url"],
        json={
            "client_id": us["client_id"],
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, private_key, algorithm="RS256"),
            "audience": us["audience"],
            "grant_type": "client_credentials",
        },
        timeout=10,
        verify=us.get("ca", True),
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def quickstart(us: dict[str, Any]) -> list[str]:
    """Run the story in the quickstart dialect and return the states the order went through."""
    base, verify = us["rest"], us.get("ca", True)
    session = requests.Session()
    # a bundle named in the environment would go before the sandbox's own authority
    session.trust_env = False
    session.verify = verify
    session.headers.update(
        {"Authorization": f"Bearer {access_token(us)}", "Content-Type": "application/json"}
    )

    def post(path: str, body: dict[str, Any]) -> Any:
        answer = session.post(f"{base}{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    assert session.get(f"{base}/v1/whoami", timeout=10).json()["user"].startswith("firms/")
    listed = post("/v1/refdata/instruments", {"tradable_filter": "TRADABLE_FILTER_TRADABLE", "page_size": 5})
    instruments = listed.get("instruments", [])
    symbol, price_scale = instruments[0]["symbol"], instruments[0].get("price_scale", 100)
    assert float(post("/v1/positions/balance", {})["balance"]) > 0
    placed = post(
        "/v1/trading/orders",
        {
            "clord_id": str(uuid.uuid4()),
            "symbol": symbol,
            "side": "SIDE_BUY",
            "type": "ORDER_TYPE_LIMIT",
            "time_in_force": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
            "order_qty": 10,
            "price": int(0.50 * price_scale),
        },
    )
    order_id = placed["order"]["id"]
    states = [placed["order"]["state"]]
    search = {"symbols": [symbol], "state_filter": "ORDER_STATE_FILTER_OPEN"}
    opened = post("/v1/report/orders/search", search).get("orders", [])
    assert order_id in {order["id"] for order in opened}
    assert {order["price"] / price_scale for order in opened} == {0.5}
    post("/v1/trading/orders/cancel", {"order_id": order_id})
    assert post("/v1/report/orders/search", search).get("orders", []) == []
    states += [order["state"] for order in post("/v1/report/orders/search", {"order_id": order_id})["orders"]]
    session.close()
    return states


@pytest.mark.parametrize("tls", [False, True])
def test_the_published_script_runs(tls: bool) -> None:
    """Token, whoami, instruments, balance, order, search, cancel; the market maker is alive meanwhile."""
    with Sandbox(dialect="quickstart", tls=tls) as sandbox:
        described = json.loads(json.dumps(sandbox.describe()))["us_exchange"]
        assert described["rest"].startswith("https://" if tls else "http://")
        assert quickstart(described) == ["ORDER_STATE_NEW", "ORDER_STATE_CANCELED"]


def test_the_same_story_in_the_current_dialect() -> None:
    """Today's API: the id alone, `order` in searches, strings, and the participant header."""
    with Sandbox() as sandbox:
        us = sandbox.describe()["us_exchange"]
        headers = {"Authorization": f"Bearer {access_token(us)}", "x-participant-id": us["participant_id"]}

        def post(path: str, body: dict[str, Any]) -> Any:
            answer = requests.post(f"{us['rest']}{path}", json=body, headers=headers, timeout=10)
            answer.raise_for_status()
            return answer.json()

        (instrument,) = post("/v1/refdata/instruments", {"symbols": [us["symbols"][0]]})["instruments"]
        order = {
            "symbol": instrument["symbol"],
            "side": "SIDE_BUY",
            "type": "ORDER_TYPE_LIMIT",
            "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
            "orderQty": "10",
            "price": str(int(instrument["priceScale"]) // 2),
            "clordId": "story",
        }
        order_id = post("/v1/trading/orders", order)["orderId"]
        (found,) = post("/v1/report/orders/search", {"clordId": "story"})["order"]
        assert (found["id"], found["state"]) == (order_id, "ORDER_STATE_NEW")
        assert post("/v1/trading/orders/cancel", {"orderId": order_id, "symbol": order["symbol"]}) == {}
        (found,) = post("/v1/report/orders/search", {"orderId": order_id})["order"]
        assert found["state"] == "ORDER_STATE_CANCELED"
