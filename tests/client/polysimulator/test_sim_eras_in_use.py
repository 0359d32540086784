# Mirrored from test_sim_eras_in_use_async.py by `python -m generator.mirror`; do not edit.
"""The venue as it was, and its plans: what a client is told in every form, and what it learns by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.pacing import Pacer
from polyspec.errors import ConfigError, Conflict, Forbidden, NotFound, RateLimited, Unauthorized
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.fate import Rejected
from polyspec.polysimulator.ticket import NewOrder
from polyspec.sandbox.polysimulator.limits import Room
from polyspec.sandbox.polysimulator.options import ERA_C, TIERS, PolySimOptions
from tests.client.doing import first, listed, together
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import QUICK, UNPACED, Market, Person, Venue, open_venue

TEN: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.40", "quantity": 10}
PACED = PolySimulatorSettings()


@pytest.fixture(scope="module")
def old() -> Iterator[Venue]:
    """Run the venue as it was in its closed beta."""
    with open_venue(ERA_C) as venue:
        yield venue


@pytest.fixture
def free(old: Venue) -> Iterator[PolySimulatorClient]:
    """Connect with the seeded key of the free plan of then."""
    with connect(old, api_key=old.sim.api_key("free_api_key")) as client:
        yield client


# -- the closed beta --


def test_closed_beta(old: Venue) -> None:
    """Who was not admitted is refused the first key, paying or not; who was gets it."""
    with connect(old, access_token=old.token_of(old.newcomer(admitted=False))) as client:
        with pytest.raises(Forbidden, match="invited") as caught:
            client.keys.bootstrap()
        assert caught.value.code == "CLOSED_BETA"
    with connect(old, access_token=old.token_of(old.newcomer())) as client:
        client.use_key(client.keys.bootstrap())
        assert client.account.balance().balance == 10_000


def test_full_beta() -> None:
    """Without a free seat the refusal says so; the seats are open to everybody."""
    with open_venue(PolySimOptions(cohort_cap=3)) as venue:
        with connect(venue, access_token=venue.token_of(venue.newcomer())) as client:
            seats = client.cohort_status()
            assert (seats.available, seats.active, seats.cap) == (0, 3, 3)
            with pytest.raises(Conflict, match=r"cohort_status\(\)") as caught:
                client.keys.bootstrap()
            assert caught.value.code == "COHORT_FULL"


def test_free_keys_only_read(old: Venue, free: PolySimulatorClient) -> None:
    """The free plan of then reads and does not trade: the refusal says what kind of key trades."""
    market = old.market()
    assert free.me().permissions == ["read"]
    with pytest.raises(Forbidden, match="permission trade") as caught:
        free.orders.place(market.terms, **TEN)
    assert caught.value.code == "INSUFFICIENT_PERMISSION"
    assert free.orders.open() == []
    with pytest.raises(Forbidden) as caught:
        free.keys.create(permissions=["trade"])
    assert caught.value.code == "TIER_REQUIRES_UPGRADE"
    assert free.keys.create().permissions == ("read",)


def test_errors_of_one_field(old: Venue) -> None:
    """Prose alone in the body: the code comes from the header, and means the same."""
    person, market = old.person(), old.market()
    with connect(old, person, QUICK) as client:
        refused = client.orders.place(market.terms, **{**TEN, "quantity": 100_000})
        assert isinstance(refused, Rejected)
        assert refused.code == "INSUFFICIENT_BALANCE"
        assert refused.cause is not None
        assert set(refused.cause.details) == {"error"}
        with pytest.raises(NotFound) as caught:
            client.markets.get("0x" + "ab" * 32)
        assert caught.value.code == "MARKET_NOT_FOUND"
        old.sim.faults.add(kind="lock_busy", operation="Orders_PlaceOrder", retry_after=0)
        old.sim.faults.add(kind="deadline_overshot", operation="Orders_PlaceOrder")
        placed = client.orders.place(market.terms, **TEN).unwrap()
        assert [each.client_order_id for each in old.orders(person)] == [placed.client_order_id]
    with connect(old, api_key="ps_live_" + "0" * 64) as client:
        with pytest.raises(Unauthorized) as caught:
            client.me()
        assert caught.value.code == "INVALID_KEY"


def test_what_became_public_later(old: Venue) -> None:
    """Lists of markets needed a key: nobody is refused, and a client with one gives it after all."""
    with connect(old) as nobody:
        with pytest.raises(Unauthorized, match="api_key"):
            first(nobody.markets.list(), 1)
        assert nobody.health().status == "ok"
    with connect(old, old.person()) as client:
        old.seen.clear()
        assert first(client.markets.list(), 1)
        assert old.seen["Markets_ListMarkets"] == 2
        assert client.markets.updown("BTC")
        # the first refusal was enough
        assert old.seen["Markets_ListUpdown"] == 1
        pro = {str(each.tier): each for each in client.keys.tiers()}["pro"]
        assert (pro.requests_per_second, pro.requests_per_minute) == (10, 600)


def test_balance_needed_a_key(old: Venue) -> None:
    """With the session token alone the venue of then refuses the balance, and says what it wants."""
    with connect(old, access_token=old.token_of(old.person())) as client:
        with pytest.raises(Unauthorized, match="api_key") as caught:
            client.account.balance()
        assert caught.value.code == "MISSING_API_KEY"


def test_coarse_orders() -> None:
    """Before orders were as Polymarket's: any size, no post-only, and GTD is GTC."""
    with open_venue(PolySimOptions(pm_v2=False)) as venue:
        person, market = venue.person(), venue.market()
        venue.offer(market, "0.40", 5)
        with connect(venue, person) as client:
            crossing = client.orders.place(market.terms, **{**TEN, "quantity": 20}, post_only=True)
            assert crossing.unwrap().filled == 20
            tiny = client.orders.place(market.terms, **{**TEN, "quantity": "0.0001"}).unwrap()
            assert tiny.filled == Decimal("0.0001")
            ends = int(venue.world.clock.seconds()) + 90
            placed = client.orders.place(
                market.terms, **{**TEN, "price": "0.10"}, time_in_force="GTD", expiration=ends
            )
            venue.pass_time(100.0)
            assert client.orders.get(placed.unwrap()).cancelled_at is None


def test_acknowledged_orders() -> None:
    """An answer that only acknowledges is followed by a look: the caller is told what stands."""
    with open_venue(PolySimOptions(fast_ack=True)) as venue:
        person, market = venue.person(), venue.market()
        with connect(venue, person, QUICK) as client:
            placed = client.orders.place(market.terms, **TEN).unwrap()
            assert (placed.status, placed.source) == ("PENDING", "pending")
            assert venue.seen["Orders_PlaceOrder"] == 1
            venue.offer(market, "0.40", 20)
            filled = client.orders.place(market.terms, **TEN).unwrap()
            assert (filled.status, filled.source) == ("FILLED", "filled")


def test_revocation_without_a_body() -> None:
    """204 is as good as a message."""
    with open_venue(PolySimOptions(revocation="no_content", key_slots={"pro": 2})) as venue:
        with connect(venue, venue.person()) as client:
            made = client.keys.create()
            with pytest.raises(Forbidden, match=r"keys\.revoke\(id\)") as caught:
                client.keys.create()
            assert caught.value.code == "TIER_KEY_LIMIT_EXCEEDED"
            client.keys.revoke(made.id)
            assert not client.keys.get(made.id).is_active


def test_end_of_the_beta_for_a_key(venue: Venue, person: Person, market: Market) -> None:
    """A key of the beta falls back to reading on the free plan, and the refusal says why."""
    with connect(venue, person) as client:
        client.me()
        assert client.tier == "pro"
        with venue.world.lock:
            key = venue.world.keys.find(person.key)
            assert key is not None
            venue.world.keys.lapse(key, venue.world.clock.now_ns())
        with pytest.raises(Forbidden, match="beta this key came from has ended"):
            client.orders.place(market.terms, **TEN)
        assert client.me().permissions == ["read"]
        assert client.tier == "free"


# -- plans and limits --


def test_plan_is_learned(venue: Venue, person: Person) -> None:
    """The first answer to the key tells the plan; what is asked without a key tells nothing."""
    with connect(venue, person) as client:
        assert client.tier is None
        client.books.get_server_time()
        assert client.tier is None
        client.me()
        assert client.tier == "pro"
        client.use_key(venue.person("pro_plus").key)
        assert client.tier is None
        client.me()
        assert client.tier == "pro_plus"


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note when requests may leave: on a busy machine the venue sees some of them in a later second."""
    moments: list[float] = []
    reserve = Pacer.reserve

    def noted(self: Pacer, operation: Any, now: float, *given: Any) -> float:
        wait = reserve(self, operation, now, *given)
        moments.append(now + wait)
        return wait

    monkeypatch.setattr(Pacer, "reserve", noted)
    return moments


def keeps(left: list[float], rate: int) -> bool:
    """Tell whether no second saw more than that."""
    moments = sorted(left)
    return all(later - sooner > 0.999 for sooner, later in zip(moments, moments[rate:], strict=False))


def test_limits_are_learned_from_headers(left: list[float]) -> None:
    """A client keeps to the limits of its own plan, whatever the venue has made of them by now."""
    faster = replace(TIERS["pro"], per_second=45, per_minute=2700)
    with open_venue(PolySimOptions(tiers={**TIERS, "pro": faster}), rate_limits=True) as venue:
        with connect(venue, venue.person(), PACED) as client:
            client.me()
            answers = together([client.me] * 60)
            assert len(answers) == 60
            assert len(left) >= 61
            assert keeps(left, 45)
            assert not keeps(left, 2)


def test_pace_of_the_free_plan(left: list[float]) -> None:
    """Two requests a second: what is more is held back until there is room."""
    with open_venue(rate_limits=True) as venue, connect(venue, venue.person("free"), PACED) as client:
        assert len(together([client.me] * 4)) == 4
        assert len(left) >= 4
        assert keeps(left, 2)


def told(client: PolySimulatorClient) -> type[Exception] | None:
    """Ask once, without time to wait; return what came instead of an answer."""
    try:
        client.me(timeout=0.9)
    except RateLimited:
        return RateLimited
    return None


def test_unpaced_client_waits_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a pace the venue refuses, and the request goes again after the wait it names."""
    with open_venue(rate_limits=True) as venue:
        clock, check = venue.world.clock, venue.world.limits.check

        def checked(room: Room) -> None:
            # its second is over as soon as somebody has to wait for the next
            clock.advance(1 if room.wait else 0)
            check(room)

        clock.freeze()
        clock.advance(1.01 - clock.seconds() % 1)
        with connect(venue, venue.person("free"), UNPACED) as client:
            monkeypatch.setattr(venue.world.limits, "check", checked)
            for _ in range(3):
                client.me()
            assert venue.seen["Identity_GetMe"] == 4
            monkeypatch.undo()
            clock.advance(1)
            # one second sees these, with room for two
            found = together([lambda: told(client)] * 6)
            assert sorted(each is RateLimited for each in found) == [False] * 2 + [True] * 4


def test_clients_of_one_key_share_its_pace(left: list[float]) -> None:
    """Two clients with one key keep to its limits together."""
    with open_venue(rate_limits=True) as venue:
        person = venue.person()
        with connect(venue, person, PACED) as one, connect(venue, person, PACED) as two:
            one.me()
            two.me()
            together([one.me, two.me] * 20)
            assert len(left) >= 42
            assert keeps(left, 30)
            assert not keeps(left, 2)


def test_batches_by_plan(venue: Venue, market: Market) -> None:
    """The free plan takes one order at once: a batch of two is refused whole."""
    person = venue.person("free")
    with connect(venue, person) as client:
        orders = [NewOrder(market=market.terms, **{**TEN, "quantity": 5}) for _ in range(2)]
        refused = client.orders.place_batch(orders)
        assert [each.code for each in refused] == ["BATCH_LIMIT_EXCEEDED"] * 2
        assert client.orders.place_batch(orders[:1])[0].unwrap().is_open
    assert len(venue.orders(person)) == 1


# -- where and how --


def test_environment(venue: Venue) -> None:
    """The line of the sandbox wins; else our names, then those of the venue's own tools."""
    line = json.dumps({"polysimulator": venue.sim.describe()})
    with PolySimulatorClient.from_env({"POLYSPEC_SANDBOX": line}) as client:
        assert client.base_url == venue.sim.rest
        assert client.has_key
        assert client.has_access_token
    theirs = {"POLYSIM_API_KEY": "ps_live_1", "POLYSIM_BASE_URL": "https://staging-api.polysimulator.com/v1/"}
    with PolySimulatorClient.from_env(theirs) as client:
        assert client.base_url == "https://staging-api.polysimulator.com"
        assert client.has_key
        assert not client.has_access_token
    ours = {
        **theirs,
        "POLYSPEC_POLYSIMULATOR_BASE_URL": "https://example.com",
        "POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN": "a.b.c",
    }
    with PolySimulatorClient.from_env(ours) as client:
        assert client.base_url == "https://example.com"
        assert client.has_access_token
    with pytest.raises(ConfigError, match="serves no PolySimulator"):
        PolySimulatorClient.from_env({"POLYSPEC_SANDBOX": "{}"})


def test_name_of_the_client(venue: Venue, person: Person) -> None:
    """The client has a name of its own, which the edge lets through; the one it does not is refused."""
    with connect(venue, person, evolve(UNPACED, user_agent="my-bot/1.0")) as client:
        assert client.me().tier == "pro"
    with pytest.raises(ConfigError, match="urllib"):
        PolySimulatorSettings(user_agent="Python-urllib/3.11")


def test_over_tls(tmp_path: Any) -> None:
    """Behind https with the sandbox's own authority everything works as from the environment."""
    with open_venue(port=True, tls=True) as venue:
        market = venue.market()
        line = json.dumps({"polysimulator": venue.sim.describe()})
        with PolySimulatorClient.from_env({"POLYSPEC_SANDBOX": line}) as client:
            assert client.base_url.startswith("https://")
            placed = client.orders.place(market.terms, **TEN).unwrap()
            assert client.orders.cancel(placed)
            made = client.exports.trades(tmp_path / "trades.csv")
            assert made.rows == 0
            assert len(listed(client.keys.list())) >= 1
        with connect(venue, venue.person(), evolve(QUICK, max_attempts=1)) as stranger:
            # without the authority nothing is sent
            with pytest.raises(Exception, match=r"(?i)certificate|ssl|tls"):
                stranger.me()
