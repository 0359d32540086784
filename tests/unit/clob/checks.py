"""What the vectors of the venue's own packages say, held against what is computed here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.l1 import l1_digest, l1_headers
from polyspec.clob.l2 import builder_headers, decode_secret, l2_headers, l2_signature
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.signers import LocalSigner
from polyspec.clob.typed_data import domain_prefix
from polyspec.clob.wallets import Account, derive_wallets

VECTORS: Final = Path(__file__).parents[2] / "vectors"
# public development keys: the first accounts of the mnemonic "test test ... junk"
KEYS: Final = (
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
)
ADDRESSES: Final = (
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
)
TOKEN: Final = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
OWNER: Final = "00000000-0000-4000-8000-000000000001"


def load(kind: str) -> list[dict[str, Any]]:
    """Read the vectors of a kind."""
    content = json.loads((VECTORS / f"{kind}.json").read_text())
    found: list[dict[str, Any]] = content["vectors"]
    assert len(found) == content["count"]
    return found


def account_of(signer: LocalSigner, kind: int, funder: str | None = None) -> Account:
    """Put an account together without asking whose the funder is."""
    maker = funder or signer.address
    return Account(signer.address, maker, maker if kind == 3 else signer.address, kind)


def check_l1(vector: dict[str, Any]) -> None:
    """Compare a signature that asks for API keys."""
    given, expected = vector["inputs"], vector["expected"]
    signer = LocalSigner.from_key(given["private_key"])
    when = given["chain_id"], given["timestamp"], int(given["nonce"])
    headers = l1_headers(signer, *when)
    assert signer.address == expected["address"]
    assert "0x" + l1_digest(signer.address, *when).hex() == expected["digest"]
    assert headers["POLY_SIGNATURE"] == expected["signature"]
    assert dict(headers) == expected["headers"]


def check_l2(vector: dict[str, Any]) -> None:
    """Compare the signature of a request."""
    given, expected = vector["inputs"], vector["expected"]
    signer = LocalSigner.from_key(given["private_key"])
    creds = ApiCreds(given["api_key"], given["secret"], given["passphrase"])
    request = given["timestamp"], given["method"], given["path"], (given["body"] or "").encode()
    assert l2_signature(decode_secret(given["secret"]), *request) == expected["signature"]
    assert dict(l2_headers(creds, signer.address, *request)) == expected["headers"]


def check_builder(vector: dict[str, Any]) -> None:
    """Compare the signature of a builder's request."""
    given, expected = vector["inputs"], vector["expected"]
    creds = BuilderCreds(given["key"], given["secret"], given["passphrase"])
    request = given["timestamp"], given["method"], given["path"], (given["body"] or "").encode()
    headers = builder_headers(creds, *request)
    assert headers["POLY_BUILDER_SIGNATURE"] == expected["signature"]
    assert dict(headers) == expected["headers"]


def check_wallets(vector: dict[str, Any]) -> None:
    """Compare the wallets of a key."""
    given, expected = vector["inputs"], vector["expected"]
    found = derive_wallets(given["signer"], given["chain_id"])
    assert found.eoa == given["signer"]
    assert found.proxy == expected["proxy_wallet"]
    assert found.safe == expected["safe_wallet"]
    assert found.deposit_uups == expected["deposit_wallet_uups"]
    assert found.deposit_beacon == expected["deposit_wallet_beacon"]


def check_order(vector: dict[str, Any]) -> None:
    """Compare an order, its id, its signature and the body it is posted in."""
    given, expected = vector["inputs"], vector["expected"]
    signer = LocalSigner.from_key(given["private_key"])
    account = account_of(signer, given["signature_type"], given["funder"])
    orders = OrderSigner(signer, account, given["chain_id"], given["version"], given["neg_risk"])
    rest = ("expiration", "metadata", "builder", "taker", "nonce", "fee_rate_bps")
    signed = orders.sign(
        orders.order(
            given["token_id"],
            given["side"],
            int(expected["maker_amount"]),
            int(expected["taker_amount"]),
            timestamp_ms=given.get("timestamp_ms", 0),
            salt=int(given["salt"]),
            **{name: given[name] for name in rest if name in given},
        )
    )
    domain = expected["domain"]
    assert signed.exchange == expected["exchange"] == domain["verifyingContract"]
    prefix = domain_prefix(domain["name"], domain["version"], domain["chainId"], domain["verifyingContract"])
    assert orders._prefix == prefix
    assert signed.order_id == expected["order_hash"]
    assert signed.signature == expected["signature"]
    flags = {"post_only": given["post_only"], "defer_exec": given["defer_exec"]}
    assert json.loads(signed.body(given["owner"], given["order_type"], **flags)) == expected["body"]


CHECKS: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "clob_l1_auth": check_l1,
    "clob_l2_hmac": check_l2,
    "clob_builder_headers": check_builder,
    "clob_wallets": check_wallets,
    "clob_orders_v1": check_order,
    "clob_orders_v2": check_order,
    "clob_orders_v3": check_order,
}
