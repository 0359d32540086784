"""A venue in a table: answers what it is told to, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings

__all__ = ["JWT", "KEY", "Server", "async_client", "client", "market", "no", "ok"]

KEY = "ps_live_" + "ab" * 32
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


def ok(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """Answer yes; bytes are sent as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers={"content-type": "application/json"} | named)


def no(status: int, code: str, message: str = "No", **headers: str) -> httpx.Response:
    """Refuse."""
    return ok({"error": code, "message": message}, status, x_polysim_code=code, **headers)


Answer = httpx.Response | Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers each route from a list, the last entry for good."""

    def __init__(self, routes: dict[str, Answer | list[Answer]]) -> None:
        self.routes = {
            route: [*answers] if isinstance(answers, list) else [answers] for route, answers in routes.items()
        }
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.requests.append(request)
        answers = self.routes[f"{request.method} {request.url.path}"]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        # a response can be read once
        return answer(request) if callable(answer) else _again(answer)

    @property
    def asked(self) -> list[dict[str, str]]:
        """The queries so far."""
        return [dict(request.url.params) for request in self.requests]

    @property
    def bodies(self) -> list[Any]:
        """The bodies so far."""
        return [json.loads(request.content) if request.content else None for request in self.requests]

    @property
    def called(self) -> list[str]:
        """The methods and paths so far."""
        return [f"{request.method} {request.url.path}" for request in self.requests]


def _again(answer: httpx.Response) -> httpx.Response:
    return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)


def client(server: Server, api_key: str | None = KEY, **known: Any) -> PolySimulatorClient:
    """Return a blocking client of this venue."""
    chosen = {"settings": PolySimulatorSettings(pacing=False)} | known
    http = httpx.Client(transport=httpx.MockTransport(server))
    return PolySimulatorClient(api_key, "https://sim.test", http=http, **chosen)


def async_client(server: Server, api_key: str | None = KEY, **known: Any) -> AsyncPolySimulatorClient:
    """Return an asynchronous client of this venue."""
    chosen = {"settings": PolySimulatorSettings(pacing=False)} | known
    http = httpx.AsyncClient(transport=httpx.MockTransport(server))
    return AsyncPolySimulatorClient(api_key, "https://sim.test", http=http, **chosen)


def market(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a market as it is listed."""
    return {"condition_id": f"0x{number:064x}", "question": f"Q{number}", "outcomes": ["Yes", "No"]} | changes
