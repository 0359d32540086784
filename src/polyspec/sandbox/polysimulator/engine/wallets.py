"""Accounts and their wallets."""

from __future__ import annotations

from typing import Final

from .core import Core
from .deals import refund
from .records import Order, Position, PositionStatus, User, Wallet, WalletKind
from .refused import Refused
from .requests import Reset
from .state import State, Tx

__all__ = [
    "archive",
    "create",
    "open_api_wallet",
    "open_user",
    "rename",
    "reset",
    "select",
    "set_tier",
    "wallet_of",
]

_LONGEST: Final = 18
"""Digits of a number of a wallet; more cannot be one."""


def open_user(core: Core, user_id: int, tier: str, now: int, *, api_wallet: bool) -> User:
    """Return an account, made with its wallets if it is new."""
    known = core.state.find(User, user_id)
    if known is None:
        tx = core.begin(now)
        known = tx.put(User(id=user_id, tier=tier, created_ns=now))
        _add(tx, user_id, WalletKind.MAIN, core.settings.main_baseline, None)
        if api_wallet:
            _add(tx, user_id, WalletKind.API, core.settings.api_baselines.get(tier, 0), None)
        core.commit(tx)
    return known


def set_tier(core: Core, user_id: int, tier: str, now: int) -> User:
    """Change the tier of an account."""
    tx = core.begin(now)
    user = tx.change(tx.user(user_id), tier=tier)
    core.commit(tx)
    return user


def open_api_wallet(core: Core, user_id: int, now: int, *, baseline: int | None) -> Wallet:
    """Return the API wallet of an account, made if there is none."""
    for wallet in core.state.of(Wallet, user_id):
        if wallet.type is WalletKind.API:
            return wallet
    return create(core, user_id, now, kind=WalletKind.API, label=None, baseline=baseline)


def create(
    core: Core, user_id: int, now: int, *, kind: WalletKind, label: str | None, baseline: int | None
) -> Wallet:
    """Make a wallet with the baseline of the account's tier, or another."""
    tx = core.begin(now)
    if baseline is None:
        tier, settings = tx.user(user_id).tier, core.settings
        table = settings.api_baselines if kind is WalletKind.API else settings.sandbox_baselines
        baseline = settings.main_baseline if kind is WalletKind.MAIN else table.get(tier, 0)
    wallet = _add(tx, user_id, kind, baseline, label)
    core.commit(tx)
    return wallet


def _add(tx: Tx, user_id: int, kind: WalletKind, baseline: int, label: str | None) -> Wallet:
    return tx.put(
        Wallet(
            id=tx.next("wallet"),
            user_id=user_id,
            type=kind,
            label=label,
            baseline=baseline,
            cash=baseline,
            created_ns=tx.now,
        )
    )


def wallet_of(state: State, user_id: int, wallet_id: int | None) -> Wallet:
    """Return a wallet that can be used, the API wallet if none is named."""
    for wallet in state.of(Wallet, user_id):
        wanted = wallet.type is WalletKind.API if wallet_id is None else wallet.id == wallet_id
        if wanted and wallet.status == "active":
            return wallet
    told = "There is no API wallet" if wallet_id is None else f"Wallet {wallet_id} was not found"
    raise Refused("WALLET_NOT_FOUND", told)


def select(state: State, user_id: int, selector: str | int | None) -> list[Wallet]:
    """Return the wallets a parameter names."""
    text = "api" if selector is None else str(selector).strip().lower()
    if text == "api":
        return [wallet_of(state, user_id, None)]
    if text == "all":
        return [wallet for wallet in state.of(Wallet, user_id) if wallet.status == "active"]
    if not text.isascii() or not text.isdecimal():
        raise Refused("VALIDATION_FAILED", "wallet_id must be a number, api or all")
    if len(text) > _LONGEST:
        raise Refused("WALLET_NOT_FOUND", "There is no such wallet")
    return [wallet_of(state, user_id, int(text))]


def rename(core: Core, user_id: int, wallet_id: int, label: str | None, now: int) -> Wallet:
    """Change the label of a wallet."""
    tx = core.begin(now)
    wallet = tx.change(wallet_of(core.state, user_id, wallet_id), label=label)
    core.commit(tx)
    return wallet


def archive(core: Core, user_id: int, wallet_id: int, now: int) -> Wallet:
    """Put a SANDBOX wallet away."""
    wallet = wallet_of(core.state, user_id, wallet_id)
    if wallet.type is not WalletKind.SANDBOX:
        raise Refused("ACCESS_RESTRICTED", f"Only SANDBOX wallets are archived, not {wallet.type.value}")
    tx = core.begin(now)
    _cancel_orders(tx, wallet, "wallet_archived")
    archived = tx.change(tx.get(Wallet, wallet.id), status="archived", archived_ns=now)
    core.commit(tx)
    return archived


def reset(core: Core, user_id: int, wallet_id: int | None, now: int) -> Reset:
    """Start a wallet over."""
    tx = core.begin(now)
    if tx.user(user_id).tier == "free":
        raise Refused("UPGRADE_REQUIRED", "A free account's wallet cannot be reset")
    wallet = wallet_of(core.state, user_id, wallet_id)
    cancelled = _cancel_orders(tx, wallet, "wallet_reset")
    closed = 0
    for position in core.state.of(Position, user_id):
        if position.wallet_id == wallet.id and position.status is PositionStatus.OPEN:
            current = tx.get(Position, position.id)
            tx.change(current, status=PositionStatus.CLOSED_BY_RESET, closed_ns=now)
            closed += 1
    baseline = _baseline_now(core, wallet, tx.user(user_id).tier)
    tx.change(
        tx.get(Wallet, wallet.id),
        baseline=baseline,
        cash=baseline,
        generation=wallet.generation + 1,
        reset_ns=now,
    )
    core.commit(tx)
    return Reset(balance=baseline, positions_closed=closed, orders_cancelled=cancelled)


def _baseline_now(core: Core, wallet: Wallet, tier: str) -> int:
    """Return what a wallet begins anew with: what the plan gives now, if it began with what a plan gave."""
    settings = core.settings
    tables = {WalletKind.API: settings.api_baselines, WalletKind.SANDBOX: settings.sandbox_baselines}
    table = tables.get(wallet.type, {})
    return table.get(tier, wallet.baseline) if wallet.baseline in table.values() else wallet.baseline


def _cancel_orders(tx: Tx, wallet: Wallet, reason: str) -> int:
    orders: list[Order] = [order for order in tx.state.resting() if order.wallet_id == wallet.id]
    for order in orders:
        refund(tx, order, reason)
    return len(orders)
