# Mirrored from rewards_async.py by `python -m generator.mirror`; do not edit.
"""Liquidity rewards and maker rebates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as day
from decimal import Decimal
from typing import Any, Final, Literal, TypedDict, Unpack

from polyspec_wire.clob import models as wire
from polyspec_wire.clob import rewards

from polyspec.clob.addresses import parse_address
from polyspec.clob.balances import own_signature_type
from polyspec.clob.base import Base
from polyspec.clob.queries import read_condition, read_day
from polyspec.core.scales import Amount, as_decimal
from polyspec.errors import ConfigError

__all__ = ["OwnRewardTerms", "RewardTerms", "Rewards"]

_NUMBERS: Final = (
    "min_volume_24hr", "max_volume_24hr", "min_spread", "max_spread", "min_price", "max_price",
)  # fmt: skip


class OwnRewardTerms(TypedDict, total=False):
    """Which markets with rewards to list, with one's earnings there."""

    sponsored: bool
    """With what sponsors added."""
    q: str
    """Text to look for in the question."""
    tag_slug: str
    favorite_markets: bool
    no_competition: bool
    """Only where nobody else makes a market."""
    only_mergeable: bool
    only_open_orders: bool
    only_open_positions: bool
    order_by: str
    """Such as rate_per_day, earnings, spread, competitiveness or volume_24hr."""
    position: Literal["ASC", "DESC"]
    """Direction of the order."""
    page_size: int
    """At most 500."""


class RewardTerms(TypedDict, total=False):
    """Which markets with rewards to list."""

    q: str
    """Text to look for in the question."""
    tag_slug: str
    event_id: str
    event_title: str
    order_by: str
    """Such as rate_per_day, volume_24hr, spread, competitiveness or end_date."""
    position: Literal["ASC", "DESC"]
    """Direction of the order."""
    min_volume_24hr: Amount
    max_volume_24hr: Amount
    min_spread: Amount
    max_spread: Amount
    min_price: Amount
    max_price: Amount
    page_size: int
    """At most 500."""


class Rewards(Base):
    """What resting orders earn. Days are days in UTC: a date, or text such as ``2026-08-01``."""

    def get_user_earnings(
        self,
        date: day | str,
        *,
        sponsored: bool | None = None,
        maker_address: str | None = None,
        signature_type: int | None = None,
        timeout: float | None = None,
    ) -> Iterator[wire.UserEarning]:
        """Iterate over the earnings of a day, by market and asset."""
        call = rewards.get_user_earnings(
            date=read_day(date),
            signature_type=own_signature_type(self.account, signature_type),
            maker_address=_address(maker_address),
            sponsored=sponsored,
        )
        return self.iterate(call, timeout=timeout)

    def get_user_total_earnings(
        self,
        date: day | str,
        *,
        sponsored: bool | None = None,
        maker_address: str | None = None,
        signature_type: int | None = None,
        timeout: float | None = None,
    ) -> list[wire.TotalUserEarning]:
        """Return the earnings of a day, by asset."""
        call = rewards.get_user_total_earnings(
            date=read_day(date),
            signature_type=own_signature_type(self.account, signature_type),
            maker_address=_address(maker_address),
            sponsored=sponsored,
        )
        return self.send(call, timeout=timeout)

    def get_user_reward_percentages(
        self,
        *,
        maker_address: str | None = None,
        signature_type: int | None = None,
        timeout: float | None = None,
    ) -> dict[str, Decimal]:
        """Return this wallet's share of the rewards paid now, in percent by condition id."""
        call = rewards.get_user_reward_percentages(
            signature_type=own_signature_type(self.account, signature_type),
            maker_address=_address(maker_address),
        )
        return self.send(call, timeout=timeout)

    def get_user_rewards_markets(
        self,
        date: day | str | None = None,
        *,
        maker_address: str | None = None,
        signature_type: int | None = None,
        timeout: float | None = None,
        **terms: Unpack[OwnRewardTerms],
    ) -> Iterator[wire.UserRewardsMarket]:
        """Iterate over markets with rewards and this wallet's earnings there; see `OwnRewardTerms`."""
        call = rewards.get_user_rewards_markets(
            date=None if date is None else read_day(date),
            signature_type=own_signature_type(self.account, signature_type),
            maker_address=_address(maker_address),
            **_checked(terms),
        )
        return self.iterate(call, timeout=timeout)

    def get_current_rewards(
        self, *, sponsored: bool | None = None, timeout: float | None = None
    ) -> Iterator[wire.CurrentReward]:
        """Iterate over the markets that pay rewards now, and what they pay; open to everybody."""
        return self.iterate(rewards.get_current_rewards(sponsored=sponsored), timeout=timeout)

    def get_market_rewards(
        self, condition_id: str, *, sponsored: bool | None = None, timeout: float | None = None
    ) -> Iterator[wire.MarketReward]:
        """Iterate over the rewards of a market; open to everybody."""
        call = rewards.get_market_rewards(read_condition(condition_id), sponsored=sponsored)
        return self.iterate(call, timeout=timeout)

    def get_multi_market_rewards(
        self, *, timeout: float | None = None, **terms: Unpack[RewardTerms]
    ) -> Iterator[wire.MultiMarketInfo]:
        """Iterate over markets found by their rewards; see `RewardTerms`. Open to everybody."""
        call = rewards.get_multi_market_rewards(**_checked(terms))
        return self.iterate(call, timeout=timeout)

    def get_rebates(
        self, date: day | str, maker_address: str | None = None, *, timeout: float | None = None
    ) -> list[wire.RebatedFees]:
        """Return the fees given back to a maker on a day, in dollars by market; nothing if there are none.

        The maker is this client's wallet unless another is named; open to everybody.
        """
        maker = _address(maker_address)
        if maker is None:
            if self.account is None:
                raise ConfigError("name the maker_address: without a key this client has no wallet")
            maker = self.account.maker
        call = rewards.get_rebates(date=read_day(date), maker_address=maker)
        return self.send(call, timeout=timeout) or []


def _address(maker_address: str | None) -> str | None:
    return None if maker_address is None else parse_address(maker_address, "maker_address")


def _checked(terms: OwnRewardTerms | RewardTerms) -> dict[str, Any]:
    """Return terms as the wire takes them: exact numbers, and a direction that is one."""
    found: dict[str, Any] = dict(terms)
    for name in _NUMBERS:
        if found.get(name) is not None:
            found[name] = as_decimal(found[name], name)
    if found.get("position") is not None:
        text = str(found["position"]).upper()
        if text not in ("ASC", "DESC"):
            raise ConfigError(f"position is the direction to sort in, ASC or DESC, not {text!r}")
        found["position"] = wire.SortDirection(text)
    return found
