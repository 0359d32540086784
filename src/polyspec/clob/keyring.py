"""The API credentials of one wallet: given, or derived once when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from polyspec_wire import Call
from polyspec_wire.clob import auth
from polyspec_wire.clob import models as wire

from polyspec.clob.credentials import ApiCreds
from polyspec.core.effects import Flow, Instant, Now, Sleep, Wait
from polyspec.core.flight import Abandoned, Flight
from polyspec.core.sending import Session
from polyspec.errors import AuthError, BadRequest, PolyspecError, TimedOut, Unauthorized

__all__ = ["Keyring", "create", "create_or_derive", "derive"]

# Seconds between looks at whether fresh credentials work.
_PAUSES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
_NONCE: Final = "POLY_NONCE"
_LONGEST_NONCE: Final = 2**256


class Keyring:
    """Holds the credentials every signed request needs; one derivation in flight whoever asks."""

    def __init__(self, creds: ApiCreds | None, nonce: int = 0) -> None:
        self.held = creds
        self.nonce = nonce
        self._flight: Flight[ApiCreds] | None = None
        self._lock = threading.Lock()

    def creds(self, obtain: Callable[[float], Flow[ApiCreds]], deadline: float) -> Flow[ApiCreds]:
        """Return the credentials, obtaining them or waiting for whoever does, until `deadline`."""
        while self.held is None:
            with self._lock:
                flight, leads = self._flight, self._flight is None
                if flight is None:
                    flight = self._flight = Flight()
            if leads:
                return (yield from self._lead(flight, obtain, deadline))
            now: Instant = yield Now()
            try:
                found: ApiCreds = yield Wait(flight, max(0.0, deadline - now.monotonic))
            except Abandoned:
                continue
            return found
        return self.held

    def _lead(
        self, flight: Flight[ApiCreds], obtain: Callable[[float], Flow[ApiCreds]], deadline: float
    ) -> Flow[ApiCreds]:
        try:
            self.held = yield from obtain(deadline)
        except BaseException as error:
            with self._lock:
                self._flight = None
            # whoever waits gets the same error, but not the same object: two tracebacks would mix
            flight.crash(error)
            raise
        with self._lock:
            self._flight = None
        flight.land(self.held)
        return self.held


def _with_nonce(call: Call[wire.ApiKeyResponse], nonce: int) -> Call[wire.ApiKeyResponse]:
    if isinstance(nonce, bool) or not isinstance(nonce, int) or not 0 <= nonce < _LONGEST_NONCE:
        raise AuthError(f"a nonce is a whole number of at most 256 bits, not {nonce!r}")
    return Call(operation=call.operation, path=call.path, headers=((_NONCE, str(nonce)),))


def _read(answer: wire.ApiKeyResponse) -> ApiCreds:
    return ApiCreds(answer.api_key, answer.secret, answer.passphrase)


def derive(session: Session, nonce: int, timeout: float | None) -> Flow[ApiCreds]:
    """Return the credentials that exist for a nonce; BadRequest if there are none."""
    answer = yield from session.send(_with_nonce(auth.derive_api_key(), nonce), timeout)
    return _read(answer.value)


def create(
    session: Session,
    nonce: int,
    timeout: float | None,
    trial: Callable[[ApiCreds], Session],
    activation: float,
) -> Flow[ApiCreds]:
    """Create credentials for a nonce and wait until the venue takes them, `activation` seconds at most.

    `trial` opens a session that uses given credentials.
    """
    answer = yield from session.send(_with_nonce(auth.create_api_key(), nonce), timeout)
    creds = _read(answer.value)
    yield from _activated(trial(creds), nonce, activation)
    return creds


def create_or_derive(
    session: Session,
    nonce: int,
    timeout: float | None,
    trial: Callable[[ApiCreds], Session],
    activation: float,
) -> Flow[ApiCreds]:
    """Derive the credentials of a nonce; create them only if the venue says that there are none."""
    try:
        return (yield from derive(session, nonce, timeout))
    except BadRequest:
        pass
    try:
        return (yield from create(session, nonce, timeout, trial, activation))
    except PolyspecError as error:
        # somebody else was quicker, or our own answer was lost: then there is something to derive now
        if not isinstance(error, BadRequest) and not error.maybe_executed:
            raise
        first = error
    try:
        return (yield from derive(session, nonce, timeout))
    except BadRequest:
        raise first from None


def _activated(session: Session, nonce: int, activation: float) -> Flow[None]:
    """Wait until fresh credentials are taken; what else stands in the way is no reason to lose them."""
    start: Instant = yield Now()
    for index in range(1_000):
        now: Instant = yield Now()
        left = start.monotonic + activation - now.monotonic
        try:
            yield from session.send(auth.get_api_keys(), max(1.0, left))
        except Unauthorized as error:
            pause = _PAUSES[min(index, len(_PAUSES) - 1)]
            if left <= pause:
                raise AuthError(
                    f"the venue issued credentials for nonce {nonce} but has not taken them for "
                    f"{activation:g} s; they exist: derive_api_key({nonce}) returns them once they are active"
                ) from error
            yield Sleep(pause)
            continue
        except (TimedOut, PolyspecError):
            return
        return
