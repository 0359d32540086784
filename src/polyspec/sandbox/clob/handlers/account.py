"""Balances, allowances and notifications."""

from __future__ import annotations

import re
from typing import Any, Final

from polyspec.sandbox.clob.chain import spenders
from polyspec.sandbox.clob.engine.units import UNLIMITED
from polyspec.sandbox.clob.handlers.markets import market_of
from polyspec.sandbox.clob.notices import RESOLUTION, Notice
from polyspec.sandbox.clob.refusals import bad_request
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.wallets import wallets_of

__all__ = ["wallet_by", "wallet_of"]

_COLLATERAL: Final = "COLLATERAL"
_CONDITIONAL: Final = frozenset({"CONDITIONAL", "CONDITIONAL-V2"})
_WITHOUT_END: Final = str(2**256 - 1)
_TOKEN: Final = re.compile(r"[0-9]{1,78}")


def wallet_of(asked: Asked, *, required: bool = False) -> str:
    """Return the wallet of the signature type asked for, lower case; raises Refusal (400)."""
    return wallet_by(asked, asked.text("signature_type"), required=required)


def wallet_by(asked: Asked, text: str, *, required: bool = False) -> str:
    """Return the caller's wallet of a signature type, lower case; raises Refusal (400)."""
    if text not in {"0", "1", "2", "3"} and (text or required):
        raise bad_request("Invalid signature_type")
    candidates = [each.lower() for each in wallets_of(asked.caller.address).of_type(int(text or 0))]
    # of the two forms of deposit wallets it is the one that was used
    known = [each for each in candidates if each in asked.world.exchange.wallets()]
    return known[0] if known else candidates[0]


@handles("Account_GetBalanceAllowance")
@handles("Account_UpdateBalanceAllowance")
def balance_allowance(asked: Asked) -> dict[str, Any]:
    """Show what a wallet has of an asset on chain, and what the exchanges may take of it; base units."""
    kind, token_id = asked.text("asset_type").upper(), asked.text("token_id")
    wallet = wallet_of(asked)
    exchange = asked.world.exchange
    contracts = spenders(asked.world.options.chain_id)
    if kind == _COLLATERAL:
        allowed = {each: exchange.allowance(wallet, each.lower()) for each in contracts}
        told = {each: _WITHOUT_END if units >= UNLIMITED else str(units) for each, units in allowed.items()}
        return {"balance": str(exchange.holding(wallet).balance), "allowances": told}
    if kind not in _CONDITIONAL or not _TOKEN.fullmatch(token_id):
        raise bad_request("Invalid asset type")
    approved = {each: exchange.approved(wallet, each.lower()) for each in contracts}
    told = {each: _WITHOUT_END if granted else "0" for each, granted in approved.items()}
    return {"balance": str(exchange.holding(wallet, token_id).balance), "allowances": told}


@handles("Account_PutBalanceAllowance")
def put_balance_allowance(asked: Asked) -> dict[str, Any]:
    """Have the venue look at the chain again; here it always has."""
    balance_allowance(asked)
    return {}


@handles("Account_GetNotifications")
def notifications(asked: Asked) -> list[dict[str, Any]]:
    """List what a wallet has not dropped yet, newest first."""
    return [
        {
            "id": each.id,
            "owner": each.owner,
            "type": each.type,
            "payload": _payload(asked, each),
            "timestamp": each.timestamp,
        }
        for each in asked.world.notices.of(wallet_of(asked, required=True))
    ]


def _payload(asked: Asked, notice: Notice) -> dict[str, Any]:
    """Return what a notification says; one about a market tells all of that market, as live."""
    listing = asked.world.listings.get(notice.payload["condition_id"]) if notice.type == RESOLUTION else None
    return notice.payload if listing is None else market_of(asked.world, listing) | notice.payload


@handles("Account_DropNotifications")
def drop_notifications(asked: Asked) -> str:
    """Forget notifications by id, of whichever wallet of the caller."""
    ids = asked.texts("ids")
    if not ids or not all(each.isdecimal() and each.isascii() and len(each) < 16 for each in ids):
        raise bad_request("Invalid ids")
    wallets = wallets_of(asked.caller.address)
    for wallet in (wallets.eoa, wallets.proxy, wallets.safe, *wallets.deposits):
        asked.world.notices.drop(wallet.lower(), [int(each) for each in ids])
    return "OK"
