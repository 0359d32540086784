"""One of everything that holds a secret."""

# ruff: noqa: PLW0108 - a client is made when its row is, not with the table

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final
from urllib.parse import quote

from attrs import fields
from eth_account import Account
from msgspec import Struct
from polyspec_wire.clob import models as clob_wire
from polyspec_wire.polysimulator import models as paper_wire
from polyspec_wire.us_exchange import models as us_wire

from polyspec.clob import checkup as clob_checkup
from polyspec.clob.checkup_orders import _OrdersVisit
from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings, ClobSurroundings
from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.desk import ClobDesk
from polyspec.clob.desk_async import AsyncClobDesk
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.signers import LocalSigner, as_signer
from polyspec.clob.user_feed import UserWords
from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Reply, Request, Send, Timeouts
from polyspec.core.secret import Secret, SecretHeaders
from polyspec.core.token_sharing import TokenSharing
from polyspec.core.tokens import Token, TokenCache
from polyspec.io.grpc_base import GrpcOptions
from polyspec.io.grpc_stream_base import GrpcDial
from polyspec.io.lean import Lean
from polyspec.io.lean_async import AsyncLean
from polyspec.io.options import HttpOptions
from polyspec.io.sse import EventSource
from polyspec.io.sse_async import AsyncEventSource
from polyspec.limits import Shared
from polyspec.limits.redis_backend import RedisBackend, _Login
from polyspec.managed import (
    AsyncManagedClobClient,
    AsyncManagedPolySimulatorClient,
    AsyncManagedUsClient,
    ManagedClobClient,
    ManagedPolySimulatorClient,
    ManagedUsClient,
)
from polyspec.managed.issuing import Held
from polyspec.managed.polysimulator_issuing import SimKey
from polyspec.managed.us_issuing import UsKey, UsSigner
from polyspec.polysimulator import checkup as paper_checkup
from polyspec.polysimulator.checkup_money import _MoneyVisit as PaperVisit
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings, PolySimulatorSurroundings
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.issued import NewKey, WsToken
from polyspec.us import checkup as us_checkup
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.checkup_money import _MoneyVisit as UsVisit
from polyspec.us.client import UsExchangeClient
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Environment, Settings
from polyspec.us.token_flow import TokenSource, _Attempts
from polyspec.us.token_seal import TokenSealer
from polyspec.vault import (
    Credential,
    CredentialId,
    CredentialKind,
    DataKey,
    KeyFileKeys,
    KeyringKeys,
    MemoryRecords,
    PostgresRecords,
    TransitKeys,
    Vault,
)
from polyspec.vault.local_keys import LocalKey, SingleKey
from tests.secrets.canaries import SECRETS
from tests.unit.flows import World
from tests.unit.vault.vault_rig import Purse, cheap

__all__ = ["TABLE"]

_AT: Final = Environment(
    "sandbox", "https://localhost:9", "https://localhost:9/oauth/token", "https://localhost:9", "localhost:9"
)
_PROXY: Final = f"http://me:{quote(SECRETS['proxy'], safe='')}@proxy.example:3128"
_LIMITER: Final = f"redis://me:{SECRETS['limiter']}@limits.example:6379/0"
_HTTP: Final = HttpOptions(proxy=_PROXY)
_PACING: Final = Shared(f"sqlite:///{mkdtemp()}/limits.db")
_QUICK: Final = Timeouts(1, 1, 1, 1)


def _creds() -> ApiCreds:
    return ApiCreds("a-key", SECRETS["api secret"], SECRETS["api passphrase"], nonce=0)


def _builder() -> BuilderCreds:
    return BuilderCreds("a-key", SECRETS["builder secret"], SECRETS["builder passphrase"])


def _clob(kind: Any = ClobClient) -> Any:
    settings = ClobSettings(http=_HTTP)
    return kind(key=SECRETS["wallet key"], creds=_creds(), builder=_builder(), settings=settings)


@cache
def _jwt() -> PrivateKeyJwt:
    return PrivateKeyJwt.from_pem(
        SECRETS["us key"], client_id="me", token_url=_AT.token_url, audience=_AT.audience
    )


def _token_reply(request: Request) -> Reply:
    del request
    return Reply(200, {}, json.dumps({"access_token": SECRETS["us token"]}).encode(), 0.01)


def _filled(source: TokenSource) -> TokenSource:
    world = World(_token_reply)
    world.run(source.token(world.monotonic + 10))
    return source


def _source() -> TokenSource:
    return _filled(TokenSource(_jwt(), ClockOffset(), lambda: 0.5, cache=TokenCache(lambda: 0.5)))


def _sharing() -> TokenSharing:
    sharing = TokenSharing(_PACING.share, "token:x", TokenSealer(_jwt()), lambda: 0.5)
    sharing.refuse(Secret(SECRETS["us token"]))
    return sharing


def _us(kind: Any = UsExchangeClient, **options: Any) -> Any:
    settings = Settings(http=_HTTP, grpc=GrpcOptions(proxy=_PROXY), pacing=_PACING)
    client = kind(_jwt(), _AT, participant_id="firms/f/users/u", settings=settings, **options)
    world = World(_token_reply)
    # past its sharing, which would leave it on the disk
    token = world.run(client._shared.tokens.request(world.monotonic + 10))
    client._shared.tokens.cache._token = token
    return client


def _stream(client: Any) -> Any:
    """Return a stream that was admitted, on a connection that is not there."""
    stream = client.stream.orders()
    World(_token_reply).run(_admitted(stream).prepare())
    return stream


def _admitted(stream: Any) -> Any:
    return stream._shell._feed


def _dial() -> GrpcDial:
    dial: GrpcDial = World(_token_reply).run(_admitted(_us().stream.orders()).prepare())
    return dial


def _paper(kind: Any = PolySimulatorClient) -> Any:
    settings = PolySimulatorSettings(http=_HTTP)
    return kind(SECRETS["paper key"], access_token=SECRETS["paper token"], settings=settings)


def _new_key() -> NewKey:
    return NewKey.of(paper_wire.CreateKeyResponse(id=1, raw_key=SECRETS["paper key"], permissions=[]))


def _words() -> UserWords:
    words = UserWords()
    words.creds = _creds()
    return words


_RECORDS: Final[dict[CredentialKind, tuple[dict[str, str], dict[str, str]]]] = {
    CredentialKind.CLOB_WALLET: ({"private_key": SECRETS["wallet key"]}, {}),
    CredentialKind.US_PRIVATE_KEY: ({"private_key": SECRETS["us key"]}, {"client_id": "me"}),
    CredentialKind.POLYSIM_API_KEY: ({"api_key": SECRETS["paper key"]}, {"key_id": "1"}),
    CredentialKind.POLYSIM_SESSION: ({"access_token": SECRETS["paper token"]}, {}),
}


@cache
def _vault() -> Vault:
    vault = Vault(MemoryRecords(), cheap(SECRETS["vault passphrase"]))
    for kind, (secrets, public) in _RECORDS.items():
        wallet = Account.from_key(SECRETS["wallet key"]).address if kind.venue == "clob" else ""
        about = CredentialId("default", "alice", kind.venue, wallet, kind)
        # each for the venue it would be used at
        tag = "sandbox" if kind.venue == "us" else "prod"
        vault.put(about, Credential(environment=tag, secrets=secrets, public=public))
    return vault


def _manager(kind: Any, *place: Any, user: bool = True) -> Any:
    manager = kind(_vault(), *place, folder=mkdtemp())
    if user and not kind.__name__.startswith("Async"):
        held = manager.for_user("alice")
        held._keeper.held = Held(_CREDS_OF[kind](), 1, 0.0, "label")
    return manager


def _managed_async(kind: Any, *place: Any) -> Any:
    return asyncio.run(_manager(kind, *place).for_user("alice"))


def _patient(module: Any, **known: Any) -> Any:
    has = {"http": _HTTP} if hasattr(fields(module.Patient), "http") else {}
    return _made(module.Patient, **has, **known)


def _made(kind: Any, *given: Any, **known: Any) -> Any:
    """Make what a doctor has in its hands, as far as secrets go."""
    names = [each.alias for each in fields(kind) if each.init][len(given) :]
    return kind(*given, **dict.fromkeys(names) | known)


def _us_key() -> UsKey:
    return UsKey(_jwt(), Secret(SECRETS["us key"]), {"client_id": "me"})


def _sim_key() -> SimKey:
    return SimKey(Secret(SECRETS["paper key"]), 1, "ps_live_cana")


_CREDS_OF: Final[Mapping[Any, Callable[[], Any]]] = {
    ManagedClobClient: _creds, ManagedUsClient: _us_key, ManagedPolySimulatorClient: _sim_key
}  # fmt: skip


def _request() -> Request:
    headers = (("authorization", f"Bearer {SECRETS['us token']}"), ("x-api-key", SECRETS["paper key"]))
    body = json.dumps({"ssn": SECRETS["ssn"]}).encode()
    return Request("POST", f"https://a.test/?token={SECRETS['socket token']}", headers, body, _QUICK)


_VARIABLES: Final = {
    "POLYSPEC_CLOB_PRIVATE_KEY": SECRETS["wallet key"],
    "POLYSPEC_CLOB_API_KEY": "a-key",
    "POLYSPEC_CLOB_API_SECRET": SECRETS["api secret"],
    "POLYSPEC_CLOB_API_PASSPHRASE": SECRETS["api passphrase"],
    "POLYSPEC_POLYSIMULATOR_API_KEY": SECRETS["paper key"],
    "POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN": SECRETS["paper token"],
    "POLYSPEC_LIMITER": _LIMITER,
}


def _secretive() -> list[Any]:
    found = [each for module in (clob_wire, paper_wire, us_wire) for each in vars(module).values()]
    return [
        each
        for each in found
        if isinstance(each, type) and issubclass(each, Struct) and "__reduce__" in vars(each)
    ]


def _wired(kind: Any) -> Any:
    [hidden] = [each for each in kind.__repr__.__code__.co_consts if isinstance(each, tuple)]
    return kind(**dict.fromkeys(kind.__struct_fields__, "-") | dict.fromkeys(hidden, SECRETS["us token"]))


TABLE: Final[dict[str, Callable[[], Any]]] = {
    "secret": lambda: Secret(SECRETS["wallet key"]),
    "headers": lambda: SecretHeaders({"authorization": f"Bearer {SECRETS['us token']}"}),
    "request": _request,
    "send": lambda: Send(_request()),
    "reply": lambda: Reply(200, {"set-cookie": SECRETS["us token"]}, SECRETS["paper key"].encode(), 0.1),
    # the CLOB
    "api credentials": _creds,
    "builder credentials": _builder,
    "signer": lambda: LocalSigner.from_key(SECRETS["wallet key"]),
    "signer of eth-account": lambda: as_signer(Account.from_key(SECRETS["wallet key"])),
    "clob client": _clob,
    "clob client, async": lambda: _clob(AsyncClobClient),
    "clob session": lambda: _clob().session,
    "clob authority": lambda: _clob().session.authority,
    "clob surroundings": lambda: ClobSurroundings.read(_VARIABLES),
    "clob settings": lambda: ClobSettings(http=_HTTP, pacing=Shared(_LIMITER)),
    "clob words": _words,
    "clob stream": lambda: _clob().stream.user(),
    "clob stream, async": lambda: _clob(AsyncClobClient).stream.user(),
    "clob streams": lambda: _clob().stream,
    "clob streams, async": lambda: _clob(AsyncClobClient).stream,
    "clob heartbeats": lambda: _clob().heartbeats(),
    "clob heartbeats, async": lambda: _clob(AsyncClobClient).heartbeats(),
    "clob quotes": lambda: _clob().rfq,
    "clob quotes, async": lambda: _clob(AsyncClobClient).rfq,
    "clob desk": lambda: ClobDesk(_clob()),
    "clob desk, async": lambda: AsyncClobDesk(_clob(AsyncClobClient)),
    "clob order signer": lambda: OrderSigner(_clob()._signer, _clob().account, 137, 2),
    "clob doctor": lambda: _made(
        _OrdersVisit, _patient(clob_checkup, creds=_creds(), session=_clob().session)
    ),
    # the US exchange
    "us key": _jwt,
    "token": lambda: Token(Secret(SECRETS["us token"]), 0.0, 180.0),
    "token source": _source,
    "token cache": lambda: _source().cache,
    "token sharing": _sharing,
    "token sealer": lambda: TokenSealer(_jwt()),
    "us client": _us,
    "us client, grpc": lambda: _us(transport="grpc"),
    "us client, async": lambda: _us(AsyncUsExchangeClient),
    "us session": lambda: _us().session,
    "us authority": lambda: _us().session.authority,
    "us settings": lambda: Settings(http=_HTTP, grpc=GrpcOptions(proxy=_PROXY), pacing=Shared(_LIMITER)),
    "us stream": lambda: _stream(_us()),
    "us streams, async": lambda: _us(AsyncUsExchangeClient, transport="grpc").stream,
    "us stream, async": lambda: _us(AsyncUsExchangeClient).stream.orders(),
    "us replay": lambda: _us().stream.trade_captures(),
    "us replay, async": lambda: _us(AsyncUsExchangeClient).stream.trade_captures(),
    "us dial": _dial,
    "us token request": lambda: _Attempts(_source(), 1.0),
    "us doctor": lambda: _made(UsVisit, _patient(us_checkup, shared=_us()._shared, session=_us().session)),
    # PolySimulator
    "paper credentials": lambda: Credentials(Secret(SECRETS["paper key"]), Secret(SECRETS["paper token"])),
    "new key": _new_key,
    "websocket token": lambda: WsToken(token=Secret(SECRETS["socket token"]), expires_in=60),
    "paper client": _paper,
    "paper client, async": lambda: _paper(AsyncPolySimulatorClient),
    "paper session": lambda: _paper().session,
    "paper authority": lambda: _paper().session.authority,
    "paper surroundings": lambda: PolySimulatorSurroundings.read(_VARIABLES),
    "paper settings": lambda: PolySimulatorSettings(http=_HTTP, pacing=Shared(_LIMITER)),
    "paper stream": lambda: _paper().stream.user(),
    "paper stream, async": lambda: _paper(AsyncPolySimulatorClient).stream.user(),
    "paper streams": lambda: _paper().stream,
    "paper streams, async": lambda: _paper(AsyncPolySimulatorClient).stream,
    "paper heartbeats": lambda: _paper().orders.heartbeats(),
    "paper heartbeats, async": lambda: _paper(AsyncPolySimulatorClient).orders.heartbeats(),
    "paper doctor": lambda: _made(
        PaperVisit,
        _patient(paper_checkup, credentials=_paper()._credentials, session=_paper().session),
    ),
    # connections and limits
    "http options": lambda: _HTTP,
    "connections": lambda: Lean(_HTTP, 1),
    "connections, async": lambda: AsyncLean(_HTTP, 1),
    "event source": lambda: EventSource("https://a.test/", _HTTP),
    "event source, async": lambda: AsyncEventSource("https://a.test/", _HTTP),
    "grpc options": lambda: GrpcOptions(proxy=_PROXY),
    "shared limits": lambda: Shared(_LIMITER),
    "limits in redis": lambda: RedisBackend(_LIMITER),
    "login to redis": lambda: _Login(Secret(_LIMITER)),
    # the vault; its own suite has the stores, the keys and the failures
    "data key": lambda: DataKey(SECRETS["data key"].encode()),
    "local key": lambda: LocalKey(SECRETS["data key"].encode()),
    "single key": lambda: SingleKey(LocalKey(SECRETS["data key"].encode()), "file"),
    "passphrase keys": lambda: cheap(SECRETS["vault passphrase"]),
    "vault": _vault,
    "new credential": lambda: Credential(environment="prod", secrets={"private_key": SECRETS["wallet key"]}),
    "stored credentials": lambda: [_vault().get(each.id) for each in _vault().list()],
    "key file keys": lambda: KeyFileKeys.create(Path(mkdtemp()) / "own" / "key"),
    "keyring keys": lambda: KeyringKeys.create(backend=Purse()),
    "transit keys": lambda: TransitKeys("https://vault.example", SECRETS["transit"]),
    "records in postgres": lambda: PostgresRecords(
        f"postgresql://polyspec:{SECRETS['database']}@127.0.0.1:1/x"
    ),
    # managed clients
    "held": lambda: Held(_creds(), 1, 0.0, "a-key"),
    "held us key": _us_key,
    "held paper key": _sim_key,
    "managed signer": lambda: UsSigner(_us_key()),
    "managed clob": lambda: _manager(ManagedClobClient),
    "managed clob user, no keys held": lambda: ManagedClobClient(
        _vault(), folder=mkdtemp(), hold_keys=False
    ).for_user("alice"),
    "managed clob user": lambda: _manager(ManagedClobClient).for_user("alice"),
    "managed us": lambda: _manager(ManagedUsClient, _AT),
    "managed us user": lambda: _manager(ManagedUsClient, _AT).for_user("alice"),
    "managed paper": lambda: _manager(ManagedPolySimulatorClient),
    "managed paper user": lambda: _manager(ManagedPolySimulatorClient).for_user("alice"),
    "managed clob, async": lambda: _manager(AsyncManagedClobClient),
    "managed clob user, async": lambda: _managed_async(AsyncManagedClobClient),
    "managed us user, async": lambda: _managed_async(AsyncManagedUsClient, _AT),
    "managed paper user, async": lambda: _managed_async(AsyncManagedPolySimulatorClient),
    "managed us, async": lambda: _manager(AsyncManagedUsClient, _AT),
    "managed paper, async": lambda: _manager(AsyncManagedPolySimulatorClient),
    # what goes over the wire, as far as the specs call a part of it a password
    **{
        f"wire: {kind.__module__.split('.')[1]} {kind.__name__}": partial(_wired, kind)
        for kind in _secretive()
    },
}
"""How each is made."""
