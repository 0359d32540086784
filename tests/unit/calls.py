"""Operations and calls for tests of what is the same for every venue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from polyspec_wire import Call, Operation
from polyspec_wire._call import RateLimit

from polyspec.core.effects import Flow, Now, Reply, Request, Sleep, Timeouts
from polyspec.core.sending import Session
from polyspec.errors import PolyspecError
from tests.unit.flows import World

__all__ = [
    "Guard",
    "Thing",
    "a_call",
    "a_reply",
    "a_request",
    "a_session",
    "an_operation",
    "failing",
    "script",
]


class Thing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer, and a body."""

    id: str = ""
    order_id: str = msgspec.field(default="", name="orderId")
    size: int = 0


def an_operation(
    retry: Any = "safe",
    *,
    lane: Any = None,
    limit: RateLimit | None = None,
    name: str = "things.do",
    success: Any = Thing,
    method: Any = "POST",
) -> Operation:
    """Describe an operation."""
    return Operation(
        id=f"Things_{name}",
        name=name,
        method=method,
        path="/v1/things/{id}",
        body=Thing,
        success={200: success},
        failure=Thing,
        security=(),
        rate_limits=() if limit is None else (limit,),
        retry=retry,
        lane=lane or ("read" if retry == "safe" else "write"),
        json="protobuf",
    )


def a_call(retry: Any = "safe", **traits: Any) -> Call[Any]:
    """Make a call of such an operation."""
    return Call(operation=an_operation(retry, **traits), path="/v1/things/7", body=Thing(id="7", size=3))


def a_reply(status: int = 200, body: bytes = b'{"id":"7"}', **headers: str) -> Reply:
    """Make an answer; underscores in header names stand for dashes."""
    return Reply(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body,
        elapsed=0.01,
    )


def a_request(url: str, method: str = "POST", body: bytes | None = b"{}", **options: Any) -> Request:
    """Make a request with short limits; `total`, `connect`, `read` and `lane` can be chosen."""
    total = options.get("total", 2.0)
    limits = Timeouts(
        connect=options.get("connect", 1.0),
        write=total,
        read=options.get("read", total),
        total=total,
    )
    headers = (("authorization", "Bearer secret"), ("content-type", "application/json"))
    return Request(
        method=method, url=url, headers=headers, body=body, timeout=limits, lane=options.get("lane", "write")
    )


class Guard:
    """Hands out numbered tokens; can be slow, fail, or refuse new ones."""

    def __init__(
        self, *, takes: float = 0.0, renews: bool = True, fails: PolyspecError | None = None
    ) -> None:
        self.takes, self.renews, self.fails = takes, renews, fails
        self.generation = 0
        self.asked = 0
        self.bodies: list[bytes] = []

    def authorise(self, call: Call[Any], body: bytes, deadline: float) -> Flow[Mapping[str, str]]:
        """Return a header with the number of the token."""
        self.asked += 1
        self.bodies.append(body)
        if self.takes and self.asked == 1:
            yield Sleep(self.takes)
        yield Now()
        if self.fails is not None:
            raise self.fails
        return {"authorization": f"token {self.generation}"}

    def advice(self, request: Request) -> str:
        """Have none."""
        return ""

    def refused(self, request: Request) -> bool:
        """Count the refusal."""
        self.generation += 1
        return self.renews


def script(*outcomes: Reply | PolyspecError) -> World:
    """Answer one request after the other; the last answer stays."""
    left = list(outcomes)

    def handler(_: Request) -> Reply | Exception:
        return left.pop(0) if len(left) > 1 else left[0]

    return World(handler)


def a_session(guard: Guard | None = None, **options: Any) -> Session:
    """Make a session without jitter."""
    options.setdefault("chance", lambda: 0.0)
    return Session(base_url="https://venue.example/", authority=guard or Guard(), **options)


def failing(
    world: World, call: Call[Any], session: Session | None = None, timeout: float | None = None
) -> Any:
    """Run a call that must fail and return its error."""
    with pytest.raises(PolyspecError) as caught:
        world.run((session or a_session()).send(call, timeout))
    return caught.value
