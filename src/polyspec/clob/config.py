"""Where a CLOB client connects, and how it behaves."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Final

import msgspec
from attrs import Factory, field, frozen

from polyspec.clob.credentials import ApiCreds
from polyspec.core.address import is_safe_address
from polyspec.core.secret import Secret, SecretHeaders
from polyspec.core.sending import Patience
from polyspec.errors import ConfigError
from polyspec.io.options import HttpOptions

__all__ = ["HOST", "ClobSettings", "ClobSurroundings", "checked_host"]

HOST: Final = "https://clob.polymarket.com"
TIERS: Final = ("standard", "copper", "bronze", "silver", "gold", "platinum", "diamond", "elite")
_CREDS: Final = ("POLYSPEC_CLOB_API_KEY", "POLYSPEC_CLOB_API_SECRET", "POLYSPEC_CLOB_API_PASSPHRASE")


@frozen
class ClobSettings:
    """How a client behaves; the defaults suit one bot."""

    tier: str = "standard"
    """Which of the venue's trading tiers the wallet has: standard to elite."""
    pacing: bool = True
    """Hold requests back to stay under the published limits."""
    keep_unenforced: bool = False
    """Also keep the limits per signer that the venue so far only warns about."""
    patience: Patience = Factory(Patience)
    max_attempts: int = 5
    market_ttl: float = 300.0
    """Seconds for which tick size, fee rate and neg-risk flag of a token are kept; a refusal that speaks of
    them ends it earlier."""
    settle_window: float = 5.0
    """Seconds after which an order that was sent and is nowhere to be seen can no longer appear."""
    resend: bool = True
    """Send an order that provably never arrived again, as the identical signed bytes, while time is left."""
    activation: float = 30.0
    """Seconds for which fresh credentials may be refused before that counts as an error."""
    strict_market_amounts: bool = True
    """Keep what market buys take to 4 decimals, as the venue demands of them, also on finer ticks."""
    http: HttpOptions = Factory(HttpOptions)

    def __attrs_post_init__(self) -> None:
        if self.tier not in TIERS:
            raise ConfigError(f"tier {self.tier!r} is none of {', '.join(TIERS)}")
        if self.max_attempts < 1:
            raise ConfigError("max_attempts must be 1 or more")
        for name in ("market_ttl", "settle_window", "activation"):
            seconds: float = getattr(self, name)
            # a window that is no number would make every order look absent at once
            if not (math.isfinite(seconds) and seconds >= 0):
                raise ConfigError(f"{name} must be a number of seconds, 0 or more, not {seconds!r}")


def checked_host(host: str) -> str:
    """Return the address of a CLOB without its last slash; raises ConfigError if it cannot be trusted."""
    if not is_safe_address(host):
        raise ConfigError(
            f"host must be an https address without credentials, not {host!r} "
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
        ours = SecretHeaders({name: value for name, value in variables.items() if _is_ours(name)})
        if sandbox := ours.get("POLYSPEC_SANDBOX"):
            return cls._of_sandbox(sandbox)
        key = ours.get("POLYSPEC_CLOB_PRIVATE_KEY", "").strip()
        return cls(
            host=checked_host(ours.get("POLYSPEC_CLOB_HOST", "").strip() or HOST),
            chain_id=_number(ours, "POLYSPEC_CLOB_CHAIN_ID") or 137,
            private_key=Secret(key) if key else None,
            creds=_creds(ours),
            signature_type=_number(ours, "POLYSPEC_CLOB_SIGNATURE_TYPE"),
            funder=ours.get("POLYSPEC_CLOB_FUNDER", "").strip() or None,
        )

    @classmethod
    def _of_sandbox(cls, text: str) -> ClobSurroundings:
        line = _read_line(text)
        if line is None:
            raise ConfigError("POLYSPEC_SANDBOX is not the line that `polyspec sandbox` prints")
        if line.clob is None or not line.clob.private_keys:
            raise ConfigError("the sandbox POLYSPEC_SANDBOX describes serves no CLOB")
        clob = line.clob
        return cls(
            host=checked_host(clob.rest),
            chain_id=clob.chain_id,
            private_key=Secret(clob.private_keys[0]),
            creds=None,
            signature_type=None,
            funder=None,
            settings=ClobSettings(http=HttpOptions(verify=clob.ca or True)),
        )


def _is_ours(name: str) -> bool:
    return name == "POLYSPEC_SANDBOX" or name.startswith("POLYSPEC_CLOB_")


def _number(variables: Mapping[str, str], name: str) -> int | None:
    text = variables.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _creds(variables: Mapping[str, str]) -> ApiCreds | None:
    values = [variables.get(name, "").strip() for name in _CREDS]
    if not any(values):
        return None
    missing = [name for name, value in zip(_CREDS, values, strict=True) if not value]
    if missing:
        raise ConfigError(f"set {', '.join(missing)} too, or none of the three: they belong together")
    return ApiCreds(*values)


class _SandboxClob(msgspec.Struct):
    rest: str
    chain_id: int
    private_keys: list[str]
    ca: str | None = None


class _Line(msgspec.Struct):
    clob: _SandboxClob | None = None


def _read_line(text: str) -> _Line | None:
    """Read the line; what is wrong with it is not told, for it holds keys."""
    try:
        return msgspec.json.decode(text, type=_Line)
    except (msgspec.DecodeError, UnicodeError):
        return None
