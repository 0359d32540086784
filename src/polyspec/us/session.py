"""What all calls of one client share: who pays, how fast, and where to."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from weakref import WeakValueDictionary

from attrs import Factory, field, frozen
from polyspec_wire import Call

from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Flow, Request
from polyspec.core.pacing import Pacer, RetryQuota
from polyspec.core.secret import SecretHeaders
from polyspec.core.sending import Session
from polyspec.core.sharing import SharedPacer, scope_of
from polyspec.core.token_sharing import TokenSharing
from polyspec.errors import ConfigError
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.cache import InstrumentCache
from polyspec.us.config import Environment, Settings
from polyspec.us.identity import ClientIds
from polyspec.us.token_flow import TokenSource
from polyspec.us.token_seal import TokenSealer

__all__ = ["Check", "Shared", "open_session", "origin_of"]

Check: TypeAlias = Callable[[Call[Any]], None]

# What a header can carry.
_PARTICIPANT: Final = re.compile(r"[\x21-\x7e]+")

_pacers: WeakValueDictionary[tuple[object, ...], Pacer | SharedPacer] = WeakValueDictionary()
_pacers_lock = threading.Lock()


def _pacer(environment: Environment, client_id: str, settings: Settings) -> Pacer | SharedPacer:
    """Return this process's pacer for a firm: the venue counts all its clients together."""
    pacing = settings.pacing
    if not pacing:
        return Pacer(settings.tier, enabled=False)
    key = (environment.base_url, client_id, settings.tier, pacing)
    with _pacers_lock:
        pacer = _pacers.get(key)
        if pacer is None:
            pacer = _pacers[key] = (
                Pacer(settings.tier)
                if pacing is True
                else pacing.pacer(venue=environment.base_url, user=client_id, tier=settings.tier)
            )
        return pacer


def _tokens(shared: Shared) -> TokenSource:
    pacing, credentials = shared.settings.pacing, shared.credentials
    sharing: TokenSharing | None = None
    if not isinstance(pacing, bool) and pacing.tokens:
        name = f"token:{scope_of(*credentials.identity)}"
        sharing = TokenSharing(pacing.share, name, TokenSealer(credentials), shared.chance)
    return TokenSource(credentials, shared.clock, shared.chance, sharing=sharing)


@frozen
class Shared:
    """What clients of one firm have in common, whomever they act for."""

    credentials: PrivateKeyJwt
    environment: Environment
    settings: Settings
    chance: Callable[[], float]
    """Uniform in [0, 1)."""
    clock: ClockOffset = Factory(lambda self: ClockOffset(self.settings.clock_bound), takes_self=True)
    quota: RetryQuota = Factory(RetryQuota)
    ids: ClientIds = Factory(ClientIds)
    instruments: InstrumentCache = field(
        init=False,
        default=Factory(lambda self: InstrumentCache(self.settings.instrument_ttl), takes_self=True),
    )
    pacer: Pacer | SharedPacer = field(
        init=False,
        default=Factory(
            lambda self: _pacer(self.environment, self.credentials.client_id, self.settings), takes_self=True
        ),
    )
    tokens: TokenSource = field(
        init=False,
        default=Factory(_tokens, takes_self=True),
    )

    def __attrs_post_init__(self) -> None:
        for name in ("token_url", "audience"):
            own, theirs = getattr(self.credentials, name), getattr(self.environment, name)
            if own != theirs:
                raise ConfigError(
                    f"these credentials are for the {name} {own}, the environment {self.environment.name} "
                    f"has {theirs}; keys of one environment never work in another"
                )


class _Authority:
    """Adds the bearer token and the participant to the calls whose security names them, and to no others."""

    def __init__(self, shared: Shared, participant_id: str | None, check: Check | None) -> None:
        self._tokens = shared.tokens
        self._participant_id = participant_id
        self._check = check

    def authorise(self, call: Call[Any], body: bytes, deadline: float) -> Flow[Mapping[str, str]]:
        """Return the headers of the first alternative this client can meet."""
        if self._check is not None:
            # before a token is asked for: what cannot be sent costs nothing
            self._check(call)
        schemes = self._choose(call)
        headers: dict[str, str] = {}
        if "accessToken" in schemes:
            token = yield from self._tokens.token(deadline)
            headers["authorization"] = "Bearer " + token.secret.reveal()
        if "participantId" in schemes and self._participant_id is not None:
            headers["x-participant-id"] = self._participant_id
        return SecretHeaders(headers)

    def _choose(self, call: Call[Any]) -> set[str]:
        alternatives = [{name for name, _ in each} for each in call.operation.security] or [set()]
        for schemes in alternatives:
            if "participantId" not in schemes or self._participant_id is not None:
                return schemes
        raise ConfigError(
            f"{call.operation.name} acts for a participant: give participant_id when the client is made "
            f"(the venue tells it to you at onboarding, or when a customer is approved)"
        )

    def advice(self, request: Request) -> str:
        """Add nothing: what the token endpoint or the venue said is all there is to say."""
        del request
        return ""

    def refused(self, request: Request) -> bool:
        """Drop the token of a request that was refused; tell whether a newer one may do better."""
        authorization = dict(request.headers).get("authorization")
        return authorization is not None and self._tokens.refused(authorization)


def origin_of(shared: Shared, participant_id: str | None) -> str:
    """Name where and for whom calls are made: what one sees, another does not."""
    return f"{participant_id or shared.credentials.client_id} at {shared.environment.base_url}"


def open_session(shared: Shared, participant_id: str | None, check: Check | None = None) -> Session:
    """Put a session together for one participant; raises ConfigError for an id that cannot be one.

    `check` raises ConfigError for calls that cannot be sent the way this client sends them.
    """
    if participant_id is not None and not _PARTICIPANT.fullmatch(participant_id):
        raise ConfigError(
            f"participant_id must be the text the venue gave you, without spaces, not {participant_id!r}"
        )
    return Session(
        base_url=shared.environment.base_url,
        authority=_Authority(shared, participant_id, check),
        chance=shared.chance,
        pacer=shared.pacer,
        quota=shared.quota,
        patience=shared.settings.patience,
        clock=shared.clock,
        max_attempts=shared.settings.max_attempts,
    )
