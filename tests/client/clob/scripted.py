"""A venue that answers by a script and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
from attrs import frozen

from polyspec.clob.config import ClobSettings
from polyspec.clob.credentials import ApiCreds

__all__ = [
    "ADDRESS",
    "CONDITION",
    "HOST",
    "KEY",
    "OTHER",
    "TOKEN",
    "UNPACED",
    "Asked",
    "Scripted",
    "book",
    "creds",
    "details",
]

HOST = "https://clob.test"
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""The first of the public development keys."""
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TOKEN = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
OTHER = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
CONDITION = "0x" + "ab" * 32
UNPACED = ClobSettings(pacing=False, max_attempts=1)


def creds() -> ApiCreds:
    """Return credentials of nobody."""
    return ApiCreds(
        "0b2a6c31-5bd9-4b3c-8a5e-0e51a2c8f0a1", "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTAwMDA=", "pass"
    )


@frozen
class Asked:
    """One request as the venue saw it."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any

    def one(self, name: str) -> str | None:
        """Return the only value of a query parameter; None if it is not there."""
        found = self.query.get(name)
        if found is None:
            return None
        assert len(found) == 1
        return found[0]


class Scripted:
    """Answers every path with what was written for it, in turn; the last answer stays."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[tuple[str, str], list[Any]] = {}
        self.transport = httpx.MockTransport(self._handle)

    def on(self, path: str, *answers: Any, method: str = "GET") -> None:
        """Script a path: JSON values, `httpx.Response`, or functions of what was asked."""
        self._answers[method, path] = list(answers)

    def to(self, path: str) -> list[Asked]:
        """Return what was asked of one path."""
        return [each for each in self.asked if each.path == path]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        content = request.content
        asked = Asked(
            request.method,
            request.url.path,
            parse_qs(request.url.query.decode(), keep_blank_values=True),
            json.loads(content) if content else None,
        )
        self.asked.append(asked)
        answers = self._answers.get((asked.method, asked.path))
        if answers is None:
            return httpx.Response(404, json={"error": f"nothing was written for {asked.path}"})
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Callable):  # type: ignore[arg-type]
            answer = answer(asked)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


def book(token_id: str = TOKEN, **changes: Any) -> dict[str, Any]:
    """Return a book: bids of 0.4 and 0.5, asks of 0.7 and 0.6, in the venue's order."""
    return {
        "market": CONDITION,
        "asset_id": token_id,
        "timestamp": "1785000000000",
        "hash": "0" * 40,
        "bids": [{"price": "0.4", "size": "100"}, {"price": "0.5", "size": "10"}],
        "asks": [{"price": "0.7", "size": "100"}, {"price": "0.6", "size": "10"}],
        "min_order_size": "5",
        "tick_size": "0.01",
        "neg_risk": False,
        "last_trade_price": "",
    } | changes


def details(**changes: Any) -> dict[str, Any]:
    """Return what trading the market needs, with a fee of a quarter, squared."""
    tokens = [{"t": TOKEN, "o": "Yes"}, {"t": OTHER, "o": "No"}]
    return {
        "c": CONDITION,
        "t": tokens,
        "mos": 5,
        "mts": 0.01,
        "fd": {"r": 0.25, "e": 2, "to": True},
    } | changes
