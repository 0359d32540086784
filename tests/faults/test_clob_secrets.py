"""Nothing secret of the CLOB gets out: keys, API secrets, passphrases and what is signed with them."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import attrs
import pytest
from eth_account import Account
from starlette.requests import Request

from polyspec.clob import curve
from polyspec.clob.client import ClobClient
from polyspec.clob.config import ClobSurroundings
from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.signers import LocalSigner
from polyspec.core.sending import Patience
from polyspec.sandbox.clob import app
from tests.client.clob.rig import QUICK, Person, Token, Venue, open_venue
from tests.faults.at_clob import LOOKUP, ONE_MORE, OPEN, ORDER, ORDERS, batch
from tests.faults.ears import Canaries, Ears
from tests.faults.hands import AsyncHands, Hands
from tests.faults.lost import TOURED

pytestmark = pytest.mark.usefixtures("hurried")

BRIEF = attrs.evolve(
    QUICK,
    max_attempts=2,
    patience=Patience(connect=0.5, write=0.5, read=0.2, place=0.4, total=0.4),
)
DATABASE = "postgres://somebody:a-password-of-another-program@db"
SIGNED = ("poly_signature", "poly_passphrase", "poly_builder_signature", "poly_builder_passphrase")


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """Watch for everything that is signed or secret in a header of any request of this test."""
    canaries, authenticate = Canaries(), app.authenticate

    def watched(world: Any, operation: Any, request: Request, raw: bytes) -> Any:
        for name in SIGNED:
            if value := request.headers.get(name):
                canaries.add(name, value.removeprefix("0x"))
        return authenticate(world, operation, request, raw)

    monkeypatch.setattr(app, "authenticate", watched)
    return canaries


def _watch(canaries: Canaries, person: Person) -> None:
    """Watch for a private key, as it is written and as a number."""
    canaries.add("key", person.key[2:])
    canaries.add("key in capitals", person.key[2:].upper())
    canaries.add("key as a number", str(int(person.key, 16)))
    canaries.add("key as bytes", repr(bytes.fromhex(person.key[2:]))[2:-1])


def _keep(canaries: Canaries, creds: Any) -> Any:
    """Watch for the secret and the passphrase of credentials."""
    for name, value in creds.reveal().items():
        if name not in ("api_key", "key", "nonce"):
            canaries.add(name, str(value))
    return creds


def _well(hands: Hands, venue: Venue, person: Person, token: Token, ears: Ears, canaries: Canaries) -> Any:
    """Do everything once that a program does when all is well."""
    client = hands.connect(venue, person, BRIEF)
    creds = _keep(canaries, client.create_or_derive_api_key())
    builder = _keep(canaries, client.create_builder_api_key())
    for each in (client, client.session, client.account, creds, builder, BRIEF):
        ears.text.write(f"{each!r} {each} {each!s:>10}")
    signer = LocalSigner.from_key(person.key)
    ears.text.write(f"{signer!r} {attrs.asdict(client.account)} {ClobSurroundings.read({})!r}")
    placed = client.create_and_post_order(**token.known, **ONE_MORE)
    ears.hear(lambda: client.create_order(**token.known, **ONE_MORE))
    ears.hear(lambda: client.preview(token_id=token.id, **ONE_MORE))
    ears.hear(lambda: client.post_orders(batch(client, token, 3)))
    ears.hear(lambda: client.get_order(placed))
    ears.hear(client.get_open_orders)
    ears.hear(client.get_trades)
    ears.hear(client.get_balance_allowance)
    ears.hear(client.get_notifications)
    ears.hear(client.get_api_keys)
    ears.hear(client.get_builder_api_keys)
    ears.hear(client.create_readonly_api_key)
    ears.hear(client.get_readonly_api_keys)
    ears.hear(client.post_heartbeat)
    ears.hear(lambda: client.cancel(placed))
    ears.hear(client.cancel_all)
    ears.hear(lambda: hands.connect(venue, person, BRIEF, key=None, builder=builder).revoke_builder_api_key())
    return client


def _badly(hands: Hands, venue: Venue, person: Person, token: Token, ears: Ears, canaries: Canaries) -> None:
    """Do the same while everything goes wrong, in every way."""
    client = hands.connect(venue, person, BRIEF)
    _keep(canaries, client.create_or_derive_api_key())
    place = lambda: client.create_and_post_order(**token.known, **ONE_MORE)  # noqa: E731
    # errors are made below what the colours differ in: each meets every other fault
    for fault in TOURED[isinstance(hands, AsyncHands) :: 2]:
        for operation, call in (
            (ORDER, place),
            (ORDERS, lambda: client.post_orders(batch(client, token, 2))),
            (OPEN, client.get_open_orders),
            ("Orders_CancelAll", client.cancel_all),
            ("Orders_PostHeartbeat", client.post_heartbeat),
            ("Auth_GetApiKeys", client.get_api_keys),
            ("Auth_CreateReadonlyApiKey", client.create_readonly_api_key),
            ("Auth_CreateBuilderApiKey", client.create_builder_api_key),
        ):
            venue.clob.faults.add(operation=operation, **(fault | {"times": 5}))
            venue.clob.faults.add(operation=LOOKUP, kind="html", times=2)
            ears.hear(call)
            venue.clob.faults.clear()
        for operation in ("Auth_DeriveApiKey", "Auth_CreateApiKey"):
            stranger = venue.person()
            _watch(canaries, stranger)
            newcomer = hands.connect(venue, stranger, BRIEF)
            venue.clob.faults.add(operation=operation, **(fault | {"times": 6}))
            ears.hear(newcomer.create_or_derive_api_key)
            ears.hear(lambda newcomer=newcomer: newcomer.create_and_post_order(**token.known, **ONE_MORE))
            venue.clob.faults.clear()


def _echoes(hands: Hands, venue: Venue, person: Person, token: Token, ears: Ears) -> None:
    """Meet a server that answers with what it was sent, and one that hands out half of a key."""
    client = hands.connect(venue, person, BRIEF)
    creds = client.create_or_derive_api_key().reveal()
    told = {"apiKey": creds["api_key"], "secret": creds["api_secret"], "passphrase": creds["api_passphrase"]}
    whole = json.dumps(told)
    for body in (
        whole[:-20],
        whole[:-1] + ', "apiKey": 5}',
        json.dumps(told | {"passphrase": 5}),
        f"[{whole}]",
    ):
        for operation in ("Auth_DeriveApiKey", "Auth_CreateApiKey", "Auth_CreateBuilderApiKey"):
            venue.clob.faults.add(operation=operation, kind="status", status=200, body=body, times=6)
        ears.hear(client.derive_api_key)
        ears.hear(client.create_api_key)
        ears.hear(client.create_or_derive_api_key)
        ears.hear(client.create_builder_api_key)
        venue.clob.faults.clear()


def _mistakes(hands: Hands, venue: Venue, person: Person, token: Token, ears: Ears) -> None:
    """Make every mistake that has a key or a secret in its hands."""
    connect, key = hands.connect, person.key
    for spoilt in (
        key[:-1],
        key + "0",
        f'"{key}"',
        f"{key[:30]} {key[30:]}",
        key[:-1] + "g",
        "0x" + 2 * key[2:],
    ):
        ears.hear(lambda spoilt=spoilt: connect(venue, person, key=spoilt))
        ears.hear(lambda spoilt=spoilt: LocalSigner.from_key(spoilt))
    for wrong in (
        {"chain_id": 1},
        {"funder": venue.person().address},
        {"signature_type": 9},
        {"host": "http://example.com"},
        {"creds": {"secret": key}},
        {"creds": {"secret": key}, "chain_id": 1},
        {"builder": {"secret": key}},
        {"builder_code": key[:-2]},
    ):
        ears.hear(lambda wrong=wrong: connect(venue, person, **wrong))
    ears.hear(lambda: connect(venue, person).set_api_creds({"secret": key}))
    good = connect(venue, person).create_or_derive_api_key().reveal()
    for change in (
        {"api_secret": f"{good['api_secret']} {good['api_secret']}"},
        {"api_secret": f"{str(good['api_secret'])[:-3]}!"},
        {"api_passphrase": f"{good['api_passphrase']} x"},
        {"api_key": "two words"},
        {"nonce": -1},
    ):
        ears.hear(lambda change=change: ApiCreds(**good | change))
    ears.hear(lambda: BuilderCreds("two words", str(good["api_secret"]), str(good["api_passphrase"])))
    for variables in (
        {"POLYSPEC_CLOB_PRIVATE_KEY": key, "POLYSPEC_CLOB_CHAIN_ID": "x"},
        {"POLYSPEC_CLOB_PRIVATE_KEY": key + "0"},
        {"POLYSPEC_CLOB_PRIVATE_KEY": key, "POLYSPEC_CLOB_API_SECRET": str(good["api_secret"])},
        {"POLYSPEC_SANDBOX": json.dumps({"clob": {"rest": 5, "chain_id": 137, "private_keys": [key]}})},
        {"POLYSPEC_SANDBOX": json.dumps({"clob": {"private_keys": [key]}})[:-1]},
    ):
        ears.hear(lambda variables=variables: ClobClient.from_env({"DB_URL": DATABASE} | variables))
    ears.hear(lambda: connect(venue, person, chain_id=80002).create_or_derive_api_key())
    other = connect(venue, venue.person(), creds=ApiCreds(**good))
    ears.hear(lambda: other.create_and_post_order(**token.known, **ONE_MORE))


class _Vault:
    """A signer that fails, with the key in its hands."""

    def __init__(self, key: str) -> None:
        self._account = Account.from_key(key)
        self.address = self._account.address

    def sign_hash(self, digest: bytes) -> bytes:
        raise RuntimeError(f"the vault is sealed for {digest.hex()[:8]}")


def _vaults(hands: Hands, venue: Venue, person: Person, token: Token, ears: Ears) -> None:
    """Sign with accounts of eth-account, and with a vault that does not."""
    client = hands.connect(venue, person, BRIEF, key=Account.from_key(person.key))
    ears.hear(lambda: client.create_and_post_order(**token.known, **ONE_MORE))
    ears.text.write(repr(client))
    sealed = hands.connect(venue, person, BRIEF, key=_Vault(person.key))
    with pytest.raises(Exception, match="sealed") as caught:
        sealed.create_or_derive_api_key()
    ears.error(caught.value)


def test_a_tour_tells_no_secret(hands: Hands, canaries: Canaries, capfd: pytest.CaptureFixture[str]) -> None:
    """Keys, secrets, passphrases and signatures of headers: no tour leaves any of them behind."""
    with open_venue() as venue, warnings.catch_warnings(record=True) as warned, Ears() as ears:
        warnings.simplefilter("always")
        person, token = venue.person(), venue.market()
        _watch(canaries, person)
        canaries.add("environment", DATABASE)
        client = _well(hands, venue, person, token, ears, canaries)
        _badly(hands, venue, person, token, ears, canaries)
        _echoes(hands, venue, person, token, ears)
        _mistakes(hands, venue, person, token, ears)
        _vaults(hands, venue, person, token, ears)
        ears.text.write(repr(client))
        hands.close()
    out, err = capfd.readouterr()
    said = ears.text.getvalue()
    assert len(said) > 100_000
    # the tour was one: signed on both levels, and by a builder
    assert {name.split(" ")[0] for name in canaries.names} >= {*SIGNED[:2], "poly_builder_signature", "key"}
    assert canaries.found(said) == []
    assert canaries.found(out + err + " ".join(str(each.message) for each in warned)) == []


# -- what holds secrets --


def _held(person: Person) -> list[Any]:
    creds = ApiCreds("a-key", "c2VjcmV0LXNlY3JldC1zZWNyZXQ=", "a-passphrase-of-mine")
    builder = BuilderCreds("a-key", "c2VjcmV0LXNlY3JldC1zZWNyZXQ=", "a-passphrase-of-mine")
    signer = LocalSigner.from_key(person.key)
    client = ClobClient("http://127.0.0.1:9", key=signer, creds=creds, builder=builder)
    return [creds, builder, signer, client, client.session, client.session.authority]


@pytest.mark.parametrize(
    "number", range(6), ids=["creds", "builder", "signer", "client", "session", "authority"]
)
@pytest.mark.parametrize(
    "channel",
    [
        repr,
        str,
        lambda thing: f"{thing}",
        lambda thing: "%s %r" % (thing, thing),  # noqa: UP031 - a channel of its own
        lambda thing: json.dumps({"it": thing}, default=str),
        lambda thing: repr(vars(thing)),
        lambda thing: repr([getattr(thing, name, None) for name in getattr(thing, "__slots__", ())]),
        lambda thing: repr(attrs.asdict(thing)),
        lambda thing: repr(copy.copy(thing)),
        lambda thing: repr(copy.deepcopy(thing)),
        lambda thing: repr(pickle.dumps(thing)),
        lambda thing: repr(thing.__getstate__()),
        lambda thing: repr(thing.__reduce_ex__(2)),
    ],
    ids=[
        "repr", "str", "format", "percent", "json", "vars", "slots", "asdict", "copy", "deepcopy", "pickle",
        "getstate", "reduce",
    ],
)  # fmt: skip
def test_no_channel_shows_what_is_held(number: int, channel: Callable[[Any], str]) -> None:
    """Whatever is asked of what holds a secret, it is not told: it is hidden, or the question is refused."""
    canaries = Canaries()
    person = Person("0x" + "5eC2e7" * 10 + "beef", None)  # type: ignore[arg-type] - its wallets are not asked for
    _watch(canaries, person)
    canaries.add("secret", "c2VjcmV0LXNlY3JldC1zZWNyZXQ=")
    canaries.add("decoded secret", "secret-secret-secret")
    canaries.add("passphrase", "a-passphrase-of-mine")
    thing = _held(person)[number]
    with Ears() as ears:
        try:
            ears.text.write(channel(thing))
        except (
            TypeError,
            AttributeError,
            attrs.exceptions.NotAnAttrsClassError,
            pickle.PicklingError,
        ) as error:
            with suppress(AttributeError):
                # a copy that was refused half way has no repr yet, and nothing to tell
                ears.error(error)
    assert canaries.found(ears.text.getvalue()) == []


@pytest.mark.parametrize("number", range(3), ids=["creds", "builder", "signer"])
def test_what_holds_secrets_is_not_pickled(number: int) -> None:
    """Credentials and keys refuse to be pickled, in words."""
    person = Person("0x" + "11" * 32, None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(_held(person)[number])


def test_slow_signing_warns_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The warning about signing in plain Python may be an error, and even then carries no key."""
    canaries, person = Canaries(), Person("0x" + "5eC2e7" * 10 + "beef", None)  # type: ignore[arg-type]
    _watch(canaries, person)

    def warn() -> None:
        warnings.warn("signing is slow", RuntimeWarning, stacklevel=2)

    monkeypatch.setattr("polyspec.clob.signers.warn_when_slow", warn)
    assert curve.backend()
    with Ears() as ears, pytest.raises(RuntimeWarning, match="slow") as caught:
        LocalSigner.from_key(person.key)
    ears.error(caught.value)
    assert ears.text.getvalue()
    assert canaries.found(ears.text.getvalue()) == []


# -- the search can tell --


def test_headers_of_another_library_are_found(canaries: Canaries) -> None:
    """The search can tell: a client that logs its headers, or keeps them in a local, is caught."""
    with open_venue() as venue, Ears() as ears:
        hands = Hands()
        client = hands.connect(venue, venue.person())
        client.create_or_derive_api_key()
        send = client._http.send

        def chatty(request: Any) -> Any:
            logging.getLogger("chatty").debug("sent %s", dict(request.headers))
            return send(request)

        client._http.send = chatty
        client.get_open_orders()
        hands.close()
    found = canaries.found(ears.text.getvalue())
    assert any(re.match("poly_signature", each) for each in found)
    assert any(re.match("poly_passphrase", each) for each in found)
