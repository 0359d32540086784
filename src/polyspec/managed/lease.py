"""Who may replace credentials now, among all processes that share a vault.

A lease is a record of the vault beside the credential it is for, put there by comparing versions. No clock is
compared across machines: who finds a lease waits until it is gone, or until it has seen it unchanged for its
whole term by its own clock. A holder that comes back too late is fenced off by the version of the credential
itself, which it must replace as it found it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import chain, repeat
from typing import Final

from attrs import evolve, frozen

from polyspec.core.effects import Do, Flow, Instant, Now, Sleep
from polyspec.errors import PolyspecError, TimedOut, VaultError, VersionConflict
from polyspec.vault.ids import CredentialId, EnvironmentTag
from polyspec.vault.values import Credential
from polyspec.vault.vault import CredentialStore

__all__ = ["LEASE", "Lease", "Leases"]

LEASE: Final = "lease:"
"""What the wallet of a lease begins with."""
_PAUSES: Final = (0.01, 0.02, 0.05, 0.1)
_LONGEST: Final = 0.2


@frozen
class Lease:
    """A lease that was taken."""

    id: CredentialId
    version: int
    until: float
    """Monotonic second at which others may take it."""


@frozen
class Leases:
    """Takes leases for one process."""

    store: CredentialStore
    environment: EnvironmentTag
    term: float
    """Seconds."""

    def take(
        self, about: CredentialId, deadline: float, changed: Callable[[], Flow[bool]]
    ) -> Flow[Lease | None]:
        """Take the lease of a credential; None if `changed` said so while others had it.

        Raises TimedOut at the monotonic second `deadline`.
        """
        lease_id = evolve(about, wallet=LEASE + about.wallet)
        seen, since = 0, 0.0
        for pause in chain(_PAUSES, repeat(_LONGEST)):
            found = yield Do(lambda: self.store.get(lease_id))
            now: Instant = yield Now()
            expected: int | None = 0 if found is None else None
            if found is not None and found.version != seen:
                seen, since = found.version, now.monotonic
            elif found is not None and now.monotonic - since >= float(found.public["term"]):
                expected = found.version
            if expected is not None and (lease := (yield from self._put(lease_id, expected))) is not None:
                return lease
            if (yield from changed()):
                return None
            if now.monotonic + pause >= deadline:
                late = TimedOut("another process was replacing the credentials when the deadline passed")
                late.maybe_executed = False
                raise late
            yield Sleep(pause)
        raise AssertionError

    def release(self, lease: Lease) -> Flow[None]:
        """Give a lease back; one that others took meanwhile is theirs."""
        try:
            yield Do(lambda: self.store.delete(lease.id, lease.version))
        except VaultError:
            # its term ends by itself
            return

    def drop(self, lease: Lease) -> None:
        """Give a lease back without a flow, which was cut off, and without waiting for it."""
        giving = threading.Thread(target=self._dropped, args=(lease,), name="polyspec-lease", daemon=True)
        # the interpreter may be at its end, and has no new threads
        with suppress(RuntimeError):
            giving.start()

    def _dropped(self, lease: Lease) -> None:
        # its term ends by itself
        with suppress(PolyspecError):
            self.store.delete(lease.id, lease.version)

    def _put(self, lease_id: CredentialId, expected: int) -> Flow[Lease | None]:
        now: Instant = yield Now()
        record = Credential(
            environment=self.environment,
            secrets={"holder": secrets.token_hex(16)},
            public={"term": str(self.term)},
        )
        until, taken, cut_off = now.monotonic + self.term, list[Lease](), list[bool]()

        def put() -> Lease:
            taken.append(Lease(lease_id, self.store.put(lease_id, record, expected).version, until))
            if cut_off:
                self.drop(taken[0])
            return taken[0]

        try:
            lease: Lease = yield Do(put)
        except VersionConflict:
            return None
        except GeneratorExit:
            # a thread may be at it, whoever is later gives it back
            cut_off.append(True)
            for each in taken:
                self.drop(each)
            raise
        return lease
