"""Both levels of authentication, beyond the vectors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import pickle
from typing import Any

import pytest
from eth_account import Account as EthAccount
from eth_account.messages import encode_typed_data
from hypothesis import example, given, settings
from hypothesis import strategies as st

from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.l1 import l1_digest, l1_headers
from polyspec.clob.l2 import builder_headers, l2_headers, l2_signature
from polyspec.clob.signers import LocalSigner
from polyspec.core.secret import SecretHeaders
from polyspec.errors import ConfigError
from tests.unit.clob.checks import ADDRESSES, KEYS, OWNER

SECRET = base64.urlsafe_b64encode(b"k" * 32).decode()
CREDS = ApiCreds(OWNER, SECRET, "phrase")
SIGNER = LocalSigner.from_key(KEYS[0])


@given(
    timestamp=st.integers(0, 2**40),
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT"]),
    path=st.text("abcxyz/-_0123456789", max_size=40).map(lambda text: f"/{text}"),
    body=st.binary(max_size=900),
)
@example(timestamp=1, method="POST", path="/orders", body=bytes(range(256)) * 60)
def test_hmac_covers_exactly_the_bytes(timestamp: int, method: str, path: str, body: bytes) -> None:
    """The signature is the HMAC of time, method, path and body, whatever bytes the body has."""
    expected = base64.urlsafe_b64encode(
        hmac.new(b"k" * 32, f"{timestamp}{method}{path}".encode() + body, hashlib.sha256).digest()
    ).decode()
    request = timestamp, method, path, body
    assert l2_signature(b"k" * 32, *request) == expected
    assert l2_headers(CREDS, ADDRESSES[0], *request)["POLY_SIGNATURE"] == expected
    builder = BuilderCreds(OWNER, SECRET, "phrase")
    assert builder_headers(builder, *request)["POLY_BUILDER_SIGNATURE"] == expected


@given(bodies=st.lists(st.binary(min_size=1, max_size=60), min_size=2, max_size=2, unique=True))
def test_another_body_is_another_signature(bodies: list[bytes]) -> None:
    """No byte of a body is left out, and one request leaves nothing behind for the next."""
    first, second = (l2_headers(CREDS, ADDRESSES[0], 1, "POST", "/order", body) for body in bodies)
    assert first["POLY_SIGNATURE"] != second["POLY_SIGNATURE"]
    again = l2_headers(CREDS, ADDRESSES[0], 1, "POST", "/order", bodies[0])
    assert dict(again) == dict(first)


@pytest.mark.parametrize("path", ["", "order", "/orders?id=1", "https://host/order"])
def test_paths_that_would_be_read_otherwise(path: str) -> None:
    """A path with a query or without its slash is refused: the venue signs neither."""
    with pytest.raises(ConfigError, match="path"):
        l2_headers(CREDS, ADDRESSES[0], 1, "GET", path)


@pytest.mark.parametrize("timestamp", [1.5, -1, True, "1700000000", None])
def test_times_that_are_no_seconds(timestamp: Any) -> None:
    """Times are whole seconds, at both levels."""
    with pytest.raises(ConfigError, match="seconds"):
        l2_headers(CREDS, ADDRESSES[0], timestamp, "GET", "/time")
    with pytest.raises(ConfigError, match="seconds"):
        l1_headers(SIGNER, 137, timestamp)


@pytest.mark.parametrize(
    "headers", [l2_headers(CREDS, ADDRESSES[0], 1, "GET", "/x"), l1_headers(SIGNER, 137, 1)]
)
def test_headers_show_their_names_only(headers: SecretHeaders) -> None:
    """Signed headers keep their values out of text and pickles."""
    assert "POLY_SIGNATURE" in repr(headers)
    for name in ("POLY_SIGNATURE", "POLY_ADDRESS"):
        assert headers[name] not in repr(headers)
    with pytest.raises(TypeError):
        pickle.dumps(headers)


@given(
    key=st.integers(1, 2**255).map(lambda number: number.to_bytes(32, "big")),
    chain_id=st.sampled_from([137, 80002]),
    timestamp=st.integers(0, 2**40),
    nonce=st.integers(0, 2**256 - 1),
)
@settings(max_examples=40, deadline=None)
def test_l1_as_eth_account_signs_it(key: bytes, chain_id: int, timestamp: int, nonce: int) -> None:
    """The signature is the one a general EIP-712 library makes."""
    account = EthAccount.from_key(key)
    message = encode_typed_data(
        full_message={
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"},
                    {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                ],
                "ClobAuth": [
                    {"name": "address", "type": "address"},
                    {"name": "timestamp", "type": "string"},
                    {"name": "nonce", "type": "uint256"},
                    {"name": "message", "type": "string"},
                ],
            },
            "primaryType": "ClobAuth",
            "domain": {"name": "ClobAuthDomain", "version": "1", "chainId": chain_id},
            "message": {
                "address": account.address,
                "timestamp": str(timestamp),
                "nonce": nonce,
                "message": "This message attests that I control the given wallet",
            },
        }
    )
    headers = l1_headers(LocalSigner.from_key(key), chain_id, timestamp, nonce)
    assert headers["POLY_SIGNATURE"] == "0x" + account.sign_message(message).signature.hex()
    assert headers["POLY_ADDRESS"] == account.address
    assert headers["POLY_NONCE"] == str(nonce)


@pytest.mark.parametrize("nonce", [-1, 2**256, True, 1.0, "0", None])
def test_l1_nonces(nonce: Any) -> None:
    """A nonce is a whole number of 256 bits."""
    with pytest.raises(ConfigError, match="nonce"):
        l1_headers(SIGNER, 137, 1, nonce)


@pytest.mark.parametrize("chain_id", [1, 0, -137, 137.0, "137", True, None, KEYS[0]])
def test_wrong_chains(chain_id: Any) -> None:
    """The venue is on two chains; a key in place of the chain id is not shown."""
    with pytest.raises(ConfigError, match="137") as caught:
        l1_headers(SIGNER, chain_id, 1)
    assert KEYS[0] not in str(caught.value)


def test_l1_digest_takes_any_spelling_of_an_address() -> None:
    """An address in lower case is the same address."""
    assert l1_digest(ADDRESSES[0].lower(), 137, 1) == l1_digest(ADDRESSES[0], 137, 1)
    assert l1_digest(ADDRESSES[0], 137, 1) != l1_digest(ADDRESSES[1], 137, 1)
