"""Clients of the US exchange for many users, whose private keys are in a vault."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, NoReturn

from attrs import evolve

from polyspec.errors import AuthError, ConfigError, PolyspecError
from polyspec.io.http_async import AsyncHttp
from polyspec.managed.directory import FOLDER, Directory
from polyspec.managed.issuing import Held
from polyspec.managed.journal import JournalEntry, Owner
from polyspec.managed.journalling import Pen, legible
from polyspec.managed.keeper import Keeper, Keeping
from polyspec.managed.manager_async import AsyncManaged, AsyncManager
from polyspec.managed.session import managed
from polyspec.managed.settings import ManagedSettings
from polyspec.managed.us_issuing import UsAuthority, UsIssuer, UsKey, UsSigner, read_key, signs
from polyspec.managed.us_placing import JournalledPlacing, journalled, unknown_of
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import ENVIRONMENTS, Environment, Settings
from polyspec.us.fate import AsyncResolved
from polyspec.us.orders_async import AsyncOrders
from polyspec.us.session import open_session
from polyspec.vault.ids import CredentialKind
from polyspec.vault.values import Stored
from polyspec.vault.vault import CredentialStore

if TYPE_CHECKING:
    import httpx

__all__ = ["AsyncManagedUsClient", "AsyncManagedUsUser"]


class AsyncJournalledOrders(AsyncOrders):
    """Orders that are written down before they are sent."""

    def __init__(self, client: AsyncManagedUsUser, pen: Pen) -> None:
        super().__init__(client)
        self._pen = pen

    def _placing(self) -> JournalledPlacing[AsyncResolved]:
        return journalled(super()._placing(), self._pen)


class AsyncManagedUsUser(AsyncManaged, AsyncUsExchangeClient):
    """One user's client: an `AsyncUsExchangeClient` whose key comes from a vault. Made by `for_user`."""

    def __init__(self, manager: AsyncManagedUsClient, stored: Stored, keeping: Keeping) -> None:
        """Prepare it over the manager's connections."""
        # each class names the other
        place = manager.environment  # pyright: ignore[reportGeneralTypeIssues]
        key = read_key(stored, place)
        self._signer = UsSigner(key)
        super().__init__(
            self._signer.credentials(),
            place,
            participant_id=key.public.get("participant_id"),
            account=key.public.get("account"),
            settings=manager.settings,
        )
        # nothing was opened by its own
        self._http, self._owns_http = manager.connections, False
        self._authority = UsAuthority(self.session.authority)
        plain = evolve(self.session, authority=self._authority)
        issuer = UsIssuer(plain, place)
        self._keeper: Keeper[UsKey] = Keeper(
            keeping, stored.id, issuer, plain.clock, self._swapped, self._reconnect
        )
        self.session = managed(plain, self._keeper, signs, doubts=AuthError)
        tenant, user, venue, self._file, _ = stored.id.parts
        self._owner = Owner(venue, tenant, user, self._file)
        self._journal = manager.journal
        self.orders = AsyncJournalledOrders(self, Pen(self._journal, self._owner))
        self.replayed = []

    def _swapped(self, held: Held[UsKey]) -> None:
        before, self._signer.key = self._signer.key, held.creds
        if held.creds.jwt.fingerprint == before.jwt.fingerprint:
            return
        # tokens of another key, and refusals, are not this one's
        self._shared = evolve(self._shared, credentials=self._signer.credentials())
        session = open_session(self._shared, self.participant_id, self._lines.check)
        self._authority.inner = session.authority
        # those that came first, with what was read when this user was met
        self._reconnect()

    async def _looked_up(self, entries: list[JournalEntry], timeout: float | None) -> list[Any]:
        resolve = self.orders.resolve
        until = time.monotonic() + (self.settings.patience.total if timeout is None else timeout)
        found: list[Any] = []
        for unknown in legible(entries, lambda entry: unknown_of(entry, self.participant_id, resolve)):
            left = until - time.monotonic()
            try:
                found.append(unknown if left <= 0 else await resolve(unknown, left))
            except PolyspecError as error:
                # of its instrument, say, which is not listed any more: the others have theirs
                found.append(evolve(unknown, obstacle=error))
        return found

    def for_participant(self, participant_id: str, account: str | None = None) -> NoReturn:
        """Refuse: what it acts for is in its record, and orders of a client made here were in no journal."""
        del participant_id, account
        raise ConfigError(
            "a managed user acts for the participant of its record: put another record into the vault"
        )

    async def aclose(self) -> None:
        """Close the streams of this user, and what carried them; connections are the manager's."""
        await super().aclose()
        await self._lines.aclose()


class AsyncManagedUsClient(AsyncManager[AsyncManagedUsUser]):
    """Trades on the US exchange for many users, whose private keys are in a vault.

    A user's record is a credential of kind ``us_private_key``: the secret ``private_key`` is the PEM text,
    and public are ``client_id``, ``participant_id`` and ``account``. Access tokens are got as ever. A key
    that is replaced in the vault is used once the one before is refused; the venue issues none itself.
    """

    _kind = CredentialKind.US_PRIVATE_KEY

    def __init__(
        self,
        vault: CredentialStore,
        environment: Environment | str,
        *,
        tenant: str = "default",
        folder: str | os.PathLike[str] = FOLDER,
        trusted: tuple[str, ...] = (),
        managing: ManagedSettings | None = None,
        settings: Settings | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """Prepare; nothing is read or sent before the first user. See `AsyncManagedClobClient`."""
        if isinstance(environment, str):
            if environment not in ENVIRONMENTS:
                raise ConfigError(f"environment {environment!r} is none of {', '.join(ENVIRONMENTS)}")
            environment = ENVIRONMENTS[environment]
        AsyncManager.__init__(self, Directory(vault, tenant, "us"), folder, trusted, managing)
        self.environment: Environment = environment
        """Where all users connect."""
        self._place = environment.base_url
        grpc = () if environment.grpc is None else (environment.grpc,)
        self._places = (environment.base_url, environment.token_url, *grpc)
        self.settings = settings or Settings()
        self.connections = AsyncHttp(self.settings.http, http)

    def _opened(self, user: str, wallet: str | None) -> AsyncManagedUsUser:
        entry = self._directory.find(user, wallet, CredentialKind.US_PRIVATE_KEY)
        stored = self._read(entry.id)
        return AsyncManagedUsUser(self, stored, self._keeping(stored.environment))
