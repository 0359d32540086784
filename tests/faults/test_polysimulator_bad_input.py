"""What people get wrong on PolySimulator: each mistake is told in words that help, and harms nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from polyspec_wire.polysimulator import markets as market_calls
from polyspec_wire.polysimulator import models as wire
from websockets.sync.client import connect as open_socket

from polyspec import Sandbox
from polyspec.errors import (
    BadRequest,
    ConfigError,
    DecodeError,
    Forbidden,
    InsufficientFunds,
    InvalidOrder,
    NotFound,
    OrderRejected,
    PolyspecError,
    Unauthorized,
)
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.fate import Accepted, Rejected
from polyspec.polysimulator.ticket import MarketTerms
from tests.client.clob.rig import Token
from tests.faults.at_polysimulator import (
    ONE_MORE,
    PLACE,
    Player,
    SimVenue,
    an_order,
    arm,
    batch,
    open_venue,
    refused,
)
from tests.faults.hands import Hands
from tests.faults.spare import LATE

ODD = 'it\'s "quoted", \\ and ünïcödé \u2028 🎲'
"""What breaks whoever puts texts together by hand."""
INJECTED = "x';DROP/**/TABLE/**/orders;--"


@pytest.fixture
def client(hands: Hands, sim: SimVenue, player: Player) -> Any:
    """Connect."""
    return hands.connect(sim, player)


@contextmanager
def nothing_sent(venue: SimVenue) -> Iterator[None]:
    """Hold the block to sending nothing at all."""
    before = venue.seen.copy()
    yield
    assert venue.seen - before == {}


# -- keys --


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("read_only_api_key", Forbidden, r"trading needs a key with the permission trade.*keys\.create\(\)"),
        ("revoked_api_key", Unauthorized, "it was revoked: make another in the dashboard"),
        ("expired_api_key", Unauthorized, "use the one that replaced it"),
        ("of another deployment", Unauthorized, "a key belongs to one deployment: one of staging"),
    ],
)
def test_key_that_does_not_trade(
    hands: Hands, sim: SimVenue, player: Player, race: Token, name: str, kind: type[PolyspecError], words: str
) -> None:
    """Read-only, revoked, expired or unknown: asked once, and told what to do; no order stands anywhere."""
    key = "ps_live_" + "0" * 64 if name.startswith("of") else sim.sim.api_key(name)
    client = hands.connect(sim, player, api_key=key)
    before = sim.seen.copy()
    for call in (
        lambda: client.orders.submit(an_order(race)),
        lambda: client.orders.place_batch(batch(race)),
        lambda: client.compat.place(race.id, "BUY", "0.4", 10),
        client.orders.cancel_all,
    ):
        with pytest.raises(kind, match=words) as caught:
            call()
        assert not caught.value.maybe_executed
        assert key[10:20] not in str(caught.value)
    assert (sim.seen - before).total() == 4
    with sim.world.lock:
        engine, users = sim.world.engine, sim.world.users.all()
        wallets = [wallet for user in users for wallet in engine.wallets(user.id)]
        assert engine.orders(wallets, market_id=race.condition_id) == []
    if name == "read_only_api_key":
        assert client.account.balance().balance > 0


def test_token_of_the_dashboard_does_not_trade(
    hands: Hands, sim: SimVenue, player: Player, race: Token
) -> None:
    """With nothing but an access token the text asks for an API key, before anything is sent."""
    client = hands.connect(sim, player, api_key=None, access_token=sim.token(player))
    for call in (
        lambda: client.orders.submit(an_order(race)),
        client.orders.cancel_all,
        client.account.positions,
    ):
        with nothing_sent(sim), pytest.raises(ConfigError, match="needs an API key: give api_key"):
            call()
    assert client.me().user_id == player.user_id
    bearer = {"authorization": f"Bearer {sim.token(player)}"}
    answer = httpx.post(f"{sim.sim.rest}/v1/orders", headers=bearer, json={"market_id": race.condition_id})
    assert (answer.status_code, answer.headers["x-polysim-code"]) == (401, "MISSING_API_KEY")
    assert sim.orders(player) == []


def test_key_where_the_token_belongs(hands: Hands, sim: SimVenue, player: Player) -> None:
    """Each taken for the other is told apart at once; what takes no key asks for the token."""
    with pytest.raises(ConfigError, match="is an access token of the dashboard: give it as access_token"):
        hands.connect(sim, player, api_key=sim.token(player))
    with pytest.raises(ConfigError, match="is an API key: give it as api_key"):
        hands.connect(sim, player, access_token=player.key)
    client = hands.connect(sim, player)
    for call in (client.account.entitlements, client.keys.bootstrap):
        with (
            nothing_sent(sim),
            pytest.raises(ConfigError, match="the access token of the dashboard: give access_token"),
        ):
            call()


@pytest.mark.parametrize("key", ["", " ", "two words", "ps_live_1\nx-evil: 1", "schlüssel", 5, b"ps_live_1"])
def test_malformed_key(hands: Hands, sim: SimVenue, player: Player, key: Any) -> None:
    """What no header can carry is refused when it is given, and not repeated."""
    with nothing_sent(sim), pytest.raises(ConfigError, match="api_key must be") as caught:
        hands.connect(sim, player, api_key=key)
    assert not str(key).strip() or str(key) not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    ["http://api.example.com", "ftp://127.0.0.1", "api.polysimulator.com", "", "https://a:b@example.com"],
)
def test_address_that_cannot_be_trusted(hands: Hands, sim: SimVenue, player: Player, base_url: str) -> None:
    """Keys travel encrypted, or on this machine; the text says so and repeats no password."""
    with pytest.raises(ConfigError, match="must be an https address") as caught:
        hands.connect(sim, player, base_url=base_url)
    assert "a:b@" not in str(caught.value)


def test_key_of_another_sandbox(hands: Hands, sim: SimVenue, player: Player) -> None:
    """Keys follow from the seed: one of another seed is unknown here, and the text says why."""
    with Sandbox(venues=["polysimulator"], quiet=True, port=False, seed=7) as other:
        key = other.polysimulator_venue.api_key()
    with pytest.raises(Unauthorized, match="a key belongs to one deployment"):
        hands.connect(sim, player, api_key=key).me()


# -- the first key --


@pytest.fixture
def newcomer(sim: SimVenue, player: Player) -> Player:
    """Open an account that has no key yet, and nothing in the limits of this machine."""
    del player
    with sim.world.lock:
        name = f"newcomer-{len(sim.world.users.all())}@example.com"
        return Player(sim.world.open_account(name, plan="pro").id, 0, "")


def test_first_key_where_there_is_one(hands: Hands, sim: SimVenue, player: Player) -> None:
    """An account with a key is told how it gets another."""
    client = hands.connect(sim, player, access_token=sim.token(player))
    with pytest.raises(BadRequest, match=r"the account has a key already: use keys\.create\(\)") as caught:
        client.keys.bootstrap()
    assert caught.value.code == "BOOTSTRAP_NOT_ALLOWED"
    assert client.keys.create("another").api_key.reveal().startswith("ps_live_")


@pytest.mark.parametrize("form", ["two-field", "one-field"])
def test_closed_beta(hands: Hands, form: str) -> None:
    """Whoever was not invited is told so, in either form of the venue's errors, and gets no key."""
    with open_venue(closed_beta=True, error_form=form) as venue:
        with venue.world.lock:
            user = venue.world.open_account("nobody@example.com", admitted=False)
        token = venue.world.tokens.session(user.auth_id)
        client = hands.connect(venue, None, api_key=None, access_token=token)
        with pytest.raises(
            Forbidden, match=r"only invited accounts make keys for now; see cohort_status\(\)"
        ) as caught:
            client.keys.bootstrap()
        assert caught.value.code == "CLOSED_BETA"
        assert client.cohort_status().cap == 500
        assert venue.world.keys.holding(user.id) == []


@pytest.mark.parametrize("way", ["rotate", "replace"])
def test_first_key_shown_once_and_lost(
    hands: Hands, sim: SimVenue, newcomer: Player, race: Token, way: str
) -> None:
    """A key whose answer was lost is not asked for again, and cannot be had: another takes its place."""
    client = hands.connect(sim, None, api_key=None, access_token=sim.token(newcomer))
    before = arm(sim, "Keys_BootstrapKey", {"kind": "truncate"})
    with pytest.raises(DecodeError) as caught:
        client.keys.bootstrap("mine")
    assert caught.value.maybe_executed
    assert "ps_live_" not in str(caught.value)
    assert (sim.seen - before)["Keys_BootstrapKey"] == 1
    with pytest.raises(BadRequest, match=r"use keys\.create\(\)"):
        client.keys.bootstrap("mine")
    (lost,) = hands.done(client.keys.list())
    if way == "rotate":
        client.keys.rotate(lost.id, use=True)
    else:
        client.use_key(client.keys.create("mine again"))
        client.keys.revoke(lost.id)
    placed = client.orders.submit(an_order(race, quantity=5)).unwrap()
    assert sim.ids(newcomer) == [placed.order_id]
    still = {each.id for each in hands.done(client.keys.list()) if each.is_active and each.expires_at is None}
    assert lost.id not in still
    assert len(still) == 1


@pytest.mark.parametrize("kind", ["reset_after", "hang_after", "html_after", "status_after"])
def test_another_key_is_never_made_twice(hands: Hands, sim: SimVenue, player: Player, kind: str) -> None:
    """What was to make a key is sent once, whatever becomes of its answer; the list shows what was made."""
    client = hands.connect(sim, player)
    before = arm(sim, "Keys_CreateKey", {"kind": kind})
    with pytest.raises(PolyspecError) as caught:
        client.keys.create("lost")
    assert caught.value.maybe_executed
    assert (sim.seen - before)["Keys_CreateKey"] == 1
    (lost,) = [each for each in hands.done(client.keys.list()) if each.name == "lost"]
    client.keys.revoke(lost.id)
    assert not client.keys.get(lost.id).is_active


def test_too_many_keys_and_too_high_plans(client: Any) -> None:
    """A sixth key, a plan nobody has, one that is not sold: each is told apart."""
    for number in range(4):
        client.keys.create(f"key {number}")
    with pytest.raises(BadRequest, match="at most 5 active keys; revoke one first"):
        client.keys.create()
    for tier, kind, words in (
        ("enterprise", Forbidden, "leave tier and permissions out"),
        ("pro_plus", Forbidden, "leave tier and permissions out"),
        ("gold", BadRequest, "tier must be one of free, pro"),
    ):
        with pytest.raises(kind, match=words):
            client.keys.create(tier=tier)
    with pytest.raises(ConfigError, match="give a list of permissions"):
        client.keys.create(permissions="read")


def test_revoked_while_in_use(client: Any, sim: SimVenue, player: Player, race: Token) -> None:
    """A key that revokes itself is refused from then on; what it placed stands, and nothing is added."""
    placed = client.orders.submit(an_order(race)).unwrap()
    client.keys.revoke(player.key_id)
    for call in (lambda: client.orders.submit(an_order(race)), lambda: client.orders.cancel(placed)):
        with pytest.raises(Unauthorized, match="it was revoked"):
            call()
    assert sim.ids(player, status="PENDING") == [placed.order_id]


# -- many at once --


def test_more_markets_than_fit_into_a_batch(client: Any, sim: SimVenue) -> None:
    """Prices of 51 markets come in parts as the plan allows; asked for by hand the text names the table."""
    names = [f"0x{number:064x}" for number in range(51)]
    before = sim.seen.copy()
    assert client.markets.prices(names).keys() == set(names)
    # one that was refused, the table of plans, and eleven of five
    assert (sim.seen - before)["Markets_GetBatchPrices"] == 12
    with pytest.raises(BadRequest, match=r"not 51; the plan says how many.*keys\.tiers\(\)") as caught:
        client.send(market_calls.get_batch_prices(wire.BatchPriceRequest(market_ids=names)))
    assert caught.value.code == "BATCH_LIMIT_EXCEEDED"


def test_more_orders_than_fit_into_a_batch(client: Any, sim: SimVenue, player: Player, race: Token) -> None:
    """Beyond the plan the venue refuses the batch whole and the text names the table; none of it stands."""
    fates = client.orders.place_batch(batch(race, 6))
    assert len(fates) == 6
    for fate in fates:
        refused(fate, OrderRejected, r"at most 5 orders.*keys\.tiers\(\)")
    for orders, words in (([], "one order or more"), (batch(race) * 2, "have one client order id")):
        with nothing_sent(sim), pytest.raises(InvalidOrder, match=words):
            client.orders.place_batch(orders)
    assert sim.orders(player) == []


# -- the websocket of prices --


def test_subscription_under_a_wrong_key_is_told_apart(client: Any, sim: SimVenue, race: Token) -> None:
    """Markets under another key than the venue's are acknowledged with an empty set, and nothing comes."""

    def subscribe(**wanted: list[str]) -> tuple[Any, Any]:
        address = f"{sim.sim.ws}/prices?token={client.keys.ws_token().token.reveal()}"
        with open_socket(address) as socket:
            socket.send(json.dumps({"action": "subscribe", **wanted}))
            frames: list[Any] = [{}]
            while frames[-1].get("type") not in ("subscribed", "error"):
                frames.append(json.loads(socket.recv(2)))
            sim.offer(race, "0.5", 100)
            try:
                return frames[-1], json.loads(socket.recv(0.3))
            except TimeoutError:
                return frames[-1], None

    told, price = subscribe(condition_ids=[race.condition_id])
    assert (told["type"], told["markets"], price) == ("subscribed", [], None)
    told, _ = subscribe(markets=[race.id])
    assert "name markets by condition id" in told["message"]
    told, price = subscribe(markets=[race.condition_id])
    assert told["markets"] == [race.condition_id]
    assert price["type"] == "price"
    # the client itself names the mistake, wherever a market is to be named
    with (
        nothing_sent(sim),
        pytest.raises(ConfigError, match="token id: a market is named by its condition id"),
    ):
        client.markets.get(race.id)


# -- orders that cannot be --


@pytest.fixture
def wrong(client: Any, sim: SimVenue, player: Player, race: Token) -> Callable[..., InvalidOrder]:
    """Return a way to place an order that cannot be, without anything being sent."""
    terms = MarketTerms(
        condition_id=race.condition_id,
        outcomes=("Yes", "No"),
        tick=Decimal("0.01"),
        min_size=Decimal(5),
    )

    def fails(**changes: Any) -> InvalidOrder:
        known = {"market": terms, **ONE_MORE} | changes
        with nothing_sent(sim), pytest.raises(InvalidOrder) as caught:
            client.orders.place(**{name: value for name, value in known.items() if value is not ...})
        assert not caught.value.maybe_executed
        assert sim.orders(player) == []
        assert len(str(caught.value)) < 450
        return caught.value

    return fails


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"price": ...}, "price", "a limit order needs its limit"),
        ({"price": ..., "order_type": "market"}, "price", "a market order needs the worst price to accept"),
        ({"order_type": "market", "time_in_force": "GTC"}, "time_in_force", "say FOK or FAK"),
        ({"order_type": "GTC"}, "order_type", 'say time_in_force="GTC"'),
        ({"order_type": "stop"}, "order_type", "none of limit, market"),
        ({"time_in_force": "GTX"}, "time_in_force", "none of GTC, GTD, FOK, FAK, IOC"),
        ({"side": "HOLD"}, "side", "BUY or SELL"),
        ({"outcome": "Maybe"}, "outcome", "none of Yes, No"),
        ({"outcome": ""}, "outcome", "the label of one, such as Yes"),
        ({"outcome": ODD}, "outcome", "none of Yes, No"),
        ({"outcome": None}, "outcome", "the label of one"),
        ({"quantity": "4.9999"}, "quantity", "5"),
        ({"quantity": "10.00005"}, "quantity", "10.0000 and 10.0001"),
        ({"quantity": 0}, "quantity", "5"),
        ({"quantity": -5}, "quantity", "5"),
        ({"quantity": ...}, "quantity", "either quantity .shares. or amount .dollars."),
        ({"amount": 5}, "quantity", "either quantity .shares. or amount .dollars."),
        ({"quantity": ..., "amount": 5}, "amount", "market orders that buy"),
        ({"quantity": ..., "amount": 5, "order_type": "market", "side": "SELL"}, "amount", "orders that buy"),
        ({"price": "0.405"}, "price", "0.4000 and 0.4100"),
        ({"price": 0}, "price", "0.01"),
        ({"price": 1}, "price", "0.99"),
        ({"price": 40}, "price", "0.99"),
        ({"price": "-0.4"}, "price", "0.01"),
        ({"post_only": True, "time_in_force": "FOK"}, "post_only", "make it a GTC or GTD limit order"),
        ({"post_only": "yes"}, "post_only", "True or False"),
        ({"time_in_force": "GTD"}, "expiration", "GTD and expiration go together"),
        ({"expiration": 1_900_000_000}, "expiration", "GTD and expiration go together"),
        ({"time_in_force": "GTD", "expiration": 100}, "expiration", "is past"),
        ({"time_in_force": "GTD", "expiration": "soon"}, "expiration", "unix seconds or a datetime"),
        ({"time_in_force": "GTD", "expiration": 1_900_000_000_000}, "expiration", "in milliseconds"),
        ({"time_in_force": "GTD", "expiration": datetime(2040, 1, 1)}, "expiration", "needs a time zone"),  # noqa: DTZ001
        ({"wallet_id": "api"}, "wallet_id", "the number of a wallet"),
        ({"wallet_id": True}, "wallet_id", "the number of a wallet"),
        ({"client_order_id": ""}, "client_order_id", "1 to 256 visible ASCII"),
        ({"client_order_id": ODD}, "client_order_id", "1 to 256 visible ASCII"),
        ({"client_order_id": "x" * 257}, "client_order_id", "1 to 256 visible ASCII"),
        ({"client_order_id": 5}, "client_order_id", "1 to 256 visible ASCII"),
        ({"market": 5}, "market", "a condition id or what has one"),
        ({"market": "9" * 77}, "market", r"compat\.place"),
        ({"market": ODD}, "market", "a condition id, or a market that was listed"),
        ({"market": ""}, "market", "a condition id, or a market that was listed"),
    ],
    ids=lambda value: str(value)[:44],
)  # fmt: skip
def test_orders_that_mean_nothing(
    wrong: Callable[..., InvalidOrder], changes: dict[str, Any], field: str, words: str
) -> None:
    """What the venue could make no sense of is refused here, for its field, with what is allowed."""
    error = wrong(**changes)
    assert error.field == field
    with pytest.raises(InvalidOrder, match=words):
        raise error


@pytest.mark.parametrize("field", ["price", "quantity", "amount"])
@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), 0.5, 1.0, "NaN", "Infinity", "-inf", Decimal("NaN"), Decimal("sNaN"),
        Decimal("-Infinity"), "9" * 5000, "1e999999", "1e9999", Decimal("1E+999999"), Decimal("1E-999999"),
        "0,5", "½", "\u0660.\u0665", "0x1", "1_000", "$0.50", "", True, [1], b"0.5", {"price": "0.5"},
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_no_such_number(field: str, value: Any) -> None:
    """What is no exact finite number is InvalidOrder for its field at once, with a short text."""
    terms = {"market": "0x" + "ab" * 32, "side": "BUY", "outcome": "Yes", "price": "0.5"}
    sized = {"amount": 5, "order_type": "market"} if field == "amount" else {"quantity": 10}
    # nobody listens there: whatever was asked for would fail otherwise
    with PolySimulatorClient("ps_live_1", "http://127.0.0.1:9") as client:
        start = time.monotonic()
        with pytest.raises(InvalidOrder) as caught:
            client.orders.place(**terms | sized | {field: value})
        # nothing is worked out that takes for ever
        assert time.monotonic() - start < LATE
    assert caught.value.field == field
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("price", ["4e-1", "4E-1", ".4", "+0.4", "0.4000000", Decimal("4E-1")])
def test_other_spellings_of_a_price_mean_the_same(
    client: Any, sim: SimVenue, player: Player, race: Token, price: Any
) -> None:
    """Scientific notation and trailing zeros are numbers too, and arrive exactly."""
    client.orders.submit(an_order(race, side="buy", price=price, quantity="1e1")).unwrap()
    (row,) = sim.orders(player)
    assert (row.limit_price, row.quantity, row.side) == (400_000, 100_000, "BUY")


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"quantity": "4"}, OrderRejected, r"smallest order here is 5 shares.*orders\.terms\(market\) tells"),
        (
            {"price": "0.405"},
            OrderRejected,
            r"multiple of the tick size 0\.01.*orders\.terms\(market\) tells",
        ),
        (
            {"quantity": "100000000"},
            InsufficientFunds,
            r"what open orders reserve is not free.*account\.balance\(\)",
        ),
        (
            {"side": "SELL"},
            InsufficientFunds,
            r"must be held before they are sold; see account\.positions\(\)",
        ),
        ({"outcome": "Maybe"}, OrderRejected, "'Maybe' is not one of Yes, No"),
        ({"outcome": ODD}, OrderRejected, "is not one of Yes, No"),
        ({"market": INJECTED}, OrderRejected, r"was not found.*markets\.get\(id, wait=60\)"),
        ({"market": "0x" + "0" * 64}, OrderRejected, r"was not found.*markets\.get\(id, wait=60\)"),
        ({"wallet_id": 999_999}, OrderRejected, "allet"),
        (
            {"order_type": "market", "price": "0.5"},
            OrderRejected,
            "could not be filled in full.*FAK takes what there is",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_refused_by_the_venue(
    client: Any,
    sim: SimVenue,
    player: Player,
    race: Token,
    changes: dict[str, Any],
    kind: type[OrderRejected],
    words: str,
) -> None:
    """What only the venue can know it refuses in words, once, and nothing of it stands or is kept."""
    before, money = sim.seen.copy(), client.account.balance().balance
    placed = client.orders.place(**{"market": race.condition_id, **ONE_MORE} | changes)
    refused(placed, kind, words)
    assert (sim.seen - before)[PLACE] == 1
    assert sim.orders(player) == []
    assert client.account.balance().balance == money


# -- ids --


def test_id_that_was_used_for_something_else(
    client: Any, hands: Hands, sim: SimVenue, player: Player, race: Token
) -> None:
    """Another order under an id that stands is refused, and says so; the first is what it was."""
    first = client.orders.submit(an_order(race, client_order_id="mine")).unwrap()
    for other in (client, hands.connect(sim, player)):
        placed = other.orders.submit(an_order(race, client_order_id="mine", price="0.3"))
        assert isinstance(placed, Rejected)
        with pytest.raises(OrderRejected, match=r"belongs to another order, pending:\d+.*leave the id out"):
            placed.unwrap()
    (row,) = sim.orders(player)
    assert (f"{row.source}:{row.order_id}", row.limit_price) == (first.order_id, 400_000)


def test_same_order_three_times(
    client: Any, hands: Hands, sim: SimVenue, player: Player, race: Token
) -> None:
    """The same order submitted again, also by another client, is one order, and says that it is."""
    order = an_order(race, client_order_id="mine")
    fates = [each.orders.submit(order) for each in (client, client, hands.connect(sim, player))]
    assert [fate.is_replay for fate in fates] == [False, True, True]
    assert {fate.order_id for fate in fates} == set(sim.ids(player))
    assert len(sim.orders(player)) == 1


@pytest.mark.parametrize("name", [INJECTED, '"', "\\", "%00", "../../etc/passwd", "{{7*7}}", "x" * 256])
def test_odd_ids_are_ids(hands: Hands, sim: SimVenue, player: Player, race: Token, name: str) -> None:
    """Whatever is visible ASCII may be an id: it comes back as it was, and a lost order is found by it."""
    client = hands.connect(sim, player)
    arm(sim, PLACE, {"kind": "persistence_unknown_stored"})
    placed = client.orders.submit(an_order(race, client_order_id=name))
    assert isinstance(placed, Accepted)
    assert [row.client_order_id for row in sim.orders(player)] == [name]
    assert [row.client_order_id for row in client.orders.open()] == [name]


def test_odd_texts_elsewhere(client: Any, hands: Hands) -> None:
    """In queries, names and paths any text arrives as it is, finds nothing, and breaks nothing."""
    for text in (ODD, INJECTED, "%%", "a/b?c=d&e", "\x00"):
        assert list(hands.done(client.markets.list(q=text))) == []
        made = client.wallets.create(label=text[:60])
        assert made.label == text[:60]
        client.wallets.archive(made.id)
    for call in (
        lambda: client.markets.get(INJECTED),
        lambda: client.markets.by_slug("x';--"),
        lambda: client.books.get_order_book("1" * 70),
    ):
        with pytest.raises(NotFound):
            call()
    renamed = client.keys.rename(next(iter(hands.done(client.keys.list()))).id, ODD)
    assert renamed.name == ODD


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda client, market: client.orders.cancel(INJECTED), "an order id is a number above 0"),
        (lambda client, market: client.orders.cancel(ODD), "an order id is a number above 0"),
        (lambda client, market: client.orders.cancel(0), "an order id is a number above 0"),
        (lambda client, market: client.orders.cancel(-1), "an order id is a number above 0"),
        (lambda client, market: client.orders.cancel(1.0), "named by its id"),
        (lambda client, market: client.orders.cancel("filed:1"), "like 'pending:7'"),
        (lambda client, market: client.orders.cancel(10**30), "an order id is a number above 0"),
        (lambda client, market: client.orders.cancel_many("12"), "give a list of orders"),
        (lambda client, market: client.orders.cancel_many([1, None]), "named by its id"),
        (lambda client, market: client.orders.cancel_market(), "either the market or a token_id"),
        (lambda client, market: client.orders.cancel_market(market.id), "looks like a token id"),
        (lambda client, market: client.orders.cancel_market(token_id=market.condition_id), "condition id"),
        (lambda client, market: client.orders.get("7;"), "an order id is a number above 0"),
        (lambda client, market: client.orders.open(market.id), "looks like a token id"),
        (lambda client, market: client.markets.prices(market.condition_id), "give a list of markets"),
        (lambda client, market: client.markets.book(market.condition_id, depth=0), "depth must be 1 to 500"),
        (
            lambda client, market: client.books.get_order_book(market.condition_id),
            "looks like a condition id",
        ),
        (lambda client, market: client.keys.revoke("all"), "key_id must be a whole number"),
        (lambda client, market: client.keys.rename(1, "x" * 101), "at most 100 characters"),
        (lambda client, market: client.account.positions(wallet_id=ODD), "wallet_id must be a whole number"),
        (lambda client, market: client.orders.heartbeats(0.5), "1 to 60 s apart"),
        (lambda client, market: client.orders.heartbeats(float("nan")), "1 to 60 s apart"),
        (lambda client, market: client.use_key(""), "api_key must be"),
    ],
    ids=range(23),
)
def test_calls_that_mean_nothing(
    client: Any, sim: SimVenue, race: Token, call: Callable[[Any, Token], Any], words: str
) -> None:
    """Ids of the wrong kind, empty cancels, impossible intervals: refused, and nothing is sent."""
    with nothing_sent(sim), pytest.raises(ConfigError, match=words):
        call(client, race)
