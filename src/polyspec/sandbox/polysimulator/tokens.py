"""Session tokens of the dashboard and tokens that open a websocket: JWTs signed with a secret (HS256)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import jwt

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.polysimulator.options import PolySimOptions
from polyspec.sandbox.polysimulator.refusals import unauthorized

__all__ = ["Tokens", "WsClaim"]

AUDIENCE: Final = "authenticated"
_WS: Final = "polysim-ws"
_ALGORITHM: Final = "HS256"
# times are judged by the sandbox's clock, the rest here
_NO_CHECKS: Final = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}


class WsClaim:
    """Whom a websocket token speaks for."""

    def __init__(self, user_id: int, key_id: int | None) -> None:
        self.user_id = user_id
        self.key_id = key_id


class Tokens:
    """Issues and verifies; the secret follows from the seed, so that tokens outlive a restart."""

    def __init__(self, clock: Clock, options: PolySimOptions, seed: int) -> None:
        self._clock = clock
        self._options = options
        self._secret = Seeded(seed, "polysimulator/jwt").hex(64)
        self._count = 0
        self._spent: set[str] = set()

    # -- sessions --

    def session(self, subject: str, *, life: float | None = None, **claims: Any) -> str:
        """Return a session token of a user; `claims` replace what it usually says."""
        now = int(self._clock.seconds())
        told = {
            "iss": "polyspec-sandbox",
            "sub": subject,
            "aud": AUDIENCE,
            "role": AUDIENCE,
            "iat": now,
            "exp": now + int(self._options.jwt_life if life is None else life),
            **claims,
        }
        return jwt.encode(told, self._secret, algorithm=_ALGORITHM)

    def subject(self, token: str) -> str:
        """Return whom a session token speaks for; raises Refusal (401)."""
        claims = self._claims(token)
        if claims is None or claims.get("aud") != AUDIENCE or claims.get("role", AUDIENCE) != AUDIENCE:
            raise unauthorized("INVALID_TOKEN", "the session token is not valid")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not _is_uuid(subject):
            raise unauthorized("INVALID_TOKEN", "the session token names nobody")
        if not self._in_time(claims):
            raise unauthorized("TOKEN_EXPIRED", "the session token has expired")
        return subject

    # -- websockets --

    def websocket(self, user_id: int, key_id: int | None) -> str:
        """Return a token that opens websockets of a user for a while."""
        self._count += 1
        now = int(self._clock.seconds())
        claims = {
            "sub": str(user_id),
            "aud": _WS,
            "key": key_id,
            "iat": now,
            "exp": now + int(self._options.ws_token_life),
            # the run is told apart by the moment
            "jti": f"{self._clock.now_ns()}.{self._count}",
        }
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def claim(self, token: str) -> WsClaim | None:
        """Return whom a websocket token speaks for, None if it does not hold or is used up."""
        claims = self._claims(token)
        if claims is None or claims.get("aud") != _WS or not self._in_time(claims):
            return None
        if not self._options.ws_token_reusable:
            if claims["jti"] in self._spent:
                return None
            self._spent.add(claims["jti"])
        return WsClaim(int(claims["sub"]), claims["key"])

    # -- both --

    def _claims(self, token: str) -> Mapping[str, Any] | None:
        try:
            return jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                options=_NO_CHECKS,  # type: ignore[arg-type]
            )
        except jwt.PyJWTError:
            return None

    def _in_time(self, claims: Mapping[str, Any]) -> bool:
        ends = claims.get("exp")
        return isinstance(ends, int | float) and self._clock.seconds() < ends


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
