"""The API credentials of one wallet: given, or derived once when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from typing import Final

from attrs import frozen
from polyspec_wire import Call
from polyspec_wire.clob import auth
from polyspec_wire.clob import models as wire

from polyspec.clob.credentials import ApiCreds
from polyspec.clob.typed_data import is_uint256
from polyspec.core.effects import Flow, Instant, Now, Sleep, Wait
from polyspec.core.flight import Abandoned, Flight
from polyspec.core.sending import Session
from polyspec.errors import (
    AuthError,
    BadRequest,
    ConfigError,
    DecodeError,
    PolyspecError,
    TimedOut,
    Unauthorized,
)

__all__ = ["Keyring", "create", "create_once", "create_or_derive", "derive"]

# Seconds between looks at whether fresh credentials work.
_PAUSES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
_NONCE: Final = "POLY_NONCE"
# A leader that is silent for so long after its time belonged to an event loop that does not run any more.
_GRACE: Final = 5.0


@frozen
class _Join:
    flight: Flight[ApiCreds]


@frozen
class _Lead:
    flight: Flight[ApiCreds]


class Keyring:
    """Holds the credentials every signed request needs; one derivation in flight whoever asks."""

    def __init__(self, creds: ApiCreds | None, nonce: int = 0) -> None:
        self.held = creds
        self.nonce = _checked(nonce)
        self._flight: Flight[ApiCreds] | None = None
        self._lock = threading.Lock()

    def creds(self, obtain: Callable[[float], Flow[ApiCreds]], deadline: float) -> Flow[ApiCreds]:
        """Return the credentials, obtaining them or waiting for whoever does, until `deadline`.

        Whoever needs them has not sent anything yet, and the errors say so.
        """
        while True:
            now: Instant = yield Now()
            step = self._next(now.monotonic, deadline)
            if isinstance(step, ApiCreds):
                return step
            found = yield from (
                self._lead(step.flight, obtain, deadline)
                if isinstance(step, _Lead)
                else self._join(step.flight, now.monotonic, deadline)
            )
            if found is not None:
                return found

    def _next(self, now: float, deadline: float) -> ApiCreds | _Join | _Lead:
        """Decide: these credentials, wait for another's work, or do it."""
        with self._lock:
            if self.held is not None:
                return self.held
            flight = self._flight
            if flight is not None and not flight.done and now < flight.lease:
                return _Join(flight)
            self._flight = Flight(lease=deadline + _GRACE)
            return _Lead(self._flight)

    def _lead(
        self, flight: Flight[ApiCreds], obtain: Callable[[float], Flow[ApiCreds]], deadline: float
    ) -> Flow[ApiCreds]:
        try:
            found = yield from obtain(deadline)
        except PolyspecError as error:
            # a copy: the flight outlives this call, and must not keep its frames alive
            flight.crash(_again(error))
            error.maybe_executed = False
            raise
        else:
            # what the user set meanwhile is not taken away
            if self.held is None:
                self.held = found
            flight.land(self.held)
            return self.held
        finally:
            # cancelled, closed by the garbage collector, or broken: whoever waits takes over. No lock of ours
            # is taken here, for the collector may call while this very thread holds it
            flight.crash(Abandoned())

    def _join(self, flight: Flight[ApiCreds], now: float, deadline: float) -> Flow[ApiCreds | None]:
        """Wait for another's work; None if that gave up, or had less time than we have."""
        failure: PolyspecError
        try:
            found: ApiCreds = yield Wait(flight, max(0.0, min(deadline, flight.lease) - now))
        except Abandoned:
            return None
        except (TimedOut, TimeoutError):
            later: Instant = yield Now()
            if later.monotonic < deadline:
                return None
            failure = TimedOut("the deadline passed before there were API credentials; nothing was sent")
            failure.maybe_executed = False
        except PolyspecError as error:
            # each waiter raises an error of its own: callers write on them, and tracebacks would pile up
            failure = _again(error)
        else:
            return found
        raise failure


def _again(error: PolyspecError) -> PolyspecError:
    """Return a copy of an error, without its traceback, for a call that was not sent."""
    twin = copy(error)
    twin.maybe_executed = False
    return twin


def _checked(nonce: int) -> int:
    if not is_uint256(nonce):
        raise ConfigError(f"the nonce of an API key is a whole number of at most 256 bits, not {nonce!r}")
    return nonce


@frozen
class _Patience:
    """Until when all the requests of one call may take."""

    deadline: float | None

    @classmethod
    def of(cls, timeout: float | None) -> Flow[_Patience]:
        now: Instant = yield Now()
        return cls(None if timeout is None else now.monotonic + timeout)

    def left(self) -> Flow[float | None]:
        now: Instant = yield Now()
        return None if self.deadline is None else self.deadline - now.monotonic


def _with_nonce(call: Call[wire.ApiKeyResponse], nonce: int) -> Call[wire.ApiKeyResponse]:
    return Call(operation=call.operation, path=call.path, headers=((_NONCE, str(_checked(nonce))),))


def _asked(
    session: Session, call: Call[wire.ApiKeyResponse], nonce: int, patience: _Patience
) -> Flow[ApiCreds]:
    answer = yield from session.send(_with_nonce(call, nonce), (yield from patience.left()))
    told = answer.value
    try:
        return ApiCreds(told.api_key, told.secret, told.passphrase, nonce=nonce)
    except ConfigError as error:
        raise DecodeError(f"the venue answered with credentials that cannot be used: {error}") from None


def derive(session: Session, nonce: int, timeout: float | None) -> Flow[ApiCreds]:
    """Return the credentials that exist for a nonce; BadRequest if there are none."""
    patience = yield from _Patience.of(timeout)
    return (yield from _asked(session, auth.derive_api_key(), nonce, patience))


def create_once(session: Session, nonce: int, timeout: float | None) -> Flow[ApiCreds]:
    """Create credentials for a nonce, and leave waiting until the venue takes them to the caller."""
    patience = yield from _Patience.of(timeout)
    return (yield from _asked(session, auth.create_api_key(), nonce, patience))


def create(
    session: Session,
    nonce: int,
    timeout: float | None,
    trial: Callable[[ApiCreds], Session],
    activation: float,
) -> Flow[ApiCreds]:
    """Create credentials for a nonce and wait until the venue takes them, `activation` seconds at most.

    `trial` opens a session that uses given credentials; `timeout` bounds all of it.
    """
    patience = yield from _Patience.of(timeout)
    return (yield from _created(session, nonce, patience, trial, activation))


def create_or_derive(
    session: Session,
    nonce: int,
    timeout: float | None,
    trial: Callable[[ApiCreds], Session],
    activation: float,
) -> Flow[ApiCreds]:
    """Derive the credentials of a nonce; create them only if the venue says that there are none."""
    patience = yield from _Patience.of(timeout)
    try:
        return (yield from _asked(session, auth.derive_api_key(), nonce, patience))
    except BadRequest as error:
        if error.maybe_executed:
            # not in the venue's words: somebody on the way knows no such thing as an API key
            raise
    try:
        return (yield from _created(session, nonce, patience, trial, activation))
    except PolyspecError as error:
        # somebody else was quicker, or our own answer was lost: then there is something to derive now
        if not isinstance(error, BadRequest) and not error.maybe_executed:
            raise
        first = error
    try:
        creds = yield from _asked(session, auth.derive_api_key(), nonce, patience)
    except BadRequest:
        raise first from None
    yield from _activated(trial(creds), nonce, patience, activation)
    return creds


def _created(
    session: Session,
    nonce: int,
    patience: _Patience,
    trial: Callable[[ApiCreds], Session],
    activation: float,
) -> Flow[ApiCreds]:
    creds = yield from _asked(session, auth.create_api_key(), nonce, patience)
    yield from _activated(trial(creds), nonce, patience, activation)
    return creds


def _activated(session: Session, nonce: int, patience: _Patience, activation: float) -> Flow[None]:
    """Wait until fresh credentials are taken; what else stands in the way is no reason to lose them."""
    start: Instant = yield Now()
    allowed = yield from patience.left()
    until = start.monotonic + (activation if allowed is None else min(activation, allowed))
    for index in range(1_000):
        now: Instant = yield Now()
        try:
            yield from session.send(auth.get_api_keys(), max(1.0, until - now.monotonic))
        except Unauthorized as error:
            later: Instant = yield Now()
            pause = _PAUSES[min(index, len(_PAUSES) - 1)]
            if later.monotonic + pause >= until:
                raise AuthError(
                    f"the venue issued credentials for nonce {nonce} but did not take them for "
                    f"{later.monotonic - start.monotonic:.0f} s; they exist: derive_api_key({nonce}) returns "
                    "them, and they may work a little later"
                ) from error
            yield Sleep(pause)
        except PolyspecError:
            return
        else:
            return
