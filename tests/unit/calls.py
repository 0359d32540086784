"""Operations and calls for tests of what is the same for every venue."""

from __future__ import annotations

from typing import Any

import msgspec
from polyspec_wire import Call, Operation
from polyspec_wire._call import RateLimit

from polyspec.core.effects import Reply, Request, Timeouts

__all__ = ["Thing", "a_call", "a_reply", "a_request", "an_operation"]


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
) -> Operation:
    """Describe an operation."""
    return Operation(
        id=f"Things_{name}",
        name=name,
        method="POST",
        path="/v1/things/{id}",
        body=Thing,
        success={200: success},
        failure=Thing,
        security=(),
        rate_limit=limit,
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
