"""Who the caller is, and the seats of the beta."""

from __future__ import annotations

from typing import Any, Final

from polyspec.sandbox.polysimulator.engine import Refused, money_text
from polyspec.sandbox.polysimulator.handlers.account import wallets_of
from polyspec.sandbox.polysimulator.registry import Asked, handles

__all__: list[str] = []

_COHORT: Final = "sandbox"


@handles("Identity_GetMe")
def get_me(asked: Asked) -> dict[str, Any]:
    """Show the caller: plan, permissions, keys, and what can be spent."""
    world, caller = asked.world, asked.caller
    try:
        cash = world.engine.summary(wallets_of(asked)).cash
    except Refused:
        if asked.text("wallet_id"):
            raise
        # whoever has no key yet has no wallet for it either
        cash = 0
    return {
        "user_id": caller.user.id,
        "balance": money_text(cash),
        "currency": "USD",
        "key_count": len(world.keys.holding(caller.user.id)),
        "tier": caller.tier,
        "permissions": list(caller.permissions),
        "auth_user_id": caller.user.auth_id,
        "email": caller.user.email,
    }


@handles("Identity_GetCohortStatus")
def get_cohort_status(asked: Asked) -> dict[str, Any]:
    """Tell how many seats of the beta are left."""
    active, cap = asked.world.seats(), asked.world.options.cohort_cap
    return {
        "cohort_label": _COHORT,
        "available": max(0, cap - active),
        "active": active,
        "cap": cap,
        "cutoff": None,
        "reopens_at": None,
    }
