# Mirrored from polysimulator_async.py by `python -m generator.mirror`; do not edit.
"""Clients of PolySimulator for many users, whose keys are in a vault."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from attrs import evolve

from polyspec.core.effects import Do, Flow
from polyspec.core.secret import Secret
from polyspec.io.http import Http
from polyspec.managed.directory import FOLDER, Directory
from polyspec.managed.issuing import Held
from polyspec.managed.journal import JournalEntry, Owner
from polyspec.managed.journalling import Pen, legible
from polyspec.managed.keeper import Keeper, Keeping
from polyspec.managed.manager import Managed, Manager
from polyspec.managed.polysimulator_issuing import PolySimulatorIssuer, SimKey, signs
from polyspec.managed.polysimulator_placing import JournalledPlacing, journalled, unknown_of
from polyspec.managed.session import managed
from polyspec.managed.settings import ManagedSettings
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.compat import Compat
from polyspec.polysimulator.config import HOST, PolySimulatorSettings, checked_url
from polyspec.polysimulator.fate import Resolved
from polyspec.polysimulator.orders import Orders
from polyspec.vault.ids import CredentialId, CredentialKind
from polyspec.vault.values import Stored
from polyspec.vault.vault import CredentialStore

if TYPE_CHECKING:
    import httpx

__all__ = ["ManagedPolySimulatorClient", "ManagedPolySimulatorUser"]


class JournalledOrders(Orders):
    """Orders that are written down before they are sent."""

    def __init__(self, client: ManagedPolySimulatorUser, pen: Pen) -> None:
        super().__init__(client)
        self._pen = pen

    def placing(self) -> JournalledPlacing[Resolved]:
        """Return the flows around one order."""
        return journalled(super().placing(), self._pen)


class ManagedPolySimulatorUser(Managed, PolySimulatorClient):
    """One user's client: an `PolySimulatorClient` whose key is looked after. Made by `for_user`."""

    def __init__(self, manager: ManagedPolySimulatorClient, id: CredentialId, keeping: Keeping) -> None:  # noqa: A002
        """Prepare it over the manager's connections."""
        tenant, user, venue, self._file, _ = id.parts
        self._owner = Owner(venue, tenant, user, self._file)
        self._journal = manager.journal
        super().__init__(None, manager.base_url, settings=manager.settings)
        # nothing was opened by its own
        self._http = manager.connections
        issuer = PolySimulatorIssuer(self.session, lambda: manager.access_token(id))
        self._keeper: Keeper[SimKey] = Keeper(
            keeping, id, issuer, self.session.clock, self._swapped, self._reconnect
        )
        self.session = managed(self.session, self._keeper, signs)
        self.replayed = []

    def _furnish(self) -> None:
        super()._furnish()
        self.orders = JournalledOrders(self, Pen(self._journal, self._owner))
        self.compat = Compat(self, self.orders)

    def close(self) -> None:
        """Close the streams of this user; connections are the manager's."""
        if "stream" in self.__dict__:
            self.stream.close()

    def _swapped(self, held: Held[SimKey]) -> None:
        self.use_key(held.creds.api_key)

    def _looked_up(self, entries: list[JournalEntry], timeout: float | None) -> list[Any]:
        resolve, placing = self.orders.resolve, self.orders.placing()
        assert isinstance(placing, JournalledPlacing)
        unknowns = legible(entries, lambda entry: unknown_of(entry, resolve))
        allowed = self.settings.patience.total if timeout is None else timeout
        found: list[Any] = self.run(placing.resolve_many(unknowns, allowed))
        return found


class ManagedPolySimulatorClient(Manager[ManagedPolySimulatorUser]):
    """Trades on PolySimulator for many users, whose keys are in a vault.

    A user's record is a credential of kind ``polysim_api_key`` (the secret ``api_key``, public ``key_id`` and
    ``key_prefix``), or of kind ``polysim_session`` (the secret ``access_token``, the dashboard's), with which
    a key is made when it is first needed. A key that was rotated works for another day.
    """

    _kind = CredentialKind.POLYSIM_API_KEY

    def __init__(
        self,
        vault: CredentialStore,
        base_url: str = HOST,
        *,
        tenant: str = "default",
        folder: str | os.PathLike[str] = FOLDER,
        trusted: tuple[str, ...] = (),
        managing: ManagedSettings | None = None,
        settings: PolySimulatorSettings | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        """Prepare; nothing is read or sent before the first user. See `ManagedClobClient`."""
        Manager.__init__(self, Directory(vault, tenant, "polysimulator"), folder, trusted, managing)
        self.base_url = self._place = checked_url(base_url)
        self._places = (self.base_url,)
        self.settings = settings or PolySimulatorSettings()
        self.connections = Http(self.settings.http, http)

    def access_token(self, id: CredentialId) -> Flow[Secret | None]:  # noqa: A002
        """Return the dashboard's access token of whoever has a key; None if it is not in the vault.

        Raises ConfigError if it is for another environment than this manager's.
        """
        about = evolve(id, kind=CredentialKind.POLYSIM_SESSION)
        stored: Stored | None = yield Do(lambda: self.vault.get(about))
        if stored is None:
            return None
        stored.check_host(self.base_url, trusted=self._trusted)
        return stored.secrets.get("access_token")

    def _opened(self, user: str, wallet: str | None) -> ManagedPolySimulatorUser:
        entry = self._directory.find(
            user, wallet, CredentialKind.POLYSIM_API_KEY, CredentialKind.POLYSIM_SESSION
        )
        stored = self._read(entry.id)
        return ManagedPolySimulatorUser(
            self, evolve(entry.id, kind=CredentialKind.POLYSIM_API_KEY), self._keeping(stored.environment)
        )
