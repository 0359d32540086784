"""Balances, builders, rewards, and requests for quotes."""

from __future__ import annotations

from typing import Any

import pytest
from clob_door import V1, Door, members, units
from eth_account.messages import encode_typed_data

from polyspec.sandbox.clob.chain import spenders
from polyspec.sandbox.clob.engine import types as t

CODE = "0x" + "ab" * 32


# -- balances --


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
def test_every_wallet_is_funded(door: Door, kind: int) -> None:
    """Ten thousand of collateral, five hundred shares of each outcome, all allowances; base units."""
    told = door.get("/balance-allowance", asset_type="COLLATERAL", signature_type=kind)
    assert told["balance"] == "10000000000"
    assert set(told["allowances"]) == set(spenders(137))
    assert set(told["allowances"].values()) == {str(2**256 - 1)}
    for token in (door.venue.token_ids[1], door.venue.neg_risk_token_ids[0]):
        shares = door.get("/balance-allowance", asset_type="CONDITIONAL", token_id=token, signature_type=kind)
        assert shares["balance"] == "500000000"
    position = {"asset_type": "CONDITIONAL-V2", "token_id": door.venue.position_ids[0]}
    assert door.get("/balance-allowance", **position)["balance"] == "500000000"


def test_allowances_are_told_by_contract(door: Door) -> None:
    """An allowance that is used up, or never given, is a smaller number."""
    spender = spenders(137)[1]
    with door.world.lock:
        wallet = door.address.lower()
        door.world.apply(t.SetAllowance(wallet=wallet, spender=spender.lower(), amount=5_000_000))
        door.world.apply(t.SetApproval(wallet=wallet, spender=spender.lower(), approved=False))
    told = door.get("/balance-allowance/update", asset_type="COLLATERAL")
    assert told["allowances"][spender] == "5000000"
    told = door.get("/balance-allowance", asset_type="CONDITIONAL", token_id=door.venue.token_ids[0])
    assert told["allowances"][spender] == "0"


def test_the_chain_can_be_looked_at_again(door: Door) -> None:
    """By the document's PUT, with an empty answer, and by the clients' GET."""
    answer = door.send("PUT", "/balance-allowance", params={"asset_type": "COLLATERAL"})
    assert door.good(answer) == {}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "Invalid asset type"),
        ({"asset_type": "GOLD"}, "Invalid asset type"),
        ({"asset_type": "CONDITIONAL"}, "Invalid asset type"),
        ({"asset_type": "COLLATERAL", "signature_type": "4"}, "Invalid signature_type"),
        ({"asset_type": "COLLATERAL", "signature_type": "EOA"}, "Invalid signature_type"),
    ],
    ids=str,
)
def test_bad_balance_requests(door: Door, params: dict[str, str], words: str) -> None:
    """What the venue cannot read is 400, whichever of the three ways it came."""
    for method, path in (("GET", ""), ("PUT", ""), ("GET", "/update")):
        answer = door.send(method, f"/balance-allowance{path}", params=params)
        assert (answer.status_code, answer.json()) == (400, {"error": words})


def test_wallets_can_be_funded(door: Door) -> None:
    """Collateral and complete sets for any address, which can then trade them."""
    wallet = "0x" + "Ab" * 20
    told = door.control("POST", "fund", {"wallet": wallet, "collateral": "12.5", "sets": "3"})
    assert told["balances"]["collateral"] == "12.5"
    assert {told["balances"][token] for token in door.venue.token_ids} == {"3"}
    assert door.control("GET", f"wallets/{wallet}")["balances"] == told["balances"]


# -- builders --


def test_builders_find_their_trades(door: Door, other: Door) -> None:
    """By the code in the order, of taker or maker, with the fee; open to everybody."""
    with door.world.lock:
        door.world.apply(t.SetBuilder(code=CODE, maker_bps=10, taker_bps=50))
    assert door.public(f"/fees/builder-fees/{CODE}") == {
        "builder_maker_fee_rate_bps": 10,
        "builder_taker_fee_rate_bps": 50,
    }
    other.place("SELL", "0.50", "20", builder=CODE)
    door.place("BUY", "0.50", "20", builder=CODE)
    other.place("SELL", "0.50", "20", builder=CODE)
    door.place("BUY", "0.50", "20")
    maker, taker = door.public("/builder/trades", builder_code=CODE)["data"]
    assert (taker["tradeType"], taker["side"], taker["size"], taker["sizeUsdc"]) == (
        "TAKER",
        "BUY",
        "20",
        "10",
    )
    assert (taker["builder"], taker["builderCode"], taker["builderFee"]) == ("", CODE, "0.05")
    assert (maker["tradeType"], maker["side"], maker["builderFee"]) == ("MAKER", "SELL", "0.01")
    page = door.public("/builder/trades", builder_code=CODE, id=taker["id"])
    assert (page["limit"], page["data"]) == (300, [taker])
    assert door.public("/builder/trades", builder_code="0x" + "00" * 31 + "01")["data"] == []


def test_unknown_builders_take_nothing(door: Door) -> None:
    """A code nobody registered has no fees, and a code that is none is refused."""
    assert door.public(f"/fees/builder-fees/{CODE}")["builder_taker_fee_rate_bps"] == 0
    for answer in (
        door.raw("GET", "/fees/builder-fees/me"),
        door.raw("GET", "/builder/trades"),
        door.raw("GET", "/builder/trades", params={"builder_code": CODE, "market": "5"}),
        door.raw("GET", "/builder/trades", params={"builder_code": CODE, "before": "now"}),
    ):
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid builder trade params"})


def test_disabled_builder_codes_make_orders_fail(door: Door) -> None:
    """The order is refused, not the code ignored."""
    with door.world.lock:
        door.world.apply(t.SetBuilder(code=CODE, enabled=False))
    assert door.refused(builder=CODE) == (400, "builder code is disabled")


# -- trades --


def test_trades_select(door: Door, other: Door) -> None:
    """By id, wallet, market, token and time, newest first."""
    ids = []
    for token in door.venue.token_ids[:2]:
        other.place("SELL", "0.50", token=token, kind=1)
        ids.append(door.place("BUY", "0.50", token=token, kind=2)["tradeIDs"][0])
        door.pass_time(10)
    first = door.get("/data/trades", id=ids[0])["data"][0]

    def found(**query: Any) -> list[str]:
        return [each["id"] for each in door.get("/data/trades", **query)["data"]]

    assert found() == found(maker_address=door.wallet(2)) == found(market=first["market"]) == ids[::-1]
    assert found(asset_id=door.venue.token_ids[0]) == found(id=ids[0]) == ids[:1]
    assert found(maker_address=door.wallet(1)) == found(market="0x" + "1" * 64) == []
    matched = int(first["match_time"])
    assert found(before=matched) == found(after=matched, before=matched) == ids[:1]
    assert found(after=matched + 1) == ids[1:]
    assert found(after=matched) == ids[::-1]


@pytest.mark.parametrize(
    "params", [{"maker_address": "0x1"}, {"market": "0x1"}, {"before": "-1"}, {"after": "now"}], ids=str
)
def test_bad_trade_requests(door: Door, params: dict[str, str]) -> None:
    """What the venue cannot read is 400."""
    answer = door.send("GET", "/data/trades", params=params)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid trade params payload"})


# -- rewards --


def test_rewards_have_terms_and_no_earnings(door: Door) -> None:
    """What pays is told everywhere alike; nobody has earned anything, which rebates write as null."""
    listing = next(iter(door.world.listings.values()))
    current = door.public("/rewards/markets/current")
    assert [(each["condition_id"], each["total_daily_rate"]) for each in current["data"]] == [
        (listing.condition_id, 25)
    ]
    assert current["next_cursor"] == "LTE="
    (own,) = door.public(f"/rewards/markets/{listing.condition_id}")["data"]
    (found,) = door.public("/rewards/markets/multi", q="RAIN", order_by="rate_per_day", position="DESC")[
        "data"
    ]
    assert own["rewards_config"] == found["rewards_config"]
    assert found["end_date"] == "2027-12-31 00:00:00+00"
    assert door.public("/rewards/markets/multi", q="snow")["data"] == []
    (mine,) = door.get("/rewards/user/markets", date="2026-10-01")["data"]
    assert (mine["condition_id"], mine["earnings"]) == (listing.condition_id, [])
    assert door.get("/rewards/user", date="2026-10-01")["data"] == []
    assert door.get("/rewards/user/total", date="2026-10-01") == []
    assert door.get("/rewards/user/percentages") == {}
    assert door.public("/rebates/current", date="2026-10-01", maker_address=door.address) is None


@pytest.mark.parametrize(
    ("path", "params", "words"),
    [
        ("/rewards/user", {}, "Invalid date (format: YYYY-MM-DD)"),
        ("/rewards/user", {"date": "2026-13-01"}, "Invalid date (format: YYYY-MM-DD)"),
        ("/rewards/user", {"date": "2026-10-01", "signature_type": "9"}, "Invalid signature_type"),
        ("/rewards/user/total", {"date": "2026-10-01", "maker_address": "me"}, "Invalid maker_address"),
        ("/rewards/user/percentages", {"maker_address": "me"}, "Invalid maker_address"),
        ("/rewards/user/markets", {"page_size": "501"}, "Invalid page_size"),
        ("/rewards/markets/current", {"next_cursor": "x"}, "Invalid next_cursor"),
        ("/rewards/markets/0x1", {}, "Invalid market"),
        ("/rewards/markets/multi", {"order_by": "luck"}, "Invalid order_by"),
        ("/rewards/markets/multi", {"position": "UP"}, "Invalid position"),
        ("/rebates/current", {"maker_address": "0x" + "1" * 40}, "Invalid date"),
        ("/rebates/current", {"date": "2026-10-01"}, "Invalid maker_address"),
    ],
    ids=str,
)
def test_bad_reward_requests(door: Door, path: str, params: dict[str, str], words: str) -> None:
    """Each is refused in its own words."""
    answer = door.send("GET", path, params=params)
    assert (answer.status_code, answer.json()) == (400, {"error": words})


# -- requests for quotes --


def offer(door: Door, side: str, shares: str, price: str, token: str, **more: Any) -> dict[str, Any]:
    """Return an offer to buy or sell shares."""
    collateral = units(price) * units(shares) // 10**6
    assets = {"assetIn": token, "assetOut": "0", "amountIn": str(units(shares)), "amountOut": str(collateral)}
    if side == "SELL":
        assets = {
            "assetIn": "0",
            "assetOut": token,
            "amountIn": str(collateral),
            "amountOut": str(units(shares)),
        }
    return {**assets, "userType": 0, **more}


def flat(
    door: Door, ids: dict[str, str], side: str, shares: str, price: str, token: str, **changes: Any
) -> Any:
    """Return a quote and a flat order of the first version that takes it."""
    from clob_door import FIELDS_V1

    collateral = units(price) * units(shares) // 10**6
    given, wanted = (collateral, units(shares)) if side == "BUY" else (units(shares), collateral)
    order: dict[str, Any] = {
        "salt": 77,
        "maker": door.address,
        "signer": door.address,
        "taker": "0x" + "0" * 40,
        "tokenId": token,
        "makerAmount": str(given),
        "takerAmount": str(wanted),
        "expiration": 0,
        "nonce": "0",
        "feeRateBps": "0",
        "side": side,
        "signatureType": 0,
        **changes,
    }
    numbers = ("tokenId", "makerAmount", "takerAmount", "nonce", "feeRateBps")
    message = {**order, "side": int(side == "SELL"), **{name: int(order[name]) for name in numbers}}
    exchange = V1[token in door.venue.neg_risk_token_ids]
    domain = {
        "name": "Polymarket CTF Exchange",
        "version": "1",
        "chainId": 137,
        "verifyingContract": exchange,
    }
    signed = door.account.sign_message(encode_typed_data(domain, {"Order": members(FIELDS_V1)}, message))
    signature = "0x" + bytes(signed.signature).hex()
    return {**ids, "owner": door.creds["apiKey"], **order, "signature": signature}


def holdings(door: Door, token: str) -> tuple[int, int]:
    """Return collateral and shares of a wallet, in base units."""
    wallet = door.address.lower()
    return (
        door.world.exchange.holding(wallet).balance,
        door.world.exchange.holding(wallet, token).balance,
    )


@pytest.mark.parametrize(
    ("asks", "quotes", "same_token", "kind"),
    [
        ("BUY", "SELL", True, "COMPLEMENTARY"),
        ("SELL", "BUY", True, "COMPLEMENTARY"),
        ("BUY", "BUY", False, "MINT"),
        ("SELL", "SELL", False, "MERGE"),
    ],
)
@pytest.mark.parametrize("neg_risk", [False, True])
def test_a_quote_is_asked_for_accepted_and_approved(
    door: Door, other: Door, asks: str, quotes: str, same_token: bool, kind: str, neg_risk: bool
) -> None:
    """Whichever way the two meet, the requester trades at the quoted price and collateral is kept."""
    tokens = (door.venue.neg_risk_token_ids if neg_risk else door.venue.token_ids)[:2]
    token, quoted = tokens[0], tokens[0] if same_token else tokens[1]
    price = "0.40" if same_token else "0.60"
    request_id = door.post("/rfq/request", offer(door, asks, "50", "0.41", token))["requestId"]
    body = offer(other, quotes, "50", price, quoted, requestId=request_id)
    quote_id = other.post("/rfq/quote", body)["quoteId"]
    (shown,) = door.get("/rfq/data/requester/quotes")["data"]
    assert (shown["quoteId"], shown["matchType"], shown["state"]) == (quote_id, kind, "active")
    assert door.get("/rfq/data/best-quote", requestId=request_id) == shown
    before = holdings(door, token), holdings(other, quoted)
    ids = {"requestId": request_id, "quoteId": quote_id}
    assert door.post("/rfq/request/accept", flat(door, ids, asks, "50", "0.40", token)) == "OK"
    assert holdings(door, token) == before[0]
    assert other.post("/rfq/quote/approve", flat(other, ids, quotes, "50", price, quoted)) == "OK"
    sign = 1 if asks == "BUY" else -1
    after = holdings(door, token)
    assert (after[0] - before[0][0], after[1] - before[0][1]) == (-sign * 20_000_000, sign * 50_000_000)
    sign = 1 if quotes == "BUY" else -1
    paid = units(price) * 50
    after = holdings(other, quoted)
    assert (after[0] - before[1][0], after[1] - before[1][1]) == (-sign * paid, sign * 50_000_000)
    door.world.exchange.audit()
    (done,) = door.get("/rfq/data/requests", state="inactive")["data"]
    assert (done["requestId"], done["acceptedQuoteId"]) == (request_id, quote_id)


@pytest.fixture
def asked(door: Door, other: Door) -> dict[str, str]:
    """A request of the first key to buy 50 at 0.41, quoted by the second at 0.40."""
    token = door.venue.token_ids[0]
    request_id = door.post("/rfq/request", offer(door, "BUY", "50", "0.41", token))["requestId"]
    body = offer(other, "SELL", "50", "0.40", token, requestId=request_id)
    return {"requestId": request_id, "quoteId": other.post("/rfq/quote", body)["quoteId"]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"price": "0.39"}, "order does not match the quote"),
        ({"shares": "49"}, "order does not match the quote"),
        ({"side": "SELL"}, "order does not match the quote"),
        ({"nonce": "1", "signature": "0x"}, "invalid signature"),
        ({"signatureType": 3}, "Invalid signature_type"),
        ({"owner": "somebody"}, "the order owner has to be the owner of the API KEY"),
    ],
    ids=str,
)
def test_accepting_takes_the_agreed_order(
    door: Door, asked: dict[str, str], changes: dict[str, Any], words: str
) -> None:
    """Another price, size, side, owner or signature accepts nothing."""
    terms = {"side": "BUY", "shares": "50", "price": "0.40"}
    terms |= {name: changes[name] for name in terms if name in changes}
    more = {name: value for name, value in changes.items() if name in ("nonce", "signatureType")}
    body = flat(door, asked, terms["side"], terms["shares"], terms["price"], door.venue.token_ids[0], **more)
    body |= {name: changes[name] for name in ("owner", "signature") if name in changes}
    answer = door.send("POST", "/rfq/request/accept", body)
    assert (answer.status_code, answer.json()) == (400, {"error": words})


def test_quotes_are_approved_after_they_were_accepted(door: Door, other: Door, asked: dict[str, str]) -> None:
    """Not before, not twice, and not by the requester."""
    token = door.venue.token_ids[0]
    approval = flat(other, asked, "SELL", "50", "0.40", token)
    assert other.send("POST", "/rfq/quote/approve", approval).json() == {"error": "quote was not accepted"}
    acceptance = flat(door, asked, "BUY", "50", "0.40", token)
    door.post("/rfq/request/accept", acceptance)
    assert door.send("POST", "/rfq/request/accept", acceptance).json() == {"error": "quote is not active"}
    other.post("/rfq/quote/approve", approval)
    assert other.send("POST", "/rfq/quote/approve", approval).status_code == 400


def test_an_approval_needs_cover(door: Door, other: Door, asked: dict[str, str]) -> None:
    """Who cannot pay any more makes the exchange fail as a whole."""
    token = door.venue.token_ids[0]
    door.post("/rfq/request/accept", flat(door, asked, "BUY", "50", "0.40", token))
    with door.world.lock:
        door.world.apply(t.Withdraw(wallet=door.address.lower(), amount=9_990_000_000))
    before = holdings(other, token)
    answer = other.send("POST", "/rfq/quote/approve", flat(other, asked, "SELL", "50", "0.40", token))
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("not enough balance / allowance")
    assert holdings(other, token) == before


def test_requests_and_quotes_can_be_withdrawn(door: Door, other: Door, asked: dict[str, str]) -> None:
    """By their maker only; a withdrawn one is inactive and takes no more quotes."""
    assert door.send("DELETE", "/rfq/quote", {"quoteId": asked["quoteId"]}).status_code == 404
    assert other.delete("/rfq/quote", {"quoteId": asked["quoteId"]}) == "OK"
    assert other.get("/rfq/data/quoter/quotes", state="active")["data"] == []
    assert other.send("DELETE", "/rfq/request", {"requestId": asked["requestId"]}).status_code == 404
    assert door.delete("/rfq/request", {"requestId": asked["requestId"]}) == "OK"
    assert door.send("DELETE", "/rfq/request", {"requestId": asked["requestId"]}).status_code == 400
    body = offer(other, "SELL", "50", "0.40", door.venue.token_ids[0], requestId=asked["requestId"])
    assert other.send("POST", "/rfq/quote", body).json() == {"error": "request is not active"}


def test_requests_expire(door: Door, asked: dict[str, str]) -> None:
    """After the time the configuration tells."""
    seconds = door.get("/rfq/config")["requestExpirySeconds"]
    assert len(door.get("/rfq/data/requests", state="active")["data"]) == 1
    door.pass_time(seconds + 1)
    assert door.get("/rfq/data/requests", state="active")["data"] == []
    answer = door.send("GET", "/rfq/data/best-quote", params={"requestId": asked["requestId"]})
    assert answer.status_code == 404


def test_the_best_quote_is_best_for_the_requester(door: Door, other: Door, asked: dict[str, str]) -> None:
    """A buyer gets the lowest price, also when it comes from the other outcome."""
    first, second = door.venue.token_ids[:2]
    other.post("/rfq/quote", offer(other, "SELL", "50", "0.41", first, requestId=asked["requestId"]))
    cheap = other.post("/rfq/quote", offer(other, "BUY", "50", "0.62", second, requestId=asked["requestId"]))
    best = door.get("/rfq/data/best-quote", requestId=asked["requestId"])
    assert (best["quoteId"], best["matchType"]) == (cheap["quoteId"], "MINT")


def test_lists_of_requests_select(door: Door, asked: dict[str, str]) -> None:
    """By state, id, market, size and price; sorted, page by page."""
    token = door.venue.token_ids[0]
    later = door.post("/rfq/request", offer(door, "SELL", "20", "0.70", token))["requestId"]

    def found(**query: Any) -> list[str]:
        return [each["requestId"] for each in door.get("/rfq/data/requests", **query)["data"]]

    assert found() == [later, asked["requestId"]]
    assert found(sortBy="size", sortDir="desc") == found(sortBy="price", sortDir="asc") == found()[::-1]
    assert found(requestIds=later) == found(priceMin="0.5") == found(sizeMax="20") == [later]
    assert found(sizeUsdcMin="20") == [asked["requestId"]]
    assert found(markets="0x" + "1" * 64) == found(state="inactive") == []
    first = door.get("/rfq/data/requests", limit=1)
    assert (first["count"], first["total_count"]) == (1, 2)
    assert found(limit=1, offset=first["next_cursor"]) == [asked["requestId"]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assetIn": "0"}, "invalid assets"),
        ({"assetIn": "5"}, "invalid assets"),
        ({"amountIn": "0"}, "invalid amounts"),
        ({"amountIn": "1.5"}, "invalid amounts"),
        ({"amountOut": "50000000"}, "invalid amounts"),
        ({"userType": 7}, "Invalid signature_type"),
        ({"userType": "0"}, "Invalid payload"),
    ],
    ids=str,
)
def test_bad_requests_for_quotes(door: Door, changes: dict[str, Any], words: str) -> None:
    """What names no exchange of shares for collateral is 400."""
    body = {**offer(door, "BUY", "50", "0.41", door.venue.token_ids[0]), **changes}
    answer = door.send("POST", "/rfq/request", body)
    assert (answer.status_code, answer.json()) == (400, {"error": words})


@pytest.mark.parametrize(
    ("side", "shares", "token", "words"),
    [
        ("BUY", "50", 0, "quote does not answer the request"),
        ("SELL", "50", 1, "quote does not answer the request"),
        ("SELL", "50", 2, "quote does not answer the request"),
        ("SELL", "51", 0, "quote is larger than the request"),
    ],
)
def test_quotes_answer_their_request(
    door: Door, other: Door, asked: dict[str, str], side: str, shares: str, token: int, words: str
) -> None:
    """Same token and other side, or other token and same side, and not more than was asked for."""
    body = offer(other, side, shares, "0.40", door.venue.token_ids[token], requestId=asked["requestId"])
    answer = other.send("POST", "/rfq/quote", body)
    assert (answer.status_code, answer.json()) == (400, {"error": words})


def test_nobody_quotes_himself(door: Door, asked: dict[str, str]) -> None:
    """A request is for others."""
    body = offer(door, "SELL", "50", "0.40", door.venue.token_ids[0], requestId=asked["requestId"])
    assert door.send("POST", "/rfq/quote", body).json() == {"error": "cannot quote own request"}
