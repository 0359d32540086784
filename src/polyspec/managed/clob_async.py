"""Clients of the CLOB for many users, whose keys are in a vault."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from secrets import SystemRandom
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import HOST, ClobSettings, checked_host
from polyspec.clob.credentials import ApiCreds
from polyspec.clob.fate import AsyncPlacement, AsyncResolved
from polyspec.clob.placing import Posting
from polyspec.core.effects import Flow
from polyspec.errors import ConfigError, PolyspecError
from polyspec.io.colour_async import Lock, work
from polyspec.io.http_async import AsyncHttp
from polyspec.managed.audit import AuditLog
from polyspec.managed.clob_issuing import ClobIssuer, owned, quiet, signs
from polyspec.managed.clob_placing import JournalledPlacing, journalled, unknown_of
from polyspec.managed.clob_wallets import ClobWallet
from polyspec.managed.directory import FOLDER, Directory, folder_of
from polyspec.managed.issuing import Held
from polyspec.managed.journal import OrderJournal, Owner
from polyspec.managed.journalling import Pen
from polyspec.managed.keeper import Keeper, Keeping
from polyspec.managed.session import Unrenewing, managed
from polyspec.managed.settings import ManagedSettings
from polyspec.managed.states import Standing
from polyspec.vault.ids import CredentialKind
from polyspec.vault.vault import CredentialStore

if TYPE_CHECKING:
    import httpx

__all__ = ["AsyncManagedClobClient", "AsyncManagedClobUser"]

_ALLOWED: Final = 60.0

logger = logging.getLogger("polyspec")


class AsyncManagedClobUser(AsyncClobClient):
    """One user's client: an `AsyncClobClient` whose API key is looked after. Made by `for_user`."""

    def __init__(
        self,
        manager: AsyncManagedClobClient,
        wallet: ClobWallet,
        keeping: Keeping,
        settings: ClobSettings,
    ) -> None:
        """Prepare it; the manager's connections are its own."""
        self._manager = manager
        super().__init__(
            manager.host,
            manager.chain_id,
            wallet.key,
            None,
            wallet.signature_type,
            wallet.funder,
            address=wallet.address,
            settings=settings,
        )
        # nothing was opened by its own
        self._http = manager.connections
        plain, authority = self.session, quiet(self.session)
        issuer = ClobIssuer(plain, can_sign=wallet.key is not None)
        self._keeper: Keeper[ApiCreds] = Keeper(keeping, wallet.api, issuer, plain.clock, self._swapped)
        authority.obtain = self._credentials
        self.session = managed(
            plain,
            self._keeper,
            signs,
            lambda call: owned(self._keyring, call),
            authority=authority,
            manner=Unrenewing(),
        )
        tenant, user, venue, address, _ = wallet.api.parts
        self._owner = Owner(venue, tenant, user, address)
        self.replayed: list[AsyncPlacement] = []
        """What became of orders that an earlier process had left open."""

    @property
    def standing(self) -> Standing:
        """How the API key of this user is."""
        return self._keeper.standing

    async def rotate(self, why: str = "asked for", *, timeout: float | None = None) -> Standing:
        """Replace the API key, which ends the one before at once; orders wait meanwhile.

        If another process does so at the same time, there is one new key, which both use.
        """
        until = time.monotonic() + (_ALLOWED if timeout is None else timeout)
        await self.run(self._keeper.rotate(why, until))
        return self.standing

    def revive(self) -> None:
        """Try again what was given up, after somebody put things right."""
        self._keeper.revive()

    async def replay(self, timeout: float | None = None) -> list[AsyncPlacement]:
        """Look up the orders whose fate the journal does not know; sends none.

        Those of other living processes are left to them.
        """
        journal = self._manager.journal
        entries = await work(lambda: journal.left_open(self._owner))
        if not entries:
            return []
        allowed = self.settings.patience.total if timeout is None else timeout
        placing = self._placing(_ignored)
        assert isinstance(placing, JournalledPlacing)
        unknowns = [unknown_of(entry, self.resolve) for entry in entries]
        return await self.run(placing.resolve_many(unknowns, allowed))

    async def create_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Refuse: keys are made when they are needed; `rotate` makes another."""
        _managed_here()

    async def derive_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Refuse, see `create_api_key`."""
        _managed_here()

    async def create_or_derive_api_key(self, nonce: int = 0, *, timeout: float | None = None) -> ApiCreds:
        """Refuse, see `create_api_key`."""
        _managed_here()

    async def delete_api_key(self, *, timeout: float | None = None) -> None:
        """Refuse, see `create_api_key`."""
        _managed_here()

    def set_api_creds(self, creds: ApiCreds) -> None:
        """Refuse: put them into the vault instead."""
        del creds
        _managed_here()

    async def aclose(self) -> None:
        """Close the streams of this user; connections are the manager's."""
        if "stream" in self.__dict__:
            await self.stream.aclose()

    def _credentials(self, deadline: float) -> Flow[ApiCreds]:
        held = yield from self._keeper.obtain(deadline)
        return held.creds

    def _swapped(self, held: Held[ApiCreds]) -> None:
        self._keyring.held = held.creds

    def _placing(self, replaced: Callable[[Posting], None]) -> JournalledPlacing[AsyncResolved]:
        return journalled(super()._placing(replaced), Pen(self._manager.journal, self._owner))


class AsyncManagedClobClient:
    """Trades on the CLOB for many users, whose wallets and API keys are in a vault.

    ::

        async with AsyncManagedClobClient(vault) as clob:
            alice = await clob.for_user("alice")
            placed = await alice.create_and_post_order(token_id=..., side="BUY", price="0.4", size=10)

    A user's record is a credential of kind ``clob_wallet`` with the secret ``private_key``; without one an
    API key of kind ``clob_api`` does for what needs no signature of the wallet. Connections and limits of the
    machine are everybody's, credentials and trouble each user's own.
    """

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
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """Prepare; nothing is read or sent before the first user.

        `folder` is where the journal of orders and the audit log are. `trusted` names hosts of the records'
        environment that are not the venue's. With ``hold_keys=False`` a wallet's key is taken out of the
        vault for each signature, which takes longer.
        """
        self.host = checked_host(host)
        self.chain_id = chain_id
        self.settings = settings or ClobSettings()
        self.managing = managing or ManagedSettings()
        self.connections = AsyncHttp(self.settings.http, http)
        """What all users send through."""
        place = folder_of(folder)
        self.journal = OrderJournal(place / "orders.db")
        """Every order of every user, written before it is sent."""
        self.audit = AuditLog(place / "audit.db")
        """What was done with credentials."""
        self._directory = Directory(vault, tenant, "clob")
        self._trusted = trusted
        self._hold_keys = hold_keys
        self._users: dict[tuple[str, str], AsyncManagedClobUser] = {}
        self._lock = Lock()

    async def for_user(
        self, user: str, *, wallet: str | None = None, replay: bool = True
    ) -> AsyncManagedClobUser:
        """Return the client of a user: always the same one. Name the wallet if there are several.

        Orders that an earlier process left open are looked up first, unless `replay` is False; `replayed`
        of the user tells what became of them. Raises ConfigError if the vault has nothing of that user.
        """
        async with self._lock:
            name = user, "" if wallet is None else wallet.lower()
            if (found := self._users.get(name)) is None:
                found = await work(lambda: self._opened(user, wallet))
                found = self._users.setdefault((user, str(found.address).lower()), found)
                self._users[name] = found
                if replay:
                    await _replay(found)
            return found

    async def rotate_due(self, *, timeout: float | None = None) -> list[Standing]:
        """Replace the API keys that are older than `ManagedSettings.rotate_every`, one after the other.

        Call it every now and then, from one process or from all: each key is replaced once.
        """
        every = self.managing.rotate_every
        if every is None:
            return []
        entries = await work(lambda: self._directory.entries(CredentialKind.CLOB_API))
        done: list[Standing] = []
        for entry in entries:
            if time.time() - float(entry.public.get("issued_at", entry.created_at)) < every:
                continue
            user = await self.for_user(entry.id.user, wallet=entry.id.wallet)
            try:
                done.append(await user.rotate("it is time", timeout=timeout))
            except PolyspecError as error:
                logger.warning("%s could not be rotated: %s", entry.id, error)
        return done

    @property
    def standings(self) -> dict[str, Standing]:
        """How the API keys of the users met so far are, by user and wallet."""
        return {
            f"{name}/{user.address}": user.standing for (name, wallet), user in self._users.items() if wallet
        }

    def _opened(self, user: str, wallet: str | None) -> AsyncManagedClobUser:
        found = ClobWallet.find(
            self._directory, user, wallet, self.host, self._trusted, hold_key=self._hold_keys
        )
        keeping = Keeping(
            vault=self._directory.vault,
            environment=found.environment,
            base_url=self.host,
            trusted=self._trusted,
            settings=self.managing,
            chance=SystemRandom().random,
            audit=self.audit,
        )
        return AsyncManagedClobUser(self, found, keeping, self.settings)

    async def aclose(self) -> None:
        """Close every user's streams, the connections, the journal and the audit log; not the vault."""
        for user in {id(each): each for each in self._users.values()}.values():
            await user.aclose()
        await self.connections.aclose()
        self.journal.close()
        self.audit.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.standings)} users at {self.host}>"


async def _replay(user: AsyncManagedClobUser) -> None:
    try:
        user.replayed = await user.replay()
    except PolyspecError as error:
        # they stay open, and are looked up the next time
        logger.warning("orders that were left open could not be looked up: %s", error)


def _ignored(_: Any) -> None:
    """Nothing is replaced by looking."""


def _managed_here() -> NoReturn:
    raise ConfigError("the API key of this user is managed: call rotate(), or put another into the vault")
