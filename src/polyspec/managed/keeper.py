"""Keeps the credentials of one wallet good: fetched once, doubted with care, replaced by one at a time.

Everything here is a flow (see `polyspec.core.effects`). In this process one piece of work is in flight for a
wallet, whoever asks, and all others wait for it, each until its own deadline; other processes are kept out by
a lease in the vault, and by the version of the record that is replaced.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Final, Generic, TypeVar

from attrs import Factory, field, frozen

from polyspec.core import watching
from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Do, Flow, Instant, Now, Wait
from polyspec.core.flight import Abandoned, Flight
from polyspec.errors import PolyspecError, TimedOut
from polyspec.io import forks
from polyspec.managed.audit import AuditLog
from polyspec.managed.circuit import Circuit
from polyspec.managed.fetching import issue, replace
from polyspec.managed.filing import Unfiled, file
from polyspec.managed.gate import Gate
from polyspec.managed.issuing import Held, Issuer, issued_at
from polyspec.managed.lease import Leases
from polyspec.managed.settings import ManagedSettings
from polyspec.managed.states import NEXT, Standing, State
from polyspec.vault.ids import CredentialId, EnvironmentTag
from polyspec.vault.vault import CredentialStore

__all__ = ["Keeper", "Keeping"]

C = TypeVar("C")

logger = logging.getLogger("polyspec")

_WORKING: Final = (State.ISSUING, State.SUSPECT, State.REISSUING, State.ROTATING)

# A leader that is silent for so long after its time belonged to an event loop that does not run any more.
_GRACE: Final = 5.0


@frozen(kw_only=True)
class Keeping:
    """What all keepers of one manager share."""

    vault: CredentialStore
    environment: EnvironmentTag
    places: tuple[str, ...]
    """Wherever credentials go: requests, streams, and who issues tokens."""
    trusted: tuple[str, ...]
    settings: ManagedSettings
    chance: Callable[[], float]
    """Uniform in [0, 1): spreads what is tried again."""
    audit: AuditLog | None = None
    leases: Leases = field(
        init=False,
        default=Factory(
            lambda self: Leases(self.vault, self.environment, self.settings.lease), takes_self=True
        ),
    )


class Keeper(Generic[C]):
    """The credentials of one user at one venue."""

    def __init__(
        self,
        keeping: Keeping,
        id: CredentialId,  # noqa: A002 - what it is called everywhere
        issuer: Issuer[C],
        clock: ClockOffset,
        swapped: Callable[[Held[C]], None],
        reconnect: Callable[[], None],
    ) -> None:
        """Begin without credentials; `swapped` is told those to use from now on, and must not wait.

        `reconnect` has what shows credentials once show these; it must not wait either.
        """
        self.keeping = keeping
        self.settings = keeping.settings
        self.id = id
        self.issuer = issuer
        self.clock = clock
        self.gate = Gate()
        self.circuit = Circuit(self.settings.circuit, self.settings.longest_circuit)
        self.held: Held[C] | None = None
        self.state = State.ABSENT
        self.refused = 0
        """How often in a row the credentials were refused when they were tried."""
        self.first_refused: float | None = None
        """Monotonic second of the first of those."""
        self.unfiled: Unfiled[C] | None = None
        """What the venue told, and the vault does not have yet."""
        self.making: Flight[None] | None = None
        """Lands when what the venue was asked to make is in the vault, or came to nothing."""
        self._swapped = swapped
        self._reconnect = reconnect
        self._lock = threading.RLock()
        self._flight: Flight[None] | None = None
        self._checked = 0.0
        self._taken = False
        forks.tell(self)

    def begin_anew(self) -> None:
        """Leave what is being done to the process this one was forked from; it goes on there."""
        self._lock = threading.RLock()
        self._flight, self.gate, self.unfiled, self.making = None, Gate(), None, None
        if self.state in _WORKING:
            # nobody here brings it to an end
            self.state = State.ABSENT if self.held is None else State.ACTIVE

    # -- what is known --

    @property
    def version(self) -> int:
        """The version in use; 0 if there is none."""
        return 0 if self.held is None else self.held.version

    @property
    def standing(self) -> Standing:
        """How the credentials are."""
        held = self.held
        return Standing(
            state=self.state,
            version=self.version,
            label="" if held is None else held.label,
            issued_at=None if held is None else held.issued_at,
            refused=self.refused,
            closed_until=self.circuit.until,
        )

    def move(self, state: State) -> None:
        """Go to another state."""
        if state is not self.state:
            assert state in NEXT[self.state], f"{self.state} does not lead to {state}"
            logger.info("%s: %s -> %s", self.id, self.state, state)
            before, self.state = self.state, state
            if watching.observing:
                watching.told_move(self, before)

    def good(self, version: int) -> None:
        """Note that the venue took these credentials."""
        if self.state is State.ACTIVE and self.refused == 0:
            return
        with self._lock:
            if version != self.version:
                return
            self._taken = True
            self.refused, self.first_refused = 0, None
            self.circuit.close()
            if self.state in (State.SETTLING, State.SUSPECT, State.REVOKED):
                self.move(State.ACTIVE)

    def condemn(self) -> bool:
        """Begin to replace credentials; not if the venue took them after all."""
        with self._lock:
            if self.state is not State.SUSPECT:
                return False
            self.move(State.REISSUING)
            return True

    def settles(self, now: Instant) -> bool:
        """Tell whether a refusal means little: the credentials are fresh, and were never taken yet."""
        return not self._taken and self.is_fresh(now)

    def is_fresh(self, now: Instant) -> bool:
        """Tell whether parts of the venue may not know the credentials yet."""
        if self.held is None or not self.issuer.settles:
            return False
        age = self.clock.correct(now.wall) - self.held.issued_at
        # one from the future was stored by a machine whose clock is wrong
        return -self.settings.settling < age < self.settings.settling

    # -- work, one piece at a time --

    def obtain(self, deadline: float) -> Flow[Held[C]]:
        """Return the credentials, fetching them or waiting for whoever does."""
        while (held := self.held) is None:
            yield from self.admit()
            yield from self.alone(partial(issue, self), deadline)
        return held

    def admit(self) -> Flow[None]:
        """Raise CircuitOpen while nothing may be sent; a newer version in the vault ends that."""
        if self.circuit.until is None:
            return
        now: Instant = yield Now()
        if now.monotonic - self._checked >= 1.0:
            self._checked = now.monotonic
            if (yield from self.adopt()):
                return
        self.circuit.check(now.monotonic, self.id)

    def unbroken(self, opened: int) -> Flow[None]:
        """Raise CircuitOpen if the circuit was opened again since it had been `opened` times."""
        if self.circuit.opened != opened and self.circuit.until is not None:
            now: Instant = yield Now()
            raise self.circuit.error(now.monotonic, self.id)

    def rotate(self, why: str, deadline: float, version: int | None = None) -> Flow[Held[C]]:
        """Replace the credentials, or only those of a `version`; if somebody else does so first, take those.

        Raises CircuitOpen if they were given up.
        """
        used = (yield from self.obtain(deadline)).version
        if version is not None:
            if used < version:
                yield from self.adopt()
            used = version
        while (held := self.held) is not None and held.version == used:
            yield from self.alone(partial(replace, self, why, used), deadline)
        assert held is not None
        return held

    def revive(self) -> None:
        """Try again what was given up; for whoever put things right, which the audit log notes at once."""
        if self.circuit.until is not None:
            self.written("revived", "asked for")
        self.circuit.close()
        self.refused, self.first_refused = 0, None
        if self.state is State.REVOKED:
            self.state = State.ABSENT if self.held is None else State.ACTIVE

    def alone(self, work: Callable[[float], Flow[None]], deadline: float) -> Flow[None]:
        """Do a piece of work that nobody else does now, or wait for what is being done instead of it."""
        now: Instant = yield Now()
        with self._lock:
            flight = self._flight
            leads = flight is None or flight.done or now.monotonic >= flight.lease
            if leads:
                flight = self._flight = Flight(lease=deadline + _GRACE)
        assert flight is not None
        if not leads:
            yield from self._join(flight, now.monotonic, deadline)
            return
        try:
            yield from file(self)
            yield from work(deadline)
        except PolyspecError as error:
            # a copy: the flight outlives this call, and must not keep its frames alive
            flight.crash(_again(error))
            error.maybe_executed = False
            raise
        else:
            flight.land(None)
        finally:
            # cancelled, closed by the garbage collector, or broken: whoever waits takes over
            flight.crash(Abandoned())

    def _join(self, flight: Flight[None], now: float, deadline: float) -> Flow[None]:
        failure: PolyspecError
        try:
            yield Wait(flight, max(0.0, min(deadline, flight.lease) - now))
        except Abandoned:
            return
        except (TimedOut, TimeoutError):
            later: Instant = yield Now()
            if later.monotonic < deadline:
                return
            failure = TimedOut("the credentials were being looked after when the deadline passed")
            failure.maybe_executed = False
        except PolyspecError as error:
            failure = _again(error)
        else:
            return
        raise failure

    # -- the vault --

    def adopt(self) -> Flow[bool]:
        """Read the vault; take what is newer than what is in use, and tell whether there was such."""
        return (yield from self._looked())[0]

    def _looked(self) -> Flow[tuple[bool, int]]:
        """Do so, and return also which version the vault has; 0 for none."""
        stored = yield Do(lambda: self.keeping.vault.get(self.id))
        if stored is None or stored.version <= self.version:
            return False, 0 if stored is None else stored.version
        for place in self.keeping.places:
            stored.check_host(place, trusted=self.keeping.trusted)
        creds = self.issuer.read(stored)
        now: Instant = yield Now()
        self.swap(Held(creds, stored.version, issued_at(stored), self.issuer.label(creds)), now)
        return True, stored.version

    def swap(self, held: Held[C], now: Instant) -> None:
        """Use other credentials from now on."""
        with self._lock:
            if held.version <= self.version:
                return
            replaced, self.held, self._taken = self.held is not None, held, False
            self.refused, self.first_refused = 0, None
            self.circuit.close()
            self._swapped(held)
            self.move(State.SETTLING if self.is_fresh(now) else State.ACTIVE)
        if replaced:
            self._reconnect()

    def within(self, work: Callable[[float], Flow[None]], deadline: float) -> Flow[None]:
        """Do a piece of work that no other process does now; not if others had done it already."""
        leases = self.keeping.leases
        lease = yield from leases.take(self.id, deadline, self.adopt)
        if lease is None:
            return
        try:
            if (yield from self._is_due()):
                yield from work(min(deadline, lease.until))
        except PolyspecError:
            yield from leases.release(lease)
            raise
        except GeneratorExit:
            # cut off: nobody shall wait for the end of its term because a caller was cancelled
            leases.drop(lease)
            raise
        yield from leases.release(lease)

    def _is_due(self) -> Flow[bool]:
        """Tell whether nothing newer was stored just before; gives up if what is in use was taken out."""
        used = self.version
        adopted, filed = yield from self._looked()
        if not adopted and filed < used:
            # what is made now could not be stored, and would end those of all who still have some
            yield from self.give_up("they were taken out of the vault, or older ones put back", for_good=True)
        return not adopted

    def note(self, event: str, *, why: str = "") -> Flow[None]:
        """Write an entry into the audit log."""
        if self.keeping.audit is not None:
            yield Do(partial(self.written, event, why))

    def written(self, event: str, why: str) -> None:
        """Write an entry into the audit log, waiting for the disk."""
        audit, held = self.keeping.audit, self.held
        if audit is not None:
            label = "" if held is None else held.label
            audit.write(event, self.id, version=self.version, label=label, why=why)

    def give_up(self, why: str, cause: PolyspecError | None = None, *, for_good: bool = False) -> Flow[None]:
        """Open the circuit and raise CircuitOpen."""
        now: Instant = yield Now()
        self.circuit.trip(now.monotonic, why, for_good=for_good)
        if for_good:
            self.move(State.REVOKED)
        logger.warning("%s: nothing is sent for now: %s", self.id, why)
        yield from self.note("revoked" if for_good else "circuit opened", why=why)
        raise self.circuit.error(now.monotonic, self.id) from cause


def _again(error: PolyspecError) -> PolyspecError:
    """Return a copy of an error, without its traceback, for a call that was not sent."""
    twin = copy(error)
    twin.maybe_executed = False
    return twin
