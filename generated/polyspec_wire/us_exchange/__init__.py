"""Polymarket US exchange.

Institutional and partner REST API of Polymarket US.

The exchange behind Polymarket US, as its members and partners reach it over REST.

Bodies are protobuf JSON. Keys of answers are camelCase, 64-bit integers are strings, timestamps are RFC
3339 in UTC. A field that is absent, `null`, `""`, `"0"`, `false` or `[]` means the same thing unless it
is marked `x-presence`: readers must take all of these for the zero value, so scalars that may arrive as
`null` carry no mark of their own. Requests may use camelCase or snake_case, numbers or strings.

Prices and quantities are integers. A price is divided by the instrument's `priceScale`, a quantity by
its `fractionalQtyScale` (1 when absent). The scale is the divisor itself, never an exponent of ten; the
venue's own schema text says otherwise in places, its guides and its recorded fills do not. Both scales
belong to the instrument and change from one to the next.

There is one book per instrument, in YES terms. Buying NO at p is selling YES at 1 - p.

An accepted request is not an accepted order: order entry answers with an id, and the engine's verdict
arrives later as an execution.

The participant header goes on calls that list the `participantId` scheme and on no others.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polyspec_wire._call import Operation
    from polyspec_wire.us_exchange import (
        accounts,
        combos,
        funding,
        health,
        incentives,
        kyc,
        models,
        oauth,
        orderbook,
        payments,
        positions,
        refdata,
        report,
        rfqs,
        settlement,
        trading,
        valuations,
    )

__all__ = [
    "OPERATIONS",
    "VERSION",
    "accounts",
    "combos",
    "funding",
    "health",
    "incentives",
    "kyc",
    "models",
    "oauth",
    "orderbook",
    "payments",
    "positions",
    "refdata",
    "report",
    "rfqs",
    "settlement",
    "trading",
    "valuations",
]

VERSION = "2026.10.1"
"""The version of the spec."""

OPERATIONS: dict[str, Operation]
"""Every operation by its operationId."""

_TAGS = [
    "accounts",
    "combos",
    "funding",
    "health",
    "incentives",
    "kyc",
    "oauth",
    "orderbook",
    "payments",
    "positions",
    "refdata",
    "report",
    "rfqs",
    "settlement",
    "trading",
    "valuations",
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
