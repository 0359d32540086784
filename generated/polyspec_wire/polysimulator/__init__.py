"""PolySimulator.

Paper trading at the prices of Polymarket.

Virtual money, real prices: orders are filled against the books of Polymarket as the venue last saw
them. One HTTP API, four websockets and one stream of server-sent events.

This is the API as of September 2026: free keys trade a wallet of $100, and limits are those of that
month. Numbers of limits and wallets have moved before; `/v1/keys/tiers` says what holds.

A market is a condition id and has outcomes, each of which is a token as well. Orders name market and
outcome, and the API that imitates Polymarket's names the token. There are three shapes of orders which
share nothing: `/v1/orders`, `/v1/clob/order` and `/v1/order`.

Money, prices and quantities are decimals in strings, but for a few numbers that are marked; both are
read from either. Quantities are shares with up to 4 decimals, money is dollars. Times in answers are
ISO 8601 text, in places Unix seconds or milliseconds, and stay what they are. Fields and enum values
may be added any day.

Errors: the code of a refusal is in the header `X-Polysim-Code`, and that header is what tells refusals
apart. The body may have it as `error` with prose beside it, or be prose alone; `X-Polysim-Verbose:
true` asks for more. Where the header is missing the code is `error_code`, or `error` if that looks like
one. Codes are listed in `ErrorCode`. What never reached the venue is refused by its edge with 403 and
the text `error code: 1010` or another of that family; a client that calls itself `Python-urllib` is.

Every answer carries `X-Request-Id`, that of the request if it had one. Answers to keys carry
`X-RateLimit-Tier`, `-Limit`, `-Remaining`, `-Reset`, `-Limit-Per-Second` and `-Remaining-Per-Second`,
and the same again with `X-Polysim-` in front. Limits are counted in seconds and minutes of the clock;
those that know nobody are counted by address. A batch is one request. Besides, orders of an account are
taken one at a time.

Reads are of the API wallet unless `wallet_id` says otherwise: a number, `api` or `all`.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polyspec_wire._call import Operation
    from polyspec_wire.polysimulator import (
        account,
        books,
        compat,
        exports,
        health,
        identity,
        keys,
        markets,
        models,
        orders,
        partner,
        simulation,
        spot,
        wallets,
    )

__all__ = [
    "OPERATIONS",
    "VERSION",
    "account",
    "books",
    "compat",
    "exports",
    "health",
    "identity",
    "keys",
    "markets",
    "models",
    "orders",
    "partner",
    "simulation",
    "spot",
    "wallets",
]

VERSION = "2026.9.1"
"""The version of the spec."""

OPERATIONS: dict[str, Operation]
"""Every operation by its operationId."""

_TAGS = [
    "account",
    "books",
    "compat",
    "exports",
    "health",
    "identity",
    "keys",
    "markets",
    "orders",
    "partner",
    "simulation",
    "spot",
    "wallets",
]


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
