"""Wallets of the caller: listing, making, naming, putting away, filling up again."""

from __future__ import annotations

from typing import Any, Final

from polyspec.sandbox.polysimulator.engine import Wallet, money_text
from polyspec.sandbox.polysimulator.paging import cut
from polyspec.sandbox.polysimulator.refusals import invalid
from polyspec.sandbox.polysimulator.registry import Answer, Asked, handles
from polyspec.sandbox.polysimulator.views import iso, moment

__all__: list[str] = []

_LONGEST: Final = 64
_MOST: Final = 200


def _shown(wallet: Wallet) -> dict[str, Any]:
    return {
        "id": wallet.id,
        "kind": str(wallet.type),
        "label": wallet.label,
        "balance": money_text(wallet.cash),
        "baseline": money_text(wallet.baseline),
        "status": wallet.status,
        "generation": wallet.generation,
        "parent_wallet_id": None,
        "competition_id": None,
        "created_at": iso(wallet.created_ns),
        "archived_at": moment(wallet.archived_ns),
        "is_legacy": False,
        "managed_by": None,
        "b2b_account": None,
    }


def _label(label: str | None) -> str | None:
    if label is not None and len(label) > _LONGEST:
        raise invalid(f"label must have at most {_LONGEST} characters", field="label")
    return label


def _wallet(asked: Asked) -> Wallet:
    """Return the caller's wallet of the path; raises Refused (404)."""
    return asked.world.engine.wallet(asked.caller.user.id, int(asked.path["wallet_id"]))


@handles("Wallets_ListWallets")
def list_wallets(asked: Asked) -> dict[str, Any]:
    """List the wallets that are in use, oldest first."""
    limit, offset = asked.whole("limit", 50, 1, _MOST), asked.whole("offset", 0, 0)
    page, _ = cut(asked.world.engine.wallets(asked.caller.user.id), offset, limit)
    return {"wallets": [_shown(each) for each in page]}


@handles("Wallets_CreateWallet")
def create_wallet(asked: Asked) -> Answer:
    """Make a wallet to try things in."""
    if asked.body.kind != "SANDBOX":
        raise invalid("kind must be SANDBOX", field="kind")
    made = asked.world.engine.create_wallet(
        asked.caller.user.id, asked.now_ns, label=_label(asked.body.label)
    )
    return Answer(_shown(made), status=201)


@handles("Wallets_GetWallet")
def get_wallet(asked: Asked) -> dict[str, Any]:
    """Show a wallet."""
    return _shown(_wallet(asked))


@handles("Wallets_RenameWallet")
def rename_wallet(asked: Asked) -> dict[str, Any]:
    """Give a wallet another label; null takes it away."""
    user_id, wallet = asked.caller.user.id, _wallet(asked)
    engine = asked.world.engine
    return _shown(engine.rename_wallet(user_id, wallet.id, _label(asked.body.label), asked.now_ns))


@handles("Wallets_ArchiveWallet")
def archive_wallet(asked: Asked) -> dict[str, Any]:
    """Put a wallet away; its orders are cancelled."""
    user_id, wallet = asked.caller.user.id, _wallet(asked)
    return _shown(asked.world.engine.archive_wallet(user_id, wallet.id, asked.now_ns))


@handles("Wallets_ResetWallet")
def reset_wallet(asked: Asked) -> dict[str, Any]:
    """Cancel the orders of a wallet, close its positions and fill it up again."""
    user_id, wallet = asked.caller.user.id, _wallet(asked)
    asked.world.engine.reset_wallet(user_id, asked.now_ns, wallet.id)
    return _shown(asked.world.engine.wallet(user_id, wallet.id))
