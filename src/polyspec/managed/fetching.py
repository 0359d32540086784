"""Credentials for the first time, and others because it is time: one piece of work of a `Keeper` each."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from polyspec.core.effects import Flow, Instant, Now
from polyspec.errors import BadRequest, Forbidden, PolyspecError, Unauthorized
from polyspec.managed.filing import made, save
from polyspec.managed.states import State

if TYPE_CHECKING:
    from polyspec.managed.keeper import Keeper

__all__ = ["issue", "replace"]

C = TypeVar("C")

logger = logging.getLogger("polyspec")

_FIRST: Final = "first use"


def issue(keeper: Keeper[Any], until: float) -> Flow[None]:
    """Take what the vault has, or what the venue has, or make the first ones."""
    if (yield from keeper.adopt()) or keeper.held is not None:
        return
    keeper.move(State.ISSUING)
    try:
        yield from keeper.within(partial(_first, keeper), until)
    finally:
        if keeper.held is None and keeper.state is State.ISSUING:
            keeper.move(State.ABSENT)


def _first(keeper: Keeper[Any], until: float) -> Flow[None]:
    found = yield from _told(keeper, keeper.issuer.derive(None, until))
    if found is not None:
        yield from save(keeper, found, 0, "derived", _FIRST)
        return
    yield from keeper.note("creating", why="there are none yet")
    yield from made(keeper, _told(keeper, keeper.issuer.create(None, until)), 0, "created", _FIRST)


def _told(keeper: Keeper[Any], ask: Flow[C]) -> Flow[C]:
    try:
        return (yield from ask)
    except (Unauthorized, BadRequest, Forbidden) as error:
        if error.maybe_executed:
            raise
        yield from keeper.give_up(f"the venue issues no credentials: {error}", error)
        raise AssertionError from None


def replace(keeper: Keeper[Any], why: str, used: int, until: float) -> Flow[None]:
    """Make others in the place of version `used`, while no order is on its way."""
    if keeper.state is State.REVOKED:
        # ends here, unless somebody stored others
        yield from keeper.admit()
        return
    before = keeper.state
    keeper.move(State.ROTATING)
    try:
        if keeper.issuer.overlap == 0:
            # whatever is on its way when the old ones end would be refused
            keeper.gate.close(writes_only=True)
            now: Instant = yield Now()
            yield from keeper.gate.drained(min(keeper.settings.drain, max(0.0, until - now.monotonic)))
        yield from keeper.within(partial(_replaced, keeper, why, used), until)
    finally:
        keeper.gate.open()
        if keeper.state is State.ROTATING:
            keeper.move(State.SUSPECT if before is State.SUSPECT else State.ACTIVE)


def _replaced(keeper: Keeper[Any], why: str, used: int, until: float) -> Flow[None]:
    old = keeper.held
    assert old is not None
    if old.version != used:
        # others came while the lease was waited for
        return
    yield from keeper.note("rotating", why=why)
    if keeper.issuer.overlap == 0:
        keeper.gate.close()
    fresh = yield from made(keeper, keeper.issuer.replace(old.creds, until), old.version, "rotated", why)
    if keeper.held is None or keeper.held.creds != fresh:
        # others were quicker, and look after theirs
        return
    try:
        if (yield from keeper.issuer.probe(fresh, until)):
            keeper.good(keeper.version)
    except PolyspecError as error:
        logger.info("%s: the new credentials are not taken yet: %s", keeper.id, error)
    try:
        yield from keeper.issuer.retire(old.creds, fresh, until)
    except PolyspecError as error:
        logger.warning("%s: the replaced credentials may go on to work: %s", keeper.id, error)
        yield from keeper.note("not retired", why=str(error))
