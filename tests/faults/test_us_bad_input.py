"""What people get wrong: each mistake is told in words that say what to do, and harms nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from polyspec.errors import (
    AuthError,
    ConfigError,
    Forbidden,
    InsufficientFunds,
    InvalidOrder,
    NotFound,
    OrderRejected,
    TradingRestricted,
)
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.issuer import new_key, private_pem
from polyspec.sandbox.us.world import Participant
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.config import Settings
from polyspec.us.fate import Accepted, Rejected
from polyspec.us.ticket import NewOrder
from tests.client.us.rig import Venue
from tests.faults.clocks import Clock
from tests.faults.hands import Hands

INSERT = "OrderEntryAPI_InsertOrder"
TOKEN = "OAuth_RequestToken"


def sent(venue: Venue, before: Counter[str]) -> dict[str, int]:
    """Return what the venue has seen since, listings left out."""
    return {name: count for name, count in (venue.seen - before).items() if "Instruments" not in name}


# -- credentials --


def test_wrong_key_is_named(hands: Hands, venue: Venue, person: Participant, tmp_path: Path) -> None:
    """Another key than the registered one is AuthError that says key and shows its fingerprint."""
    path = tmp_path / "other.pem"
    path.write_bytes(private_pem(new_key()))
    path.chmod(0o600)
    credentials = venue.credentials(path=path)
    client, before = hands.connect(venue, person, credentials=credentials), venue.seen.copy()
    with pytest.raises(AuthError, match="likely cause: the key") as caught:
        client.orders.place("tec-nfl-sbw-2026-02-08-kc", side="BUY", price="0.5", quantity=1)
    assert credentials.fingerprint in str(caught.value)
    assert not caught.value.maybe_executed
    with pytest.raises(AuthError, match="likely cause: the key"):
        client.whoami()
    # a refusal is final for a while: no second request with the same wrong key
    assert sent(venue, before) == {TOKEN: 1}
    assert venue.orders(person) == []


def test_wrong_client_id_is_named(hands: Hands, venue: Venue, person: Participant) -> None:
    """A client id the issuer does not know is AuthError that says so."""
    # what was refused is remembered for a while, so each colour needs a name of its own
    credentials = venue.credentials(client_id=f"nobody-{type(hands).__name__}")
    client, before = hands.connect(venue, person, credentials=credentials), venue.seen.copy()
    with pytest.raises(AuthError, match="likely cause: the client id nobody-"):
        client.whoami()
    assert sent(venue, before) == {TOKEN: 1}


def test_wrong_audience_is_named(hands: Hands, venue: Venue, person: Participant) -> None:
    """The API of another environment as audience is AuthError that says which audience it must be."""
    wrong = {"audience": f"https://api.{type(hands).__name__}.example"}
    credentials, environment = venue.credentials(**wrong), venue.environment(**wrong)
    client = hands.connect(venue, person, credentials=credentials, environment=environment)
    before = venue.seen.copy()
    with pytest.raises(AuthError, match=r"likely cause: the audience https://api\.\w+\.example"):
        client.whoami()
    assert sent(venue, before) == {TOKEN: 1}


def test_credentials_of_another_environment_are_refused_here(hands: Hands, venue: Venue) -> None:
    """Credentials for one environment and the hosts of another never meet on the wire."""
    before = venue.seen.copy()
    credentials = venue.credentials(token_url="https://pmx-prod.us.auth0.com/oauth/token")
    with pytest.raises(ConfigError, match="never work in another"):
        hands.connect(venue, credentials=credentials)
    assert sent(venue, before) == {}


@pytest.mark.parametrize("url", ["http://api.example.com", "ftp://127.0.0.1", "http://127.0.0.1.example.com"])
def test_credentials_travel_encrypted_only(venue: Venue, url: str) -> None:
    """A host that is not this machine must be https."""
    with pytest.raises(ConfigError, match="https"):
        venue.environment(base_url=url)


def test_missing_participant_is_named(hands: Hands, venue: Venue) -> None:
    """Without a participant, reference data can be read and orders cannot; the text says where to give it."""
    client = hands.connect(venue, participant_id=None)
    assert client.whoami().user
    client.instruments.get("tec-nfl-sbw-2026-02-08-kc")
    before = venue.seen.copy()
    with pytest.raises(ConfigError, match="give participant_id when the client is made"):
        client.orders.place("tec-nfl-sbw-2026-02-08-kc", side="BUY", price="0.5", quantity=1)
    with pytest.raises(ConfigError, match="participant_id"):
        client.orders.open()
    assert sent(venue, before) == {}


@pytest.mark.parametrize(
    "name",
    [
        "firms/LP-Sandbox/users/market-maker",
        "firms/ISV-Participant-Sandbox/users/nobody",
        "trader-1",
        "firms/ISV-Participant-Sandbox/users/" + "x" * 300,
    ],
)
def test_foreign_participant_is_forbidden(hands: Hands, venue: Venue, name: str) -> None:
    """Acting for a stranger is Forbidden in the venue's words, sent once and not repeated."""
    client = hands.connect(venue, participant_id=name, account=None)
    market = hands.connect(venue).instruments.get("tec-nfl-sbw-2026-02-08-kc")
    before, orders = venue.seen.copy(), len(venue.sandbox.exchange.orders())
    with pytest.raises(Forbidden, match="permission denied") as caught:
        client.orders.place(market, side="BUY", price="0.5", quantity=1)
    assert (caught.value.attempts, caught.value.maybe_executed) == (1, False)
    assert sent(venue, before) == {INSERT: 1}
    assert len(venue.sandbox.exchange.orders()) == orders


def test_foreign_account_is_forbidden(hands: Hands, venue: Venue, person: Participant, symbol: str) -> None:
    """An order for somebody else's account is refused by the venue, and stands nowhere."""
    client = hands.connect(venue, person, account=venue.world.trader.accounts[0])
    with pytest.raises(Forbidden, match="not accessible"):
        client.orders.place(symbol, side="BUY", price="0.5", quantity=1)
    assert venue.orders(person) == []


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "ü"])
def test_participant_cannot_smuggle_headers(hands: Hands, venue: Venue, value: str) -> None:
    """A participant id that no header can carry is refused before anything is sent."""
    before = venue.seen.copy()
    with pytest.raises(ConfigError):
        hands.connect(venue, participant_id=value).orders.open()
    assert "OrderEntryAPI_GetOpenOrders" not in sent(venue, before)


# -- clocks --


def loose(venue: Venue) -> Settings:
    """Let a client correct any clock."""
    return attrs.evolve(venue.quick, clock_bound=86_400.0)


@pytest.mark.parametrize("offset", [-3600.0, 3600.0])
def test_a_clock_an_hour_off_is_refused_in_a_sentence(
    hands: Hands,
    venue: Venue,
    person: Participant,
    symbol: str,
    offset: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unless told otherwise nothing is done an hour off: one token request, no order, and the reason."""
    for module in ("driver", "driver_async"):
        monkeypatch.setattr(f"polyspec.io.{module}.time", Clock(offset))
    before = venue.seen.copy()
    client = hands.connect(venue, person, credentials=venue.newcomer())
    for _ in range(3):
        with pytest.raises(AuthError, match=r"clock of this machine is 3(599|600|601) s .*NTP"):
            client.orders.place(symbol, side="BUY", price="0.5", quantity=1)
    assert sent(venue, before)[TOKEN] == 1
    assert not venue.orders(person)


@pytest.mark.parametrize("offset", [-30.0, 30.0, -3600.0, 3600.0])
def test_wrong_clock_of_this_machine_is_worked_around(
    hands: Hands,
    venue: Venue,
    person: Participant,
    symbol: str,
    offset: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty seconds or an hour off, early or late: no call fails, two token requests at the most."""
    for module in ("driver", "driver_async"):
        monkeypatch.setattr(f"polyspec.io.{module}.time", Clock(offset))
    before = venue.seen.copy()
    client = hands.connect(venue, person, loose(venue), credentials=venue.newcomer())
    assert client.whoami().user
    placed = client.orders.place(symbol, side="BUY", price="0.5", quantity=1)
    assert isinstance(placed, Accepted)
    assert sent(venue, before)[TOKEN] <= 2
    assert len(venue.orders(person)) == 1


@pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
def test_lost_answer_under_a_wrong_clock_is_judged_right(
    hands: Hands,
    venue: Venue,
    person: Participant,
    symbol: str,
    kind: str,
    hurried: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An hour off, a lost answer is still told rightly from a lost order."""
    for module in ("driver", "driver_async"):
        monkeypatch.setattr(f"polyspec.io.{module}.time", Clock(3600.0))
    client = hands.connect(venue, person, loose(venue), credentials=venue.newcomer())
    client.instruments.get(symbol)
    venue.sandbox.faults.add(kind=kind, operation=INSERT)
    placed = client.orders.place(symbol, side="BUY", price="0.5", quantity=1)
    assert len(venue.orders(person)) == (kind == "reset_after")
    assert isinstance(placed, Accepted) == (kind == "reset_after")
    if kind == "reset_before":
        assert isinstance(placed, Rejected)
        assert placed.never_arrived


def test_lying_date_header_is_ignored(hands: Hands, venue: Venue, person: Participant, symbol: str) -> None:
    """A Date two days off changes nothing."""
    venue.world.clock.header_offset = 2 * 86_400.0
    try:
        client = hands.connect(venue, person, credentials=venue.newcomer())
        placed = client.orders.place(symbol, side="BUY", price="0.5", quantity=1)
    finally:
        venue.world.clock.header_offset = 0.0
    assert isinstance(placed, Accepted)


@pytest.mark.parametrize(("seconds", "word"), [(3600, "expired"), (-3600, "future")])
def test_refused_time_is_said_to_be_the_clock(
    hands: Hands,
    venue: Venue,
    person: Participant,
    seconds: float,
    word: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the server's Date gives no hint, an assertion that is too old or too new blames the clock."""
    issuer_clock = venue.world.issuer._clock
    monkeypatch.setattr(
        venue.world.issuer, "_clock", SimpleNamespace(seconds=lambda: issuer_clock.seconds() + seconds)
    )
    client = hands.connect(venue, person, credentials=venue.newcomer())
    with pytest.raises(AuthError, match=f"{word}.*likely cause: the clock of this machine"):
        client.whoami()


# -- markets --


def test_unknown_symbol_is_not_sent(hands: Hands, venue: Venue, person: Participant) -> None:
    """An order for something that is not listed is NotFound with its name, before any order is sent."""
    client, before = hands.connect(venue, person), venue.seen.copy()
    with pytest.raises(NotFound, match="lists no instrument 'tec-typo'"):
        client.orders.place("tec-typo", side="BUY", price="0.5", quantity=1)
    assert INSERT not in sent(venue, before)


@pytest.mark.parametrize(
    "state", [t.MarketState.CLOSED, t.MarketState.SUSPENDED, t.MarketState.EXPIRED, t.MarketState.HALTED]
)
def test_market_that_takes_no_orders(
    hands: Hands, venue: Venue, person: Participant, state: t.MarketState
) -> None:
    """Closed, suspended, halted, expired: Rejected once, and unwrap raises TradingRestricted."""
    symbol = venue.market()
    client = hands.connect(venue, person)
    client.instruments.get(symbol)
    with venue.world.lock:
        venue.world.apply(t.SetMarketState(symbol=symbol, state=state))
    before = venue.seen.copy()
    placed = client.orders.place(symbol, side="BUY", price="0.5", quantity=1)
    assert isinstance(placed, Rejected)
    assert not placed.never_arrived
    with pytest.raises(TradingRestricted, match=r"Book is|not tradable"):
        placed.unwrap()
    assert sent(venue, before)[INSERT] == 1
    assert venue.orders(person, open_only=True) == []


def test_too_little_money(hands: Hands, venue: Venue, symbol: str) -> None:
    """An order beyond the balance is Rejected, and unwrap raises InsufficientFunds with both amounts."""
    poor = venue.person(dollars="3")
    client = hands.connect(venue, poor)
    placed = client.orders.place(symbol, side="BUY", price="0.5", quantity=10)
    assert isinstance(placed, Rejected)
    with pytest.raises(InsufficientFunds, match="available, requested"):
        placed.unwrap()
    assert venue.orders(poor, open_only=True) == []
    assert isinstance(client.orders.place(symbol, side="BUY", price="0.5", quantity=5), Accepted)


# -- prices and quantities --


@pytest.fixture
def ready(hands: Hands, venue: Venue, person: Participant, symbol: str) -> Callable[..., Any]:
    """Return a way to place an order in a market whose grid is known, that must not reach the venue."""
    client = hands.connect(venue, person)
    client.instruments.get(symbol)
    client.whoami()

    def refused(**changes: Any) -> ConfigError:
        before = venue.seen.copy()
        order = {"side": "BUY", "price": "0.5", "quantity": 1} | changes
        with pytest.raises(ConfigError) as caught:
            client.orders.submit(NewOrder(market=symbol, **order))
        assert sent(venue, before) == {}
        assert venue.orders(person) == []
        assert not caught.value.maybe_executed
        return caught.value

    return refused


@pytest.mark.parametrize(
    ("price", "nearest"),
    [
        ("0.5001", ("0.500", "0.505")),
        ("0.503", ("0.500", "0.505")),
        ("0.0049", ("0.005",)),
        ("0.001", ("0.005",)),
        ("0", ("0.005",)),
        ("-0.5", ("0.005",)),
        ("0.999", ("0.995",)),
        ("1", ("0.995",)),
        ("50", ("0.995",)),
        (Decimal("0.1") + Decimal("1e-20"), ("0.100", "0.105")),
        ("1e6", ("0.995",)),
    ],
)
def test_price_off_the_grid_names_the_nearest(
    ready: Callable[..., Any], price: Any, nearest: tuple[str, ...]
) -> None:
    """Off the tick or beyond the limits: InvalidOrder lists the valid prices next to it."""
    error = ready(price=price)
    assert isinstance(error, InvalidOrder)
    assert error.field == "price"
    assert {Decimal(each) for each in nearest} <= {Decimal(each) for each in error.nearest}
    assert nearest[0] in str(error)


@pytest.mark.parametrize("quantity", [0, -1, "0", "-0.01", "0.001", "1.005", "1e-3", Decimal("0.0000001")])
def test_quantity_off_the_grid(ready: Callable[..., Any], quantity: Any) -> None:
    """Zero, negative, or finer than the scale: InvalidOrder names a valid one."""
    error = ready(quantity=quantity)
    assert isinstance(error, InvalidOrder)
    assert error.field == "quantity"
    assert error.nearest


@pytest.mark.parametrize("field", ["price", "quantity", "cash", "stop_price", "min_quantity"])
@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        0.5,
        1.0,
        "NaN",
        "Infinity",
        "-inf",
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        10**400,
        "9" * 5000,
        "1e999999",
        "1e9999",
        Decimal("1E+999999"),
        Decimal("1E-999999"),
        "0,5",
        "½",
        "\u0660.\u0665",
        "0x1",
        "1_000",
        " 0.5",
        "0.5 ",
        "$0.50",
        "",
        True,
        None.__class__,
        [1],
        b"0.5",
        {"price": "0.5"},
    ],
    ids=repr,
)
def test_no_such_number(venue: Venue, field: str, value: Any) -> None:
    """What is no exact finite number is InvalidOrder for its field at once, with a short text."""
    from polyspec.us.instrument import Instrument
    from polyspec.us.ticket import request_of

    market = _instrument(venue)
    assert isinstance(market, Instrument)
    order: dict[str, Any] = {"side": "BUY", "price": "0.5", "quantity": 1, "time_in_force": "IOC"}
    if field == "cash":
        del order["quantity"]
    start = time.process_time()
    with pytest.raises(InvalidOrder) as caught:
        request_of(NewOrder(market=market, **(order | {field: value})), market, account="", now=0.0)
    assert time.process_time() - start < 1
    assert caught.value.field == field
    assert len(str(caught.value)) < 300


_INSTRUMENTS: dict[int, Any] = {}


def _instrument(venue: Venue) -> Any:
    """Return an instrument as a client sees it, read once."""
    if id(venue) not in _INSTRUMENTS:
        hands = Hands()
        _INSTRUMENTS[id(venue)] = hands.connect(venue).instruments.get(venue.market())
        hands.close()
    return _INSTRUMENTS[id(venue)]


@pytest.mark.parametrize("price", ["5e-1", "5E-1", ".5", "+0.5", "0.50000000000000000000", Decimal("5E-1")])
def test_other_spellings_of_a_price_mean_the_same(
    hands: Hands, venue: Venue, person: Participant, symbol: str, price: Any
) -> None:
    """Scientific notation and trailing zeros are numbers too, and arrive exactly."""
    hands.connect(venue, person).orders.place(symbol, side="BUY", price=price, quantity="1e0").unwrap()
    (order,) = venue.orders(person)
    assert (order.price, order.quantity) == (500, 100)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"side": "HOLD"}, "BUY, SELL"),
        ({"side": ""}, "BUY, SELL"),
        ({"side": None}, "BUY, SELL"),
        ({"time_in_force": "FOREVER"}, "GOOD_TILL_CANCEL"),
        ({"outcome": "MAYBE"}, "neither YES nor NO"),
        ({"type": "ICEBERG"}, "MARKET_TO_LIMIT"),
        ({"price": None}, 'type="MARKET_TO_LIMIT"'),
        ({"quantity": None}, "either quantity"),
        ({"cash": 5}, "either quantity"),
        ({"post_only": True, "time_in_force": "IOC"}, "post_only"),
        ({"min_quantity": 1}, "IMMEDIATE_OR_CANCEL"),
        ({"time_in_force": "GTT"}, "good_till"),
        ({"best_limit": True}, "set the price themselves"),
        ({"self_match_prevention": "SOMETIMES"}, "REJECT_AGGRESSOR"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_instructions_that_mean_nothing(
    ready: Callable[..., Any], changes: dict[str, Any], words: str
) -> None:
    """What the venue could not make sense of is refused here, with what is allowed instead."""
    error = ready(**changes)
    assert isinstance(error, InvalidOrder)
    assert words in str(error)


@pytest.mark.parametrize("clord_id", ["", " ", "a b", "a" * 65, "ü", "a\n", 5, None, b"x"])
def test_unusable_client_order_id(venue: Venue, symbol: str, clord_id: Any) -> None:
    """An id that could not be looked up later is refused when the order is written."""
    with pytest.raises(InvalidOrder, match="1 to 64") as caught:
        NewOrder(market=symbol, side="BUY", price="0.5", quantity=1, clord_id=clord_id)
    assert caught.value.field == "clord_id"


# -- identity --


def test_client_order_id_of_an_open_order(
    hands: Hands, venue: Venue, person: Participant, symbol: str
) -> None:
    """A second order under the id of an open one is Rejected; the first stands untouched, and only it."""
    client = hands.connect(venue, person)
    first = client.orders.place(symbol, side="BUY", price="0.5", quantity=1, clord_id="twice").unwrap()
    second = client.orders.place(symbol, side="BUY", price="0.4", quantity=2, clord_id="twice")
    assert isinstance(second, Rejected)
    with pytest.raises(OrderRejected, match="already in use"):
        second.unwrap()
    (order,) = venue.orders(person, open_only=True)
    assert (order.id, order.price, order.quantity) == (first.order_id, 500, 100)


def test_client_order_id_of_a_closed_order(
    hands: Hands, venue: Venue, person: Participant, symbol: str
) -> None:
    """An id may be used again once its order is over, and the verdict is about the new order."""
    client = hands.connect(venue, person)
    first = client.orders.place(symbol, side="BUY", price="0.5", quantity=1, clord_id="again").unwrap()
    client.orders.cancel(first)
    second = client.orders.place(symbol, side="BUY", price="0.4", quantity=2, clord_id="again").unwrap()
    assert second.order_id != first.order_id
    assert second.order.price == 400
    (order,) = venue.orders(person, open_only=True)
    assert order.id == second.order_id


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_reused_client_order_id_with_a_lost_answer(
    hands: Hands, venue: Venue, person: Participant, symbol: str, kind: str, hurried: None
) -> None:
    """The old order of the same name is never taken for the one whose answer was lost."""
    client = hands.connect(venue, person)
    first = client.orders.place(symbol, side="BUY", price="0.5", quantity=1, clord_id="ghost").unwrap()
    client.orders.cancel(first)
    venue.sandbox.faults.add(kind=kind, operation=INSERT)
    second = client.orders.place(symbol, side="BUY", price="0.4", quantity=2, clord_id="ghost")
    stands = venue.orders(person, open_only=True)
    if kind == "reset_after":
        assert isinstance(second, Accepted)
        assert [order.id for order in stands] == [second.order_id]
    else:
        assert not isinstance(second, Accepted)
        assert stands == []


def test_post_only_that_would_match(hands: Hands, venue: Venue, person: Participant, symbol: str) -> None:
    """It is Rejected, the resting order of the other side is untouched, and no money moved."""
    other = venue.person()
    resting = hands.connect(venue, other).orders.place(symbol, side="SELL", price="0.5", quantity=1).unwrap()
    placed = hands.connect(venue, person).orders.place(
        symbol, side="BUY", price="0.6", quantity=1, post_only=True
    )
    assert isinstance(placed, Rejected)
    with pytest.raises(OrderRejected):
        placed.unwrap()
    assert [order.id for order in venue.orders(other, open_only=True)] == [resting.order_id]
    assert venue.orders(person, open_only=True) == []


# -- key files --


def _pem(key: Any) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_key_others_can_read_is_refused(venue: Venue, tmp_path: Path, mode: int) -> None:
    """A key file open to others is refused with the command that closes it."""
    path = tmp_path / "key.pem"
    path.write_bytes(Path(venue.sandbox.us.private_key_path).read_bytes())
    path.chmod(mode)
    with pytest.raises(ConfigError, match=f"mode {mode:04o}.*chmod 600"):
        venue.credentials(path=path)
    # nothing is repaired behind the owner's back
    assert path.stat().st_mode & 0o777 == mode
    assert isinstance(venue.credentials(path=path, allow_readable_key=True), PrivateKeyJwt)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_key_of_ones_own_is_taken(venue: Venue, tmp_path: Path, mode: int) -> None:
    """Readable by its owner alone is good enough."""
    path = tmp_path / "key.pem"
    path.write_bytes(Path(venue.sandbox.us.private_key_path).read_bytes())
    path.chmod(mode)
    assert venue.credentials(path=path).fingerprint == venue.credentials().fingerprint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"hello", "BEGIN"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), "EC key"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate"),
        (b"x" * 100_000, "too large"),
        (b"\x30\x82\x01\x00" + b"\x00" * 200, "DER"),
    ],
    ids=["empty", "text", "damaged", "EC", "certificate", "large", "DER"],
)
def test_file_that_is_no_rsa_key(venue: Venue, tmp_path: Path, content: bytes, words: str) -> None:
    """Whatever is there instead of a key is named."""
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=words):
        venue.credentials(path=path)


def test_place_that_is_no_file(venue: Venue, tmp_path: Path) -> None:
    """A missing file, a folder and no path at all are each said to be that."""
    for path, words in ((tmp_path / "none", "does not exist"), (tmp_path, "directory"), ("", "empty")):
        with pytest.raises(ConfigError, match=words):
            venue.credentials(path=path)
