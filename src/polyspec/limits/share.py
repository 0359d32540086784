"""One holder's part in what is shared: asks the backend, and when that is down decides alone, for less."""

from __future__ import annotations

import logging
import math
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable
from typing import Final, TypeVar

from polyspec.core.tally import Place, Refusal, State, Tally, Ticket
from polyspec.core.token_sharing import Parcel
from polyspec.limits.backend import Backend, BackendDown

__all__ = ["Share"]

logger = logging.getLogger("polyspec")

T = TypeVar("T")

_MICRO: Final = 1e6
# Beyond this a backend that came back would go unnoticed for too long.
_PROBE: Final = 0.5
# One question may hang for long (a name is looked up without a limit of time): until then nobody else asks.
_LONGEST_PROBE: Final = 10.0
_BEAT: Final = 1.0
# A count of holders older than this is doubted.
_HEARD: Final = 60.0
# The same news is no warning twice in so many seconds.
_REPEATED: Final = 60.0
# By so much this process's clock and the place's may differ about when a gate opens.
_SLACK: Final = 0.1
_INSTANT: Final = 1e-3

_all: weakref.WeakSet[Share] = weakref.WeakSet()


class Share:
    """What a process has of a backend; never fails. `assumed` is the number of holders until that is known.

    While the backend is down the process keeps to its share of each limit: the rate divided by the number of
    holders known last, without a burst at first; if that is not known from the last minute, by `assumed` at
    least. It asks the backend again twice a second.
    """

    def __init__(
        self, backend: Backend, *, assumed: int = 4, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.backend = backend
        self._clock = clock
        self._assumed = assumed
        self.holders: int | None = None
        """How many processes share the limits, as the backend said last."""
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self.holder = secrets.token_hex(8)
        self._beat_at = self._turned = self._counted = self._warned = -math.inf
        self._down_until = -math.inf
        self._parts = self._assumed
        self._level = logging.WARNING
        self._states: dict[str, State] = {}
        self._local = Tally(self._states)
        self.up = True
        """Whether the backend answered when it was asked last."""

    def reserve(self, ticket: Ticket, patience: float) -> Place:
        """Book places, among all holders if they can be asked."""
        if self._reachable():
            begun = self._clock()
            beat = begun >= self._beat_at
            if beat:
                self._beat_at = begun + _BEAT
            try:
                place, holders = self._reserve_among_all(ticket, patience, self.holder if beat else None)
            except BackendDown as reason:
                self._went_down(reason, begun)
            else:
                self._came_back(begun)
                if beat:
                    self.holders, self._counted = holders, begun
                return place
        return self._reserve_alone(ticket, patience)

    def stands(self, place: Place) -> bool:
        """Tell whether a place is still good; one taken alone is, unless this process was refused."""
        if place.local:
            with self._lock:
                # once the others can be asked again, they are
                return not self.up and self._local.stands(place, self._clock() * _MICRO)
        if self._closed(place.gates):
            return False
        answer = self._ask(lambda backend: backend.stands(place))
        # a place that nobody can vouch for is taken anew
        return bool(answer)

    def refuse(self, refusal: Refusal) -> None:
        """Tell all holders of a 429, and keep to it if they cannot be told."""
        with self._lock:
            self._local.refuse(refusal, self._clock() * _MICRO)
        self._ask(lambda backend: backend.refuse(refusal))

    def look(self, name: str) -> Parcel | None:
        """Return what another process left, if it can be asked for."""
        return self._ask(lambda backend: backend.look(name))

    def lease(self, name: str, seconds: float, by: str = "") -> int | None:
        """Take a lease for one part of this process; 0 if nobody can be asked, None if another has it."""
        lost = object()
        found = self._ask(lambda backend: backend.lease(name, self.holder + by, seconds), lost)
        return 0 if found is lost else found

    def put(self, name: str, fence: int, content: bytes, age: float, life: float) -> bool:
        """Leave something for the others, if they can be reached."""
        return bool(self._ask(lambda backend: backend.put(name, fence, content, age, life)))

    def release(self, name: str, by: str = "") -> None:
        """Give a lease back."""
        self._ask(lambda backend: backend.release(name, self.holder + by))

    def _ask(self, work: Callable[[Backend], T], otherwise: object = None) -> T:
        if self._reachable():
            begun = self._clock()
            try:
                found = work(self.backend)
            except BackendDown as reason:
                self._went_down(reason, begun)
            else:
                self._came_back(begun)
                return found
        return otherwise  # type: ignore[return-value]

    def _reachable(self) -> bool:
        """Tell whether to ask the backend now; while it is down one call in half a second does."""
        if self.up:
            return True
        now = self._clock()
        with self._lock:
            if now < self._down_until:
                return False
            self._down_until = now + _LONGEST_PROBE
            return True

    def _went_down(self, reason: BackendDown, begun: float) -> None:
        with self._lock:
            now = self._clock()
            if begun < self._turned:
                # asked before it was known to be up, or down, again: that is old news
                return
            self._down_until = now + _PROBE
            if not self.up:
                return
            self.up, self._turned = False, now
            doubted = now - self._counted > _HEARD
            self._parts = max(1, self.holders or 0, self._assumed if doubted else 0)
            self._level = logging.WARNING if now - self._warned >= _REPEATED else logging.DEBUG
            if self._level == logging.WARNING:
                self._warned = now
            # gates that this process met stay closed; all else begins anew, used up until now
            self._states = {key: state for key, state in self._states.items() if key.endswith(":gate")}
            self._local = Tally(self._states)
        logger.log(
            self._level,
            "the shared limits cannot be asked (%s): until they can, this process keeps to 1/%d of each",
            reason,
            self._parts,
        )

    def _came_back(self, begun: float) -> None:
        if self.up:
            return
        with self._lock:
            if self.up or begun < self._turned:
                return
            self.up, self._turned = True, self._clock()
            self._beat_at = -math.inf
        logger.log(self._level, "the shared limits can be asked again")

    def _reserve_among_all(self, ticket: Ticket, patience: float, holder: str | None) -> tuple[Place, int]:
        place, holders = self.backend.reserve(ticket, patience, holder)
        closed = self._closed(ticket.gates)
        if not closed:
            return place, holders
        unknown = [gate for gate, left in closed.items() if place.wait < left - _SLACK]
        for gate in unknown:
            # it was down when this process met that refusal, or has lost what it knew since
            own = next((claim for claim in ticket.claims if claim.own), None)
            claim = own if gate == ticket.gates[0] else None
            self.backend.refuse(Refusal(gate, closed[gate], claim))
        if unknown:
            place, _ = self.backend.reserve(ticket, patience, None)
        return Place(max(place.wait, *closed.values()), place.epoch, place.gates), holders

    def _closed(self, gates: tuple[str, ...]) -> dict[str, float]:
        """Return for how many seconds gates are closed yet by refusals that this process itself met."""
        states = self._states
        met = {gate: states[gate][0] for gate in gates if gate in states}
        if not met:
            return met
        now = self._clock()
        left = {gate: until / _MICRO - now for gate, until in met.items()}
        return {gate: seconds for gate, seconds in left.items() if seconds > _INSTANT}

    def _reserve_alone(self, ticket: Ticket, patience: float) -> Place:
        mine = Ticket(ticket.gates, tuple(claim.shared(self._parts) for claim in ticket.claims))
        with self._lock:
            now = self._clock() * _MICRO
            for claim in mine.claims:
                if claim.key not in self._states:
                    # the others may have used all there was; each holder begins at another moment
                    turn = claim.span * claim.count / claim.size if claim.window else claim.span
                    self._local.spend(claim, now, now + self._phase * turn)
            place = self._local.reserve(mine, now, patience)
        return Place(place.wait, place.epoch, place.gates, local=True)

    @property
    def _phase(self) -> float:
        return int(self.holder, 16) / float(1 << 4 * len(self.holder))

    def close(self) -> None:
        """Close what is open; it is opened again if needed."""
        self.backend.close()

    def after_fork(self) -> None:
        """Be another holder: this process is a copy, and whoever held a lock runs in the other one."""
        self.backend.begin_anew()
        self._begin()


def _after_fork() -> None:
    for share in list(_all):
        share.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
