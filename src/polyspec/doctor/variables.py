"""Which variables of the environment there are, and what is commonly written in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["COMMON", "FOREIGN", "LINE", "NEEDED", "OLDER", "OWN", "PREFIXES", "STEMS"]

LINE: Final = "POLYSPEC_SANDBOX"
PREFIXES: Final = ("POLYSPEC_", "POLYSIM_")
STEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "us": ("POLYSPEC_US_",),
    "clob": ("POLYSPEC_CLOB_",),
    "polysimulator": ("POLYSPEC_POLYSIMULATOR_", "POLYSPEC_POLYSIM_", "POLYSIM_"),
}
"""What the names of a venue begin with, also those that nobody reads."""

OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "us": (
        "POLYSPEC_US_ENVIRONMENT",
        "POLYSPEC_US_CLIENT_ID",
        "POLYSPEC_US_PRIVATE_KEY_PATH",
        "POLYSPEC_US_PARTICIPANT_ID",
        "POLYSPEC_US_ACCOUNT",
        "POLYSPEC_US_TIER",
        "POLYSPEC_US_TRANSPORT",
        "POLYSPEC_US_PROTOS",
    ),
    "clob": (
        "POLYSPEC_CLOB_HOST",
        "POLYSPEC_CLOB_CHAIN_ID",
        "POLYSPEC_CLOB_PRIVATE_KEY",
        "POLYSPEC_CLOB_API_KEY",
        "POLYSPEC_CLOB_API_SECRET",
        "POLYSPEC_CLOB_API_PASSPHRASE",
        "POLYSPEC_CLOB_SIGNATURE_TYPE",
        "POLYSPEC_CLOB_FUNDER",
    ),
    "polysimulator": (
        "POLYSPEC_POLYSIMULATOR_API_KEY",
        "POLYSPEC_POLYSIMULATOR_BASE_URL",
        "POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN",
        "POLYSIM_API_KEY",
        "POLYSIM_BASE_URL",
    ),
}
"""By venue."""

COMMON: Final = (
    LINE,
    "POLYSPEC_VENUE",
    "POLYSPEC_DEBUG",
    "POLYSPEC_LIMITER",
    "POLYSPEC_SANDBOX_KYC_BALANCE",
)

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "us": ("POLYSPEC_US_ENVIRONMENT", "POLYSPEC_US_CLIENT_ID", "POLYSPEC_US_PRIVATE_KEY_PATH"),
    "clob": (),
    "polysimulator": (),
}
"""Without which there is no client."""

OLDER: Final[Mapping[str, str]] = {
    "POLYSIM_API_KEY": "POLYSPEC_POLYSIMULATOR_API_KEY",
    "POLYSIM_BASE_URL": "POLYSPEC_POLYSIMULATOR_BASE_URL",
}
"""Names of the venue's own tools, which count where ours are not set."""

FOREIGN: Final[Mapping[str, str]] = {
    "PK": "POLYSPEC_CLOB_PRIVATE_KEY",
    "PRIVATE_KEY": "POLYSPEC_CLOB_PRIVATE_KEY",
    "POLYMARKET_PRIVATE_KEY": "POLYSPEC_CLOB_PRIVATE_KEY",
    "CLOB_API_KEY": "POLYSPEC_CLOB_API_KEY",
    "CLOB_SECRET": "POLYSPEC_CLOB_API_SECRET",
    "CLOB_PASS_PHRASE": "POLYSPEC_CLOB_API_PASSPHRASE",
    "CLOB_API_URL": "POLYSPEC_CLOB_HOST",
    "POLYMARKET_FUNDER": "POLYSPEC_CLOB_FUNDER",
    "FUNDER": "POLYSPEC_CLOB_FUNDER",
    "POLYSIMULATOR_API_KEY": "POLYSPEC_POLYSIMULATOR_API_KEY",
}
"""Names in examples of other clients, which are not read here."""
