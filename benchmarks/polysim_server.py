"""A PolySimulator in a process of its own that fills every order alike, so that only the client costs CPU."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from benchmarks.polysim_terms import ANSWER, RATE
from benchmarks.serving import Address, serve, started

__all__ = ["Address", "running"]

_ORDERS: Final = "/v1/orders"
_LIMITS: Final = {
    "Tier": "enterprise",
    "Limit": RATE,
    "Remaining": RATE - 1,
    "Reset": 1_795_184_640,
    "Limit-Per-Second": RATE,
    "Remaining-Per-Second": RATE - 1,
}


def running(folder: Path | None = None) -> AbstractContextManager[Address]:
    """Start a server and stop it at the end of the block; over TLS if there is a folder for certificates."""
    return started("benchmarks.polysim_server", folder)


class _PolySimulator:
    """One answer, with the limits of a plan that nobody here gets to."""

    headers = "".join(
        f"{family}-{name}: {value}\r\n"
        for family in ("X-RateLimit", "X-Polysim-RateLimit")
        for name, value in _LIMITS.items()
    )

    def __init__(self) -> None:
        self._answer = json.dumps(ANSWER, separators=(",", ":")).encode()

    def answer(self, target: str, body: bytes) -> bytes:
        """Return the body for a request."""
        if target != _ORDERS or b'"quantity"' not in body:
            raise SystemExit(f"a request that is no order: {target}")
        return self._answer


if __name__ == "__main__":
    serve(_PolySimulator())
