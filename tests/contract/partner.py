"""A partner of the sandbox made of requests, PyJWT and cryptography only: no code of the client's."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any, Final

import jwt
import requests  # noqa: TID251 - another library than the client's
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from schemathesis.python import asgi

from polyspec.sandbox import Sandbox

__all__ = ["ASSERTION_TYPE", "BASE", "Partner", "private_key"]

BASE: Final = "http://127.0.0.1"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EARLY: Final = 30


def private_key(path: str) -> RSAPrivateKey:
    """Load the key of a file."""
    key = load_pem_private_key(Path(path).read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


class Partner:
    """Requests to a sandbox in process, logged in as its seeded client or as another."""

    def __init__(
        self, sandbox: Sandbox, *, client_id: str | None = None, key: RSAPrivateKey | None = None
    ) -> None:
        self.venue = sandbox.us
        self.session = asgi.get_client(sandbox.asgi)
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

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request as it is."""
        return self.session.request(method, BASE + path, allow_redirects=False, **options)
