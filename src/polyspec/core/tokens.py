"""Short-lived access tokens: fetched once for everybody, renewed before they end, dropped when refused.

The life of a token of 180 seconds::

    0 s ............... 120 s (2/3, give or take 5 %) ............... 175 s ...... 180 s
    used as it is       one caller renews, the others use it          everybody waits for one new token

All margins are fractions of the life, so tokens of a second or of a day are treated alike. Ages are
monotonic: a clock that jumps does not touch them.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final, TypeAlias, TypeVar

from attrs import field, frozen

from polyspec.core import watching
from polyspec.core.effects import Flow, Instant, Now, Sleep, Wait
from polyspec.core.flight import Abandoned, Flight
from polyspec.core.secret import Secret
from polyspec.errors import AuthError, DecodeError, PolyspecError, TimedOut, TransportError

__all__ = ["Fetch", "IssuerError", "Token", "TokenCache", "due_early", "lifetime", "shared_cache"]

logger = logging.getLogger("polyspec")

E = TypeVar("E", bound=PolyspecError)

DEFAULT_LIFE: Final = 180.0
_LONGEST_LIFE: Final = 86_400.0
_EARLY: Final = 2 / 3
_JITTER: Final = 0.05
_LAST_SECONDS: Final = 5.0
_LAST_SHARE: Final = 1 / 6
# How long an early renewal may hold up the caller that does it: it has a good token in hand.
_EARLY_PATIENCE: Final = 3.0
_BACKOFF: Final = 1.0
_BACKOFF_CAP: Final = 30.0
# With no token left calls wait for the next try, so it must not lie beyond their deadlines.
_BLOCKING_CAP: Final = 5.0
# A refusal of the credentials stands for this long, which makes three requests a minute at most.
_REFUSAL: Final = 20.0
_DROPS: Final = 3
_DROP_WINDOW: Final = 60.0
# A leader not heard of for so long after its own deadline is dead: its loop was stopped, its thread killed.
_GRACE: Final = 5.0
_LONGEST_FETCH: Final = 30.0
_MAX_SHARED: Final = 256


class IssuerError(TransportError):
    """The issuer gives no tokens for now."""

    retry_after: float | None = None
    """Seconds it asked to wait, if it did."""


@frozen
class Token:
    """An access token and its age."""

    secret: Secret
    born: float
    """Monotonic second at which it was asked for."""
    life: float
    """Seconds from `born` for which the issuer accepts it."""

    def fresh(self, now: float) -> bool:
        """Tell whether it will survive a request begun now."""
        return now < self.stale

    @property
    def stale(self) -> float:
        """Monotonic second from which on no request should be begun with it."""
        return self.born + self.life - min(_LAST_SECONDS, self.life * _LAST_SHARE)


Fetch: TypeAlias = Callable[[float], Flow[Token]]
"""Gets a token from the issuer, or raises, before the given monotonic second; AuthError means refused."""


def lifetime(expires_in: object) -> float:
    """Read ``expires_in`` as seconds: 180 if absent, at most a day; raises DecodeError if it is neither."""
    if expires_in is None:
        return DEFAULT_LIFE
    if isinstance(expires_in, str) and expires_in.isascii() and expires_in.isdigit() and len(expires_in) < 20:
        expires_in = int(expires_in)
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float):
        raise DecodeError(f"expires_in must be a number of seconds, not {type(expires_in).__name__}")
    if expires_in != expires_in or expires_in <= 0:
        raise DecodeError("expires_in must be above 0: the token would have expired on arrival")
    # an issuer that says a year has a bug or no expiry; asking once a day costs nothing
    return float(min(expires_in, _LONGEST_LIFE))


def due_early(token: Token, chance: float) -> float:
    """Return the monotonic second from which on one caller renews it; `chance` in [0, 1) spreads it."""
    return token.born + token.life * _EARLY * (1 + _JITTER * (2 * chance - 1))


_caches: weakref.WeakSet[TokenCache] = weakref.WeakSet()


@frozen
class _Join:
    flight: Flight[Token]
    timeout: float


@frozen
class _Lead:
    flight: Flight[Token]
    until: float
    early: bool = field(kw_only=True)


class TokenCache:
    """One token for all who share it, threads and tasks of any loop; it holds no credentials."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renew_at = math.inf
        self._flight: Flight[Token] | None = None
        self._failures = 0
        self._failed_at = -math.inf
        self._error: PolyspecError | None = None
        self._drops: deque[float] = deque(maxlen=_DROPS)
        self._seen = -math.inf
        _caches.add(self)

    def token(self, fetch: Fetch, deadline: float) -> Flow[Token]:
        """Return a token that is good now, fetching it or waiting for whoever does, until `deadline`.

        Raises what the fetch raised (AuthError if the issuer refused), or TimedOut. Monotonic seconds.
        """
        while True:
            now: Instant = yield Now()
            step = self._next(now.monotonic, deadline)
            if isinstance(step, Token):
                return step
            if isinstance(step, PolyspecError):
                raise step
            if isinstance(step, int | float):
                yield Sleep(step)
                continue
            token = yield from (
                self._lead(step, fetch) if isinstance(step, _Lead) else self._join(step, deadline)
            )
            if token is not None:
                return token

    def invalidate(self, refused: Secret) -> bool:
        """Note that the venue refused a token; return whether asking for one again is worthwhile.

        Only that very token is dropped, so that a burst of refusals costs one new token. Tokens that are
        refused as soon as they come are not replaced more than three times a minute.
        """
        with self._lock:
            if self._token is None or self._token.secret != refused:
                return True
            if len(self._drops) == _DROPS and self._seen - self._drops[0] < _DROP_WINDOW:
                return False
            self._drops.append(self._seen)
            self._token = None
            return True

    def _next(self, now: float, deadline: float) -> Token | PolyspecError | float | _Join | _Lead:
        """Decide: use this token, fail, pause for some seconds, wait for another's fetch, or fetch."""
        with self._lock:
            self._seen = max(self._seen, now)
            held = self._token if self._token is not None and self._token.fresh(now) else None
            if held is not None and now < self._renew_at:
                return held
            flight = self._flying(now)
            pause = self._failed_at + self._hold(early=held is not None) - now
            if held is not None and (flight is not None or pause > 0 or now >= deadline):
                return held
            if held is None and (flight is not None or pause > 0 or now >= deadline):
                return self._wait(flight, pause, now, deadline)
            # a renewal that fails must leave its caller time to use the token it has
            patience = (
                _LONGEST_FETCH
                if held is None
                else min(_EARLY_PATIENCE, (deadline - now) / 2, (held.stale - now) / 2)
            )
            until = min(deadline, now + patience)
            self._flight = Flight(lease=until + _GRACE)
            return _Lead(self._flight, until, early=held is not None)

    def _wait(
        self, flight: Flight[Token] | None, pause: float, now: float, deadline: float
    ) -> PolyspecError | float | _Join:
        """Without a token and not free to fetch one: wait as long as it makes sense."""
        if now >= deadline:
            return self._remembered() or _too_late()
        if flight is not None:
            return _Join(flight, min(deadline, flight.lease) - now)
        if isinstance(self._error, AuthError) or now + pause >= deadline:
            return self._remembered() or _too_late()
        return pause

    def _flying(self, now: float) -> Flight[Token] | None:
        flight = self._flight
        # past its lease nobody waits for it any more: those who did were told to stop then
        return None if flight is None or flight.done or now >= flight.lease else flight

    def _hold(self, *, early: bool) -> float:
        """Seconds to keep still after the last failure."""
        if self._error is None:
            return 0.0
        if isinstance(self._error, AuthError):
            return _REFUSAL
        wait = _BACKOFF * 2.0 ** min(self._failures - 1, 10)
        asked = self._error.retry_after if isinstance(self._error, IssuerError) else None
        return max(min(wait, _BACKOFF_CAP if early else _BLOCKING_CAP), asked or 0.0)

    def _remembered(self) -> PolyspecError | None:
        return None if self._error is None else _again(self._error)

    def _lead(self, step: _Lead, fetch: Fetch) -> Flow[Token | None]:
        """Fetch for everybody; None if that failed while the old token is still good."""
        try:
            asking = fetch(step.until)
            if watching.observing:
                asking = watching.watched_token(asking, early=step.early)
            token = yield from asking
        except PolyspecError as error:
            now: Instant = yield Now()
            self._note(error, now.monotonic, early=step.early)
            # a copy: the flight outlives this call, and must not keep its frames alive
            step.flight.crash(_again(error))
            if not step.early:
                raise
            return None
        else:
            self._store(token)
            step.flight.land(token)
            return token
        finally:
            # cancelled, closed by the garbage collector, or broken: whoever waits takes over
            step.flight.crash(Abandoned())

    def _join(self, step: _Join, deadline: float) -> Flow[Token | None]:
        """Wait for another's fetch; None if that one gave up and somebody has to take over."""
        failure: PolyspecError
        try:
            token: Token = yield Wait(step.flight, step.timeout)
        except Abandoned:
            return None
        except (TimedOut, TimeoutError):
            # ours, the lease's or the leader's: that the leader was in a hurry says nothing about us
            now: Instant = yield Now()
            if now.monotonic < deadline:
                return None
            failure = _too_late()
        except PolyspecError as error:
            # each waiter raises an error of its own: callers write on them, and tracebacks would pile up
            failure = _again(error)
        else:
            return token
        raise failure

    def _store(self, token: Token) -> None:
        with self._lock:
            if self._token is not None and self._token.born > token.born:
                return
            self._token, self._renew_at = token, due_early(token, self._chance())
            self._failures, self._failed_at, self._error = 0, -math.inf, None

    def _note(self, error: PolyspecError, now: float, *, early: bool) -> None:
        with self._lock:
            self._failures += 1
            self._failed_at, self._error = now, _again(error)
            first = self._failures == 1
        # the caller is raised any other failure, and logs it or not
        if first and early:
            logger.warning("the access token could not be renewed, the old one is still used: %s", error)

    def _after_fork(self) -> None:
        # whoever held the lock or led the flight runs in the parent only
        self._lock = threading.Lock()
        self._flight = None


def _again(error: E) -> E:
    """Return a copy of an error without its traceback, whatever its constructor asks for."""
    twin = type(error).__new__(type(error), *error.args)
    twin.__dict__.update(error.__dict__)
    return twin


def _too_late() -> TimedOut:
    error = TimedOut("the deadline passed before there was an access token; the call itself was not sent")
    error.maybe_executed = False
    return error


_shared: dict[Hashable, TokenCache] = {}
_shared_lock = threading.Lock()


def shared_cache(key: Hashable, chance: Callable[[], float]) -> TokenCache:
    """Return the cache of this process for `key`, which names the issuer and the credentials.

    `chance` is uniform in [0, 1), spreads renewals, and counts for the first caller only.
    """
    with _shared_lock:
        if (cache := _shared.get(key)) is None:
            if len(_shared) >= _MAX_SHARED:
                # whoever uses the oldest keeps it, and merely shares it with nobody new
                del _shared[next(iter(_shared))]
            cache = _shared[key] = TokenCache(chance)
        return cache


def _after_fork() -> None:
    global _shared_lock  # noqa: PLW0603 - another thread of the parent may have held it
    _shared_lock = threading.Lock()
    for cache in list(_caches):
        cache._after_fork()  # noqa: SLF001


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
