"""Prove to the US exchange's token endpoint who we are: a JWT signed with our RSA key (RFC 7523)."""

from __future__ import annotations

import hashlib
import math
import os
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Final, NoReturn

import msgspec
from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from polyspec_wire import Call
from polyspec_wire.us_exchange.models import TokenRequest, TokenResponse
from polyspec_wire.us_exchange.oauth import request_token

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from polyspec.us.keys import parse_key, read_key_file

__all__ = ["PrivateKeyJwt"]

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MIN_LIFETIME: Final = 10
_MAX_LIFETIME: Final = 300
# An assertion from a clock slightly ahead must not come from the server's future.
_BACK_DATING: Final = 5


@frozen(kw_only=True, eq=False)
class PrivateKeyJwt:
    """Credentials of the US exchange. Make them with `from_file` or `from_pem`."""

    client_id: str
    token_url: str
    """Where tokens are asked for, and the ``aud`` claim of the assertion."""
    audience: str
    """What the tokens are for: the base URL of the API."""
    lifetime: int = 60
    """Seconds for which one assertion can be used, 10 to 300."""
    kid: str | None = None
    """Key id for the header; the venue asks for none."""
    fingerprint: str
    """Short SHA-256 of the public key: tells keys apart, and is no secret."""
    _sign: Callable[[bytes], bytes] = field(repr=False, alias="sign")

    def __attrs_post_init__(self) -> None:
        for name in ("client_id", "token_url", "audience"):
            value: object = getattr(self, name)
            if not isinstance(value, str) or not value or value != value.strip():
                raise ConfigError(f"{name} must be a text without spaces around it")
        if isinstance(self.lifetime, bool) or not isinstance(self.lifetime, int):
            raise ConfigError("the lifetime of an assertion is a whole number of seconds")
        if not _MIN_LIFETIME <= self.lifetime <= _MAX_LIFETIME:
            raise ConfigError(
                f"an assertion may live {_MIN_LIFETIME} to {_MAX_LIFETIME} seconds, not {self.lifetime}"
            )

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        *,
        client_id: str,
        token_url: str,
        audience: str,
        passphrase: str | bytes | Secret | None = None,
        lifetime: int = 60,
        kid: str | None = None,
        allow_readable_key: bool = False,
    ) -> PrivateKeyJwt:
        """Read the key from a PEM file; raises ConfigError saying what is wrong with it.

        A file that other users of this machine can read is refused unless `allow_readable_key`, for mounts
        whose modes cannot be set.
        """
        locked, passphrase = _hide(passphrase), None
        if "-----BEGIN" in str(path):
            # as in `from_pem`: no frame may hold the key when an error leaves it
            path = ""
            raise ConfigError("this is the private key itself, not the path of its file: use from_pem")
        pem = read_key_file(path, allow_readable_key=allow_readable_key)
        return cls._of(parse_key(pem, locked), client_id, token_url, audience, lifetime, kid)

    @classmethod
    def from_pem(
        cls,
        pem: str | bytes | Secret,
        *,
        client_id: str,
        token_url: str,
        audience: str,
        passphrase: str | bytes | Secret | None = None,
        lifetime: int = 60,
        kid: str | None = None,
    ) -> PrivateKeyJwt:
        """Take the key as PEM text; raises ConfigError saying what is wrong with it."""
        # the names of the raw values are taken off them, or an error would carry both in its traceback
        hidden, pem = _hide(pem), ""
        locked, passphrase = _hide(passphrase), None
        if hidden is None:
            raise ConfigError("the private key must be PEM text or bytes")
        return cls._of(parse_key(hidden, locked), client_id, token_url, audience, lifetime, kid)

    @classmethod
    def _of(
        cls, key: RSAPrivateKey, client_id: str, token_url: str, audience: str, lifetime: int, kid: str | None
    ) -> PrivateKeyJwt:
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(
            client_id=client_id,
            token_url=token_url,
            audience=audience,
            lifetime=lifetime,
            kid=kid,
            fingerprint="sha256:" + hashlib.sha256(public).hexdigest()[:16],
            sign=lambda data: key.sign(data, PKCS1v15(), SHA256()),
        )

    def assertion(self, now: float) -> str:
        """Return a signed assertion for one token request; `now` is the server's unix time as we know it."""
        if not math.isfinite(now):
            raise ConfigError("the time of an assertion must be finite")
        issued = int(now) - _BACK_DATING
        header = {"alg": "RS256", "typ": "JWT"} | ({} if self.kid is None else {"kid": self.kid})
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.token_url,
            "iat": issued,
            "exp": issued + self.lifetime,
            # a used id is refused, so retries need a new one as well
            "jti": str(uuid.uuid4()),
        }
        signed = b".".join((_part(msgspec.json.encode(header)), _part(msgspec.json.encode(claims))))
        return b".".join((signed, _part(self._sign(signed)))).decode()

    def prove(self, words: bytes) -> bytes:
        """Return the signature over words that are no assertion: the same each time, and for this key alone.

        Raises ConfigError for words that a signature could be taken for an assertion with.
        """
        if b"." in words:
            raise ConfigError("these words could be an assertion")
        return self._sign(words)

    def token_call(self, now: float) -> Call[TokenResponse]:
        """Return the token request for an assertion of this moment; never send one twice."""
        return request_token(
            TokenRequest(
                client_id=self.client_id,
                client_assertion_type=_ASSERTION_TYPE,
                client_assertion=self.assertion(now),
                audience=self.audience,
                grant_type="client_credentials",
            )
        )

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What tokens may be shared by: endpoint, client, audience and key."""
        return self.token_url, self.client_id, self.audience, self.fingerprint

    def __copy__(self) -> PrivateKeyJwt:
        return self

    def __deepcopy__(self, memo: dict[int, Any], /) -> PrivateKeyJwt:
        return self

    def __reduce_ex__(self, protocol: Any, /) -> NoReturn:
        raise TypeError("credentials cannot be pickled")


def _part(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def _hide(value: str | bytes | Secret | None) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value
    if isinstance(value, bytes | bytearray):
        return Secret(bytes(value).decode("utf-8-sig", "replace"))
    return Secret(value) if isinstance(value, str) else None
