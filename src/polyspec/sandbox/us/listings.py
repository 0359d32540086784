"""The instruments a fresh sandbox lists, with realistic symbols, scales and metadata."""

from __future__ import annotations

from typing import Final

import msgspec

from polyspec.core.scales import scale_of
from polyspec.sandbox.engine.types import FeeSchedule, MarketDefinition, MarketState

__all__ = ["COMBO_FEES", "SEED_LISTINGS", "Listing", "combo_listing"]

COMBO_FEES: Final = FeeSchedule(taker_theta=695, taker_quartic=400)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What the venue tells about an instrument; the engine knows only its market."""

    symbol: str
    product: str
    product_id: str
    description: str
    question: str
    tick: str
    """Dollars, as decimal text."""
    price_scale: int
    quantity_scale: int = 100
    mid: int = 0
    """Where the market maker starts, at price scale; 0: it stays away."""
    category: str = "SPR"
    series: str = ""
    clearing_symbol: str = ""
    event_id: str = ""
    outcome: str = "EVENT_OUTCOME_MUTUALLY_EXCLUSIVE"
    strike: str = ""
    evaluation: str = "="
    start: str = "2026-06-08"
    expiration: str = "2027-12-31"
    state: MarketState = MarketState.OPEN
    settlement: int | None = None
    """The final settlement price, at price scale, of an instrument that is over."""
    extra: dict[str, str] = {}
    notional_low: int | None = None
    """Least notional of an order, in whole dollars."""
    quantity_high: int | None = None
    """Largest order, in whole contracts."""

    @property
    def market(self) -> MarketDefinition:
        """The engine's terms of this instrument."""
        scale, tick = self.price_scale, scale_of(self.price_scale).to_wire(self.tick, "tick")
        quantity, notional = self.quantity_scale, self.quantity_scale * scale
        return MarketDefinition(
            symbol=self.symbol,
            price_scale=scale,
            quantity_scale=quantity,
            tick=tick,
            price_low=tick,
            price_high=scale - tick,
            payout=scale,
            min_quantity=1,
            quantity_high=None if self.quantity_high is None else self.quantity_high * quantity,
            notional_low=None if self.notional_low is None else self.notional_low * notional,
            reference_price=self.mid or None,
            fees=COMBO_FEES if self.product == "caoc" else FeeSchedule(),
        )

    @property
    def metadata(self) -> dict[str, str]:
        """The instrument's metadata map; which keys are there varies with the kind of market."""
        fixed = {
            "cftc_instrument_id": self.symbol,
            "clearing_sym": self.clearing_symbol,
            "event_category": self.category,
            "event_series": self.series,
            "instrument_product": self.product,
            "instrument_product_series": f"{self.product}-{self.series}",
            "product_id": self.product_id,
            "event_id": self.event_id,
            "instrument_rules": f"This market settles to $1.00 if the answer is yes: {self.question}",
        }
        return {**{name: value for name, value in fixed.items() if value}, **self.extra}


def combo_listing(symbol: str, legs: int) -> Listing:
    """Return the listing of a combo of that many legs."""
    return Listing(
        symbol=symbol,
        product="caoc",
        product_id=symbol,
        description=f"Combo of {legs} legs",
        question="Do all legs of the combo win?",
        tick="0.001",
        price_scale=1000,
        series="combo",
        clearing_symbol="CAOC",
        event_id=symbol,
        outcome="EVENT_OUTCOME_INDEPENDENT",
    )


def _teams(long: tuple[str, str], short: tuple[str, str], sport: str, start: str) -> dict[str, str]:
    return {
        "event_start_time": start,
        "participant_type": "team",
        "long_participant_id": long[0],
        "long_participant_name": long[1],
        "short_participant_id": short[0],
        "short_participant_name": short[1],
        "home_team_name": short[1],
        "away_team_name": long[1],
        "market_sport_type": sport,
    }


_KC, _BUF = ("nfl-kc", "Kansas City"), ("nfl-buf", "Buffalo")
_BOS, _LAL = ("nba-bos", "Boston"), ("nba-lal", "Los Angeles L")
_SUNDAY: Final = "2026-11-29 21:25:00+00"
_SATURDAY: Final = "2026-11-29 01:00:00+00"

SEED_LISTINGS: Final[tuple[Listing, ...]] = (
    Listing(
        symbol="tec-nfl-sbw-2026-02-08-kc",
        product="tec",
        product_id="tec-nfl-sbw-2026-02-08",
        description="Who will win the pro football championship: Kansas City?",
        question="Will Kansas City win the pro football championship?",
        tick="0.001",
        price_scale=1000,
        quantity_scale=1,
        mid=552,
        series="nfl",
        clearing_symbol="TEC-NFL",
        event_id="nfl-sbw-2026-02-08",
        start="2025-09-01",
        extra={
            "tournament_name": "Pro football championship",
            "outcome_type": "futures",
            "outcome_strike": "kc",
            "long_participant_id": "nfl-kc",
            "long_participant_name": "Kansas City",
        },
    ),
    Listing(
        symbol="aec-nfl-kc-buf-2026-11-29",
        product="aec",
        product_id="aec-nfl-kc-buf-2026-11-29",
        description="Who will win the pro football game, Kansas City or Buffalo?",
        question="Will Kansas City beat Buffalo?",
        tick="0.01",
        price_scale=100,
        mid=46,
        series="nfl",
        clearing_symbol="AEC-NFL",
        event_id="nfl-kc-buf-2026-11-29",
        expiration="2026-12-13",
        quantity_high=100_000,
        extra=_teams(_KC, _BUF, "football_team_moneyline", _SUNDAY) | {"outcome_type": "moneyline"},
    ),
    Listing(
        symbol="asc-nfl-kc-buf-2026-11-29-pos-3pt5",
        product="asc",
        product_id="asc-nfl-kc-buf-2026-11-29",
        description="Kansas City +3.5",
        question="Will Kansas City cover 3.5 against Buffalo?",
        tick="0.005",
        price_scale=1000,
        mid=580,
        series="nfl",
        clearing_symbol="ASC-NFL",
        event_id="nfl-kc-buf-2026-11-29",
        outcome="EVENT_OUTCOME_DIRECTIONAL",
        strike="3.5",
        evaluation=">",
        expiration="2026-12-13",
        extra=_teams(_KC, _BUF, "football_team_spread", _SUNDAY)
        | {"outcome_type": "spreads", "outcome_strike": "3.5", "prop_type": "team"},
    ),
    Listing(
        symbol="aec-nba-bos-lal-2026-11-28",
        product="aec",
        product_id="aec-nba-bos-lal-2026-11-28",
        description="Who will win the pro basketball game, Boston or Los Angeles L?",
        question="Will Boston beat Los Angeles L?",
        tick="0.005",
        price_scale=1000,
        mid=635,
        series="nba",
        clearing_symbol="AEC-NBA",
        event_id="nba-bos-lal-2026-11-28",
        expiration="2026-12-12",
        extra=_teams(_BOS, _LAL, "basketball_team_moneyline", _SATURDAY) | {"outcome_type": "moneyline"},
    ),
    Listing(
        symbol="tsc-nba-bos-lal-2026-11-28-224pt5",
        product="tsc",
        product_id="tsc-nba-bos-lal-2026-11-28",
        description="Boston and Los Angeles L score over 224.5",
        question="Will the teams score more than 224.5 points together?",
        tick="0.01",
        price_scale=100,
        mid=51,
        series="nba",
        clearing_symbol="TSC-NBA",
        event_id="nba-bos-lal-2026-11-28",
        outcome="EVENT_OUTCOME_DIRECTIONAL",
        strike="224.5",
        evaluation=">",
        expiration="2026-12-12",
        notional_low=1,
        extra=_teams(_BOS, _LAL, "basketball_team_total", _SATURDAY)
        | {"outcome_type": "totals", "outcome_strike": "224.5"},
    ),
    Listing(
        symbol="tec-nba-champ-2027-06-20-bos",
        product="tec",
        product_id="tec-nba-champ-2027-06-20",
        description="Who will win the pro basketball championship: Boston?",
        question="Will Boston win the pro basketball championship?",
        tick="0.001",
        price_scale=1000,
        mid=182,
        series="nba",
        clearing_symbol="TEC-NBA",
        event_id="nba-champ-2027-06-20",
        expiration="2027-07-04",
        extra={
            "tournament_name": "Pro basketball championship",
            "outcome_type": "futures",
            "outcome_strike": "bos",
        },
    ),
    Listing(
        symbol="tec-pol-ushouse-2028-11-07-dem",
        product="tec",
        product_id="tec-pol-ushouse-2028-11-07",
        description="Which party will win the House: Democratic?",
        question="Will the Democratic Party win the House of Representatives?",
        tick="0.01",
        price_scale=100,
        mid=57,
        category="POL",
        series="ushouse",
        clearing_symbol="TEC-POL",
        event_id="pol-ushouse-2028-11-07",
        expiration="2028-12-31",
        extra={"outcome_type": "futures", "outcome_strike": "dem"},
    ),
    Listing(
        symbol="cpc-btc-strike-2026-12-31-125000",
        product="cpc",
        product_id="cpc-btc-strike-2026-12-31",
        description="Bitcoin above $125,000 on December 31?",
        question="Will the price of Bitcoin be above $125,000 at the close?",
        tick="0.0025",
        price_scale=10_000,
        mid=4300,
        category="CRY",
        series="btc-strike-yearly",
        clearing_symbol="CPC-BTC",
        event_id="btc-strike-2026-12-31",
        outcome="EVENT_OUTCOME_DIRECTIONAL",
        strike="125000",
        evaluation=">",
        expiration="2026-12-31",
        extra={
            "crypto_market_type": "strike",
            "crypto_horizon": "yearly",
            "interval_end": "2026-12-31T17:00:00Z",
            "outcome_strike": "125000",
        },
    ),
    Listing(
        symbol="cpc-eth-updown-2026-11-30",
        product="cpc",
        product_id="cpc-eth-updown-2026-11-30",
        description="Ether up or down on November 30?",
        question="Will Ether close at or above its opening price?",
        tick="0.01",
        price_scale=100,
        mid=50,
        category="CRY",
        series="eth-updown-daily",
        clearing_symbol="CPC-ETH",
        event_id="eth-updown-2026-11-30",
        outcome="EVENT_OUTCOME_DIRECTIONAL",
        evaluation=">",
        expiration="2026-11-30",
        extra={"crypto_market_type": "updown", "crypto_horizon": "daily", "price_to_beat": "4120.55"},
    ),
    Listing(
        symbol="aec-nhl-nyr-bos-2026-11-20",
        product="aec",
        product_id="aec-nhl-nyr-bos-2026-11-20",
        description="Who will win the pro hockey game, New York R or Boston?",
        question="Will New York R beat Boston?",
        tick="0.01",
        price_scale=100,
        series="nhl",
        clearing_symbol="AEC-NHL",
        event_id="nhl-nyr-bos-2026-11-20",
        state=MarketState.CLOSED,
        extra={"outcome_type": "moneyline", "market_sport_type": "hockey_team_moneyline"},
    ),
    Listing(
        symbol="aec-epl-ars-che-2026-11-28",
        product="aec",
        product_id="aec-epl-ars-che-2026-11-28",
        description="Who will win the football match, Arsenal or Chelsea?",
        question="Will Arsenal beat Chelsea?",
        tick="0.01",
        price_scale=100,
        series="epl",
        clearing_symbol="AEC-EPL",
        event_id="epl-ars-che-2026-11-28",
        state=MarketState.SUSPENDED,
        extra={"outcome_type": "moneyline", "market_sport_type": "soccer_team_moneyline"},
    ),
    Listing(
        symbol="tec-mlb-ws-2026-10-31-lad",
        product="tec",
        product_id="tec-mlb-ws-2026-10-31",
        description="Who will win the pro baseball championship: Los Angeles D?",
        question="Will Los Angeles D win the pro baseball championship?",
        tick="0.001",
        price_scale=1000,
        series="mlb",
        clearing_symbol="TEC-MLB",
        event_id="mlb-ws-2026-10-31",
        start="2026-03-01",
        expiration="2026-11-05",
        state=MarketState.EXPIRED,
        settlement=1000,
        extra={"outcome_type": "futures", "outcome_strike": "lad"},
    ),
)
