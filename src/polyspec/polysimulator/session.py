"""What every request to PolySimulator carries: one header that says who asks, and the pace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

from polyspec_wire import Call, Operation

from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Flow, Request
from polyspec.core.pacing import Pacer, RetryQuota
from polyspec.core.secret import SecretHeaders
from polyspec.core.sending import Session
from polyspec.core.sharing import SharedPacer
from polyspec.errors import ConfigError
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.manner import MINUTE, SECOND, PolySimulatorManner

__all__ = ["PolySimulatorAuthority", "open_session", "pacer_for"]

_NO_HEADERS: Final[Mapping[str, str]] = {}
_KEY: Final = "apiKey"
_BEARER: Final = "bearer"
# A partner's key goes into the same header as anybody's.
_TENANT: Final = "tenantKey"

_pacers: WeakValueDictionary[tuple[object, ...], Pacer | SharedPacer] = WeakValueDictionary()
_commons: WeakValueDictionary[str, Pacer] = WeakValueDictionary()
_pacers_lock = threading.Lock()
# The limits that cancels have in common with other requests.
_WITH_CANCELS: Final = frozenset({SECOND, MINUTE})


class PolySimulatorAuthority:
    """Adds the key, or the access token where no key is taken; nothing to what is open to everybody.

    What is open is asked for in nobody's name, which costs nothing of the key's limits. Before September 2026
    the venue wanted a key for some of it: once it says so, it gets one.
    """

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self._wants_key = False

    def authorise(self, call: Call[Any], body: bytes, deadline: float) -> Flow[Mapping[str, str]]:
        """Return the header of the best credentials the operation takes."""
        del body, deadline
        takes = _takes(call.operation)
        if not takes or ("" in takes and not self._wants_key):
            return _NO_HEADERS
        key = self.credentials.api_key
        if key is not None and not takes.isdisjoint((_KEY, _TENANT)):
            return SecretHeaders({"x-api-key": key.reveal()})
        if _BEARER in takes and self.credentials.has_token:
            token = yield from self.credentials.token()
            return SecretHeaders({"authorization": "Bearer " + token.reveal()})
        if "" in takes:
            return _NO_HEADERS
        raise ConfigError(f"{call.operation.name} {_needs(takes)}")

    def refused(self, request: Request) -> bool:
        """Tell whether asking again with other credentials may do better; a key stays what it is."""
        sent = {name for name, _ in request.headers}
        if "authorization" in sent:
            return self.credentials.renews_token
        if "x-api-key" in sent or self._wants_key or self.credentials.api_key is None:
            return False
        self._wants_key = True
        return True

    def advice(self, request: Request) -> str:
        """Add nothing: the code of the refusal says what to do."""
        del request
        return ""


def _takes(operation: Operation) -> frozenset[str]:
    """Return the schemes an operation takes; an empty name stands for none at all."""
    return frozenset(name for each in operation.security for name, _ in (each or (("", ()),)))


_FOR_A_KEY: Final = (
    "an API key: give api_key when the client is made, or set POLYSPEC_POLYSIMULATOR_API_KEY (the dashboard "
    "makes keys, and so does keys.bootstrap())"
)
_FOR_BEARER: Final = (
    "the access token of the dashboard: give access_token when the client is made, or set "
    "POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN (it is what the dashboard sends as Authorization: Bearer)"
)


def _needs(takes: frozenset[str]) -> str:
    if _TENANT in takes:
        return "needs the key of a partner: give it as api_key when the client is made"
    if _KEY not in takes:
        return f"takes no API key, but {_FOR_BEARER}"
    also = "; the access token of the dashboard does as well" if _BEARER in takes else ""
    return f"needs {_FOR_A_KEY}{also}"


def pacer_for(
    base_url: str, credentials: Credentials, settings: PolySimulatorSettings
) -> Pacer | SharedPacer:
    """Return this process's pacer for a key: the venue counts all clients with it together.

    What is open to everybody it counts by address, so that part they all have in common.
    """
    pacing = settings.pacing
    if not pacing:
        return Pacer(settings.tier, enabled=False)
    key = (base_url, credentials.mark, settings.tier, settings.rates, pacing)
    with _pacers_lock:
        pacer = _pacers.get(key)
        if pacer is None:
            if pacing is True:
                commons = _commons.setdefault(base_url, Pacer())
                pacer = Pacer(settings.tier, commons=commons, for_cancels=_WITH_CANCELS)
            else:
                pacer = pacing.pacer(
                    venue=base_url, user=credentials.mark, tier=settings.tier, for_cancels=_WITH_CANCELS
                )
            _pacers[key] = pacer
            if settings.rates is not None:
                pacer.learn({SECOND: settings.rates[0], MINUTE: settings.rates[1]})
        return pacer


def open_session(
    base_url: str,
    credentials: Credentials,
    settings: PolySimulatorSettings,
    chance: Callable[[], float],
) -> Session:
    """Put the session of one key together."""
    return Session(
        base_url=base_url,
        authority=PolySimulatorAuthority(credentials),
        chance=chance,
        pacer=pacer_for(base_url, credentials, settings),
        quota=RetryQuota(),
        patience=settings.patience,
        clock=ClockOffset(),
        max_attempts=settings.max_attempts,
        user_agent=settings.user_agent,
        manner=PolySimulatorManner(tier=settings.tier, keep_rates=settings.rates is not None),
    )
