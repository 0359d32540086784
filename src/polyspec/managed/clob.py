# Mirrored from clob_async.py by `python -m generator.mirror`; do not edit.
"""Clients of the CLOB for many users, whose keys are in a vault."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from polyspec.clob.client import ClobClient
from polyspec.clob.config import HOST, ClobSettings, checked_host
from polyspec.clob.credentials import ApiCreds
from polyspec.clob.fate import Resolved
from polyspec.clob.placing import Posting
from polyspec.clob.stream_places import stream_address
from polyspec.core.effects import Flow
from polyspec.errors import ConfigError
from polyspec.io.http import Http
from polyspec.managed.clob_issuing import ClobIssuer, owned, quiet, signs
from polyspec.managed.clob_placing import JournalledPlacing, journalled, unknown_of
from polyspec.managed.clob_wallets import ClobWallet
from polyspec.managed.directory import FOLDER, Directory
from polyspec.managed.issuing import Held
from polyspec.managed.journal import JournalEntry, Owner
from polyspec.managed.journalling import Pen, legible
from polyspec.managed.keeper import Keeper, Keeping
from polyspec.managed.manager import Managed, Manager
from polyspec.managed.session import Unrenewing, managed
from polyspec.managed.settings import ManagedSettings
from polyspec.vault.ids import CredentialKind
from polyspec.vault.vault import CredentialStore

if TYPE_CHECKING:
    import httpx

__all__ = ["ManagedClobClient", "ManagedClobUser"]


class ManagedClobUser(Managed, ClobClient):
    """One user's client: an `ClobClient` whose API key is looked after. Made by `for_user`."""

    def __init__(self, manager: ManagedClobClient, wallet: ClobWallet, keeping: Keeping) -> None:
        """Prepare it over the manager's connections."""
        super().__init__(
            manager.host,
            manager.chain_id,
            wallet.key,
            None,
            wallet.signature_type,
            wallet.funder,
            address=wallet.address,
            settings=manager.settings,
        )
        # nothing was opened by its own
        self._http = manager.connections
        plain, authority = self.session, quiet(self.session)
        issuer = ClobIssuer(plain, can_sign=wallet.key is not None)
        self._keeper: Keeper[ApiCreds] = Keeper(
            keeping, wallet.api, issuer, plain.clock, self._swapped, self._reconnect
        )
        authority.obtain = self._credentials
        self.session = managed(
            plain,
            self._keeper,
            signs,
            lambda call: owned(self._keyring, call),
            authority=authority,
            manner=Unrenewing(),
        )
        tenant, user, venue, self._file, _ = wallet.api.parts
        self._owner = Owner(venue, tenant, user, self._file)
        self._journal = manager.journal
        self.replayed = []

    def create_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Refuse: keys are made when they are needed; `rotate` makes another."""
        _managed_here()

    def derive_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Refuse, see `create_api_key`."""
        _managed_here()

    def create_or_derive_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Refuse, see `create_api_key`."""
        _managed_here()

    def delete_api_key(self, *, timeout: float | None = None) -> None:
        """Refuse, see `create_api_key`."""
        _managed_here()

    def set_api_creds(self, creds: ApiCreds) -> None:
        """Refuse: put them into the vault instead."""
        del creds
        _managed_here()

    def close(self) -> None:
        """Close the streams of this user; connections are the manager's."""
        if "stream" in self.__dict__:
            self.stream.close()

    def _looked_up(self, entries: list[JournalEntry], timeout: float | None) -> list[Any]:
        allowed = self.settings.patience.total if timeout is None else timeout
        unknowns = legible(entries, lambda entry: unknown_of(entry, self.resolve))
        found: list[Any] = self.run(self._placing(_ignored).resolve_many(unknowns, allowed))
        return found

    def _credentials(self, deadline: float) -> Flow[ApiCreds]:
        held = yield from self._keeper.obtain(deadline)
        return held.creds

    def _swapped(self, held: Held[ApiCreds]) -> None:
        self._keyring.held = held.creds

    def _placing(self, replaced: Callable[[Posting], None]) -> JournalledPlacing[Resolved]:
        return journalled(super()._placing(replaced), Pen(self._journal, self._owner))


class ManagedClobClient(Manager[ManagedClobUser]):
    """Trades on the CLOB for many users, whose wallets and API keys are in a vault.

    ::

        with ManagedClobClient(vault) as clob:
            alice = clob.for_user("alice")
            placed = alice.create_and_post_order(token_id=..., side="BUY", price="0.4", size=10)

    A user's record is a credential of kind ``clob_wallet`` with the secret ``private_key``; without one an
    API key of kind ``clob_api`` does for what needs no signature of the wallet. Connections and the limits of
    this machine are everybody's, credentials and trouble each user's own.
    """

    _kind = CredentialKind.CLOB_API

    def __init__(
        self,
        vault: CredentialStore,
        host: str = HOST,
        chain_id: int = 137,
        *,
        tenant: str = "default",
        folder: str | os.PathLike[str] = FOLDER,
        trusted: tuple[str, ...] = (),
        hold_keys: bool = True,
        managing: ManagedSettings | None = None,
        settings: ClobSettings | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        """Prepare; nothing is read or sent before the first user.

        `folder` is where the journal of orders and the audit log are. `trusted` names hosts of the records'
        environment that are not the venue's. With ``hold_keys=False`` a wallet's key is taken out of the
        vault for each signature, which takes longer.
        """
        Manager.__init__(self, Directory(vault, tenant, "clob"), folder, trusted, managing)
        self.host = self._place = checked_host(host)
        self.chain_id = chain_id
        self.settings = settings or ClobSettings()
        # the channel of orders is shown the credentials too
        self._places = (self.host, stream_address(self.host, self.settings))
        self.connections = Http(self.settings.http, http)
        self._hold_keys = hold_keys

    def _opened(self, user: str, wallet: str | None) -> ManagedClobUser:
        found = ClobWallet.find(self._directory, user, wallet, self._read, hold_key=self._hold_keys)
        return ManagedClobUser(self, found, self._keeping(found.environment))


def _ignored(_: Any) -> None:
    """Nothing is replaced by looking."""


def _managed_here() -> NoReturn:
    raise ConfigError("the API key of this user is managed: call rotate(), or put another into the vault")
