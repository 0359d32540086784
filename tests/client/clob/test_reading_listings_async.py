"""Listings of markets and of rewards, read from a venue that answers by a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import httpx
import pytest

from polyspec.clob.client_async import AsyncClobClient
from polyspec.errors import ConfigError, InvalidOrder
from tests.client.clob.scripted import (
    ADDRESS,
    CONDITION,
    HOST,
    KEY,
    TOKEN,
    UNPACED,
    Asked,
    Scripted,
    creds,
    details,
)

pytestmark = pytest.mark.anyio

DAY = date(2026, 8, 1)
EAST = timezone(timedelta(hours=1))


@pytest.fixture
def venue() -> Scripted:
    """Open a venue that knows nothing yet."""
    return Scripted()


@pytest.fixture
async def client(venue: Scripted) -> AsyncIterator[AsyncClobClient]:
    """Connect with a key."""
    http = httpx.AsyncClient(transport=venue.transport)
    async with AsyncClobClient(HOST, key=KEY, creds=creds(), settings=UNPACED, http=http) as client:
        yield client


def page(data: list[Any], following: str) -> dict[str, Any]:
    """Return a page of the venue."""
    return {"limit": 2, "count": len(data), "next_cursor": following, "data": data}


def markets(asked: Asked) -> dict[str, Any]:
    """List four markets on two pages, and refuse the token of the end as the venue does."""
    cursor = asked.one("next_cursor")
    if cursor in (None, "MA=="):
        return page([{"condition_id": "0x1"}, {"condition_id": "0x2"}], "Mg==")
    assert cursor == "Mg=="
    return page([{"condition_id": "0x3"}, {"condition_id": "0x4"}], "LTE=")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("get_markets", "/markets"),
        ("get_simplified_markets", "/simplified-markets"),
        ("get_sampling_markets", "/sampling-markets"),
        ("get_sampling_simplified_markets", "/sampling-simplified-markets"),
        ("get_current_rewards", "/rewards/markets/current"),
    ],
)
async def test_listings_go_on_to_the_end(
    client: AsyncClobClient, venue: Scripted, name: str, path: str
) -> None:
    """All pages are walked, each once, and the token of the end is not sent."""
    venue.on(path, markets)
    found = [each.condition_id async for each in getattr(client, name)()]
    assert found == ["0x1", "0x2", "0x3", "0x4"]
    assert [each.one("next_cursor") for each in venue.asked] == [None, "Mg=="]


async def test_a_page_is_read_when_it_is_needed(client: AsyncClobClient, venue: Scripted) -> None:
    """Who stops within the first page has asked for one; nothing is asked before the first item."""
    venue.on("/markets", markets)
    listing = client.get_markets()
    assert venue.asked == []
    async for _ in listing:
        break
    assert len(venue.asked) == 1


async def test_a_market_by_its_condition_id(client: AsyncClobClient, venue: Scripted) -> None:
    """Capitals and blanks around an id do not matter, and the answers are typed."""
    venue.on(f"/markets/{CONDITION}", {"condition_id": CONDITION, "neg_risk": True, "tokens": None})
    venue.on(f"/clob-markets/{CONDITION}", details())
    market = await client.get_market(f" 0x{CONDITION[2:].upper()} ")
    assert (market.condition_id, market.neg_risk, market.tokens) == (CONDITION, True, [])
    found = await client.get_clob_market(CONDITION)
    assert (found.mts, found.t[0].t) == (Decimal("0.01"), TOKEN)


async def test_a_market_by_its_token(client: AsyncClobClient, venue: Scripted) -> None:
    """The venue says which market a token belongs to."""
    answer = {"condition_id": CONDITION, "primary_token_id": "1", "secondary_token_id": TOKEN}
    venue.on(f"/markets-by-token/{TOKEN}", answer)
    assert (await client.get_market_by_token(TOKEN)).condition_id == CONDITION


async def test_live_activity(client: AsyncClobClient, venue: Scripted) -> None:
    """One market, several at once, and the trades of one."""
    venue.on(f"/markets/live-activity/{CONDITION}", {"condition_id": CONDITION, "id": 7})
    venue.on(f"/live-activity/events/{CONDITION}", [{"event_type": "trade", "price": "0.5", "size": 2}])
    venue.on(
        "/markets/live-activity", lambda asked: [{"condition_id": each} for each in asked.body], method="POST"
    )
    assert (await client.get_live_activity(CONDITION)).id == 7
    assert [each.size for each in await client.get_market_trades_events(CONDITION)] == [Decimal(2)]
    ids = [f"0x{number:064x}" for number in range(501)]
    assert [each.condition_id for each in await client.get_live_activities([*ids, ids[0]])] == ids
    assert [len(each.body) for each in venue.to("/markets/live-activity")] == [500, 1]


@pytest.mark.parametrize(
    "name",
    ["get_market", "get_clob_market", "get_live_activity", "get_market_trades_events", "get_market_rewards"],
)
@pytest.mark.parametrize("wrong", [TOKEN, 12])
async def test_a_token_id_is_no_market(
    client: AsyncClobClient, venue: Scripted, name: str, wrong: object
) -> None:
    """It is refused with a word on how to find the market, before anything is sent."""
    with pytest.raises(ConfigError, match="get_market_by_token"):
        await getattr(client, name)(wrong)
    assert venue.asked == []


@pytest.mark.parametrize("wrong", ["0x12", "", None, CONDITION + "0", "../cancel-all"])
async def test_what_is_no_id_at_all(client: AsyncClobClient, venue: Scripted, wrong: Any) -> None:
    """Nothing but 0x and 64 digits gets into a path."""
    with pytest.raises(ConfigError, match="64 hex digits"):
        await client.get_market(wrong)
    assert venue.asked == []


# -- rewards --


async def test_earnings_of_a_day(client: AsyncClobClient, venue: Scripted) -> None:
    """The day and the kind of wallet are asked for, numbers are exact, pages are walked."""
    entry = {"condition_id": CONDITION, "asset_address": ADDRESS, "earnings": 0.1}
    venue.on("/rewards/user", page([entry], "Mg=="), page([entry | {"earnings": 1.25}], "LTE="))
    found = [each.earnings async for each in client.get_user_earnings("2026-08-01", sponsored=True)]
    assert found == [Decimal("0.1"), Decimal("1.25")]
    assert venue.asked[0].query == {"date": ["2026-08-01"], "signature_type": ["0"], "sponsored": ["true"]}


@pytest.mark.parametrize(
    "day",
    [DAY, "2026-08-01", datetime(2026, 8, 1, 23, 59, tzinfo=UTC), datetime(2026, 8, 2, 0, 30, tzinfo=EAST)],
)
async def test_a_day_in_any_form(client: AsyncClobClient, venue: Scripted, day: Any) -> None:
    """Dates, texts and moments name the same day in UTC."""
    venue.on("/rewards/user/total", [{"asset_address": ADDRESS, "earnings": 3}])
    found = await client.get_user_total_earnings(day)
    assert [each.earnings for each in found] == [Decimal(3)]
    assert venue.asked[0].one("date") == "2026-08-01"


@pytest.mark.parametrize("day", ["01.08.2026", 20260801, datetime(2026, 8, 1)])  # noqa: DTZ001
async def test_what_is_no_day(client: AsyncClobClient, venue: Scripted, day: Any) -> None:
    """Other spellings, numbers and moments without a zone are refused."""
    with pytest.raises(ConfigError, match="date"):
        await client.get_user_total_earnings(day)
    assert venue.asked == []


async def test_percentages(client: AsyncClobClient, venue: Scripted) -> None:
    """Shares of rewards are exact numbers by market."""
    venue.on("/rewards/user/percentages", {CONDITION: 12.5})
    assert await client.get_user_reward_percentages() == {CONDITION: Decimal("12.5")}


async def test_markets_with_rewards(client: AsyncClobClient, venue: Scripted) -> None:
    """Terms go as the venue spells them, and wrong ones do not go at all."""
    venue.on("/rewards/user/markets", page([{"condition_id": CONDITION}], "LTE="))
    terms: dict[str, Any] = {"only_open_orders": True, "order_by": "earnings", "position": "desc"}
    assert [each.condition_id async for each in client.get_user_rewards_markets(DAY, **terms)] == [CONDITION]
    assert venue.asked[0].query == {
        "date": ["2026-08-01"],
        "signature_type": ["0"],
        "only_open_orders": ["true"],
        "order_by": ["earnings"],
        "position": ["DESC"],
    }
    with pytest.raises(ConfigError, match="ASC or DESC"):
        client.get_user_rewards_markets(DAY, position="down")  # type: ignore[arg-type]


async def test_searching_rewards(client: AsyncClobClient, venue: Scripted) -> None:
    """Bounds are exact numbers, and floats are refused."""
    answer = {"condition_id": CONDITION, "end_date": "", "tokens": [], "rewards_config": None}
    venue.on("/rewards/markets/multi", page([answer], "LTE="))
    found = [each async for each in client.get_multi_market_rewards(q="rain", min_price="0.10", max_spread=3)]
    assert [each.condition_id for each in found] == [CONDITION]
    assert venue.asked[0].query == {"q": ["rain"], "min_price": ["0.10"], "max_spread": ["3"]}
    with pytest.raises(InvalidOrder, match="float"):
        client.get_multi_market_rewards(min_price=0.1)  # type: ignore[arg-type]


async def test_rewards_of_a_market(client: AsyncClobClient, venue: Scripted) -> None:
    """The rewards of one market are listed."""
    answer = {"condition_id": CONDITION, "rewards_max_spread": 3.5}
    venue.on(f"/rewards/markets/{CONDITION}", page([answer], "LTE="))
    found = [each.rewards_max_spread async for each in client.get_market_rewards(CONDITION)]
    assert found == [Decimal("3.5")]


async def test_rebates_are_those_of_this_wallet(client: AsyncClobClient, venue: Scripted) -> None:
    """Without a maker the client's own is asked for, and null is none."""
    entry = {"condition_id": CONDITION, "asset_address": ADDRESS, "rebated_fees_usdc": "0.004"}
    venue.on("/rebates/current", [entry], httpx.Response(200, content=b"null"))
    assert [each.rebated_fees_usdc for each in await client.get_rebates(DAY)] == [Decimal("0.004")]
    assert venue.asked[0].one("maker_address") == ADDRESS
    assert await client.get_rebates(DAY, "0x" + "12" * 20) == []
    assert venue.asked[1].one("maker_address") == "0x" + "12" * 20


async def test_rebates_of_nobody(venue: Scripted) -> None:
    """A client without a key has to be told whose rebates are meant."""
    http = httpx.AsyncClient(transport=venue.transport)
    async with AsyncClobClient(HOST, settings=UNPACED, http=http) as stranger:
        with pytest.raises(ConfigError, match="maker_address"):
            await stranger.get_rebates(DAY)
