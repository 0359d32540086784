"""Where a CLOB client connects, and how it behaves."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from typing import Final

import msgspec
from attrs import Factory, field, frozen

from polyspec.clob.credentials import ApiCreds
from polyspec.core.address import is_safe_address
from polyspec.core.clock import BOUND
from polyspec.core.secret import Secret, SecretHeaders
from polyspec.core.sending import Patience
from polyspec.core.typed import decoder
from polyspec.errors import ConfigError
from polyspec.io.options import HttpOptions
from polyspec.limits import Pacing, shared_from

__all__ = ["HOST", "ClobSettings", "ClobSurroundings", "checked_host", "documented"]

HOST: Final = "https://clob.polymarket.com"
TIERS: Final = ("standard", "copper", "bronze", "silver", "gold", "platinum", "diamond", "elite")
_CREDS: Final = ("POLYSPEC_CLOB_API_KEY", "POLYSPEC_CLOB_API_SECRET", "POLYSPEC_CLOB_API_PASSPHRASE")
_LONG: Final = 10
"""Digits of no number that is asked for."""


@frozen
class ClobSettings:
    """How a client behaves; the defaults suit one bot."""

    tier: str = "standard"
    """Which of the venue's trading tiers the wallet has: standard to elite."""
    pacing: Pacing = True
    """Hold requests back to stay under the published limits; `Shared` counts together with others."""
    keep_unenforced: bool = False
    """Also keep the limits per signer that the venue so far only warns about."""
    patience: Patience = Factory(Patience)
    max_attempts: int = 5
    clock_bound: float = BOUND
    """Seconds by which the clock of this machine may be off; beyond that nothing is signed."""
    market_ttl: float = 300.0
    """Seconds for which tick size, fee rate and neg-risk flag of a token are kept; a refusal that speaks of
    them ends it earlier."""
    settle_window: float = 5.0
    """Seconds after which an order that was sent and is nowhere to be seen can no longer appear."""
    resend: bool = True
    """Send an order that provably never arrived again, as the identical signed bytes, while time is left."""
    activation: float = 30.0
    """Seconds for which fresh credentials may be refused before that counts as an error."""
    streams: str | None = None
    """Where the websockets are, without the name of the channel; None: what goes with the host."""
    sports: str | None = None
    """Where the websocket of games is; None: what goes with the host."""
    live: str | None = None
    """Where the websocket of live prices and comments is; None: what goes with the host."""
    strict_market_amounts: bool = True
    """Keep what market buys take to 4 decimals, as the venue demands of them, also on finer ticks."""
    http: HttpOptions = Factory(HttpOptions)

    def __attrs_post_init__(self) -> None:
        if self.tier not in TIERS:
            raise ConfigError(f"tier {self.tier!r} is none of {', '.join(TIERS)}")
        if not self.clock_bound > 0:
            raise ConfigError(f"clock_bound must be a number of seconds above 0, not {self.clock_bound!r}")
        if self.max_attempts < 1:
            raise ConfigError("max_attempts must be 1 or more")
        for name in ("streams", "sports", "live"):
            place: str | None = getattr(self, name)
            if place is not None and not is_safe_address(f"http{place.removeprefix('ws')}"):
                message = f"{name} must be a wss address without credentials (ws for this machine only)"
                raise ConfigError(message)
        for name in ("market_ttl", "settle_window", "activation"):
            seconds: float = getattr(self, name)
            # a window that is no number would make every order look absent at once
            if not (math.isfinite(seconds) and seconds >= 0):
                raise ConfigError(f"{name} must be a number of seconds, 0 or more, not {seconds!r}")


def checked_host(host: str) -> str:
    """Return the address of a CLOB without its last slash; raises ConfigError if it cannot be trusted."""
    if not is_safe_address(host):
        # what is in front of an @ is not for everybody to see
        shown = re.sub(r"[^/'\"]*@", "...@", repr(host))
        raise ConfigError(
            f"host must be an https address without credentials, not {shown} "
            "(http is taken for this machine only)"
        )
    return host.rstrip("/")


@frozen
class ClobSurroundings:
    """What the process environment says about the CLOB."""

    host: str
    chain_id: int
    private_key: Secret | None
    creds: ApiCreds | None
    signature_type: int | None
    funder: str | None
    settings: ClobSettings = field(factory=ClobSettings)

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> ClobSurroundings:
        """Read the documented variables; ``POLYSPEC_SANDBOX`` wins over all others.

        Raises ConfigError that names what is missing or wrong, and shows no secret.
        """
        variables = documented(variables)
        line, chain_id = _hidden(variables, "POLYSPEC_SANDBOX"), _number(variables, "POLYSPEC_CLOB_CHAIN_ID")
        if line is not None:
            return cls._of_sandbox(line, shared_from(variables))
        return cls(
            host=checked_host(variables.get("POLYSPEC_CLOB_HOST", "").strip() or HOST),
            chain_id=137 if chain_id is None else chain_id,
            private_key=_hidden(variables, "POLYSPEC_CLOB_PRIVATE_KEY"),
            creds=_creds(variables),
            signature_type=_number(variables, "POLYSPEC_CLOB_SIGNATURE_TYPE"),
            funder=variables.get("POLYSPEC_CLOB_FUNDER", "").strip() or None,
            settings=ClobSettings(pacing=shared_from(variables)),
        )

    @classmethod
    def _of_sandbox(cls, text: Secret, pacing: Pacing) -> ClobSurroundings:
        found = _read_line(text)
        if isinstance(found, str):
            raise ConfigError(found)
        clob, key = found
        return cls(
            host=checked_host(clob.rest),
            chain_id=clob.chain_id,
            private_key=key,
            creds=None,
            signature_type=None,
            funder=None,
            settings=ClobSettings(pacing=pacing, http=HttpOptions(verify=clob.ca or True)),
        )


def documented(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Keep the variables that are ours, shown by their names only.

    An error on the way from here must not carry the environment of the process in its traceback.
    """
    if isinstance(variables, SecretHeaders):
        return variables
    return SecretHeaders({name: value for name, value in variables.items() if name.startswith("POLYSPEC_")})


def _hidden(variables: Mapping[str, str], name: str) -> Secret | None:
    return Secret(variables[name].strip()) if variables.get(name, "").strip() else None


def _number(variables: Mapping[str, str], name: str) -> int | None:
    if not variables.get(name, "").strip():
        return None
    number = _whole(variables[name].strip())
    if number is None:
        # not repeated, nor in a frame of the traceback: what stands in the wrong variable may be a secret
        raise ConfigError(f"{name} must be a whole number")
    return number


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONG else None


def _creds(variables: Mapping[str, str]) -> ApiCreds | None:
    key, secret, passphrase = (_hidden(variables, name) for name in _CREDS)
    if key is not None and secret is not None and passphrase is not None:
        return ApiCreds(key.reveal(), secret, passphrase)
    missing = [name for name in _CREDS if not variables.get(name, "").strip()]
    if len(missing) == len(_CREDS):
        return None
    raise ConfigError(f"set {', '.join(missing)} too, or none of the three: they belong together")


class _SandboxClob(msgspec.Struct):
    rest: str
    chain_id: int
    private_keys: list[str]
    ca: str | None = None

    def __repr__(self) -> str:
        return f"<the CLOB of a sandbox at {self.rest}>"


class _Line(msgspec.Struct):
    clob: _SandboxClob | None = None


def _read_line(text: Secret) -> tuple[_SandboxClob, Secret] | str:
    """Read the line and its first key; what is wrong is returned, for a traceback would hold the keys."""
    try:
        clob = decoder(_Line).decode(text.reveal()).clob
    except (msgspec.DecodeError, UnicodeError):
        return "POLYSPEC_SANDBOX is not the line that `polyspec sandbox` prints"
    if clob is None or not clob.private_keys:
        return "the sandbox POLYSPEC_SANDBOX describes serves no CLOB"
    return clob, Secret(clob.private_keys[0])
