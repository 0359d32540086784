"""A caller of the US sandbox made of httpx and PyJWT only, in process."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
import jwt

from polyspec.sandbox import Sandbox
from polyspec.sandbox.us.issuer import Client, private_pem

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KC = "tec-nfl-sbw-2026-02-08-kc"
GAME = "aec-nfl-kc-buf-2026-11-29"


def claims(sandbox: Sandbox, client: Client, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good assertion, with changes; a change to None leaves the claim out."""
    now = int(sandbox.us.world.clock.seconds())
    made = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": sandbox.us.token_url,
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def form(sandbox: Sandbox, client: Client, assertion: str, **changes: Any) -> dict[str, Any]:
    """Return the body of a token request."""
    made = {
        "client_id": client.client_id,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "audience": sandbox.us.audience,
        "grant_type": "client_credentials",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


class Door:
    """Requests to a sandbox in process, as one client acting for one participant."""

    def __init__(
        self, sandbox: Sandbox, client: Client | None = None, participant: str | None = None
    ) -> None:
        self.sandbox = sandbox
        self.world = sandbox.us.world
        self.client = client or self.world.client
        self.participant = participant or self.world.trader.name
        self.account = self.world.participants[self.participant].accounts[0]
        self._loop = asyncio.new_event_loop()
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.asgi), base_url=sandbox.us.rest)
        self._token: str | None = None

    def acting_for(self, participant: str, client: Client | None = None) -> Door:
        """Return a door of another participant or client."""
        return Door(self.sandbox, client or self.client, participant)

    def close(self) -> None:
        """Close connections and loop."""
        self._loop.run_until_complete(self._http.aclose())
        self._loop.close()

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request without any header of ours."""
        return self._loop.run_until_complete(self._http.request(method, path, **options))

    def assertion(self, **changes: Any) -> str:
        """Sign an assertion."""
        return jwt.encode(
            claims(self.sandbox, self.client, **changes), private_pem(self.client.key), algorithm="RS256"
        )

    def new_token(self) -> str:
        """Ask for an access token."""
        answer = self.raw("POST", "/oauth/token", json=form(self.sandbox, self.client, self.assertion()))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def log_in(self) -> None:
        """Get a token now, so that later requests need none."""
        self._token = self._token or self.new_token()

    @property
    def headers(self) -> dict[str, str]:
        """Token and participant."""
        self.log_in()
        return {"authorization": f"Bearer {self._token}", "x-participant-id": self.participant}

    def send(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Send an authenticated request."""
        return self.raw(method, path, headers={**self.headers, **(headers or {})}, **options)

    def get(self, path: str, **params: Any) -> Any:
        """GET and return the JSON of a 200."""
        return self._good(self.send("GET", path, params=params))

    def post(self, path: str, body: Any = None) -> Any:
        """POST and return the JSON of a 200."""
        return self._good(self.send("POST", path, json={} if body is None else body))

    @staticmethod
    def _good(answer: httpx.Response) -> Any:
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        return answer.json()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call one of the sandbox's own endpoints."""
        secret = {"x-sandbox-secret": self.sandbox.us.secret}
        return self._good(self.raw(method, f"/_sandbox/{path}", headers=secret, json=body))

    def pass_time(self, seconds: float) -> None:
        """Move the venue's clock; the token is renewed."""
        self.control("POST", "clock", {"advance": seconds})
        self._token = None

    # -- orders --

    def order(
        self, side: str = "BUY", price: int = 500, quantity: int = 10, **changes: Any
    ) -> dict[str, Any]:
        """Return a good order, with changes."""
        return {
            "symbol": KC,
            "side": f"SIDE_{side}",
            "type": "ORDER_TYPE_LIMIT",
            "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
            "orderQty": quantity,
            "price": price,
            **changes,
        }

    def place(self, *args: Any, **changes: Any) -> str:
        """Place an order and return its id."""
        return str(self.post("/v1/trading/orders", self.order(*args, **changes))["orderId"])

    def read_order(self, order_id: str) -> Any:
        """Return an order as the report tells it."""
        return self.get(f"/v1/report/orders/{order_id}")["order"]

    def executions(self, order_id: str) -> list[Any]:
        """Return the executions of an order."""
        return list(self.post("/v1/report/executions/search", {"orderId": order_id})["executions"])

    def refusal(self, order_id: str) -> tuple[str, str]:
        """Return text and reason of the execution that rejected an order."""
        done = self.executions(order_id)
        assert [each["type"] for each in done] == ["EXECUTION_TYPE_REJECTED"]
        return done[0]["text"], done[0]["orderRejectReason"]
