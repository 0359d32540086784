"""Requests to PolySimulator's sandbox in process, made from its spec, with any credentials or none."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from polyspec.sandbox import Sandbox
from tests.contract.spec import Operation

__all__ = ["HEADERS", "NOBODYS", "Asking"]

HEADERS = ("X-API-Key", "POLY_API_KEY", "Poly-API-Key", "Authorization")
"""Where a key may be, in the order of which wins."""
NOBODYS = "ps_live_" + "0" * 64
# what would go on for ever is asked for what it does not have
_REFUSED = {"Spot_StreamPrices": {"crypto_source": "nobody"}}


class Asking:
    """Somebody without a name, unless headers say otherwise."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.venue = sandbox.polysimulator_venue
        self.world = self.venue.world
        self._loop = asyncio.new_event_loop()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.venue.asgi), base_url=self.venue.rest
        )

    def close(self) -> None:
        """Close connections and loop."""
        self._loop.run_until_complete(self._http.aclose())
        self._loop.close()

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request as it is."""
        return self._loop.run_until_complete(self._http.request(method, path, **options))

    def ask(
        self, operation: Operation, headers: dict[str, str], *, name: str = "999999", **options: Any
    ) -> httpx.Response:
        """Send a request of the operation's shape that names what does not exist, or `name` in its path."""
        needed = {name: "1" for name, each in operation.query.items() if each.get("required")}
        options.setdefault("params", _REFUSED.get(operation.id, needed))
        if operation.body is not None and "content" not in options:
            options["content"] = json.dumps(operation.example)
        return self.raw(operation.method, operation.filled(name), headers=headers, **options)

    def key(self, name: str = "api_key", header: str = "X-API-Key") -> dict[str, str]:
        """Return a seeded key in one of the headers it may be in."""
        return self.carried(self.venue.api_key(name), header)

    @staticmethod
    def carried(key: str, header: str) -> dict[str, str]:
        """Return any text as a key in one of the headers."""
        return {header: f"Bearer {key}" if header == "Authorization" else key}

    def session(self, email: str = "pro@example.com") -> dict[str, str]:
        """Return the session of a seeded user."""
        return {"Authorization": f"Bearer {self.venue.session(email)}"}

    def tenant(self) -> dict[str, str]:
        """Return the key of the partner."""
        return {"X-API-Key": self.venue.describe()["partner_api_key"]}
