"""Where a US exchange client connects, and how it behaves."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

import msgspec
from attrs import Factory, field, frozen

from polyspec.core.address import is_safe_address
from polyspec.core.clock import BOUND
from polyspec.core.secret import SecretHeaders
from polyspec.core.sending import Patience
from polyspec.core.typed import decoder
from polyspec.errors import ConfigError
from polyspec.io.grpc_base import GrpcOptions, GrpcPlace
from polyspec.io.options import HttpOptions
from polyspec.limits import Pacing, shared_from

__all__ = ["ENVIRONMENTS", "TRANSPORTS", "Environment", "Settings", "Surroundings", "Transport", "documented"]

Transport: TypeAlias = Literal["rest", "grpc"]
TRANSPORTS: Final[tuple[Transport, ...]] = get_args(Transport)
TIERS: Final = ("tier1", "tier2", "tier3", "tier4")


@frozen
class Environment:
    """The hosts of one isolated installation of the venue. Keys of one never work in another."""

    name: str
    base_url: str
    token_url: str
    audience: str
    """What the access token is for; the venue uses the REST base for it."""
    grpc: str | None = None
    """Host and port of its gRPC, which has TLS if `base_url` has; None if it has none."""

    def __attrs_post_init__(self) -> None:
        for name in ("base_url", "token_url"):
            url: object = getattr(self, name)
            if not is_safe_address(url):
                raise ConfigError(
                    f"{name} must be an https address without credentials, not {url!r} "
                    "(http is taken for this machine only)"
                )
        if self.grpc is not None:
            self.grpc_place()

    def grpc_place(self, http: HttpOptions | None = None) -> GrpcPlace:
        """Return where its gRPC is; raises ConfigError if it has none."""
        if self.grpc is None:
            raise ConfigError(
                f"the environment {self.name} has no address of gRPC; give Environment(grpc=...)"
            )
        return GrpcPlace(self.grpc, self.base_url.startswith("https:"), True if http is None else http.verify)


def _environment(name: str, auth: str) -> Environment:
    base = f"https://api.{name}.polymarketexchange.com"
    grpc = f"grpc-api.{name}.polymarketexchange.com:443"
    return Environment(name, base, f"https://{auth}/oauth/token", base, grpc)


ENVIRONMENTS: Final[Mapping[str, Environment]] = {
    "preprod": _environment("preprod", "pmx-preprod.us.auth0.com"),
    "prod": _environment("prod", "pmx-prod.us.auth0.com"),
}


@frozen
class Settings:
    """How a client behaves; the defaults suit one bot of the lowest tier."""

    tier: str = "tier1"
    """Which of the venue's rate-limit tiers the firm has: tier1 to tier4."""
    pacing: Pacing = True
    """Hold requests back to stay under the published limits; `Shared` counts together with other processes,
    and shares access tokens with them."""
    patience: Patience = Factory(Patience)
    max_attempts: int = 5
    clock_bound: float = BOUND
    """Seconds by which the clock of this machine may be off; beyond that nothing is signed."""
    instrument_ttl: float = 3600.0
    """Seconds for which scales, ticks and limits of an instrument are kept."""
    settle_window: float = 5.0
    """Seconds after which an order not processed yet can no longer appear: the venue drops it itself."""
    http: HttpOptions = Factory(HttpOptions)
    grpc: GrpcOptions | None = None
    """How channels of gRPC behave; if None as usual, through the proxy and up to the size of `http`."""

    def __attrs_post_init__(self) -> None:
        if self.tier not in TIERS:
            raise ConfigError(f"tier {self.tier!r} is none of {', '.join(TIERS)}")
        if not self.clock_bound > 0:
            raise ConfigError(f"clock_bound must be a number of seconds above 0, not {self.clock_bound!r}")
        if self.max_attempts < 1:
            raise ConfigError("max_attempts must be 1 or more")
        for name in ("instrument_ttl", "settle_window"):
            seconds: float = getattr(self, name)
            # a window that is no number would make every order look absent at once
            if not (math.isfinite(seconds) and seconds >= 0):
                raise ConfigError(f"{name} must be a number of seconds, 0 or more, not {seconds!r}")


def documented(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Keep the variables that are ours, shown by their names only.

    An error on the way from here must not carry the environment of the process in its traceback.
    """
    return SecretHeaders({name: value for name, value in variables.items() if name.startswith("POLYSPEC_")})


@frozen
class Surroundings:
    """What the process environment says about the US exchange."""

    environment: Environment
    client_id: str
    private_key_path: str = field(repr=False)
    """Not shown: it may turn out to be the key itself."""
    participant_id: str | None
    account: str | None
    settings: Settings
    transport: Transport = "rest"

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> Surroundings:
        """Read the documented variables; ``POLYSPEC_SANDBOX`` wins over all others.

        Raises ConfigError that names every variable that is missing.
        """
        # files that were edited elsewhere leave spaces and carriage returns, which nobody sees
        variables = SecretHeaders({name: value.strip() for name, value in variables.items()})
        transport = _transport(variables.get("POLYSPEC_US_TRANSPORT") or "rest")
        if sandbox := variables.get("POLYSPEC_SANDBOX"):
            return cls._of_sandbox(sandbox, transport, shared_from(variables))
        needed = ("POLYSPEC_US_ENVIRONMENT", "POLYSPEC_US_CLIENT_ID", "POLYSPEC_US_PRIVATE_KEY_PATH")
        missing = [name for name in needed if not variables.get(name)]
        if missing:
            raise ConfigError(
                f"set {', '.join(missing)} (or POLYSPEC_SANDBOX to the line that `polyspec sandbox` prints)"
            )
        name = variables["POLYSPEC_US_ENVIRONMENT"]
        if name not in ENVIRONMENTS:
            raise ConfigError(
                f"POLYSPEC_US_ENVIRONMENT is {name!r}; it must be one of {', '.join(ENVIRONMENTS)}"
            )
        return cls(
            environment=ENVIRONMENTS[name],
            client_id=variables["POLYSPEC_US_CLIENT_ID"],
            private_key_path=variables["POLYSPEC_US_PRIVATE_KEY_PATH"],
            participant_id=variables.get("POLYSPEC_US_PARTICIPANT_ID") or None,
            account=variables.get("POLYSPEC_US_ACCOUNT") or None,
            settings=_settings(variables.get("POLYSPEC_US_TIER") or "tier1", shared_from(variables)),
            transport=transport,
        )

    @classmethod
    def _of_sandbox(cls, text: str, transport: Transport, pacing: Pacing) -> Surroundings:
        try:
            us = decoder(_Line).decode(text).us_exchange
            return cls(
                environment=Environment("sandbox", us.rest, us.token_url, us.audience, us.grpc),
                client_id=us.client_id,
                private_key_path=us.private_key_path,
                participant_id=us.participant_id,
                account=us.account,
                settings=Settings(pacing=pacing, http=HttpOptions(verify=us.ca or True)),
                transport=transport,
            )
        except (msgspec.DecodeError, UnicodeError, ConfigError) as error:
            raise ConfigError(
                f"POLYSPEC_SANDBOX is not the line that `polyspec sandbox` prints: {error}"
            ) from None


def _transport(name: str) -> Transport:
    if name not in TRANSPORTS:
        raise ConfigError(f"POLYSPEC_US_TRANSPORT is {name!r}; it must be one of {', '.join(TRANSPORTS)}")
    return name


def _settings(tier: str, pacing: Pacing) -> Settings:
    try:
        return Settings(tier=tier, pacing=pacing)
    except ConfigError as error:
        raise ConfigError(f"POLYSPEC_US_TIER: {error}") from None


class _SandboxUs(msgspec.Struct):
    rest: str
    token_url: str
    audience: str
    client_id: str
    private_key_path: str
    participant_id: str | None = None
    account: str | None = None
    ca: str | None = None
    grpc: str | None = None


class _Line(msgspec.Struct):
    us_exchange: _SandboxUs
