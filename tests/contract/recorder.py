"""Everything an ASGI application was asked and answered, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.contract.spec import Operation, Spec

__all__ = ["Exchange", "Recorder"]


@dataclass
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    spec: Spec
    body: bytes = b""
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""

    @property
    def operation(self) -> Operation | None:
        """What the spec calls this request."""
        return self.spec.find(self.method, self.path)

    def __str__(self) -> str:
        return (
            f"{self.method} {self.path}?{self.query} {self.body.decode()}\n  -> {self.status} {self.answer!r}"
        )


class Recorder:
    """Passes requests on to an application and keeps them, answers included."""

    def __init__(self, app: ASGIApp, spec: Spec) -> None:
        self._app = app
        self._spec = spec
        self.seen: list[Exchange] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        assert scope["type"] == "http"
        exchange = Exchange(
            scope["method"],
            scope["raw_path"].decode("ascii"),
            scope["query_string"].decode("ascii"),
            _headers(scope["headers"]),
            self._spec,
        )
        self.seen.append(exchange)

        async def heard() -> Message:
            message = await receive()
            exchange.body += message.get("body", b"")
            return message

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.answer_headers = _headers(message["headers"])
            else:
                exchange.answer += message.get("body", b"")
            await send(message)

        await self._app(scope, heard, told)


def _headers(raw: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        assert name.decode().lower() not in found, f"{name!r} is there twice"
        found[name.decode().lower()] = value.decode("latin-1")
    return found
