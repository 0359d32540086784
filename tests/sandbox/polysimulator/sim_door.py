"""A caller of PolySimulator's sandbox made of httpx only, in process."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from fakefeed import FakeFeed

from polyspec.sandbox.polysimulator.engine import OrderSpec, Placed
from polyspec.sandbox.polysimulator.options import PolySimOptions
from polyspec.sandbox.polysimulator.venue import PolySimVenue, open_venue


class Door:
    """Requests to a sandbox in process, by default with the seeded key of a paid plan."""

    def __init__(self, *, journal: Path | None = None, feed: FakeFeed | None = None, **options: Any) -> None:
        self.feed = feed or FakeFeed()
        chosen = PolySimOptions(**{"rate_limits": False, **options})
        self.venue: PolySimVenue = open_venue(
            chosen, journal, self.feed, host="sim.test", rest="http://sim.test", ca=None
        )
        self.world = self.venue.world
        self._loop = asyncio.new_event_loop()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.venue.asgi), base_url=self.venue.rest
        )

    def close(self) -> None:
        """Close connections, loop and journal; may be called twice."""
        if self._loop.is_closed():
            return
        self._loop.run_until_complete(self._http.aclose())
        self._loop.close()
        self.world.close()

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request without any header of ours."""
        return self._loop.run_until_complete(self._http.request(method, path, **options))

    def key(self, name: str = "api_key") -> dict[str, str]:
        """Return the header of a seeded key."""
        return {"X-API-Key": self.venue.api_key(name)}

    def jwt(self, email: str = "pro@example.com") -> dict[str, str]:
        """Return the header of a session."""
        return {"Authorization": f"Bearer {self.venue.session(email)}"}

    def send(self, method: str, path: str, *, key: str = "api_key", **options: Any) -> httpx.Response:
        """Send a request with a seeded key."""
        headers = {**self.key(key), **options.pop("headers", {})}
        return self.raw(method, path, headers=headers, **options)

    def get(self, path: str, *, key: str = "api_key", **params: Any) -> Any:
        """GET with a key and return the JSON of a 200."""
        return self.good(self.send("GET", path, key=key, params=params))

    def post(self, path: str, body: Any = None, *, key: str = "api_key") -> Any:
        """POST with a key and return the JSON of a 2xx."""
        return self.good(self.send("POST", path, key=key, json=body))

    @staticmethod
    def good(answer: httpx.Response) -> Any:
        """Return the JSON of a 2xx."""
        assert 200 <= answer.status_code < 300, f"{answer.status_code} {answer.text} {dict(answer.headers)}"
        return answer.json()

    def code(self, answer: httpx.Response) -> tuple[int, str]:
        """Return status and code of a refusal."""
        return answer.status_code, answer.headers.get("x-polysim-code", "")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call one of the sandbox's own endpoints and return the JSON of a 2xx."""
        return self.good(self.ask(method, path, body))

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Call one of the sandbox's own endpoints."""
        secret = {"x-sandbox-secret": self.venue.secret}
        return self.raw(method, f"/_sandbox/{path}", headers=secret, json=body)

    def pass_time(self, seconds: float) -> None:
        """Move the venue's clock."""
        self.control("POST", "clock", {"advance": seconds})

    # -- trading, straight in the engine --

    def user_id(self, email: str = "pro@example.com") -> int:
        """Return the number of a seeded user."""
        user = self.world.users.of_email(email)
        assert user is not None, email
        return user.id

    def trade(
        self,
        market: str,
        quantity: str = "10",
        price: str = "0.65",
        *,
        side: str = "BUY",
        outcome: str = "Yes",
        email: str = "pro@example.com",
        **more: Any,
    ) -> Placed:
        """Place an order as a user; by default it takes what is there at once."""
        with self.world.lock:
            order = OrderSpec(
                market_id=market,
                side=side,
                outcome=outcome,
                price=Decimal(price),
                quantity=Decimal(quantity),
                **more,
            )
            return self.world.engine.place(self.user_id(email), order, self.world.clock.now_ns())
