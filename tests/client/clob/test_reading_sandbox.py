# Mirrored from test_reading_sandbox_async.py by `python -m generator.mirror`; do not edit.
"""What was written is what is read: prices, trades, balances, wallets and quotes on the sandbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from eth_account import Account
from polyspec_wire.clob import models as wire

from polyspec import Sandbox
from polyspec.clob.client import ClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.wallets import derive_wallets
from polyspec.errors import BadRequest, ConfigError, InvalidOrder, NotFound
from polyspec.sandbox.clob.options import ClobOptions

UNPACED = ClobSettings(pacing=False)
MILLION = 1_000_000


@pytest.fixture(scope="module", params=["plain", "prefixed"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Run a sandbox without a market maker, whose statuses are spelled in either way."""
    options = ClobOptions(
        mined_delay=0.05, confirmed_delay=0.05, prefixed_statuses=request.param == "prefixed"
    )
    with Sandbox(venues=["clob"], clob=options, quiet=True, rate_limits=False) as sandbox:
        yield sandbox


def fund(sandbox: Sandbox, wallet: str, dollars: int = 1000, sets: int = 100) -> None:
    """Give a wallet dollars, complete sets of every market, and all allowances."""
    world = sandbox.clob_venue.world
    with world.lock:
        world.apply_all(world.funding(wallet.lower(), dollars * MILLION, sets * MILLION))


def connect(sandbox: Sandbox, key: str, **known: Any) -> ClobClient:
    """Connect with a key."""
    return ClobClient(sandbox.clob_venue.rest, key=key, settings=UNPACED, **known)


def new_key() -> str:
    """Make a key nobody else uses."""
    return "0x" + bytes(Account.create().key).hex()


@pytest.fixture
def maker(sandbox: Sandbox) -> Iterator[ClobClient]:
    """Open a wallet with money, for one test."""
    with connect(sandbox, new_key()) as client:
        assert client.address is not None
        fund(sandbox, client.address)
        yield client
        client.cancel_all()


@pytest.fixture
def taker(sandbox: Sandbox) -> Iterator[ClobClient]:
    """Open another wallet with money, for one test."""
    with connect(sandbox, new_key()) as client:
        assert client.address is not None
        fund(sandbox, client.address)
        yield client


def quote_both_sides(maker: ClobClient, token: str) -> None:
    """Offer 100 shares at 0.40 and 0.60, and ten more on either side a cent closer."""
    for side, price, size in (
        ("BUY", "0.40", 100),
        ("BUY", "0.41", 10),
        ("SELL", "0.60", 90),
        ("SELL", "0.59", 10),
    ):
        placed = maker.create_and_post_order(token_id=token, side=side, price=price, size=size)
        placed.unwrap()


def settled(client: ClobClient, trade_id: str) -> wire.Trade:
    """Wait until a trade is final."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        (found,) = client.get_trades(id=trade_id)
        if found.status in (wire.TradeStatus.CONFIRMED, wire.TradeStatus.FAILED):
            return found
    raise AssertionError("the trade is not final after ten seconds")


# -- the market --


def test_prices_are_those_of_the_book(sandbox: Sandbox, maker: ClobClient) -> None:
    """One by one and many at once, every price is the one the book shows; BUY is the bid."""
    token, other = sandbox.clob_venue.token_ids[:2]
    quote_both_sides(maker, token)
    book = maker.get_order_book(token)
    assert [(str(each.price), each.size) for each in book.bids] == [("0.4", 100), ("0.41", 10)]
    assert [(str(each.price), each.size) for each in book.asks] == [("0.6", 90), ("0.59", 10)]
    assert maker.get_price(token, "BUY") == book.bids[-1].price
    assert maker.get_price(token, "SELL") == book.asks[-1].price
    assert maker.get_midpoint(token) == Decimal("0.5")
    assert maker.get_spread(token) == Decimal("0.18")
    assert maker.get_prices([token])[token] == {"BUY": Decimal("0.41"), "SELL": Decimal("0.59")}
    assert maker.get_midpoints([token]) == {token: Decimal("0.5")}
    assert maker.get_spreads([token]) == {token: Decimal("0.18")}
    assert [each.asset_id for each in maker.get_order_books([other, token])] == [other, token]


def test_the_price_of_a_market_order_is_what_it_needs(sandbox: Sandbox, maker: ClobClient) -> None:
    """The price returned is the worst level a fill of that amount touches."""
    token = sandbox.clob_venue.token_ids[0]
    quote_both_sides(maker, token)
    assert maker.calculate_market_price(token, "BUY", "5.90") == Decimal("0.59")
    assert maker.calculate_market_price(token, "BUY", "5.91") == Decimal("0.60")
    assert maker.calculate_market_price(token, "SELL", 10) == Decimal("0.41")
    assert maker.calculate_market_price(token, "SELL", "10.01") == Decimal("0.40")
    with pytest.raises(InvalidOrder, match="no match"):
        maker.calculate_market_price(token, "SELL", 111)


def test_an_empty_book_has_no_price(sandbox: Sandbox, taker: ClobClient) -> None:
    """Nothing is made up: one by one it is not found, among many it is left out."""
    token = sandbox.clob_venue.neg_risk_token_ids[0]
    for read in (taker.get_midpoint, taker.get_spread):
        with pytest.raises(NotFound):
            read(token)
    assert taker.get_midpoints([token]) == {}
    assert taker.get_prices([token]) == {}
    assert taker.get_last_trade_price(token) is None
    assert taker.get_last_trades_prices([token]) == {}
    assert taker.get_order_book(token).bids == []


def test_terms_agree_wherever_they_are_told(sandbox: Sandbox, taker: ClobClient) -> None:
    """Ticks, neg risk and markets of all tokens are the same by token, by market and in the listing."""
    venue = sandbox.clob_venue
    listed = {each.condition_id: each for each in taker.get_markets()}
    short = [each.condition_id for each in taker.get_simplified_markets()]
    assert short == list(listed)
    for token in (*venue.token_ids, *venue.neg_risk_token_ids, *venue.position_ids):
        found = taker.get_market_by_token(token)
        market, details = listed[found.condition_id], taker.get_clob_market(found.condition_id)
        assert taker.get_market(found.condition_id) == market
        assert token in [each.t for each in details.t]
        assert token in [each.token_id for each in market.tokens]
        assert taker.get_tick_size(token) == market.minimum_tick_size == details.mts
        assert taker.get_neg_risk(token) == market.neg_risk == details.nr
        fees = taker.get_fee_schedule(token)
        assert fees.rate == (details.fd.r if details.fd and details.fd.r else 0)
    assert {taker.get_neg_risk(each) for each in venue.neg_risk_token_ids} == {True}


def test_what_nobody_knows(taker: ClobClient) -> None:
    """Tokens and markets that do not exist are not found."""
    for read in (taker.get_order_book, taker.get_midpoint, taker.get_tick_size, taker.get_market_by_token):
        with pytest.raises(NotFound):
            read("123456789")
    with pytest.raises((NotFound, BadRequest)):
        taker.get_market("0x" + "00" * 32)
    assert taker.get_order_books(["123456789"]) == []


def test_past_prices(sandbox: Sandbox, maker: ClobClient) -> None:
    """Every interval is taken with the points it needs, and ends now."""
    token = sandbox.clob_venue.token_ids[0]
    quote_both_sides(maker, token)
    for interval in ("1h", "6h", "1d", "1w", "1m", "max", "all"):
        found = maker.get_prices_history(token, interval=interval)
        assert found[-1].p == Decimal("0.5")
        assert abs(found[-1].t - time.time()) < 60
        assert list(maker.get_batch_prices_history([token], interval=interval)) == [token]


def test_the_venue_is_up(taker: ClobClient) -> None:
    """It says so, tells the time in seconds, and takes orders of the second version."""
    assert taker.get_ok()
    assert abs(taker.get_server_time() - time.time()) < 60
    assert taker.get_version() == 2


# -- the wallet --


def test_a_trade_from_both_sides(sandbox: Sandbox, maker: ClobClient, taker: ClobClient) -> None:
    """Taker and maker are told the same trade, each its own part, until it is confirmed; money follows."""
    token = sandbox.clob_venue.token_ids[2]
    asked = maker.create_and_post_order(token_id=token, side="SELL", price="0.5", size=20)
    bought = taker.create_and_post_market_order(token_id=token, side="BUY", amount=5).unwrap()
    (trade_id,) = bought.trade_ids
    mine = settled(taker, trade_id)
    assert (mine.status, mine.trader_side) == (wire.TradeStatus.CONFIRMED, wire.TraderSide.TAKER)
    assert (mine.side, mine.size, mine.price) == (wire.Side.BUY, 10, Decimal("0.5"))
    (theirs,) = list(maker.iter_trades(asset_id=token))
    assert (theirs.id, theirs.trader_side) == (trade_id, wire.TraderSide.MAKER)
    (part,) = theirs.maker_orders
    assert (part.order_id, part.matched_amount) == (asked.unwrap().order_id, 10)
    assert taker.get_trades(market=mine.market, asset_id=token) == [mine]
    assert taker.get_trades(before=int(mine.match_time) - 60) == []
    assert taker.get_balance_allowance(token_id=token).balance == 110
    assert maker.get_balance_allowance().balance == 1005
    last = taker.get_last_trade_price(token)
    assert last is not None
    assert (last.price, last.side) == (Decimal("0.5"), wire.TradedSide.BUY)
    assert taker.get_last_trades_prices([token])[token].price == last.price


def test_notifications_are_told_until_dropped(sandbox: Sandbox, maker: ClobClient, taker: ClobClient) -> None:
    """A fill is told once, to the wallet it is of."""
    token = sandbox.clob_venue.token_ids[2]
    maker.create_and_post_order(token_id=token, side="SELL", price="0.5", size=20)
    assert taker.get_notifications() == []
    taker.create_and_post_market_order(token_id=token, side="BUY", amount=5)
    told = taker.get_notifications()
    assert {each.type for each in told} == {2}
    taker.drop_notifications(told)
    assert taker.get_notifications() == []


def test_trades_of_a_builder(sandbox: Sandbox, maker: ClobClient) -> None:
    """Orders made with a code are found by it, and others are not."""
    token, code = sandbox.clob_venue.token_ids[2], "0x" + new_key()[2:]
    maker.create_and_post_order(token_id=token, side="SELL", price="0.5", size=20)
    with connect(sandbox, new_key(), builder_code=code) as buyer:
        assert buyer.address is not None
        fund(sandbox, buyer.address)
        assert buyer.get_builder_trades() == []
        buyer.create_and_post_market_order(token_id=token, side="BUY", amount=5)
        (found,) = buyer.get_builder_trades()
        assert (found.builder_code or found.builder, found.size) == (code, 10)
        assert buyer.get_builder_trades("0x" + "ee" * 32) == []
        assert buyer.get_builder_fees().builder_taker_fee_rate_bps == 0


def test_the_wallet_with_the_money_trades(sandbox: Sandbox) -> None:
    """A key learns which of its wallets holds the money, and what it says works for orders."""
    key = new_key()
    with connect(sandbox, key) as client:
        assert client.address is not None
        with pytest.raises(ConfigError, match="nothing in any wallet"):
            client.detect_wallet().only()
        fund(sandbox, derive_wallets(client.address).safe, dollars=7)
        found = client.detect_wallet().only()
        assert (found.signature_type, found.collateral.balance) == (2, 7)
        fund(sandbox, client.address, dollars=1)
        with pytest.raises(ConfigError, match="several"):
            client.detect_wallet().only()
    with connect(sandbox, key, signature_type=found.signature_type) as safe:
        assert safe.get_balance_allowance().balance == 7
        assert safe.update_balance_allowance().balance == 7
        token = sandbox.clob_venue.token_ids[0]
        placed = safe.create_and_post_order(token_id=token, side="BUY", price="0.01", size=100)
        assert placed.unwrap().status == "live"
        safe.cancel_all()


def test_position_ids_have_balances(sandbox: Sandbox, taker: ClobClient) -> None:
    """They are asked for under their own name without anybody saying it."""
    for token in sandbox.clob_venue.position_ids:
        assert taker.get_balance_allowance(token_id=token).balance == 100
        assert taker.get_balance_allowance("CONDITIONAL", token).balance == 100


def test_rewards_can_be_read(taker: ClobClient) -> None:
    """What pays rewards is listed the same way everywhere, and a new wallet has earned nothing."""
    current = [each.condition_id for each in taker.get_current_rewards()]
    assert current == [each.condition_id for each in taker.get_sampling_markets()]
    assert current == [each.condition_id for each in taker.get_sampling_simplified_markets()]
    assert current == [each.condition_id for each in taker.get_multi_market_rewards()]
    assert current == [each.condition_id for each in taker.get_user_rewards_markets()]
    assert [each.condition_id for each in taker.get_market_rewards(current[0])] == current[:1]
    assert list(taker.get_user_earnings("2026-08-01")) == []
    assert taker.get_user_total_earnings("2026-08-01") == []
    assert taker.get_user_reward_percentages() == {}
    assert taker.get_rebates("2026-08-01") == []


# -- quotes --


@pytest.mark.parametrize(
    ("asked", "given", "shares"),
    [
        (("SELL", "BUY"), 0, (-20, 20)),
        (("BUY", "SELL"), 0, (20, -20)),
        (("BUY", "BUY"), 1, (20, 20)),
        (("SELL", "SELL"), 1, (-20, -20)),
    ],
    ids=["sale", "purchase", "mint", "merge"],
)
def test_a_quote_is_settled(
    sandbox: Sandbox,
    maker: ClobClient,
    taker: ClobClient,
    asked: tuple[str, str],
    given: int,
    shares: tuple[int, int],
) -> None:
    """Request, quote, acceptance and approval move shares and dollars of both, in every kind of match."""
    tokens = sandbox.clob_venue.token_ids[:2]
    request_id = taker.rfq.create_request(tokens[0], asked[0], "0.45", 20)
    (request,) = list(maker.rfq.get_requests(request_ids=[request_id]))
    price = "0.45" if given == 0 else "0.55"
    quote_id = maker.rfq.create_quote(request.request_id, tokens[given], asked[1], price, 20)
    best = taker.rfq.get_best_quote(request_id)
    assert best.quote_id == quote_id
    assert [each.quote_id for each in taker.rfq.get_requester_quotes(request_ids=[request_id])] == [quote_id]
    until = int(time.time()) + 600
    taker.rfq.accept_quote(best, until)
    maker.rfq.approve_order(quote_id, until)
    mine = taker.get_balance_allowance(token_id=tokens[0])
    theirs = maker.get_balance_allowance(token_id=tokens[given])
    assert (mine.balance - 100, theirs.balance - 100) == shares
    assert taker.get_balance_allowance().balance == 1000 - (9 if asked[0] == "BUY" else -9)


def test_what_was_withdrawn_cannot_be_taken(sandbox: Sandbox, maker: ClobClient, taker: ClobClient) -> None:
    """A withdrawn quote is refused, and so is a quote on a withdrawn request."""
    token = sandbox.clob_venue.token_ids[0]
    request_id = taker.rfq.create_request(token, "BUY", "0.45", 20)
    quote_id = maker.rfq.create_quote(request_id, token, "SELL", "0.45", 20)
    maker.rfq.cancel_quote(quote_id)
    with pytest.raises(BadRequest, match="not active"):
        taker.rfq.accept_quote(quote_id, int(time.time()) + 600)
    taker.rfq.cancel_request(request_id)
    with pytest.raises(BadRequest, match="not active"):
        maker.rfq.create_quote(request_id, token, "SELL", "0.45", 20)
    assert "requestExpirySeconds" in taker.rfq.get_config()
