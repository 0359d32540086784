# Mirrored from test_sim_account_in_use_async.py by `python -m generator.mirror`; do not edit.
"""What an account has and what happened to it, read as the engine knows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.polysimulator import account
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ApiError, ConfigError, Forbidden, NotFound
from polyspec.polysimulator.client import PolySimulatorClient
from tests.client.doing import first, listed
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import Market, Person, Venue

BUY: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.50", "quantity": 10}
REST: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.10", "quantity": 10}


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[PolySimulatorClient]:
    """Connect for one test."""
    with connect(venue, person) as client:
        yield client


@pytest.fixture
def held(client: PolySimulatorClient, venue: Venue, market: Market) -> Market:
    """Hold ten shares that were bought at 0.50, with bids at 0.50 and offers at 0.54 in the book."""
    other = venue.offer(market, "0.50", 10)
    client.orders.place(market.terms, **BUY).unwrap()
    venue.withdraw(other)
    venue.offer(market, "0.50", 100, side="BUY")
    venue.offer(market, "0.54", 100)
    return market


# -- who and how --


def test_me_and_the_state_of_the_venue(client: PolySimulatorClient, person: Person) -> None:
    """Who the key belongs to, and how the venue is."""
    me = client.me()
    assert (me.user_id, me.email, me.tier, me.balance) == (person.user_id, person.email, "pro", 10_000)
    assert me.permissions == ["read", "trade"]
    assert client.health().status == "ok"
    assert client.status().status
    seats = client.cohort_status()
    assert (seats.active or 0) + (seats.available or 0) == seats.cap


def test_what_is_open_needs_no_key(venue: Venue) -> None:
    """Health and the seats of the beta are told to everybody."""
    with connect(venue) as nobody:
        assert nobody.health().status == "ok"
        assert nobody.cohort_status().cap == 500
        with pytest.raises(ConfigError, match="API key"):
            nobody.account.positions()


# -- money --


def test_balance(client: PolySimulatorClient, held: Market) -> None:
    """Cash is what can be spent; the worth counts positions and what orders keep."""
    client.orders.place(held.terms, **REST)
    found = client.account.balance()
    # 5.00 and a fee of 0.10 for the shares, 1.00 kept by the order
    assert (found.balance, found.currency, found.starting_balance) == (Decimal("9993.90"), "USD", 10_000)
    assert found.total_value == Decimal("9994.90") + 10 * Decimal("0.52")
    assert found.unrealized_pnl == (found.total_value or 0) - 10_000


def test_balance_with_a_session_token(venue: Venue, person: Person) -> None:
    """Of late the dashboard's token reads the balance as well; other reads take a key."""
    with connect(venue, access_token=venue.token_of(person)) as client:
        assert client.account.balance().balance == 10_000
        assert client.account.entitlements()["plan"] == "pro"
        with pytest.raises(ConfigError, match="api_key"):
            client.account.portfolio()


def test_entitlements_need_the_session_token(client: PolySimulatorClient, venue: Venue) -> None:
    """A key does not open them, and nothing is sent."""
    with pytest.raises(ConfigError, match="access_token"):
        client.account.entitlements()
    assert not venue.seen


def test_positions(client: PolySimulatorClient, venue: Venue, held: Market) -> None:
    """A position shows what it cost and what it is worth; once sold it is closed."""
    (found,) = client.account.positions()
    assert (found.market_id, found.outcome, found.quantity) == (held.condition_id, "Yes", 10)
    assert (found.avg_entry_price, found.current_price) == (Decimal("0.5"), Decimal("0.52"))
    assert (found.market_value, found.unrealized_pnl) == (Decimal("5.20"), Decimal("0.20"))
    assert (found.status, found.market_question) == ("OPEN", held.question)
    assert client.account.positions("open") == [found]
    assert client.account.positions("CLOSED") == []
    client.orders.place(held.terms, **{**BUY, "side": "SELL"})
    (closed,) = client.account.positions("CLOSED")
    assert (closed.id, closed.status) == (found.id, "CLOSED")
    assert client.account.positions("OPEN") == []
    with pytest.raises(ConfigError, match="OPEN or CLOSED"):
        client.account.positions("SOLD")


def test_portfolio(client: PolySimulatorClient, held: Market) -> None:
    """Balance and positions come together, and agree with what is read apart."""
    both = client.account.portfolio()
    assert both.balance == client.account.balance()
    assert both.positions == client.account.positions("OPEN")
    assert both.total_trades == 1


def test_history(client: PolySimulatorClient, venue: Venue, held: Market) -> None:
    """Every execution is there with its fee, the newest first, filtered by market and side."""
    other = venue.market(category="geopolitics")
    venue.offer(other, "0.20", 20)
    client.orders.place(held.terms, **{**BUY, "side": "SELL"})
    client.orders.place(other.terms, **{**BUY, "price": "0.20"})
    rows = listed(client.account.history())
    assert [(each.side, each.price, each.fee) for each in rows] == [
        ("BUY", Decimal("0.2"), 0),
        ("SELL", Decimal("0.5"), Decimal("0.10")),
        ("BUY", Decimal("0.5"), Decimal("0.10")),
    ]
    assert {each.status for each in rows} == {"FILLED"}
    assert [each.side for each in listed(client.account.history(held))] == ["SELL", "BUY"]
    assert len(listed(client.account.history(side="sell"))) == 1
    assert listed(client.account.history(venue.market())) == []


def test_history_over_pages(client: PolySimulatorClient, venue: Venue) -> None:
    """More trades than a page holds are all listed, once each, though others come meanwhile."""
    market = venue.market()
    venue.offer(market, "0.05", 5000)
    order = {**BUY, "price": "0.05", "quantity": 5}
    for _ in range(203):
        client.orders.place(market.terms, **order)
    venue.seen.clear()
    numbers = [each.order_id for each in listed(client.account.history())]
    assert len(set(numbers)) == len(numbers) == 203
    assert numbers == sorted(numbers, reverse=True)
    assert venue.seen["Account_GetHistory"] == 2
    assert len(first(client.account.history(), 2)) == 2


def test_equity(client: PolySimulatorClient, venue: Venue, held: Market) -> None:
    """The worth of every hour ascends to now."""
    for _ in range(3):
        venue.pass_time(3600.0)
    points = client.account.equity()
    stamps = [each.timestamp for each in points]
    assert stamps == sorted(stamps)
    assert len(points) >= 4
    last = points[-1]
    assert last.total_value == client.account.balance().total_value
    assert (last.cash_balance or 0) + (last.position_value or 0) == last.total_value
    with pytest.raises(ConfigError, match="1 to 90"):
        client.account.equity(91)


def test_profile_analysis(client: PolySimulatorClient, person: Person, held: Market) -> None:
    """Statistics, risk and exposure of the account, and as many trades as were asked for."""
    found = client.account.profile_analysis(recent_trades=1, equity_days=7)
    assert found.natural_language_summary
    assert len(found.recent_trades) == 1
    assert found.profile is not None
    assert found.profile.user_id == person.user_id
    assert [(each.category, each.position_count) for each in found.category_exposure] == [("politics", 1)]
    assert found.trading_stats is not None


def test_reset(client: PolySimulatorClient, venue: Venue, person: Person, held: Market) -> None:
    """Orders go, positions are closed by the reset, and the first balance is back."""
    client.orders.place(held.terms, **REST)
    done = client.account.reset()
    assert (done.new_api_balance, done.positions_closed, done.orders_cancelled) == (10_000, 1, 1)
    assert venue.cash(person) == 10_000
    assert client.orders.open() == []
    (closed,) = client.account.positions()
    assert closed.status == "CLOSED_BY_RESET"


def test_free_plan_is_not_reset(venue: Venue) -> None:
    """The hundred dollars of a free account are there once: 402, with what to look at."""
    with connect(venue, venue.person("free")) as client:
        assert client.account.balance().balance == 100
        with pytest.raises(Forbidden, match=r"account\.entitlements\(\)") as caught:
            client.account.reset()
        assert (caught.value.status, caught.value.code) == (402, "UPGRADE_REQUIRED")


# -- settlements --


def test_settlements(client: PolySimulatorClient, venue: Venue, person: Person) -> None:
    """Winners are paid a dollar a share, losers nothing, halves a half; all of it is listed, losses too."""
    start = datetime.fromtimestamp(venue.world.clock.seconds(), UTC)
    payouts = {"won": ("1", "0"), "lost": ("0", "1"), "split": ("0.5", "0.5")}
    markets = {}
    for result in payouts:
        markets[result] = market = venue.market(category="geopolitics")
        venue.offer(market, "0.40", 10)
        client.orders.place(market.terms, **{**BUY, "price": "0.40"}).unwrap()
        client.orders.place(market.terms, **REST)
    assert venue.cash(person) == 10_000 - 3 * (4 + 1)
    for result, (first_pays, second_pays) in payouts.items():
        venue.resolve(markets[result], first_pays, second_pays)
    # the orders that rested are cancelled, and 10 + 0 + 5 are paid
    assert venue.cash(person) == 10_000 - 12 + 15
    rows = listed(client.account.settlements())
    assert [(each.result, each.payout, each.realized_pnl) for each in rows] == [
        ("split", 5, 1),
        ("lost", 0, -4),
        ("won", 10, 6),
    ]
    assert {(each.quantity, each.cost_basis) for each in rows} == {(Decimal(10), Decimal(4))}
    assert [each.payout_per_share for each in rows] == [Decimal("0.5"), 0, 1]
    (won,) = listed(client.account.settlements(markets["won"].condition_id))
    assert won.result == "won"
    assert {each.status for each in client.account.positions()} == {"CLOSED"}
    assert client.orders.open() == []
    # a losing position leaves no trade
    assert len(listed(client.account.history())) == 3
    for call in (account.get_settlements(limit=1), account.get_settlements(limit=3)):
        assert listed(client.iterate(call)) == rows
    spans: list[tuple[dict[str, Any], int]] = [
        ({"start": start}, 3),
        ({"end": start}, 0),
        ({"start": start.timestamp(), "end": start + timedelta(hours=1)}, 3),
        ({"end": date(2026, 1, 1)}, 0),
    ]
    for span, number in spans:
        assert len(listed(client.account.settlements(**span))) == number, span
    refused = client.orders.place(markets["won"].terms, **REST)
    assert refused.code == "MARKET_CLOSED"


def test_resolved_markets_are_shown(client: PolySimulatorClient, venue: Venue) -> None:
    """A market that was decided says who won."""
    market = venue.market()
    venue.resolve(market, "0", "1")
    found = client.markets.get(market)
    assert (found.closed, found.resolved_outcome) == (True, "No")
    assert [each.winner for each in found.tokens] == [False, True]


# -- wallets --


def test_wallets(client: PolySimulatorClient) -> None:
    """Wallets are listed, made, named, filled up again and put away."""
    kinds = {str(each.kind): each for each in listed(client.wallets.list())}
    assert set(kinds) == {"MAIN", "API"}
    assert (kinds["API"].balance, kinds["MAIN"].balance) == (10_000, 1_000)
    made = client.wallets.create("lab")
    assert (str(made.kind), made.label, made.balance, made.generation) == ("SANDBOX", "lab", 10_000, 1)
    assert client.wallets.get(made.id) == made
    assert client.wallets.rename(made.id, "desk").label == "desk"
    assert client.wallets.rename(made.id, None).label is None
    assert client.wallets.reset(made.id).generation == 2
    gone = client.wallets.archive(made.id)
    assert gone is not None
    assert gone.archived_at is not None
    assert len(listed(client.wallets.list())) == 2
    with pytest.raises(NotFound):
        client.wallets.get(999_999)
    with pytest.raises(ConfigError, match="64 characters"):
        client.wallets.create("x" * 65)
    with pytest.raises(ConfigError, match="one wallet"):
        client.wallets.get("all")


def test_many_wallets_are_listed_over_pages(client: PolySimulatorClient) -> None:
    """Each wallet comes once, however many pages there are."""
    made = [client.wallets.create(f"w{place}").id for place in range(52)]
    found = [each.id for each in listed(client.wallets.list())]
    assert len(found) == len(set(found)) == 54
    assert found[2:] == made


def test_reads_of_wallets(venue: Venue, person: Person, client: PolySimulatorClient, held: Market) -> None:
    """Reads are about the wallet of the client unless they name another, or all of them."""
    wallet = client.wallets.create()
    with connect(venue, person, wallet_id=wallet.id) as lab:
        lab.orders.place(held.terms, **{**BUY, "price": "0.54"}).unwrap()
        (mine,) = lab.account.positions()
        assert mine.avg_entry_price == Decimal("0.54")
        (api,) = lab.account.positions(wallet_id="api")
        assert api.avg_entry_price == Decimal("0.5")
        assert len(lab.account.positions(wallet_id="all")) == 2
        assert [each.price for each in listed(lab.account.history())] == [Decimal("0.54")]
        assert len(listed(lab.account.history(wallet_id="ALL"))) == 2
        assert lab.me().balance == wallet.balance - Decimal("5.50")
        assert lab.account.portfolio().balance.balance == wallet.balance - Decimal("5.50")
        # this one is about the API wallet always
        assert lab.account.balance().balance == Decimal("9994.90")
        with pytest.raises(NotFound) as caught:
            lab.account.positions(wallet_id=999_999)
        assert caught.value.code == "WALLET_NOT_FOUND"


def test_api_wallet_is_not_put_away(client: PolySimulatorClient) -> None:
    """The wallets an account comes with stay."""
    api = next(each for each in listed(client.wallets.list()) if each.kind == wire.WalletKind.API)
    with pytest.raises(ApiError) as caught:
        client.wallets.archive(api.id)
    assert caught.value.code == "ACCESS_RESTRICTED"
