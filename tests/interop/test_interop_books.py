"""The venue's own clients read the sandbox's books and markets."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.interop.casting import BY_HAND, UNIFIED, only
from tests.interop.driven import PeerRefused
from tests.interop.stage import Stage, decimal


def prices(levels: list[dict[str, str]]) -> list[tuple[Decimal, Decimal]]:
    """Return levels as the sandbox's engine has them: best first."""
    return [(Decimal(each["price"]), Decimal(each["size"])) for each in reversed(levels)]


def fill_book(stage: Stage, token: str) -> None:
    """Put two levels on either side."""
    for side, steps in (("BUY", ("0.38", "0.4")), ("SELL", ("0.62", "0.6"))):
        for price in steps:
            stage.trader()("place", token=token, side=side, price=price, size="12.5")


def test_a_book_is_read_as_it_is(stage: Stage) -> None:
    """Every level, the terms and the hash of a book arrive; the peer's own hash of it is the same."""
    listing = stage.listing("rain")
    token = listing.token_ids[0]
    fill_book(stage, token)
    told = stage.peer("book", token=token)
    assert (prices(told["bids"]), prices(told["asks"])) == stage.levels(token)
    assert prices(told["bids"])[0][0] == Decimal("0.4")
    assert (told["market"], told["asset_id"]) == (listing.condition_id, token)
    assert Decimal(told["tick_size"]) == decimal(listing.tick)
    assert Decimal(told["min_order_size"]) == 5
    assert told["neg_risk"] is False
    assert told.get("own_hash", told["hash"]) == told["hash"]


def test_both_outcomes_share_one_book(stage: Stage) -> None:
    """A bid for one outcome is read as an offer of the other at the rest to one."""
    yes, no = stage.listing("rain").token_ids
    fill_book(stage, yes)
    told = {each["asset_id"]: each for each in stage.peer("books", tokens=[yes, no])}
    mirrored = [(1 - price, size) for price, size in prices(told[yes]["bids"])]
    assert prices(told[no]["asks"]) == mirrored


def test_quotes(stage: Stage) -> None:
    """Middle, best prices, spread and last trade are those of the book."""
    token = stage.listing("rocket").token_ids[0]
    fill_plain(stage, token)
    told = stage.peer("quotes", token=token)
    assert [Decimal(told[name]) for name in ("bid", "ask", "midpoint", "spread")] == [
        Decimal(each) for each in ("0.4", "0.6", "0.5", "0.2")
    ]


def fill_plain(stage: Stage, token: str) -> None:
    """Put two levels on either side of a market with newer ids."""
    for side, price in (("BUY", "0.4"), ("SELL", "0.6")):
        stage.trader()("place", token=token, side=side, price=price, size="10", position=True)


def test_quotes_of_many(stage: Stage) -> None:
    """The batches say what the single reads say."""
    tokens = [stage.listing("rain").token_ids[0], stage.listing("treaty").token_ids[0]]
    fill_book(stage, tokens[0])
    for side, price in (("BUY", "0.3"), ("SELL", "0.5")):
        stage.trader()("place", token=tokens[1], side=side, price=price, size="10")
    told = stage.peer("many_quotes", tokens=tokens)
    for token, bid, ask in zip(tokens, ("0.4", "0.3"), ("0.6", "0.5"), strict=True):
        assert Decimal(told["prices"][token]["BUY"]) == Decimal(bid)
        assert Decimal(told["prices"][token]["SELL"]) == Decimal(ask)
        assert Decimal(told["midpoints"][token]) == (Decimal(bid) + Decimal(ask)) / 2
        assert Decimal(told["spreads"][token]) == Decimal(ask) - Decimal(bid)


def test_the_last_trade(stage: Stage) -> None:
    """The last trade is nobody's before there is one, then the one that was made."""
    token = stage.listing("inflation").token_ids[0]
    if stage.exchange.last_trade(token) is None:
        assert stage.peer("quotes_last", token=token)["side"] == ""
    maker, taker = stage.trader(0), stage.trader(1)
    maker("place", token=token, side="BUY", price="0.305", size="10")
    taker("place", token=token, side="SELL", price="0.305", size="10")
    told = stage.peer("quotes_last", token=token)
    assert (Decimal(told["price"]), told["side"]) == (Decimal("0.305"), "SELL")


def test_terms_of_every_market(stage: Stage) -> None:
    """Tick and neg-risk flag of every token are told as they are."""
    for listing in stage.world.listings.values():
        for token in listing.token_ids:
            told = stage.peer("terms", token=token)
            assert Decimal(str(told["tick"])) == decimal(listing.tick)
            assert told["neg_risk"] is listing.neg_risk


@only(*BY_HAND)
def test_every_market_is_listed_and_described(stage: Stage) -> None:
    """The listing holds every market, and its terms are those of the sandbox."""
    assert set(stage.peer("markets")) == set(stage.world.listings)
    for listing in stage.world.listings.values():
        told = stage.peer("market", condition_id=listing.condition_id)
        assert [each["t"] for each in told["t"]] == list(listing.token_ids)
        assert Decimal(str(told["mts"])) == decimal(listing.tick)
        assert told.get("nr", False) is listing.neg_risk
        assert Decimal(str((told["fd"] or {"r": 0})["r"])) == decimal(listing.fee_rate)


def test_an_unknown_token_has_no_book(stage: Stage) -> None:
    """A book that is not there is refused in the venue's words."""
    with pytest.raises(PeerRefused, match="No orderbook exists for the requested token id") as caught:
        stage.peer("book", token="12345")
    assert caught.value.http == 404


def test_balances_of_every_asset(stage: Stage) -> None:
    """Collateral and tokens, with what every exchange may take of them, are told in base units."""
    trader, token = stage.trader(), stage.listing("rain").token_ids[0]
    for kind, asset in (("COLLATERAL", ""), ("CONDITIONAL", token)):
        told = trader("balance", kind=kind, token=asset or None)
        assert decimal(int(told["balance"])) == trader.balance(asset)
        spenders = {address.lower(): int(amount) for address, amount in told["allowances"].items()}
        for listing in stage.world.listings.values():
            assert spenders[stage.world.spender_of(listing)] > 10**30


@only(*UNIFIED, "node-v2")
def test_balances_of_newer_positions(stage: Stage) -> None:
    """Newer position ids have an asset type of their own."""
    trader, token = stage.trader(), stage.listing("rocket").token_ids[0]
    told = trader("balance", kind="CONDITIONAL-V2", token=token)
    assert decimal(int(told["balance"])) == trader.balance(token)
