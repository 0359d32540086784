"""What a token says of itself; nothing here proves that it is true."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polyspec.core.nesting import read_plain
from polyspec.core.secret import Secret

__all__ = ["audiences_of", "claims_of", "expiry_of", "scopes_of"]

_LONGEST: Final = 16_384


def claims_of(token: Secret) -> Mapping[str, Any] | None:
    """Return the claims of a JWT, unverified; None if it is none."""
    parts = token.reveal().split(".")
    if len(parts) != 3 or len(parts[1]) > _LONGEST:
        return None
    try:
        found = read_plain(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, msgspec.DecodeError):
        return None
    return found if isinstance(found, dict) else None


def scopes_of(claims: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the scopes; None if it does not speak of any."""
    told = claims.get("scope", claims.get("scp"))
    if isinstance(told, str):
        return frozenset(told.split())
    return frozenset(each for each in told if isinstance(each, str)) if isinstance(told, list) else None


def audiences_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return whom it is for; empty if it does not say."""
    told = claims.get("aud")
    listed = told if isinstance(told, list) else [told]
    return tuple(each for each in listed if isinstance(each, str))


def expiry_of(claims: Mapping[str, Any]) -> float | None:
    """Return the unix second at which it ends; None if it does not say."""
    told = claims.get("exp")
    return None if isinstance(told, bool) or not isinstance(told, int | float) else float(told)
