"""What the vault's command prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from polyspec.errors import DamagedRecord
from polyspec.managed.lease import LEASE
from polyspec.vault.ids import CredentialId, Filter
from polyspec.vault.values import Entry
from polyspec.vault.vault import Vault

__all__ = ["credentials", "dated", "listed", "say", "shown"]


def say(arguments: argparse.Namespace, told: dict[str, Any], text: str) -> None:
    """Print what was done, as an object of JSON if that was asked for."""
    print(msgspec.json.encode(told).decode() if arguments.json else text, flush=True)


def credentials(entries: Iterable[Entry]) -> list[Entry]:
    """Leave leases out."""
    return [each for each in entries if not each.id.wallet.startswith(LEASE)]


def listed(vault: Vault, wanted: Filter) -> tuple[list[Entry], int]:
    """Return what can be read, and an exit status: one damaged record hides no other."""
    damaged: dict[CredentialId, DamagedRecord] = {}
    found = vault.list(wanted, damaged=damaged.__setitem__)
    for about, error in damaged.items():
        print(f"polyspec: {about}: {error}", file=sys.stderr, flush=True)
    return credentials(found), 1 if damaged else 0


def dated(at: float) -> str:
    """Write a time down."""
    # nothing of what is listed is proven: who altered a record may have chosen any number and any text
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(" ", "seconds")
    except (ValueError, OverflowError, OSError):
        return "at no time"


def shown(text: str) -> str:
    """Return a text that moves no cursor."""
    return text if text.isprintable() else ascii(text)
