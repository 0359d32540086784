"""Level 2: requests signed with an API key, and those of builders, made the same way."""

from __future__ import annotations

import hmac

from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.mac import decode_secret, encode_signature, message
from polyspec.core.secret import SecretHeaders

__all__ = ["builder_headers", "decode_secret", "l2_headers", "l2_signature"]


def l2_signature(secret: bytes, timestamp: int, method: str, path: str, body: bytes = b"") -> str:
    """Sign one request: exactly the bytes of the body, a path without query, a time in seconds."""
    return encode_signature(hmac.digest(secret, message(timestamp, method, path, body), "sha256"))


def l2_headers(
    creds: ApiCreds, address: str, timestamp: int, method: str, path: str, body: bytes = b""
) -> SecretHeaders:
    """Return the headers of one request; `address` is the account whose key the credentials belong to."""
    return SecretHeaders(
        {
            "POLY_ADDRESS": address,
            "POLY_SIGNATURE": creds.seal(message(timestamp, method, path, body)),
            "POLY_TIMESTAMP": str(timestamp),
            "POLY_API_KEY": creds.api_key,
            "POLY_PASSPHRASE": creds.api_passphrase.reveal(),
        }
    )


def builder_headers(
    creds: BuilderCreds, timestamp: int, method: str, path: str, body: bytes = b""
) -> SecretHeaders:
    """Return the headers by which a builder signs one request."""
    return SecretHeaders(
        {
            "POLY_BUILDER_API_KEY": creds.key,
            "POLY_BUILDER_PASSPHRASE": creds.passphrase.reveal(),
            "POLY_BUILDER_SIGNATURE": creds.seal(message(timestamp, method, path, body)),
            "POLY_BUILDER_TIMESTAMP": str(timestamp),
        }
    )
