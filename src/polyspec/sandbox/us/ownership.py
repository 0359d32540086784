"""Which accounts a caller may look at."""

from __future__ import annotations

from polyspec.sandbox.us.refusals import denied, invalid, missing
from polyspec.sandbox.us.registry import Asked

__all__ = ["firm_account", "own_account"]


def own_account(asked: Asked, name: str) -> str:
    """Return the participant's account of that name, the first by default; raises Refusal (403, 404)."""
    if not name:
        return asked.participant.accounts[0]
    return firm_account(asked, name)


def firm_account(asked: Asked, name: str) -> str:
    """Return a fully qualified account of the caller's firm; raises Refusal (400, 403, 404)."""
    parts = name.split("/")
    if len(parts) != 4 or parts[0] != "firms" or parts[2] != "accounts":
        raise invalid(f"invalid account {name!r}: expected firms/{{firm}}/accounts/{{account}}")
    if parts[1] != asked.firm:
        raise denied(f"account {name} belongs to a different firm")
    if asked.world.roster.owner(name) is None:
        raise missing(f"account {name} not found")
    return name
