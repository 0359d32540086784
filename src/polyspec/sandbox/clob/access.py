"""Who calls: level-1 and level-2 headers and those of builders, as an operation's security demands.

The venue has one text for all causes; which one it was stands in a header of the sandbox's own.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from polyspec_wire import Operation
from starlette.requests import Request

from polyspec.sandbox.clob import proof
from polyspec.sandbox.clob.keys import ApiKey, BuilderKey
from polyspec.sandbox.clob.refusals import no_such_key, not_signed

if TYPE_CHECKING:
    from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["Caller", "authenticate"]

_DIGITS: Final = re.compile(r"[0-9]{1,15}")
_MESSAGE: Final = "This message attests that I control the given wallet"
_AUTH: Final = {
    "ClobAuth": [
        {"name": "address", "type": "address"},
        {"name": "timestamp", "type": "string"},
        {"name": "nonce", "type": "uint256"},
        {"name": "message", "type": "string"},
    ]
}


@dataclass(frozen=True)
class Caller:
    """Whoever signed a request."""

    address: str
    """Lower case."""
    key: ApiKey | None = None
    """With level-2 credentials."""
    nonce: int = 0
    """With a wallet signature."""
    builder: BuilderKey | None = None

    @property
    def owner(self) -> str:
        """Whose orders the API key reaches."""
        assert self.key is not None
        return self.key.line or self.key.id


def authenticate(world: ClobWorld, operation: Operation, request: Request, raw: bytes) -> Caller | None:
    """Return who calls, None if nobody is asked; raises Refusal (401)."""
    allowed = [name for alternative in operation.security for name, _ in alternative]
    if not allowed:
        return None
    headers = request.headers
    if "builder" in allowed and "poly_builder_api_key" in headers:
        return _builder(world, request, raw)
    if "l2" in allowed and request.method == "GET" and "poly_readonly_api_key" in headers:
        return _readonly(world, request)
    if "l2" in allowed and ("poly_api_key" in headers or "l1" not in allowed):
        return _level2(world, request, raw)
    return _level1(world, request)


def _level1(world: ClobWorld, request: Request) -> Caller:
    address, signature, timestamp, nonce = (
        request.headers.get(name, "")
        for name in ("poly_address", "poly_signature", "poly_timestamp", "poly_nonce")
    )
    if not proof.is_address(address):
        raise not_signed("POLY_ADDRESS is missing or no address")
    if not _DIGITS.fullmatch(nonce):
        raise not_signed("POLY_NONCE is missing or no number")
    if why := _untimely(world, timestamp):
        raise not_signed(why)
    domain: dict[str, Any] = {"name": "ClobAuthDomain", "version": "1", "chainId": world.options.chain_id}
    message = {"address": address, "timestamp": timestamp, "nonce": int(nonce), "message": _MESSAGE}
    signer = proof.recover(proof.typed_hash(domain, _AUTH, message).digest, _hex(signature))
    if signer is None or signer.lower() != address.lower():
        raise not_signed("POLY_SIGNATURE is not by POLY_ADDRESS")
    return Caller(address.lower(), nonce=int(nonce))


def _level2(world: ClobWorld, request: Request, raw: bytes) -> Caller:
    headers = request.headers
    key = world.keys.get(headers.get("poly_api_key", ""))
    if key is None:
        raise no_such_key("POLY_API_KEY is missing or unknown")
    if headers.get("poly_address", "").lower() != key.address:
        raise no_such_key("POLY_ADDRESS is not the address of the key")
    given = headers.get("poly_passphrase", "")
    if not hmac.compare_digest(given.encode(), world.keys.passphrase(key.id).encode()):
        raise no_such_key("POLY_PASSPHRASE is missing or wrong")
    _check_signature(world, key.id, request, raw, "poly")
    if world.keys.fresh(key):
        raise no_such_key("the key is too new")
    if world.keys.lapsed(key):
        raise no_such_key("the key has lapsed: create it again")
    if world.lapses():
        raise no_such_key("the sandbox was told to refuse now and then")
    return Caller(key.address, key=key)


def _readonly(world: ClobWorld, request: Request) -> Caller:
    """Return the caller of a read with a key that can do no more; such a key is not signed with."""
    headers = request.headers
    key = world.keys.readonly(headers.get("poly_readonly_api_key", ""))
    owner = None if key is None else world.keys.get(key.owner)
    if key is None or owner is None:
        raise no_such_key("POLY_READONLY_API_KEY is unknown")
    if headers.get("poly_address", "").lower() != key.address:
        raise no_such_key("POLY_ADDRESS is not the address of the key")
    return Caller(key.address, key=owner)


def _builder(world: ClobWorld, request: Request, raw: bytes) -> Caller:
    headers = request.headers
    key = world.keys.builder(headers.get("poly_builder_api_key", ""))
    if key is None:
        raise no_such_key("POLY_BUILDER_API_KEY is missing or unknown")
    given = headers.get("poly_builder_passphrase", "")
    if not hmac.compare_digest(given.encode(), world.keys.passphrase(key.id).encode()):
        raise no_such_key("POLY_BUILDER_PASSPHRASE is missing or wrong")
    _check_signature(world, key.id, request, raw, "poly_builder")
    return Caller(key.address, builder=key)


def _check_signature(world: ClobWorld, key_id: str, request: Request, raw: bytes, prefix: str) -> None:
    timestamp = request.headers.get(f"{prefix}_timestamp", "")
    if why := _untimely(world, timestamp):
        raise no_such_key(why)
    # the path as it was sent, without the query
    path = request.scope["path"]
    secret = base64.urlsafe_b64decode(world.keys.secret(key_id))
    expected = hmac.digest(secret, f"{timestamp}{request.method}{path}".encode() + raw, "sha256")
    given = request.headers.get(f"{prefix}_signature", "")
    if not hmac.compare_digest(given.encode(), base64.urlsafe_b64encode(expected)):
        raise no_such_key(f"{prefix.upper()}_SIGNATURE does not fit timestamp, method, path and body")


def _untimely(world: ClobWorld, timestamp: str) -> str:
    """Say what is wrong with a timestamp, nothing if it is right."""
    if not _DIGITS.fullmatch(timestamp):
        return "the timestamp is missing or no number of seconds"
    age = world.clock.seconds() - int(timestamp)
    options = world.options
    if age > options.clock_behind:
        return f"the timestamp is {age:.0f} s old, {options.clock_behind:g} are allowed"
    if -age > options.clock_ahead:
        return f"the timestamp lies {-age:.0f} s ahead, {options.clock_ahead:g} are allowed"
    return ""


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return b""
