"""What follows on a 401, which is no proof that credentials are gone: the cheap and harmless first.

==== ===================================================================== =============================
step what is done                                                          the request goes again if
==== ===================================================================== =============================
0    the vault is read again                                               it holds a newer version
1    the venue's time is compared, which the refusal told, or it is asked   the clock was wrong
2    the same credentials are tried again, with growing pauses             they are taken
3    what is tried is the list of the keys, which names them               they are on it
4    with the lease: what the venue has for this wallet is derived         it is something else
5    with the lease: new ones are created, if the policy allows            they were
6    the circuit of this user opens                                        -
==== ===================================================================== =============================

Steps 2 and 3 are one: what is tried again is that list. Before every try the vault is read again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from itertools import chain, repeat
from typing import Any, Final, TypeVar

from polyspec.core import watching
from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.errors import (
    AuthError,
    BadRequest,
    ConfigError,
    Forbidden,
    PolyspecError,
    RateLimited,
    ServerError,
    TransportError,
    Unauthorized,
    VaultUnavailable,
)
from polyspec.managed.filing import made, save
from polyspec.managed.keeper import Keeper
from polyspec.managed.settings import CreatePolicy
from polyspec.managed.states import State

__all__ = ["heal"]

C = TypeVar("C")

logger = logging.getLogger("polyspec")

_WHY: Final = "the venue refused the ones before"
# What says nothing about credentials, and passes.
_PASSING: Final = (TransportError, ServerError, RateLimited)


def heal(keeper: Keeper[Any], used: int, applied: float, opened: int, deadline: float) -> Flow[None]:
    """After a 401 against version `used`, at a clock corrected by `applied`: return when to send again.

    One ladder at a time, whoever asks, and none of what was sent before the circuit was opened once more than
    `opened` times. Raises CircuitOpen, or what stood in the way; nothing was sent then.
    """
    if keeper.version != used:
        return
    yield from keeper.alone(partial(_climbed, keeper, used, applied, opened), deadline)


def _climbed(keeper: Keeper[Any], used: int, applied: float, opened: int, until: float) -> Flow[None]:
    yield from keeper.unbroken(opened)
    climb = _climb(keeper, used, applied, until)
    yield from watching.watched_ladder(climb, keeper) if watching.observing else climb


def _climb(keeper: Keeper[Any], used: int, applied: float, until: float) -> Flow[None]:
    if keeper.version != used or (yield from _others(keeper)):
        return
    if keeper.issuer.clocked and (yield from _clock_was_wrong(keeper, applied, until)):
        return
    now: Instant = yield Now()
    if keeper.first_refused is None:
        keeper.first_refused = now.monotonic
    keeper.move(State.SUSPECT)
    if (yield from _taken(keeper, until)):
        return
    if not keeper.condemn():
        return
    # what is signed now would be refused: it waits, and cancels will be first
    keeper.gate.close()
    try:
        yield from keeper.within(partial(_reissue, keeper, used), until)
    finally:
        keeper.gate.open()
        if keeper.state is State.REISSUING:
            keeper.move(State.SUSPECT)


def _others(keeper: Keeper[Any]) -> Flow[bool]:
    """Take others out of the vault; if that is away those in use are tried, of which it says nothing."""
    try:
        return (yield from keeper.adopt())
    except VaultUnavailable as error:
        logger.warning("%s: the vault is not to be had: %s", keeper.id, error)
        return False


def _clock_was_wrong(keeper: Keeper[Any], applied: float, until: float) -> Flow[bool]:
    """Tell whether the refused request was signed at another time than the venue's; it counts once.

    The refusal itself told the time; where it did not, the venue is asked.
    """
    clock = keeper.clock
    if not clock.known or clock.stale:
        try:
            yield from keeper.issuer.sample_clock(until)
        except PolyspecError as error:
            logger.info("%s: the venue's time is not to be had: %s", keeper.id, error)
    now: Instant = yield Now()
    # beyond its bound nothing is signed, and it is not the credentials' fault
    clock.stamp(now)
    return abs(clock.seconds - applied) > keeper.settings.clock_step


def _pauses(keeper: Keeper[Any], *, settling: bool) -> Iterator[float]:
    """Give the pauses before the tries that are left."""
    settings = keeper.settings
    if settling:
        return chain((0.0,), settings.settling_pauses, repeat(settings.settling_pauses[-1]))
    # an earlier ladder may have been cut off by its caller's deadline
    return iter((0.0, *settings.pauses)[keeper.refused :])


def _taken(keeper: Keeper[Any], until: float) -> Flow[bool]:
    """Try the credentials until they are taken, or replaced by others; False if they never are."""
    start: Instant = yield Now()
    settling = keeper.settles(start)
    for pause in _pauses(keeper, settling=settling):
        now: Instant = yield Now()
        if settling and not keeper.settles(now):
            # by now the venue knows them, if it ever will
            settling, keeper.refused = False, 0
            return (yield from _taken(keeper, until))
        wait = pause * (1 + 0.25 * keeper.keeping.chance())
        if now.monotonic + wait >= until:
            raise _undecided(settling=settling)
        if wait:
            yield Sleep(wait)
            if (yield from _others(keeper)) or keeper.state is not State.SUSPECT:
                # others were stored, or another request was answered meanwhile
                return True
        held = keeper.held
        assert held is not None
        try:
            listed = yield from keeper.issuer.probe(held.creds, until)
        except _PASSING as error:
            logger.info("%s: the credentials could not be tried: %s", keeper.id, error)
        except AuthError as error:
            clocked = keeper.issuer.clocked and not isinstance(error, Unauthorized)
            if clocked or error.cause == "clock":
                # the clock, which is nobody's credentials' fault
                raise
            keeper.refused += not settling
        else:
            if listed:
                keeper.good(held.version)
            return listed
    return False


class _UndecidedError(AuthError):
    """A caller could not wait until it was clear what is wrong."""


def _undecided(*, settling: bool) -> AuthError:
    """Return the error of a caller who cannot wait any longer."""
    why = "they are fresh, and the venue may take a while" if settling else "and it is not known yet why"
    return _UndecidedError(f"the venue refuses the credentials, {why}; nothing was sent: try again later")


def _reissue(keeper: Keeper[Any], used: int, until: float) -> Flow[None]:
    """Take what the venue has, or make new ones."""
    if keeper.version != used:
        return
    held, policy = keeper.held, keeper.settings.create
    assert held is not None
    found = yield from _told(keeper, keeper.issuer.derive(held.creds, until))
    if found is not None and found != held.creds:
        yield from save(keeper, found, held.version, "derived", _WHY)
        return
    gone = found is None
    if not gone and not (yield from _long_enough(keeper)):
        now: Instant = yield Now()
        if keeper.is_fresh(now):
            raise _undecided(settling=True)
        yield from keeper.give_up("the venue refuses credentials that it still has")
    if policy is CreatePolicy.NEVER or (policy is CreatePolicy.WHEN_GONE and not gone):
        why = "the venue has no credentials for this wallet" if gone else "the venue refuses what it has"
        yield from keeper.give_up(f"{why}, and none may be created", for_good=gone)
    yield from keeper.note("creating", why="they are gone" if gone else "they are refused")
    make = _told(keeper, keeper.issuer.create(held.creds, until))
    yield from made(keeper, make, held.version, "created", _WHY)
    logger.warning("%s: new credentials were created; those of all other holders have ended", keeper.id)


def _told(keeper: Keeper[Any], ask: Flow[C]) -> Flow[C]:
    """Ask the venue; open the circuit if it says no, or if there is nothing to ask with."""
    try:
        return (yield from ask)
    except ConfigError as error:
        # a venue that refused everybody for some seconds must not stop anybody for ever
        gone = yield from _long_enough(keeper)
        why = "gone" if gone else "refused"
        yield from keeper.give_up(f"the credentials are {why}, and {error}", error, for_good=gone)
        raise AssertionError from None
    except (Unauthorized, BadRequest, Forbidden) as error:
        yield from keeper.give_up(f"the venue issues no other credentials: {error}", error)
        raise AssertionError from None


def _long_enough(keeper: Keeper[Any]) -> Flow[bool]:
    now: Instant = yield Now()
    since = now.monotonic if keeper.first_refused is None else keeper.first_refused
    return now.monotonic - since >= keeper.settings.settling
