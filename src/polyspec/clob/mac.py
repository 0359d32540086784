"""The HMAC of the venue's API keys: SHA-256 over timestamp, method, path and body, in URL-safe base64."""

from __future__ import annotations

import hmac
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Final

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError

__all__ = ["Seal", "decode_secret", "encode_signature", "message", "new_seal"]

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_WANTED: Final = "copy it from the answer that created the key, unchanged"

Seal = Callable[[bytes], str]
"""From a message to its signature."""


def decode_secret(text: str | Secret) -> bytes:
    """Decode an API secret: base64 of either alphabet, padded or not; raises ConfigError.

    Spaces and line ends around it are ignored.
    """
    hidden, text = text if isinstance(text, Secret) else Secret(text) if isinstance(text, str) else None, ""
    found = _decode(hidden)
    if isinstance(found, str):
        raise ConfigError(f"API secret: {found}; {_WANTED}")
    return found


def _decode(hidden: Secret | None) -> bytes | str:
    if hidden is None:
        return "it must be text"
    text = hidden.reveal().strip()
    if not text:
        return "it is empty"
    if re.search(r"\s", text):
        return "it has spaces or line ends inside"
    if not re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", text):
        return "it has characters that are no base64"
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(bare) % 4 == 1 or (len(text) > len(bare) and len(text) % 4):
        return "it is cut off: this is no length that base64 can have"
    return a2b_base64(bare + "=" * (-len(bare) % 4))


def message(timestamp: int, method: str, path: str, body: bytes) -> bytes:
    """Return what is signed for one request; raises ConfigError for what the venue would read otherwise.

    The path begins with a slash and has no query; the timestamp is in seconds.
    """
    if type(timestamp) is not int or timestamp < 0:
        raise ConfigError("the timestamp of a request is a whole number of seconds")
    if path[:1] != "/" or "?" in path:
        raise ConfigError("the signed path begins with a slash and ends before the query")
    return f"{timestamp}{method}{path}".encode() + body


def encode_signature(mac: bytes) -> str:
    """Return an HMAC as URL-safe base64 with its padding."""
    return b2a_base64(mac, newline=False).translate(_URL_SAFE).decode()


def new_seal(secret: bytes) -> Seal:
    """Return a function that signs messages; quicker than starting from the secret for each."""
    keyed = hmac.new(secret, digestmod="sha256")

    def seal(text: bytes) -> str:
        mac = keyed.copy()
        mac.update(text)
        return encode_signature(mac.digest())

    return seal
