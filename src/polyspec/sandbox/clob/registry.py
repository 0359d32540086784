"""Handlers by operationId, and what a handler is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from polyspec_wire import Operation

from polyspec.sandbox.clob.access import Caller
from polyspec.sandbox.clob.reading import read_json
from polyspec.sandbox.http.registry import Registry

if TYPE_CHECKING:
    from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["HANDLERS", "Answer", "Asked", "handles"]

T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """One authenticated request."""

    world: ClobWorld
    operation: Operation
    by: Caller | None
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, list[str]] = field(default_factory=dict)
    """By wire name; what was not sent is absent."""
    raw: bytes = b""

    @property
    def caller(self) -> Caller:
        """Whoever signed the request."""
        assert self.by is not None, "an operation without security has no caller"
        return self.by

    def text(self, name: str) -> str:
        """Return a query parameter, empty if it was not sent."""
        return self.query.get(name, [""])[-1]

    def texts(self, name: str) -> list[str]:
        """Return all values of a query parameter, sent repeatedly or joined by commas."""
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]

    def body(self, kind: type[T], words: str) -> T:
        """Return the body; raises Refusal (400) with the venue's words for a bad one."""
        return read_json(self.raw, kind, words)


@dataclass(frozen=True)
class Answer:
    """An answer with headers of its own."""

    content: Any
    headers: dict[str, str]


HANDLERS: Final = Registry[Asked]()
"""A handler returns the answer as plain JSON values, or an awaitable of it."""
handles = HANDLERS.handles
