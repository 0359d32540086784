"""How the CLOB of a sandbox behaves where the venue leaves a choice, or where a test wants another answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from polyspec.errors import ConfigError

__all__ = ["ClobOptions"]


@dataclass(frozen=True, kw_only=True)
class ClobOptions:
    """Times in seconds, on the sandbox's clock."""

    seed: int | None = None
    """What credentials, ids and the market maker's moves follow from; None: the sandbox's seed."""
    chain_id: Literal[137, 80002] = 137

    # -- who may come in --
    clock_behind: float = 60.0
    """How old a signed timestamp may be."""
    clock_ahead: float = 5.0
    """How far in the future one may lie."""
    key_delay: float = 0.0
    """How long a fresh API key answers 401."""
    key_life: float | None = None
    """When a key starts to answer 401, until it is created again (and is the same key)."""
    key_lapse_every: int = 0
    """Every so many-th request with level-2 credentials answers 401; 0: none."""
    one_key: bool = False
    """Whether a new API key ends the others of its wallet, and takes over their orders, as reported."""
    deposit_wallets_only: bool = False
    """Refuse makers other than deposit wallets, as the venue does with new accounts."""

    # -- orders and trades --
    market_precision: bool = True
    """Whether market buys keep to 2 and 4 decimals on every tick, as reported; else finer ticks allow 6."""
    marketable_minimum: str = "1"
    """Collateral a buy order that takes at once must offer."""
    mined_delay: float | None = 0.5
    """From match to MINED; None: only when told to."""
    confirmed_delay: float = 1.0
    """From MINED to CONFIRMED."""
    fail_every: int = 0
    """Every so many-th trade FAILS instead of being mined; 0: none."""
    prefixed_statuses: bool = False
    """Write ORDER_STATUS_LIVE instead of LIVE, as one of the venue's documents has it."""

    # -- heartbeats --
    heartbeat_timeout: float = 10.0
    heartbeat_check: float = 5.0

    # -- sports and live data --
    sports_heartbeat: Literal["text", "protocol"] = "text"
    """Whether `ping` is said, as documented, or nothing but the protocol's own pings, as observed."""
    sports_ping: float = 5.0
    sports_patience: float = 10.0
    """Seconds after which a `ping` nobody answered ends the connection."""
    sports_fields: Literal["documented", "observed", "schema"] = "documented"
    """Which names a frame has: the page's, those observed (`metadataGameId`, no `slug`), or the schema's."""
    live_every: float = 1.0
    """Between two prices of each symbol."""
    live_greeting: bool = True
    """Begin with an empty frame, as the venue may."""
    live_pongs: bool = False
    """Answer `PING`, which the venue was not seen to do."""

    # -- limits --
    rate_limits: bool | None = None
    """Whether the limits by address are kept; None: as the sandbox has it."""
    limit_patience: float = 1.0
    """How long excess requests are held back before they are refused with 429."""
    signer_limits: Literal["off", "warn", "enforce"] = "warn"

    # -- restarts --
    post_only_window: float = 120.0
    """How long only post-only orders are taken after a restart."""

    def filled(self, *, seed: int, rate_limits: bool) -> ClobOptions:
        """Return the options with what they leave to the sandbox."""
        return replace(
            self,
            seed=seed if self.seed is None else self.seed,
            rate_limits=rate_limits if self.rate_limits is None else self.rate_limits,
        )

    def __post_init__(self) -> None:
        if self.chain_id not in (137, 80002):
            raise ConfigError(f"chain_id must be 137 or 80002, not {self.chain_id}")
        if self.signer_limits not in ("off", "warn", "enforce"):
            raise ConfigError(f"signer_limits must be off, warn or enforce, not {self.signer_limits!r}")
        if self.heartbeat_check <= 0 or self.heartbeat_timeout <= 0:
            raise ConfigError("heartbeat times must be positive")
        if min(self.sports_ping, self.sports_patience, self.live_every) <= 0:
            raise ConfigError("sports_ping, sports_patience and live_every must be positive")
        if self.sports_heartbeat not in ("text", "protocol"):
            raise ConfigError(f"sports_heartbeat must be text or protocol, not {self.sports_heartbeat!r}")
        if self.sports_fields not in ("documented", "observed", "schema"):
            raise ConfigError(
                f"sports_fields must be documented, observed or schema, not {self.sports_fields!r}"
            )
