# Mirrored from manager_async.py by `python -m generator.mirror`; do not edit.
"""What managers of all venues have in common: users, their journal and audit log, and rotation."""

from __future__ import annotations

import logging
import os
import time
from abc import abstractmethod
from functools import partial
from secrets import SystemRandom
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from polyspec.core.effects import Flow
from polyspec.errors import PolyspecError
from polyspec.io.calls import Calls
from polyspec.io.colour import Lock, work
from polyspec.io.http import Http
from polyspec.io.stream import Streams
from polyspec.managed.audit import AuditLog
from polyspec.managed.directory import Directory, folder_of
from polyspec.managed.filing import finished, salvage
from polyspec.managed.issuing import issued_at
from polyspec.managed.journal import JournalEntry, OrderJournal, Owner
from polyspec.managed.keeper import Keeper, Keeping
from polyspec.managed.settings import ManagedSettings
from polyspec.managed.states import Rotated, Standing
from polyspec.vault.ids import CredentialId, CredentialKind, EnvironmentTag, filed_wallet
from polyspec.vault.values import Stored
from polyspec.vault.vault import CredentialStore

__all__ = ["Managed", "Manager"]

_ALLOWED: Final = 60.0

T = TypeVar("T")

logger = logging.getLogger("polyspec")


class Managed(Calls):
    """What a managed client can do besides what a plain one can."""

    _keeper: Keeper[Any]
    _owner: Owner
    _journal: OrderJournal
    _file: str
    """The wallet in the name of the record."""
    replayed: list[Any]
    """What became of orders that an earlier process had left open."""

    @property
    def standing(self) -> Standing:
        """How the credentials of this user are."""
        return self._keeper.standing

    def rotate(
        self, why: str = "asked for", *, timeout: float | None = None, version: int | None = None
    ) -> Standing:
        """Replace the credentials; if another process does so at the same time, both use what came of it.

        With a `version` of the vault only that one is replaced: if there are newer ones, they are used.
        Where the ones before end at once, orders wait meanwhile.
        """
        until = time.monotonic() + (_ALLOWED if timeout is None else timeout)
        self.run(self._keeper.rotate(why, until, version))
        return self.standing

    def revive(self) -> None:
        """Try again what was given up, after somebody put things right."""
        self._keeper.revive()

    def _reconnect(self) -> None:
        """Have streams show the credentials in use: venues look at them when a connection is made."""
        streams: Streams | None = self.__dict__.get("stream")
        if streams is not None:
            streams.renew("the credentials were replaced")

    def replay(self, timeout: float | None = None) -> list[Any]:
        """Look up the orders whose fate the journal does not know, and return what became of them.

        Sends no order. Those of other living processes are left to them.
        """
        entries = work(lambda: self._journal.left_open(self._owner))
        return self._looked_up(entries, timeout) if entries else []

    def _looked_up(self, entries: list[JournalEntry], timeout: float | None) -> list[Any]:
        raise NotImplementedError


class _User(Protocol):
    """What a manager knows of the clients it makes."""

    replayed: list[Any]
    _file: str
    _keeper: Keeper[Any]

    @property
    def standing(self) -> Standing: ...

    def run(self, flow: Flow[T], /) -> T: ...

    def rotate(
        self, why: str = ..., *, timeout: float | None = ..., version: int | None = ...
    ) -> Standing: ...

    def replay(self, timeout: float | None = ...) -> list[Any]: ...

    def close(self) -> None: ...


U = TypeVar("U", bound=_User)


class Manager(Generic[U]):
    """Makes one client for each user, over connections that all of them share."""

    connections: Http
    """What all users send through."""
    _kind: CredentialKind
    """What is rotated."""
    _place: str
    """Where requests go."""
    _places: tuple[str, ...]
    """Wherever credentials go."""

    def __init__(
        self,
        directory: Directory,
        folder: str | os.PathLike[str],
        trusted: tuple[str, ...],
        managing: ManagedSettings | None,
    ) -> None:
        """Open the journal and the audit log when they are first needed."""
        self.managing = managing or ManagedSettings()
        place = folder_of(folder)
        self.journal = OrderJournal(place / "orders.db")
        """Every order of every user, written before it is sent."""
        self.audit = AuditLog(place / "audit.db")
        """What was done with credentials."""
        self._directory = directory
        self._trusted = trusted
        self._users: dict[tuple[str, str | None], U] = {}
        self._unplayed: set[U] = set()
        self._locks: dict[str, Lock] = {}

    @property
    def vault(self) -> CredentialStore:
        """Where the credentials are."""
        return self._directory.vault

    def for_user(self, user: str, *, wallet: str | None = None, replay: bool = True) -> U:
        """Return the client of a user: always the same one. Name the wallet if there are several.

        Orders that an earlier process left open are looked up first, unless `replay` is False; `replayed`
        of the client tells what became of them. Raises ConfigError if the vault has nothing of that user.
        """
        # each user has a lock of its own: what one left open must not hold up the others
        with self._locks.setdefault(user, Lock()):
            name = user, None if wallet is None else filed_wallet(wallet)
            if (found := self._users.get(name)) is None:
                made = work(lambda: self._opened(user, wallet))
                found = self._users.setdefault((user, made._file), made)  # noqa: SLF001 - one of our own
                self._users[name] = found
                if replay and found is made:
                    self._unplayed.add(found)
            if found in self._unplayed:
                # again if it was cut off
                self._replay(found)
                self._unplayed.discard(found)
            return found

    def rotate_due(self, *, timeout: float | None = None, replay: bool = True) -> Rotated:
        """Replace the credentials that are older than `ManagedSettings.rotate_every`, one after the other.

        Call it every now and then, from one process or from all: each is replaced once. What cannot be
        replaced, or even read, holds up nobody else: `failed` tells of it. `replay` is for users who were
        not met yet, see `for_user`. Raises VaultUnavailable if there is no telling what is due.
        """
        done: dict[CredentialId, Standing] = {}
        failed: dict[CredentialId, PolyspecError] = {}
        every = self.managing.rotate_every
        if every is None:
            return Rotated(done=done, failed=failed)
        for entry in work(lambda: self._directory.entries(self._kind, damaged=failed.__setitem__)):
            if time.time() - issued_at(entry) < every:
                continue
            try:
                user = self.for_user(entry.id.user, wallet=entry.id.wallet, replay=replay)
                # whoever comes later must not replace what replaced these
                done[entry.id] = user.rotate("it is time", timeout=timeout, version=entry.version)
            except PolyspecError as error:
                failed[entry.id] = error.with_traceback(None)
        for about, why in failed.items():
            logger.warning("%s could not be rotated: %s", about, why)
        return Rotated(done=done, failed=failed)

    @property
    def standings(self) -> dict[str, Standing]:
        """How the credentials of the users met so far are, by user, or by user and wallet."""
        met = {id(user): (name, user) for (name, _), user in self._users.items()}
        return {
            f"{name}/{user._file}" if user._file else name: user.standing  # noqa: SLF001
            for name, user in met.values()
        }

    def close(self) -> None:
        """Close every user's streams, the connections, the journal and the audit log; not the vault."""
        for user in {id(each): each for each in self._users.values()}.values():
            user.close()
            user.run(finished(user._keeper))  # noqa: SLF001 - one of our own
            work(partial(salvage, user._keeper))  # noqa: SLF001 - one of our own
        self.connections.close()
        self.journal.close()
        self.audit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # one that could not be made has neither
        users, place = getattr(self, "_users", {}), getattr(self, "_place", "nowhere")
        return f"<{type(self).__name__} of {len({id(each) for each in users.values()})} users at {place}>"

    def _read(self, id: CredentialId) -> Stored:  # noqa: A002 - what it is called everywhere
        """Read a record that may be shown wherever this manager connects; raises ConfigError."""
        stored = self._directory.read(id)
        for place in self._places:
            stored.check_host(place, trusted=self._trusted)
        return stored

    @abstractmethod
    def _opened(self, user: str, wallet: str | None) -> U:
        """Read a user's record, and make the client."""

    def _keeping(self, environment: EnvironmentTag) -> Keeping:
        return Keeping(
            vault=self.vault,
            environment=environment,
            places=self._places,
            trusted=self._trusted,
            settings=self.managing,
            chance=SystemRandom().random,
            audit=self.audit,
        )

    def _replay(self, user: U) -> None:
        try:
            user.replayed = user.replay()
        except PolyspecError as error:
            # they stay open, and are looked up the next time
            logger.warning("orders that were left open could not be looked up: %s", error)
