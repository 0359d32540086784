"""Trades, balances, wallets and notifications, read from a venue that answers by a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

import httpx
import pytest

from polyspec.clob.balances import BalanceAllowance
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.wallets import derive_wallets
from polyspec.errors import BadRequest, ConfigError
from tests.client.clob.scripted import (
    ADDRESS,
    CONDITION,
    HOST,
    KEY,
    OTHER,
    TOKEN,
    UNPACED,
    Asked,
    Scripted,
    creds,
)

pytestmark = pytest.mark.anyio

CODE = "0x" + "c0" * 32
POSITION = str((1 << 248) | (12345 << 104) | 1)
EXCHANGE = "0xE111180000d2663C0091e4f400237545B87B996B"
UNLIMITED = 2**256 - 1


@pytest.fixture
def venue() -> Scripted:
    """Open a venue where every wallet has 12.5 dollars, or shares."""
    venue = Scripted()
    venue.on("/balance-allowance", {"balance": "12500000", "allowances": {EXCHANGE.lower(): str(UNLIMITED)}})
    return venue


def connect(venue: Scripted, **known: Any) -> AsyncClobClient:
    """Connect with a key, unless something else is said."""
    known = {"key": KEY, "creds": creds()} | known
    http = httpx.AsyncClient(transport=venue.transport)
    return AsyncClobClient(HOST, settings=UNPACED, http=http, **known)


@pytest.fixture
async def client(venue: Scripted) -> AsyncIterator[AsyncClobClient]:
    """Connect with a key."""
    async with connect(venue) as client:
        yield client


# -- trades --


def trade(number: int, **changes: Any) -> dict[str, Any]:
    """Return a trade as the venue tells it, its status in one of two spellings."""
    return {
        "id": f"t{number}",
        "taker_order_id": "0x1",
        "market": CONDITION,
        "asset_id": TOKEN,
        "side": "BUY",
        "size": "10",
        "price": "0.55",
        "status": "TRADE_STATUS_CONFIRMED" if number % 2 else "CONFIRMED",
        "match_time": "1785000000",
        "last_update": "1785000001",
        "outcome": "Yes",
        "bucket_index": 0,
        "owner": "me",
        "maker_address": ADDRESS,
        "maker_orders": [{"order_id": "0x2", "matched_amount": "10", "price": "0.55"}],
        "trader_side": "TAKER",
    } | changes


def page(data: list[Any], following: str) -> dict[str, Any]:
    """Return a page of the venue."""
    return {"limit": 2, "count": len(data), "next_cursor": following, "data": data}


async def test_trades_of_all_pages(client: AsyncClobClient, venue: Scripted) -> None:
    """Pages are walked to the end; a trade that slid onto the next one is told once."""
    venue.on(
        "/data/trades",
        page([trade(5), trade(4)], "Mg=="),
        page([trade(4), trade(3)], "NA=="),
        page([trade(3, bucket_index=1), trade(2)], "LTE="),
    )
    found = await client.get_trades()
    assert [(each.id, each.bucket_index) for each in found] == [
        ("t5", 0),
        ("t4", 0),
        ("t3", 0),
        ("t3", 1),
        ("t2", 0),
    ]
    assert {each.status for each in found} == {"CONFIRMED"}
    assert (found[0].size, found[0].price) == (Decimal(10), Decimal("0.55"))
    assert [each.one("next_cursor") for each in venue.asked] == [None, "Mg==", "NA=="]


async def test_filters_of_trades(client: AsyncClobClient, venue: Scripted) -> None:
    """Filters go under the venue's names, moments in seconds; nothing is added to them."""
    venue.on("/data/trades", page([trade(1)], "LTE="))
    await client.get_trades(
        CONDITION,
        TOKEN,
        "t1",
        maker_address=ADDRESS.lower(),
        before=1785000000,
        after=datetime(2026, 8, 1, tzinfo=UTC),
    )
    await client.get_trades()
    assert venue.asked[0].query == {
        "id": ["t1"],
        "maker_address": [ADDRESS],
        "market": [CONDITION],
        "asset_id": [TOKEN],
        "before": ["1785000000"],
        "after": ["1785542400"],
    }
    assert venue.asked[1].query == {}


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"market": TOKEN}, "get_market_by_token"),
        ({"asset_id": CONDITION}, "get_clob_market"),
        ({"before": 1785000000000}, "milliseconds"),
        ({"after": datetime(2026, 8, 1)}, "time zone"),  # noqa: DTZ001
        ({"maker_address": "0x12"}, "maker_address"),
    ],
)
async def test_wrong_filters(
    client: AsyncClobClient, venue: Scripted, filters: dict[str, Any], words: str
) -> None:
    """They are refused at once, also by iterators that nobody has begun."""
    with pytest.raises(ConfigError, match=words):
        client.iter_trades(**filters)
    with pytest.raises(ConfigError, match=words):
        await client.get_trades(**filters)
    assert venue.asked == []


@pytest.mark.parametrize(
    ("market", "asset_id", "words"),
    [(TOKEN, None, "get_market_by_token"), (None, CONDITION, "get_clob_market"), (TOKEN, TOKEN, "market")],
)
async def test_orders_are_cut_down_by_the_right_ids(
    client: AsyncClobClient, venue: Scripted, market: str | None, asset_id: str | None, words: str
) -> None:
    """An id in the wrong place would list, or cancel, something else: it is refused before it is sent."""
    with pytest.raises(ConfigError, match=words):
        await client.get_open_orders(market, asset_id)
    with pytest.raises(ConfigError, match=words):
        await client.cancel_market_orders(market, asset_id)
    with pytest.raises(ConfigError, match="cancel_all"):
        await client.cancel_market_orders()
    assert venue.asked == []


async def test_trades_are_read_as_they_are_needed(client: AsyncClobClient, venue: Scripted) -> None:
    """Who stops within the first page has asked for one."""
    venue.on("/data/trades", page([trade(2), trade(1)], "Mg=="))
    async for each in client.iter_trades():
        assert each.id == "t2"
        break
    assert len(venue.asked) == 1


async def test_trades_of_a_builder(venue: Scripted) -> None:
    """The client's own code is meant unless another is named; whoever has none must name one."""
    entry = {
        "id": "b1",
        "builder": "",
        "builderCode": CODE,
        "market": CONDITION,
        "assetId": TOKEN,
        "side": "SELL",
        "size": "1.5",
        "price": "0.5",
        "status": "MINED",
        "builderFee": "0.01",
    }
    venue.on("/builder/trades", page([entry], "LTE="))
    venue.on(
        f"/fees/builder-fees/{CODE}", {"builder_maker_fee_rate_bps": 5, "builder_taker_fee_rate_bps": 10}
    )
    async with connect(venue, builder_code=CODE) as builder:
        found = await builder.get_builder_trades(market=CONDITION)
        assert [(each.builder_code, each.size, each.builder_fee) for each in found] == [
            (CODE, Decimal("1.5"), Decimal("0.01"))
        ]
        assert (await builder.get_builder_fees()).builder_taker_fee_rate_bps == 10
    assert venue.asked[0].query == {"builder_code": [CODE], "market": [CONDITION]}
    async with connect(venue) as client:
        assert (await client.get_builder_fees(CODE.upper().replace("X", "x"))).builder_maker_fee_rate_bps == 5
        with pytest.raises(ConfigError, match="builder_code"):
            await client.get_builder_trades()


# -- balances --


async def test_a_balance_is_in_dollars(client: AsyncClobClient, venue: Scripted) -> None:
    """Millionths become dollars exactly, without limit included, whatever the context of the thread."""
    with localcontext() as context:
        context.prec = 3
        found = await client.get_balance_allowance()
    assert found.balance == Decimal("12.5")
    assert found.allowances == {EXCHANGE: Decimal(str(UNLIMITED)[:-6] + "." + str(UNLIMITED)[-6:])}
    assert found.allowance(EXCHANGE.lower()) == found.allowances[EXCHANGE]
    assert found.allowance(ADDRESS) == 0
    assert venue.asked[0].query == {"asset_type": ["COLLATERAL"], "signature_type": ["0"]}


async def test_contracts_are_spelled_with_their_checksum(client: AsyncClobClient, venue: Scripted) -> None:
    """Whatever capitals the venue writes; what is no address stays as it was told."""
    wrong = "0x" + EXCHANGE[2:].swapcase()
    venue.on("/balance-allowance", {"balance": 0, "allowances": {wrong: 1, "exchange": "2"}})
    found = await client.get_balance_allowance()
    assert found.allowances == {EXCHANGE: Decimal("0.000001"), "exchange": Decimal("0.000002")}


@pytest.mark.parametrize(
    ("asset_type", "token_id", "sent"),
    [
        (None, None, "COLLATERAL"),
        ("collateral", None, "COLLATERAL"),
        (None, TOKEN, "CONDITIONAL"),
        ("CONDITIONAL", TOKEN, "CONDITIONAL"),
        (None, POSITION, "CONDITIONAL-V2"),
        ("CONDITIONAL", POSITION, "CONDITIONAL-V2"),
        ("CONDITIONAL-V2", POSITION, "CONDITIONAL-V2"),
    ],
)
async def test_the_asset_is_told_by_its_token(
    client: AsyncClobClient, venue: Scripted, asset_type: str | None, token_id: str | None, sent: str
) -> None:
    """Position ids are asked for under their own name, which nobody has to know."""
    found = await client.get_balance_allowance(asset_type, token_id)
    assert found.balance == Decimal("12.5")
    assert (venue.asked[0].one("asset_type"), venue.asked[0].one("token_id")) == (sent, token_id)


@pytest.mark.parametrize(
    ("asset_type", "token_id", "words"),
    [
        ("CONDITIONAL", None, "token_id"),
        ("COLLATERAL", TOKEN, "leave asset_type out"),
        ("CONDITIONAL-V2", TOKEN, "leave asset_type out"),
        ("DOLLARS", None, "asset_type is"),
        (None, CONDITION, "get_clob_market"),
    ],
)
async def test_assets_that_make_no_sense(
    client: AsyncClobClient, venue: Scripted, asset_type: str | None, token_id: str | None, words: str
) -> None:
    """A type that does not go with the token is refused before it is sent."""
    with pytest.raises(ConfigError, match=words):
        await client.get_balance_allowance(asset_type, token_id)
    assert venue.asked == []


async def test_the_wallet_is_the_one_that_trades(venue: Scripted) -> None:
    """Balances and notifications are those of the client's own kind of wallet, unless another is named."""
    venue.on("/notifications", [])
    async with connect(venue, signature_type=2) as client:
        await client.get_balance_allowance()
        await client.get_balance_allowance(signature_type=1)
        await client.get_notifications()
        for wrong in (4, True, "1"):
            with pytest.raises(ConfigError, match="signature types are"):
                await client.get_balance_allowance(signature_type=wrong)  # type: ignore[arg-type]
    assert [each.one("signature_type") for each in venue.asked] == ["2", "1", "2"]


async def test_credentials_alone_do_not_say_which_wallet(venue: Scripted) -> None:
    """Without a key the kind of wallet has to be named: a guess would show another's balance."""
    async with connect(venue, key=None, address=ADDRESS) as reader:
        with pytest.raises(ConfigError, match="signature_type"):
            await reader.get_balance_allowance()
        assert (await reader.get_balance_allowance(signature_type=1)).balance == Decimal("12.5")
    assert [each.one("signature_type") for each in venue.asked] == ["1"]


async def test_an_update_says_what_it_saw(client: AsyncClobClient, venue: Scripted) -> None:
    """If the answer is empty the balance is asked for; if not, it is what was answered."""
    venue.on("/balance-allowance/update", httpx.Response(200), {"balance": "7", "allowances": {}})
    assert (await client.update_balance_allowance(token_id=TOKEN)).balance == Decimal("12.5")
    assert (await client.update_balance_allowance(token_id=TOKEN)).balance == Decimal("0.000007")
    assert [each.path for each in venue.asked] == [
        "/balance-allowance/update",
        "/balance-allowance",
        "/balance-allowance/update",
    ]
    assert all(each.query == venue.asked[0].query for each in venue.asked)


# -- wallets --


def funds(held: dict[tuple[str, str | None], str]) -> Any:
    """Answer balances by signature type and token; nothing else is there."""

    def answer(asked: Asked) -> dict[str, Any]:
        kind, token = asked.one("signature_type"), asked.one("token_id")
        assert kind is not None
        return {"balance": held.get((kind, token), "0"), "allowances": {}}

    return answer


async def test_the_wallet_with_the_money(client: AsyncClobClient, venue: Scripted) -> None:
    """All kinds are asked about, and the one that holds something is told with its address."""
    venue.on("/balance-allowance", funds({("2", None): "2000000"}))
    found = await client.detect_wallet()
    safe = derive_wallets(ADDRESS).safe
    assert [each.signature_type for each in found.wallets] == [0, 1, 2, 3]
    assert (found.only().signature_type, found.only().addresses) == (2, (safe,))
    assert found.only().collateral == BalanceAllowance(Decimal(2))


async def test_both_forms_of_deposit_wallets_are_told(client: AsyncClobClient, venue: Scripted) -> None:
    """The venue does not say which form a deposit wallet has."""
    venue.on("/balance-allowance", funds({("3", None): "1"}))
    known = derive_wallets(ADDRESS)
    found = (await client.detect_wallet()).only()
    assert found.addresses == (known.deposit_beacon, known.deposit_uups)


async def test_shares_count_if_they_are_asked_about(client: AsyncClobClient, venue: Scripted) -> None:
    """A wallet without dollars but with shares holds something; other tokens are not looked for."""
    venue.on("/balance-allowance", funds({("1", TOKEN): "3000000"}))
    assert (await client.detect_wallet()).funded == ()
    found = (await client.detect_wallet([OTHER, TOKEN])).only()
    assert (found.signature_type, found.tokens[TOKEN].balance) == (1, Decimal(3))


async def test_several_wallets_with_money(client: AsyncClobClient, venue: Scripted) -> None:
    """There is no telling which is meant; the error lists them with what they hold."""
    venue.on("/balance-allowance", funds({("0", None): "1000000", ("1", None): "2500000"}))
    found = await client.detect_wallet()
    assert [each.signature_type for each in found.funded] == [0, 1]
    with pytest.raises(
        ConfigError, match=r"signature_type=0, .*1\.0+ dollars.*signature_type=1, .*2\.50+ dollars"
    ):
        found.only()


async def test_no_wallet_with_money(client: AsyncClobClient, venue: Scripted) -> None:
    """The error says where money could be sent."""
    venue.on("/balance-allowance", funds({}))
    with pytest.raises(ConfigError, match=derive_wallets(ADDRESS).proxy):
        (await client.detect_wallet()).only()


async def test_a_venue_without_deposit_wallets(client: AsyncClobClient, venue: Scripted) -> None:
    """A type the venue refuses to speak of is left out; any other refusal is an error."""
    no = httpx.Response(400, json={"error": "Invalid signature_type"})
    some = funds({("0", None): "5"})
    venue.on("/balance-allowance", lambda asked: no if asked.one("signature_type") == "3" else some(asked))
    found = await client.detect_wallet()
    assert [each.signature_type for each in found.wallets] == [0, 1, 2]
    venue.on("/balance-allowance", httpx.Response(400, json={"error": "Invalid asset type"}))
    with pytest.raises(BadRequest, match="Invalid asset type"):
        await client.detect_wallet()


async def test_wallets_of_the_test_net(venue: Scripted) -> None:
    """Where the wallet factories are not known, only the key's own address is told."""
    async with connect(venue, chain_id=80002) as client:
        found = await client.detect_wallet()
    assert [each.addresses for each in found.wallets] == [(ADDRESS,), (), (), ()]


async def test_whose_wallets(venue: Scripted) -> None:
    """Nobody has no wallets."""
    async with connect(venue, key=None, creds=None) as stranger:
        with pytest.raises(ConfigError, match="wallet"):
            await stranger.detect_wallet()
    assert venue.asked == []


# -- notifications --


async def test_notifications(client: AsyncClobClient, venue: Scripted) -> None:
    """They are listed with whatever payload their type has, and dropped by id."""
    entry = {"id": 7, "type": 99, "payload": {"x": [1]}, "timestamp": 1785000000}
    venue.on("/notifications", [entry, entry | {"id": 8, "payload": None}])
    venue.on("/notifications", "OK", method="DELETE")
    found = await client.get_notifications()
    assert [(each.id, each.payload) for each in found] == [(7, {"x": [1]}), (8, {})]
    await client.drop_notifications([*found, 9, "10", 9])
    assert venue.asked[-1].query == {"ids": ["7,8,9,10"]}


async def test_dropping_many_or_none(client: AsyncClobClient, venue: Scripted) -> None:
    """Nothing is sent for none, and many go in parts an address can hold."""
    venue.on("/notifications", "OK", method="DELETE")
    await client.drop_notifications([])
    assert venue.asked == []
    await client.drop_notifications(range(250))
    assert [len((each.one("ids") or "").split(",")) for each in venue.asked] == [100, 100, 50]


@pytest.mark.parametrize("wrong", ["78", ["7,8"], [""], [None]])
async def test_what_is_no_notification(client: AsyncClobClient, venue: Scripted, wrong: Any) -> None:
    """Ids are whole numbers in a list."""
    with pytest.raises(ConfigError, match="notification"):
        await client.drop_notifications(wrong)
    assert venue.asked == []
