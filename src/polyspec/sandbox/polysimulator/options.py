"""How PolySimulator of a sandbox behaves where documents disagree, or a test wants another answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from polyspec.errors import ConfigError

__all__ = [
    "BASELINES",
    "ERA_C",
    "SIMULATION_CAPS",
    "TIERS",
    "Baseline",
    "PolySimOptions",
    "SimulationCaps",
    "Tier",
]


@dataclass(frozen=True, kw_only=True)
class Tier:
    """What a key of a tier may do."""

    per_second: int
    per_minute: int
    sockets: int
    """Websocket connections at once."""
    batch: int
    """Entries of a native batch, and ids of a batch of prices."""


TIERS: Final[Mapping[str, Tier]] = {
    "free": Tier(per_second=2, per_minute=120, sockets=1, batch=1),
    "pro": Tier(per_second=30, per_minute=1800, sockets=3, batch=5),
    "pro_plus": Tier(per_second=60, per_minute=3600, sockets=10, batch=10),
    "enterprise": Tier(per_second=100, per_minute=6000, sockets=50, batch=25),
}
"""The newest table, lowest tier first."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the wallets of a plan begin with, in whole dollars."""

    api: int
    sandbox: int
    main: int = 1000


BASELINES: Final[Mapping[str, Baseline]] = {
    "free": Baseline(api=100, sandbox=0),
    "pro": Baseline(api=10_000, sandbox=10_000),
    "pro_plus": Baseline(api=25_000, sandbox=25_000),
    "enterprise": Baseline(api=100_000, sandbox=100_000),
}


@dataclass(frozen=True, kw_only=True)
class SimulationCaps:
    """What the backtests of a plan may use."""

    jobs: int
    """In a month."""
    days: int
    markets: int
    """In one backtest."""
    market_hours: int
    """In a month."""


SIMULATION_CAPS: Final[Mapping[str, SimulationCaps]] = {
    "free": SimulationCaps(jobs=10, days=7, markets=5, market_hours=24),
    "pro": SimulationCaps(jobs=100, days=30, markets=25, market_hours=720),
    "pro_plus": SimulationCaps(jobs=9999, days=90, markets=100, market_hours=9999),
    "enterprise": SimulationCaps(jobs=9999, days=90, markets=100, market_hours=9999),
}


@dataclass(frozen=True, kw_only=True)
class PolySimOptions:
    """Times in seconds, on the sandbox's clock. The defaults are the newest of what the venue documents."""

    seed: int | None = None
    """What keys and ids follow from; None: the sandbox's seed."""

    # -- errors --
    error_form: Literal["two-field", "one-field"] = "two-field"
    """Whether a body has a code and a message, or a message alone; the header has the code always."""

    # -- plans --
    tiers: Mapping[str, Tier] = field(default_factory=lambda: TIERS)
    baselines: Mapping[str, Baseline] = field(default_factory=lambda: BASELINES)
    free_tier: Literal["trade", "read_only"] = "trade"
    """Whether newly made keys of the free plan may trade; earlier they could only read."""
    daily_cap: int = 100
    """Orders of a free account in a UTC day."""
    most_keys: int = 5
    """Active keys of a user."""
    key_slots: Mapping[str, int] = field(default_factory=dict)
    """Active keys of a user by plan, where a plan has fewer."""
    rotation_overlap: float = 86_400.0
    """How long a key goes on to hold after it was rotated."""
    jwt_life: float = 30 * 86_400.0
    """How long the session tokens hold that the sandbox hands out."""
    revocation: Literal["message", "no_content"] = "message"
    """How a key's revocation is answered: 200 with a message, or 204."""

    # -- who may come in --
    closed_beta: bool = False
    """Refuse the first key to whoever was not admitted."""
    self_serve: bool = True
    """Whether plans that are paid for can be had."""
    cohort_cap: int = 500
    """Seats of the beta; beyond them the first key is refused."""
    anonymous_markets: bool = True
    """Whether the lists of markets and the table of tiers are public, as they are of late."""
    session_balance: bool = True
    """Whether the balance can be read with a session token, as of late."""
    edge_blocks_urllib: bool = True
    """Whether the edge turns away who calls as Python's own urllib does, without a name."""

    # -- orders --
    pm_v2: bool = True
    """Whether orders behave as Polymarket's, or in the older, coarser way."""
    fast_ack: bool = False
    """Answer orders that rest with a short acknowledgement, as the schema allows."""
    resting_pause: float = 1.0
    """How long the loop that fills resting orders sleeps."""
    deadline: float = 5.0
    """How long the venue works on an order before it gives up on telling what became of it."""
    warm_up: float = 0.0
    """How long a new market is not found."""
    lock_hold: float = 0.0
    """How long a write keeps all others of its account waiting; live some 0.2 to 0.3."""
    lock_wait: float = 2.0
    """How long a write waits for its turn before it is refused."""

    # -- Up/Down --
    strike_delay: float = 0.0
    """How long after its start a round has no price to beat yet."""
    updown_lists: Literal["json", "array", "comma"] = "json"
    """Whether outcomes and tokens of a listed round are JSON in a text, a list, or joined by commas."""

    # -- other --
    ws_token_life: float = 60.0
    ws_token_reusable: bool = True
    """Whether a token opens more than one connection while it holds."""
    price_batches_by_tier: bool = True
    """Whether a batch of prices is bounded by the tier too, as documented, or by 50 alone."""
    strict_status: bool = True
    """Whether an unknown status of positions is refused; earlier it was ignored."""
    export_rows: int = 10_000
    """Rows of an export; a line that says so follows if there are more."""
    simulation_enabled: bool = True
    simulation_caps: Mapping[str, SimulationCaps] = field(default_factory=lambda: SIMULATION_CAPS)
    backtest_delay: float = 0.5
    """How long a backtest waits before it runs."""
    partner_enabled: bool = True
    rate_limits: bool | None = None
    """Whether the limits are kept; None: as the sandbox has it."""

    def filled(self, *, seed: int, rate_limits: bool) -> PolySimOptions:
        """Return the options with what they leave to the sandbox."""
        return replace(
            self,
            seed=seed if self.seed is None else self.seed,
            rate_limits=rate_limits if self.rate_limits is None else self.rate_limits,
        )

    def __post_init__(self) -> None:
        if self.error_form not in ("two-field", "one-field"):
            raise ConfigError(f"error_form must be two-field or one-field, not {self.error_form!r}")
        if self.free_tier not in ("trade", "read_only"):
            raise ConfigError(f"free_tier must be trade or read_only, not {self.free_tier!r}")
        if self.revocation not in ("message", "no_content"):
            raise ConfigError(f"revocation must be message or no_content, not {self.revocation!r}")
        if self.updown_lists not in ("json", "array", "comma"):
            raise ConfigError(f"updown_lists must be json, array or comma, not {self.updown_lists!r}")
        tables: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("tiers", self.tiers),
            ("baselines", self.baselines),
            ("simulation_caps", self.simulation_caps),
        )
        for name, table in tables:
            if missing := TIERS.keys() - table.keys():
                raise ConfigError(f"{name} lacks {', '.join(sorted(missing))}")
        if self.resting_pause <= 0 or self.ws_token_life <= 0:
            raise ConfigError("resting_pause and ws_token_life must be positive")


ERA_C: Final = PolySimOptions(
    error_form="one-field",
    tiers={
        **TIERS,
        "pro": replace(TIERS["pro"], per_second=10, per_minute=600),
        "pro_plus": replace(TIERS["pro_plus"], per_second=30, per_minute=1800),
    },
    baselines={**BASELINES, "free": Baseline(api=0, sandbox=0)},
    free_tier="read_only",
    closed_beta=True,
    anonymous_markets=False,
    session_balance=False,
    strict_status=False,
)
"""The venue as it was in its closed beta."""
