"""What all calls of one client share: who pays, how fast, and where to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakValueDictionary

from attrs import Factory, field, frozen
from polyspec_wire import Call

from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Flow, Request
from polyspec.core.pacing import Pacer, RetryQuota
from polyspec.core.secret import SecretHeaders
from polyspec.core.sending import Session
from polyspec.errors import ConfigError
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.config import Environment, Settings
from polyspec.us.token_flow import TokenSource

__all__ = ["Shared", "open_session"]

_pacers: WeakValueDictionary[tuple[str, ...], Pacer] = WeakValueDictionary()
_pacers_lock = threading.Lock()


def _pacer(environment: Environment, client_id: str, settings: Settings) -> Pacer:
    """Return this process's pacer for a firm: the venue counts all its clients together."""
    if not settings.pacing:
        return Pacer(settings.tier, enabled=False)
    key = (environment.base_url, client_id, settings.tier)
    with _pacers_lock:
        pacer = _pacers.get(key)
        if pacer is None:
            pacer = _pacers[key] = Pacer(settings.tier)
        return pacer


@frozen
class Shared:
    """What clients of one firm have in common, whomever they act for."""

    credentials: PrivateKeyJwt
    environment: Environment
    settings: Settings
    chance: Callable[[], float]
    """Uniform in [0, 1)."""
    clock: ClockOffset = Factory(ClockOffset)
    quota: RetryQuota = Factory(RetryQuota)
    pacer: Pacer = field(init=False)
    tokens: TokenSource = field(init=False)

    @pacer.default
    def _default_pacer(self) -> Pacer:
        return _pacer(self.environment, self.credentials.client_id, self.settings)

    @tokens.default
    def _default_tokens(self) -> TokenSource:
        return TokenSource(self.credentials, self.clock, self.chance)

    def __attrs_post_init__(self) -> None:
        if self.credentials.token_url != self.environment.token_url:
            raise ConfigError(
                f"these credentials are for {self.credentials.token_url}, not for the environment "
                f"{self.environment.name}; keys of one environment never work in another"
            )


class _Authority:
    """Adds the bearer token and the participant to the calls whose security names them, and to no others."""

    def __init__(self, shared: Shared, participant_id: str | None) -> None:
        self._tokens = shared.tokens
        self._participant_id = participant_id

    def authorise(self, call: Call[Any], body: bytes, deadline: float) -> Flow[Mapping[str, str]]:
        """Return the headers of the first alternative this client can meet."""
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

    def refused(self, request: Request) -> bool:
        """Drop the token of a request that was refused; tell whether a newer one may do better."""
        authorization = dict(request.headers).get("authorization")
        return authorization is not None and self._tokens.refused(authorization)


def open_session(shared: Shared, participant_id: str | None) -> Session:
    """Put a session together for one participant."""
    return Session(
        base_url=shared.environment.base_url,
        authority=_Authority(shared, participant_id),
        chance=shared.chance,
        pacer=shared.pacer,
        quota=shared.quota,
        patience=shared.settings.patience,
        clock=shared.clock,
        max_attempts=shared.settings.max_attempts,
    )
