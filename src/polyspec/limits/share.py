"""One holder's part in what is shared: asks the backend, and when that is down decides alone, for less."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
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
_BEAT: Final = 1.0


class Share:
    """What a process has of a backend; never fails. `assumed` is the number of holders until that is known.

    While the backend is down the process keeps to its share of each limit: the rate divided by the number of
    holders known last, without a burst at first. It asks the backend again twice a second.
    """

    def __init__(
        self, backend: Backend, *, assumed: int = 4, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.backend = backend
        self._clock = clock
        self._assumed = assumed
        self._begin()
        self.holders: int | None = None
        """How many processes share the limits, as the backend said last."""

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self.holder = secrets.token_hex(8)
        self._beat_at = float("-inf")
        self._down_until = float("-inf")
        self._states: dict[str, State] = {}
        self._local = Tally(self._states)
        self.up = True
        """Whether the backend answered when it was asked last."""

    def reserve(self, ticket: Ticket, patience: float) -> Place:
        """Book places, among all holders if they can be asked."""
        self._of_this_process()
        if self._reachable():
            now = self._clock()
            beat = now >= self._beat_at
            if beat:
                self._beat_at = now + _BEAT
            try:
                place, holders = self.backend.reserve(ticket, patience, self.holder if beat else None)
            except BackendDown as reason:
                self._went_down(reason)
            else:
                self._came_back()
                if beat:
                    self.holders = holders
                return place
        return self._reserve_alone(ticket, patience)

    def stands(self, place: Place) -> bool:
        """Tell whether a place is still good; one taken alone is, unless this process was refused."""
        if place.local:
            with self._lock:
                # once the others can be asked again, they are
                return not self.up and self._local.stands(place, self._clock() * _MICRO)
        answer = self._ask(lambda backend: backend.stands(place))
        # a place that nobody can vouch for is taken anew
        return bool(answer)

    def refuse(self, refusal: Refusal) -> None:
        """Tell all holders of a 429, and keep to it if they cannot be told."""
        self._of_this_process()
        with self._lock:
            self._local.refuse(refusal, self._clock() * _MICRO)
        self._ask(lambda backend: backend.refuse(refusal))

    def look(self, name: str) -> Parcel | None:
        """Return what another process left, if it can be asked for."""
        return self._ask(lambda backend: backend.look(name))

    def lease(self, name: str, seconds: float) -> int | None:
        """Take a lease; 0 if nobody can be asked, None if another has it."""
        lost = object()
        found = self._ask(lambda backend: backend.lease(name, self.holder, seconds), lost)
        return 0 if found is lost else found

    def put(self, name: str, fence: int, content: bytes, age: float, life: float) -> bool:
        """Leave something for the others, if they can be reached."""
        return bool(self._ask(lambda backend: backend.put(name, fence, content, age, life)))

    def release(self, name: str) -> None:
        """Give a lease back."""
        self._ask(lambda backend: backend.release(name, self.holder))

    def _ask(self, work: Callable[[Backend], T], otherwise: object = None) -> T:
        self._of_this_process()
        if self._reachable():
            try:
                found = work(self.backend)
            except BackendDown as reason:
                self._went_down(reason)
            else:
                self._came_back()
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
            self._down_until = now + _PROBE
            return True

    def _went_down(self, reason: BackendDown) -> None:
        with self._lock:
            self._down_until = self._clock() + _PROBE
            was_up, self.up = self.up, False
            if was_up:
                # gates that this process met stay closed; all else begins anew, used up until now
                self._states = {key: state for key, state in self._states.items() if key.endswith(":gate")}
                self._local = Tally(self._states)
        if was_up:
            logger.warning(
                "the shared limits cannot be asked (%s): until they can, this process keeps to 1/%d of each",
                reason,
                self._parts,
            )

    def _came_back(self) -> None:
        if not self.up:
            with self._lock:
                was_down, self.up = not self.up, True
                self._beat_at = float("-inf")
            if was_down:
                logger.warning("the shared limits can be asked again")

    @property
    def _parts(self) -> int:
        return max(1, self._assumed if self.holders is None else self.holders)

    def _reserve_alone(self, ticket: Ticket, patience: float) -> Place:
        parts = self._parts
        mine = Ticket(ticket.gates, tuple(claim.shared(parts) for claim in ticket.claims))
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

    def _of_this_process(self) -> None:
        if self._pid != os.getpid():
            self.backend.begin_anew()
            self._begin()

    def close(self) -> None:
        """Close what is open; it is opened again if needed."""
        self.backend.close()
