"""Handlers by operationId, and what a handler is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from polyspec_wire import Operation
from starlette.datastructures import Headers

from polyspec.sandbox.http.faults import Fault
from polyspec.sandbox.http.registry import Registry
from polyspec.sandbox.polysimulator import reading
from polyspec.sandbox.polysimulator.access import Caller
from polyspec.sandbox.polysimulator.refusals import Form

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["HANDLERS", "Answer", "Asked", "handles"]


@dataclass(frozen=True)
class Asked:
    """One request: authenticated, within its limits, and of the shape its operation documents."""

    world: PolySimWorld
    operation: Operation
    by: Caller | None
    path: dict[str, str] = field(default_factory=dict)
    """By python name."""
    query: dict[str, list[str]] = field(default_factory=dict)
    """By wire name; what was not sent is absent."""
    body: Any = None
    """Of the operation's type."""
    raw: bytes = b""
    """The body as it was sent."""
    headers: Headers = field(default_factory=Headers)
    fault: Fault | None = None
    """One that changes what the request does."""
    form: Form = field(default_factory=Form)
    """How a refusal's body is to look, for what answers refusals inside of a 200."""
    address: str = "local"

    @property
    def caller(self) -> Caller:
        """Whoever sent the request."""
        assert self.by is not None, "an operation without security has no caller"
        return self.by

    @property
    def now_ns(self) -> int:
        """The venue's time."""
        return self.world.clock.now_ns()

    def text(self, name: str) -> str:
        """Return a query parameter, empty if it was not sent."""
        return self.query.get(name, [""])[-1]

    def whole(self, name: str, default: int, low: int, high: int | None = None) -> int:
        """Return a whole number within bounds; raises Refusal (422)."""
        return reading.whole(name, self.text(name), default, low, high)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes or no; raises Refusal (422)."""
        return reading.flag(name, self.text(name), default=default)

    def moment(self, name: str) -> int | None:
        """Return a moment in nanoseconds, from ISO 8601 or unix seconds; raises Refusal (422)."""
        return reading.moment(name, self.text(name))


@dataclass(frozen=True)
class Answer:
    """An answer with a status or headers of its own; content None: no body."""

    content: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


HANDLERS: Final = Registry[Asked]()
"""A handler returns the answer as plain JSON values, an `Answer`, a response, or an awaitable of one."""
handles = HANDLERS.handles
