"""Whether it is up, and how many seats the beta has."""

from __future__ import annotations

from typing import Any, Final

from polyspec.sandbox.polysimulator.registry import Asked, handles
from polyspec.sandbox.polysimulator.views import SECOND, iso

__all__: list[str] = []

_VERSION: Final = "1.0.0"


@handles("Health_HealthCheck")
def health_check(asked: Asked) -> dict[str, Any]:
    """Say that it is up."""
    return {"status": "ok", "timestamp": iso(asked.now_ns), "version": _VERSION}


@handles("Health_HealthLive")
def health_live(asked: Asked) -> dict[str, Any]:
    """Say that the process runs."""
    return {"status": "alive", "timestamp": iso(asked.now_ns)}


@handles("Health_HealthReady")
def health_ready(asked: Asked) -> dict[str, Any]:
    """Say that requests are served; without the venue it mirrors, a little less so."""
    outage = asked.world.engine.outage
    checks = {"database": {"ok": True}, "redis": {"ok": True}, "upstream": {"ok": not outage}}
    status = "tolerating" if outage else "ok"
    return {"status": status, "timestamp": iso(asked.now_ns), "checks": checks}


@handles("Health_GetStatus")
def get_status(asked: Asked) -> dict[str, Any]:
    """Tell how the parts are."""
    world = asked.world
    markets = world.markets.markets()
    engine = {"status": "degraded" if world.engine.outage else "ok"}
    return {
        "status": engine["status"],
        "timestamp": iso(asked.now_ns),
        "version": _VERSION,
        "uptime_seconds": (asked.now_ns - world.started_ns) // SECOND,
        "database": {"status": "ok"},
        "redis": {"status": "ok"},
        "matching_engine": engine,
        "websocket": {"status": "ok"},
        "markets": {"total": len(markets), "active": sum(each.status == "open" for each in markets)},
    }
