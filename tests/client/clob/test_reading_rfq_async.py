"""Requests for quotes, against a venue that answers by a script."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from polyspec_wire.clob import models as wire

from polyspec.clob.client_async import AsyncClobClient
from polyspec.errors import (
    ConfigError,
    DecodeError,
    InvalidOrder,
    NotFound,
    OrderRejected,
    ServerError,
)
from tests.client.clob.scripted import ADDRESS, HOST, KEY, OTHER, TOKEN, UNPACED, Scripted, book, creds

pytestmark = pytest.mark.anyio

POSITION = str((1 << 248) | (12345 << 104) | 1)
UNTIL = int(time.time()) + 600
EXCHANGES = {
    False: "0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E",
    True: "0xC5d563A36AE78145C45a50134d48A1215220f80a",
}
FIELDS = {
    "salt": "uint256",
    "maker": "address",
    "signer": "address",
    "taker": "address",
    "tokenId": "uint256",
    "makerAmount": "uint256",
    "takerAmount": "uint256",
    "expiration": "uint256",
    "nonce": "uint256",
    "feeRateBps": "uint256",
    "side": "uint8",
    "signatureType": "uint8",
}


@pytest.fixture
def venue() -> Scripted:
    """Open a venue with books, where requests and quotes are taken."""
    venue = Scripted()
    venue.on("/book", lambda asked: book(asked.one("token_id"), neg_risk=asked.one("token_id") == OTHER))
    venue.on("/rfq/request", {"requestId": "r1"}, method="POST")
    venue.on("/rfq/quote", {"quoteId": "q1"}, method="POST")
    venue.on("/rfq/request/accept", httpx.Response(200, content=b"OK"), method="POST")
    venue.on("/rfq/quote/approve", httpx.Response(200, content=b"OK"), method="POST")
    return venue


def connect(venue: Scripted, **known: Any) -> AsyncClobClient:
    """Connect with a key."""
    http = httpx.AsyncClient(transport=venue.transport)
    return AsyncClobClient(HOST, key=KEY, creds=creds(), settings=UNPACED, http=http, **known)


@pytest.fixture
async def client(venue: Scripted) -> AsyncIterator[AsyncClobClient]:
    """Connect with a key."""
    async with connect(venue) as client:
        yield client


def quote(**changes: Any) -> dict[str, Any]:
    """Return a quote: somebody sells 40 shares at 0.45."""
    return {
        "quoteId": "q1",
        "requestId": "r1",
        "token": TOKEN,
        "complement": OTHER,
        "side": "SELL",
        "sizeIn": "18",
        "sizeOut": "40",
        "price": 0.45,
        "state": "active",
        "matchType": "COMPLEMENTARY",
    } | changes


def page(data: list[Any], following: str = "LTE=") -> dict[str, Any]:
    """Return a page of the venue."""
    return {"data": data, "next_cursor": following, "limit": 2, "count": len(data)}


def signer_of(body: dict[str, Any], *, neg_risk: bool) -> str:
    """Return who signed a flat order for the first version of the exchange, as another library reads it."""
    message = {
        name: body[name] if kind == "address" else int(body[name])
        for name, kind in FIELDS.items()
        if name != "side"
    }
    typed = {
        "primaryType": "Order",
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Order": [{"name": name, "type": kind} for name, kind in FIELDS.items()],
        },
        "domain": {
            "name": "Polymarket CTF Exchange",
            "version": "1",
            "chainId": 137,
            "verifyingContract": EXCHANGES[neg_risk],
        },
        "message": message | {"side": ["BUY", "SELL"].index(body["side"])},
    }
    return str(Account.recover_message(encode_typed_data(full_message=typed), signature=body["signature"]))


# -- asking and quoting --


@pytest.mark.parametrize(
    ("side", "assets", "amounts"),
    [("BUY", (TOKEN, "0"), ("40000000", "18000000")), ("SELL", ("0", TOKEN), ("18000000", "40000000"))],
)
async def test_a_request_says_what_comes_and_what_goes(
    client: AsyncClobClient, venue: Scripted, side: str, assets: tuple[str, str], amounts: tuple[str, str]
) -> None:
    """In is what the asker gets, out is what it gives; collateral is called 0 and counted in millionths."""
    assert await client.rfq.create_request(TOKEN, side, "0.45", 40) == "r1"
    sent = venue.to("/rfq/request")[0].body
    assert ((sent["assetIn"], sent["assetOut"]), (sent["amountIn"], sent["amountOut"])) == (assets, amounts)
    assert sent["userType"] == 0


async def test_a_quote_is_a_request_with_an_id(venue: Scripted) -> None:
    """A quote names the request it is for, and the kind of wallet it comes from."""
    async with connect(venue, signature_type=2) as client:
        assert await client.rfq.create_quote("r1", TOKEN, "SELL", "0.45", 40) == "q1"
    assert venue.to("/rfq/quote")[0].body == {
        "requestId": "r1",
        "assetIn": "0",
        "assetOut": TOKEN,
        "amountIn": "18000000",
        "amountOut": "40000000",
        "userType": 2,
    }


async def test_a_refusal_comes_with_status_200(client: AsyncClobClient, venue: Scripted) -> None:
    """An error is an error, with an id beside it or none; and neither is no answer."""
    refusal = {"error": "rfq is not enabled"}
    venue.on("/rfq/request", refusal, refusal | {"requestId": "r1"}, {}, method="POST")
    for _ in range(2):
        with pytest.raises(OrderRejected, match="not enabled"):
            await client.rfq.create_request(TOKEN, "BUY", "0.45", 40)
    with pytest.raises(DecodeError, match="requestId"):
        await client.rfq.create_request(TOKEN, "BUY", "0.45", 40)


async def test_prices_keep_to_the_grid(client: AsyncClobClient, venue: Scripted) -> None:
    """What is off the market's grid is refused with the nearest values."""
    with pytest.raises(InvalidOrder) as caught:
        await client.rfq.create_request(TOKEN, "BUY", "0.455", 40)
    assert caught.value.nearest == ("0.45", "0.46")
    assert venue.to("/rfq/request") == []


async def test_withdrawing(client: AsyncClobClient, venue: Scripted) -> None:
    """Requests and quotes are withdrawn by id; an empty id withdraws nothing."""
    venue.on("/rfq/request", "OK", method="DELETE")
    venue.on("/rfq/quote", "OK", method="DELETE")
    await client.rfq.cancel_request("r1")
    await client.rfq.cancel_quote("q1")
    assert [each.body for each in venue.asked] == [{"requestId": "r1"}, {"quoteId": "q1"}]
    with pytest.raises(ConfigError, match="request_id"):
        await client.rfq.cancel_request("")


@pytest.mark.parametrize(
    ("name", "path", "item"),
    [
        ("get_requests", "/rfq/data/requests", {"requestId": "r1", "price": 0.5}),
        ("get_requester_quotes", "/rfq/data/requester/quotes", quote()),
        ("get_quoter_quotes", "/rfq/data/quoter/quotes", quote()),
    ],
)
async def test_listings_are_walked(
    client: AsyncClobClient, venue: Scripted, name: str, path: str, item: dict[str, Any]
) -> None:
    """Lists repeat their key, numbers are exact, and the cursor goes on as an offset."""
    venue.on(path, page([item], "Mg=="), page([item]))
    listing = getattr(client.rfq, name)
    found = [each async for each in listing(state="active", request_ids=["r1", "r2"], size_min="1.50")]
    assert [each.request_id for each in found] == ["r1", "r1"]
    first, second = venue.asked
    assert first.query == {"state": ["active"], "requestIds": ["r1", "r2"], "sizeMin": ["1.50"]}
    assert second.query == first.query | {"offset": ["Mg=="]}


async def test_filters_are_checked(client: AsyncClobClient, venue: Scripted) -> None:
    """Token ids are no markets, and floats no sizes."""
    with pytest.raises(ConfigError, match="get_market_by_token"):
        client.rfq.get_requests(markets=[TOKEN])
    with pytest.raises(InvalidOrder, match="float"):
        client.rfq.get_requests(size_min=1.5)  # type: ignore[typeddict-item]
    assert venue.asked == []


async def test_best_quote_and_settings(client: AsyncClobClient, venue: Scripted) -> None:
    """The best quote is read by request; settings come as they are."""
    venue.on("/rfq/data/best-quote", quote())
    venue.on("/rfq/config", {"anything": [1]})
    assert (await client.rfq.get_best_quote("r1")).price == Decimal("0.45")
    assert venue.asked[0].query == {"requestId": ["r1"]}
    assert await client.rfq.get_config() == {"anything": [1]}


# -- taking --


@pytest.mark.parametrize(
    ("changes", "order"),
    [
        ({}, (TOKEN, "BUY", "18000000", "40000000")),
        ({"side": "BUY", "sizeIn": "40", "sizeOut": "18"}, (TOKEN, "SELL", "40000000", "18000000")),
        ({"matchType": "MERGE"}, (OTHER, "SELL", "40000000", "22000000")),
        (
            {"matchType": "MINT", "side": "BUY", "sizeIn": "40", "sizeOut": "18"},
            (OTHER, "BUY", "22000000", "40000000"),
        ),
        ({"matchType": None}, (TOKEN, "BUY", "18000000", "40000000")),
    ],
)
async def test_accepting_a_quote(
    client: AsyncClobClient, venue: Scripted, changes: dict[str, Any], order: tuple[str, ...]
) -> None:
    """The order is the other side of the quote: same token, or the other token for the rest of a dollar."""
    venue.on("/rfq/data/requester/quotes", page([quote(quoteId="q0"), quote(**changes)]))
    assert await client.rfq.accept_quote("q1", UNTIL) == "OK"
    sent = venue.to("/rfq/request/accept")[0].body
    assert (sent["tokenId"], sent["side"], sent["makerAmount"], sent["takerAmount"]) == order
    assert (sent["requestId"], sent["quoteId"], sent["owner"]) == ("r1", "q1", creds().api_key)
    assert (sent["expiration"], sent["nonce"], sent["feeRateBps"]) == (UNTIL, "0", "0")
    assert (sent["maker"], sent["signer"], sent["signatureType"]) == (ADDRESS, ADDRESS, 0)
    assert signer_of(sent, neg_risk=sent["tokenId"] == OTHER) == ADDRESS
    assert venue.to("/rfq/data/requester/quotes")[0].query == {"quoteIds": ["q1"]}


async def test_approving_a_quote(client: AsyncClobClient, venue: Scripted) -> None:
    """The order is what was quoted, signed by the one who quoted it."""
    venue.on("/rfq/data/quoter/quotes", page([quote()]))
    assert await client.rfq.approve_order("q1", UNTIL) == "OK"
    sent = venue.to("/rfq/quote/approve")[0].body
    assert (sent["tokenId"], sent["side"], sent["makerAmount"]) == (TOKEN, "SELL", "40000000")
    assert sent["takerAmount"] == "18000000"
    assert signer_of(sent, neg_risk=False) == ADDRESS


async def test_a_quote_in_hand_is_not_looked_up(client: AsyncClobClient, venue: Scripted) -> None:
    """What was looked at is what is signed; a quote that does not name its request needs it named."""
    held = wire.RfqQuote(quote_id="q9", token=TOKEN, side=wire.Side.SELL, size_out="5", price=Decimal("0.4"))
    with pytest.raises(ConfigError, match="request_id"):
        await client.rfq.accept_quote(held, UNTIL)
    await client.rfq.accept_quote(held, UNTIL, request_id="r9")
    sent = venue.to("/rfq/request/accept")[0].body
    assert (sent["requestId"], sent["quoteId"], sent["makerAmount"]) == ("r9", "q9", "2000000")
    assert venue.to("/rfq/data/requester/quotes") == []


async def test_a_quote_nobody_knows(client: AsyncClobClient, venue: Scripted) -> None:
    """Another quote in the answer is not the one that was asked for."""
    venue.on("/rfq/data/requester/quotes", page([quote(quoteId="q0")]))
    with pytest.raises(NotFound, match="q1"):
        await client.rfq.accept_quote("q1", UNTIL)
    assert venue.to("/rfq/request/accept") == []


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"side": None}, "side"),
        ({"price": None}, "price"),
        ({"sizeOut": None}, "sizeOut"),
        ({"sizeOut": "0"}, "sizeOut"),
        ({"sizeOut": "many"}, "sizeOut"),
        ({"token": None}, "token"),
        ({"matchType": "MINT", "side": "BUY", "complement": ""}, "complement"),
        ({"matchType": "TELEPATHY"}, "TELEPATHY"),
    ],
)
async def test_half_a_quote_is_not_signed(
    client: AsyncClobClient, venue: Scripted, changes: dict[str, Any], where: str
) -> None:
    """A quote that lacks what an order needs is refused by name; nothing is guessed."""
    venue.on("/rfq/data/requester/quotes", page([quote(**changes)]))
    with pytest.raises(DecodeError, match=where):
        await client.rfq.accept_quote("q1", UNTIL)
    assert venue.to("/rfq/request/accept") == []


async def test_what_the_first_version_cannot_settle(client: AsyncClobClient, venue: Scripted) -> None:
    """Past expirations, position ids and deposit wallets are refused before anything is signed."""
    held = wire.RfqQuote(
        quote_id="q9", request_id="r9", token=TOKEN, side=wire.Side.SELL, size_out="5", price=Decimal("0.4")
    )
    with pytest.raises(InvalidOrder, match="past"):
        await client.rfq.accept_quote(held, int(time.time()) - 10)
    position = wire.RfqQuote(
        quote_id="q9",
        request_id="r9",
        token=POSITION,
        side=wire.Side.SELL,
        size_out="5",
        price=Decimal("0.4"),
    )
    with pytest.raises(InvalidOrder, match="position ids"):
        await client.rfq.accept_quote(position, UNTIL)
    async with connect(venue, signature_type=3) as deposit:
        with pytest.raises(ConfigError, match="deposit wallets"):
            await deposit.rfq.accept_quote(held, UNTIL)
    assert venue.to("/rfq/request/accept") == []


async def test_accepting_is_never_repeated(venue: Scripted) -> None:
    """A failure of which nobody knows the outcome is told, not tried again."""
    held = wire.RfqQuote(
        quote_id="q9", request_id="r9", token=TOKEN, side=wire.Side.SELL, size_out="5", price=Decimal("0.4")
    )
    venue.on("/rfq/request/accept", httpx.Response(502, json={"error": "bad gateway"}), method="POST")
    http = httpx.AsyncClient(transport=venue.transport)
    async with AsyncClobClient(HOST, key=KEY, creds=creds(), http=http) as client:
        with pytest.raises(ServerError) as caught:
            await client.rfq.accept_quote(held, UNTIL)
    assert caught.value.maybe_executed
    assert len(venue.to("/rfq/request/accept")) == 1


async def test_without_a_key(venue: Scripted) -> None:
    """Looking is possible with credentials alone, offering is not."""
    venue.on("/rfq/data/requests", page([]))
    http = httpx.AsyncClient(transport=venue.transport)
    async with AsyncClobClient(HOST, creds=creds(), address=ADDRESS, settings=UNPACED, http=http) as reader:
        assert [each async for each in reader.rfq.get_requests()] == []
        with pytest.raises(ConfigError, match="wallet key"):
            await reader.rfq.create_request(TOKEN, "BUY", "0.45", 40)
    assert venue.to("/rfq/request") == []
