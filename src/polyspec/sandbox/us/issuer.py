"""The authorization server: private-key JWT assertions in, access tokens out.

Verification is PyJWT's, with one fixed algorithm and nothing of the client's own signing code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from secrets import token_hex
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.us.refusals import Refusal, unauthenticated

__all__ = ["Caller", "Client", "Issuer", "new_key", "private_pem"]

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION: Final = 300
SKEW: Final = 30
_FORBIDDEN_HEADERS: Final = frozenset({"crit", "jwk", "jku", "x5u", "x5c", "x5t", "b64"})
_NO_CHECKS: Final[dict[str, Any]] = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def new_key() -> rsa.RSAPrivateKey:
    """Generate an RSA 2048 key."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@cache
def _issuer_key() -> rsa.RSAPrivateKey:
    return new_key()


def private_pem(key: rsa.RSAPrivateKey) -> bytes:
    """Return a private key as unencrypted PKCS#8 PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, kw_only=True)
class Client:
    """A registered API client of a firm."""

    client_id: str
    key: rsa.RSAPrivateKey = field(repr=False)
    firm: str
    """The clearing firm the token speaks for, e.g. ``ISV-Sandbox``."""
    participant_firm: str
    """The firm whose users the client may act for, e.g. ``ISV-Participant-Sandbox``."""
    user: str
    scopes: frozenset[str]
    participant: str | None = None
    """The participant meant when a dialect sends no ``x-participant-id``."""
    tier: str = "tier1"


@dataclass(frozen=True)
class Caller:
    """Whom a valid access token speaks for."""

    client: Client
    scopes: frozenset[str]


class Issuer:
    """Issue and verify access tokens for a set of clients."""

    def __init__(self, clock: Clock, audience: str, *, token_life: int = 180) -> None:
        self.audience = audience
        self.token_life = token_life
        self.audiences: frozenset[str] = frozenset()
        """Every spelling of the API's own address; tokens name `audience` whichever was asked for."""
        self.token_urls: frozenset[str] = frozenset()
        """Every spelling of the token endpoint's own address."""
        self.issued = 0
        self._clock = clock
        self._key = _issuer_key()
        # the key is shared by all issuers of this process, so each marks its own tokens
        self._run = token_hex(8)
        self._clients: dict[str, Client] = {}
        self._seen: dict[tuple[str, str], float] = {}
        self._valid: dict[str, tuple[Caller, float]] = {}
        self._generation = 0

    def register(self, client: Client) -> None:
        """Let a client ask for tokens."""
        self._clients[client.client_id] = client

    def revoke_tokens(self) -> None:
        """Refuse every token issued so far."""
        self._generation += 1
        self._valid.clear()

    # -- issuing --

    def token(self, form: dict[str, Any]) -> dict[str, Any]:
        """Answer a token request; raises Refusal in the OAuth error shape."""
        for name in ("grant_type", "client_id", "client_assertion_type", "client_assertion", "audience"):
            if not isinstance(form.get(name), str) or not form[name]:
                raise _no(400, "invalid_request", f"Missing required parameter: {name}")
        if form["grant_type"] != "client_credentials":
            raise _no(400, "unsupported_grant_type", "grant_type must be client_credentials")
        if form["client_assertion_type"] != ASSERTION_TYPE:
            raise _no(400, "invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
        client = self._authenticated(form["client_id"], form["client_assertion"])
        if form["audience"].rstrip("/") not in self.audiences | {self.audience}:
            raise _no(403, "access_denied", f"Service not found: {form['audience']}")
        return self._grant(client)

    def _authenticated(self, client_id: str, assertion: str) -> Client:
        client = self._clients.get(client_id)
        if client is None:
            raise _no(401, "invalid_client", "Client authentication failed: unknown client_id")
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.PyJWTError as error:
            raise _bad_assertion("the client assertion is not a JWT") from error
        if header.get("alg") != "RS256":
            raise _bad_assertion(f"wrong signing algorithm {header.get('alg')} (must be RS256)")
        if bad := sorted(_FORBIDDEN_HEADERS & header.keys()):
            raise _bad_assertion(f"header {bad[0]} is not allowed")
        try:
            claims = jwt.decode(
                assertion,
                client.key.public_key(),
                algorithms=["RS256"],
                options=_NO_CHECKS,  # type: ignore[arg-type]
            )
        except jwt.InvalidSignatureError as error:
            raise _no(
                401, "invalid_client", "JWT signature verification failed: the private key does not match"
            ) from error
        except jwt.PyJWTError as error:
            raise _bad_assertion(str(error)) from error
        self._check(claims, client_id)
        return client

    def _check(self, claims: dict[str, Any], client_id: str) -> None:
        now = self._clock.seconds()
        for name in ("iss", "sub", "aud", "iat", "exp", "jti"):
            if name not in claims:
                raise _bad_assertion(f"missing required claim {name}")
        if claims["iss"] != client_id or claims["sub"] != client_id:
            raise _bad_assertion("iss and sub must both be the client_id")
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if len(audiences) != 1 or audiences[0] not in self.token_urls:
            raise _bad_assertion("wrong aud claim (must be the token endpoint, NOT the API URL)")
        issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
        if expires > issued + LONGEST_ASSERTION:
            raise _bad_assertion(f"exp must be at most iat + {LONGEST_ASSERTION} seconds")
        if expires + SKEW <= now:
            raise _bad_assertion("expired (exp claim is in the past)")
        if issued - SKEW > now:
            raise _bad_assertion("iat claim is in the future")
        if "nbf" in claims and _seconds(claims, "nbf") - SKEW > now:
            raise _bad_assertion("nbf claim is in the future")
        self._use_once(client_id, claims["jti"], expires)

    def _use_once(self, client_id: str, jti: object, expires: float) -> None:
        if not isinstance(jti, str) or not 0 < len(jti) <= 255:
            raise _bad_assertion("jti must be a string")
        now = self._clock.seconds()
        self._seen = {key: until for key, until in self._seen.items() if until > now}
        if (client_id, jti) in self._seen:
            raise _bad_assertion("jti has already been used (must be unique for each request)")
        self._seen[client_id, jti] = expires + SKEW

    def _grant(self, client: Client) -> dict[str, Any]:
        self.issued += 1
        now = int(self._clock.seconds())
        claims = {
            "iss": "polyspec-sandbox",
            "sub": f"{client.client_id}@clients",
            "aud": self.audience,
            "iat": now,
            "exp": now + self.token_life,
            "scope": " ".join(sorted(client.scopes)),
            "firm_id": client.firm,
            "azp": client.client_id,
            "gty": "client-credentials",
            "gen": f"{self._run}.{self._generation}",
            "n": self.issued,
        }
        token = jwt.encode(claims, self._key, algorithm="RS256")
        return {
            "access_token": token,
            "scope": claims["scope"],
            "expires_in": self.token_life,
            "token_type": "Bearer",
        }

    # -- verifying --

    def caller(self, authorization: str | None) -> Caller:
        """Return whom an ``Authorization`` header speaks for; raises Refusal with 401."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise unauthenticated("missing bearer token")
        known = self._valid.get(token)
        if known is None:
            known = self._verified(token.strip())
            self._valid[token] = known
        if known[1] <= self._clock.seconds():
            del self._valid[token]
            raise unauthenticated("token is expired")
        return known[0]

    def _verified(self, token: str) -> tuple[Caller, float]:
        try:
            claims = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                options=_NO_CHECKS,  # type: ignore[arg-type]
            )
        except jwt.PyJWTError as error:
            raise unauthenticated("invalid token") from error
        client = self._clients.get(claims.get("azp", ""))
        current = claims.get("gen") == f"{self._run}.{self._generation}"
        if client is None or not current or claims.get("aud") != self.audience:
            raise unauthenticated("invalid token")
        self._forget_expired()
        return Caller(client, frozenset(claims["scope"].split())), float(claims["exp"])

    def _forget_expired(self) -> None:
        now = self._clock.seconds()
        self._valid = {token: known for token, known in self._valid.items() if known[1] > now}


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad_assertion(f"{name} must be a number of seconds")
    return float(value)


def _bad_assertion(why: str) -> Refusal:
    return _no(
        400,
        "invalid_client_assertion",
        f"The client assertion JWT is malformed or has incorrect claims: {why}",
    )


def _no(status: int, error: str, description: str) -> Refusal:
    return Refusal(16, description, status=status, body={"error": error, "error_description": description})
