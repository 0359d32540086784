"""Polymarket CLOB.

Central limit order book of Polymarket, settled on Polygon.

The order book behind polymarket.com, as programs reach it: REST at one host, frames at another.

A market is a condition id and has two tokens, one for each outcome; every token has a book of its own.
Token ids have up to 78 digits and are strings everywhere. Condition ids and order ids are `0x` and 64
hex digits. The id of an order is the hash of what was signed, so it is known before the order is sent.

Prices are collateral per share, between 0 and 1 and on the tick of the token. In a signed order amounts
are base units, a millionth of a share or of collateral, as strings; everywhere else sizes are shares
and written as decimals. Decimals come as strings or as numbers, at times both from the same call over
the years, and are read from either without a float in between. What may be the empty string is a plain
string and says so.

Lists and maps may come as `null` where they are empty. Fields and enum values may be added any day.

`l1` is a wallet signature, `l2` an HMAC with credentials made from one; both name the wallet that
signs, which for proxy, Safe and deposit wallets is not the one that holds the funds.

Limits by address are sliding windows kept at the edge, which rather delays than refuses; all requests
of an address together may be 15,000 in 10 seconds, other services of the venue included. Operations
without a limit of their own share `General`. Limits by signer are token buckets that the venue
announced and does not enforce yet: a refusal to come is told in `Poly-RateLimit-Warning`, and
`Poly-RateLimit-Tier`, `-Remaining` and `-Reset` say where one stands. A batch beyond the size of a
bucket can never pass.

After a restart, every order call may be 425, then new orders that are not post-only are 503 for two
minutes.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polyspec_wire._call import Operation
    from polyspec_wire.clob import account, auth, books, health, markets, models, orders, rewards, rfq, trades

__all__ = [
    "OPERATIONS",
    "VERSION",
    "account",
    "auth",
    "books",
    "health",
    "markets",
    "models",
    "orders",
    "rewards",
    "rfq",
    "trades",
]

VERSION = "2026.10.1"
"""The version of the spec."""

OPERATIONS: dict[str, Operation]
"""Every operation by its operationId."""

_TAGS = ["account", "auth", "books", "health", "markets", "orders", "rewards", "rfq", "trades"]


def __getattr__(name: str) -> Any:
    # modules are imported when first used, so that asking for one operation does not build all models
    if name == "OPERATIONS":
        found: dict[str, Operation] = {}
        for tag in _TAGS:
            found.update(import_module(f"{__name__}.{tag}").OPERATIONS)
        globals()[name] = found
        return found
    if name == "models" or name in _TAGS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
