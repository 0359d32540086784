"""Liquidity rewards and maker rebates.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Number, Operation, Page, Parameter, RateLimit
from polyspec_wire.clob.models import (
    ErrorResponse,
    PaginatedCurrentReward,
    PaginatedMarketReward,
    PaginatedMultiMarketInfo,
    PaginatedUserEarnings,
    PaginatedUserRewardsMarkets,
    RebatedFees,
    SortDirection,
    TotalUserEarning,
)

__all__ = [
    "GET_CURRENT_REWARDS",
    "GET_MARKET_REWARDS",
    "GET_MULTI_MARKET_REWARDS",
    "GET_REBATES",
    "GET_USER_EARNINGS",
    "GET_USER_REWARDS_MARKETS",
    "GET_USER_REWARD_PERCENTAGES",
    "GET_USER_TOTAL_EARNINGS",
    "OPERATIONS",
    "get_current_rewards",
    "get_market_rewards",
    "get_multi_market_rewards",
    "get_rebates",
    "get_user_earnings",
    "get_user_reward_percentages",
    "get_user_rewards_markets",
    "get_user_total_earnings",
]

GET_USER_EARNINGS: Final = Operation(
    id="Rewards_GetUserEarnings",
    name="rewards.get_user_earnings",
    method="GET",
    path="/rewards/user",
    success={200: PaginatedUserEarnings},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="date", python="date", kind="query", type=dt.date, required=True),
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=False),
        Parameter(name="maker_address", python="maker_address", kind="query", type=str, required=False),
        Parameter(name="sponsored", python="sponsored", kind="query", type=bool, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_user_earnings(
    *,
    date: dt.date,
    signature_type: int | None = None,
    maker_address: str | None = None,
    sponsored: bool | None = None,
    next_cursor: str | None = None,
) -> Call[PaginatedUserEarnings]:
    """List earnings of a day by market.

    Args:
        date: Day, UTC.
        signature_type: Kind of the wallet that holds the funds, 0 to 3; the venue takes 0 when absent.
        Its own document leaves out 3, the deposit wallet.
        maker_address: Whose: the wallet that holds the funds.
        sponsored: With what sponsors added. The venue takes false when absent.
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /rewards/user
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_USER_EARNINGS,
        path=GET_USER_EARNINGS.path,
        query=_call.query(
            GET_USER_EARNINGS,
            date=date,
            signature_type=signature_type,
            maker_address=maker_address,
            sponsored=sponsored,
            next_cursor=next_cursor,
        ),
    )


GET_USER_TOTAL_EARNINGS: Final = Operation(
    id="Rewards_GetUserTotalEarnings",
    name="rewards.get_user_total_earnings",
    method="GET",
    path="/rewards/user/total",
    success={200: list[TotalUserEarning]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="date", python="date", kind="query", type=dt.date, required=True),
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=False),
        Parameter(name="maker_address", python="maker_address", kind="query", type=str, required=False),
        Parameter(name="sponsored", python="sponsored", kind="query", type=bool, required=False),
    ),
    json="plain",
)


def get_user_total_earnings(
    *,
    date: dt.date,
    signature_type: int | None = None,
    maker_address: str | None = None,
    sponsored: bool | None = None,
) -> Call[list[TotalUserEarning]]:
    """List earnings of a day by asset.

    Args:
        date: Day, UTC.
        signature_type: Kind of the wallet that holds the funds, 0 to 3; the venue takes 0 when absent.
        Its own document leaves out 3, the deposit wallet.
        maker_address: Whose: the wallet that holds the funds.
        sponsored: With what sponsors added. The venue takes false when absent.

    GET /rewards/user/total
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_USER_TOTAL_EARNINGS,
        path=GET_USER_TOTAL_EARNINGS.path,
        query=_call.query(
            GET_USER_TOTAL_EARNINGS,
            date=date,
            signature_type=signature_type,
            maker_address=maker_address,
            sponsored=sponsored,
        ),
    )


GET_USER_REWARD_PERCENTAGES: Final = Operation(
    id="Rewards_GetUserRewardPercentages",
    name="rewards.get_user_reward_percentages",
    method="GET",
    path="/rewards/user/percentages",
    success={200: dict[str, Number]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=False),
        Parameter(name="maker_address", python="maker_address", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_user_reward_percentages(
    *, signature_type: int | None = None, maker_address: str | None = None
) -> Call[dict[str, Number]]:
    """Read shares of rewards.

    Args:
        signature_type: Kind of the wallet that holds the funds, 0 to 3; the venue takes 0 when absent.
        Its own document leaves out 3, the deposit wallet.
        maker_address: Whose: the wallet that holds the funds.

    GET /rewards/user/percentages
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_USER_REWARD_PERCENTAGES,
        path=GET_USER_REWARD_PERCENTAGES.path,
        query=_call.query(
            GET_USER_REWARD_PERCENTAGES, signature_type=signature_type, maker_address=maker_address
        ),
    )


GET_USER_REWARDS_MARKETS: Final = Operation(
    id="Rewards_GetUserRewardsMarkets",
    name="rewards.get_user_rewards_markets",
    method="GET",
    path="/rewards/user/markets",
    success={200: PaginatedUserRewardsMarkets},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="date", python="date", kind="query", type=dt.date, required=False),
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=False),
        Parameter(name="maker_address", python="maker_address", kind="query", type=str, required=False),
        Parameter(name="sponsored", python="sponsored", kind="query", type=bool, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
        Parameter(name="page_size", python="page_size", kind="query", type=int, required=False),
        Parameter(name="q", python="q", kind="query", type=str, required=False),
        Parameter(name="tag_slug", python="tag_slug", kind="query", type=str, required=False),
        Parameter(
            name="favorite_markets", python="favorite_markets", kind="query", type=bool, required=False
        ),
        Parameter(name="no_competition", python="no_competition", kind="query", type=bool, required=False),
        Parameter(name="only_mergeable", python="only_mergeable", kind="query", type=bool, required=False),
        Parameter(
            name="only_open_orders", python="only_open_orders", kind="query", type=bool, required=False
        ),
        Parameter(
            name="only_open_positions", python="only_open_positions", kind="query", type=bool, required=False
        ),
        Parameter(name="order_by", python="order_by", kind="query", type=str, required=False),
        Parameter(name="position", python="position", kind="query", type=SortDirection, required=False),
    ),
    json="plain",
)


def get_user_rewards_markets(
    *,
    date: dt.date | None = None,
    signature_type: int | None = None,
    maker_address: str | None = None,
    sponsored: bool | None = None,
    next_cursor: str | None = None,
    page_size: int | None = None,
    q: str | None = None,
    tag_slug: str | None = None,
    favorite_markets: bool | None = None,
    no_competition: bool | None = None,
    only_mergeable: bool | None = None,
    only_open_orders: bool | None = None,
    only_open_positions: bool | None = None,
    order_by: str | None = None,
    position: SortDirection | None = None,
) -> Call[PaginatedUserRewardsMarkets]:
    """Search markets with rewards, with one's earnings.

    Args:
        date: Day, UTC.
        signature_type: Kind of the wallet that holds the funds, 0 to 3; the venue takes 0 when absent.
        Its own document leaves out 3, the deposit wallet.
        maker_address: Whose: the wallet that holds the funds.
        sponsored: With what sponsors added. The venue takes false when absent.
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.
        page_size: Entries per page, at most 500. The venue takes 100 when absent.
        q: Text to look for in the question.
        tag_slug: Only markets of this tag.
        favorite_markets: Only favourites.
        no_competition: Only markets nobody else makes.
        only_mergeable: Only where positions can be merged.
        only_open_orders: Only where one has open orders.
        only_open_positions: Only where one has positions.
        order_by: Sort by: max_spread, min_size, end_date, earning_percentage, rate_per_day, earnings,
        spread, competitiveness, question, price, market or volume_24hr.
        position: Direction of the sorting.

    GET /rewards/user/markets
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_USER_REWARDS_MARKETS,
        path=GET_USER_REWARDS_MARKETS.path,
        query=_call.query(
            GET_USER_REWARDS_MARKETS,
            date=date,
            signature_type=signature_type,
            maker_address=maker_address,
            sponsored=sponsored,
            next_cursor=next_cursor,
            page_size=page_size,
            q=q,
            tag_slug=tag_slug,
            favorite_markets=favorite_markets,
            no_competition=no_competition,
            only_mergeable=only_mergeable,
            only_open_orders=only_open_orders,
            only_open_positions=only_open_positions,
            order_by=order_by,
            position=position,
        ),
    )


GET_CURRENT_REWARDS: Final = Operation(
    id="Rewards_GetCurrentRewards",
    name="rewards.get_current_rewards",
    method="GET",
    path="/rewards/markets/current",
    success={200: PaginatedCurrentReward},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="sponsored", python="sponsored", kind="query", type=bool, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_current_rewards(
    *, sponsored: bool | None = None, next_cursor: str | None = None
) -> Call[PaginatedCurrentReward]:
    """List markets that pay rewards now.

    Args:
        sponsored: With what sponsors added. The venue takes false when absent.
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /rewards/markets/current
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_CURRENT_REWARDS,
        path=GET_CURRENT_REWARDS.path,
        query=_call.query(GET_CURRENT_REWARDS, sponsored=sponsored, next_cursor=next_cursor),
    )


GET_MULTI_MARKET_REWARDS: Final = Operation(
    id="Rewards_GetMultiMarketRewards",
    name="rewards.get_multi_market_rewards",
    method="GET",
    path="/rewards/markets/multi",
    success={200: PaginatedMultiMarketInfo},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="q", python="q", kind="query", type=str, required=False),
        Parameter(name="tag_slug", python="tag_slug", kind="query", type=str, required=False),
        Parameter(name="event_id", python="event_id", kind="query", type=str, required=False),
        Parameter(name="event_title", python="event_title", kind="query", type=str, required=False),
        Parameter(name="order_by", python="order_by", kind="query", type=str, required=False),
        Parameter(name="position", python="position", kind="query", type=SortDirection, required=False),
        Parameter(
            name="min_volume_24hr", python="min_volume_24hr", kind="query", type=Number, required=False
        ),
        Parameter(
            name="max_volume_24hr", python="max_volume_24hr", kind="query", type=Number, required=False
        ),
        Parameter(name="min_spread", python="min_spread", kind="query", type=Number, required=False),
        Parameter(name="max_spread", python="max_spread", kind="query", type=Number, required=False),
        Parameter(name="min_price", python="min_price", kind="query", type=Number, required=False),
        Parameter(name="max_price", python="max_price", kind="query", type=Number, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
        Parameter(name="page_size", python="page_size", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_multi_market_rewards(
    *,
    q: str | None = None,
    tag_slug: str | None = None,
    event_id: str | None = None,
    event_title: str | None = None,
    order_by: str | None = None,
    position: SortDirection | None = None,
    min_volume_24hr: Number | None = None,
    max_volume_24hr: Number | None = None,
    min_spread: Number | None = None,
    max_spread: Number | None = None,
    min_price: Number | None = None,
    max_price: Number | None = None,
    next_cursor: str | None = None,
    page_size: int | None = None,
) -> Call[PaginatedMultiMarketInfo]:
    """Search markets with rewards.

    Args:
        q: Text to look for in the question.
        tag_slug: Only markets of this tag.
        order_by: Sort by: market_id, created_at, volume_24hr, spread, competitiveness, max_spread,
        min_size, question, one_day_price_change, rate_per_day, price, end_date, start_date or
        reward_end_date.
        position: Direction of the sorting.
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.
        page_size: Entries per page, at most 500. The venue takes 100 when absent.

    GET /rewards/markets/multi
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_MULTI_MARKET_REWARDS,
        path=GET_MULTI_MARKET_REWARDS.path,
        query=_call.query(
            GET_MULTI_MARKET_REWARDS,
            q=q,
            tag_slug=tag_slug,
            event_id=event_id,
            event_title=event_title,
            order_by=order_by,
            position=position,
            min_volume_24hr=min_volume_24hr,
            max_volume_24hr=max_volume_24hr,
            min_spread=min_spread,
            max_spread=max_spread,
            min_price=min_price,
            max_price=max_price,
            next_cursor=next_cursor,
            page_size=page_size,
        ),
    )


GET_MARKET_REWARDS: Final = Operation(
    id="Rewards_GetMarketRewards",
    name="rewards.get_market_rewards",
    method="GET",
    path="/rewards/markets/{condition_id}",
    success={200: PaginatedMarketReward},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),
        Parameter(name="sponsored", python="sponsored", kind="query", type=bool, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_market_rewards(
    condition_id: str, *, sponsored: bool | None = None, next_cursor: str | None = None
) -> Call[PaginatedMarketReward]:
    """List the rewards of a market.

    Args:
        condition_id: Condition id, `0x` and 64 hex digits.
        sponsored: With what sponsors added. The venue takes false when absent.
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /rewards/markets/{condition_id}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_MARKET_REWARDS,
        path=_call.fill(GET_MARKET_REWARDS, condition_id=condition_id),
        query=_call.query(GET_MARKET_REWARDS, sponsored=sponsored, next_cursor=next_cursor),
    )


GET_REBATES: Final = Operation(
    id="Rewards_GetRebates",
    name="rewards.get_rebates",
    method="GET",
    path="/rebates/current",
    success={200: list[RebatedFees] | None},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="date", python="date", kind="query", type=dt.date, required=True),
        Parameter(name="maker_address", python="maker_address", kind="query", type=str, required=True),
    ),
    json="plain",
)


def get_rebates(*, date: dt.date, maker_address: str) -> Call[list[RebatedFees] | None]:
    """Read the fees given back to a maker on a day.

    `null` when there are none.

    Args:
        date: Day, UTC.
        maker_address: The wallet that holds the funds.

    GET /rebates/current
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; live answers).
    """
    return Call(
        operation=GET_REBATES,
        path=GET_REBATES.path,
        query=_call.query(GET_REBATES, date=date, maker_address=maker_address),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_USER_EARNINGS.id: GET_USER_EARNINGS,
    GET_USER_TOTAL_EARNINGS.id: GET_USER_TOTAL_EARNINGS,
    GET_USER_REWARD_PERCENTAGES.id: GET_USER_REWARD_PERCENTAGES,
    GET_USER_REWARDS_MARKETS.id: GET_USER_REWARDS_MARKETS,
    GET_CURRENT_REWARDS.id: GET_CURRENT_REWARDS,
    GET_MULTI_MARKET_REWARDS.id: GET_MULTI_MARKET_REWARDS,
    GET_MARKET_REWARDS.id: GET_MARKET_REWARDS,
    GET_REBATES.id: GET_REBATES,
}
