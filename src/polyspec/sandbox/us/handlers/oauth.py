"""The token endpoint."""

from __future__ import annotations

from typing import Any

import msgspec

from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []


@handles("OAuth_RequestToken")
def request_token(asked: Asked) -> dict[str, Any]:
    """Trade an assertion for an access token."""
    return asked.world.issuer.token(msgspec.to_builtins(asked.body))
