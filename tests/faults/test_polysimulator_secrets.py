"""Nothing secret of PolySimulator gets out: API keys, access tokens, tokens of websockets."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import pytest
from polyspec_wire.polysimulator import keys as key_calls
from polyspec_wire.polysimulator import models as wire
from starlette.datastructures import Headers

from polyspec.core.secret import Secret
from polyspec.core.sending import Patience
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSurroundings
from polyspec.polysimulator.issued import NewKey, WsToken
from polyspec.sandbox.polysimulator import app
from polyspec.sandbox.polysimulator.keys import Keys
from polyspec.sandbox.polysimulator.tokens import Tokens
from tests.client.clob.rig import Token
from tests.faults.at_polysimulator import (
    BATCH,
    LISTING,
    PLACE,
    QUICK,
    Player,
    SimVenue,
    an_order,
    batch,
    open_venue,
)
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
_TOURED = (*TOURED, {"kind": "edge_blocked"}, {"kind": "html", "status": 200, "body": '{"balance": 5}'})


def _watch(canaries: Canaries, name: str, secret: str) -> None:
    """Watch for a secret whole, and without what listings show of a key: its first sixteen characters."""
    canaries.add(name, secret)
    canaries.add(name, secret[16:])


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """Watch for every key and token the venue hands out or is shown in this test."""
    canaries, authenticate, make = Canaries(), app.authenticate, Keys._made

    def shown(world: Any, operation: Any, headers: Headers) -> Any:
        for name in ("x-api-key", "authorization"):
            if value := headers.get(name):
                _watch(canaries, name, value.removeprefix("Bearer "))
        return authenticate(world, operation, headers)

    def made(keys: Keys, user_id: int, raw: str, *terms: Any) -> Any:
        _watch(canaries, "raw key", raw)
        return make(keys, user_id, raw, *terms)

    def told(kind: str, issue: Callable[..., str]) -> Callable[..., str]:
        def issued(*arguments: Any, **options: Any) -> str:
            found = issue(*arguments, **options)
            _watch(canaries, kind, found)
            # claims are no secret, but what proves them is
            _watch(canaries, kind, found.rpartition(".")[2])
            return found

        return issued

    monkeypatch.setattr(app, "authenticate", shown)
    monkeypatch.setattr(Keys, "_made", made)
    monkeypatch.setattr(Tokens, "websocket", told("websocket token", Tokens.websocket))
    monkeypatch.setattr(Tokens, "session", told("access token", Tokens.session))
    return canaries


def _both(hands: Hands, venue: SimVenue, person: Player, **changes: Any) -> Any:
    """Connect with a key and an access token."""
    return hands.connect(venue, person, BRIEF, access_token=venue.token(person), **changes)


def _well(hands: Hands, venue: SimVenue, person: Player, market: Token, ears: Ears, folder: Path) -> Any:
    """Do everything once that a program does when all is well."""
    client = _both(hands, venue, person)
    first = hands.connect(venue, None, BRIEF, api_key=None, access_token=venue.token())
    made, token = first.keys.bootstrap("first"), client.keys.ws_token()
    for each in (client, first, client.session, client.session.authority, made, token, BRIEF):
        ears.text.write(f"{each!r} {each} {each!s:>10} {getattr(each, '__dict__', '')!r}")
    ears.text.write(f"{attrs.asdict(made)} {PolySimulatorSurroundings.read({})!r}")
    first.use_key(made)
    ears.hear(first.me)
    placed = client.orders.submit(an_order(market))
    for call in (
        lambda: client.orders.place_batch(batch(market, 3)),
        lambda: client.orders.get(placed),
        client.orders.open,
        lambda: client.orders.cancel(placed),
        lambda: client.compat.place(market.id, "BUY", "0.4", 5),
        client.orders.cancel_all,
        client.me,
        client.account.balance,
        client.account.entitlements,
        lambda: hands.done(client.wallets.list()),
        lambda: hands.done(client.keys.list()),
        client.keys.tiers,
        client.keys.create,
        lambda: client.keys.rotate(person.key_id),
        lambda: client.exports.trades(folder / f"{type(hands).__name__}.csv"),
        lambda: client.exchange(key_calls.create_key(wire.CreateKeyRequest(name="raw"))),
        lambda: client.exchange(key_calls.create_ws_token()),
        lambda: client.exchange(key_calls.rotate_key(made.id)),
    ):
        ears.hear(call)
    return client


def _badly(hands: Hands, venue: SimVenue, person: Player, market: Token, ears: Ears, folder: Path) -> None:
    """Do the same while everything goes wrong, in every way."""
    client = _both(hands, venue, person)
    calls: tuple[tuple[str, Callable[[], Any]], ...] = (
        (PLACE, lambda: client.orders.submit(an_order(market))),
        (BATCH, lambda: client.orders.place_batch(batch(market, 2))),
        ("Compat_PostFlatOrder", lambda: client.compat.place(market.id, "BUY", "0.4", 5)),
        ("Orders_CancelAll", client.orders.cancel_all),
        ("Account_GetBalance", client.account.balance),
        ("Account_GetEntitlements", client.account.entitlements),
        ("Keys_BootstrapKey", client.keys.bootstrap),
        ("Keys_CreateKey", client.keys.create),
        ("Keys_RotateKey", lambda: client.keys.rotate(person.key_id, use=True)),
        ("Keys_CreateWsToken", client.keys.ws_token),
        ("Keys_ListKeys", lambda: hands.done(client.keys.list())),
        ("Exports_ExportTrades", lambda: client.exports.trades(folder / "bad.csv")),
    )
    # errors are made below what the colours differ in: each meets every other fault
    for fault in _TOURED[isinstance(hands, AsyncHands) :: 2]:
        for operation, call in calls:
            venue.sim.faults.add(operation=operation, **(fault | {"times": 5}))
            venue.sim.faults.add(operation=LISTING, kind="html", times=2)
            ears.hear(call)
            venue.sim.faults.clear()


def _echoes(hands: Hands, venue: SimVenue, person: Player, ears: Ears) -> None:
    """Meet a server that hands out half of a key, or answers with what it was sent."""
    client = _both(hands, venue, person)
    told = {"id": 1, "raw_key": person.key, "token": person.key, "permissions": []}
    whole = json.dumps(told)
    for body in (
        whole[:-20],
        whole[:-1] + ', "raw_key": 5}',
        whole[:-1] + ', "token": 5}',
        json.dumps(told | {"id": "one"}),
        json.dumps(told | {"expires_in": "soon", "permissions": 5}),
        f"[{whole}]",
        json.dumps(person.key),
    ):
        for operation in ("Keys_BootstrapKey", "Keys_CreateKey", "Keys_RotateKey", "Keys_CreateWsToken"):
            venue.sim.faults.add(operation=operation, kind="html", status=200, body=body, times=6)
        ears.hear(client.keys.bootstrap)
        ears.hear(client.keys.create)
        ears.hear(lambda: client.keys.rotate(person.key_id))
        ears.hear(client.keys.ws_token)
        venue.sim.faults.clear()


def _mistakes(hands: Hands, venue: SimVenue, person: Player, market: Token, ears: Ears) -> None:
    """Make every mistake that has a key or a token in its hands."""
    connect, key, token = hands.connect, person.key, venue.token(person)

    async def later() -> str:
        return token + "x"

    for wrong in (
        {"api_key": f"{key} {key}"},
        {"api_key": f"{key}\r\nx-evil: 1"},
        {"api_key": token},
        {"api_key": {"key": key}},
        {"api_key": key.encode()},
        {"api_key": [key]},
        {"access_token": key},
        {"access_token": f"Bearer {token}"},
        {"access_token": [token]},
        {"access_token": lambda: key},
        {"access_token": lambda: {"token": token}},
        {"base_url": "http://example.com"},
        {"access_token": later},
        {"wallet_id": "api"},
    ):
        ears.hear(lambda wrong=wrong: connect(venue, person, **wrong).account.entitlements())
    ears.hear(lambda: connect(venue, person).use_key(f"{key} {key}"))
    ears.hear(lambda: connect(venue, person).use_key([key]))
    ears.hear(lambda: connect(venue, person, api_key=key + "0").orders.submit(an_order(market)))
    ears.hear(lambda: connect(venue, person, api_key=None, access_token=token + "x").me())
    line = json.dumps({"polysimulator": {"rest": venue.sim.rest, "api_key": key, "supabase_jwt": token}})
    for variables in (
        {"POLYSPEC_POLYSIMULATOR_API_KEY": f"{key} {key}"},
        {"POLYSIM_API_KEY": f"{key} {key}", "POLYSIM_BASE_URL": "ftp://example.com"},
        {"POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN": key},
        {"POLYSPEC_SANDBOX": line[:-2]},
        {"POLYSPEC_SANDBOX": line.replace("http:", "ftp:")},
        {"POLYSPEC_SANDBOX": json.dumps({"polysimulator": {"rest": 5, "api_key": key}})},
        {"POLYSPEC_SANDBOX": json.dumps({"clob": {"api_key": key}})},
    ):
        ears.hear(lambda variables=variables: PolySimulatorClient.from_env({"DB_URL": DATABASE} | variables))

    def fails() -> str:
        raise RuntimeError("the vault is sealed")

    sealed = connect(venue, None, BRIEF, api_key=None, access_token=fails)
    with pytest.raises(Exception, match="sealed") as caught:
        sealed.me()
    ears.error(caught.value)


def test_a_tour_tells_no_secret(
    hands: Hands, canaries: Canaries, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Keys, access tokens and those of websockets: no tour leaves any of them behind."""
    with open_venue() as venue, warnings.catch_warnings(record=True) as warned, Ears() as ears:
        warnings.simplefilter("always")
        person, market = venue.person(), venue.market()
        canaries.add("environment", DATABASE)
        client = _well(hands, venue, person, market, ears, tmp_path)
        _badly(hands, venue, venue.person(), market, ears, tmp_path)
        _echoes(hands, venue, venue.person(), ears)
        _mistakes(hands, venue, venue.person(), market, ears)
        ears.text.write(repr(client))
        hands.close()
    out, err = capfd.readouterr()
    said = ears.text.getvalue()
    assert len(said) > 100_000
    # the tour was one: every kind of secret was made, and shown to the venue
    assert {name.rpartition(" ")[0] for name in canaries.names} == {
        "x-api-key", "authorization", "raw key", "websocket token", "access token", "environment",
    }  # fmt: skip
    assert canaries.found(said) == []
    assert canaries.found(out + err + " ".join(str(each.message) for each in warned)) == []
    assert canaries.found("".join(each.read_text() for each in tmp_path.iterdir())) == []


# -- what holds secrets --

_KEY = "ps_live_" + "5ec2e7" * 10 + "beef"
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2VjcmV0LXNlY3JldC1zZWNyZXQ"


def _held() -> list[Any]:
    client = PolySimulatorClient(_KEY, "http://127.0.0.1:9", access_token=_JWT)
    new = NewKey(
        id=1,
        api_key=Secret(_KEY),
        key_prefix=_KEY[:16],
        tier="pro",
        permissions=(),
        name=None,
        created_at=None,
    )
    token = WsToken(token=Secret(_JWT), expires_in=60)
    raw = wire.CreateKeyResponse(id=1, raw_key=_KEY), wire.WsTokenResponse(token=_JWT)
    authority = client.session.authority
    return [client, client.session, authority, client._credentials, client.orders, new, token, *raw]


_HELD = ("client", "session", "authority", "credentials", "orders", "key", "token", "raw-key", "raw-token")


@pytest.mark.parametrize("number", range(7), ids=_HELD[:7])
@pytest.mark.parametrize(
    "channel",
    [
        repr,
        str,
        lambda thing: f"{thing}",
        lambda thing: "%s %r" % (thing, thing),  # noqa: UP031 - a channel of its own
        lambda thing: json.dumps({"it": thing}, default=str),
        lambda thing: repr(vars(thing)),
        lambda thing: repr(attrs.asdict(thing)),
        lambda thing: repr(copy.copy(thing)),
        lambda thing: repr(copy.deepcopy(thing)),
        lambda thing: repr(pickle.dumps(thing)),
        lambda thing: repr(thing.__getstate__()),
        lambda thing: repr(thing.__reduce_ex__(2)),
    ],
    ids=[
        "repr", "str", "format", "percent", "json", "vars", "asdict", "copy", "deepcopy", "pickle",
        "getstate", "reduce",
    ],
)  # fmt: skip
def test_no_channel_shows_what_is_held(number: int, channel: Callable[[Any], str]) -> None:
    """Whatever is asked of what holds a secret, it is not told: it is hidden, or the question is refused."""
    canaries = Canaries()
    _watch(canaries, "key", _KEY)
    _watch(canaries, "token", _JWT)
    canaries.add("signature", _JWT.rpartition(".")[2])
    thing = _held()[number]
    with Ears() as ears:
        try:
            ears.text.write(channel(thing))
        except (
            TypeError,
            AttributeError,
            # what draws chances out of the system's cannot be copied
            NotImplementedError,
            attrs.exceptions.NotAnAttrsClassError,
            pickle.PicklingError,
        ) as error:
            with suppress(AttributeError):
                # a copy that was refused half way has no repr yet, and nothing to tell
                ears.error(error)
    assert canaries.found(ears.text.getvalue()) == []


@pytest.mark.parametrize("number", range(5, 9), ids=_HELD[5:])
def test_what_holds_secrets_is_not_pickled(number: int) -> None:
    """Keys and tokens refuse to be pickled, in words."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(_held()[number])


# -- the search can tell --


def test_headers_of_another_library_are_found(canaries: Canaries) -> None:
    """The search can tell: a client that logs its headers, or keeps them in a local, is caught."""
    with open_venue() as venue, Ears() as ears:
        hands = Hands()
        client = _both(hands, venue, venue.person())
        send = client._http.send

        def chatty(request: Any) -> Any:
            logging.getLogger("chatty").debug("sent %s", dict(request.headers))
            return send(request)

        client._http.send = chatty
        client.account.balance()
        client.account.entitlements()
        hands.close()
    found = canaries.found(ears.text.getvalue())
    assert any(each.startswith("x-api-key") for each in found)
    assert any(each.startswith("access token") for each in found)
