"""Accounts, participants and money from and to the outside."""

from __future__ import annotations

from .commands import AddParticipant, Deposit, OpenAccount, Transfer, Withdraw
from .core import Cause, Core, Refused
from .enums import AccountKind
from .ledger import EXTERNAL, Account
from .money import money_text
from .records import AccountOpened

__all__ = ["add_participant", "deposit", "open_account", "transfer", "withdraw", "withdrawable"]


def open_account(core: Core, command: OpenAccount) -> None:
    """Open an account without money."""
    if not command.account or command.account in core.accounts:
        raise Refused(f"Account {command.account} exists")
    core.accounts[command.account] = Account(command.account, command.kind)
    core.events.append(AccountOpened(account=command.account, kind=command.kind, time=core.now))


def add_participant(core: Core, command: AddParticipant) -> None:
    """Register a participant with the accounts its orders may use."""
    for name in command.accounts:
        _account(core, name)
    core.participants[command.participant] = command.accounts


def _account(core: Core, name: str) -> Account:
    account = core.accounts.get(name)
    if account is None:
        raise Refused(f"Account Unavailable: {name}")
    return account


def withdrawable(account: Account) -> int:
    """Return what may leave an account without unfunding an open order."""
    if account.kind is AccountKind.HOUSE:
        return account.cash
    return max(0, account.buying_power - account.open_orders())


def _check_leaving(account: Account, amount: int) -> None:
    """Refuse amounts that are not positive or not free to leave a customer's account."""
    if amount <= 0:
        raise Refused("Amount must be positive")
    free = withdrawable(account)
    if account.kind is AccountKind.CUSTOMER and amount > free:
        raise Refused(f"{money_text(free)} USD available, requested {money_text(amount)}")


def deposit(core: Core, command: Deposit) -> None:
    """Bring money in."""
    account = _account(core, command.account)
    if command.amount <= 0:
        raise Refused("Amount must be positive")
    cause = Cause(command.description, reference=command.reference)
    core.post(EXTERNAL, account.name, command.amount, command.type, cause)


def withdraw(core: Core, command: Withdraw) -> None:
    """Take money out."""
    account = _account(core, command.account)
    _check_leaving(account, command.amount)
    cause = Cause(command.description, reference=command.reference)
    core.post(account.name, EXTERNAL, command.amount, command.type, cause)


def transfer(core: Core, command: Transfer) -> None:
    """Move money between two accounts."""
    source, target = _account(core, command.source), _account(core, command.target)
    if source is target:
        raise Refused("Source and target are the same account")
    _check_leaving(source, command.amount)
    cause = Cause(command.description, reference=command.reference)
    core.post(source.name, target.name, command.amount, command.type, cause)
