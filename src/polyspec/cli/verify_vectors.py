"""``polyspec verify-vectors``: check that this installation computes what the venue's own packages do.

Every vector goes through the code that signs and prices real orders, with the rounding of those packages.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias

from attrs import define, field, frozen

from polyspec.clob import curve, keccak
from polyspec.clob.addresses import parse_address
from polyspec.clob.amounts import Amounts, limit_amounts, market_amounts
from polyspec.clob.bookhash import book_hash
from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.fees import fee_adjusted, fee_subtracted
from polyspec.clob.l1 import l1_digest, l1_headers
from polyspec.clob.l2 import builder_headers, decode_secret, l2_headers, l2_signature
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.signers import LocalSigner
from polyspec.clob.ticks import tick_of
from polyspec.clob.walking import NO_MATCH, market_price
from polyspec.clob.wallets import POLY_1271, Account, derive_wallets
from polyspec.errors import ConfigError, InvalidOrder, PolyspecError

__all__ = ["add_arguments", "run"]

Inputs: TypeAlias = Mapping[str, Any]

_FORMAT: Final = 1
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
# packages differ in whether they send these when they are false
_OPTIONAL: Final = {"postOnly", "deferExec"}
# what is compared there may be somebody's credentials
_UNSHOWN: Final = {"clob_l2_hmac", "clob_builder_headers"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="vectors, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Check every file; 0 if all vectors pass, 1 if one fails, 2 if a file cannot be checked."""
    print(f"keccak256 by {keccak.backend()}, secp256k1 by {curve.backend()}")
    status = 0
    with warnings.catch_warnings():
        # the line above says it
        warnings.simplefilter("ignore", curve.SlowSigning)
        for path in arguments.files:
            status = max(status, _show(path))
    return status


def _show(path: Path) -> int:
    """Check a file, print how it did, and return its exit status."""
    try:
        report = _check_file(path)
    except ConfigError as error:
        print(f"polyspec: {path}: {error}", file=sys.stderr)
        return 2
    print(f"{path}: {report.passed} passed, {report.failed} failed", flush=True)
    for line in report.lines:
        print(f"{path}: {line}", file=sys.stderr)
    return int(report.failed > 0)


@define
class _Report:
    """How a file did."""

    passed: int = 0
    failed: int = 0
    lines: list[str] = field(factory=list)

    def add(self, name: str, problems: list[str]) -> None:
        """Count a vector, by what is wrong with it."""
        self.passed += not problems
        self.failed += bool(problems)
        self.lines.extend(f"{name}: {problem}" for problem in problems)


def _check_file(path: Path) -> _Report:
    """Check the vectors of a file; raises ConfigError if it holds none of a kind that is known."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or type(error).__name__}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"is no JSON: {error}") from error
    vectors = content.get("vectors") if isinstance(content, dict) else None
    if not isinstance(vectors, list):
        raise ConfigError("is no file of vectors: there is no list of them")
    kind, number = content.get("kind"), content.get("format")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ConfigError(f"holds vectors of the kind {kind!r}; known are {', '.join(_KINDS)}")
    if number != _FORMAT:
        raise ConfigError(f"is of format {number!r}; known is {_FORMAT}")
    report = _Report()
    if not vectors or content.get("count") != len(vectors):
        report.add("count", [f"says {content.get('count')!r}, but there are {len(vectors)} vectors"])
    for place, vector in enumerate(vectors):
        name = vector.get("id") if isinstance(vector, dict) else None
        report.add(str(name or f"vector {place}"), check_vector(kind, vector))
    return report


def check_vector(kind: str, vector: Any) -> list[str]:
    """Return what is wrong with a vector: for each field what was expected and what came out."""
    if not isinstance(vector, dict) or not {"inputs", "expected"} <= vector.keys():
        return ["has no inputs or no expected result"]
    expected = vector["expected"]
    try:
        got = _KINDS[kind](vector["inputs"])
    except PolyspecError as error:
        return [] if expected is None and isinstance(error, ConfigError) else [f"is refused: {error}"]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # without its text, which may quote an input that is secret
        return [f"cannot be computed from these inputs ({type(error).__name__})"]
    if expected is None:
        return [] if got.get("error") or got.get("on_grid") is False else ["expected a refusal, got a result"]
    shown = kind not in _UNSHOWN
    return [
        str(each) if shown else f"{each.path}: is something else here" for each in _compare(expected, got)
    ]


@frozen
class _Difference:
    path: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.path}: expected {json.dumps(self.expected)}, got {json.dumps(self.got)}"


def _compare(expected: Any, got: Any, path: str = "") -> Iterator[_Difference]:
    if not (isinstance(expected, dict) and isinstance(got, dict)):
        if not _same(expected, got):
            yield _Difference(path or "expected", expected, got)
        return
    for key in {**expected, **got}:
        here = f"{path}.{key}" if path else key
        if key not in expected:
            if not (key in _OPTIONAL and got[key] is False):
                yield _Difference(here, None, got[key])
        elif key not in got:
            # a field that nobody checks would look as if it had passed
            yield _Difference(here, expected[key], None)
        else:
            yield from _compare(expected[key], got[key], here)


def _same(expected: Any, got: Any) -> bool:
    if type(expected) is not type(got):
        return False
    if isinstance(got, str) and _ADDRESS.fullmatch(got):
        return bool(expected.lower() == got.lower())
    return bool(expected == got)


def _l1_auth(inputs: Inputs) -> dict[str, Any]:
    signer = LocalSigner.from_key(inputs["private_key"])
    when = inputs["chain_id"], inputs["timestamp"], int(inputs["nonce"])
    headers = dict(l1_headers(signer, *when))
    return {
        "address": signer.address,
        "digest": "0x" + l1_digest(signer.address, *when).hex(),
        "signature": headers["POLY_SIGNATURE"],
        "headers": headers,
    }


def _l2_hmac(inputs: Inputs) -> dict[str, Any]:
    address = LocalSigner.from_key(inputs["private_key"]).address
    creds = ApiCreds(inputs["api_key"], inputs["secret"], inputs["passphrase"])
    return {
        "signature": l2_signature(decode_secret(inputs["secret"]), *_request(inputs)),
        "headers": dict(l2_headers(creds, address, *_request(inputs))),
    }


def _builder_headers(inputs: Inputs) -> dict[str, Any]:
    creds = BuilderCreds(inputs["key"], inputs["secret"], inputs["passphrase"])
    return {
        "signature": l2_signature(decode_secret(inputs["secret"]), *_request(inputs)),
        "headers": dict(builder_headers(creds, *_request(inputs))),
    }


def _request(inputs: Inputs) -> tuple[int, str, str, bytes]:
    body = inputs["body"]
    return inputs["timestamp"], inputs["method"], inputs["path"], b"" if body is None else body.encode()


def _order(inputs: Inputs) -> dict[str, Any]:
    amounts = _amounts_of(inputs)
    signer = _order_signer(inputs)
    terms = {
        name: inputs[name] for name in ("taker", "fee_rate_bps", "metadata", "builder") if name in inputs
    }
    order = signer.order(
        inputs["token_id"],
        inputs["side"],
        amounts.maker_amount,
        amounts.taker_amount,
        timestamp_ms=inputs.get("timestamp_ms", 0),
        salt=int(inputs["salt"]),
        expiration=int(inputs["expiration"]),
        nonce=int(inputs.get("nonce", 0)),
        **terms,
    )
    signed = signer.sign(order)
    body = signed.body(
        inputs["owner"],
        inputs["order_type"],
        post_only=inputs["post_only"],
        defer_exec=inputs["defer_exec"],
    )
    return {
        "exchange": signer.exchange,
        # as it went into the order hash
        "domain": {
            "name": "Polymarket CTF Exchange",
            "version": str(signer.version),
            "chainId": signer.chain_id,
            "verifyingContract": signer.exchange,
        },
        "maker_amount": str(amounts.maker_amount),
        "taker_amount": str(amounts.taker_amount),
        "order_hash": signed.order_id,
        "signature": signed.signature,
        "body": json.loads(body),
    }


def _order_signer(inputs: Inputs) -> OrderSigner:
    key = LocalSigner.from_key(inputs["private_key"])
    funder, kind = inputs["funder"], inputs["signature_type"]
    # the funders of vectors are not worked out from their keys, so they are taken as they are
    wallet = key.address if funder is None else parse_address(funder, "the funder")
    account = Account(key.address, wallet, wallet if kind == POLY_1271 else key.address, kind)
    return OrderSigner(key, account, inputs["chain_id"], inputs["version"], inputs["neg_risk"])


def _amounts_of(inputs: Inputs) -> Amounts:
    tick, side, price = tick_of(inputs["tick_size"]), inputs["side"], inputs["price"]
    if inputs["kind"] == "limit":
        return limit_amounts(tick, side, price, inputs["size"], exact_size=False)
    if inputs["kind"] == "market":
        return market_amounts(tick, side, price, inputs["amount"], exact=False, taker_decimals=None)
    raise ConfigError(f"orders are of the kind limit or market, not {inputs['kind']!r}")


def _amounts(inputs: Inputs) -> dict[str, Any]:
    try:
        found = _amounts_of(inputs)
    except InvalidOrder as error:
        if error.field != "price":
            raise
        return {"on_grid": False, "maker_amount": None, "taker_amount": None}
    return {
        "on_grid": True,
        "maker_amount": str(found.maker_amount),
        "taker_amount": str(found.taker_amount),
    }


def _book_hash(inputs: Inputs) -> dict[str, Any]:
    return {"hash": book_hash(inputs["book"])}


def _market_price(inputs: Inputs) -> dict[str, Any]:
    levels = [(Decimal(level["price"]), Decimal(level["size"])) for level in inputs["levels"]]
    try:
        price = market_price(inputs["side"], levels, inputs["amount"], inputs["order_type"])
    except InvalidOrder as error:
        if not str(error).startswith(NO_MATCH):
            raise
        return {"price": None, "error": NO_MATCH}
    text = f"{price:f}"
    return {"price": text.rstrip("0").rstrip(".") if "." in text else text, "error": None}


def _fee_adjust(inputs: Inputs) -> dict[str, Any]:
    names = ("amount", "price", "max_spend", "fee_rate", "fee_exponent", "builder_taker_fee_rate")
    terms = [inputs[name] for name in names]
    return {
        "amount": f"{fee_adjusted(*terms):f}",
        "legacy_v2_amount": f"{fee_subtracted(*terms):f}",
    }


def _wallets(inputs: Inputs) -> dict[str, Any]:
    found = derive_wallets(inputs["signer"], inputs["chain_id"])
    return {
        "proxy_wallet": found.proxy,
        "safe_wallet": found.safe,
        "deposit_wallet_uups": found.deposit_uups,
        "deposit_wallet_beacon": found.deposit_beacon,
    }


_KINDS: Final[dict[str, Callable[[Inputs], dict[str, Any]]]] = {
    "clob_amounts": _amounts,
    "clob_book_hash": _book_hash,
    "clob_builder_headers": _builder_headers,
    "clob_fee_adjust": _fee_adjust,
    "clob_l1_auth": _l1_auth,
    "clob_l2_hmac": _l2_hmac,
    "clob_market_price": _market_price,
    "clob_orders_v1": _order,
    "clob_orders_v2": _order,
    "clob_orders_v3": _order,
    "clob_wallets": _wallets,
}
