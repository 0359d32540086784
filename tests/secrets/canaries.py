"""The secrets of a person with everything, made up for tests, and the forms they are looked for in."""

from __future__ import annotations

import base64
import json
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.faults.ears import spellings_of

__all__ = ["FORMS", "SECRETS", "all_of", "found_in"]

_KEY: Final = rsa.generate_private_key(65537, 2048)


def _part(claims: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def _token(name: str) -> str:
    return ".".join(
        (_part({"alg": "HS256"}), _part({"sub": f"canary-{name}"}), f"canary-proof-of-{name}-5a7d")
    )


SECRETS: Final[dict[str, str]] = {
    "wallet key": "0x" + "5eC2e7" * 10 + "beef",
    "api secret": base64.urlsafe_b64encode(b"canary-api-secret-\xff\xfe-of-mine").decode(),
    "api passphrase": "canary-passphrase-0c4e",
    "builder secret": base64.urlsafe_b64encode(b"canary-builder-secret-\xfb\xff").decode(),
    "builder passphrase": "canary-builder-passphrase-91",
    "us key": _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    "us token": _token("us"),
    "paper key": "ps_live_canary5e1f0c77aa2249c1",
    "paper token": _token("dashboard"),
    "socket token": _token("socket"),
    "proxy": "canary-proxy?/+password",
    "limiter": "canary-limiter-password",
    "database": "canary-database-password",
    "transit": "hvs.canary-transit-token",
    "vault passphrase": "canary vault passphrase",
    "ssn": "987654320",
    "webhook": "whsec_" + base64.b64encode(b"canary-webhook-secret-of-24+").decode(),
    "one-time password": "canary-otp-424242",
    "data key": "canary-data-key-of-32-bytes-long",
}
"""By what they are; each is valid where it goes."""


def all_of(name: str) -> list[str]:
    """Return what gives a secret away: itself, and what it is made of or decoded to."""
    secret = SECRETS[name]
    if name == "us key":
        lines, numbers = secret.splitlines()[2:-1], _KEY.private_numbers()
        return [*lines, *(form(each) for each in (numbers.d, numbers.p, numbers.q) for form in (str, hex))]
    if name == "wallet key":
        raw = bytes.fromhex(secret[2:])
        packed = base64.b64encode(raw).decode().rstrip("=")
        return [secret[2:], secret[2:].lower(), str(int(secret, 16)), repr(raw)[2:-1], packed]
    if name.endswith("secret"):
        return [secret, repr(base64.urlsafe_b64decode(secret))[2:-1], base64.urlsafe_b64decode(secret).hex()]
    if name.endswith("token"):
        # its first part says how it is signed, and is the same for everybody
        return [secret, *secret.split(".")[1:]]
    return [secret]


FORMS = {
    "raw": lambda secret: secret,
    "hex": lambda secret: secret.encode().hex(),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "percent": lambda secret: quote(secret, safe=""),
    "url-safe": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
}


# the same as `Canaries` looks for, worked out once: the table is searched a thousand times
_SHAPES: Final = {
    shape: f"{name} as {spelling}"
    for name in SECRETS
    for each in all_of(name)
    for spelling, shape in spellings_of(each)
}


def found_in(text: str) -> list[str]:
    """Return which secrets are in a text; what was quoted more than once has many a backslash."""
    while True:
        if found := [told for shape, told in _SHAPES.items() if shape in text]:
            return found
        plainer = text.replace("\\\\", "\\")
        if plainer == text:
            return []
        text = plainer
