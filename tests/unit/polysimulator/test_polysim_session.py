"""Each request carries the one credential its operation takes, at the pace of the key."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import msgspec
import pytest
from polyspec_wire import Call, Operation
from polyspec_wire._call import RateLimit

from polyspec.core.effects import Do, Flow, Reply
from polyspec.core.secret import Secret
from polyspec.errors import AuthError, ConfigError, Unauthorized
from polyspec.io.driver_async import drive
from polyspec.polysimulator.base import Base
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.session import PolySimulatorAuthority, open_session, pacer_for
from tests.unit.calls import an_operation, failing
from tests.unit.flows import World

KEY = Secret("ps_live_" + "ab" * 32)
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
HOST = "https://polysim.test"

BEARER = ((("bearer", ()),),)
TRADE = ((("apiKey", ("trade",)),),)
EITHER = ((("bearer", ()),), (("apiKey", ("read",)),))
OPEN: Any = ()
OPEN_TOO: Any = ((), (("apiKey", ("read",)),))


def call(security: Any, **traits: Any) -> Call[Any]:
    """Make a call that takes such credentials."""
    operation: Operation = an_operation(**traits)
    return Call(operation=msgspec.structs.replace(operation, security=security), path="/v1/x")


def run(flow: Flow[Any]) -> Any:
    """Run a flow that does nothing but foreign work."""
    try:
        effect = next(flow)
        while True:
            assert isinstance(effect, Do)
            effect = flow.send(effect.work())
    except StopIteration as stop:
        return stop.value


def headers(credentials: Credentials, security: Any) -> dict[str, str]:
    """Return what is added to a call."""
    return dict(run(PolySimulatorAuthority(credentials).authorise(call(security), b"", 10.0)))


BOTH = Credentials(KEY, Secret(TOKEN))
WITH_KEY = {"x-api-key": KEY.reveal()}
WITH_TOKEN = {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("credentials", "security", "expected"),
    [
        (BOTH, TRADE, WITH_KEY),
        (BOTH, EITHER, WITH_KEY),
        (BOTH, BEARER, WITH_TOKEN),
        (BOTH, OPEN, {}),
        (BOTH, OPEN_TOO, {}),
        (Credentials(KEY), EITHER, WITH_KEY),
        (Credentials(None, Secret(TOKEN)), EITHER, WITH_TOKEN),
        (Credentials(None, lambda: TOKEN), EITHER, WITH_TOKEN),
        (Credentials(None, lambda: Secret(TOKEN)), BEARER, WITH_TOKEN),
        (Credentials(), OPEN, {}),
        (Credentials(), OPEN_TOO, {}),
        (Credentials(None, Secret(TOKEN)), OPEN_TOO, {}),
    ],
)
def test_what_is_sent(credentials: Credentials, security: Any, expected: dict[str, str]) -> None:
    """The key goes where it is taken, the token only where the key is not, and never both."""
    assert headers(credentials, security) == expected


@pytest.mark.parametrize(
    ("credentials", "security", "words"),
    [
        (Credentials(), TRADE, "POLYSPEC_POLYSIMULATOR_API_KEY"),
        (Credentials(None, Secret(TOKEN)), TRADE, "needs an API key"),
        (Credentials(KEY), BEARER, "takes no API key, but the access token"),
        (Credentials(KEY), BEARER, "POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN"),
        (Credentials(), EITHER, "access token of the dashboard does as well"),
    ],
)
def test_what_is_missing_is_named(credentials: Credentials, security: Any, words: str) -> None:
    """Without the credentials a call needs nothing is sent, and the error says which and from where."""
    with pytest.raises(ConfigError, match=words):
        headers(credentials, security)


@pytest.mark.parametrize("answer", ["", "Bearer x", None, 5, KEY.reveal()])
def test_a_function_that_returns_no_token(answer: Any) -> None:
    """What a function of the user's returns is checked like what is given, and not shown."""
    with pytest.raises(AuthError, match="returned no token") as caught:
        headers(Credentials(None, lambda: answer), BEARER)
    assert "Bearer x" not in str(caught.value)


def test_a_function_may_have_to_be_awaited() -> None:
    """Under asyncio the function may be a coroutine function."""

    async def fetch() -> str:
        await asyncio.sleep(0)
        return TOKEN

    authority = PolySimulatorAuthority(Credentials(None, fetch))
    flow = authority.authorise(call(BEARER), b"", 10.0)
    nothing: Any = None
    assert dict(asyncio.run(drive(flow, nothing))) == WITH_TOKEN


class Server:
    """Refuses every token but the one it is told."""

    def __init__(self, accepted: str | None = None) -> None:
        self.accepted = accepted
        self.seen: list[dict[str, str]] = []

    def __call__(self, request: Any) -> Reply:
        """Answer one request."""
        sent = dict(request.headers)
        self.seen.append(sent)
        good = self.accepted is not None and sent.get("authorization") == f"Bearer {self.accepted}"
        body = b"{}" if good else b'{"error":"TOKEN_EXPIRED","message":"expired"}'
        return Reply(status=200 if good else 401, headers={}, body=body, elapsed=0.01)


class Doing(World):
    """Also does foreign work."""

    def answer(self, effect: Any) -> Any:
        """Perform one effect."""
        return effect.work() if isinstance(effect, Do) else super().answer(effect)


def session(credentials: Credentials, **settings: Any) -> Any:
    """Open a session without jitter."""
    return open_session(HOST, credentials, PolySimulatorSettings(**settings), lambda: 0.0)


def test_an_expired_token_is_asked_for_again_once() -> None:
    """A function is asked for another token when the venue refuses one; a text cannot change."""
    tokens = iter(["a.b.old", "a.b.new"])
    server = Server("a.b.new")
    Doing(server).run(session(Credentials(None, lambda: next(tokens))).send(call(BEARER)))
    assert len(server.seen) == 2
    fixed = Server()
    error = failing(Doing(fixed), call(BEARER), session(Credentials(None, Secret("a.b.c"))))
    assert isinstance(error, Unauthorized)
    assert (len(fixed.seen), "as a function" in error.message) == (1, True)
    assert "fresh credentials" not in error.message


def test_a_key_that_was_refused_is_not_tried_again() -> None:
    """A key stays what it is: one request, and advice on keys."""

    def refuse(_: Any) -> Reply:
        return Reply(
            status=401, headers={"x-polysim-code": "INVALID_KEY"}, body=b'{"error":"Unknown"}', elapsed=0.01
        )

    world = World(refuse)
    error = failing(world, call(TRADE), session(Credentials(KEY)))
    assert (len(world.requests), error.attempts) == (1, 1)
    assert "belongs to one deployment" in error.message
    assert KEY.reveal() not in repr(error.__dict__)


@pytest.mark.parametrize("key", [KEY, None])
def test_what_is_open_is_asked_for_in_nobodys_name(key: Secret | None) -> None:
    """Open reads go without the key, until the venue wants one after all: then it is remembered."""

    def old(request: Any) -> Reply:
        if "x-api-key" in dict(request.headers):
            return Reply(200, {}, b"{}", 0.01)
        return Reply(401, {}, b'{"error":"MISSING_API_KEY","message":"Key"}', 0.01)

    world, opened = World(old), session(Credentials(key))
    if key is None:
        assert isinstance(failing(world, call(OPEN_TOO), opened), Unauthorized)
        assert len(world.requests) == 1
        return
    for _ in range(2):
        world.run(opened.send(call(OPEN_TOO)))
    assert ["x-api-key" in dict(each.headers) for each in world.requests] == [False, True, True]


def test_requests_name_the_client() -> None:
    """Every request says what the client calls itself, as the venue's edge demands."""
    world = World(lambda _: Reply(200, {}, b"{}", 0.01))
    world.run(session(Credentials(KEY), user_agent="my bot/1").send(call(TRADE)))
    assert ("user-agent", "my bot/1") in world.requests[0].headers


KEYED = RateLimit(
    bucket="KeySecond", rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100}, per=1.0, window=True
)


def test_the_pace_is_the_lowest_until_the_plan_is_known() -> None:
    """The third request of a second waits for the plan's name; then thirty leave, three of them cancels."""
    told = {"x-ratelimit-tier": "pro", "x-ratelimit-limit-per-second": "30", "x-ratelimit-limit": "1800"}
    world = World(lambda _: Reply(200, told, b"{}", 0.0))
    world.latency = 0.0
    opened = session(Credentials(Secret("ps_live_pace_learned")))
    held = call(TRADE, limit=KEYED)
    assert [opened.pacer.reserve(held.operation, world.monotonic, 10.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    world.run(opened.send(held))
    assert (opened.manner.tier, world.sleeps) == ("pro", [1.0])
    for _ in range(25):
        world.run(opened.send(held))
    assert world.sleeps == [1.0]
    assert opened.pacer.reserve(held.operation, world.monotonic, 0.0) == pytest.approx(1.0)
    cancel = call(TRADE, lane="cancel", limit=KEYED).operation
    assert [opened.pacer.reserve(cancel, world.monotonic, 0.0) for _ in range(3)] == [0.0] * 3
    assert opened.pacer.reserve(cancel, world.monotonic, 0.0) > 0


def test_clients_with_one_key_share_the_pace() -> None:
    """The venue counts a key, so clients of one process with the same key and plan do as well."""
    settings = PolySimulatorSettings()
    first = pacer_for(HOST, Credentials(KEY), settings)
    assert pacer_for(HOST, Credentials(Secret(KEY.reveal())), settings) is first
    assert pacer_for(HOST, Credentials(Secret("ps_live_other")), settings) is not first
    assert pacer_for("https://other.test", Credentials(KEY), settings) is not first
    assert pacer_for(HOST, Credentials(KEY), PolySimulatorSettings(tier="pro")) is not first
    assert pacer_for(HOST, Credentials(KEY), PolySimulatorSettings(rates=(1, 60))) is not first
    assert not pacer_for(HOST, Credentials(KEY), PolySimulatorSettings(pacing=False)).enabled
    gc.collect()
    assert pacer_for(HOST, Credentials(KEY), settings) is first


ANONYMOUS = RateLimit(bucket="AnonSecond", rate=10, per=1.0, window=True, scope="ip")


def test_what_is_counted_by_address_is_counted_for_all_keys() -> None:
    """Clients with different keys share what is open to everybody, and nothing else."""
    settings = PolySimulatorSettings()
    pacers = [pacer_for(HOST, Credentials(Secret(f"ps_live_{number}")), settings) for number in range(3)]
    public, keyed = an_operation(limit=ANONYMOUS), an_operation(limit=KEYED)
    waits = [pacers[number % 3].reserve(public, 0.0, 10.0) for number in range(12)]
    assert waits == [0.0] * 10 + [1.0] * 2
    assert [pacer.reserve(keyed, 0.0, 10.0) for pacer in pacers for _ in range(2)] == [0.0] * 6
    elsewhere = pacer_for("https://elsewhere.test", Credentials(Secret("ps_live_0")), settings)
    assert elsewhere.reserve(public, 0.0, 10.0) == 0.0


def test_rates_of_ones_own() -> None:
    """Who says how fast to go is believed, whatever the plan."""
    opened = session(Credentials(Secret("ps_live_rates")), rates=(1, 60))
    held = call(TRADE, limit=KEYED).operation
    assert [opened.pacer.reserve(held, 0.0, 10.0) for _ in range(2)] == [0.0, 1.0]


def test_another_key_changes_hands_at_once() -> None:
    """A key that takes over is sent by what was begun with the old one as well, at a pace of its own."""
    client = Base(Secret("ps_live_first"), HOST)
    begun, mark = client.session, client.mark
    client.use_key("ps_live_second")
    world = World(lambda _: Reply(200, {}, b"{}", 0.01))
    world.run(begun.send(call(TRADE)))
    assert ("x-api-key", "ps_live_second") in world.requests[0].headers
    assert client.mark != mark
    assert client.session.pacer is not begun.pacer
    client.close()
