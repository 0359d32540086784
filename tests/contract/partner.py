"""Callers of the sandbox made of requests, PyJWT, cryptography and eth-account: no code of the client's."""

from __future__ import annotations

import sys
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jwt
import requests  # noqa: TID251 - another library than the client's
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from schemathesis.python import asgi
from starlette.types import ASGIApp

from polyspec.sandbox import Sandbox
from tests.contract.spec import Operation
from tests.sandbox.clob.clob_door import Door

__all__ = ["ASSERTION_TYPE", "BASE", "Caller", "ClobPartner", "Partner", "PolySimPartner", "private_key"]

BASE: Final = "http://127.0.0.1"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EARLY: Final = 30

# eth-account raises it so far that a body of nothing but brackets would end the process
sys.setrecursionlimit(1000)


def private_key(path: str) -> RSAPrivateKey:
    """Load the key of a file."""
    key = load_pem_private_key(Path(path).read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


class Caller(ABC):
    """Requests to a venue of the sandbox in process."""

    def __init__(self, app: ASGIApp) -> None:
        self.session = asgi.get_client(app)

    @abstractmethod
    def signed(self, operation: Operation, path: str, raw: bytes) -> dict[str, str]:
        """Return the headers by which the venue knows that a request is ours."""

    def auth(self, operation: Operation) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
        """Return what signs a request that is about to leave."""

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            raw = request.body or b""
            path = request.path_url.partition("?")[0]
            raw = raw.encode() if isinstance(raw, str) else bytes(raw)
            request.headers.update(self.signed(operation, path, raw))
            return request

        return sign

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request as it is."""
        return self.session.request(method, BASE + path, allow_redirects=False, **options)

    def ask(self, operation: Operation, path: str = "", **options: Any) -> requests.Response:
        """Send a request that is signed as its operation asks for."""
        return self.send(operation.method, path or operation.filled(), auth=self.auth(operation), **options)

    @abstractmethod
    def close(self) -> None:
        """Leave nothing behind."""


class Partner(Caller):
    """Logged in to the US exchange, as its seeded client or as another."""

    def __init__(
        self, sandbox: Sandbox, *, client_id: str | None = None, key: RSAPrivateKey | None = None
    ) -> None:
        super().__init__(sandbox.asgi)
        self.venue = sandbox.us
        self.client_id = client_id or self.venue.client_id
        self._key = key or private_key(self.venue.private_key_path)
        self._token = ""
        self._end = 0.0

    def assertion(self, **changes: Any) -> str:
        """Sign an assertion; a change to None leaves the claim out."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.venue.token_url,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self._key, algorithm="RS256")

    def form(self, **changes: Any) -> dict[str, Any]:
        """Return the body of a token request."""
        return {
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
            "audience": self.venue.audience,
            "grant_type": "client_credentials",
            **changes,
        }

    def token(self) -> str:
        """Return an access token, a new one shortly before the old one ends."""
        if self._end - _EARLY <= time.time():
            answer = self.send("POST", "/oauth/token", json=self.form())
            assert answer.status_code == 200, answer.text
            self._token = answer.json()["access_token"]
            self._end = float(jwt.decode(self._token, options={"verify_signature": False})["exp"])
        return self._token

    def headers(self, schemes: set[str], participant: str = "") -> dict[str, str]:
        """Return the headers some security schemes ask for."""
        headers = {}
        if "accessToken" in schemes:
            headers["Authorization"] = f"Bearer {self.token()}"
        if "participantId" in schemes:
            headers["x-participant-id"] = participant or self.venue.participant_id
        return headers

    def signed(self, operation: Operation, path: str, raw: bytes) -> dict[str, str]:
        """Return the token and the participant, whatever the request says."""
        return self.headers(operation.schemes)

    def close(self) -> None:
        """Close the session."""
        self.session.close()


class ClobPartner(Caller):
    """One of the funded keys of the CLOB."""

    def __init__(self, sandbox: Sandbox, account: int = 0) -> None:
        super().__init__(sandbox.clob_venue.asgi)
        self.door = Door(sandbox, account)

    def signed(self, operation: Operation, path: str, raw: bytes) -> dict[str, str]:
        """Return the headers of a level, the second where there is a choice."""
        if "l2" in operation.schemes:
            return self.door.level2(operation.method, path, raw)
        return self.door.level1() if operation.schemes else {}

    def close(self) -> None:
        """Close the session, and what the key has open."""
        self.session.close()
        self.door.close()


class PolySimPartner(Caller):
    """One of the seeded users of PolySimulator."""

    def __init__(self, sandbox: Sandbox, key: str = "api_key", email: str = "pro@example.com") -> None:
        super().__init__(sandbox.polysimulator_venue.asgi)
        self.venue = sandbox.polysimulator_venue
        self.key = self.venue.api_key(key)
        self.token = self.venue.session(email)
        self.tenant: str = self.venue.describe()["partner_api_key"]

    def credentials(self, scheme: str) -> dict[str, str]:
        """Return the headers of a security scheme."""
        keys = {"apiKey": self.key, "tenantKey": self.tenant}
        return {"X-API-Key": keys[scheme]} if scheme in keys else {"Authorization": f"Bearer {self.token}"}

    def signed(self, operation: Operation, path: str, raw: bytes) -> dict[str, str]:
        """Return the first credentials an operation takes."""
        first = next((name for each in operation.security for name in each), None)
        return {} if first is None else self.credentials(first)

    def close(self) -> None:
        """Close the session."""
        self.session.close()
