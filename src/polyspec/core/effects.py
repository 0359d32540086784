"""What a flow may ask of the world.

A flow is a generator that holds a decision (refresh a token, retry, read the next page) and does nothing
itself: it yields an effect and is sent the outcome, or has the failure raised into it at the ``yield``. One
small driver per colour answers the effects, so every flow runs under threads, asyncio and tests alike::

    def wait_a_second() -> Flow[float]:
        before = yield Now()
        yield Sleep(1.0)
        after = yield Now()
        return after.monotonic - before.monotonic
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, NoReturn, TypeAlias, TypeVar

import msgspec
from polyspec_wire import Call

from polyspec.core.flight import Flight

__all__ = [
    "Do", "Effect", "Flow", "Instant", "Now", "Reply", "Request", "Send", "Sleep", "Timeouts", "Wait",
    "Whole",
]  # fmt: skip

T = TypeVar("T")


class Instant(msgspec.Struct, frozen=True):
    """A reading of both clocks, in seconds."""

    monotonic: float
    """For ages and deadlines: never jumps."""
    wall: float
    """Unix time as this machine believes it."""


class Timeouts(msgspec.Struct, frozen=True):
    """Limits of one request, in seconds."""

    connect: float
    write: float
    read: float
    total: float


class Request(msgspec.Struct, frozen=True):
    """One HTTP request, ready to be sent; shown without header values and body, which carry credentials."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    timeout: Timeouts
    lane: str = "read"
    """Which connections carry it: cancels have their own."""
    call: Call[Any] | None = None
    """What it was made of, for transports that do not send it as HTTP."""

    def __repr__(self) -> str:
        names = ", ".join(name for name, _ in self.headers)
        size = "no body" if self.body is None else f"{len(self.body)} bytes"
        return f"<Request {self.method} {self.url.partition('?')[0]} ({names}; {size})>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a request carries credentials and cannot be pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a request carries credentials and cannot be pickled")


class Reply(msgspec.Struct, frozen=True):
    """One HTTP answer; shown without header values and body, which may carry a token."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes
    elapsed: float
    """Seconds from the first byte sent to the last byte received."""

    def __repr__(self) -> str:
        return f"<Reply {self.status} ({', '.join(self.headers)}; {len(self.body)} bytes)>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an answer may carry a token and cannot be pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("an answer may carry a token and cannot be pickled")


class Now(msgspec.Struct, frozen=True):
    """Read the clocks; answered with an Instant."""


class Sleep(msgspec.Struct, frozen=True):
    """Wait; answered with None."""

    seconds: float


class Send(msgspec.Struct, frozen=True):
    """Send a request; answered with a Reply, or TransportError is raised."""

    request: Request


class Do(msgspec.Struct, frozen=True):
    """Do foreign work that may take long (a key in a vault signs); answered with its result.

    Under asyncio it runs in a thread of its own, and may return something to await.
    """

    work: Callable[[], Any]


class Wait(msgspec.Struct, frozen=True):
    """Wait for work of another flow; answered with its result, or its failure is raised.

    When `timeout` seconds pass first, TimedOut is raised; when the other flow was given up, Abandoned.
    """

    flight: Flight[Any]
    timeout: float | None


class Whole(msgspec.Struct, frozen=True):
    """Carry a short flow through to its end, though whoever asks be cancelled or interrupted meanwhile.

    Answered with its result, or its failure is raised; who was cancelled is so once it has ended.
    """

    flow: Any


Effect: TypeAlias = Now | Sleep | Send | Do | Wait | Whole
Flow: TypeAlias = Generator[Effect, Any, T]
