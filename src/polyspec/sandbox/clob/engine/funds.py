"""What wallets do outside the book: deposits, transfers, sets, allowances."""

from __future__ import annotations

from .commands import Deposit, Merge, Redeem, SetAllowance, SetApproval, Split, Transfer, Withdraw
from .core import Core, Refused
from .enums import EntryKind, MarketStatus
from .funding import withdraw_approval
from .market import Market
from .units import ONE
from .wallet import COLLATERAL

__all__ = [
    "deposit",
    "merge",
    "redeem",
    "set_allowance",
    "set_approval",
    "split",
    "transfer",
    "withdraw",
]

_OUTSIDE = "outside"


def deposit(core: Core, command: Deposit) -> None:
    """Bring collateral in from outside."""
    _check_amount(command.amount)
    core.deposited += command.amount
    core.post(command.wallet, COLLATERAL, command.amount, EntryKind.DEPOSIT, _OUTSIDE)


def withdraw(core: Core, command: Withdraw) -> None:
    """Take collateral out."""
    _check_available(core, command.wallet, COLLATERAL, command.amount)
    core.deposited -= command.amount
    core.post(command.wallet, COLLATERAL, -command.amount, EntryKind.WITHDRAWAL, _OUTSIDE)


def transfer(core: Core, command: Transfer) -> None:
    """Move collateral or outcome tokens from one wallet to another."""
    if command.token_id and command.token_id not in core.tokens:
        raise Refused(f"no token {command.token_id}")
    _check_available(core, command.source, command.token_id, command.amount)
    core.post(command.source, command.token_id, -command.amount, EntryKind.TRANSFER, command.target)
    core.post(command.target, command.token_id, command.amount, EntryKind.TRANSFER, command.source)


def split(core: Core, command: Split) -> None:
    """Turn collateral into sets."""
    market = _market(core, command.condition_id)
    if market.status is MarketStatus.RESOLVED:
        raise Refused(f"market {command.condition_id} is resolved")
    _check_available(core, command.wallet, COLLATERAL, command.amount)
    core.post(command.wallet, COLLATERAL, -command.amount, EntryKind.SPLIT, command.condition_id)
    core.back(market, command.amount)
    for token_id in market.terms.token_ids:
        core.post(command.wallet, token_id, command.amount, EntryKind.SPLIT, command.condition_id)


def merge(core: Core, command: Merge) -> None:
    """Turn sets into collateral."""
    market = _market(core, command.condition_id)
    for token_id in market.terms.token_ids:
        _check_available(core, command.wallet, token_id, command.amount)
    for token_id in market.terms.token_ids:
        core.post(command.wallet, token_id, -command.amount, EntryKind.MERGE, command.condition_id)
    core.back(market, -command.amount)
    core.post(command.wallet, COLLATERAL, command.amount, EntryKind.MERGE, command.condition_id)


def redeem(core: Core, command: Redeem) -> None:
    """Turn all shares of a resolved market into what they pay, fractions of a base unit left behind."""
    market = _market(core, command.condition_id)
    if market.payouts is None:
        raise Refused(f"market {command.condition_id} is not resolved")
    wallet = core.wallet(command.wallet)
    shares = [wallet.asset(token_id).available for token_id in market.terms.token_ids]
    if not any(shares):
        raise Refused(f"wallet {command.wallet} has nothing to redeem in market {command.condition_id}")
    pays, dust = divmod(shares[0] * market.payouts[0] + shares[1] * market.payouts[1], ONE)
    for token_id, held in zip(market.terms.token_ids, shares, strict=True):
        core.post(command.wallet, token_id, -held, EntryKind.REDEMPTION, command.condition_id)
    market.dust += dust
    core.back(market, -pays)
    core.post(command.wallet, COLLATERAL, pays, EntryKind.REDEMPTION, command.condition_id)


def set_allowance(core: Core, command: SetAllowance) -> None:
    """Set how much collateral a contract may spend."""
    if command.amount < 0:
        raise Refused(f"an allowance cannot be negative: {command.amount}")
    wallet = core.wallet(command.wallet)
    wallet.allowances[command.spender] = command.amount
    core.touched[wallet.name, COLLATERAL] = None


def set_approval(core: Core, command: SetApproval) -> None:
    """Set whether a contract may move outcome tokens."""
    wallet = core.wallet(command.wallet)
    wallet.approvals[command.spender] = command.approved
    if not command.approved:
        withdraw_approval(core, wallet, command.spender)


def _market(core: Core, condition_id: str) -> Market:
    market = core.markets.get(condition_id)
    if market is None:
        raise Refused(f"no market {condition_id}")
    return market


def _check_amount(amount: int) -> None:
    if amount <= 0:
        raise Refused(f"an amount must be positive: {amount}")


def _check_available(core: Core, name: str, asset: str, amount: int) -> None:
    """Refuse to move more than a wallet has and no unsettled trade takes."""
    _check_amount(amount)
    wallet = core.wallets.get(name)
    holding = wallet.assets.get(asset) if wallet is not None else None
    available = 0 if holding is None else holding.available
    if amount > available:
        raise Refused(f"wallet {name} has {available} available, not {amount}")
