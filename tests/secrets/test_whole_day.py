"""A day at all venues, with every logger at its lowest level: nothing that is secret is told by anybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import httpx
import pytest
import uvicorn
from polyspec_wire import clob, polysimulator, us_exchange
from starlette.datastructures import Headers
from starlette.requests import Request

from polyspec import Sandbox
from polyspec.cli.watching import watched
from polyspec.clob.client import ClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.credentials import ApiCreds
from polyspec.core.sending import Patience
from polyspec.core.streams.events import Message, Status, StreamState
from polyspec.core.streams.recording import Header, Recorder
from polyspec.errors import ConfigError
from polyspec.io import websocket_base
from polyspec.io.options import HttpOptions
from polyspec.limits import Shared
from polyspec.managed import ManagedClobClient, ManagedPolySimulatorClient, ManagedUsClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.sandbox.clob import app as clob_app
from polyspec.sandbox.http import server
from polyspec.sandbox.polysimulator import app as paper_app
from polyspec.sandbox.polysimulator.keys import Keys
from polyspec.sandbox.polysimulator.tokens import Tokens
from polyspec.sandbox.us.issuer import Issuer
from polyspec.telemetry import LogEvents, observe
from polyspec.vault import (
    Credential,
    CredentialId,
    CredentialKind,
    DataKey,
    FileRecords,
    KeyRing,
    TransitKeys,
    Vault,
)
from tests.client.clob.rig import UNPACED, Token
from tests.client.clob.rig import Venue as Street
from tests.client.doing_async import listed
from tests.client.us.rig import UNPACED as US_UNPACED
from tests.client.us.rig import Venue as Exchange
from tests.faults.at_polysimulator import Player, SimVenue, an_order
from tests.faults.ears import Canaries, Ears
from tests.unit.otel_rig import Otel
from tests.unit.vault.transit_server import TransitServer
from tests.unit.vault.vault_rig import cheap

TERMS: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}
PROXY = "canary-password-of-the-proxy?/"
LIMITER = "canary-password-of-the-limiter"
TRANSIT = "hvs.canary-token-of-the-transit"
PASSPHRASE = "canary passphrase of the vault"
BRIEF = Patience(connect=0.3, write=0.3, read=0.3, place=0.4, total=0.4)
PAPER = PolySimulatorSettings(pacing=False)


class Day:
    """All venues of one sandbox, somebody at each of them, and all that is said."""

    def __init__(self, sandbox: Sandbox, canaries: Canaries, ears: Ears, folder: Path) -> None:
        self.us, self.street, self.paper = Exchange(sandbox), Street(sandbox), SimVenue(sandbox)
        self.canaries, self.ears, self.folder, self.otel = canaries, ears, folder, Otel()
        self.trader, self.symbol = self.us.person(), self.us.market()
        self.wallet, self.token = self.street.person(), self.street.market()
        self.player: Player = self.paper.person()
        self.pem = Path(sandbox.us.private_key_path).read_text()
        canaries.add("wallet", self.wallet.key[2:])
        canaries.add("wallet as a number", str(int(self.wallet.key, 16)))
        # the first lines of all keys are alike
        for line in self.pem.strip().splitlines()[2:-1]:
            canaries.add("us key", line)

    def tell(self, *things: Any) -> None:
        """Write things down as a log would."""
        for each in things:
            self.ears.text.write(f"{each!r} {each}\n")

    def overheard(self, what: str, now: float, arguments: tuple[Any, ...]) -> None:
        """Write down what a feed is told, as a recording has it."""
        self.tell(what, now, arguments)

    def follow(self, stream: Any, deed: Callable[[], Any]) -> None:
        """Open a stream, do something, and hear of it."""
        stream.overhear(self.overheard)
        with stream:
            self.tell(stream, stream._shell, stream._feed)
            for event in stream:
                self.tell(event)
                if isinstance(event, Status) and event.state is StreamState.LIVE:
                    self.tell(deed())
                if isinstance(event, Message):
                    return


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """Watch for whatever is secret, as it is made or arrives at a venue."""
    canaries = Canaries()
    for name, text in {
        "proxy": PROXY,
        "proxy in an address": quote(PROXY, safe=""),
        "limiter": LIMITER,
        "transit": TRANSIT,
        "passphrase": PASSPHRASE,
    }.items():
        canaries.add(name, text)
    _watch_us(canaries, monkeypatch)
    _watch_clob(canaries, monkeypatch)
    _watch_paper(canaries, monkeypatch)
    make = DataKey.__init__

    def noted(self: DataKey, content: bytes) -> None:
        canaries.add("data key", content.hex())
        canaries.add("data key", repr(content)[2:-1])
        make(self, content)

    monkeypatch.setattr(DataKey, "__init__", noted)
    return canaries


def _watch_us(canaries: Canaries, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = Issuer.token

    def issued(self: Issuer, form: dict[str, Any]) -> dict[str, Any]:
        answer = issue(self, form)
        for text in (form["client_assertion"], answer["access_token"]):
            # the first part says RS256 and nothing else
            for part in text.split(".")[1:]:
                canaries.add("token", part)
        return answer

    monkeypatch.setattr(Issuer, "token", issued)


def _watch_clob(canaries: Canaries, monkeypatch: pytest.MonkeyPatch) -> None:
    authenticate, make = clob_app.authenticate, ApiCreds.__init__

    def shown(world: Any, operation: Any, request: Request, raw: bytes) -> Any:
        for name in ("poly_signature", "poly_passphrase"):
            if value := request.headers.get(name):
                canaries.add(name, value.removeprefix("0x"))
        return authenticate(world, operation, request, raw)

    def made(self: ApiCreds, *given: Any, **named: Any) -> None:
        make(self, *given, **named)
        canaries.add("api secret", self.api_secret.reveal())
        canaries.add("api passphrase", self.api_passphrase.reveal())

    monkeypatch.setattr(clob_app, "authenticate", shown)
    monkeypatch.setattr(ApiCreds, "__init__", made)


def _watch_paper(canaries: Canaries, monkeypatch: pytest.MonkeyPatch) -> None:
    authenticate, make = paper_app.authenticate, Keys._made

    def shown(world: Any, operation: Any, headers: Headers) -> Any:
        for name in ("x-api-key", "authorization"):
            if value := headers.get(name):
                canaries.add(name, value.removeprefix("Bearer "))
        return authenticate(world, operation, headers)

    def made(keys: Keys, user_id: int, raw: str, *terms: Any) -> Any:
        canaries.add("paper key", raw)
        # without what listings show of it
        canaries.add("paper key", raw[16:])
        return make(keys, user_id, raw, *terms)

    def told(kind: str, issue: Callable[..., str]) -> Callable[..., str]:
        def issued(*given: Any, **named: Any) -> str:
            found = issue(*given, **named)
            canaries.add(kind, found)
            canaries.add(kind, found.rpartition(".")[2])
            return found

        return issued

    monkeypatch.setattr(paper_app, "authenticate", shown)
    monkeypatch.setattr(Keys, "_made", made)
    monkeypatch.setattr(Tokens, "websocket", told("websocket token", Tokens.websocket))
    monkeypatch.setattr(Tokens, "session", told("session token", Tokens.session))


@contextmanager
def _day(canaries: Canaries, folder: Path) -> Iterator[Day]:
    with Ears() as ears, Sandbox(quiet=True, rate_limits=False) as sandbox, ExitStack() as stack:
        day = Day(sandbox, canaries, ears, folder)
        stack.callback(observe(LogEvents()))
        stack.callback(observe(day.otel.events))
        yield day


# -- the day --


def _at_the_us_exchange(day: Day) -> None:
    known = day.us.client_options(day.trader) | {"settings": US_UNPACED}
    client_of = day.us.kinds[0]
    order = {"side": "BUY", "price": "0.4", "quantity": 1}
    with client_of(**known) as client:
        day.tell(client, client.session, client.whoami(), client.doctor())
        day.tell(client.orders.cancel(client.orders.place(day.symbol, **order)))
        day.follow(client.stream.orders(), lambda: client.orders.place(day.symbol, **order))
        day.follow(client.stream.market([day.symbol]), lambda: client.orders.place(day.symbol, **order))
    with client_of(**known | {"transport": "grpc"}) as client:
        day.tell(client.orders.place(day.symbol, **order), client.orders.open())


def _at_the_clob(day: Day) -> None:
    client = ClobClient(**day.street.client_options(day.wallet), settings=UNPACED)
    with client:
        creds = client.create_or_derive_api_key()
        day.tell(client, creds, client.create_and_post_order(**day.token.known, **TERMS), client.doctor())
        post = lambda: client.create_and_post_order(**day.token.known, **TERMS)  # noqa: E731
        day.follow(client.stream.user(), post)
        _recorded(day, "clob", client, [day.token.id], post)
    wrong = ApiCreds(creds.api_key, creds.api_secret, "canary-of-a-wrong-passphrase")
    options = day.street.client_options(day.wallet) | {"creds": wrong, "settings": UNPACED}
    with ClobClient(**options) as client:
        day.ears.hear(lambda: list(client.stream.user()))
        day.ears.hear(client.get_open_orders)


def _recorded(day: Day, name: str, client: Any, keys: list[str], deed: Callable[[], Any]) -> None:
    """Record as ``polyspec watch --record`` does."""
    venue, path = watched(name), day.folder / f"{name}.jsonl"
    stream = venue.stream(client, keys)
    options = venue.options(client)
    header = Header.begin(name, venue.channel, keys, venue.rhythm, options, wall=0.0, monotonic=0.0)
    with path.open("wb") as file:
        recorder = Recorder(header, venue.spelling(header), file.write)
        day.overheard, tell = recorder, day.overheard  # type: ignore[method-assign, assignment]
        day.follow(stream, deed)
        day.overheard = tell  # type: ignore[method-assign]
    assert path.stat().st_size > 200


def _at_polysimulator(day: Day, market: Token) -> None:
    options = day.paper.client_options(day.player) | {"settings": PAPER}
    options["access_token"] = day.paper.token(day.player)
    place = lambda: client.orders.submit(an_order(market))  # noqa: E731
    buy = lambda: _taken(day, client, market)  # noqa: E731
    with day.paper.kinds[0](**options) as client:
        day.tell(client, client.session, client.me(), place(), client.doctor())
        made = client.keys.create()
        day.tell(made, client.keys.ws_token(), client.account.entitlements())
        day.follow(client.stream.executions(), buy)
        day.follow(client.stream.user(), buy)
        day.follow(client.stream.spot(), lambda: None)
        _recorded(day, "polysimulator", client, [market.id], place)
        _without_certificates(day)
        client.use_key(made)
        client.keys.revoke(made.id)
        day.ears.hear(lambda: list(client.stream.executions()))
        day.ears.hear(client.me)


def _nowhere(day: Day) -> dict[str, Any]:
    """Return what makes clients fail after they have the address of a websocket, with a token in it."""
    options = day.paper.client_options(day.player)
    settings = attrs.evolve(PAPER, http=HttpOptions(verify=str(day.folder / "no-such-file.pem")))
    return options | {"base_url": options["base_url"].replace("http:", "https:"), "settings": settings}


def _without_certificates(day: Day) -> None:
    http = httpx.Client(transport=_Plainly())
    with http, day.paper.kinds[0](**_nowhere(day), http=http) as client:
        with pytest.raises(ConfigError, match="CA bundle") as caught:
            list(client.stream.executions())
        day.ears.error(caught.value)


class _Plainly(httpx.HTTPTransport):
    """Goes without TLS where it was asked for with it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http")
        return super().handle_request(request)


class _PlainlyAsync(httpx.AsyncHTTPTransport):
    """The same, in the other colour."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http")
        return await super().handle_async_request(request)


def _taken(day: Day, client: Any, market: Token) -> Any:
    day.paper.offer(market, "0.5", 20)
    day.paper.pass_time(1)
    return client.orders.submit(an_order(market, price="0.5"))


def _in_the_other_colour(day: Day, market: Token) -> None:
    async def at(client: Any, stream: Any) -> None:
        async with client:
            async with stream:
                async for event in stream:
                    day.tell(event)
                    if isinstance(event, Status) and event.state is StreamState.LIVE:
                        break
            day.tell(client, stream)

    async def main() -> None:
        # in debug mode every callback is logged that takes longer
        asyncio.get_running_loop().slow_callback_duration = 0.0
        us = day.us.kinds[1](**day.us.client_options(day.trader), settings=US_UNPACED)
        clob = day.street.kinds[1](**day.street.client_options(day.wallet), settings=UNPACED)
        paper = day.paper.kinds[1](**day.paper.client_options(day.player), settings=PAPER)
        day.tell(await us.whoami(), await clob.get_api_keys(), await paper.me())
        day.tell(await listed(paper.keys.list()), await paper.orders.submit(an_order(market)))
        await at(us, us.stream.orders())
        await at(clob, clob.stream.user())
        await at(paper, paper.stream.executions())
        nowhere = day.paper.kinds[1](**_nowhere(day), http=httpx.AsyncClient(transport=_PlainlyAsync()))
        async with nowhere:
            with pytest.raises(ConfigError, match="CA bundle") as caught:
                await listed(nowhere.stream.executions())
            day.ears.error(caught.value)

    asyncio.run(main(), debug=True)


def _managed(day: Day, market: Token, transit: TransitServer) -> None:
    """Keep what each venue needs in a vault, trade with it, rotate it, and lock it with another key."""
    transit.tokens[TRANSIT] = {"read", "update"}
    folder = day.folder / "managed"
    keys = KeyRing(TransitKeys(transit.address, TRANSIT), cheap(PASSPHRASE))
    with Vault(FileRecords(day.folder / "own" / "vault"), keys) as vault:
        us, participant = day.us.sandbox.us, day.trader
        public = {
            "client_id": us.client_id,
            "participant_id": participant.name,
            "account": participant.accounts[0],
        }
        for kind, wallet, secrets, known in (
            (CredentialKind.US_PRIVATE_KEY, "", {"private_key": day.pem}, public),
            (CredentialKind.CLOB_WALLET, day.wallet.address, {"private_key": day.wallet.key}, {}),
            (
                CredentialKind.POLYSIM_API_KEY,
                "",
                {"api_key": day.player.key},
                {"key_id": str(day.player.key_id)},
            ),
        ):
            about = CredentialId("default", "alice", kind.venue, wallet, kind)
            vault.put(about, Credential(environment="sandbox", secrets=secrets, public=known))
            day.tell(vault, vault.get(about))
        clob = ManagedClobClient(
            vault, day.street.clob.rest, day.street.clob.chain_id, folder=folder, settings=UNPACED
        )
        with clob:
            user = clob.for_user("alice")
            day.tell(user, user.create_and_post_order(**day.token.known, **TERMS), user.rotate("a test"))
        with ManagedUsClient(vault, day.us.environment(), folder=folder, settings=US_UNPACED) as manager:
            trader = manager.for_user("alice")
            day.tell(trader, trader.orders.place(day.symbol, side="BUY", price="0.4", quantity=1))
        with ManagedPolySimulatorClient(vault, day.paper.sim.rest, folder=folder, settings=PAPER) as manager:
            player = manager.for_user("alice")
            day.tell(player, player.orders.submit(an_order(market)), player.rotate("a test"))
            day.tell(player.standing, manager.journal, manager.audit, list(manager.audit.export()))
        transit.rotate()
        day.tell(vault.rewrap(), vault.list())
    day.ears.hear(lambda: Vault(FileRecords(day.folder / "own" / "vault"), cheap("another")).get(about))


def _nothing_there(day: Day) -> None:
    """Go through a proxy that does not answer, and count where nobody does, both with a password."""
    proxied = HttpOptions(proxy=f"http://me:{quote(PROXY, safe='')}@127.0.0.1:9")
    settings = ClobSettings(
        http=proxied, pacing=Shared(f"redis://me:{LIMITER}@127.0.0.1:9/0"), patience=BRIEF, max_attempts=1
    )
    with ClobClient(**day.street.client_options(day.wallet), settings=settings) as client:
        day.tell(client, settings, client.doctor(deadline=0.5))
        day.ears.hear(client.get_open_orders)
        day.ears.hear(lambda: client.create_and_post_order(**day.token.known, **TERMS))


def _files(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


def _check_metrics_and_spans(day: Day, canaries: Canaries) -> None:
    """See that all spans have ended, and that no label of a metric grows with users and orders."""
    labels, spans = day.otel.labels(), day.otel.spans()
    assert day.otel.events._open == {}
    assert canaries.found(spans + repr(labels)) == []
    assert "order place" in spans
    ours = "operation", "lane", "gate", "given_up", "venue", "fate", "by", "early", "before", "state"
    assert set(labels) == {
        "server.address", "server.port", "error.type", "http.request.method", "http.response.status_code",
        *(f"polyspec.{name}" for name in ours),
    }  # fmt: skip
    named = [value for values in labels.values() for value in values if isinstance(value, str)]
    known = {each.id for spec in (clob, polysimulator, us_exchange) for each in spec.OPERATIONS.values()}
    assert labels["polyspec.operation"] <= known
    assert max(map(len, named)) < 60
    assert not [each for each in named if day.wallet.address.lower()[2:10] in each.lower() or "alice" in each]


def test_a_whole_day_tells_nothing(
    canaries: Canaries, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """All venues, streams, a vault, managed clients: nothing is told in logs, on screens, on the disk."""
    caplog.set_level(1)
    with _day(canaries, tmp_path) as day, TransitServer() as transit:
        market = day.paper.market()
        _at_the_us_exchange(day)
        _at_the_clob(day)
        _at_polysimulator(day, market)
        _in_the_other_colour(day, market)
        _managed(day, market, transit)
        _nothing_there(day)
    out, err = capfd.readouterr()
    said = day.ears.text.getvalue()
    records = "".join(repr(vars(record)) for record in caplog.records)
    # it was a day: everybody spoke, and every kind of secret was used
    assert {"httpx", "httpcore", "asyncio", "polyspec.events", "polyspec"} <= {
        name for record in caplog.records for name in (record.name, record.name.partition(".")[0])
    }
    assert {name.rpartition(" ")[0] for name in canaries.names} >= {
        "token", "us key", "wallet", "poly_signature", "poly_passphrase", "api secret", "x-api-key",
        "paper key", "websocket token", "session token", "data key", "transit", "limiter", "proxy",
    }  # fmt: skip
    _check_metrics_and_spans(day, canaries)
    assert canaries.found(said) == []
    assert canaries.found(records) == []
    assert canaries.found(out + err) == []
    assert canaries.found(_files(tmp_path)) == []


# -- the search can tell --


_CLIENT = websocket_base, "_SILENT", logging.getLogger("websockets.client")
_SERVER = server, "_QUIET", logging.getLogger("uvicorn.error")


@pytest.mark.parametrize(
    ("venue", "guard"),
    [
        ("clob", _CLIENT),
        ("polysimulator", _CLIENT),
        ("clob", _SERVER),
        ("polysimulator", _SERVER),
        ("polysimulator", (server, "_Config", uvicorn.Config)),
    ],
    ids=["client, login", "client, address", "server, login", "server, address", "server, application"],
)
def test_websockets_left_to_themselves_tell(
    venue: str, guard: Any, canaries: Canaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without a guard libraries tell the login of one venue, and the address of the other."""
    monkeypatch.setattr(*guard)
    with _day(canaries, tmp_path) as day:
        if venue == "clob":
            with ClobClient(**day.street.client_options(day.wallet), settings=UNPACED) as client:
                post = lambda: client.create_and_post_order(**day.token.known, **TERMS)  # noqa: E731
                day.follow(client.stream.user(), post)
        else:
            market = day.paper.market()
            with day.paper.kinds[0](**day.paper.client_options(day.player), settings=PAPER) as paper:
                day.follow(paper.stream.executions(), lambda: _taken(day, paper, market))
    wanted = {"clob": "api passphrase", "polysimulator": "websocket token"}[venue]
    assert any(each.startswith(wanted) for each in canaries.found(day.ears.text.getvalue()))
