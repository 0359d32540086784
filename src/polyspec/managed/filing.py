"""From the venue, which may tell credentials only once, into the vault: nothing is lost on the way.

What was asked for is carried through, though its caller be cancelled (`Whole`). What was told and is not in
the vault yet is remembered by the `Keeper`: if the vault cannot be reached it is stored with the next piece
of work, or when the client is closed; if the flow itself is cut off it is stored then and there.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attrs import field, frozen

from polyspec.core.effects import Do, Flow, Instant, Now, Sleep, Wait, Whole
from polyspec.core.flight import Flight
from polyspec.errors import PolyspecError, TimedOut, VaultUnavailable, VersionConflict
from polyspec.managed.issuing import Held
from polyspec.vault.values import Credential, Stored

if TYPE_CHECKING:
    from polyspec.managed.keeper import Keeper

__all__ = ["Unfiled", "file", "finished", "made", "salvage", "save"]

C = TypeVar("C")

logger = logging.getLogger("polyspec")

# What the venue gave out only once must not be lost because the vault could not be reached for a moment.
_PAUSES: Final = (0.1, 0.3, 1.0, 2.0)
# What is cut off waits so long for what it still has to store.
_LAST: Final = 10.0


@frozen
class Unfiled(Generic[C]):
    """Credentials that the venue told, and the vault does not have yet."""

    creds: C = field(repr=False)
    expected: int
    """The version they replace."""
    event: str
    why: str
    told_at: float
    """Unix time, by the venue's clock."""


def made(keeper: Keeper[C], make: Flow[C], expected: int, event: str, why: str) -> Flow[C]:
    """Have the venue make credentials and file them, to the end, whoever is cancelled meanwhile."""
    creds: C = yield Whole(_made(keeper, make, expected, event, why))
    return creds


def _made(keeper: Keeper[C], make: Flow[C], expected: int, event: str, why: str) -> Flow[C]:
    flight: Flight[None] = Flight()
    keeper.making = flight
    try:
        creds = yield from make
        yield from save(keeper, creds, expected, event, why)
        return creds
    finally:
        flight.land(None)


def finished(keeper: Keeper[Any]) -> Flow[None]:
    """Wait for what is being made, as long as it is worth it: closing connections would lose it."""
    if keeper.making is not None:
        with suppress(TimedOut, TimeoutError):
            yield Wait(keeper.making, _LAST)


def save(keeper: Keeper[C], creds: C, expected: int, event: str, why: str) -> Flow[None]:
    """Put fresh credentials into the vault and use them; if others were quicker, use theirs."""
    now: Instant = yield Now()
    keeper.unfiled = Unfiled(creds, expected, event, why, keeper.clock.correct(now.wall))
    try:
        yield from file(keeper)
    except GeneratorExit:
        salvage(keeper)
        raise


def file(keeper: Keeper[Any]) -> Flow[None]:
    """Store what is not filed yet, if anything."""
    fresh = keeper.unfiled
    if fresh is None:
        return
    try:
        stored = yield from _put(keeper, fresh)
    except VersionConflict:
        keeper.unfiled = None
        yield from _outrun(keeper, fresh)
        return
    _use(keeper, fresh, stored, (yield Now()))
    yield from keeper.note(fresh.event, why=fresh.why)


def _outrun(keeper: Keeper[Any], fresh: Unfiled[Any]) -> Flow[None]:
    """Take what is in the vault instead."""
    yield from keeper.adopt()
    if keeper.version <= fresh.expected:
        # taken out meanwhile, or put back: what is made now would be made again and again
        raise VersionConflict(f"{keeper.id}: the record that was to be replaced is gone", found=0)
    if keeper.held is not None and keeper.held.creds == fresh.creds:
        # they are ours: what was lost is the answer of the vault
        yield from keeper.note(fresh.event, why=fresh.why)
        return
    yield from keeper.note("conceded", why=f"{fresh.event}, but another process had stored its own")
    now: Instant = yield Now()
    try:
        yield from keeper.issuer.discard(fresh.creds, now.monotonic + _LAST)
    except PolyspecError as error:
        logger.warning("%s: what nobody uses could not be ended: %s", keeper.id, error)


def _put(keeper: Keeper[Any], fresh: Unfiled[Any]) -> Flow[Stored]:
    put = _putting(keeper, fresh)
    for pause in _PAUSES:
        try:
            stored: Stored = yield Do(put)
        except VaultUnavailable:
            yield Sleep(pause)
        else:
            return stored
    stored = yield Do(put)
    return stored


def _putting(keeper: Keeper[Any], fresh: Unfiled[Any]) -> partial[Stored]:
    secrets, public = keeper.issuer.write(fresh.creds)
    record = Credential(
        environment=keeper.keeping.environment,
        secrets=secrets,
        public={**public, "issued_at": f"{fresh.told_at:.3f}"},
    )
    return partial(keeper.keeping.vault.put, keeper.id, record, fresh.expected)


def _use(keeper: Keeper[Any], fresh: Unfiled[Any], stored: Stored, now: Instant) -> None:
    keeper.unfiled = None
    keeper.swap(Held(fresh.creds, stored.version, fresh.told_at, keeper.issuer.label(fresh.creds)), now)


def salvage(keeper: Keeper[Any]) -> None:
    """Store what is not filed yet without a flow, waiting for it: nobody will do so later."""
    if keeper.unfiled is None:
        return
    # in a thread of its own: the garbage collector may have cut the flow off while this one holds a lock
    thread = threading.Thread(target=_salvaged, args=(keeper,), name="polyspec-salvage")
    try:
        thread.start()
    except RuntimeError:
        # the interpreter ends, and there are no new threads
        _salvaged(keeper)
    else:
        thread.join(_LAST)


def _salvaged(keeper: Keeper[Any]) -> None:
    fresh = keeper.unfiled
    if fresh is None:
        return
    try:
        stored = _putting(keeper, fresh)()
        _use(keeper, fresh, stored, Instant(time.monotonic(), time.time()))
        keeper.written(fresh.event, fresh.why)
    except VersionConflict:
        # it was on its way already, or others were quicker: reading the vault will tell
        keeper.unfiled = None
    except PolyspecError as error:
        logger.warning("%s: fresh credentials could not be stored: %s", keeper.id, error)
