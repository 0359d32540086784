"""Account statements as CSV: every balance of the acting participant's accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.csvfile import chunks
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []

_STATEMENT = ("account", "currency", "balance", "margin_requirement", "buying_power", "as_of_time")


@handles("ValuationAPI_DownloadAccountStatement")
def download_statement(asked: Asked) -> Iterator[dict[str, Any]]:
    """Stream a statement of the participant's accounts as they stand now."""
    now = asked.world.clock.now().isoformat()
    balances = [asked.world.balance(account) for account in asked.participant.accounts]
    rows = [
        [
            each.account,
            "USD",
            mapping.dollars(each.cash),
            mapping.dollars(each.locked),
            mapping.dollars(each.buying_power),
            now,
        ]
        for each in balances
    ]
    for text in chunks(_STATEMENT, rows):
        yield {"result": {"filechunk": text}}
