"""From what was asked for to an order: exact, for the right exchange, within its budget."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from eth_account import Account as EthAccount
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from polyspec.clob.config import ClobSettings
from polyspec.clob.contracts import exchange_of
from polyspec.clob.order import ZERO_BYTES32, SignedOrder
from polyspec.errors import ConfigError, DecodeError, InvalidOrder, TimedOut
from tests.unit.clob.checks import ADDRESSES, KEYS, TOKEN
from tests.unit.clob.clob_rig import (
    SETTINGS,
    SIGNER,
    Venue,
    async_client_of,
    book,
    builder,
    client_of,
    details,
)

CODE = "0x" + "cd" * 32
POSITION = str(2 << 248 | 77 << 104 | 5)
LIMIT: dict[str, Any] = {"token_id": TOKEN, "side": "BUY", "price": "0.52", "size": "10"}
SPEND: dict[str, Any] = {"token_id": TOKEN, "side": "BUY", "amount": "10"}
OPTIONS: dict[str, Any] = {"tick_size": "0.01", "neg_risk": False}


@pytest.fixture
def venue() -> Venue:
    """Return a venue with a book, fees and builders."""
    venue = Venue()
    venue.broken |= {"book": book(), "clob-markets": details(), "fees/builder-fees": builder(100)}
    return venue


def paths(venue: Venue) -> list[str]:
    """Return what was asked."""
    return [each.path for each in venue.calls]


# -- limit orders --


@pytest.mark.parametrize(
    ("side", "maker", "taker"), [("BUY", 5_200_000, 10_000_000), ("SELL", 10_000_000, 5_200_000)]
)
def test_limit(venue: Venue, side: str, maker: int, taker: int) -> None:
    """The amounts of a limit order are exact, and its fields those of the wallet."""
    order = client_of(venue).create_order(**(LIMIT | {"side": side}))
    assert (order.maker_amount, order.taker_amount, order.side) == (maker, taker, side)
    assert (order.maker, order.signer, order.signature_type) == (ADDRESSES[0], ADDRESSES[0], 0)
    assert (order.version, order.expiration, order.order_type) == (2, 0, "")
    assert (order.metadata, order.builder) == (ZERO_BYTES32, ZERO_BYTES32)
    assert paths(venue) == ["book"]


def test_orders_are_never_the_same(venue: Venue) -> None:
    """Two orders for the same are two orders."""
    client = client_of(venue)
    orders = [client.create_order(**LIMIT, **OPTIONS) for _ in range(300)]
    assert len({each.order_id for each in orders}) == 300
    assert venue.calls == []


@pytest.mark.parametrize("told", [True, False])
def test_exchange_of_the_market(venue: Venue, told: bool) -> None:
    """Orders are signed for the exchange that settles their market, wherever it is known from."""
    venue.broken["book"] = book(neg_risk=not told)
    client = client_of(venue)
    assert client.create_order(**LIMIT).exchange == exchange_of(2, 137, not told)
    assert client.create_order(**LIMIT, neg_risk=told).exchange == exchange_of(2, 137, told)
    assert client.create_order(**LIMIT, tick_size="0.01", neg_risk=told).exchange == exchange_of(2, 137, told)


def test_position_ids_have_an_exchange_of_their_own(venue: Venue) -> None:
    """A position id is signed for exchange version 3, whatever is said of neg risk."""
    order = client_of(venue).create_order(**(LIMIT | {"token_id": POSITION}), tick_size="0.01", neg_risk=True)
    assert (order.version, order.exchange) == (3, exchange_of(3, 137, False))


def test_a_finer_tick_of_ones_own(venue: Venue) -> None:
    """A tick that is said counts more than the one that was read."""
    client = client_of(venue)
    with pytest.raises(InvalidOrder, match="multiple"):
        client.create_order(**(LIMIT | {"price": "0.525"}))
    order = client.create_order(**(LIMIT | {"price": "0.525"}), tick_size="0.001")
    assert order.maker_amount == 5_250_000


def test_minimum_of_the_market(venue: Venue) -> None:
    """Sizes below the market's minimum are refused where it is known."""
    client = client_of(venue)
    with pytest.raises(InvalidOrder, match="minimum of 5") as caught:
        client.create_order(**(LIMIT | {"size": "4.99"}))
    assert caught.value.nearest == ("5.00",)
    assert client.create_order(**(LIMIT | {"size": "4.99"}), **OPTIONS).taker_amount == 4_990_000


def test_builder_codes(venue: Venue) -> None:
    """An order carries the client's code unless it has one of its own."""
    client = client_of(venue, builder_code=CODE)
    assert client.create_order(**LIMIT).builder == CODE
    assert client.create_order(**LIMIT, builder_code="0x" + "ef" * 32).builder == "0x" + "ef" * 32
    assert client.create_order(**LIMIT, metadata=CODE).metadata == CODE


def test_expirations(venue: Venue) -> None:
    """What expires within three minutes is refused with the first moment that will do."""
    client = client_of(venue)
    now = int(client._now())
    order = client.create_order(**LIMIT, expiration=now + 240)
    assert order.expiration == now + 240
    with pytest.raises(InvalidOrder, match="at least 180 s") as caught:
        client.create_order(**LIMIT, expiration=now + 170)
    assert int(caught.value.nearest[0]) > now + 180
    assert client.create_order(**LIMIT, expiration=int(caught.value.nearest[0])).expiration


def test_expirations_are_of_the_venues_clock(venue: Venue) -> None:
    """With this machine's clock an hour behind, what has expired already is refused all the same."""
    client = client_of(venue)
    now = client._now()
    client.session.clock._estimate = 3600.0
    with pytest.raises(InvalidOrder, match="at least 180 s"):
        client.create_order(**LIMIT, expiration=int(now) + 3000)
    order = client.create_order(**LIMIT, expiration=int(now) + 7200)
    assert abs(order.timestamp_ms / 1000 - now - 3600) < 60


# -- market orders --


@pytest.mark.parametrize(
    ("terms", "maker", "taker"),
    [
        ({"amount": "10"}, 10_000_000, 19_230_700),
        ({"amount": "60"}, 60_000_000, 100_000_000),
        ({"amount": "10", "side": "SELL"}, 10_000_000, 4_800_000),
        ({"amount": "150", "side": "SELL"}, 150_000_000, 60_000_000),
        ({"amount": "10", "price": "0.55"}, 10_000_000, 18_181_800),
        ({"amount": "10", "price": "0.30", "side": "SELL"}, 10_000_000, 3_000_000),
    ],
)
def test_market(venue: Venue, terms: Any, maker: int, taker: int) -> None:
    """Without a price the book is walked to the one that fills; with one, nothing of the book is read."""
    order = client_of(venue).create_market_order(**(SPEND | terms), **OPTIONS)
    assert (order.maker_amount, order.taker_amount, order.order_type) == (maker, taker, "FOK")
    assert paths(venue) == ([] if "price" in terms else ["book"])


def test_market_orders_know_what_they_are(venue: Venue) -> None:
    """A market order is posted as what it was made for, and as nothing else."""
    client = client_of(venue)
    order = client.create_market_order(**SPEND, order_type="FAK")
    client.post_order(order).unwrap()
    assert b'"orderType":"FAK"' in venue.posts[0]
    with pytest.raises(ConfigError, match="made as FAK"):
        client.post_order(order, "GTC")
    assert len(venue.posts) == 1


def test_book_too_thin(venue: Venue) -> None:
    """A FOK the book cannot fill is refused; a FAK takes what is there; an empty side takes nothing."""
    client = client_of(venue)
    with pytest.raises(InvalidOrder, match="no match"):
        client.create_market_order(**(SPEND | {"amount": "1000"}))
    order = client.create_market_order(**(SPEND | {"amount": "1000"}), order_type="FAK")
    assert order.taker_amount == 1_666_666_600
    venue.broken["book"] = book(asks=[])
    for kind in ("FOK", "FAK"):
        with pytest.raises(InvalidOrder, match="no match"):
            client.create_market_order(**SPEND, order_type=kind)


def test_book_that_is_read_for_a_market_order_is_fresh(venue: Venue) -> None:
    """The book is read for every market order that walks it, whatever is known of the market."""
    client = client_of(venue)
    client.create_market_order(**SPEND)
    venue.broken["book"] = book(asks=[{"price": "0.80", "size": "100"}], tick_size="0.1")
    order = client.create_market_order(**SPEND)
    assert order.taker_amount == 12_500_000
    assert client.market_of(TOKEN).tick.text == "0.1"


# -- budgets --


def cost(order: SignedOrder, price: str, rate: str, points: int) -> Fraction:
    """Return what an order costs in dollars if all of it fills at a price."""
    dollars = Fraction(order.maker_amount, 10**6)
    at = Fraction(price)
    platform = dollars / at * Fraction(rate) * at * (1 - at)
    return dollars + _rounded(platform) + _rounded(dollars * points / 10_000)


def _rounded(fee: Fraction) -> Fraction:
    return Fraction(-(-fee * 10**5 // 1), 10**5)


@pytest.mark.parametrize("points", [0, 100])
@pytest.mark.parametrize("price", [None, "0.60", "0.99"])
def test_budget_covers_the_fees(venue: Venue, price: str | None, points: int) -> None:
    """With the fees of the venue and of the builder, at the best price, an order costs what it may."""
    venue.broken["fees/builder-fees"] = builder(points)
    client = client_of(venue, builder_code=CODE if points else None)
    order = client.create_market_order(**SPEND, price=price, max_spend="10")
    assert order.maker_amount < 10_000_000
    assert cost(order, "0.52", "0.05", points) <= 10
    # a cent more would not fit
    assert cost(order, "0.52", "0.05", points) + Fraction(11, 1000) > 10
    assert sorted(set(paths(venue))) == sorted(
        {"book", "clob-markets"} | ({"fees/builder-fees"} if points else set())
    )


def test_budget_of_a_builder_of_the_order(venue: Venue) -> None:
    """The code an order carries itself is the one whose fee is reckoned, and it is read once."""
    client = client_of(venue)
    plain = client.create_market_order(**SPEND, max_spend="10")
    assert "fees/builder-fees" not in paths(venue)
    coded = [client.create_market_order(**SPEND, max_spend="10", builder_code=CODE) for _ in range(2)]
    assert {each.maker_amount for each in coded} == {coded[0].maker_amount}
    assert coded[0].maker_amount < plain.maker_amount
    assert [each.path for each in venue.calls].count("fees/builder-fees") == 1
    assert cost(coded[0], "0.52", "0.05", 100) <= 10 < cost(plain, "0.52", "0.05", 100)


def test_budget_larger_than_needed(venue: Venue) -> None:
    """A budget that covers everything changes nothing, and asks nothing else."""
    client = client_of(venue, builder_code=CODE)
    assert client.create_market_order(**SPEND, max_spend="11").maker_amount == 10_000_000
    assert client.create_market_order(**SPEND).maker_amount == 10_000_000
    assert paths(venue) == ["book", "clob-markets", "fees/builder-fees", "book"]


def test_budget_too_small(venue: Venue) -> None:
    """A budget that does not cover a cent is refused."""
    with pytest.raises(InvalidOrder, match="max_spend"):
        client_of(venue).create_market_order(**SPEND, max_spend="0.01")


def test_budget_on_a_guess(venue: Venue) -> None:
    """If the builder's fee cannot be known, no order is made."""
    venue.broken["fees/builder-fees"] = builder(20_000)
    with pytest.raises(DecodeError):
        client_of(venue, builder_code=CODE).create_market_order(**SPEND, max_spend="10")


@limits(max_examples=150, deadline=None)
@given(
    best=st.integers(1, 98),
    spread=st.integers(0, 60),
    rate=st.sampled_from(["0", "0.03", "0.05", "0.07", "0.25"]),
    points=st.sampled_from([0, 1, 37, 100]),
    cents=st.integers(100, 10_000_000),
    share=st.integers(50, 110),
)
def test_no_fill_from_the_best_price_on_breaks_a_budget(
    best: int, spread: int, rate: str, points: int, cents: int, share: int
) -> None:
    """At any price from the best of the book to the limit, an order with its fees costs what it may."""
    venue = Venue()
    worst = min(99, best + spread)
    asks = [{"price": f"0.{price:02d}", "size": "1000000000"} for price in (worst, best)]
    venue.broken |= {
        "book": book(asks=asks),
        "clob-markets": details(float(rate)),
        "fees/builder-fees": builder(points),
    }
    client = client_of(venue, builder_code=CODE if points else None)
    amount, budget = Decimal(cents) / 100, Decimal(cents * share // 100) / 100
    order = client.create_market_order(
        token_id=TOKEN, side="BUY", amount=amount, price=f"0.{worst:02d}", max_spend=budget
    )
    for price in range(best, worst + 1):
        assert cost(order, f"0.{price:02d}", rate, points) <= Fraction(budget)


@pytest.mark.parametrize("terms", [LIMIT, SPEND | {"max_spend": "10"}, SPEND])
def test_preview_shows_the_builders_fee(venue: Venue, terms: Any) -> None:
    """A preview reckons what the builder of the order takes; it signs and posts nothing."""
    client = client_of(venue)
    plain = client.preview(**terms)
    coded = client.preview(**terms, builder_code=CODE)
    assert (plain.builder_fee, coded.builder_fee) == (0, coded.collateral / 100)
    assert coded.total == coded.collateral + coded.platform_fee + coded.builder_fee
    if "max_spend" in terms:
        assert coded.max_loss <= 10
    assert venue.posts == []


def test_preview_says_what_is_made(venue: Venue) -> None:
    """A preview has the amounts of the order that is made of the same terms, in both colours."""
    client = client_of(venue, builder_code=CODE)
    for terms in (LIMIT, SPEND, SPEND | {"max_spend": "10"}, SPEND | {"price": "0.6", "max_spend": "9"}):
        shown = client.preview(**terms)
        made = client.create_order(**terms) if "size" in terms else client.create_market_order(**terms)
        assert (shown.maker_amount, shown.taker_amount) == (made.maker_amount, made.taker_amount)

    async def other() -> None:
        twin = async_client_of(venue, builder_code=CODE)
        shown = await twin.preview(SPEND, max_spend="10")
        made = await twin.create_market_order(SPEND, max_spend="10")
        assert (shown.maker_amount, shown.taker_amount) == (made.maker_amount, made.taker_amount)

    asyncio.run(other())


# -- keys elsewhere --


class Vault:
    """A key in another process; counts what it signs."""

    def __init__(self, *, answers: Any = None, key: str = KEYS[0]) -> None:
        self.address = ADDRESSES[0]
        self.account = EthAccount.from_key(key)
        self.asked = 0
        self.answers = answers

    def sign_hash(self, digest: bytes) -> Any:
        """Sign a digest."""
        self.asked += 1
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers or self.account.unsafe_sign_hash(digest)


class AsyncVault(Vault):
    """A key one has to wait for."""

    async def sign_hash(self, digest: bytes) -> Any:
        """Sign a digest, after a while."""
        await asyncio.sleep(0)
        return Vault.sign_hash(self, digest)


def test_key_in_a_vault(venue: Venue) -> None:
    """An order signed elsewhere is the order signed here."""
    vault = Vault()
    order = client_of(venue, key=vault).create_order(**LIMIT)
    assert vault.asked == 1
    again = client_of(venue)._maker().order_signer_of(order)
    assert again.sign(order).signature == order.signature  # type: ignore[arg-type]
    assert client_of(venue, key=EthAccount.from_key(KEYS[0])).create_order(**LIMIT).maker == ADDRESSES[0]


def test_key_one_waits_for(venue: Venue) -> None:
    """Under asyncio a signer may be asynchronous; without a loop it is refused, and nothing hangs about."""
    vault = AsyncVault()

    async def run() -> SignedOrder:
        return await async_client_of(venue, key=vault).create_order(**LIMIT)

    assert asyncio.run(run()).maker == ADDRESSES[0]
    assert vault.asked == 1
    with pytest.raises(ConfigError, match="asynchronous"):
        client_of(venue, key=vault).create_order(**LIMIT)
    assert vault.asked == 1


@pytest.mark.parametrize(
    ("vault", "kind"),
    [
        (Vault(key=KEYS[1]), ConfigError),
        (Vault(answers=b"short"), ConfigError),
        (Vault(answers=b"\x01" * 65), ConfigError),
        (Vault(answers=RuntimeError("sealed")), RuntimeError),
    ],
)
def test_vaults_that_do_not_sign(venue: Venue, vault: Vault, kind: type[Exception]) -> None:
    """A vault that signs with another key, or not at all, makes no order; nothing is posted."""
    with pytest.raises(kind):
        client_of(venue, key=vault).create_and_post_order(**LIMIT)
    assert venue.posts == []


def test_orders_need_a_key(venue: Venue) -> None:
    """Without a key there is nothing to sign with, which is said before anything is read."""
    for make in ("create_order", "create_market_order", "preview"):
        with pytest.raises(ConfigError, match="give key"):
            getattr(client_of(venue, key=None, creds=None), make)(LIMIT)
    assert venue.calls == []


# -- amounts the venue does not take --


def test_fractions_of_a_cent(venue: Venue) -> None:
    """A FOK or FAK that spends a fraction of a cent is refused before it is sent, unless told otherwise."""
    client = client_of(venue)
    order = client.create_order(**(LIMIT | {"price": "0.52", "size": "10.01"}))
    for kind in ("FOK", "FAK"):
        with pytest.raises(InvalidOrder, match="whole cents"):
            client.post_order(order, kind)
    lenient = client_of(venue, settings=ClobSettings(pacing=False, strict_market_amounts=False))
    lenient.post_order(order, "FOK").unwrap()
    client.post_order(order, "GTC").unwrap()
    assert SETTINGS.strict_market_amounts


@pytest.mark.parametrize("strict", [True, False])
def test_decimals_of_market_orders(venue: Venue, strict: bool) -> None:
    """Shares bought on a fine tick have four decimals, or as many as the tick allows."""
    settings = ClobSettings(pacing=False, strict_market_amounts=strict)
    order = client_of(venue, settings=settings).create_market_order(
        **SPEND, price="0.523", tick_size="0.001", neg_risk=False
    )
    assert order.taker_amount == (19_120_400 if strict else 19_120_450)


def test_signer_of_this_file() -> None:
    """The vaults sign with the key of the wallet the tests trade from."""
    assert SIGNER.address == Vault().account.address == ADDRESSES[0]


@pytest.mark.parametrize("how", ["limit", "market"])
def test_one_timeout_for_making_and_posting(venue: Venue, how: str) -> None:
    """The time an order may take is not given again to each request on its way."""

    def slow(_: object) -> Any:
        time.sleep(0.06)
        return book()

    venue.broken["book"] = slow
    client = client_of(venue)
    post: Any = client.create_and_post_order if how == "limit" else client.create_and_post_market_order
    with pytest.raises(TimedOut) as caught:
        post(LIMIT if how == "limit" else SPEND | {"max_spend": "10"}, timeout=0.05)
    assert not caught.value.maybe_executed
    assert venue.posts == []
    assert len(venue.calls) == 1
