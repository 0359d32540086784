"""What people get wrong on the CLOB: each mistake is told in words that say what to do, and harms nothing."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from eth_account import Account

from polyspec.clob.client import ClobClient
from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.fate import Accepted
from polyspec.errors import BadRequest, ConfigError, InvalidOrder, NotFound, OrderRejected, Unauthorized
from tests.client.clob.rig import Person, Token, Venue
from tests.faults.at_clob import ONE_MORE, ORDER, ready, refused
from tests.faults.hands import Hands
from tests.faults.spare import LATE

ODD = 'it\'s "quoted", \\ and ünïcödé \u2028 🎲'
"""What breaks signatures that are not made over the bytes that are sent."""


@pytest.fixture
def client(hands: Hands, clob: Venue, trader: Person, token: Token) -> Any:
    """Connect, with credentials and the market in hand: all that is sent from now on is noticed."""
    client = ready(hands, clob, trader)
    client.market_of(token.id)
    return client


@contextmanager
def nothing_sent(venue: Venue) -> Iterator[None]:
    """Hold the block to sending nothing at all."""
    before = venue.seen.copy()
    yield
    assert venue.seen - before == {}


@pytest.fixture
def wrong(client: Any, clob: Venue, trader: Person, token: Token) -> Callable[..., InvalidOrder]:
    """Return a way to make an order that cannot be, without anything being sent."""

    def fails(**changes: Any) -> InvalidOrder:
        known = {"token_id": token.id, **ONE_MORE} | changes
        terms = {name: value for name, value in known.items() if value is not ...}
        make = client.create_market_order if "amount" in terms else client.create_order
        with nothing_sent(clob), pytest.raises(InvalidOrder) as caught:
            make(**terms)
        assert not caught.value.maybe_executed
        assert clob.orders(trader) == []
        assert len(str(caught.value)) < 400
        return caught.value

    return fails


# -- keys --


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda key: "", "it is empty"),
        (lambda key: "0x", "it has 0 digits"),
        (lambda key: key[:-1], "it has 63 digits"),
        (lambda key: key + "0", "it has 65 digits"),
        (lambda key: "0x" + "0" * 64, "zero, or too large"),
        (lambda key: "f" * 64, "zero, or too large"),
        (lambda key: bytes(32), "zero, or too large"),
        (lambda key: b"short", "it has .* no hexadecimal digits|digits"),
        (lambda key: f'"{key}"', "quotation marks around it: remove them"),
        (lambda key: key[:20] + "\n" + key[20:], "spaces or line ends inside: remove them"),
        (lambda key: key[:-1] + "g", "no hexadecimal digits"),
        (lambda key: Account.from_key(key).address, "this is an address, which is public"),
        (lambda key: "0x04" + "ab" * 64, "length of a public key"),
        (lambda key: " ".join(["test"] * 11 + ["junk"]), "a list of words.*export the key"),
        (lambda key: "-----BEGIN EC PRIVATE KEY-----", "PEM file"),
        (lambda key: int(key, 16), "a signer is a private key or an object with"),
        (lambda key: object(), "address and sign_hash"),
    ],
    ids=range(17),
)
def test_malformed_key(
    hands: Hands, clob: Venue, trader: Person, change: Callable[[str], Any], words: str
) -> None:
    """Whatever is there instead of a key is named, without showing any of it, before anything is sent."""
    with nothing_sent(clob), pytest.raises(ConfigError, match=words) as caught:
        hands.connect(clob, trader, key=change(trader.key))
    assert trader.key[4:20].lower() not in str(caught.value).lower()


@pytest.mark.parametrize(
    "spelling",
    [
        lambda key: key,
        lambda key: key[2:],
        lambda key: "0X" + key[2:].upper(),
        lambda key: f"  {key}\n",
        lambda key: bytes.fromhex(key[2:]),
        lambda key: bytearray.fromhex(key[2:]),
    ],
    ids=["0x", "bare", "upper", "spaces", "bytes", "bytearray"],
)
def test_spellings_of_a_key(
    hands: Hands, clob: Venue, trader: Person, spelling: Callable[[str], Any]
) -> None:
    """With 0x and without, in any case, as text and as bytes: it is the same key, and it works."""
    client = hands.connect(clob, trader, key=spelling(trader.key))
    assert client.address == trader.address
    client.create_or_derive_api_key()


class _Later:
    """A signer that has to be awaited."""

    def __init__(self, key: str) -> None:
        self._account = Account.from_key(key)
        self.address = self._account.address

    async def sign_hash(self, digest: bytes) -> bytes:
        return bytes(self._account.unsafe_sign_hash(digest).signature)


def test_asynchronous_signer_of_a_blocking_client(clob: Venue, trader: Person, token: Token) -> None:
    """A blocking client cannot wait for it: it says which one can, and sends nothing."""
    hands = Hands()
    client = hands.connect(clob, trader, key=_Later(trader.key))
    with nothing_sent(clob), pytest.raises(ConfigError, match="give it to the asynchronous client"):
        client.create_order(**token.known, **ONE_MORE)
    hands.close()


# -- chains and wallets --


@pytest.mark.parametrize("chain_id", [0, 1, 136, 80001, "137", None, True, 137.0])
def test_chain_there_is_none_of(hands: Hands, clob: Venue, trader: Person, chain_id: Any) -> None:
    """Another chain than the venue's two is refused, with their numbers."""
    with nothing_sent(clob), pytest.raises(ConfigError, match=r"137 \(Polygon\).*80002 \(Amoy\)"):
        hands.connect(clob, trader, chain_id=chain_id)


def test_other_chain_of_the_venue(hands: Hands, clob: Venue, trader: Person) -> None:
    """What is signed for the venue's other chain is refused by it, and the error asks about the chain."""
    client = hands.connect(clob, trader, chain_id=80002)
    with pytest.raises(Unauthorized, match="not the clock: is chain 80002 the venue's") as caught:
        client.create_or_derive_api_key()
    assert trader.address in str(caught.value)


@pytest.mark.parametrize("signature_type", [None, 1, 2, 3])
def test_funder_of_somebody_else(
    hands: Hands, clob: Venue, trader: Person, signature_type: int | None
) -> None:
    """A wallet that cannot be the key's is refused, with the five that can."""
    stranger = clob.person().wallets.proxy
    with nothing_sent(clob), pytest.raises(ConfigError, match="is no wallet of the key") as caught:
        hands.connect(clob, trader, funder=stranger, signature_type=signature_type)
    wallets = trader.wallets
    for own in (wallets.eoa, wallets.proxy, wallets.safe, *wallets.deposits):
        assert own in str(caught.value)
    assert "session_key=True" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"signature_type": 1, "funder": "safe"}, "is no wallet of the key .* with signature type 1"),
        ({"signature_type": 0, "funder": "safe"}, "leave the funder out, or give the signature type"),
        ({"signature_type": 4}, "0 .own address., 1 .proxy., 2 .Safe. and 3 .deposit wallet."),
        ({"signature_type": "1"}, "signature types are"),
        ({"signature_type": True}, "signature types are"),
        ({"funder": "0x1234"}, "the funder must be an address: 0x and 40"),
        ({"funder": "swapped"}, "wrong checksum: check it for a mistyped digit"),
        ({"session_key": True}, "name it as the funder"),
        ({"key": None, "signature_type": 1}, "give the key too"),
        ({"key": None, "funder": "safe"}, "give the key too"),
        ({"address": "stranger"}, "the key is that of"),
        ({"address": "me"}, "address must be an address"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wallets_that_do_not_fit(
    hands: Hands, clob: Venue, trader: Person, changes: dict[str, Any], words: str
) -> None:
    """Key, type and funder that do not go together are refused before anything is signed."""
    safe = trader.wallets.safe
    named = {"safe": safe, "swapped": "0x" + safe[2:].swapcase(), "stranger": clob.person().address}
    given = {
        name: named.get(value, value) if isinstance(value, str) else value for name, value in changes.items()
    }
    with nothing_sent(clob), pytest.raises(ConfigError, match=words):
        hands.connect(clob, trader, **given)


@pytest.mark.parametrize(
    "host",
    ["http://clob.example.com", "ftp://127.0.0.1", "clob.polymarket.com", "", "https://a:b@example.com"],
)
def test_host_that_cannot_be_trusted(hands: Hands, clob: Venue, trader: Person, host: str) -> None:
    """Signatures travel encrypted, or on this machine; the text says so and repeats no password."""
    with pytest.raises(ConfigError, match="must be an https address") as caught:
        hands.connect(clob, trader, host=host)
    assert "a:b@" not in str(caught.value)


# -- prices, sizes, amounts --


@pytest.mark.parametrize(
    ("price", "nearest"),
    [
        (0, ("0.01", "0.99")),
        ("0.00", ("0.01", "0.99")),
        (1, ("0.01", "0.99")),
        ("1.00", ("0.01", "0.99")),
        ("0.001", ("0.01", "0.99")),
        ("0.009999", ("0.01", "0.99")),
        ("0.995", ("0.01", "0.99")),
        ("-0.4", ("0.01", "0.99")),
        (40, ("0.01", "0.99")),
        ("0.405", ("0.40", "0.41")),
        (Decimal("0.4000000001"), ("0.40", "0.41")),
        ("4.05e-1", ("0.40", "0.41")),
    ],
    ids=repr,
)
def test_price_off_the_grid(wrong: Callable[..., InvalidOrder], price: Any, nearest: tuple[str, ...]) -> None:
    """Zero, one, below a tick, off the tick: refused, with the valid prices next to it."""
    error = wrong(price=price)
    assert (error.field, error.nearest) == ("price", nearest)
    assert all(each in str(error) for each in nearest)


@pytest.mark.parametrize("tick", ["0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001"])
def test_both_ends_of_every_tick(client: Any, clob: Venue, trader: Person, tick: str) -> None:
    """The lowest and the highest price are taken on every tick; half a tick beyond is refused."""
    token, step = clob.market(tick), Decimal(tick)
    for price in (step, 1 - step):
        order = client.create_and_post_order(token_id=token.id, side="BUY", price=price, size=200)
        assert isinstance(order, Accepted)
    for price in (step / 2, 1 - step / 2):
        with pytest.raises(InvalidOrder) as caught:
            client.create_order(token_id=token.id, side="BUY", price=price, size=200)
        assert caught.value.field == "price"
    assert len(clob.orders(trader)) == 2


@pytest.mark.parametrize(
    ("size", "nearest"),
    [
        (0, ("5.00",)),
        (-5, ("5.00",)),
        ("4.99", ("5.00",)),
        ("4.999", ("5.00",)),
        ("10.001", ("10.00", "10.01")),
        ("10.005", ("10.00", "10.01")),
        ("1.0001e1", ("10.00", "10.01")),
        (10**30, ("9223372036854.77",)),
    ],
    ids=repr,
)
def test_size_off_the_grid(wrong: Callable[..., InvalidOrder], size: Any, nearest: tuple[str, ...]) -> None:
    """Below the market's minimum, or with three decimals: refused, with the sizes next to it."""
    error = wrong(size=size)
    assert (error.field, error.nearest) == ("size", nearest)


@pytest.mark.parametrize("field", ["price", "size", "amount", "max_spend"])
@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), 0.5, 1.0, "NaN", "Infinity", "-inf", Decimal("NaN"), Decimal("sNaN"),
        Decimal("-Infinity"), "9" * 5000, "1e999999", "1e9999", Decimal("1E+999999"), Decimal("1E-999999"),
        "0,5", "½", "\u0660.\u0665", "0x1", "1_000", "$0.50", "", True, [1], b"0.5", {"price": "0.5"},
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_no_such_number(token: Token, field: str, value: Any) -> None:
    """What is no exact finite number is InvalidOrder for its field at once, with a short text."""
    terms = {"price": "0.5", "size": 10} if field in ("price", "size") else {"price": "0.5", "amount": 10}
    # nobody listens there: whatever was asked for would fail otherwise
    with ClobClient("http://127.0.0.1:9", key="0x" + "11" * 32) as client:
        make = client.create_order if "size" in terms else client.create_market_order
        start = time.monotonic()
        with pytest.raises(InvalidOrder) as caught:
            make(**token.known, side="BUY", **terms | {field: value})
        # nothing is worked out that takes for ever
        assert time.monotonic() - start < LATE
    assert caught.value.field == field
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("price", ["4e-1", "4E-1", ".4", "+0.4", "0.4000000", Decimal("4E-1")])
def test_other_spellings_of_a_price_mean_the_same(
    client: Any, clob: Venue, trader: Person, token: Token, price: Any
) -> None:
    """Scientific notation and trailing zeros are numbers too, and arrive exactly."""
    client.create_and_post_order(token_id=token.id, side="buy", price=price, size="1e1").unwrap()
    (order,) = clob.orders(trader)
    assert (order.price, order.size, order.side) == (400_000, 10_000_000, "BUY")


def test_floats_in_the_venue_s_own_style(client: Any, clob: Venue, trader: Person, token: Token) -> None:
    """In a mapping a float is what was typed; what was computed is off the grid, and refused."""
    terms = {"token_id": token.id, "side": "BUY", "price": 0.29, "size": 16.9}
    client.create_and_post_order(terms).unwrap()
    (order,) = clob.orders(trader)
    assert (order.price, order.size) == (290_000, 16_900_000)
    with nothing_sent(clob), pytest.raises(InvalidOrder) as caught:
        client.create_order(terms | {"price": 0.1 + 0.2})
    assert set(caught.value.nearest) == {"0.30", "0.31"}


def test_size_below_a_minimum_nobody_asked_for(
    client: Any, clob: Venue, trader: Person, token: Token
) -> None:
    """With the tick given nothing is read; then it is the venue that refuses, in words."""
    placed = client.create_and_post_order(**token.known, side="BUY", price="0.4", size=4)
    refused(placed, OrderRejected, r"Size \(4\) lower than the minimum: 5")
    assert clob.orders(trader) == []


# -- tokens, sides, times, tags --


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        (
            {"token_id": "condition"},
            "token_id",
            r"looks like a condition id.*get_clob_market\(condition_id\)",
        ),
        ({"token_id": "0x12"}, "token_id", "decimal number"),
        ({"token_id": ""}, "token_id", "decimal number"),
        ({"token_id": "-1"}, "token_id", "decimal number"),
        ({"token_id": 0}, "token_id", "decimal number"),
        ({"token_id": 2**256}, "token_id", "up to 256 bits"),
        ({"token_id": 1.5}, "token_id", "decimal text"),
        ({"token_id": ...}, "token_id", "the order needs token_id"),
        ({"side": "HOLD"}, "side", "BUY or SELL"),
        ({"side": 0}, "side", "BUY or SELL"),
        ({"side": ...}, "side", "the order needs side"),
        ({"price": ...}, "price", "the order needs price"),
        ({"size": ...}, "size", "the order needs size"),
        ({"expiration": 100}, "expiration", "at least 180 s from now"),
        ({"expiration": "soon"}, "expiration", "unix seconds"),
        ({"expiration": -5}, "expiration", "unix seconds"),
        ({"expiration": True}, "expiration", "unix seconds"),
        ({"expiration": 1_900_000_000_000}, "expiration", "in milliseconds; it must be in seconds"),
        ({"expiration": datetime(2040, 1, 1)}, "expiration", "needs a time zone"),  # noqa: DTZ001
        ({"metadata": ODD}, "metadata", "0x and 64 hex digits"),
        ({"metadata": "0x" + "0" * 63 + "'"}, "metadata", "0x and 64 hex digits"),
        ({"builder_code": "0x12"}, "builder_code", "0x and 64 hex digits"),
        ({"size": ..., "price": ..., "amount": 10, "order_type": "GTC"}, "order_type", "FOK or FAK"),
        ({"size": ..., "price": "0.405", "amount": 10}, "price", "0.40 and 0.41"),
        ({"size": ..., "price": "0.4", "amount": "10.001"}, "amount", "10.00 and 10.01"),
        ({"size": ..., "price": "0.4", "amount": 5, "side": "SELL", "max_spend": 5}, "max_spend", "buying"),
    ],
    ids=lambda value: str(value)[:44],
)
def test_orders_that_mean_nothing(
    wrong: Callable[..., InvalidOrder], token: Token, changes: dict[str, Any], field: str, words: str
) -> None:
    """What the venue could not make sense of is refused here, for its field, with what is allowed."""
    known = {name: token.condition_id if value == "condition" else value for name, value in changes.items()}
    error = wrong(**known)
    assert error.field == field
    with pytest.raises(InvalidOrder, match=words):
        raise error


def test_expiration_nearer_than_the_venue_takes(wrong: Callable[..., InvalidOrder]) -> None:
    """Two minutes are too few: the nearest that is taken is told, and why a minute of it is lost."""
    soon = int(time.time()) + 120
    error = wrong(expiration=soon)
    assert "60 s before that" in str(error)
    (nearest,) = error.nearest
    assert 175 < int(nearest) - time.time() < 185
    later = wrong(expiration=datetime.now().astimezone() + timedelta(seconds=170))
    assert later.field == "expiration"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tick_size": "0.02"}, "no tick of this venue; it has 0.1, 0.01"),
        ({"tick_size": "0.01", "neg_risk": "no"}, "neg_risk must be True or False"),
        ({"order": {"token_id": "1", "sise": 5}}, "an order has no sise; it has token_id"),
        ({"order": {"token_id": "1", "price": 0.5}}, "given twice"),
        ({"order": 5}, "keywords or as a mapping"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_arguments_that_mean_nothing(
    client: Any, clob: Venue, token: Token, changes: dict[str, Any], words: str
) -> None:
    """Options the venue does not have, misspelled names, things given twice: refused, nothing is sent."""
    with nothing_sent(clob), pytest.raises(ConfigError, match=words):
        client.create_order(**{"token_id": token.id, **ONE_MORE} | changes)


# -- posting --


@pytest.mark.parametrize(
    ("order_type", "expires", "post_only", "words"),
    [
        ("GTD", False, False, "a GTD order needs an expiration"),
        ("GTC", True, False, "make it GTD"),
        ("FOK", True, False, "a FOK order has no expiration"),
        ("FAK", False, True, "cannot be post-only"),
        ("GTX", False, False, "GTC, GTD, FOK and FAK, not 'GTX'"),
    ],
)
def test_terms_that_do_not_fit_the_order(
    client: Any, clob: Venue, token: Token, order_type: str, expires: bool, post_only: bool, words: str
) -> None:
    """An order is posted as what it was signed as, or not at all."""
    expiration = int(time.time()) + 600 if expires else None
    order = client.create_order(**token.known, **ONE_MORE, expiration=expiration)
    with nothing_sent(clob), pytest.raises(InvalidOrder, match=words):
        client.post_order(order, order_type, post_only)


def test_market_order_posted_as_something_else(client: Any, clob: Venue, token: Token) -> None:
    """What was made to be filled at once is not left in the book by a wrong word."""
    order = client.create_market_order(**token.known, side="BUY", amount=10, price="0.4", order_type="FAK")
    with (
        nothing_sent(clob),
        pytest.raises(ConfigError, match="made as FAK; as GTC it would mean something else"),
    ):
        client.post_order(order, "GTC")


@pytest.mark.parametrize("count", [0, 16, 100])
def test_batch_of_a_wrong_size(client: Any, clob: Venue, trader: Person, token: Token, count: int) -> None:
    """None, or more than fifteen: nothing of it is sent."""
    orders = [client.create_order(**token.known, **ONE_MORE) for _ in range(count)]
    with nothing_sent(clob), pytest.raises(ConfigError, match=f"1 to 15 orders, not {count}.*in parts"):
        client.post_orders(orders)
    assert clob.orders(trader) == []


def test_batch_of_wrong_things(client: Any, clob: Venue, token: Token) -> None:
    """The same order twice, or what is none, keeps the whole batch here."""
    order = client.create_order(**token.known, **ONE_MORE)
    for orders, words in (
        ([order, order], "in the batch twice"),
        ([order, "0x12"], "post what create_order"),
    ):
        with nothing_sent(clob), pytest.raises(ConfigError, match=words):
            client.post_orders(orders)
    with nothing_sent(clob), pytest.raises(ConfigError, match="post what create_order returns"):
        client.post_order(order.order_id)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda client, token: client.cancel("0x12"), "an order id is 0x and 64 hex digits"),
        (lambda client, token: client.cancel(ODD), "an order id is 0x and 64 hex digits"),
        (lambda client, token: client.cancel_orders("0x" + "1" * 64), "give a list of orders"),
        (lambda client, token: client.cancel_orders(["0x" + "1" * 64, None]), "an order id is"),
        (lambda client, token: client.cancel_market_orders(), "name the market or the asset_id"),
        (lambda client, token: client.cancel_market_orders(token.id), "looks like a token id"),
        (lambda client, token: client.cancel_market_orders(asset_id=token.condition_id), "condition id"),
        (lambda client, token: client.get_order(token.id), "an order id is"),
        (lambda client, token: client.get_open_orders(token.id), "looks like a token id"),
        (lambda client, token: client.get_open_orders(asset_id=token.condition_id), "condition id"),
        (lambda client, token: client.get_open_orders(id=ODD), "an order id is"),
        (lambda client, token: client.is_order_scoring(5), "an order id is"),
        (lambda client, token: client.heartbeats(9), "at most 8 s apart"),
        (lambda client, token: client.heartbeats(0), "at most 8 s apart"),
        (lambda client, token: client.heartbeats(float("nan")), "at most 8 s apart"),
        (lambda client, token: client.set_api_creds({"apiKey": "x"}), "creds must be ApiCreds"),
        (lambda client, token: client.derive_api_key(-1), "a nonce|the nonce"),
        (lambda client, token: client.derive_api_key("0"), "a nonce|the nonce"),
    ],
    ids=range(18),
)
def test_calls_that_mean_nothing(
    client: Any, clob: Venue, token: Token, call: Callable[[Any, Token], Any], words: str
) -> None:
    """Ids of the wrong kind, empty cancels, impossible intervals: refused, and nothing is sent."""
    with nothing_sent(clob), pytest.raises(ConfigError, match=words):
        call(client, token)


# -- credentials --


def test_spellings_of_a_secret(hands: Hands, clob: Venue, trader: Person, token: Token) -> None:
    """Without padding, in the other alphabet, with a line end behind it: it is the same secret, and signs."""
    stored = ready(hands, clob, trader).creds.reveal()
    secret = str(stored["api_secret"])
    raw = base64.urlsafe_b64decode(secret)
    for spelling in (secret.rstrip("="), base64.b64encode(raw).decode(), f" {secret}\n"):
        creds = ApiCreds(**stored | {"api_secret": spelling})
        client = hands.connect(clob, trader, creds=creds)
        assert isinstance(client.create_and_post_order(**token.known, **ONE_MORE), Accepted)
    assert len(clob.orders(trader)) == 3


@pytest.mark.parametrize("kind", [ApiCreds, BuilderCreds])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("key", "c2Vj cmV0", "phrase"), "spaces or line ends inside"),
        (("key", "c2Vj\ncmV0", "phrase"), "spaces or line ends inside"),
        (("key", "it's-no-base64!", "phrase"), "characters that are no base64"),
        (("key", "c2VjcmV0x", "phrase"), "it is cut off"),
        (("key", "c2Vjcg=", "phrase"), "it is cut off"),
        (("key", "", "phrase"), "it is empty"),
        (("key", None, "phrase"), "it is empty"),
        (("a key", "c2VjcmV0", "phrase"), "visible ASCII characters without spaces"),
        (("k\r\nx-evil: 1", "c2VjcmV0", "phrase"), "visible ASCII characters without spaces"),
        (("schlüssel", "c2VjcmV0", "phrase"), "visible ASCII characters without spaces"),
        (("key", "c2VjcmV0", "two words"), "visible ASCII characters without spaces"),
        (("key", "c2VjcmV0", ""), "visible ASCII characters without spaces"),
        ((None, "c2VjcmV0", "phrase"), "visible ASCII characters without spaces"),
    ],
    ids=range(13),
)
def test_malformed_credentials(kind: type, arguments: tuple[Any, ...], words: str) -> None:
    """What cannot be signed with, or put into a header, is refused when it is given, and not repeated."""
    with pytest.raises(ConfigError, match=words) as caught:
        kind(*arguments)
    for secret in arguments[1:]:
        assert not secret or len(secret) < 7 or secret not in str(caught.value)


def test_credentials_of_another_key(hands: Hands, clob: Venue, trader: Person, token: Token) -> None:
    """Good credentials of somebody else are refused by the venue; the text asks whose they are."""
    others = ready(hands, clob, clob.person()).creds
    client = hands.connect(clob, trader, creds=others)
    with pytest.raises(Unauthorized, match=f"are not those of {trader.address}"):
        client.create_and_post_order(**token.known, **ONE_MORE)
    assert clob.orders(trader) == []


@pytest.mark.parametrize("api_key", ['a"b', 'x","orderType":"FOK', "a\\u0022b"])
def test_owner_that_would_break_out_of_its_quotes(
    hands: Hands, clob: Venue, trader: Person, token: Token, api_key: str
) -> None:
    """The owner stands in the order's JSON: what would not stand there as it is, is refused."""
    creds = ApiCreds(api_key, "c2VjcmV0", "phrase")
    client = hands.connect(clob, trader, creds=creds)
    before = clob.seen[ORDER]
    with pytest.raises(ConfigError, match="the owner of an order is the API key"):
        client.create_and_post_order(**token.known, **ONE_MORE)
    assert clob.seen[ORDER] == before


def test_client_without_a_key(hands: Hands, clob: Venue, trader: Person, token: Token) -> None:
    """What needs a signature says so; with credentials and an address reading and cancelling work."""
    creds = ready(hands, clob, trader).creds
    placed = hands.connect(clob, trader, creds=creds).create_and_post_order(**token.known, **ONE_MORE)
    nobody = hands.connect(clob, trader, key=None)
    assert nobody.get_order_book(token.id).bids
    for call in (nobody.get_open_orders, nobody.cancel_all, nobody.get_api_keys):
        with pytest.raises(ConfigError, match="needs a wallet key"):
            call()
    reader = hands.connect(clob, trader, key=None, creds=creds, address=trader.address)
    assert [order.id for order in reader.get_open_orders()] == [placed.order_id]
    for call in (lambda: reader.create_order(**token.known, **ONE_MORE), reader.create_api_key):
        with pytest.raises(ConfigError, match="give key when the client is made"):
            call()
    assert reader.cancel(placed).canceled == (placed.order_id,)


# -- letters that break signatures --


@pytest.mark.parametrize("text", [ODD, "'", '"', "\\", "é", "a\u2028b", "🎲", "</script>", "%27"])
def test_odd_letters_in_bodies_are_signed_as_they_are_sent(client: Any, text: str) -> None:
    """Apostrophes, quotes and other alphabets in a body: the venue understands, and finds no such thing."""
    with pytest.raises(NotFound, match="404"):
        client.delete_readonly_api_key(text)
    with pytest.raises(NotFound, match="404 request not found"):
        client.rfq.cancel_request(text)
    with pytest.raises(BadRequest, match="Invalid Heartbeat ID"):
        client.post_heartbeat(text)


@pytest.mark.parametrize("text", [ODD, "a b", "a/b?c=d&e", "%2e%2e", "é"])
def test_odd_letters_in_addresses_are_escaped(client: Any, text: str) -> None:
    """In a query they reach the venue as they are; the signature, which is of the path alone, holds."""
    with pytest.raises(NotFound):
        client.rfq.get_best_quote(text)
