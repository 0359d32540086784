"""Whether it is up, what time it has, which orders it takes."""

from __future__ import annotations

from typing import Any

from polyspec.sandbox.clob.registry import Asked, handles

__all__: list[str] = []


@handles("Health_CheckHealth")
@handles("Health_GetOk")
def ok(_: Asked) -> str:
    """Say that it is up."""
    return "OK"


@handles("Health_GetServerTime")
def server_time(asked: Asked) -> int:
    """Tell the clock, in seconds."""
    return asked.world.clock.now_ns() // 10**9


@handles("Health_GetVersion")
def version(asked: Asked) -> dict[str, Any]:
    """Tell which version of orders it takes."""
    return {"version": asked.world.modes.version}
