"""Whom the vault knows: records are found by user, and leases are no records."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen

from polyspec.core.effects import Do, Flow
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from polyspec.managed.lease import LEASE
from polyspec.vault.ids import CredentialId, CredentialKind, Filter, filed_wallet
from polyspec.vault.values import Entry, Stored
from polyspec.vault.vault import CredentialStore, Damaged

__all__ = ["FOLDER", "Directory", "folder_of"]

FOLDER = "~/.polyspec/managed"
"""Where the journal of orders and the audit log are unless another place is named."""


def folder_of(folder: str | os.PathLike[str]) -> Path:
    """Return the place of a journal and an audit log; raises ConfigError."""
    if not os.fspath(folder):
        raise ConfigError("the folder of the journal and the audit log has a name")
    return Path(folder).expanduser()


@frozen
class Directory:
    """The records of one tenant at one venue."""

    vault: CredentialStore
    tenant: str
    venue: str

    def entries(
        self, kind: CredentialKind, user: str | None = None, *, damaged: Damaged | None = None
    ) -> list[Entry]:
        """Return what is known of all records of a kind; `damaged` is told of those that cannot be read."""
        wanted = Filter(tenant=self.tenant, user=user, venue=self.venue, kind=kind)
        found = self.vault.list(wanted) if damaged is None else self.vault.list(wanted, damaged=damaged)
        return [each for each in found if not each.id.wallet.startswith(LEASE)]

    def find(self, user: str, wallet: str | None, *kinds: CredentialKind) -> Entry:
        """Return the record of a user, of the first kind there is; raises ConfigError if it is not one."""
        for kind in kinds:
            found = [
                each
                for each in self.entries(kind, user)
                if wallet is None or each.id.wallet == filed_wallet(wallet)
            ]
            if len(found) == 1:
                return found[0]
            if found:
                wallets = ", ".join(each.id.wallet or "(none)" for each in found)
                raise ConfigError(f"{user!r} has several records of kind {kind}: name the wallet ({wallets})")
        names = " or ".join(kinds)
        about = "" if wallet is None else f" for wallet {wallet}"
        raise ConfigError(
            f"the vault has no {names} of {user!r}{about} (tenant {self.tenant!r}): put it there first"
        )

    def read(self, id: CredentialId) -> Stored:  # noqa: A002 - what it is called everywhere
        """Return a record, decrypted; raises ConfigError if it is not there."""
        stored = self.vault.get(id)
        if stored is None:
            raise ConfigError(f"the vault has no {id}")
        return stored

    def secret(self, id: CredentialId, name: str) -> Flow[Secret | None]:  # noqa: A002
        """Return one secret of a record; None if there is no such record."""
        stored = yield Do(lambda: self.vault.get(id))
        return None if stored is None else stored.secrets.get(name)
